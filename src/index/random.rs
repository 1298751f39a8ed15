//! Seeded random numbers, one independent stream per chunk of work.
//!
//! A stream is named by a seed, a purpose and a number. Work is cut into chunks of fixed size
//! and each chunk draws from the stream of its own number, so that threads do not matter.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// One stream of random numbers.
#[derive(Debug, Clone)]
pub struct Stream {
    source: ChaCha8Rng,
    spare_normal: Option<f64>,
}

impl Stream {
    /// The stream of this seed, purpose and number. Streams that differ in any of the three
    /// are independent.
    pub fn new(seed: u64, purpose: u64, number: u64) -> Self {
        let mut key = [0_u8; 32];
        let words = [seed, purpose, 0x7475_6b68_756d, 1];
        for (slot, word) in key.chunks_exact_mut(8).zip(words) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
        let mut source = ChaCha8Rng::from_seed(key);
        source.set_stream(number);
        Stream { source, spare_normal: None }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.source.next_u64()
    }

    /// A uniform number in `0.0..1.0`, a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// A uniform number above 0 and below 1.
    pub fn open_uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) * (1.0 / 9_007_199_254_740_992.0)
    }

    /// A uniform whole number below `n`, without bias; 0 if `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        let n = n as u64;
        if n == 0 {
            return 0;
        }
        // Lemire's multiplication with rejection.
        let reject_below = n.wrapping_neg() % n;
        loop {
            let wide = u128::from(self.bits()) * u128::from(n);
            if wide as u64 >= reject_below {
                return (wide >> 64) as usize;
            }
        }
    }

    /// A standard normal number (polar method of Marsaglia).
    pub fn normal(&mut self) -> f64 {
        if let Some(z) = self.spare_normal.take() {
            return z;
        }
        loop {
            let (u, v) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                let factor = (-2.0 * s.ln() / s).sqrt();
                self.spare_normal = Some(v * factor);
                return u * factor;
            }
        }
    }

    /// Logarithm of a gamma variate of this shape and scale 1; 0 or more shape is the caller's.
    ///
    /// # Source
    /// Marsaglia and Tsang (2000), *A simple method for generating gamma variables*, ACM TOMS
    /// 26(3); for shapes below 1 their boost, taken as a logarithm so that it does not underflow.
    pub fn ln_gamma_variate(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.ln_gamma_variate(shape + 1.0) + self.open_uniform().ln() / shape;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let z = self.normal();
            let v = (1.0 + c * z).powi(3);
            if v > 0.0 && self.open_uniform().ln() < 0.5 * z * z + d - d * v + d * v.ln() {
                return (d * v).ln();
            }
        }
    }

    /// Puts a list into random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last + 1);
            items.swap(last, other);
        }
    }
}

/// Purposes, so that two uses of one seed never share numbers.
pub(super) mod purpose {
    pub const DRIVERS: u64 = 1;
    pub const SCRAMBLE: u64 = 2;
    pub const BOOTSTRAP: u64 = 3;
    pub const STUDY: u64 = 4;
    const CELLS: u64 = 5;
    pub const RANK_INTERVALS: u64 = 6;
    pub const GROUPS: u64 = 7;
    /// And above: one purpose per node.
    pub const DIRICHLET: u64 = 1 << 32;

    /// The cells of a sampler, by its place.
    pub fn cells(sampler: usize) -> u64 {
        CELLS + ((sampler as u64) << 8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ() {
        let take = |seed, purpose, number| {
            let mut s = Stream::new(seed, purpose, number);
            (0..4).map(|_| s.bits()).collect::<Vec<_>>()
        };
        assert_eq!(take(1, 2, 3), take(1, 2, 3));
        assert_ne!(take(1, 2, 3), take(1, 2, 4));
        assert_ne!(take(1, 2, 3), take(1, 3, 3));
        assert_ne!(take(1, 2, 3), take(2, 2, 3));
    }

    #[test]
    fn moments() {
        // 40,000 draws: standard errors of the means are 0.005 (normal), 0.0014 (uniform) and
        // 0.0035 (gamma with shape 0.5, variance 0.5); four of each allowed.
        let n = 40_000;
        let mut s = Stream::new(7, 0, 0);
        let mean = |f: &mut dyn FnMut() -> f64| (0..n).map(|_| f()).sum::<f64>() / f64::from(n);
        assert!(mean(&mut || s.normal()).abs() < 0.02);
        assert!((mean(&mut || s.normal().powi(2)) - 1.0).abs() < 0.03);
        assert!((mean(&mut || s.uniform()) - 0.5).abs() < 0.006);
        assert!((mean(&mut || s.ln_gamma_variate(0.5).exp()) - 0.5).abs() < 0.015);
        assert!((mean(&mut || s.ln_gamma_variate(3.0).exp()) - 3.0).abs() < 0.035);
        assert!((mean(&mut || s.below(7) as f64) - 3.0).abs() < 0.04);
    }
}
