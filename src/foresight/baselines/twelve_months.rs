use super::analogues::by_analogues;
use crate::foresight::forecaster::{Forecaster, ByHorizon};
use crate::foresight::panel::History;

/// Ranks by the mean of the last twelve known months; the distribution is what followed such means before.
pub struct TwelveMonths;

impl Forecaster for TwelveMonths {
    fn name(&self) -> &str {
        "mean_12"
    }

    fn at<'h>(&'h self, history: &'h History<'h>) -> ByHorizon<'h> {
        by_analogues(history, (0..history.units().len()).map(|u| means(history.deadly(u))).collect())
    }
}

/// The mean of each month and the eleven before it; none where one of them is missing.
fn means(counts: &[Option<u32>]) -> Vec<Option<f64>> {
    let mean = |m: usize| {
        let year: Option<Vec<u32>> = counts.get((m + 1).checked_sub(12)?..=m)?.iter().copied().collect();
        year.map(|year| f64::from(year.iter().sum::<u32>()) / 12.0)
    };
    (0..counts.len()).map(mean).collect()
}
