//! GeoPackage: an SQLite database, read in memory (OGC 12-128r18).

use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::bytes::Bytes;
use super::layer::{Feature, Layer, Shape, number};
use super::wkb;

/// The layers with a shape, each with the name of its coordinate system if that is not EPSG:4326.
pub fn read(bytes: &[u8]) -> Result<Vec<(Layer, Option<String>)>, String> {
    let said = |e: rusqlite::Error| e.to_string();
    // A database that was last written through a journal beside it says so; alone it is whole without.
    let mut bytes = bytes.to_vec();
    bytes.iter_mut().take(20).skip(18).for_each(|b| *b = 1);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_MEMORY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_in_memory_with_flags(flags).map_err(said)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map_err(said)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false).map_err(said)?;
    db.deserialize_read_exact("main", bytes.as_slice(), bytes.len(), true).map_err(said)?;
    drop(bytes);
    let mut layers = Vec::new();
    for (table, column, system) in tables(&db).map_err(|e| format!("no layers of a GeoPackage: {e}"))? {
        let layer = layer(&db, &table, &column).map_err(|e| format!("layer `{table}`: {e}"))?;
        layers.push((layer, system));
    }
    Ok(layers)
}

/// Table, column of the shape, and coordinate system if it is another than EPSG:4326. Only real tables: a view may do anything.
fn tables(db: &Connection) -> rusqlite::Result<Vec<(String, String, Option<String>)>> {
    let mut query = db.prepare(
        "SELECT g.table_name, g.column_name, s.srs_name, s.organization, s.organization_coordsys_id
         FROM gpkg_geometry_columns g JOIN sqlite_master m ON m.name = g.table_name AND m.type = 'table'
         LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id ORDER BY g.table_name",
    )?;
    let rows = query.query_map([], |row| {
        let (name, organization, code): (Option<String>, Option<String>, Option<i64>) = (row.get(2)?, row.get(3)?, row.get(4)?);
        let known = organization.as_deref().is_some_and(|o| o.eq_ignore_ascii_case("EPSG")) && code == Some(4326);
        Ok((row.get(0)?, row.get(1)?, (!known).then(|| name.unwrap_or_else(|| "undefined".into()))))
    })?;
    rows.collect()
}

fn layer(db: &Connection, table: &str, column: &str) -> Result<Layer, String> {
    let said = |e: rusqlite::Error| e.to_string();
    let mut query = db.prepare(&format!("SELECT * FROM \"{}\"", table.replace('"', "\"\""))).map_err(said)?;
    let names: Vec<String> = query.column_names().into_iter().map(str::to_owned).collect();
    let mut layer = Layer { name: table.to_owned(), ..Layer::default() };
    let mut rows = query.query([]).map_err(said)?;
    while let Some(row) = rows.next().map_err(said)? {
        let mut feature = Feature::default();
        for (i, name) in names.iter().enumerate() {
            match row.get_ref(i).map_err(said)? {
                ValueRef::Blob(blob) if name.eq_ignore_ascii_case(column) => {
                    feature.shape = shape(blob).ok_or_else(|| format!("the shape of row {} is damaged", layer.features.len() + 1))?;
                }
                ValueRef::Text(text) => feature.set(name, String::from_utf8_lossy(text)),
                ValueRef::Integer(value) => feature.set(name, value.to_string()),
                ValueRef::Real(value) => feature.set(name, number(value)),
                ValueRef::Null | ValueRef::Blob(_) => {}
            }
        }
        layer.features.push(feature);
    }
    Ok(layer)
}

/// A geometry in GeoPackage's own wrapping: two letters, version, flags, system, envelope, then well-known binary.
fn shape(blob: &[u8]) -> Option<Shape> {
    let mut bytes = Bytes::new(blob, true);
    if bytes.take(2)? != b"GP" {
        return None;
    }
    bytes.u8()?;
    let flags = bytes.u8()?;
    bytes.u32()?;
    if flags & 0x10 != 0 {
        return Some(Shape::None);
    }
    let envelope = match (flags >> 1) & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return None,
    };
    wkb::read(blob.get(8 + envelope..)?)
}
