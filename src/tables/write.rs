//! The files of a computed index.

use std::collections::BTreeMap;

use super::compute::{Computed, Model};
use crate::index::Child;

/// `treated.csv`, `normalised.csv`, `scores.csv`, `ranks.csv`, `weights.csv` and `changes.csv`.
///
/// Numbers carry full precision, so that they read back to the same value; empty is missing. `key` is
/// the name of the column of units.
pub fn files(model: &Model, computed: &Computed, key: &str) -> BTreeMap<String, String> {
    let leaves: Vec<&str> = model.tree.leaves().iter().map(String::as_str).collect();
    let nodes: Vec<&str> = model.tree.nodes().iter().map(|n| n.id.as_str()).collect();
    let ranks: Vec<Vec<Option<f64>>> = computed.ranks.iter().map(|c| c.iter().map(|r| r.map(|r| r as f64)).collect()).collect();
    BTreeMap::from([
        ("treated.csv".into(), table(key, &computed.units, &leaves, &computed.treated)),
        ("normalised.csv".into(), table(key, &computed.units, &leaves, &computed.normalised)),
        ("scores.csv".into(), table(key, &computed.units, &nodes, &computed.scores)),
        ("ranks.csv".into(), table(key, &computed.units, &nodes, &ranks)),
        ("weights.csv".into(), weights(model)),
        ("changes.csv".into(), changes(computed, key)),
    ])
}

/// Everything as JSON.
pub fn json(model: &Model, computed: &Computed) -> serde_json::Value {
    let leaves = model.tree.leaves();
    let by_name = |columns: &[Vec<Option<f64>>], names: Vec<&String>, unit: usize| -> BTreeMap<String, Option<f64>> {
        names.into_iter().cloned().zip(columns.iter().map(|c| c.get(unit).copied().flatten())).collect()
    };
    let nodes: Vec<&String> = model.tree.nodes().iter().map(|n| &n.id).collect();
    let units: Vec<_> = computed
        .units
        .iter()
        .enumerate()
        .map(|(i, unit)| {
            let ranks: BTreeMap<&String, Option<usize>> = nodes.iter().copied().zip(computed.ranks.iter().map(|c| c.get(i).copied().flatten())).collect();
            serde_json::json!({
                "unit": unit,
                "treated": by_name(&computed.treated, leaves.iter().collect(), i),
                "normalised": by_name(&computed.normalised, leaves.iter().collect(), i),
                "scores": by_name(&computed.scores, nodes.clone(), i),
                "ranks": ranks,
            })
        })
        .collect();
    let weights: Vec<_> = weight_rows(model)
        .into_iter()
        .map(|w| serde_json::json!({ "id": w.id, "parent": w.parent, "weight": w.weight, "nominal": w.nominal, "effective": w.effective }))
        .collect();
    serde_json::json!({ "format": "tukhum-index/1", "root": nodes.get(model.tree.root()), "units": units, "weights": weights, "changes": computed.changes })
}

fn table(key: &str, units: &[String], names: &[&str], columns: &[Vec<Option<f64>>]) -> String {
    let mut rows = vec![std::iter::once(key.to_owned()).chain(names.iter().map(|n| (*n).to_owned())).collect::<Vec<_>>()];
    for (i, unit) in units.iter().enumerate() {
        let cells = columns.iter().map(|c| c.get(i).copied().flatten().map(|x| x.to_string()).unwrap_or_default());
        rows.push(std::iter::once(unit.clone()).chain(cells).collect());
    }
    text(rows)
}

struct WeightRow {
    id: String,
    level: Option<u32>,
    parent: String,
    weight: f64,
    nominal: f64,
    effective: f64,
}

fn weight_rows(model: &Model) -> Vec<WeightRow> {
    let tree = &model.tree;
    let (of_nodes, of_leaves) = tree.node_and_leaf_weights();
    let level = |child: Child| {
        let (nodes, leaves) = model.levels.as_ref()?;
        match child {
            Child::Node(i) => nodes.get(i).copied(),
            Child::Leaf(i) => leaves.get(i).copied(),
        }
    };
    let parent = |child: Child| {
        tree.nodes().iter().find_map(|n| {
            let total: f64 = n.children.iter().map(|(_, w)| w).sum();
            n.children.iter().find(|(c, _)| *c == child).map(|(_, w)| (n.id.clone(), *w, w / total))
        })
    };
    let leaves = (0..tree.leaves().len()).map(Child::Leaf);
    leaves
        .chain((0..tree.nodes().len()).map(Child::Node))
        .map(|child| {
            let (parent, weight, nominal) = parent(child).unwrap_or((String::new(), 1.0, 1.0));
            let effective = match child {
                Child::Node(i) => of_nodes.get(i),
                Child::Leaf(i) => of_leaves.get(i),
            };
            WeightRow { id: tree.child_id(child).to_owned(), level: level(child), parent, weight, nominal, effective: effective.copied().unwrap_or_default() }
        })
        .collect()
}

fn weights(model: &Model) -> String {
    let mut rows = vec![["iCode", "Level", "Parent", "Weight", "NominalWeight", "EffWeight"].map(str::to_owned).to_vec()];
    for w in weight_rows(model) {
        let level = w.level.map(|l| l.to_string()).unwrap_or_default();
        rows.push(vec![w.id, level, w.parent, w.weight.to_string(), w.nominal.to_string(), w.effective.to_string()]);
    }
    text(rows)
}

fn changes(computed: &Computed, key: &str) -> String {
    let mut rows = vec![[key, "iCode", "Step", "Before", "After"].map(str::to_owned).to_vec()];
    for c in &computed.changes {
        let before = c.before.map(|x| x.to_string()).unwrap_or_default();
        rows.push(vec![c.unit.clone(), c.indicator.clone(), c.step.name().into(), before, c.after.to_string()]);
    }
    text(rows)
}

/// Rows as CSV. A name that a spreadsheet would take for a formula gets an apostrophe in front.
fn text(rows: Vec<Vec<String>>) -> String {
    let safe = |cell: &String| {
        let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
        if formula { format!("'{cell}") } else { cell.clone() }
    };
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    for row in rows {
        // Writing to memory does not fail, and rows have one length.
        let _ = out.write_record(row.iter().map(safe));
    }
    out.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}
