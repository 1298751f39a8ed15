use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Measure, Reading};
use crate::evidence::Unit;
use crate::say;
use crate::text::Text;

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
            return Reading::missing(say!("measures.for_crossings"));
        };
        match crossing.trade_level {
            Some(level) => Reading::of(level).notes(crossing.trade_source.as_deref().map(Text::same)).rows(vec![format!("crossings:{}", crossing.id)]),
            None => Reading::missing(say!("measures.no_trade_level")),
        }
    }
}
