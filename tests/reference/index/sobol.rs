//! Sobol indices against SALib's, which `sobol_salib.py` wrote down.

use tukhum::index::*;

fn ishigami(x: &[f64]) -> f64 {
    let at = |i: usize| std::f64::consts::PI * (2.0 * x[i] - 1.0);
    at(0).sin() + 7.0 * at(1).sin().powi(2) + 0.1 * at(2).powi(4) * at(0).sin()
}

fn g_function(x: &[f64]) -> f64 {
    x.iter().zip([0.0, 1.0, 4.5, 9.0, 99.0, 99.0]).map(|(x, a)| ((4.0 * x - 2.0).abs() + a) / (1.0 + a)).product()
}

/// The weights of a tree under a geometric mean, through the engine's own study.
fn geometric_index(study: &Study<'_>, u: &[f64]) -> Option<f64> {
    study.scores_at(u)[0]
}

fn study<'a>() -> Study<'a> {
    let nodes = vec![
        Node::new("top", Operator::Geometric { floor: 0.1 }, 0.0, vec![(Child::Node(1), 1.0), (Child::Node(2), 1.0)]),
        Node::new("a", Operator::Arithmetic, 0.0, vec![(Child::Leaf(0), 1.0), (Child::Leaf(1), 1.0)]),
        Node::new("b", Operator::Arithmetic, 0.0, vec![(Child::Leaf(2), 1.0), (Child::Leaf(3), 1.0)]),
    ];
    let tree = Tree::new((0..4).map(|i| format!("x{i}")).collect(), nodes, 0).unwrap();
    let row = [9.0, 2.0, 1.0, 4.0].map(Some).to_vec();
    Study::new(vec![tree], vec![vec![row]]).unwrap().with_weights(WeightVariation::Relative { phi: 0.25 }).unwrap()
}

#[test]
fn indices_agree_with_salib() {
    let file = include_str!("sobol_salib.csv");
    let study = study();
    // The study names the two weights of the top first, the model of the script names them last.
    let order = [4, 5, 0, 1, 2, 3];
    let options = SobolOptions { points: 1 << 14, replicates: 0, ..Default::default() };
    let of_study = |u: &[f64]| geometric_index(&study, &order.map(|i| u[i]));
    let models: [(&str, usize, &(dyn Fn(&[f64]) -> Option<f64> + Sync)); 3] =
        [("ishigami", 3, &|u| Some(ishigami(u))), ("g_function", 6, &|u| Some(g_function(u))), ("geometric_index", 6, &of_study)];
    for (name, inputs, model) in models {
        let found = sobol_indices(inputs, options, model).unwrap();
        let expected: Vec<Vec<&str>> =
            file.lines().filter(|l| l.split(',').next() == Some(name)).map(|l| l.split(',').collect()).collect();
        assert_eq!(expected.len(), inputs);
        let mut largest = 0.0_f64;
        for (line, (first, total)) in expected.iter().zip(found.first.iter().zip(&found.total)) {
            for (ours, theirs) in [(first, line[2]), (total, line[3])] {
                largest = largest.max((ours.value - theirs.parse::<f64>().unwrap()).abs());
            }
        }
        // Two different scrambled sequences: what is left is the error of integration.
        super::data::within(&format!("Sobol indices of {name}, SALib 1.6.0"), largest, 1e-3);
    }
}
