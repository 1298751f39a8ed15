use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::places::{Strike, actor, event_row, event_window, has_place, ledger_attacks, ledger_row, point_attacks, since, within};
use super::{Context, Measure, Reading};
use crate::evidence::Unit;
use crate::geo::distance_within_km;

/// Most places struck by one actor on one day in an operation that touched the unit.
///
/// # Formula
/// Attacks of one actor on one day are joined when they lie within `linkage_km` of one another
/// (single linkage); places within `same_place_km` count once. The value is the number of places
/// of the largest such operation with at least one place in the unit. Found from the rows, source
/// by source; a ledger's wave name is not read.
///
/// # Units and shape
/// Places. Zero when an exhaustive source covers the window and nothing was struck.
///
/// # Missing and degenerate values
/// Missing when no exhaustive source covers the window and the ledger has no attack in the unit.
///
/// # Source
/// Coordination as same-day multi-site operations of one actor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SynchronisedStrikes {
    /// Length of the window up to the as-of date.
    pub window_months: i32,
    /// Oldest end of the exhaustive source's months.
    pub max_age_months: i32,
    /// Greatest gap between neighbouring places of one operation.
    pub linkage_km: f64,
    /// Points nearer than this are one place.
    pub same_place_km: f64,
    /// For crossings: a place within this distance touches the unit.
    #[serde(default)]
    pub radius_km: f64,
}

impl Measure for SynchronisedStrikes {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let evidence = context.evidence;
        let start = since(evidence, self.window_months);
        let rows: Vec<Strike> = point_attacks(context, start)
            .filter_map(|e| {
                Some(Strike {
                    date: e.now.date,
                    at: e.now.at?,
                    actor: actor(e).to_owned(),
                    province: e.province.clone(),
                    place: format!("{:.2}, {:.2}", e.now.at?.latitude, e.now.at?.longitude),
                    row: event_row(e),
                })
            })
            .collect();
        let ledger: Vec<Strike> = ledger_attacks(context, start)
            .filter(|e| has_place(e) && e.date_precision == "day")
            .filter_map(|e| {
                Some(Strike {
                    date: e.date,
                    at: e.at?,
                    actor: e.actor.clone(),
                    province: e.province.clone(),
                    place: e.place.clone(),
                    row: ledger_row(e),
                })
            })
            .collect();
        let best = [rows, ledger]
            .iter()
            .filter_map(|strikes| self.largest(unit, strikes))
            .max_by(|a, b| (a.places.len(), b.date).cmp(&(b.places.len(), a.date)));
        let window = event_window(evidence, &unit.countries(), 1, self.max_age_months);
        match (best, window) {
            (Some(operation), _) => Reading::of(operation.places.len() as f64)
                .at_least()
                .note(format!("{} on {}: {}", operation.actor, operation.date, operation.places.join(", ")))
                .rows(operation.rows),
            (None, Some(window)) => Reading::of(0.0).at_least().window(window).note("no deadly attack with a precise place in the unit"),
            (None, None) => Reading::missing("no exhaustive source covers the time, and the ledger has no attack here"),
        }
    }
}

struct Operation {
    date: Date,
    actor: String,
    places: Vec<String>,
    rows: Vec<String>,
}

impl SynchronisedStrikes {
    fn largest(&self, unit: Unit<'_>, strikes: &[Strike]) -> Option<Operation> {
        let mut days: BTreeMap<(Date, &str), Vec<&Strike>> = BTreeMap::new();
        for strike in strikes {
            days.entry((strike.date, &strike.actor)).or_default().push(strike);
        }
        let touches = |s: &Strike| match unit {
            Unit::Province(p) => s.province.as_deref() == Some(p.id.as_str()),
            Unit::Crossing(_) => within(unit, s.at, self.radius_km),
        };
        days.into_iter()
            .filter(|(_, strikes)| strikes.iter().any(|s| touches(s)))
            .flat_map(|((date, actor), strikes)| {
                self.joined(&strikes)
                    .into_iter()
                    .filter(|group| group.iter().any(|s| touches(s)))
                    .map(|group| Operation {
                        date,
                        actor: actor.to_owned(),
                        places: self.distinct_places(&group),
                        rows: group.iter().map(|s| s.row.clone()).collect(),
                    })
                    .collect::<Vec<_>>()
            })
            .max_by(|a, b| (a.places.len(), b.date).cmp(&(b.places.len(), a.date)))
    }

    /// Groups of strikes in which each lies within `linkage_km` of another.
    fn joined<'s>(&self, strikes: &[&'s Strike]) -> Vec<Vec<&'s Strike>> {
        let mut groups: Vec<Vec<&Strike>> = Vec::new();
        for strike in strikes {
            let (near, mut rest): (Vec<_>, Vec<_>) =
                groups.into_iter().partition(|g| g.iter().any(|s| distance_within_km(s.at, strike.at, self.linkage_km).is_some()));
            let mut group: Vec<&Strike> = near.into_iter().flatten().collect();
            group.push(strike);
            rest.push(group);
            groups = rest;
        }
        groups
    }

    fn distinct_places(&self, group: &[&Strike]) -> Vec<String> {
        let mut places: Vec<&Strike> = Vec::new();
        for strike in group {
            if places.iter().all(|p| distance_within_km(p.at, strike.at, self.same_place_km).is_none()) {
                places.push(strike);
            }
        }
        let mut names: Vec<String> = places.into_iter().map(|p| p.place.clone()).collect();
        names.sort();
        names
    }
}
