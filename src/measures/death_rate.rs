use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::event_rate::rate;
use super::{Basis, Context, Measure, Reading};
use crate::evidence::Unit;

/// Deaths in organised violence per 100,000 people and year.
///
/// # Formula
/// ```text
/// rate = deaths (best estimate, all sides) in the window / people * 100,000 * 12 / window_months
/// ```
///
/// # Units and shape
/// Deaths per 100,000 people and year. Provinces only.
///
/// # Missing and degenerate values
/// As for `event_rate`. Deaths per place stay provisional until UCDP's yearly file is out.
///
/// # Source
/// UCDP `best` estimate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeathRate {
    /// Length of the window.
    pub window_months: i32,
    /// Oldest end of the window, in months before the as-of month.
    pub max_age_months: i32,
}

impl Measure for DeathRate {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        rate(unit, context, self.window_months, self.max_age_months, |count, _| {
            (count.deaths, "deaths", Basis::Deaths { events: count.deadly as f64 })
        })
    }
}
