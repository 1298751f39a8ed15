//! How sure the ranks of an edition are, and what their doubt comes from.

use serde::Serialize;

use super::cells::{Cells, Which};
use crate::edition::{Grades, Ranking, Scored};
use crate::framework::file::Scoring;
use crate::index::stability::weight_stability;
use crate::index::{
    Child, Factor, Goalposts, IndexEstimate, Operator, RankStatistics, RankSummary, SobolError, SobolOptions, Study, StudyError, Tree,
    VaryingGoalposts, WeightVariation, rank, sobol_indices,
};
use crate::say;
use crate::text::{Arg, Text, term};

/// Each goalpost moves by up to this share of their distance.
pub const GOALPOST_SHARE: f64 = 0.1;

/// Floor of the geometric mean that stands beside the arithmetic one at the top.
pub const GEOMETRIC_FLOOR: f64 = 0.1;

/// Two units are told apart if one is above the other in at least this share of the draws.
pub const CERTAINTY: f64 = 0.95;

/// Settings of a study.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    pub draws: usize,
    pub weights: WeightVariation,
    pub seed: u64,
    /// The `k` of "P(rank ≤ k)", of the pairs, and of the order whose stability is asked for.
    pub top: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { draws: 1000, weights: WeightVariation::Relative { phi: 0.25 }, seed: 0, top: 5 }
    }
}

/// What the draws say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Uncertainty {
    pub kind: String,
    pub draws: usize,
    /// Draws in which no unit had a score; they are left out.
    pub failed: usize,
    pub seed: u64,
    /// What varied, in words.
    pub varied: Vec<Text>,
    /// The class of `at_or_above_class`, if the framework has one.
    pub class: Option<ClassEdge>,
    pub top: usize,
    /// In the order of the ranking; units without a score come last.
    pub units: Vec<UnitUncertainty>,
    /// Units that cannot be told apart, by median rank; single units are left out.
    pub tied: Vec<Vec<String>>,
    /// P(A above B) for each of the first `top` units, A, against each of them, B.
    pub above: Vec<Vec<Option<f64>>>,
    /// P(A above B) of the two units that were asked for.
    pub pair: Option<Pair>,
}

/// How often a unit is above another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    pub above: Text,
    pub below: Text,
    /// Share of the draws in which both have a score, equal scores counting half; missing if there is none.
    pub probability: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassEdge {
    pub id: String,
    pub label: Text,
    pub edge: f64,
}

/// How sure a unit's rank and score are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnitUncertainty {
    pub unit: String,
    pub name: Text,
    pub rank: Option<usize>,
    pub score: Option<f64>,
    /// Share of the draws in which it has a score.
    pub scored: f64,
    /// 5 % quantile, median and 95 % quantile of the rank.
    pub low_rank: Option<f64>,
    pub median_rank: Option<f64>,
    pub high_rank: Option<f64>,
    pub low_score: Option<f64>,
    pub median_score: Option<f64>,
    pub high_score: Option<f64>,
    /// P(rank ≤ top).
    pub in_top: Option<f64>,
    /// P(class ≥ the class).
    pub at_or_above_class: Option<f64>,
}

/// The inputs of a study, held so that studies can borrow them.
pub struct Inputs<'a> {
    ranking: &'a Ranking<'a>,
    counts: Cells<'a>,
    deaths: Cells<'a>,
    facts: Cells<'a>,
    graded: bool,
}

/// The groups of inputs that indices are given for.
const GROUPS: [&str; 6] = ["weights", "goalposts", "operator at the top", "event counts", "deaths", "graded facts"];

impl<'a> Inputs<'a> {
    pub fn new(ranking: &'a Ranking<'a>, grades: Option<&Grades>) -> Self {
        let cells = |which| Cells::new(ranking, which, grades);
        Self { ranking, counts: cells(Which::Counts), deaths: cells(Which::Deaths), facts: cells(Which::Facts), graded: grades.is_some() }
    }

    /// The study of everything that varies.
    fn study(&self, settings: &Settings) -> Result<Study<'_>, StudyError> {
        let tree = &self.ranking.framework.tree;
        let trees: Vec<Tree> = std::iter::once(tree.clone()).chain(alternative(tree)).collect();
        Ok(Study::new(trees, vec![self.ranking.rows()])?
            .with_weights(settings.weights)?
            .with_goalposts(self.goalposts())?
            .with_cells(&self.counts)
            .with_cells(&self.deaths)
            .with_cells(&self.facts)
            .with_seed(settings.seed))
    }

    fn goalposts(&self) -> Vec<VaryingGoalposts> {
        let indicators = self.ranking.framework.indicators.iter().enumerate();
        indicators
            .filter_map(|(leaf, indicator)| match &indicator.scoring {
                Scoring::Goalposts { lower, upper, transform } => Some(VaryingGoalposts {
                    leaf,
                    goalposts: Goalposts::new(transform.apply(lower.value), transform.apply(upper.value)).ok()?,
                    direction: indicator.direction,
                    phi: GOALPOST_SHARE,
                    raw: self
                        .ranking
                        .units
                        .iter()
                        .map(|u| u.readings.get(leaf).and_then(|r| r.value).map(|x| transform.apply(x)))
                        .collect(),
                }),
                Scoring::Bands { .. } => None,
            })
            .collect()
    }

    fn varied(&self, settings: &Settings) -> Vec<Text> {
        let framework = self.ranking.framework;
        let mut words = Vec::new();
        words.extend(match settings.weights {
            WeightVariation::Fixed => None,
            WeightVariation::Relative { phi } => Some(say!("method.weights_varied", share = Arg::Share(phi))),
            WeightVariation::Dirichlet { concentration } => Some(say!("method.weights_drawn", concentration = Arg::plain(concentration))),
        });
        let posts = self.goalposts().len();
        if posts > 0 {
            words.push(say!("method.goalposts_varied", n = posts, share = Arg::Share(GOALPOST_SHARE)));
        }
        if let Some(other) = alternative(&framework.tree) {
            let name = |tree: &Tree| tree.nodes().get(tree.root()).map(|n| operator_words(&n.operator));
            words.push(say!("method.operator_varied", first = name(&framework.tree), second = name(&other)));
        }
        if self.counts.drawn > 0 {
            words.push(say!("method.counts_varied", n = self.counts.drawn));
        }
        if self.deaths.drawn > 0 {
            words.push(say!("method.deaths_varied", n = self.deaths.drawn));
        }
        if self.facts.drawn > 0 {
            words.push(say!("method.facts_varied", n = self.facts.drawn));
        } else if !self.graded {
            words.push(say!("method.facts_fixed"));
        }
        words
    }

    /// Draws everything that varies and ranks the units in each draw.
    ///
    /// # Missing and degenerate values
    /// A unit without a score in a draw has no rank there; `scored` says how often it has one.
    ///
    /// `pair` asks how often its first unit is above its second; a unit that is not scored gives none.
    ///
    /// # Errors
    /// No draws asked for, or a variation outside its range.
    pub fn run(&self, settings: &Settings, pair: Option<(&str, &str)>, progress: &(dyn Fn() + Sync)) -> Result<Uncertainty, StudyError> {
        let drawn = self.study(settings)?.run(settings.draws, progress)?;
        let statistics = RankStatistics::new(drawn.units, &drawn.scores);
        let class = high_class(self.ranking);
        let units = self.ranking.by_rank();
        let place = |unit: &Scored<'_>| self.ranking.units.iter().position(|u| u.unit.id() == unit.unit.id()).unwrap_or(usize::MAX);
        let summarised = units
            .iter()
            .map(|unit| {
                let i = place(unit);
                let summary = statistics.summary(i);
                let of = |f: fn(&RankSummary) -> f64| summary.as_ref().map(f);
                UnitUncertainty {
                    unit: unit.unit.id().into(),
                    name: unit.unit.name().clone(),
                    rank: unit.rank,
                    score: unit.score,
                    scored: summary.as_ref().map_or(0.0, |s| s.draws as f64 / statistics.draws().max(1) as f64),
                    low_rank: of(|s| s.low_rank),
                    median_rank: of(|s| s.median_rank),
                    high_rank: of(|s| s.high_rank),
                    low_score: of(|s| s.low_score),
                    median_score: of(|s| s.median_score),
                    high_score: of(|s| s.high_score),
                    in_top: statistics.probability_rank_at_most(i, settings.top),
                    at_or_above_class: class.as_ref().and_then(|c| statistics.probability_score_at_least(i, c.edge)),
                }
            })
            .collect();
        let id = |i: usize| self.ranking.units.get(i).map(|u| u.unit.id().to_owned()).unwrap_or_default();
        let first: Vec<usize> = units.iter().take(settings.top).map(|u| place(u)).collect();
        let above = first.iter().map(|&a| first.iter().map(|&b| statistics.probability_above(a, b)).collect()).collect();
        let pair = pair.and_then(|(a, b)| {
            let (a, b) = (self.ranking.unit(a)?, self.ranking.unit(b)?);
            let probability = statistics.probability_above(place(a), place(b));
            Some(Pair { above: a.unit.name().clone(), below: b.unit.name().clone(), probability })
        });
        let tied = statistics.tie_groups(CERTAINTY).into_iter().filter(|g| g.len() > 1).map(|g| g.into_iter().map(id).collect()).collect();
        Ok(Uncertainty {
            kind: self.ranking.framework.kind.name().into(),
            draws: drawn.asked,
            failed: drawn.failed,
            seed: settings.seed,
            varied: self.varied(settings),
            class,
            top: settings.top,
            units: summarised,
            tied,
            above,
            pair,
        })
    }

    /// Shares of the spread of one number by group of inputs.
    ///
    /// # Formula
    /// First-order and total Sobol indices (see [`sobol_indices`]) of the score of `unit`, or,
    /// without one, of the mean over the units of `|rank in the draw - rank|`.
    ///
    /// # Errors
    /// As [`sobol_indices`]; a study that cannot be run.
    pub fn shares(&self, settings: &Settings, unit: Option<&str>, points: usize, progress: &(dyn Fn() + Sync)) -> Result<Shares, SharesError> {
        let study = self.study(settings).map_err(SharesError::Study)?;
        let all: Vec<usize> = study
            .factors()
            .iter()
            .map(|factor| match factor {
                Factor::Weight { .. } | Factor::NodeWeights { .. } => 0,
                Factor::LowerGoalpost { .. } | Factor::UpperGoalpost { .. } => 1,
                Factor::Method | Factor::Normalisation => 2,
                Factor::Cells { sampler } => 3 + sampler,
            })
            .collect();
        // Inputs that do not exist here have no index.
        let there: Vec<usize> = (0..GROUPS.len())
            .filter(|group| match group {
                3 => self.counts.drawn > 0,
                4 => self.deaths.drawn > 0,
                5 => self.facts.drawn > 0,
                group => all.contains(group),
            })
            .collect();
        let group_of: Vec<usize> = all.iter().map(|g| there.iter().position(|t| t == g).unwrap_or(usize::MAX)).collect();
        let place = unit.and_then(|id| self.ranking.units.iter().position(|u| u.unit.id() == id));
        let nominal = rank(&study.nominal());
        let options = SobolOptions { points, replicates: 400, confidence: 0.9, seed: settings.seed };
        let found = sobol_indices(there.len(), options, |u| {
            let scores = study.scores_at_groups(&group_of, u);
            progress();
            match place {
                Some(place) => scores.get(place).copied().flatten(),
                None => mean_shift(&nominal, &rank(&scores)),
            }
        })
        .map_err(SharesError::Sobol)?;
        let share = |e: &IndexEstimate| Share { value: e.value, low: e.interval.map(|i| i.0), high: e.interval.map(|i| i.1) };
        let named = there.iter().filter_map(|g| GROUPS.get(*g));
        Ok(Shares {
            of: match place.and_then(|p| self.ranking.units.get(p)) {
                Some(unit) => format!("the score of {}", unit.unit.name().en),
                None => "the mean change of rank over all units".into(),
            },
            mean: found.mean,
            deviation: found.variance.max(0.0).sqrt(),
            points: found.points,
            failed: found.failed,
            inputs: named
                .zip(found.first.iter().zip(&found.total))
                .map(|(name, (first, total))| InputShare { input: (*name).into(), first: share(first), total: share(total) })
                .collect(),
        })
    }

    /// How far the weight of one child can move before an order changes, its siblings keeping their
    /// proportions; exact, for dimensions that pass an arithmetic mean up to the top.
    ///
    /// # Units and shape
    /// The order of `unit` against each other unit; without one, that of the first `top` units.
    ///
    /// # Missing and degenerate values
    /// Dimensions with another operator on their way to the top have no exact interval and are named
    /// instead. A child that is the only one with a weight has a share of 1 whatever its weight.
    pub fn stability(&self, unit: Option<&str>, top: usize) -> Stability {
        let tree = &self.ranking.framework.tree;
        let ordered: Vec<&Scored<'_>> = self.ranking.by_rank().into_iter().filter(|u| u.rank.is_some()).collect();
        let sets: Vec<Vec<&Scored<'_>>> = match unit.and_then(|id| ordered.iter().find(|u| u.unit.id() == id)) {
            Some(own) => ordered.iter().filter(|u| u.unit.id() != own.unit.id()).map(|u| vec![*own, *u]).collect(),
            None => vec![ordered.into_iter().take(top).collect()],
        };
        let mut lines = Vec::new();
        let mut inexact = Vec::new();
        for (n, node) in tree.nodes().iter().enumerate() {
            for (k, (child, _)) in node.children.iter().enumerate() {
                let mut line: Option<WeightRange> = None;
                for set in &sets {
                    let rows: Vec<Vec<Option<f64>>> = set.iter().map(|u| u.scores.clone()).collect();
                    if !path_is_arithmetic(tree, n) {
                        inexact.push(node.id.clone());
                        break;
                    }
                    let Ok(found) = weight_stability(tree, &rows, n, k) else { break };
                    let names = |pair: Option<(usize, usize)>| {
                        pair.and_then(|(a, b)| Some([set.get(a)?.unit.name().clone(), set.get(b)?.unit.name().clone()]))
                    };
                    let line = line.get_or_insert_with(|| WeightRange {
                        dimension: node.id.clone(),
                        child: tree.child_id(*child).to_owned(),
                        share: found.share,
                        lower: None,
                        upper: None,
                        swap_below: None,
                        swap_above: None,
                    });
                    if found.lower > line.lower {
                        (line.lower, line.swap_below) = (found.lower, names(found.swap_below));
                    }
                    if found.upper.is_some() && (line.upper.is_none() || found.upper < line.upper) {
                        (line.upper, line.swap_above) = (found.upper, names(found.swap_above));
                    }
                }
                lines.extend(line);
            }
        }
        inexact.dedup();
        Stability { lines, inexact }
    }
}

/// Mean distance between two lists of ranks, over the units that have both.
fn mean_shift(a: &[Option<usize>], b: &[Option<usize>]) -> Option<f64> {
    let shifts: Vec<f64> = a.iter().zip(b).filter_map(|(a, b)| Some(a.as_ref()?.abs_diff(*b.as_ref()?) as f64)).collect();
    (!shifts.is_empty()).then(|| shifts.iter().sum::<f64>() / shifts.len() as f64)
}

/// The same tree with the other mean at the top: geometric for arithmetic, and the reverse.
fn alternative(tree: &Tree) -> Option<Tree> {
    let mut nodes = tree.nodes().to_vec();
    let top = nodes.get_mut(tree.root())?;
    top.operator = match top.operator {
        Operator::Arithmetic => Operator::Geometric { floor: GEOMETRIC_FLOOR },
        Operator::Geometric { .. } => Operator::Arithmetic,
        _ => return None,
    };
    Tree::new(tree.leaves().to_vec(), nodes, tree.root()).ok()
}

/// What an operator is called.
pub fn operator_words(operator: &Operator) -> Text {
    let named = serde_json::to_value(operator).ok();
    let kind = named.as_ref().and_then(|v| v.get("kind")).and_then(|k| k.as_str()).unwrap_or_default();
    term(kind, kind)
}

/// The class `high`; without one of that name, the last but one.
fn high_class(ranking: &Ranking<'_>) -> Option<ClassEdge> {
    let framework = ranking.framework;
    let classes = &framework.classes;
    let place = classes.find("high").or_else(|| classes.names().len().checked_sub(2))?;
    Some(ClassEdge {
        id: classes.name(place)?.to_owned(),
        label: framework.class_labels.get(place)?.clone(),
        edge: classes.lower_edge(place)?,
    })
}

fn path_is_arithmetic(tree: &Tree, node: usize) -> bool {
    let mut at = Some(node);
    while let Some(n) = at {
        if !tree.nodes().get(n).is_some_and(|node| node.operator.is_additive()) {
            return false;
        }
        at = tree.nodes().iter().position(|p| p.children.iter().any(|(c, _)| *c == Child::Node(n)));
    }
    true
}

/// Shares of the spread of one number.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shares {
    /// What the number is, in words.
    pub of: String,
    pub mean: f64,
    /// Standard deviation.
    pub deviation: f64,
    /// Base points used, and those dropped because the number was missing.
    pub points: usize,
    pub failed: usize,
    pub inputs: Vec<InputShare>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InputShare {
    pub input: String,
    /// Share of the variance that the input explains alone.
    pub first: Share,
    /// Share that is gone if everything else is fixed, interactions included.
    pub total: Share,
}

/// An index with its 5–95 % bootstrap interval.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    pub value: f64,
    pub low: Option<f64>,
    pub high: Option<f64>,
}

/// Why there are no shares.
#[derive(Clone, Debug, PartialEq)]
pub enum SharesError {
    Study(StudyError),
    Sobol(SobolError),
}

impl std::fmt::Display for SharesError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Study(error) => error.fmt(f),
            Self::Sobol(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SharesError {}

/// Ranges of weights over which an order holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stability {
    pub lines: Vec<WeightRange>,
    /// Dimensions without exact ranges.
    pub inexact: Vec<String>,
}

/// Shares of weight of one child over which an order holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WeightRange {
    pub dimension: String,
    pub child: String,
    pub share: f64,
    /// None: down to 0.
    pub lower: Option<f64>,
    /// None: up to 1.
    pub upper: Option<f64>,
    /// The units that swap there, the one ahead now first.
    pub swap_below: Option<[Text; 2]>,
    pub swap_above: Option<[Text; 2]>,
}
