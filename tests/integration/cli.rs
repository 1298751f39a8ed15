//! The program as a person meets it: words, widths, exit codes, pipes.

use std::process::Stdio;

use rayon::prelude::*;
use tempfile::TempDir;
use unicode_normalization::char::is_combining_mark;

use super::support::*;

/// A folder with a workspace, which the program takes when it is started there.
fn folder_with(draft: &Draft) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    draft.write(folder.path());
    folder
}

/// A workspace without events, but with all names of its units.
fn names() -> TempDir {
    folder_with(&Draft::tiny().set_table("aliases", Draft::bundled().text(&table("aliases"))))
}

fn code(output: &std::process::Output) -> Option<i32> {
    output.status.code()
}

/// Columns that a line takes: Latin and Arabic letters take one, combining signs none.
fn width(line: &str) -> usize {
    line.chars().filter(|c| !is_combining_mark(*c)).count()
}

fn too_wide(text: &str) -> Vec<&str> {
    text.lines().filter(|line| width(line) > 80).collect()
}

/// The help of the program and of each of its commands has a snapshot.
#[test]
fn help() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let help = |arguments: &[&str]| {
        let output = run(folder.path(), arguments);
        assert_eq!(code(&output), Some(0));
        assert_eq!(too_wide(stdout(&output)), Vec::<&str>::new(), "{arguments:?}");
        stdout(&output).to_owned()
    };
    let program = help(&["--help"]);
    let (_, list) = program.split_once("Commands:\n").expect("commands are listed");
    let lines = list.lines().take_while(|l| !l.is_empty()).filter(|l| l.starts_with("  ") && !l.starts_with("   "));
    let commands: Vec<&str> = lines.filter_map(|l| l.split_whitespace().next()).filter(|c| *c != "help").collect();
    for command in ["report", "score", "explain", "watch", "compare", "check", "init", "completions", "man"] {
        assert!(commands.contains(&command), "there is no `{command}`");
    }
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("help", program);
        for command in commands {
            insta::assert_snapshot!(format!("help_{command}"), help(&[command, "--help"]));
        }
    });
}

/// A unit is found by its names and spellings in any script.
#[test]
fn units_have_many_names() {
    let folder = names();
    let names = [
        ("Kayes", "Kayes (MLI)"), ("kayes", "Kayes (MLI)"), ("KAYES", "Kayes (MLI)"), ("كاي", "Kayes (MLI)"), ("خاي", "Kayes (MLI)"), ("ML-1", "Kayes (MLI)"),
        ("Diboli-Kidira", "Diboli–Kidira (MLI/SEN)"), ("diboli kidira", "Diboli–Kidira (MLI/SEN)"), ("ديبولي", "Diboli–Kidira (MLI/SEN)"),
    ];
    names.into_par_iter().for_each(|(name, expected)| {
        let output = run(folder.path(), &["explain", name, "--as-of", "2024-12-31"]);
        assert_eq!(code(&output), Some(0), "{name}: {}", stderr(&output));
        let first = stdout(&output).lines().next().unwrap_or("");
        assert!(first.starts_with(&format!("{expected}, as of 2024-12-31")), "{name} gives {first}");
    });
}

/// An unknown unit is refused with the names that come near.
#[test]
fn unknown_units_offer_near_names() {
    let folder = names();
    for (name, near) in [("Kayez", "`kayes`"), ("Tambacunda", "`tambacounda`"), ("Diboly-Kidira", "`diboli kidira`"), ("ديبوليي", "`ديبولي`")] {
        let output = run(folder.path(), &["explain", name, "--as-of", "2024-12-31"]);
        assert_eq!(code(&output), Some(2), "{name}");
        assert!(stdout(&output).is_empty());
        let told = stderr(&output);
        assert!(told.contains(&format!("no unit is called `{name}`")) && told.contains("did you mean") && told.contains(near), "{told}");
    }
    let output = run(folder.path(), &["explain", "Agadez", "--as-of", "2024-12-31"]);
    assert_eq!(code(&output), Some(2));
    assert!(stderr(&output).contains("not scored"), "{}", stderr(&output));
}

/// 0: fine, 1: something was found, 2: it could not be done.
#[test]
fn exit_codes() {
    let folder = folder_with(&Draft::tiny());
    let at = folder.path();
    let broken = folder_with(&Draft::tiny().replace("indicators/provinces/threat/event_rate.toml", "value = 4.34", "value = 0"));

    assert_eq!(code(&run(at, &["check"])), Some(0));
    let found = run(broken.path(), &["check"]);
    assert_eq!(code(&found), Some(1));
    assert!(stderr(&found).contains("error[goalposts-zero-width]") && stderr(&found).contains("1 error, 0 warnings"), "{}", stderr(&found));
    // What `check` finds, the other commands cannot work with.
    let refused = run(broken.path(), &["score"]);
    assert_eq!(code(&refused), Some(2));
    assert!(stdout(&refused).is_empty() && stderr(&refused).contains("error[goalposts-zero-width]"));

    let nowhere = at.join("nowhere").display().to_string();
    for arguments in [
        vec!["score", "--as-of", "2025-02-30"],
        vec!["score", "--as-of", "yesterday"],
        vec!["score", "villages"],
        vec!["score", "--format", "xml"],
        vec!["explain"],
        vec!["--workspace", &nowhere, "score"],
        vec!["compare", "1999-01-01", "1999-01-02"],
        vec!["init", "."],
        vec!["fly"],
        vec![],
    ] {
        let output = run(at, &arguments);
        assert_eq!(code(&output), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(!stderr(&output).is_empty() && !stderr(&output).contains("panicked"), "{arguments:?}");
    }
    for arguments in [["--help"], ["--version"]] {
        assert_eq!(code(&run(at, &arguments)), Some(0));
    }
}

/// A comparison that finds no difference is fine, one that does has a finding.
#[test]
fn comparing_editions() {
    let same = run(package(), &["compare", "2025-07-31", "2025-07-31"]);
    assert_eq!(code(&same), Some(0), "{}", stderr(&same));
    assert!(stdout(&same).contains("0 units moved"), "{}", stdout(&same));
    let moved = run(package(), &["compare", "2024-12-31", "2025-07-31"]);
    assert_eq!(code(&moved), Some(1));
    assert_eq!(too_wide(stdout(&moved)), Vec::<&str>::new());
    let json = run(package(), &["compare", "2024-12-31", "2025-07-31", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(stdout(&json)).expect("it is JSON");
    for unit in list.as_array().expect("it is a list") {
        let number = |key: &str| unit[key].as_f64();
        if let (Some(before), Some(now), Some(data), Some(method), Some(weights)) = (number("score_before"), number("score"), number("data"), number("method"), number("weights")) {
            assert!((now - before - data - method - weights).abs() < 1e-9, "the parts of {} do not add up", unit["unit"]);
            assert!(method.abs() < 1e-9 && weights.abs() < 1e-9, "one framework wrote both editions");
        }
    }
}

/// Tables fit a terminal of 80 columns, and a pipe gets no escape codes.
#[test]
fn output_is_plain_and_fits() {
    let folder = folder_with(&Draft::small());
    let at = folder.path();
    for arguments in [vec!["score", "provinces"], vec!["score", "crossings"], vec!["explain", "Kayes"], vec!["explain", "Gogui", "--against", "Diboli-Kidira"]] {
        let output = run(at, &[&arguments[..], &["--as-of", "2025-07-31"]].concat());
        assert_eq!(code(&output), Some(0), "{arguments:?}: {}", stderr(&output));
        let text = stdout(&output);
        assert!(!text.contains('\u{1b}'), "{arguments:?} writes escape codes into a pipe");
        // Quoted sources and notes of `explain` are prose of any length; its tables are not.
        let tables: String = match arguments[0] {
            "explain" => tables(text),
            _ => text.to_owned(),
        };
        assert!(tables.lines().count() > 10, "{arguments:?} has no table:\n{text}");
        assert_eq!(too_wide(&tables), Vec::<&str>::new(), "{arguments:?}");
    }
    let coloured = program(at).args(["explain", "Nowhere"]).env("NO_COLOR", "1").env("TERM", "xterm-256color").output().expect("it runs");
    assert!(!stderr(&coloured).contains('\u{1b}') && stderr(&coloured).contains("error["));
}

/// The tables of an explanation: what follows these headings up to an empty line.
fn tables(text: &str) -> String {
    let sections = text.split("\n\n").filter(|s| s.trim_start().starts_with("DRIVERS") || s.trim_start().starts_with("AGAINST"));
    sections.map(|s| format!("{}\n", s.trim_start())).collect()
}

/// The reader of a pipe may go away: no panic, no error, and nothing is said.
#[test]
fn a_closed_pipe_is_no_failure() {
    let folder = names();
    let commands = [
        vec!["score", "--as-of", "2024-12-31"], vec!["score", "--format", "csv", "--as-of", "2024-12-31"], vec!["explain", "Kayes", "--as-of", "2024-12-31"],
        vec!["check"], vec!["completions", "bash"], vec!["man"], vec!["--help"],
    ];
    for arguments in commands {
        let mut child = program(folder.path()).args(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(code(&output), Some(0), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stderr(&output), "", "{arguments:?}");
    }
}

/// What `score` prints is what the edition's CSV and JSON say.
#[test]
fn score_prints_the_ranking_of_the_edition() {
    let empty = tempfile::tempdir().expect("a temporary folder");
    let output = run(empty.path(), &["score", "crossings", "--format", "csv", "--as-of", &BEFORE.to_string()]);
    assert_eq!(stdout(&output), &FILES[&BEFORE]["crossings.csv"]);
    assert!(std::fs::read_dir(empty.path()).expect("the folder is read").next().is_none(), "score writes files");
}

/// `check` of the bundled workspace finds nothing, and tells how far the sources are apart.
#[test]
fn the_bundled_workspace_is_sound() {
    let empty = tempfile::tempdir().expect("a temporary folder");
    let output = run(empty.path(), &["check"]);
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("workspace: bundled") && stdout(&output).ends_with("0 errors, 0 warnings\n"), "{}", stdout(&output));
    assert!(stdout(&output).contains("cross-check ucdp_counts_26_1_country / ucdp_events"), "{}", stdout(&output));
}

/// Shells complete commands, and the manual names them.
#[test]
fn completions_and_manual() {
    let empty = tempfile::tempdir().expect("a temporary folder");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(empty.path(), &["completions", shell]);
        assert_eq!(code(&output), Some(0));
        assert!(stdout(&output).contains("tukhum") && stdout(&output).contains("explain") && stdout(&output).contains("as-of"), "{shell}");
    }
    let manual = run(empty.path(), &["man"]);
    assert_eq!(code(&manual), Some(0));
    assert!(stdout(&manual).contains(".TH tukhum") && stdout(&manual).contains("explain"));
}

/// `init` writes a workspace that `check` accepts, and never overwrites one.
#[test]
fn init_starts_a_workspace() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path().join("my country");
    let name = at.display().to_string();
    assert_eq!(code(&run(folder.path(), &["init", &name])), Some(0));
    for (path, bytes) in tukhum::workspace::Workspace::bundled().files {
        assert!(std::fs::read(at.join(&path)).is_ok_and(|b| b == bytes), "{path} is not as it is bundled");
    }
    let before = contents(&at);
    assert_eq!(code(&run(folder.path(), &["init", &name])), Some(2));
    assert_eq!(contents(&at), before);
    let checked = run(folder.path(), &["--workspace", &name, "check"]);
    assert_eq!(code(&checked), Some(0), "{}", stderr(&checked));
}
