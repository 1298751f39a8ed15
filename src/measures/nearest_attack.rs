use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::places::{event_row, event_window, has_place, ledger_attacks, ledger_row, point_attacks, since};
use super::{Context, Measure, Reading};
use crate::evidence::Unit;
use crate::geo::distance_within_km;
use crate::say;
use crate::text::{Arg, country};

/// Distance from the crossing to the nearest attack of the window.
///
/// # Formula
/// Smallest geodesic distance to an attack with a place, from the exhaustive source or the ledger.
///
/// # Units and shape
/// Kilometres. Crossings only.
///
/// # Missing and degenerate values
/// Missing when no exhaustive source with points covers both countries. Distances above `cap_km`
/// are given as `cap_km`: beyond it an attack says nothing of the crossing.
///
/// # Source
/// UCDP events with `where_prec` 1 to 3, ledger rows with an exact or near place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NearestAttack {
    pub window_months: i32,
    pub max_age_months: i32,
    pub cap_km: f64,
}

impl Measure for NearestAttack {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let Unit::Crossing(crossing) = unit else {
            return Reading::missing(say!("measures.for_crossings"));
        };
        if event_window(context.evidence, &unit.countries(), 1, self.max_age_months).is_none() {
            return Reading::missing(say!("measures.no_points_there", countries = unit.countries().into_iter().map(country).collect::<Vec<_>>()));
        }
        let start = since(context.evidence, self.window_months);
        let events = point_attacks(context, start)
            .filter_map(|e| Some((distance_within_km(crossing.at, e.now.at?, self.cap_km)?, e.now.date, event_row(e))));
        let ledger = ledger_attacks(context, start)
            .filter(|e| has_place(e))
            .filter_map(|e| Some((distance_within_km(crossing.at, e.at?, self.cap_km)?, e.date, ledger_row(e))));
        let nearest = events.chain(ledger).min_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.2.cmp(&b.2)));
        match nearest.filter(|(km, _, _)| *km < self.cap_km) {
            Some((km, date, row)) => Reading::of(km).note(say!("measures.km_away", km = Arg::Number(km, 0), day = date)).rows(vec![row]),
            None => Reading::of(self.cap_km).note(say!("measures.none_within", km = Arg::Number(self.cap_km, 0))),
        }
    }
}
