//! What the targets have in common: a workspace of units alone, and an import into it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::date;
use tukhum::datasets::{Datasets, Resolver};
use tukhum::diagnostics::Diagnostics;
use tukhum::import::{Layout, Release, import, source};
use tukhum::workspace::Workspace;

static DATA: LazyLock<(Datasets, Resolver)> = LazyLock::new(|| {
    let mut workspace = Workspace::bundled();
    workspace.files.retain(|path, _| ["datasets/units/", "datasets/boundaries/"].iter().any(|folder| path.starts_with(folder)));
    let data = Datasets::load(&workspace, &mut Diagnostics::default());
    let resolver = Resolver::new(&data);
    (data, resolver)
});

/// Imports bytes as an event file, in a layout that is given or found.
pub fn events(bytes: &[u8], layout: Option<Layout>) {
    let release = Release { dataset: "made".into(), release: "1".into(), published: date(2025, 1, 1), areas: vec![], from: None, to: None, precedence: 0 };
    let (data, resolver) = &*DATA;
    let Ok(records) = source::read("made", bytes) else { return };
    let Ok(layout) = layout.map_or_else(|| Layout::recognise(&records), Ok) else { return drop(Layout::guess(&records)) };
    match import(&[("made".into(), bytes.to_vec())], Some(&layout), &release, &BTreeMap::new(), data, resolver) {
        Ok(imported) => drop(imported.account.text()),
        Err(problems) => drop(problems.render(true)),
    }
}
