//! Which of many areas holds a point, for many points.

use super::{Area, Point};

/// Cells of the grid in each direction.
const CELLS: usize = 512;
/// A band of an area's edges holds about so many.
const PER_BAND: usize = 4;

/// An index over areas that tells in which of them a point lies.
///
/// A grid over all areas knows for each of its cells whether it lies in one area as a whole; only a point
/// in a cell that a boundary touches is tried against edges, and only against those at its latitude.
///
/// # Shared borders
/// An area holds its southern and western edges, not its northern and eastern ones, so that a point on an edge
/// that two areas share vertex by vertex lies in exactly one of them. Where areas overlap, the first holds the point.
#[derive(Clone, Debug, Default)]
pub struct Locator {
    areas: Vec<Bands>,
    x: Axis,
    y: Axis,
    cells: Vec<Cell>,
}

/// What the grid knows of a cell.
#[derive(Clone, Debug, Default)]
enum Cell {
    #[default]
    Outside,
    /// The cell lies in an area as a whole.
    Inside(u32),
    /// Areas to try in their order; those with `true` hold the whole cell.
    Mixed(Vec<(u32, bool)>),
}

/// A stretch of one coordinate, cut into equal parts. The part of a value never falls as the value grows.
#[derive(Clone, Copy, Debug, Default)]
struct Axis {
    low: f64,
    high: f64,
    parts: usize,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64>, parts: usize) -> Self {
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        Self { low, high, parts: parts.max(1) }
    }

    /// The part that holds a value; none outside the stretch.
    fn part(&self, value: f64) -> Option<usize> {
        let along = (value - self.low) / (self.high - self.low).max(f64::MIN_POSITIVE) * self.parts as f64;
        (value >= self.low && value <= self.high).then(|| (along as usize).min(self.parts.saturating_sub(1)))
    }

    /// The parts that a stretch touches.
    fn range(&self, a: f64, b: f64) -> std::ops::RangeInclusive<usize> {
        let part = |v: f64| self.part(v.clamp(self.low, self.high)).unwrap_or_default();
        part(a.min(b))..=part(a.max(b))
    }

    fn start(&self, part: usize) -> f64 {
        self.low + part as f64 / self.parts as f64 * (self.high - self.low)
    }

    fn middle(&self, part: usize) -> f64 {
        self.low + (part as f64 + 0.5) / self.parts as f64 * (self.high - self.low)
    }
}

/// A piece of an outline from its southern end to its northern one. Both areas beside it see the same numbers.
#[derive(Clone, Copy, Debug)]
struct Edge {
    south: (f64, f64),
    north: (f64, f64),
}

/// The edges of an area, those that reach into each band of latitude together.
#[derive(Clone, Debug)]
struct Bands {
    y: Axis,
    /// By band its first place in `edges`, and the end.
    starts: Vec<usize>,
    edges: Vec<Edge>,
}

impl Bands {
    fn new(all: &[Edge]) -> Self {
        let y = Axis::over(all.iter().flat_map(|e| [e.south.1, e.north.1]), all.len() / PER_BAND);
        let mut bands: Vec<Vec<Edge>> = vec![Vec::new(); y.parts];
        // A level edge decides nothing.
        for edge in all.iter().filter(|e| e.south.1 < e.north.1) {
            let touched = y.range(edge.south.1, edge.north.1);
            bands.iter_mut().take(touched.end() + 1).skip(*touched.start()).for_each(|band| band.push(*edge));
        }
        let mut starts = vec![0];
        for band in &bands {
            starts.push(starts.last().copied().unwrap_or_default() + band.len());
        }
        Self { y, starts, edges: bands.into_iter().flatten().collect() }
    }

    /// Whether the area holds a point: an odd number of edges lie east of it.
    fn hold(&self, x: f64, y: f64) -> bool {
        let Some(band) = self.y.part(y) else { return false };
        let (Some(from), Some(to)) = (self.starts.get(band), self.starts.get(band + 1)) else { return false };
        let edges = self.edges.get(*from..*to).unwrap_or_default();
        edges.iter().filter(|e| e.south.1 <= y && y < e.north.1 && x < e.at(y)).count() % 2 == 1
    }
}

impl Edge {
    /// Longitudes of the ends of what lies between two latitudes.
    fn between(&self, low: f64, high: f64) -> (f64, f64) {
        if self.south.1 < self.north.1 {
            (self.at(low.max(self.south.1)), self.at(high.min(self.north.1)))
        } else {
            (self.south.0, self.north.0)
        }
    }

    /// Longitude of the edge at a latitude.
    fn at(&self, y: f64) -> f64 {
        self.south.0 + (y - self.south.1) * (self.north.0 - self.south.0) / (self.north.1 - self.south.1)
    }
}

impl Locator {
    /// An index over areas; [`locate`](Self::locate) tells their place in this order.
    pub fn new<'a>(areas: impl IntoIterator<Item = &'a Area>) -> Self {
        let edges: Vec<Vec<Edge>> = areas.into_iter().map(edges).collect();
        let all = || edges.iter().flatten();
        let mut grid = Self {
            x: Axis::over(all().flat_map(|e| [e.south.0, e.north.0]), CELLS),
            y: Axis::over(all().flat_map(|e| [e.south.1, e.north.1]), CELLS),
            areas: edges.iter().map(|e| Bands::new(e)).collect(),
            cells: vec![Cell::Outside; CELLS * CELLS],
        };
        if all().next().is_none() {
            return Self::default();
        }
        for (i, own) in edges.iter().enumerate().filter(|(_, own)| !own.is_empty()) {
            grid.enter(i, own);
        }
        grid
    }

    /// Tells the cells that an area touches or fills.
    fn enter(&mut self, area: usize, edges: &[Edge]) {
        let reach = |of: fn(&Edge) -> [f64; 2]| {
            let both = edges.iter().flat_map(of);
            both.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
        };
        let (west, east) = reach(|e| [e.south.0, e.north.0]);
        let (south, north) = reach(|e| [e.south.1, e.north.1]);
        let (columns, rows) = (self.x.range(west, east), self.y.range(south, north));
        let wide = columns.end() - columns.start() + 1;
        let mut touched = vec![false; wide * (rows.end() - rows.start() + 1)];
        for edge in edges {
            for row in self.y.range(edge.south.1, edge.north.1) {
                // The stretch of the edge in this row, and a cell more on both sides against rounding.
                let (a, b) = edge.between(self.y.start(row), self.y.start(row + 1));
                let own = self.x.range(a, b);
                for column in own.start().saturating_sub(1).max(*columns.start())..=(own.end() + 1).min(*columns.end()) {
                    if let Some(cell) = touched.get_mut((row - rows.start()) * wide + column - columns.start()) {
                        *cell = true;
                    }
                }
            }
        }
        let Some(bands) = self.areas.get(area) else { return };
        for (k, touched) in touched.into_iter().enumerate() {
            let (row, column) = (rows.start() + k / wide, columns.start() + k % wide);
            let filled = !touched && bands.hold(self.x.middle(column), self.y.middle(row));
            if (touched || filled) && let Some(cell) = self.cells.get_mut(row * CELLS + column) {
                cell.add(area as u32, filled);
            }
        }
    }

    /// The area that holds a point, as its place in the order given; none outside all areas.
    pub fn locate(&self, at: Point) -> Option<usize> {
        let (x, y) = (at.longitude, at.latitude);
        let place = self.y.part(y)? * CELLS + self.x.part(x)?;
        let found = match self.cells.get(place)? {
            Cell::Outside => None,
            Cell::Inside(area) => Some(*area),
            Cell::Mixed(areas) => {
                let holds = |(area, whole): &&(u32, bool)| *whole || self.areas.get(*area as usize).is_some_and(|a| a.hold(x, y));
                areas.iter().find(holds).map(|(area, _)| *area)
            }
        };
        found.map(|area| area as usize)
    }
}

impl Cell {
    fn add(&mut self, area: u32, whole: bool) {
        match self {
            Self::Outside if whole => *self = Self::Inside(area),
            Self::Outside => *self = Self::Mixed(vec![(area, false)]),
            // The first area holds all of it already.
            Self::Inside(_) => {}
            Self::Mixed(areas) => areas.push((area, whole)),
        }
    }
}

/// The edges of an area.
fn edges(area: &Area) -> Vec<Edge> {
    use geo::LinesIter;
    let lines = area.polygons.lines_iter().map(|l| ((l.start.x, l.start.y), (l.end.x, l.end.y)));
    lines.map(|(a, b)| if a.1 <= b.1 { Edge { south: a, north: b } } else { Edge { south: b, north: a } }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Contains, LineString, MultiPolygon, Polygon};

    fn area(rings: Vec<Vec<(f64, f64)>>) -> Area {
        let mut rings = rings.into_iter().map(LineString::from);
        let outer = rings.next().expect("a ring");
        Area::new(MultiPolygon(vec![Polygon::new(outer, rings.collect())]))
    }

    fn at(longitude: f64, latitude: f64) -> Point {
        Point { longitude, latitude }
    }

    /// Wavy tiles that share their lines vertex by vertex, one of them with a hole.
    fn tiles() -> Vec<Area> {
        let bend = |x: f64, y: f64| (x + (y * 3.7).sin() * 0.2, y + (x * 2.9).cos() * 0.2);
        let mut areas = Vec::new();
        for row in 0..6 {
            for column in 0..6 {
                // On a grid of whole numbers, so that neighbours have the same vertices to the bit.
                let side = |from: (i32, i32), to: (i32, i32)| {
                    (0..20).map(move |k| bend(f64::from(from.0 * (20 - k) + to.0 * k) / 20.0, f64::from(from.1 * (20 - k) + to.1 * k) / 20.0))
                };
                let corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)];
                let mut ring: Vec<(f64, f64)> = (0..4).flat_map(|k| side(corners[k], corners[(k + 1) % 4])).collect();
                ring.push(ring[0]);
                let mut rings = vec![ring];
                if row == 2 && column == 2 {
                    let c = bend(2.5, 2.5);
                    rings.push([(-0.1, -0.1), (0.0, 0.15), (0.1, -0.1), (-0.1, -0.1)].map(|(dx, dy)| (c.0 + dx, c.1 + dy)).to_vec());
                }
                areas.push(area(rings));
            }
        }
        areas
    }

    #[test]
    fn it_finds_what_trying_every_area_finds() {
        let areas = tiles();
        let locator = Locator::new(&areas);
        let mut found = 0;
        for i in 0..40_000_u32 {
            let (x, y) = (f64::from(i % 200) * 0.0371 - 0.7, f64::from(i / 200) * 0.0379 - 0.7);
            let tried = areas.iter().position(|a| a.polygons.contains(&geo::Point::new(x, y)));
            assert_eq!(locator.locate(at(x, y)), tried, "{x} {y}");
            found += usize::from(tried.is_some());
        }
        assert!((20_000..35_000).contains(&found), "{found}");
    }

    #[test]
    fn a_point_on_a_shared_border_is_in_exactly_one_area() {
        let square = |x: f64, y: f64| area(vec![vec![(x, y), (x + 1.0, y), (x + 1.0, y + 1.0), (x, y + 1.0), (x, y)]]);
        let areas: Vec<Area> = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)].map(|(x, y)| square(x, y)).to_vec();
        let alone: Vec<Locator> = areas.iter().map(|a| Locator::new([a])).collect();
        let together = Locator::new(&areas);
        for (x, y) in [(1.0, 0.5), (0.5, 1.0), (1.0, 1.0), (1.0, 1.5), (1.5, 1.0), (0.0, 0.0), (1.0, 0.0)] {
            let holders: Vec<usize> = alone.iter().enumerate().filter(|(_, l)| l.locate(at(x, y)).is_some()).map(|(i, _)| i).collect();
            assert_eq!(holders.len(), 1, "{x} {y}: {holders:?}");
            assert_eq!(together.locate(at(x, y)), holders.first().copied());
        }
        // Slanted lines, where the crossing is a rounded number.
        let areas = tiles();
        let alone: Vec<Locator> = areas.iter().map(|a| Locator::new([a])).collect();
        for ring in areas.iter().skip(7).take(4).map(|a| &a.polygons.0[0].exterior().0) {
            for pair in ring.windows(2) {
                for t in [0.0, 0.25, 0.5, 0.875] {
                    let p = at(pair[0].x + t * (pair[1].x - pair[0].x), pair[0].y + t * (pair[1].y - pair[0].y));
                    assert_eq!(alone.iter().filter(|l| l.locate(p).is_some()).count(), 1, "{p:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_lies_in_no_areas() {
        assert_eq!(Locator::new([]).locate(at(0.0, 0.0)), None);
        let locator = Locator::new(&[area(vec![vec![(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)]])]);
        assert_eq!(locator.locate(at(f64::NAN, 0.5)), None);
        assert_eq!(locator.locate(at(200.0, 0.5)), None);
        assert_eq!(locator.locate(at(0.9, 0.5)), Some(0));
    }
}
