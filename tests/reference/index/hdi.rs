//! Human Development Index from its formula, with published figures.

use tukhum::index::*;

/// UNDP, Human Development Report 2021/22, statistical annex table 1 (values of 2021): life expectancy,
/// expected and mean years of schooling, income per head (2017 PPP $), published index. The index
/// is published with three decimals and the schooling with one, hence ±0.001.
const PUBLISHED: [(&str, f64, f64, f64, f64, f64); 3] = [
    ("Switzerland", 84.0, 16.5, 13.9, 66_933.0, 0.962),
    ("Norway", 83.2, 18.2, 13.0, 64_660.0, 0.961),
    ("Iceland", 82.7, 19.2, 13.8, 55_782.0, 0.959),
];

#[test]
fn index_from_the_formula() {
    let leaf = |i| (Child::Leaf(i), 1.0);
    let nodes = vec![
        Node::new("hdi", Operator::Geometric { floor: 1e-6 }, 1.0, vec![leaf(0), (Child::Node(1), 1.0), leaf(3)]),
        Node::new("education", Operator::Arithmetic, 1.0, vec![leaf(1), leaf(2)]),
    ];
    let leaves = ["life", "expected", "mean", "income"].map(String::from).to_vec();
    let tree = Tree::new(leaves, nodes, 0).unwrap();
    let up = Direction::HigherIsRiskier;
    let posts = |a, b| Goalposts::new(a, b).unwrap();
    for (country, life, expected, mean, income, published) in PUBLISHED {
        let scores = [
            posts(20.0, 85.0).score(life, up),
            posts(0.0, 18.0).score(expected, up),
            posts(0.0, 15.0).score(mean, up),
            posts(100_f64.ln(), 75_000_f64.ln()).score(income.ln(), up),
        ];
        let index = tree.evaluate(&scores.map(Some)).root.unwrap() / 10.0;
        assert!((index - published).abs() <= 0.001, "{country}: {index} and {published}");
    }
}
