//! T4: were there new kinds of targets and tactics?

use super::file::NewKind;
use super::record::Record;
use super::{Answer, Figure, Item, Used, days_after};
use crate::datasets::LedgerEvent;
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
            unseen.push(kind.label.en.clone());
            continue;
        };
        let what = format!("{}: first {} at {} [{}]", kind.label.en, first.date, first.place, first.id);
        if first.date < record.wave {
            item.findings.push(format!("{what}: known before"));
        } else if first.date <= end {
            new += 1;
            item.findings.push(format!("{what}: new"));
        } else {
            item.findings.push(format!("{what}: after the window"));
        }
    }
    item.figures.push(Figure::new("kinds recorded for the first time", Some(f64::from(new)), "kinds, at least; counted: no interval"));
    if new > 0 {
        item.answer = Answer::Yes;
        let each = if new == 1 { String::new() } else { format!(", found for each of the {new}") };
        item.turns.push(format!("an earlier attack of the same kind in the belt{each} would take the yes away"));
    } else {
        item = item.needs("the ledger is not exhaustive, so that a no never follows from it; an exhaustive record of targets and tactics would settle it");
        if record.evidence.as_of.day < end {
            item.turns.push(format!("yes: one attack by {end} of a kind not seen in the belt before ({})", unseen.join(", ")));
        }
    }
    item
}

fn is_of(kind: &NewKind, event: &LedgerEvent) -> bool {
    let target = kind.targets.is_empty() || event.target.as_ref().is_some_and(|t| kind.targets.contains(t));
    let tactics = kind.tactics.iter().all(|t| event.tactics.contains(t));
    target && tactics && !(kind.targets.is_empty() && kind.tactics.is_empty())
}
