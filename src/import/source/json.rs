//! JSON: an array of objects, the answers of two APIs, or an object a line.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{MOST_CELLS, MOST_COLUMNS, Record, Records, damaged, empty, header, too_large, wrong_format};
use crate::diagnostics::{Diagnostic, Place};

/// A document is held as a tree, several times its text.
const LARGEST: usize = 512 << 20;

type Object = Map<String, Value>;

/// Where APIs keep their rows, and where they say how many there are in all.
const ANSWERS: [(&str, &str); 2] = [("Result", "TotalCount"), ("data", "total_count")];
/// ACLED's API gives so many rows at once if nothing else was asked.
const PAGE: usize = 5_000;

/// Whether the first line is an object by itself and another follows.
pub fn is_lines(text: &[u8]) -> bool {
    let mut lines = text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|l| !l.is_empty());
    let first = lines.next().is_some_and(|l| serde_json::from_slice::<Object>(l).is_ok());
    first && lines.next().is_some_and(|l| l.first() == Some(&b'{'))
}

/// Reads an array of objects, or the answer of UCDP's or ACLED's API. Nesting is limited to 128 levels.
pub fn read(path: &str, bytes: &[u8]) -> Result<Records, Diagnostic> {
    if bytes.len() > LARGEST {
        return Err(too_large(path, "the JSON document is larger than 512 MiB"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut notes = Vec::new();
    let rows = match serde_json::from_slice(bytes).map_err(|e| damaged(path, &e.to_string()))? {
        Value::Array(rows) => rows,
        Value::Object(answer) => rows_of(path, answer, &mut notes)?,
        _ => return Err(wrong_format(path, "the JSON document is neither an array nor an object")),
    };
    let objects = rows.into_iter().enumerate().map(|(i, row)| match row {
        Value::Object(row) => Ok((i as u64 + 1, row)),
        _ => Err(damaged(path, &format!("element {} of the array is no object", i + 1))),
    });
    let mut records = table(path, objects.collect::<Result<_, _>>()?)?;
    records.notes.append(&mut notes);
    Ok(records)
}

/// Reads an object a line.
pub fn read_lines(path: &str, bytes: &[u8]) -> Result<Records, Diagnostic> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut objects = Vec::new();
    for (i, line) in bytes.split(|b| *b == b'\n').enumerate().filter(|(_, l)| !l.trim_ascii().is_empty()) {
        let object = serde_json::from_slice(line).map_err(|e| damaged(path, &format!("line {}: {e}", i + 1)))?;
        objects.push((i as u64 + 1, object));
    }
    table(path, objects)
}

fn rows_of(path: &str, mut answer: Object, notes: &mut Vec<String>) -> Result<Vec<Value>, Diagnostic> {
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    if let Some(status) = answer.get("status").filter(|s| !matches!(s.as_u64(), None | Some(200))) {
        let why = answer.get("error").or(answer.get("message")).map(text).unwrap_or_default();
        return Err(Diagnostic::error("refused-answer", format!("the file is an API's refusal, status {status}: {why}"), Place::file(path))
            .rule("an answer that holds events has the status 200")
            .help("ask the API again, with a key or with fewer rows"));
    }
    for (key, total) in ANSWERS {
        if let Some(Value::Array(rows)) = answer.remove(key) {
            let all = answer.get(total).and_then(Value::as_u64).unwrap_or(rows.len() as u64);
            if all > rows.len() as u64 {
                notes.push(format!("the answer holds {} of {all} rows: give the files of all pages together", rows.len()));
            } else if key == "data" && rows.len() == PAGE {
                notes.push(format!("the answer holds {PAGE} rows, a full page: is it all? Ask for the next page"));
            }
            return Ok(rows);
        }
    }
    let keys: Vec<&str> = answer.keys().map(String::as_str).take(10).collect();
    Err(wrong_format(path, &format!("the JSON object has no rows under `Result` or `data`, only {}", keys.join(", "))))
}

fn table(path: &str, objects: Vec<(u64, Object)>) -> Result<Records, Diagnostic> {
    if objects.is_empty() {
        return Err(empty(path));
    }
    let names: BTreeSet<&str> = objects.iter().flat_map(|(_, o)| o.keys().map(String::as_str)).collect();
    if names.len() > MOST_COLUMNS || names.len().saturating_mul(objects.len()) > MOST_CELLS {
        return Err(too_large(path, &format!("{} objects with {} keys", objects.len(), names.len())));
    }
    let header: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let at: BTreeMap<&str, usize> = header.iter().enumerate().map(|(i, n)| (n.as_str(), i)).collect();
    let mut rows = Vec::with_capacity(objects.len());
    for (line, object) in objects {
        let mut cells = vec![String::new(); header.len()];
        for (name, value) in object {
            if let Some(cell) = at.get(name.as_str()).and_then(|i| cells.get_mut(*i)) {
                *cell = match value {
                    Value::Null => String::new(),
                    Value::String(text) => text,
                    other => other.to_string(),
                };
            }
        }
        rows.push(Record { line, cells });
    }
    Ok(header::with_hashtags(Records { header, rows, ..Records::default() }))
}
