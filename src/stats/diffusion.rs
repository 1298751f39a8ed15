//! Over how much of the inhabited land has violence spread?

use std::collections::{BTreeMap, BTreeSet};

use super::error::StatsError;
use super::grid::Cell;

/// Spread of events over populated cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Diffusion {
    /// Populated cells of the area.
    pub populated_cells: usize,
    /// Those with at least the wanted number of events.
    pub affected_cells: usize,
    /// Their share.
    pub share: f64,
    /// Events in cells of the area that are not listed as populated: they are not counted.
    pub events_elsewhere: usize,
}

/// Share of the populated cells that hold at least a number of events.
///
/// # Formula
/// ```text
/// share = #{ populated cells with ≥ minimum_events events } / #{ populated cells }
/// ```
///
/// # Units and shape
/// Cells of a [`Grid`](super::grid::Grid) of 10 km; events of the last 12 months, one cell per event;
/// `minimum_events` is 10 in the source, 1 asks for any.
///
/// # Missing and degenerate values
/// A cell listed twice counts once. Events outside the populated cells are reported, not dropped in
/// silence. Events whose place is not exact have no cell.
///
/// # Errors
/// [`StatsError::TooFew`] without populated cells; [`StatsError::OutOfRange`] for a minimum of 0.
///
/// # Source
/// ACLED Conflict Index, geographic diffusion (share of populated 10 × 10 km cells with ten and more events).
///
/// # Example
/// ```
/// use tukhum::stats::diffusion::diffusion;
/// use tukhum::stats::grid::Cell;
/// let cells: Vec<Cell> = (0..4).map(|column| Cell { row: 1, column }).collect();
/// let events = [cells[0], cells[0], cells[3], Cell { row: 9, column: 9 }];
/// let spread = diffusion(&cells, &events, 1)?;
/// assert_eq!((spread.share, spread.events_elsewhere), (0.5, 1));
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn diffusion(
    populated: &[Cell],
    events: &[Cell],
    minimum_events: usize,
) -> Result<Diffusion, StatsError> {
    if minimum_events == 0 {
        let rule = "must be at least 1: every cell has 0 events or more";
        return Err(StatsError::OutOfRange {
            what: "minimum_events",
            value: 0.0,
            rule,
        });
    }
    let populated: BTreeSet<Cell> = populated.iter().copied().collect();
    if populated.is_empty() {
        return Err(StatsError::TooFew {
            what: "populated cells",
            needed: 1,
            found: 0,
        });
    }
    let mut counts: BTreeMap<Cell, usize> = BTreeMap::new();
    let mut events_elsewhere = 0;
    for cell in events {
        if populated.contains(cell) {
            *counts.entry(*cell).or_default() += 1;
        } else {
            events_elsewhere += 1;
        }
    }
    let affected_cells = counts
        .values()
        .filter(|count| **count >= minimum_events)
        .count();
    let share = affected_cells as f64 / populated.len() as f64;
    Ok(Diffusion {
        populated_cells: populated.len(),
        affected_cells,
        share,
        events_elsewhere,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_of_the_minimum() {
        let cell = Cell { row: 0, column: 0 };
        let other = Cell { row: 0, column: 1 };
        let share = |n: usize| {
            diffusion(&[cell, other, cell], &vec![cell; n], 10)
                .unwrap()
                .share
        };
        assert_eq!((share(0), share(9), share(10)), (0.0, 0.0, 0.5));
        assert!(diffusion(&[], &[cell], 1).is_err());
        assert!(diffusion(&[cell], &[cell], 0).is_err());
    }
}
