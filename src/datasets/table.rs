//! Reads a table as its manifest describes it, and reports every cell that breaks a rule with its line.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use jiff::civil::Date;
use polars::prelude::*;
use polars_io::SerReader;
use polars_io::prelude::{CsvParseOptions, CsvReadOptions};

use super::manifest::{CellType, Column as ColumnRule, Manifest};
use crate::diagnostics::{Diagnostic, Diagnostics, Place, near_names};
use crate::guarded::guarded;
use crate::parquet;
use crate::text::parse_day;

/// At most this many cells of one column are listed under one rule; the rest is counted.
const MOST_LISTED: usize = 5;

const EPOCH: Date = Date::constant(1970, 1, 1);

/// A table whose columns have the types of the manifest; dates are days.
#[derive(Clone, Debug)]
pub struct Table {
    frame: DataFrame,
}

impl Table {
    pub fn rows(&self) -> usize {
        self.frame.height()
    }

    pub fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// Cells of a column as text; missing where the cell is empty or the column does not exist.
    pub fn text(&self, name: &str) -> Vec<Option<String>> {
        let Ok(column) = self.frame.column(name).and_then(|c| c.cast(&DataType::String)) else {
            return vec![None; self.rows()];
        };
        column.str().map(|cells| cells.iter().map(|cell| cell.map(str::to_owned)).collect()).unwrap_or_default()
    }

    pub fn number(&self, name: &str) -> Vec<Option<f64>> {
        match self.frame.column(name).and_then(|c| c.cast(&DataType::Float64)) {
            Ok(column) => column.f64().map(|cells| cells.iter().collect()).unwrap_or_default(),
            Err(_) => vec![None; self.rows()],
        }
    }

    pub fn integer(&self, name: &str) -> Vec<Option<i64>> {
        match self.frame.column(name).and_then(|c| c.cast(&DataType::Int64)) {
            Ok(column) => column.i64().map(|cells| cells.iter().collect()).unwrap_or_default(),
            Err(_) => vec![None; self.rows()],
        }
    }

    pub fn date(&self, name: &str) -> Vec<Option<Date>> {
        let Ok(days) = self.frame.column(name).and_then(|c| c.cast(&DataType::Int32)) else {
            return vec![None; self.rows()];
        };
        let day = |n: i32| EPOCH.checked_add(jiff::Span::new().days(i64::from(n))).ok();
        days.i32().map(|cells| cells.iter().map(|cell| cell.and_then(day)).collect()).unwrap_or_default()
    }

    pub fn boolean(&self, name: &str) -> Vec<Option<bool>> {
        match self.frame.column(name).and_then(|c| c.bool().cloned()) {
            Ok(cells) => cells.iter().collect(),
            Err(_) => vec![None; self.rows()],
        }
    }

    /// Cells of a list column, split at `;`.
    pub fn list(&self, name: &str) -> Vec<Vec<String>> {
        self.text(name)
            .into_iter()
            .map(|cell| cell.map(|c| c.split(';').map(|i| i.trim().to_owned()).filter(|i| !i.is_empty()).collect()).unwrap_or_default())
            .collect()
    }
}

/// Reads a CSV or Parquet table and checks it against the manifest. Nothing is returned when a cell is refused.
pub fn read(manifest: &Manifest, path: &str, bytes: &[u8], problems: &mut Diagnostics) -> Option<Table> {
    let before = problems.errors();
    let (raw, lines) = if path.ends_with(".parquet") {
        (read_parquet(path, bytes, problems)?, None)
    } else {
        let text = check_encoding(path, bytes, problems)?;
        let structure = check_structure(manifest, path, &text, problems)?;
        (read_csv(path, structure.whole_rows.as_deref().unwrap_or(&text), problems)?, Some(structure.lines))
    };
    let mut check = Check { path, lines: lines.as_deref(), problems };
    let mut columns = Vec::with_capacity(manifest.column.len());
    for rule in &manifest.column {
        let Ok(column) = raw.column(&rule.name) else {
            check.missing_column(rule);
            continue;
        };
        columns.push(check.typed(rule, column));
    }
    let frame = match DataFrame::new(raw.height(), columns) {
        Ok(frame) => frame,
        Err(error) => {
            check.problems.push(table_error(path, &error.to_string()));
            return None;
        }
    };
    for rule in &manifest.column {
        check.rules(rule, &raw, &frame);
    }
    (check.problems.errors() == before).then_some(Table { frame })
}

/// Finds an empty file, a wrong encoding and foreign line ends; gives the text as it should be, so that its rows are checked in the same run.
fn check_encoding<'a>(path: &str, bytes: &'a [u8], problems: &mut Diagnostics) -> Option<Cow<'a, [u8]>> {
    let at = |line: u64| Place::Line { path: path.into(), line, column: None };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        problems.push(
            Diagnostic::error("empty-file", "the table is empty", Place::file(path))
                .rule("a table has at least a header")
                .help("restore the table, or remove the dataset's folder"),
        );
        return None;
    }
    let mut text = bytes;
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        text = rest;
        problems.push(
            Diagnostic::error("byte-order-mark", "the file begins with a byte order mark", at(1))
                .rule("tables are UTF-8 without a byte order mark")
                .help("save the file as \"UTF-8\", not \"UTF-8 with BOM\""),
        );
    }
    if let Err(error) = std::str::from_utf8(bytes) {
        let line = bytes[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count() as u64 + 1;
        let wrong = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
        problems.push(
            Diagnostic::error("invalid-utf8", format!("byte {wrong:#04x} at offset {} is not valid UTF-8", error.valid_up_to()), at(line))
                .rule("tables are UTF-8")
                .help("export the table again as UTF-8 (it may be Windows-1252 or UTF-16)"),
        );
        return None;
    }
    if let Some(first) = bytes.windows(2).position(|pair| pair == b"\r\n") {
        let line = bytes[..first].iter().filter(|b| **b == b'\n').count() as u64 + 1;
        problems.push(
            Diagnostic::error("carriage-return", "lines end in CR LF", at(line))
                .rule("lines of a table end in LF, so that its hash is the same everywhere")
                .help("convert the line ends, for example with `dos2unix`"),
        );
        let ends = text.windows(2).enumerate().filter(|(_, pair)| pair == b"\r\n").map(|(i, _)| i).collect::<BTreeSet<_>>();
        return Some(text.iter().enumerate().filter(|(i, _)| !ends.contains(i)).map(|(_, b)| *b).collect());
    }
    Some(Cow::Borrowed(text))
}

struct Structure {
    /// Line of each data row.
    lines: Vec<u64>,
    /// The table without its ragged rows, where it has any.
    whole_rows: Option<Vec<u8>>,
}

/// Finds what the table reader would only refuse as a whole: unknown columns and ragged rows.
fn check_structure(manifest: &Manifest, path: &str, bytes: &[u8], problems: &mut Diagnostics) -> Option<Structure> {
    let at = |line: u64| Place::Line { path: path.into(), line, column: None };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(str::to_owned).collect(),
        Err(error) => {
            problems.push(table_error(path, &error.to_string()));
            return None;
        }
    };
    let known: BTreeSet<&str> = manifest.column.iter().map(|c| c.name.as_str()).collect();
    let mut seen = BTreeSet::new();
    for name in &header {
        if !seen.insert(name.as_str()) {
            problems.push(
                Diagnostic::error("duplicate-column", format!("column `{name}` occurs twice"), at(1))
                    .rule("column names are unique")
                    .help("rename or remove one of them"),
            );
        } else if !known.contains(name.as_str()) {
            let absent = known.iter().copied().filter(|k| !header.iter().any(|h| h == k));
            let meant = near_names(name, absent).first().map(|k| format!("rename it to `{k}`, ")).unwrap_or_default();
            problems.push(
                Diagnostic::error("undescribed-column", format!("column `{name}` is not described in the manifest"), at(1))
                    .rule("each column has a [[column]] entry with its meaning and unit")
                    .help(format!("{meant}describe it in the manifest or remove the column")),
            );
        }
    }
    let mut lines = Vec::new();
    let mut ragged = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                let line = record.position().map_or(0, csv::Position::line);
                if record.len() == header.len() {
                    lines.push(line);
                } else {
                    ragged.push((line, record.len()));
                }
            }
            Err(error) => {
                problems.push(table_error(path, &error.to_string()));
                return None;
            }
        }
    }
    let whole_rows = (!ragged.is_empty()).then(|| without_ragged(bytes, &header)).flatten();
    let found = ragged.into_iter().map(|(line, cells)| {
        Diagnostic::error("ragged-row", format!("the row has {cells} cells, the header {}", header.len()), at(line))
            .rule("each row has as many cells as the header")
            .help("look for a missing or an unquoted comma")
    });
    push_some(path, "ragged-row", found.collect(), "rows of another length", problems);
    Some(Structure { lines, whole_rows })
}

fn without_ragged(bytes: &[u8], header: &[String]) -> Option<Vec<u8>> {
    let mut whole = csv::Writer::from_writer(Vec::new());
    whole.write_record(header).ok()?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    for record in reader.records().filter_map(Result::ok).filter(|r| r.len() == header.len()) {
        whole.write_record(&record).ok()?;
    }
    whole.into_inner().ok()
}

/// Line of the last row of a CSV table with this cell in a column.
pub fn line_of(bytes: &[u8], column: &str, cell: &str) -> Option<u64> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let place = reader.headers().ok()?.iter().position(|h| h == column)?;
    let rows = reader.records().filter_map(Result::ok);
    rows.filter(|r| r.get(place) == Some(cell)).last()?.position().map(csv::Position::line)
}

fn read_csv(path: &str, bytes: &[u8], problems: &mut Diagnostics) -> Option<DataFrame> {
    let read = CsvReadOptions::default()
        .with_has_header(true)
        .with_infer_schema_length(Some(0))
        .with_parse_options(CsvParseOptions::default().with_missing_is_null(true))
        .into_reader_with_file_handle(Cursor::new(bytes))
        .finish();
    read.map_err(|error| problems.push(table_error(path, &error.to_string()))).ok()
}

fn read_parquet(path: &str, bytes: &[u8], problems: &mut Diagnostics) -> Option<DataFrame> {
    let read = guarded(|| parquet::open(Cursor::new(bytes))?.finish().map_err(|e| e.to_string())).flatten();
    read.map_err(|error| problems.push(table_error(path, &error))).ok()
}

/// The header and the cells of any Parquet table as text, missing ones empty: days as yyyy-mm-dd, times after a blank.
///
/// # Errors
/// A file that is damaged, holds lists or structures, or more cells or columns than allowed.
pub fn parquet_cells(bytes: &[u8], most_cells: usize, most_columns: usize) -> Result<(Vec<String>, Vec<Vec<String>>), String> {
    guarded(|| cells_of_parquet(bytes, most_cells, most_columns)).flatten()
}

fn cells_of_parquet(bytes: &[u8], most_cells: usize, most_columns: usize) -> Result<(Vec<String>, Vec<Vec<String>>), String> {
    let mut reader = parquet::open(Cursor::new(bytes))?;
    let rows = reader.num_rows().map_err(|e| e.to_string())?;
    let schema = reader.schema().map_err(|e| e.to_string())?;
    if let Some(field) = schema.iter_values().find(|f| f.dtype().is_nested()) {
        return Err(format!("column `{}` holds lists or structures", field.name));
    }
    let columns = schema.len();
    if columns > most_columns || columns.saturating_mul(rows) > most_cells {
        return Err(format!("{rows} rows of {columns} columns are more than the limits, {most_columns} columns and {most_cells} cells"));
    }
    let frame = reader.finish().map_err(|e| e.to_string())?;
    let mut table = vec![Vec::with_capacity(columns); frame.height()];
    for column in frame.columns() {
        let text = match column.dtype() {
            // A float that is whole is written as the whole number that it was meant to be.
            DataType::Float32 | DataType::Float64 => {
                let numbers = column.cast(&DataType::Float64).map_err(|e| e.to_string())?;
                let numbers = numbers.f64().map_err(|e| e.to_string())?;
                numbers.iter().map(|n| n.filter(|n| n.is_finite()).map(|n| n.to_string())).collect::<Vec<_>>()
            }
            _ => {
                let cells = column.strict_cast(&DataType::String).map_err(|e| format!("column `{}`: {e}", column.name()))?;
                let cells = cells.str().map_err(|e| e.to_string())?;
                cells.iter().map(|c| c.map(str::to_owned)).collect()
            }
        };
        for (row, cell) in table.iter_mut().zip(text) {
            row.push(cell.unwrap_or_default());
        }
    }
    Ok((frame.get_column_names().iter().map(|n| n.to_string()).collect(), table))
}

fn table_error(path: &str, message: &str) -> Diagnostic {
    Diagnostic::error("unreadable-table", format!("the table cannot be read: {message}"), Place::file(path))
        .rule("a table is CSV (RFC 4180) or Parquet")
        .help("restore or export the table again")
}

/// Lists the first problems of a kind in a table and counts the rest.
pub fn push_some(path: &str, code: &'static str, found: Vec<Diagnostic>, what: &str, problems: &mut Diagnostics) {
    let rest = found.len().saturating_sub(MOST_LISTED);
    found.into_iter().take(MOST_LISTED).for_each(|d| problems.push(d));
    if rest > 0 {
        problems.push(more(path, code, rest, what));
    }
}

fn more(path: &str, code: &'static str, count: usize, what: &str) -> Diagnostic {
    Diagnostic::error(code, format!("{count} more {what}"), Place::file(path))
        .rule("the first ones are listed above")
        .help("mend those and check again")
}

struct Check<'a> {
    path: &'a str,
    lines: Option<&'a [u64]>,
    problems: &'a mut Diagnostics,
}

impl Check<'_> {
    fn missing_column(&mut self, rule: &ColumnRule) {
        self.problems.push(
            Diagnostic::error(
                "missing-column",
                format!("column `{}` is missing", rule.name),
                Place::Line { path: self.path.into(), line: 1, column: None },
            )
            .rule(format!("the manifest describes it: {}", rule.meaning))
            .help("add the column to the table or remove its [[column]] entry"),
        );
    }

    fn place(&self, row: usize, rule: &ColumnRule) -> Place {
        let line = self.lines.and_then(|l| l.get(row).copied()).unwrap_or(row as u64 + 2);
        Place::Line { path: self.path.into(), line, column: Some(rule.name.clone()) }
    }

    /// Lists the first cells that break a rule and counts the rest.
    fn refuse(&mut self, rule: &ColumnRule, code: &'static str, cells: Vec<(usize, String)>, why: &str, help: &str) {
        let place = |row: usize| self.place(row, rule);
        let found = cells.into_iter().map(|(row, message)| Diagnostic::error(code, message, place(row)).rule(why).help(help)).collect();
        push_some(self.path, code, found, &format!("cells in `{}`", rule.name), self.problems);
    }

    fn typed(&mut self, rule: &ColumnRule, column: &Column) -> Column {
        let name: PlSmallStr = rule.name.as_str().into();
        let Ok(cells) = column.str().cloned() else {
            return self.native(rule, column);
        };
        let mut bad = Vec::new();
        let mut note = |row: usize, cell: &str, what: &str| bad.push((row, format!("`{cell}` is not {what}")));
        let typed = match rule.cells {
            CellType::Text => cells.into_series(),
            CellType::Number => Series::new(
                name,
                cells.iter().enumerate().map(|(row, cell)| {
                    let cell = cell?;
                    let value = cell.parse::<f64>().ok().filter(|v| v.is_finite());
                    if value.is_none() {
                        note(row, cell, "a finite number");
                    }
                    value
                }).collect::<Vec<_>>(),
            ),
            CellType::Integer => Series::new(
                name,
                cells.iter().enumerate().map(|(row, cell)| {
                    let cell = cell?;
                    let value = cell.parse::<i64>().ok();
                    if value.is_none() {
                        note(row, cell, "a whole number");
                    }
                    value
                }).collect::<Vec<_>>(),
            ),
            CellType::Boolean => Series::new(
                name,
                cells.iter().enumerate().map(|(row, cell)| match cell? {
                    "true" => Some(true),
                    "false" => Some(false),
                    other => {
                        note(row, other, "true or false");
                        None
                    }
                }).collect::<Vec<_>>(),
            ),
            CellType::Date => {
                let days: Vec<Option<i32>> = cells.iter().enumerate().map(|(row, cell)| {
                    let cell = cell?;
                    let day = parse_day(cell).map(|d| crate::text::days_between(EPOCH, d));
                    if day.is_none() {
                        note(row, cell, "a day of the calendar");
                    }
                    day
                }).collect();
                let series = Series::new(name, days);
                series.cast(&DataType::Date).unwrap_or(series)
            }
        };
        let (code, why) = match rule.cells {
            CellType::Date => ("absurd-date", "dates are written yyyy-mm-dd and exist"),
            CellType::Boolean => ("wrong-cell", "the column holds true or false"),
            CellType::Integer => ("wrong-cell", "the column holds whole numbers"),
            CellType::Number | CellType::Text => ("wrong-cell", "the column holds numbers with a point as decimal mark"),
        };
        let help = if rule.required { "mend the cell" } else { "mend the cell, or leave it empty if nothing is known" };
        self.refuse(rule, code, bad, why, help);
        typed.into_column()
    }

    /// A column that the file already types (Parquet).
    fn native(&mut self, rule: &ColumnRule, column: &Column) -> Column {
        let wanted = match rule.cells {
            CellType::Text => DataType::String,
            CellType::Number => DataType::Float64,
            CellType::Integer => DataType::Int64,
            CellType::Boolean => DataType::Boolean,
            CellType::Date => DataType::Date,
        };
        match column.strict_cast(&wanted) {
            Ok(column) => column,
            Err(error) => {
                self.problems.push(
                    Diagnostic::error("wrong-cell", format!("column `{}`: {error}", rule.name), Place::file(self.path))
                        .rule(format!("the column holds {wanted}"))
                        .help("export the column with that type"),
                );
                column.clone()
            }
        }
    }

    /// Applies the manifest's rules to the typed cells; `raw` still tells a cell that could not be read from an empty one.
    fn rules(&mut self, rule: &ColumnRule, raw: &DataFrame, frame: &DataFrame) {
        let table = Table { frame: frame.clone() };
        let Ok(column) = raw.column(&rule.name) else { return };
        if rule.required {
            let empty = column.is_null();
            let cells = empty.iter().enumerate().filter(|(_, e)| *e == Some(true)).map(|(row, _)| (row, "the cell is empty".to_owned())).collect();
            self.refuse(rule, "empty-cell", cells, "the manifest calls the column required", "fill the cell or drop the row");
        }
        if matches!(rule.cells, CellType::Number | CellType::Integer) {
            let values = table.number(&rule.name);
            let lowest = rule.minimum.unwrap_or(f64::NEG_INFINITY);
            let highest = rule.maximum.unwrap_or(f64::INFINITY);
            let allowed = match (rule.minimum, rule.maximum) {
                (Some(low), Some(high)) => format!("{low} to {high}"),
                (Some(low), None) => format!("{low} or more"),
                (_, high) => format!("{} or less", high.unwrap_or(highest)),
            };
            let outside = |v: f64| v < lowest || v > highest;
            let cells = values.iter().enumerate().filter_map(|(row, v)| v.filter(|v| outside(*v)).map(|v| (row, format!("{v} is not {allowed}")))).collect();
            let angle = rule.unit.as_deref().is_some_and(|u| u.starts_with("degrees"));
            let help = if angle { "mend the value (latitude and longitude may be swapped)" } else { "mend the value" };
            self.refuse(rule, "outside-limits", cells, &format!("the manifest allows {allowed}"), help);
            if let Some(other) = &rule.not_above {
                let others = table.number(other);
                let cells = values.iter().zip(&others).enumerate().filter_map(|(row, (a, b))| match (a, b) {
                    (Some(a), Some(b)) if a > b => Some((row, format!("{a} is above `{other}`, which is {b}"))),
                    _ => None,
                }).collect();
                self.refuse(rule, "low-above-high", cells, &format!("`{}` is not above `{other}`", rule.name), "mend one of the two");
            }
        }
        if rule.cells == CellType::Date {
            let values = table.date(&rule.name);
            if let Some(earliest) = rule.earliest {
                let cells = values.iter().enumerate().filter_map(|(row, d)| d.filter(|d| *d < earliest.0).map(|d| (row, format!("{d} is before {earliest}")))).collect();
                self.refuse(rule, "absurd-date", cells, &format!("the manifest allows {earliest} or later"), "mend the date");
            }
            if let Some(other) = &rule.not_after {
                let others = table.date(other);
                let cells = values.iter().zip(&others).enumerate().filter_map(|(row, (a, b))| match (a, b) {
                    (Some(a), Some(b)) if a > b => Some((row, format!("{a} is later than `{other}`, which is {b}"))),
                    _ => None,
                }).collect();
                self.refuse(rule, "absurd-date", cells, &format!("`{}` is not later than `{other}`", rule.name), "mend one of the two dates");
            }
        }
        if rule.unique {
            self.duplicates(rule, &table);
        }
        if let Some(allowed) = &rule.one_of {
            let cells = table.text(&rule.name).into_iter().enumerate().filter_map(|(row, cell)| {
                let cell = cell?;
                let items: Vec<&str> = if rule.list { cell.split(';').collect() } else { vec![&cell] };
                let wrong = items.into_iter().find(|item| !allowed.iter().any(|a| a == item))?;
                Some((row, format!("`{wrong}` is not in the column's list")))
            }).collect();
            self.refuse(rule, "unknown-name", cells, &format!("one of: {}", allowed.join(", ")), "use a name of the list, or add it to the manifest");
        }
    }

    fn duplicates(&mut self, rule: &ColumnRule, table: &Table) {
        let texts = match rule.cells {
            CellType::Integer => table.integer(&rule.name).into_iter().map(|v| v.map(|v| v.to_string())).collect(),
            _ => table.text(&rule.name),
        };
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        let mut cells = Vec::new();
        for (row, text) in texts.iter().enumerate() {
            let Some(text) = text else { continue };
            match first.get(text.as_str()) {
                Some(before) => {
                    let line = self.lines.and_then(|l| l.get(*before).copied()).unwrap_or(*before as u64 + 2);
                    cells.push((row, format!("`{text}` occurs already in line {line}")));
                }
                None => {
                    first.insert(text, row);
                }
            }
        }
        self.refuse(rule, "duplicate-id", cells, "values of this column are unique", "remove or rename one of the rows");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toml_file;
    use crate::workspace::Workspace;
    use polars_io::prelude::ParquetWriter;

    /// A table that somebody saved as Parquet, all cells as text, reads like the CSV that it was.
    #[test]
    fn parquet_reads_like_csv() {
        let workspace = Workspace::bundled();
        for dataset in ["trade", "ledger_events", "crossings"] {
            let mut problems = Diagnostics::default();
            let bytes = &workspace.files[&format!("datasets/{dataset}/manifest.toml")];
            let (manifest, _) = toml_file::read::<Manifest>("manifest.toml", bytes, &mut problems).expect("the manifest is read");
            let csv = &workspace.files[&format!("datasets/{dataset}/{}", manifest.table)];
            let mut raw = read_csv("table.csv", csv, &mut problems).expect("the CSV is read");
            let mut parquet = Vec::new();
            ParquetWriter::new(&mut parquet).finish(&mut raw).expect("Parquet is written");
            let from_csv = read(&manifest, "table.csv", csv, &mut problems).expect("a sound table");
            let from_parquet = read(&manifest, "table.parquet", &parquet, &mut problems).expect("a sound table");
            assert!(from_csv.frame().equals_missing(from_parquet.frame()), "{dataset}");
            let cut = &parquet[..parquet.len() / 2];
            assert!(read(&manifest, "table.parquet", cut, &mut problems).is_none(), "{dataset}: a file cut in the middle");
        }
    }
}
