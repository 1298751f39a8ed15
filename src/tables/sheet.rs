//! A CSV table as text, with the line of every row.

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostic, Diagnostics, Place, suggestion};

/// At most this many cells of one column are listed; the rest is counted.
const MOST_LISTED: usize = 5;

/// A table of texts.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub path: String,
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
    lines: Vec<u64>,
}

impl Sheet {
    /// Reads a table with a header; all problems are added to `problems`.
    pub fn read(path: &str, bytes: &[u8], problems: &mut Diagnostics) -> Option<Self> {
        let before = problems.errors();
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let header: Vec<String> = match reader.headers() {
            Ok(header) => header.iter().map(|h| h.trim().to_owned()).collect(),
            Err(error) => {
                problems.push(unreadable(path, &error));
                return None;
            }
        };
        if header.iter().all(String::is_empty) {
            problems.push(
                Diagnostic::error("empty-table", "the table has no header", Place::file(path))
                    .rule("the first line names the columns")
                    .help("write the table as CSV with commas and a header"),
            );
            return None;
        }
        let mut seen = BTreeMap::new();
        for name in &header {
            *seen.entry(name.as_str()).or_insert(0) += 1;
        }
        for (name, _) in seen.into_iter().filter(|(name, n)| *n > 1 && !name.is_empty()) {
            problems.push(
                Diagnostic::error("duplicate-column", format!("the column `{name}` occurs twice"), Place::Line { path: path.into(), line: 1, column: Some(name.into()) })
                    .rule("columns have names of their own")
                    .help("rename or remove one of them"),
            );
        }
        let (mut rows, mut lines) = (Vec::new(), Vec::new());
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    if record.len() != header.len() {
                        problems.push(
                            Diagnostic::error("ragged-row", format!("{} cells under {} columns", record.len(), header.len()), Place::Line { path: path.into(), line, column: None })
                                .rule("every row has one cell per column")
                                .help("quote cells that contain commas; use a decimal point"),
                        );
                        continue;
                    }
                    rows.push(record.iter().map(|c| c.trim().to_owned()).collect());
                    lines.push(line);
                }
                Err(error) => problems.push(unreadable(path, &error)),
            }
        }
        (problems.errors() == before).then(|| Self { path: path.into(), header, rows, lines })
    }

    /// The place of a column, if the table has it.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|h| h == name)
    }

    /// The place of a column that must be there.
    pub fn need(&self, name: &str, rule: &str, problems: &mut Diagnostics) -> Option<usize> {
        let found = self.column(name);
        if found.is_none() {
            problems.push(
                Diagnostic::error("missing-column", format!("there is no column `{name}`"), Place::Line { path: self.path.clone(), line: 1, column: None })
                    .rule(rule)
                    .help(suggestion(name, self.header.iter().map(String::as_str))),
            );
        }
        found
    }

    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.rows.get(row).and_then(|r| r.get(column)).map_or("", String::as_str)
    }

    /// A cell, none where it is empty or `NA`.
    pub fn text(&self, row: usize, column: usize) -> Option<&str> {
        Some(self.cell(row, column)).filter(|c| !matches!(*c, "" | "NA"))
    }

    /// The place of a row, and of a cell in it.
    pub fn place(&self, row: usize, column: Option<usize>) -> Place {
        Place::Line {
            path: self.path.clone(),
            line: self.lines.get(row).copied().unwrap_or_default(),
            column: column.and_then(|c| self.header.get(c)).cloned(),
        }
    }

    /// The numbers of a column; missing where a cell is empty or `NA`, a problem where it is no finite number.
    pub fn numbers(&self, column: usize, problems: &mut Diagnostics) -> Vec<Option<f64>> {
        let mut wrong = Vec::new();
        let numbers = (0..self.rows.len())
            .map(|row| {
                let text = self.text(row, column)?;
                let number = text.parse::<f64>().ok().filter(|x| x.is_finite());
                if number.is_none() {
                    wrong.push(row);
                }
                number
            })
            .collect();
        for row in wrong.iter().take(MOST_LISTED) {
            let more = if wrong.len() > MOST_LISTED && row == &wrong[0] { format!(" ({} cells of this column)", wrong.len()) } else { String::new() };
            problems.push(
                Diagnostic::error("not-a-number", format!("`{}` is not a finite number{more}", self.cell(*row, column)), self.place(*row, Some(column)))
                    .rule("cells are finite numbers with a decimal point; a missing one is empty or NA")
                    .help("write the number, or leave the cell empty"),
            );
        }
        numbers
    }

    /// The names in a column, each once and none missing.
    pub fn keys(&self, column: usize, problems: &mut Diagnostics) -> Vec<String> {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        for row in 0..self.rows.len() {
            let Some(name) = self.text(row, column) else {
                problems.push(
                    Diagnostic::error("empty-cell", "the name is missing", self.place(row, Some(column)))
                        .rule("every row is called by a name of its own")
                        .help("write a name, or remove the row"),
                );
                continue;
            };
            if let Some(earlier) = first.insert(name, row) {
                let at = self.place(earlier, None).short().unwrap_or_default();
                problems.push(
                    Diagnostic::error("duplicate-key", format!("`{name}` is also in {at}"), self.place(row, Some(column)))
                        .rule("every row is called by a name of its own")
                        .help("remove or rename one of the rows"),
                );
            }
        }
        (0..self.rows.len()).map(|row| self.cell(row, column).to_owned()).collect()
    }
}

fn unreadable(path: &str, error: &csv::Error) -> Diagnostic {
    let line = error.position().map_or(1, csv::Position::line);
    let message = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "the line is not valid UTF-8".to_owned(),
        _ => error.to_string(),
    };
    Diagnostic::error("unreadable-table", message, Place::Line { path: path.into(), line, column: None })
        .rule("tables are CSV with commas, in UTF-8")
        .help("save the table as CSV, UTF-8")
}
