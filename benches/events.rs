//! Speed and memory of counting event files of any size, on events made from a formula.
//!
//! `benches/events_peers.py` runs this and the same work in DuckDB and Polars. By hand:
//!
//! ```sh
//! cargo bench --bench events -- make DIR 10         # 10 million events: DIR/parquet/*.parquet, a million each
//! cargo bench --bench events -- make-csv DIR 10     # DIR/events.csv
//! cargo bench --bench events -- parquet DIR 10      # counts the first 10 files
//! cargo bench --bench events -- csv DIR
//! ```

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use polars::prelude::*;
use polars_io::mmap::MmapBytesReader;
use polars_io::parquet::write::ParquetWriter;
use tukhum::aggregate::{By, Input, Question, aggregate, csv};
use tukhum::import::row::Countries;

const UNITS: usize = 500;
const DAYS: usize = 3653;
/// 2015-01-01, in days since 1970-01-01.
const FIRST_DAY: i32 = 16_436;
const COUNTRIES: [&str; 10] = ["BEN", "BFA", "CIV", "GIN", "MLI", "MRT", "NER", "NGA", "SEN", "TGO"];
const MILLION: usize = 1_000_000;

/// A number in 0..1 from two whole numbers, without a pattern.
fn mixed(i: usize, j: usize) -> f64 {
    let mut z = (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (j as u64 + 1).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
}

struct Event {
    day: i32,
    unit: usize,
    violence: i64,
    actor: usize,
    latitude: f64,
    longitude: f64,
    deaths: i64,
}

/// Most units have few events, a few have many; half of the events are without deaths.
fn event(i: usize) -> Event {
    let deaths = mixed(i, 4);
    Event {
        day: FIRST_DAY + (DAYS as f64 * mixed(i, 0)) as i32,
        unit: (UNITS as f64 * mixed(i, 1) * mixed(i, 2)) as usize,
        violence: 1 + (3.0 * mixed(i, 3)) as i64,
        actor: (40.0 * mixed(i, 5)) as usize,
        latitude: (1e4 * (4.0 + 20.0 * mixed(i, 6))).round() / 1e4,
        longitude: (1e4 * (-17.0 + 32.0 * mixed(i, 7))).round() / 1e4,
        deaths: if deaths < 0.5 { 0 } else { (1.0 / (1.001 - deaths)) as i64 },
    }
}

fn date(day: i32) -> jiff::civil::Date {
    jiff::civil::Date::constant(1970, 1, 1) + jiff::Span::new().days(i64::from(day))
}

/// A file of a million events for each million.
fn make_parquet(folder: &Path, millions: usize) {
    std::fs::create_dir_all(folder).expect("a folder");
    let names: Vec<String> = (0..UNITS).map(|u| format!("Unit {u} of the region")).collect();
    let actors: Vec<String> = (0..40).map(|a| format!("Group {a}")).collect();
    for part in 0..millions {
        let path = folder.join(format!("part-{part:04}.parquet"));
        if path.exists() {
            continue;
        }
        let events: Vec<Event> = (part * MILLION..(part + 1) * MILLION).map(event).collect();
        let mut frame = df!(
            "id" => (part * MILLION..(part + 1) * MILLION).map(|i| i as i64).collect::<Vec<_>>(),
            "date_start" => events.iter().map(|e| e.day).collect::<Vec<_>>(),
            "country" => events.iter().map(|e| COUNTRIES[e.unit % 10]).collect::<Vec<_>>(),
            "adm_1" => events.iter().map(|e| names[e.unit].as_str()).collect::<Vec<_>>(),
            "type_of_violence" => events.iter().map(|e| e.violence).collect::<Vec<_>>(),
            "side_a" => events.iter().map(|e| actors[e.actor].as_str()).collect::<Vec<_>>(),
            "side_b" => events.iter().map(|e| if e.violence == 3 { "Civilians" } else { actors[39 - e.actor].as_str() }).collect::<Vec<_>>(),
            "latitude" => events.iter().map(|e| e.latitude).collect::<Vec<_>>(),
            "longitude" => events.iter().map(|e| e.longitude).collect::<Vec<_>>(),
            "best" => events.iter().map(|e| e.deaths).collect::<Vec<_>>(),
        )
        .expect("a table");
        let days = frame.column("date_start").and_then(|c| c.cast(&DataType::Date)).expect("days");
        frame.with_column(days).expect("a column");
        ParquetWriter::new(File::create(&path).expect("a file")).with_row_group_size(Some(250_000)).finish(&mut frame).expect("written");
    }
}

fn make_csv(path: &Path, millions: usize) {
    let days: Vec<String> = (0..DAYS as i32).map(|d| date(FIRST_DAY + d).to_string()).collect();
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path).expect("a file"));
    writeln!(out, "id,date_start,country,adm_1,type_of_violence,side_a,side_b,latitude,longitude,best").expect("written");
    for i in 0..millions * MILLION {
        let e = event(i);
        let (day, country) = (&days[(e.day - FIRST_DAY) as usize], COUNTRIES[e.unit % 10]);
        let other = if e.violence == 3 { "Civilians".into() } else { format!("Group {}", 39 - e.actor) };
        writeln!(out, "{i},{day},{country},Unit {} of the region,{},Group {},{other},{},{},{}", e.unit, e.violence, e.actor, e.latitude, e.longitude, e.deaths)
            .expect("written");
    }
    out.flush().expect("written");
}

/// The most memory that the process has held, in MB.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
}

/// Processor time of the process so far, in seconds; on a busy machine it says more than the clock.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

fn count(name: &str, paths: Vec<PathBuf>, runs: usize) {
    let countries = Countries::new(Vec::new());
    let question = Question {
        by: By::Admin1,
        layout: None,
        as_of: Some(jiff::civil::Date::constant(2024, 12, 31)),
        half_life_months: Some(6.0),
        countries: &countries,
        shapes: &[],
        locate: &|_| None,
    };
    let inputs: Vec<Input> = paths.iter().map(|p| Input { path: p.display().to_string(), folders: Vec::new() }).collect();
    let open = |path: &str| Ok(Box::new(File::open(path)?) as Box<dyn MmapBytesReader>);
    let (mut best, mut least) = (f64::INFINITY, f64::INFINITY);
    let mut found = None;
    for _ in 0..runs {
        let (start, before) = (Instant::now(), processor_seconds());
        let result = aggregate(&question, &inputs, &open).expect("counts");
        best = best.min(start.elapsed().as_secs_f64());
        least = least.min(processor_seconds() - before);
        found = Some(result);
    }
    let found = found.expect("at least one run");
    let table = csv(&found, "made").expect("a table");
    println!("{name}: {best:.4} s");
    println!("processor: {least:.2} s");
    println!("peak: {:.0} MB", peak_mb());
    let sum = |f: &dyn Fn(&tukhum::aggregate::Cell) -> f64| found.counts.values().map(f).sum::<f64>();
    println!(
        "  {} rows, {} cells, {} deaths, decayed {:.9} events, {:.9} deaths, table {}",
        found.account.counted,
        found.counts.len(),
        sum(&|c| c.deaths[1].total as f64),
        sum(&|c| c.decayed_events()),
        sum(&|c| c.decayed_deaths()),
        &tukhum::datasets::sha256(&table)[..16],
    );
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let folder = PathBuf::from(arguments.get(1).map_or("target/events", String::as_str));
    let millions: usize = arguments.get(2).and_then(|m| m.parse().ok()).unwrap_or(10);
    let parts = folder.join("parquet");
    match arguments.first().map(String::as_str) {
        Some("make") => make_parquet(&parts, millions),
        Some("make-csv") => make_csv(&folder.join("events.csv"), millions),
        Some("parquet") => {
            let paths = (0..millions).map(|part| parts.join(format!("part-{part:04}.parquet"))).collect();
            count(&format!("Parquet, {millions} million events"), paths, 3);
        }
        Some("csv") => count("CSV", vec![folder.join("events.csv")], 3),
        _ => println!("say what: make, make-csv, parquet or csv (see benches/events.rs)"),
    }
}
