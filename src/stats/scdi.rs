//! Is violence in an area intense, and is it clustered?

use super::error::{StatsError, positive};
use super::geodesic::{EarthPoint, Position};

/// Events per km² and year from which an area counts as intense.
pub const INTENSE_PER_KM2_YEAR: f64 = 0.0017;

/// The four types of the indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConflictType {
    /// Many events, close together: conflict is being fought over places.
    ClusteredIntense,
    /// Many events all over: conflict accelerates and spreads.
    DispersedIntense,
    /// Few events, close together.
    ClusteredQuiet,
    /// Few events all over: conflict lingers.
    DispersedQuiet,
}

/// Intensity and clustering of the events of an area.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scdi {
    /// Events per km² and year.
    pub intensity: f64,
    /// Mean distance to the nearest other event over its expectation if events fell at random; `None` for
    /// fewer than two events.
    pub nearest_neighbour_ratio: Option<f64>,
    /// Type; `None` if the ratio is missing.
    pub conflict_type: Option<ConflictType>,
}

/// Computes the Spatial Conflict Dynamics indicator of an area.
///
/// # Formula
/// ```text
/// intensity = n / (A · years)                        intense from 0.0017 on
/// ratio     = mean nearest-neighbour distance / (½ √(A / n))     clustered below 1
/// ```
///
/// # Units and shape
/// Positions of the events, the area A in km² (2,500 for the source's 50 × 50 km cells) and the length of
/// the window in years.
///
/// # Missing and degenerate values
/// No events: intensity 0, no ratio. One event: no ratio. All events at one point: ratio 0. Events whose
/// place is not exact must be left out: they pile on centroids and would read as clusters. No correction
/// for the edge of the area is made, as in the source, so that small n lean towards "dispersed".
///
/// # Errors
/// [`StatsError::OutOfRange`] for an area or window that is not positive (a unit without area).
///
/// # Source
/// Walther, Radil, Russell & Trémolières, *Introducing the Spatial Conflict Dynamics indicator of political
/// violence*, Terrorism and Political Violence 35 (2023), 533–552, doi:10.1080/09546553.2021.1957846;
/// OECD/SWAC (2020). Ratio: Clark & Evans, *Distance to nearest neighbor as a measure of spatial relationships
/// in populations*, Ecology 35 (1954), 445–453; agrees with R spatstat `clarkevans`.
///
/// # Example
/// ```
/// use tukhum::stats::geodesic::Position;
/// use tukhum::stats::scdi::{ConflictType, scdi};
/// let events = [Position::new(-9.0, 14.0)?, Position::new(-9.0, 14.01)?];
/// let result = scdi(&events, 2500.0, 1.0)?;
/// assert_eq!(result.conflict_type, Some(ConflictType::ClusteredQuiet));
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn scdi(events: &[Position], area_km2: f64, years: f64) -> Result<Scdi, StatsError> {
    positive("area_km2", area_km2)?;
    positive("years", years)?;
    let n = events.len() as f64;
    let intensity = n / area_km2 / years;
    let expected = 0.5 * (area_km2 / n).sqrt();
    let nearest_neighbour_ratio = mean_nearest_km(events).map(|nearest| nearest / expected);
    let conflict_type = nearest_neighbour_ratio.map(|ratio| {
        match (intensity >= INTENSE_PER_KM2_YEAR, ratio < 1.0) {
            (true, true) => ConflictType::ClusteredIntense,
            (true, false) => ConflictType::DispersedIntense,
            (false, true) => ConflictType::ClusteredQuiet,
            (false, false) => ConflictType::DispersedQuiet,
        }
    });
    Ok(Scdi {
        intensity,
        nearest_neighbour_ratio,
        conflict_type,
    })
}

/// Mean distance from each event to the nearest other one, in km; `None` for fewer than two events.
///
/// # Units and shape
/// Positions in, km out. Sorted along one axis and scanned outwards, so that thousands of events are fast.
///
/// # Missing and degenerate values
/// Two events at one point have distance 0.
///
/// # Source
/// Clark & Evans (1954).
pub fn mean_nearest_km(events: &[Position]) -> Option<f64> {
    if events.len() < 2 {
        return None;
    }
    // Position along an oblique axis of length 1: no two places of interest line up across it, and a
    // difference along it is never more than the distance.
    let mut points: Vec<(f64, EarthPoint)> = events
        .iter()
        .map(|&position| {
            let point = EarthPoint::from(position);
            (0.36 * point.x + 0.48 * point.y + 0.8 * point.z, point)
        })
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut sum = 0.0;
    for (index, (along, point)) in points.iter().enumerate() {
        let mut best = f64::INFINITY;
        let outwards: [&mut dyn Iterator<Item = &(f64, EarthPoint)>; 2] = [
            &mut points[index + 1..].iter(),
            &mut points[..index].iter().rev(),
        ];
        for side in outwards {
            for (other_along, other) in side {
                if best == 0.0 || (other_along - along).powi(2) > best {
                    break;
                }
                best = best.min(point.chord_squared(other));
            }
        }
        sum += best.sqrt();
    }
    Some(sum / events.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::checks::Reference;

    #[test]
    fn agrees_with_geodesic_distances() {
        let mut reference = Reference::new(include_str!("../../tests/reference/stats/space.json"));
        for case in 0..reference.cases("/scdi") {
            let at = |field: &str| format!("/scdi/{case}/{field}");
            let points: Vec<Position> = reference
                .value(&at("points"))
                .as_array()
                .unwrap()
                .iter()
                .map(|p| Position::new(p[0].as_f64().unwrap(), p[1].as_f64().unwrap()).unwrap())
                .collect();
            let area = reference.number(&at("area_km2"));
            let result = scdi(&points, area, 1.0).unwrap();
            let (ratio, intensity) = (
                reference.number(&at("ratio")),
                reference.number(&at("intensity")),
            );
            reference.compare(result.nearest_neighbour_ratio.unwrap(), ratio);
            reference.compare(result.intensity, intensity);
        }
        // Chords instead of geodesics: their difference below 400 km is under 2e-4.
        reference.finish("scdi against geographiclib distances", 2e-4);
    }

    #[test]
    fn agrees_with_spatstat() {
        let mut reference = Reference::new(include_str!("../../tests/reference/stats/surveillance.json"));
        let from_plane = crate::stats::checks::on_the_equator;
        for case in 0..reference.cases("/plane") {
            let at = |field: &str| format!("/plane/{case}/{field}");
            let (x, y) = (reference.numbers(&at("x")), reference.numbers(&at("y")));
            let points: Vec<Position> = x.iter().zip(&y).map(|(&x, &y)| from_plane(x, y)).collect();
            let nearest = reference.number(&at("nearest"));
            reference.compare(mean_nearest_km(&points).unwrap(), nearest);
            let ratio = scdi(&points, reference.number(&at("area_km2")), 1.0).unwrap().nearest_neighbour_ratio.unwrap();
            let expected = reference.number(&at("ratio"));
            reference.compare(ratio, expected);
        }
        // 50 km of the earth are not quite flat.
        reference.finish("scdi against spatstat nndist and clarkevans", 3e-5);
    }

    #[test]
    fn each_type_and_degenerate_areas() {
        let at = |x: f64, y: f64| Position::new(x, y).unwrap();
        assert_eq!(scdi(&[], 2500.0, 1.0).unwrap().conflict_type, None);
        assert_eq!(
            scdi(&[at(0.0, 0.0)], 2500.0, 1.0)
                .unwrap()
                .nearest_neighbour_ratio,
            None
        );
        let pile = vec![at(0.0, 0.0); 10];
        let piled = scdi(&pile, 2500.0, 1.0).unwrap();
        assert_eq!(piled.nearest_neighbour_ratio, Some(0.0));
        assert_eq!(piled.conflict_type, Some(ConflictType::ClusteredIntense));
        let lattice: Vec<Position> = (0..9)
            .map(|i| at(f64::from(i % 3) * 0.15, f64::from(i / 3) * 0.15))
            .collect();
        assert_eq!(
            scdi(&lattice, 2500.0, 1.0).unwrap().conflict_type,
            Some(ConflictType::DispersedIntense)
        );
        assert_eq!(
            scdi(&lattice, 2500.0, 9.0).unwrap().conflict_type,
            Some(ConflictType::DispersedQuiet)
        );
        assert!(scdi(&[], 0.0, 1.0).is_err() && scdi(&[], 1.0, f64::NAN).is_err());
        // Across the antimeridian: 0.02 degrees, not 359.98.
        let seam = mean_nearest_km(&[at(179.99, 0.0), at(-179.99, 0.0)]).unwrap();
        assert!((seam - 2.226).abs() < 0.01);
    }
}
