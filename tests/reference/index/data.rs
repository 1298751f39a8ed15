//! Reading of reference tables, and comparison with a stated tolerance.

use std::io::Write as _;
use std::path::PathBuf;

/// A table with a column of codes and columns of numbers.
pub struct Reference {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// Path of a reference file, or `None` after saying that the case did not run.
pub fn path(file: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("TUKHUM_REFERENCE_DATA") else {
        // Straight to standard error, so that the test harness does not swallow it.
        let _ = writeln!(std::io::stderr(), "did not run: {file} (set TUKHUM_REFERENCE_DATA to the folder of reference data)");
        return None;
    };
    Some(PathBuf::from(folder).join(file))
}

impl Reference {
    pub fn read(file: &str) -> Option<Reference> {
        let bytes = std::fs::read(path(file)?).unwrap_or_else(|e| panic!("{file}: {e}"));
        // One source is in Latin-1; only numbers and codes are used.
        let text = String::from_utf8_lossy(&bytes);
        let mut lines = text.lines().map(split);
        Some(Reference { header: lines.next().unwrap_or_default(), rows: lines.collect() })
    }

    pub fn place(&self, column: &str) -> usize {
        self.header.iter().position(|h| h == column).unwrap_or_else(|| panic!("no column {column}"))
    }

    pub fn has(&self, column: &str) -> bool {
        self.header.iter().any(|h| h == column)
    }

    pub fn text(&self, column: &str) -> Vec<String> {
        let place = self.place(column);
        self.rows.iter().map(|row| row[place].clone()).collect()
    }

    /// Numbers of a column; what is no number is missing ("", "NA", "x", "#VALUE!").
    pub fn numbers(&self, column: &str) -> Vec<Option<f64>> {
        self.text(column).iter().map(|cell| cell.parse().ok()).collect()
    }
}

/// Fields of a line, quoted ones with commas inside.
fn split(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => fields.last_mut().unwrap().push(c),
        }
    }
    fields
}

/// Largest difference relative to the largest absolute value expected; both must be missing in
/// the same places.
pub fn difference(what: &str, ours: &[Option<f64>], expected: &[Option<f64>]) -> f64 {
    assert_eq!(ours.len(), expected.len(), "{what}: number of rows");
    let size = expected.iter().flatten().fold(0.0_f64, |m, x| m.max(x.abs()));
    let mut largest = 0.0_f64;
    for (row, (a, b)) in ours.iter().zip(expected).enumerate() {
        match (a, b) {
            (Some(a), Some(b)) => largest = largest.max((a - b).abs() / size.max(f64::MIN_POSITIVE)),
            (None, None) => {}
            _ => panic!("{what}: row {row} is {a:?}, expected {b:?}"),
        }
    }
    largest
}

/// Says the largest difference of a case and holds it to the tolerance.
pub fn within(case: &str, largest: f64, tolerance: f64) {
    eprintln!("{case}: largest difference {largest:.2e}, tolerance {tolerance:.0e}");
    assert!(largest <= tolerance, "{case}: {largest:e} is above {tolerance:e}");
}
