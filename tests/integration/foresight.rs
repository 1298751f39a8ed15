//! Panels of the bundled data, what forecasters may see of them, and the command that tests them.
//!
//! Other countries are read from UCDP files in the folder that `TUKHUM_REFERENCE_DATA` names; without it that case
//! says that it did not run.

use std::collections::BTreeMap;
use std::path::Path;

use tukhum::foresight::baselines::baselines;
use tukhum::foresight::{Panel, Plan, Target, admin2, backtest, crossings, provinces, read_counts};
use tukhum::text::{Month, parse_day};

use super::support::{SOURCES, run, stderr, stdout};

fn month(text: &str) -> Month {
    Month::of(parse_day(&format!("{text}-01")).expect("a day"))
}

#[test]
fn provinces_have_the_counts_of_their_sources() {
    let panel = provinces(&SOURCES.datasets, &SOURCES.resolver);
    let at = |unit: &str, when: &str| panel.outcomes.deadly_at(panel.unit(unit).expect("a unit"), month(when));
    // GED 24.1, Mopti, March 2019 and the Candidate events of July 2025 at Kayes.
    assert!(at("ML-5", "2019-03").is_some_and(|n| n > 5), "{:?}", at("ML-5", "2019-03"));
    assert_eq!(at("ML-1", "2019-03"), Some(0), "covered and quiet");
    assert!(at("ML-1", "2025-07").is_some_and(|n| n > 0));
    assert_eq!(panel.outcomes.last(), month("2026-08"));
    // A release of December 2024 tells of November, not of December; before June 2024 no release reaches back.
    let history = panel.history(month("2024-12"), 1).expect("known");
    assert!(panel.has_vintage(month("2024-12")) && !panel.has_vintage(month("2023-12")));
    assert_eq!(history.last(), month("2024-11"));
    let mopti = panel.unit("ML-5").expect("Mopti");
    assert!(history.deadly(mopti).last().is_some_and(Option::is_some));
    assert!(panel.units[mopti].neighbours.iter().any(|n| panel.units[*n].id == "ML-6"), "Timbuktu");
    // What a later release revised is not in the vintage: 25.1 was published in June 2025.
    let (then, now) = (&panel.vintages[&month("2025-05")], &panel.outcomes);
    let year = |grid: &tukhum::foresight::Grid| grid.events.iter().zip(&panel.units).filter(|(_, u)| u.country == "MLI").map(|(row, _)| {
        (month("2024-01").0..=month("2024-12").0).filter_map(|m| row.get((m - grid.first.0) as usize).copied().flatten()).sum::<u32>()
    }).sum::<u32>();
    assert!(year(then) != year(now), "{} {}", year(then), year(now));
}

#[test]
fn second_level_units_and_crossings_have_counts() {
    let panel = admin2(&SOURCES.datasets, &SOURCES.resolver);
    assert_eq!(panel.units.len(), 137);
    assert_eq!(panel.outcomes.last(), month("2023-12"));
    let events: u32 = panel.outcomes.events.iter().flatten().flatten().sum();
    assert!(events > 3000, "{events}");
    let [near, far] = [25.0, 50.0].map(|km| crossings(&SOURCES.datasets, &SOURCES.resolver, km));
    let sum = |p: &Panel| p.outcomes.deadly.iter().flatten().flatten().sum::<u32>();
    assert!(sum(&near) > 0 && sum(&near) < sum(&far), "{} {}", sum(&near), sum(&far));
    // Algeria is counted only where nothing happened in the whole country: other months are missing, not quiet.
    let khalil = far.unit("dz-ml-in-khalil").expect("a crossing");
    assert!(far.outcomes.deadly[khalil].iter().any(Option::is_none));
}

/// A table of six units in which two are violent all the time.
fn table() -> String {
    let mut text = "unit,month,events,latitude,longitude\n".to_owned();
    for m in 0..96 {
        for u in 0..6 {
            let events = if (m * (u + 3)) % 7 < [7, 4, 1, 1, 1, 0][u] { 1 + (m + u) % 3 } else { 0 };
            text.push_str(&format!("u{u},{}-{:02},{events},{},{}\n", 2010 + m / 12, m % 12 + 1, 14 + u, -10));
        }
    }
    text
}

#[test]
fn the_command_tests_a_table_and_refuses_what_it_cannot() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("counts.csv", &table());
    let with = |arguments: &[&str]| run(folder.path(), &[&["backtest", "--counts", "counts.csv", "--replicates", "50"], arguments].concat());
    let page = with(&[]);
    assert!(page.status.code().is_some_and(|c| c < 2), "{}", stderr(&page));
    let text = stdout(&page);
    assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
    assert!(text.contains("Best baseline at h = 1"), "{text}");
    assert_eq!(text, stdout(&with(&[])), "the same bytes again");
    let rows = with(&["--format", "csv", "--horizons", "1"]);
    assert!(stdout(&rows).contains("1,all,decay,") && stdout(&rows).contains("average_precision_minus_zero"));
    let json: serde_json::Value = serde_json::from_str(stdout(&with(&["--format", "json", "--target", "onset"]))).expect("JSON");
    assert_eq!(json["target"], "onset");
    for target in ["count", "surge"] {
        let page = with(&["--target", target]);
        assert!(page.status.code().is_some_and(|c| c < 2) && stdout(&page).starts_with("BACKTEST"), "{target}");
    }
    for (arguments, code) in [
        (&["--horizons", "0"][..], "backtest-horizon"),
        (&["--horizons", "4294967295"], "backtest-horizon"),
        (&["--horizons", "2147483648"], "backtest-horizon"),
        (&["--from", "2010-05"], "backtest-origins"),
        (&["--to", "2030-01"], "backtest-origins"),
        (&["--from", "soon"], "wrong-month"),
        (&["--countries", "XXX"], "unknown-country"),
        (&["--reporting-delay", "900"], "backtest-delay"),
        (&["--replicates", "99999999"], "backtest-replicates"),
    ] {
        let mut all = vec!["backtest", "--counts", "counts.csv"];
        all.extend(arguments);
        let refused = run(folder.path(), &all);
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&refused).contains(&format!("error[{code}]")) && stdout(&refused).is_empty(), "{}", stderr(&refused));
    }
    let missing = run(folder.path(), &["backtest", "--counts", "nowhere.csv"]);
    assert!(missing.status.code() == Some(2) && stderr(&missing).contains("error[counts-unreadable]"));
    write("bad.csv", "unit,month,events\na,2020-13,1\na,2020-01,x\n");
    let bad = run(folder.path(), &["backtest", "--counts", "bad.csv"]);
    assert!(stderr(&bad).contains("error[counts-month]") && stderr(&bad).contains("error[counts-row]"), "{}", stderr(&bad));
}

/// Counts by first-level unit and month of a country's GED file: events placed in their second-level unit or better.
fn counts_of(path: &Path) -> String {
    let file = flate2::read::GzDecoder::new(std::fs::File::open(path).expect("a file"));
    let mut counts: BTreeMap<(String, String), u32> = BTreeMap::new();
    let mut reader = csv::Reader::from_reader(file);
    let header = reader.headers().expect("a header").clone();
    let column = |name: &str| header.iter().position(|h| h == name).expect("a column");
    let [unit, date, precision, deaths] = ["adm_1", "date_start", "where_prec", "best"].map(column);
    for row in reader.records().map(|r| r.expect("a row")) {
        if !row[unit].is_empty() && row[precision].parse::<u32>().is_ok_and(|p| p <= 3) && &row[deaths] != "0" {
            *counts.entry((row[unit].to_owned(), row[date][..7].to_owned())).or_default() += 1;
        }
    }
    let rows = counts.iter().map(|((unit, month), n)| format!("\"{unit}\",{month},{n}\n"));
    std::iter::once("unit,month,events\n".to_owned()).chain(rows).collect()
}

#[test]
fn nigeria_is_tested_by_the_same_code() {
    let Some(folder) = std::env::var_os("TUKHUM_REFERENCE_DATA") else {
        eprintln!("did not run: Nigeria (set TUKHUM_REFERENCE_DATA to the folder of reference data)");
        return;
    };
    let text = counts_of(&Path::new(&folder).join("ucdp_ged/GEDEvent_v20_1_nigeria.csv.gz"));
    let panel = read_counts("nigeria.csv", text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"));
    assert!((36..=38).contains(&panel.units.len()), "{}", panel.units.len());
    let plan = Plan { target: Target::Any, countries: Vec::new(), horizons: vec![1], from: month("2014-01"), to: month("2019-09"), delay: 1, seed: 1, replicates: 50 };
    let found = backtest(&panel, &baselines(), &plan).unwrap_or_else(|problems| panic!("{problems}"));
    let decay = found.line(1, "all", "decay").expect("a line");
    println!("{:?} {:?}", decay.scores, decay.against);
    assert!(decay.against["zero"].interval.is_some_and(|(low, _)| low > 0.2), "{:?}", decay.against);
    assert!((0.75..0.97).contains(&decay.scores["auroc"].value), "{:?}", decay.scores["auroc"]);
}
