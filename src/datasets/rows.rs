//! The rows of the program's tables as plain types.

use jiff::civil::Date;

use super::manifest::{Kind, Manifest};
use super::table::Table;
use crate::geo::Point;
use crate::text::{Month, Text};

/// An administrative unit.
#[derive(Clone, Debug)]
pub struct Province {
    pub id: String,
    /// ISO 3166-1 alpha-3.
    pub country: String,
    /// Scored, or only part of the surroundings.
    pub scored: bool,
    pub name: Text,
    /// Other spellings.
    pub other_names: Vec<String>,
    /// Of a unit below the first level the first-level unit that it lies in.
    pub region: Option<String>,
    pub iso_3166_2: Option<String>,
    pub pcodes: Vec<String>,
    pub population: Option<f64>,
    pub population_year: Option<i64>,
    pub population_source: Option<String>,
    pub seat: Option<String>,
    pub seat_at: Option<Point>,
}

/// A border crossing.
#[derive(Clone, Debug)]
pub struct Crossing {
    pub id: String,
    pub name: Text,
    pub countries: [String; 2],
    pub provinces: [Option<String>; 2],
    pub at: Point,
    /// How well the point stands for the post.
    pub quality: String,
    pub error_km: Option<f64>,
    pub road: Option<String>,
    pub corridors: Vec<String>,
    pub trade_level: Option<f64>,
    pub trade_source: Option<String>,
    pub population_25km: Option<f64>,
    pub population_50km: Option<f64>,
    pub population_source: Option<String>,
    pub nearest_alternative_km: Option<f64>,
    pub evidence: Option<String>,
    pub evidence_url: Option<String>,
}

/// A named town, for saying where a point lies.
#[derive(Clone, Debug)]
pub struct Town {
    pub name: Text,
    pub at: Point,
}

/// A spelling of a unit's name.
#[derive(Clone, Debug)]
pub struct Alias {
    pub alias: String,
    pub unit: String,
    pub country: Option<String>,
}

/// What one release says of one event.
#[derive(Clone, Debug)]
pub struct EventRow {
    pub release: String,
    pub published: Date,
    pub id: String,
    pub date: Date,
    pub country: String,
    pub area: Option<String>,
    /// The source's name of the second-level unit.
    pub area_2: Option<String>,
    pub at: Option<Point>,
    /// UCDP `where_prec`: 1 exact … 7 international; 4 and above never feed a point.
    pub precision: Option<i64>,
    pub violence: i64,
    pub side_a: String,
    pub side_b: String,
    pub deaths: Option<i64>,
    pub withdrawn: bool,
    pub odd: Option<String>,
}

impl EventRow {
    /// Whether the point may be used: a precise place (`where_prec` 1 to 3), not marked as lying elsewhere.
    pub fn has_point(&self) -> bool {
        self.at.is_some() && self.precision.is_some_and(|p| (1..=3).contains(&p)) && self.odd.as_deref() != Some("outside_country")
    }
}

/// Events and deaths in an area and period.
#[derive(Clone, Debug)]
pub struct CountRow {
    pub release: String,
    pub country: String,
    pub area_kind: AreaKind,
    pub area: Option<String>,
    pub month: Month,
    pub months: i32,
    pub events: Option<i64>,
    pub deadly: Option<i64>,
    pub deaths: Option<i64>,
    pub imprecise: Option<i64>,
    /// Centre of a cell.
    pub at: Option<Point>,
}

/// What one release says of a unit and a variable.
#[derive(Clone, Debug)]
pub struct FigureRow {
    pub dataset: String,
    pub release: String,
    pub published: Date,
    /// Province, crossing or country.
    pub unit: String,
    pub variable: String,
    pub value: f64,
    pub year: i16,
    /// The day that it is of, where the source names one.
    pub date: Option<Date>,
    pub unit_of_measurement: Option<String>,
    pub source: Option<String>,
}

impl FigureRow {
    /// The first day that it may be of.
    pub fn day(&self) -> Date {
        self.date.or_else(|| Date::new(self.year, 1, 1).ok()).unwrap_or(self.published)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AreaKind {
    Country,
    Admin1,
    Admin2,
    Cell,
}

/// Where a ledger row was read, and how it is graded.
#[derive(Clone, Debug, Default)]
pub struct Citation {
    pub title: Option<String>,
    pub url: Option<String>,
    pub date: Option<String>,
    /// `D1` or `D2`, and the paragraph.
    pub document: Option<String>,
    pub paragraph: Option<String>,
    /// Admiralty reliability of the source, A to F.
    pub reliability: Option<String>,
    /// Admiralty credibility of the content, 1 to 6.
    pub credibility: Option<String>,
}

/// An incident of the ledger.
#[derive(Clone, Debug)]
pub struct LedgerEvent {
    pub id: String,
    pub date: Date,
    pub date_end: Option<Date>,
    pub date_precision: String,
    pub place: Text,
    /// The first-level unit, or the unit of the layer in it.
    pub province: Option<String>,
    /// The first-level unit.
    pub region: Option<String>,
    pub at: Option<Point>,
    pub where_precision: String,
    pub actor: String,
    pub actor_kind: String,
    pub event_type: String,
    pub tactics: Vec<String>,
    pub target: Option<String>,
    pub customs_or_convoy: bool,
    pub deaths_low: Option<i64>,
    pub deaths_best: Option<i64>,
    pub deaths_high: Option<i64>,
    pub outcome: Option<String>,
    pub first_time: bool,
    pub wave: Option<String>,
    pub crossing: Option<String>,
    pub note: Option<String>,
    pub published: Date,
    /// From when tactics, first time, deaths, coordinates and note may be used.
    pub details_published: Date,
    pub source: Citation,
}

impl LedgerEvent {
    /// Whether the point is a place, not a stand-in for a district or region.
    pub fn has_place(&self) -> bool {
        matches!(self.where_precision.as_str(), "exact" | "near")
    }
}

/// One party's figure.
#[derive(Clone, Debug)]
pub struct Claim {
    pub id: String,
    pub event: Option<String>,
    pub wave: Option<String>,
    pub claimant: String,
    pub metric: String,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub text: Option<String>,
    /// May be the adopted figure of its event and metric.
    pub adoptable: bool,
    pub published: Date,
    pub source: Citation,
}

/// A dated, graded statement about one or more units.
#[derive(Clone, Debug)]
pub struct Fact {
    pub id: String,
    pub units: Vec<String>,
    pub unit_text: String,
    pub indicator: String,
    pub theme: String,
    pub value: String,
    pub level: Option<i64>,
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub partner: Option<String>,
    pub published: Date,
    pub source: Citation,
}

/// A figure on the weight of a corridor or crossing.
#[derive(Clone, Debug)]
pub struct TradeFigure {
    pub corridor: String,
    pub crossings: Vec<String>,
    pub measure: String,
    pub value: String,
    pub unit: String,
    pub published: Date,
    pub source: Citation,
}

pub fn provinces(table: &Table) -> Vec<Province> {
    let id = table.text("unit_id");
    let country = table.text("country");
    let role = table.text("role");
    let (en, fr, ar) = (table.text("name_en"), table.text("name_fr"), table.text("name_ar"));
    let iso = table.text("iso_3166_2");
    let pcodes = table.list("cod_pcode");
    let (other_names, region) = (table.list("other_names"), table.text("region"));
    let population = table.number("population");
    let year = table.integer("population_year");
    let source = table.text("population_source");
    let seat = table.text("seat");
    let (latitude, longitude) = (table.number("seat_latitude"), table.number("seat_longitude"));
    (0..table.rows())
        .filter_map(|i| {
            Some(Province {
                id: id[i].clone()?,
                country: country[i].clone()?,
                scored: role[i].as_deref() == Some("scored"),
                name: names(&en[i], &fr[i], &ar[i]),
                other_names: other_names[i].clone(),
                region: region[i].clone(),
                iso_3166_2: iso[i].clone(),
                pcodes: pcodes[i].clone(),
                population: population[i],
                population_year: year[i],
                population_source: source[i].clone(),
                seat: seat[i].clone(),
                seat_at: point(longitude[i], latitude[i]),
            })
        })
        .collect()
}

fn point(longitude: Option<f64>, latitude: Option<f64>) -> Option<Point> {
    Some(Point { longitude: longitude?, latitude: latitude? })
}

fn names(en: &Option<String>, fr: &Option<String>, ar: &Option<String>) -> Text {
    let en = en.clone().unwrap_or_default();
    Text { fr: fr.clone().unwrap_or_else(|| en.clone()), ar: ar.clone().unwrap_or_else(|| en.clone()), en }
}

pub fn crossings(table: &Table) -> Vec<Crossing> {
    let id = table.text("id");
    let (en, fr, ar) = (table.text("name_en"), table.text("name_fr"), table.text("name_ar"));
    let (country_a, country_b) = (table.text("country_a"), table.text("country_b"));
    let (province_a, province_b) = (table.text("province_a"), table.text("province_b"));
    let (latitude, longitude) = (table.number("latitude"), table.number("longitude"));
    let quality = table.text("coordinate_quality");
    let error_km = table.number("coordinate_error_km");
    let road = table.text("road");
    let corridors = table.list("corridor");
    let trade_level = table.number("trade_level");
    let trade_source = table.text("trade_source");
    let (near, far) = (table.number("population_25km"), table.number("population_50km"));
    let population_source = table.text("population_source");
    let alternative = table.number("nearest_alternative_km");
    let (evidence, evidence_url) = (table.text("evidence"), table.text("evidence_url"));
    (0..table.rows())
        .filter_map(|i| {
            Some(Crossing {
                id: id[i].clone()?,
                name: names(&en[i], &fr[i], &ar[i]),
                countries: [country_a[i].clone()?, country_b[i].clone()?],
                provinces: [province_a[i].clone(), province_b[i].clone()],
                at: point(longitude[i], latitude[i])?,
                quality: quality[i].clone().unwrap_or_default(),
                error_km: error_km[i],
                road: road[i].clone(),
                corridors: corridors[i].clone(),
                trade_level: trade_level[i],
                trade_source: trade_source[i].clone(),
                population_25km: near[i],
                population_50km: far[i],
                population_source: population_source[i].clone(),
                nearest_alternative_km: alternative[i],
                evidence: evidence[i].clone(),
                evidence_url: evidence_url[i].clone(),
            })
        })
        .collect()
}

pub fn towns(table: &Table) -> Vec<Town> {
    let names = [table.text("name_en"), table.text("name_fr"), table.text("name_ar")];
    let (latitude, longitude) = (table.number("latitude"), table.number("longitude"));
    let name = |i: usize| {
        let [en, fr, ar] = [0, 1, 2].map(|k| names.get(k)?.get(i)?.clone());
        let en = en?;
        Some(Text { fr: fr.unwrap_or_else(|| en.clone()), ar: ar.unwrap_or_else(|| en.clone()), en })
    };
    (0..table.rows()).filter_map(|i| Some(Town { name: name(i)?, at: point(longitude[i], latitude[i])? })).collect()
}

pub fn aliases(table: &Table) -> Vec<Alias> {
    let (alias, unit, country) = (table.text("alias"), table.text("unit_id"), table.text("country"));
    (0..table.rows())
        .filter_map(|i| Some(Alias { alias: alias[i].clone()?, unit: unit[i].clone()?, country: country[i].clone() }))
        .collect()
}

pub fn figures(manifest: &Manifest, table: &Table) -> Vec<FigureRow> {
    let release = table.text("release");
    let published = published(manifest, table, &release);
    let (unit, variable) = (table.text("unit_id"), table.text("variable"));
    let value = table.number("value");
    let (year, date) = (table.integer("year"), table.date("date"));
    let (measured, source) = (table.text("unit"), table.text("source"));
    (0..table.rows())
        .filter_map(|i| {
            Some(FigureRow {
                dataset: manifest.id.clone(),
                release: release[i].clone().unwrap_or_default(),
                published: published[i]?,
                unit: unit[i].clone()?,
                variable: variable[i].clone()?,
                value: value[i]?,
                year: i16::try_from(year[i]?).ok()?,
                date: date[i],
                unit_of_measurement: measured[i].clone(),
                source: source[i].clone(),
            })
        })
        .collect()
}

pub fn events(manifest: &Manifest, table: &Table) -> Vec<EventRow> {
    debug_assert_eq!(manifest.kind, Kind::Exhaustive);
    let release = table.text("release");
    let published = published(manifest, table, &release);
    let id = table.text("event_id");
    let date = table.date("date");
    let country = table.text("country");
    let (area, area_2) = (table.text("adm_1"), table.text("adm_2"));
    let (latitude, longitude) = (table.number("latitude"), table.number("longitude"));
    let precision = table.integer("where_prec");
    let violence = table.integer("type_of_violence");
    let (side_a, side_b) = (table.text("side_a"), table.text("side_b"));
    let deaths = table.integer("deaths_best");
    let state = table.text("state");
    let odd = table.text("odd");
    (0..table.rows())
        .filter_map(|i| {
            Some(EventRow {
                release: release[i].clone().unwrap_or_default(),
                published: published[i]?,
                id: id[i].clone()?,
                date: date[i]?,
                country: country[i].clone()?,
                area: area[i].clone(),
                area_2: area_2[i].clone(),
                at: point(longitude[i], latitude[i]),
                precision: precision[i],
                violence: violence[i].unwrap_or_default(),
                side_a: side_a[i].clone().unwrap_or_default(),
                side_b: side_b[i].clone().unwrap_or_default(),
                deaths: deaths[i],
                withdrawn: state[i].as_deref() == Some("withdrawn"),
                odd: odd[i].clone(),
            })
        })
        .collect()
}

/// The day on which each row became known: its own, or that of its release.
pub fn published(manifest: &Manifest, table: &Table, release: &[Option<String>]) -> Vec<Option<Date>> {
    if let Some(column) = &manifest.vintage_column {
        return table.date(column);
    }
    release
        .iter()
        .map(|release| {
            let found = match release {
                Some(name) => manifest.coverage.iter().find(|c| &c.release == name),
                None => manifest.coverage.first(),
            };
            found.map(|c| c.published.0)
        })
        .collect()
}

pub fn counts(table: &Table) -> Vec<CountRow> {
    let release = table.text("release");
    let country = table.text("country");
    let kind = table.text("area_kind");
    let area = table.text("area");
    let month = table.date("month");
    let months = table.integer("period_months");
    let events = table.integer("events");
    let deadly = table.integer("events_deadly");
    let deaths = table.integer("deaths_best");
    let imprecise = table.integer("events_imprecise");
    let (latitude, longitude) = (table.number("latitude"), table.number("longitude"));
    (0..table.rows())
        .filter_map(|i| {
            Some(CountRow {
                release: release[i].clone().unwrap_or_default(),
                country: country[i].clone()?,
                area_kind: match kind[i].as_deref()? {
                    "country" => AreaKind::Country,
                    "admin1" => AreaKind::Admin1,
                    "admin2" => AreaKind::Admin2,
                    _ => AreaKind::Cell,
                },
                area: area[i].clone(),
                month: Month::of(month[i]?),
                months: months[i].unwrap_or(1) as i32,
                events: events[i],
                deadly: deadly[i],
                deaths: deaths[i],
                imprecise: imprecise[i],
                at: point(longitude[i], latitude[i]),
            })
        })
        .collect()
}

fn citations(table: &Table) -> Vec<Citation> {
    let title = table.text("source_title");
    let url = table.text("source_url");
    let date = table.text("source_date");
    let document = table.text("document");
    let paragraph = table.text("paragraph");
    let (reliability, credibility) = (table.text("reliability"), table.text("credibility"));
    (0..table.rows())
        .map(|i| Citation {
            title: title[i].clone(),
            url: url[i].clone(),
            date: date[i].clone(),
            document: document[i].clone(),
            paragraph: paragraph[i].clone(),
            reliability: reliability[i].clone(),
            credibility: credibility[i].clone(),
        })
        .collect()
}

pub fn ledger_events(table: &Table) -> Vec<LedgerEvent> {
    let id = table.text("event_id");
    let (date, date_end, date_precision) = (table.date("date"), table.date("date_end"), table.text("date_precision"));
    let (place, place_ar) = (table.text("place"), table.text("place_ar"));
    let province = table.text("unit_id");
    let (latitude, longitude) = (table.number("latitude"), table.number("longitude"));
    let where_precision = table.text("where_precision");
    let (actor, actor_kind) = (table.text("actor"), table.text("actor_kind"));
    let event_type = table.text("event_type");
    let tactics = table.list("tactics");
    let target = table.text("target");
    let customs = table.boolean("targets_customs_or_convoy");
    let (low, best, high) = (table.integer("deaths_low"), table.integer("deaths_best"), table.integer("deaths_high"));
    let outcome = table.text("outcome");
    let first_time = table.text("first_time");
    let wave = table.text("wave_id");
    let crossing = table.text("crossing_id");
    let note = table.text("note");
    let published = table.date("published");
    let details = table.date("details_published");
    let source = citations(table);
    (0..table.rows())
        .filter_map(|i| {
            Some(LedgerEvent {
                id: id[i].clone()?,
                date: date[i]?,
                date_end: date_end[i],
                date_precision: date_precision[i].clone().unwrap_or_default(),
                place: {
                    let own = place[i].clone().unwrap_or_default();
                    Text { ar: place_ar[i].clone().unwrap_or_else(|| own.clone()), fr: own.clone(), en: own }
                },
                province: province[i].clone(),
                region: province[i].clone(),
                at: point(longitude[i], latitude[i]),
                where_precision: where_precision[i].clone().unwrap_or_default(),
                actor: actor[i].clone().unwrap_or_default(),
                actor_kind: actor_kind[i].clone().unwrap_or_default(),
                event_type: event_type[i].clone().unwrap_or_default(),
                tactics: tactics[i].clone(),
                target: target[i].clone(),
                customs_or_convoy: customs[i].unwrap_or(false),
                deaths_low: low[i],
                deaths_best: best[i],
                deaths_high: high[i],
                outcome: outcome[i].clone(),
                first_time: first_time[i].as_deref() == Some("yes"),
                wave: wave[i].clone(),
                crossing: crossing[i].clone(),
                note: note[i].clone(),
                published: published[i]?,
                details_published: details[i].or(published[i])?,
                source: source[i].clone(),
            })
        })
        .collect()
}

pub fn claims(table: &Table) -> Vec<Claim> {
    let id = table.text("claim_id");
    let (event, wave) = (table.text("event_id"), table.text("wave_id"));
    let (claimant, metric) = (table.text("claimant"), table.text("metric"));
    let (low, high, text) = (table.number("low"), table.number("high"), table.text("text_value"));
    let adoptable = table.boolean("adoptable");
    let published = table.date("published");
    let source = citations(table);
    (0..table.rows())
        .filter_map(|i| {
            Some(Claim {
                id: id[i].clone()?,
                event: event[i].clone(),
                wave: wave[i].clone(),
                claimant: claimant[i].clone()?,
                metric: metric[i].clone()?,
                low: low[i],
                high: high[i],
                text: text[i].clone(),
                adoptable: adoptable[i].unwrap_or(false),
                published: published[i]?,
                source: source[i].clone(),
            })
        })
        .collect()
}

pub fn facts(table: &Table) -> Vec<Fact> {
    let id = table.text("fact_id");
    let (units, unit_text) = (table.list("unit_ids"), table.text("unit_text"));
    let (indicator, theme, value) = (table.text("indicator"), table.text("theme"), table.text("value"));
    let level = table.integer("level");
    let (from, to) = (table.date("valid_from"), table.date("valid_to"));
    let partner = table.text("partner");
    let published = table.date("published");
    let source = citations(table);
    (0..table.rows())
        .filter_map(|i| {
            Some(Fact {
                id: id[i].clone()?,
                units: units[i].clone(),
                unit_text: unit_text[i].clone().unwrap_or_default(),
                indicator: indicator[i].clone()?,
                theme: theme[i].clone()?,
                value: value[i].clone().unwrap_or_default(),
                level: level[i],
                from: from[i],
                to: to[i],
                partner: partner[i].clone(),
                published: published[i]?,
                source: source[i].clone(),
            })
        })
        .collect()
}

pub fn trade(table: &Table) -> Vec<TradeFigure> {
    let corridor = table.text("corridor");
    let crossings = table.list("crossing_ids");
    let (measure, value, unit) = (table.text("measure"), table.text("value"), table.text("unit"));
    let published = table.date("published");
    let source = citations(table);
    (0..table.rows())
        .filter_map(|i| {
            Some(TradeFigure {
                corridor: corridor[i].clone()?,
                crossings: crossings[i].clone(),
                measure: measure[i].clone().unwrap_or_default(),
                value: value[i].clone().unwrap_or_default(),
                unit: unit[i].clone().unwrap_or_default(),
                published: published[i]?,
                source: source[i].clone(),
            })
        })
        .collect()
}
