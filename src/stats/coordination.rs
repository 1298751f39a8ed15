//! How wide is an operation, and how rare is one so wide?

use std::collections::BTreeMap;

use super::error::{StatsError, non_negative};
use super::geodesic::{EarthPoint, Position};
use super::special::{beta_quantile, ln_gamma};

/// One place hit by one actor on one day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strike {
    /// The actor.
    pub actor: u32,
    /// Day number.
    pub day: i64,
    /// The place: two strikes with the same number hit the same place.
    pub place: u32,
    /// Where the place lies.
    pub position: Position,
}

/// What one actor did on one day, taken as one operation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Operation {
    /// The actor.
    pub actor: u32,
    /// Day number.
    pub day: i64,
    /// Most distinct places within the radius of one of them.
    pub places: u32,
    /// The place at the middle of that circle (the smallest number among equals).
    pub centre_place: u32,
    /// Largest distance from that place to another of the operation, in km.
    pub reach_km: f64,
}

/// Finds, for each actor and day, the most distinct places hit within a radius of one of them.
///
/// # Formula
/// ```text
/// places(actor, day) = max over places c of  #{ places p hit : d(c, p) ≤ radius }
/// ```
///
/// # Units and shape
/// `radius_km` in km (400 in the project's battery). One operation per actor and day with a strike,
/// sorted by actor and day. Several strikes on one place count once.
///
/// # Missing and degenerate values
/// No strikes give no operations. A strike without a known actor, day or place cannot be part of a
/// same-day operation: the caller leaves it out and says how many. A strike on its own is an operation of
/// size 1. If one place comes with several positions, its first one in the input counts.
///
/// # Errors
/// [`StatsError::OutOfRange`] for a radius that is negative or not finite; [`StatsError::TooMany`] for
/// more than 20,000 distinct places of one actor on one day.
///
/// # Source
/// The same-day operation as the unit of count: Porter & White, *Self-exciting hurdle models for
/// terrorist activity*, Annals of Applied Statistics 6 (2012), 106–124, doi:10.1214/11-AOAS513, where the days
/// with activity and the size on such days are modelled apart. The radius is the project's.
///
/// # Example
/// ```
/// use tukhum::stats::coordination::{Strike, operations};
/// use tukhum::stats::geodesic::Position;
/// let strike = |place, lon, lat| -> Result<Strike, tukhum::stats::StatsError> {
///     Ok(Strike { actor: 1, day: 20_270, place, position: Position::new(lon, lat)? })
/// };
/// let day = [strike(1, -11.43, 14.45)?, strike(2, -9.59, 15.23)?, strike(3, 0.04, 16.27)?];
/// let found = operations(&day, 400.0)?;
/// assert_eq!(found[0].places, 2); // the third place lies some 1,000 km east
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn operations(strikes: &[Strike], radius_km: f64) -> Result<Vec<Operation>, StatsError> {
    const MOST_PLACES: usize = 20_000;
    non_negative("radius_km", radius_km)?;
    let mut days: BTreeMap<(u32, i64), BTreeMap<u32, EarthPoint>> = BTreeMap::new();
    for strike in strikes {
        let places = days.entry((strike.actor, strike.day)).or_default();
        places
            .entry(strike.place)
            .or_insert_with(|| strike.position.into());
    }
    days.into_iter()
        .map(|((actor, day), places)| {
            if places.len() > MOST_PLACES {
                let what = "distinct places of one actor on one day";
                return Err(StatsError::TooMany {
                    what,
                    limit: MOST_PLACES,
                    found: places.len(),
                });
            }
            let mut best = Operation {
                actor,
                day,
                places: 0,
                centre_place: 0,
                reach_km: 0.0,
            };
            for (&centre_place, centre) in &places {
                let distances = places.values().map(|point| centre.distance_km(point));
                let (mut count, mut reach_km) = (0, 0.0_f64);
                for distance in distances.filter(|distance| *distance <= radius_km) {
                    count += 1;
                    reach_km = reach_km.max(distance);
                }
                let closer = count == best.places && reach_km < best.reach_km;
                if count > best.places || closer {
                    best = Operation {
                        actor,
                        day,
                        places: count,
                        centre_place,
                        reach_km,
                    };
                }
            }
            Ok(best)
        })
        .collect()
}

/// Model of the record of operations: how often one is multi-site, and how large it then is.
///
/// # Formula
/// ```text
/// P(a day has a multi-site operation) = π,    sizes x ≥ 2 given that:
///   geometric:          P(X ≥ s) = (1 − p)^(s − 2)
///   negative binomial:  P(X ≥ s) = P(N ≥ s) / P(N ≥ 2),   N with mean μ and size k
/// P(size ≥ s on a day) = π · P(X ≥ s)
/// ```
/// The geometric tail is taken over the posterior of p under the Jeffreys prior, so that a short record
/// promises little: `P(X ≥ s) = B(n, Σ(x−2) + ½ + s − 2) / B(n, Σ(x−2) + ½)`. π has the posterior
/// `Beta(n + ½, D − n + ½)` and enters by its mean.
#[derive(Debug, Clone, PartialEq)]
pub struct HurdleModel {
    /// Days of the record D.
    pub days: u64,
    /// Days with a multi-site operation n.
    pub multi_site_days: u64,
    /// Σ (x − 2) over them.
    excess: f64,
    /// Largest size on record.
    pub largest: u32,
    /// Maximum-likelihood p of the geometric sizes.
    pub geometric_p: f64,
    /// Log-likelihood of the geometric sizes.
    pub geometric_log_likelihood: f64,
    /// Maximum-likelihood negative binomial truncated below 2: `None` for fewer than three
    /// multi-site days.
    pub negative_binomial: Option<TruncatedNegativeBinomial>,
}

/// Sizes as a negative binomial of which only values from 2 are seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TruncatedNegativeBinomial {
    /// Mean of the untruncated distribution.
    pub mean: f64,
    /// Size of the untruncated distribution.
    pub size: f64,
    /// Log-likelihood at the maximum.
    pub log_likelihood: f64,
}

/// Fits the hurdle model to a record of operations.
///
/// # Formula
/// See [`HurdleModel`].
///
/// # Units and shape
/// `sizes` holds one entry per operation-day (1 for a single place); `days` is the length of the record
/// in days, quiet ones included. The operation under test must not be part of its own record.
///
/// # Missing and degenerate values
/// A record without multi-site operations has no size model: an error, since the tail would rest on
/// nothing. With fewer than three multi-site days there is no negative binomial.
///
/// # Errors
/// [`StatsError::TooFew`] without a multi-site day or with fewer days than operations;
/// [`StatsError::BadEntry`] for a size of 0.
///
/// # Source
/// Hurdle counts: Porter & White (2012), section 3; Mullahy (1986). Jeffreys prior of the geometric
/// distribution: Bernardo & Smith, *Bayesian Theory* (1994), appendix A. Truncated fit agrees with a SciPy
/// optimum of the same likelihood.
///
/// # Example
/// ```
/// use tukhum::stats::coordination::fit_hurdle;
/// // 1,000 days: 60 single-site, 8 of two sites, 2 of three.
/// let mut sizes = vec![1; 60];
/// sizes.extend([2; 8]);
/// sizes.extend([3; 2]);
/// let model = fit_hurdle(&sizes, 1000)?;
/// assert!(model.probability_of(7) < 1e-4);
/// assert!((model.probability_of(2) - 10.5 / 1001.0).abs() < 1e-12);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn fit_hurdle(sizes: &[u32], days: u64) -> Result<HurdleModel, StatsError> {
    let model = fit_hurdle_geometric(sizes, days)?;
    let multi: Vec<u32> = sizes.iter().copied().filter(|&size| size >= 2).collect();
    let negative_binomial = if multi.len() >= 3 { fit_truncated(&multi) } else { None };
    Ok(HurdleModel { negative_binomial, ..model })
}

/// The same with geometric sizes alone: some thousand times as fast, for the many operations of a table.
///
/// # Formula
/// See [`HurdleModel`]; `negative_binomial` is `None`.
///
/// # Units and shape
/// As in [`fit_hurdle`].
///
/// # Missing and degenerate values
/// As in [`fit_hurdle`].
///
/// # Errors
/// As in [`fit_hurdle`].
///
/// # Source
/// As in [`fit_hurdle`].
pub fn fit_hurdle_geometric(sizes: &[u32], days: u64) -> Result<HurdleModel, StatsError> {
    if let Some(index) = sizes.iter().position(|&size| size == 0) {
        let rule = "an operation has at least one place; leave quiet days out";
        return Err(StatsError::BadEntry {
            what: "sizes",
            index,
            value: 0.0,
            rule,
        });
    }
    if (days as usize) < sizes.len() {
        let (needed, found) = (sizes.len(), days as usize);
        return Err(StatsError::TooFew {
            what: "days of the record",
            needed,
            found,
        });
    }
    let multi: Vec<u32> = sizes.iter().copied().filter(|&size| size >= 2).collect();
    if multi.is_empty() {
        let what = "multi-site operations on record";
        return Err(StatsError::TooFew {
            what,
            needed: 1,
            found: 0,
        });
    }
    let n = multi.len() as f64;
    let excess: f64 = multi.iter().map(|&size| f64::from(size) - 2.0).sum();
    let geometric_p = n / (n + excess);
    let geometric_log_likelihood = n * geometric_p.ln()
        + if excess > 0.0 {
            excess * (1.0 - geometric_p).ln()
        } else {
            0.0
        };
    Ok(HurdleModel {
        days,
        multi_site_days: multi.len() as u64,
        excess,
        largest: multi.iter().copied().max().unwrap_or(2),
        geometric_p,
        geometric_log_likelihood,
        negative_binomial: None,
    })
}

impl HurdleModel {
    /// Mean of the posterior of π: probability that a day has a multi-site operation.
    pub fn multi_site_probability(&self) -> f64 {
        (self.multi_site_days as f64 + 0.5) / (self.days as f64 + 1.0)
    }

    /// Central interval of that probability.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] for a level outside 0 to 1.
    pub fn multi_site_interval(&self, level: f64) -> Result<(f64, f64), StatsError> {
        let tail = 0.5 * (1.0 - super::error::level(level)?);
        let (a, b) = (
            self.multi_site_days as f64 + 0.5,
            (self.days - self.multi_site_days) as f64 + 0.5,
        );
        let refuse = StatsError::OutOfRange {
            what: "days",
            value: b,
            rule: "must be below 1e10",
        };
        Ok((
            beta_quantile(a, b, tail).ok_or(refuse.clone())?,
            beta_quantile(a, b, 1.0 - tail).ok_or(refuse)?,
        ))
    }

    /// `P(X ≥ size)` for a multi-site operation, geometric sizes, over the posterior of p.
    pub fn size_tail(&self, size: u32) -> f64 {
        if size <= 2 {
            return 1.0;
        }
        let (a, b, k) = (
            self.multi_site_days as f64,
            self.excess + 0.5,
            f64::from(size) - 2.0,
        );
        // B(a, b + k) / B(a, b) = Γ(b + k) Γ(a + b) / (Γ(b) Γ(a + b + k)); all arguments are positive.
        let ln = |x: f64| ln_gamma(x).unwrap_or(f64::INFINITY);
        (ln(b + k) - ln(b) + ln(a + b) - ln(a + b + k))
            .exp()
            .min(1.0)
    }

    /// `P(X ≥ size)` for a multi-site operation under the fitted negative binomial, if there is one.
    pub fn size_tail_negative_binomial(&self, size: u32) -> Option<f64> {
        let fit = self.negative_binomial?;
        if size <= 2 {
            return Some(1.0);
        }
        let tail = |count| super::special::negative_binomial_upper_tails(count, fit.mean, fit.size);
        Some(tail(u64::from(size))?.0 / tail(2)?.0)
    }

    /// Probability that a given day has an operation of at least `size` places (2 or more).
    pub fn probability_of(&self, size: u32) -> f64 {
        self.multi_site_probability() * self.size_tail(size)
    }

    /// Probability of at least one such operation within a number of days, days independent.
    pub fn probability_within(&self, size: u32, days: f64) -> f64 {
        -(days.max(0.0) * (-self.probability_of(size)).ln_1p()).exp_m1()
    }

    /// Mean number of days between operations of at least `size` places.
    pub fn days_between(&self, size: u32) -> f64 {
        1.0 / self.probability_of(size)
    }
}

/// Log-likelihood of sizes (with their frequencies) under a negative binomial truncated below 2.
fn truncated_log_likelihood(sizes: &BTreeMap<u32, f64>, mean: f64, size: f64) -> f64 {
    let ln = |x: f64| ln_gamma(x).unwrap_or(f64::INFINITY);
    let (ln_p, ln_q) = ((size / (size + mean)).ln(), (mean / (size + mean)).ln());
    let base = ln(size);
    let sum: f64 = sizes
        .iter()
        .map(|(&x, &frequency)| {
            let x = f64::from(x);
            frequency * (ln(x + size) - base - ln(x + 1.0) + size * ln_p + x * ln_q)
        })
        .sum();
    // P(N ≥ 2): the complement of two masses, or the tail itself where that complement cancels.
    let none = (size * ln_p).exp();
    let complement = 1.0 - none - size * ln_q.exp() * none;
    let at_least_two = if complement > 0.01 {
        complement
    } else {
        super::special::negative_binomial_upper_tails(2, mean, size).map_or(0.0, |tails| tails.0)
    };
    if at_least_two > 0.0 {
        sum - sizes.values().sum::<f64>() * at_least_two.ln()
    } else {
        f64::NEG_INFINITY
    }
}

/// Maximises the truncated likelihood: for each size the best mean, by golden sections.
fn fit_truncated(sizes: &[u32]) -> Option<TruncatedNegativeBinomial> {
    let mut frequencies: BTreeMap<u32, f64> = BTreeMap::new();
    for &size in sizes {
        *frequencies.entry(size).or_default() += 1.0;
    }
    let best_mean = |ln_size: f64| {
        golden_maximum(-7.0, 7.0, |ln_mean| {
            truncated_log_likelihood(&frequencies, ln_mean.exp(), ln_size.exp())
        })
    };
    let (ln_size, log_likelihood) = golden_maximum(-5.0, 9.0, |ln_size| best_mean(ln_size).1);
    let (ln_mean, _) = best_mean(ln_size);
    log_likelihood
        .is_finite()
        .then_some(TruncatedNegativeBinomial {
            mean: ln_mean.exp(),
            size: ln_size.exp(),
            log_likelihood,
        })
}

/// Place and value of a maximum: the best of 29 steps, refined by golden sections.
fn golden_maximum(low: f64, high: f64, f: impl Fn(f64) -> f64) -> (f64, f64) {
    const STEPS: usize = 28;
    const RATIO: f64 = 0.618_033_988_749_894_8;
    let step = (high - low) / STEPS as f64;
    let mut best = (low, f64::NEG_INFINITY);
    for index in 0..=STEPS {
        let x = low + step * index as f64;
        let value = f(x);
        if value > best.1 {
            best = (x, value);
        }
    }
    let (mut a, mut b) = ((best.0 - step).max(low), (best.0 + step).min(high));
    let (mut x1, mut x2) = (b - RATIO * (b - a), a + RATIO * (b - a));
    let (mut f1, mut f2) = (f(x1), f(x2));
    for _ in 0..45 {
        if f1 < f2 {
            (a, x1, f1) = (x1, x2, f2);
            x2 = a + RATIO * (b - a);
            f2 = f(x2);
        } else {
            (b, x2, f2) = (x2, x1, f1);
            x1 = b - RATIO * (b - a);
            f1 = f(x1);
        }
    }
    let refined = if f1 > f2 { (x1, f1) } else { (x2, f2) };
    if refined.1 > best.1 { refined } else { best }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::checks::{Reference, calibrated};
    use crate::stats::random::Stream;

    fn strike(actor: u32, day: i64, place: u32, lon: f64, lat: f64) -> Strike {
        Strike {
            actor,
            day,
            place,
            position: Position::new(lon, lat).unwrap(),
        }
    }

    #[test]
    fn the_widest_operation_is_found() {
        // 1 July 2025, seven towns: Diboli and Niono lie 670 km apart, and all seven within 400 km of
        // Gogui.
        let towns = [
            (1, -12.20, 14.47), // Diboli
            (2, -11.43, 14.45), // Kayes
            (3, -10.77, 14.69), // Sandaré
            (4, -9.59, 15.23),  // Nioro du Sahel
            (5, -9.35, 15.65),  // Gogui
            (6, -6.03, 14.25),  // Molodo
            (7, -5.99, 14.25),  // Niono
        ];
        let strikes: Vec<Strike> = towns
            .iter()
            .map(|&(p, x, y)| strike(1, 20_270, p, x, y))
            .collect();
        let found = operations(&strikes, 400.0).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].places, found[0].centre_place), (7, 5));
        assert!(found[0].reach_km <= 400.0);
    }

    #[test]
    fn repeated_places_count_once_and_actors_stay_apart() {
        let strikes = [
            strike(1, 5, 9, 0.0, 10.0),
            strike(1, 5, 9, 0.0, 10.0),
            strike(2, 5, 8, 0.1, 10.0),
            strike(1, 6, 8, 0.1, 10.0),
        ];
        let found = operations(&strikes, 400.0).unwrap();
        assert_eq!(found.len(), 3);
        assert!(
            found
                .iter()
                .all(|operation| operation.places == 1 && operation.reach_km == 0.0)
        );
        assert!(operations(&[], 400.0).unwrap().is_empty());
        assert!(operations(&[], f64::NAN).is_err());
    }

    #[test]
    fn truncated_fit_agrees_with_scipy() {
        let mut reference = Reference::new(include_str!("../../tests/reference/stats/counts.json"));
        for case in 0..reference.cases("/hurdle") {
            let at = |field: &str| format!("/hurdle/{case}/{field}");
            let sizes: Vec<u32> = reference
                .integers(&at("sizes"))
                .iter()
                .map(|&x| x as u32)
                .collect();
            let model = fit_hurdle(&sizes, 3000).unwrap();
            let fit = model.negative_binomial.unwrap();
            let pairs = [
                (fit.log_likelihood, reference.number(&at("log_likelihood"))),
                (
                    model.size_tail_negative_binomial(6).unwrap(),
                    reference.number(&at("tail_6")),
                ),
                (
                    model.size_tail(6),
                    reference.number(&at("geometric_predictive_6")),
                ),
                (
                    model.geometric_log_likelihood,
                    reference.number(&at("geometric_log_likelihood")),
                ),
            ];
            for (found, expected) in pairs {
                reference.compare(found, expected);
            }
        }
        // A flat maximum: two optimisers agree far better in the likelihood than in the
        // tail probability, whose parameters move along the ridge.
        reference.finish("coordination: truncated fits against SciPy optimize", 1e-6);
    }

    #[test]
    fn short_records_are_refused_or_cautious() {
        assert!(fit_hurdle(&[1, 1], 100).is_err());
        assert!(fit_hurdle(&[0, 2], 100).is_err());
        assert!(fit_hurdle(&[2, 2], 1).is_err());
        let once = fit_hurdle(&[2], 1000).unwrap();
        assert!(once.negative_binomial.is_none());
        // One operation of two places: the predictive tail stays heavy, (0.5/1.5)(1.5/2.5)… slow decay.
        assert!(once.size_tail(7) > 0.05);
        assert!(once.size_tail(u32::MAX) >= 0.0);
        let (low, high) = once.multi_site_interval(0.9).unwrap();
        assert!(low < once.multi_site_probability() && once.multi_site_probability() < high);
        assert!(once.probability_within(2, 365.0) < 1.0 && once.days_between(2) > 100.0);
    }

    #[test]
    fn the_interval_of_the_hurdle_covers() {
        let (runs, mut hits) = (2000, 0);
        let template = fit_hurdle(&[2], 1500).unwrap();
        for run in 0..runs {
            let mut stream = Stream::new(12, run as u64);
            let model = HurdleModel {
                multi_site_days: stream.binomial(1500, 0.02),
                ..template.clone()
            };
            let (low, high) = model.multi_site_interval(0.9).unwrap();
            hits += usize::from((low..=high).contains(&0.02));
        }
        calibrated(
            "coordination 90 % interval of the hurdle",
            hits,
            runs,
            0.9,
            0.88..=0.92,
        );
    }
}
