//! What the targets have in common: a workspace of units alone, and an import into it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::date;
use tukhum::datasets::{Datasets, Resolver};
use tukhum::diagnostics::Diagnostics;
use tukhum::import::source::{Format, Options};
use tukhum::import::{Layout, Mapping, Plan, Release, boundaries, counts, figures, import, plan, source, wanted};
use tukhum::workspace::Workspace;

static DATA: LazyLock<(Datasets, Resolver)> = LazyLock::new(|| {
    let mut workspace = Workspace::bundled();
    workspace.files.retain(|path, _| ["datasets/units/", "datasets/boundaries/"].iter().any(|folder| path.starts_with(folder)));
    let data = Datasets::load(&workspace, &mut Diagnostics::default());
    let resolver = Resolver::new(&data);
    (data, resolver)
});

#[path = "../../tests/integration/packed.rs"]
#[allow(dead_code)]
mod packed;

/// What TUKHUM_FORMAT names.
pub static FORMAT: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("TUKHUM_FORMAT").ok());

/// The file around bytes that are a part of one, if the format is kept in an archive: what is random inside it is
/// read, and not stopped by a checksum.
pub fn file(bytes: &[u8]) -> Vec<u8> {
    match FORMAT.as_deref() {
        Some("sheet") => packed::workbook(bytes),
        Some("content") => packed::ods(bytes),
        Some("shapes") => {
            let (length, rest) = bytes.split_first_chunk().map_or((0, bytes), |(length, rest)| (u32::from_le_bytes(*length) as usize, rest));
            let (shp, dbf) = rest.split_at(length.min(rest.len()));
            packed::shapefile(shp, dbf)
        }
        _ => bytes.to_vec(),
    }
}

/// Imports bytes as a table in a format, or in the one that its bytes say; with a mapping if one is given.
pub fn table(bytes: &[u8], format: Option<Format>, mapping: Option<Mapping>) {
    let release = Release { dataset: "made".into(), release: "1".into(), published: date(2025, 1, 1), areas: vec![], from: None, to: None, precedence: 0 };
    let (data, resolver) = &*DATA;
    let before = BTreeMap::new();
    let Ok(records) = source::read("made", bytes, &Options { format, sheet: None, wanted: &wanted }) else { return };
    drop(Layout::guess(&records));
    let imported = match plan(vec![records], mapping.as_ref()) {
        Ok(Plan::Events(files)) => import(&files, &release, &before, data, resolver),
        Ok(Plan::Counts(files)) => counts::import(&files, &release, &before, data, resolver),
        Ok(Plan::Figures(files)) => figures::import(&files, &release, &before, data, resolver),
        Err(problems) => Err(problems),
    };
    if let Err(problems) = imported {
        drop(problems.render(true));
    }
}

/// Imports bytes as boundaries.
pub fn areas(bytes: &[u8]) {
    let (data, resolver) = &*DATA;
    let request = boundaries::Request { name: Some("made".into()), level: None, published: Some(date(2025, 1, 1)), precedence: 10 };
    match boundaries::import(&[("made".into(), bytes.to_vec())], &request, data, resolver) {
        Ok(pairs) => pairs.iter().for_each(|pair| drop(pair.account.text(20))),
        Err(problems) => drop(problems.render(true)),
    }
}
