//! The distribution of a count: what a forecast says of the number of events.

/// Probabilities of 0, 1, 2 … events, which sum to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct CountDistribution {
    /// The probability of each count; beyond the last one it is 0.
    mass: Vec<f64>,
}

/// Counts beyond this one are not told apart: no unit here has had a tenth of it in a month.
const MOST: usize = 4096;

impl CountDistribution {
    /// All probability on one count.
    pub fn point(count: u32) -> Self {
        let mut mass = vec![0.0; (count as usize).min(MOST)];
        mass.push(1.0);
        Self { mass }
    }

    /// Each of some counts equally likely; none without counts.
    pub fn sample(counts: impl IntoIterator<Item = u32>) -> Option<Self> {
        let mut mass: Vec<f64> = Vec::new();
        let mut n = 0.0;
        for count in counts {
            let k = (count as usize).min(MOST);
            if k >= mass.len() {
                mass.resize(k + 1, 0.0);
            }
            if let Some(cell) = mass.get_mut(k) {
                *cell += 1.0;
            }
            n += 1.0;
        }
        mass.iter_mut().for_each(|m| *m /= n);
        (n > 0.0).then_some(Self { mass })
    }

    /// The negative binomial of a mean and a size.
    ///
    /// # Formula
    /// ```text
    /// P(0) = (r / (r + m))^r      P(k + 1) = P(k) · (k + r) / (k + 1) · m / (m + r)      variance m + m²/r
    /// ```
    /// # Missing and degenerate values
    /// None for a mean that is negative, not finite or above 500, or a size that is not positive. A mean of 0 is certainly 0.
    pub fn negative_binomial(mean: f64, size: f64) -> Option<Self> {
        if !((0.0..=500.0).contains(&mean) && size > 0.0) {
            return None;
        }
        if mean == 0.0 {
            return Some(Self::point(0));
        }
        let size = size.min(1e9);
        let mut mass = Vec::new();
        let mut term = (-size * (mean / size).ln_1p()).exp();
        let mut sum = 0.0;
        for k in 0..MOST {
            mass.push(term);
            sum += term;
            if sum > 1.0 - 1e-9 {
                break;
            }
            term *= (k as f64 + size) / (k as f64 + 1.0) * mean / (mean + size);
        }
        mass.iter_mut().for_each(|m| *m /= sum);
        (sum > 0.0).then_some(Self { mass })
    }

    /// Something with a probability, and then one event and an excess; none if it is not a probability.
    pub fn hurdle(probability: f64, excess: &Self) -> Option<Self> {
        let rest = excess.mass.iter().map(|m| probability * m);
        (0.0..=1.0).contains(&probability).then(|| Self { mass: std::iter::once(1.0 - probability).chain(rest).collect() })
    }

    /// Probabilities of 0, 1, 2 … events.
    pub fn mass(&self) -> &[f64] {
        &self.mass
    }

    /// The probability of at least `count` events.
    pub fn at_least(&self, count: u64) -> f64 {
        let below: f64 = self.mass.iter().take(usize::try_from(count).unwrap_or(usize::MAX)).sum();
        (1.0 - below).clamp(0.0, 1.0)
    }

    pub fn mean(&self) -> f64 {
        self.mass.iter().enumerate().map(|(k, m)| k as f64 * m).sum()
    }

    /// The smallest count whose cumulative probability reaches `p`.
    pub fn quantile(&self, p: f64) -> u32 {
        let mut sum = 0.0;
        for (k, m) in self.mass.iter().enumerate() {
            sum += m;
            if sum >= p - 1e-12 {
                return k as u32;
            }
        }
        self.mass.len().saturating_sub(1) as u32
    }

    /// First and last count of the shortest run that holds a share of the probability; of equally short ones the lowest.
    ///
    /// A central interval of counts that are mostly 0 leaves out 5 % above and nothing below. This one spends all that it may leave out.
    pub fn shortest(&self, share: f64) -> (u32, u32) {
        let mut best = (0, self.mass.len().saturating_sub(1));
        let (mut end, mut sum) = (0, 0.0);
        for (start, first) in self.mass.iter().enumerate() {
            while sum < share - 1e-12 {
                let Some(m) = self.mass.get(end) else { return (best.0 as u32, best.1 as u32) };
                sum += m;
                end += 1;
            }
            if end.saturating_sub(start + 1) < best.1 - best.0 {
                best = (start, end.saturating_sub(1));
            }
            sum -= first;
        }
        (best.0 as u32, best.1 as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_binomial_has_its_mean_and_zero() {
        // SciPy 1.17.1: nbinom(2, 2 / (2 + 3)).pmf([0, 1, 4]) = 0.16, 0.192, 0.10368.
        let found = CountDistribution::negative_binomial(3.0, 2.0).unwrap();
        for (k, expected) in [(0, 0.16), (1, 0.192), (4, 0.10368)] {
            assert!((found.mass()[k] - expected).abs() < 1e-8, "{k}: {}", found.mass()[k]);
        }
        assert!((found.mean() - 3.0).abs() < 1e-6);
        assert!((found.at_least(1) - 0.84).abs() < 1e-8);
    }

    #[test]
    fn a_hurdle_keeps_its_probability_and_the_shortest_run_its_share() {
        let excess = CountDistribution::sample([0, 0, 1, 3]).unwrap();
        let found = CountDistribution::hurdle(0.8, &excess).unwrap();
        for (m, expected) in found.mass().iter().zip([0.2, 0.4, 0.2, 0.0, 0.2]) {
            assert!((m - expected).abs() < 1e-12);
        }
        assert_eq!((found.shortest(0.4), found.shortest(0.6), found.shortest(0.8), found.shortest(1.0)), ((1, 1), (0, 1), (0, 2), (0, 4)));
        assert_eq!(CountDistribution::point(3).shortest(0.9), (3, 3));
        assert_eq!(CountDistribution::hurdle(1.1, &excess), None);
    }

    #[test]
    fn a_sample_is_its_histogram() {
        let found = CountDistribution::sample([0, 0, 3, 1]).unwrap();
        assert_eq!(found.mass(), [0.5, 0.25, 0.0, 0.25]);
        assert_eq!((found.quantile(0.05), found.quantile(0.75), found.quantile(0.95)), (0, 1, 3));
        assert_eq!(CountDistribution::sample([]), None);
        assert_eq!(CountDistribution::negative_binomial(f64::NAN, 1.0), None);
        assert_eq!(CountDistribution::negative_binomial(0.0, 1.0), Some(CountDistribution::point(0)));
    }
}
