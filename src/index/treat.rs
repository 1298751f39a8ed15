//! Treatment of outliers, by COINr's rule.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::moments::{kurtosis, present, range, skewness};

/// Limits of the treatment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Treatment {
    /// Most points that are winsorised, one after another.
    pub winsorise_at_most: usize,
    /// A column passes with a smaller absolute skewness than this …
    pub skewness: f64,
    /// … or with a smaller excess kurtosis than this.
    pub kurtosis: f64,
}

impl Default for Treatment {
    fn default() -> Self {
        Treatment { winsorise_at_most: 5, skewness: 2.0, kurtosis: 3.5 }
    }
}

/// Skewness and excess kurtosis of a column, and whether it passes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// Missing for fewer than three values or equal ones.
    pub skewness: Option<f64>,
    /// Missing for fewer than four values or equal ones.
    pub kurtosis: Option<f64>,
    /// Whether the column passes; it does if neither can be computed.
    pub passes: bool,
}

/// What was done to a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreatmentStep {
    /// Nothing: it passed as it is, or had too few values to judge.
    Untouched,
    /// So many rounds of winsorising made it pass.
    Winsorised { rounds: usize },
    /// Winsorising did not help; the logarithm of the raw column was taken, mirrored where the
    /// skewness is negative.
    Logarithm { mirrored: bool },
}

/// One cell before and after.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TreatedCell {
    /// Row of the cell.
    pub row: usize,
    /// Raw value.
    pub before: f64,
    /// Treated value.
    pub after: f64,
}

/// A treated column with the record of what was changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Treated {
    /// One value per row.
    pub values: Vec<Option<f64>>,
    /// What was done.
    pub step: TreatmentStep,
    /// Every cell that changed.
    pub cells: Vec<TreatedCell>,
    /// Shape of the raw column.
    pub before: Shape,
    /// Shape after winsorising, whether or not it was kept, with the number of rounds.
    pub winsorised: Option<(usize, Shape)>,
    /// Shape of the result.
    pub after: Shape,
}

/// Shape of a list of numbers under a treatment's limits.
pub fn shape(x: &[f64], limits: &Treatment) -> Shape {
    let (skewness, kurtosis) = (skewness(x), kurtosis(x));
    let passes = match (skewness, kurtosis) {
        (None, None) => true,
        (s, k) => s.is_some_and(|s| s.abs() < limits.skewness) || k.is_some_and(|k| k < limits.kurtosis),
    };
    Shape { skewness, kurtosis, passes }
}

/// Treats the outliers of a raw column.
///
/// # Formula
/// ```text
/// pass:      |skewness| < 2 or excess kurtosis < 3.5
/// winsorise: while it fails, at most 5 times: the highest value (the lowest if skewness < 0)
///            becomes the next different one; equal values move together
/// logarithm: if it still fails, from the raw column:
///            ln(x - min + 0.01 range), or -ln(max + 0.01 range - x) if skewness < 0
/// ```
/// # Units and shape
/// One value per row. After the logarithm the values are no longer in the indicator's unit.
///
/// # Missing and degenerate values
/// Missing stays missing and does not count. A column with fewer than three values, or equal
/// ones, passes untouched. A column that fails even after the logarithm keeps it, and
/// `after.passes` says so.
///
/// # Source
/// COINr 1.1.14 `Treat` with its defaults (`winsorise`, `log_CT_plus`); Becker et al. (2022),
/// *COINr: an R package for developing composite indicators*, JOSS 7(78).
pub fn treat(column: &[Option<f64>], limits: &Treatment) -> Treated {
    let raw = present(column);
    let before = shape(&raw, limits);
    let untouched = || column.iter().map(|cell| cell.filter(|v| v.is_finite())).collect::<Vec<_>>();
    if before.passes {
        let step = TreatmentStep::Untouched;
        return Treated { values: untouched(), step, cells: Vec::new(), before, winsorised: None, after: before };
    }
    let (y, rounds, after) = winsorise(&raw, limits);
    let winsorised = Some((rounds, after));
    let (values, step, after) = if after.passes {
        (y, TreatmentStep::Winsorised { rounds }, after)
    } else {
        let mirrored = before.skewness.is_some_and(|s| s < 0.0);
        let logarithm = logarithm(&raw, mirrored);
        let after = shape(&logarithm, limits);
        (logarithm, TreatmentStep::Logarithm { mirrored }, after)
    };
    let mut treated = values.into_iter();
    let mut cells = Vec::new();
    let mut values = untouched();
    for (row, cell) in values.iter_mut().enumerate() {
        if let (Some(before), Some(after)) = (*cell, cell.and_then(|_| treated.next())) {
            *cell = Some(after);
            if before != after {
                cells.push(TreatedCell { row, before, after });
            }
        }
    }
    Treated { values, step, cells, before, winsorised, after }
}

fn winsorise(raw: &[f64], limits: &Treatment) -> (Vec<f64>, usize, Shape) {
    let mut y = raw.to_vec();
    let mut now = shape(&y, limits);
    let mut rounds = 0;
    while !now.passes && rounds < limits.winsorise_at_most {
        let down = now.skewness.unwrap_or(0.0) >= 0.0;
        let Some((low, high)) = range(&y) else { break };
        let extreme = if down { high } else { low };
        let others = y.iter().copied().filter(|v| *v != extreme);
        let next = if down { others.reduce(f64::max) } else { others.reduce(f64::min) };
        let Some(next) = next else { break };
        for v in y.iter_mut().filter(|v| **v == extreme) {
            *v = next;
        }
        rounds += 1;
        now = shape(&y, limits);
    }
    (y, rounds, now)
}

fn logarithm(raw: &[f64], mirrored: bool) -> Vec<f64> {
    let Some((low, high)) = range(raw) else { return Vec::new() };
    let margin = 0.01 * (high - low);
    raw.iter().map(|v| if mirrored { -(high + margin - v).ln() } else { (v - low + margin).ln() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(x: &[f64]) -> Vec<Option<f64>> {
        x.iter().copied().map(Some).collect()
    }

    #[test]
    fn known_answer() {
        // c(1..10, 30, 100) comes to 1.712038 and 1.815781 (printed to six decimals).
        let mut x: Vec<f64> = (1..=10).map(f64::from).collect();
        x.extend([30.0, 100.0]);
        let t = treat(&some(&x), &Treatment::default());
        assert!((t.before.skewness.unwrap() - 3.063241).abs() < 5e-7);
        assert!((t.before.kurtosis.unwrap() - 9.741391).abs() < 5e-7);
        assert!(t.after.passes && !t.before.passes);
        // The highest, 100, becomes 30: two cells stand there now.
        assert_eq!(t.step, TreatmentStep::Winsorised { rounds: 1 });
        assert!((t.after.skewness.unwrap() - 1.712038).abs() < 5e-7, "{:?}", t);
        assert!((t.after.kurtosis.unwrap() - 1.815781).abs() < 5e-7);
    }

    #[test]
    fn a_low_outlier_moves_up_and_is_listed() {
        // reference_coinr vectors.json, "low".
        let x = some(&[-90.0, 1.0, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0]);
        let t = treat(&x, &Treatment::default());
        assert_eq!(t.step, TreatmentStep::Winsorised { rounds: 1 });
        assert_eq!(t.cells, [TreatedCell { row: 0, before: -90.0, after: 1.0 }]);
    }

    #[test]
    fn logarithm_when_winsorising_does_not_help() {
        let x: Vec<f64> = (0..60).map(|k| (f64::from(k) * 0.3).exp()).collect();
        let limits = Treatment { winsorise_at_most: 1, ..Treatment::default() };
        let t = treat(&some(&x), &limits);
        assert_eq!(t.step, TreatmentStep::Logarithm { mirrored: false });
        assert_eq!(t.cells.len(), 60);
        let mirrored: Vec<f64> = x.iter().map(|v| -v).collect();
        let m = treat(&some(&mirrored), &limits);
        assert_eq!(m.step, TreatmentStep::Logarithm { mirrored: true });
        for (a, b) in t.values.iter().zip(&m.values) {
            assert!((a.unwrap() + b.unwrap()).abs() < 1e-12);
        }
    }

    #[test]
    fn degenerate_columns_are_untouched() {
        for x in [some(&[7.0; 6]), some(&[4.0, 6.0]), vec![None, None], vec![]] {
            let t = treat(&x, &Treatment::default());
            assert_eq!((t.step, t.values), (TreatmentStep::Untouched, x));
        }
    }
}
