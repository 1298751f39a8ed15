use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Measure, Reading};
use crate::evidence::Unit;

/// Distance from the province's seat to the nearest international land border.
///
/// # Formula
/// Geodesic distance from the seat to the nearest point of the border line.
///
/// # Units and shape
/// Kilometres. The note gives the distance to each neighbour.
///
/// # Missing and degenerate values
/// Missing without the seat's coordinates or without a land border of the country.
///
/// # Source
/// Natural Earth 10m; its lines lie up to 3 km off the official ones, which matters below 5 km.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BorderDistance {}

impl Measure for BorderDistance {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let Unit::Province(province) = unit else {
            return Reading::missing("a crossing lies on the border");
        };
        let Some(seat) = province.seat_at else {
            return Reading::missing("the seat has no coordinates");
        };
        let mut all: Vec<(f64, &str)> = context
            .evidence
            .map
            .borders_of(&province.country)
            .filter_map(|(border, neighbour)| Some((border.distance_km(seat)?, neighbour)))
            .collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
        let Some((nearest, _)) = all.first() else {
            return Reading::missing("the country has no land border in the data");
        };
        let parts: Vec<String> = all.iter().map(|(km, neighbour)| format!("{neighbour} {km:.0} km")).collect();
        Reading::of(*nearest).note(format!("from {}: {}", province.seat.as_deref().unwrap_or("the seat"), parts.join(", ")))
    }
}
