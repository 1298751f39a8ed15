//! Counts per area and month as an input: the program's own tables, and ACLED's aggregated files.
//!
//! | columns | file |
//! |---|---|
//! | `country`, `month`, `events`, maybe `area_kind`, `area`, … | `tukhum aggregate`, and tables of one's own |
//! | `week`, `country`, `admin1`, `event_type`, `events`, `fatalities` | ACLED's weekly regional files |
//! | `country`, `admin1`, `admin2`, `month`, `year`, `events`, `fatalities` | ACLED by second-level unit and month |
//! | `country`, `year`, maybe `month`, `events` or `fatalities` | ACLED by country |
//!
//! A week belongs to the month that holds its Saturday, on which ACLED's weeks begin: up to six of its
//! days may lie in the next month. A second-level unit is added to its first-level unit.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::layout::{english, number};
use super::row::{Countries, Out, is_armed_violence};
use super::releases::{self, Begun, Kept, lost, name_of, quoted, written};
use super::source::{Record, Records};
use super::{Account, Imported, Release};
use crate::datasets::{Coverage, Datasets, Resolver, fold};
use crate::diagnostics::{Diagnostic, Diagnostics, Place, near_names};
use crate::text::{Day, Month, parse_day};

/// The table in the folder of imported counts.
const TABLE: &str = "counts.csv";

/// A row of the table. Sums that the source does not state are missing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Count {
    release: String,
    country: String,
    area_kind: String,
    area: String,
    month: String,
    period_months: i64,
    events: Option<i64>,
    events_deadly: Option<i64>,
    deaths_low: Option<i64>,
    deaths_best: Option<i64>,
    deaths_high: Option<i64>,
    events_imprecise: Option<i64>,
}

/// Country, kind of area, area, month.
type Key = (String, String, String, String);

impl Count {
    fn key(&self) -> Key {
        (self.country.clone(), self.area_kind.clone(), self.area.clone(), self.month.clone())
    }

    fn sums(&mut self) -> [&mut Option<i64>; 6] {
        [&mut self.events, &mut self.events_deadly, &mut self.deaths_low, &mut self.deaths_best, &mut self.deaths_high, &mut self.events_imprecise]
    }

    fn add(&mut self, mut other: Self) {
        for (own, more) in self.sums().into_iter().zip(other.sums()) {
            *own = own.zip(*more).map(|(a, b)| a.saturating_add(b)).or(*own).or(*more);
        }
    }
}

/// Names of the columns, in lower case; the first that exists is read.
const COLUMNS: [(&str, &[&str]); 16] = [
    ("country", &["iso3", "country"]),
    ("area_kind", &["area_kind"]),
    ("area", &["area", "unit", "unit_id", "admin1", "admin_1", "adm_1"]),
    ("area_2", &["admin2", "admin_2", "adm_2"]),
    ("month", &["month"]),
    ("year", &["year"]),
    ("week", &["week"]),
    ("period_months", &["period_months"]),
    ("event_type", &["event_type"]),
    ("events", &["events"]),
    ("events_deadly", &["events_deadly"]),
    ("deaths_low", &["deaths_low"]),
    ("deaths_best", &["deaths_best", "deaths", "fatalities"]),
    ("deaths_high", &["deaths_high"]),
    ("events_imprecise", &["events_imprecise"]),
    ("event_id", &["event_id", "event_id_cnty", "data_id", "event_date", "date"]),
];

/// Which cell of a record each column is.
#[derive(Debug)]
pub struct Layout {
    at: BTreeMap<&'static str, usize>,
    width: usize,
}

impl Layout {
    /// The layout of a table of counts; none for anything else.
    fn new(header: &[String]) -> Option<Self> {
        let header: Vec<String> = header.iter().map(|h| fold(h).replace(' ', "_")).collect();
        let find = |names: &[&str]| names.iter().find_map(|n| header.iter().position(|h| h == n));
        let at: BTreeMap<&str, usize> = COLUMNS.into_iter().filter_map(|(name, names)| Some((name, find(names)?))).collect();
        let has = |name: &str| at.contains_key(name);
        let counted = has("country") && (has("events") || has("deaths_best")) && (has("month") || has("week") || has("year"));
        // Deaths alone may be those of single events, unless the table has nothing else.
        let only = has("events") || header.len() == at.len();
        (counted && only && !has("event_id")).then_some(Self { at, width: header.len() })
    }

    /// The layout of a table, if it is one of counts.
    pub fn recognise(records: &Records) -> Option<Self> {
        Self::new(&records.header)
    }

    pub fn title(&self) -> &'static str {
        if self.is_own() { "Events and deaths per area and month" } else { "ACLED aggregated data" }
    }

    pub fn name(&self) -> &'static str {
        if self.is_own() { "counts" } else { "acled_counts" }
    }

    /// Licence and citation.
    fn terms(&self) -> (String, String) {
        let acled = super::Layout::bundled().into_iter().find(|l| l.name == "acled" && !self.is_own());
        acled.map_or_else(|| ("as the source's".into(), "as the source's".into()), |l| (l.licence, l.citation))
    }

    fn is_own(&self) -> bool {
        self.at.contains_key("area_kind")
    }

    fn cell<'c>(&self, cells: &'c [String], name: &str) -> &'c str {
        self.at.get(name).and_then(|i| cells.get(*i)).map_or("", |c| c.trim())
    }

    /// First month and length of the period of a row.
    fn period(&self, cells: &[String]) -> Result<(Month, i64), Out> {
        let refuse = |why: &str| Err(Out::Refused(why.into()));
        let cell = |name| self.cell(cells, name);
        if self.at.contains_key("week") {
            // Excel and databases write a time behind the day.
            let day = cell("week").get(..10).and_then(parse_day);
            return match day {
                Some(day) if day.weekday() == jiff::civil::Weekday::Saturday => Ok((Month::of(day), 1)),
                Some(_) => refuse("the week does not begin on a Saturday, as ACLED's weeks do"),
                None => refuse("the week is not a day yyyy-mm-dd"),
            };
        }
        let year = cell("year").parse::<i32>().ok().filter(|y| (1900..2200).contains(y));
        if !self.at.contains_key("month") {
            return year.map_or_else(|| refuse("the year is not one of 1900 to 2199"), |y| Ok((Month(y * 12), 12)));
        }
        let length = cell("period_months").parse().ok().filter(|n| (1..=12).contains(n)).unwrap_or(1);
        month(cell("month"), year).map_or_else(|| refuse("the month is neither yyyy-mm, nor a name or number beside a year"), |m| Ok((m, length)))
    }

    fn read(&self, cells: &[String], countries: &Countries) -> Result<Count, Out> {
        if cells.len() != self.width {
            return Err(Out::Refused(format!("has {} cells where the header has {}", cells.len(), self.width)));
        }
        let cell = |name: &str| self.cell(cells, name);
        let whole = |name: &'static str| match cell(name) {
            "" => Ok(None),
            text => match number(text) {
                Some(n) if n.fract() == 0.0 && (0.0..=1e12).contains(&n) => Ok(Some(n as i64)),
                _ => Err(Out::Refused(format!("{name} is not a whole number from 0"))),
            },
        };
        let country = countries.find(cell("country"))?.to_owned();
        if self.at.contains_key("event_type") && !is_armed_violence(cell("event_type")) {
            return Err(Out::Aside(format!("is of the type {}, which is not armed violence", cell("event_type"))));
        }
        let (month, period_months) = self.period(cells)?;
        let area = cell("area").to_owned();
        let kind = match cell("area_kind") {
            "" if self.at.contains_key("area") => "admin1",
            "" => "country",
            kind @ ("country" | "admin1" | "admin2" | "cell") => kind,
            _ => return Err(Out::Refused("area_kind is none of country, admin1, admin2, cell".into())),
        };
        Ok(Count {
            release: String::new(),
            country,
            area_kind: kind.to_owned(),
            area,
            month: month.first_day().to_string(),
            period_months,
            events: whole("events")?,
            events_deadly: whole("events_deadly")?,
            deaths_low: whole("deaths_low")?,
            deaths_best: whole("deaths_best")?,
            deaths_high: whole("deaths_high")?,
            events_imprecise: whole("events_imprecise")?,
        })
    }
}

/// `2024-07-01`, `2024-07`, or `July`, `juillet`, `7` beside a year.
fn month(text: &str, year: Option<i32>) -> Option<Month> {
    const NAMES: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    if let Some(day) = text.get(..10).and_then(parse_day).or_else(|| parse_day(&format!("{text}-01"))) {
        return Some(Month::of(day));
    }
    let name = english(text).to_lowercase();
    let of_year = match text.parse::<i32>() {
        Ok(n) => (1..=12).contains(&n).then_some(n - 1),
        Err(_) => NAMES.iter().zip(0..).find(|(n, _)| name.starts_with(*n)).map(|(_, i)| i),
    }?;
    Some(Month(year? * 12 + of_year))
}

/// Puts a release of counts into a dataset, as [`super::import`] does with events.
///
/// Each release stands in the table as a whole; for a day, country and month the newest that covers
/// them holds. Files of one release are put together: one may have the events and another the deaths.
///
/// # Errors
/// As for events.
pub fn import(
    files: &[(Records, Layout)],
    release: &Release,
    before: &BTreeMap<String, String>,
    data: &Datasets,
    resolver: &Resolver,
) -> Result<Imported, Diagnostics> {
    let mut problems = Diagnostics::default();
    let tables: Vec<&Records> = files.iter().map(|(records, _)| records).collect();
    let Some(begun) = Begun::new(&tables, release, before, &mut problems) else {
        return Imported::unchanged(before, problems);
    };
    let old: Vec<Count> = releases::rows(before, TABLE, &mut problems);
    let countries = Countries::of_units(data);
    let mut taken = Taken::default();
    for (records, layout) in files {
        taken.take(records, layout, &countries);
    }
    taken.refuse_without_events();
    if taken.rows.is_empty() && !problems.has_errors() {
        problems.push(
            Diagnostic::error("no-rows", format!("no row can be used\n{}", taken.account.text()), Place::Argument)
                .rule("an import keeps at least one row")
                .help("see the reasons above"),
        );
    }
    if problems.has_errors() {
        return Err(problems);
    }
    let covered = covered(&taken, release);
    let Taken { rows, mut account, refused, .. } = taken;
    account.span = covered.from.zip(covered.to).map(|(from, to)| (from.to_string(), to.to_string()));
    place(rows.values(), data, resolver, &mut account);
    compare(&old, &rows, begun.earlier(), &covered, &mut account);
    let Some((_, layout)) = files.first() else { return Err(problems) };
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    for row in old.into_iter().chain(rows.into_values().map(|row| Count { release: release.release.clone(), ..row })) {
        writer.serialize(row).map_err(|e| lost(&e.to_string()))?;
    }
    let kept = Kept { table: TABLE, head: head(layout, release), covered, vintages: false, columns: include_str!("count_columns.toml") };
    Ok(begun.finish(kept, written(writer), refused.map(written).unwrap_or_default(), account.text()))
}

/// What the manifest says of a dataset of counts before its sources.
fn head(layout: &Layout, release: &Release) -> String {
    let (licence, citation) = layout.terms();
    format!(
        "id = {}\ntitle = {}\nshape = \"counts\"\ntable = \"{TABLE}\"\nrow = \"one area and period as one release states it\"\nkind = \"exhaustive\"\nprecedence = {}\nlicence = {}\ncitation = {}\nnotes = \"Imported. Each release stands here as a whole; for a day, country and month the newest release that covers them holds. An area and month without a row has no event.\"\n",
        quoted(&release.dataset),
        quoted(layout.title()),
        release.precedence,
        quoted(&licence),
        quoted(&citation),
    )
}

/// What was read of the files of a release.
#[derive(Default)]
struct Taken {
    rows: BTreeMap<Key, Count>,
    account: Account,
    refused: Option<csv::Writer<Vec<u8>>>,
    /// Saturdays of weeks.
    weeks: BTreeSet<jiff::civil::Date>,
}

impl Taken {
    fn take(&mut self, records: &Records, layout: &Layout, countries: &Countries) {
        self.account.notes.extend(records.notes.iter().map(|n| format!("{}: {n}", name_of(&records.path))));
        // In a table of one's own an area and month comes once; others are added up over weeks, types and units.
        let mut seen = BTreeSet::new();
        for record in &records.rows {
            self.account.read += 1;
            let read = layout.read(&record.cells, countries).and_then(|row| {
                let twice = layout.is_own() && !seen.insert(row.key());
                if twice { Err(Out::Refused("names an area and month that came before".into())) } else { Ok(row) }
            });
            match read {
                Ok(row) => {
                    self.weeks.extend(layout.cell(&record.cells, "week").get(..10).and_then(parse_day));
                    self.rows.entry(row.key()).and_modify(|sum| sum.add(row.clone())).or_insert(row);
                }
                Err(Out::Aside(why)) => Account::note(&mut self.account.aside, why, place_of(records, record)),
                Err(Out::Refused(why)) => {
                    let mut line = vec![place_of(records, record), why.clone()];
                    line.extend(record.cells.iter().cloned());
                    let refused = self.refused.get_or_insert_with(|| csv::WriterBuilder::new().flexible(true).from_writer(Vec::new()));
                    // Writing into memory does not fail.
                    let _ = refused.write_record(&line);
                    Account::note(&mut self.account.refused, why, place_of(records, record));
                }
            }
        }
        if layout.at.contains_key("week") {
            self.account.notes.push("a week counts in the month of its Saturday, on which it begins".into());
        }
        if layout.at.contains_key("area_2") {
            self.account.notes.push("second-level units are added to their first-level units".into());
        }
    }
}

impl Taken {
    /// Deaths alone would read as a month without an event.
    fn refuse_without_events(&mut self) {
        let account = &mut self.account;
        self.rows.retain(|(country, _, area, month), row| {
            if row.events.is_none() {
                let why = "has deaths and no number of events in any of the files";
                Account::note(&mut account.refused, why.into(), format!("{country} {area} {month}"));
            }
            row.events.is_some()
        });
    }
}

fn place_of(records: &Records, record: &Record) -> String {
    format!("{}:{}", name_of(&records.path), record.line)
}

/// What the release covers; of weeks only months with all their Saturdays.
fn covered(taken: &Taken, release: &Release) -> Coverage {
    let rows = taken.rows.values();
    let areas = if release.areas.is_empty() {
        rows.clone().map(|r| r.country.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    } else {
        release.areas.clone()
    };
    let day = |row: &Count| parse_day(&row.month);
    let mut from = rows.clone().filter_map(day).min();
    let mut to = rows.filter_map(|r| Some(Month(Month::of(day(r)?).0 + r.period_months as i32 - 1).last_day())).max();
    if let (Some(first), Some(last)) = (taken.weeks.first(), taken.weeks.last()) {
        let week = jiff::Span::new().days(7);
        let before = first.checked_sub(week).unwrap_or(*first);
        let next = last.checked_add(week).unwrap_or(*last);
        if Month::of(before) == Month::of(*first) {
            from = Some(Month(Month::of(*first).0 + 1).first_day());
        }
        if Month::of(next) == Month::of(*last) {
            to = Some(Month::of(*last).minus(1).last_day());
        }
    }
    Coverage {
        release: release.release.clone(),
        published: Day(release.published),
        areas,
        from: release.from.or(from).map(Day),
        to: release.to.or(to).map(Day),
    }
}

/// Tells how many rows name a province that the workspace knows.
fn place<'r>(rows: impl Iterator<Item = &'r Count>, data: &Datasets, resolver: &Resolver, account: &mut Account) {
    let placed = &mut account.placed;
    for row in rows {
        if row.area.is_empty() || row.area_kind != "admin1" {
            placed.nowhere += 1;
        } else if resolver.area(&row.country, &row.area).is_some() {
            placed.by_name += 1;
        } else {
            let near = || {
                let own = |unit: &&str| data.province(unit).is_some_and(|p| p.country == row.country);
                let spellings = resolver.spellings().filter(|s| resolver.units(s).iter().any(own));
                near_names(&fold(&row.area), spellings).into_iter().map(str::to_owned).collect()
            };
            placed.unmatched.entry((row.country.clone(), row.area.clone())).or_insert_with(|| (0, near())).0 += 1;
        }
    }
}

/// Tells what the release changes against the newest before it.
fn compare(old: &[Count], new: &BTreeMap<Key, Count>, earlier: &[Coverage], covered: &Coverage, account: &mut Account) {
    // Releases stand in their order: the last row of a key is the newest.
    let known: BTreeMap<Key, &Count> = old.iter().map(|row| (row.key(), row)).collect();
    for (key, row) in new {
        match known.get(key) {
            None => account.added += 1,
            Some(before) if Count { release: String::new(), ..(*before).clone() } == *row => account.unchanged += 1,
            Some(_) => account.revised += 1,
        }
    }
    let month = |key: &Key| parse_day(&key.3).map(Month::of);
    let both = |key: &Key| month(key).is_some_and(|m| covered.holds(&key.0, m) && earlier.iter().any(|c| c.holds(&key.0, m)));
    account.withdrawn = known.keys().filter(|key| both(key) && !new.contains_key(*key)).count();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_as_files_write_them() {
        let july = Some(Month(2024 * 12 + 6));
        for (text, year) in [("2024-07-01", None), ("2024-07-01 00:00:00", None), ("2024-07", None), ("July", Some(2024)), ("juillet", Some(2024)), ("7", Some(2024))] {
            assert_eq!(month(text, year), july, "{text}");
        }
        for (text, year) in [("July", None), ("13", Some(2024)), ("0", Some(2024)), ("", Some(2024)), ("é", Some(2024))] {
            assert_eq!(month(text, year), None, "{text}");
        }
    }

    #[test]
    fn event_files_are_no_counts() {
        let header = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        assert!(Layout::new(&header("event_id_cnty,event_date,year,event_type,country,fatalities")).is_none());
        assert!(Layout::new(&header("id,year,country,best,deaths")).is_none_or(|l| !l.at.contains_key("events")));
        assert!(Layout::new(&header("COUNTRY,MONTH,YEAR,EVENTS")).is_some());
    }
}
