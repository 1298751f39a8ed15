use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::places::{concerns, ledger_attacks, ledger_row, since};
use super::{Context, Measure, Reading, decayed};
use crate::evidence::Unit;
use crate::say;

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
        if attacks.is_empty() {
            return Reading::missing(say!("measures.no_ledger_attack_since", months = self.window_months, coarse = coarse));
        }
        let Some(value) = decayed(context.evidence, attacks.iter().map(|e| e.date), self.half_life_months) else {
            return Reading::missing(say!("measures.half_life_not_positive"));
        };
        Reading::of(value)
            .at_least()
            .note(say!("measures.attacks_since", n = attacks.len(), months = self.window_months))
            .notes((coarse > 0).then(|| say!("measures.more_in_region", n = coarse)))
            .rows(attacks.iter().map(|e| ledger_row(e)).collect())
    }
}
