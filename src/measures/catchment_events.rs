use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::places::{event_row, event_window, point_attacks, within};
use super::{Basis, Context, Measure, Reading};
use crate::evidence::Unit;
use crate::say;
use crate::text::{Arg, Text, country};

/// Deadly attacks within a distance of a crossing, on both sides of the border.
///
/// # Formula
/// The number of deadly attacks with a precise point within `radius_km` in the latest covered
/// `window_months` months, times 12 / window_months.
///
/// # Units and shape
/// Attacks per year. Crossings only.
///
/// # Missing and degenerate values
/// Missing unless an exhaustive source with points covers both countries in the whole window; 0 when
/// it does and nothing was recorded. Rows with `where_prec` 4 and above never feed a distance.
///
/// # Source
/// UCDP events; catchments of 25 and 50 km.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CatchmentEvents {
    pub radius_km: f64,
    pub window_months: i32,
    pub max_age_months: i32,
}

impl Measure for CatchmentEvents {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let countries = unit.countries();
        let Some(window) = event_window(context.evidence, &countries, self.window_months, self.max_age_months) else {
            return Reading::missing(say!(
                "measures.points_not_in_window",
                countries = countries.into_iter().map(country).collect::<Vec<_>>(),
                months = self.window_months,
                age = self.max_age_months
            ));
        };
        let (from, to) = (window.from.first_day(), window.to.last_day());
        let near: Vec<_> = point_attacks(context, from)
            .filter(|e| e.is_deadly() && e.now.date <= to && e.now.at.is_some_and(|at| within(unit, at, self.radius_km)))
            .collect();
        let mut sides: std::collections::BTreeMap<&str, usize> = countries.iter().map(|c| (*c, 0)).collect();
        for event in &near {
            *sides.entry(event.now.country.as_str()).or_default() += 1;
        }
        let parts: Vec<Text> = sides.into_iter().map(|(side, n)| say!("measures.country_count", country = country(side), n = n)).collect();
        Reading::of(near.len() as f64 * 12.0 / f64::from(self.window_months))
            .window(window)
            .note(say!(
                "measures.attacks_within",
                n = near.len(),
                km = Arg::Number(self.radius_km, 0),
                from = window.from,
                to = window.to,
                countries = parts
            ))
            .rows(near.iter().map(|e| event_row(e)).collect())
            .basis(Basis::Events { events: near.len() as f64, per_event: 12.0 / f64::from(self.window_months), offset: 0.0 })
    }
}
