//! What editions foretold: a file that is only appended to, each row sealed with the one before it.
//!
//! | step | module |
//! |---|---|
//! | a row, and its line | here |
//! | sealing rows, and finding the first one that does not fit | `chain` |

mod chain;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use chain::{HEADER, read};

use crate::diagnostics::Diagnostics;
use crate::text::{Day, Month};
use crate::workspace::{FORECASTS, Workspace};

/// What an edition foretold of a unit and month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Foretold {
    pub edition: Day,
    pub unit: String,
    /// Months from the edition's to the one foretold.
    pub horizon: u32,
    /// The month foretold, `yyyy-mm`.
    #[serde(with = "chain::written_month")]
    #[schemars(with = "String")]
    pub month: Month,
    /// Of at least one deadly event in the month.
    pub probability: f64,
    /// The number of deadly events lies from `low` to `high` with 90 %.
    pub low: u32,
    pub high: u32,
    /// Share of the unit's last 36 known months with a deadly event: what anybody could have said.
    pub base_rate: f64,
    /// The last month that was known, `yyyy-mm`.
    #[serde(with = "chain::written_month")]
    #[schemars(with = "String")]
    pub known_to: Month,
    /// Datasets that it stood on, each with its latest release by then.
    pub known_from: String,
}

impl Foretold {
    /// Edition, unit and horizon: `2025-07-31:ML-1:3`.
    pub fn id(&self) -> String {
        format!("{}:{}:{}", self.edition, self.unit, self.horizon)
    }
}

/// The rows that were written so far, in the order of writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    pub rows: Vec<Foretold>,
    /// The file as it stands, without its header.
    lines: Vec<String>,
    /// Hash of each row.
    hashes: Vec<String>,
}

impl Log {
    /// Lines that a file must hold to have these rows as well: all old ones, then the new ones, sealed.
    ///
    /// An edition is written once: if the log has a row of it, nothing is added.
    pub fn with(&self, rows: &[Foretold]) -> Vec<String> {
        let mut lines = self.lines.clone();
        if rows.first().is_some_and(|new| self.rows.iter().all(|old| old.edition != new.edition)) {
            chain::seal(self.hashes.last(), rows, &mut lines);
        }
        lines
    }

    /// What editions before a day foretold.
    pub fn before(&self, day: Day) -> impl Iterator<Item = &Foretold> {
        self.rows.iter().filter(move |row| row.edition < day)
    }

    /// Hash of the last row of an edition before a day: whoever keeps it can tell whether any row up to there was changed.
    pub fn seal_before(&self, day: Day) -> Option<&str> {
        let last = self.rows.iter().rposition(|row| row.edition < day)?;
        self.hashes.get(last).map(String::as_str)
    }
}

/// Reads the log of a workspace; an empty one where it has none.
pub fn load(workspace: &Workspace, problems: &mut Diagnostics) -> Log {
    workspace.files.get(FORECASTS).map(|bytes| read(FORECASTS, bytes, problems)).unwrap_or_default()
}
