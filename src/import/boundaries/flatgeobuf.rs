//! FlatGeobuf: a header, an index that is passed over, and features, each with its length.
//!
//! The crate's own loop allocates by the length that a feature claims; here a length is held against the file first.

use flatgeobuf::{Column, ColumnType, Geometry, GeometryType, Header, size_prefixed_root_as_feature, size_prefixed_root_as_header};

use super::bytes::Bytes;
use super::layer::{Feature, Layer, Ring, Shape, number};

const MAGIC: usize = 8;
/// Bytes of a node of the index.
const NODE: u64 = 40;
/// Bytes of a position.
const POSITION: usize = 16;

/// The layer, with the name of its coordinate system if that is not EPSG:4326.
pub fn read(name: &str, bytes: &[u8]) -> Result<(Layer, Option<String>), String> {
    let mut rest = Bytes::new(bytes.get(MAGIC..).ok_or("the file ends in its header")?, true);
    let head = sized(&mut rest).ok_or("the file ends in its header")?;
    let header = size_prefixed_root_as_header(&head).map_err(|e| format!("the header is damaged: {e}"))?;
    let system = header.crs().filter(|crs| crs.code() != 4326).map(|crs| crs.name().map_or_else(|| format!("{}:{}", crs.org().unwrap_or("EPSG"), crs.code()), str::to_owned));
    let index = index_bytes(&header).and_then(|n| usize::try_from(n).ok()).ok_or("the header is damaged")?;
    rest.take(index).ok_or("the file ends in its index")?;
    let common: Vec<Column<'_>> = header.columns().map(|c| c.iter().collect()).unwrap_or_default();
    // Parts of a shape may be named several times over: together they have no more positions than the file has room for.
    let mut room = bytes.len() / POSITION;
    let mut layer = Layer { name: header.name().filter(|n| !n.is_empty()).unwrap_or(name).to_owned(), ..Layer::default() };
    while !rest.is_empty() {
        let broken = |why: &str| format!("feature {} {why}", layer.features.len() + 1);
        let own = sized(&mut rest).ok_or_else(|| broken("is cut off"))?;
        let feature = size_prefixed_root_as_feature(&own).map_err(|e| broken(&format!("is damaged: {e}")))?;
        let mut out = Feature::default();
        let columns: Option<Vec<Column<'_>>> = feature.columns().map(|c| c.iter().collect());
        if let Some(properties) = feature.properties() {
            cells(&mut out, properties.bytes(), columns.as_ref().unwrap_or(&common)).ok_or_else(|| broken("has damaged cells"))?;
        }
        out.shape = match feature.geometry() {
            Some(geometry) => shape(&geometry, header.geometry_type(), &mut room).ok_or_else(|| broken("has a damaged shape"))?,
            None => Shape::None,
        };
        layer.features.push(out);
    }
    Ok((layer, system))
}

/// A length and as many bytes, the length included.
fn sized(rest: &mut Bytes<'_>) -> Option<Vec<u8>> {
    let length = rest.u32()?;
    let own = rest.take(usize::try_from(length).ok()?)?;
    Some([&length.to_le_bytes(), own].concat())
}

fn index_bytes(header: &Header<'_>) -> Option<u64> {
    let (mut level, size) = (header.features_count(), u64::from(header.index_node_size()));
    if size == 0 || level == 0 {
        return Some(0);
    }
    let mut nodes = level;
    while level > 1 {
        level = level.div_ceil(size.max(2));
        nodes = nodes.checked_add(level)?;
    }
    nodes.checked_mul(NODE)
}

fn cells(out: &mut Feature, bytes: &[u8], columns: &[Column<'_>]) -> Option<()> {
    let mut bytes = Bytes::new(bytes, true);
    while !bytes.is_empty() {
        let column = columns.get(usize::from(bytes.u16()?))?;
        let text = match column.type_() {
            ColumnType::Byte => bytes.u8()?.cast_signed().to_string(),
            ColumnType::UByte => bytes.u8()?.to_string(),
            ColumnType::Bool => (bytes.u8()? != 0).to_string(),
            ColumnType::Short => bytes.u16()?.cast_signed().to_string(),
            ColumnType::UShort => bytes.u16()?.to_string(),
            ColumnType::Int => bytes.u32()?.cast_signed().to_string(),
            ColumnType::UInt => bytes.u32()?.to_string(),
            ColumnType::Long => bytes.u64()?.cast_signed().to_string(),
            ColumnType::ULong => bytes.u64()?.to_string(),
            ColumnType::Float => number(f64::from(bytes.f32()?)),
            ColumnType::Double => number(bytes.f64()?),
            ColumnType::String | ColumnType::Json | ColumnType::DateTime => {
                let length = bytes.count(1)?;
                String::from_utf8_lossy(bytes.take(length)?).into_owned()
            }
            ColumnType::Binary => {
                let length = bytes.count(1)?;
                bytes.take(length)?;
                String::new()
            }
            _ => return None,
        };
        out.set(column.name(), text);
    }
    Some(())
}

fn shape(geometry: &Geometry<'_>, of_layer: GeometryType, room: &mut usize) -> Option<Shape> {
    let own = if of_layer == GeometryType::Unknown { geometry.type_() } else { of_layer };
    Some(match own {
        GeometryType::Polygon => Shape::Polygons(vec![rings(geometry, room)?]),
        GeometryType::MultiPolygon => match geometry.parts() {
            Some(parts) => Shape::Polygons(parts.iter().map(|p| rings(&p, room)).collect::<Option<_>>()?),
            None => Shape::Polygons(vec![rings(geometry, room)?]),
        },
        other => Shape::Other(format!("a geometry of type {}", other.variant_name().unwrap_or("unknown"))),
    })
}

/// The rings of a polygon; none if they are damaged, or more than there is room for.
fn rings(geometry: &Geometry<'_>, room: &mut usize) -> Option<Vec<Ring>> {
    let xy = geometry.xy()?;
    *room = room.checked_sub(xy.len() / 2)?;
    let numbers: Vec<f64> = xy.iter().collect();
    let points: Ring = numbers.chunks_exact(2).filter_map(|c| c.first_chunk().copied()).collect();
    let ends: Vec<usize> = match geometry.ends() {
        Some(ends) => ends.iter().map(|e| usize::try_from(e).ok()).collect::<Option<_>>()?,
        None => vec![points.len()],
    };
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(&ends).map(|(from, to)| points.get(from..*to).map(<[_]>::to_vec)).collect()
}
