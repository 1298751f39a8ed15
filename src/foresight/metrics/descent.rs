/// Weightings that are scored in one pass.
const LANES: usize = 8;

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

    /// [`average_precision`](Self::average_precision) and [`auroc`](Self::auroc) for many weightings of the origins.
    ///
    /// `cases` has the origin of each case and whether it is positive; a weighting has one weight per origin. Eight
    /// weightings share a pass over the cases, for reading the cases takes longer than adding them up.
    pub fn resampled(&self, cases: &[(usize, bool)], weightings: &[Vec<f64>]) -> Vec<[Option<f64>; 2]> {
        let place = |(i, end): (&usize, &bool)| cases.get(*i).map(|(origin, positive)| (*origin, *positive, *end));
        let ordered: Vec<(usize, bool, bool)> = self.order.iter().zip(&self.ends).filter_map(place).collect();
        weightings.chunks(LANES).flat_map(|chunk| pass(&ordered, chunk)).collect()
    }
}

/// The running sums of one weighting.
#[derive(Clone, Copy, Default)]
struct Sums {
    plus: f64,
    minus: f64,
    positives: f64,
    negatives: f64,
    precision: f64,
    below: f64,
}

fn pass(ordered: &[(usize, bool, bool)], chunk: &[Vec<f64>]) -> Vec<[Option<f64>; 2]> {
    let origins = chunk.iter().map(Vec::len).max().unwrap_or(0);
    let weight = |lane: usize, origin: usize| chunk.get(lane).and_then(|w| w.get(origin)).copied().unwrap_or(0.0);
    let lanes: Vec<[f64; LANES]> = (0..origins).map(|origin| std::array::from_fn(|lane| weight(lane, origin))).collect();
    let mut sums = [Sums::default(); LANES];
    for (origin, positive, end) in ordered {
        if let Some(weights) = lanes.get(*origin) {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                if *positive { sum.plus += weight } else { sum.minus += weight }
            }
        }
        if *end {
            for s in &mut sums {
                s.below += s.minus * (s.positives + s.plus / 2.0);
                s.positives += s.plus;
                s.negatives += s.minus;
                if s.plus > 0.0 {
                    s.precision += s.plus * s.positives / (s.positives + s.negatives);
                }
                (s.plus, s.minus) = (0.0, 0.0);
            }
        }
    }
    let scores = |s: &Sums| {
        let both = s.positives > 0.0 && s.negatives > 0.0;
        [(s.positives > 0.0).then(|| s.precision / s.positives), both.then(|| s.below / (s.positives * s.negatives))]
    };
    sums.iter().take(chunk.len()).map(scores).collect()
}
