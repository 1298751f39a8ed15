//! Numbers for the names in a file, so that a name is looked at once and not in every row.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A hash of short texts and small numbers: a product for each eight bytes. Nothing depends on its order.
#[derive(Default)]
pub struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut last = [0; 8];
            last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            self.write_u64(u64::from_le_bytes(last));
        }
    }

    fn write_u8(&mut self, n: u8) {
        self.write_u64(n.into());
    }

    fn write_u32(&mut self, n: u32) {
        self.write_u64(n.into());
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0.rotate_left(5) ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }
}

pub type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;

/// Texts of one column, numbered in the order in which they came.
#[derive(Debug, Default)]
pub struct Texts {
    numbers: QuickMap<Box<[u8]>, u32>,
    texts: Vec<Box<[u8]>>,
}

impl Texts {
    /// The number of a text; none beyond `limit` texts.
    pub fn number(&mut self, text: &[u8], limit: usize) -> Option<u32> {
        if let Some(number) = self.numbers.get(text) {
            return Some(*number);
        }
        let number = u32::try_from(self.texts.len()).ok().filter(|n| (*n as usize) < limit)?;
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        Some(number)
    }

    pub fn text(&self, number: u32) -> &[u8] {
        self.texts.get(number as usize).map_or(&[], |t| t)
    }
}

/// Areas by country and name, numbered in the order in which they came.
#[derive(Debug, Default)]
pub struct Names {
    numbers: HashMap<(String, String), u32>,
    areas: Vec<(String, String)>,
}

impl Names {
    pub fn number(&mut self, country: String, area: String) -> u32 {
        let key = (country, area);
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let number = self.areas.len() as u32;
        self.areas.push(key.clone());
        self.numbers.insert(key, number);
        number
    }

    /// Country and name.
    pub fn area(&self, number: u32) -> Option<(&str, &str)> {
        self.areas.get(number as usize).map(|(country, area)| (country.as_str(), area.as_str()))
    }

    pub fn len(&self) -> usize {
        self.areas.len()
    }
}
