use crate::foresight::distribution::CountDistribution;
use crate::foresight::forecaster::{Forecast, Forecaster, ByHorizon, always};
use crate::foresight::panel::History;

/// Nothing will happen anywhere. An empty forecast, which no score may reward.
pub struct Zero;

impl Forecaster for Zero {
    fn name(&self) -> &str {
        "zero"
    }

    fn at<'h>(&'h self, history: &'h History<'h>) -> ByHorizon<'h> {
        always(history.units().iter().map(|_| Some(Forecast::of(0.0, CountDistribution::point(0)))).collect())
    }
}
