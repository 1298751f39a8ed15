//! T1: did attacks move west before the wave?

use std::collections::BTreeMap;

use super::record::Record;
use super::{Answer, Figure, Item, months_before};
use crate::measures::places::actor;
use crate::stats::drift::{DriftEvent, DriftOptions, drift};
use crate::stats::geodesic::Position;
use crate::text::{Month, days_between};

pub(super) fn answer(record: &Record<'_>, seed: u64) -> Item {
    let numbers = &record.battery.pre_trend;
    let mut item = Item::new("T1", &numbers.about);
    let country = record.battery.wave.country.as_str();
    let minimum = numbers.minimum_months.whole();
    let Some(start) = record.start(country, months_before(record.wave, numbers.window_months.whole()), record.eve()) else {
        return item.needs(format!("the months before the wave are not covered: {}", record.settle(record.eve())));
    };
    let months = Month::of(record.wave).0 - Month::of(start).0;
    if months < minimum {
        return item.needs(format!("only {months} of the {minimum} months needed are covered before the wave: {}", record.settle(record.eve())));
    }
    let all: Vec<_> = record.attacks(start, record.eve()).filter(|e| e.now.country == country).collect();
    let mut actors: BTreeMap<&str, u32> = BTreeMap::new();
    let mut points = Vec::new();
    for event in all.iter().filter(|e| e.has_point()) {
        let Some(position) = event.now.at.and_then(|at| Position::new(at.longitude, at.latitude).ok()) else { continue };
        let next = actors.len() as u32;
        points.push(DriftEvent {
            position,
            day: i64::from(days_between(start, event.now.date)),
            actor: *actors.entry(actor(event)).or_insert(next),
            block: Month::of(event.now.date).0.unsigned_abs(),
        });
    }
    item.used.push(record.used(points.len(), start, record.eve()));
    let replicates = numbers.replicates.whole().unsigned_abs();
    let options = DriftOptions { level: record.level(), bootstraps: replicates, permutations: replicates, seed };
    let result = match drift(&points, options) {
        Ok(result) => result,
        Err(error) => return item.needs(format!("no drift can be computed: {error}")),
    };
    let Some(((low, high), p)) = result.west_interval.zip(result.p_west) else {
        return item.needs("the attacks fall into fewer than five months, too few for an interval");
    };
    let relevant = numbers.relevant_km_per_year.value;
    item.figures.push(Figure::new("westward drift", Some(result.west_km_per_year), "km/year").between(Some(low), Some(high)));
    item.figures.push(Figure::new("p within actors", Some(p), ""));
    let left_out = all.len() - points.len();
    item.findings.push(format!("{left_out} of {} attacks have no precise place and are left out", all.len()));
    let p_at_most = numbers.p_at_most.value;
    if low > 0.0 && p <= p_at_most {
        item.answer = Answer::Yes;
        item.turns.push("the window is closed: only a revision that brings the interval down to 0 turns it".into());
    } else if high < relevant {
        item.answer = Answer::No;
        item.findings.push(format!("a movement of {relevant} km a year or more is outside the interval"));
        item.turns.push(format!("the window is closed: only a revision that brings the interval above {relevant} km a year opens it again"));
    } else {
        let need = if low <= 0.0 {
            format!("the interval holds both no movement and a relevant one ({relevant} km a year)")
        } else {
            format!("the interval lies above 0, but p within actors is above {p_at_most}: busier western actors may explain it")
        };
        item = item.needs(need).needs(format!("a longer or denser record of the months before {}, such as a user's own exhaustive export", record.wave));
        item.turns.push(format!("yes: an interval above 0 with p of at most {p_at_most}; no: one below {relevant} km a year; the window is closed, so only other or revised rows can"));
    }
    item
}
