//! Puts the units on a plane for the map.

use geo::{LineString, MultiPolygon};

use super::model::{HotSpots, MapArea, MapCircle, MapPoint, MapSheet};
use crate::geo::Point;
use crate::edition::Edition;
use crate::say;
use crate::text::{Arg, days_between};

/// Kilometres per degree of latitude on the sphere of 6,371 km.
const KM_PER_DEGREE: f64 = 111.195;

/// Degrees of longitude and latitude around the scored units.
const MARGIN: f64 = 0.4;

/// An equirectangular plane around the scored units, true to scale at its middle latitude.
struct Plane {
    west: f64,
    south: f64,
    shrink: f64,
}

impl Plane {
    fn place(&self, longitude: f64, latitude: f64) -> [f64; 2] {
        let x = (longitude - self.west) * KM_PER_DEGREE * self.shrink;
        let y = (latitude - self.south) * KM_PER_DEGREE;
        [tenth(x), tenth(y)]
    }

    fn ring(&self, line: &LineString<f64>) -> Vec<[f64; 2]> {
        line.0.iter().map(|c| self.place(c.x, c.y)).collect()
    }

    fn rings(&self, shape: &MultiPolygon<f64>) -> Vec<Vec<[f64; 2]>> {
        shape.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors())).map(|r| self.ring(r)).collect()
    }
}

/// The map's own grid of 100 m, finer than its lines.
fn tenth(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}

/// Smallest radius of a cluster that is drawn, so that one place is seen.
const LEAST_RADIUS_KM: f64 = 12.0;

/// The map of an edition.
pub fn sheet(edition: &Edition<'_>, hot: &HotSpots) -> MapSheet {
    let map = edition.evidence.map;
    let scored = |id: &str| edition.evidence.province(id).is_some_and(|p| p.scored);
    let corners = map
        .provinces
        .iter()
        .filter(|(id, _)| scored(id))
        .flat_map(|(_, area)| area.polygons.iter().flat_map(|p| p.exterior().0.iter().map(|c| (c.x, c.y))))
        .fold(None, |b: Option<[f64; 4]>, (x, y)| {
            let [w, s, e, n] = b.unwrap_or([x, y, x, y]);
            Some([w.min(x), s.min(y), e.max(x), n.max(y)])
        });
    let Some([west, south, east, north]) = corners else { return MapSheet::default() };
    let (west, south, east, north) = (west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN);
    let plane = Plane { west, south, shrink: ((south + north) / 2.0).to_radians().cos() };
    let [width_km, height_km] = plane.place(east, north);
    let class_of = |id: &str| {
        let (ranking, unit) = edition.unit(id)?;
        Some(ranking.framework.classes.name(unit.class?)?.to_owned())
    };
    let inside = |p: Point| p.longitude > west && p.longitude < east && p.latitude > south && p.latitude < north;
    let areas = map
        .provinces
        .iter()
        .filter_map(|(id, shape)| {
            let province = edition.evidence.province(id)?;
            let visible = shape.polygons.iter().any(|p| p.exterior().0.iter().any(|c| inside(Point { longitude: c.x, latitude: c.y })));
            visible.then(|| MapArea {
                unit: id.clone(),
                name: province.name.clone(),
                class: class_of(id),
                scored: province.scored,
                hot: hot.provinces.iter().find(|h| h.unit == *id).map(|h| h.may_be_chance),
                rings: plane.rings(&shape.polygons),
            })
        })
        .collect();
    let borders = map.borders.iter().flat_map(|b| b.line.iter().map(|l| plane.ring(l))).collect();
    let crossings = edition
        .crossings
        .units
        .iter()
        .filter_map(|u| {
            let crate::evidence::Unit::Crossing(c) = u.unit else { return None };
            Some(MapPoint { unit: c.id.clone(), name: c.name.clone(), class: class_of(&c.id), at: plane.place(c.at.longitude, c.at.latitude) })
        })
        .collect();
    let attack = &edition.provinces.framework.attack;
    let attacks = edition
        .evidence
        .events
        .iter()
        .filter(|e| e.has_point() && e.is_deadly() && attack.holds_for_event(&e.now) && days_between(e.now.date, edition.as_of.day) <= 365)
        .filter_map(|e| e.now.at.filter(|p| inside(*p)).map(|p| plane.place(p.longitude, p.latitude)))
        .collect();
    let clusters = hot
        .clusters
        .iter()
        .map(|c| MapCircle {
            at: plane.place(c.longitude, c.latitude),
            radius_km: tenth(c.radius_km.max(LEAST_RADIUS_KM)),
            title: say!("report.cluster_title", n = c.events, expected = Arg::Number(c.expected, 1), from = c.from.as_str(), to = c.to.as_str(), place = &c.place),
            may_be_chance: c.may_be_chance,
        })
        .collect();
    MapSheet { width_km, height_km, areas, borders, crossings, attacks, clusters }
}
