use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::places::{concerns, ledger_attacks, ledger_row, since};
use super::{Context, Measure, Reading};
use crate::evidence::Unit;
use crate::say;
use crate::text::term;

/// How many kinds of complex tactics the ledger records in the unit.
///
/// # Formula
/// The number of distinct names of `tactics` seen in attacks of the window. `indirect_fire`
/// together with `ground_assault` in one attack counts as one kind, `fire_then_assault`.
///
/// # Units and shape
/// Kinds of tactics: at least so many.
///
/// # Missing and degenerate values
/// Missing when no attack in the window has a coded tactic.
///
/// # Source
/// D1 on the new form of attack: indirect fire before assault, encirclement, camouflage; D2 on drones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TacticalComplexity {
    pub window_months: i32,
    /// Names of `ledger_events.tactics` that count, and `fire_then_assault`.
    pub tactics: Vec<String>,
    /// For crossings.
    #[serde(default)]
    pub radius_km: f64,
}

impl Measure for TacticalComplexity {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut rows = Vec::new();
        let mut coded = false;
        for event in ledger_attacks(context, since(context.evidence, self.window_months)) {
            if !concerns(unit, event, self.radius_km) || event.tactics.is_empty() {
                continue;
            }
            coded = true;
            let has = |name: &str| event.tactics.iter().any(|t| t == name);
            let mut found: Vec<&str> =
                self.tactics.iter().map(String::as_str).filter(|t| has(t)).collect();
            if has("indirect_fire") && has("ground_assault") && self.tactics.iter().any(|t| t == "fire_then_assault") {
                found.push("fire_then_assault");
            }
            if !found.is_empty() {
                rows.push(ledger_row(event));
                seen.extend(found);
            }
        }
        if !coded {
            return Reading::missing(say!("measures.no_tactic"));
        }
        let names = seen.iter().map(|tactic| term(tactic, tactic));
        Reading::of(seen.len() as f64).at_least().notes(names).rows(rows)
    }
}
