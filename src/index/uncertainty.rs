//! Uncertainty: the index again and again, with everything that was a choice or an estimate varied.

use std::fmt;

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::goalposts::Goalposts;
use super::random::{Stream, purpose};
use super::tree::{Scratch, Tree};
use super::Direction;

/// How weights vary.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WeightVariation {
    /// They do not.
    #[default]
    Fixed,
    /// Each weight is multiplied by a uniform number in `1 - phi ..= 1 + phi`, on its own.
    Relative {
        /// Largest relative change, 0..=1.
        phi: f64,
    },
    /// The weights of each node are drawn from a Dirichlet distribution whose mean they are.
    Dirichlet {
        /// Sum of the distribution's parameters, above 0; the larger, the closer to the mean.
        concentration: f64,
    },
}

/// What the cells of one draw are drawn from.
#[derive(Debug)]
pub struct CellDraw {
    /// Numbers that all cells of the draw share.
    pub shared: Vec<f64>,
    /// The draw's stream.
    pub stream: Stream,
}

/// Draws the values of cells, for example from the posterior of a rate or a graded fact.
///
/// Every function must give the same result for the same numbers.
pub trait CellSampler: Sync {
    /// Numbers that all cells of one draw share, such as whether a fact holds on which several
    /// units rest; none unless a sampler says otherwise.
    fn shared(&self, stream: &mut Stream) -> Vec<f64> {
        let _ = stream;
        Vec::new()
    }

    /// A raw value for a leaf whose goalposts vary, before they score it; the raw value itself
    /// unless a sampler says otherwise.
    fn sample_raw(&self, unit: usize, leaf: usize, raw: Option<f64>, draw: &mut CellDraw) -> Option<f64> {
        let _ = (unit, leaf, draw);
        raw
    }

    /// A score for this unit and leaf; `nominal` is the score without this sampler, after
    /// normalisation and goalposts.
    fn sample(&self, unit: usize, leaf: usize, nominal: Option<f64>, draw: &mut CellDraw) -> Option<f64>;
}

/// Goalposts of one leaf that vary, with the raw values they score.
#[derive(Debug, Clone, PartialEq)]
pub struct VaryingGoalposts {
    /// Place of the leaf.
    pub leaf: usize,
    /// Nominal goalposts.
    pub goalposts: Goalposts,
    /// Which end is risky.
    pub direction: Direction,
    /// Each goalpost moves by up to this share of their distance; 0..0.5, so that they cannot meet.
    pub phi: f64,
    /// Raw value per unit.
    pub raw: Vec<Option<f64>>,
}

/// One uncertain input of a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factor {
    /// The weight of an edge, by its place in [`Tree::weights`].
    Weight { edge: usize },
    /// All weights of a node, by its place in [`Tree::nodes`].
    NodeWeights { node: usize },
    /// Which tree (operators, coverage rules).
    Method,
    /// Which table of scores (normalisation, treatment, imputation).
    Normalisation,
    /// The lower goalpost of a leaf.
    LowerGoalpost { leaf: usize },
    /// The upper goalpost of a leaf.
    UpperGoalpost { leaf: usize },
    /// The cells of a sampler, all together, by its place among the samplers.
    Cells { sampler: usize },
}

/// Most scores kept by a study: 16 GiB.
const MOST_CELLS: usize = 1 << 30;

/// Scores per unit and leaf.
pub type Table = Vec<Vec<Option<f64>>>;

/// Everything that varies. One draw is one number in `0.0..1.0` per factor.
pub struct Study<'a> {
    trees: Vec<Tree>,
    tables: Vec<Table>,
    weights: WeightVariation,
    goalposts: Vec<VaryingGoalposts>,
    cells: Vec<&'a dyn CellSampler>,
    factors: Vec<Factor>,
    seed: u64,
}

/// Why a study cannot be run.
#[derive(Debug, Clone, PartialEq)]
pub enum StudyError {
    /// There is no tree or no table.
    Nothing,
    /// The trees do not have the same leaves, nodes and children; they may differ in operators,
    /// coverage rules and weights.
    TreesDiffer { tree: usize },
    /// The tables do not have the same number of units.
    TablesDiffer { table: usize, units: usize, expected: usize },
    /// φ is outside its range.
    Phi { phi: f64 },
    /// The concentration is not a finite number above 0.
    Concentration { concentration: f64 },
    /// Goalposts of a leaf that does not exist, or twice, or with another number of units.
    Goalposts { leaf: usize },
    /// A quantile is outside 0..=1.
    Quantile { quantile: f64 },
    /// No draws were asked for.
    NoDraws,
    /// More units × draws than fit into memory.
    TooLarge { units: usize, draws: usize },
}

impl fmt::Display for StudyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StudyError::Nothing => write!(f, "a study needs a tree and a table of scores"),
            StudyError::TreesDiffer { tree } => write!(
                f,
                "alternative {} has other leaves, nodes or children than the first; alternatives may differ in operators, coverage and weights",
                tree + 1
            ),
            StudyError::TablesDiffer { table, units, expected } => {
                write!(f, "table {} has {units} units, the first has {expected}", table + 1)
            }
            StudyError::Phi { phi } => write!(f, "φ = {phi} is outside its range (0 to 1 for weights, below 0.5 for goalposts)"),
            StudyError::Concentration { concentration } => {
                write!(f, "concentration {concentration} must be a number above 0")
            }
            StudyError::Goalposts { leaf } => {
                write!(f, "varying goalposts of leaf {leaf}: no such leaf, given twice, or not one raw value per unit")
            }
            StudyError::Quantile { quantile } => write!(f, "quantile {quantile} must lie in 0..=1"),
            StudyError::TooLarge { units, draws } => {
                write!(f, "{units} units × {draws} draws are more results than fit into memory; ask for fewer draws")
            }
            StudyError::NoDraws => write!(f, "0 draws; ask for at least one"),
        }
    }
}

impl std::error::Error for StudyError {}

/// Scores of every unit in every draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    /// Number of units.
    pub units: usize,
    /// Scores per draw and unit; draws in which no unit has a score are left out.
    pub scores: Vec<Vec<Option<f64>>>,
    /// Draws asked for.
    pub asked: usize,
    /// Draws in which no unit had a score.
    pub failed: usize,
}

impl<'a> Study<'a> {
    /// A study over alternative trees and alternative tables of scores, the nominal ones first.
    ///
    /// # Errors
    /// No tree or table, or alternatives of different shape.
    pub fn new(trees: Vec<Tree>, tables: Vec<Table>) -> Result<Self, StudyError> {
        let (Some(tree), Some(table)) = (trees.first(), tables.first()) else {
            return Err(StudyError::Nothing);
        };
        if let Some(other) = trees.iter().position(|other| !same_shape(tree, other)) {
            return Err(StudyError::TreesDiffer { tree: other });
        }
        if let Some((k, other)) = tables.iter().enumerate().find(|(_, other)| other.len() != table.len()) {
            return Err(StudyError::TablesDiffer { table: k, units: other.len(), expected: table.len() });
        }
        let mut study = Study {
            trees,
            tables,
            weights: WeightVariation::Fixed,
            goalposts: Vec::new(),
            cells: Vec::new(),
            factors: Vec::new(),
            seed: 0,
        };
        study.name_factors();
        Ok(study)
    }

    /// Lets weights vary.
    ///
    /// # Errors
    /// φ outside 0..=1 or a concentration that is not above 0.
    pub fn with_weights(mut self, weights: WeightVariation) -> Result<Self, StudyError> {
        match weights {
            WeightVariation::Relative { phi } if !(0.0..=1.0).contains(&phi) => Err(StudyError::Phi { phi }),
            WeightVariation::Dirichlet { concentration } if !(concentration.is_finite() && concentration > 0.0) => {
                Err(StudyError::Concentration { concentration })
            }
            _ => {
                self.weights = weights;
                self.name_factors();
                Ok(self)
            }
        }
    }

    /// Lets goalposts vary; the scores of their leaves are then taken from the raw values.
    ///
    /// # Errors
    /// A leaf that does not exist or is given twice, φ outside 0..0.5, or a wrong number of units.
    pub fn with_goalposts(mut self, goalposts: Vec<VaryingGoalposts>) -> Result<Self, StudyError> {
        let mut seen = vec![false; self.leaves()];
        for g in &goalposts {
            match seen.get_mut(g.leaf) {
                Some(seen) if !*seen && g.raw.len() == self.units() => *seen = true,
                _ => return Err(StudyError::Goalposts { leaf: g.leaf }),
            }
            if !(0.0..0.5).contains(&g.phi) {
                return Err(StudyError::Phi { phi: g.phi });
            }
        }
        self.goalposts = goalposts;
        self.name_factors();
        Ok(self)
    }

    /// Lets cells vary by a sampler. Each further one is a factor of its own and sees what the ones
    /// before it drew.
    pub fn with_cells(mut self, cells: &'a dyn CellSampler) -> Self {
        self.cells.push(cells);
        self.name_factors();
        self
    }

    /// Seed of all random numbers; 0 if not given.
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The uncertain inputs, in the order of [`Study::scores_at`].
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// Number of units.
    pub fn units(&self) -> usize {
        self.tables.first().map_or(0, Vec::len)
    }

    fn leaves(&self) -> usize {
        self.trees.first().map_or(0, |tree| tree.leaves().len())
    }

    /// Scores without any variation.
    pub fn nominal(&self) -> Vec<Option<f64>> {
        let (Some(tree), Some(table)) = (self.trees.first(), self.tables.first()) else { return Vec::new() };
        let mut scratch = Scratch::default();
        table.iter().map(|row| tree.score_with(row, tree.weights(), &mut scratch)).collect()
    }

    /// Scores of every unit at one setting of the factors.
    ///
    /// # Formula
    /// ```text
    /// weight      w (1 - phi + 2 phi u)
    /// alternative number floor(u k) of k, each equally likely
    /// goalpost    post + phi (2 u - 1) (upper - lower)
    /// ```
    /// The weights of a node under a Dirichlet, and the cells, are random given `u`: it names the
    /// stream of random numbers.
    ///
    /// # Units and shape
    /// `u` has one number in `0.0..1.0` per factor; what is not given counts as 0.5.
    ///
    /// # Missing and degenerate values
    /// As in [`Tree::score_varied`], draw by draw.
    pub fn scores_at(&self, u: &[f64]) -> Vec<Option<f64>> {
        let at = |factor: usize| u.get(factor).copied().unwrap_or(0.5).clamp(0.0, 1.0);
        let pick = |factor: usize, of: usize| ((at(factor) * of as f64) as usize).min(of.saturating_sub(1));
        let (mut which_tree, mut which_table) = (0, 0);
        let mut posts = vec![(0.5, 0.5); self.goalposts.len()];
        let mut cells: Vec<(&dyn CellSampler, CellDraw)> = Vec::with_capacity(self.cells.len());
        for (k, factor) in self.factors.iter().enumerate() {
            let of_leaf = |leaf: usize| self.goalposts.iter().position(|g| g.leaf == leaf);
            match *factor {
                Factor::Method => which_tree = pick(k, self.trees.len()),
                Factor::Normalisation => which_table = pick(k, self.tables.len()),
                Factor::Cells { sampler } => {
                    let mut stream = Stream::new(self.seed, purpose::cells(sampler), at(k).to_bits());
                    if let Some(own) = self.cells.get(sampler) {
                        cells.push((*own, CellDraw { shared: own.shared(&mut stream), stream }));
                    }
                }
                Factor::LowerGoalpost { leaf } => {
                    if let Some(slot) = of_leaf(leaf).and_then(|g| posts.get_mut(g)) {
                        slot.0 = at(k);
                    }
                }
                Factor::UpperGoalpost { leaf } => {
                    if let Some(slot) = of_leaf(leaf).and_then(|g| posts.get_mut(g)) {
                        slot.1 = at(k);
                    }
                }
                Factor::Weight { .. } | Factor::NodeWeights { .. } => {}
            }
        }
        let (Some(tree), Some(table)) = (self.trees.get(which_tree), self.tables.get(which_table)) else {
            return Vec::new();
        };
        let weights = self.weights_at(tree, &at);
        let moved: Vec<Option<Goalposts>> =
            self.goalposts.iter().zip(&posts).map(|(g, &(low, high))| moved(g, low, high)).collect();
        let mut scratch = Scratch::default();
        let mut own = Vec::new();
        let mut scores = Vec::with_capacity(table.len());
        for (unit, row) in table.iter().enumerate() {
            if self.goalposts.is_empty() && cells.is_empty() {
                scores.push(tree.score_varied(row, &weights, &mut scratch));
                continue;
            }
            own.clear();
            own.extend((0..self.leaves()).map(|leaf| row.get(leaf).copied().flatten()));
            for (g, posts) in self.goalposts.iter().zip(&moved) {
                if let (Some(slot), Some(posts)) = (own.get_mut(g.leaf), posts) {
                    let mut raw = g.raw.get(unit).copied().flatten().filter(|x| x.is_finite());
                    for (sampler, draw) in &mut cells {
                        raw = sampler.sample_raw(unit, g.leaf, raw, draw).filter(|x| x.is_finite());
                    }
                    *slot = raw.map(|x| posts.score(x, g.direction));
                }
            }
            for (sampler, draw) in &mut cells {
                for (leaf, slot) in own.iter_mut().enumerate() {
                    *slot = sampler.sample(unit, leaf, *slot, draw).filter(|x| x.is_finite());
                }
            }
            scores.push(tree.score_varied(&own, &weights, &mut scratch));
        }
        scores
    }

    /// Scores of every unit where each number sets a whole group of factors, for indices of groups.
    ///
    /// # Formula
    /// A group of one factor takes its number as it is. In a larger group the number names a stream
    /// of random numbers, from which the group's factors are drawn in their order.
    ///
    /// # Units and shape
    /// `group_of` has the group of each factor, `u` one number in `0.0..1.0` per group. Groups that
    /// are not given count as in [`Study::scores_at`].
    ///
    /// # Source
    /// Saltelli et al. (2008), *Global Sensitivity Analysis: the Primer*, section 1.2.15, on indices of groups.
    pub fn scores_at_groups(&self, group_of: &[usize], u: &[f64]) -> Vec<Option<f64>> {
        let mut setting = vec![0.5; self.factors.len()];
        for (group, &number) in u.iter().enumerate() {
            let members: Vec<usize> = (0..setting.len()).filter(|factor| group_of.get(*factor) == Some(&group)).collect();
            let mut stream = Stream::new(self.seed, purpose::GROUPS + ((group as u64) << 8), number.to_bits());
            for &factor in &members {
                if let Some(slot) = setting.get_mut(factor) {
                    *slot = if members.len() == 1 { number } else { stream.uniform() };
                }
            }
        }
        self.scores_at(&setting)
    }

    fn weights_at(&self, tree: &Tree, at: &dyn Fn(usize) -> f64) -> Vec<f64> {
        let mut weights = tree.weights().to_vec();
        for (k, factor) in self.factors.iter().enumerate() {
            match (*factor, self.weights) {
                (Factor::Weight { edge }, WeightVariation::Relative { phi }) => {
                    if let Some(weight) = weights.get_mut(edge) {
                        *weight *= 1.0 - phi + 2.0 * phi * at(k);
                    }
                }
                (Factor::NodeWeights { node }, WeightVariation::Dirichlet { concentration }) => {
                    let mut stream = Stream::new(self.seed, purpose::DIRICHLET + node as u64, at(k).to_bits());
                    if let Some(weights) = weights.get_mut(tree.edges(node)) {
                        dirichlet(weights, concentration, &mut stream);
                    }
                }
                _ => {}
            }
        }
        weights
    }

    /// Runs a number of random draws.
    ///
    /// # Units and shape
    /// `progress` is told after each draw that one more is done, from whatever thread did it.
    ///
    /// # Missing and degenerate values
    /// A draw in which no unit has a score is left out and counted.
    ///
    /// # Errors
    /// No draws asked for, or more than 2³⁰ units × draws.
    pub fn run(&self, draws: usize, progress: &(dyn Fn() + Sync)) -> Result<Draws, StudyError> {
        if draws == 0 {
            return Err(StudyError::NoDraws);
        }
        if self.units().checked_mul(draws).is_none_or(|cells| cells > MOST_CELLS) {
            return Err(StudyError::TooLarge { units: self.units(), draws });
        }
        let all: Vec<Vec<Option<f64>>> = (0..draws as u64)
            .into_par_iter()
            .map(|draw| {
                let mut stream = Stream::new(self.seed, purpose::STUDY, draw);
                let u: Vec<f64> = self.factors.iter().map(|_| stream.uniform()).collect();
                let scores = self.scores_at(&u);
                progress();
                scores
            })
            .collect();
        let scores: Vec<Vec<Option<f64>>> =
            all.into_iter().filter(|scores| scores.iter().any(Option::is_some)).collect();
        let failed = draws - scores.len();
        Ok(Draws { units: self.units(), scores, asked: draws, failed })
    }

    fn name_factors(&mut self) {
        let mut factors = Vec::new();
        if let Some(tree) = self.trees.first() {
            for (n, node) in tree.nodes().iter().enumerate() {
                let counted = |w: &f64| *w > 0.0;
                // A node with one child keeps its value whatever the weight.
                if node.children.iter().filter(|(_, w)| counted(w)).count() < 2 {
                    continue;
                }
                match self.weights {
                    WeightVariation::Fixed => {}
                    WeightVariation::Dirichlet { .. } => factors.push(Factor::NodeWeights { node: n }),
                    WeightVariation::Relative { .. } => {
                        let edges = tree.edges(n).zip(&node.children).filter(|(_, (_, w))| counted(w));
                        factors.extend(edges.map(|(edge, _)| Factor::Weight { edge }));
                    }
                }
            }
        }
        if self.trees.len() > 1 {
            factors.push(Factor::Method);
        }
        if self.tables.len() > 1 {
            factors.push(Factor::Normalisation);
        }
        for g in &self.goalposts {
            factors.extend([Factor::LowerGoalpost { leaf: g.leaf }, Factor::UpperGoalpost { leaf: g.leaf }]);
        }
        factors.extend((0..self.cells.len()).map(|sampler| Factor::Cells { sampler }));
        self.factors = factors;
    }
}

fn same_shape(a: &Tree, b: &Tree) -> bool {
    let shape = |tree: &Tree| {
        let children = |node: &super::Node| node.children.iter().map(|c| c.0).collect::<Vec<_>>();
        (tree.root(), tree.nodes().iter().map(children).collect::<Vec<_>>())
    };
    a.leaves() == b.leaves() && shape(a) == shape(b)
}

fn moved(g: &VaryingGoalposts, low: f64, high: f64) -> Option<Goalposts> {
    let reach = g.phi * (g.goalposts.upper() - g.goalposts.lower());
    Goalposts::new(g.goalposts.lower() + reach * (2.0 * low - 1.0), g.goalposts.upper() + reach * (2.0 * high - 1.0))
        .ok()
}

/// Replaces weights by a Dirichlet draw whose mean they are; weights of 0 stay 0.
pub(super) fn dirichlet(weights: &mut [f64], concentration: f64, stream: &mut Stream) {
    let total: f64 = weights.iter().sum();
    let logs: Vec<f64> = weights
        .iter()
        .map(|w| if *w > 0.0 { stream.ln_gamma_variate(concentration * w / total) } else { f64::NEG_INFINITY })
        .collect();
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if top.is_finite() {
        for (weight, log) in weights.iter_mut().zip(logs) {
            *weight = (log - top).exp();
        }
    }
}

/// Weights of one random draw, as [`Study::run`] would draw them; for work that needs weights only.
pub(super) fn draw_weights(tree: &Tree, variation: WeightVariation, stream: &mut Stream) -> Vec<f64> {
    let mut weights = tree.weights().to_vec();
    match variation {
        WeightVariation::Fixed => {}
        WeightVariation::Relative { phi } => {
            for weight in &mut weights {
                *weight *= 1.0 - phi + 2.0 * phi * stream.uniform();
            }
        }
        WeightVariation::Dirichlet { concentration } => {
            for node in 0..tree.nodes().len() {
                if let Some(weights) = weights.get_mut(tree.edges(node)) {
                    dirichlet(weights, concentration, stream);
                }
            }
        }
    }
    weights
}

/// Draws a score that is known by its low, best and high value: a triangular distribution.
///
/// # Formula
/// The inverse of the triangular distribution function at `u`.
///
/// # Missing and degenerate values
/// `low <= best <= high` is put in order first; equal ends give that value.
pub fn triangular(low: f64, best: f64, high: f64, u: f64) -> f64 {
    let (low, high) = (low.min(high), high.max(low));
    let best = best.clamp(low, high);
    let width = high - low;
    if width <= 0.0 {
        return best;
    }
    let split = (best - low) / width;
    if u < split {
        low + (u * width * (best - low)).sqrt()
    } else {
        high - ((1.0 - u) * width * (high - best)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{Child, Node, Operator};

    fn tree(operator: Operator) -> Tree {
        let nodes = vec![
            Node::new("root", operator, 0.0, vec![(Child::Node(1), 1.0), (Child::Leaf(2), 2.0)]),
            Node::new("d", Operator::Arithmetic, 0.0, vec![(Child::Leaf(0), 1.0), (Child::Leaf(1), 1.0)]),
        ];
        Tree::new(["a", "b", "c"].map(String::from).to_vec(), nodes, 0).unwrap()
    }

    fn table() -> Table {
        (0..6).map(|i| (0..3).map(|j| Some(f64::from((i * 7 + j * 5) % 11))).collect()).collect()
    }

    fn study<'a>() -> Study<'a> {
        Study::new(vec![tree(Operator::Arithmetic), tree(Operator::Max)], vec![table()])
            .unwrap()
            .with_weights(WeightVariation::Relative { phi: 0.25 })
            .unwrap()
    }

    #[test]
    fn the_middle_of_every_factor_is_nominal() {
        let s = study();
        assert_eq!(s.factors().len(), 5);
        let mut u = vec![0.5; 5];
        u[4] = 0.0;
        for (a, b) in s.scores_at(&u).iter().zip(s.nominal()) {
            assert!((a.unwrap() - b.unwrap()).abs() < 1e-12);
        }
    }

    #[test]
    fn a_group_of_one_is_its_factor_and_a_larger_one_a_stream() {
        let s = study().with_seed(2);
        let last = [1, 1, 1, 1, 0];
        assert_eq!(s.scores_at_groups(&last, &[0.9]), s.scores_at(&[0.5, 0.5, 0.5, 0.5, 0.9]));
        assert_eq!(s.scores_at_groups(&last, &[0.1, 0.3]), s.scores_at_groups(&last, &[0.2, 0.3]), "both name the first tree");
        assert_ne!(s.scores_at_groups(&last, &[0.1, 0.3]), s.scores_at_groups(&last, &[0.1, 0.4]));
    }

    #[test]
    fn draws_repeat_on_any_number_of_threads() {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| study().with_seed(3).run(200, &|| {}).unwrap())
        };
        assert_eq!(on(1), on(3));
        assert_ne!(study().with_seed(4).run(5, &|| {}).unwrap(), study().with_seed(5).run(5, &|| {}).unwrap());
    }

    #[test]
    fn failed_draws_are_counted() {
        struct Sometimes;
        impl CellSampler for Sometimes {
            fn sample(&self, _: usize, _: usize, nominal: Option<f64>, draw: &mut CellDraw) -> Option<f64> {
                if draw.stream.uniform() < 0.7 { None } else { nominal }
            }
        }
        let sampler = Sometimes;
        let one = vec![vec![Some(1.0), Some(2.0), Some(3.0)]];
        let s = Study::new(vec![tree(Operator::Arithmetic)], vec![one]).unwrap().with_cells(&sampler);
        let d = s.run(300, &|| {}).unwrap();
        assert!(d.failed > 50 && d.failed + d.scores.len() == 300);
        assert_eq!(s.run(0, &|| {}), Err(StudyError::NoDraws));
    }

    #[test]
    fn samplers_vary_on_their_own_and_share_numbers_within_a_draw() {
        /// Adds the draw's shared number to one leaf, to its raw value where goalposts vary.
        struct Shift(usize);
        impl CellSampler for Shift {
            fn shared(&self, stream: &mut Stream) -> Vec<f64> {
                vec![stream.uniform()]
            }
            fn sample_raw(&self, _: usize, leaf: usize, raw: Option<f64>, draw: &mut CellDraw) -> Option<f64> {
                if leaf == self.0 { raw.map(|x| x + draw.shared[0]) } else { raw }
            }
            fn sample(&self, _: usize, leaf: usize, nominal: Option<f64>, draw: &mut CellDraw) -> Option<f64> {
                if leaf == self.0 && leaf != 2 { nominal.map(|x| x + draw.shared[0]) } else { nominal }
            }
        }
        let (a, c) = (Shift(0), Shift(2));
        let posts = VaryingGoalposts {
            leaf: 2,
            goalposts: Goalposts::new(0.0, 100.0).unwrap(),
            direction: Direction::HigherIsRiskier,
            phi: 0.0,
            raw: vec![Some(20.0); 6],
        };
        let s = Study::new(vec![tree(Operator::Arithmetic)], vec![table()]).unwrap();
        let s = s.with_goalposts(vec![posts]).unwrap().with_cells(&a).with_cells(&c).with_seed(9);
        assert_eq!(s.factors()[2..], [Factor::Cells { sampler: 0 }, Factor::Cells { sampler: 1 }]);
        let base = s.scores_at(&[0.5, 0.5, 0.1, 0.2]);
        let other = s.scores_at(&[0.5, 0.5, 0.7, 0.2]);
        let shifts: Vec<f64> = base.iter().zip(&other).map(|(x, y)| y.unwrap() - x.unwrap()).collect();
        assert!(shifts[0] != 0.0 && shifts.iter().all(|d| (d - shifts[0]).abs() < 1e-12), "one number for all units");
        let third = s.scores_at(&[0.5, 0.5, 0.1, 0.9]);
        assert!(base.iter().zip(&third).all(|(x, y)| (x.unwrap() - y.unwrap()).abs() > 0.0), "the raw value is drawn too");
    }

    #[test]
    fn goalposts_move() {
        let g = VaryingGoalposts {
            leaf: 2,
            goalposts: Goalposts::new(0.0, 10.0).unwrap(),
            direction: Direction::HigherIsRiskier,
            phi: 0.1,
            raw: (0..6).map(|i| Some(f64::from(i))).collect(),
        };
        let s = Study::new(vec![tree(Operator::Arithmetic)], vec![table()]).unwrap();
        let s = s.with_goalposts(vec![g.clone()]).unwrap();
        assert_eq!(s.factors(), [Factor::LowerGoalpost { leaf: 2 }, Factor::UpperGoalpost { leaf: 2 }]);
        // Both posts one up: 5 scores (5 - 1) / 10.
        let d = 0.5 * (table()[5][0].unwrap() + table()[5][1].unwrap());
        assert!((s.scores_at(&[1.0, 1.0])[5].unwrap() - (d + 2.0 * 4.0) / 3.0).abs() < 1e-12);
        let s = Study::new(vec![tree(Operator::Arithmetic)], vec![table()]).unwrap();
        assert!(matches!(s.with_goalposts(vec![g.clone(), g]), Err(StudyError::Goalposts { leaf: 2 })));
    }

    #[test]
    fn dirichlet_has_its_mean_and_keeps_zeros() {
        let mut mean = [0.0; 3];
        for i in 0..4000 {
            let mut w = [1.0, 3.0, 0.0];
            dirichlet(&mut w, 10.0, &mut Stream::new(1, 0, i));
            let sum: f64 = w.iter().sum();
            for (m, w) in mean.iter_mut().zip(w) {
                *m += w / sum / 4000.0;
            }
        }
        // Standard error 0.002.
        assert!((mean[0] - 0.25).abs() < 0.01 && mean[2] == 0.0);
    }

    #[test]
    fn refusals() {
        assert!(matches!(Study::new(vec![], vec![]), Err(StudyError::Nothing)));
        let phi = study().with_weights(WeightVariation::Relative { phi: 1.5 });
        assert!(matches!(phi, Err(StudyError::Phi { .. })));
        let c = study().with_weights(WeightVariation::Dirichlet { concentration: 0.0 });
        assert!(matches!(c, Err(StudyError::Concentration { .. })));
        let other = Study::new(vec![tree(Operator::Max)], vec![table(), vec![]]);
        assert!(matches!(other, Err(StudyError::TablesDiffer { table: 1, .. })));
    }

    #[test]
    fn triangular_by_hand() {
        assert_eq!(triangular(0.0, 5.0, 10.0, 0.5), 5.0);
        assert_eq!(triangular(0.0, 5.0, 10.0, 0.0), 0.0);
        assert_eq!(triangular(2.0, 2.0, 2.0, 0.3), 2.0);
        assert!((triangular(0.0, 0.0, 1.0, 0.75) - 0.5).abs() < 1e-15);
    }
}
