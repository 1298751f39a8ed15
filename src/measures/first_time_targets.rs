use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::places::{concerns, ledger_attacks, ledger_row, since};
use super::{Context, Measure, Reading, decayed};
use crate::evidence::Unit;
use crate::say;

/// Targets that a source says were hit for the first time, decayed with age.
///
/// # Formula
/// ```text
/// value = sum over first-time targets of 0.5^(age / half_life_months)
/// ```
///
/// # Units and shape
/// Recent-equivalent targets: at least so many.
///
/// # Missing and degenerate values
/// Missing when the ledger has no attack in the unit. With attacks but none marked as a first, 0:
/// the sources then speak of the unit and of no first.
///
/// # Source
/// D1: the border post of Gogui, hit for the first time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstTimeTargets {
    pub window_months: i32,
    /// Age at which a target counts half.
    pub half_life_months: f64,
    /// For crossings.
    #[serde(default)]
    pub radius_km: f64,
}

impl Measure for FirstTimeTargets {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let evidence = context.evidence;
        let attacks: Vec<_> = ledger_attacks(context, since(evidence, self.window_months))
            .filter(|e| concerns(unit, e, self.radius_km))
            .collect();
        if attacks.is_empty() {
            return Reading::missing(say!("measures.no_ledger_attack"));
        }
        let first: Vec<_> = attacks.into_iter().filter(|e| e.first_time).collect();
        let Some(value) = decayed(evidence, first.iter().map(|e| e.date), self.half_life_months) else {
            return Reading::missing(say!("measures.half_life_not_positive"));
        };
        let names = first.iter().map(|e| say!("measures.place_on_day", place = &e.place, day = e.date));
        Reading::of(value).at_least().notes(names).rows(first.iter().map(|e| ledger_row(e)).collect())
    }
}
