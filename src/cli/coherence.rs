use std::io::Write;

use super::args::{CoherenceArgs, Format};
use super::table::{csv, number, rank, table};
use super::weights::ranking_of;
use super::{FINE, Failure};
use crate::edition::Sources;
use crate::index::CorrelationFlag;
use crate::studies::coherence::{Coherence, PairLine, coherence};

pub fn run(args: &CoherenceArgs, sources: &Sources, out: &mut impl Write) -> Result<u8, Failure> {
    let edition = args.when.edition(sources)?;
    let found = coherence(ranking_of(&edition, args.kind));
    match args.format {
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&found).map_err(std::io::Error::other)?)?,
        Format::Csv => write!(out, "{}", pairs_csv(&found)?)?,
        Format::Table => {
            writeln!(out, "Coherence of the {}, as of {}{}: {} units", found.kind, edition.as_of.day, args.when.hindsight_words(), found.units)?;
            correlations(&found, out)?;
            dimensions(&found, out)?;
            removals(&found, out)?;
            copeland(&found, out)?;
        }
    }
    Ok(FINE)
}

fn two(x: Option<f64>) -> String {
    x.map_or_else(|| "–".into(), |x| format!("{x:.2}"))
}

fn flag(line: &PairLine) -> &'static str {
    match line.flag {
        Some(CorrelationFlag::Collinear) => "collinear",
        Some(CorrelationFlag::Opposed) => "opposed",
        None => "",
    }
}

/// Flagged pairs across dimensions that the table shows.
const ACROSS: usize = 10;

fn correlations(found: &Coherence, out: &mut impl Write) -> std::io::Result<()> {
    let flagged: Vec<&PairLine> = found.correlations.iter().filter(|line| line.flag.is_some()).collect();
    writeln!(out, "\nCORRELATIONS: {} of {} pairs are flagged; --format csv has them all", flagged.len(), found.correlations.len())?;
    let show = |title: String, lines: &[&PairLine], out: &mut dyn Write| {
        let row = |l: &&PairLine| vec![l.a.clone(), l.b.clone(), two(l.pearson), two(l.spearman), l.units.to_string(), flag(l).into()];
        writeln!(out, "\n{title}")?;
        write!(out, "{}", table(&["indicator", "and", "Pearson", "Spearman", "units", "flag"], &[2, 3, 4], lines.iter().map(row).collect()))
    };
    for dimension in &found.dimensions {
        let own: Vec<&PairLine> = flagged.iter().copied().filter(|l| l.dimension.as_ref() == Some(&dimension.id)).collect();
        if !own.is_empty() {
            show(format!("within {}", dimension.id), &own, out)?;
        }
    }
    let mut across: Vec<&PairLine> = flagged.iter().copied().filter(|l| l.dimension.is_none()).collect();
    across.sort_by(|a, b| b.units.cmp(&a.units).then(two(a.pearson).cmp(&two(b.pearson)).reverse()));
    if !across.is_empty() {
        let shown = across.len().min(ACROSS);
        show(format!("across dimensions, the {shown} of {} that rest on most units", across.len()), &across[..shown], out)?;
    }
    writeln!(out, "collinear: above 0.92, the two say the same and count twice; opposed: below 0, they")?;
    writeln!(out, "cancel each other within a dimension. Few units make large correlations by chance.")
}

fn dimensions(found: &Coherence, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "\nDIMENSIONS")?;
    let rows = found
        .dimensions
        .iter()
        .map(|d| {
            let components: Vec<String> = d.explained.iter().take(3).map(|e| format!("{:.0} %", e * 100.0)).collect();
            let components = d.without.clone().unwrap_or_else(|| components.join(", "));
            vec![d.id.clone(), d.indicators.to_string(), d.complete.to_string(), two(d.alpha), components]
        })
        .collect();
    write!(out, "{}", table(&["dimension", "indicators", "complete", "α", "components"], &[1, 2, 3], rows))?;
    writeln!(out, "complete: units that have all its indicators; α: Cronbach's, near 1 where they measure one")?;
    writeln!(out, "thing; components: share of variance that the first principal components explain")
}

fn removals(found: &Coherence, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "\nWITHOUT AN INDICATOR, the mean and largest change of rank")?;
    let rows = found
        .removals
        .iter()
        .map(|r| {
            let furthest = r.furthest.as_ref().map_or_else(String::new, |(name, [now, then])| format!("{} {now} → {then}", name.en));
            vec![r.indicator.clone(), two(r.mean_rank_change), rank(r.largest_rank_change), furthest, r.lost.to_string()]
        })
        .collect();
    write!(out, "{}", table(&["without", "mean", "largest", "furthest", "no longer scored"], &[1, 2, 4], rows))
}

fn copeland(found: &Coherence, out: &mut impl Write) -> std::io::Result<()> {
    let agreement = found.copeland_agreement.map_or_else(|| "not defined".into(), |t| format!("{t:.2}"));
    writeln!(out, "\nCOPELAND, where no strength makes up for a weakness: Kendall's τ with the score {agreement}")?;
    let mut lines: Vec<_> = found.copeland.iter().filter_map(|l| Some((l, l.rank?, l.copeland_rank?))).collect();
    lines.sort_by_key(|(_, a, b)| (std::cmp::Reverse(a.abs_diff(*b)), *a));
    let rows = lines
        .iter()
        .filter(|(_, a, b)| a != b)
        .take(10)
        .map(|(l, a, b)| vec![l.name.en.clone(), a.to_string(), b.to_string()])
        .collect();
    writeln!(out, "The ten units that it moves furthest; --format json has them all.")?;
    write!(out, "{}", table(&["unit", "rank", "Copeland"], &[1, 2], rows))
}

fn pairs_csv(found: &Coherence) -> std::io::Result<String> {
    let rows = found.correlations.iter().map(|l| {
        vec![
            found.kind.clone(), l.a.clone(), l.b.clone(), l.dimension.clone().unwrap_or_default(), l.units.to_string(), number(l.pearson),
            number(l.spearman), flag(l).into(),
        ]
    });
    csv(&["kind", "a", "b", "dimension", "units", "pearson", "spearman", "flag"], rows)
}
