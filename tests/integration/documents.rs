//! README and schemas are current, and every page of the documentation leads somewhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::package;

#[test]
fn schemas_are_current() {
    for (name, text) in tukhum::schemas::all() {
        let committed = std::fs::read_to_string(package().join("docs/schemas").join(name)).unwrap_or_default();
        assert!(committed == text, "docs/schemas/{name} is old: take it from a folder that `tukhum init` wrote");
    }
}

/// Every line between the marks of the README stands in the report it names, in the same order.
#[test]
fn the_readme_shows_a_real_excerpt() {
    let readme = std::fs::read_to_string(package().join("README.md")).expect("README");
    let (_, rest) = readme.split_once("<!-- excerpt of ").expect("an excerpt");
    let (path, rest) = rest.split_once(" -->").expect("the excerpt's report");
    let (excerpt, _) = rest.split_once("<!-- end of excerpt -->").expect("the excerpt's end");
    let report = std::fs::read_to_string(package().join(path)).expect("the excerpt's report");
    let mut lines = report.lines();
    let wanted: Vec<&str> = excerpt.lines().filter(|l| !l.is_empty()).collect();
    assert!(wanted.len() >= 8);
    for line in wanted {
        assert!(lines.any(|l| l == line), "not in {path}: {line}");
    }
}

#[test]
fn schema_lines_lead_to_schemas() {
    fn walk(folder: &Path, check: &mut dyn FnMut(&Path)) {
        for entry in std::fs::read_dir(folder).expect("the folder is read") {
            let path = entry.expect("the folder is read").path();
            if path.is_dir() { walk(&path, check) } else { check(&path) }
        }
    }
    let mut seen = 0;
    let mut check = |path: &Path| {
        if path.extension().is_some_and(|e| e == "toml") {
            let text = std::fs::read_to_string(path).expect("the file is read");
            let schema = text.lines().next().and_then(|l| l.strip_prefix("#:schema ")).unwrap_or_else(|| panic!("{}", path.display()));
            let target = path.parent().expect("a folder").join(schema);
            assert!(target.exists(), "{}: {schema}", path.display());
            seen += 1;
        }
    };
    walk(&package().join("indicators"), &mut check);
    walk(&package().join("datasets"), &mut check);
    assert!(seen > 80);
}

/// Where the links and pictures of a page lead, as written.
fn links(markdown: &str) -> Vec<&str> {
    let mut code = false;
    let prose = markdown.lines().filter(|line| {
        code ^= line.starts_with("```");
        !code
    });
    prose.flat_map(|line| line.split("](").skip(1)).filter_map(|rest| Some(rest.split_once(')')?.0)).collect()
}

/// A heading as an address has it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    kept.chars().filter(|c| c.is_alphanumeric() || "- _".contains(*c)).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Every link between files of the repository has its file and heading, and every page of `docs` is linked from the contents.
#[test]
fn links_lead_somewhere_and_every_page_is_listed() {
    let docs = package().join("docs");
    let all: BTreeSet<PathBuf> = std::fs::read_dir(&docs).expect("docs").map(|e| e.expect("docs").path()).filter(|p| p.extension().is_some_and(|e| e == "md")).collect();
    let pages = all.iter().cloned().chain(["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(|name| package().join(name)));
    let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut broken = Vec::new();
    let mut listed = BTreeSet::from([docs.join("README.md")]);
    for page in pages {
        for link in links(&read(&page)).into_iter().filter(|l| !l.contains("://")) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.parent().expect("a folder").join(file) };
            let there = target.exists() && (heading.is_empty() || read(&target).lines().any(|l| l.starts_with('#') && anchor(l.trim_start_matches('#')) == heading));
            if !there {
                broken.push(format!("{}: {link}", page.display()));
            }
            if page == docs.join("README.md") {
                listed.insert(target);
            }
        }
    }
    broken.extend(all.difference(&listed).map(|page| format!("{} is not in the contents", page.display())));
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
