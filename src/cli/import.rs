use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use jiff::civil::Date;

use super::args::{Arguments, ImportArgs};
use super::{FINE, Failure, import_boundaries, load, tell};
use crate::datasets::{Datasets, REGIONS};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::import::source::{self, Format, Options, Records};
use crate::import::{self, Layout, Mapping, Plan, Release, counts, figures};
use crate::output::write_folder;
use crate::text::{Month, parse_day};
use crate::workspace::Workspace;

pub fn run(args: &ImportArgs, arguments: &Arguments, out: &mut impl Write) -> Result<u8, Failure> {
    let files = files(args)?;
    if files.iter().any(|(_, bytes)| import::boundaries::recognise(bytes)) {
        return import_boundaries::run(args, &files, own(arguments)?, out);
    }
    let tables = tables(args, files)?;
    if args.guess {
        for records in &tables {
            write!(out, "{}", Layout::guess(records))?;
        }
        return Ok(FINE);
    }
    let folder = own(arguments)?;
    let mapping = args.map.as_deref().map(mapping).transpose()?;
    let plan = import::plan(tables, mapping.as_ref())?;
    let Some((title, name)) = plan.named() else { return Ok(FINE) };
    let release = release(args, &name)?;
    // An event lies in a region, whose units it is given to when they are scored; a figure is of a unit of one level.
    let level = match &plan {
        Plan::Events(_) | Plan::Counts(_) => REGIONS,
        Plan::Figures(_) => arguments.units.level(),
    };
    let workspace = Workspace::read(folder)?;
    let sources = load(&workspace, level)?;
    let target = folder.join("datasets").join(&release.dataset);
    let before = contents(&target)?;
    let (data, resolver) = (&sources.datasets, &sources.resolver);
    let imported = match &plan {
        Plan::Events(files) => import::import(files, &release, &before, data, resolver)?,
        Plan::Counts(files) => counts::import(files, &release, &before, data, resolver)?,
        Plan::Figures(files) => figures::import(files, &release, &before, data, resolver)?,
    };
    if imported.known {
        writeln!(out, "{}: the release {} is there already, from the same files; nothing changes", target.display(), release.release)?;
        return Ok(FINE);
    }
    check(workspace, [(release.dataset.as_str(), &imported.files)])?;
    write_folder(&target, &imported.files)?;
    writeln!(out, "{}: {title}, release {}, published {}\n", target.display(), release.release, release.published)?;
    write!(out, "{}", imported.account)?;
    Ok(FINE)
}

/// The workspace to import into, which is a folder.
fn own(arguments: &Arguments) -> Result<&Path, Failure> {
    match &arguments.workspace {
        Some(folder) => Ok(folder.as_path()),
        None if Workspace::is_at(Path::new(".")) => Ok(Path::new(".")),
        None => Err(Diagnostic::error("no-workspace", "there is no workspace here to import into", Place::Argument)
            .rule("imported data live in a workspace of one's own")
            .help("make one with `tukhum init DIR`, then `tukhum --workspace DIR import …`")
            .into()),
    }
}

/// The files with what they hold; every file that cannot be read is named.
fn files(args: &ImportArgs) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut problems = Diagnostics::default();
    let mut files = Vec::new();
    for path in &args.files {
        let name = path.display().to_string();
        match std::fs::read(path) {
            Ok(bytes) => files.push((name, bytes)),
            Err(error) => problems.push(unreadable(&name, &error)),
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems.into()) }
}

/// The tables of the files; every file that is none is named.
fn tables(args: &ImportArgs, files: Vec<(String, Vec<u8>)>) -> Result<Vec<Records>, Failure> {
    let wanted = |records: &Records| args.map.is_some() || import::wanted(records);
    let format = args.format.as_deref().and_then(Format::named);
    let options = Options { format, sheet: args.sheet.as_deref(), wanted: &wanted };
    let mut problems = Diagnostics::default();
    let mut tables = Vec::new();
    for (name, bytes) in files {
        match source::read(&name, &bytes, &options) {
            Ok(records) => tables.push(records),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(tables) } else { Err(problems.into()) }
}

/// A mapping of events, which counting needs.
pub(super) fn event_mapping(path: &Path) -> Result<Layout, Failure> {
    match mapping(path)? {
        Mapping::Events(layout) => Ok(*layout),
        Mapping::Figures(_) => Err(Diagnostic::error("wrong-mapping", "the mapping is of figures", Place::file(path.display().to_string()))
            .rule("events are counted, and figures are not")
            .help("give a mapping with [columns]")
            .into()),
    }
}

fn mapping(path: &Path) -> Result<Mapping, Failure> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| unreadable(&name, &error))?;
    Ok(Mapping::parse(&name, &bytes)?)
}

fn unreadable(name: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error("unreadable", format!("cannot read: {error}"), Place::file(name)).rule("the file exists and can be read").help("check the path and the permissions")
}

/// Everything in the dataset's folder, which must be one that an import made.
pub(super) fn contents(folder: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut files = BTreeMap::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(files) };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(entry.path()).map_err(|error| unreadable(&entry.path().display().to_string(), &error))?;
        files.insert(name, text);
    }
    if !files.contains_key("origins.toml") {
        return Err(Diagnostic::error("not-imported", "the folder holds a dataset that was not imported", Place::file(folder.display().to_string()))
            .rule("an import changes only what an import wrote")
            .help("give the dataset another name with --as")
            .into());
    }
    Ok(files)
}

/// The workspace with the datasets passes its own check before anything is written.
pub(super) fn check<'d>(mut workspace: Workspace, datasets: impl IntoIterator<Item = (&'d str, &'d BTreeMap<String, String>)>) -> Result<(), Failure> {
    for (dataset, files) in datasets {
        for (name, text) in files.iter().filter(|(name, _)| !name.starts_with('.')) {
            workspace.files.insert(format!("datasets/{dataset}/{name}"), text.clone().into_bytes());
        }
    }
    let mut problems = Diagnostics::default();
    Datasets::load(&workspace, &mut problems);
    if problems.has_errors() {
        return Err(problems.into());
    }
    if !problems.is_empty() {
        tell(&problems);
    }
    Ok(())
}

fn release(args: &ImportArgs, name: &str) -> Result<Release, Failure> {
    let mut problems = Diagnostics::default();
    let mut day = |name: &str, text: &Option<String>| {
        let text = text.as_deref()?;
        let day = parse_day(text);
        if day.is_none() {
            problems.push(Diagnostic::error("wrong-day", format!("--{name} `{text}` is not a day"), Place::Argument).rule("days are written yyyy-mm-dd").help("for example 2024-06-03"));
        }
        day
    };
    let (published, from, to) = (day("published", &args.published), day("from", &args.from), day("to", &args.to));
    let version = args.files.first().and_then(|path| version(&path.file_stem()?.to_string_lossy()));
    let release = args.release.clone().or(version).or_else(|| published.map(|d| d.to_string()));
    let published = published.or_else(|| candidate_day(release.as_deref()?));
    let dataset = args.name.clone().unwrap_or_else(|| name.to_owned());
    if !dataset.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') || dataset.is_empty() {
        problems.push(Diagnostic::error("wrong-name", format!("`{dataset}` is no name of a dataset"), Place::Argument).rule("names have the letters a to z, digits and _").help("for example --as ged_24_1"));
    }
    if published.is_none() && args.published.is_none() {
        problems.push(
            Diagnostic::error("no-vintage", "nothing says when this release became known", Place::Argument)
                .rule("an edition uses only what was published by its day")
                .help("give --published yyyy-mm-dd, the day on which the publisher put the file out"),
        );
    }
    match (release, published) {
        (Some(release), Some(published)) if !problems.has_errors() => {
            Ok(Release { dataset, release, published, areas: args.areas.clone(), from, to, precedence: args.precedence.unwrap_or_default() })
        }
        _ => Err(problems.into()),
    }
}

/// The version in a file name: `GEDEvent_v24_1` is 24.1, `GEDEvent_v25_0_7` is 25.0.7.
fn version(stem: &str) -> Option<String> {
    let bytes = stem.as_bytes();
    let start = (0..bytes.len()).find(|i| {
        let digits = |a: usize, b: usize| bytes.get(a..b).is_some_and(|s| s.iter().all(u8::is_ascii_digit));
        let free = i.checked_sub(1).and_then(|k| bytes.get(k)).is_none_or(|b| !b.is_ascii_digit());
        free && digits(*i, i + 2) && bytes.get(i + 2).is_some_and(|b| matches!(b, b'_' | b'.')) && digits(i + 3, i + 4)
    })?;
    let parts: Vec<&str> = stem.get(start..)?.split(['_', '.']).take_while(|p| !p.is_empty() && p.len() <= 2 && p.bytes().all(|b| b.is_ascii_digit())).collect();
    Some(parts.join("."))
}

/// UCDP puts the Candidate release YY.0.M out about the 20th of the month after.
fn candidate_day(release: &str) -> Option<Date> {
    let parts: Vec<i32> = release.split('.').map(|p| p.parse().ok()).collect::<Option<_>>()?;
    let [year, 0, month @ 1..=12] = parts[..] else { return None };
    let next = Month((2000 + year) * 12 + month).first_day();
    next.checked_add(jiff::Span::new().days(19)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_file_names() {
        let cases = [("GEDEvent_v24_1", Some("24.1")), ("GEDEvent_v25_0_7", Some("25.0.7")), ("ged241-csv", None), ("GEDEvent_v24_01_24_12", Some("24.01.24.12")), ("acled_2025-07", None)];
        for (stem, expected) in cases {
            assert_eq!(version(stem).as_deref(), expected, "{stem}");
        }
    }

    #[test]
    fn monthly_releases_come_out_the_month_after() {
        assert_eq!(candidate_day("25.0.7"), Some(Date::constant(2025, 8, 20)));
        assert_eq!(candidate_day("25.0.12"), Some(Date::constant(2026, 1, 20)));
        assert_eq!(candidate_day("24.1"), None);
    }
}
