use crate::foresight::distribution::CountDistribution;

/// Continuous ranked probability score of a count.
///
/// # Formula
/// ```text
/// CRPS = Σ over k ≥ 0 of (P(count ≤ k) − [observed ≤ k])²
/// ```
/// # Units and shape
/// Events; 0 is best. For a sample it is the mean distance to the observation minus half the mean distance within.
///
/// # Missing and degenerate values
/// Always defined. It rewards an empty forecast where little happens: read it beside the share of zeros.
///
/// # Source
/// Gneiting and Raftery, JASA 102 (2007), 359–378; scoringrules `crps_ensemble`, properscoring.
pub fn crps(count: &CountDistribution, observed: u32) -> f64 {
    let observed = observed as usize;
    let mass = count.mass();
    let mut below = 0.0;
    let mut sum = 0.0;
    for k in 0..mass.len().max(observed) {
        below += mass.get(k).copied().unwrap_or(0.0);
        let step = if observed <= k { 1.0 } else { 0.0 };
        sum += (below - step) * (below - step);
    }
    sum
}
