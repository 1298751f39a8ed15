//! Which row of a table names its columns, and the row of HXL hashtags.

use super::{Record, Records};

/// So many rows are looked at for the header.
const LOOKED_AT: usize = 60;

fn filled(record: &Record) -> usize {
    record.cells.iter().filter(|c| !c.trim().is_empty()).count()
}

fn is_text(cell: &str) -> bool {
    let cell = cell.trim();
    !cell.is_empty() && cell.parse::<f64>().is_err()
}

/// The first row is the header, unless it begins with a number: then the table has none.
pub fn first_row(mut rows: Vec<Record>) -> Records {
    let headed = rows.first().is_some_and(|r| r.cells.first().is_some_and(|c| c.trim().parse::<f64>().is_err()));
    let header = if headed { names(&rows.remove(0)) } else { Vec::new() };
    with_hashtags(Records { header, rows, ..Records::default() })
}

/// Finds the header of a sheet below its titles; none where nothing looks like a table.
///
/// The header is the first row that fills three fifths of the widest row's cells, mostly with text. Rows
/// above it are titles; a row right below it whose cells are all in brackets, `(0-10)`, states units.
pub fn below_titles(mut rows: Vec<Record>) -> Option<Records> {
    let width = rows.iter().take(LOOKED_AT).map(filled).max()?;
    let at = rows.iter().take(LOOKED_AT).position(|r| {
        let texts = r.cells.iter().filter(|c| is_text(c)).count();
        filled(r) >= 2 && filled(r) * 5 >= width * 3 && texts * 2 > filled(r)
    })?;
    let mut notes = Vec::new();
    let titles: Vec<Record> = rows.drain(..at).collect();
    if let (Some(first), Some(last)) = (titles.first(), titles.last()) {
        let said = first.cells.iter().find(|c| !c.trim().is_empty()).map_or("", |c| c.trim());
        let said: String = said.chars().take(80).collect();
        let which = if titles.len() == 1 { format!("row {}", first.line) } else { format!("rows {} to {}", first.line, last.line) };
        notes.push(format!("{which} above the header skipped: «{said}»"));
    }
    let mut header = names(&rows.remove(0));
    while header.last().is_some_and(String::is_empty) {
        header.pop();
    }
    let bracketed = |c: &String| c.trim().is_empty() || (c.trim().starts_with('(') && c.trim().ends_with(')'));
    if rows.first().is_some_and(|r| filled(r) > 0 && r.cells.iter().all(bracketed)) {
        let units = rows.remove(0);
        notes.push(format!("row {} below the header skipped: units in brackets", units.line));
    }
    for row in &mut rows {
        while row.cells.len() > header.len() && row.cells.last().is_some_and(|c| c.trim().is_empty()) {
            row.cells.pop();
        }
        if row.cells.len() < header.len() {
            row.cells.resize(header.len(), String::new());
        }
    }
    (!rows.is_empty()).then(|| with_hashtags(Records { header, rows, notes, ..Records::default() }))
}

fn names(record: &Record) -> Vec<String> {
    record.cells.iter().map(|c| c.trim().to_owned()).collect()
}

/// Takes a row of HXL hashtags out of the records, below the header or in its place.
pub fn with_hashtags(mut records: Records) -> Records {
    let tagged = |cells: &[String]| cells.iter().any(|c| c.trim().starts_with('#')) && cells.iter().all(|c| c.trim().is_empty() || c.trim().starts_with('#'));
    let tags = |cells: &[String]| cells.iter().map(|c| c.split_whitespace().collect::<String>().to_lowercase()).collect();
    if tagged(&records.header) {
        records.hashtags = tags(&records.header);
    } else if records.rows.first().is_some_and(|r| tagged(&r.cells)) {
        records.hashtags = tags(&records.rows.remove(0).cells);
    }
    if !records.hashtags.is_empty() {
        records.notes.push("a row of HXL hashtags says what the columns are; it is no record".into());
    }
    records
}
