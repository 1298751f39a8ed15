//! From the bytes of a file to records with their places: one format a file.
//!
//! Everything happens in memory: nothing of an archive is written anywhere, no formula is computed,
//! no entity of an XML document is expanded but the five of the language.

pub(super) mod archive;
pub(crate) mod delimited;
mod header;
mod json;
mod workbook;

use crate::datasets;
use crate::diagnostics::{Diagnostic, Place};
use crate::guarded::guarded;

/// A file may not unpack to more than this.
const LARGEST: u64 = 4 << 30;
/// A table has at most so many cells, empty ones included.
const MOST_CELLS: usize = 100_000_000;
const MOST_COLUMNS: usize = 5_000;

/// In what form a file holds its table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Csv,
    Xlsx,
    Ods,
    Parquet,
    Json,
    JsonLines,
}

impl Format {
    /// All formats with their names and what they are.
    pub const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::Csv, "csv", "delimited text"),
        (Self::Xlsx, "xlsx", "Excel workbook"),
        (Self::Ods, "ods", "OpenDocument spreadsheet"),
        (Self::Parquet, "parquet", "Parquet"),
        (Self::Json, "json", "JSON: an array of objects, or the answer of UCDP's or ACLED's API"),
        (Self::JsonLines, "jsonl", "JSON lines"),
    ];

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, n, _)| *n == name).map(|(format, ..)| format)
    }

    pub fn is_workbook(self) -> bool {
        matches!(self, Self::Xlsx | Self::Ods)
    }
}

/// A table as text: what its columns are called, and its records.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// What the file is called in messages.
    pub path: String,
    /// Of the file as it is.
    pub sha256: String,
    pub format: Format,
    pub header: Vec<String>,
    /// HXL hashtag of each column, in lower case; none if the file has no row of them.
    pub hashtags: Vec<String>,
    pub rows: Vec<Record>,
    /// What was done to make it readable.
    pub notes: Vec<String>,
}

/// One record and where it stands.
#[derive(Clone, Debug)]
pub struct Record {
    /// Line on which it begins, row of the sheet, or number of the object, from 1.
    pub line: u64,
    pub cells: Vec<String>,
}

/// How a file is to be read, where its contents leave a choice.
pub struct Options<'a> {
    /// Instead of what the first bytes say.
    pub format: Option<Format>,
    /// Name of the sheet of a workbook.
    pub sheet: Option<&'a str>,
    /// Whether a table is one that is looked for: of several sheets the first such one is read.
    pub wanted: &'a dyn Fn(&Records) -> bool,
}

/// Reads a table, plain, gzipped or alone in a ZIP archive, in the format that its bytes say.
///
/// # Errors
/// A file that is empty, damaged, of another kind, or beyond a limit of size.
pub fn read(path: &str, bytes: &[u8], options: &Options<'_>) -> Result<Records, Diagnostic> {
    let mut notes = Vec::new();
    let sha256 = datasets::sha256(bytes);
    let unpacked = archive::unpack(path, bytes, &mut notes)?;
    let bytes = unpacked.as_deref().unwrap_or(bytes);
    let format = match options.format {
        Some(format) => format,
        None => recognise(path, bytes)?,
    };
    let mut records = match format {
        Format::Csv => delimited::read(path, bytes)?,
        Format::Xlsx | Format::Ods => guarded(|| workbook::read(path, bytes, format, options)).unwrap_or_else(|why| Err(damaged(path, &why)))?,
        Format::Parquet => parquet(path, bytes)?,
        Format::Json => json::read(path, bytes)?,
        Format::JsonLines => json::read_lines(path, bytes)?,
    };
    let name = Format::ALL.into_iter().find(|(f, ..)| *f == format).map_or("", |(_, name, _)| name);
    notes.insert(0, format!("read as {name}"));
    notes.append(&mut records.notes);
    Ok(Records { path: path.to_owned(), sha256, format, notes, ..records })
}

/// The format of a file by its first bytes.
fn recognise(path: &str, bytes: &[u8]) -> Result<Format, Diagnostic> {
    let foreign: [(&[u8], &str); 3] = [
        (b"\xd0\xcf\x11\xe0", "an old or an encrypted Excel workbook"),
        (b"%PDF", "a PDF"),
        (b"SQLite format 3", "an SQLite database or GeoPackage"),
    ];
    if let Some((_, kind)) = foreign.into_iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(wrong_format(path, &format!("the file is {kind}")));
    }
    if bytes.starts_with(b"PAR1") {
        return Ok(Format::Parquet);
    }
    if bytes.starts_with(b"PK") {
        return archive::workbook(path, bytes);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    Ok(match text.first() {
        Some(b'{') if json::is_lines(text) => Format::JsonLines,
        Some(b'{' | b'[') => Format::Json,
        _ => Format::Csv,
    })
}

/// Parquet is typed: its cells become the text that other formats have.
fn parquet(path: &str, bytes: &[u8]) -> Result<Records, Diagnostic> {
    let (header, rows) = datasets::parquet_cells(bytes, MOST_CELLS, MOST_COLUMNS).map_err(|why| damaged(path, &why))?;
    let rows = rows.into_iter().enumerate().map(|(i, cells)| Record { line: i as u64 + 1, cells }).collect();
    Ok(header::with_hashtags(Records { header, rows, ..Records::default() }))
}

fn wrong_format(path: &str, what: &str) -> Diagnostic {
    let known: Vec<String> = Format::ALL.iter().map(|(_, name, what)| format!("{name} ({what})")).collect();
    Diagnostic::error("foreign-format", what.to_owned(), Place::file(path))
        .rule(format!("a table is read from {}, plain, .gz or alone in a .zip", known.join(", ")))
        .help("save it as CSV (UTF-8), or say what it is with --format")
}

fn too_large(path: &str, what: &str) -> Diagnostic {
    Diagnostic::error("too-large", what.to_owned(), Place::file(path)).rule("a table is read in memory, within limits").help("split it by year, or save it as CSV")
}

fn damaged(path: &str, why: &str) -> Diagnostic {
    Diagnostic::error("unreadable", format!("cannot read: {why}"), Place::file(path))
        .rule("the file is whole, and what it says it is")
        .help("download it again; nothing was imported")
}

fn empty(path: &str) -> Diagnostic {
    Diagnostic::error("empty-file", "the file is empty", Place::file(path)).rule("a table has a header and rows").help("download it again")
}
