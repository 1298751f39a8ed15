//! The same inputs give the same bytes, whatever surrounds the program.

use std::path::Path;

use super::support::*;

/// Writes an edition into a new folder, and gives its files.
fn report(folder: &Path, surroundings: &[(&str, &str)]) -> Files {
    let out = tempfile::tempdir().expect("a temporary folder");
    let output = program(folder)
        .args(["report", "--as-of", &AFTER.to_string(), "--out"])
        .arg(out.path())
        .envs(surroundings.iter().copied())
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", stderr(&output));
    let files = contents(&out.path().join(AFTER.to_string()));
    Files(files.into_iter().map(|(name, bytes)| (name.display().to_string(), bytes)).collect())
}

/// One thread or two, another clock zone, another language, another folder: in an empty folder the copy
/// inside the program is read, in the package's folder the files on disk.
#[test]
fn surroundings_do_not_matter() {
    let empty = tempfile::tempdir().expect("a temporary folder");
    let one = [("POLARS_MAX_THREADS", "1"), ("RAYON_NUM_THREADS", "1"), ("TZ", "Pacific/Kiritimati"), ("LANG", "C"), ("COLUMNS", "20")];
    let two = [("POLARS_MAX_THREADS", "2"), ("RAYON_NUM_THREADS", "2"), ("TZ", "America/Bogota"), ("LANG", "ar_EG.UTF-8"), ("LC_ALL", "fr_FR.UTF-8")];
    let (first, second) = rayon::join(|| report(empty.path(), &one), || report(package(), &two));
    let here = &FILES[&AFTER];
    for (name, bytes) in &here.0 {
        assert!(first.0[name] == *bytes, "{name} differs with one thread in an empty folder");
        assert!(second.0[name] == *bytes, "{name} differs with two threads in the package's folder");
    }
    assert_eq!((first.0.len(), second.0.len()), (here.0.len(), here.0.len()));
}

/// The seed is an argument, and the edition names it.
#[test]
fn the_seed_is_named() {
    let text = &FILES[&AFTER]["edition.toml"];
    let table: toml::Table = toml::from_str(text).expect("edition.toml is TOML");
    assert_eq!(table["seed"].as_integer(), Some(SEED as i64));
    assert_eq!(table["as_of"].to_string(), AFTER.to_string());
    let inputs = table["inputs"].as_table().expect("it lists its inputs");
    for (path, hash) in inputs {
        let bytes = std::fs::read(package().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert_eq!(hash.as_str(), Some(tukhum::datasets::sha256(&bytes).as_str()), "{path} in edition.toml");
    }
    assert!(inputs.contains_key("datasets/ucdp_events/ucdp_events.csv") && inputs.contains_key("indicators/provinces/framework.toml"));
}

/// The copy inside the program is that of the folders `indicators` and `datasets`.
#[test]
fn the_bundled_workspace_is_current() {
    let inside = tukhum::workspace::Workspace::bundled().files;
    let outside = tukhum::workspace::Workspace::read(package()).expect("the package is a workspace").files;
    let names = |files: &std::collections::BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&inside), names(&outside), "files were added or removed since the program was built");
    let changed: Vec<_> = inside.iter().filter(|(path, bytes)| outside[*path] != **bytes).map(|(path, _)| path).collect();
    assert!(changed.is_empty(), "{changed:?} changed since the program was built");
}
