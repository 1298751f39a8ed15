//! What the page's script computes with: trees, scores of the leaves, class edges, words.

use std::collections::BTreeMap;

use serde::Serialize;

use super::clean::cleaned;
use super::shortened;
use crate::report::model::{Card, FrameworkForm, NodeForm, RankingTable, Report};
use crate::text::{Language, Text, label};

/// Words of the script by their names there.
const WORDS: &[(&str, &str)] = &[
    ("filter", "filter"),
    ("class", "class"),
    ("all_classes", "all_classes"),
    ("shown", "shown"),
    ("try_weights", "try_weights"),
    ("weights_note", "weights_note"),
    ("as_analysts", "as_analysts"),
    ("with_weights", "with_weights"),
    ("moved", "units_moved"),
    ("link", "link_weights"),
    ("copied", "link_copied"),
    ("save", "save_weights"),
    ("no_weight_left", "no_weight_left"),
    ("open_all", "open_all"),
    ("close_all", "close_all"),
    ("rank", "rank"),
    ("score", "score"),
    ("colon", "colon"),
];

#[derive(Serialize)]
struct Data<'a> {
    language: Language,
    as_of: &'a str,
    seed: u64,
    classes: Vec<Class<'a>>,
    kinds: BTreeMap<&'a str, Form<'a>>,
    words: BTreeMap<&'a str, String>,
}

#[derive(Serialize)]
struct Class<'a> {
    id: &'a str,
    label: &'a str,
    /// Lower edge; none for the lowest class.
    at: Option<f64>,
}

#[derive(Serialize)]
struct Form<'a> {
    root: &'a str,
    nodes: &'a [NodeForm],
    leaves: Vec<&'a str>,
    labels: BTreeMap<&'a str, String>,
    units: Vec<Unit<'a>>,
}

#[derive(Serialize)]
struct Unit<'a> {
    id: &'a str,
    name: String,
    rank: Option<usize>,
    class: Option<&'a str>,
    /// Scores of the leaves, unrounded.
    scores: Vec<Option<f64>>,
}

/// The data as JSON that may stand inside a script element. Rankings with more rows than `most` are left out: ranks
/// need every unit.
pub fn embedded(report: &Report, language: Language, most: usize) -> Result<String, serde_json::Error> {
    let scores = scores(report);
    let table = |kind: &str| report.rankings.iter().find(|t| t.kind == kind && t.rows.len() <= most);
    let kinds = report.frameworks.iter().filter_map(|f| Some((f.kind.as_str(), form(report, f, table(&f.kind)?, &scores, language)))).collect();
    let data = Data {
        language,
        as_of: &report.as_of,
        seed: report.method.seed,
        classes: report.method.classes.iter().map(|c| Class { id: &c.id, label: c.label.get(language), at: c.at_or_above }).collect(),
        kinds,
        words: WORDS.iter().map(|(name, key)| (*name, label(key).get(language).to_owned())).collect(),
    };
    // No `<` is left that could close the element or open a comment.
    Ok(serde_json::to_string(&data)?.replace('<', "\\u003c"))
}

type Scores<'a> = BTreeMap<&'a str, BTreeMap<&'a str, f64>>;

fn scores<'a>(report: &'a Report) -> Scores<'a> {
    let of_card = |c: &'a Card| c.indicators.iter().filter_map(|i| Some((i.id.as_str(), i.score?))).collect();
    report.cards.iter().map(|c| (c.unit.as_str(), of_card(c))).collect()
}

fn form<'a>(report: &'a Report, form: &'a FrameworkForm, table: &'a RankingTable, scores: &Scores<'_>, language: Language) -> Form<'a> {
    let leaves: Vec<&str> = form.indicators.iter().map(|i| i.id.as_str()).collect();
    let word = |text: &Text| shortened(&cleaned(text.get(language)));
    let mut labels: BTreeMap<&str, String> = table.indicators.iter().map(|i| (i.id.as_str(), word(&i.label))).collect();
    // The method names every dimension, in the order of the nodes.
    let named = report.method.trees.iter().filter(|t| t.kind == form.kind).zip(&form.nodes);
    labels.extend(named.map(|(tree, node)| (node.id.as_str(), word(&tree.dimension))));
    let units = table
        .rows
        .iter()
        .map(|row| Unit {
            id: &row.unit,
            name: word(&row.name),
            rank: row.rank,
            class: row.class.as_deref(),
            scores: leaves.iter().map(|leaf| scores.get(row.unit.as_str())?.get(leaf).copied()).collect(),
        })
        .collect();
    Form { root: &form.root, nodes: &form.nodes, leaves, labels, units }
}
