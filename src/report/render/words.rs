//! Filters that the templates share: words, rounding, escaping.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior};

use crate::assessment::Figure;
use crate::assessment::Need;
use crate::say;
use crate::text::{Arg, Language, Text, comma, label, locale, semicolon, share, term};

/// An environment with the filters of a language.
pub fn environment(language: Language, escape: bool) -> Result<Environment<'static>, Error> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(move |_| if escape { AutoEscape::Html } else { AutoEscape::None });
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    env.add_filter("t", move |text: Serde<Text>| text.0.get(language).to_owned());
    env.add_filter("clauses", move |list: Serde<Vec<Text>>| written(&list.0, language).join(&semicolon(language)));
    env.add_filter("listed", move |list: Serde<Vec<Text>>| written(&list.0, language).join(&comma(language)));
    env.add_filter("sentences", move |list: Serde<Vec<Text>>| written(&list.0, language).join(" "));
    env.add_filter("term", move |word: &str| term(word, word).get(language).to_owned());
    env.add_filter("need", move |need: Serde<Need>| need_words(&need.0, language));
    env.add_function("label", move |key: &str| label(key).get(language).to_owned());
    env.add_filter("one", move |x: Option<f64>| x.map_or_else(|| "–".to_owned(), |x| locale::number(x, 1, language)));
    env.add_filter("two", move |x: Option<f64>| x.map_or_else(|| "–".to_owned(), |x| locale::number(x, 2, language)));
    env.add_filter("three", move |x: Option<f64>| x.map_or_else(|| "–".to_owned(), |x| locale::number(x, 3, language)));
    env.add_filter("raw", move |x: Option<f64>| x.map_or_else(|| "–".to_owned(), |x| significant(x, language)));
    env.add_filter("percent", move |x: f64| locale::percent(x, 1, language));
    env.add_filter("chance", move |p: Option<f64>| p.map_or_else(|| "–".to_owned(), |p| share(p, language)));
    env.add_filter("figure", move |f: Serde<Figure>| figure_words(&f.0, language));
    env.add_filter("interval", move |i: Option<Serde<[f64; 2]>>| interval(i.map(|i| i.0), language));
    env.add_filter("spark", |e: Serde<Vec<Option<i64>>>| spark(&e.0));
    env.add_filter("bars", |e: Serde<Vec<Option<i64>>>| bars(&e.0, true));
    env.add_filter("unknown_bars", |e: Serde<Vec<Option<i64>>>| bars(&e.0, false));
    env.add_filter("counted", |e: Serde<Vec<Option<i64>>>| counted(&e.0));
    env.add_filter("dash", |x: Value| if x.is_none() || x.is_undefined() { Value::from("–") } else { x });
    env.add_filter("spaced", |x: String| x.replace('_', " "));
    env.add_filter("path", |ring: Serde<Vec<[f64; 2]>>| path(&ring.0, true));
    env.add_filter("line", |ring: Serde<Vec<[f64; 2]>>| path(&ring.0, false));
    env.add_filter("cell", |text: String| markdown_cell(&text));
    env.add_filter("link", |url: String| if is_web(&url) { url } else { String::new() });
    Ok(env)
}

/// Rounds half away from zero after the shortest decimal form, as a reader would.
pub fn fixed(x: f64, decimals: usize) -> String {
    let text = format!("{x:.decimals$}");
    if text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.') { text.trim_start_matches('-').to_owned() } else { text }
}

fn written(list: &[Text], language: Language) -> Vec<&str> {
    list.iter().map(|text| text.get(language)).collect()
}

/// Why an item has no answer, and what would settle it.
pub fn need_words(need: &Need, language: Language) -> String {
    let settled = need.settled_by.iter().map(|by| by.get(language));
    std::iter::once(need.why.get(language)).chain(settled).collect::<Vec<_>>().join(&format!("{} ", label("colon").get(language)))
}

/// A figure of the assessment with its interval and unit.
pub fn figure_words(figure: &Figure, language: Language) -> String {
    let name = figure.name.get(language);
    let Some(value) = figure.value else { return say!("assessment.no_ratio", name = &figure.name).get(language).to_owned() };
    let value = significant(value, language);
    let range = match (figure.low, figure.high) {
        (Some(low), Some(high)) => interval(Some([low, high]), language),
        (Some(low), None) => format!(" [{}]", say!("report.or_more", low = Arg::Written(significant(low, language))).get(language)),
        _ => String::new(),
    };
    let unit = figure.unit.as_ref().map(|u| format!(" ({})", u.get(language))).unwrap_or_default();
    format!("{name}{} {value}{range}{unit}", label("colon").get(language))
}

/// An interval in brackets; nothing where there is none.
pub fn interval(interval: Option<[f64; 2]>, language: Language) -> String {
    let Some([low, high]) = interval else { return String::new() };
    let (low, high) = (Arg::Written(significant(low, language)), Arg::Written(significant(high, language)));
    format!(" [{}]", say!("report.low_to_high", low = low, high = high).get(language))
}

/// Monthly counts as one line of blocks: a dot where nothing is known, a low line for none.
fn spark(events: &[Option<i64>]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = events.iter().flatten().max().copied().unwrap_or(0).max(1);
    let block = |n: i64| if n <= 0 { '▁' } else { BLOCKS.get((n as f64 * 7.0 / most as f64).ceil().clamp(1.0, 7.0) as usize).copied().unwrap_or('█') };
    events.iter().map(|n| n.map_or('·', block)).collect()
}

/// SVG path of one bar a month, 4 wide and up to 36 high, above a base line at 40.
fn bars(events: &[Option<i64>], known: bool) -> String {
    let most = events.iter().flatten().max().copied().unwrap_or(0).max(1);
    let mut out = String::new();
    for (i, n) in events.iter().enumerate() {
        let x = i * 5;
        match n {
            Some(n) if known && *n > 0 => out.push_str(&format!("M{x} 40v-{}h4V40z", fixed(36.0 * *n as f64 / most as f64, 1))),
            None if !known => out.push_str(&format!("M{x} 40v-4h4v4z")),
            _ => {}
        }
    }
    out
}

/// Monthly counts as words for those who do not see the picture.
fn counted(events: &[Option<i64>]) -> String {
    events.iter().map(|n| n.map_or_else(|| "?".to_owned(), |n| n.to_string())).collect::<Vec<_>>().join(" ")
}

/// Three significant digits, whole numbers in full.
pub fn significant(x: f64, language: Language) -> String {
    let digits = if x == 0.0 || x.abs() >= 100.0 || x.fract() == 0.0 { 0.0 } else { (2.0 - x.abs().log10().floor()).clamp(0.0, 6.0) };
    locale::number(x, digits as usize, language)
}

/// SVG path data of a ring or line, in the map's own kilometres.
fn path(ring: &[[f64; 2]], closed: bool) -> String {
    let mut out = String::new();
    for (i, [x, y]) in ring.iter().enumerate() {
        out.push(if i == 0 { 'M' } else { 'L' });
        out.push_str(&format!("{x} {y}"));
    }
    if closed {
        out.push('Z');
    }
    out
}

/// Text for a cell of a Markdown table: one line, nothing that Markdown or HTML would act on.
fn markdown_cell(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            '|' | '<' | '>' | '*' | '`' | '[' | ']' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Only http and https addresses become links.
fn is_web(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://")) && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_line_tells_none_from_unknown() {
        let events = [Some(0), None, Some(1), Some(8)];
        assert_eq!(spark(&events), "▁·▂█");
        assert_eq!(counted(&events), "0 ? 1 8");
        assert_eq!(bars(&events, true), "M10 40v-4.5h4V40zM15 40v-36.0h4V40z");
        assert_eq!(bars(&events, false), "M5 40v-4h4v4z");
        assert_eq!(spark(&[Some(i64::MAX)]).chars().count(), 1);
    }
}
