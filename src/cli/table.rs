use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// Width that tables keep to when standard output is no terminal.
const WIDTH: u16 = 80;

/// A plain table of at most 80 columns; cells are wrapped to fit.
pub fn table(header: &[&str], numbers: &[usize], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    table.set_header(header.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>());
    for row in rows {
        table.add_row(row);
    }
    for index in 0..header.len() {
        if let Some(column) = table.column_mut(index) {
            column.set_padding((0, if index + 1 == header.len() { 0 } else { 2 }));
            if numbers.contains(&index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    let mut out = String::new();
    for line in table.lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

pub fn one(x: Option<f64>) -> String {
    x.map_or_else(|| "–".into(), |x| format!("{x:.1}"))
}

pub fn rank(x: Option<usize>) -> String {
    x.map_or_else(|| "–".into(), |x| x.to_string())
}

/// A share as a percentage with one decimal.
pub fn percent(x: f64) -> String {
    format!("{:.1} %", x * 100.0)
}

pub fn share(x: Option<f64>) -> String {
    x.map_or_else(|| "–".into(), percent)
}

/// A number in full precision, empty where there is none.
pub fn number(x: Option<f64>) -> String {
    x.map(|x| x.to_string()).unwrap_or_default()
}

/// Rows as CSV. A text that a spreadsheet would take for a formula gets an apostrophe in front.
pub fn csv(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> std::io::Result<String> {
    let mut out = ::csv::WriterBuilder::new().terminator(::csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    out.write_record(header).map_err(std::io::Error::other)?;
    for row in rows {
        out.write_record(row.iter().map(|cell| safe(cell))).map_err(std::io::Error::other)?;
    }
    let bytes = out.into_inner().map_err(|e| std::io::Error::other(e.to_string()))?;
    String::from_utf8(bytes).map_err(std::io::Error::other)
}

fn safe(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if formula { format!("'{cell}") } else { cell.to_owned() }
}
