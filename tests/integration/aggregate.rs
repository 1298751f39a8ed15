//! `tukhum aggregate`: event files of any size into counts, and the same as SQL.
//!
//! Cases that need UCDP's own files (`TUKHUM_REFERENCE_DATA`) or Python with DuckDB say so when they did not run.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use super::support::*;

const UCDP: &str = "id,date_start,country,adm_1,type_of_violence,side_a,side_b,latitude,longitude,where_prec,low,best,high\n";

/// Made-up events: some without deaths, one without a place, with names in quotes.
fn events(from: usize, to: usize) -> String {
    let regions = ["Kayes region", "\"Mopti, region\"", "", "\"the \"\"far\"\" north\""];
    let line = |i: usize| {
        let (year, month, day) = (2019 + i % 6, 1 + i * 7 % 12, 1 + i * 11 % 28);
        let best = if i.is_multiple_of(3) { String::new() } else { (i % 5).to_string() };
        format!("{i},{year}-{month:02}-{day:02},Mali,{},1,A,B,14.45,-11.43,{},{},{best},{}\n", regions[i % 4], 1 + i % 5, i % 2, i % 9)
    };
    (from..to).map(line).collect()
}

fn aggregate(folder: &Path, threads: &str, args: &[&str]) -> Result<String, String> {
    let output = program(folder).env("RAYON_NUM_THREADS", threads).arg("aggregate").args(args).output().expect("the program runs");
    if output.status.success() { Ok(stdout(&output).to_owned()) } else { Err(stderr(&output).to_owned()) }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Column → cell of each row.
fn rows(table: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or(0.0)
}

#[test]
fn every_row_is_counted_set_aside_or_refused() {
    let at = tempfile::tempdir().expect("a folder");
    let bad = "90,2024-02-30,Mali,Kayes,1,A,B,,,1,0,1,2\n91,2023-01-05,Mali,Kayes,1,A,B,,,1,0,many,2\n92,2023-01-05,Mali\n93,2030-01-05,Mali,Kayes,1,A,B,,,1,0,1,2\n";
    std::fs::write(at.path().join("ged.csv"), format!("{UCDP}{}{bad}", events(0, 40))).expect("written");
    let said = aggregate(at.path(), "2", &["ged.csv", "--out", "counts.csv", "--as-of", "2024-12-31"]).expect("it is counted");
    insta::assert_snapshot!("aggregate_account", said);
    let table = read(&at.path().join("counts.csv"));
    insta::assert_snapshot!("aggregate_table", table.lines().take(12).collect::<Vec<_>>().join("\n"));
    assert_eq!(rows(&table).iter().map(|r| number(r, "events")).sum::<f64>(), 40.0);
}

/// Whole, packed and cut into folders, on one thread and on three: the same bytes.
#[test]
fn the_same_events_give_the_same_bytes() {
    let at = tempfile::tempdir().expect("a folder");
    let all = format!("{UCDP}{}", events(0, 30_000));
    std::fs::write(at.path().join("whole.csv"), &all).expect("written");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(all.as_bytes()).expect("packed");
    std::fs::write(at.path().join("packed.csv.gz"), packed.finish().expect("packed")).expect("written");
    let without_country = |text: String| text.replace(",Mali,", ",").replace(",country,", ",");
    for (part, from, to) in [("country=Mali/month=01", 0, 12_345), ("country=Mali/month=02", 12_345, 30_000)] {
        let folder = at.path().join("parts").join(part);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("part-0.csv"), without_country(format!("{UCDP}{}", events(from, to)))).expect("written");
        std::fs::write(folder.join("_SUCCESS"), "").expect("written");
    }
    let mut tables = Vec::new();
    for (input, threads) in [("whole.csv", "1"), ("whole.csv", "3"), ("packed.csv.gz", "2"), ("parts", "2")] {
        for end in ["csv", "parquet"] {
            let out = format!("{threads}-{input}.{end}");
            aggregate(at.path(), threads, &[input, "--out", &out, "--as-of", "2024-12-31"]).unwrap_or_else(|e| panic!("{input}: {e}"));
            tables.push((end, out.clone(), std::fs::read(at.path().join(out)).expect("a table")));
        }
    }
    for (end, name, bytes) in &tables {
        let first = tables.iter().find(|(e, ..)| e == end).expect("a first one");
        assert!(bytes == &first.2, "{name} differs from {}", first.1);
    }
}

/// By point, an event counts for the unit whose shape holds it, whatever the source calls the region; one that is
/// known to the region at best, or lies in the sea, counts for none.
#[test]
fn points_are_counted_in_their_units() {
    let at = tempfile::tempdir().expect("a folder");
    let event = |id: u32, latitude: f64, longitude: f64, precision: u8| {
        format!("{id},2024-03-05,Mali,somewhere,1,A,B,{latitude},{longitude},{precision},1,2,3\n")
    };
    let kayes = event(1, 14.45, -11.43, 1) + &event(2, 14.45, -11.43, 2);
    let (mopti, coarse, sea) = (event(3, 14.49, -4.19, 1), event(4, 14.45, -11.43, 4), event(5, 10.0, -25.0, 1));
    std::fs::write(at.path().join("ged.csv"), format!("{UCDP}{kayes}{mopti}{coarse}{sea}")).expect("written");
    aggregate(at.path(), "2", &["ged.csv", "--by", "point", "--out", "counts.csv"]).expect("it is counted");
    let counted: Vec<(String, String, f64)> =
        rows(&read(&at.path().join("counts.csv"))).iter().map(|r| (r["country"].clone(), r["area"].clone(), number(r, "events"))).collect();
    let cell = |country: &str, area: &str, events: f64| (country.to_owned(), area.to_owned(), events);
    assert_eq!(counted, [cell("MLI", "", 2.0), cell("MLI", "ML-1", 2.0), cell("MLI", "ML-5", 1.0)]);
}

/// Blocks without a quote take a shorter way: whatever the ends of lines, both ways count the same.
#[test]
fn quotes_and_ends_of_lines_do_not_matter() {
    let at = tempfile::tempdir().expect("a folder");
    let plain = format!("{UCDP}{}\n,,,,\n7,short\n", events(0, 300).replace("\"Mopti, region\"", "Mopti").replace('"', ""));
    let mut tables = Vec::new();
    for (name, text) in [("plain", plain.clone()), ("quoted", plain.replace(",Mali,", ",\"Mali\",")), ("crlf", plain.replace('\n', "\r\n")), ("cr", plain.replace('\n', "\r"))] {
        let file = format!("{name}.csv");
        std::fs::write(at.path().join(&file), text).expect("written");
        let said = aggregate(at.path(), "2", &[&file, "--out", "counts.csv"]).unwrap_or_else(|e| panic!("{name}: {e}"));
        tables.push((said.replace(&file, ""), read(&at.path().join("counts.csv"))));
    }
    assert!(tables[0].0.contains("has 2 cells where the header has 13: :304"), "{}", tables[0].0);
    for (said, table) in &tables {
        // A file of carriage returns alone has one line.
        assert_eq!((said.replace(":1\n", ":304\n"), table), (tables[0].0.clone(), &tables[0].1));
    }
}

/// Decayed sums are those of the definition.
#[test]
fn decayed_sums_are_those_of_the_definition() {
    let at = tempfile::tempdir().expect("a folder");
    std::fs::write(at.path().join("ged.csv"), format!("{UCDP}{}", events(0, 500))).expect("written");
    aggregate(at.path(), "2", &["ged.csv", "--out", "counts.csv", "--as-of", "2024-12-31", "--half-life-months", "9", "--by", "country"]).expect("it is counted");
    let found: f64 = rows(&read(&at.path().join("counts.csv"))).iter().map(|r| number(r, "decayed_deaths")).sum();
    let (mut ages, mut deaths) = (Vec::new(), Vec::new());
    for row in rows(&format!("{UCDP}{}", events(0, 500))) {
        let day: jiff::civil::Date = row["date_start"].parse().expect("a day");
        ages.push(f64::from(tukhum::text::days_between(day, jiff::civil::Date::constant(2024, 12, 31))));
        deaths.push(number(&row, "best"));
    }
    let expected = tukhum::stats::decay::decayed_sum(&ages, &deaths, 9.0 * 30.4375).expect("a sum");
    // Sums of doubles in another order.
    assert!((found - expected).abs() <= 1e-12 * expected, "{found} {expected}");
}

#[test]
fn what_cannot_be_counted_is_refused() {
    let at = tempfile::tempdir().expect("a folder");
    std::fs::write(at.path().join("ged.csv"), format!("{UCDP}{}", events(0, 3))).expect("written");
    std::fs::write(at.path().join("acled.csv"), "event_id_cnty,event_date,event_type,actor1,inter1,country,admin1,fatalities\nM1,2024-01-01,Battles,A,1,Mali,Kayes,1\n").expect("written");
    std::fs::write(at.path().join("cut.parquet"), b"PAR1 and no more").expect("written");
    std::fs::write(at.path().join("book.csv"), b"PK\x03\x04").expect("written");
    let cases = [
        (vec!["ged.csv", "acled.csv"], "error[two-layouts]"),
        (vec!["cut.parquet"], "error[unreadable]"),
        (vec!["book.csv"], "error[foreign-format]"),
        (vec!["nothing.csv"], "error[unreadable]"),
        (vec!["ged.csv", "--by", "admin2"], "error[missing-column]"),
        (vec!["ged.csv", "--as-of", "tomorrow"], "error[wrong-day]"),
        (vec!["ged.csv", "--as-of", "2024-12-31", "--half-life-months", "0"], "error[wrong-half-life]"),
    ];
    for (args, code) in cases {
        let said = aggregate(at.path(), "2", &[args.clone(), vec!["--out", "x.csv"]].concat()).expect_err("it is refused");
        assert!(said.contains(code), "{args:?}: {said}");
        assert!(!at.path().join("x.csv").exists(), "{args:?}");
    }
    assert!(aggregate(at.path(), "2", &["ged.csv", "--out", "x.xlsx"]).expect_err("it is refused").contains("error[unknown-format]"));
}

/// The bundled counts were made from the same file by another program.
#[test]
fn ged_24_1_gives_the_bundled_counts() {
    let Some(folder) = std::env::var_os("TUKHUM_REFERENCE_DATA") else {
        eprintln!("did not run: TUKHUM_REFERENCE_DATA names no folder with UCDP's files");
        return;
    };
    let at = tempfile::tempdir().expect("a folder");
    let file = |name: &str| Path::new(&folder).join("ucdp_ged").join(name).display().to_string();
    let said = aggregate(at.path(), "2", &[&file("GEDEvent_v24_1.csv.gz"), &file("GEDEvent_v24_1_2022_2023.csv.gz"), "--out", "counts.csv"]).expect("it is counted");
    println!("{said}");
    let columns = ["country", "area", "month", "events", "events_deadly", "deaths_low", "deaths_best", "deaths_high", "events_imprecise"];
    let table = |rows: Vec<BTreeMap<String, String>>| -> Vec<Vec<String>> {
        let mut rows: Vec<Vec<String>> = rows.iter().map(|r| columns.iter().map(|c| r[*c].clone()).collect()).collect();
        rows.sort();
        rows
    };
    let bundled = read(&package().join("datasets/ucdp_counts_24_1_admin1/ucdp_counts_24_1_admin1.csv"));
    assert_eq!(table(rows(&read(&at.path().join("counts.csv")))), table(rows(&bundled)));
}

/// The printed queries, run by DuckDB on the same events, give the same numbers.
#[test]
fn the_queries_give_the_same_numbers() {
    let python = std::env::var("TUKHUM_PYTHON").unwrap_or_else(|_| "python3".into());
    if !Command::new(&python).args(["-c", "import duckdb"]).output().is_ok_and(|o| o.status.success()) {
        eprintln!("did not run: {python} has no duckdb (pip install duckdb; TUKHUM_PYTHON names another python)");
        return;
    }
    let at = tempfile::tempdir().expect("a folder");
    // DuckDB does not know the program's codes of countries.
    std::fs::write(at.path().join("ged.csv"), format!("{UCDP}{}", events(0, 3000).replace(",Mali,", ",MLI,"))).expect("written");
    aggregate(at.path(), "2", &["ged.csv", "--out", "counts.csv", "--as-of", "2024-06-30"]).expect("it is counted");
    let ours = rows(&read(&at.path().join("counts.csv")));
    for dialect in ["standard", "duckdb"] {
        let query = run(at.path(), &["sources", "sql", "--dialect", dialect, "--as-of", "2024-06-30"]);
        std::fs::write(at.path().join("query.sql"), stdout(&query)).expect("written");
        let script = "import duckdb\nduckdb.sql(\"CREATE VIEW events AS SELECT * FROM read_csv('ged.csv')\")\nduckdb.sql(open('query.sql').read()).write_csv('theirs.csv')";
        let done = Command::new(&python).current_dir(at.path()).args(["-c", script]).output().expect("python runs");
        assert!(done.status.success(), "{}", stderr(&done));
        let theirs = rows(&read(&at.path().join("theirs.csv")));
        assert_eq!(ours.len(), theirs.len(), "{dialect}");
        for (a, b) in ours.iter().zip(&theirs) {
            let month = format!("{:04}-{:02}-01", number(b, "event_year"), number(b, "event_month"));
            assert_eq!((&a["area"], &a["month"]), (&b["area"], &month), "{dialect}");
            for column in ["events", "events_deadly", "deaths_low", "deaths_best", "deaths_high"] {
                assert_eq!(number(a, column), number(b, column), "{dialect}: {column} of {a:?} {b:?}");
            }
            for column in ["decayed_events", "decayed_deaths"] {
                let (x, y) = (number(a, column), number(b, column));
                // DuckDB adds doubles in any order.
                assert!((x - y).abs() <= 1e-12 * x.max(1e-6), "{dialect}: {column} {x} {y}");
            }
        }
    }
}
