//! What would change if a raw value of one unit or a weight were another.

use serde::Serialize;

use super::weights::{UnitMoved, moved};
use crate::diagnostics::{Diagnostic, Diagnostics, Place, suggestion};
use crate::edition::{Ranking, Scored};
use crate::framework::Framework;
use crate::index::{Child, Tree, rank};

/// One change that a question supposes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Supposed {
    /// The unit's raw value of an indicator; none takes the value away.
    Value { indicator: String, before: Option<f64>, after: Option<f64>, score_before: Option<f64>, score_after: Option<f64> },
    /// The nominal weight of an indicator or dimension within its dimension.
    Weight { child: String, dimension: String, before: f64, after: f64 },
}

/// A unit before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    pub score: Option<f64>,
    pub class: Option<String>,
    pub rank: Option<usize>,
    /// Scores if everything missing were harmless, or as bad as can be.
    pub best: f64,
    pub worst: f64,
    /// Score of each dimension, in the order of the tree.
    pub dimensions: Vec<Option<f64>>,
}

/// What a set of supposed changes does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WhatIf {
    pub unit: String,
    pub supposed: Vec<Supposed>,
    pub before: Standing,
    pub after: Standing,
    /// Ids of the dimensions.
    pub dimensions: Vec<String>,
    /// Other units whose rank or class changes, the longest way first.
    pub others: Vec<UnitMoved>,
    /// Units with a rank, before and after.
    pub ranked: [usize; 2],
}

/// A raw value that means "take it away".
const MISSING: &str = "missing";

/// Prefix of a supposed weight.
const WEIGHT: &str = "weight.";

/// Scores and ranks all units again under the supposed changes.
///
/// # Formula
/// That of the framework. `indicator=value` replaces the raw value of `unit` alone; `weight.ID=w`
/// replaces the nominal weight of `ID` in its dimension for all units, its siblings keeping theirs.
///
/// # Missing and degenerate values
/// `indicator=missing` takes a value away: it drops out, and the unit may lose its score.
///
/// # Errors
/// Every change that names nothing, has no number, comes twice, or leaves a dimension without weight.
pub fn what_if(ranking: &Ranking<'_>, unit: &Scored<'_>, changes: &[String]) -> Result<WhatIf, Diagnostics> {
    let framework = ranking.framework;
    let mut rows = ranking.rows();
    let place = ranking.units.iter().position(|u| u.unit.id() == unit.unit.id()).unwrap_or_default();
    let mut weights = framework.tree.weights().to_vec();
    let mut supposed: Vec<Supposed> = Vec::new();
    let mut problems = Diagnostics::default();
    let mut seen: Vec<&str> = Vec::new();
    if changes.is_empty() {
        problems.push(
            Diagnostic::error("nothing-supposed", "no change is given", Place::Argument)
                .rule("a question supposes at least one change")
                .help("write indicator=value or weight.ID=w, for example early_warning=3"),
        );
    }
    for text in changes {
        let Some((name, value)) = text.split_once('=').map(|(n, v)| (n.trim(), v.trim())) else {
            problems.push(
                Diagnostic::error("wrong-change", format!("`{text}` has no `=`"), Place::Argument)
                    .rule("a change is written name=value, without blanks around `=`")
                    .help("for example early_warning=3 or weight.threat=0.6"),
            );
            continue;
        };
        if seen.contains(&name) {
            problems.push(
                Diagnostic::error("named-twice", format!("`{name}` is changed twice"), Place::Argument)
                    .rule("each value or weight is changed once")
                    .help("keep one of them"),
            );
            continue;
        }
        seen.push(name);
        let outcome = match name.strip_prefix(WEIGHT) {
            Some(child) => suppose_weight(framework, child, value, &mut weights),
            None => suppose_value(framework, unit, name, value, rows.get_mut(place)),
        };
        match outcome {
            Ok(change) => supposed.push(change),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.has_errors() {
        return Err(problems);
    }
    let tree = framework.tree.with_weights(&weights).map_err(|found| {
        let mut problems = Diagnostics::default();
        for problem in found {
            problems.push(
                Diagnostic::error("weights", problem.to_string(), Place::Argument)
                    .rule("weights are not negative and at least one of a dimension is positive")
                    .help("give another child of the dimension a weight"),
            );
        }
        problems
    })?;
    let before: Vec<Option<f64>> = ranking.units.iter().map(|u| u.score).collect();
    let after: Vec<Option<f64>> = rows.iter().map(|row| tree.evaluate(row).root).collect();
    let standing = |tree: &Tree, scores: &[Option<f64>], row: &[Option<f64>]| {
        let score = scores.get(place).copied().flatten();
        let (best, worst) = tree.bounds(row);
        Standing {
            score,
            class: score.map(|s| framework.classes.name_of(s).to_owned()),
            rank: rank(scores).get(place).copied().flatten(),
            best,
            worst,
            dimensions: tree.evaluate(row).values,
        }
    };
    Ok(WhatIf {
        unit: unit.unit.id().into(),
        supposed,
        before: standing(&framework.tree, &before, &unit.scores),
        after: standing(&tree, &after, rows.get(place).map(Vec::as_slice).unwrap_or_default()),
        dimensions: framework.dimensions.iter().map(|d| d.id.clone()).collect(),
        ranked: [&before, &after].map(|scores| scores.iter().flatten().count()),
        others: moved(ranking, &[before, after]).into_iter().filter(|m| m.unit != unit.unit.id()).collect(),
    })
}

fn suppose_value(
    framework: &Framework,
    unit: &Scored<'_>,
    name: &str,
    value: &str,
    row: Option<&mut Vec<Option<f64>>>,
) -> Result<Supposed, Diagnostic> {
    let Some(leaf) = framework.tree.leaf(name) else {
        let known = framework.tree.leaves().iter().map(String::as_str);
        let dimension = framework.tree.node(name).is_some();
        let message = if dimension { format!("`{name}` is a dimension; it has no raw value") } else { format!("unknown indicator `{name}`") };
        let help = if dimension { format!("change one of its indicators, or weight.{name}") } else { suggestion(name, known) };
        return Err(Diagnostic::error("unknown-name", message, Place::Argument)
            .rule(format!("a change names an indicator of the {}, or weight.ID", framework.kind.name()))
            .help(help));
    };
    let after = if value == MISSING { None } else { Some(number(name, value)?) };
    let score_after = framework.indicators.get(leaf).and_then(|i| after.map(|raw| i.score(raw)));
    if let Some(slot) = row.and_then(|row| row.get_mut(leaf)) {
        *slot = score_after;
    }
    Ok(Supposed::Value {
        indicator: name.into(),
        before: unit.readings.get(leaf).and_then(|r| r.value),
        after,
        score_before: unit.scores.get(leaf).copied().flatten(),
        score_after,
    })
}

fn suppose_weight(framework: &Framework, child: &str, value: &str, weights: &mut [f64]) -> Result<Supposed, Diagnostic> {
    let tree = &framework.tree;
    let place = tree.leaf(child).map(Child::Leaf).or_else(|| tree.node(child).map(Child::Node));
    let found = place.and_then(|place| {
        tree.nodes().iter().enumerate().find_map(|(n, node)| {
            let k = node.children.iter().position(|(c, _)| *c == place)?;
            Some((&node.id, tree.edges(n).start + k))
        })
    });
    let Some((dimension, edge)) = found else {
        let known: Vec<&str> = tree.leaves().iter().map(String::as_str).chain(tree.nodes().iter().map(|n| n.id.as_str())).collect();
        let root = place.is_some();
        let message = if root { format!("`{child}` is the top and has no weight") } else { format!("nothing is called `{child}`") };
        return Err(Diagnostic::error("unknown-name", message, Place::Argument)
            .rule("weight.ID names an indicator or a dimension below the top")
            .help(if root { "change the weight of one of its children".into() } else { suggestion(child, known) }));
    };
    let after = number(&format!("{WEIGHT}{child}"), value)?;
    if after < 0.0 {
        return Err(Diagnostic::error("weight-negative", format!("the weight of `{child}` is {after}"), Place::Argument)
            .rule("weights are not negative")
            .help("write 0 to leave it out"));
    }
    let before = weights.get(edge).copied().unwrap_or_default();
    if let Some(slot) = weights.get_mut(edge) {
        *slot = after;
    }
    Ok(Supposed::Weight { child: child.into(), dimension: dimension.clone(), before, after })
}

fn number(name: &str, value: &str) -> Result<f64, Diagnostic> {
    value.parse::<f64>().ok().filter(|x| x.is_finite()).ok_or_else(|| {
        Diagnostic::error("not-a-number", format!("`{value}` of `{name}` is not a number"), Place::Argument)
            .rule("values are finite numbers with a decimal point, and `missing` takes a raw value away")
            .help(format!("write {name}=2.5"))
    })
}
