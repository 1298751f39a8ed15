//! Scrambled Sobol' sequences: points that fill the unit cube more evenly than random ones.

use std::fmt;

use super::random::{Stream, purpose};
use super::sobol_directions::DIRECTIONS;

/// Bits per coordinate.
const BITS: usize = 32;

/// Most dimensions of a sequence.
pub const MOST_DIMENSIONS: usize = DIRECTIONS.len() + 1;

/// A Sobol' sequence.
#[derive(Debug, Clone)]
pub struct SobolSequence {
    /// Direction numbers per dimension.
    directions: Vec<[u32; BITS]>,
    /// Digital shift per dimension.
    shifts: Vec<u32>,
    /// Added to the 32-bit integer before it becomes a number: half a cell if scrambled.
    centre: f64,
}

/// A sequence was asked for with no dimension or more than the table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyDimensions {
    /// The number asked for.
    pub dimensions: usize,
}

impl fmt::Display for TooManyDimensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a Sobol' sequence has 1 to {MOST_DIMENSIONS} dimensions, not {}; group inputs or vary fewer of them",
            self.dimensions
        )
    }
}

impl std::error::Error for TooManyDimensions {}

impl SobolSequence {
    /// The plain sequence; its first point is the origin.
    ///
    /// # Errors
    /// No dimension, or more than [`MOST_DIMENSIONS`].
    pub fn plain(dimensions: usize) -> Result<Self, TooManyDimensions> {
        if dimensions == 0 || dimensions > MOST_DIMENSIONS {
            return Err(TooManyDimensions { dimensions });
        }
        let directions = (0..dimensions).map(direction_numbers).collect();
        Ok(SobolSequence { directions, shifts: vec![0; dimensions], centre: 0.0 })
    }

    /// The sequence after a random linear scramble and digital shift of each dimension. Points lie
    /// strictly inside the cube.
    ///
    /// # Errors
    /// As [`SobolSequence::plain`].
    ///
    /// # Source
    /// Matoušek (1998), *On the L2-discrepancy for anchored boxes*, J. Complexity 14; the same
    /// scrambling as SciPy `qmc.Sobol`, with other random numbers.
    pub fn scrambled(dimensions: usize, seed: u64) -> Result<Self, TooManyDimensions> {
        let mut sequence = SobolSequence::plain(dimensions)?;
        for (d, (directions, shift)) in sequence.directions.iter_mut().zip(&mut sequence.shifts).enumerate() {
            let mut stream = Stream::new(seed, purpose::SCRAMBLE, d as u64);
            // Lower triangular matrix over GF(2) with ones on the diagonal; row k makes digit k.
            let rows: [u32; BITS] = std::array::from_fn(|k| {
                let diagonal = 1_u32 << (BITS - 1 - k);
                let left = if k == 0 { 0 } else { !(u32::MAX >> k) };
                (stream.bits() as u32 & left) | diagonal
            });
            for number in directions.iter_mut() {
                let digits = rows.iter().enumerate();
                *number = digits.map(|(k, row)| ((row & *number).count_ones() & 1) << (BITS - 1 - k)).sum();
            }
            *shift = stream.bits() as u32;
        }
        sequence.centre = 0.5;
        Ok(sequence)
    }

    /// Number of dimensions.
    pub fn dimensions(&self) -> usize {
        self.directions.len()
    }

    /// Point number `i`, in the order of Gray codes, coordinates in `0.0..1.0`.
    pub fn point(&self, i: u32) -> Vec<f64> {
        let gray = i ^ (i >> 1);
        let coordinate = |(directions, shift): (&[u32; BITS], &u32)| {
            let bits = directions.iter().enumerate().filter(|(k, _)| gray >> k & 1 == 1);
            let x = bits.fold(*shift, |x, (_, direction)| x ^ direction);
            (f64::from(x) + self.centre) / 4_294_967_296.0
        };
        self.directions.iter().zip(&self.shifts).map(coordinate).collect()
    }
}

/// Direction numbers of a dimension, counted from 0, as 32-bit fractions.
fn direction_numbers(dimension: usize) -> [u32; BITS] {
    let Some((&polynomial, initial)) =
        dimension.checked_sub(1).and_then(|d| DIRECTIONS.get(d)).and_then(|entry| entry.split_first())
    else {
        return std::array::from_fn(|k| 1 << (BITS - 1 - k));
    };
    let degree = initial.len();
    let mut v = [0_u32; BITS];
    for k in 0..BITS {
        v[k] = match initial.get(k) {
            Some(m) => m << (BITS - 1 - k),
            None => {
                let mut next = v[k - degree] ^ (v[k - degree] >> degree);
                for step in 1..degree {
                    if polynomial >> (degree - 1 - step) & 1 == 1 {
                        next ^= v[k - step];
                    }
                }
                next
            }
        };
    }
    v
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_points() {
        // SciPy 1.17 qmc.Sobol(d=3, scramble=False).
        let s = SobolSequence::plain(3).unwrap();
        let expected = [
            [0.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.75, 0.25, 0.25], [0.25, 0.75, 0.75],
            [0.375, 0.375, 0.625], [0.875, 0.875, 0.125], [0.625, 0.125, 0.875], [0.125, 0.625, 0.375],
        ];
        for (i, point) in expected.iter().enumerate() {
            assert_eq!(s.point(i as u32), point);
        }
    }

    #[test]
    fn agrees_with_scipy_in_the_last_dimension() {
        // SciPy 1.17.1 qmc.Sobol(d=512, scramble=False), point 999; dyadic fractions, so exact.
        let p = SobolSequence::plain(512).unwrap().point(999);
        let at = [3, 50, 300, 511].map(|d| p[d]);
        assert_eq!(at, [0.9892578125, 0.1650390625, 0.8310546875, 0.4580078125]);
        assert_eq!(p.iter().sum::<f64>(), 255.583984375);
    }

    #[test]
    fn every_dimension_is_a_permutation_of_each_dyadic_grid() {
        for s in [SobolSequence::plain(MOST_DIMENSIONS).unwrap(), SobolSequence::scrambled(MOST_DIMENSIONS, 9).unwrap()] {
            let points: Vec<Vec<f64>> = (0..256).map(|i| s.point(i)).collect();
            for d in 0..s.dimensions() {
                let mut cells: Vec<usize> = points.iter().map(|p| (p[d] * 256.0) as usize).collect();
                cells.sort_unstable();
                assert!(cells.iter().enumerate().all(|(k, c)| k == *c), "dimension {d}");
            }
        }
    }

    #[test]
    fn seeds_repeat_and_limits_hold() {
        let p = |seed| SobolSequence::scrambled(4, seed).unwrap().point(77);
        assert_eq!(p(1), p(1));
        assert_ne!(p(1), p(2));
        assert!(SobolSequence::plain(0).is_err());
        assert!(SobolSequence::scrambled(MOST_DIMENSIONS + 1, 0).is_err());
    }
}
