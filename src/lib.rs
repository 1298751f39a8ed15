//! tukhum (تخوم, "borderlands") scores provinces and border crossings for the risk that
//! armed-group violence reaches them, and writes ranked, explained, dated reports.
//!
//! Data flows one way; see ARCHITECTURE.md for the rooms and their invariants.

pub mod aggregate;
pub mod assessment;
pub mod cli;
pub mod datasets;
pub mod diagnostics;
pub mod edition;
pub mod evidence;
pub mod fetch;
pub mod forecast_log;
pub mod foresight;
pub mod framework;
pub mod geo;
pub mod guarded;
pub mod import;
pub mod index;
pub mod measures;
pub mod output;
pub mod parquet;
pub mod report;
pub mod rules;
pub mod schemas;
pub mod stats;
pub mod studies;
pub mod tables;
pub mod text;
pub mod toml_file;
pub mod track_record;
pub mod watch;
pub mod workspace;
