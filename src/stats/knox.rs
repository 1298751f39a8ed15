//! Do events near in space tend to be near in time too?

use rayon::prelude::*;

use super::error::{StatsError, non_negative, replicates, same_length};
use super::geodesic::{EarthPoint, Position, chord_squared_of};
use super::random::Stream;

/// Most spatially close pairs that the test keeps in memory.
const MOST_PAIRS: usize = 100_000_000;

/// Result of the Knox test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Knox {
    /// Pairs close in space and in time.
    pub close_pairs: u64,
    /// Pairs close in space.
    pub near_pairs: u64,
    /// Pairs close in time.
    pub soon_pairs: u64,
    /// `near_pairs · soon_pairs / all pairs`.
    pub expected: f64,
    /// `close_pairs / expected`: above 1, violence breeds violence nearby; `None` if nothing is expected.
    pub ratio: Option<f64>,
    /// Share of permutations with as many close pairs or more, the observed one counted in; `None` without
    /// permutations.
    pub p: Option<f64>,
}

/// Tests whether events cluster in space and time together.
///
/// # Formula
/// ```text
/// X = #{ i < j : d_ij ≤ within_km and |t_i − t_j| ≤ within_days }
/// p = (1 + #{ permutations with X ≥ observed }) / (permutations + 1)      days shuffled over places
/// ```
///
/// # Units and shape
/// One position and one day per event; distances in km, both limits inclusive.
///
/// # Missing and degenerate values
/// Fewer than two events: no pairs, ratio `None`, p 1 (or `None` without permutations). Events at one point
/// are close to each other. The test answers whether there is interaction, not where; a growth of population
/// or of reporting that differs between places makes it too.
///
/// # Errors
/// [`StatsError::LengthMismatch`]; [`StatsError::OutOfRange`] for a negative limit; [`StatsError::TooMany`]
/// for more than 10⁸ pairs close in space.
///
/// # Source
/// Knox, *The detection of space-time interactions*, Applied Statistics 13 (1964), 25–30; permutation: Mantel,
/// *The detection of disease clustering and a generalized regression approach*, Cancer Research 27 (1967), 209–220. Agrees with pointpats `knox`, which folds a p above one half, and in the number of pairs with R
/// surveillance `knox`, which shuffles pairs instead of events.
///
/// # Example
/// ```
/// use tukhum::stats::geodesic::Position;
/// use tukhum::stats::knox::knox;
/// let here = Position::new(-11.4, 14.4)?;
/// let there = Position::new(-8.0, 13.0)?;
/// let result = knox(&[here, here, there, there], &[1, 3, 200, 204], 25.0, 7, 99, 1)?;
/// assert_eq!(result.close_pairs, 2);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
pub fn knox(
    positions: &[Position],
    days: &[i64],
    within_km: f64,
    within_days: i64,
    permutations: u32,
    seed: u64,
) -> Result<Knox, StatsError> {
    same_length("positions", positions.len(), "days", days.len())?;
    non_negative("within_km", within_km)?;
    replicates("permutations", permutations)?;
    non_negative("within_days", within_days as f64)?;
    let near = near_pairs(positions, within_km)?;
    let soon_pairs = soon_pairs(days, within_days);
    let close = |days: &[i64]| -> u64 {
        near.iter()
            .map(|&(i, j)| {
                u64::from(days[i as usize].abs_diff(days[j as usize]) <= within_days as u64)
            })
            .sum()
    };
    let close_pairs = close(days);
    let as_many: u64 = (0..permutations)
        .into_par_iter()
        .map_init(
            || days.to_vec(),
            |shuffled, permutation| {
                shuffled.copy_from_slice(days);
                Stream::new(seed, u64::from(permutation)).shuffle(shuffled);
                u64::from(close(shuffled) >= close_pairs)
            },
        )
        .sum();
    let n = positions.len() as f64;
    let all_pairs = n * (n - 1.0) / 2.0;
    let expected = if all_pairs > 0.0 {
        near.len() as f64 * soon_pairs as f64 / all_pairs
    } else {
        0.0
    };
    Ok(Knox {
        close_pairs,
        near_pairs: near.len() as u64,
        soon_pairs,
        expected,
        ratio: (expected > 0.0).then(|| close_pairs as f64 / expected),
        p: (permutations > 0).then(|| (as_many as f64 + 1.0) / (f64::from(permutations) + 1.0)),
    })
}

/// All pairs within a distance: sorted along an oblique axis, then compared while that axis allows.
fn near_pairs(positions: &[Position], within_km: f64) -> Result<Vec<(u32, u32)>, StatsError> {
    // A metre's millionth more, so that pairs exactly at the limit are not lost to rounding.
    let limit = chord_squared_of(within_km + 1e-9);
    let mut points: Vec<(f64, EarthPoint, u32)> = positions
        .iter()
        .enumerate()
        .map(|(index, &position)| {
            let point = EarthPoint::from(position);
            (
                0.36 * point.x + 0.48 * point.y + 0.8 * point.z,
                point,
                index as u32,
            )
        })
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
    let mut pairs = Vec::new();
    for (place, (along, point, index)) in points.iter().enumerate() {
        for (other_along, other, other_index) in &points[place + 1..] {
            if (other_along - along).powi(2) > limit {
                break;
            }
            if point.chord_squared(other) <= limit {
                pairs.push((*index.min(other_index), *index.max(other_index)));
            }
        }
        if pairs.len() > MOST_PAIRS {
            let what = "pairs close in space";
            return Err(StatsError::TooMany {
                what,
                limit: MOST_PAIRS,
                found: pairs.len(),
            });
        }
    }
    Ok(pairs)
}

/// Number of pairs within a number of days.
fn soon_pairs(days: &[i64], within_days: i64) -> u64 {
    let mut sorted = days.to_vec();
    sorted.sort_unstable();
    let (mut first, mut pairs) = (0, 0_u64);
    for last in 0..sorted.len() {
        while sorted[last].abs_diff(sorted[first]) > within_days as u64 {
            first += 1;
        }
        pairs += (last - first) as u64;
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::checks::{Reference, around, calibrated, on_one_and_three_threads, powerful};

    fn place(longitude: f64, latitude: f64) -> Position {
        Position::new(longitude, latitude).unwrap()
    }

    #[test]
    fn agrees_with_pointpats_and_surveillance() {
        let mut reference =
            Reference::new(include_str!("../../tests/reference/stats/clusters.json"));
        let mut permuted =
            Reference::new(include_str!("../../tests/reference/stats/clusters.json"));
        for case in 0..reference.cases("/knox") {
            let at = |field: &str| format!("/knox/{case}/{field}");
            let (x, y) = (
                reference.numbers(&at("longitude")),
                reference.numbers(&at("latitude")),
            );
            let positions: Vec<Position> = x.iter().zip(&y).map(|(&x, &y)| place(x, y)).collect();
            let days: Vec<i64> = reference
                .integers(&at("day"))
                .iter()
                .map(|&d| d as i64)
                .collect();
            let (km, limit) = (
                reference.number(&at("within_km")),
                reference.number(&at("within_days")) as i64,
            );
            let result = knox(&positions, &days, km, limit, 9999, 4).unwrap();
            for (found, field) in [
                (result.close_pairs as f64, "close_pointpats"),
                (result.close_pairs as f64, "close_surveillance"),
                (result.near_pairs as f64, "near"),
                (result.soon_pairs as f64, "soon"),
            ] {
                let expected = reference.number(&at(field));
                reference.compare(found, expected);
            }
            let expected = permuted.number(&at("p_pointpats"));
            let p = result.p.unwrap();
            permuted.compare(p.min(1.0 - p + 1e-4), expected);
        }
        // Counts: equal.
        reference.finish("knox pairs against pointpats and surveillance", 0.0);
        // Two Monte Carlo p-values with 9,999 permutations: four standard errors, as for moran_local.
        permuted.finish("knox p, folded, against pointpats (Monte Carlo)", 0.0283);
    }

    #[test]
    fn few_events_and_bad_limits() {
        let empty = knox(&[], &[], 10.0, 10, 99, 0).unwrap();
        assert_eq!(
            (empty.close_pairs, empty.ratio, empty.p),
            (0, None, Some(1.0))
        );
        let one = knox(&[place(0.0, 0.0)], &[1], 10.0, 10, 0, 0).unwrap();
        assert_eq!((one.expected, one.p), (0.0, None));
        let pile = knox(&[place(0.0, 0.0); 50], &[7; 50], 0.0, 0, 9, 0).unwrap();
        assert_eq!((pile.close_pairs, pile.p), (1225, Some(1.0)));
        assert!(knox(&[place(0.0, 0.0)], &[], 1.0, 1, 9, 0).is_err());
        assert!(knox(&[], &[], -1.0, 1, 9, 0).is_err());
        assert!(knox(&[], &[], 1.0, -1, 9, 0).is_err());
        let wide = knox(
            &[place(0.0, 0.0), place(180.0, 0.0)],
            &[i64::MIN, i64::MAX],
            1e9,
            1,
            9,
            0,
        )
        .unwrap();
        assert_eq!((wide.near_pairs, wide.close_pairs), (1, 0));
        let seam = knox(
            &[place(179.99, 0.0), place(-179.99, 0.0)],
            &[1, 2],
            5.0,
            3,
            9,
            0,
        )
        .unwrap();
        assert_eq!(seam.close_pairs, 1);
    }

    #[test]
    fn size_and_power() {
        let (runs, mut alarms, mut found) = (1000, 0, 0);
        for run in 0..runs as u64 {
            let mut stream = Stream::new(41, run);
            let mut positions: Vec<Position> = (0..80)
                .map(|_| place(4.0 * stream.uniform(), 4.0 * stream.uniform().powi(2)))
                .collect();
            let mut days: Vec<i64> = (0..80).map(|_| (730.0 * stream.uniform()) as i64).collect();
            let quiet = knox(&positions, &days, 30.0, 30, 199, run).unwrap();
            alarms += usize::from(quiet.p.unwrap() <= 0.05);
            // Every fourth event is followed by one nearby within two weeks.
            for index in (0..80).step_by(4) {
                positions[index + 1] = place(
                    positions[index].longitude() + 0.05,
                    positions[index].latitude(),
                );
                days[index + 1] = days[index] + stream.index(14) as i64;
            }
            found += usize::from(
                knox(&positions, &days, 30.0, 30, 199, run)
                    .unwrap()
                    .p
                    .unwrap()
                    <= 0.05,
            );
        }
        // Counts of pairs tie often, and ties count against an alarm: about 3.3 % in 6,000 runs.
        let upper = *around(0.05, runs).end();
        calibrated(
            "knox size 5 %, ties (conservative)",
            alarms,
            runs,
            0.05,
            0.02..=upper,
        );
        powerful(
            "knox at 5 %, every fourth event followed nearby",
            found,
            runs,
            0.8,
        );
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let positions: Vec<Position> = (0..60)
            .map(|i| place(f64::from(i * 7 % 11), f64::from(i * 5 % 13)))
            .collect();
        let days: Vec<i64> = (0..60).map(|i| (i * 37) % 101).collect();
        let (one, three) =
            on_one_and_three_threads(|| knox(&positions, &days, 300.0, 10, 199, 2).unwrap());
        assert_eq!(one, three);
    }
}
