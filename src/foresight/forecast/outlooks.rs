//! What is said of every unit at one origin, for some horizons, and whether such words were worth anything lately.

use serde::Serialize;

use super::features::Features;
use super::model::{Driver, Model};
use super::skill::{Skill, pasts};
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

impl Outlooks {
    /// Foretells the months ahead of an origin.
    ///
    /// # Missing and degenerate values
    /// Units without 36 known months are left out; where no model can be fitted, `not_told` says why.
    pub fn of(history: &History<'_>, horizons: &[u32]) -> Self {
        let features = Features::of(history);
        Self { origin: history.origin().to_string(), last_known: history.last().to_string(), horizons: horizons.iter().map(|h| Ahead::of(&features, *h)).collect() }
    }
}

impl Ahead {
    fn of(features: &Features<'_>, horizon: u32) -> Self {
        let history = features.history;
        let month = history.origin().minus(-(horizon as i32)).to_string();
        let mut ahead = Self { horizon, month, cases: 0, events: 0, units: Vec::new(), skill: Vec::new(), not_told: None };
        let model = match Model::fit(features, horizon) {
            Ok(model) => model,
            Err(why) => return Self { not_told: Some(why.to_string()), ..ahead },
        };
        (ahead.cases, ahead.events) = (model.cases, model.events);
        for (u, unit) in history.units().iter().enumerate() {
            let Some(o) = model.outlook(u) else { continue };
            ahead.units.push(Told { unit: unit.id.clone(), name: unit.name.clone(), probability: o.probability, low: o.interval.0, high: o.interval.1, onset_probability: o.quiet.then_some(o.probability), drivers: o.drivers });
        }
        let pasts = pasts(features, horizon);
        ahead.skill = [false, true].map(|quiet| Skill::of(quiet, pasts.iter().filter(|p| p.quiet == quiet))).into();
        ahead
    }
}
