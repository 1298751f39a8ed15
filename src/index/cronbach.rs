//! Cronbach's α: do the indicators of a dimension measure one thing?

use super::complete::complete_rows;
use super::moments::{known, variance};

/// Cronbach's α over the rows in which every column has a value.
///
/// # Formula
/// ```text
/// alpha = k / (k - 1) * (1 - sum var(x_j) / var(sum x_j))
/// ```
/// # Units and shape
/// One column per indicator, normalised and pointing in the same direction. At most 1; negative
/// where indicators oppose each other.
///
/// # Missing and degenerate values
/// Missing for fewer than two columns or two complete rows, or if the sum does not vary.
///
/// # Source
/// Cronbach (1951), *Coefficient alpha and the internal structure of tests*, Psychometrika 16(3);
/// agrees with COINr `get_cronbach`.
pub fn cronbach_alpha(columns: &[Vec<Option<f64>>]) -> Option<f64> {
    let k = columns.len() as f64;
    let rows = complete_rows(columns);
    if k < 2.0 || rows.len() < 2 {
        return None;
    }
    let mut parts = 0.0;
    for j in 0..columns.len() {
        parts += variance(&rows.iter().filter_map(|row| row.get(j).copied()).collect::<Vec<_>>())?;
    }
    let whole = variance(&rows.iter().map(|row| row.iter().sum()).collect::<Vec<f64>>())?;
    if whole <= 0.0 { None } else { known(k / (k - 1.0) * (1.0 - parts / whole)) }
}

#[cfg(test)]
mod tests {
    use super::cronbach_alpha;

    #[test]
    fn by_hand() {
        let x = vec![Some(1.0), Some(2.0), Some(3.0), None];
        assert_eq!(cronbach_alpha(&[x.clone(), x.clone()]), Some(1.0));
        // Variances 1 and 1, variance of the sum 1: 2 (1 - 2/1) = -2.
        let y = vec![Some(2.0), Some(1.0), Some(3.0), Some(9.0)];
        let sum_variance = 3.0; // of 3, 3, 6
        assert!((cronbach_alpha(&[x.clone(), y]).unwrap() - 2.0 * (1.0 - 2.0 / sum_variance)).abs() < 1e-15);
        assert_eq!(cronbach_alpha(&[x]), None);
        assert_eq!(cronbach_alpha(&[vec![Some(1.0); 3], vec![Some(2.0); 3]]), None);
    }
}
