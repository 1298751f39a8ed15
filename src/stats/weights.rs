//! Who is whose neighbour, and how much.

use super::error::{StatsError, non_negative};
use super::geodesic::{EarthPoint, Position, chord_squared_of};

/// Neighbours of each unit with their weights.
///
/// # Formula
/// ```text
/// w_ij > 0 if j is a neighbour of i, else 0;   w_ii = 0
/// row-standardised: w_ij / Σ_j w_ij
/// ```
///
/// # Units and shape
/// One row per unit; weights have no unit. Rows need not be symmetric.
///
/// # Missing and degenerate values
/// A unit without neighbours (an island, or one whose neighbours all have weight 0) has an empty row; the
/// methods say so instead of giving it a statistic.
///
/// # Errors
/// [`StatsError::BadEntry`] for a neighbour that does not exist, is the unit itself or comes twice, and for
/// a weight that is negative or not finite; the index is the row.
///
/// # Source
/// Anselin, *Spatial Econometrics* (1988), chapter 3.
///
/// # Example
/// ```
/// use tukhum::stats::weights::Weights;
/// let chain = Weights::binary(&[vec![1], vec![0, 2], vec![1], vec![]])?;
/// assert_eq!(chain.neighbours(1), [0, 2]);
/// assert_eq!(chain.islands(), [3]);
/// # Ok::<(), tukhum::stats::StatsError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    starts: Vec<usize>,
    neighbours: Vec<u32>,
    weights: Vec<f64>,
}

impl Weights {
    /// Takes a list of neighbours with weights for each unit; weights of 0 are dropped.
    pub fn new(rows: &[Vec<(u32, f64)>]) -> Result<Self, StatsError> {
        let mut result = Self {
            starts: vec![0],
            neighbours: Vec::new(),
            weights: Vec::new(),
        };
        for (index, row) in rows.iter().enumerate() {
            let mut row = row.clone();
            row.sort_by_key(|entry| entry.0);
            let refuse = |value: f64, rule| {
                Err(StatsError::BadEntry {
                    what: "weights",
                    index,
                    value,
                    rule,
                })
            };
            for (position, &(neighbour, weight)) in row.iter().enumerate() {
                if neighbour as usize >= rows.len() {
                    return refuse(
                        f64::from(neighbour),
                        "names a neighbour that does not exist",
                    );
                }
                if neighbour as usize == index {
                    return refuse(
                        f64::from(neighbour),
                        "names the unit itself as its neighbour",
                    );
                }
                if position > 0 && row[position - 1].0 == neighbour {
                    return refuse(f64::from(neighbour), "names a neighbour twice");
                }
                if !(weight.is_finite() && weight >= 0.0) {
                    return refuse(weight, "a weight must be finite and at least 0");
                }
                if weight > 0.0 {
                    result.neighbours.push(neighbour);
                    result.weights.push(weight);
                }
            }
            result.starts.push(result.neighbours.len());
        }
        Ok(result)
    }

    /// Weight 1 for each listed neighbour (contiguity).
    pub fn binary(rows: &[Vec<u32>]) -> Result<Self, StatsError> {
        let weighted: Vec<Vec<(u32, f64)>> = rows
            .iter()
            .map(|row| row.iter().map(|&neighbour| (neighbour, 1.0)).collect())
            .collect();
        Self::new(&weighted)
    }

    /// Weight 1 for each unit within a distance.
    pub fn within(positions: &[Position], distance_km: f64) -> Result<Self, StatsError> {
        let limit = chord_squared_of(non_negative("distance_km", distance_km)?);
        let points: Vec<EarthPoint> = positions.iter().map(|&position| position.into()).collect();
        let rows: Vec<Vec<u32>> = points
            .iter()
            .enumerate()
            .map(|(here, point)| {
                let near = |&(there, other): &(usize, &EarthPoint)| {
                    there != here && point.chord_squared(other) <= limit
                };
                points
                    .iter()
                    .enumerate()
                    .filter(near)
                    .map(|(there, _)| there as u32)
                    .collect()
            })
            .collect();
        Self::binary(&rows)
    }

    /// Weight 1 for the nearest `count` other units (all others, if there are fewer); of equally distant
    /// ones those listed first.
    pub fn nearest(positions: &[Position], count: usize) -> Result<Self, StatsError> {
        let points: Vec<EarthPoint> = positions.iter().map(|&position| position.into()).collect();
        let rows: Vec<Vec<u32>> = points
            .iter()
            .enumerate()
            .map(|(here, point)| {
                let mut others: Vec<(f64, u32)> = points
                    .iter()
                    .enumerate()
                    .filter(|(there, _)| *there != here)
                    .map(|(there, other)| (point.chord_squared(other), there as u32))
                    .collect();
                others.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                others
                    .into_iter()
                    .take(count)
                    .map(|(_, there)| there)
                    .collect()
            })
            .collect();
        Self::binary(&rows)
    }

    /// Number of units.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there is no unit.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Neighbours of a unit in growing order; empty for an island and for a unit that does not exist.
    pub fn neighbours(&self, unit: usize) -> &[u32] {
        self.range(unit)
            .map_or(&[], |range| &self.neighbours[range])
    }

    /// Weights of [`Weights::neighbours`], in the same order.
    pub fn weights(&self, unit: usize) -> &[f64] {
        self.range(unit).map_or(&[], |range| &self.weights[range])
    }

    /// Units without neighbours.
    pub fn islands(&self) -> Vec<usize> {
        (0..self.len())
            .filter(|&unit| self.neighbours(unit).is_empty())
            .collect()
    }

    /// The same neighbours with weights that add up to 1 for each unit that has any.
    pub fn row_standardised(&self) -> Self {
        let mut result = self.clone();
        for unit in 0..self.len() {
            // Divided by the largest first, so that huge weights do not overflow the sum.
            let row = &mut result.weights[self.starts[unit]..self.starts[unit + 1]];
            let largest = row.iter().copied().fold(0.0, f64::max);
            let sum: f64 = row.iter().map(|weight| weight / largest).sum();
            row.iter_mut()
                .for_each(|weight| *weight = *weight / largest / sum);
        }
        result
    }

    /// Only the units marked `true`, renumbered in order; links to the others are cut.
    ///
    /// Marks beyond the number of units are ignored, missing ones count as `false`.
    pub fn restricted(&self, keep: &[bool]) -> Self {
        let mut number = vec![None; self.len()];
        let mut kept = 0_u32;
        for (unit, slot) in number.iter_mut().enumerate() {
            if keep.get(unit).copied().unwrap_or(false) {
                *slot = Some(kept);
                kept += 1;
            }
        }
        let mut result = Self {
            starts: vec![0],
            neighbours: Vec::new(),
            weights: Vec::new(),
        };
        for unit in (0..self.len()).filter(|&unit| number[unit].is_some()) {
            for (&neighbour, &weight) in self.neighbours(unit).iter().zip(self.weights(unit)) {
                if let Some(renumbered) = number[neighbour as usize] {
                    result.neighbours.push(renumbered);
                    result.weights.push(weight);
                }
            }
            result.starts.push(result.neighbours.len());
        }
        result
    }

    fn range(&self, unit: usize) -> Option<std::ops::Range<usize>> {
        Some(*self.starts.get(unit)?..*self.starts.get(unit + 1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_rows_are_named() {
        let message = |rows: &[Vec<(u32, f64)>]| Weights::new(rows).unwrap_err().to_string();
        assert!(message(&[vec![(1, 1.0)]]).contains("does not exist"));
        assert!(message(&[vec![(0, 1.0)]]).contains("itself"));
        assert!(message(&[vec![(1, 1.0), (1, 2.0)], vec![]]).contains("twice"));
        assert!(message(&[vec![(1, -1.0)], vec![]]).contains("at least 0"));
    }

    #[test]
    fn standardised_rows_add_up_and_islands_stay() {
        let raw = Weights::new(&[
            vec![(1, 1.0), (2, 3.0)],
            vec![(0, 1e308), (2, 1e308)],
            vec![(0, 0.0)],
        ])
        .unwrap();
        assert_eq!(raw.islands(), [2]);
        let standard = raw.row_standardised();
        assert_eq!(standard.weights(0), [0.25, 0.75]);
        assert_eq!(standard.weights(1), [0.5, 0.5]);
        assert!(standard.neighbours(9).is_empty());
    }

    #[test]
    fn restriction_renumbers_and_cuts() {
        let ring = Weights::binary(&[vec![1, 3], vec![0, 2], vec![1, 3], vec![0, 2]]).unwrap();
        let without = ring.restricted(&[true, false, true, true]);
        assert_eq!(without.len(), 3);
        assert_eq!(
            (without.neighbours(0), without.neighbours(1)),
            (&[2][..], &[2][..])
        );
    }

    #[test]
    fn distances_make_neighbours_across_the_antimeridian() {
        let at = |x: f64| Position::new(x, 0.0).unwrap();
        let units = [at(179.5), at(-179.5), at(0.0)];
        let near = Weights::within(&units, 150.0).unwrap();
        assert_eq!((near.neighbours(0), near.islands()), (&[1][..], vec![2]));
        let nearest = Weights::nearest(&units, 1).unwrap();
        assert_eq!(nearest.neighbours(1), [0]);
        assert_eq!(Weights::nearest(&units, 10).unwrap().neighbours(2).len(), 2);
    }
}
