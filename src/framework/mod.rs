//! The framework: what is measured, how it is scored, weighed and aggregated, and what counts as an attack.
//!
//! TOML text becomes a mirror of the file ([`file`]), is checked as a whole, and only then becomes
//! a [`Framework`], which cannot be invalid.

pub mod file;
pub mod weight_set;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::diagnostics::{Diagnostic, Diagnostics, Place, suggestion};
use crate::index::{Bands, Child, Classes, CoverageBy, Direction, Goalposts, Node, Tree, TreeProblem};
use crate::measures::{AnyMeasure, Attack};
use crate::text::{Day, Text};
use crate::toml_file::{self, Source};
use crate::workspace::Workspace;

pub use file::{Cited, Confidence, Step, Transform};
use file::{DimensionFile, FrameworkFile, IndicatorFile, Score, Scoring};
pub use weight_set::{SetWeights, WeightSet};

/// The kind of unit that a framework scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UnitKind {
    Provinces,
    Crossings,
}

impl UnitKind {
    pub const ALL: [Self; 2] = [Self::Provinces, Self::Crossings];

    pub fn name(self) -> &'static str {
        match self {
            Self::Provinces => "provinces",
            Self::Crossings => "crossings",
        }
    }
}

/// An indicator with its score.
#[derive(Clone, Debug, Serialize)]
pub struct Indicator {
    pub id: String,
    pub label: Text,
    pub definition: Text,
    pub unit_of_measurement: Text,
    pub direction: Direction,
    pub datasets: Vec<String>,
    pub asked_by: Vec<Cited>,
    pub valid_from: Day,
    pub measure: AnyMeasure,
    pub scoring: Scoring,
    #[serde(skip)]
    score: Score,
}

impl Indicator {
    /// Score of a raw value, 0 to 10, 10 = most risk.
    pub fn score(&self, raw: f64) -> f64 {
        self.score.of(raw, self.direction)
    }
}

/// A named group of indicators or of other dimensions.
#[derive(Clone, Debug, Serialize)]
pub struct Dimension {
    pub id: String,
    pub label: Text,
    pub rationale: BTreeMap<String, String>,
}

/// The tree of dimensions and indicators for one kind of unit.
#[derive(Clone, Debug)]
pub struct Framework {
    pub kind: UnitKind,
    pub version: String,
    pub label: Text,
    /// In the order of the tree's leaves.
    pub indicators: Vec<Indicator>,
    /// In the order of the tree's nodes.
    pub dimensions: Vec<Dimension>,
    pub tree: Tree,
    pub classes: Classes,
    pub class_labels: Vec<Text>,
    pub attack: Attack,
    pub confidence: Confidence,
    /// The analysts' set, then those of `weights/` by name.
    pub weight_sets: Vec<WeightSet>,
}

impl Framework {
    pub fn weight_set(&self, name: &str) -> Option<&WeightSet> {
        self.weight_sets.iter().find(|s| s.name == name)
    }

    pub fn indicator(&self, id: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|i| i.id == id)
    }

    pub fn dimension(&self, id: &str) -> Option<&Dimension> {
        self.dimensions.iter().find(|d| d.id == id)
    }

    /// The dimension right above an indicator.
    pub fn dimension_of(&self, leaf: usize) -> Option<&Dimension> {
        let node = self.tree.nodes().iter().position(|n| n.children.iter().any(|(c, _)| *c == Child::Leaf(leaf)))?;
        self.dimensions.get(node)
    }

    /// Names that rules may use: indicators, dimensions and `score`.
    pub fn names(&self) -> BTreeSet<&str> {
        self.indicators
            .iter()
            .map(|i| i.id.as_str())
            .chain(self.dimensions.iter().map(|d| d.id.as_str()))
            .chain(["score"])
            .collect()
    }

    /// Names that the files of a framework give, also when it is refused; none when one is no TOML or the tree is not there.
    pub fn written_names(workspace: &Workspace, kind: UnitKind) -> Option<BTreeSet<String>> {
        let mut names = BTreeSet::from(["score".to_owned()]);
        let folder = format!("indicators/{}/", kind.name());
        workspace.files.get(&format!("{folder}framework.toml"))?;
        for (_, bytes) in workspace.below(&folder).filter(|(path, _)| path.ends_with(".toml")) {
            let file: toml::Table = toml::from_str(std::str::from_utf8(bytes).ok()?).ok()?;
            let dimensions = file.get("dimension").and_then(|d| d.as_array()).into_iter().flatten();
            let ids = dimensions.filter_map(|d| d.get("id")).chain(file.get("id"));
            names.extend(ids.filter_map(|id| id.as_str()).map(str::to_owned));
        }
        Some(names)
    }

    /// Reads `indicators/<kind>/`.
    pub fn load(workspace: &Workspace, kind: UnitKind, known_datasets: &BTreeSet<&str>, problems: &mut Diagnostics) -> Option<Self> {
        let before = problems.errors();
        let folder = format!("indicators/{}/", kind.name());
        let tree_path = format!("{folder}framework.toml");
        let weights_folder = format!("{folder}weights/");
        let mut indicators: BTreeMap<String, (IndicatorFile, Source)> = BTreeMap::new();
        let mut unread = false;
        for (path, bytes) in workspace.below(&folder) {
            if !path.ends_with(".toml") || path == tree_path || path.starts_with(&weights_folder) {
                continue;
            }
            let Some((file, source)) = toml_file::read::<IndicatorFile>(path, bytes, problems) else {
                unread = true;
                continue;
            };
            if let Some((_, first)) = indicators.get(&file.id) {
                problems.push(
                    Diagnostic::error("duplicate-id", format!("the indicator `{}` is also in {}", file.id, first.path), source.at("/id"))
                        .rule("ids of indicators are unique within a framework")
                        .help("rename one of them"),
                );
                continue;
            }
            indicators.insert(file.id.clone(), (file, source));
        }
        let Some(bytes) = workspace.files.get(&tree_path) else {
            problems.push(
                Diagnostic::error("no-framework", format!("{tree_path} does not exist"), Place::file(folder))
                    .rule("each kind of unit has a framework.toml with its tree")
                    .help("copy one with `tukhum init DIR`"),
            );
            return None;
        };
        let (file, source) = toml_file::read::<FrameworkFile>(&tree_path, bytes, problems)?;
        if file.unit_kind != kind {
            problems.push(
                Diagnostic::error("wrong-kind", format!("unit_kind is {}", file.unit_kind.name()), source.at("/unit_kind"))
                    .rule("the framework's kind is that of its folder")
                    .help(format!("set unit_kind = \"{}\"", kind.name())),
            );
        }
        let mut checked: BTreeMap<String, Indicator> = BTreeMap::new();
        for (id, (file, source)) in &indicators {
            if let Some(indicator) = check_indicator(file, source, known_datasets, problems) {
                checked.insert(id.clone(), indicator);
            }
        }
        let built = build_tree(&file, &source, &indicators, unread, problems);
        let classes = Classes::new(
            file.classes.lowest.id.clone(),
            file.classes.step.iter().map(|s| (s.at_or_above, s.id.clone())).collect(),
        );
        if let Err(error) = &classes {
            problems.push(
                Diagnostic::error("classes", error.to_string(), source.at("/classes"))
                    .rule("lower edges of classes rise")
                    .help("order the steps from the lowest edge to the highest"),
            );
        }
        let weight_sets = WeightSet::load(workspace, &weights_folder, built.as_ref(), &file.version, problems);
        if problems.errors() > before {
            return None;
        }
        let (tree, classes) = (built?, classes.ok()?);
        let ordered: Vec<Indicator> = tree.leaves().iter().filter_map(|id| checked.remove(id)).collect();
        if ordered.len() != tree.leaves().len() {
            return None;
        }
        let dimensions = tree.nodes().iter().filter_map(|n| file.dimension_of(&n.id)).collect();
        let class_labels = std::iter::once(&file.classes.lowest.label).chain(file.classes.step.iter().map(|s| &s.label)).cloned().collect();
        Some(Self {
            kind,
            version: file.version,
            label: file.label,
            indicators: ordered,
            dimensions,
            tree,
            classes,
            class_labels,
            attack: file.attack,
            confidence: file.confidence,
            weight_sets,
        })
    }
}

impl FrameworkFile {
    fn dimension_of(&self, id: &str) -> Option<Dimension> {
        let node = self.dimension.iter().find(|d| d.id == id)?;
        Some(Dimension {
            id: node.id.clone(),
            label: node.label.clone(),
            rationale: node.child.iter().map(|c| (c.id.clone(), c.rationale.clone())).collect(),
        })
    }
}

fn check_indicator(file: &IndicatorFile, source: &Source, known_datasets: &BTreeSet<&str>, problems: &mut Diagnostics) -> Option<Indicator> {
    let before = problems.errors();
    for (i, dataset) in file.datasets.iter().enumerate() {
        if !known_datasets.contains(dataset.as_str()) {
            problems.push(
                Diagnostic::error("unknown-dataset", format!("unknown dataset `{dataset}`"), source.at(&format!("/datasets/{i}")))
                    .rule("datasets are the folders of datasets/")
                    .help(suggestion(dataset, known_datasets.iter().copied())),
            );
        }
    }
    match &file.score {
        Scoring::Goalposts { lower, upper, transform } => {
            let posts = Goalposts::new(transform.apply(lower.value), transform.apply(upper.value));
            if lower.value == upper.value {
                problems.push(
                    Diagnostic::error("goalposts-zero-width", format!("both goalposts are {}", lower.value), source.at("/score/upper/value"))
                        .rule("lower < upper; a scale without width divides by zero")
                        .help("set two different raw values, or use bands"),
                );
            } else if lower.value > upper.value {
                problems.push(
                    Diagnostic::error(
                        "goalposts-reversed",
                        format!("lower goalpost {} is not below upper goalpost {}", lower.value, upper.value),
                        source.at("/score/lower/value"),
                    )
                    .rule("lower < upper; `direction` says which end is risky")
                    .help(format!("set lower = {} and upper = {}, and let direction say which is risky", upper.value, lower.value)),
                );
            } else if let Err(error) = &posts {
                problems.push(
                    Diagnostic::error("goalposts", error.to_string(), source.at("/score"))
                        .rule("goalposts are finite, also after the transform")
                        .help("choose values inside the transform's domain"),
                );
            }
        }
        Scoring::Bands { steps, below } => {
            for (i, step) in steps.iter().enumerate() {
                if !(0.0..=10.0).contains(&step.score) {
                    problems.push(
                        Diagnostic::error("score-outside", format!("the band's score is {}", step.score), source.at(&format!("/score/steps/{i}/score")))
                            .rule("scores run from 0 to 10, 10 = most risk")
                            .help("choose a score between 0 and 10"),
                    );
                }
            }
            let pairs = steps.iter().map(|s| (s.from, s.score)).collect();
            let bands = Bands::with_below(*below, pairs);
            if let Err(error) = &bands {
                let at = steps.windows(2).position(|pair| pair[1].from <= pair[0].from).map_or("/score/steps".into(), |i| format!("/score/steps/{}/from", i + 1));
                problems.push(
                    Diagnostic::error("bands", error.to_string(), source.at(&at))
                        .rule("lower edges of bands rise")
                        .help("order the steps from the lowest edge to the highest"),
                );
            }
        }
    }
    if problems.errors() > before {
        return None;
    }
    Some(Indicator {
        id: file.id.clone(),
        label: file.label.clone(),
        definition: file.definition.clone(),
        unit_of_measurement: file.unit_of_measurement.clone(),
        direction: file.direction,
        datasets: file.datasets.clone(),
        asked_by: file.asked_by.clone(),
        valid_from: file.valid_from,
        measure: file.measure.clone(),
        scoring: file.score.clone(),
        score: file.score.checked()?,
    })
}

/// Puts the tree together; every problem of it is reported with its place.
///
/// Indicators whose file names its `dimension` and `weight` join that dimension, so that a new
/// indicator needs no change in the tree's file.
fn build_tree(
    file: &FrameworkFile,
    source: &Source,
    indicators: &BTreeMap<String, (IndicatorFile, Source)>,
    unread: bool,
    problems: &mut Diagnostics,
) -> Option<Tree> {
    let before = problems.errors();
    let known: BTreeSet<&str> = indicators.keys().map(String::as_str).chain(file.dimension.iter().map(|d| d.id.as_str())).collect();
    let mut leaves: Vec<String> = Vec::new();
    let mut place_of_node: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, dimension) in file.dimension.iter().enumerate() {
        if place_of_node.insert(&dimension.id, i).is_some() || indicators.contains_key(&dimension.id) {
            problems.push(
                Diagnostic::error("duplicate-id", format!("`{}` occurs twice in the tree", dimension.id), source.at(&format!("/dimension/{i}/id")))
                    .rule("ids of dimensions and indicators are unique")
                    .help("rename one of them"),
            );
        }
    }
    let mut nodes = Vec::new();
    for (i, dimension) in file.dimension.iter().enumerate() {
        let mut children = Vec::new();
        let mut total = 0.0;
        for (j, child) in dimension.child.iter().enumerate() {
            let at = format!("/dimension/{i}/child/{j}");
            weight_problem(child.weight, &source.at(&format!("{at}/weight")), problems);
            total += child.weight.max(0.0);
            if let Some(node) = place_of_node.get(child.id.as_str()) {
                children.push((Child::Node(*node), child.weight));
            } else if indicators.contains_key(&child.id) {
                children.push((Child::Leaf(leaf_index(&mut leaves, &child.id)), child.weight));
            } else if !unread {
                problems.push(
                    Diagnostic::error("unknown-name", format!("unknown child `{}`", child.id), source.at(&format!("{at}/id")))
                        .rule("a child is a dimension of this file or an indicator with a file of its own")
                        .help(suggestion(&child.id, known.iter().copied())),
                );
            }
        }
        for (id, (indicator, from)) in indicators.iter().filter(|(_, (f, _))| f.joins.as_ref().is_some_and(|j| j.dimension == dimension.id)) {
            if dimension.child.iter().any(|c| c.id == *id) {
                problems.push(
                    Diagnostic::error("named-twice", format!("`{id}` joins `{}`, which lists it already", dimension.id), from.at("/joins"))
                        .rule("an indicator is placed in the tree either by its own [joins] or by framework.toml")
                        .help("remove [joins] from the indicator, or the child from the tree"),
                );
                continue;
            }
            if let Some(joins) = &indicator.joins {
                weight_problem(joins.weight, &from.at("/joins/weight"), problems);
                total += joins.weight.max(0.0);
                children.push((Child::Leaf(leaf_index(&mut leaves, id)), joins.weight));
            }
        }
        if total == 0.0 && !children.is_empty() {
            problems.push(
                Diagnostic::error("weights-sum-to-zero", format!("the weights of `{}` sum to 0", dimension.id), source.at(&format!("/dimension/{i}")))
                    .rule("weights are not negative and at least one is positive")
                    .help("give at least one child a positive weight"),
            );
        }
        if !(0.0..=1.0).contains(&dimension.minimum_coverage) {
            problems.push(
                Diagnostic::error("coverage-outside", format!("minimum_coverage is {}", dimension.minimum_coverage), source.at(&format!("/dimension/{i}/minimum_coverage")))
                    .rule("coverage is a share of the weight, 0 to 1")
                    .help("write a share such as 0.5"),
            );
        }
        nodes.push(Node {
            id: dimension.id.clone(),
            operator: dimension.operator.clone(),
            minimum_coverage: dimension.minimum_coverage,
            coverage_by: CoverageBy::default(),
            children,
        });
    }
    for (id, (indicator, from)) in indicators {
        match &indicator.joins {
            Some(joins) if !place_of_node.contains_key(joins.dimension.as_str()) => problems.push(
                Diagnostic::error("unknown-name", format!("unknown dimension `{}`", joins.dimension), from.at("/joins/dimension"))
                    .rule("an indicator joins a dimension of its framework.toml")
                    .help(suggestion(&joins.dimension, place_of_node.keys().copied())),
            ),
            None if !leaves.contains(id) => problems.push(
                Diagnostic::error("not-in-tree", format!("the indicator `{id}` has no place in the tree"), from.at("/id"))
                    .rule("each indicator is a child of one dimension")
                    .help("add [joins] with dimension, weight and rationale, or list it in framework.toml"),
            ),
            _ => {}
        }
    }
    let Some(root) = place_of_node.get(file.root.as_str()).copied() else {
        problems.push(
            Diagnostic::error("unknown-name", format!("unknown root `{}`", file.root), source.at("/root"))
                .rule("root names a dimension of this file")
                .help(suggestion(&file.root, place_of_node.keys().copied())),
        );
        return None;
    };
    if problems.errors() > before || unread {
        return None;
    }
    match Tree::new(leaves, nodes, root) {
        Ok(tree) => Some(tree),
        Err(found) => {
            for problem in found {
                problems.push(
                    Diagnostic::error("tree", problem.to_string(), place_of(&problem, file, source, indicators))
                        .rule("the tree reaches every indicator and dimension exactly once from its root")
                        .help(way_out(&problem)),
                );
            }
            None
        }
    }
}

fn leaf_index(leaves: &mut Vec<String>, id: &str) -> usize {
    leaves.iter().position(|l| l == id).unwrap_or_else(|| {
        leaves.push(id.to_owned());
        leaves.len() - 1
    })
}

fn weight_problem(weight: f64, place: &Place, problems: &mut Diagnostics) {
    if weight < 0.0 {
        problems.push(
            Diagnostic::error("weight-negative", format!("the weight is {weight}"), place.clone())
                .rule("weights are not negative")
                .help("write a positive weight; `direction` of the indicator says which end is risky"),
        );
    }
}

/// Where a problem of the tree is to be mended: the child that is one too many, else the dimension.
fn place_of(problem: &TreeProblem, file: &FrameworkFile, source: &Source, indicators: &BTreeMap<String, (IndicatorFile, Source)>) -> Place {
    let listed = |child: &str, fits: &dyn Fn(&str) -> bool| {
        let lists = |(i, d): (usize, &DimensionFile)| {
            let j = d.child.iter().position(|c| c.id == child).filter(|_| fits(&d.id))?;
            Some(source.at(&format!("/dimension/{i}/child/{j}/id")))
        };
        file.dimension.iter().enumerate().rev().find_map(lists)
    };
    let child = match problem {
        TreeProblem::TwoParents { child, .. } => {
            let joins = indicators.get(child).filter(|(file, _)| file.joins.is_some());
            joins.map(|(_, from)| from.at("/joins/dimension")).or_else(|| listed(child, &|_| true))
        }
        TreeProblem::Cycle { node } => listed(node, &|parent| is_below(file, parent, node)),
        _ => None,
    };
    let node = || file.dimension.iter().position(|d| Some(d.id.as_str()) == node_of(problem));
    child.unwrap_or_else(|| node().map_or_else(|| source.at("/root"), |i| source.at(&format!("/dimension/{i}/id"))))
}

/// Whether a dimension is reached from another one, or is it.
fn is_below(file: &FrameworkFile, dimension: &str, top: &str) -> bool {
    let mut reached = vec![top];
    let mut next = 0;
    while let Some(id) = reached.get(next).copied() {
        let children = file.dimension.iter().filter(|d| d.id == id).flat_map(|d| &d.child);
        for child in children {
            if !reached.contains(&child.id.as_str()) {
                reached.push(&child.id);
            }
        }
        next += 1;
    }
    reached.contains(&dimension)
}

fn way_out(problem: &TreeProblem) -> &'static str {
    match problem {
        TreeProblem::TwoParents { .. } => "keep it under one dimension",
        TreeProblem::Cycle { .. } => "remove the child shown",
        TreeProblem::NotReached { .. } => "list it as a child of a dimension that the root reaches, or remove it",
        _ => "mend the children of the dimension shown",
    }
}

/// The dimension that a problem of the tree is about.
fn node_of(problem: &TreeProblem) -> Option<&str> {
    match problem {
        TreeProblem::NoChildren { node }
        | TreeProblem::UnknownChild { node, .. }
        | TreeProblem::Cycle { node }
        | TreeProblem::Weight { node, .. }
        | TreeProblem::WeightSum { node, .. }
        | TreeProblem::Coverage { node, .. }
        | TreeProblem::Operator { node, .. } => Some(node),
        TreeProblem::DuplicateId { id } | TreeProblem::NotReached { id } => Some(id),
        TreeProblem::TwoParents { parents, .. } => parents.first().map(String::as_str),
        TreeProblem::NoRoot { .. } => None,
    }
}
