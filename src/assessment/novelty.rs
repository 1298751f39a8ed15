//! T2: did the wave break new ground?
//!
//! That a place was hit, any source may show, the ledger too. That nothing happened there before, only an
//! exhaustive source can; an earlier attack in the ledger refutes it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::record::{Record, covered};
use super::{Answer, Figure, Item, Used, days_after, months_before};
use crate::datasets::{AreaKind, LedgerEvent};
use crate::geo::{Point, distance_km};
use crate::measures::places::has_place;
use crate::stats::geodesic::Position;
use crate::stats::grid::Grid;
use crate::stats::new_ground::new_ground;
use crate::text::{Day, days_between};

/// Height of a cell in degrees of latitude: 25 km.
const STEP: f64 = 0.225;

/// A cell of the grid that the cell counts use: row and column.
type Cell = (i32, i32);

/// The cell of a point, by the formula in the manifest of the cell counts.
fn cell(at: Point) -> Cell {
    let row = ((at.latitude + 90.0) / STEP).floor();
    (row as i32, ((at.longitude + 180.0) / width(row)).floor() as i32)
}

fn width(row: f64) -> f64 {
    STEP / (-90.0 + (row + 0.5) * STEP).to_radians().cos()
}

fn centre((row, column): Cell) -> Option<Position> {
    let row = f64::from(row);
    Position::new(-180.0 + (f64::from(column) + 0.5) * width(row), -90.0 + (row + 0.5) * STEP).ok()
}

/// The cell that an id such as `r467c702` names.
fn cell_of_id(id: &str) -> Option<Cell> {
    let (row, column) = id.strip_prefix('r')?.split_once('c')?;
    Some((row.parse().ok()?, column.parse().ok()?))
}

pub(super) fn answer(record: &Record<'_>) -> Item {
    let numbers = &record.battery.novelty;
    let mut item = Item::new("T2", &numbers.about);
    let evidence = record.evidence;
    let start = months_before(record.wave, numbers.window_months.whole());

    // The wave's cells in the belt, each with the name of a place.
    let mut hit: BTreeMap<Cell, String> = BTreeMap::new();
    let mut gates: BTreeMap<Cell, &str> = BTreeMap::new();
    // A place that is only near may lie in the next cell, and would count an attack of the other source twice.
    let exact = |e: &&LedgerEvent| e.where_precision == "exact" && record.in_belt(e.province.as_deref());
    let ledger: Vec<_> = record.wave_places().into_iter().filter(exact).collect();
    for (event, at) in ledger.iter().filter_map(|e| Some((e, e.at?))) {
        hit.entry(cell(at)).or_insert_with(|| event.place.clone());
        if let Some(crossing) = &event.crossing {
            gates.insert(cell(at), crossing);
        }
    }
    let rows: Vec<_> = record.wave_rows().into_iter().filter(|e| e.has_point() && record.in_belt(e.province.as_deref())).collect();
    for at in rows.iter().filter_map(|e| e.now.at) {
        hit.entry(cell(at)).or_insert_with(|| near(record, at));
    }
    let on_the_day = |dataset: &str, rows: usize| Used { dataset: dataset.into(), rows, from: Day(record.wave), to: Day(record.wave) };
    item.used.push(on_the_day("ledger_events", ledger.len()));
    if !rows.is_empty() {
        item.used.push(on_the_day(record.source.unwrap_or_default(), rows.len()));
    }
    if hit.is_empty() {
        return item.needs("no source known on this date places the wave in the belt: its rows with a place would settle it");
    }

    // History: every event with a place, of whatever side, and cell counts of the months that points do not reach.
    let mut spans: Vec<(Date, Date)> = Vec::new();
    let country = record.battery.wave.country.as_str();
    let mut history: Vec<(Date, Cell)> = Vec::new();
    let points = evidence.events.iter().filter(|e| e.has_point() && e.now.date >= start && e.now.date < record.wave);
    history.extend(points.filter_map(|e| Some((e.now.date, cell(e.now.at?)))));
    let point_rows = history.len();
    for id in evidence.data.events.keys() {
        spans.extend(covered(evidence.data, evidence.as_of, id, country));
    }
    let mut cell_rows: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, counts) in &evidence.data.counts {
        let known = covered(evidence.data, evidence.as_of, id, country);
        if !counts.iter().any(|r| r.area_kind == AreaKind::Cell) || known.is_empty() {
            continue;
        }
        let releases: Vec<&str> = evidence
            .data
            .manifests
            .get(id)
            .into_iter()
            .flat_map(|m| &m.coverage)
            .filter(|c| evidence.as_of.knows(c.published.0))
            .map(|c| c.release.as_str())
            .collect();
        for row in counts.iter().filter(|r| r.area_kind == AreaKind::Cell && releases.contains(&r.release.as_str())) {
            // A month says no day: its last one makes ground known for longest.
            let day = row.month.last_day();
            if let Some(cell) = row.area.as_deref().and_then(cell_of_id).filter(|_| day >= start && day < record.wave) {
                history.push((day, cell));
                *cell_rows.entry(id).or_default() += 1;
            }
        }
        spans.extend(known);
    }
    spans.sort_unstable();
    let mut next = start;
    for (from, to) in spans {
        if from <= next && to >= next {
            next = days_after(to, 1);
        }
    }
    let others = evidence.ledger.iter().filter(|e| {
        e.date >= start && e.date < record.wave && has_place(e) && record.attack.ledger_event_types.contains(&e.event_type)
    });
    let told: Vec<(Date, Cell)> = others.filter_map(|e| Some((e.date, cell(e.at?)))).collect();
    item.used.push(Used { dataset: record.source.unwrap_or_default().into(), rows: point_rows, from: Day(start), to: Day(record.eve()) });
    item.used.extend(cell_rows.iter().map(|(id, rows)| Used { dataset: (*id).into(), rows: *rows, from: Day(start), to: Day(record.eve()) }));
    item.used.push(Used { dataset: "ledger_events".into(), rows: told.len(), from: Day(start), to: Day(record.eve()) });
    history.extend(told);
    if next < record.wave {
        return item
            .needs(format!("from {next} on the {} months before the wave are not covered by points or cell counts", numbers.window_months.whole()))
            .needs(record.settle(record.eve()));
    }

    let cells: Vec<Cell> = hit.keys().copied().collect();
    let placed: Option<Vec<Position>> = history.iter().map(|(_, c)| *c).chain(cells.iter().copied()).map(centre).collect();
    let wave_day = i64::from(days_between(start, record.wave));
    let days: Vec<i64> = history.iter().map(|(d, _)| i64::from(days_between(start, *d))).chain(cells.iter().map(|_| wave_day)).collect();
    // Every event sits on the centre of its cell, so that a grid of 1 km tells the cells apart.
    let answers = placed.and_then(|p| new_ground(&days, &p, Grid::new(1.0).ok()?, wave_day, 0).ok());
    let Some(answers) = answers else { return item.needs("a cell lies outside the world") };
    let new: Vec<(Cell, bool)> = cells.into_iter().zip(answers.iter().skip(history.len()).map(|n| n.is_new() == Some(true))).collect();
    let names = |wanted: bool| new.iter().filter(|(_, n)| *n == wanted).filter_map(|(c, _)| hit.get(c).cloned()).collect::<Vec<_>>();
    let (fresh, known) = (names(true), names(false));
    let share = fresh.len() as f64 / new.len() as f64;
    item.figures.push(Figure::new("share of the wave's cells that are new", Some(share), "share, counted: no interval"));
    item.findings.push(format!("new: {}", listed(&fresh)));
    item.findings.push(format!("known ground: {}", listed(&known)));
    let gates: Vec<String> = new.iter().filter(|(_, n)| *n).filter_map(|(c, _)| gates.get(c)).map(|g| (*g).to_owned()).collect();
    item.findings.push(format!("crossings hit for the first time in the window: {}", listed(&gates)));
    let claimed: Vec<String> = record.wave_ledger().iter().filter(|e| e.first_time).map(|e| e.place.clone()).collect();
    item.findings.push(format!("a source claims a first hit, which is not the statistic: {}", listed(&claimed)));
    let needed = (numbers.share_at_least.value * new.len() as f64).ceil() as usize;
    item.answer = if fresh.len() >= needed { Answer::Yes } else { Answer::No };
    item.turns.push(match item.answer {
        Answer::Yes => format!("earlier events found in {} of the {} new cells would make it no", fresh.len() + 1 - needed, fresh.len()),
        _ => format!("{} of {} cells are new; {needed} would make it yes, which only revised places can bring", fresh.len(), new.len()),
    });
    item
}

/// The nearest town that is on record, with the distance.
fn near(record: &Record<'_>, at: Point) -> String {
    let towns = record.evidence.data.towns.iter().map(|t| (distance_km(t.at, at), t.name.as_str()));
    match towns.min_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((km, name)) => format!("{km:.0} km from {name}"),
        None => format!("latitude {:.2}, longitude {:.2}", at.latitude, at.longitude),
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".into() } else { names.join(", ") }
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
