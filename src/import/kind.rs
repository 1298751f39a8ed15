//! What a table holds, by what its columns are: the one place that tells kinds apart.

use super::counts;
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
    Counts(Vec<(Records, counts::Layout)>),
    Figures(Vec<(Records, FigureLayout)>),
}

impl Plan {
    /// Title of the source and name of its dataset.
    pub fn named(&self) -> Option<(String, String)> {
        match self {
            Self::Events(files) => files.first().map(|(_, l)| (l.title.clone(), l.name.clone())),
            Self::Counts(files) => files.first().map(|(_, l)| (l.title().to_owned(), l.name().to_owned())),
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
    counts::Layout::recognise(records).is_some() || Mapping::of(records).is_some()
}

/// Sorts out what the tables are; a given mapping holds for all of them.
///
/// # Errors
/// Tables that are of no known kind, and of several kinds.
pub fn plan(tables: Vec<Records>, given: Option<&Mapping>) -> Result<Plan, Diagnostics> {
    let mut problems = Diagnostics::default();
    let (mut events, mut counted, mut figures) = (Vec::new(), Vec::new(), Vec::new());
    for records in tables {
        if let Some(layout) = counts::Layout::recognise(&records).filter(|_| given.is_none()) {
            counted.push((records, layout));
            continue;
        }
        match given.cloned().or_else(|| Mapping::of(&records)) {
            Some(Mapping::Events(layout)) => events.push((records, *layout)),
            Some(Mapping::Figures(layout)) => figures.push((records, *layout)),
            None => problems.push(unknown(&records)),
        }
    }
    let firsts = [
        ("events", events.first().map(|(r, _)| &r.path)),
        ("counts", counted.first().map(|(r, _)| &r.path)),
        ("figures", figures.first().map(|(r, _)| &r.path)),
    ];
    let kinds: Vec<String> = firsts.iter().filter_map(|(kind, path)| Some(format!("`{}` holds {kind}", path.as_ref()?))).collect();
    if kinds.len() > 1 {
        problems.push(
            Diagnostic::error("several-kinds", kinds.join(", "), Place::Argument)
                .rule("the files of one import make one dataset")
                .help("import them one after the other"),
        );
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(match (counted.is_empty(), figures.is_empty()) {
        (false, _) => Plan::Counts(counted),
        (_, false) => Plan::Figures(figures),
        _ => Plan::Events(events),
    })
}

fn unknown(records: &Records) -> Diagnostic {
    unknown_layout(&records.path, &records.header)
}

/// What is said of a file whose columns nobody knows.
pub fn unknown_layout(path: &str, header: &[String]) -> Diagnostic {
    let events = Layout::bundled().into_iter().map(|l| format!("{} ({})", l.name, l.recognised_by.join(", ")));
    let figures = FigureLayout::bundled().into_iter().map(|l| {
        let ways: Vec<String> = l.recognised_by.iter().map(|way| way.join(", ")).collect();
        format!("{} ({})", l.name, ways.join(" | "))
    });
    let known: Vec<String> = events.chain(figures).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).take(12).collect();
    Diagnostic::error("unknown-layout", format!("the columns are those of no layout that is known: {}", header.join(", ")), Place::file(path))
        .rule(format!("a table is recognised by its columns or by HXL hashtags: {}", known.join("; ")))
        .help("write what its columns mean into a mapping: `tukhum import FILE --guess > mapping.toml`, then `--map mapping.toml`")
}
