//! Ways to arrive at weights. One method a file; every result adds up to 1.

pub mod ahp;
pub mod critic;
pub mod entropy;
pub mod equal;
pub mod matched;
pub mod pca;
pub mod swing;

pub use ahp::{Ahp, AhpError, ahp};
pub use critic::critic;
pub use entropy::entropy;
pub use equal::{WeightsError, equal, shares};
pub use matched::{MatchedError, MatchedOptions, MatchedWeights, importance_matched};
pub use pca::{PcaWeightsError, pca};
pub use swing::{SwingError, swing};
