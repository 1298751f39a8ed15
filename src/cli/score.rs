use std::io::Write;

use super::args::{Format, KindArg, SEED, ScoreArgs};
use super::table::{one, rank, table};
use super::{FINE, Failure};
use crate::diagnostics::{Diagnostic, Place};
use crate::edition::{Edition, Sources};
use crate::report::{self, render};

pub fn run(args: &ScoreArgs, sources: &Sources, out: &mut impl Write) -> Result<u8, Failure> {
    let day = args.when.day(sources)?;
    let (edition, previous) = rayon::join(
        || Edition::compute(sources, day, args.when.hindsight),
        || sources.edition_before(day).map(|d| Edition::compute(sources, d, args.when.hindsight)),
    );
    let report = report::build(sources, &edition, previous.as_ref(), SEED);
    let index = usize::from(args.kind == KindArg::Crossings);
    let Some(ranking) = report.rankings.into_iter().nth(index) else { return Ok(FINE) };
    match args.format {
        Format::Csv => {
            let text = render::ranking_csv(&ranking, false).map_err(|e| {
                Diagnostic::error("render", e.to_string(), Place::Argument).help("this is a defect of the program; please report it")
            })?;
            write!(out, "{text}")?;
        }
        Format::Json => {
            let text = serde_json::to_string_pretty(&ranking).map_err(std::io::Error::other)?;
            writeln!(out, "{text}")?;
        }
        Format::Table => {
            // The name of a crossing says its countries; without that column it fits.
            let mut header = vec!["rank", "was", "unit", "country", "score", "class", "range", "trust", "alert"];
            let crossings = args.kind == KindArg::Crossings;
            if crossings {
                header.remove(3);
            }
            let rows = ranking
                .rows
                .iter()
                .map(|r| {
                    let mut cells = vec![
                        rank(r.rank),
                        rank(r.rank_before),
                        r.name.en.clone(),
                        r.countries.join("/"),
                        one(r.score),
                        r.class_label.as_ref().map_or_else(|| "–".into(), |l| l.en.clone()),
                        format!("{:.1}–{:.1}", r.best, r.worst),
                        r.confidence.clone(),
                        r.severity.clone().unwrap_or_default(),
                    ];
                    if crossings {
                        cells.remove(3);
                    }
                    cells
                })
                .collect();
            writeln!(out, "{}\nas of {day}{}. Scores 0 to 10; 10 is the most risk.\n", ranking.label.en, args.when.hindsight_words())?;
            write!(out, "{}", table(&header, if crossings { &[0, 1, 3] } else { &[0, 1, 4] }, rows))?;
            if let Some(note) = sources.datasets.layer_note() {
                let open = ranking.rows.iter().filter(|r| r.score.is_none()).count();
                writeln!(out, "\n{}\nToo little is known of {open} of {} units for a score: `tukhum explain UNIT` says what is missing.", note.en, ranking.rows.len())?;
            }
            writeln!(out, "\nrange: the score if everything unknown were harmless, or as bad as can be;\ntrust: confidence in the score.")?;
        }
    }
    Ok(FINE)
}
