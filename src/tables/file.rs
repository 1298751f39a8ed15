//! An index in one TOML file, for any table.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::coinr::{Loaded, group_column};
use super::compute::{Indicator, Model};
use super::sheet::Sheet;
use crate::diagnostics::{Diagnostic, Diagnostics, suggestion};
use crate::index::{Child, CoverageBy, Direction, Imputation, Node, Normalisation, Operator, Transform, Treatment, Tree, TreeProblem};
use crate::toml_file::Source;

/// An index over the columns of a table.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Index over a table, for `tukhum index`")]
pub struct IndexFile {
    pub version: String,
    /// Column with the units' names; each unit has one of its own.
    pub unit_column: String,
    /// Column with the groups for imputation by group.
    pub group_column: Option<String>,
    /// Id of the dimension at the top.
    pub root: String,
    /// The indicators, each a column of the table.
    pub indicator: Vec<IndexIndicator>,
    /// The dimensions, the top among them.
    pub dimension: Vec<IndexDimension>,
}

/// A column and how it becomes comparable.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndexIndicator {
    pub id: String,
    /// Column of the table, if it is not called like the indicator.
    pub column: Option<String>,
    /// Which end of the column means a higher index.
    pub direction: Direction,
    /// How gaps are filled; they stay gaps if this is left out.
    #[serde(default)]
    pub imputation: Imputation,
    /// Limits of the treatment of outliers; none if this is left out.
    pub treatment: Option<Treatment>,
    /// Applied before the normalisation.
    #[serde(default)]
    pub transform: Transform,
    pub normalisation: Normalisation,
}

/// A dimension: its children, how they are joined, and how many must be known.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndexDimension {
    pub id: String,
    pub operator: Operator,
    /// Share of the children that must be known, else the dimension is missing.
    #[serde(default)]
    pub minimum_coverage: f64,
    /// What that share is a share of.
    #[serde(default)]
    pub coverage_by: CoverageBy,
    pub child: Vec<IndexChild>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndexChild {
    /// An indicator or another dimension.
    pub id: String,
    pub weight: f64,
}

/// Checks a file against a table and makes a model of them; all problems are reported at once.
pub fn load(file: &IndexFile, source: &Source, data: &Sheet, problems: &mut Diagnostics) -> Option<Loaded> {
    let before = problems.errors();
    let place_of = |name: &str, at: &str, problems: &mut Diagnostics| {
        let found = data.column(name);
        if found.is_none() {
            problems.push(
                Diagnostic::error("missing-column", format!("{} has no column `{name}`", data.path), source.at(at))
                    .rule("the file names columns of the table")
                    .help(suggestion(name, data.header.iter().map(String::as_str))),
            );
        }
        found
    };
    let units = place_of(&file.unit_column, "/unit_column", problems).map(|c| data.keys(c, problems)).unwrap_or_default();
    if data.rows.is_empty() {
        problems.push(
            Diagnostic::error("no-units", "the table has no rows", crate::diagnostics::Place::file(data.path.clone()))
                .rule("the table has one row per unit")
                .help("add the units"),
        );
    }
    let groups = file
        .group_column
        .as_deref()
        .and_then(|name| place_of(name, "/group_column", problems))
        .map(|column| group_column(data, column))
        .unwrap_or_default();
    let (mut columns, mut indicators) = (Vec::new(), Vec::new());
    for (i, own) in file.indicator.iter().enumerate() {
        let at = format!("/indicator/{i}");
        let name = own.column.as_ref().unwrap_or(&own.id);
        if let Some(column) = place_of(name, &format!("{at}/{}", if own.column.is_some() { "column" } else { "id" }), problems) {
            columns.push(data.numbers(column, problems));
        }
        if matches!(own.imputation, Imputation::GroupMean | Imputation::GroupMedian) && file.group_column.is_none() {
            problems.push(
                Diagnostic::error("group", format!("`{}` is imputed by group, and no group_column is given", own.id), source.at(&format!("{at}/imputation")))
                    .rule("imputation by group needs to know the groups")
                    .help("add group_column = \"…\" at the top"),
            );
        }
        if matches!(own.imputation, Imputation::LastValue { .. }) {
            problems.push(
                Diagnostic::error("no-history", format!("`{}` is imputed by its last value, and one table has no earlier ones", own.id), source.at(&format!("{at}/imputation")))
                    .rule("a table holds one period")
                    .help("fill by mean or median, or leave the gap"),
            );
        }
        indicators.push(Indicator {
            id: own.id.clone(),
            direction: own.direction,
            imputation: own.imputation,
            treatment: own.treatment,
            transform: own.transform,
            normalisation: own.normalisation.clone(),
            at: source.at(&format!("{at}/id")),
        });
    }
    let tree = tree(file, source, problems);
    if problems.errors() > before {
        return None;
    }
    let model = Model { indicators, tree: tree?, levels: None, copeland_at_top: false, needs_positive: false };
    Some(Loaded { model, units, columns, groups })
}

fn tree(file: &IndexFile, source: &Source, problems: &mut Diagnostics) -> Option<Tree> {
    let before = problems.errors();
    let leaf = |id: &str| file.indicator.iter().position(|i| i.id == id);
    let node = |id: &str| file.dimension.iter().position(|d| d.id == id);
    let known = || file.indicator.iter().map(|i| i.id.as_str()).chain(file.dimension.iter().map(|d| d.id.as_str())).collect::<Vec<_>>();
    let mut nodes = Vec::new();
    for (n, own) in file.dimension.iter().enumerate() {
        let mut children = Vec::new();
        for (k, child) in own.child.iter().enumerate() {
            match leaf(&child.id).map(Child::Leaf).or_else(|| node(&child.id).map(Child::Node)) {
                Some(found) => children.push((found, child.weight)),
                None => problems.push(
                    Diagnostic::error("unknown-name", format!("unknown child `{}`", child.id), source.at(&format!("/dimension/{n}/child/{k}/id")))
                        .rule("a child is an indicator or a dimension of this file")
                        .help(suggestion(&child.id, known())),
                ),
            }
        }
        let mut made = Node::new(own.id.clone(), own.operator.clone(), own.minimum_coverage, children);
        made.coverage_by = own.coverage_by;
        nodes.push(made);
    }
    let Some(root) = node(&file.root) else {
        problems.push(
            Diagnostic::error("unknown-name", format!("unknown root `{}`", file.root), source.at("/root"))
                .rule("root names a dimension of this file")
                .help(suggestion(&file.root, file.dimension.iter().map(|d| d.id.as_str()).collect::<Vec<_>>())),
        );
        return None;
    };
    if problems.errors() > before {
        return None;
    }
    match Tree::new(file.indicator.iter().map(|i| i.id.clone()).collect(), nodes, root) {
        Ok(tree) => Some(tree),
        Err(found) => {
            for problem in found {
                let at = match &problem {
                    TreeProblem::Weight { node: id, .. }
                    | TreeProblem::WeightSum { node: id, .. }
                    | TreeProblem::Coverage { node: id, .. }
                    | TreeProblem::Operator { node: id, .. }
                    | TreeProblem::NoChildren { node: id }
                    | TreeProblem::Cycle { node: id } => node(id).map(|n| format!("/dimension/{n}/id")),
                    TreeProblem::NotReached { id } | TreeProblem::DuplicateId { id } => {
                        leaf(id).map(|i| format!("/indicator/{i}/id")).or_else(|| node(id).map(|n| format!("/dimension/{n}/id")))
                    }
                    _ => None,
                };
                problems.push(
                    Diagnostic::error("tree", problem.to_string(), source.at(at.as_deref().unwrap_or("/root")))
                        .rule("the tree reaches every indicator and dimension exactly once from its root, with usable weights")
                        .help("mend the entry shown"),
                );
            }
            None
        }
    }
}
