//! Tables with figures of units (indices, populations, any indicator) become a dataset of shape `figures`.
//!
//! A figure is replaced by a later release that states it otherwise; it is never withdrawn: a release that
//! does not repeat it does not deny it.

mod layout;
mod read;
mod sums;
mod units;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fmt::Write as _;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use layout::{FigureLayout, Level, Long, Variable, slug};

use super::Imported;
use super::account::{Account, list};
use super::releases::{self, Begun, Kept, Release, lost, quoted, written};
use super::row::Countries;
use super::source::Records;
use crate::datasets::{Coverage, Datasets, Resolver};
use crate::diagnostics::{Diagnostic, Diagnostics, Place, visible};
use crate::text::Day;
use read::Collected;
use units::Units;

/// Name of the table in the folder of an imported dataset.
pub const TABLE: &str = "figures.csv";

/// What a figure is of: a year, or a day of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    pub year: i16,
    pub day: Option<Date>,
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.day {
            Some(day) => write!(f, "{day}"),
            None => write!(f, "{}", self.year),
        }
    }
}

/// A row of the table that an import writes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Figure {
    release: String,
    published: String,
    unit_id: String,
    variable: String,
    value: f64,
    year: i16,
    date: String,
    unit: String,
    note: String,
    source: String,
}

/// What became of the figures, besides the rows.
#[derive(Debug, Default)]
struct Tally {
    account: Account,
    by_code: usize,
    by_name: usize,
    missing: usize,
    /// By variable: figures and units.
    variables: BTreeMap<String, (usize, BTreeSet<String>)>,
}

/// Puts the files of a release into a dataset. `before` are the files that its folder holds. Figures whose
/// table names no period are of `release.from`, or else of the year of publication.
///
/// # Errors
/// As for events: columns that are needed and absent, a release that is known or older; then nothing changes.
pub fn import(
    files: &[(Records, FigureLayout)],
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
    let old: Vec<Figure> = releases::rows(before, TABLE, &mut problems);
    let countries = Countries::of_units(data);
    let units = Units::new(data, resolver, &countries);
    let described = read::descriptions(&tables);
    let mut collected = Collected::default();
    let mut tally = Tally::default();
    for (records, layout) in files.iter().filter(|(records, _)| !read::describes(records)) {
        read::take(records, layout, release, &units, &mut collected, &mut tally, &mut problems);
    }
    let Some((_, layout)) = files.first().filter(|_| !problems.has_errors()) else { return Err(problems) };
    let new = settled(&mut collected, &described, &mut tally);
    if new.is_empty() {
        problems.push(
            Diagnostic::error("no-rows", format!("no row can be used\n{}", text(&tally)), Place::Argument)
                .rule("an import keeps at least one figure of a unit of the workspace")
                .help("see the reasons above; units are known by p-code, ISO 3166-2 code, id or a name in datasets/aliases"),
        );
        return Err(problems);
    }
    let covered = covered(&new, release, data);
    let table = merge(old, new, release, &mut tally);
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in &table {
        writer.serialize(row).map_err(|e| lost(&e.to_string()))?;
    }
    let kept = Kept { table: TABLE, head: head(layout, release), covered, vintages: true, columns: include_str!("columns.toml") };
    Ok(begun.finish(kept, written(writer), written(collected.refused), text(&tally)))
}

/// One figure per unit, variable and period; what cannot be settled is refused.
fn settled(collected: &mut Collected, described: &BTreeMap<String, String>, tally: &mut Tally) -> Vec<Figure> {
    let mut figures = Vec::new();
    for ((unit_id, variable), stated) in std::mem::take(&mut collected.stated) {
        let known = collected.variables.get(&variable).cloned().unwrap_or_default();
        let (settled, repeated) = sums::settle(stated, known.sum);
        tally.account.repeated += repeated;
        for one in settled {
            match one {
                Ok((period, value, source)) => {
                    let (count, units) = tally.variables.entry(variable.clone()).or_default();
                    *count += 1;
                    units.insert(unit_id.clone());
                    figures.push(Figure {
                        unit_id: unit_id.clone(),
                        variable: variable.clone(),
                        value,
                        year: period.year,
                        date: period.day.map(|d| d.to_string()).unwrap_or_default(),
                        unit: known.unit.clone(),
                        note: described.get(&variable).cloned().unwrap_or_default(),
                        source,
                        ..Figure::default()
                    });
                }
                Err((why, place)) => {
                    let place = format!("{unit_id} {variable} {place}");
                    // Writing into memory does not fail.
                    let _ = collected.refused.write_record([&place, why]);
                    Account::note(&mut tally.account.refused, why.to_owned(), place);
                }
            }
        }
    }
    figures
}

/// Adds to the old figures those that the release states otherwise.
fn merge(mut old: Vec<Figure>, new: Vec<Figure>, release: &Release, tally: &mut Tally) -> Vec<Figure> {
    let key = |f: &Figure| (f.unit_id.clone(), f.variable.clone(), f.year, f.date.clone());
    // Rows stand in the order of their releases: the last of a key is in force.
    let in_force: BTreeMap<_, f64> = old.iter().map(|f| (key(f), f.value)).collect();
    for figure in new {
        match in_force.get(&key(&figure)) {
            Some(value) if *value == figure.value => tally.account.unchanged += 1,
            known => {
                *(if known.is_some() { &mut tally.account.revised } else { &mut tally.account.added }) += 1;
                old.push(Figure { release: release.release.clone(), published: release.published.to_string(), ..figure });
            }
        }
    }
    old
}

fn covered(figures: &[Figure], release: &Release, data: &Datasets) -> Coverage {
    let country = |unit: &str| data.province(unit).map(|p| p.country.clone()).or_else(|| (unit.len() == 3).then(|| unit.to_owned()));
    let areas = if release.areas.is_empty() {
        figures.iter().filter_map(|f| country(&f.unit_id)).collect::<BTreeSet<_>>().into_iter().collect()
    } else {
        release.areas.clone()
    };
    let years = || figures.iter().map(|f| f.year);
    let day = |year: Option<i16>, month, day| Date::new(year?, month, day).ok().map(Day);
    Coverage { release: release.release.clone(), published: Day(release.published), areas, from: day(years().min(), 1, 1), to: day(years().max(), 12, 31) }
}

fn head(layout: &FigureLayout, release: &Release) -> String {
    format!(
        "id = {}\ntitle = {}\nshape = \"figures\"\ntable = \"{TABLE}\"\nrow = \"one figure of a unit as one release states it\"\nkind = \"reference\"\nlicence = {}\ncitation = {}\nnotes = \"Imported. Of each release the table holds what differs from the releases before; for a day take of each unit, variable and period the newest row that was published by then.\"\n",
        quoted(&release.dataset),
        quoted(&layout.title),
        quoted(&layout.licence),
        quoted(&layout.citation),
    )
}

/// The account in words.
fn text(tally: &Tally) -> String {
    let mut out = String::new();
    let account = &tally.account;
    let total = |list: &BTreeMap<String, (usize, Vec<String>)>| list.values().map(|(n, _)| n).sum::<usize>();
    let _ = writeln!(out, "rows read       {:>8}  ({} units by code, {} by name)", account.read, tally.by_code, tally.by_name);
    let kept = account.added + account.revised + account.unchanged;
    let _ = writeln!(out, "figures kept    {kept:>8}  ({} new, {} revised, {} unchanged)", account.added, account.revised, account.unchanged);
    let _ = writeln!(out, "  missing       {:>8}  (empty, or marked so by the source)", tally.missing);
    let _ = writeln!(out, "  repeated      {:>8}", account.repeated);
    let _ = writeln!(out, "set aside       {:>8}", total(&account.aside));
    list(&mut out, &account.aside);
    let _ = writeln!(out, "refused         {:>8}", total(&account.refused));
    list(&mut out, &account.refused);
    for ((country, name), (n, units)) in &account.placed.ambiguous {
        let _ = writeln!(out, "  ambiguous: {name} ({country}), {n} rows: {}", units.join(" or "));
    }
    for ((country, name), (n, near)) in &account.placed.unmatched {
        let near = if near.is_empty() { String::new() } else { format!("; near: {}", near.join(", ")) };
        let _ = writeln!(out, "  unknown: {name} ({country}), {n} rows{near}");
    }
    for (variable, (n, units)) in &tally.variables {
        let _ = writeln!(out, "variable        {n:>8}  {variable}, {} units", units.len());
    }
    for note in &account.notes {
        let _ = writeln!(out, "note            {note}");
    }
    // Names of the file are in it.
    visible(&out).into_owned()
}
