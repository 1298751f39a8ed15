//! T3: was the wave an unusual operation by the record?
//!
//! The day is one operation, not so many independent attacks: no p-value of independence is quoted.

use std::collections::BTreeMap;

use super::record::Record;
use super::{Answer, Figure, Item, Used, months_before};
use crate::evidence::Event;
use crate::measures::places::actor;
use crate::stats::coordination::{Strike, fit_hurdle, operations};
use crate::stats::geodesic::Position;
use crate::say;
use crate::text::{Arg, Day, Month, days_between};

/// Days of a year.
const YEAR: f64 = 365.25;

pub(super) fn answer(record: &Record<'_>) -> Item {
    let numbers = &record.battery.coordination;
    let mut item = Item::new("T3", &numbers.about);
    let country = record.battery.wave.country.as_str();
    let told: Vec<_> = record.wave_places();
    if !told.is_empty() {
        item.used.push(Used { dataset: "ledger_events".into(), rows: told.len(), from: Day(record.wave), to: Day(record.wave) });
        item.findings.push(say!("assessment.told_places", n = told.len()));
    }
    let Some(start) = record.start(country, months_before(record.wave, numbers.window_months.whole()), record.eve()) else {
        return item.needs_data(say!("assessment.no_record_to_judge"), record.settle(record.eve()));
    };
    let months = Month::of(record.wave).0 - Month::of(start).0;
    let minimum = numbers.minimum_months.whole();
    if months < minimum {
        return item.needs_data(say!("assessment.record_short", months = months, minimum = minimum), record.settle(record.eve()));
    }
    let ours = |e: &&Event| e.now.country == country && e.has_point() && actor(e) == record.battery.wave.actor;
    let before: Vec<&Event> = record.attacks(start, record.eve()).filter(ours).collect();
    item.used.push(record.used(before.len(), start, record.eve()));
    let radius = numbers.radius_km.value;
    let days = days_between(start, record.wave).unsigned_abs();
    let sizes: Vec<u32> = sizes(&before, start, radius);
    let model = match fit_hurdle(&sizes, u64::from(days)) {
        Ok(model) => model,
        Err(error) => return item.needs(say!("assessment.no_size_model", error = error.to_string())),
    };
    let limit = numbers.chance_in_a_year_at_most.value;
    let least = (2..1000).find(|s| model.probability_within(*s, YEAR) <= limit);
    item.findings.push(say!(
        "assessment.record_of_operations",
        multi = i64::try_from(model.multi_site_days).unwrap_or(i64::MAX),
        days = days,
        largest = model.largest
    ));
    if !record.covers(&[country], record.wave, record.wave) {
        if let Some(least) = least {
            item.turns.push(say!("assessment.places_needed_turn", n = least, km = Arg::plain(radius)));
        }
        return item.needs_data(say!("assessment.day_not_out"), record.settle(record.wave));
    }
    let wave: Vec<&Event> = record.wave_rows().into_iter().filter(|e| e.has_point()).collect();
    item.used.push(record.used(wave.len(), record.wave, record.wave));
    let size = self::sizes(&wave, start, radius).into_iter().max().unwrap_or(0);
    item.figures.push(Figure::new(say!("assessment.places_of_wave"), Some(f64::from(size)), Some(say!("assessment.places_counted"))));
    if size >= 2 {
        let chance = model.probability_within(size, YEAR);
        let other = model
            .size_tail_negative_binomial(size)
            .map(|tail| -(YEAR * (-model.multi_site_probability() * tail).ln_1p()).exp_m1());
        let (low, high) = (other.map(|o| o.min(chance)), other.map(|o| o.max(chance)));
        item.figures.push(Figure::new(say!("assessment.chance_in_a_year"), Some(chance), Some(say!("assessment.geometric"))).between(low, high));
        item.answer = if chance <= limit { Answer::Yes } else { Answer::No };
    } else {
        item.answer = Answer::No;
    }
    if let Some(least) = least {
        item.turns.push(match item.answer {
            Answer::Yes => say!("assessment.fewer_places_turn", n = least),
            _ => say!("assessment.more_places_turn", n = least),
        });
    }
    item
}

/// Places of each day's operation.
fn sizes(events: &[&Event], start: jiff::civil::Date, radius_km: f64) -> Vec<u32> {
    let mut places: BTreeMap<(u64, u64), u32> = BTreeMap::new();
    let strikes: Vec<Strike> = events
        .iter()
        .filter_map(|e| {
            let at = e.now.at?;
            let next = places.len() as u32;
            let place = *places.entry((at.longitude.to_bits(), at.latitude.to_bits())).or_insert(next);
            let day = i64::from(days_between(start, e.now.date));
            Some(Strike { actor: 0, day, place, position: Position::new(at.longitude, at.latitude).ok()? })
        })
        .collect();
    operations(&strikes, radius_km).map(|all| all.iter().map(|o| o.places).collect()).unwrap_or_default()
}
