//! Texts in the three languages of the reports, and calendar days.

pub mod locale;
mod say;

pub use say::{Arg, catalogue, country, comma, label, say, semicolon, share, term};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// A language of the reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    En,
    Fr,
    Ar,
}

impl Language {
    pub const ALL: [Self; 3] = [Self::En, Self::Fr, Self::Ar];

    /// ISO 639-1.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
            Self::Ar => "ar",
        }
    }

    /// As its readers call it.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Fr => "Français",
            Self::Ar => "العربية",
        }
    }

    /// Where its lines run, in a word of HTML.
    pub fn direction(self) -> &'static str {
        if self == Self::Ar { "rtl" } else { "ltr" }
    }
}

/// The same text in English, French and Arabic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub en: String,
    pub fr: String,
    pub ar: String,
}

impl Text {
    /// A text that reads the same in all languages: a name, a number with its sign.
    pub fn same(text: &str) -> Self {
        Self { en: text.into(), fr: text.into(), ar: text.into() }
    }

    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Fr => &self.fr,
            Language::Ar => &self.ar,
        }
    }
}

/// A text without what steers the direction of writing around it: the isolates that prose in Arabic sets, and
/// overrides. Cells and programs take each text by itself, and would keep the marks as letters.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')).collect()
}

/// The pieces of a text, each with whether it is to be set apart from left to right.
///
/// In Arabic these are what an isolate encloses, and numbers, days, percentages and codes such as `T5` where no
/// isolate does, as in texts that went through [`plain`]: their digits would change places with what is beside them.
pub fn pieces(text: &str, language: Language) -> Vec<(bool, &str)> {
    if language != Language::Ar {
        return vec![(false, text)];
    }
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric() || matches!(c, '<' | '>' | '\u{2066}' | '\u{2068}')) {
        let (before, from) = rest.split_at(start);
        let isolated = from.starts_with(['\u{2066}', '\u{2068}']);
        let end = if isolated {
            from.find('\u{2069}').map_or(from.len(), |i| i + '\u{2069}'.len_utf8())
        } else {
            let end = from.find(|c: char| !c.is_ascii_alphanumeric() && !".,-–%<>\u{a0}".contains(c)).unwrap_or(from.len());
            from[..end].trim_end_matches(['.', ',', '-', '–', '\u{a0}']).len()
        };
        let apart = isolated || from[..end].contains(|c: char| c.is_ascii_digit());
        found.extend([(false, before), (apart, &from[..end])]);
        rest = &from[end..];
    }
    found.push((false, rest));
    found.retain(|(_, piece)| !piece.is_empty());
    found
}

/// A calendar day, written as an unquoted TOML date (`2025-07-01`) and as text in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(transparent)]
pub struct Day(#[schemars(with = "DaySchema")] pub Date);

#[derive(JsonSchema)]
#[schemars(transparent)]
#[allow(dead_code)]
struct DaySchema(#[schemars(extend("format" = "date"))] String);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Toml(toml::value::Datetime),
            Text(String),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Toml(datetime) => datetime.to_string(),
            Written::Text(text) => text,
        };
        parse_day(&text).map(Self).ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not a day such as 2025-07-01")))
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads a day written as `yyyy-mm-dd`, and nothing else.
pub fn parse_day(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
    if !shape {
        return None;
    }
    Date::new(text[..4].parse().ok()?, text[5..7].parse().ok()?, text[8..].parse().ok()?).ok()
}

/// A month, counted from year 0: `year * 12 + month - 1`. Windows are written as inclusive pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Month(pub i32);

impl Month {
    pub fn of(day: Date) -> Self {
        Self(i32::from(day.year()) * 12 + i32::from(day.month()) - 1)
    }

    pub fn first_day(self) -> Date {
        Date::new((self.0.div_euclid(12)) as i16, (self.0.rem_euclid(12) + 1) as i8, 1).unwrap_or(Date::MIN)
    }

    pub fn last_day(self) -> Date {
        self.first_day().last_of_month()
    }

    pub fn minus(self, months: i32) -> Self {
        Self(self.0 - months)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

/// Days from `from` to `to`, negative when `to` comes first.
pub fn days_between(from: Date, to: Date) -> i32 {
    to.since(from).map(|span| span.get_days()).unwrap_or(0)
}
