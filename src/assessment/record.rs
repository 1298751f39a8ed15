//! What the items share: the one exhaustive source they count with, its reach, and the wave.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::file::{Area, Battery, Role};
use super::{Used, days_after, months_before};
use crate::datasets::{Datasets, LedgerEvent};
use crate::evidence::{AsOf, Event, Evidence};
use crate::measures::Attack;
use crate::measures::places::{actor, has_place};
use crate::say;
use crate::text::{Day, Text};

pub(super) struct Record<'a> {
    pub battery: &'a Battery,
    pub attack: &'a Attack,
    pub evidence: &'a Evidence<'a>,
    pub wave: Date,
    /// The event source of the lowest precedence that covers the wave's country; sources are never summed.
    pub source: Option<&'a str>,
    /// Countries of the belt, the wave's own first.
    pub countries: Vec<&'a str>,
}

impl<'a> Record<'a> {
    pub fn new(battery: &'a Battery, attack: &'a Attack, evidence: &'a Evidence<'a>) -> Self {
        let country = battery.wave.country.as_str();
        let source = evidence
            .data
            .events
            .keys()
            .filter(|id| !covered(evidence.data, evidence.as_of, id, country).is_empty())
            .min_by_key(|id| evidence.data.manifests.get(*id).and_then(|m| m.precedence).unwrap_or(u32::MAX))
            .map(String::as_str);
        let belt = battery.area.iter().filter(|a| a.role == Role::Belt).flat_map(|a| &a.units);
        let others: BTreeSet<&str> =
            belt.filter_map(|u| evidence.province(u)).map(|p| p.country.as_str()).filter(|c| *c != country).collect();
        Self {
            battery,
            attack,
            evidence,
            wave: battery.wave.date.0,
            source,
            countries: std::iter::once(country).chain(others).collect(),
        }
    }

    pub fn level(&self) -> f64 {
        self.battery.general.level.value
    }

    pub fn area(&self, role: Role) -> impl Iterator<Item = &'a Area> {
        self.battery.area.iter().filter(move |a| a.role == role)
    }

    pub fn in_belt(&self, province: Option<&str>) -> bool {
        self.area(Role::Belt).any(|a| inside(a, province))
    }

    /// First day of the baseline.
    pub fn baseline(&self) -> Date {
        months_before(self.wave, self.battery.general.baseline_months.whole())
    }

    /// The day before the wave.
    pub fn eve(&self) -> Date {
        days_after(self.wave, -1)
    }

    /// Attacks by armed groups of the source between two days, both included.
    pub fn attacks(&self, from: Date, to: Date) -> impl Iterator<Item = &'a Event> {
        let (evidence, attack, source) = (self.evidence, self.attack, self.source);
        evidence
            .events
            .iter()
            .filter(move |e| Some(e.dataset.as_str()) == source && e.now.date >= from && e.now.date <= to && attack.holds_for_event(&e.now))
    }

    /// The wave's own rows in the source: the actor's attacks on the day.
    pub fn wave_rows(&self) -> Vec<&'a Event> {
        self.attacks(self.wave, self.wave).filter(|e| actor(e) == self.battery.wave.actor && e.now.country == self.battery.wave.country).collect()
    }

    /// The wave's rows in the ledger.
    pub fn wave_ledger(&self) -> Vec<&'a LedgerEvent> {
        self.evidence.ledger.iter().filter(|e| e.wave.as_deref() == Some(self.battery.wave.ledger_wave.as_str())).collect()
    }

    /// Those of them that are attacks at a place.
    pub fn wave_places(&self) -> Vec<&'a LedgerEvent> {
        self.wave_ledger().into_iter().filter(|e| has_place(e) && self.attack.holds_for_ledger(e)).collect()
    }

    /// The last day to which the source covers all of `countries` without a gap, from a day on.
    pub fn reach(&self, countries: &[&str], from: Date) -> Option<Date> {
        let source = self.source?;
        countries
            .iter()
            .map(|country| {
                let mut last = None;
                let mut next = from;
                for (start, end) in covered(self.evidence.data, self.evidence.as_of, source, country) {
                    if start <= next && end >= next {
                        last = Some(end);
                        next = days_after(end, 1);
                    }
                }
                last
            })
            .min()
            .flatten()
            .map(|day| day.min(self.evidence.as_of.day))
    }

    pub fn covers(&self, countries: &[&str], from: Date, to: Date) -> bool {
        self.reach(countries, from).is_some_and(|day| day >= to)
    }

    /// The earliest first day of a month, not before `earliest`, from which the source covers the country up to `to`.
    pub fn start(&self, country: &str, earliest: Date, to: Date) -> Option<Date> {
        let mut start = None;
        let mut months = 0;
        loop {
            let day = months_before(days_after(to, 1), months);
            if day < earliest || months > 1200 {
                return start;
            }
            if months > 0 {
                if !self.covers(&[country], day, to) {
                    return start;
                }
                start = Some(day);
            }
            months += 1;
        }
    }

    /// How far the source reaches, in words.
    pub fn reach_in_words(&self) -> Text {
        match (self.source, self.reach(&self.countries[..1], self.baseline())) {
            (None, _) => say!("assessment.no_source"),
            (Some(source), None) => say!("assessment.year_not_covered_by", source = source),
            (Some(source), Some(day)) => say!("assessment.reaches", source = source, day = day),
        }
    }

    /// What would settle a question about the time to a day.
    pub fn settle(&self, to: Date) -> Text {
        say!("assessment.settle", reach = self.reach_in_words(), to = to)
    }

    pub fn used(&self, rows: usize, from: Date, to: Date) -> Used {
        Used { dataset: self.source.unwrap_or_default().into(), rows, from: Day(from), to: Day(to) }
    }
}

pub(super) fn inside(area: &Area, province: Option<&str>) -> bool {
    province.is_some_and(|p| area.units.iter().any(|u| u == p))
}

/// Days that a dataset covered of a country by what was known, in order of their start.
pub(super) fn covered(data: &Datasets, as_of: AsOf, dataset: &str, country: &str) -> Vec<(Date, Date)> {
    let Some(manifest) = data.manifests.get(dataset) else { return Vec::new() };
    let mut spans: Vec<(Date, Date)> = manifest
        .coverage
        .iter()
        .filter(|c| as_of.knows(c.published.0) && c.areas.iter().any(|a| a == country))
        .map(|c| (c.from.map_or(Date::MIN, |d| d.0), c.to.map_or(Date::MAX, |d| d.0)))
        .collect();
    spans.sort_unstable();
    spans
}
