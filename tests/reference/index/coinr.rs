//! COINr 1.1.14 (R 4.2.2) on a table of our own: 60 units × 48 indicators, 7 pillars, 2
//! sub-indexes, 1 index, with gaps, ties and outliers.
//!
//! Tolerance 1e-12 relative to the column's largest value: orders of summation differ, nothing
//! else.

use super::data::{Reference, difference, within};
use tukhum::index::weights::{PcaWeightsError, pca};
use tukhum::index::*;

const TOLERANCE: f64 = 1e-12;
const FOLDER: &str = "reference_coinr";

struct Case {
    meta: Reference,
    codes: Vec<String>,
    directions: Vec<Direction>,
}

fn case() -> Option<Case> {
    let meta = Reference::read(&format!("{FOLDER}/iMeta.csv"))?;
    let (level, code, direction) = (meta.text("Level"), meta.text("iCode"), meta.text("Direction"));
    let leaves: Vec<usize> = (0..level.len()).filter(|&i| level[i] == "1").collect();
    let codes = leaves.iter().map(|&i| code[i].clone()).collect();
    let directions = leaves
        .iter()
        .map(|&i| if direction[i] == "-1" { Direction::LowerIsRiskier } else { Direction::HigherIsRiskier })
        .collect();
    Some(Case { meta, codes, directions })
}

fn out(file: &str) -> Reference {
    Reference::read(&format!("{FOLDER}/out/{file}.csv")).expect("the folder is set")
}

impl Case {
    fn columns(&self, file: &Reference) -> Vec<Vec<Option<f64>>> {
        self.codes.iter().map(|c| file.numbers(c)).collect()
    }

    fn raw(&self, name: &str) -> Vec<Vec<Option<f64>>> {
        self.columns(&Reference::read(&format!("{FOLDER}/{name}.csv")).expect("the folder is set"))
    }

    fn rows(&self, columns: &[Vec<Option<f64>>]) -> Vec<Vec<Option<f64>>> {
        (0..columns[0].len()).map(|i| columns.iter().map(|c| c[i]).collect()).collect()
    }

    /// The index tree; operators by level 2, 3, 4.
    fn tree(&self, operators: [Operator; 3], equal: bool, coverage: f64) -> Tree {
        let (level, code) = (self.meta.text("Level"), self.meta.text("iCode"));
        let (parent, weight) = (self.meta.text("Parent"), self.meta.numbers("Weight"));
        let inner: Vec<usize> = (0..level.len()).filter(|&i| matches!(level[i].as_str(), "2" | "3" | "4")).collect();
        let nodes = inner
            .iter()
            .map(|&n| {
                let children = (0..level.len())
                    .filter(|&k| parent[k] == code[n] && !level[k].is_empty())
                    .map(|k| {
                        let child = match self.codes.iter().position(|c| *c == code[k]) {
                            Some(leaf) => Child::Leaf(leaf),
                            None => Child::Node(inner.iter().position(|&i| i == k).unwrap()),
                        };
                        (child, if equal { 1.0 } else { weight[k].unwrap() })
                    })
                    .collect();
                let operator = operators[level[n].parse::<usize>().unwrap() - 2].clone();
                let mut node = Node::new(code[n].clone(), operator, coverage, children);
                node.coverage_by = CoverageBy::Count;
                node
            })
            .collect();
        let root = inner.iter().position(|&i| level[i] == "4").unwrap();
        Tree::new(self.codes.clone(), nodes, root).unwrap()
    }

    fn treated(&self, name: &str) -> Vec<Vec<Option<f64>>> {
        self.raw(name).iter().map(|c| treat(c, &Treatment::default()).values).collect()
    }

    fn normalised(&self, columns: &[Vec<Option<f64>>], method: &Normalisation) -> Vec<Normalised> {
        columns
            .iter()
            .zip(&self.directions)
            .map(|(c, d)| normalise(c, Transform::None, method, *d).unwrap())
            .collect()
    }

    fn one_to_hundred(&self, name: &str) -> Vec<Vec<Option<f64>>> {
        let method = Normalisation::MinMax { to: (1.0, 100.0) };
        self.normalised(&self.treated(name), &method).into_iter().map(|n| n.values).collect()
    }
}

fn compare(case: &Case, name: &str, ours: &[Vec<Option<f64>>], file: &Reference) {
    let largest = case.codes.iter().zip(ours).map(|(code, c)| difference(code, c, &file.numbers(code)));
    within(&format!("COINr {name}"), largest.fold(0.0, f64::max), TOLERANCE);
}

#[test]
fn treatment() {
    let Some(case) = case() else { return };
    for (name, file) in [("iData", "treat_gaps"), ("iData_complete", "treat_complete")] {
        compare(&case, file, &case.treated(name), &out(file));
        let details = out(&format!("{file}_details"));
        let points = out(&format!("{file}_points"));
        let codes = details.text("iCode");
        for (code, column) in case.codes.iter().zip(case.raw(name)) {
            let t = treat(&column, &Treatment::default());
            let row = codes.iter().position(|c| c == code).unwrap();
            let cell = |c: &str| details.rows[row][details.place(c)].parse::<f64>().ok();
            assert_eq!(details.rows[row][details.place("check_SkewKurt0.Pass")] == "TRUE", t.before.passes, "{code}");
            for (ours, theirs) in [
                (t.before.skewness, "check_SkewKurt0.Skew"),
                (t.before.kurtosis, "check_SkewKurt0.Kurt"),
            ] {
                assert!((ours.unwrap() - cell(theirs).unwrap()).abs() < 1e-11, "{code}");
            }
            assert_eq!(t.winsorised.map(|w| w.0 as f64), cell("winsorise.nwin"), "{code}");
            if let TreatmentStep::Logarithm { .. } = t.step {
                assert!((t.after.skewness.unwrap() - cell("check_SkewKurt2.Skew").unwrap()).abs() < 1e-11);
                assert!(!t.after.passes, "{code} fails even after the logarithm and is kept so");
            }
            // After a logarithm COINr marks missing cells too.
            let marks = points.text(code);
            let marked = marks.iter().zip(&column).filter(|(mark, cell)| !mark.is_empty() && cell.is_some()).count();
            assert_eq!(t.cells.len(), marked, "{code}: cells listed");
        }
    }
}

#[test]
fn statistics_of_raw_columns() {
    let Some(case) = case() else { return };
    let stats = out("stats_raw");
    for (name, ours) in [
        ("Mean", moments::mean as fn(&[f64]) -> Option<f64>),
        ("Median", moments::median),
        ("Std", moments::standard_deviation),
        ("Skew", moments::skewness),
        ("Kurt", moments::kurtosis),
    ] {
        let expected = stats.numbers(name);
        let ours: Vec<Option<f64>> = case.raw("iData").iter().map(|c| ours(&moments::present(c))).collect();
        let largest = ours.iter().zip(&expected).map(|(a, b)| {
            let (a, b) = (a.unwrap(), b.unwrap());
            (a - b).abs() / b.abs().max(1e-3)
        });
        within(&format!("COINr stats {name}"), largest.fold(0.0, f64::max), 1e-11);
    }
}

#[test]
fn imputation() {
    let Some(case) = case() else { return };
    let data = Reference::read(&format!("{FOLDER}/iData.csv")).unwrap();
    let names = ["North", "East", "West"];
    let groups: Vec<Option<usize>> =
        data.text("Region").iter().map(|g| names.iter().position(|n| n == g)).collect();
    for (method, file) in [
        (Imputation::Mean, "impute_i_mean"),
        (Imputation::Median, "impute_i_median"),
        (Imputation::GroupMean, "impute_i_mean_grp"),
        (Imputation::GroupMedian, "impute_i_median_grp"),
    ] {
        let source = ImputationSource { groups: &groups, history: &[] };
        let ours: Vec<_> = case.raw("iData").iter().map(|c| impute(c, method, source).values).collect();
        compare(&case, file, &ours, &out(file));
    }
}

#[test]
fn normalisation() {
    let Some(case) = case() else { return };
    let treated = case.treated("iData");
    for (method, file) in [
        (Normalisation::MinMax { to: (0.0, 100.0) }, "norm_minmax_0_100"),
        (Normalisation::MinMax { to: (1.0, 100.0) }, "norm_minmax_1_100"),
        (Normalisation::ZScore { mean: 0.0, deviation: 1.0 }, "norm_zscore_0_1"),
        (Normalisation::Rank, "norm_rank"),
        (Normalisation::PercentileRank, "norm_prank"),
        (Normalisation::Borda, "norm_borda"),
        (Normalisation::DistanceToMaximum, "norm_dist2max"),
    ] {
        let ours: Vec<_> = case.normalised(&treated, &method).into_iter().map(|n| n.values).collect();
        compare(&case, file, &ours, &out(file));
    }
    let ours: Vec<_> = case.one_to_hundred("iData_complete");
    compare(&case, "norm_complete_minmax_1_100", &ours, &out("norm_complete_minmax_1_100"));
    // Where COINr divides by zero or turns the order round, this engine gives missing and says why.
    for (method, file) in
        [(Normalisation::FractionOfMaximum, "norm_fracmax"), (Normalisation::DistanceToReference { row: 0 }, "norm_dist2ref_row1")]
    {
        let (theirs, mut largest, mut left_out) = (out(file), 0.0_f64, 0);
        for (code, ours) in case.codes.iter().zip(case.normalised(&treated, &method)) {
            match ours.not_informative {
                Some(_) => left_out += 1,
                None => largest = largest.max(difference(code, &ours.values, &theirs.numbers(code))),
            }
        }
        within(&format!("COINr {file} ({left_out} columns not informative)"), largest, TOLERANCE);
        assert!(left_out < 25);
    }
    let parameters = out("norm_parameters");
    let at = |column: &str, code: &str| {
        let row = parameters.text("iCode").iter().position(|c| c == code).unwrap();
        parameters.numbers(column)[row].unwrap()
    };
    for (clamp, posts_file, target_file) in
        [(true, "norm_goalposts", "norm_dist2targ_capped"), (false, "norm_goalposts_open", "norm_dist2targ_open")]
    {
        let (mut posts, mut targets) = (Vec::new(), Vec::new());
        for ((code, column), direction) in case.codes.iter().zip(&treated).zip(&case.directions) {
            let goalposts = Goalposts::new(at("goalpost_lower", code), at("goalpost_upper", code)).unwrap();
            let method = Normalisation::Goalposts { goalposts, to: (0.0, 100.0), clamp };
            posts.push(normalise(column, Transform::None, &method, *direction).unwrap().values);
            let method = Normalisation::DistanceToTarget { target: at("Target", code), cap: clamp };
            targets.push(normalise(column, Transform::None, &method, *direction).unwrap().values);
        }
        compare(&case, posts_file, &posts, &out(posts_file));
        compare(&case, target_file, &targets, &out(target_file));
    }
}

fn compare_index(case: &Case, name: &str, tree: &Tree, columns: &[Vec<Option<f64>>]) {
    let (scores, ranks) = (out(&format!("agg_{name}_scores")), out(&format!("agg_{name}_ranks")));
    let values: Vec<Vec<Option<f64>>> = case.rows(columns).iter().map(|row| tree.evaluate(row).values).collect();
    let mut largest = 0.0_f64;
    for (n, node) in tree.nodes().iter().enumerate() {
        let ours: Vec<Option<f64>> = values.iter().map(|v| v[n]).collect();
        largest = largest.max(difference(&node.id, &ours, &scores.numbers(&node.id)));
        let ours: Vec<Option<f64>> = rank(&ours).into_iter().map(|r| r.map(|r| r as f64)).collect();
        assert_eq!(ours, ranks.numbers(&node.id), "{name}: ranks of {}", node.id);
    }
    within(&format!("COINr agg_{name}"), largest, TOLERANCE);
}

#[test]
fn aggregation() {
    let Some(case) = case() else { return };
    // The data start at 1: a floor of 1 changes nothing.
    let floor = 1.0;
    let all = |o: Operator| [o.clone(), o.clone(), o];
    for (name, columns) in [("gaps", case.one_to_hundred("iData")), ("complete", case.one_to_hundred("iData_complete"))] {
        for (label, equal) in [("uneven", false), ("equal", true)] {
            for (function, operator) in [
                ("a_amean", Operator::Arithmetic),
                ("a_gmean", Operator::Geometric { floor }),
                ("a_hmean", Operator::Harmonic { floor }),
            ] {
                let tree = case.tree(all(operator), equal, 0.0);
                compare_index(&case, &format!("{name}_{function}_{label}"), &tree, &columns);
            }
        }
    }
    let complete = case.one_to_hundred("iData_complete");
    let mixed = [Operator::Arithmetic, Operator::Geometric { floor }, Operator::Harmonic { floor }];
    for (name, operators) in [
        ("complete_a_genmean_p2", all(Operator::Power { exponent: 2.0, floor })),
        ("complete_a_genmean_p-0.5", all(Operator::Power { exponent: -0.5, floor })),
        ("complete_mixed_amean_gmean_hmean", mixed),
    ] {
        compare_index(&case, name, &case.tree(operators, false, 0.0), &complete);
    }
    let covered = case.tree(all(Operator::Arithmetic), false, 0.9);
    compare_index(&case, "gaps_amean_coverage_0.9", &covered, &case.one_to_hundred("iData"));
}

#[test]
fn effective_weights() {
    let Some(case) = case() else { return };
    let tree = case.tree([Operator::Arithmetic, Operator::Arithmetic, Operator::Arithmetic], false, 0.0);
    let theirs = out("weights_effective");
    let (nodes, leaves) = tree.node_and_leaf_weights();
    let codes = theirs.text("iCode");
    let ours: Vec<Option<f64>> = codes
        .iter()
        .map(|code| tree.leaf(code).map(|i| leaves[i]).or_else(|| tree.node(code).map(|i| nodes[i])))
        .collect();
    within("COINr weights_effective", difference("weights", &ours, &theirs.numbers("EffWeight")), TOLERANCE);
}

#[test]
fn copeland_at_the_top() {
    let Some(case) = case() else { return };
    let tree = case.tree([Operator::Arithmetic, Operator::Arithmetic, Operator::Arithmetic], false, 0.0);
    let columns = case.one_to_hundred("iData_complete");
    let (land, sea) = (tree.node("Land").unwrap(), tree.node("Sea").unwrap());
    let rows: Vec<Vec<Option<f64>>> = case
        .rows(&columns)
        .iter()
        .map(|row| {
            let values = tree.evaluate(row).values;
            vec![values[land], values[sea]]
        })
        .collect();
    let ours = copeland(&rows, &[0.6, 0.4]).scores;
    let theirs = out("agg_complete_copeland_top_scores").numbers("Index");
    assert_eq!(ours, theirs);
    let ranks: Vec<Option<f64>> = rank(&ours).into_iter().map(|r| r.map(|r| r as f64)).collect();
    assert_eq!(ranks, out("agg_complete_copeland_top_ranks").numbers("Index"));
    eprintln!("COINr copeland: equal in every unit");
}

#[test]
fn coherence() {
    let Some(case) = case() else { return };
    let tree = case.tree([Operator::Arithmetic, Operator::Arithmetic, Operator::Arithmetic], false, 0.0);
    let columns = case.one_to_hundred("iData_complete");
    let values: Vec<Vec<Option<f64>>> = case.rows(&columns).iter().map(|row| tree.evaluate(row).values).collect();
    let pillars: Vec<usize> = (0..7).collect();
    let pillar_columns: Vec<Vec<Option<f64>>> =
        pillars.iter().map(|&n| values.iter().map(|v| v[n]).collect()).collect();
    let pillar_codes: Vec<String> = pillars.iter().map(|&n| tree.nodes()[n].id.clone()).collect();
    for (method, name) in [
        (Correlation::Pearson, "pearson"),
        (Correlation::Spearman, "spearman"),
        (Correlation::Kendall, "kendall"),
    ] {
        for (file, codes, columns) in
            [("indicators", &case.codes, &columns), ("pillars", &pillar_codes, &pillar_columns)]
        {
            let theirs = out(&format!("corr_{file}_{name}"));
            let ours = correlations(columns, method);
            let mut largest = 0.0_f64;
            for (i, code) in codes.iter().enumerate() {
                // Rows have no names; they are in the order of the columns.
                let row = theirs.place(code);
                for (j, other) in codes.iter().enumerate() {
                    if let Ok(r) = theirs.rows[row][theirs.place(other)].parse::<f64>() {
                        largest = largest.max((ours[i][j].unwrap() - r).abs());
                    }
                }
            }
            within(&format!("COINr corr_{file}_{name}"), largest, TOLERANCE);
        }
    }
    let alphas = out("cronbach");
    let ours: Vec<Option<f64>> = alphas
        .text("pillar")
        .iter()
        .map(|p| {
            let node = &tree.nodes()[tree.node(p).unwrap()];
            let leaves: Vec<_> = node
                .children
                .iter()
                .filter_map(|(c, _)| if let Child::Leaf(i) = c { Some(columns[*i].clone()) } else { None })
                .collect();
            cronbach_alpha(&leaves)
        })
        .collect();
    within("COINr cronbach", difference("alpha", &ours, &alphas.numbers("alpha")), TOLERANCE);
    principal_components_of_pillars(&pillar_columns);
}

fn principal_components_of_pillars(columns: &[Vec<Option<f64>>]) {
    let text = std::fs::read_to_string(super::data::path(&format!("{FOLDER}/out/pca_pillars.json")).unwrap()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let ours = principal_components(columns).unwrap();
    let number = |v: &serde_json::Value| v.as_f64().unwrap();
    let mut largest = 0.0_f64;
    for (k, deviation) in ours.deviations.iter().enumerate() {
        largest = largest.max((deviation - number(&json["sdev"][k])).abs());
        // The sign of a component is arbitrary.
        let theirs: Vec<f64> = (0..7).map(|j| number(&json["rotation"][j][k])).collect();
        let sign = if theirs.iter().sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
        for (a, b) in ours.loadings[k].iter().zip(theirs) {
            largest = largest.max((a - sign * b).abs());
        }
    }
    within("COINr pca_pillars", largest, 1e-11);
    let weights = pca(columns);
    assert!(weights.is_ok() || matches!(weights, Err(PcaWeightsError::NegativeLoadings { .. })));
}

#[test]
fn removal() {
    let Some(case) = case() else { return };
    let tree = case.tree([Operator::Arithmetic, Operator::Arithmetic, Operator::Arithmetic], false, 0.0);
    let rows = case.rows(&case.one_to_hundred("iData_complete"));
    let (scores, ranks, change) =
        (out("remove_indicators_scores"), out("remove_indicators_ranks"), out("remove_indicators_change"));
    let (mut largest, mut largest_change) = (0.0_f64, 0.0_f64);
    for (removal, code) in removals(&tree, &rows).iter().zip(&case.codes) {
        largest = largest.max(difference(code, &removal.scores, &scores.numbers(code)));
        let ours: Vec<Option<f64>> = removal.ranks.iter().map(|r| r.map(|r| r as f64)).collect();
        assert_eq!(ours, ranks.numbers(code), "ranks without {code}");
        let row = change.text("iCode").iter().position(|c| c == code).unwrap();
        let theirs = change.numbers("mean_abs_rank_change")[row].unwrap();
        largest_change = largest_change.max((removal.mean_rank_change.unwrap() - theirs).abs());
    }
    within("COINr remove_indicators scores", largest, TOLERANCE);
    within("COINr remove_indicators rank change", largest_change, TOLERANCE);
}

#[test]
fn five_hundred_weight_draws() {
    let Some(case) = case() else { return };
    let tree = case.tree([Operator::Arithmetic, Operator::Arithmetic, Operator::Arithmetic], false, 0.0);
    let rows = case.rows(&case.one_to_hundred("iData_complete"));
    let (weights, scores, ranks) = (out("draws_weights"), out("draws_scores"), out("draws_ranks"));
    let mut scratch = Scratch::default();
    let mut draws = Vec::new();
    let mut largest = 0.0_f64;
    for (d, row) in weights.rows.iter().enumerate() {
        let drawn: Vec<f64> = tree
            .nodes()
            .iter()
            .flat_map(|node| node.children.iter().map(|(c, _)| tree.child_id(*c)))
            .map(|id| row[weights.place(id)].parse().unwrap())
            .collect();
        let ours: Vec<Option<f64>> = rows.iter().map(|r| tree.score_with(r, &drawn, &mut scratch)).collect();
        let column = |t: &Reference| t.rows.iter().map(|r| r[d + 1].parse().ok()).collect::<Vec<Option<f64>>>();
        largest = largest.max(difference("draw", &ours, &column(&scores)));
        let ranked: Vec<Option<f64>> = rank(&ours).into_iter().map(|r| r.map(|r| r as f64)).collect();
        assert_eq!(ranked, column(&ranks), "ranks of draw {d}");
        draws.push(ours);
    }
    within("COINr 500 draws, scores", largest, TOLERANCE);
    let statistics = RankStatistics::new(rows.len(), &draws);
    let theirs = out("draws_rank_statistics");
    for (column, of) in [
        ("mean", (|s| s.mean_rank) as fn(&RankSummary) -> f64),
        ("q05", |s| s.low_rank),
        ("median", |s| s.median_rank),
        ("q95", |s| s.high_rank),
    ] {
        let ours: Vec<Option<f64>> = (0..rows.len()).map(|u| statistics.summary(u).map(|s| of(&s))).collect();
        within(&format!("COINr 500 draws, rank {column}"), difference(column, &ours, &theirs.numbers(column)), TOLERANCE);
    }
}

#[test]
fn building_blocks() {
    let Some(path) = super::data::path(&format!("{FOLDER}/out/vectors.json")) else { return };
    let json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (mut largest, mut compared) = (0.0_f64, 0);
    for (name, block) in json.as_object().unwrap() {
        let x: Vec<Option<f64>> = block["x"].as_array().unwrap().iter().map(|v| v.as_f64()).collect();
        let values = moments::present(&x);
        let up = |method: Normalisation| {
            normalise(&x, Transform::None, &method, Direction::HigherIsRiskier).unwrap().values
        };
        let limits = Treatment { winsorise_at_most: 3, ..Default::default() };
        let columns = [
            ("n_minmax", up(Normalisation::MinMax { to: (0.0, 100.0) })),
            // COINr's default for z-scores is mean 10 and deviation 10 in Normalise, 0 and 1 here.
            ("n_zscore", up(Normalisation::ZScore { mean: 0.0, deviation: 1.0 })),
            ("n_rank", up(Normalisation::Rank)),
            ("n_prank", up(Normalisation::PercentileRank)),
            ("n_borda", up(Normalisation::Borda)),
            ("n_dist2max", up(Normalisation::DistanceToMaximum)),
            ("n_fracmax", up(Normalisation::FractionOfMaximum)),
            ("n_dist2targ", up(Normalisation::DistanceToTarget { target: 5.0, cap: false })),
            ("n_dist2ref", up(Normalisation::DistanceToReference { row: 0 })),
            (
                "n_goalposts",
                up(Normalisation::Goalposts {
                    goalposts: Goalposts::new(1.0, 8.0).unwrap(),
                    to: (0.0, 10.0),
                    clamp: true,
                }),
            ),
            ("i_mean", impute(&x, Imputation::Mean, ImputationSource::default()).values),
            ("i_median", impute(&x, Imputation::Median, ImputationSource::default()).values),
            (
                "boxcox_0.5",
                transform(&x, Transform::BoxCox { lambda: Some(0.5), shift_to_one: true }).unwrap().values,
            ),
            ("winsorise", match treat(&x, &limits) {
                t if matches!(t.step, TreatmentStep::Logarithm { .. }) => continue,
                t => t.values,
            }),
        ];
        for (function, ours) in columns {
            let theirs = &block[function];
            let Some(cells) = theirs.as_array() else { continue };
            // Where COINr divides by zero this engine gives a missing column with the reason.
            if cells.iter().any(serde_json::Value::is_string) || ours.iter().all(Option::is_none) {
                continue;
            }
            let theirs: Vec<Option<f64>> = cells.iter().map(|v| v.as_f64()).collect();
            let now = difference(&format!("{name} {function}"), &ours, &theirs);
            compared += 1;
            if name == "tiny" && function == "boxcox_0.5" {
                // sqrt(1 + 1e-9) - 1 cancels in COINr and keeps half of the digits.
                within("COINr vectors.json, Box–Cox of tiny values", now, 1e-8);
                continue;
            }
            largest = largest.max(now);
        }
        let w: Vec<f64> = (1..=x.len()).map(|k| k as f64).collect();
        let floor = 1e-300;
        let scalars = [
            ("skew", moments::skewness(&values)),
            ("kurt", moments::kurtosis(&values)),
            ("a_amean", Operator::Arithmetic.combine(&x, &w)),
            ("a_gmean", Operator::Geometric { floor }.combine(&x, &w)),
            ("a_hmean", Operator::Harmonic { floor }.combine(&x, &w)),
            ("a_genmean_p2", Operator::Power { exponent: 2.0, floor: 0.0 }.combine(&x, &w)),
        ];
        for (function, ours) in scalars {
            // Means over values that are not positive differ by definition: there COINr stops or
            // takes a harmonic mean of negative numbers, and this engine raises them to the floor.
            let positive = values.iter().all(|v| *v > 0.0);
            if let (Some(theirs), true) = (block[function].as_f64(), positive || matches!(function, "skew" | "kurt" | "a_amean")) {
                largest = largest.max((ours.unwrap() - theirs).abs() / theirs.abs());
                compared += 1;
            }
        }
    }
    assert!(compared > 130, "{compared} compared");
    within(&format!("COINr vectors.json, {compared} results"), largest, TOLERANCE);
}
