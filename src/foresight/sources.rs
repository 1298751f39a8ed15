//! Panels from the workspace: provinces, second-level units, and what lies around crossings.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::counts_table::join_near;
use super::panel::{Grid, Panel, PanelUnit};
use crate::datasets::{AreaKind, CountRow, Coverage, Datasets, Resolver};
use crate::evidence::{AsOf, Evidence};
use crate::geo::{Point, distance_within_km};
use crate::text::Month;

/// The western belt: units whose seat or point lies west of this longitude. Of Mali that is Kayes, Koulikoro, Bamako and the west of Ségou.
const WEST: f64 = -6.0;

/// Months of a release that make an origin's vintage a true one: the warm-up and a year.
const VINTAGE_MONTHS: i32 = 48;

/// Counts of the provinces of countries that a source counts by province, with true vintages where releases are at hand.
///
/// # Missing and degenerate values
/// Deadly events come from the first source by precedence that covers the month and tells them apart. A month
/// that is not known in one province of a country is missing in all of them. Provinces of which nothing is known are left out.
pub fn provinces(data: &Datasets, resolver: &Resolver) -> Panel {
    let Some(span) = span(data, &[AreaKind::Admin1]) else { return Panel::default() };
    let (units, outcomes) = known_provinces(&latest(data, resolver, span.1), span);
    let vintages = vintages(data, resolver, span, |evidence| province_grid(evidence, &units, span));
    Panel::new(units, outcomes, vintages)
}

/// The same as known on the day of some evidence: what was published later is in neither history nor outcomes.
pub fn provinces_known(evidence: &Evidence<'_>) -> Panel {
    let Some(span) = span(evidence.data, &[AreaKind::Admin1]) else { return Panel::default() };
    let (units, outcomes) = known_provinces(evidence, span);
    Panel::new(units, outcomes, BTreeMap::new())
}

/// Provinces of which anything is known, and their counts.
fn known_provinces(evidence: &Evidence<'_>, span: (Month, Month)) -> (Vec<PanelUnit>, Grid) {
    let data = evidence.data;
    let mut units: Vec<PanelUnit> = data
        .provinces
        .iter()
        .map(|p| PanelUnit {
            id: p.id.clone(),
            name: p.name.en.clone(),
            country: p.country.clone(),
            region: p.country.clone(),
            at: p.seat_at,
            scored: p.scored,
            west: is_west(p.seat_at),
            neighbours: Vec::new(),
            near: Vec::new(),
        })
        .collect();
    let mut grid = province_grid(evidence, &units, span);
    grid.drop_unknown(&mut units);
    let ids: Vec<&str> = units.iter().map(|u| u.id.as_str()).collect();
    let contiguous = data.map.contiguous(&ids);
    for (unit, near) in units.iter_mut().zip(contiguous) {
        unit.neighbours = near.into_iter().map(|n| n as usize).collect();
    }
    (units, grid)
}

fn province_grid(evidence: &Evidence<'_>, units: &[PanelUnit], (first, last): (Month, Month)) -> Grid {
    let mut grid = Grid::missing(units.len(), first, last);
    for (u, unit) in units.iter().enumerate() {
        for month in (first.0..=last.0).map(Month).filter(|m| m.last_day() <= evidence.as_of.day) {
            let deadly = evidence.counts.deadly_at(&unit.country, &unit.id, month);
            let all = evidence.counts.at(&unit.country, &unit.id, month);
            grid.set(u, month, [deadly, all.map(|c| c.events), all.map(|c| c.deaths)].map(|n| n.and_then(|n| u32::try_from(n).ok())));
        }
    }
    grid.drop_months_known_in_part(units);
    grid
}

/// Counts of second-level units, which are those that a source names.
///
/// A unit in which nothing ever happened has no name in such a table, so the quietest units are absent. No
/// release has a second one to be compared with: the delay of publication is imitated.
pub fn admin2(data: &Datasets, resolver: &Resolver) -> Panel {
    let Some((first, last)) = span(data, &[AreaKind::Admin2]) else { return Panel::default() };
    let tables: Vec<(&[Coverage], &[CountRow])> = tables(data, AreaKind::Admin2);
    let mut rows: BTreeMap<(&str, &str), BTreeMap<Month, [Option<u32>; 3]>> = BTreeMap::new();
    for row in tables.iter().flat_map(|(_, rows)| rows.iter()) {
        let Some(area) = row.area.as_deref().filter(|a| a.contains(" / ")) else { continue };
        rows.entry((&row.country, area)).or_default().insert(row.month, numbers(row));
    }
    let parent = |area: &str, country: &str| area.split(" / ").next().and_then(|name| resolver.area(country, name)).and_then(|id| data.province(id));
    let mut units: Vec<PanelUnit> = rows
        .keys()
        .map(|(country, area)| {
            let province = parent(area, country);
            PanelUnit {
                id: (*area).to_owned(),
                name: area.split(" / ").last().unwrap_or(area).to_owned(),
                country: (*country).to_owned(),
                region: province.map(|p| p.id.clone()).unwrap_or_default(),
                at: None,
                scored: province.is_some_and(|p| p.scored),
                west: is_west(province.and_then(|p| p.seat_at)),
                neighbours: Vec::new(),
                near: Vec::new(),
            }
        })
        .collect();
    let regions: Vec<String> = units.iter().map(|u| u.region.clone()).collect();
    for (u, unit) in units.iter_mut().enumerate() {
        unit.neighbours = regions.iter().enumerate().filter(|(v, region)| *v != u && **region == unit.region && !region.is_empty()).map(|(v, _)| v).collect();
    }
    let mut outcomes = Grid::missing(units.len(), first, last);
    for (u, ((country, _), months)) in rows.iter().enumerate() {
        for month in (first.0..=last.0).map(Month).filter(|m| tables.iter().any(|(coverage, _)| holds(coverage, country, *m))) {
            outcomes.set(u, month, months.get(&month).copied().unwrap_or([Some(0); 3]));
        }
    }
    Panel::new(units, outcomes, BTreeMap::new())
}

/// Counts of what happened within `radius_km` of each crossing, on both sides.
///
/// # Missing and degenerate values
/// A month is known when both countries are: by cells, else by events with points, else because nothing
/// happened in the whole country. A cell counts when its centre lies inside the radius.
pub fn crossings(data: &Datasets, resolver: &Resolver, radius_km: f64) -> Panel {
    let Some(span) = span(data, &[AreaKind::Cell]) else { return Panel::default() };
    let units = crossing_units(data);
    let outcomes = crossing_grid(&latest(data, resolver, span.1), &units, radius_km, span);
    let vintages = vintages(data, resolver, span, |evidence| crossing_grid(evidence, &units, radius_km, span));
    Panel::new(units, outcomes, vintages)
}

/// The same as known on the day of some evidence.
pub fn crossings_known(evidence: &Evidence<'_>, radius_km: f64) -> Panel {
    let Some(span) = span(evidence.data, &[AreaKind::Cell]) else { return Panel::default() };
    let units = crossing_units(evidence.data);
    let outcomes = crossing_grid(evidence, &units, radius_km, span);
    Panel::new(units, outcomes, BTreeMap::new())
}

fn crossing_units(data: &Datasets) -> Vec<PanelUnit> {
    let mut units: Vec<PanelUnit> = data
        .crossings
        .iter()
        .map(|c| PanelUnit {
            id: c.id.clone(),
            name: c.name.en.clone(),
            country: c.countries.join("/"),
            region: c.countries.join("/"),
            at: Some(c.at),
            scored: true,
            west: is_west(Some(c.at)),
            neighbours: Vec::new(),
            near: Vec::new(),
        })
        .collect();
    join_near(&mut units, 150.0);
    units
}

fn crossing_grid(evidence: &Evidence<'_>, units: &[PanelUnit], radius_km: f64, (first, last): (Month, Month)) -> Grid {
    let mut grid = Grid::missing(units.len(), first, last);
    for ((u, unit), crossing) in units.iter().enumerate().zip(&evidence.data.crossings) {
        let around = around(evidence, unit.at, radius_km);
        for month in (first.0..=last.0).map(Month).filter(|m| m.last_day() <= evidence.as_of.day) {
            grid.set(u, month, both_sides(evidence, &crossing.countries, &around, month).map_or([None; 3], |n| n.map(Some)));
        }
    }
    grid
}

/// Deadly events, events and deaths by country and month, from cells and from events with points.
#[derive(Default)]
struct Around {
    cells: BTreeMap<(String, Month), [u32; 3]>,
    points: BTreeMap<(String, Month), [u32; 3]>,
}

fn around(evidence: &Evidence<'_>, at: Option<Point>, radius_km: f64) -> Around {
    let mut found = Around::default();
    let Some(at) = at else { return found };
    let near = |p: Option<Point>| p.is_some_and(|p| distance_within_km(at, p, radius_km).is_some());
    let add = |sum: &mut [u32; 3], more: [u32; 3]| sum.iter_mut().zip(more).for_each(|(a, b)| *a = a.saturating_add(b));
    for (_, rows) in tables(evidence.data, AreaKind::Cell) {
        for row in rows.iter().filter(|r| near(r.at)) {
            add(found.cells.entry((row.country.clone(), row.month)).or_default(), numbers(row).map(Option::unwrap_or_default));
        }
    }
    for event in evidence.events.iter().filter(|e| e.has_point() && near(e.now.at)) {
        let deaths = event.now.deaths.and_then(|d| u32::try_from(d).ok()).unwrap_or_default();
        add(found.points.entry((event.now.country.clone(), Month::of(event.now.date))).or_default(), [u32::from(event.is_deadly()), 1, deaths]);
    }
    found
}

/// The sum of both sides; none unless each of them is known.
fn both_sides(evidence: &Evidence<'_>, sides: &[String; 2], around: &Around, month: Month) -> Option<[u32; 3]> {
    let known = |coverage: &[Coverage], country: &str| evidence.as_of.covers(coverage, country, month);
    let side = |country: &String| {
        let key = (country.clone(), month);
        if tables(evidence.data, AreaKind::Cell).iter().any(|(coverage, _)| known(coverage, country)) {
            return Some(around.cells.get(&key).copied().unwrap_or_default());
        }
        if evidence.data.events.keys().filter_map(|id| evidence.data.manifests.get(id)).any(|m| known(&m.coverage, country)) {
            return Some(around.points.get(&key).copied().unwrap_or_default());
        }
        evidence.counts.is_quiet(country, month).then_some([0; 3])
    };
    let [a, b] = sides;
    let (a, b) = (side(a)?, side(b)?);
    Some([a[0] + b[0], a[1] + b[1], a[2] + b[2]])
}

fn is_west(at: Option<Point>) -> bool {
    at.is_some_and(|p| p.longitude < WEST)
}

fn numbers(row: &CountRow) -> [Option<u32>; 3] {
    [row.deadly, row.events, row.deaths].map(|n| n.and_then(|n| u32::try_from(n).ok()))
}

fn holds(coverage: &[Coverage], country: &str, month: Month) -> bool {
    coverage.iter().any(|c| c.holds(country, month))
}

/// Tables of counts of a kind of area, in the order of precedence.
fn tables(data: &Datasets, kind: AreaKind) -> Vec<(&[Coverage], &[CountRow])> {
    let mut found: Vec<_> = data.counts.iter().filter(|(_, rows)| rows.first().is_some_and(|r| r.area_kind == kind)).filter_map(|(id, rows)| Some((data.manifests.get(id)?, rows))).collect();
    found.sort_by_key(|(manifest, _)| (manifest.precedence, &manifest.id));
    found.into_iter().map(|(manifest, rows)| (manifest.coverage.as_slice(), rows.as_slice())).collect()
}

/// First and last month that tables of these kinds cover; of provinces and crossings also the events.
fn span(data: &Datasets, kinds: &[AreaKind]) -> Option<(Month, Month)> {
    let counts = kinds.iter().flat_map(|kind| tables(data, *kind)).flat_map(|(coverage, _)| coverage.iter());
    let events = data.events.keys().filter_map(|id| data.manifests.get(id)).flat_map(|m| m.coverage.iter()).filter(|_| !kinds.contains(&AreaKind::Admin2));
    let days: Vec<(Date, Date)> = counts.chain(events).filter_map(|c| Some((c.from?.0, c.to?.0))).collect();
    Some((Month::of(days.iter().map(|d| d.0).min()?), Month::of(days.iter().map(|d| d.1).max()?)))
}

/// Everything known today about the time up to the last month.
fn latest<'a>(data: &'a Datasets, resolver: &'a Resolver, last: Month) -> Evidence<'a> {
    Evidence::new(data, resolver, AsOf { day: last.last_day(), hindsight: true })
}

/// By origin what its releases said, from the first origin at which they reach back over a warm-up.
fn vintages(data: &Datasets, resolver: &Resolver, (first, last): (Month, Month), grid: impl Fn(&Evidence<'_>) -> Grid + Sync) -> BTreeMap<Month, Grid> {
    use rayon::prelude::*;
    let published: BTreeSet<Month> = data.manifests.values().flat_map(|m| m.coverage.iter()).map(|c| Month::of(c.published.0)).collect();
    let Some(start) = published.first().copied() else { return BTreeMap::new() };
    let origins: Vec<Month> = (start.0.max(first.0 + VINTAGE_MONTHS)..=last.0 + 1).map(Month).collect();
    origins
        .into_par_iter()
        .filter_map(|origin| {
            let evidence = Evidence::new(data, resolver, AsOf { day: origin.last_day(), hindsight: false });
            let grid = grid(&evidence);
            reaches_back(&grid, origin).then_some((origin, grid))
        })
        .collect()
}

/// Whether, of some unit, every month of a warm-up before the origin's last known one is in the releases.
fn reaches_back(grid: &Grid, origin: Month) -> bool {
    grid.deadly.iter().any(|row| {
        let known = |month: i32| usize::try_from(month - grid.first.0).ok().and_then(|c| row.get(c)).is_some_and(Option::is_some);
        (origin.0 - VINTAGE_MONTHS..origin.0 - 2).all(known)
    })
}
