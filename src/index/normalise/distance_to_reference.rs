//! Distance to a reference unit.

use super::{NotInformative, Outcome, map, spread};

/// Distance from the lowest value as a share of the reference unit's.
///
/// # Formula
/// ```text
/// s = 1 - (x_ref - x) / (x_ref - min)
/// ```
/// # Missing and degenerate values
/// Not informative if the reference unit is missing or is itself the lowest.
///
/// # Source
/// Agrees with COINr `n_dist2ref`, which divides by zero where the reference is the lowest.
pub(super) fn distance_to_reference(x: &[Option<f64>], row: usize) -> Outcome {
    let (low, _) = spread(x)?;
    let reference = x.get(row).copied().flatten().ok_or(NotInformative::ReferenceMissing)?;
    if reference <= low {
        return Err(NotInformative::ReferenceAtMinimum);
    }
    Ok(map(x, |v| 1.0 - (reference - v) / (reference - low)))
}
