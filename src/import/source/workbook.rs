//! Excel and OpenDocument workbooks: the values that their cells show, sheet by sheet.

use std::io::{Cursor, Read};

use calamine::{Data, DataRef, ExcelDateTime, Ods, Reader, Sheet, SheetVisible, Xlsx};
use quick_xml::errors::IllFormedError;
use quick_xml::events::Event;
use zip::ZipArchive;

use super::{Format, MOST_CELLS, MOST_COLUMNS, Options, Record, Records, damaged, header, too_large};
use crate::diagnostics::{Diagnostic, Place, near_names};

const MOST_SHEETS: usize = 500;
/// Cells of an ODS sheet with all repetitions written out; they are held as values, not as text.
const MOST_ODS_CELLS: usize = 20_000_000;

type Bytes<'a> = Cursor<&'a [u8]>;

enum Book<'a> {
    Xlsx(Box<Xlsx<Bytes<'a>>>),
    Ods(Box<Ods<Bytes<'a>>>),
}

/// Reads the sheet that is named, or of the visible ones the first that is wanted, or else the first that
/// looks like a table.
///
/// A formula gives the value that was stored with it and is never computed. An error such as `#N/A` stays
/// as text. A date is written yyyy-mm-dd.
pub fn read(path: &str, bytes: &[u8], format: Format, options: &Options<'_>) -> Result<Records, Diagnostic> {
    let wrong = |e: &dyn std::fmt::Display| damaged(path, &e.to_string());
    let mut book = if format == Format::Xlsx {
        Book::Xlsx(Box::new(Xlsx::new(Cursor::new(bytes)).map_err(|e| wrong(&e))?))
    } else {
        check_ods(path, bytes)?;
        Book::Ods(Box::new(Ods::new(Cursor::new(bytes)).map_err(|e| wrong(&e))?))
    };
    let sheets: Vec<Sheet> = match &book {
        Book::Xlsx(book) => book.sheets_metadata().to_vec(),
        Book::Ods(book) => book.sheets_metadata().to_vec(),
    };
    if sheets.len() > MOST_SHEETS {
        return Err(too_large(path, &format!("the workbook has {} sheets", sheets.len())));
    }
    let visible = |s: &Sheet| s.visible == SheetVisible::Visible;
    let candidates: Vec<&Sheet> = match options.sheet {
        Some(name) => sheets.iter().filter(|s| s.name == name).collect(),
        None => sheets.iter().filter(|s| visible(s)).collect(),
    };
    let names: Vec<&str> = sheets.iter().map(|s| s.name.as_str()).collect();
    if let (Some(name), true) = (options.sheet, candidates.is_empty()) {
        let near = near_names(name, names.iter().copied()).first().map(|n| format!(" (did you mean `{n}`?)")).unwrap_or_default();
        return Err(Diagnostic::error("no-sheet", format!("the workbook has no sheet `{name}`"), Place::file(path))
            .rule(format!("its sheets are {}", names.join(", ")))
            .help(format!("name one of them with --sheet{near}")));
    }
    let mut fallback = None;
    let mut found = None;
    for sheet in candidates {
        let Some(mut records) = header::below_titles(rows(path, &mut book, &sheet.name)?) else { continue };
        records.format = format;
        records.notes.insert(0, format!("sheet `{}`", sheet.name));
        if (options.wanted)(&records) {
            found = Some((&sheet.name, records));
            break;
        }
        fallback.get_or_insert((&sheet.name, records));
    }
    let Some((read, mut records)) = found.or(fallback) else {
        return Err(Diagnostic::error("no-table", "no sheet of the workbook looks like a table", Place::file(path))
            .rule("a table has a row that names its columns, and rows below it")
            .help(format!("name the sheet with --sheet; there are {}", names.join(", "))));
    };
    let others: Vec<String> = sheets
        .iter()
        .filter(|s| s.name != *read)
        .map(|s| if visible(s) { format!("`{}`", s.name) } else { format!("`{}` (hidden)", s.name) })
        .collect();
    if !others.is_empty() {
        records.notes.push(format!("sheets not read: {}", others.join(", ")));
    }
    Ok(records)
}

/// The rows of a sheet that hold anything.
fn rows(path: &str, book: &mut Book<'_>, sheet: &str) -> Result<Vec<Record>, Diagnostic> {
    let mut rows: Vec<Record> = Vec::new();
    let mut cells = 0;
    let mut put = |row: usize, column: usize, text: String| {
        if column >= MOST_COLUMNS {
            return Err(too_large(path, &format!("sheet `{sheet}` has more than {MOST_COLUMNS} columns")));
        }
        let line = row as u64 + 1;
        if rows.last().is_none_or(|r| r.line != line) {
            rows.push(Record { line, cells: Vec::new() });
        }
        if let Some(last) = rows.last_mut() {
            cells += (column + 1).saturating_sub(last.cells.len());
            if cells > MOST_CELLS {
                return Err(too_large(path, &format!("sheet `{sheet}` has more than {MOST_CELLS} cells")));
            }
            last.cells.resize((column + 1).max(last.cells.len()), String::new());
            if let Some(cell) = last.cells.get_mut(column) {
                *cell = text;
            }
        }
        Ok(())
    };
    match book {
        Book::Xlsx(book) => {
            let mut reader = book.worksheet_cells_reader(sheet).map_err(|e| damaged(path, &e.to_string()))?;
            while let Some(cell) = reader.next_cell().map_err(|e| damaged(path, &e.to_string()))? {
                let (row, column) = cell.get_position();
                let text = text(cell.get_value());
                if !text.is_empty() {
                    put(row as usize, column as usize, text)?;
                }
            }
        }
        Book::Ods(book) => {
            let range = book.worksheet_range(sheet).map_err(|e| damaged(path, &e.to_string()))?;
            let (top, left) = range.start().unwrap_or_default();
            for (row, column, value) in range.used_cells() {
                let text = text(&DataRef::from_data(value));
                put(row + top as usize, column + left as usize, text)?;
            }
        }
    }
    // Excel writes rows in order; a file that does not is brought into it.
    rows.sort_by_key(|r| r.line);
    Ok(rows)
}

/// A value as the text that a CSV file would hold.
trait FromData<'a> {
    fn from_data(data: &'a Data) -> Self;
}

impl<'a> FromData<'a> for DataRef<'a> {
    fn from_data(data: &'a Data) -> Self {
        match data {
            Data::Int(n) => Self::Int(*n),
            Data::Float(n) => Self::Float(*n),
            Data::String(text) => Self::SharedString(text),
            Data::Bool(yes) => Self::Bool(*yes),
            Data::DateTime(day) => Self::DateTime(*day),
            Data::DateTimeIso(text) => Self::DateTimeIso(text.clone()),
            Data::DurationIso(text) => Self::DurationIso(text.clone()),
            Data::Error(error) => Self::Error(error.clone()),
            _ => Self::Empty,
        }
    }
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(n) => n.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::DateTime(day) => day_text(day),
        // A day at midnight is a day.
        DataRef::DateTimeIso(text) => text.strip_suffix("T00:00:00").unwrap_or(text).to_owned(),
        DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// Excel's count of days as a day, with its time of day where it has one.
fn day_text(day: &ExcelDateTime) -> String {
    // 1 is 1900-01-01, the last is the end of 9999.
    if !day.is_datetime() || !(1.0..2_958_466.0).contains(&day.as_f64()) {
        return day.as_f64().to_string();
    }
    let (year, month, date, hour, minute, second, _) = day.to_ymd_hms_milli();
    let time = if (hour, minute, second) == (0, 0, 0) { String::new() } else { format!(" {hour:02}:{minute:02}:{second:02}") };
    format!("{year:04}-{month:02}-{date:02}{time}")
}

/// Refuses an ODS file that calamine would not come to an end with: elements that are not closed, which it looks for beyond
/// the end, and repeated cells and rows that are too many once written out, for which a few bytes are enough.
fn check_ods(path: &str, bytes: &[u8]) -> Result<(), Diagnostic> {
    let wrong = |e: &dyn std::fmt::Display| damaged(path, &e.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| wrong(&e))?;
    let mut xml = Vec::new();
    archive.by_name("content.xml").map_err(|e| wrong(&e))?.read_to_end(&mut xml).map_err(|e| wrong(&e))?;
    let xml = String::from_utf8(xml).map_err(|e| wrong(&e))?;
    closed(&xml).map_err(|e| wrong(&e))?;
    if written_out(&xml) > MOST_ODS_CELLS {
        return Err(too_large(path, &format!("a sheet has more than {MOST_ODS_CELLS} cells, repeated ones included")));
    }
    Ok(())
}

/// Whether every element of a document is closed, and by its own name.
fn closed(xml: &str) -> Result<(), quick_xml::Error> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut open: Vec<String> = Vec::new();
    loop {
        match reader.read_event()? {
            Event::Start(tag) => open.push(tag.name().as_ref().to_owned()),
            Event::End(_) => drop(open.pop()),
            Event::Eof => return open.pop().map_or(Ok(()), |tag| Err(IllFormedError::MissingEndTag(tag).into())),
            _ => {}
        }
    }
}

/// At least as many cells as the largest sheet has once repetitions are written out, without the empty end of each row and sheet.
fn written_out(xml: &str) -> usize {
    let repeated = |tag: &str, name: &str| {
        let after = tag.split_once(name).and_then(|(_, rest)| rest.trim_start().strip_prefix('='));
        let digits = after.map(|rest| rest.trim_start().trim_start_matches(['"', '\''])).unwrap_or_default();
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits.get(..end).and_then(|d| d.parse::<usize>().ok()).unwrap_or(1)
    };
    let (mut largest, mut width, mut rows, mut gap, mut cells) = (0_usize, 0_usize, 0_usize, 0_usize, 0_usize);
    let (mut row, mut empty, mut repeat) = (0_usize, 0_usize, 1_usize);
    for tag in xml.split('<').skip(1) {
        if tag.starts_with("table:table-row") {
            (row, empty, repeat) = (0, 0, repeated(tag, "number-rows-repeated"));
        } else if tag.starts_with("table:table-cell") || tag.starts_with("table:covered-table-cell") {
            let times = repeated(tag, "number-columns-repeated");
            let bare = tag.trim_end().ends_with("/>") && !tag.contains("office:");
            if bare {
                empty = empty.saturating_add(times);
            } else {
                (row, empty) = (row.saturating_add(empty).saturating_add(times), 0);
            }
            width = width.max(row);
        }
        if tag.starts_with("/table:table-row") || (tag.starts_with("table:table-row") && tag.trim_end().ends_with("/>")) {
            if row == 0 {
                gap = gap.saturating_add(repeat);
            } else {
                (rows, gap) = (rows.saturating_add(gap).saturating_add(repeat), 0);
                cells = cells.saturating_add(row.saturating_mul(repeat));
            }
            largest = largest.max(cells).max(rows.saturating_mul(width));
        } else if tag.starts_with("/table:table>") {
            (width, rows, gap, cells) = (0, 0, 0, 0);
        }
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_of_a_spreadsheet_are_counted_before_they_are_written_out() {
        let end = "<table:table-cell table:number-columns-repeated=\"16384\"/>";
        let cell = "<table:table-cell office:value-type=\"string\"><text:p>x</text:p></table:table-cell>";
        let row = |cells: &str, times: usize| format!("<table:table-row table:number-rows-repeated=\"{times}\">{cells}</table:table-row>");
        let usual = format!("<table:table>{}{}{}</table:table>", row(&format!("{cell}{cell}{end}"), 1), row(&format!("{cell}{cell}{end}"), 10), row(end, 1_048_000));
        assert_eq!(written_out(&usual), 22, "what LibreOffice writes below and beside a table is no cell");
        let wide = format!("<table:table>{}</table:table>", row("<table:table-cell office:value=\"1\" table:number-columns-repeated=\"16384\"/>", 1_000_000));
        assert_eq!(written_out(&wide), 16_384_000_000);
        let late = format!("<table:table>{}{}{}</table:table>", row(cell, 1), row(end, 1_000_000), row(&format!("{end}{cell}"), 1));
        assert!(written_out(&late) > MOST_ODS_CELLS, "an empty middle is written out too");
        assert_eq!(written_out("<table:table-row table:number-rows-repeated=\"99999999999999999999999\"/>"), 0);
    }
}
