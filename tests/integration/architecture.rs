//! The layers: who may import whom, and what is absent everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Rooms and what each may import. A room may always import itself.
const ROOMS: &[(&str, &[&str])] = &[
    ("diagnostics", &[]),
    ("text", &[]),
    ("stats", &[]),
    ("index", &["stats"]),
    ("workspace", &["diagnostics"]),
    ("toml_file", &["diagnostics"]),
    ("geo", &["datasets"]),
    ("datasets", &["diagnostics", "geo", "text", "toml_file", "workspace"]),
    ("evidence", &["datasets", "geo", "text"]),
    ("measures", &["datasets", "evidence", "framework", "geo", "stats", "text"]),
    ("framework", &["datasets", "diagnostics", "index", "measures", "text", "toml_file", "workspace"]),
    ("rules", &["diagnostics", "framework", "text", "toml_file", "workspace"]),
    ("assessment", &["datasets", "diagnostics", "evidence", "framework", "geo", "measures", "stats", "text", "toml_file", "workspace"]),
    ("edition", &["assessment", "datasets", "diagnostics", "evidence", "framework", "index", "measures", "rules", "text", "toml_file", "workspace"]),
    ("report", &["datasets", "edition", "evidence", "framework", "geo", "index", "measures", "rules", "text"]),
    ("schemas", &["assessment", "datasets", "edition", "framework", "report", "rules"]),
    ("output", &[]),
    (
        "cli",
        &["assessment", "datasets", "diagnostics", "edition", "framework", "index", "output", "report", "rules", "schemas", "stats", "text", "workspace"],
    ),
];

/// Words that may stand only in the rooms named.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("polars", &["datasets", "evidence", "rules"]),
    ("std::fs", &["workspace", "output", "cli"]),
    ("std::env", &["cli"]),
    ("SystemTime", &[]),
    ("Instant::now", &[]),
    ("Zoned::now", &[]),
    ("thread_rng", &[]),
    ("rand::rng", &[]),
    ("unsafe ", &[]),
];

/// Source without comments, string literals left as they are.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// Rooms that a source text names with `crate::`, also in groups: `crate::{a, b::c}`.
fn imports(text: &str) -> BTreeSet<String> {
    let code = code(text);
    let mut found = BTreeSet::new();
    let name = |s: &str| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => {
                let inner = group.split('}').next().unwrap_or("");
                found.extend(inner.split(',').map(|part| name(part.trim())));
            }
            None => {
                found.insert(name(rest));
            }
        }
    }
    found.retain(|room| ROOMS.iter().any(|(known, _)| known == room));
    found
}

/// What is wrong with a source text of a room.
fn problems(room: &str, text: &str) -> Vec<String> {
    let allowed = ROOMS.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed);
    let Some(allowed) = allowed else { return vec![format!("the room `{room}` is not in the table of the layers")] };
    let mut found: Vec<String> = imports(text)
        .into_iter()
        .filter(|import| import != room && !allowed.contains(&import.as_str()))
        .map(|import| format!("`{room}` imports `{import}`"))
        .collect();
    let code = code(text);
    for (word, rooms) in ONLY_IN {
        if code.contains(word) && !rooms.contains(&room) {
            found.push(format!("`{room}` uses `{word}`"));
        }
    }
    found
}

fn sources() -> BTreeMap<String, Vec<(String, String)>> {
    fn walk(folder: &Path, out: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("src can be read") {
            let path = entry.expect("src can be read").path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    let mut rooms: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for path in paths {
        let inner = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
        let room = inner.split('/').next().unwrap_or("").trim_end_matches(".rs").to_owned();
        if matches!(room.as_str(), "main" | "lib") {
            continue;
        }
        // Tests inside a room may look wherever they like.
        let text = std::fs::read_to_string(&path).expect("src can be read");
        let text = text.split("#[cfg(test)]").next().unwrap_or("").to_owned();
        rooms.entry(room).or_default().push((inner, text));
    }
    rooms
}

#[test]
fn rooms_import_only_what_lies_before_them() {
    let rooms = sources();
    assert!(rooms.len() > 10, "the sources were found");
    let all: Vec<String> = rooms
        .iter()
        .flat_map(|(room, files)| {
            files.iter().flat_map(move |(path, text)| problems(room, text).into_iter().map(move |p| format!("{path}: {p}")))
        })
        .collect();
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn a_forbidden_import_is_refused() {
    assert_eq!(problems("stats", "use crate::datasets::Point;"), ["`stats` imports `datasets`"]);
    assert_eq!(problems("geo", "use crate::{datasets::Point, report};"), ["`geo` imports `report`"]);
    assert_eq!(problems("index", "let x = polars::prelude::col(\"a\");"), ["`index` uses `polars`"]);
    assert_eq!(problems("report", "std::fs::write(path, text)"), ["`report` uses `std::fs`"]);
    assert_eq!(problems("measures", "let now = std::time::Instant::now();"), ["`measures` uses `Instant::now`"]);
    assert_eq!(problems("attic", ""), ["the room `attic` is not in the table of the layers"]);
    assert!(problems("stats", "// use crate::datasets::Point;").is_empty(), "comments do not count");
}
