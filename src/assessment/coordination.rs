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
use crate::text::{Day, Month, days_between};

/// Days of a year.
const YEAR: f64 = 365.25;

pub(super) fn answer(record: &Record<'_>) -> Item {
    let numbers = &record.battery.coordination;
    let mut item = Item::new("T3", &numbers.about);
    let country = record.battery.wave.country.as_str();
    let told: Vec<_> = record.wave_places();
    if !told.is_empty() {
        item.used.push(Used { dataset: "ledger_events".into(), rows: told.len(), from: Day(record.wave), to: Day(record.wave) });
        item.findings.push(format!("the ledger tells of attacks at {} places on the day; it is no record of how often that happens", told.len()));
    }
    let Some(start) = record.start(country, months_before(record.wave, numbers.window_months.whole()), record.eve()) else {
        return item.needs(format!("there is no record to judge the wave by: {}", record.settle(record.eve())));
    };
    let months = Month::of(record.wave).0 - Month::of(start).0;
    let minimum = numbers.minimum_months.whole();
    if months < minimum {
        return item.needs(format!("the record before the wave is {months} months long, {minimum} are needed: {}", record.settle(record.eve())));
    }
    let ours = |e: &&Event| e.now.country == country && e.has_point() && actor(e) == record.battery.wave.actor;
    let before: Vec<&Event> = record.attacks(start, record.eve()).filter(ours).collect();
    item.used.push(record.used(before.len(), start, record.eve()));
    let radius = numbers.radius_km.value;
    let days = days_between(start, record.wave).unsigned_abs();
    let sizes: Vec<u32> = sizes(&before, start, radius);
    let model = match fit_hurdle(&sizes, u64::from(days)) {
        Ok(model) => model,
        Err(error) => return item.needs(format!("the record gives no model of sizes: {error}")),
    };
    let limit = numbers.chance_in_a_year_at_most.value;
    let least = (2..1000).find(|s| model.probability_within(*s, YEAR) <= limit);
    item.findings.push(format!(
        "record: {} days with more than one place in {days} days, at most {} places",
        model.multi_site_days, model.largest
    ));
    if !record.covers(&[country], record.wave, record.wave) {
        if let Some(least) = least {
            item.turns.push(format!("yes: at least {least} places within {radius} km in the rows of the day; no: fewer"));
        }
        return item.needs(format!("the exhaustive source's rows of the day are not out: {}", record.settle(record.wave)));
    }
    let wave: Vec<&Event> = record.wave_rows().into_iter().filter(|e| e.has_point()).collect();
    item.used.push(record.used(wave.len(), record.wave, record.wave));
    let size = self::sizes(&wave, start, radius).into_iter().max().unwrap_or(0);
    item.figures.push(Figure::new("places of the wave in one operation", Some(f64::from(size)), "places, counted: no interval"));
    if size >= 2 {
        let chance = model.probability_within(size, YEAR);
        let other = model
            .size_tail_negative_binomial(size)
            .map(|tail| -(YEAR * (-model.multi_site_probability() * tail).ln_1p()).exp_m1());
        let (low, high) = (other.map(|o| o.min(chance)), other.map(|o| o.max(chance)));
        item.figures.push(Figure::new("chance of one as large in a year", Some(chance), "geometric; range with negative binomial").between(low, high));
        item.answer = if chance <= limit { Answer::Yes } else { Answer::No };
    } else {
        item.answer = Answer::No;
    }
    if let Some(least) = least {
        item.turns.push(match item.answer {
            Answer::Yes => format!("revised rows with fewer than {least} places on the day would make it no"),
            _ => format!("revised rows with at least {least} places on the day would make it yes"),
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
