//! Threshold tables: a value's score is that of the highest edge it reaches.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A table of lower edges in ascending order, each with the score from that edge upward.
///
/// In a file: `{ below = 0.0, steps = [[1.0, 2.5], [5.0, 7.5]] }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "BandsText", into = "BandsText")]
pub struct Bands {
    below: f64,
    steps: Vec<(f64, f64)>,
}

/// A threshold table as it stands in a file, before it is checked.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct BandsText {
    /// Score of a value below the first edge; 0 if not given.
    #[serde(default)]
    below: f64,
    /// Pairs of lower edge and score; edges ascend strictly.
    steps: Vec<(f64, f64)>,
}

/// Why a list of steps is not a threshold table.
#[derive(Debug, Clone, PartialEq)]
pub enum BandsError {
    /// There is no step.
    Empty,
    /// A step's edge or score, or the score below the first edge, is not a finite number.
    NotFinite { step: Option<usize>, value: f64 },
    /// A step's edge is not above the edge before it. Steps count from 0.
    NotAscending { step: usize, before: f64, edge: f64 },
}

impl fmt::Display for BandsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BandsError::Empty => write!(f, "a threshold table needs at least one step"),
            BandsError::NotFinite { step: Some(step), value } => {
                write!(f, "step {} of the threshold table has {value}, which is not a finite number", step + 1)
            }
            BandsError::NotFinite { step: None, value } => {
                write!(f, "the score below the first edge is {value}, which is not a finite number")
            }
            BandsError::NotAscending { step, before, edge } => write!(
                f,
                "step {} of the threshold table starts at {edge}, not above the step before it ({before}); list edges in ascending order",
                step + 1
            ),
        }
    }
}

impl std::error::Error for BandsError {}

impl Bands {
    /// Makes a table of `(at or above, score)` steps; a value below the first edge scores 0.
    ///
    /// # Errors
    /// No step, an edge or score that is not finite, or edges that do not ascend strictly.
    pub fn new(steps: Vec<(f64, f64)>) -> Result<Self, BandsError> {
        Bands::with_below(0.0, steps)
    }

    /// The same, with the score of a value below the first edge stated.
    ///
    /// # Errors
    /// As [`Bands::new`], or `below` is not finite.
    pub fn with_below(below: f64, steps: Vec<(f64, f64)>) -> Result<Self, BandsError> {
        if !below.is_finite() {
            return Err(BandsError::NotFinite { step: None, value: below });
        }
        if steps.is_empty() {
            return Err(BandsError::Empty);
        }
        let mut before = None;
        for (step, &(edge, score)) in steps.iter().enumerate() {
            for value in [edge, score] {
                if !value.is_finite() {
                    return Err(BandsError::NotFinite { step: Some(step), value });
                }
            }
            if let Some(before) = before
                && edge <= before
            {
                return Err(BandsError::NotAscending { step, before, edge });
            }
            before = Some(edge);
        }
        Ok(Bands { below, steps })
    }

    /// Score of the highest edge that `x` reaches.
    ///
    /// # Formula
    /// ```text
    /// s(x) = score_k   for the largest k with edge_k <= x
    /// s(x) = below     if x < edge_0
    /// ```
    /// # Units and shape
    /// `x` and the edges share a unit of measurement; the score is what the table says.
    ///
    /// # Missing and degenerate values
    /// `x` is a number. An edge belongs to the step that starts there. Below the first edge no
    /// step applies: the score is `below`, which is 0 unless [`Bands::with_below`] said otherwise;
    /// it is never the first step's score by default.
    pub fn score(&self, x: f64) -> f64 {
        let reached = self.steps.partition_point(|&(edge, _)| edge <= x);
        match reached.checked_sub(1).and_then(|k| self.steps.get(k)) {
            Some(&(_, score)) => score,
            None => self.below,
        }
    }

    /// Score of a value below the first edge.
    pub fn below(&self) -> f64 {
        self.below
    }

    /// The steps, `(at or above, score)`, in ascending order.
    pub fn steps(&self) -> &[(f64, f64)] {
        &self.steps
    }

    /// Whether a higher value never scores lower.
    pub fn is_ascending(&self) -> bool {
        let mut before = self.below;
        self.steps.iter().all(|&(_, score)| {
            let fine = score >= before;
            before = score;
            fine
        })
    }
}

impl TryFrom<BandsText> for Bands {
    type Error = BandsError;
    fn try_from(text: BandsText) -> Result<Self, BandsError> {
        Bands::with_below(text.below, text.steps)
    }
}

impl From<Bands> for BandsText {
    fn from(bands: Bands) -> Self {
        BandsText { below: bands.below, steps: bands.steps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_each_edge() {
        let b = Bands::new(vec![(1.0, 2.5), (5.0, 7.5), (10.0, 10.0)]).unwrap();
        for (x, s) in [(0.999, 0.0), (1.0, 2.5), (4.999, 2.5), (5.0, 7.5), (9.999, 7.5), (10.0, 10.0), (1e9, 10.0)] {
            assert_eq!(b.score(x), s, "{x}");
        }
        assert_eq!(Bands::with_below(9.0, vec![(0.0, 1.0)]).unwrap().score(-1.0), 9.0);
    }

    #[test]
    fn refuses_bad_tables() {
        assert_eq!(Bands::new(vec![]), Err(BandsError::Empty));
        assert!(matches!(Bands::new(vec![(1.0, 0.0), (1.0, 2.0)]), Err(BandsError::NotAscending { step: 1, .. })));
        assert!(matches!(Bands::new(vec![(f64::INFINITY, 0.0)]), Err(BandsError::NotFinite { .. })));
    }
}
