//! Event files as downloaded become a dataset of the workspace, release by release.
//!
//! A pure function of the files, what is in the workspace, and what the caller says of the release.
//! A dataset that was imported holds, like the bundled one, of each release only what differs from
//! the releases before: for a day the newest row of an event that was known then holds.

pub mod account;
pub mod counts;
pub mod layout;
mod place;
pub mod row;
pub mod source;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use account::Account;
pub use layout::Layout;

use crate::datasets::{Coverage, Datasets, Manifest, Resolver, sha256};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::text::Day;
use row::{Countries, Out, Reader, Row};
use source::Records;

/// What the caller says of the files.
#[derive(Clone, Debug)]
pub struct Release {
    /// Dataset, which is also its folder.
    pub dataset: String,
    pub release: String,
    /// The day on which the release became known.
    pub published: Date,
    /// Countries that the release covers in full; if none are given, those that it has rows of.
    pub areas: Vec<String>,
    /// First and last day that it covers; if not given, from the first month with a row to the last.
    pub from: Option<Date>,
    pub to: Option<Date>,
    /// Among exhaustive sources of the same area and time the lowest number is used.
    pub precedence: u32,
}

/// The files of the dataset after the import, by name, and the account.
#[derive(Debug)]
pub struct Imported {
    pub files: BTreeMap<String, String>,
    pub account: Account,
    /// The release is in the dataset already, from the same bytes: nothing changes.
    pub known: bool,
}

/// The files that releases came from.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Origins {
    #[serde(default)]
    import: Vec<Origin>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Origin {
    release: String,
    file: String,
    sha256: String,
}

/// Names of the files in the folder of an imported dataset.
pub const TABLE: &str = "events.csv";
const ORIGINS: &str = "origins.toml";
const REFUSED: &str = "refused.csv";

/// Puts a release into a dataset. `before` are the files that its folder holds.
///
/// # Errors
/// Files that cannot be read, columns that are needed and absent, a release that exists with other
/// contents, or one that is older than the newest: then nothing changes. Rows that cannot be used do
/// not stop an import; they are counted by reason and stand in `refused.csv`.
pub fn import(
    files: &[(String, Vec<u8>)],
    layout: Option<&Layout>,
    release: &Release,
    before: &BTreeMap<String, String>,
    data: &Datasets,
    resolver: &Resolver,
) -> Result<Imported, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut origins: Origins = before.get(ORIGINS).and_then(|text| toml::from_str(text).ok()).unwrap_or_default();
    let own: Vec<Origin> = files
        .iter()
        .map(|(path, bytes)| Origin { release: release.release.clone(), file: name_of(path), sha256: sha256(bytes) })
        .collect();
    if known_release(&origins, &own, release, &mut problems) {
        return Ok(Imported { files: before.clone(), account: Account::default(), known: true });
    }
    if problems.has_errors() {
        return Err(problems);
    }
    let old = table(before, &mut problems);
    let coverage = before.get("manifest.toml").map(|text| releases(text, release, &mut problems)).unwrap_or_default();

    let mut account = Account::default();
    let countries = Countries::new(data.provinces.iter().map(|p| p.country.clone()).collect::<BTreeSet<_>>().into_iter().collect());
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let mut refused = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let mut title: Option<Layout> = layout.cloned();
    for (path, bytes) in files {
        let read = source::read(path, bytes).and_then(|records| {
            let found = match layout {
                Some(layout) => layout.clone(),
                None => Layout::recognise(&records)?,
            };
            Ok((records, found))
        });
        let (records, layout) = match read {
            Ok(read) => read,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        match Reader::new(&layout, &records.header, &countries) {
            Ok(reader) => take(&records, &reader, &mut rows, &mut account, &mut refused),
            Err(absent) => problems.push(
                Diagnostic::error("missing-column", format!("no column for {}", absent.join(", ")), Place::file(path))
                    .rule("an event has an id, a day, a country, a type of violence and a side")
                    .help("name the columns in a mapping (--map)"),
            ),
        }
        title.get_or_insert(layout);
    }
    let Some(layout) = title.filter(|_| !problems.has_errors()) else { return Err(problems) };
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
    let text = |writer: csv::Writer<Vec<u8>>| writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let table = text(writer);
    origins.import.extend(own);
    let mut out = before.clone();
    out.insert("manifest.toml".into(), manifest(&EVENTS, &layout, release, &coverage, &covered, &sha256(table.as_bytes()), &origins));
    out.insert(TABLE.into(), table);
    out.insert(ORIGINS.into(), origins_text(&origins));
    out.insert(REFUSED.into(), text(refused));
    // What a user imports is not for a repository, unless she decides so.
    out.insert(".gitignore".into(), "*\n".into());
    Ok(Imported { files: out, account, known: false })
}

/// Whether the release is there already, from the same bytes; from others it is a problem.
fn known_release(origins: &Origins, own: &[Origin], release: &Release, problems: &mut Diagnostics) -> bool {
    let hashes = |list: &[&Origin]| list.iter().map(|o| o.sha256.clone()).collect::<BTreeSet<_>>();
    let earlier: Vec<&Origin> = origins.import.iter().filter(|o| o.release == release.release).collect();
    let same = !earlier.is_empty() && hashes(&earlier) == hashes(&own.iter().collect::<Vec<_>>());
    if !earlier.is_empty() && !same {
        problems.push(
            Diagnostic::error("release-known", format!("`{}` has the release {} from other files", release.dataset, release.release), Place::Argument)
                .rule("a release is imported once, all its files together")
                .help("give the new files their own --release, or another dataset with --as"),
        );
    }
    same
}

fn name_of(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()
}

fn lost(why: &str) -> Diagnostics {
    let mut problems = Diagnostics::default();
    problems.push(Diagnostic::error("output", why.to_owned(), Place::Argument).rule("rows can be written").help("this is a defect of the program; please report it"));
    problems
}

/// Reads the records of a file into rows, refused ones into their own table.
fn take(records: &Records, reader: &Reader<'_>, rows: &mut BTreeMap<String, Row>, account: &mut Account, refused: &mut csv::Writer<Vec<u8>>) {
    account.notes.extend(records.notes.iter().map(|n| format!("{}: {n}", name_of(&records.path))));
    for record in &records.rows {
        account.read += 1;
        let place = || format!("{}:{}", name_of(&records.path), record.line);
        match reader.read(&record.cells) {
            Ok(row) => {
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

/// The rows of the dataset before the import.
fn table(before: &BTreeMap<String, String>, problems: &mut Diagnostics) -> Vec<Row> {
    let Some(text) = before.get(TABLE) else { return Vec::new() };
    let mut rows = Vec::new();
    for row in csv::Reader::from_reader(text.as_bytes()).deserialize::<Row>() {
        match row {
            Ok(row) => rows.push(row),
            Err(error) => {
                problems.push(
                    Diagnostic::error("unreadable", format!("{TABLE} of the dataset cannot be read: {error}"), Place::Argument)
                        .rule("an imported table is left as it was written")
                        .help("restore it, or import into a new dataset with --as"),
                );
                break;
            }
        }
    }
    rows
}

/// What the releases before cover; a newer one than this is a problem.
fn releases(text: &str, release: &Release, problems: &mut Diagnostics) -> Vec<Coverage> {
    let coverage = crate::toml_file::read::<Manifest>("manifest.toml", text.as_bytes(), problems).map(|(m, _)| m.coverage).unwrap_or_default();
    if let Some(newest) = coverage.iter().max_by_key(|c| c.published).filter(|c| c.published.0 > release.published) {
        problems.push(
            Diagnostic::error("older-release", format!("{} was published after {}", newest.release, release.published), Place::Argument)
                .rule("releases of a dataset are imported in the order in which they became known")
                .help("import the older one first, into a new dataset"),
        );
    }
    coverage
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

/// A TOML basic string. JSON's escapes are TOML's, but for DEL.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default().replace('\u{7f}', "\\u007F")
}

fn origins_text(origins: &Origins) -> String {
    let mut out = String::from("# The files that the releases came from.\n");
    for o in &origins.import {
        out.push_str(&format!("\n[[import]]\nrelease = {}\nfile = {}\nsha256 = {}\n", quoted(&o.release), quoted(&o.file), quoted(&o.sha256)));
    }
    out
}

/// What an imported table is, for its manifest.
struct Form {
    shape: &'static str,
    table: &'static str,
    row: &'static str,
    notes: &'static str,
    /// More lines of the manifest.
    more: &'static str,
    columns: &'static str,
}

const EVENTS: Form = Form {
    shape: "events",
    table: TABLE,
    row: "one event as one release states it",
    notes: "Imported. Of each release the table holds what differs from the releases before; for a day take of each event_id the newest row that was published by then, without withdrawn ones. Where the source says nothing else, a release is taken to cover the countries that it has rows of, from its first month to its last.",
    more: "vintage_column = \"published\"\n",
    columns: include_str!("columns.toml"),
};

fn manifest(form: &Form, layout: &Layout, release: &Release, earlier: &[Coverage], covered: &Coverage, hash: &str, origins: &Origins) -> String {
    let files: Vec<String> = origins.import.iter().map(|o| format!("{} ({})", o.file, o.release)).collect();
    let mut out = format!(
        "id = {}\ntitle = {}\nshape = \"{}\"\ntable = \"{}\"\nsha256 = \"{hash}\"\nrow = \"{}\"\nkind = \"exhaustive\"\nprecedence = {}\nlicence = {}\ncitation = {}\nsource = {}\nnotes = \"{}\"\n{}",
        quoted(&release.dataset),
        quoted(&layout.title),
        form.shape,
        form.table,
        form.row,
        release.precedence,
        quoted(&layout.licence),
        quoted(&layout.citation),
        quoted(&files.join("; ")),
        form.notes,
        form.more,
    );
    for c in earlier.iter().chain([covered]) {
        let areas: Vec<String> = c.areas.iter().map(|a| quoted(a)).collect();
        out.push_str(&format!("\n[[coverage]]\nrelease = {}\npublished = {}\nareas = [{}]\n", quoted(&c.release), c.published, areas.join(", ")));
        for (key, day) in [("from", c.from), ("to", c.to)] {
            if let Some(day) = day {
                out.push_str(&format!("{key} = {day}\n"));
            }
        }
    }
    out.push('\n');
    out.push_str(form.columns);
    out
}
