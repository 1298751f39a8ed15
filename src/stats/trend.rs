//! Is violence above or below its year?

use super::error::{StatsError, positive};

/// The last weeks held against the year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Mean of the recent weeks.
    pub recent_mean: f64,
    /// Mean of all weeks given.
    pub long_mean: f64,
    /// `recent_mean / max(long_mean, floor)`: 1 is as usual, above 1 more than usual.
    pub ratio: f64,
    /// Whether the floor stood in for the long mean.
    pub floored: bool,
}

/// Divides the mean of the recent weeks by the mean of the year, with a floor under the divisor.
///
/// # Formula
/// ```text
/// trend = mean(last `recent_weeks`) / max(mean(all weeks), floor)
/// ```
///
/// # Units and shape
/// Weekly counts, oldest first (52 of them, of which the last 4 are recent, in the project's
/// indicators); the floor in events per week (0.1 there: about five events a year).
///
/// # Missing and degenerate values
/// Weeks without coverage are `None` and left out of both means. A year without events gives 0, not
/// a division by 0. The floor keeps one event in a quiet unit from reading as a tenfold rise.
///
/// # Errors
/// [`StatsError::TooFew`] if no recent week is covered, or `recent_weeks` is 0 or more than the weeks given;
/// [`StatsError::OutOfRange`] for a floor that is not positive.
///
/// # Source
/// ACLED's threat tracker as METHODS records it (4-week mean over 52-week mean); the floor is the project's.
///
/// # Example
/// ```
/// use tukhum::stats::trend::trend;
/// let mut weeks = vec![Some(1); 48];
/// weeks.extend([Some(4); 4]);
/// let result = trend(&weeks, 4, 0.1)?;
/// assert!((result.ratio - 4.0 / (64.0 / 52.0)).abs() < 1e-12);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn trend(weeks: &[Option<u64>], recent_weeks: usize, floor: f64) -> Result<Trend, StatsError> {
    positive("floor", floor)?;
    if recent_weeks == 0 || recent_weeks > weeks.len() {
        let (what, needed) = ("weeks", recent_weeks.max(1));
        return Err(StatsError::TooFew {
            what,
            needed,
            found: weeks.len().min(recent_weeks),
        });
    }
    let mean = |part: &[Option<u64>]| {
        let covered: Vec<f64> = part.iter().flatten().map(|&count| count as f64).collect();
        (!covered.is_empty()).then(|| covered.iter().sum::<f64>() / covered.len() as f64)
    };
    let recent = mean(&weeks[weeks.len() - recent_weeks..]);
    let (Some(recent_mean), Some(long_mean)) = (recent, mean(weeks)) else {
        return Err(StatsError::TooFew {
            what: "covered recent weeks",
            needed: 1,
            found: 0,
        });
    };
    let ratio = recent_mean / long_mean.max(floor);
    Ok(Trend {
        recent_mean,
        long_mean,
        ratio,
        floored: long_mean < floor,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_years_and_floors() {
        assert_eq!(trend(&[Some(0); 52], 4, 0.1).unwrap().ratio, 0.0);
        let mut weeks = vec![Some(0); 51];
        weeks.push(Some(1));
        let one = trend(&weeks, 4, 0.1).unwrap();
        assert!(one.floored && (one.ratio - 2.5).abs() < 1e-12);
        assert_eq!(trend(&[Some(3); 52], 4, 0.1).unwrap().ratio, 1.0);
    }

    #[test]
    fn missing_weeks_and_bad_arguments() {
        let mut weeks = vec![Some(2); 10];
        weeks.extend([None, Some(2)]);
        assert_eq!(trend(&weeks, 2, 0.1).unwrap().ratio, 1.0);
        assert!(trend(&[Some(1), None], 1, 0.1).is_err());
        assert!(trend(&[Some(1)], 0, 0.1).is_err());
        assert!(trend(&[Some(1)], 2, 0.1).is_err());
        assert!(trend(&[], 4, 0.1).is_err());
        assert!(trend(&[Some(1)], 1, 0.0).is_err());
    }
}
