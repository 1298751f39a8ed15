use super::Descent;

/// Average precision of risks against what happened; see [`Descent::average_precision`].
pub fn average_precision(happened: &[bool], risks: &[f64]) -> Option<f64> {
    Descent::new(risks).average_precision(|_| 1.0, |i| happened.get(i).copied().unwrap_or(false))
}
