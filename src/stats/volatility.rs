//! How often does violence leap above its own baseline?

use super::error::{StatsError, non_negative, positive};

/// Number of weeks from which volatility counts as high.
pub const HIGH_WEEKS: usize = 6;

/// Weeks that stand out from the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Volatility {
    /// Mean of the baseline weeks.
    pub baseline_mean: f64,
    /// Standard deviation of the baseline weeks (divisor n − 1), after the floor.
    pub baseline_sd: f64,
    /// Weeks of the window at or above mean + `sds` standard deviations.
    pub weeks_above: usize,
    /// Weeks of the window.
    pub weeks: usize,
}

impl Volatility {
    /// Whether at least [`HIGH_WEEKS`] weeks stand out.
    pub fn is_high(&self) -> bool {
        self.weeks_above >= HIGH_WEEKS
    }
}

/// Counts the weeks at or above the baseline by a number of standard deviations.
///
/// # Formula
/// ```text
/// threshold = mean(baseline) + sds · max(sd(baseline), sd_floor)
/// volatility = #{ weeks of the window with count ≥ threshold }
/// ```
///
/// # Units and shape
/// Weekly counts; the project takes the last 52 weeks as window, 2 standard deviations, a floor of 0.5,
/// and as baseline the weeks before the window (or the window itself, if nothing earlier is covered:
/// the caller says which).
///
/// # Missing and degenerate values
/// Weeks without coverage are `None`: they are left out on both sides, and `weeks` says how many remain.
/// A baseline without scatter gets the floor, so that a single event in a quiet unit stands out only if it
/// reaches the threshold. A week without events never stands out.
///
/// # Errors
/// [`StatsError::TooFew`] with fewer than two covered baseline weeks or no covered week in the window;
/// [`StatsError::OutOfRange`] for a floor below 0 or a number of deviations that is not positive.
///
/// # Source
/// ACLED's volatility index as METHODS records it: weeks in the last 52 at or above two standard deviations,
/// six and more being high (not read at first hand). The floor is the project's. With the seven weeks before as
/// baseline the threshold is that of EARS C1 in R surveillance `earsC`.
///
/// # Example
/// ```
/// use tukhum::stats::volatility::volatility;
/// let baseline = vec![Some(1), Some(0), Some(2), Some(1), Some(1)];
/// let window = vec![Some(0), Some(9), None, Some(4), Some(1)];
/// let result = volatility(&window, &baseline, 2.0, 0.5)?;
/// assert_eq!((result.weeks_above, result.weeks), (2, 4));
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn volatility(
    window: &[Option<u64>],
    baseline: &[Option<u64>],
    sds: f64,
    sd_floor: f64,
) -> Result<Volatility, StatsError> {
    positive("sds", sds)?;
    non_negative("sd_floor", sd_floor)?;
    let covered: Vec<f64> = baseline
        .iter()
        .flatten()
        .map(|&count| count as f64)
        .collect();
    let weeks: Vec<f64> = window.iter().flatten().map(|&count| count as f64).collect();
    if covered.len() < 2 {
        let what = "covered weeks of the baseline";
        return Err(StatsError::TooFew {
            what,
            needed: 2,
            found: covered.len(),
        });
    }
    if weeks.is_empty() {
        return Err(StatsError::TooFew {
            what: "covered weeks of the window",
            needed: 1,
            found: 0,
        });
    }
    let n = covered.len() as f64;
    let mean = covered.iter().sum::<f64>() / n;
    let variance = covered
        .iter()
        .map(|count| (count - mean).powi(2))
        .sum::<f64>()
        / (n - 1.0);
    let sd = variance.sqrt().max(sd_floor);
    let weeks_above = weeks
        .iter()
        .filter(|count| **count > 0.0 && **count >= mean + sds * sd)
        .count();
    Ok(Volatility {
        baseline_mean: mean,
        baseline_sd: sd,
        weeks_above,
        weeks: weeks.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_agrees_with_ears_in_surveillance() {
        let mut reference = crate::stats::checks::Reference::new(include_str!("../../tests/reference/stats/surveillance.json"));
        for case in 0..reference.cases("/ears") {
            let at = |field: &str| format!("/ears/{case}/{field}");
            let counts: Vec<Option<u64>> = reference.integers(&at("counts")).into_iter().map(Some).collect();
            let (floor, bounds) = (reference.number(&at("min_sigma")), reference.numbers(&at("upperbound")));
            for (week, expected) in (7..).zip(bounds) {
                let result = volatility(&counts[week..=week], &counts[week - 7..week], 2.0, floor).unwrap();
                reference.compare(result.baseline_mean + 2.0 * result.baseline_sd, expected);
            }
        }
        // Their number of deviations is a quantile of a rounded probability.
        reference.finish("volatility threshold against surveillance earsC (C1)", 1e-12);
    }

    #[test]
    fn each_side_of_the_threshold() {
        // Baseline 0, 2, 4: mean 2, sd 2; threshold 6.
        let baseline = [Some(0), Some(2), Some(4)];
        let above = |count| {
            volatility(&[Some(count)], &baseline, 2.0, 0.5)
                .unwrap()
                .weeks_above
        };
        assert_eq!((above(5), above(6)), (0, 1));
        let six = volatility(&[Some(6); 6], &baseline, 2.0, 0.5).unwrap();
        let five = volatility(&[Some(6); 5], &baseline, 2.0, 0.5).unwrap();
        assert!(six.is_high() && !five.is_high());
    }

    #[test]
    fn quiet_and_missing_weeks() {
        let quiet = [Some(0), Some(0), Some(0)];
        assert_eq!(
            volatility(&[Some(0); 9], &quiet, 2.0, 0.0)
                .unwrap()
                .weeks_above,
            0
        );
        assert_eq!(
            volatility(&[Some(1)], &quiet, 2.0, 0.5)
                .unwrap()
                .weeks_above,
            1
        );
        assert_eq!(
            volatility(&[Some(1)], &quiet, 2.0, 1.0)
                .unwrap()
                .weeks_above,
            0
        );
        assert!(volatility(&[None], &quiet, 2.0, 0.5).is_err());
        assert!(volatility(&[Some(1)], &[Some(1), None], 2.0, 0.5).is_err());
        assert!(volatility(&[Some(1)], &quiet, f64::NAN, 0.5).is_err());
        assert!(volatility(&[Some(1)], &quiet, 2.0, -0.5).is_err());
    }
}
