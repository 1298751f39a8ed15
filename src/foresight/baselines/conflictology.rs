use super::WINDOW;
use crate::foresight::distribution::CountDistribution;
use crate::foresight::forecaster::{Forecast, Forecaster, ByHorizon, always};
use crate::foresight::panel::History;

/// The next months are drawn from the last 36 of the unit itself, or of it and its neighbours.
///
/// # Formula
/// ```text
/// P(count = k) = share of the pooled months with k events        risk = mean of the pooled months
/// ```
/// # Source
/// Hegre et al., *The 2023/24 VIEWS Prediction challenge* (2024), benchmark `conflictology`.
pub struct Conflictology {
    pub with_neighbours: bool,
}

impl Forecaster for Conflictology {
    fn name(&self) -> &str {
        if self.with_neighbours { "neighbours_36" } else { "conflictology" }
    }

    fn at<'h>(&'h self, history: &'h History<'h>) -> ByHorizon<'h> {
        let months: Vec<Option<Vec<u32>>> = (0..history.units().len()).map(|u| history.latest(u, WINDOW)).collect();
        let near = |u: usize| history.units().get(u).filter(|_| self.with_neighbours).map_or(&[][..], |unit| &unit.neighbours);
        let pooled = |u: usize| {
            let own = months.get(u)?.as_ref()?;
            let others = near(u).iter().filter_map(|v| months.get(*v)?.as_ref());
            CountDistribution::sample(std::iter::once(own).chain(others).flatten().copied())
        };
        always((0..months.len()).map(|u| pooled(u).map(|count| Forecast::of(count.mean(), count))).collect())
    }
}
