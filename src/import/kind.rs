//! What a table holds, by what its columns are: the one place that tells kinds apart.

use super::figures::FigureLayout;
use super::hxl;
use super::layout::Layout;
use super::source::Records;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::toml_file;

/// What the columns of a table mean.
#[derive(Clone, Debug)]
pub enum Mapping {
    Events(Box<Layout>),
    Figures(Box<FigureLayout>),
}

/// The files of one import, all of one kind, each with what its columns mean.
#[derive(Debug)]
pub enum Plan {
    Events(Vec<(Records, Layout)>),
    Figures(Vec<(Records, FigureLayout)>),
}

impl Plan {
    /// Title of the source and name of its dataset.
    pub fn named(&self) -> Option<(String, String)> {
        match self {
            Self::Events(files) => files.first().map(|(_, l)| (l.title.clone(), l.name.clone())),
            Self::Figures(files) => files.first().map(|(_, l)| (l.title.clone(), l.name.clone())),
        }
    }
}

impl Mapping {
    /// A mapping that a user wrote: one with `[columns]` is of events, another of figures.
    pub fn parse(path: &str, bytes: &[u8]) -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::default();
        let table: toml::Table = std::str::from_utf8(bytes).ok().and_then(|t| t.parse().ok()).unwrap_or_default();
        let figures = table.contains_key("level") && !table.contains_key("columns");
        let read = if figures {
            toml_file::read(path, bytes, &mut problems).map(|(layout, _)| Self::Figures(Box::new(layout)))
        } else {
            toml_file::read(path, bytes, &mut problems).map(|(layout, _)| Self::Events(Box::new(layout)))
        };
        read.ok_or(problems)
    }

    /// By a bundled layout, else by hashtags. A table that describes the columns of another goes with figures.
    fn of(records: &Records) -> Option<Self> {
        let events = |layout: Layout| Self::Events(Box::new(layout));
        let figures = |layout: FigureLayout| Self::Figures(Box::new(layout));
        let known = Layout::recognise(records).map(events).or_else(|| FigureLayout::recognise(records).map(figures));
        known.or_else(|| hxl::events(records).map(events)).or_else(|| hxl::figures(records).map(figures))
    }
}

/// Whether a table is of a kind that is known.
pub fn wanted(records: &Records) -> bool {
    Mapping::of(records).is_some()
}

/// Sorts out what the tables are; a given mapping holds for all of them.
///
/// # Errors
/// Tables that are of no known kind, and of several kinds.
pub fn plan(tables: Vec<Records>, given: Option<&Mapping>) -> Result<Plan, Diagnostics> {
    let mut problems = Diagnostics::default();
    let (mut events, mut figures) = (Vec::new(), Vec::new());
    for records in tables {
        match given.cloned().or_else(|| Mapping::of(&records)) {
            Some(Mapping::Events(layout)) => events.push((records, *layout)),
            Some(Mapping::Figures(layout)) => figures.push((records, *layout)),
            None => problems.push(unknown(&records)),
        }
    }
    if !events.is_empty() && !figures.is_empty() {
        let names = |path: &str| format!("`{path}`");
        let (a, b) = (events.first().map(|(r, _)| names(&r.path)), figures.first().map(|(r, _)| names(&r.path)));
        problems.push(
            Diagnostic::error("several-kinds", format!("{} holds events and {} figures", a.unwrap_or_default(), b.unwrap_or_default()), Place::Argument)
                .rule("the files of one import make one dataset")
                .help("import them one after the other"),
        );
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(if figures.is_empty() { Plan::Events(events) } else { Plan::Figures(figures) })
}

fn unknown(records: &Records) -> Diagnostic {
    let events = Layout::bundled().into_iter().map(|l| format!("{} ({})", l.name, l.recognised_by.join(", ")));
    let figures = FigureLayout::bundled().into_iter().map(|l| {
        let ways: Vec<String> = l.recognised_by.iter().map(|way| way.join(", ")).collect();
        format!("{} ({})", l.name, ways.join(" | "))
    });
    let known: Vec<String> = events.chain(figures).collect();
    let header: Vec<&str> = records.header.iter().map(String::as_str).take(12).collect();
    Diagnostic::error("unknown-layout", format!("the columns are those of no layout that is known: {}", header.join(", ")), Place::file(&records.path))
        .rule(format!("a table is recognised by its columns or by HXL hashtags: {}", known.join("; ")))
        .help("write what its columns mean into a mapping: `tukhum import FILE --guess > mapping.toml`, then `--map mapping.toml`")
}
