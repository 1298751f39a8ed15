use std::io::Write;

use super::args::{Format, SensitivityArgs};
use super::progress::Progress;
use super::table::{csv, number, one, rank, share, table};
use super::weights::ranking_of;
use super::{FINE, Failure, resolve};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::edition::Sources;
use crate::index::{SobolError, StudyError, WeightVariation};
use crate::text::{self, Language};
use crate::studies::uncertainty::{Inputs, Settings, Share, Shares, SharesError, Stability, Uncertainty};

pub fn run(args: &SensitivityArgs, sources: &Sources, out: &mut impl Write) -> Result<u8, Failure> {
    let edition = args.when.edition(sources)?;
    let ranking = ranking_of(&edition, args.kind);
    let resolved = |name: &Option<String>| {
        name.as_deref().map(|name| resolve(name, &sources.resolver, |id| ranking.unit(id).is_some())).transpose()
    };
    let (unit, other) = (resolved(&args.of)?, resolved(&args.against)?);
    if unit.is_some() && unit == other {
        return Err(Diagnostic::error("same-unit", "--of and --against name the same unit", Place::Argument)
            .rule("a unit is compared with another one")
            .help("list the units with `tukhum score`")
            .into());
    }
    let weights = match args.dirichlet {
        Some(concentration) => WeightVariation::Dirichlet { concentration },
        None => WeightVariation::Relative { phi: args.phi },
    };
    let settings = Settings { draws: args.draws, weights, seed: args.seed, top: args.top };
    let inputs = Inputs::new(ranking, sources.grades.as_ref());
    let found = {
        let progress = Progress::new("draws", args.draws as u64);
        inputs.run(&settings, unit.zip(other), &|| progress.step()).map_err(|error| refused(&error, args))?
    };
    let shares = if args.points == 0 {
        None
    } else {
        let progress = Progress::new("indices", args.points.next_power_of_two() as u64 * 8);
        match inputs.shares(&settings, unit, args.points, &|| progress.step()) {
            Ok(shares) => Some(shares),
            // A result that does not vary has no shares; that is an answer, not a failure.
            Err(SharesError::Sobol(SobolError::Constant { .. } | SobolError::Failed { .. })) => None,
            Err(SharesError::Sobol(error)) => return Err(wrong_points(&error).into()),
            Err(SharesError::Study(error)) => return Err(refused(&error, args)),
        }
    };
    let stability = inputs.stability(unit, args.top);
    match args.format {
        Format::Json => {
            let all = serde_json::json!({ "as_of": edition.as_of.day.to_string(), "ranks": found, "shares": shares, "stability": stability });
            writeln!(out, "{}", serde_json::to_string_pretty(&all).map_err(std::io::Error::other)?)?;
        }
        Format::Csv => write!(out, "{}", units_csv(&found)?)?,
        Format::Table => {
            writeln!(out, "Sensitivity of the {}, as of {}{}: {} draws, seed {}", found.kind, edition.as_of.day, args.when.hindsight_words(), found.draws, found.seed)?;
            ranks(&found, out)?;
            if let Some(shares) = &shares {
                sources_of_doubt(shares, out)?;
            }
            let name = unit.and_then(|id| ranking.unit(id)).map(|u| u.unit.name().en.as_str());
            ranges(&stability, name, args.top, out)?;
        }
    }
    Ok(FINE)
}

fn ranks(found: &Uncertainty, out: &mut impl Write) -> std::io::Result<()> {
    if found.failed > 0 {
        writeln!(out, "{} draws gave no unit a score and are left out", found.failed)?;
    }
    writeln!(out, "varied, all at once:")?;
    for line in &found.varied {
        writeln!(out, "  {}", line.en)?;
    }
    writeln!(out)?;
    let place = |r: Option<f64>| r.map_or_else(|| "–".into(), |r| format!("{r:.0}"));
    let span = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => format!("{a:.0}–{b:.0}"),
        _ => "–".into(),
    };
    let class = found.class.as_ref().map_or_else(String::new, |c| format!("P(≥ {})", c.label.en));
    let top = format!("P(≤ {})", found.top);
    let dash = || "–".to_owned();
    let rows = found
        .units
        .iter()
        .map(|u| {
            let scores = match (u.low_score, u.high_score) {
                (Some(a), Some(b)) => format!("{a:.1}–{b:.1}"),
                _ => "–".into(),
            };
            let name = if partly(u.scored) { format!("{} *", u.name.en) } else { u.name.en.clone() };
            vec![
                rank(u.rank), place(u.median_rank), span(u.low_rank, u.high_rank), name, one(u.score), scores, u.in_top.map_or_else(dash, chance),
                u.at_or_above_class.map_or_else(dash, chance),
            ]
        })
        .collect();
    write!(out, "{}", table(&["rank", "median", "5–95 %", "unit", "score", "5–95 %", &top, &class], &[0, 1, 2, 4, 5, 6, 7], rows))?;
    let sometimes: Vec<String> = found
        .units
        .iter()
        .filter(|u| partly(u.scored))
        .map(|u| format!("{} ({:.0} %)", u.name.en, u.scored * 100.0))
        .collect();
    if !sometimes.is_empty() {
        writeln!(out, "\n* has a score in fewer than 95 % of the draws, for too little of its weight is known: {}", sometimes.join(", "))?;
    }
    if let Some(pair) = &found.pair {
        let probability = pair.probability.map_or_else(|| "not known: they never have a score in the same draw".into(), chance);
        writeln!(out, "\nP({} above {}): {probability}", pair.above.en, pair.below.en)?;
    }
    if found.tied.is_empty() {
        return writeln!(out, "\nEvery unit can be told apart from the next.");
    }
    writeln!(out, "\nCANNOT BE TOLD APART (the first is above each of the others in less than 95 % of the draws)")?;
    let name = |id: &String| found.units.iter().find(|u| u.unit == *id).map_or_else(|| id.clone(), |u| u.name.en.clone());
    for group in &found.tied {
        writeln!(out, "  {}", group.iter().map(name).collect::<Vec<_>>().join(", "))?;
    }
    Ok(())
}

/// Whether a unit is without a score in more than one draw in twenty.
fn partly(scored: f64) -> bool {
    scored > 0.0 && scored < 0.95
}

fn sources_of_doubt(shares: &Shares, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(
        out,
        "\nWHERE THE DOUBT COMES FROM: Sobol indices of {} (mean {:.2}, standard deviation {:.2}; {} points)",
        shares.of, shares.mean, shares.deviation, shares.points
    )?;
    if shares.failed > 0 {
        writeln!(out, "{} points are left out, where it has no value", shares.failed)?;
    }
    let span = |s: &Share| s.low.zip(s.high).map_or_else(String::new, |(a, b)| format!("{a:.2} to {b:.2}"));
    let mut inputs: Vec<_> = shares.inputs.iter().collect();
    inputs.sort_by(|a, b| b.total.value.total_cmp(&a.total.value));
    let rows = inputs
        .iter()
        .map(|i| vec![i.input.clone(), format!("{:.2}", i.first.value), span(&i.first), format!("{:.2}", i.total.value), span(&i.total)])
        .collect();
    write!(out, "{}", table(&["input", "first", "90 %", "total", "90 %"], &[1, 2, 3, 4], rows))?;
    writeln!(out, "first: share of the variance that it explains alone; total: with its interactions")
}

fn ranges(stability: &Stability, unit: Option<&str>, top: usize, out: &mut impl Write) -> std::io::Result<()> {
    let what = unit.map_or_else(|| format!("the first {top} change order"), |name| format!("the place of {name} changes"));
    writeln!(out, "\nHOW FAR A WEIGHT CAN MOVE before {what} (exact; siblings keep their proportions)")?;
    let pair = |p: &Option<[crate::text::Text; 2]>| {
        p.as_ref().map_or_else(String::new, |[a, b]| format!("{} / {}", a.en, b.en))
    };
    let rows = stability
        .lines
        .iter()
        .map(|l| {
            vec![
                l.child.clone(), share(Some(l.share)), share(Some(l.lower.unwrap_or(0.0))), pair(&l.swap_below),
                share(Some(l.upper.unwrap_or(1.0))), pair(&l.swap_above),
            ]
        })
        .collect();
    write!(out, "{}", table(&["weight", "now", "down to", "swapping there", "up to", "swapping there"], &[1, 2, 4], rows))?;
    if !stability.inexact.is_empty() {
        writeln!(out, "no exact range: the weights in {} pass through another mean than the arithmetic", stability.inexact.join(", "))?;
    }
    Ok(())
}

fn units_csv(found: &Uncertainty) -> std::io::Result<String> {
    let header = [
        "unit", "name_en", "rank", "score", "scored", "rank_5", "rank_median", "rank_95", "score_5", "score_median", "score_95", "p_top", "p_class",
        "tie_group",
    ];
    let rows = found.units.iter().map(|u| {
        let group = found.tied.iter().position(|g| g.contains(&u.unit)).map(|g| (g + 1).to_string()).unwrap_or_default();
        vec![
            u.unit.clone(), u.name.en.clone(), u.rank.map(|r| r.to_string()).unwrap_or_default(), number(u.score), u.scored.to_string(),
            number(u.low_rank), number(u.median_rank), number(u.high_rank), number(u.low_score), number(u.median_score), number(u.high_score),
            number(u.in_top), number(u.at_or_above_class), group,
        ]
    });
    csv(&header, rows)
}

fn refused(error: &StudyError, args: &SensitivityArgs) -> Failure {
    let (code, message, rule, help) = match error {
        StudyError::NoDraws => ("no-draws", "0 draws".to_owned(), "intervals need draws", "ask for some, for example --draws 1000".to_owned()),
        StudyError::TooLarge { draws, units } => (
            "too-many-draws",
            format!("{draws} draws of {units} units do not fit into memory"),
            "units times draws is at most 2^30",
            "ask for fewer draws, for example --draws 10000".to_owned(),
        ),
        StudyError::Phi { phi } => {
            ("phi-outside", format!("φ is {phi}"), "a weight is multiplied by 1 − φ to 1 + φ, with φ from 0 to 1", "for example --phi 0.25".to_owned())
        }
        StudyError::Concentration { concentration } => (
            "concentration",
            format!("the concentration is {concentration}"),
            "a Dirichlet distribution has a finite concentration above 0; the larger, the closer to the mean",
            "for example --dirichlet 50".to_owned(),
        ),
        other => (
            "study",
            other.to_string(),
            "everything that a framework allows can be studied",
            format!("this is a defect of the program; please report it with --seed {}", args.seed),
        ),
    };
    let mut problems = Diagnostics::default();
    problems.push(Diagnostic::error(code, message, Place::Argument).rule(rule).help(help));
    Failure::Problems(problems)
}

fn wrong_points(error: &SobolError) -> Diagnostic {
    Diagnostic::error("points", error.to_string(), Place::Argument)
        .rule("indices need 8 to 16,777,216 base points; 0 leaves them out")
        .help("for example --points 256")
}

/// A probability in whole percent.
fn chance(p: f64) -> String {
    text::share(p, Language::En)
}
