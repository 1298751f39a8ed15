use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::{CompareArgs, Format};
use super::table::{one, rank, table};
use super::{FINDINGS, FINE, Failure, report};
use crate::report::compare::compare;

pub fn run(args: &CompareArgs, out: &mut impl Write) -> Result<u8, Failure> {
    let (before, after) = (report::read(&folder(&args.before))?, report::read(&folder(&args.after))?);
    let moved = compare(&before, &after);
    match args.format {
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&moved).map_err(std::io::Error::other)?)?,
        Format::Csv => {
            let mut text = csv::Writer::from_writer(Vec::new());
            text.write_record(["kind", "unit", "name", "rank_before", "rank", "score_before", "score", "data", "method", "weights"]).map_err(std::io::Error::other)?;
            for m in &moved {
                let number = |x: Option<f64>| x.map(|x| x.to_string()).unwrap_or_default();
                let place = |x: Option<usize>| x.map(|x| x.to_string()).unwrap_or_default();
                let cells = [
                    m.kind.clone(), m.unit.clone(), m.name.en.clone(), place(m.rank_before), place(m.rank), number(m.score_before),
                    number(m.score), number(m.data), number(m.method), number(m.weights),
                ];
                text.write_record(&cells).map_err(std::io::Error::other)?;
            }
            out.write_all(&text.into_inner().map_err(std::io::Error::other)?)?;
        }
        Format::Table => {
            writeln!(out, "{} against {}: {} units moved.\nThe parts add up to the change of score.\n", after.as_of, before.as_of, moved.len())?;
            let signed = |x: Option<f64>| x.map_or_else(|| "–".into(), |x| format!("{x:+.2}"));
            let rows = moved
                .iter()
                .map(|m| {
                    vec![
                        rank(m.rank_before), rank(m.rank), m.name.en.clone(), one(m.score_before), one(m.score), signed(m.data),
                        signed(m.method), signed(m.weights),
                    ]
                })
                .collect();
            write!(out, "{}", table(&["was", "rank", "unit", "was", "score", "data", "method", "weights"], &[0, 1, 3, 4, 5, 6, 7], rows))?;
        }
    }
    Ok(if moved.is_empty() { FINE } else { FINDINGS })
}

/// An edition's folder, or a day below `reports`.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(name);
    if path.join("report.json").exists() { path.to_owned() } else { Path::new("reports").join(name) }
}
