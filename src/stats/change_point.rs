//! Did a rate change, for a while or for good, and when?

use super::error::{StatsError, level, positive};
use super::exposed::{Exposed, GammaRate};
use super::special::{incomplete_beta, ln_gamma, ln_sum_exp};

/// Most ways to place a pulse.
const MOST_PULSES: usize = 5_000_000;
/// Most periods of a series.
const MOST_PERIODS: usize = 20_000;

/// What the three models assume.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangeOptions {
    /// What is believed about any rate beforehand, the same for each stretch of the series. A posterior of
    /// earlier data or of comparable units makes a good prior; a very flat one favours "none".
    pub prior: GammaRate,
    /// Prior probabilities of none, pulse and step; scaled to sum 1.
    pub model_priors: [f64; 3],
    /// Longest pulse in periods.
    pub longest_pulse: usize,
    /// Variance of the counts over their mean under an unchanged rate: 1 for Poisson counts, above 1 for
    /// clustered ones. Counts and exposures are divided by it, so that a cluster counts as one piece of
    /// evidence.
    pub dispersion: f64,
}

/// What the data say about none, pulse and step.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangePoint {
    /// Probability that the rate did not change.
    pub none: f64,
    /// Probability that it changed for some periods and went back.
    pub pulse: f64,
    /// Probability that it changed and stayed.
    pub step: f64,
    /// Logarithms of the marginal likelihoods of none, pulse and step; −∞ for a model that the series is too
    /// short for.
    pub log_evidence: [f64; 3],
    /// If a step: probability that period t is the first with the new rate (0 for t = 0).
    pub step_start: Vec<f64>,
    /// If a step: probability that the new rate is higher.
    pub step_is_rise: Option<f64>,
    /// If a pulse: probability that period t is its first (0 for t = 0).
    pub pulse_start: Vec<f64>,
    /// If a pulse: probability that the rate inside is higher.
    pub pulse_is_rise: Option<f64>,
    /// Mean of the rate before and after the step, over the posterior of its date.
    pub step_rates: Option<(f64, f64)>,
}

impl ChangePoint {
    /// The smallest set of periods that holds the start of the step with the given probability, in order of
    /// time; empty if the series allows no step.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] for a level outside 0 to 1.
    pub fn step_dates(&self, level_inside: f64) -> Result<Vec<usize>, StatsError> {
        densest(&self.step_start, level_inside)
    }

    /// The same for the start of a pulse.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] for a level outside 0 to 1.
    pub fn pulse_dates(&self, level_inside: f64) -> Result<Vec<usize>, StatsError> {
        densest(&self.pulse_start, level_inside)
    }
}

/// Compares an unchanged rate, a pulse and a step by their exact marginal likelihoods.
///
/// # Formula
/// ```text
/// y_t ~ Poisson(λ e_t),  λ ~ Gamma(a, b) for each stretch of periods, integrated out:
/// ln m(S) = Σ (y ln e − ln y!) + a ln b − ln Γ(a) + ln Γ(a + Y) − (a + Y) ln(b + E),   Y = Σ y, E = Σ e over S
/// none:  m(all)
/// step:  mean over t = 1 … n−1 of            m(before t) m(from t on)
/// pulse: mean over start t ≥ 1 and length l ≤ longest, t + l < n, of   m(inside) m(all others)
/// P(model | y) ∝ prior · evidence;   P(λ₂ > λ₁) from the Beta distribution of λ₁(b+E₁)/(λ₁(b+E₁) + λ₂(b+E₂))
/// ```
/// With dispersion φ, y/φ and e/φ stand for y and e.
///
/// # Units and shape
/// One entry per period, oldest first, all of the same kind. A pulse lies wholly inside the series: one that
/// lasts to its end cannot be told from a step.
///
/// # Missing and degenerate values
/// A period without coverage is `None` and adds nothing; a change that falls between two covered periods
/// spreads over the gap. With fewer than two periods only "none" exists, with fewer than three no pulse. A series without
/// events is evidence for "none".
///
/// Poisson counts are assumed within a stretch: in series that cluster by themselves every cluster looks like
/// a pulse. Give the dispersion of the baseline.
///
/// # Errors
/// [`StatsError::TooFew`] without a covered period; [`StatsError::TooMany`] beyond 20,000 periods or five
/// million ways to place a pulse;
/// [`StatsError::OutOfRange`] for more than 10¹⁰ events, negative or all-zero model priors or a dispersion
/// below 1.
///
/// # Source
/// Conjugate analysis of Poisson change points: Raftery & Akman, *Bayesian analysis of a Poisson process with a
/// change-point*, Biometrika 73 (1986), 85–89; Carlin, Gelfand & Smith (1992). Agrees with numerical
/// integration of the likelihood.
///
/// # Example
/// ```
/// use tukhum::stats::change_point::{ChangeOptions, change_point};
/// use tukhum::stats::exposed::{Exposed, GammaRate};
/// let months = [1, 0, 2, 1, 1, 0, 1, 6, 7, 5, 8, 6];
/// let series: Vec<_> = months.iter().map(|&y| Exposed::new(y, 1.0).ok()).collect();
/// let options = ChangeOptions {
///     prior: GammaRate::new(1.0, 0.5)?,
///     model_priors: [1.0, 1.0, 1.0],
///     longest_pulse: 3,
///     dispersion: 1.0,
/// };
/// let result = change_point(&series, options)?;
/// assert!(result.step > 0.99);
/// assert_eq!(result.step_dates(0.9)?, [7]);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn change_point(
    series: &[Option<Exposed>],
    options: ChangeOptions,
) -> Result<ChangePoint, StatsError> {
    let priors = check(series, options)?;
    let sums = Sums::new(series, options);
    let n = series.len();
    let none = sums.log_marginal(sums.between(0, n)) + sums.constant;
    let steps: Vec<Split> = (1..n).map(|t| sums.split(t, 0..t, t..n)).collect();
    let pulses: Vec<Split> = (1..n)
        .flat_map(|t| {
            (1..=options.longest_pulse)
                .take_while(move |length| t + length < n)
                .map(move |l| (t, l))
        })
        .map(|(t, length)| sums.pulse(t, length, n))
        .collect();
    let log_evidence = [
        none,
        evidence(&pulses, sums.constant),
        evidence(&steps, sums.constant),
    ];
    let weighted: Vec<f64> = log_evidence
        .iter()
        .zip(priors)
        .map(|(evidence, prior)| evidence + prior.ln())
        .collect();
    let probabilities = normalised(&weighted);
    let probability = |index: usize| probabilities.get(index).copied().unwrap_or(0.0);
    Ok(ChangePoint {
        none: probability(0),
        pulse: probability(1),
        step: probability(2),
        log_evidence,
        step_start: starts(&steps, n),
        step_is_rise: average(&steps, |split| sums.probability_of_rise(split)),
        pulse_start: starts(&pulses, n),
        pulse_is_rise: average(&pulses, |split| sums.probability_of_rise(split)),
        step_rates: average(&steps, |split| Some(sums.mean_rate(split.first)))
            .zip(average(&steps, |split| Some(sums.mean_rate(split.second)))),
    })
}

/// Checks the input and scales the prior probabilities of the models.
fn check(series: &[Option<Exposed>], options: ChangeOptions) -> Result<[f64; 3], StatsError> {
    if series.len() > MOST_PERIODS {
        return Err(StatsError::TooMany {
            what: "periods",
            limit: MOST_PERIODS,
            found: series.len(),
        });
    }
    let pulses = series
        .len()
        .saturating_mul(options.longest_pulse.min(series.len()));
    if pulses > MOST_PULSES {
        let what = "periods × pulse lengths";
        return Err(StatsError::TooMany {
            what,
            limit: MOST_PULSES,
            found: pulses,
        });
    }
    if series.iter().all(Option::is_none) {
        return Err(StatsError::TooFew {
            what: "covered periods",
            needed: 1,
            found: 0,
        });
    }
    let total: f64 = series
        .iter()
        .flatten()
        .map(|period| period.count() as f64)
        .sum();
    if total > 1e10 {
        let rule = "must be at most 1e10, where the likelihoods keep their digits";
        return Err(StatsError::OutOfRange {
            what: "sum of counts",
            value: total,
            rule,
        });
    }
    positive("dispersion", options.dispersion)?;
    if options.dispersion < 1.0 {
        let rule = "must be at least 1 (1 is Poisson)";
        return Err(StatsError::OutOfRange {
            what: "dispersion",
            value: options.dispersion,
            rule,
        });
    }
    for prior in options.model_priors {
        super::error::non_negative("model_priors", prior)?;
    }
    let sum = positive("sum of model_priors", options.model_priors.iter().sum())?;
    if options.model_priors[0] == 0.0 {
        let rule = "the model without change needs a prior probability above 0";
        return Err(StatsError::OutOfRange {
            what: "model_priors[0]",
            value: 0.0,
            rule,
        });
    }
    Ok(options.model_priors.map(|prior| prior / sum))
}

/// Count and exposure of a stretch, both over the dispersion.
#[derive(Clone, Copy)]
struct Stretch {
    count: f64,
    exposure: f64,
}

/// One way to place a change.
struct Split {
    start: usize,
    log_likelihood: f64,
    /// The stretch before (step) or outside (pulse), then the one after or inside.
    first: Stretch,
    second: Stretch,
}

/// Prefix sums of the series with the prior.
struct Sums {
    prior: GammaRate,
    counts: Vec<f64>,
    exposures: Vec<f64>,
    /// `Σ (y ln e − ln Γ(y + 1))`, the same for all models.
    constant: f64,
    /// `a ln b − ln Γ(a)`.
    per_stretch: f64,
}

impl Sums {
    fn new(series: &[Option<Exposed>], options: ChangeOptions) -> Self {
        let (mut counts, mut exposures, mut constant) = (vec![0.0], vec![0.0], 0.0);
        let (mut count, mut exposure) = (0.0, 0.0);
        for period in series {
            if let Some(period) = period {
                let (y, e) = (
                    period.count() as f64 / options.dispersion,
                    period.exposure() / options.dispersion,
                );
                count += y;
                exposure += e;
                constant += y * e.ln() - ln_gamma(y + 1.0).unwrap_or(0.0);
            }
            counts.push(count);
            exposures.push(exposure);
        }
        let (a, b) = (options.prior.shape(), options.prior.inverse_scale());
        let per_stretch = a * b.ln() - ln_gamma(a).unwrap_or(0.0);
        Self {
            prior: options.prior,
            counts,
            exposures,
            constant,
            per_stretch,
        }
    }

    fn between(&self, from: usize, to: usize) -> Stretch {
        Stretch {
            count: self.counts[to] - self.counts[from],
            exposure: self.exposures[to] - self.exposures[from],
        }
    }

    /// Marginal likelihood of a stretch without the part that all models share.
    fn log_marginal(&self, stretch: Stretch) -> f64 {
        let a = self.prior.shape() + stretch.count;
        let b = self.prior.inverse_scale() + stretch.exposure;
        self.per_stretch + ln_gamma(a).unwrap_or(f64::INFINITY) - a * b.ln()
    }

    fn split(
        &self,
        start: usize,
        first: std::ops::Range<usize>,
        second: std::ops::Range<usize>,
    ) -> Split {
        let (first, second) = (
            self.between(first.start, first.end),
            self.between(second.start, second.end),
        );
        Split {
            start,
            log_likelihood: self.log_marginal(first) + self.log_marginal(second),
            first,
            second,
        }
    }

    fn pulse(&self, start: usize, length: usize, n: usize) -> Split {
        let (inside, all) = (self.between(start, start + length), self.between(0, n));
        let outside = Stretch {
            count: (all.count - inside.count).max(0.0),
            exposure: (all.exposure - inside.exposure).max(0.0),
        };
        let log_likelihood = self.log_marginal(outside) + self.log_marginal(inside);
        Split {
            start,
            log_likelihood,
            first: outside,
            second: inside,
        }
    }

    /// P(second rate > first rate).
    fn probability_of_rise(&self, split: &Split) -> Option<f64> {
        let shape = |stretch: Stretch| self.prior.shape() + stretch.count;
        let scale = |stretch: Stretch| self.prior.inverse_scale() + stretch.exposure;
        let (b1, b2) = (scale(split.first), scale(split.second));
        Some(incomplete_beta(shape(split.first), shape(split.second), b1 / (b1 + b2))?.0)
    }

    fn mean_rate(&self, stretch: Stretch) -> f64 {
        (self.prior.shape() + stretch.count) / (self.prior.inverse_scale() + stretch.exposure)
    }
}

/// Logarithm of the mean likelihood over all places of a change; −∞ if there is none.
fn evidence(splits: &[Split], constant: f64) -> f64 {
    let logs: Vec<f64> = splits.iter().map(|split| split.log_likelihood).collect();
    ln_sum_exp(&logs).map_or(f64::NEG_INFINITY, |sum| {
        sum - (splits.len() as f64).ln() + constant
    })
}

/// Posterior weights of the splits.
fn posterior(splits: &[Split]) -> Vec<f64> {
    normalised(
        &splits
            .iter()
            .map(|split| split.log_likelihood)
            .collect::<Vec<f64>>(),
    )
}

/// Probabilities in proportion to e^log, shifted by the largest so that they add up to 1 even where the
/// logarithms themselves are huge; empty if there is nothing to share out.
fn normalised(logs: &[f64]) -> Vec<f64> {
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !largest.is_finite() {
        return Vec::new();
    }
    let shares: Vec<f64> = logs.iter().map(|log| (log - largest).exp()).collect();
    let sum: f64 = shares.iter().sum();
    shares.iter().map(|share| share / sum).collect()
}

/// Posterior of the first changed period.
fn starts(splits: &[Split], n: usize) -> Vec<f64> {
    let mut result = vec![0.0; n];
    for (split, weight) in splits.iter().zip(posterior(splits)) {
        result[split.start] += weight;
    }
    result
}

/// Mean of a quantity over the posterior of the splits; `None` without splits or if any has none.
fn average(splits: &[Split], quantity: impl Fn(&Split) -> Option<f64>) -> Option<f64> {
    let weights = posterior(splits);
    if weights.is_empty() {
        return None;
    }
    let mut sum = 0.0;
    for (split, weight) in splits.iter().zip(weights) {
        sum += weight * quantity(split)?;
    }
    Some(sum)
}

/// The smallest set of indices with at least the given probability.
fn densest(probabilities: &[f64], level_inside: f64) -> Result<Vec<usize>, StatsError> {
    let wanted = level(level_inside)?;
    let mut order: Vec<usize> = (0..probabilities.len())
        .filter(|&t| probabilities[t] > 0.0)
        .collect();
    order.sort_by(|&a, &b| {
        probabilities[b]
            .total_cmp(&probabilities[a])
            .then(a.cmp(&b))
    });
    let mut sum = 0.0;
    let mut chosen = Vec::new();
    for t in order {
        if sum >= wanted {
            break;
        }
        sum += probabilities[t];
        chosen.push(t);
    }
    chosen.sort_unstable();
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::checks::{Reference, calibrated, calibrated_share, powerful};
    use crate::stats::random::Stream;

    fn series(counts: &[u64]) -> Vec<Option<Exposed>> {
        counts
            .iter()
            .map(|&y| Some(Exposed::new(y, 1.0).unwrap()))
            .collect()
    }

    fn options(longest_pulse: usize) -> ChangeOptions {
        let prior = GammaRate::new(1.0, 0.5).unwrap();
        ChangeOptions {
            prior,
            model_priors: [1.0; 3],
            longest_pulse,
            dispersion: 1.0,
        }
    }

    #[test]
    fn two_periods_on_paper() {
        // Prior Gamma(1, 1), counts 0 and 1: none ∫λe^{−2λ}e^{−λ}dλ = 1/9; step ½ · ¼ = 1/8.
        let prior = GammaRate::new(1.0, 1.0).unwrap();
        let result = change_point(
            &series(&[0, 1]),
            ChangeOptions {
                prior,
                ..options(4)
            },
        )
        .unwrap();
        assert!((result.log_evidence[0] - (1.0_f64 / 9.0).ln()).abs() < 1e-14);
        assert!((result.log_evidence[2] - (1.0_f64 / 8.0).ln()).abs() < 1e-14);
        assert_eq!(result.pulse, 0.0);
        assert!((result.step - (1.0 / 8.0) / (1.0 / 8.0 + 1.0 / 9.0)).abs() < 1e-14);
        // λ₁ ~ Gamma(1, 2), λ₂ ~ Gamma(2, 2): P(λ₂ > λ₁) = 1 − (1/2)² = 3/4.
        assert!((result.step_is_rise.unwrap() - 0.75).abs() < 1e-14);
    }

    #[test]
    fn agrees_with_numerical_integration() {
        let mut reference = Reference::new(include_str!("../../tests/reference/stats/counts.json"));
        for case in 0..reference.cases("/change_point") {
            let at = |field: &str| format!("/change_point/{case}/{field}");
            let counts = reference.integers(&at("counts"));
            let exposures = reference.numbers(&at("exposures"));
            let data: Vec<Option<Exposed>> = counts
                .iter()
                .zip(&exposures)
                .map(|(&y, &e)| Exposed::new(y, e).ok())
                .collect();
            let prior = GammaRate::new(
                reference.number(&at("shape")),
                reference.number(&at("scale")),
            )
            .unwrap();
            let result = change_point(
                &data,
                ChangeOptions {
                    prior,
                    ..options(4)
                },
            )
            .unwrap();
            let expected = reference.numbers(&at("log_evidence"));
            reference.compare_all(&result.log_evidence, &expected);
            let expected = reference.numbers(&at("probabilities"));
            reference.compare_all(&[result.none, result.pulse, result.step], &expected);
            let expected = reference.numbers(&at("step_date"));
            reference.compare_all(&result.step_start[1..], &expected);
        }
        // The quadrature is asked for 1e-11.
        reference.finish(
            "change_point against numerical integration (SciPy quad)",
            1e-9,
        );
    }

    #[test]
    fn short_missing_and_quiet_series() {
        let one = change_point(&series(&[3]), options(4)).unwrap();
        assert_eq!(
            (one.none, one.pulse, one.step, one.step_is_rise),
            (1.0, 0.0, 0.0, None)
        );
        assert!(one.step_dates(0.9).unwrap().is_empty());
        let quiet = change_point(&series(&[0; 30]), options(4)).unwrap();
        assert!(quiet.none > 0.5);
        assert!(change_point(&[None, None], options(4)).is_err());
        assert!(change_point(&[], options(4)).is_err());
        let gap = [
            vec![Some(Exposed::new(1, 1.0).unwrap()); 6],
            vec![None; 3],
            series(&[9, 8, 9, 9]),
        ]
        .concat();
        let result = change_point(&gap, options(2)).unwrap();
        // Starting in the gap or right after it is the same to the data.
        assert!((result.step_start[6] - result.step_start[9]).abs() < 1e-12);
        assert!(result.step_rates.unwrap().1 > result.step_rates.unwrap().0);
        assert!(
            change_point(
                &gap,
                ChangeOptions {
                    dispersion: 0.5,
                    ..options(2)
                }
            )
            .is_err()
        );
        assert!(
            change_point(
                &gap,
                ChangeOptions {
                    model_priors: [0.0, 1.0, 1.0],
                    ..options(2)
                }
            )
            .is_err()
        );
        assert!(
            change_point(
                &gap,
                ChangeOptions {
                    model_priors: [1.0, -1.0, 1.0],
                    ..options(2)
                }
            )
            .is_err()
        );
        assert!(change_point(&vec![None; 30_000], options(2)).is_err());
    }

    #[test]
    fn dispersion_makes_the_verdict_more_cautious() {
        let data = series(&[1, 0, 2, 1, 1, 0, 1, 4, 5, 3, 6, 4]);
        let poisson = change_point(&data, options(3)).unwrap().step;
        let clustered = change_point(
            &data,
            ChangeOptions {
                dispersion: 3.0,
                ..options(3)
            },
        )
        .unwrap()
        .step;
        assert!(poisson > 0.9 && clustered < poisson);
    }

    #[test]
    fn probabilities_and_dates_are_calibrated() {
        // Truth drawn from the prior: model, dates and rates. Then the mean probability given to "step" is
        // its share, statements are right as often as they claim, and date sets hold what they claim.
        let (runs, n, longest) = (2000, 30, 4);
        let (mut claimed, mut steps) = (0.0, 0);
        let (mut sure, mut right, mut sure_mass) = (0, 0, 0.0);
        let (mut sets, mut inside, mut mass) = (0, 0, 0.0);
        for run in 0..runs as u64 {
            let mut stream = Stream::new(51, run);
            let (before, after) = (stream.gamma(1.0, 0.5), stream.gamma(1.0, 0.5));
            let model = stream.index(3);
            let pairs: Vec<(usize, usize)> = (1..n)
                .flat_map(|t| {
                    (1..=longest)
                        .filter(move |l| t + l < n)
                        .map(move |l| (t, l))
                })
                .collect();
            let (start, end) = match model {
                0 => (n, n),
                1 => {
                    let (t, l) = pairs[stream.index(pairs.len())];
                    (t, t + l)
                }
                _ => (1 + stream.index(n - 1), n),
            };
            let counts: Vec<u64> = (0..n)
                .map(|t| stream.poisson(if t >= start && t < end { after } else { before }))
                .collect();
            let result = change_point(&series(&counts), options(longest)).unwrap();
            claimed += result.step;
            steps += usize::from(model == 2);
            for (index, p) in [result.none, result.pulse, result.step]
                .into_iter()
                .enumerate()
            {
                if p > 0.8 {
                    sure += 1;
                    sure_mass += p;
                    right += usize::from(model == index);
                }
            }
            if model == 2 {
                let dates = result.step_dates(0.9).unwrap();
                sets += 1;
                mass += dates.iter().map(|&t| result.step_start[t]).sum::<f64>();
                inside += usize::from(dates.contains(&start));
            }
        }
        let share = steps as f64 / runs as f64;
        calibrated_share(
            "change_point mean probability of step",
            claimed / runs as f64,
            runs,
            share,
            (share - 0.02)..=(share + 0.02),
        );
        let mean = sure_mass / f64::from(sure);
        calibrated(
            "change_point statements above 80 %",
            right,
            sure as usize,
            mean,
            (mean - 0.02)..=(mean + 0.02),
        );
        let mean = mass / f64::from(sets);
        // The sets are whole periods and hold a little more than 90 %.
        calibrated(
            "change_point 90 % date sets (mass they claim)",
            inside,
            sets as usize,
            mean,
            (mean - 0.03)..=(mean + 0.03),
        );
    }

    #[test]
    fn false_alarms_and_power() {
        let (runs, mut alarms, mut found) = (2000, 0, 0);
        for run in 0..runs as u64 {
            let mut stream = Stream::new(52, run);
            let counts: Vec<u64> = (0..36).map(|_| stream.poisson(2.0)).collect();
            alarms += usize::from(change_point(&series(&counts), options(4)).unwrap().step > 0.9);
            let counts: Vec<u64> = (0..36)
                .map(|t| stream.poisson(if t < 26 { 1.5 } else { 4.5 }))
                .collect();
            found += usize::from(change_point(&series(&counts), options(4)).unwrap().step > 0.9);
        }
        calibrated(
            "change_point step > 90 % under no change",
            alarms,
            runs,
            0.0,
            0.0..=0.03,
        );
        powerful(
            "change_point step > 90 %, threefold rate for ten months",
            found,
            runs,
            0.8,
        );
    }
}
