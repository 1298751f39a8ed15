//! Probability of an outcome from a few numbers, held near what is known from elsewhere.

use super::error::StatsError;

/// A fitted line on the log-odds.
#[derive(Debug, Clone, PartialEq)]
pub struct Logistic {
    pub intercept: f64,
    /// One per column, in its unit: never below 0.
    pub slopes: Vec<f64>,
}

impl Logistic {
    /// The probability at one row.
    pub fn probability(&self, row: &[f64]) -> f64 {
        let sum: f64 = self.slopes.iter().zip(row).map(|(b, x)| b * x).sum();
        inverse_logit(self.intercept + sum)
    }
}

/// Rounds of Newton's method; about eight are needed.
const ROUNDS: usize = 100;
/// Largest step of a coefficient, in standard deviations of its column, at which the fit is done.
const DONE: f64 = 1e-10;

/// Fits a logistic regression whose slopes are not negative and drawn toward given ones.
///
/// # Formula
/// ```text
/// minimise  −Σ_i [ y_i ln p_i + (1 − y_i) ln(1 − p_i) ]  +  λ/2 · Σ_j s_j² (b_j − c_j)²
/// logit p_i = a + Σ_j b_j x_ij,   b_j ≥ 0,   s_j the standard deviation of column j
/// ```
/// The intercept is free, so that the mean probability is the share of outcomes that happened.
///
/// # Units and shape
/// `columns` one slice per variable, each as long as `happened`; `centre` c one slope per column;
/// `strength` λ ≥ 0 counts about as four times as many cases at even odds.
///
/// # Missing and degenerate values
/// Rows with a missing value are left out by the caller. A constant column keeps its c.
///
/// # Errors
/// [`StatsError::LengthMismatch`]; [`StatsError::OutOfRange`] for a strength that is negative or not finite;
/// [`StatsError::BadEntry`] for a value that is not finite; [`StatsError::Degenerate`] if all outcomes are
/// alike, or if the slopes have no finite best value (λ = 0 and the columns separate the outcomes).
///
/// # Source
/// Ridge: le Cessie & van Houwelingen, Applied Statistics 41 (1992), 191–201, drawn toward c instead of 0.
/// Bounds: projected Newton, Bertsekas, SIAM J. Control and Optimization 20 (1982), 221–246. Agrees with
/// scikit-learn `LogisticRegression` for c = 0 where no bound holds.
pub fn anchored_logistic(columns: &[Vec<f64>], happened: &[bool], centre: &[f64], strength: f64) -> Result<Logistic, StatsError> {
    check(columns, happened, centre, strength)?;
    let scales: Vec<(f64, f64)> = columns.iter().map(|c| mean_and_deviation(c)).collect();
    let problem = Problem {
        columns: columns.iter().zip(&scales).map(|(c, (mean, sd))| c.iter().map(|x| (x - mean) / sd).collect()).collect(),
        happened,
        centre: centre.iter().zip(&scales).map(|(c, (_, sd))| c * sd).collect(),
        strength,
    };
    let share = happened.iter().filter(|y| **y).count() as f64 / happened.len() as f64;
    let mut at: Vec<f64> = std::iter::once((share / (1.0 - share)).ln()).chain(problem.centre.iter().copied()).collect();
    for _ in 0..ROUNDS {
        let Some(next) = problem.better(&at) else { break };
        let moved = next.iter().zip(&at).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        at = next;
        if moved < DONE {
            break;
        }
    }
    if problem.is_told_apart(&at) {
        return Err(StatsError::Degenerate { reason: "the columns tell the outcomes apart without error, so that no slope is steep enough" });
    }
    let slopes: Vec<f64> = at.iter().skip(1).zip(&scales).map(|(b, (_, sd))| b / sd).collect();
    let shift: f64 = slopes.iter().zip(&scales).map(|(b, (mean, _))| b * mean).sum();
    Ok(Logistic { intercept: at[0] - shift, slopes })
}

fn check(columns: &[Vec<f64>], happened: &[bool], centre: &[f64], strength: f64) -> Result<(), StatsError> {
    let lengths = |left, left_len, right, right_len| Err(StatsError::LengthMismatch { left, left_len, right, right_len });
    if columns.len() != centre.len() {
        return lengths("columns", columns.len(), "centre", centre.len());
    }
    for column in columns {
        if column.len() != happened.len() {
            return lengths("column", column.len(), "happened", happened.len());
        }
        if let Some((index, value)) = column.iter().enumerate().find(|(_, x)| !x.is_finite()) {
            return Err(StatsError::BadEntry { what: "column", index, value: *value, rule: "must be finite: leave rows with a missing value out" });
        }
    }
    if let Some((index, value)) = centre.iter().enumerate().find(|(_, c)| !(c.is_finite() && **c >= 0.0)) {
        return Err(StatsError::BadEntry { what: "centre", index, value: *value, rule: "must be finite and at least 0, as the slopes are" });
    }
    if !(strength.is_finite() && strength >= 0.0) {
        return Err(StatsError::OutOfRange { what: "strength", value: strength, rule: "must be finite and at least 0" });
    }
    if happened.iter().all(|y| *y) || !happened.iter().any(|y| *y) {
        return Err(StatsError::Degenerate { reason: "all outcomes are alike" });
    }
    Ok(())
}

fn inverse_logit(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Mean and standard deviation (divisor n); a constant column gets 1.
fn mean_and_deviation(column: &[f64]) -> (f64, f64) {
    let n = column.len() as f64;
    let mean = column.iter().sum::<f64>() / n;
    let sd = (column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    (mean, if sd > 1e-12 { sd } else { 1.0 })
}

/// The fit on standardised columns; a point is the intercept, then the slopes.
struct Problem<'a> {
    columns: Vec<Vec<f64>>,
    happened: &'a [bool],
    centre: Vec<f64>,
    strength: f64,
}

impl Problem<'_> {
    fn log_odds(&self, at: &[f64]) -> Vec<f64> {
        let mut sums = vec![at[0]; self.happened.len()];
        for (column, b) in self.columns.iter().zip(&at[1..]) {
            sums.iter_mut().zip(column).for_each(|(s, x)| *s += b * x);
        }
        sums
    }

    fn objective(&self, at: &[f64]) -> f64 {
        let loss = |(e, y): (f64, &bool)| if *y { ln_1p_exp(-e) } else { ln_1p_exp(e) };
        let fit: f64 = self.log_odds(at).into_iter().zip(self.happened).map(loss).sum();
        let penalty: f64 = at[1..].iter().zip(&self.centre).map(|(b, c)| (b - c).powi(2)).sum();
        fit + 0.5 * self.strength * penalty
    }

    /// Whether every outcome is foretold with certainty.
    fn is_told_apart(&self, at: &[f64]) -> bool {
        self.log_odds(at).into_iter().zip(self.happened).all(|(e, y)| if *y { e > 10.0 } else { e < -10.0 })
    }

    /// Gradient and Hessian.
    fn slopes_at(&self, at: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
        let k = at.len();
        let (mut gradient, mut hessian) = (vec![0.0; k], vec![vec![0.0; k]; k]);
        let one = vec![1.0; self.happened.len()];
        let columns: Vec<&[f64]> = std::iter::once(one.as_slice()).chain(self.columns.iter().map(Vec::as_slice)).collect();
        let p: Vec<f64> = self.log_odds(at).into_iter().map(inverse_logit).collect();
        for i in 0..k {
            gradient[i] = columns[i].iter().zip(&p).zip(self.happened).map(|((x, p), y)| x * (p - f64::from(u8::from(*y)))).sum();
            for j in 0..=i {
                let sum: f64 = columns[i].iter().zip(columns[j]).zip(&p).map(|((a, b), p)| a * b * p * (1.0 - p)).sum();
                hessian[i][j] = sum;
                hessian[j][i] = sum;
            }
        }
        for j in 1..k {
            gradient[j] += self.strength * (at[j] - self.centre[j - 1]);
            hessian[j][j] += self.strength;
        }
        (gradient, hessian)
    }

    /// A better point by a projected Newton step, none if there is none.
    fn better(&self, at: &[f64]) -> Option<Vec<f64>> {
        let (gradient, hessian) = self.slopes_at(at);
        let free: Vec<usize> = (0..at.len()).filter(|j| *j == 0 || at[*j] > 0.0 || gradient[*j] < 0.0).collect();
        let matrix: Vec<Vec<f64>> = free.iter().map(|i| free.iter().map(|j| hessian[*i][*j] + if i == j { 1e-12 } else { 0.0 }).collect()).collect();
        let step = solve(matrix, free.iter().map(|j| -gradient[*j]).collect())?;
        let stepped = |share: f64| {
            let mut next = at.to_vec();
            for (j, d) in free.iter().zip(&step) {
                next[*j] += share * d;
            }
            next.iter_mut().skip(1).for_each(|b| *b = b.max(0.0));
            next
        };
        let now = self.objective(at);
        // Newton's decrement: what is left to gain drowns in the rounding of the objective, and the step is right.
        let left: f64 = free.iter().zip(&step).map(|(j, d)| -gradient[*j] * d).sum();
        if left.abs() < 1e-12 * now.abs() {
            return Some(stepped(1.0));
        }
        (0..40).map(|halvings| stepped(0.5_f64.powi(halvings))).find(|next| self.objective(next) < now)
    }
}

/// `ln(1 + e^x)` without overflow.
fn ln_1p_exp(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Solves a small system by elimination with pivoting; none if it has no single solution.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for c in 0..n {
        let pivot = (c..n).max_by(|i, j| a[*i][c].abs().total_cmp(&a[*j][c].abs()))?;
        a.swap(c, pivot);
        b.swap(c, pivot);
        if !(a[c][c].abs() > 1e-300) {
            return None;
        }
        for i in c + 1..n {
            let share = a[i][c] / a[c][c];
            for j in c..n {
                a[i][j] -= share * a[c][j];
            }
            b[i] -= share * b[c];
        }
    }
    for c in (0..n).rev() {
        let known: f64 = (c + 1..n).map(|j| a[c][j] * b[j]).sum();
        b[c] = (b[c] - known) / a[c][c];
    }
    b.iter().all(|x| x.is_finite()).then_some(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::checks::Reference;

    #[test]
    fn agrees_with_scikit_learn_and_scipy() {
        let mut reference = Reference::new(include_str!("../../tests/reference/stats/regressions.json"));
        for case in 0..reference.cases("/logistic") {
            let list = |r: &mut Reference, field: &str| r.numbers(&format!("/logistic/{case}/{field}"));
            let columns: Vec<Vec<f64>> = (0..3).map(|j| list(&mut reference, &format!("x{j}"))).collect();
            let happened: Vec<bool> = list(&mut reference, "y").into_iter().map(|y| y > 0.5).collect();
            let centre = list(&mut reference, "centre");
            let strength = reference.number(&format!("/logistic/{case}/strength"));
            let found = anchored_logistic(&columns, &happened, &centre, strength).unwrap();
            let expected = list(&mut reference, "slopes");
            // The peers stop at a gradient of 1e-9 or so of the objective.
            for (a, b) in found.slopes.iter().zip(&expected) {
                assert!((a - b).abs() < 2e-5, "{case}: {:?} {expected:?}", found.slopes);
            }
            assert!((found.intercept - reference.number(&format!("/logistic/{case}/intercept"))).abs() < 5e-5, "{case}");
        }
    }

    #[test]
    fn four_cases_on_paper() {
        // One column 0, 1: odds 1/3 at 0 and 3 at 1, so logit p = -ln 3 + 2 ln 3 · x.
        let x = vec![0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
        let y = [true, false, false, false, true, true, true, false];
        let found = anchored_logistic(std::slice::from_ref(&x), &y, &[0.0], 0.0).unwrap();
        assert!((found.slopes[0] - 2.0 * 3.0_f64.ln()).abs() < 1e-9 && (found.intercept + 3.0_f64.ln()).abs() < 1e-9);
        assert!((found.probability(&[1.0]) - 0.75).abs() < 1e-9);
        // The other way round the slope would be negative: it is 0, and the probability the mean.
        let turned: Vec<bool> = y.iter().map(|y| !y).collect();
        let flat = anchored_logistic(std::slice::from_ref(&x), &turned, &[1.0], 0.0).unwrap();
        assert!(flat.slopes[0] == 0.0 && (flat.probability(&[1.0]) - 0.5).abs() < 1e-9);
        // A strong anchor is kept, and the mean probability is still the share.
        let held = anchored_logistic(&[x], &y, &[0.7], 1e9).unwrap();
        assert!((held.slopes[0] - 0.7).abs() < 1e-6);
        assert!((held.probability(&[0.0]) + held.probability(&[1.0]) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_has_no_answer_is_refused() {
        let y = [true, false, false, true];
        let x = vec![1.0, 0.0, 0.0, 1.0];
        assert!(matches!(anchored_logistic(std::slice::from_ref(&x), &y, &[0.0], 0.0), Err(StatsError::Degenerate { .. })), "separated");
        assert!(anchored_logistic(std::slice::from_ref(&x), &[true; 4], &[0.0], 1.0).is_err());
        assert!(anchored_logistic(&[vec![f64::NAN; 4]], &y, &[0.0], 1.0).is_err());
        assert!(anchored_logistic(std::slice::from_ref(&x), &y, &[-1.0], 1.0).is_err());
        assert!(anchored_logistic(std::slice::from_ref(&x), &y, &[], 1.0).is_err());
        assert!(anchored_logistic(&[x], &y, &[0.0], f64::INFINITY).is_err());
        let constant = anchored_logistic(&[vec![2.0; 4]], &y, &[0.3], 1.0).unwrap();
        assert!((constant.slopes[0] - 0.3).abs() < 1e-9 && (constant.probability(&[2.0]) - 0.5).abs() < 1e-9);
    }
}
