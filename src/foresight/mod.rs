//! Does a ranking foresee anything? Counts of units and months, forecasts made as if in the past, and their scores.
//!
//! Numbers in, numbers out: no files, no clock. What a forecaster may see is a [`History`], which ends
//! where knowledge ended; outcomes are in the [`Panel`], which forecasters never get.
//!
//! | step | module |
//! |---|---|
//! | counts by unit and month, and what was known of them | [`panel`](Panel), sources, table of counts |
//! | what is foretold, and which cases count | [`target`] |
//! | forecasts that anybody could make | [`baselines`] |
//! | a small forecast that tries to beat them | [`forecast`] |
//! | how good they were | [`metrics`] |
//! | origin after origin, then scores with intervals | [`backtest`] |
//! | does a forecaster see the future? | [`sees_the_future`] |
//! | would other weights have ranked better? | [`tune`] |
//! | what an edition foretells, for the log | [`EditionForecasts`] |
//! | how the log's forecasts fared | [`LogScores`] |

mod backtest;
pub mod baselines;
mod counts_table;
mod distribution;
pub mod forecast;
mod forecaster;
mod foretold;
mod index_scores;
mod leak;
mod log_scores;
pub mod metrics;
mod panel;
mod run;
mod scores;
mod sources;
pub mod target;
mod tune;

#[cfg(test)]
mod red_team;

pub use backtest::{Backtest, backtest};
pub use counts_table::read_counts;
pub use distribution::CountDistribution;
pub use forecaster::{ByHorizon, Forecast, Forecaster, always, lead};
pub use foretold::{EditionForecasts, Group, HORIZONS};
pub use index_scores::IndexScores;
pub use leak::sees_the_future;
pub use log_scores::LogScores;
pub use panel::{Grid, History, Panel, PanelUnit};
pub use run::{Plan, Round, Said, rounds};
pub use scores::{ALARM, Estimate, Line, MIN_POSITIVES, SUSPICIOUS_AUROC, lines};
pub use sources::{admin2, crossings, provinces};
pub use target::{Case, Target, Unscored};
pub use tune::{Part as TunedPart, TunePlan, Tuned, TunedWeight, tune};
