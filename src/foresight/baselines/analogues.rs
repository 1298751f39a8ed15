//! From a number that ranks to a distribution: what followed when the number was like this before.

use std::collections::BTreeMap;

use crate::foresight::distribution::CountDistribution;
use crate::foresight::forecaster::{Forecast, ByHorizon, lead};
use crate::foresight::panel::History;

/// Past cases that a distribution rests on.
const NEAREST: usize = 100;

/// Months of past cases that are looked at: violence changes its ways.
const MONTHS: usize = 60;

/// Forecasts that rank by a number `x` per unit and month, each with the counts that followed the nearest past numbers.
///
/// # Formula
/// ```text
/// pairs  = { (x[v][m], count[v][m + lead]) : m + lead ≤ last known month, the latest 60 months of them, all units v }
/// sample = counts of the 100 pairs whose x is nearest in rank to x[u][last], with all that tie with it
/// P(event) = (sample counts above 0 + ½) / (sample size + 1)
/// ```
/// # Units and shape
/// `x` by unit and month, columns as in the history.
///
/// # Missing and degenerate values
/// None for a unit whose latest x is missing, and for all while there are fewer than 100 pairs.
///
/// # Source
/// Nearest-neighbour conditional distribution (Stone 1977); Jeffreys' prior for the probability.
pub fn by_analogues<'h>(history: &'h History<'h>, x: Vec<Vec<Option<f64>>>) -> ByHorizon<'h> {
    Box::new(move |horizon| followed(history, lead(history, horizon), &x))
}

fn followed(history: &History<'_>, lead: usize, x: &[Vec<Option<f64>>]) -> Vec<Option<Forecast>> {
    let mut pairs: Vec<(f64, u32)> = Vec::new();
    for (u, own) in x.iter().enumerate() {
        let counts = history.deadly(u);
        let end = counts.len().saturating_sub(lead);
        let cases = own.iter().zip(counts.iter().skip(lead)).take(end).skip(end.saturating_sub(MONTHS));
        pairs.extend(cases.filter_map(|(x, count)| Some(((*x)?, (*count)?))));
    }
    if pairs.len() < NEAREST {
        return vec![None; x.len()];
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut cache: BTreeMap<(usize, usize), Option<CountDistribution>> = BTreeMap::new();
    x.iter()
        .map(|own| {
            let now = own.last().copied().flatten()?;
            let (from, to) = nearest(&pairs, now);
            let sample = || CountDistribution::sample(pairs.get(from..to)?.iter().map(|p| p.1));
            let count = cache.entry((from, to)).or_insert_with(sample).clone()?;
            let n = (to - from) as f64;
            Some(Forecast { risk: now, p_event: Some((count.at_least(1) * n + 0.5) / (n + 1.0)), count: Some(count) })
        })
        .collect()
}

/// The stretch of sorted pairs that is nearest in rank to `x`: its ties, and as many on each side as 100 needs.
fn nearest(pairs: &[(f64, u32)], x: f64) -> (usize, usize) {
    let below = pairs.partition_point(|p| p.0 < x);
    let above = pairs.partition_point(|p| p.0 <= x);
    let wanted = NEAREST.saturating_sub(above - below);
    let from = below.saturating_sub(wanted.div_ceil(2));
    let to = (above + (wanted - (below - from))).min(pairs.len());
    // What one end lacks is taken from the other.
    (from.min(to.saturating_sub(NEAREST)), to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_are_ties_first_and_never_too_few() {
        let pairs: Vec<(f64, u32)> = (0..300).map(|i| (f64::from(i / 150), 0)).collect();
        assert_eq!(nearest(&pairs, 0.0), (0, 150), "all ties");
        let pairs: Vec<(f64, u32)> = (0..300).map(|i| (f64::from(i), 0)).collect();
        assert_eq!(nearest(&pairs, -5.0), (0, 100));
        assert_eq!(nearest(&pairs, 1e9), (200, 300));
        let (from, to) = nearest(&pairs, 150.0);
        assert!(to - from == 100 && from == 100, "{from} {to}");
    }
}
