//! Do attacks move west, and would they seem to by chance?

use rayon::prelude::*;

use super::error::{StatsError, level, replicates};
use super::geodesic::{EarthPoint, MEAN_RADIUS_KM, Position};
use super::random::Stream;
use super::special::sorted_quantile;

/// Fewest blocks for a bootstrap interval.
const FEWEST_BLOCKS: usize = 5;
/// Days of a mean Gregorian year.
const DAYS_PER_YEAR: f64 = 365.242_5;

/// An event for the drift of the mean centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DriftEvent {
    /// Where it was.
    pub position: Position,
    /// Day number.
    pub day: i64,
    /// Who did it; events of unknown actors share one number.
    pub actor: u32,
    /// What is drawn together in the bootstrap: events of one wave, or of one month. Give each event its own
    /// number to draw them singly.
    pub block: u32,
}

/// What is drawn, and how often.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DriftOptions {
    /// Level of the bootstrap interval (0.9).
    pub level: f64,
    /// Number of bootstrap samples; 0 for no interval.
    pub bootstraps: u32,
    /// Number of permutations; 0 for no p-value.
    pub permutations: u32,
    /// Seed of both.
    pub seed: u64,
}

impl Default for DriftOptions {
    /// A 90 % interval from 999 samples, 999 permutations.
    fn default() -> Self {
        Self {
            level: 0.9,
            bootstraps: 999,
            permutations: 999,
            seed: 1,
        }
    }
}

/// Movement of the mean centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drift {
    /// Kilometres per year towards the west; negative towards the east.
    pub west_km_per_year: f64,
    /// Kilometres per year towards the north.
    pub north_km_per_year: f64,
    /// Bootstrap interval of the westward movement; `None` without samples or with fewer than five blocks.
    pub west_interval: Option<(f64, f64)>,
    /// Share of permutations within actors that move west as fast or faster, the observed one counted in;
    /// `None` without permutations.
    pub p_west: Option<f64>,
    /// Bootstrap samples left out because all their events fell on one day or on one line.
    pub failed_bootstraps: u32,
    /// Number of events.
    pub events: usize,
}

/// Estimates the movement of the mean centre of events by a straight line in time.
///
/// # Formula
/// ```text
/// x_i = N(φ̄) cos φ̄ · Δλ_i    east of the mean longitude, in km;  t_i in years
/// west = − Σ (t − t̄)(x − x̄) / Σ (t − t̄)²
/// interval: west ± q s,  q the quantile of |west* − west| / s* over blocks drawn with replacement,
///           s² = Σ_blocks (Σ (t − t̄) e)² / (Σ (t − t̄)²)²,  e the residuals        (symmetric bootstrap-t)
/// p: days shuffled among the events of the same actor
/// ```
///
/// # Units and shape
/// Positions in degrees, days as numbers; km per year out. All events count alike.
///
/// # Missing and degenerate values
/// Events whose place is not exact enough must be left out. If all events fall on one day there is no
/// movement to speak of: an error. Longitudes are unwrapped around their circular mean, so that the
/// antimeridian is no jump; events spread over more than half of the globe have no mean longitude.
///
/// The permutation keeps each actor's places: a p that is small means that actors moved, not that a western
/// actor became more active. More sources in the west move the mean centre too: the drift cannot tell, and the
/// battery asks for it apart (T7). Without blocks, events of one wave count as independent, and the interval is
/// too short.
///
/// # Errors
/// [`StatsError::TooFew`] for fewer than three events; [`StatsError::Degenerate`] for a single day or no mean
/// longitude; [`StatsError::OutOfRange`] for a level outside 0 to 1.
///
/// # Source
/// Mean centre: Lefever, *Measuring geographic concentration by means of the standard deviational ellipse*
/// (1926). Bootstrap-t: Efron & Tibshirani, *An Introduction to the Bootstrap* (1993), 12.5, in the symmetric
/// form of Hall, *The Bootstrap and Edgeworth Expansion* (1992), 3.6; over blocks, with the robust standard
/// error: Cameron, Gelbach & Miller, Review of Economics and Statistics 90 (2008), 414–427. Percentile and
/// equal-tailed intervals covered too little in the simulation (87 to 88 % instead of 90). Restricted permutation: Good, *Permutation
/// Tests* (2000), 3.
///
/// # Example
/// ```
/// use tukhum::stats::drift::{DriftEvent, DriftOptions, drift};
/// use tukhum::stats::geodesic::Position;
/// let events: Vec<DriftEvent> = (0..48)
///     .map(|month| DriftEvent {
///         position: Position::new(-4.0 - 0.02 * f64::from(month), 14.0).unwrap(),
///         day: 30 * i64::from(month),
///         actor: 1,
///         block: month as u32,
///     })
///     .collect();
/// let result = drift(&events, DriftOptions::default())?;
/// assert!((result.west_km_per_year - 26.3).abs() < 0.1);
/// assert_eq!(result.p_west, Some(0.001));
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn drift(events: &[DriftEvent], options: DriftOptions) -> Result<Drift, StatsError> {
    level(options.level)?;
    replicates("bootstraps", options.bootstraps)?;
    replicates("permutations", options.permutations)?;
    if events.len() < 3 {
        return Err(StatsError::TooFew {
            what: "events",
            needed: 3,
            found: events.len(),
        });
    }
    let (east, north) = in_km(events)?;
    let first = events.iter().map(|event| event.day).min().unwrap_or(0);
    let years: Vec<f64> = events
        .iter()
        .map(|event| event.day.abs_diff(first) as f64 / DAYS_PER_YEAR)
        .collect();
    let flat = StatsError::Degenerate {
        reason: "all events fall on one day, so that nothing can move",
    };
    let west_km_per_year = -slope(&years, &east).ok_or(flat.clone())?;
    let north_km_per_year = slope(&years, &north).ok_or(flat)?;
    let (west_interval, failed_bootstraps) = bootstrap(events, &years, &east, options);
    let p_west = permute(events, &years, &east, -west_km_per_year, options);
    Ok(Drift {
        west_km_per_year,
        north_km_per_year,
        west_interval,
        p_west,
        failed_bootstraps,
        events: events.len(),
    })
}

/// Mean centre of some positions: the point whose direction from the centre of the earth is their mean
/// direction.
///
/// # Units and shape
/// Positions in, one position out, for a map of yearly centres.
///
/// # Missing and degenerate values
/// `None` without positions, or if they cancel each other (opposite points).
///
/// # Source
/// Mardia & Jupp, *Directional Statistics* (2000), 9.2, on geocentric directions.
///
/// # Example
/// ```
/// use tukhum::stats::drift::mean_centre;
/// use tukhum::stats::geodesic::Position;
/// let centre = mean_centre(&[Position::new(179.0, 0.0)?, Position::new(-179.0, 0.0)?]).unwrap();
/// assert!((centre.longitude().abs() - 180.0).abs() < 1e-9);
/// assert!(mean_centre(&[]).is_none());
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn mean_centre(positions: &[Position]) -> Option<Position> {
    let (mut x, mut y, mut z) = (0.0, 0.0, 0.0);
    for position in positions {
        // Geographic latitude kept as direction, so that equal positions give themselves back.
        let (sin_lat, cos_lat) = position.latitude().to_radians().sin_cos();
        let (sin_lon, cos_lon) = position.longitude().to_radians().sin_cos();
        x += cos_lat * cos_lon;
        y += cos_lat * sin_lon;
        z += sin_lat;
    }
    let flat = x.hypot(y);
    if flat.hypot(z) < 1e-9 * positions.len().max(1) as f64 {
        return None;
    }
    Position::new(
        y.atan2(x).to_degrees().clamp(-180.0, 180.0),
        z.atan2(flat).to_degrees().clamp(-90.0, 90.0),
    )
    .ok()
}

/// Kilometres east and north of the mean position.
fn in_km(events: &[DriftEvent]) -> Result<(Vec<f64>, Vec<f64>), StatsError> {
    let scattered = StatsError::Degenerate {
        reason: "events spread over the whole globe have no mean longitude",
    };
    let positions: Vec<Position> = events.iter().map(|event| event.position).collect();
    let centre = mean_centre(&positions).ok_or(scattered.clone())?;
    let offsets: Vec<f64> = positions
        .iter()
        .map(|position| {
            (position.longitude() - centre.longitude() + 540.0).rem_euclid(360.0) - 180.0
        })
        .collect();
    if offsets.iter().any(|offset| offset.abs() > 90.0) {
        return Err(scattered);
    }
    // Length of a degree of longitude on the ellipsoid: the distance of the point from the axis.
    let on_axis = EarthPoint::from(centre);
    let per_degree = on_axis.x.hypot(on_axis.y).to_radians();
    let east: Vec<f64> = offsets.iter().map(|offset| offset * per_degree).collect();
    let north: Vec<f64> = positions
        .iter()
        .map(|position| (position.latitude() - centre.latitude()) * MEAN_RADIUS_KM.to_radians())
        .collect();
    Ok((east, north))
}

/// Slope of the least-squares line; `None` if the times do not vary.
fn slope(times: &[f64], values: &[f64]) -> Option<f64> {
    let n = times.len() as f64;
    let (mean_t, mean_x) = (
        times.iter().sum::<f64>() / n,
        values.iter().sum::<f64>() / n,
    );
    let (mut both, mut square) = (0.0, 0.0);
    for (t, x) in times.iter().zip(values) {
        both += (t - mean_t) * (x - mean_x);
        square += (t - mean_t) * (t - mean_t);
    }
    (square > 0.0).then(|| both / square)
}

/// Slope over some blocks of (t, x) and its standard error, robust to dependence within blocks; `None` if
/// the times do not vary.
fn slope_and_error(blocks: &[&[(f64, f64)]]) -> Option<(f64, f64)> {
    let (mut n, mut sum_t, mut sum_x) = (0.0, 0.0, 0.0);
    for (t, x) in blocks.iter().copied().flatten() {
        n += 1.0;
        sum_t += t;
        sum_x += x;
    }
    let (mean_t, mean_x) = (sum_t / n, sum_x / n);
    let (mut both, mut square) = (0.0, 0.0);
    for (t, x) in blocks.iter().copied().flatten() {
        both += (t - mean_t) * (x - mean_x);
        square += (t - mean_t) * (t - mean_t);
    }
    if square <= 0.0 {
        return None;
    }
    let slope = both / square;
    let score = |block: &[(f64, f64)]| -> f64 {
        block
            .iter()
            .map(|(t, x)| (t - mean_t) * (x - mean_x - slope * (t - mean_t)))
            .sum()
    };
    let variance: f64 = blocks.iter().map(|block| score(block).powi(2)).sum();
    Some((slope, variance.sqrt() / square))
}

/// Symmetric bootstrap-t interval of the westward slope over blocks drawn with replacement, and the samples without a
/// standard error.
fn bootstrap(
    events: &[DriftEvent],
    years: &[f64],
    east: &[f64],
    options: DriftOptions,
) -> (Option<(f64, f64)>, u32) {
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by_key(|&index| (events[index].block, index));
    let pairs: Vec<(f64, f64)> = order
        .iter()
        .map(|&index| (years[index], -east[index]))
        .collect();
    let mut rest = &pairs[..];
    let blocks: Vec<&[(f64, f64)]> = order
        .chunk_by(|&a, &b| events[a].block == events[b].block)
        .map(|chunk| {
            let (block, later) = rest.split_at(chunk.len());
            rest = later;
            block
        })
        .collect();
    let Some((west, error)) = slope_and_error(&blocks) else {
        return (None, 0);
    };
    if blocks.len() < FEWEST_BLOCKS || options.bootstraps == 0 {
        return (None, 0);
    }
    if error <= 1e-9 * west.abs() {
        // All events lie on the line: every sample gives the same slope.
        return (Some((west, west)), 0);
    }
    let deviations: Vec<Option<f64>> = (0..options.bootstraps)
        .into_par_iter()
        .map(|sample| {
            // Bootstrap streams are even, permutation streams odd.
            let mut stream = Stream::new(options.seed, 2 * u64::from(sample));
            let drawn: Vec<&[(f64, f64)]> = blocks
                .iter()
                .map(|_| blocks[stream.index(blocks.len())])
                .collect();
            let (slope, error) = slope_and_error(&drawn)?;
            (error > 0.0).then(|| ((slope - west) / error).abs())
        })
        .collect();
    let mut found: Vec<f64> = deviations.iter().flatten().copied().collect();
    let failed = deviations.len() - found.len();
    found.sort_by(f64::total_cmp);
    let interval =
        sorted_quantile(&found, options.level).map(|q| (west - q * error, west + q * error));
    (interval, failed as u32)
}

/// Share of permutations within actors whose slope is at or below the observed one (west is negative).
fn permute(
    events: &[DriftEvent],
    years: &[f64],
    east: &[f64],
    observed_slope: f64,
    options: DriftOptions,
) -> Option<f64> {
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by_key(|&index| (events[index].actor, index));
    let x: Vec<f64> = order.iter().map(|&index| east[index]).collect();
    let t: Vec<f64> = order.iter().map(|&index| years[index]).collect();
    let sizes: Vec<usize> = order
        .chunk_by(|&a, &b| events[a].actor == events[b].actor)
        .map(<[usize]>::len)
        .collect();
    let tolerance = 1e-9 * observed_slope.abs().max(1e-9);
    let as_fast: u64 = (0..options.permutations)
        .into_par_iter()
        .map_init(
            || t.clone(),
            |shuffled, permutation| {
                shuffled.copy_from_slice(&t);
                let mut stream = Stream::new(options.seed, 2 * u64::from(permutation) + 1);
                let mut rest = &mut shuffled[..];
                for &size in &sizes {
                    let (group, later) = rest.split_at_mut(size);
                    stream.shuffle(group);
                    rest = later;
                }
                slope(shuffled, &x).is_some_and(|slope| slope <= observed_slope + tolerance)
            },
        )
        .map(u64::from)
        .sum();
    (options.permutations > 0)
        .then(|| (as_fast as f64 + 1.0) / (f64::from(options.permutations) + 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::checks::{Reference, around, calibrated, on_one_and_three_threads, powerful};

    fn event(longitude: f64, latitude: f64, day: i64, actor: u32, block: u32) -> DriftEvent {
        DriftEvent {
            position: Position::new(longitude, latitude).unwrap(),
            day,
            actor,
            block,
        }
    }

    fn quick(bootstraps: u32, permutations: u32, seed: u64) -> DriftOptions {
        DriftOptions {
            level: 0.9,
            bootstraps,
            permutations,
            seed,
        }
    }

    #[test]
    fn agrees_with_scipy() {
        let mut reference = Reference::new(include_str!("../../tests/reference/stats/drift.json"));
        for case in 0..reference.cases("/drift") {
            let at = |field: &str| format!("/drift/{case}/{field}");
            let (x, y) = (
                reference.numbers(&at("longitude")),
                reference.numbers(&at("latitude")),
            );
            let days = reference.integers(&at("day"));
            let events: Vec<DriftEvent> = (0..days.len())
                .map(|i| event(x[i], y[i], days[i] as i64, 0, i as u32))
                .collect();
            let result = drift(&events, quick(0, 0, 0)).unwrap();
            for (found, field) in [
                (result.west_km_per_year, "west"),
                (result.north_km_per_year, "north"),
            ] {
                let expected = reference.number(&at(field));
                reference.compare(found, expected);
            }
        }
        // Rounding of the regression.
        reference.finish("drift against SciPy linregress", 1e-10);
    }

    #[test]
    fn degenerate_input_is_refused() {
        let same_day: Vec<DriftEvent> = (0..5)
            .map(|i| event(f64::from(i), 14.0, 7, 0, i as u32))
            .collect();
        assert!(matches!(
            drift(&same_day, quick(9, 9, 0)),
            Err(StatsError::Degenerate { .. })
        ));
        assert!(drift(&same_day[..2], quick(9, 9, 0)).is_err());
        let globe = [
            event(0.0, 0.0, 0, 0, 0),
            event(120.0, 0.0, 1, 0, 1),
            event(-120.0, 0.0, 2, 0, 2),
        ];
        assert!(matches!(
            drift(&globe, quick(9, 9, 0)),
            Err(StatsError::Degenerate { .. })
        ));
        let still: Vec<DriftEvent> = (0..9)
            .map(|i| event(1.0, 14.0, i64::from(i), 0, i as u32))
            .collect();
        let result = drift(&still, quick(99, 99, 0)).unwrap();
        assert!(result.west_km_per_year.abs() < 1e-9 && result.p_west == Some(1.0));
        let bare = drift(&still, quick(0, 0, 0)).unwrap();
        assert_eq!((bare.west_interval, bare.p_west), (None, None));
        assert!(
            drift(
                &still,
                DriftOptions {
                    level: 1.0,
                    ..quick(9, 9, 0)
                }
            )
            .is_err()
        );
        let extremes = [
            event(0.0, 0.0, i64::MIN, 0, 0),
            event(1.0, 0.0, i64::MAX, 0, 1),
            event(2.0, 0.0, 0, 0, 2),
        ];
        assert!(
            drift(&extremes, quick(9, 9, 0))
                .unwrap()
                .west_km_per_year
                .is_finite()
        );
    }

    #[test]
    fn the_antimeridian_is_no_jump() {
        let events: Vec<DriftEvent> = (0..40)
            .map(|i| {
                event(
                    if i < 20 { -179.9 } else { 179.9 },
                    0.0,
                    100 * i,
                    0,
                    i as u32,
                )
            })
            .collect();
        let result = drift(&events, quick(99, 99, 0)).unwrap();
        assert!(result.west_km_per_year > 0.0 && result.west_km_per_year < 10.0);
    }

    #[test]
    fn a_more_active_western_actor_is_no_drift_within_actors() {
        // Two actors who do not move; the western one strikes ever more often.
        let (runs, mut centre_moves, mut alarms) = (400, 0, 0);
        for run in 0..runs as u64 {
            let mut stream = Stream::new(61, run);
            let mut events = Vec::new();
            for year in 0..6_i64 {
                for index in 0..30 {
                    let day = 365 * year + i64::from(stream.below(365));
                    let west = index < 5 * year as u32;
                    let x = if west { -10.0 } else { -3.0 } + 0.5 * stream.normal();
                    events.push(event(x, 14.0, day, u32::from(west), events.len() as u32));
                }
            }
            let result = drift(&events, quick(99, 199, run)).unwrap();
            centre_moves += usize::from(result.west_interval.unwrap().0 > 0.0);
            alarms += usize::from(result.p_west.unwrap() <= 0.1);
        }
        powerful(
            "drift of the mean centre when a western actor grows",
            centre_moves,
            runs,
            0.99,
        );
        calibrated(
            "drift permutation size 10 %, a western actor grows",
            alarms,
            runs,
            0.1,
            around(0.1, runs),
        );
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let events: Vec<DriftEvent> = (0..50_i64)
            .map(|i| {
                event(
                    (i * 7 % 13) as f64,
                    14.0,
                    i * 11,
                    (i % 3) as u32,
                    (i / 2) as u32,
                )
            })
            .collect();
        let (one, three) = on_one_and_three_threads(|| drift(&events, quick(199, 199, 5)).unwrap());
        assert_eq!(one, three);
    }

    /// Skewed scatter around a moving mean; `step` km west per year; events in blocks of one to three that share
    /// half of their deviation.
    fn simulate(run: u64, west_km_per_year: f64) -> Vec<DriftEvent> {
        let mut stream = Stream::new(62, run);
        let mut events = Vec::new();
        for block in 0..90 {
            let day = f64::from(stream.below(2200));
            let shared = 100.0 * (stream.exponential() - 1.0);
            for _ in 0..=stream.below(3) {
                let km = -west_km_per_year * day / DAYS_PER_YEAR + shared + 100.0 * stream.normal();
                let longitude = -5.0 + km / 108.0;
                events.push(event(longitude, 14.0, day as i64, block % 4, block));
            }
        }
        events
    }

    #[test]
    fn interval_size_and_power() {
        let (runs, mut hits, mut alarms, mut found) = (2000, 0, 0, 0);
        for run in 0..runs as u64 {
            let planted = drift(&simulate(run, 30.0), quick(399, 0, run)).unwrap();
            let (low, high) = planted.west_interval.unwrap();
            // A kilometre is 1/108 of a degree in the simulation and 1/108.0 ± 0.1 % on the ellipsoid.
            hits += usize::from((low..=high).contains(&30.0));
            found += usize::from(low > 0.0);
            let mut still = simulate(run + 10_000, 0.0);
            // For the permutation's own null: single events.
            let mut stream = Stream::new(63, run);
            still
                .iter_mut()
                .for_each(|e| e.day = i64::from(stream.below(2200)));
            alarms += usize::from(drift(&still, quick(0, 99, run)).unwrap().p_west.unwrap() <= 0.1);
        }
        calibrated(
            "drift 90 % symmetric bootstrap-t interval over blocks",
            hits,
            runs,
            0.9,
            0.88..=0.92,
        );
        calibrated(
            "drift permutation size 10 %",
            alarms,
            runs,
            0.1,
            around(0.1, runs),
        );
        powerful(
            "drift interval above 0, 30 km a year planted",
            found,
            runs,
            0.9,
        );
    }
}
