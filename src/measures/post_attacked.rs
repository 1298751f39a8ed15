use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::places::{ledger_attacks, ledger_row, since};
use super::{Context, Measure, Reading};
use crate::evidence::Unit;
use crate::say;

/// Whether the post itself was attacked, and how often.
///
/// # Formula
/// The number of days on which the ledger records an attack on the crossing's post or town.
///
/// # Units and shape
/// Attacks: 1 the first time, 2 and more again. At least so many. Crossings only.
///
/// # Missing and degenerate values
/// Missing without a recorded attack: the ledger is not exhaustive.
///
/// # Source
/// `ledger_events.crossing_id`; D1 on Diboli and Gogui.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostAttacked {
    pub window_months: i32,
}

impl Measure for PostAttacked {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let attacks: Vec<_> = ledger_attacks(context, since(context.evidence, self.window_months))
            .filter(|e| e.crossing.as_deref() == Some(unit.id()))
            .collect();
        if attacks.is_empty() {
            return Reading::missing(say!("measures.no_post_attack"));
        }
        let mut days: Vec<_> = attacks.iter().map(|e| e.date).collect();
        days.dedup();
        let first = attacks.iter().any(|e| e.first_time);
        Reading::of(days.len() as f64)
            .at_least()
            .note(say!("measures.attacked_on", days = days, first = first))
            .rows(attacks.iter().map(|e| ledger_row(e)).collect())
    }
}
