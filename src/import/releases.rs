//! What all imports share: releases as vintages, the files that they came from, the folder of a dataset.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::Imported;
use super::source::Records;
use crate::datasets::{Coverage, Manifest, sha256};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};

/// What the caller says of the files.
#[derive(Clone, Debug)]
pub struct Release {
    /// Dataset, which is also its folder.
    pub dataset: String,
    pub release: String,
    /// The day on which the release became known.
    pub published: Date,
    /// Countries that the release covers in full; if none are given, those that it has rows of.
    pub areas: Vec<String>,
    /// First and last day that it covers; if not given, from the first month with a row to the last.
    pub from: Option<Date>,
    pub to: Option<Date>,
    /// Among exhaustive sources of the same area and time the lowest number is used.
    pub precedence: u32,
}

/// The files that releases came from.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Origins {
    #[serde(default)]
    import: Vec<Origin>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Origin {
    release: String,
    file: String,
    sha256: String,
}

const ORIGINS: &str = "origins.toml";
const REFUSED: &str = "refused.csv";

/// An import of a release that may go on.
pub struct Begun<'a> {
    before: &'a BTreeMap<String, String>,
    origins: Origins,
    /// What the releases before cover.
    earlier: Vec<Coverage>,
}

/// What an import leaves in the dataset.
pub struct Kept<'a> {
    /// Name of the table's file.
    pub table: &'a str,
    /// The manifest from `id` to `notes`.
    pub head: String,
    pub covered: Coverage,
    /// Whether each row has the day on which it became known; if not, its release has.
    pub vintages: bool,
    /// The manifest's columns.
    pub columns: &'a str,
}

impl<'a> Begun<'a> {
    /// Checks the release against those that the dataset has. None if it is there already, from the same
    /// bytes (then `problems` stays empty), or may not be added.
    pub fn new(files: &[&Records], release: &Release, before: &'a BTreeMap<String, String>, problems: &mut Diagnostics) -> Option<Self> {
        let mut origins: Origins = before.get(ORIGINS).and_then(|text| toml::from_str(text).ok()).unwrap_or_default();
        let own: Vec<Origin> =
            files.iter().map(|r| Origin { release: release.release.clone(), file: name_of(&r.path), sha256: r.sha256.clone() }).collect();
        let earlier: Vec<Origin> = origins.import.iter().filter(|o| o.release == release.release).cloned().collect();
        if !earlier.is_empty() {
            let hashes = |list: &[Origin]| list.iter().map(|o| o.sha256.clone()).collect::<BTreeSet<_>>();
            if hashes(&earlier) != hashes(&own) {
                problems.push(
                    Diagnostic::error("release-known", format!("`{}` has the release {} from other files", release.dataset, release.release), Place::Argument)
                        .rule("a release is imported once, all its files together")
                        .help("give the new files their own --release, or another dataset with --as"),
                );
            }
            return None;
        }
        origins.import.extend(own);
        let earlier = before.get("manifest.toml").map(|text| coverage(text, problems)).unwrap_or_default();
        if let Some(newest) = earlier.iter().max_by_key(|c| c.published).filter(|c| c.published.0 > release.published) {
            problems.push(
                Diagnostic::error("older-release", format!("{} was published after {}", newest.release, release.published), Place::Argument)
                    .rule("releases of a dataset are imported in the order in which they became known")
                    .help("import the older one first, into a new dataset"),
            );
        }
        Some(Self { before, origins, earlier })
    }

    /// What the releases before cover.
    pub fn earlier(&self) -> &[Coverage] {
        &self.earlier
    }

    /// The files of the dataset after the import.
    pub fn finish(self, kept: Kept<'_>, table: String, refused: String, account: String) -> Imported {
        let sources: Vec<String> = self.origins.import.iter().map(|o| format!("{} ({})", o.file, o.release)).collect();
        let mut manifest = format!("{}sha256 = \"{}\"\nsource = {}\n{}", kept.head, sha256(table.as_bytes()), quoted(&sources.join("; ")), if kept.vintages { "vintage_column = \"published\"\n" } else { "" });
        for c in self.earlier.iter().chain([&kept.covered]) {
            let areas: Vec<String> = c.areas.iter().map(|a| quoted(a)).collect();
            manifest.push_str(&format!("\n[[coverage]]\nrelease = {}\npublished = {}\nareas = [{}]\n", quoted(&c.release), c.published, areas.join(", ")));
            for (key, day) in [("from", c.from), ("to", c.to)] {
                if let Some(day) = day {
                    manifest.push_str(&format!("{key} = {day}\n"));
                }
            }
        }
        manifest.push('\n');
        manifest.push_str(kept.columns);
        let mut files = self.before.clone();
        files.insert("manifest.toml".into(), manifest);
        files.insert(kept.table.into(), table);
        files.insert(ORIGINS.into(), origins_text(&self.origins));
        files.insert(REFUSED.into(), refused);
        // What a user imports is not for a repository, unless she decides so.
        files.insert(".gitignore".into(), "*\n".into());
        Imported { files, account, known: false }
    }
}

/// The rows of a dataset's table before the import.
pub fn rows<T: DeserializeOwned>(before: &BTreeMap<String, String>, table: &str, problems: &mut Diagnostics) -> Vec<T> {
    let Some(text) = before.get(table) else { return Vec::new() };
    let mut rows = Vec::new();
    for row in csv::Reader::from_reader(text.as_bytes()).deserialize() {
        match row {
            Ok(row) => rows.push(row),
            Err(error) => {
                problems.push(
                    Diagnostic::error("unreadable", format!("{table} of the dataset cannot be read: {error}"), Place::Argument)
                        .rule("an imported table is left as it was written")
                        .help("restore it, or import into a new dataset with --as"),
                );
                break;
            }
        }
    }
    rows
}

/// What a writer holds.
pub fn written(writer: csv::Writer<Vec<u8>>) -> String {
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

pub fn name_of(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()
}

pub fn lost(why: &str) -> Diagnostics {
    let mut problems = Diagnostics::default();
    problems.push(Diagnostic::error("output", why.to_owned(), Place::Argument).rule("rows can be written").help("this is a defect of the program; please report it"));
    problems
}

fn coverage(text: &str, problems: &mut Diagnostics) -> Vec<Coverage> {
    crate::toml_file::read::<Manifest>("manifest.toml", text.as_bytes(), problems).map(|(m, _)| m.coverage).unwrap_or_default()
}

/// A TOML basic string. JSON's escapes are TOML's, but for DEL.
pub fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default().replace('\u{7f}', "\\u007F")
}

fn origins_text(origins: &Origins) -> String {
    let mut out = String::from("# The files that the releases came from.\n");
    for o in &origins.import {
        out.push_str(&format!("\n[[import]]\nrelease = {}\nfile = {}\nsha256 = {}\n", quoted(&o.release), quoted(&o.file), quoted(&o.sha256)));
    }
    out
}
