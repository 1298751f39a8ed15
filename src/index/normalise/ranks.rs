//! Ranks from the safest unit upward, and the two methods that are ranks in other units.

use super::{NotInformative, Outcome, map};

/// Place from the lowest value, 1, upward; ties share the lowest number.
///
/// # Formula
/// ```text
/// r_i = 1 + #{ j : x_j < x_i }
/// ```
/// # Missing and degenerate values
/// Missing has no place and does not count; a constant column gives 1 to all.
///
/// # Source
/// Agrees with COINr `n_rank`.
pub(super) fn ascending(x: &[Option<f64>]) -> Outcome {
    let reversed: Vec<Option<f64>> = map(x, |v| -v);
    if x.iter().all(Option::is_none) {
        return Err(NotInformative::Empty);
    }
    Ok(crate::index::rank(&reversed).into_iter().map(|r| r.map(|r| r as f64)).collect())
}

/// Number of units that are strictly lower: rank less 1.
///
/// # Source
/// Agrees with COINr `n_borda`.
pub(super) fn borda(x: &[Option<f64>]) -> Outcome {
    Ok(map(&ascending(x)?, |r| r - 1.0))
}

/// Share of the other units that are strictly lower.
///
/// # Formula
/// ```text
/// s = (r - 1) / (n - 1), n the number of units with a value
/// ```
/// # Missing and degenerate values
/// Not informative if fewer than two units have a value.
///
/// # Source
/// Agrees with COINr `n_prank`.
pub(super) fn percentile(x: &[Option<f64>]) -> Outcome {
    let ranks = ascending(x)?;
    let n = ranks.iter().flatten().count() as f64;
    if n < 2.0 {
        return Err(NotInformative::Single);
    }
    Ok(map(&ranks, |r| (r - 1.0) / (n - 1.0)))
}
