//! Where units, borders and events lie, and how far they are from one another. No statistics.
//!
//! Distances are geodesic on WGS 84 and in kilometres. A distance to a border is to the line,
//! not to a vertex of it. Natural Earth's lines lie up to 3 km off the official ones here.

use std::collections::BTreeMap;

use geo::{
    BoundingRect, Closest, Contains, Distance, Geodesic, Haversine, HaversineClosestPoint, Line, LinesIter, MultiLineString, MultiPolygon,
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
    /// Polygon of each province.
    pub provinces: BTreeMap<String, MultiPolygon<f64>>,
    /// Line between two countries, which are in alphabetical order.
    pub borders: Vec<Border>,
}

/// The land border between two countries (ISO 3166-1 alpha-3, in alphabetical order).
#[derive(Clone, Debug)]
pub struct Border {
    pub countries: [String; 2],
    pub line: MultiLineString<f64>,
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

impl Border {
    /// Distance from a point to the nearest point of the line, in km; none for an empty line.
    pub fn distance_km(&self, from: Point) -> Option<f64> {
        nearest_km(from, || self.line.lines_iter())
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
        let shape = self.provinces.get(province)?;
        let rect = shape.bounding_rect()?;
        if km_to_box(from, rect.min().x_y(), rect.max().x_y()) > limit_km {
            return None;
        }
        if shape.contains(&to_geo(from)) {
            return Some(0.0);
        }
        nearest_km(from, || shape.lines_iter())
    }

    /// The province that contains a point.
    pub fn province_at(&self, at: Point) -> Option<&str> {
        self.provinces.iter().find(|(_, shape)| shape.contains(&to_geo(at))).map(|(id, _)| id.as_str())
    }
}

/// Geodesic distance from a point to the nearest point of some segments, in km; none without segments.
///
/// The nearest point is sought on the sphere, which takes a dozen sines a segment. Only segments whose
/// box comes nearer than the nearest vertex can hold it, and few do.
fn nearest_km<I: Iterator<Item = Line<f64>>>(from: Point, segments: impl Fn() -> I) -> Option<f64> {
    let here = to_geo(from);
    let east = from.latitude.to_radians().cos();
    let flat = |p: &geo::Point<f64>| ((p.x() - from.longitude) * east).powi(2) + (p.y() - from.latitude).powi(2);
    let vertex = segments().map(|s| s.start_point()).min_by(|a, b| flat(a).total_cmp(&flat(b)))?;
    let reach = Haversine.distance(here, vertex) / 1000.0;
    segments()
        .filter(|s| {
            let low = (s.start.x.min(s.end.x), s.start.y.min(s.end.y));
            let high = (s.start.x.max(s.end.x), s.start.y.max(s.end.y));
            km_to_box(from, low, high) <= reach
        })
        .filter_map(|s| match s.haversine_closest_point(&here) {
            Closest::Intersection(p) | Closest::SinglePoint(p) => Some(p),
            Closest::Indeterminate => None,
        })
        .chain(std::iter::once(vertex))
        .min_by(|a, b| Haversine.distance(here, *a).total_cmp(&Haversine.distance(here, *b)))
        .map(|p| Geodesic.distance(here, p) / 1000.0)
}

/// A distance in km that no point of a box of longitudes and latitudes falls short of.
///
/// One degree of latitude is at least 110.5 km; of longitude that times the cosine of the latitude
/// farthest from the equator. On the sphere the way may bend towards the pole: 0.9 leaves room for it.
fn km_to_box(from: Point, low: (f64, f64), high: (f64, f64)) -> f64 {
    let outside = |x: f64, low: f64, high: f64| (low - x).max(x - high).max(0.0);
    let widest = from.latitude.abs().max(low.1.abs()).max(high.1.abs()).min(89.0);
    let north = outside(from.latitude, low.1, high.1);
    let east = outside(from.longitude, low.0, high.0) * widest.to_radians().cos();
    0.9 * 110.5 * north.max(east)
}

fn to_geo(p: Point) -> geo::Point<f64> {
    geo::Point::new(p.longitude, p.latitude)
}
