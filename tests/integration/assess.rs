//! The battery on data with a known answer, on the bundled data, and with knowledge of later days.

use jiff::civil::Date;
use tukhum::assessment::{Answer, Assessment, Item, Verdict};

use super::support::*;

const WAVE: Date = Date::constant(2025, 7, 1);
const LATE: Date = Date::constant(2026, 10, 31);

/// What is planted: degrees of longitude that the centre moves west in a year, deadly attacks in the belt in
/// each month before the wave, and in the months from the wave on.
struct Plant {
    west: f64,
    before: usize,
    after: fn(i32) -> usize,
    /// Attacks without a death in the belt in each month from the wave on.
    deathless: usize,
}

const SHIFT: Plant = Plant { west: 2.0, before: 1, after: |_| 8, deathless: 0 };
const PULSE: Plant = Plant { west: 0.0, before: 1, after: |month| if month < 3 { 8 } else { 1 }, deathless: 0 };
const NOTHING: Plant = Plant { west: 0.0, before: 1, after: |_| 1, deathless: 0 };

/// A row of the event table.
fn row(id: usize, date: Date, published: Date, area: &str, at: (f64, f64), deaths: u32) -> String {
    let release = format!("{}.0.{}", date.year() % 100, date.month());
    format!(
        "{release},{published},{id},{date},MLI,{area},{:.2},{:.2},1,1,11347,Mali: Government,Government of Mali,JNIM,{deaths},0,reported,\n",
        at.1, at.0
    )
}

/// The event table of a plant: January 2024 to August 2026, every month published on the 20th of the next.
fn table_of(plant: &Plant) -> String {
    let header = Draft::bundled().text(&table("ucdp_events")).lines().next().expect("a header").to_owned();
    let mut text = format!("{header}\n");
    let mut id = 700_000;
    for month in 0..32_i32 {
        let first = Date::new(2024 + (month / 12) as i16, (month % 12 + 1) as i8, 1).expect("a day");
        let published = first.last_of_month().saturating_add(jiff::Span::new().days(20));
        let mut add = |day: i8, area: &str, at: (f64, f64), deaths: u32| {
            id += 1;
            text.push_str(&row(id, first.with().day(day).build().expect("a day"), published, area, at, deaths));
        };
        // The centre: ten attacks a month in the same pattern, moved west by what is planted.
        let moved = plant.west * f64::from(month.min(17)) / 12.0;
        for k in 0..10_i8 {
            let at = (-2.0 - moved - 0.2 * f64::from(k % 5), 14.0 + 0.2 * f64::from(k / 5));
            add(2 * k + 3, "Mopti region", at, 2);
        }
        let since = month - 18;
        let belt = if since < 0 { plant.before } else { (plant.after)(since) };
        for k in 0..belt {
            add(4 + 3 * k as i8, "Kayes region", (-10.0, 13.0), 2);
        }
        for k in 0..if since < 0 { 0 } else { plant.deathless } {
            add(5 + k as i8, "Kayes region", (-10.0, 13.0), 0);
        }
        // One day with two places, so that operations have a record.
        add(25, "Mopti region", (-4.0, 14.5), 1);
        add(25, "Mopti region", (-4.0, 15.5), 1);
    }
    text
}

fn planted(plant: &Plant) -> Draft {
    Draft::small().set_table("ucdp_events", table_of(plant))
}

fn assess(draft: &Draft, day: Date) -> Assessment {
    draft.read().assess(day, false, SEED).expect("the workspace has a battery")
}

fn item<'a>(a: &'a Assessment, id: &str) -> &'a Item {
    a.items.iter().find(|i| i.id == id).unwrap_or_else(|| panic!("there is no {id}"))
}

fn figure(a: &Assessment, id: &str, name: &str) -> f64 {
    let found = item(a, id).figures.iter().find(|f| f.name.en == name).and_then(|f| f.value);
    found.unwrap_or_else(|| panic!("{id} has no `{name}`: {:?}", item(a, id)))
}

#[test]
fn a_planted_shift_is_called_a_shift() {
    let a = assess(&planted(&SHIFT), LATE);
    assert_eq!(item(&a, "T1").answer, Answer::Yes, "{:?}", item(&a, "T1"));
    assert_eq!(item(&a, "T5").answer, Answer::Yes, "{:?}", item(&a, "T5"));
    assert_eq!(a.verdict, Some(Verdict::StrategicShift));
    assert!(a.likely.expect("a probability").probability > 0.7);
}

#[test]
fn a_planted_pulse_is_called_an_escalation() {
    let a = assess(&planted(&PULSE), LATE);
    assert_eq!(item(&a, "T1").answer, Answer::No, "{:?}", item(&a, "T1"));
    assert_eq!(item(&a, "T5").answer, Answer::No, "{:?}", item(&a, "T5"));
    assert_eq!(a.verdict, Some(Verdict::CircumstantialEscalation));
    assert!(figure(&a, "T5", "posterior of a pulse") > 0.8);
    assert!(a.likely.expect("a probability").probability < 0.05);
}

#[test]
fn a_wave_that_nothing_follows_is_an_escalation_without_a_pulse() {
    let a = assess(&planted(&NOTHING), LATE);
    assert_eq!(item(&a, "T5").answer, Answer::No, "{:?}", item(&a, "T5"));
    assert_eq!(a.verdict, Some(Verdict::CircumstantialEscalation));
    assert!(figure(&a, "T5", "posterior of no change") > 0.5);
}

#[test]
fn without_coverage_the_question_stays_open() {
    let mut draft = planted(&SHIFT);
    for dataset in ["ucdp_events", "ucdp_counts_24_1_cells"] {
        let cut = |line: &str| if line.starts_with("areas = ") { line.replace("\"MLI\", ", "") } else { line.to_owned() };
        let text: String = draft.text(&manifest(dataset)).lines().map(|l| cut(l) + "\n").collect();
        draft = draft.set(&manifest(dataset), text);
    }
    let a = match draft.load() {
        Ok((sources, _)) => sources.assess(LATE, false, SEED).expect("a battery"),
        Err(problems) => panic!("{problems}"),
    };
    for id in ["T1", "T2", "T3", "T5", "T6", "T7"] {
        assert_eq!(item(&a, id).answer, Answer::Undetermined, "{id}");
        assert!(!item(&a, id).needs.is_empty(), "{id} says what would settle it");
    }
    assert!(matches!(a.verdict, Some(Verdict::Open { .. })));
    assert!(a.likely.expect("a probability").from_prior);
}

/// More of the west is recorded, and nothing else: flagged, and no shift.
#[test]
fn a_relocation_of_recording_is_flagged() {
    let a = assess(&planted(&Plant { deathless: 12, ..SHIFT }), LATE);
    assert_eq!(item(&a, "T7").answer, Answer::Yes, "{:?}", item(&a, "T7"));
    assert!(matches!(&a.verdict, Some(Verdict::Open { why }) if why.en.contains("T7")), "{:?}", a.verdict);
    let alone = assess(&planted(&Plant { deathless: 12, after: |_| 1, ..NOTHING }), LATE);
    assert_eq!(item(&alone, "T7").answer, Answer::Yes);
    assert_eq!(item(&alone, "T5").answer, Answer::No, "attacks without a death do not enter the rate");
}

#[test]
fn before_the_months_are_out_the_same_data_leave_it_open() {
    let a = assess(&planted(&SHIFT), AFTER);
    assert_eq!(item(&a, "T1").answer, Answer::Yes);
    for id in ["T3", "T5", "T6", "T7"] {
        assert_eq!(item(&a, id).answer, Answer::Undetermined, "{id}");
        assert!(item(&a, id).needs.iter().any(|n| n.settled_by.as_ref().is_some_and(|by| by.en.contains("reaches 30 June 2025"))), "{id}: {:?}", item(&a, id).needs);
    }
    assert!(matches!(a.verdict, Some(Verdict::Open { .. })));
}

/// One quiet month after the wave is no evidence against a step that may begin in the next.
#[test]
fn a_quiet_first_month_does_not_end_the_question() {
    let late = Plant { after: |month| if month == 0 { 0 } else { 8 }, ..SHIFT };
    let draft = planted(&late);
    let a = assess(&draft, Date::constant(2025, 8, 31));
    assert!(a.likely.expect("a probability").from_prior);
    assert_eq!(assess(&draft, LATE).verdict, Some(Verdict::StrategicShift));
}

#[test]
fn what_is_published_after_the_day_changes_nothing() {
    let draft = planted(&SHIFT);
    let shown = |d: &Draft| serde_json::to_string(&assess(d, AFTER)).expect("an assessment is JSON");
    let plain = shown(&draft);
    let belt = (-10.5, 14.2);
    let happened = Date::constant(2025, 6, 20);
    let with = |published: Date| draft.clone().append(&table("ucdp_events"), &row(1, happened, published, "Kayes region", belt, 9)).rehash("ucdp_events");
    assert_eq!(shown(&with(Date::constant(2025, 8, 20))), plain, "a late row has no influence");
    assert_ne!(shown(&with(Date::constant(2025, 7, 20))), plain, "a known row has");
    let told = |published: &str| {
        draft.clone().append_copy(
            "ledger_events",
            |r| r.get("event_id") == "EV-20250701-GOG",
            &[("event_id", "EV-PLANT"), ("date", "2025-03-02"), ("date_end", "2025-03-02"), ("wave_id", ""), ("published", published), ("details_published", published), ("source_date", published)],
        )
    };
    assert_eq!(shown(&told("2025-08-02")), plain);
    let known = assess(&told("2025-04-02"), AFTER);
    assert!(item(&known, "T4").findings.iter().any(|f| f.en.contains("EV-PLANT") && f.en.contains("known before")), "{:?}", item(&known, "T4"));
}

#[test]
fn threads_and_seeds() {
    let on = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| SOURCES.assess(AFTER, false, seed).expect("a battery"))
    };
    assert_eq!(on(1, SEED), on(3, SEED), "the same bits on any number of threads");
    assert_ne!(on(2, SEED).items, on(2, 1).items, "the seed has an effect");
}

#[test]
fn the_bundled_answers() {
    let mut seen = Vec::new();
    for day in ["2024-12-31", "2025-07-31", "2025-12-31", "2026-10-31"] {
        let output = run(package(), &["assess", "--as-of", day]);
        assert!(output.status.success(), "{}", stderr(&output));
        let text = stdout(&output).to_owned();
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "too wide: {line}");
        }
        // Likelihood and confidence never share a sentence.
        let head = text.split("\nRule of the number").next().unwrap_or_default().replace('\n', " ");
        for sentence in head.split(". ") {
            assert!(!(sentence.contains("onfidence") && sentence.contains('%')), "{sentence}");
        }
        insta::assert_snapshot!(format!("assess_{day}"), text);
        seen.push(text);
    }
    assert!(seen[0].contains("lies after this date"));
    let states: std::collections::BTreeSet<&str> = seen[1..].iter().filter_map(|t| t.split("\n\n").nth(1)).collect();
    assert_eq!(states.len(), 3, "three dates, three answers");
}

#[test]
fn json_can_be_read_back() {
    let output = run(package(), &["assess", "--as-of", "2025-12-31", "--format", "json"]);
    let a: Assessment = serde_json::from_str(stdout(&output)).expect("the output is an assessment");
    assert_eq!(a.items.len(), 7);
    assert_eq!(a.wave.0, WAVE);
    let hindsight = run(package(), &["assess", "--as-of", "2025-07-31", "--hindsight"]);
    assert!(stdout(&hindsight).contains("with hindsight"));
}

#[test]
fn a_battery_with_mistakes_is_refused() {
    let path = "indicators/assessment.toml";
    let problems = Draft::small()
        .replace(path, "units = [\"ML-3\"]", "units = [\"ML-33\"]")
        .replace(path, "windows = { days = [90, 180]", "windows = { days = [180, 90]")
        .replace(path, "level = { value = 0.9,", "level = { value = 90,")
        .problems();
    for expected in ["unknown province `ML-33`", "[180, 90]", "the value is 90"] {
        assert!(problems.contains(expected), "{expected}: {problems}");
    }
}

#[test]
fn a_workspace_without_a_battery_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    Draft::small().remove("indicators/assessment.toml").write(folder.path());
    let output = run(folder.path(), &["assess", "--as-of", "2025-07-31"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("declares no battery"), "{}", stderr(&output));
}
