//! Would other weights have ranked better? Weights of the top dimensions, tried on outcomes and judged on outcomes they never saw.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::metrics::{Descent, block_weights, interval};
use super::panel::Panel;
use super::scores::{Estimate, MIN_POSITIVES};
use crate::edition::{Edition, Ranking, Sources};
use crate::framework::UnitKind;
use crate::index::{Scratch, Tree};
use crate::text::Month;

/// How far a weight may move from the analysts', as a share of it; the choice among them is made on the second part of the origins.
pub const BOUNDS: [f64; 2] = [0.25, 0.5];

/// Replicates of the bootstrap over origins.
const REPLICATES: u64 = 400;
/// Months in a row that are drawn together.
const BLOCK: usize = 6;

/// What to tune on.
#[derive(Clone, Debug)]
pub struct TunePlan {
    pub kind: UnitKind,
    pub horizon: u32,
    /// First origin of each part, and the last origin of all: weights are fitted on the first part, the bound is chosen on the second, the third is shown.
    pub parts: [Month; 3],
    pub to: Month,
    pub seed: u64,
}

/// What tuning found.
#[derive(Clone, Debug, Serialize)]
pub struct Tuned {
    pub kind: String,
    pub horizon: u32,
    pub dimension: String,
    pub parts: Vec<Part>,
    /// The bound that was chosen; 0 keeps the analysts' weights.
    pub bound: f64,
    pub weights: Vec<TunedWeight>,
    /// Gain in average precision on the third part; none where the analysts' weights stay. With the middle 90 % of a bootstrap over origins.
    pub gain: Option<Estimate>,
}

/// A part of the origins.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    pub from: String,
    pub to: String,
    pub cases: usize,
    pub events: usize,
    /// Average precision under the analysts' weights and under the proposed ones.
    pub analysts: Option<f64>,
    pub proposed: Option<f64>,
}

/// Weight of a child of the root, as shares of the sum.
#[derive(Clone, Debug, Serialize)]
pub struct TunedWeight {
    pub child: String,
    pub analysts: f64,
    pub proposed: f64,
    /// Share of resamples of the first part in which the best weights move it up, and down.
    pub up: f64,
    pub down: f64,
}

impl Tuned {
    /// Whether the gain is surely above 0.
    pub fn is_gain(&self) -> bool {
        self.gain.is_some_and(|g| g.interval.is_some_and(|(low, _)| low > 0.0))
    }
}

/// A unit at an origin: its indicators' scores, and whether an event came.
struct Case {
    origin: Month,
    leaves: Vec<Option<f64>>,
    happened: bool,
}

/// Tries weights of the root's children around the analysts'.
///
/// # Formula
/// ```text
/// candidates for a bound β:  w_k = analysts_k · m_k,  m_k ∈ {1 − β, 1, 1 + β}        3 per child, then as shares
/// proposed for β = the candidate of the highest average precision on part 1; of equals the one nearest to the analysts'
/// β = the one of {0, 0.25, 0.5} whose proposal has the highest average precision on part 2
/// gain = AP(proposed) − AP(analysts) on part 3
/// ```
/// # Missing and degenerate values
/// Units without a score or a known outcome are left out. With fewer than 10 events in a part there is no average precision, and
/// the analysts' weights stay.
pub fn tune(sources: &Sources, panel: &Panel, plan: &TunePlan) -> Tuned {
    let framework = sources.framework(plan.kind);
    let tree = &framework.tree;
    let cases = cases(sources, panel, plan);
    let ends = [plan.parts[1].minus(1), plan.parts[2].minus(1), plan.to];
    let parts: Vec<Scorer<'_>> = plan.parts.iter().zip(ends).map(|(from, to)| Scorer::new(tree, &cases, *from, to)).collect();
    let [fit, choose, show] = parts.as_slice() else { return nothing(plan, tree) };
    let still = vec![1.0; tree.edges(tree.root()).len()];
    let best = |bound: f64, weights: Option<&[f64]>| fit.best(&candidates(still.len(), bound), weights);
    let proposals: Vec<(f64, Vec<f64>)> = std::iter::once((0.0, still.clone())).chain(BOUNDS.iter().map(|b| (*b, best(*b, None)))).collect();
    let chosen = proposals.iter().map(|(bound, m)| (choose.precision(m, None).unwrap_or(0.0), *bound, m)).fold(None, |best: Option<(f64, f64, &Vec<f64>)>, next| match best {
        Some(found) if next.0 <= found.0 + 1e-12 => Some(found),
        _ => Some(next),
    });
    let (bound, multipliers) = chosen.map_or((0.0, still.clone()), |(_, bound, m)| (bound, m.clone()));
    let tried = if bound > 0.0 { bound } else { BOUNDS[0] };
    let resampled: Vec<Vec<f64>> = (0..REPLICATES / 4).into_par_iter().map(|r| best(tried, Some(&block_weights(fit.origins, BLOCK, plan.seed, r)))).collect();
    Tuned {
        kind: framework.kind.name().into(),
        horizon: plan.horizon,
        dimension: tree.nodes().get(tree.root()).map(|n| n.id.clone()).unwrap_or_default(),
        parts: parts.iter().zip(plan.parts.iter().zip(ends)).map(|(p, (from, to))| p.part(*from, to, &multipliers)).collect(),
        bound,
        weights: weights(tree, &multipliers, &resampled),
        gain: show.gain(&multipliers, plan.seed).filter(|_| bound > 0.0),
    }
}

fn nothing(plan: &TunePlan, tree: &Tree) -> Tuned {
    Tuned { kind: plan.kind.name().into(), horizon: plan.horizon, dimension: String::new(), parts: Vec::new(), bound: 0.0, weights: weights(tree, &[], &[]), gain: None }
}

/// The cases of all origins whose edition can be computed, in the order of time.
fn cases(sources: &Sources, panel: &Panel, plan: &TunePlan) -> Vec<Case> {
    let origins: Vec<Month> = (plan.parts[0].0..=plan.to.0).map(Month).collect();
    let of = |origin: &Month| {
        let edition = Edition::compute(sources, origin.last_day(), false);
        let ranking: &Ranking<'_> = match plan.kind {
            UnitKind::Provinces => &edition.provinces,
            UnitKind::Crossings => &edition.crossings,
        };
        let case = |unit: &crate::edition::Scored<'_>| {
            unit.score?;
            let outcome = panel.outcomes.deadly_at(panel.unit(unit.unit.id())?, origin.minus(-(plan.horizon as i32)))?;
            Some(Case { origin: *origin, leaves: unit.scores.clone(), happened: outcome > 0 })
        };
        ranking.units.iter().filter_map(case).collect::<Vec<_>>()
    };
    origins.par_iter().flat_map_iter(of).collect()
}

/// All combinations of multipliers, nearest to the analysts' weights first.
fn candidates(children: usize, bound: f64) -> Vec<Vec<f64>> {
    let mut all: Vec<Vec<f64>> = vec![Vec::new()];
    for _ in 0..children {
        all = all.iter().flat_map(|head| [1.0, 1.0 - bound, 1.0 + bound].map(|m| head.iter().copied().chain([m]).collect())).collect();
    }
    let moved = |m: &Vec<f64>| m.iter().filter(|m| **m != 1.0).count();
    all.sort_by_key(moved);
    all
}

/// Cases of a part, ready to be scored under any multipliers of the root's weights.
struct Scorer<'a> {
    tree: &'a Tree,
    cases: Vec<&'a Case>,
    /// Position of each case's origin in the part.
    place: Vec<usize>,
    origins: usize,
}

impl<'a> Scorer<'a> {
    fn new(tree: &'a Tree, cases: &'a [Case], from: Month, to: Month) -> Self {
        let cases: Vec<&Case> = cases.iter().filter(|c| from <= c.origin && c.origin <= to).collect();
        let months: BTreeMap<Month, usize> = cases.iter().map(|c| c.origin).collect::<std::collections::BTreeSet<_>>().into_iter().enumerate().map(|(i, m)| (m, i)).collect();
        let place = cases.iter().map(|c| months.get(&c.origin).copied().unwrap_or_default()).collect();
        Self { tree, cases, place, origins: months.len() }
    }

    fn events(&self) -> usize {
        self.cases.iter().filter(|c| c.happened).count()
    }

    /// The order of the cases under some multipliers.
    fn order(&self, multipliers: &[f64]) -> Descent {
        let mut weights = self.tree.weights().to_vec();
        let edges = self.tree.edges(self.tree.root());
        weights.iter_mut().skip(edges.start).take(edges.len()).zip(multipliers).for_each(|(w, m)| *w *= m);
        let mut scratch = Scratch::default();
        let risks: Vec<f64> = self.cases.iter().map(|c| self.tree.score_varied(&c.leaves, &weights, &mut scratch).unwrap_or(0.0)).collect();
        Descent::new(&risks)
    }

    /// Average precision of an order; `draws` says how often each origin counts.
    fn precision_of(&self, order: &Descent, draws: Option<&[f64]>) -> Option<f64> {
        let weight = |i: usize| draws.map_or(1.0, |d| self.place.get(i).and_then(|p| d.get(*p)).copied().unwrap_or(0.0));
        order.average_precision(weight, |i| self.cases.get(i).is_some_and(|c| c.happened)).filter(|_| self.events() >= MIN_POSITIVES)
    }

    fn precision(&self, multipliers: &[f64], draws: Option<&[f64]>) -> Option<f64> {
        self.precision_of(&self.order(multipliers), draws)
    }

    /// The first of the candidates with the highest average precision.
    fn best(&self, candidates: &[Vec<f64>], draws: Option<&[f64]>) -> Vec<f64> {
        let mut best: (f64, Option<&Vec<f64>>) = (f64::NEG_INFINITY, None);
        for multipliers in candidates {
            let precision = self.precision(multipliers, draws).unwrap_or(f64::NEG_INFINITY);
            if precision > best.0 + 1e-12 || best.1.is_none() {
                best = (precision, Some(multipliers));
            }
        }
        best.1.cloned().unwrap_or_default()
    }

    fn gain(&self, multipliers: &[f64], seed: u64) -> Option<Estimate> {
        let (mine, theirs) = (self.order(multipliers), self.order(&vec![1.0; multipliers.len()]));
        let gain = |draws: Option<&[f64]>| Some(self.precision_of(&mine, draws)? - self.precision_of(&theirs, draws)?);
        let replicates: Vec<Option<f64>> = (0..REPLICATES).map(|r| gain(Some(&block_weights(self.origins, BLOCK, seed, r)))).collect();
        Some(Estimate { value: gain(None)?, interval: interval(&replicates) })
    }

    fn part(&self, from: Month, to: Month, multipliers: &[f64]) -> Part {
        Part {
            from: from.to_string(),
            to: to.to_string(),
            cases: self.cases.len(),
            events: self.events(),
            analysts: self.precision(&vec![1.0; multipliers.len()], None),
            proposed: self.precision(multipliers, None),
        }
    }
}

fn weights(tree: &Tree, multipliers: &[f64], resampled: &[Vec<f64>]) -> Vec<TunedWeight> {
    let children = tree.nodes().get(tree.root()).map(|n| n.children.clone()).unwrap_or_default();
    let total: f64 = children.iter().map(|(_, w)| w).sum();
    let multiplier = |k: usize| multipliers.get(k).copied().unwrap_or(1.0);
    let sum: f64 = children.iter().enumerate().map(|(k, (_, w))| w * multiplier(k)).sum();
    let share = |k: usize, moved: &dyn Fn(f64) -> bool| resampled.iter().filter(|m| m.get(k).copied().is_some_and(moved)).count() as f64 / resampled.len().max(1) as f64;
    children
        .iter()
        .enumerate()
        .map(|(k, (child, weight))| TunedWeight {
            child: tree.child_id(*child).to_owned(),
            analysts: weight / total,
            proposed: weight * multiplier(k) / sum,
            up: share(k, &|m| m > 1.0),
            down: share(k, &|m| m < 1.0),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_begin_with_the_analysts_and_stay_in_their_bounds() {
        let all = candidates(3, 0.25);
        assert_eq!((all.len(), all[0].clone()), (27, vec![1.0; 3]));
        assert!(all.iter().flatten().all(|m| (0.75..=1.25).contains(m)));
        assert!(all[1].iter().filter(|m| **m != 1.0).count() == 1);
    }
}
