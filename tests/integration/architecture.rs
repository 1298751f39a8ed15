//! The layers: who may import whom, and what is absent everywhere.

use std::collections::{BTreeMap, BTreeSet};

/// Rooms and what each may import. A room may always import itself.
const ROOMS: &[(&str, &[&str])] = &[
    ("diagnostics", &[]),
    ("text", &[]),
    ("stats", &[]),
    ("index", &["stats"]),
    ("workspace", &["diagnostics"]),
    ("toml_file", &["diagnostics"]),
    ("geo", &[]),
    ("guarded", &[]),
    ("parquet", &[]),
    ("datasets", &["diagnostics", "geo", "guarded", "parquet", "text", "toml_file", "workspace"]),
    ("evidence", &["datasets", "geo", "text"]),
    ("measures", &["datasets", "evidence", "geo", "stats", "text"]),
    ("framework", &["datasets", "diagnostics", "index", "measures", "text", "toml_file", "workspace"]),
    ("rules", &["diagnostics", "framework", "text", "toml_file", "workspace"]),
    ("assessment", &["datasets", "diagnostics", "evidence", "framework", "geo", "measures", "stats", "text", "toml_file", "workspace"]),
    ("track_record", &["assessment", "diagnostics", "evidence", "framework", "measures", "text", "toml_file", "workspace"]),
    ("forecast_log", &["datasets", "diagnostics", "text", "workspace"]),
    ("edition", &["assessment", "datasets", "diagnostics", "evidence", "forecast_log", "framework", "index", "measures", "rules", "text", "toml_file", "track_record", "workspace"]),
    ("foresight", &["datasets", "diagnostics", "edition", "evidence", "forecast_log", "framework", "geo", "index", "stats", "text", "track_record"]),
    ("studies", &["datasets", "diagnostics", "edition", "evidence", "framework", "geo", "index", "measures", "stats", "text"]),
    ("report", &["assessment", "datasets", "edition", "evidence", "forecast_log", "foresight", "framework", "geo", "index", "measures", "rules", "stats", "studies", "text", "track_record"]),
    ("watch", &["assessment", "datasets", "diagnostics", "edition", "evidence", "framework", "geo", "measures", "rules", "stats", "text", "toml_file", "workspace"]),
    ("import", &["datasets", "diagnostics", "geo", "guarded", "text", "toml_file"]),
    ("aggregate", &["diagnostics", "geo", "guarded", "import", "parquet", "text"]),
    ("tables", &["diagnostics", "index", "toml_file"]),
    ("schemas", &["assessment", "datasets", "edition", "framework", "import", "report", "rules", "tables", "track_record", "watch"]),
    ("output", &[]),
    ("fetch", &["diagnostics", "output", "text"]),
    (
        "cli",
        &["aggregate", "assessment", "datasets", "diagnostics", "edition", "fetch", "forecast_log", "foresight", "framework", "geo", "import", "index", "output", "report", "rules", "schemas", "stats", "studies", "tables", "text", "toml_file", "track_record", "watch", "workspace"],
    ),
];

/// Words that may stand only in the rooms named.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("polars", &["aggregate", "datasets", "evidence", "parquet", "rules"]),
    ("std::fs", &["workspace", "output", "fetch", "cli"]),
    ("std::env", &["cli"]),
    ("SystemTime", &[]),
    // Only to tell a person how far a long run is.
    ("Instant", &["cli"]),
    ("Zoned::now", &[]),
    // Only to record when something was fetched.
    ("Timestamp::now", &["cli"]),
    // Typesetting is a form of the report, and behind a feature.
    ("typst", &["report"]),
    // The network belongs to one room.
    ("ureq", &["fetch"]),
    ("chrono", &[]),
    ("thread_rng", &[]),
    ("rand::rng", &[]),
    ("unsafe", &[]),
];

/// Rust source without comments, the insides of literals, and modules that only tests see.
fn code(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if c == '"' {
            out.push_str("\"\"");
            quoted(rest)
        } else if rest.starts_with("r#") || rest.starts_with("r\"") {
            // A raw text; `r#name` is a name.
            let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
            let end = format!("\"{}", "#".repeat(hashes));
            match rest[1 + hashes..].strip_prefix('"').and_then(|inner| inner.find(&end)) {
                Some(inner) if !out.ends_with(|c: char| c.is_alphanumeric() || c == '_') => 2 + hashes + inner + end.len(),
                _ => 0,
            }
        } else if c == '\'' {
            // A character; a lifetime has no second apostrophe.
            let inner = rest[1..].strip_prefix('\\').map_or(1, |_| 2);
            let after = rest[1..].char_indices().nth(inner).map_or(rest.len(), |(i, _)| i + 1);
            if rest[after..].starts_with('\'') { after + 1 } else { 0 }
        } else {
            0
        };
        if skipped == 0 {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            out.push(' ');
            rest = &rest[skipped..];
        }
    }
    without_tests(&out)
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// Length of a text in quotes.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return i + 1,
            _ => {}
        }
    }
    text.len()
}

/// Tests inside a room may look wherever they like: the item after `#[cfg(test)]` does not count.
fn without_tests(code: &str) -> String {
    let mut parts = code.split("#[cfg(test)]");
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let mut depth = 0;
        let end = part.char_indices().find(|(_, c)| {
            depth += i32::from(*c == '{') - i32::from(*c == '}');
            depth == 0 && matches!(c, '}' | ';')
        });
        out.push_str(end.map_or("", |(i, _)| &part[i + 1..]));
    }
    out
}

/// Rooms that a file of `src` names from the crate's root, also in groups: `crate::{a, b::{c, d}}`.
fn imports(path: &str, code: &str) -> BTreeSet<String> {
    // From src/room/file.rs the root is `super::super`, from src/room.rs and src/room/mod.rs `super`.
    let depth = path.trim_end_matches("/mod.rs").split('/').count();
    let above = "super::".repeat(depth);
    let mut found = BTreeSet::new();
    for root in ["crate::", above.as_str()] {
        for (at, _) in code.match_indices(root) {
            if !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                found.extend(heads(&code[at + root.len()..]));
            }
        }
    }
    found.retain(|room| ROOMS.iter().any(|(known, _)| known == room));
    found
}

/// First names of a path, or of each path of a group in braces.
fn heads(path: &str) -> Vec<String> {
    let name = |s: &str| s.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (i, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                found.push(name(&group[start..i]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(name(&group[start..i]));
                start = i + 1;
            }
            _ => {}
        }
    }
    found
}

/// Whether a word or path stands in a text by itself.
fn uses(code: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let alone = code.match_indices(word).any(|(at, _)| !code[..at].ends_with(part) && !code[at + word.len()..].starts_with(part));
    // `std::{fs, io}` is `std::fs` as well.
    let in_group = word.split_once("::").is_some_and(|(root, item)| {
        let groups = code.match_indices(&format!("{root}::{{")).map(|(at, found)| at + found.len() - 1).collect::<Vec<_>>();
        groups.into_iter().any(|at| heads(&code[at..]).iter().any(|head| head == item))
    });
    alone || in_group
}

/// What is wrong with a file of `src`.
fn problems(path: &str, text: &str) -> Vec<String> {
    let room = path.split('/').next().unwrap_or("").trim_end_matches(".rs");
    let allowed = ROOMS.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed);
    let Some(allowed) = allowed else { return vec![format!("the room `{room}` is not in the table of the layers")] };
    let code = code(text);
    let mut found: Vec<String> = imports(path, &code)
        .into_iter()
        .filter(|import| import != room && !allowed.contains(&import.as_str()))
        .map(|import| format!("`{room}` imports `{import}`"))
        .collect();
    for (word, rooms) in ONLY_IN {
        if uses(&code, word) && !rooms.contains(&room) {
            found.push(format!("`{room}` uses `{word}`"));
        }
    }
    found
}

/// Files of `src` by path, without the two that only put the rooms together.
fn sources() -> BTreeMap<String, String> {
    let files = crate::support::contents(&crate::support::package().join("src"));
    files
        .into_iter()
        .map(|(path, bytes)| (path.to_string_lossy().replace('\\', "/"), bytes))
        .filter(|(path, _)| path.ends_with(".rs") && !["main.rs", "lib.rs"].contains(&path.as_str()))
        .map(|(path, bytes)| (path, String::from_utf8(bytes).expect("source is UTF-8")))
        .collect()
}

#[test]
fn rooms_import_only_what_lies_before_them() {
    let files = sources();
    for (room, _) in ROOMS {
        assert!(files.keys().any(|path| path.starts_with(&format!("{room}/")) || *path == format!("{room}.rs")), "there is no room `{room}`");
    }
    let all: Vec<String> = files.iter().flat_map(|(path, text)| problems(path, text).into_iter().map(move |p| format!("{path}: {p}"))).collect();
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn a_forbidden_import_is_refused() {
    assert_eq!(problems("stats/a.rs", "use crate::datasets::Point;"), ["`stats` imports `datasets`"]);
    assert_eq!(problems("geo/mod.rs", "use crate::{stats::{checks, decay}, report};"), ["`geo` imports `report`", "`geo` imports `stats`"]);
    assert_eq!(problems("stats/a.rs", "use super::super::edition::Edition;"), ["`stats` imports `edition`"]);
    assert_eq!(problems("stats/mod.rs", "use super::edition::Edition;"), ["`stats` imports `edition`"]);
    assert_eq!(problems("stats/a.rs", "use super::super::{edition::Edition, stats};"), ["`stats` imports `edition`"]);
    assert_eq!(problems("index/a.rs", "let x = polars::prelude::col(\"a\");"), ["`index` uses `polars`"]);
    assert_eq!(problems("report/a.rs", "std::fs::write(path, text)"), ["`report` uses `std::fs`"]);
    assert_eq!(problems("report/a.rs", "use std::{fs::File, io};"), ["`report` uses `std::fs`"]);
    assert_eq!(problems("measures/a.rs", "let now = std::time::Instant::now();"), ["`measures` uses `Instant`"]);
    assert_eq!(problems("stats/a.rs", "let url = \"https://a\"; use crate::report;"), ["`stats` imports `report`"], "code after a text counts");
    assert_eq!(problems("stats/a.rs", "#[cfg(test)]\nmod tests { use crate::report; }\nuse crate::cli;"), ["`stats` imports `cli`"], "code after tests counts");
    assert_eq!(problems("stats/a.rs", "#[cfg(test)]\nmod hostile;\nuse crate::cli;"), ["`stats` imports `cli`"]);
    assert_eq!(problems("attic.rs", ""), ["the room `attic` is not in the table of the layers"]);
}

#[test]
fn comments_texts_and_lifetimes_do_not_count() {
    for harmless in [
        "// use crate::datasets::Point;",
        "/* use crate::datasets::Point; /* nested */ polars */",
        "/// [`Edition`](crate::edition::Edition)\nfn f() {}",
        "let text = \"crate::datasets \\\" polars\";",
        "let text = r#\"crate::datasets \" polars\"#;",
        "let quote = '\"'; let other = '\\''; let text = \"polars\";",
        "fn f<'a>(x: &'a str) -> &'a str { x } // polars",
        "let mypolars = 1; let crate_ = 2;",
        "use crate::stats::checks;",
        "use super::checks;",
    ] {
        assert_eq!(problems("stats/a.rs", harmless), Vec::<String>::new(), "{harmless}");
    }
    assert!(uses(&code("fn f<'a>(x: &'a str) { polars::f(x, 'b') }"), "polars"), "code between lifetimes counts");
}
