//! What happens to the ranking when an indicator is left out.

use super::rank::rank;
use super::tree::{Child, Scratch, Tree};

/// The index without one leaf.
#[derive(Debug, Clone, PartialEq)]
pub struct Removal {
    /// Place of the leaf left out.
    pub leaf: usize,
    /// Score of each unit without it.
    pub scores: Vec<Option<f64>>,
    /// Rank of each unit without it.
    pub ranks: Vec<Option<usize>>,
    /// Mean absolute change of rank over the units ranked both ways.
    pub mean_rank_change: Option<f64>,
    /// Largest absolute change of rank.
    pub largest_rank_change: Option<usize>,
}

/// Leaves out each leaf in turn.
///
/// # Formula
/// The leaf's weight becomes 0 and its siblings share the rest; a node all of whose children are
/// out is out itself.
///
/// # Units and shape
/// `rows` holds one list of leaf scores per unit. One result per leaf.
///
/// # Missing and degenerate values
/// Leaving out the only leaf of a tree leaves every score missing.
///
/// # Source
/// Agrees with COINr `remove_elements`.
pub fn removals(tree: &Tree, rows: &[Vec<Option<f64>>]) -> Vec<Removal> {
    let score_all = |weights: &[f64]| {
        let mut scratch = Scratch::default();
        rows.iter().map(|row| tree.score_with(row, weights, &mut scratch)).collect::<Vec<_>>()
    };
    let before = rank(&score_all(tree.weights()));
    (0..tree.leaves().len())
        .map(|leaf| {
            let scores = score_all(&weights_without(tree, leaf));
            let ranks = rank(&scores);
            let changes: Vec<usize> =
                before.iter().zip(&ranks).filter_map(|(a, b)| Some((*a)?.abs_diff((*b)?))).collect();
            let mean_rank_change =
                (!changes.is_empty()).then(|| changes.iter().sum::<usize>() as f64 / changes.len() as f64);
            Removal { leaf, scores, ranks, mean_rank_change, largest_rank_change: changes.iter().max().copied() }
        })
        .collect()
}

/// The tree's weights with one leaf at 0, and with it every node that has nothing left.
pub fn weights_without(tree: &Tree, leaf: usize) -> Vec<f64> {
    let mut weights = tree.weights().to_vec();
    let mut out = Some(Child::Leaf(leaf));
    while let Some(child) = out.take() {
        for (n, node) in tree.nodes().iter().enumerate() {
            let Some(k) = node.children.iter().position(|c| c.0 == child) else { continue };
            let edges = tree.edges(n);
            if let Some(weight) = weights.get_mut(edges.start + k) {
                *weight = 0.0;
            }
            if weights.get(edges).unwrap_or_default().iter().all(|w| *w == 0.0) {
                out = Some(Child::Node(n));
            }
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{Node, Operator};

    #[test]
    fn an_emptied_node_is_out_too() {
        let nodes = vec![
            Node::new("root", Operator::Arithmetic, 0.9, vec![(Child::Node(1), 1.0), (Child::Leaf(1), 1.0)]),
            Node::new("d", Operator::Arithmetic, 0.9, vec![(Child::Leaf(0), 1.0)]),
        ];
        let tree = Tree::new(vec!["a".into(), "b".into()], nodes, 0).unwrap();
        let rows = vec![vec![Some(9.0), Some(1.0)], vec![Some(2.0), Some(3.0)]];
        let r = removals(&tree, &rows);
        assert_eq!(r[0].scores, [Some(1.0), Some(3.0)]);
        assert_eq!(r[0].ranks, [Some(2), Some(1)]);
        assert_eq!((r[0].mean_rank_change, r[0].largest_rank_change), (Some(1.0), Some(1)));
        assert_eq!(r[1].mean_rank_change, Some(0.0));
    }
}
