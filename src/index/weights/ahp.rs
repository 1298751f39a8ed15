//! Analytic hierarchy process: weights from pairwise comparisons.

use std::fmt;

/// Consistency ratio above which comparisons are refused unless accepted explicitly.
pub const CONSISTENCY_LIMIT: f64 = 0.1;

/// Mean consistency index of random reciprocal matrices of size 1 to 15.
const RANDOM_INDEX: [f64; 15] =
    [0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59];

/// Weights from pairwise comparisons.
#[derive(Debug, Clone, PartialEq)]
pub struct Ahp {
    /// The weights, adding up to 1.
    pub weights: Vec<f64>,
    /// Largest eigenvalue; the size of the matrix if the comparisons are consistent.
    pub largest_eigenvalue: f64,
    /// `(largest eigenvalue - n) / (n - 1)`.
    pub consistency_index: f64,
    /// Consistency index over that of random comparisons; 0 is consistent.
    pub consistency_ratio: f64,
}

/// Why a matrix of comparisons gives no weights. Places count from 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AhpError {
    /// No rows, more than 15, or a row of another length.
    Size { rows: usize, row: usize, length: usize },
    /// An entry is not a finite number above 0.
    Entry { row: usize, column: usize, value: f64 },
    /// An entry of the diagonal is not 1.
    Diagonal { row: usize, value: f64 },
    /// Two mirrored entries do not multiply to 1 (tolerance 0.01, so that 0.33 passes for 1/3).
    NotReciprocal { row: usize, column: usize, value: f64, mirrored: f64 },
    /// The consistency ratio is above 0.1 and that was not accepted.
    Inconsistent { ratio: f64 },
}

impl fmt::Display for AhpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AhpError::Size { rows, row, length } => write!(
                f,
                "row {} of the comparisons has {length} entries and there are {rows} rows; give a square of 1 to 15",
                row + 1
            ),
            AhpError::Entry { row, column, value } => {
                write!(f, "comparison {} with {} is {value}; it must be a number above 0", row + 1, column + 1)
            }
            AhpError::Diagonal { row, value } => {
                write!(f, "indicator {} compared with itself is {value}; it must be 1", row + 1)
            }
            AhpError::NotReciprocal { row, column, value, mirrored } => write!(
                f,
                "comparison {} with {} is {value} and the reverse is {mirrored}; one must be 1 over the other",
                row + 1,
                column + 1
            ),
            AhpError::Inconsistent { ratio } => write!(
                f,
                "the consistency ratio is {ratio:.3}, above 0.1: the comparisons contradict each other; revise them or accept the inconsistency explicitly"
            ),
        }
    }
}

impl std::error::Error for AhpError {}

/// Weights from a reciprocal matrix of pairwise comparisons.
///
/// # Formula
/// ```text
/// A w = lambda w for the largest eigenvalue lambda, sum w = 1
/// CI  = (lambda - n) / (n - 1),   CR = CI / RI(n)
/// ```
/// # Units and shape
/// Entry `(i, j)` says how many times more indicator `i` matters than `j`, usually 1/9 to 9. The
/// lower triangle is replaced by the exact reciprocals of the upper one.
///
/// # Errors
/// A matrix that is not square, positive and reciprocal, or, unless accepted, one with a
/// consistency ratio above 0.1.
///
/// # Source
/// Saaty (1980), *The Analytic Hierarchy Process*; random indices of Saaty (1980), table 1.4.
pub fn ahp(comparisons: &[Vec<f64>], accept_inconsistent: bool) -> Result<Ahp, AhpError> {
    let n = comparisons.len();
    check(comparisons)?;
    let entry = |i: usize, j: usize| {
        if i <= j { comparisons[i][j] } else { 1.0 / comparisons[j][i] }
    };
    let mut weights = vec![1.0 / n as f64; n];
    let mut eigenvalue = n as f64;
    for _ in 0..10_000 {
        let product: Vec<f64> =
            (0..n).map(|i| weights.iter().enumerate().map(|(j, w)| entry(i, j) * w).sum()).collect();
        eigenvalue = product.iter().sum();
        let moved: f64 = product.iter().zip(&weights).map(|(p, w)| (p / eigenvalue - w).abs()).sum();
        weights = product.iter().map(|p| p / eigenvalue).collect();
        if moved < 1e-15 {
            break;
        }
    }
    let (index, ratio) = if n < 3 {
        (0.0, 0.0)
    } else {
        let index = ((eigenvalue - n as f64) / (n as f64 - 1.0)).max(0.0);
        (index, index / RANDOM_INDEX[n - 1])
    };
    if ratio > CONSISTENCY_LIMIT && !accept_inconsistent {
        return Err(AhpError::Inconsistent { ratio });
    }
    Ok(Ahp { weights, largest_eigenvalue: eigenvalue, consistency_index: index, consistency_ratio: ratio })
}

fn check(a: &[Vec<f64>]) -> Result<(), AhpError> {
    let n = a.len();
    let uneven = a.iter().position(|row| row.len() != n);
    if n == 0 || n > RANDOM_INDEX.len() || uneven.is_some() {
        let row = uneven.unwrap_or(0);
        return Err(AhpError::Size { rows: n, row, length: a.get(row).map_or(0, Vec::len) });
    }
    for (row, entries) in a.iter().enumerate() {
        for (column, &value) in entries.iter().enumerate() {
            if !(value.is_finite() && value > 0.0) {
                return Err(AhpError::Entry { row, column, value });
            }
        }
    }
    for (row, entries) in a.iter().enumerate() {
        if (entries[row] - 1.0).abs() > 1e-9 {
            return Err(AhpError::Diagonal { row, value: entries[row] });
        }
        for (column, mirror) in a.iter().enumerate().skip(row + 1) {
            let (value, mirrored) = (entries[column], mirror[row]);
            if (value * mirrored - 1.0).abs() > 0.01 + 1e-9 {
                return Err(AhpError::NotReciprocal { row, column, value, mirrored });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn textbook_example() {
        // Widely printed 3 × 3 example: weights 0.637, 0.258, 0.105, eigenvalue 3.0385.
        let a = vec![vec![1.0, 3.0, 5.0], vec![1.0 / 3.0, 1.0, 3.0], vec![0.2, 1.0 / 3.0, 1.0]];
        let r = ahp(&a, false).unwrap();
        for (w, expected) in r.weights.iter().zip([0.6370, 0.2583, 0.1047]) {
            assert!((w - expected).abs() < 5e-5);
        }
        assert!((r.largest_eigenvalue - 3.0385).abs() < 5e-5);
        assert!((r.consistency_ratio - 0.0332).abs() < 5e-5);
    }

    #[test]
    fn consistent_comparisons_give_their_ratios() {
        let w = [0.5, 0.3, 0.15, 0.05];
        let a: Vec<Vec<f64>> = w.iter().map(|x| w.iter().map(|y| x / y).collect()).collect();
        let r = ahp(&a, false).unwrap();
        for (x, y) in r.weights.iter().zip(w) {
            assert!((x - y).abs() < 1e-13);
        }
        assert!(r.consistency_ratio < 1e-13);
        assert_eq!(ahp(&[vec![1.0]], false).unwrap().weights, [1.0]);
    }

    #[test]
    fn refusals() {
        let circle = vec![vec![1.0, 9.0, 1.0 / 9.0], vec![1.0 / 9.0, 1.0, 9.0], vec![9.0, 1.0 / 9.0, 1.0]];
        assert!(matches!(ahp(&circle, false), Err(AhpError::Inconsistent { .. })));
        assert!(ahp(&circle, true).is_ok());
        let a = |x: f64, y: f64, d: f64| vec![vec![d, x], vec![y, 1.0]];
        assert!(matches!(ahp(&a(2.0, 2.0, 1.0), false), Err(AhpError::NotReciprocal { .. })));
        assert!(matches!(ahp(&a(2.0, -0.5, 1.0), false), Err(AhpError::Entry { .. })));
        assert!(matches!(ahp(&a(2.0, 0.5, 2.0), false), Err(AhpError::Diagonal { .. })));
        assert!(matches!(ahp(&[vec![1.0, 2.0]], false), Err(AhpError::Size { .. })));
        assert!(ahp(&[], false).is_err());
        assert!(ahp(&a(3.0, 0.33, 1.0), false).is_ok());
    }
}
