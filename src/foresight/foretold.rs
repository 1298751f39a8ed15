//! What an edition foretells for the log, and where such forecasts had no skill.

use rayon::prelude::*;

use super::forecast::{Features, Model, Skill, pasts};
use super::panel::{History, Panel};
use super::sources::{crossings_known, provinces_known};
use super::baselines::WINDOW;
use crate::evidence::{Evidence, Window};
use crate::forecast_log::Foretold;
use crate::text::{Day, Month};
use crate::track_record::vintages;

/// Months ahead that editions foretell.
pub const HORIZONS: [u32; 3] = [1, 3, 6];

/// Radius around a crossing inside which events count, km.
const AROUND_CROSSING_KM: f64 = 50.0;

/// Whose past forecasts are judged together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Provinces with a deadly event in the last six known months.
    Violent,
    /// Provinces without one.
    Quiet,
    /// Those of them with a seat west of 6° W.
    QuietWest,
    /// What happens within 50 km of a border crossing, and of those west of 6° W.
    Crossings,
    CrossingsWest,
}

/// What an edition foretells.
#[derive(Clone, Debug, Default)]
pub struct EditionForecasts {
    /// By unit and horizon, scored provinces only.
    pub rows: Vec<Foretold>,
    /// What such forecasts were worth at the last 24 origins, by horizon and group.
    pub skill: Vec<(u32, Group, Skill)>,
    /// What was known on the day, which earlier forecasts are held against.
    pub known: Panel,
}

impl EditionForecasts {
    /// Computes them from what was known on a day.
    ///
    /// # Missing and degenerate values
    /// Empty where no source counts events by province, or where there are too few to fit a model.
    pub fn of(evidence: &Evidence<'_>) -> Self {
        let crossings = || {
            let panel = crossings_known(evidence, AROUND_CROSSING_KM);
            judged(&panel, evidence, &[Group::Crossings, Group::CrossingsWest])
        };
        let provinces = || {
            let panel = provinces_known(evidence);
            let (rows, skill) = rayon::join(|| rows(&panel, evidence), || judged(&panel, evidence, &[Group::Violent, Group::Quiet, Group::QuietWest]));
            Self { rows, skill, known: panel }
        };
        let (mut found, more) = rayon::join(provinces, crossings);
        found.skill.extend(more);
        found
    }
}

/// What was known at the end of the last whole month up to the day.
fn history<'p>(panel: &'p Panel, evidence: &Evidence<'_>) -> Option<History<'p>> {
    let month = Month::of(evidence.as_of.day);
    let origin = if month.last_day() == evidence.as_of.day { month } else { month.minus(1) };
    let delay = u32::try_from(origin.0 - panel.outcomes.last_known()?.0).ok()?;
    panel.history(origin, delay)
}

fn rows(panel: &Panel, evidence: &Evidence<'_>) -> Vec<Foretold> {
    let Some(history) = history(panel, evidence) else { return Vec::new() };
    let features = Features::of(&history);
    let ahead: Vec<(u32, Model)> = HORIZONS.into_par_iter().filter_map(|h| Some((h, Model::fit(&features, h).ok()?))).collect();
    let units = panel.units.iter().enumerate().filter(|(_, unit)| unit.scored);
    units
        .flat_map(|(u, unit)| {
            let seen = Window { from: history.last().minus(WINDOW as i32 - 1), to: history.last() };
            let known_from = vintages(evidence, evidence.counts.sources_of(&unit.country, &unit.id, seen).into_iter());
            let base_rate = history.latest(u, WINDOW).map(|months| months.iter().filter(|n| **n > 0).count() as f64 / WINDOW as f64);
            let history = &history;
            ahead.iter().filter_map(move |(horizon, model)| {
                let outlook = model.outlook(u)?;
                Some(Foretold {
                    edition: Day(evidence.as_of.day),
                    unit: unit.id.clone(),
                    horizon: *horizon,
                    month: history.origin().minus(-(*horizon as i32)),
                    probability: outlook.probability,
                    low: outlook.interval.0,
                    high: outlook.interval.1,
                    base_rate: base_rate?,
                    known_to: history.last(),
                    known_from: known_from.clone(),
                })
            })
        })
        .collect()
}

fn judged(panel: &Panel, evidence: &Evidence<'_>, groups: &[Group]) -> Vec<(u32, Group, Skill)> {
    let Some(history) = history(panel, evidence) else { return Vec::new() };
    let features = Features::of(&history);
    let of = |horizon: u32| {
        let pasts = pasts(&features, horizon);
        let west = |u: usize| panel.units.get(u).is_some_and(|unit| unit.west);
        let judge = |group: &Group| {
            let (quiet, belongs): (bool, &dyn Fn(&super::forecast::Past) -> bool) = match group {
                Group::Violent => (false, &|p| !p.quiet),
                Group::Quiet => (true, &|p| p.quiet),
                Group::QuietWest => (true, &|p| p.quiet && west(p.unit)),
                Group::Crossings => (false, &|_| true),
                Group::CrossingsWest => (false, &|p| west(p.unit)),
            };
            (horizon, *group, Skill::of(quiet, pasts.iter().filter(|p| belongs(p))))
        };
        groups.iter().map(judge).collect::<Vec<_>>()
    };
    HORIZONS.into_par_iter().flat_map_iter(of).collect()
}
