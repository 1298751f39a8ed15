//! Which provinces touch.

use std::collections::{BTreeMap, BTreeSet};

use super::Map;

/// Vertices closer than this, in degrees, are one: the shapes have three decimals.
const GRAIN: f64 = 1e4;

impl Map {
    /// For each province the places in `ids` of those that share a stretch of its boundary.
    ///
    /// Provinces touch if their outlines have at least two vertices in common, so that a mere corner is no
    /// stretch. The shapes must share their lines vertex by vertex, as one topology-preserving
    /// simplification leaves them. A province without a shape touches none.
    pub fn contiguous(&self, ids: &[&str]) -> Vec<Vec<u32>> {
        let mut at: BTreeMap<(i64, i64), BTreeSet<u32>> = BTreeMap::new();
        for (i, id) in ids.iter().enumerate() {
            let rings = self.provinces.get(*id).into_iter().flat_map(|area| area.polygons.iter());
            for c in rings.flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors())).flat_map(|r| &r.0) {
                at.entry(((c.x * GRAIN).round() as i64, (c.y * GRAIN).round() as i64)).or_default().insert(i as u32);
            }
        }
        let mut shared: BTreeMap<(u32, u32), u32> = BTreeMap::new();
        for there in at.values().filter(|there| there.len() > 1) {
            for a in there {
                for b in there.iter().filter(|b| *b != a) {
                    *shared.entry((*a, *b)).or_default() += 1;
                }
            }
        }
        let mut neighbours = vec![Vec::new(); ids.len()];
        for ((a, b), vertices) in shared {
            if vertices >= 2 && let Some(row) = neighbours.get_mut(a as usize) {
                row.push(b);
            }
        }
        neighbours
    }
}

#[cfg(test)]
mod tests {
    use super::super::Area;
    use super::*;
    use geo::{LineString, MultiPolygon, Polygon};

    fn square(x: f64, y: f64) -> MultiPolygon<f64> {
        let ring = vec![(x, y), (x + 1.0, y), (x + 1.0, y + 1.0), (x, y + 1.0), (x, y)];
        MultiPolygon(vec![Polygon::new(LineString::from(ring), vec![])])
    }

    #[test]
    fn a_side_is_shared_a_corner_is_not() {
        let mut map = Map::default();
        for (id, x, y) in [("a", 0.0, 0.0), ("b", 1.0, 0.0), ("c", 1.0, 1.0), ("d", 9.0, 9.0)] {
            map.provinces.insert(id.into(), Area::new(square(x, y)));
        }
        assert_eq!(map.contiguous(&["a", "b", "c", "d", "none"]), [vec![1], vec![0, 2], vec![1], vec![], vec![]]);
    }
}
