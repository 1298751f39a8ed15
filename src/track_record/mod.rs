//! What earlier editions said, and what became of it.
//!
//! Every number can be computed again: a statement follows from what was known on its edition's day, its
//! outcome from what was known on the day of the first listed edition that knows it.

pub mod file;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assessment::{Answer, Assessment, Verdict};
use crate::evidence::{Evidence, Unit, Window};
use crate::framework::Framework;
use crate::measures::{Basis, Context};
use crate::text::{Day, Month};
use file::{Claim, Declared, Statement};

/// A statement of an edition with its probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Said {
    /// Edition, kind of statement and, for a unit's, the unit: `2025-07-31/deadly_event/ML-1`.
    pub id: String,
    pub edition: Day,
    pub statement: String,
    pub unit: Option<String>,
    pub probability: f64,
    /// Last day of the time that the statement is about.
    pub window_end: Day,
}

/// A statement whose outcome is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scored {
    #[serde(flatten)]
    pub said: Said,
    /// Whether it came true.
    pub outcome: bool,
    /// `(probability - outcome)²`: 0 is perfect, 1 as wrong as can be, 0.25 an even chance each time.
    pub brier: f64,
    /// Datasets that tell the outcome, each with its latest release by then.
    pub known_from: String,
    /// The first listed edition that knows the outcome.
    pub scored_by: Day,
}

/// Statements of earlier editions: those scored, and those still open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    pub scored: Vec<Scored>,
    pub open: Vec<Said>,
}

/// An edition as far as its statements go.
pub struct Knower<'e, 'a> {
    pub evidence: &'e Evidence<'a>,
    pub assessment: Option<&'e Assessment>,
}

impl Knower<'_, '_> {
    fn day(&self) -> Date {
        self.evidence.as_of.day
    }
}

/// The statements that an edition makes, in the order of the declaration and the units.
pub fn said(declared: &Declared, framework: &Framework, knower: &Knower<'_, '_>) -> Vec<Said> {
    declared.statement.iter().flat_map(|s| said_by(s, framework, knower)).collect()
}

fn said_by(statement: &Statement, framework: &Framework, knower: &Knower<'_, '_>) -> Vec<Said> {
    let edition = knower.day();
    let make = |unit: Option<&str>, probability: f64, window_end: Date| Said {
        id: [Some(edition.to_string().as_str()), Some(statement.id.as_str()), unit].into_iter().flatten().collect::<Vec<_>>().join("/"),
        edition: Day(edition),
        statement: statement.id.clone(),
        unit: unit.map(str::to_owned),
        probability,
        window_end: Day(window_end),
    };
    match &statement.claim {
        Claim::Shift {} => open_assessment(knower, |a| matches!(a.verdict, Some(Verdict::Open { .. })))
            .and_then(|a| Some(make(None, a.likely.as_ref()?.probability, a.decides.0)))
            .into_iter()
            .collect(),
        Claim::Item { item } => open_assessment(knower, |a| answer(a, item) == Some(Answer::Undetermined))
            .and_then(|a| {
                let part = a.likely.as_ref()?.parts.iter().find(|(id, _)| id == item)?.1;
                Some(make(None, part, a.decides.0))
            })
            .into_iter()
            .collect(),
        Claim::DeadlyEvent { rate, months } => {
            let Some(indicator) = framework.indicators.iter().find(|i| i.id == *rate) else { return Vec::new() };
            if indicator.valid_from.0 > edition {
                return Vec::new();
            }
            let units: Vec<Unit<'_>> = knower.evidence.data.provinces.iter().filter(|p| p.scored).map(Unit::Province).collect();
            let readings = indicator.measure.read_all(&units, &Context { evidence: knower.evidence, attack: &framework.attack });
            let end = window_after(edition, *months).to.last_day();
            units
                .iter()
                .zip(readings)
                .filter_map(|(unit, reading)| {
                    let (Unit::Province(province), Basis::Rate { shape, scale }) = (unit, reading.basis) else { return None };
                    let exposure = knower.evidence.people(province)?.number / 100_000.0 * f64::from(*months) / 12.0;
                    let probability = at_least_one(shape, scale * exposure);
                    probability.is_finite().then(|| make(Some(unit.id()), probability, end))
                })
                .collect()
        }
    }
}

fn open_assessment<'k>(knower: &Knower<'k, '_>, open: impl Fn(&Assessment) -> bool) -> Option<&'k Assessment> {
    knower.assessment.filter(|a| open(a))
}

fn answer(assessment: &Assessment, item: &str) -> Option<Answer> {
    assessment.items.iter().find(|i| i.id == item).map(|i| i.answer)
}

/// The complete months after an edition's.
fn window_after(edition: Date, months: i32) -> Window {
    let from = Month::of(edition).minus(-1);
    Window { from, to: from.minus(1 - months) }
}

/// Probability of at least one event if their expected number has this Gamma distribution.
///
/// # Formula
/// ```text
/// λ ~ Gamma(shape, scale):  P(N ≥ 1) = 1 - E[e^-λ] = 1 - (1 + scale)^-shape
/// ```
///
/// # Source
/// Gelman et al., *Bayesian Data Analysis* (2013), section 2.6: the predictive distribution is negative binomial.
fn at_least_one(shape: f64, scale: f64) -> f64 {
    -(-shape * scale.ln_1p()).exp_m1()
}

/// What became of a statement, as far as an edition knows: whether it came true, and by which data.
fn outcome(statement: &Statement, said: &Said, knower: &Knower<'_, '_>) -> Option<(bool, String)> {
    if knower.day() < said.window_end.0 || knower.day() <= said.edition.0 {
        return None;
    }
    match &statement.claim {
        Claim::Shift {} => {
            let assessment = knower.assessment?;
            let came_true = match assessment.verdict.as_ref()? {
                Verdict::StrategicShift => true,
                Verdict::CircumstantialEscalation => false,
                Verdict::Open { .. } => return None,
            };
            let used = assessment.items.iter().flat_map(|i| &i.used).map(|u| u.dataset.as_str());
            Some((came_true, vintages(knower.evidence, used)))
        }
        Claim::Item { item } => {
            let item = knower.assessment?.items.iter().find(|i| i.id == *item)?;
            let came_true = match item.answer {
                Answer::Yes => true,
                Answer::No => false,
                Answer::Undetermined => return None,
            };
            Some((came_true, vintages(knower.evidence, item.used.iter().map(|u| u.dataset.as_str()))))
        }
        Claim::DeadlyEvent { months, .. } => {
            let province = knower.evidence.province(said.unit.as_deref()?)?;
            let window = window_after(said.edition.0, *months);
            let count = knower.evidence.counts.sum(&province.country, &province.id, window)?;
            // Where the source does not tell deadly events apart, one event may be none that counts.
            let came_true = match (count.deadly - count.deadly_untold, count.deadly_untold) {
                (sure, _) if sure > 0 => true,
                (_, 0) => false,
                _ => return None,
            };
            Some((came_true, vintages(knower.evidence, knower.evidence.counts.sources_of(&province.country, &province.id, window).into_iter())))
        }
    }
}

/// Each dataset once, with the latest of its releases that was known.
pub fn vintages<'d>(evidence: &Evidence<'_>, datasets: impl Iterator<Item = &'d str>) -> String {
    let datasets: std::collections::BTreeSet<&str> = datasets.filter(|d| !d.is_empty()).collect();
    let latest = |id: &str| {
        let known = evidence.data.manifests.get(id)?.coverage.iter().filter(|c| evidence.as_of.knows(c.published.0));
        known.max_by_key(|c| (c.published, c.to)).map(|c| format!("{id} {} of {}", c.release, c.published))
    };
    datasets.into_iter().map(|id| latest(id).unwrap_or_else(|| id.to_owned())).collect::<Vec<_>>().join("; ")
}

/// The record of earlier editions, in the order of time; `editions` end with the one that is being written.
///
/// A statement is scored by the first edition after its window that knows the outcome, with what was known
/// on that edition's day; later revisions do not score it again.
pub fn record(declared: &Declared, framework: &Framework, editions: &[Knower<'_, '_>]) -> Record {
    let mut record = Record::default();
    for (i, earlier) in editions.iter().enumerate() {
        let later = editions.get(i + 1..).unwrap_or_default();
        if later.is_empty() {
            break;
        }
        for statement in &declared.statement {
            for said in said_by(statement, framework, earlier) {
                let known = later.iter().find_map(|k| outcome(statement, &said, k).map(|(came_true, from)| (came_true, from, k.day())));
                match known {
                    Some((outcome, known_from, day)) => {
                        let brier = (said.probability - f64::from(u8::from(outcome))).powi(2);
                        record.scored.push(Scored { said, outcome, brier, known_from, scored_by: Day(day) });
                    }
                    None => record.open.push(said),
                }
            }
        }
    }
    record
}

/// First line of the file that keeps the record.
pub const HEADER: &str = "id,edition,statement,unit,probability,window_end,came_true,brier,known_from,scored_by";

impl Scored {
    /// The statement's line in the file that keeps the record.
    pub fn line(&self) -> String {
        let Said { id, edition, statement, unit, probability, window_end } = &self.said;
        let unit = unit.as_deref().unwrap_or_default();
        // Ids, days and names of datasets hold no comma or quote; a release is the publisher's word.
        let from = self.known_from.replace(['"', ',', '\n', '\r'], " ");
        format!("{id},{edition},{statement},{unit},{probability},{window_end},{},{},{from},{}", self.outcome, self.brier, self.scored_by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_begins_with_the_next_month() {
        let window = window_after(jiff::civil::date(2024, 12, 31), 6);
        assert_eq!(window.to_string(), "2025-01 to 2025-06");
    }

    /// Gamma(2, 1/2): E[e^-λ] = (1 + 1/2)^-2 = 4/9.
    #[test]
    fn at_least_one_by_hand() {
        assert!((at_least_one(2.0, 0.5) - 5.0 / 9.0).abs() < 1e-15);
        assert!(at_least_one(1e-9, 1e-9) >= 0.0 && at_least_one(1e9, 1.0) <= 1.0);
    }
}
