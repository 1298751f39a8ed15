//! One edition: scores, ranks, drivers, confidence and alerts as of a day.
//!
//! A pure function of the sources, the day and the seed.

mod alerts;
mod confidence;
mod grades;
mod sources;

use std::collections::BTreeMap;

use jiff::civil::Date;
use rayon::prelude::*;

pub use alerts::{Alert, Alerts, FollowUp, Undetermined};
pub use confidence::{Confidence, Level};
pub use grades::Grades;
pub use sources::{EditionDates, Sources};

use crate::evidence::{AsOf, Evidence, Unit};
use crate::framework::{Framework, UnitKind};
use crate::index::{Drivers, Evaluation, rank};
use crate::measures::{Context, Reading};
use crate::say;

/// A unit with everything that was computed for it.
#[derive(Clone, Debug)]
pub struct Scored<'a> {
    pub unit: Unit<'a>,
    /// In the order of the framework's indicators.
    pub readings: Vec<Reading>,
    /// Scores of the indicators, 0 to 10.
    pub scores: Vec<Option<f64>>,
    pub evaluation: Evaluation,
    /// Score of the root.
    pub score: Option<f64>,
    /// Scores if everything missing were harmless, or as bad as can be.
    pub bounds: (f64, f64),
    pub drivers: Option<Drivers>,
    pub class: Option<usize>,
    pub rank: Option<usize>,
    pub confidence: Confidence,
}

/// The units of one kind, in the order of their ids.
#[derive(Clone, Debug)]
pub struct Ranking<'a> {
    pub framework: &'a Framework,
    pub units: Vec<Scored<'a>>,
}

impl<'a> Ranking<'a> {
    /// From the highest risk to the lowest; units without a score come last.
    pub fn by_rank(&self) -> Vec<&Scored<'a>> {
        let mut units: Vec<&Scored> = self.units.iter().collect();
        units.sort_by(|a, b| {
            (a.rank.unwrap_or(usize::MAX), a.unit.id()).cmp(&(b.rank.unwrap_or(usize::MAX), b.unit.id()))
        });
        units
    }

    pub fn unit(&self, id: &str) -> Option<&Scored<'a>> {
        self.units.iter().find(|u| u.unit.id() == id)
    }

    /// Scores of the indicators, one list per unit.
    pub fn rows(&self) -> Vec<Vec<Option<f64>>> {
        self.units.iter().map(|u| u.scores.clone()).collect()
    }
}

/// An edition before it becomes a report.
#[derive(Debug)]
pub struct Edition<'a> {
    pub as_of: AsOf,
    pub evidence: Evidence<'a>,
    pub provinces: Ranking<'a>,
    pub crossings: Ranking<'a>,
    pub alerts: Alerts<'a>,
}

impl<'a> Edition<'a> {
    /// Computes the edition of a day.
    pub fn compute(sources: &'a Sources, day: Date, hindsight: bool) -> Self {
        let as_of = AsOf { day, hindsight };
        let evidence = Evidence::new(&sources.datasets, &sources.resolver, as_of);
        let [provinces, crossings] = UnitKind::ALL.map(|kind| ranking(sources, &evidence, kind));
        let alerts = Alerts::raise(sources, [&provinces, &crossings]);
        Self { as_of, evidence, provinces, crossings, alerts }
    }

    pub fn rankings(&self) -> [&Ranking<'a>; 2] {
        [&self.provinces, &self.crossings]
    }

    pub fn unit(&self, id: &str) -> Option<(&Ranking<'a>, &Scored<'a>)> {
        self.rankings().into_iter().find_map(|r| r.unit(id).map(|u| (r, u)))
    }
}

/// The units that are scored, in the order of their ids.
fn units_of(sources: &Sources, kind: UnitKind) -> Vec<Unit<'_>> {
    match kind {
        UnitKind::Provinces => sources.datasets.provinces.iter().filter(|p| p.scored).map(Unit::Province).collect(),
        UnitKind::Crossings => sources.datasets.crossings.iter().map(Unit::Crossing).collect(),
    }
}

fn ranking<'a>(sources: &'a Sources, evidence: &Evidence<'a>, kind: UnitKind) -> Ranking<'a> {
    let framework = sources.framework(kind);
    let context = Context { evidence, attack: &framework.attack };
    let units = units_of(sources, kind);
    // Per indicator the readings of all units, then per unit the readings of all indicators.
    let columns: Vec<Vec<Reading>> = framework.indicators.par_iter().map(|i| read(i, &units, &context)).collect();
    let readings = |u: usize| columns.iter().map(|column| column.get(u).cloned().unwrap_or_default()).collect();
    let mut units: Vec<Scored> = units.par_iter().enumerate().map(|(u, unit)| score(framework, evidence, *unit, readings(u))).collect();
    let scores: Vec<Option<f64>> = units.iter().map(|u| u.score).collect();
    for (unit, rank) in units.iter_mut().zip(rank(&scores)) {
        unit.rank = rank;
    }
    Ranking { framework, units }
}

fn score<'a>(framework: &'a Framework, evidence: &Evidence<'_>, unit: Unit<'a>, readings: Vec<Reading>) -> Scored<'a> {
    let scores: Vec<Option<f64>> =
        framework.indicators.iter().zip(&readings).map(|(i, r)| r.value.map(|raw| i.score(raw))).collect();
    let evaluation = framework.tree.evaluate(&scores);
    let score = evaluation.values.get(framework.tree.root()).copied().flatten();
    let confidence = Confidence::judge(framework, evidence, unit, &readings);
    Scored {
        unit,
        bounds: framework.tree.bounds(&scores),
        drivers: framework.tree.drivers(&scores),
        class: score.map(|s| framework.classes.class(s)),
        rank: None,
        readings,
        scores,
        evaluation,
        score,
        confidence,
    }
}

/// The readings of an indicator for all units.
fn read(indicator: &crate::framework::Indicator, units: &[Unit<'_>], context: &Context<'_>) -> Vec<Reading> {
    if indicator.valid_from.0 > context.evidence.as_of.day {
        return units.iter().map(|_| Reading::missing(say!("measures.not_valid_yet", day = indicator.valid_from))).collect();
    }
    let mut readings = indicator.measure.read_all(units, context);
    // A measure has no business with numbers that are not finite; should one slip through, it is missing.
    for reading in readings.iter_mut().filter(|r| r.value.is_some_and(|v| !v.is_finite())) {
        *reading = Reading::missing(say!("measures.not_finite"));
    }
    readings
}

/// Values by name for rules: raw indicators, dimension scores and `score`.
pub(crate) fn values_by_name<'a>(ranking: &'a Ranking<'_>) -> BTreeMap<&'a str, Vec<Option<f64>>> {
    let mut values: BTreeMap<&str, Vec<Option<f64>>> = BTreeMap::new();
    for unit in &ranking.units {
        for (indicator, reading) in ranking.framework.indicators.iter().zip(&unit.readings) {
            values.entry(&indicator.id).or_default().push(reading.value);
        }
        for (dimension, value) in ranking.framework.dimensions.iter().zip(&unit.evaluation.values) {
            values.entry(&dimension.id).or_default().push(*value);
        }
        values.entry("score").or_default().push(unit.score);
    }
    values
}
