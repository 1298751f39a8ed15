use crate::stats::random::Stream;
use crate::stats::special::sorted_quantile;

/// How often each origin is drawn in one replicate of a block bootstrap.
///
/// # Formula
/// ```text
/// until all n places are filled: a start drawn from 0 … n − 1, then `block` origins in a row, the first after the last
/// ```
/// Neighbouring months are alike: drawn one by one, or unit by unit, they would seem to tell more than they do.
///
/// # Missing and degenerate values
/// Empty without origins; a block longer than the series is cut to it.
///
/// # Source
/// Politis and Romano, circular block bootstrap (1992).
pub fn block_weights(origins: usize, block: usize, seed: u64, replicate: u64) -> Vec<f64> {
    let mut weights = vec![0.0; origins];
    let mut stream = Stream::new(seed, replicate);
    let block = block.clamp(1, origins.max(1));
    let mut filled = 0;
    while filled < origins {
        let start = stream.index(origins);
        for k in 0..block.min(origins - filled) {
            if let Some(weight) = weights.get_mut((start + k) % origins) {
                *weight += 1.0;
            }
        }
        filled += block;
    }
    weights
}

/// The middle 90 % of replicates; none if fewer than nine in ten could be computed.
pub fn interval(replicates: &[Option<f64>]) -> Option<(f64, f64)> {
    let mut values: Vec<f64> = replicates.iter().flatten().copied().collect();
    if values.is_empty() || values.len() * 10 < replicates.len() * 9 {
        return None;
    }
    values.sort_by(f64::total_cmp);
    Some((sorted_quantile(&values, 0.05)?, sorted_quantile(&values, 0.95)?))
}
