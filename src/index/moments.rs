//! Moments and quantiles of a list of numbers.

/// Values that are present and finite, in order.
pub fn present(column: &[Option<f64>]) -> Vec<f64> {
    column.iter().flatten().copied().filter(|v| v.is_finite()).collect()
}

/// Arithmetic mean; missing for an empty list.
pub fn mean(x: &[f64]) -> Option<f64> {
    if x.is_empty() { None } else { known(x.iter().sum::<f64>() / x.len() as f64) }
}

/// Variance with `n - 1`; missing for fewer than two values.
pub fn variance(x: &[f64]) -> Option<f64> {
    if x.len() < 2 {
        return None;
    }
    let centre = mean(x)?;
    known(x.iter().map(|v| (v - centre).powi(2)).sum::<f64>() / (x.len() as f64 - 1.0))
}

/// Standard deviation with `n - 1`; missing for fewer than two values.
pub fn standard_deviation(x: &[f64]) -> Option<f64> {
    variance(x).map(f64::sqrt)
}

/// Skewness, corrected for bias.
///
/// # Formula
/// ```text
/// G1 = sqrt(n) sum d^3 / (sum d^2)^1.5 * sqrt(n (n - 1)) / (n - 2),   d = x - mean
/// ```
/// # Missing and degenerate values
/// Missing for fewer than three values, or if all are equal.
///
/// # Source
/// Joanes and Gill (1998), *Comparing measures of sample skewness and kurtosis*, The
/// Statistician 47(1), G1; agrees with COINr `skew`.
pub fn skewness(x: &[f64]) -> Option<f64> {
    let n = x.len() as f64;
    if n < 3.0 || constant(x) {
        return None;
    }
    let centre = mean(x)?;
    let (mut second, mut third) = (0.0, 0.0);
    for v in x {
        let d = v - centre;
        second += d * d;
        third += d * d * d;
    }
    known(n.sqrt() * third / second.powf(1.5) * (n * (n - 1.0)).sqrt() / (n - 2.0))
}

/// Excess kurtosis, corrected for bias.
///
/// # Formula
/// ```text
/// G2 = ((n + 1) (r - 3) + 6) (n - 1) / ((n - 2) (n - 3)),   r = n sum d^4 / (sum d^2)^2
/// ```
/// # Missing and degenerate values
/// Missing for fewer than four values, or if all are equal.
///
/// # Source
/// Joanes and Gill (1998), G2; agrees with COINr `kurt`.
pub fn kurtosis(x: &[f64]) -> Option<f64> {
    let n = x.len() as f64;
    if n < 4.0 || constant(x) {
        return None;
    }
    let centre = mean(x)?;
    let (mut second, mut fourth) = (0.0, 0.0);
    for v in x {
        let d = v - centre;
        second += d * d;
        fourth += d.powi(4);
    }
    let r = n * fourth / (second * second);
    known(((n + 1.0) * (r - 3.0) + 6.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0)))
}

/// Quantile of a list in ascending order, interpolated (type 7, the default of R and NumPy).
///
/// # Formula
/// ```text
/// h = (n - 1) p;   q = x[floor h] + (h - floor h) (x[floor h + 1] - x[floor h])
/// ```
/// # Missing and degenerate values
/// Missing for an empty list; `p` is clamped to 0..=1.
pub fn quantile(ascending: &[f64], p: f64) -> Option<f64> {
    let last = ascending.len().checked_sub(1)?;
    let h = last as f64 * p.clamp(0.0, 1.0);
    let below = (h.floor() as usize).min(last);
    let low = *ascending.get(below)?;
    let high = ascending.get(below + 1).copied().unwrap_or(low);
    known(low + (h - below as f64) * (high - low))
}

/// Median; missing for an empty list.
pub fn median(x: &[f64]) -> Option<f64> {
    quantile(&sorted(x), 0.5)
}

/// The list in ascending order.
pub fn sorted(x: &[f64]) -> Vec<f64> {
    let mut out = x.to_vec();
    out.sort_unstable_by(f64::total_cmp);
    out
}

/// Lowest and highest value; missing for an empty list.
pub fn range(x: &[f64]) -> Option<(f64, f64)> {
    let low = x.iter().copied().reduce(f64::min)?;
    let high = x.iter().copied().reduce(f64::max)?;
    Some((low, high))
}

/// Whether all values are equal; an empty list is.
pub fn constant(x: &[f64]) -> bool {
    x.windows(2).all(|pair| pair[0] == pair[1])
}

/// The number, unless it is not finite.
pub fn known(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers_of_the_treatment() {
        // c(1..10, 30, 100), METHODS: 3.063241 and 9.741391, printed to six decimals.
        let mut x: Vec<f64> = (1..=10).map(f64::from).collect();
        x.extend([30.0, 100.0]);
        assert!((skewness(&x).unwrap() - 3.063241).abs() < 5e-7);
        assert!((kurtosis(&x).unwrap() - 9.741391).abs() < 5e-7);
    }

    #[test]
    fn agrees_with_coinr() {
        // reference_coinr vectors.json, "plain"; 1e-13 because only the order of summation differs.
        let x = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0];
        assert!((skewness(&x).unwrap() - 0.8064575747273632).abs() < 1e-13);
        assert!((kurtosis(&x).unwrap() - 0.6739099832354336).abs() < 1e-13);
    }

    #[test]
    fn too_few_or_equal_is_missing() {
        assert_eq!(skewness(&[1.0, 2.0]), None);
        assert_eq!(kurtosis(&[1.0, 2.0, 4.0]), None);
        assert_eq!(skewness(&[7.0; 6]), None);
        assert_eq!(mean(&[]), None);
        assert_eq!(variance(&[1.0]), None);
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 10.0], 0.5), Some(2.5));
        assert_eq!(quantile(&[1.0, 2.0], 1.0), Some(2.0));
    }
}
