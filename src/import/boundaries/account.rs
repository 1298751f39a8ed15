//! What an import of boundaries did, for the reader: every feature is accounted for.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::rings::Repair;
use crate::diagnostics::visible;

/// The account of one layer.
#[derive(Debug, Default)]
pub struct Account {
    pub read: usize,
    pub kept: usize,
    /// Units of which anything was repaired.
    pub mended: usize,
    /// By what was done: names of the units.
    pub repaired: BTreeMap<Repair, Vec<String>>,
    /// By reason: names of the units.
    pub refused: BTreeMap<String, Vec<String>>,
    /// Columns that were read.
    pub columns: Vec<String>,
    /// West, south, east, north in degrees.
    pub bounds: Option<[f64; 4]>,
    /// How units below the first level found the region that they lie in; none for the first level.
    pub regions: Option<Regions>,
    pub notes: Vec<String>,
}

/// How units were given their region.
#[derive(Debug, Default)]
pub struct Regions {
    pub by_code: usize,
    pub by_name: usize,
    pub by_place: usize,
    /// Units whose file says one region by its code and another by its name; their place decides.
    pub torn: Vec<String>,
    /// Units without one: name, and the region that the file names.
    pub nowhere: Vec<(String, Option<String>)>,
}

impl Account {
    /// The account in words; of many repaired units `most` are named.
    pub fn text(&self, most: usize) -> String {
        let mut out = String::new();
        let total = |lists: Vec<&Vec<String>>| lists.into_iter().map(Vec::len).sum::<usize>();
        let _ = writeln!(out, "features read   {:>8}", self.read);
        let _ = writeln!(out, "  kept          {:>8}", self.kept);
        let _ = writeln!(out, "  repaired      {:>8}", self.mended);
        for (repair, names) in &self.repaired {
            let _ = writeln!(out, "    {:>8}  {}: {}", names.len(), repair.text(), if names.len() == self.kept { "all".to_owned() } else { listed(names, most) });
        }
        let _ = writeln!(out, "  refused       {:>8}", total(self.refused.values().collect()));
        for (why, names) in &self.refused {
            let _ = writeln!(out, "    {:>8}  {why}: {}", names.len(), names.join(", "));
        }
        let _ = writeln!(out, "columns         {}", self.columns.join(", "));
        if let Some([west, south, east, north]) = self.bounds {
            let _ = writeln!(out, "box             longitude {west:.3} to {east:.3}, latitude {south:.3} to {north:.3}");
        }
        if let Some(regions) = &self.regions {
            let _ = writeln!(
                out,
                "regions         {} by code, {} by name, {} by place, {} without",
                regions.by_code,
                regions.by_name,
                regions.by_place,
                regions.nowhere.len()
            );
            if !regions.torn.is_empty() {
                let _ = writeln!(out, "  code and name of the region differ, so the place decided: {}", regions.torn.join(", "));
            }
            for (name, region) in &regions.nowhere {
                let _ = writeln!(out, "  without a region of this workspace: {name}{}", region.as_ref().map(|r| format!(" (the file says {r})")).unwrap_or_default());
            }
        }
        for note in &self.notes {
            let _ = writeln!(out, "note            {note}");
        }
        // Names of the file are in it.
        visible(&out).into_owned()
    }
}

fn listed(names: &[String], most: usize) -> String {
    match names.len().checked_sub(most) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names.get(..most).unwrap_or_default().join(", ")),
    }
}
