//! Killed at any moment, the program leaves the old edition or the new one, whole.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::support::{Draft, contents, program, run};

/// Kills spread over the time that a run takes.
const KILLS: u32 = 40;

fn edition(folder: &std::path::Path) -> BTreeMap<PathBuf, Vec<u8>> {
    contents(&folder.join("reports/2024-12-31"))
}

#[test]
fn a_kill_leaves_a_whole_edition() {
    let folder = tempfile::tempdir().expect("a folder");
    Draft::small().write(folder.path());
    let report = |seed: &'static str| ["report", "--as-of", "2024-12-31", "--seed", seed];
    let started = Instant::now();
    assert!(run(folder.path(), &report("1")).status.success());
    let took = started.elapsed();
    let first = edition(folder.path());
    assert!(run(folder.path(), &report("2")).status.success());
    let second = edition(folder.path());
    assert_ne!(first, second, "the seed tells the editions apart");
    let mut seed = "1";
    let (mut old, mut new) = (0, 0);
    for kill in 0..KILLS {
        let mut child = program(folder.path())
            .args(report(seed))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program starts");
        // Half of the kills fall into the last tenth of the run, in which files are written.
        let share = if kill % 2 == 0 { f64::from(kill) / f64::from(KILLS) } else { 0.9 + 0.12 * f64::from(kill) / f64::from(KILLS) };
        std::thread::sleep(took.mul_f64(share).max(Duration::from_millis(1)));
        let _ = child.kill();
        let _ = child.wait();
        let now = edition(folder.path());
        assert!(now == first || now == second, "kill {kill}: the edition is torn");
        let arrived = if seed == "1" { now == first } else { now == second };
        if arrived {
            new += 1;
            seed = if seed == "1" { "2" } else { "1" };
        } else {
            old += 1;
        }
    }
    assert!(old > 0, "no kill came in time");
    println!("{KILLS} kills: {old} found the old edition, {new} the new one, none a torn one");
}
