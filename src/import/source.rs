//! From the bytes of a file to records with their line numbers.

use std::io::Read;

use crate::diagnostics::{Diagnostic, Place};

/// A file may not unpack to more than this; a few hundred million events are read from Parquet instead.
const LARGEST: u64 = 4 << 30;
/// A packed file that grows by more than this is no table, once it is larger than [`SMALL`].
const MOST_RATIO: u64 = 200;
const SMALL: u64 = 16 << 20;
/// A record of more cells is none of a table.
const MOST_COLUMNS: usize = 5_000;
/// A line with more delimiters than this is no record, not even one with long texts in quotes.
const LONG_LINE: usize = 1_000_000;

/// A table as text: what its first line names, and its records.
#[derive(Debug, Default)]
pub struct Records {
    /// What the file is called in messages.
    pub path: String,
    pub header: Vec<String>,
    pub rows: Vec<Record>,
    /// What was done to make it readable.
    pub notes: Vec<String>,
}

/// One record, or why it is none.
#[derive(Debug)]
pub struct Record {
    /// Line on which it begins, from 1.
    pub line: u64,
    pub cells: Vec<String>,
}

/// Reads a delimited text file, plain or gzipped, in UTF-8, UTF-16 or Windows-1252.
///
/// The delimiter is the one of `,`, `;`, tab and `|` that the first line has most of. A first line
/// that begins with a number is a record: the file has no header.
///
/// # Errors
/// A file that is empty, binary, damaged, larger than 4 GiB or 200 times its size when unpacked, or wider than
/// 5,000 columns.
pub fn read(path: &str, bytes: &[u8]) -> Result<Records, Diagnostic> {
    let mut notes = Vec::new();
    let unpacked;
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        unpacked = unpack(path, bytes)?;
        &unpacked
    } else {
        bytes
    };
    if let Some(kind) = foreign(bytes) {
        return Err(Diagnostic::error("foreign-format", format!("the file is {kind}"), Place::file(path))
            .rule("events are read from delimited text (CSV, TSV), plain or gzipped")
            .help("save it as CSV (UTF-8)"));
    }
    let text = decode(path, bytes, &mut notes)?;
    let first = text.lines().find(|l| !l.trim().is_empty()).ok_or_else(|| {
        Diagnostic::error("empty-file", "the file is empty", Place::file(path)).rule("a table has a header and rows").help("download it again")
    })?;
    let delimiter = delimiter(first);
    // Before it is taken apart: a cell needs more memory than its delimiter.
    let cells = |line: &str| if line.len() > LONG_LINE { line.bytes().filter(|b| *b == delimiter).count() } else { 0 };
    if let Some((line, cells)) = text.lines().map(cells).enumerate().find(|(_, n)| *n > LONG_LINE) {
        return Err(too_wide(path, line as u64 + 1, cells));
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| damaged(path, &e.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() > MOST_COLUMNS {
            return Err(too_wide(path, line, record.len()));
        }
        if record.iter().all(|c| c.trim().is_empty()) {
            continue;
        }
        rows.push(Record { line, cells: record.iter().map(str::to_owned).collect() });
    }
    let headed = rows.first().is_some_and(|r| r.cells.first().is_some_and(|c| c.trim().parse::<f64>().is_err()));
    let header = if headed { rows.remove(0).cells.iter().map(|c| c.trim().to_owned()).collect() } else { Vec::new() };
    // A line of HXL hashtags says what the columns are; it is no record.
    if rows.first().is_some_and(|r| r.cells.iter().any(|c| c.starts_with('#')) && r.cells.iter().all(|c| c.is_empty() || c.starts_with('#'))) {
        notes.push("a line of HXL hashtags was not read as a record".into());
        rows.remove(0);
    }
    Ok(Records { path: path.to_owned(), header, rows, notes })
}

fn too_wide(path: &str, line: u64, cells: usize) -> Diagnostic {
    Diagnostic::error("too-wide", format!("the record has {cells} cells"), Place::Line { path: path.into(), line, column: None })
        .rule(format!("a table has at most {MOST_COLUMNS} columns"))
        .help("see whether the file is a table, and its line ends are whole")
}

fn unpack(path: &str, bytes: &[u8]) -> Result<Vec<u8>, Diagnostic> {
    let most = LARGEST.min((bytes.len() as u64).saturating_mul(MOST_RATIO).max(SMALL));
    let mut out = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes).take(most + 1).read_to_end(&mut out).map_err(|e| damaged(path, &e.to_string()))?;
    if out.len() as u64 > most {
        return Err(Diagnostic::error("too-large", format!("the file unpacks to more than {most} bytes"), Place::file(path))
            .rule("a table is unpacked in memory: 4 GiB at most, and at most 200 times its size")
            .help("unpack it yourself and see what it is; split a large one by year"));
    }
    Ok(out)
}

/// Formats that somebody may take for a table, by their first bytes.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 6] = [
        (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
        (b"PAR1", "Parquet"),
        (b"%PDF", "a PDF"),
        (b"SQLite format 3", "an SQLite database or GeoPackage"),
        (b"{", "JSON"),
    ];
    kinds.into_iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, kind)| kind)
}

fn decode(path: &str, bytes: &[u8], notes: &mut Vec<String>) -> Result<String, Diagnostic> {
    let utf_16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        (rest.len() % 2 == 0).then(|| String::from_utf16(&units).ok()).flatten()
    };
    let (text, name) = if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        (String::from_utf8(rest.to_vec()).ok(), "UTF-8")
    } else if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        (utf_16(rest, u16::from_le_bytes), "UTF-16LE")
    } else if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        (utf_16(rest, u16::from_be_bytes), "UTF-16BE")
    } else {
        match std::str::from_utf8(bytes) {
            Ok(text) => (Some(text.to_owned()), "UTF-8"),
            Err(_) => (bytes.iter().map(|b| windows_1252(*b)).collect(), "Windows-1252"),
        }
    };
    if name != "UTF-8" {
        notes.push(format!("read as {name}"));
    }
    text.filter(|t| !t.contains('\0')).ok_or_else(|| damaged(path, "it holds bytes that are no text"))
}

/// A character of Windows-1252; none for the five bytes that it does not define.
fn windows_1252(byte: u8) -> Option<char> {
    const FROM_80: [char; 32] = [
        '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š',
        '›', 'œ', '\0', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => FROM_80.get(usize::from(byte - 0x80)).copied().filter(|c| *c != '\0'),
        _ => Some(char::from(byte)),
    }
}

fn delimiter(line: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    for byte in line.bytes() {
        quoted ^= byte == b'"';
        if let Some((_, n)) = counts.iter_mut().find(|(d, _)| *d == byte && !quoted) {
            *n += 1;
        }
    }
    // Of equal ones the first.
    counts.into_iter().rev().max_by_key(|(_, n)| *n).map_or(b',', |(d, _)| d)
}

fn damaged(path: &str, why: &str) -> Diagnostic {
    Diagnostic::error("unreadable", format!("cannot read: {why}"), Place::file(path))
        .rule("the file is whole, and text")
        .help("download it again; nothing was imported")
}
