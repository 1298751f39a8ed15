use super::analogues::by_analogues;
use crate::foresight::forecaster::{Forecaster, ByHorizon};
use crate::foresight::panel::History;

/// Ranks by events that count less with age; the distribution is what followed such sums before.
///
/// # Formula
/// ```text
/// x(m) = Σ over months k ≤ m of count(k) · 0.5^((m − k) / half_life)
/// ```
/// # Source
/// Decayed history as in VIEWS.
pub struct Decay {
    pub half_life_months: f64,
}

/// Chosen on targets up to December 2019 of Mali, Burkina Faso and Niger; `docs/foresight.md` has the figures.
impl Default for Decay {
    fn default() -> Self {
        Self { half_life_months: 6.0 }
    }
}

impl Forecaster for Decay {
    fn name(&self) -> &str {
        "decay"
    }

    fn at<'h>(&'h self, history: &'h History<'h>) -> ByHorizon<'h> {
        let own = |u: usize| decayed(history.deadly(u), self.half_life_months).into_iter().map(Some).collect();
        by_analogues(history, (0..history.units().len()).map(own).collect())
    }
}

/// The decayed sum as of each month. A missing month adds nothing: the sum is then "at least".
pub fn decayed(counts: &[Option<u32>], half_life_months: f64) -> Vec<f64> {
    let keep = 0.5_f64.powf(1.0 / half_life_months);
    let mut sum = 0.0;
    counts
        .iter()
        .map(|count| {
            sum = sum * keep + f64::from(count.unwrap_or(0));
            sum
        })
        .collect()
}
