//! How much violence lies around a place: Gaussian neighbour pressure.

use rayon::prelude::*;

use super::error::{StatsError, all_weights};
use super::geodesic::{EarthPoint, MEAN_RADIUS_KM, Position};

/// Contributions beyond this many bandwidths are left out (each is below 3.8e-6 of its weight).
const REACH: f64 = 5.0;
/// Cells per bandwidth of the summary grid of [`pressure`].
const CELLS_PER_BANDWIDTH: f64 = 8.0;

/// An event that presses on its surroundings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PressureEvent {
    /// Where it was.
    pub position: Position,
    /// What it counts, for instance its decayed weight; finite and at least 0.
    pub weight: f64,
    /// Index of the target it belongs to, whose own pressure it shall not feed; `None` if it presses
    /// on all.
    pub own_target: Option<u32>,
}

/// Sums weighted events around each target with a Gaussian kernel.
///
/// # Formula
/// ```text
/// P(t) = Σ_i w_i · exp(−d(t, i)² / (2 h²))        over events i that are not t's own, d ≤ 5 h
/// ```
/// Events are gathered into cells of h/8; a cell acts through its weight W, mean position c and
/// covariance C: `W · K(r) · (1 + ½ (rᵀCr/h⁴ − tr C/h²))`, r from t to c. The first moment vanishes at c,
/// so that the error starts with third moments.
///
/// # Units and shape
/// `bandwidth_km` h in km (75 in the project's indicators); one pressure per target, in the unit of
/// the weights: an event at the target itself counts fully.
///
/// # Missing and degenerate values
/// No events within 5 h is 0. Targets without a position are left out by the caller. Events all at
/// one point, at the poles or across the antimeridian need no special care: cells and distances are
/// computed in space.
///
/// # Errors
/// [`StatsError::OutOfRange`] for a bandwidth below 0.1 km or above 1,000 km;
/// [`StatsError::BadEntry`] for a weight that is negative or not finite.
///
/// # Source
/// Silverman, *Density Estimation* (1986), 4.2, without the normalising constant. The result lies
/// within 1e-4 of [`pressure_direct`] relative to the largest pressure, and mostly within 1e-6. Agrees
/// with R spatstat `density` at points, without edge correction.
///
/// # Example
/// ```
/// use tukhum::stats::geodesic::Position;
/// use tukhum::stats::kernel::{PressureEvent, pressure};
/// let towns = [Position::new(-11.43, 14.45)?, Position::new(-8.0, 12.65)?];
/// let event = PressureEvent { position: towns[0], weight: 2.0, own_target: None };
/// let felt = pressure(&towns, &[event], 75.0)?;
/// assert!((felt[0] - 2.0).abs() < 1e-9 && felt[1] < 1e-4);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn pressure(
    targets: &[Position],
    events: &[PressureEvent],
    bandwidth_km: f64,
) -> Result<Vec<f64>, StatsError> {
    check(events, bandwidth_km)?;
    let summary = Summary::new(events, bandwidth_km);
    Ok(targets
        .par_iter()
        .enumerate()
        .map(|(target, position)| summary.pressure_at(*position, target as u32))
        .collect())
}

/// The same sum, event by event: the definition, for few events and for tests.
///
/// # Formula
/// ```text
/// P(t) = Σ_i w_i · exp(−d(t, i)² / (2 h²))        over events i that are not t's own
/// ```
///
/// # Units and shape
/// As in [`pressure`]; the work is targets × events.
///
/// # Missing and degenerate values
/// As in [`pressure`], without the cut at 5 h.
///
/// # Errors
/// As in [`pressure`].
///
/// # Source
/// As in [`pressure`]; distances of [`EarthPoint`].
pub fn pressure_direct(
    targets: &[Position],
    events: &[PressureEvent],
    bandwidth_km: f64,
) -> Result<Vec<f64>, StatsError> {
    check(events, bandwidth_km)?;
    let points: Vec<EarthPoint> = events.iter().map(|event| event.position.into()).collect();
    Ok(targets
        .par_iter()
        .enumerate()
        .map(|(target, position)| {
            let here = EarthPoint::from(*position);
            let others = points
                .iter()
                .zip(events)
                .filter(|(_, e)| e.own_target != Some(target as u32));
            others
                .map(|(point, event)| {
                    let ratio = here.distance_km(point) / bandwidth_km;
                    event.weight * (-0.5 * ratio * ratio).exp()
                })
                .sum()
        })
        .collect())
}

/// Refuses a bandwidth or a weight that has no meaning.
fn check(events: &[PressureEvent], bandwidth_km: f64) -> Result<(), StatsError> {
    if !(0.1..=1000.0).contains(&bandwidth_km) {
        let rule = "must lie between 0.1 and 1000 km";
        return Err(StatsError::OutOfRange {
            what: "bandwidth_km",
            value: bandwidth_km,
            rule,
        });
    }
    all_weights(events.iter().map(|event| event.weight))
}

/// Events of one summary cell: all of them, or those of one owner.
struct Parcel {
    own_target: Option<u32>,
    weight: f64,
    centre: EarthPoint,
    /// Covariance of the positions: xx, yy, zz, xy, xz, yz in km².
    covariance: [f64; 6],
}

/// A cell as a whole, and where its parcels by owner begin.
struct Cell {
    column: u32,
    all: Parcel,
    first_part: usize,
}

/// Occupied cells, sorted by row and column, with the start of each occupied row.
///
/// A target feels a cell as a whole, unless some of the cell's events are its own: then it feels the parcels
/// of the other owners. Few cells hold events of a given target, so that most of the work is one parcel a cell.
struct Summary {
    bandwidth_km: f64,
    cell_degrees: f64,
    rows: Vec<(u32, usize)>,
    cells: Vec<Cell>,
    /// Parcels by cell and owner.
    parts: Vec<Parcel>,
    /// (target, cell that holds some of its events), sorted.
    owned: Vec<(u32, usize)>,
}

impl Summary {
    fn new(events: &[PressureEvent], bandwidth_km: f64) -> Self {
        let km_per_degree = MEAN_RADIUS_KM.to_radians();
        let cell_degrees = bandwidth_km / CELLS_PER_BANDWIDTH / km_per_degree;
        // Row, column, owner, position in the input: a total order, so that sums are the same for
        // any number of threads.
        let mut keys: Vec<(u64, u64)> = events
            .par_iter()
            .enumerate()
            .filter(|(_, event)| event.weight > 0.0)
            .map(|(index, event)| {
                let row = ((event.position.latitude() + 90.0) / cell_degrees) as u64;
                let column = ((event.position.longitude() + 180.0) / cell_degrees) as u64;
                let owner = event.own_target.map_or(0, |target| u64::from(target) + 1);
                ((row << 32) | column, (owner << 31) | index as u64)
            })
            .collect();
        keys.par_sort_unstable();
        let groups: Vec<&[(u64, u64)]> = keys.chunk_by(|a, b| a.0 == b.0).collect();
        let summed: Vec<(Parcel, Vec<Parcel>)> = groups
            .par_iter()
            .map(|group| {
                let owners = group.chunk_by(|a, b| a.1 >> 31 == b.1 >> 31);
                let parts = owners.map(|own| Parcel::new(own, events)).collect();
                (Parcel::new(group, events), parts)
            })
            .collect();
        let mut summary = Self {
            bandwidth_km,
            cell_degrees,
            rows: Vec::new(),
            cells: Vec::with_capacity(groups.len()),
            parts: Vec::new(),
            owned: Vec::new(),
        };
        for (cell, (group, (all, parts))) in groups.iter().zip(summed).enumerate() {
            let row = (group[0].0 >> 32) as u32;
            if summary.rows.last().is_none_or(|last| last.0 != row) {
                summary.rows.push((row, cell));
            }
            summary.cells.push(Cell {
                column: (group[0].0 & 0xFFFF_FFFF) as u32,
                all,
                first_part: summary.parts.len(),
            });
            let owners = parts.iter().filter_map(|part| part.own_target);
            summary.owned.extend(owners.map(|target| (target, cell)));
            summary.parts.extend(parts);
        }
        summary.owned.sort_unstable();
        summary
    }

    /// The cells that hold events of a target, in their order.
    fn cells_of(&self, target: u32) -> &[(u32, usize)] {
        let from = self.owned.partition_point(|entry| entry.0 < target);
        let to = self.owned.partition_point(|entry| entry.0 <= target);
        &self.owned[from..to]
    }

    /// What a target feels of a cell.
    fn felt_of(&self, cell: usize, here: &EarthPoint, own: &[(u32, usize)]) -> f64 {
        let Some(&(target, _)) = own.iter().find(|entry| entry.1 == cell) else {
            return self.cells[cell].all.felt_at(here, self.bandwidth_km);
        };
        let end = self.cells.get(cell + 1).map_or(self.parts.len(), |next| next.first_part);
        self.parts[self.cells[cell].first_part..end]
            .iter()
            .filter(|part| part.own_target != Some(target))
            .map(|part| part.felt_at(here, self.bandwidth_km))
            .sum()
    }

    fn pressure_at(&self, position: Position, target: u32) -> f64 {
        let here = EarthPoint::from(position);
        let km_per_degree = MEAN_RADIUS_KM.to_radians();
        // 1 % more than the reach: a degree of latitude is up to 0.6 % shorter than the mean one.
        let reach_degrees = 1.01 * REACH * self.bandwidth_km / km_per_degree;
        let (south, north) = (
            position.latitude() - reach_degrees,
            position.latitude() + reach_degrees,
        );
        let to_row = |latitude: f64| ((latitude + 90.0).max(0.0) / self.cell_degrees) as u32;
        let first = self.rows.partition_point(|row| row.0 < to_row(south));
        let own = self.cells_of(target);
        let mut sum = 0.0;
        for (index, &(row, start)) in self.rows.iter().enumerate().skip(first) {
            if row > to_row(north) {
                break;
            }
            let end = self
                .rows
                .get(index + 1)
                .map_or(self.cells.len(), |next| next.1);
            for (from, to) in self.columns_within(row, position, reach_degrees) {
                let low = start + self.cells[start..end].partition_point(|cell| cell.column < from);
                let high = start + self.cells[start..end].partition_point(|cell| cell.column <= to);
                // The own cells among these, so that most cells are not looked up at all.
                let mine = own.partition_point(|entry| entry.1 < low)..own.partition_point(|entry| entry.1 < high);
                let mine = own.get(mine).unwrap_or_default();
                for cell in low..high {
                    sum += self.felt_of(cell, &here, mine);
                }
            }
        }
        sum
    }

    /// Ranges of columns of a row that can lie within reach: one, or two across the antimeridian.
    fn columns_within(&self, row: u32, position: Position, reach_degrees: f64) -> Vec<(u32, u32)> {
        let last = (360.0 / self.cell_degrees) as u32;
        let edges = [f64::from(row), f64::from(row) + 1.0].map(|r| r * self.cell_degrees - 90.0);
        let furthest = edges[0]
            .abs()
            .max(edges[1].abs())
            .max(position.latitude().abs());
        let half_width = if furthest + reach_degrees >= 89.0 {
            180.0
        } else {
            // Widest extent in longitude of a circle: sin Δλ = sin(reach) / cos φ.
            let ratio = reach_degrees.to_radians().sin() / furthest.to_radians().cos();
            if ratio >= 1.0 {
                180.0
            } else {
                ratio.asin().to_degrees() + self.cell_degrees
            }
        };
        if half_width >= 179.0 {
            return vec![(0, last)];
        }
        let to_column = |longitude: f64| ((longitude + 180.0) / self.cell_degrees) as u32;
        let (west, east) = (
            position.longitude() - half_width,
            position.longitude() + half_width,
        );
        if west < -180.0 {
            vec![(0, to_column(east)), (to_column(west + 360.0), last)]
        } else if east >= 180.0 {
            vec![(0, to_column(east - 360.0)), (to_column(west), last)]
        } else {
            vec![(to_column(west), to_column(east))]
        }
    }
}

impl Parcel {
    fn new(group: &[(u64, u64)], events: &[PressureEvent]) -> Self {
        let member = |key: &(u64, u64)| &events[(key.1 & 0x7FFF_FFFF) as usize];
        let first = member(&group[0]);
        let points: Vec<(EarthPoint, f64)> = group
            .iter()
            .map(|key| (EarthPoint::from(member(key).position), member(key).weight))
            .collect();
        let weight: f64 = points.iter().map(|(_, w)| w).sum();
        let mean = |part: fn(&EarthPoint) -> f64| {
            points.iter().map(|(p, w)| w * part(p)).sum::<f64>() / weight
        };
        let centre = EarthPoint {
            x: mean(|p| p.x),
            y: mean(|p| p.y),
            z: mean(|p| p.z),
        };
        let mut covariance = [0.0; 6];
        for (point, w) in &points {
            let (dx, dy, dz) = (point.x - centre.x, point.y - centre.y, point.z - centre.z);
            for (sum, part) in
                covariance
                    .iter_mut()
                    .zip([dx * dx, dy * dy, dz * dz, dx * dy, dx * dz, dy * dz])
            {
                *sum += w / weight * part;
            }
        }
        Self {
            own_target: first.own_target,
            weight,
            centre,
            covariance,
        }
    }

    /// Second-order contribution of the parcel at a point.
    fn felt_at(&self, here: &EarthPoint, bandwidth_km: f64) -> f64 {
        let (x, y, z) = (
            self.centre.x - here.x,
            self.centre.y - here.y,
            self.centre.z - here.z,
        );
        let chord_squared = x * x + y * y + z * z;
        let h2 = bandwidth_km * bandwidth_km;
        // d² from the chord: (2R asin(c/2R))² = c² (1 + c²/12R² + c⁴/90R⁴ + …).
        let bend = chord_squared / (MEAN_RADIUS_KM * MEAN_RADIUS_KM);
        let distance_squared = chord_squared * (1.0 + bend / 12.0 + bend * bend / 90.0);
        if distance_squared > REACH * REACH * h2 {
            return 0.0;
        }
        let [xx, yy, zz, xy, xz, yz] = self.covariance;
        let along =
            x * x * xx + y * y * yy + z * z * zz + 2.0 * (x * y * xy + x * z * xz + y * z * yz);
        let correction = 0.5 * (along / h2 - (xx + yy + zz)) / h2;
        (self.weight * (-0.5 * distance_squared / h2).exp() * (1.0 + correction)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::checks::on_one_and_three_threads;
    use crate::stats::random::Stream;

    fn scene(seed: u64, n: usize, west: f64, south: f64, extent: f64) -> Vec<PressureEvent> {
        let mut stream = Stream::new(seed, 0);
        (0..n)
            .map(|index| {
                let longitude = west + extent * stream.uniform();
                let longitude = if longitude >= 180.0 {
                    longitude - 360.0
                } else {
                    longitude
                };
                let latitude = (south + extent * stream.uniform()).clamp(-90.0, 90.0);
                PressureEvent {
                    position: Position::new(longitude, latitude).unwrap(),
                    weight: stream.exponential(),
                    own_target: (index % 3 == 0).then_some((index % 40) as u32),
                }
            })
            .collect()
    }

    #[test]
    fn the_fast_sum_agrees_with_the_definition() {
        // West Africa, across the antimeridian, at the pole.
        for (seed, west, south) in [
            (1, -13.0, 9.0),
            (2, 174.0, -20.0),
            (3, -120.0, 78.0),
            (4, 0.0, -90.0),
        ] {
            let events = scene(seed, 4000, west, south, 12.0);
            let targets: Vec<Position> = events
                .iter()
                .step_by(40)
                .map(|event| event.position)
                .collect();
            for bandwidth in [20.0, 75.0, 300.0] {
                let fast = pressure(&targets, &events, bandwidth).unwrap();
                let direct = pressure_direct(&targets, &events, bandwidth).unwrap();
                let largest = direct.iter().copied().fold(0.0, f64::max);
                for (f, d) in fast.iter().zip(&direct) {
                    // Third moments within a cell of h/8, and the cut at five bandwidths.
                    assert!(
                        (f - d).abs() < 1e-4 * largest,
                        "seed {seed}, {bandwidth} km: {f} against {d}"
                    );
                }
            }
        }
    }

    #[test]
    fn agrees_with_spatstat() {
        let mut reference = crate::stats::checks::Reference::new(include_str!("../../tests/reference/stats/surveillance.json"));
        let from_plane = crate::stats::checks::on_the_equator;
        for case in 0..reference.cases("/plane") {
            let at = |field: &str| format!("/plane/{case}/{field}");
            let (x, y) = (reference.numbers(&at("x")), reference.numbers(&at("y")));
            let points: Vec<Position> = x.iter().zip(&y).map(|(&x, &y)| from_plane(x, y)).collect();
            let weights = reference.numbers(&at("weight"));
            let events: Vec<PressureEvent> =
                points.iter().zip(weights).map(|(&position, weight)| PressureEvent { position, weight, own_target: None }).collect();
            let expected = reference.numbers(&at("pressure"));
            let km = reference.number(&at("bandwidth_km"));
            reference.compare_all(&pressure_direct(&points, &events, km).unwrap(), &expected);
            reference.compare_all(&pressure(&points, &events, km).unwrap(), &expected);
        }
        // 50 km of the earth are not quite flat; cells of an eighth of the bandwidth.
        reference.finish("kernel, direct and fast, against spatstat density", 2e-4);
    }

    #[test]
    fn own_events_are_left_out() {
        let here = Position::new(-10.0, 15.0).unwrap();
        let own = PressureEvent {
            position: here,
            weight: 5.0,
            own_target: Some(0),
        };
        let foreign = PressureEvent {
            position: here,
            weight: 1.0,
            own_target: Some(1),
        };
        let felt = pressure(&[here, here], &[own, foreign], 75.0).unwrap();
        assert!((felt[0] - 1.0).abs() < 1e-12 && (felt[1] - 5.0).abs() < 1e-12);
    }

    #[test]
    fn bad_input_is_refused_and_nothing_is_zero() {
        let here = Position::new(0.0, 0.0).unwrap();
        assert_eq!(pressure(&[here], &[], 75.0).unwrap(), vec![0.0]);
        assert_eq!(pressure(&[], &[], 75.0).unwrap(), Vec::<f64>::new());
        let bad = PressureEvent {
            position: here,
            weight: f64::NAN,
            own_target: None,
        };
        assert!(pressure(&[here], &[bad], 75.0).is_err());
        assert!(pressure(&[here], &[], 0.0).is_err());
        assert!(pressure(&[here], &[], 2000.0).is_err());
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let events = scene(5, 3000, -13.0, 9.0, 12.0);
        let targets: Vec<Position> = events
            .iter()
            .step_by(30)
            .map(|event| event.position)
            .collect();
        let (one, three) = on_one_and_three_threads(|| pressure(&targets, &events, 75.0).unwrap());
        assert_eq!(one, three);
    }
}
