//! An index on any table of units and indicators: COINr's pair of tables, or one TOML file and a table.
//!
//! Bytes in, plain data and CSV text out; the same engine as for the frameworks of a workspace.

pub mod coinr;
mod compute;
pub mod file;
mod sheet;
mod write;

pub use compute::{Change, Computed, Indicator, Model, Step, compute};
pub use sheet::Sheet;
pub use write::{files, json};
