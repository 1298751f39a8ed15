use std::io::Write;

use super::args::{AssessArgs, AssessFormat};
use super::paragraph::say;
use super::{FINE, Failure};
use crate::assessment::{Answer, Assessment, Item, PATH};
use crate::diagnostics::{Diagnostic, Place};
use crate::edition::Sources;
use crate::report::answer;
use crate::report::render::{figure_words, need_words};
use crate::text::{Language, share};

pub fn run(args: &AssessArgs, sources: &Sources, out: &mut impl Write) -> Result<u8, Failure> {
    let assessment = sources.assess(args.when.day(sources)?, args.when.hindsight, args.seed).ok_or_else(|| {
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
        say(&mut out, "", &format!("NOT ASSESSED: {}.", nothing.en));
        return out;
    }
    if let Some(verdict) = answer::verdict(a) {
        say(&mut out, "", &format!("VERDICT: {}", verdict.en));
    }
    if let Some(likely) = &a.likely {
        say(&mut out, "", &format!("A strategic shift is {} ({}).", answer::likelihood(likely.probability).en, share(likely.probability, Language::En)));
    }
    if let Some(confidence) = answer::confidence(a) {
        say(&mut out, "", &confidence.en);
    }
    if let Some(rule) = answer::rule(a) {
        out.push('\n');
        say(&mut out, "", &rule.en);
    }
    for item in &a.items {
        self::item(&mut out, item);
    }
    out.push_str("\nWHAT THE COMING WEEKS WOULD HAVE TO SHOW\n");
    for item in a.items.iter().filter(|i| !i.turns.is_empty()) {
        say(&mut out, "", &item.id);
        for turn in &item.turns {
            say(&mut out, "  - ", &turn.en);
        }
    }
    out
}

fn item(out: &mut String, item: &Item) {
    out.push('\n');
    say(out, "", &format!("{}  {}  {}", item.id, item.question.en, item.answer.word().en.to_uppercase()));
    for figure in &item.figures {
        say(out, "    ", &figure_words(figure, Language::En));
    }
    for finding in &item.findings {
        say(out, "    ", &finding.en);
    }
    for used in &item.used {
        let span = if used.from == used.to { format!("of {}", used.from) } else { format!("of {} to {}", used.from, used.to) };
        say(out, "    ", &format!("rows: {} of {} {span}", used.rows, used.dataset));
    }
    for need in &item.needs {
        say(out, "    ", &format!("not determined: {}", need_words(need, Language::En)));
    }
    if item.answer != Answer::Undetermined {
        say(out, "    ", &format!("overturned by: {}", item.falsifier.en));
    }
}
