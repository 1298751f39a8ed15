//! Goalposts on a column.

use super::{Direction, Goalposts, map};

/// Scores each value by its distance from the safe to the risky goalpost.
///
/// # Formula
/// ```text
/// p = (x - lower) / (upper - lower), or 1 - that where a lower x is riskier
/// s = a + (b - a) p, p clamped to 0..=1 if so asked
/// ```
/// # Missing and degenerate values
/// Missing stays missing; goalposts have a width by construction.
///
/// # Source
/// Agrees with COINr `n_goalposts`.
pub(super) fn goalposts(
    x: &[Option<f64>],
    posts: &Goalposts,
    direction: Direction,
    (a, b): (f64, f64),
    clamp: bool,
) -> Vec<Option<f64>> {
    map(x, |v| {
        let mut p = (v - posts.lower()) / (posts.upper() - posts.lower());
        if direction == Direction::LowerIsRiskier {
            p = 1.0 - p;
        }
        a + (b - a) * if clamp { p.clamp(0.0, 1.0) } else { p }
    })
}
