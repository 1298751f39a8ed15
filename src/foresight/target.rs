//! What is foretold, and which cases count.

use super::baselines::WINDOW;
use super::panel::{History, Panel};
use crate::stats::exposed::GammaRate;
use crate::stats::surge::{SurgeOptions, pooled_size, surge_threshold};
use crate::text::Month;

/// What happens in the h-th month after the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// At least one deadly event.
    Any,
    /// The first deadly event after six quiet months or more.
    Onset,
    /// A count that the unit's own last 36 months gave a chance of at most 5 %.
    Surge,
}

/// Months without a deadly event after which a unit counts as quiet.
pub const QUIET: usize = 6;

/// A unit at an origin, with what came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Case {
    /// Position of the origin in the run.
    pub origin: usize,
    pub unit: usize,
    /// Whether the target came true.
    pub happened: bool,
    /// Deadly events of the month that was foretold.
    pub count: u32,
    /// Quiet in the last six known months.
    pub emerging: bool,
    /// Count from which on it is a surge, where that is the target.
    pub surge_from: u64,
}

/// Why a unit and origin do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unscored {
    /// A month of the last 36 is not known.
    GapInHistory,
    /// The month that is foretold is not covered.
    NoOutcome,
    /// For an onset: it is not quiet.
    NotQuiet,
    /// For an onset: it came before the month that is foretold.
    BegunBefore,
}

/// The case of a unit, or why there is none.
///
/// # Formula
/// ```text
/// any    count(t + h) ≥ 1
/// onset  six known months up to t − delay are quiet, and t + h is the first month since with an event
/// surge  count(t + h) ≥ min { y : P(Y ≥ y) ≤ 0.05 }, Y negative binomial by the last 36 known months and the size of all units
/// ```
pub fn case(target: Target, panel: &Panel, history: &History<'_>, (origin, unit): (usize, usize), horizon: u32, size: Option<f64>) -> Result<Case, Unscored> {
    let months = history.latest(unit, WINDOW).ok_or(Unscored::GapInHistory)?;
    let when = Month(history.origin().0 + horizon as i32);
    let count = panel.outcomes.deadly_at(unit, when).ok_or(Unscored::NoOutcome)?;
    let emerging = months.iter().rev().take(QUIET).all(|n| *n == 0);
    if target == Target::Onset {
        if !emerging {
            return Err(Unscored::NotQuiet);
        }
        for between in history.last().0 + 1..when.0 {
            match panel.outcomes.deadly_at(unit, Month(between)) {
                Some(0) => {}
                Some(_) => return Err(Unscored::BegunBefore),
                None => return Err(Unscored::NoOutcome),
            }
        }
    }
    let surge_from = if target == Target::Surge { surge_from(&months, size) } else { u64::MAX };
    let happened = match target {
        Target::Any | Target::Onset => count > 0,
        Target::Surge => u64::from(count) >= surge_from,
    };
    Ok(Case { origin, unit, happened, count, emerging, surge_from })
}

/// The smallest count that is a surge for a unit with these months.
fn surge_from(months: &[u32], size: Option<f64>) -> u64 {
    let total: u32 = months.iter().sum();
    let baseline = GammaRate::new(f64::from(total) + 0.5, months.len() as f64);
    let options = SurgeOptions { size, ..SurgeOptions::default() };
    baseline.and_then(|b| surge_threshold(1.0, &b, options, 0.05)).unwrap_or(u64::MAX)
}

/// Size of the negative binomial around the units' means in their last 36 known months.
pub fn common_size(history: &History<'_>) -> Option<f64> {
    let series = |u: usize| Some(history.latest(u, WINDOW)?.into_iter().map(u64::from).collect());
    pooled_size(&(0..history.units().len()).filter_map(series).collect::<Vec<Vec<u64>>>())
}
