//! Share of the riskiest value.

use super::{NotInformative, Outcome, map};
use crate::index::moments::{present, range};

/// Each value divided by the highest.
///
/// # Formula
/// ```text
/// s = x / max
/// ```
/// # Missing and degenerate values
/// Not informative if the highest value is 0 or below: the share would be undefined or turn the
/// order round. With a negative direction that is every column of positive values.
///
/// # Source
/// Agrees with COINr `n_fracmax` where the maximum is above 0.
pub(super) fn fraction_of_maximum(x: &[Option<f64>]) -> Outcome {
    let (_, high) = range(&present(x)).ok_or(NotInformative::Empty)?;
    if high <= 0.0 {
        return Err(NotInformative::MaximumNotPositive);
    }
    Ok(map(x, |v| v / high))
}
