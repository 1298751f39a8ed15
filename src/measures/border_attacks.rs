use jiff::Span;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::places::{event_row, event_window, point_attacks};
use super::{Basis, Context, Measure, Reading};
use crate::datasets::Province;
use crate::evidence::{Event, Unit, Window};
use crate::stats::both_sides::{BorderEvent, BothSides, Side, both_sides};
use crate::text::days_between;
use crate::say;
use crate::text::{Arg, Text, country};

/// Deadly attacks of the province near an international border.
///
/// # Formula
/// The number of deadly attacks in the window whose point lies within `within_km` of the nearest
/// border line. The note counts the rings 10, 25, 50 and 100 km, and tells of each neighbour across
/// whose border both sides were hit within `within_km` in the `both_sides_days` before the end of the window.
///
/// # Units and shape
/// Attacks per `window_months`.
///
/// # Missing and degenerate values
/// Missing when no exhaustive source with points covers the window. Rows with `where_prec` 4 and
/// above have no distance; the note says how many were left out. Nothing is said of a neighbour that
/// no exhaustive source with points covers.
///
/// # Source
/// OECD/SWAC (2022): 9 % of events within 10 km of a border, 15 % within 20 km, 25 % within 50 km.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BorderAttacks {
    pub within_km: f64,
    /// How far back both sides of a border are looked at.
    pub both_sides_days: i32,
    pub window_months: i32,
    pub max_age_months: i32,
}

impl Measure for BorderAttacks {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let Unit::Province(province) = unit else {
            return Reading::missing(say!("measures.for_provinces"));
        };
        let evidence = context.evidence;
        let Some(end) = event_window(evidence, &[&province.country], 1, self.max_age_months) else {
            return Reading::missing(say!("measures.no_points"));
        };
        let from = end.to.minus(self.window_months - 1);
        let Some(window) = event_window(evidence, &[&province.country], self.window_months, self.max_age_months) else {
            return Reading::missing(say!("measures.points_too_short", month = from));
        };
        let here = |e: &&crate::evidence::Event| e.province.as_deref() == Some(province.id.as_str());
        let (mut near, mut rings, mut rows) = (0, [0; 4], Vec::new());
        let inside = |d: jiff::civil::Date| d >= window.from.first_day() && d <= window.to.last_day();
        for event in point_attacks(context, window.from.first_day()).filter(here).filter(|e| e.is_deadly() && inside(e.now.date)) {
            let Some(at) = event.now.at else { continue };
            let Some((km, _)) = evidence.map.nearest_border(&province.country, at) else { continue };
            for (ring, limit) in rings.iter_mut().zip([10.0, 25.0, 50.0, 100.0]) {
                *ring += i32::from(km <= limit);
            }
            if km <= self.within_km {
                near += 1;
                rows.push(event_row(event));
            }
        }
        let coarse = evidence
            .events
            .iter()
            .filter(here)
            .filter(|e| e.is_deadly() && !e.has_point() && inside(e.now.date))
            .count();
        let [a, b, c, d] = rings;
        Reading::of(f64::from(near))
            .window(Window { from: window.from, to: window.to })
            .note(say!("measures.border_rings", a = a, b = b, c = c, d = d))
            .note(say!("measures.coarse_left_out", n = coarse))
            .notes(self.both_sides(province, context, window))
            .rows(rows)
            .basis(Basis::Events { events: f64::from(near), per_event: 1.0, offset: 0.0 })
    }
}

impl BorderAttacks {
    /// Neighbours across whose border both sides were hit of late, with the counts.
    fn both_sides(&self, province: &Province, context: &Context<'_>, window: Window) -> Option<Text> {
        let (first, last) = (window.from.first_day(), window.to.last_day());
        let day = |d: Date| i64::from(days_between(first, d));
        let borders: Vec<_> = context.evidence.map.borders_of(&province.country).collect();
        let mut told = Vec::new();
        for (border, neighbour) in borders {
            if event_window(context.evidence, &[neighbour], 1, self.max_age_months).is_none() {
                continue;
            }
            let since = last.saturating_sub(Span::new().days(i64::from(self.both_sides_days)));
            let recent = || point_attacks(context, since).filter(|e| e.is_deadly() && e.now.date <= last);
            let placed = |e: &Event, side| Some(BorderEvent { day: day(e.now.date), distance_km: border.distance_km(e.now.at?)?, side });
            let here = recent().filter(|e| e.province.as_deref() == Some(province.id.as_str()));
            let mut near: Vec<BorderEvent> = here.filter_map(|e| placed(e, Side::Here)).filter(|e| e.distance_km <= self.within_km).collect();
            if near.is_empty() {
                continue;
            }
            near.extend(recent().filter(|e| e.now.country == neighbour).filter_map(|e| placed(e, Side::There)));
            if let Ok(counts) = both_sides(&near, day(last), i64::from(self.both_sides_days), self.within_km)
                && counts.both()
            {
                told.push((neighbour, counts));
            }
        }
        told.sort_by_key(|(neighbour, _)| *neighbour);
        let list = |told: Vec<(&str, BothSides)>| -> Arg {
            let one = |(n, c): (&str, BothSides)| say!("measures.one_border_both_sides", neighbour = country(n), here = c.here, there = c.there);
            Arg::Clauses(told.into_iter().map(one).collect())
        };
        let (km, days) = (Arg::Number(self.within_km, 0), self.both_sides_days);
        (!told.is_empty()).then(|| say!("measures.both_sides", km = km, days = days, list = list(told)))
    }
}
