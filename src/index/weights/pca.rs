//! Weights from the first principal component.

use std::fmt;

use crate::index::pca::{PcaError, PrincipalComponents, principal_components};

/// Why the first component gives no weights.
#[derive(Debug, Clone, PartialEq)]
pub enum PcaWeightsError {
    /// There are no components.
    Pca(PcaError),
    /// Loadings have different signs; the columns with a negative one, and all loadings.
    NegativeLoadings { columns: Vec<usize>, loadings: Vec<f64> },
}

impl fmt::Display for PcaWeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PcaWeightsError::Pca(problem) => problem.fmt(f),
            PcaWeightsError::NegativeLoadings { columns, loadings } => {
                write!(f, "the first principal component loads negatively on ")?;
                for (place, &column) in columns.iter().enumerate() {
                    let comma = if place > 0 { ", " } else { "" };
                    let loading = loadings.get(column).copied().unwrap_or(0.0);
                    write!(f, "{comma}column {} ({loading:.3})", column + 1)?;
                }
                write!(
                    f,
                    ": it contrasts indicators instead of adding them up, so it is no weighting; check their direction, leave them out, or give weights"
                )
            }
        }
    }
}

impl std::error::Error for PcaWeightsError {}

/// Weights proportional to the loadings of the first principal component.
///
/// # Formula
/// ```text
/// w_j = l_j / sum l
/// ```
/// # Missing and degenerate values
/// Only rows without gaps are used.
///
/// # Errors
/// No components, or loadings of different signs: such a component is a contrast, and a negative
/// weight would turn an indicator's direction round. Loadings within 1e-12 of 0 count as 0.
///
/// # Source
/// OECD/JRC, *Handbook* (2008), step 6; agrees with COINr `get_PCA` weights where all loadings are
/// positive (COINr also returns negative ones).
pub fn pca(columns: &[Vec<Option<f64>>]) -> Result<(Vec<f64>, PrincipalComponents), PcaWeightsError> {
    let components = principal_components(columns).map_err(PcaWeightsError::Pca)?;
    let loadings = components.loadings.first().cloned().unwrap_or_default();
    let negative: Vec<usize> = (0..loadings.len()).filter(|&j| loadings[j] < -1e-12).collect();
    if !negative.is_empty() {
        return Err(PcaWeightsError::NegativeLoadings { columns: negative, loadings });
    }
    let raised: Vec<f64> = loadings.iter().map(|l| l.max(0.0)).collect();
    match super::shares(&raised) {
        Ok(weights) => Ok((weights, components)),
        Err(_) => Err(PcaWeightsError::Pca(PcaError::TooFewColumns { columns: columns.len() })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_loadings_and_the_refusal() {
        let x = [1.0, 2.0, 3.0, 4.0].map(Some).to_vec();
        let y = [1.0, 3.0, 2.0, 4.0].map(Some).to_vec();
        let (w, _) = pca(&[x.clone(), y.clone()]).unwrap();
        assert!((w[0] - 0.5).abs() < 1e-14);
        let z = [4.0, 2.5, 2.0, 1.0].map(Some).to_vec();
        let error = pca(&[x, y, z]).unwrap_err();
        assert!(matches!(&error, PcaWeightsError::NegativeLoadings { columns, .. } if columns == &[2]));
        assert!(error.to_string().contains("column 3 (-0."), "{error}");
    }
}
