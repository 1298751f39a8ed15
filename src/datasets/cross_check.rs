//! Compares exhaustive sources with one another where they cover the same country and year.

use std::collections::BTreeMap;

use super::{AreaKind, Datasets};
use crate::text::Month;

/// Events and deaths of a country and year in one source.
type Totals = BTreeMap<(String, i32), (i64, i64)>;

impl Datasets {
    /// One line per pair of sources: how far their totals of events and deaths are apart.
    ///
    /// Only years that both cover in full are compared. Differences are expected: releases are
    /// revised, tables by province leave out events that are not placed, and monthly releases keep
    /// other events than the yearly file.
    pub fn cross_check(&self) -> Vec<String> {
        let mut sources: BTreeMap<&str, Totals> = BTreeMap::new();
        for (id, rows) in &self.counts {
            if rows.first().is_some_and(|r| matches!(r.area_kind, AreaKind::Cell | AreaKind::Admin2)) {
                continue;
            }
            let totals = sources.entry(id).or_default();
            for row in rows.iter().filter(|r| r.events.is_some()) {
                let cell = totals.entry((row.country.clone(), row.month.0.div_euclid(12))).or_default();
                cell.0 += row.events.unwrap_or_default();
                cell.1 += row.deaths.unwrap_or_default();
            }
        }
        for (id, rows) in &self.events {
            let mut newest: BTreeMap<&str, &super::EventRow> = BTreeMap::new();
            for row in rows {
                let known = newest.entry(&row.id).or_insert(row);
                if (row.published, &row.release) >= (known.published, &known.release) {
                    *known = row;
                }
            }
            let totals = sources.entry(id).or_default();
            for row in newest.values().filter(|r| !r.withdrawn) {
                let cell = totals.entry((row.country.clone(), i32::from(row.date.year()))).or_default();
                cell.0 += 1;
                cell.1 += row.deaths.unwrap_or_default();
            }
        }
        let names: Vec<&str> = sources.iter().filter(|(_, t)| !t.is_empty()).map(|(n, _)| *n).collect();
        let mut lines = Vec::new();
        for (i, a) in names.iter().enumerate() {
            for b in names.iter().skip(i + 1) {
                lines.extend(self.compare(a, b, &sources));
            }
        }
        lines
    }

    fn compare(&self, a: &str, b: &str, sources: &BTreeMap<&str, Totals>) -> Option<String> {
        let empty = Totals::new();
        let (left, right) = (sources.get(a).unwrap_or(&empty), sources.get(b).unwrap_or(&empty));
        let keys: std::collections::BTreeSet<&(String, i32)> = left.keys().chain(right.keys()).collect();
        let (mut events, mut deaths) = ((0, 0), (0, 0));
        let mut shared: Vec<&(String, i32)> = Vec::new();
        for key in keys {
            if !(self.covers_year(a, key) && self.covers_year(b, key)) {
                continue;
            }
            shared.push(key);
            let (l, r) = (left.get(key).copied().unwrap_or_default(), right.get(key).copied().unwrap_or_default());
            events = (events.0 + l.0, events.1 + r.0);
            deaths = (deaths.0 + l.1, deaths.1 + r.1);
        }
        let (from, to) = (shared.iter().map(|k| k.1).min()?, shared.iter().map(|k| k.1).max()?);
        Some(format!(
            "cross-check {a} / {b}, {from}–{to}, {} country-years: events {} / {}, deaths {} / {}",
            shared.len(),
            events.0,
            events.1,
            deaths.0,
            deaths.1
        ))
    }

    fn covers_year(&self, source: &str, (country, year): &(String, i32)) -> bool {
        let Some(manifest) = self.manifests.get(source) else { return false };
        (0..12).all(|month| manifest.coverage.iter().any(|c| c.holds(country, Month(year * 12 + month))))
    }
}
