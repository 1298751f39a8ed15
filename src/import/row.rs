//! One event in the program's own columns, and how a record of a file becomes one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::layout::{Cells, Layout, number};
use super::source::Records;
use crate::datasets::{Datasets, fold};

/// A row of the table that an import writes. Text is trimmed; empty cells are missing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub release: String,
    pub published: String,
    pub event_id: String,
    pub date: String,
    pub country: String,
    pub adm_1: String,
    pub adm_2: String,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub where_prec: Option<i64>,
    pub date_prec: Option<i64>,
    pub type_of_violence: i64,
    pub side_a: String,
    pub side_b: String,
    pub deaths_low: Option<i64>,
    pub deaths_best: Option<i64>,
    pub deaths_high: Option<i64>,
    pub state: String,
}

impl Row {
    /// Whether two releases say the same of an event.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let bare = |row: &Self| Self { release: String::new(), published: String::new(), ..row.clone() };
        bare(self) == bare(other)
    }
}

/// Why a record does not become a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Out {
    /// It is not what the program counts, or lies elsewhere: nothing is wrong with it.
    Aside(String),
    /// It cannot be used as it stands.
    Refused(String),
}

/// Which cell of a record each column is.
pub struct Reader<'a> {
    layout: &'a Layout,
    /// By column of the program.
    at: BTreeMap<&'static str, usize>,
    aside: Vec<(usize, &'a Cells)>,
    remark: Vec<(usize, &'a Cells)>,
    width: usize,
    /// A workbook's day may be a bare number of days.
    serial: bool,
    countries: &'a Countries,
}

/// Spellings of countries, and those the workspace has units in.
pub struct Countries {
    /// Folded name or code → ISO 3166-1 alpha-3.
    names: BTreeMap<String, String>,
    /// Countries of the workspace.
    known: Vec<String>,
}

impl Countries {
    pub fn new(known: Vec<String>) -> Self {
        let table: toml::Table = include_str!("layouts/countries.toml").parse().unwrap_or_default();
        let mut names: BTreeMap<String, String> = known.iter().map(|c| (fold(c), c.clone())).collect();
        for (code, list) in &table {
            names.insert(fold(code), code.clone());
            for name in list.as_array().into_iter().flatten().filter_map(toml::Value::as_str) {
                names.insert(fold(name), code.clone());
            }
        }
        Self { names, known }
    }

    /// Those that the workspace has units in.
    pub fn of_units(data: &Datasets) -> Self {
        Self::new(data.provinces.iter().map(|p| p.country.clone()).collect::<BTreeSet<_>>().into_iter().collect())
    }

    /// The code of a country by any of its names, also of one without units.
    pub fn code(&self, text: &str) -> Option<&str> {
        self.names.get(&fold(text)).map(String::as_str)
    }

    pub fn find(&self, text: &str) -> Result<&str, Out> {
        let found = self.names.get(&fold(text)).filter(|code| self.known.contains(code));
        found.map(String::as_str).ok_or_else(|| Out::Aside("lies in a country that has no units in this workspace".into()))
    }
}

/// Names of the columns of a file that a column of the program may be read from.
fn wanted(layout: &Layout) -> [(&'static str, &[String]); 22] {
    let c = &layout.columns;
    let acled = layout.acled.as_ref();
    [
        ("event_id", &c.event_id),
        ("date", &c.date),
        ("year", &c.year),
        ("month", &c.month),
        ("day", &c.day),
        ("country", &c.country),
        ("adm_1", &c.adm_1),
        ("adm_2", &c.adm_2),
        ("latitude", &c.latitude),
        ("longitude", &c.longitude),
        ("where_prec", &c.where_prec),
        ("date_prec", &c.date_prec),
        ("type_of_violence", &c.type_of_violence),
        ("side_a", &c.side_a),
        ("side_b", &c.side_b),
        ("deaths_low", &c.deaths_low),
        ("deaths_best", &c.deaths_best),
        ("deaths_high", &c.deaths_high),
        ("event_type", acled.map_or(&[], |a| &a.event_type)),
        ("inter_1", acled.map_or(&[], |a| &a.inter_1)),
        ("inter_2", acled.map_or(&[], |a| &a.inter_2)),
        ("target", layout.targets.as_ref().map_or(&[], |t| &t.column)),
    ]
}

impl<'a> Reader<'a> {
    /// Finds the columns; those that are needed and absent are named.
    pub fn new(layout: &'a Layout, records: &Records, countries: &'a Countries) -> Result<Self, Vec<String>> {
        let named = &records.header;
        let header: Vec<String> = if named.is_empty() { layout.headerless.clone() } else { named.iter().map(|h| h.to_lowercase()).collect() };
        let mut at = BTreeMap::new();
        for (target, names) in wanted(layout) {
            if let Some(place) = names.iter().find_map(|n| header.iter().position(|h| *h == n.to_lowercase())) {
                at.insert(target, place);
            }
        }
        let mut needed = vec!["event_id", if layout.columns.year.is_empty() { "date" } else { "year" }];
        if layout.country.is_none() {
            needed.push("country");
        }
        needed.extend(match (&layout.acled, &layout.targets) {
            (Some(_), _) => ["event_type", "inter_1"],
            (_, Some(_)) => ["target", "side_a"],
            _ => ["type_of_violence", "side_a"],
        });
        let absent: Vec<String> = needed.into_iter().filter(|n| !at.contains_key(n)).map(str::to_owned).collect();
        let found = |list: &'a [Cells]| list.iter().filter_map(|c| Some((header.iter().position(|h| *h == c.column.to_lowercase())?, c))).collect();
        let (aside, remark) = (found(&layout.aside), found(&layout.remark));
        let (width, serial) = (header.len(), records.format.is_workbook());
        if absent.is_empty() { Ok(Self { layout, at, aside, remark, width, serial, countries }) } else { Err(absent) }
    }

    /// Reads one record.
    pub fn read(&self, cells: &[String]) -> Result<Row, Out> {
        if cells.len() != self.width {
            return Err(Out::Refused(format!("has {} cells where the header has {}", cells.len(), self.width)));
        }
        let record = Cellwise { reader: self, cells };
        let text = |name| record.text(name).to_owned();
        if record.text("event_id").is_empty() {
            return Err(Out::Refused("has no id".into()));
        }
        if let Some((_, listed)) = self.aside.iter().find(|(at, listed)| record.is_listed(*at, listed)) {
            return Err(Out::Aside(listed.why.clone()));
        }
        let (date, date_prec) = record.date()?;
        let country = self.countries.find(self.layout.country.as_deref().unwrap_or_else(|| record.text("country")))?;
        let (type_of_violence, side_a, side_b) = record.violence()?;
        let (latitude, longitude) = (record.degrees("latitude", 90.0)?, record.degrees("longitude", 180.0)?);
        let deaths = |name| record.integer(name, 0, 1_000_000);
        Ok(Row {
            event_id: text("event_id"),
            date: date.to_string(),
            country: country.to_owned(),
            adm_1: text("adm_1"),
            adm_2: text("adm_2"),
            latitude: latitude.filter(|_| longitude.is_some()),
            longitude: longitude.filter(|_| latitude.is_some()),
            where_prec: record.integer("where_prec", 1, 7)?,
            date_prec,
            type_of_violence,
            side_a: side_a.to_owned(),
            side_b: side_b.to_owned(),
            deaths_low: deaths("deaths_low")?,
            deaths_best: deaths("deaths_best")?,
            deaths_high: deaths("deaths_high")?,
            state: "reported".into(),
            ..Row::default()
        })
    }

    /// What the account says of a record that is counted.
    pub fn remarks(&self, cells: &[String]) -> impl Iterator<Item = &str> {
        self.remark.iter().filter(|(at, listed)| cells.get(*at).is_some_and(|c| listed.cells.iter().any(|l| l == c.trim()))).map(|(_, listed)| listed.why.as_str())
    }

    /// The day of a row.
    pub fn day(row: &Row) -> Date {
        crate::text::parse_day(&row.date).unwrap_or(Date::MIN)
    }
}

/// One record, cell by cell.
struct Cellwise<'r> {
    reader: &'r Reader<'r>,
    cells: &'r [String],
}

impl<'r> Cellwise<'r> {
    /// The cell of a column of the program, with codes replaced; empty if there is none.
    fn text(&self, name: &str) -> &'r str {
        let Reader { layout, at, .. } = self.reader;
        at.get(name).and_then(|i| self.cells.get(*i)).map_or("", |c| layout.code(name, c.trim()))
    }

    fn is_listed(&self, at: usize, listed: &Cells) -> bool {
        self.cells.get(at).is_some_and(|c| listed.cells.iter().any(|l| l == c.trim()))
    }

    fn integer(&self, name: &str, low: i64, high: i64) -> Result<Option<i64>, Out> {
        match self.text(name) {
            "" => Ok(None),
            text => match number(text) {
                Some(n) if n.fract() == 0.0 && (low as f64..=high as f64).contains(&n) => Ok(Some(n as i64)),
                _ => Err(Out::Refused(format!("{name} is not a whole number from {low} to {high}"))),
            },
        }
    }

    fn degrees(&self, name: &str, most: f64) -> Result<Option<f64>, Out> {
        match self.text(name) {
            "" => Ok(None),
            text => match number(text) {
                Some(n) if n.abs() <= most => Ok(Some(n)),
                _ => Err(Out::Refused(format!("{name} is not a number from -{most} to {most}"))),
            },
        }
    }

    /// The day, from one cell or from three, and how precise it is.
    fn date(&self) -> Result<(Date, Option<i64>), Out> {
        let Reader { layout, at, serial, .. } = self.reader;
        if at.contains_key("date") {
            let days = || serial_day(self.text("date")).filter(|_| *serial);
            let date = layout.date(self.text("date")).or_else(days);
            let date = date.ok_or_else(|| Out::Refused(format!("the date is none of {}", layout.date_formats.join(", "))))?;
            return Ok((date, self.integer("date_prec", 1, 7)?));
        }
        let (date, prec) = of_parts([self.integer("year", 1900, 2200)?, self.integer("month", 0, 12)?, self.integer("day", 0, 31)?])?;
        Ok((date, self.integer("date_prec", 1, 7)?.or(Some(prec))))
    }

    /// Type of violence and both sides, by UCDP's definitions.
    fn violence(&self) -> Result<(i64, &'r str, &'r str), Out> {
        let (a, b) = (self.text("side_a"), self.text("side_b"));
        match (&self.reader.layout.acled, &self.reader.layout.targets) {
            (Some(_), _) => acled(self.text("event_type"), [self.text("inter_1"), self.text("inter_2")], [a, b]),
            (_, Some(targets)) => {
                let target = self.text("target");
                let is = |list: &[String]| list.iter().any(|t| t == target);
                Ok(if is(&targets.state) { (1, target, a) } else { (if is(&targets.armed) { 2 } else { 3 }, a, target) })
            }
            _ => match self.integer("type_of_violence", 1, 3)? {
                Some(violence) => Ok((violence, a, b)),
                None => Err(Out::Refused("has no type_of_violence".into())),
            },
        }
    }
}

/// The first day that year, month and day allow, and how precise it is on UCDP's scale: 1 the day, 4 the month, 5 less.
fn of_parts(parts: [Option<i64>; 3]) -> Result<(Date, i64), Out> {
    let [year, month, day] = parts;
    let known = |part: Option<i64>| part.filter(|n| *n > 0);
    let Some(year) = year else { return Err(Out::Refused("has no year".into())) };
    let (month, day, prec) = match (known(month), known(day)) {
        (Some(month), Some(day)) => (month, day, 1),
        (Some(month), None) => (month, 1, 4),
        (None, _) => (1, 1, 5),
    };
    let date = || Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    date().map(|date| (date, prec)).ok_or_else(|| Out::Refused(format!("{year}-{month:02}-{day:02} is no day of the calendar")))
}

/// Excel's count of days: 25569 is 1970-01-01. None for what would lie before 1950 or after 2100.
fn serial_day(text: &str) -> Option<Date> {
    let days: i32 = text.parse().ok().filter(|n| (18_264..73_051).contains(n))?;
    Date::constant(1970, 1, 1).checked_add(jiff::Span::new().days(days - 25_569)).ok()
}

/// Whether ACLED's type of an event is one of armed violence: battles, explosions, violence against civilians.
pub fn is_armed_violence(event_type: &str) -> bool {
    let kind = event_type.to_lowercase();
    kind.starts_with("battle") || kind.contains("remote violence") || kind.starts_with("violence against civilians")
}

/// UCDP's type of violence for an ACLED event, with the state on side A of type 1 and the perpetrator on side A of type 3.
///
/// Battles, explosions and violence against civilians are armed violence; protests, riots and strategic
/// developments are set aside. Codes 1 and 8 are state forces, 7 civilians (ACLED codebook, numeric and
/// text forms). ACLED's inclusion rules differ from UCDP's: also events without deaths, also unknown groups.
fn acled<'c>(event_type: &str, inter: [&str; 2], actors: [&'c str; 2]) -> Result<(i64, &'c str, &'c str), Out> {
    if !is_armed_violence(event_type) {
        return Err(Out::Aside(format!("is of the type {event_type}, which is not armed violence")));
    }
    let state = |code: &str| matches!(code.to_lowercase().as_str(), "1" | "8" | "state forces" | "external/other forces" | "external forces" | "other forces");
    let civilians = |code: &str| matches!(code.to_lowercase().as_str(), "7" | "civilians");
    let [a, b] = actors;
    Ok(match inter {
        [first, _] if civilians(first) => (3, b, a),
        [_, second] if civilians(second) || b.is_empty() => (3, a, b),
        [first, _] if state(first) => (1, a, b),
        [_, second] if state(second) => (1, b, a),
        _ => (2, a, b),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_months_and_days_are_told() {
        assert_eq!(of_parts([Some(2013), Some(5), Some(7)]), Ok((Date::constant(2013, 5, 7), 1)));
        assert_eq!(of_parts([Some(2013), Some(5), Some(0)]), Ok((Date::constant(2013, 5, 1), 4)));
        assert_eq!(of_parts([Some(2013), Some(0), None]), Ok((Date::constant(2013, 1, 1), 5)));
        assert!(of_parts([Some(2013), Some(2), Some(30)]).is_err());
        assert!(of_parts([None, Some(2), Some(3)]).is_err());
    }

    #[test]
    fn counts_of_days() {
        assert_eq!(serial_day("45839"), Some(Date::constant(2025, 7, 1)));
        assert_eq!(serial_day("12"), None);
        assert_eq!(serial_day("20250701"), None);
    }
}
