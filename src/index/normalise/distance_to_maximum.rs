//! Distance to the riskiest value.

use super::{Outcome, map, spread};

/// One less the distance to the highest value, as a share of the range.
///
/// # Formula
/// ```text
/// s = 1 - (max - x) / (max - min)
/// ```
/// # Missing and degenerate values
/// Not informative if empty or constant.
///
/// # Source
/// Agrees with COINr `n_dist2max`.
pub(super) fn distance_to_maximum(x: &[Option<f64>]) -> Outcome {
    let (low, high) = spread(x)?;
    Ok(map(x, |v| 1.0 - (high - v) / (high - low)))
}
