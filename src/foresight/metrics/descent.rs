/// Cases in the order of falling risk, with their ties: sorted once, scored for many weightings.
#[derive(Clone, Debug)]
pub struct Descent {
    order: Vec<usize>,
    /// For each position, whether a lower risk begins after it.
    ends: Vec<bool>,
}

impl Descent {
    /// Sorts by risk. Equal risks tie, `-0.0` and `0.0` as well.
    pub fn new(risks: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..risks.len()).collect();
        let risk = |i: &usize| risks.get(*i).map_or(0.0, |r| r + 0.0);
        order.sort_by(|a, b| risk(b).total_cmp(&risk(a)).then(a.cmp(b)));
        let ends = order.iter().enumerate().map(|(k, i)| order.get(k + 1).is_none_or(|next| risk(next) < risk(i))).collect();
        Self { order, ends }
    }

    /// Weights of the positive and the negative cases of each group of ties, from the highest risk down.
    fn groups<'a>(&'a self, weight: impl Fn(usize) -> f64 + 'a, positive: impl Fn(usize) -> bool + 'a) -> impl Iterator<Item = (f64, f64)> + 'a {
        let (mut plus, mut minus) = (0.0, 0.0);
        self.order.iter().zip(&self.ends).filter_map(move |(i, end)| {
            if positive(*i) { plus += weight(*i) } else { minus += weight(*i) }
            end.then(|| (std::mem::take(&mut plus), std::mem::take(&mut minus)))
        })
    }

    /// Average precision of weighted cases.
    ///
    /// # Formula
    /// ```text
    /// AP = Σ over thresholds n of (R(n) − R(n − 1)) · P(n)        each distinct risk is one threshold
    /// ```
    /// # Missing and degenerate values
    /// None without positive weight. If all risks tie it is the share of positives.
    ///
    /// # Source
    /// scikit-learn `average_precision_score`.
    pub fn average_precision(&self, weight: impl Fn(usize) -> f64, positive: impl Fn(usize) -> bool) -> Option<f64> {
        let (mut hits, mut seen, mut sum) = (0.0, 0.0, 0.0);
        for (plus, minus) in self.groups(weight, positive) {
            hits += plus;
            seen += plus + minus;
            if plus > 0.0 {
                sum += plus * hits / seen;
            }
        }
        (hits > 0.0).then(|| sum / hits)
    }

    /// Area under the ROC curve of weighted cases.
    ///
    /// # Formula
    /// ```text
    /// AUROC = P(risk of a positive > risk of a negative) + P(they tie) / 2
    /// ```
    /// # Missing and degenerate values
    /// None unless there are positives and negatives. If all risks tie it is ½.
    ///
    /// # Source
    /// scikit-learn `roc_auc_score`; Mann and Whitney (1947).
    pub fn auroc(&self, weight: impl Fn(usize) -> f64, positive: impl Fn(usize) -> bool) -> Option<f64> {
        let (mut positives, mut negatives, mut below) = (0.0, 0.0, 0.0);
        for (plus, minus) in self.groups(weight, positive) {
            // Every negative of this group lies below the positives seen so far, and ties with its own.
            below += minus * (positives + plus / 2.0);
            positives += plus;
            negatives += minus;
        }
        (positives > 0.0 && negatives > 0.0).then(|| below / (positives * negatives))
    }
}
