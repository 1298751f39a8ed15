//! The forecast on made-up panels: what it must say, and what it must not.

use super::*;
use crate::foresight::{Forecaster, Grid, Panel, PanelUnit, sees_the_future};
use crate::stats::random::Stream;
use crate::text::Month;

const FIRST: i32 = 24_000;

/// Units at steady rates, the first ones most violent, in a row with 50 km between them.
fn panel(rates: &[f64], months: i32, points: bool) -> Panel {
    let mut stream = Stream::new(5, 0);
    let unit = |u: usize| PanelUnit {
        id: format!("u{u}"),
        name: format!("unit {u}"),
        country: "AAA".into(),
        region: String::new(),
        at: points.then_some(crate::geo::Point { longitude: u as f64 * 0.45, latitude: 12.0 }),
        scored: true,
        west: false,
        neighbours: Vec::new(),
        near: Vec::new(),
    };
    let units: Vec<PanelUnit> = (0..rates.len()).map(unit).collect();
    let mut outcomes = Grid::missing(units.len(), Month(FIRST), Month(FIRST + months - 1));
    for (u, rate) in rates.iter().enumerate() {
        for month in 0..months {
            outcomes.set(u, Month(FIRST + month), [Some(stream.poisson(*rate) as u32); 3]);
        }
    }
    Panel::new(units, outcomes, Default::default())
}

const RATES: [f64; 8] = [3.0, 2.0, 1.0, 0.6, 0.3, 0.1, 0.05, 0.0];

#[test]
fn violent_units_are_more_at_risk_and_the_mean_is_that_of_the_past() {
    let panel = panel(&RATES, 120, true);
    let history = panel.history(Month(FIRST + 119), 1).unwrap();
    let features = Features::of(&history);
    let model = Model::fit(&features, 1).unwrap();
    let told: Vec<Outlook> = (0..8).map(|u| model.outlook(u).unwrap()).collect();
    assert!(told[0].probability > 0.85 && told[3].probability > told[5].probability && told[7].probability < 0.1, "{:?}", told.iter().map(|o| o.probability).collect::<Vec<_>>());
    // P(N ≥ 1) of the true rates is 0.38 on average.
    let mean = told.iter().map(|o| o.probability).sum::<f64>() / 8.0;
    assert!((mean - 0.38).abs() < 0.06, "{mean}");
    assert!(told[7].quiet && !told[0].quiet);
    assert_eq!(told[7].interval, (0, 0));
    assert!((4..=9).contains(&told[0].interval.1), "{:?}", told[0].interval);
    // The count says of an event what the probability says.
    assert!(told.iter().all(|o| (o.count.at_least(1) - o.probability).abs() < 1e-9));
    // Drivers are the difference in log-odds to the mean case.
    let raised: f64 = told[0].drivers.iter().map(|d| d.log_odds).sum();
    assert!(raised > 1.0 && told[0].drivers[0].feature == Feature::Recent, "{:?}", told[0].drivers);
    assert!(model.slopes().all(|(_, b)| b > 0.0));
}

#[test]
fn without_points_nothing_is_said_of_the_surroundings() {
    let with = panel(&RATES, 120, true);
    let mut one_lacks = with.clone();
    one_lacks.units[4].at = None;
    for (panel, features) in [(with, 3), (one_lacks, 2), (panel(&RATES, 120, false), 2)] {
        let history = panel.history(Month(FIRST + 119), 1).unwrap();
        assert_eq!(Model::fit(&Features::of(&history), 3).unwrap().slopes().count(), features);
    }
}

#[test]
fn too_little_is_refused_and_a_gap_leaves_a_unit_out() {
    let quiet = panel(&[0.01; 5], 120, true);
    assert!(matches!(Model::fit(&Features::of(&quiet.history(Month(FIRST + 119), 1).unwrap()), 1), Err(NoModel::TooFewEvents(_))));
    let short = panel(&RATES, 37, true);
    assert!(Model::fit(&Features::of(&short.history(Month(FIRST + 36), 1).unwrap()), 1).is_err());
    let mut gap = panel(&RATES, 120, true);
    gap.outcomes.set(0, Month(FIRST + 100), [None; 3]);
    let history = gap.history(Month(FIRST + 119), 1).unwrap();
    let features = Features::of(&history);
    let model = Model::fit(&features, 1).unwrap();
    assert!(model.outlook(0).is_none() && model.outlook(1).is_some() && model.outlook(99).is_none());
}

#[test]
fn all_violent_and_enormous_counts_are_told_or_refused() {
    let violent = panel(&[9.0; 4], 120, true);
    assert!(matches!(Model::fit(&Features::of(&violent.history(Month(FIRST + 119), 1).unwrap()), 1), Err(NoModel::NoFit(_))), "no month without an event to learn from");
    let mut huge = panel(&RATES, 120, true);
    huge.outcomes.set(0, Month(FIRST + 117), [Some(u32::MAX); 3]);
    let history = huge.history(Month(FIRST + 119), 1).unwrap();
    for forecast in PooledForecast.at(&history)(1).into_iter().flatten() {
        assert!(forecast.risk.is_finite() && (0.0..=1.0).contains(&forecast.risk));
    }
}

#[test]
fn it_sees_no_future() {
    let panel = panel(&RATES, 120, true);
    assert!(!sees_the_future(|_| Box::new(PooledForecast), &panel, Month(FIRST + 90), 1, 3));
}

#[test]
fn skill_is_judged_on_what_was_known_and_needs_events() {
    let panel = panel(&RATES, 140, true);
    let history = panel.history(Month(FIRST + 139), 1).unwrap();
    let told = Outlooks::of(&history, &[1, 12]);
    let [violent, quiet] = &told.horizons[0].skill[..] else { panic!("two strata") };
    assert_eq!(violent.cases + quiet.cases, 24 * 8);
    assert!(!violent.is_none() && violent.auroc.unwrap() > 0.7, "{violent:?}");
    assert!(quiet.brier_skill.is_none() && quiet.is_none(), "{quiet:?}");
    assert_eq!(told.horizons[1].month, Month(FIRST + 151).to_string());
    assert_eq!(told.last_known, Month(FIRST + 138).to_string());
}
