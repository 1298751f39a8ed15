//! Scores, drivers, ranks and bounds of every unit of every listed edition.

use tukhum::edition::Scored;

use super::support::*;

/// Each test looks at all units of all editions.
fn every_unit(mut look: impl FnMut(&str, &Scored<'_>)) {
    let mut seen = 0;
    for (day, edition) in EDITIONS.iter() {
        for ranking in edition.rankings() {
            for unit in &ranking.units {
                look(&format!("{} as of {day}", unit.unit.id()), unit);
                seen += 1;
            }
        }
    }
    assert!(seen >= 4 * (36 + 20), "only {seen} units were looked at");
}

/// Baseline and contributions add up to the score, and only what is known contributes.
///
/// Scores are sums and products of at most 23 numbers below 10: 1e-9 is far above what rounding
/// adds and far below what a reader sees.
#[test]
fn contributions_add_up_to_the_score() {
    let mut largest: f64 = 0.0;
    every_unit(|name, unit| {
        assert_eq!(unit.score.is_some(), unit.drivers.is_some(), "{name}: drivers where there is a score");
        let (Some(score), Some(drivers)) = (unit.score, &unit.drivers) else { return };
        let sum = drivers.baseline + drivers.contributions.iter().flatten().sum::<f64>();
        assert!((sum - score).abs() <= 1e-9, "{name}: {sum} instead of {score}");
        for (reading, contribution) in unit.readings.iter().zip(&drivers.contributions) {
            assert!(reading.value.is_some() || contribution.is_none_or(|c| c == 0.0), "{name}: a missing indicator contributes");
        }
        largest = largest.max(drivers.contributions.iter().flatten().copied().fold(0.0, f64::max));
    });
    assert!(largest > 0.5, "no indicator contributes anything ({largest})");
}

/// What a reader finds in report.json adds up as well, in the digits that stand there.
#[test]
fn contributions_add_up_in_the_report() {
    let mut scored = 0;
    for (day, files) in FILES.iter() {
        let report: serde_json::Value = serde_json::from_str(&files["report.json"]).expect("report.json is JSON");
        for card in report["cards"].as_array().expect("there are cards") {
            let Some(score) = card["score"].as_f64() else { continue };
            let parts = card["indicators"].as_array().into_iter().flatten().filter_map(|i| i["contribution"].as_f64());
            let sum = card["baseline"].as_f64().expect("a card has a baseline") + parts.sum::<f64>();
            assert!((sum - score).abs() <= 1e-9, "{} as of {day}: {sum} instead of {score}", card["unit"]);
            scored += 1;
        }
    }
    assert!(scored >= 4 * 50, "only {scored} cards have a score");
}

/// Rank 1 has the highest score; units rank by scores before rounding, and share a rank only when these are equal.
#[test]
fn ranks_follow_the_unrounded_scores() {
    let mut rounded_alike = 0;
    for (day, edition) in EDITIONS.iter() {
        for ranking in edition.rankings() {
            let units = ranking.by_rank();
            for unit in &units {
                let above = units.iter().filter(|u| u.score > unit.score).count();
                let expected = unit.score.map(|_| above + 1);
                assert_eq!(unit.rank, expected, "{} as of {day}", unit.unit.id());
            }
            let text = |u: &Scored<'_>| u.score.map(|s| format!("{s:.1}"));
            rounded_alike += units.windows(2).filter(|p| p[0].score != p[1].score && text(p[0]) == text(p[1])).count();
            assert!(units.windows(2).all(|p| p[0].rank.unwrap_or(usize::MAX) <= p[1].rank.unwrap_or(usize::MAX)));
        }
    }
    assert!(rounded_alike > 0, "no two scores look alike when rounded: the test proves nothing");
}

/// Every score lies on the scale, and between the best and the worst case for what is missing.
#[test]
fn bounds_hold_the_score() {
    let (mut wide, mut missing) = (0, 0);
    every_unit(|name, unit| {
        let scale = 0.0..=10.0;
        let dimensions = unit.evaluation.values.iter().flatten();
        for score in unit.score.iter().chain(unit.scores.iter().flatten()).chain(dimensions) {
            assert!(scale.contains(score), "{name}: {score} is off the scale");
        }
        let (best, worst) = unit.bounds;
        assert!(scale.contains(&best) && scale.contains(&worst) && best <= worst, "{name}: {best} to {worst}");
        if let Some(score) = unit.score {
            assert!((best..=worst).contains(&score), "{name}: {score} is not within {best} to {worst}");
        } else {
            missing += 1;
        }
        wide += usize::from(best < worst);
    });
    assert!(wide > 0 && missing > 0, "units with gaps ({wide}) and without a score ({missing}) are among them");
}

/// The class is the one whose band holds the unrounded score.
#[test]
fn classes_follow_the_scores() {
    for (day, edition) in EDITIONS.iter() {
        for ranking in edition.rankings() {
            let classes = &ranking.framework.classes;
            for unit in &ranking.units {
                let (Some(score), Some(class)) = (unit.score, unit.class) else {
                    assert_eq!(unit.score.is_some(), unit.class.is_some(), "{} as of {day}", unit.unit.id());
                    continue;
                };
                let from = classes.lower_edge(class);
                let to = classes.lower_edge(class + 1);
                assert!(from.is_none_or(|edge| edge <= score) && to.is_none_or(|edge| score < edge), "{} as of {day}: {score} in class {class}", unit.unit.id());
            }
        }
    }
}
