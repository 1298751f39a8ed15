//! What editions foretell, the log that keeps it, and how later editions score it.

use std::path::Path;

use jiff::civil::date;
use tukhum::diagnostics::Diagnostics;
use tukhum::forecast_log::{Foretold, HEADER, Log, read};
use tukhum::foresight::{EditionForecasts, LogScores};
use tukhum::output::append_missing;
use tukhum::report::Report;
use tukhum::text::{Day, Language, Month, locale};

use super::support::*;

fn foretold(edition: jiff::civil::Date, unit: &str, horizon: u32) -> Foretold {
    let origin = Month::of(edition);
    Foretold {
        edition: Day(edition),
        unit: unit.into(),
        horizon,
        month: origin.minus(-(horizon as i32)),
        probability: 0.25,
        low: 0,
        high: 2,
        base_rate: 0.5,
        known_to: origin.minus(1),
        known_from: "a 1, \"of\" 2025".into(),
    }
}

/// Two editions of two units and two horizons: eight rows, lines 2 to 9.
fn written() -> Vec<String> {
    let edition = |day| -> Vec<Foretold> { ["A", "B"].iter().flat_map(|u| [1, 3].map(|h| foretold(day, u, h))).collect() };
    let first = Log::default().with(&edition(BEFORE));
    logged(&first).expect("it fits").with(&edition(AFTER))
}

fn logged(lines: &[String]) -> Result<Log, String> {
    read_text(&format!("{HEADER}\n{}\n", lines.join("\n")))
}

fn read_text(text: &str) -> Result<Log, String> {
    let mut problems = Diagnostics::default();
    let log = read("reports/forecasts.csv", text.as_bytes(), &mut problems);
    if problems.has_errors() { Err(problems.to_string()) } else { Ok(log) }
}

fn refused(lines: &[String], code: &str, line: usize) {
    let message = logged(lines).expect_err("it does not fit");
    assert!(message.contains(&format!("error[{code}]")) && message.contains(&format!("reports/forecasts.csv:{line}")), "line {line}, {code}:\n{message}");
}

#[test]
fn what_was_written_is_read_again() {
    let lines = written();
    let log = logged(&lines).expect("it fits");
    assert_eq!(log.rows.len(), 8);
    assert_eq!(log.rows[1], Foretold { known_from: "a 1   of  2025".into(), ..foretold(BEFORE, "A", 3) });
    assert_eq!(log.rows[1].id(), "2024-12-31:A:3");
    assert_eq!(log.before(Day(AFTER)).count(), 4);
    assert!(lines[3].ends_with(log.seal_before(Day(AFTER)).expect("a seal")));
    // The first hash on paper: that of the header's hash and the row.
    let (text, seal) = lines[0].rsplit_once(',').expect("cells");
    assert_eq!(seal, tukhum::datasets::sha256(format!("{}{text}", tukhum::datasets::sha256(HEADER.as_bytes())).as_bytes()));
    assert_eq!(read_text(""), Ok(Log::default()));
    assert_eq!(read_text(&format!("{HEADER}\n")), Ok(Log::default()));
}

/// Whatever byte is another, the row that holds it is named.
#[test]
fn one_changed_byte_is_found() {
    let lines = written();
    for row in [0, 3, 7] {
        for at in 0..lines[row].len() {
            let mut changed = lines.clone();
            let byte = &lines[row][at..=at];
            changed[row].replace_range(at..=at, if byte == "7" { "8" } else { "7" });
            refused(&changed, "forecast-log-chain", row + 2);
        }
    }
}

#[test]
fn rows_taken_out_put_in_or_moved_are_found() {
    let lines = written();
    let with = |change: &dyn Fn(&mut Vec<String>)| {
        let mut changed = lines.clone();
        change(&mut changed);
        changed
    };
    refused(&with(&|l| drop(l.remove(0))), "forecast-log-chain", 2);
    refused(&with(&|l| drop(l.remove(4))), "forecast-log-chain", 6);
    refused(&with(&|l| l.swap(1, 2)), "forecast-log-chain", 3);
    refused(&with(&|l| l.insert(5, l[4].clone())), "forecast-log-chain", 7);
    // A row with a hash of its own making, at the end.
    let (last, seal) = lines[7].rsplit_once(',').expect("cells");
    let text = last.replace(":B:3", ":B:2");
    let forged = format!("{text},{}", tukhum::datasets::sha256(format!("{seal}{text}").as_bytes()));
    refused(&with(&|l| l.push(forged.clone())), "forecast-log-end", 10);
}

#[test]
fn a_cut_file_is_found() {
    let lines = written();
    // At the end of a row, inside an edition.
    refused(&lines[..7], "forecast-log-end", 8);
    refused(&lines[..1], "forecast-log-end", 2);
    // Inside a row: any length but that of whole editions.
    let text = format!("{HEADER}\n{}\n", lines.join("\n"));
    let whole = [0, HEADER.len() + 1, HEADER.len() + 1 + lines[..4].iter().map(|l| l.len() + 1).sum::<usize>(), text.len()];
    for end in 0..=text.len() {
        assert_eq!(read_text(&text[..end]).is_ok(), whole.contains(&end), "cut at {end}");
    }
}

/// Files that fit their hashes but hold nonsense, or are no text at all, are told and nothing more.
#[test]
fn hostile_files_are_told() {
    let seal = |text: &str| format!("{text},{}", tukhum::datasets::sha256(format!("{}{text}", tukhum::datasets::sha256(HEADER.as_bytes())).as_bytes()));
    for text in [
        "",
        "x",
        "2024-12-31:A:1,2025-01,NaN,0,2,0.5,2024-11,x,1",
        "2024-12-31:A:1,2025-01,1.5,0,2,0.5,2024-11,x,1",
        "2024-12-31:A:1,2025-01,0.5,3,2,0.5,2024-11,x,1",
        "2024-12-31:A:1,2025-01,0.5,0,99999999999,0.5,2024-11,x,1",
        "2024-12-31:A:99,2025-01,0.5,0,2,0.5,2024-11,x,1",
        "2024-12-31:A:1:1,2025-01,0.5,0,2,0.5,2024-11,x,1",
        "2024-12-31:A:1,2024-12,0.5,0,2,0.5,2024-11,x,1",
        "2024-12-31:A:1,2025-01,0.5,0,2,0.5,2025-01,x,1",
        "2024-12-31:A:1,2025-13,0.5,0,2,0.5,2024-11,x,1",
        "2024-12-31:A:1,2025-01,0.5,0,2,0.5,2024-11,x,-1",
        "2024-12-31:A:1,2025-01,0.5,0,2,0.5,2024-11,x,y,1",
    ] {
        refused(&[seal(text)], "forecast-log-row", 2);
    }
    assert!(read_text("id,other\n").expect_err("refused").contains("forecast-log-header"));
    let mut problems = Diagnostics::default();
    read("f", format!("{HEADER}\n\u{7f}").as_bytes(), &mut problems);
    read("f", &[b'i', b'\n', 0xff, 0xfe], &mut problems);
    assert_eq!(problems.errors(), 2, "{problems}");
}

/// `check` names the row and the way out, and so does every command that would build on it.
#[test]
fn check_names_the_row() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = folder.path().join("w");
    assert!(run(folder.path(), &["init", "w"]).status.success());
    let path = workspace.join("reports/forecasts.csv");
    let text = std::fs::read_to_string(&path).expect("the log comes with the workspace");
    let sound = run(&workspace, &["check"]);
    assert!(sound.status.success() && stdout(&sound).contains(&format!("forecasts: {} rows, each sealed", text.lines().count() - 1)), "{}", stdout(&sound));
    std::fs::write(&path, text.replacen(":ML-1:1,", ":ML-2:1,", 1)).expect("written");
    let found = run(&workspace, &["check"]);
    assert_eq!(found.status.code(), Some(1));
    let message = stderr(&found);
    for part in ["error[forecast-log-chain]", "reports/forecasts.csv:", "2024-12-31:ML-2:1", "SHA-256", "from its history"] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

/// A file is appended to by editions that are not in it, and by nothing else.
#[test]
fn appending_twice_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("forecasts.csv");
    let append = |log: &Log, day| append_missing(&path, HEADER, &log.with(&[foretold(day, "A", 1)])).expect("written");
    let log = || read_text(&std::fs::read_to_string(&path).expect("the file")).expect("it fits");
    assert_eq!(append(&Log::default(), AFTER), 1);
    let first = std::fs::read_to_string(&path).expect("the file");
    assert_eq!(append(&log(), AFTER), 0);
    assert_eq!(append(&Log::default(), AFTER), 0);
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), first);
    // An earlier day that is written later comes after it.
    assert_eq!(append(&log(), BEFORE), 1);
    assert!(std::fs::read_to_string(&path).expect("the file").starts_with(&first) && log().rows.len() == 2);
}

/// What was published after an edition's day leaves its forecasts as they are.
#[test]
fn an_edition_foretells_from_what_was_known() {
    let at = |sources: &tukhum::edition::Sources| {
        let edition = tukhum::edition::Edition::compute(sources, BEFORE, false);
        EditionForecasts::of(&edition.evidence).rows
    };
    let bundled = at(&SOURCES);
    assert_eq!(bundled.len(), 23 * 3, "provinces of Mali and Senegal, three horizons");
    assert!(bundled.iter().all(|r| r.known_to.to_string() == "2024-11" && (0.0..=1.0).contains(&r.probability) && r.known_from.contains(" of 202")), "{bundled:?}");
    let planted = Draft::bundled().append_copy(
        "ucdp_events",
        |r| r.get("country") == "MLI" && r.get("deaths_best") > "1",
        &[("release", "25.0.1"), ("published", "2025-01-20"), ("event_id", "990003"), ("date", "2024-11-03"), ("country", "SEN"), ("adm_1", "Dakar region"), ("deaths_best", "3"), ("state", "reported")],
    );
    assert_eq!(at(&planted.read()), bundled, "the row was published on 2025-01-20");
}

/// A forecast is scored when a release known by then covers its month, and not before.
#[test]
fn later_editions_score_what_is_known() {
    let scores = |day: jiff::civil::Date| {
        let edition = &EDITIONS[&day];
        LogScores::of(SOURCES.forecasts.before(Day(day)), &EditionForecasts::of(&edition.evidence).known)
    };
    let first = scores(BEFORE);
    assert_eq!((first.scored, first.open), (0, 0), "there is no earlier edition");
    // January, March and June 2025 are known by 2025-07-31.
    let second = scores(AFTER);
    assert_eq!((second.scored, second.open), (69, 0));
    // By the end of 2025 August and October are, January 2026 is not.
    let third = scores(date(2025, 12, 31));
    assert_eq!((third.scored, third.open), (69 + 46, 23));
}

/// The committed log holds what the editions foretell today, and the report shows the same numbers.
#[test]
fn the_committed_log_is_current() {
    let committed = std::fs::read_to_string(package().join("reports/forecasts.csv")).expect("the log is kept");
    let mut log = Log::default();
    for (day, files) in FILES.iter() {
        let report: Report = serde_json::from_str(&files["report.json"]).expect("a report");
        let record = report.track_record.forecasts;
        assert_eq!(record.sealed.as_deref(), log.seal_before(Day(*day)), "{day}");
        log = logged(&log.with(&record.says)).expect("it fits");
        for says in &record.says {
            let card = report.cards.iter().find(|c| c.unit == says.unit).and_then(|c| c.forecast.as_ref()).expect("a line on the card");
            assert!(Language::ALL.iter().all(|l| card.get(*l).contains(&locale::month(says.month, *l))), "{card:?}");
        }
        let said: usize = record.reliability.iter().map(|b| b.cases).sum();
        assert_eq!(said, record.lines.first().map_or(0, |l| l.scored), "{day}");
    }
    assert_eq!(committed, format!("{HEADER}\n{}\n", log.with(&[]).join("\n")));
}

/// Where the forecast knows nothing, the report says so, in three languages.
#[test]
fn no_skill_is_said() {
    for (day, files) in FILES.iter() {
        let report: Report = serde_json::from_str(&files["report.json"]).expect("a report");
        let said: Vec<_> = report.track_record.forecasts.sentences.iter().filter(|s| s.en.starts_with("No skill")).collect();
        let [said] = said.as_slice() else { panic!("{day}: {:?}", report.track_record.forecasts.sentences) };
        assert!(said.en.contains("first events in quiet provinces west of 6° W (months ahead: 1, 3, 6;") && said.fr.contains("à l’ouest de 6° O") && said.ar.contains("غرب خط 6°"), "{day}: {said:?}");
        assert!(files["report.md"].contains("No skill over the plain share") && files["report.html"].contains("No skill over the plain share"));
    }
}

/// The plot has its numbers in words.
#[test]
fn the_plot_has_a_text() {
    let last = FILES.values().next_back().expect("an edition");
    let html = &last["report.html"];
    let plot = html.split("<figure class=\"reliability\">").nth(1).and_then(|s| s.split("</figure>").next()).expect("the plot");
    let report: Report = serde_json::from_str(&last["report.json"]).expect("a report");
    assert_eq!(plot.matches("<circle").count(), report.track_record.forecasts.reliability.len());
    let text = plot.split("aria-label=\"").nth(1).and_then(|s| s.split('"').next()).expect("a text");
    assert_eq!(text.matches('→').count(), report.track_record.forecasts.reliability.len(), "{text}");
}

/// Without a workspace of its own, a report goes on from the bundled log; a damaged file stops it.
#[test]
fn the_report_writes_its_forecasts() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("reports/forecasts.csv");
    assert!(run(folder.path(), &["report", "--as-of", "2025-07-31"]).status.success());
    let committed = std::fs::read_to_string(package().join("reports/forecasts.csv")).expect("the log is kept");
    let text = |path: &Path| std::fs::read_to_string(path).expect("the log");
    assert_eq!(text(&path), committed);
    let cut = &committed[..committed.len() - 2];
    std::fs::write(&path, cut).expect("written");
    let refused = run(folder.path(), &["report", "--as-of", "2025-07-31"]);
    assert!(!refused.status.success() && stderr(&refused).contains("error[forecast-log-chain]"), "{}", stderr(&refused));
    assert_eq!(text(&path), cut);
}
