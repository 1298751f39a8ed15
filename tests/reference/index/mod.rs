//! The index engine against published and recorded results.
//!
//! Tables that are too large for the repository are read from the folder that the environment
//! variable `TUKHUM_REFERENCE_DATA` names; without it those cases say that they did not run.

mod coinr;
mod data;
mod hdi;
mod inform;
mod laws;
mod sobol;
