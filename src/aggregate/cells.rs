//! Counts per area and month that may be added in any order: all of them are whole numbers.

use std::collections::BTreeMap;

use super::names::Names;
use crate::text::Month;

/// Days from 1900 to 2199, counted from 1970-01-01: what is dated outside them is an error of the file.
pub const DAYS: std::ops::RangeInclusive<i32> = -25_567..=84_005;

/// Fixed point of decayed sums: a weight of 1 is 2⁷². Ten billion events of a million deaths fit into 128 bits.
const ONE: f64 = 4_722_366_482_869_645_213_696.0;

/// A number that a source may leave out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Rows that state it.
    pub given: u64,
    pub total: u64,
}

impl Sum {
    fn add(&mut self, value: Option<u32>) {
        if let Some(value) = value {
            self.given += 1;
            self.total += u64::from(value);
        }
    }

    /// The sum; none where no row states the number.
    pub fn value(self) -> Option<u64> {
        (self.given > 0).then_some(self.total)
    }
}

/// What is known of one area and month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub events: u64,
    /// Events with a best estimate of at least one death.
    pub deadly: u64,
    /// Events whose place is known to the first-level unit at best.
    pub imprecise: u64,
    /// Low, best, high.
    pub deaths: [Sum; 3],
    decayed_events: u128,
    decayed_deaths: u128,
}

impl Cell {
    /// Events, each weighing `0.5^(age / half-life)`.
    pub fn decayed_events(&self) -> f64 {
        self.decayed_events as f64 / ONE
    }

    /// Deaths (best), weighing like their events.
    pub fn decayed_deaths(&self) -> f64 {
        self.decayed_deaths as f64 / ONE
    }

    fn add(&mut self, event: &Event, weight: u128) {
        let [_, best, _] = event.deaths;
        self.events += 1;
        self.deadly += u64::from(best.is_some_and(|d| d > 0));
        self.imprecise += u64::from(event.imprecise);
        for (sum, value) in self.deaths.iter_mut().zip(event.deaths) {
            sum.add(value);
        }
        self.decayed_events = self.decayed_events.saturating_add(weight);
        self.decayed_deaths = self.decayed_deaths.saturating_add(weight.saturating_mul(u128::from(best.unwrap_or_default())));
    }

    fn merge(&mut self, other: &Self) {
        self.events += other.events;
        self.deadly += other.deadly;
        self.imprecise += other.imprecise;
        for (sum, value) in self.deaths.iter_mut().zip(other.deaths) {
            sum.given += value.given;
            sum.total += value.total;
        }
        self.decayed_events = self.decayed_events.saturating_add(other.decayed_events);
        self.decayed_deaths = self.decayed_deaths.saturating_add(other.decayed_deaths);
    }
}

/// One event as it is counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Event {
    /// Days since 1970-01-01, one of [`DAYS`].
    pub day: i32,
    /// Low, best, high.
    pub deaths: [Option<u32>; 3],
    pub imprecise: bool,
}

/// Weights of events by age and months of days, computed once.
#[derive(Debug)]
pub struct Calendar {
    /// By day of [`DAYS`].
    months: Vec<i32>,
    /// By age in days, in fixed point.
    weights: Vec<u128>,
    /// The as-of day.
    last: i32,
}

impl Calendar {
    /// # Formula
    /// ```text
    /// weight = 0.5^(age / half_life_days), kept to 2⁻⁷²
    /// ```
    /// Without a half-life every weight is 0. `last` is the as-of day, counted from 1970-01-01.
    pub fn new(last: Option<i32>, half_life_days: Option<f64>) -> Self {
        let months = DAYS.map(|day| Month::of(super::date_of(day)).0).collect();
        let last = last.unwrap_or(*DAYS.end()).clamp(*DAYS.start(), *DAYS.end());
        let weights = match half_life_days {
            Some(half_life) => (0..=last - DAYS.start()).map(|age| ((-f64::from(age) / half_life).exp2() * ONE) as u128).collect(),
            None => Vec::new(),
        };
        Self { months, weights, last }
    }

    /// The as-of day: later events are not known.
    pub fn last(&self) -> i32 {
        self.last
    }

    fn month(&self, day: i32) -> Option<i32> {
        self.months.get(usize::try_from(day - DAYS.start()).ok()?).copied()
    }

    fn weight(&self, day: i32) -> u128 {
        usize::try_from(self.last - day).ok().and_then(|age| self.weights.get(age)).copied().unwrap_or_default()
    }
}

/// Counts by area, which has a number of [`Names`], and month.
#[derive(Debug, Default)]
pub struct Cells {
    /// By area.
    areas: Vec<Months>,
}

/// The months of an area from its first to its last.
#[derive(Debug, Default)]
struct Months {
    first: i32,
    /// Number of the month's cell plus one; 0 for none.
    slots: Vec<u32>,
    cells: Vec<Cell>,
}

impl Months {
    fn cell(&mut self, month: i32) -> Option<&mut Cell> {
        if self.slots.is_empty() {
            self.first = month;
        }
        if month < self.first {
            let more = usize::try_from(self.first - month).ok()?;
            self.slots.splice(0..0, std::iter::repeat_n(0, more));
            self.first = month;
        }
        let place = usize::try_from(month - self.first).ok()?;
        if place >= self.slots.len() {
            self.slots.resize(place + 1, 0);
        }
        let slot = self.slots.get_mut(place)?;
        if *slot == 0 {
            self.cells.push(Cell::default());
            *slot = self.cells.len() as u32;
        }
        self.cells.get_mut(*slot as usize - 1)
    }

    fn iter(&self) -> impl Iterator<Item = (i32, &Cell)> {
        let filled = self.slots.iter().zip(self.first..).filter(|(slot, _)| **slot > 0);
        filled.filter_map(|(slot, month)| Some((month, self.cells.get(*slot as usize - 1)?)))
    }
}

impl Cells {
    pub fn add(&mut self, area: u32, event: &Event, calendar: &Calendar) {
        let area = area as usize;
        if area >= self.areas.len() {
            self.areas.resize_with(area + 1, Months::default);
        }
        let Some((months, month)) = self.areas.get_mut(area).zip(calendar.month(event.day)) else { return };
        if let Some(cell) = months.cell(month) {
            cell.add(event, calendar.weight(event.day));
        }
    }

    /// Adds counts whose areas are numbered otherwise.
    pub fn merge(&mut self, other: &Self, number: impl Fn(u32) -> Option<u32>) {
        for (area, months) in (0..).zip(&other.areas) {
            let Some(area) = number(area).map(|n| n as usize) else { continue };
            if area >= self.areas.len() {
                self.areas.resize_with(area + 1, Months::default);
            }
            let Some(own) = self.areas.get_mut(area) else { continue };
            for (month, cell) in months.iter() {
                if let Some(sum) = own.cell(month) {
                    sum.merge(cell);
                }
            }
        }
    }

    /// The counts in the order of country, area and month.
    pub fn ordered(&self, names: &Names) -> BTreeMap<(String, String, Month), Cell> {
        let mut out = BTreeMap::new();
        for (number, months) in (0..).zip(&self.areas) {
            let Some((country, area)) = names.area(number) else { continue };
            for (month, cell) in months.iter() {
                out.entry((country.to_owned(), area.to_owned(), Month(month))).or_insert_with(Cell::default).merge(cell);
            }
        }
        out
    }
}
