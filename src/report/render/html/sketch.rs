//! Small drawings from the map's plane.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::report::model::MapSheet;

/// Half the width of a sketch.
const REACH_KM: f64 = 60.0;

/// A crossing amid what lies around it, in kilometres from it, y upward.
#[derive(Serialize)]
pub struct Sketch {
    attacks: Vec<[f64; 2]>,
    borders: Vec<Vec<[f64; 2]>>,
    within_25: usize,
    within_50: usize,
}

/// A sketch for each crossing on the map.
pub fn sketches(map: &MapSheet) -> BTreeMap<&str, Sketch> {
    map.crossings.iter().map(|c| (c.unit.as_str(), sketch(map, c.at))).collect()
}

fn sketch(map: &MapSheet, [x, y]: [f64; 2]) -> Sketch {
    let from_here = |p: &[f64; 2]| [tenth(p[0] - x), tenth(p[1] - y)];
    let attacks: Vec<[f64; 2]> = map.attacks.iter().map(from_here).filter(|[x, y]| x.abs().max(y.abs()) <= REACH_KM).collect();
    let within = |km: f64| attacks.iter().filter(|[x, y]| x.hypot(*y) <= km).count();
    let borders = map.borders.iter().flat_map(|line| pieces(&line.iter().map(from_here).collect::<Vec<_>>())).collect();
    Sketch { within_25: within(25.0), within_50: within(50.0), attacks, borders }
}

/// The runs of a line whose segments come near the middle; the edge of the drawing clips the rest.
fn pieces(line: &[[f64; 2]]) -> Vec<Vec<[f64; 2]>> {
    let near = |a: &[f64; 2], b: &[f64; 2]| {
        let apart = |k: usize| a[k].min(b[k]) > REACH_KM || a[k].max(b[k]) < -REACH_KM;
        !apart(0) && !apart(1)
    };
    let mut pieces: Vec<Vec<[f64; 2]>> = Vec::new();
    let mut running = false;
    for pair in line.windows(2) {
        let [a, b] = pair else { continue };
        let seen = near(a, b);
        match pieces.last_mut() {
            Some(piece) if seen && running => piece.push(*b),
            _ if seen => pieces.push(vec![*a, *b]),
            _ => {}
        }
        running = seen;
    }
    pieces
}

fn tenth(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}

/// The centre of gravity of the largest ring, where a label may stand.
pub fn centre(rings: &[Vec<[f64; 2]>]) -> Option<[f64; 2]> {
    let moments = |ring: &Vec<[f64; 2]>| {
        let mut sums = [0.0; 3];
        for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            let cross = a[0] * b[1] - b[0] * a[1];
            sums[0] += cross / 2.0;
            sums[1] += (a[0] + b[0]) * cross / 6.0;
            sums[2] += (a[1] + b[1]) * cross / 6.0;
        }
        sums
    };
    let [area, x, y] = rings.iter().map(moments).max_by(|a, b| a[0].abs().total_cmp(&b[0].abs()))?;
    (area != 0.0).then(|| [tenth(x / area), tenth(y / area)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_ring_has_the_label() {
        let square = |x: f64, side: f64| vec![[x, 0.0], [x + side, 0.0], [x + side, side], [x, side]];
        assert_eq!(centre(&[square(100.0, 1.0), square(0.0, 4.0)]), Some([2.0, 2.0]));
        assert_eq!(centre(&[vec![[1.0, 1.0]]]), None);
        assert_eq!(centre(&[]), None);
    }

    #[test]
    fn a_border_is_drawn_where_it_comes_near() {
        let line = [[-300.0, 10.0], [-100.0, 10.0], [100.0, 10.0], [300.0, 10.0], [300.0, -10.0], [0.0, -10.0]];
        assert_eq!(pieces(&line), [vec![[-100.0, 10.0], [100.0, 10.0]], vec![[300.0, -10.0], [0.0, -10.0]]]);
    }
}
