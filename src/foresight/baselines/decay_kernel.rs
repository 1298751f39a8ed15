use super::analogues::by_analogues;
use super::decay::decayed;
use crate::foresight::forecaster::{Forecast, Forecaster};
use crate::foresight::panel::{History, PanelUnit};
use crate::stats::geodesic::{EarthPoint, Position};

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

    fn forecast(&self, history: &History<'_>, horizon: u32) -> Vec<Option<Forecast>> {
        let units = history.units();
        let own: Vec<Vec<f64>> = (0..units.len()).map(|u| decayed(history.deadly(u), self.half_life_months)).collect();
        let points: Vec<Option<EarthPoint>> = units.iter().map(|unit| point(unit.at?)).collect();
        let pressure = |u: usize| {
            let mut sum: Vec<f64> = own.get(u).cloned().unwrap_or_default();
            for (v, weight) in self.weights(units, &points, u) {
                sum.iter_mut().zip(own.get(v).into_iter().flatten()).for_each(|(s, x)| *s += weight * x);
            }
            sum.into_iter().map(Some).collect()
        };
        by_analogues(history, horizon, &(0..units.len()).map(pressure).collect::<Vec<_>>())
    }
}

impl DecayKernel {
    /// Other units with a weight above 0.
    fn weights(&self, units: &[PanelUnit], points: &[Option<EarthPoint>], u: usize) -> Vec<(usize, f64)> {
        let Some(at) = points.get(u).copied().flatten() else {
            let neighbours = units.get(u).map_or(&[][..], |unit| &unit.neighbours);
            let weight = self.share_of_neighbours / neighbours.len().max(1) as f64;
            return neighbours.iter().map(|v| (*v, weight)).collect();
        };
        let weight = |(v, other): (usize, &Option<EarthPoint>)| {
            let km = other.filter(|_| v != u)?.distance_km(&at);
            (km <= 3.0 * self.bandwidth_km).then(|| (v, (-0.5 * (km / self.bandwidth_km).powi(2)).exp()))
        };
        points.iter().enumerate().filter_map(weight).collect()
    }
}

fn point(at: crate::geo::Point) -> Option<EarthPoint> {
    Position::new(at.longitude, at.latitude).ok().map(EarthPoint::from)
}
