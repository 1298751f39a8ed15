//! Coherence of the bundled frameworks: against the library's own definitions, and at the command line.

use super::support::*;
use tukhum::edition::Edition;
use tukhum::index::{CorrelationFlag, rank, removals};
use tukhum::studies::coherence::coherence;

#[test]
fn each_section_is_what_it_says() {
    for ranking in EDITIONS[&AFTER].rankings() {
        let (found, tree) = (coherence(ranking), &ranking.framework.tree);
        let leaves = tree.leaves().len();
        assert_eq!(found.correlations.len(), leaves * (leaves - 1) / 2);
        for pair in &found.correlations {
            let r = pair.pearson;
            assert_eq!(pair.flag == Some(CorrelationFlag::Collinear), r.is_some_and(|r| r > 0.92), "{} {}", pair.a, pair.b);
            assert_eq!(pair.flag == Some(CorrelationFlag::Opposed), r.is_some_and(|r| r < 0.0), "{} {}", pair.a, pair.b);
            let dimension = |id: &str| tree.leaf(id).and_then(|leaf| ranking.framework.dimension_of(leaf)).map(|d| d.id.clone());
            assert_eq!(pair.dimension, dimension(&pair.a).filter(|d| dimension(&pair.b).as_ref() == Some(d)));
            assert!(pair.units >= 2 || r.is_none());
        }
        assert_eq!(found.dimensions.iter().map(|d| d.indicators).sum::<usize>(), leaves);
        for d in &found.dimensions {
            assert_eq!(d.explained.is_empty(), d.without.is_some(), "{}", d.id);
            let sum: f64 = d.explained.iter().sum();
            assert!(d.explained.is_empty() || (sum - 1.0).abs() < 1e-9, "{}: {sum}", d.id);
        }
        // Every indicator is left out once, and the ranks without it are those of the tree with its weight at 0.
        assert_eq!(found.removals.len(), leaves);
        let all = removals(tree, &ranking.rows());
        for line in &found.removals {
            let one = all.iter().find(|r| tree.leaves()[r.leaf] == line.indicator).expect("it is left out once");
            assert_eq!((line.mean_rank_change, line.largest_rank_change), (one.mean_rank_change, one.largest_rank_change));
            assert_eq!(line.furthest.as_ref().map_or(0, |(_, [a, b])| a.abs_diff(*b)), line.largest_rank_change.unwrap_or(0));
        }
        assert!(found.removals.windows(2).all(|w| w[0].mean_rank_change >= w[1].mean_rank_change));
        // Copeland ranks whoever has a rank, and adds up to 0: each win is another's loss.
        let scores: Vec<Option<f64>> = found.copeland.iter().map(|l| l.copeland_score).collect();
        assert_eq!(rank(&scores), found.copeland.iter().map(|l| l.copeland_rank).collect::<Vec<_>>());
        assert_eq!(scores.iter().flatten().sum::<f64>(), 0.0);
        assert!(found.copeland.iter().all(|l| l.rank.is_some() || l.copeland_rank.is_none()));
        assert!(found.copeland_agreement.is_some_and(|t| t > 0.2), "{:?}", found.copeland_agreement);
    }
}

#[test]
fn an_edition_in_which_hardly_anything_is_known() {
    let edition = Edition::compute(&SOURCES, BEFORE, false);
    let found = coherence(&edition.crossings);
    assert_eq!(found.units, edition.crossings.units.len());
    let json = serde_json::to_string(&found).expect("it is plain data");
    assert!(!json.contains("NaN"));
}

#[test]
fn at_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |format: &str| super::support::run(folder.path(), &["coherence", "crossings", "--as-of", "2025-07-31", "--format", format]);
    let table = run("table");
    assert_eq!(table.status.code(), Some(0), "{}", stderr(&table));
    for part in ["CORRELATIONS", "within threat", "DIMENSIONS", "WITHOUT AN INDICATOR", "COPELAND"] {
        assert!(stdout(&table).contains(part), "{part}");
    }
    assert!(stdout(&table).lines().all(|line| line.chars().count() <= 90));
    let csv = run("csv");
    let rows = csv::Reader::from_reader(csv.stdout.as_slice()).into_records().count();
    let json: serde_json::Value = serde_json::from_str(stdout(&run("json"))).expect("it is JSON");
    assert_eq!(json["correlations"].as_array().map(Vec::len), Some(rows));
}
