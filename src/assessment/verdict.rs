//! The declared rule, the probability with its word, and the confidence beside it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::Probability;
use super::record::Record;
use super::{Answer, Item, days_after};
use crate::stats::icd203::Likelihood;
use crate::say;
use crate::text::{Arg, Month, Text};

/// What the answers amount to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// T1 and T5 hold, and one of T2 and T4.
    StrategicShift,
    /// T1 and T5 fail.
    CircumstantialEscalation,
    Open {
        why: Text,
    },
}

impl Verdict {
    pub(super) fn of(items: &[Item], withheld: bool) -> Self {
        let is = |id: &str| answer(items, id);
        let (t1, t2, t4, t5) = (is("T1"), is("T2"), is("T4"), is("T5"));
        if t1 == Answer::No && t5 == Answer::No {
            return Self::CircumstantialEscalation;
        }
        let shift = t1 == Answer::Yes && t5 == Answer::Yes && (t2 == Answer::Yes || t4 == Answer::Yes);
        if shift && !withheld {
            return Self::StrategicShift;
        }
        let why = if shift {
            say!("assessment.shift_but_recording")
        } else {
            let why = |id: &str| items.iter().find(|i| i.id == id).and_then(|i| i.needs.first()).map(|n| &n.why);
            let told = [("T1", t1), ("T5", t5), ("T2", t2), ("T4", t4)];
            let told: Vec<Text> = told.iter().map(|(id, a)| say!("assessment.item_answer", id = *id, answer = a.word(), why = why(id))).collect();
            say!("assessment.neither_rule", list = Arg::Clauses(told))
        };
        Self::Open { why }
    }

    pub fn words(&self) -> Text {
        match self {
            Self::StrategicShift => say!("assessment.strategic_shift"),
            Self::CircumstantialEscalation => say!("assessment.circumstantial_escalation"),
            Self::Open { .. } => say!("assessment.open"),
        }
    }
}

fn answer(items: &[Item], id: &str) -> Answer {
    items.iter().find(|i| i.id == id).map_or(Answer::Undetermined, |i| i.answer)
}

/// The probability of a strategic shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Likely {
    pub probability: f64,
    /// ICD 203.
    pub word: String,
    /// What went in: T1, T2, T4 and T5.
    pub parts: Vec<(String, f64)>,
    /// P(T5) is the declared prior: not all months in which a step could begin are known.
    pub from_prior: bool,
    pub rule: Text,
}

impl Likely {
    /// The rule of the battery.
    pub(super) fn of(items: &[Item], step: Option<f64>, numbers: &Probability, prior_step: f64) -> Option<Self> {
        let of = |id: &str| match answer(items, id) {
            Answer::Yes => numbers.yes.value,
            Answer::No => numbers.no.value,
            Answer::Undetermined => numbers.undetermined.value,
        };
        let (t1, t2, t4, t5) = (of("T1"), of("T2"), of("T4"), step.unwrap_or(prior_step));
        let probability = t1 * t5 * (1.0 - (1.0 - t2) * (1.0 - t4));
        Some(Self {
            probability,
            word: Likelihood::of(probability).ok()?.words().into(),
            parts: [("T1", t1), ("T5", t5), ("T2", t2), ("T4", t4)].map(|(id, p)| (id.to_owned(), p)).into(),
            from_prior: step.is_none(),
            rule: numbers.rule.clone(),
        })
    }
}

/// How much the assessment can be trusted. It never enters the probability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Low,
    Moderate,
    High,
}

impl Level {
    pub fn word(self) -> Text {
        match self {
            Self::Low => say!("assessment.low"),
            Self::Moderate => say!("assessment.moderate"),
            Self::High => say!("assessment.high"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Confidence {
    pub level: Level,
    pub reasons: Vec<Text>,
}

impl Confidence {
    /// One point for each weakness of coverage, age, precision and recording.
    pub(super) fn judge(items: &[Item], record: &Record<'_>) -> Self {
        let limits = &record.battery.confidence;
        let mut reasons = Vec::new();
        let lacking: Vec<&str> = ["T1", "T2", "T4", "T5"].into_iter().filter(|id| answer(items, id) == Answer::Undetermined).collect();
        if !lacking.is_empty() {
            reasons.push(say!("assessment.cannot_bear", list = lacking.clone()));
        }
        let mut points = lacking.len();
        let now = Month::of(record.evidence.as_of.day);
        let reach = record.reach(&record.countries, record.baseline());
        match reach.map(|day| now.0 - Month::of(day).0) {
            Some(age) if f64::from(age) > limits.age_months_above.value => {
                points += 1;
                reasons.push(say!("assessment.source_ends", n = age));
            }
            None => {
                points += 1;
                reasons.push(say!("assessment.no_source_year"));
            }
            Some(_) => {}
        }
        let last = record.battery.persistence.windows.days.last().copied().unwrap_or_default();
        if reach.is_none_or(|day| day < record.wave) {
            points += 2;
            reasons.push(say!("assessment.wave_not_counted"));
        } else if reach.is_none_or(|day| day < days_after(record.wave, last)) {
            points += 1;
            reasons.push(say!("assessment.days_not_counted", days = last));
        }
        if record.wave_rows().is_empty() {
            points += 1;
            reasons.push(say!("assessment.reports_only"));
        }
        let country = record.battery.wave.country.as_str();
        let (mut coarse, mut all) = (0, 0);
        for event in record.attacks(record.baseline(), record.evidence.as_of.day).filter(|e| e.now.country == country) {
            all += 1;
            coarse += i32::from(!event.has_point());
        }
        if all > 0 && f64::from(coarse) / f64::from(all) > limits.imprecise_share_above.value {
            points += 1;
            reasons.push(say!("assessment.attacks_imprecise", coarse = coarse, all = all));
        }
        if answer(items, "T7") == Answer::Yes {
            points += 1;
            reasons.push(say!("assessment.recording_changed_reason"));
        }
        let at_most = |limit: f64| points as f64 <= limit;
        let level = if at_most(limits.high_at_most.value) {
            Level::High
        } else if at_most(limits.moderate_at_most.value) {
            Level::Moderate
        } else {
            Level::Low
        };
        Self { level, reasons }
    }
}
