//! A count and the exposure over which it was counted, and the Gamma distribution of a rate.

use super::error::{StatsError, level, positive};
use super::special::{gamma_quantile, gamma_tails};

/// A number of events and the exposure over which they were counted.
///
/// # Formula
/// ```text
/// r = count / exposure
/// ```
///
/// # Units and shape
/// The exposure is in whatever the rate shall be per: unit-months, inhabitant-years, km²-years. It
/// must be the same for all units that are compared.
///
/// # Missing and degenerate values
/// A unit without coverage has no `Exposed`: callers keep an `Option` and leave it `None`. A count of
/// 0 over a positive exposure is a real zero.
///
/// # Errors
/// [`StatsError::OutOfRange`] if the exposure is not greater than 0 (1e-100 to 1e100 are taken).
///
/// # Source
/// Rothman, Greenland & Lash, *Modern Epidemiology* (2008), chapter 3.
///
/// # Example
/// ```
/// use tukhum::stats::exposed::Exposed;
/// let unit = Exposed::new(6, 24.0)?;
/// assert_eq!(unit.rate(), 0.25);
/// assert!(Exposed::new(0, 0.0).is_err());
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exposed {
    count: u64,
    exposure: f64,
}

impl Exposed {
    /// Checks the exposure and keeps both numbers.
    pub fn new(count: u64, exposure: f64) -> Result<Self, StatsError> {
        Ok(Self {
            count,
            exposure: positive("exposure", exposure)?,
        })
    }

    /// Number of events.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Exposure.
    pub fn exposure(&self) -> f64 {
        self.exposure
    }

    /// Events per unit of exposure.
    pub fn rate(&self) -> f64 {
        self.count as f64 / self.exposure
    }
}

/// What is believed about a rate: a Gamma distribution.
///
/// # Formula
/// ```text
/// mean = shape / inverse_scale,   variance = shape / inverse_scale²
/// ```
///
/// # Units and shape
/// `inverse_scale` is in units of exposure, the rate in events per unit of exposure.
///
/// # Missing and degenerate values
/// Both parameters are positive and finite, so mean and intervals always exist.
///
/// # Errors
/// [`StatsError::OutOfRange`] for other parameters, and for an interval level outside 0 to 1.
///
/// # Source
/// Gelman et al., *Bayesian Data Analysis* (2013), section 2.6.
///
/// # Example
/// ```
/// use tukhum::stats::exposed::GammaRate;
/// let rate = GammaRate::new(4.0, 2.0)?;
/// let (low, high) = rate.interval(0.9)?;
/// assert!(low < rate.mean() && rate.mean() < high);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GammaRate {
    shape: f64,
    inverse_scale: f64,
}

impl GammaRate {
    /// Checks both parameters.
    pub fn new(shape: f64, inverse_scale: f64) -> Result<Self, StatsError> {
        let shape = positive("shape", shape)?;
        let inverse_scale = positive("inverse_scale", inverse_scale)?;
        if !(1e-100..=1e10).contains(&shape) {
            return Err(StatsError::OutOfRange {
                what: "shape",
                value: shape,
                rule: "must lie between 1e-100 and 1e10, where the tails are computed exactly",
            });
        }
        Ok(Self {
            shape,
            inverse_scale,
        })
    }

    /// The belief after a further count over its exposure.
    pub fn updated(&self, seen: Exposed) -> Result<Self, StatsError> {
        Self::new(
            self.shape + seen.count() as f64,
            self.inverse_scale + seen.exposure(),
        )
    }

    /// Shape parameter.
    pub fn shape(&self) -> f64 {
        self.shape
    }

    /// Inverse scale (rate) parameter, in units of exposure.
    pub fn inverse_scale(&self) -> f64 {
        self.inverse_scale
    }

    /// Mean rate.
    pub fn mean(&self) -> f64 {
        self.shape / self.inverse_scale
    }

    /// Variance of the rate.
    pub fn variance(&self) -> f64 {
        self.shape / self.inverse_scale / self.inverse_scale
    }

    /// The rate below which the given probability lies.
    pub fn quantile(&self, probability: f64) -> Result<f64, StatsError> {
        gamma_quantile(self.shape, self.inverse_scale, probability).ok_or(StatsError::OutOfRange {
            what: "probability",
            value: probability,
            rule: "must be at least 0 and below 1",
        })
    }

    /// The central interval that holds the rate with probability `level`.
    pub fn interval(&self, level_inside: f64) -> Result<(f64, f64), StatsError> {
        let tail = 0.5 * (1.0 - level(level_inside)?);
        Ok((self.quantile(tail)?, self.quantile(1.0 - tail)?))
    }

    /// Probability that the rate exceeds `threshold`; 1 for thresholds of 0 or less.
    pub fn probability_above(&self, threshold: f64) -> Result<f64, StatsError> {
        if threshold <= 0.0 {
            return Ok(1.0);
        }
        gamma_tails(self.shape, self.inverse_scale, threshold)
            .map(|(_, above)| above)
            .ok_or(StatsError::OutOfRange {
                what: "threshold",
                value: threshold,
                rule: "must be a number",
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponential_rate_has_its_textbook_quantiles() {
        let rate = GammaRate::new(1.0, 2.0).unwrap();
        let (low, high) = rate.interval(0.9).unwrap();
        assert!((low - -(0.95_f64.ln()) / 2.0).abs() < 1e-12);
        assert!((high - -(0.05_f64.ln()) / 2.0).abs() < 1e-12);
        assert!((rate.probability_above(1.0).unwrap() - (-2.0_f64).exp()).abs() < 1e-14);
        assert_eq!(rate.probability_above(-1.0).unwrap(), 1.0);
    }

    #[test]
    fn refused_parameters_say_why() {
        assert!(GammaRate::new(0.0, 1.0).is_err());
        assert!(GammaRate::new(1e11, 1.0).is_err());
        assert!(GammaRate::new(1.0, f64::NAN).is_err());
        assert!(
            GammaRate::new(1.0, 1.0)
                .unwrap()
                .probability_above(f64::NAN)
                .is_err()
        );
        let message = Exposed::new(3, -2.0).unwrap_err().to_string();
        assert_eq!(
            message,
            "exposure is -2: must be greater than 0 (between 1e-100 and 1e100)"
        );
    }
}
