//! Speed of the index engine on tables made from a formula; `benches/index_peers.py` times the
//! same work in NumPy and others. Prints seconds of wall-clock time, the best of the runs.
//!
//! `cargo bench --bench index [-- UNITS LEAVES DRAWS]`

use std::time::Instant;

use tukhum::index::{
    Cells, Child, ColumnRule, Direction, Node, Normalisation, Operator, RankIntervalOptions, Study, Transform, Tree,
    WeightVariation, bulk_index, rank_intervals,
};

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

fn main() {
    let given: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let at = |k: usize, default: usize| given.get(k).copied().unwrap_or(default);
    let (units, leaves, draws) = (at(0, 100_000), at(1, 30), at(2, 1000));
    let tree = flat(leaves);
    let columns: Vec<Vec<f64>> =
        (0..leaves).map(|j| (0..units).map(|i| 100.0 * mixed(i, j)).collect()).collect();
    let cells: Vec<Cells> = columns.iter().map(|c| Cells::Complete(c)).collect();
    let rule = ColumnRule {
        transform: Transform::None,
        method: Normalisation::MinMax { to: (0.0, 10.0) },
        direction: Direction::HigherIsRiskier,
    };
    let rules = vec![rule; leaves];
    best(&format!("normalise, weigh, rank {units} × {leaves}"), 20, || {
        bulk_index(&tree, &cells, &rules).expect("an index")
    });
    let rows: Vec<Vec<Option<f64>>> =
        (0..units).map(|i| (0..leaves).map(|j| Some(10.0 * mixed(i, j))).collect()).collect();
    let options = RankIntervalOptions { draws, ..Default::default() };
    best(&format!("rank intervals {units} × {leaves} × {draws}"), 2, || {
        rank_intervals(&tree, &rows, &options).expect("intervals")
    });
    let tree = three_levels();
    let table: Vec<Vec<Option<f64>>> =
        (0..51).map(|i| (0..49).map(|j| Some(1.0 + 99.0 * mixed(i, j))).collect()).collect();
    best("1,000 draws of a 51 × 49 index of three levels", 5, || {
        Study::new(vec![tree.clone()], vec![table.clone()])
            .and_then(|study| study.with_weights(WeightVariation::Relative { phi: 0.25 }))
            .and_then(|study| study.run(1000, &|| {}))
            .expect("draws")
    });
}
