//! The one integration-test binary: each binary that links polars costs 300 MB and seconds per edit.

mod aggregate;
mod architecture;
mod assess;
mod bad_input;
mod boundaries;
mod catalogue;
mod cli;
mod coherence;
mod crash;
mod determinism;
mod documents;
mod drivers;
mod editions;
mod fetch;
mod fetch_files;
mod hostile;
mod foresight;
mod import;
mod import_figures;
mod import_formats;
mod index_tables;
mod made;
mod mali;
mod measures;
mod new_indicator;
mod publisher;
#[path = "../reference/index/mod.rs"]
mod reference_index;
mod sensitivity;
mod sources;
mod support;
mod track_record;
mod vintages;
mod watch;
mod weights;
mod whatif;
