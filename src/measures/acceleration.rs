use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Basis, Context, Measure, Reading};
use crate::evidence::{Unit, Window};

/// How much faster deadly events come now than before.
///
/// # Formula
/// ```text
/// expected = deadly events of the baseline * recent_months / baseline_months
/// ratio    = (deadly events of the recent months + 0.5) / (expected + 0.5)
/// ```
/// Half an event on both sides keeps one event after silence from counting as an explosion.
///
/// # Units and shape
/// A ratio without unit: 1 no change, 2 twice as fast. Provinces only.
///
/// # Missing and degenerate values
/// Missing unless the recent months and the baseline right before them are covered in full. No
/// events at all gives 1. Baseline months in which the source does not tell deadly events apart
/// count all their events, which can only lower the ratio.
///
/// # Source
/// First form of the surge statistic (recent count against the unit's own record).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceleration {
    /// Length of the recent window.
    pub recent_months: i32,
    /// Length of the window before it.
    pub baseline_months: i32,
    /// Oldest end of the recent window, in months before the as-of month.
    pub max_age_months: i32,
}

impl Measure for Acceleration {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let Unit::Province(province) = unit else {
            return Reading::missing("the measure is for provinces");
        };
        let counts = &context.evidence.counts;
        let months = self.recent_months + self.baseline_months;
        let Some(window) =
            counts.latest_window(&province.country, &province.id, context.evidence.as_of, months, self.max_age_months)
        else {
            return Reading::missing(format!(
                "no exhaustive source covers {months} complete months that end within {} months of the date",
                self.max_age_months
            ));
        };
        let recent = Window { from: window.to.minus(self.recent_months - 1), to: window.to };
        let before = Window { from: window.from, to: window.to.minus(self.recent_months) };
        let sum = |w| counts.sum(&province.country, &province.id, w).unwrap_or_default();
        let (now, base) = (sum(recent), sum(before));
        let share = f64::from(self.recent_months) / f64::from(self.baseline_months);
        let expected = base.deadly as f64 * f64::from(self.recent_months) / f64::from(self.baseline_months);
        let mut note = format!(
            "{} deadly events from {recent}; {expected:.1} expected at the pace of {before} ({} events)",
            now.deadly, base.deadly
        );
        if base.deadly_untold > 0 {
            note.push_str(&format!(
                "; {} of the baseline's from months in which the source does not tell deadly events apart, which can only lower the ratio",
                base.deadly_untold
            ));
        }
        let sources = counts.sources_of(&province.country, &province.id, window);
        Reading::of((now.deadly as f64 + 0.5) / (expected + 0.5))
            .window(window)
            .note(note)
            .rows(sources.into_iter().map(|s| format!("{s}:*")).collect())
            .basis(Basis::Ratio { recent: now.deadly as f64, baseline: base.deadly as f64, share })
    }
}
