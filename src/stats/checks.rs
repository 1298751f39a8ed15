//! Helpers of the tests: expected values read from JSON, and calibration over simulated runs.
//!
//! Each comparison writes one line that `cargo test stats -- --nocapture` shows: these lines are the
//! reference table and the calibration table of the documentation.

use serde_json::Value;

/// Expected values of one reference file, and the largest difference seen against them.
pub(crate) struct Reference {
    json: Value,
    largest: f64,
    compared: usize,
}

impl Reference {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            json: serde_json::from_str(text).unwrap(),
            largest: 0.0,
            compared: 0,
        }
    }

    pub(crate) fn value(&self, pointer: &str) -> &Value {
        self.json
            .pointer(pointer)
            .unwrap_or_else(|| panic!("{pointer} is not in the reference file"))
    }

    pub(crate) fn number(&self, pointer: &str) -> f64 {
        self.value(pointer).as_f64().unwrap()
    }

    pub(crate) fn numbers(&self, pointer: &str) -> Vec<f64> {
        self.value(pointer)
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_f64().unwrap_or(f64::NAN))
            .collect()
    }

    pub(crate) fn integers(&self, pointer: &str) -> Vec<u64> {
        self.numbers(pointer)
            .into_iter()
            .map(|v| v as u64)
            .collect()
    }

    pub(crate) fn cases(&self, pointer: &str) -> usize {
        self.value(pointer).as_array().unwrap().len()
    }

    /// Records a difference relative to the larger of 1 and the expected value.
    pub(crate) fn compare(&mut self, found: f64, expected: f64) {
        let difference = (found - expected).abs() / expected.abs().max(1.0);
        let difference = if found == expected { 0.0 } else { difference };
        assert!(!difference.is_nan(), "found {found}, expected {expected}");
        self.largest = self.largest.max(difference);
        self.compared += 1;
    }

    pub(crate) fn compare_all(&mut self, found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (&f, &e) in found.iter().zip(expected) {
            self.compare(f, e);
        }
    }

    /// Holds the largest difference against the tolerance.
    pub(crate) fn finish(self, label: &str, tolerance: f64) {
        println!(
            "reference | {label} | {} values | largest difference {:.1e} | tolerance {tolerance:e} | {}",
            self.compared, self.largest, self.json["made_with"]
        );
        assert!(self.compared > 0, "{label}: nothing compared");
        assert!(
            self.largest <= tolerance,
            "{label}: largest difference {:e}",
            self.largest
        );
    }
}

/// Holds the share of runs that hit against its allowed range.
pub(crate) fn calibrated(
    label: &str,
    hits: usize,
    runs: usize,
    nominal: f64,
    range: std::ops::RangeInclusive<f64>,
) {
    calibrated_share(label, hits as f64 / runs as f64, runs, nominal, range);
}

/// Holds a mean share over simulated runs against its allowed range.
pub(crate) fn calibrated_share(
    label: &str,
    seen: f64,
    runs: usize,
    nominal: f64,
    range: std::ops::RangeInclusive<f64>,
) {
    println!(
        "calibration | {label} | runs {runs} | nominal {nominal} | seen {seen:.4} | allowed {:.4} to {:.4}",
        range.start(),
        range.end()
    );
    assert!(
        range.contains(&seen),
        "{label}: {seen} of {runs} runs, allowed {range:?}"
    );
}

/// Holds the share of runs in which a planted effect was found against a lower bound.
pub(crate) fn powerful(label: &str, hits: usize, runs: usize, at_least: f64) {
    let seen = hits as f64 / runs as f64;
    println!("power | {label} | runs {runs} | seen {seen:.4} | at least {at_least}");
    assert!(seen >= at_least, "{label}: {seen} of {runs} runs");
}

/// The range of shares that are compatible with a true probability, at three standard errors.
pub(crate) fn around(nominal: f64, runs: usize) -> std::ops::RangeInclusive<f64> {
    let margin = 3.0 * (nominal * (1.0 - nominal) / runs as f64).sqrt();
    (nominal - margin)..=(nominal + margin)
}

/// A point of a plane, in km, as a point of the earth beside the equator.
pub(crate) fn on_the_equator(x: f64, y: f64) -> crate::stats::geodesic::Position {
    // Lengths of a degree at the equator, along it and across.
    crate::stats::geodesic::Position::new(x / 111.319_491, y / 110.574_276).unwrap()
}

/// Runs a closure on pools of one and of three threads and gives both results.
pub(crate) fn on_one_and_three_threads<T: Send>(run: impl Fn() -> T + Sync) -> (T, T) {
    let pool = |threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
    };
    (pool(1).install(&run), pool(3).install(&run))
}
