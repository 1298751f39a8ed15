//! The ranking itself as a forecast: the composite score of the edition of each origin.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::forecaster::{Forecast, Forecaster, ByHorizon, always};
use super::panel::{History, Panel};
use crate::edition::{Edition, Sources};
use crate::text::Month;

/// Composite scores by origin, with the analysts' weights.
///
/// A score is no probability: only measures of ranking apply.
pub struct IndexScores {
    scores: BTreeMap<Month, Vec<Option<f64>>>,
}

impl IndexScores {
    /// Computes the editions at the ends of some months, each from what was published by then.
    ///
    /// An origin counts if at least half of the scored units have a score. Units of the panel that are not ranked have none.
    pub fn compute(sources: &Sources, panel: &Panel, origins: &[Month]) -> Self {
        let ranked = panel.units.iter().filter(|u| u.scored).count();
        let of = |origin: &Month| {
            let edition = Edition::compute(sources, origin.last_day(), false);
            let score = |id: &str| edition.unit(id).and_then(|(_, unit)| unit.score);
            let scores: Vec<Option<f64>> = panel.units.iter().map(|u| score(&u.id)).collect();
            let known = scores.iter().flatten().count();
            (known > 0 && known * 2 >= ranked).then_some((*origin, scores))
        };
        Self { scores: origins.par_iter().filter_map(of).collect() }
    }

    /// Origins of which the edition could be computed.
    pub fn origins(&self) -> usize {
        self.scores.len()
    }
}

impl Forecaster for IndexScores {
    fn name(&self) -> &str {
        "index"
    }

    fn at<'h>(&'h self, history: &'h History<'h>) -> ByHorizon<'h> {
        let Some(scores) = self.scores.get(&history.origin()) else { return always(vec![None; history.units().len()]) };
        always(scores.iter().map(|score| score.map(|risk| Forecast { risk, p_event: None, count: None })).collect())
    }
}
