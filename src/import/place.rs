//! Which province of the workspace an event lies in.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use geo::BoundingRect;

use super::row::Row;
use crate::datasets::{Datasets, Resolver, fold};
use crate::diagnostics::near_names;
use crate::geo::{Area, Locator, Point};

/// How rows were given a province.
#[derive(Debug, Default)]
pub struct Placed {
    /// By the source's own name.
    pub by_name: usize,
    /// By a precise point in a polygon of the country.
    pub by_point: usize,
    /// The source names no province, and has no precise point.
    pub nowhere: usize,
    /// Points outside the country which, with latitude and longitude exchanged, would lie in it; named rows included.
    pub swapped: usize,
    /// Names that are no unit's: (country, name) → rows and the names that are near.
    pub unmatched: BTreeMap<(String, String), (usize, Vec<String>)>,
    /// Names of several units of a country: (country, name) → rows and the units.
    pub ambiguous: BTreeMap<(String, String), (usize, Vec<String>)>,
}

/// Gives each row its province: by alias or name without accents, by p-code, by a name that sounds the same, then by its point.
///
/// A name that the workspace knows stays as the source spells it; a p-code gives way to the id of its province. Where only the point tells, the id of
/// the province is written in place of the name. What is ambiguous or unknown stays and is listed: the
/// event counts for its country and for no province.
pub fn place(rows: &mut [Row], data: &Datasets, resolver: &Resolver) -> Placed {
    let mut placed = Placed::default();
    let country_of: BTreeMap<&str, &str> = data.provinces.iter().map(|p| (p.id.as_str(), p.country.as_str())).collect();
    let coded = |code: &str, country: &str| {
        let mut found = data.provinces.iter().filter(|p| p.country == country && p.pcodes.iter().any(|c| c == code));
        found.next().filter(|_| found.next().is_none()).map(|p| p.id.clone())
    };
    let areas: Vec<(&String, &Area)> = data.map.provinces.iter().collect();
    // Most rows are placed by their names.
    let locator = LazyCell::new(|| Locator::new(areas.iter().map(|(_, area)| *area)));
    let mut named: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let country_at = |at: Point| {
        let (unit, _) = areas.get(locator.locate(at)?)?;
        country_of.get(unit.as_str()).map(|country| (unit.as_str(), *country))
    };
    let boxes = boxes(&areas, &country_of);
    for row in rows {
        let at = row.longitude.zip(row.latitude).map(|(longitude, latitude)| Point { longitude, latitude });
        let province = |at: Point| country_at(at).filter(|(_, of)| *of == row.country).map(|(unit, _)| unit);
        let exchanged = |at: Point| province(Point { longitude: at.latitude, latitude: at.longitude }).is_some();
        // Whoever exchanged them did so in every row, also where a name tells the province.
        let far = at.is_some_and(|at| boxes.get(row.country.as_str()).is_some_and(|b| !holds(*b, at)));
        placed.swapped += usize::from(far && at.is_some_and(exchanged));
        let key = (row.country.clone(), row.adm_1.clone());
        let units = named.entry(key.clone()).or_insert_with(|| {
            let own = |found: Vec<&str>| -> Vec<String> {
                found.into_iter().filter(|u| country_of.get(u) == Some(&row.country.as_str())).map(str::to_owned).collect()
            };
            let exact = own(resolver.units(&row.adm_1));
            if exact.is_empty() { own(resolver.units_by_sound(&row.adm_1)) } else { exact }
        });
        if units.len() == 1 && !row.adm_1.is_empty() {
            placed.by_name += 1;
            continue;
        }
        if let Some(unit) = coded(&row.adm_1, &row.country).filter(|_| units.is_empty()) {
            row.adm_1 = unit;
            placed.by_name += 1;
            continue;
        }
        let precise = row.where_prec.is_none_or(|p| p <= 3);
        if let Some(at) = at.filter(|_| precise) {
            if let Some(unit) = province(at).map(str::to_owned) {
                row.adm_1 = unit;
                placed.by_point += 1;
                continue;
            }
            placed.swapped += usize::from(!far && exchanged(at));
        }
        if row.adm_1.is_empty() {
            placed.nowhere += 1;
        } else if units.len() > 1 {
            let listed = placed.ambiguous.entry(key).or_insert_with(|| (0, units.clone()));
            listed.0 += 1;
        } else {
            let listed = placed.unmatched.entry(key).or_insert_with(|| {
                let spellings = resolver.spellings().filter(|s| resolver.units(s).iter().any(|u| country_of.get(u) == Some(&row.country.as_str())));
                (0, near_names(&fold(&row.adm_1), spellings).into_iter().map(str::to_owned).collect())
            });
            listed.0 += 1;
        }
    }
    placed
}

/// West, south, east and north of each country's units.
fn boxes<'d>(areas: &[(&String, &Area)], country_of: &BTreeMap<&'d str, &'d str>) -> BTreeMap<&'d str, [f64; 4]> {
    let mut boxes: BTreeMap<&str, [f64; 4]> = BTreeMap::new();
    for (unit, area) in areas {
        let (Some(country), Some(own)) = (country_of.get(unit.as_str()), area.polygons.bounding_rect()) else { continue };
        let all = boxes.entry(country).or_insert([f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY]);
        *all = [all[0].min(own.min().x), all[1].min(own.min().y), all[2].max(own.max().x), all[3].max(own.max().y)];
    }
    boxes
}

fn holds([west, south, east, north]: [f64; 4], at: Point) -> bool {
    (west..=east).contains(&at.longitude) && (south..=north).contains(&at.latitude)
}
