//! Rules that fired, rules that could not be decided, and what became of the alerts before.

use crate::datasets::Fact;
use crate::edition::{Ranking, Scored, Sources, values_by_name};
use crate::evidence::{Evidence, Unit};
use crate::rules::{Outcome, Rule};

/// A rule that fired for a unit.
#[derive(Clone, Debug)]
pub struct Alert<'a> {
    pub rule: &'a Rule,
    pub unit: &'a str,
    /// The values that its condition names.
    pub values: Vec<(String, Option<f64>)>,
}

/// A rule that a missing value leaves open for a unit.
#[derive(Clone, Debug)]
pub struct Undetermined<'a> {
    pub rule: &'a Rule,
    pub unit: &'a str,
    /// Names in its condition that have no value.
    pub missing: Vec<String>,
}

/// All alerts of an edition, the most severe first.
#[derive(Clone, Debug, Default)]
pub struct Alerts<'a> {
    pub fired: Vec<Alert<'a>>,
    pub undetermined: Vec<Undetermined<'a>>,
}

/// What became of an alert of the edition before.
#[derive(Clone, Debug)]
pub struct FollowUp<'a> {
    pub rule: &'a Rule,
    pub unit: &'a str,
    /// Whether it still fires; none when it can no longer be decided.
    pub fires: Option<bool>,
    /// Status facts since then that show that something was done.
    pub facts: Vec<&'a Fact>,
}

impl<'a> Alerts<'a> {
    pub(super) fn raise(sources: &'a Sources, rankings: [&Ranking<'a>; 2]) -> Self {
        let mut alerts = Self::default();
        for ranking in rankings {
            let kind = ranking.framework.kind;
            let values = values_by_name(ranking);
            let names: Vec<&str> = values.keys().copied().collect();
            let outcomes = sources.rules.evaluate(kind, &names, &values, ranking.units.len());
            for rule in sources.rules.rules.iter().filter(|r| r.applies_to == kind) {
                let used = sources.rules.names_of(&rule.id);
                let Some(outcomes) = outcomes.get(rule.id.as_str()) else { continue };
                for (i, (unit, outcome)) in ranking.units.iter().zip(outcomes).enumerate() {
                    let value = |name: &String| values.get(name.as_str()).and_then(|v| v.get(i).copied().flatten());
                    match outcome {
                        Outcome::Fires => alerts.fired.push(Alert {
                            rule,
                            unit: unit.unit.id(),
                            values: used.iter().map(|n| (n.clone(), value(n))).collect(),
                        }),
                        Outcome::Undetermined => alerts.undetermined.push(Undetermined {
                            rule,
                            unit: unit.unit.id(),
                            missing: used.iter().filter(|n| value(n).is_none()).cloned().collect(),
                        }),
                        Outcome::Rests => {}
                    }
                }
            }
        }
        alerts
    }

    pub fn of_unit<'s>(&'s self, unit: &'s str) -> impl Iterator<Item = &'s Alert<'a>> {
        self.fired.iter().filter(move |a| a.unit == unit)
    }

    /// What became of the alerts of an earlier edition by the time of `evidence`.
    pub fn follow_up(&self, earlier: &Alerts<'a>, earlier_day: jiff::civil::Date, evidence: &Evidence<'a>, unit_of: impl Fn(&str) -> Option<Unit<'a>>) -> Vec<FollowUp<'a>> {
        earlier
            .fired
            .iter()
            .map(|alert| {
                let same = |rule: &Rule, unit: &str| rule.id == alert.rule.id && unit == alert.unit;
                let fires = if self.fired.iter().any(|a| same(a.rule, a.unit)) {
                    Some(true)
                } else if self.undetermined.iter().any(|u| same(u.rule, u.unit)) {
                    None
                } else {
                    Some(false)
                };
                let units = unit_of(alert.unit).map(concerned).unwrap_or_default();
                let facts = evidence
                    .facts
                    .iter()
                    .copied()
                    .filter(|f| alert.rule.followed_up_by.contains(&f.theme))
                    .filter(|f| f.from.is_some_and(|from| from > earlier_day) && f.level.is_some_and(|l| l > 0))
                    .filter(|f| f.units.iter().any(|u| units.contains(&u.as_str())))
                    .collect();
                FollowUp { rule: alert.rule, unit: alert.unit, fires, facts }
            })
            .collect()
    }
}

/// The unit, and for a crossing the provinces on both sides.
fn concerned<'a>(unit: Unit<'a>) -> Vec<&'a str> {
    match unit {
        Unit::Province(p) => vec![&p.id],
        Unit::Crossing(c) => std::iter::once(c.id.as_str()).chain(c.provinces.iter().flatten().map(String::as_str)).collect(),
    }
}

impl Scored<'_> {
    /// Raw value of an indicator, score of a dimension, or the composite score.
    pub fn value(&self, ranking: &Ranking<'_>, name: &str) -> Option<f64> {
        if name == "score" {
            return self.score;
        }
        if let Some(i) = ranking.framework.indicators.iter().position(|i| i.id == name) {
            return self.readings.get(i).and_then(|r| r.value);
        }
        let node = ranking.framework.dimensions.iter().position(|d| d.id == name)?;
        self.evaluation.values.get(node).copied().flatten()
    }
}
