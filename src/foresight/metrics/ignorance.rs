use crate::foresight::distribution::CountDistribution;

/// Upper ends of the bins of counts; the last bin is open.
const BINS: [usize; 6] = [0, 2, 5, 10, 25, 50];

/// Share of the probability that is spread evenly over all bins, so that a bin never has none.
const SPREAD: f64 = 0.01;

/// Bits of surprise: how little probability was given to the bin of counts in which the observed one lies.
///
/// # Formula
/// ```text
/// −log2(0.99 · P(bin) + 0.01 / 7)        bins 0, 1–2, 3–5, 6–10, 11–25, 26–50, more
/// ```
/// # Units and shape
/// Bits; 0 is best, 9.5 worst.
///
/// # Missing and degenerate values
/// Always defined. Most of it comes from zeros where little happens: read it beside their share.
///
/// # Source
/// Roulston and Smith (2002), in bins in the manner of the VIEWS prediction challenge; ours are fewer, for events and not deaths.
pub fn ignorance(count: &CountDistribution, observed: u32) -> f64 {
    let bin = |k: usize| BINS.iter().position(|end| k <= *end).unwrap_or(BINS.len());
    let own = bin(observed as usize);
    let given: f64 = count.mass().iter().enumerate().filter(|(k, _)| bin(*k) == own).map(|(_, m)| m).sum();
    -((1.0 - SPREAD) * given + SPREAD / (BINS.len() + 1) as f64).log2()
}
