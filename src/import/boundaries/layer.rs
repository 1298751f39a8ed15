//! What every format of boundaries is read into.

use std::collections::BTreeMap;

/// Points of a ring in degrees, longitude first; as the file has them, so it may be open or cross itself.
pub type Ring = Vec<[f64; 2]>;

/// A layer of a file.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// What the file calls it.
    pub name: String,
    pub features: Vec<Feature>,
    /// What was done to make it readable.
    pub notes: Vec<String>,
}

/// A feature with its cells by column, in lower case; empty cells are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feature {
    pub cells: BTreeMap<String, String>,
    pub shape: Shape,
}

/// The geometry of a feature.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Shape {
    #[default]
    None,
    /// Rings of each polygon, the outer one first.
    Polygons(Vec<Vec<Ring>>),
    /// Rings whose nesting alone says which are holes, as in a shapefile.
    Rings(Vec<Ring>),
    /// Points, lines: not an area.
    Other(String),
}

impl Feature {
    pub fn set(&mut self, column: &str, cell: impl Into<String>) {
        let cell: String = cell.into();
        let cell = cell.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        if !cell.is_empty() {
            self.cells.insert(column.trim().to_lowercase(), cell.to_owned());
        }
    }

    /// The first of some columns that has a cell.
    pub fn get(&self, columns: &[&str]) -> Option<&str> {
        columns.iter().find_map(|c| self.cells.get(*c)).map(String::as_str)
    }
}

/// A number as a cell of text: whole ones without a fraction.
pub fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value:.0}") } else { value.to_string() }
}
