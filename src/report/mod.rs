//! The report as plain data, and its renderers.

mod build;
pub mod compare;
pub mod labels;
mod map;
pub mod model;
pub mod render;

pub use build::{build, card};
pub use model::Report;
