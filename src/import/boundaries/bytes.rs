//! Bytes read one after another; what is not there is none.

/// The bytes that are left.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a> {
    left: &'a [u8],
    /// Numbers begin with their lowest byte.
    pub little: bool,
}

impl<'a> Bytes<'a> {
    pub fn new(bytes: &'a [u8], little: bool) -> Self {
        Self { left: bytes, little }
    }

    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, left) = self.left.split_at_checked(count)?;
        self.left = left;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut bytes: [u8; N] = self.take(N)?.try_into().ok()?;
        if !self.little {
            bytes.reverse();
        }
        Some(bytes)
    }

    pub fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub fn f32(&mut self) -> Option<f32> {
        self.array().map(f32::from_le_bytes)
    }

    pub fn f64(&mut self) -> Option<f64> {
        self.array().map(f64::from_le_bytes)
    }

    /// A number of things of which each takes at least `size` bytes; none if there cannot be as many.
    pub fn count(&mut self, size: usize) -> Option<usize> {
        let count = usize::try_from(self.u32()?).ok()?;
        (count.checked_mul(size)? <= self.left.len()).then_some(count)
    }
}
