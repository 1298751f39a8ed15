//! What the columns of a table of figures mean: the mirror of a mapping TOML, and the layouts that come with the program.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::layout::Cells;
use super::super::source::Records;
use crate::diagnostics::Diagnostics;
use crate::toml_file;

/// How a table with figures of units becomes the program's; names of columns in any case, `name*` for all that begin so.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "Mapping of a table of figures")]
pub struct FigureLayout {
    pub title: String,
    /// Name of the dataset if none is given.
    pub name: String,
    pub licence: String,
    pub citation: String,
    /// A file that has all columns of one of these lists is in this layout.
    pub recognised_by: Vec<Vec<String>>,
    /// Columns that name the country, by ISO 3166-1 alpha-3 or name.
    pub country: Vec<String>,
    /// Columns that name the year that a figure is of.
    pub year: Vec<String>,
    /// Columns that name the day that a figure is of.
    pub date: Vec<String>,
    /// Levels of units that a row names, the smallest first.
    pub level: Vec<Level>,
    /// Columns that are variables.
    pub variable: Vec<Variable>,
    /// Every other column with numbers is a variable too, called like its header.
    pub others: bool,
    /// Columns that are none even so.
    pub leave: Vec<String>,
    /// A row names its variable instead.
    pub long: Option<Long>,
    /// Cells that mean "missing", besides the empty ones and the usual words.
    pub missing: Vec<String>,
    /// Rows that are not counted.
    pub aside: Vec<Cells>,
}

/// Columns with a unit's code and name.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Level {
    /// P-code, ISO 3166-2, or the id of the unit.
    pub code: Vec<String>,
    pub name: Vec<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Variable {
    pub name: String,
    pub columns: Vec<String>,
    /// Unit of measurement.
    pub unit: String,
    /// Figures of the parts of a unit add up to its own.
    pub sum: bool,
}

/// Columns of a table with one figure a row.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Long {
    pub variable: Vec<String>,
    pub value: Vec<String>,
    pub unit: Vec<String>,
}

const BUNDLED: [(&str, &str); 4] = [
    ("inform", include_str!("layouts/inform.toml")),
    ("cadre_harmonise", include_str!("layouts/cadre_harmonise.toml")),
    ("population", include_str!("layouts/population.toml")),
    ("coinr", include_str!("layouts/coinr.toml")),
];

/// Words for a missing value.
const MISSING: [&str; 16] = ["", "x", "-", "..", "…", "na", "n/a", "nan", "null", "none", "no data", "nodata", "#n/a", "#value!", "#div/0!", "#ref!"];

impl FigureLayout {
    /// The layouts that come with the program.
    pub fn bundled() -> Vec<Self> {
        let read = |(name, text): (&str, &str)| {
            let mut problems = Diagnostics::default();
            toml_file::read::<Self>(&format!("{name}.toml"), text.as_bytes(), &mut problems).map(|(layout, _)| layout)
        };
        BUNDLED.into_iter().filter_map(read).collect()
    }

    /// The bundled layout of a file, by its header.
    pub fn recognise(records: &Records) -> Option<Self> {
        let has = |columns: &Vec<String>| columns.iter().all(|c| column(&records.header, std::slice::from_ref(c)).is_some());
        Self::bundled().into_iter().find(|l| l.recognised_by.iter().any(has))
    }

    /// Whether a cell stands for "no value". A number that means so is compared as a number.
    pub fn is_missing(&self, cell: &str) -> bool {
        let cell = cell.trim();
        let same = |m: &str| m.eq_ignore_ascii_case(cell) || m.parse::<f64>().is_ok_and(|m| cell.parse() == Ok(m));
        MISSING.contains(&cell.to_lowercase().as_str()) || self.missing.iter().any(|m| same(m))
    }
}

/// The first column of the header that one of the names is for.
pub fn column(header: &[String], names: &[String]) -> Option<usize> {
    names.iter().find_map(|name| {
        let name = name.to_lowercase();
        header.iter().position(|h| {
            let header = h.to_lowercase();
            name.strip_suffix('*').map_or(header == name, |start| header.starts_with(start))
        })
    })
}

/// A name of a variable: small letters, digits and `_`.
pub fn slug(name: &str) -> String {
    let folded = crate::datasets::fold(name);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    words.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_layouts_are_read() {
        assert_eq!(FigureLayout::bundled().len(), BUNDLED.len());
    }

    #[test]
    fn what_is_missing_is_never_a_number() {
        let inform = FigureLayout::bundled().into_iter().find(|l| l.name == "inform").expect("inform");
        for cell in ["", " ", "x", "No data", "-99", "-99.0", "#VALUE!", "N/A"] {
            assert!(inform.is_missing(cell), "{cell}");
        }
        for cell in ["0", "-9", "99", "9.9"] {
            assert!(!inform.is_missing(cell), "{cell}");
        }
        assert!(!FigureLayout::default().is_missing("-99"), "only where the source says so");
    }

    #[test]
    fn names_of_variables() {
        for (name, expected) in [("CC.INF.AHC", "cc_inf_ahc"), ("Lack of Reliability (*)", "lack_of_reliability"), ("Santé", "sante")] {
            assert_eq!(slug(name), expected);
        }
    }
}
