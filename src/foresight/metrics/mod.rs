//! How good forecasts were, one measure a file. Each takes plain slices; what cannot be computed is none.

mod average_precision;
mod auroc;
mod brier;
mod crps;
mod descent;
mod ignorance;
mod kendall;
mod log_score;
mod ndcg;
mod resample;
mod top;

pub use auroc::auroc;
pub use average_precision::average_precision;
pub use brier::{Bin, Decomposition, brier, decompose};
pub use crps::crps;
pub use descent::Descent;
pub use ignorance::ignorance;
pub use kendall::kendall;
pub use log_score::log_score;
pub use ndcg::ndcg_at;
pub use resample::{block_weights, interval};
pub use top::{area_index, false_alarms_per_year, hit_rate_at, precision_at};

#[cfg(test)]
mod tests;
