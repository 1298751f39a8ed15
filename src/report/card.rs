//! The card of a unit: drivers, alerts, and the events and facts behind them.

use std::collections::BTreeSet;

use super::build::{audience_id, level_id, severity_id};
use super::model::*;
use crate::datasets::{Citation, Claim, Fact, LedgerEvent};
use crate::edition::{Alert, Edition, Ranking, Scored};
use crate::evidence::{Event, Unit};
use crate::framework::Framework;
use crate::text::{Month, days_between};

/// Events and facts on a card are not older than this many days.
const CARD_DAYS: i32 = 730;

/// Months of a time line.
const TIMELINE_MONTHS: i32 = 36;

/// Distance around a crossing within which events are shown.
const CATCHMENT_KM: f64 = 50.0;

/// The card of a unit.
///
/// It lists at most `most_events` events of exhaustive sources, and says how many it leaves out.
pub fn card(edition: &Edition<'_>, ranking: &Ranking<'_>, unit: &Scored<'_>, most_events: usize) -> Card {
    let framework = ranking.framework;
    let id = unit.unit.id();
    let (events, events_left_out) = event_lines(edition, unit.unit, most_events);
    Card {
        unit: id.into(),
        kind: framework.kind.name().into(),
        name: unit.unit.name().clone(),
        countries: unit.unit.countries().into_iter().map(str::to_owned).collect(),
        about: about(edition, unit.unit),
        rank: unit.rank,
        of: ranking.units.iter().filter(|u| u.rank.is_some()).count(),
        score: unit.score,
        class_label: unit.class.and_then(|c| framework.class_labels.get(c).cloned()),
        best: unit.bounds.0,
        worst: unit.bounds.1,
        confidence: level_id(unit.confidence.level).into(),
        confidence_reasons: unit.confidence.reasons.clone(),
        baseline: unit.drivers.as_ref().map_or(0.0, |d| d.baseline),
        indicators: indicator_lines(framework, unit),
        alerts: edition.alerts.of_unit(id).map(alert_line).collect(),
        timeline: timeline(edition, unit.unit),
        outlook: None,
        undetermined: edition
            .alerts
            .undetermined
            .iter()
            .filter(|u| u.unit == id)
            .map(|u| UndeterminedLine { rule: u.rule.id.clone(), label: u.rule.label.clone(), missing: u.missing.clone() })
            .collect(),
        moves: moves(framework, unit),
        waves: waves(edition, unit.unit),
        events,
        events_left_out,
        facts: fact_lines(edition, unit.unit),
    }
}

/// Deadly events month by month up to the edition's; none if no month is covered.
fn timeline(edition: &Edition<'_>, unit: Unit<'_>) -> Option<Timeline> {
    let evidence = &edition.evidence;
    let to = edition.as_of.month();
    let from = to.minus(TIMELINE_MONTHS - 1);
    let months = (from.0..=to.0).map(Month);
    let mut untold = false;
    let (events, counted): (Vec<Option<i64>>, String) = match unit {
        Unit::Province(p) => {
            let count = |month| {
                let count = evidence.counts.at(&p.country, &p.id, month)?;
                untold |= count.deadly.is_none() && count.events > 0;
                Some(count.deadly.unwrap_or(count.events))
            };
            (months.map(count).collect(), "deadly events in the province".into())
        }
        Unit::Crossing(c) => {
            let near = |e: &&Event| e.is_deadly() && e.has_point() && e.now.at.is_some_and(|at| crate::geo::distance_within_km(c.at, at, CATCHMENT_KM).is_some());
            let mut counts: std::collections::BTreeMap<Month, i64> = std::collections::BTreeMap::new();
            for event in evidence.events.iter().filter(|e| Month::of(e.now.date) >= from).filter(near) {
                *counts.entry(Month::of(event.now.date)).or_default() += 1;
            }
            let count = |month| crate::measures::covers_points(evidence, &unit.countries(), month).then(|| counts.get(&month).copied().unwrap_or_default());
            (months.map(count).collect(), format!("deadly events with a precise place within {CATCHMENT_KM:.0} km"))
        }
    };
    let known = || (from.0..).map(Month).zip(&events).filter_map(|(m, n)| n.map(|n| (m, n)));
    let most = known().max_by_key(|(m, n)| (*n, *m))?;
    let note = if untold { format!("{counted}; all events where the source does not tell deadly ones apart") } else { counted };
    Some(Timeline {
        from: from.to_string(),
        to: to.to_string(),
        most: most.1,
        most_in: (most.1 > 0).then(|| most.0.to_string()),
        total: known().map(|(_, n)| n).sum(),
        unknown: events.iter().filter(|n| n.is_none()).count(),
        note,
        events,
    })
}

fn about(edition: &Edition<'_>, unit: Unit<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    match unit {
        Unit::Province(p) => {
            if let (Some(people), Some(source)) = (p.population, &p.population_source) {
                let year = p.population_year.map(|y| format!(" in {y}")).unwrap_or_default();
                lines.push(format!("{people:.0} people{year} ({source})"));
            }
            if let Some(seat) = &p.seat {
                lines.push(format!("seat: {seat}"));
            }
        }
        Unit::Crossing(c) => {
            let sides: Vec<String> = c.provinces.iter().flatten().filter_map(|id| edition.evidence.province(id)).map(|p| format!("{} ({})", p.name.en, p.country)).collect();
            if !sides.is_empty() {
                lines.push(format!("between {}", sides.join(" and ")));
            }
            if let Some(road) = &c.road {
                lines.push(format!("road: {road}"));
            }
            let error = c.error_km.map(|km| format!(", within about {km} km")).unwrap_or_default();
            lines.push(format!("coordinates: {}{error}", c.quality.replace('_', " ")));
            if let Some(evidence) = &c.evidence {
                lines.push(evidence.clone());
            }
            for figure in edition.evidence.trade.iter().filter(|t| t.crossings.contains(&c.id)) {
                lines.push(format!("{}: {} {} ({})", figure.measure, figure.value, figure.unit, source_words(&figure.source)));
            }
        }
    }
    lines
}

fn indicator_lines(framework: &Framework, unit: &Scored<'_>) -> Vec<IndicatorLine> {
    let mut lines: Vec<IndicatorLine> = framework
        .indicators
        .iter()
        .enumerate()
        .zip(&unit.readings)
        .map(|((i, indicator), reading)| IndicatorLine {
            id: indicator.id.clone(),
            label: indicator.label.clone(),
            dimension: framework.dimension_of(i).map(|d| d.id.clone()).unwrap_or_default(),
            unit_of_measurement: indicator.unit_of_measurement.clone(),
            raw: reading.value,
            interval: reading.interval.map(|(low, high)| [low, high]),
            at_least: reading.at_least,
            score: unit.scores.get(i).copied().flatten(),
            contribution: unit.drivers.as_ref().and_then(|d| d.contributions.get(i).copied().flatten()),
            window: reading.window.map(|w| [w.from.to_string(), w.to.to_string()]),
            note: reading.note.clone(),
            missing: reading.missing.clone(),
            rows: reading.rows.clone(),
        })
        .collect();
    let key = |l: &IndicatorLine| l.contribution.unwrap_or(f64::NEG_INFINITY);
    lines.sort_by(|a, b| key(b).total_cmp(&key(a)).then_with(|| a.id.cmp(&b.id)));
    lines
}

fn alert_line(alert: &Alert<'_>) -> AlertLine {
    let rule = alert.rule;
    AlertLine {
        rule: rule.id.clone(),
        severity: severity_id(rule.severity).into(),
        label: rule.label.clone(),
        condition: rule.condition.clone(),
        values: alert.values.iter().cloned().collect(),
        recommendation: rule.recommendation.clone(),
        audience: rule.audience.iter().map(|a| audience_id(*a).to_owned()).collect(),
        ends_when: rule.ends_when.clone(),
    }
}

/// What one indicator alone would have to become for the unit to change class.
fn moves(framework: &Framework, unit: &Scored<'_>) -> Vec<String> {
    let (Some(class), Some(_)) = (unit.class, unit.score) else { return Vec::new() };
    let root = |scores: &[Option<f64>]| framework.tree.evaluate(scores).root;
    let mut found: Vec<(f64, String)> = Vec::new();
    for (i, indicator) in framework.indicators.iter().enumerate() {
        let Some(now) = unit.scores.get(i).copied().flatten() else { continue };
        let with = |s: f64| {
            let mut scores = unit.scores.clone();
            if let Some(cell) = scores.get_mut(i) {
                *cell = Some(s);
            }
            root(&scores).map(|r| framework.classes.class(r))
        };
        for (end, word) in [(10.0, "up"), (0.0, "down")] {
            let changed = |s: f64| with(s).is_some_and(|c| if end > 5.0 { c > class } else { c < class });
            if !changed(end) {
                continue;
            }
            // The composite is monotone in each score, so bisection finds the edge.
            let (mut stays, mut moves) = (now, end);
            for _ in 0..50 {
                let middle = f64::midpoint(stays, moves);
                if changed(middle) { moves = middle } else { stays = middle }
            }
            let to = with(moves).and_then(|c| framework.class_labels.get(c)).map(|t| t.en.clone()).unwrap_or_default();
            found.push((
                (moves - now).abs(),
                format!("{word} to \"{to}\" if {} alone went from score {now:.1} to {moves:.1}", indicator.label.en),
            ));
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    found.into_iter().take(6).map(|(_, words)| words).collect()
}

/// Waves of the ledger with a place in the unit, in the last two years, with all their places.
fn waves(edition: &Edition<'_>, unit: Unit<'_>) -> Vec<Wave> {
    let evidence = &edition.evidence;
    let recent = |e: &&LedgerEvent| days_between(e.date, edition.as_of.day) <= CARD_DAYS;
    let ids: BTreeSet<&str> = evidence
        .ledger
        .iter()
        .filter(recent)
        .filter(|e| crate::measures::concerns(unit, e))
        .filter_map(|e| e.wave.as_deref())
        .collect();
    let mut waves: Vec<Wave> = ids
        .into_iter()
        .filter_map(|id| {
            let events: Vec<&LedgerEvent> = evidence.ledger.iter().filter(|e| e.wave.as_deref() == Some(id)).collect();
            let first = events.first()?;
            let mut seen = BTreeSet::new();
            let places = events.iter().map(|e| e.place.clone()).filter(|p| seen.insert(p.clone())).collect();
            let claims = evidence.claims.iter().filter(|c| c.event.is_none() && c.wave.as_deref() == Some(id));
            Some(Wave {
                id: id.into(),
                date: first.date.to_string(),
                actor: first.actor.clone(),
                places,
                claims: claims.map(|c| claim_line(edition, c)).collect(),
            })
        })
        .collect();
    waves.sort_by(|a, b| b.date.cmp(&a.date).then_with(|| a.id.cmp(&b.id)));
    waves
}

fn event_lines(edition: &Edition<'_>, unit: Unit<'_>, most: usize) -> (Vec<EventLine>, usize) {
    let evidence = &edition.evidence;
    let mut lines: Vec<EventLine> = evidence
        .ledger
        .iter()
        .filter(|e| days_between(e.date, edition.as_of.day) <= CARD_DAYS && crate::measures::concerns(unit, e))
        .map(|e| ledger_line(edition, e))
        .collect();
    let mut rows: Vec<&Event> = evidence
        .events
        .iter()
        .filter(|e| days_between(e.now.date, edition.as_of.day) <= CARD_DAYS)
        .filter(|e| match unit {
            Unit::Province(p) => e.province.as_deref() == Some(p.id.as_str()),
            Unit::Crossing(c) => e.has_point() && e.now.at.is_some_and(|at| crate::geo::distance_within_km(c.at, at, CATCHMENT_KM).is_some()),
        })
        .collect();
    rows.reverse();
    let left_out = rows.len().saturating_sub(most);
    lines.extend(rows.into_iter().take(most).map(|e| event_line(edition, e)));
    lines.sort_by(|a, b| b.date.cmp(&a.date).then_with(|| a.row.cmp(&b.row)));
    (lines, left_out)
}

fn ledger_line(edition: &Edition<'_>, event: &LedgerEvent) -> EventLine {
    let number = |n: Option<i64>| n.map(|n| n.to_string());
    let deaths = match (number(event.deaths_low), number(event.deaths_best), number(event.deaths_high)) {
        (None, None, None) => "no figure".to_owned(),
        (low, best, high) => {
            let best = best.unwrap_or_else(|| "no adopted figure".into());
            match (low, high) {
                (Some(low), Some(high)) if low != high => format!("{best} ({low} to {high})"),
                _ => best,
            }
        }
    };
    let when = match (&event.date_end, event.date_precision.as_str()) {
        (Some(end), "month" | "season" | "week") if *end != event.date => format!("{} to {end}", event.date),
        _ => event.date.to_string(),
    };
    let tactics = if event.tactics.is_empty() { String::new() } else { format!(" ({})", event.tactics.join(", ").replace('_', " ")) };
    EventLine {
        row: format!("ledger_events:{}", event.id),
        date: when,
        place: event.place.clone(),
        what: format!("{}: {}{tactics}", event.actor, event.event_type.replace('_', " ")),
        deaths,
        first_time: event.first_time,
        note: event.note.clone().unwrap_or_default(),
        source: source_words(&event.source),
        url: event.source.url.clone().unwrap_or_default(),
        grade: grade(&event.source),
        claims: edition.evidence.claims_about(event).into_iter().filter(|c| c.event.is_some()).map(|c| claim_line(edition, c)).collect(),
    }
}

fn event_line(edition: &Edition<'_>, event: &Event) -> EventLine {
    let row = &event.now;
    let deaths = match (row.deaths, event.deaths_first) {
        (Some(now), Some(first)) => format!("{now} (first release: {first})"),
        (Some(now), None) => now.to_string(),
        (None, _) => "no figure".into(),
    };
    let place = match (row.at, event.has_point()) {
        (Some(at), true) => format!("{:.2}, {:.2}{}", at.latitude, at.longitude, near_town(edition, at)),
        _ => format!("{}, no precise place", row.area.as_deref().unwrap_or("not placed")),
    };
    let kind = match row.violence {
        1 => "state-based violence",
        2 => "non-state violence",
        _ => "one-sided violence",
    };
    let odd = row.odd.as_deref().map(|o| format!("marked as {}", o.replace('_', " "))).unwrap_or_default();
    EventLine {
        row: format!("{}:{}", event.dataset, row.id),
        date: row.date.to_string(),
        place,
        what: format!("{kind}: {} – {}", row.side_a, row.side_b),
        deaths,
        first_time: false,
        note: odd,
        source: format!("UCDP Candidate {}, published {}", row.release, row.published),
        url: "https://ucdp.uu.se/downloads/".into(),
        grade: String::new(),
        claims: Vec::new(),
    }
}

/// The nearest named town within 10 km, in words.
fn near_town(edition: &Edition<'_>, at: crate::geo::Point) -> String {
    let towns = edition.evidence.data.towns.iter();
    let near = towns.filter_map(|t| Some((crate::geo::distance_within_km(t.at, at, 10.0)?, &t.name)));
    near.min_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1))).map(|(_, name)| format!(" (near {name})")).unwrap_or_default()
}

fn claim_line(edition: &Edition<'_>, claim: &Claim) -> ClaimLine {
    let figure = match (claim.low, claim.high) {
        (Some(low), Some(high)) if low == high => format!("{low}"),
        (Some(low), Some(high)) => format!("{low} to {high}"),
        (Some(low), None) => format!("{low} or more"),
        (None, Some(high)) => format!("up to {high}"),
        (None, None) => String::new(),
    };
    ClaimLine {
        claimant: claim.claimant.clone(),
        metric: claim.metric.replace('_', " "),
        figure,
        text: claim.text.clone().unwrap_or_default(),
        adopted: edition.evidence.is_adopted(claim),
        source: source_words(&claim.source),
        url: claim.source.url.clone().unwrap_or_default(),
        grade: grade(&claim.source),
    }
}

fn fact_lines(edition: &Edition<'_>, unit: Unit<'_>) -> Vec<FactLine> {
    let units: Vec<&str> = match unit {
        Unit::Province(p) => vec![&p.id],
        Unit::Crossing(c) => std::iter::once(c.id.as_str()).chain(c.provinces.iter().flatten().map(String::as_str)).collect(),
    };
    let mut facts: Vec<&Fact> = edition
        .evidence
        .facts
        .iter()
        .copied()
        .filter(|f| f.units.iter().any(|u| units.contains(&u.as_str())))
        .filter(|f| days_between(f.to.or(f.from).unwrap_or(f.published), edition.as_of.day) <= CARD_DAYS)
        .collect();
    facts.sort_by(|a, b| b.from.cmp(&a.from).then_with(|| a.id.cmp(&b.id)));
    facts.into_iter().map(fact_line).collect()
}

pub(super) fn fact_line(fact: &Fact) -> FactLine {
    FactLine {
        row: format!("status_facts:{}", fact.id),
        theme: fact.theme.clone(),
        value: fact.value.clone(),
        level: fact.level,
        from: fact.from.map(|d| d.to_string()),
        to: fact.to.map(|d| d.to_string()),
        partner: fact.partner.clone(),
        source: source_words(&fact.source),
        url: fact.source.url.clone().unwrap_or_default(),
        grade: grade(&fact.source),
    }
}

/// Host or title, date, and the document's paragraph.
fn source_words(source: &Citation) -> String {
    let mut parts = Vec::new();
    if let Some(title) = &source.title {
        parts.push(title.clone());
    } else if let Some(url) = &source.url {
        let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        parts.push(rest.split('/').next().unwrap_or(rest).trim_start_matches("www.").to_owned());
    }
    parts.extend(source.date.clone());
    if let Some(document) = &source.document {
        let paragraph = source.paragraph.as_ref().map(|p| format!(" ¶{}", p.replace(';', ", "))).unwrap_or_default();
        parts.push(format!("{document}{paragraph}"));
    }
    parts.join(", ")
}

fn grade(source: &Citation) -> String {
    format!("{}{}", source.reliability.as_deref().unwrap_or(""), source.credibility.as_deref().unwrap_or(""))
}
