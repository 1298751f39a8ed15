use std::io::Write;
use std::path::Path;

use super::args::{Arguments, SeverityArg, WatchArgs, WatchFormat};
use super::paragraph::say;
use super::{FINDINGS, FINE, Failure, day, tell, workspace};
use crate::diagnostics::{Diagnostic, Place};
use crate::edition::Edition;
use crate::output::write_file;
use crate::rules::Severity;
use crate::text::Day;
use crate::watch::{self, Change, FORMAT, Message, News, Sent, State, cap};

pub fn run(args: &WatchArgs, arguments: &Arguments, out: &mut impl Write) -> Result<u8, Failure> {
    let before = read(&args.state)?;
    let (sources, list, warnings) = watch::load_level(&workspace(arguments)?, arguments.units.level())?;
    if !warnings.is_empty() {
        tell(&warnings);
    }
    let day = day(args.as_of.as_deref(), &sources)?;
    if let Some(before) = before.as_ref().filter(|b| b.as_of.0 > day) {
        let message = format!("the state was written as of {}, and {day} lies before it", before.as_of);
        return Err(refuse("watch-goes-back", message, "time goes forward: what is new is told once", "give a later --as-of, or another --state file to look back").into());
    }
    let message = message(args, Day(day))?;
    let edition = Edition::compute(&sources, day, false);
    let (news, state) = watch::tell(before.as_ref(), watch::observe(&sources, &edition, list.as_ref()), day);
    match args.format {
        WatchFormat::Text => write!(out, "{}", text(&news, before.as_ref(), day))?,
        WatchFormat::Jsonl => {
            for piece in &news {
                writeln!(out, "{}", serde_json::to_string(piece).map_err(std::io::Error::other)?)?;
            }
        }
        WatchFormat::Cap => write!(out, "{}", cap(&news, &edition, &message).unwrap_or_default())?,
    }
    // Only what was written out was told: a run that is stopped before tells it again.
    out.flush()?;
    if before.as_ref() != Some(&state) {
        let mut text = serde_json::to_string_pretty(&state).map_err(std::io::Error::other)?;
        text.push('\n');
        write_file(&args.state, &text)?;
    }
    let from = match args.severity {
        SeverityArg::Watch => Severity::Watch,
        SeverityArg::Warning => Severity::Warning,
        SeverityArg::Alarm => Severity::Alarm,
    };
    let found = news.iter().any(|n| n.change != Change::Ended && n.severity >= from);
    Ok(if found { FINDINGS } else { FINE })
}

/// What was told before; none if there is no such file yet.
fn read(path: &Path) -> Result<Option<State>, Failure> {
    let refuse = |message: String| {
        Diagnostic::error("watch-state", message, Place::file(path.display().to_string()))
            .rule("the state is a file that `tukhum watch` wrote; one that cannot be read is never written over")
            .help("put back a copy of it, or move it away: then the next run tells everything again")
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refuse(format!("the state cannot be read: {error}")).into()),
    };
    let state: State = serde_json::from_str(&text).map_err(|error| refuse(format!("the state is damaged: {error}")))?;
    if state.format != FORMAT {
        return Err(refuse(format!("the state has the format `{}`, not `{FORMAT}`", state.format)).into());
    }
    Ok(Some(state))
}

fn message(args: &WatchArgs, day: Day) -> Result<Message, Failure> {
    let sender = args.sender.clone().unwrap_or_default();
    if sender.contains(|c: char| c.is_whitespace() || c.is_control() || ",<&".contains(c)) || args.sender.as_ref().is_some_and(String::is_empty) {
        let rule = "CAP: a sender has a name without spaces, commas, < and &";
        return Err(refuse("wrong-sender", format!("`{sender}` cannot be a sender"), rule, "for example --sender watch@example.org").into());
    }
    let sent = match args.sent.as_deref() {
        None => Sent::at_start_of(day),
        Some(text) => Sent::parse(text).ok_or_else(|| {
            let rule = "CAP: a moment is written yyyy-mm-ddThh:mm:ss±hh:mm, without Z and without fractions";
            refuse("wrong-moment", format!("`{text}` is no moment"), rule, "for example --sent \"$(date --iso-8601=seconds)\"")
        })?,
    };
    Ok(Message { sender, sent, exercise: args.exercise })
}

fn refuse(code: &'static str, message: String, rule: &str, help: &str) -> Diagnostic {
    Diagnostic::error(code, message, Place::Argument).rule(rule).help(help)
}

/// The news in words, at most 80 columns wide; nothing without news.
fn text(news: &[News], before: Option<&State>, day: jiff::civil::Date) -> String {
    let mut out = String::new();
    if news.is_empty() {
        return out;
    }
    let count = |change| news.iter().filter(|n| n.change == change).count();
    let since = before.map_or_else(|| "told for the first time".into(), |b| format!("since {}", b.as_of));
    let counts = format!("{} new, {} escalated, {} ended", count(Change::New), count(Change::Escalated), count(Change::Ended));
    say(&mut out, "", &format!("As of {day}, {since}: {counts}."));
    for piece in news {
        let word = |s: Severity| match s {
            Severity::Watch => "watch",
            Severity::Warning => "warning",
            Severity::Alarm => "alarm",
        };
        let change = match (piece.change, piece.was) {
            (Change::New, _) => "NEW".into(),
            (Change::Escalated, Some(was)) => format!("ESCALATED from {}", word(was)),
            (Change::Escalated, None) => "ESCALATED".into(),
            (Change::Ended, _) => format!("ENDED, told since {}", piece.since),
        };
        let units: Vec<&str> = piece.units.iter().map(|u| u.name.as_str()).collect();
        out.push('\n');
        say(&mut out, "", &format!("{} {change}  {}", word(piece.severity), units.join(", ")));
        say(&mut out, "  ", &piece.headline);
        if !piece.detail.is_empty() {
            say(&mut out, "  ", &piece.detail);
        }
        say(&mut out, "  ", &piece.id);
    }
    out
}
