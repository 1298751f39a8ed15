//! A small forecast that a reader can follow: three numbers of today, weighed as they held in other conflicts and here.
//!
//! | step | module |
//! |---|---|
//! | what is known of a unit today | [`features`] |
//! | what held elsewhere | `anchor` |
//! | fit, probability, number of events, what drives them | [`model`] |
//! | what such words were worth lately | [`skill`] |
//! | all units and horizons | [`outlooks`] |

mod anchor;
pub mod features;
pub mod model;
pub mod outlooks;
pub mod skill;

#[cfg(test)]
mod tests;

pub use features::{Feature, Features};
pub use model::{Driver, Model, NoModel, Outlook, PooledForecast};
pub use outlooks::{Ahead, Outlooks, Told};
pub use skill::{Past, Skill, pasts};
