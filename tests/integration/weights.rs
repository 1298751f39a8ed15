//! Weight sets: what each method gives, which ranks move, and what is refused.

use super::support::*;
use tukhum::edition::{Edition, Sources};
use tukhum::studies::weights::{WeightTable, compare_sets, weight_table};

const FOLDER: &str = "indicators/provinces/weights/";

/// A set as a file has it.
fn set(name: &str, method: &str) -> String {
    format!("name = \"{name}\"\nversion = \"1.0\"\nrationale = \"A test.\"\n\n[method]\n{method}\n")
}

fn with(draft: Draft, name: &str, method: &str) -> Draft {
    draft.set(&format!("{FOLDER}{name}.toml"), set(name, method))
}

fn draft(name: &str, method: &str) -> Draft {
    with(Draft::small(), name, method)
}

fn applied(sources: &Sources, name: &str) -> WeightTable {
    let edition = Edition::compute(sources, AFTER, false);
    let ranking = &edition.provinces;
    let set = ranking.framework.weight_set(name).unwrap_or_else(|| panic!("there is no set {name}"));
    weight_table(ranking, set).unwrap_or_else(|problems| panic!("{name}:\n{problems}"))
}

fn nominal(table: &WeightTable, indicator: &str) -> f64 {
    table.indicators.iter().find(|i| i.id == indicator).map(|i| i.nominal).unwrap_or_else(|| panic!("no {indicator}"))
}

#[test]
fn weights_are_shares_that_add_up() {
    for edition in EDITIONS.values() {
        for ranking in edition.rankings() {
            for set in &ranking.framework.weight_sets {
                let table = weight_table(ranking, set).expect("the bundled sets need no scores");
                let sum: f64 = table.indicators.iter().map(|i| i.effective).sum();
                assert!((sum - 1.0).abs() < 1e-12, "{} of {}", set.name, table.kind);
                for dimension in &table.dimensions {
                    let own = table.indicators.iter().filter(|i| i.dimension == dimension.id);
                    let (nominal, effective) = own.fold((0.0, 0.0), |(n, e), i| (n + i.nominal, e + i.effective));
                    assert!((nominal - 1.0).abs() < 1e-12 && (effective - dimension.effective).abs() < 1e-12);
                }
                // Contributions and the baseline make up each score, so that their covariances do.
                let share: f64 = table.indicators.iter().filter_map(|i| i.variance_share).sum();
                assert!((share - 1.0).abs() < 0.02, "{share}: the base of the scale hardly varies");
            }
        }
    }
}

#[test]
fn the_analysts_set_is_the_framework() {
    let ranking = &EDITIONS[&AFTER].provinces;
    let table = weight_table(ranking, ranking.framework.weight_set("analysts").expect("it is always there")).expect("it is given");
    assert_eq!(nominal(&table, "event_rate"), 0.18);
    assert_eq!((table.method.as_str(), table.notes.len()), ("given", 0));
    let rate = &table.indicators[0];
    assert!(table.indicators.windows(2).all(|w| w[0].effective >= w[1].effective));
    assert_eq!((rate.id.as_str(), rate.known <= rate.units), ("event_rate", true));
}

#[test]
fn equal_weighs_every_child_the_same() {
    let table = applied(&SOURCES, "equal");
    for i in &table.indicators {
        let siblings = table.indicators.iter().filter(|o| o.dimension == i.dimension).count();
        assert!((i.nominal - 1.0 / siblings as f64).abs() < 1e-15, "{}", i.id);
    }
}

#[test]
fn a_set_against_itself_moves_nothing() {
    let ranking = &EDITIONS[&AFTER].provinces;
    let set = |name| ranking.framework.weight_set(name).expect("it is bundled");
    let same = compare_sets(ranking, set("equal"), set("equal")).expect("it needs no scores");
    assert!(same.moved.is_empty() && same.rank_correlation.is_some_and(|r| (r - 1.0).abs() < 1e-12));
    let there = compare_sets(ranking, set("analysts"), set("equal")).expect("they need no scores");
    let back = compare_sets(ranking, set("equal"), set("analysts")).expect("they need no scores");
    assert!(!there.moved.is_empty());
    assert_eq!(there.moved.len(), back.moved.len());
    for m in &there.moved {
        let row = ranking.unit(&m.unit).expect("it is ranked");
        assert_eq!((m.ranks[0], m.scores[0]), (row.rank, row.score), "the analysts' set is the edition's");
    }
}

const EXPOSURE: &str = "border_distance = 1\nborder_attacks = 2\ntrade_roads = 3\ncapital_distance = 0\npopulation = 4";

#[test]
fn each_method_by_hand() {
    let ahp = "kind = \"ahp\"\n[[method.dimension]]\nid = \"risk\"\nchildren = [\"control\", \"threat\", \"exposure\", \"protection\"]\n\
               comparisons = [[1, 0.5, 2, 1], [2, 1, 4, 2], [0.5, 0.25, 1, 0.5], [1, 0.5, 2, 1]]";
    let draft = with(Draft::bundled(), "given", &format!("kind = \"given\"\n[method.weights.exposure]\n{EXPOSURE}"));
    let draft = with(draft, "ahp", ahp);
    let swing = EXPOSURE.replace("population = 4", "population = 100");
    let draft = with(draft, "swing", &format!("kind = \"swing\"\n[method.points.exposure]\n{swing}"));
    let draft = with(draft, "entropy", "kind = \"entropy\"\ndimensions = [\"exposure\"]");
    let draft = with(draft, "critic", "kind = \"critic\"\ndimensions = [\"exposure\"]");
    let sources = draft.read();
    let given = applied(&sources, "given");
    assert_eq!([nominal(&given, "population"), nominal(&given, "capital_distance"), nominal(&given, "event_rate")], [0.4, 0.0, 0.18]);
    assert_eq!(given.notes, ["control, protection, risk, threat keep the analysts' weights"]);
    // Consistent comparisons: threat matters twice control and protection, four times exposure.
    let ahp = applied(&sources, "ahp");
    let share = |id: &str| ahp.dimensions.iter().find(|d| d.id == id).map(|d| d.nominal).expect("a dimension");
    for (id, expected) in [("threat", 8.0 / 18.0), ("control", 4.0 / 18.0), ("exposure", 2.0 / 18.0), ("protection", 4.0 / 18.0)] {
        // The power method stops at 1e-15.
        assert!((share(id) - expected).abs() < 1e-13, "{id}");
    }
    assert_eq!(ahp.notes[0], "risk: consistency ratio 0.000");
    assert!((nominal(&applied(&sources, "swing"), "population") - 100.0 / 106.0).abs() < 1e-15);
    for name in ["entropy", "critic"] {
        let table = applied(&sources, name);
        let own: Vec<f64> = table.indicators.iter().filter(|i| i.dimension == "exposure").map(|i| i.nominal).collect();
        assert!((own.iter().sum::<f64>() - 1.0).abs() < 1e-12 && own.iter().all(|w| *w >= 0.0), "{name}: {own:?}");
        assert_eq!(nominal(&table, "event_rate"), 0.18);
    }
}

#[test]
fn a_method_that_finds_no_weights_says_why() {
    let sources = with(with(Draft::bundled(), "pca", "kind = \"pca\"\ndimensions = [\"exposure\", \"protection\"]"), "critic", "kind = \"critic\"");
    let sources = with(sources, "matched", "kind = \"importance_matched\"\n[method.targets.exposure]\n\
        border_distance = 1\nborder_attacks = 1\ntrade_roads = 1\ncapital_distance = 0.2\npopulation = 1").read();
    let edition = Edition::compute(&sources, AFTER, false);
    let ranking = &edition.provinces;
    let refused = |name: &str| {
        let set = ranking.framework.weight_set(name).expect("it was added");
        weight_table(ranking, set).expect_err("there is too little to go by").render(false)
    };
    insta::with_settings!({ description => "PCA: exposure contrasts, protection has too few units without gaps", omit_expression => true }, {
        insta::assert_snapshot!("pca_refused", refused("pca"));
    });
    insta::with_settings!({ description => "CRITIC over dimensions whose children are known for few units", omit_expression => true }, {
        insta::assert_snapshot!("critic_refused", refused("critic"));
    });
    insta::with_settings!({ description => "importance for a distance that opposes the rest", omit_expression => true }, {
        insta::assert_snapshot!("matched_refused", refused("matched"));
    });
}

/// One test a case: a set, and a snapshot of what is said of it.
macro_rules! refused {
    ($($(#[doc = $what:literal])+ $name:ident: $draft:expr;)+) => {
        mod refused {
            use super::*;
            $(
                #[test]
                fn $name() {
                    let draft: Draft = $draft;
                    insta::with_settings!({ description => concat!($($what),+).trim(), omit_expression => true }, {
                        insta::assert_snapshot!(stringify!($name), draft.problems());
                    });
                }
            )+
        }
    };
}

refused! {
    /// A dimension is misspelt.
    unknown_dimension: draft("own", "kind = \"given\"\n[method.weights.exposition]\npopulation = 1");

    /// A child is misspelt, and so another one is left out.
    unknown_child: draft("own", &format!("kind = \"given\"\n[method.weights.exposure]\n{}", EXPOSURE.replace("population", "people")));

    /// Every weight of a dimension is 0.
    all_weights_zero: draft("own", "kind = \"given\"\n[method.weights.exposure]\nborder_distance = 0\nborder_attacks = 0\ntrade_roads = 0\ncapital_distance = 0\npopulation = 0");

    /// A weight is negative.
    negative_weight: draft("own", &format!("kind = \"given\"\n[method.weights.exposure]\n{}", EXPOSURE.replace("population = 4", "population = -4")));

    /// No swing has 100 points.
    swing_without_hundred: draft("own", &format!("kind = \"swing\"\n[method.points.exposure]\n{EXPOSURE}"));

    /// The method is not known.
    unknown_method: draft("own", "kind = \"entropic\"");

    /// The name is not that of the file.
    name_differs: Draft::small().set(&format!("{FOLDER}own.toml"), set("mine", "kind = \"equal\""));

    /// The name of the framework's own set.
    name_taken: draft("analysts", "kind = \"equal\"");

    /// Two mirrored comparisons contradict each other.
    not_reciprocal: draft("own", "kind = \"ahp\"\n[[method.dimension]]\nid = \"risk\"\nchildren = [\"threat\", \"control\", \"exposure\", \"protection\"]\ncomparisons = [[1, 2, 1, 1], [2, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]]");

    /// Comparisons that go round in a circle.
    inconsistent: draft("own", "kind = \"ahp\"\n[[method.dimension]]\nid = \"risk\"\nchildren = [\"threat\", \"control\", \"exposure\", \"protection\"]\ncomparisons = [[1, 5, 0.2, 1], [0.2, 1, 5, 1], [5, 0.2, 1, 1], [1, 1, 1, 1]]");

    /// A row is missing.
    not_square: draft("own", "kind = \"ahp\"\n[[method.dimension]]\nid = \"risk\"\nchildren = [\"threat\", \"control\", \"exposure\", \"protection\"]\ncomparisons = [[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]]");

    /// A dimension's child is not compared.
    child_not_compared: draft("own", "kind = \"ahp\"\n[[method.dimension]]\nid = \"risk\"\nchildren = [\"threat\", \"control\"]\ncomparisons = [[1, 2], [0.5, 1]]");

    /// Importance is matched in a dimension that takes no arithmetic mean.
    not_arithmetic: draft("own", "kind = \"importance_matched\"\n[method.targets.control]\nblockade = 1\nlevies = 1\nroad_control = 1\ncamps_and_drones = 1");
}

#[test]
fn an_inconsistency_that_is_accepted_passes() {
    let circle = "kind = \"ahp\"\naccept_inconsistency = true\n[[method.dimension]]\nid = \"risk\"\nchildren = [\"threat\", \"control\", \"exposure\", \"protection\"]\n\
                  comparisons = [[1, 5, 0.2, 1], [0.2, 1, 5, 1], [5, 0.2, 1, 1], [1, 1, 1, 1]]";
    let table = applied(&draft("own", circle).read(), "own");
    assert!(table.notes[0].starts_with("risk: consistency ratio 1."), "{:?}", table.notes);
}

#[test]
fn at_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| run(folder.path(), arguments);
    let compared = run(&["weights", "compare", "analysts", "equal", "--as-of", "2025-07-31"]);
    assert_eq!(compared.status.code(), Some(1), "ranks move: a finding");
    assert!(stdout(&compared).starts_with("equal against analysts, provinces, as of 2025-07-31: "));
    let same = run(&["weights", "compare", "equal", "equal", "crossings", "--as-of", "2025-07-31"]);
    assert_eq!(same.status.code(), Some(0));
    let table = run(&["weights", "crossings", "--as-of", "2025-07-31"]);
    assert_eq!(table.status.code(), Some(0));
    assert!(stdout(&table).lines().all(|l| l.chars().count() <= 200) && stdout(&table).contains("Weights `equal`"));
    let csv = run(&["weights", "--format", "csv", "--set", "analysts", "--as-of", "2025-07-31"]);
    let rows: Vec<_> = csv::Reader::from_reader(csv.stdout.as_slice()).into_records().collect::<Result<_, _>>().expect("it is CSV");
    assert_eq!(rows.len(), SOURCES.framework(tukhum::framework::UnitKind::Provinces).indicators.len());
    let json = run(&["weights", "--format", "json", "--as-of", "2025-07-31"]);
    let json: serde_json::Value = serde_json::from_str(stdout(&json)).expect("it is JSON");
    assert_eq!(json.as_array().map(Vec::len), Some(2));
    let unknown = run(&["weights", "--set", "equall"]);
    assert_eq!((unknown.status.code(), unknown.stdout.len()), (Some(2), 0));
    assert!(stderr(&unknown).contains("error[unknown-set]") && stderr(&unknown).contains("did you mean `equal`?"));
}
