//! Named weight sets: other weights for the same tree, each with its method and rationale.
//!
//! The set of `framework.toml` is called `analysts`. Others are files in `indicators/<kind>/weights/`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostics::{Diagnostic, Diagnostics, Place, suggestion};
use crate::index::weights::critic::CriticError;
use crate::index::weights::entropy::EntropyError;
use crate::index::weights::{
    AhpError, MatchedError, MatchedOptions, PcaWeightsError, ahp, critic, entropy, equal, importance_matched, pca, shares, swing,
};
use crate::index::{Child, PcaError, Tree};
use crate::toml_file::{self, Source};
use crate::workspace::Workspace;

/// Name of the set that `framework.toml` holds.
pub const ANALYSTS: &str = "analysts";

/// Nominal weights by dimension and child.
pub type ByChild = BTreeMap<String, BTreeMap<String, f64>>;

/// A named set of weights.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Weight set of a tukhum framework")]
pub struct WeightSetFile {
    /// Name of the set; that of the file. `analysts` is the set of framework.toml.
    pub name: String,
    pub version: String,
    /// Why these weights.
    pub rationale: String,
    /// How the weights come about. Dimensions that a method leaves out keep the analysts' weights.
    pub method: WeightMethod,
}

/// How weights come about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum WeightMethod {
    /// Every child of a dimension weighs the same.
    Equal {},
    /// Weights as written, by dimension and child.
    Given { weights: ByChild },
    /// Pairwise comparisons of the children of a dimension.
    Ahp {
        /// Uses comparisons whose consistency ratio is above 0.1; they are refused otherwise.
        #[serde(default)]
        accept_inconsistency: bool,
        dimension: Vec<Comparisons>,
    },
    /// 100 points for the child whose swing from best to worst matters most, fewer for the others.
    Swing { points: ByChild },
    /// More weight the less evenly a child's scores are spread over the units.
    Entropy {
        /// Dimensions to weigh; all if left out.
        #[serde(default)]
        dimensions: Vec<String>,
    },
    /// Contrast within a child times its conflict with the others.
    Critic {
        /// Dimensions to weigh; all if left out.
        #[serde(default)]
        dimensions: Vec<String>,
    },
    /// Loadings of the first principal component; refused where one is negative.
    Pca {
        /// Dimensions to weigh; all if left out.
        #[serde(default)]
        dimensions: Vec<String>,
    },
    /// Weights under which each child's share of importance is its target. For dimensions that
    /// take the arithmetic mean.
    ImportanceMatched {
        /// Wanted shares by dimension and child; if left out, the analysts' weights of every
        /// arithmetic dimension.
        #[serde(default)]
        targets: ByChild,
    },
}

/// Pairwise comparisons of the children of one dimension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparisons {
    pub id: String,
    /// The dimension's children in the order of rows and columns.
    pub children: Vec<String>,
    /// Row i, column j: how many times more child i matters than child j, 1/9 to 9.
    pub comparisons: Vec<Vec<f64>>,
}

impl WeightMethod {
    /// The method's name as files write it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Equal {} => "equal",
            Self::Given { .. } => "given",
            Self::Ahp { .. } => "ahp",
            Self::Swing { .. } => "swing",
            Self::Entropy { .. } => "entropy",
            Self::Critic { .. } => "critic",
            Self::Pca { .. } => "pca",
            Self::ImportanceMatched { .. } => "importance_matched",
        }
    }

    /// Whether the weights depend on the units' scores, and so on the edition.
    pub fn needs_scores(&self) -> bool {
        matches!(self, Self::Entropy { .. } | Self::Critic { .. } | Self::Pca { .. } | Self::ImportanceMatched { .. })
    }
}

/// A checked set of weights for a tree.
#[derive(Clone, Debug)]
pub struct WeightSet {
    pub name: String,
    pub version: String,
    pub rationale: String,
    method: Option<(WeightMethod, Source)>,
}

/// Weights of a set, one per edge in the order of [`Tree::weights`].
#[derive(Clone, Debug, PartialEq)]
pub struct SetWeights {
    pub weights: Vec<f64>,
    /// What a reader should know: consistency, variance explained, dimensions left as they were.
    pub notes: Vec<String>,
}

/// A dimension's own weights from a method, with what is to be said of them.
type OfDimension = (Vec<f64>, Option<String>);

impl WeightSet {
    /// The set of `framework.toml`.
    pub fn analysts(version: &str) -> Self {
        Self { name: ANALYSTS.into(), version: version.into(), rationale: "Each weight has its own in framework.toml.".into(), method: None }
    }

    /// Name of the method.
    pub fn method(&self) -> &'static str {
        self.method.as_ref().map_or("given", |(method, _)| method.name())
    }

    /// Weights of the set.
    ///
    /// # Formula
    /// That of the method, dimension by dimension, children before parents: a method that looks at
    /// scores sees the children's scores under the set's own weights below them.
    ///
    /// # Units and shape
    /// `rows` holds one list of leaf scores per unit.
    ///
    /// # Missing and degenerate values
    /// A dimension with one child leaves it its weight. Dimensions that the method does not name keep
    /// the analysts' weights, and a note says so.
    ///
    /// # Errors
    /// All dimensions that the method has no weights for, for instance because too few units have
    /// all values, or because a principal component loads negatively.
    pub fn weights(&self, tree: &Tree, rows: &[Vec<Option<f64>>]) -> Result<SetWeights, Diagnostics> {
        let mut weights = tree.weights().to_vec();
        let mut notes = Vec::new();
        let Some((method, source)) = &self.method else { return Ok(SetWeights { weights, notes }) };
        let mut problems = Diagnostics::default();
        let mut kept = Vec::new();
        let mut current = tree.clone();
        for &n in tree.order() {
            let Some(node) = tree.nodes().get(n) else { continue };
            let children: Vec<&str> = node.children.iter().map(|(c, _)| tree.child_id(*c)).collect();
            if !method.covers(tree, n) {
                kept.push(node.id.as_str());
                continue;
            }
            let columns = || columns(&current, rows, n);
            match method.of_dimension(&node.id, &children, &node.children, columns) {
                Ok((own, note)) => {
                    if let Some(slots) = weights.get_mut(tree.edges(n)) {
                        slots.copy_from_slice(&own);
                    }
                    notes.extend(note.map(|note| format!("{}: {note}", node.id)));
                    if let Ok(with) = tree.with_weights(&weights) {
                        current = with;
                    }
                }
                Err(message) => problems.push(
                    Diagnostic::error("no-weights", format!("no {} weights for `{}`: {message}", method.name(), node.id), source.at("/method"))
                        .rule("a method gives weights of 0 or above for every dimension that it is asked for")
                        .help("leave the dimension out, mend the data, or take another method"),
                ),
            }
        }
        if problems.has_errors() {
            return Err(problems);
        }
        if !kept.is_empty() {
            kept.sort_unstable();
            notes.push(format!("{} keep the analysts' weights", kept.join(", ")));
        }
        Ok(SetWeights { weights, notes })
    }

    /// Reads `indicators/<kind>/weights/`; the analysts' set comes first.
    pub fn load(workspace: &Workspace, folder: &str, tree: Option<&Tree>, version: &str, problems: &mut Diagnostics) -> Vec<Self> {
        let mut sets = vec![Self::analysts(version)];
        for (path, bytes) in workspace.below(folder) {
            if !path.ends_with(".toml") {
                continue;
            }
            let Some((file, source)) = toml_file::read::<WeightSetFile>(path, bytes, problems) else { continue };
            let stem = path.trim_start_matches(folder).trim_end_matches(".toml");
            if file.name != stem {
                problems.push(
                    Diagnostic::error("set-name", format!("the set `{}` is in the file {stem}.toml", file.name), source.at("/name"))
                        .rule("a weight set is called like its file")
                        .help(format!("set name = \"{stem}\", or rename the file")),
                );
            } else if file.name == ANALYSTS {
                problems.push(
                    Diagnostic::error("set-name", "`analysts` is the set of framework.toml", source.at("/name"))
                        .rule("names of weight sets are unique, and analysts is taken")
                        .help("rename the file and the set"),
                );
            }
            if let Some(tree) = tree {
                let before = problems.errors();
                file.method.check(tree, &source, problems);
                if problems.errors() == before {
                    sets.push(Self { name: file.name, version: file.version, rationale: file.rationale, method: Some((file.method, source)) });
                }
            }
        }
        sets
    }
}

/// One column per child of a node: the children's scores, unit by unit.
fn columns(tree: &Tree, rows: &[Vec<Option<f64>>], node: usize) -> Vec<Vec<Option<f64>>> {
    let Some(node) = tree.nodes().get(node) else { return Vec::new() };
    let values: Vec<Vec<Option<f64>>> = rows.iter().map(|row| tree.evaluate(row).values).collect();
    let value = |unit: usize, child: Child| match child {
        Child::Leaf(i) => rows.get(unit).and_then(|row| row.get(i).copied().flatten()),
        Child::Node(i) => values.get(unit).and_then(|v| v.get(i).copied().flatten()),
    };
    node.children.iter().map(|(child, _)| (0..rows.len()).map(|unit| value(unit, *child)).collect()).collect()
}

impl WeightMethod {
    /// Whether the method speaks of a node.
    fn covers(&self, tree: &Tree, node: usize) -> bool {
        let Some(node) = tree.nodes().get(node) else { return false };
        let named = |table: &ByChild| table.contains_key(&node.id);
        match self {
            Self::Equal {} => true,
            Self::Given { weights: table } | Self::Swing { points: table } => named(table),
            Self::Ahp { dimension, .. } => dimension.iter().any(|d| d.id == node.id),
            Self::Entropy { dimensions } | Self::Critic { dimensions } | Self::Pca { dimensions } => {
                dimensions.is_empty() || dimensions.contains(&node.id)
            }
            Self::ImportanceMatched { targets } if targets.is_empty() => node.operator.is_additive(),
            Self::ImportanceMatched { targets } => named(targets),
        }
    }

    /// Weights of the children of one dimension, in their order.
    fn of_dimension(
        &self,
        id: &str,
        children: &[&str],
        edges: &[(Child, f64)],
        columns: impl Fn() -> Vec<Vec<Option<f64>>>,
    ) -> Result<OfDimension, String> {
        let listed = |table: &ByChild| -> Vec<f64> {
            let own = table.get(id);
            children.iter().map(|c| own.and_then(|own| own.get(*c)).copied().unwrap_or(0.0)).collect()
        };
        if self.needs_scores() && children.len() < 2 {
            return Ok((edges.iter().map(|(_, w)| *w).collect(), Some("one child, whatever the method".into())));
        }
        match self {
            Self::Equal {} => Ok((equal(children.len()), None)),
            Self::Given { weights } => shares(&listed(weights)).map(|w| (w, None)).map_err(|e| e.to_string()),
            Self::Swing { points } => swing(&listed(points)).map(|w| (w, None)).map_err(|e| e.to_string()),
            Self::Ahp { accept_inconsistency, dimension } => {
                let Some(own) = dimension.iter().find(|d| d.id == id) else { return Err("no comparisons".into()) };
                let found = ahp(&own.comparisons, *accept_inconsistency).map_err(|e| e.to_string())?;
                let place = |child: &&str| own.children.iter().position(|c| c == child);
                let weights = children.iter().map(|c| place(c).and_then(|k| found.weights.get(k)).copied().unwrap_or(0.0)).collect();
                Ok((weights, Some(format!("consistency ratio {:.3}", found.consistency_ratio))))
            }
            Self::Entropy { .. } => entropy(&columns()).map(|w| (w, None)).map_err(|e| entropy_words(e, children)),
            Self::Critic { .. } => critic(&columns()).map(|w| (w, None)).map_err(|e| critic_words(e, children)),
            Self::Pca { .. } => {
                let (weights, found) = pca(&columns()).map_err(|e| pca_words(&e, children))?;
                let share = found.explained.first().copied().unwrap_or_default() * 100.0;
                Ok((weights, Some(format!("the first component explains {share:.0} % of the variance of {} units without gaps", found.rows))))
            }
            Self::ImportanceMatched { targets } => {
                let wanted = if targets.is_empty() { edges.iter().map(|(_, w)| *w).collect() } else { listed(targets) };
                match importance_matched(&columns(), &wanted, MatchedOptions::default()) {
                    Ok(found) => Ok((found.weights, Some(format!("matched to {:.0e} in {} rounds", found.largest_difference, found.rounds)))),
                    Err(MatchedError::Target { place, target }) => {
                        Err(format!("the target of {} is {target}; it must be a number above 0", name(children, place)))
                    }
                    Err(error) => Err(error.to_string()),
                }
            }
        }
    }

    /// Reports everything that can be wrong without looking at scores.
    fn check(&self, tree: &Tree, source: &Source, problems: &mut Diagnostics) {
        let before = problems.errors();
        match self {
            Self::Equal {} => {}
            Self::Given { weights: table } => check_table(table, "/method/weights", tree, source, problems),
            Self::Swing { points: table } => check_table(table, "/method/points", tree, source, problems),
            Self::ImportanceMatched { targets } => {
                check_table(targets, "/method/targets", tree, source, problems);
                for id in targets.keys() {
                    let operator = tree.node(id).and_then(|n| tree.nodes().get(n)).map(|n| &n.operator);
                    if operator.is_some_and(|o| !o.is_additive()) {
                        problems.push(
                            Diagnostic::error("not-arithmetic", format!("`{id}` does not take the arithmetic mean"), source.at(&format!("/method/targets/{id}")))
                                .rule("importance is matched for weighted arithmetic means")
                                .help("leave the dimension out, or give its weights"),
                        );
                    }
                }
            }
            Self::Entropy { dimensions } | Self::Critic { dimensions } | Self::Pca { dimensions } => {
                for (i, id) in dimensions.iter().enumerate() {
                    known_dimension(id, &source.at(&format!("/method/dimensions/{i}")), tree, problems);
                }
            }
            Self::Ahp { accept_inconsistency, dimension } => {
                for (i, own) in dimension.iter().enumerate() {
                    check_comparisons(own, *accept_inconsistency, &format!("/method/dimension/{i}"), tree, source, problems);
                }
            }
        }
        // What does not need scores can be computed at once.
        if !self.needs_scores() && problems.errors() == before {
            for node in tree.nodes().iter().enumerate().filter(|(n, _)| self.covers(tree, *n)).map(|(_, node)| node) {
                let children: Vec<&str> = node.children.iter().map(|(c, _)| tree.child_id(*c)).collect();
                if let Err(message) = self.of_dimension(&node.id, &children, &node.children, Vec::new) {
                    problems.push(
                        Diagnostic::error("weights", format!("`{}`: {message}", node.id), self.place_of(&node.id, source))
                            .rule("weights are finite, not negative, and at least one of a dimension is above 0")
                            .help("mend the numbers of this dimension"),
                    );
                }
            }
        }
    }

    fn place_of(&self, id: &str, source: &Source) -> Place {
        match self {
            Self::Given { .. } => source.at(&format!("/method/weights/{id}")),
            Self::Swing { .. } => source.at(&format!("/method/points/{id}")),
            Self::Ahp { dimension, .. } => {
                let place = dimension.iter().position(|d| d.id == id).unwrap_or_default();
                source.at(&format!("/method/dimension/{place}/comparisons"))
            }
            _ => source.at("/method"),
        }
    }
}

/// A child by its place; the engine speaks of columns by number.
fn name(children: &[&str], place: usize) -> String {
    format!("`{}`", children.get(place).copied().unwrap_or_default())
}

fn entropy_words(error: EntropyError, children: &[&str]) -> String {
    match error {
        EntropyError::NoShares { column } => format!("{} has fewer than two values or only zeros", name(children, column)),
        EntropyError::Negative { column, value } => format!("{} has the score {value}, below 0", name(children, column)),
        EntropyError::AllEven => error.to_string(),
    }
}

fn critic_words(error: CriticError, children: &[&str]) -> String {
    match error {
        CriticError::Constant { column } => format!("{} is constant or empty", name(children, column)),
        CriticError::NoCorrelation { columns: (a, b) } => format!(
            "{} and {} have no correlation: too few units have both, or one is constant there",
            name(children, a),
            name(children, b)
        ),
        CriticError::NoConflict => error.to_string(),
    }
}

fn pca_words(error: &PcaWeightsError, children: &[&str]) -> String {
    match error {
        PcaWeightsError::Pca(PcaError::Constant { column }) => {
            format!("{} is constant over the units without gaps", name(children, *column))
        }
        PcaWeightsError::Pca(error) => error.to_string(),
        PcaWeightsError::NegativeLoadings { columns, loadings } => {
            let loads = |c: &usize| format!("{} ({:.3})", name(children, *c), loadings.get(*c).copied().unwrap_or_default());
            format!(
                "the first principal component loads negatively on {}: it contrasts children instead of adding them up, so it is no weighting",
                columns.iter().map(loads).collect::<Vec<_>>().join(", ")
            )
        }
    }
}

fn known_dimension(id: &str, place: &Place, tree: &Tree, problems: &mut Diagnostics) -> Option<usize> {
    let node = tree.node(id);
    if node.is_none() {
        problems.push(
            Diagnostic::error("unknown-name", format!("unknown dimension `{id}`"), place.clone())
                .rule("weights are given by dimension of framework.toml")
                .help(suggestion(id, tree.nodes().iter().map(|n| n.id.as_str()))),
        );
    }
    node
}

fn children_of(tree: &Tree, node: usize) -> Vec<&str> {
    tree.nodes().get(node).map(|n| n.children.iter().map(|(c, _)| tree.child_id(*c)).collect()).unwrap_or_default()
}

/// Every dimension is known, lists all its children and nothing else.
fn check_table(table: &ByChild, at: &str, tree: &Tree, source: &Source, problems: &mut Diagnostics) {
    for (id, own) in table {
        let place = format!("{at}/{id}");
        let Some(node) = known_dimension(id, &source.at(&place), tree, problems) else { continue };
        let children = children_of(tree, node);
        for child in own.keys().filter(|c| !children.contains(&c.as_str())) {
            problems.push(
                Diagnostic::error("unknown-name", format!("`{id}` has no child `{child}`"), source.at(&format!("{place}/{child}")))
                    .rule("weights are given to the children of their dimension")
                    .help(suggestion(child, children.iter().copied())),
            );
        }
        for (child, weight) in own.iter().filter(|(_, w)| !w.is_finite() || **w < 0.0) {
            problems.push(
                Diagnostic::error("weight-negative", format!("the number of `{child}` is {weight}"), source.at(&format!("{place}/{child}")))
                    .rule("weights, points and targets are not negative")
                    .help("write a number of 0 or above; `direction` of an indicator says which end is risky"),
            );
        }
        let missing: Vec<String> = children.iter().filter(|c| !own.contains_key(**c)).map(|c| format!("`{c}`")).collect();
        if !missing.is_empty() {
            problems.push(
                Diagnostic::error("missing-child", format!("`{id}` gives no weight to {}", missing.join(", ")), source.at(&place))
                    .rule("a dimension that a set names lists all its children")
                    .help("add them; a weight of 0 leaves a child out"),
            );
        }
    }
}

fn check_comparisons(own: &Comparisons, accept_inconsistency: bool, at: &str, tree: &Tree, source: &Source, problems: &mut Diagnostics) {
    let Some(node) = known_dimension(&own.id, &source.at(&format!("{at}/id")), tree, problems) else { return };
    let mut children = children_of(tree, node);
    let mut given: Vec<&str> = own.children.iter().map(String::as_str).collect();
    children.sort_unstable();
    given.sort_unstable();
    if children != given {
        problems.push(
            Diagnostic::error("children-differ", format!("`{}` compares {}", own.id, given.join(", ")), source.at(&format!("{at}/children")))
                .rule("comparisons name every child of the dimension once")
                .help(format!("list {}", children.join(", "))),
        );
        return;
    }
    if own.comparisons.len() != own.children.len() {
        problems.push(
            Diagnostic::error("not-square", format!("{} rows for {} children", own.comparisons.len(), own.children.len()), source.at(&format!("{at}/comparisons")))
                .rule("comparisons are a square, one row and one column per child")
                .help("add or remove rows"),
        );
        return;
    }
    let name = |k: &usize| own.children.get(*k).map_or_else(String::new, |c| format!("`{c}`"));
    let found = ahp(&own.comparisons, accept_inconsistency);
    let message = match &found {
        Ok(_) => return,
        Err(AhpError::Inconsistent { ratio }) => {
            problems.push(
                Diagnostic::error("inconsistent", format!("the comparisons of `{}` contradict each other: consistency ratio {ratio:.3}", own.id), source.at(&format!("{at}/comparisons")))
                    .rule("the consistency ratio is at most 0.1 (Saaty 1980), unless the set says otherwise")
                    .help("revise the comparisons, or write accept_inconsistency = true and say why in the rationale"),
            );
            return;
        }
        Err(AhpError::NotReciprocal { row, column, value, mirrored }) => {
            format!("{} over {} is {value} and the reverse is {mirrored}; one must be 1 over the other", name(row), name(column))
        }
        Err(AhpError::Entry { row, column, value }) => format!("{} over {} is {value}; it must be a number above 0", name(row), name(column)),
        Err(AhpError::Diagonal { row, value }) => format!("{} compared with itself is {value}; it must be 1", name(row)),
        Err(error) => error.to_string(),
    };
    let row = match &found {
        Err(AhpError::NotReciprocal { row, .. } | AhpError::Entry { row, .. } | AhpError::Diagonal { row, .. }) => format!("/{row}"),
        _ => String::new(),
    };
    problems.push(
        Diagnostic::error("comparisons", message, source.at(&format!("{at}/comparisons{row}")))
            .rule("comparisons are positive, 1 on the diagonal, and mirrored entries multiply to 1")
            .help("mend the entry; only the half above the diagonal is a judgement"),
    );
}
