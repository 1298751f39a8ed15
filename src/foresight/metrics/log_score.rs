/// Probabilities are kept this far from 0 and 1, so that one event in a unit said to be safe does not outweigh all else.
const FLOOR: f64 = 0.001;

/// Mean negative logarithm of the probability given to what happened.
///
/// # Formula
/// ```text
/// −Σ ln(p if it happened, else 1 − p) / n        p is kept within 0.001 and 0.999
/// ```
/// # Units and shape
/// Nats; 0 is best.
///
/// # Missing and degenerate values
/// None without cases.
///
/// # Source
/// Good (1952); scikit-learn `log_loss` on the clipped probabilities.
pub fn log_score(happened: &[bool], probabilities: &[f64]) -> Option<f64> {
    let term = |(p, h): (&f64, &bool)| -(if *h { *p } else { 1.0 - p }).clamp(FLOOR, 1.0 - FLOOR).ln();
    (!probabilities.is_empty()).then(|| probabilities.iter().zip(happened).map(term).sum::<f64>() / probabilities.len() as f64)
}
