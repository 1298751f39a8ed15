use std::io::Write;
use std::path::Path;

use super::args::{Arguments, BacktestArgs, Format, PanelArg, TargetArg};
use super::paragraph::say;
use super::table::{csv, number, table};
use super::{FINDINGS, FINE, Failure, open};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::edition::Sources;
use crate::foresight::baselines::{WINDOW, baselines};
use crate::foresight::forecast::PooledForecast;
use crate::foresight::{ALARM, Backtest, Estimate, Forecaster, IndexScores, Line, Panel, Plan, Target, admin2, backtest, crossings, provinces, read_counts};
use crate::text::{Month, parse_day};

/// The baseline that others are compared with: the better of the two decays on 2020 and 2021, before any origin that is held back.
const TO_BEAT: &str = "decay";

/// The forecast's name among the forecasters.
const FORECAST: &str = "forecast";

pub fn run(args: &BacktestArgs, arguments: &Arguments, out: &mut impl Write) -> Result<u8, Failure> {
    let (panel, sources) = match &args.counts {
        Some(path) => (counts(path)?, None),
        None => {
            let sources = open(arguments)?;
            let (data, resolver) = (&sources.datasets, &sources.resolver);
            let panel = match args.kind {
                PanelArg::Provinces => provinces(data, resolver),
                PanelArg::Admin2 => admin2(data, resolver),
                PanelArg::Crossings => crossings(data, resolver, radius(args.radius)?),
            };
            (panel, Some(sources))
        }
    };
    let plan = plan(args, &panel)?;
    let mut forecasters = baselines();
    forecasters.push(Box::new(PooledForecast));
    let index = sources.as_ref().filter(|_| !args.without_index && args.kind != PanelArg::Admin2).map(|s| index(s, &panel, &plan));
    let editions = index.as_ref().map(IndexScores::origins);
    forecasters.extend(index.map(|i| Box::new(i) as Box<dyn Forecaster>));
    let found = backtest(&panel, &forecasters, &plan)?;
    match args.format {
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&found).map_err(std::io::Error::other)?)?,
        Format::Csv => write!(out, "{}", long_csv(&found)?)?,
        Format::Table => {
            let text = page(&found, args, editions);
            write!(out, "{text}")?;
        }
    }
    Ok(if found.lines.iter().any(|l| l.suspicious) { FINDINGS } else { FINE })
}

pub(super) fn counts(path: &Path) -> Result<Panel, Failure> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|e| {
        Diagnostic::error("counts-unreadable", format!("{shown}: {e}"), Place::Argument).rule("--counts names a CSV file").help("check the path and the permissions")
    })?;
    Ok(read_counts(&shown, &bytes)?)
}

pub(super) fn radius(km: f64) -> Result<f64, Failure> {
    if km > 0.0 && km <= 500.0 {
        return Ok(km);
    }
    Err(Diagnostic::error("wrong-radius", format!("a radius of {km} km"), Place::Argument).rule("the radius around a crossing is above 0 and at most 500 km").help("for example --radius 25").into())
}

/// The editions of the plan's origins.
fn index(sources: &Sources, panel: &Panel, plan: &Plan) -> IndexScores {
    let origins: Vec<Month> = (plan.from.0..=plan.to.0).map(Month).collect();
    IndexScores::compute(sources, panel, &origins)
}

/// The plan of the arguments, with what they leave open filled in from the data.
fn plan(args: &BacktestArgs, panel: &Panel) -> Result<Plan, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut month = |text: &Option<String>, open: Month| match text {
        None => open,
        Some(text) => parse_day(&format!("{text}-01")).map(Month::of).unwrap_or_else(|| {
            problems.push(Diagnostic::error("wrong-month", format!("`{text}` is not a month"), Place::Argument).rule("months are written yyyy-mm").help("for example --from 2022-01"));
            open
        }),
    };
    let nearest = args.horizons.iter().copied().min().unwrap_or(1).min(1200) as i32;
    let earliest = Month(panel.outcomes.first.0.saturating_add(WINDOW as i32 - 1).saturating_add(args.reporting_delay.min(1200) as i32));
    let held_back = Month(2022 * 12);
    let first = if args.counts.is_none() && held_back > earliest { held_back } else { earliest };
    let (from, to) = (month(&args.from, first), month(&args.to, panel.outcomes.last().minus(nearest)));
    for code in args.countries.iter().filter(|c| !panel.units.iter().any(|u| u.country.split('/').any(|own| own == *c))) {
        problems.push(Diagnostic::error("unknown-country", format!("no unit lies in `{code}`"), Place::Argument).rule("countries are those of the counts").help("leave --countries out to score all"));
    }
    if args.reporting_delay > 120 {
        problems.push(Diagnostic::error("backtest-delay", format!("a delay of {} months", args.reporting_delay), Place::Argument).rule("the delay is at most 120 months").help("UCDP's monthly releases take 1 month, its yearly ones 6 to 18"));
    }
    if args.replicates > 10_000 {
        problems.push(Diagnostic::error("backtest-replicates", format!("{} replicates", args.replicates), Place::Argument).rule("at most 10000").help("400 are enough for an interval of 90 %"));
    }
    let target = match args.target {
        TargetArg::Any | TargetArg::Count => Target::Any,
        TargetArg::Onset => Target::Onset,
        TargetArg::Surge => Target::Surge,
    };
    let mut horizons = args.horizons.clone();
    horizons.sort_unstable();
    horizons.dedup();
    if problems.has_errors() {
        return Err(problems);
    }
    Ok(Plan { target, countries: args.countries.clone(), horizons, from, to, delay: args.reporting_delay, seed: args.seed, replicates: args.replicates })
}

/// One row per number.
fn long_csv(found: &Backtest) -> std::io::Result<String> {
    let rows = found.lines.iter().flat_map(|l| {
        let row = |metric: String, e: &Estimate| {
            let (low, high) = e.interval.unzip();
            vec![
                l.horizon.to_string(), l.stratum.clone(), l.forecaster.clone(), l.origins.to_string(), l.cases.to_string(), l.positives.to_string(),
                l.zeros.to_string(), metric, number(Some(e.value)), number(low), number(high),
            ]
        };
        let scores: Vec<_> = l.scores.iter().map(|(metric, e)| row((*metric).to_owned(), e)).collect();
        let against: Vec<_> = l.against.iter().map(|(other, e)| row(format!("average_precision_minus_{other}"), e)).collect();
        scores.into_iter().chain(against)
    });
    csv(&["horizon", "stratum", "forecaster", "origins", "cases", "positives", "share_of_zeros", "metric", "value", "low", "high"], rows)
}

/// The page for a terminal, at most 80 columns wide.
fn page(found: &Backtest, args: &BacktestArgs, editions: Option<usize>) -> String {
    let mut out = String::new();
    let what = match args.target {
        TargetArg::Any => "at least one deadly event",
        TargetArg::Count => "the number of deadly events",
        TargetArg::Onset => "the first deadly event after six quiet months or more",
        TargetArg::Surge => "more deadly events than own history gave a chance of 5 %",
    };
    say(&mut out, "", &format!(
        "BACKTEST. Foretold: {what} in the h-th month after the origin. Origins {} to {} ({}, of which {} with the releases of the time; at the others a month counts as known after {}). {} units, {} of them without an event ever.",
        found.from, found.to, found.origins, found.true_vintages, months(found.reporting_delay), found.units, found.units_without_events
    ));
    for (h, reasons) in &found.unscored {
        if Some(h) == found.unscored.keys().next() && !reasons.is_empty() {
            let reasons: Vec<String> = reasons.iter().map(|(why, n)| format!("{n} {}", words_of(*why))).collect();
            say(&mut out, "", &format!("Not scored at h = {h}, of {} unit-months: {}.", found.units * found.origins, reasons.join("; ")));
        }
    }
    let Some(h) = found.unscored.keys().next().copied() else { return out };
    let all: Vec<&Line> = lines(found, h, "all");
    if let Some(why) = all.first().and_then(|l| l.not_scored.as_ref()) {
        say(&mut out, "", &format!("\nNothing is scored: {why}."));
        return out;
    }
    out.push_str(&format!("\nALL CASES, h = {h}\n{}", if args.target == TargetArg::Count { count_table(&all) } else { main_table(&all) }));
    out.push_str(&format!("\nAVERAGE PRECISION APART, h = {h}\n{}", strata_table(found, h)));
    if found.unscored.len() > 1 {
        out.push_str(&format!("\nAVERAGE PRECISION BY MONTHS AHEAD\n{}", horizon_table(found)));
    }
    out.push_str("\nAP: average precision, with the middle 90 % of a bootstrap over origins;\n");
    say(&mut out, "", &format!("Δ: difference to {TO_BEAT} on the same cases; P@5: share of the first five units in which it happened; hit@5: share of all events that fell into them; alarms: false ones per unit and year at a probability of {ALARM}; τ: Kendall's τ-b from one month to the next; emerging: quiet in the last six known months; west: seat or point west of 6° W."));
    if editions.is_some() {
        say(&mut out, "", "The index is scored on fewer cases, those that editions rank; only its Δ compares.");
    }
    out.push('\n');
    for sentence in verdict(found, h, editions) {
        say(&mut out, "", &sentence);
    }
    out
}

pub(super) fn months(n: u32) -> String {
    if n == 1 { "1 month".into() } else { format!("{n} months") }
}

fn words_of(why: crate::foresight::Unscored) -> &'static str {
    use crate::foresight::Unscored::{BegunBefore, GapInHistory, NoOutcome, NotQuiet};
    match why {
        GapInHistory => "because a month of the last 36 is not known",
        NoOutcome => "because the month that is foretold is not covered",
        NotQuiet => "because the unit was not quiet",
        BegunBefore => "because it began before the month that is foretold",
    }
}

fn lines<'a>(found: &'a Backtest, horizon: u32, stratum: &str) -> Vec<&'a Line> {
    found.lines.iter().filter(|l| l.horizon == horizon && l.stratum == stratum).collect()
}

/// A number between 0 and 1 without its leading zero.
fn short(x: f64) -> String {
    let text = format!("{x:.3}");
    text.strip_prefix("0.").map(|rest| format!(".{rest}")).or_else(|| text.strip_prefix("-0.").map(|rest| format!("−.{rest}"))).unwrap_or(text)
}

fn value(line: &Line, metric: &str) -> String {
    line.scores.get(metric).map_or_else(|| "–".into(), |e| short(e.value))
}

fn ranged(estimate: Option<&Estimate>) -> String {
    let Some(e) = estimate else { return "–".into() };
    e.interval.map_or_else(|| short(e.value), |(low, high)| format!("{} {}…{}", short(e.value), short(low), short(high)))
}

fn main_table(lines: &[&Line]) -> String {
    let rows = lines
        .iter()
        .map(|l| {
            let cell = |metric| value(l, metric);
            vec![l.forecaster.clone(), ranged(l.scores.get("average_precision")), l.against.get(TO_BEAT).map_or_else(String::new, |e| short(e.value)), cell("auroc"), cell("precision_5"), cell("hit_rate_5"), cell("brier"), cell("false_alarms"), cell("kendall")]
        })
        .collect();
    table(&["forecast", "AP", "Δ", "AUROC", "P@5", "hit@5", "Brier", "alarms", "τ"], &[2, 3, 4, 5, 6, 7, 8], rows)
}

fn count_table(lines: &[&Line]) -> String {
    let rows = lines
        .iter()
        .map(|l| {
            let cell = |metric| value(l, metric);
            vec![l.forecaster.clone(), ranged(l.scores.get("crps")), cell("ignorance"), cell("coverage_90_active"), cell("ndcg_5"), cell("hit_rate_5"), cell("pai_5"), format!("{:.1} %", l.zeros * 100.0)]
        })
        .collect();
    table(&["forecast", "CRPS", "bits", "in 90 %", "NDCG@5", "hit@5", "PAI@5", "zeros"], &[2, 3, 4, 5, 6, 7], rows)
}

/// Average precision of all, emerging, ongoing and western cases.
fn strata_table(found: &Backtest, h: u32) -> String {
    const STRATA: [&str; 3] = ["emerging", "ongoing", "west"];
    let column = |stratum: &str| {
        let size = lines(found, h, stratum).first().map_or_else(|| "0 of 0".into(), |l| format!("{} of {}", l.positives, l.cases));
        format!("{stratum} ({size})")
    };
    let mut header = vec!["forecast".to_owned()];
    header.extend(STRATA.map(column));
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let rows = lines(found, h, "all")
        .iter()
        .map(|l| {
            let cell = |stratum: &str| found.line(h, stratum, &l.forecaster).map_or_else(|| "–".into(), |l| ranged(l.scores.get("average_precision")));
            std::iter::once(l.forecaster.clone()).chain(STRATA.map(cell)).collect()
        })
        .collect();
    table(&header, &[], rows)
}

fn horizon_table(found: &Backtest) -> String {
    let horizons: Vec<u32> = found.unscored.keys().copied().collect();
    let mut header = vec!["forecast".to_owned()];
    header.extend(horizons.iter().map(|h| format!("h = {h}")));
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let first = horizons.first().copied().unwrap_or(1);
    let rows = lines(found, first, "all")
        .iter()
        .map(|l| {
            let cell = |h: &u32| found.line(*h, "all", &l.forecaster).map_or_else(|| "–".into(), |l| value(l, "average_precision"));
            std::iter::once(l.forecaster.clone()).chain(horizons.iter().map(cell)).collect()
        })
        .collect();
    table(&header, &(1..=horizons.len()).collect::<Vec<_>>(), rows)
}

/// Whether an interval of a difference leaves open who is better.
fn is_open(difference: &Estimate) -> bool {
    difference.interval.is_none_or(|(low, high)| low <= 0.0 && high >= 0.0)
}

/// What the numbers say: which baseline is best, whether the index adds anything, and where nobody has skill.
fn verdict(found: &Backtest, h: u32, editions: Option<usize>) -> Vec<String> {
    let mut words = Vec::new();
    let all = lines(found, h, "all");
    let precision = |l: &&&Line| l.scores.get("average_precision").map_or(0.0, |e| e.value);
    let baselines = all.iter().filter(|l| l.forecaster != "index" && l.forecaster != FORECAST && !l.scores.is_empty());
    let Some(best) = baselines.max_by(|a, b| precision(a).total_cmp(&precision(b))) else { return words };
    let like: Vec<&str> = best.against.iter().filter(|(name, d)| *name != "index" && *name != FORECAST && is_open(d)).map(|(name, _)| name.as_str()).collect();
    let sure = if like.is_empty() { "surely ahead of every other".to_owned() } else { format!("not surely ahead of {}", like.join(", ")) };
    words.push(format!("Best baseline at h = {h}: {}, AP {}, {sure}.", best.forecaster, ranged(best.scores.get("average_precision"))));
    if let Some(forecast) = all.iter().find(|l| l.forecaster == FORECAST && !l.against.is_empty()) {
        let like: Vec<&str> = forecast.against.iter().filter(|(name, d)| *name != "index" && is_open(d)).map(|(name, _)| name.as_str()).collect();
        let against = ranged(forecast.against.get(&best.forecaster));
        let like = if like.is_empty() { "it differs from all of them".into() } else { format!("it cannot be told from {}", like.join(", ")) };
        words.push(format!("The forecast: {against} in AP against {}; {like}.", best.forecaster));
    }
    if let Some(n) = editions {
        let index = all.iter().find(|l| l.forecaster == "index");
        words.push(match index.and_then(|l| l.against.get(&best.forecaster)) {
            Some(d) => {
                let judged = if is_open(d) { "adds nothing that can be told from chance" } else if d.value > 0.0 { "adds to it" } else { "ranks worse than it" };
                format!("The index, on {n} origins whose edition can be computed and {} cases: {} in AP against {}; it {judged}.", index.map_or(0, |l| l.cases), ranged(Some(d)), best.forecaster)
            }
            None => format!("The index: {n} of {} origins have an edition that can be scored; {}.", found.origins, index.and_then(|l| l.not_scored.clone()).unwrap_or_else(|| "no case is in both".into())),
        });
    }
    for stratum in ["emerging", "ongoing", "west"] {
        match found.best(h, stratum) {
            Some(best) if best.against.get("zero").is_some_and(is_open) => words.push(format!("Nobody has skill in {stratum} cases: the best, {}, is not surely above the base rate.", best.forecaster)),
            Some(_) => {}
            None => words.push(lines(found, h, stratum).first().and_then(|l| l.not_scored.as_ref()).map_or_else(|| format!("{stratum}: no case."), |why| format!("{stratum}: not scored, {why}."))),
        }
    }
    let suspects: Vec<String> = found.lines.iter().filter(|l| l.suspicious).map(|l| format!("{} ({}, h = {})", l.forecaster, l.stratum, l.horizon)).collect();
    if !suspects.is_empty() {
        words.push(format!("AUROC above .97 of {}: leakage until disproved. Quiet units that are easy to be right about can do it too; see the cases apart.", suspects.join(", ")));
    }
    words
}
