//! Statistical methods on plain numbers and slices, one method a file.
//!
//! Nothing here reads a file, a clock or a global random generator, and nothing prints. Seeds and
//! dates are arguments. A value that cannot be computed is a `None` or an error that says why,
//! never a NaN and never a 0 that stands for "unknown". Methods that draw random numbers give the
//! same bits on any number of threads: every replicate owns its stream ([`random`]).
//!
//! | question | module |
//! |---|---|
//! | how often is a unit attacked, if it has few events? | [`empirical_bayes`] |
//! | is one rate higher than another? | [`rate_ratio`] |
//! | is this window unusual for this unit? | [`surge`], then [`benjamini_hochberg`] over all units |
//! | how much recent violence lies behind or around a unit? | [`decay`], [`kernel`] |
//! | is the unit's violence erratic, rising, costly? | [`volatility`], [`trend`], [`impact`] |
//! | is it intense and clustered? | [`scdi`], [`diffusion`], [`fragmentation`] |
//! | how near are borders, and are both sides hit? | [`border_gravity`], [`both_sides`] |
//! | is this place new, is this operation unusually wide? | [`new_ground`], [`coordination`] |
//! | which units or places stand out from their surroundings? | [`moran_local`], [`getis_ord`], [`scan`], [`knox`] |
//! | what follows, given a few numbers of today? | [`anchored_logistic`], [`count_line`] |
//! | did a rate change, and when? | [`change_point`] |
//! | do attacks move west? | [`drift`] |
//! | which word goes with this probability? | [`icd203`] |

/// Logistic regression with slopes of a known sign, drawn toward slopes from elsewhere.
pub mod anchored_logistic;
/// Benjamini–Hochberg adjustment of p-values, so that alarms over many units stay honest.
pub mod benjamini_hochberg;
/// Events near a border in rings, and how closely they hug it.
pub mod border_gravity;
/// Recent events near a border, on each side.
pub mod both_sides;
/// None, pulse or step: did a rate change, and when?
pub mod change_point;
/// Conditional permutation of neighbours' values, shared by the local statistics.
pub mod conditional;
/// Same-day operations of one actor over many places, and how rare a size is.
pub mod coordination;
/// Negative binomial whose mean is a line.
pub mod count_line;
/// History that fades with a half-life.
pub mod decay;
/// Share of populated cells that violence has reached.
pub mod diffusion;
/// Movement of the mean centre of events, with interval and permutation within actors.
pub mod drift;
/// Gamma–Poisson empirical-Bayes rates with posterior intervals.
pub mod empirical_bayes;
/// Why a method refused its input, with the value given and the rule broken.
pub mod error;
/// A count with its exposure, and the Gamma distribution of a rate.
pub mod exposed;
/// Number of armed groups, plain and effective.
pub mod fragmentation;
/// Positions on the ellipsoid and distances between them.
pub mod geodesic;
/// Getis–Ord Gi and Gi*: where high values pile up.
pub mod getis_ord;
/// Cells of nearly equal area that tile the earth.
pub mod grid;
/// Words of estimative probability.
pub mod icd203;
/// Incidents and deaths of five years on a logarithmic scale.
pub mod impact;
/// Gaussian neighbour pressure, fast for many events.
pub mod kernel;
/// Knox test of interaction between space and time.
pub mod knox;
/// Local Moran's I: hot spots, cold spots and outliers.
pub mod moran_local;
/// First event in a cell after a long quiet.
pub mod new_ground;
/// One reproducible random stream per replicate, the same for any number of threads.
pub mod random;
/// Exact conditional comparison of two rates, with an interval for their ratio.
pub mod rate_ratio;
/// Kulldorff's space–time permutation scan.
pub mod scan;
/// Spatial Conflict Dynamics indicator: intensity and clustering.
pub mod scdi;
/// Gamma, beta, Poisson, binomial and negative-binomial tails and quantiles that cannot panic.
pub mod special;
/// Tail probability of a window's count under the unit's shrunk baseline.
pub mod surge;
/// Recent weeks against the year.
pub mod trend;
/// Weeks that leap above their baseline.
pub mod volatility;
/// Neighbours with their weights.
pub mod weights;

#[cfg(test)]
pub(crate) mod checks;
#[cfg(test)]
mod degenerate;
#[cfg(test)]
mod hostile;

pub use error::StatsError;
