use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Basis, Context, Measure, Reading};
use crate::evidence::{Unit, Window};

/// Deadly events of organised violence per 100,000 people and year.
///
/// # Formula
/// ```text
/// rate = events with at least one death in the window / people * 100,000 * 12 / window_months
/// ```
///
/// # Units and shape
/// Events per 100,000 people and year. Provinces only.
///
/// # Missing and degenerate values
/// Missing unless one exhaustive source after the other, by precedence, covers every month of a
/// window that ends at most `max_age_months` before the as-of month; missing without population.
/// A covered province without events has rate 0. In months where the source does not tell deadly
/// events apart all its events count, and the note says how many.
///
/// # Source
/// UCDP's definition of an event: an incident with at least one direct death (Sundberg and
/// Melander 2013). Crude rate; shrinkage for small numbers is a later step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventRate {
    /// Length of the window.
    pub window_months: i32,
    /// Oldest end of the window, in months before the as-of month.
    pub max_age_months: i32,
}

impl Measure for EventRate {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        rate(unit, context, self.window_months, self.max_age_months, |count, per| {
            (count.deadly, "deadly events", Basis::Events { events: count.deadly as f64, per_event: per })
        })
    }
}

/// A crude rate per 100,000 people and year over the latest covered window.
pub(super) fn rate(
    unit: Unit<'_>,
    context: &Context<'_>,
    months: i32,
    max_age: i32,
    pick: impl Fn(&crate::evidence::WindowCount, f64) -> (i64, &'static str, Basis),
) -> Reading {
    let Unit::Province(province) = unit else {
        return Reading::missing("the measure is for provinces");
    };
    let evidence = context.evidence;
    let Some(window) = evidence.counts.latest_window(&province.country, &province.id, evidence.as_of, months, max_age) else {
        return Reading::missing(format!(
            "no exhaustive source covers {months} complete months that end within {max_age} months of the date"
        ));
    };
    let Some(count) = evidence.counts.sum(&province.country, &province.id, window) else {
        return Reading::missing("the window is not covered");
    };
    let Some(people) = province.population.filter(|p| *p > 0.0) else {
        return Reading::missing("no population figure with a source");
    };
    let per_one = 100_000.0 * 12.0 / (people * f64::from(months));
    let (number, what, basis) = pick(&count, per_one);
    let mut note = format!(
        "{number} {what} from {window} in a population of {people:.0}; {} deaths, {} events in all",
        count.deaths, count.events
    );
    if count.deadly_untold > 0 {
        note.push_str(&format!(
            "; {} of them from months in which the source does not tell deadly events apart",
            count.deadly_untold
        ));
    }
    note.push_str(&unplaced(context, &province.country, window));
    let sources = evidence.counts.sources_of(&province.country, &province.id, window);
    Reading::of(number as f64 / people * 100_000.0 * 12.0 / f64::from(months))
        .window(window)
        .note(note)
        .rows(sources.into_iter().map(|s| format!("{s}:*")).collect())
        .basis(basis)
}

/// Says how many events of the country no province could be given.
pub(super) fn unplaced(context: &Context<'_>, country: &str, window: Window) -> String {
    match context.evidence.counts.unplaced(country, window) {
        0 => String::new(),
        n => format!("; {n} events of {country} in that time are not placed in any province"),
    }
}
