//! T1: did attacks move west before the wave?

use std::collections::BTreeMap;

use super::record::Record;
use super::{Answer, Figure, Item, months_before};
use crate::measures::places::actor;
use crate::stats::drift::{DriftEvent, DriftOptions, drift};
use crate::stats::geodesic::Position;
use crate::say;
use crate::text::{Arg, Month, days_between};

pub(super) fn answer(record: &Record<'_>, seed: u64) -> Item {
    let numbers = &record.battery.pre_trend;
    let mut item = Item::new("T1", &numbers.about);
    let country = record.battery.wave.country.as_str();
    let minimum = numbers.minimum_months.whole();
    let Some(start) = record.start(country, months_before(record.wave, numbers.window_months.whole()), record.eve()) else {
        return item.needs_data(say!("assessment.months_not_covered"), record.settle(record.eve()));
    };
    let months = Month::of(record.wave).0 - Month::of(start).0;
    if months < minimum {
        return item.needs_data(say!("assessment.few_months_covered", months = months, minimum = minimum), record.settle(record.eve()));
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
        Err(error) => return item.needs(say!("assessment.no_drift", error = error.to_string())),
    };
    let Some(((low, high), p)) = result.west_interval.zip(result.p_west) else {
        return item.needs(say!("assessment.few_blocks"));
    };
    let relevant = numbers.relevant_km_per_year.value;
    item.figures.push(Figure::new(say!("assessment.westward_drift"), Some(result.west_km_per_year), Some(say!("assessment.km_per_year"))).between(Some(low), Some(high)));
    item.figures.push(Figure::new(say!("assessment.p_within_actors"), Some(p), None));
    let left_out = all.len() - points.len();
    item.findings.push(say!("assessment.left_out", n = left_out, all = all.len()));
    let p_at_most = numbers.p_at_most.value;
    let (km, p_limit) = (|| Arg::plain(relevant), || Arg::plain(p_at_most));
    if low > 0.0 && p <= p_at_most {
        item.answer = Answer::Yes;
        item.turns.push(say!("assessment.closed_down_to_zero"));
    } else if high < relevant {
        item.answer = Answer::No;
        item.findings.push(say!("assessment.no_relevant_movement", km = km()));
        item.turns.push(say!("assessment.closed_above", km = km()));
    } else {
        let need = if low <= 0.0 {
            say!("assessment.interval_holds_both", km = km())
        } else {
            say!("assessment.busier_actors", p = p_limit())
        };
        item = item.needs(need).needs(say!("assessment.longer_record", day = record.wave));
        item.turns.push(say!("assessment.drift_turns", p = p_limit(), km = km()));
    }
    item
}
