//! The change of a score since an earlier edition, split into data, method and weights.

use super::tree::Tree;

/// A change and what it comes from; the three parts add up to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreChange {
    /// Score in the earlier edition.
    pub before: f64,
    /// Score in the later edition.
    pub after: f64,
    /// Part that comes from the raw values.
    pub data: f64,
    /// Part that comes from normalisation, operators and coverage rules.
    pub method: f64,
    /// Part that comes from weights.
    pub weights: f64,
}

/// Which edition a part is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// The earlier one.
    Before,
    /// The later one.
    After,
}

/// Splits a change by the Shapley value of its three causes.
///
/// # Formula
/// ```text
/// part of c = sum over S without c of |S|! (2 - |S|)! / 3! (score(S + c) - score(S))
/// ```
/// where the causes in `S` are of the later edition and the others of the earlier one. The result
/// does not depend on which cause is looked at first, and the parts add up exactly.
///
/// # Units and shape
/// `score(data, method, weights)` gives the score for each of the eight mixtures, in score points.
///
/// # Missing and degenerate values
/// `None` if any mixture has no score, for example a unit that is new.
///
/// # Source
/// Shapley (1953); as a decomposition of change, Shorrocks (2013), *Decomposition procedures for
/// distributional analysis*, J. Economic Inequality 11.
pub fn decompose<F>(mut score: F) -> Option<ScoreChange>
where
    F: FnMut(Edition, Edition, Edition) -> Option<f64>,
{
    let mut values = [0.0; 8];
    for (mixture, slot) in values.iter_mut().enumerate() {
        let edition = |bit: usize| if mixture >> bit & 1 == 1 { Edition::After } else { Edition::Before };
        *slot = score(edition(0), edition(1), edition(2)).filter(|s| s.is_finite())?;
    }
    let part = |cause: usize| {
        let bit = 1_usize << cause;
        (0..8_usize)
            .filter(|s| s & bit == 0)
            .map(|s| {
                let weight = if s.count_ones() == 1 { 1.0 / 6.0 } else { 1.0 / 3.0 };
                weight * (values[s | bit] - values[s])
            })
            .sum::<f64>()
    };
    Some(ScoreChange { before: values[0], after: values[7], data: part(0), method: part(1), weights: part(2) })
}

/// The same for two trees over the same leaves, nodes and children.
///
/// `scores[d][m]` holds the unit's leaf scores for the data of edition `d` (0 earlier, 1 later) under the
/// normalisation of edition `m`. Operators and coverage rules are the method, edge weights the
/// weights.
///
/// # Missing and degenerate values
/// `None` if the trees differ in shape (then only the totals can be compared) or a mixture has no
/// score.
pub fn decompose_trees(before: &Tree, after: &Tree, scores: [[&[Option<f64>]; 2]; 2]) -> Option<ScoreChange> {
    let same = before.leaves() == after.leaves()
        && before.root() == after.root()
        && before.nodes().len() == after.nodes().len()
        && before.nodes().iter().zip(after.nodes()).all(|(a, b)| {
            a.children.len() == b.children.len() && a.children.iter().zip(&b.children).all(|(x, y)| x.0 == y.0)
        });
    if !same {
        return None;
    }
    let later = |edition: Edition| usize::from(edition == Edition::After);
    let mut scratch = super::Scratch::default();
    decompose(|data, method, weights| {
        let tree = if method == Edition::After { after } else { before };
        let weights = if weights == Edition::After { after.weights() } else { before.weights() };
        tree.score_with(scores[later(data)][later(method)], weights, &mut scratch)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{Child, Node, Operator};

    #[test]
    fn parts_add_up() {
        let change = decompose(|d, m, w| {
            let v = |e: Edition, a: f64, b: f64| if e == Edition::After { b } else { a };
            Some(v(d, 2.0, 3.0) * v(m, 1.0, 1.5) + v(w, 0.0, 0.25) * v(d, 1.0, 4.0))
        })
        .unwrap();
        assert!((change.data + change.method + change.weights - (change.after - change.before)).abs() < 1e-12);
        // Method touches only the product 2 → 3 with 1 → 1.5: half of 0.5 · 2 + 0.5 · 3.
        assert!((change.method - 1.25).abs() < 1e-12);
        assert_eq!(decompose(|_, _, _| None), None);
    }

    #[test]
    fn trees() {
        let tree = |operator: Operator, w: f64| {
            let children = vec![(Child::Leaf(0), 1.0), (Child::Leaf(1), w)];
            Tree::new(vec!["a".into(), "b".into()], vec![Node::new("r", operator, 0.0, children)], 0).unwrap()
        };
        let (old, new) = ([Some(2.0), Some(6.0)], [Some(4.0), Some(6.0)]);
        let same = tree(Operator::Arithmetic, 1.0);
        let c = decompose_trees(&same, &same, [[&old, &old], [&new, &new]]).unwrap();
        assert_eq!((c.data, c.method, c.weights), (1.0, 0.0, 0.0));
        let c = decompose_trees(&same, &tree(Operator::Max, 3.0), [[&old, &old], [&new, &new]]).unwrap();
        assert!((c.data + c.method + c.weights - (c.after - c.before)).abs() < 1e-12);
    }
}
