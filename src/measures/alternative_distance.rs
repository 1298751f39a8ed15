use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Measure, Reading};
use crate::evidence::Unit;
use crate::geo::distance_km;
use crate::say;

/// Distance to the next crossing between the same two countries.
///
/// # Formula
/// Geodesic distance in a straight line to the nearest other crossing of the table.
///
/// # Units and shape
/// Kilometres; farther is riskier, for there is no other way. Crossings only.
///
/// # Missing and degenerate values
/// Missing when the table has no other crossing between the two countries.
///
/// # Source
/// `crossings`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlternativeDistance {}

impl Measure for AlternativeDistance {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let Unit::Crossing(crossing) = unit else {
            return Reading::missing(say!("measures.for_crossings"));
        };
        let others = context.evidence.data.crossings.iter().filter(|c| c.id != crossing.id && c.countries == crossing.countries);
        let nearest = others.map(|c| (distance_km(crossing.at, c.at), c)).min_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.id.cmp(&b.1.id)));
        match nearest {
            Some((km, other)) => Reading::of(km).note(say!("measures.next_crossing", name = &other.name)).rows(vec![format!("crossings:{}", other.id)]),
            None => Reading::missing(say!("measures.no_other_crossing")),
        }
    }
}
