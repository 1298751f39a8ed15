//! Rank intervals of many units under many weight draws.
//!
//! The same answer as [`super::Study`] with weights alone, arranged for the memory. Scores of an
//! arithmetic tree are a matrix product, taken for several draws at once from panels of units that
//! stay in the innermost cache. Units are first put in order of their nominal score: under other
//! weights a unit moves, but not far, so that ranking writes to memory nearly in order. Each draw is
//! ranked by two counting passes, and quantiles come from a histogram of a unit's ranks. Time grows
//! linearly with units, leaves and draws; the largest structure is one 4-byte rank per unit and draw.
//! `docs/performance.md` has the figures.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::moments::known;
use super::random::{Stream, purpose};
use super::tree::{Child, Scratch, Tree, finite};
use super::uncertainty::{StudyError, WeightVariation, draw_weights};

/// Units per panel of the matrix product: 4 × 4 sums fill the registers.
const UNITS_PER_PANEL: usize = 4;
/// Draws whose sums are kept in registers together.
const DRAWS_TOGETHER: usize = 4;
/// Draws per piece of work: the table of scores is read from memory once per piece.
const DRAWS_PER_PIECE: usize = 16;
/// Units whose ranks are transposed together.
const UNITS_PER_SELECTION: usize = 64;
/// Bins of a unit's ranks, of equal width.
const BINS: usize = 256;
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
/// A unit with gaps has its own renormalised weights in each draw, as in [`Tree::evaluate`]; whether enough of it is
/// known is judged by the tree's own weights, as in [`Tree::score_varied`]. A unit without a score has no rank. Equal
/// scores share the lowest rank.
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
    let table = Panels::new(tree, rows);
    let mut ranks = vec![NO_RANK; cells];
    let rooms = Rooms::default();
    ranks.par_chunks_mut(n * DRAWS_PER_PIECE).enumerate().for_each(|(piece, ranks)| rooms.with(|room: &mut Room| {
        let first = piece * DRAWS_PER_PIECE;
        let weights: Vec<Vec<f64>> = (0..ranks.len() / n)
            .map(|k| {
                let mut stream = Stream::new(options.seed, purpose::RANK_INTERVALS, (first + k) as u64);
                draw_weights(tree, options.weights, &mut stream)
            })
            .collect();
        table.scores(tree, rows, &weights, room);
        for (scores, ranks) in room.scores.chunks_exact(n).zip(ranks.chunks_exact_mut(n)) {
            // Ranked in the thread's own room, which stays in the cache, then copied in order.
            ranks.copy_from_slice(room.ranking.rank(scores));
        }
    }));
    let failed = ranks.par_chunks(n).filter(|draw| draw.iter().all(|r| *r == NO_RANK)).count();
    let mut units = vec![None; n];
    let rooms = Rooms::default();
    units.par_chunks_mut(UNITS_PER_SELECTION).enumerate().for_each(|(block, out)| rooms.with(|room: &mut Selection| {
        let first = block * UNITS_PER_SELECTION;
        let mut columns = std::mem::take(&mut room.columns);
        columns.resize(out.len() * options.draws, NO_RANK);
        transpose(&ranks, n, first, options.draws, &mut columns);
        for (slot, column) in out.iter_mut().zip(columns.chunks_exact_mut(options.draws)) {
            *slot = room.summarise(present(column), options.quantiles);
        }
        room.columns = columns;
    }));
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

/// Rooms for as many pieces of work as run at once, so that their memory is asked for once.
struct Rooms<T>(Mutex<Vec<T>>);

impl<T> Default for Rooms<T> {
    fn default() -> Self {
        Rooms(Mutex::new(Vec::new()))
    }
}

impl<T: Default> Rooms<T> {
    fn with(&self, work: impl FnOnce(&mut T)) {
        let free = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut room = free().pop().unwrap_or_default();
        work(&mut room);
        free().push(room);
    }
}

/// Room of one piece of work.
#[derive(Default)]
struct Room {
    /// Scores, draw after draw; NaN stands for missing here and nowhere else.
    scores: Vec<f64>,
    ranking: Ranking,
    scratch: Scratch,
}

/// Weights of the draws that are summed together, side by side, leaf after leaf.
type Together = Vec<[f64; DRAWS_TOGETHER]>;

/// Values of one leaf for the units of a panel.
type Panel = [f64; UNITS_PER_PANEL];

/// Leaf scores in panels of units, leaf after leaf within a panel.
struct Panels {
    units: usize,
    leaves: usize,
    values: Vec<Panel>,
    /// Units that the product cannot serve: all of them if the tree is not arithmetic, otherwise
    /// those with a gap.
    singly: Vec<usize>,
    /// Whether the product serves any unit.
    product: bool,
}

impl Panels {
    fn new(tree: &Tree, rows: &[&[Option<f64>]]) -> Self {
        let (units, leaves) = (rows.len(), tree.leaves().len());
        let product = tree.is_arithmetic();
        let complete = |row: &[Option<f64>]| product && (0..leaves).all(|i| finite(row, i).is_some());
        let singly: Vec<usize> = rows.iter().enumerate().filter(|(_, row)| !complete(row)).map(|(u, _)| u).collect();
        let product = singly.len() < units;
        let mut values = Vec::new();
        if product {
            let value = |rows: &[&[Option<f64>]], k: usize, leaf: usize| {
                rows.get(k).and_then(|row| finite(row, leaf)).unwrap_or(0.0)
            };
            let panel = |rows| (0..leaves).map(move |leaf| std::array::from_fn(|k| value(rows, k, leaf)));
            values = rows.chunks(UNITS_PER_PANEL).flat_map(panel).collect();
        }
        Panels { units, leaves, values, singly, product }
    }

    /// Fills the room with the scores of all units under each set of weights.
    fn scores(&self, tree: &Tree, rows: &[&[Option<f64>]], weights: &[Vec<f64>], room: &mut Room) {
        let n = self.units;
        room.scores.resize(n * weights.len(), 0.0);
        let effective: Vec<Option<Vec<f64>>> = weights.iter().map(|w| effective_weights(tree, w)).collect();
        if self.product {
            let together: Vec<Together> = effective
                .chunks(DRAWS_TOGETHER)
                .map(|draws| {
                    let weight = |d: usize, leaf: usize| draws.get(d).and_then(Option::as_ref).map_or(0.0, |e| e[leaf]);
                    (0..self.leaves).map(|leaf| std::array::from_fn(|d| weight(d, leaf))).collect()
                })
                .collect();
            product(&self.values, self.leaves, &together, n, &mut room.scores);
        }
        let everyone: Vec<usize> = if effective.iter().all(Option::is_some) { Vec::new() } else { (0..n).collect() };
        for (k, (weights, effective)) in weights.iter().zip(&effective).enumerate() {
            // A draw that leaves a node without weight is rare: each unit then goes its own way.
            for &unit in if effective.is_some() { &self.singly } else { &everyone } {
                let score = tree.score_varied(rows[unit], weights, &mut room.scratch);
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

/// Scores of all units under each set of effective weights, draw after draw.
fn product(values: &[Panel], leaves: usize, weights: &[Together], units: usize, scores: &mut [f64]) {
    for (p, panel) in values.chunks_exact(leaves).enumerate() {
        let first = p * UNITS_PER_PANEL;
        for (weights, scores) in weights.iter().zip(scores.chunks_mut(units * DRAWS_TOGETHER)) {
            let sums = sums(panel, weights);
            for (scores, sums) in scores.chunks_exact_mut(units).zip(&sums) {
                match scores[first..].first_chunk_mut() {
                    Some(panel) => *panel = *sums,
                    None => scores[first..].iter_mut().zip(sums).for_each(|(score, sum)| *score = *sum),
                }
            }
        }
    }
}

fn sums(panel: &[Panel], weights: &[[f64; DRAWS_TOGETHER]]) -> [Panel; DRAWS_TOGETHER] {
    let mut sums = [[0.0; UNITS_PER_PANEL]; DRAWS_TOGETHER];
    for (x, weights) in panel.iter().zip(weights) {
        for (sums, w) in sums.iter_mut().zip(weights) {
            for (sum, x) in sums.iter_mut().zip(x) {
                *sum += w * x;
            }
        }
    }
    sums
}

/// Ranks of scores of which NaN stands for missing; 0 for those.
pub(super) fn ranks_of(scores: &[f64]) -> Vec<u32> {
    let mut room = Ranking::default();
    room.rank(scores);
    room.ranks
}

/// Room for ranking one draw.
#[derive(Default)]
struct Ranking {
    /// Distance of each score from the highest, as a whole number.
    numbers: Vec<u32>,
    /// How many numbers have this lower digit; then the next place for one.
    low: Vec<u32>,
    /// The same for the upper digit.
    high: Vec<u32>,
    /// Number and unit in 64 bits, in order of the lower digit.
    half: Vec<u64>,
    /// The same in order of the number.
    sorted: Vec<u64>,
    /// Places whose number is that of the place before.
    shared: Vec<u32>,
    ranks: Vec<u32>,
}

/// 2⁵²: added to a smaller number it leaves the nearest whole number in the last 52 bits.
const WHOLE: f64 = 4_503_599_627_370_496.0;

impl Ranking {
    /// Ranks one draw: 1 is the highest score, equal scores share the lowest rank, NaN has none.
    ///
    /// A score becomes a whole number of two digits by its distance from the highest, fine enough
    /// that few scores share one. Two counting passes, lower digit first, put the numbers in order;
    /// scores that share a number are then put in order by the scores themselves.
    fn rank(&mut self, scores: &[f64]) -> &[u32] {
        let (low, high, present) = range(scores);
        // 1 in 200 units shares a number where scores are normal.
        let digit = ((usize::BITS - scores.len().leading_zeros() + 10) / 2).min(15);
        // Halves, so that no difference is beyond all numbers.
        let (top, span) = (0.5 * high, 0.5 * high - 0.5 * low);
        let last = f64::from((1_u32 << (2 * digit)) - 1);
        let scale = Some((last - 1.0) / span).filter(|s| s.is_finite()).unwrap_or(0.0);
        self.numbers.resize(scores.len(), 0);
        number(scores, top, scale, last, &mut self.numbers);
        self.low.resize(1 << digit, 0);
        self.high.resize(1 << digit, 0);
        count(&self.numbers, digit, &mut self.low, &mut self.high);
        self.half.resize(scores.len(), 0);
        self.sorted.resize(scores.len(), 0);
        order_by_low(&self.numbers, digit, &mut self.low, &mut self.half);
        order_by_high(&self.half, digit, &mut self.high, &mut self.sorted);
        self.ranks.resize(scores.len(), NO_RANK);
        if present < scores.len() {
            self.ranks.fill(NO_RANK);
        }
        self.shared.resize(scores.len(), 0);
        let sorted = &mut self.sorted[..present];
        let shared = write_ranks(sorted, &mut self.ranks, &mut self.shared);
        for run in self.shared[..shared].chunk_by(|a, b| a + 1 == *b) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            let first = *first as usize - 1;
            settle(scores, first, &mut sorted[first..=*last as usize], &mut self.ranks);
        }
        &self.ranks
    }
}

fn unit(key: u64) -> usize {
    (key & u64::from(u32::MAX)) as usize
}

/// Lowest and highest score, and how many are not NaN.
fn range(scores: &[f64]) -> (f64, f64, usize) {
    const LANES: usize = 4;
    let (mut low, mut high, mut present) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES], [0_u64; LANES]);
    let mut look = |scores: &[f64]| {
        for (k, &s) in scores.iter().enumerate().take(LANES) {
            // Comparisons with NaN are false.
            low[k] = if s < low[k] { s } else { low[k] };
            high[k] = if s > high[k] { s } else { high[k] };
            present[k] += u64::from(!s.is_nan());
        }
    };
    let (chunks, rest) = scores.as_chunks::<LANES>();
    chunks.iter().for_each(|chunk| look(chunk));
    look(rest);
    let low = low.into_iter().fold(f64::INFINITY, f64::min);
    let high = high.into_iter().fold(f64::NEG_INFINITY, f64::max);
    (low, high, present.iter().sum::<u64>() as usize)
}

// The passes below are functions of their own, so that the compiler knows that the lists do not overlap.

/// Whole number of each score: 0 for the highest, `last` for NaN alone.
fn number(scores: &[f64], top: f64, scale: f64, last: f64, numbers: &mut [u32]) {
    for (number, s) in numbers.iter_mut().zip(scores) {
        let distance = (top - 0.5 * s) * scale;
        let distance = if distance < last - 1.0 { distance } else { last - 1.0 };
        let distance = if s.is_nan() { last } else { distance };
        *number = (distance + WHOLE).to_bits() as u32;
    }
}

/// Counts both digits, then makes each count the first place of its digit.
fn count(numbers: &[u32], digit: u32, low: &mut [u32], high: &mut [u32]) {
    low.fill(0);
    high.fill(0);
    for number in numbers {
        low[(number & ((1 << digit) - 1)) as usize] += 1;
        high[(number >> digit) as usize] += 1;
    }
    for counts in [low, high] {
        let mut before = 0;
        for count in counts {
            before += std::mem::replace(count, before);
        }
    }
}

fn order_by_low(numbers: &[u32], digit: u32, places: &mut [u32], out: &mut [u64]) {
    for (unit, &number) in numbers.iter().enumerate() {
        let place = &mut places[(number & ((1 << digit) - 1)) as usize];
        out[*place as usize] = u64::from(number) << 32 | unit as u64;
        *place += 1;
    }
}

fn order_by_high(keys: &[u64], digit: u32, places: &mut [u32], out: &mut [u64]) {
    for &key in keys {
        let place = &mut places[(key >> (32 + digit)) as usize];
        out[*place as usize] = key;
        *place += 1;
    }
}

/// Writes ranks as if no number were shared, and lists the places where one is; returns their count.
fn write_ranks(sorted: &[u64], ranks: &mut [u32], shared: &mut [u32]) -> usize {
    let (mut count, mut before) = (0, u64::MAX);
    for (place, &key) in sorted.iter().enumerate() {
        ranks[unit(key)] = place as u32 + 1;
        // Written always and kept only if shared: no branch to guess.
        shared[count] = place as u32;
        count += usize::from(key >> 32 == before);
        before = key >> 32;
    }
    count
}

/// Ranks units that share a number, by their scores.
fn settle(scores: &[f64], first: usize, run: &mut [u64], ranks: &mut [u32]) {
    let score = |key: u64| scores[unit(key)];
    run.sort_unstable_by(|a, b| score(*b).total_cmp(&score(*a)).then(a.cmp(b)));
    let mut shared = (first, f64::NAN);
    for (k, &key) in run.iter().enumerate() {
        if score(key) != shared.1 {
            shared = (first + k, score(key));
        }
        ranks[unit(key)] = shared.0 as u32 + 1;
    }
}

/// Ranks of some units, unit after unit, from ranks of all, draw after draw.
fn transpose(ranks: &[u32], units: usize, first: usize, draws: usize, columns: &mut [u32]) {
    // As many draws as fill a line of the cache.
    const DRAWS: usize = 16;
    for (k, some) in ranks.chunks(units * DRAWS).enumerate() {
        let rows: Vec<&[u32]> = some.chunks_exact(units).map(|draw| &draw[first..]).collect();
        for (unit, column) in columns.chunks_exact_mut(draws).enumerate() {
            for (slot, row) in column[k * DRAWS..].iter_mut().zip(&rows) {
                *slot = row[unit];
            }
        }
    }
}

/// Ranks of the draws in which a unit has one, moved to the front.
fn present(column: &mut [u32]) -> &[u32] {
    if !column.contains(&NO_RANK) {
        return column;
    }
    let mut length = 0;
    for k in 0..column.len() {
        column[length] = column[k];
        length += usize::from(column[k] != NO_RANK);
    }
    &column[..length]
}

/// Room for the quantiles of units.
struct Selection {
    /// Ranks of a block of units, unit after unit.
    columns: Vec<u32>,
    counts: [u32; BINS],
    wanted: [bool; BINS],
    kept: Vec<u32>,
}

impl Default for Selection {
    fn default() -> Self {
        Selection { columns: Vec::new(), counts: [0; BINS], wanted: [false; BINS], kept: Vec::new() }
    }
}

impl Selection {
    /// Mean and quantiles of type 7.
    ///
    /// Ranks are counted in bins; only those in the bins that hold a wanted place are sorted.
    fn summarise(&mut self, ranks: &[u32], quantiles: (f64, f64)) -> Option<RankInterval> {
        let draws = ranks.len();
        let last = draws.checked_sub(1)?;
        let (lowest, highest) = (*ranks.iter().min()?, *ranks.iter().max()?);
        let sum: u64 = ranks.iter().map(|r| u64::from(*r)).sum();
        let width_bits = (u32::BITS - (highest - lowest).leading_zeros()).saturating_sub(BINS.ilog2());
        let bin = |r: u32| ((r - lowest) >> width_bits) as usize % BINS;
        self.counts.fill(0);
        for &r in ranks {
            self.counts[bin(r)] += 1;
        }
        let above = |p: f64| last as f64 * p;
        let below = |p: f64| (above(p) as usize).min(last);
        let ps = [quantiles.0, 0.5, quantiles.1];
        let mut places = [0; 6];
        for (pair, p) in places.chunks_exact_mut(2).zip(ps) {
            pair.copy_from_slice(&[below(p), (below(p) + 1).min(last)]);
        }
        places.sort_unstable();
        // Places among the ranks that are kept.
        let mut among_kept = places;
        let (mut before, mut dropped, mut next) = (0, 0, 0);
        for (wanted, &count) in self.wanted.iter_mut().zip(&self.counts) {
            before += count as usize;
            *wanted = false;
            while next < places.len() && places[next] < before {
                among_kept[next] -= dropped;
                next += 1;
                *wanted = true;
            }
            dropped += if *wanted { 0 } else { count as usize };
        }
        self.kept.resize(draws, 0);
        let mut kept = 0;
        for &r in ranks {
            self.kept[kept] = r;
            kept += usize::from(self.wanted[bin(r)]);
        }
        let kept = self.kept.get_mut(..kept)?;
        kept.sort_unstable();
        let at = |place: usize| f64::from(kept[among_kept[places.partition_point(|p| *p < place)]]);
        let quantile = |k: usize| {
            let (low, high) = (at(below(ps[k])), at((below(ps[k]) + 1).min(last)));
            low + (above(ps[k]) - below(ps[k]) as f64) * (high - low)
        };
        Some(RankInterval {
            low: quantile(0),
            median: quantile(1),
            high: quantile(2),
            mean: sum as f64 / draws as f64,
            draws,
        })
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
                    rows.iter().map(|row| tree.score_varied(row, &w, &mut scratch)).collect()
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
        let mut room = Ranking::default();
        let cases: Vec<Vec<f64>> = vec![
            (0..5000).map(|_| stream.normal()).collect(),
            (0..5000).map(|_| (stream.uniform() * 9.0).floor()).collect(),
            (0..5000).map(|i| if i == 0 { 1e12 } else { stream.uniform() }).collect(),
            (0..3000).map(|i| 5.0 + f64::from(i) * f64::EPSILON * 4.0).collect(),
            (0..100).map(|i| if i % 3 == 0 { f64::NAN } else { f64::from(i % 7) }).collect(),
            vec![3.0; 50],
            vec![-1e308, 1e308, 0.0],
            vec![0.0, -0.0, 1e-320, -1e-320],
            vec![1.0, f64::INFINITY, f64::NAN, f64::NEG_INFINITY, 2.0, f64::INFINITY],
            (0..4000).map(|i| if i % 3 == 0 { f64::NAN } else { (stream.uniform() * 400.0).floor() / 7.0 }).collect(),
            vec![f64::NAN; 4],
        ];
        for scores in cases {
            let ranks = room.rank(&scores).to_vec();
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
        Panels::new(&tree, &borrowed).scores(&tree, &borrowed, &[tree.weights().to_vec(), weights], &mut room);
        for (unit, row) in rows.iter().enumerate() {
            assert!((room.scores[unit] - tree.evaluate(row).root.unwrap()).abs() < 1e-12);
            assert_eq!(room.scores[20 + unit], row[3].unwrap());
        }
    }

    #[test]
    fn quantiles_by_selection_are_those_of_the_sorted_list() {
        let mut stream = Stream::new(3, 0, 0);
        for (n, most) in [1, 2, 3, 4, 5, 10, 101, 1000].into_iter().flat_map(|n| [(n, 50), (n, 5_000_000)]) {
            let list: Vec<u32> = (0..n).map(|_| 1 + stream.below(most) as u32).collect();
            let sorted = crate::index::moments::sorted(&list.iter().map(|r| f64::from(*r)).collect::<Vec<_>>());
            for p in [0.0, 0.05, 0.3, 0.49, 0.5, 0.501, 0.7, 0.95, 1.0] {
                let found = Selection::default().summarise(&list, (p, 1.0 - p)).unwrap();
                let expected = |p| crate::index::moments::quantile(&sorted, p).unwrap();
                for (a, b) in [(found.low, expected(p)), (found.high, expected(1.0 - p)), (found.median, expected(0.5))] {
                    assert!((a - b).abs() <= 1e-9 * b, "{n} {p}: {a} {b}");
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
