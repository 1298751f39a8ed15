//! Rules: conditions on a unit's values, and the recommendations they trigger.
//!
//! A condition is an SQL expression over the names of a framework: raw values of indicators, scores
//! of dimensions, and `score`. It is three-valued: with a missing value it may be undetermined, and
//! that is reported as such.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;
use polars::sql::sql_expr;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostics::{Diagnostic, Diagnostics, suggestion};
use crate::framework::{Cited, Framework, UnitKind};
use crate::text::Text;
use crate::toml_file::{self, Source};
use crate::workspace::Workspace;

/// How pressing an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// To be kept in view.
    Watch,
    /// To be acted on in the coming weeks.
    Warning,
    /// To be acted on now.
    Alarm,
}

/// Who is advised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    Government,
    RegionalBodies,
    Communities,
    HumanitarianActors,
}

/// A rule: when it fires for a unit, which recommendation it triggers.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Rule of a tukhum workspace")]
pub struct Rule {
    pub id: String,
    pub applies_to: UnitKind,
    /// What the alert says in one sentence.
    pub label: Text,
    /// SQL expression over indicators (raw values), dimensions (scores) and `score`.
    pub condition: String,
    pub severity: Severity,
    /// Recommendation that it triggers.
    pub recommendation: String,
    pub audience: Vec<Audience>,
    /// What would end the alert.
    pub ends_when: Text,
    /// `theme` of status facts that show that it was followed up.
    #[serde(default)]
    pub followed_up_by: Vec<String>,
    /// Why this condition.
    pub reason: String,
    pub asked_by: Vec<Cited>,
}

/// What the documents advise.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Recommendation of a tukhum workspace")]
pub struct Recommendation {
    pub id: String,
    pub title: Text,
    /// The advice, in own words.
    pub text: Text,
    pub asked_by: Vec<Cited>,
}

/// All rules and recommendations, checked.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub rules: Vec<Rule>,
    pub recommendations: BTreeMap<String, Recommendation>,
    expressions: BTreeMap<String, Expr>,
}

/// What a rule says of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Fires,
    Rests,
    /// A value that the condition needs is missing.
    Undetermined,
}

impl Rules {
    /// Reads `indicators/rules/` and `indicators/recommendations/`.
    pub fn load(workspace: &Workspace, frameworks: &[&Framework], themes: &BTreeSet<&str>, problems: &mut Diagnostics) -> Self {
        let mut rules = Self::default();
        for (path, bytes) in workspace.below("indicators/recommendations/").filter(|(p, _)| p.ends_with(".toml")) {
            let Some((file, source)) = toml_file::read::<Recommendation>(path, bytes, problems) else { continue };
            if rules.recommendations.contains_key(&file.id) {
                problems.push(duplicate(&file.id, &source));
            }
            rules.recommendations.insert(file.id.clone(), file);
        }
        for (path, bytes) in workspace.below("indicators/rules/").filter(|(p, _)| p.ends_with(".toml")) {
            let Some((rule, source)) = toml_file::read::<Rule>(path, bytes, problems) else { continue };
            if rules.rules.iter().any(|r| r.id == rule.id) {
                problems.push(duplicate(&rule.id, &source));
            }
            if !rules.recommendations.contains_key(&rule.recommendation) {
                problems.push(
                    Diagnostic::error("unknown-name", format!("unknown recommendation `{}`", rule.recommendation), source.at("/recommendation"))
                        .rule("a rule triggers a recommendation of indicators/recommendations")
                        .help(suggestion(&rule.recommendation, rules.recommendations.keys().map(String::as_str))),
                );
            }
            for (i, theme) in rule.followed_up_by.iter().enumerate().filter(|(_, t)| !themes.contains(t.as_str())) {
                problems.push(
                    Diagnostic::error("unknown-name", format!("unknown theme `{theme}`"), source.at(&format!("/followed_up_by/{i}")))
                        .rule("follow-up is seen in status facts of a theme")
                        .help(suggestion(theme, themes.iter().copied())),
                );
            }
            let framework = frameworks.iter().find(|f| f.kind == rule.applies_to);
            if let Some(expression) = framework.and_then(|f| check_condition(&rule, f, &source, problems)) {
                rules.expressions.insert(rule.id.clone(), expression);
            }
            rules.rules.push(rule);
        }
        rules.rules.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.id.cmp(&b.id)));
        rules
    }

    /// Evaluates the rules of a kind of unit over a table of values: one column per name, one row per unit.
    pub fn evaluate(&self, kind: UnitKind, names: &[&str], values: &BTreeMap<&str, Vec<Option<f64>>>, units: usize) -> BTreeMap<&str, Vec<Outcome>> {
        let columns: Vec<Column> =
            names.iter().map(|name| Column::new((*name).into(), values.get(name).cloned().unwrap_or_else(|| vec![None; units]))).collect();
        let mut outcomes = BTreeMap::new();
        let Ok(frame) = DataFrame::new(units, columns) else { return outcomes };
        for rule in self.rules.iter().filter(|r| r.applies_to == kind) {
            let Some(expression) = self.expressions.get(&rule.id) else { continue };
            let result = frame.clone().lazy().select([expression.clone().alias("fires")]).collect();
            let cells = result.ok().and_then(|f| f.column("fires").ok().and_then(|c| c.bool().cloned().ok()));
            let outcome = |cell: Option<bool>| match cell {
                Some(true) => Outcome::Fires,
                Some(false) => Outcome::Rests,
                None => Outcome::Undetermined,
            };
            let all = match cells {
                Some(cells) if cells.len() == units => cells.iter().map(outcome).collect(),
                _ => vec![Outcome::Undetermined; units],
            };
            outcomes.insert(rule.id.as_str(), all);
        }
        outcomes
    }

    /// Names that a rule's condition uses, in the order of the alphabet.
    pub fn names_of(&self, rule: &str) -> Vec<String> {
        self.expressions.get(rule).map(names_in).unwrap_or_default()
    }
}

fn names_in(expression: &Expr) -> Vec<String> {
    let names: BTreeSet<String> = expression.clone().meta().root_names().iter().map(ToString::to_string).collect();
    names.into_iter().collect()
}

/// Parses a condition and tries it on an empty table, so that wrong names and types show at load.
fn check_condition(rule: &Rule, framework: &Framework, source: &Source, problems: &mut Diagnostics) -> Option<Expr> {
    let refuse = |problems: &mut Diagnostics, message: String, help: String| {
        problems.push(
            Diagnostic::error("wrong-condition", message, source.at("/condition"))
                .rule("a condition is a true-or-false SQL expression over indicators, dimensions and `score`")
                .help(help),
        );
    };
    let expression = match sql_expr(&rule.condition) {
        Ok(expression) => expression,
        Err(error) => {
            refuse(problems, format!("the condition cannot be read: {error}"), "for example: event_rate >= 2 AND border_distance < 50".into());
            return None;
        }
    };
    let known = framework.names();
    let mut wrong = false;
    for name in names_in(&expression) {
        if !known.contains(name.as_str()) {
            wrong = true;
            refuse(problems, format!("unknown name `{name}` in the condition"), suggestion(&name, known.iter().copied()));
        }
    }
    if wrong {
        return None;
    }
    let columns: Vec<Column> = known.iter().map(|n| Column::new((*n).into(), vec![None::<f64>])).collect();
    let tried = DataFrame::new(1, columns).and_then(|f| f.lazy().select([expression.clone().alias("fires")]).collect());
    match tried {
        Err(error) => {
            refuse(problems, format!("the condition cannot be evaluated: {error}"), "compare names with numbers".into());
            None
        }
        Ok(frame) if frame.height() != 1 || frame.dtypes().first() != Some(&DataType::Boolean) => {
            refuse(problems, "the condition does not give one true or false per unit".into(), "compare names with numbers: =, <, <=, >, >=, AND, OR, NOT, IS NULL".into());
            None
        }
        Ok(_) => Some(expression),
    }
}

fn duplicate(id: &str, source: &Source) -> Diagnostic {
    Diagnostic::error("duplicate-id", format!("`{id}` occurs twice"), source.at("/id"))
        .rule("ids of rules and recommendations are unique")
        .help("rename one of them")
}
