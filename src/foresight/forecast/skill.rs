//! What forecasts were worth at the last origins whose month is known by now.

use rayon::prelude::*;
use serde::Serialize;

use super::features::Features;
use super::model::fit_probability;
use crate::foresight::forecaster::lead;
use crate::foresight::metrics::auroc;
use crate::foresight::target::QUIET;

/// Earlier origins that the skill is judged by.
const ORIGINS: usize = 24;

/// Origins that share a fit, made at the first of them: a line held by slopes from elsewhere hardly moves in a year.
const PER_FIT: usize = 12;

/// Fewer events than this tell nothing about skill.
const MIN_EVENTS: usize = 10;

/// A forecast that would have been made, and what came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Past {
    /// Position in [`crate::foresight::History::units`].
    pub unit: usize,
    /// No deadly event in the six months before.
    pub quiet: bool,
    pub probability: f64,
    pub happened: bool,
}

/// What would have been said at the last 24 origins of the features' history, of units whose month is known by now.
///
/// # Missing and degenerate values
/// Units without 36 known months behind them say nothing, nor do origins before a line can be fitted.
pub fn pasts(features: &Features<'_>, horizon: u32) -> Vec<Past> {
    // What a month's row holds was known at its end, so that rows of the whole history serve every origin.
    let lead = lead(features.history, horizon);
    let fits: Vec<usize> = (0..ORIGINS / PER_FIT).map(|fit| lead + (fit + 1) * PER_FIT - 1).collect();
    fits.into_par_iter().flat_map_iter(|back| year(features, lead, back)).collect()
}

/// What a line fitted so many months ago would have said then and in the eleven months after.
fn year(features: &Features<'_>, lead: usize, back: usize) -> Vec<Past> {
    let history = features.history;
    let Some(earlier) = history.earlier(back) else { return Vec::new() };
    let Ok(line) = fit_probability(&earlier, features, lead) else { return Vec::new() };
    let Ok(first) = usize::try_from(earlier.last().0 - earlier.first().0) else { return Vec::new() };
    let one = |unit: usize, known: usize| {
        let counts = history.deadly(unit);
        let probability = line.probability(&features.row(unit, known)?);
        let count = counts.get(known + lead).copied().flatten()?;
        let quiet = counts.get(known + 1 - QUIET..=known)?.iter().all(|n| *n == Some(0));
        Some(Past { unit, quiet, probability, happened: count > 0 })
    };
    (first..first + PER_FIT).flat_map(|known| (0..history.units().len()).filter_map(move |unit| one(unit, known))).collect()
}

/// What such forecasts were worth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
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
    /// Judges past forecasts of quiet units, or of others.
    ///
    /// # Missing and degenerate values
    /// With fewer than ten events, or ten cases without one, nothing can be told.
    pub fn of<'p>(quiet: bool, past: impl Iterator<Item = &'p Past>) -> Self {
        let past: Vec<&Past> = past.collect();
        let events = past.iter().filter(|p| p.happened).count();
        let mut skill = Self { quiet, cases: past.len(), events, auroc: None, brier_skill: None };
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

    /// Whether the words were worth nothing, or that cannot be told.
    pub fn is_none(&self) -> bool {
        !self.brier_skill.is_some_and(|s| s > 0.0)
    }
}
