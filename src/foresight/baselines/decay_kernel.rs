use super::analogues::by_analogues;
use super::decay::decayed;
use crate::foresight::forecaster::{Forecaster, ByHorizon};
use crate::foresight::panel::{History, PanelUnit};

/// Decayed events of the unit and, by a Gaussian of the distance, of those around it.
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

/// Half-life chosen on targets up to December 2019 of Mali, Burkina Faso and Niger, the bandwidth before that; the share
/// of neighbours is a judgement. `docs/foresight.md` has the figures.
impl Default for DecayKernel {
    fn default() -> Self {
        Self { half_life_months: 6.0, bandwidth_km: 75.0, share_of_neighbours: 0.25 }
    }
}

impl Forecaster for DecayKernel {
    fn name(&self) -> &str {
        "decay_kernel"
    }

    fn at<'h>(&'h self, history: &'h History<'h>) -> ByHorizon<'h> {
        let units = history.units();
        let own: Vec<Vec<f64>> = (0..units.len()).map(|u| decayed(history.deadly(u), self.half_life_months)).collect();
        let pressure = |(unit, own_sum): (&PanelUnit, &Vec<f64>)| {
            let mut sum = own_sum.clone();
            for (v, weight) in self.weights(unit) {
                sum.iter_mut().zip(own.get(v).into_iter().flatten()).for_each(|(s, x)| *s += weight * x);
            }
            sum.into_iter().map(Some).collect()
        };
        by_analogues(history, units.iter().zip(&own).map(pressure).collect())
    }
}

impl DecayKernel {
    /// Other units with a weight above 0.
    fn weights(&self, unit: &PanelUnit) -> Vec<(usize, f64)> {
        if unit.at.is_none() {
            let weight = self.share_of_neighbours / unit.neighbours.len().max(1) as f64;
            return unit.neighbours.iter().map(|v| (*v, weight)).collect();
        }
        let near = unit.near.iter().filter(|(_, km)| *km <= 3.0 * self.bandwidth_km);
        near.map(|(v, km)| (*v, (-0.5 * (km / self.bandwidth_km).powi(2)).exp())).collect()
    }
}
