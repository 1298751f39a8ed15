use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Measure, Reading};
use crate::evidence::Unit;

/// Coded weight of a crossing in trade.
///
/// # Formula
/// `crossings.trade_level`, 0 to 3, under the rule in `datasets/crossings/CODING.md`.
///
/// # Units and shape
/// Ordinal. Crossings only.
///
/// # Missing and degenerate values
/// Missing where no figure supports a level.
///
/// # Source
/// `crossings.trade_source`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TradeWeight {}

impl Measure for TradeWeight {
    fn read(&self, unit: Unit<'_>, _: &Context<'_>) -> Reading {
        let Unit::Crossing(crossing) = unit else {
            return Reading::missing("the measure is for crossings");
        };
        match crossing.trade_level {
            Some(level) => Reading::of(level).note(crossing.trade_source.clone().unwrap_or_default()).rows(vec![format!("crossings:{}", crossing.id)]),
            None => Reading::missing("no figure supports a level of trade"),
        }
    }
}
