//! A panel from a plain table of counts, for a country whose data are not in the workspace.

use std::collections::{BTreeMap, BTreeSet};

use super::panel::{Grid, Panel, PanelUnit};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::geo::Point;
use crate::text::{Month, parse_day};

/// One row of the table.
#[derive(serde::Deserialize)]
struct Row {
    unit: String,
    /// `yyyy-mm` or `yyyy-mm-dd`
    month: String,
    /// Empty: not known.
    events: Option<u32>,
    deadly: Option<u32>,
    deaths: Option<u32>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    country: Option<String>,
    region: Option<String>,
}

/// Units closer than this are neighbours, in km: about the width of a second-level unit.
const NEIGHBOURS_KM: f64 = 100.0;

/// Units of one table: more take more memory than a laptop has.
const MOST_UNITS: usize = 5000;

/// Reads a table with the columns `unit, month, events`, and `deadly, deaths, latitude, longitude, country, region` if there are any.
///
/// # Units and shape
/// One row per unit and month, months as `yyyy-mm`. Without the column `deadly` every event counts as deadly.
/// The months run from the first to the last of the table.
///
/// # Missing and degenerate values
/// A month without a row has no event: the table is taken to be exhaustive. A row with an empty number of
/// events is a month that is not known.
///
/// # Errors
/// All that is wrong with the table: columns, numbers, months, a unit and month that stand twice, no event at all.
pub fn read_counts(path: &str, bytes: &[u8]) -> Result<Panel, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut rows: BTreeMap<(String, Month), Row> = BTreeMap::new();
    for (i, row) in csv::Reader::from_reader(bytes).deserialize::<Row>().enumerate() {
        let place = |column: &str| Place::Line { path: path.into(), line: i as u64 + 2, column: Some(column.into()) };
        let rule = "each row has a unit, a month as yyyy-mm and whole numbers, or nothing where a count is not known";
        match row {
            Err(error) => problems.push(Diagnostic::error("counts-row", error.to_string(), place("unit")).rule(rule).help("mend the row, or the header: unit,month,events,deadly,deaths,latitude,longitude")),
            Ok(row) => match month(&row.month) {
                None => problems.push(Diagnostic::error("counts-month", format!("`{}` is not a month", row.month), place("month")).rule(rule).help("write it as 2024-05")),
                Some(month) => {
                    let wrong = point(&row).is_some_and(|p| !(p.latitude.abs() <= 90.0 && p.longitude.abs() <= 180.0));
                    if wrong {
                        problems.push(Diagnostic::error("counts-point", "the point is not on the earth", place("latitude")).rule("latitude -90 to 90, longitude -180 to 180, WGS 84").help("mend the point or leave it empty"));
                    }
                    let key = (row.unit.clone(), month);
                    if rows.insert(key, row).is_some() {
                        problems.push(Diagnostic::error("counts-twice", "the unit and month stand in an earlier row", place("month")).rule("one row per unit and month").help("add the rows up, or remove one"));
                    }
                }
            },
        }
    }
    let any = rows.values().any(|r| deadly(r).is_some_and(|n| n > 0));
    let (first, last) = (rows.keys().map(|k| k.1).min(), rows.keys().map(|k| k.1).max());
    match (first, last) {
        (Some(first), Some(last)) if any && last.0 - first.0 <= 12 * 200 => {
            let units = rows.keys().map(|k| &k.0).collect::<BTreeSet<_>>().len();
            if units > MOST_UNITS {
                problems.push(Diagnostic::error("counts-large", format!("the table has {units} units"), Place::file(path)).rule(format!("at most {MOST_UNITS} units are tested at once")).help("take a coarser unit, or one country at a time"));
            }
            if problems.has_errors() { Err(problems) } else { Ok(panel(&rows, first, last)) }
        }
        _ => {
            problems.push(Diagnostic::error("counts-empty", "the table has no unit and month with an event, or spans more than 200 years", Place::file(path)).rule("a backtest needs events to foresee").help("check the table and its header"));
            Err(problems)
        }
    }
}

fn month(text: &str) -> Option<Month> {
    let day = if text.len() == 7 { format!("{text}-01") } else { text.to_owned() };
    parse_day(&day).map(Month::of)
}

fn point(row: &Row) -> Option<Point> {
    Some(Point { longitude: row.longitude?, latitude: row.latitude? })
}

fn deadly(row: &Row) -> Option<u32> {
    row.deadly.or(row.events)
}

fn panel(rows: &BTreeMap<(String, Month), Row>, first: Month, last: Month) -> Panel {
    let names: BTreeSet<&str> = rows.keys().map(|(unit, _)| unit.as_str()).collect();
    let mut units: Vec<PanelUnit> = names
        .iter()
        .map(|name| {
            let months = || rows.range(((*name).to_owned(), Month(i32::MIN))..=((*name).to_owned(), Month(i32::MAX))).map(|(_, r)| r);
            let own = |f: &dyn Fn(&Row) -> Option<String>| months().find_map(f).unwrap_or_default();
            PanelUnit {
                id: (*name).to_owned(),
                name: (*name).to_owned(),
                country: own(&|r| r.country.clone()),
                region: own(&|r| r.region.clone()),
                at: mean_point(months().filter_map(point)),
                scored: true,
                west: false,
                neighbours: Vec::new(),
                near: Vec::new(),
            }
        })
        .collect();
    join_near(&mut units, NEIGHBOURS_KM);
    let mut outcomes = Grid::missing(units.len(), first, last);
    for (u, name) in names.iter().enumerate() {
        for month in (first.0..=last.0).map(Month) {
            let counts = rows.get(&((*name).to_owned(), month)).map_or([Some(0); 3], |r| [deadly(r), r.events, r.deaths]);
            outcomes.set(u, month, counts);
        }
    }
    Panel::new(units, outcomes, BTreeMap::new())
}

/// The mean of some points that lie close together; none without points.
fn mean_point(points: impl Iterator<Item = Point>) -> Option<Point> {
    let (n, latitude, longitude) = points.fold((0.0, 0.0, 0.0), |(n, a, b), p| (n + 1.0, a + p.latitude, b + p.longitude));
    (n > 0.0).then(|| Point { latitude: latitude / n, longitude: longitude / n })
}

/// Makes units whose points are at most `km` apart neighbours.
pub(super) fn join_near(units: &mut [PanelUnit], km: f64) {
    let points: Vec<Option<Point>> = units.iter().map(|u| u.at).collect();
    for (u, unit) in units.iter_mut().enumerate() {
        let near = |v: &usize| *v != u && points.get(*v).copied().flatten().zip(unit.at).is_some_and(|(a, b)| crate::geo::distance_within_km(a, b, km).is_some());
        unit.neighbours = (0..points.len()).filter(near).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_without_a_row_is_zero_and_an_empty_cell_is_missing() {
        let table = "unit,month,events,deaths,latitude,longitude\na,2020-01,2,5,14.0,-11.0\na,2020-04,,,,\nb,2020-03,1,0,14.5,-11.0\n";
        let panel = read_counts("counts.csv", table.as_bytes()).unwrap();
        assert_eq!(panel.outcomes.deadly, [[Some(2), Some(0), Some(0), None], [Some(0), Some(0), Some(1), Some(0)]]);
        assert_eq!(panel.outcomes.deaths[0][0], Some(5));
        assert_eq!(panel.units[0].neighbours, [1], "56 km apart");
        let history = panel.history(Month::of(parse_day("2020-04-30").unwrap()), 2).unwrap();
        assert_eq!(history.last().to_string(), "2020-02");
        assert_eq!(history.deadly(0), [Some(2), Some(0)]);
        assert_eq!(history.latest(1, 3), None, "three months are not known");
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let table = "unit,month,events\na,2020-13,1\na,2020-01,-3\na,2020-02,1\na,2020-02,1\n";
        let problems = read_counts("counts.csv", table.as_bytes()).unwrap_err();
        let codes: Vec<&str> = problems.sorted().iter().map(|d| d.code).collect();
        assert_eq!(codes.len(), 3, "{codes:?}");
        for code in ["counts-month", "counts-row", "counts-twice"] {
            assert!(codes.contains(&code), "{code}");
        }
        for empty in ["", "unit,month,events\n", "unit,month,events\na,2020-01,0\n"] {
            assert_eq!(read_counts("counts.csv", empty.as_bytes()).unwrap_err().errors(), 1, "{empty:?}");
        }
    }
}
