//! Rank intervals of many units under many weight draws.
//!
//! The same answer as [`super::Study`] with weights alone, arranged for the memory. Units are first
//! put in order of their nominal score: under other weights a unit moves, but not far, so that the
//! distribution pass which ranks a draw touches memory nearly in order. Scores of an arithmetic
//! tree are a matrix product taken in blocks that stay in the cache, and quantiles are selected
//! from blocks of the transposed ranks. Time grows linearly with units, leaves and draws; the
//! largest structure is one 4-byte rank per unit and draw.

use rayon::prelude::*;

use super::moments::known;
use super::random::{Stream, purpose};
use super::tree::{Child, Scratch, Tree, finite};
use super::uncertainty::{StudyError, WeightVariation, draw_weights};

/// Units per block of the matrix product: with 30 leaves 120 KB, which stays in the cache.
const UNITS_PER_BLOCK: usize = 512;
/// Draws whose sums are kept in registers together.
const DRAWS_TOGETHER: usize = 4;
/// Draws per piece of work: the table of scores is read from memory once per piece.
const DRAWS_PER_PIECE: usize = 16;
/// Units per block of the transposed ranks.
const UNITS_PER_SELECTION: usize = 64;
/// Most ranks kept at once: 16 GiB.
const MOST_CELLS: usize = 1 << 32;
/// Rank of a unit that has no score in a draw.
const NO_RANK: u32 = 0;

/// What to draw.
#[derive(Debug, Clone, PartialEq)]
pub struct RankIntervalOptions {
    /// How weights vary.
    pub weights: WeightVariation,
    /// Number of draws.
    pub draws: usize,
    /// Seed.
    pub seed: u64,
    /// Lower and upper quantile of the interval.
    pub quantiles: (f64, f64),
}

impl Default for RankIntervalOptions {
    fn default() -> Self {
        RankIntervalOptions {
            weights: WeightVariation::Relative { phi: 0.25 },
            draws: 1000,
            seed: 0,
            quantiles: (0.05, 0.95),
        }
    }
}

/// Ranks of one unit over the draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankInterval {
    /// Lower quantile.
    pub low: f64,
    /// Median.
    pub median: f64,
    /// Upper quantile.
    pub high: f64,
    /// Mean.
    pub mean: f64,
    /// Draws in which the unit has a score.
    pub draws: usize,
}

/// Intervals of all units.
#[derive(Debug, Clone, PartialEq)]
pub struct RankIntervals {
    /// One per unit; missing if it has no score in any draw.
    pub units: Vec<Option<RankInterval>>,
    /// Draws in which no unit has a score.
    pub failed: usize,
}

/// Rank interval of every unit when the weights are drawn again and again.
///
/// # Formula
/// ```text
/// score = sum over leaves of (product of the drawn shares to the root) x,   complete arithmetic units
/// rank  = 1 + #{ units with a higher score },   quantiles of type 7 over the draws
/// ```
/// Other units and other trees are evaluated node by node with the drawn weights.
///
/// # Units and shape
/// `rows` holds one list of leaf scores per unit.
///
/// # Missing and degenerate values
/// A unit with gaps has its own renormalised weights in each draw, as in [`Tree::evaluate`]. A
/// unit without a score has no rank. Equal scores share the lowest rank.
///
/// # Errors
/// No draws, φ or a quantile outside 0..=1, a concentration that is not above 0, or more than 2³² units × draws.
///
/// # Source
/// Saisana, Saltelli and Tarantola (2005), *Uncertainty and sensitivity analysis techniques as
/// tools for the quality assessment of composite indicators*, JRSS A 168(2).
pub fn rank_intervals(
    tree: &Tree,
    rows: &[Vec<Option<f64>>],
    options: &RankIntervalOptions,
) -> Result<RankIntervals, StudyError> {
    check(options)?;
    let n = rows.len();
    let cells = n.checked_mul(options.draws).filter(|cells| *cells <= MOST_CELLS);
    let cells = cells.ok_or(StudyError::TooLarge { units: n, draws: options.draws })?;
    if n == 0 {
        return Ok(RankIntervals { units: Vec::new(), failed: options.draws });
    }
    let order = nominal_order(tree, rows);
    let rows: Vec<&[Option<f64>]> = order.iter().map(|&unit| rows[unit].as_slice()).collect();
    let rows = rows.as_slice();
    let table = Blocks::new(tree, rows);
    let mut ranks = vec![NO_RANK; cells];
    ranks.par_chunks_mut(n * DRAWS_PER_PIECE).enumerate().for_each_init(Room::default, |room, (piece, ranks)| {
        let first = piece * DRAWS_PER_PIECE;
        let weights: Vec<Vec<f64>> = (0..ranks.len() / n)
            .map(|k| {
                let mut stream = Stream::new(options.seed, purpose::RANK_INTERVALS, (first + k) as u64);
                draw_weights(tree, options.weights, &mut stream)
            })
            .collect();
        table.scores(tree, rows, &weights, room);
        for (scores, ranks) in room.scores.chunks_exact(n).zip(ranks.chunks_exact_mut(n)) {
            rank_draw(scores, ranks, &mut room.sorting);
        }
    });
    let failed = ranks.par_chunks(n).filter(|draw| draw.iter().all(|r| *r == NO_RANK)).count();
    let mut units = vec![None; n];
    units.par_chunks_mut(UNITS_PER_SELECTION).enumerate().for_each_init(Vec::new, |column: &mut Vec<u32>, (block, out)| {
        let first = block * UNITS_PER_SELECTION;
        let width = out.len();
        let mut transposed: Vec<Vec<u32>> = vec![Vec::with_capacity(options.draws); width];
        for draw in ranks.chunks_exact(n) {
            for (column, &r) in transposed.iter_mut().zip(draw.get(first..first + width).unwrap_or_default()) {
                if r != NO_RANK {
                    column.push(r);
                }
            }
        }
        for (slot, unit) in out.iter_mut().zip(&mut transposed) {
            std::mem::swap(column, unit);
            *slot = summarise(column, options.quantiles);
        }
    });
    let mut in_order = vec![None; n];
    for (unit, interval) in order.into_iter().zip(units) {
        in_order[unit] = interval;
    }
    Ok(RankIntervals { units: in_order, failed })
}

/// Units by nominal score, the highest first, those without a score last.
fn nominal_order(tree: &Tree, rows: &[Vec<Option<f64>>]) -> Vec<usize> {
    let scores: Vec<f64> = rows
        .par_iter()
        .with_min_len(256)
        .map_init(Scratch::default, |scratch, row| {
            tree.score_with(row, tree.weights(), scratch).unwrap_or(f64::NEG_INFINITY)
        })
        .collect();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_unstable_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    order
}

fn check(options: &RankIntervalOptions) -> Result<(), StudyError> {
    match options.weights {
        WeightVariation::Relative { phi } if !(0.0..=1.0).contains(&phi) => Err(StudyError::Phi { phi }),
        WeightVariation::Dirichlet { concentration } if !(concentration.is_finite() && concentration > 0.0) => {
            Err(StudyError::Concentration { concentration })
        }
        _ if options.draws == 0 => Err(StudyError::NoDraws),
        _ => {
            let (low, high) = options.quantiles;
            let bad = [low, high].into_iter().find(|p| !(0.0..=1.0).contains(p));
            bad.map_or(Ok(()), |quantile| Err(StudyError::Quantile { quantile }))
        }
    }
}

/// Room of one thread.
#[derive(Default)]
struct Room {
    /// Scores, draw after draw; NaN stands for missing here and nowhere else.
    scores: Vec<f64>,
    /// Sums of one block for the draws taken together.
    sums: Vec<f64>,
    sorting: Sorting,
    scratch: Scratch,
}

/// Leaf scores in blocks of units, leaf after leaf within a block.
struct Blocks {
    units: usize,
    leaves: usize,
    values: Vec<f64>,
    /// Units that the product cannot serve: all of them if the tree is not arithmetic, otherwise
    /// those with a gap.
    singly: Vec<usize>,
    /// Whether the product serves any unit.
    product: bool,
}

impl Blocks {
    fn new(tree: &Tree, rows: &[&[Option<f64>]]) -> Self {
        let (units, leaves) = (rows.len(), tree.leaves().len());
        let product = tree.is_arithmetic();
        let complete = |row: &[Option<f64>]| product && (0..leaves).all(|i| finite(row, i).is_some());
        let singly: Vec<usize> = rows.iter().enumerate().filter(|(_, row)| !complete(row)).map(|(u, _)| u).collect();
        let product = singly.len() < units;
        let mut values = Vec::new();
        if product {
            values = vec![0.0; units.div_ceil(UNITS_PER_BLOCK) * UNITS_PER_BLOCK * leaves];
            for (rows, block) in rows.chunks(UNITS_PER_BLOCK).zip(values.chunks_exact_mut(UNITS_PER_BLOCK * leaves)) {
                for (leaf, column) in block.chunks_exact_mut(UNITS_PER_BLOCK).enumerate() {
                    for (slot, row) in column.iter_mut().zip(rows) {
                        *slot = finite(row, leaf).unwrap_or(0.0);
                    }
                }
            }
        }
        Blocks { units, leaves, values, singly, product }
    }

    /// Fills the room with the scores of all units under each set of weights.
    fn scores(&self, tree: &Tree, rows: &[&[Option<f64>]], weights: &[Vec<f64>], room: &mut Room) {
        let n = self.units;
        room.scores.clear();
        room.scores.resize(n * weights.len(), f64::NAN);
        let effective: Vec<Option<Vec<f64>>> = weights.iter().map(|w| effective_weights(tree, w)).collect();
        if self.product {
            // Weights leaf by leaf, those of the draws that are summed together side by side.
            let together: Vec<Vec<[f64; DRAWS_TOGETHER]>> = effective
                .chunks(DRAWS_TOGETHER)
                .map(|draws| {
                    let weight = |d: usize, leaf: usize| draws.get(d).and_then(Option::as_ref).map_or(0.0, |e| e[leaf]);
                    (0..self.leaves).map(|leaf| std::array::from_fn(|d| weight(d, leaf))).collect()
                })
                .collect();
            for (b, block) in self.values.chunks_exact(UNITS_PER_BLOCK * self.leaves).enumerate() {
                let first = b * UNITS_PER_BLOCK;
                let width = UNITS_PER_BLOCK.min(n - first);
                for (k, together) in together.iter().enumerate() {
                    product(block, together, &mut room.sums);
                    let draws = effective.iter().enumerate().skip(k * DRAWS_TOGETHER);
                    for (sums, (d, effective)) in room.sums.chunks_exact(UNITS_PER_BLOCK).zip(draws) {
                        if effective.is_some() {
                            room.scores[d * n + first..][..width].copy_from_slice(&sums[..width]);
                        }
                    }
                }
            }
        }
        let everyone: Vec<usize> = if effective.iter().all(Option::is_some) { Vec::new() } else { (0..n).collect() };
        for (k, (weights, effective)) in weights.iter().zip(&effective).enumerate() {
            // A draw that leaves a node without weight is rare: each unit then goes its own way.
            for &unit in if effective.is_some() { &self.singly } else { &everyone } {
                let score = tree.score_with(rows[unit], weights, &mut room.scratch);
                room.scores[k * n + unit] = score.and_then(known).unwrap_or(f64::NAN);
            }
        }
    }
}

/// Product of the drawn shares to the root per leaf; `None` if a draw leaves a node without weight.
fn effective_weights(tree: &Tree, weights: &[f64]) -> Option<Vec<f64>> {
    let mut of_nodes = vec![0.0; tree.nodes().len()];
    let mut of_leaves = vec![0.0; tree.leaves().len()];
    *of_nodes.get_mut(tree.root())? = 1.0;
    for &n in tree.order().iter().rev() {
        let drawn = weights.get(tree.edges(n))?;
        let total: f64 = drawn.iter().sum();
        let own = of_nodes.get(n).copied()?;
        if total <= 0.0 {
            return None;
        }
        for (&(child, _), weight) in tree.nodes().get(n)?.children.iter().zip(drawn) {
            match child {
                Child::Node(i) => *of_nodes.get_mut(i)? = own * weight / total,
                Child::Leaf(i) => *of_leaves.get_mut(i)? = own * weight / total,
            }
        }
    }
    Some(of_leaves)
}

/// Sums of a block of units under four sets of effective weights.
fn product(block: &[f64], weights: &[[f64; DRAWS_TOGETHER]], sums: &mut Vec<f64>) {
    // Four units and four draws at a time: eight registers of two numbers hold the sums.
    const LANES: usize = 4;
    sums.resize(DRAWS_TOGETHER * UNITS_PER_BLOCK, 0.0);
    for start in (0..UNITS_PER_BLOCK).step_by(LANES) {
        let mut local = [[0.0; LANES]; DRAWS_TOGETHER];
        for (column, w) in block.chunks_exact(UNITS_PER_BLOCK).zip(weights) {
            let x = &column[start..start + LANES];
            let x = [x[0], x[1], x[2], x[3]];
            for (sums, w) in local.iter_mut().zip(w) {
                for (sum, x) in sums.iter_mut().zip(x) {
                    *sum += w * x;
                }
            }
        }
        for (out, local) in sums.chunks_exact_mut(UNITS_PER_BLOCK).zip(&local) {
            out[start..start + LANES].copy_from_slice(local);
        }
    }
}

/// Room for ranking one draw.
#[derive(Default)]
struct Sorting {
    /// Distance of each score from the highest, as a whole number.
    numbers: Vec<u64>,
    /// Start of each bucket, then the next free place in it.
    starts: Vec<u32>,
    /// Whole number and unit in 64 bits, in order of rank.
    keys: Vec<u64>,
}

/// 2⁵²: added to a smaller number it leaves the nearest whole number in the last 52 bits.
const WHOLE: f64 = 4_503_599_627_370_496.0;

/// Ranks one draw: 1 is the highest score, equal scores share the lowest rank.
///
/// A score becomes a whole number by its distance from the highest, packed with the unit's place
/// into 64 bits; its leading bits choose a bucket of about one unit. After one distribution pass
/// the list is out of order only within buckets, which insertion repairs. Scores that share a
/// number are put in order by the scores themselves. Where scores crowd into few buckets, the
/// list is sorted instead.
fn rank_draw(scores: &[f64], ranks: &mut [u32], room: &mut Sorting) {
    let (mut low, mut high, mut present) = (f64::INFINITY, f64::NEG_INFINITY, 0_usize);
    for &s in scores {
        // Comparisons with NaN are false.
        low = if s < low { s } else { low };
        high = if s > high { s } else { high };
        present += usize::from(!s.is_nan());
    }
    if present == 0 {
        return;
    }
    let place_bits = usize::BITS - scores.len().saturating_sub(1).leading_zeros();
    let number_bits = (63 - place_bits).min(51);
    let bucket_bits = (usize::BITS - present.leading_zeros() + 1).clamp(1, 20).min(number_bits);
    let shift = number_bits - bucket_bits;
    let most = (1_u64 << number_bits) - 1;
    let scale = most as f64 / (high - low);
    let scale = if scale.is_finite() { scale } else { 0.0 };
    // A range beyond all numbers makes every number 0 and leaves the order to the scores.
    let number = |s: f64| ((high - s).min(f64::MAX) * scale + WHOLE).to_bits() & ((1 << 52) - 1);
    room.numbers.clear();
    room.numbers.extend(scores.iter().map(|&s| number(s).min(most)));
    room.starts.clear();
    room.starts.resize((1 << bucket_bits) + 1, 0);
    room.keys.resize(present, 0);
    let complete = present == scores.len();
    let counts = |unit: usize| complete || scores.get(unit).is_some_and(|s| !s.is_nan());
    for (unit, &number) in room.numbers.iter().enumerate() {
        if counts(unit) {
            room.starts[(number >> shift) as usize + 1] += 1;
        }
    }
    let (mut before, mut largest) = (0, 0);
    for start in &mut room.starts {
        largest = largest.max(*start);
        before += *start;
        *start = before;
    }
    for (unit, &number) in room.numbers.iter().enumerate() {
        if counts(unit) {
            let slot = &mut room.starts[(number >> shift) as usize];
            room.keys[*slot as usize] = number << place_bits | unit as u64;
            *slot += 1;
        }
    }
    if largest > CROWD {
        room.keys.sort_unstable();
    } else {
        insertion_sort(&mut room.keys);
    }
    write_ranks(scores, ranks, &mut room.keys, place_bits);
}

/// Ranks of scores that are all numbers, by the same way as a draw's; 0 for NaN.
pub(super) fn ranks_of(scores: &[f64]) -> Vec<u32> {
    let mut ranks = vec![NO_RANK; scores.len()];
    rank_draw(scores, &mut ranks, &mut Sorting::default());
    ranks
}

/// Most units in a bucket for which insertion is the fastest way.
const CROWD: u32 = 64;

/// Writes the rank of each unit from keys in order; settles keys that share a whole number.
fn write_ranks(scores: &[f64], ranks: &mut [u32], keys: &mut [u64], place_bits: u32) {
    let unit = |key: u64| (key & ((1 << place_bits) - 1)) as usize;
    let mut start = 0;
    while let Some(&key) = keys.get(start) {
        let number = key >> place_bits;
        let alone = keys.get(start + 1).is_none_or(|next| next >> place_bits != number);
        if alone {
            ranks[unit(key)] = start as u32 + 1;
            start += 1;
            continue;
        }
        let length = keys[start..].iter().take_while(|key| **key >> place_bits == number).count();
        let run = &mut keys[start..start + length];
        let score = |key: u64| scores[unit(key)];
        run.sort_unstable_by(|a, b| score(*b).total_cmp(&score(*a)).then(a.cmp(b)));
        let mut shared = (start, f64::NAN);
        for (k, &key) in run.iter().enumerate() {
            if score(key) != shared.1 {
                shared = (start + k, score(key));
            }
            ranks[unit(key)] = shared.0 as u32 + 1;
        }
        start += length;
    }
}

fn insertion_sort(keys: &mut [u64]) {
    for i in 1..keys.len() {
        let key = keys[i];
        let mut j = i;
        while j > 0 && keys[j - 1] > key {
            keys[j] = keys[j - 1];
            j -= 1;
        }
        keys[j] = key;
    }
}

/// Mean and quantiles of type 7 by selection; reorders the list.
fn summarise(ranks: &mut [u32], quantiles: (f64, f64)) -> Option<RankInterval> {
    let draws = ranks.len();
    if draws == 0 {
        return None;
    }
    let mean = ranks.iter().map(|r| u64::from(*r)).sum::<u64>() as f64 / draws as f64;
    let median = select(ranks, 0..draws, 0.5);
    let outer = |ranks: &mut [u32], p: f64| {
        // The median has parted the list: most quantiles lie wholly on one side of its place.
        let (middle, below) = ((draws - 1) / 2, ((draws - 1) as f64 * p) as usize);
        let side = match below {
            _ if below + 1 < middle => 0..middle,
            _ if below > middle => middle + 1..draws,
            _ => 0..draws,
        };
        select(ranks, side, p)
    };
    let (low, high) = (outer(ranks, quantiles.0), outer(ranks, quantiles.1));
    Some(RankInterval { low, median, high, mean, draws })
}

/// Quantile of the whole list, looked for among the given places only.
fn select(ranks: &mut [u32], places: std::ops::Range<usize>, p: f64) -> f64 {
    let last = ranks.len() - 1;
    let h = last as f64 * p;
    let below = (h.floor() as usize).min(last);
    let (_, low, rest) = ranks[places.clone()].select_nth_unstable(below - places.start);
    let low = f64::from(*low);
    match rest.iter().min() {
        Some(next) => low + (h - below as f64) * (f64::from(*next) - low),
        None => low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{Node, Operator, RankStatistics, rank};

    fn tree(operator: Operator) -> Tree {
        let nodes = vec![
            Node::new("root", operator, 0.0, vec![(Child::Node(1), 1.0), (Child::Leaf(3), 2.0)]),
            Node::new("d", Operator::Arithmetic, 0.5, (0..3).map(|i| (Child::Leaf(i), 1.0 + i as f64)).collect()),
        ];
        Tree::new((0..4).map(|i| format!("x{i}")).collect(), nodes, 0).unwrap()
    }

    fn rows(n: usize, gaps: bool) -> Vec<Vec<Option<f64>>> {
        let mut s = Stream::new(11, 0, 0);
        (0..n)
            .map(|_| (0..4).map(|_| (!gaps || s.uniform() > 0.15).then(|| (s.uniform() * 40.0).floor() / 4.0)).collect())
            .collect()
    }

    #[test]
    fn agrees_with_the_plain_way() {
        for (operator, gaps) in
            [(Operator::Arithmetic, false), (Operator::Arithmetic, true), (Operator::Geometric { floor: 0.1 }, true)]
        {
            let (tree, rows) = (tree(operator), rows(700, gaps));
            let options = RankIntervalOptions { draws: 37, seed: 5, ..Default::default() };
            let fast = rank_intervals(&tree, &rows, &options).unwrap();
            let mut scratch = Scratch::default();
            let plain: Vec<Vec<Option<f64>>> = (0..37)
                .map(|d| {
                    let mut stream = Stream::new(5, purpose::RANK_INTERVALS, d);
                    let w = draw_weights(&tree, options.weights, &mut stream);
                    rows.iter().map(|row| tree.score_with(row, &w, &mut scratch)).collect()
                })
                .collect();
            let statistics = RankStatistics::new(700, &plain);
            for (unit, fast) in fast.units.iter().enumerate() {
                let Some(plain) = statistics.summary(unit) else {
                    assert_eq!(*fast, None);
                    continue;
                };
                let fast = fast.unwrap();
                // The product rounds otherwise than the tree, which can part scores that are equal
                // in one of the two: one place at most in these data.
                for (a, b) in [
                    (fast.low, plain.low_rank), (fast.median, plain.median_rank), (fast.high, plain.high_rank),
                    (fast.mean, plain.mean_rank),
                ] {
                    assert!((a - b).abs() <= 1.0, "{fast:?} {plain:?}");
                }
                assert_eq!(fast.draws, plain.draws);
            }
        }
    }

    #[test]
    fn ranking_is_exact() {
        let mut stream = Stream::new(1, 0, 0);
        let mut room = Sorting::default();
        let cases: Vec<Vec<f64>> = vec![
            (0..5000).map(|_| stream.normal()).collect(),
            (0..5000).map(|_| (stream.uniform() * 9.0).floor()).collect(),
            (0..5000).map(|i| if i == 0 { 1e12 } else { stream.uniform() }).collect(),
            (0..3000).map(|i| 5.0 + f64::from(i) * f64::EPSILON * 4.0).collect(),
            (0..100).map(|i| if i % 3 == 0 { f64::NAN } else { f64::from(i % 7) }).collect(),
            vec![3.0; 50],
            vec![-1e308, 1e308, 0.0],
            vec![0.0, -0.0, 1e-320, -1e-320],
            vec![f64::NAN; 4],
        ];
        for scores in cases {
            let mut ranks = vec![NO_RANK; scores.len()];
            rank_draw(&scores, &mut ranks, &mut room);
            let options: Vec<Option<f64>> = scores.iter().map(|s| (!s.is_nan()).then_some(*s)).collect();
            let expected: Vec<u32> =
                rank(&options).into_iter().map(|r| r.map_or(NO_RANK, |r| r as u32)).collect();
            assert_eq!(ranks, expected);
        }
    }

    #[test]
    fn the_same_bits_on_any_number_of_threads() {
        let (tree, rows) = (tree(Operator::Arithmetic), rows(1300, true));
        let options = RankIntervalOptions { draws: 50, ..Default::default() };
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| rank_intervals(&tree, &rows, &options).unwrap())
        };
        assert_eq!(on(1), on(3));
    }

    #[test]
    fn a_draw_that_leaves_a_node_without_weight() {
        let (tree, rows) = (tree(Operator::Arithmetic), rows(20, false));
        let mut weights = tree.weights().to_vec();
        weights[2..5].fill(0.0);
        let mut room = Room::default();
        let borrowed: Vec<&[Option<f64>]> = rows.iter().map(Vec::as_slice).collect();
        Blocks::new(&tree, &borrowed).scores(&tree, &borrowed, &[tree.weights().to_vec(), weights], &mut room);
        for (unit, row) in rows.iter().enumerate() {
            assert!((room.scores[unit] - tree.evaluate(row).root.unwrap()).abs() < 1e-12);
            assert_eq!(room.scores[20 + unit], row[3].unwrap());
        }
    }

    #[test]
    fn quantiles_by_selection_are_those_of_the_sorted_list() {
        let mut stream = Stream::new(3, 0, 0);
        for n in [1, 2, 3, 4, 5, 10, 101, 1000] {
            let list: Vec<u32> = (0..n).map(|_| 1 + stream.below(50) as u32).collect();
            let sorted = crate::index::moments::sorted(&list.iter().map(|r| f64::from(*r)).collect::<Vec<_>>());
            for p in [0.0, 0.05, 0.3, 0.49, 0.5, 0.501, 0.7, 0.95, 1.0] {
                let found = summarise(&mut list.clone(), (p, 1.0 - p)).unwrap();
                let expected = |p| crate::index::moments::quantile(&sorted, p).unwrap();
                for (a, b) in [(found.low, expected(p)), (found.high, expected(1.0 - p)), (found.median, expected(0.5))] {
                    assert!((a - b).abs() < 1e-9, "{n} {p}: {a} {b}");
                }
            }
        }
    }

    #[test]
    fn refusals_and_empty_input() {
        let tree = tree(Operator::Arithmetic);
        let none = RankIntervalOptions { draws: 0, ..Default::default() };
        let huge = RankIntervalOptions { draws: usize::MAX, ..Default::default() };
        let refused = rank_intervals(&tree, &rows(3, false), &huge);
        assert_eq!(refused, Err(StudyError::TooLarge { units: 3, draws: usize::MAX }));
        assert_eq!(rank_intervals(&tree, &rows(3, false), &none), Err(StudyError::NoDraws));
        let outside = RankIntervalOptions { quantiles: (f64::NAN, 0.9), ..Default::default() };
        assert!(matches!(rank_intervals(&tree, &rows(3, false), &outside), Err(StudyError::Quantile { .. })));
        let one = RankIntervalOptions { draws: 3, ..Default::default() };
        assert_eq!(rank_intervals(&tree, &[], &one).unwrap().failed, 3);
        let missing = rank_intervals(&tree, &[vec![None; 4], vec![]], &one).unwrap();
        assert_eq!((missing.failed, missing.units), (3, vec![None, None]));
    }
}
