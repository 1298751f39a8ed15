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
use crate::measures::ground::{Cell, Ground, cell, centre};
use crate::measures::places::has_place;
use crate::stats::geodesic::Position;
use crate::stats::grid::Grid;
use crate::stats::new_ground::new_ground;
use crate::say;
use crate::text::{Arg, Day, Text, days_between};

pub(super) fn answer(record: &Record<'_>) -> Item {
    let numbers = &record.battery.novelty;
    let mut item = Item::new("T2", &numbers.about);
    let evidence = record.evidence;
    let start = months_before(record.wave, numbers.window_months.whole());

    // The wave's cells in the belt, each with the name of a place.
    let mut hit: BTreeMap<Cell, Text> = BTreeMap::new();
    let mut gates: BTreeMap<Cell, &str> = BTreeMap::new();
    // A place that is only near may lie in the next cell, and would count an attack of the other source twice.
    let exact = |e: &&LedgerEvent| e.where_precision == "exact" && record.in_belt(e.region.as_deref());
    let ledger: Vec<_> = record.wave_places().into_iter().filter(exact).collect();
    for (event, at) in ledger.iter().filter_map(|e| Some((e, e.at?))) {
        hit.entry(cell(at)).or_insert_with(|| event.place.clone());
        if let Some(crossing) = &event.crossing {
            gates.insert(cell(at), crossing);
        }
    }
    let rows: Vec<_> = record.wave_rows().into_iter().filter(|e| e.has_point() && record.in_belt(e.region.as_deref())).collect();
    for at in rows.iter().filter_map(|e| e.now.at) {
        hit.entry(cell(at)).or_insert_with(|| near(record, at));
    }
    let on_the_day = |dataset: &str, rows: usize| Used { dataset: dataset.into(), rows, from: Day(record.wave), to: Day(record.wave) };
    item.used.push(on_the_day("ledger_events", ledger.len()));
    if !rows.is_empty() {
        item.used.push(on_the_day(record.source.unwrap_or_default(), rows.len()));
    }
    if hit.is_empty() {
        return item.needs(say!("assessment.wave_not_placed"));
    }

    // History: every event with a place, of whatever side, and cell counts of the months that points do not reach.
    let mut spans: Vec<(Date, Date)> = Vec::new();
    let country = record.battery.wave.country.as_str();
    let ground = Ground::between(evidence, start, record.wave);
    let (mut history, point_rows, cell_rows) = (ground.events, ground.points, ground.cells);
    let with_cells = |id: &String| evidence.data.counts.get(id).is_some_and(|rows| rows.iter().any(|r| r.area_kind == AreaKind::Cell));
    for id in evidence.data.events.keys().chain(evidence.data.counts.keys().filter(|id| with_cells(id))) {
        spans.extend(covered(evidence.data, evidence.as_of, id, country));
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
    item.used.extend(cell_rows.iter().map(|(id, rows)| Used { dataset: id.clone(), rows: *rows, from: Day(start), to: Day(record.eve()) }));
    item.used.push(Used { dataset: "ledger_events".into(), rows: told.len(), from: Day(start), to: Day(record.eve()) });
    history.extend(told);
    if next < record.wave {
        let why = say!("assessment.ground_not_covered", day = next, months = numbers.window_months.whole());
        return item.needs_data(why, record.settle(record.eve()));
    }

    let cells: Vec<Cell> = hit.keys().copied().collect();
    let placed: Option<Vec<Position>> = history.iter().map(|(_, c)| *c).chain(cells.iter().copied()).map(centre).collect();
    let wave_day = i64::from(days_between(start, record.wave));
    let days: Vec<i64> = history.iter().map(|(d, _)| i64::from(days_between(start, *d))).chain(cells.iter().map(|_| wave_day)).collect();
    // Every event sits on the centre of its cell, so that a grid of 1 km tells the cells apart.
    let answers = placed.and_then(|p| new_ground(&days, &p, Grid::new(1.0).ok()?, wave_day, 0).ok());
    let Some(answers) = answers else { return item.needs(say!("assessment.cell_outside_world")) };
    let new: Vec<(Cell, bool)> = cells.into_iter().zip(answers.iter().skip(history.len()).map(|n| n.is_new() == Some(true))).collect();
    let names = |wanted: bool| new.iter().filter(|(_, n)| *n == wanted).filter_map(|(c, _)| hit.get(c).cloned()).collect::<Vec<_>>();
    let (fresh, known) = (names(true), names(false));
    let share = fresh.len() as f64 / new.len() as f64;
    item.figures.push(Figure::new(say!("assessment.share_new"), Some(share), Some(say!("assessment.share_counted"))));
    item.findings.push(say!("assessment.new_cells", list = listed(&fresh)));
    item.findings.push(say!("assessment.known_ground", list = listed(&known)));
    let gates: Vec<Text> = new.iter().filter(|(_, n)| *n).filter_map(|(c, _)| gates.get(c)).map(|g| Text::same(g)).collect();
    item.findings.push(say!("assessment.gates", list = listed(&gates)));
    let claimed: Vec<Text> = record.wave_ledger().iter().filter(|e| e.first_time).map(|e| e.place.clone()).collect();
    item.findings.push(say!("assessment.claimed_first", list = listed(&claimed)));
    let needed = (numbers.share_at_least.value * new.len() as f64).ceil() as usize;
    item.answer = if fresh.len() >= needed { Answer::Yes } else { Answer::No };
    item.turns.push(match item.answer {
        Answer::Yes => say!("assessment.earlier_events_turn", n = fresh.len() + 1 - needed, all = fresh.len()),
        _ => say!("assessment.more_new_cells_turn", n = fresh.len(), all = new.len(), needed = needed),
    });
    item
}

/// The nearest town that is on record, with the distance.
fn near(record: &Record<'_>, at: Point) -> Text {
    let towns = record.evidence.data.towns.iter().map(|t| (distance_km(t.at, at), &t.name));
    match towns.min_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((km, name)) => say!("assessment.km_from", km = Arg::Number(km, 0), town = name),
        None => say!("assessment.latitude_longitude", latitude = Arg::Number(at.latitude, 2), longitude = Arg::Number(at.longitude, 2)),
    }
}

fn listed(names: &[Text]) -> Arg {
    if names.is_empty() { say!("assessment.none").into() } else { names.to_vec().into() }
}
