//! Strategic shift or circumstantial escalation: the declared battery, answered as of a day.
//!
//! A pure function of the battery, the evidence and the seed. Every item answers yes, no or
//! undetermined; an exhaustive source gives rates, the ledger gives presence, and neither stands in
//! for the other.

mod artefact;
mod coordination;
mod displacement;
pub mod file;
mod kinds;
mod novelty;
mod persistence;
mod pre_trend;
mod record;
mod verdict;

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::datasets::Datasets;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::evidence::Evidence;
use crate::measures::Attack;
use crate::say;
use crate::text::{Day, Text};
use crate::toml_file;
use crate::workspace::Workspace;
use file::{About, Battery, Role};
use record::Record;
pub use verdict::{Confidence, Level, Likely, Verdict};

/// Where the battery is written.
pub const PATH: &str = "indicators/assessment.toml";

/// Answer of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    Yes,
    No,
    Undetermined,
}

impl Answer {
    pub fn word(self) -> Text {
        match self {
            Self::Yes => say!("assessment.yes"),
            Self::No => say!("assessment.no"),
            Self::Undetermined => say!("assessment.undetermined"),
        }
    }
}

/// A number behind an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    pub name: Text,
    pub value: Option<f64>,
    pub low: Option<f64>,
    /// None where unbounded or without an interval.
    pub high: Option<f64>,
    /// None where the name says it.
    pub unit: Option<Text>,
}

impl Figure {
    fn new(name: Text, value: Option<f64>, unit: Option<Text>) -> Self {
        Self { name, value, low: None, high: None, unit }
    }

    fn between(mut self, low: Option<f64>, high: Option<f64>) -> Self {
        (self.low, self.high) = (low, high);
        self
    }
}

/// Rows of a dataset that an item used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Used {
    pub dataset: String,
    pub rows: usize,
    pub from: Day,
    pub to: Day,
}

/// Why an item has no answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Need {
    pub why: Text,
    /// Data that would settle it.
    pub settled_by: Option<Text>,
}

/// An item with its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// T1 to T7.
    pub id: String,
    pub question: Text,
    pub answer: Answer,
    /// The number that the answer hangs on comes first.
    pub figures: Vec<Figure>,
    pub findings: Vec<Text>,
    pub used: Vec<Used>,
    /// Why there is no answer, and which data would settle it.
    pub needs: Vec<Need>,
    /// What would overturn the answer.
    pub falsifier: Text,
    /// The numbers that would turn it.
    pub turns: Vec<Text>,
}

impl Item {
    fn new(id: &str, about: &About) -> Self {
        Self {
            id: id.into(),
            question: about.question.clone(),
            answer: Answer::Undetermined,
            figures: Vec::new(),
            findings: Vec::new(),
            used: Vec::new(),
            needs: Vec::new(),
            falsifier: about.falsifier.clone(),
            turns: Vec::new(),
        }
    }

    fn needs(mut self, why: Text) -> Self {
        self.needs.push(Need { why, settled_by: None });
        self
    }

    fn needs_data(mut self, why: Text, settled_by: Text) -> Self {
        self.needs.push(Need { why, settled_by: Some(settled_by) });
        self
    }
}

/// The question as of a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Assessment {
    pub question: Text,
    pub battery: String,
    pub as_of: Day,
    pub hindsight: bool,
    pub seed: u64,
    pub wave: Day,
    /// The day on which the last window of persistence ends: no verdict can follow before.
    pub decides: Day,
    /// Why nothing is assessed: the wave lies after the day, or no source known that day records it.
    pub nothing: Option<Text>,
    pub items: Vec<Item>,
    pub verdict: Option<Verdict>,
    pub likely: Option<Likely>,
    pub confidence: Option<Confidence>,
}

impl Assessment {
    /// Answers the battery with what was known.
    pub fn compute(battery: &Battery, attack: &Attack, evidence: &Evidence<'_>, seed: u64) -> Self {
        let record = Record::new(battery, attack, evidence);
        let mut assessment = Self {
            question: battery.question.clone(),
            battery: battery.version.clone(),
            as_of: Day(evidence.as_of.day),
            hindsight: evidence.as_of.hindsight,
            seed,
            wave: battery.wave.date,
            decides: Day(days_after(battery.wave.date.0, battery.persistence.windows.days.last().copied().unwrap_or_default())),
            nothing: None,
            items: Vec::new(),
            verdict: None,
            likely: None,
            confidence: None,
        };
        if evidence.as_of.day < record.wave {
            assessment.nothing = Some(say!("assessment.wave_lies_ahead", day = record.wave));
            return assessment;
        }
        if record.wave_ledger().is_empty() && record.wave_rows().is_empty() {
            assessment.nothing = Some(say!("assessment.wave_unknown", day = record.wave));
            return assessment;
        }
        let persistence = persistence::answer(&record);
        let artefact = artefact::answer(&record);
        let step = persistence.step;
        let withheld = artefact.withholds;
        assessment.items = vec![
            pre_trend::answer(&record, seed),
            novelty::answer(&record),
            coordination::answer(&record),
            kinds::answer(&record),
            persistence.item,
            displacement::answer(&record),
            artefact.item,
        ];
        let verdict = Verdict::of(&assessment.items, withheld);
        assessment.likely = Likely::of(&assessment.items, step, &battery.probability, battery.persistence.prior_step.value);
        assessment.confidence = Some(Confidence::judge(&assessment.items, &record));
        assessment.verdict = Some(verdict);
        assessment
    }
}

/// Reads the battery; none if the workspace has none or it is refused.
pub fn load(workspace: &Workspace, data: &Datasets, problems: &mut Diagnostics) -> Option<Battery> {
    let bytes = workspace.files.get(PATH)?;
    let before = problems.errors();
    let (battery, source) = toml_file::read::<Battery>(PATH, bytes, problems)?;
    let known: BTreeSet<&str> = data.provinces.iter().chain(&data.layer.regions).map(|p| p.id.as_str()).collect();
    for (i, area) in battery.area.iter().enumerate() {
        for (k, unit) in area.units.iter().enumerate().filter(|(_, u)| !known.is_empty() && !known.contains(u.as_str())) {
            problems.push(
                Diagnostic::error("unknown-name", format!("unknown province `{unit}`"), source.at(&format!("/area/{i}/units/{k}")))
                    .rule("an area is a set of provinces of the dataset of units")
                    .help(crate::diagnostics::suggestion(unit, known.iter().copied())),
            );
        }
    }
    let belts = battery.area.iter().filter(|a| a.role == Role::Belt).count();
    let fronts = battery.area.iter().filter(|a| a.role == Role::Front).count();
    if belts != 1 || fronts == 0 {
        problems.push(
            Diagnostic::error("areas", format!("{belts} areas are the belt and {fronts} are fronts"), source.at("/area"))
                .rule("exactly one area has the role `belt`, and at least one the role `front`")
                .help("set the roles"),
        );
    }
    for (at, days) in [
        ("/persistence/windows/days", &battery.persistence.windows.days),
        ("/displacement/windows/days", &battery.displacement.windows.days),
        ("/artefact/windows/days", &battery.artefact.windows.days),
    ] {
        if days.is_empty() || days.iter().any(|d| !(1..=3660).contains(d)) || days.windows(2).any(|w| matches!(w, [a, b] if a >= b)) {
            problems.push(
                Diagnostic::error("windows", format!("the windows are {days:?}"), source.at(at))
                    .rule("windows are days from 1 to 3660, rising, at least one")
                    .help("for example days = [30, 90, 180]"),
            );
        }
    }
    for (at, number, low, high) in ranges(&battery) {
        if !(low..=high).contains(&number) {
            problems.push(
                Diagnostic::error("out-of-range", format!("the value is {number}"), source.at(at))
                    .rule(format!("the value lies between {low} and {high}"))
                    .help("change the value"),
            );
        }
    }
    (problems.errors() == before).then_some(battery)
}

/// Numbers with the place where they are written and what they may be.
fn ranges(b: &Battery) -> Vec<(&'static str, f64, f64, f64)> {
    let small = 1e-6;
    vec![
        ("/general/level/value", b.general.level.value, 0.5, 0.999),
        ("/general/baseline_months/value", b.general.baseline_months.value, 1.0, 120.0),
        ("/pre_trend/window_months/value", b.pre_trend.window_months.value, 1.0, 240.0),
        ("/pre_trend/minimum_months/value", b.pre_trend.minimum_months.value, 1.0, 240.0),
        ("/pre_trend/p_at_most/value", b.pre_trend.p_at_most.value, 0.0, 1.0),
        ("/pre_trend/relevant_km_per_year/value", b.pre_trend.relevant_km_per_year.value, 0.0, 10_000.0),
        ("/pre_trend/replicates/value", b.pre_trend.replicates.value, 99.0, 100_000.0),
        ("/novelty/window_months/value", b.novelty.window_months.value, 1.0, 240.0),
        ("/novelty/share_at_least/value", b.novelty.share_at_least.value, 0.0, 1.0),
        ("/coordination/window_months/value", b.coordination.window_months.value, 1.0, 240.0),
        ("/coordination/minimum_months/value", b.coordination.minimum_months.value, 1.0, 240.0),
        ("/coordination/radius_km/value", b.coordination.radius_km.value, 1.0, 20_000.0),
        ("/coordination/chance_in_a_year_at_most/value", b.coordination.chance_in_a_year_at_most.value, 0.0, 1.0),
        ("/kinds/after_days/value", b.kinds.after_days.value, 0.0, 3660.0),
        ("/kinds/credibility_at_most/value", b.kinds.credibility_at_most.value, 1.0, 6.0),
        ("/persistence/series_months/value", b.persistence.series_months.value, 2.0, 240.0),
        ("/persistence/prior_mean/value", b.persistence.prior_mean.value, small, 1e6),
        ("/persistence/prior_months/value", b.persistence.prior_months.value, small, 1e6),
        ("/persistence/prior_step/value", b.persistence.prior_step.value, 0.0, 1.0),
        ("/persistence/prior_pulse/value", b.persistence.prior_pulse.value, 0.0, 1.0),
        ("/persistence/prior_step/value", b.persistence.prior_step.value + b.persistence.prior_pulse.value, 0.0, 0.999),
        ("/persistence/longest_pulse_months/value", b.persistence.longest_pulse_months.value, 1.0, 240.0),
        ("/persistence/tolerance_months/value", b.persistence.tolerance_months.value, 0.0, 24.0),
        ("/persistence/step_at_least/value", b.persistence.step_at_least.value, 0.5, 1.0),
        ("/persistence/step_at_most/value", b.persistence.step_at_most.value, 0.0, 0.5),
        ("/displacement/held_above/value", b.displacement.held_above.value, 0.0, 1.0),
        ("/artefact/restated_after_days/value", b.artefact.restated_after_days.value, 1.0, 3660.0),
        ("/probability/yes/value", b.probability.yes.value, 0.5, 1.0),
        ("/probability/no/value", b.probability.no.value, 0.0, 0.5),
        ("/probability/undetermined/value", b.probability.undetermined.value, 0.0, 1.0),
    ]
}

/// Months before a day.
fn months_before(day: Date, months: i32) -> Date {
    day.checked_sub(jiff::Span::new().months(i64::from(months))).unwrap_or(Date::MIN)
}

/// Days after a day, or before it.
fn days_after(day: Date, days: i32) -> Date {
    day.checked_add(jiff::Span::new().days(i64::from(days))).unwrap_or(Date::MAX)
}
