//! Two exhaustive sources side by side, where both speak.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::datasets::{AreaKind, Datasets, EventRow, Kind, Manifest, Resolver};
use crate::index::correlation::{Correlation, correlation};
use crate::stats::exposed::Exposed;
use crate::stats::rate_ratio::{Tail, compare_rates};
use crate::text::Month;

/// So many areas or months where two sources differ are told.
const DISAGREEMENTS: usize = 15;
/// Share inside the interval of the ratio.
const LEVEL: f64 = 0.9;

/// Events and deaths of an area and month; the area is empty where the source names none that is known.
type Cells = BTreeMap<(String, String, Month), Tally>;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub events: u64,
    pub deaths: u64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.events += other.events;
        self.deaths += other.deaths;
    }
}

/// What rows of the comparison are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    UnitMonth,
    Unit,
    Month,
}

#[derive(Debug, Serialize)]
pub struct Comparison {
    pub a: String,
    pub b: String,
    /// What the two count, and whether that is the same.
    pub definitions: String,
    /// Whether areas are countries, because one of the two knows no smaller ones.
    pub by_country: bool,
    pub countries: Vec<String>,
    /// First and last month that both cover.
    pub from: String,
    pub to: String,
    /// Areas times months that both cover, with those of no event.
    pub unit_months: usize,
    pub total_a: Tally,
    pub total_b: Tally,
    /// Events of A for each of B; none if B has none.
    pub ratio: Option<f64>,
    /// 90 % interval of the ratio.
    pub lower: f64,
    pub upper: Option<f64>,
    /// Of events over all areas and months that both cover.
    pub pearson: Option<f64>,
    pub spearman: Option<f64>,
    /// Areas and months with an event in one of the two alone.
    pub only_a: usize,
    pub only_b: usize,
    /// Rows where the two differ most, or all areas or months.
    pub rows: Vec<Difference>,
}

#[derive(Debug, Serialize)]
pub struct Difference {
    pub country: String,
    /// Id of the unit; empty for what no unit could be given, and for rows by month.
    pub unit: String,
    pub month: Option<String>,
    pub a: Tally,
    pub b: Tally,
}

/// Why two sources cannot be compared.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    Unknown(String),
    /// A ledger or reference, or of a shape without counts.
    NotExhaustive(String),
    /// Rows of areas or periods that are not compared.
    NotMonthly(String),
    NoCommonMonths,
}

/// Compares two exhaustive sources over the areas and months that both cover, with what is known today.
///
/// # Formula
/// ```text
/// ratio = events of A / events of B, over the same areas and months
/// ```
/// with the exact 90 % interval for two independent counts. Two records of the same violence are not
/// independent, so the interval is wider than it need be.
///
/// # Missing
/// An area and month that both cover and one has no row of is 0 there. Coverage is by country. Events of
/// no known area count in the totals and stand in a row of their own, not in the correlation.
///
/// # Errors
/// [`Refusal`].
pub fn compare(data: &Datasets, resolver: &Resolver, a: &str, b: &str, by: By) -> Result<Comparison, Refusal> {
    let (first, second) = (source(data, a)?, source(data, b)?);
    let by_country = [first, second].iter().any(|m| kind(data, &m.id) == Some(AreaKind::Country));
    let (cells_a, cells_b) = (cells(data, resolver, first, by_country)?, cells(data, resolver, second, by_country)?);
    let covered = common(first, second);
    let (Some(from), Some(to)) = (covered.iter().map(|(_, m)| *m).min(), covered.iter().map(|(_, m)| *m).max()) else {
        return Err(Refusal::NoCommonMonths);
    };
    let countries: BTreeSet<&str> = covered.iter().map(|(c, _)| c.as_str()).collect();
    let keep = |cells: &Cells| -> Cells {
        cells.iter().filter(|((country, _, month), _)| covered.contains(&(country.clone(), *month))).map(|(k, v)| (k.clone(), *v)).collect()
    };
    let (cells_a, cells_b) = (keep(&cells_a), keep(&cells_b));
    let units: BTreeMap<&str, Vec<&str>> = countries
        .iter()
        .map(|country| {
            let provinces = data.provinces.iter().filter(|p| p.country == **country).map(|p| p.id.as_str());
            (*country, if by_country { vec![""] } else { provinces.collect() })
        })
        .collect();
    let keys: Vec<(String, String, Month)> = covered
        .iter()
        .flat_map(|(country, month)| units.get(country.as_str()).into_iter().flatten().map(|unit| (country.clone(), (*unit).to_owned(), *month)))
        .collect();
    let column = |cells: &Cells| keys.iter().map(|k| Some(cells.get(k).map_or(0.0, |t| t.events as f64))).collect::<Vec<_>>();
    let (x, y) = (column(&cells_a), column(&cells_b));
    let total = |cells: &Cells| cells.values().fold(Tally::default(), |mut sum, t| { sum.add(*t); sum });
    let (total_a, total_b) = (total(&cells_a), total(&cells_b));
    let exposure = keys.len().max(1) as f64;
    let exposed = |t: Tally| Exposed::new(t.events, exposure).ok();
    let rates = exposed(total_a).zip(exposed(total_b)).and_then(|(a, b)| compare_rates(a, b, LEVEL, Tail::Exact).ok());
    let only = |x: &[Option<f64>], y: &[Option<f64>]| x.iter().zip(y).filter(|(x, y)| x.is_some_and(|x| x > 0.0) && y.is_some_and(|y| y == 0.0)).count();
    Ok(Comparison {
        a: a.to_owned(),
        b: b.to_owned(),
        definitions: definitions(first, second),
        by_country,
        countries: countries.iter().map(|c| (*c).to_owned()).collect(),
        from: from.to_string(),
        to: to.to_string(),
        unit_months: keys.len(),
        total_a,
        total_b,
        ratio: rates.and_then(|r| r.ratio),
        lower: rates.map_or(0.0, |r| r.lower),
        upper: rates.and_then(|r| r.upper),
        pearson: correlation(&x, &y, Correlation::Pearson),
        spearman: correlation(&x, &y, Correlation::Spearman),
        only_a: only(&x, &y),
        only_b: only(&y, &x),
        rows: rows(&cells_a, &cells_b, by),
    })
}

fn source<'d>(data: &'d Datasets, id: &str) -> Result<&'d Manifest, Refusal> {
    let manifest = data.manifests.get(id).ok_or_else(|| Refusal::Unknown(id.to_owned()))?;
    let counted = data.events.contains_key(id) || data.counts.contains_key(id);
    if manifest.kind == Kind::Exhaustive && counted { Ok(manifest) } else { Err(Refusal::NotExhaustive(id.to_owned())) }
}

/// What the areas of a table of counts are; none for events.
fn kind(data: &Datasets, id: &str) -> Option<AreaKind> {
    data.counts.get(id)?.first().map(|r| r.area_kind)
}

/// Countries and months that both cover.
fn common(a: &Manifest, b: &Manifest) -> BTreeSet<(String, Month)> {
    let months = |m: &Manifest| -> BTreeSet<(String, Month)> {
        let mut out = BTreeSet::new();
        for c in &m.coverage {
            let (Some(from), Some(to)) = (c.from, c.to) else { continue };
            for month in (Month::of(from.0).0..=Month::of(to.0).0).map(Month) {
                out.extend(c.areas.iter().filter(|area| c.holds(area, month)).map(|area| (area.clone(), month)));
            }
        }
        out
    };
    months(a).intersection(&months(b)).cloned().collect()
}

fn cells(data: &Datasets, resolver: &Resolver, manifest: &Manifest, by_country: bool) -> Result<Cells, Refusal> {
    let mut out = Cells::new();
    let mut add = |country: &str, area: Option<&str>, month: Month, tally: Tally| {
        let unit = area.filter(|_| !by_country).and_then(|a| resolver.area(country, a)).unwrap_or_default();
        out.entry((country.to_owned(), unit.to_owned(), month)).or_default().add(tally);
    };
    let whole = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok()).unwrap_or_default();
    if let Some(rows) = data.events.get(&manifest.id) {
        let mut newest: BTreeMap<&str, &EventRow> = BTreeMap::new();
        for row in rows {
            let held = newest.entry(&row.id).or_insert(row);
            if (row.published, &row.release) >= (held.published, &held.release) {
                *held = row;
            }
        }
        for row in newest.into_values().filter(|r| !r.withdrawn) {
            add(&row.country, row.area.as_deref(), Month::of(row.date), Tally { events: 1, deaths: whole(row.deaths) });
        }
    }
    for row in data.counts.get(&manifest.id).into_iter().flatten() {
        if row.months != 1 || matches!(row.area_kind, AreaKind::Admin2 | AreaKind::Cell) {
            return Err(Refusal::NotMonthly(manifest.id.clone()));
        }
        if manifest.newest(&row.country, row.month).is_none_or(|c| c.release == row.release) {
            add(&row.country, row.area.as_deref(), row.month, Tally { events: whole(row.events), deaths: whole(row.deaths) });
        }
    }
    Ok(out)
}

fn rows(a: &Cells, b: &Cells, by: By) -> Vec<Difference> {
    let mut both: BTreeMap<(String, String, Option<Month>), (Tally, Tally)> = BTreeMap::new();
    let key = |(country, unit, month): &(String, String, Month)| match by {
        By::UnitMonth => (country.clone(), unit.clone(), Some(*month)),
        By::Unit => (country.clone(), unit.clone(), None),
        By::Month => (String::new(), String::new(), Some(*month)),
    };
    a.iter().for_each(|(k, t)| both.entry(key(k)).or_default().0.add(*t));
    b.iter().for_each(|(k, t)| both.entry(key(k)).or_default().1.add(*t));
    let mut rows: Vec<Difference> =
        both.into_iter().map(|((country, unit, month), (a, b))| Difference { country, unit, month: month.map(|m| m.to_string()), a, b }).collect();
    if by == By::UnitMonth {
        // A stable sort: equal differences stay in the order of area and month.
        rows.sort_by_key(|r| std::cmp::Reverse(r.a.events.abs_diff(r.b.events)));
        rows.retain(|r| r.a.events != r.b.events);
        rows.truncate(DISAGREEMENTS);
    }
    rows
}

/// Whose definition of an event a source follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Publisher {
    Ucdp,
    Acled,
    Other,
}

fn publisher(manifest: &Manifest) -> Publisher {
    let text = format!("{} {} {} {}", manifest.id, manifest.title, manifest.citation, manifest.source).to_lowercase();
    let says = |words: &[&str]| words.iter().any(|w| text.contains(w));
    if says(&["acled", "armed conflict location"]) {
        Publisher::Acled
    } else if says(&["ucdp", "uppsala", "georeferenced event dataset"]) {
        Publisher::Ucdp
    } else {
        Publisher::Other
    }
}

const UCDP: &str = "UCDP counts an event only if at least one person died, the group is named and its conflict reaches 25 deaths in a year (Candidate releases do without the last)";
const ACLED: &str = "ACLED counts all political violence, with or without deaths, also by groups without a name";

fn definitions(a: &Manifest, b: &Manifest) -> String {
    match (publisher(a), publisher(b)) {
        (Publisher::Ucdp, Publisher::Acled) | (Publisher::Acled, Publisher::Ucdp) => {
            format!("The two differ by definition: {UCDP}; {ACLED}. More events in ACLED are expected and no error of either.")
        }
        (Publisher::Ucdp, Publisher::Ucdp) => format!("Both follow the same definition: {UCDP}. Differences come from releases and places."),
        (Publisher::Acled, Publisher::Acled) => format!("Both follow the same definition: {ACLED}. Differences come from releases and places."),
        _ => "One of the two states its definition only in its own manifest: read both before you take a difference for a change.".into(),
    }
}
