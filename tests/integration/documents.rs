//! README and schemas are current.

use std::path::Path;

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
