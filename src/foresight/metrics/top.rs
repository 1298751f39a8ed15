//! What lies among the k units of highest risk in one month.

/// How much of each unit is among the first k: 1, 0, or a share for those that tie at the edge.
///
/// Ties are not broken: each order of tied units is equally likely, and the mean over them is taken.
fn membership(risks: &[f64], k: usize) -> Vec<f64> {
    let mut sorted = risks.to_vec();
    sorted.sort_by(f64::total_cmp);
    let share = |r: &f64| {
        let above = sorted.len() - sorted.partition_point(|s| s <= r);
        let level = sorted.partition_point(|s| s <= r) - sorted.partition_point(|s| s < r);
        (k.saturating_sub(above) as f64 / level.max(1) as f64).min(1.0)
    };
    risks.iter().map(share).collect()
}

/// Share of the k units of highest risk in which it happened, in one month.
///
/// # Formula
/// ```text
/// precision@k = (positives among the first k) / k        units that tie at the edge count in part
/// ```
/// # Missing and degenerate values
/// None if nothing happened anywhere, for then no ranking can be right, or if there are not more than k units.
///
/// # Source
/// Manning, Raghavan and Schütze, *Introduction to Information Retrieval* (2008), 8.4; ties as in McSherry and Najork (2008).
pub fn precision_at(k: usize, happened: &[bool], risks: &[f64]) -> Option<f64> {
    if risks.len() <= k || k == 0 || !happened.iter().any(|h| *h) {
        return None;
    }
    Some(membership(risks, k).iter().zip(happened).filter(|(_, h)| **h).map(|(m, _)| m).sum::<f64>() / k as f64)
}

/// Share of the month's events that fell into the k units of highest risk.
///
/// # Formula
/// ```text
/// hit rate = Σ counts of the first k / Σ counts        units that tie at the edge count in part
/// ```
/// # Missing and degenerate values
/// None without events, or if there are not more than k units.
///
/// # Source
/// Chainey, Tompson and Uhlig, *The utility of hotspot mapping*, Security Journal 21 (2008), 4–28.
pub fn hit_rate_at(k: usize, counts: &[u32], risks: &[f64]) -> Option<f64> {
    let total: f64 = counts.iter().map(|c| f64::from(*c)).sum();
    if risks.len() <= k || k == 0 || total == 0.0 {
        return None;
    }
    Some(membership(risks, k).iter().zip(counts).map(|(m, c)| m * f64::from(*c)).sum::<f64>() / total)
}

/// Prediction accuracy index: how much denser events are in the k units of highest risk than everywhere.
///
/// # Formula
/// ```text
/// PAI = hit rate / (k / units)        1 is what chance gives
/// ```
/// # Missing and degenerate values
/// As in [`hit_rate_at`]. Units stand for area: their sizes differ, and boundaries do not always come with counts.
///
/// # Source
/// As in [`hit_rate_at`].
pub fn area_index(k: usize, counts: &[u32], risks: &[f64]) -> Option<f64> {
    Some(hit_rate_at(k, counts, risks)? * risks.len() as f64 / k as f64)
}

/// False alarms per unit and year, if a probability at or above `threshold` is an alarm.
///
/// # Formula
/// ```text
/// 12 · (alarms after which nothing happened) / (unit-months)
/// ```
/// # Missing and degenerate values
/// None without cases.
///
/// # Source
/// Usage of warning systems; the threshold is stated beside the number.
pub fn false_alarms_per_year(threshold: f64, happened: &[bool], probabilities: &[f64]) -> Option<f64> {
    let false_alarms = probabilities.iter().zip(happened).filter(|(p, h)| **p >= threshold && !**h).count();
    (!probabilities.is_empty()).then(|| 12.0 * false_alarms as f64 / probabilities.len() as f64)
}
