use std::io::Write;

use super::args::{Format, WhatIfArgs};
use super::table::{csv, number, one, rank, table};
use super::{FINE, Failure, resolve};
use crate::edition::{Ranking, Scored, Sources};
use crate::report::render::significant;
use crate::text::Language;
use crate::studies::what_if::{Supposed, WhatIf, what_if};

pub fn run(args: &WhatIfArgs, sources: &Sources, out: &mut impl Write) -> Result<u8, Failure> {
    let edition = args.when.edition(sources)?;
    let id = resolve(&args.unit, &sources.resolver, |id| edition.unit(id).is_some())?;
    let Some((ranking, unit)) = edition.unit(id) else { return Ok(FINE) };
    let found = what_if(ranking, unit, &args.changes)?;
    match args.format {
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&found).map_err(std::io::Error::other)?)?,
        Format::Csv => write!(out, "{}", moves_csv(&found, unit)?)?,
        Format::Table => {
            writeln!(out, "{} ({}), as of {}{}", unit.unit.name().en, unit.unit.countries().join("/"), edition.as_of.day, args.when.hindsight_words())?;
            words(&found, ranking, out)?;
        }
    }
    Ok(FINE)
}

fn words(found: &WhatIf, ranking: &Ranking<'_>, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "\nSUPPOSED")?;
    let raw = |x: &Option<f64>| x.map_or_else(|| "missing".into(), |x| significant(x, Language::En));
    for change in &found.supposed {
        match change {
            Supposed::Value { indicator, before, after, score_before, score_after } => {
                writeln!(out, "  {indicator}: {} → {} (score {} → {})", raw(before), raw(after), one(*score_before), one(*score_after))?;
            }
            Supposed::Weight { child, dimension, before, after } => {
                writeln!(out, "  weight of {child} in {dimension}: {before} → {after}, for all units")?;
            }
        }
    }
    let (b, a) = (&found.before, &found.after);
    let class = |c: &Option<String>| c.as_deref().map_or_else(|| "–".into(), |c| c.replace('_', " "));
    let places = |r: Option<usize>, of: usize| r.map_or_else(|| "–".into(), |r| format!("{r} of {of}"));
    let mut rows = vec![
        vec!["score".into(), two(b.score), two(a.score)],
        vec!["class".into(), class(&b.class), class(&a.class)],
        vec!["rank".into(), places(b.rank, found.ranked[0]), places(a.rank, found.ranked[1])],
        vec!["with what is missing".into(), format!("{:.1}–{:.1}", b.best, b.worst), format!("{:.1}–{:.1}", a.best, a.worst)],
    ];
    let root = ranking.framework.tree.root();
    for (i, dimension) in found.dimensions.iter().enumerate().filter(|(i, _)| *i != root) {
        let (before, after) = (b.dimensions.get(i).copied().flatten(), a.dimensions.get(i).copied().flatten());
        rows.push(vec![dimension.clone(), two(before), two(after)]);
    }
    writeln!(out)?;
    write!(out, "{}", table(&["", "now", "then"], &[1, 2], rows))?;
    if found.others.is_empty() {
        return writeln!(out, "\nNo other unit changes rank or class.");
    }
    writeln!(out, "\nOTHERS THAT CHANGE RANK OR CLASS ({})", found.others.len())?;
    let rows = found
        .others
        .iter()
        .map(|m| {
            let class_change =
                if m.classes[0] == m.classes[1] { class(&m.classes[0]) } else { format!("{} → {}", class(&m.classes[0]), class(&m.classes[1])) };
            vec![rank(m.ranks[0]), rank(m.ranks[1]), m.name.en.clone(), one(m.scores[0]), one(m.scores[1]), class_change]
        })
        .collect();
    write!(out, "{}", table(&["now", "then", "unit", "score now", "then", "class"], &[0, 1, 3, 4], rows))
}

fn two(x: Option<f64>) -> String {
    x.map_or_else(|| "–".into(), |x| format!("{x:.2}"))
}

fn moves_csv(found: &WhatIf, unit: &Scored<'_>) -> std::io::Result<String> {
    let place = |r: Option<usize>| r.map(|r| r.to_string()).unwrap_or_default();
    let text = |c: &Option<String>| c.clone().unwrap_or_default();
    let (b, a) = (&found.before, &found.after);
    let own = vec![
        found.unit.clone(), unit.unit.name().en.clone(), place(b.rank), place(a.rank), number(b.score), number(a.score), text(&b.class), text(&a.class),
    ];
    let others = found.others.iter().map(|m| {
        vec![
            m.unit.clone(), m.name.en.clone(), place(m.ranks[0]), place(m.ranks[1]), number(m.scores[0]), number(m.scores[1]),
            text(&m.classes[0]), text(&m.classes[1]),
        ]
    });
    csv(&["unit", "name_en", "rank_now", "rank_then", "score_now", "score_then", "class_now", "class_then"], std::iter::once(own).chain(others))
}
