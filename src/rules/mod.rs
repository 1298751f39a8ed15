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
use crate::framework::{Cited, UnitKind};
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
    ///
    /// `names` are those that conditions may use, `themes` those of status facts; what is not known is not held
    /// against a rule.
    pub fn load(workspace: &Workspace, names: &BTreeMap<UnitKind, BTreeSet<String>>, themes: &BTreeSet<&str>, problems: &mut Diagnostics) -> Self {
        let mut rules = Self::default();
        let mut paths: BTreeMap<String, String> = BTreeMap::new();
        for (path, bytes) in workspace.below("indicators/recommendations/").filter(|(p, _)| p.ends_with(".toml")) {
            let Some((file, source)) = toml_file::read::<Recommendation>(path, bytes, problems) else { continue };
            if let Some(first) = paths.insert(file.id.clone(), path.into()) {
                problems.push(duplicate("recommendation", &file.id, &first, &source));
            }
            rules.recommendations.insert(file.id.clone(), file);
        }
        paths.clear();
        for (path, bytes) in workspace.below("indicators/rules/").filter(|(p, _)| p.ends_with(".toml")) {
            let Some((rule, source)) = toml_file::read::<Rule>(path, bytes, problems) else { continue };
            if let Some(first) = paths.insert(rule.id.clone(), path.into()) {
                problems.push(duplicate("rule", &rule.id, &first, &source));
            }
            if !rules.recommendations.contains_key(&rule.recommendation) {
                problems.push(
                    Diagnostic::error("unknown-name", format!("unknown recommendation `{}`", rule.recommendation), source.at("/recommendation"))
                        .rule("a rule triggers a recommendation of indicators/recommendations")
                        .help(suggestion(&rule.recommendation, rules.recommendations.keys().map(String::as_str))),
                );
            }
            for (i, theme) in rule.followed_up_by.iter().enumerate().filter(|(_, t)| !themes.is_empty() && !themes.contains(t.as_str())) {
                problems.push(
                    Diagnostic::error("unknown-name", format!("unknown theme `{theme}`"), source.at(&format!("/followed_up_by/{i}")))
                        .rule("follow-up is seen in status facts of a theme")
                        .help(suggestion(theme, themes.iter().copied())),
                );
            }
            if let Some(expression) = names.get(&rule.applies_to).and_then(|known| check_condition(&rule, known, &source, problems)) {
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
fn check_condition(rule: &Rule, known: &BTreeSet<String>, source: &Source, problems: &mut Diagnostics) -> Option<Expr> {
    let condition = rule.condition.as_str();
    let refuse = |problems: &mut Diagnostics, part: std::ops::Range<usize>, message: String, help: String| {
        problems.push(
            Diagnostic::error("wrong-condition", message, source.part("/condition", part))
                .rule("a condition is a true-or-false SQL expression over indicators, dimensions and `score`")
                .help(help),
        );
    };
    let whole = 0..condition.len();
    let expression = match sql_expr(condition) {
        Ok(expression) => expression,
        Err(error) => {
            let (part, why) = unreadable(condition).unwrap_or((whole, error.to_string()));
            refuse(problems, part, format!("the condition cannot be read: {why}"), "for example: event_rate >= 2 AND border_distance < 50".into());
            return None;
        }
    };
    let mut wrong = false;
    for name in names_in(&expression) {
        if !known.contains(&name) {
            wrong = true;
            let part = word(condition, &name).unwrap_or_else(|| whole.clone());
            refuse(problems, part, format!("unknown name `{name}` in the condition"), suggestion(&name, known.iter().map(String::as_str)));
        }
    }
    if wrong {
        return None;
    }
    let columns: Vec<Column> = known.iter().map(|n| Column::new(n.as_str().into(), vec![None::<f64>])).collect();
    let tried = DataFrame::new(1, columns).and_then(|f| f.lazy().select([expression.clone().alias("fires")]).collect());
    match tried {
        Err(error) => {
            refuse(problems, whole, format!("the condition cannot be evaluated: {error}"), "all values are numbers: compare names with numbers, without quotes".into());
            None
        }
        Ok(frame) if frame.height() != 1 || frame.dtypes().first() != Some(&DataType::Boolean) => {
            refuse(problems, whole, "the condition does not give one true or false per unit".into(), "compare names with numbers: =, <, <=, >, >=, AND, OR, NOT, IS NULL".into());
            None
        }
        Ok(_) => Some(expression),
    }
}

/// The place in a condition that stops the parser, and why: only a whole query is refused with a place.
fn unreadable(condition: &str) -> Option<(std::ops::Range<usize>, String)> {
    const BEFORE: &str = "SELECT ";
    let error = polars::sql::SQLContext::new().execute(&format!("{BEFORE}{condition}")).err()?.to_string();
    let why = |text: &str| text.rsplit_once("Expected: ").map_or_else(|| text.to_owned(), |(_, expected)| format!("expected {expected}"));
    let Some((text, place)) = error.rsplit_once(" at Line: 1, Column: ") else {
        let (text, _) = error.rsplit_once(", found: EOF")?;
        return Some((condition.char_indices().next_back()?.0..condition.len(), format!("{}, found the end", why(text))));
    };
    let column: usize = place.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()?;
    let start = condition.char_indices().map(|(i, _)| i).nth(column.checked_sub(BEFORE.len() + 1)?)?;
    let rest = condition.get(start..)?;
    let end = start + rest.find(|c: char| c.is_whitespace() || c == '(' || c == ')').filter(|n| *n > 0).unwrap_or(rest.chars().next()?.len_utf8());
    Some((start..end, why(text)))
}

/// Where a name stands in a condition as a whole word.
fn word(condition: &str, name: &str) -> Option<std::ops::Range<usize>> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let alone = |start: usize| {
        !condition[..start].ends_with(part) && !condition[start + name.len()..].starts_with(part)
    };
    condition.match_indices(name).map(|(start, _)| start).find(|start| alone(*start)).map(|start| start..start + name.len())
}

fn duplicate(what: &str, id: &str, first: &str, source: &Source) -> Diagnostic {
    Diagnostic::error("duplicate-id", format!("the {what} `{id}` is also in {first}"), source.at("/id"))
        .rule("ids of rules and of recommendations are unique")
        .help("rename one of them")
}
