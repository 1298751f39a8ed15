//! What was known on a day: every table cut to its vintage, and counts put together by precedence.

mod counts;

use std::collections::BTreeMap;

use jiff::civil::Date;

pub use counts::{CountSources, MonthCount, Window, WindowCount};

use crate::datasets::{Claim, Coverage, Crossing, Datasets, EventRow, Fact, FigureRow, LedgerEvent, Province, Resolver, TradeFigure};
use crate::geo::Map;
use crate::text::{Month, days_between};

/// The day of an edition, and whether later knowledge about the time before it is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    pub day: Date,
    /// The latest vintages are used; every page of the report says so.
    pub hindsight: bool,
}

impl AsOf {
    /// Whether something published on `day` was known.
    pub fn knows(&self, day: Date) -> bool {
        self.hindsight || day <= self.day
    }

    /// Whether some release that was known covers a country and month.
    pub fn covers(&self, coverage: &[Coverage], country: &str, month: Month) -> bool {
        coverage.iter().any(|c| self.knows(c.published.0) && c.holds(country, month))
    }

    pub fn month(&self) -> Month {
        Month::of(self.day)
    }
}

/// One event of an exhaustive source as it stood on the day, with its earlier states.
#[derive(Clone, Debug)]
pub struct Event {
    /// The state in force.
    pub now: EventRow,
    /// Unit of the layer that it lies in; none where it is not placed.
    pub province: Option<String>,
    /// First-level unit that the source places it in.
    pub region: Option<String>,
    /// Deaths in the first release, when a later one changed them.
    pub deaths_first: Option<i64>,
    /// Dataset id.
    pub dataset: String,
}

impl Event {
    /// Whether the point may be used.
    pub fn has_point(&self) -> bool {
        self.now.has_point()
    }

    pub fn is_deadly(&self) -> bool {
        self.now.deaths.is_some_and(|d| d > 0)
    }
}

/// Everything that was known on a day about the time up to that day.
#[derive(Debug)]
pub struct Evidence<'a> {
    pub as_of: AsOf,
    pub data: &'a Datasets,
    pub map: &'a Map,
    pub resolver: &'a Resolver,
    /// Events in force, in the order of date and id.
    pub events: Vec<Event>,
    pub counts: CountSources,
    /// Incidents of the ledger, without the details that were not known yet.
    pub ledger: Vec<LedgerEvent>,
    pub claims: Vec<&'a Claim>,
    pub facts: Vec<&'a Fact>,
    pub trade: Vec<&'a TradeFigure>,
    /// By unit and variable the newest figure of a time up to the day.
    figures: BTreeMap<(&'a str, &'a str), &'a FigureRow>,
}

impl<'a> Evidence<'a> {
    /// Cuts all datasets to what was known on the day.
    pub fn new(data: &'a Datasets, resolver: &'a Resolver, as_of: AsOf) -> Self {
        let events = events_in_force(data, resolver, as_of);
        let counts = CountSources::new(data, resolver, &events, as_of);
        let known = data.ledger.iter().filter(|e| as_of.knows(e.published) && e.date <= as_of.day);
        let mut ledger: Vec<LedgerEvent> = known.map(|e| placed(without_unknown_details(e, as_of), data)).collect();
        ledger.sort_by(|a, b| (a.date, &a.id).cmp(&(b.date, &b.id)));
        let happened = |from: Option<Date>| from.is_none_or(|from| from <= as_of.day);
        let mut facts: Vec<_> = data.facts.iter().filter(|f| as_of.knows(f.published) && happened(f.from)).collect();
        facts.sort_by(|a, b| (a.from, &a.id).cmp(&(b.from, &b.id)));
        let known: std::collections::BTreeSet<&str> = ledger.iter().map(|e| e.id.as_str()).collect();
        let waves: std::collections::BTreeSet<&str> = ledger.iter().filter_map(|e| e.wave.as_deref()).collect();
        let mut claims: Vec<_> = data
            .claims
            .iter()
            .filter(|c| as_of.knows(c.published))
            .filter(|c| c.event.as_deref().is_some_and(|e| known.contains(e)) || c.wave.as_deref().is_some_and(|w| waves.contains(w)))
            .collect();
        claims.sort_by(|a, b| a.id.cmp(&b.id));
        let trade = data.trade.iter().filter(|t| as_of.knows(t.published)).collect();
        Self { as_of, data, map: &data.map, resolver, events, counts, ledger, claims, facts, trade, figures: figures_in_force(data, as_of) }
    }

    /// Rival claims about an event, and about the wave it belongs to.
    pub fn claims_about(&self, event: &LedgerEvent) -> Vec<&'a Claim> {
        self.claims
            .iter()
            .filter(|c| {
                c.event.as_deref() == Some(event.id.as_str())
                    || (c.event.is_none() && c.wave.is_some() && c.wave == event.wave)
            })
            .copied()
            .collect()
    }

    /// Whether a claim's figure is the adopted one of its event (or wave) and metric: the lowest of
    /// the adoptable figures known on the day, the earliest of equal ones.
    pub fn is_adopted(&self, claim: &Claim) -> bool {
        let same = |c: &&&Claim| c.event == claim.event && (c.event.is_some() || c.wave == claim.wave) && c.metric == claim.metric;
        let key = |c: &Claim| (c.low.unwrap_or(f64::INFINITY), c.published);
        let lowest = self.claims.iter().filter(|c| c.adoptable).filter(same).min_by(|a, b| {
            let (a_key, b_key) = (key(a), key(b));
            a_key.0.total_cmp(&b_key.0).then_with(|| a_key.1.cmp(&b_key.1)).then_with(|| a.id.cmp(&b.id))
        });
        claim.adoptable && lowest.is_some_and(|c| c.id == claim.id)
    }

    /// Facts of a theme that name any of `units` and hold on the day.
    ///
    /// A fact without an end holds for `open_days` after it began or was reported, whichever is
    /// later (always, if not given); one that
    /// ended still counts for `ended_days`.
    pub fn facts_on(&self, theme: &str, units: &[&str], open_days: Option<i32>, ended_days: i32) -> Vec<&'a Fact> {
        self.facts
            .iter()
            .filter(|f| f.theme == theme && f.units.iter().any(|u| units.contains(&u.as_str())))
            .filter(|f| match (f.to, open_days) {
                (Some(end), _) => days_between(end, self.as_of.day) <= ended_days,
                // Its report is the last day on which it is known to have held.
                (None, Some(limit)) => days_between(f.from.map_or(f.published, |from| from.max(f.published)), self.as_of.day) <= limit,
                (None, None) => true,
            })
            .copied()
            .collect()
    }

    /// How many people live in a province: the figure of the table of units, or an imported figure
    /// `population` of a later year.
    pub fn people(&self, province: &Province) -> Option<People> {
        let own = province.population.map(|number| People {
            number,
            year: province.population_year,
            source: province.population_source.clone().unwrap_or_else(|| "no source".into()),
        });
        let imported = self.figure(&province.id, "population").map(|f| People {
            number: f.value,
            year: Some(i64::from(f.year)),
            source: format!("{} {}", f.dataset, f.release),
        });
        match (own, imported) {
            (Some(own), Some(imported)) => Some(if own.year >= imported.year { own } else { imported }),
            (own, imported) => own.or(imported),
        }
    }

    /// The newest figure of a unit that was known on the day and is of a time up to it.
    pub fn figure(&self, unit: &str, variable: &str) -> Option<&'a FigureRow> {
        self.figures.get(&(unit, variable)).copied()
    }

    /// Provinces by id.
    pub fn province(&self, id: &str) -> Option<&'a Province> {
        self.data.province(id)
    }
}

/// A unit that is scored.
#[derive(Clone, Copy, Debug)]
pub enum Unit<'a> {
    Province(&'a Province),
    Crossing(&'a Crossing),
}

impl<'a> Unit<'a> {
    pub fn id(&self) -> &'a str {
        match self {
            Self::Province(p) => &p.id,
            Self::Crossing(c) => &c.id,
        }
    }

    pub fn name(&self) -> &'a crate::text::Text {
        match self {
            Self::Province(p) => &p.name,
            Self::Crossing(c) => &c.name,
        }
    }

    pub fn countries(&self) -> Vec<&'a str> {
        match self {
            Self::Province(p) => vec![&p.country],
            Self::Crossing(c) => c.countries.iter().map(String::as_str).collect(),
        }
    }
}

/// How many people live in a unit, and who says so.
#[derive(Clone, Debug, PartialEq)]
pub struct People {
    pub number: f64,
    pub year: Option<i64>,
    pub source: String,
}

/// Of each unit and variable the figure of the latest period; of several that one published last.
fn figures_in_force(data: &Datasets, as_of: AsOf) -> BTreeMap<(&str, &str), &FigureRow> {
    let mut newest: BTreeMap<(&str, &str), &FigureRow> = BTreeMap::new();
    let known = data.figures.values().flatten().filter(|f| as_of.knows(f.published) && f.day() <= as_of.day);
    for figure in known {
        let held = newest.entry((&figure.unit, &figure.variable)).or_insert(figure);
        // Datasets come in the order of their names, rows in that of releases: the later of equal ones holds.
        if (figure.day(), figure.published) >= (held.day(), held.published) {
            *held = figure;
        }
    }
    newest
}

/// Blanks what became known of a ledger row only after the day.
fn without_unknown_details(event: &LedgerEvent, as_of: AsOf) -> LedgerEvent {
    let mut event = event.clone();
    if !as_of.knows(event.details_published) {
        event.tactics.clear();
        event.first_time = false;
        (event.deaths_low, event.deaths_best, event.deaths_high) = (None, None, None);
        event.at = None;
        event.note = None;
    }
    event
}

/// Gives an incident the unit of the layer that its point, as far as it was known, lies in.
fn placed(event: LedgerEvent, data: &Datasets) -> LedgerEvent {
    LedgerEvent { province: data.layer.of_incident(&event), ..event }
}

/// Per event id the newest row that was known, without withdrawn ones and those dated after the day.
///
/// Where several sources cover a country and month, the rows of the first by precedence stand: the
/// same attack is in each of them.
fn events_in_force(data: &Datasets, resolver: &Resolver, as_of: AsOf) -> Vec<Event> {
    let mut sources: Vec<(u32, &String, &crate::datasets::Manifest)> =
        data.events.keys().filter_map(|id| data.manifests.get(id).map(|m| (m.precedence.unwrap_or(u32::MAX), id, m))).collect();
    sources.sort_by_key(|(precedence, id, _)| (*precedence, *id));
    let owner = |country: &str, month: Month| {
        // A single source owns everything that it has.
        if sources.len() < 2 { None } else { sources.iter().find(|(_, _, m)| as_of.covers(&m.coverage, country, month)).map(|(_, id, _)| *id) }
    };
    let mut events = Vec::new();
    for (dataset, rows) in &data.events {
        let mut states: BTreeMap<&str, Vec<&EventRow>> = BTreeMap::new();
        for row in rows.iter().filter(|r| as_of.knows(r.published)) {
            states.entry(&row.id).or_default().push(row);
        }
        for (_, mut rows) in states {
            rows.sort_by(|a, b| (a.published, &a.release).cmp(&(b.published, &b.release)));
            let (Some(first), Some(now)) = (rows.first(), rows.last()) else { continue };
            if now.withdrawn || now.date > as_of.day || owner(&now.country, Month::of(now.date)).is_some_and(|first| first != dataset) {
                continue;
            }
            events.push(Event {
                province: resolver.event(data, now).map(str::to_owned),
                region: resolver.region(now).map(str::to_owned),
                deaths_first: first.deaths.filter(|d| Some(*d) != now.deaths),
                now: (*now).clone(),
                dataset: dataset.clone(),
            });
        }
    }
    events.sort_by(|a, b| (a.now.date, &a.now.id).cmp(&(b.now.date, &b.now.id)));
    events
}
