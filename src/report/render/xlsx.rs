use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::RenderError;
use super::tables::{Cell, Shown, Table, cut, tables};
use crate::report::model::Report;
use crate::say;
use crate::text::{Language, label, parse_day, plain};

/// Letters that a cell holds, in units of UTF-16.
const MOST_LETTERS: usize = 32_767;

/// Rows that a sheet holds, without its header.
const MOST_ROWS: usize = 1_048_575;

/// The report as a workbook: a sheet a table, no formula, dated by the edition and not by a clock.
pub fn render(report: &Report, language: Language) -> Result<Vec<u8>, RenderError> {
    let mut book = Workbook::new();
    let mut about = DocProperties::new().set_title(plain(label("title").get(language)));
    if let Some(day) = parse_day(&report.as_of) {
        about = about.set_creation_datetime(&date(day)?);
    }
    book.set_properties(&about);
    let styles = Styles::new(language);
    for table in tables(report, language) {
        write(book.add_worksheet(), table, &styles, language)?;
    }
    Ok(book.save_to_buffer()?)
}

/// How cells look.
struct Styles {
    header: Format,
    text: Format,
    day: Format,
    full: Format,
    percent: Format,
    /// By the number of decimals.
    decimals: [Format; 4],
}

impl Styles {
    fn new(language: Language) -> Self {
        // 1 is left to right, 2 right to left: a cell that begins with a Latin name stays an Arabic cell.
        let base = Format::new().set_align(FormatAlign::Top).set_reading_direction(if language == Language::Ar { 2 } else { 1 });
        let number = |shown: &str| base.clone().set_num_format(shown);
        Self {
            header: base.clone().set_bold().set_text_wrap(),
            text: base.clone().set_text_wrap(),
            day: number("yyyy-mm-dd"),
            full: base.clone(),
            percent: number("0.0%"),
            decimals: ["0", "0.0", "0.00", "0.000"].map(number),
        }
    }

    fn of(&self, shown: Shown) -> &Format {
        match shown {
            Shown::Full => &self.full,
            Shown::Percent => &self.percent,
            Shown::Decimals(n) => self.decimals.get(n).unwrap_or(&self.full),
        }
    }
}

fn write(sheet: &mut Worksheet, mut table: Table, styles: &Styles, language: Language) -> Result<(), XlsxError> {
    sheet.set_name(&table.name)?.set_right_to_left(language == Language::Ar).set_freeze_panes(1, 0)?;
    if table.rows.len() > MOST_ROWS {
        let left = table.rows.len() - MOST_ROWS + 1;
        table.rows.truncate(MOST_ROWS - 1);
        table.rows.push(vec![Cell::Text(plain(say!("sheet.more_rows", n = left).get(language)))]);
    }
    let last = u16::try_from(table.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    sheet.autofilter(0, 0, table.rows.len() as u32, last)?;
    for (column, title) in (0..).zip(&table.columns) {
        sheet.write_string_with_format(0, column, cut(title, MOST_LETTERS, language), &styles.header)?;
        sheet.set_column_width(column, width(&table, usize::from(column)))?;
    }
    for (row, cells) in (1..).zip(&table.rows) {
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Empty => {}
                // Never `write`, which takes a text with "=" in front for a formula.
                Cell::Text(text) => { sheet.write_string_with_format(row, column, cut(text, MOST_LETTERS, language), &styles.text)?; }
                Cell::Number(x, shown) => { sheet.write_number_with_format(row, column, *x, styles.of(*shown))?; }
                Cell::Day(day) => match date(*day) {
                    Ok(date) => { sheet.write_datetime_with_format(row, column, &date, &styles.day)?; }
                    // Workbooks know no day before 1900.
                    Err(_) => { sheet.write_string_with_format(row, column, day.to_string(), &styles.text)?; }
                },
            }
        }
    }
    Ok(())
}

fn date(day: Date) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_ymd(day.year().unsigned_abs(), day.month().unsigned_abs(), day.day().unsigned_abs())
}

/// Wide enough for most cells, and never so wide that the next column is out of sight.
fn width(table: &Table, column: usize) -> f64 {
    let length = |cell: &Cell| match cell {
        Cell::Empty => 0,
        Cell::Text(text) => text.chars().count(),
        Cell::Number(..) => 8,
        Cell::Day(_) => 10,
    };
    let longest = table.rows.iter().filter_map(|row| row.get(column)).map(length).max().unwrap_or(0);
    let title = table.columns.get(column).map_or(0, |title| title.chars().count().min(18));
    (longest.max(title) + 2).clamp(8, 60) as f64
}
