//! What the columns of a file mean: the mirror of a mapping TOML, and of the layouts that come with the program.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::hxl;
use super::source::Records;
use crate::diagnostics::Diagnostics;
use crate::toml_file;

/// How the columns of an event file become the program's.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Mapping of an event file")]
pub struct Layout {
    pub title: String,
    /// Name of the dataset if none is given.
    pub name: String,
    pub licence: String,
    pub citation: String,
    /// A file whose header has all of these is in this layout.
    #[serde(default)]
    pub recognised_by: Vec<String>,
    /// Forms of dates, in the order in which they are tried (strftime).
    pub date_formats: Vec<String>,
    /// Names of the columns in files without a header.
    #[serde(default)]
    pub headerless: Vec<String>,
    pub columns: Columns,
    /// By column of the program: what a cell of the file stands for.
    #[serde(default)]
    pub codes: BTreeMap<String, BTreeMap<String, String>>,
    /// A country that all rows lie in, ISO 3166-1 alpha-3.
    pub country: Option<String>,
    /// ACLED's event types and actors give the type of violence.
    pub acled: Option<Acled>,
    /// What was attacked gives the type of violence, in sources of attacks by armed groups alone.
    pub targets: Option<Targets>,
    /// Rows that are not counted, whatever else they say.
    #[serde(default)]
    pub aside: Vec<Cells>,
    /// Rows that are counted, and whose number the account names.
    #[serde(default)]
    pub remark: Vec<Cells>,
}

/// For each column of the program the names it may have in the file; the first that exists is read.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Columns {
    pub event_id: Vec<String>,
    pub date: Vec<String>,
    /// Parts of the date, where it has no column of its own; 0 or nothing is an unknown month or day.
    pub year: Vec<String>,
    pub month: Vec<String>,
    pub day: Vec<String>,
    pub country: Vec<String>,
    pub adm_1: Vec<String>,
    pub adm_2: Vec<String>,
    pub latitude: Vec<String>,
    pub longitude: Vec<String>,
    pub where_prec: Vec<String>,
    pub date_prec: Vec<String>,
    pub type_of_violence: Vec<String>,
    pub side_a: Vec<String>,
    pub side_b: Vec<String>,
    pub deaths_low: Vec<String>,
    pub deaths_best: Vec<String>,
    pub deaths_high: Vec<String>,
}

/// Columns that ACLED's kind of event is read from.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Acled {
    pub event_type: Vec<String>,
    pub inter_1: Vec<String>,
    pub inter_2: Vec<String>,
}

/// Reads the type of violence from what was attacked; side A of the columns is the attacker.
///
/// A target of the state is type 1 (the state becomes side A, the attacker side B), one of an armed or
/// political group is type 2, any other is type 3.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    pub column: Vec<String>,
    pub state: Vec<String>,
    pub armed: Vec<String>,
}

/// Rows by the cells of a column.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cells {
    pub column: String,
    pub cells: Vec<String>,
    /// What is said of them in the account.
    pub why: String,
}

const BUNDLED: [(&str, &str); 3] =
    [("ucdp", include_str!("layouts/ucdp.toml")), ("acled", include_str!("layouts/acled.toml")), ("gtd", include_str!("layouts/gtd.toml"))];

impl Layout {
    /// The layouts that come with the program.
    pub fn bundled() -> Vec<Self> {
        BUNDLED
            .into_iter()
            .filter_map(|(name, text)| {
                let mut problems = Diagnostics::default();
                toml_file::read::<Self>(&format!("{name}.toml"), text.as_bytes(), &mut problems).map(|(layout, _)| layout)
            })
            .collect()
    }

    /// The bundled layout of a file, by its header, or by its width if it has none.
    pub fn recognise(records: &Records) -> Option<Self> {
        Self::by_header(&records.header, records.rows.first().map_or(0, |r| r.cells.len()))
    }

    /// The bundled layout of a file with these columns, or with so many and no header.
    pub fn by_header(header: &[String], width: usize) -> Option<Self> {
        let header: Vec<String> = header.iter().map(|c| c.to_lowercase()).collect();
        let fits = |layout: &Self| {
            if header.is_empty() {
                !layout.headerless.is_empty() && layout.headerless.len() == width
            } else {
                layout.recognised_by.iter().all(|c| header.contains(c))
            }
        };
        Self::bundled().into_iter().find(fits)
    }

    /// A first mapping for a file whose columns are not known, by their hashtags or else by their names.
    pub fn guess(records: &Records) -> String {
        let likely: [(&str, &[&str]); 18] = [
            ("event_id", &["id", "event_id", "eventid", "code", "numero"]),
            ("date", &["date", "event_date", "jour"]),
            ("year", &["year", "iyear", "annee"]),
            ("month", &["month", "imonth", "mois"]),
            ("day", &["day", "iday"]),
            ("country", &["country", "pays", "iso3", "adm0"]),
            ("adm_1", &["adm_1", "admin1", "adm1", "region", "province", "wilaya"]),
            ("adm_2", &["adm_2", "admin2", "adm2", "cercle", "department", "departement"]),
            ("latitude", &["latitude", "lat", "y"]),
            ("longitude", &["longitude", "lon", "long", "lng", "x"]),
            ("where_prec", &["where_prec", "geo_precision", "precision"]),
            ("date_prec", &["date_prec", "time_precision"]),
            ("type_of_violence", &["type_of_violence", "type"]),
            ("side_a", &["side_a", "actor1", "perpetrator", "auteur", "gname"]),
            ("side_b", &["side_b", "actor2", "victim", "cible", "target"]),
            ("deaths_low", &["low", "deaths_low"]),
            ("deaths_best", &["best", "deaths", "fatalities", "nkill", "morts", "killed"]),
            ("deaths_high", &["high", "deaths_high"]),
        ];
        let quoted = |s: &str| serde_json::to_string(s).unwrap_or_default();
        let mut out = String::from(
            "# A first guess: put right what is wrong, then import with --map. The columns of the file are\n",
        );
        out.push_str(&format!("#   {}\n", records.header.join(", ")));
        out.push_str("title = \"\"\nname = \"my_events\"\nlicence = \"\"\ncitation = \"\"\n");
        out.push_str("# tried in this order; %Y-%m-%d is 2025-07-31, %d/%m/%Y is 31/07/2025\ndate_formats = [\"%Y-%m-%d\", \"%d/%m/%Y\"]\n");
        out.push_str("# country = \"MLI\"  # if all rows lie in one\n\n[columns]\n");
        for (target, names) in likely {
            let named = names.iter().find_map(|n| records.header.iter().find(|h| crate::datasets::fold(h).replace(' ', "_") == *n));
            let found = hxl::column(records, target).or(named.map(String::as_str));
            match found {
                Some(name) => out.push_str(&format!("{target} = [{}]\n", quoted(name))),
                None => out.push_str(&format!("# {target} = []\n")),
            }
        }
        out.push_str("\n# 1 state-based, 2 non-state, 3 one-sided\n# [codes.type_of_violence]\n# \"attaque\" = \"1\"\n");
        out
    }

    /// What a cell of a column stands for.
    pub fn code<'a>(&'a self, column: &str, cell: &'a str) -> &'a str {
        self.codes.get(column).and_then(|codes| codes.get(cell)).map_or(cell, String::as_str)
    }

    /// A day in one of the layout's forms, in a year of four digits; French names of months are understood.
    pub fn date(&self, text: &str) -> Option<Date> {
        let text = english(text.trim());
        self.date_formats.iter().find_map(|format| jiff::fmt::strtime::parse(format, &text).ok()?.to_date().ok().filter(|day| day.year() >= 1000))
    }
}

/// Names of months in English.
pub(super) fn english(text: &str) -> String {
    const MONTHS: [(&str, &str); 12] = [
        ("janvier", "January"),
        ("février", "February"),
        ("mars", "March"),
        ("avril", "April"),
        ("mai", "May"),
        ("juin", "June"),
        ("juillet", "July"),
        ("août", "August"),
        ("septembre", "September"),
        ("octobre", "October"),
        ("novembre", "November"),
        ("décembre", "December"),
    ];
    let lower = text.to_lowercase();
    for (french, english) in MONTHS {
        let whole = lower.split(|c: char| !c.is_alphabetic()).any(|word| word == french);
        if whole {
            return lower.replace(french, english);
        }
    }
    text.to_owned()
}

/// A number as people write it: `1 234,5`, `1,234.5`, `12`; none if it is not one.
///
/// A single comma is the decimal sign unless a point follows or exactly three digits do.
pub fn number(text: &str) -> Option<f64> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}' | '\'')).collect();
    let commas = plain.matches(',').count();
    let thousands = commas > 1 || plain.contains('.') || plain.rsplit(',').next().is_some_and(|rest| rest.len() == 3 && !plain.starts_with('0'));
    let plain = if commas > 0 && thousands { plain.replace(',', "") } else { plain.replace(',', ".") };
    plain.parse::<f64>().ok().filter(|n| n.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        let cases = [("12", Some(12.0)), ("1 234,5", Some(1234.5)), ("1,234.5", Some(1234.5)), ("14,4469", Some(14.4469)), ("-11,4", Some(-11.4)), ("1,234", Some(1234.0)), ("nan", None), ("", None), ("x", None)];
        for (text, expected) in cases {
            assert_eq!(number(text), expected, "{text}");
        }
    }

    #[test]
    fn the_bundled_layouts_are_read() {
        assert_eq!(Layout::bundled().len(), BUNDLED.len());
    }

    #[test]
    fn dates_in_two_languages() {
        let acled = Layout::bundled().into_iter().find(|l| l.name == "acled").expect("acled");
        for text in ["2025-07-01", "01 July 2025", "1 juillet 2025", "01-Jul-2025", "01/07/2025", "01-July-2025"] {
            assert_eq!(acled.date(text), Some(Date::constant(2025, 7, 1)), "{text}");
        }
        assert_eq!(acled.date("30/02/2025"), None);
    }
}
