//! Problems found in a workspace, each with the value, the place, the rule and the way out.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something the reader should know; the run goes on.
    Warning,
    /// The input is refused.
    Error,
}

/// Where a problem lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Bytes of a text file that is shown with the place underlined.
    Span { path: String, text: String, span: (usize, usize) },
    /// A line of a table (counted from 1, the header is line 1), and its column's name.
    Line { path: String, line: u64, column: Option<String> },
    /// A whole file or folder.
    File { path: String },
    /// An argument of the command line.
    Argument,
}

/// One problem: what is wrong with the value given, where, the rule, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Stable kebab-case name, such as `goalposts-reversed`.
    pub code: &'static str,
    pub message: String,
    pub place: Place,
    pub rule: String,
    pub help: String,
}

impl Diagnostic {
    pub fn error(code: &'static str, message: impl Into<String>, place: Place) -> Self {
        Self { severity: Severity::Error, code, message: message.into(), place, rule: String::new(), help: String::new() }
    }

    pub fn warning(code: &'static str, message: impl Into<String>, place: Place) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message, place) }
    }

    /// States the rule that the value breaks.
    pub fn rule(mut self, rule: impl Into<String>) -> Self {
        self.rule = rule.into();
        self
    }

    /// States the way out.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Renders the diagnostic as text, with colour codes when `colour` is set.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(visible(&self.message)).id(self.code);
        let notes = [("rule", visible(&self.rule)), ("help", visible(&self.help))];
        let messages = notes
            .iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| Level::NOTE.with_name(*name).message(text.as_ref()));
        match &self.place {
            Place::Span { path, text, span } => {
                let span: Range<usize> = floor_boundary(text, span.0)..floor_boundary(text, span.1);
                let snippet =
                    Snippet::source(text.as_str()).path(path.as_str()).annotation(AnnotationKind::Primary.span(span));
                let group = title.element(snippet).elements(messages);
                let mut out = renderer.render(&[group]);
                out.push('\n');
                out
            }
            place => {
                let mut out = renderer.render(&[annotate_snippets::Group::with_title(title)]);
                out.push('\n');
                if let Some(at) = place.short() {
                    let _ = writeln!(out, "  --> {}", visible(&at));
                }
                for (name, text) in &notes {
                    if !text.is_empty() {
                        let _ = writeln!(out, "   = {name}: {text}");
                    }
                }
                out
            }
        }
    }
}

impl Place {
    /// `path:line` or the like, for lists; none for an argument.
    pub fn short(&self) -> Option<String> {
        match self {
            Self::Span { path, text, span } => {
                let line = text.get(..floor_boundary(text, span.0)).unwrap_or("").matches('\n').count() + 1;
                Some(format!("{path}:{line}"))
            }
            Self::Line { path, line, column: Some(column) } => Some(format!("{path}:{line}, column `{column}`")),
            Self::Line { path, line, column: None } => Some(format!("{path}:{line}")),
            Self::File { path } => Some(path.clone()),
            Self::Argument => None,
        }
    }

    /// The whole of a file.
    pub fn file(path: impl Into<String>) -> Self {
        Self::File { path: path.into() }
    }
}

/// A text of somebody else for the screen: what would change how it is shown is written as `\u{…}`.
///
/// Control characters but the end of a line, and the marks that turn the direction of writing or have no width.
/// Joiners stay: Arabic and other scripts are written with them.
pub fn visible(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if hidden(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect())
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// All problems of a run, in the order of their places.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    pub fn extend(&mut self, other: Diagnostics) {
        self.0.extend(other.0);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn has_errors(&self) -> bool {
        self.errors() > 0
    }

    pub fn errors(&self) -> usize {
        self.0.iter().filter(|d| d.severity == Severity::Error).count()
    }

    pub fn warnings(&self) -> usize {
        self.0.len() - self.errors()
    }

    /// The problems sorted by place, so that the order of loading does not show.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut all: Vec<_> = self.0.iter().collect();
        all.sort_by(|a, b| (&a.place, a.code, &a.message).cmp(&(&b.place, b.code, &b.message)));
        all
    }

    pub fn render(&self, colour: bool) -> String {
        let mut out = String::new();
        for diagnostic in self.sorted() {
            out.push_str(&diagnostic.render(colour));
            out.push('\n');
        }
        out
    }
}

impl std::fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

/// At most this many known names are listed in a suggestion.
const MOST_NAMES: usize = 24;

/// The names nearest to `given` by Jaro–Winkler similarity, best first, at most three.
pub fn near_names<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let folded = given.to_lowercase();
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&folded, &name.to_lowercase()), name))
        .filter(|(similarity, _)| *similarity > 0.75)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

/// "did you mean `a` or `b`?", or the whole list when nothing is near.
pub fn suggestion<'a>(given: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    let near = near_names(given, known.clone());
    let quote = |names: &[&str]| names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    if near.is_empty() {
        let mut all: Vec<_> = known.into_iter().collect();
        all.sort_unstable();
        let more = all.len().saturating_sub(MOST_NAMES);
        all.truncate(MOST_NAMES);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("known names: {}{rest}", quote(&all))
    } else {
        format!("did you mean {}?", quote(&near))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_the_screen_is_written_out() {
        assert_eq!(visible("Kayes كاي می‌خواهم\n"), "Kayes كاي می‌خواهم\n");
        assert_eq!(visible("\u{202e}a\u{1b}[31m\r"), "\\u{202e}a\\u{1b}[31m\\u{d}");
        let problem = Diagnostic::error("code", "\u{1b}[2J", Place::file("\u{202e}b")).rule("\u{7}").help("\u{feff}");
        for colour in [false, true] {
            let text = problem.render(colour);
            assert!(!text.contains("\u{1b}[2J") && !text.contains(['\u{202e}', '\u{7}', '\u{feff}']), "{text:?}");
        }
    }
}
