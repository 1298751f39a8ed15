//! Swing weights.

use std::fmt;

use super::equal::{WeightsError, shares};

/// Why points are not swing points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SwingError {
    /// The most important swing must have 100 points.
    NoHundred { highest: f64 },
    /// A number of points is negative or not finite, or there is none.
    Points(WeightsError),
}

impl fmt::Display for SwingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SwingError::NoHundred { highest } => write!(
                f,
                "the highest number of swing points is {highest}; give 100 to the swing that matters most and compare the others with it"
            ),
            SwingError::Points(problem) => problem.fmt(f),
        }
    }
}

impl std::error::Error for SwingError {}

/// Weights from swing points: 100 for the indicator whose swing from best to worst matters most,
/// less for the others.
///
/// # Formula
/// ```text
/// w_j = points_j / sum of points
/// ```
/// # Errors
/// The highest number is not 100, or a number is negative or not finite.
///
/// # Source
/// von Winterfeldt and Edwards (1986), *Decision Analysis and Behavioral Research*, chapter 8.
pub fn swing(points: &[f64]) -> Result<Vec<f64>, SwingError> {
    let weights = shares(points).map_err(SwingError::Points)?;
    let highest = points.iter().copied().fold(0.0, f64::max);
    if highest == 100.0 { Ok(weights) } else { Err(SwingError::NoHundred { highest }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_become_shares() {
        assert_eq!(swing(&[100.0, 60.0, 40.0]), Ok(vec![0.5, 0.3, 0.2]));
        assert_eq!(swing(&[90.0, 60.0]), Err(SwingError::NoHundred { highest: 90.0 }));
        assert!(matches!(swing(&[100.0, -1.0]), Err(SwingError::Points(_))));
    }
}
