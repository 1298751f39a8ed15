//! Well-known binary, the geometry of GeoPackage (OGC 06-103r4, 8.2; ISO and extended codes of Z and M).

use super::bytes::Bytes;
use super::layer::{Ring, Shape};

/// Reads a geometry; none if it is damaged.
pub fn read(bytes: &[u8]) -> Option<Shape> {
    let mut bytes = Bytes::new(bytes, true);
    let (kind, width) = head(&mut bytes)?;
    match kind {
        3 => Some(Shape::Polygons(vec![polygon(&mut bytes, width)?])),
        6 => {
            // A polygon takes its byte order, its code and its number of rings.
            let count = bytes.count(9)?;
            let polygons = (0..count).map(|_| match head(&mut bytes)? {
                (3, width) => polygon(&mut bytes, width),
                _ => None,
            });
            Some(Shape::Polygons(polygons.collect::<Option<_>>()?))
        }
        _ => Some(Shape::Other(format!("a geometry of type {kind}"))),
    }
}

/// Type without dimensions, and numbers of a position.
fn head(bytes: &mut Bytes<'_>) -> Option<(u32, usize)> {
    bytes.little = bytes.u8()? == 1;
    let code = bytes.u32()?;
    let (plain, extended) = (code & 0xffff, code & 0xe000_0000);
    if extended & 0x2000_0000 != 0 {
        bytes.u32()?;
    }
    let iso = plain / 1000;
    let z = extended & 0x8000_0000 != 0 || iso == 1 || iso == 3;
    let m = extended & 0x4000_0000 != 0 || iso == 2 || iso == 3;
    Some((plain % 1000, 2 + usize::from(z) + usize::from(m)))
}

fn polygon(bytes: &mut Bytes<'_>, width: usize) -> Option<Vec<Ring>> {
    let rings = bytes.count(4)?;
    (0..rings)
        .map(|_| {
            let points = bytes.count(8 * width)?;
            (0..points)
                .map(|_| {
                    let at = [bytes.f64()?, bytes.f64()?];
                    bytes.take(8 * (width - 2))?;
                    Some(at)
                })
                .collect()
        })
        .collect()
}
