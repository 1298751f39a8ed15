//! How sure ranks are: the draws, what they rest on, and where the doubt comes from.

use super::support::*;
use tukhum::edition::{Edition, Grades, Ranking};
use tukhum::index::{Scratch, StudyError, WeightVariation};
use tukhum::measures::Basis;
use tukhum::studies::uncertainty::{Inputs, Settings, Uncertainty};

const FEW: Settings = Settings { draws: 60, weights: WeightVariation::Relative { phi: 0.25 }, seed: 7, top: 5 };

fn drawn(ranking: &Ranking<'_>, grades: Option<&Grades>, settings: &Settings) -> Uncertainty {
    Inputs::new(ranking, grades).run(settings, None, &|| {}).unwrap_or_else(|error| panic!("{error}"))
}

fn crossings() -> &'static Ranking<'static> {
    &EDITIONS[&AFTER].crossings
}

#[test]
fn a_value_is_made_of_its_basis() {
    let mut seen = [0; 4];
    for edition in EDITIONS.values() {
        for ranking in edition.rankings() {
            for (unit, reading) in ranking.units.iter().flat_map(|u| u.readings.iter().map(move |r| (u, r))) {
                let Some(value) = reading.value else {
                    assert_eq!(reading.basis, Basis::Fixed, "{}: nothing to draw from", unit.unit.id());
                    continue;
                };
                let made = match &reading.basis {
                    Basis::Fixed => continue,
                    Basis::Events { events, per_event, offset } => {
                        seen[0] += 1;
                        events * per_event + offset
                    }
                    Basis::Rate { shape, scale } => {
                        seen[1] += 1;
                        shape * scale
                    }
                    Basis::Deaths { shape, scale } => {
                        seen[2] += 1;
                        shape * scale
                    }
                    Basis::Facts { facts, newest } => {
                        seen[3] += 1;
                        let last = facts.iter().map(|f| f.from).max().flatten();
                        let counted = facts.iter().filter(|f| !newest || f.from == last);
                        counted.map(|f| f.level).fold(f64::NEG_INFINITY, f64::max)
                    }
                };
                // Products taken in another order.
                assert!((made - value).abs() <= 1e-12 * (1.0 + value.abs()), "{}: {made} is not {value}", unit.unit.id());
            }
        }
    }
    assert!(seen.iter().all(|n| *n > 20), "{seen:?}");
}

#[test]
fn the_same_seed_gives_the_same_bits_on_any_threads() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| {
            let inputs = Inputs::new(crossings(), SOURCES.grades.as_ref());
            (inputs.run(&FEW, None, &|| {}).expect("it runs"), inputs.shares(&FEW, Some("ml-sn-diboli-kidira"), 16, &|| {}).expect("it varies"))
        })
    };
    assert_eq!(on(1), on(3));
    let other = Settings { seed: 8, ..FEW };
    assert_ne!(drawn(crossings(), None, &FEW).units, drawn(crossings(), None, &other).units);
}

#[test]
fn quantiles_and_probabilities_are_in_order() {
    for edition in EDITIONS.values() {
        for ranking in edition.rankings() {
            let found = drawn(ranking, SOURCES.grades.as_ref(), &FEW);
            assert_eq!((found.units.len(), found.failed), (ranking.units.len(), 0));
            let mut in_top = 0.0;
            for u in &found.units {
                let Some((low, median, high)) = u.low_rank.zip(u.median_rank).zip(u.high_rank).map(|((a, b), c)| (a, b, c)) else {
                    assert_eq!((u.scored, u.in_top), (0.0, None));
                    continue;
                };
                assert!(1.0 <= low && low <= median && median <= high && high <= found.units.len() as f64);
                assert!(u.low_score <= u.median_score && u.median_score <= u.high_score);
                assert!([u.in_top, u.at_or_above_class].iter().flatten().all(|p| (0.0..=1.0).contains(p)));
                in_top += u.in_top.unwrap_or_default() * u.scored;
            }
            // Each draw has at least five units of rank 5 or better.
            assert!(in_top >= 5.0 - 1e-9, "{in_top}");
            let mut tied: Vec<&String> = found.tied.iter().flatten().collect();
            tied.sort();
            assert!(tied.windows(2).all(|w| w[0] != w[1]) && found.tied.iter().all(|g| g.len() > 1), "a unit is in one group");
        }
    }
}

#[test]
fn facts_that_surely_hold_change_nothing() {
    let sure = Draft::bundled().text("indicators/grades.toml").to_owned();
    let numbers = |line: &str, key: &str| match line.find(key) {
        Some(at) => format!("{}{key} = 1{}", &line[..at], &line[line[at..].find(',').map_or(line.len(), |comma| at + comma)..]),
        None => line.to_owned(),
    };
    let sure: String = sure.lines().map(|l| format!("{}\n", numbers(&numbers(l, "probability"), "trust"))).collect();
    let certain = Draft::bundled().set("indicators/grades.toml", sure).read().grades.expect("there are grades");
    assert_eq!(certain.probability(Some("E"), Some("5")), 1.0);
    let (with, without) = (drawn(crossings(), Some(&certain), &FEW), drawn(crossings(), None, &FEW));
    assert_eq!(with.units, without.units, "each cause of doubt draws from numbers of its own");
    assert_ne!(with.units, drawn(crossings(), SOURCES.grades.as_ref(), &FEW).units);
    assert!(without.varied.iter().any(|line| line.en.contains("grades.toml does not exist")), "{:?}", without.varied);
}

#[test]
fn grades_by_hand() {
    let grades = SOURCES.grades.as_ref().expect("the bundled workspace has them");
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-15, "{a} is not {b}");
    close(grades.probability(Some("A"), Some("1")), 0.97);
    close(grades.probability(Some("B"), Some("2")), 0.5 + 0.95 * 0.3);
    close(grades.probability(Some("D"), Some("4")), 0.5 - 0.65 * 0.2);
    close(grades.probability(Some("C"), Some("6")), 0.5);
    // No grade is "cannot be judged".
    close(grades.probability(None, Some("2")), grades.probability(Some("F"), Some("2")));
    close(grades.probability(Some("B"), None), 0.5);
}

#[test]
fn grades_that_are_refused() {
    const PATH: &str = "indicators/grades.toml";
    let cases = [
        ("grade_missing", "A grade has no entry.", Draft::small().replace(PATH, "\nE = {", "\nG = {")),
        ("grade_outside", "A probability is a percentage, and a trust is negative.", Draft::small().replace(PATH, "probability = 0.97", "probability = 97").replace(PATH, "trust = 0.4", "trust = -0.4")),
    ];
    for (name, what, draft) in cases {
        insta::with_settings!({ description => what, omit_expression => true }, {
            insta::assert_snapshot!(name, draft.problems());
        });
    }
}

#[test]
fn shares_of_the_doubt() {
    let inputs = Inputs::new(crossings(), SOURCES.grades.as_ref());
    for unit in [None, Some("ml-sn-diboli-kidira")] {
        let shares = inputs.shares(&FEW, unit, 64, &|| {}).expect("it varies");
        let names: Vec<&str> = shares.inputs.iter().map(|i| i.input.as_str()).collect();
        assert_eq!(names, ["weights", "goalposts", "operator at the top", "event counts", "graded facts"], "crossings have no death rates");
        assert!(shares.deviation > 0.0 && shares.points + shares.failed == 64);
        for input in &shares.inputs {
            // A total index is a mean square: never negative, and 0 only where nothing changes.
            assert!(input.total.value >= 0.0, "{}", input.input);
            assert!(input.total.low <= Some(input.total.value) || input.total.low <= input.total.high);
        }
        let first: f64 = shares.inputs.iter().map(|i| i.first.value).sum();
        // With 64 points the estimates carry an error of some tenths.
        assert!((-0.5..1.5).contains(&first), "{first}");
    }
}

#[test]
fn an_order_holds_inside_the_range_of_a_weight_and_breaks_outside() {
    let ranking = &EDITIONS[&AFTER].provinces;
    let tree = &ranking.framework.tree;
    let stability = Inputs::new(ranking, None).stability(None, 5);
    assert_eq!(stability.inexact, ["threat", "control"]);
    let first: Vec<Vec<Option<f64>>> = ranking.by_rank().iter().take(5).map(|u| u.scores.clone()).collect();
    let mut tried = 0;
    for line in &stability.lines {
        let node = tree.node(&line.dimension).expect("a dimension");
        let holds_at = |share: f64| {
            let mut weights = tree.weights().to_vec();
            let own = &tree.nodes()[node].children;
            let others: f64 = own.iter().filter(|(c, _)| tree.child_id(*c) != line.child).map(|(_, w)| w).sum();
            for (edge, (child, weight)) in tree.edges(node).zip(own) {
                weights[edge] = if tree.child_id(*child) == line.child { share } else { (1.0 - share) * weight / others };
            }
            let mut scratch = Scratch::default();
            let scores: Vec<Option<f64>> = first.iter().map(|row| tree.score_varied(row, &weights, &mut scratch)).collect();
            scores.windows(2).all(|w| w[0] > w[1])
        };
        assert!(line.lower.is_none_or(|l| l < line.share) && line.upper.is_none_or(|u| u > line.share), "{}", line.child);
        for (end, side) in [(line.upper, 1.0), (line.lower, -1.0)] {
            let Some(end) = end.filter(|e| (0.001..0.999).contains(e)) else { continue };
            assert!(holds_at(end - side * 1e-6), "{}: inside {end}", line.child);
            assert!(!holds_at(end + side * 1e-6), "{}: outside {end}", line.child);
            tried += 1;
        }
    }
    assert!(tried >= 6, "{tried}");
}

#[test]
fn what_cannot_be_drawn() {
    let inputs = Inputs::new(crossings(), None);
    let run = |settings: Settings| inputs.run(&settings, None, &|| {}).expect_err("it is refused");
    assert_eq!(run(Settings { draws: 0, ..FEW }), StudyError::NoDraws);
    assert!(matches!(run(Settings { weights: WeightVariation::Relative { phi: 1.5 }, ..FEW }), StudyError::Phi { .. }));
    assert!(matches!(run(Settings { weights: WeightVariation::Dirichlet { concentration: -1.0 }, ..FEW }), StudyError::Concentration { .. }));
    let folder = tempfile::tempdir().expect("a folder");
    let cases = [
        ("no_draws", "--draws=0"),
        ("phi_outside", "--phi=1.5"),
        ("phi_not_a_number", "--phi=NaN"),
        ("concentration", "--dirichlet=0"),
        ("too_many_draws", "--draws=99999999999"),
        ("too_few_points", "--points=3"),
        ("against_itself", "--of=Diboli --against=Kidira"),
    ];
    for (name, argument) in cases {
        let arguments: Vec<&str> = argument.split(' ').collect();
        let output = super::support::run(folder.path(), &[&["sensitivity", "crossings", "--as-of", "2025-07-31"], &arguments[..]].concat());
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{argument}");
        insta::with_settings!({ description => format!("tukhum sensitivity {argument}"), omit_expression => true }, {
            insta::assert_snapshot!(name, stderr(&output));
        });
    }
}

#[test]
fn how_often_one_is_above_another() {
    let found = drawn(crossings(), None, &FEW);
    assert_eq!(found.above.len(), FEW.top);
    for (a, row) in found.above.iter().enumerate() {
        assert_eq!(row.len(), FEW.top);
        for (b, p) in row.iter().enumerate() {
            // One of the two is above, or they are equal and count half.
            let (p, back) = (p.expect("they have scores"), found.above[b][a].expect("they have scores"));
            assert!((p + back - 1.0).abs() < 1e-12, "{a} {b}: {p} {back}");
            // A unit that is above in nearly every draw has the better median.
            assert!(p < 0.95 || found.units[a].median_rank < found.units[b].median_rank);
        }
    }
    let (first, last) = (&found.units[0], &found.units[FEW.top - 1]);
    let pair = Inputs::new(crossings(), None).run(&FEW, Some((&first.unit, &last.unit)), &|| {}).expect("it runs").pair.expect("they are scored");
    assert_eq!(pair.probability, found.above[0][FEW.top - 1]);
    assert_eq!((pair.above, pair.below), (first.name.clone(), last.name.clone()));
}

#[test]
fn at_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = ["sensitivity", "crossings", "--as-of", "2025-07-31", "--draws", "40", "--points", "16"];
    let run = |more: &[&str]| super::support::run(folder.path(), &[&base[..], more].concat());
    let table = run(&["--of", "Diboli"]);
    assert_eq!(table.status.code(), Some(0), "{}", stderr(&table));
    assert!(stderr(&table).is_empty(), "no progress where nobody watches");
    for part in ["40 draws, seed 20250701", "CANNOT BE TOLD APART", "the score of Diboli–Kidira", "HOW FAR A WEIGHT CAN MOVE before the place of Diboli–Kidira"] {
        assert!(stdout(&table).contains(part), "{part}");
    }
    assert_eq!(table.stdout, run(&["--of", "Diboli"]).stdout);
    let pair = run(&["--of", "Diboli", "--against", "Moussala"]);
    assert!(stdout(&pair).contains("P(Diboli–Kidira above "), "{}{}", stdout(&pair), stderr(&pair));
    let csv = run(&["--format", "csv"]);
    let rows = csv::Reader::from_reader(csv.stdout.as_slice()).into_records().collect::<Result<Vec<_>, _>>().expect("it is CSV");
    assert_eq!(rows.len(), crossings().units.len());
    let json = run(&["--format", "json", "--dirichlet", "40"]);
    let json: serde_json::Value = serde_json::from_str(stdout(&json)).expect("it is JSON");
    assert_eq!(json["ranks"]["draws"], 40);
    assert!(json["ranks"]["varied"][0]["en"].as_str().is_some_and(|v| v.contains("Dirichlet")));
    // An edition in which hardly anything is known still has an answer.
    let edition = Edition::compute(&SOURCES, BEFORE, false);
    assert_eq!(drawn(&edition.crossings, None, &FEW).units.len(), edition.crossings.units.len());
}

#[test]
fn the_report_shows_how_sure_each_rank_is() {
    let files = &FILES[&AFTER];
    let report: tukhum::report::Report = serde_json::from_str(&files["report.json"]).expect("it is a report");
    for (table, ranking) in report.rankings.iter().zip(EDITIONS[&AFTER].rankings()) {
        let settings = Settings { draws: 400, seed: SEED, ..Settings::default() };
        let found = drawn(ranking, SOURCES.grades.as_ref(), &settings);
        let certainty = table.certainty.as_ref().expect("it can be drawn");
        let english = |lines: &[tukhum::text::Text]| lines.iter().map(|l| l.en.clone()).collect::<Vec<_>>();
        assert_eq!((certainty.draws, english(&certainty.varied)), (400, english(&found.varied)));
        assert_eq!(certainty.class.as_ref().map(|c| c.id.as_str()), Some("high"));
        for (row, unit) in table.rows.iter().zip(&found.units) {
            assert_eq!((&row.unit, row.p_high), (&unit.unit, unit.at_or_above_class));
            assert_eq!(row.rank_low.map(|r| r as f64), unit.low_rank.map(f64::floor), "rounded outward");
            assert_eq!(row.rank_high.map(|r| r as f64), unit.high_rank.map(f64::ceil), "rounded outward");
            let group = certainty.tied.iter().find(|g| g.iter().any(|u| u.id == row.unit));
            assert_eq!(row.tied_with.len() + 1, group.map_or(1, Vec::len));
            assert!(!row.tied_with.contains(&row.unit));
        }
        // Both pages name every group whose order is not to be trusted.
        for group in &certainty.tied {
            let names: Vec<&str> = group.iter().map(|u| u.label.en.as_str()).collect();
            assert!(files["report.md"].contains(&format!("- {}\n", names.join(", "))), "{names:?}");
            for unit in group {
                assert!(files["report.html"].contains(&format!("<a href=\"#card-{}\">", unit.id)));
            }
        }
    }
    assert!(files["report.md"].contains("is not to be trusted"));
    assert!(files["report.html"].contains("is not to be trusted"));
    let csv = csv::Reader::from_reader(files["crossings.csv"].as_bytes()).headers().expect("it has a header").clone();
    for column in ["rank_low", "rank_high", "p_high", "tied_with"] {
        assert!(csv.iter().any(|c| c == column), "{column}");
    }
}
