//! Where there were events before: 25-km cells, from points and from cell counts.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::datasets::AreaKind;
use crate::evidence::Evidence;
use crate::geo::Point;
use crate::stats::geodesic::Position;
use crate::text::Month;

/// Height of a cell in degrees of latitude: 25 km.
const STEP: f64 = 0.225;

/// A cell of the grid that the cell counts use: row and column.
pub type Cell = (i32, i32);

/// The cell of a point, by the formula in the manifest of the cell counts.
pub fn cell(at: Point) -> Cell {
    let row = ((at.latitude + 90.0) / STEP).floor();
    (row as i32, ((at.longitude + 180.0) / width(row)).floor() as i32)
}

fn width(row: f64) -> f64 {
    STEP / (-90.0 + (row + 0.5) * STEP).to_radians().cos()
}

/// The middle of a cell; none outside the world.
pub fn centre((row, column): Cell) -> Option<Position> {
    let row = f64::from(row);
    Position::new(-180.0 + (f64::from(column) + 0.5) * width(row), -90.0 + (row + 0.5) * STEP).ok()
}

/// The cell that an id such as `r467c702` names.
fn cell_of_id(id: &str) -> Option<Cell> {
    let (row, column) = id.strip_prefix('r')?.split_once('c')?;
    Some((row.parse().ok()?, column.parse().ok()?))
}

/// Events of every kind in cells, of the exhaustive sources.
#[derive(Debug, Default)]
pub struct Ground {
    pub events: Vec<(Date, Cell)>,
    /// How many of them are rows with a point.
    pub points: usize,
    /// How many rows of each cell table.
    pub cells: BTreeMap<String, usize>,
}

impl Ground {
    /// Events from `start` to the day before `end`; a month's count stands on its last day, which makes
    /// ground known for longest.
    pub fn between(evidence: &Evidence<'_>, start: Date, end: Date) -> Self {
        let within = |day: Date| day >= start && day < end;
        let points = evidence.events.iter().filter(|e| e.has_point() && within(e.now.date));
        let mut ground = Self { events: points.filter_map(|e| Some((e.now.date, cell(e.now.at?)))).collect(), ..Self::default() };
        ground.points = ground.events.len();
        for (id, counts) in evidence.data.counts.iter().filter(|(_, rows)| rows.iter().any(|r| r.area_kind == AreaKind::Cell)) {
            let known = |release: &str| {
                let manifest = evidence.data.manifests.get(id);
                manifest.is_some_and(|m| m.coverage.iter().any(|c| c.release == release && evidence.as_of.knows(c.published.0)))
            };
            let releases: std::collections::BTreeSet<&str> = counts.iter().map(|r| r.release.as_str()).filter(|r| known(r)).collect();
            for row in counts.iter().filter(|r| r.area_kind == AreaKind::Cell && releases.contains(r.release.as_str())) {
                let day = row.month.last_day();
                if let Some(cell) = row.area.as_deref().and_then(cell_of_id).filter(|_| within(day)) {
                    ground.events.push((day, cell));
                    *ground.cells.entry(id.clone()).or_default() += 1;
                }
            }
        }
        ground
    }
}

/// The first day of the unbroken run of months up to `last` in which points or cell counts cover a country.
pub fn record_start(evidence: &Evidence<'_>, country: &str, last: Month) -> Option<Date> {
    let places = |id: &str| {
        evidence.data.events.contains_key(id) || evidence.data.counts.get(id).is_some_and(|rows| rows.iter().any(|r| r.area_kind == AreaKind::Cell))
    };
    let spans: Vec<_> = evidence
        .data
        .manifests
        .iter()
        .filter(|(id, _)| places(id))
        .flat_map(|(_, m)| &m.coverage)
        .filter(|c| evidence.as_of.knows(c.published.0))
        .collect();
    let covered = |month: Month| spans.iter().any(|c| c.holds(country, month));
    (0..1200).map(|k| last.minus(k)).take_while(|m| covered(*m)).last().map(Month::first_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_agree_with_the_published_ids() {
        let bf = Point { longitude: -4.3053, latitude: 9.7875 };
        assert_eq!(Some(cell(bf)), cell_of_id("r443c769"));
        let centre = centre((441, 777)).unwrap();
        assert!((centre.latitude() - 9.3375).abs() < 1e-4 && (centre.longitude() + 2.7134).abs() < 1e-4);
        assert_eq!(cell_of_id("r1x2"), None);
    }
}
