//! GeoPackage: an SQLite database, read in memory (OGC 12-128r18).

use std::collections::BTreeSet;

use rusqlite::config::DbConfig;
use rusqlite::ffi::ErrorCode;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::bytes::Bytes;
use super::layer::{Feature, Layer, Shape, number};
use super::wkb;

/// Steps of SQLite's machine after which it asks whether to go on.
const STEPS: i32 = 1000;
/// A file may ask for so many steps, and for this many more a byte. Reading a cell takes one, and a row two.
const MOST_STEPS: usize = 2_000_000;
const STEPS_A_BYTE: usize = 8;
/// A row takes at least so many bytes: its place in the page, its length, its number, its head.
const ROW: usize = 6;

/// The layers with a shape, each with the name of its coordinate system if that is not EPSG:4326.
pub fn read(bytes: &[u8]) -> Result<Vec<(Layer, Option<String>)>, String> {
    // A database that was last written through a journal beside it says so; alone it is whole without.
    let mut bytes = bytes.to_vec();
    bytes.iter_mut().take(20).skip(18).for_each(|b| *b = 1);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_MEMORY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_in_memory_with_flags(flags).map_err(said)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map_err(said)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false).map_err(said)?;
    db.deserialize_read_exact("main", bytes.as_slice(), bytes.len(), true).map_err(said)?;
    // No value is longer than the file, and pages that lead in a circle come to an end.
    db.set_limit(Limit::SQLITE_LIMIT_LENGTH, i32::try_from(bytes.len()).unwrap_or(i32::MAX)).map_err(said)?;
    let mut left = (MOST_STEPS + STEPS_A_BYTE * bytes.len()) / STEPS.unsigned_abs() as usize;
    let spent = move || {
        left = left.saturating_sub(1);
        left == 0
    };
    db.progress_handler(STEPS, Some(spent)).map_err(said)?;
    let most = bytes.len() / ROW;
    drop(bytes);
    let mut layers = Vec::new();
    for (table, column, system) in tables(&db).map_err(|e| format!("no layers of a GeoPackage: {}", said(e)))? {
        let layer = layer(&db, &table, &column, most).map_err(|e| format!("layer `{table}`: {e}"))?;
        layers.push((layer, system));
    }
    Ok(layers)
}

fn said(error: rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => "reading it takes more steps than a file of its size has contents".into(),
        _ => error.to_string(),
    }
}

/// Table, column of the shape, and coordinate system if it is another than EPSG:4326.
///
/// Only real tables with columns that are stored: a view, a virtual table or a computed column may do anything.
fn tables(db: &Connection) -> rusqlite::Result<Vec<(String, String, Option<String>)>> {
    let mut stored = db.prepare(
        "SELECT name FROM pragma_table_list AS t WHERE schema = 'main' AND type = 'table'
         AND NOT EXISTS (SELECT 1 FROM pragma_table_xinfo(t.name) WHERE hidden > 0)",
    )?;
    let stored: BTreeSet<String> = stored.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    if !["gpkg_geometry_columns", "gpkg_spatial_ref_sys"].iter().all(|table| stored.contains(*table)) {
        return Ok(Vec::new());
    }
    let mut query = db.prepare(
        "SELECT g.table_name, g.column_name, s.srs_name, s.organization, s.organization_coordsys_id
         FROM gpkg_geometry_columns g LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id ORDER BY g.table_name",
    )?;
    let rows = query.query_map([], |row| {
        let (name, organization, code): (Option<String>, Option<String>, Option<i64>) = (row.get(2)?, row.get(3)?, row.get(4)?);
        let known = organization.as_deref().is_some_and(|o| o.eq_ignore_ascii_case("EPSG")) && code == Some(4326);
        Ok((row.get(0)?, row.get(1)?, (!known).then(|| name.unwrap_or_else(|| "undefined".into()))))
    })?;
    rows.filter(|row| !row.as_ref().is_ok_and(|(table, ..)| !stored.contains(table))).collect()
}

fn layer(db: &Connection, table: &str, column: &str, most: usize) -> Result<Layer, String> {
    let names = names(db, table).map_err(said)?;
    let mut query = db.prepare(&format!("SELECT * FROM \"{}\"", table.replace('"', "\"\""))).map_err(said)?;
    let mut layer = Layer { name: table.to_owned(), ..Layer::default() };
    let mut rows = query.query([]).map_err(said)?;
    while let Some(row) = rows.next().map_err(said)? {
        if layer.features.len() >= most {
            return Err("it has more rows than the file has room for".into());
        }
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

/// Names of a table's columns, asked as data: of a statement, a name that is no UTF-8 is a panic.
fn names(db: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut query = db.prepare("SELECT CAST(name AS BLOB) FROM pragma_table_info(?1) ORDER BY cid")?;
    query.query_map([table], |row| Ok(String::from_utf8_lossy(row.get_ref(0)?.as_bytes()?).into_owned()))?.collect()
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
