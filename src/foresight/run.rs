//! Forecasts made as if in the past: origin after origin, with nothing but what was known.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::forecaster::{ByHorizon, Forecast, Forecaster};
use super::metrics::{crps, ignorance};
use super::panel::{Panel, PanelUnit};
use super::target::{Case, Target, Unscored, case, common_size};
use crate::text::Month;

/// What to test.
#[derive(Clone, Debug)]
pub struct Plan {
    pub target: Target,
    /// Only units of these countries count, the others remain surroundings; all if empty.
    pub countries: Vec<String>,
    pub horizons: Vec<u32>,
    /// First and last origin.
    pub from: Month,
    pub to: Month,
    /// Months until a month is known.
    pub delay: u32,
    pub seed: u64,
    /// Replicates of the bootstrap; 0 leaves intervals out.
    pub replicates: u64,
}

impl Plan {
    /// Whether cases of a unit count.
    pub fn counts(&self, unit: &PanelUnit) -> bool {
        self.countries.is_empty() || unit.country.split('/').any(|c| self.countries.iter().any(|own| own == c))
    }
}

/// What a forecaster said of a case, as far as it is scored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Said {
    pub risk: f64,
    /// Probability of the target.
    pub p: Option<f64>,
    pub crps: Option<f64>,
    pub ignorance: Option<f64>,
    /// Whether the count lay in the 90 % interval.
    pub covered: Option<bool>,
}

/// All cases of one horizon, and what each forecaster said of them.
#[derive(Clone, Debug)]
pub struct Round {
    pub horizon: u32,
    pub origins: Vec<Month>,
    /// By origin, then by unit.
    pub cases: Vec<Case>,
    /// By forecaster, then by case.
    pub said: Vec<Vec<Option<Said>>>,
    pub unscored: BTreeMap<Unscored, usize>,
}

/// Runs all forecasters over the origins of a plan: a round by horizon.
pub fn rounds(panel: &Panel, forecasters: &[Box<dyn Forecaster + '_>], plan: &Plan) -> Vec<Round> {
    let origins: Vec<Month> = (plan.from.0..=plan.to.0).map(Month).collect();
    let parts: Vec<Vec<Part>> = origins.par_iter().enumerate().map(|(o, origin)| parts(panel, forecasters, plan, (o, *origin))).collect();
    let empty = |horizon: &u32| Round { horizon: *horizon, origins: origins.clone(), cases: Vec::new(), said: vec![Vec::new(); forecasters.len()], unscored: BTreeMap::new() };
    let mut rounds: Vec<Round> = plan.horizons.iter().map(empty).collect();
    for (round, part) in parts.into_iter().flat_map(|parts| (0..).zip(parts)) {
        let Some(round) = rounds.get_mut::<usize>(round) else { continue };
        round.cases.extend(part.cases);
        round.said.iter_mut().zip(part.said).for_each(|(all, more)| all.extend(more));
        for why in part.unscored {
            *round.unscored.entry(why).or_default() += 1;
        }
    }
    rounds
}

/// What one origin adds to a round.
struct Part {
    cases: Vec<Case>,
    said: Vec<Vec<Option<Said>>>,
    unscored: Vec<Unscored>,
}

/// The parts of one origin, by horizon.
fn parts(panel: &Panel, forecasters: &[Box<dyn Forecaster + '_>], plan: &Plan, (o, origin): (usize, Month)) -> Vec<Part> {
    let Some(history) = panel.history(origin, plan.delay) else { return Vec::new() };
    let size = (plan.target == Target::Surge).then(|| common_size(&history)).flatten();
    let told: Vec<ByHorizon> = forecasters.iter().map(|forecaster| forecaster.at(&history)).collect();
    let part = |horizon: &u32| {
        let mut part = Part { cases: Vec::new(), said: Vec::new(), unscored: Vec::new() };
        for (unit, _) in panel.units.iter().enumerate().filter(|(_, u)| plan.counts(u)) {
            match case(plan.target, panel, &history, (o, unit), *horizon, size) {
                Ok(case) => part.cases.push(case),
                Err(why) => part.unscored.push(why),
            }
        }
        let said = |told: &ByHorizon| {
            let forecasts = told(*horizon);
            part.cases.iter().map(|case| forecasts.get(case.unit)?.as_ref().map(|f| score(plan.target, f, case))).collect()
        };
        part.said = if part.cases.is_empty() { vec![Vec::new(); forecasters.len()] } else { told.iter().map(said).collect() };
        part
    };
    plan.horizons.iter().map(part).collect()
}

/// Scores a forecast against its case. A risk that is not a number ranks last.
fn score(target: Target, forecast: &Forecast, case: &Case) -> Said {
    let count = forecast.count.as_ref();
    let p = match target {
        Target::Any | Target::Onset => forecast.p_event,
        Target::Surge => count.map(|c| c.at_least(case.surge_from)),
    };
    let risk = if target == Target::Surge { p.unwrap_or(forecast.risk) } else { forecast.risk };
    Said {
        risk: if risk.is_nan() { f64::NEG_INFINITY } else { risk },
        p: p.filter(|p| (0.0..=1.0).contains(p)),
        crps: count.map(|c| crps(c, case.count)),
        ignorance: count.map(|c| ignorance(c, case.count)),
        covered: count.map(|c| {
            let (from, to) = c.shortest(0.9);
            (from..=to).contains(&case.count)
        }),
    }
}
