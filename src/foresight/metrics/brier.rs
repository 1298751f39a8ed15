/// Mean squared difference between probabilities and what happened.
///
/// # Formula
/// ```text
/// BS = Σ (p − o)² / n        o = 1 if it happened, else 0
/// ```
/// # Missing and degenerate values
/// None without cases. 0 is best; a forecast of the base rate b gets b (1 − b).
///
/// # Source
/// Brier, Monthly Weather Review 78 (1950), 1–3; scikit-learn `brier_score_loss`.
pub fn brier(happened: &[bool], probabilities: &[f64]) -> Option<f64> {
    let sum: f64 = probabilities.iter().zip(happened).map(|(p, h)| (p - f64::from(u8::from(*h))).powi(2)).sum();
    (!probabilities.is_empty()).then(|| sum / probabilities.len() as f64)
}

/// What was said and what came of it, in one bin of probabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Bin {
    pub cases: usize,
    /// Mean probability.
    pub said: f64,
    /// Share in which it happened.
    pub came: f64,
}

/// The parts of a Brier score.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Decomposition {
    /// How far said and came differ; 0 is best.
    pub reliability: f64,
    /// How far bins differ from the base rate; more is better.
    pub resolution: f64,
    /// What the base rate alone leaves open.
    pub uncertainty: f64,
    /// From the spread of probabilities inside bins; the four parts make the Brier score.
    pub within: f64,
    /// Bins of a tenth; empty ones are left out.
    pub bins: Vec<Bin>,
}

/// Splits the Brier score into reliability, resolution, uncertainty and the spread inside ten equal bins.
///
/// # Formula
/// ```text
/// BS = Σ n(k) (said(k) − came(k))² / n − Σ n(k) (came(k) − b)² / n + b (1 − b) + within
/// within = Σ over bins of [Σ (p − said)² − 2 Σ (p − said)(o − came)] / n
/// ```
/// # Missing and degenerate values
/// None without cases. A probability of 1 belongs to the last bin.
///
/// # Source
/// Murphy (1973); the terms within bins from Stephenson, Coelho and Jolliffe, Weather and Forecasting 23 (2008), 752–757.
pub fn decompose(happened: &[bool], probabilities: &[f64]) -> Option<Decomposition> {
    let n = probabilities.len() as f64;
    let whole = brier(happened, probabilities)?;
    let base = happened.iter().filter(|h| **h).count() as f64 / n;
    let mut sums = [(0_usize, 0.0, 0.0); 10];
    for (p, h) in probabilities.iter().zip(happened) {
        if let Some(bin) = sums.get_mut(((p * 10.0) as usize).min(9)) {
            *bin = (bin.0 + 1, bin.1 + p, bin.2 + f64::from(u8::from(*h)));
        }
    }
    let bins: Vec<Bin> = sums.iter().filter(|b| b.0 > 0).map(|b| Bin { cases: b.0, said: b.1 / b.0 as f64, came: b.2 / b.0 as f64 }).collect();
    let mean = |f: &dyn Fn(&Bin) -> f64| bins.iter().map(|b| b.cases as f64 * f(b)).sum::<f64>() / n;
    let reliability = mean(&|b| (b.said - b.came).powi(2));
    let resolution = mean(&|b| (b.came - base).powi(2));
    let uncertainty = base * (1.0 - base);
    Some(Decomposition { reliability, resolution, uncertainty, within: whole - reliability + resolution - uncertainty, bins })
}
