//! Min–max.

use super::{Outcome, map, spread};

/// Stretches a column so that its lowest value becomes `a` and its highest `b`.
///
/// # Formula
/// ```text
/// s = a + (b - a) (x - min) / (max - min)
/// ```
/// # Missing and degenerate values
/// Not informative if empty or constant.
///
/// # Source
/// Agrees with COINr `n_minmax`.
pub(super) fn min_max(x: &[Option<f64>], (a, b): (f64, f64)) -> Outcome {
    let (low, high) = spread(x)?;
    Ok(map(x, |v| (v - low) / (high - low) * (b - a) + a))
}
