//! Human Development Index from its formula, with published figures.

use tukhum::index::*;

/// UNDP, Human Development Report 2021/22, statistical annex, table 1 (values of 2021), file
/// `HDR21-22_Statistical_Annex_HDI_Table.xlsx` of hdr.undp.org, as transcribed by others: life expectancy, expected
/// and mean years of schooling, income per head (2017 PPP $), published index. Chosen for the caps
/// (schooling above 18 years in five, income above 75,000 $ in two) and for the region.
const PUBLISHED: [(&str, f64, f64, f64, f64, f64); 13] = [
    ("Switzerland", 84.0, 16.5, 13.9, 66_933.0, 0.962),
    ("Norway", 83.2, 18.2, 13.0, 64_660.0, 0.961),
    ("Iceland", 82.7, 19.2, 13.8, 55_782.0, 0.959),
    ("Australia", 84.5, 21.1, 12.7, 49_238.0, 0.951),
    ("Denmark", 81.4, 18.7, 13.0, 60_365.0, 0.948),
    ("Singapore", 82.8, 16.5, 11.9, 90_919.0, 0.939),
    ("Greece", 80.1, 20.0, 11.4, 29_002.0, 0.887),
    ("Qatar", 79.3, 12.6, 10.0, 87_134.0, 0.855),
    ("Mauritania", 64.4, 9.4, 4.9, 5_075.0, 0.556),
    ("Senegal", 67.1, 9.0, 2.9, 3_344.0, 0.511),
    ("Burkina Faso", 59.3, 9.1, 2.1, 2_118.0, 0.449),
    ("Mali", 58.9, 7.4, 2.3, 2_133.0, 0.428),
    ("Niger", 61.6, 7.0, 2.1, 1_240.0, 0.400),
];

/// Schooling is published with one decimal: half of the last moves Niger's education by 1.3 % and its
/// index, the cube root of three, by 0.0017; the index itself has three decimals.
const TOLERANCE: f64 = 0.002;

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
    let mut largest = 0.0_f64;
    for (country, life, expected, mean, income, published) in PUBLISHED {
        let scores = [
            posts(20.0, 85.0).score(life, up),
            posts(0.0, 18.0).score(expected, up),
            posts(0.0, 15.0).score(mean, up),
            posts(100_f64.ln(), 75_000_f64.ln()).score(income.ln(), up),
        ];
        let index = tree.evaluate(&scores.map(Some)).root.unwrap() / 10.0;
        assert!((index - published).abs() <= TOLERANCE, "{country}: {index} and {published}");
        largest = largest.max((index - published).abs());
    }
    super::data::within("HDI 2021 of 13 countries", largest, TOLERANCE);
}
