//! The card of a unit: drivers, alerts, and the events and facts behind them.

use std::collections::BTreeSet;

use super::build::label_of;
use super::build::{audience_id, level_id, severity_id};
use super::model::*;
use crate::datasets::{Citation, Claim, Fact, LedgerEvent};
use crate::edition::{Alert, Edition, Ranking, Scored};
use crate::evidence::{Event, Unit};
use crate::framework::Framework;
use crate::say;
use crate::text::{Arg, Month, Text, country, days_between, term};

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
        forecast: None,
        undetermined: edition
            .alerts
            .undetermined
            .iter()
            .filter(|u| u.unit == id)
            .map(|u| UndeterminedLine { rule: u.rule.id.clone(), label: u.rule.label.clone(), missing: u.missing.iter().map(|name| label_of(framework, name)).collect() })
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
    let (events, counted): (Vec<Option<i64>>, Text) = match unit {
        Unit::Province(p) => {
            let count = |month| {
                let count = evidence.counts.at(&p.country, &p.id, month)?;
                untold |= count.deadly.is_none() && count.events > 0;
                Some(count.deadly.unwrap_or(count.events))
            };
            (months.map(count).collect(), say!("report.counted_in_province"))
        }
        Unit::Crossing(c) => {
            let near = |e: &&Event| e.is_deadly() && e.has_point() && e.now.at.is_some_and(|at| crate::geo::distance_within_km(c.at, at, CATCHMENT_KM).is_some());
            let mut counts: std::collections::BTreeMap<Month, i64> = std::collections::BTreeMap::new();
            for event in evidence.events.iter().filter(|e| Month::of(e.now.date) >= from).filter(near) {
                *counts.entry(Month::of(event.now.date)).or_default() += 1;
            }
            let count = |month| crate::measures::covers_points(evidence, &unit.countries(), month).then(|| counts.get(&month).copied().unwrap_or_default());
            (months.map(count).collect(), say!("report.counted_near", km = Arg::Number(CATCHMENT_KM, 0)))
        }
    };
    let known = || (from.0..).map(Month).zip(&events).filter_map(|(m, n)| n.map(|n| (m, n)));
    let most = known().max_by_key(|(m, n)| (*n, *m))?;
    let note = if untold { say!("report.counted_untold", counted = counted) } else { counted };
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

fn about(edition: &Edition<'_>, unit: Unit<'_>) -> Vec<Text> {
    let mut lines = Vec::new();
    match unit {
        Unit::Province(p) => {
            if let (Some(people), Some(source)) = (p.population, &p.population_source) {
                let year = p.population_year.map(|y| y.to_string());
                lines.push(say!("report.people", people = Arg::Number(people, 0), year = year, source = source));
            }
            if let Some(seat) = &p.seat {
                lines.push(say!("report.seat", seat = seat));
            }
        }
        Unit::Crossing(c) => {
            let provinces = c.provinces.iter().flatten().filter_map(|id| edition.evidence.province(id));
            let sides: Vec<Text> = provinces.map(|p| say!("report.side", name = &p.name, country = country(&p.country))).collect();
            if !sides.is_empty() {
                lines.push(say!("report.between", sides = sides));
            }
            if let Some(road) = &c.road {
                lines.push(say!("report.road", road = road));
            }
            lines.push(say!("report.coordinates", quality = term(&c.quality, &c.quality), km = c.error_km.map(|km| Arg::Number(km, 0))));
            if let Some(evidence) = &c.evidence {
                lines.push(Text::same(evidence));
            }
            for figure in edition.evidence.trade.iter().filter(|t| t.crossings.contains(&c.id)) {
                let value = figure.value.trim().parse().map_or_else(|_| Arg::Plain(figure.value.clone()), Arg::plain);
                lines.push(say!("report.trade_figure", measure = &figure.measure, value = value, unit = &figure.unit, source = source_words(&figure.source)));
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
            notes: reading.notes.clone(),
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
fn moves(framework: &Framework, unit: &Scored<'_>) -> Vec<Text> {
    let (Some(class), Some(_)) = (unit.class, unit.score) else { return Vec::new() };
    let root = |scores: &[Option<f64>]| framework.tree.evaluate(scores).root;
    let mut found: Vec<(f64, Text)> = Vec::new();
    for (i, indicator) in framework.indicators.iter().enumerate() {
        let Some(now) = unit.scores.get(i).copied().flatten() else { continue };
        let with = |s: f64| {
            let mut scores = unit.scores.clone();
            if let Some(cell) = scores.get_mut(i) {
                *cell = Some(s);
            }
            root(&scores).map(|r| framework.classes.class(r))
        };
        for end in [10.0, 0.0] {
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
            let to = with(moves).and_then(|c| framework.class_labels.get(c)).cloned();
            let Some(to) = to else { continue };
            let (from, then, label) = (Arg::Number(now, 1), Arg::Number(moves, 1), &indicator.label);
            let words = if end > 5.0 {
                say!("report.up", class = to, indicator = label, now = from, then = then)
            } else {
                say!("report.down", class = to, indicator = label, now = from, then = then)
            };
            found.push(((moves - now).abs(), words));
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.en.cmp(&b.1.en)));
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
            let places = events.iter().map(|e| e.place.clone()).filter(|p| seen.insert(p.en.clone())).collect();
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
        (None, None, None) => say!("report.no_figure"),
        (low, best, high) => {
            let best = best.map_or_else(|| say!("report.no_adopted_figure"), |best| Text::same(&best));
            match (low, high) {
                (Some(low), Some(high)) if low != high => say!("report.best_in_range", best = best, low = low, high = high),
                _ => best,
            }
        }
    };
    let when = match (&event.date_end, event.date_precision.as_str()) {
        (Some(end), "month" | "season" | "week") if *end != event.date => format!("{} to {end}", event.date),
        _ => event.date.to_string(),
    };
    let tactics: Vec<Text> = event.tactics.iter().map(|t| term(t, t)).collect();
    let tactics = (!tactics.is_empty()).then(|| Arg::from(tactics));
    let kind = term(&event.event_type, &event.event_type);
    EventLine {
        row: format!("ledger_events:{}", event.id),
        date: when,
        place: event.place.clone(),
        what: say!("report.who_what", actor = &event.actor, kind = kind, tactics = tactics),
        deaths,
        first_time: event.first_time,
        note: event.note.as_deref().map(Text::same),
        source: Text::same(&source_words(&event.source)),
        url: event.source.url.clone().unwrap_or_default(),
        grade: grade(&event.source),
        claims: edition.evidence.claims_about(event).into_iter().filter(|c| c.event.is_some()).map(|c| claim_line(edition, c)).collect(),
    }
}

fn event_line(edition: &Edition<'_>, event: &Event) -> EventLine {
    let row = &event.now;
    let deaths = match (row.deaths, event.deaths_first) {
        (Some(now), Some(first)) => say!("report.first_release", now = now, first = first),
        (Some(now), None) => Text::same(&now.to_string()),
        (None, _) => say!("report.no_figure"),
    };
    let place = match (row.at, event.has_point()) {
        (Some(at), true) => {
            let point = format!("{:.2}, {:.2}", at.latitude, at.longitude);
            say!("report.point_near", point = point, town = near_town(edition, at))
        }
        _ => {
            let area = row.area.as_deref().map_or_else(|| Arg::from(say!("report.not_placed")), Arg::from);
            say!("report.no_precise_place", area = area)
        }
    };
    let kind = match row.violence {
        1 => say!("report.state_based"),
        2 => say!("report.non_state"),
        _ => say!("report.one_sided"),
    };
    let odd = row.odd.as_deref().map(|o| say!("report.marked_as", odd = o.replace('_', " ")));
    EventLine {
        row: format!("{}:{}", event.dataset, row.id),
        date: row.date.to_string(),
        place,
        what: say!("report.violence_between", kind = kind, a = &row.side_a, b = &row.side_b),
        deaths,
        first_time: false,
        note: odd,
        source: say!("report.published_release", source = "UCDP Candidate", release = &row.release, day = row.published),
        url: "https://ucdp.uu.se/downloads/".into(),
        grade: String::new(),
        claims: Vec::new(),
    }
}

/// The nearest named town within 10 km, in words.
fn near_town(edition: &Edition<'_>, at: crate::geo::Point) -> Option<Text> {
    let towns = edition.evidence.data.towns.iter();
    let near = towns.filter_map(|t| Some((crate::geo::distance_within_km(t.at, at, 10.0)?, &t.name)));
    near.min_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.en.cmp(&b.1.en))).map(|(_, name)| name.clone())
}

fn claim_line(edition: &Edition<'_>, claim: &Claim) -> ClaimLine {
    let figure = match (claim.low, claim.high) {
        (Some(low), Some(high)) if low == high => Text::same(&low.to_string()),
        (Some(low), Some(high)) => say!("report.low_to_high", low = low.to_string(), high = high.to_string()),
        (Some(low), None) => say!("report.or_more", low = low.to_string()),
        (None, Some(high)) => say!("report.up_to", high = high.to_string()),
        (None, None) => Text::same(""),
    };
    ClaimLine {
        claimant: term(&claim.claimant, &claim.claimant),
        metric: term(&claim.metric, &claim.metric),
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
        theme: term(&fact.theme, &fact.theme),
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
