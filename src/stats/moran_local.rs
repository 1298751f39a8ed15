//! Which units lie in high surroundings, and are high or low themselves?

use super::benjamini_hochberg::adjust;
use super::conditional::compare_lags;
use super::error::{LARGEST, StatsError, same_length};
use super::weights::Weights;

/// Why a unit has no local statistic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoLocalStatistic {
    /// The unit's value is missing.
    MissingValue,
    /// The unit has no neighbour with a value.
    NoNeighbours,
    /// All values are equal, or there are fewer than three.
    NoVariation,
}

/// A unit and its surroundings relative to the mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quadrant {
    /// High unit, high surroundings: a hot spot.
    HighHigh,
    /// Low unit, high surroundings.
    LowHigh,
    /// Low unit, low surroundings: a cold spot.
    LowLow,
    /// High unit, low surroundings: an outlier.
    HighLow,
}

/// Local Moran statistic of one unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalMoran {
    /// I_i: positive if unit and surroundings deviate to the same side.
    pub statistic: f64,
    /// Mean of the neighbours' deviations from the overall mean.
    pub lag: f64,
    /// Quadrant of the Moran scatter plot.
    pub quadrant: Quadrant,
    /// esda's `p_sim`, the smaller side chosen after looking; `None` without permutations.
    pub p_folded: Option<f64>,
    /// Two-sided p-value.
    pub p: Option<f64>,
    /// Two-sided p-value adjusted over all units (Benjamini–Hochberg).
    pub q: Option<f64>,
    /// Standard score against the permutations.
    pub z: Option<f64>,
}

/// Computes local Moran statistics with conditional permutation.
///
/// # Formula
/// ```text
/// z_i = y_i − ȳ,   lag_i = Σ_j w_ij z_j   (row-standardised),   I_i = (n − 1) z_i lag_i / Σ z²
/// p:  z_i stays, the neighbours' values are drawn from the other units
/// ```
///
/// # Units and shape
/// One value per unit in any unit of measurement (for rates take the shrunk ones: raw rates of small units
/// make false hot spots); neighbours as [`Weights`], standardised here. One result per unit.
///
/// # Missing and degenerate values
/// A missing value takes the unit out: it has no statistic, and its neighbours count their other neighbours
/// only. Units without neighbours, and all units if the values do not vary, get the reason instead of a
/// number. 0 permutations give statistics without p-values. A deviation of 0 counts as low, as in esda.
///
/// # Errors
/// [`StatsError::LengthMismatch`], [`StatsError::BadEntry`] for a value that is not finite,
/// [`StatsError::TooMany`] as in [`compare_lags`].
///
/// # Source
/// Anselin, *Local indicators of spatial association – LISA*, Geographical Analysis 27 (1995), 93–115,
/// doi:10.1111/j.1538-4632.1995.tb00338.x, equation 12; agrees with R spdep `localmoran`; PySAL esda `Moran_Local` (default transformation `r`), whose `Is`, `q` and
/// `p_sim` this reproduces, the latter within Monte Carlo error where no permuted statistic equals the
/// observed one (esda counts ties on one side only, which makes its p too small for counts). The two-sided p and the adjustment follow
/// Caldas de Castro & Singer, Geographical Analysis 38 (2006), 180–208.
///
/// # Example
/// ```
/// use tukhum::stats::moran_local::{Quadrant, moran_local};
/// use tukhum::stats::weights::Weights;
/// let chain = Weights::binary(&[vec![1], vec![0, 2], vec![1, 3], vec![2]])?;
/// let values = [Some(9.0), Some(8.0), Some(1.0), Some(0.0)];
/// let local = moran_local(&values, &chain, 99, 7)?;
/// assert_eq!(local[0].unwrap().quadrant, Quadrant::HighHigh);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn moran_local(
    values: &[Option<f64>],
    weights: &Weights,
    permutations: u32,
    seed: u64,
) -> Result<Vec<Result<LocalMoran, NoLocalStatistic>>, StatsError> {
    let present = Present::new(values, weights)?;
    let n = present.values.len() as f64;
    let mean = present.values.iter().sum::<f64>() / n;
    let deviations: Vec<f64> = present.values.iter().map(|value| value - mean).collect();
    let squares: f64 = deviations.iter().map(|z| z * z).sum();
    if !present.vary || squares == 0.0 {
        return Ok(present.spread(values.len(), |_| Err(NoLocalStatistic::NoVariation)));
    }
    let comparisons = compare_lags(&deviations, &present.weights, permutations, seed)?;
    let p: Vec<Option<f64>> = comparisons
        .iter()
        .map(|c| c.and_then(|c| c.p_two_sided()))
        .collect();
    let q = adjust(&p)?;
    Ok(present.spread(values.len(), |unit| {
        let comparison = comparisons[unit].ok_or(NoLocalStatistic::NoNeighbours)?;
        let (z, lag) = (deviations[unit], comparison.lag);
        let quadrant = match (z > 0.0, lag > 0.0) {
            (true, true) => Quadrant::HighHigh,
            (false, true) => Quadrant::LowHigh,
            (false, false) => Quadrant::LowLow,
            (true, false) => Quadrant::HighLow,
        };
        Ok(LocalMoran {
            statistic: (n - 1.0) * z * lag / squares,
            lag,
            quadrant,
            p_folded: comparison.p_folded(),
            p: p[unit],
            q: q[unit],
            // The score of I_i has the sign of z_i times the score of the lag.
            z: comparison
                .z()
                .filter(|_| z != 0.0)
                .map(|score| score * z.signum()),
        })
    }))
}

/// The units that have a value, with the weights among them.
pub(crate) struct Present {
    pub(crate) values: Vec<f64>,
    pub(crate) weights: Weights,
    pub(crate) vary: bool,
    place: Vec<Option<usize>>,
}

impl Present {
    pub(crate) fn new(values: &[Option<f64>], weights: &Weights) -> Result<Self, StatsError> {
        same_length("values", values.len(), "weights", weights.len())?;
        if let Some(index) = values
            .iter()
            .position(|value| value.is_some_and(|v| !(-LARGEST..=LARGEST).contains(&v)))
        {
            let (value, rule) = (
                values[index].unwrap_or(0.0),
                "must be finite (within ±1e100); a missing value is None",
            );
            return Err(StatsError::BadEntry {
                what: "values",
                index,
                value,
                rule,
            });
        }
        let keep: Vec<bool> = values.iter().map(Option::is_some).collect();
        let mut kept = 0;
        let place = keep
            .iter()
            .map(|&keep| {
                keep.then(|| {
                    kept += 1;
                    kept - 1
                })
            })
            .collect();
        let present: Vec<f64> = values.iter().flatten().copied().collect();
        let vary = present.len() >= 3 && present.iter().any(|value| *value != present[0]);
        Ok(Self {
            values: present,
            weights: weights.restricted(&keep),
            vary,
            place,
        })
    }

    /// One result per original unit.
    pub(crate) fn spread<T>(
        &self,
        units: usize,
        result: impl Fn(usize) -> Result<T, NoLocalStatistic>,
    ) -> Vec<Result<T, NoLocalStatistic>> {
        (0..units)
            .map(|unit| match self.place[unit] {
                None => Err(NoLocalStatistic::MissingValue),
                Some(place) => result(place),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::checks::{Reference, around, calibrated, powerful};
    use crate::stats::random::Stream;

    #[test]
    fn agrees_with_spdep() {
        let mut reference = Reference::new(include_str!("../../tests/reference/stats/surveillance.json"));
        for case in 0..reference.cases("/moran") {
            let at = |field: &str| format!("/moran/{case}/{field}");
            let values = reference.numbers(&at("values"));
            let rows: Vec<Vec<u32>> = (0..values.len())
                .map(|i| reference.integers(&format!("/moran/{case}/neighbours/{i}")).iter().map(|&j| j as u32).collect())
                .collect();
            let values: Vec<Option<f64>> = values.into_iter().map(Some).collect();
            let found = moran_local(&values, &Weights::binary(&rows).unwrap(), 0, 0).unwrap();
            let found: Vec<f64> = found.into_iter().map(|r| r.unwrap().statistic).collect();
            let expected = reference.numbers(&at("statistic"));
            reference.compare_all(&found, &expected);
        }
        // The same sums in another order.
        reference.finish("moran_local statistic against spdep localmoran", 1e-11);
    }

    #[test]
    fn agrees_with_esda() {
        let mut reference = Reference::new(include_str!("../../tests/reference/stats/local.json"));
        let mut permuted = Reference::new(include_str!("../../tests/reference/stats/local.json"));
        for case in 0..reference.cases("/cases") {
            let at = |field: &str| format!("/cases/{case}/{field}");
            let (values, weights) = crate::stats::getis_ord::tests::case(&reference, case);
            let result = moran_local(&values, &weights, 9999, 5).unwrap();
            let local: Vec<LocalMoran> = result.into_iter().map(|r| r.unwrap()).collect();
            let quadrants: Vec<f64> = local
                .iter()
                .map(|l| match l.quadrant {
                    Quadrant::HighHigh => 1.0,
                    Quadrant::LowHigh => 2.0,
                    Quadrant::LowLow => 3.0,
                    Quadrant::HighLow => 4.0,
                })
                .collect();
            let statistics: Vec<f64> = local.iter().map(|l| l.statistic).collect();
            let (expected, expected_q) = (
                reference.numbers(&at("moran")),
                reference.numbers(&at("quadrant")),
            );
            reference.compare_all(&statistics, &expected);
            reference.compare_all(&quadrants, &expected_q);
            let folded: Vec<f64> = local.iter().map(|l| l.p_folded.unwrap()).collect();
            let expected = permuted.numbers(&at("moran_p_sim"));
            permuted.compare_all(&folded, &expected);
        }
        // Sums in another order.
        reference.finish("moran_local statistic and quadrant against esda", 1e-11);
        // Two Monte Carlo estimates with 9,999 permutations: standard error of the difference at most
        // √(2·0.25/9999) = 0.0071; four of them, the largest of some 300 differences.
        permuted.finish("moran_local p_sim against esda (Monte Carlo)", 0.0283);
    }

    #[test]
    fn missing_units_islands_and_constants() {
        let weights = Weights::binary(&[vec![1], vec![0, 2], vec![1, 3], vec![2], vec![]]).unwrap();
        let values = [Some(1.0), None, Some(3.0), Some(4.0), Some(9.0)];
        let local = moran_local(&values, &weights, 19, 0).unwrap();
        assert_eq!(local[0].unwrap_err(), NoLocalStatistic::NoNeighbours);
        assert_eq!(local[1].unwrap_err(), NoLocalStatistic::MissingValue);
        assert!(local[2].is_ok());
        assert_eq!(local[4].unwrap_err(), NoLocalStatistic::NoNeighbours);
        let constant = moran_local(&[Some(2.0); 5], &weights, 19, 0).unwrap();
        assert_eq!(constant[0].unwrap_err(), NoLocalStatistic::NoVariation);
        let without = moran_local(&values, &weights, 0, 0).unwrap()[2].unwrap();
        assert_eq!((without.p, without.q), (None, None));
        assert!(moran_local(&[Some(f64::NAN); 5], &weights, 0, 0).is_err());
        assert!(moran_local(&[], &weights, 0, 0).is_err());
    }

    fn lattice(side: u32) -> Weights {
        let rows: Vec<Vec<u32>> = (0..side * side)
            .map(|i| {
                let (x, y) = (i % side, i / side);
                let mut near = Vec::new();
                if x > 0 {
                    near.push(i - 1)
                }
                if x + 1 < side {
                    near.push(i + 1)
                }
                if y > 0 {
                    near.push(i - side)
                }
                if y + 1 < side {
                    near.push(i + side)
                }
                near
            })
            .collect();
        Weights::binary(&rows).unwrap()
    }

    #[test]
    fn size_and_power() {
        // 10 × 10 units; noise alone, and noise with a plus of five units raised by three. With 1,999
        // permutations the smallest p is 0.001, fine enough for an adjustment over 100 units.
        let weights = lattice(10);
        let (runs, mut alarms, mut any, mut found) = (1000, 0, 0, 0);
        for run in 0..runs as u64 {
            let mut stream = Stream::new(21, run);
            let mut values: Vec<Option<f64>> = (0..100).map(|_| Some(stream.normal())).collect();
            let quiet = moran_local(&values, &weights, 1999, run).unwrap();
            alarms += usize::from(quiet[44].unwrap().p.unwrap() <= 0.05);
            any += usize::from(quiet.iter().any(|l| l.unwrap().q.unwrap() <= 0.1));
            for unit in [44, 43, 45, 34, 54] {
                values[unit] = values[unit].map(|v| v + 3.0);
            }
            let planted = moran_local(&values, &weights, 199, run).unwrap()[44].unwrap();
            found +=
                usize::from(planted.p.unwrap() <= 0.05 && planted.quadrant == Quadrant::HighHigh);
        }
        calibrated(
            "moran_local size 5 %, one unit",
            alarms,
            runs,
            0.05,
            around(0.05, runs),
        );
        // Under no effect the false discovery rate is the chance of any alarm: at most 10 %.
        calibrated(
            "moran_local any alarm at q 10 %",
            any,
            runs,
            0.1,
            0.0..=0.13,
        );
        powerful("moran_local, five units raised by 3 sd", found, runs, 0.8);
    }
}
