//! Correlations between columns, and what they warn of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::moments::known;

/// A measure of association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Correlation {
    /// Product-moment correlation.
    Pearson,
    /// Pearson's correlation of average ranks.
    Spearman,
    /// Kendall's τ-b, which corrects for ties.
    Kendall,
}

/// Correlation of two columns over the rows in which both have a value.
///
/// # Formula
/// ```text
/// pearson  = sum dx dy / sqrt(sum dx^2 sum dy^2)
/// spearman = pearson of the ranks, ties sharing their average
/// kendall  = (concordant - discordant) / sqrt((pairs - ties x) (pairs - ties y))
/// ```
/// # Units and shape
/// Both columns have one value per row. Result in −1..=1.
///
/// # Missing and degenerate values
/// Missing if fewer than two rows have both values or either column is constant there.
///
/// # Source
/// Agrees with R `cor` and COINr `get_corr`. Kendall by Knight (1966), *A computer method for
/// calculating Kendall's tau with ungrouped data*, JASA 61, in n log n.
pub fn correlation(x: &[Option<f64>], y: &[Option<f64>], method: Correlation) -> Option<f64> {
    let both: Vec<(f64, f64)> = x
        .iter()
        .zip(y)
        .filter_map(|(a, b)| Some((a.filter(|v| v.is_finite())?, b.filter(|v| v.is_finite())?)))
        .collect();
    let (x, y): (Vec<f64>, Vec<f64>) = both.iter().copied().unzip();
    match method {
        Correlation::Pearson => pearson(&x, &y),
        Correlation::Spearman => pearson(&average_ranks(&x), &average_ranks(&y)),
        Correlation::Kendall => kendall(both),
    }
}

/// Pearson's correlation of two lists of equal length.
pub fn pearson(x: &[f64], y: &[f64]) -> Option<f64> {
    let n = x.len().min(y.len());
    if n < 2 {
        return None;
    }
    let (mx, my) = (x.iter().sum::<f64>() / n as f64, y.iter().sum::<f64>() / n as f64);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (a, b) in x.iter().zip(y) {
        let (dx, dy) = (a - mx, b - my);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    if super::moments::constant(x) || super::moments::constant(y) {
        return None;
    }
    known(xy / (xx.sqrt() * yy.sqrt())).map(|r| r.clamp(-1.0, 1.0))
}

/// Ranks from the lowest, 1, upward; ties share the average of their places.
pub fn average_ranks(x: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|&a, &b| x[a].total_cmp(&x[b]));
    let mut ranks = vec![0.0; x.len()];
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        while end < order.len() && x[order[end]] == x[order[start]] {
            end += 1;
        }
        for &i in &order[start..end] {
            ranks[i] = (start + 1 + end) as f64 / 2.0;
        }
        start = end;
    }
    ranks
}

fn kendall(mut both: Vec<(f64, f64)>) -> Option<f64> {
    for pair in &mut both {
        *pair = (pair.0 + 0.0, pair.1 + 0.0);
    }
    both.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let pairs = |n: usize| (n as f64) * (n as f64 - 1.0) / 2.0;
    let all = pairs(both.len());
    let tied_x = tied_pairs(&both, |a, b| a.0 == b.0);
    let tied_both = tied_pairs(&both, |a, b| a == b);
    let mut y: Vec<f64> = both.iter().map(|p| p.1).collect();
    let swaps = count_inversions(&mut y);
    let tied_y = tied_pairs(&y, |a, b| a == b);
    let difference = all - tied_x - tied_y + tied_both - 2.0 * swaps;
    if all - tied_x <= 0.0 || all - tied_y <= 0.0 {
        return None;
    }
    known(difference / ((all - tied_x).sqrt() * (all - tied_y).sqrt())).map(|t| t.clamp(-1.0, 1.0))
}

fn tied_pairs<T>(sorted: &[T], same: impl Fn(&T, &T) -> bool) -> f64 {
    sorted.chunk_by(|a, b| same(a, b)).map(|run| run.len() as f64 * (run.len() as f64 - 1.0) / 2.0).sum()
}

/// Sorts a list by merging and counts the pairs that were out of order.
fn count_inversions(x: &mut [f64]) -> f64 {
    let mut room = x.to_vec();
    let mut count = 0.0;
    let mut width = 1;
    while width < x.len() {
        for start in (0..x.len()).step_by(2 * width) {
            let middle = (start + width).min(x.len());
            let end = (start + 2 * width).min(x.len());
            let (mut a, mut b) = (start, middle);
            for slot in &mut room[start..end] {
                if b >= end || (a < middle && x[a] <= x[b]) {
                    *slot = x[a];
                    a += 1;
                } else {
                    *slot = x[b];
                    b += 1;
                    count += (middle - a) as f64;
                }
            }
        }
        x.copy_from_slice(&room);
        width *= 2;
    }
    count
}

/// Correlations of every pair of columns; the diagonal is 1 unless the column is constant.
pub fn correlations(columns: &[Vec<Option<f64>>], method: Correlation) -> Vec<Vec<Option<f64>>> {
    let mut matrix = vec![vec![None; columns.len()]; columns.len()];
    for i in 0..columns.len() {
        for j in 0..=i {
            let r = correlation(&columns[i], &columns[j], method);
            matrix[i][j] = r;
            matrix[j][i] = r;
        }
    }
    matrix
}

/// What a correlation between two indicators warns of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CorrelationFlag {
    /// Above the limit: the two say the same and count twice.
    Collinear,
    /// Below 0: a rise of one tends to go with a fall of the other, so that they cancel.
    Opposed,
}

/// A flagged pair of columns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FlaggedPair {
    /// The two columns, the earlier one first.
    pub columns: (usize, usize),
    /// Their correlation.
    pub correlation: f64,
    /// What it warns of.
    pub flag: CorrelationFlag,
    /// Whether both are in the same group.
    pub same_group: bool,
}

/// Correlation above which two indicators are called collinear (METHODS, coherence).
pub const COLLINEAR_ABOVE: f64 = 0.92;

/// Lists the pairs that are collinear or opposed; `groups` names each column's dimension.
pub fn flagged_pairs(matrix: &[Vec<Option<f64>>], groups: &[usize], collinear_above: f64) -> Vec<FlaggedPair> {
    let mut found = Vec::new();
    for (j, row) in matrix.iter().enumerate() {
        for (i, cell) in row.iter().enumerate().take(j) {
            let Some(correlation) = *cell else { continue };
            let flag = if correlation > collinear_above {
                CorrelationFlag::Collinear
            } else if correlation < 0.0 {
                CorrelationFlag::Opposed
            } else {
                continue;
            };
            let same_group = groups.get(i).is_some() && groups.get(i) == groups.get(j);
            found.push(FlaggedPair { columns: (i, j), correlation, flag, same_group });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(x: &[f64]) -> Vec<Option<f64>> {
        x.iter().copied().map(Some).collect()
    }

    #[test]
    fn by_hand() {
        let x = some(&[1.0, 2.0, 3.0, 4.0]);
        let y = some(&[1.0, 3.0, 2.0, 4.0]);
        assert!((correlation(&x, &y, Correlation::Pearson).unwrap() - 0.8).abs() < 1e-15);
        assert!((correlation(&x, &y, Correlation::Spearman).unwrap() - 0.8).abs() < 1e-15);
        assert!((correlation(&x, &y, Correlation::Kendall).unwrap() - 4.0 / 6.0).abs() < 1e-15);
        assert_eq!(average_ranks(&[3.0, 1.0, 3.0]), [2.5, 1.0, 2.5]);
    }

    #[test]
    fn kendall_agrees_with_counting_pairs() {
        let x: Vec<f64> = (0..57).map(|i| f64::from(i * 31 % 11)).collect();
        let y: Vec<f64> = (0..57).map(|i| f64::from(i * 17 % 13)).collect();
        let (mut difference, mut free_x, mut free_y) = (0.0, 0.0_f64, 0.0_f64);
        for i in 0..57 {
            for j in 0..i {
                let s = |a: f64, b: f64| -> f64 { if a > b { 1.0 } else if a < b { -1.0 } else { 0.0 } };
                difference += s(x[i], x[j]) * s(y[i], y[j]);
                free_x += s(x[i], x[j]).abs();
                free_y += s(y[i], y[j]).abs();
            }
        }
        let expected = difference / (free_x * free_y).sqrt();
        let got = correlation(&some(&x), &some(&y), Correlation::Kendall).unwrap();
        assert!((got - expected).abs() < 1e-14);
    }

    #[test]
    fn degenerate_is_missing() {
        let x = some(&[1.0, 2.0, 3.0]);
        for method in [Correlation::Pearson, Correlation::Spearman, Correlation::Kendall] {
            assert_eq!(correlation(&x, &some(&[5.0; 3]), method), None);
            assert_eq!(correlation(&x, &[None, None, Some(1.0)], method), None);
        }
    }

    #[test]
    fn flags() {
        let columns = [some(&[1.0, 2.0, 3.0]), some(&[1.0, 2.0, 3.1]), some(&[3.0, 2.0, 1.0])];
        let m = correlations(&columns, Correlation::Pearson);
        let flags = flagged_pairs(&m, &[0, 0, 1], COLLINEAR_ABOVE);
        let summary: Vec<_> = flags.iter().map(|f| (f.columns, f.flag, f.same_group)).collect();
        assert_eq!(
            summary,
            [
                ((0, 1), CorrelationFlag::Collinear, true),
                ((0, 2), CorrelationFlag::Opposed, false),
                ((1, 2), CorrelationFlag::Opposed, false),
            ]
        );
    }
}
