use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Basis, Context, GradedLevel, Measure, Reading};
use crate::datasets::Fact;
use crate::evidence::Unit;
use crate::say;
use crate::text::term;

/// Which units a fact must name to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The unit itself.
    Unit,
    /// The provinces on both sides of a crossing.
    Belt,
    /// Both countries of a crossing, or provinces on both its sides.
    Pair,
}

/// Which of several facts counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// The highest level that holds.
    Highest,
    /// The level of the fact that began last (the highest among those of one day).
    Newest,
}

/// The coded level (0 to 3) of a status that holds on the day.
///
/// # Formula
/// Among the facts of `theme` that name the unit (see `scope`), were known and still hold: the
/// highest level, or that of the newest fact. An open fact holds for `open_days`, an ended one
/// counts for `ended_days` more.
///
/// # Units and shape
/// Ordinal 0 to 3 as written in `datasets/status_facts/CODING.md`. For risks, "at least".
///
/// # Missing and degenerate values
/// Missing without such a fact: a status that nobody reported is not level 0.
///
/// # Source
/// The ledger's facts with their Admiralty grades.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusLevel {
    /// `theme` of `status_facts`.
    pub theme: String,
    /// Whose facts count.
    pub scope: Vec<Scope>,
    pub take: Take,
    /// For how many days an open fact is taken to hold; without it, until a newer fact replaces it.
    pub open_days: Option<i32>,
    /// Open facts of at least this level hold until a newer fact replaces them, whatever `open_days` says.
    pub standing_level: Option<i64>,
    /// For how many days a fact that ended still counts.
    #[serde(default)]
    pub ended_days: i32,
}

impl Measure for StatusLevel {
    fn read(&self, unit: Unit<'_>, context: &Context<'_>) -> Reading {
        let evidence = context.evidence;
        let mut facts: Vec<&Fact> = Vec::new();
        for scope in &self.scope {
            let hold = |units: &[&str]| self.holding(evidence, units);
            let found = match (scope, unit) {
                (Scope::Unit, _) => hold(&[unit.id()]),
                (Scope::Belt, Unit::Crossing(c)) => {
                    let belt: Vec<&str> = c.provinces.iter().flatten().map(String::as_str).collect();
                    hold(&belt)
                }
                (Scope::Pair, Unit::Crossing(c)) => {
                    let side = |i: usize| -> Vec<&str> {
                        let province = c.provinces[i].as_deref();
                        [Some(c.countries[i].as_str()), province].into_iter().flatten().collect()
                    };
                    let (a, b) = (side(0), side(1));
                    let names = |f: &Fact, side: &[&str]| f.units.iter().any(|u| side.contains(&u.as_str()));
                    let mut both = hold(&a);
                    both.retain(|f| names(f, &b));
                    both
                }
                (Scope::Belt | Scope::Pair, Unit::Province(_)) => Vec::new(),
            };
            for fact in found {
                if fact.level.is_some() && !facts.iter().any(|f| f.id == fact.id) {
                    facts.push(fact);
                }
            }
        }
        let newest = facts.iter().map(|f| f.from).max().flatten();
        let counted: Vec<&&Fact> = match self.take {
            Take::Highest => facts.iter().collect(),
            Take::Newest => facts.iter().filter(|f| f.from == newest).collect(),
        };
        let Some(level) = counted.iter().filter_map(|f| f.level).max() else {
            return Reading::missing(say!("measures.no_fact", theme = term(&self.theme, &self.theme)));
        };
        let carrying: Vec<_> = counted.iter().filter(|f| f.level == Some(level)).collect();
        let note = carrying.last().map(|f| say!("measures.level", level = level, value = &f.value));
        let mut rows: Vec<String> = facts.iter().map(|f| format!("status_facts:{}", f.id)).collect();
        rows.sort();
        let graded = |f: &&Fact| {
            Some(GradedLevel {
                fact: f.id.clone(),
                level: f.level? as f64,
                from: f.from,
                reliability: f.source.reliability.clone(),
                credibility: f.source.credibility.clone(),
            })
        };
        let basis = Basis::Facts { facts: facts.iter().filter_map(graded).collect(), newest: self.take == Take::Newest };
        Reading::of(level as f64).at_least().notes(note).rows(rows).basis(basis)
    }
}

impl StatusLevel {
    /// Facts of the theme about any of `units` that hold on the day.
    fn holding<'a>(&self, evidence: &super::Evidence<'a>, units: &[&str]) -> Vec<&'a Fact> {
        let mut facts = evidence.facts_on(&self.theme, units, self.open_days, self.ended_days);
        if let Some(standing) = self.standing_level {
            let open = evidence.facts_on(&self.theme, units, None, self.ended_days);
            for fact in open.into_iter().filter(|f| f.to.is_none() && f.level.is_some_and(|l| l >= standing)) {
                if !facts.iter().any(|f| f.id == fact.id) {
                    facts.push(fact);
                }
            }
        }
        facts
    }
}
