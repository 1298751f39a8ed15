//! Normalisation: raw columns become columns that can be compared. One method a file.
//!
//! Direction is applied here and nowhere else. In every result higher means more risk.

mod bands;
mod distance_to_maximum;
mod distance_to_reference;
mod distance_to_target;
mod fraction_of_maximum;
mod goalposts;
mod min_max;
mod ranks;
mod z_score;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bands::Bands;
use super::goalposts::Goalposts;
use super::moments::known;
use super::transform::{Transform, TransformError, transform};
use super::Direction;

/// How a raw column becomes scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Normalisation {
    /// Distance between two stated raw values. A unit's score does not depend on the others.
    Goalposts {
        /// The two raw values, in the unit of the column after its transform.
        goalposts: Goalposts,
        /// Score at the safe and at the risky goalpost.
        #[serde(default = "scale")]
        to: (f64, f64),
        /// Whether values beyond a goalpost score as the goalpost.
        #[serde(default = "yes")]
        clamp: bool,
    },
    /// Distance between the lowest and the highest value of the column.
    MinMax {
        /// Scores of the safest and the riskiest unit.
        #[serde(default = "scale")]
        to: (f64, f64),
    },
    /// Standard deviations from the mean (n − 1), moved to another mean and deviation.
    ZScore {
        /// Mean of the result.
        #[serde(default)]
        mean: f64,
        /// Standard deviation of the result.
        #[serde(default = "one")]
        deviation: f64,
    },
    /// Place from the safest unit, 1, upward; ties share the lowest.
    Rank,
    /// Number of units that are strictly safer: rank less 1.
    Borda,
    /// Share of the other units that are strictly safer.
    PercentileRank,
    /// Distance from the safest value to a target, 1 at the target.
    DistanceToTarget {
        /// The target's raw value, in the unit of the column after its transform.
        target: f64,
        /// Whether values beyond the target score 1.
        #[serde(default = "yes")]
        cap: bool,
    },
    /// One less the distance to the riskiest value, as a share of the range.
    DistanceToMaximum,
    /// Distance from the safest value to that of a reference unit, 1 at the reference.
    DistanceToReference {
        /// Row of the reference unit, from 0.
        row: usize,
    },
    /// Share of the riskiest value.
    FractionOfMaximum,
    /// A threshold table of raw values; the table itself says which end is risky.
    Bands(Bands),
}

fn scale() -> (f64, f64) {
    (0.0, super::SCORE_MAXIMUM)
}

fn yes() -> bool {
    true
}

fn one() -> f64 {
    1.0
}

/// A normalised column.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalised {
    /// One value per row, higher meaning more risk.
    pub values: Vec<Option<f64>>,
    /// Why the column says nothing, if it does not: every value is missing then.
    pub not_informative: Option<NotInformative>,
    /// Rows that had a value which the transform does not define.
    pub outside_transform: Vec<usize>,
}

/// Why a column cannot be normalised from its own data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotInformative {
    /// No row has a value.
    Empty,
    /// All values are equal.
    Constant,
    /// Only one row has a value and the method compares rows.
    Single,
    /// The reference unit has no value.
    ReferenceMissing,
    /// The reference unit, or the target, is not above the safest value.
    ReferenceAtMinimum,
    /// The riskiest value is not above 0, so that a share of it would turn the order round.
    MaximumNotPositive,
}

impl fmt::Display for NotInformative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotInformative::Empty => "no unit has a value",
            NotInformative::Constant => "all values are equal, so they rank no unit above another",
            NotInformative::Single => "only one unit has a value, so there is nothing to compare it with",
            NotInformative::ReferenceMissing => "the reference unit has no value; choose another one",
            NotInformative::ReferenceAtMinimum => {
                "the target or reference unit is not riskier than the safest unit, so its distance is 0"
            }
            NotInformative::MaximumNotPositive => {
                "the riskiest value is not above 0, and a share of it would turn the order round; use min–max or goalposts"
            }
        })
    }
}

/// Why a normalisation's settings are wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum NormaliseError {
    /// A number of the settings is not finite.
    NotFinite { setting: &'static str, value: f64 },
    /// The lower score is not below the upper one.
    Range { lower: f64, upper: f64 },
    /// The deviation is not above 0.
    Deviation { deviation: f64 },
    /// The transform failed.
    Transform(TransformError),
}

impl fmt::Display for NormaliseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NormaliseError::NotFinite { setting, value } => write!(f, "{setting} {value} must be a finite number"),
            NormaliseError::Range { lower, upper } => write!(
                f,
                "the range of scores {lower} to {upper} must ascend; `direction` says which end is risky"
            ),
            NormaliseError::Deviation { deviation } => write!(f, "standard deviation {deviation} must be above 0"),
            NormaliseError::Transform(problem) => problem.fmt(f),
        }
    }
}

impl std::error::Error for NormaliseError {}

impl Normalisation {
    /// Whether a unit's score depends on the other units of the column.
    pub fn depends_on_others(&self) -> bool {
        !matches!(self, Normalisation::Goalposts { .. } | Normalisation::Bands(_))
    }

    fn check(&self) -> Result<(), NormaliseError> {
        let finite = |setting, value: f64| {
            if value.is_finite() { Ok(()) } else { Err(NormaliseError::NotFinite { setting, value }) }
        };
        match *self {
            Normalisation::Goalposts { to: (lower, upper), .. } | Normalisation::MinMax { to: (lower, upper) } => {
                finite("lower score", lower)?;
                finite("upper score", upper)?;
                if lower < upper { Ok(()) } else { Err(NormaliseError::Range { lower, upper }) }
            }
            Normalisation::ZScore { mean, deviation } => {
                finite("mean", mean)?;
                finite("standard deviation", deviation)?;
                if deviation > 0.0 { Ok(()) } else { Err(NormaliseError::Deviation { deviation }) }
            }
            Normalisation::DistanceToTarget { target, .. } => finite("target", target),
            _ => Ok(()),
        }
    }
}

/// Normalises a column after its transform.
///
/// # Formula
/// That of the method, in its own file; data-driven methods first multiply by −1 where a lower
/// value is riskier.
///
/// # Units and shape
/// One raw value per row in, one score per row out. Of all methods only goalposts and bands give
/// a unit the same score whatever the other units are.
///
/// # Missing and degenerate values
/// Missing stays missing. A column from which a data-driven method can learn nothing (empty,
/// constant, …) becomes missing as a whole and says why; it is never filled with zeros.
///
/// # Errors
/// Settings that are not numbers or do not ascend; a Box–Cox exponent that cannot be estimated.
///
/// # Source
/// OECD/JRC, *Handbook on Constructing Composite Indicators* (2008), step 5; agrees with the
/// `n_*` functions of COINr, except that those divide by zero where this gives missing.
pub fn normalise(
    column: &[Option<f64>],
    before: Transform,
    method: &Normalisation,
    direction: Direction,
) -> Result<Normalised, NormaliseError> {
    method.check()?;
    let transformed = transform(column, before).map_err(NormaliseError::Transform)?;
    let x = &transformed.values;
    let signed: Vec<Option<f64>> = x.iter().map(|cell| cell.map(|v| v * direction.sign() + 0.0)).collect();
    let outcome = match method {
        Normalisation::Goalposts { goalposts, to, clamp } => {
            Ok(goalposts::goalposts(x, goalposts, direction, *to, *clamp))
        }
        Normalisation::MinMax { to } => min_max::min_max(&signed, *to),
        Normalisation::ZScore { mean, deviation } => z_score::z_score(&signed, *mean, *deviation),
        Normalisation::Rank => ranks::ascending(&signed),
        Normalisation::Borda => ranks::borda(&signed),
        Normalisation::PercentileRank => ranks::percentile(&signed),
        Normalisation::DistanceToTarget { target, cap } => {
            distance_to_target::distance_to_target(&signed, target * direction.sign(), *cap)
        }
        Normalisation::DistanceToMaximum => distance_to_maximum::distance_to_maximum(&signed),
        Normalisation::DistanceToReference { row } => distance_to_reference::distance_to_reference(&signed, *row),
        Normalisation::FractionOfMaximum => fraction_of_maximum::fraction_of_maximum(&signed),
        Normalisation::Bands(bands) => Ok(bands::bands(x, bands)),
    };
    let (values, not_informative) = match outcome {
        Ok(values) => (values, None),
        Err(why) => (vec![None; column.len()], Some(why)),
    };
    let values = values.into_iter().map(|cell| cell.and_then(known)).collect();
    Ok(Normalised { values, not_informative, outside_transform: transformed.outside })
}

/// Lowest and highest value of a column that has two different ones.
fn spread(column: &[Option<f64>]) -> Result<(f64, f64), NotInformative> {
    let x = super::moments::present(column);
    let (low, high) = super::moments::range(&x).ok_or(NotInformative::Empty)?;
    if low < high { Ok((low, high)) } else { Err(NotInformative::Constant) }
}

fn map(column: &[Option<f64>], f: impl Fn(f64) -> f64) -> Vec<Option<f64>> {
    column.iter().map(|cell| cell.map(&f)).collect()
}

type Outcome = Result<Vec<Option<f64>>, NotInformative>;

#[cfg(test)]
mod tests {
    use super::*;

    const UP: Direction = Direction::HigherIsRiskier;
    const DOWN: Direction = Direction::LowerIsRiskier;
    const PLAIN: [f64; 10] = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0];

    fn run(x: &[Option<f64>], method: Normalisation, direction: Direction) -> Normalised {
        normalise(x, Transform::None, &method, direction).unwrap()
    }

    fn check(method: Normalisation, expected: [f64; 10]) {
        // reference_coinr vectors.json, "plain"; 1e-12: orders of summation differ, nothing else.
        let x = PLAIN.map(Some);
        for (a, b) in run(&x, method, UP).values.iter().zip(expected) {
            assert!((a.unwrap() - b).abs() < 1e-12, "{a:?} is not {b}");
        }
    }

    #[test]
    fn agrees_with_coinr() {
        check(
            Normalisation::MinMax { to: (0.0, 100.0) },
            [25.0, 0.0, 37.5, 0.0, 50.0, 100.0, 12.5, 62.5, 50.0, 25.0],
        );
        check(Normalisation::Rank, [4.0, 1.0, 6.0, 1.0, 7.0, 10.0, 3.0, 9.0, 7.0, 4.0]);
        check(Normalisation::Borda, [3.0, 0.0, 5.0, 0.0, 6.0, 9.0, 2.0, 8.0, 6.0, 3.0]);
        let ninths = [3.0, 0.0, 5.0, 0.0, 6.0, 9.0, 2.0, 8.0, 6.0, 3.0].map(|k| k / 9.0);
        check(Normalisation::PercentileRank, ninths);
        check(
            Normalisation::ZScore { mean: 10.0, deviation: 10.0 },
            [
                6.3560065141948785, -1.741756787594282, 10.404888165089458, -1.741756787594282, 14.453769815984038,
                30.649296419562354, 2.307124863300298, 18.50265146687862, 14.453769815984038, 6.3560065141948785,
            ],
        );
        let eighths = [2.0, 0.0, 3.0, 0.0, 4.0, 8.0, 1.0, 5.0, 4.0, 2.0].map(|k| k / 8.0);
        check(Normalisation::DistanceToMaximum, eighths);
        check(Normalisation::FractionOfMaximum, PLAIN.map(|k| k / 9.0));
        check(Normalisation::DistanceToTarget { target: 5.0, cap: false }, eighths.map(|k| k * 2.0));
        check(Normalisation::DistanceToReference { row: 0 }, eighths.map(|k| k * 4.0));
        let goalposts = Goalposts::new(1.0, 8.0).unwrap();
        check(
            Normalisation::Goalposts { goalposts, to: (0.0, 10.0), clamp: true },
            PLAIN.map(|x| ((x - 1.0) / 7.0).min(1.0) * 10.0),
        );
    }

    #[test]
    fn direction_reverses_the_order() {
        let x = [Some(1.0), None, Some(3.0)];
        assert_eq!(run(&x, Normalisation::MinMax { to: (0.0, 10.0) }, DOWN).values, [Some(10.0), None, Some(0.0)]);
        assert_eq!(run(&x, Normalisation::Rank, DOWN).values, [Some(2.0), None, Some(1.0)]);
        let goalposts = Goalposts::new(0.0, 4.0).unwrap();
        let method = Normalisation::Goalposts { goalposts, to: (0.0, 10.0), clamp: true };
        assert_eq!(run(&x, method, DOWN).values, [Some(7.5), None, Some(2.5)]);
    }

    #[test]
    fn nothing_to_learn_is_missing_with_the_reason() {
        let cases: [(&[Option<f64>], Normalisation, NotInformative); 7] = [
            (&[None, None], Normalisation::Rank, NotInformative::Empty),
            (&[Some(7.0), Some(7.0)], Normalisation::MinMax { to: (0.0, 1.0) }, NotInformative::Constant),
            (&[Some(7.0), None], Normalisation::PercentileRank, NotInformative::Single),
            (&[None, Some(1.0), Some(2.0)], Normalisation::DistanceToReference { row: 0 }, NotInformative::ReferenceMissing),
            (&[Some(1.0), Some(2.0)], Normalisation::DistanceToReference { row: 0 }, NotInformative::ReferenceAtMinimum),
            (&[Some(-1.0), Some(-2.0)], Normalisation::FractionOfMaximum, NotInformative::MaximumNotPositive),
            (&[Some(1.0), Some(2.0)], Normalisation::DistanceToTarget { target: 0.5, cap: true }, NotInformative::ReferenceAtMinimum),
        ];
        for (x, method, why) in cases {
            let n = run(x, method, UP);
            assert_eq!(n.not_informative, Some(why));
            assert!(n.values.iter().all(Option::is_none) && n.values.len() == x.len());
        }
    }

    #[test]
    fn refuses_bad_settings() {
        for method in [
            Normalisation::MinMax { to: (1.0, 1.0) },
            Normalisation::MinMax { to: (f64::NAN, 1.0) },
            Normalisation::ZScore { mean: 0.0, deviation: 0.0 },
            Normalisation::DistanceToTarget { target: f64::INFINITY, cap: true },
        ] {
            assert!(normalise(&[Some(1.0)], Transform::None, &method, UP).is_err());
        }
    }

    #[test]
    fn reads_and_writes() {
        let text = r#"{"kind":"goalposts","goalposts":{"lower":0.0,"upper":4.0}}"#;
        let method: Normalisation = serde_json::from_str(text).unwrap();
        let goalposts = Goalposts::new(0.0, 4.0).unwrap();
        assert_eq!(method, Normalisation::Goalposts { goalposts, to: (0.0, 10.0), clamp: true });
        let reversed = r#"{"kind":"goalposts","goalposts":{"lower":4.0,"upper":0.0}}"#;
        let error = serde_json::from_str::<Normalisation>(reversed).unwrap_err().to_string();
        assert!(error.contains("lower goalpost 4 is not below upper goalpost 0"), "{error}");
        assert!(serde_json::to_string(&schemars::schema_for!(Normalisation)).unwrap().contains("clamp"));
    }
}
