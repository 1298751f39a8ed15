//! What would change if a value or a weight were another.

use super::support::*;
use tukhum::edition::{Edition, Ranking};
use tukhum::studies::weights::compare_sets;
use tukhum::studies::what_if::{WhatIf, what_if};

fn ask(ranking: &Ranking<'_>, unit: &str, changes: &[&str]) -> WhatIf {
    let scored = ranking.unit(unit).unwrap_or_else(|| panic!("{unit} is not ranked"));
    let changes: Vec<String> = changes.iter().map(|c| (*c).to_owned()).collect();
    what_if(ranking, scored, &changes).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn supposing_what_is_changes_nothing() {
    for edition in EDITIONS.values() {
        for ranking in edition.rankings() {
            for unit in ranking.units.iter().filter(|u| u.score.is_some()).take(4) {
                let known = ranking.framework.indicators.iter().zip(&unit.readings).filter_map(|(i, r)| Some(format!("{}={}", i.id, r.value?)));
                let changes: Vec<String> = known.collect();
                let found = what_if(ranking, unit, &changes).expect("every change names an indicator");
                assert_eq!(found.before, found.after, "{}", unit.unit.id());
                assert!(found.others.is_empty());
            }
        }
    }
}

#[test]
fn a_raw_value_moves_the_unit_as_the_tree_says() {
    let ranking = &EDITIONS[&AFTER].provinces;
    let found = ask(ranking, "ML-1", &["event_rate=0", "early_warning=3"]);
    let unit = ranking.unit("ML-1").expect("Kayes is ranked");
    let mut scores = unit.scores.clone();
    for (id, score) in [("event_rate", 0.0), ("early_warning", 0.0)] {
        let leaf = ranking.framework.tree.leaf(id).expect("an indicator");
        scores[leaf] = Some(score);
    }
    assert_eq!(found.after.score, ranking.framework.tree.evaluate(&scores).root);
    assert_eq!((found.before.score, found.before.rank), (unit.score, unit.rank));
    assert!(found.after.score < found.before.score && found.after.rank >= found.before.rank);
    for other in &found.others {
        assert_eq!(other.scores[0], other.scores[1], "{}: only its place can change", other.unit);
        assert_eq!(other.classes[0], other.classes[1]);
    }
}

#[test]
fn every_indicator_moves_the_score_in_its_direction() {
    let ranking = &EDITIONS[&AFTER].provinces;
    for indicator in &ranking.framework.indicators {
        let ends = [-1e9, 1e9].map(|raw| (indicator.score(raw), ask(ranking, "ML-1", &[&format!("{}={raw}", indicator.id)]).after.score));
        let (low, high) = if ends[0].0 <= ends[1].0 { (ends[0].1, ends[1].1) } else { (ends[1].1, ends[0].1) };
        assert!(low <= high, "{}: {low:?} at the safe end, {high:?} at the risky one", indicator.id);
    }
}

#[test]
fn a_weight_is_that_of_a_set_with_the_same_weights() {
    let file = "name = \"other\"\nversion = \"1.0\"\nrationale = \"A test.\"\n[method]\nkind = \"given\"\n\
                [method.weights.risk]\nthreat = 0.9\ncontrol = 0.2\nexposure = 0.15\nprotection = 0.2\n";
    let sources = Draft::bundled().set("indicators/provinces/weights/other.toml", file).read();
    let edition = Edition::compute(&sources, AFTER, false);
    let ranking = &edition.provinces;
    let set = |name| ranking.framework.weight_set(name).expect("it is there");
    let mut expected = compare_sets(ranking, set("analysts"), set("other")).expect("they need no scores").moved;
    let found = ask(ranking, "ML-1", &["weight.threat=0.9"]);
    expected.retain(|m| m.unit != "ML-1");
    assert_eq!(found.others.len(), expected.len());
    for (a, b) in found.others.iter().zip(&expected) {
        assert_eq!((&a.unit, a.ranks, &a.classes), (&b.unit, b.ranks, &b.classes));
        for (x, y) in a.scores.iter().zip(&b.scores) {
            // The set's weights are shares: one rounding each.
            assert!(x.zip(*y).is_none_or(|(x, y)| (x - y).abs() < 1e-12));
        }
    }
}

#[test]
fn a_unit_without_values_has_no_score_and_no_rank() {
    let ranking = &EDITIONS[&AFTER].provinces;
    let changes: Vec<String> = ranking.framework.indicators.iter().map(|i| format!("{}=missing", i.id)).collect();
    let found = what_if(ranking, ranking.unit("ML-1").expect("Kayes is ranked"), &changes).expect("values can be taken away");
    assert_eq!((found.after.score, found.after.class, found.after.rank), (None, None, None));
    assert_eq!((found.after.best, found.after.worst), (0.0, 10.0));
    assert_eq!(found.ranked[1], found.ranked[0] - 1);
}

#[test]
fn what_cannot_be_supposed() {
    let ranking = &EDITIONS[&AFTER].provinces;
    let unit = ranking.unit("ML-1").expect("Kayes is ranked");
    let refused = |changes: &[&str]| {
        let changes: Vec<String> = changes.iter().map(|c| (*c).to_owned()).collect();
        what_if(ranking, unit, &changes).expect_err("something is wrong with each").render(false)
    };
    let all = ["erly_warning=3", "threat=2", "weight.risk=2", "weight.thret=1", "levies=x", "blockade=1", "blockade=2", "road_control", "weight.levies=-1", "population=inf", "death_rate=NaN"];
    insta::with_settings!({ description => "Everything that can be wrong with a change, told at once.", omit_expression => true }, {
        insta::assert_snapshot!("changes", refused(&all));
    });
    insta::with_settings!({ description => "A dimension is left without weight.", omit_expression => true }, {
        insta::assert_snapshot!("no_weight_left", refused(&["weight.blockade=0", "weight.levies=0", "weight.road_control=0", "weight.camps_and_drones=0"]));
    });
    insta::with_settings!({ description => "Nothing is supposed.", omit_expression => true }, {
        insta::assert_snapshot!("nothing", refused(&[]));
    });
}

#[test]
fn at_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(folder.path(), &["whatif", "Diboli", "post_attacked=2", "--as-of", "2025-07-31"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    insta::with_settings!({ description => "tukhum whatif Diboli post_attacked=2 --as-of 2025-07-31", omit_expression => true }, {
        insta::assert_snapshot!("diboli", stdout(&output));
    });
    let json = run(folder.path(), &["whatif", "كاي", "weight.threat=1", "--as-of", "2025-07-31", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(stdout(&json)).expect("it is JSON");
    assert_eq!(json["unit"], "ML-1");
    let csv = run(folder.path(), &["whatif", "ML-1", "weight.threat=1", "--as-of", "2025-07-31", "--format", "csv"]);
    let rows = csv::Reader::from_reader(csv.stdout.as_slice()).into_records().collect::<Result<Vec<_>, _>>().expect("it is CSV");
    assert_eq!(&rows[0][0], "ML-1", "the unit itself comes first");
    let wrong = run(folder.path(), &["whatif", "Atlantis", "levies=1"]);
    assert_eq!((wrong.status.code(), wrong.stdout.len()), (Some(2), 0));
}
