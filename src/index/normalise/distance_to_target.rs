//! Distance to a target.

use super::{NotInformative, Outcome, map, spread};

/// Distance from the lowest value as a share of the target's; beyond the target 1 if capped.
///
/// # Formula
/// ```text
/// s = (x - min) / (target - min), at most 1 if capped
/// ```
/// # Missing and degenerate values
/// Not informative if the column is constant or the target is not above the lowest value.
///
/// # Source
/// Agrees with COINr `n_dist2targ`.
pub(super) fn distance_to_target(x: &[Option<f64>], target: f64, cap: bool) -> Outcome {
    let (low, _) = spread(x)?;
    if target <= low {
        return Err(NotInformative::ReferenceAtMinimum);
    }
    Ok(map(x, |v| {
        let s = (v - low) / (target - low);
        if cap { s.min(1.0) } else { s }
    }))
}
