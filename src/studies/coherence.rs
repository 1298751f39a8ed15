//! Whether the indicators of a framework fit together, and what each of them does to the ranks.

use serde::Serialize;

use crate::edition::Ranking;
use crate::index::correlation::COLLINEAR_ABOVE;
use crate::index::{
    Correlation, CorrelationFlag, PcaError, copeland, correlation, correlations, cronbach_alpha, flagged_pairs, principal_components, rank,
    removals,
};
use crate::text::Text;

/// Coherence of an edition's indicators.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Coherence {
    pub kind: String,
    pub units: usize,
    /// Every pair of indicators, those of one dimension first.
    pub correlations: Vec<PairLine>,
    /// Dimensions that hold indicators, in the order of the tree.
    pub dimensions: Vec<DimensionLine>,
    /// One per indicator, the one whose removal moves ranks most first.
    pub removals: Vec<RemovalLine>,
    /// One per unit, in the order of the ranking.
    pub copeland: Vec<CopelandLine>,
    /// Kendall's τ of the composite and Copeland's score.
    pub copeland_agreement: Option<f64>,
}

/// Two indicators.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairLine {
    pub a: String,
    pub b: String,
    /// The dimension that holds both, if one does.
    pub dimension: Option<String>,
    /// Units that have both.
    pub units: usize,
    pub pearson: Option<f64>,
    pub spearman: Option<f64>,
    /// What Pearson's correlation warns of.
    pub flag: Option<CorrelationFlag>,
}

/// The indicators of a dimension, taken together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DimensionLine {
    pub id: String,
    pub indicators: usize,
    /// Units that have all of them.
    pub complete: usize,
    /// Cronbach's α.
    pub alpha: Option<f64>,
    /// Share of the variance that each principal component explains, the largest first.
    pub explained: Vec<f64>,
    /// Why there are no components.
    pub without: Option<String>,
}

/// The index without an indicator.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RemovalLine {
    pub indicator: String,
    pub mean_rank_change: Option<f64>,
    pub largest_rank_change: Option<usize>,
    /// Units without a score once it is gone, that have one now.
    pub lost: usize,
    /// The unit that moves furthest, with its rank now and then.
    pub furthest: Option<(Text, [usize; 2])>,
}

/// A unit's place when no strength makes up for a weakness.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CopelandLine {
    pub unit: String,
    pub name: Text,
    pub rank: Option<usize>,
    pub copeland_rank: Option<usize>,
    /// Units beaten less units that beat it.
    pub copeland_score: Option<f64>,
}

/// Correlations, reliability, components, removal and Copeland's ranking of an edition.
///
/// # Units and shape
/// All of it on scores from 0 to 10, where 10 is the most risk. Copeland weighs indicators by their
/// effective weights and ranks the units that have a composite.
///
/// # Missing and degenerate values
/// Each pair of indicators is taken over the units that have both; α and the components over the
/// units that have the whole dimension. What is not defined is missing, with the reason for components.
///
/// # Source
/// See [`correlation()`], [`cronbach_alpha`], [`principal_components`], [`removals`], [`copeland()`].
pub fn coherence(ranking: &Ranking<'_>) -> Coherence {
    let framework = ranking.framework;
    let (tree, rows) = (&framework.tree, ranking.rows());
    let columns: Vec<Vec<Option<f64>>> =
        (0..tree.leaves().len()).map(|leaf| rows.iter().map(|row| row.get(leaf).copied().flatten()).collect()).collect();
    let own = ranking.by_rank();
    let lines = own.iter().filter_map(|u| ranking.units.iter().position(|o| o.unit.id() == u.unit.id()));
    let scored: Vec<Vec<Option<f64>>> =
        ranking.units.iter().map(|u| if u.rank.is_some() { u.scores.clone() } else { Vec::new() }).collect();
    let check = copeland(&scored, &tree.effective_weights());
    let check_ranks = rank(&check.scores);
    let composite: Vec<Option<f64>> = ranking.units.iter().map(|u| u.score).collect();
    Coherence {
        kind: framework.kind.name().into(),
        units: rows.len(),
        correlations: pairs(ranking, &columns),
        dimensions: dimensions(ranking, &columns),
        removals: removed(ranking, &rows),
        copeland_agreement: correlation(&composite, &check.scores, Correlation::Kendall),
        copeland: lines
            .filter_map(|i| {
                let unit = ranking.units.get(i)?;
                Some(CopelandLine {
                    unit: unit.unit.id().into(),
                    name: unit.unit.name().clone(),
                    rank: unit.rank,
                    copeland_rank: check_ranks.get(i).copied().flatten(),
                    copeland_score: check.scores.get(i).copied().flatten(),
                })
            })
            .collect(),
    }
}

fn pairs(ranking: &Ranking<'_>, columns: &[Vec<Option<f64>>]) -> Vec<PairLine> {
    let (framework, leaves) = (ranking.framework, ranking.framework.tree.leaves());
    let dimension = |leaf: usize| framework.dimension_of(leaf).map(|d| d.id.as_str());
    let groups: Vec<usize> = (0..leaves.len())
        .map(|leaf| framework.dimensions.iter().position(|d| Some(d.id.as_str()) == dimension(leaf)).unwrap_or(usize::MAX))
        .collect();
    let matrix = correlations(columns, Correlation::Pearson);
    let flagged = flagged_pairs(&matrix, &groups, COLLINEAR_ABOVE);
    let mut found = Vec::new();
    for (j, y) in columns.iter().enumerate() {
        for (i, x) in columns.iter().enumerate().take(j) {
            found.push(PairLine {
                a: leaves.get(i).cloned().unwrap_or_default(),
                b: leaves.get(j).cloned().unwrap_or_default(),
                dimension: dimension(i).filter(|d| dimension(j) == Some(*d)).map(str::to_owned),
                units: x.iter().zip(y).filter(|(a, b)| a.is_some() && b.is_some()).count(),
                pearson: matrix.get(i).and_then(|row| row.get(j)).copied().flatten(),
                spearman: correlation(x, y, Correlation::Spearman),
                flag: flagged.iter().find(|f| f.columns == (i, j)).map(|f| f.flag),
            });
        }
    }
    found.sort_by_key(|line| line.dimension.is_none());
    found
}

fn dimensions(ranking: &Ranking<'_>, columns: &[Vec<Option<f64>>]) -> Vec<DimensionLine> {
    let framework = ranking.framework;
    let own = |id: &str| -> Vec<usize> {
        (0..columns.len()).filter(|leaf| framework.dimension_of(*leaf).is_some_and(|d| d.id == id)).collect()
    };
    framework
        .dimensions
        .iter()
        .map(|d| (d, own(&d.id)))
        .filter(|(_, leaves)| !leaves.is_empty())
        .map(|(d, leaves)| {
            let columns: Vec<Vec<Option<f64>>> = leaves.iter().filter_map(|leaf| columns.get(*leaf).cloned()).collect();
            let complete = (0..ranking.units.len()).filter(|&u| columns.iter().all(|c| c.get(u).copied().flatten().is_some())).count();
            let components = principal_components(&columns);
            let without = components.as_ref().err().map(|error| match error {
                PcaError::Constant { column } => {
                    let leaf = leaves.get(*column).and_then(|leaf| framework.tree.leaves().get(*leaf));
                    format!("`{}` is the same for all units that have the whole dimension", leaf.map_or("", String::as_str))
                }
                other => other.to_string(),
            });
            DimensionLine {
                id: d.id.clone(),
                indicators: leaves.len(),
                complete,
                alpha: cronbach_alpha(&columns),
                explained: components.map(|c| c.explained).unwrap_or_default(),
                without,
            }
        })
        .collect()
}

fn removed(ranking: &Ranking<'_>, rows: &[Vec<Option<f64>>]) -> Vec<RemovalLine> {
    let tree = &ranking.framework.tree;
    let mut found: Vec<RemovalLine> = removals(tree, rows)
        .into_iter()
        .map(|r| {
            let moves = ranking.units.iter().zip(&r.ranks).filter_map(|(u, then)| Some((u, u.rank?, (*then)?)));
            let furthest = moves.filter(|(_, now, then)| now != then).max_by_key(|(u, now, then)| (now.abs_diff(*then), std::cmp::Reverse(u.rank)));
            RemovalLine {
                indicator: tree.leaves().get(r.leaf).cloned().unwrap_or_default(),
                mean_rank_change: r.mean_rank_change,
                largest_rank_change: r.largest_rank_change,
                lost: ranking.units.iter().zip(&r.ranks).filter(|(u, then)| u.rank.is_some() && then.is_none()).count(),
                furthest: furthest.map(|(u, now, then)| (u.unit.name().clone(), [now, then])),
            }
        })
        .collect();
    let change = |line: &RemovalLine| line.mean_rank_change.unwrap_or(-1.0);
    found.sort_by(|a, b| change(b).total_cmp(&change(a)).then_with(|| a.indicator.cmp(&b.indicator)));
    found
}
