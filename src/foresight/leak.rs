//! Does a forecaster see what it cannot know?

use super::forecaster::{Forecast, Forecaster};
use super::panel::Panel;
use crate::text::Month;

/// Whether a forecast changes when only the time after the last known month does.
///
/// A [`crate::foresight::History`] does not reach beyond it. A forecaster that was built from the panel can, so it is
/// built twice: from the panel, and from one with every later count changed. Forecasts must be equal to the last bit.
pub fn sees_the_future<'a>(build: impl Fn(&Panel) -> Box<dyn Forecaster + 'a>, panel: &Panel, origin: Month, delay: u32, horizon: u32) -> bool {
    let changed = with_another_future(panel, Month(origin.0 - delay as i32));
    let said = |panel: &Panel| panel.history(origin, delay).map(|history| build(panel).at(&history)(horizon));
    let bits = |forecasts: Option<Vec<Option<Forecast>>>| forecasts.map(|f| f.iter().map(Option::as_ref).map(|f| f.map(bits)).collect::<Vec<_>>());
    bits(said(panel)) != bits(said(&changed))
}

/// The same panel with other counts in all months after `last`, in outcomes and in every vintage.
fn with_another_future(panel: &Panel, last: Month) -> Panel {
    let mut changed = panel.clone();
    for grid in std::iter::once(&mut changed.outcomes).chain(changed.vintages.values_mut()) {
        let keep = usize::try_from(last.0 - grid.first.0 + 1).unwrap_or(0);
        for quantity in [&mut grid.deadly, &mut grid.events, &mut grid.deaths] {
            for row in quantity.iter_mut() {
                row.iter_mut().skip(keep).enumerate().for_each(|(i, count)| *count = Some(count.map_or(7, |n| (3 * n + 1 + i as u32) % 11)));
            }
        }
    }
    changed
}

/// A forecast to the last bit.
fn bits(forecast: &Forecast) -> (u64, Option<u64>, Vec<u64>) {
    let mass = forecast.count.iter().flat_map(|c| c.mass()).map(|m| m.to_bits()).collect();
    (forecast.risk.to_bits(), forecast.p_event.map(f64::to_bits), mass)
}
