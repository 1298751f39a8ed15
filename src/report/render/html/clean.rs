//! Text as it may stand on a page: nothing in it reaches its neighbours.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, Output, State, escape_formatter};
use unicode_normalization::char::is_combining_mark;

/// No script of the report's languages stacks more marks on a letter.
const MOST_MARKS: usize = 4;

/// Writes a value, escaped; text that is not marked as safe is cleaned before.
pub fn formatter(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_none() {
        return Ok(());
    }
    match value.as_str() {
        Some(text) if value.kind() == ValueKind::String && !value.is_safe() && !is_clean(text) => escape_formatter(out, state, &Value::from(cleaned(text))),
        _ => escape_formatter(out, state, value),
    }
}

/// Whether nothing in a text needs a second look; nearly all are so.
fn is_clean(text: &str) -> bool {
    text.is_ascii() && !text.bytes().any(|b| b.is_ascii_control() && b != b'\n')
}

/// A text without control characters and overrides of direction, its isolates closed, its marks few.
pub fn cleaned(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut open, mut marks) = (0_usize, 0);
    for c in text.chars() {
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        match c {
            '\n' | '\t' => out.push(' '),
            '\u{202a}'..='\u{202e}' => {}
            '\u{2066}'..='\u{2068}' => {
                open += 1;
                out.push(c);
            }
            '\u{2069}' if open == 0 => {}
            '\u{2069}' => {
                open -= 1;
                out.push(c);
            }
            c if c.is_control() || marks > MOST_MARKS => {}
            c => out.push(c),
        }
    }
    out.extend(std::iter::repeat_n('\u{2069}', open));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_neighbours() {
        let cases = [
            ("\u{202e}seyaK", "seyaK"),
            ("a\u{2066}b", "a\u{2066}b\u{2069}"),
            ("a\u{2069}b", "ab"),
            ("\u{2068}Kayes\u{2069} ق", "\u{2068}Kayes\u{2069} ق"),
            ("a\u{7}b\nc", "ab c"),
            ("e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}x", "e\u{301}\u{301}\u{301}\u{301}x"),
        ];
        for (text, expected) in cases {
            assert_eq!(cleaned(text), expected);
        }
        assert!(is_clean("Kayes") && !is_clean("a\u{1b}[31m") && !is_clean("é"));
    }
}
