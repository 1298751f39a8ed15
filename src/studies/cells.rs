//! How the value of a cell may be otherwise: counts, deaths and graded facts.

use std::collections::BTreeMap;

use crate::edition::{Grades, Ranking};
use crate::framework::Framework;
use crate::framework::file::Scoring;
use crate::index::random::Stream;
use crate::index::{CellDraw, CellSampler};
use crate::measures::{Basis, GradedLevel};

/// Which cells a sampler draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// Counts of exhaustive sources.
    Counts,
    /// Deaths in such counts.
    Deaths,
    /// Levels of graded facts.
    Facts,
}

/// Draws the raw values of cells again and scores them.
///
/// # Formula
/// ```text
/// counts   events* ~ Gamma(events + 1/2, 1);  value* = events* x value of one event
/// ratio    value* = recent* / (baseline* x share + 1/2), both counts drawn like that
/// deaths   value* = value x Gamma(events + 1/2, 1) / (events + 1/2)
/// facts    each fact holds with the probability of its grade; the level is the highest, or the
///          newest, of those that hold; missing if none does
/// ```
/// The Gamma is the posterior of a Poisson rate under Jeffreys' prior. Deaths have no low and high
/// figure in the bundled sources, so that they spread like the events they happened in. A fact holds
/// or fails for every unit and indicator that rests on it.
///
/// # Missing and degenerate values
/// A missing value stays missing. A place with no event in a covered window draws a rate a little above 0.
/// Ledger counts do not vary: they are "at least".
///
/// # Source
/// Jeffreys (1946); weighted counts by Fay and Feuer (1997), *Confidence intervals for directly
/// standardized rates*, Statistics in Medicine 16(7).
pub(super) struct Cells<'a> {
    framework: &'a Framework,
    which: Which,
    /// Per unit and leaf: what is drawn, if it is this sampler's.
    cells: Vec<Vec<Option<Drawn>>>,
    /// Probability that each fact holds.
    facts: Vec<f64>,
    /// Number of cells that are drawn.
    pub(super) drawn: usize,
}

enum Drawn {
    Events { events: f64, per_event: f64 },
    Ratio { recent: f64, baseline: f64, share: f64 },
    Scaled { value: f64, events: f64 },
    /// Place of each fact, its level, and when it began, as an order.
    Facts { facts: Vec<(usize, f64, usize)>, newest: bool },
}

impl<'a> Cells<'a> {
    /// A sampler for the units of a ranking.
    pub(super) fn new(ranking: &Ranking<'a>, which: Which, grades: Option<&Grades>) -> Self {
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut facts = Vec::new();
        let mut cells = Vec::new();
        for unit in &ranking.units {
            let mut own = Vec::new();
            for reading in &unit.readings {
                own.push(match (which, &reading.basis, reading.value) {
                    (Which::Counts, Basis::Events { events, per_event }, _) => Some(Drawn::Events { events: *events, per_event: *per_event }),
                    (Which::Counts, Basis::Ratio { recent, baseline, share }, _) => {
                        Some(Drawn::Ratio { recent: *recent, baseline: *baseline, share: *share })
                    }
                    (Which::Deaths, Basis::Deaths { events }, Some(value)) => Some(Drawn::Scaled { value, events: *events }),
                    (Which::Facts, Basis::Facts { facts: graded, newest }, _) => grades.map(|grades| {
                        let mut begun: Vec<_> = graded.iter().map(|f| f.from).collect();
                        begun.sort_unstable();
                        begun.dedup();
                        let order = |f: &GradedLevel| begun.iter().position(|d| *d == f.from).unwrap_or_default();
                        let listed = graded
                            .iter()
                            .map(|f| {
                                let next = facts.len();
                                let at = *places.entry(f.fact.as_str()).or_insert(next);
                                if at == next {
                                    facts.push(grades.probability(f.reliability.as_deref(), f.credibility.as_deref()));
                                }
                                (at, f.level, order(f))
                            })
                            .collect();
                        Drawn::Facts { facts: listed, newest: *newest }
                    }),
                    _ => None,
                });
            }
            cells.push(own);
        }
        let drawn = cells.iter().flatten().flatten().count();
        Self { framework: ranking.framework, which, cells, facts, drawn }
    }

    /// A new raw value, if the cell is this sampler's.
    fn draw(&self, unit: usize, leaf: usize, draw: &mut CellDraw) -> Option<Option<f64>> {
        let gamma = |events: f64, stream: &mut Stream| stream.ln_gamma_variate(events + 0.5).exp();
        match self.cells.get(unit)?.get(leaf)?.as_ref()? {
            Drawn::Events { events, per_event } => Some(Some(gamma(*events, &mut draw.stream) * per_event)),
            Drawn::Ratio { recent, baseline, share } => {
                let now = gamma(*recent, &mut draw.stream);
                Some(Some(now / (gamma(*baseline, &mut draw.stream) * share + 0.5)))
            }
            Drawn::Scaled { value, events } => Some(Some(value * gamma(*events, &mut draw.stream) / (events + 0.5))),
            Drawn::Facts { facts, newest } => {
                let holds = |place: usize| draw.shared.get(place).zip(self.facts.get(place)).is_some_and(|(u, p)| u < p);
                let holding = || facts.iter().filter(|(place, _, _)| holds(*place));
                let last = holding().map(|(_, _, begun)| *begun).max();
                let counted = holding().filter(|(_, _, begun)| !newest || Some(*begun) == last);
                Some(counted.map(|(_, level, _)| *level).max_by(f64::total_cmp))
            }
        }
    }

    /// Whether the leaf is scored by goalposts, which vary themselves.
    fn has_goalposts(&self, leaf: usize) -> bool {
        self.framework.indicators.get(leaf).is_some_and(|i| matches!(i.scoring, Scoring::Goalposts { .. }))
    }
}

impl CellSampler for Cells<'_> {
    fn shared(&self, stream: &mut Stream) -> Vec<f64> {
        if self.which == Which::Facts { self.facts.iter().map(|_| stream.uniform()).collect() } else { Vec::new() }
    }

    fn sample_raw(&self, unit: usize, leaf: usize, raw: Option<f64>, draw: &mut CellDraw) -> Option<f64> {
        let Some(drawn) = self.draw(unit, leaf, draw) else { return raw };
        match self.framework.indicators.get(leaf).map(|i| &i.scoring) {
            Some(Scoring::Goalposts { transform, .. }) => drawn.map(|x| transform.apply(x)),
            _ => drawn,
        }
    }

    fn sample(&self, unit: usize, leaf: usize, nominal: Option<f64>, draw: &mut CellDraw) -> Option<f64> {
        if self.has_goalposts(leaf) {
            return nominal;
        }
        match self.draw(unit, leaf, draw) {
            Some(drawn) => drawn.and_then(|raw| self.framework.indicators.get(leaf).map(|i| i.score(raw))),
            None => nominal,
        }
    }
}
