use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Measure, Reading};
use crate::evidence::Unit;
use crate::say;
use crate::text::Text;

/// People who live in a province, or within a distance of a crossing on both sides.
///
/// # Formula
/// The figure of `units.population`, or of `crossings.population_25km` or `population_50km`. An imported
/// figure `population` of a province takes its place where it is of a later year.
///
/// # Units and shape
/// People. `radius_km` is 25 or 50 and only for crossings.
///
/// # Missing and degenerate values
/// Missing where no sourced figure exists.
///
/// # Source
/// `population_source` of the row, or the dataset of the imported figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Population {
    #[serde(default)]
    pub radius_km: f64,
}

impl Measure for Population {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let (people, note) = match unit {
            Unit::Province(p) => {
                let people = context.evidence.people(p);
                let note = people.as_ref().map(|p| say!("measures.year_source", year = p.year.map(|y| y.to_string()), source = &p.source));
                (people.map(|p| p.number), note)
            }
            Unit::Crossing(c) => {
                let people = if self.radius_km <= 25.0 { c.population_25km } else { c.population_50km };
                (people, c.population_source.as_deref().map(Text::same))
            }
        };
        match people {
            Some(people) => Reading::of(people).notes(note),
            None => Reading::missing(say!("measures.no_population")),
        }
    }
}
