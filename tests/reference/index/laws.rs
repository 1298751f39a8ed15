//! Laws that hold for every tree and table, tried on random ones.

use proptest::prelude::*;
use tukhum::index::*;

/// Number of random cases per law.
const CASES: u32 = 256;

/// A random tree of up to three levels over `leaves` leaves, from a list of choices.
fn build(choices: &[u8], weights: &[f64], leaves: usize, only: Option<Operator>) -> Tree {
    let groups = 1 + choices[0] as usize % 4;
    let of = |i: usize| choices[(1 + i) % choices.len()] as usize;
    let operator = |k: usize| only.clone().unwrap_or_else(|| operator(of(7 * k + 3)));
    let mut nodes = vec![Node::new("root", operator(0), 0.0, Vec::new())];
    for g in 0..groups {
        nodes.push(Node::new(format!("d{g}"), operator(g + 1), 0.0, Vec::new()));
    }
    for leaf in 0..leaves {
        let parent = if leaf < groups { leaf + 1 } else { of(leaf) % (groups + 1) };
        nodes[parent].children.push((Child::Leaf(leaf), weights[leaf % weights.len()]));
    }
    // A chain or a fan of dimensions.
    for g in 1..=groups {
        let parent = if g > 1 && of(g) % 3 == 0 { g - 1 } else { 0 };
        nodes[parent].children.push((Child::Node(g), weights[(leaves + g) % weights.len()]));
    }
    Tree::new((0..leaves).map(|i| format!("x{i}")).collect(), nodes, 0).expect("a tree")
}

fn operator(k: usize) -> Operator {
    match k % 9 {
        0 | 1 => Operator::Arithmetic,
        2 => Operator::Geometric { floor: 0.1 },
        3 => Operator::Harmonic { floor: 0.1 },
        4 => Operator::Power { exponent: [-2.0, -0.3, 0.0, 0.7, 3.0][k / 9 % 5], floor: 0.1 },
        5 => Operator::InformInvertedGeometric,
        6 => Operator::Max,
        7 => Operator::Min,
        _ => Operator::Override { at_or_above: 8.0 },
    }
}

fn score() -> impl Strategy<Value = f64> {
    prop_oneof![4 => 0.0..=10.0, 1 => Just(0.0), 1 => Just(10.0), 1 => (0..=10u8).prop_map(f64::from)]
}

fn cell() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![5 => score().prop_map(Some), 1 => Just(None)]
}

const LEAVES: usize = 7;

fn tree() -> impl Strategy<Value = Tree> {
    (prop::collection::vec(any::<u8>(), 40), prop::collection::vec(0.1..5.0, 12))
        .prop_map(|(choices, weights)| build(&choices, &weights, LEAVES, None))
}

fn arithmetic_tree() -> impl Strategy<Value = Tree> {
    (prop::collection::vec(any::<u8>(), 40), prop::collection::vec(0.1..5.0, 12))
        .prop_map(|(choices, weights)| build(&choices, &weights, LEAVES, Some(Operator::Arithmetic)))
}

fn row() -> impl Strategy<Value = Vec<Option<f64>>> {
    prop::collection::vec(cell(), LEAVES)
}

fn rows() -> impl Strategy<Value = Vec<Vec<Option<f64>>>> {
    prop::collection::vec(row(), 2..12)
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every value lies between the lowest and highest of the node's children, raised to the floor.
    #[test]
    fn bounded_by_the_children(tree in tree(), row in row()) {
        let values = tree.evaluate(&row).values;
        for (n, node) in tree.nodes().iter().enumerate() {
            let Some(value) = values[n] else { continue };
            let children = node.children.iter().filter_map(|(c, _)| match c {
                Child::Leaf(i) => row[*i],
                Child::Node(i) => values[*i],
            });
            let floor = match node.operator {
                Operator::Geometric { floor } | Operator::Harmonic { floor } | Operator::Power { floor, .. } => floor,
                _ => 0.0,
            };
            let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
            for x in children {
                low = low.min(x.max(floor));
                high = high.max(x.max(floor));
            }
            prop_assert!(low <= value && value <= high, "{value} in {low}..{high}, {:?}", node.operator);
        }
    }

    /// Raising one leaf never lowers the score; lowering is the same read backwards.
    #[test]
    fn monotone(tree in tree(), row in row(), leaf in 0..LEAVES, by in 0.0..10.0f64) {
        let Some(x) = row[leaf] else { return Ok(()) };
        let mut higher = row.clone();
        higher[leaf] = Some(f64::min(x + by, 10.0));
        let (a, b) = (tree.evaluate(&row).root, tree.evaluate(&higher).root);
        prop_assert!(a.unwrap() <= b.unwrap() + 1e-12);
    }

    /// The score lies between best and worst case, which fill every gap with 0 and with 10, unless a
    /// floor lifts a node that is missing as a whole (or a node lacks coverage: none does here).
    #[test]
    fn within_its_bounds(tree in tree(), row in row()) {
        let (best, worst) = tree.bounds(&row);
        prop_assert!(best <= worst);
        let floor = |node: &Node| node.operator.combine(&[Some(0.0)], &[1.0]) != Some(0.0);
        if let (Some(score), false) = (tree.evaluate(&row).root, tree.nodes().iter().any(floor)) {
            prop_assert!(best <= score + 1e-12 && score <= worst + 1e-12, "{best} {score} {worst}");
        }
    }

    /// The order of rows changes no score and no rank.
    #[test]
    fn order_of_rows(tree in tree(), rows in rows(), seed in any::<u64>()) {
        let scores: Vec<Option<f64>> = rows.iter().map(|r| tree.evaluate(r).root).collect();
        let mut order: Vec<usize> = (0..rows.len()).collect();
        random::Stream::new(seed, 0, 0).shuffle(&mut order);
        let shuffled: Vec<Option<f64>> = order.iter().map(|&i| tree.evaluate(&rows[i]).root).collect();
        let (a, b) = (rank(&scores), rank(&shuffled));
        for (k, &i) in order.iter().enumerate() {
            prop_assert_eq!(shuffled[k], scores[i]);
            prop_assert_eq!(b[k], a[i]);
        }
    }

    /// The order of a node's children changes a score by rounding at most.
    #[test]
    fn order_of_indicators(tree in tree(), row in row()) {
        let mut nodes = tree.nodes().to_vec();
        nodes.iter_mut().for_each(|n| n.children.reverse());
        let other = Tree::new(tree.leaves().to_vec(), nodes, tree.root()).unwrap();
        match (tree.evaluate(&row).root, other.evaluate(&row).root) {
            // An override flips where rounding moves a child across its threshold: not compared.
            (Some(a), Some(b)) if !near_an_override(&tree, &row) => prop_assert!(close(a, b), "{a} {b}"),
            (Some(_), Some(_)) => {}
            (a, b) => prop_assert_eq!(a, b),
        }
    }

    /// A constant factor on all weights of a node changes nothing.
    #[test]
    fn scale_of_weights(tree in tree(), row in row(), factor in 0.01..100.0) {
        let scaled: Vec<f64> = tree.weights().iter().map(|w| w * factor).collect();
        let other = tree.with_weights(&scaled).unwrap();
        match (tree.evaluate(&row).root, other.evaluate(&row).root) {
            (Some(a), Some(b)) if !near_an_override(&tree, &row) => prop_assert!(close(a, b), "{a} {b}"),
            (Some(_), Some(_)) => {}
            (a, b) => prop_assert_eq!(a, b),
        }
    }

    /// An indicator that no unit has changes nothing but coverage.
    #[test]
    fn a_leaf_missing_everywhere(tree in tree(), row in row(), weight in 0.1..5.0, under in 0..2usize) {
        let mut leaves = tree.leaves().to_vec();
        leaves.push("new".into());
        let mut nodes = tree.nodes().to_vec();
        nodes[under].children.push((Child::Leaf(LEAVES), weight));
        let other = Tree::new(leaves, nodes, tree.root()).unwrap();
        let mut longer = row.clone();
        longer.push(None);
        let (a, b) = (tree.evaluate(&row), other.evaluate(&longer));
        prop_assert_eq!(a.values, b.values);
        prop_assert!(b.coverage[under] <= a.coverage[under]);
    }

    /// Baseline and contributions add up to the score, exact or sampled.
    #[test]
    fn drivers_are_efficient(tree in tree(), row in row(), limit in 0usize..8) {
        let options = DriverOptions { exact_limit: limit, pairs: 10, seed: 1 };
        let score = tree.evaluate(&row).root;
        match tree.drivers_with(&row, options) {
            None => prop_assert_eq!(score, None),
            Some(d) => {
                let sum = d.baseline + d.contributions.iter().flatten().sum::<f64>();
                prop_assert!((sum - score.unwrap()).abs() < 1e-9, "{sum} {score:?}");
                for (c, x) in d.contributions.iter().zip(&row) {
                    prop_assert_eq!(c.is_some(), x.is_some());
                }
            }
        }
    }

    /// Two leaves with equal weight and value under one node contribute equally; a leaf at 0 nothing.
    #[test]
    fn drivers_are_fair(tree in tree(), mut row in row(), x in score()) {
        let node = &tree.nodes()[1];
        let leaves: Vec<usize> =
            node.children.iter().filter_map(|(c, _)| if let Child::Leaf(i) = c { Some(*i) } else { None }).collect();
        let mut nodes = tree.nodes().to_vec();
        nodes[1].children.iter_mut().for_each(|c| c.1 = 1.0);
        let tree = Tree::new(tree.leaves().to_vec(), nodes, 0).unwrap();
        for &i in &leaves {
            row[i] = Some(x);
        }
        if let Some(d) = tree.drivers(&row) {
            for &i in &leaves {
                prop_assert!(close(d.contributions[i].unwrap(), d.contributions[leaves[0]].unwrap()));
                if x == 0.0 {
                    prop_assert_eq!(d.contributions[i], Some(0.0));
                }
            }
        }
    }

    /// Ranks agree with the scores before rounding, and equal scores have equal ranks.
    #[test]
    fn ranks_agree_with_scores(scores in prop::collection::vec(cell(), 0..30)) {
        let ranks = rank(&scores);
        for (a, x) in ranks.iter().zip(&scores) {
            prop_assert_eq!(a.is_some(), x.is_some());
            for (b, y) in ranks.iter().zip(&scores) {
                if let (Some(a), Some(b), Some(x), Some(y)) = (a, b, x, y) {
                    prop_assert_eq!(a < b, x > y);
                    prop_assert_eq!(a == b, x == y);
                }
            }
        }
    }

    /// A goalpost score does not change when other units come or go; others' scores may.
    #[test]
    fn goalposts_do_not_look_around(column in prop::collection::vec(cell(), 1..20), keep in 0..20usize) {
        let goalposts = Goalposts::new(2.0, 8.0).unwrap();
        let method = Normalisation::Goalposts { goalposts, to: (0.0, 10.0), clamp: true };
        let run = |c: &[Option<f64>]| normalise(c, Transform::None, &method, Direction::LowerIsRiskier).unwrap().values;
        let keep = keep % column.len();
        prop_assert_eq!(run(&column)[keep], run(&column[keep..=keep])[0]);
    }

    /// No method and no direction yields anything but finite numbers and missing cells.
    #[test]
    fn normalisation_is_finite(
        column in prop::collection::vec(prop_oneof![
            3 => (-1e6..1e6f64).prop_map(Some),
            1 => Just(None),
            1 => prop::num::f64::ANY.prop_map(Some),
            1 => Just(Some(0.0)),
        ], 0..15),
        which in 0..9usize,
        before in 0..6usize,
        down in any::<bool>(),
    ) {
        let method = [
            Normalisation::MinMax { to: (1.0, 100.0) }, Normalisation::ZScore { mean: 0.0, deviation: 1.0 },
            Normalisation::Rank, Normalisation::Borda, Normalisation::PercentileRank,
            Normalisation::DistanceToMaximum, Normalisation::DistanceToTarget { target: 5.0, cap: true },
            Normalisation::DistanceToReference { row: 1 }, Normalisation::FractionOfMaximum,
        ][which].clone();
        let before = [
            Transform::None, Transform::Log1p, Transform::Log10, Transform::Sqrt,
            Transform::BoxCox { lambda: Some(0.3), shift_to_one: true },
            Transform::BoxCox { lambda: None, shift_to_one: false },
        ][before];
        let direction = if down { Direction::LowerIsRiskier } else { Direction::HigherIsRiskier };
        if let Ok(n) = normalise(&column, before, &method, direction) {
            prop_assert_eq!(n.values.len(), column.len());
            prop_assert!(n.values.iter().flatten().all(|v| v.is_finite()));
            for (v, x) in n.values.iter().zip(&column) {
                prop_assert!(v.is_none() || x.is_some());
            }
        }
        let t = treat(&column, &Treatment::default());
        prop_assert!(t.values.iter().flatten().all(|v| v.is_finite()));
    }

    /// Evaluation yields finite numbers or nothing on any input at all.
    #[test]
    fn evaluation_is_finite(tree in tree(), row in prop::collection::vec(prop_oneof![
        Just(None), prop::num::f64::ANY.prop_map(Some)
    ], 0..10)) {
        let e = tree.evaluate(&row);
        prop_assert!(e.values.iter().flatten().all(|v| v.is_finite()));
        if let Some(d) = tree.drivers(&row) {
            prop_assert!(d.contributions.iter().flatten().all(|v| !v.is_nan()));
        }
        let (best, worst) = tree.bounds(&row);
        prop_assert!(best.is_finite() && worst.is_finite());
    }

    /// At both ends of a weight-stability interval the two units named are level.
    #[test]
    fn stability_ends_are_swaps(tree in arithmetic_tree(), rows in rows(), node in 0..3usize, child in 0..3usize) {
        let Ok(s) = weight_stability(&tree, &rows, node, child) else { return Ok(()) };
        prop_assert!(s.lower.is_none_or(|l| l <= s.share) && s.upper.is_none_or(|u| u >= s.share));
        for (end, pair) in [(s.lower, s.swap_below), (s.upper, s.swap_above)] {
            let (Some(t), Some((a, b))) = (end, pair) else { continue };
            if a == b { continue }
            let edges = tree.edges(node);
            let mut weights = tree.weights().to_vec();
            let own = edges.start + child;
            let others: f64 = edges.clone().filter(|e| *e != own).map(|e| weights[e]).sum();
            for e in edges {
                weights[e] = if e == own { t } else { (1.0 - t) * weights[e] / others };
            }
            let mut scratch = Scratch::default();
            let x = tree.score_with(&rows[a], &weights, &mut scratch);
            let y = tree.score_with(&rows[b], &weights, &mut scratch);
            if let (Some(x), Some(y)) = (x, y) {
                prop_assert!((x - y).abs() < 1e-7, "at {t}: {x} and {y}");
            }
        }
    }

    /// The three parts of a change add up to it.
    #[test]
    fn changes_add_up(before in tree(), row in row(), later in row(), weights in prop::collection::vec(0.1..5.0, 40)) {
        let after = before.with_weights(&weights[..before.weights().len()]).unwrap();
        if let Some(c) = decompose_trees(&before, &after, [[&row, &row], [&later, &later]]) {
            prop_assert!((c.data + c.method + c.weights - (c.after - c.before)).abs() < 1e-9);
            prop_assert!(c.method.abs() < 1e-12);
        }
    }

    /// Copeland: scores add up to 0, and reversing every value reverses them.
    #[test]
    fn copeland_is_antisymmetric(rows in rows(), weights in prop::collection::vec(0.1..5.0, LEAVES)) {
        let c = copeland(&rows, &weights);
        prop_assert_eq!(c.scores.iter().flatten().sum::<f64>(), 0.0);
        let reversed: Vec<Vec<Option<f64>>> = rows.iter().map(|r| r.iter().map(|x| x.map(|x| 10.0 - x)).collect()).collect();
        for (a, b) in c.scores.iter().zip(copeland(&reversed, &weights).scores) {
            prop_assert_eq!(a.map(|a| -a + 0.0), b.map(|b| b + 0.0));
        }
    }
}

/// Whether some override has a child within rounding of its threshold.
fn near_an_override(tree: &Tree, row: &[Option<f64>]) -> bool {
    let values = tree.evaluate(row).values;
    tree.nodes().iter().any(|node| {
        let Operator::Override { at_or_above } = node.operator else { return false };
        node.children.iter().any(|(c, _)| {
            let x = match c {
                Child::Leaf(i) => row[*i],
                Child::Node(i) => values[*i],
            };
            x.is_some_and(|x| (x - at_or_above).abs() < 1e-9)
        })
    })
}
