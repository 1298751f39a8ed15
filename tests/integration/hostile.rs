//! Broken and hostile files: a diagnostic or an account, never a panic, in bounded time and memory, and nothing half done.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Output;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jiff::civil::date;
use tukhum::diagnostics::Diagnostics;
use tukhum::import::source::Options;
use tukhum::import::{Plan, Release, boundaries, counts, figures, import, plan, source, wanted};

use super::{broken_areas, broken_tables};
use super::made::{self, Dice, Made, Must, bombs, good_sheet, shaken};
use super::support::*;
use super::whole::{good_content, shapes_and_cells, whole};

/// One made file takes at most this, with other tests beside it and nothing optimised.
const LONGEST: Duration = Duration::from_secs(20);

/// The account of an import in memory, or why it is refused.
fn taken(name: &str, bytes: &[u8]) -> Result<String, String> {
    let release = Release { dataset: "made".into(), release: "1".into(), published: date(2025, 1, 1), areas: vec![], from: None, to: None, precedence: 0 };
    let (data, resolver) = (&SMALL_SOURCES.datasets, &SMALL_SOURCES.resolver);
    let many = |problems: Diagnostics| problems.render(false);
    if boundaries::recognise(bytes) {
        let request = boundaries::Request { name: Some("made".into()), level: None, published: Some(release.published), precedence: 10 };
        let pairs = boundaries::import(&[(name.to_owned(), bytes.to_vec())], &request, data, resolver).map_err(many)?;
        return Ok(pairs.iter().map(|pair| pair.account.text(20)).collect());
    }
    let records = source::read(name, bytes, &Options { format: None, sheet: None, wanted: &wanted }).map_err(|p| p.render(false))?;
    let imported = match plan(vec![records], None).map_err(many)? {
        Plan::Events(files) => import(&files, &release, &BTreeMap::new(), data, resolver),
        Plan::Counts(files) => counts::import(&files, &release, &BTreeMap::new(), data, resolver),
        Plan::Figures(files) => figures::import(&files, &release, &BTreeMap::new(), data, resolver),
    };
    imported.map(|imported| imported.account).map_err(many)
}

/// The same, when it may panic, and what is wrong with what it says.
fn judged(made: &Made) -> Result<(), String> {
    let started = Instant::now();
    let Ok(said) = catch_unwind(AssertUnwindSafe(|| taken(&made.name, &made.bytes))) else { return Err(format!("{}: panics", made.name)) };
    let wrong = |what: &str| Err(format!("{}: {what}, must {:?}:\n{}", made.name, made.must, said.as_ref().unwrap_or_else(|e| e)));
    if started.elapsed() > LONGEST {
        return wrong(&format!("takes {:?}", started.elapsed()));
    }
    let text = said.as_ref().unwrap_or_else(|e| e);
    if let Some(odd) = text.chars().find(|c| changes_the_screen(*c)) {
        return wrong(&format!("shows {odd:?}"));
    }
    match (made.must, &said) {
        (Must::Survive, _) => Ok(()),
        (Must::Refuse, Err(text)) if text.contains("error[") && text.contains("= rule: ") && text.contains("= help: ") => Ok(()),
        (Must::Say(words), Ok(account)) if account.contains(words) => Ok(()),
        (Must::SetOneAside, Ok(account)) if account.contains("set aside            1") != account.contains("refused              1") => Ok(()),
        _ => wrong("is not what it should be"),
    }
}

/// Characters that make a terminal show something else than what stands there.
fn changes_the_screen(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Judges files on threads of their own: a worker of rayon that waits for polars takes up the next file on the same stack.
fn all_well(files: &[Made]) -> usize {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(made) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(why) = judged(made) {
                wrong.lock().expect("nobody panics with it").push(why);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().expect("nobody panics with it");
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), files.len(), wrong.iter().take(30).map(String::as_str).collect::<Vec<_>>().join("\n\n"));
    files.len()
}

/// All made files but the large ones.
fn corpus() -> Vec<Made> {
    [made::corpus(), broken_tables::corpus(), broken_areas::corpus()].into_iter().flatten().collect()
}

/// Every made file becomes a diagnostic or an account that says what is wrong.
#[test]
fn the_corpus() {
    let files = corpus();
    let mut names: Vec<&str> = files.iter().map(|m| m.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), files.len(), "each file has a name of its own");
    assert!(files.len() >= 500, "{} files", files.len());
    println!("{} files", all_well(&files));
}

/// A file that ends too early, at every 64th byte.
#[test]
fn cut_files() {
    let mut cuts: Vec<Made> = Vec::new();
    for file in whole() {
        let ends = (0..file.bytes.len()).step_by(64);
        cuts.extend(ends.map(|end| Made { name: format!("cut-at-{end}-{}", file.name), bytes: (file.packed)(&file.bytes[..end]), must: Must::Survive }));
    }
    println!("{} files", all_well(&cuts));
}

/// Files with random changes, the same in every run.
#[test]
fn shaken_files() {
    let mut dice = Dice::new(20_250_701);
    let mut files: Vec<Made> = Vec::new();
    for file in whole() {
        files.extend((0..60).map(|i| Made { name: format!("shaken-{i}-{}", file.name), bytes: (file.packed)(&shaken(&file.bytes, &mut dice)), must: Must::Survive }));
    }
    println!("{} files", all_well(&files));
}

/// Runs an import with at most four GiB of address space.
fn bounded(folder: &Path, file: &str) -> Output {
    let program = program(folder);
    let line = format!("ulimit -v {}; exec \"$0\" \"$@\"", 4 << 20);
    let mut command = std::process::Command::new("sh");
    command.current_dir(folder).args(["-c", &line]).arg(program.get_program()).args(["import", file, "--published", "2025-01-01", "--as", "made"]);
    command.output().expect("the program starts")
}

/// Through the program: exit code 2 and the workspace byte for byte as it was, or an account and a workspace that is sound.
fn through_the_program(files: &[(&str, Vec<u8>)]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    Draft::tiny().write(folder.path());
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("the file is written");
        let before = contents(folder.path());
        let started = Instant::now();
        let output = bounded(folder.path(), name);
        let (took, told) = (started.elapsed(), stderr(&output));
        assert!(!told.contains("panicked") && !told.contains("memory allocation"), "{name}: {told}");
        assert!(took < 3 * LONGEST, "{name} takes {took:?}");
        match output.status.code() {
            Some(0) => {
                assert!(["rows read", "features read"].iter().any(|account| stdout(&output).contains(account)), "{name}: {}", stdout(&output));
                assert_eq!(run(folder.path(), &["check"]).status.code(), Some(0), "{name}");
                // Boundaries come with a dataset of units.
                for made in std::fs::read_dir(folder.path().join("datasets")).expect("datasets").flatten().filter(|e| e.file_name().to_string_lossy().starts_with("made")) {
                    std::fs::remove_dir_all(made.path()).expect("the dataset is removed");
                }
            }
            Some(2) => {
                assert!(told.contains("error["), "{name}: {told}");
                assert!(contents(folder.path()) == before, "{name} changes the workspace");
            }
            code => panic!("{name} ends with {code:?}: {told}"),
        }
        std::fs::remove_file(path).expect("the file is removed");
    }
}

/// Small files that become large: read within memory, or refused.
#[cfg(unix)]
#[test]
fn bombs_do_not_burst() {
    through_the_program(&bombs());
}

/// A sample of the corpus through the program.
#[cfg(unix)]
#[test]
fn a_sample_through_the_program() {
    let files = corpus();
    let sample: Vec<(&str, Vec<u8>)> = files.iter().step_by(12).map(|m| (m.name.as_str(), m.bytes.clone())).collect();
    through_the_program(&sample);
}

/// Writes the corpus where the fuzzer begins, a folder for each ending: `fuzz/run.sh` asks for it by `TUKHUM_SEEDS`.
#[test]
fn seeds() {
    let Some(folder) = std::env::var_os("TUKHUM_SEEDS") else { return println!("TUKHUM_SEEDS is not set: no seeds are written") };
    let packed = whole().into_iter().map(|w| (w.name.to_owned(), (w.packed)(&w.bytes)));
    // The parts that the fuzzer packs itself.
    let parts = [("good.sheet", good_sheet().into_bytes()), ("good.content", good_content().into_bytes()), ("good.shapes", shapes_and_cells())].map(|(name, bytes)| (name.to_owned(), bytes));
    let files = corpus().into_iter().map(|m| (m.name, m.bytes)).chain(packed).chain(parts);
    for (name, bytes) in files.filter(|(_, bytes)| bytes.len() < 65_536) {
        let folder = Path::new(&folder).join(name.rsplit('.').next().unwrap_or_default());
        std::fs::create_dir_all(&folder).expect("the folder is made");
        std::fs::write(folder.join(name), bytes).expect("the seed is written");
    }
}
