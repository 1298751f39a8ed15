use std::io::Write;

use super::args::{CompareSetsArgs, Format, KindArg, WeightsAction, WeightsArgs};
use super::table::{csv, number, one, percent, rank, share, table};
use super::{FINDINGS, FINE, Failure, tell};
use crate::diagnostics::{Diagnostic, Diagnostics, Place, suggestion};
use crate::edition::{Edition, Ranking, Sources};
use crate::framework::{Framework, WeightSet};
use crate::studies::weights::{SetComparison, WeightTable, compare_sets, weight_table};

pub fn run(args: &WeightsArgs, sources: &Sources, out: &mut impl Write) -> Result<u8, Failure> {
    match &args.action {
        Some(WeightsAction::Compare(args)) => compare(args, sources, out),
        None => list(args, sources, out),
    }
}

fn list(args: &WeightsArgs, sources: &Sources, out: &mut impl Write) -> Result<u8, Failure> {
    let edition = args.when.edition(sources)?;
    let ranking = ranking_of(&edition, args.kind);
    let mut tables = Vec::new();
    match &args.set {
        Some(name) => tables.push(weight_table(ranking, find(ranking.framework, name)?)?),
        None => {
            let mut refused = Diagnostics::default();
            for set in &ranking.framework.weight_sets {
                match weight_table(ranking, set) {
                    Ok(table) => tables.push(table),
                    Err(problems) => refused.extend(problems),
                }
            }
            if refused.has_errors() {
                tell(&refused);
            }
        }
    }
    match args.format {
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&tables).map_err(std::io::Error::other)?)?,
        Format::Csv => write!(out, "{}", list_csv(&tables)?)?,
        Format::Table => {
            for (i, weights) in tables.iter().enumerate() {
                if i > 0 {
                    writeln!(out)?;
                }
                list_table(weights, &edition, out)?;
            }
            writeln!(out, "\nnominal: share within the dimension; effective: product up to the top; variance: share of the")?;
            writeln!(out, "composite's variance that its contributions carry; r²: squared correlation with the composite;")?;
            writeln!(out, "known: units that have a value. A weight says what was meant, variance and r² what it does here.")?;
        }
    }
    Ok(FINE)
}

fn list_table(weights: &WeightTable, edition: &Edition<'_>, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(
        out,
        "Weights `{}` {} ({}) of the {}, as of {}{}",
        weights.set,
        weights.version,
        weights.method,
        weights.kind,
        edition.as_of.day,
        if edition.as_of.hindsight { ", with hindsight" } else { "" }
    )?;
    writeln!(out, "{}", weights.rationale)?;
    for note in &weights.notes {
        writeln!(out, "note: {note}")?;
    }
    let dimensions: Vec<String> = weights.dimensions.iter().map(|d| format!("{} {}", d.id, percent(d.effective))).collect();
    writeln!(out, "dimensions: {}\n", dimensions.join(", "))?;
    let rows = weights
        .indicators
        .iter()
        .map(|i| {
            vec![
                i.id.clone(),
                i.dimension.clone(),
                percent(i.nominal),
                percent(i.effective),
                share(i.variance_share),
                i.squared_correlation.map_or_else(|| "–".into(), |r| format!("{r:.2}")),
                format!("{}/{}", i.known, i.units),
            ]
        })
        .collect();
    write!(out, "{}", table(&["indicator", "dimension", "nominal", "effective", "variance", "r²", "known"], &[2, 3, 4, 5, 6], rows))
}

fn list_csv(tables: &[WeightTable]) -> std::io::Result<String> {
    let header = ["kind", "set", "indicator", "dimension", "nominal", "effective", "variance_share", "squared_correlation", "correlation", "known", "units"];
    let rows = tables.iter().flat_map(|t| {
        t.indicators.iter().map(|i| {
            vec![
                t.kind.clone(), t.set.clone(), i.id.clone(), i.dimension.clone(), i.nominal.to_string(), i.effective.to_string(),
                number(i.variance_share), number(i.squared_correlation), number(i.correlation), i.known.to_string(), i.units.to_string(),
            ]
        })
    });
    csv(&header, rows)
}

fn compare(args: &CompareSetsArgs, sources: &Sources, out: &mut impl Write) -> Result<u8, Failure> {
    let edition = args.when.edition(sources)?;
    let ranking = ranking_of(&edition, args.kind);
    let (a, b) = (find(ranking.framework, &args.a)?, find(ranking.framework, &args.b)?);
    let found = compare_sets(ranking, a, b)?;
    match args.format {
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&found).map_err(std::io::Error::other)?)?,
        Format::Csv => write!(out, "{}", compare_csv(&found)?)?,
        Format::Table => compare_table(&found, &edition, out)?,
    }
    Ok(if found.moved.is_empty() { FINE } else { FINDINGS })
}

fn compare_table(found: &SetComparison, edition: &Edition<'_>, out: &mut impl Write) -> std::io::Result<()> {
    let [a, b] = &found.sets;
    let agreement = found.rank_correlation.map_or_else(|| "not defined".into(), |r| format!("{r:.3}"));
    writeln!(
        out,
        "{b} against {a}, {}, as of {}: {} of {} units move; rank correlation {agreement}\n",
        found.kind, edition.as_of.day, found.moved.len(), found.units
    )?;
    for (set, notes) in found.sets.iter().zip(&found.notes) {
        for note in notes {
            writeln!(out, "note, {set}: {note}")?;
        }
    }
    let class = |c: &Option<String>| c.as_deref().map_or_else(|| "–".into(), |c| c.replace('_', " "));
    let rows = found
        .moved
        .iter()
        .map(|m| {
            vec![rank(m.ranks[0]), rank(m.ranks[1]), m.name.en.clone(), one(m.scores[0]), one(m.scores[1]), class(&m.classes[0]), class(&m.classes[1])]
        })
        .collect();
    let (score_a, score_b) = (format!("score {a}"), format!("score {b}"));
    let (class_a, class_b) = (format!("class {a}"), format!("class {b}"));
    write!(out, "{}", table(&[a, b, "unit", &score_a, &score_b, &class_a, &class_b], &[0, 1, 3, 4], rows))
}

fn compare_csv(found: &SetComparison) -> std::io::Result<String> {
    let header = ["kind", "unit", "name_en", "rank_a", "rank_b", "score_a", "score_b", "class_a", "class_b"];
    let place = |r: Option<usize>| r.map(|r| r.to_string()).unwrap_or_default();
    let rows = found.moved.iter().map(|m| {
        vec![
            found.kind.clone(), m.unit.clone(), m.name.en.clone(), place(m.ranks[0]), place(m.ranks[1]), number(m.scores[0]), number(m.scores[1]),
            m.classes[0].clone().unwrap_or_default(), m.classes[1].clone().unwrap_or_default(),
        ]
    });
    csv(&header, rows)
}

/// The ranking of a kind of unit.
pub(super) fn ranking_of<'e, 'a>(edition: &'e Edition<'a>, kind: KindArg) -> &'e Ranking<'a> {
    match kind {
        KindArg::Provinces => &edition.provinces,
        KindArg::Crossings => &edition.crossings,
    }
}

/// The weight set with a name.
pub(super) fn find<'f>(framework: &'f Framework, name: &str) -> Result<&'f WeightSet, Failure> {
    framework.weight_set(name).ok_or_else(|| {
        let known: Vec<&str> = framework.weight_sets.iter().map(|s| s.name.as_str()).collect();
        Diagnostic::error("unknown-set", format!("no weight set is called `{name}`"), Place::Argument)
            .rule(format!("weight sets are `analysts` and the files of indicators/{}/weights/", framework.kind.name()))
            .help(suggestion(name, known))
            .into()
    })
}
