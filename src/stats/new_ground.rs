//! Is this the first event here for a long time?

use std::collections::HashMap;

use super::error::{StatsError, same_length};
use super::geodesic::Position;
use super::grid::{Cell, Grid};

/// What an event means for its cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Novelty {
    /// No event in the cell since the record began, and the record reaches back the whole window.
    FirstOnRecord,
    /// Earlier events in the cell, the last one longer ago than the window.
    FirstInWindow {
        /// Days since the last earlier event.
        quiet_days: i64,
    },
    /// An event in the cell within the window.
    Known {
        /// Days since the last earlier event.
        quiet_days: i64,
    },
    /// No earlier event, but the record begins less than a window before: cannot be told.
    Undetermined {
        /// Days of record before the event.
        days_on_record: i64,
    },
}

impl Novelty {
    /// Whether the event broke new ground; `None` if it cannot be told.
    pub fn is_new(&self) -> Option<bool> {
        match self {
            Novelty::FirstOnRecord | Novelty::FirstInWindow { .. } => Some(true),
            Novelty::Known { .. } => Some(false),
            Novelty::Undetermined { .. } => None,
        }
    }
}

/// Tells for each event whether its cell had none in the window before.
///
/// # Formula
/// ```text
/// quiet_days(i) = day_i − max { day_j : cell_j = cell_i, day_j < day_i }
/// new ground    = no such j, or quiet_days > window_days
/// ```
///
/// # Units and shape
/// Day numbers; `window_days` 730 for the project's 24 months; the grid is [`Grid`], 25 km in the
/// project's indicators. One answer per event, in the order given. Events of the same day and cell are
/// one occurrence: none of them makes another one known.
///
/// # Missing and degenerate values
/// Events whose place is not exact enough for a cell (`where_prec` 4 and coarser) have no [`Position`] and
/// must be left out, both as candidates and as history; the caller says how many. If the record (its
/// first covered day is `record_start`) is younger than the window and holds nothing, the answer is
/// [`Novelty::Undetermined`], not new.
///
/// # Errors
/// [`StatsError::LengthMismatch`]; [`StatsError::OutOfRange`] for a negative window;
/// [`StatsError::BadEntry`] for an event before the start of the record.
///
/// # Source
/// Onset after quiet as in Schutte & Weidmann, *Diffusion patterns of violence in civil wars*, Political
/// Geography 30 (2011), 143–152 (not read at first hand); window and grid are the project's.
///
/// # Example
/// ```
/// use tukhum::stats::geodesic::Position;
/// use tukhum::stats::grid::Grid;
/// use tukhum::stats::new_ground::{Novelty, new_ground};
/// let diboli = Position::new(-12.20, 14.47)?;
/// let answers = new_ground(&[1000, 1005], &[diboli, diboli], Grid::new(25.0)?, 730, 0)?;
/// assert_eq!(answers, [Novelty::FirstOnRecord, Novelty::Known { quiet_days: 5 }]);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn new_ground(
    days: &[i64],
    positions: &[Position],
    grid: Grid,
    window_days: i64,
    record_start: i64,
) -> Result<Vec<Novelty>, StatsError> {
    same_length("days", days.len(), "positions", positions.len())?;
    if window_days < 0 {
        let rule = "must be at least 0";
        return Err(StatsError::OutOfRange {
            what: "window_days",
            value: window_days as f64,
            rule,
        });
    }
    if let Some(index) = days.iter().position(|&day| day < record_start) {
        let rule = "lies before the start of the record";
        return Err(StatsError::BadEntry {
            what: "days",
            index,
            value: days[index] as f64,
            rule,
        });
    }
    let mut order: Vec<usize> = (0..days.len()).collect();
    order.sort_by_key(|&index| days[index]);
    // Per cell: the last day with events, and the last day before that one.
    let mut history: HashMap<Cell, (i64, Option<i64>)> = HashMap::new();
    let mut answers = vec![Novelty::FirstOnRecord; days.len()];
    for index in order {
        let day = days[index];
        let seen = history
            .entry(grid.cell(positions[index]))
            .or_insert((day, None));
        if seen.0 < day {
            *seen = (day, Some(seen.0));
        }
        answers[index] = match seen.1 {
            Some(earlier) if day.saturating_sub(earlier) > window_days => Novelty::FirstInWindow {
                quiet_days: day.saturating_sub(earlier),
            },
            Some(earlier) => Novelty::Known {
                quiet_days: day.saturating_sub(earlier),
            },
            None if day.saturating_sub(record_start) < window_days => Novelty::Undetermined {
                days_on_record: day.saturating_sub(record_start),
            },
            None => Novelty::FirstOnRecord,
        };
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Position {
        Position::new(-12.2, 14.47).unwrap()
    }

    #[test]
    fn each_side_of_the_window() {
        let grid = Grid::new(25.0).unwrap();
        let answer =
            |days: &[i64]| new_ground(days, &vec![place(); days.len()], grid, 730, 0).unwrap();
        assert_eq!(answer(&[1000, 1730])[1], Novelty::Known { quiet_days: 730 });
        assert_eq!(
            answer(&[1000, 1731])[1],
            Novelty::FirstInWindow { quiet_days: 731 }
        );
        // Order of rows does not matter; two events of one day do not know each other.
        assert_eq!(
            answer(&[1731, 1000])[0],
            Novelty::FirstInWindow { quiet_days: 731 }
        );
        assert_eq!(answer(&[900, 900]), vec![Novelty::FirstOnRecord; 2]);
        assert_eq!(
            answer(&[729])[0],
            Novelty::Undetermined {
                days_on_record: 729
            }
        );
        assert_eq!(answer(&[730])[0].is_new(), Some(true));
        assert_eq!(answer(&[]), vec![]);
    }

    #[test]
    fn bad_input_is_refused() {
        let grid = Grid::new(25.0).unwrap();
        assert!(new_ground(&[1], &[], grid, 730, 0).is_err());
        assert!(new_ground(&[1], &[place()], grid, -1, 0).is_err());
        assert!(new_ground(&[1], &[place()], grid, 730, 2).is_err());
        assert!(new_ground(&[i64::MAX], &[place()], grid, i64::MAX, i64::MIN).is_ok());
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn a_wider_window_never_makes_more_ground_new(days in proptest::collection::vec(2000_i64..4000, 1..60)) {
            let grid = Grid::new(25.0).unwrap();
            let places = vec![place(); days.len()];
            let count = |window| new_ground(&days, &places, grid, window, 0).unwrap().iter().filter(|n| n.is_new() == Some(true)).count();
            proptest::prop_assert!(count(60) >= count(300));
        }
    }
}
