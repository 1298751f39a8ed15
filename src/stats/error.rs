//! The reasons why a method refuses its input.

use thiserror::Error;

/// Why a method could not give a value.
///
/// Each variant carries what was given, so that the message can name it; each message ends with the
/// rule or the way out.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum StatsError {
    /// Fewer observations than the method needs.
    #[error("{what}: {found} given, at least {needed} needed")]
    TooFew {
        /// What is counted, in the plural.
        what: &'static str,
        /// How many the method needs.
        needed: usize,
        /// How many were given.
        found: usize,
    },
    /// Two slices that describe the same rows differ in length.
    #[error(
        "{left} has {left_len} entries and {right} has {right_len}: they describe the same rows and must be equally long"
    )]
    LengthMismatch {
        /// Name of the first slice.
        left: &'static str,
        /// Its length.
        left_len: usize,
        /// Name of the second slice.
        right: &'static str,
        /// Its length.
        right_len: usize,
    },
    /// A parameter or value lies outside what the method is defined for.
    #[error("{what} is {value}: {rule}")]
    OutOfRange {
        /// Name of the parameter or column.
        what: &'static str,
        /// The value given (may be infinite or not a number: that is what is refused).
        value: f64,
        /// The rule it breaks.
        rule: &'static str,
    },
    /// One entry of a slice lies outside what the method is defined for.
    #[error("{what}[{index}] is {value}: {rule}")]
    BadEntry {
        /// Name of the slice.
        what: &'static str,
        /// Position in the slice, from 0.
        index: usize,
        /// The value found there.
        value: f64,
        /// The rule it breaks.
        rule: &'static str,
    },
    /// The input is well formed, and the method has no answer for it.
    #[error("no answer: {reason}")]
    Degenerate {
        /// Why, in words a report can print.
        reason: &'static str,
    },
    /// The input is larger than the method accepts.
    #[error("{what}: {found} given, at most {limit} accepted")]
    TooMany {
        /// What is counted, in the plural.
        what: &'static str,
        /// The limit.
        limit: usize,
        /// How many were given.
        found: usize,
    },
}

impl Eq for StatsError {}

/// Largest magnitude of any number the methods take: squares and sums of such numbers stay finite.
pub(crate) const LARGEST: f64 = 1e100;
/// Most replicates of a permutation test or a bootstrap.
const MOST_REPLICATES: u32 = 10_000_000;

/// Refuses `value` unless it is greater than 0, and neither infinite nor beyond any use.
pub(crate) fn positive(what: &'static str, value: f64) -> Result<f64, StatsError> {
    if (1.0 / LARGEST..=LARGEST).contains(&value) {
        Ok(value)
    } else {
        let rule = "must be greater than 0 (between 1e-100 and 1e100)";
        Err(StatsError::OutOfRange { what, value, rule })
    }
}

/// Refuses `value` unless it is at least 0, and neither infinite nor beyond any use.
pub(crate) fn non_negative(what: &'static str, value: f64) -> Result<f64, StatsError> {
    if (0.0..=LARGEST).contains(&value) {
        Ok(value)
    } else {
        Err(StatsError::OutOfRange {
            what,
            value,
            rule: "must be at least 0 (and at most 1e100)",
        })
    }
}

/// Refuses more replicates than anybody waits for.
pub(crate) fn replicates(what: &'static str, count: u32) -> Result<(), StatsError> {
    if count <= MOST_REPLICATES {
        Ok(())
    } else {
        Err(StatsError::TooMany {
            what,
            limit: MOST_REPLICATES as usize,
            found: count as usize,
        })
    }
}

/// Refuses a slice of weights that holds a negative, infinite or missing number.
pub(crate) fn all_weights(mut values: impl Iterator<Item = f64>) -> Result<(), StatsError> {
    match values
        .by_ref()
        .enumerate()
        .find(|(_, value)| !(0.0..=LARGEST).contains(value))
    {
        None => Ok(()),
        Some((index, value)) => {
            let rule = "must be at least 0 (and at most 1e100)";
            Err(StatsError::BadEntry {
                what: "weights",
                index,
                value,
                rule,
            })
        }
    }
}

/// Refuses a confidence or credibility level outside the open interval 0 to 1.
pub(crate) fn level(value: f64) -> Result<f64, StatsError> {
    if value > 0.0 && value < 1.0 {
        Ok(value)
    } else {
        Err(StatsError::OutOfRange {
            what: "level",
            value,
            rule: "must lie strictly between 0 and 1 (0.9 is a 90 % interval)",
        })
    }
}

/// Refuses two slices of different length.
pub(crate) fn same_length(
    left: &'static str,
    left_len: usize,
    right: &'static str,
    right_len: usize,
) -> Result<(), StatsError> {
    if left_len == right_len {
        Ok(())
    } else {
        Err(StatsError::LengthMismatch {
            left,
            left_len,
            right,
            right_len,
        })
    }
}

/// Refuses a slice that holds an infinite or huge value or a NaN.
pub(crate) fn all_finite(what: &'static str, values: &[f64]) -> Result<(), StatsError> {
    match values
        .iter()
        .position(|value| !(-LARGEST..=LARGEST).contains(value))
    {
        None => Ok(()),
        Some(index) => Err(StatsError::BadEntry {
            what,
            index,
            value: values[index],
            rule: "must be finite (within ±1e100); leave missing values out",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_value_and_the_rule() {
        let error = positive("bandwidth_km", -3.0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "bandwidth_km is -3: must be greater than 0 (between 1e-100 and 1e100)"
        );
        let error = all_finite("values", &[1.0, f64::NAN]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "values[1] is NaN: must be finite (within ±1e100); leave missing values out"
        );
        assert!(level(1.0).is_err());
        assert!(non_negative("x", f64::INFINITY).is_err());
        assert!(same_length("a", 1, "b", 2).is_err());
    }
}
