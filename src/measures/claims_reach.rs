use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::places::{concerns, ledger_row, since};
use super::{Context, Measure, Reading};
use crate::evidence::Unit;
use crate::say;

/// Attacks in the unit that a group claimed, counted by place and day.
///
/// # Formula
/// The number of ledger attacks in the unit about which, or about whose wave, a claim of an armed
/// group is recorded. A claim of "nine operations" is one claim, never nine events.
///
/// # Units and shape
/// Claimed attacks: at least so many.
///
/// # Missing and degenerate values
/// Missing when the ledger has no attack in the unit in the window; 0 when it has attacks and no claim.
///
/// # Source
/// D1 on the reach of the groups' own communiqués.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimsReach {
    pub window_months: i32,
    /// `claimant` of `ledger_claims` that counts.
    pub claimant: String,
}

impl Measure for ClaimsReach {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let evidence = context.evidence;
        let attacks: Vec<_> = super::places::ledger_attacks(context, since(evidence, self.window_months))
            .filter(|e| concerns(unit, e, 0.0))
            .collect();
        if attacks.is_empty() {
            return Reading::missing(say!("measures.no_ledger_attack"));
        }
        let claimed: Vec<_> =
            attacks.into_iter().filter(|e| evidence.claims_about(e).iter().any(|c| c.claimant == self.claimant)).collect();
        let places: BTreeSet<(&str, jiff::civil::Date)> = claimed.iter().map(|e| (e.place.en.as_str(), e.date)).collect();
        Reading::of(places.len() as f64).at_least().rows(claimed.iter().map(|e| ledger_row(e)).collect())
    }
}
