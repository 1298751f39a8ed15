use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::places::{concerns, ledger_attacks, ledger_row, since};
use super::{Context, Measure, Reading, decayed};
use crate::evidence::Unit;

/// Attacks that the ledger records, each weighing less the older it is: at least so many.
///
/// # Formula
/// ```text
/// value = sum over attacks of 0.5^(age / half_life_months)
/// ```
///
/// # Units and shape
/// Recent-equivalent attacks. A crossing counts attacks within `radius_km`.
///
/// # Missing and degenerate values
/// Missing without any attack in the window: the ledger is not exhaustive, so silence says nothing.
///
/// # Source
/// Exponential decay as in VIEWS (Hegre et al. 2019).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordedAttacks {
    /// Age at which an attack counts half.
    pub half_life_months: f64,
    /// Attacks older than this are left out.
    pub window_months: i32,
    /// For crossings.
    #[serde(default)]
    pub radius_km: f64,
}

impl Measure for RecordedAttacks {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let evidence = context.evidence;
        let attacks: Vec<_> = ledger_attacks(context, since(evidence, self.window_months))
            .filter(|e| concerns(unit, e, self.radius_km))
            .collect();
        let region = match unit {
            Unit::Province(p) => p.region.as_deref(),
            Unit::Crossing(_) => None,
        };
        // Without a place an incident stays with the region; its province is then the region itself.
        let coarse = region.map_or(0, |r| ledger_attacks(context, since(evidence, self.window_months)).filter(|e| e.province.as_deref() == Some(r)).count());
        let coarse = if coarse > 0 { format!("; {coarse} more in the region without a precise place") } else { String::new() };
        if attacks.is_empty() {
            return Reading::missing(format!(
                "the ledger has no attack here in the last {} months; it is not exhaustive, so this says nothing{coarse}",
                self.window_months
            ));
        }
        let Some(value) = decayed(context.evidence, attacks.iter().map(|e| e.date), self.half_life_months) else {
            return Reading::missing("the half-life is not positive");
        };
        Reading::of(value)
            .at_least()
            .note(format!("at least {} attacks in the last {} months{coarse}", attacks.len(), self.window_months))
            .rows(attacks.iter().map(|e| ledger_row(e)).collect())
    }
}
