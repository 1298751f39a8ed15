use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::places::{event_row, event_window, point_attacks};
use super::{Basis, Context, Measure, Reading, decayed};
use crate::evidence::Unit;
use crate::geo::distance_within_km;
use crate::say;
use crate::text::Arg;

/// Attacks outside the unit, weighted by nearness and age.
///
/// # Formula
/// ```text
/// value = sum over deadly attacks outside of exp(-(d / bandwidth_km)^2 / 2) * 0.5^(age / half_life_months)
/// ```
/// `d` is the distance from the attack to the unit's boundary, or to the crossing's point.
///
/// # Units and shape
/// Equivalent attacks at the boundary, now.
///
/// # Missing and degenerate values
/// Missing when no exhaustive source with points covers the unit's country up to `max_age_months`
/// before the date. Only rows with `where_prec` 1 to 3 enter; beyond three bandwidths an attack weighs nothing.
///
/// # Source
/// Gaussian kernel of 75 km: strongest cheap signal in a look at cell-years of Mali.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NeighbourPressure {
    pub bandwidth_km: f64,
    /// Age at which an attack counts half.
    pub half_life_months: f64,
    pub window_months: i32,
    pub max_age_months: i32,
}

impl Measure for NeighbourPressure {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let evidence = context.evidence;
        let Some(covered) = event_window(evidence, &unit.countries(), 1, self.max_age_months) else {
            return Reading::missing(say!("measures.no_points"));
        };
        let limit = 3.0 * self.bandwidth_km;
        let start = covered.to.minus(self.window_months - 1).first_day();
        let mut value = 0.0;
        let mut weighed: Vec<(f64, String)> = Vec::new();
        let mut count = 0;
        for event in point_attacks(context, start).filter(|e| e.is_deadly()) {
            let Some(at) = event.now.at else { continue };
            let distance = match unit {
                Unit::Province(p) if event.province.as_deref() == Some(p.id.as_str()) => continue,
                Unit::Province(p) => evidence.map.distance_to_province_km(&p.id, at, limit),
                Unit::Crossing(c) => distance_within_km(c.at, at, limit),
            };
            let Some(distance) = distance.filter(|d| *d <= limit) else { continue };
            let weight = (-0.5 * (distance / self.bandwidth_km).powi(2)).exp()
                * decayed(evidence, std::iter::once(event.now.date), self.half_life_months).unwrap_or_default();
            value += weight;
            count += 1;
            weighed.push((weight, event_row(event)));
        }
        let attack = |e: &&crate::evidence::Event| e.is_deadly() && context.attack.holds_for_event(&e.now);
        let first = evidence.events.partition_point(|e| e.now.date < start);
        let (placed, coarse): (Vec<_>, Vec<_>) = evidence.events.iter().skip(first).filter(attack).partition(|e| e.has_point());
        let squares: f64 = weighed.iter().map(|(w, _)| w * w).sum();
        // A weighted count spreads like a count of (sum w)^2 / sum w^2 events of equal weight (Fay and Feuer 1997).
        let basis = if squares > 0.0 { Basis::Events { events: value * value / squares, per_event: squares / value, offset: 0.0 } } else { Basis::Fixed };
        weighed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let rows = weighed.into_iter().take(5).map(|(_, row)| row).collect();
        Reading::of(value)
            .window(crate::evidence::Window { from: covered.to.minus(self.window_months - 1), to: covered.to })
            .note(say!(
                "measures.attacks_outside",
                n = count,
                km = Arg::Number(limit, 0),
                coarse = coarse.len(),
                all = placed.len() + coarse.len()
            ))
            .rows(rows)
            .basis(basis)
    }
}
