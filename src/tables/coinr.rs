//! COINr's pair of tables: `iMeta` says what the columns of `iData` are and how they nest.

use std::collections::BTreeMap;

use super::compute::{Indicator, Model, needs_floor};
use super::sheet::Sheet;
use crate::diagnostics::{Diagnostic, Diagnostics, Place, suggestion};
use crate::index::{
    Child, CoverageBy, Direction, Goalposts, Imputation, Node, Normalisation, Operator, Transform, Treatment, Tree,
};

/// Column of the units' names.
pub const KEY: &str = "uCode";

/// A floor that changes nothing where all values are above 0.
const NO_FLOOR: f64 = 1e-300;

/// What is to be done, as the command line says it.
#[derive(Clone, Debug)]
pub struct Wishes<'a> {
    pub treat: bool,
    pub impute: Option<&'a str>,
    pub group: Option<&'a str>,
    pub normalise: &'a str,
    pub operator: &'a str,
    pub minimum_coverage: f64,
}

/// A model with its table.
pub struct Loaded {
    pub model: Model,
    pub units: Vec<String>,
    pub columns: Vec<Vec<Option<f64>>>,
    pub groups: Vec<Option<usize>>,
}

/// How columns are normalised; some methods take their numbers from `iMeta`.
#[derive(Clone, Debug, PartialEq)]
enum Scale {
    Same(Normalisation),
    Goalposts { to: Option<(f64, f64)> },
    Target,
    Reference { unit: String },
}

/// Checks both tables and the wishes, and makes a model of them; all problems are reported at once.
///
/// A table that could not be read is none; the wishes are checked all the same.
pub fn load(meta: Option<&Sheet>, data: Option<&Sheet>, wishes: &Wishes<'_>, problems: &mut Diagnostics) -> Option<Loaded> {
    let before = problems.errors();
    let scale = scale(wishes.normalise, problems);
    let operator = operator(wishes.operator, problems);
    let imputation = imputation(wishes.impute, problems);
    if !(0.0..=1.0).contains(&wishes.minimum_coverage) {
        problems.push(
            Diagnostic::error("coverage-outside", format!("the minimum coverage is {}", wishes.minimum_coverage), Place::Argument)
                .rule("coverage is a share of the children, 0 to 1")
                .help("for example --min-coverage 0.9"),
        );
    }
    let (meta, data) = (meta?, data?);
    let rows = meta_rows(meta, problems)?;
    let key = data.need(KEY, "iData has a column uCode with the units' names", problems);
    let units = key.map(|key| data.keys(key, problems)).unwrap_or_default();
    if key.is_some() && units.is_empty() {
        problems.push(
            Diagnostic::error("no-units", "the table has no rows", Place::file(data.path.clone()))
                .rule("iData has one row per unit")
                .help("add the units"),
        );
    }
    let mut columns = Vec::new();
    for row in rows.iter().filter(|r| r.kind == Kind::Indicator) {
        match data.column(&row.code) {
            Some(column) => columns.push(data.numbers(column, problems)),
            None => problems.push(
                Diagnostic::error("missing-column", format!("{} has no column `{}`", data.path, row.code), meta.place(row.row, meta.column("iCode")))
                    .rule("every indicator of iMeta is a column of iData")
                    .help(suggestion(&row.code, data.header.iter().map(String::as_str))),
            ),
        }
    }
    let groups = groups(&rows, data, imputation, wishes.group, problems);
    let (scale, operator, imputation) = (scale?, operator?, imputation?);
    if let Scale::Reference { unit } = &scale
        && !units.contains(unit)
    {
        problems.push(
            Diagnostic::error("unknown-unit", format!("no unit is called `{unit}`"), Place::Argument)
                .rule("the reference is a unit of iData, by its uCode")
                .help(suggestion(unit, units.iter().map(String::as_str))),
        );
    }
    let tree = tree(meta, &rows, &operator, wishes.minimum_coverage, problems);
    let indicators: Vec<Indicator> = rows
        .iter()
        .filter(|r| r.kind == Kind::Indicator)
        .filter_map(|r| {
            Some(Indicator {
                id: r.code.clone(),
                direction: r.direction,
                imputation,
                treatment: wishes.treat.then(Treatment::default),
                transform: Transform::None,
                normalisation: normalisation(&scale, meta, r, &units, problems)?,
                at: meta.place(r.row, meta.column("iCode")),
            })
        })
        .collect();
    if problems.errors() > before {
        return None;
    }
    let level = |kind: Kind| rows.iter().filter(move |r| r.kind == kind).map(|r| r.level).collect();
    let model = Model {
        indicators,
        tree: tree?,
        levels: Some((level(Kind::Aggregate), level(Kind::Indicator))),
        copeland_at_top: operator.copeland,
        needs_positive: operator.needs_positive,
    };
    Some(Loaded { model, units, columns, groups })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Indicator,
    Aggregate,
    Group,
    Other,
}

/// A row of iMeta.
struct MetaRow {
    row: usize,
    code: String,
    kind: Kind,
    level: u32,
    direction: Direction,
    weight: f64,
    parent: Option<String>,
}

fn meta_rows(meta: &Sheet, problems: &mut Diagnostics) -> Option<Vec<MetaRow>> {
    let rule = "iMeta has the columns Level, iCode, Direction, Weight, Parent and Type, as COINr's";
    let needed = ["Level", "iCode", "Direction", "Weight", "Parent", "Type"].map(|name| meta.need(name, rule, problems));
    let [Some(level), Some(code), Some(direction), Some(weight), Some(parent), Some(kind)] = needed else { return None };
    let codes = meta.keys(code, problems);
    let mut rows = Vec::new();
    for (row, code) in codes.into_iter().enumerate() {
        let own = match meta.cell(row, kind) {
            "Indicator" => Kind::Indicator,
            "Aggregate" => Kind::Aggregate,
            "Group" => Kind::Group,
            "Denominator" | "Other" => Kind::Other,
            other => {
                problems.push(
                    Diagnostic::error("unknown-type", format!("the type of `{code}` is `{other}`"), meta.place(row, Some(kind)))
                        .rule("a row is an Indicator, Aggregate, Group, Denominator or Other")
                        .help(suggestion(other, ["Indicator", "Aggregate", "Group", "Denominator", "Other"])),
                );
                continue;
            }
        };
        let in_tree = matches!(own, Kind::Indicator | Kind::Aggregate);
        let parent = meta.text(row, parent).map(str::to_owned);
        let number = |column: usize| meta.cell(row, column).parse::<f64>().ok().filter(|x| x.is_finite());
        let mut wrong = |column: usize, what: &str, rule: &str, help: &str| {
            problems.push(
                Diagnostic::error("wrong-meta", format!("the {what} of `{code}` is `{}`", meta.cell(row, column)), meta.place(row, Some(column)))
                    .rule(rule)
                    .help(help),
            );
        };
        let depth = number(level).filter(|l| l.fract() == 0.0 && (1.0..=100.0).contains(l));
        if in_tree && depth.is_none() {
            wrong(level, "level", "indicators are level 1, aggregates 2 and above", "write a whole number");
        }
        let sign = number(direction);
        // The direction of an aggregate says nothing: its children point the right way already.
        if own == Kind::Indicator && sign.is_none_or(|s| s.abs() != 1.0) {
            wrong(direction, "direction", "the direction is 1 if a higher value means a higher index, else -1", "write 1 or -1");
        }
        let top = own == Kind::Aggregate && parent.is_none();
        let share = number(weight);
        if in_tree && !top && share.is_none_or(|w| w < 0.0) {
            wrong(weight, "weight", "a weight is a finite number, 0 or more", "write the weight among its siblings");
        }
        if own == Kind::Indicator && parent.is_none() {
            wrong(kind, "type", "every indicator has a Parent; one without is no part of the index", "name its aggregate, or make it Type Other");
        }
        rows.push(MetaRow {
            row,
            code,
            kind: own,
            level: depth.unwrap_or_default() as u32,
            direction: if sign == Some(-1.0) { Direction::LowerIsRiskier } else { Direction::HigherIsRiskier },
            weight: share.unwrap_or(1.0),
            parent,
        });
    }
    if !rows.iter().any(|r| r.kind == Kind::Indicator) {
        problems.push(
            Diagnostic::error("no-indicators", "no row is an Indicator", Place::file(meta.path.clone()))
                .rule("an index has indicators")
                .help("add rows of Type Indicator"),
        );
    }
    Some(rows)
}

/// The tree of aggregates, in the order of the rows.
fn tree(meta: &Sheet, rows: &[MetaRow], operator: &Joined, coverage: f64, problems: &mut Diagnostics) -> Option<Tree> {
    let before = problems.errors();
    let indicators: Vec<&MetaRow> = rows.iter().filter(|r| r.kind == Kind::Indicator).collect();
    let aggregates: Vec<&MetaRow> = rows.iter().filter(|r| r.kind == Kind::Aggregate).collect();
    let parent_column = meta.column("Parent");
    for row in indicators.iter().chain(&aggregates) {
        if let Some(parent) = &row.parent
            && !aggregates.iter().any(|a| a.code == *parent)
        {
            problems.push(
                Diagnostic::error("unknown-name", format!("the parent of `{}` is `{parent}`, which is no aggregate", row.code), meta.place(row.row, parent_column))
                    .rule("a parent is a row of Type Aggregate")
                    .help(suggestion(parent, aggregates.iter().map(|a| a.code.as_str()).collect::<Vec<_>>())),
            );
        }
    }
    let tops: Vec<usize> = aggregates.iter().enumerate().filter(|(_, a)| a.parent.is_none()).map(|(i, _)| i).collect();
    let &[root] = tops.as_slice() else {
        let names: Vec<&str> = tops.iter().map(|i| aggregates[*i].code.as_str()).collect();
        let message = if names.is_empty() { "no aggregate is at the top".to_owned() } else { format!("{} have no parent", names.join(", ")) };
        problems.push(
            Diagnostic::error("tops", message, Place::file(meta.path.clone()))
                .rule("one aggregate, the index, has no Parent")
                .help("leave the Parent of the index empty and give every other aggregate one"),
        );
        return None;
    };
    if problems.errors() > before {
        return None;
    }
    let nodes = aggregates
        .iter()
        .map(|aggregate| {
            let own = |row: &&MetaRow| row.parent.as_deref() == Some(aggregate.code.as_str());
            let leaves = indicators.iter().enumerate().filter(|(_, r)| own(r)).map(|(i, r)| (Child::Leaf(i), r.weight));
            let inner = aggregates.iter().enumerate().filter(|(_, r)| own(r)).map(|(i, r)| (Child::Node(i), r.weight));
            let mut node = Node::new(aggregate.code.clone(), operator.mean.clone(), coverage, leaves.chain(inner).collect());
            node.coverage_by = CoverageBy::Count;
            node
        })
        .collect();
    match Tree::new(indicators.iter().map(|r| r.code.clone()).collect(), nodes, root) {
        Ok(tree) => Some(tree),
        Err(found) => {
            for problem in found {
                problems.push(
                    Diagnostic::error("tree", problem.to_string(), Place::file(meta.path.clone()))
                        .rule("the rows form one tree, every aggregate has a child, and each has some weight below it")
                        .help("mend Parent and Weight of the rows named"),
                );
            }
            None
        }
    }
}

/// How nodes join their children.
#[derive(Clone, Debug, PartialEq)]
struct Joined {
    mean: Operator,
    copeland: bool,
    needs_positive: bool,
}

fn operator(text: &str, problems: &mut Diagnostics) -> Option<Joined> {
    let (name, settings) = parts(text);
    let numbers: Option<Vec<f64>> = settings.iter().map(|s| s.parse::<f64>().ok().filter(|x| x.is_finite())).collect();
    let mean = match (name, numbers.as_deref()) {
        ("arithmetic" | "copeland", Some([])) => Some(Operator::Arithmetic),
        ("geometric", Some([])) => Some(Operator::Geometric { floor: NO_FLOOR }),
        ("geometric", Some([floor])) => Some(Operator::Geometric { floor: *floor }),
        ("harmonic", Some([])) => Some(Operator::Harmonic { floor: NO_FLOOR }),
        ("harmonic", Some([floor])) => Some(Operator::Harmonic { floor: *floor }),
        ("power", Some([exponent])) => Some(Operator::Power { exponent: *exponent, floor: if *exponent > 0.0 { 0.0 } else { NO_FLOOR } }),
        ("power", Some([exponent, floor])) => Some(Operator::Power { exponent: *exponent, floor: *floor }),
        _ => None,
    };
    let Some(mean) = mean else {
        problems.push(
            Diagnostic::error("operator", format!("`{text}` is no operator"), Place::Argument)
                .rule("arithmetic, geometric[:FLOOR], harmonic[:FLOOR], power:P[:FLOOR] or copeland (arithmetic below the top)")
                .help(suggestion(name, ["arithmetic", "geometric", "harmonic", "power", "copeland"])),
        );
        return None;
    };
    if let Some(problem) = mean.problem(1) {
        problems.push(
            Diagnostic::error("operator", format!("`{text}`: {problem}"), Place::Argument)
                .rule("a floor is a finite number above 0")
                .help("for example geometric:0.1"),
        );
        return None;
    }
    let floor_given = matches!((name, settings.len()), ("geometric" | "harmonic", 1) | ("power", 2));
    Some(Joined { needs_positive: needs_floor(&mean) && !floor_given, copeland: name == "copeland", mean })
}

fn scale(text: &str, problems: &mut Diagnostics) -> Option<Scale> {
    let (name, settings) = parts(text);
    let pair = match settings.as_slice() {
        [a, b] => a.parse::<f64>().ok().zip(b.parse::<f64>().ok()).filter(|(a, b)| a.is_finite() && b.is_finite()),
        _ => None,
    };
    let none = settings.is_empty();
    let found = match name {
        "minmax" if none => Some(Scale::Same(Normalisation::MinMax { to: (0.0, 100.0) })),
        "minmax" => pair.filter(|(a, b)| a < b).map(|to| Scale::Same(Normalisation::MinMax { to })),
        "zscore" if none => Some(Scale::Same(Normalisation::ZScore { mean: 0.0, deviation: 1.0 })),
        "zscore" => pair.filter(|(_, d)| *d > 0.0).map(|(mean, deviation)| Scale::Same(Normalisation::ZScore { mean, deviation })),
        "rank" if none => Some(Scale::Same(Normalisation::Rank)),
        "borda" if none => Some(Scale::Same(Normalisation::Borda)),
        "percentile" if none => Some(Scale::Same(Normalisation::PercentileRank)),
        "maximum" if none => Some(Scale::Same(Normalisation::DistanceToMaximum)),
        "fraction" if none => Some(Scale::Same(Normalisation::FractionOfMaximum)),
        "goalposts" if none => Some(Scale::Goalposts { to: None }),
        "goalposts" => pair.filter(|(a, b)| a < b).map(|to| Scale::Goalposts { to: Some(to) }),
        "target" if none => Some(Scale::Target),
        "reference" => match settings.as_slice() {
            [unit] if !unit.is_empty() => Some(Scale::Reference { unit: (*unit).to_owned() }),
            _ => None,
        },
        _ => None,
    };
    if found.is_none() {
        let names = ["minmax", "zscore", "rank", "borda", "percentile", "target", "maximum", "reference", "fraction", "goalposts"];
        let help = if names.contains(&name) { format!("for example {}", if name == "reference" { "reference:U01".into() } else { format!("{name}:0:100") }) } else { suggestion(name, names) };
        problems.push(
            Diagnostic::error("normalisation", format!("`{text}` is no normalisation"), Place::Argument)
                .rule("minmax[:LOW:HIGH], zscore[:MEAN:DEVIATION], goalposts[:LOW:HIGH], rank, borda, percentile, target, maximum, fraction or reference:UNIT; ranges ascend")
                .help(help),
        );
    }
    found
}

fn imputation(text: Option<&str>, problems: &mut Diagnostics) -> Option<Imputation> {
    match text {
        None => Some(Imputation::None),
        Some("mean") => Some(Imputation::Mean),
        Some("median") => Some(Imputation::Median),
        Some("group-mean") => Some(Imputation::GroupMean),
        Some("group-median") => Some(Imputation::GroupMedian),
        Some(other) => {
            problems.push(
                Diagnostic::error("imputation", format!("`{other}` is no imputation"), Place::Argument)
                    .rule("gaps stay gaps, or are filled by mean, median, group-mean or group-median")
                    .help(suggestion(other, ["mean", "median", "group-mean", "group-median"])),
            );
            None
        }
    }
}

/// `name:a:b` in its parts.
fn parts(text: &str) -> (&str, Vec<&str>) {
    let mut parts = text.split(':');
    let name = parts.next().unwrap_or_default();
    (name, parts.collect())
}

/// The normalisation of one indicator; goalposts and targets come from its row.
fn normalisation(scale: &Scale, meta: &Sheet, row: &MetaRow, units: &[String], problems: &mut Diagnostics) -> Option<Normalisation> {
    let mut number = |name: &str| {
        let found = meta.column(name).and_then(|c| meta.text(row.row, c)).and_then(|t| t.parse::<f64>().ok()).filter(|x| x.is_finite());
        if found.is_none() {
            problems.push(
                Diagnostic::error("missing-meta", format!("`{}` has no number in `{name}`", row.code), meta.place(row.row, meta.column(name)))
                    .rule("goalposts need goalpost_lower and goalpost_upper of each indicator in iMeta, distances to a target Target")
                    .help(format!("add the column {name}, in the indicator's own unit")),
            );
        }
        found
    };
    let cell = |name: &str| meta.column(name).and_then(|c| meta.text(row.row, c));
    let yes = |name: &str| cell(name).map(|t| matches!(t, "TRUE" | "true" | "1"));
    match scale {
        Scale::Same(normalisation) => Some(normalisation.clone()),
        Scale::Target => Some(Normalisation::DistanceToTarget { target: number("Target")?, cap: yes("dist2targ_cap_max").unwrap_or(false) }),
        Scale::Goalposts { to } => {
            let (lower, upper) = (number("goalpost_lower"), number("goalpost_upper"));
            let goalposts = Goalposts::new(lower?, upper?);
            let scale = cell("goalpost_scale").and_then(|t| t.parse::<f64>().ok()).filter(|s| *s > 0.0 && s.is_finite());
            match goalposts {
                Ok(goalposts) => Some(Normalisation::Goalposts {
                    goalposts,
                    to: to.unwrap_or((0.0, scale.unwrap_or(100.0))),
                    clamp: yes("goalpost_trunc2posts").unwrap_or(true),
                }),
                Err(error) => {
                    problems.push(
                        Diagnostic::error("goalposts", format!("`{}`: {error}", row.code), meta.place(row.row, meta.column("goalpost_lower")))
                            .rule("goalpost_lower < goalpost_upper; Direction says which end is high")
                            .help("swap them, or correct one"),
                    );
                    None
                }
            }
        }
        // An unknown unit is reported once, for the whole table.
        Scale::Reference { unit } => units.iter().position(|u| u == unit).map(|row| Normalisation::DistanceToReference { row }),
    }
}

/// The group of each unit for imputation by group.
fn groups(
    rows: &[MetaRow],
    data: &Sheet,
    imputation: Option<Imputation>,
    named: Option<&str>,
    problems: &mut Diagnostics,
) -> Vec<Option<usize>> {
    if !matches!(imputation, Some(Imputation::GroupMean | Imputation::GroupMedian)) {
        return Vec::new();
    }
    let known: Vec<&str> = rows.iter().filter(|r| r.kind == Kind::Group).map(|r| r.code.as_str()).collect();
    let name = match (named, known.as_slice()) {
        (Some(name), _) => name,
        (None, [only]) => only,
        (None, several) => {
            let message = if several.is_empty() { "iMeta has no row of Type Group".to_owned() } else { format!("iMeta has the groups {}", several.join(", ")) };
            problems.push(
                Diagnostic::error("group", message, Place::Argument)
                    .rule("imputation by group needs to know the groups")
                    .help("name the column of iData: --group COLUMN"),
            );
            return Vec::new();
        }
    };
    let Some(column) = data.need(name, "the groups stand in a column of iData", problems) else { return Vec::new() };
    group_column(data, column)
}

/// Each distinct text of a column is a group; an empty cell is none.
pub(super) fn group_column(data: &Sheet, column: usize) -> Vec<Option<usize>> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    (0..data.rows.len())
        .map(|row| {
            let name = data.text(row, column)?;
            let next = places.len();
            Some(*places.entry(name).or_insert(next))
        })
        .collect()
}
