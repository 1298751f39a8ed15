use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use clap::ValueEnum;
use jiff::civil::Date;

use super::args::ReportArgs;
use super::{FINE, Failure};
use crate::datasets::REGIONS;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::edition::{Edition, Sources};
use crate::forecast_log::{self, Foretold};
use crate::output::{append_missing, write_file, write_folder};
use crate::report;
use crate::report::render::index::Listed;
use crate::report::render::{self, Format, Wanted};
use crate::text::Language;
use crate::track_record::{HEADER, Scored};

pub fn run(args: &ReportArgs, sources: &Sources, out: &mut impl Write) -> Result<u8, Failure> {
    if let Some(format) = args.formats.iter().find(|f| !f.is_built_in()) {
        return Err(without(*format).into());
    }
    for line in publish(sources, args.when.day(sources)?, args.when.hindsight, args.seed, &args.wanted(), &args.out)?.1 {
        writeln!(out, "{line}")?;
    }
    Ok(FINE)
}

/// Writes an edition into its folder below `out`, and beside it what became of statements, what is foretold and the
/// pages that list all editions. The folder's name, and what was written, a line a file.
pub fn publish(sources: &Sources, day: Date, hindsight: bool, seed: u64, wanted: &Wanted, out: &Path) -> Result<(String, Vec<String>), Failure> {
    let (files, record, foretold) = edition_files(sources, day, hindsight, seed, wanted)?;
    let level = sources.datasets.layer.level;
    let units = if level == REGIONS { String::new() } else { format!("-admin{level}") };
    let name = format!("{day}{units}{}", if hindsight { "-hindsight" } else { "" });
    let folder = out.join(&name);
    write_folder(&folder, &files)?;
    let mut lines = vec![folder.display().to_string()];
    lines.extend(files.iter().map(|(name, text)| format!("  {name} ({} KB)", text.len().div_ceil(1000))));
    // Only listed editions are published, and only they are scored and score.
    if !hindsight && level == REGIONS && sources.editions.iter().any(|e| e.as_of.0 == day) {
        let (said, path) = (out.join(RECORD), out.join(FORECASTS));
        let scored = append_missing(&said, HEADER, &record)?;
        let sealed = append_missing(&path, forecast_log::HEADER, &log(&path, sources)?.with(&foretold))?;
        lines.extend([(said, scored), (path, sealed)].map(|(path, new)| format!("{}: {new} new lines", path.display())));
    }
    for (name, page) in index(out)? {
        let path = out.join(&name);
        if std::fs::read(&path).ok().as_deref() != Some(page.as_bytes()) {
            write_file(&path, page)?;
            lines.push(path.display().to_string());
        }
    }
    Ok((name, lines))
}

fn without(format: Format) -> Diagnostic {
    let name = format.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default();
    Diagnostic::error("form-not-built-in", format!("this program cannot write the form `{name}`"), Place::Argument)
        .rule(format!("the form `{name}` needs a program that was built with the feature `{name}`"))
        .help(format!("build it with the feature: cargo install --path . --features {name}"))
}

/// The pages that list the editions in a folder, by name: a pure function of what lies there.
fn index(folder: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut editions = Vec::new();
    for entry in std::fs::read_dir(folder)?.flatten() {
        // The program's own names need no escaping in an address.
        let name = entry.file_name().into_string().unwrap_or_default();
        let own = name.starts_with(|c: char| c.is_ascii_digit()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if own && entry.path().join("edition.toml").is_file() {
            let files = std::fs::read_dir(entry.path())?.flatten().filter_map(|f| f.file_name().into_string().ok()).collect();
            // What cannot be read is listed by its day alone: one old edition must not keep a new one from being listed.
            let report = std::fs::read(entry.path().join("report.json")).ok();
            editions.push(Listed { folder: name, files, summary: report.and_then(|bytes| serde_json::from_slice(&bytes).ok()) });
        }
    }
    let record = folder.join(RECORD).is_file().then_some(RECORD);
    let page = |language| Ok((render::named("index", "html", language), render::index::render(&editions, record, language).map_err(defect)?));
    Language::ALL.into_iter().map(page).collect()
}

fn defect(error: render::RenderError) -> Diagnostic {
    Diagnostic::error("render", error.to_string(), Place::Argument)
        .rule("every report can be rendered")
        .help("this is a defect of the program; please report it")
}

/// The file beside the editions that keeps what became of their statements, and the one that keeps what they foretold.
const RECORD: &str = "track-record.csv";
const FORECASTS: &str = "forecasts.csv";

/// The log beside the editions; where there is none yet, it goes on from that of the workspace.
fn log(path: &Path, sources: &Sources) -> Result<forecast_log::Log, Failure> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(sources.forecasts.clone()),
        Err(error) => return Err(error.into()),
    };
    let mut problems = Diagnostics::default();
    let log = forecast_log::read(&path.display().to_string(), &bytes, &mut problems);
    if problems.has_errors() { Err(problems.into()) } else { Ok(log) }
}

/// The files of an edition by name, the lines of the track record that it knows, and what it foretells: a pure function of its arguments.
fn edition_files(sources: &Sources, day: Date, hindsight: bool, seed: u64, wanted: &Wanted) -> Result<(BTreeMap<String, Vec<u8>>, Vec<String>, Vec<Foretold>), Failure> {
    let (edition, previous) = rayon::join(
        || Edition::compute(sources, day, hindsight),
        || sources.edition_before(day).map(|d| Edition::compute(sources, d, hindsight)),
    );
    let report = report::build(sources, &edition, previous.as_ref(), seed);
    let mut files = report::render::files(&report, wanted).map_err(defect)?;
    files.insert("edition.toml".into(), report::render::edition_toml(sources, &report, seed).into_bytes());
    Ok((files, report.track_record.scored.iter().map(Scored::line).collect(), report.track_record.forecasts.says))
}

/// Reads the report of an edition that was written before.
pub fn read(folder: &Path) -> Result<report::Report, Failure> {
    let path = folder.join("report.json");
    let refuse = |message: String| {
        Diagnostic::error("unreadable-edition", message, Place::file(path.display().to_string()))
            .rule("an edition is a folder with report.json, or a day below reports/")
            .help("write it with `tukhum report --as-of DAY`")
    };
    let text = std::fs::read_to_string(&path).map_err(|e| refuse(e.to_string()))?;
    let named: Named = serde_json::from_str(&text).map_err(|e| refuse(e.to_string()))?;
    if named.format != report::model::FORMAT {
        return Err(refuse(format!("the format is `{}`, not `{}`", named.format, report::model::FORMAT)).into());
    }
    Ok(serde_json::from_str(&text).map_err(|e| refuse(e.to_string()))?)
}

/// The part of a report that says how to read the rest.
#[derive(serde::Deserialize)]
struct Named {
    format: String,
}
