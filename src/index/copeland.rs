//! Copeland ranking: a check that does not let a strength make up for a weakness.

use rayon::prelude::*;

/// A share of weight within this of one half counts as a tie.
const HALF: f64 = 1e-12;

/// Result of a Copeland comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Copeland {
    /// Number of units beaten less number of units that beat it; missing for a unit that no other
    /// could be compared with.
    pub scores: Vec<Option<f64>>,
    /// Number of units each was compared with.
    pub compared: Vec<usize>,
}

/// Compares every pair of units indicator by indicator.
///
/// # Formula
/// ```text
/// share(a, b) = sum of w_j where a_j > b_j, half of w_j where equal, over the w_j where both have a value
/// score(a)    = #{ b : share(a, b) > 1/2 } - #{ b : share(a, b) < 1/2 }
/// ```
/// # Units and shape
/// `rows` holds one list of scores per unit, higher meaning more risk; `weights` one weight per
/// column, for example the effective weights. Time grows with the square of the units.
///
/// # Missing and degenerate values
/// Each pair is compared on the columns in which both have a value, so that the order of rows does
/// not matter. A pair without such a column is not compared. A share within 1e-12 of one half is
/// a tie: sums of weights carry rounding errors. A weight that is not above 0 is ignored.
///
/// # Source
/// Copeland (1951); Munda and Nardo (2009), *Noncompensatory/nonlinear composite indicators for
/// ranking countries*, Applied Economics 41; agrees with COINr `a_copeland` on complete data.
pub fn copeland(rows: &[Vec<Option<f64>>], weights: &[f64]) -> Copeland {
    let results: Vec<(f64, usize)> = rows
        .par_iter()
        .enumerate()
        .map(|(a, left)| {
            let (mut score, mut compared) = (0.0, 0);
            for (_, right) in rows.iter().enumerate().filter(|(b, _)| *b != a) {
                if let Some(share) = share_won(left, right, weights) {
                    compared += 1;
                    if (share - 0.5).abs() > HALF {
                        score += if share > 0.5 { 1.0 } else { -1.0 };
                    }
                }
            }
            (score, compared)
        })
        .collect();
    Copeland {
        scores: results.iter().map(|&(score, compared)| (compared > 0).then_some(score)).collect(),
        compared: results.iter().map(|&(_, compared)| compared).collect(),
    }
}

fn share_won(left: &[Option<f64>], right: &[Option<f64>], weights: &[f64]) -> Option<f64> {
    let (mut won, mut all) = (0.0, 0.0);
    for ((a, b), &w) in left.iter().zip(right).zip(weights) {
        if let (Some(a), Some(b), true) = (a, b, w > 0.0) {
            all += w;
            won += if a > b {
                w
            } else if a == b {
                0.5 * w
            } else {
                0.0
            };
        }
    }
    (all > 0.0).then(|| won / all)
}

#[cfg(test)]
mod tests {
    use super::copeland;

    #[test]
    fn by_hand() {
        let rows = vec![
            vec![Some(3.0), Some(3.0), Some(0.0)],
            vec![Some(2.0), Some(2.0), Some(9.0)],
            vec![Some(1.0), Some(1.0), Some(9.0)],
            vec![None, None, None],
        ];
        let c = copeland(&rows, &[0.1, 0.2, 0.3]);
        // a against b and c: 0.3 of 0.6 on either side, a tie whatever the rounding. b beats c.
        assert_eq!(c.scores, [Some(0.0), Some(1.0), Some(-1.0), None]);
        assert_eq!(c.compared, [2, 2, 2, 0]);
    }

    #[test]
    fn does_not_depend_on_the_order_of_rows() {
        let rows: Vec<Vec<Option<f64>>> = (0..20)
            .map(|i| (0..5).map(|j| (i * 7 + j * 3) % 4 != 0).zip(0..5).map(|(on, j)| on.then(|| f64::from((i * 13 + j * 5) % 11))).collect())
            .collect();
        let w = [1.0, 2.0, 1.0, 0.5, 3.0];
        let forward = copeland(&rows, &w);
        let reversed: Vec<Vec<Option<f64>>> = rows.iter().rev().cloned().collect();
        let mut backward = copeland(&reversed, &w).scores;
        backward.reverse();
        assert_eq!(forward.scores, backward);
    }
}
