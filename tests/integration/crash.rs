//! Whoever stops the program at any moment finds the old edition or the new one, whole.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::made_areas::{geojson, units};
use super::packed::zip;
use super::support::*;

/// A day before most data, so that a run is short.
const DAY: &str = "2010-01-31";

const OLD: &str = "1";
const NEW: &str = "2";

/// So many runs are killed: every other one at some moment of the run, the others while the new folder is written.
const KILLS: u32 = 40;

fn report(workspace: &Path, seed: &str) -> Child {
    program(workspace)
        .args(["report", "--as-of", DAY, "--out", "out", "--seed", seed])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts")
}

fn finish(mut child: Child) {
    assert!(child.wait().expect("the program ends").success());
}

/// Folders and files that a killed run left behind begin with a dot.
fn leftovers(out: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(out).expect("the folder is there").map(|e| e.expect("the folder is read"));
    entries.filter(|e| e.file_name().to_string_lossy().starts_with('.')).map(|e| e.path()).collect()
}

#[test]
fn a_killed_run_leaves_a_whole_edition() {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let workspace = temporary.path();
    Draft::tiny().write(workspace);
    let out = workspace.join("out");
    let edition = out.join(DAY);

    finish(report(workspace, NEW));
    let new = contents(&edition);
    let start = Instant::now();
    finish(report(workspace, OLD));
    let duration = start.elapsed();
    let old = contents(&edition);
    assert!(old != new && old.len() == new.len(), "the seed tells the editions apart");

    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let (mut runs, mut killed, mut in_writing) = (0, 0, 0);
    while killed < KILLS {
        assert!(runs < 4 * KILLS, "only {killed} of {runs} runs were killed before they ended");
        let mut child = report(workspace, NEW);
        if runs % 2 == 0 {
            // Steps of the golden ratio spread any number of kills evenly.
            sleep(duration.mul_f64((f64::from(runs) * 0.618_034).fract()));
        } else {
            // Writing and syncing takes a few milliseconds: wait for its folder, then a little longer each time.
            while leftovers(&out).is_empty() && child.try_wait().expect("the program is watched").is_none() {
                sleep(Duration::from_micros(200));
            }
            sleep(Duration::from_micros(u64::from(runs) * 250));
        }
        runs += 1;
        child.kill().expect("the program can be killed");
        let status = child.wait().expect("the program ends");
        killed += u32::from(!status.success());

        let left = leftovers(&out);
        in_writing += u32::from(!left.is_empty());
        let now = contents(&edition);
        let which = if now == old {
            "old"
        } else if now == new {
            "new"
        } else {
            panic!("after run {runs} the edition is neither the old nor the new one: {:?}", now.keys().collect::<Vec<_>>());
        };
        *seen.entry(which).or_default() += 1;
        for path in left {
            let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
            removed.expect("what a killed run left can be removed");
        }
        if which == "new" {
            // Put the old edition back without the program's help.
            for (name, bytes) in &old {
                std::fs::write(edition.join(name), bytes).expect("the old edition is put back");
            }
        }
    }
    println!("{killed} of {runs} runs killed, {in_writing} of them while writing; editions found: {seen:?}");
    assert!(in_writing >= 5, "only {in_writing} kills came while the new edition was written");
    assert!(seen.contains_key("old"), "{seen:?}");

    // After all that a run still works, removes what a killed one left, and leaves nothing beside the edition.
    let left = out.join(".tukhum-killed");
    std::fs::create_dir_all(left.join("edition")).expect("the folder is made");
    std::fs::write(left.join("lock"), "").expect("the lock is made");
    std::fs::write(out.join(".tukhum-page"), "half a pa").expect("the file is made");
    finish(report(workspace, NEW));
    assert_eq!(contents(&edition), new);
    assert!(leftovers(&out).is_empty());
}

/// An edition that cannot be written leaves the old one as it was, says why, and ends with 2.
#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let workspace = temporary.path();
    Draft::tiny().write(workspace);
    std::fs::write(workspace.join("out"), "a file stands here").expect("the file is written");
    let output = run(workspace, &["report", "--as-of", DAY, "--out", "out"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("error["), "{}", stderr(&output));
    assert_eq!(std::fs::read_to_string(workspace.join("out")).expect("the file is there"), "a file stands here");
}

/// So many imports are killed; `TUKHUM_KILLS` asks for more.
fn kills() -> u32 {
    std::env::var("TUKHUM_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(10)
}

/// What stands in a folder, without what killed runs left.
fn standing(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    contents(folder).into_iter().filter(|(path, _)| !path.iter().any(|part| part.to_string_lossy().starts_with(".tukhum-"))).collect()
}

/// An import that is killed at any moment leaves the workspace as it was before, or as it is after.
#[test]
fn a_killed_import_leaves_a_whole_workspace() {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let workspace = temporary.path();
    Draft::tiny().write(workspace);
    for (file, from) in [("a_24_1.csv", 0), ("b_25_1.csv", 500)] {
        let rows: String = (from..from + 3000).map(|id| format!("{}\n", super::made::row(id, None))).collect();
        std::fs::write(workspace.join(file), format!("{}\n{rows}", super::made::HEADER)).expect("the file is written");
    }
    let import = |file: &str, day: &str| {
        let mut command = program(workspace);
        command.args(["import", file, "--published", day]).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the program starts")
    };
    finish(import("a_24_1.csv", "2024-06-01"));
    let datasets = workspace.join("datasets");
    let before = standing(workspace);
    let start = Instant::now();
    finish(import("b_25_1.csv", "2025-06-01"));
    let duration = start.elapsed();
    let after = standing(workspace);
    assert!(before != after);
    let restore = || {
        std::fs::remove_dir_all(datasets.join("ucdp")).expect("the dataset is removed");
        for (path, bytes) in before.iter().filter(|(path, _)| path.starts_with("datasets/ucdp")) {
            std::fs::create_dir_all(workspace.join(path).parent().expect("a file has a folder")).expect("the folder is made");
            std::fs::write(workspace.join(path), bytes).expect("the old dataset is put back");
        }
    };
    restore();

    let mut dice = super::made::Dice::new(20_250_701);
    let (mut runs, mut killed, mut in_writing, mut done) = (0, 0, 0, 0);
    while killed < kills() {
        assert!(runs < 4 * kills() + 20, "only {killed} of {runs} runs were killed before they ended");
        let mut child = import("b_25_1.csv", "2025-06-01");
        if runs % 2 == 0 {
            sleep(duration.mul_f64(dice.below(1_000_000) as f64 / 1e6));
        } else {
            // Writing takes a few milliseconds: wait for its folder, then a little longer.
            while leftovers(&datasets).is_empty() && child.try_wait().expect("the program is watched").is_none() {
                sleep(Duration::from_micros(100));
            }
            sleep(Duration::from_micros(dice.below(12_000) as u64));
        }
        runs += 1;
        child.kill().expect("the program can be killed");
        killed += u32::from(!child.wait().expect("the program ends").success());
        let left = leftovers(&datasets);
        in_writing += u32::from(!left.is_empty());
        let now = standing(workspace);
        assert!(now == before || now == after, "after run {runs} the workspace is neither as before nor as after: {:?}", now.keys().filter(|k| now.get(*k) != before.get(*k)).collect::<Vec<_>>());
        if runs % 20 == 1 {
            // What a killed run left does not disturb the next.
            assert_eq!(run(workspace, &["check"]).status.code(), Some(0));
        }
        for folder in left {
            std::fs::remove_dir_all(folder).expect("what a killed run left can be removed");
        }
        if now == after {
            done += 1;
            restore();
        }
    }
    println!("{killed} of {runs} imports killed, {in_writing} of them while writing; {done} were done by then");
    finish(import("b_25_1.csv", "2025-06-01"));
    assert!(standing(workspace) == after);
    assert!(leftovers(&datasets).is_empty());
}

/// Boundaries that are killed at any moment leave each dataset whole or absent; the same command again completes them.
#[test]
fn killed_boundaries_leave_whole_levels() {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let workspace = temporary.path();
    Draft::tiny().write(workspace);
    let cercles = String::from_utf8(geojson(&units())).expect("it is text");
    let regions = cercles.replace("ADM1_PCODE", "other").replace("ADM2_", "ADM1_");
    std::fs::write(workspace.join("a.zip"), zip(&[("adm1.geojson", regions.as_bytes()), ("adm2.geojson", cercles.as_bytes())])).expect("the file is written");
    let import = || program(workspace).args(["import", "a.zip"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    let datasets = workspace.join("datasets");
    let before = standing(workspace);
    let start = Instant::now();
    finish(import());
    let duration = start.elapsed();
    let after = standing(workspace);
    let new: BTreeSet<PathBuf> = after.keys().filter(|path| !before.contains_key(*path)).map(|path| path.parent().expect("a folder").to_owned()).collect();
    assert_eq!(new.len(), 4, "{new:?}");
    let restore = || new.iter().filter(|folder| workspace.join(folder).exists()).for_each(|folder| std::fs::remove_dir_all(workspace.join(folder)).expect("the dataset is removed"));
    restore();

    let mut dice = super::made::Dice::new(20_250_702);
    let (mut runs, mut killed, mut in_writing) = (0, 0, 0);
    let mut levels: BTreeMap<usize, u32> = BTreeMap::new();
    while killed < kills() {
        assert!(runs < 4 * kills() + 20, "only {killed} of {runs} runs were killed before they ended");
        let mut child = import();
        if runs % 2 == 0 {
            sleep(duration.mul_f64(dice.below(1_000_000) as f64 / 1e6));
        } else {
            while leftovers(&datasets).is_empty() && child.try_wait().expect("the program is watched").is_none() {
                sleep(Duration::from_micros(100));
            }
            sleep(Duration::from_micros(dice.below(40_000) as u64));
        }
        runs += 1;
        child.kill().expect("the program can be killed");
        killed += u32::from(!child.wait().expect("the program ends").success());
        let left = leftovers(&datasets);
        let there: BTreeSet<&PathBuf> = new.iter().filter(|folder| workspace.join(folder).exists()).collect();
        in_writing += u32::from(!left.is_empty() || (1..4).contains(&there.len()));
        let whole: BTreeMap<_, _> = after.iter().filter(|(path, _)| path.parent().is_some_and(|folder| !new.contains(folder) || there.iter().any(|t| *t == folder))).map(|(path, bytes)| (path.clone(), bytes.clone())).collect();
        assert!(standing(workspace) == whole, "after run {runs} a dataset is there in part, or something else changed: {there:?}");
        if runs % 10 == 1 {
            assert_eq!(run(workspace, &["check"]).status.code(), Some(0), "{there:?}");
            finish(import());
            assert!(standing(workspace) == after, "the same command completes the levels");
        }
        *levels.entry(there.len()).or_default() += 1;
        for folder in left.into_iter().filter(|folder| folder.exists()) {
            std::fs::remove_dir_all(folder).expect("what a killed run left can be removed");
        }
        restore();
    }
    println!("{killed} of {runs} imports of boundaries killed, {in_writing} of them while writing; runs by datasets that were there: {levels:?}");
    finish(import());
    assert!(standing(workspace) == after);
    assert!(leftovers(&datasets).is_empty());
}
