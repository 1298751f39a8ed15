//! A newcomer adds an indicator with one TOML file, and nothing else.

use super::support::*;

const INDICATOR: &str = r#"#:schema ../../../docs/schemas/indicator.json
id = "half_year_rate"
direction = "higher_is_riskier"
datasets = ["ucdp_events", "units"]
valid_from = 2010-01-01

[label]
en = "Deadly attack rate of half a year"
fr = "Taux d’événements meurtriers sur un semestre"
ar = "معدل الأحداث المميتة في نصف سنة"

[definition]
en = "Deadly events of the latest six complete months, per 100,000 inhabitants and year."
fr = "Événements meurtriers des six derniers mois complets, pour 100 000 habitants et par an."
ar = "الأحداث المميتة في آخر ستة أشهر كاملة، لكل 100,000 نسمة في السنة."

[unit_of_measurement]
en = "deadly events per 100,000 inhabitants and year"
fr = "événements meurtriers pour 100 000 habitants et par an"
ar = "أحداث مميتة لكل 100,000 نسمة في السنة"

[[asked_by]]
document = "D1"
paragraph = 10
says = "the rhythm of the strikes quickens"

[measure]
name = "event_rate"
window_months = 6
max_age_months = 6

[score]
method = "goalposts"

[score.lower]
value = 0
reason = "No deadly event in half a year."

[score.upper]
value = 4
reason = "A round number for the test."

[joins]
dimension = "threat"
weight = 0.2
rationale = "A short window sees a new front earlier."
"#;

#[test]
fn one_file_adds_an_indicator() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    assert!(run(at, &["init", "."]).status.success());
    let before = contents(at);
    let path = "indicators/provinces/threat/half_year_rate.toml";
    std::fs::write(at.join(path), INDICATOR).expect("the file is written");

    // The workspace in the current folder is used.
    let day = BEFORE.to_string();
    let ranking = run(at, &["score", "--format", "json", "--as-of", &day]);
    assert!(ranking.status.success(), "{}", stderr(&ranking));
    let ranking: serde_json::Value = serde_json::from_str(stdout(&ranking)).expect("the ranking is JSON");
    let note = ranking["indicators"].as_array().into_iter().flatten().find(|i| i["id"] == "half_year_rate").expect("the ranking lists it");
    assert_eq!(note["dimension"], "threat");
    assert!(note["effective_weight"].as_f64() > Some(0.0));
    let kayes = ranking["rows"].as_array().into_iter().flatten().find(|r| r["unit"] == "ML-1").expect("Kayes is ranked");
    let (ranked, unit) = EDITIONS[&BEFORE].unit("ML-1").expect("Kayes is ranked");
    assert!(kayes["score"].is_number() && kayes["score"].as_f64() != unit.score, "the score does not move");
    assert!(ranked.framework.indicator("half_year_rate").is_none(), "it is in the bundled framework already");

    let explained = run(at, &["explain", "Kayes", "--as-of", &day]);
    assert!(explained.status.success(), "{}", stderr(&explained));
    assert!(stdout(&explained).contains("half_year_rate"), "{}", stdout(&explained));

    let written = run(at, &["report", "--as-of", &day, "--out", "out"]);
    assert!(written.status.success(), "{}", stderr(&written));
    let report = std::fs::read_to_string(at.join("out").join(&day).join("report.md")).expect("the report is written");
    assert!(report.contains("Deadly attack rate of half a year"), "the report does not name it");
    assert!(report.contains("Deadly events of the latest six complete months"), "the method does not define it");

    let after = contents(at);
    for (name, bytes) in &before {
        assert!(after[name] == *bytes, "{} was touched", name.display());
    }
    let added = after.keys().filter(|name| !before.contains_key(*name) && !name.starts_with("out")).count();
    assert_eq!(added, 1, "one file makes an indicator");
}
