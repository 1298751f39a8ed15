//! Tails and quantiles of the distributions that the methods use.
//!
//! Built on Loader's saddle-point form of the probability masses, so that large counts lose no
//! digits to cancellation, and on continued fractions whose length grows with the count instead of
//! stopping at a fixed number of terms. Nothing here panics: arguments outside a distribution's
//! domain give `None`.

use statrs::function::erf::erfc;
use statrs::function::gamma::ln_gamma as ln_gamma_positive;

/// Half of ln 2π.
const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_8;
/// Largest shape, size or count accepted: beyond it the fractions would be cut short.
const LARGEST: f64 = 1e10;
/// Smallest shape or size accepted.
const SMALLEST: f64 = 1e-100;
/// Longest continued fraction or series; enough for `LARGEST`.
const MAX_TERMS: usize = 1_000_000;
/// Relative change at which a series or fraction has converged.
const CONVERGED: f64 = 1e-16;

/// Whether a shape or size lies inside the accepted range.
fn is_shape(a: f64) -> bool {
    (SMALLEST..=LARGEST).contains(&a)
}

/// ln Γ(x) for a positive finite x.
///
/// # Units and shape
/// One number in, one out.
///
/// # Missing and degenerate values
/// `None` unless x is finite and positive.
///
/// # Source
/// Lanczos approximation of the crate statrs; agrees with SciPy `gammaln` to 1e-13 relative.
pub fn ln_gamma(x: f64) -> Option<f64> {
    (x.is_finite() && x > 0.0).then(|| ln_gamma_positive(x))
}

/// Stirling's error `ln Γ(n+1) − (n + ½) ln n + n − ½ ln 2π` (Loader 2000, table and series).
fn stirling_error(n: f64) -> f64 {
    if n <= 15.0 {
        return if n == 0.0 {
            0.0
        } else {
            ln_gamma_positive(n + 1.0) - (n + 0.5) * n.ln() + n - HALF_LN_TWO_PI
        };
    }
    let square = n * n;
    (1.0 / 12.0
        - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / 1188.0 / square) / square) / square)
            / square)
        / n
}

/// Loader's deviance part `x ln(x/m) + m − x`, without cancellation near x = m.
fn deviance_part(x: f64, m: f64) -> f64 {
    if (x - m).abs() < 0.1 * (x + m) {
        let v = (x - m) / (x + m);
        let mut sum = (x - m) * v;
        let mut term = 2.0 * x * v;
        for j in 1..1000 {
            term *= v * v;
            let next = sum + term / f64::from(2 * j + 1);
            if next == sum {
                return next;
            }
            sum = next;
        }
        return sum;
    }
    x * (x / m).ln() + m - x
}

/// `x^a e^(−x) / Γ(a + 1)`: the Poisson mass, for real a ≥ 0 and x > 0.
fn poisson_mass_real(a: f64, x: f64) -> f64 {
    if a == 0.0 {
        return (-x).exp();
    }
    (-stirling_error(a) - deviance_part(a, x)).exp() / (2.0 * std::f64::consts::PI * a).sqrt()
}

/// `P(N = count)` for a Poisson mean.
///
/// # Missing and degenerate values
/// `None` unless the mean is finite and at least 0; a mean of 0 has all its mass at 0.
///
/// # Source
/// Loader, *Fast and accurate computation of binomial probabilities* (2000).
pub fn poisson_mass(count: u64, mean: f64) -> Option<f64> {
    if !(mean.is_finite() && mean >= 0.0) {
        return None;
    }
    if mean == 0.0 {
        return Some(if count == 0 { 1.0 } else { 0.0 });
    }
    Some(poisson_mass_real(count as f64, mean))
}

/// Regularised lower and upper incomplete gamma functions `(P(a, x), Q(a, x))`.
///
/// # Formula
/// ```text
/// P = Σ_k x^(a+k) e^(−x) / Γ(a + k + 1)      series,              if x < a + 1
/// Q = x^a e^(−x) / Γ(a) · 1/(x+1−a− …)       continued fraction,  else
/// ```
///
/// # Missing and degenerate values
/// `None` unless a lies between 1e-100 and 1e10 and x is at least 0 (infinity is allowed and gives
/// (1, 0)).
///
/// # Source
/// Abramowitz & Stegun 6.5.29 and 6.5.31, evaluated by Lentz's method.
pub fn incomplete_gamma(a: f64, x: f64) -> Option<(f64, f64)> {
    if !is_shape(a) || x.is_nan() || x < 0.0 {
        return None;
    }
    if x == 0.0 {
        return Some((0.0, 1.0));
    }
    if x.is_infinite() {
        return Some((1.0, 0.0));
    }
    let mass = poisson_mass_real(a, x);
    if mass == 0.0 {
        return Some(if x < a { (0.0, 1.0) } else { (1.0, 0.0) });
    }
    if x < a + 1.0 {
        let mut term = 1.0;
        let mut sum = 1.0;
        for k in 1..MAX_TERMS {
            term *= x / (a + k as f64);
            sum += term;
            if term < sum * CONVERGED {
                break;
            }
        }
        let lower = (mass * sum).min(1.0);
        return Some((lower, 1.0 - lower));
    }
    let tiny = f64::MIN_POSITIVE / f64::EPSILON;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / tiny;
    let mut d = 1.0 / if b.abs() < tiny { tiny } else { b };
    let mut fraction = d;
    for k in 1..MAX_TERMS {
        let k = k as f64;
        let numerator = -k * (k - a);
        b += 2.0;
        d = numerator * d + b;
        if d.abs() < tiny {
            d = tiny;
        }
        c = b + numerator / c;
        if c.abs() < tiny {
            c = tiny;
        }
        d = 1.0 / d;
        let step = d * c;
        fraction *= step;
        if (step - 1.0).abs() < 2.0 * f64::EPSILON {
            break;
        }
    }
    let upper = (mass * a * fraction).min(1.0);
    Some((1.0 - upper, upper))
}

/// `P(X ≤ x)` and `P(X > x)` of a Gamma distribution with the given shape and rate.
///
/// # Missing and degenerate values
/// `None` unless shape and rate are positive and finite and x is at least 0.
///
/// # Source
/// [`incomplete_gamma`] at `rate · x`; agrees with SciPy `gamma.cdf`.
pub fn gamma_tails(shape: f64, rate: f64, x: f64) -> Option<(f64, f64)> {
    if !(rate.is_finite() && rate > 0.0) {
        return None;
    }
    incomplete_gamma(shape, rate * x)
}

/// The value below which a Gamma variable lies with the given probability.
///
/// # Units and shape
/// The unit of 1/rate.
///
/// # Missing and degenerate values
/// `None` unless shape and rate are positive and finite and `0 ≤ probability < 1`. A quantile below
/// the smallest positive number is 0.
///
/// # Source
/// Newton steps on the distribution function in ln x, kept inside a bracket; SciPy `gamma.ppf`.
pub fn gamma_quantile(shape: f64, rate: f64, probability: f64) -> Option<f64> {
    if !(rate.is_finite() && rate > 0.0 && (0.0..1.0).contains(&probability)) {
        return None;
    }
    incomplete_gamma(shape, 1.0)?;
    if probability == 0.0 {
        return Some(0.0);
    }
    // Wilson–Hilferty start, replaced by the leading term of the series for tiny quantiles.
    let z = normal_quantile(probability)?;
    let cube = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt());
    let leading = (probability.ln() + ln_gamma(shape + 1.0)?) / shape;
    let start = if cube > 0.1 {
        (shape * cube.powi(3)).ln()
    } else {
        leading
    };
    let root = solve_monotone(start, |log_x| {
        let x = log_x.exp();
        let (lower, upper) = incomplete_gamma(shape, x).unwrap_or((1.0, 0.0));
        let miss = if probability < 0.5 {
            lower - probability
        } else {
            (1.0 - probability) - upper
        };
        // Density of ln X at ln x.
        (miss, poisson_mass_real(shape, x) * shape)
    });
    Some(root.exp() / rate)
}

/// Solves f(t) = 0 for a growing f on the real line by bracketed Newton steps.
///
/// `f` returns the value and its derivative.
fn solve_monotone(start: f64, f: impl Fn(f64) -> (f64, f64)) -> f64 {
    let mut t = if start.is_finite() {
        start.clamp(-740.0, 740.0)
    } else {
        0.0
    };
    let (mut low, mut high) = (-745.0_f64, 745.0_f64);
    for _ in 0..200 {
        let (miss, slope) = f(t);
        if miss == 0.0 {
            return t;
        }
        if miss > 0.0 {
            high = t;
        } else {
            low = t;
        }
        let newton = t - miss / slope;
        let next = if newton > low && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        if (next - t).abs() <= 4.0 * f64::EPSILON * t.abs().max(1.0) {
            return next;
        }
        t = next;
    }
    t
}

/// `x^a (1−x)^b / (a B(a, b))`-type prefactor: `Γ(a+b)/(Γ(a)Γ(b)) x^a (1−x)^b`.
fn beta_prefactor(a: f64, b: f64, x: f64, one_minus_x: f64) -> f64 {
    // Γ(a+b)/(Γ(a)Γ(b)) x^a y^b = binomial mass of (a out of a+b) times ab/(a+b).
    let n = a + b;
    let exponent = stirling_error(n)
        - stirling_error(a)
        - stirling_error(b)
        - deviance_part(a, n * x)
        - deviance_part(b, n * one_minus_x);
    let mass = exponent.exp() * (n / (2.0 * std::f64::consts::PI * a * b)).sqrt();
    mass * a * b / n
}

/// Regularised incomplete beta function and its complement `(I_x(a, b), 1 − I_x(a, b))`.
///
/// # Missing and degenerate values
/// `None` unless a and b lie between 1e-100 and 1e10 and `0 ≤ x ≤ 1`.
///
/// # Source
/// Abramowitz & Stegun 26.5.8 (continued fraction), evaluated by Lentz's method on the side of the
/// mean where it converges fast; agrees with SciPy `betainc` and `betaincc`.
pub fn incomplete_beta(a: f64, b: f64, x: f64) -> Option<(f64, f64)> {
    if !(is_shape(a) && is_shape(b) && (0.0..=1.0).contains(&x)) {
        return None;
    }
    incomplete_beta_split(a, b, x, 1.0 - x)
}

/// [`incomplete_beta`] for callers that know `1 − x` to full precision.
fn incomplete_beta_split(a: f64, b: f64, x: f64, one_minus_x: f64) -> Option<(f64, f64)> {
    if x <= 0.0 {
        return Some((0.0, 1.0));
    }
    if one_minus_x <= 0.0 {
        return Some((1.0, 0.0));
    }
    let prefactor = beta_prefactor(a, b, x, one_minus_x);
    if x < (a + 1.0) / (a + b + 2.0) {
        let value = (prefactor * beta_fraction(a, b, x) / a).clamp(0.0, 1.0);
        Some((value, 1.0 - value))
    } else {
        let value = (prefactor * beta_fraction(b, a, one_minus_x) / b).clamp(0.0, 1.0);
        Some((1.0 - value, value))
    }
}

/// Continued fraction of the incomplete beta function (modified Lentz).
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let tiny = f64::MIN_POSITIVE / f64::EPSILON;
    let guard = |value: f64| if value.abs() < tiny { tiny } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..MAX_TERMS {
        let m = m as f64;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        let step = d * c;
        fraction *= step;
        if (step - 1.0).abs() < 2.0 * f64::EPSILON {
            break;
        }
    }
    fraction
}

/// The value below which a Beta(a, b) variable lies with the given probability.
///
/// # Missing and degenerate values
/// `None` unless a and b are positive and finite and `0 ≤ probability ≤ 1`.
///
/// # Source
/// Newton steps on the logit scale, kept inside a bracket; SciPy `beta.ppf`.
pub fn beta_quantile(a: f64, b: f64, probability: f64) -> Option<f64> {
    incomplete_beta(a, b, 0.5)?;
    if !(0.0..=1.0).contains(&probability) {
        return None;
    }
    if probability == 0.0 || probability == 1.0 {
        return Some(probability);
    }
    let root = solve_monotone((a / b).ln(), |logit| {
        let (x, y) = (1.0 / (1.0 + (-logit).exp()), 1.0 / (1.0 + logit.exp()));
        let (lower, upper) = incomplete_beta_split(a, b, x, y).unwrap_or((0.0, 1.0));
        let miss = if probability < 0.5 {
            lower - probability
        } else {
            (1.0 - probability) - upper
        };
        (
            miss,
            beta_prefactor(a, b, x.max(f64::MIN_POSITIVE), y.max(f64::MIN_POSITIVE)),
        )
    });
    Some(1.0 / (1.0 + (-root).exp()))
}

/// `P(X = successes)` of a binomial distribution.
///
/// # Missing and degenerate values
/// `None` if `successes > trials` or the probability lies outside 0 to 1.
///
/// # Source
/// Loader (2000); agrees with SciPy `binom.pmf`.
pub fn binomial_mass(successes: u64, trials: u64, probability: f64) -> Option<f64> {
    if successes > trials || trials as f64 > LARGEST || !(0.0..=1.0).contains(&probability) {
        return None;
    }
    let (k, n, p, q) = (
        successes as f64,
        trials as f64,
        probability,
        1.0 - probability,
    );
    if p == 0.0 || q == 0.0 {
        let certain = if p == 0.0 { 0 } else { trials };
        return Some(if successes == certain { 1.0 } else { 0.0 });
    }
    if successes == 0 {
        return Some((n * (-p).ln_1p()).exp());
    }
    if successes == trials {
        return Some((n * p.ln()).exp());
    }
    let exponent = stirling_error(n)
        - stirling_error(k)
        - stirling_error(n - k)
        - deviance_part(k, n * p)
        - deviance_part(n - k, n * q);
    Some(exponent.exp() * (n / (2.0 * std::f64::consts::PI * k * (n - k))).sqrt())
}

/// `P(X ≤ successes)` and `P(X ≥ successes)` of a binomial distribution.
///
/// # Missing and degenerate values
/// `None` if `successes > trials` or the probability lies outside 0 to 1.
///
/// # Source
/// Abramowitz & Stegun 26.5.24; agrees with SciPy `binom.cdf` and `binom.sf`.
pub fn binomial_tails(successes: u64, trials: u64, probability: f64) -> Option<(f64, f64)> {
    if successes > trials || trials as f64 > LARGEST || !(0.0..=1.0).contains(&probability) {
        return None;
    }
    let (k, n) = (successes as f64, trials as f64);
    let at_most = if successes == trials {
        1.0
    } else {
        incomplete_beta(k + 1.0, n - k, probability)?.1
    };
    let at_least = if successes == 0 {
        1.0
    } else {
        incomplete_beta(k, n - k + 1.0, probability)?.0
    };
    Some((at_most, at_least))
}

/// `P(N ≥ count)` and `P(N > count)` of a Poisson distribution.
///
/// # Missing and degenerate values
/// `None` unless the mean is finite and at least 0.
///
/// # Source
/// Abramowitz & Stegun 26.4.21; agrees with SciPy `poisson.sf`.
pub fn poisson_upper_tails(count: u64, mean: f64) -> Option<(f64, f64)> {
    if !(mean.is_finite() && mean >= 0.0) {
        return None;
    }
    let at_least = if count == 0 {
        1.0
    } else {
        incomplete_gamma(count as f64, mean)?.0
    };
    Some((at_least, incomplete_gamma(count as f64 + 1.0, mean)?.0))
}

/// `P(Y ≥ count)` and `P(Y > count)` of a negative binomial with the given mean and size.
///
/// # Formula
/// ```text
/// variance = mean + mean²/size,   P(Y ≥ y) = I_q(y, size),   q = mean / (mean + size)
/// ```
///
/// # Missing and degenerate values
/// `None` unless the mean is finite and at least 0 and the size positive. An infinite size is the
/// Poisson distribution; a mean of 0 has all its mass at 0.
///
/// # Source
/// Johnson, Kemp & Kotz, *Univariate Discrete Distributions* (2005), 5.31; SciPy `nbinom.sf`.
pub fn negative_binomial_upper_tails(count: u64, mean: f64, size: f64) -> Option<(f64, f64)> {
    if !(mean.is_finite() && mean >= 0.0) || size.is_nan() || size <= 0.0 {
        return None;
    }
    if size > LARGEST {
        return poisson_upper_tails(count, mean);
    }
    if size < SMALLEST || count as f64 >= LARGEST {
        return None;
    }
    let (q, p) = (mean / (mean + size), size / (mean + size));
    let at_least = if count == 0 {
        1.0
    } else {
        incomplete_beta_split(count as f64, size, q, p)?.0
    };
    Some((
        at_least,
        incomplete_beta_split(count as f64 + 1.0, size, q, p)?.0,
    ))
}

/// `P(Z ≤ z)` of the standard normal distribution; `None` for a NaN.
///
/// # Source
/// `½ erfc(−z/√2)`.
pub fn normal_cdf(z: f64) -> Option<f64> {
    (!z.is_nan()).then(|| 0.5 * erfc(-z / std::f64::consts::SQRT_2))
}

/// The value below which a standard normal variable lies with the given probability.
///
/// # Missing and degenerate values
/// `None` unless `0 < probability < 1`.
///
/// # Source
/// Acklam's rational approximation and one Halley step on [`normal_cdf`].
pub fn normal_quantile(probability: f64) -> Option<f64> {
    if !(probability > 0.0 && probability < 1.0) {
        return None;
    }
    let tail = probability.min(1.0 - probability);
    let mut z = acklam(tail);
    let error = normal_cdf(z)? - tail;
    let u = error * (2.0 * std::f64::consts::PI).sqrt() * (0.5 * z * z).exp();
    z -= u / (1.0 + 0.5 * z * u);
    Some(if probability < 0.5 { z } else { -z })
}

/// Acklam's approximation of the normal quantile for `0 < p ≤ ½` (relative error 1.2e-9).
fn acklam(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969683028665376e+01,
        2.209460984245205e+02,
        -2.759285104469687e+02,
        1.38357751867269e+02,
        -3.066479806614716e+01,
        2.506628277459239e+00,
    ];
    const B: [f64; 5] = [
        -5.447609879822406e+01,
        1.615858368580409e+02,
        -1.556989798598866e+02,
        6.680131188771972e+01,
        -1.328068155288572e+01,
    ];
    const C: [f64; 6] = [
        -7.784894002430293e-03,
        -3.223964580411365e-01,
        -2.400758277161838e+00,
        -2.549732539343734e+00,
        4.374664141464968e+00,
        2.938163982698783e+00,
    ];
    const D: [f64; 4] = [
        7.784695709041462e-03,
        3.224671290700398e-01,
        2.445134137142996e+00,
        3.754408661907416e+00,
    ];
    let polynomial =
        |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    if p < 0.02425 {
        let q = (-2.0 * p.ln()).sqrt();
        polynomial(&C, q) / (polynomial(&D, q) * q + 1.0)
    } else {
        let q = p - 0.5;
        let r = q * q;
        polynomial(&A, r) * q / (polynomial(&B, r) * r + 1.0)
    }
}

/// `ln(Σ e^x)` without overflow; `None` for an empty slice, −∞ entries count as 0.
///
/// # Source
/// The usual shift by the maximum.
pub fn ln_sum_exp(values: &[f64]) -> Option<f64> {
    let maximum = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if values.is_empty() || maximum == f64::NEG_INFINITY || !maximum.is_finite() {
        return None;
    }
    Some(maximum + values.iter().map(|x| (x - maximum).exp()).sum::<f64>().ln())
}

/// The value at a given share of sorted values, by linear interpolation (Hyndman & Fan type 7).
///
/// # Missing and degenerate values
/// `None` for an empty slice or a share outside 0 to 1. The slice must be sorted.
///
/// # Source
/// Hyndman & Fan, *Sample quantiles in statistical packages* (1996), definition 7; NumPy's default.
pub fn sorted_quantile(sorted: &[f64], share: f64) -> Option<f64> {
    if sorted.is_empty() || !(0.0..=1.0).contains(&share) {
        return None;
    }
    let position = share * (sorted.len() - 1) as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let fraction = position - below as f64;
    Some(sorted[below] + (sorted[above] - sorted[below]) * fraction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// Largest relative difference to SciPy over a table of the reference file.
    fn largest_difference(table: &str, compute: impl Fn(&[f64]) -> Option<f64>) -> f64 {
        let text = include_str!("../../tests/reference/stats/special.json");
        let json: Value = serde_json::from_str(text).unwrap();
        let rows = json["tables"][table].as_array().unwrap();
        assert!(rows.len() > 10, "{table} is nearly empty");
        rows.iter()
            .map(|row| {
                let row: Vec<f64> = row
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|v| v.as_f64().unwrap())
                    .collect();
                let (arguments, expected) = row.split_at(row.len() - 1);
                let found = compute(arguments).unwrap();
                let difference = if expected[0] == 0.0 {
                    found.abs()
                } else {
                    ((found - expected[0]) / expected[0]).abs()
                };
                assert!(
                    difference < 1e-3,
                    "{table} {arguments:?}: {found} against {}",
                    expected[0]
                );
                difference
            })
            .fold(0.0, f64::max)
    }

    #[test]
    fn agrees_with_scipy() {
        // Relative differences. 1e-10 leaves room for the last digits of ln Γ below 15 and for
        // SciPy's own error in far tails; quantiles inherit the error of the tail they invert.
        for (table, difference) in [
            (
                "gamma_lower",
                largest_difference("gamma_lower", |x| Some(incomplete_gamma(x[0], x[1])?.0)),
            ),
            (
                "gamma_upper",
                largest_difference("gamma_upper", |x| Some(incomplete_gamma(x[0], x[1])?.1)),
            ),
            (
                "gamma_quantile",
                largest_difference("gamma_quantile", |x| gamma_quantile(x[0], 1.0, x[1])),
            ),
            (
                "beta_lower",
                largest_difference("beta_lower", |x| Some(incomplete_beta(x[0], x[1], x[2])?.0)),
            ),
            (
                "beta_upper",
                largest_difference("beta_upper", |x| Some(incomplete_beta(x[0], x[1], x[2])?.1)),
            ),
            (
                "beta_quantile",
                largest_difference("beta_quantile", |x| beta_quantile(x[0], x[1], x[2])),
            ),
            (
                "binomial_mass",
                largest_difference("binomial_mass", |x| {
                    binomial_mass(x[0] as u64, x[1] as u64, x[2])
                }),
            ),
            (
                "binomial_at_least",
                largest_difference("binomial_at_least", |x| {
                    Some(binomial_tails(x[0] as u64, x[1] as u64, x[2])?.1)
                }),
            ),
            (
                "poisson_mass",
                largest_difference("poisson_mass", |x| poisson_mass(x[0] as u64, x[1])),
            ),
            (
                "poisson_at_least",
                largest_difference("poisson_at_least", |x| {
                    Some(poisson_upper_tails(x[0] as u64, x[1])?.0)
                }),
            ),
            (
                "negative_binomial_at_least",
                largest_difference("negative_binomial_at_least", |x| {
                    Some(negative_binomial_upper_tails(x[0] as u64, x[1], x[2])?.0)
                }),
            ),
            (
                "normal_quantile",
                largest_difference("normal_quantile", |x| normal_quantile(x[0])),
            ),
        ] {
            assert!(
                difference < 1e-10,
                "{table}: largest relative difference {difference:e}"
            );
        }
    }

    #[test]
    fn large_counts_keep_their_digits() {
        // Symmetry: a Beta(n, n) variable lies below one half with probability one half.
        for n in [10.0, 1e4, 1e6, 1e8] {
            let (lower, upper) = incomplete_beta(n, n, 0.5).unwrap();
            assert!(
                (lower - 0.5).abs() < 1e-7 && (upper - 0.5).abs() < 1e-7,
                "{n}: {lower}"
            );
        }
    }

    #[test]
    fn arguments_outside_the_domain_give_none() {
        let bad = [f64::NAN, f64::NEG_INFINITY, -1.0];
        for x in bad {
            assert!(incomplete_gamma(x, 1.0).is_none());
            assert!(incomplete_gamma(1.0, x).is_none());
            assert!(incomplete_beta(x, 1.0, 0.5).is_none());
            assert!(incomplete_beta(1.0, 1.0, x).is_none());
            assert!(gamma_quantile(1.0, 1.0, x).is_none());
            assert!(beta_quantile(1.0, 1.0, x).is_none());
            assert!(poisson_mass(1, x).is_none());
            assert!(binomial_mass(1, 2, x).is_none());
            assert!(negative_binomial_upper_tails(1, x, 1.0).is_none());
            assert!(negative_binomial_upper_tails(1, 1.0, x).is_none());
            assert!(normal_quantile(x).is_none());
            assert!(sorted_quantile(&[1.0], x).is_none());
        }
        assert!(binomial_mass(3, 2, 0.5).is_none());
        assert!(sorted_quantile(&[], 0.5).is_none());
        assert!(ln_sum_exp(&[]).is_none());
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn tails_are_probabilities_for_any_argument(a in proptest::num::f64::ANY, b in proptest::num::f64::ANY, x in proptest::num::f64::ANY, k in 0_u64..1_000_000_000) {
            for pair in [incomplete_gamma(a, x), incomplete_beta(a, b, x), negative_binomial_upper_tails(k, a, b)].into_iter().flatten() {
                proptest::prop_assert!((0.0..=1.0).contains(&pair.0) && (0.0..=1.0).contains(&pair.1), "{:?}", pair);
            }
        }

        #[test]
        fn quantiles_invert_the_tails(shape in 0.05_f64..500.0, p in 0.001_f64..0.999) {
            let x = gamma_quantile(shape, 2.0, p).unwrap();
            proptest::prop_assert!((gamma_tails(shape, 2.0, x).unwrap().0 - p).abs() < 1e-9);
            let y = beta_quantile(shape, 3.0, p).unwrap();
            proptest::prop_assert!((incomplete_beta(shape, 3.0, y).unwrap().0 - p).abs() < 1e-9);
        }
    }
}
