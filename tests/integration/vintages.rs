//! What became known after the day of an edition has no influence on it.
//!
//! Rows about the time before [`BEFORE`] are planted in every table, once published after that day and
//! once before it. The late ones must not move a byte; the early ones must, or the test proves nothing.

use super::support::*;

const LATE: &str = "2025-03-01";
const EARLY: &str = "2024-12-20";

/// A row or release about the time before the day, and the day on which it became known.
type Plant = fn(Draft, &str) -> Draft;

const PLANTS: [(&str, Plant); 10] = [
    ("event", event),
    ("revised event", |d, day| revision(d, day, "reported")),
    ("withdrawn event", |d, day| revision(d, day, "withdrawn")),
    ("ledger event", ledger_event),
    ("claim", |d, day| claim(d, day, "false")),
    ("adopted claim", |d, day| claim(d, day, "true")),
    ("fact", fact),
    ("trade figure", trade_figure),
    ("coverage", coverage),
    ("yearly counts", counts),
];

fn event(d: Draft, day: &str) -> Draft {
    let cells = [
        ("release", "24.0.11"), ("published", day), ("event_id", "990001"), ("date", "2024-11-13"), ("country", "MLI"),
        ("adm_1", "Kayes region"), ("latitude", "14.45"), ("longitude", "-11.43"), ("where_prec", "1"), ("type_of_violence", "1"),
        ("side_a", "Government of Mali"), ("side_b", "JNIM"), ("deaths_best", "25"), ("deaths_civilians", "0"), ("state", "reported"), ("odd", ""),
    ];
    d.append_copy("ucdp_events", |_| true, &cells)
}

/// What a later release makes of an event of Mali that is known.
fn revision(d: Draft, day: &str, state: &str) -> Draft {
    let cells = [("release", "25.0.1"), ("published", day), ("deaths_best", "300"), ("state", state)];
    d.append_copy("ucdp_events", |r| r.get("country") == "MLI" && r.get("deaths_best") > "1", &cells)
}

fn ledger_event(d: Draft, day: &str) -> Draft {
    let cells = [
        ("event_id", "EV-PLANT"), ("date", "2024-11-02"), ("date_end", "2024-11-02"), ("place", "Kidira road"),
        ("source_date", day), ("published", day), ("details_published", day),
    ];
    d.append_copy("ledger_events", |r| r.get("event_id") == "EV-20240811-YEL", &cells)
}

fn claim(d: Draft, day: &str, adoptable: &str) -> Draft {
    let cells = [
        ("claim_id", "C-PLANT"), ("claimant", "press"), ("metric", "abducted"), ("low", "77"), ("high", "77"), ("adoptable", adoptable),
        ("source_date", day), ("published", day),
    ];
    d.append_copy("ledger_claims", |r| r.get("event_id") == "EV-20240811-YEL", &cells)
}

fn fact(d: Draft, day: &str) -> Draft {
    let cells = [
        ("fact_id", "F-PLANT"), ("unit_ids", "ML-1"), ("theme", "levies"), ("level", "3"), ("value", "levies on every market"),
        ("valid_from", "2024-10-01"), ("valid_to", ""), ("source_date", day), ("published", day),
    ];
    d.append_copy("status_facts", |_| true, &cells)
}

fn trade_figure(d: Draft, day: &str) -> Draft {
    let cells = [("crossing_ids", "ml-sn-diboli-kidira"), ("value", "9999"), ("year", "2023"), ("source_date", day), ("published", day)];
    d.append_copy("trade", |_| true, &cells)
}

/// A release that covers December 2024, for which nothing was published by the end of that month.
fn coverage(d: Draft, day: &str) -> Draft {
    let release = format!("[[coverage]]\nrelease = \"plant\"\npublished = {day}\nareas = [\"MLI\", \"SEN\", \"MRT\"]\nfrom = 2024-12-01\nto = 2024-12-31\n\n[[column]]\nname = \"release\"\n");
    d.replace(&manifest("ucdp_events"), "[[column]]\nname = \"release\"\n", &release)
}

/// A yearly release that appeared in June 2025 has other numbers.
fn counts(d: Draft, day: &str) -> Draft {
    let cells = [("country", "MLI"), ("area", "Kayes region"), ("month", "2024-10-01"), ("events", "500"), ("events_deadly", "500"), ("deaths_best", "5000")];
    d.append_copy("ucdp_counts_25_1_admin1", |_| true, &cells).replace(&manifest("ucdp_counts_25_1_admin1"), "published = 2025-06-30", &format!("published = {day}"))
}

/// The files of the edition without the hashes of its inputs, which differ by intention.
fn seen(files: &Files) -> Files {
    let mut files = files.clone();
    let inputs = files["edition.toml"].find("[inputs]").expect("it lists its inputs");
    files.0.get_mut("edition.toml").expect("the edition says what it was made from").truncate(inputs);
    files
}

fn edition(draft: &Draft) -> Files {
    seen(&files(&draft.read(), BEFORE))
}

/// The report of an edition as data, before it is rendered.
fn report(draft: &Draft) -> String {
    let sources = draft.read();
    let edition = tukhum::edition::Edition::compute(&sources, BEFORE, false);
    serde_json::to_string(&tukhum::report::build(&sources, &edition, None, SEED)).expect("a report is JSON")
}

/// Names of the files that differ.
fn differing(a: &Files, b: &Files) -> Vec<String> {
    assert_eq!(a.0.keys().collect::<Vec<_>>(), b.0.keys().collect::<Vec<_>>());
    a.0.iter().filter(|(name, bytes)| b.0[*name] != **bytes).map(|(name, _)| name.clone()).collect()
}

/// All plants together in the bundled workspace, published too late: no byte changes.
#[test]
fn what_came_later_has_no_influence() {
    let draft = PLANTS.iter().fold(Draft::bundled(), |d, (name, plant)| match *name {
        // The second claim has the same id, which would be refused.
        "adopted claim" => plant(d.replace_in_table("ledger_claims", "C-PLANT", "C-PLANT-1"), LATE),
        _ => plant(d, LATE),
    });
    let (with, without) = (edition(&draft), seen(&FILES[&BEFORE]));
    let differing = differing(&with, &without);
    if !differing.is_empty() {
        let small = report(&Draft::small());
        let to_blame: Vec<_> = PLANTS.iter().filter(|(_, plant)| report(&plant(Draft::small(), LATE)) != small).map(|(name, _)| name).collect();
        panic!("{differing:?} know what came later; to blame: {to_blame:?}");
    }
}

/// Each plant alone, published in time: bytes change.
#[test]
fn what_came_in_time_has_influence() {
    let without = report(&Draft::small());
    for (name, plant) in PLANTS {
        assert!(report(&plant(Draft::small(), EARLY)) != without, "a planted {name} changes nothing");
    }
}

/// Details of a row that were learned after the row itself have no influence before.
#[test]
fn details_known_later_have_no_influence() {
    let row = |details: &'static str, known: &'static str| {
        let change = move |r: &mut Row| {
            let cells = match details {
                "few" => [("tactics", ""), ("deaths_low", ""), ("deaths_best", ""), ("deaths_high", ""), ("first_time", "no"), ("note", ""), ("latitude", ""), ("longitude", "")],
                _ => [
                    ("tactics", "drone;vehicle_bomb"), ("deaths_low", "40"), ("deaths_best", "41"), ("deaths_high", "42"), ("first_time", "yes"),
                    ("note", "told much later"), ("latitude", "14.46"), ("longitude", "-12.2"),
                ],
            };
            cells.iter().for_each(|(column, cell)| r.set(column, cell));
            r.set("details_published", known);
        };
        report(&Draft::small().change_rows("ledger_events", |r| r.get("event_id") == "EV-20240811-YEL", change))
    };
    assert!(row("few", LATE) == row("many", LATE), "details that were told later are known");
    assert!(row("few", EARLY) != row("many", EARLY), "details change nothing");
}

/// A figure that is adopted later does not make an earlier one stand in for it before.
#[test]
fn a_later_adoption_does_not_mark_an_earlier_claim() {
    let later = Draft::bundled().append_copy(
        "ledger_claims",
        |r| r.get("claim_id") == "C-025",
        &[("claim_id", "C-PLANT"), ("low", "0"), ("high", "0"), ("adoptable", "true"), ("source_date", LATE), ("published", LATE)],
    );
    assert_eq!(differing(&edition(&later), &seen(&FILES[&BEFORE])), Vec::<String>::new());
}

/// With hindsight everything is let in, and the report says so.
#[test]
fn hindsight_lets_it_in() {
    let sources = &*SMALL_SOURCES;
    let hindsight = tukhum::edition::Edition::compute(sources, BEFORE, true);
    let plain = tukhum::edition::Edition::compute(sources, BEFORE, false);
    assert!(hindsight.evidence.facts.len() > plain.evidence.facts.len());
    let report = tukhum::report::build(sources, &hindsight, None, SEED);
    let files = tukhum::report::render::files(&report, &Default::default()).expect("it renders");
    for name in ["report.md", "report.html"] {
        assert!(String::from_utf8_lossy(&files[name]).contains("Written with hindsight"), "{name} does not say so");
    }
}
