//! Is one rate higher than another?

use super::error::{StatsError, level};
use super::exposed::Exposed;
use super::special::{beta_quantile, binomial_mass, binomial_tails};

/// How the observed count itself is counted in the tails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// Whole: p-values and intervals never promise more than they keep (conservative).
    Exact,
    /// Half (mid-P): close to the nominal level on average, sometimes a little beyond it.
    MidP,
}

/// Two rates compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateComparison {
    /// Rate of the first over rate of the second; `None` if the second has no event.
    pub ratio: Option<f64>,
    /// Lower end of the interval of the ratio (0 if the first has no event).
    pub lower: f64,
    /// Upper end; `None` if unbounded, which is so if the second has no event.
    pub upper: Option<f64>,
    /// Probability of a count as high as the first's, or higher, if the rates were equal.
    pub p_greater: f64,
    /// Probability of a count as low as the first's, or lower, if the rates were equal.
    pub p_less: f64,
    /// Probability of a split as unlikely as the one seen, or less likely, if the rates were equal.
    pub p_two_sided: f64,
}

/// Compares two rates by the exact conditional test, with an interval for their ratio.
///
/// # Formula
/// ```text
/// given n = x₁ + x₂:  x₁ ~ Binomial(n, π),  π = ρ e₁ / (ρ e₁ + e₂),  ρ = ratio of rates
/// tests at ρ = 1;  two-sided: Σ of the masses not above the mass of x₁ (Exact), or twice the
/// smaller tail, at most 1 (MidP)
/// interval: the ρ whose tails equal (1 − level)/2 (Exact: Clopper–Pearson for π)
/// ```
///
/// # Units and shape
/// Two counts with exposures in the same unit; `level` is the share inside the interval (0.9).
///
/// # Missing and degenerate values
/// Two counts of 0 say nothing: no ratio, interval from 0 to unbounded, all p-values 1. A window
/// without coverage has no `Exposed`, so it cannot come here.
///
/// # Errors
/// [`StatsError::OutOfRange`] for a level outside 0 to 1 or for counts above 10¹⁰.
///
/// # Source
/// Przyborowski & Wilenski, *Homogeneity of results in testing samples from Poisson series*,
/// Biometrika 31 (1940), 313–323; Clopper & Pearson (1934) for the interval. Agrees with SciPy
/// `binomtest` and statsmodels `test_poisson_2indep` (`exact-cond`, `cond-midp`).
///
/// # Example
/// ```
/// use tukhum::stats::exposed::Exposed;
/// use tukhum::stats::rate_ratio::{Tail, compare_rates};
/// let now = Exposed::new(12, 3.0)?;    // 12 attacks in 3 months
/// let before = Exposed::new(9, 12.0)?; // 9 in the 12 months before
/// let change = compare_rates(now, before, 0.9, Tail::Exact)?;
/// assert_eq!(change.ratio, Some(4.0 / 0.75));
/// assert!(change.lower > 2.0 && change.p_greater < 0.001);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn compare_rates(
    first: Exposed,
    second: Exposed,
    level_inside: f64,
    tail: Tail,
) -> Result<RateComparison, StatsError> {
    let alpha = 1.0 - level(level_inside)?;
    let (x, n) = (first.count(), first.count().saturating_add(second.count()));
    if n == 0 {
        return Ok(RateComparison {
            ratio: None,
            lower: 0.0,
            upper: None,
            p_greater: 1.0,
            p_less: 1.0,
            p_two_sided: 1.0,
        });
    }
    let too_large = StatsError::OutOfRange {
        what: "sum of counts",
        value: n as f64,
        rule: "must be at most 1e10",
    };
    let share = first.exposure() / (first.exposure() + second.exposure());
    let (p_less, p_greater) = tails(x, n, share, tail).ok_or(too_large.clone())?;
    let p_two_sided = match tail {
        Tail::Exact => two_sided(x, n, share).ok_or(too_large.clone())?,
        Tail::MidP => (2.0 * p_less.min(p_greater)).min(1.0),
    };
    let odds_to_ratio = |p: f64| p / (1.0 - p) * (second.exposure() / first.exposure());
    let lower = if x == 0 {
        0.0
    } else {
        odds_to_ratio(bound(x, n, alpha / 2.0, tail, Side::Lower).ok_or(too_large.clone())?)
    };
    let upper = if x == n {
        None
    } else {
        Some(odds_to_ratio(
            bound(x, n, alpha / 2.0, tail, Side::Upper).ok_or(too_large)?,
        ))
    };
    let ratio = (second.count() > 0).then(|| first.rate() / second.rate());
    Ok(RateComparison {
        ratio,
        lower,
        upper,
        p_greater,
        p_less,
        p_two_sided,
    })
}

/// `(P(X ≤ x), P(X ≥ x))`, with the mass of x counted whole or half.
fn tails(x: u64, n: u64, probability: f64, tail: Tail) -> Option<(f64, f64)> {
    let (at_most, at_least) = binomial_tails(x, n, probability)?;
    Some(match tail {
        Tail::Exact => (at_most, at_least),
        Tail::MidP => {
            let half = 0.5 * binomial_mass(x, n, probability)?;
            (at_most - half, at_least - half)
        }
    })
}

/// Sum of the masses that are not above the mass of x (with a relative slack of 1e-7, as SciPy).
fn two_sided(x: u64, n: u64, probability: f64) -> Option<f64> {
    let limit = binomial_mass(x, n, probability)? * (1.0 + 1e-7);
    let mode = (n as f64 + 1.0) * probability;
    let near = (mode.floor() as u64).min(n);
    if x as f64 == n as f64 * probability || x == near {
        return Some(1.0);
    }
    if x < near {
        // Masses fall from the mode upwards: find the first one not above the limit.
        let (mut low, mut high) = (near, n + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if binomial_mass(middle, n, probability)? <= limit {
                high = middle
            } else {
                low = middle + 1
            }
        }
        let upper = if low > n {
            0.0
        } else {
            binomial_tails(low, n, probability)?.1
        };
        Some((binomial_tails(x, n, probability)?.0 + upper).min(1.0))
    } else {
        // Masses grow up to the mode: find the last one not above the limit.
        let (mut low, mut high) = (0, near);
        while low < high {
            let middle = low + (high - low) / 2;
            if binomial_mass(middle, n, probability)? <= limit {
                low = middle + 1
            } else {
                high = middle
            }
        }
        let lower = if low == 0 {
            0.0
        } else {
            binomial_tails(low - 1, n, probability)?.0
        };
        Some((binomial_tails(x, n, probability)?.1 + lower).min(1.0))
    }
}

/// Which end of the interval.
#[derive(Clone, Copy)]
enum Side {
    Lower,
    Upper,
}

/// The binomial probability at which the tail beyond x equals `tail_area`.
fn bound(x: u64, n: u64, tail_area: f64, tail: Tail, side: Side) -> Option<f64> {
    let (successes, failures) = (x as f64, (n - x) as f64);
    let exact = match side {
        Side::Lower => beta_quantile(successes, failures + 1.0, tail_area)?,
        Side::Upper => beta_quantile(successes + 1.0, failures, 1.0 - tail_area)?,
    };
    if tail == Tail::Exact {
        return Some(exact);
    }
    // The mid-P bound lies between the exact one and the observed share.
    let (mut outer, mut inner) = (exact, successes / n as f64);
    for _ in 0..200 {
        let middle = 0.5 * (outer + inner);
        if middle == outer || middle == inner {
            break;
        }
        let (less, greater) = tails(x, n, middle, tail)?;
        let area = match side {
            Side::Lower => greater,
            Side::Upper => less,
        };
        if area < tail_area {
            outer = middle
        } else {
            inner = middle
        }
    }
    Some(outer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::checks::{Reference, calibrated};
    use crate::stats::random::Stream;

    fn compare(x: u64, e: f64, y: u64, f: f64, tail: Tail) -> RateComparison {
        compare_rates(
            Exposed::new(x, e).unwrap(),
            Exposed::new(y, f).unwrap(),
            0.9,
            tail,
        )
        .unwrap()
    }

    #[test]
    fn five_against_none_on_paper() {
        // Equal exposures, 5 against 0: P(X ≥ 5 of 5) = 1/32, two-sided 2/32.
        let result = compare(5, 1.0, 0, 1.0, Tail::Exact);
        assert!((result.p_greater - 1.0 / 32.0).abs() < 1e-15);
        assert!((result.p_two_sided - 1.0 / 16.0).abs() < 1e-15);
        assert_eq!((result.ratio, result.upper), (None, None));
        // Lower: π⁵ = 0.05, ρ = π/(1−π).
        let share = 0.05_f64.powf(0.2);
        assert!((result.lower - share / (1.0 - share)).abs() < 1e-12);
    }

    #[test]
    fn agrees_with_scipy_and_statsmodels() {
        let mut reference = Reference::new(include_str!("../../tests/reference/stats/rates.json"));
        for case in 0..reference.cases("/rate_ratio") {
            let get = |field: &str| reference.number(&format!("/rate_ratio/{case}/{field}"));
            let counts = (get("x1") as u64, get("x2") as u64);
            let exact = compare(counts.0, get("e1"), counts.1, get("e2"), Tail::Exact);
            let mid = compare(counts.0, get("e1"), counts.1, get("e2"), Tail::MidP);
            let pairs = [
                (exact.p_two_sided, get("p_two_sided")),
                (exact.p_greater, get("p_greater")),
                (exact.p_less, get("p_less")),
                (exact.lower, get("lower")),
                (exact.upper.unwrap_or(-1.0), get("upper")),
                (mid.p_greater, get("midp_greater")),
                (mid.p_two_sided, get("midp_two_sided")),
            ];
            for (found, expected) in pairs {
                reference.compare(found, expected);
            }
        }
        // SciPy finds its Clopper–Pearson bounds with a root finder at 1e-12 in the probability,
        // which the odds magnify.
        reference.finish("rate_ratio against SciPy binomtest and statsmodels", 1e-8);
    }

    #[test]
    fn degenerate_input_has_defined_results() {
        let nothing = compare(0, 2.0, 0, 3.0, Tail::Exact);
        assert_eq!(
            (nothing.ratio, nothing.lower, nothing.upper),
            (None, 0.0, None)
        );
        assert_eq!(nothing.p_two_sided, 1.0);
        let (a, b) = (
            Exposed::new(1, 1.0).unwrap(),
            Exposed::new(u64::MAX, 1.0).unwrap(),
        );
        assert!(compare_rates(a, b, 0.9, Tail::Exact).is_err());
        assert!(compare_rates(a, a, 1.0, Tail::Exact).is_err());
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn swapping_the_two_inverts_the_ratio(x in 1_u64..300, y in 1_u64..300, e in 0.1_f64..50.0, f in 0.1_f64..50.0) {
            let there = compare(x, e, y, f, Tail::Exact);
            let back = compare(y, f, x, e, Tail::Exact);
            proptest::prop_assert!((there.lower * back.upper.unwrap() - 1.0).abs() < 1e-8);
            proptest::prop_assert!((there.p_greater - back.p_less).abs() < 1e-10);
            proptest::prop_assert!((there.p_two_sided - back.p_two_sided).abs() < 1e-6);
            let ratio = there.ratio.unwrap();
            proptest::prop_assert!(there.lower < ratio && ratio < there.upper.unwrap());
        }
    }

    #[test]
    fn intervals_and_test_keep_their_level() {
        // Rates 3 and 1.5 per month over 6 and 12 months; and equal rates for the test's size.
        let (runs, mut exact, mut mid, mut alarms) = (4000, 0, 0, 0);
        for run in 0..runs {
            let mut stream = Stream::new(5, run as u64);
            let (x, y) = (stream.poisson(18.0), stream.poisson(18.0));
            let holds = |result: RateComparison| {
                result.lower <= 2.0 && result.upper.is_none_or(|u| u >= 2.0)
            };
            exact += usize::from(holds(compare(x, 6.0, y, 12.0, Tail::Exact)));
            mid += usize::from(holds(compare(x, 6.0, y, 12.0, Tail::MidP)));
            let (x, y) = (stream.poisson(6.0), stream.poisson(12.0));
            alarms += usize::from(compare(x, 6.0, y, 12.0, Tail::Exact).p_greater <= 0.05);
        }
        // The exact interval may cover more than its level, never less (minus three standard errors).
        calibrated(
            "rate_ratio exact 90 % interval",
            exact,
            runs,
            0.9,
            0.886..=0.95,
        );
        calibrated(
            "rate_ratio mid-P 90 % interval",
            mid,
            runs,
            0.9,
            0.88..=0.92,
        );
        calibrated(
            "rate_ratio exact one-sided size 5 %",
            alarms,
            runs,
            0.05,
            0.01..=0.0604,
        );
    }
}
