//! The assessment and its track record in words. Likelihood and confidence never share a sentence.

use std::collections::BTreeMap;

use super::model::{Outlook, RecordLine, TrackRecord};
use crate::assessment::{Assessment, Verdict};
use crate::edition::{Edition, Sources};
use crate::stats::icd203::Likelihood;
use crate::say;
use crate::text::{Arg, Text};
use crate::track_record::{Record, Said, Scored};

/// The answer in two sentences: verdict with likelihood, then confidence; one if nothing is assessed.
pub fn headline(a: &Assessment) -> Vec<Text> {
    if let Some(nothing) = &a.nothing {
        return vec![say!("assessment.not_assessed", why = nothing)];
    }
    let (word, chance) = a.likely.as_ref().map(|l| (likelihood(l.probability), Arg::Share(l.probability))).unzip();
    let mut sentences = vec![match &a.verdict {
        Some(Verdict::Open { .. }) | None => say!("assessment.headline_open", day = a.as_of, word = word, chance = chance),
        Some(verdict) => say!("assessment.headline_answered", day = a.as_of, verdict = verdict.words(), word = word, chance = chance),
    }];
    sentences.extend(confidence(a));
    sentences
}

/// The verdict in a sentence, with what keeps it open.
pub fn verdict(a: &Assessment) -> Option<Text> {
    let verdict = a.verdict.as_ref()?;
    let why = if let Verdict::Open { why } = verdict { Some(why) } else { None };
    Some(say!("assessment.verdict", verdict = verdict.words(), why = why))
}

/// What stands behind the headline: the verdict with its reasons, and the rule of the number.
pub(super) fn details(a: &Assessment) -> Vec<Text> {
    let verdict = verdict(a).map(|v| say!("assessment.verdict_by_rule", verdict = v));
    verdict.into_iter().chain(rule(a)).chain([say!("assessment.battery", version = &a.battery)]).collect()
}

/// The confidence in a sentence of its own.
pub fn confidence(a: &Assessment) -> Option<Text> {
    let confidence = a.confidence.as_ref()?;
    let why = (!confidence.reasons.is_empty()).then(|| Arg::Clauses(confidence.reasons.clone()));
    Some(say!("assessment.confidence", level = confidence.level.word(), why = why))
}

/// The rule of the number, with the parts that went in.
pub fn rule(a: &Assessment) -> Option<Text> {
    let likely = a.likely.as_ref()?;
    let parts: Vec<Text> = likely.parts.iter().map(|(id, p)| say!("assessment.part", id = id, p = Arg::Number(*p, 2))).collect();
    Some(say!("assessment.rule", rule = &likely.rule, parts = parts, prior = likely.from_prior))
}

/// The term of ICD 203 as it stands after "is".
pub fn likelihood(probability: f64) -> Text {
    match Likelihood::of(probability) {
        Ok(Likelihood::AlmostNoChance) => say!("likelihood.almost_no_chance"),
        Ok(Likelihood::VeryUnlikely) => say!("likelihood.very_unlikely"),
        Ok(Likelihood::Unlikely) => say!("likelihood.unlikely"),
        Ok(Likelihood::RoughlyEven) => say!("likelihood.roughly_even_chance"),
        Ok(Likelihood::Likely) => say!("likelihood.likely"),
        Ok(Likelihood::VeryLikely) => say!("likelihood.very_likely"),
        Ok(Likelihood::AlmostCertain) => say!("likelihood.almost_certain"),
        Err(_) => Text::same(""),
    }
}

/// What the edition says of a unit's months to come.
pub(super) fn outlook(sources: &Sources, says: &[Said], unit: &str) -> Option<Outlook> {
    let said = says.iter().find(|s| s.unit.as_deref() == Some(unit))?;
    Some(Outlook {
        text: text_of(sources, &said.statement),
        probability: said.probability,
        word: likelihood(said.probability),
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
    TrackRecord { sentences, editions, scored: record.scored, open: record.open, says, forecasts: Default::default() }
}

fn sentences(sources: &Sources, edition: &Edition<'_>, record: &Record, says: &[Said]) -> Vec<Text> {
    let name = |unit: &str| edition.unit(unit).map_or_else(|| Text::same(unit), |(_, u)| u.unit.name().clone());
    let mut lines = Vec::new();
    if record.scored.is_empty() {
        lines.push(say!("report.none_scored"));
    } else {
        let n = record.scored.len();
        let came_true = record.scored.iter().filter(|s| s.outcome).count();
        let expected = Arg::Number(record.scored.iter().map(|s| s.said.probability).sum(), 1);
        let brier = Arg::Number(record.scored.iter().map(|s| s.brier).sum::<f64>() / n as f64, 3);
        lines.push(say!("report.statements_scored", n = n, true_ones = came_true, expected = expected, brier = brier));
    }
    let mut worst: Vec<&Scored> = record.scored.iter().filter(|s| s.brier > 0.25).collect();
    worst.sort_by(|a, b| b.brier.total_cmp(&a.brier).then_with(|| a.said.id.cmp(&b.said.id)));
    if !worst.is_empty() {
        let told = worst.iter().take(6).map(|s| {
            let (unit, chance) = (s.said.unit.as_deref().map(name), Arg::Share(s.said.probability));
            say!("report.said_and_was", unit = unit, edition = s.said.edition, chance = chance, came_true = s.outcome)
        });
        lines.push(say!("report.wrong_side", n = worst.len(), list = Arg::Clauses(told.collect())));
    }
    for said in record.open.iter().chain(says).filter(|s| s.unit.is_none()) {
        lines.push(say!(
            "report.open_statement",
            edition = said.edition,
            word = likelihood(said.probability),
            chance = Arg::Share(said.probability),
            text = text_of(sources, &said.statement),
            end = said.window_end
        ));
    }
    lines
}
