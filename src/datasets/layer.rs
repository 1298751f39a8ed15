//! The layer of units that is scored: first-level ones, or what lies in them where a workspace has it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Datasets, EventRow, LedgerEvent, Province};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::geo::{Area, Locator, Point};
use crate::say;
use crate::text::{Text, country};

/// The level of regions, to which facts, incidents and crossings refer.
pub const REGIONS: u8 = 1;

/// A table of units or of boundaries, and which one it is.
#[derive(Clone, Debug)]
pub(super) struct Leveled<T> {
    pub level: u8,
    /// Of tables of the same country and level the one with the lowest number is used.
    pub precedence: u32,
    pub rows: T,
}

/// The administrative level of the scored units. Above the first, the regions that they lie in are kept beside them.
#[derive(Clone, Debug)]
pub struct Layer {
    pub level: u8,
    /// First-level units of the countries whose units of the level are there; empty at the first level.
    pub regions: Vec<Province>,
    /// Ids of the units of the level with their country, in the order of `locator`.
    units: Vec<(String, String)>,
    region_of: BTreeMap<String, Option<String>>,
    locator: Locator,
}

impl Default for Layer {
    fn default() -> Self {
        Self { level: REGIONS, regions: Vec::new(), units: Vec::new(), region_of: BTreeMap::new(), locator: Locator::default() }
    }
}

impl Layer {
    /// Whether a country's regions are divided into units of the level.
    pub fn divides(&self, country: &str) -> bool {
        self.units.iter().any(|(_, own)| own == country)
    }

    /// The region of a unit below the first level, if the unit is one; the region is none where nobody knows it.
    pub fn region_of(&self, unit: &str) -> Option<Option<&str>> {
        self.region_of.get(unit).map(Option::as_deref)
    }

    /// The unit of the level that holds a point, with its country.
    fn at(&self, at: Point) -> Option<(&str, &str)> {
        let (unit, country) = self.units.get(self.locator.locate(at)?)?;
        Some((unit, country))
    }

    /// The unit that an incident of the ledger lies in: its region's unit around its point if that is a place; else it stays with the region.
    pub fn of_incident(&self, event: &LedgerEvent) -> Option<String> {
        let region = event.province.as_deref()?;
        let unit = event.at.filter(|_| event.has_place()).and_then(|at| self.at(at)).map(|(unit, _)| unit);
        let inside = unit.filter(|u| self.region_of(u) == Some(Some(region)));
        Some(inside.unwrap_or(region).to_owned())
    }

    /// The unit that holds the precise point of an event, in the event's country.
    pub(super) fn of_point(&self, event: &EventRow) -> Option<&str> {
        let (unit, country) = self.at(event.at.filter(|_| event.has_point())?)?;
        (country == event.country).then_some(unit)
    }
}

impl Datasets {
    /// Takes the units of a level, with the regions around them, out of the tables that were read.
    ///
    /// Countries without units of the level keep their regions as surroundings. What a fact says of a region
    /// it says of each unit in it, and the fact's text tells that it was said of the region.
    pub(super) fn choose(&mut self, level: u8, complete: bool, problems: &mut Diagnostics) {
        let unit_tables = std::mem::take(&mut self.unit_tables);
        let shape_tables = std::mem::take(&mut self.shape_tables);
        self.other_units = unit_tables.iter().flat_map(|t| t.rows.iter().map(|u| u.id.clone())).collect();
        let mut provinces = in_force(&unit_tables, REGIONS);
        let mut shapes = shapes_in_force(shape_tables, REGIONS, level);
        if level != REGIONS {
            let units = in_force(&unit_tables, level);
            if units.is_empty() && complete {
                problems.push(
                    Diagnostic::error("no-units-of-level", format!("the workspace has no units of level {level}"), Place::file("datasets"))
                        .rule("units of a level are scored where a dataset of units and one of boundaries say so")
                        .help("import boundaries of that level: tukhum import FILE"),
                );
            }
            let divided: BTreeSet<String> = units.iter().map(|u| u.country.clone()).collect();
            let (regions, rest): (Vec<_>, Vec<_>) = provinces.into_iter().partition(|p| divided.contains(&p.country));
            provinces = units;
            let aside = |p: Province| Province { scored: false, ..p };
            provinces.extend(rest.into_iter().map(aside));
            self.layer.regions = regions.into_iter().map(aside).collect();
            self.layer.region_of = provinces.iter().filter(|p| divided.contains(&p.country)).map(|p| (p.id.clone(), p.region.clone())).collect();
        }
        self.layer.level = level;
        provinces.sort_by(|a, b| a.id.cmp(&b.id));
        let chosen: BTreeSet<&str> = provinces.iter().map(|p| p.id.as_str()).collect();
        shapes.retain(|id, _| chosen.contains(id.as_str()));
        self.map.provinces = shapes;
        self.provinces = provinces;
        if level != REGIONS {
            self.divide();
        }
    }

    /// Builds the index over the units, and lets facts about a region hold for the units in it.
    fn divide(&mut self) {
        let inside = |p: &&Province| self.layer.region_of.contains_key(&p.id);
        let units: Vec<(&Province, &Area)> =
            self.provinces.iter().filter(inside).filter_map(|p| Some((p, self.map.provinces.get(&p.id)?))).collect();
        self.layer.locator = Locator::new(units.iter().map(|(_, area)| *area));
        self.layer.units = units.iter().map(|(p, _)| (p.id.clone(), p.country.clone())).collect();
        for fact in &mut self.facts {
            let regions: Vec<&Province> = self.layer.regions.iter().filter(|r| fact.units.contains(&r.id)).collect();
            if regions.is_empty() {
                continue;
            }
            let children = self.layer.region_of.iter().filter(|(_, region)| region.as_ref().is_some_and(|r| fact.units.contains(r)));
            fact.units.extend(children.map(|(unit, _)| unit.clone()).collect::<Vec<_>>());
            let names: Vec<&str> = regions.iter().map(|r| r.name.en.as_str()).collect();
            fact.value = format!("of the region {}: {}", names.join(", "), fact.value);
        }
    }

    /// How the places of what is known fit the layer, in a sentence for reports; none at the first level.
    pub fn layer_note(&self) -> Option<Text> {
        let layer = &self.layer;
        if layer.level == REGIONS {
            return None;
        }
        let countries: BTreeSet<&str> = layer.units.iter().map(|(_, code)| code.as_str()).collect();
        let countries: Vec<Text> = countries.into_iter().map(country).collect();
        Some(say!("report.layer", level = layer.level.to_string(), countries = countries))
    }
}

/// The units of a level, of each country those of the lowest precedence.
fn in_force(tables: &[Leveled<Vec<Province>>], level: u8) -> Vec<Province> {
    let of_level = || tables.iter().filter(move |t| t.level == level);
    let mut lowest: BTreeMap<&str, u32> = BTreeMap::new();
    for table in of_level() {
        for unit in &table.rows {
            let known = lowest.entry(&unit.country).or_insert(table.precedence);
            *known = table.precedence.min(*known);
        }
    }
    let mut units = Vec::new();
    for table in of_level() {
        units.extend(table.rows.iter().filter(|u| lowest.get(u.country.as_str()) == Some(&table.precedence)).cloned());
    }
    units
}

/// Shapes by unit, of two of the same unit that of the lowest precedence.
fn shapes_in_force(mut tables: Vec<Leveled<BTreeMap<String, Area>>>, regions: u8, level: u8) -> BTreeMap<String, Area> {
    tables.retain(|t| t.level == regions || t.level == level);
    tables.sort_by_key(|t| t.precedence);
    let mut shapes = BTreeMap::new();
    for (id, area) in tables.into_iter().flat_map(|t| t.rows) {
        shapes.entry(id).or_insert(area);
    }
    shapes
}
