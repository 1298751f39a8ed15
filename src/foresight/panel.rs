//! Counts of units and months: the outcomes, and what was known of them at each origin.

use std::collections::BTreeMap;

use crate::geo::{Point, distance_within_km};
use crate::text::Month;

/// A unit whose violence is foretold.
#[derive(Clone, Debug, PartialEq)]
pub struct PanelUnit {
    pub id: String,
    pub name: String,
    /// ISO 3166-1 alpha-3, both for a crossing (`MLI/SEN`); empty where a table of counts does not say.
    pub country: String,
    /// The unit it lies in, for results by region: a country for provinces, a province for admin-2 units.
    pub region: String,
    /// Seat of a province, the crossing's point, or the mean place of events.
    pub at: Option<Point>,
    /// Ranked in editions, or only part of the surroundings.
    pub scored: bool,
    /// In the western belt, which is looked at apart.
    pub west: bool,
    /// Positions of the neighbours in [`Panel::units`].
    pub neighbours: Vec<usize>,
    /// Positions of the units whose points lie within [`NEAR_KM`], with the distance in km. [`Panel::new`] tells them.
    pub near: Vec<(usize, f64)>,
}

/// How far units are looked at from one another.
pub const NEAR_KM: f64 = 750.0;

/// Counts of every unit in a run of months. A month that no source covers is missing, never 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// The month of the first column.
    pub first: Month,
    /// Deadly events by unit and month.
    pub deadly: Vec<Vec<Option<u32>>>,
    pub events: Vec<Vec<Option<u32>>>,
    pub deaths: Vec<Vec<Option<u32>>>,
}

impl Grid {
    /// A grid in which every month of every unit is missing.
    pub fn missing(units: usize, first: Month, last: Month) -> Self {
        let months = usize::try_from(last.0 - first.0 + 1).unwrap_or(0);
        let empty = vec![vec![None; months]; units];
        Self { first, deadly: empty.clone(), events: empty.clone(), deaths: empty }
    }

    pub fn months(&self) -> usize {
        self.deadly.first().map_or(0, Vec::len)
    }

    /// The month of the last column; the one before `first` in a grid without months.
    pub fn last(&self) -> Month {
        Month(self.first.0 + self.months() as i32 - 1)
    }

    /// The column of a month, if the grid reaches it.
    pub fn column(&self, month: Month) -> Option<usize> {
        usize::try_from(month.0 - self.first.0).ok().filter(|c| *c < self.months())
    }

    /// Deadly events of a unit in a month.
    pub fn deadly_at(&self, unit: usize, month: Month) -> Option<u32> {
        self.deadly.get(unit)?.get(self.column(month)?).copied().flatten()
    }

    /// Writes deadly events, events and deaths of a unit and month; a month outside the grid is passed over.
    pub(super) fn set(&mut self, unit: usize, month: Month, counts: [Option<u32>; 3]) {
        let Some(column) = self.column(month) else { return };
        for (quantity, count) in [&mut self.deadly, &mut self.events, &mut self.deaths].into_iter().zip(counts) {
            if let Some(cell) = quantity.get_mut(unit).and_then(|row| row.get_mut(column)) {
                *cell = count;
            }
        }
    }

    /// The months up to `last`, as a grid of its own.
    fn until(&self, last: Month) -> Self {
        let months = usize::try_from(last.0 - self.first.0 + 1).unwrap_or(0);
        let cut = |rows: &[Vec<Option<u32>>]| rows.iter().map(|row| row.iter().take(months).copied().collect()).collect();
        Self { first: self.first, deadly: cut(&self.deadly), events: cut(&self.events), deaths: cut(&self.deaths) }
    }

    /// The latest month of which the count of some unit is known.
    pub fn last_known(&self) -> Option<Month> {
        let known = |row: &Vec<Option<u32>>| row.iter().rposition(Option::is_some);
        self.deadly.iter().filter_map(known).max().map(|column| Month(self.first.0 + column as i32))
    }

    /// Takes units out of which nothing is known.
    pub(super) fn drop_unknown(&mut self, units: &mut Vec<PanelUnit>) {
        let known: Vec<bool> = self.deadly.iter().map(|row| row.iter().any(Option::is_some)).collect();
        let keep = |u: usize| known.get(u).copied().unwrap_or(false);
        let mut at = 0..units.len();
        units.retain(|_| at.next().is_some_and(keep));
        for rows in [&mut self.deadly, &mut self.events, &mut self.deaths] {
            let mut at = 0..rows.len();
            rows.retain(|_| at.next().is_some_and(keep));
        }
    }

    /// Blanks, month by month, all units of a country of which one is missing.
    ///
    /// Some sources know of a unit only that nothing happened. Kept alone, such months would make it look quiet.
    pub(super) fn drop_months_known_in_part(&mut self, units: &[PanelUnit]) {
        for column in 0..self.months() {
            let known = |u: usize| self.deadly.get(u).and_then(|row| row.get(column)).is_some_and(Option::is_some);
            let lost: std::collections::BTreeSet<&str> = units.iter().enumerate().filter(|(u, _)| !known(*u)).map(|(_, unit)| unit.country.as_str()).collect();
            let month = Month(self.first.0 + column as i32);
            for (u, _) in units.iter().enumerate().filter(|(_, unit)| lost.contains(unit.country.as_str())) {
                self.set(u, month, [None; 3]);
            }
        }
    }
}

/// Units with their outcomes, and what was known of them at the ends of some months.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    pub units: Vec<PanelUnit>,
    /// The counts as they stand in the latest releases: what forecasts are held against.
    pub outcomes: Grid,
    /// By origin, the counts as the releases published up to its last day had them. At other origins the delay of publication is imitated.
    pub vintages: BTreeMap<Month, Grid>,
}

impl Panel {
    /// A panel whose units know those near them.
    pub fn new(mut units: Vec<PanelUnit>, outcomes: Grid, vintages: BTreeMap<Month, Grid>) -> Self {
        let points: Vec<Option<Point>> = units.iter().map(|unit| unit.at).collect();
        for (u, unit) in units.iter_mut().enumerate() {
            let others = points.iter().enumerate().filter(|(v, _)| *v != u);
            unit.near = others.filter_map(|(v, other)| Some((v, distance_within_km(unit.at?, (*other)?, NEAR_KM)?))).collect();
        }
        Self { units, outcomes, vintages }
    }

    /// What a forecaster may see at the end of the month `origin`; none if nothing is known by then.
    ///
    /// # Formula
    /// ```text
    /// month m is known  ⇔  m ≤ origin − delay, and where releases are at hand one of them, published by the last day of origin, has it
    /// ```
    /// A delay of 1 is that of UCDP's monthly Candidate releases, which appear about the 20th of the month after.
    pub fn history(&self, origin: Month, delay: u32) -> Option<History<'_>> {
        let grid = self.vintages.get(&origin).unwrap_or(&self.outcomes);
        let last = Month(origin.0.saturating_sub(i32::try_from(delay).ok()?));
        let known = grid.until(last);
        (known.months() > 0).then_some(History { units: &self.units, known, origin })
    }

    /// Whether the vintage of an origin is a true one, or only imitated by the delay.
    pub fn has_vintage(&self, origin: Month) -> bool {
        self.vintages.contains_key(&origin)
    }

    pub fn unit(&self, id: &str) -> Option<usize> {
        self.units.iter().position(|u| u.id == id)
    }
}

/// What was known at an origin: all that a forecaster gets.
///
/// It owns its counts, cut at the last month that was known, so that nothing later can be reached through it.
#[derive(Clone, Debug)]
pub struct History<'a> {
    units: &'a [PanelUnit],
    known: Grid,
    origin: Month,
}

impl<'a> History<'a> {
    pub fn units(&self) -> &'a [PanelUnit] {
        self.units
    }

    /// The month at whose end the forecast is made. The h-th month ahead is `origin + h`.
    pub fn origin(&self) -> Month {
        self.origin
    }

    pub fn first(&self) -> Month {
        self.known.first
    }

    /// The last month of which anything may be known; in single units it may be missing.
    pub fn last(&self) -> Month {
        self.known.last()
    }

    /// Deadly events of a unit from [`History::first`] to [`History::last`].
    pub fn deadly(&self, unit: usize) -> &[Option<u32>] {
        self.known.deadly.get(unit).map_or(&[], Vec::as_slice)
    }

    /// All events of a unit, deadly or not.
    pub fn events(&self, unit: usize) -> &[Option<u32>] {
        self.known.events.get(unit).map_or(&[], Vec::as_slice)
    }

    pub fn deaths(&self, unit: usize) -> &[Option<u32>] {
        self.known.deaths.get(unit).map_or(&[], Vec::as_slice)
    }

    /// What was known so many months earlier, had the same counts stood then; none if nothing was.
    pub fn earlier(&self, months: usize) -> Option<Self> {
        let months = i32::try_from(months).ok()?;
        let known = self.known.until(self.last().minus(months));
        (known.months() > 0).then(|| Self { units: self.units, known, origin: self.origin.minus(months) })
    }

    /// Deadly events of the latest `months` months if all of them are known, oldest first.
    pub fn latest(&self, unit: usize, months: usize) -> Option<Vec<u32>> {
        let row = self.deadly(unit);
        row.get(row.len().checked_sub(months)?..)?.iter().copied().collect()
    }
}
