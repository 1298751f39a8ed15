//! Is a border hit from both sides?

use super::error::{StatsError, non_negative};

/// On which side of the border an event lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The unit's own side.
    Here,
    /// The neighbour's side.
    There,
    /// On the line itself, as far as the sources' precision tells.
    OnTheLine,
}

/// An event near a border.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BorderEvent {
    /// Day number.
    pub day: i64,
    /// Distance to the line in km.
    pub distance_km: f64,
    /// Its side.
    pub side: Side,
}

/// Events near a border, by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BothSides {
    /// Events on the unit's side.
    pub here: usize,
    /// Events on the neighbour's side.
    pub there: usize,
    /// Events on the line, which count for neither side.
    pub on_the_line: usize,
}

impl BothSides {
    /// Whether each side has at least one event.
    pub fn both(&self) -> bool {
        self.here > 0 && self.there > 0
    }

    /// The smaller of the two counts: 0 if one side is quiet.
    pub fn weaker_side(&self) -> usize {
        self.here.min(self.there)
    }
}

/// Counts recent events near a border on each side.
///
/// # Formula
/// ```text
/// counted: as_of − window_days < day ≤ as_of   and   distance ≤ within_km
/// both    = here ≥ 1 and there ≥ 1
/// ```
///
/// # Units and shape
/// Day numbers and km; the project's indicators take 90 days and 50 km.
///
/// # Missing and degenerate values
/// Events on the line are counted apart and make neither side: a post on the line must not look like two
/// sides. If either side is not covered by an exhaustive source, the caller passes the result on as
/// missing, not as `false`. Events after the as-of day are ignored.
///
/// # Errors
/// [`StatsError::BadEntry`] for a distance that is negative or not finite; [`StatsError::OutOfRange`] for
/// a negative window or distance.
///
/// # Source
/// OECD/SWAC, *Borders and Conflicts in North and West Africa* (2022), which compares both sides of a
/// border; window and distance are the project's.
///
/// # Example
/// ```
/// use tukhum::stats::both_sides::{BorderEvent, Side, both_sides};
/// let events = [
///     BorderEvent { day: 100, distance_km: 12.0, side: Side::Here },
///     BorderEvent { day: 60, distance_km: 49.0, side: Side::There },
/// ];
/// assert!(both_sides(&events, 100, 90, 50.0)?.both());
/// assert!(!both_sides(&events, 100, 40, 50.0)?.both());
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn both_sides(
    events: &[BorderEvent],
    as_of: i64,
    window_days: i64,
    within_km: f64,
) -> Result<BothSides, StatsError> {
    non_negative("within_km", within_km)?;
    if window_days < 0 {
        let rule = "must be at least 0";
        return Err(StatsError::OutOfRange {
            what: "window_days",
            value: window_days as f64,
            rule,
        });
    }
    let mut counts = BothSides::default();
    for (index, event) in events.iter().enumerate() {
        if !(event.distance_km.is_finite() && event.distance_km >= 0.0) {
            let (value, rule) = (event.distance_km, "must be finite and at least 0");
            return Err(StatsError::BadEntry {
                what: "distance_km",
                index,
                value,
                rule,
            });
        }
        let recent = event.day <= as_of && event.day > as_of.saturating_sub(window_days);
        if recent && event.distance_km <= within_km {
            match event.side {
                Side::Here => counts.here += 1,
                Side::There => counts.there += 1,
                Side::OnTheLine => counts.on_the_line += 1,
            }
        }
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(day: i64, distance_km: f64, side: Side) -> BorderEvent {
        BorderEvent {
            day,
            distance_km,
            side,
        }
    }

    #[test]
    fn each_side_of_the_limits() {
        let count = |events: &[BorderEvent]| both_sides(events, 100, 90, 50.0).unwrap();
        assert_eq!(count(&[event(11, 50.0, Side::Here)]).here, 1);
        assert_eq!(count(&[event(10, 50.0, Side::Here)]).here, 0);
        assert_eq!(count(&[event(11, 50.1, Side::Here)]).here, 0);
        assert_eq!(count(&[event(101, 1.0, Side::There)]).there, 0);
        let line = count(&[
            event(100, 0.0, Side::OnTheLine),
            event(100, 1.0, Side::Here),
        ]);
        assert!(!line.both() && line.on_the_line == 1 && line.weaker_side() == 0);
        assert_eq!(count(&[]), BothSides::default());
    }

    #[test]
    fn bad_input_is_refused() {
        assert!(both_sides(&[event(1, f64::NAN, Side::Here)], 1, 1, 1.0).is_err());
        assert!(both_sides(&[], 1, -1, 1.0).is_err());
        assert!(both_sides(&[], 1, 1, -1.0).is_err());
        assert!(both_sides(&[], i64::MIN, i64::MAX, 1.0).is_ok());
    }
}
