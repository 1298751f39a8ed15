//! Rows without gaps.

/// The rows of a set of columns in which every column has a value, row by row.
pub fn complete_rows(columns: &[Vec<Option<f64>>]) -> Vec<Vec<f64>> {
    let rows = columns.iter().map(Vec::len).min().unwrap_or(0);
    (0..rows)
        .filter_map(|i| columns.iter().map(|c| c.get(i).copied().flatten().filter(|v| v.is_finite())).collect())
        .collect()
}

/// Turns rows into columns; a short row counts as missing at its end.
pub fn columns_of(rows: &[Vec<Option<f64>>], width: usize) -> Vec<Vec<Option<f64>>> {
    (0..width).map(|j| rows.iter().map(|row| row.get(j).copied().flatten()).collect()).collect()
}
