//! Rates of units with few events, drawn toward the mean of all units.

use super::error::{StatsError, positive};
use super::exposed::{Exposed, GammaRate};

/// The distribution of rates across units, as estimated from them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Pooled rate `Σ count / Σ exposure`.
    pub mean: f64,
    /// Variance of the true rates between units, clamped at 0.
    pub variance: f64,
    /// The same before clamping: negative if the raw rates vary less than counts would by chance.
    pub unclamped_variance: f64,
    /// Number of units with coverage.
    pub units: usize,
    /// Events in all of them.
    pub total_count: u64,
    /// Exposure of all of them.
    pub total_exposure: f64,
}

/// A unit's rate after shrinkage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShrunkRate {
    /// Raw rate `count / exposure`.
    pub raw: f64,
    /// Share of the raw rate in the shrunk one, 0 to 1.
    pub weight: f64,
    /// Shrunk rate.
    pub rate: f64,
    /// What is believed about the unit's rate, for intervals and predictions.
    pub posterior: GammaRate,
}

/// Shrinks the rates of all units toward their pooled mean.
///
/// # Formula
/// ```text
/// m  = Σ y / Σ b                                   pooled rate
/// σ² = max(0, Σ b (r − m)² / Σ b − m / b̄)          variance between units (Marshall's moments)
/// w  = σ² / (σ² + m / b)
/// shrunk rate = w r + (1 − w) m
/// posterior   = Gamma(m²/σ² + y, m/σ² + b)         its mean is the shrunk rate
/// σ² = 0: posterior = Gamma(Σ y + ½, Σ b)          one common rate (Jeffreys prior)
/// ```
///
/// # Units and shape
/// One entry per unit: count y and exposure b, the same kind of exposure for all. Rates are events
/// per unit of exposure. The output has one entry per unit, in the same order.
///
/// # Missing and degenerate values
/// `None` in (a unit without coverage) is `None` out and takes no part in the pooled mean. With one
/// unit, or where the raw rates vary no more than counts do by chance, σ² is 0 and every unit gets
/// the pooled rate. Where no unit has an event, every shrunk rate is 0 and the common posterior
/// still has an upper bound. A σ² so small that `m²/σ²` exceeds 1e9 counts as 0.
///
/// The intervals take the estimated prior as known; they are honest for a few dozen units and more
/// (see the simulation in the tests) and a little short for fewer.
///
/// # Errors
/// [`StatsError::TooFew`] if no unit has coverage.
///
/// # Source
/// Marshall, *Mapping disease and mortality rates using empirical Bayes estimators*, Applied
/// Statistics 40 (1991), 283–294; agrees with PySAL esda `smoothing.Empirical_Bayes` wherever σ²
/// is not negative (esda does not clamp), and everywhere with R spdep `EBest` (which does).
///
/// # Example
/// ```
/// use tukhum::stats::empirical_bayes::shrink;
/// use tukhum::stats::exposed::Exposed;
/// let units = [
///     Some(Exposed::new(0, 1.0)?),   // a quiet month says little
///     Some(Exposed::new(90, 36.0)?),
///     Some(Exposed::new(2, 36.0)?),
///     None,                          // no coverage
/// ];
/// let shrunk = shrink(&units)?;
/// let quiet = shrunk.rates[0].unwrap();
/// assert!(quiet.rate > 0.0 && quiet.raw == 0.0);
/// assert!(shrunk.rates[3].is_none());
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn shrink(units: &[Option<Exposed>]) -> Result<Shrunk, StatsError> {
    shrink_dispersed(units, 1.0)
}

/// Shrinks rates of counts that come several at a time, such as deaths in attacks.
///
/// # Formula
/// ```text
/// Var(y | λ) = φ λ b                               φ = Σ x² / Σ x over the sizes x of the events
/// σ² = max(0, Σ b (r − m)² / Σ b − φ m / b̄)
/// w  = σ² / (σ² + φ m / b)
/// posterior = Gamma(m²/σ² + y/φ, m/σ² + b/φ)       its mean is the shrunk rate
/// σ² = 0: posterior = Gamma(Σ y/φ + ½, Σ b/φ)
/// ```
/// With φ = 1 this is [`shrink`]. A count of compound Poisson events has that variance exactly; y/φ over b/φ
/// has the mean and variance of a Poisson count, which is what the posterior takes it for.
///
/// # Units and shape
/// As in [`shrink`]; `dispersion` φ has no unit and is 1 for events that come one at a time.
///
/// # Missing and degenerate values
/// As in [`shrink`].
///
/// # Errors
/// As in [`shrink`], and [`StatsError::OutOfRange`] for a dispersion that is not positive.
///
/// # Source
/// Marshall (1991) with the variance of a compound Poisson sum (Feller, *An Introduction to Probability
/// Theory* I, XII.2); the Gamma with scaled counts is quasi-likelihood practice (McCullagh & Nelder 1989, 6.2).
///
/// # Example
/// ```
/// use tukhum::stats::empirical_bayes::{shrink, shrink_dispersed};
/// use tukhum::stats::exposed::Exposed;
/// let deaths = [Some(Exposed::new(80, 10.0)?), Some(Exposed::new(10, 10.0)?), Some(Exposed::new(0, 10.0)?)];
/// let (alone, together) = (shrink(&deaths)?, shrink_dispersed(&deaths, 5.0)?);
/// let width = |s: &tukhum::stats::empirical_bayes::Shrunk| s.rates[0].unwrap().posterior.interval(0.9).map(|(a, b)| b - a);
/// assert!(width(&together)? > width(&alone)?); // five deaths at a time say less than five events
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn shrink_dispersed(units: &[Option<Exposed>], dispersion: f64) -> Result<Shrunk, StatsError> {
    let phi = positive("dispersion", dispersion)?;
    let prior = prior_of(units, phi)?;
    let gamma_shape = prior.mean * prior.mean / prior.variance;
    let pooled = !(gamma_shape <= 1e9 && gamma_shape > 1e-90);
    let rates = units
        .iter()
        .map(|unit| {
            let Some(unit) = unit else { return Ok(None) };
            let weight = if pooled {
                0.0
            } else {
                prior.variance / (prior.variance + phi * prior.mean / unit.exposure())
            };
            let posterior = if pooled {
                GammaRate::new(prior.total_count as f64 / phi + 0.5, prior.total_exposure / phi)?
            } else {
                GammaRate::new(
                    gamma_shape + unit.count() as f64 / phi,
                    prior.mean / prior.variance + unit.exposure() / phi,
                )?
            };
            let rate = weight * unit.rate() + (1.0 - weight) * prior.mean;
            Ok(Some(ShrunkRate {
                raw: unit.rate(),
                weight,
                rate,
                posterior,
            }))
        })
        .collect::<Result<_, StatsError>>()?;
    Ok(Shrunk { prior, rates })
}

/// The prior and one shrunk rate per unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Shrunk {
    /// Distribution of rates across units.
    pub prior: Prior,
    /// One entry per unit, in the order given; `None` where the unit has no coverage.
    pub rates: Vec<Option<ShrunkRate>>,
}

/// Mean and variance of the rates across units, by Marshall's moments.
///
/// # Formula
/// See [`shrink`].
///
/// # Units and shape
/// As in [`shrink`]; one prior out.
///
/// # Missing and degenerate values
/// As in [`shrink`].
///
/// # Errors
/// [`StatsError::TooFew`] if no unit has coverage.
///
/// # Source
/// Marshall (1991), pp. 284–285 as spdep cites them for `EBest` (not read at first hand).
pub fn estimate_prior(units: &[Option<Exposed>]) -> Result<Prior, StatsError> {
    prior_of(units, 1.0)
}

/// The prior of counts whose variance is `dispersion` times that of Poisson counts.
fn prior_of(units: &[Option<Exposed>], dispersion: f64) -> Result<Prior, StatsError> {
    let covered: Vec<Exposed> = units.iter().flatten().copied().collect();
    if covered.is_empty() {
        return Err(StatsError::TooFew {
            what: "units with coverage",
            needed: 1,
            found: 0,
        });
    }
    let total_exposure: f64 = covered.iter().map(Exposed::exposure).sum();
    let total_count = covered
        .iter()
        .fold(0_u64, |sum, unit| sum.saturating_add(unit.count()));
    let mean = total_count as f64 / total_exposure;
    let spread = covered
        .iter()
        .map(|unit| unit.exposure() / total_exposure * (unit.rate() - mean).powi(2))
        .sum::<f64>();
    let chance = dispersion * mean / (total_exposure / covered.len() as f64);
    let unclamped_variance = spread - chance;
    if !(total_exposure.is_finite() && unclamped_variance.is_finite()) {
        return Err(StatsError::OutOfRange {
            what: "sum of exposures or variance of rates",
            value: total_exposure,
            rule: "must be finite; rescale the exposure",
        });
    }
    Ok(Prior {
        mean,
        variance: unclamped_variance.max(0.0),
        unclamped_variance,
        units: covered.len(),
        total_count,
        total_exposure,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::checks::{Reference, calibrated};

    /// Two units over 10 each, 80 and 20 deaths, φ = 4: m = 5, spread 9, chance 4·5/10 = 2, σ² = 7;
    /// w = 7/9, rates 7/9·8 + 2/9·5 = 66/9 and 24/9; posterior Gamma(25/7 + 20, 5/7 + 2.5).
    #[test]
    fn deaths_that_come_together_by_hand() {
        let units = [Some(Exposed::new(80, 10.0).unwrap()), Some(Exposed::new(20, 10.0).unwrap())];
        let shrunk = shrink_dispersed(&units, 4.0).unwrap();
        let first = shrunk.rates[0].unwrap();
        assert!((shrunk.prior.variance - 7.0).abs() < 1e-12 && (first.rate - 66.0 / 9.0).abs() < 1e-12);
        assert!((first.posterior.mean() - first.rate).abs() < 1e-12);
        assert!((first.posterior.shape() - (25.0 / 7.0 + 20.0)).abs() < 1e-12);
        assert_eq!(shrink_dispersed(&units, 1.0).unwrap(), shrink(&units).unwrap());
        assert!(shrink_dispersed(&units, 0.0).is_err());
    }
    use crate::stats::random::Stream;

    fn units(counts: &[u64], exposures: &[f64]) -> Vec<Option<Exposed>> {
        counts
            .iter()
            .zip(exposures)
            .map(|(&y, &b)| Some(Exposed::new(y, b).unwrap()))
            .collect()
    }

    #[test]
    fn agrees_with_spdep() {
        let mut reference = Reference::new(include_str!("../../tests/reference/stats/surveillance.json"));
        for case in 0..reference.cases("/bayes") {
            let at = |field: &str| format!("/bayes/{case}/{field}");
            let (counts, exposures) = (reference.integers(&at("count")), reference.numbers(&at("exposure")));
            let units: Vec<Option<Exposed>> = counts.iter().zip(&exposures).map(|(&c, &e)| Some(Exposed::new(c, e).unwrap())).collect();
            let shrunk = shrink(&units).unwrap();
            let rates: Vec<f64> = shrunk.rates.iter().map(|r| r.unwrap().rate).collect();
            let expected = reference.numbers(&at("rate"));
            reference.compare_all(&rates, &expected);
            let variance = reference.number(&at("variance"));
            reference.compare(shrunk.prior.variance, variance);
        }
        // The same sums in another order.
        reference.finish("empirical_bayes against spdep EBest, also where the variance is 0", 1e-12);
    }

    #[test]
    fn two_units_on_paper() {
        // y = 1, 9 over b = 10, 10: m = 0.5, Σb(r−m)²/Σb = 0.16, m/b̄ = 0.05, σ² = 0.11,
        // w = 0.11/0.16 = 0.6875, shrunk 0.225 and 0.775.
        let shrunk = shrink(&units(&[1, 9], &[10.0, 10.0])).unwrap();
        assert!((shrunk.prior.variance - 0.11).abs() < 1e-15);
        let [first, second] = [shrunk.rates[0].unwrap(), shrunk.rates[1].unwrap()];
        assert!((first.weight - 0.6875).abs() < 1e-15);
        assert!((first.rate - 0.225).abs() < 1e-15 && (second.rate - 0.775).abs() < 1e-15);
        assert!((first.posterior.mean() - first.rate).abs() < 1e-15);
    }

    #[test]
    fn agrees_with_esda() {
        let mut reference = Reference::new(include_str!("../../tests/reference/stats/rates.json"));
        for case in 0..reference.cases("/empirical_bayes") {
            let at = |field: &str| format!("/empirical_bayes/{case}/{field}");
            let counts = reference.integers(&at("count"));
            let exposures = reference.numbers(&at("exposure"));
            let shrunk = shrink(&units(&counts, &exposures)).unwrap();
            let rates: Vec<f64> = shrunk.rates.iter().map(|r| r.unwrap().rate).collect();
            let expected = reference.numbers(&at("rate"));
            reference.compare_all(&rates, &expected);
        }
        // Sums of a few hundred terms in another order: some units in the last place.
        reference.finish("empirical_bayes against esda Empirical_Bayes", 1e-12);
    }

    #[test]
    fn degenerate_input_has_defined_results() {
        assert!(shrink(&[]).is_err());
        assert!(shrink(&[None, None]).is_err());
        let quiet = shrink(&units(&[0, 0], &[5.0, 7.0])).unwrap();
        assert_eq!(quiet.rates[0].unwrap().rate, 0.0);
        assert!(quiet.rates[0].unwrap().posterior.interval(0.9).unwrap().1 > 0.0);
        let single = shrink(&units(&[4], &[2.0])).unwrap();
        assert_eq!(single.rates[0].unwrap().rate, 2.0);
        let even = shrink(&units(&[5, 5, 5], &[1.0, 1.0, 1.0])).unwrap();
        assert!(even.prior.unclamped_variance < 0.0 && even.prior.variance == 0.0);
        assert_eq!(even.rates[2].unwrap().rate, 5.0);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn shrunk_rates_lie_between_raw_and_pooled(cells in proptest::collection::vec((0_u64..500, 0.01_f64..1e4), 1..40)) {
            let (counts, exposures): (Vec<u64>, Vec<f64>) = cells.into_iter().unzip();
            let shrunk = shrink(&units(&counts, &exposures)).unwrap();
            for rate in shrunk.rates.iter().flatten() {
                let (low, high) = (rate.raw.min(shrunk.prior.mean), rate.raw.max(shrunk.prior.mean));
                proptest::prop_assert!(rate.rate >= low - 1e-9 && rate.rate <= high * (1.0 + 1e-12) + 1e-9);
                let (lower, upper) = rate.posterior.interval(0.9).unwrap();
                proptest::prop_assert!(lower <= upper && upper.is_finite());
            }
        }

        #[test]
        fn scale_of_the_exposure_does_not_matter(counts in proptest::collection::vec(0_u64..50, 2..20)) {
            let ones = vec![1.0; counts.len()];
            let thousands = vec![1000.0; counts.len()];
            let a = shrink(&units(&counts, &ones)).unwrap();
            let b = shrink(&units(&counts, &thousands)).unwrap();
            for (x, y) in a.rates.iter().flatten().zip(b.rates.iter().flatten()) {
                proptest::prop_assert!((x.rate - 1000.0 * y.rate).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn posterior_intervals_cover() {
        // 67 units like the surroundings of the focus area, rates Gamma with a coefficient of
        // variation of 1.2, 12 months, 2,000 runs, one unit scored per run (runs are independent).
        let (runs, mut hits) = (2000, 0);
        for run in 0..runs {
            let mut stream = Stream::new(4, run as u64);
            let truth: Vec<f64> = (0..67).map(|_| stream.gamma(0.7, 0.5)).collect();
            let cells: Vec<Option<Exposed>> = truth
                .iter()
                .map(|rate| Some(Exposed::new(stream.poisson(rate * 12.0), 12.0).unwrap()))
                .collect();
            let shrunk = shrink(&cells).unwrap();
            let unit = stream.index(67);
            let (low, high) = shrunk.rates[unit].unwrap().posterior.interval(0.9).unwrap();
            hits += usize::from((low..=high).contains(&truth[unit]));
        }
        calibrated(
            "empirical_bayes 90 % interval, 67 units",
            hits,
            runs,
            0.9,
            0.88..=0.92,
        );
    }
}
