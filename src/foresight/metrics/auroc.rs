use super::Descent;

/// Area under the ROC curve of risks against what happened; see [`Descent::auroc`].
pub fn auroc(happened: &[bool], risks: &[f64]) -> Option<f64> {
    Descent::new(risks).auroc(|_| 1.0, |i| happened.get(i).copied().unwrap_or(false))
}
