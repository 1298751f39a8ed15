//! T7: did the recording change?

use jiff::civil::Date;

use super::record::Record;
use super::{Answer, Figure, Item, days_after};
use crate::evidence::Event;
use crate::stats::exposed::Exposed;
use crate::stats::rate_ratio::{Tail, compare_rates};
use crate::say;
use crate::text::{Arg, Text, days_between};

pub(super) struct Artefact {
    pub item: Item,
    /// More is recorded in the belt that would not have been recorded before: no shift may be told.
    pub withholds: bool,
}

pub(super) fn answer(record: &Record<'_>) -> Artefact {
    let numbers = &record.battery.artefact;
    let mut item = Item::new("T7", &numbers.about);
    let shortest = numbers.windows.days.first().copied().unwrap_or_default();
    let window = numbers.windows.days.iter().rev().find(|d| record.covers(&record.countries, record.baseline(), days_after(record.wave, **d)));
    let Some(days) = window.copied() else {
        let item = item.needs_data(say!("assessment.days_not_covered", days = shortest), record.settle(days_after(record.wave, shortest)));
        return Artefact { item, withholds: false };
    };
    let to = days_after(record.wave, days);
    let rows = |from: Date, to: Date| record.attacks(from, to);
    let country = record.battery.wave.country.as_str();
    let late = numbers.restated_after_days.whole();
    let in_country = |e: &&Event| e.now.country == country;
    let in_belt = |e: &&Event| record.in_belt(e.region.as_deref());
    let seen = rows(record.baseline(), to).filter(|e| in_country(e) || in_belt(e)).count();
    item.used.push(record.used(seen, record.baseline(), to));
    let imprecise = |e: &&Event| !e.has_point();
    let without_death = |e: &&Event| !e.is_deadly();
    let restated = |e: &&Event| days_between(e.now.date, e.now.published) > late;
    type Test<'t> = &'t dyn Fn(&&Event) -> bool;
    let checks: [(Text, Test<'_>, Test<'_>); 3] = [
        (say!("assessment.imprecise_country"), &in_country, &imprecise),
        (say!("assessment.deathless_belt"), &in_belt, &without_death),
        (say!("assessment.restated_country"), &in_country, &restated),
    ];
    let mut changed = Vec::new();
    let mut withholds = false;
    for (i, (name, of, has)) in checks.into_iter().enumerate() {
        let share = |from, to| {
            let all: Vec<&Event> = rows(from, to).filter(|e| of(e)).collect();
            (all.iter().filter(|e| has(e)).count() as u64, all.len())
        };
        let (before, after) = (share(record.baseline(), record.eve()), share(days_after(record.wave, 1), to));
        let exposed = |(x, n): (u64, usize)| Exposed::new(x, n as f64).ok();
        let ratio = exposed(after).zip(exposed(before)).and_then(|(a, b)| compare_rates(a, b, record.level(), Tail::Exact).ok());
        let Some(ratio) = ratio else { continue };
        let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let counted = say!("assessment.share_before_after", name = &name, a = whole(before.0), b = before.1, c = whole(after.0), d = after.1);
        item.figures.push(
            Figure::new(counted, ratio.ratio, Some(say!("assessment.ratio")))
                .between(Some(ratio.lower), ratio.upper),
        );
        if ratio.lower > 1.0 || ratio.upper.is_some_and(|u| u < 1.0) {
            changed.push(name);
            withholds |= i == 1 && ratio.lower > 1.0;
        }
    }
    item.answer = if changed.is_empty() { Answer::No } else { Answer::Yes };
    if !changed.is_empty() {
        item.findings.push(say!("assessment.recording_changed", list = Arg::Clauses(changed)));
    }
    if withholds {
        item.findings.push(say!("assessment.withheld"));
    }
    item.turns.push(say!("assessment.recording_turn"));
    Artefact { item, withholds }
}
