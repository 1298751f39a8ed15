//! Sentences in three languages, from the catalogue in `words/`.
//!
//! A sentence is a key and its arguments. The catalogue has, for each key, a template per language:
//! `{{ n }}` writes an argument, `{{ n|plural(one="attack", other="attacks") }}` the form that the count
//! takes. Tests hold that each key used in the program is in the catalogue, that each key of the catalogue is
//! used, and that the three languages use the same arguments.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use icu_plurals::PluralCategory;
use jiff::civil::Date;
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use super::locale;
use super::{Day, Language, Month, Text};

/// The files of the catalogue; a key is the file's name, a point, and the key in the file.
const FILES: &[(&str, &str)] = &[
    ("assessment", include_str!("words/assessment.toml")),
    ("confidence", include_str!("words/confidence.toml")),
    ("countries", include_str!("words/countries.toml")),
    ("forecasts", include_str!("words/forecasts.toml")),
    ("labels", include_str!("words/labels.toml")),
    ("likelihood", include_str!("words/likelihood.toml")),
    ("measures", include_str!("words/measures.toml")),
    ("method", include_str!("words/method.toml")),
    ("report", include_str!("words/report.toml")),
    ("sheet", include_str!("words/sheet.toml")),
    ("studio", include_str!("words/studio.toml")),
    ("terms", include_str!("words/terms.toml")),
];

static WORDS: LazyLock<BTreeMap<String, Text>> = LazyLock::new(|| {
    let texts = |text| toml::from_str::<BTreeMap<String, Text>>(text).unwrap_or_default();
    FILES.iter().flat_map(|(file, text)| texts(text).into_iter().map(move |(key, text)| (format!("{file}.{key}"), text))).collect()
});

static TEMPLATES: LazyLock<[Environment<'static>; 3]> = LazyLock::new(|| Language::ALL.map(environment));

/// Something that a sentence says.
#[derive(Clone, Debug)]
pub enum Arg {
    /// A whole number; `plural` takes it.
    Count(i64),
    /// A number with so many decimals.
    Number(f64, usize),
    /// A probability or share.
    Share(f64),
    /// A number as it is to be read, in all languages.
    Written(String),
    /// A text that is the same in all languages: a name, an address, an id.
    Plain(String),
    Text(Text),
    Day(Date),
    Month(Month),
    List(Vec<Arg>),
    /// A list of what holds commas itself.
    Clauses(Vec<Text>),
    Flag(bool),
    /// Nothing; `{% if x %}` is false.
    None,
}

/// A sentence with its arguments in all languages. A key that is not in the catalogue gives the key itself.
pub fn say(key: &str, arguments: &[(&'static str, Arg)]) -> Text {
    let [en, fr, ar] = Language::ALL.map(|language| in_language(key, arguments, language));
    Text { en, fr, ar }
}

/// `say!("measures.key", n = 3, unit = name)`: see [`say`](fn@say).
#[macro_export]
macro_rules! say {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::text::say($key, &[$((stringify!($name), $crate::text::Arg::from($value))),*])
    };
}

/// Every text by its key: the file and the key in it.
pub fn catalogue() -> &'static BTreeMap<String, Text> {
    &WORDS
}

/// A label of the pages; the key itself for one that is not in the catalogue.
pub fn label(key: &str) -> Text {
    WORDS.get(&format!("labels.{key}")).cloned().unwrap_or_else(|| Text::same(key))
}

/// The name of a country by its ISO 3166-1 alpha-3 code; the code itself for one that is not in the catalogue.
pub fn country(code: &str) -> Text {
    WORDS.get(&format!("countries.{code}")).cloned().unwrap_or_else(|| Text::same(code))
}

/// What a word of a table reads in each language; `otherwise`, without its underscores, for one that is not in the catalogue.
pub fn term(word: &str, otherwise: &str) -> Text {
    WORDS.get(&format!("terms.{word}")).cloned().unwrap_or_else(|| Text::same(&otherwise.replace('_', " ")))
}

fn in_language(key: &str, arguments: &[(&'static str, Arg)], language: Language) -> String {
    let Some(env) = TEMPLATES.get(language as usize) else { return key.to_owned() };
    let context: BTreeMap<&str, Value> = arguments.iter().map(|(name, arg)| (*name, arg.value(language))).collect();
    env.get_template(key).and_then(|template| template.render(context)).unwrap_or_else(|_| key.to_owned())
}

impl Arg {
    /// A number with the decimals that it has.
    pub fn plain(x: f64) -> Self {
        let decimals = x.to_string().split_once('.').map_or(0, |(_, fraction)| fraction.len());
        Self::Number(x, decimals)
    }

    fn value(&self, language: Language) -> Value {
        match self {
            Self::Count(n) => Value::from(*n),
            Self::None => Value::from(()),
            Self::Flag(flag) => Value::from(*flag),
            other => Value::from(other.written(language)),
        }
    }

    fn written(&self, language: Language) -> String {
        match self {
            Self::Count(n) => locale::count(*n, language),
            Self::Number(x, decimals) => locale::number(*x, *decimals, language),
            Self::Share(p) => share(*p, language),
            Self::Plain(text) => isolated(text, language),
            Self::Written(number) => number.clone(),
            Self::Text(text) => text.get(language).to_owned(),
            Self::Day(day) => locale::day(*day, language),
            Self::Month(month) => locale::month(*month, language),
            Self::List(list) => {
                let written: Vec<String> = list.iter().map(|arg| arg.written(language)).collect();
                written.join(&comma(language))
            }
            Self::Clauses(list) => {
                let written: Vec<&str> = list.iter().map(|text| text.get(language)).collect();
                written.join(&semicolon(language))
            }
            Self::Flag(_) | Self::None => String::new(),
        }
    }
}

/// What stands between the parts of a list.
pub fn comma(language: Language) -> String {
    format!("{} ", label("comma").get(language))
}

/// What stands between clauses.
pub fn semicolon(language: Language) -> String {
    format!("{} ", label("semicolon").get(language))
}

/// A probability in whole percent; what is not certain never reads 0 or 100.
pub fn share(p: f64, language: Language) -> String {
    let percent = |sign: &str, p: f64| numeric(&format!("{sign}{}", locale::percent(p, 0, language)), language);
    match p {
        p if p > 0.0 && p < 0.005 => percent("<\u{a0}", 0.01),
        p if p < 1.0 && p > 0.995 => percent(">\u{a0}", 0.99),
        p => percent("", p),
    }
}

/// From one whole number to another; one number where they are the same.
fn range(low: i64, high: i64, language: Language) -> String {
    let [low_end, high_end] = [low, high].map(|n| locale::count(n, language));
    if low == high { low_end } else { numeric(&format!("{low_end}–{high_end}"), language) }
}

/// In Arabic, a text of its own direction is set apart, so that it does not reorder its neighbours.
fn isolated(text: &str, language: Language) -> String {
    let foreign = text.chars().any(|c| c.is_ascii_alphanumeric());
    if language == Language::Ar && foreign { format!("\u{2068}{text}\u{2069}") } else { text.to_owned() }
}

/// In Arabic, a range, a sign or a percentage is set apart from left to right.
fn numeric(text: &str, language: Language) -> String {
    if language == Language::Ar { format!("\u{2066}{text}\u{2069}") } else { text.to_owned() }
}

fn environment(language: Language) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_formatter(move |out, state, value| match (value.kind(), i64::try_from(value.clone())) {
        (ValueKind::Number, Ok(n)) => Ok(out.write_str(&locale::count(n, language))?),
        (ValueKind::None, _) => Ok(()),
        _ => minijinja::escape_formatter(out, state, value),
    });
    env.add_filter("plural", move |n: i64, forms: Kwargs| plural(n, &forms, language));
    env.add_function("range", move |low: i64, high: i64| range(low, high, language));
    for (key, text) in WORDS.iter() {
        // A template that does not parse is missing; a test finds it.
        let _ = env.add_template(key, text.get(language));
    }
    env
}

/// The form for a count. Arabic has `one`, `two`, `few` (3 to 10), `many` (11 to 99) and `other`; `zero` and, in
/// French, `many` (millions) fall back to `other`.
fn plural(n: i64, forms: &Kwargs, language: Language) -> Result<String, Error> {
    let other: String = forms.get("other")?;
    let optional = |name: &str| Ok(forms.get::<Option<String>>(name)?.unwrap_or_else(|| other.clone()));
    let chosen = match locale::plural(n, language) {
        PluralCategory::Zero => optional("zero"),
        PluralCategory::One => forms.get("one"),
        PluralCategory::Two => forms.get("two"),
        PluralCategory::Few => forms.get("few"),
        PluralCategory::Many if language == Language::Ar => forms.get("many"),
        PluralCategory::Many | PluralCategory::Other => Ok(other.clone()),
    };
    chosen.map_err(|e: Error| Error::new(ErrorKind::MissingArgument, format!("no form for {n}: {e}")))
}

macro_rules! from {
    ($($kind:ty => |$x:ident| $arg:expr),* $(,)?) => {
        $(impl From<$kind> for Arg {
            fn from($x: $kind) -> Self {
                $arg
            }
        })*
    };
}

from! {
    i32 => |n| Self::Count(i64::from(n)),
    i64 => |n| Self::Count(n),
    u16 => |n| Self::Count(i64::from(n)),
    u32 => |n| Self::Count(i64::from(n)),
    usize => |n| Self::Count(i64::try_from(n).unwrap_or(i64::MAX)),
    bool => |b| Self::Flag(b),
    &str => |s| Self::Plain(s.to_owned()),
    String => |s| Self::Plain(s),
    &String => |s| Self::Plain(s.clone()),
    Text => |t| Self::Text(t),
    &Text => |t| Self::Text(t.clone()),
    Date => |d| Self::Day(d),
    Day => |d| Self::Day(d.0),
    Month => |m| Self::Month(m),
}

impl<T: Into<Self>> From<Option<T>> for Arg {
    fn from(x: Option<T>) -> Self {
        x.map_or(Self::None, Into::into)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Arg {
    fn from(list: Vec<T>) -> Self {
        Self::List(list.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_takes_every_count() {
        let mut wrong = Vec::new();
        for (file, text) in FILES {
            if let Err(error) = toml::from_str::<BTreeMap<String, Text>>(text) {
                wrong.push(format!("{file}: {error}"));
            }
        }
        for key in WORDS.keys() {
            let mut names: Vec<Vec<String>> = Vec::new();
            for (env, language) in TEMPLATES.iter().zip(Language::ALL) {
                let template = match env.get_template(key) {
                    Ok(template) => template,
                    Err(_) => {
                        wrong.push(format!("{key}, {language:?}: does not parse"));
                        continue;
                    }
                };
                let used: Vec<String> = template.undeclared_variables(false).into_iter().filter(|n| n != "range").collect();
                for n in [0, 1, 2, 3, 11, 100, 1_000_000] {
                    let all: BTreeMap<&str, i64> = used.iter().map(|name| (name.as_str(), n)).collect();
                    if let Err(error) = template.render(all) {
                        wrong.push(format!("{key}, {language:?}, {n}: {error}"));
                    }
                }
                let mut sorted = used;
                sorted.sort();
                names.push(sorted);
            }
            if names.windows(2).any(|pair| pair[0] != pair[1]) {
                wrong.push(format!("{key}: the languages use different arguments {names:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn shares_are_never_certain_by_rounding() {
        assert_eq!(share(0.3, Language::En), "30%");
        assert_eq!(share(0.3, Language::Fr), "30\u{202f}%");
        assert_eq!(share(0.001, Language::En), "<\u{a0}1%");
        assert_eq!(share(0.999, Language::Ar), "\u{2066}>\u{a0}99%\u{2069}");
        assert_eq!(share(0.0, Language::En), "0%");
    }

    #[test]
    fn a_key_that_is_not_there_is_seen() {
        assert_eq!(say("nowhere.nothing", &[]).ar, "nowhere.nothing");
    }
}
