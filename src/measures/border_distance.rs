use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Measure, Reading};
use crate::evidence::Unit;
use crate::say;
use crate::text::{Arg, Text, country};

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
            return Reading::missing(say!("measures.crossing_on_border"));
        };
        let Some(seat) = province.seat_at else {
            return Reading::missing(say!("measures.no_seat"));
        };
        let mut all: Vec<(f64, &str)> = context
            .evidence
            .map
            .borders_of(&province.country)
            .filter_map(|(border, neighbour)| Some((border.distance_km(seat)?, neighbour)))
            .collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
        let Some((nearest, _)) = all.first() else {
            return Reading::missing(say!("measures.no_land_border"));
        };
        let parts: Vec<Text> =
            all.iter().map(|(km, neighbour)| say!("measures.country_km", country = country(neighbour), km = Arg::Number(*km, 0))).collect();
        let seat = province.seat.as_deref().map_or_else(|| Arg::from(say!("measures.the_seat")), Arg::from);
        Reading::of(*nearest).note(say!("measures.from_seat", seat = seat, list = parts))
    }
}
