//! The tree of an index: nodes with their own operators and coverage rules over leaves.

use std::collections::BTreeMap;
use std::fmt;

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::goalposts::SCORE_MAXIMUM;
use super::operator::{Operator, OperatorProblem};

/// Slack on the coverage comparison: shares such as 0.1 + 0.2 differ from 0.3 in the last bit.
const COVERAGE_SLACK: f64 = 1e-12;

/// A child of a node: another node or a leaf, by its place in the tree's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Child {
    /// Place in [`Tree::nodes`].
    Node(usize),
    /// Place in [`Tree::leaves`].
    Leaf(usize),
}

/// What a node's coverage is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoverageBy {
    /// The weight of the children that are present.
    #[default]
    Weight,
    /// The number of the children that are present, of those with a weight above 0; COINr's rule.
    Count,
}

/// An inner node.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Name, unique in the tree.
    pub id: String,
    /// How the children's values become the node's value.
    pub operator: Operator,
    /// Share of the children that must be present, 0..=1; with less the node is missing.
    pub minimum_coverage: f64,
    /// What that share is a share of.
    pub coverage_by: CoverageBy,
    /// Children with their weights, in the order that operators over periods rely on.
    pub children: Vec<(Child, f64)>,
}

impl Node {
    /// A node whose coverage is a share of weight.
    pub fn new(
        id: impl Into<String>,
        operator: Operator,
        minimum_coverage: f64,
        children: Vec<(Child, f64)>,
    ) -> Self {
        Node { id: id.into(), operator, minimum_coverage, coverage_by: CoverageBy::Weight, children }
    }
}

/// What is wrong with a tree. All problems of a tree are reported at once.
#[derive(Debug, Clone, PartialEq)]
pub enum TreeProblem {
    /// The root's place is not in the list of nodes.
    NoRoot { root: usize, nodes: usize },
    /// Two nodes, or two leaves, have the same name.
    DuplicateId { id: String },
    /// A node has no children.
    NoChildren { node: String },
    /// A node names a child that does not exist.
    UnknownChild { node: String, child: Child },
    /// A child stands under two nodes, or twice under one.
    TwoParents { child: String, parents: Vec<String> },
    /// A leaf or node that the root does not reach.
    NotReached { id: String },
    /// A node is its own descendant, or the root has a parent.
    Cycle { node: String },
    /// A weight is negative or not finite.
    Weight { node: String, child: String, weight: f64 },
    /// No child of the node has a weight above 0, or their sum overflows.
    WeightSum { node: String, sum: f64 },
    /// The minimum coverage is outside 0..=1.
    Coverage { node: String, minimum_coverage: f64 },
    /// The operator's settings are wrong.
    Operator { node: String, problem: OperatorProblem },
}

impl fmt::Display for TreeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TreeProblem::NoRoot { root, nodes } => write!(f, "the root is node {root}, but there are {nodes} nodes"),
            TreeProblem::DuplicateId { id } => write!(f, "the name `{id}` is used twice; every leaf and node needs its own"),
            TreeProblem::NoChildren { node } => write!(f, "node `{node}` has no children; add one or remove the node"),
            TreeProblem::UnknownChild { node, child } => write!(f, "node `{node}` has a child that does not exist ({child:?})"),
            TreeProblem::TwoParents { child, parents } => {
                write!(f, "`{child}` stands under {}; a child has one parent", parents.join(" and "))
            }
            TreeProblem::NotReached { id } => write!(f, "`{id}` is not part of the tree below the root"),
            TreeProblem::Cycle { node } => write!(f, "node `{node}` is its own ancestor"),
            TreeProblem::Weight { node, child, weight } => {
                write!(f, "weight {weight} of `{child}` in node `{node}` must be a finite number, 0 or more")
            }
            TreeProblem::WeightSum { node, sum } => {
                write!(f, "the weights in node `{node}` add up to {sum}; at least one must be above 0")
            }
            TreeProblem::Coverage { node, minimum_coverage } => {
                write!(f, "minimum coverage {minimum_coverage} of node `{node}` must lie in 0..=1")
            }
            TreeProblem::Operator { node, problem } => write!(f, "operator of node `{node}`: {problem}"),
        }
    }
}

impl std::error::Error for TreeProblem {}

/// A checked tree: one root, every leaf and node reached exactly once, usable weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    leaves: Vec<String>,
    nodes: Vec<Node>,
    root: usize,
    /// Nodes with children before parents.
    order: Vec<usize>,
    /// Where each node's edges start in the flat list of weights; one more entry than nodes.
    first_edge: Vec<usize>,
    /// Weights of all edges as given, in node order.
    weights: Vec<f64>,
}

/// The value of every node for one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Value of the root.
    pub root: Option<f64>,
    /// Value per node, in the order of [`Tree::nodes`].
    pub values: Vec<Option<f64>>,
    /// Share of direct children present per node, as the node's rule counts it, 0..=1.
    pub coverage: Vec<f64>,
    /// Share of leaves present per node, by weight multiplied down to the leaves, 0..=1.
    pub leaf_coverage: Vec<f64>,
}

/// Room for one evaluation, reused from unit to unit.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    values: Vec<Option<f64>>,
    children: Vec<Option<f64>>,
}

impl Tree {
    /// Checks leaves and nodes and makes a tree of them.
    ///
    /// # Units and shape
    /// `leaves` are names in the order in which values are given later. `root` is the place of
    /// the root in `nodes`.
    ///
    /// # Errors
    /// Every problem found, not only the first: see [`TreeProblem`].
    pub fn new(leaves: Vec<String>, nodes: Vec<Node>, root: usize) -> Result<Tree, Vec<TreeProblem>> {
        let mut problems = Vec::new();
        check_names(&leaves, &nodes, &mut problems);
        for node in &nodes {
            check_node(node, &leaves, &nodes, &mut problems);
        }
        check_parents(&leaves, &nodes, &mut problems);
        let order = if root < nodes.len() {
            check_reached(&leaves, &nodes, root, &mut problems)
        } else {
            problems.push(TreeProblem::NoRoot { root, nodes: nodes.len() });
            Vec::new()
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut first_edge = vec![0];
        let mut weights = Vec::new();
        for node in &nodes {
            weights.extend(node.children.iter().map(|&(_, w)| w));
            first_edge.push(weights.len());
        }
        Ok(Tree { leaves, nodes, root, order, first_edge, weights })
    }

    /// Names of the leaves, in the order of the values.
    pub fn leaves(&self) -> &[String] {
        &self.leaves
    }

    /// The nodes, in the order of [`Evaluation::values`].
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Place of the root in [`Tree::nodes`].
    pub fn root(&self) -> usize {
        self.root
    }

    /// Places of nodes, children before parents.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// Place of a leaf by name.
    pub fn leaf(&self, id: &str) -> Option<usize> {
        self.leaves.iter().position(|name| name == id)
    }

    /// Place of a node by name.
    pub fn node(&self, id: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.id == id)
    }

    /// Name of a child.
    pub fn child_id(&self, child: Child) -> &str {
        match child {
            Child::Leaf(i) => self.leaves.get(i).map_or("", String::as_str),
            Child::Node(i) => self.nodes.get(i).map_or("", |node| node.id.as_str()),
        }
    }

    /// Whether every node takes the weighted arithmetic mean.
    pub fn is_arithmetic(&self) -> bool {
        self.nodes.iter().all(|node| node.operator.is_additive())
    }

    /// Weights of all edges as given, node after node in the order of [`Tree::nodes`] and
    /// [`Node::children`].
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Places of a node's edges in [`Tree::weights`].
    pub fn edges(&self, node: usize) -> std::ops::Range<usize> {
        let start = self.first_edge.get(node).copied().unwrap_or(self.weights.len());
        let end = self.first_edge.get(node + 1).copied().unwrap_or(self.weights.len());
        start..end
    }

    /// The same tree with other weights, one per edge in the order of [`Tree::weights`].
    ///
    /// # Errors
    /// A weight that is negative or not finite, a node whose weights do not add up to more than
    /// 0, or a list of the wrong length (reported as a weight sum of the root).
    pub fn with_weights(&self, weights: &[f64]) -> Result<Tree, Vec<TreeProblem>> {
        if weights.len() != self.weights.len() {
            let node = self.child_id(Child::Node(self.root)).to_string();
            return Err(vec![TreeProblem::WeightSum { node, sum: f64::NAN }]);
        }
        let mut nodes = self.nodes.clone();
        let given = nodes.iter_mut().flat_map(|node| node.children.iter_mut());
        for ((_, weight), &new) in given.zip(weights) {
            *weight = new;
        }
        Tree::new(self.leaves.clone(), nodes, self.root)
    }

    /// Evaluates the tree for one unit.
    ///
    /// # Formula
    /// Each node applies its operator to its present children, children first. Weights of the
    /// present children are renormalised; the node is missing where its coverage is below the
    /// minimum.
    ///
    /// # Units and shape
    /// One value per leaf, in the order of [`Tree::leaves`], usually scores of 0..=10.
    ///
    /// # Missing and degenerate values
    /// A missing leaf drops out; it is never 0. A leaf value that is not finite, or a list that is too
    /// short, counts as missing.
    ///
    /// # Source
    /// OECD/JRC, *Handbook on Constructing Composite Indicators* (2008), step 6. That each node
    /// has its own operator and coverage rule follows INFORM.
    pub fn evaluate(&self, leaves: &[Option<f64>]) -> Evaluation {
        self.evaluation(leaves, None)
    }

    /// The same with every node's value rounded half up to so many decimals before its parent
    /// sees it, as INFORM's workbooks do. For conformance only: rounding at every stage moves
    /// scores by up to half a unit of the last decimal per stage.
    pub fn evaluate_rounded(&self, leaves: &[Option<f64>], decimals: u8) -> Evaluation {
        self.evaluation(leaves, Some(decimals))
    }

    fn evaluation(&self, leaves: &[Option<f64>], decimals: Option<u8>) -> Evaluation {
        let mut scratch = Scratch::default();
        let root = self.run(leaves, &self.weights, decimals, &mut scratch);
        let mut coverage = vec![0.0; self.nodes.len()];
        let mut leaf_coverage = vec![0.0; self.nodes.len()];
        for &n in &self.order {
            let Some(node) = self.nodes.get(n) else { continue };
            let total: f64 = node.children.iter().map(|&(_, w)| w).sum();
            let mut reached = 0.0;
            for &(child, weight) in &node.children {
                reached += weight
                    * match child {
                        Child::Leaf(i) => f64::from(u8::from(finite(leaves, i).is_some())),
                        Child::Node(i) => leaf_coverage.get(i).copied().unwrap_or(0.0),
                    };
            }
            let values: Vec<Option<f64>> =
                node.children.iter().map(|&(child, _)| child_value(child, leaves, &scratch.values)).collect();
            let weights = self.weights.get(self.edges(n)).unwrap_or_default();
            if let (Some(a), Some(b)) = (coverage.get_mut(n), leaf_coverage.get_mut(n)) {
                *a = share_present(node.coverage_by, &values, weights);
                *b = (reached / total).clamp(0.0, 1.0);
            }
        }
        Evaluation { root, values: scratch.values, coverage, leaf_coverage }
    }

    /// Value of the root with other weights, for draws: no allocation once the scratch is warm.
    ///
    /// `weights` has one entry per edge in the order of [`Tree::weights`]; a node whose present
    /// children all have weight 0 is missing.
    pub fn score_with(&self, leaves: &[Option<f64>], weights: &[f64], scratch: &mut Scratch) -> Option<f64> {
        self.run(leaves, weights, None, scratch)
    }

    /// The same for weights that vary around the tree's own: whether enough is known is judged by
    /// the tree's own weights. A draw asks how much a child matters; how much must be known stays
    /// as the framework says.
    pub fn score_varied(&self, leaves: &[Option<f64>], weights: &[f64], scratch: &mut Scratch) -> Option<f64> {
        self.run_nodes(&self.order, leaves, (weights, &self.weights), None, scratch);
        scratch.values.get(self.root).copied().flatten()
    }

    /// Scores of many units at once, from one column of values per leaf.
    ///
    /// # Units and shape
    /// `columns` has one list per leaf, each with one value per unit; the number of units is the
    /// length of the longest. Same values as [`Tree::evaluate`], unit by unit, on all threads.
    ///
    /// # Missing and degenerate values
    /// As in [`Tree::evaluate`]; a column that is too short counts as missing at its end.
    pub fn score_columns(&self, columns: &[Vec<Option<f64>>]) -> Vec<Option<f64>> {
        const UNITS_PER_CHUNK: usize = 1024;
        let units = columns.iter().map(Vec::len).max().unwrap_or(0);
        let mut scores = vec![None; units];
        scores.par_chunks_mut(UNITS_PER_CHUNK).enumerate().for_each(|(chunk, scores)| {
            let mut scratch = Scratch::default();
            let mut row = vec![None; self.leaves.len()];
            for (k, score) in scores.iter_mut().enumerate() {
                let unit = chunk * UNITS_PER_CHUNK + k;
                for (slot, column) in row.iter_mut().zip(columns) {
                    *slot = column.get(unit).copied().flatten();
                }
                *score = self.run(&row, &self.weights, None, &mut scratch);
            }
        });
        scores
    }

    fn run(
        &self,
        leaves: &[Option<f64>],
        weights: &[f64],
        decimals: Option<u8>,
        scratch: &mut Scratch,
    ) -> Option<f64> {
        self.run_nodes(&self.order, leaves, (weights, weights), decimals, scratch);
        scratch.values.get(self.root).copied().flatten()
    }

    /// Value of one node; `below` are the nodes of its subtree, children before parents.
    pub(super) fn value_below(
        &self,
        node: usize,
        below: &[usize],
        leaves: &[Option<f64>],
        scratch: &mut Scratch,
    ) -> Option<f64> {
        self.run_nodes(below, leaves, (&self.weights, &self.weights), None, scratch);
        scratch.values.get(node).copied().flatten()
    }

    /// `weights` are those of the operators and those of the coverage rules.
    fn run_nodes(
        &self,
        order: &[usize],
        leaves: &[Option<f64>],
        weights: (&[f64], &[f64]),
        decimals: Option<u8>,
        scratch: &mut Scratch,
    ) {
        scratch.values.clear();
        scratch.values.resize(self.nodes.len(), None);
        for &n in order {
            let Some(node) = self.nodes.get(n) else { continue };
            let (weights, judging) = (weights.0.get(self.edges(n)).unwrap_or_default(), weights.1.get(self.edges(n)).unwrap_or_default());
            scratch.children.clear();
            for &(child, _) in &node.children {
                let value = child_value(child, leaves, &scratch.values);
                scratch.children.push(value);
            }
            let coverage = share_present(node.coverage_by, &scratch.children, judging);
            let enough = coverage + COVERAGE_SLACK >= node.minimum_coverage;
            let value = if enough { node.operator.combine(&scratch.children, weights) } else { None };
            if let Some(slot) = scratch.values.get_mut(n) {
                *slot = match decimals {
                    Some(decimals) => value.map(|v| round_half_up(v, decimals)),
                    None => value,
                };
            }
        }
    }

    /// Best and worst case: the root's score with every missing leaf at 0 and at 10.
    ///
    /// # Missing and degenerate values
    /// With no leaf missing both are the score itself. With every leaf missing they are what the
    /// tree makes of all zeros and of all tens. The score can lie outside in two cases, and a reader
    /// should be told: a node without coverage is dropped with the leaves that it has, which the
    /// cases use; and a floor lifts a node that is missing as a whole above 0.
    pub fn bounds(&self, leaves: &[Option<f64>]) -> (f64, f64) {
        self.bounds_within(leaves, 0.0, SCORE_MAXIMUM)
    }

    /// Best and worst case on another scale than 0 to 10.
    pub fn bounds_within(&self, leaves: &[Option<f64>], lowest: f64, highest: f64) -> (f64, f64) {
        let mut scratch = Scratch::default();
        let mut with = |fill: f64| {
            let filled: Vec<Option<f64>> = (0..self.leaves.len()).map(|i| finite(leaves, i).or(Some(fill))).collect();
            self.run(&filled, &self.weights, None, &mut scratch).unwrap_or(fill)
        };
        let (best, worst) = (with(lowest), with(highest));
        (best.min(worst), worst.max(best))
    }

    /// Effective weight of each leaf: the product of the shares of weight on its way to the root.
    ///
    /// # Formula
    /// ```text
    /// e_leaf = prod over the path of w_child / sum of its siblings' weights
    /// ```
    /// They add up to 1. What the weight of a leaf means for the score is exact only in
    /// arithmetic trees.
    ///
    /// # Source
    /// Agrees with COINr `get_eff_weights`.
    pub fn effective_weights(&self) -> Vec<f64> {
        self.node_and_leaf_weights().1
    }

    /// Effective weights of the nodes (the root has 1) and of the leaves.
    pub fn node_and_leaf_weights(&self) -> (Vec<f64>, Vec<f64>) {
        let mut of_nodes = vec![0.0; self.nodes.len()];
        let mut of_leaves = vec![0.0; self.leaves.len()];
        if let Some(root) = of_nodes.get_mut(self.root) {
            *root = 1.0;
        }
        for &n in self.order.iter().rev() {
            let Some(node) = self.nodes.get(n) else { continue };
            let own = of_nodes.get(n).copied().unwrap_or(0.0);
            let total: f64 = node.children.iter().map(|&(_, w)| w).sum();
            for &(child, weight) in &node.children {
                let slot = match child {
                    Child::Node(i) => of_nodes.get_mut(i),
                    Child::Leaf(i) => of_leaves.get_mut(i),
                };
                if let Some(slot) = slot {
                    *slot = own * weight / total;
                }
            }
        }
        (of_nodes, of_leaves)
    }
}

/// Rounds half up: 2.25 to one decimal is 2.3, −2.25 is −2.2.
///
/// The product is first rounded to ten further decimals, so that 1.005, which no float holds,
/// rounds as it is written.
pub fn round_half_up(x: f64, decimals: u8) -> f64 {
    let unit = 10f64.powi(i32::from(decimals.min(15)));
    let scaled = x * unit;
    if scaled.abs() >= 1e15 {
        return x;
    }
    let guarded = (scaled * 1e6).round() / 1e6;
    (guarded + 0.5).floor() / unit
}

pub(super) fn finite(leaves: &[Option<f64>], i: usize) -> Option<f64> {
    leaves.get(i).copied().flatten().filter(|v| v.is_finite())
}

fn child_value(child: Child, leaves: &[Option<f64>], nodes: &[Option<f64>]) -> Option<f64> {
    match child {
        Child::Leaf(i) => finite(leaves, i),
        Child::Node(i) => nodes.get(i).copied().flatten(),
    }
}

fn share_present(by: CoverageBy, values: &[Option<f64>], weights: &[f64]) -> f64 {
    let (mut present, mut all) = (0.0, 0.0);
    for (value, &weight) in values.iter().zip(weights) {
        let share = match by {
            CoverageBy::Weight => weight,
            CoverageBy::Count => f64::from(u8::from(weight > 0.0)),
        };
        all += share;
        present += if value.is_some() { share } else { 0.0 };
    }
    if all > 0.0 { (present / all).clamp(0.0, 1.0) } else { 0.0 }
}

fn check_names(leaves: &[String], nodes: &[Node], problems: &mut Vec<TreeProblem>) {
    let mut seen = BTreeMap::new();
    for id in leaves.iter().chain(nodes.iter().map(|node| &node.id)) {
        let count = seen.entry(id).or_insert(0_usize);
        *count += 1;
        if *count == 2 {
            problems.push(TreeProblem::DuplicateId { id: id.clone() });
        }
    }
}

fn name_of(child: Child, leaves: &[String], nodes: &[Node]) -> Option<String> {
    match child {
        Child::Leaf(i) => leaves.get(i).cloned(),
        Child::Node(i) => nodes.get(i).map(|node| node.id.clone()),
    }
}

fn check_node(node: &Node, leaves: &[String], nodes: &[Node], problems: &mut Vec<TreeProblem>) {
    let id = || node.id.clone();
    if !(0.0..=1.0).contains(&node.minimum_coverage) {
        problems.push(TreeProblem::Coverage { node: id(), minimum_coverage: node.minimum_coverage });
    }
    if let Some(problem) = node.operator.problem(node.children.len()) {
        problems.push(TreeProblem::Operator { node: id(), problem });
    }
    if node.children.is_empty() {
        problems.push(TreeProblem::NoChildren { node: id() });
        return;
    }
    let before = problems.len();
    for &(child, weight) in &node.children {
        let Some(name) = name_of(child, leaves, nodes) else {
            problems.push(TreeProblem::UnknownChild { node: id(), child });
            continue;
        };
        if !(weight.is_finite() && weight >= 0.0) {
            problems.push(TreeProblem::Weight { node: id(), child: name, weight });
        }
    }
    let sum: f64 = node.children.iter().map(|&(_, w)| w).sum();
    if problems.len() == before && !(sum.is_finite() && sum > 0.0) {
        problems.push(TreeProblem::WeightSum { node: id(), sum });
    }
}

fn check_parents(leaves: &[String], nodes: &[Node], problems: &mut Vec<TreeProblem>) {
    let mut parents: BTreeMap<Child, Vec<String>> = BTreeMap::new();
    for node in nodes {
        for &(child, _) in &node.children {
            parents.entry(child).or_default().push(node.id.clone());
        }
    }
    for (child, parents) in parents {
        if parents.len() > 1
            && let Some(child) = name_of(child, leaves, nodes)
        {
            problems.push(TreeProblem::TwoParents { child, parents });
        }
    }
}

/// Walks down from the root; gives the nodes with children before parents.
fn check_reached(leaves: &[String], nodes: &[Node], root: usize, problems: &mut Vec<TreeProblem>) -> Vec<usize> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut state = vec![State::New; nodes.len()];
    let mut leaf_seen = vec![false; leaves.len()];
    let mut order = Vec::with_capacity(nodes.len());
    // The stack holds a node and how many of its children were looked at, so that a deep tree
    // does not exhaust the thread's stack.
    let mut stack = vec![(root, 0_usize)];
    while let Some((n, k)) = stack.pop() {
        let Some(node) = nodes.get(n) else { continue };
        if k == 0 {
            state[n] = State::Open;
        }
        let Some(&(child, _)) = node.children.get(k) else {
            state[n] = State::Done;
            order.push(n);
            continue;
        };
        stack.push((n, k + 1));
        match child {
            Child::Leaf(i) => {
                if let Some(seen) = leaf_seen.get_mut(i) {
                    *seen = true;
                }
            }
            Child::Node(i) => match state.get(i) {
                Some(State::New) => stack.push((i, 0)),
                Some(State::Open) => problems.push(TreeProblem::Cycle { node: nodes[i].id.clone() }),
                Some(State::Done) | None => {}
            },
        }
    }
    let unseen_nodes = nodes.iter().zip(&state).filter(|(_, s)| **s == State::New).map(|(node, _)| &node.id);
    let unseen_leaves = leaves.iter().zip(&leaf_seen).filter(|(_, seen)| !**seen).map(|(leaf, _)| leaf);
    problems.extend(unseen_leaves.chain(unseen_nodes).map(|id| TreeProblem::NotReached { id: id.clone() }));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use Child::{Leaf, Node as Inner};

    fn names(ids: &[&str]) -> Vec<String> {
        ids.iter().map(ToString::to_string).collect()
    }

    fn two_level() -> Tree {
        Tree::new(
            names(&["a", "b", "c"]),
            vec![
                Node::new("root", Operator::Arithmetic, 0.0, vec![(Inner(1), 3.0), (Leaf(2), 1.0)]),
                Node::new("d", Operator::Arithmetic, 0.6, vec![(Leaf(0), 1.0), (Leaf(1), 1.0)]),
            ],
            0,
        )
        .unwrap()
    }

    #[test]
    fn evaluates_by_hand() {
        let t = two_level();
        let e = t.evaluate(&[Some(2.0), Some(4.0), Some(9.0)]);
        assert_eq!(e.root, Some(4.5));
        assert_eq!(e.values, [Some(4.5), Some(3.0)]);
        assert_eq!(e.coverage, [1.0, 1.0]);
        assert_eq!(t.effective_weights(), [0.375, 0.375, 0.25]);
    }

    #[test]
    fn missing_is_neither_zero_nor_the_middle() {
        let t = two_level();
        // d has half of its weight, below 0.6: missing; the root goes on with c alone.
        let e = t.evaluate(&[Some(2.0), None, Some(9.0)]);
        assert_eq!((e.root, e.values[1]), (Some(9.0), None));
        assert_eq!(e.coverage, [0.25, 0.5]);
        assert_eq!(e.leaf_coverage, [0.625, 0.5]);
        assert_eq!(t.bounds(&[Some(2.0), None, Some(9.0)]), (3.0, 6.75));
        assert_eq!(t.evaluate(&[None; 3]).root, None);
        assert_eq!(t.bounds(&[None; 3]), (0.0, 10.0));
        assert_eq!(t.evaluate(&[]).root, None);
        assert_eq!(t.evaluate(&[Some(f64::NAN), Some(f64::INFINITY)]).root, None);
    }

    #[test]
    fn coverage_exactly_at_the_minimum_counts() {
        let leaves = (0..10).map(|i| format!("x{i}")).collect();
        let children = (0..10).map(|i| (Leaf(i), 0.1)).collect();
        let t = Tree::new(leaves, vec![Node::new("root", Operator::Arithmetic, 0.7, children)], 0).unwrap();
        let values: Vec<Option<f64>> = (0..10).map(|i| (i < 7).then_some(1.0)).collect();
        assert_eq!(t.evaluate(&values).root, Some(1.0));
        assert_eq!(t.evaluate(&values[..6]).root, None);
    }

    #[test]
    fn reports_every_problem() {
        let problems = Tree::new(
            names(&["a", "b", "b"]),
            vec![
                Node::new("root", Operator::Geometric { floor: 0.0 }, 1.5, vec![(Leaf(0), -1.0), (Inner(1), 1.0)]),
                Node::new("loop", Operator::Arithmetic, 0.0, vec![(Inner(0), 0.0), (Leaf(0), 0.0), (Leaf(9), 1.0)]),
                Node::new("alone", Operator::Max, 0.0, vec![]),
                Node::new("zero", Operator::Max, 0.0, vec![(Leaf(1), 0.0)]),
            ],
            0,
        )
        .unwrap_err();
        let text: Vec<String> = problems.iter().map(ToString::to_string).collect();
        for part in [
            "`b` is used twice", "coverage 1.5", "floor 0", "weight -1", "`a` stands under root and loop",
            "does not exist", "own ancestor", "`alone` has no children", "add up to 0", "`zero` is not part",
        ] {
            assert!(text.iter().any(|t| t.contains(part)), "{part} is not in {text:#?}");
        }
        assert!(matches!(Tree::new(vec![], vec![], 0).unwrap_err()[..], [TreeProblem::NoRoot { .. }]));
    }

    #[test]
    fn a_very_deep_tree_is_fine() {
        let depth = 100_000;
        let nodes = (0..depth)
            .map(|i| {
                let child = if i + 1 < depth { Inner(i + 1) } else { Leaf(0) };
                Node::new(format!("n{i}"), Operator::Arithmetic, 0.0, vec![(child, 1.0)])
            })
            .collect();
        let t = Tree::new(names(&["a"]), nodes, 0).unwrap();
        assert_eq!(t.evaluate(&[Some(3.0)]).root, Some(3.0));
    }

    #[test]
    fn rounds_half_up() {
        for (x, r) in [(2.25, 2.3), (2.249, 2.2), (1.05, 1.1), (-2.25, -2.2), (0.15, 0.2), (6.4499, 6.4)] {
            assert_eq!(round_half_up(x, 1), r, "{x}");
        }
        let t = two_level();
        assert_eq!(t.evaluate_rounded(&[Some(2.0), Some(4.11), Some(9.0)], 1).values, [Some(4.6), Some(3.1)]);
    }
}
