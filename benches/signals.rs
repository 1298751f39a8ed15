//! Speed of the statistics of events on data made from a formula; `benches/signals_peers.py` makes the
//! same data and times NumPy and esda. Prints seconds of wall-clock time, the best of the runs, and the
//! figures by which the two sides can be told to have done the same work.
//!
//! `cargo bench --bench signals`, with `RAYON_NUM_THREADS` for the number of threads.

use std::time::Instant;

use tukhum::stats::geodesic::Position;
use tukhum::stats::getis_ord::{Neighbourhood, getis_ord};
use tukhum::stats::kernel::{PressureEvent, pressure};
use tukhum::stats::moran_local::moran_local;
use tukhum::stats::scan::{ScanEvent, ScanOptions, scan};
use tukhum::stats::weights::Weights;

fn best<T>(name: &str, runs: usize, mut work: impl FnMut() -> T) -> T {
    let mut result = None;
    let mut seconds = f64::INFINITY;
    for _ in 0..runs {
        let start = Instant::now();
        result = Some(work());
        seconds = seconds.min(start.elapsed().as_secs_f64());
    }
    println!("{name}: {seconds:.4} s");
    result.expect("at least one run")
}

/// A number in 0..1 from two whole numbers, without a pattern.
fn mixed(i: usize, j: usize) -> f64 {
    let mut z = (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (j as u64 + 1).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
}

/// A place in a box of the size of Mali and its neighbours.
fn place(i: usize) -> Position {
    Position::new(-12.0 + 16.0 * mixed(i, 0), 10.0 + 8.0 * mixed(i, 1)).expect("a position")
}

fn main() {
    println!("threads: {}", rayon::current_num_threads());

    // 2,000 events of three years at 500 places, some struck far more often than others.
    let events: Vec<ScanEvent> = (0..2000)
        .map(|i| ScanEvent {
            position: place((500.0 * mixed(i, 2) * mixed(i, 3)) as usize),
            day: (1096.0 * mixed(i, 4)) as i64,
        })
        .collect();
    let clusters = best("space–time permutation scan, 2,000 events, 999 replicates", 3, || scan(&events, ScanOptions::default()).expect("a scan"));
    println!("  best ln ratio {:.9}, p {:?}", clusters[0].log_likelihood_ratio, clusters[0].p);

    // 5,000 units on a lattice of 50 × 100 with the four nearest as neighbours.
    let rows: Vec<Vec<u32>> = (0..5000_u32)
        .map(|i| {
            let (x, y) = (i % 100, i / 100);
            let mut near = Vec::new();
            if x > 0 { near.push(i - 1) }
            if x < 99 { near.push(i + 1) }
            if y > 0 { near.push(i - 100) }
            if y < 49 { near.push(i + 100) }
            near
        })
        .collect();
    let weights = Weights::binary(&rows).expect("weights");
    let values: Vec<Option<f64>> = (0..5000).map(|i| Some(10.0 * mixed(i, 5) * mixed(i, 6))).collect();
    let moran = best("local Moran, 5,000 units, 999 permutations", 10, || moran_local(&values, &weights, 999, 1).expect("statistics"));
    let low = moran.iter().flatten().filter(|m| m.p_folded.is_some_and(|p| p <= 0.05)).count();
    println!("  sum of I {:.9}, {low} folded p at or below 0.05", moran.iter().flatten().map(|m| m.statistic).sum::<f64>());
    let g = best("Gi*, 5,000 units, 999 permutations", 10, || getis_ord(&values, &weights, Neighbourhood::WithSelf, 999, 1).expect("statistics"));
    let low = g.iter().flatten().filter(|g| g.p_folded.is_some_and(|p| p <= 0.05)).count();
    println!("  sum of G {:.9}, {low} folded p at or below 0.05", g.iter().flatten().filter_map(|g| g.statistic).sum::<f64>());

    // The units are squares of 0.16 degrees; each event belongs to the one in which it lies.
    let square = |at: Position| ((at.latitude() - 10.0) / 0.16) as u32 * 100 + ((at.longitude() + 12.0) / 0.16) as u32;
    let middle = |i: u32| Position::new(-11.92 + 0.16 * f64::from(i % 100), 10.08 + 0.16 * f64::from(i / 100)).expect("a position");
    let targets: Vec<Position> = (0..5000).map(middle).collect();
    let felt: Vec<PressureEvent> = (0..1_000_000)
        .map(|i| {
            let position = place(10_000 + i);
            PressureEvent { position, weight: mixed(i, 7), own_target: Some(square(position)) }
        })
        .collect();
    let pressures = best("neighbour pressure, 1,000,000 events, 5,000 units, 75 km", 5, || pressure(&targets, &felt, 75.0).expect("pressures"));
    println!("  first {:.6}, sum {:.3}", pressures[0], pressures.iter().sum::<f64>());
}
