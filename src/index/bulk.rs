//! Normalise, weigh and rank a large table in two passes over its memory.

use rayon::prelude::*;

use super::normalise::{Normalisation, Normalised, NormaliseError, NotInformative, normalise};
use super::rank_intervals::ranks_of;
use super::transform::Transform;
use super::tree::Tree;
use super::{Direction, rank};

/// Units summed together: their sums stay in the innermost cache.
const UNITS_PER_CHUNK: usize = 2048;

/// The cells of a raw column.
#[derive(Debug, Clone, Copy)]
pub enum Cells<'a> {
    /// Every unit has a value.
    Complete(&'a [f64]),
    /// Some may be missing.
    Gaps(&'a [Option<f64>]),
}

/// How a column is scored.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnRule {
    /// Transform before the normalisation.
    pub transform: Transform,
    /// The normalisation.
    pub method: Normalisation,
    /// Which end is risky.
    pub direction: Direction,
}

/// Scores and ranks of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkIndex {
    /// Score of the root per unit.
    pub scores: Vec<Option<f64>>,
    /// Rank per unit.
    pub ranks: Vec<Option<usize>>,
    /// Columns that say nothing, with the reason.
    pub not_informative: Vec<(usize, NotInformative)>,
}

/// Scores and ranks every unit of a table.
///
/// # Formula
/// That of [`normalise()`], [`Tree::evaluate`] and [`rank()`]. Where the tree is arithmetic, every
/// column complete and every rule min–max or clamped goalposts without a transform, the score is
/// one sum of `effective weight × score` per unit, taken column after column over chunks of units:
/// the same value up to rounding. Any other table goes the general way.
///
/// # Units and shape
/// One column of raw values and one rule per leaf, in the order of [`Tree::leaves`].
///
/// # Missing and degenerate values
/// As in the three functions. A number that is not finite counts as missing. A column or rule that
/// is not given counts as a column without values.
///
/// # Errors
/// A rule whose settings are wrong.
pub fn bulk_index(tree: &Tree, columns: &[Cells], rules: &[ColumnRule]) -> Result<BulkIndex, NormaliseError> {
    for rule in rules {
        normalise(&[], Transform::None, &rule.method, rule.direction)?;
    }
    if let Some(scores) = summed(tree, columns, rules) {
        let ranks = ranks_of(&scores).into_iter().map(|r| (r > 0).then_some(r as usize)).collect();
        let scores = scores.into_iter().map(Some).collect();
        return Ok(BulkIndex { scores, ranks, not_informative: Vec::new() });
    }
    let normalised: Vec<Normalised> = (0..tree.leaves().len())
        .into_par_iter()
        .map(|leaf| {
            let column = match columns.get(leaf) {
                Some(Cells::Complete(x)) => x.iter().map(|v| v.is_finite().then_some(*v)).collect(),
                Some(Cells::Gaps(x)) => x.iter().map(|cell| cell.filter(|v| v.is_finite())).collect(),
                None => Vec::new(),
            };
            match rules.get(leaf) {
                Some(rule) => normalise(&column, rule.transform, &rule.method, rule.direction),
                None => normalise(&[], Transform::None, &Normalisation::Rank, Direction::HigherIsRiskier),
            }
        })
        .collect::<Result<_, _>>()?;
    let not_informative =
        normalised.iter().enumerate().filter_map(|(leaf, n)| n.not_informative.map(|why| (leaf, why))).collect();
    let columns: Vec<Vec<Option<f64>>> = normalised.into_iter().map(|n| n.values).collect();
    let scores = tree.score_columns(&columns);
    let ranks = rank(&scores);
    Ok(BulkIndex { scores, ranks, not_informative })
}

/// A column's part of the score: `constant + slope * clamp((x - base) * stretch, 0, 1)`.
#[derive(Clone, Copy)]
struct Term<'a> {
    cells: &'a [f64],
    base: f64,
    stretch: f64,
    slope: f64,
    constant: f64,
}

/// Scores by one sum per unit, or `None` if the table needs the general way.
fn summed(tree: &Tree, columns: &[Cells], rules: &[ColumnRule]) -> Option<Vec<f64>> {
    let leaves = tree.leaves().len();
    if !tree.is_arithmetic() || columns.len() != leaves || rules.len() != leaves {
        return None;
    }
    let weights = tree.effective_weights();
    let terms: Vec<Term> = (0..leaves)
        .into_par_iter()
        .map(|leaf| term(columns.get(leaf)?, rules.get(leaf)?, *weights.get(leaf)?))
        .collect::<Option<_>>()?;
    let units = terms.first()?.cells.len();
    if units == 0 || terms.iter().any(|t| t.cells.len() != units) {
        return None;
    }
    let constant: f64 = terms.iter().map(|t| t.constant).sum();
    let mut scores = vec![0.0; units];
    scores.par_chunks_mut(UNITS_PER_CHUNK).enumerate().for_each(|(chunk, sums)| {
        let first = chunk * UNITS_PER_CHUNK;
        sums.fill(constant);
        for term in &terms {
            let cells = term.cells.get(first..first + sums.len()).unwrap_or_default();
            for (sum, x) in sums.iter_mut().zip(cells) {
                let share = (x - term.base) * term.stretch;
                let share = if share > 0.0 { share } else { 0.0 };
                let share = if share < 1.0 { share } else { 1.0 };
                *sum += term.slope * share;
            }
        }
    });
    scores.iter().all(|s| s.is_finite()).then_some(scores)
}

fn term<'a>(cells: &Cells<'a>, rule: &ColumnRule, weight: f64) -> Option<Term<'a>> {
    let Cells::Complete(cells) = *cells else { return None };
    if rule.transform != Transform::None {
        return None;
    }
    let (low, high) = finite_range(cells)?;
    let ((low, high), (a, b)) = match &rule.method {
        Normalisation::MinMax { to } if low < high => ((low, high), *to),
        Normalisation::Goalposts { goalposts, to, clamp: true } => ((goalposts.lower(), goalposts.upper()), *to),
        _ => return None,
    };
    let stretch = 1.0 / (high - low);
    if !stretch.is_finite() || stretch == 0.0 {
        return None;
    }
    let (base, stretch) = match rule.direction {
        Direction::HigherIsRiskier => (low, stretch),
        Direction::LowerIsRiskier => (high, -stretch),
    };
    Some(Term { cells, base, stretch, slope: weight * (b - a), constant: weight * a })
}

/// Lowest and highest number; `None` if there is none or one is not finite.
fn finite_range(cells: &[f64]) -> Option<(f64, f64)> {
    const LANES: usize = 8;
    // Eight of each, so that the comparisons do not wait for one another. A number times 0 is 0
    // unless it is not finite.
    let (mut low, mut high, mut odd) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES], [0.0; LANES]);
    let mut look = |x: &[f64]| {
        for (k, &x) in x.iter().enumerate().take(LANES) {
            low[k] = if x < low[k] { x } else { low[k] };
            high[k] = if x > high[k] { x } else { high[k] };
            odd[k] += x * 0.0;
        }
    };
    let mut chunks = cells.chunks_exact(LANES);
    for chunk in &mut chunks {
        look(chunk);
    }
    look(chunks.remainder());
    let low = low.into_iter().fold(f64::INFINITY, f64::min);
    let high = high.into_iter().fold(f64::NEG_INFINITY, f64::max);
    (low <= high && odd.iter().sum::<f64>() == 0.0).then_some((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::random::Stream;
    use crate::index::{Child, Goalposts, Node, Operator};

    fn tree(operator: Operator) -> Tree {
        let nodes = vec![
            Node::new("root", operator, 0.0, vec![(Child::Node(1), 1.0), (Child::Leaf(2), 2.0)]),
            Node::new("d", Operator::Arithmetic, 0.0, vec![(Child::Leaf(0), 1.0), (Child::Leaf(1), 3.0)]),
        ];
        Tree::new(["a", "b", "c"].map(String::from).to_vec(), nodes, 0).unwrap()
    }

    fn rules() -> Vec<ColumnRule> {
        let rule = |method, direction| ColumnRule { transform: Transform::None, method, direction };
        let goalposts = Goalposts::new(2.0, 7.0).unwrap();
        vec![
            rule(Normalisation::MinMax { to: (1.0, 100.0) }, Direction::LowerIsRiskier),
            rule(Normalisation::MinMax { to: (1.0, 100.0) }, Direction::HigherIsRiskier),
            rule(Normalisation::Goalposts { goalposts, to: (1.0, 100.0), clamp: true }, Direction::HigherIsRiskier),
        ]
    }

    #[test]
    fn agrees_with_the_general_way() {
        let mut stream = Stream::new(2, 0, 0);
        let columns: Vec<Vec<f64>> =
            (0..3).map(|_| (0..5003).map(|_| (stream.uniform() * 400.0).floor() / 40.0).collect()).collect();
        let gaps: Vec<Vec<Option<f64>>> = columns.iter().map(|c| c.iter().copied().map(Some).collect()).collect();
        let complete: Vec<Cells> = columns.iter().map(|c| Cells::Complete(c)).collect();
        let general: Vec<Cells> = gaps.iter().map(|c| Cells::Gaps(c)).collect();
        let tree = tree(Operator::Arithmetic);
        let (a, b) = (bulk_index(&tree, &complete, &rules()).unwrap(), bulk_index(&tree, &general, &rules()).unwrap());
        for (x, y) in a.scores.iter().zip(&b.scores) {
            assert!((x.unwrap() - y.unwrap()).abs() < 1e-12 * 100.0);
        }
        assert_eq!(a.ranks, rank(&a.scores));
    }

    #[test]
    fn what_is_not_finite_or_does_not_vary() {
        let odd = [1.0, f64::NAN, 3.0];
        let same = [5.0; 3];
        let fine = [1.0, 2.0, 3.0];
        let columns = [Cells::Complete(&odd), Cells::Complete(&same), Cells::Complete(&fine)];
        let out = bulk_index(&tree(Operator::Arithmetic), &columns, &rules()).unwrap();
        assert_eq!(out.not_informative, [(1, NotInformative::Constant)]);
        assert!(out.scores.iter().flatten().all(|s| s.is_finite()));
        assert_eq!(out.scores.len(), 3);
        let none = bulk_index(&tree(Operator::Max), &[], &[]).unwrap();
        assert!(none.scores.is_empty());
        let mut bad = rules();
        bad[0].method = Normalisation::MinMax { to: (1.0, 1.0) };
        assert!(bulk_index(&tree(Operator::Max), &columns, &bad).is_err());
    }
}
