//! Equal weights, and given ones as shares.

use std::fmt;

/// `n` equal weights.
pub fn equal(n: usize) -> Vec<f64> {
    vec![1.0 / n.max(1) as f64; n]
}

/// Why numbers are not weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WeightsError {
    /// A weight is negative or not finite.
    Weight { place: usize, weight: f64 },
    /// No weight is above 0, or their sum overflows.
    Sum { sum: f64 },
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WeightsError::Weight { place, weight } => {
                write!(f, "weight {} is {weight}; a weight is a finite number, 0 or more", place + 1)
            }
            WeightsError::Sum { sum } => write!(f, "the weights add up to {sum}; at least one must be above 0"),
        }
    }
}

impl std::error::Error for WeightsError {}

/// Given weights as shares of their sum.
///
/// # Errors
/// A weight that is negative or not finite; no weight above 0.
pub fn shares(weights: &[f64]) -> Result<Vec<f64>, WeightsError> {
    if let Some((place, &weight)) = weights.iter().enumerate().find(|(_, w)| !(w.is_finite() && **w >= 0.0)) {
        return Err(WeightsError::Weight { place, weight });
    }
    let sum: f64 = weights.iter().sum();
    if !(sum.is_finite() && sum > 0.0) {
        return Err(WeightsError::Sum { sum });
    }
    Ok(weights.iter().map(|w| w / sum).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_refusals() {
        assert_eq!(shares(&[1.0, 3.0]), Ok(vec![0.25, 0.75]));
        assert_eq!(equal(4), [0.25; 4]);
        assert!(equal(0).is_empty());
        assert!(matches!(shares(&[1.0, -1.0]), Err(WeightsError::Weight { place: 1, .. })));
        assert!(matches!(shares(&[0.0]), Err(WeightsError::Sum { .. })));
        assert!(shares(&[]).is_err());
    }
}
