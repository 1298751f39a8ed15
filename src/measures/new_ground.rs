use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ground::{Cell, Ground, cell, centre, record_start};
use super::places::{event_row, event_window, has_place, ledger_attacks, since, within};
use super::{Context, DAYS_PER_MONTH, Joint, Reading, decayed};
use crate::evidence::{Event, Unit, Window};
use crate::stats::grid::Grid;
use crate::stats::new_ground::{Novelty, new_ground};
use crate::text::days_between;
use crate::say;

/// Ground that deadly attacks reached after a long quiet, decayed with age.
///
/// # Formula
/// ```text
/// value = sum over 25-km cells with a deadly attack in the window but no event of any kind in the
///         quiet_months before it, of 0.5^(age / half_life_months)
/// ```
///
/// # Units and shape
/// Recent-equivalent cells: at least so many, for the source knows deadly attacks only. For a crossing,
/// cells with such an attack within `radius_km` on either side of the border.
///
/// # Missing and degenerate values
/// Missing where no exhaustive source with points covers the time, and where the ground of an attack cannot
/// be judged because its country's record of points and cell counts is shorter than the quiet time. A covered unit
/// without attacks has 0. Rows with `where_prec` 4 and above have no cell; the note counts them. A ledger
/// attack never makes ground new, but it makes its cell known.
///
/// # Source
/// Onset after quiet as in Schutte and Weidmann (2011), see [`new_ground`](crate::stats::new_ground); window and grid
/// are the project's. The ledger's word that a target was hit for the first time is another indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGround {
    pub window_months: i32,
    /// Age at which a cell counts half.
    pub half_life_months: f64,
    /// How long a cell must have been quiet.
    pub quiet_months: i32,
    /// Oldest end of the exhaustive source's months.
    pub max_age_months: i32,
    /// For crossings.
    #[serde(default)]
    pub radius_km: f64,
}

impl Joint for NewGround {
    fn read_all(&self, units: &[Unit<'_>], context: &Context<'_>) -> Vec<Reading> {
        let start = since(context.evidence, self.window_months);
        let mut records: BTreeMap<&str, Option<Found<'_>>> = BTreeMap::new();
        for country in units.iter().flat_map(Unit::countries) {
            records.entry(country).or_insert_with(|| Found::new(self, context, country, start));
        }
        units
            .iter()
            .map(|unit| {
                let found: Option<Vec<&Found<'_>>> = unit.countries().into_iter().map(|c| records.get(c)?.as_ref()).collect();
                match found {
                    Some(found) => self.reading(*unit, context, start, &found),
                    None => Reading::missing(say!("measures.no_points")),
                }
            })
            .collect()
    }
}

/// A country's attacks of the window with what they mean for their cells, as its record shows it.
struct Found<'a> {
    window: Window,
    attacks: Vec<(&'a Event, Cell, Novelty)>,
}

impl<'a> Found<'a> {
    fn new(measure: &NewGround, context: &Context<'a>, country: &str, start: Date) -> Option<Self> {
        let evidence = context.evidence;
        let window = event_window(evidence, &[country], 1, measure.max_age_months)?;
        let record = record_start(evidence, country, window.to)?;
        let end = evidence.as_of.day;
        let mut history = Ground::between(evidence, record, end.tomorrow().unwrap_or(end)).events;
        let told = ledger_attacks(context, record).filter(|e| has_place(e));
        history.extend(told.filter_map(|e| Some((e.date, cell(e.at?)))));
        let attacks: Vec<(&Event, Cell)> = evidence
            .events
            .iter()
            .filter(|e| e.now.country == country && e.now.date >= start.max(record))
            .filter(|e| e.has_point() && e.is_deadly() && context.attack.holds_for_event(&e.now))
            .filter_map(|e| Some((e, cell(e.now.at?))))
            .collect();
        let day = |d: Date| i64::from(days_between(record, d));
        let all = || history.iter().copied().chain(attacks.iter().map(|(e, c)| (e.now.date, *c)));
        let days: Vec<i64> = all().map(|(d, _)| day(d)).collect();
        let places = all().map(|(_, c)| centre(c)).collect::<Option<Vec<_>>>()?;
        let quiet_days = (f64::from(measure.quiet_months) * DAYS_PER_MONTH).round() as i64;
        // Every event sits on the centre of its cell, so that a grid of 1 km tells the cells apart.
        let novelty = new_ground(&days, &places, Grid::new(1.0).ok()?, quiet_days, 0).ok()?;
        let judged = novelty.into_iter().skip(history.len());
        let attacks = attacks.into_iter().zip(judged).map(|((event, cell), n)| (event, cell, n)).collect();
        Some(Self { window, attacks })
    }
}

impl NewGround {
    fn reading(&self, unit: Unit<'_>, context: &Context<'_>, start: Date, found: &[&Found<'_>]) -> Reading {
        let here = |e: &Event| match unit {
            Unit::Province(p) => e.province.as_deref() == Some(p.id.as_str()),
            Unit::Crossing(_) => e.now.at.is_some_and(|at| within(unit, at, self.radius_km)),
        };
        let mut new: BTreeMap<Cell, &Event> = BTreeMap::new();
        let (mut all, mut open) = (0, 0);
        for (event, cell, novelty) in found.iter().flat_map(|f| &f.attacks).filter(|(e, _, _)| here(e)) {
            all += 1;
            match novelty.is_new() {
                Some(true) => _ = new.entry(*cell).or_insert(event),
                Some(false) => {}
                None => open += 1,
            }
        }
        if open > 0 {
            return Reading::missing(say!("measures.record_too_short", open = open, all = all, months = self.quiet_months));
        }
        let Some(value) = decayed(context.evidence, new.values().map(|e| e.now.date), self.half_life_months) else {
            return Reading::missing(say!("measures.half_life_not_positive"));
        };
        let coarse = without_point(context, unit, start);
        let reading = Reading::of(value)
            .at_least()
            .note(say!("measures.new_cells", all = all, cells = new.len(), months = self.quiet_months))
            .note(say!("measures.coarse_left_out", n = coarse))
            .rows(new.values().map(|e| event_row(e)).collect());
        match found.iter().map(|f| f.window).min_by_key(|w| w.to) {
            Some(window) => reading.window(window),
            None => reading,
        }
    }
}

/// Deadly attacks in a province since a day that have no usable point.
fn without_point(context: &Context<'_>, unit: Unit<'_>, start: Date) -> usize {
    let lies_here = |e: &&Event| match unit {
        Unit::Province(p) => e.province.as_deref() == Some(p.id.as_str()),
        Unit::Crossing(c) => e.region.is_some() && c.provinces.contains(&e.region),
    };
    context
        .evidence
        .events
        .iter()
        .filter(|e| e.now.date >= start && e.is_deadly() && !e.has_point() && context.attack.holds_for_event(&e.now))
        .filter(lies_here)
        .count()
}
