//! Does a ranking foresee anything? Counts of units and months, forecasts made as if in the past, and their scores.
//!
//! Numbers in, numbers out: no files, no clock. What a forecaster may see is a [`History`], which ends
//! where knowledge ended; outcomes are in the [`Panel`], which forecasters never get.

mod counts_table;
mod panel;
mod sources;

pub use counts_table::read_counts;
pub use panel::{Grid, History, Panel, PanelUnit};
pub use sources::{admin2, crossings, provinces};
