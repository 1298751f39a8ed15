use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::{AggregateArgs, AreaArg, Arguments};
use super::import::event_mapping;
use super::{FINE, Failure, open};
use crate::aggregate::{self, By, Input, Question};
use crate::datasets::Datasets;
use crate::diagnostics::{Diagnostic, Place};
use crate::geo::{Locator, Point};
use crate::import::row::Countries;
use crate::output::write_file;
use crate::text::parse_day;

pub fn run(args: &AggregateArgs, arguments: &Arguments, out: &mut impl Write) -> Result<u8, Failure> {
    let as_of = args.as_of.as_deref().map(given_day).transpose()?;
    half_life(args.half_life_months)?;
    let table = match args.out.extension().and_then(|e| e.to_str()) {
        Some("csv") => aggregate::csv,
        Some("parquet") => aggregate::parquet,
        _ => {
            return Err(Diagnostic::error("unknown-format", format!("`{}` is neither .csv nor .parquet", args.out.display()), Place::Argument)
                .rule("counts are written as CSV or Parquet, by the ending of the file's name")
                .help("for example --out counts.parquet")
                .into());
        }
    };
    let layout = args.map.as_deref().map(event_mapping).transpose()?;
    let inputs = inputs(&args.files)?;
    let by = by(args.by);
    // Only points need the shapes of a workspace.
    let sources = (by == By::Point).then(|| open(arguments)).transpose()?;
    let nowhere = Datasets::default();
    let data = sources.as_ref().map_or(&nowhere, |s| &s.datasets);
    let shapes: Vec<(String, String)> =
        data.map.provinces.keys().map(|id| (data.province(id).map(|p| p.country.clone()).unwrap_or_default(), id.clone())).collect();
    let locator = Locator::new(data.map.provinces.values());
    let locate = |at: Point| locator.locate(at);
    let countries = Countries::new(Vec::new());
    let question = Question {
        by,
        layout,
        as_of,
        half_life_months: as_of.map(|_| args.half_life_months),
        countries: &countries,
        shapes: &shapes,
        locate: &locate,
    };
    let counts = aggregate::aggregate(&question, &inputs, &|path| Ok(Box::new(std::fs::File::open(path)?)))?;
    write_file(&args.out, table(&counts, &args.release)?)?;
    let months = counts.counts.keys().map(|(.., month)| *month);
    let span = months.clone().min().zip(months.max()).map_or_else(|| "no month".to_owned(), |(from, to)| format!("{from} to {to}"));
    writeln!(out, "{}: {}, {} areas and months, {span}\n", args.out.display(), counts.layout.title, counts.counts.len())?;
    write!(out, "{}", counts.account.text())?;
    Ok(FINE)
}

pub fn by(area: AreaArg) -> By {
    match area {
        AreaArg::Country => By::Country,
        AreaArg::Admin1 => By::Admin1,
        AreaArg::Admin2 => By::Admin2,
        AreaArg::Point => By::Point,
    }
}

pub fn given_day(text: &str) -> Result<jiff::civil::Date, Diagnostic> {
    parse_day(text).ok_or_else(|| {
        Diagnostic::error("wrong-day", format!("--as-of `{text}` is not a day"), Place::Argument).rule("days are written yyyy-mm-dd").help("for example --as-of 2024-12-31")
    })
}

pub fn half_life(months: f64) -> Result<(), Diagnostic> {
    if months.is_finite() && months > 0.0 {
        return Ok(());
    }
    Err(Diagnostic::error("wrong-half-life", format!("a half-life of {months} months"), Place::Argument)
        .rule("a half-life is longer than no time")
        .help("for example --half-life-months 6"))
}

/// The files that are given and those in the folders that are given, in the order of their paths.
fn inputs(paths: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        let before = files.len();
        walk(path, path, &mut files).map_err(|error| {
            Diagnostic::error("unreadable", format!("cannot read: {error}"), Place::file(path.display().to_string())).rule("files and folders exist and can be read").help("check the path and the permissions")
        })?;
        if files.len() == before {
            return Err(Diagnostic::error("empty-folder", "the folder holds no table", Place::file(path.display().to_string()))
                .rule("in a folder every file that ends in .parquet, .csv, .tsv, .txt or .gz is read")
                .help("check the path")
                .into());
        }
    }
    Ok(files)
}

fn walk(path: &Path, root: &Path, files: &mut Vec<Input>) -> std::io::Result<()> {
    if !path.is_dir() {
        let folders = path.strip_prefix(root).unwrap_or(path).components().filter_map(|c| c.as_os_str().to_str()?.split_once('='));
        let folders = folders.map(|(key, value)| (key.to_owned(), unescaped(value))).collect();
        files.push(Input { path: path.display().to_string(), folders });
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = std::fs::read_dir(path)?.map(|e| e.map(|e| e.path())).collect::<std::io::Result<_>>()?;
    entries.sort();
    for entry in entries {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let is_table = [".parquet", ".csv", ".tsv", ".txt", ".gz"].iter().any(|end| name.ends_with(end));
        // What engines leave beside their parts: _SUCCESS, .crc.
        if !name.starts_with(['_', '.']) && (entry.is_dir() || is_table) {
            walk(&entry, root, files)?;
        }
    }
    Ok(())
}

/// Hive writes signs that a path may not have as %XX, and a missing value by a name.
fn unescaped(value: &str) -> String {
    if value == "__HIVE_DEFAULT_PARTITION__" {
        return String::new();
    }
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'%').then(|| after.get(..2).and_then(|h| u8::from_str_radix(std::str::from_utf8(h).ok()?, 16).ok())).flatten();
        bytes.push(hex.unwrap_or(*first));
        rest = after.get(if hex.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_of_folders_are_unescaped() {
        for (name, expected) in [("2024", "2024"), ("Hodh%20el%20Gharbi", "Hodh el Gharbi"), ("100%", "100%"), ("a%C3%A9", "aé"), ("__HIVE_DEFAULT_PARTITION__", "")] {
            assert_eq!(super::unescaped(name), expected);
        }
    }
}
