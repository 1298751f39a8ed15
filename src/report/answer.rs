//! The assessment and its track record in words. Likelihood and confidence never share a sentence.

use std::collections::BTreeMap;

use super::model::{Outlook, RecordLine, TrackRecord};
use super::render::chance;
use crate::assessment::{Assessment, Verdict};
use crate::edition::{Edition, Sources};
use crate::stats::icd203::Likelihood;
use crate::text::Text;
use crate::track_record::{Record, Said, Scored};

/// The answer in two sentences: verdict with likelihood, then confidence; one if nothing is assessed.
pub fn headline(a: &Assessment) -> Vec<String> {
    if let Some(nothing) = &a.nothing {
        return vec![format!("Not assessed: {nothing}.")];
    }
    let verdict = match &a.verdict {
        Some(Verdict::Open { .. }) | None => "open".to_owned(),
        Some(verdict) => format!("answered with {}", verdict.words()),
    };
    let likely = a.likely.as_ref().map(|l| format!(", and a strategic shift is {} ({})", phrase(&l.word), chance(l.probability))).unwrap_or_default();
    let mut sentences = vec![format!("As of {}, the question of shift or escalation is {verdict}{likely}.", a.as_of)];
    sentences.extend(confidence(a));
    sentences
}

/// The verdict in a sentence, with what keeps it open.
pub fn verdict(a: &Assessment) -> Option<String> {
    let verdict = a.verdict.as_ref()?;
    let why = match verdict {
        Verdict::Open { why } => format!(" ({why})"),
        _ => String::new(),
    };
    Some(format!("{}{why}.", verdict.words()))
}

/// What stands behind the headline: the verdict with its reasons, and the rule of the number.
pub(super) fn details(a: &Assessment) -> Vec<String> {
    let verdict = verdict(a).map(|v| format!("Verdict by the declared rule: {v}"));
    verdict.into_iter().chain(rule(a)).chain([format!("Battery {}, declared before its statistics were run: indicators/assessment.toml.", a.battery)]).collect()
}

/// The confidence in a sentence of its own.
pub fn confidence(a: &Assessment) -> Option<String> {
    let confidence = a.confidence.as_ref()?;
    let why = if confidence.reasons.is_empty() { String::new() } else { format!(": {}", confidence.reasons.join("; ")) };
    Some(format!("Confidence in this assessment is {}{why}.", confidence.level.word()))
}

/// The rule of the number, with the parts that went in.
pub fn rule(a: &Assessment) -> Option<String> {
    let likely = a.likely.as_ref()?;
    let parts: Vec<String> = likely.parts.iter().map(|(id, p)| format!("P({id}) {p:.2}")).collect();
    let prior = if likely.from_prior { "; P(T5) is the declared prior, since the months in which a step could begin are not all known" } else { "" };
    Some(format!("Rule of the number: {}. Here {}{prior}.", likely.rule.en, parts.join(", ")))
}

/// The term of ICD 203 as it stands after "is".
pub fn phrase(word: &str) -> String {
    match word {
        "almost no chance" => "almost without chance".into(),
        "roughly even chance" => "a roughly even chance".into(),
        other => other.into(),
    }
}

/// What the edition says of a unit's months to come.
pub(super) fn outlook(sources: &Sources, says: &[Said], unit: &str) -> Option<Outlook> {
    let said = says.iter().find(|s| s.unit.as_deref() == Some(unit))?;
    Some(Outlook {
        text: text_of(sources, &said.statement),
        probability: said.probability,
        word: Likelihood::of(said.probability).ok()?.words().into(),
        until: said.window_end.to_string(),
    })
}

fn text_of(sources: &Sources, statement: &str) -> Text {
    let declared = sources.statements.iter().flat_map(|d| &d.statement).find(|s| s.id == statement);
    declared.map_or_else(|| Text { en: statement.into(), fr: statement.into(), ar: statement.into() }, |s| s.text.clone())
}

/// The record with its sums and sentences.
pub(super) fn track_record(sources: &Sources, edition: &Edition<'_>, record: Record, says: Vec<Said>) -> TrackRecord {
    let mut groups: BTreeMap<(String, String), (Vec<&Scored>, Vec<&Said>)> = BTreeMap::new();
    let key = |s: &Said| (s.edition.to_string(), s.statement.clone());
    for scored in &record.scored {
        groups.entry(key(&scored.said)).or_default().0.push(scored);
    }
    for open in &record.open {
        groups.entry(key(open)).or_default().1.push(open);
    }
    let editions: Vec<RecordLine> = groups
        .iter()
        .map(|((day, statement), (scored, open))| {
            let n = scored.len() as f64;
            let came_true = scored.iter().filter(|s| s.outcome).count();
            let share = came_true as f64 / n;
            let some = |x: f64| (!scored.is_empty()).then_some(x);
            let end = scored.iter().map(|s| s.said.window_end).chain(open.iter().map(|s| s.window_end)).max();
            RecordLine {
                edition: day.clone(),
                text: text_of(sources, statement),
                until: end.map(|d| d.to_string()).unwrap_or_default(),
                scored: scored.len(),
                came_true,
                expected: scored.iter().map(|s| s.said.probability).sum(),
                brier: some(scored.iter().map(|s| s.brier).sum::<f64>() / n),
                brier_of_share: some(share * (1.0 - share)),
                open: open.len(),
            }
        })
        .collect();
    let sentences = sentences(sources, edition, &record, &says);
    TrackRecord { sentences, editions, scored: record.scored, open: record.open, says }
}

fn sentences(sources: &Sources, edition: &Edition<'_>, record: &Record, says: &[Said]) -> Vec<String> {
    let name = |unit: &str| edition.unit(unit).map_or_else(|| unit.to_owned(), |(_, u)| u.unit.name().en.clone());
    let mut lines = Vec::new();
    if record.scored.is_empty() {
        lines.push("No statement of an earlier edition can be scored yet.".to_owned());
    } else {
        let n = record.scored.len() as f64;
        let came_true = record.scored.iter().filter(|s| s.outcome).count();
        let expected: f64 = record.scored.iter().map(|s| s.said.probability).sum();
        let brier = record.scored.iter().map(|s| s.brier).sum::<f64>() / n;
        lines.push(format!(
            "Of {} scored statements of earlier editions {came_true} came true, where their probabilities add up to {expected:.1}; mean Brier score {brier:.3} (0 is perfect, 0.25 an even chance each time).",
            record.scored.len()
        ));
    }
    let mut worst: Vec<&Scored> = record.scored.iter().filter(|s| s.brier > 0.25).collect();
    worst.sort_by(|a, b| b.brier.total_cmp(&a.brier).then_with(|| a.said.id.cmp(&b.said.id)));
    if !worst.is_empty() {
        let told: Vec<String> = worst
            .iter()
            .take(6)
            .map(|s| {
                let unit = s.said.unit.as_deref().map(|u| format!("{}, ", name(u))).unwrap_or_default();
                let outcome = if s.outcome { "came true" } else { "did not come true" };
                format!("{unit}{}: {} said, it {outcome}", s.said.edition, chance(s.said.probability))
            })
            .collect();
        lines.push(format!("On the wrong side of even: {} statements; the worst: {}.", worst.len(), told.join("; ")));
    }
    for said in record.open.iter().chain(says).filter(|s| s.unit.is_none()) {
        let word = Likelihood::of(said.probability).map(|l| phrase(l.words())).unwrap_or_default();
        lines.push(format!(
            "The edition of {} calls it {word} ({}): {} Its window ends on {}; no edition could decide it yet.",
            said.edition,
            chance(said.probability),
            text_of(sources, &said.statement).en,
            said.window_end
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_stand_after_is() {
        assert_eq!(phrase("roughly even chance"), "a roughly even chance");
        assert_eq!(phrase("unlikely"), "unlikely");
    }
}
