use super::WINDOW;
use crate::foresight::distribution::CountDistribution;
use crate::foresight::forecaster::{Forecast, Forecaster, ByHorizon, always};
use crate::foresight::panel::History;
use crate::stats::empirical_bayes::shrink;
use crate::stats::exposed::Exposed;

/// Each unit's rate of the last 36 months, drawn toward the mean of all units, with the negative binomial that its posterior predicts.
///
/// # Formula
/// ```text
/// rate ~ Gamma(a, b) after 36 months        count of a month ~ NB(mean a/b, size a)
/// ```
pub struct EmpiricalBayes;

impl Forecaster for EmpiricalBayes {
    fn name(&self) -> &str {
        "empirical_bayes"
    }

    fn at<'h>(&'h self, history: &'h History<'h>) -> ByHorizon<'h> {
        let total = |u: usize| Exposed::new(history.latest(u, WINDOW)?.iter().map(|n| u64::from(*n)).sum(), WINDOW as f64).ok();
        let counts: Vec<Option<Exposed>> = (0..history.units().len()).map(total).collect();
        let Ok(shrunk) = shrink(&counts) else { return always(vec![None; counts.len()]) };
        let one = |posterior: &crate::stats::exposed::GammaRate| CountDistribution::negative_binomial(posterior.mean(), posterior.shape());
        always(shrunk.rates.iter().map(|rate| rate.as_ref().and_then(|r| Some(Forecast::of(r.rate, one(&r.posterior)?)))).collect())
    }
}
