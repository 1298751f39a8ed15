//! The log of forecasts as the report shows it: what this edition foretells, how earlier ones fared, and where there is no skill.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::datasets::REGIONS;
use crate::edition::{Edition, Sources};
use crate::foresight::forecast::Skill;
use crate::foresight::{EditionForecasts, Group, HORIZONS, LogScores};
use crate::forecast_log::Foretold;
use crate::say;
use crate::text::{Arg, Day, Text};

/// Forecasts of deadly events by province and month, and how those of earlier editions fared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForecastRecord {
    /// In words.
    pub sentences: Vec<Text>,
    /// All forecasts of earlier editions, then by months ahead.
    pub lines: Vec<ForecastLine>,
    /// What was said and what came, by tenths of probability; empty tenths are left out.
    pub reliability: Vec<ReliabilityBin>,
    /// SHA-256 of the last row that an earlier edition wrote: it must be in the log for good.
    pub sealed: Option<String>,
    /// What this edition foretells; later ones score it.
    pub says: Vec<Foretold>,
}

/// How forecasts of one horizon fared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForecastLine {
    /// None for all together.
    pub months_ahead: Option<u32>,
    pub scored: usize,
    /// Months with a deadly event.
    pub came_true: usize,
    /// The sum of the probabilities.
    pub expected: f64,
    pub brier: Option<f64>,
    /// Had each province’s own share of the 36 months before been said instead.
    pub brier_of_base_rate: Option<f64>,
    /// Counts inside the 90 % range.
    pub held: usize,
    /// Forecasts whose range goes beyond 0, and counts inside it.
    pub beyond_zero: usize,
    pub held_beyond_zero: usize,
    /// Months that no source covers yet.
    pub open: usize,
}

/// What was said and what came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReliabilityBin {
    pub cases: usize,
    /// Mean probability.
    pub said: f64,
    /// Share of months with a deadly event.
    pub came: f64,
}

/// What the edition foretells; nothing with hindsight or below the first level, where nothing is published.
pub(super) fn foretell(edition: &Edition<'_>) -> EditionForecasts {
    let evidence = &edition.evidence;
    if evidence.as_of.hindsight || evidence.data.layer.level != REGIONS { EditionForecasts::default() } else { EditionForecasts::of(evidence) }
}

/// What is foretold of a unit, in a line for its card.
pub(super) fn of_unit(foretold: &EditionForecasts, unit: &str) -> Option<Text> {
    let of_month = |row: &Foretold| say!("forecasts.of_month", chance = Arg::Share(row.probability), month = row.month, low = row.low, high = row.high);
    let list: Vec<Text> = foretold.rows.iter().filter(|row| row.unit == unit).map(of_month).collect();
    (!list.is_empty()).then(|| say!("forecasts.of_unit", list = list))
}

/// The record with its sums and sentences.
pub(super) fn record(sources: &Sources, edition: &Edition<'_>, foretold: EditionForecasts) -> ForecastRecord {
    if foretold.rows.is_empty() {
        return ForecastRecord::default();
    }
    let day = Day(edition.as_of.day);
    let scores = |horizon: Option<u32>| LogScores::of(sources.forecasts.before(day).filter(|row| horizon.is_none_or(|h| row.horizon == h)), &foretold.known);
    let all = scores(None);
    let mut sentences = vec![fared(&all)];
    sentences.extend(no_skill(&foretold));
    sentences.extend(skill(&foretold));
    let by_horizon = HORIZONS.iter().map(|h| line(Some(*h), scores(Some(*h))));
    let reliability = all.bins.iter().map(|b| ReliabilityBin { cases: b.cases, said: b.said, came: b.came }).collect();
    let lines = if all.scored + all.open > 0 { std::iter::once(line(None, all)).chain(by_horizon).collect() } else { Vec::new() };
    ForecastRecord { sentences, lines, reliability, sealed: sources.forecasts.seal_before(day).map(str::to_owned), says: foretold.rows }
}

fn line(months_ahead: Option<u32>, s: LogScores) -> ForecastLine {
    ForecastLine {
        months_ahead,
        scored: s.scored,
        came_true: s.came_true,
        expected: s.expected,
        brier: s.brier,
        brier_of_base_rate: s.brier_of_base_rate,
        held: s.held,
        beyond_zero: s.beyond_zero,
        held_beyond_zero: s.held_beyond_zero,
        open: s.open,
    }
}

fn fared(s: &LogScores) -> Text {
    let (Some(brier), Some(base)) = (s.brier, s.brier_of_base_rate) else { return say!("forecasts.none_scored") };
    say!(
        "forecasts.fared",
        n = s.scored,
        came = s.came_true,
        expected = Arg::Number(s.expected, 1),
        brier = Arg::Number(brier, 3),
        base = Arg::Number(base, 3),
        better = brier < base,
        held = s.held,
        inside = s.held_beyond_zero,
        beyond = s.beyond_zero,
    )
}

const GROUPS: [Group; 5] = [Group::Violent, Group::Quiet, Group::QuietWest, Group::Crossings, Group::CrossingsWest];

/// Horizons of each group with their skill.
fn by_group(foretold: &EditionForecasts) -> impl Iterator<Item = (Text, Vec<(u32, &Skill)>)> {
    GROUPS.into_iter().map(|group| (name(group), foretold.skill.iter().filter(|(_, g, _)| *g == group).map(|(h, _, s)| (*h, s)).collect()))
}

/// Where forecasts made as if in the past were no better than the plain share of events, or nothing can be told.
fn no_skill(foretold: &EditionForecasts) -> Option<Text> {
    let of_group = |(group, horizons): (Text, Vec<(u32, &Skill)>)| {
        let weak: Vec<_> = horizons.into_iter().filter(|(_, s)| !s.brier_skill.is_some_and(|x| x > 0.0)).collect();
        let list = |of: fn(&(u32, &Skill)) -> Arg| Arg::List(weak.iter().map(of).collect());
        let (horizons, events, cases) = (list(|w| w.0.into()), list(|w| w.1.events.into()), list(|w| w.1.cases.into()));
        (!weak.is_empty()).then(|| say!("forecasts.no_skill_of", group = group, horizons = horizons, events = events, cases = cases))
    };
    let groups: Vec<Text> = by_group(foretold).filter_map(of_group).collect();
    (!groups.is_empty()).then(|| say!("forecasts.no_skill", groups = Arg::Clauses(groups)))
}

/// Where they were better.
fn skill(foretold: &EditionForecasts) -> Option<Text> {
    let ahead = |(months, s): (u32, &Skill)| Some(say!("forecasts.skill_ahead", skill = Arg::Number(s.brier_skill.filter(|x| *x > 0.0)?, 2), months = months));
    let of_group = |(group, horizons): (Text, Vec<(u32, &Skill)>)| {
        let list: Vec<Text> = horizons.into_iter().filter_map(ahead).collect();
        (!list.is_empty()).then(|| say!("forecasts.skill_of", group = group, list = list))
    };
    let groups: Vec<Text> = by_group(foretold).filter_map(of_group).collect();
    (!groups.is_empty()).then(|| say!("forecasts.skill", groups = Arg::Clauses(groups)))
}

fn name(group: Group) -> Text {
    match group {
        Group::Violent => say!("forecasts.violent"),
        Group::Quiet => say!("forecasts.quiet"),
        Group::QuietWest => say!("forecasts.quiet_west"),
        Group::Crossings => say!("forecasts.crossings"),
        Group::CrossingsWest => say!("forecasts.crossings_west"),
    }
}
