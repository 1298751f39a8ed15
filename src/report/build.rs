//! Makes the report of an edition.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::answer;
use super::card::{card, fact_line};
use super::forecasts;
use super::map;
use super::model::*;
use super::shapes::shapes;
use crate::edition::{Alert, Edition, Level, Ranking, Scored, Sources};
use crate::evidence::Unit;
use crate::framework::file::Scoring;
use crate::framework::{Framework, Indicator, UnitKind};
use crate::index::Direction;
use crate::rules::{Audience, Severity};
use crate::studies;
use crate::studies::uncertainty::{Inputs, Settings, Uncertainty, operator_words};
use crate::say;
use crate::text::{Arg, Text, label, term};

/// At most this many events of exhaustive sources are listed on a card of a report, the newest first.
const MOST_EVENTS: usize = 20;

/// Draws behind the rank intervals of a report.
const DRAWS: usize = 400;

/// Makes the report; `previous` is the edition that changes are counted from.
pub fn build(sources: &Sources, edition: &Edition<'_>, previous: Option<&Edition<'_>>, seed: u64) -> Report {
    let settings = Settings { draws: DRAWS, seed, ..Settings::default() };
    let rankings = || -> Vec<RankingTable> {
        let drawn = |r| Inputs::new(r, sources.grades.as_ref()).run(&settings, None, &|| {}).ok();
        edition.rankings().into_iter().map(|r| ranking_table(sources, edition, r, previous, drawn(r).as_ref())).collect()
    };
    let answered = || {
        let assessment = sources.assess_with(&edition.evidence, seed);
        let record = sources.track_record(&edition.evidence, assessment.as_ref(), seed);
        (assessment, record)
    };
    let (foretold, (rankings, (hot_spots, (assessment, record)))) =
        rayon::join(|| forecasts::foretell(edition), || rayon::join(rankings, || rayon::join(|| hot_spots(edition, seed), answered)));
    let says = sources.said(&edition.evidence, assessment.as_ref());
    let units: Vec<_> = edition.rankings().into_iter().flat_map(|r| r.by_rank().into_iter().map(move |u| (r, u))).collect();
    let cards: Vec<Card> = units
        .into_par_iter()
        .map(|(r, u)| card(edition, r, u, MOST_EVENTS))
        .map(|card| Card { outlook: answer::outlook(sources, &says, &card.unit), forecast: forecasts::of_unit(&foretold, &card.unit), ..card })
        .collect();
    let changes = changes(edition, previous);
    Report {
        format: FORMAT.into(),
        program: env!("CARGO_PKG_VERSION").into(),
        as_of: edition.as_of.day.to_string(),
        hindsight: edition.as_of.hindsight,
        previous: previous.map(|p| p.as_of.day.to_string()),
        headline: assessment.as_ref().map(answer::headline).unwrap_or_default(),
        summary: summary(edition, previous, &changes),
        actions: actions(sources, edition),
        changes,
        rankings,
        cards,
        follow_up: previous.map(|p| follow_up(edition, p)).unwrap_or_default(),
        map: map::sheet(edition, &hot_spots),
        shapes: shapes(edition),
        hot_spots,
        track_record: TrackRecord { forecasts: forecasts::record(sources, edition, foretold), ..answer::track_record(sources, edition, record, says) },
        answer: assessment.as_ref().map(answer::details).unwrap_or_default(),
        assessment,
        recommendations: recommendations(sources),
        method: method(edition, seed),
        frameworks: edition.rankings().into_iter().map(|r| framework_form(r.framework)).collect(),
        data: data_notes(sources, edition),
        gaps: gaps(edition),
    }
}

fn name_of(edition: &Edition<'_>, unit: &str) -> Text {
    edition.unit(unit).map(|(_, u)| u.unit.name().clone()).unwrap_or_else(|| Text { en: unit.into(), fr: unit.into(), ar: unit.into() })
}

fn class_id(ranking: &Ranking<'_>, unit: &Scored<'_>) -> Option<String> {
    Some(ranking.framework.classes.name(unit.class?)?.to_owned())
}

pub(super) fn severity_id(severity: Severity) -> &'static str {
    match severity {
        Severity::Watch => "watch",
        Severity::Warning => "warning",
        Severity::Alarm => "alarm",
    }
}

pub(super) fn audience_id(audience: Audience) -> &'static str {
    match audience {
        Audience::Government => "government",
        Audience::RegionalBodies => "regional_bodies",
        Audience::Communities => "communities",
        Audience::HumanitarianActors => "humanitarian_actors",
    }
}

pub(super) fn level_id(level: Level) -> &'static str {
    match level {
        Level::Low => "low",
        Level::Moderate => "moderate",
        Level::High => "high",
    }
}

fn ranking_table(
    sources: &Sources,
    edition: &Edition<'_>,
    ranking: &Ranking<'_>,
    previous: Option<&Edition<'_>>,
    drawn: Option<&Uncertainty>,
) -> RankingTable {
    let framework = ranking.framework;
    let rows = ranking
        .by_rank()
        .into_iter()
        .map(|u| {
            let before = previous.and_then(|p| p.unit(u.unit.id())).map(|(_, b)| b);
            let severity = edition.alerts.of_unit(u.unit.id()).map(|a| a.rule.severity).max();
            let own = drawn.and_then(|d| d.units.iter().find(|o| o.unit == u.unit.id()));
            let group = drawn.and_then(|d| d.tied.iter().find(|g| g.iter().any(|id| id == u.unit.id())));
            RankRow {
                unit: u.unit.id().into(),
                pcodes: match u.unit {
                    Unit::Province(p) => p.pcodes.clone(),
                    Unit::Crossing(_) => Vec::new(),
                },
                name: u.unit.name().clone(),
                countries: u.unit.countries().into_iter().map(str::to_owned).collect(),
                rank: u.rank,
                rank_before: before.and_then(|b| b.rank),
                score: u.score,
                score_before: before.and_then(|b| b.score),
                class: class_id(ranking, u),
                class_label: u.class.and_then(|c| framework.class_labels.get(c).cloned()),
                best: u.bounds.0,
                worst: u.bounds.1,
                confidence: level_id(u.confidence.level).into(),
                dimensions: shown_dimensions(framework).map(|(node, _)| u.evaluation.values.get(node).copied().flatten()).collect(),
                severity: severity.map(|s| severity_id(s).to_owned()),
                rank_low: own.and_then(|o| o.low_rank).map(|r| r.floor() as usize),
                rank_high: own.and_then(|o| o.high_rank).map(|r| r.ceil() as usize),
                p_high: own.and_then(|o| o.at_or_above_class),
                tied_with: group.into_iter().flatten().filter(|id| *id != u.unit.id()).cloned().collect(),
            }
        })
        .collect();
    RankingTable {
        kind: framework.kind.name().into(),
        label: framework.label.clone(),
        version: framework.version.clone(),
        level: (framework.kind == UnitKind::Provinces).then_some(sources.datasets.layer.level),
        dimensions: shown_dimensions(framework).map(|(_, d)| Named { id: d.id.clone(), label: d.label.clone() }).collect(),
        indicators: indicator_notes(framework),
        rows,
        certainty: drawn.map(|d| certainty(edition, d)),
    }
}

fn certainty(edition: &Edition<'_>, drawn: &Uncertainty) -> Certainty {
    let named = |id: &String| Named { id: id.clone(), label: name_of(edition, id) };
    Certainty {
        draws: drawn.draws,
        failed: drawn.failed,
        varied: drawn.varied.clone(),
        class: drawn.class.as_ref().map(|c| Named { id: c.id.clone(), label: c.label.clone() }),
        tied: drawn.tied.iter().map(|group| group.iter().map(named).collect()).collect(),
    }
}

/// The dimensions below the root.
fn shown_dimensions(framework: &Framework) -> impl Iterator<Item = (usize, &crate::framework::Dimension)> {
    let root = framework.tree.root();
    framework.dimensions.iter().enumerate().filter(move |(i, _)| *i != root)
}

fn indicator_notes(framework: &Framework) -> Vec<IndicatorNote> {
    let weights = framework.tree.effective_weights();
    framework
        .indicators
        .iter()
        .enumerate()
        .map(|(i, indicator)| IndicatorNote {
            id: indicator.id.clone(),
            label: indicator.label.clone(),
            definition: indicator.definition.clone(),
            unit_of_measurement: indicator.unit_of_measurement.clone(),
            dimension: framework.dimension_of(i).map(|d| d.id.clone()).unwrap_or_default(),
            effective_weight: weights.get(i).copied().unwrap_or_default(),
            higher_is_riskier: indicator.direction == Direction::HigherIsRiskier,
            scoring: scoring_words(indicator),
            asked_by: indicator.asked_by.iter().map(|c| cited(&c.document, c.paragraph)).collect(),
        })
        .collect()
}

fn cited(document: &str, paragraph: Option<u32>) -> String {
    paragraph.map_or_else(|| document.to_owned(), |p| format!("{document} ¶{p}"))
}

fn scoring_words(indicator: &Indicator) -> Text {
    match &indicator.scoring {
        Scoring::Goalposts { lower, upper, transform } => {
            let log = *transform == crate::framework::Transform::Log1p;
            say!("method.goalposts", low = Arg::plain(lower.value), high = Arg::plain(upper.value), log = log)
        }
        Scoring::Bands { steps, below } => {
            let band = |s: &crate::framework::file::Step| say!("method.band", low = Arg::plain(s.from), score = Arg::plain(s.score));
            say!("method.bands", below = Arg::plain(*below), bands = Arg::Clauses(steps.iter().map(band).collect()))
        }
    }
}

fn changes(edition: &Edition<'_>, previous: Option<&Edition<'_>>) -> Vec<Change> {
    let Some(previous) = previous else { return Vec::new() };
    let mut changes = Vec::new();
    for ranking in edition.rankings() {
        for unit in ranking.by_rank() {
            let id = unit.unit.id();
            let Some((old_ranking, old)) = previous.unit(id) else { continue };
            let rules = |e: &Edition<'_>| -> BTreeSet<String> { e.alerts.of_unit(id).map(|a| a.rule.id.clone()).collect() };
            let (now, then) = (rules(edition), rules(previous));
            let change = Change {
                unit: id.into(),
                name: unit.unit.name().clone(),
                kind: ranking.framework.kind.name().into(),
                rank_before: old.rank,
                rank: unit.rank,
                score_before: old.score,
                score: unit.score,
                class_before: class_id(old_ranking, old),
                class: class_id(ranking, unit),
                new_alerts: now.difference(&then).cloned().collect(),
                ended_alerts: then.difference(&now).cloned().collect(),
            };
            let moved = change.rank != change.rank_before || change.class != change.class_before;
            if moved || !change.new_alerts.is_empty() || !change.ended_alerts.is_empty() {
                changes.push(change);
            }
        }
    }
    // The largest change of score first; units that were not scored before or are not now come last.
    let size = |c: &Change| c.score.zip(c.score_before).map_or(-1.0, |(now, then)| (now - then).abs());
    changes.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| a.unit.cmp(&b.unit)));
    changes
}

fn summary(edition: &Edition<'_>, previous: Option<&Edition<'_>>, changes: &[Change]) -> Vec<Text> {
    let mut lines = Vec::new();
    for ranking in edition.rankings() {
        let first: Vec<Text> = ranking
            .by_rank()
            .into_iter()
            .filter(|u| u.rank.is_some())
            .take(5)
            .map(|u| say!("report.name_score", name = u.unit.name(), score = Arg::Number(u.score.unwrap_or_default(), 1)))
            .collect();
        lines.push(say!("report.highest", n = ranking.units.len(), kind = kind_words(ranking.framework.kind), list = first));
    }
    let mut by_severity: BTreeMap<Severity, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for alert in &edition.alerts.fired {
        let entry = by_severity.entry(alert.rule.severity).or_default();
        entry.0 += 1;
        entry.1.insert(alert.unit);
    }
    let counts: Vec<Text> = by_severity
        .iter()
        .rev()
        .map(|(severity, (n, units))| say!("report.alerts_of", n = *n, severity = label(severity_id(*severity)), units = units.len()))
        .collect();
    lines.push(if counts.is_empty() { say!("report.no_rule_fires") } else { say!("report.alerts", list = Arg::Clauses(counts)) });
    if let Some(previous) = previous {
        let risen: Vec<Text> = strongest_moves(changes)
            .into_iter()
            .map(|c| say!("report.rose", name = &c.name, before = rank_words(c.rank_before), now = rank_words(c.rank)))
            .collect();
        if !risen.is_empty() {
            lines.push(say!("report.largest_rises", day = previous.as_of.day, list = risen));
        }
    }
    lines
}

fn strongest_moves(changes: &[Change]) -> Vec<&Change> {
    let rise = |c: &Change| match (c.rank_before, c.rank) {
        (Some(before), Some(now)) => before as i64 - now as i64,
        _ => 0,
    };
    let mut risen: Vec<&Change> = changes.iter().filter(|c| rise(c) > 0).collect();
    risen.sort_by(|a, b| rise(b).cmp(&rise(a)).then_with(|| a.unit.cmp(&b.unit)));
    risen.truncate(4);
    risen
}

/// What the units of a framework are called.
fn kind_words(kind: UnitKind) -> Text {
    match kind {
        UnitKind::Provinces => say!("report.provinces"),
        UnitKind::Crossings => say!("report.crossings"),
    }
}

fn rank_words(rank: Option<usize>) -> Text {
    rank.map_or_else(|| say!("report.no_rank"), |r| Text::same(&r.to_string()))
}

fn actions(sources: &Sources, edition: &Edition<'_>) -> Vec<Actions> {
    let audiences = [Audience::Government, Audience::RegionalBodies, Audience::Communities, Audience::HumanitarianActors];
    audiences
        .into_iter()
        .filter_map(|audience| {
            let mut by_recommendation: BTreeMap<&str, Vec<&Alert<'_>>> = BTreeMap::new();
            for alert in edition.alerts.fired.iter().filter(|a| a.rule.audience.contains(&audience)) {
                by_recommendation.entry(&alert.rule.recommendation).or_default().push(alert);
            }
            let mut items: Vec<(Severity, Action)> = by_recommendation
                .into_iter()
                .filter_map(|(id, alerts)| {
                    let recommendation = sources.rules.recommendations.get(id)?;
                    let severity = alerts.iter().map(|a| a.rule.severity).max()?;
                    Some((severity, Action {
                        recommendation: id.into(),
                        title: recommendation.title.clone(),
                        text: recommendation.text.clone(),
                        severity: severity_id(severity).into(),
                        units: action_units(edition, &alerts),
                    }))
                })
                .collect();
            items.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.recommendation.cmp(&b.1.recommendation)));
            (!items.is_empty())
                .then(|| Actions { audience: audience_id(audience).into(), items: items.into_iter().map(|(_, a)| a).collect() })
        })
        .collect()
}

fn action_units(edition: &Edition<'_>, alerts: &[&Alert<'_>]) -> Vec<ActionUnit> {
    let mut units: BTreeMap<&str, (Severity, Vec<String>)> = BTreeMap::new();
    for alert in alerts {
        let entry = units.entry(alert.unit).or_insert((alert.rule.severity, Vec::new()));
        entry.0 = entry.0.max(alert.rule.severity);
        entry.1.push(alert.rule.id.clone());
    }
    let rank = |unit: &str| edition.unit(unit).and_then(|(_, u)| u.rank).unwrap_or(usize::MAX);
    let mut units: Vec<_> = units.into_iter().collect();
    units.sort_by(|a, b| b.1.0.cmp(&a.1.0).then_with(|| rank(a.0).cmp(&rank(b.0))).then_with(|| a.0.cmp(b.0)));
    units
        .into_iter()
        .map(|(unit, (severity, rules))| ActionUnit {
            unit: unit.into(),
            name: name_of(edition, unit),
            severity: severity_id(severity).into(),
            rules,
        })
        .collect()
}

fn recommendations(sources: &Sources) -> Vec<RecommendationNote> {
    sources
        .rules
        .recommendations
        .values()
        .map(|r| RecommendationNote {
            id: r.id.clone(),
            title: r.title.clone(),
            text: r.text.clone(),
            asked_by: r.asked_by.iter().map(|c| cited(&c.document, c.paragraph)).collect(),
        })
        .collect()
}

fn follow_up(edition: &Edition<'_>, previous: &Edition<'_>) -> Vec<FollowUpLine> {
    let unit_of = |id: &str| edition.unit(id).map(|(_, u)| u.unit);
    edition
        .alerts
        .follow_up(&previous.alerts, previous.as_of.day, &edition.evidence, unit_of)
        .into_iter()
        .filter(|f| f.rule.severity > Severity::Watch || !f.facts.is_empty())
        .map(|f| FollowUpLine {
            rule: f.rule.id.clone(),
            label: f.rule.label.clone(),
            unit: f.unit.into(),
            name: name_of(edition, f.unit),
            state: match f.fires {
                Some(true) => "fires",
                Some(false) => "ended",
                None => "undetermined",
            }
            .into(),
            facts: f.facts.into_iter().map(fact_line).collect(),
        })
        .collect()
}

fn method(edition: &Edition<'_>, seed: u64) -> Method {
    let framework = edition.provinces.framework;
    let classes = framework
        .class_labels
        .iter()
        .enumerate()
        .map(|(i, label)| ClassNote {
            id: framework.classes.name(i).unwrap_or_default().into(),
            label: label.clone(),
            at_or_above: framework.classes.lower_edge(i),
        })
        .collect();
    let trees = edition
        .rankings()
        .into_iter()
        .flat_map(|r| {
            r.framework.tree.nodes().iter().zip(&r.framework.dimensions).map(move |(node, dimension)| TreeNote {
                kind: r.framework.kind.name().into(),
                dimension: dimension.label.clone(),
                operator: operator_words(&node.operator),
                minimum_coverage: node.minimum_coverage,
                children: node.children.iter().map(|(c, w)| (label_of(r.framework, r.framework.tree.child_id(*c)), *w)).collect(),
            })
        })
        .collect();
    Method { classes, trees, attack: attack_words(&framework.attack), confidence: confidence_words(&framework.confidence), seed }
}

fn framework_form(framework: &Framework) -> FrameworkForm {
    let nodes = framework.tree.nodes();
    FrameworkForm {
        kind: framework.kind.name().into(),
        root: nodes.get(framework.tree.root()).map(|n| n.id.clone()).unwrap_or_default(),
        nodes: nodes
            .iter()
            .map(|n| NodeForm {
                id: n.id.clone(),
                operator: n.operator.clone(),
                minimum_coverage: n.minimum_coverage,
                children: n.children.iter().map(|(c, w)| (framework.tree.child_id(*c).to_owned(), *w)).collect(),
            })
            .collect(),
        indicators: framework
            .indicators
            .iter()
            .map(|i| IndicatorForm { id: i.id.clone(), direction: i.direction, scoring: i.scoring.clone() })
            .collect(),
    }
}

/// What a dimension or indicator is called; its id for one that the framework does not have.
pub(super) fn label_of(framework: &Framework, id: &str) -> Text {
    let dimension = framework.dimensions.iter().find(|d| d.id == id).map(|d| &d.label);
    let indicator = || framework.indicators.iter().find(|i| i.id == id).map(|i| &i.label);
    dimension.or_else(indicator).cloned().unwrap_or_else(|| Text::same(id))
}

fn attack_words(attack: &crate::measures::Attack) -> Text {
    let kinds: Vec<Text> = attack.ledger_event_types.iter().map(|kind| term(kind, kind)).collect();
    say!("method.attack", states = !attack.state_actor_prefixes.is_empty(), kinds = kinds)
}

fn confidence_words(limits: &crate::framework::file::Confidence) -> Text {
    say!("method.confidence", high = limits.high_at_most, moderate = limits.moderate_at_most)
}

fn data_notes(sources: &Sources, edition: &Edition<'_>) -> Vec<DatasetNote> {
    sources
        .datasets
        .manifests
        .values()
        .map(|m| {
            let latest = m.coverage.iter().filter(|c| edition.as_of.knows(c.published.0)).max_by_key(|c| (c.published, c.to));
            let vintage = match latest {
                Some(c) => {
                    let (from, to) = c.from.zip(c.to).unzip();
                    say!("report.release_covers", release = &c.release, day = c.published, from = from, to = to)
                }
                None if m.vintage_column.is_some() => say!("report.rows_by_date"),
                None => say!("report.nothing_published"),
            };
            let kind = match m.kind {
                crate::datasets::Kind::Exhaustive => "exhaustive",
                crate::datasets::Kind::Ledger => "ledger",
                crate::datasets::Kind::Reference => "reference",
            };
            DatasetNote {
                id: m.id.clone(),
                title: m.title.clone(),
                kind: kind.into(),
                licence: m.licence.clone(),
                citation: m.citation.clone(),
                vintage,
            }
        })
        .collect()
}

fn hot_spots(edition: &Edition<'_>, seed: u64) -> HotSpots {
    let clusters = studies::hot_spots::clusters(edition, seed);
    let place = |at| {
        let near = studies::hot_spots::nearest_town(&edition.evidence, at);
        near.map_or_else(|| Text::same(""), |(km, town)| if km < 1.0 { town.clone() } else { say!("report.km_from", km = Arg::Number(km, 0), town = town) })
    };
    let mut notes = vec![say!("report.hot_spot_method")];
    notes.push(match clusters.window {
        None => say!("report.no_cluster_search"),
        Some(window) => {
            say!("report.cluster_method", n = clusters.searched, from = window.from, to = window.to, left = clusters.left_out)
        }
    });
    HotSpots {
        provinces: studies::hot_spots::hot_spots(edition, seed)
            .into_iter()
            .map(|h| HotSpotLine { name: name_of(edition, &h.unit), unit: h.unit, z: h.z, p: h.p, q: h.q, may_be_chance: h.may_be_chance })
            .collect(),
        clusters: clusters
            .found
            .into_iter()
            .map(|c| ClusterLine {
                place: place(c.centre),
                latitude: c.centre.latitude,
                longitude: c.centre.longitude,
                radius_km: c.radius_km,
                from: c.first_day.to_string(),
                to: c.last_day.to_string(),
                events: c.events,
                expected: c.expected,
                p: c.p,
                may_be_chance: c.may_be_chance,
            })
            .collect(),
        notes,
    }
}

fn gaps(edition: &Edition<'_>) -> Vec<Text> {
    let mut gaps = vec![say!("report.gap_ledger"), say!("report.gap_ucdp")];
    gaps.extend(edition.evidence.data.layer_note());
    for ranking in edition.rankings() {
        let n = ranking.units.len();
        let mut missing: Vec<(usize, &Text)> = ranking
            .framework
            .indicators
            .iter()
            .enumerate()
            .map(|(i, indicator)| {
                let without = ranking.units.iter().filter(|u| u.readings.get(i).is_some_and(|r| r.value.is_none())).count();
                (without, &indicator.label)
            })
            .filter(|(without, _)| *without > 0)
            .collect();
        missing.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.en.cmp(&b.1.en)));
        let words: Vec<Text> = missing.iter().map(|(k, label)| say!("report.label_k_of_n", label = *label, k = *k, n = n)).collect();
        if !words.is_empty() {
            gaps.push(say!("report.without_value", kind = kind_words(ranking.framework.kind), list = Arg::Clauses(words)));
        }
    }
    gaps
}
