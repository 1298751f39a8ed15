//! Goalposts: the raw values that score 0 and 10.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Direction;

/// Top of the internal scale: scores run from 0 to 10, 10 is most risk.
pub const SCORE_MAXIMUM: f64 = 10.0;

/// The two raw values between which an indicator is scored; `lower < upper` always holds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "GoalpostsText", into = "GoalpostsText")]
pub struct Goalposts {
    lower: f64,
    upper: f64,
}

/// Goalposts as they stand in a file, before they are checked.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct GoalpostsText {
    lower: f64,
    upper: f64,
}

/// Why two numbers are not goalposts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GoalpostsError {
    /// One of the two is infinite or not a number.
    NotFinite { lower: f64, upper: f64 },
    /// The lower goalpost is not below the upper one.
    NotAscending { lower: f64, upper: f64 },
    /// The distance between the two is too large for a number.
    TooWide { lower: f64, upper: f64 },
}

impl fmt::Display for GoalpostsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GoalpostsError::NotFinite { lower, upper } => {
                write!(f, "goalposts {lower} and {upper} must both be finite numbers")
            }
            GoalpostsError::NotAscending { lower, upper } => write!(
                f,
                "lower goalpost {lower} is not below upper goalpost {upper}; `direction` says which end is risky"
            ),
            GoalpostsError::TooWide { lower, upper } => write!(
                f,
                "the distance from goalpost {lower} to goalpost {upper} is too large to compute with; use a smaller unit of measurement"
            ),
        }
    }
}

impl std::error::Error for GoalpostsError {}

impl Goalposts {
    /// Checks two raw values and makes goalposts of them.
    ///
    /// # Errors
    /// Either value is not finite, `lower >= upper`, or `upper - lower` overflows.
    pub fn new(lower: f64, upper: f64) -> Result<Self, GoalpostsError> {
        if !lower.is_finite() || !upper.is_finite() {
            return Err(GoalpostsError::NotFinite { lower, upper });
        }
        if lower >= upper {
            return Err(GoalpostsError::NotAscending { lower, upper });
        }
        if !(upper - lower).is_finite() {
            return Err(GoalpostsError::TooWide { lower, upper });
        }
        Ok(Goalposts { lower, upper })
    }

    /// The raw value at the low end.
    pub fn lower(&self) -> f64 {
        self.lower
    }

    /// The raw value at the high end.
    pub fn upper(&self) -> f64 {
        self.upper
    }

    /// Scores a raw value by how far it lies from the safe goalpost to the risky one.
    ///
    /// # Formula
    /// ```text
    /// p = clamp((x - lower) / (upper - lower), 0, 1)
    /// s = 10 p          if a higher x is riskier
    /// s = 10 (1 - p)    if a lower x is riskier
    /// ```
    /// # Units and shape
    /// `x`, `lower` and `upper` share the indicator's unit of measurement. The score has none
    /// and lies in `0.0..=10.0`. One value in, one score out.
    ///
    /// # Missing and degenerate values
    /// `x` is a number: missing cells stay missing before this is called. Goalposts cannot
    /// have zero width, so nothing divides by 0. An infinite `x` scores as the nearer goalpost.
    ///
    /// # Source
    /// UNDP, *Human Development Report*, Technical note 1; agrees with COINr `n_goalposts`.
    pub fn score(&self, x: f64, direction: Direction) -> f64 {
        let p = ((x - self.lower) / (self.upper - self.lower)).clamp(0.0, 1.0);
        match direction {
            Direction::HigherIsRiskier => SCORE_MAXIMUM * p,
            Direction::LowerIsRiskier => SCORE_MAXIMUM * (1.0 - p),
        }
    }

    /// The raw value that [`Goalposts::score`] gives a score, between the goalposts.
    ///
    /// Serves "what moves this unit one class". A score outside 0..=10 is clamped first.
    pub fn raw_at(&self, score: f64, direction: Direction) -> f64 {
        let s = (score / SCORE_MAXIMUM).clamp(0.0, 1.0);
        let p = match direction {
            Direction::HigherIsRiskier => s,
            Direction::LowerIsRiskier => 1.0 - s,
        };
        (self.lower + p * (self.upper - self.lower)).clamp(self.lower, self.upper)
    }
}

impl TryFrom<GoalpostsText> for Goalposts {
    type Error = GoalpostsError;
    fn try_from(text: GoalpostsText) -> Result<Self, GoalpostsError> {
        Goalposts::new(text.lower, text.upper)
    }
}

impl From<Goalposts> for GoalpostsText {
    fn from(g: Goalposts) -> Self {
        GoalpostsText { lower: g.lower, upper: g.upper }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_by_hand() {
        let g = Goalposts::new(20.0, 85.0).unwrap();
        assert_eq!(g.score(20.0, Direction::HigherIsRiskier), 0.0);
        assert_eq!(g.score(85.0, Direction::HigherIsRiskier), 10.0);
        assert_eq!(g.score(52.5, Direction::HigherIsRiskier), 5.0);
        assert_eq!(g.score(-3.0, Direction::LowerIsRiskier), 10.0);
        assert_eq!(g.score(1e9, Direction::LowerIsRiskier), 0.0);
        assert_eq!(g.raw_at(5.0, Direction::LowerIsRiskier), 52.5);
    }

    #[test]
    fn refuses_what_cannot_score() {
        assert!(matches!(Goalposts::new(1.0, 1.0), Err(GoalpostsError::NotAscending { .. })));
        assert!(matches!(Goalposts::new(f64::NAN, 1.0), Err(GoalpostsError::NotFinite { .. })));
        assert!(matches!(Goalposts::new(-1e308, 1e308), Err(GoalpostsError::TooWide { .. })));
    }
}
