//! Datasets: manifests, readers and the typed rows of every table.

pub mod manifest;
mod cross_check;
mod layer;
mod resolver;
mod rows;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use geo::{LineString, MultiLineString, MultiPolygon};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

pub use layer::{Layer, REGIONS};
pub use manifest::{CellType, Coverage, Kind, Manifest, Shape};
pub use resolver::{Resolver, fold};
pub use rows::*;
pub use table::{Table, parquet_cells};

use crate::diagnostics::{Diagnostic, Diagnostics, Place, near_names, suggestion};
use crate::geo::{Area, Border, Map};
use crate::toml_file;
use crate::workspace::Workspace;
use layer::Leveled;

/// Everything under `datasets/`, read and checked. Nothing here depends on an as-of date.
#[derive(Clone, Debug, Default)]
pub struct Datasets {
    /// By id.
    pub manifests: BTreeMap<String, Manifest>,
    /// Units of the layer, and those around them.
    pub provinces: Vec<Province>,
    pub layer: Layer,
    pub crossings: Vec<Crossing>,
    pub aliases: Vec<Alias>,
    pub towns: Vec<Town>,
    pub map: Map,
    /// Event rows by dataset id.
    pub events: BTreeMap<String, Vec<EventRow>>,
    /// Count rows by dataset id.
    pub counts: BTreeMap<String, Vec<CountRow>>,
    /// Figures of units by dataset id.
    pub figures: BTreeMap<String, Vec<FigureRow>>,
    pub ledger: Vec<LedgerEvent>,
    pub claims: Vec<Claim>,
    pub facts: Vec<Fact>,
    pub trade: Vec<TradeFigure>,
    /// Tables of units and of boundaries of all levels, until a layer is chosen.
    unit_tables: Vec<Leveled<Vec<Province>>>,
    shape_tables: Vec<Leveled<BTreeMap<String, Area>>>,
    /// Ids of all units of all levels.
    other_units: BTreeSet<String>,
}

impl Datasets {
    /// Reads every dataset of the workspace, with first-level units; all problems are added to `problems`.
    pub fn load(workspace: &Workspace, problems: &mut Diagnostics) -> Self {
        Self::load_level(workspace, REGIONS, problems)
    }

    /// The same with units of an administrative level.
    pub fn load_level(workspace: &Workspace, level: u8, problems: &mut Diagnostics) -> Self {
        let mut data = Self::default();
        let folders: BTreeSet<&str> =
            workspace.below("datasets/").filter_map(|(path, _)| path.split('/').nth(1).filter(|_| path.matches('/').count() > 1)).collect();
        // The largest first, so that no thread waits for it alone at the end.
        let bytes = |folder: &str| workspace.below(&format!("datasets/{folder}/")).map(|(_, bytes)| bytes.len()).sum::<usize>();
        let mut order: Vec<(usize, &str)> = folders.into_iter().map(|folder| (bytes(folder), folder)).collect();
        order.sort_by_key(|(bytes, folder)| (std::cmp::Reverse(*bytes), *folder));
        let mut parts: Vec<_> = order
            .into_par_iter()
            .with_max_len(1)
            .map(|(_, folder)| {
                let (mut part, mut found) = (Self::default(), Diagnostics::default());
                let read = part.load_one(workspace, folder, &mut found);
                (folder, part, found, read)
            })
            .collect();
        parts.sort_by_key(|(folder, ..)| *folder);
        let mut lost = BTreeSet::new();
        for (_, part, found, read) in parts {
            data.absorb(part);
            problems.extend(found);
            lost.extend(read.err());
        }
        let complete = !lost.contains(&None) && !lost.contains(&Some(Shape::Units));
        data.choose(level, complete, problems);
        data.check_references(workspace, &lost, problems);
        data
    }

    /// Adds what another dataset's folder held.
    fn absorb(&mut self, mut part: Self) {
        self.manifests.append(&mut part.manifests);
        self.unit_tables.append(&mut part.unit_tables);
        self.shape_tables.append(&mut part.shape_tables);
        self.crossings.append(&mut part.crossings);
        self.aliases.append(&mut part.aliases);
        self.towns.append(&mut part.towns);
        self.map.borders.append(&mut part.map.borders);
        self.events.append(&mut part.events);
        self.counts.append(&mut part.counts);
        self.figures.append(&mut part.figures);
        self.ledger.append(&mut part.ledger);
        self.claims.append(&mut part.claims);
        self.facts.append(&mut part.facts);
        self.trade.append(&mut part.trade);
    }

    /// Reads one dataset. A table that could not be read is given as an error, with its shape if that is known.
    fn load_one(&mut self, workspace: &Workspace, folder: &str, problems: &mut Diagnostics) -> Result<(), Option<Shape>> {
        let manifest_path = format!("datasets/{folder}/manifest.toml");
        let Some(bytes) = workspace.files.get(&manifest_path) else {
            problems.push(
                Diagnostic::error("no-manifest", format!("`{folder}` has no manifest"), Place::file(format!("datasets/{folder}")))
                    .rule("each folder of datasets/ holds one table and its manifest.toml")
                    .help("write a manifest (see docs/own-country.md) or move the folder elsewhere"),
            );
            return Err(None);
        };
        let (manifest, source) = toml_file::read::<Manifest>(&manifest_path, bytes, problems).ok_or(None)?;
        let shape = manifest.shape;
        if manifest.id != folder {
            problems.push(
                Diagnostic::error("id-not-folder", format!("id `{}` differs from the folder `{folder}`", manifest.id), source.at("/id"))
                    .rule("a dataset is named like its folder")
                    .help(format!("set id = \"{folder}\" or rename the folder")),
            );
        }
        check_coverage(&manifest, &source, problems);
        let path = format!("datasets/{folder}/{}", manifest.table);
        let Some(bytes) = workspace.files.get(&path) else {
            problems.push(
                Diagnostic::error("no-table", format!("the table `{}` does not exist", manifest.table), source.at("/table"))
                    .rule("the manifest names a file in its own folder")
                    .help("restore the table or mend its name"),
            );
            return Err(Some(shape));
        };
        let found = hex(&Sha256::digest(bytes));
        if found != manifest.sha256 {
            problems.push(
                Diagnostic::error("hash-differs", format!("{path} has SHA-256 {found}"), source.at("/sha256"))
                    .rule("the table is the one that the manifest was written for")
                    .help("if the change was meant, put the new hash into the manifest and say what changed in its notes"),
            );
            // The rows are read all the same, so that problems in them show in the same run.
        }
        let read = self.read_table(&manifest, &path, bytes, &source, problems);
        self.manifests.insert(manifest.id.clone(), manifest);
        read.ok_or(Some(shape))
    }

    /// Nothing is returned when the table was refused.
    fn read_table(&mut self, manifest: &Manifest, path: &str, bytes: &[u8], source: &toml_file::Source, problems: &mut Diagnostics) -> Option<()> {
        let (level, precedence) = (manifest.level.unwrap_or(REGIONS), manifest.precedence.unwrap_or_default());
        match manifest.shape {
            Shape::Boundaries => {
                let mut rows = BTreeMap::new();
                read_shapes(path, bytes, problems, |id, geometry| {
                    if let Some(shape) = polygons(geometry) {
                        rows.insert(id("unit_id"), Area::new(shape));
                    }
                })?;
                self.shape_tables.push(Leveled { level, precedence, rows });
                return Some(());
            }
            Shape::Borders => return read_shapes(path, bytes, problems, |id, geometry| {
                if let Some(line) = lines(geometry) {
                    self.map.borders.push(Border::new([id("country_a"), id("country_b")], line));
                }
            }),
            _ => {}
        }
        check_needed(manifest, source, problems);
        let table = table::read(manifest, path, bytes, problems)?;
        match manifest.shape {
            Shape::Units => self.unit_tables.push(Leveled { level, precedence, rows: provinces(&table) }),
            Shape::Crossings => self.crossings.extend(crossings(&table)),
            Shape::Aliases => self.aliases.extend(aliases(&table)),
            Shape::Events => {
                self.events.insert(manifest.id.clone(), events(manifest, &table));
            }
            Shape::Counts => {
                self.counts.insert(manifest.id.clone(), counts(&table));
            }
            Shape::Figures => {
                self.figures.insert(manifest.id.clone(), figures(manifest, &table));
            }
            Shape::LedgerEvents => self.ledger.extend(ledger_events(&table)),
            Shape::Claims => self.claims.extend(claims(&table)),
            Shape::Facts => self.facts.extend(facts(&table)),
            Shape::Trade => self.trade.extend(trade(&table)),
            Shape::Places => self.towns.extend(towns(&table)),
            Shape::Documents | Shape::Boundaries | Shape::Borders => {}
        }
        Some(())
    }

    /// What one table says of another. Nothing is held against a table that could not be read (`lost`; none: a shape that is not known).
    fn check_references(&mut self, workspace: &Workspace, lost: &BTreeSet<Option<Shape>>, problems: &mut Diagnostics) {
        self.crossings.sort_by(|a, b| a.id.cmp(&b.id));
        self.map.borders.sort_by(|a, b| a.countries.cmp(&b.countries));
        let whole = |shapes: &[Shape]| !lost.contains(&None) && !shapes.iter().any(|s| lost.contains(&Some(*s)));
        if whole(&[Shape::Units, Shape::Crossings]) {
            self.check_units(workspace, problems);
        }
        if whole(&[Shape::LedgerEvents]) {
            self.check_claims(workspace, problems);
        }
        if whole(&[Shape::Units, Shape::Boundaries]) {
            self.check_map(problems);
        }
        if whole(&[Shape::Units, Shape::Aliases]) {
            self.check_areas(problems);
        }
    }

    /// Where a row stands that has `id` in the column `key`.
    fn place_of(&self, workspace: &Workspace, shape: Shape, key: &str, id: &str, column: &str) -> Place {
        let found = self.manifests.values().filter(|m| m.shape == shape).find_map(|m| {
            let path = format!("datasets/{}/{}", m.id, m.table);
            let line = table::line_of(workspace.files.get(&path)?, key, id)?;
            Some(Place::Line { path, line, column: Some(column.into()) })
        });
        found.unwrap_or_else(|| Place::file(self.path_of(shape)))
    }

    /// The first table of a shape.
    fn path_of(&self, shape: Shape) -> String {
        let manifest = self.manifests.values().find(|m| m.shape == shape);
        manifest.map_or_else(|| "datasets".into(), |m| format!("datasets/{}/{}", m.id, m.table))
    }

    /// Rows that name a unit which does not exist, and ids that two units have.
    fn check_units(&self, workspace: &Workspace, problems: &mut Diagnostics) {
        let known: BTreeSet<&str> = self.unit_ids().into_iter().chain(self.other_units.iter().map(String::as_str)).collect();
        let is_known = |unit: &str| known.contains(unit) || (unit.len() == 3 && unit.bytes().all(|b| b.is_ascii_uppercase()));
        let mut found: BTreeMap<Shape, Vec<Diagnostic>> = BTreeMap::new();
        let mut report = |shape: Shape, key: &str, row: &str, column: &str, unit: &str| {
            if !is_known(unit) {
                let place = self.place_of(workspace, shape, key, row, column);
                found.entry(shape).or_default().push(
                    Diagnostic::error("unknown-unit", format!("`{row}` names the unit `{unit}`, which no table of units has"), place)
                        .rule("a unit is a province of `units`, a crossing of `crossings` or a country code")
                        .help(suggestion(unit, known.iter().copied())),
                );
            }
        };
        for event in &self.ledger {
            event.province.iter().for_each(|unit| report(Shape::LedgerEvents, "event_id", &event.id, "unit_id", unit));
            event.crossing.iter().for_each(|unit| report(Shape::LedgerEvents, "event_id", &event.id, "crossing_id", unit));
        }
        for fact in &self.facts {
            fact.units.iter().for_each(|unit| report(Shape::Facts, "fact_id", &fact.id, "unit_ids", unit));
        }
        for crossing in &self.crossings {
            for (unit, column) in crossing.provinces.iter().zip(["province_a", "province_b"]) {
                unit.iter().for_each(|unit| report(Shape::Crossings, "id", &crossing.id, column, unit));
            }
        }
        for alias in &self.aliases {
            report(Shape::Aliases, "alias", &alias.alias, "unit_id", &alias.unit);
        }
        let named: BTreeSet<&str> = self.figures.values().flatten().map(|f| f.unit.as_str()).collect();
        named.into_iter().for_each(|unit| report(Shape::Figures, "unit_id", unit, "unit_id", unit));
        for (shape, list) in found {
            table::push_some(&self.path_of(shape), "unknown-unit", list, "rows that name an unknown unit", problems);
        }
        let mut seen: BTreeMap<&str, Shape> = BTreeMap::new();
        let ids = self.provinces.iter().map(|p| (&p.id, Shape::Units, "unit_id"));
        for (id, shape, key) in ids.chain(self.crossings.iter().map(|c| (&c.id, Shape::Crossings, "id"))) {
            if let Some(first) = seen.insert(id, shape) {
                problems.push(
                    Diagnostic::error("duplicate-id", format!("the unit `{id}` is also in {}", self.path_of(first)), self.place_of(workspace, shape, key, id, key))
                        .rule("ids of units are unique over all tables")
                        .help("rename one of them"),
                );
            }
        }
    }

    fn check_map(&self, problems: &mut Diagnostics) {
        for province in &self.provinces {
            if !self.map.provinces.contains_key(&province.id) {
                problems.push(
                    Diagnostic::warning("no-shape", format!("`{}` has no boundary", province.id), Place::file("datasets/boundaries"))
                        .rule("distances and maps need the shape of a province")
                        .help("add the polygon, or accept that its distances are missing"),
                );
            }
        }
    }

    fn check_claims(&self, workspace: &Workspace, problems: &mut Diagnostics) {
        let events: BTreeSet<&str> = self.ledger.iter().map(|e| e.id.as_str()).collect();
        let mut found = Vec::new();
        for claim in &self.claims {
            if let Some(event) = &claim.event
                && !events.contains(event.as_str())
            {
                let place = self.place_of(workspace, Shape::Claims, "claim_id", &claim.id, "event_id");
                found.push(
                    Diagnostic::error("unknown-event", format!("`{}` is about `{event}`, which the ledger does not have", claim.id), place)
                        .rule("a claim is about an event of the ledger, or about a wave")
                        .help(match near_names(event, events.iter().copied()).first() {
                            Some(near) => format!("add the event or mend the id (did you mean `{near}`?)"),
                            None => "add the event or mend the id".into(),
                        }),
                );
            }
        }
        table::push_some(&self.path_of(Shape::Claims), "unknown-event", found, "claims about unknown events", problems);
    }

    fn check_areas(&self, problems: &mut Diagnostics) {
        let countries: BTreeSet<&str> = self.provinces.iter().chain(&self.layer.regions).map(|p| p.country.as_str()).collect();
        let resolver = Resolver::new(self);
        let mut named: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
        for (id, rows) in &self.events {
            for (country, area) in rows.iter().filter_map(|r| Some((&r.country, r.area.as_ref()?))) {
                *named.entry((id, country, area)).or_default() += 1;
            }
        }
        for (id, rows) in &self.counts {
            let rows = rows.iter().filter(|r| r.area_kind == AreaKind::Admin1);
            for (country, area) in rows.filter_map(|r| Some((&r.country, r.area.as_ref()?))) {
                *named.entry((id, country, area)).or_default() += 1;
            }
        }
        let unplaced = named.into_iter().filter(|((_, country, area), _)| resolver.area(country, area).is_none());
        for ((dataset, country, area), rows) in unplaced {
            // Countries outside the workspace's units are not its concern.
            if countries.contains(country) {
                problems.push(
                    Diagnostic::warning("unmatched-place", format!("{rows} rows of {country} name the area `{area}`, which no alias resolves"), Place::file(format!("datasets/{dataset}")))
                        .rule("rows of an area that is not known stay unplaced: they count for the country, not for a province")
                        .help("add the spelling to datasets/aliases"),
                );
            }
        }
    }

    /// Ids of all provinces and crossings.
    pub fn unit_ids(&self) -> BTreeSet<&str> {
        self.provinces.iter().map(|p| p.id.as_str()).chain(self.crossings.iter().map(|c| c.id.as_str())).collect()
    }

    /// A unit of the layer, or one of the regions around it.
    pub fn province(&self, id: &str) -> Option<&Province> {
        self.provinces.iter().chain(&self.layer.regions).find(|p| p.id == id)
    }

    pub fn crossing(&self, id: &str) -> Option<&Crossing> {
        self.crossings.iter().find(|c| c.id == id)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// SHA-256 of some bytes in lower-case hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn check_coverage(manifest: &Manifest, source: &toml_file::Source, problems: &mut Diagnostics) {
    if manifest.kind == Kind::Exhaustive {
        if manifest.coverage.is_empty() {
            problems.push(
                Diagnostic::error("no-coverage", "an exhaustive dataset states no coverage", source.at("/kind"))
                    .rule("rates are computed only inside the stated coverage")
                    .help("add [[coverage]] with areas, from, to and published, or set kind = \"ledger\""),
            );
        }
        if manifest.precedence.is_none() && matches!(manifest.shape, Shape::Events | Shape::Counts) {
            problems.push(
                Diagnostic::error("no-precedence", "an exhaustive dataset of events states no precedence", source.at("/kind"))
                    .rule("several exhaustive sources are never summed: the lowest precedence is used")
                    .help("add `precedence = …`"),
            );
        }
    }
    for (i, coverage) in manifest.coverage.iter().enumerate() {
        if let (Some(from), Some(to)) = (coverage.from, coverage.to)
            && from > to
        {
            problems.push(
                Diagnostic::error("coverage-reversed", format!("coverage from {from} ends on {to}"), source.at(&format!("/coverage/{i}/from")))
                    .rule("from is not after to")
                    .help("mend one of the two"),
            );
        }
    }
}

/// Columns without which a table of a shape means nothing.
fn check_needed(manifest: &Manifest, source: &toml_file::Source, problems: &mut Diagnostics) {
    let needed: &[(&str, CellType)] = match manifest.shape {
        Shape::Units => &[("unit_id", CellType::Text), ("country", CellType::Text), ("role", CellType::Text), ("name_en", CellType::Text)],
        Shape::Crossings => &[("id", CellType::Text), ("country_a", CellType::Text), ("country_b", CellType::Text), ("latitude", CellType::Number), ("longitude", CellType::Number)],
        Shape::Aliases => &[("alias", CellType::Text), ("unit_id", CellType::Text)],
        Shape::Events => &[("release", CellType::Text), ("event_id", CellType::Text), ("date", CellType::Date), ("country", CellType::Text), ("deaths_best", CellType::Integer)],
        Shape::Counts => &[("release", CellType::Text), ("country", CellType::Text), ("area_kind", CellType::Text), ("area", CellType::Text), ("month", CellType::Date), ("events", CellType::Integer)],
        Shape::Figures => &[("release", CellType::Text), ("unit_id", CellType::Text), ("variable", CellType::Text), ("value", CellType::Number), ("year", CellType::Integer)],
        Shape::LedgerEvents => &[("event_id", CellType::Text), ("date", CellType::Date), ("published", CellType::Date), ("actor", CellType::Text)],
        Shape::Claims => &[("claim_id", CellType::Text), ("claimant", CellType::Text), ("metric", CellType::Text), ("published", CellType::Date)],
        Shape::Facts => &[("fact_id", CellType::Text), ("unit_ids", CellType::Text), ("theme", CellType::Text), ("published", CellType::Date)],
        _ => &[],
    };
    for (name, cells) in needed {
        match manifest.column.iter().position(|c| c.name == *name) {
            None => problems.push(
                Diagnostic::error("column-needed", format!("a table of shape {:?} needs the column `{name}`", manifest.shape), source.at("/shape"))
                    .rule("each shape has columns that the program reads")
                    .help(format!("add a [[column]] with name = \"{name}\" and the cells to the table")),
            ),
            Some(i) if manifest.column[i].cells != *cells => problems.push(
                Diagnostic::error("column-type", format!("`{name}` is declared as {:?}", manifest.column[i].cells), source.at(&format!("/column/{i}/type")))
                    .rule(format!("the program reads it as {cells:?}"))
                    .help("mend the type"),
            ),
            Some(_) => {}
        }
    }
}

fn read_shapes(path: &str, bytes: &[u8], problems: &mut Diagnostics, mut each: impl FnMut(&dyn Fn(&str) -> String, geojson::Geometry)) -> Option<()> {
    let refuse = |problems: &mut Diagnostics, message: String| {
        problems.push(
            Diagnostic::error("unreadable-geometry", message, Place::file(path))
                .rule("boundaries and borders are GeoJSON in longitude and latitude (WGS 84)")
                .help("export the layer again as GeoJSON (RFC 7946)"),
        );
        None
    };
    let parsed = std::str::from_utf8(bytes).map_err(|e| e.to_string()).and_then(|text| text.parse::<geojson::GeoJson>().map_err(|e| e.to_string()));
    let collection = match parsed {
        Ok(geojson::GeoJson::FeatureCollection(collection)) => collection,
        Ok(_) => return refuse(problems, "the file is not a FeatureCollection".into()),
        Err(error) => return refuse(problems, error),
    };
    for feature in collection.features {
        let properties = feature.properties.unwrap_or_default();
        let id = |name: &str| properties.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        if let Some(geometry) = feature.geometry {
            each(&id, geometry);
        }
    }
    Some(())
}

fn polygons(geometry: geojson::Geometry) -> Option<MultiPolygon<f64>> {
    let shape: geo::Geometry<f64> = geometry.try_into().ok()?;
    match shape {
        geo::Geometry::Polygon(p) => Some(MultiPolygon(vec![p])),
        geo::Geometry::MultiPolygon(m) => Some(m),
        _ => None,
    }
}

fn lines(geometry: geojson::Geometry) -> Option<MultiLineString<f64>> {
    let shape: geo::Geometry<f64> = geometry.try_into().ok()?;
    match shape {
        geo::Geometry::LineString(l) => Some(MultiLineString(vec![l])),
        geo::Geometry::MultiLineString(m) => Some(m),
        geo::Geometry::Line(l) => Some(MultiLineString(vec![LineString(vec![l.start, l.end])])),
        _ => None,
    }
}
