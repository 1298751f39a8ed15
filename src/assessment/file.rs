//! The battery as it is written in `indicators/assessment.toml`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Day, Text};

/// A number with the reason for it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reasoned {
    pub value: f64,
    /// Why this number; judged before the statistic was run.
    pub reason: String,
}

impl Reasoned {
    /// The value as a whole number.
    pub fn whole(&self) -> i32 {
        self.value.round() as i32
    }
}

/// Windows after the wave with the reason for them.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Windows {
    /// Days after the wave, rising; the last one decides.
    pub days: Vec<i32>,
    pub reason: String,
}

/// A battery of items that tells a strategic shift from a circumstantial escalation.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Assessment of a tukhum workspace")]
pub struct Battery {
    pub version: String,
    pub question: Text,
    pub wave: Wave,
    /// Named sets of provinces.
    pub area: Vec<Area>,
    pub general: General,
    /// T1: did attacks move west before the wave?
    pub pre_trend: PreTrend,
    /// T2: did the wave break new ground?
    pub novelty: Novelty,
    /// T3: was the wave an unusual operation?
    pub coordination: Coordination,
    /// T4: were there new kinds of targets and tactics?
    pub kinds: Kinds,
    /// T5: did it last?
    pub persistence: Persistence,
    /// T6: did other fronts fall?
    pub displacement: Displacement,
    /// T7: did the recording change?
    pub artefact: Artefact,
    pub probability: Probability,
    pub confidence: Confidence,
}

/// The wave that is judged.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wave {
    pub date: Day,
    /// `wave_id` in the ledger.
    pub ledger_wave: String,
    /// Name of the armed group in the event source.
    pub actor: String,
    /// Country whose attacks are the theatre, ISO 3166-1 alpha-3.
    pub country: String,
    /// Where it is told.
    pub source: String,
}

/// A named set of provinces.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Area {
    pub id: String,
    pub label: Text,
    pub units: Vec<String>,
    pub role: Role,
    pub reason: String,
}

/// What an area is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Where the shift would go: one area.
    Belt,
    /// A narrower belt, shown beside it as a check.
    Check,
    /// Where fighting would move away from.
    Front,
}

/// What is asked, with what, and what would overturn the answer.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct About {
    pub question: Text,
    /// Formula in words.
    pub statistic: String,
    /// Data that the answer needs.
    pub data: String,
    /// What would overturn the answer.
    pub falsifier: Text,
}

/// Numbers that several items share.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct General {
    /// Share inside intervals.
    pub level: Reasoned,
    /// Months before the wave that later months are compared with.
    pub baseline_months: Reasoned,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreTrend {
    pub about: About,
    pub window_months: Reasoned,
    /// Fewest months of points.
    pub minimum_months: Reasoned,
    /// Largest p-value of the permutation for a yes.
    pub p_at_most: Reasoned,
    /// Movement in km per year below which nobody would speak of a shift.
    pub relevant_km_per_year: Reasoned,
    pub replicates: Reasoned,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Novelty {
    pub about: About,
    pub window_months: Reasoned,
    /// Share of the wave's cells in the belt that must be new.
    pub share_at_least: Reasoned,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coordination {
    pub about: About,
    pub window_months: Reasoned,
    /// Fewest months of record.
    pub minimum_months: Reasoned,
    pub radius_km: Reasoned,
    /// Chance in a year, by the record, at or below which the wave stands out.
    pub chance_in_a_year_at_most: Reasoned,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kinds {
    pub about: About,
    pub after_days: Reasoned,
    /// Worst credibility (1 to 6) that still counts.
    pub credibility_at_most: Reasoned,
    pub kind: Vec<NewKind>,
}

/// A kind of attack: a row is of the kind if it has all `tactics` and, if any are named, one of `targets`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKind {
    pub id: String,
    pub label: Text,
    #[serde(default)]
    pub tactics: Vec<String>,
    #[serde(default)]
    pub targets: Vec<String>,
    pub reason: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Persistence {
    pub about: About,
    pub windows: Windows,
    /// Longest series before the wave for the change models.
    pub series_months: Reasoned,
    /// Mean and weight in months of what is believed of the belt's monthly count beforehand.
    pub prior_mean: Reasoned,
    pub prior_months: Reasoned,
    /// Prior probability of a step and of a pulse; the rest is no change.
    pub prior_step: Reasoned,
    pub prior_pulse: Reasoned,
    pub longest_pulse_months: Reasoned,
    /// How far from the wave's month a step may begin and still belong to it.
    pub tolerance_months: Reasoned,
    /// Posterior of a step up at or above which the answer is yes.
    pub step_at_least: Reasoned,
    /// And at or below which it is no.
    pub step_at_most: Reasoned,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Displacement {
    pub about: About,
    pub windows: Windows,
    /// A front held if its ratio is above this with the interval's whole length.
    pub held_above: Reasoned,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Artefact {
    pub about: About,
    pub windows: Windows,
    /// A row whose state in force was published more days than this after the event was restated.
    pub restated_after_days: Reasoned,
}

/// The rule for the probability of a strategic shift.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Probability {
    /// The rule in words.
    pub rule: Text,
    pub yes: Reasoned,
    pub no: Reasoned,
    pub undetermined: Reasoned,
}

/// When confidence is high, moderate or low.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confidence {
    pub high_at_most: Reasoned,
    pub moderate_at_most: Reasoned,
    /// Months between the end of the exhaustive source and the date that are still normal.
    pub age_months_above: Reasoned,
    /// Share of attacks without a precise place that is still normal.
    pub imprecise_share_above: Reasoned,
}
