use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Measure, Reading};
use crate::geo::Point;
use crate::evidence::Unit;
use crate::geo::distance_km;
use crate::say;
use crate::text::term;

/// Distance from the province's seat to its country's capital.
///
/// # Formula
/// Geodesic distance in a straight line, not by road.
///
/// # Units and shape
/// Kilometres.
///
/// # Missing and degenerate values
/// Missing without coordinates, and for countries whose capital is not listed.
///
/// # Source
/// D1: the fear that the way to Bamako is being prepared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapitalDistance {
    pub capitals: Vec<Capital>,
}

/// A capital with its point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capital {
    /// ISO 3166-1 alpha-3.
    pub country: String,
    pub name: String,
    pub latitude: f64,
    pub longitude: f64,
}

impl Measure for CapitalDistance {
    fn read(&self, unit: Unit<'_>, _: &Context<'_>) -> Reading {
        let (country, at) = match unit {
            Unit::Province(p) => (&p.country, p.seat_at),
            Unit::Crossing(c) => (&c.countries[0], Some(c.at)),
        };
        let (Some(at), Some(capital)) = (at, self.capitals.iter().find(|c| c.country == *country)) else {
            return Reading::missing(say!("measures.no_seat_or_capital"));
        };
        let km = distance_km(at, Point { longitude: capital.longitude, latitude: capital.latitude });
        Reading::of(km).note(say!("measures.to_capital", capital = term(&capital.name.to_lowercase(), &capital.name)))
    }
}
