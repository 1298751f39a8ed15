use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rates::{What, read_rates};
use super::{Context, Joint, Reading};
use crate::evidence::Unit;

/// Deaths in organised violence per 100,000 people and year, shrunk toward the mean of the country's provinces.
///
/// # Formula
/// ```text
/// exposure b = people / 100,000 * window_months / 12
/// rate       = mean of Gamma(m²/σ² + y/φ, m/σ² + b/φ)      y: deaths (best estimate, all sides)
/// φ          = Σ x² / Σ x over the deaths x of the deadly event rows in the windows
/// ```
/// Deaths come several at a time, so that y deaths say no more than y/φ events
/// ([`shrink_dispersed`](crate::stats::empirical_bayes::shrink_dispersed)).
///
/// # Units and shape
/// Deaths per 100,000 people and year. Provinces only.
///
/// # Missing and degenerate values
/// As for `event_rate`. φ is 1 where no event rows reach the windows. Deaths per place stay
/// provisional until UCDP's yearly file is out.
///
/// # Source
/// UCDP `best` estimate; Marshall (1991) with the variance of a compound Poisson sum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeathRate {
    /// Length of the window.
    pub window_months: i32,
    /// Oldest end of the window, in months before the as-of month.
    pub max_age_months: i32,
}

impl Joint for DeathRate {
    fn read_all(&self, units: &[Unit<'_>], context: &Context<'_>) -> Vec<Reading> {
        read_rates(units, context, self.window_months, self.max_age_months, What::Deaths)
    }
}
