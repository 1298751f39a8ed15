//! CRITIC weights: contrast within an indicator times its conflict with the others.

use std::fmt;

use crate::index::correlation::{Correlation, correlation};
use crate::index::moments::{present, range, standard_deviation};

/// Why there are no CRITIC weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CriticError {
    /// A column is constant or empty.
    Constant { column: usize },
    /// Two columns share fewer than two rows, or one is constant over them.
    NoCorrelation { columns: (usize, usize) },
    /// All columns agree perfectly, so that none conflicts with another.
    NoConflict,
}

impl fmt::Display for CriticError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CriticError::Constant { column } => write!(f, "column {} is constant or empty; leave it out", column + 1),
            CriticError::NoCorrelation { columns: (a, b) } => write!(
                f,
                "columns {} and {} have no correlation: too few units have both values, or one is constant there",
                a + 1,
                b + 1
            ),
            CriticError::NoConflict => write!(f, "all columns agree perfectly; use equal weights"),
        }
    }
}

impl std::error::Error for CriticError {}

/// Weights from contrast and conflict.
///
/// # Formula
/// ```text
/// c_j = sd_j sum_k (1 - r_jk),   w ∝ c;   sd of the column stretched to 0..1, r Pearson
/// ```
/// # Units and shape
/// Columns pointing in the same direction, one value per row.
///
/// # Missing and degenerate values
/// Each statistic uses the rows that have its values.
///
/// # Errors
/// A constant column, a pair without correlation, or perfect agreement of all.
///
/// # Source
/// Diakoulaki, Mavrotas and Papayannakis (1995), *Determining objective weights in multiple
/// criteria problems: the CRITIC method*, Computers & Operations Research 22(7).
pub fn critic(columns: &[Vec<Option<f64>>]) -> Result<Vec<f64>, CriticError> {
    let mut contrast = Vec::with_capacity(columns.len());
    for (column, cells) in columns.iter().enumerate() {
        let x = present(cells);
        let spread = range(&x).map_or(0.0, |(low, high)| high - low);
        match standard_deviation(&x) {
            Some(deviation) if spread > 0.0 => contrast.push(deviation / spread),
            _ => return Err(CriticError::Constant { column }),
        }
    }
    let mut content = Vec::with_capacity(columns.len());
    for (j, deviation) in contrast.iter().enumerate() {
        let mut conflict = 0.0;
        for k in (0..columns.len()).filter(|&k| k != j) {
            let r = correlation(&columns[j], &columns[k], Correlation::Pearson);
            conflict += 1.0 - r.ok_or(CriticError::NoCorrelation { columns: (j.min(k), j.max(k)) })?;
        }
        // Perfect agreement leaves rounding errors of some 1e-16.
        content.push(if conflict < 1e-12 { 0.0 } else { deviation * conflict });
    }
    super::shares(&content).map_err(|_| CriticError::NoConflict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // a and b agree, c opposes both: conflicts 2, 2, 4; contrasts equal.
        let a = [0.0, 1.0, 2.0].map(Some).to_vec();
        let c = [2.0, 1.0, 0.0].map(Some).to_vec();
        let w = critic(&[a.clone(), a.clone(), c]).unwrap();
        for (x, y) in w.iter().zip([0.25, 0.25, 0.5]) {
            assert!((x - y).abs() < 1e-14);
        }
        assert_eq!(critic(&[a.clone(), vec![Some(1.0); 3]]), Err(CriticError::Constant { column: 1 }));
        assert_eq!(critic(&[a.clone(), a]), Err(CriticError::NoConflict));
    }
}
