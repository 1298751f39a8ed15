//! Expected count as a straight line of one number, with counts that scatter more than by chance.

use std::collections::BTreeMap;

use statrs::function::gamma::digamma;

use super::error::{StatsError, same_length};

/// A negative binomial whose mean is a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountLine {
    /// Mean where x is 0, not negative.
    pub base: f64,
    /// Growth of the mean per unit of x, not negative.
    pub slope: f64,
    /// Size r: the variance is `m + m²/r`. It nears [`LARGEST`] where counts scatter no more than by chance.
    pub size: f64,
}

impl CountLine {
    pub fn mean(&self, x: f64) -> f64 {
        self.base + self.slope * x
    }
}

/// Sizes looked at: below the first a count is nearly always 0, beyond the last it is Poisson's.
const SMALLEST: f64 = 0.01;
/// Rounds of the search for a size; about ten are needed.
const ROUNDS: usize = 100;
/// The size that stands for Poisson counts.
pub const LARGEST: f64 = 1e6;

/// Fits the line and the size in turn.
///
/// # Formula
/// ```text
/// m_i = a + b x_i,  a, b ≥ 0,  variance v_i = m_i + m_i² / r
/// line given r:  Σ (y_i − m_i) / v_i · (1, x_i) = 0        quasi-likelihood, which is also the likelihood's
/// r given line:  max Σ ln Γ(y_i + r) − ln Γ(r) + y_i ln(m_i / (r + m_i)) + r ln(r / (r + m_i))
/// ```
///
/// # Units and shape
/// `x` and `counts` equally long, x not negative: a pace per month, say.
///
/// # Missing and degenerate values
/// Where every count is 0 the mean is 0. Where all x are alike only their mean is told.
///
/// # Errors
/// [`StatsError::LengthMismatch`]; [`StatsError::TooFew`] for fewer than three cases;
/// [`StatsError::BadEntry`] for an x that is negative or not finite.
///
/// # Source
/// McCullagh & Nelder, *Generalized Linear Models* (1989), 9.2 and 11.2. Agrees with statsmodels `GLM` with an
/// identity link and SciPy's likelihood, taken in turn.
pub fn count_line(x: &[f64], counts: &[u32]) -> Result<CountLine, StatsError> {
    same_length("x", x.len(), "counts", counts.len())?;
    if x.len() < 3 {
        return Err(StatsError::TooFew { what: "cases", needed: 3, found: x.len() });
    }
    if let Some((index, value)) = x.iter().enumerate().find(|(_, x)| !(x.is_finite() && **x >= 0.0)) {
        return Err(StatsError::BadEntry { what: "x", index, value: *value, rule: "must be finite and at least 0" });
    }
    let y: Vec<f64> = counts.iter().map(|n| f64::from(*n)).collect();
    let mut found = CountLine { base: y.iter().sum::<f64>() / y.len() as f64, slope: 0.0, size: 1.0 };
    let mut often: BTreeMap<u32, f64> = BTreeMap::new();
    counts.iter().for_each(|n| *often.entry(*n).or_default() += 1.0);
    for _ in 0..30 {
        let before = found;
        (found.base, found.slope) = line(x, &y, found);
        found.size = size(x, &y, found, &often);
        let moved = (found.base - before.base).abs() + (found.slope - before.slope).abs() + (found.size / before.size).ln().abs();
        if moved < 1e-6 {
            break;
        }
    }
    Ok(found)
}

/// Variances are taken at means of at least this, so that a case with mean 0 does not weigh infinitely.
const LEAST_MEAN: f64 = 1e-6;

fn variance(mean: f64, size: f64) -> f64 {
    let mean = mean.max(LEAST_MEAN);
    mean + mean * mean / size
}

/// Reweighted least squares with both coefficients kept at 0 or above.
fn line(x: &[f64], y: &[f64], start: CountLine) -> (f64, f64) {
    let mut at = start;
    for _ in 0..100 {
        let mut s = [0.0; 5];
        for (x, y) in x.iter().zip(y) {
            let w = 1.0 / variance(at.mean(*x), at.size);
            s.iter_mut().zip([w, w * x, w * x * x, w * y, w * x * y]).for_each(|(s, t)| *s += t);
        }
        let (base, slope) = not_negative(s);
        let moved = (base - at.base).abs() + (slope - at.slope).abs();
        (at.base, at.slope) = (base, slope);
        if moved < 1e-11 {
            break;
        }
    }
    (at.base, at.slope)
}

/// The least-squares line from the sums of w, wx, wxx, wy, wxy, with a coefficient at 0 where it would be negative.
fn not_negative([w, wx, wxx, wy, wxy]: [f64; 5]) -> (f64, f64) {
    let flat = (wy / w, 0.0);
    let determinant = w * wxx - wx * wx;
    if !(determinant > 1e-12 * w * wxx) {
        return flat;
    }
    let (base, slope) = ((wxx * wy - wx * wxy) / determinant, (w * wxy - wx * wy) / determinant);
    match (base >= 0.0, slope >= 0.0) {
        (true, true) => (base, slope),
        (true, false) => flat,
        _ => (0.0, wxy / wxx),
    }
}

/// The most likely size: where the likelihood's slope in ln r is 0, between bounds that close in by false position.
///
/// ```text
/// r · Σ [ ψ(y_i + r) − ψ(r) + (m_i − y_i) / (r + m_i) − ln(1 + m_i / r) ]
/// ```
/// # Source
/// The slope is the derivative of the likelihood of [`count_line`]; Illinois rule: Dowell and Jarratt, BIT 11 (1971), 168–174.
fn size(x: &[f64], y: &[f64], at: CountLine, often: &BTreeMap<u32, f64>) -> f64 {
    let slope = |ln_size: f64| {
        let r = ln_size.exp();
        let of_counts: f64 = often.iter().map(|(y, n)| n * (digamma(f64::from(*y) + r) - digamma(r))).sum();
        let one = |(x, y): (&f64, &f64)| {
            let m = at.mean(*x).max(LEAST_MEAN);
            (m - y) / (r + m) - (m / r).ln_1p()
        };
        r * (of_counts + x.iter().zip(y).map(one).sum::<f64>())
    };
    // From the size of the round before outward until the slope changes its sign.
    let (least, most) = (SMALLEST.ln(), LARGEST.ln());
    let mut a = at.size.ln().clamp(least, most);
    let mut at_a = slope(a);
    let outward = if at_a > 0.0 { 0.25 } else { -0.25 };
    let (mut b, mut at_b) = (a, at_a);
    while at_a * at_b > 0.0 {
        (a, at_a) = (b, at_b);
        b = (a + outward * (1.0 + (a - at.size.ln()).abs())).clamp(least, most);
        if a == b {
            return b.exp();
        }
        at_b = slope(b);
    }
    for _ in 0..ROUNDS {
        if (b - a).abs() < 1e-9 || at_b == 0.0 {
            break;
        }
        let c = b - at_b * (b - a) / (at_b - at_a);
        let at_c = slope(c);
        if at_c * at_b < 0.0 { (a, at_a) = (b, at_b) } else { at_a *= 0.5 }
        (b, at_b) = (c, at_c);
    }
    b.exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::checks::Reference;

    #[test]
    fn agrees_with_statsmodels() {
        let reference = Reference::new(include_str!("../../tests/reference/stats/regressions.json"));
        for case in 0..reference.cases("/count_line") {
            let x = reference.numbers(&format!("/count_line/{case}/x"));
            let y: Vec<u32> = reference.numbers(&format!("/count_line/{case}/y")).into_iter().map(|y| y as u32).collect();
            let found = count_line(&x, &y).unwrap();
            let near = |a: f64, field: &str| {
                let b = reference.number(&format!("/count_line/{case}/{field}"));
                // A size moves the likelihood in the second order only: both searches see it to some 1e-6.
                assert!((a - b).abs() < 1e-4 * b.abs().max(0.1), "{case} {field}: {a} {b}");
            };
            near(found.base, "base");
            near(found.slope, "slope");
            near(found.size, "size");
        }
    }

    #[test]
    fn lines_on_paper() {
        // Means 1 at 0 and 3 at 1, hit exactly: nothing scatters, so the counts are Poisson's.
        let exact = count_line(&[0.0, 0.0, 1.0, 1.0], &[1, 1, 3, 3]).unwrap();
        assert!((exact.base - 1.0).abs() < 1e-9 && (exact.slope - 2.0).abs() < 1e-9 && exact.size > 1e3);
        // A falling line is flat, a line that starts below 0 starts at 0.
        let falling = count_line(&[0.0, 0.0, 1.0, 1.0], &[3, 3, 1, 1]).unwrap();
        assert!(falling.slope == 0.0 && (falling.base - 2.0).abs() < 1e-9);
        let steep = count_line(&[1.0, 2.0, 3.0, 3.0], &[0, 2, 9, 9]).unwrap();
        assert!(steep.base == 0.0 && steep.slope > 1.0);
        assert_eq!(count_line(&[1.0; 4], &[0; 4]).unwrap().mean(1.0), 0.0);
        assert!(count_line(&[1.0, -1.0, 0.0], &[0, 0, 1]).is_err() && count_line(&[1.0], &[1]).is_err());
    }
}
