//! What the measures share about places: which attacks there were, where, and in which unit.

use jiff::civil::Date;

use super::Context;
use crate::datasets::LedgerEvent;
use crate::geo::Point;
use crate::evidence::{Event, Evidence, Unit, Window};
use crate::geo::distance_within_km;
use crate::text::{Month, Text};

/// An attack with a place, from any source.
#[derive(Clone, Debug)]
pub struct Strike {
    pub date: Date,
    pub at: Point,
    pub actor: String,
    /// ISO 3166-1 alpha-3.
    pub country: String,
    pub province: Option<String>,
    /// The name that the source gives; none where it gives a point only.
    pub place: Option<Text>,
    /// `dataset:row`
    pub row: String,
}

/// Attacks of the exhaustive sources that have a point, from `since` on.
pub fn point_attacks<'a>(context: &'a Context<'a>, since: Date) -> impl Iterator<Item = &'a Event> {
    // Events stand in the order of their days.
    let events = &context.evidence.events;
    let first = events.partition_point(|e| e.now.date < since);
    events.iter().skip(first).filter(|e| e.has_point() && context.attack.holds_for_event(&e.now))
}

/// Attacks of the ledger from `since` on.
pub fn ledger_attacks<'a>(context: &'a Context<'a>, since: Date) -> impl Iterator<Item = &'a LedgerEvent> {
    context.evidence.ledger.iter().filter(move |e| e.date >= since && context.attack.holds_for_ledger(e))
}

/// The first day of the `months` months that end on the as-of date.
pub fn since(evidence: &Evidence<'_>, months: i32) -> Date {
    evidence.as_of.day.checked_sub(jiff::Span::new().months(i64::from(months))).unwrap_or(Date::MIN)
}

/// The latest complete months for which every country of `countries` has event rows.
pub fn event_window(evidence: &Evidence<'_>, countries: &[&str], months: i32, max_age: i32) -> Option<Window> {
    Window::latest(evidence.as_of, months, max_age, |month| covers_points(evidence, countries, month))
}

/// Whether event rows cover all of some countries in a month.
pub fn covers_points(evidence: &Evidence<'_>, countries: &[&str], month: Month) -> bool {
    countries.iter().all(|country| {
        evidence.data.events.keys().any(|id| {
            let manifest = evidence.data.manifests.get(id);
            manifest.is_some_and(|m| evidence.as_of.covers(&m.coverage, country, month))
        })
    })
}

/// All months up to the latest covered one, without a gap, for which every country has event rows.
pub fn event_record(evidence: &Evidence<'_>, countries: &[&str], max_age: i32) -> Option<Window> {
    let to = event_window(evidence, countries, 1, max_age)?.to;
    let from = (0..1200).map(|k| to.minus(k)).take_while(|m| covers_points(evidence, countries, *m)).last()?;
    Some(Window { from, to })
}

/// Whether a point lies within a crossing's catchment, on either side of the border.
pub fn within(unit: Unit<'_>, at: Point, radius_km: f64) -> bool {
    match unit {
        Unit::Crossing(crossing) => distance_within_km(crossing.at, at, radius_km).is_some(),
        Unit::Province(_) => false,
    }
}

/// Whether a ledger event concerns a unit: its province, or a point within `radius_km` of the crossing.
pub fn concerns(unit: Unit<'_>, event: &LedgerEvent, radius_km: f64) -> bool {
    match unit {
        Unit::Province(p) => event.province.as_deref() == Some(p.id.as_str()),
        Unit::Crossing(c) => {
            event.crossing.as_deref() == Some(c.id.as_str())
                || (has_place(event) && event.at.is_some_and(|at| within(unit, at, radius_km)))
        }
    }
}

/// Whether the ledger's point is a place, not a stand-in for a district or region.
pub fn has_place(event: &LedgerEvent) -> bool {
    event.has_place()
}

/// The armed side of an event: the side that is not a government.
pub fn actor(event: &Event) -> &str {
    match event.now.violence {
        1 => &event.now.side_b,
        _ => &event.now.side_a,
    }
}

pub fn event_row(event: &Event) -> String {
    format!("{}:{}", event.dataset, event.now.id)
}

pub fn ledger_row(event: &LedgerEvent) -> String {
    format!("ledger_events:{}", event.id)
}
