//! The forecast itself: fitted anew at each origin to all that was known by then.

use super::anchor::{STRENGTH, slopes};
use super::features::{Feature, Features, RECENT_MONTHS};
use crate::foresight::distribution::CountDistribution;
use crate::foresight::forecaster::{ByHorizon, Forecast, Forecaster, lead};
use crate::foresight::panel::History;
use crate::foresight::target::QUIET;
use crate::stats::anchored_logistic::{Logistic, anchored_logistic};
use crate::stats::count_line::{CountLine, count_line};

/// Past months with an event that a fit needs.
const MIN_EVENTS: usize = 30;

/// Share of the probability inside the interval of a count.
const INTERVAL: f64 = 0.9;

/// Why nothing can be foretold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoModel {
    #[error("{0} past months with an event, at least {MIN_EVENTS} needed")]
    TooFewEvents(usize),
    #[error("{0}")]
    NoFit(String),
}

/// The forecast of one horizon, fitted at one origin.
///
/// # Formula
/// ```text
/// logit P(N ≥ 1) = a + b₁ recent + b₂ lasting + b₃ around        b ≥ 0, drawn toward what held elsewhere
/// N − 1 given N ≥ 1 ~ negative binomial, mean c + d · pace       pace: deadly events a month, half-life 4 months
/// ```
/// Cases are all units and months with 36 known months behind them whose outcome was known at the origin.
pub struct Model<'f> {
    features: &'f Features<'f>,
    logistic: Logistic,
    /// Mean of each feature over the cases.
    means: Vec<f64>,
    excess: CountLine,
    /// Cases of the fit, and those with an event.
    pub cases: usize,
    pub events: usize,
}

/// What is said of a unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// Of at least one deadly event in the month.
    pub probability: f64,
    pub count: CountDistribution,
    /// The shortest run of counts that holds 90 % of the probability.
    pub interval: (u32, u32),
    /// No deadly event in the last six known months: the probability is one of an onset.
    pub quiet: bool,
    /// By feature what it adds to the log-odds of the mean case, the largest first.
    pub drivers: Vec<Driver>,
}

/// What a feature adds to the log-odds: slope × (value − mean of the cases).
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Driver {
    pub feature: Feature,
    pub log_odds: f64,
}

impl<'f> Model<'f> {
    /// Fits the model to the features of a history, for a horizon.
    ///
    /// # Errors
    /// Too few past events, or no fit.
    pub fn fit(features: &'f Features<'f>, horizon: u32) -> Result<Self, NoModel> {
        let lead = lead(features.history, horizon);
        let cases = Cases::of(features.history, features, lead);
        let logistic = cases.probability(features, lead)?;
        let excess = cases.excess().map_err(no_fit)?;
        let means = cases.columns.iter().map(|c| c.iter().sum::<f64>() / c.len() as f64).collect();
        Ok(Self { features, logistic, means, excess, cases: cases.counts.len(), events: cases.events() })
    }

    /// What is said of a unit; none if its last 36 months are not all known.
    pub fn outlook(&self, unit: usize) -> Option<Outlook> {
        let history = self.features.history;
        let row = self.features.row(unit, history.deadly(unit).len().checked_sub(1)?)?;
        let probability = self.logistic.probability(&row);
        let excess = CountDistribution::negative_binomial(self.excess.mean(pace(*row.first()?)).min(500.0), self.excess.size)?;
        let count = CountDistribution::hurdle(probability, &excess)?;
        let names = self.features.names.iter().zip(&self.logistic.slopes);
        let mut drivers: Vec<Driver> = names.zip(row.iter().zip(&self.means)).map(|((feature, slope), (x, mean))| Driver { feature: *feature, log_odds: slope * (x - mean) }).collect();
        drivers.sort_by(|a, b| b.log_odds.abs().total_cmp(&a.log_odds.abs()).then(a.feature.cmp(&b.feature)));
        let quiet = history.latest(unit, QUIET)?.iter().all(|n| *n == 0);
        Some(Outlook { probability, interval: count.shortest(INTERVAL), count, quiet, drivers })
    }

    /// The slope of each feature.
    pub fn slopes(&self) -> impl Iterator<Item = (Feature, f64)> {
        self.features.names.iter().copied().zip(self.logistic.slopes.iter().copied())
    }
}

/// The probability alone, with features that reach as far as the history or beyond: later rows are not looked at.
pub(super) fn fit_probability(history: &History<'_>, features: &Features<'_>, lead: usize) -> Result<Logistic, NoModel> {
    Cases::of(history, features, lead).probability(features, lead)
}

fn no_fit(error: crate::stats::StatsError) -> NoModel {
    NoModel::NoFit(error.to_string())
}

/// Deadly events a month, from the feature `Recent`.
fn pace(recent: f64) -> f64 {
    recent.exp_m1() * (1.0 - 0.5_f64.powf(1.0 / RECENT_MONTHS))
}

/// Past cases: what was known, and the count that followed.
struct Cases {
    columns: Vec<Vec<f64>>,
    counts: Vec<u32>,
}

impl Cases {
    fn of(history: &History<'_>, features: &Features<'_>, lead: usize) -> Self {
        let mut cases = Self { columns: vec![Vec::new(); features.names.len()], counts: Vec::new() };
        for unit in 0..history.units().len() {
            let followed = history.deadly(unit).iter().skip(lead).enumerate();
            let known: Vec<(usize, u32)> = followed.filter(|(month, _)| features.speaks(unit, *month)).filter_map(|(month, count)| Some((month, (*count)?))).collect();
            for (column, values) in cases.columns.iter_mut().zip(features.of_unit(unit)) {
                column.extend(known.iter().filter_map(|(month, _)| values.get(*month)));
            }
            cases.counts.extend(known.iter().map(|(_, count)| count));
        }
        cases
    }

    fn events(&self) -> usize {
        self.counts.iter().filter(|n| **n > 0).count()
    }

    /// The line on the log-odds of an event.
    fn probability(&self, features: &Features<'_>, lead: usize) -> Result<Logistic, NoModel> {
        let events = self.events();
        if events < MIN_EVENTS {
            return Err(NoModel::TooFewEvents(events));
        }
        let happened: Vec<bool> = self.counts.iter().map(|n| *n > 0).collect();
        anchored_logistic(&self.columns, &happened, &slopes(&features.names, lead), STRENGTH).map_err(no_fit)
    }

    /// How many events beyond the first, where there was one.
    fn excess(&self) -> Result<CountLine, crate::stats::StatsError> {
        let with_event = self.columns.first().into_iter().flatten().zip(&self.counts).filter(|(_, n)| **n > 0);
        let (paces, more): (Vec<f64>, Vec<u32>) = with_event.map(|(recent, n)| (pace(*recent), n - 1)).unzip();
        count_line(&paces, &more)
    }
}

/// The model as one forecaster among others.
pub struct PooledForecast;

impl Forecaster for PooledForecast {
    fn name(&self) -> &str {
        "forecast"
    }

    fn at<'h>(&'h self, history: &'h History<'h>) -> ByHorizon<'h> {
        let features = Features::of(history);
        let told = |o: Outlook| Forecast { risk: o.probability, p_event: Some(o.probability), count: Some(o.count) };
        Box::new(move |horizon| {
            let units = 0..history.units().len();
            let Ok(model) = Model::fit(&features, horizon) else { return vec![None; units.len()] };
            units.map(|unit| model.outlook(unit).map(told)).collect()
        })
    }
}
