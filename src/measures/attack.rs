//! What counts as an attack by an armed group.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::datasets::{EventRow, LedgerEvent};

/// The event filter: what counts as armed-group violence.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    /// UCDP types: 1 state-based, 2 non-state, 3 one-sided.
    pub types_of_violence: Vec<i64>,
    /// One-sided violence whose side A begins like this is not an armed group's.
    pub state_actor_prefixes: Vec<String>,
    /// `event_type` of the ledger.
    pub ledger_event_types: Vec<String>,
    /// `actor_kind` of the ledger.
    pub ledger_actor_kinds: Vec<String>,
    /// Why.
    pub reason: String,
}

impl Attack {
    /// Whether an event row of an exhaustive source is an attack by an armed group.
    pub fn holds_for_event(&self, event: &EventRow) -> bool {
        let by_state = || self.state_actor_prefixes.iter().any(|prefix| event.side_a.starts_with(prefix.as_str()));
        self.types_of_violence.contains(&event.violence) && !(event.violence == 3 && by_state())
    }

    /// Whether a ledger row is an attack by an armed group.
    pub fn holds_for_ledger(&self, event: &LedgerEvent) -> bool {
        self.ledger_event_types.contains(&event.event_type) && self.ledger_actor_kinds.contains(&event.actor_kind)
    }
}
