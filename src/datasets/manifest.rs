//! The mirror of `datasets/*/manifest.toml`: what a table holds, where it comes from, and when it became known.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Day, Month};

/// What kind of source a dataset is; it decides what may be computed from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Holds every case that meets its definition in its coverage: rates may be computed, no row means zero.
    Exhaustive,
    /// Holds cases that somebody noted: presence only ("at least"), never a rate; no row means nothing.
    Ledger,
    /// Units, geometry, names, population.
    Reference,
}

/// Which table the program takes a dataset for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    Units,
    Aliases,
    Boundaries,
    Borders,
    Crossings,
    Places,
    /// Event rows of an exhaustive source, one row per release and event.
    Events,
    /// Events and deaths per area and month of an exhaustive source.
    Counts,
    /// One figure per release, unit, variable and period: what is known of a unit and is no event.
    Figures,
    LedgerEvents,
    Claims,
    Facts,
    Trade,
    Documents,
}

/// Type of the cells of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CellType {
    Text,
    Integer,
    Number,
    /// `yyyy-mm-dd`
    Date,
    /// `true` or `false`
    Boolean,
}

/// A dataset: one folder with this manifest and one table.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Manifest of a tukhum dataset")]
pub struct Manifest {
    /// Name of the dataset; the same as its folder.
    pub id: String,
    pub title: String,
    /// Which of the program's tables this is.
    pub shape: Shape,
    /// Administrative level of units and boundaries: 0 countries, 1 regions, 2 and 3 what lies in them; 1 if not given.
    pub level: Option<u8>,
    /// File name of the table in the same folder: CSV, Parquet or GeoJSON.
    pub table: String,
    /// SHA-256 of the table file, in lower-case hexadecimal digits.
    pub sha256: String,
    /// What one row is.
    pub row: String,
    pub kind: Kind,
    pub licence: String,
    /// How the publisher asks to be cited.
    pub citation: String,
    /// Where it was taken from, with version and address.
    pub source: String,
    /// Gaps, doubts, what was changed.
    #[serde(default)]
    pub notes: String,
    /// Among exhaustive sources that cover the same unit and month the lowest number is used; they are never summed.
    /// Of tables of units of the same country and level likewise; there 0 if not given.
    pub precedence: Option<u32>,
    /// Column with the day on which each row became known. Without it, `published` of the row's release holds.
    pub vintage_column: Option<String>,
    /// What each release covers, and when it was published.
    #[serde(default)]
    pub coverage: Vec<Coverage>,
    /// The columns, in the order of the table.
    #[serde(default)]
    pub column: Vec<Column>,
}

impl Manifest {
    /// The newest release that covers a country and month.
    pub fn newest(&self, country: &str, month: Month) -> Option<&Coverage> {
        self.coverage.iter().filter(|c| c.holds(country, month)).max_by_key(|c| (c.published, &c.release))
    }
}

/// The area and time that one release covers in full.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Name of the release, as in the table's `release` column if there is one.
    pub release: String,
    /// The vintage: the day on which the release became known.
    pub published: Day,
    /// Countries, ISO 3166-1 alpha-3.
    #[serde(default)]
    pub areas: Vec<String>,
    pub from: Option<Day>,
    pub to: Option<Day>,
}

impl Coverage {
    /// Whether the release covers a country in the whole of a month.
    pub fn holds(&self, country: &str, month: Month) -> bool {
        self.from.is_none_or(|from| from.0 <= month.first_day())
            && self.to.is_none_or(|to| to.0 >= month.last_day())
            && self.areas.iter().any(|a| a == country)
    }
}

/// A column with its meaning and the rules that its cells keep.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub cells: CellType,
    pub meaning: String,
    /// Unit of measurement.
    pub unit: Option<String>,
    /// No cell is empty.
    #[serde(default)]
    pub required: bool,
    /// No value occurs twice.
    #[serde(default)]
    pub unique: bool,
    pub minimum: Option<f64>,
    pub maximum: Option<f64>,
    /// The only values allowed.
    pub one_of: Option<Vec<String>>,
    /// A cell holds several values, separated by `;`.
    #[serde(default)]
    pub list: bool,
    /// This number is not above the one in the column named.
    pub not_above: Option<String>,
    /// No date before this one.
    pub earliest: Option<Day>,
    /// This date is not later than the one in the column named.
    pub not_after: Option<String>,
}
