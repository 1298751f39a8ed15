//! The composite index: treat, normalise, weigh, aggregate, rank, explain, and say how sure.
//!
//! Methods on plain numbers. Scores run from 0 to 10 and 10 is most risk; missing is `None`.
//! Nothing here reads a file, a clock or a global random generator, and the same input gives
//! the same bits on any number of threads.

pub mod bands;
pub mod bulk;
pub mod change;
pub mod classes;
pub mod complete;
pub mod copeland;
pub mod correlation;
pub mod cronbach;
pub mod direction;
pub mod drivers;
pub mod eigen;
pub mod goalposts;
pub mod importance;
pub mod impute;
pub mod moments;
pub mod normalise;
pub mod operator;
pub mod pca;
pub mod random;
pub mod rank;
pub mod rank_intervals;
pub mod rank_statistics;
pub mod removal;
mod sobol_directions;
pub mod sobol_indices;
pub mod sobol_sequence;
pub mod stability;
pub mod transform;
pub mod treat;
pub mod tree;
pub mod uncertainty;
pub mod weights;

pub use bands::{Bands, BandsError};
pub use bulk::{BulkIndex, Cells, ColumnRule, bulk_index};
pub use change::{Edition, ScoreChange, decompose, decompose_trees};
pub use classes::{Classes, ClassesError};
pub use copeland::{Copeland, copeland};
pub use correlation::{Correlation, CorrelationFlag, FlaggedPair, correlation, correlations, flagged_pairs};
pub use cronbach::cronbach_alpha;
pub use direction::Direction;
pub use drivers::{DriverMethod, DriverOptions, Drivers};
pub use goalposts::{Goalposts, GoalpostsError, SCORE_MAXIMUM};
pub use importance::{LeafWeights, leaf_weights};
pub use impute::{FilledCell, Imputation, ImputationSource, Imputed, impute};
pub use normalise::{Normalisation, NormaliseError, Normalised, NotInformative, normalise};
pub use operator::{Operator, OperatorProblem};
pub use pca::{PcaError, PrincipalComponents, principal_components};
pub use rank::rank;
pub use rank_intervals::{RankInterval, RankIntervalOptions, RankIntervals, rank_intervals};
pub use rank_statistics::{RankStatistics, RankSummary};
pub use removal::{Removal, removals};
pub use sobol_indices::{IndexEstimate, SobolError, SobolIndices, SobolOptions, sobol_indices};
pub use stability::{StabilityError, StabilityInterval, weight_stability};
pub use transform::{Transform, TransformError, Transformed, transform};
pub use treat::{Shape, Treated, TreatedCell, Treatment, TreatmentStep, treat};
pub use tree::{Child, CoverageBy, Evaluation, Node, Scratch, Tree, TreeProblem, round_half_up};
pub use uncertainty::{CellDraw, CellSampler, Draws, Factor, Study, StudyError, VaryingGoalposts, WeightVariation};
