use std::io::Write;

use super::args::{AssessArgs, AssessFormat};
use super::{FINE, Failure, day};
use crate::assessment::{Answer, Assessment, Figure, Item, PATH, Verdict};
use crate::diagnostics::{Diagnostic, Place};
use crate::edition::Sources;
use crate::report::render::significant;

/// Width of the text.
const WIDTH: usize = 80;

pub fn run(args: &AssessArgs, sources: &Sources, out: &mut impl Write) -> Result<u8, Failure> {
    let day = day(args.as_of.as_deref(), sources)?;
    let assessment = sources.assess(day, args.hindsight, args.seed).ok_or_else(|| {
        Diagnostic::error("no-battery", "the workspace declares no battery", Place::file(PATH))
            .rule("`assess` answers the items that indicators/assessment.toml declares")
            .help("take the file from a folder that `tukhum init` wrote, and change wave and areas")
    })?;
    match args.format {
        AssessFormat::Json => writeln!(out, "{}", serde_json::to_string_pretty(&assessment).map_err(std::io::Error::other)?)?,
        AssessFormat::Table => write!(out, "{}", text(&assessment))?,
    }
    Ok(FINE)
}

/// The assessment in words, at most 80 columns wide.
fn text(a: &Assessment) -> String {
    let mut out = String::new();
    say(&mut out, "", &a.question.en);
    let hindsight = if a.hindsight { ", with hindsight: later knowledge is let in" } else { "" };
    say(&mut out, "", &format!("As of {}{hindsight}. Battery {}, declared before its statistics were run.", a.as_of, a.battery));
    out.push('\n');
    if let Some(nothing) = &a.nothing {
        say(&mut out, "", &format!("NOT ASSESSED: {nothing}."));
        return out;
    }
    if let Some(verdict) = &a.verdict {
        let why = match verdict {
            Verdict::Open { why } => format!(" ({why})"),
            _ => String::new(),
        };
        say(&mut out, "", &format!("VERDICT: {}{why}.", verdict.words()));
    }
    if let Some(likely) = &a.likely {
        say(&mut out, "", &format!("A strategic shift is {} ({:.0} %).", phrase(&likely.word), likely.probability * 100.0));
    }
    if let Some(confidence) = &a.confidence {
        let why = if confidence.reasons.is_empty() { String::new() } else { format!(": {}", confidence.reasons.join("; ")) };
        say(&mut out, "", &format!("Confidence in this assessment is {}{why}.", confidence.level.word()));
    }
    if let Some(likely) = &a.likely {
        let parts: Vec<String> = likely.parts.iter().map(|(id, p)| format!("P({id}) {p:.2}")).collect();
        let prior = if likely.from_prior { "; P(T5) is the declared prior, since the months in which a step could begin are not all known" } else { "" };
        out.push('\n');
        say(&mut out, "", &format!("Rule of the number: {}. Here {}{prior}.", likely.rule.en, parts.join(", ")));
    }
    for item in &a.items {
        self::item(&mut out, item);
    }
    out.push_str("\nWHAT THE COMING WEEKS WOULD HAVE TO SHOW\n");
    for item in a.items.iter().filter(|i| !i.turns.is_empty()) {
        say(&mut out, "", &item.id);
        for turn in &item.turns {
            say(&mut out, "  - ", turn);
        }
    }
    out
}

fn item(out: &mut String, item: &Item) {
    out.push('\n');
    say(out, "", &format!("{}  {}  {}", item.id, item.question.en, item.answer.word().to_uppercase()));
    for figure in &item.figures {
        say(out, "    ", &self::figure(figure));
    }
    for finding in &item.findings {
        say(out, "    ", finding);
    }
    for used in &item.used {
        let span = if used.from == used.to { format!("of {}", used.from) } else { format!("of {} to {}", used.from, used.to) };
        say(out, "    ", &format!("rows: {} of {} {span}", used.rows, used.dataset));
    }
    for need in &item.needs {
        say(out, "    ", &format!("not determined: {need}"));
    }
    if item.answer != Answer::Undetermined {
        say(out, "    ", &format!("overturned by: {}", item.falsifier.en));
    }
}

fn figure(figure: &Figure) -> String {
    let Some(value) = figure.value else { return format!("{}: no ratio, since nothing is counted before", figure.name) };
    let value = significant(value);
    let interval = match (figure.low, figure.high) {
        (Some(low), Some(high)) => format!(" [{} to {}]", significant(low), significant(high)),
        (Some(low), None) => format!(" [{} or more]", significant(low)),
        _ => String::new(),
    };
    let unit = if figure.unit.is_empty() { String::new() } else { format!(" ({})", figure.unit) };
    format!("{}: {value}{interval}{unit}", figure.name)
}

/// The term of ICD 203 as it stands after "is".
fn phrase(word: &str) -> String {
    match word {
        "almost no chance" => "almost without chance".into(),
        "roughly even chance" => "a roughly even chance".into(),
        other => other.into(),
    }
}

/// Adds a paragraph, wrapped at words; following lines are indented like the first one's text.
fn say(out: &mut String, lead: &str, words: &str) {
    let indent = " ".repeat(lead.chars().count());
    let mut line = lead.to_owned();
    let mut empty = true;
    for word in words.split(' ') {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(line.trim_end());
            out.push('\n');
            line.clone_from(&indent);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
}
