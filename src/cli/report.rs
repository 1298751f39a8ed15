use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use super::args::ReportArgs;
use super::{FINE, Failure, day};
use crate::datasets::REGIONS;
use crate::diagnostics::{Diagnostic, Place};
use crate::edition::{Edition, Sources};
use crate::output::{append_missing, write_folder};
use crate::report;
use crate::report::render::Wanted;
use crate::track_record::{HEADER, Scored};

pub fn run(args: &ReportArgs, sources: &Sources, out: &mut impl Write) -> Result<u8, Failure> {
    let day = day(args.as_of.as_deref(), sources)?;
    let (files, record) = edition_files(sources, day, args.hindsight, args.seed, &args.wanted())?;
    let level = sources.datasets.layer.level;
    let units = if level == REGIONS { String::new() } else { format!("-admin{level}") };
    let folder = args.out.join(format!("{day}{units}{}", if args.hindsight { "-hindsight" } else { "" }));
    write_folder(&folder, &files)?;
    writeln!(out, "{}", folder.display())?;
    for (name, text) in &files {
        writeln!(out, "  {name} ({} KB)", text.len().div_ceil(1000))?;
    }
    // Only listed editions are published, and only they are scored and score.
    if !args.hindsight && level == REGIONS && sources.editions.iter().any(|e| e.as_of.0 == day) {
        let new = append_missing(&args.out.join(RECORD), HEADER, &record)?;
        writeln!(out, "{}: {new} new lines", args.out.join(RECORD).display())?;
    }
    Ok(FINE)
}

/// The file beside the editions that keeps what became of their statements.
pub const RECORD: &str = "track-record.csv";

/// The files of an edition by name, and the lines of the track record that it knows: a pure function of its arguments.
pub fn edition_files(
    sources: &Sources,
    day: jiff::civil::Date,
    hindsight: bool,
    seed: u64,
    wanted: &Wanted,
) -> Result<(BTreeMap<String, Vec<u8>>, Vec<String>), Failure> {
    let (edition, previous) = rayon::join(
        || Edition::compute(sources, day, hindsight),
        || sources.edition_before(day).map(|d| Edition::compute(sources, d, hindsight)),
    );
    let report = report::build(sources, &edition, previous.as_ref(), seed);
    let mut files = report::render::files(&report, wanted).map_err(|error| {
        Diagnostic::error("render", error.to_string(), Place::Argument)
            .rule("every report can be rendered")
            .help("this is a defect of the program; please report it")
    })?;
    files.insert("edition.toml".into(), report::render::edition_toml(sources, &report, seed).into_bytes());
    Ok((files, report.track_record.scored.iter().map(Scored::line).collect()))
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
