//! The report as plain data: every renderer shows these numbers, and none computes.
//!
//! Numbers are not rounded here.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::forecasts::{ForecastLine, ForecastRecord, ReliabilityBin};
use crate::assessment::Assessment;
use crate::text::Text;
use crate::track_record::{Said, Scored};

/// Name and version of the JSON form.
pub const FORMAT: &str = "tukhum-report/2";

/// One edition as its readers see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Name and version of this form; a change that would break a reader raises the number.
    #[schemars(extend("const" = FORMAT))]
    pub format: String,
    /// Version of the program.
    pub program: String,
    /// Day of the edition, `yyyy-mm-dd`.
    pub as_of: String,
    /// Later knowledge was let in.
    pub hindsight: bool,
    /// Day of the edition that changes are counted from.
    pub previous: Option<String>,
    /// The answer to the documents' question: verdict with likelihood, then confidence in a sentence of its own.
    pub headline: Vec<Text>,
    /// What happened in a few sentences.
    pub summary: Vec<Text>,
    /// What changed since the previous edition.
    pub changes: Vec<Change>,
    /// What to do, by audience.
    pub actions: Vec<Actions>,
    /// Provinces, then crossings.
    pub rankings: Vec<RankingTable>,
    /// Where high rates pile up, and where attacks came thick in place and time.
    pub hot_spots: HotSpots,
    /// The declared battery, item by item; none if the workspace declares none.
    pub assessment: Option<Assessment>,
    /// The verdict with what keeps it open, and the rule of its number.
    pub answer: Vec<Text>,
    /// What earlier editions said, and what became of it.
    pub track_record: TrackRecord,
    /// A card per unit, in the order of the rankings.
    pub cards: Vec<Card>,
    /// What became of the alerts of the previous edition.
    pub follow_up: Vec<FollowUpLine>,
    /// Drawn by the page; other programs take geometry from the boundaries themselves.
    #[serde(skip)]
    pub map: MapSheet,
    /// Where the scored units lie, for `units.geojson`.
    #[serde(skip)]
    pub shapes: Vec<UnitShape>,
    /// The recommendations that alerts name.
    pub recommendations: Vec<RecommendationNote>,
    pub method: Method,
    /// The frameworks in a form that scores can be computed from again.
    pub frameworks: Vec<FrameworkForm>,
    pub data: Vec<DatasetNote>,
    /// What is not known.
    pub gaps: Vec<Text>,
}

/// A unit that moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    pub unit: String,
    pub name: Text,
    pub kind: String,
    pub rank_before: Option<usize>,
    pub rank: Option<usize>,
    pub score_before: Option<f64>,
    pub score: Option<f64>,
    pub class_before: Option<String>,
    pub class: Option<String>,
    /// Rules that fire now and did not before.
    pub new_alerts: Vec<String>,
    /// Rules that fired before and do not now.
    pub ended_alerts: Vec<String>,
}

/// Advice to one audience.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Actions {
    pub audience: String,
    pub items: Vec<Action>,
}

/// A recommendation with the units and alerts that call for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Action {
    pub recommendation: String,
    pub title: Text,
    pub text: Text,
    pub severity: String,
    /// Units by severity and rank.
    pub units: Vec<ActionUnit>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ActionUnit {
    pub unit: String,
    pub name: Text,
    pub severity: String,
    /// Rules that fired.
    pub rules: Vec<String>,
}

/// A ranking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RankingTable {
    /// `provinces` or `crossings`.
    pub kind: String,
    pub label: Text,
    pub version: String,
    /// Administrative level of the units; none for crossings.
    #[serde(default)]
    pub level: Option<u8>,
    /// Dimensions in the order of the columns.
    pub dimensions: Vec<Named>,
    /// Every indicator with its place and weight.
    pub indicators: Vec<IndicatorNote>,
    pub rows: Vec<RankRow>,
    /// What the rank intervals come from; none where nothing could be drawn.
    pub certainty: Option<Certainty>,
}

/// How sure the ranks of a table are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Certainty {
    pub draws: usize,
    /// Draws in which no unit had a score.
    pub failed: usize,
    /// What varied in the draws.
    pub varied: Vec<Text>,
    /// The class of [`RankRow::p_high`].
    pub class: Option<Named>,
    /// Groups of units whose order is not to be trusted, by median rank.
    pub tied: Vec<Vec<Named>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Named {
    pub id: String,
    pub label: Text,
}

/// An indicator as the method section shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IndicatorNote {
    pub id: String,
    pub label: Text,
    pub definition: Text,
    pub unit_of_measurement: Text,
    pub dimension: String,
    /// Product of the weights up to the root.
    pub effective_weight: f64,
    pub higher_is_riskier: bool,
    /// Goalposts or bands in words.
    pub scoring: Text,
    pub asked_by: Vec<String>,
}

/// A unit's line in a ranking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RankRow {
    pub unit: String,
    pub pcodes: Vec<String>,
    pub name: Text,
    pub countries: Vec<String>,
    pub rank: Option<usize>,
    pub rank_before: Option<usize>,
    pub score: Option<f64>,
    pub score_before: Option<f64>,
    pub class: Option<String>,
    pub class_label: Option<Text>,
    /// Score if everything missing were harmless.
    pub best: f64,
    /// Score if everything missing were as bad as can be.
    pub worst: f64,
    pub confidence: String,
    /// Score of each dimension, in the order of [`RankingTable::dimensions`].
    pub dimensions: Vec<Option<f64>>,
    /// Highest severity of its alerts.
    pub severity: Option<String>,
    /// 5 % quantile of the rank in the draws, rounded down.
    pub rank_low: Option<usize>,
    /// 95 % quantile of the rank in the draws, rounded up.
    pub rank_high: Option<usize>,
    /// Probability of the class of [`Certainty::class`] or a higher one.
    pub p_high: Option<f64>,
    /// Ids of the units that it cannot be told apart from.
    #[serde(default)]
    pub tied_with: Vec<String>,
}

/// Everything about one unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Card {
    pub unit: String,
    pub kind: String,
    pub name: Text,
    pub countries: Vec<String>,
    /// Facts about the unit itself: people, seat, roads.
    pub about: Vec<Text>,
    pub rank: Option<usize>,
    pub of: usize,
    pub score: Option<f64>,
    pub class_label: Option<Text>,
    pub best: f64,
    pub worst: f64,
    pub confidence: String,
    pub confidence_reasons: Vec<Text>,
    /// Score with all known indicators at 0; the contributions add to it.
    pub baseline: f64,
    /// Indicators, the largest contribution first; missing ones last.
    pub indicators: Vec<IndicatorLine>,
    pub alerts: Vec<AlertLine>,
    /// Deadly events month by month; none where no exhaustive source counts them.
    pub timeline: Option<Timeline>,
    /// What the edition says of the months to come; provinces only.
    pub outlook: Option<Outlook>,
    /// What the forecast says of single months, in a line.
    #[serde(default)]
    pub forecast: Option<Text>,
    /// Rules that a missing value leaves open.
    pub undetermined: Vec<UndeterminedLine>,
    /// What would move the unit into another class.
    pub moves: Vec<Text>,
    pub waves: Vec<Wave>,
    pub events: Vec<EventLine>,
    /// Older events of exhaustive sources in the last two years that are not listed.
    pub events_left_out: usize,
    pub facts: Vec<FactLine>,
}

/// One indicator of a unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IndicatorLine {
    pub id: String,
    pub label: Text,
    pub dimension: String,
    pub unit_of_measurement: Text,
    pub raw: Option<f64>,
    /// Values that hold the raw one with a probability of 90 %.
    pub interval: Option<[f64; 2]>,
    pub at_least: bool,
    pub score: Option<f64>,
    pub contribution: Option<f64>,
    /// Months that an exhaustive source covers, `yyyy-mm`.
    pub window: Option<[String; 2]>,
    /// How the value came about.
    pub notes: Vec<Text>,
    /// Why there is no value.
    pub missing: Option<Text>,
    /// Rows behind the value: `dataset:row`.
    pub rows: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertLine {
    pub rule: String,
    pub severity: String,
    pub label: Text,
    pub condition: String,
    /// Name and raw value (or score) of what the condition uses.
    pub values: BTreeMap<String, Option<f64>>,
    pub recommendation: String,
    pub audience: Vec<String>,
    pub ends_when: Text,
}

/// What the documents advise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecommendationNote {
    pub id: String,
    pub title: Text,
    pub text: Text,
    /// Documents and paragraphs.
    pub asked_by: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UndeterminedLine {
    pub rule: String,
    pub label: Text,
    /// What the condition needs and nobody knows.
    pub missing: Vec<Text>,
}

/// Simultaneous incidents that touched a unit, with all their places.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Wave {
    pub id: String,
    pub date: String,
    pub actor: String,
    pub places: Vec<Text>,
    /// Claims about the wave as a whole.
    pub claims: Vec<ClaimLine>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventLine {
    /// `dataset:row`
    pub row: String,
    pub date: String,
    pub place: Text,
    pub what: Text,
    pub deaths: Text,
    pub first_time: bool,
    pub note: Option<Text>,
    pub source: Text,
    pub url: String,
    /// Admiralty code, such as `B2`.
    pub grade: String,
    pub claims: Vec<ClaimLine>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClaimLine {
    pub claimant: Text,
    pub metric: Text,
    pub figure: Text,
    /// In the language of the source, which is English.
    pub text: String,
    pub adopted: bool,
    pub source: String,
    pub url: String,
    pub grade: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FactLine {
    pub row: String,
    pub theme: Text,
    /// In the language of the source, which is English.
    pub value: String,
    pub level: Option<i64>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub partner: Option<String>,
    pub source: String,
    pub url: String,
    pub grade: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FollowUpLine {
    pub rule: String,
    pub label: Text,
    pub unit: String,
    pub name: Text,
    /// `fires`, `ended` or `undetermined`.
    pub state: String,
    pub facts: Vec<FactLine>,
}

/// Deadly events of a unit month by month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// First and last month, `yyyy-mm`.
    pub from: String,
    pub to: String,
    /// One entry a month; none where no exhaustive source covers it.
    pub events: Vec<Option<i64>>,
    /// The largest of them with its month.
    pub most: i64,
    pub most_in: Option<String>,
    pub total: i64,
    /// Months that are not covered.
    pub unknown: usize,
    /// What is counted, and what is left out.
    pub note: Text,
}

/// A statement about the months to come that a later edition scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outlook {
    pub text: Text,
    pub probability: f64,
    /// ICD 203.
    pub word: Text,
    pub until: String,
}

/// Hot spots of the rates, and clusters in space and time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HotSpots {
    pub provinces: Vec<HotSpotLine>,
    pub clusters: Vec<ClusterLine>,
    /// What was searched, and how.
    pub notes: Vec<Text>,
}

/// A province amid high rates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HotSpotLine {
    pub unit: String,
    pub name: Text,
    /// Standard score of Gi*.
    pub z: f64,
    pub p: f64,
    /// p adjusted over all provinces.
    pub q: f64,
    pub may_be_chance: bool,
}

/// Attacks that came thick in place and time at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClusterLine {
    /// The nearest town on record, with the distance.
    pub place: Text,
    pub latitude: f64,
    pub longitude: f64,
    pub radius_km: f64,
    pub from: String,
    pub to: String,
    pub events: usize,
    pub expected: f64,
    pub p: f64,
    pub may_be_chance: bool,
}

/// What earlier editions said, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrackRecord {
    /// In words.
    pub sentences: Vec<Text>,
    /// One line per edition and kind of statement.
    pub editions: Vec<RecordLine>,
    pub scored: Vec<Scored>,
    /// Earlier statements that no edition could score yet.
    pub open: Vec<Said>,
    /// What this edition says; later ones score it.
    pub says: Vec<Said>,
    /// Forecasts by province and month.
    #[serde(default)]
    pub forecasts: ForecastRecord,
}

/// The statements of one kind that one edition made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecordLine {
    pub edition: String,
    pub text: Text,
    /// Last day of the time that they are about.
    pub until: String,
    pub scored: usize,
    pub came_true: usize,
    /// Sum of the probabilities of the scored ones.
    pub expected: f64,
    /// Mean Brier score of the scored ones.
    pub brier: Option<f64>,
    /// The same if each had been given the share that came true, which nobody knew beforehand.
    pub brier_of_share: Option<f64>,
    /// Not scored yet.
    pub open: usize,
}

/// Where a unit lies, in degrees: longitude, then latitude.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitShape {
    pub unit: String,
    pub shape: Shape,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Point([f64; 2]),
    /// Polygons, each with its outer ring and its holes; rings close.
    Area(Vec<Vec<Vec<[f64; 2]>>>),
}

/// The map in the plane: kilometres from its lower left corner, y upward.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MapSheet {
    pub width_km: f64,
    pub height_km: f64,
    pub areas: Vec<MapArea>,
    /// International borders as lines.
    pub borders: Vec<Vec<[f64; 2]>>,
    pub crossings: Vec<MapPoint>,
    /// Attacks with a precise place in the twelve months before the date.
    pub attacks: Vec<[f64; 2]>,
    /// Clusters in space and time, in the order of [`HotSpots::clusters`].
    pub clusters: Vec<MapCircle>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MapCircle {
    pub at: [f64; 2],
    pub radius_km: f64,
    pub title: Text,
    pub may_be_chance: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MapArea {
    pub unit: String,
    pub name: Text,
    /// Class, for scored units.
    pub class: Option<String>,
    pub scored: bool,
    /// A hot spot; whether it may be chance.
    pub hot: Option<bool>,
    pub rings: Vec<Vec<[f64; 2]>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MapPoint {
    pub unit: String,
    pub name: Text,
    pub class: Option<String>,
    pub at: [f64; 2],
}

/// How the numbers came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Method {
    /// Classes from the lowest: id, label and lower edge.
    pub classes: Vec<ClassNote>,
    /// Dimensions with operator and coverage rule, in words.
    pub trees: Vec<TreeNote>,
    pub attack: Text,
    pub confidence: Text,
    pub seed: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClassNote {
    pub id: String,
    pub label: Text,
    pub at_or_above: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TreeNote {
    pub kind: String,
    pub dimension: Text,
    pub operator: Text,
    pub minimum_coverage: f64,
    /// Children with their nominal weights.
    pub children: Vec<(Text, f64)>,
}

/// A framework as data: enough to compute every score again from the raw values of the cards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FrameworkForm {
    pub kind: String,
    pub root: String,
    pub nodes: Vec<NodeForm>,
    pub indicators: Vec<IndicatorForm>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NodeForm {
    pub id: String,
    pub operator: crate::index::Operator,
    pub minimum_coverage: f64,
    /// Children with their nominal weights.
    pub children: Vec<(String, f64)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IndicatorForm {
    pub id: String,
    pub direction: crate::index::Direction,
    pub scoring: crate::framework::file::Scoring,
}

/// A dataset as the report names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DatasetNote {
    pub id: String,
    pub title: String,
    pub kind: String,
    pub licence: String,
    pub citation: String,
    /// Latest release known on the day, with its publication date and reach.
    pub vintage: Text,
}
