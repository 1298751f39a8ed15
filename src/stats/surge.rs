//! Is the count of this window unusual for this unit?

use super::benjamini_hochberg::adjust;
use super::empirical_bayes::shrink;
use super::error::{StatsError, non_negative, positive};
use super::exposed::{Exposed, GammaRate};
use super::special::negative_binomial_upper_tails;

/// What the prediction allows for beyond the uncertainty of the unit's rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurgeOptions {
    /// Smallest standard deviation of the predicted count; 0.5 to 1 keeps a single event in a quiet
    /// unit from being an alarm by itself.
    pub sd_floor: f64,
    /// Size k of the negative binomial that windows of this length follow given their rate
    /// ([`pooled_size`] estimates it); `None` for Poisson counts.
    pub size: Option<f64>,
}

impl Default for SurgeOptions {
    /// A floor of 0.5 and Poisson counts.
    fn default() -> Self {
        Self {
            sd_floor: 0.5,
            size: None,
        }
    }
}

/// A window's count against its prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Surge {
    /// Predicted mean of the window's count.
    pub expected: f64,
    /// Predicted standard deviation, after the floor.
    pub sd: f64,
    /// `(count − expected) / sd`.
    pub z: f64,
    /// `P(Y ≥ count)`: probability of as many events or more if nothing changed.
    pub p: f64,
    /// `P(Y > count)`: together with `p` it brackets the randomised p-value, which is exactly uniform.
    pub p_beyond: f64,
    /// Whether the floor on the standard deviation was in force.
    pub floored: bool,
}

/// Tail probability of a window's count under the unit's shrunk baseline.
///
/// # Formula
/// ```text
/// baseline:   λ ~ Gamma(α, β)                      (empirical-Bayes posterior, window excluded)
/// prediction: μ = e α/β
///             v = μ + μ²/α + (μ²/k)(1 + 1/α)       k = size of the window's counts, ∞ for Poisson
///             v = max(v, sd_floor²)
/// Y ~ negative binomial with mean μ and variance v;   p = P(Y ≥ y)
/// ```
/// Without k and floor this is the exact posterior prediction; with k it matches two moments.
///
/// # Units and shape
/// The window's count and its exposure e, in the unit of the baseline's exposure. One unit, one
/// window; over many units adjust the p-values with
/// [`benjamini_hochberg`](super::benjamini_hochberg).
///
/// # Missing and degenerate values
/// A window without coverage has no `Exposed`. A count of 0 has p = 1. A raised variance keeps the
/// mean: the unit's expectation is not changed by the floor.
///
/// # Errors
/// [`StatsError::OutOfRange`] for a negative floor, a size that is not positive, or counts beyond
/// 10¹⁰.
///
/// # Source
/// Negative-binomial predictive distribution: Gelman et al., *Bayesian Data Analysis* (2013), 2.6.
/// Practice of a tail probability against an own baseline with a floor on the deviation: EARS
/// (Hutwagner et al. 2003) and Farrington, Andrews, Beale & Catchpole, *A statistical algorithm for the early
/// detection of outbreaks of infectious disease*, JRSS A 159 (1996), 547–563, as in the R package `surveillance`. With a baseline
/// that is known exactly, p and [`surge_threshold`] are those of its `farringtonFlexible` (`nbPlugin`).
///
/// # Example
/// ```
/// use tukhum::stats::exposed::{Exposed, GammaRate};
/// use tukhum::stats::surge::{SurgeOptions, surge};
/// // About 2 events a month so far; 9 in the last month.
/// let baseline = GammaRate::new(24.0, 12.0)?;
/// let result = surge(Exposed::new(9, 1.0)?, &baseline, SurgeOptions::default())?;
/// assert_eq!(result.expected, 2.0);
/// assert!(result.p < 0.001);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn surge(
    window: Exposed,
    baseline: &GammaRate,
    options: SurgeOptions,
) -> Result<Surge, StatsError> {
    let prediction = predict(window.exposure(), baseline, options)?;
    let (p, p_beyond) = prediction.tails(window.count())?;
    Ok(Surge {
        expected: prediction.mean,
        sd: prediction.sd,
        z: (window.count() as f64 - prediction.mean) / prediction.sd,
        p,
        p_beyond,
        floored: prediction.floored,
    })
}

/// A unit's window, the baseline before it, and the baseline's counts in windows of the same length.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    pub count: Exposed,
    pub baseline: Exposed,
    pub series: Vec<u64>,
}

/// Surges of many units, each with its p after all of them are counted.
///
/// # Formula
/// ```text
/// rates shrunk over all units (`empirical_bayes::shrink`), scatter of windows pooled (`pooled_size`),
/// p of each unit (`surge`), q by Benjamini and Hochberg over all p
/// ```
///
/// # Units and shape
/// One pair (surge, q) per unit, in their order.
///
/// # Missing and degenerate values
/// None for a unit that is missing, and for all where no rate can be shrunk.
///
/// # Source
/// As in [`surge`].
pub fn surges(units: &[Option<Watched>], sd_floor: f64) -> Vec<Option<(Surge, f64)>> {
    let baselines: Vec<Option<Exposed>> = units.iter().map(|unit| unit.as_ref().map(|u| u.baseline)).collect();
    let series: Vec<Vec<u64>> = units.iter().flatten().map(|u| u.series.clone()).collect();
    let options = SurgeOptions { sd_floor, size: pooled_size(&series) };
    let rates = shrink(&baselines).map(|s| s.rates).unwrap_or_default();
    let one = |(i, unit): (usize, &Option<Watched>)| surge(unit.as_ref()?.count, &rates.get(i)?.as_ref()?.posterior, options).ok();
    let found: Vec<Option<Surge>> = units.iter().enumerate().map(one).collect();
    let adjusted = adjust(&found.iter().map(|s| s.map(|s| s.p.clamp(0.0, 1.0))).collect::<Vec<_>>()).unwrap_or_default();
    found.into_iter().zip(adjusted).map(|(surge, q)| surge.zip(q)).collect()
}

/// The smallest count whose tail probability is at or below `alpha`.
///
/// # Formula
/// ```text
/// min { y : P(Y ≥ y) ≤ alpha }      with the prediction of `surge`
/// ```
///
/// # Units and shape
/// As in [`surge`]; one count out.
///
/// # Missing and degenerate values
/// At least 1: a count of 0 is never a surge.
///
/// # Errors
/// As in [`surge`], and [`StatsError::OutOfRange`] for an alpha outside 0 to 1.
///
/// # Source
/// As in [`surge`].
pub fn surge_threshold(
    exposure: f64,
    baseline: &GammaRate,
    options: SurgeOptions,
    alpha: f64,
) -> Result<u64, StatsError> {
    if !(alpha > 0.0 && alpha < 1.0) {
        let rule = "must lie strictly between 0 and 1";
        return Err(StatsError::OutOfRange {
            what: "alpha",
            value: alpha,
            rule,
        });
    }
    let prediction = predict(positive("exposure", exposure)?, baseline, options)?;
    let mut high = 1_u64;
    while prediction.tails(high)?.0 > alpha {
        high *= 2;
    }
    let mut low = high / 2;
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if prediction.tails(middle)?.0 <= alpha {
            high = middle
        } else {
            low = middle
        }
    }
    Ok(high)
}

/// The negative binomial that a window's count is held against.
struct Prediction {
    mean: f64,
    sd: f64,
    size: f64,
    floored: bool,
}

impl Prediction {
    fn tails(&self, count: u64) -> Result<(f64, f64), StatsError> {
        negative_binomial_upper_tails(count, self.mean, self.size).ok_or(StatsError::OutOfRange {
            what: "count",
            value: count as f64,
            rule: "count and predicted mean must be below 1e10",
        })
    }
}

/// Mean and variance of the window's count, then the negative binomial that has them.
fn predict(
    exposure: f64,
    baseline: &GammaRate,
    options: SurgeOptions,
) -> Result<Prediction, StatsError> {
    non_negative("sd_floor", options.sd_floor)?;
    let size = match options.size {
        Some(size) => positive("size", size)?,
        None => f64::INFINITY,
    };
    let mean = exposure * baseline.mean();
    let alpha = baseline.shape();
    let variance = mean + mean * mean / alpha + mean * mean / size * (1.0 + 1.0 / alpha);
    let floor = options.sd_floor * options.sd_floor;
    let floored = variance < floor;
    let variance = variance.max(floor);
    if !(mean.is_finite() && variance.is_finite() && mean > 0.0) {
        let rule = "the predicted mean must be positive and finite";
        return Err(StatsError::OutOfRange {
            what: "predicted mean",
            value: mean,
            rule,
        });
    }
    let predicted_size = mean * mean / (variance - mean);
    Ok(Prediction {
        mean,
        sd: variance.sqrt(),
        size: predicted_size.max(1e-90),
        floored,
    })
}

/// Size of the negative binomial that windows follow around each unit's own mean.
///
/// # Formula
/// ```text
/// per unit with T ≥ 2 windows: mean m, variance s² (divisor T − 1)
/// 1/k = Σ (s² − m) / Σ (m² − s²/T)           pooled moments, both sums unbiased
/// ```
///
/// # Units and shape
/// One series of counts per unit, all windows equally long; one size out, for windows of that length.
///
/// # Missing and degenerate values
/// `None` if the counts scatter no more than Poisson counts, if no unit has two windows, or if there
/// are no events: use Poisson counts then. Windows without coverage are left out of the series.
///
/// # Source
/// Moment estimator of Anscombe (1949), pooled over units.
///
/// # Example
/// ```
/// use tukhum::stats::surge::pooled_size;
/// assert!(pooled_size(&[vec![0, 9, 0, 0, 7, 0, 1, 0]]).unwrap() < 1.0);
/// assert_eq!(pooled_size(&[vec![2, 2, 2, 2]]), None);
/// ```
pub fn pooled_size(series: &[Vec<u64>]) -> Option<f64> {
    let (mut excess, mut square) = (0.0, 0.0);
    for counts in series.iter().filter(|counts| counts.len() >= 2) {
        let n = counts.len() as f64;
        let mean = counts.iter().map(|&y| y as f64).sum::<f64>() / n;
        let variance = counts
            .iter()
            .map(|&y| (y as f64 - mean).powi(2))
            .sum::<f64>()
            / (n - 1.0);
        excess += variance - mean;
        square += mean * mean - variance / n;
    }
    (excess > 0.0 && square > 0.0).then(|| square / excess)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::checks::{Reference, around, calibrated, powerful};
    use crate::stats::empirical_bayes::shrink;
    use crate::stats::random::Stream;

    #[test]
    fn agrees_with_scipy() {
        let mut reference = Reference::new(include_str!("../../tests/reference/stats/rates.json"));
        for case in 0..reference.cases("/surge") {
            let get = |field: &str| reference.number(&format!("/surge/{case}/{field}"));
            let baseline = GammaRate::new(get("shape"), get("inverse_scale")).unwrap();
            let window = Exposed::new(get("count") as u64, get("exposure")).unwrap();
            let size = Some(get("size")).filter(|k| *k > 0.0);
            let options = SurgeOptions {
                sd_floor: get("sd_floor"),
                size,
            };
            let found = surge(window, &baseline, options).unwrap();
            let pairs = [
                (found.p, get("p")),
                (found.expected, get("mean")),
                (found.sd, get("sd")),
            ];
            for (found, expected) in pairs {
                reference.compare(found, expected);
            }
        }
        // Incomplete beta functions of two authors.
        reference.finish("surge against SciPy nbinom.sf", 1e-11);
    }

    /// Farrington's method knows its mean exactly, which a posterior of a huge shape does too.
    #[test]
    fn agrees_with_farrington_in_surveillance() {
        let mut reference = Reference::new(include_str!("../../tests/reference/stats/surveillance.json"));
        for case in 0..reference.cases("/farrington") {
            let get = |field: &str| reference.number(&format!("/farrington/{case}/{field}"));
            let (mean, phi) = (get("mean"), get("phi"));
            let known = GammaRate::new(1e10, 1e10 / mean).unwrap();
            let options = SurgeOptions {
                sd_floor: 0.0,
                size: (phi > 1.0).then(|| mean / (phi - 1.0)),
            };
            let window = Exposed::new(get("count") as u64, 1.0).unwrap();
            let p = surge(window, &known, options).unwrap().p;
            let threshold = surge_threshold(1.0, &known, options, get("alpha")).unwrap();
            // Their bound is the largest count without an alarm.
            let pairs = [(p, get("p")), (threshold as f64, get("upperbound") + 1.0)];
            for (found, expected) in pairs {
                reference.compare(found, expected);
            }
        }
        // The shape of the posterior is not quite infinite.
        reference.finish("surge p and threshold against surveillance farringtonFlexible", 1e-9);
    }

    #[test]
    fn the_threshold_is_the_first_count_in_the_tail() {
        let baseline = GammaRate::new(3.0, 12.0).unwrap();
        let options = SurgeOptions {
            sd_floor: 1.0,
            size: Some(2.0),
        };
        let y = surge_threshold(1.0, &baseline, options, 0.05).unwrap();
        let p = |y| {
            surge(Exposed::new(y, 1.0).unwrap(), &baseline, options)
                .unwrap()
                .p
        };
        assert!(p(y) <= 0.05 && p(y - 1) > 0.05);
        assert!(surge_threshold(1.0, &baseline, options, 0.0).is_err());
    }

    #[test]
    fn one_event_in_a_quiet_unit_is_no_alarm_by_itself() {
        let quiet = GammaRate::new(0.5, 500.0).unwrap();
        let window = Exposed::new(1, 1.0).unwrap();
        let bare = surge(
            window,
            &quiet,
            SurgeOptions {
                sd_floor: 0.0,
                size: None,
            },
        )
        .unwrap();
        let floored = surge(
            window,
            &quiet,
            SurgeOptions {
                sd_floor: 1.0,
                size: None,
            },
        )
        .unwrap();
        assert!(!bare.floored && floored.floored);
        assert!(bare.z > 30.0 && floored.z <= 1.0);
        assert_eq!(bare.expected, floored.expected);
    }

    #[test]
    fn bad_options_are_refused() {
        let baseline = GammaRate::new(1.0, 1.0).unwrap();
        let window = Exposed::new(1, 1.0).unwrap();
        assert!(
            surge(
                window,
                &baseline,
                SurgeOptions {
                    sd_floor: -1.0,
                    size: None
                }
            )
            .is_err()
        );
        assert!(
            surge(
                window,
                &baseline,
                SurgeOptions {
                    sd_floor: 0.5,
                    size: Some(0.0)
                }
            )
            .is_err()
        );
        let huge = Exposed::new(u64::MAX, 1.0).unwrap();
        assert!(surge(huge, &baseline, SurgeOptions::default()).is_err());
    }

    /// One region of 67 units: twelve months of baseline, one month of window; `factor` times the
    /// baseline rate in the first unit. Returns the first unit's surge.
    fn simulate(run: u64, factor: f64) -> (Surge, Stream) {
        let mut stream = Stream::new(7, run);
        let truth: Vec<f64> = (0..67).map(|_| stream.gamma(0.8, 0.5)).collect();
        let baseline: Vec<Option<Exposed>> = truth
            .iter()
            .map(|r| Some(Exposed::new(stream.poisson(12.0 * r), 12.0).unwrap()))
            .collect();
        let shrunk = shrink(&baseline).unwrap();
        let window = Exposed::new(stream.poisson(factor * truth[0]), 1.0).unwrap();
        let options = SurgeOptions {
            sd_floor: 0.0,
            size: None,
        };
        (
            surge(window, &shrunk.rates[0].unwrap().posterior, options).unwrap(),
            stream,
        )
    }

    #[test]
    fn false_alarms_and_power() {
        let runs = 4000;
        let (mut randomised, mut plain, mut found) = (0, 0, 0);
        for run in 0..runs as u64 {
            let (result, mut stream) = simulate(run, 1.0);
            let p = result.p_beyond + stream.uniform() * (result.p - result.p_beyond);
            randomised += usize::from(p <= 0.05);
            plain += usize::from(result.p <= 0.05);
            found += usize::from(simulate(run, 6.0).0.p <= 0.05);
        }
        calibrated(
            "surge size 5 %, randomised p",
            randomised,
            runs,
            0.05,
            around(0.05, runs),
        );
        calibrated(
            "surge size 5 %, plain p (conservative)",
            plain,
            runs,
            0.05,
            0.01..=0.0604,
        );
        powerful("surge at 5 %, sixfold rate for one month", found, runs, 0.6);
    }

    #[test]
    fn the_pooled_size_is_found_again() {
        let mut stream = Stream::new(8, 0);
        let series: Vec<Vec<u64>> = (0..200)
            .map(|_| {
                let mean = stream.gamma(1.0, 0.2);
                (0..52)
                    .map(|_| {
                        let rate = stream.gamma(1.5, 1.5 / mean.max(1e-9));
                        stream.poisson(rate)
                    })
                    .collect()
            })
            .collect();
        let size = pooled_size(&series).unwrap();
        // 10,400 windows: about 5 % standard error.
        assert!((1.25..1.75).contains(&size), "{size}");
    }
}
