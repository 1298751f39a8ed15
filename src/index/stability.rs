//! Weight stability: how far one weight can move before two units swap places.

use std::fmt;

use super::rank::rank;
use super::tree::{Child, Scratch, Tree, finite};

/// The shares of weight of one child over which an order stays as it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StabilityInterval {
    /// The child's share now.
    pub share: f64,
    /// The order holds down to this share; `None` if it holds down to 0.
    pub lower: Option<f64>,
    /// The order holds up to this share; `None` if it holds up to 1.
    pub upper: Option<f64>,
    /// The two units that swap first below and above, if any, the one that is ahead now first.
    pub swap_below: Option<(usize, usize)>,
    /// The same above.
    pub swap_above: Option<(usize, usize)>,
    /// Whether the ends are exact; otherwise found by a grid of 200 steps and bisection to 1e-9,
    /// which misses two swaps between neighbouring grid points that cancel.
    pub exact: bool,
}

/// Why there is no interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StabilityError {
    /// The node or child does not exist.
    NoEdge { node: usize, child: usize },
    /// The child is the node's only one with a weight, so that its share cannot move.
    OnlyChild { node: usize, child: usize },
}

impl fmt::Display for StabilityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StabilityError::NoEdge { node, child } => write!(f, "node {node} has no child {child}"),
            StabilityError::OnlyChild { node, child } => {
                write!(f, "child {child} of node {node} is the only one with a weight: its share is 1 whatever the weight")
            }
        }
    }
}

impl std::error::Error for StabilityError {}

/// How far the share of one child of a node can move, its siblings keeping their proportions,
/// before the ranking of the units changes.
///
/// # Formula
/// ```text
/// share of the child t; of each sibling (1 - t) p_k / (1 - p)
/// value of the node  (t x + (1 - t) r) / (t [x present] + (1 - t) R)
/// ```
/// with `r` and `R` the weighted sum and weight share of the siblings that are present. Where the node and
/// its ancestors are arithmetic, the difference between two units times its positive denominators
/// is a polynomial of degree at most 2 in `t`, whose roots are the swaps. The first swap of a
/// ranking is between neighbours, so that only neighbours are compared.
///
/// # Units and shape
/// `rows` holds one list of leaf scores per unit; `child` is a place in the node's children.
///
/// # Missing and degenerate values
/// Units without a score do not count. Units that are equal now have no order to lose and are
/// skipped. At a share of exactly 0 or 1 a unit that has no other child present has nothing left:
/// intervals that reach an end are open there. Whether enough of a node is known is judged by the
/// tree's own weights, as in [`Tree::score_varied`].
///
/// # Errors
/// An edge that does not exist or whose share cannot move.
///
/// # Source
/// Weight stability intervals after Mareschal (1988), *Weight stability intervals in multicriteria
/// decision aid*, EJOR 33.
pub fn weight_stability(
    tree: &Tree,
    rows: &[Vec<Option<f64>>],
    node: usize,
    child: usize,
) -> Result<StabilityInterval, StabilityError> {
    let edges = tree.edges(node);
    let weights = tree.weights().get(edges.clone()).unwrap_or_default();
    let own = *weights.get(child).ok_or(StabilityError::NoEdge { node, child })?;
    let total: f64 = weights.iter().sum();
    let others: f64 = weights.iter().enumerate().filter(|(k, _)| *k != child).map(|(_, w)| w).sum();
    if others <= 0.0 {
        return Err(StabilityError::OnlyChild { node, child });
    }
    let share = own / total;
    let setting = Setting { tree, edge: edges.start + child, edges, others, child, node };
    let scores: Vec<Option<f64>> = rows.iter().map(|row| tree.evaluate(row).root).collect();
    let mut order: Vec<(usize, usize)> =
        rank(&scores).into_iter().enumerate().filter_map(|(unit, r)| Some((r?, unit))).collect();
    order.sort_unstable();
    let exact = setting.path_is_arithmetic();
    let mut interval =
        StabilityInterval { share, lower: None, upper: None, swap_below: None, swap_above: None, exact };
    let units: Vec<usize> = order.iter().map(|&(_, unit)| unit).collect();
    let row = |unit: usize| rows.get(unit).map(Vec::as_slice).unwrap_or_default();
    for pair in units.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        if scores.get(a) == scores.get(b) {
            continue;
        }
        let swaps = if exact {
            setting.exact_swaps(row(a), row(b), share)
        } else {
            setting.searched_swaps(row(a), row(b), share)
        };
        interval.narrow(swaps, (a, b));
    }
    Ok(interval)
}

impl StabilityInterval {
    fn narrow(&mut self, (below, above): (Option<f64>, Option<f64>), pair: (usize, usize)) {
        if let Some(t) = below
            && self.lower.is_none_or(|l| t > l)
        {
            self.lower = Some(t);
            self.swap_below = Some(pair);
        }
        if let Some(t) = above
            && self.upper.is_none_or(|u| t < u)
        {
            self.upper = Some(t);
            self.swap_above = Some(pair);
        }
    }
}

struct Setting<'a> {
    tree: &'a Tree,
    edges: std::ops::Range<usize>,
    edge: usize,
    others: f64,
    child: usize,
    node: usize,
}

/// Score of a unit as `constant + scale (a0 + a1 t) / (b0 + b1 t)`.
struct Rational {
    constant: f64,
    scale: f64,
    above: (f64, f64),
    below: (f64, f64),
}

impl Setting<'_> {
    fn parent(&self, node: usize) -> Option<(usize, usize)> {
        let nodes = self.tree.nodes().iter().enumerate();
        nodes.filter_map(|(n, parent)| {
            let k = parent.children.iter().position(|c| c.0 == Child::Node(node))?;
            Some((n, k))
        })
        .next()
    }

    fn path_is_arithmetic(&self) -> bool {
        let mut at = Some(self.node);
        while let Some(n) = at {
            if !self.tree.nodes().get(n).is_some_and(|node| node.operator.is_additive()) {
                return false;
            }
            at = self.parent(n).map(|p| p.0);
        }
        true
    }

    /// Weights with the child at share `t` of the node.
    fn weights_at(&self, t: f64) -> Vec<f64> {
        let mut weights = self.tree.weights().to_vec();
        for edge in self.edges.clone() {
            if let Some(w) = weights.get_mut(edge) {
                *w = if edge == self.edge { t } else { (1.0 - t) * *w / self.others };
            }
        }
        weights
    }

    /// Value of a node's child for a unit.
    fn value(&self, node: usize, k: usize, row: &[Option<f64>], values: &[Option<f64>]) -> Option<f64> {
        match self.tree.nodes().get(node)?.children.get(k)?.0 {
            Child::Leaf(i) => finite(row, i),
            Child::Node(i) => values.get(i).copied().flatten(),
        }
    }

    /// Share of the node's siblings that is present, their weighted sum, and the child's value.
    fn parts(&self, row: &[Option<f64>], values: &[Option<f64>]) -> (f64, f64, Option<f64>) {
        let (mut weight, mut sum) = (0.0, 0.0);
        for (k, edge) in self.edges.clone().enumerate().filter(|(k, _)| *k != self.child) {
            let share = self.tree.weights().get(edge).copied().unwrap_or(0.0) / self.others;
            if let Some(x) = self.value(self.node, k, row, values) {
                weight += share;
                sum += share * x;
            }
        }
        (weight, sum, self.value(self.node, self.child, row, values))
    }

    fn rational(&self, row: &[Option<f64>]) -> Option<Rational> {
        let evaluation = self.tree.evaluate(row);
        let root = evaluation.root?;
        let Some(now) = evaluation.values.get(self.node).copied().flatten() else {
            return Some(Rational { constant: root, scale: 0.0, above: (0.0, 0.0), below: (1.0, 0.0) });
        };
        let mut scale = 1.0;
        let mut at = self.node;
        while let Some((parent, k)) = self.parent(at) {
            let weights = self.tree.weights().get(self.tree.edges(parent)).unwrap_or_default();
            let present = |j: usize| self.value(parent, j, row, &evaluation.values).is_some();
            let total: f64 = weights.iter().enumerate().filter(|(j, _)| present(*j)).map(|(_, w)| w).sum();
            // A node that is missing passes nothing up.
            let counts = evaluation.values.get(parent).copied().flatten().is_some() && total > 0.0;
            scale *= if counts { weights.get(k).copied().unwrap_or(0.0) / total } else { 0.0 };
            at = parent;
        }
        let (weight, sum, own) = self.parts(row, &evaluation.values);
        let (x, there) = (own.unwrap_or(0.0), f64::from(u8::from(own.is_some())));
        Some(Rational {
            constant: root - scale * now,
            scale,
            above: (sum, x - sum),
            below: (weight, there - weight),
        })
    }

    fn exact_swaps(&self, a: &[Option<f64>], b: &[Option<f64>], share: f64) -> (Option<f64>, Option<f64>) {
        let (Some(a), Some(b)) = (self.rational(a), self.rational(b)) else { return (None, None) };
        let product = |p: (f64, f64), q: (f64, f64)| [p.0 * q.0, p.0 * q.1 + p.1 * q.0, p.1 * q.1];
        let both = product(a.below, b.below);
        let left = product(a.above, b.below);
        let right = product(b.above, a.below);
        let c: [f64; 3] = std::array::from_fn(|k| {
            (a.constant - b.constant) * both[k] + a.scale * left[k] - b.scale * right[k]
        });
        let at = |t: f64| c[0] + t * (c[1] + t * c[2]);
        let (mut below, mut above) = (None, None);
        for t in roots(c) {
            // A double root touches without a swap.
            let step = 1e-7;
            let crosses = at(t - step) * at(t + step) < 0.0;
            // Where a denominator is 0 a unit's present children have no weight left: no swap.
            let defined = |r: &Rational| r.below.0 + r.below.1 * t > 1e-12;
            if !(0.0..=1.0).contains(&t) || !crosses || !defined(&a) || !defined(&b) {
                continue;
            }
            if t < share {
                below = Some(below.map_or(t, |l: f64| l.max(t)));
            } else if t > share {
                above = Some(above.map_or(t, |u: f64| u.min(t)));
            }
        }
        (below, above)
    }

    fn searched_swaps(&self, a: &[Option<f64>], b: &[Option<f64>], share: f64) -> (Option<f64>, Option<f64>) {
        let mut scratch = Scratch::default();
        let mut ahead = |t: f64| {
            let weights = self.weights_at(t);
            let x = self.tree.score_varied(a, &weights, &mut scratch);
            let y = self.tree.score_varied(b, &weights, &mut scratch);
            x.zip(y).is_some_and(|(x, y)| x > y)
        };
        let mut search = |end: f64| {
            let mut good = share;
            for k in 1..=200 {
                let t = share + (end - share) * f64::from(k) / 200.0;
                if ahead(t) {
                    good = t;
                    continue;
                }
                let (mut good, mut bad) = (good, t);
                while (good - bad).abs() > 1e-9 {
                    let middle = 0.5 * (good + bad);
                    if ahead(middle) { good = middle } else { bad = middle }
                }
                return Some(bad);
            }
            None
        };
        (search(0.0), search(1.0))
    }
}

/// Real roots of `c0 + c1 t + c2 t^2`, without the cancellation of the school formula.
fn roots(c: [f64; 3]) -> Vec<f64> {
    let size = c.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    if size == 0.0 {
        return Vec::new();
    }
    if c[2].abs() <= 1e-14 * size {
        return if c[1].abs() <= 1e-300 { Vec::new() } else { vec![-c[0] / c[1]] };
    }
    let under = c[1] * c[1] - 4.0 * c[2] * c[0];
    if under < 0.0 {
        return Vec::new();
    }
    let q = -0.5 * (c[1] + c[1].signum() * under.sqrt());
    let mut found = vec![q / c[2]];
    if q != 0.0 {
        found.push(c[0] / q);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{Node, Operator};

    fn flat(operator: Operator, weights: &[f64]) -> Tree {
        let children = weights.iter().enumerate().map(|(i, &w)| (Child::Leaf(i), w)).collect();
        let leaves = (0..weights.len()).map(|i| format!("x{i}")).collect();
        Tree::new(leaves, vec![Node::new("root", operator, 0.0, children)], 0).unwrap()
    }

    #[test]
    fn by_hand() {
        // a = (8, 2), b = (4, 5): a is ahead while 8t + 2(1 - t) > 4t + 5(1 - t), t > 3/7.
        let rows = vec![vec![Some(8.0), Some(2.0)], vec![Some(4.0), Some(5.0)]];
        let s = weight_stability(&flat(Operator::Arithmetic, &[1.0, 1.0]), &rows, 0, 0).unwrap();
        assert!((s.lower.unwrap() - 3.0 / 7.0).abs() < 1e-14);
        assert_eq!((s.share, s.upper, s.swap_below, s.exact), (0.5, None, Some((0, 1)), true));
        let m = weight_stability(&flat(Operator::Power { exponent: 1.0, floor: 0.0 }, &[1.0, 1.0]), &rows, 0, 0);
        let m = m.unwrap();
        assert!(!m.exact && (m.lower.unwrap() - 3.0 / 7.0).abs() < 1e-8);
    }

    #[test]
    fn exact_and_searched_agree_with_gaps() {
        let nodes = |root: Operator| {
            vec![
                Node::new("root", root, 0.0, vec![(Child::Node(1), 2.0), (Child::Leaf(3), 1.0)]),
                Node::new("d", Operator::Arithmetic, 0.0, (0..3).map(|i| (Child::Leaf(i), 1.0 + i as f64)).collect()),
            ]
        };
        let leaves: Vec<String> = (0..4).map(|i| format!("x{i}")).collect();
        let exact = Tree::new(leaves.clone(), nodes(Operator::Arithmetic), 0).unwrap();
        // The same function under another name, so that it is searched.
        let searched = Tree::new(leaves, nodes(Operator::Power { exponent: 1.0, floor: 0.0 }), 0).unwrap();
        let rows: Vec<Vec<Option<f64>>> = (0..7)
            .map(|i| {
                (0..4).map(|j| (j == 3 || (i * 5 + j * 3) % 6 != 0).then(|| f64::from((i * 13 + j * 7) % 10) + 0.1 * f64::from(i))).collect()
            })
            .collect();
        for child in 0..3 {
            let a = weight_stability(&exact, &rows, 1, child).unwrap();
            let b = weight_stability(&searched, &rows, 1, child).unwrap();
            assert!(a.exact && !b.exact);
            for (x, y) in [(a.lower, b.lower), (a.upper, b.upper)] {
                match (x, y) {
                    (Some(x), Some(y)) => assert!((x - y).abs() < 1e-7, "{a:?} {b:?}"),
                    (x, y) => assert_eq!(x, y, "{a:?} {b:?}"),
                }
            }
        }
    }

    #[test]
    fn refusals() {
        let t = flat(Operator::Arithmetic, &[1.0, 0.0]);
        assert_eq!(weight_stability(&t, &[], 0, 0), Err(StabilityError::OnlyChild { node: 0, child: 0 }));
        assert_eq!(weight_stability(&t, &[], 0, 5), Err(StabilityError::NoEdge { node: 0, child: 5 }));
        assert_eq!(weight_stability(&t, &[], 9, 0), Err(StabilityError::NoEdge { node: 9, child: 0 }));
    }
}
