use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Measure, Reading};
use crate::evidence::Unit;
use crate::say;

/// The newest figure of a variable that was imported, for example of an index or a survey.
///
/// # Formula
/// The value of `variable` for the unit itself, of the latest period up to the day; of several releases
/// the one published last, as far as it was known on the day.
///
/// # Units and shape
/// As published: one value per unit. The year of the figure is at most `max_age_years` before the year of the day.
///
/// # Missing and degenerate values
/// Missing where no figure is known, and where the newest is older. A figure of a country or of a
/// neighbour does not stand in.
///
/// # Source
/// The datasets of shape `figures`; file and row stand in their `source`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// `variable` of the dataset.
    pub variable: String,
    pub max_age_years: u16,
}

impl Measure for Figure {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let Some(figure) = context.evidence.figure(unit.id(), &self.variable) else {
            return Reading::missing(say!("measures.no_figure", variable = &self.variable));
        };
        let age = i32::from(context.evidence.as_of.day.year()) - i32::from(figure.year);
        if age > i32::from(self.max_age_years) {
            return Reading::missing(say!("measures.figure_too_old", variable = &self.variable, year = figure.year.to_string(), years = self.max_age_years));
        }
        let note = say!("measures.year_source", year = figure.year.to_string(), source = format!("{} {}", figure.dataset, figure.release));
        Reading::of(figure.value).note(note).rows(vec![format!("{}:{}", figure.dataset, figure.source.as_deref().unwrap_or(&figure.unit))])
    }
}
