use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Basis, Context, Joint, Reading};
use crate::evidence::{Unit, Window};
use crate::stats::exposed::Exposed;
use crate::stats::surge::{Surge, Watched, surges};
use crate::say;
use crate::text::{Arg, Text};

/// How far the recent count of deadly events lies above what the unit's own record predicts.
///
/// # Formula
/// ```text
/// baseline    λ ~ Gamma, the shrunk monthly rate of the baseline months (all provinces together)
/// prediction  negative binomial of the recent months: mean μ, deviation s (at least sd_floor),
///             with the dispersion of the baseline's windows of the same length, pooled over provinces
/// z = (deadly events of the recent months - μ) / s
/// p = P(as many or more),   q = p adjusted over all provinces (Benjamini and Hochberg)
/// ```
/// z is the value, for it does not depend on the other provinces' luck; p and q stand in the note,
/// which calls the count a surge where q is at most 0.1 and says "may be chance" where it is not.
///
/// # Units and shape
/// Standard deviations above the prediction: 0 as predicted, negative below. Provinces only.
///
/// # Missing and degenerate values
/// Missing unless the recent months and the baseline right before them are covered in full. A
/// province that was always quiet has μ near 0 and the floor as its deviation, so that one event
/// after silence is no surge. Baseline months in which the source does not tell deadly events apart
/// count all their events, which can only lower z.
///
/// # Source
/// [`surge`](crate::stats::surge::surge): EARS and Farrington practice. METHODS of the project: raw
/// percentage change is not a statistic for alarms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceleration {
    /// Length of the recent window.
    pub recent_months: i32,
    /// Length of the window before it.
    pub baseline_months: i32,
    /// Oldest end of the recent window, in months before the as-of month.
    pub max_age_months: i32,
    /// Smallest standard deviation of a predicted count, in events.
    pub sd_floor: f64,
}

/// Share of false alarms among alarms that the note accepts.
const FALSE_DISCOVERY: f64 = 0.1;

/// A province's recent count and its record before.
struct Record {
    recent: Window,
    before: Window,
    watched: Watched,
    untold: i64,
    sources: Vec<String>,
}

impl Joint for Acceleration {
    fn read_all(&self, units: &[Unit<'_>], context: &Context<'_>) -> Vec<Reading> {
        let records: Vec<Result<Record, Text>> = units.iter().map(|unit| self.record(*unit, context)).collect();
        let watched: Vec<Option<Watched>> = records.iter().map(|record| record.as_ref().ok().map(|r| r.watched.clone())).collect();
        let surges = surges(&watched, self.sd_floor);
        let tested = surges.iter().flatten().count();
        records
            .into_iter()
            .zip(surges)
            .map(|(record, surge)| match (record, surge) {
                (Err(reason), _) => Reading::missing(reason),
                (Ok(_), None) => Reading::missing(say!("measures.no_prediction")),
                (Ok(record), Some((surge, q))) => reading(&record, &surge, q, tested),
            })
            .collect()
    }
}

impl Acceleration {
    fn record(&self, unit: Unit<'_>, context: &Context<'_>) -> Result<Record, Text> {
        let Unit::Province(province) = unit else { return Err(say!("measures.for_provinces")) };
        let counts = &context.evidence.counts;
        let months = self.recent_months.max(1) + self.baseline_months.max(1);
        let Some(window) = counts.latest_window(&province.country, &province.id, context.evidence.as_of, months, self.max_age_months) else {
            return Err(say!("measures.no_source_in_window", months = months, age = self.max_age_months));
        };
        let length = self.recent_months.max(1);
        let recent = Window { from: window.to.minus(length - 1), to: window.to };
        let before = Window { from: window.from, to: window.to.minus(length) };
        let sum = |w| counts.sum(&province.country, &province.id, w).unwrap_or_default();
        let deadly = |w| sum(w).deadly.max(0).unsigned_abs();
        let exposed = |w: Window| Exposed::new(deadly(w), f64::from(w.months())).map_err(|e| say!("measures.no_rate", reason = e.to_string()));
        // From the end of the baseline backward, whole windows only.
        let windows = (0..self.baseline_months / length).map(|k| {
            let to = before.to.minus(k * length);
            Window { from: to.minus(length - 1), to }
        });
        Ok(Record {
            recent,
            before,
            watched: Watched { count: exposed(recent)?, baseline: exposed(before)?, series: windows.map(deadly).collect() },
            untold: sum(before).deadly_untold,
            sources: counts.sources_of(&province.country, &province.id, window).into_iter().map(|s| format!("{s}:*")).collect(),
        })
    }
}

fn reading(record: &Record, surge: &Surge, q: f64, tested: usize) -> Reading {
    let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let mut notes = vec![say!(
        "measures.expected",
        n = whole(record.watched.count.count()),
        from = record.recent.from,
        to = record.recent.to,
        expected = Arg::Number(surge.expected, 1),
        before_from = record.before.from,
        before_to = record.before.to,
        events = whole(record.watched.baseline.count()),
        sd = Arg::Number(surge.sd, 1),
        floored = surge.floored
    )];
    notes.push(say!("measures.surge", p = Arg::Number(surge.p, 3), tested = tested, q = Arg::Number(q, 3), surge = q <= FALSE_DISCOVERY));
    if record.untold > 0 {
        notes.push(say!("measures.baseline_untold", n = record.untold));
    }
    let events = record.watched.count.count() as f64;
    Reading::of(surge.z)
        .window(Window { from: record.before.from, to: record.recent.to })
        .notes(notes)
        .rows(record.sources.clone())
        .basis(Basis::Events { events, per_event: 1.0 / surge.sd, offset: -surge.expected / surge.sd })
}
