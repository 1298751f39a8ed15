//! Where units, borders and events lie, and how far they are from one another. No statistics.
//!
//! Distances are geodesic on WGS 84 and in kilometres. A distance to a border is to the line,
//! not to a vertex of it. Natural Earth's lines lie up to 3 km off the official ones here.

mod contiguity;
mod locator;

use std::collections::BTreeMap;

pub use locator::Locator;

use geo::{
    BoundingRect, Closest, Contains, Distance, Geodesic, Haversine, HaversineClosestPoint, Line, LinesIter, MultiLineString,
    MultiPolygon, Rect,
};

/// Longitude and latitude in degrees, WGS 84.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub longitude: f64,
    pub latitude: f64,
}

/// The shapes of provinces and of the land borders between countries.
#[derive(Clone, Debug, Default)]
pub struct Map {
    /// Shape of each province.
    pub provinces: BTreeMap<String, Area>,
    /// Line between two countries, which are in alphabetical order.
    pub borders: Vec<Border>,
}

/// The shape of a province.
#[derive(Clone, Debug)]
pub struct Area {
    pub polygons: MultiPolygon<f64>,
    outline: Segments,
}

/// The land border between two countries (ISO 3166-1 alpha-3, in alphabetical order).
#[derive(Clone, Debug)]
pub struct Border {
    pub countries: [String; 2],
    pub line: MultiLineString<f64>,
    segments: Segments,
}

/// Geodesic distance between two points, in km (Karney 2013, as in GeographicLib).
pub fn distance_km(a: Point, b: Point) -> f64 {
    Geodesic.distance(to_geo(a), to_geo(b)) / 1000.0
}

/// The geodesic distance if it is at most `limit_km`, else none.
///
/// One degree of latitude is at least 110.5 km, so points that are farther apart in latitude alone
/// need no geodesic. Most pairs are.
pub fn distance_within_km(a: Point, b: Point, limit_km: f64) -> Option<f64> {
    if (a.latitude - b.latitude).abs() * 110.5 > limit_km {
        return None;
    }
    let widest = a.latitude.abs().max(b.latitude.abs()).min(89.0);
    let apart = (a.longitude - b.longitude).abs();
    // On the sphere d >= cos(latitude) * 2 sin(apart / 2) for the latitude farther from the equator,
    // and 2 sin(x / 2) >= 0.98 x below 30 degrees; 0.9 leaves room for the ellipsoid.
    if apart < 30.0 && apart * 110.5 * widest.to_radians().cos() * 0.9 > limit_km {
        return None;
    }
    Some(distance_km(a, b)).filter(|km| *km <= limit_km)
}

impl Area {
    pub fn new(polygons: MultiPolygon<f64>) -> Self {
        Self { outline: Segments::new(polygons.lines_iter()), polygons }
    }
}

impl Border {
    pub fn new(countries: [String; 2], line: MultiLineString<f64>) -> Self {
        Self { countries, segments: Segments::new(line.lines_iter()), line }
    }

    /// Distance from a point to the nearest point of the line, in km; none for an empty line.
    pub fn distance_km(&self, from: Point) -> Option<f64> {
        self.segments.nearest_km(from)
    }
}

impl Map {
    /// Distance from a point to the nearest international border of a country, with the neighbour's code.
    pub fn nearest_border(&self, country: &str, from: Point) -> Option<(f64, &str)> {
        self.borders_of(country)
            .filter_map(|(border, neighbour)| Some((border.distance_km(from)?, neighbour)))
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)))
    }

    /// The borders of a country, each with the neighbour's code.
    pub fn borders_of<'a>(&'a self, country: &str) -> impl Iterator<Item = (&'a Border, &'a str)> {
        let country = country.to_owned();
        self.borders.iter().filter_map(move |border| match &border.countries {
            [a, b] if *a == country => Some((border, b.as_str())),
            [a, b] if *b == country => Some((border, a.as_str())),
            _ => None,
        })
    }

    /// Distance from a point to a province, in km: 0 inside it, none where the province has no shape.
    ///
    /// Points whose distance to the province's bounding box is above `limit_km` give none at once.
    pub fn distance_to_province_km(&self, province: &str, from: Point, limit_km: f64) -> Option<f64> {
        let area = self.provinces.get(province)?;
        if area.outline.km_at_least(from) > limit_km {
            return None;
        }
        if area.polygons.contains(&to_geo(from)) {
            return Some(0.0);
        }
        area.outline.nearest_km(from)
    }
}

/// Straight pieces of an outline or of a border, and the box around them.
#[derive(Clone, Debug)]
struct Segments {
    lines: Vec<Line<f64>>,
    bounds: Option<Rect<f64>>,
}

impl Segments {
    fn new(lines: impl Iterator<Item = Line<f64>>) -> Self {
        let lines: Vec<Line<f64>> = lines.collect();
        let bounds = lines.iter().map(BoundingRect::bounding_rect).reduce(|a, b| {
            let (low, high) = ((a.min(), b.min()), (a.max(), b.max()));
            Rect::new((low.0.x.min(low.1.x), low.0.y.min(low.1.y)), (high.0.x.max(high.1.x), high.0.y.max(high.1.y)))
        });
        Self { lines, bounds }
    }

    /// A distance in km that no segment falls short of.
    ///
    /// One degree of latitude is at least 110.5 km; of longitude that times the cosine of the latitude, on the
    /// segments or at the point, where it is least. On the sphere the way may bend towards the pole: 0.9 leaves room for it.
    fn km_at_least(&self, from: Point) -> f64 {
        let Some(bounds) = self.bounds else { return f64::INFINITY };
        let (low, high) = (bounds.min(), bounds.max());
        let outside = |x: f64, low: f64, high: f64| (low - x).max(x - high).max(0.0);
        let farthest = from.latitude.abs().max(low.y.abs()).max(high.y.abs()).min(89.0);
        let north = outside(from.latitude, low.y, high.y);
        let east = outside(from.longitude, low.x, high.x) * farthest.to_radians().cos();
        0.9 * 110.5 * north.max(east)
    }

    /// Geodesic distance to the nearest point of the segments, in km; none without segments.
    ///
    /// The nearest point is sought on the sphere, which takes a dozen sines a segment. On a plane it takes
    /// one, and tells which few segments can hold it.
    fn nearest_km(&self, from: Point) -> Option<f64> {
        let here = to_geo(from);
        let flat: Vec<(f64, f64)> = self.lines.iter().map(|s| flat_km(from, s)).collect();
        let best = flat.iter().map(|(km, slack)| km + slack).min_by(f64::total_cmp)?;
        // Within 2,000 km the plane is right to 2 % up to 60 degrees of latitude.
        let limit = if best < 2000.0 && from.latitude.abs() < 60.0 { 1.02 * best + 0.1 } else { f64::INFINITY };
        self.lines
            .iter()
            .zip(&flat)
            .filter(|(_, (km, slack))| km - slack <= limit)
            .filter_map(|(s, _)| match s.haversine_closest_point(&here) {
                Closest::Intersection(p) | Closest::SinglePoint(p) => Some((Haversine.distance(here, p), p)),
                Closest::Indeterminate => None,
            })
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, p)| Geodesic.distance(here, p) / 1000.0)
    }
}

/// Distance from a point to a segment in km on a plane, and how far the great circle may bend away from it.
///
/// A degree of longitude is taken where it is half way to the middle of the segment. A great circle of
/// length l lies at most l² tan(latitude) / 8R off the straight line, R = 6371 km: below l² / 29,000 up to 60 degrees.
fn flat_km(from: Point, segment: &Line<f64>) -> (f64, f64) {
    const DEGREE_KM: f64 = 111.195;
    let middle = (2.0 * from.latitude + segment.start.y + segment.end.y) / 4.0;
    let east = middle.to_radians().cos();
    let plane = |c: geo::Coord<f64>| ((c.x - from.longitude) * east * DEGREE_KM, (c.y - from.latitude) * DEGREE_KM);
    let (a, b) = (plane(segment.start), plane(segment.end));
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let squared = dx * dx + dy * dy;
    let along = if squared > 0.0 { (-(a.0 * dx + a.1 * dy) / squared).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (a.0 + along * dx, a.1 + along * dy);
    ((x * x + y * y).sqrt(), squared / 29_000.0)
}

fn to_geo(p: Point) -> geo::Point<f64> {
    geo::Point::new(p.longitude, p.latitude)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{LineString, MultiLineString};

    /// A coast of 400 pieces, 8 degrees wide, and points all around it: nothing that is passed over was nearer.
    #[test]
    fn no_segment_that_is_passed_over_is_nearer() {
        let bend = |i: i32| (f64::from(i) * 0.02 - 12.0, 14.0 + (f64::from(i) * 0.7).sin() * 0.3 + (f64::from(i) * 0.05).cos());
        let line = MultiLineString::new(vec![(0..=400).map(bend).collect::<LineString<f64>>()]);
        let border = Border::new(["MLI".into(), "SEN".into()], line.clone());
        for i in 0..600 {
            let from = Point { longitude: -14.0 + f64::from(i % 30) * 0.41, latitude: 8.0 + f64::from(i / 30) * 0.53 };
            let here = to_geo(from);
            let all = line.lines_iter().filter_map(|s| match s.haversine_closest_point(&here) {
                Closest::Intersection(p) | Closest::SinglePoint(p) => Some(p),
                Closest::Indeterminate => None,
            });
            let nearest = all.min_by(|a, b| Haversine.distance(here, *a).total_cmp(&Haversine.distance(here, *b)));
            let expected = nearest.map(|p| Geodesic.distance(here, p) / 1000.0);
            assert_eq!(border.distance_km(from), expected, "{from:?}");
        }
    }

    #[test]
    fn an_empty_border_has_no_distance() {
        let border = Border::new(["MLI".into(), "SEN".into()], MultiLineString::new(vec![]));
        assert_eq!(border.distance_km(Point { longitude: -12.0, latitude: 14.0 }), None);
    }
}
