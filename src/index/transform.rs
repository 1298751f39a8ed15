//! Transforms of a raw column before it is normalised.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::moments::{constant, known, present, range};

/// A transform that keeps the order of values.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Transform {
    /// The value itself.
    #[default]
    None,
    /// `ln(1 + x)`, defined above −1.
    Log1p,
    /// `log10(x)`, defined above 0.
    Log10,
    /// `sqrt(x)`, defined from 0.
    Sqrt,
    /// `((x + shift)^lambda - 1) / lambda`, `ln(x + shift)` at λ = 0.
    BoxCox {
        /// The exponent; found by maximum likelihood if not given.
        #[serde(default)]
        lambda: Option<f64>,
        /// Whether the column is shifted so that its lowest value is 1, as COINr does;
        /// otherwise values of 0 and below have no transform.
        #[serde(default)]
        shift_to_one: bool,
    },
}

/// A transformed column.
#[derive(Debug, Clone, PartialEq)]
pub struct Transformed {
    /// One value per row.
    pub values: Vec<Option<f64>>,
    /// Rows that had a value outside the transform's domain and are missing now.
    pub outside: Vec<usize>,
    /// The exponent used by Box–Cox.
    pub lambda: Option<f64>,
    /// What Box–Cox added to each value.
    pub shift: f64,
}

/// Why a column cannot be transformed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TransformError {
    /// λ is not a finite number.
    Lambda(f64),
    /// Fewer than three values, or all equal: no likelihood to maximise.
    NoLikelihood,
}

impl std::fmt::Display for TransformError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TransformError::Lambda(lambda) => write!(f, "Box–Cox exponent {lambda} must be a finite number"),
            TransformError::NoLikelihood => write!(
                f,
                "the Box–Cox exponent cannot be estimated from fewer than three different positive values; give lambda"
            ),
        }
    }
}

impl std::error::Error for TransformError {}

/// Transforms a column.
///
/// # Formula
/// That of each variant of [`Transform`]. The maximum-likelihood λ maximises
/// ```text
/// (lambda - 1) sum ln x - n/2 ln( sum (y - mean y)^2 / n )
/// ```
/// over −5..=5, to 1e-8 by golden section after a grid of steps of 0.1.
///
/// # Units and shape
/// One value per row. The result has no unit.
///
/// # Missing and degenerate values
/// Missing stays missing. A value outside the domain becomes missing and its row is listed.
///
/// # Errors
/// λ not finite, or nothing to estimate it from.
///
/// # Source
/// Box and Cox (1964), *An analysis of transformations*, JRSS B 26(2); with the shift it agrees
/// with COINr `boxcox`, without it and with λ estimated with SciPy `boxcox`.
pub fn transform(column: &[Option<f64>], method: Transform) -> Result<Transformed, TransformError> {
    let mut shift = 0.0;
    let mut lambda = None;
    if let Transform::BoxCox { lambda: given, shift_to_one } = method {
        let x = present(column);
        if shift_to_one {
            shift = range(&x).map_or(0.0, |(low, _)| 1.0 - low);
        }
        lambda = match given {
            Some(value) if !value.is_finite() => return Err(TransformError::Lambda(value)),
            Some(value) => Some(value),
            None => Some(likeliest_lambda(&x, shift).ok_or(TransformError::NoLikelihood)?),
        };
    }
    let apply = |x: f64| match method {
        Transform::None => Some(x),
        Transform::Log1p => (x > -1.0).then(|| x.ln_1p()),
        Transform::Log10 => (x > 0.0).then(|| x.log10()),
        Transform::Sqrt => (x >= 0.0).then(|| x.sqrt()),
        Transform::BoxCox { .. } => (x + shift > 0.0).then(|| box_cox(x + shift, lambda.unwrap_or(1.0))),
    };
    let mut outside = Vec::new();
    let values = column
        .iter()
        .enumerate()
        .map(|(row, cell)| {
            let value = apply(cell.filter(|v| v.is_finite())?).and_then(known);
            if value.is_none() {
                outside.push(row);
            }
            value
        })
        .collect();
    Ok(Transformed { values, outside, lambda, shift })
}

fn box_cox(x: f64, lambda: f64) -> f64 {
    if lambda == 0.0 { x.ln() } else { (lambda * x.ln()).exp_m1() / lambda }
}

fn likeliest_lambda(x: &[f64], shift: f64) -> Option<f64> {
    let x: Vec<f64> = x.iter().map(|v| v + shift).filter(|v| *v > 0.0).collect();
    if x.len() < 3 || constant(&x) {
        return None;
    }
    let n = x.len() as f64;
    let sum_of_logs: f64 = x.iter().map(|v| v.ln()).sum();
    let likelihood = |lambda: f64| {
        let y: Vec<f64> = x.iter().map(|v| box_cox(*v, lambda)).collect();
        let centre = y.iter().sum::<f64>() / n;
        let spread = y.iter().map(|v| (v - centre).powi(2)).sum::<f64>() / n;
        let l = (lambda - 1.0) * sum_of_logs - 0.5 * n * spread.ln();
        if l.is_finite() { l } else { f64::NEG_INFINITY }
    };
    let grid = (-50..=50).map(|k| f64::from(k) / 10.0);
    let best = grid.map(|l| (l, likelihood(l))).reduce(|a, b| if b.1 > a.1 { b } else { a })?.0;
    let (mut low, mut high) = (best - 0.1, best + 0.1);
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    while high - low > 1e-8 {
        let (a, b) = (high - golden * (high - low), low + golden * (high - low));
        if likelihood(a) >= likelihood(b) { high = b } else { low = a }
    }
    Some(0.5 * (low + high))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(x: &[f64]) -> Vec<Option<f64>> {
        x.iter().copied().map(Some).collect()
    }

    #[test]
    fn box_cox_agrees_with_coinr() {
        // reference_coinr vectors.json, "gap" with lambda 0.5: shifted so that the lowest is 1.
        let x = [Some(5.0), None, Some(7.0), Some(8.0), None, Some(10.0), Some(11.0), Some(30.0)];
        let t = transform(&x, Transform::BoxCox { lambda: Some(0.5), shift_to_one: true }).unwrap();
        let expected = [
            Some(0.0), None, Some(1.4641016151377544), Some(2.0), None, Some(2.8989794855663558),
            Some(3.2915026221291814), Some(8.198039027185569),
        ];
        for (a, b) in t.values.iter().zip(expected) {
            assert_eq!(a.is_some(), b.is_some());
            assert!((a.unwrap_or(0.0) - b.unwrap_or(0.0)).abs() < 1e-14);
        }
        assert_eq!(t.shift, -4.0);
    }

    #[test]
    fn likeliest_exponent_of_a_lognormal_grid_is_near_zero() {
        // Symmetric after the logarithm: the likelihood is even in lambda, so its maximum is 0.
        let x: Vec<f64> = (-20..=20).map(|k| (f64::from(k) / 10.0).exp()).collect();
        let t = transform(&some(&x), Transform::BoxCox { lambda: None, shift_to_one: false }).unwrap();
        assert!(t.lambda.unwrap().abs() < 1e-6);
    }

    #[test]
    fn likeliest_exponent_agrees_with_scipy() {
        // SciPy 1.17.1 stats.boxcox: -0.5732032232125169. Both stop at about 1e-8.
        let x = some(&[2.0, 3.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 60.0, 250.0]);
        let t = transform(&x, Transform::BoxCox { lambda: None, shift_to_one: false }).unwrap();
        assert!((t.lambda.unwrap() + 0.5732032232125169).abs() < 1e-7);
    }

    #[test]
    fn outside_the_domain_is_missing_and_listed() {
        let x = some(&[-2.0, 0.0, 100.0]);
        let t = transform(&x, Transform::Log10).unwrap();
        assert_eq!((t.values, t.outside), (vec![None, None, Some(2.0)], vec![0, 1]));
        assert_eq!(transform(&x, Transform::Log1p).unwrap().outside, [0]);
        assert_eq!(transform(&x, Transform::Sqrt).unwrap().values, [None, Some(0.0), Some(10.0)]);
        let ml = Transform::BoxCox { lambda: None, shift_to_one: true };
        assert_eq!(transform(&some(&[4.0; 5]), ml), Err(TransformError::NoLikelihood));
        let bad = Transform::BoxCox { lambda: Some(f64::NAN), shift_to_one: true };
        assert!(matches!(transform(&x, bad), Err(TransformError::Lambda(_))));
    }
}
