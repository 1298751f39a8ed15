//! What weights mean and what they do: nominal weight, effective weight, importance.

use super::correlation::{Correlation, correlation};
use super::moments::{known, variance};
use super::tree::{Child, Tree};

/// The weights of one leaf side by side; readers mistake one for the other.
#[derive(Debug, Clone, PartialEq)]
pub struct LeafWeights {
    /// Weight as given, over the sum of its siblings'.
    pub nominal: f64,
    /// Product of nominal weights up to the root.
    pub effective: f64,
    /// Share of the composite's variance: `cov(contribution, composite) / var(composite)`.
    /// These add up to 1 over the leaves if no unit has gaps; negative where the indicator
    /// opposes the composite.
    pub variance_share: Option<f64>,
    /// Squared Pearson correlation of the leaf with the composite.
    pub squared_correlation: Option<f64>,
    /// Pearson correlation of the leaf with the composite.
    pub correlation: Option<f64>,
}

/// Nominal and effective weight and importance of every leaf.
///
/// # Formula
/// ```text
/// nominal   = w / sum of siblings' w
/// effective = product of nominal weights up to the root
/// share     = cov(contribution_j, y) / var(y),   contribution by Tree::drivers
/// squared   = corr(x_j, y)^2
/// ```
/// # Units and shape
/// `rows` holds one list of leaf scores per unit. One entry per leaf out.
///
/// # Missing and degenerate values
/// A unit without a composite does not count; a missing leaf contributes 0 to the composite, and
/// is left out of the correlation. With fewer than two composites, or equal ones, importance is
/// missing.
///
/// # Source
/// Paruolo, Saisana and Saltelli (2013), *Ratings and rankings: voodoo or science?*, JRSS A 176(3),
/// for squared correlation; Becker et al. (2017), Ecological Indicators 80.
pub fn leaf_weights(tree: &Tree, rows: &[Vec<Option<f64>>]) -> Vec<LeafWeights> {
    let leaves = tree.leaves().len();
    let effective = tree.effective_weights();
    let nominal = nominal_weights(tree);
    let drivers: Vec<_> = rows.iter().map(|row| tree.drivers(row)).collect();
    let composite: Vec<Option<f64>> = drivers.iter().map(|d| d.as_ref().map(|d| d.score)).collect();
    let y: Vec<f64> = composite.iter().flatten().copied().collect();
    let spread = variance(&y).filter(|v| *v > 0.0);
    (0..leaves)
        .map(|j| {
            let column: Vec<Option<f64>> = rows.iter().map(|row| row.get(j).copied().flatten()).collect();
            let part: Vec<f64> = drivers
                .iter()
                .flatten()
                .map(|d| d.contributions.get(j).copied().flatten().unwrap_or(0.0))
                .collect();
            let r = correlation(&column, &composite, Correlation::Pearson);
            LeafWeights {
                nominal: nominal.get(j).copied().unwrap_or(0.0),
                effective: effective.get(j).copied().unwrap_or(0.0),
                variance_share: spread.and_then(|v| known(covariance(&part, &y) / v)),
                squared_correlation: r.map(|r| r * r),
                correlation: r,
            }
        })
        .collect()
}

/// Each leaf's weight over the sum of its siblings'.
pub fn nominal_weights(tree: &Tree) -> Vec<f64> {
    let mut nominal = vec![0.0; tree.leaves().len()];
    for node in tree.nodes() {
        let total: f64 = node.children.iter().map(|&(_, w)| w).sum();
        for &(child, weight) in &node.children {
            if let Child::Leaf(i) = child
                && let Some(slot) = nominal.get_mut(i)
            {
                *slot = weight / total;
            }
        }
    }
    nominal
}

fn covariance(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len() as f64;
    let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    x.iter().zip(y).map(|(a, b)| (a - mx) * (b - my)).sum::<f64>() / (n - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{Node, Operator};

    #[test]
    fn shares_add_up_to_one() {
        for operator in [Operator::Arithmetic, Operator::Geometric { floor: 0.5 }, Operator::Max] {
            let nodes =
                vec![Node::new("root", operator, 0.0, vec![(Child::Leaf(0), 1.0), (Child::Leaf(1), 3.0)])];
            let tree = Tree::new(vec!["a".into(), "b".into()], nodes, 0).unwrap();
            let rows: Vec<Vec<Option<f64>>> =
                (0..9).map(|i| vec![Some(f64::from(i * 5 % 9)), Some(f64::from(i * 4 % 7))]).collect();
            let w = leaf_weights(&tree, &rows);
            assert_eq!((w[0].nominal, w[1].effective), (0.25, 0.75));
            let sum: f64 = w.iter().map(|w| w.variance_share.unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-12);
        }
    }
}
