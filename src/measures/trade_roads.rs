use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Measure, Reading};
use crate::evidence::Unit;
use crate::text::term;

/// How many of the trade roads to the ports pass through the unit.
///
/// # Formula
/// The number of names of `corridors` that a crossing of the province lies on, plus, for a
/// province that joins such crossings to the capital, the corridors listed under `through`.
///
/// # Units and shape
/// Corridors.
///
/// # Missing and degenerate values
/// Never missing for a province: without a crossing on a corridor, 0.
///
/// # Source
/// `crossings.corridor`, and D1 on the roads from Bamako to Dakar and Nouakchott.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TradeRoads {
    /// Names of `crossings.corridor` that count.
    pub corridors: Vec<String>,
    /// Provinces on the way of a corridor that have no crossing on it.
    #[serde(default)]
    pub through: Vec<Through>,
}

/// A corridor that passes through provinces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Through {
    pub corridor: String,
    pub provinces: Vec<String>,
    /// Why: the roads, with source.
    pub reason: String,
}

impl Measure for TradeRoads {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let mut found = std::collections::BTreeSet::new();
        let mut rows = Vec::new();
        for crossing in &context.evidence.data.crossings {
            let here = match unit {
                Unit::Province(p) => crossing.provinces.iter().flatten().any(|id| *id == p.id),
                Unit::Crossing(c) => crossing.id == c.id,
            };
            let named: Vec<&str> = crossing.corridors.iter().map(String::as_str).filter(|c| self.corridors.iter().any(|n| n == c)).collect();
            if here && !named.is_empty() {
                rows.push(format!("crossings:{}", crossing.id));
                found.extend(named);
            }
        }
        for through in &self.through {
            if through.provinces.iter().any(|p| p == unit.id()) {
                found.insert(&through.corridor);
            }
        }
        let names = found.iter().map(|corridor| term(corridor, corridor));
        Reading::of(found.len() as f64).notes(names).rows(rows)
    }
}
