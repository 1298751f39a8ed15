//! The report for print is tagged, can be searched, is the same everywhere, and acts on no text.
//!
//! It needs the feature `pdf`; its text is read by Poppler's `pdftotext`, and without that those cases say that they did not run.

use std::process::Command;

use tukhum::report::render::{Format, named};
use tukhum::text::{Language, label, plain};

use super::forms::{FORMS, HOSTILE, REPORT};
use super::support::*;

/// The text of a PDF without marks of direction; none where nothing can read it.
pub fn printed(bytes: &[u8], options: &[&str]) -> Option<String> {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), bytes).expect("it is written");
    let Ok(output) = Command::new("pdftotext").args(options).arg(file.path()).arg("-").output() else {
        eprintln!("did not run: there is no pdftotext (apt-get install poppler-utils)");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(plain(&String::from_utf8(output.stdout).expect("text")))
}

/// Whether this program prints; without the feature the cases below have nothing to look at.
fn prints() -> bool {
    if !Format::Pdf.is_built_in() {
        eprintln!("did not run: built without --features pdf");
    }
    Format::Pdf.is_built_in()
}

/// The bytes as a file has them that is not packed: names, and texts in hexadecimal UTF-16.
fn has(bytes: &[u8], wanted: &str) -> bool {
    memchr::memmem::find(bytes, wanted.as_bytes()).is_some()
}

fn bookmark(text: &str) -> String {
    let hex: String = text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
    format!("/Title<FEFF{hex}>")
}

/// Who cannot see the page hears its language, its title, its headings and the cells of its tables.
#[test]
fn print_is_tagged() {
    if !prints() {
        return;
    }
    for language in Language::ALL {
        let bytes = &FORMS.0[&named("report", "pdf", language)];
        assert!(bytes.starts_with(b"%PDF-1.7"));
        for wanted in ["/MarkInfo<</Marked true", "/StructTreeRoot", "/S/TH", "/S/TD", "<pdfuaid:part>1<", "/CreationDate(D:20250731000000Z)"] {
            assert!(has(bytes, wanted), "{wanted} in {language:?}");
        }
        assert!(has(bytes, &format!("/Lang({})", language.code())));
        assert_eq!(has(bytes, "/Direction/R2L"), language == Language::Ar);
        for heading in ["provinces", "crossings", "map", "cards", "gaps"] {
            let text = label(heading);
            let plain = format!("/Title({})", text.get(language));
            assert!(has(bytes, &bookmark(text.get(language))) || has(bytes, &plain), "a bookmark for {heading} in {language:?}");
        }
    }
}

/// Every name can be found in its language; the order of marks above letters is a matter of the reader.
#[test]
fn print_can_be_searched() {
    if !prints() {
        return;
    }
    for language in Language::ALL {
        let Some(text) = printed(&FORMS.0[&named("report", "pdf", language)], &[]) else { return };
        let letters = |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace() && !('\u{64b}'..='\u{652}').contains(c)).collect() };
        let text = letters(&text);
        for card in &REPORT.cards {
            assert!(text.contains(&letters(&plain(card.name.get(language)))), "{} in {language:?}", card.name.get(language));
        }
    }
}

/// Neither threads, nor the clock's zone, nor the locale of the machine change a byte.
#[test]
fn print_is_the_same_everywhere() {
    if !prints() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    Draft::small().write(folder.path());
    let print = |threads: &str, zone: &str, locale: &str| {
        let out = tempfile::tempdir().expect("a temporary folder");
        let output = program(folder.path())
            .args(["report", "--formats", "pdf", "--lang", "ar", "--as-of", &AFTER.to_string(), "--out"])
            .arg(out.path())
            .envs([("RAYON_NUM_THREADS", threads), ("POLARS_MAX_THREADS", threads), ("TZ", zone), ("LC_ALL", locale)])
            .output()
            .expect("the program starts");
        assert!(output.status.success(), "{}", stderr(&output));
        contents(&out.path().join(AFTER.to_string()))
    };
    let one = print("1", "Pacific/Kiritimati", "C");
    assert_eq!(one.keys().filter(|name| name.extension().is_some_and(|e| e == "pdf")).count(), 1);
    assert!(one == print("2", "America/Bogota", "ar_EG.UTF-8"));
    assert!(one == print("3", "UTC", "fr_FR.UTF-8"));
}

/// Texts that look like code of Typst are shown, and one that no line holds is broken.
#[test]
fn print_acts_on_no_text() {
    if !prints() {
        return;
    }
    for language in Language::ALL {
        let Some(text) = printed(&HOSTILE.1.0[&named("report", "pdf", language)], &[]) else { return };
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        assert!(text.matches('x').count() >= 10_000, "{language:?}");
        if language != Language::Ar {
            for shown in ["#eval(\"1\")#image(\"/etc/passwd\")$x$*b*@ref\"]#panic()\\", "{{7*7}}{%forxiny%}", "=HYPERLINK(", "reversedopen"] {
                assert!(text.contains(shown), "{shown} in {language:?}");
            }
        }
    }
}

/// A form that needs a feature of the program says which, before anything is written.
#[test]
fn print_needs_a_feature() {
    if Format::Pdf.is_built_in() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = run(folder.path(), &["report", "--formats", "md,pdf"]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("error[form-not-built-in]") && said.contains("cargo install --path . --features pdf"), "{said}");
    assert!(contents(folder.path()).is_empty(), "nothing half done");
}
