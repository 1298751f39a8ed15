//! Events and deaths per province and month, put together from exhaustive sources by precedence.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use super::{AsOf, Event};
use crate::datasets::{AreaKind, CountRow, Coverage, Datasets, Resolver};
use crate::text::Month;

/// What one source says of a province and month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MonthCount {
    pub events: i64,
    /// Events with at least one death; none where the source does not tell them apart.
    pub deadly: Option<i64>,
    pub deaths: i64,
    /// Index into [`CountSources::names`].
    pub source: usize,
}

/// A run of months, both ends included, of which every month is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Window {
    pub from: Month,
    pub to: Month,
}

impl Window {
    /// The latest `months` months in a row that are covered and end not more than `max_age` months
    /// before the day; the month of the day itself counts as age 0.
    pub fn latest(as_of: AsOf, months: i32, max_age: i32, covered: impl Fn(Month) -> bool) -> Option<Self> {
        let now = as_of.month();
        (0..=max_age)
            .map(|age| now.minus(age))
            // A month that the day cuts is not complete.
            .filter(|end| end.last_day() <= as_of.day)
            .find(|end| (0..months).all(|k| covered(end.minus(k))))
            .map(|to| Self { from: to.minus(months - 1), to })
    }

    pub fn months(&self) -> i32 {
        self.to.0 - self.from.0 + 1
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} to {}", self.from, self.to)
    }
}

/// Sums over a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WindowCount {
    pub events: i64,
    /// Deadly events; in months where the source does not tell them apart, all events.
    pub deadly: i64,
    /// How many of `deadly` come from such months.
    pub deadly_untold: i64,
    pub deaths: i64,
}

/// One exhaustive source cut to what was known.
#[derive(Debug)]
struct Source {
    precedence: u32,
    coverage: Vec<Coverage>,
    /// Whether it names provinces; if not, only its empty months speak for them.
    by_province: bool,
    /// Whether the provinces that it names are regions, of which only empty months speak for the units in them.
    by_region: bool,
    /// Events, deadly events and deaths by province.
    cells: BTreeMap<String, BTreeMap<Month, (i64, Option<i64>, i64)>>,
    /// Events of a country and month that no province could be given.
    unplaced: BTreeMap<String, BTreeMap<Month, i64>>,
    /// Country-months (or years) with at least one event or death.
    busy: BTreeMap<String, BTreeSet<Month>>,
}

/// All exhaustive sources in the order of precedence.
#[derive(Debug)]
pub struct CountSources {
    pub names: Vec<String>,
    sources: Vec<Source>,
    /// Of units below the first level their region, if it is known.
    regions: BTreeMap<String, Option<String>>,
}

impl CountSources {
    pub(super) fn new(data: &Datasets, resolver: &Resolver, events: &[Event], as_of: AsOf) -> Self {
        let mut named: Vec<(String, Source)> = Vec::new();
        for (id, manifest) in &data.manifests {
            let coverage: Vec<Coverage> = manifest.coverage.iter().filter(|c| as_of.knows(c.published.0)).cloned().collect();
            let mut source = Source {
                precedence: manifest.precedence.unwrap_or(u32::MAX),
                coverage,
                by_province: true,
                by_region: false,
                cells: BTreeMap::new(),
                unplaced: BTreeMap::new(),
                busy: BTreeMap::new(),
            };
            if data.events.contains_key(id) {
                source.add_events(events.iter().filter(|e| &e.dataset == id));
            } else if let Some(rows) = data.counts.get(id) {
                let coverage = source.coverage.clone();
                let releases: Vec<&String> = coverage.iter().map(|c| &c.release).collect();
                // Of releases that cover the same month the newest holds: they are never summed.
                let newest = |row: &CountRow| {
                    let covers = coverage.iter().filter(|c| c.holds(&row.country, row.month));
                    covers.max_by_key(|c| (c.published, &c.release)).is_none_or(|c| c.release == row.release)
                };
                let known = rows.iter().filter(|r| releases.contains(&&r.release) && (releases.len() < 2 || newest(r)));
                let names_units = |kind| kind == AreaKind::Admin1 || (kind == AreaKind::Admin2 && data.layer.level == 2);
                match rows.first().map(|r| r.area_kind) {
                    Some(kind) if names_units(kind) => {
                        source.by_region = kind == AreaKind::Admin1;
                        if kind == AreaKind::Admin2 {
                            source.coverage.iter_mut().for_each(|c| c.areas.retain(|country| data.layer.divides(country)));
                        }
                        for row in known {
                            let events = row.events.unwrap_or_default();
                            match row.area.as_deref().and_then(|a| resolver.counted(&row.country, kind, a)) {
                                Some(province) => source.add(province, row.month, events, row.deadly, row.deaths.unwrap_or_default()),
                                None => source.add_unplaced(&row.country, row.month, events),
                            }
                        }
                    }
                    Some(AreaKind::Country) => {
                        source.by_province = false;
                        for row in known.filter(|r| r.events.unwrap_or_default() > 0 || r.deaths.unwrap_or_default() > 0) {
                            let months = (0..row.months).map(|month| Month(row.month.0 + month));
                            source.busy.entry(row.country.clone()).or_default().extend(months);
                        }
                    }
                    // Cells refine places, and second-level units count where they are the layer; they do not enter counts of regions.
                    Some(_) | None => continue,
                }
            } else {
                continue;
            }
            named.push((id.clone(), source));
        }
        named.sort_by(|a, b| (a.1.precedence, &a.0).cmp(&(b.1.precedence, &b.0)));
        let (names, sources) = named.into_iter().unzip();
        let regions = data.provinces.iter().filter_map(|p| Some((p.id.clone(), data.layer.region_of(&p.id)?.map(str::to_owned)))).collect();
        Self { names, sources, regions }
    }

    /// The count of a province in a month, from the first source that covers it; none where no source does.
    pub fn at(&self, country: &str, province: &str, month: Month) -> Option<MonthCount> {
        self.sources.iter().enumerate().find_map(|(i, source)| {
            if !source.covers(country, month) {
                return None;
            }
            if source.by_region && let Some(region) = self.regions.get(province) {
                let cell = source.cells.get(region.as_deref()?).and_then(|months| months.get(&month));
                return cell.is_none_or(|c| c.0 == 0).then_some(MonthCount { events: 0, deadly: Some(0), deaths: 0, source: i });
            }
            if source.by_province {
                let (events, deadly, deaths) =
                    source.cells.get(province).and_then(|months| months.get(&month)).copied().unwrap_or((0, Some(0), 0));
                return Some(MonthCount { events, deadly, deaths, source: i });
            }
            // A country without any event has none in each of its units; otherwise it does not say where.
            (!source.is_busy(country, month)).then_some(MonthCount { events: 0, deadly: Some(0), deaths: 0, source: i })
        })
    }

    /// Deadly events of a province in a month, from the first source that covers it and tells them apart; none where no source does.
    pub fn deadly_at(&self, country: &str, province: &str, month: Month) -> Option<i64> {
        self.sources.iter().filter(|s| s.covers(country, month)).find_map(|source| source.deadly(country, province, month))
    }

    /// Whether a source that knows of a country says that nothing happened in the whole of it in a month.
    pub fn is_quiet(&self, country: &str, month: Month) -> bool {
        self.sources.iter().any(|s| !s.by_province && s.covers(country, month) && !s.is_busy(country, month))
    }

    /// The latest `months` months in a row that are covered and end not more than `max_age` months before the day.
    ///
    /// The month of the day itself counts as age 0.
    pub fn latest_window(&self, country: &str, province: &str, as_of: AsOf, months: i32, max_age: i32) -> Option<Window> {
        Window::latest(as_of, months, max_age, |month| self.at(country, province, month).is_some())
    }

    /// Sums over a window; none when a month of it is not covered.
    pub fn sum(&self, country: &str, province: &str, window: Window) -> Option<WindowCount> {
        let mut sum = WindowCount::default();
        for month in window.from.0..=window.to.0 {
            let count = self.at(country, province, Month(month))?;
            sum.events += count.events;
            sum.deaths += count.deaths;
            match count.deadly {
                Some(deadly) => sum.deadly += deadly,
                None => {
                    sum.deadly += count.events;
                    sum.deadly_untold += count.events;
                }
            }
        }
        Some(sum)
    }

    /// Events of a country in a window that no province could be given, by the sources in force.
    pub fn unplaced(&self, country: &str, window: Window) -> i64 {
        (window.from.0..=window.to.0)
            .filter_map(|month| {
                let source = self.sources.iter().find(|s| s.by_province && s.covers(country, Month(month)))?;
                source.unplaced.get(country)?.get(&Month(month)).copied()
            })
            .sum()
    }

    /// Sources that the months of a window come from, in the order of precedence.
    pub fn sources_of(&self, country: &str, province: &str, window: Window) -> Vec<&str> {
        let mut used: Vec<usize> =
            (window.from.0..=window.to.0).filter_map(|m| self.at(country, province, Month(m)).map(|c| c.source)).collect();
        used.sort_unstable();
        used.dedup();
        used.into_iter().filter_map(|i| self.names.get(i).map(String::as_str)).collect()
    }
}

impl Source {
    fn covers(&self, country: &str, month: Month) -> bool {
        self.coverage.iter().any(|c| c.holds(country, month))
    }

    fn is_busy(&self, country: &str, month: Month) -> bool {
        self.busy.get(country).is_some_and(|months| months.contains(&month))
    }

    /// Deadly events of a province in a month that the source covers.
    fn deadly(&self, country: &str, province: &str, month: Month) -> Option<i64> {
        if self.by_province {
            return self.cells.get(province).and_then(|months| months.get(&month)).map_or(Some(0), |(_, deadly, _)| *deadly);
        }
        (!self.is_busy(country, month)).then_some(0)
    }

    fn add(&mut self, province: &str, month: Month, events: i64, deadly: Option<i64>, deaths: i64) {
        let cell = self.cells.entry(province.to_owned()).or_default().entry(month).or_insert((0, Some(0), 0));
        cell.0 += events;
        cell.1 = cell.1.zip(deadly).map(|(a, b)| a + b);
        cell.2 += deaths;
    }

    fn add_unplaced(&mut self, country: &str, month: Month, events: i64) {
        *self.unplaced.entry(country.to_owned()).or_default().entry(month).or_default() += events;
    }

    /// Aggregates event rows by province and month.
    fn add_events<'e>(&mut self, events: impl Iterator<Item = &'e Event>) {
        let (mut country, mut province, mut month, mut deadly, mut deaths) = (vec![], vec![], vec![], vec![], vec![]);
        for event in events {
            country.push(event.now.country.as_str());
            province.push(event.province.as_deref());
            month.push(Month::of(event.now.date).0);
            deadly.push(i64::from(event.is_deadly()));
            deaths.push(event.now.deaths.unwrap_or_default());
        }
        let Ok(frame) = df!("country" => country, "province" => province, "month" => month, "deadly" => deadly, "deaths" => deaths) else {
            return;
        };
        let grouped = frame
            .lazy()
            .group_by([col("country"), col("province"), col("month")])
            .agg([len().cast(DataType::Int64).alias("events"), col("deadly").sum(), col("deaths").sum()])
            .collect();
        let Ok(grouped) = grouped else { return };
        let text = |name: &str| grouped.column(name).and_then(|c| c.str().cloned());
        let number = |name: &str| grouped.column(name).and_then(|c| c.cast(&DataType::Int64)).and_then(|c| c.i64().cloned());
        let (Ok(country), Ok(province), Ok(month), Ok(events), Ok(deadly), Ok(deaths)) =
            (text("country"), text("province"), number("month"), number("events"), number("deadly"), number("deaths"))
        else {
            return;
        };
        for i in 0..grouped.height() {
            let month = Month(month.get(i).unwrap_or_default() as i32);
            let count = events.get(i).unwrap_or_default();
            match province.get(i) {
                Some(province) => self.add(province, month, count, deadly.get(i), deaths.get(i).unwrap_or_default()),
                None => self.add_unplaced(country.get(i).unwrap_or_default(), month, count),
            }
        }
    }
}
