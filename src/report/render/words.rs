//! Filters that the templates share: words, rounding, escaping.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior};

use crate::report::labels::label;
use crate::text::{Language, Text};

/// An environment with the filters of a language.
pub fn environment(language: Language, escape: bool) -> Result<Environment<'static>, Error> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(move |_| if escape { AutoEscape::Html } else { AutoEscape::None });
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    env.add_filter("t", move |text: Serde<Text>| text.0.get(language).to_owned());
    env.add_function("label", move |key: &str| label(key, language));
    env.add_filter("one", |x: Option<f64>| x.map_or_else(|| "–".to_owned(), |x| fixed(x, 1)));
    env.add_filter("two", |x: Option<f64>| x.map_or_else(|| "–".to_owned(), |x| fixed(x, 2)));
    env.add_filter("raw", |x: Option<f64>| x.map_or_else(|| "–".to_owned(), significant));
    env.add_filter("percent", |x: f64| format!("{} %", fixed(x * 100.0, 1)));
    env.add_filter("chance", |p: Option<f64>| p.map_or_else(|| "–".to_owned(), chance));
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

/// A probability in whole percent; what is not certain never reads 0 or 100.
pub fn chance(p: f64) -> String {
    match p {
        p if p > 0.0 && p < 0.005 => "< 1 %".into(),
        p if p < 1.0 && p > 0.995 => "> 99 %".into(),
        p => format!("{} %", fixed(p * 100.0, 0)),
    }
}

/// Three significant digits, whole numbers in full with thin spaces between thousands.
pub fn significant(x: f64) -> String {
    if x == 0.0 {
        return "0".into();
    }
    if x.abs() >= 100.0 || x.fract() == 0.0 {
        return thousands(x.round());
    }
    let digits = (2.0 - x.abs().log10().floor()).clamp(0.0, 6.0) as usize;
    fixed(x, digits)
}

fn thousands(x: f64) -> String {
    let digits = format!("{:.0}", x.abs());
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push('\u{202f}');
        }
        out.push(c);
    }
    if x < 0.0 { format!("−{out}") } else { out }
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
