//! Weights tuned so that each indicator's importance matches a target.

use std::fmt;

use crate::index::complete::complete_rows;
use crate::index::correlation::pearson;
use crate::index::moments::standard_deviation;

/// Limits of the search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MatchedOptions {
    /// Largest difference between a reached and a wanted share.
    pub tolerance: f64,
    /// Most rounds.
    pub rounds: usize,
}

impl Default for MatchedOptions {
    fn default() -> Self {
        MatchedOptions { tolerance: 1e-9, rounds: 20_000 }
    }
}

/// Weights that match the targets.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchedWeights {
    /// The weights, adding up to 1.
    pub weights: Vec<f64>,
    /// Importance reached: each squared correlation over their sum.
    pub importance: Vec<f64>,
    /// Largest difference from the targets.
    pub largest_difference: f64,
    /// Rounds needed.
    pub rounds: usize,
}

/// Why no weights match.
#[derive(Debug, Clone, PartialEq)]
pub enum MatchedError {
    /// One target per column, above 0; fewer than two columns is an error too.
    Targets { columns: usize, targets: usize },
    /// A target is not a finite number above 0.
    Target { place: usize, target: f64 },
    /// Fewer than three rows without gaps, or a constant column.
    Data { rows: usize },
    /// Non-negative weights that reach the targets were not found; the best ones found.
    NotReached { best: MatchedWeights },
}

impl fmt::Display for MatchedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MatchedError::Targets { columns, targets } => {
                write!(f, "{targets} targets for {columns} columns; give one for each of two columns or more")
            }
            MatchedError::Target { place, target } => {
                write!(f, "target {} is {target}; it must be a number above 0", place + 1)
            }
            MatchedError::Data { rows } => {
                write!(f, "{rows} units have all values, or a column is constant there; importance needs three units and columns that vary")
            }
            MatchedError::NotReached { best } => write!(
                f,
                "no weights of 0 or above reach the targets; the best found miss one by {:.2e}: indicators that oppose the rest cannot gain importance",
                best.largest_difference
            ),
        }
    }
}

impl std::error::Error for MatchedError {}

/// Weights of an arithmetic mean under which each column's share of importance is as wanted.
///
/// # Formula
/// ```text
/// y = sum w_j x_j;   S_j = corr(x_j, y)^2;   wanted: S_j / sum S = target_j / sum targets
/// w_j ← w_j (target_j / share_j)^(1/2), renormalised, until every difference is small
/// ```
/// # Units and shape
/// Normalised columns, one value per row; one target per column in the same order (the caller
/// keys them by name).
///
/// # Missing and degenerate values
/// Only rows without gaps are used. A column with a negative correlation counts as having no
/// importance.
///
/// # Errors
/// Bad targets or data, or targets that non-negative weights do not reach within the tolerance.
///
/// # Source
/// Becker, Saisana, Paruolo and Vandecasteele (2017), *Weights and importance in composite
/// indicators: closing the gap*, Ecological Indicators 80.
pub fn importance_matched(
    columns: &[Vec<Option<f64>>],
    targets: &[f64],
    options: MatchedOptions,
) -> Result<MatchedWeights, MatchedError> {
    let k = columns.len();
    if k < 2 || targets.len() != k {
        return Err(MatchedError::Targets { columns: k, targets: targets.len() });
    }
    if let Some((place, &target)) = targets.iter().enumerate().find(|(_, t)| !(t.is_finite() && **t > 0.0)) {
        return Err(MatchedError::Target { place, target });
    }
    let rows = complete_rows(columns);
    let data = || MatchedError::Data { rows: rows.len() };
    let x: Vec<Vec<f64>> = (0..k).map(|j| rows.iter().filter_map(|row| row.get(j).copied()).collect()).collect();
    if rows.len() < 3 {
        return Err(data());
    }
    let deviation: Vec<f64> = x.iter().map(|c| standard_deviation(c).unwrap_or(0.0)).collect();
    let mut r = vec![vec![1.0; k]; k];
    for i in 0..k {
        for j in 0..k {
            r[i][j] = pearson(&x[i], &x[j]).ok_or_else(data)?;
        }
    }
    let sum: f64 = targets.iter().sum();
    let wanted: Vec<f64> = targets.iter().map(|t| t / sum).collect();
    // In units of standard deviations: v = w sd, corr(x_j, y) = (R v)_j / sqrt(v' R v).
    let mut v = vec![1.0 / k as f64; k];
    let importance = |v: &[f64]| {
        let squares: Vec<f64> =
            r.iter().map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum::<f64>().max(0.0).powi(2)).collect();
        let sum: f64 = squares.iter().sum();
        squares.iter().map(|s| if sum > 0.0 { s / sum } else { 0.0 }).collect::<Vec<f64>>()
    };
    let result = |v: &[f64], rounds: usize| {
        let weights: Vec<f64> = v.iter().zip(&deviation).map(|(v, d)| v / d).collect();
        let sum: f64 = weights.iter().sum();
        let importance = importance(v);
        let differences = importance.iter().zip(&wanted).map(|(a, b)| (a - b).abs());
        let largest_difference = differences.fold(0.0, f64::max);
        MatchedWeights { weights: weights.iter().map(|w| w / sum).collect(), importance, largest_difference, rounds }
    };
    let mut best = result(&v, 0);
    for round in 1..=options.rounds {
        if best.largest_difference <= options.tolerance {
            return Ok(best);
        }
        let now = importance(&v);
        for ((v, now), wanted) in v.iter_mut().zip(&now).zip(&wanted) {
            // A column without importance is raised step by step rather than without bound.
            *v *= (wanted / now.max(1e-12)).sqrt().clamp(0.25, 4.0);
        }
        let sum: f64 = v.iter().sum();
        v.iter_mut().for_each(|v| *v /= sum);
        let next = result(&v, round);
        if next.largest_difference < best.largest_difference {
            best = next;
        }
    }
    if best.largest_difference <= options.tolerance { Ok(best) } else { Err(MatchedError::NotReached { best }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Vec<Option<f64>>> {
        let mut s = crate::index::random::Stream::new(5, 0, 0);
        let rows: Vec<[f64; 3]> = (0..200)
            .map(|_| {
                let common = s.normal();
                [common + s.normal(), common + s.normal(), 3.0 * (common + 2.0 * s.normal())]
            })
            .collect();
        (0..3).map(|j| rows.iter().map(|r| Some(r[j])).collect()).collect()
    }

    #[test]
    fn reaches_targets() {
        for targets in [[1.0, 1.0, 1.0], [2.0, 1.0, 1.0], [0.3, 0.4, 0.3]] {
            let m = importance_matched(&columns(), &targets, MatchedOptions::default()).unwrap();
            let sum: f64 = targets.iter().sum();
            for (a, t) in m.importance.iter().zip(targets) {
                assert!((a - t / sum).abs() <= 1e-9);
            }
            assert!(m.weights.iter().all(|w| *w >= 0.0));
            assert!((m.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn refusals() {
        let options = MatchedOptions { rounds: 50, ..Default::default() };
        assert!(matches!(importance_matched(&columns(), &[1.0], options), Err(MatchedError::Targets { .. })));
        assert!(matches!(importance_matched(&columns(), &[1.0, 0.0, 1.0], options), Err(MatchedError::Target { .. })));
        let x = [1.0, 2.0, 3.0, 5.0].map(Some).to_vec();
        let y = [2.0, 4.0, 6.0, 10.0].map(Some).to_vec();
        assert!(matches!(
            importance_matched(&[x.clone(), y], &[3.0, 1.0], options),
            Err(MatchedError::NotReached { .. })
        ));
        assert!(matches!(
            importance_matched(&[x, vec![Some(1.0); 4]], &[3.0, 1.0], options),
            Err(MatchedError::Data { .. })
        ));
    }
}
