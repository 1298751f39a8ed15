//! Forecasts that earlier editions wrote down, held against what came.

use super::metrics::{Bin, brier, decompose};
use super::panel::Panel;
use crate::forecast_log::Foretold;

/// How forecasts of the log fared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogScores {
    pub scored: usize,
    /// Those whose month is not known yet.
    pub open: usize,
    /// Months with a deadly event, and how many the probabilities add up to.
    pub came_true: usize,
    pub expected: f64,
    /// Mean Brier score, and that of the base rates written down beside the forecasts; none where nothing is scored.
    pub brier: Option<f64>,
    pub brier_of_base_rate: Option<f64>,
    /// Counts inside the range.
    pub held: usize,
    /// Forecasts whose range goes beyond 0, and counts inside it: a range of 0 alone is easily right.
    pub beyond_zero: usize,
    pub held_beyond_zero: usize,
    /// What was said and what came, by tenths of probability.
    pub bins: Vec<Bin>,
}

impl LogScores {
    /// Scores forecasts against the counts of a panel, which holds what is known by now.
    ///
    /// # Formula
    /// ```text
    /// BS = Σ (p − o)² / n      o = 1 if the month had a deadly event, else 0; the same with the base rate as p
    /// ```
    /// # Missing and degenerate values
    /// A month that is not covered leaves its forecast open; forecasts of units that the panel does not have are passed over.
    pub fn of<'f>(forecasts: impl Iterator<Item = &'f Foretold>, known: &Panel) -> Self {
        let mut scores = Self::default();
        let (mut happened, mut said, mut base) = (Vec::new(), Vec::new(), Vec::new());
        for row in forecasts {
            let Some(unit) = known.unit(&row.unit) else { continue };
            let Some(count) = known.outcomes.deadly_at(unit, row.month) else {
                scores.open += 1;
                continue;
            };
            let held = (row.low..=row.high).contains(&count);
            scores.scored += 1;
            scores.held += usize::from(held);
            scores.beyond_zero += usize::from(row.high > 0);
            scores.held_beyond_zero += usize::from(held && row.high > 0);
            happened.push(count > 0);
            said.push(row.probability);
            base.push(row.base_rate);
        }
        scores.came_true = happened.iter().filter(|h| **h).count();
        scores.expected = said.iter().sum();
        scores.brier = brier(&happened, &said);
        scores.brier_of_base_rate = brier(&happened, &base);
        scores.bins = decompose(&happened, &said).map(|d| d.bins).unwrap_or_default();
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foresight::{Grid, PanelUnit};
    use crate::text::{Day, Month};

    /// One unit with 0, 2 and an unknown number of deadly events in three months.
    fn known() -> Panel {
        let first = Month(24_300);
        let unit = PanelUnit { id: "A".into(), name: "A".into(), country: "AAA".into(), region: String::new(), at: None, scored: true, west: false, neighbours: Vec::new(), near: Vec::new() };
        let mut outcomes = Grid::missing(1, first, Month(first.0 + 2));
        outcomes.set(0, first, [Some(0); 3]);
        outcomes.set(0, Month(first.0 + 1), [Some(2); 3]);
        Panel::new(vec![unit], outcomes, Default::default())
    }

    fn row(unit: &str, month: i32, probability: f64, (low, high): (u32, u32), base_rate: f64) -> Foretold {
        let edition = Day(Month(24_299).last_day());
        Foretold { edition, unit: unit.into(), horizon: 1, month: Month(24_300 + month), probability, low, high, base_rate, known_to: Month(24_298), known_from: String::new() }
    }

    /// Said .2, .25 and .7 of months that came out no, yes, yes.
    #[test]
    fn three_forecasts_on_paper() {
        let rows = [
            row("A", 0, 0.2, (0, 0), 0.5),
            row("A", 1, 0.25, (0, 1), 0.5),
            row("A", 1, 0.7, (1, 3), 1.0),
            row("A", 2, 0.9, (0, 9), 0.5),
            row("B", 0, 0.9, (0, 9), 0.5),
        ];
        let found = LogScores::of(rows.iter(), &known());
        assert_eq!((found.scored, found.open, found.came_true), (3, 1, 2), "a month that is not known stays open, a stranger is passed over");
        // (.04 + .5625 + .09) / 3 and (.25 + .25 + 0) / 3.
        assert!((found.brier.unwrap() - 0.230_833_333_333).abs() < 1e-9 && (found.brier_of_base_rate.unwrap() - 1.0 / 6.0).abs() < 1e-12);
        assert!((found.expected - 1.15).abs() < 1e-12);
        // 0 in 0–0, 2 not in 0–1, 2 in 1–3.
        assert_eq!((found.held, found.beyond_zero, found.held_beyond_zero), (2, 2, 1));
        let bins: Vec<(usize, f64, f64)> = found.bins.iter().map(|b| (b.cases, b.said, b.came)).collect();
        assert_eq!(bins, [(2, 0.225, 0.5), (1, 0.7, 1.0)]);
        assert_eq!(LogScores::of([].iter(), &known()), LogScores::default());
    }
}
