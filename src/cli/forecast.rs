use std::io::Write;

use super::args::{Arguments, ForecastArgs, Format, PanelArg};
use super::backtest::{counts, radius};
use super::paragraph::say;
use super::table::{csv, number, table};
use super::{FINDINGS, FINE, Failure, given_day, open};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::edition::Sources;
use crate::foresight::forecast::{Ahead, Driver, Outlooks, Skill, Told};
use crate::foresight::{Panel, admin2, crossings, provinces};
use crate::text::Month;

/// Furthest month ahead.
const FURTHEST: u32 = 24;

/// Log-odds below which a driver is not worth a word: a factor of 1.2 on the odds.
const WORTH_A_WORD: f64 = 0.18;

pub fn run(args: &ForecastArgs, arguments: &Arguments, out: &mut impl Write) -> Result<u8, Failure> {
    let horizons = horizons(args)?;
    let delay = args.reporting_delay as i32;
    let panel = match &args.counts {
        Some(path) => counts(path)?,
        None => panel(args, &open(arguments)?)?,
    };
    let as_of = match &args.as_of {
        Some(text) => given_day(text)?,
        None => panel.outcomes.last().minus(-delay).last_day(),
    };
    let month = Month::of(as_of);
    let origin = if month.last_day() == as_of { month } else { month.minus(1) };
    let last = panel.outcomes.last();
    if origin.minus(delay) > last {
        return Err(Diagnostic::error("forecast-origin", format!("at the end of {origin} nothing after {last} is known"), Place::Argument)
            .rule("a forecast starts where the counts end")
            .help(format!("give --as-of {} or an earlier day, or import newer counts", last.minus(-delay).last_day()))
            .into());
    }
    let history = panel.history(origin, args.reporting_delay).ok_or_else(|| {
        Failure::from(
            Diagnostic::error("forecast-origin", format!("nothing is known at the end of {origin}"), Place::Argument)
                .rule("36 months of counts come before a forecast")
                .help(format!("the counts begin in {}", panel.outcomes.first)),
        )
    })?;
    let mut found = Outlooks::of(&history, &horizons);
    keep_ranked(&mut found, &panel, args.all);
    match args.format {
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&found).map_err(std::io::Error::other)?)?,
        Format::Csv => write!(out, "{}", rows(&found)?)?,
        Format::Table => write!(out, "{}", page(&found, panel.has_vintage(origin)))?,
    }
    Ok(if found.horizons.iter().any(|a| a.not_told.is_some()) { FINDINGS } else { FINE })
}

fn panel(args: &ForecastArgs, sources: &Sources) -> Result<Panel, Failure> {
    let (data, resolver) = (&sources.datasets, &sources.resolver);
    Ok(match args.kind {
        PanelArg::Provinces => provinces(data, resolver),
        PanelArg::Admin2 => admin2(data, resolver),
        PanelArg::Crossings => crossings(data, resolver, radius(args.radius)?),
    })
}

fn horizons(args: &ForecastArgs) -> Result<Vec<u32>, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut horizons = args.horizons.clone();
    horizons.sort_unstable();
    horizons.dedup();
    for h in horizons.iter().filter(|h| !(1..=FURTHEST).contains(*h)) {
        problems.push(Diagnostic::error("wrong-horizon", format!("{h} months ahead"), Place::Argument).rule(format!("1 to {FURTHEST} months ahead")).help("for example --horizons 1,3,6,12"));
    }
    if args.reporting_delay > 24 {
        problems.push(Diagnostic::error("forecast-delay", format!("a delay of {} months", args.reporting_delay), Place::Argument).rule("the delay is at most 24 months").help("UCDP's monthly releases take 1 month"));
    }
    if problems.has_errors() { Err(problems) } else { Ok(horizons) }
}

/// Leaves the surroundings out, unless there is nothing else.
fn keep_ranked(found: &mut Outlooks, panel: &Panel, all: bool) {
    let ranked = |told: &Told| panel.unit(&told.unit).and_then(|u| panel.units.get(u)).is_some_and(|u| u.scored);
    for ahead in &mut found.horizons {
        if !all && ahead.units.iter().any(ranked) {
            ahead.units.retain(ranked);
        }
    }
}

fn rows(found: &Outlooks) -> std::io::Result<String> {
    let rows = found.horizons.iter().flat_map(|ahead| {
        ahead.units.iter().map(move |told| {
            let drivers: Vec<String> = told.drivers.iter().map(|d| format!("{:+.3} {}", d.log_odds, d.feature.words())).collect();
            vec![
                found.origin.clone(), found.last_known.clone(), ahead.horizon.to_string(), ahead.month.clone(), told.unit.clone(), told.name.clone(),
                number(Some(told.probability)), told.low.to_string(), told.high.to_string(), number(told.onset_probability), drivers.join("; "),
            ]
        })
    });
    csv(&["origin", "last_known", "horizon", "month", "unit", "name", "probability", "low", "high", "onset_probability", "drivers"], rows)
}

/// The page for a terminal, at most 80 columns wide.
fn page(found: &Outlooks, true_vintage: bool) -> String {
    let mut out = String::new();
    let known = if true_vintage { "by the releases of that day" } else { "by the latest releases" };
    say(&mut out, "", &format!("FORECAST made at the end of {}, from months up to {} {known}: the probability of at least one deadly event in a month.", found.origin, found.last_known));
    for ahead in &found.horizons {
        if let Some(why) = &ahead.not_told {
            say(&mut out, "", &format!("\n{} ({} ahead): nothing is said: {why}.", ahead.month, ahead.horizon));
        }
    }
    let told: Vec<&Ahead> = found.horizons.iter().filter(|a| !a.units.is_empty()).collect();
    let Some(first) = told.first() else {
        say(&mut out, "", "\nNo unit has 36 known months behind it.");
        return out;
    };
    out.push('\n');
    out.push_str(&probabilities(&told, first));
    say(&mut out, "", &format!("\n90 %: the number of deadly events in {} lies in this range with a probability of 90 %. onset: no deadly event in the last six known months, so that the probability is one of a new outbreak. drivers: many (+) or few (−) deadly events against the average case, lately in the unit, for years in the unit, or around it within some 250 km.", first.month));
    out.push('\n');
    for sentence in told.iter().flat_map(|a| a.skill.iter().map(|s| skill_words(a, s))) {
        say(&mut out, "", &sentence);
    }
    out
}

fn probabilities(told: &[&Ahead], first: &Ahead) -> String {
    let mut header = vec!["unit".to_owned()];
    header.extend(told.iter().map(|a| a.month.clone()));
    header.extend(["90 %", "", "drivers"].map(str::to_owned));
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut units: Vec<&Told> = first.units.iter().collect();
    units.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.unit.cmp(&b.unit)));
    let rows = units
        .into_iter()
        .map(|unit| {
            let chance = |a: &&Ahead| a.units.iter().find(|t| t.unit == unit.unit).map_or_else(|| "–".into(), |t| percent(t.probability));
            let range = if unit.low == unit.high { unit.low.to_string() } else { format!("{}–{}", unit.low, unit.high) };
            let onset = if unit.onset_probability.is_some() { "onset" } else { "" };
            std::iter::once(unit.name.clone()).chain(told.iter().map(chance)).chain([range, onset.into(), drivers(&unit.drivers)]).collect()
        })
        .collect();
    table(&header, &(1..=told.len()).collect::<Vec<_>>(), rows)
}

fn percent(p: f64) -> String {
    match p {
        p if p < 0.01 => "<1 %".into(),
        p if p > 0.99 => ">99 %".into(),
        p => format!("{:.0} %", p * 100.0),
    }
}

/// The two strongest drivers in words.
fn drivers(drivers: &[Driver]) -> String {
    let strong = drivers.iter().filter(|d| d.log_odds.abs() >= WORTH_A_WORD).take(2);
    let words: Vec<String> = strong.map(|d| format!("{} {}", if d.log_odds > 0.0 { "+" } else { "−" }, d.feature.words())).collect();
    if words.is_empty() { "average".into() } else { words.join(", ") }
}

/// What such forecasts were worth at the last 24 origins.
fn skill_words(ahead: &Ahead, skill: &Skill) -> String {
    let which = if skill.quiet { "quiet" } else { "violent" };
    let h = ahead.horizon;
    match (skill.brier_skill, skill.auroc) {
        (None, _) => format!("{h} ahead, {which} units: {} events in {} past cases, too few to tell whether the forecast has skill.", skill.events, skill.cases),
        (Some(s), Some(a)) if skill.is_none() => format!("{h} ahead, {which} units: NO SKILL lately. The plain share of events was no worse (Brier skill {s:.2}, AUROC {a:.2}, {} events in {} cases).", skill.events, skill.cases),
        (Some(s), a) => format!("{h} ahead, {which} units: Brier skill {s:.2} over the plain share of events, AUROC {:.2} ({} events in {} cases of two years).", a.unwrap_or(0.5), skill.events, skill.cases),
    }
}
