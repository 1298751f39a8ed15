use super::WINDOW;
use crate::foresight::distribution::CountDistribution;
use crate::foresight::forecaster::{Forecast, Forecaster, ByHorizon, always};
use crate::foresight::panel::History;

/// The same for every unit: the counts of all units in the last 36 months, pooled. It ranks nothing.
pub struct BaseRate;

impl Forecaster for BaseRate {
    fn name(&self) -> &str {
        "base_rate"
    }

    fn at<'h>(&'h self, history: &'h History<'h>) -> ByHorizon<'h> {
        let units = 0..history.units().len();
        let pooled = CountDistribution::sample(units.clone().filter_map(|u| history.latest(u, WINDOW)).flatten());
        always(units.map(|_| pooled.clone().map(|count| Forecast::of(0.0, count))).collect())
    }
}
