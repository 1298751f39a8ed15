//! Entropy weights: an indicator weighs more the less evenly its values are spread.

use std::fmt;

use crate::index::moments::present;

/// Why there are no entropy weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum EntropyError {
    /// A value is below 0.
    Negative { column: usize, value: f64 },
    /// A column has fewer than two values, or only zeros.
    NoShares { column: usize },
    /// Every column is constant.
    AllEven,
}

impl fmt::Display for EntropyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EntropyError::Negative { column, value } => write!(
                f,
                "column {} has the value {value}; entropy weights need shares, so normalise to 0 or above first",
                column + 1
            ),
            EntropyError::NoShares { column } => {
                write!(f, "column {} has fewer than two values or only zeros; leave it out", column + 1)
            }
            EntropyError::AllEven => write!(f, "all columns are constant, so no indicator says more than another"),
        }
    }
}

impl std::error::Error for EntropyError {}

/// Weights from the entropy of each column.
///
/// # Formula
/// ```text
/// p_i = x_i / sum x;   E = -sum p ln p / ln n;   w ∝ 1 - E
/// ```
/// # Units and shape
/// Normalised columns, 0 or above, one value per row.
///
/// # Missing and degenerate values
/// Missing cells do not count: `n` is the column's number of values. `0 ln 0` is 0. A constant
/// column has weight 0.
///
/// # Errors
/// Negative values, a column without two values or with only zeros, all columns constant.
///
/// # Source
/// Shannon (1948); Hwang and Yoon (1981), *Multiple Attribute Decision Making*, section 3.1.
pub fn entropy(columns: &[Vec<Option<f64>>]) -> Result<Vec<f64>, EntropyError> {
    let mut spare = Vec::with_capacity(columns.len());
    for (column, cells) in columns.iter().enumerate() {
        let x = present(cells);
        if let Some(&value) = x.iter().find(|v| **v < 0.0) {
            return Err(EntropyError::Negative { column, value });
        }
        let sum: f64 = x.iter().sum();
        if x.len() < 2 || sum <= 0.0 || !sum.is_finite() {
            return Err(EntropyError::NoShares { column });
        }
        let chaos: f64 = x.iter().filter(|v| **v > 0.0).map(|v| -(v / sum) * (v / sum).ln()).sum();
        let even = crate::index::moments::constant(&x);
        spare.push(if even { 0.0 } else { (1.0 - chaos / (x.len() as f64).ln()).max(0.0) });
    }
    super::shares(&spare).map_err(|_| EntropyError::AllEven)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Shares (1/4, 3/4): E = 0.811278; shares (1/2, 1/2): E = 1.
        let w = entropy(&[vec![Some(1.0), Some(3.0), None], vec![Some(2.0), Some(2.0), None]]).unwrap();
        assert_eq!(w, [1.0, 0.0]);
        let w = entropy(&[vec![Some(1.0), Some(3.0)], vec![Some(0.0), Some(2.0)]]).unwrap();
        assert!((w[0] - 0.188721875540867 / 1.188721875540867).abs() < 1e-14);
        assert!(matches!(entropy(&[vec![Some(-1.0), Some(1.0)]]), Err(EntropyError::Negative { .. })));
        assert!(matches!(entropy(&[vec![Some(1.0)]]), Err(EntropyError::NoShares { .. })));
        assert_eq!(entropy(&[vec![Some(1.0), Some(1.0)]]), Err(EntropyError::AllEven));
    }
}
