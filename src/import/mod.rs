//! Event files as downloaded become a dataset of the workspace, release by release.
//!
//! A pure function of the files, what is in the workspace, and what the caller says of the release.
//! A dataset that was imported holds, like the bundled one, of each release only what differs from
//! the releases before: for a day the newest row of an event that was known then holds.

pub mod account;
pub mod boundaries;
pub mod counts;
pub mod figures;
mod hxl;
mod kind;
pub mod layout;
mod place;
mod releases;
pub mod row;
pub mod source;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

pub use account::Account;
pub use kind::{Mapping, Plan, plan, wanted, unknown_layout};
pub use layout::Layout;
pub use releases::Release;

use crate::datasets::{Coverage, Datasets, Resolver};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::text::Day;
use releases::{Begun, Kept, lost, name_of, quoted, written};
use row::{Countries, Out, Reader, Row};
use source::Records;

/// The files of the dataset after the import, by name, and the account.
#[derive(Debug)]
pub struct Imported {
    pub files: BTreeMap<String, String>,
    /// What became of every row, in words.
    pub account: String,
    /// The release is in the dataset already, from the same bytes: nothing changes.
    pub known: bool,
}

impl Imported {
    /// An import that has nothing to do, or the problems for which it may not begin.
    fn unchanged(before: &BTreeMap<String, String>, problems: Diagnostics) -> Result<Self, Diagnostics> {
        if problems.has_errors() { Err(problems) } else { Ok(Self { files: before.clone(), account: String::new(), known: true }) }
    }
}

/// Names of the files in the folder of an imported dataset.
pub const TABLE: &str = "events.csv";

/// Puts the files of a release into a dataset, each with what its columns mean. `before` are the files
/// that the dataset's folder holds.
///
/// # Errors
/// Columns that are needed and absent, a release that exists with other
/// contents, or one that is older than the newest: then nothing changes. Rows that cannot be used do
/// not stop an import; they are counted by reason and stand in `refused.csv`.
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
    let old: Vec<Row> = releases::rows(before, TABLE, &mut problems);

    let mut account = Account::default();
    let countries = Countries::of_units(data);
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let mut refused = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for (records, layout) in files {
        match Reader::new(layout, records, &countries) {
            Ok(reader) => take(records, &reader, &mut rows, &mut account, &mut refused),
            Err(absent) => problems.push(
                Diagnostic::error("missing-column", format!("no column for {}", absent.join(", ")), Place::file(&records.path))
                    .rule("an event has an id, a day, a country, a type of violence and a side")
                    .help("name the columns in a mapping (--map)"),
            ),
        }
    }
    let Some((_, layout)) = files.first().filter(|_| !problems.has_errors()) else { return Err(problems) };
    let mut rows: Vec<Row> = rows.into_values().collect();
    if rows.is_empty() {
        problems.push(
            Diagnostic::error("no-rows", format!("no row can be used\n{}", account.text()), Place::Argument)
                .rule("an import keeps at least one event")
                .help("see the reasons above"),
        );
        return Err(problems);
    }
    account.count(&rows);
    account.placed = place::place(&mut rows, data, resolver);
    let covered = covered(&rows, release);
    let late = rows.iter().filter(|r| r.date > release.published.to_string()).count();
    if late > 0 {
        account.notes.push(format!("{late} rows are dated after the day of publication: is --published right?"));
    }
    let table = merge(old, rows, &covered, &mut account);
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in &table {
        writer.serialize(row).map_err(|e| lost(&e.to_string()))?;
    }
    let kept = Kept { table: TABLE, head: head(layout, release), covered, vintages: true, columns: include_str!("columns.toml") };
    Ok(begun.finish(kept, written(writer), written(refused), account.text()))
}

/// What the manifest says of an event dataset before its sources.
fn head(layout: &Layout, release: &Release) -> String {
    format!(
        "id = {}\ntitle = {}\nshape = \"events\"\ntable = \"{TABLE}\"\nrow = \"one event as one release states it\"\nkind = \"exhaustive\"\nprecedence = {}\nlicence = {}\ncitation = {}\nnotes = \"Imported. Of each release the table holds what differs from the releases before; for a day take of each event_id the newest row that was published by then, without withdrawn ones. Where the source says nothing else, a release is taken to cover the countries that it has rows of, from its first month to its last.\"\n",
        quoted(&release.dataset),
        quoted(&layout.title),
        release.precedence,
        quoted(&layout.licence),
        quoted(&layout.citation),
    )
}

/// Reads the records of a file into rows, refused ones into their own table.
fn take(records: &Records, reader: &Reader<'_>, rows: &mut BTreeMap<String, Row>, account: &mut Account, refused: &mut csv::Writer<Vec<u8>>) {
    account.notes.extend(records.notes.iter().map(|n| format!("{}: {n}", name_of(&records.path))));
    for record in &records.rows {
        account.read += 1;
        let place = || format!("{}:{}", name_of(&records.path), record.line);
        match reader.read(&record.cells) {
            Ok(row) => {
                for why in reader.remarks(&record.cells) {
                    *account.remarks.entry(why.to_owned()).or_default() += 1;
                }
                if rows.insert(row.event_id.clone(), row).is_some() {
                    account.repeated += 1;
                }
            }
            Err(Out::Aside(why)) => Account::note(&mut account.aside, why, place()),
            Err(Out::Refused(why)) => {
                let mut line = vec![place(), why.clone()];
                line.extend(record.cells.iter().cloned());
                // Writing into memory does not fail.
                let _ = refused.write_record(&line);
                Account::note(&mut account.refused, why, place());
            }
        }
    }
}

/// What the release covers.
fn covered(rows: &[Row], release: &Release) -> Coverage {
    let areas = if release.areas.is_empty() {
        rows.iter().map(|r| r.country.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    } else {
        release.areas.clone()
    };
    let days: Vec<Date> = rows.iter().map(Reader::day).collect();
    let from = release.from.or_else(|| days.iter().min().map(|d| d.first_of_month()));
    let to = release.to.or_else(|| days.iter().max().map(|d| d.last_of_month()));
    Coverage { release: release.release.clone(), published: Day(release.published), areas, from: from.map(Day), to: to.map(Day) }
}

/// Adds to the old rows what the release states otherwise, and withdraws what it covers and no longer has.
fn merge(mut old: Vec<Row>, new: Vec<Row>, covered: &Coverage, account: &mut Account) -> Vec<Row> {
    let stamp = |row: Row| Row { release: covered.release.clone(), published: covered.published.to_string(), ..row };
    let mut in_force: BTreeMap<String, Row> = BTreeMap::new();
    for row in &old {
        // Rows stand in the order of their releases.
        in_force.insert(row.event_id.clone(), row.clone());
    }
    for row in new {
        match in_force.remove(&row.event_id) {
            Some(known) if known.says_the_same(&row) => account.unchanged += 1,
            known => {
                *(if known.is_some() { &mut account.revised } else { &mut account.added }) += 1;
                old.push(stamp(row));
            }
        }
    }
    let (from, to) = (covered.from.map(|d| d.to_string()), covered.to.map(|d| d.to_string()));
    let inside = |row: &Row| {
        covered.areas.contains(&row.country) && from.as_ref().is_none_or(|f| *f <= row.date) && to.as_ref().is_none_or(|t| row.date <= *t)
    };
    for row in in_force.into_values().filter(|r| r.state != "withdrawn" && inside(r)) {
        account.withdrawn += 1;
        old.push(stamp(Row { state: "withdrawn".into(), ..row }));
    }
    old
}
