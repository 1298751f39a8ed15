//! Speed of finding the unit that each of many points lies in, on units made from a formula.
//!
//! `cargo bench --bench points [MILLIONS]`, on RAYON_NUM_THREADS threads; `benches/points_peers.py` runs it beside shapely.

use std::time::Instant;

use geo::{LineString, MultiPolygon, Polygon};
use rayon::prelude::*;
use tukhum::geo::{Area, Locator, Point};

const COLUMNS: u32 = 25;
const ROWS: u32 = 20;
/// Vertices of a side: 800 a unit, as many as second-level units of COD-AB have.
const SIDE: u32 = 200;

/// A number in 0..1 from two whole numbers, without a pattern.
fn mixed(i: u64, j: u64) -> f64 {
    let mut z = i.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (j + 1).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
}

/// Wavy tiles of about 1.3 by 1 degree that share their lines vertex by vertex.
fn units() -> Vec<Area> {
    let bend = |x: f64, y: f64| (-17.0 + 1.28 * (x + 0.2 * (3.7 * y).sin()), 4.0 + y + 0.2 * (2.9 * x).cos());
    let unit = |column: u32, row: u32| {
        let corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)];
        let side = |from: (u32, u32), to: (u32, u32)| {
            let between = move |a: u32, b: u32, k: u32| f64::from(a * (SIDE - k) + b * k) / f64::from(SIDE);
            (0..SIDE).map(move |k| bend(between(from.0, to.0, k), between(from.1, to.1, k)))
        };
        let ring: Vec<(f64, f64)> = (0..4).flat_map(|k| side(corners[k], corners[(k + 1) % 4])).collect();
        Area::new(MultiPolygon(vec![Polygon::new(LineString::from(ring), Vec::new())]))
    };
    (0..ROWS).flat_map(|row| (0..COLUMNS).map(move |column| (column, row))).map(|(column, row)| unit(column, row)).collect()
}

fn main() {
    let millions: usize = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(10);
    let units = units();
    let start = Instant::now();
    let locator = Locator::new(&units);
    let built = start.elapsed().as_secs_f64();
    let mut best = f64::INFINITY;
    let mut found = (0, 0);
    for _ in 0..3 {
        let start = Instant::now();
        let place = |i: usize| locator.locate(Point { longitude: -18.0 + 34.0 * mixed(i as u64, 0), latitude: 3.0 + 22.0 * mixed(i as u64, 1) });
        let located = (0..millions * 1_000_000).into_par_iter().with_min_len(4096).filter_map(place);
        found = located.fold(|| (0_u64, 0_u64), |(n, sum), unit| (n + 1, sum + unit as u64)).reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{millions} million points in {} units of {} vertices on {} threads: {best:.4} s", units.len(), 4 * SIDE, rayon::current_num_threads());
    println!("index: {built:.4} s");
    println!("  {} points in a unit, their units sum to {}", found.0, found.1);
}
