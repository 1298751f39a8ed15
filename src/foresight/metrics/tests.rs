//! Every metric against its peer, and by hand.

use super::*;
use crate::foresight::distribution::CountDistribution;
use crate::stats::checks::Reference;

fn reference() -> Reference {
    Reference::new(include_str!("../../../tests/reference/foresight/metrics.json"))
}

fn counts(numbers: &[f64]) -> Vec<u32> {
    numbers.iter().map(|n| *n as u32).collect()
}

#[test]
fn rankings_and_probabilities_agree_with_scikit_learn() {
    let mut reference = reference();
    for case in 0..reference.cases("/binary") {
        let at = |field: &str| format!("/binary/{case}/{field}");
        let happened: Vec<bool> = reference.numbers(&at("happened")).iter().map(|h| *h > 0.5).collect();
        let p = reference.numbers(&at("p"));
        for (found, field) in [
            (average_precision(&happened, &p), "average_precision"),
            (auroc(&happened, &p), "auroc"),
            (brier(&happened, &p), "brier"),
            (log_score(&happened, &p), "log_score"),
        ] {
            reference.compare(found.unwrap(), reference.number(&at(field)));
        }
    }
    for case in 0..reference.cases("/ranked") {
        let numbers = |field: &str| reference.numbers(&format!("/ranked/{case}/{field}"));
        let found = ndcg_at(5, &counts(&numbers("counts")), &numbers("risks")).unwrap();
        reference.compare(found, reference.number(&format!("/ranked/{case}/ndcg_5")));
    }
    // Sums in another order: rounding only.
    reference.finish("rankings and probabilities against scikit-learn", 1e-13);
}

#[test]
fn counts_agree_with_scoringrules_and_kendall_with_scipy() {
    let mut reference = reference();
    for case in 0..reference.cases("/ensembles") {
        let sample = counts(&reference.numbers(&format!("/ensembles/{case}/sample")));
        let observed = reference.number(&format!("/ensembles/{case}/observed")) as u32;
        let found = crps(&CountDistribution::sample(sample).unwrap(), observed);
        reference.compare(found, reference.number(&format!("/ensembles/{case}/crps")));
    }
    for case in 0..reference.cases("/pairs") {
        let numbers = |field: &str| reference.numbers(&format!("/pairs/{case}/{field}"));
        let found = kendall(&numbers("a"), &numbers("b")).unwrap();
        reference.compare(found, reference.number(&format!("/pairs/{case}/tau")));
    }
    reference.finish("CRPS against scoringrules, τ against SciPy", 1e-13);
}

#[test]
fn five_units_on_paper() {
    let happened = [true, false, true, false, false];
    let risks = [0.9, 0.8, 0.7, 0.2, 0.1];
    // Precision at the hits: 1/1 and 2/3. Pairs: 3 + 2 of 6 in order.
    assert!((average_precision(&happened, &risks).unwrap() - (1.0 + 2.0 / 3.0) / 2.0).abs() < 1e-15);
    assert!((auroc(&happened, &risks).unwrap() - 5.0 / 6.0).abs() < 1e-15);
    assert_eq!(precision_at(3, &happened, &risks), Some(2.0 / 3.0));
    // Of 10 events 6 and 1 lie in the first two units: 2 of 5 units hold 70 %.
    let events = [6, 1, 2, 0, 1];
    assert_eq!(hit_rate_at(2, &events, &risks), Some(0.7));
    assert!((area_index(2, &events, &risks).unwrap() - 0.7 / 0.4).abs() < 1e-15);
    // Alarms at 0.5: three, one of them false, in five unit-months.
    assert_eq!(false_alarms_per_year(0.5, &happened, &risks), Some(12.0 / 5.0));
    // Two bins by hand: said .85 came .5, said .7 came 1 …
    let parts = decompose(&happened, &risks).unwrap();
    assert_eq!(parts.bins.iter().map(|b| b.cases).collect::<Vec<_>>(), [1, 1, 1, 1, 1]);
    assert!((parts.reliability - parts.resolution + parts.uncertainty + parts.within - brier(&happened, &risks).unwrap()).abs() < 1e-15);
    assert!(parts.within.abs() < 1e-15, "one case a bin");
    // Point forecast of 2, observed 5: |5 - 2|. Ignorance of a sure bin: -log2(0.99 + 0.01/7).
    assert_eq!(crps(&CountDistribution::point(2), 5), 3.0);
    assert_eq!(crps(&CountDistribution::point(5), 2), 3.0);
    assert!((ignorance(&CountDistribution::point(1), 2) + (0.99_f64 + 0.01 / 7.0).log2()).abs() < 1e-15);
    assert!((ignorance(&CountDistribution::point(0), 1) + (0.01_f64 / 7.0).log2()).abs() < 1e-12);
    assert!((log_score(&[true], &[0.0]).unwrap() - 0.001_f64.ln().abs()).abs() < 1e-12);
}

#[test]
fn ties_are_worth_what_chance_gives() {
    let happened = [true, false, false, true, false, false, false, false];
    let level = [0.3; 8];
    assert_eq!(average_precision(&happened, &level), Some(0.25));
    assert_eq!(auroc(&happened, &level), Some(0.5));
    assert_eq!(precision_at(3, &happened, &level), Some(0.25));
    assert_eq!(hit_rate_at(2, &[4, 0, 0, 0, 0, 0, 0, 4], &level), Some(0.25));
    assert_eq!(area_index(2, &[4, 0, 0, 0, 0, 0, 0, 4], &level), Some(1.0));
    assert_eq!(kendall(&level, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]), None);
    // The order of tied units does not matter.
    assert_eq!(average_precision(&happened, &[0.0, -0.0, 0.0, 0.0, -0.0, 0.0, 0.0, 0.0]), Some(0.25));
}

#[test]
fn what_cannot_be_computed_is_none() {
    assert_eq!(average_precision(&[false; 4], &[0.1, 0.2, 0.3, 0.4]), None);
    assert_eq!(auroc(&[true; 4], &[0.1, 0.2, 0.3, 0.4]), None, "all positives");
    assert_eq!(average_precision(&[], &[]), None);
    assert_eq!(precision_at(3, &[false; 5], &[0.0; 5]), None);
    assert_eq!(precision_at(5, &[true; 5], &[0.0; 5]), None, "every ranking of five has the same five first");
    assert_eq!((brier(&[], &[]), log_score(&[], &[]), ndcg_at(5, &[0; 3], &[1.0; 3])), (None, None, None));
    assert_eq!(interval(&[None, None, Some(1.0)]), None);
}

#[test]
fn many_weightings_are_scored_as_each_alone() {
    let risks: Vec<f64> = (0..300).map(|i| f64::from(i * 7 % 41)).collect();
    let cases: Vec<(usize, bool)> = (0..300).map(|i| (i / 12, i * 13 % 5 < 2)).collect();
    let descent = super::Descent::new(&risks);
    let mut weightings: Vec<Vec<f64>> = (0..19).map(|r| super::block_weights(25, 6, 1, r)).collect();
    weightings.push(vec![0.0; 25]);
    let found = descent.resampled(&cases, &weightings);
    assert_eq!(found.len(), 20);
    for (w, [precision, area]) in weightings.iter().zip(&found) {
        assert_eq!(*precision, descent.average_precision(|i| w[cases[i].0], |i| cases[i].1));
        assert_eq!(*area, descent.auroc(|i| w[cases[i].0], |i| cases[i].1));
    }
    assert_eq!(found[19], [None, None]);
}

#[test]
fn a_bootstrap_draws_blocks_and_is_the_same_again() {
    let weights = block_weights(50, 6, 7, 3);
    assert_eq!(weights, block_weights(50, 6, 7, 3));
    assert_ne!(weights, block_weights(50, 6, 7, 4));
    assert_eq!(weights.iter().sum::<f64>(), 50.0);
    // Each origin is drawn once on average, and its neighbour mostly with it.
    let (mut mean, mut both, mut one) = (vec![0.0; 50], 0.0, 0.0);
    for replicate in 0..2000 {
        let w = block_weights(50, 6, 7, replicate);
        mean.iter_mut().zip(&w).for_each(|(m, w)| *m += w / 2000.0);
        both += w[10] * w[11];
        one += w[10] * w[30];
    }
    assert!(mean.iter().all(|m| (m - 1.0).abs() < 0.15), "{mean:?}");
    assert!(both > 1.4 * one, "{both} {one}");
    assert_eq!(block_weights(0, 6, 7, 0), Vec::<f64>::new());
    assert_eq!(block_weights(3, 6, 7, 0), [1.0; 3], "a block as long as the series is the series");
}
