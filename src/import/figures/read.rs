//! From the records of a file to what they state of units.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::super::account::Account;
use super::super::layout::{Cells, number};
use super::super::releases::{Release, name_of};
use super::super::row::Out;
use super::super::source::{Record, Records};
use super::layout::{FigureLayout, Variable, column, slug};
use super::sums::Stated;
use super::units::{Match, Named, Units};
use super::{Period, Tally};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};

/// What the files of an import state.
pub struct Collected {
    /// By unit and variable.
    pub stated: BTreeMap<(String, String), Vec<Stated>>,
    pub variables: BTreeMap<String, Variable>,
    pub refused: csv::Writer<Vec<u8>>,
}

impl Default for Collected {
    fn default() -> Self {
        Self { stated: BTreeMap::new(), variables: BTreeMap::new(), refused: csv::WriterBuilder::new().flexible(true).from_writer(Vec::new()) }
    }
}

/// The cells of a row that name its unit.
#[derive(Clone, Copy, PartialEq)]
struct At {
    code: Option<usize>,
    name: Option<usize>,
    country: Option<usize>,
}

impl At {
    fn named<'r>(&self, record: &'r Record) -> Named<'r> {
        let cell = |at: Option<usize>| at.and_then(|i| record.cells.get(i)).map_or("", |c| c.trim());
        Named { code: cell(self.code), name: cell(self.name), country: cell(self.country) }
    }
}

/// Whether a table is COINr's `iMeta`, which describes the columns of another.
pub fn describes(records: &Records) -> bool {
    ["icode", "direction"].iter().all(|name| column(&records.header, &[(*name).to_owned()]).is_some())
}

/// By variable what an `iMeta` table says of it.
pub fn descriptions(tables: &[&Records]) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for records in tables.iter().filter(|r| describes(r)) {
        let at = |name: &str| column(&records.header, &[name.to_owned()]);
        let (code, name, direction) = (at("icode"), at("iname"), at("direction"));
        for record in &records.rows {
            let cell = |at: Option<usize>| at.and_then(|i| record.cells.get(i)).map_or("", |c| c.trim());
            let way = match cell(direction) {
                "-1" => "; direction -1: a higher value scores lower",
                "1" => "; direction 1: a higher value scores higher",
                _ => "",
            };
            out.insert(slug(cell(code)), format!("{}{way}", cell(name)));
        }
    }
    out
}

/// Which cells of a table hold what.
struct Found<'a> {
    layout: &'a FigureLayout,
    width: usize,
    /// Whose figures they are.
    level: At,
    /// A smaller level: a row of it is a part of its unit.
    smaller: Option<At>,
    variables: Vec<(usize, Variable)>,
    /// A table with one figure a row: its variable, its value, and the unit of measurement.
    long: Option<(usize, usize, Option<usize>)>,
    year: Option<usize>,
    date: Option<usize>,
    aside: Vec<(usize, &'a Cells)>,
}

impl<'a> Found<'a> {
    /// None if no column names units, or none holds figures.
    fn new(records: &Records, layout: &'a FigureLayout, units: &Units<'_>) -> Option<Self> {
        let at = |names: &[String]| column(&records.header, names);
        let country = at(&layout.country);
        let levels = layout.level.iter().map(|l| At { code: at(&l.code), name: at(&l.name), country });
        let mut levels: Vec<At> = levels.filter(|at| at.code.is_some() || at.name.is_some()).collect();
        // A row about a province is not about its country, though it names it.
        if levels.len() > 1 {
            levels.retain(|at| country.is_none() || at.code != country);
        }
        let variables = variables(records, layout, &levels);
        let long = layout.long.as_ref().and_then(|l| Some((at(&l.variable)?, at(&l.value)?, at(&l.unit))));
        let level = *best(&levels, records, units).filter(|_| long.is_some() || !variables.is_empty())?;
        let smaller = levels.first().copied().filter(|finest| *finest != level);
        let aside = layout.aside.iter().filter_map(|c| Some((at(std::slice::from_ref(&c.column))?, c))).collect();
        Some(Self { layout, width: records.header.len(), level, smaller, variables, long, year: at(&layout.year), date: at(&layout.date), aside })
    }

    /// What a row is a part of its unit by.
    fn part(&self, record: &Record) -> String {
        match (self.smaller.map(|at| at.named(record)), self.level.named(record).code) {
            (Some(part), _) if part.code.is_empty() => part.name.to_owned(),
            (Some(part), _) => part.code.to_owned(),
            (None, code) => code.to_owned(),
        }
    }

    /// Whether each part stands once.
    fn is_snapshot(&self, records: &Records) -> bool {
        self.smaller.is_some() && records.rows.iter().map(|r| self.part(r)).collect::<BTreeSet<_>>().len() == records.rows.len()
    }

    /// The unit and the period that a row is of.
    fn subject(&self, record: &Record, release: &Release, units: &Units<'_>, tally: &mut Tally) -> Result<(String, Period), Out> {
        let cell = |at: usize| cell(record, at);
        let refuse = |why: &str| Err(Out::Refused(why.to_owned()));
        if record.cells.len() != self.width {
            return Err(Out::Refused(format!("has {} cells where the header has {}", record.cells.len(), self.width)));
        }
        if let Some((_, listed)) = self.aside.iter().find(|(at, listed)| listed.cells.iter().any(|c| c == cell(*at))) {
            return Err(Out::Aside(listed.why.clone()));
        }
        let Some(period) = period(self.year.map(cell), self.date.map(cell), release) else { return refuse("the year or day that it is of cannot be read") };
        let named = self.level.named(record);
        let called = if named.name.is_empty() { named.code.to_owned() } else { format!("{} {}", named.code, named.name).trim().to_owned() };
        let key = (named.country.to_owned(), called);
        match units.find(named) {
            Match::Code(unit) => {
                tally.by_code += 1;
                Ok((unit, period))
            }
            Match::Name(unit) => {
                tally.by_name += 1;
                Ok((unit, period))
            }
            Match::Elsewhere => Err(Out::Aside("lies in a country that has no units in this workspace".into())),
            Match::Ambiguous(list) => {
                tally.account.placed.ambiguous.entry(key).or_insert((0, list)).0 += 1;
                refuse("is of a unit that is not clear (see ambiguous)")
            }
            Match::Unknown(near) => {
                tally.account.placed.unmatched.entry(key).or_insert((0, near)).0 += 1;
                refuse("is of a unit that the workspace does not know (see unknown)")
            }
        }
    }

    /// The variables of a row and their cells.
    fn stated<'r>(&self, record: &'r Record) -> Vec<(Variable, &'r str)> {
        match self.long {
            Some((variable, value, unit)) => {
                let name = slug(cell(record, variable));
                let known = self.layout.variable.iter().find(|v| v.name == name).cloned();
                let unit = unit.map(|at| cell(record, at)).unwrap_or_default().to_owned();
                vec![(known.unwrap_or(Variable { name, unit, ..Variable::default() }), cell(record, value))]
            }
            None => self.variables.iter().map(|(at, variable)| (variable.clone(), cell(record, *at))).collect(),
        }
    }
}

fn cell(record: &Record, at: usize) -> &str {
    record.cells.get(at).map_or("", |c| c.trim())
}

impl Collected {
    /// Writes a row or a cell among the refused. Writing into memory does not fail.
    fn refuse(&mut self, why: String, place: &str, cells: &[String], tally: &mut Tally) {
        let _ = self.refused.write_record([place, &why].into_iter().chain(cells.iter().map(String::as_str)));
        Account::note(&mut tally.account.refused, why, place.to_owned());
    }
}

/// Takes what a file states.
pub(super) fn take(
    records: &Records,
    layout: &FigureLayout,
    release: &Release,
    units: &Units<'_>,
    collected: &mut Collected,
    tally: &mut Tally,
    problems: &mut Diagnostics,
) {
    let file = name_of(&records.path);
    tally.account.notes.extend(records.notes.iter().map(|n| format!("{file}: {n}")));
    let Some(found) = Found::new(records, layout, units) else {
        problems.push(
            Diagnostic::error("missing-column", "no column for the unit, or none for a figure", Place::file(&records.path))
                .rule("a row names a unit by code or name, and a column holds numbers")
                .help("name the columns in a mapping (--map)"),
        );
        return;
    };
    if found.year.is_none() && found.date.is_none() {
        let of = default_period(release);
        tally.account.notes.push(format!("{file}: no column says what period the figures are of: {of} is taken (another: --from DAY)"));
    }
    let snapshot = found.is_snapshot(records);
    for record in &records.rows {
        tally.account.read += 1;
        let place = format!("{file}:{}", record.line);
        let (unit, period) = match found.subject(record, release, units, tally) {
            Ok(subject) => subject,
            Err(Out::Aside(why)) => {
                Account::note(&mut tally.account.aside, why, place);
                continue;
            }
            Err(Out::Refused(why)) => {
                collected.refuse(why, &place, &record.cells, tally);
                continue;
            }
        };
        for (variable, text) in found.stated(record) {
            let value = if layout.is_missing(text) { None } else { figure(text) };
            if value.is_none() && !layout.is_missing(text) {
                collected.refuse(format!("`{}` is no number", variable.name), &place, &[text.to_owned()], tally);
                continue;
            }
            tally.missing += usize::from(value.is_none());
            let stated = Stated { part: found.part(record), snapshot, period: period.clone(), value, place: place.clone() };
            collected.stated.entry((unit.clone(), variable.name.clone())).or_default().push(stated);
            collected.variables.entry(variable.name.clone()).or_insert(variable);
        }
    }
}

/// A number, or a percentage as its number.
fn figure(text: &str) -> Option<f64> {
    number(text.trim().trim_end_matches('%'))
}

/// Columns that hold figures: those of the layout, and if it says so all others with a number.
fn variables(records: &Records, layout: &FigureLayout, levels: &[At]) -> Vec<(usize, Variable)> {
    let header = &records.header;
    let mut out: Vec<(usize, Variable)> = layout.variable.iter().filter_map(|v| Some((column(header, &v.columns)?, v.clone()))).collect();
    if layout.others {
        let mut taken: BTreeSet<usize> = out.iter().map(|(at, _)| *at).collect();
        taken.extend(levels.iter().flat_map(|l| [l.code, l.name, l.country]).flatten());
        taken.extend(column(header, &layout.year).into_iter().chain(column(header, &layout.date)));
        taken.extend(layout.leave.iter().filter_map(|name| column(header, std::slice::from_ref(name))));
        for (at, name) in header.iter().enumerate().filter(|(at, name)| !taken.contains(at) && !slug(name).is_empty()) {
            let numbers = |r: &Record| r.cells.get(at).is_some_and(|c| !layout.is_missing(c) && figure(c).is_some());
            if records.rows.iter().any(numbers) {
                out.push((at, Variable { name: slug(name), ..Variable::default() }));
            }
        }
    }
    out
}

/// The level of which most rows are units of the workspace; of equal ones the smallest. Where units below the first
/// level are scored, the smallest that has any of them.
fn best<'l>(levels: &'l [At], records: &Records, units: &Units<'_>) -> Option<&'l At> {
    let known = |at: &At| {
        let distinct: BTreeSet<(&str, &str, &str)> = records.rows.iter().map(|r| at.named(r)).map(|n| (n.country, n.code, n.name)).collect();
        let (mut found, mut all) = (0_usize, 0_usize);
        for (country, code, name) in distinct {
            match units.find(Named { code, name, country }) {
                Match::Code(_) | Match::Name(_) => (found, all) = (found + 1, all + 1),
                Match::Elsewhere => {}
                Match::Ambiguous(_) | Match::Unknown(_) => all += 1,
            }
        }
        // A share in thousandths.
        found * 1000 / all.max(1)
    };
    if units.below_regions && let Some(smallest) = levels.iter().find(|at| known(at) > 0) {
        return Some(smallest);
    }
    levels.iter().rev().max_by_key(|at| known(at))
}

fn default_period(release: &Release) -> Period {
    match release.from {
        Some(day) => Period { year: day.year(), day: Some(day) },
        None => Period { year: release.published.year(), day: None },
    }
}

/// What a row's figures are of; none if its cells cannot be read.
fn period(year: Option<&str>, date: Option<&str>, release: &Release) -> Option<Period> {
    if let Some(text) = date.filter(|t| !t.is_empty()) {
        let plain = text.replace(['_', '/'], "-");
        let day: Option<Date> = plain.get(..10).and_then(crate::text::parse_day);
        return match day {
            Some(day) => Some(Period { year: day.year(), day: Some(day) }),
            None => of_year(text),
        };
    }
    match year.filter(|t| !t.is_empty()) {
        Some(text) => of_year(text),
        None if year.is_none() && date.is_none() => Some(default_period(release)),
        None => None,
    }
}

fn of_year(text: &str) -> Option<Period> {
    let year = number(text).filter(|n| n.fract() == 0.0 && (1900.0..=2200.0).contains(n))? as i16;
    Some(Period { year, day: None })
}
