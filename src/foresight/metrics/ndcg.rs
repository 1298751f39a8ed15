/// Normalised discounted cumulative gain of the first k units in one month, with counts as gains.
///
/// # Formula
/// ```text
/// DCG@k = Σ over positions r ≤ k of gain(r) / log2(r + 1)        NDCG = DCG by risk / DCG by count
/// ```
/// Units that tie get the mean gain of their group.
///
/// # Missing and degenerate values
/// None without a gain or without units.
///
/// # Source
/// Järvelin and Kekäläinen (2002); equal to scikit-learn `ndcg_score` with its ties.
pub fn ndcg_at(k: usize, counts: &[u32], risks: &[f64]) -> Option<f64> {
    let gains: Vec<f64> = counts.iter().map(|c| f64::from(*c)).collect();
    let best = discounted(k, &gains, &gains);
    (best > 0.0).then(|| discounted(k, &gains, risks) / best)
}

fn discounted(k: usize, gains: &[f64], risks: &[f64]) -> f64 {
    let mut order: Vec<(f64, f64)> = risks.iter().copied().zip(gains.iter().copied()).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let discount = |rank: usize| if rank < k { 1.0 / (rank as f64 + 2.0).log2() } else { 0.0 };
    let mut rank = 0;
    let mut sum = 0.0;
    for group in order.chunk_by(|a, b| a.0 == b.0) {
        let mean = group.iter().map(|g| g.1).sum::<f64>() / group.len() as f64;
        sum += mean * (rank..rank + group.len()).map(discount).sum::<f64>();
        rank += group.len();
    }
    sum
}
