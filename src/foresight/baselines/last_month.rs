use super::analogues::by_analogues;
use crate::foresight::forecaster::{Forecast, Forecaster};
use crate::foresight::panel::History;

/// Ranks by the last month that is known; the distribution is what followed such months before.
pub struct LastMonth;

impl Forecaster for LastMonth {
    fn name(&self) -> &str {
        "last_month"
    }

    fn forecast(&self, history: &History<'_>, horizon: u32) -> Vec<Option<Forecast>> {
        let own = |u: usize| history.deadly(u).iter().map(|n| n.map(f64::from)).collect();
        by_analogues(history, horizon, &(0..history.units().len()).map(own).collect::<Vec<_>>())
    }
}
