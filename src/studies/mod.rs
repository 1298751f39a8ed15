//! Questions put to an edition: what its weights do, what would change if a value were another, and
//! how sure its ranks are.

mod cells;
pub mod coherence;
pub mod hot_spots;
pub mod sources;
pub mod uncertainty;
pub mod weights;
pub mod what_if;
