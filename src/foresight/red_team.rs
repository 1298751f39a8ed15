//! Wrong forecasts against the scorer: none of them may win, and a planted future must be seen.

use super::baselines::{Decay, DecayKernel, WINDOW, baselines};
use super::*;
use crate::stats::random::Stream;
use crate::text::Month;

/// Thirty units, 120 months: a third violent in waves, a third at times, a third quiet.
fn panel() -> Panel {
    let mut stream = Stream::new(11, 0);
    let units: Vec<PanelUnit> = (0..30)
        .map(|u| PanelUnit {
            id: format!("u{u:02}"),
            name: format!("unit {u}"),
            country: "AAA".into(),
            region: "AAA".into(),
            at: Some(crate::geo::Point { longitude: f64::from(u % 6) * 0.5, latitude: f64::from(u / 6) * 0.5 }),
            scored: true,
            west: u < 10,
            neighbours: Vec::new(),
            near: Vec::new(),
        })
        .collect();
    let mut outcomes = Grid::missing(units.len(), Month(24_000), Month(24_119));
    for u in 0..units.len() {
        let mut wave: f64 = 0.0;
        for month in 0..120 {
            wave = 0.9 * wave + stream.normal() * 0.5;
            let rate = [0.9, 0.25, 0.03][u / 10] * wave.exp();
            let count = stream.poisson(rate) as u32;
            outcomes.set(u, Month(24_000 + month), [Some(count); 3]);
        }
    }
    Panel::new(units, outcomes, Default::default())
}

fn plan() -> Plan {
    Plan { target: Target::Any, countries: Vec::new(), horizons: vec![1], from: Month(24_050), to: Month(24_118), delay: 1, seed: 1, replicates: 100 }
}

/// A forecaster made of a function of the unit, its known counts and the origin.
struct Wrong<'a, F: Fn(usize, &[Option<u32>], Month) -> f64 + Sync> {
    name: &'a str,
    p: F,
}

impl<F: Fn(usize, &[Option<u32>], Month) -> f64 + Sync> Forecaster for Wrong<'_, F> {
    fn name(&self) -> &str {
        self.name
    }

    fn at<'h>(&'h self, history: &'h History<'h>) -> ByHorizon<'h> {
        let p = |u| (self.p)(u, history.deadly(u), history.origin());
        always((0..history.units().len()).map(|u| Some(Forecast { risk: p(u), p_event: Some(p(u)), count: None })).collect())
    }
}

/// Sees the month that is foretold.
struct Peeking(Grid);

impl Forecaster for Peeking {
    fn name(&self) -> &str {
        "peeking"
    }

    fn at<'h>(&'h self, history: &'h History<'h>) -> ByHorizon<'h> {
        let certain = |count: u32| Forecast::of(f64::from(count), CountDistribution::point(count));
        Box::new(move |horizon| {
            let when = Month(history.origin().0 + horizon as i32);
            (0..history.units().len()).map(|u| self.0.deadly_at(u, when).map(certain)).collect()
        })
    }
}

fn share(counts: &[Option<u32>]) -> f64 {
    counts.iter().flatten().filter(|n| **n > 0).count() as f64 / counts.len().max(1) as f64
}

#[test]
fn a_wrong_forecast_does_not_win() {
    let panel = panel();
    let mut all = baselines();
    all.push(Box::new(Wrong { name: "climatology", p: |_, counts: &[Option<u32>], _| share(counts) }));
    all.push(Box::new(Wrong { name: "persistence", p: |_, counts: &[Option<u32>], _| f64::from(u8::from(counts.last().copied().flatten() > Some(0))) }));
    all.push(Box::new(Wrong { name: "half", p: |_, _: &[Option<u32>], _| 0.5 }));
    all.push(Box::new(Wrong { name: "ones", p: |_, _: &[Option<u32>], _| 1.0 }));
    all.push(Box::new(Wrong { name: "few_levels", p: |_, counts: &[Option<u32>], _| (share(counts) * 2.0).round() / 2.0 }));
    all.push(Box::new(Wrong { name: "shuffled", p: |u, _: &[Option<u32>], origin: Month| Stream::new(5, (origin.0 as u64) << 8 | u as u64).uniform() }));
    all.push(Box::new(Wrong { name: "upside_down", p: |_, counts: &[Option<u32>], _| 1.0 - share(counts) }));
    let found = backtest(&panel, &all, &plan()).unwrap();
    let value = |name: &str, metric: &str| found.line(1, "all", name).unwrap().scores.get(metric).map(|e| e.value);
    println!("forecast | average precision | AUROC | Brier | CRPS");
    for f in &all {
        let cell = |metric| value(f.name(), metric).map_or("–".into(), |x| format!("{x:.3}"));
        println!("{} | {} | {} | {} | {}", f.name(), cell("average_precision"), cell("auroc"), cell("brier"), cell("crps"));
    }
    let base = found.line(1, "all", "zero").map(|l| l.positives as f64 / l.cases as f64).unwrap();
    let precision = |name| value(name, "average_precision").unwrap();
    let to_beat = precision("decay_kernel").max(precision("decay"));
    for level in ["zero", "base_rate", "half", "ones"] {
        assert!((precision(level) - base).abs() < 1e-12, "{level}: a constant has no precision beyond the base rate");
        assert_eq!(value(level, "auroc"), Some(0.5), "{level}");
        assert!((value(level, "pai_5").unwrap() - 1.0).abs() < 1e-12, "{level}: ties are what chance gives");
    }
    for wrong in ["zero", "base_rate", "half", "ones", "shuffled", "upside_down", "few_levels", "persistence"] {
        assert!(precision(wrong) < to_beat, "{wrong} {} against {to_beat}", precision(wrong));
    }
    assert!(precision("shuffled") < base + 0.05 && precision("upside_down") < base);
    assert!(value("half", "brier").unwrap() > value("base_rate", "brier").unwrap());
    assert!(value("ones", "log_score").unwrap() > 1.0, "sure and wrong costs most");
    assert!(value("zero", "log_score").unwrap() > value("base_rate", "log_score").unwrap());
    let against = &found.line(1, "all", "decay").unwrap().against["shuffled"];
    assert!(against.interval.unwrap().0 > 0.0, "the difference to chance is sure");
}

#[test]
fn a_planted_future_raises_the_alarm() {
    let panel = panel();
    let mut all = baselines();
    all.push(Box::new(Peeking(panel.outcomes.clone())));
    let found = backtest(&panel, &all, &plan()).unwrap();
    let suspicious: Vec<&str> = found.lines.iter().filter(|l| l.suspicious).map(|l| l.forecaster.as_str()).collect();
    assert!(suspicious.contains(&"peeking") && suspicious.iter().all(|s| *s == "peeking"), "{suspicious:?}");
    let origin = Month(24_080);
    assert!(sees_the_future(|p| Box::new(Peeking(p.outcomes.clone())), &panel, origin, 1, 1), "the detector sees the plant");
    // A plant that only peeks at the unit's later total is seen as well.
    struct Total(Vec<u32>);
    impl Forecaster for Total {
        fn name(&self) -> &str {
            "total"
        }
        fn at<'h>(&'h self, _: &'h History<'h>) -> ByHorizon<'h> {
            always(self.0.iter().map(|n| Some(Forecast { risk: f64::from(*n), p_event: None, count: None })).collect())
        }
    }
    let total = |p: &Panel| p.outcomes.deadly.iter().map(|row| row.iter().flatten().sum()).collect();
    assert!(sees_the_future(|p| Box::new(Total(total(p))), &panel, origin, 1, 1));
}

#[test]
fn no_baseline_sees_beyond_its_origin() {
    let mut panel = panel();
    // With a true vintage at the origin as well.
    panel.vintages.insert(Month(24_090), panel.outcomes.clone());
    for origin in [Month(24_060), Month(24_090), Month(24_110)] {
        for delay in [0, 1, 3] {
            for horizon in [1, 6, 12] {
                for f in 0..baselines().len() {
                    assert!(!sees_the_future(|_| baselines().swap_remove(f), &panel, origin, delay, horizon), "baseline {f} at {origin}");
                }
            }
        }
    }
    let history = panel.history(Month(24_090), 1).unwrap();
    assert_eq!((history.last(), history.deadly(0).len()), (Month(24_089), 90), "the history ends where knowledge does");
}

#[test]
fn targets_by_hand() {
    let mut panel = panel();
    panel.units.truncate(1);
    let counts = |tail: &[u32]| {
        let mut row = vec![Some(0); 60];
        let start = row.len() - tail.len();
        row.iter_mut().skip(start).zip(tail).for_each(|(cell, n)| *cell = Some(*n));
        Grid { first: Month(100), deadly: vec![row.clone()], events: vec![row.clone()], deaths: vec![row] }
    };
    // The last month is 159; origin 157, delay 1: known to 156, foretold 158 (h = 1) and 159 (h = 2).
    let case = |panel: &Panel, target, horizon| {
        let history = panel.history(Month(157), 1).unwrap();
        target::case(target, panel, &history, (0, 0), horizon, None)
    };
    panel.outcomes = counts(&[1, 0, 0, 2]);
    assert!(case(&panel, Target::Any, 2).unwrap().happened && !case(&panel, Target::Any, 1).unwrap().happened);
    assert_eq!(case(&panel, Target::Onset, 2), Err(Unscored::NotQuiet), "an event in month 156");
    panel.outcomes = counts(&[0, 0, 2, 1]);
    assert!(case(&panel, Target::Onset, 1).unwrap().happened);
    assert_eq!(case(&panel, Target::Onset, 2), Err(Unscored::BegunBefore), "the first event was in 158");
    assert!(case(&panel, Target::Surge, 1).unwrap().happened, "two events after three quiet years");
    assert_eq!(case(&panel, Target::Any, 3), Err(Unscored::NoOutcome), "beyond the data");
    panel.outcomes.deadly[0][50] = None;
    assert_eq!(case(&panel, Target::Any, 1), Err(Unscored::GapInHistory));
}

#[test]
fn what_cannot_be_tested_is_refused_or_explained() {
    let panel = panel();
    let code = |panel: &Panel, plan: Plan| backtest(panel, &baselines(), &plan).unwrap_err().sorted().iter().map(|d| d.code).collect::<Vec<_>>();
    assert_eq!(code(&panel, Plan { from: Month(24_020), ..plan() }), ["backtest-origins"], "too short a history");
    assert_eq!(code(&panel, Plan { to: Month(24_119), ..plan() }), ["backtest-origins"], "beyond the data");
    assert_eq!(code(&panel, Plan { horizons: vec![0, 99], ..plan() }), ["backtest-horizon"]);
    let mut empty = panel.clone();
    empty.outcomes.deadly.iter_mut().flatten().for_each(|n| *n = Some(0));
    assert_eq!(code(&empty, plan()), ["backtest-no-event"]);
    // All positives and too few positives are explained, not scored.
    let mut full = panel.clone();
    full.outcomes.deadly.iter_mut().flatten().for_each(|n| *n = Some(1));
    let line = |panel: &Panel| backtest(panel, &baselines(), &plan()).unwrap().line(1, "all", "decay").unwrap().clone();
    assert!(line(&full).not_scored.is_some_and(|why| why.contains("every case")) && line(&full).scores.is_empty());
    let mut rare = empty;
    rare.outcomes.deadly[3][100] = Some(1);
    assert!(line(&rare).not_scored.is_some_and(|why| why.contains("1 of")));
    // A gap takes away its unit and months, and nothing becomes a zero.
    let mut gap = panel.clone();
    gap.outcomes.deadly[4].iter_mut().for_each(|n| *n = None);
    let found = backtest(&gap, &baselines(), &plan()).unwrap();
    assert_eq!(found.unscored[&1][&Unscored::GapInHistory], found.origins);
    assert_eq!(found.line(1, "all", "zero").unwrap().cases, 29 * found.origins);
}

#[test]
fn the_result_is_the_same_on_any_number_of_threads() {
    let panel = panel();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| serde_json::to_string(&backtest(&panel, &baselines(), &plan()).unwrap()).unwrap())
    };
    assert_eq!(run(1), run(3));
    assert!(WINDOW == 36 && Decay::default().half_life_months == DecayKernel::default().half_life_months);
}
