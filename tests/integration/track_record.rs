//! What editions say with a probability, and what became of it.

use jiff::civil::date;
use tukhum::edition::{Edition, Sources};
use tukhum::output::append_missing;
use tukhum::track_record::{HEADER, Record, Said};

use super::support::*;

fn record(sources: &Sources, day: jiff::civil::Date) -> (Record, Vec<Said>) {
    let edition = Edition::compute(sources, day, false);
    let assessment = sources.assess_with(&edition.evidence, SEED);
    (sources.track_record(&edition.evidence, assessment.as_ref(), SEED), sources.said(&edition.evidence, assessment.as_ref()))
}

/// The probability is that of the rate on the card: Gamma(shape, scale) over half a year of the province's people.
#[test]
fn a_statement_follows_from_the_card() {
    let edition = &EDITIONS[&BEFORE];
    let (_, says) = record(&SOURCES, BEFORE);
    let kayes = says.iter().find(|s| s.id == "2024-12-31/deadly_event/ML-1").expect("Kayes");
    let rate = edition.provinces.framework.indicators.iter().position(|i| i.id == "event_rate").expect("the rate");
    let unit = edition.provinces.unit("ML-1").expect("Kayes");
    let tukhum::measures::Basis::Rate { shape, scale } = unit.readings[rate].basis else { panic!("a rate has a distribution") };
    let people = SOURCES.datasets.province("ML-1").and_then(|p| p.population).expect("people");
    let expected = 1.0 - (1.0 + scale * people / 100_000.0 / 2.0).powf(-shape);
    assert!((kayes.probability - expected).abs() < 1e-12);
    assert_eq!(kayes.window_end.to_string(), "2025-06-30");
    assert!(says.iter().all(|s| s.unit.is_some()), "nothing is said of a wave that lies after the day");
}

/// Scored by the first edition that knows, with what it knew; open where no source decides.
#[test]
fn outcomes_come_from_the_first_edition_that_knows() {
    let (before, _) = record(&SOURCES, BEFORE);
    assert_eq!(before, Record::default(), "there is no earlier edition");
    let (after, says) = record(&SOURCES, AFTER);
    let kayes = after.scored.iter().find(|s| s.said.unit.as_deref() == Some("ML-1")).expect("Kayes");
    assert!(kayes.outcome && kayes.scored_by.0 == AFTER, "four deadly events from January to June 2025");
    assert!((kayes.brier - (1.0 - kayes.said.probability).powi(2)).abs() < 1e-15);
    let dakar = after.scored.iter().find(|s| s.said.unit.as_deref() == Some("SN-DK")).expect("Dakar");
    assert!(!dakar.outcome && (dakar.brier - dakar.said.probability.powi(2)).abs() < 1e-15);
    assert!(kayes.known_from.contains("ucdp_events 25.0.6 of 2025-07-20"), "{}", kayes.known_from);
    let belt = says.iter().find(|s| s.statement == "lasting_rise").expect("P(T5)");
    assert_eq!(belt.window_end.0, date(2025, 12, 28));
    // Later editions keep the line as it is.
    let (later, _) = record(&SOURCES, date(2026, 10, 31));
    for scored in &after.scored {
        assert!(later.scored.contains(scored), "{} was scored again", scored.said.id);
    }
    assert!(later.open.iter().any(|s| s.id == "2025-07-31/lasting_rise"), "T5 is undetermined to the end of the data");
}

/// What became known after an edition's day neither changes what it said nor what it could score.
#[test]
fn nothing_later_is_known() {
    let (bundled, _) = record(&SOURCES, AFTER);
    let planted = Draft::bundled().append_copy(
        "ucdp_events",
        |r| r.get("country") == "MLI" && r.get("deaths_best") > "1",
        &[("release", "25.0.7"), ("published", "2025-08-20"), ("event_id", "990002"), ("date", "2025-03-03"), ("country", "SEN"), ("adm_1", "Dakar region"), ("deaths_best", "3"), ("state", "reported")],
    );
    let sources = planted.read();
    assert_eq!(record(&sources, AFTER).0, bundled, "the row was published on 2025-08-20");
    let dakar = |r: &Record| r.scored.iter().find(|s| s.said.id == "2024-12-31/deadly_event/SN-DK").map(|s| (s.outcome, s.scored_by.0));
    let (later, _) = record(&sources, date(2025, 12, 31));
    assert_eq!(dakar(&later), Some((false, AFTER)), "the score of the day stands");
}

/// With hindsight nothing is said, and nothing scored.
#[test]
fn hindsight_has_no_record() {
    let edition = Edition::compute(&SOURCES, AFTER, true);
    assert_eq!(SOURCES.track_record(&edition.evidence, None, SEED), Record::default());
    assert!(SOURCES.said(&edition.evidence, None).is_empty());
}

#[test]
fn the_file_is_appended_to_and_never_rewritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kept/track-record.csv");
    let lines = |all: &[&str]| all.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>();
    let text = || std::fs::read_to_string(&path).expect("the file");
    assert_eq!(append_missing(&path, "id,x", &lines(&["a,1", "b,2"])).expect("written"), 2);
    // The same statement with another number, twice, and a new one.
    assert_eq!(append_missing(&path, "id,x", &lines(&["a,9", "c,3", "c,4"])).expect("written"), 1);
    assert_eq!(text(), "id,x\na,1\nb,2\nc,3\n");
    std::fs::write(&path, "id,x\na,1,a reader’s note").expect("written");
    assert_eq!(append_missing(&path, "id,x", &lines(&["b,2"])).expect("written"), 1);
    assert_eq!(text(), "id,x\na,1,a reader’s note\nb,2\n");
    assert_eq!(append_missing(&path, "id,x", &lines(&["a,5", "b,6"])).expect("nothing"), 0);
    let refused = append_missing(&path, "id,y", &lines(&["d,1"])).expect_err("another header").to_string();
    assert!(refused.contains("another header") && text().ends_with("b,2\n"), "{refused}");
}

/// Writing an edition twice, or an earlier one after a later one, adds nothing and alters nothing.
#[test]
fn writing_an_edition_again_leaves_the_record_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let write = |day: &str| assert!(run(at, &["report", "--as-of", day]).status.success());
    let text = || std::fs::read_to_string(at.join("reports/track-record.csv")).unwrap_or_default();
    write("2025-07-31");
    let first = text();
    assert!(first.starts_with(HEADER) && first.lines().count() > 20, "{first}");
    // A line that a later program would compute otherwise stays as it was written.
    let kept = first.replacen(",true,", ",true ,", 1);
    std::fs::write(at.join("reports/track-record.csv"), &kept).expect("written");
    write("2025-07-31");
    write("2024-12-31");
    assert_eq!(text(), kept);
    assert!(run(at, &["report", "--as-of", "2025-12-31", "--hindsight"]).status.success());
    assert!(run(at, &["report", "--as-of", "2025-09-15"]).status.success());
    assert_eq!(text(), kept, "neither hindsight nor a day that is not listed is published");
}

/// The committed file holds what the last edition knows, and nothing else.
#[test]
fn the_committed_record_is_current() {
    let committed = std::fs::read_to_string(package().join("reports/track-record.csv")).expect("the record is kept");
    let last = *EDITIONS.keys().next_back().expect("an edition");
    let (record, _) = record(&SOURCES, last);
    let mut lines: Vec<String> = record.scored.iter().map(|s| s.line()).collect();
    let mut kept: Vec<String> = committed.lines().skip(1).map(str::to_owned).collect();
    lines.sort();
    kept.sort();
    assert_eq!(kept, lines);
}

/// Likelihood and confidence never share a sentence.
#[test]
fn likelihood_and_confidence_stand_apart() {
    let terms = ["almost no chance", "almost without chance", "very unlikely", "unlikely", "roughly even", "likely", "almost certain"];
    let mut seen = [0, 0];
    for files in FILES.values() {
        for text in [&files["report.md"], &files["report.html"]] {
            // Sentences end with a full stop, a line, or a tag that ends a block.
            let blocks = text.replace("</p>", "\n").replace("</td>", "\n").replace("</li>", "\n").replace("<br>", "\n");
            for sentence in blocks.lines().flat_map(|l| l.split(". ")).flat_map(|s| s.split(".</strong> ")).flat_map(|s| s.split(".** ")) {
                let lower = sentence.to_lowercase();
                let likely = terms.iter().any(|t| lower.contains(t)) && lower.contains('%');
                let confident = lower.contains("confidence");
                seen[0] += usize::from(likely);
                seen[1] += usize::from(confident);
                assert!(!(likely && confident), "{sentence}");
            }
        }
    }
    assert!(seen.iter().all(|n| *n > 100), "{seen:?}");
}

/// What may be chance is called so, in the text and on the map.
#[test]
fn chance_is_named() {
    for (day, files) in FILES.iter() {
        let report: tukhum::report::Report = serde_json::from_str(&files["report.json"]).expect("a report");
        let spots = report.hot_spots.provinces.iter().map(|h| h.may_be_chance);
        let doubtful = spots.chain(report.hot_spots.clusters.iter().map(|c| c.may_be_chance)).filter(|c| *c).count();
        let section = files["report.md"].split("## Hot spots and clusters").nth(1).and_then(|s| s.split("\n## ").next()).expect("the section");
        assert_eq!(section.matches("**may be chance**").count(), doubtful, "{day}");
        for spot in &report.hot_spots.provinces {
            assert_eq!(spot.may_be_chance, spot.q > 0.1, "{}", spot.unit);
        }
        let drawn = files["report.html"].matches("class=\"hot chance\"").count() + files["report.html"].matches("class=\"cluster chance\"").count();
        assert_eq!(drawn, doubtful, "{day}");
    }
}
