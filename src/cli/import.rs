use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use jiff::civil::Date;

use super::args::{Arguments, ImportArgs};
use super::{FINE, Failure, open, tell};
use crate::datasets::Datasets;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::import::{self, Layout, Release, counts, source};
use crate::output::write_folder;
use crate::text::{Month, parse_day};
use crate::toml_file;
use crate::workspace::Workspace;

pub fn run(args: &ImportArgs, arguments: &Arguments, out: &mut impl Write) -> Result<u8, Failure> {
    let mut files = Vec::new();
    for path in &args.files {
        let name = path.display().to_string();
        match std::fs::read(path) {
            Ok(bytes) => files.push((name, bytes)),
            Err(error) => return Err(unreadable(&name, &error).into()),
        }
    }
    if args.guess {
        for (name, bytes) in &files {
            write!(out, "{}", Layout::guess(&source::read(name, bytes)?))?;
        }
        return Ok(FINE);
    }
    let folder = match &arguments.workspace {
        Some(folder) => folder.as_path(),
        None if Workspace::is_at(Path::new(".")) => Path::new("."),
        None => {
            return Err(Diagnostic::error("no-workspace", "there is no workspace here to import into", Place::Argument)
                .rule("imported data live in a workspace of one's own")
                .help("make one with `tukhum init DIR`, then `tukhum --workspace DIR import …`")
                .into());
        }
    };
    let layout = args.map.as_deref().map(mapping).transpose()?;
    let counted = if layout.is_none() { counts::recognise(&files) } else { None };
    let known = match layout.as_ref().or(counted.as_ref()) {
        Some(layout) => layout.clone(),
        None => recognised(&files)?,
    };
    let release = release(args, &known)?;
    let sources = open(arguments)?;
    let target = folder.join("datasets").join(&release.dataset);
    let before = contents(&target)?;
    let imported = match &counted {
        Some(form) => counts::import(&files, form, &release, &before, &sources.datasets, &sources.resolver)?,
        None => import::import(&files, layout.as_ref(), &release, &before, &sources.datasets, &sources.resolver)?,
    };
    if imported.known {
        writeln!(out, "{}: the release {} is there already, from the same files; nothing changes", target.display(), release.release)?;
        return Ok(FINE);
    }
    check(folder, &release.dataset, &imported.files)?;
    write_folder(&target, &imported.files)?;
    writeln!(out, "{}: {}, release {}, published {}\n", target.display(), known.title, release.release, release.published)?;
    write!(out, "{}", imported.account.text())?;
    Ok(FINE)
}

/// The layout of the first file; the others are recognised when they are read.
fn recognised(files: &[(String, Vec<u8>)]) -> Result<Layout, Failure> {
    let mut problems = Diagnostics::default();
    for (name, bytes) in files {
        match source::read(name, bytes).and_then(|records| Layout::recognise(&records)) {
            Ok(layout) => return Ok(layout),
            Err(problem) => problems.push(problem),
        }
    }
    Err(problems.into())
}

pub fn mapping(path: &Path) -> Result<Layout, Failure> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| unreadable(&name, &error))?;
    let mut problems = Diagnostics::default();
    toml_file::read::<Layout>(&name, &bytes, &mut problems).map(|(layout, _)| layout).ok_or_else(|| problems.into())
}

fn unreadable(name: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error("unreadable", format!("cannot read: {error}"), Place::file(name)).rule("the file exists and can be read").help("check the path and the permissions")
}

/// Everything in the dataset's folder, which must be one that an import made.
fn contents(folder: &Path) -> Result<BTreeMap<String, String>, Failure> {
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

/// The workspace with the dataset passes its own check before anything is written.
fn check(folder: &Path, dataset: &str, files: &BTreeMap<String, String>) -> Result<(), Failure> {
    let mut workspace = Workspace::read(folder)?;
    for (name, text) in files.iter().filter(|(name, _)| !name.starts_with('.')) {
        workspace.files.insert(format!("datasets/{dataset}/{name}"), text.clone().into_bytes());
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

fn release(args: &ImportArgs, layout: &Layout) -> Result<Release, Failure> {
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
    let dataset = args.name.clone().unwrap_or_else(|| layout.name.clone());
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
            Ok(Release { dataset, release, published, areas: args.areas.clone(), from, to, precedence: args.precedence })
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
