use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::places::{Strike, actor, event_record, event_row, event_window, has_place, ledger_attacks, ledger_row, point_attacks, since, within};
use super::{Context, Joint, Reading};
use crate::evidence::{Unit, Window};
use crate::geo::distance_within_km;
use crate::stats::coordination::{self, fit_hurdle_geometric, operations};
use crate::stats::geodesic::{EarthPoint, Position};
use crate::text::days_between;
use crate::say;
use crate::text::{Arg, Text};

/// Most places struck by one actor on one day in an operation that touched the unit.
///
/// # Formula
/// ```text
/// places(actor, day) = most distinct places within reach_km of one of them
/// value              = largest of the window with at least one place in the unit
/// chance             = P(at least one as large within a year), hurdle model of the actor's operations
///                      in the unit's country in all days of the record before that day
/// ```
/// Points within `same_place_km` of one another are one place. Found from the rows, source by source; a
/// ledger's wave name is not read. The chance stands in the note.
///
/// # Units and shape
/// Places. Zero when an exhaustive source covers the window and nothing was struck.
///
/// # Missing and degenerate values
/// Missing when no exhaustive source covers the window and the ledger has no attack in the unit. There is
/// no chance for operations that only the ledger shows, for it is no record of how often such happen, nor
/// for a record of less than a year or without an earlier operation of more than one place.
///
/// # Source
/// The same-day operation as the unit of count: Porter and White (2012); see
/// [`operations`](crate::stats::coordination::operations).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SynchronisedStrikes {
    /// Length of the window up to the as-of date.
    pub window_months: i32,
    /// Oldest end of the exhaustive source's months.
    pub max_age_months: i32,
    /// Greatest distance of a place of an operation from the one at its middle.
    pub reach_km: f64,
    /// Points nearer than this are one place.
    pub same_place_km: f64,
    /// For crossings: a place within this distance touches the unit.
    #[serde(default)]
    pub radius_km: f64,
}

/// Shortest record that a chance is computed from.
const LEAST_RECORD_DAYS: i32 = 365;
/// Days of a year.
const YEAR: f64 = 365.25;

/// What one actor did on one day around one place.
struct Operation<'s> {
    date: Date,
    actor: &'s str,
    /// One strike for each of its places.
    places: Vec<&'s Strike>,
    strikes: Vec<&'s Strike>,
    /// The largest of the actor and day.
    main: bool,
}

impl Joint for SynchronisedStrikes {
    fn read_all(&self, units: &[Unit<'_>], context: &Context<'_>) -> Vec<Reading> {
        let evidence = context.evidence;
        let start = since(evidence, self.window_months);
        let rows: Vec<Strike> = point_attacks(context, Date::MIN)
            .filter_map(|e| {
                Some(Strike {
                    date: e.now.date,
                    at: e.now.at?,
                    actor: actor(e).to_owned(),
                    country: e.now.country.clone(),
                    province: e.province.clone(),
                    place: None,
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
                    country: String::new(),
                    province: e.province.clone(),
                    place: Some(e.place.clone()),
                    row: ledger_row(e),
                })
            })
            .collect();
        // The record is kept country by country, as the battery of the assessment keeps it.
        let mut countries: BTreeMap<&str, Vec<Operation<'_>>> = BTreeMap::new();
        for country in units.iter().flat_map(Unit::countries).collect::<BTreeSet<_>>() {
            countries.insert(country, self.operations(rows.iter().filter(|s| s.country == country)));
        }
        let (rows, ledger) = (self.operations(&rows), self.operations(&ledger));
        units
            .iter()
            .map(|unit| {
                let touches = |s: &Strike| match unit {
                    Unit::Province(p) => s.province.as_deref() == Some(p.id.as_str()),
                    Unit::Crossing(_) => within(*unit, s.at, self.radius_km),
                };
                let here = |o: &&Operation<'_>| o.date >= start && o.strikes.iter().any(|s| touches(s));
                // The largest; of equal ones the latest, and of the same day the exhaustive source's.
                let best = ledger.iter().filter(here).map(|o| (o, false)).chain(rows.iter().filter(here).map(|o| (o, true)));
                let best = best.max_by_key(|(o, exhaustive)| (o.places.len(), o.date, *exhaustive));
                let window = event_window(evidence, &unit.countries(), 1, self.max_age_months);
                match (best, window) {
                    (Some((operation, exhaustive)), _) => {
                        let chance = if exhaustive {
                            let known = unit.countries().into_iter().filter_map(|c| Some((c, countries.get(c)?)));
                            known
                                .filter_map(|(c, all)| Some((c, all, all.iter().find(|o| o.main && (o.date, o.actor) == (operation.date, operation.actor))?)))
                                .max_by_key(|(_, _, o)| o.places.len())
                                .and_then(|(c, all, o)| chance(c, all, o, event_record(evidence, &[c], self.max_age_months)?))
                        } else {
                            Some(say!("measures.told_by_ledger"))
                        };
                        Reading::of(operation.places.len() as f64)
                            .at_least()
                            .note(say!("measures.operation", actor = operation.actor, day = operation.date, places = names(&operation.places, context)))
                            .notes(chance)
                            .rows(operation.strikes.iter().map(|s| s.row.clone()).collect())
                    }
                    (None, Some(window)) => Reading::of(0.0).at_least().window(window).note(say!("measures.no_operation")),
                    (None, None) => Reading::missing(say!("measures.no_source_no_ledger")),
                }
            })
            .collect()
    }
}

/// Names of places in order: the source's own, else the nearest town within 10 km, else the point.
fn names(places: &[&Strike], context: &Context<'_>) -> Vec<Text> {
    let towns = &context.evidence.data.towns;
    let near = |at| {
        let all = towns.iter().filter_map(|t| Some((distance_within_km(t.at, at, 10.0)?, &t.name)));
        all.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.en.cmp(&b.1.en)))
    };
    let name = |s: &&Strike| match (s.place.as_ref(), near(s.at)) {
        (Some(place), _) => place.clone(),
        (None, Some((_, town))) => say!("measures.near_town", town = town),
        (None, None) => Text::same(&format!("({:.2}, {:.2})", s.at.latitude, s.at.longitude)),
    };
    let mut names: Vec<Text> = places.iter().map(name).collect();
    names.sort_by_key(|n| (n.en.starts_with('('), n.en.clone()));
    names
}

/// How rare an operation of this size is in a country, by the actor's record there before that day; none for a single place.
fn chance(country: &str, all: &[Operation<'_>], operation: &Operation<'_>, record: Window) -> Option<Text> {
    let size = u32::try_from(operation.places.len()).ok().filter(|s| *s >= 2)?;
    let first = record.from.first_day();
    let days = days_between(first, operation.date);
    if days < LEAST_RECORD_DAYS {
        return Some(say!("measures.record_before_too_short", days = days));
    }
    let before = all.iter().filter(|o| o.main && o.actor == operation.actor && o.date >= first && o.date < operation.date);
    let sizes: Vec<u32> = before.map(|o| u32::try_from(o.places.len()).unwrap_or(u32::MAX)).collect();
    let Ok(model) = fit_hurdle_geometric(&sizes, u64::from(days.unsigned_abs())) else {
        return Some(say!("measures.none_before", days = days));
    };
    Some(say!(
        "measures.operation_chance",
        size = size,
        country = crate::text::country(country),
        multi = i64::try_from(model.multi_site_days).unwrap_or(i64::MAX),
        days = days,
        largest = model.largest,
        chance = Arg::Share(model.probability_within(size, YEAR))
    ))
}

impl SynchronisedStrikes {
    /// The operations of each actor and day: the largest circle of places first, then the largest of the rest.
    fn operations<'s>(&self, strikes: impl IntoIterator<Item = &'s Strike>) -> Vec<Operation<'s>> {
        let mut days: BTreeMap<(Date, &str), Vec<&Strike>> = BTreeMap::new();
        for strike in strikes {
            days.entry((strike.date, &strike.actor)).or_default().push(strike);
        }
        let mut found = Vec::new();
        for ((date, actor), mut rest) in days {
            let mut main = true;
            while !rest.is_empty() {
                let (places, numbered) = self.places(&rest);
                if numbered.len() != rest.len() {
                    break;
                }
                let best = operations(&numbered, self.reach_km).ok().and_then(|o| o.first().copied());
                let centre = best.and_then(|o| Some(EarthPoint::from(numbered.iter().find(|s| s.place == o.centre_place)?.position)));
                let Some(centre) = centre else { break };
                let inside: BTreeSet<u32> =
                    numbered.iter().filter(|s| centre.distance_km(&s.position.into()) <= self.reach_km).map(|s| s.place).collect();
                let places = inside.iter().filter_map(|p| places.get(*p as usize)).copied().collect();
                let (own, others): (Vec<_>, Vec<_>) = rest.iter().zip(&numbered).partition(|(_, n)| inside.contains(&n.place));
                found.push(Operation { date, actor, places, strikes: own.into_iter().map(|(s, _)| *s).collect(), main });
                rest = others.into_iter().map(|(s, _)| *s).collect();
                main = false;
            }
        }
        found
    }

    /// Numbers the places of one actor and day: a strike near an earlier one is at the same place.
    fn places<'s>(&self, strikes: &[&'s Strike]) -> (Vec<&'s Strike>, Vec<coordination::Strike>) {
        let mut places: Vec<&Strike> = Vec::new();
        let mut numbered = Vec::new();
        for strike in strikes {
            let same = places.iter().position(|p| distance_within_km(p.at, strike.at, self.same_place_km).is_some());
            let place = same.unwrap_or_else(|| {
                places.push(strike);
                places.len() - 1
            });
            let at = places.get(place).map_or(strike.at, |p| p.at);
            // A position outside the world cannot be: the readers refuse it.
            if let Ok(position) = Position::new(at.longitude, at.latitude) {
                numbered.push(coordination::Strike { actor: 0, day: 0, place: place as u32, position });
            }
        }
        (places, numbered)
    }
}
