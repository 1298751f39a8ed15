//! Any input at all: an answer or an error, never a panic, never a NaN.

use proptest::prelude::*;

use super::change_point::{ChangeOptions, change_point};
use super::coordination::{Strike, fit_hurdle, operations};
use super::decay::decayed_sum;
use super::drift::{DriftEvent, DriftOptions, drift};
use super::empirical_bayes::shrink;
use super::exposed::{Exposed, GammaRate};
use super::geodesic::Position;
use super::getis_ord::{Neighbourhood, getis_ord};
use super::grid::Grid;
use super::kernel::{PressureEvent, pressure};
use super::knox::knox;
use super::moran_local::moran_local;
use super::new_ground::new_ground;
use super::rate_ratio::{Tail, compare_rates};
use super::scan::{ScanEvent, ScanOptions, scan};
use super::scdi::scdi;
use super::surge::{SurgeOptions, surge, surge_threshold};
use super::weights::Weights;

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        proptest::num::f64::ANY,
        -10.0..1000.0,
        Just(0.0),
        Just(1e-300),
        Just(1e300),
        Just(f64::INFINITY),
        Just(f64::NAN)
    ]
}

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..30, 0_u64..3_000_000_000, Just(u64::MAX)]
}

fn day() -> impl Strategy<Value = i64> {
    prop_oneof![0_i64..2000, Just(i64::MIN), Just(i64::MAX), Just(-1)]
}

fn place() -> impl Strategy<Value = Position> {
    let longitude = prop_oneof![
        -180.0..180.0,
        Just(180.0),
        Just(-180.0),
        Just(0.0),
        -12.0..-8.0
    ];
    let latitude = prop_oneof![-90.0..90.0, Just(90.0), Just(-90.0), Just(0.0), 13.0..16.0];
    (longitude, latitude).prop_map(|(x, y)| Position::new(x, y).unwrap())
}

fn exposed() -> impl Strategy<Value = Option<Exposed>> {
    (count(), number()).prop_map(|(y, e)| Exposed::new(y, e).ok())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..Default::default() })]

    #[test]
    fn rates(units in prop::collection::vec(exposed(), 0..12), level in number(), floor in number(), size in number(), longest in 0_usize..40) {
        if let Ok(shrunk) = shrink(&units) {
            for rate in shrunk.rates.iter().flatten() {
                prop_assert!(rate.rate.is_finite() && (0.0..=1.0).contains(&rate.weight));
                if let Ok((low, high)) = rate.posterior.interval(level) {
                    prop_assert!(low <= high, "{low} {high}");
                }
                let options = SurgeOptions { sd_floor: floor, size: Some(size) };
                for unit in units.iter().flatten() {
                    if let Ok(result) = surge(*unit, &rate.posterior, options) {
                        prop_assert!((0.0..=1.0).contains(&result.p) && result.z.is_finite());
                    }
                    let _ = surge_threshold(unit.exposure(), &rate.posterior, options, level);
                }
            }
        }
        for pair in units.windows(2) {
            if let [Some(a), Some(b)] = pair {
                for tail in [Tail::Exact, Tail::MidP] {
                    if let Ok(result) = compare_rates(*a, *b, level, tail) {
                        prop_assert!(!result.lower.is_nan() && !result.p_two_sided.is_nan());
                    }
                }
            }
        }
        for dispersion in [1.0, floor] {
            let prior = GammaRate::new(0.7, 0.3).unwrap();
            let options = ChangeOptions { prior, model_priors: [1.0, 1.0, 1.0], longest_pulse: longest, dispersion };
            if let Ok(result) = change_point(&units, options) {
                let sum = result.none + result.pulse + result.step;
                prop_assert!((sum - 1.0).abs() < 1e-6, "{sum} from {result:?}");
            }
        }
    }

    #[test]
    fn places(events in prop::collection::vec((place(), day(), number(), 0_u32..3), 0..14), km in number(), days in day()) {
        let positions: Vec<Position> = events.iter().map(|e| e.0).collect();
        let when: Vec<i64> = events.iter().map(|e| e.1).collect();
        let scanned: Vec<ScanEvent> = events.iter().map(|e| ScanEvent { position: e.0, day: e.1 }).collect();
        for max_radius_km in [150.0, km] {
            let options = ScanOptions { max_radius_km, replicates: 3, ..ScanOptions::default() };
            for cluster in scan(&scanned, options).into_iter().flatten() {
                prop_assert!(cluster.log_likelihood_ratio > 0.0 && cluster.events.len() as f64 > cluster.expected);
            }
        }
        if let Ok(result) = knox(&positions, &when, km, days, 3, 0) {
            prop_assert!(result.close_pairs <= result.near_pairs.min(result.soon_pairs));
        }
        let drifting: Vec<DriftEvent> =
            events.iter().enumerate().map(|(i, e)| DriftEvent { position: e.0, day: e.1, actor: e.3, block: i as u32 / 2 }).collect();
        if let Ok(result) = drift(&drifting, DriftOptions { bootstraps: 5, permutations: 5, ..DriftOptions::default() }) {
            prop_assert!(result.west_km_per_year.is_finite());
            prop_assert!(result.west_interval.is_none_or(|(a, b)| a <= b));
        }
        let pressing: Vec<PressureEvent> =
            events.iter().map(|e| PressureEvent { position: e.0, weight: e.2, own_target: Some(e.3) }).collect();
        for felt in pressure(&positions, &pressing, km).into_iter().flatten() {
            prop_assert!(felt.is_finite() && felt >= 0.0);
        }
        let strikes: Vec<Strike> =
            events.iter().map(|e| Strike { actor: e.3, day: e.1, place: e.3, position: e.0 }).collect();
        let _ = operations(&strikes, km);
        if let Ok(result) = scdi(&positions, km, 1.0) {
            prop_assert!(result.intensity.is_finite() && result.nearest_neighbour_ratio.is_none_or(f64::is_finite));
        }
        let start = when.iter().copied().min().unwrap_or(0);
        let _ = new_ground(&when, &positions, Grid::new(25.0).unwrap(), days, start);
        let values: Vec<Option<f64>> = events.iter().map(|e| (e.3 > 0).then_some(e.2)).collect();
        if let Ok(weights) = Weights::nearest(&positions, 3) {
            for local in moran_local(&values, &weights, 9, 0).into_iter().flatten().flatten() {
                prop_assert!(local.statistic.is_finite(), "{local:?} from {values:?}");
            }
            for local in getis_ord(&values, &weights, Neighbourhood::WithSelf, 9, 0).into_iter().flatten().flatten() {
                prop_assert!(local.statistic.is_none_or(f64::is_finite) && local.z.is_none_or(f64::is_finite));
            }
        }
    }

    #[test]
    fn series(ages in prop::collection::vec(number(), 0..9), half_life in number(), sizes in prop::collection::vec(0_u32..40, 0..30), days in count()) {
        let weights = vec![1.0; ages.len()];
        if let Ok(sum) = decayed_sum(&ages, &weights, half_life) {
            prop_assert!(sum.is_finite());
        }
        if let Ok(model) = fit_hurdle(&sizes, days) {
            for size in [0, 2, 7, u32::MAX] {
                prop_assert!((0.0..=1.0).contains(&model.probability_of(size)));
                prop_assert!(model.size_tail_negative_binomial(size).is_none_or(|p| (0.0..=1.0 + 1e-9).contains(&p)));
            }
        }
    }
}
