//! Where the scored units lie.

use geo::algorithm::orient::{Direction, Orient};
use geo::{LineString, Polygon};

use super::model::{Shape, UnitShape};
use crate::edition::Edition;
use crate::evidence::Unit;

/// The shapes of the scored units in the order of the rankings; a unit without boundaries has none.
///
/// Rings close, and run counter-clockwise outside and clockwise around holes.
pub fn shapes(edition: &Edition<'_>) -> Vec<UnitShape> {
    let units = edition.rankings().into_iter().flat_map(|r| r.by_rank());
    let shape = |unit: Unit<'_>| match unit {
        Unit::Province(p) => {
            let area = edition.evidence.map.provinces.get(&p.id)?;
            Some(Shape::Area(area.polygons.orient(Direction::Default).iter().map(rings).collect()))
        }
        Unit::Crossing(c) => Some(Shape::Point([c.at.longitude, c.at.latitude])),
    };
    units.filter_map(|u| Some(UnitShape { unit: u.unit.id().into(), shape: shape(u.unit)? })).collect()
}

fn rings(polygon: &Polygon<f64>) -> Vec<Vec<[f64; 2]>> {
    let ring = |line: &LineString<f64>| line.0.iter().map(|c| [c.x, c.y]).collect();
    std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect()
}
