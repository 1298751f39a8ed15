//! Where do high values pile up? Getis–Ord Gi and Gi*.

use super::benjamini_hochberg::adjust;
use super::conditional::compare_lags;
use super::error::StatsError;
use super::moran_local::{NoLocalStatistic, Present};
use super::weights::Weights;

/// Whether a unit's own value belongs to its neighbourhood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Neighbourhood {
    /// Gi: the neighbours alone.
    WithoutSelf,
    /// Gi*: the neighbours and the unit itself.
    WithSelf,
}

/// Getis–Ord statistic of one unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalG {
    /// Weighted mean of the neighbourhood over the sum of all values (of the others, for Gi); `None` if
    /// that sum is 0.
    pub statistic: Option<f64>,
    /// Standard score under the randomisation hypothesis: positive in high neighbourhoods. `None` if the
    /// neighbourhood is everything.
    pub z: Option<f64>,
    /// esda's `p_sim`, the smaller side chosen after looking; `None` without permutations.
    pub p_folded: Option<f64>,
    /// Two-sided p-value from conditional permutation.
    pub p: Option<f64>,
    /// Two-sided p-value adjusted over all units (Benjamini–Hochberg).
    pub q: Option<f64>,
}

/// Computes Getis–Ord Gi or Gi* with conditional permutation.
///
/// # Formula
/// ```text
/// Gi :  G_i = Σ_{j≠i} w_ij y_j / Σ_{j≠i} y_j,     m, s² over the n' = n − 1 other units
/// Gi*:  G_i = Σ_j w_ij y_j / Σ_j y_j,             m, s² over all n' = n units
/// z_i = (Σ w_ij y_j − W_i m) / (s √((n' S_i − W_i²) / (n' − 1))),   W_i = Σ w_ij,  S_i = Σ w_ij²
/// ```
/// Weights are row-standardised; for Gi* the unit itself first gets the largest weight of its row (1 for
/// contiguity). z does not depend on the scale of a row.
///
/// # Units and shape
/// One value per unit, at least 0 for G to have a meaning; one result per unit.
///
/// # Missing and degenerate values
/// As in [`moran_local`](super::moran_local::moran_local). For Gi* a unit without neighbours has no
/// statistic either: its own value alone is no neighbourhood. Permutation keeps the own value in place, so
/// that Gi and Gi* share their p-values.
///
/// # Errors
/// As in [`moran_local`](super::moran_local::moran_local), and [`StatsError::BadEntry`] for a negative value.
///
/// # Source
/// Ord & Getis, *Local spatial autocorrelation statistics: distributional issues and an application*,
/// Geographical Analysis 27 (1995), 286–306, equations 5 and 6. G agrees with PySAL esda `G_Local` (transformation `R`), z with esda for binary
/// weights and with R spdep `localG`; esda's z for row-standardised weights uses the binary formula with row
/// sums of 1 and is not reproduced.
///
/// # Example
/// ```
/// use tukhum::stats::getis_ord::{Neighbourhood, getis_ord};
/// use tukhum::stats::weights::Weights;
/// let chain = Weights::binary(&[vec![1], vec![0, 2], vec![1, 3], vec![2]])?;
/// let values = [Some(9.0), Some(8.0), Some(1.0), Some(0.0)];
/// let local = getis_ord(&values, &chain, Neighbourhood::WithSelf, 99, 7)?;
/// assert!(local[0].unwrap().z.unwrap() > 0.0 && local[3].unwrap().z.unwrap() < 0.0);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn getis_ord(
    values: &[Option<f64>],
    weights: &Weights,
    neighbourhood: Neighbourhood,
    permutations: u32,
    seed: u64,
) -> Result<Vec<Result<LocalG, NoLocalStatistic>>, StatsError> {
    if let Some(index) = values
        .iter()
        .position(|value| value.is_some_and(|v| v < 0.0))
    {
        let (value, rule) = (
            values[index].unwrap_or(0.0),
            "must be at least 0 for Getis–Ord statistics",
        );
        return Err(StatsError::BadEntry {
            what: "values",
            index,
            value,
            rule,
        });
    }
    let present = Present::new(values, weights)?;
    if !present.vary {
        return Ok(present.spread(values.len(), |_| Err(NoLocalStatistic::NoVariation)));
    }
    let comparisons = compare_lags(&present.values, &present.weights, permutations, seed)?;
    let p: Vec<Option<f64>> = comparisons
        .iter()
        .map(|c| c.and_then(|c| c.p_two_sided()))
        .collect();
    let q = adjust(&p)?;
    let totals = Totals::new(&present.values);
    let standard = present.weights.row_standardised();
    Ok(present.spread(values.len(), |unit| {
        let comparison = comparisons[unit].ok_or(NoLocalStatistic::NoNeighbours)?;
        let (own, row) = (present.values[unit], standard.weights(unit));
        let squares: f64 = row.iter().map(|w| w * w).sum();
        let (statistic, z) = match neighbourhood {
            Neighbourhood::WithoutSelf => totals.without(own).compare(comparison.lag, squares),
            Neighbourhood::WithSelf => {
                let largest = row.iter().copied().fold(0.0, f64::max);
                let share = largest / (1.0 + largest);
                let others = 1.0 - share;
                let lag = share * own + others * comparison.lag;
                totals.compare(lag, share * share + others * others * squares)
            }
        };
        Ok(LocalG {
            statistic,
            z,
            p_folded: comparison.p_folded(),
            p: p[unit],
            q: q[unit],
        })
    }))
}

/// Number, sum and centred sum of squares of the values in play.
struct Totals {
    n: f64,
    sum: f64,
    /// Σ (y − mean)².
    scatter: f64,
}

impl Totals {
    fn new(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let sum: f64 = values.iter().sum();
        let mean = sum / n;
        Self {
            n,
            sum,
            scatter: values.iter().map(|y| (y - mean) * (y - mean)).sum(),
        }
    }

    /// The same without one value (its own share of the scatter taken out).
    fn without(&self, own: f64) -> Self {
        let mean = self.sum / self.n;
        let scatter = self.scatter - (own - mean) * (own - mean) * self.n / (self.n - 1.0);
        Self {
            n: self.n - 1.0,
            sum: self.sum - own,
            scatter: scatter.max(0.0),
        }
    }

    /// Statistic and score of a lag under row-standardised weights (W = 1).
    fn compare(&self, lag: f64, squares: f64) -> (Option<f64>, Option<f64>) {
        let variance = self.scatter / self.n * (self.n * squares - 1.0) / (self.n - 1.0);
        // Rounding leaves a trace where all others are equal or all are neighbours.
        let floor = 1e-14 * (self.sum / self.n).powi(2).max(f64::MIN_POSITIVE);
        let z = (variance > floor).then(|| (lag - self.sum / self.n) / variance.sqrt());
        (
            (self.sum > 0.0).then(|| lag / self.sum),
            z.filter(|z| z.is_finite()),
        )
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::stats::checks::{Reference, around, calibrated};
    use crate::stats::random::Stream;

    /// Values and weights of a case of the reference file.
    pub(crate) fn case(reference: &Reference, case: usize) -> (Vec<Option<f64>>, Weights) {
        let values = reference.numbers(&format!("/cases/{case}/values"));
        let rows: Vec<Vec<u32>> = (0..values.len())
            .map(|i| {
                reference
                    .integers(&format!("/cases/{case}/neighbours/{i}"))
                    .iter()
                    .map(|&j| j as u32)
                    .collect()
            })
            .collect();
        (
            values.into_iter().map(Some).collect(),
            Weights::binary(&rows).unwrap(),
        )
    }

    #[test]
    fn agrees_with_esda_and_spdep() {
        let mut reference = Reference::new(include_str!("../../tests/reference/stats/local.json"));
        let mut permuted = Reference::new(include_str!("../../tests/reference/stats/local.json"));
        for number in 0..reference.cases("/cases") {
            let (values, weights) = case(&reference, number);
            for (neighbourhood, name) in [
                (Neighbourhood::WithoutSelf, "g"),
                (Neighbourhood::WithSelf, "g_star"),
            ] {
                let at = |field: &str| format!("/cases/{number}/{name}{field}");
                let result = getis_ord(&values, &weights, neighbourhood, 9999, 6).unwrap();
                let local: Vec<LocalG> = result.into_iter().map(|r| r.unwrap()).collect();
                let statistics: Vec<f64> = local.iter().map(|l| l.statistic.unwrap()).collect();
                let z: Vec<f64> = local.iter().map(|l| l.z.unwrap()).collect();
                for (found, field) in [(&statistics, ""), (&z, "_z_esda_binary"), (&z, "_z_spdep")]
                {
                    let expected = reference.numbers(&at(field));
                    reference.compare_all(found, &expected);
                }
                let folded: Vec<f64> = local.iter().map(|l| l.p_folded.unwrap()).collect();
                let expected = permuted.numbers(&at("_p_sim"));
                permuted.compare_all(&folded, &expected);
            }
        }
        // Sums in another order; spdep's z is printed with 15 digits.
        reference.finish("getis_ord Gi, Gi* and z against esda and spdep", 1e-10);
        // As for moran_local: four standard errors of the difference of two Monte Carlo estimates.
        permuted.finish("getis_ord p_sim against esda (Monte Carlo)", 0.0283);
    }

    #[test]
    fn degenerate_neighbourhoods() {
        let all = Weights::binary(&[vec![1, 2], vec![0, 2], vec![0, 1]]).unwrap();
        let values = [Some(0.0), Some(0.0), Some(5.0)];
        let local = getis_ord(&values, &all, Neighbourhood::WithoutSelf, 19, 0).unwrap();
        // The third unit's others are all 0: no sum, no variance.
        assert_eq!(
            (local[2].unwrap().statistic, local[2].unwrap().z),
            (None, None)
        );
        let starred = getis_ord(&values, &all, Neighbourhood::WithSelf, 19, 0).unwrap();
        assert_eq!(starred[0].unwrap().z, None);
        assert!(getis_ord(&[Some(-1.0); 3], &all, Neighbourhood::WithSelf, 19, 0).is_err());
        let constant = getis_ord(&[Some(1.0); 3], &all, Neighbourhood::WithSelf, 19, 0).unwrap();
        assert_eq!(constant[1].unwrap_err(), NoLocalStatistic::NoVariation);
    }

    #[test]
    fn size_for_counts() {
        // Sparse Poisson counts on a ring of 60 units with four neighbours: ties make it conservative.
        let rows: Vec<Vec<u32>> = (0..60)
            .map(|i| [1, 2, 58, 59].map(|d| (i + d) % 60).to_vec())
            .collect();
        let weights = Weights::binary(&rows).unwrap();
        let (runs, mut alarms) = (2000, 0);
        for run in 0..runs as u64 {
            let mut stream = Stream::new(22, run);
            let values: Vec<Option<f64>> =
                (0..60).map(|_| Some(stream.poisson(1.5) as f64)).collect();
            let local = getis_ord(&values, &weights, Neighbourhood::WithSelf, 199, run).unwrap();
            alarms += usize::from(local[7].is_ok_and(|l| l.p.unwrap() <= 0.05));
        }
        let upper = *around(0.05, runs).end();
        calibrated(
            "getis_ord size 5 %, counts with ties",
            alarms,
            runs,
            0.05,
            0.02..=upper,
        );
    }
}
