//! What weights mean and what they do: nominal and effective weight and importance, and the ranks
//! that another set moves.

use serde::Serialize;

use crate::diagnostics::Diagnostics;
use crate::edition::Ranking;
use crate::framework::WeightSet;
use crate::index::importance::leaf_weights;
use crate::index::{Child, Correlation, Tree, correlation, rank};
use crate::text::Text;

/// A weight set applied to an edition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WeightTable {
    pub kind: String,
    pub set: String,
    pub version: String,
    pub method: String,
    pub rationale: String,
    pub notes: Vec<String>,
    /// In the order of the tree.
    pub dimensions: Vec<DimensionLine>,
    /// The largest effective weight first.
    pub indicators: Vec<IndicatorLine>,
}

/// Weight of a dimension below the root, as shares.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DimensionLine {
    pub id: String,
    pub nominal: f64,
    pub effective: f64,
}

/// Weight of an indicator, as shares.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndicatorLine {
    pub id: String,
    pub dimension: String,
    /// Share of its siblings' weight.
    pub nominal: f64,
    /// Product of the nominal weights up to the root.
    pub effective: f64,
    /// Share of the variance of the composite that the indicator's contributions carry.
    pub variance_share: Option<f64>,
    /// Squared correlation with the composite, over the units that have the indicator.
    pub squared_correlation: Option<f64>,
    /// Correlation with the composite.
    pub correlation: Option<f64>,
    /// Units that have the indicator.
    pub known: usize,
    pub units: usize,
}

/// The tree under a set's weights, and what is to be said of them.
pub fn tree_of(ranking: &Ranking<'_>, set: &WeightSet) -> Result<(Tree, Vec<String>), Diagnostics> {
    let tree = &ranking.framework.tree;
    let found = set.weights(tree, &ranking.rows())?;
    // Each dimension's weights were checked on their own, so that the tree takes them.
    let with = tree.with_weights(&found.weights).unwrap_or_else(|_| tree.clone());
    Ok((with, found.notes))
}

/// Nominal and effective weight and importance of every indicator under a set.
///
/// # Missing and degenerate values
/// Importance is taken over the units that have a composite; it is missing where fewer than two do,
/// or all are equal. An indicator that few units have can carry more variance than its weight: the
/// dimension then gives its siblings' weight to it.
///
/// # Errors
/// The set has no weights for this edition, see [`WeightSet::weights`].
pub fn weight_table(ranking: &Ranking<'_>, set: &WeightSet) -> Result<WeightTable, Diagnostics> {
    let framework = ranking.framework;
    let (tree, notes) = tree_of(ranking, set)?;
    let rows = ranking.rows();
    let (of_nodes, _) = tree.node_and_leaf_weights();
    let mut dimensions = Vec::new();
    for node in tree.nodes() {
        let total: f64 = node.children.iter().map(|(_, w)| w).sum();
        for (child, weight) in &node.children {
            if let Child::Node(i) = child {
                let effective = of_nodes.get(*i).copied().unwrap_or_default();
                dimensions.push(DimensionLine { id: tree.child_id(*child).to_owned(), nominal: weight / total, effective });
            }
        }
    }
    let mut indicators: Vec<IndicatorLine> = leaf_weights(&tree, &rows)
        .into_iter()
        .enumerate()
        .map(|(leaf, w)| IndicatorLine {
            id: tree.leaves().get(leaf).cloned().unwrap_or_default(),
            dimension: framework.dimension_of(leaf).map(|d| d.id.clone()).unwrap_or_default(),
            nominal: w.nominal,
            effective: w.effective,
            variance_share: w.variance_share,
            squared_correlation: w.squared_correlation,
            correlation: w.correlation,
            known: rows.iter().filter(|row| row.get(leaf).copied().flatten().is_some()).count(),
            units: rows.len(),
        })
        .collect();
    indicators.sort_by(|a, b| b.effective.total_cmp(&a.effective).then_with(|| a.id.cmp(&b.id)));
    Ok(WeightTable {
        kind: framework.kind.name().into(),
        set: set.name.clone(),
        version: set.version.clone(),
        method: set.method().into(),
        rationale: set.rationale.clone(),
        notes,
        dimensions,
        indicators,
    })
}

/// Ranks under two sets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SetComparison {
    pub kind: String,
    /// The two sets.
    pub sets: [String; 2],
    pub notes: [Vec<String>; 2],
    pub units: usize,
    /// Spearman's correlation of the two rankings.
    pub rank_correlation: Option<f64>,
    /// Units whose rank or class differs, the longest way first.
    pub moved: Vec<UnitMoved>,
}

/// A unit under two sets or settings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnitMoved {
    pub unit: String,
    pub name: Text,
    pub ranks: [Option<usize>; 2],
    pub scores: [Option<f64>; 2],
    /// Ids of the classes.
    pub classes: [Option<String>; 2],
}

/// Which ranks and classes differ between two sets.
///
/// # Errors
/// A set has no weights for this edition.
pub fn compare_sets(ranking: &Ranking<'_>, a: &WeightSet, b: &WeightSet) -> Result<SetComparison, Diagnostics> {
    let ((first, first_notes), (second, second_notes)) = match (tree_of(ranking, a), tree_of(ranking, b)) {
        (Ok(first), Ok(second)) => (first, second),
        (Err(mut problems), Err(more)) => {
            problems.extend(more);
            return Err(problems);
        }
        (Err(problems), _) | (_, Err(problems)) => return Err(problems),
    };
    let rows = ranking.rows();
    let scores = [&first, &second].map(|tree| rows.iter().map(|row| tree.evaluate(row).root).collect::<Vec<_>>());
    Ok(SetComparison {
        kind: ranking.framework.kind.name().into(),
        sets: [a.name.clone(), b.name.clone()],
        notes: [first_notes, second_notes],
        units: rows.len(),
        rank_correlation: correlation(&scores[0], &scores[1], Correlation::Spearman),
        moved: moved(ranking, &scores),
    })
}

/// Units whose rank or class differs between two lists of scores, the longest way first.
pub(super) fn moved(ranking: &Ranking<'_>, scores: &[Vec<Option<f64>>; 2]) -> Vec<UnitMoved> {
    let classes = &ranking.framework.classes;
    let ranks = [rank(&scores[0]), rank(&scores[1])];
    let mut moved: Vec<UnitMoved> = ranking
        .units
        .iter()
        .enumerate()
        .map(|(i, unit)| {
            let scores = [0, 1].map(|k: usize| scores[k].get(i).copied().flatten());
            UnitMoved {
                unit: unit.unit.id().into(),
                name: unit.unit.name().clone(),
                ranks: [0, 1].map(|k: usize| ranks[k].get(i).copied().flatten()),
                classes: scores.map(|s| s.map(|s| classes.name_of(s).to_owned())),
                scores,
            }
        })
        .filter(|m| m.ranks[0] != m.ranks[1] || m.classes[0] != m.classes[1])
        .collect();
    let way = |m: &UnitMoved| match m.ranks {
        [Some(a), Some(b)] => a.abs_diff(b),
        _ => usize::MAX,
    };
    moved.sort_by(|a, b| way(b).cmp(&way(a)).then_with(|| (a.ranks[0], &a.unit).cmp(&(b.ranks[0], &b.unit))));
    moved
}
