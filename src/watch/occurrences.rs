//! What happened on a day: first-time targets and operations against several places.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::file::{FirstTimeWatch, OperationWatch};
use super::{Kind, Named, Observation, Observed, Signal};
use crate::datasets::LedgerEvent;
use crate::edition::{Edition, Sources};
use crate::framework::UnitKind;
use crate::geo::{Point, distance_within_km};
use crate::measures::{Context, concerns, places};
use crate::stats::coordination::{self, Strike};
use crate::stats::geodesic::Position;

/// Ledger rows that say that a target was hit for the first time.
pub(super) fn first_time(sources: &Sources, edition: &Edition<'_>, watch: &FirstTimeWatch, seen: &mut Observation) {
    let context = context(sources, edition);
    let since = places::since(&edition.evidence, watch.window_months.whole());
    for event in places::ledger_attacks(&context, since).filter(|e| e.first_time) {
        let units = units_of(edition, event);
        if units.is_empty() {
            continue;
        }
        seen.signals.push(Observed {
            detail: format!("{} on {}, by {}; a source says so", event.place.en, event.date, event.actor),
            signal: Signal {
                id: format!("first_time/{}", event.id),
                kind: Kind::FirstTime,
                severity: watch.severity,
                headline: format!("{} was hit for the first time.", event.place.en),
                units,
            },
            advice: None,
        });
    }
}

/// A place hit by one actor on one day.
struct Hit {
    at: Point,
    place: String,
    units: Vec<Named>,
}

/// Operations of one actor against several places on one day, source by source; where both a source
/// of rows and the ledger tell of one, the larger count stands.
///
/// Attacks without a day, a precise place or a known actor are no part of an operation.
pub(super) fn operations(sources: &Sources, edition: &Edition<'_>, watch: &OperationWatch, seen: &mut Observation) {
    let context = context(sources, edition);
    let since = places::since(&edition.evidence, watch.window_months.whole());
    let mut rows: BTreeMap<(String, Date), Vec<Hit>> = BTreeMap::new();
    for event in places::point_attacks(&context, since) {
        let Some(at) = event.now.at else { continue };
        let units = event.province.iter().filter_map(|p| edition.provinces.unit(p)).map(|u| named(u.unit)).collect();
        let hit = Hit { at, place: format!("{:.2}, {:.2}", at.latitude, at.longitude), units };
        rows.entry((places::actor(event).to_owned(), event.now.date)).or_default().push(hit);
    }
    let mut ledger: BTreeMap<(String, Date), Vec<Hit>> = BTreeMap::new();
    let whole = |e: &&LedgerEvent| places::has_place(e) && e.date_precision == "day" && e.actor != "unknown";
    for event in places::ledger_attacks(&context, since).filter(whole) {
        let Some(at) = event.at else { continue };
        let hit = Hit { at, place: event.place.en.clone(), units: units_of(edition, event) };
        ledger.entry((event.actor.clone(), event.date)).or_default().push(hit);
    }
    let mut found: BTreeMap<String, (u32, Observed)> = BTreeMap::new();
    for ((actor, day), hits) in ledger.into_iter().chain(rows) {
        let Some((count, observed)) = operation(&actor, day, &hits, watch) else { continue };
        let id = observed.signal.id.clone();
        if found.get(&id).is_none_or(|(largest, _)| *largest < count) {
            found.insert(id, (count, observed));
        }
    }
    seen.signals.extend(found.into_values().map(|(_, observed)| observed));
}

/// The widest operation among the hits of one actor on one day, if it reaches the first step.
fn operation(actor: &str, day: Date, hits: &[Hit], watch: &OperationWatch) -> Option<(u32, Observed)> {
    // The first hit of each place, by which the place is known.
    let mut known: Vec<usize> = Vec::new();
    let mut strikes: Vec<Strike> = Vec::new();
    for (i, hit) in hits.iter().enumerate() {
        let same = |k: &usize| distance_within_km(hits[*k].at, hit.at, watch.same_place_km.value).is_some();
        let place = known.iter().copied().find(same).unwrap_or(i);
        if place == i {
            known.push(i);
        }
        let at = hits.get(place)?.at;
        strikes.push(Strike { actor: 0, day: 0, place: place as u32, position: Position::new(at.longitude, at.latitude).ok()? });
    }
    let radius = watch.radius_km.value;
    let widest = coordination::operations(&strikes, radius).ok()?.into_iter().next()?;
    let step = watch.step.iter().rev().find(|s| widest.places >= s.places)?;
    let centre = hits.get(widest.centre_place as usize)?.at;
    let inside = |i: &usize| distance_within_km(centre, hits[*i].at, radius).is_some();
    let mut names: Vec<&str> = known.iter().filter(|i| inside(i)).map(|i| hits[*i].place.as_str()).collect();
    names.sort_unstable();
    let touched = (0..hits.len()).filter(inside).flat_map(|i| &hits[i].units);
    let units: BTreeMap<&str, &Named> = touched.map(|u| (u.id.as_str(), u)).collect();
    if units.is_empty() {
        return None;
    }
    let observed = Observed {
        detail: names.join("; "),
        signal: Signal {
            id: format!("operation/{actor}/{day}"),
            kind: Kind::Operation,
            severity: step.severity,
            headline: format!("{actor} struck {} places on {day}, within {radius} km.", widest.places),
            units: units.into_values().cloned().collect(),
        },
        advice: None,
    };
    Some((widest.places, observed))
}

fn context<'a>(sources: &'a Sources, edition: &'a Edition<'_>) -> Context<'a> {
    Context { evidence: &edition.evidence, attack: &sources.framework(UnitKind::Provinces).attack }
}

/// Scored provinces and crossings that a ledger row concerns.
fn units_of(edition: &Edition<'_>, event: &LedgerEvent) -> Vec<Named> {
    edition.rankings().into_iter().flat_map(|r| &r.units).filter(|u| concerns(u.unit, event)).map(|u| named(u.unit)).collect()
}

fn named(unit: crate::evidence::Unit<'_>) -> Named {
    Named { id: unit.id().into(), name: unit.name().en.clone() }
}
