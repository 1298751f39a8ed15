//! Mirrors of the TOML files under `indicators/`: what a person writes, before it is checked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::UnitKind;
use crate::index::{Bands, Direction, Goalposts, Operator};
use crate::measures::{AnyMeasure, Attack};
use crate::text::{Day, Text};

/// One indicator: what it means, how its raw value is measured and how that is scored.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Indicator of a tukhum framework")]
pub struct IndicatorFile {
    /// Name of the indicator; unique within its framework.
    pub id: String,
    /// Short name.
    pub label: Text,
    /// One sentence that says what it is.
    pub definition: Text,
    /// Unit of the raw value.
    pub unit_of_measurement: Text,
    /// Which end of the raw value is risky. With bands, the scores say it and this repeats it.
    pub direction: Direction,
    /// Datasets that the measure reads.
    pub datasets: Vec<String>,
    /// Document and paragraph that ask for it.
    pub asked_by: Vec<Cited>,
    /// From when the definition holds.
    pub valid_from: Day,
    /// How the raw value is computed.
    pub measure: AnyMeasure,
    /// How the raw value becomes a score.
    pub score: Scoring,
    /// Its place in the tree, when framework.toml does not list it.
    pub joins: Option<Joins>,
}

/// Where a statement comes from.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cited {
    /// `D1`, `D2`, or a reference.
    pub document: String,
    pub paragraph: Option<u32>,
    /// What it says there, in own words.
    pub says: String,
}

/// The place of an indicator in the tree.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Joins {
    pub dimension: String,
    pub weight: f64,
    /// Why this weight.
    pub rationale: String,
}

/// How a raw value becomes a score from 0 to 10.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum Scoring {
    /// Linear between two fixed raw values.
    Goalposts {
        lower: Goalpost,
        upper: Goalpost,
        #[serde(default)]
        transform: Transform,
    },
    /// A threshold table.
    Bands {
        steps: Vec<Step>,
        /// Score of raw values below the first edge.
        #[serde(default)]
        below: f64,
    },
}

/// A raw value that scores 0 or 10.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Goalpost {
    pub value: f64,
    /// Why this value: a citation or a stated judgement.
    pub reason: String,
}

/// A band of a threshold table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The band holds for raw values at or above this one.
    pub from: f64,
    /// Score, 0 to 10.
    pub score: f64,
    /// Why.
    pub reason: String,
}

/// Applied to the raw value and to the goalposts before scoring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    #[default]
    None,
    /// `ln(1 + x)`: steps among small values count more than among large ones.
    Log1p,
}

/// A scoring rule that was checked.
#[derive(Clone, Debug)]
pub enum Score {
    Goalposts { goalposts: Goalposts, transform: Transform },
    Bands(Bands),
}

impl Score {
    /// Score of a raw value, 0 to 10, 10 = most risk.
    pub fn of(&self, raw: f64, direction: Direction) -> f64 {
        match self {
            Self::Goalposts { goalposts, transform } => goalposts.score(transform.apply(raw), direction),
            Self::Bands(bands) => bands.score(raw),
        }
    }
}

impl Scoring {
    /// The rule as the engine uses it; none where it is not valid.
    pub fn checked(&self) -> Option<Score> {
        match self {
            Self::Goalposts { lower, upper, transform } => {
                let goalposts = Goalposts::new(transform.apply(lower.value), transform.apply(upper.value)).ok()?;
                Some(Score::Goalposts { goalposts, transform: *transform })
            }
            Self::Bands { steps, below } => {
                Bands::with_below(*below, steps.iter().map(|s| (s.from, s.score)).collect()).ok().map(Score::Bands)
            }
        }
    }
}

impl Transform {
    pub fn apply(self, x: f64) -> f64 {
        match self {
            Self::None => x,
            Self::Log1p => x.max(0.0).ln_1p(),
        }
    }
}

/// The tree of one framework.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Tree of a tukhum framework")]
pub struct FrameworkFile {
    pub version: String,
    pub unit_kind: UnitKind,
    pub label: Text,
    /// Id of the dimension at the top.
    pub root: String,
    /// Bands of the composite score.
    pub classes: ClassesFile,
    /// What counts as an attack by an armed group.
    pub attack: Attack,
    /// When confidence is high, moderate or low.
    pub confidence: Confidence,
    /// The dimensions, the root among them.
    pub dimension: Vec<DimensionFile>,
}

/// A dimension: its children, how they are joined, and how many must be known.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DimensionFile {
    pub id: String,
    pub label: Text,
    pub operator: Operator,
    /// Why this operator.
    pub operator_reason: String,
    /// Share of the children's weight that must be known, else the dimension is missing.
    pub minimum_coverage: f64,
    /// Why this share.
    pub coverage_reason: String,
    #[serde(default)]
    pub child: Vec<ChildFile>,
}

/// A child of a dimension with its nominal weight.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChildFile {
    pub id: String,
    pub weight: f64,
    /// Why this weight.
    pub rationale: String,
}

/// Classes of the composite score.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassesFile {
    /// Why these edges.
    pub source: String,
    pub lowest: ClassName,
    pub step: Vec<ClassStep>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassName {
    pub id: String,
    pub label: Text,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassStep {
    pub at_or_above: f64,
    pub id: String,
    pub label: Text,
}

/// Thresholds of the confidence in a unit's score. Confidence never enters the score.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confidence {
    /// Weaknesses at or below which confidence is high.
    pub high_at_most: u32,
    /// Weaknesses at or below which confidence is moderate.
    pub moderate_at_most: u32,
    /// Less of the weight known than this is a weakness.
    pub coverage_below: f64,
    /// Less of the weight known than this is two weaknesses.
    pub coverage_far_below: f64,
    /// An exhaustive window that ends more than this many months before the date is a weakness.
    pub age_months_above: i32,
    /// A share of events without a precise place above this is a weakness.
    pub imprecise_share_above: f64,
    /// Fewer independent sources than this behind the ledger's rows is a weakness.
    pub sources_below: usize,
    /// Why these limits.
    pub reason: String,
}
