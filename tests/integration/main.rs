//! The one integration-test binary: each binary that links polars costs 300 MB and seconds per edit.

mod bad_input;
mod drivers;
mod editions;
mod support;
mod vintages;
mod architecture;
mod assess;
mod catalogue;
mod crash;
mod documents;
