//! From a table to scores: impute, treat, normalise, aggregate, rank.

use serde::Serialize;

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::index::{
    Child, Direction, Imputation, ImputationSource, Normalisation, Operator, Transform, Treatment, TreatmentStep, Tree, copeland, impute, normalise,
    rank, treat,
};

/// An indicator of a model.
#[derive(Clone, Debug)]
pub struct Indicator {
    pub id: String,
    pub direction: Direction,
    pub imputation: Imputation,
    pub treatment: Option<Treatment>,
    pub transform: Transform,
    pub normalisation: Normalisation,
    /// Where a problem of the indicator is shown.
    pub at: Place,
}

/// What is done to a table.
#[derive(Clone, Debug)]
pub struct Model {
    /// In the order of the tree's leaves.
    pub indicators: Vec<Indicator>,
    pub tree: Tree,
    /// Level of each node and leaf as the source gives it; none where it has none.
    pub levels: Option<(Vec<u32>, Vec<u32>)>,
    /// The top compares its children pair by pair instead of taking a mean.
    pub copeland_at_top: bool,
    /// Means that are not defined at 0 and below take values as they are; such values are refused.
    pub needs_positive: bool,
}

/// What was done to a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Imputed,
    Winsorised,
    Logarithm,
}

impl Step {
    pub fn name(self) -> &'static str {
        match self {
            Self::Imputed => "imputed",
            Self::Winsorised => "winsorised",
            Self::Logarithm => "logarithm",
        }
    }
}

/// A cell that was changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    pub unit: String,
    pub indicator: String,
    pub step: Step,
    pub before: Option<f64>,
    pub after: f64,
}

/// Everything that was computed.
#[derive(Clone, Debug)]
pub struct Computed {
    pub units: Vec<String>,
    /// One column per indicator, in the order of the leaves.
    pub treated: Vec<Vec<Option<f64>>>,
    pub normalised: Vec<Vec<Option<f64>>>,
    /// One column per node, in the order of the tree.
    pub scores: Vec<Vec<Option<f64>>>,
    pub ranks: Vec<Vec<Option<usize>>>,
    pub changes: Vec<Change>,
    /// Nodes per number of units for which too little was known.
    pub uncovered: Vec<usize>,
}

/// Computes an index.
///
/// # Formula
/// In this order, column by column: gaps are filled, outliers treated, the transform and the
/// normalisation applied; then every node joins its children.
///
/// # Units and shape
/// `columns` has one list per indicator in the order of the model, one value per unit; `groups` the
/// group of each unit for imputation by group.
///
/// # Missing and degenerate values
/// Gaps stay gaps unless an imputation is asked for. A column that says nothing (empty, constant …)
/// is left out with a warning, and its siblings take its weight. A unit whose node has less than the
/// minimum coverage has no value there.
///
/// # Errors
/// Settings that are wrong for a column, values at or below 0 where a mean needs positive ones, and
/// a table in which no unit has a score.
pub fn compute(
    model: &Model,
    units: Vec<String>,
    columns: &[Vec<Option<f64>>],
    groups: &[Option<usize>],
    problems: &mut Diagnostics,
) -> Option<Computed> {
    let before = problems.errors();
    let (mut treated, mut normalised, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    for (indicator, column) in model.indicators.iter().zip(columns) {
        let ready = prepare(indicator, column, groups, &units, &mut changes, problems);
        let values = match normalise(&ready, indicator.transform, &indicator.normalisation, indicator.direction) {
            Ok(found) => {
                if let Some(why) = found.not_informative {
                    problems.push(
                        Diagnostic::warning("not-informative", format!("`{}` is left out: {why}", indicator.id), indicator.at.clone())
                            .rule("a column that does not tell units apart cannot be normalised from its own data; its siblings take its weight")
                            .help("leave the indicator out, or normalise it by goalposts"),
                    );
                }
                if !found.outside_transform.is_empty() {
                    let rows: Vec<&str> = found.outside_transform.iter().take(5).filter_map(|r| units.get(*r)).map(String::as_str).collect();
                    problems.push(
                        Diagnostic::warning(
                            "outside-transform",
                            format!("{} values of `{}` have no transform: {}", found.outside_transform.len(), indicator.id, rows.join(", ")),
                            indicator.at.clone(),
                        )
                        .rule("a logarithm needs positive values, a square root values of 0 and above")
                        .help("the cells count as missing; shift the column, or take another transform"),
                    );
                }
                found.values
            }
            Err(error) => {
                problems.push(
                    Diagnostic::error("normalisation", format!("`{}`: {error}", indicator.id), indicator.at.clone())
                        .rule("a normalisation has finite settings that ascend")
                        .help("mend the settings"),
                );
                vec![None; units.len()]
            }
        };
        treated.push(ready);
        normalised.push(values);
    }
    if model.needs_positive {
        refuse_not_positive(model, &units, &normalised, problems);
    }
    if problems.errors() > before {
        return None;
    }
    let rows: Vec<Vec<Option<f64>>> = (0..units.len()).map(|u| normalised.iter().map(|c| c.get(u).copied().flatten()).collect()).collect();
    let evaluations: Vec<_> = rows.iter().map(|row| model.tree.evaluate(row)).collect();
    let nodes = model.tree.nodes().len();
    let mut scores: Vec<Vec<Option<f64>>> =
        (0..nodes).map(|n| evaluations.iter().map(|e| e.values.get(n).copied().flatten()).collect()).collect();
    if model.copeland_at_top {
        let top = top_by_copeland(&model.tree, &rows, &scores);
        if let Some(slot) = scores.get_mut(model.tree.root()) {
            *slot = top;
        }
    }
    if !units.is_empty() && scores.get(model.tree.root()).is_none_or(|top| top.iter().all(Option::is_none)) {
        problems.push(
            Diagnostic::error("no-scores", "no unit has a score", Place::Argument)
                .rule("a unit needs the minimum coverage at every node up to the top")
                .help("lower the minimum coverage, fill gaps, or leave empty indicators out"),
        );
        return None;
    }
    let known = |n: usize| evaluations.iter().filter(|e| e.leaf_coverage.get(n).is_some_and(|c| *c > 0.0)).count();
    let uncovered = scores.iter().enumerate().map(|(n, s)| known(n).saturating_sub(s.iter().flatten().count())).collect();
    let ranks = scores.iter().map(|s| rank(s)).collect();
    Some(Computed { units, treated, normalised, scores, ranks, changes, uncovered })
}

/// Fills gaps and treats outliers of one column, and lists each cell that changes.
fn prepare(
    indicator: &Indicator,
    column: &[Option<f64>],
    groups: &[Option<usize>],
    units: &[String],
    changes: &mut Vec<Change>,
    problems: &mut Diagnostics,
) -> Vec<Option<f64>> {
    let unit = |row: usize| units.get(row).cloned().unwrap_or_default();
    let imputed = impute(column, indicator.imputation, ImputationSource { groups, history: &[] });
    changes.extend(imputed.filled.iter().map(|cell| Change {
        unit: unit(cell.row),
        indicator: indicator.id.clone(),
        step: Step::Imputed,
        before: None,
        after: cell.after,
    }));
    let Some(limits) = &indicator.treatment else { return imputed.values };
    let treated = treat(&imputed.values, limits);
    let step = if matches!(treated.step, TreatmentStep::Logarithm { .. }) { Step::Logarithm } else { Step::Winsorised };
    changes.extend(treated.cells.iter().map(|cell| Change {
        unit: unit(cell.row),
        indicator: indicator.id.clone(),
        step,
        before: Some(cell.before),
        after: cell.after,
    }));
    if !treated.after.passes {
        let number = |x: Option<f64>| x.map_or_else(|| "not defined".into(), |x| format!("{x:.2}"));
        problems.push(
            Diagnostic::warning(
                "still-skewed",
                format!("`{}` has skewness {} and excess kurtosis {} even after the logarithm", indicator.id, number(treated.after.skewness), number(treated.after.kurtosis)),
                indicator.at.clone(),
            )
            .rule(format!("treatment aims at |skewness| < {} or excess kurtosis < {}", limits.skewness, limits.kurtosis))
            .help("look at the column; ranks or goalposts are less sensitive to extremes"),
        );
    }
    treated.values
}

fn refuse_not_positive(model: &Model, units: &[String], normalised: &[Vec<Option<f64>>], problems: &mut Diagnostics) {
    let cells = model.indicators.iter().zip(normalised).flat_map(|(indicator, column)| {
        column.iter().enumerate().filter_map(move |(row, x)| Some((indicator, row, (*x).filter(|x| *x <= 0.0)?)))
    });
    let wrong: Vec<(&Indicator, usize, f64)> = cells.collect();
    let Some((indicator, row, value)) = wrong.first() else { return };
    let mut columns: Vec<&str> = wrong.iter().map(|(i, _, _)| i.id.as_str()).collect();
    columns.dedup();
    let unit = units.get(*row).map_or("", String::as_str);
    let first = format!("the first is {value} of {unit} in `{}`", indicator.id);
    problems.push(
        Diagnostic::error(
            "not-positive",
            format!("{} normalised values of {} indicators are at or below 0; {first}", wrong.len(), columns.len()),
            indicator.at.clone(),
        )
        .rule("a geometric, harmonic or negative power mean needs values above 0")
        .help("normalise to a positive range, for example minmax:1:100, or give the mean a floor, for example geometric:0.1"),
    );
}

/// Net number of units beaten at the top, child by child.
fn top_by_copeland(tree: &Tree, rows: &[Vec<Option<f64>>], scores: &[Vec<Option<f64>>]) -> Vec<Option<f64>> {
    let Some(top) = tree.nodes().get(tree.root()) else { return Vec::new() };
    let value = |unit: usize, child: Child| match child {
        Child::Leaf(i) => rows.get(unit).and_then(|row| row.get(i).copied().flatten()),
        Child::Node(i) => scores.get(i).and_then(|s| s.get(unit).copied().flatten()),
    };
    let children: Vec<Vec<Option<f64>>> =
        (0..rows.len()).map(|unit| top.children.iter().map(|(child, _)| value(unit, *child)).collect()).collect();
    let weights: Vec<f64> = top.children.iter().map(|(_, w)| *w).collect();
    let enough = |row: &Vec<Option<f64>>| {
        let (present, all) = row.iter().zip(&weights).filter(|(_, w)| **w > 0.0).fold((0.0, 0.0), |(p, a), (x, _)| {
            (p + f64::from(u8::from(x.is_some())), a + 1.0)
        });
        all > 0.0 && present / all + 1e-12 >= top.minimum_coverage
    };
    let judged: Vec<Vec<Option<f64>>> = children.iter().map(|row| if enough(row) { row.clone() } else { vec![None; row.len()] }).collect();
    copeland(&judged, &weights).scores
}

/// Whether a mean with this operator is not defined at 0 and below unless it has a floor.
pub(super) fn needs_floor(operator: &Operator) -> bool {
    match operator {
        Operator::Geometric { .. } | Operator::Harmonic { .. } => true,
        Operator::Power { exponent, .. } => *exponent <= 0.0,
        _ => false,
    }
}
