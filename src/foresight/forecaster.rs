//! What a forecast is, and who makes one.

use super::distribution::CountDistribution;
use super::panel::History;

/// What is said at an origin of one unit and month ahead.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// Ranks the units; a higher one is more at risk. Finite.
    pub risk: f64,
    /// Probability of at least one deadly event in the month; none for a mere ranking.
    pub p_event: Option<f64>,
    /// Distribution of the number of deadly events; none for a mere ranking.
    pub count: Option<CountDistribution>,
}

impl Forecast {
    /// A forecast that ranks by `risk` and says the rest by a distribution of the count.
    pub fn of(risk: f64, count: CountDistribution) -> Self {
        Self { risk, p_event: Some(count.at_least(1)), count: Some(count) }
    }
}

/// Foretells each unit's count in the h-th month after the origin.
///
/// A forecaster gets a [`History`] and nothing else: the types do not let it see beyond the origin.
pub trait Forecaster: Sync {
    fn name(&self) -> &str;

    /// What it says at the end of a history. What is the same for all horizons is computed here, once.
    fn at<'h>(&'h self, history: &'h History<'h>) -> ByHorizon<'h>;
}

/// By horizon: one forecast per unit of the history, none where there is nothing to say.
pub type ByHorizon<'h> = Box<dyn Fn(u32) -> Vec<Option<Forecast>> + 'h>;

/// The same for every horizon.
pub fn always<'h>(forecasts: Vec<Option<Forecast>>) -> ByHorizon<'h> {
    Box::new(move |_| forecasts.clone())
}

/// Months from the last one known to the month that is foretold.
pub fn lead(history: &History<'_>, horizon: u32) -> usize {
    usize::try_from(history.origin().0 - history.last().0).unwrap_or(0) + horizon as usize
}
