//! Rates per head of all units together, drawn toward their common mean.

use super::{Basis, Context, LEVEL, Reading};
use crate::evidence::{Unit, Window, WindowCount};
use crate::stats::empirical_bayes::{ShrunkRate, shrink_dispersed};
use crate::stats::exposed::Exposed;
use crate::text::Month;
use crate::say;
use crate::text::{Arg, Text};

/// What a rate counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    DeadlyEvents,
    Deaths,
}

/// A province's count over its own latest covered window.
struct Counted {
    window: Window,
    count: WindowCount,
    people: f64,
    exposed: Exposed,
}

/// Gamma–Poisson rates per 100,000 people and year; the prior is fitted over the provinces of the same country
/// that have a count: a quiet province says little about the next one, but more than one of another state does.
pub(super) fn read_rates(units: &[Unit<'_>], context: &Context<'_>, months: i32, max_age: i32, what: What) -> Vec<Reading> {
    let counted: Vec<Result<Counted, Text>> = units.iter().map(|u| count(*u, context, months, max_age, what)).collect();
    let exposed: Vec<Option<Exposed>> = counted.iter().map(|c| c.as_ref().ok().map(|c| c.exposed)).collect();
    let dispersion = match what {
        What::DeadlyEvents => 1.0,
        What::Deaths => deaths_together(units, context, counted.iter().flatten().map(|c| c.window)),
    };
    let country = |unit: Option<&Unit<'_>>| unit.and_then(|u| u.countries().first().copied().map(str::to_owned));
    let countries: Vec<Option<String>> = (0..units.len()).map(|i| country(units.get(i))).collect();
    let mut rates: Vec<Option<ShrunkRate>> = vec![None; units.len()];
    let mut covered = vec![0; units.len()];
    for own in countries.iter().collect::<std::collections::BTreeSet<_>>() {
        let there = |i: usize| countries.get(i) == Some(own);
        let group: Vec<Option<Exposed>> = exposed.iter().enumerate().map(|(i, e)| e.filter(|_| there(i))).collect();
        let Ok(shrunk) = shrink_dispersed(&group, dispersion) else { continue };
        let number = group.iter().flatten().count();
        for i in (0..units.len()).filter(|i| there(*i)) {
            rates[i] = shrunk.rates.get(i).copied().flatten();
            covered[i] = number;
        }
    }
    counted
        .into_iter()
        .enumerate()
        .map(|(i, counted)| {
            let counted = match counted {
                Ok(counted) => counted,
                Err(reason) => return Reading::missing(reason),
            };
            match (rates.get(i).copied().flatten(), units.get(i)) {
                (Some(rate), Some(unit)) => reading(*unit, context, &counted, &rate, covered[i], dispersion, what),
                _ => Reading::missing(say!("measures.no_common_distribution")),
            }
        })
        .collect()
}

fn count(unit: Unit<'_>, context: &Context<'_>, months: i32, max_age: i32, what: What) -> Result<Counted, Text> {
    let Unit::Province(province) = unit else { return Err(say!("measures.for_provinces")) };
    let counts = &context.evidence.counts;
    let Some(window) = counts.latest_window(&province.country, &province.id, context.evidence.as_of, months, max_age) else {
        return Err(say!("measures.no_source_in_window", months = months, age = max_age));
    };
    let count = counts.sum(&province.country, &province.id, window).ok_or_else(|| say!("measures.window_not_covered"))?;
    let people = context.evidence.people(province).map(|p| p.number).filter(|p| *p > 0.0).ok_or_else(|| say!("measures.no_population"))?;
    let number = match what {
        What::DeadlyEvents => count.deadly,
        What::Deaths => count.deaths,
    };
    let exposed = Exposed::new(number.max(0).unsigned_abs(), people / 100_000.0 * f64::from(months) / 12.0).map_err(|e| say!("measures.no_rate", reason = e.to_string()))?;
    Ok(Counted { window, count, people, exposed })
}

/// How many deaths come together: `Σ x² / Σ x` over the deaths x of the deadly event rows in the windows; 1 without rows.
fn deaths_together(units: &[Unit<'_>], context: &Context<'_>, windows: impl Iterator<Item = Window>) -> f64 {
    let span = windows.fold(None, |span: Option<(Month, Month)>, w| Some(span.map_or((w.from, w.to), |(a, b)| (a.min(w.from), b.max(w.to)))));
    let Some((from, to)) = span else { return 1.0 };
    let ids: std::collections::BTreeSet<&str> = units.iter().map(Unit::id).collect();
    let deaths = context
        .evidence
        .events
        .iter()
        .filter(|e| (from..=to).contains(&Month::of(e.now.date)) && e.province.as_deref().is_some_and(|p| ids.contains(p)))
        .filter_map(|e| e.now.deaths.filter(|d| *d > 0));
    let (sum, squares) = deaths.fold((0.0, 0.0), |(sum, squares), d| (sum + d as f64, squares + (d as f64) * (d as f64)));
    if sum > 0.0 { squares / sum } else { 1.0 }
}

fn reading(unit: Unit<'_>, context: &Context<'_>, counted: &Counted, rate: &ShrunkRate, covered: usize, dispersion: f64, what: What) -> Reading {
    let Counted { window, count, people, exposed } = counted;
    let country = unit.countries().first().copied().unwrap_or_default();
    let (n, people) = (i64::try_from(exposed.count()).unwrap_or(i64::MAX), Arg::Number(*people, 0));
    let mut notes = match what {
        What::DeadlyEvents => vec![
            say!("measures.events_in_population", n = n, from = window.from, to = window.to, people = people),
            say!("measures.deaths_and_events", deaths = count.deaths, events = count.events),
        ],
        What::Deaths => vec![
            say!("measures.deaths_in_population", n = n, from = window.from, to = window.to, people = people),
            say!("measures.deaths_together", n = count.deadly, dispersion = Arg::Number(dispersion, 1)),
        ],
    };
    notes.push(say!("measures.shrinkage", raw = Arg::Number(rate.raw, 2), share = Arg::Share(1.0 - rate.weight), n = covered));
    if count.deadly_untold > 0 {
        notes.push(say!("measures.deadly_untold", n = count.deadly_untold));
    }
    notes.extend(unplaced(context, country, *window));
    let scale = 1.0 / rate.posterior.inverse_scale();
    let basis = match what {
        What::DeadlyEvents => Basis::Rate { shape: rate.posterior.shape(), scale },
        What::Deaths => Basis::Deaths { shape: rate.posterior.shape(), scale },
    };
    let sources = context.evidence.counts.sources_of(country, unit.id(), *window);
    let reading = Reading::of(rate.posterior.mean())
        .window(*window)
        .notes(notes)
        .rows(sources.into_iter().map(|s| format!("{s}:*")).collect())
        .basis(basis);
    match rate.posterior.interval(LEVEL) {
        Ok(interval) => reading.interval(interval),
        Err(_) => reading,
    }
}

/// Says how many events of the country no province could be given.
fn unplaced(context: &Context<'_>, country: &str, window: Window) -> Option<Text> {
    let n = context.evidence.counts.unplaced(country, window);
    (n > 0).then(|| say!("measures.unplaced", n = n, country = crate::text::country(country)))
}
