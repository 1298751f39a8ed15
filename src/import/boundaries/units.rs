//! From the features of a layer to units: codes, names, countries, and the region that each lies in.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Area as _, InteriorPoint, MultiPolygon};

use super::account::{Account, Regions};
use super::columns::{Columns, Described};
use super::countries::alpha_3;
use super::layer::Layer;
use super::rings;
use crate::datasets::{Datasets, REGIONS, Resolver, fold};
use crate::geo::{Locator, Point};

/// A unit of the file.
#[derive(Debug)]
pub struct Unit {
    pub id: String,
    /// ISO 3166-1 alpha-3.
    pub country: String,
    pub described: Described,
    /// The first-level unit of the workspace that it lies in; below the first level only.
    pub region: Option<String>,
    pub shape: MultiPolygon<f64>,
}

impl Unit {
    /// The name that messages use.
    pub fn name(&self) -> &str {
        name(&self.described).unwrap_or(&self.id)
    }
}

fn name(d: &Described) -> Option<&str> {
    [&d.en, &d.name, &d.fr, &d.ar].into_iter().find_map(|n| n.as_deref())
}

/// The units of a layer in the order of their ids; what is refused or repaired goes into the account.
pub fn units(layer: &Layer, columns: &Columns, data: &Datasets, resolver: &Resolver) -> (Vec<Unit>, Account) {
    let mut account = Account { read: layer.features.len(), columns: columns.used(layer), notes: layer.notes.clone(), ..Account::default() };
    let mut units: BTreeMap<String, Unit> = BTreeMap::new();
    for (i, feature) in layer.features.iter().enumerate() {
        let described = columns.describe(feature);
        let called = name(&described).map_or_else(|| format!("feature {}", i + 1), str::to_owned);
        let mut refuse = |why: String| account.refused.entry(why).or_default().push(called.clone());
        let Some(country) = described.country.as_deref().and_then(alpha_3) else {
            refuse("names no country by an ISO 3166-1 code".into());
            continue;
        };
        let Some(id) = id(&described, columns.level, &country) else {
            refuse("has neither a code nor a name".into());
            continue;
        };
        if let Some(first) = units.get(&id) {
            refuse(format!("has the code {id} of {}", first.name()));
            continue;
        }
        match rings::polygons(&feature.shape) {
            Ok((shape, repairs)) => {
                account.mended += usize::from(!repairs.is_empty());
                repairs.into_iter().for_each(|r| account.repaired.entry(r).or_default().push(called.clone()));
                units.insert(id.clone(), Unit { id, country, described, region: None, shape });
            }
            Err(why) => refuse(why),
        }
    }
    let mut units: Vec<Unit> = units.into_values().collect();
    if columns.level == REGIONS {
        let known: BTreeSet<&str> = data.provinces.iter().map(|p| p.country.as_str()).collect();
        let there: BTreeSet<&str> = units.iter().map(|u| u.country.as_str()).filter(|c| known.contains(c)).collect();
        if !there.is_empty() {
            let there: Vec<&str> = there.into_iter().collect();
            account.notes.push(format!("the workspace has first-level units of {}: of two sets the one with the lowest precedence is used", there.join(", ")));
        }
    }
    if columns.level > REGIONS {
        account.regions = Some(place(&mut units, data, resolver));
    }
    account.kept = units.len();
    account.bounds = bounds(&units);
    (units, account)
}

/// The id of a unit: the publisher's code; of a country its own; without a code one made of the name.
fn id(described: &Described, level: u8, country: &str) -> Option<String> {
    if level == 0 {
        return Some(country.to_owned());
    }
    let slug = |name: &str| fold(name).chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect::<String>();
    described.code.clone().or_else(|| Some(format!("{country}-{}", slug(name(described)?))))
}

fn bounds(units: &[Unit]) -> Option<[f64; 4]> {
    use geo::BoundingRect;
    let boxes = units.iter().filter_map(|u| u.shape.bounding_rect());
    boxes.map(|b| [b.min().x, b.min().y, b.max().x, b.max().y]).reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
}

/// Gives each unit its region of the workspace: by the region's code, else its name, else by a point inside the unit.
fn place(units: &mut [Unit], data: &Datasets, resolver: &Resolver) -> Regions {
    let mut found = Regions::default();
    let areas: Vec<(&String, &crate::geo::Area)> = data.map.provinces.iter().collect();
    let locator = Locator::new(areas.iter().map(|(_, area)| *area));
    for unit in units {
        let (code, name) = &unit.described.region;
        let country = unit.country.as_str();
        let own = || data.provinces.iter().filter(|p| p.country == country);
        let by_code = code.as_ref().and_then(|code| own().find(|p| p.id == *code || p.pcodes.contains(code)));
        let by_name = || name.as_ref().and_then(|n| resolver.area(country, n)).map(str::to_owned);
        let by_place = || {
            let largest = unit.shape.iter().max_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()))?;
            let inside = largest.interior_point()?;
            let (id, _) = areas.get(locator.locate(Point { longitude: inside.x(), latitude: inside.y() })?)?;
            own().find(|p| p.id == **id).map(|p| p.id.clone())
        };
        let (by_code, by_name) = (by_code.map(|p| p.id.clone()), by_name());
        let torn = by_code.is_some() && by_name.is_some() && by_code != by_name;
        if torn {
            found.torn.push(unit.name().to_owned());
        }
        unit.region = match (by_code, by_name) {
            (Some(region), _) if !torn => {
                found.by_code += 1;
                Some(region)
            }
            (None, Some(region)) => {
                found.by_name += 1;
                Some(region)
            }
            _ => by_place().inspect(|_| found.by_place += 1),
        };
        if unit.region.is_none() {
            let said = name.clone().or_else(|| code.clone());
            found.nowhere.push((unit.name().to_owned(), said));
        }
    }
    found
}
