//! A backtest from plan to result.

use std::collections::BTreeMap;

use serde::Serialize;

use super::baselines::WINDOW;
use super::forecaster::Forecaster;
use super::panel::Panel;
use super::run::{Plan, rounds};
use super::scores::{Line, lines};
use super::target::{Target, Unscored};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::text::Month;

/// What a backtest found.
#[derive(Clone, Debug, Serialize)]
pub struct Backtest {
    pub target: Target,
    /// First and last origin.
    pub from: String,
    pub to: String,
    pub reporting_delay: u32,
    pub seed: u64,
    pub units: usize,
    /// Units in which nothing ever happened: easy to be right about.
    pub units_without_events: usize,
    pub origins: usize,
    /// Origins at which the releases of the time were used; at the others the delay is imitated.
    pub true_vintages: usize,
    /// Unit-origins that do not count, by horizon and reason.
    pub unscored: BTreeMap<u32, BTreeMap<Unscored, usize>>,
    pub lines: Vec<Line>,
}

impl Backtest {
    /// The line of a forecaster.
    pub fn line(&self, horizon: u32, stratum: &str, forecaster: &str) -> Option<&Line> {
        self.lines.iter().find(|l| l.horizon == horizon && l.stratum == stratum && l.forecaster == forecaster)
    }

    /// The forecaster of the highest average precision.
    pub fn best(&self, horizon: u32, stratum: &str) -> Option<&Line> {
        let precision = |l: &&Line| l.scores.get("average_precision").map(|e| e.value);
        let scored = self.lines.iter().filter(|l| l.horizon == horizon && l.stratum == stratum && precision(l).is_some());
        scored.max_by(|a, b| precision(a).unwrap_or(0.0).total_cmp(&precision(b).unwrap_or(0.0)).then(b.forecaster.cmp(&a.forecaster)))
    }
}

/// Runs a plan.
///
/// # Errors
/// A panel without events, a plan whose origins have no 36 months before them or no month after them in the data, and horizons outside 1 to 24.
pub fn backtest(panel: &Panel, forecasters: &[Box<dyn Forecaster + '_>], plan: &Plan) -> Result<Backtest, Diagnostics> {
    let origins = check(panel, plan)?;
    let chosen: Vec<&Vec<Option<u32>>> = panel.units.iter().zip(&panel.outcomes.deadly).filter(|(u, _)| plan.counts(u)).map(|(_, row)| row).collect();
    let mut result = Backtest {
        target: plan.target,
        from: plan.from.to_string(),
        to: plan.to.to_string(),
        reporting_delay: plan.delay,
        seed: plan.seed,
        units: chosen.len(),
        units_without_events: chosen.iter().filter(|row| row.iter().flatten().all(|n| *n == 0)).count(),
        origins: origins.len(),
        true_vintages: origins.iter().filter(|o| panel.has_vintage(**o)).count(),
        unscored: BTreeMap::new(),
        lines: Vec::new(),
    };
    for round in rounds(panel, forecasters, plan) {
        result.lines.extend(lines(panel, forecasters, plan, &round));
        result.unscored.insert(round.horizon, round.unscored);
    }
    Ok(result)
}

/// The origins of a plan that can be run at all.
fn check(panel: &Panel, plan: &Plan) -> Result<Vec<Month>, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut refuse = |code, message: String, rule: &str, help: String| problems.push(Diagnostic::error(code, message, Place::Argument).rule(rule).help(help));
    if plan.horizons.is_empty() || plan.horizons.iter().any(|h| !(1..=24).contains(h)) {
        let given: Vec<String> = plan.horizons.iter().map(u32::to_string).collect();
        refuse("backtest-horizon", format!("horizons {}", given.join(",")), "a horizon is a month ahead, 1 to 24", "for example --horizons 1,3,6".into());
    }
    let chosen = panel.units.iter().zip(&panel.outcomes.deadly).filter(|(u, _)| plan.counts(u));
    if !chosen.flat_map(|(_, row)| row).flatten().any(|n| *n > 0) {
        refuse("backtest-no-event", "the data have no deadly event in any unit that counts".into(), "a backtest needs events to foresee", "check the source of the counts, and the countries".into());
    }
    let (first, last) = (panel.outcomes.first, panel.outcomes.last());
    let earliest = first.0 + WINDOW as i32 - 1 + plan.delay.min(1200) as i32;
    let latest = last.0 - plan.horizons.iter().copied().min().unwrap_or(1).min(1200) as i32;
    if plan.from > plan.to || plan.from.0 < earliest || plan.to.0 > latest {
        refuse(
            "backtest-origins",
            format!("origins {} to {} with data from {first} to {last}", plan.from, plan.to),
            "an origin has 36 known months before it and the month that is foretold after it",
            if earliest > latest { "the history is too short: take a longer one".into() } else { format!("origins from {} to {} are possible", Month(earliest), Month(latest)) },
        );
    }
    if problems.has_errors() { Err(problems) } else { Ok((plan.from.0..=plan.to.0).map(Month).collect()) }
}
