//! What is said of every unit at one origin, for some horizons, and whether such words were worth anything lately.

use rayon::prelude::*;
use serde::Serialize;

use super::model::{Driver, Model};
use crate::foresight::forecaster::lead;
use crate::foresight::metrics::auroc;
use crate::foresight::panel::History;

/// All that is said at an origin.
#[derive(Clone, Debug, Serialize)]
pub struct Outlooks {
    /// The month at whose end it is said, and the last month of which anything was known.
    pub origin: String,
    pub last_known: String,
    pub horizons: Vec<Ahead>,
}

/// What is said of one month ahead.
#[derive(Clone, Debug, Serialize)]
pub struct Ahead {
    pub horizon: u32,
    pub month: String,
    /// Past cases that the fit rests on, and those with an event.
    pub cases: usize,
    pub events: usize,
    pub units: Vec<Told>,
    pub skill: Vec<Skill>,
    /// Why nothing is said.
    pub not_told: Option<String>,
}

/// What is said of a unit.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    pub unit: String,
    pub name: String,
    /// Of at least one deadly event in the month.
    pub probability: f64,
    /// The shortest run of counts that holds 90 % of the probability.
    pub low: u32,
    pub high: u32,
    /// The same probability where the last six known months were quiet.
    pub onset_probability: Option<f64>,
    pub drivers: Vec<Driver>,
}

/// What such forecasts were worth at the last origins whose month is known by now.
#[derive(Clone, Debug, Serialize)]
pub struct Skill {
    /// Units quiet in the last six known months, or not.
    pub quiet: bool,
    pub cases: usize,
    pub events: usize,
    /// Share of pairs of a case with and one without an event that were told apart; ½ is no skill. Too few events: none.
    pub auroc: Option<f64>,
    /// 1 − Brier score ÷ that of the share of events among the cases: below 0 the share alone was better.
    pub brier_skill: Option<f64>,
}

impl Skill {
    /// Whether the words were worth nothing, or that cannot be told.
    pub fn is_none(&self) -> bool {
        !self.brier_skill.is_some_and(|s| s > 0.0)
    }
}

/// Earlier origins that the skill is judged by.
const ORIGINS: usize = 24;

/// Fewer events than this tell nothing about skill.
const MIN_EVENTS: usize = 10;

impl Outlooks {
    /// Foretells the months ahead of an origin.
    ///
    /// # Missing and degenerate values
    /// Units without 36 known months are left out; where no model can be fitted, `not_told` says why.
    pub fn of(history: &History<'_>, horizons: &[u32]) -> Self {
        Self { origin: history.origin().to_string(), last_known: history.last().to_string(), horizons: horizons.iter().map(|h| Ahead::of(history, *h)).collect() }
    }
}

impl Ahead {
    fn of(history: &History<'_>, horizon: u32) -> Self {
        let month = history.origin().minus(-(horizon as i32)).to_string();
        let mut ahead = Self { horizon, month, cases: 0, events: 0, units: Vec::new(), skill: Vec::new(), not_told: None };
        let model = match Model::fit(history, horizon) {
            Ok(model) => model,
            Err(why) => return Self { not_told: Some(why.to_string()), ..ahead },
        };
        (ahead.cases, ahead.events) = (model.cases, model.events);
        for (u, unit) in history.units().iter().enumerate() {
            let Some(o) = model.outlook(history, u) else { continue };
            ahead.units.push(Told { unit: unit.id.clone(), name: unit.name.clone(), probability: o.probability, low: o.interval.0, high: o.interval.1, onset_probability: o.quiet.then_some(o.probability), drivers: o.drivers });
        }
        ahead.skill = skill(history, horizon);
        ahead
    }
}

/// A past forecast and what came.
struct Past {
    quiet: bool,
    probability: f64,
    happened: bool,
}

fn skill(history: &History<'_>, horizon: u32) -> Vec<Skill> {
    let lead = lead(history, horizon);
    let past: Vec<Past> = (lead..lead + ORIGINS).into_par_iter().flat_map_iter(|back| past(history, horizon, back)).collect();
    [false, true].iter().map(|quiet| judged(*quiet, &past.iter().filter(|p| p.quiet == *quiet).collect::<Vec<_>>())).collect()
}

/// What would have been said so many months earlier, of units whose month is known by now.
fn past(history: &History<'_>, horizon: u32, back: usize) -> Vec<Past> {
    let Some(earlier) = history.earlier(back) else { return Vec::new() };
    let Ok(model) = Model::fit(&earlier, horizon) else { return Vec::new() };
    let column = usize::try_from(earlier.last().0 - earlier.first().0).unwrap_or(0) + lead(&earlier, horizon);
    let one = |unit: usize| {
        let count = history.deadly(unit).get(column).copied().flatten()?;
        let told = model.outlook(&earlier, unit)?;
        Some(Past { quiet: told.quiet, probability: told.probability, happened: count > 0 })
    };
    (0..history.units().len()).filter_map(one).collect()
}

fn judged(quiet: bool, past: &[&Past]) -> Skill {
    let events = past.iter().filter(|p| p.happened).count();
    let mut skill = Skill { quiet, cases: past.len(), events, auroc: None, brier_skill: None };
    if events < MIN_EVENTS || past.len() - events < MIN_EVENTS {
        return skill;
    }
    let share = events as f64 / past.len() as f64;
    let outcome = |p: &Past| f64::from(u8::from(p.happened));
    let brier: f64 = past.iter().map(|p| (p.probability - outcome(p)).powi(2)).sum();
    let plain: f64 = past.iter().map(|p| (share - outcome(p)).powi(2)).sum();
    skill.brier_skill = Some(1.0 - brier / plain);
    let (happened, risks): (Vec<bool>, Vec<f64>) = past.iter().map(|p| (p.happened, p.probability)).unzip();
    skill.auroc = auroc(&happened, &risks);
    skill
}
