//! What is known of a unit at the end of a month, in three numbers.

use crate::foresight::baselines::{WINDOW, decayed};
use crate::foresight::panel::{History, NEAR_KM, PanelUnit};

/// A number that the forecast rests on. Each is `ln(1 + decayed sum of deadly events)`, and a higher one is never a lower risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// In the unit, by a half-life of 4 months.
    Recent,
    /// In the unit, by a half-life of 24 months.
    Lasting,
    /// Around the unit, by a Gaussian of 250 km and a half-life of 6 months.
    Around,
}

/// Half-lives in months and the width in km were chosen on targets of 2020 and 2021; `docs/foresight.md` has the figures.
pub const RECENT_MONTHS: f64 = 4.0;
const LASTING_MONTHS: f64 = 24.0;
const AROUND_MONTHS: f64 = 6.0;
const AROUND_KM: f64 = NEAR_KM / 3.0;

impl Feature {
    /// When or where the deadly events are that it counts, in a word.
    pub fn words(self) -> &'static str {
        match self {
            Self::Recent => "lately",
            Self::Lasting => "for years",
            Self::Around => "around",
        }
    }
}

/// The features of all units at the ends of all months that a history knows.
pub struct Features<'h> {
    pub history: &'h History<'h>,
    pub names: Vec<Feature>,
    /// By feature, unit and month.
    values: Vec<Vec<Vec<f64>>>,
    /// By unit and month: months without a gap up to this one.
    run: Vec<Vec<usize>>,
}

impl<'h> Features<'h> {
    /// Computes them from what a history knows.
    ///
    /// # Formula
    /// ```text
    /// recent, lasting   ln(1 + Σ over months k ≤ m of count(k) · 0.5^((m − k) / half_life))
    /// around            ln(1 + Σ over other units j of exp(−(d / 250 km)² / 2) · decayed(j)),  d up to three widths
    /// ```
    /// # Missing and degenerate values
    /// A month that is not known adds nothing, and a unit says nothing until 36 months without a gap lie behind it.
    /// Where a unit has no point, distances are not known and nobody gets the feature `Around`.
    pub fn of(history: &'h History<'h>) -> Self {
        let units = history.units();
        let own = |months: f64| (0..units.len()).map(|u| decayed(history.deadly(u), months)).collect::<Vec<_>>();
        let log = |sums: Vec<Vec<f64>>| sums.into_iter().map(|row| row.into_iter().map(f64::ln_1p).collect()).collect::<Vec<Vec<f64>>>();
        let mut features = Self { history, names: vec![Feature::Recent, Feature::Lasting], values: vec![log(own(RECENT_MONTHS)), log(own(LASTING_MONTHS))], run: (0..units.len()).map(|u| runs(history.deadly(u))).collect() };
        if units.len() > 1 && units.iter().all(|u| u.at.is_some()) {
            features.names.push(Feature::Around);
            features.values.push(log(around(units, &own(AROUND_MONTHS))));
        }
        features
    }

    /// The row of a unit at the end of a month, by its column.
    pub fn row(&self, unit: usize, column: usize) -> Option<Vec<f64>> {
        self.speaks(unit, column).then(|| self.values.iter().map(|feature| feature.get(unit)?.get(column).copied()).collect())?
    }

    /// Whether a unit has a row at the end of a month.
    pub fn speaks(&self, unit: usize, column: usize) -> bool {
        self.run.get(unit).and_then(|run| run.get(column)).is_some_and(|run| *run >= WINDOW)
    }

    /// The values of a unit by feature, each by month.
    pub fn of_unit(&self, unit: usize) -> impl Iterator<Item = &[f64]> {
        self.values.iter().filter_map(move |feature| feature.get(unit).map(Vec::as_slice))
    }
}

/// By month, how many months up to it are known without a gap.
fn runs(counts: &[Option<u32>]) -> Vec<usize> {
    let mut run = 0;
    counts
        .iter()
        .map(|count| {
            run = if count.is_some() { run + 1 } else { 0 };
            run
        })
        .collect()
}

fn around(units: &[PanelUnit], own: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let one = |unit: &PanelUnit, own_sum: &Vec<f64>| {
        let mut sum = vec![0.0; own_sum.len()];
        for (v, km) in &unit.near {
            let weight = (-0.5 * (km / AROUND_KM).powi(2)).exp();
            sum.iter_mut().zip(own.get(*v).into_iter().flatten()).for_each(|(s, x)| *s += weight * x);
        }
        sum
    };
    units.iter().zip(own).map(|(unit, own_sum)| one(unit, own_sum)).collect()
}
