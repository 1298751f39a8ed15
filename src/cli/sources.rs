use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::aggregate::{by, given_day, half_life};
use super::args::{Arguments, CompareSourcesArgs, DialectArg, Format, SourcesAction, SourcesArgs, SourcesBy, SqlArgs};
use super::import::event_mapping;
use super::table::{csv, number, table};
use super::{FINE, Failure, open, workspace};
use crate::aggregate::sql::{Dialect, query};
use crate::datasets::Manifest;
use crate::diagnostics::{Diagnostic, Place, suggestion};
use crate::edition::Sources;
use crate::import::Layout;
use crate::studies::sources::{By, Comparison, Difference, Refusal, compare};
use crate::workspace::Workspace;

pub fn run(args: &SourcesArgs, arguments: &Arguments, out: &mut impl Write) -> Result<u8, Failure> {
    match &args.action {
        None => list(args.format, &open(arguments)?, &workspace(arguments)?, out)?,
        Some(SourcesAction::Compare(a)) => compared(a, &open(arguments)?, out)?,
        Some(SourcesAction::Sql(a)) => sql(a, out)?,
    }
    Ok(FINE)
}

/// What is loaded of one dataset.
#[derive(Serialize)]
struct Source<'a> {
    dataset: &'a str,
    shape: String,
    kind: String,
    releases: usize,
    newest: Option<&'a str>,
    published: Option<String>,
    areas: Vec<&'a str>,
    from: Option<String>,
    to: Option<String>,
    rows: Option<usize>,
    precedence: Option<u32>,
    title: &'a str,
}

impl<'a> Source<'a> {
    fn new(manifest: &'a Manifest, workspace: &Workspace) -> Self {
        let newest = manifest.coverage.iter().max_by_key(|c| (c.published, &c.release));
        let mut areas: Vec<&str> = manifest.coverage.iter().flat_map(|c| c.areas.iter().map(String::as_str)).collect();
        areas.sort_unstable();
        areas.dedup();
        // The words of the manifest itself.
        let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            dataset: &manifest.id,
            shape: word(serde_json::json!(manifest.shape)),
            kind: word(serde_json::json!(manifest.kind)),
            releases: manifest.coverage.len(),
            newest: newest.map(|c| c.release.as_str()),
            published: newest.map(|c| c.published.to_string()),
            areas,
            from: manifest.coverage.iter().filter_map(|c| c.from).min().map(|d| d.to_string()),
            to: manifest.coverage.iter().filter_map(|c| c.to).max().map(|d| d.to_string()),
            rows: rows(manifest, workspace),
            precedence: manifest.precedence,
            title: &manifest.title,
        }
    }
}

/// Rows of a table in CSV; none for shapes and Parquet.
fn rows(manifest: &Manifest, workspace: &Workspace) -> Option<usize> {
    let bytes = workspace.files.get(&format!("datasets/{}/{}", manifest.id, manifest.table))?;
    manifest.table.ends_with(".csv").then(|| ::csv::ReaderBuilder::new().flexible(true).from_reader(bytes.as_slice()).byte_records().count())
}

fn list(format: Format, sources: &Sources, workspace: &Workspace, out: &mut impl Write) -> Result<(), Failure> {
    let found: Vec<Source<'_>> = sources.datasets.manifests.values().map(|m| Source::new(m, workspace)).collect();
    let text = |x: Option<String>| x.unwrap_or_default();
    let count = |x: Option<usize>| text(x.map(|n| n.to_string()));
    match format {
        Format::Json => json(&found, out)?,
        Format::Csv => {
            let header = ["dataset", "shape", "kind", "releases", "newest", "published", "areas", "from", "to", "rows", "precedence", "title"];
            let lines = found.iter().map(|s| {
                vec![
                    s.dataset.to_owned(), s.shape.clone(), s.kind.clone(), s.releases.to_string(), s.newest.unwrap_or_default().to_owned(), text(s.published.clone()),
                    s.areas.join(";"), text(s.from.clone()), text(s.to.clone()), count(s.rows), text(s.precedence.map(|p| p.to_string())), s.title.to_owned(),
                ]
            });
            write!(out, "{}", csv(&header, lines)?)?;
        }
        Format::Table => {
            let lines = found.iter().map(|s| {
                let month = |day: &Option<String>| day.as_deref().and_then(|d| d.get(..7)).unwrap_or_default().to_owned();
                let span = if s.from.is_some() { format!("{}..{}", month(&s.from), month(&s.to)) } else { String::new() };
                let newest = s.newest.map_or_else(String::new, |n| format!("{n} ({})", text(s.published.clone())));
                vec![
                    s.dataset.to_owned(), s.shape.clone(), s.kind.clone(), s.releases.to_string(), newest, s.areas.len().to_string(), span, count(s.rows),
                    text(s.precedence.map(|p| p.to_string())),
                ]
            });
            let header = ["dataset", "shape", "kind", "releases", "newest", "areas", "covers", "rows", "prec."];
            let rows: Vec<Vec<String>> = std::iter::once(header.map(str::to_owned).to_vec()).chain(lines).collect();
            write!(out, "{}", padded(&rows))?;
        }
    }
    Ok(())
}

/// Columns as wide as their longest cell: wrapped to a terminal nobody could read nine of them.
fn padded(rows: &[Vec<String>]) -> String {
    let width = |i: usize| rows.iter().filter_map(|r| r.get(i)).map(|c| c.chars().count()).max().unwrap_or_default();
    let line = |row: &Vec<String>| row.iter().enumerate().map(|(i, cell)| format!("{:<1$}  ", cell, width(i))).collect::<String>().trim_end().to_owned() + "\n";
    rows.iter().map(line).collect()
}

fn json(value: &impl Serialize, out: &mut impl Write) -> Result<(), Failure> {
    Ok(writeln!(out, "{}", serde_json::to_string_pretty(value).map_err(std::io::Error::other)?)?)
}

fn compared(args: &CompareSourcesArgs, sources: &Sources, out: &mut impl Write) -> Result<(), Failure> {
    let by = match args.by {
        None => By::UnitMonth,
        Some(SourcesBy::Unit) => By::Unit,
        Some(SourcesBy::Month) => By::Month,
    };
    let found = compare(&sources.datasets, &sources.resolver, &args.a, &args.b, by).map_err(|r| refused(r, sources))?;
    let cells = |d: &Difference| {
        let numbers = [d.a.events, d.b.events, d.a.deaths, d.b.deaths];
        [d.country.clone(), d.unit.clone(), d.month.clone().unwrap_or_default()].into_iter().chain(numbers.map(|n| n.to_string())).collect::<Vec<_>>()
    };
    match args.format {
        Format::Json => json(&found, out)?,
        Format::Csv => {
            let header = ["country", "unit", "month", "events_a", "events_b", "deaths_a", "deaths_b"];
            write!(out, "{}", csv(&header, found.rows.iter().map(cells))?)?;
        }
        Format::Table => {
            write!(out, "{}", words(&found))?;
            let title = if args.by.is_none() { "Where they differ most" } else { "All that have an event" };
            let header = ["country", "unit", "month", "events A", "events B", "deaths A", "deaths B"];
            write!(out, "\n{title}:\n\n{}", table(&header, &[3, 4, 5, 6], found.rows.iter().map(cells).collect()))?;
        }
    }
    Ok(())
}

fn words(c: &Comparison) -> String {
    let areas = if c.by_country { "countries" } else { "units" };
    let two = |x: Option<f64>| x.map_or_else(|| "–".into(), |x| format!("{x:.2}"));
    let upper = c.upper.map_or_else(|| "no bound".into(), |x| format!("{x:.3}"));
    format!(
        "A  {}\nB  {}\n{}\n\nBoth cover {} from {} to {}: {} {areas} × months.\nevents  A {}, B {}; A for each of B {} (90 % interval {:.3} to {upper})\ndeaths  A {}, B {}\ncorrelation of events  Pearson {}, Spearman {}; an event in A alone in {}, in B alone in {}\n",
        c.a,
        c.b,
        c.definitions,
        c.countries.join(", "),
        c.from,
        c.to,
        c.unit_months,
        c.total_a.events,
        c.total_b.events,
        c.ratio.map_or_else(|| number(None) + "–", |x| format!("{x:.3}")),
        c.lower,
        c.total_a.deaths,
        c.total_b.deaths,
        two(c.pearson),
        two(c.spearman),
        c.only_a,
        c.only_b,
    )
}

fn refused(refusal: Refusal, sources: &Sources) -> Diagnostic {
    let rule = "two exhaustive sources of events or counts by province or country and month are compared";
    match refusal {
        Refusal::Unknown(id) => Diagnostic::error("unknown-dataset", format!("there is no dataset `{id}`"), Place::Argument)
            .rule(rule)
            .help(suggestion(&id, sources.datasets.manifests.keys().map(String::as_str))),
        Refusal::NotExhaustive(id) => Diagnostic::error("not-exhaustive", format!("`{id}` is no exhaustive source of events or counts"), Place::Argument)
            .rule(rule)
            .help("`tukhum sources` shows the kind and shape of each"),
        Refusal::NotMonthly(id) => Diagnostic::error("not-monthly", format!("`{id}` has areas below provinces, or periods longer than a month"), Place::Argument)
            .rule(rule)
            .help("compare a table of provinces or countries by month"),
        Refusal::NoCommonMonths => Diagnostic::error("no-common-months", "the two cover no country and month in common", Place::Argument)
            .rule("counts are compared only where both sources speak")
            .help("`tukhum sources` shows what each covers"),
    }
}

fn sql(args: &SqlArgs, out: &mut impl Write) -> Result<(), Failure> {
    let day = given_day(&args.as_of)?;
    half_life(args.half_life_months)?;
    let layout = match Layout::bundled().into_iter().find(|l| l.name == args.layout) {
        Some(layout) => layout,
        None => event_mapping(Path::new(&args.layout))?,
    };
    let dialect = if args.dialect == DialectArg::Duckdb { Dialect::DuckDb } else { Dialect::Standard };
    write!(out, "{}", query(&layout, by(args.by), &args.table, day, args.half_life_months, dialect))?;
    Ok(())
}
