//! From rings as a file has them to valid polygons: what is broken is repaired, or the unit refused.

use geo::line_intersection::{LineIntersection, line_intersection};
use geo::orient::{Direction, Orient};
use geo::winding_order::Winding;
use geo::coordinate_position::{CoordPos, CoordinatePosition};
use geo::{Area, BooleanOps, BoundingRect, Coord, Line, LineString, MultiPolygon, Polygon};

use super::layer::{Ring, Shape};

/// Decimals of a degree that are kept: a tenth of a metre.
const DECIMALS: f64 = 1e6;

/// Cells that edges may lie in, pairs of edges in a cell, and crossings: so many, and this many more an edge.
const MOST_CELLS: usize = 1 << 20;
const CELLS_AN_EDGE: usize = 64;
const MOST_PAIRS: usize = 1 << 24;
const PAIRS_AN_EDGE: usize = 1 << 10;
const MOST_CROSSINGS: usize = 1 << 12;
const CROSSINGS_AN_EDGE: usize = 8;
/// Rings of a shapefile's unit, of which each is held against each other.
const MOST_RINGS: usize = 50_000;

/// What was done to the rings of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Repair {
    Closed,
    Dropped,
    Turned,
    Untangled,
}

impl Repair {
    pub fn text(self) -> &'static str {
        match self {
            Self::Closed => "rings did not end where they begin: closed",
            Self::Dropped => "rings of fewer than three corners: left out",
            Self::Turned => "rings ran the wrong way: turned",
            Self::Untangled => "rings touched or crossed themselves: cut at the crossings (even-odd rule)",
        }
    }
}

/// Valid polygons of a shape in degrees, outer rings counter-clockwise, and what was repaired.
///
/// # Errors
/// Why the unit cannot be used: no area, a position that is no number or not on Earth.
pub fn polygons(shape: &Shape) -> Result<(MultiPolygon<f64>, Vec<Repair>), String> {
    let mut repairs = Vec::new();
    let raw = match shape {
        Shape::None => return Err("has no shape".into()),
        Shape::Other(kind) => return Err(format!("is {kind}, not an area")),
        Shape::Polygons(polygons) => {
            let cleaned = polygons.iter().map(|rings| rings.iter().map(|r| clean(r, &mut repairs)).collect::<Result<Vec<_>, _>>());
            let cleaned: Vec<Vec<Option<LineString<f64>>>> = cleaned.collect::<Result<_, String>>()?;
            let whole = cleaned.into_iter().filter_map(|rings| {
                let mut rings = rings.into_iter();
                // Without its outer ring a polygon is nothing.
                let outer = rings.next().flatten()?;
                Some(Polygon::new(outer, rings.flatten().collect()))
            });
            MultiPolygon(whole.collect())
        }
        Shape::Rings(rings) => {
            let cleaned: Vec<Option<LineString<f64>>> = rings.iter().map(|r| clean(r, &mut repairs)).collect::<Result<_, _>>()?;
            let rings: Vec<LineString<f64>> = cleaned.into_iter().flatten().collect();
            if rings.len() > MOST_RINGS {
                return Err(format!("has more than {MOST_RINGS} rings"));
            }
            nested(rings)
        }
    };
    let wrong = |p: &Polygon<f64>| p.exterior().is_cw() || p.interiors().iter().any(LineString::is_ccw);
    if matches!(shape, Shape::Polygons(_)) && raw.iter().any(wrong) {
        repairs.push(Repair::Turned);
    }
    let whole = if tangled(&raw)? {
        repairs.push(Repair::Untangled);
        rounded(&raw.union(&MultiPolygon(Vec::new())))
    } else {
        raw
    };
    if whole.unsigned_area() <= 0.0 {
        return Err("has no area".into());
    }
    repairs.sort_unstable();
    repairs.dedup();
    Ok((whole.orient(Direction::Default), repairs))
}

/// A closed ring of at least three corners; none if it has fewer.
fn clean(ring: &Ring, repairs: &mut Vec<Repair>) -> Result<Option<LineString<f64>>, String> {
    let mut points: Vec<Coord<f64>> = Vec::with_capacity(ring.len());
    for [x, y] in ring {
        if !(x.is_finite() && y.is_finite()) {
            return Err("has a position that is no number".into());
        }
        let at = rounded_at(Coord { x: *x, y: *y });
        if at.x.abs() > 180.0 || at.y.abs() > 90.0 {
            return Err(format!("has a position outside the world ({x}, {y})"));
        }
        if points.last() != Some(&at) {
            points.push(at);
        }
    }
    if points.len() > 1 && points.first() == points.last() {
        points.pop();
    } else if points.len() > 2 {
        repairs.push(Repair::Closed);
    }
    if points.len() < 3 {
        repairs.push(Repair::Dropped);
        return Ok(None);
    }
    points.extend(points.first().copied());
    Ok(Some(LineString(points)))
}

fn rounded_at(c: Coord<f64>) -> Coord<f64> {
    // Adding zero makes a negative zero positive.
    let round = |v: f64| (v * DECIMALS).round() / DECIMALS + 0.0;
    Coord { x: round(c.x), y: round(c.y) }
}

fn rounded(polygons: &MultiPolygon<f64>) -> MultiPolygon<f64> {
    let ring = |r: &LineString<f64>| {
        let mut points: Vec<Coord<f64>> = r.0.iter().copied().map(rounded_at).collect();
        points.dedup();
        LineString(points)
    };
    let fine = |r: &LineString<f64>| r.0.len() > 3;
    let polygon = |p: &Polygon<f64>| Polygon::new(ring(p.exterior()), p.interiors().iter().map(ring).filter(fine).collect());
    MultiPolygon(polygons.iter().map(polygon).filter(|p| fine(p.exterior())).collect())
}

/// Rings into polygons: one that lies in an odd number of others is a hole of the smallest of them.
fn nested(rings: Vec<LineString<f64>>) -> MultiPolygon<f64> {
    let alone: Vec<Polygon<f64>> = rings.iter().map(|r| Polygon::new(r.clone(), Vec::new())).collect();
    let boxes: Vec<_> = rings.iter().map(BoundingRect::bounding_rect).collect();
    let around = |i: usize| -> Vec<usize> {
        let inside = |j: &usize| {
            let (Some(Some(own)), Some(Some(other)), Some(outer)) = (boxes.get(i), boxes.get(*j), alone.get(*j)) else { return false };
            let within = other.min().x <= own.min().x && other.min().y <= own.min().y && other.max().x >= own.max().x && other.max().y >= own.max().y;
            // A vertex that lies on the other ring tells nothing.
            let side = |c: &Coord<f64>| match outer.coordinate_position(c) {
                CoordPos::Inside => Some(true),
                CoordPos::Outside => Some(false),
                CoordPos::OnBoundary => None,
            };
            *j != i && within && rings.get(i).and_then(|r| r.0.iter().find_map(side)).unwrap_or(false)
        };
        (0..rings.len()).filter(inside).collect()
    };
    let parents: Vec<Vec<usize>> = (0..rings.len()).map(around).collect();
    let is_hole = |i: usize| parents.get(i).is_some_and(|p| p.len() % 2 == 1);
    let outers = (0..rings.len()).filter(|i| !is_hole(*i));
    let owner = |i: usize| parents.get(i)?.iter().copied().filter(|j| !is_hole(*j)).max_by_key(|j| parents.get(*j).map(Vec::len));
    let polygon = |i: usize| {
        let holes = (0..rings.len()).filter(|j| is_hole(*j) && owner(*j) == Some(i)).filter_map(|j| rings.get(j).cloned());
        Some(Polygon::new(rings.get(i)?.clone(), holes.collect()))
    };
    MultiPolygon(outers.filter_map(polygon).collect())
}

/// An edge with its ring, its place there, and how many the ring has.
struct Edge {
    line: Line<f64>,
    ring: usize,
    place: usize,
    of: usize,
}

/// Whether edges cross, run along one another, or touch an edge of the same ring that is not next to them.
///
/// Edges are compared only with those in the same cells of a grid that has about as many cells as edges.
///
/// # Errors
/// Too many long edges, edges in one place, or crossings: what honest borders never have would take hours.
fn tangled(polygons: &MultiPolygon<f64>) -> Result<bool, String> {
    let rings = polygons.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
    let edges: Vec<Edge> =
        rings.enumerate().flat_map(|(ring, r)| r.lines().enumerate().map(move |(place, line)| Edge { line, ring, place, of: r.0.len() - 1 })).collect();
    let Some(bounds) = polygons.bounding_rect() else { return Ok(false) };
    let crowded = || Err("has too many edges that run across it or cross".to_owned());
    let parts = (edges.len() as f64).sqrt().ceil().clamp(1.0, 2000.0);
    let part = |v: f64, low: f64, size: f64| ((v - low) / size.max(f64::MIN_POSITIVE) * parts).clamp(0.0, parts - 1.0) as u32;
    let mut cells: Vec<(u32, u32, u32)> = Vec::new();
    for (i, edge) in edges.iter().enumerate() {
        let line = edge.line;
        let (low, high) = (line.start.y.min(line.end.y), line.start.y.max(line.end.y));
        let row = |y: f64| part(y, bounds.min().y, bounds.height());
        for own in row(low)..=row(high) {
            // The stretch of the edge in this row, and a cell more on both sides against rounding.
            let edge_of = |k: u32| (bounds.min().y + f64::from(k) / parts * bounds.height()).clamp(low, high);
            let at = |y: f64| line.start.x + (y - line.start.y) / line.dy() * line.dx();
            let (a, b) = if high > low { (at(edge_of(own)), at(edge_of(own + 1))) } else { (line.start.x, line.end.x) };
            let column = |x: f64| part(x, bounds.min().x, bounds.width());
            let (first, last) = (column(a.min(b)).saturating_sub(1), column(a.max(b)) + 1);
            cells.extend((first..=last).map(|column| (own, column, i as u32)));
        }
        if cells.len() > MOST_CELLS + CELLS_AN_EDGE * edges.len() {
            return crowded();
        }
    }
    cells.sort_unstable();
    let there = || cells.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1));
    if there().map(|cell| cell.len() * cell.len() / 2).sum::<usize>() > MOST_PAIRS + PAIRS_AN_EDGE * edges.len() {
        return crowded();
    }
    let at = |k: &(u32, u32, u32)| edges.get(k.2 as usize);
    let mut crossings = 0;
    for cell in there() {
        for (i, a) in cell.iter().enumerate() {
            crossings += cell.iter().skip(i + 1).filter(|b| at(a).zip(at(b)).is_some_and(|(a, b)| clash(a, b))).count();
        }
        if crossings > MOST_CROSSINGS + CROSSINGS_AN_EDGE * edges.len() {
            return crowded();
        }
    }
    Ok(crossings > 0)
}

fn clash(a: &Edge, b: &Edge) -> bool {
    let apart = |a: (f64, f64), b: (f64, f64)| a.0.max(a.1) < b.0.min(b.1) || b.0.max(b.1) < a.0.min(a.1);
    let (p, q) = (a.line, b.line);
    if apart((p.start.x, p.end.x), (q.start.x, q.end.x)) || apart((p.start.y, p.end.y), (q.start.y, q.end.y)) {
        return false;
    }
    let steps = a.place.abs_diff(b.place);
    match line_intersection(p, q) {
        None => false,
        Some(LineIntersection::SinglePoint { is_proper: true, .. }) => true,
        Some(LineIntersection::SinglePoint { .. }) => a.ring == b.ring && steps != 1 && steps + 1 != a.of,
        Some(LineIntersection::Collinear { intersection }) => intersection.start != intersection.end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, size: f64) -> Ring {
        vec![[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]
    }

    fn read(shape: Shape) -> Result<(f64, usize, Vec<Repair>), String> {
        polygons(&shape).map(|(p, repairs)| (p.unsigned_area(), p.0.len(), repairs))
    }

    #[test]
    fn rings_are_repaired_or_refused() {
        let polygon = |rings: Vec<Ring>| read(Shape::Polygons(vec![rings]));
        let hole: Ring = square(1.0, 1.0, 1.0).into_iter().rev().collect();
        assert_eq!(polygon(vec![square(0.0, 0.0, 4.0), hole.clone()]), Ok((15.0, 1, vec![])));
        let open: Ring = square(0.0, 0.0, 4.0).into_iter().take(4).collect();
        assert_eq!(polygon(vec![open]), Ok((16.0, 1, vec![Repair::Closed])));
        assert_eq!(polygon(vec![square(0.0, 0.0, 4.0).into_iter().rev().collect()]), Ok((16.0, 1, vec![Repair::Turned])));
        assert_eq!(polygon(vec![square(0.0, 0.0, 4.0), vec![[1.0, 1.0], [2.0, 2.0], [1.0, 1.0]]]), Ok((16.0, 1, vec![Repair::Dropped])));
        // A bow tie, and two squares that touch in a corner of one ring.
        assert_eq!(polygon(vec![vec![[0.0, 0.0], [2.0, 2.0], [2.0, 0.0], [0.0, 2.0], [0.0, 0.0]]]).map(|r| (r.0, r.1)), Ok((2.0, 2)));
        let touch = vec![[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [2.0, 1.0], [2.0, 2.0], [1.0, 2.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]];
        assert_eq!(polygon(vec![touch]), Ok((2.0, 2, vec![Repair::Untangled])));
        for (ring, why) in [
            (vec![[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]], "has no area"),
            (vec![[0.0, 0.0], [f64::NAN, 0.0], [1.0, 1.0], [0.0, 0.0]], "has a position that is no number"),
            (vec![[0.0, 0.0], [500_000.0, 0.0], [1.0, 1.0], [0.0, 0.0]], "has a position outside the world (500000, 0)"),
        ] {
            assert_eq!(polygon(vec![ring]), Err(why.into()));
        }
        assert_eq!(read(Shape::Other("a Point".into())), Err("is a Point, not an area".into()));
    }

    #[test]
    fn nesting_tells_the_holes_of_a_shapefile() {
        // An island in a lake of a square, and another square, whichever way they run.
        let rings = vec![square(2.0, 2.0, 1.0), square(0.0, 0.0, 5.0), square(1.0, 1.0, 3.0), square(10.0, 0.0, 1.0)];
        let (shape, repairs) = polygons(&Shape::Rings(rings)).expect("it is valid");
        assert_eq!(repairs, []);
        assert_eq!(shape.unsigned_area(), 25.0 - 9.0 + 1.0 + 1.0);
        assert_eq!(shape.iter().map(|p| p.interiors().len()).collect::<Vec<_>>(), [0, 1, 0]);
    }
}
