//! The report as plain data, and its renderers.

pub mod answer;
mod build;
mod card;
pub mod compare;
mod forecasts;
mod map;
pub mod model;
pub mod render;
mod shapes;

pub use build::build;
pub use card::card;
pub use model::Report;
