//! T6: did other fronts fall as the belt rose?

use super::file::Role;
use super::persistence::theatre;
use super::record::{Record, inside};
use super::{Answer, Figure, Item, days_after};
use crate::stats::exposed::Exposed;
use crate::stats::rate_ratio::{Tail, compare_rates};
use crate::say;
use crate::text::{Arg, days_between};

pub(super) fn answer(record: &Record<'_>) -> Item {
    let numbers = &record.battery.displacement;
    let mut item = Item::new("T6", &numbers.about);
    let shortest = numbers.windows.days.first().copied().unwrap_or_default();
    let country = &record.countries[..1];
    let window = numbers.windows.days.iter().rev().find(|d| record.covers(country, record.baseline(), days_after(record.wave, **d)));
    let Some(days) = window.copied() else {
        return item.needs_data(say!("assessment.days_not_covered", days = shortest), record.settle(days_after(record.wave, shortest)));
    };
    let to = days_after(record.wave, days);
    item.used.push(record.used(theatre(record, record.baseline(), to).count(), record.baseline(), to));
    item.findings.push(say!("assessment.rates_compared", days = days, months = record.battery.general.baseline_months.whole()));
    let (mut fell, mut held) = (0, 0);
    let areas: Vec<_> = record.area(Role::Front).collect();
    for area in &areas {
        let count = |from, to| theatre(record, from, to).filter(|e| inside(area, e.region.as_deref())).count() as u64;
        let (before, after) = (count(record.baseline(), record.eve()), count(days_after(record.wave, 1), to));
        let length = f64::from(days_between(record.baseline(), record.wave));
        let after_rate = |x: u64| Exposed::new(x, f64::from(days)).ok();
        let Some(before_rate) = Exposed::new(before, length).ok() else { continue };
        let compared = |x: u64| compare_rates(after_rate(x)?, before_rate, record.level(), Tail::Exact).ok();
        let Some(ratio) = compared(after) else { continue };
        let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let name = say!("assessment.area_before_after", area = &area.label, before = whole(before), after = whole(after));
        item.figures.push(Figure::new(name, ratio.ratio, Some(say!("assessment.ratio"))).between(Some(ratio.lower), ratio.upper));
        fell += usize::from(ratio.upper.is_some_and(|u| u < 1.0));
        held += usize::from(ratio.lower > numbers.held_above.value);
        if let Some(most) = (0..=before.max(1)).rev().find(|x| compared(*x).is_some_and(|r| r.upper.is_some_and(|u| u < 1.0))) {
            item.turns.push(say!("assessment.fall_turn", area = &area.label, n = whole(most), days = days));
        }
    }
    item.answer = match () {
        () if fell > 0 => Answer::Yes,
        () if held == areas.len() => Answer::No,
        () => Answer::Undetermined,
    };
    if item.answer == Answer::Undetermined {
        let why = say!("assessment.fronts_unsure", held = Arg::plain(numbers.held_above.value));
        item = match numbers.windows.days.last().filter(|last| **last != days) {
            Some(last) => item.needs_data(why, record.settle(days_after(record.wave, *last))),
            None => item.needs(why),
        };
    }
    item
}
