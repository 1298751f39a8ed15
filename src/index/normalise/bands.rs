//! A threshold table on a column.

use super::{Bands, map};

/// Looks each value up in the table, whose own scores say which end is risky.
///
/// # Missing and degenerate values
/// Missing stays missing; below the first edge the table's stated score applies.
pub(super) fn bands(x: &[Option<f64>], table: &Bands) -> Vec<Option<f64>> {
    map(x, |v| table.score(v))
}
