//! Ranks of composite scores.

/// Ranks scores: 1 is the highest, that is the most risk.
///
/// # Formula
/// ```text
/// rank_i = 1 + #{ j : score_j > score_i }
/// ```
/// Equal scores share the lowest number ("1 2 2 4"). Scores are compared as they are, before
/// any rounding.
///
/// # Units and shape
/// One rank per score, in the same order.
///
/// # Missing and degenerate values
/// A missing score has no rank and does not count for the others. A score that is not a number
/// is treated as missing.
pub fn rank(scores: &[Option<f64>]) -> Vec<Option<usize>> {
    let mut present: Vec<(usize, f64)> =
        scores.iter().enumerate().filter_map(|(i, s)| s.filter(|v| !v.is_nan()).map(|v| (i, v + 0.0))).collect();
    present.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut ranks = vec![None; scores.len()];
    let mut shared = (0, f64::NAN);
    for (place, &(i, score)) in present.iter().enumerate() {
        if score != shared.1 {
            shared = (place + 1, score);
        }
        if let Some(slot) = ranks.get_mut(i) {
            *slot = Some(shared.0);
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::rank;

    #[test]
    fn ties_share_the_lowest_number_and_missing_has_none() {
        let scores = [Some(5.0), None, Some(7.0), Some(7.0), Some(-0.0), Some(0.0)];
        assert_eq!(rank(&scores), [Some(3), None, Some(1), Some(1), Some(4), Some(4)]);
        assert_eq!(rank(&[]), []);
    }

    #[test]
    fn ranks_before_rounding() {
        assert_eq!(rank(&[Some(5.04), Some(5.0400001)]), [Some(2), Some(1)]);
    }
}
