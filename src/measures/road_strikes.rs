use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::places::{ledger_attacks, ledger_row, since};
use super::{Context, Measure, Reading, decayed};
use crate::evidence::Unit;
use crate::say;

/// Strikes on convoys, tankers and customs in the provinces that the crossing's road joins, decayed.
///
/// # Formula
/// ```text
/// value = sum over strikes of 0.5^(age / half_life_months)
/// ```
/// A strike counts when its row is marked as on customs or a convoy and its province is one of the
/// two beside the crossing, or one that `through` names for the crossing's corridor.
///
/// # Units and shape
/// Recent-equivalent strikes: at least so many. Crossings only.
///
/// # Missing and degenerate values
/// Missing without a recorded strike.
///
/// # Source
/// D1 on the trade roads; `ledger_events.targets_customs_or_convoy`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoadStrikes {
    pub window_months: i32,
    /// Age at which a strike counts half.
    pub half_life_months: f64,
    /// Provinces on the way of a corridor.
    #[serde(default)]
    pub through: Vec<super::trade_roads::Through>,
}

impl Measure for RoadStrikes {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let Unit::Crossing(crossing) = unit else {
            return Reading::missing(say!("measures.for_crossings"));
        };
        let mut belt: Vec<&str> = crossing.provinces.iter().flatten().map(String::as_str).collect();
        for through in &self.through {
            if crossing.corridors.contains(&through.corridor) {
                belt.extend(through.provinces.iter().map(String::as_str));
            }
        }
        let strikes: Vec<_> = ledger_attacks(context, since(context.evidence, self.window_months))
            .filter(|e| e.customs_or_convoy && e.region.as_deref().is_some_and(|p| belt.contains(&p)))
            .collect();
        if strikes.is_empty() {
            return Reading::missing(say!("measures.no_road_strike"));
        }
        let Some(value) = decayed(context.evidence, strikes.iter().map(|e| e.date), self.half_life_months) else {
            return Reading::missing(say!("measures.half_life_not_positive"));
        };
        Reading::of(value)
            .at_least()
            .note(say!("measures.strikes_since", n = strikes.len(), months = self.window_months))
            .rows(strikes.iter().map(|e| ledger_row(e)).collect())
    }
}
