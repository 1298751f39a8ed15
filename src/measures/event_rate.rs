use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rates::{What, read_rates};
use super::{Context, Joint, Reading};
use crate::evidence::Unit;

/// Deadly events of organised violence per 100,000 people and year, shrunk toward the mean of the country's provinces.
///
/// # Formula
/// ```text
/// exposure b = people / 100,000 * window_months / 12
/// rate       = mean of Gamma(m²/σ² + y, m/σ² + b)      y: events with at least one death in the window
/// ```
/// with the mean m and variance σ² of the rates of all scored provinces that an exhaustive source
/// covers ([`shrink`](crate::stats::empirical_bayes::shrink)). The interval is the central 90 % of
/// that distribution.
///
/// # Units and shape
/// Events per 100,000 people and year. Provinces only.
///
/// # Missing and degenerate values
/// Missing unless one exhaustive source after the other, by precedence, covers every month of a
/// window that ends at most `max_age_months` before the as-of month; missing without population. A
/// missing province takes no part in the mean. A covered province without events has a rate a
/// little above 0: a quiet year does not prove that the rate is 0. In months where the source does
/// not tell deadly events apart all its events count, and the note says how many.
///
/// # Source
/// UCDP's definition of an event: an incident with at least one direct death (Sundberg and
/// Melander 2013). Shrinkage: Marshall (1991), clamped at 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventRate {
    /// Length of the window.
    pub window_months: i32,
    /// Oldest end of the window, in months before the as-of month.
    pub max_age_months: i32,
}

impl Joint for EventRate {
    fn read_all(&self, units: &[Unit<'_>], context: &Context<'_>) -> Vec<Reading> {
        read_rates(units, context, self.window_months, self.max_age_months, What::DeadlyEvents)
    }
}
