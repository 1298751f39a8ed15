//! Bands of the composite score, by name.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Named classes of a composite score, from least to most risk.
///
/// In a file: `{ lowest = "very_low", steps = [[2.0, "low"], [3.5, "medium"]] }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "ClassesText", into = "ClassesText")]
pub struct Classes {
    names: Vec<String>,
    /// Lower edges of the second class and above; one fewer than names.
    edges: Vec<f64>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ClassesText {
    /// Name of the class below the first edge.
    lowest: String,
    /// Pairs of lower edge and name; edges ascend strictly.
    steps: Vec<(f64, String)>,
}

/// Why a list is not a list of classes.
#[derive(Debug, Clone, PartialEq)]
pub enum ClassesError {
    /// An edge is not a finite number. Steps count from 0.
    NotFinite { step: usize, edge: f64 },
    /// An edge is not above the one before it.
    NotAscending { step: usize, before: f64, edge: f64 },
    /// Two classes have the same name, or one is empty.
    Name { name: String },
}

impl fmt::Display for ClassesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClassesError::NotFinite { step, edge } => {
                write!(f, "class step {} starts at {edge}, which is not a finite number", step + 1)
            }
            ClassesError::NotAscending { step, before, edge } => write!(
                f,
                "class step {} starts at {edge}, not above the step before it ({before}); list classes from least to most risk",
                step + 1
            ),
            ClassesError::Name { name } => write!(f, "class name `{name}` is empty or used twice"),
        }
    }
}

impl std::error::Error for ClassesError {}

impl Classes {
    /// Makes classes from the lowest one's name and `(at or above, name)` steps.
    ///
    /// # Errors
    /// Edges that are not finite or do not ascend strictly; a name that is empty or used twice.
    pub fn new(lowest: String, steps: Vec<(f64, String)>) -> Result<Self, ClassesError> {
        let mut classes = Classes { names: vec![lowest], edges: Vec::new() };
        for (step, (edge, name)) in steps.into_iter().enumerate() {
            if !edge.is_finite() {
                return Err(ClassesError::NotFinite { step, edge });
            }
            if let Some(&before) = classes.edges.last()
                && edge <= before
            {
                return Err(ClassesError::NotAscending { step, before, edge });
            }
            if classes.names.contains(&name) {
                return Err(ClassesError::Name { name });
            }
            classes.edges.push(edge);
            classes.names.push(name);
        }
        match classes.names.iter().find(|name| name.is_empty()) {
            Some(name) => Err(ClassesError::Name { name: name.clone() }),
            None => Ok(classes),
        }
    }

    /// INFORM's classes of the composite: at or above 6.5 very high, 5 high, 3.5 medium, 2 low,
    /// else very low.
    ///
    /// # Source
    /// European Commission Joint Research Centre, *INFORM Index for Risk Management, concept and
    /// methodology*; thresholds as published with the Global Risk Index.
    pub fn inform() -> Self {
        Classes {
            names: ["very_low", "low", "medium", "high", "very_high"].map(String::from).to_vec(),
            edges: vec![2.0, 3.5, 5.0, 6.5],
        }
    }

    /// Number of the class a score falls in; 0 is the least risk. An edge belongs to the class
    /// above it. Scores are compared before rounding.
    pub fn class(&self, score: f64) -> usize {
        self.edges.partition_point(|&edge| edge <= score)
    }

    /// Name of the class a score falls in.
    pub fn name_of(&self, score: f64) -> &str {
        self.name(self.class(score)).unwrap_or_default()
    }

    /// Name of a class by number.
    pub fn name(&self, class: usize) -> Option<&str> {
        self.names.get(class).map(String::as_str)
    }

    /// Names from least to most risk.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of a class by name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }

    /// Score from which a class starts; the lowest class has none.
    pub fn lower_edge(&self, class: usize) -> Option<f64> {
        class.checked_sub(1).and_then(|k| self.edges.get(k)).copied()
    }
}

impl Default for Classes {
    fn default() -> Self {
        Classes::inform()
    }
}

impl TryFrom<ClassesText> for Classes {
    type Error = ClassesError;
    fn try_from(text: ClassesText) -> Result<Self, ClassesError> {
        Classes::new(text.lowest, text.steps)
    }
}

impl From<Classes> for ClassesText {
    fn from(classes: Classes) -> Self {
        let mut names = classes.names.into_iter();
        let lowest = names.next().unwrap_or_default();
        ClassesText { lowest, steps: classes.edges.into_iter().zip(names).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_each_inform_threshold() {
        let c = Classes::inform();
        for (score, name) in [
            (0.0, "very_low"), (1.999, "very_low"), (2.0, "low"), (3.499, "low"), (3.5, "medium"),
            (4.999, "medium"), (5.0, "high"), (6.499, "high"), (6.5, "very_high"), (10.0, "very_high"),
        ] {
            assert_eq!(c.name_of(score), name, "{score}");
        }
        assert_eq!(c.lower_edge(0), None);
        assert_eq!(c.lower_edge(c.find("high").unwrap()), Some(5.0));
    }

    #[test]
    fn refuses_bad_lists() {
        let s = |x: f64, n: &str| (x, n.to_string());
        assert!(matches!(Classes::new("a".into(), vec![s(2.0, "b"), s(1.0, "c")]), Err(ClassesError::NotAscending { .. })));
        assert!(matches!(Classes::new("a".into(), vec![s(2.0, "a")]), Err(ClassesError::Name { .. })));
        assert!(matches!(Classes::new("a".into(), vec![s(f64::NAN, "b")]), Err(ClassesError::NotFinite { .. })));
    }
}
