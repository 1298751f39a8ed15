use super::analogues::by_analogues;
use super::decay::decayed;
use crate::foresight::forecaster::{Forecast, Forecaster};
use crate::foresight::panel::{History, PanelUnit};
use crate::geo::distance_within_km;

/// Decayed events of the unit and, by a Gaussian of the distance, of those around it: the one to beat.
///
/// # Formula
/// ```text
/// x(i) = decayed(i) + Σ over other units j of w(i, j) · decayed(j)
/// w    = exp(−(d / bandwidth)² / 2) up to three bandwidths between the units' points
///        share_of_neighbours / number of neighbours for units without points
/// ```
/// # Source
/// Gaussian kernel of 75 km: strongest cheap signal in a look at cell-years of Mali.
pub struct DecayKernel {
    pub half_life_months: f64,
    pub bandwidth_km: f64,
    /// Weight of the mean neighbour where no points are known.
    pub share_of_neighbours: f64,
}

/// Chosen on targets up to December 2019 of Mali, Burkina Faso and Niger, the bandwidth before that; see `docs/foresight.md`.
impl Default for DecayKernel {
    fn default() -> Self {
        Self { half_life_months: 12.0, bandwidth_km: 75.0, share_of_neighbours: 0.25 }
    }
}

impl Forecaster for DecayKernel {
    fn name(&self) -> &str {
        "decay_kernel"
    }

    fn forecast(&self, history: &History<'_>, horizon: u32) -> Vec<Option<Forecast>> {
        let units = history.units();
        let own: Vec<Vec<f64>> = (0..units.len()).map(|u| decayed(history.deadly(u), self.half_life_months)).collect();
        let pressure = |u: usize| {
            let mut sum: Vec<f64> = own.get(u).cloned().unwrap_or_default();
            for (v, weight) in self.weights(units, u) {
                sum.iter_mut().zip(own.get(v).into_iter().flatten()).for_each(|(s, x)| *s += weight * x);
            }
            sum.into_iter().map(Some).collect()
        };
        by_analogues(history, horizon, &(0..units.len()).map(pressure).collect::<Vec<_>>())
    }
}

impl DecayKernel {
    /// Other units with a weight above 0.
    fn weights(&self, units: &[PanelUnit], u: usize) -> Vec<(usize, f64)> {
        let Some(unit) = units.get(u) else { return Vec::new() };
        let Some(at) = unit.at else {
            let weight = self.share_of_neighbours / unit.neighbours.len().max(1) as f64;
            return unit.neighbours.iter().map(|v| (*v, weight)).collect();
        };
        let weight = |(v, other): (usize, &PanelUnit)| {
            let km = distance_within_km(at, other.at.filter(|_| v != u)?, 3.0 * self.bandwidth_km)?;
            Some((v, (-0.5 * (km / self.bandwidth_km).powi(2)).exp()))
        };
        units.iter().enumerate().filter_map(weight).collect()
    }
}
