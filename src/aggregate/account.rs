//! What became of the rows: each is counted, set aside or refused, by reason with the first places.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// So many places of a reason are shown.
const EXAMPLES: usize = 3;

/// A row of a file: number of the file, of the part of it that was read at once, and of the row in the part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    pub file: u32,
    pub part: u32,
    pub row: u64,
}

/// Rows by reason. The examples are the first in the order of the files, whoever came upon them.
#[derive(Clone, Debug, Default)]
pub struct Reasons(BTreeMap<String, (u64, Vec<At>)>);

impl Reasons {
    pub fn note(&mut self, why: &str, at: At) {
        if let Some((count, first)) = self.0.get_mut(why) {
            *count += 1;
            // Parts come to a thread in their order.
            if first.len() < EXAMPLES {
                first.push(at);
            }
            return;
        }
        self.0.insert(why.to_owned(), (1, vec![at]));
    }

    pub fn merge(&mut self, other: Self) {
        for (why, (count, first)) in other.0 {
            let own = self.0.entry(why).or_default();
            own.0 += count;
            own.1.extend(first);
            own.1.sort_unstable();
            own.1.truncate(EXAMPLES);
        }
    }

    pub fn total(&self) -> u64 {
        self.0.values().map(|(n, _)| n).sum()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, u64, &[At])> {
        self.0.iter().map(|(why, (n, first))| (why.as_str(), *n, first.as_slice()))
    }
}

/// The account of all rows.
#[derive(Clone, Debug, Default)]
pub struct Account {
    pub files: usize,
    pub read: u64,
    pub counted: u64,
    /// Rows, and where the first ones stand, by reason.
    pub aside: BTreeMap<String, (u64, Vec<String>)>,
    pub refused: BTreeMap<String, (u64, Vec<String>)>,
    /// Rows that were counted for their country and for no area.
    pub unplaced: u64,
    pub notes: Vec<String>,
}

impl Account {
    /// The account in words.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let total = |list: &BTreeMap<String, (u64, Vec<String>)>| list.values().map(|(n, _)| n).sum::<u64>();
        let _ = writeln!(out, "files           {:>11}", self.files);
        let _ = writeln!(out, "rows read       {:>11}", self.read);
        let _ = writeln!(out, "  counted       {:>11}  ({} of them in no area, for their country alone)", self.counted, self.unplaced);
        for (name, list) in [("set aside", &self.aside), ("refused", &self.refused)] {
            let _ = writeln!(out, "  {name:<14}{:>11}", total(list));
            for (why, (n, examples)) in list {
                let _ = writeln!(out, "    {n:>11}  {why}: {}", examples.join(", "));
            }
        }
        for note in &self.notes {
            let _ = writeln!(out, "note            {note}");
        }
        out
    }
}
