//! Conditional permutation: what a unit's neighbourhood would be if values had no place.

use rayon::prelude::*;

use super::error::StatsError;
use super::random::Stream;
use super::weights::Weights;

/// Largest table of drawn values, in numbers: 1.6 GB would be needed beyond it.
const LARGEST_TABLE: usize = 200_000_000;

/// How the observed lag of a unit compares with its permuted lags.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LagComparison {
    /// Observed lag `Σ w_ij y_j` under row-standardised weights.
    pub lag: f64,
    /// Permutations with a lag at least as large.
    pub at_least: u32,
    /// Permutations with a lag at most as large.
    pub at_most: u32,
    /// Number of permutations.
    pub permutations: u32,
    /// Mean of the permuted lags.
    pub mean: f64,
    /// Standard deviation of the permuted lags (divisor n).
    pub sd: f64,
}

impl LagComparison {
    /// Share of permutations as extreme in the observed direction, the observed one counted in; `None`
    /// without permutations. This is esda's `p_sim`: it chooses the smaller side after looking.
    pub fn p_folded(&self) -> Option<f64> {
        (self.permutations > 0).then(|| {
            (f64::from(self.at_least.min(self.at_most)) + 1.0)
                / (f64::from(self.permutations) + 1.0)
        })
    }

    /// Two-sided p-value, twice the folded one and at most 1; `None` without permutations.
    pub fn p_two_sided(&self) -> Option<f64> {
        self.p_folded().map(|p| (2.0 * p).min(1.0))
    }

    /// `(lag − mean) / sd` of the permutations; `None` if they do not vary.
    pub fn z(&self) -> Option<f64> {
        (self.sd > 0.0).then(|| (self.lag - self.mean) / self.sd)
    }
}

/// Compares each unit's lag with lags over values drawn at random from the other units.
///
/// # Formula
/// ```text
/// lag_i     = Σ_j w_ij y_j                      row-standardised weights
/// lag_i^(p) = Σ_j w_ij y_π(p, j)                π: k_i different units other than i, drawn at random
/// ```
/// One draw of `k_max + 1` units per permutation serves all units: unit i uses the first k_i of them and,
/// where it is itself among these, the next one in its own place. For each unit this is an exact conditional
/// permutation; across units the draws are shared, as in esda.
///
/// # Units and shape
/// One value per unit, without gaps (the callers cut missing units out before). One comparison per unit,
/// `None` for a unit without neighbours.
///
/// # Missing and degenerate values
/// 0 permutations: the lag alone. Lags equal to the observed one, within rounding, count on both sides.
///
/// # Errors
/// [`StatsError::TooMany`] if neighbours × permutations exceed 2·10⁸.
///
/// # Source
/// Anselin, *Local indicators of spatial association*, Geographical Analysis 27 (1995), 93–115; the sharing
/// of draws: PySAL esda `crand`.
pub fn compare_lags(
    values: &[f64],
    weights: &Weights,
    permutations: u32,
    seed: u64,
) -> Result<Vec<Option<LagComparison>>, StatsError> {
    super::error::same_length("values", values.len(), "weights", weights.len())?;
    super::error::all_finite("values", values)?;
    let weights = weights.row_standardised();
    let widest = (0..values.len())
        .map(|unit| weights.neighbours(unit).len())
        .max()
        .unwrap_or(0);
    let depth = (widest + 1).min(values.len());
    let found = depth.saturating_mul(permutations as usize);
    if found > LARGEST_TABLE {
        let what = "neighbours × permutations";
        return Err(StatsError::TooMany {
            what,
            limit: LARGEST_TABLE,
            found,
        });
    }
    let draws = Draws::new(values, depth, permutations as usize, seed);
    let scale = values
        .iter()
        .fold(0.0_f64, |largest, value| largest.max(value.abs()));
    Ok((0..values.len())
        .into_par_iter()
        .map_init(Vec::new, |lags, unit| {
            let (neighbours, row) = (weights.neighbours(unit), weights.weights(unit));
            if neighbours.is_empty() {
                return None;
            }
            let lag = neighbours
                .iter()
                .zip(row)
                .map(|(&j, w)| w * values[j as usize])
                .sum();
            draws.lags_of(unit, values[unit], row, lags);
            Some(summarise(lag, lags, 1e-12 * scale))
        })
        .collect())
}

/// Counts and moments of permuted lags.
fn summarise(lag: f64, lags: &[f64], tolerance: f64) -> LagComparison {
    let n = lags.len() as f64;
    let (low, high) = (lag - tolerance, lag + tolerance);
    let at_least = lags.iter().map(|&l| u32::from(l >= low)).sum();
    let at_most = lags.iter().map(|&l| u32::from(l <= high)).sum();
    let mean = if lags.is_empty() {
        lag
    } else {
        lags.iter().sum::<f64>() / n
    };
    let variance = if lags.is_empty() {
        0.0
    } else {
        lags.iter().map(|l| (l - mean) * (l - mean)).sum::<f64>() / n
    };
    let sd = if variance.sqrt() > tolerance {
        variance.sqrt()
    } else {
        0.0
    };
    LagComparison {
        lag,
        at_least,
        at_most,
        permutations: lags.len() as u32,
        mean,
        sd,
    }
}

/// The shared draws: values by depth and permutation, and where each unit was drawn.
struct Draws {
    permutations: usize,
    /// `values[d · permutations + p]`: the value drawn at depth d of permutation p.
    values: Vec<f64>,
    /// `prefix[d · permutations + p]`: sum of the values drawn before depth d.
    prefix: Vec<f64>,
    /// Where each unit was drawn: entries `starts[i] .. starts[i + 1]` of `drawn`.
    starts: Vec<usize>,
    /// (permutation, depth).
    drawn: Vec<(u32, u32)>,
}

impl Draws {
    fn new(values: &[f64], depth: usize, permutations: usize, seed: u64) -> Self {
        let n = values.len();
        let picks: Vec<Vec<u32>> = (0..permutations)
            .into_par_iter()
            .map_init(
                || (0..n as u32).collect::<Vec<u32>>(),
                |pool, permutation| {
                    let mut stream = Stream::new(seed, permutation as u64);
                    let mut swaps = Vec::with_capacity(depth);
                    for position in 0..depth {
                        let other = position + stream.index(n - position);
                        pool.swap(position, other);
                        swaps.push(other);
                    }
                    let picked = pool[..depth].to_vec();
                    // Undo, so that the next permutation of this thread starts from the same order.
                    for (position, &other) in swaps.iter().enumerate().rev() {
                        pool.swap(position, other);
                    }
                    picked
                },
            )
            .collect();
        let mut starts = vec![0_usize; n + 1];
        for unit in picks.iter().flatten() {
            starts[*unit as usize + 1] += 1;
        }
        for unit in 0..n {
            starts[unit + 1] += starts[unit];
        }
        let mut fill = starts.clone();
        let mut drawn = vec![(0_u32, 0_u32); picks.len() * depth];
        let mut by_depth = vec![0.0; depth * permutations];
        let mut prefix = vec![0.0; (depth + 1) * permutations];
        for (permutation, picked) in picks.iter().enumerate() {
            let mut sum = 0.0;
            for (position, &unit) in picked.iter().enumerate() {
                let value = values[unit as usize];
                by_depth[position * permutations + permutation] = value;
                sum += value;
                prefix[(position + 1) * permutations + permutation] = sum;
                drawn[fill[unit as usize]] = (permutation as u32, position as u32);
                fill[unit as usize] += 1;
            }
        }
        Self {
            permutations,
            values: by_depth,
            prefix,
            starts,
            drawn,
        }
    }

    /// Writes the permuted lags of a unit.
    fn lags_of(&self, unit: usize, own_value: f64, row: &[f64], lags: &mut Vec<f64>) {
        let k = row.len();
        let slice = |table: &'_ [f64], d: usize| -> std::ops::Range<usize> {
            debug_assert!((d + 1) * self.permutations <= table.len());
            d * self.permutations..(d + 1) * self.permutations
        };
        lags.clear();
        if row.iter().all(|weight| *weight == row[0]) {
            lags.extend(
                self.prefix[slice(&self.prefix, k)]
                    .iter()
                    .map(|sum| sum * row[0]),
            );
        } else {
            lags.resize(self.permutations, 0.0);
            for (depth, weight) in row.iter().enumerate() {
                let drawn = &self.values[slice(&self.values, depth)];
                lags.iter_mut()
                    .zip(drawn)
                    .for_each(|(lag, value)| *lag += weight * value);
            }
        }
        for &(permutation, depth) in &self.drawn[self.starts[unit]..self.starts[unit + 1]] {
            if (depth as usize) < k {
                let spare = self.values[k * self.permutations + permutation as usize];
                lags[permutation as usize] += row[depth as usize] * (spare - own_value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::checks::on_one_and_three_threads;

    #[test]
    fn exhaustive_case_on_paper() {
        // Three units in a ring of two neighbours each: the neighbours of a unit are always the two others,
        // so that every permutation gives the observed lag.
        let ring = Weights::binary(&[vec![1, 2], vec![0, 2], vec![0, 1]]).unwrap();
        let result = compare_lags(&[1.0, 2.0, 4.0], &ring, 99, 1).unwrap();
        for comparison in result.into_iter().flatten() {
            assert_eq!((comparison.at_least, comparison.at_most), (99, 99));
            assert_eq!(comparison.p_two_sided(), Some(1.0));
            assert_eq!(comparison.z(), None);
        }
    }

    #[test]
    fn permuted_lags_have_their_moments() {
        // One neighbour each, four units: the lag of unit 0 is one of 2, 4, 9 with equal chance.
        let weights = Weights::binary(&[vec![1], vec![0], vec![0], vec![0]]).unwrap();
        let result = compare_lags(&[100.0, 2.0, 4.0, 9.0], &weights, 60_000, 2).unwrap();
        let first = result[0].unwrap();
        let (mean, variance) = (5.0, (9.0 + 1.0 + 16.0) / 3.0_f64);
        assert!(
            (first.mean - mean).abs() < 0.05 && (first.sd / variance.sqrt() - 1.0).abs() < 0.02
        );
        assert!((f64::from(first.at_most) / 60_000.0 - 1.0 / 3.0).abs() < 0.01);
    }

    #[test]
    fn unequal_weights_take_the_general_path() {
        let equal = Weights::new(&[
            vec![(1, 2.0), (2, 2.0)],
            vec![(0, 1.0)],
            vec![(0, 1.0)],
            vec![],
        ])
        .unwrap();
        let nearly = Weights::new(&[
            vec![(1, 2.0), (2, 2.0 + 1e-12)],
            vec![(0, 1.0)],
            vec![(0, 1.0)],
            vec![],
        ])
        .unwrap();
        let values = [3.0, 1.0, 4.0, 1.5];
        let (a, b) = (
            compare_lags(&values, &equal, 500, 3).unwrap(),
            compare_lags(&values, &nearly, 500, 3).unwrap(),
        );
        let (a, b) = (a[0].unwrap(), b[0].unwrap());
        assert!((a.mean - b.mean).abs() < 1e-9 && (a.sd - b.sd).abs() < 1e-9);
    }

    #[test]
    fn nothing_islands_and_too_much() {
        let none = Weights::binary(&[]).unwrap();
        assert!(compare_lags(&[], &none, 99, 0).unwrap().is_empty());
        let alone = Weights::binary(&[vec![], vec![]]).unwrap();
        assert_eq!(
            compare_lags(&[1.0, 2.0], &alone, 99, 0).unwrap(),
            vec![None, None]
        );
        let pair = Weights::binary(&[vec![1], vec![0]]).unwrap();
        let without = compare_lags(&[1.0, 2.0], &pair, 0, 0).unwrap()[0].unwrap();
        assert_eq!(
            (without.p_folded(), without.z(), without.lag),
            (None, None, 2.0)
        );
        assert!(compare_lags(&[1.0, f64::NAN], &pair, 9, 0).is_err());
        assert!(compare_lags(&[1.0], &pair, 9, 0).is_err());
        assert!(compare_lags(&[1.0, 2.0], &pair, u32::MAX, 0).is_err());
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let rows: Vec<Vec<u32>> = (0..200_u32)
            .map(|i| vec![(i + 1) % 200, (i + 7) % 200, (i + 50) % 200])
            .collect();
        let weights = Weights::binary(&rows).unwrap();
        let values: Vec<f64> = (0..200).map(|i| f64::from(i * i % 37)).collect();
        let (one, three) =
            on_one_and_three_threads(|| compare_lags(&values, &weights, 299, 9).unwrap());
        assert_eq!(one, three);
    }
}
