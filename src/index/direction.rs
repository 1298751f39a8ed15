//! Which end of an indicator is risky. Applied in one place: when a raw value becomes a score.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which end of an indicator's raw values means more risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A higher raw value is riskier.
    HigherIsRiskier,
    /// A lower raw value is riskier.
    LowerIsRiskier,
}

impl Direction {
    /// 1 if a higher value is riskier, −1 if a lower one is.
    pub fn sign(self) -> f64 {
        match self {
            Direction::HigherIsRiskier => 1.0,
            Direction::LowerIsRiskier => -1.0,
        }
    }
}
