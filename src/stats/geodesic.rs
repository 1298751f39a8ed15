//! Positions on the earth and distances between them.

use geo::{Distance, Geodesic, Point};

use super::error::StatsError;

/// Mean radius of the earth in km (WGS 84, `(2a + b)/3`).
pub const MEAN_RADIUS_KM: f64 = 6_371.008_8;
/// Equatorial radius of WGS 84 in km.
const EQUATORIAL_KM: f64 = 6378.137;
/// Squared eccentricity of WGS 84.
const ECCENTRICITY_SQUARED: f64 = 0.006_694_379_990_141_316;

/// A point on the WGS 84 ellipsoid.
///
/// # Units and shape
/// Degrees east and north. Longitudes from −180 to 360 are taken and kept as −180 up to, but not
/// including, 180, so that 181° E and 179° W are one place.
///
/// # Missing and degenerate values
/// A row without coordinates, or with a precision too coarse for a point, has no `Position`.
///
/// # Errors
/// [`StatsError::OutOfRange`] for a latitude beyond ±90, a longitude outside −180 to 360, or a
/// number that is not finite.
///
/// # Source
/// World Geodetic System 1984, NIMA TR8350.2.
///
/// # Example
/// ```
/// use tukhum::stats::geodesic::Position;
/// let kayes = Position::new(-11.43, 14.45)?;
/// let kidira = Position::new(-12.21, 14.46)?;
/// assert!((kayes.distance_km(kidira) - 84.1).abs() < 0.5);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    longitude: f64,
    latitude: f64,
}

impl Position {
    /// Checks both coordinates and wraps the longitude.
    pub fn new(longitude: f64, latitude: f64) -> Result<Self, StatsError> {
        if !(-90.0..=90.0).contains(&latitude) {
            let rule = "must lie between -90 and 90 degrees; longitude comes first";
            return Err(StatsError::OutOfRange {
                what: "latitude",
                value: latitude,
                rule,
            });
        }
        if !(-180.0..=360.0).contains(&longitude) {
            let rule = "must lie between -180 and 360 degrees";
            return Err(StatsError::OutOfRange {
                what: "longitude",
                value: longitude,
                rule,
            });
        }
        let longitude = if longitude >= 180.0 {
            longitude - 360.0
        } else {
            longitude
        };
        Ok(Self {
            longitude,
            latitude,
        })
    }

    /// Degrees east, from −180 up to but not including 180.
    pub fn longitude(&self) -> f64 {
        self.longitude
    }

    /// Degrees north.
    pub fn latitude(&self) -> f64 {
        self.latitude
    }

    /// Length of the shortest line on the ellipsoid, in km (Karney 2013, to a few nanometres).
    pub fn distance_km(&self, other: Position) -> f64 {
        let point = |p: &Position| Point::new(p.longitude, p.latitude);
        Geodesic.distance(point(self), point(&other)) / 1000.0
    }
}

/// A position as a point in space, for many fast distances.
///
/// # Formula
/// ```text
/// N = a / √(1 − e² sin²φ)
/// x = N cos φ cos λ,  y = N cos φ sin λ,  z = N (1 − e²) sin φ        in km
/// distance = 2 R asin(chord / 2R),   R = 6371.0088 km
/// ```
///
/// # Units and shape
/// Kilometres from the centre of the earth.
///
/// # Missing and degenerate values
/// Every [`Position`] has one; no seam at the antimeridian or at the poles.
///
/// # Source
/// Geocentric coordinates: NIMA TR8350.2, 4.4. The chord is exact and its bending over short
/// lines is the sphere's: within 1e-5 of [`Position::distance_km`] up to 1,000 km, within 1.5 %
/// everywhere (tests hold both; the worst are nearly opposite points).
///
/// # Example
/// ```
/// use tukhum::stats::geodesic::{EarthPoint, Position};
/// let a = EarthPoint::from(Position::new(179.5, 0.0)?);
/// let b = EarthPoint::from(Position::new(-179.5, 0.0)?);
/// assert!((a.distance_km(&b) - 111.32).abs() < 0.01);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EarthPoint {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) z: f64,
}

impl From<Position> for EarthPoint {
    fn from(position: Position) -> Self {
        let (sin_lat, cos_lat) = position.latitude.to_radians().sin_cos();
        let (sin_lon, cos_lon) = position.longitude.to_radians().sin_cos();
        let normal = EQUATORIAL_KM / (1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat).sqrt();
        Self {
            x: normal * cos_lat * cos_lon,
            y: normal * cos_lat * sin_lon,
            z: normal * (1.0 - ECCENTRICITY_SQUARED) * sin_lat,
        }
    }
}

impl EarthPoint {
    /// Squared length of the straight line through the earth, in km².
    pub fn chord_squared(&self, other: &EarthPoint) -> f64 {
        let (dx, dy, dz) = (self.x - other.x, self.y - other.y, self.z - other.z);
        dx * dx + dy * dy + dz * dz
    }

    /// Distance over the surface in km.
    pub fn distance_km(&self, other: &EarthPoint) -> f64 {
        let half = 0.5 * self.chord_squared(other).sqrt() / MEAN_RADIUS_KM;
        2.0 * MEAN_RADIUS_KM * half.min(1.0).asin()
    }
}

/// Squared chord that belongs to a distance over the surface, so that thresholds need no arcsine.
///
/// Distances beyond half the circumference give the square of the diameter, or more than any chord.
pub(crate) fn chord_squared_of(distance_km: f64) -> f64 {
    let angle = distance_km / (2.0 * MEAN_RADIUS_KM);
    if angle >= std::f64::consts::FRAC_PI_2 {
        return f64::INFINITY;
    }
    let chord = 2.0 * MEAN_RADIUS_KM * angle.sin();
    chord * chord
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::checks::Reference;
    use crate::stats::random::Stream;

    #[test]
    fn agrees_with_geographiclib() {
        let mut reference = Reference::new(include_str!("../../tests/reference/stats/space.json"));
        for case in 0..reference.cases("/geodesic") {
            let row = reference.numbers(&format!("/geodesic/{case}"));
            let (a, b) = (
                Position::new(row[0], row[1]).unwrap(),
                Position::new(row[2], row[3]).unwrap(),
            );
            reference.compare(a.distance_km(b), row[4]);
        }
        // Both are Karney's algorithm; the last digits of a double at 20,000 km.
        reference.finish("geodesic distance against geographiclib", 1e-12);
    }

    #[test]
    fn fast_distances_are_close() {
        let mut stream = Stream::new(1, 0);
        let (mut near, mut far) = (0.0_f64, 0.0_f64);
        for _ in 0..20_000 {
            let a = Position::new(
                360.0 * stream.uniform() - 180.0,
                180.0 * stream.uniform() - 90.0,
            )
            .unwrap();
            let reach = if stream.uniform() < 0.5 { 8.0 } else { 180.0 };
            let b = Position::new(
                (a.longitude() + reach * (2.0 * stream.uniform() - 1.0)).clamp(-180.0, 180.0),
                (a.latitude() + reach * (stream.uniform() - 0.5)).clamp(-90.0, 90.0),
            )
            .unwrap();
            let exact = a.distance_km(b);
            let relative =
                (EarthPoint::from(a).distance_km(&EarthPoint::from(b)) / exact - 1.0).abs();
            if exact > 0.01 && exact < 1000.0 {
                near = near.max(relative);
            }
            if exact > 0.01 {
                far = far.max(relative);
            }
        }
        assert!(near < 1e-5, "up to 1,000 km: {near:e}");
        assert!(far < 1.5e-2, "everywhere: {far:e}");
    }

    #[test]
    fn positions_wrap_and_refuse() {
        assert_eq!(
            Position::new(181.0, 0.0).unwrap(),
            Position::new(-179.0, 0.0).unwrap()
        );
        assert_eq!(Position::new(180.0, 0.0).unwrap().longitude(), -180.0);
        for (lon, lat) in [(0.0, 91.0), (361.0, 0.0), (f64::NAN, 0.0), (0.0, f64::NAN)] {
            assert!(Position::new(lon, lat).is_err());
        }
        assert!(chord_squared_of(1e9).is_infinite());
        assert!((chord_squared_of(100.0).sqrt() - 100.0).abs() < 0.01);
    }
}
