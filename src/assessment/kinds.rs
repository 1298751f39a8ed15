//! T4: were there new kinds of targets and tactics?

use super::file::NewKind;
use super::record::Record;
use super::{Answer, Figure, Item, Used, days_after};
use crate::datasets::LedgerEvent;
use crate::say;
use crate::text::Day;

pub(super) fn answer(record: &Record<'_>) -> Item {
    let numbers = &record.battery.kinds;
    let mut item = Item::new("T4", &numbers.about);
    let end = days_after(record.wave, numbers.after_days.whole());
    let rows: Vec<&LedgerEvent> = record.evidence.ledger.iter().filter(|e| record.in_belt(e.region.as_deref())).collect();
    if let (Some(first), Some(last)) = (rows.first(), rows.last()) {
        item.used.push(Used { dataset: "ledger_events".into(), rows: rows.len(), from: Day(first.date), to: Day(last.date) });
    }
    let sound = |e: &LedgerEvent| {
        let credibility = e.source.credibility.as_deref().and_then(|c| c.parse::<f64>().ok());
        credibility.is_some_and(|c| c <= numbers.credibility_at_most.value)
    };
    let mut new = 0;
    let mut unseen = Vec::new();
    for kind in &numbers.kind {
        // Any earlier row of the kind refutes it, whoever did it; only a sound attack by an armed group shows it.
        let Some(first) = rows.iter().find(|e| is_of(kind, e) && (e.date < record.wave || (record.attack.holds_for_ledger(e) && sound(e)))) else {
            unseen.push(kind.label.clone());
            continue;
        };
        let (kind, day, place, row) = (&kind.label, first.date, &first.place, &first.id);
        item.findings.push(if first.date < record.wave {
            say!("assessment.kind_known", kind = kind, day = day, place = place, row = row)
        } else if first.date <= end {
            new += 1;
            say!("assessment.kind_new", kind = kind, day = day, place = place, row = row)
        } else {
            say!("assessment.kind_late", kind = kind, day = day, place = place, row = row)
        });
    }
    item.figures.push(Figure::new(say!("assessment.kinds_new"), Some(f64::from(new)), Some(say!("assessment.kinds_counted"))));
    if new > 0 {
        item.answer = Answer::Yes;
        item.turns.push(say!("assessment.earlier_kind_turn", many = new > 1, n = new));
    } else {
        item = item.needs_data(say!("assessment.no_never_follows"), say!("assessment.exhaustive_kinds"));
        if record.evidence.as_of.day < end {
            item.turns.push(say!("assessment.unseen_kind_turn", day = end, list = unseen));
        }
    }
    item
}

fn is_of(kind: &NewKind, event: &LedgerEvent) -> bool {
    let target = kind.targets.is_empty() || event.target.as_ref().is_some_and(|t| kind.targets.contains(t));
    let tactics = kind.tactics.iter().all(|t| event.tactics.contains(t));
    target && tactics && !(kind.targets.is_empty() && kind.tactics.is_empty())
}
