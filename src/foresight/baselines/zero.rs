use crate::foresight::distribution::CountDistribution;
use crate::foresight::forecaster::{Forecast, Forecaster};
use crate::foresight::panel::History;

/// Nothing will happen anywhere. An empty forecast, which no score may reward.
pub struct Zero;

impl Forecaster for Zero {
    fn name(&self) -> &str {
        "zero"
    }

    fn forecast(&self, history: &History<'_>, _: u32) -> Vec<Option<Forecast>> {
        history.units().iter().map(|_| Some(Forecast::of(0.0, CountDistribution::point(0)))).collect()
    }
}
