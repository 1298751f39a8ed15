use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Measure, Reading};
use crate::evidence::Unit;

/// People who live in a province, or within a distance of a crossing on both sides.
///
/// # Formula
/// The figure of `units.population`, or of `crossings.population_25km` or `population_50km`.
///
/// # Units and shape
/// People. `radius_km` is 25 or 50 and only for crossings.
///
/// # Missing and degenerate values
/// Missing where no sourced figure exists.
///
/// # Source
/// `population_source` of the row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Population {
    #[serde(default)]
    pub radius_km: f64,
}

impl Measure for Population {
    fn read(&self, unit: Unit<'_>, _: &Context<'_>) -> Reading {
        let (people, note) = match unit {
            Unit::Province(p) => (
                p.population,
                format!(
                    "{}, {}",
                    p.population_year.map_or_else(|| "year not stated".to_owned(), |y| y.to_string()),
                    p.population_source.as_deref().unwrap_or("no source")
                ),
            ),
            Unit::Crossing(c) => (
                if self.radius_km <= 25.0 { c.population_25km } else { c.population_50km },
                c.population_source.clone().unwrap_or_default(),
            ),
        };
        match people {
            Some(people) => Reading::of(people).note(note),
            None => Reading::missing("no population figure with a source"),
        }
    }
}
