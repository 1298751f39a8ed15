//! The file: its rows, their hashes, and what does not fit.

use std::collections::BTreeSet;

use super::{Foretold, Log};
use crate::datasets::sha256;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::text::{Day, Month, parse_day};

/// First line of the file. `rows` is the number of rows that the edition wrote at once.
pub const HEADER: &str = "id,month,probability,low,high,base_rate,known_to,known_from,rows,sha256";

/// The hash of a row.
///
/// # Formula
/// ```text
/// h(0) = SHA-256(header)        h(n) = SHA-256(h(n − 1) in hexadecimal digits + the row's text before its last comma)
/// ```
fn hash(before: &str, text: &str) -> String {
    sha256(format!("{before}{text}").as_bytes())
}

/// Adds the lines of rows that follow a row with the hash `before`.
pub(super) fn seal(before: Option<&String>, rows: &[Foretold], lines: &mut Vec<String>) {
    let mut before = before.cloned().unwrap_or_else(|| sha256(HEADER.as_bytes()));
    for row in rows {
        // Ids, months and names of datasets hold no comma or quote; a release is the publisher's word.
        let from = row.known_from.replace(['"', ',', '\n', '\r'], " ");
        let text = format!("{},{},{:.6},{},{},{:.6},{},{from},{}", row.id(), row.month, row.probability, row.low, row.high, row.base_rate, row.known_to, rows.len());
        before = hash(&before, &text);
        lines.push(format!("{text},{before}"));
    }
}

/// Reads a log and refuses it at the first row that does not fit.
///
/// # Missing and degenerate values
/// An empty file is an empty log. Of a refused log nothing is used.
///
/// # Errors
/// One diagnostic, with its line: `forecast-log-text`, `-header`, `-row`, `-chain` or `-end`. A chain cannot
/// see that whole editions are gone from its end; a later report names the hash that must be in it.
pub fn read(path: &str, bytes: &[u8], problems: &mut Diagnostics) -> Log {
    match rows(bytes) {
        Ok(log) => log,
        Err(misfit) => {
            let place = Place::Line { path: path.to_owned(), line: misfit.line as u64, column: misfit.column.map(str::to_owned) };
            problems.push(Diagnostic::error(misfit.code, misfit.message, place).rule(misfit.rule).help(HELP));
            Log::default()
        }
    }
}

const HELP: &str = "take the file from its history or a copy, whole; to begin anew, move it aside: `tukhum report` writes another";

/// The first row that does not fit.
struct Misfit {
    code: &'static str,
    line: usize,
    column: Option<&'static str>,
    message: String,
    rule: &'static str,
}

fn misfit(code: &'static str, line: usize, column: Option<&'static str>, message: String, rule: &'static str) -> Misfit {
    Misfit { code, line, column, message, rule }
}

fn rows(bytes: &[u8]) -> Result<Log, Misfit> {
    let mut log = Log::default();
    if bytes.is_empty() {
        return Ok(log);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes.iter().take(error.valid_up_to()).filter(|b| **b == b'\n').count() + 1;
        misfit("forecast-log-text", line, None, "the row is not valid UTF-8".into(), "the log is UTF-8 text")
    })?;
    let mut lines = text.lines();
    if lines.next() != Some(HEADER) {
        return Err(misfit("forecast-log-header", 1, None, "the first line is not the log’s header".into(), HEADER));
    }
    let mut before = sha256(HEADER.as_bytes());
    let mut ids = BTreeSet::new();
    // The edition whose rows are being read: how many it said it wrote, and how many came.
    let mut block: Option<(Day, usize, usize)> = None;
    for (at, line) in (2..).zip(lines) {
        let (content, seal) = line.rsplit_once(',').ok_or_else(|| misfit("forecast-log-row", at, None, format!("the row {line:?} has one cell"), "a row has a cell for each column"))?;
        let id = content.split(',').next().unwrap_or_default();
        if hash(&before, content) != seal {
            let message = format!("the hash of the row `{id}` does not fit its text and the row before it");
            return Err(misfit("forecast-log-chain", at, Some("sha256"), message, "each row ends with the SHA-256 of the previous row’s hash and its own text: no row is changed, taken out or put in between"));
        }
        let (row, said) = cells(content).map_err(|(column, rule)| misfit("forecast-log-row", at, Some(column), format!("the row `{id}` cannot be read"), rule))?;
        if !ids.insert(id.to_owned()) {
            return Err(misfit("forecast-log-row", at, Some("id"), format!("the row `{id}` is there twice"), "a forecast is written once"));
        }
        block = Some(match block {
            Some((edition, rows, so_far)) if so_far < rows => {
                if row.edition != edition || said != rows {
                    return Err(short(at, edition, rows, so_far));
                }
                (edition, rows, so_far + 1)
            }
            _ => (row.edition, said, 1),
        });
        before = seal.to_owned();
        log.rows.push(row);
        log.lines.push(line.to_owned());
        log.hashes.push(before.clone());
    }
    let end = log.lines.len() + 1;
    if let Some((edition, rows, so_far)) = block.filter(|(_, rows, so_far)| so_far < rows) {
        return Err(short(end, edition, rows, so_far));
    }
    if !text.ends_with('\n') {
        return Err(misfit("forecast-log-end", end, None, "the last row has no end of line".into(), "the file ends with a whole row"));
    }
    Ok(log)
}

fn short(line: usize, edition: Day, rows: usize, so_far: usize) -> Misfit {
    misfit("forecast-log-end", line, Some("rows"), format!("the edition of {edition} wrote {rows} rows, and {so_far} are there"), "an edition’s rows stand together, as many as each of them says")
}

/// The row of a line without its hash, and the number of rows that its edition wrote; or the column that is wrong, and the rule.
fn cells(content: &str) -> Result<(Foretold, usize), (&'static str, &'static str)> {
    let cells: Vec<&str> = content.split(',').collect();
    let [id, month, probability, low, high, base_rate, known_to, known_from, rows] = cells[..] else { return Err(("id", "a row has a cell for each column")) };
    let share = |text: &str| text.parse().ok().filter(|p| (0.0..=1.0).contains(p));
    let mut parts = id.split(':');
    let (edition, unit, horizon) = (parts.next().and_then(parse_day), parts.next(), parts.next().and_then(|h| h.parse().ok()).filter(|h| (1..=24).contains(h)));
    let (Some(edition), Some(unit), Some(horizon), None) = (edition, unit, horizon, parts.next()) else { return Err(("id", "an id is edition, unit and months ahead, such as 2025-07-31:ML-1:3")) };
    let row = Foretold {
        edition: Day(edition),
        unit: unit.to_owned(),
        horizon,
        month: month_of(month).ok_or(("month", "a month is written yyyy-mm"))?,
        probability: share(probability).ok_or(("probability", "a probability lies from 0 to 1"))?,
        low: low.parse().map_err(|_| ("low", "a count is a whole number"))?,
        high: high.parse().map_err(|_| ("high", "a count is a whole number"))?,
        base_rate: share(base_rate).ok_or(("base_rate", "a share lies from 0 to 1"))?,
        known_to: month_of(known_to).ok_or(("known_to", "a month is written yyyy-mm"))?,
        known_from: known_from.to_owned(),
    };
    if row.low > row.high {
        return Err(("low", "low is not above high"));
    }
    if row.known_to.last_day() > edition || row.month.first_day() <= edition {
        return Err(("month", "what is known ends by the edition’s day, and the month foretold begins after it"));
    }
    Ok((row, rows.parse().map_err(|_| ("rows", "a count is a whole number"))?))
}

fn month_of(text: &str) -> Option<Month> {
    parse_day(&format!("{text}-01")).map(Month::of)
}

/// A month in JSON as it stands in the file.
pub(super) mod written_month {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::text::Month;

    pub fn serialize<S: Serializer>(month: &Month, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(month)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Month, D::Error> {
        let text = String::deserialize(from)?;
        super::month_of(&text).ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not a month such as 2025-07")))
    }
}
