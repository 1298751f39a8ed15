//! The two datasets of a layer as text.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde_json::json;

use super::columns::{Columns, Publisher};
use super::layer::Layer;
use super::units::{Unit, units};
use super::{Pair, Request, units_of};
use crate::datasets::{Datasets, Resolver, sha256};
use crate::diagnostics::{Diagnostic, Place};
use crate::text::parse_day;

/// Where a layer comes from.
pub struct Origin<'a> {
    pub path: &'a str,
    pub hash: &'a str,
    pub layer: &'a str,
}

impl Origin<'_> {
    fn file(&self) -> &str {
        self.path.rsplit(['/', '\\']).next().unwrap_or(self.path)
    }
}

/// Makes the datasets of a layer.
pub fn pair(layer: &Layer, columns: &Columns, origin: &Origin<'_>, several: bool, request: &Request, data: &Datasets, resolver: &Resolver) -> Result<Pair, Diagnostic> {
    let (units, account) = units(layer, columns, data, resolver);
    if units.is_empty() {
        return Err(Diagnostic::error("no-units", format!("no feature of `{}` can be used\n{}", layer.name, account.text(usize::MAX)), Place::file(origin.path))
            .rule("an import keeps at least one unit")
            .help("see the reasons above"));
    }
    let valid = units.iter().filter_map(|u| parse_day(u.described.valid_on.as_deref()?)).max();
    let published = request.published.or(valid).ok_or_else(|| {
        Diagnostic::error("no-published", "nothing tells when the boundaries became known", Place::file(origin.path))
            .rule("every dataset states its vintage")
            .help("give --published yyyy-mm-dd, the day on which the publisher put the file out")
    })?;
    let countries: BTreeSet<&str> = units.iter().map(|u| u.country.as_str()).collect();
    let place = match countries.iter().collect::<Vec<_>>().as_slice() {
        [one] => one.to_lowercase(),
        more => format!("{}_countries", more.len()),
    };
    let name = match &request.name {
        Some(name) if several => format!("{name}_adm{}", columns.level),
        Some(name) => name.clone(),
        None => format!("{}_{place}_adm{}", columns.publisher.name(), columns.level),
    };
    let head = Head { origin, columns, published, countries: &countries, precedence: request.precedence, name: &name };
    let table = table(&units).map_err(|e| Diagnostic::error("output", e, Place::Argument).help("this is a defect of the program; please report it"))?;
    let shapes = shapes(&units);
    let common = BTreeMap::from([
        ("origins.toml".to_owned(), head.origins()),
        ("account.txt".to_owned(), account.text(usize::MAX)),
        // What a user imports is not for a repository, unless she decides so.
        (".gitignore".to_owned(), "*\n".to_owned()),
    ]);
    let with = |shape: &str, file: &str, content: String| {
        let mut files = common.clone();
        files.insert("manifest.toml".into(), head.manifest(shape, file, &sha256(content.as_bytes())));
        files.insert(file.into(), content);
        files
    };
    Ok(Pair {
        title: head.title(),
        level: columns.level,
        published,
        units: with("units", "units.csv", table),
        boundaries: with("boundaries", "boundaries.geojson", shapes),
        name: name.clone(),
        account,
    })
}

/// What both manifests say.
struct Head<'a> {
    origin: &'a Origin<'a>,
    columns: &'a Columns,
    published: Date,
    countries: &'a BTreeSet<&'a str>,
    precedence: u32,
    name: &'a str,
}

impl Head<'_> {
    fn title(&self) -> String {
        let countries: Vec<&str> = self.countries.iter().copied().collect();
        let of = if countries.len() > 12 { format!("{} countries", countries.len()) } else { countries.join(", ") };
        format!("{}, level {} of {of}", self.columns.publisher.title(), self.columns.level)
    }

    fn origins(&self) -> String {
        format!(
            "# The file that the units and boundaries came from.\n\n[[import]]\nfile = {}\nlayer = {}\nlevel = {}\nsha256 = {}\n",
            quoted(self.origin.file()),
            quoted(self.origin.layer),
            self.columns.level,
            quoted(self.origin.hash)
        )
    }

    fn manifest(&self, shape: &str, table: &str, hash: &str) -> String {
        let id = if shape == "units" { units_of(self.name) } else { self.name.to_owned() };
        let publisher: Publisher = self.columns.publisher;
        let countries: Vec<String> = self.countries.iter().map(|c| quoted(c)).collect();
        let columns = if shape == "units" { include_str!("columns_units.toml") } else { include_str!("columns_boundaries.toml") };
        format!(
            "id = {}\ntitle = {}\nshape = \"{shape}\"\nlevel = {}\ntable = \"{table}\"\nsha256 = \"{hash}\"\nrow = \"one unit of level {}\"\nkind = \"reference\"\nprecedence = {}\nlicence = {}\ncitation = {}\nsource = {}\nnotes = \"Imported; account.txt says what was repaired and refused. Positions have six decimals. Drawing implies no position on the status of any territory.\"\n\n[[coverage]]\nrelease = {}\npublished = {}\nareas = [{}]\n\n{columns}",
            quoted(&id),
            quoted(&self.title()),
            self.columns.level,
            self.columns.level,
            self.precedence,
            quoted(publisher.licence()),
            quoted(publisher.citation()),
            quoted(&format!("{}, layer {}, SHA-256 {}", self.origin.file(), self.origin.layer, self.origin.hash)),
            quoted(&self.published.to_string()),
            self.published,
            countries.join(", "),
        )
    }
}

/// A TOML basic string. JSON's escapes are TOML's, but for DEL.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default().replace('\u{7f}', "\\u007F")
}

fn table(units: &[Unit]) -> Result<String, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let said = |e: csv::Error| e.to_string();
    writer.write_record(["unit_id", "country", "role", "name_en", "name_fr", "name_ar", "other_names", "iso_3166_2", "region"]).map_err(said)?;
    for unit in units {
        let d = &unit.described;
        let cell = |c: &Option<String>| c.clone().unwrap_or_default();
        let mut others: Vec<String> = d.others.iter().chain(&d.name).filter(|n| *n != unit.name()).map(|n| n.replace(';', ",")).collect();
        others.sort();
        others.dedup();
        let row = [
            unit.id.clone(),
            unit.country.clone(),
            "scored".into(),
            unit.name().to_owned(),
            cell(&d.fr),
            cell(&d.ar),
            others.join(";"),
            cell(&d.iso_3166_2),
            cell(&unit.region),
        ];
        writer.write_record(row).map_err(said)?;
    }
    let bytes = writer.into_inner().map_err(|e| e.to_string())?;
    String::from_utf8(bytes).map_err(|e| e.to_string())
}

fn shapes(units: &[Unit]) -> String {
    let ring = |r: &geo::LineString<f64>| json!(r.0.iter().map(|c| [c.x, c.y]).collect::<Vec<_>>());
    let feature = |unit: &Unit| {
        let polygons: Vec<serde_json::Value> =
            unit.shape.iter().map(|p| std::iter::once(p.exterior()).chain(p.interiors()).map(ring).collect()).collect();
        let feature = json!({
            "type": "Feature",
            "properties": { "unit_id": unit.id, "country": unit.country },
            "geometry": { "type": "MultiPolygon", "coordinates": polygons },
        });
        feature.to_string()
    };
    let features: Vec<String> = units.iter().map(feature).collect();
    format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", features.join(",\n"))
}
