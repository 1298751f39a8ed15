use std::io::Write;

use super::args::ExplainArgs;
use super::table::{one, rank, table};
use super::{FINE, Failure, resolve};
use crate::edition::Sources;
use crate::report::model::{Card, ClaimLine};
use crate::report::{self, render};
use crate::text::{Language, Text};

pub fn run(args: &ExplainArgs, sources: &Sources, out: &mut impl Write) -> Result<u8, Failure> {
    let edition = args.when.edition(sources)?;
    let scored = |id: &str| edition.unit(id).is_some();
    let id = resolve(&args.unit, &sources.resolver, scored)?;
    let other = args.against.as_deref().map(|name| resolve(name, &sources.resolver, scored)).transpose()?;
    let Some((ranking, unit)) = edition.unit(id) else { return Ok(FINE) };
    let card = report::card(&edition, ranking, unit, usize::MAX);
    writeln!(out, "{} ({}), as of {}{}", card.name.en, card.countries.join("/"), edition.as_of.day, args.when.hindsight_words())?;
    head(&card, out)?;
    drivers(&card, out)?;
    alerts(&card, sources, out)?;
    if !card.moves.is_empty() {
        writeln!(out, "\nWHAT WOULD MOVE IT ONE CLASS")?;
        for line in &card.moves {
            writeln!(out, "  {}", line.en)?;
        }
    }
    rows(&card, out)?;
    if let Some((_, other)) = other.and_then(|id| edition.unit(id)) {
        against(&card, &report::card(&edition, edition.unit(other.unit.id()).map_or(ranking, |(r, _)| r), other, 0), out)?;
    }
    Ok(FINE)
}

/// The command line speaks English.
const EN: Language = Language::En;

fn joined(notes: &[Text]) -> String {
    notes.iter().map(|n| n.en.as_str()).collect::<Vec<_>>().join("; ")
}

fn head(card: &Card, out: &mut impl Write) -> std::io::Result<()> {
    let class = card.class_label.as_ref().map_or("no class", |c| c.en.as_str());
    writeln!(out, "rank {} of {}, score {} ({class}), {:.1} to {:.1} with what is missing", rank(card.rank), card.of, one(card.score), card.best, card.worst)?;
    writeln!(out, "confidence: {}", card.confidence)?;
    for reason in &card.confidence_reasons {
        writeln!(out, "  {}", reason.en)?;
    }
    for line in &card.about {
        writeln!(out, "{}", line.en)?;
    }
    Ok(())
}

fn drivers(card: &Card, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "\nDRIVERS (contributions add up to the score)")?;
    let rows = card
        .indicators
        .iter()
        .filter_map(|i| {
            let raw = i.raw?;
            let least = if i.at_least { "≥ " } else { "" };
            Some(vec![
                i.contribution.map_or_else(|| "–".into(), |c| format!("{c:.2}")),
                one(i.score),
                i.id.clone(),
                format!("{least}{}{}", render::significant(raw, EN), render::interval(i.interval, EN)),
                joined(&i.notes),
            ])
        })
        .collect();
    write!(out, "{}", table(&["adds", "score", "indicator", "value", "how"], &[0, 1, 3], rows))?;
    let missing: Vec<_> = card.indicators.iter().filter(|i| i.raw.is_none()).collect();
    if !missing.is_empty() {
        writeln!(out, "\nNOT KNOWN")?;
        for i in missing {
            writeln!(out, "  {}: {}", i.id, i.missing.as_ref().map_or("", |m| m.en.as_str()))?;
        }
    }
    Ok(())
}

fn alerts(card: &Card, sources: &Sources, out: &mut impl Write) -> std::io::Result<()> {
    if !card.alerts.is_empty() {
        writeln!(out, "\nALERTS AND RECOMMENDATIONS")?;
    }
    for a in &card.alerts {
        let values: Vec<String> =
            a.values.iter().map(|(n, v)| format!("{n} = {}", v.map_or_else(|| "not known".into(), |v| render::significant(v, EN)))).collect();
        writeln!(out, "  [{}] {}", a.severity, a.label.en)?;
        writeln!(out, "    triggered by {} ({})", values.join(", "), a.condition)?;
        if let Some(advice) = sources.rules.recommendations.get(&a.recommendation) {
            let asked: Vec<String> =
                advice.asked_by.iter().map(|c| c.paragraph.map_or_else(|| c.document.clone(), |p| format!("{} ¶{p}", c.document))).collect();
            writeln!(out, "    {} ({}): {}", advice.title.en, asked.join(", "), advice.text.en)?;
        }
        writeln!(out, "    for: {}; ends when: {}", a.audience.join(", "), a.ends_when.en)?;
    }
    for u in &card.undetermined {
        writeln!(out, "  [undetermined] {} (missing: {})", u.label.en, joined(&u.missing))?;
    }
    Ok(())
}

fn rows(card: &Card, out: &mut impl Write) -> std::io::Result<()> {
    if !card.waves.is_empty() {
        writeln!(out, "\nSIMULTANEOUS ATTACKS")?;
    }
    for w in &card.waves {
        writeln!(out, "  {} {}, {} places: {}", w.date, w.actor, w.places.len(), w.places.iter().map(|p| p.en.as_str()).collect::<Vec<_>>().join(", "))?;
        for k in &w.claims {
            claim(k, "    ", out)?;
        }
    }
    if !card.events.is_empty() {
        writeln!(out, "\nEVENTS ON RECORD")?;
    }
    for e in &card.events {
        let first = if e.first_time { ", first time" } else { "" };
        writeln!(out, "  {} {}: {}; deaths: {}{first}", e.date, e.place.en, e.what.en, e.deaths.en)?;
        if let Some(note) = &e.note {
            writeln!(out, "    {}", note.en)?;
        }
        writeln!(out, "    {} {} [{}]", e.source.en, e.grade, e.row)?;
        for k in &e.claims {
            claim(k, "    ", out)?;
        }
    }
    if !card.facts.is_empty() {
        writeln!(out, "\nSTATE OF PROTECTION AND CONTROL")?;
    }
    for f in &card.facts {
        let until = f.to.as_ref().map(|t| format!(" to {t}")).unwrap_or_default();
        let level = f.level.map(|l| format!(", level {l}")).unwrap_or_default();
        writeln!(out, "  {}{until} {}{level}: {}", f.from.as_deref().unwrap_or("–"), f.theme.en, f.value)?;
        writeln!(out, "    {} {} [{}]", f.source, f.grade, f.row)?;
    }
    Ok(())
}

fn claim(k: &ClaimLine, indent: &str, out: &mut impl Write) -> std::io::Result<()> {
    let adopted = if k.adopted { " (adopted)" } else { "" };
    writeln!(out, "{indent}claim, {}, {}: {} {} [{}, {}]{adopted}", k.claimant.en, k.metric.en, k.figure.en, k.text, k.source, k.grade)
}

/// Why one unit stands above another: the differences of contributions, largest first.
fn against(card: &Card, other: &Card, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "\nAGAINST {} (rank {}, score {})", other.name.en, rank(other.rank), one(other.score))?;
    if card.kind != other.kind {
        return writeln!(out, "  a province and a crossing are scored by different frameworks");
    }
    let mut lines: Vec<(f64, Vec<String>)> = card
        .indicators
        .iter()
        .filter_map(|i| {
            let o = other.indicators.iter().find(|o| o.id == i.id)?;
            let difference = i.contribution.unwrap_or_default() - o.contribution.unwrap_or_default();
            let value = |raw: Option<f64>| raw.map_or_else(|| "not known".into(), |v| render::significant(v, EN));
            (difference != 0.0).then(|| (difference, vec![format!("{difference:+.2}"), i.id.clone(), value(i.raw), value(o.raw)]))
        })
        .collect();
    lines.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()).then_with(|| a.1.cmp(&b.1)));
    let total: f64 = lines.iter().map(|(d, _)| d).sum::<f64>() + card.baseline - other.baseline;
    // What rounds to nothing is left out of the list, not of the sum.
    lines.retain(|(difference, _)| difference.abs() >= 0.005);
    write!(out, "{}", table(&["adds", "indicator", &card.name.en, &other.name.en], &[0, 2, 3], lines.into_iter().map(|(_, l)| l).collect()))?;
    writeln!(out, "{total:+.2} in all")
}
