//! Mali, 2017 to 2026: where deadly attacks pile up, in which weeks, and whether they move.
//!
//! Prints the figures of docs/mali-2017-2026.md. The years to 2023 come from UCDP's yearly file, which is no
//! part of the repository: give the folder that holds `ucdp_ged` in TUKHUM_REFERENCE_DATA. Without it nothing
//! is computed.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use jiff::civil::{Date, date};
use tukhum::evidence::{AsOf, Evidence};
use tukhum::framework::UnitKind;
use tukhum::geo::{self, Point};
use tukhum::stats::drift::{DriftEvent, DriftOptions, drift};
use tukhum::stats::geodesic::Position;
use tukhum::stats::getis_ord::{Neighbourhood, getis_ord};
use tukhum::stats::scan::{ScanEvent, ScanOptions, scan};
use tukhum::stats::weights::Weights;
use tukhum::text::{Month, days_between};

use super::support::SOURCES;

/// A deadly attack by an armed group in Mali.
struct Attack {
    day: Date,
    actor: String,
    precision: i64,
    at: Point,
}

impl Attack {
    /// Day number for the statistics.
    fn number(&self) -> i64 {
        i64::from(days_between(date(2017, 1, 1), self.day))
    }

    fn position(&self) -> Position {
        Position::new(self.at.longitude, self.at.latitude).expect("a position")
    }
}

/// UCDP GED 24.1, Mali 2017 to 2023; none where the folder is not given.
fn yearly() -> Option<Vec<Attack>> {
    let folder = std::env::var_os("TUKHUM_REFERENCE_DATA")?;
    let mut attacks = Vec::new();
    for file in ["GEDEvent_v24_1.csv.gz", "GEDEvent_v24_1_2022_2023.csv.gz"] {
        let path = Path::new(&folder).join("ucdp_ged").join(file);
        let text = Command::new("gzip").arg("-dc").arg(&path).output().ok().filter(|o| o.status.success())?.stdout;
        let mut reader = csv::Reader::from_reader(text.as_slice());
        let header = reader.headers().expect("a header").clone();
        let column = |name: &str| header.iter().position(|h| h == name).unwrap_or_else(|| panic!("no column {name}"));
        let (country, start, deaths, violence) = (column("country"), column("date_start"), column("best"), column("type_of_violence"));
        let (side_a, side_b, precision) = (column("side_a"), column("side_b"), column("where_prec"));
        let (latitude, longitude) = (column("latitude"), column("longitude"));
        for row in reader.records() {
            let row = row.expect("a row");
            let day: Date = row[start][..10].parse().expect("a day");
            let by_state = &row[violence] == "3" && row[side_a].starts_with("Government");
            if &row[country] != "Mali" || day.year() < 2017 || row[deaths].parse::<i64>().is_ok_and(|d| d == 0) || by_state {
                continue;
            }
            attacks.push(Attack {
                day,
                actor: if &row[violence] == "1" { &row[side_b] } else { &row[side_a] }.to_owned(),
                precision: row[precision].parse().expect("a precision"),
                at: Point { longitude: row[longitude].parse().expect("a number"), latitude: row[latitude].parse().expect("a number") },
            });
        }
    }
    Some(attacks)
}

/// The monthly releases from 2024 on, as bundled.
fn monthly() -> Vec<Attack> {
    let evidence = Evidence::new(&SOURCES.datasets, &SOURCES.resolver, AsOf { day: date(2026, 10, 31), hindsight: false });
    let filter = &SOURCES.framework(UnitKind::Provinces).attack;
    let ours = evidence.events.iter().filter(|e| e.now.country == "MLI" && e.is_deadly() && filter.holds_for_event(&e.now));
    ours.filter_map(|e| {
        let precision = if e.has_point() { e.now.precision? } else { 6 };
        let at = e.now.at.unwrap_or(Point { longitude: 0.0, latitude: 0.0 });
        let actor = if e.now.violence == 1 { &e.now.side_b } else { &e.now.side_a };
        Some(Attack { day: e.now.date, actor: actor.clone(), precision, at })
    })
    .collect()
}

/// The nearest town on record, with the distance.
fn near(at: Point) -> String {
    let towns = SOURCES.datasets.towns.iter().map(|t| (geo::distance_km(t.at, at), &t.name));
    let (km, name) = towns.min_by(|a, b| a.0.total_cmp(&b.0)).expect("a town");
    format!("{km:.0} km from {}", name.en)
}

/// Cells of half a degree whose middle lies in Mali.
fn cells() -> Vec<(i32, i32)> {
    let provinces = SOURCES.datasets.map.provinces.iter().filter(|(id, _)| id.starts_with("ML-"));
    let locator = geo::Locator::new(provinces.map(|(_, area)| area));
    let inside = |x: i32, y: i32| {
        let at = middle((x, y));
        locator.locate(at).is_some()
    };
    (-26..10).flat_map(|x| (20..52).map(move |y| (x, y))).filter(|(x, y)| inside(*x, *y)).collect()
}

fn middle((x, y): (i32, i32)) -> Point {
    Point { longitude: f64::from(x) / 2.0 + 0.25, latitude: f64::from(y) / 2.0 + 0.25 }
}

fn cell(at: Point) -> (i32, i32) {
    ((at.longitude * 2.0).floor() as i32, (at.latitude * 2.0).floor() as i32)
}

#[test]
fn mali() {
    let Some(mut attacks) = yearly() else {
        println!("not run: TUKHUM_REFERENCE_DATA does not name a folder with ucdp_ged");
        return;
    };
    attacks.extend(monthly());
    let all = attacks.len();
    println!("year  deadly attacks  without a precise place");
    for year in 2017..=2026 {
        let of: Vec<_> = attacks.iter().filter(|a| a.day.year() == year).collect();
        let coarse = of.iter().filter(|a| a.precision > 3).count();
        println!("{year}  {:14}  {coarse} ({:.0} %)", of.len(), 100.0 * coarse as f64 / of.len() as f64);
    }
    attacks.retain(|a| a.precision <= 3);
    attacks.sort_by_key(|a| a.day);
    println!("{} of {all} have a precise place and are used below", attacks.len());
    hot_spots(&attacks);
    movement(&attacks);
    clusters(&attacks);
}

fn hot_spots(attacks: &[Attack]) {
    let cells = cells();
    let place: BTreeMap<(i32, i32), u32> = cells.iter().copied().zip(0..).collect();
    let around = |(x, y): (i32, i32)| (-1..=1).flat_map(move |dx| (-1..=1).map(move |dy| (x + dx, y + dy))).filter(move |c| *c != (x, y));
    let rows: Vec<Vec<u32>> = cells.iter().map(|c| around(*c).filter_map(|n| place.get(&n).copied()).collect()).collect();
    let weights = Weights::binary(&rows).expect("weights");
    println!("\nHot spots: Gi* over {} cells of half a degree, 9,999 permutations, two-sided, q at most 0.05", cells.len());
    for (from, to) in [(2017, 2018), (2019, 2020), (2021, 2022), (2023, 2024), (2025, 2026)] {
        let mut counts = vec![0.0; cells.len()];
        let mut outside = 0;
        for attack in attacks.iter().filter(|a| (from..=to).contains(&i32::from(a.day.year()))) {
            match place.get(&cell(attack.at)) {
                Some(i) => counts[*i as usize] += 1.0,
                None => outside += 1,
            }
        }
        let values: Vec<Option<f64>> = counts.iter().map(|c| Some(*c)).collect();
        let local = getis_ord(&values, &weights, Neighbourhood::WithSelf, 9999, 20_170_101).expect("statistics");
        let mut hot: Vec<(f64, usize)> = local
            .iter()
            .enumerate()
            .filter_map(|(i, g)| g.ok().filter(|g| g.q.is_some_and(|q| q <= 0.05)).and_then(|g| Some((g.z?, i))))
            .filter(|(z, _)| *z > 0.0)
            .collect();
        hot.sort_by(|a, b| b.0.total_cmp(&a.0));
        let held: f64 = hot.iter().map(|(_, i)| counts[*i]).sum();
        let total: f64 = counts.iter().sum();
        println!("{from}–{to}: {} attacks in cells ({outside} in cells whose middle lies abroad); {} hot cells hold {held} ({:.0} %)", total, hot.len(), 100.0 * held / total);
        let west = hot.iter().filter(|(_, i)| middle(cells[*i]).longitude < -8.0).count();
        println!("  of them west of 8° W: {west}");
        for (z, i) in hot.iter().take(6) {
            let at = middle(cells[*i]);
            println!("  z {z:5.1}  {} attacks around {:.2}, {:.2}: {}", counts[*i], at.latitude, at.longitude, near(at));
        }
    }
}

fn movement(attacks: &[Attack]) {
    println!("\nDrift of the mean centre to the west in km a year, 90 % interval over months, p within actors");
    let mut names: BTreeMap<&str, u32> = BTreeMap::new();
    for attack in attacks {
        let next = names.len() as u32;
        names.entry(&attack.actor).or_insert(next);
    }
    let report = |what: &str, from: i16, to: i16, actor: Option<&str>| {
        let some = attacks.iter().filter(|a| (from..=to).contains(&a.day.year()) && actor.is_none_or(|n| a.actor == n));
        let events: Vec<DriftEvent> = some
            .map(|a| DriftEvent { position: a.position(), day: a.number(), actor: names[a.actor.as_str()], block: Month::of(a.day).0 as u32 })
            .collect();
        match drift(&events, DriftOptions::default()) {
            Ok(d) => {
                let (low, high) = d.west_interval.unwrap_or((f64::NAN, f64::NAN));
                println!("  {what}, {from}–{to}: {} attacks, {:+.0} [{low:+.0} to {high:+.0}], north {:+.0}, p {:.3}", d.events, d.west_km_per_year, d.north_km_per_year, d.p_west.unwrap_or(f64::NAN));
            }
            Err(error) => println!("  {what}, {from}–{to}: {error}"),
        }
    };
    for (from, to) in [(2017, 2026), (2017, 2021), (2022, 2026), (2023, 2026)] {
        report("all", from, to, None);
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    attacks.iter().for_each(|a| *counts.entry(&a.actor).or_default() += 1);
    for actor in counts.iter().filter(|(_, n)| **n >= 40).map(|(actor, _)| *actor) {
        for (from, to) in [(2017, 2026), (2017, 2021), (2022, 2026)] {
            report(actor, from, to, Some(actor));
        }
    }
    println!("share of attacks west of 8° W:");
    for year in 2017..=2026 {
        let of: Vec<_> = attacks.iter().filter(|a| a.day.year() == year).collect();
        let west = of.iter().filter(|a| a.at.longitude < -8.0).count();
        println!("  {year}: {west} of {}", of.len());
    }
}

fn clusters(attacks: &[Attack]) {
    println!("\nSpace–time permutation scan, circles to 150 km, windows to eight weeks, 199 replicates; p up to 0.05");
    let events: Vec<ScanEvent> = attacks.iter().map(|a| ScanEvent { position: a.position(), day: a.number() }).collect();
    let found = scan(&events, ScanOptions { replicates: 199, seed: 20_170_101, ..ScanOptions::default() }).expect("a scan");
    for cluster in found.iter().filter(|c| c.p.is_some_and(|p| p <= 0.05)) {
        let day = |number: i64| date(2017, 1, 1).saturating_add(jiff::Span::new().days(number));
        let at = Point { longitude: cluster.centre.longitude(), latitude: cluster.centre.latitude() };
        println!(
            "  {} to {}: {} attacks, {:.1} expected, within {:.0} km of {:.2}, {:.2} ({}), p {:.3}",
            day(cluster.first_day), day(cluster.last_day), cluster.events.len(), cluster.expected, cluster.radius_km, at.latitude, at.longitude, near(at), cluster.p.unwrap_or(f64::NAN)
        );
    }
}
