//! Which word goes with a probability?

use super::error::StatsError;

/// The seven expressions of likelihood, in the standard's upper row of terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likelihood {
    /// 1 to 5 %.
    AlmostNoChance,
    /// 5 to 20 %.
    VeryUnlikely,
    /// 20 to 45 %.
    Unlikely,
    /// 45 to 55 %.
    RoughlyEven,
    /// 55 to 80 %.
    Likely,
    /// 80 to 95 %.
    VeryLikely,
    /// 95 to 99 %.
    AlmostCertain,
}

impl Likelihood {
    /// The expression for a probability.
    ///
    /// # Formula
    /// ```text
    /// < 0.05 almost no chance · < 0.20 very unlikely · < 0.45 unlikely · ≤ 0.55 roughly even chance
    /// ≤ 0.80 likely · ≤ 0.95 very likely · else almost certain
    /// ```
    ///
    /// # Units and shape
    /// A probability from 0 to 1 in, one expression out. The scale is symmetric: the expression of 1 − p
    /// mirrors that of p. A boundary belongs to the more cautious side, the one nearer to even.
    ///
    /// # Missing and degenerate values
    /// The standard leaves out below 1 % and above 99 %; these take the outer expressions, and a report says
    /// the number too. A missing probability has no expression.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] outside 0 to 1.
    ///
    /// # Source
    /// Office of the Director of National Intelligence, *Intelligence Community Directive 203: Analytic
    /// Standards* (2 January 2015), D.6.e.(2)(a).
    ///
    /// # Example
    /// ```
    /// use tukhum::stats::icd203::Likelihood;
    /// assert_eq!(Likelihood::of(0.72)?, Likelihood::Likely);
    /// assert_eq!(Likelihood::of(0.72)?.words(), "likely");
    /// # Ok::<(), tukhum::stats::StatsError>(())
    /// ```
    pub fn of(probability: f64) -> Result<Self, StatsError> {
        if !(0.0..=1.0).contains(&probability) {
            let rule = "must lie between 0 and 1";
            return Err(StatsError::OutOfRange {
                what: "probability",
                value: probability,
                rule,
            });
        }
        Ok(match probability {
            p if p < 0.05 => Self::AlmostNoChance,
            p if p < 0.20 => Self::VeryUnlikely,
            p if p < 0.45 => Self::Unlikely,
            p if p <= 0.55 => Self::RoughlyEven,
            p if p <= 0.80 => Self::Likely,
            p if p <= 0.95 => Self::VeryLikely,
            _ => Self::AlmostCertain,
        })
    }

    /// The expression in English.
    pub fn words(self) -> &'static str {
        match self {
            Self::AlmostNoChance => "almost no chance",
            Self::VeryUnlikely => "very unlikely",
            Self::Unlikely => "unlikely",
            Self::RoughlyEven => "roughly even chance",
            Self::Likely => "likely",
            Self::VeryLikely => "very likely",
            Self::AlmostCertain => "almost certain",
        }
    }

    /// Lower and upper probability of the expression, as the standard prints them.
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::AlmostNoChance => (0.01, 0.05),
            Self::VeryUnlikely => (0.05, 0.20),
            Self::Unlikely => (0.20, 0.45),
            Self::RoughlyEven => (0.45, 0.55),
            Self::Likely => (0.55, 0.80),
            Self::VeryLikely => (0.80, 0.95),
            Self::AlmostCertain => (0.95, 0.99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_of_each_boundary() {
        use Likelihood::*;
        let cases = [
            (0.0, AlmostNoChance),
            (0.0499, AlmostNoChance),
            (0.05, VeryUnlikely),
            (0.1999, VeryUnlikely),
            (0.2, Unlikely),
            (0.4499, Unlikely),
            (0.45, RoughlyEven),
            (0.55, RoughlyEven),
            (0.5501, Likely),
            (0.8, Likely),
            (0.8001, VeryLikely),
            (0.95, VeryLikely),
            (0.9501, AlmostCertain),
            (1.0, AlmostCertain),
        ];
        for (probability, expected) in cases {
            assert_eq!(
                Likelihood::of(probability).unwrap(),
                expected,
                "{probability}"
            );
        }
        assert!(Likelihood::of(f64::NAN).is_err() && Likelihood::of(1.01).is_err());
    }

    #[test]
    fn ranges_join_and_words_differ() {
        use Likelihood::*;
        let all = [
            AlmostNoChance,
            VeryUnlikely,
            Unlikely,
            RoughlyEven,
            Likely,
            VeryLikely,
            AlmostCertain,
        ];
        for pair in all.windows(2) {
            assert_eq!(pair[0].range().1, pair[1].range().0);
            assert_ne!(pair[0].words(), pair[1].words());
        }
        for likelihood in all {
            let (low, high) = likelihood.range();
            assert_eq!(Likelihood::of(0.5 * (low + high)).unwrap(), likelihood);
        }
    }
}
