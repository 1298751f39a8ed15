//! Speed of the index engine on tables made from a formula: seconds of wall-clock time (the best of the
//! runs), memory, and how cost grows. `benches/index_peers.py` runs this and the same work in NumPy
//! and others, and prints one table of ratios.
//!
//! `cargo bench --bench index [-- UNITS LEAVES DRAWS]`

use std::time::Instant;

use tukhum::index::{
    Cells, Child, ColumnRule, Direction, Node, Normalisation, Operator, RankIntervalOptions, Study, Transform, Tree,
    WeightVariation, bulk_index, rank_intervals,
};

/// Shortest time of some runs.
fn seconds<T>(runs: usize, mut work: impl FnMut() -> T) -> f64 {
    let run = |_| {
        let start = Instant::now();
        std::hint::black_box(work());
        start.elapsed().as_secs_f64()
    };
    (0..runs).map(run).fold(f64::INFINITY, f64::min)
}

/// Slope of log seconds against log size, by least squares: 1 is a cost in proportion.
fn exponent(sizes: &[usize], mut cost: impl FnMut(usize) -> f64) -> f64 {
    let points: Vec<(f64, f64)> = sizes.iter().map(|&size| ((size as f64).ln(), cost(size).ln())).collect();
    let n = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0 / n, sum.1 + p.1 / n));
    let (above, below) = points.iter().fold((0.0, 0.0), |sum, p| {
        (sum.0 + (p.0 - x) * (p.1 - y), sum.1 + (p.0 - x).powi(2))
    });
    above / below
}

/// Largest memory held so far, where the system tells (Linux).
fn peak_megabytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}

/// A number in 0..1 from two whole numbers, without a pattern that a sort could profit from.
fn mixed(i: usize, j: usize) -> f64 {
    let mut z = (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (j as u64 + 1).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
}

fn flat(leaves: usize) -> Tree {
    let children = (0..leaves).map(|i| (Child::Leaf(i), 1.0 + i as f64 % 5.0)).collect();
    let names = (0..leaves).map(|i| format!("x{i}")).collect();
    Tree::new(names, vec![Node::new("index", Operator::Arithmetic, 0.0, children)], 0).expect("a tree")
}

/// 49 leaves, 8 pillars, 2 sub-indexes, 1 index: the size of COINr's ASEM example.
fn three_levels() -> Tree {
    let mut nodes = vec![
        Node::new("index", Operator::Arithmetic, 0.0, vec![(Child::Node(1), 1.0), (Child::Node(2), 1.0)]),
        Node::new("a", Operator::Arithmetic, 0.0, (3..7).map(|n| (Child::Node(n), 1.0)).collect()),
        Node::new("b", Operator::Arithmetic, 0.0, (7..11).map(|n| (Child::Node(n), 1.0)).collect()),
    ];
    for pillar in 0..8 {
        let children = (0..49).filter(|i| i % 8 == pillar).map(|i| (Child::Leaf(i), 1.0)).collect();
        nodes.push(Node::new(format!("p{pillar}"), Operator::Arithmetic, 0.0, children));
    }
    Tree::new((0..49).map(|i| format!("x{i}")).collect(), nodes, 0).expect("a tree")
}

fn rows(units: usize, leaves: usize, scale: f64) -> Vec<Vec<Option<f64>>> {
    (0..units).map(|i| (0..leaves).map(|j| Some(scale * mixed(i, j))).collect()).collect()
}

fn bulk_seconds(units: usize, leaves: usize) -> f64 {
    let columns: Vec<Vec<f64>> =
        (0..leaves).map(|j| (0..units).map(|i| 100.0 * mixed(i, j)).collect()).collect();
    let cells: Vec<Cells> = columns.iter().map(|c| Cells::Complete(c)).collect();
    let rule = ColumnRule {
        transform: Transform::None,
        method: Normalisation::MinMax { to: (0.0, 10.0) },
        direction: Direction::HigherIsRiskier,
    };
    let (tree, rules) = (flat(leaves), vec![rule; leaves]);
    seconds(20, || bulk_index(&tree, &cells, &rules).expect("an index"))
}

fn interval_seconds(units: usize, leaves: usize, draws: usize, runs: usize) -> f64 {
    let (tree, rows) = (flat(leaves), rows(units, leaves, 10.0));
    let options = RankIntervalOptions { draws, ..Default::default() };
    seconds(runs, || rank_intervals(&tree, &rows, &options).expect("intervals"))
}

fn study_seconds() -> f64 {
    let (tree, table) = (three_levels(), rows(51, 49, 100.0));
    seconds(10, || {
        Study::new(vec![tree.clone()], vec![table.clone()])
            .and_then(|study| study.with_weights(WeightVariation::Relative { phi: 0.25 }))
            .and_then(|study| study.run(1000, &|| {}))
            .expect("draws")
    })
}

fn main() {
    let given: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let at = |k: usize, default: usize| given.get(k).copied().unwrap_or(default);
    let (units, leaves, draws) = (at(0, 100_000), at(1, 30), at(2, 1000));
    println!("rank intervals {units} × {leaves} × {draws}: {:.4} s", interval_seconds(units, leaves, draws, 3));
    if let Some(megabytes) = peak_megabytes() {
        println!("memory of the rank intervals, with the table: {megabytes} MB");
    }
    println!("normalise, weigh, rank {units} × {leaves}: {:.4} s", bulk_seconds(units, leaves));
    println!("1,000 draws of a 51 × 49 index of three levels: {:.4} s", study_seconds());
    let steps = |most: usize| [most.div_ceil(8), most.div_ceil(4), most.div_ceil(2), most];
    let units_steps = steps(units).map(|u| u.max(8));
    println!("exponent of rank intervals against units: {:.2}", exponent(&units_steps, |u| interval_seconds(u, leaves, draws.min(200), 3)));
    println!("exponent of rank intervals against leaves: {:.2}", exponent(&steps(4 * leaves), |l| interval_seconds(units, l, draws.min(100), 3)));
    println!("exponent of rank intervals against draws: {:.2}", exponent(&steps(draws.max(8)), |d| interval_seconds(units, leaves, d, 3)));
    println!("exponent of normalise, weigh, rank against units: {:.2}", exponent(&units_steps, |u| bulk_seconds(u, leaves)));
    println!("exponent of normalise, weigh, rank against leaves: {:.2}", exponent(&steps(4 * leaves), |l| bulk_seconds(units, l)));
}
