//! A shapefile: shapes in .shp, cells in .dbf, coordinate system in .prj, encoding in .cpg (ESRI Shapefile Technical Description, 1998).

use super::bytes::Bytes;
use super::dbf;
use super::layer::{Feature, Layer, Ring, Shape};

/// The parts of a shapefile.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parts<'a> {
    pub shp: &'a [u8],
    pub dbf: Option<&'a [u8]>,
    pub cpg: Option<&'a [u8]>,
}

/// Why a layer cannot be read: what is wrong.
pub fn read(name: &str, parts: Parts<'_>) -> Result<Layer, String> {
    let table = dbf::read(parts.dbf.ok_or("the .dbf with the names of the units is missing")?, parts.cpg)?;
    let shapes = shapes(parts.shp)?;
    if shapes.len() != table.rows.len() {
        return Err(format!("the .shp has {} shapes, the .dbf {} rows", shapes.len(), table.rows.len()));
    }
    let mut layer = Layer { name: name.to_owned(), notes: vec![format!("{name}: names read as {}", table.encoding)], ..Layer::default() };
    let mut deleted = 0;
    for (shape, row) in shapes.into_iter().zip(table.rows) {
        let Some(row) = row else {
            deleted += 1;
            continue;
        };
        let mut feature = Feature { shape, ..Feature::default() };
        for (column, cell) in table.columns.iter().zip(row) {
            feature.set(column, cell);
        }
        layer.features.push(feature);
    }
    if deleted > 0 {
        layer.notes.push(format!("{name}: {deleted} rows are marked as deleted and were left out"));
    }
    Ok(layer)
}

fn shapes(shp: &[u8]) -> Result<Vec<Shape>, String> {
    let mut bytes = Bytes::new(shp, false);
    let head = (bytes.u32(), bytes.take(96));
    if !matches!(head, (Some(9994), Some(_))) {
        return Err("the .shp does not begin like a shapefile".into());
    }
    let mut shapes = Vec::new();
    while !bytes.is_empty() {
        let broken = || format!("the .shp ends within shape {}", shapes.len() + 1);
        bytes.u32().ok_or_else(broken)?;
        let words = bytes.u32().and_then(|w| usize::try_from(w).ok()).ok_or_else(broken)?;
        let content = words.checked_mul(2).and_then(|n| bytes.take(n)).ok_or_else(broken)?;
        let shape = shape(content).ok_or_else(|| format!("shape {} of the .shp is damaged", shapes.len() + 1))?;
        shapes.push(shape);
    }
    Ok(shapes)
}

/// One shape; Z and M stand after the points and are not read.
fn shape(content: &[u8]) -> Option<Shape> {
    let mut bytes = Bytes::new(content, true);
    match bytes.u32()? {
        0 => return Some(Shape::None),
        5 | 15 | 25 => {}
        kind => return Some(Shape::Other(format!("a shape of type {kind}"))),
    }
    bytes.take(32)?;
    let parts = bytes.u32()?;
    let points = usize::try_from(bytes.u32()?).ok()?;
    let mut starts = Bytes::new(bytes.take(usize::try_from(parts).ok()?.checked_mul(4)?)?, true);
    let mut at = Bytes::new(bytes.take(points.checked_mul(16)?)?, true);
    let starts: Vec<usize> = (0..parts).map(|_| usize::try_from(starts.u32()?).ok()).collect::<Option<_>>()?;
    let all: Ring = (0..points).map(|_| Some([at.f64()?, at.f64()?])).collect::<Option<_>>()?;
    let ends = starts.iter().copied().skip(1).chain([points]);
    let rings = starts.iter().zip(ends).map(|(from, to)| all.get(*from..to).map(<[_]>::to_vec)).collect::<Option<_>>()?;
    Some(Shape::Rings(rings))
}

/// The name of a coordinate system that is not longitude and latitude on WGS 84; none if it is.
pub fn foreign_projection(prj: &str) -> Option<String> {
    let upper = prj.to_uppercase();
    let geographic = upper.trim_start().starts_with("GEOGCS") || upper.trim_start().starts_with("GEOGCRS");
    if geographic && (upper.contains("WGS_1984") || upper.contains("WGS 84") || upper.contains("WGS84")) {
        return None;
    }
    Some(prj.split('"').nth(1).unwrap_or("no name").to_owned())
}
