//! Event files of any size into counts per area and month.
//!
//! Rows are read in pieces and forgotten: memory depends on the number of areas and months, not of
//! rows. Whatever is summed is a whole number (decayed sums in fixed point), so the same files give the
//! same bytes on any number of threads.

pub mod account;
mod cells;
mod columns;
mod delimited;
mod names;
mod parquet;
pub mod sql;
mod tally;
mod write;

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader};
use std::sync::Mutex;

use jiff::civil::Date;
use polars_io::mmap::MmapBytesReader;
use rayon::prelude::*;

pub use account::Account;
pub use cells::Cell;
pub use write::{csv, parquet};

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::geo::Point;
use crate::import::layout::Layout;
use crate::import::row::Countries;
use crate::text::Month;
use account::{At, Reasons};
use cells::Calendar;
use columns::Columns;
use delimited::{Block, Blocks};
use tally::Tally;

const EPOCH: Date = Date::constant(1970, 1, 1);
/// Mean length of a month in days, for half-lives that are given in months.
pub const DAYS_PER_MONTH: f64 = 30.4375;

/// What an area is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Country,
    /// The source's name of the first-level unit.
    Admin1,
    /// The source's names of the first- and second-level unit.
    Admin2,
    /// The shape that the point lies in; a place known to the first-level unit at best has no point.
    Point,
}

impl By {
    /// As `area_kind` of a table of counts names it.
    pub fn area_kind(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Admin1 | Self::Point => "admin1",
            Self::Admin2 => "admin2",
        }
    }
}

/// What is asked of the files.
pub struct Question<'a> {
    pub by: By,
    /// What the columns mean; found by the columns if none is given.
    pub layout: Option<Layout>,
    /// Last day that is counted, and the day as of which sums are decayed.
    pub as_of: Option<Date>,
    pub half_life_months: Option<f64>,
    pub countries: &'a Countries,
    /// Country and id of each shape.
    pub shapes: &'a [(String, String)],
    /// Number of the shape that a point lies in.
    pub locate: &'a (dyn Fn(Point) -> Option<usize> + Sync),
}

/// A file.
#[derive(Clone, Debug)]
pub struct Input {
    pub path: String,
    /// Folders `name=value` that it lies in: columns that are the same for all its rows.
    pub folders: Vec<(String, String)>,
}

/// Opens a file, as often as it is asked for.
pub type Open<'a> = dyn Fn(&str) -> io::Result<Box<dyn MmapBytesReader>> + Sync + 'a;

/// Counts in the order of country, area and month, and what became of the rows.
pub struct Aggregate {
    pub by: By,
    /// Whether sums were decayed.
    pub decayed: bool,
    pub layout: Layout,
    pub counts: BTreeMap<(String, String, Month), Cell>,
    pub account: Account,
}

/// A file whose columns were found.
struct File<'a> {
    input: &'a Input,
    columns: Columns,
    kind: Format,
}

enum Format {
    Delimited { delimiter: u8, headed: bool, packed: bool },
    Parquet(parquet::Head),
}

/// Counts the events of files by area and month.
///
/// # Formula
/// ```text
/// decayed = Σ 0.5^(age / half-life) over events, or of their deaths; age in days to the as-of day
/// ```
/// Each weight is kept to 2⁻⁷² and the sum is exact.
///
/// # Missing
/// A sum of deaths is missing where no row states the number. An event in no area is counted for its
/// country, with an empty area. An area and month without a row have no event.
///
/// # Errors
/// Files that cannot be read, are in no known layout, in two layouts, or lack a column. Rows that cannot
/// be used stop nothing: they are counted by reason. An id that occurs twice is counted twice.
pub fn aggregate(question: &Question<'_>, inputs: &[Input], open: &Open<'_>) -> Result<Aggregate, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut layout = question.layout.clone();
    let mut files = Vec::new();
    for input in inputs {
        match look(question, input, open, &mut layout) {
            Ok(file) => files.push(file),
            Err(problem) => problems.push(problem),
        }
    }
    let Some(layout) = layout.filter(|_| !problems.has_errors()) else { return Err(problems) };
    let half_life_days = question.half_life_months.filter(|_| question.as_of.is_some()).map(|months| months * DAYS_PER_MONTH);
    let calendar = Calendar::new(question.as_of.map(tally::days_of), half_life_days);
    let new = || Tally::new(question, &layout, &calendar);
    let counted = count_delimited(&files, open, new).and_then(|delimited| Ok(count_parquet(&files, open, new)?.merge(delimited)));
    let tally = match counted {
        Ok(tally) => tally,
        Err(problem) => {
            problems.push(problem);
            return Err(problems);
        }
    };
    let counts = tally.cells.ordered(&tally.names);
    let account = account(&tally, &counts, inputs, &files);
    Ok(Aggregate { by: question.by, decayed: half_life_days.is_some(), layout: layout.clone(), counts, account })
}

fn unreadable(path: &str, why: &dyn std::fmt::Display) -> Diagnostic {
    Diagnostic::error("unreadable", format!("cannot read: {why}"), Place::file(path))
        .rule("events are counted from delimited text in UTF-8 or Windows-1252, plain or gzipped, and from Parquet")
        .help("check the path, or download the file again; nothing was written")
}

fn date_of(day: i32) -> Date {
    EPOCH.checked_add(jiff::Span::new().days(i64::from(day))).unwrap_or(EPOCH)
}

/// Finds format, layout and columns of a file.
fn look<'a>(question: &Question<'_>, input: &'a Input, open: &Open<'_>, layout: &mut Option<Layout>) -> Result<File<'a>, Diagnostic> {
    let path = input.path.as_str();
    let failed = |error: &dyn std::fmt::Display| unreadable(path, error);
    let mut reader = BufReader::new(open(path).map_err(|e| failed(&e))?);
    let magic = reader.fill_buf().map_err(|e| failed(&e))?;
    if magic.is_empty() {
        return Err(failed(&"the file is empty"));
    }
    let (kind, header, width) = if magic.starts_with(b"PAR1") {
        let head = parquet::head(open(path).map_err(|e| failed(&e))?).map_err(|e| failed(&e))?;
        let header = head.columns.clone();
        (Format::Parquet(head), header, 0)
    } else {
        let packed = magic.starts_with(&[0x1f, 0x8b]);
        let (delimiter, cells, headed) = if packed {
            let mut unpacked = BufReader::new(flate2::read::MultiGzDecoder::new(reader));
            look_foreign(path, unpacked.fill_buf().map_err(|e| failed(&e))?)?;
            delimited::first_line(&mut unpacked)
        } else {
            look_foreign(path, magic)?;
            delimited::first_line(&mut reader)
        }
        .map_err(|e| failed(&e))?;
        let width = cells.len();
        (Format::Delimited { delimiter, headed, packed }, if headed { cells } else { Vec::new() }, width)
    };
    let found = match (&question.layout, &layout) {
        (Some(given), _) => given.clone(),
        _ => Layout::by_header(&header, width).ok_or_else(|| crate::import::unknown_layout(path, &header))?,
    };
    let first = layout.get_or_insert_with(|| found.clone());
    if first.name != found.name {
        return Err(Diagnostic::error("two-layouts", format!("the file is {}, the first one {}", found.title, first.title), Place::file(path))
            .rule("sources of different definitions are never summed")
            .help("count the files of each source by themselves"));
    }
    let header = if header.is_empty() { found.headerless.clone() } else { header };
    let columns = Columns::find(&found, question.by, path, &header, &input.folders)?;
    Ok(File { input, columns, kind })
}

/// Formats that are not read in pieces, by their first bytes.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 5] = [
        (b"PK\x03\x04", "a ZIP archive or a workbook"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
        (b"%PDF", "a PDF"),
        (b"SQLite format 3", "an SQLite database or GeoPackage"),
        (b"{", "JSON"),
    ];
    kinds.into_iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, kind)| kind)
}

/// Refuses what is no text in one byte per sign.
fn look_foreign(path: &str, first: &[u8]) -> Result<(), Diagnostic> {
    let wide = first.starts_with(b"\xff\xfe") || first.starts_with(b"\xfe\xff");
    match foreign(first).or(wide.then_some("UTF-16")) {
        None => Ok(()),
        Some(kind) => Err(Diagnostic::error("foreign-format", format!("the file is {kind}"), Place::file(path))
            .rule("events are counted from delimited text in UTF-8 or Windows-1252, plain or gzipped, and from Parquet")
            .help("save it as CSV (UTF-8) or Parquet")),
    }
}

fn count_delimited<'q>(files: &[File<'_>], open: &Open<'_>, new: impl Fn() -> Tally<'q> + Sync + Send) -> Result<Tally<'q>, Diagnostic> {
    let stream = Mutex::new(Stream { files, open, next: 0, blocks: None });
    // Each thread takes the next block and forgets it once counted.
    let work = |_| {
        let mut tally = new();
        loop {
            let next = stream.lock().map_err(|_| unreadable("", &"a thread stopped"))?.next();
            let Some(block) = next.transpose()? else { return Ok(tally) };
            if let Some((columns, headed)) = files.get(block.file as usize).and_then(|f| match f.kind {
                Format::Delimited { headed, .. } => Some((&f.columns, headed)),
                Format::Parquet(_) => None,
            }) {
                delimited::take(&block, columns, headed, &mut tally);
            }
        }
    };
    (0..rayon::current_num_threads()).into_par_iter().with_max_len(1).map(work).try_reduce(&new, |a, b| Ok(a.merge(b)))
}

/// The blocks of all delimited files, one file after the other.
struct Stream<'a> {
    files: &'a [File<'a>],
    open: &'a Open<'a>,
    next: usize,
    blocks: Option<(&'a str, Blocks<Box<dyn io::Read + Send>>)>,
}

impl Stream<'_> {
    fn next(&mut self) -> Option<Result<Block, Diagnostic>> {
        loop {
            if let Some((path, blocks)) = &mut self.blocks {
                if let Some(block) = blocks.next_block() {
                    return Some(block.map_err(|e| unreadable(path, &e)));
                }
                self.blocks = None;
            }
            let number = self.next;
            let file = self.files.get(number)?;
            self.next += 1;
            if let Format::Delimited { delimiter, packed, .. } = file.kind {
                let path = file.input.path.as_str();
                let from: Box<dyn io::Read + Send> = match (self.open)(path) {
                    Ok(file) if packed => Box::new(flate2::read::MultiGzDecoder::new(BufReader::with_capacity(1 << 20, file))),
                    Ok(file) => Box::new(file),
                    Err(error) => return Some(Err(unreadable(path, &error))),
                };
                self.blocks = Some((path, Blocks::new(from, number as u32, delimiter)));
            }
        }
    }
}

fn count_parquet<'q>(files: &[File<'_>], open: &Open<'_>, new: impl Fn() -> Tally<'q> + Sync + Send) -> Result<Tally<'q>, Diagnostic> {
    let mut pieces = Vec::new();
    for (number, file) in files.iter().enumerate() {
        if let Format::Parquet(head) = &file.kind {
            pieces.extend(parquet::pieces(head).into_iter().map(|piece| (number, head, file, piece)));
        }
    }
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = |_| {
        let mut tally = new();
        loop {
            let Some((number, head, file, piece)) = pieces.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) else { return Ok(tally) };
            let path = file.input.path.as_str();
            let reader = open(path).map_err(|e| unreadable(path, &e))?;
            parquet::take(reader, head, *piece, &file.columns, *number as u32, &mut tally).map_err(|e| unreadable(path, &e))?;
        }
    };
    (0..rayon::current_num_threads()).into_par_iter().with_max_len(1).map(work).try_reduce(&new, |a, b| Ok(a.merge(b)))
}

fn account(tally: &Tally<'_>, counts: &BTreeMap<(String, String, Month), Cell>, inputs: &[Input], files: &[File<'_>]) -> Account {
    let is_code = |c: &str| c.len() == 3 && c.bytes().all(|b| b.is_ascii_uppercase());
    let mut spelled: Vec<&str> = counts.keys().map(|(country, ..)| country.as_str()).filter(|c| !is_code(c)).collect();
    spelled.dedup();
    let note = format!("countries without a code, counted as the source spells them: {}", spelled.join(", "));
    let mut lines: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    lines.extend(tally.lines.iter().map(|(file, part, n)| ((*file, *part), *n)));
    let place = |at: &At| {
        let before: u64 = lines.range((at.file, 0)..(at.file, at.part)).map(|(_, n)| n).sum();
        let path = inputs.get(at.file as usize).map_or("", |i| i.path.as_str());
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let parquet = files.get(at.file as usize).is_some_and(|f| matches!(f.kind, Format::Parquet(_)));
        if parquet { format!("{name} row {}", at.row) } else { format!("{name}:{}", before + at.row) }
    };
    let list = |reasons: &Reasons| reasons.iter().map(|(why, n, first)| (why.to_owned(), (n, first.iter().map(place).collect()))).collect();
    Account {
        files: inputs.len(),
        read: tally.read,
        counted: tally.read - tally.aside.total() - tally.refused.total(),
        aside: list(&tally.aside),
        refused: list(&tally.refused),
        unplaced: tally.unplaced,
        notes: if spelled.is_empty() { Vec::new() } else { vec![note] },
    }
}
