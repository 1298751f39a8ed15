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
/// counts   events* ~ Gamma(events + 1/2, 1);  value* = events* x value of one event + offset
/// rates    value* ~ the Gamma distribution that the rate is the mean of, of events and of deaths
/// facts    each fact holds with the probability of its grade; the level is the highest, or the
///          newest, of those that hold; missing if none does
/// ```
/// The Gamma of a count is the posterior of a Poisson rate under Jeffreys' prior; that of a rate is
/// its own posterior. Deaths have no low and high figure in the bundled sources; their rate spreads by
/// how they come together. A fact holds or fails for every unit and indicator that rests on it.
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
    /// `Gamma(shape, 1) * scale + offset`
    Gamma { shape: f64, scale: f64, offset: f64 },
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
                own.push(match (which, &reading.basis) {
                    (Which::Counts, Basis::Events { events, per_event, offset }) => {
                        Some(Drawn::Gamma { shape: events + 0.5, scale: *per_event, offset: *offset })
                    }
                    (Which::Counts, Basis::Rate { shape, scale }) | (Which::Deaths, Basis::Deaths { shape, scale }) => {
                        Some(Drawn::Gamma { shape: *shape, scale: *scale, offset: 0.0 })
                    }
                    (Which::Facts, Basis::Facts { facts: graded, newest }) => grades.map(|grades| {
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
        match self.cells.get(unit)?.get(leaf)?.as_ref()? {
            Drawn::Gamma { shape, scale, offset } => Some(Some(draw.stream.ln_gamma_variate(*shape).exp() * scale + offset)),
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
