//! Standard scores.

use super::{NotInformative, Outcome, map, spread};
use crate::index::moments::{mean, present, standard_deviation};

/// Moves and stretches a column to a stated mean and standard deviation (n − 1).
///
/// # Formula
/// ```text
/// s = m + d (x - mean) / sd
/// ```
/// # Missing and degenerate values
/// Not informative if empty or constant.
///
/// # Source
/// Agrees with COINr `n_zscore`.
pub(super) fn z_score(x: &[Option<f64>], m: f64, d: f64) -> Outcome {
    spread(x)?;
    let values = present(x);
    match (mean(&values), standard_deviation(&values)) {
        (Some(centre), Some(deviation)) if deviation > 0.0 => Ok(map(x, |v| (v - centre) / deviation * d + m)),
        _ => Err(NotInformative::Constant),
    }
}
