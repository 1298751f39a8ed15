//! Drivers: what each indicator contributes to a unit's composite score.

use super::operator::Operator;
use super::random::{Stream, purpose};
use super::tree::{Child, Scratch, Tree, finite};

/// Contributions of the present leaves to one unit's score.
#[derive(Debug, Clone, PartialEq)]
pub struct Drivers {
    /// Value of the root.
    pub score: f64,
    /// What the root would be with every present leaf at 0: a floor or a threshold table can
    /// make it differ from 0. `baseline` plus all contributions is `score`.
    pub baseline: f64,
    /// Contribution per leaf; missing where the leaf is missing. A present leaf under a node that
    /// lacks coverage contributes 0.
    pub contributions: Vec<Option<f64>>,
    /// Standard error per leaf where the contribution was sampled.
    pub standard_errors: Vec<Option<f64>>,
    /// How the contributions were found.
    pub method: DriverMethod,
}

/// How contributions were found, the least exact part deciding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DriverMethod {
    /// Every node on the way is an arithmetic mean: share of weight times value.
    Additive,
    /// Shapley values, exact.
    Shapley,
    /// Shapley values, some of them averaged over this many seeded random orders.
    Sampled {
        /// Number of orders, half of them the reverse of the other half.
        orders: usize,
    },
}

/// Limits of [`Tree::drivers_with`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DriverOptions {
    /// Largest number of leaves with a value other than 0 that is enumerated (2ⁿ coalitions);
    /// at most 20.
    pub exact_limit: usize,
    /// Pairs of an order and its reverse to sample above the limit; at least 2.
    pub pairs: usize,
    /// Seed of the sampling.
    pub seed: u64,
}

impl Default for DriverOptions {
    fn default() -> Self {
        DriverOptions { exact_limit: 14, pairs: 1000, seed: 0 }
    }
}

/// Value of a node for every coalition of its leaves. Bit `k` of the index is player `k`.
struct Table {
    players: Vec<usize>,
    values: Vec<f64>,
}

impl Tree {
    /// Contribution of each present leaf to the root's score, with the default limits.
    pub fn drivers(&self, leaves: &[Option<f64>]) -> Option<Drivers> {
        self.drivers_with(leaves, DriverOptions::default())
    }

    /// Contribution of each present leaf to the root's score.
    ///
    /// # Formula
    /// ```text
    /// v(S)  = root's score with the leaves of S at their values and the other present ones at 0
    /// phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S))
    /// ```
    /// Missing leaves stay missing throughout, so coverage and renormalised weights do not
    /// change. Through arithmetic nodes this is share of weight times value. Below the topmost
    /// other node the value of every coalition is tabulated; geometric and inverted geometric
    /// nodes are products of their children, so that the sum factorises:
    /// `phi_i = integral over q in 0..1 of E[v(S + i) - v(S)]`, each leaf in `S` with
    /// probability `q`, a polynomial that Gauss–Legendre quadrature integrates exactly. What
    /// stays too large is averaged over seeded random orders and their reverses.
    ///
    /// # Units and shape
    /// One entry per leaf, in score points. `baseline + sum of contributions = score` to 1e-9,
    /// sampled or not.
    ///
    /// # Missing and degenerate values
    /// `None` if the root is missing. A missing leaf has no contribution. A leaf at 0
    /// contributes 0.
    ///
    /// # Source
    /// Shapley (1953), *A value for n-person games*; Owen (1972), *Multilinear extensions of
    /// games*, Management Science 18(5), for the integral; Castro, Gómez and Tejada (2009),
    /// *Polynomial calculation of the Shapley value based on sampling*, for the sampling.
    pub fn drivers_with(&self, leaves: &[Option<f64>], options: DriverOptions) -> Option<Drivers> {
        let count = self.leaves().len();
        let evaluation = self.evaluate(leaves);
        let score = evaluation.root?;
        let at_zero: Vec<Option<f64>> = (0..count).map(|i| finite(leaves, i).map(|_| 0.0)).collect();
        let baseline = self.evaluate(&at_zero).root?;
        let mut drivers = Drivers {
            score,
            baseline,
            contributions: at_zero,
            standard_errors: vec![None; count],
            method: DriverMethod::Additive,
        };
        let mut open = vec![(self.root(), 1.0)];
        while let Some((n, share)) = open.pop() {
            let Some(node) = self.nodes().get(n) else { continue };
            if !node.operator.is_additive() {
                self.shapley(n, share, leaves, &evaluation.values, options, &mut drivers);
                continue;
            }
            let value_of = |child: Child| match child {
                Child::Leaf(i) => finite(leaves, i),
                Child::Node(i) => evaluation.values.get(i).copied().flatten(),
            };
            let total: f64 = node.children.iter().filter(|c| value_of(c.0).is_some()).map(|c| c.1).sum();
            for &(child, weight) in &node.children {
                let (Some(value), true) = (value_of(child), weight > 0.0) else { continue };
                let part = share * weight / total;
                match child {
                    Child::Leaf(i) => drivers.add(i, part * value),
                    Child::Node(i) => open.push((i, part)),
                }
            }
        }
        Some(drivers)
    }

    /// Adds the Shapley values of the leaves below a node, times its share of the root.
    fn shapley(
        &self,
        n: usize,
        share: f64,
        leaves: &[Option<f64>],
        values: &[Option<f64>],
        options: DriverOptions,
        drivers: &mut Drivers,
    ) {
        let limit = options.exact_limit.min(20);
        drivers.method = drivers.method.max(DriverMethod::Shapley);
        if let Some(table) = self.table(n, leaves, values, limit) {
            for (&leaf, phi) in table.players.iter().zip(shapley_of_table(&table)) {
                drivers.add(leaf, share * phi);
            }
        } else if let Some(parts) = self.product_shapley(n, leaves, values, limit) {
            for (leaf, phi) in parts {
                drivers.add(leaf, share * phi);
            }
        } else {
            let pairs = options.pairs.max(2);
            drivers.method = DriverMethod::Sampled { orders: 2 * pairs };
            for (leaf, phi, error) in self.sampled_shapley(n, leaves, pairs, options.seed) {
                drivers.add(leaf, share * phi);
                if let Some(slot) = drivers.standard_errors.get_mut(leaf) {
                    *slot = Some(share * error);
                }
            }
        }
    }

    /// Tabulates a node over the coalitions of its present leaves that are not 0; `None` if
    /// there are more than `limit`.
    fn table(&self, top: usize, leaves: &[Option<f64>], values: &[Option<f64>], limit: usize) -> Option<Table> {
        let below = self.below(top);
        let players = |n: usize| self.players(n, leaves, values);
        if players(top).len() > limit {
            return None;
        }
        let mut tables: Vec<Option<Table>> = self.nodes().iter().map(|_| None).collect();
        for n in below {
            let node = self.nodes().get(n)?;
            if values.get(n).copied().flatten().is_none() {
                continue;
            }
            let parts: Vec<Option<Table>> = node
                .children
                .iter()
                .map(|&(child, _)| match child {
                    Child::Leaf(i) => leaf_table(i, leaves),
                    Child::Node(i) => tables.get_mut(i).and_then(Option::take),
                })
                .collect();
            let weights = self.weights().get(self.edges(n)).unwrap_or_default();
            let table = join(&node.operator, &parts, weights)?;
            if let Some(slot) = tables.get_mut(n) {
                *slot = Some(table);
            }
        }
        tables.get_mut(top).and_then(Option::take)
    }

    /// Nodes of the subtree, children before parents.
    fn below(&self, top: usize) -> Vec<usize> {
        let mut inside = vec![false; self.nodes().len()];
        for &n in self.order().iter().rev() {
            let reached = n == top || inside.get(n).copied().unwrap_or(false);
            if let (true, Some(node)) = (reached, self.nodes().get(n)) {
                inside[n] = true;
                for &(child, _) in &node.children {
                    if let Child::Node(i) = child
                        && let Some(slot) = inside.get_mut(i)
                    {
                        *slot = true;
                    }
                }
            }
        }
        self.order().iter().copied().filter(|&n| inside.get(n).copied().unwrap_or(false)).collect()
    }

    /// Leaves below a node that can change it: present, not 0, under nodes that are present.
    fn players(&self, top: usize, leaves: &[Option<f64>], values: &[Option<f64>]) -> Vec<usize> {
        let mut found = Vec::new();
        let mut open = vec![top];
        while let Some(n) = open.pop() {
            if values.get(n).copied().flatten().is_none() {
                continue;
            }
            for &(child, weight) in self.nodes().get(n).map(|node| node.children.as_slice()).unwrap_or_default() {
                match child {
                    _ if weight <= 0.0 => {}
                    Child::Leaf(i) if finite(leaves, i).is_some_and(|x| x != 0.0) => found.push(i),
                    Child::Leaf(_) => {}
                    Child::Node(i) => open.push(i),
                }
            }
        }
        found
    }

    /// Shapley values below a node that is a product of its children, each child small enough
    /// to tabulate.
    fn product_shapley(
        &self,
        n: usize,
        leaves: &[Option<f64>],
        values: &[Option<f64>],
        limit: usize,
    ) -> Option<Vec<(usize, f64)>> {
        let node = self.nodes().get(n)?;
        let mut tables = Vec::new();
        let mut total = 0.0;
        for &(child, weight) in &node.children {
            let table = match child {
                Child::Leaf(i) => leaf_table(i, leaves),
                Child::Node(i) if values.get(i).copied().flatten().is_some() => {
                    Some(self.table(i, leaves, values, limit)?)
                }
                Child::Node(_) => None,
            };
            if let (Some(table), true) = (table, weight > 0.0) {
                total += weight;
                tables.push((table, weight));
            }
        }
        let factor: &dyn Fn(f64) -> f64 = match &node.operator {
            Operator::Geometric { floor } => &move |x: f64| x.max(*floor),
            Operator::Power { exponent, floor } if *exponent == 0.0 => &move |x: f64| x.max(*floor),
            Operator::InformInvertedGeometric => &|x: f64| (10.0 - x.clamp(0.0, 10.0)) / 10.0 * 9.0 + 1.0,
            _ => return None,
        };
        let scale = if node.operator == Operator::InformInvertedGeometric { -10.0 / 9.0 } else { 1.0 };
        for (table, weight) in &mut tables {
            for x in &mut table.values {
                *x = factor(*x).powf(*weight / total);
            }
        }
        let tables: Vec<Table> = tables.into_iter().map(|(table, _)| table).collect();
        Some(product_game(&tables).into_iter().map(|(leaf, phi)| (leaf, scale * phi)).collect())
    }

    /// Shapley values below a node, averaged over random orders: leaf, value, standard error.
    fn sampled_shapley(
        &self,
        n: usize,
        leaves: &[Option<f64>],
        pairs: usize,
        seed: u64,
    ) -> Vec<(usize, f64, f64)> {
        let evaluation = self.evaluate(leaves);
        let players = self.players(n, leaves, &evaluation.values);
        let mut coalition: Vec<Option<f64>> = leaves.to_vec();
        let mut stream = Stream::new(seed, purpose::DRIVERS, n as u64);
        let mut scratch = Scratch::default();
        let below = self.below(n);
        let mut order: Vec<usize> = (0..players.len()).collect();
        let mut mean = vec![0.0; players.len()];
        let mut squares = vec![0.0; players.len()];
        for pair in 1..=pairs {
            stream.shuffle(&mut order);
            let mut gain = vec![0.0; players.len()];
            for reverse in [false, true] {
                for &leaf in &players {
                    coalition[leaf] = Some(0.0);
                }
                let mut before = self.value_below(n, &below, &coalition, &mut scratch).unwrap_or(0.0);
                for step in 0..order.len() {
                    let k = order[if reverse { order.len() - 1 - step } else { step }];
                    coalition[players[k]] = leaves[players[k]];
                    let after = self.value_below(n, &below, &coalition, &mut scratch).unwrap_or(0.0);
                    gain[k] += 0.5 * (after - before);
                    before = after;
                }
            }
            for (k, &g) in gain.iter().enumerate() {
                let delta = g - mean[k];
                mean[k] += delta / pair as f64;
                squares[k] += delta * (g - mean[k]);
            }
        }
        let count = pairs as f64;
        let error = |k: usize| (squares[k] / (count - 1.0) / count).sqrt();
        players.iter().enumerate().map(|(k, &leaf)| (leaf, mean[k], error(k))).collect()
    }
}

impl Drivers {
    fn add(&mut self, leaf: usize, amount: f64) {
        if let Some(slot) = self.contributions.get_mut(leaf) {
            *slot = Some(slot.unwrap_or(0.0) + amount);
        }
    }
}

fn leaf_table(leaf: usize, leaves: &[Option<f64>]) -> Option<Table> {
    let value = finite(leaves, leaf)?;
    Some(if value == 0.0 {
        Table { players: Vec::new(), values: vec![0.0] }
    } else {
        Table { players: vec![leaf], values: vec![0.0, value] }
    })
}

/// Table of a node from those of its children; a missing child has none.
fn join(operator: &Operator, parts: &[Option<Table>], weights: &[f64]) -> Option<Table> {
    let counts = |part: &Table, weight: f64| if weight > 0.0 { part.players.len() } else { 0 };
    let mut players = Vec::new();
    for (part, &weight) in parts.iter().zip(weights) {
        if let (Some(part), true) = (part, weight > 0.0) {
            players.extend_from_slice(&part.players);
        }
    }
    let mut children = vec![None; parts.len()];
    let mut values = Vec::with_capacity(1 << players.len());
    for coalition in 0..1_usize << players.len() {
        let mut rest = coalition;
        for ((slot, part), &weight) in children.iter_mut().zip(parts).zip(weights) {
            let Some(part) = part else { continue };
            let bits = counts(part, weight);
            *slot = part.values.get(rest & ((1 << bits) - 1)).copied();
            rest >>= bits;
        }
        values.push(operator.combine(&children, weights)?);
    }
    Some(Table { players, values })
}

fn shapley_of_table(table: &Table) -> Vec<f64> {
    let n = table.players.len();
    // 1 / (n C(n-1, s)) for each size s of the coalition joined.
    let mut weight = vec![1.0 / n.max(1) as f64; n];
    for s in 1..n {
        weight[s] = weight[s - 1] * s as f64 / (n - s) as f64;
    }
    let gains = gains_by_size(table);
    gains.iter().map(|sizes| sizes.iter().zip(&weight).map(|(g, w)| g * w).sum()).collect()
}

/// For each player the sum of what it adds to the coalitions of each size.
fn gains_by_size(table: &Table) -> Vec<Vec<f64>> {
    let n = table.players.len();
    let mut gains = vec![vec![0.0; n]; n];
    for (coalition, &value) in table.values.iter().enumerate() {
        let size = coalition.count_ones() as usize;
        for (k, sizes) in gains.iter_mut().enumerate() {
            if coalition >> k & 1 == 0 {
                sizes[size] += table.values[coalition | 1 << k] - value;
            }
        }
    }
    gains
}

/// Shapley values of a product of games over disjoint players.
fn product_game(tables: &[Table]) -> Vec<(usize, f64)> {
    let total: usize = tables.iter().map(|t| t.players.len()).sum();
    let sums: Vec<Vec<f64>> = tables
        .iter()
        .map(|t| {
            let mut by_size = vec![0.0; t.players.len() + 1];
            for (coalition, value) in t.values.iter().enumerate() {
                by_size[coalition.count_ones() as usize] += value;
            }
            by_size
        })
        .collect();
    let gains: Vec<Vec<Vec<f64>>> = tables.iter().map(gains_by_size).collect();
    // sum_s c_s q^s (1-q)^(m-s) with m one less than the number of coefficients.
    let expected = |c: &[f64], q: f64| {
        let m = c.len() as i32 - 1;
        c.iter().enumerate().map(|(s, c)| c * q.powi(s as i32) * (1.0 - q).powi(m - s as i32)).sum::<f64>()
    };
    let mut shapley: Vec<Vec<f64>> = tables.iter().map(|t| vec![0.0; t.players.len()]).collect();
    for (q, weight) in gauss_legendre(total.div_ceil(2).max(1)) {
        let means: Vec<f64> = sums.iter().map(|c| expected(c, q)).collect();
        for (t, values) in shapley.iter_mut().enumerate() {
            let others: f64 = means.iter().enumerate().filter(|(k, _)| *k != t).map(|(_, m)| m).product();
            for (value, sizes) in values.iter_mut().zip(&gains[t]) {
                *value += weight * others * expected(sizes, q);
            }
        }
    }
    let leaves = tables.iter().flat_map(|t| t.players.iter().copied());
    leaves.zip(shapley.into_iter().flatten()).collect()
}

/// Nodes and weights of Gauss–Legendre quadrature on 0..1, exact for polynomials of degree
/// `2 points - 1`.
fn gauss_legendre(points: usize) -> Vec<(f64, f64)> {
    let n = points as f64;
    (0..points)
        .map(|k| {
            let mut x = (std::f64::consts::PI * (k as f64 + 0.75) / (n + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..100 {
                let (mut p, mut before) = (1.0, 0.0);
                for j in 0..points {
                    let j = j as f64;
                    (p, before) = (((2.0 * j + 1.0) * x * p - j * before) / (j + 1.0), p);
                }
                slope = n * (x * p - before) / (x * x - 1.0);
                let step = p / slope;
                x -= step;
                if step.abs() < 1e-16 {
                    break;
                }
            }
            (0.5 * (1.0 - x), 1.0 / ((1.0 - x * x) * slope * slope))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Node;
    use Child::{Leaf, Node as Inner};

    fn tree(operators: &[Operator], children: &[Vec<(Child, f64)>], leaves: usize) -> Tree {
        let nodes = operators
            .iter()
            .zip(children)
            .enumerate()
            .map(|(i, (o, c))| Node::new(format!("n{i}"), o.clone(), 0.0, c.clone()))
            .collect();
        Tree::new((0..leaves).map(|i| format!("x{i}")).collect(), nodes, 0).unwrap()
    }

    fn efficient(d: &Drivers) {
        let sum: f64 = d.baseline + d.contributions.iter().flatten().sum::<f64>();
        assert!((sum - d.score).abs() < 1e-9, "{sum} is not {}", d.score);
    }

    #[test]
    fn additive_by_hand() {
        let t = tree(
            &[Operator::Arithmetic, Operator::Arithmetic],
            &[vec![(Inner(1), 3.0), (Leaf(2), 1.0)], vec![(Leaf(0), 1.0), (Leaf(1), 1.0)]],
            3,
        );
        let d = t.drivers(&[Some(2.0), None, Some(9.0)]).unwrap();
        assert_eq!(d.contributions, [Some(1.5), None, Some(2.25)]);
        assert_eq!((d.baseline, d.method), (0.0, DriverMethod::Additive));
        efficient(&d);
        assert_eq!(t.drivers(&[None; 3]), None);
    }

    #[test]
    fn shapley_by_hand() {
        // max(6, 2): orders (a, b) give 6, 0; (b, a) give 4, 2.
        let t = tree(&[Operator::Max], &[vec![(Leaf(0), 1.0), (Leaf(1), 1.0)]], 2);
        let d = t.drivers(&[Some(6.0), Some(2.0)]).unwrap();
        assert_eq!(d.contributions, [Some(5.0), Some(1.0)]);
        assert_eq!(d.method, DriverMethod::Shapley);
        // Geometric with floor 1: v = 1, 9 alone -> 3, 4 alone -> 2, both 6.
        let t = tree(&[Operator::Geometric { floor: 1.0 }], &[vec![(Leaf(0), 1.0), (Leaf(1), 1.0)]], 2);
        let d = t.drivers(&[Some(9.0), Some(4.0)]).unwrap();
        assert!((d.baseline - 1.0).abs() < 1e-12);
        assert!((d.contributions[0].unwrap() - 3.0).abs() < 1e-12);
        assert!((d.contributions[1].unwrap() - 2.0).abs() < 1e-12);
        efficient(&d);
    }

    fn wide(operator: Operator) -> (Tree, Vec<Option<f64>>) {
        let groups = [4, 5, 3];
        let mut children = vec![vec![(Inner(1), 1.0), (Inner(2), 2.0), (Inner(3), 1.5)]];
        let mut leaf = 0;
        for g in groups {
            children.push((0..g).map(|k| (Leaf(leaf + k), 1.0 + k as f64)).collect());
            leaf += g;
        }
        let inner = [Operator::Arithmetic, Operator::InformInvertedGeometric, Operator::Max];
        let operators: Vec<Operator> = std::iter::once(operator).chain(inner).collect();
        let values = (0..leaf).map(|i| if i == 6 { None } else { Some((i * 7 % 11) as f64 * 0.9) }).collect();
        (tree(&operators, &children, leaf), values)
    }

    #[test]
    fn factorised_and_sampled_agree_with_enumeration() {
        for operator in [Operator::Geometric { floor: 0.1 }, Operator::InformInvertedGeometric] {
            let (t, values) = wide(operator);
            let full = t.drivers_with(&values, DriverOptions { exact_limit: 20, ..Default::default() }).unwrap();
            let product = t.drivers_with(&values, DriverOptions { exact_limit: 6, ..Default::default() }).unwrap();
            let sampled =
                t.drivers_with(&values, DriverOptions { exact_limit: 1, pairs: 500, seed: 3 }).unwrap();
            assert_eq!((full.method, product.method), (DriverMethod::Shapley, DriverMethod::Shapley));
            assert_eq!(sampled.method, DriverMethod::Sampled { orders: 1000 });
            for d in [&full, &product, &sampled] {
                efficient(d);
            }
            for i in 0..values.len() {
                let (Some(a), Some(b), Some(c)) =
                    (full.contributions[i], product.contributions[i], sampled.contributions[i])
                else {
                    assert_eq!(i, 6);
                    continue;
                };
                assert!((a - b).abs() < 1e-12, "leaf {i}: {a} {b}");
                // Six standard errors: one in 10⁹ by chance.
                let error = sampled.standard_errors[i].unwrap_or(0.0);
                assert!((a - c).abs() <= 6.0 * error + 1e-12, "leaf {i}: {a} {c} ± {error}");
            }
        }
    }

    #[test]
    fn a_leaf_under_an_uncovered_node_contributes_nothing() {
        let nodes = vec![
            Node::new("root", Operator::Max, 0.0, vec![(Inner(1), 1.0), (Leaf(2), 1.0)]),
            Node::new("d", Operator::Arithmetic, 0.9, vec![(Leaf(0), 1.0), (Leaf(1), 1.0)]),
        ];
        let t = Tree::new(["a", "b", "c"].map(String::from).to_vec(), nodes, 0).unwrap();
        let d = t.drivers(&[Some(9.0), None, Some(4.0)]).unwrap();
        assert_eq!(d.contributions, [Some(0.0), None, Some(4.0)]);
        efficient(&d);
    }
}
