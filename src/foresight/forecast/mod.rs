//! A small forecast that a reader can follow: three numbers of today, weighed as they held in other conflicts and here.
//!
//! | step | module |
//! |---|---|
//! | what is known of a unit today | [`features`] |
//! | what held elsewhere | `anchor` |
//! | fit, probability, number of events, what drives them | [`model`] |
//! | all units and horizons, with what such words were worth lately | [`outlooks`] |

mod anchor;
pub mod features;
pub mod model;
pub mod outlooks;

#[cfg(test)]
mod tests;

pub use features::Feature;
pub use model::{Driver, Model, NoModel, Outlook, PooledForecast};
pub use outlooks::{Ahead, Outlooks, Skill, Told};
