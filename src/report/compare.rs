//! How far units moved between two editions, and how much of it is data, method or weights.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{FrameworkForm, Report};
use crate::index::change::{Edition, decompose};
use crate::index::{Child, CoverageBy, Node, Tree};
use crate::text::Text;

/// A unit in two editions.
///
/// # Formula
/// The Shapley value of three causes over the eight mixtures of editions (see
/// [`decompose`](crate::index::change::decompose)); the parts add up to the difference. Data is the
/// raw values, weights the weights, and method everything else in a framework: indicators, scoring,
/// operators, coverage rules. A child that one edition does not have keeps the other's weight.
///
/// # Missing and degenerate values
/// The parts are missing when a mixture has no score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Moved {
    pub unit: String,
    pub kind: String,
    pub name: Text,
    pub rank_before: Option<usize>,
    pub rank: Option<usize>,
    pub score_before: Option<f64>,
    pub score: Option<f64>,
    pub data: Option<f64>,
    pub method: Option<f64>,
    pub weights: Option<f64>,
}

/// Units whose rank or score differ, in the order of the later ranking; units that came or went have no parts.
pub fn compare(before: &Report, after: &Report) -> Vec<Moved> {
    let mut moved = Vec::new();
    for table in &after.rankings {
        let (old, new) = (form(before, &table.kind), form(after, &table.kind));
        let old_rows = before.rankings.iter().find(|t| t.kind == table.kind).map(|t| t.rows.as_slice()).unwrap_or_default();
        for row in &table.rows {
            let earlier = old_rows.iter().find(|r| r.unit == row.unit);
            let (rank_before, score_before) = earlier.map_or((None, None), |r| (r.rank, r.score));
            if row.rank == rank_before && row.score == score_before {
                continue;
            }
            let parts = old.zip(new).map(|(old, new)| parts(old, new, &values(before, &row.unit), &values(after, &row.unit)));
            let (data, method, weights) = parts.unwrap_or_default();
            moved.push(Moved {
                unit: row.unit.clone(),
                kind: table.kind.clone(),
                name: row.name.clone(),
                rank_before,
                rank: row.rank,
                score_before,
                score: row.score,
                data,
                method,
                weights,
            });
        }
        for gone in old_rows.iter().filter(|r| !table.rows.iter().any(|n| n.unit == r.unit)) {
            moved.push(Moved {
                unit: gone.unit.clone(),
                kind: table.kind.clone(),
                name: gone.name.clone(),
                rank_before: gone.rank,
                rank: None,
                score_before: gone.score,
                score: None,
                data: None,
                method: None,
                weights: None,
            });
        }
    }
    moved
}

type Values = BTreeMap<String, f64>;
type Weights = BTreeMap<(String, String), f64>;

fn form<'a>(report: &'a Report, kind: &str) -> Option<&'a FrameworkForm> {
    report.frameworks.iter().find(|f| f.kind == kind)
}

fn values(report: &Report, unit: &str) -> Values {
    let card = report.cards.iter().find(|c| c.unit == unit);
    card.into_iter().flat_map(|c| &c.indicators).filter_map(|i| Some((i.id.clone(), i.raw?))).collect()
}

fn weights_of(form: &FrameworkForm) -> Weights {
    form.nodes.iter().flat_map(|n| n.children.iter().map(|(c, w)| ((n.id.clone(), c.clone()), *w))).collect()
}

fn parts(old: &FrameworkForm, new: &FrameworkForm, before: &Values, after: &Values) -> (Option<f64>, Option<f64>, Option<f64>) {
    let weights = [weights_of(old), weights_of(new)];
    let change = decompose(|data, method, weight| {
        let raw = if data == Edition::After { after } else { before };
        let form = if method == Edition::After { new } else { old };
        score(form, raw, &weights[usize::from(weight == Edition::After)])
    });
    (change.map(|c| c.data), change.map(|c| c.method), change.map(|c| c.weights))
}

/// Score of raw values in a framework with given weights; weights it does not name stay its own.
fn score(form: &FrameworkForm, raw: &Values, weights: &Weights) -> Option<f64> {
    let leaves: Vec<String> = form.indicators.iter().map(|i| i.id.clone()).collect();
    let child = |id: &str| {
        let node = form.nodes.iter().position(|n| n.id == id).map(Child::Node);
        node.or_else(|| leaves.iter().position(|l| l == id).map(Child::Leaf))
    };
    let nodes = form
        .nodes
        .iter()
        .map(|n| {
            let children = n
                .children
                .iter()
                .filter_map(|(c, w)| Some((child(c)?, weights.get(&(n.id.clone(), c.clone())).copied().unwrap_or(*w))))
                .collect();
            Node { id: n.id.clone(), operator: n.operator.clone(), minimum_coverage: n.minimum_coverage, coverage_by: CoverageBy::default(), children }
        })
        .collect();
    let root = form.nodes.iter().position(|n| n.id == form.root)?;
    let tree = Tree::new(leaves.clone(), nodes, root).ok()?;
    let scores: Vec<Option<f64>> =
        form.indicators.iter().map(|i| Some(i.scoring.checked()?.of(*raw.get(&i.id)?, i.direction))).collect();
    tree.evaluate(&scores).root
}
