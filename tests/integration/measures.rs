//! Measures that look at all units or at a record, worked by hand on a small world.
//!
//! The world: the bundled shapes without any event, fact or ledger row. Two provinces of a million people
//! are scored, Kayes and Ségou; the day is 2024-12-31, so that event rows from January 2024 on count.

use jiff::civil::Date;
use tukhum::edition::{Edition, Sources};
use tukhum::measures::Reading;

use super::support::*;

struct World {
    draft: Draft,
    planted: usize,
}

impl World {
    fn new() -> Self {
        let draft = Draft::tiny().change_rows("units", |_| true, |row| {
            let scored = ["ML-1", "ML-4"].contains(&row.get("unit_id"));
            row.set("role", if scored { "scored" } else { "surroundings" });
            if scored {
                row.set("population", "1000000");
            }
        });
        let draft = draft.set_table("aliases", Draft::bundled().text(&table("aliases")).to_owned());
        // A table without rows covers nothing: one row each, far from both.
        let draft = draft
            .append_line("ucdp_counts_24_1_admin1", "24.1,BEN,admin1,Alibori department,2020-02-01,1,1,1,1,0,0,1,1,1,0,,")
            .append_line("ucdp_counts_24_1_cells", "24.1,BFA,cell,r441c777,2021-03-01,1,1,1,1,0,0,1,1,1,,9.3375,-2.7134");
        Self { draft, planted: 0 }
    }

    /// A deadly attack by JNIM with a place (latitude, longitude) and its precision.
    fn attack(mut self, day: &str, area: &str, place: (f64, f64), precision: u8, deaths: u32) -> Self {
        self.planted += 1;
        let (country, state) = if area == "Tambacounda region" { ("SEN", "Senegal") } else { ("MLI", "Mali") };
        let line = format!(
            "24.0.11,2024-12-20,{},{day},{country},{area},{},{},{precision},1,1,x,Government of {state},JNIM,{deaths},0,reported,",
            900_000 + self.planted,
            place.0,
            place.1
        );
        self.draft = self.draft.append_line("ucdp_events", &line);
        self
    }

    fn attacks(self, days: impl IntoIterator<Item = String>, area: &str, place: (f64, f64), deaths: u32) -> Self {
        days.into_iter().fold(self, |world, day| world.attack(&day, area, place, 1, deaths))
    }

    fn read(&self) -> Sources {
        self.draft.read()
    }
}

const KAYES: (f64, f64) = (14.45, -11.43);
const SEGOU: (f64, f64) = (13.43, -6.26);

/// How a value came about, in English.
fn note(reading: &Reading) -> String {
    reading.notes.iter().map(|n| n.en.as_str()).collect::<Vec<_>>().join("; ")
}

/// The reading of an indicator in Kayes (`ML-1`) and Ségou (`ML-4`).
fn readings(sources: &Sources, day: Date, indicator: &str) -> [Reading; 2] {
    let edition = Edition::compute(sources, day, false);
    let at = edition.provinces.framework.indicators.iter().position(|i| i.id == indicator).expect("the indicator");
    ["ML-1", "ML-4"].map(|id| edition.provinces.unit(id).expect("the unit").readings[at].clone())
}

fn near(found: Option<f64>, expected: f64) {
    let found = found.expect("a value");
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

fn days(month: u8, n: u8) -> impl Iterator<Item = String> {
    (1..=n).map(move |day| format!("2024-{month:02}-{day:02}"))
}

/// 8 and 2 events of 10 deaths each among a million people (b = 10) in a year.
/// Events: m = 0.5, spread 0.09, chance m/b = 0.05, σ² = 0.04, w = 0.04/0.09: 0.8 → 4/9·0.8 + 5/9·0.5.
/// Deaths: φ = 10·10·10/(10·10) = 10, m = 5, spread 9, chance φ m/b = 5, σ² = 4, w = 4/9: 8 → 4/9·8 + 5/9·5.
#[test]
fn rates_are_drawn_together() {
    let world = World::new().attacks(days(3, 8), "Kayes region", KAYES, 10).attacks(days(3, 2), "Ségou region", SEGOU, 10);
    let sources = world.read();
    let [kayes, segou] = readings(&sources, BEFORE, "event_rate");
    near(kayes.value, 4.0 / 9.0 * 0.8 + 5.0 / 9.0 * 0.5);
    near(segou.value, 4.0 / 9.0 * 0.2 + 5.0 / 9.0 * 0.5);
    let (low, high) = kayes.interval.expect("an interval");
    assert!(low < 0.6 && 0.7 < high, "{low} to {high}");
    let [kayes, segou] = readings(&sources, BEFORE, "death_rate");
    near(kayes.value, 4.0 / 9.0 * 8.0 + 5.0 / 9.0 * 5.0);
    near(segou.value, 4.0 / 9.0 * 2.0 + 5.0 / 9.0 * 5.0);
    assert!(note(&kayes).contains("10.0 deaths count as one"), "{}", note(&kayes));
}

/// What no source covers is missing, and takes no part in the mean.
#[test]
fn a_rate_without_people_is_missing() {
    let mut world = World::new().attacks(days(3, 8), "Kayes region", KAYES, 10);
    world.draft = world.draft.change_rows("units", |r| r.get("unit_id") == "ML-4", |r| {
        for column in ["population", "population_year", "population_source"] {
            r.set(column, "");
        }
    });
    let sources = world.read();
    let [kayes, segou] = readings(&sources, BEFORE, "event_rate");
    assert_eq!((segou.value, segou.interval), (None, None));
    // One province alone: the common rate, (8 + 1/2) over 10.
    near(kayes.value, 0.85);
    let early = readings(&sources, jiff::civil::date(1980, 6, 30), "event_rate");
    assert_eq!(early.map(|r| r.value), [None, None]);
}

/// Twelve events each in the 36 months before, six and none in the six months after.
/// σ² = 0, so both share Gamma(24.5, 72): μ = 6·24.5/72; the windows scatter no more than the estimator can
/// tell (1/k has the divisor 0), so counts are Poisson: v = μ + μ²/24.5.
#[test]
fn acceleration_is_held_against_the_record() {
    let world = World::new()
        .attacks(days(2, 12), "Kayes region", KAYES, 1)
        .attacks(days(2, 12), "Ségou region", SEGOU, 1)
        .attacks(days(8, 6), "Kayes region", KAYES, 1);
    let sources = world.read();
    let [kayes, segou] = readings(&sources, BEFORE, "acceleration");
    let mean: f64 = 6.0 * 24.5 / 72.0;
    let deviation = (mean + mean * mean / 24.5).sqrt();
    near(kayes.value, (6.0 - mean) / deviation);
    near(segou.value, -mean / deviation);
    assert!(note(&kayes).contains("adjusted over 2 provinces") && note(&segou).contains("may be chance"), "{}", note(&segou));
    // One event after silence: the floor of one event, not an explosion.
    let sources = World::new().attacks(days(8, 1), "Kayes region", KAYES, 1).read();
    let [kayes, _] = readings(&sources, BEFORE, "acceleration");
    near(kayes.value, 1.0 - 6.0 * 0.5 / 72.0);
    assert!(note(&kayes).contains("the least taken"), "{}", note(&kayes));
}

/// Places 250 km apart on a line: a circle of 400 km around one of them holds three, a chain would hold all five.
#[test]
fn one_operation_has_a_reach() {
    let line = |world: World, n: usize, day: &str| {
        (0..n).fold(world, |w, k| w.attack(day, "Kayes region", (14.5, -11.5 + 2.32 * k as f64), 1, 1))
    };
    let [kayes, _] = readings(&line(World::new(), 5, "2024-11-20").read(), BEFORE, "synchronised_strikes");
    assert_eq!(kayes.value, Some(3.0));
    assert!(note(&kayes).contains("too few to say how rare"), "324 days of record: {}", note(&kayes));
    // Two strikes 1 km apart are one place, and a place known only to the region is none.
    let world = World::new().attack("2024-11-20", "Kayes region", KAYES, 1, 1).attack("2024-11-20", "Kayes region", (14.459, -11.43), 1, 1);
    let [kayes, segou] = readings(&world.attack("2024-11-20", "Kayes region", (14.0, -10.0), 4, 1).read(), BEFORE, "synchronised_strikes");
    assert_eq!((kayes.value, segou.value), (Some(1.0), Some(0.0)));
}

/// A first hit counts by its age, a second one in the cell does not, and neither does a coarse one.
#[test]
fn new_ground_is_new_once() {
    let far = (15.23, -9.59);
    let world = World::new()
        .attack("2024-10-01", "Kayes region", KAYES, 1, 1)
        .attack("2024-11-01", "Kayes region", KAYES, 1, 1)
        .attack("2024-11-10", "Kayes region", far, 4, 1);
    let [kayes, segou] = readings(&world.read(), BEFORE, "new_ground");
    near(kayes.value, 0.5_f64.powf(91.0 / (12.0 * 30.4375)));
    near(segou.value, 0.0);
    assert!(note(&kayes).contains("1 deadly event without a precise place left out"), "{}", note(&kayes));
    // A cell count of 2023 makes it known ground.
    let mut world = World::new().attack("2024-10-01", "Kayes region", KAYES, 1, 1);
    world.draft = world.draft.append_line("ucdp_counts_24_1_cells", "24.1,MLI,cell,r464c725,2023-05-01,1,1,0,1,0,0,0,0,0,,14.5125,-11.3824");
    let [kayes, _] = readings(&world.read(), BEFORE, "new_ground");
    near(kayes.value, 0.0);
}

/// Diboli and Kidira face each other across the Falémé.
#[test]
fn both_sides_of_a_border_are_told() {
    let diboli = ("Kayes region", (14.47, -12.20));
    let world = World::new().attack("2024-10-20", diboli.0, diboli.1, 1, 1);
    let [kayes, _] = readings(&world.read(), BEFORE, "border_attacks");
    assert!(kayes.value.is_none(), "event rows do not reach back a year: {}", kayes.missing.as_ref().map_or("", |m| m.en.as_str()));
    let long = |w: World| {
        let mut world = w;
        let text = world.draft.text(&manifest("ucdp_events")).replacen("from = 2024-01-01\n", "from = 2023-06-01\n", 1);
        world.draft = world.draft.set(&manifest("ucdp_events"), text);
        readings(&world.read(), BEFORE, "border_attacks")[0].clone()
    };
    let one = long(World::new().attack("2024-10-20", diboli.0, diboli.1, 1, 1));
    assert!(one.value == Some(1.0) && !note(&one).contains("both sides"), "{}", note(&one));
    let both = World::new().attack("2024-10-20", diboli.0, diboli.1, 1, 1).attack("2024-11-02", "Tambacounda region", (14.46, -12.30), 1, 1);
    assert!(note(&long(both)).contains("within 50 km in 90 days: Senegal 1 here, 1 there"));
    let late = World::new().attack("2024-05-20", diboli.0, diboli.1, 1, 1).attack("2024-11-02", "Tambacounda region", (14.46, -12.30), 1, 1);
    assert!(!note(&long(late)).contains("both sides"), "one side was hit half a year before");
}
