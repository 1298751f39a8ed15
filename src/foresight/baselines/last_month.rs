use super::analogues::by_analogues;
use crate::foresight::forecaster::{Forecaster, ByHorizon};
use crate::foresight::panel::History;

/// Ranks by the last month that is known; the distribution is what followed such months before.
pub struct LastMonth;

impl Forecaster for LastMonth {
    fn name(&self) -> &str {
        "last_month"
    }

    fn at<'h>(&'h self, history: &'h History<'h>) -> ByHorizon<'h> {
        let own = |u: usize| history.deadly(u).iter().map(|n| n.map(f64::from)).collect();
        by_analogues(history, (0..history.units().len()).map(own).collect())
    }
}
