//! Forecasts that anybody could make: what a ranking has to beat. One a file.

mod analogues;
mod base_rate;
mod conflictology;
mod decay;
mod decay_kernel;
mod empirical_bayes;
mod last_month;
mod twelve_months;
mod zero;

pub use analogues::by_analogues;
pub use base_rate::BaseRate;
pub use conflictology::Conflictology;
pub use decay::{Decay, decayed};
pub use decay_kernel::DecayKernel;
pub use empirical_bayes::EmpiricalBayes;
pub use last_month::LastMonth;
pub use twelve_months::TwelveMonths;
pub use zero::Zero;

use super::forecaster::Forecaster;

/// All baselines, from the emptiest on.
pub fn baselines() -> Vec<Box<dyn Forecaster>> {
    vec![
        Box::new(Zero),
        Box::new(BaseRate),
        Box::new(LastMonth),
        Box::new(TwelveMonths),
        Box::new(Conflictology { with_neighbours: false }),
        Box::new(Conflictology { with_neighbours: true }),
        Box::new(EmpiricalBayes),
        Box::new(Decay::default()),
        Box::new(DecayKernel::default()),
    ]
}

/// Months of own history that a forecast rests on, and that a unit must have to be scored.
pub const WINDOW: usize = 36;
