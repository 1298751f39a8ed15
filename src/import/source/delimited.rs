//! Delimited text in the encodings and with the delimiters that spreadsheets write.

use super::{MOST_COLUMNS, Record, Records, damaged, empty, header};
use crate::diagnostics::{Diagnostic, Place};

/// A line with more delimiters than this is no record, not even one with long texts in quotes.
const LONG_LINE: usize = 1_000_000;

/// Reads delimited text in UTF-8, UTF-16 or Windows-1252.
///
/// The delimiter is the one of `,`, `;`, tab and `|` that the first line has most of. A first line
/// that begins with a number is a record: the file has no header.
pub fn read(path: &str, bytes: &[u8]) -> Result<Records, Diagnostic> {
    let mut notes = Vec::new();
    let text = decode(path, bytes, &mut notes)?;
    let first = text.lines().find(|l| !l.trim().is_empty()).ok_or_else(|| empty(path))?;
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
    let mut records = header::first_row(rows);
    notes.append(&mut records.notes);
    Ok(Records { notes, ..records })
}

fn too_wide(path: &str, line: u64, cells: usize) -> Diagnostic {
    Diagnostic::error("too-wide", format!("the record has {cells} cells"), Place::Line { path: path.into(), line, column: None })
        .rule(format!("a table has at most {MOST_COLUMNS} columns"))
        .help("see whether the file is a table, and its line ends are whole")
}

fn decode(path: &str, bytes: &[u8], notes: &mut Vec<String>) -> Result<String, Diagnostic> {
    let utf_16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        rest.len().is_multiple_of(2).then(|| String::from_utf16(&units).ok()).flatten()
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
        notes.push(format!("the text is {name}"));
    }
    text.filter(|t| !t.contains('\0')).ok_or_else(|| damaged(path, "it holds bytes that are no text"))
}

/// A character of Windows-1252; none for the five bytes that it does not define.
pub(crate) fn windows_1252(byte: u8) -> Option<char> {
    const FROM_80: [char; 32] = [
        '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š',
        '›', 'œ', '\0', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => FROM_80.get(usize::from(byte - 0x80)).copied().filter(|c| *c != '\0'),
        _ => Some(char::from(byte)),
    }
}

pub(crate) fn delimiter(line: &str) -> u8 {
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
