//! Principal components of standardised columns.

use super::complete::complete_rows;
use super::correlation::pearson;
use super::eigen::symmetric;

/// Principal components, the one with most variance first.
#[derive(Debug, Clone, PartialEq)]
pub struct PrincipalComponents {
    /// Standard deviation of each component.
    pub deviations: Vec<f64>,
    /// Share of the variance that each component explains.
    pub explained: Vec<f64>,
    /// Loadings per component, one per column; squares add up to 1, entries to 0 or more.
    pub loadings: Vec<Vec<f64>>,
    /// Rows without gaps that were used.
    pub rows: usize,
}

/// Why there are no components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PcaError {
    /// Fewer than two columns.
    TooFewColumns { columns: usize },
    /// Fewer than three rows without gaps.
    TooFewRows { rows: usize },
    /// A column is constant over those rows.
    Constant { column: usize },
}

impl std::fmt::Display for PcaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PcaError::TooFewColumns { columns } => write!(f, "principal components need two columns, not {columns}"),
            PcaError::TooFewRows { rows } => {
                write!(f, "principal components need three units without gaps, there are {rows}; fill gaps or leave out columns")
            }
            PcaError::Constant { column } => {
                write!(f, "column {} is constant over the units without gaps; leave it out", column + 1)
            }
        }
    }
}

impl std::error::Error for PcaError {}

/// Principal components of columns scaled to variance 1.
///
/// # Formula
/// Eigenvectors of the correlation matrix; standard deviations are the roots of its eigenvalues.
///
/// # Units and shape
/// One column per indicator.
///
/// # Missing and degenerate values
/// Only rows without gaps are used; `rows` says how many.
///
/// # Errors
/// Too few columns or rows, or a constant column.
///
/// # Source
/// OECD/JRC, *Handbook* (2008), step 4; agrees with R `prcomp(scale. = TRUE)` and COINr `get_PCA` up
/// to the sign of components.
pub fn principal_components(columns: &[Vec<Option<f64>>]) -> Result<PrincipalComponents, PcaError> {
    let k = columns.len();
    if k < 2 {
        return Err(PcaError::TooFewColumns { columns: k });
    }
    let rows = complete_rows(columns);
    if rows.len() < 3 {
        return Err(PcaError::TooFewRows { rows: rows.len() });
    }
    let x: Vec<Vec<f64>> = (0..k).map(|j| rows.iter().filter_map(|row| row.get(j).copied()).collect()).collect();
    let mut matrix = vec![vec![1.0; k]; k];
    for i in 0..k {
        if super::moments::constant(&x[i]) {
            return Err(PcaError::Constant { column: i });
        }
        for j in 0..i {
            let r = pearson(&x[i], &x[j]).ok_or(PcaError::Constant { column: j })?;
            matrix[i][j] = r;
            matrix[j][i] = r;
        }
    }
    let pairs = symmetric(&matrix).unwrap_or_default();
    Ok(PrincipalComponents {
        deviations: pairs.iter().map(|(l, _)| l.max(0.0).sqrt()).collect(),
        explained: pairs.iter().map(|(l, _)| l.max(0.0) / k as f64).collect(),
        loadings: pairs.into_iter().map(|(_, v)| v).collect(),
        rows: rows.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_columns_by_hand() {
        // Correlation 0.8: eigenvalues 1.8 and 0.2, loadings of the first both sqrt(1/2).
        let x = [1.0, 2.0, 3.0, 4.0].map(Some).to_vec();
        let y = [1.0, 3.0, 2.0, 4.0].map(Some).to_vec();
        let p = principal_components(&[x.clone(), y]).unwrap();
        assert!((p.deviations[0] - 1.8_f64.sqrt()).abs() < 1e-14);
        assert!((p.explained[0] - 0.9).abs() < 1e-14);
        assert!((p.loadings[0][1] - 0.5_f64.sqrt()).abs() < 1e-14);
        assert_eq!(principal_components(std::slice::from_ref(&x)), Err(PcaError::TooFewColumns { columns: 1 }));
        assert_eq!(principal_components(&[x, vec![Some(1.0); 4]]), Err(PcaError::Constant { column: 1 }));
    }
}
