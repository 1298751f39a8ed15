//! Everything under `indicators/` and `datasets/` is complete, in three languages.

use std::path::Path;

use tukhum::framework::UnitKind;
use tukhum::framework::file::Scoring;
use tukhum::text::{self, Text};

use crate::support::{Draft, SOURCES, contents, package};

fn has_arabic(text: &str) -> bool {
    text.chars().any(|c| ('\u{0600}'..='\u{06ff}').contains(&c))
}

/// Gaps of French that may not end a line and do, or are of the other width: U+00A0 before a colon and inside guillemets,
/// U+202F before `; ? ! %`.
fn loose_gaps(french: &str) -> Vec<String> {
    // A tag of a template is a word; what it holds in quotation marks is part of the text.
    let said: String = french.split("{%").flat_map(|part| part.split("%}")).collect::<Vec<_>>().join("|");
    let letters: Vec<char> = said.chars().collect();
    let mut found = Vec::new();
    for pair in letters.windows(2) {
        let (gap, expected) = match (pair[0], pair[1]) {
            (gap, ':' | '»') | ('«', gap) => (gap, '\u{a0}'),
            (gap, ';' | '?' | '!' | '%') => (gap, '\u{202f}'),
            _ => continue,
        };
        if gap != expected && (gap.is_whitespace() || matches!(pair, ['«', _] | [_, '»'])) {
            found.push(pair.iter().collect());
        }
    }
    found
}

/// What is wrong with a text that has to stand in three languages.
fn untranslated(what: &str, text: &Text) -> Vec<String> {
    let mut found = Vec::new();
    for (language, words) in [("en", &text.en), ("fr", &text.fr), ("ar", &text.ar)] {
        if words.trim().is_empty() {
            found.push(format!("{what}: {language} is empty"));
        }
    }
    if text.en == text.fr && text.en.split_whitespace().count() > 2 {
        found.push(format!("{what}: French is the English text"));
    }
    if !has_arabic(&text.ar) {
        found.push(format!("{what}: Arabic has no Arabic letter"));
    }
    found
}

#[test]
fn every_text_stands_in_three_languages() {
    let mut found = Vec::new();
    for kind in UnitKind::ALL {
        let framework = SOURCES.framework(kind);
        for indicator in &framework.indicators {
            found.extend(untranslated(&format!("{} label", indicator.id), &indicator.label));
            found.extend(untranslated(&format!("{} definition", indicator.id), &indicator.definition));
            found.extend(untranslated(&format!("{} unit", indicator.id), &indicator.unit_of_measurement));
        }
        for dimension in &framework.dimensions {
            found.extend(untranslated(&dimension.id, &dimension.label));
        }
        for label in &framework.class_labels {
            found.extend(untranslated("class", label));
        }
    }
    for statement in SOURCES.statements.iter().flat_map(|s| &s.statement) {
        found.extend(untranslated(&statement.id, &statement.text));
    }
    for rule in &SOURCES.rules.rules {
        found.extend(untranslated(&rule.id, &rule.label));
        found.extend(untranslated(&format!("{} ends_when", rule.id), &rule.ends_when));
    }
    for advice in SOURCES.rules.recommendations.values() {
        found.extend(untranslated(&advice.id, &advice.title));
        found.extend(untranslated(&format!("{} text", advice.id), &advice.text));
    }
    for (key, text) in text::catalogue() {
        // What is said without a word of its own: a name with a number.
        let said = text.en.replace("{%", "{{").replace("%}", "}}");
        let mut said = said.split("{{").map(|part| part.rsplit("}}").next().unwrap_or(part));
        let words = said.any(|part| part.split_whitespace().any(|w| w != "km" && w.chars().filter(|c| c.is_alphabetic()).count() > 1));
        // The two words of a coordinate are the same in French.
        if words && key != "assessment.latitude_longitude" {
            found.extend(untranslated(key, text));
        }
    }
    // Names of places are often the same in English and French.
    let provinces = SOURCES.datasets.provinces.iter().filter(|p| p.scored).map(|p| (&p.id, &p.name));
    for (id, name) in provinces.chain(SOURCES.datasets.crossings.iter().map(|c| (&c.id, &c.name))) {
        if !has_arabic(&name.ar) {
            found.push(format!("{id}: no Arabic name"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn an_untranslated_text_is_noticed() {
    let text = Text { en: "three little words".into(), fr: "three little words".into(), ar: "latin".into() };
    assert_eq!(untranslated("x", &text).len(), 2);
}

#[test]
fn a_gap_that_breaks_in_french_is_noticed() {
    for tight in ["a\u{a0}: b\u{202f}; «\u{a0}c\u{a0}» {% if x %} d {% endif %}e\u{202f}%", "12:30", "{% if x %}\u{202f}; y{% endif %}"] {
        assert_eq!(loose_gaps(tight), Vec::<String>::new(), "{tight}");
    }
    for loose in ["a : b", "a\u{a0}; b", "« c\u{a0}»", "«\u{a0}c»", "e %", "{{ x|plural(one='a ; b', other='c') }}"] {
        assert_eq!(loose_gaps(loose).len(), 1, "{loose}");
    }
}

#[test]
fn french_keeps_its_marks_beside_their_words() {
    fn walk(at: &str, value: &toml::Value, found: &mut Vec<(String, String)>) {
        match value {
            toml::Value::Table(table) => {
                if let Some(french) = table.get("fr").and_then(toml::Value::as_str) {
                    found.push((at.to_owned(), french.to_owned()));
                }
                table.iter().for_each(|(key, value)| walk(&format!("{at}.{key}"), value, found));
            }
            toml::Value::Array(list) => list.iter().for_each(|value| walk(at, value, found)),
            _ => {}
        }
    }
    let mut texts: Vec<(String, String)> = text::catalogue().iter().map(|(key, text)| (key.clone(), text.fr.clone())).collect();
    for (path, bytes) in contents(&package().join("indicators")) {
        walk(&path.display().to_string(), &toml::from_slice(&bytes).expect("TOML"), &mut texts);
    }
    assert!(texts.len() > 700, "{} texts", texts.len());
    let loose: Vec<String> = texts.iter().flat_map(|(at, french)| loose_gaps(french).into_iter().map(move |gap| format!("{at}: `{gap}` in: {french}"))).collect();
    assert!(loose.is_empty(), "{}", loose.join("\n"));
}

#[test]
fn every_number_has_a_reason() {
    let mut bare = Vec::new();
    for kind in UnitKind::ALL {
        for indicator in &SOURCES.framework(kind).indicators {
            match &indicator.scoring {
                Scoring::Goalposts { lower, upper, .. } => {
                    if lower.reason.trim().is_empty() || upper.reason.trim().is_empty() {
                        bare.push(indicator.id.clone());
                    }
                }
                Scoring::Bands { steps, .. } => {
                    if steps.iter().any(|s| s.reason.trim().is_empty()) {
                        bare.push(indicator.id.clone());
                    }
                }
            }
            if indicator.asked_by.is_empty() || indicator.asked_by.iter().any(|c| c.says.trim().is_empty()) {
                bare.push(format!("{} asked_by", indicator.id));
            }
        }
        for dimension in &SOURCES.framework(kind).dimensions {
            bare.extend(dimension.rationale.iter().filter(|(_, r)| r.trim().is_empty()).map(|(id, _)| id.clone()));
        }
    }
    for rule in &SOURCES.rules.rules {
        if rule.reason.trim().is_empty() || rule.asked_by.is_empty() || rule.audience.is_empty() {
            bare.push(rule.id.clone());
        }
    }
    assert!(bare.is_empty(), "{bare:?}");
}

/// Every text of the battery stands in three languages, and every number of it and of the watch list has its reason.
#[test]
fn the_battery_is_complete() {
    fn walk(at: &str, value: &serde_json::Value, found: &mut Vec<String>) {
        let Some(table) = value.as_object() else {
            for (i, inner) in value.as_array().into_iter().flatten().enumerate() {
                walk(&format!("{at}/{i}"), inner, found);
            }
            return;
        };
        if let Ok(text) = serde_json::from_value::<Text>(value.clone()) {
            found.extend(untranslated(at, &text));
        }
        for (key, inner) in table {
            if key == "reason" && inner.as_str().is_none_or(|r| r.trim().is_empty()) {
                found.push(format!("{at}: no reason"));
            }
            walk(&format!("{at}/{key}"), inner, found);
        }
    }
    let battery = serde_json::to_value(SOURCES.battery.as_ref().expect("a battery")).expect("a battery is JSON");
    let mut found = Vec::new();
    walk("", &battery, &mut found);
    let list = tukhum::watch::WatchList::load(Draft::bundled().workspace(), &mut Default::default()).expect("a watch list");
    walk("/watch", &serde_json::to_value(list).expect("a watch list is JSON"), &mut found);
    // A name of one word and a proper name may be the same in French.
    found.retain(|f| !f.contains("French is the English text"));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_column_has_a_meaning_and_every_dataset_a_citation() {
    for manifest in SOURCES.datasets.manifests.values() {
        for text in [&manifest.title, &manifest.row, &manifest.licence, &manifest.citation, &manifest.source] {
            assert!(!text.trim().is_empty(), "{}", manifest.id);
        }
        for column in &manifest.column {
            assert!(!column.meaning.trim().is_empty(), "{}.{}", manifest.id, column.name);
        }
    }
}

#[test]
fn every_label_of_a_template_exists() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/render");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("templates") {
        let path = entry.expect("templates").path();
        if path.extension().is_none_or(|e| e != "j2") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("templates");
        for rest in text.split("label(\"").skip(1) {
            let key = rest.split('"').next().unwrap_or("");
            assert!(text::catalogue().contains_key(&format!("labels.{key}")), "{}: no label `{key}`", path.display());
            seen += 1;
        }
        for (at, _) in text.match_indices("\"|sheet") {
            let key = text[..at].rsplit('"').next().unwrap_or("");
            assert!(text::catalogue().contains_key(&format!("sheet.{key}")), "{}: no word `{key}`", path.display());
            seen += 1;
        }
    }
    assert!(seen > 30, "labels were found");
    // Keys that the model gives.
    for key in [
        "provinces", "crossings", "high", "moderate", "low", "watch", "warning", "alarm", "government", "regional_bodies", "communities",
        "humanitarian_actors", "fires", "ended", "undetermined",
    ] {
        assert_ne!(text::label(key).ar, key);
    }
}
