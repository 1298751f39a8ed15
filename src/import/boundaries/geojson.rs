//! GeoJSON (RFC 7946, and the older form with a `crs`).

use geojson::{GeoJson, GeometryValue};

use super::layer::{Feature, Layer, Ring, Shape};

/// The layer, with the name of its coordinate system if that is not longitude and latitude on WGS 84.
pub fn read(name: &str, bytes: &[u8]) -> Result<(Layer, Option<String>), String> {
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).map_err(|e| e.to_string())?;
    let collection = match text.parse::<GeoJson>().map_err(|e| e.to_string())? {
        GeoJson::FeatureCollection(collection) => collection,
        _ => return Err("the file is not a FeatureCollection".into()),
    };
    let named = collection.foreign_members.as_ref().and_then(|m| m.get("crs")).and_then(|c| c.pointer("/properties/name")).and_then(|n| n.as_str());
    let known = |name: &&str| name.ends_with("CRS84") || name.ends_with(":4326") || name.ends_with("/4326");
    let system = named.filter(|n| !known(n)).map(str::to_owned);
    let mut layer = Layer { name: name.to_owned(), ..Layer::default() };
    for feature in collection.features {
        let mut out = Feature::default();
        for (column, value) in feature.properties.unwrap_or_default() {
            match value {
                serde_json::Value::String(text) => out.set(&column, text),
                serde_json::Value::Number(n) => out.set(&column, n.to_string()),
                serde_json::Value::Bool(b) => out.set(&column, b.to_string()),
                _ => {}
            }
        }
        out.shape = feature.geometry.map_or(Shape::None, |g| shape(g.value));
        layer.features.push(out);
    }
    Ok((layer, system))
}

fn shape(value: GeometryValue) -> Shape {
    let rings = |polygon: Vec<Vec<geojson::Position>>| -> Vec<Ring> {
        let at = |p: &geojson::Position| p.as_slice().first_chunk::<2>().copied().unwrap_or([f64::NAN; 2]);
        polygon.iter().map(|ring| ring.iter().map(at).collect()).collect()
    };
    match value {
        GeometryValue::Polygon { coordinates } => Shape::Polygons(vec![rings(coordinates)]),
        GeometryValue::MultiPolygon { coordinates } => Shape::Polygons(coordinates.into_iter().map(rings).collect()),
        other => Shape::Other(format!("a {}", other.type_name())),
    }
}
