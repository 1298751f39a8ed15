//! How a node makes one value of its children's values.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bands::Bands;
use super::goalposts::SCORE_MAXIMUM;

/// The operator of a node.
///
/// Every operator drops missing children and children of weight 0, and works on the weights of
/// the rest as shares of their sum; a constant factor on all weights changes nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Operator {
    /// Weighted arithmetic mean: `sum w x / sum w`. Full compensation.
    Arithmetic,
    /// Weighted geometric mean of `max(x, floor)`: `exp(sum w ln x / sum w)`.
    Geometric {
        /// Value to which a smaller child is raised, in the children's unit; above 0.
        floor: f64,
    },
    /// Weighted harmonic mean of `max(x, floor)`: `sum w / sum (w / x)`.
    Harmonic {
        /// Value to which a smaller child is raised, in the children's unit; above 0.
        floor: f64,
    },
    /// Weighted power mean of `max(x, floor)`: `(sum w x^p / sum w)^(1/p)`; the geometric mean at `p = 0`.
    Power {
        /// The exponent `p`, any finite number.
        exponent: f64,
        /// Value to which a smaller child is raised; above 0 unless the exponent is above 0.
        #[serde(default)]
        floor: f64,
    },
    /// INFORM's inverted geometric mean, in which high children dominate and zeros are safe:
    /// `(10 - geomean((10 - x) / 10 * 9 + 1)) / 9 * 10`, `x` clamped to 0..=10.
    InformInvertedGeometric,
    /// The highest child.
    Max,
    /// The lowest child.
    Min,
    /// The highest of `factor * x`, one factor per child in their order. INFORM's subnational
    /// models take the maximum of hazards in this way.
    ScaledMax {
        /// One factor per child, in their order; finite and not negative.
        factors: Vec<f64>,
    },
    /// The weighted arithmetic mean read off a threshold table whose scores never fall.
    ThresholdTable(Bands),
    /// The highest child if it reaches the threshold, otherwise the weighted arithmetic mean.
    Override {
        /// A child at or above this wins.
        at_or_above: f64,
    },
    /// A sum over past periods, the children being the periods from newest to oldest:
    /// `min(cap, sum v retain^k x_k)`, where `v` is the child's weight over the mean weight.
    /// A missing period counts as the decayed mean of the present ones.
    DecayedSum {
        /// Share of a score that is left after one period, above 0 and at most 1.
        retain: f64,
        /// Highest value of the node.
        #[serde(default = "score_maximum")]
        cap: f64,
    },
}

fn score_maximum() -> f64 {
    SCORE_MAXIMUM
}

/// What is wrong with an operator's settings.
#[derive(Debug, Clone, PartialEq)]
pub enum OperatorProblem {
    /// The floor must be a finite number above 0.
    Floor { floor: f64 },
    /// The exponent must be finite.
    Exponent { exponent: f64 },
    /// There must be one factor per child.
    FactorCount { factors: usize, children: usize },
    /// A factor must be finite and not negative.
    Factor { factor: f64 },
    /// A threshold table's scores must not fall, or a higher child could lower the node.
    TableFalls,
    /// The override's threshold must be finite.
    Threshold { at_or_above: f64 },
    /// The share retained must be above 0 and at most 1.
    Retain { retain: f64 },
    /// The cap must be finite and above 0.
    Cap { cap: f64 },
}

impl fmt::Display for OperatorProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OperatorProblem::Floor { floor } => write!(
                f,
                "floor {floor} must be a number above 0: this mean is not defined at 0, so a smaller child is raised to the floor; 0.1 is a usual choice on a scale of 0 to 10"
            ),
            OperatorProblem::Exponent { exponent } => write!(f, "exponent {exponent} must be a finite number"),
            OperatorProblem::FactorCount { factors, children } => {
                write!(f, "{factors} factors for {children} children; give one factor per child, in their order")
            }
            OperatorProblem::Factor { factor } => write!(f, "factor {factor} must be finite and not negative"),
            OperatorProblem::TableFalls => {
                write!(f, "the scores of the threshold table fall somewhere; a node's table must never fall, because children are scores already")
            }
            OperatorProblem::Threshold { at_or_above } => write!(f, "threshold {at_or_above} must be a finite number"),
            OperatorProblem::Retain { retain } => write!(f, "retain {retain} must be above 0 and at most 1"),
            OperatorProblem::Cap { cap } => write!(f, "cap {cap} must be a number above 0"),
        }
    }
}

impl Operator {
    /// Whether a node with this operator is a weighted sum of its present children.
    pub fn is_additive(&self) -> bool {
        matches!(self, Operator::Arithmetic)
    }

    /// What is wrong with the operator's settings, for a node with so many children.
    pub fn problem(&self, children: usize) -> Option<OperatorProblem> {
        let positive = |x: f64| x.is_finite() && x > 0.0;
        match self {
            Operator::Arithmetic | Operator::Max | Operator::Min | Operator::InformInvertedGeometric => None,
            Operator::Geometric { floor } | Operator::Harmonic { floor } => {
                (!positive(*floor)).then_some(OperatorProblem::Floor { floor: *floor })
            }
            Operator::Power { exponent, floor } => {
                if !exponent.is_finite() {
                    Some(OperatorProblem::Exponent { exponent: *exponent })
                } else if positive(*floor) || (*floor == 0.0 && *exponent > 0.0) {
                    None
                } else {
                    Some(OperatorProblem::Floor { floor: *floor })
                }
            }
            Operator::ScaledMax { factors } => {
                if factors.len() != children {
                    return Some(OperatorProblem::FactorCount { factors: factors.len(), children });
                }
                let bad = factors.iter().find(|x| !(x.is_finite() && **x >= 0.0));
                bad.map(|&factor| OperatorProblem::Factor { factor })
            }
            Operator::ThresholdTable(bands) => (!bands.is_ascending()).then_some(OperatorProblem::TableFalls),
            Operator::Override { at_or_above } => {
                (!at_or_above.is_finite()).then_some(OperatorProblem::Threshold { at_or_above: *at_or_above })
            }
            Operator::DecayedSum { retain, cap } => {
                if !(positive(*retain) && *retain <= 1.0) {
                    Some(OperatorProblem::Retain { retain: *retain })
                } else if !positive(*cap) {
                    Some(OperatorProblem::Cap { cap: *cap })
                } else {
                    None
                }
            }
        }
    }

    /// Makes one value of the children's values.
    ///
    /// # Formula
    /// That of each variant, over the children that are present and whose weight is above 0.
    ///
    /// # Units and shape
    /// `values` and `weights` have one entry per child, in their order. Every mean, `Max`, `Min`
    /// and `Override` lies between the lowest and the highest present child, both raised to
    /// the floor where there is one.
    ///
    /// # Missing and degenerate values
    /// With no such child the result is missing. Nothing is a NaN: what a number cannot hold is
    /// missing. Values below a floor are raised to it, so a zero in a geometric mean is defined.
    ///
    /// # Source
    /// OECD/JRC, *Handbook on Constructing Composite Indicators* (2008), step 6; INFORM, *concept
    /// and methodology*, for the inverted geometric mean. The means agree with COINr `a_amean`,
    /// `a_gmean`, `a_hmean` and `a_genmean`, except that the last one gives missing as soon as a
    /// child is missing.
    pub fn combine(&self, values: &[Option<f64>], weights: &[f64]) -> Option<f64> {
        let present = || {
            values.iter().zip(weights).enumerate().filter_map(|(k, (v, &w))| match v {
                Some(x) if w > 0.0 && x.is_finite() => Some((k, *x, w)),
                _ => None,
            })
        };
        let (mut low, mut high, mut total) = (f64::INFINITY, f64::NEG_INFINITY, 0.0);
        for (_, x, w) in present() {
            low = low.min(x);
            high = high.max(x);
            total += w;
        }
        if low > high {
            return None;
        }
        let mean = |f: &dyn Fn(f64) -> f64| present().map(|(_, x, w)| w * f(x)).sum::<f64>() / total;
        let arithmetic = || mean(&|x| x).clamp(low, high);
        let value = match self {
            Operator::Arithmetic => arithmetic(),
            Operator::Geometric { floor } => geometric(&mean, *floor).clamp(low.max(*floor), high.max(*floor)),
            Operator::Harmonic { floor } => {
                (1.0 / mean(&|x| 1.0 / x.max(*floor))).clamp(low.max(*floor), high.max(*floor))
            }
            Operator::Power { exponent, floor } => {
                let (low, high) = (low.max(*floor), high.max(*floor));
                let unit = if *exponent > 0.0 { high } else { low };
                if *exponent == 0.0 {
                    geometric(&mean, *floor).clamp(low, high)
                } else if unit == 0.0 {
                    0.0
                } else {
                    // Scaled by the dominant child so that no power overflows; ln_1p and exp_m1
                    // keep exponents near 0 exact.
                    let sum = mean(&|x| (exponent * (x.max(*floor) / unit).ln()).exp_m1());
                    (unit * (sum.ln_1p() / exponent).exp()).clamp(low, high)
                }
            }
            Operator::InformInvertedGeometric => {
                let top = SCORE_MAXIMUM;
                let inverted = |x: f64| ((top - x.clamp(0.0, top)) / top * 9.0 + 1.0).ln();
                ((top - mean(&inverted).exp()) / 9.0 * top).clamp(low.clamp(0.0, top), high.clamp(0.0, top))
            }
            Operator::Max => high,
            Operator::Min => low,
            Operator::ScaledMax { factors } => present()
                .filter_map(|(k, x, _)| factors.get(k).map(|factor| factor * x))
                .fold(f64::NEG_INFINITY, f64::max),
            Operator::ThresholdTable(bands) => bands.score(arithmetic()),
            Operator::Override { at_or_above } if high >= *at_or_above => high,
            Operator::Override { .. } => arithmetic(),
            Operator::DecayedSum { retain, cap } => {
                let decayed = |k: usize, w: f64| w * retain.powf(k as f64);
                let seen: f64 = present().map(|(k, _, w)| decayed(k, w)).sum();
                let sum: f64 = present().map(|(k, x, w)| decayed(k, w) * x).sum();
                let all: f64 = weights.iter().enumerate().map(|(k, &w)| decayed(k, w)).sum();
                let counted = weights.iter().filter(|&&w| w > 0.0).count() as f64;
                let mean_weight = weights.iter().sum::<f64>() / counted;
                if seen > 0.0 { (sum / seen * (all / mean_weight)).min(*cap) } else { f64::NAN }
            }
        };
        value.is_finite().then_some(value)
    }
}

/// A weighted mean of a function of the present children.
type Mean<'a> = &'a dyn Fn(&dyn Fn(f64) -> f64) -> f64;

fn geometric(mean: Mean<'_>, floor: f64) -> f64 {
    mean(&|x| x.max(floor).ln()).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: Option<f64>, b: f64) {
        let a = a.expect("a value");
        assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0), "{a} is not {b}");
    }

    #[test]
    fn means_agree_with_coinr() {
        // COINr 1.1.14 on c(3,1,4,1,5,9,2,6,5,3) with weights 1..10 (reference_coinr vectors.json,
        // "plain"); 1e-12 because only the order of summation differs.
        let x = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0].map(Some);
        let w: Vec<f64> = (1..=10).map(f64::from).collect();
        close(Operator::Arithmetic.combine(&x, &w), 4.309090909090909);
        close(Operator::Geometric { floor: 0.1 }.combine(&x, &w), 3.645702718635372);
        close(Operator::Harmonic { floor: 0.1 }.combine(&x, &w), 2.9385574354407837);
        close(Operator::Power { exponent: 2.0, floor: 0.0 }.combine(&x, &w), 4.871064845315932);
        close(Operator::Power { exponent: 1.0, floor: 0.0 }.combine(&x, &w), 4.309090909090909);
        close(Operator::Power { exponent: 0.0, floor: 0.1 }.combine(&x, &w), 3.645702718635372);
        close(Operator::Power { exponent: -1.0, floor: 0.1 }.combine(&x, &w), 2.9385574354407837);
        // "gap": missing children drop out.
        let gap = [Some(5.0), None, Some(7.0), Some(8.0), None, Some(10.0), Some(11.0), Some(30.0)];
        close(Operator::Arithmetic.combine(&gap, &w), 15.0);
        close(Operator::Geometric { floor: 0.1 }.combine(&gap, &w), 12.642687712865982);
        close(Operator::Harmonic { floor: 0.1 }.combine(&gap, &w), 11.019904589570654);
    }

    #[test]
    fn inform_inverted_geometric_by_hand() {
        // x = 10 and 0: inverted to 1 and 10, geometric mean sqrt(10).
        let x = [Some(10.0), Some(0.0)];
        close(Operator::InformInvertedGeometric.combine(&x, &[1.0, 1.0]), (10.0 - 10.0_f64.sqrt()) / 9.0 * 10.0);
        close(Operator::InformInvertedGeometric.combine(&[Some(0.0); 3], &[1.0; 3]), 0.0);
        close(Operator::InformInvertedGeometric.combine(&[Some(10.0); 3], &[1.0; 3]), 10.0);
    }

    #[test]
    fn zeros_are_defined() {
        let x = [Some(0.0), Some(4.0)];
        close(Operator::Geometric { floor: 0.25 }.combine(&x, &[1.0, 1.0]), 1.0);
        close(Operator::Harmonic { floor: 1.0 }.combine(&x, &[1.0, 1.0]), 1.6);
        close(Operator::Power { exponent: 2.0, floor: 0.0 }.combine(&[Some(0.0); 2], &[1.0, 1.0]), 0.0);
    }

    #[test]
    fn override_on_both_sides() {
        let o = Operator::Override { at_or_above: 8.0 };
        close(o.combine(&[Some(7.999), Some(1.001)], &[1.0, 1.0]), 4.5);
        close(o.combine(&[Some(8.0), Some(1.0)], &[1.0, 1.0]), 8.0);
    }

    #[test]
    fn decayed_sum_by_hand() {
        let d = Operator::DecayedSum { retain: 0.5, cap: 10.0 };
        close(d.combine(&[Some(4.0), Some(2.0), Some(8.0)], &[1.0; 3]), 4.0 + 1.0 + 2.0);
        close(d.combine(&[Some(9.0), Some(8.0), Some(8.0)], &[2.0; 3]), 10.0);
        // The middle period is missing: 1.75 × (4 + 2) / 1.25.
        close(d.combine(&[Some(4.0), None, Some(8.0)], &[1.0; 3]), 8.4);
    }

    #[test]
    fn others() {
        let x = [Some(3.3), None, Some(1.0)];
        close(Operator::Max.combine(&x, &[1.0; 3]), 3.3);
        close(Operator::Min.combine(&x, &[1.0; 3]), 1.0);
        close(Operator::ScaledMax { factors: vec![0.66, 0.33, 1.0] }.combine(&x, &[1.0; 3]), 2.178);
        let bands = Bands::new(vec![(2.0, 5.0)]).unwrap();
        close(Operator::ThresholdTable(bands).combine(&x, &[1.0; 3]), 5.0);
        assert_eq!(Operator::Max.combine(&[None, Some(3.0)], &[1.0, 0.0]), None);
        assert_eq!(Operator::Arithmetic.combine(&[], &[]), None);
    }

    #[test]
    fn reads_and_writes() {
        for text in [
            r#"{"kind":"arithmetic"}"#,
            r#"{"kind":"geometric","floor":0.1}"#,
            r#"{"kind":"power","exponent":-2.0,"floor":0.5}"#,
            r#"{"kind":"inform_inverted_geometric"}"#,
            r#"{"kind":"threshold_table","below":0.0,"steps":[[2.0,5.0]]}"#,
            r#"{"kind":"override","at_or_above":8.0}"#,
            r#"{"kind":"decayed_sum","retain":0.5,"cap":10.0}"#,
        ] {
            let operator: Operator = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&operator).unwrap(), text);
        }
        for bad in [r#"{"kind":"median"}"#, r#"{"kind":"geometric"}"#, r#"{"kind":"threshold_table","steps":[]}"#] {
            assert!(serde_json::from_str::<Operator>(bad).is_err(), "{bad}");
        }
        let schema = serde_json::to_string(&schemars::schema_for!(Operator)).unwrap();
        assert!(schema.contains("at_or_above") && schema.contains("steps"), "{schema}");
    }
}
