//! Boundary files of each format, made here: units of nobody's map.

use std::io::Cursor;

use flatgeobuf::geozero::error::Result as GeoResult;
use flatgeobuf::geozero::{ColumnValue, GeomProcessor, GeozeroGeometry, PropertyProcessor};
use flatgeobuf::{ColumnType, FgbCrs, FgbWriter, FgbWriterOptions, GeometryType};

use super::packed::{gzip, zip};

pub type Ring = Vec<(f64, f64)>;

/// A made-up unit: its cells, and the rings of each of its polygons, counter-clockwise with clockwise holes.
pub struct Unit {
    pub cells: [&'static str; 6],
    pub polygons: Vec<Vec<Ring>>,
}

pub const COLUMNS: [&str; 6] = ["ADM2_PCODE", "ADM2_FR", "ADM2_AR", "ADM1_PCODE", "ADM0_PCODE", "validOn"];

pub fn square(x: f64, y: f64, size: f64) -> Ring {
    vec![(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]
}

/// Three units in Kayes around its town and one in Ségou; one has a lake with an island, one two parts.
pub fn units() -> Vec<Unit> {
    let hole = |x: f64, y: f64, size: f64| square(x, y, size).into_iter().rev().collect::<Ring>();
    vec![
        Unit { cells: ["ML0191", "Kayes Sud", "كاي الجنوبية", "ML01", "ML", "2021-12-20"], polygons: vec![vec![square(-12.0, 14.0, 0.5)]] },
        Unit {
            cells: ["ML0192", "Yélimané-Été", "", "ML01", "ML", "2021-12-20"],
            polygons: vec![vec![square(-11.5, 14.0, 1.0), hole(-11.2, 14.3, 0.4)], vec![square(-11.1, 14.4, 0.1)]],
        },
        Unit { cells: ["ML0193", "Nord", "", "ML01", "ML", "2021-12-20"], polygons: vec![vec![square(-12.0, 14.5, 0.5)], vec![square(-13.0, 15.0, 0.25)]] },
        Unit { cells: ["ML0491", "Niono", "", "ML04", "ML", "2021-12-20"], polygons: vec![vec![square(-6.0, 14.0, 1.0)]] },
    ]
}

pub fn geojson(units: &[Unit]) -> Vec<u8> {
    let features: Vec<serde_json::Value> = units
        .iter()
        .map(|u| {
            let cells: serde_json::Map<String, serde_json::Value> = COLUMNS.iter().zip(u.cells).map(|(c, v)| ((*c).to_owned(), v.into())).collect();
            serde_json::json!({ "type": "Feature", "properties": cells, "geometry": { "type": "MultiPolygon", "coordinates": u.polygons } })
        })
        .collect();
    serde_json::json!({ "type": "FeatureCollection", "features": features }).to_string().into_bytes()
}

pub fn shp(units: &[Unit]) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let mut writer = shapefile::ShapeWriter::new(&mut out);
    for unit in units {
        let points = |r: &Ring| r.iter().map(|(x, y)| shapefile::Point::new(*x, *y)).collect::<Vec<_>>();
        let rings = unit.polygons.iter().flat_map(|rings| {
            rings.iter().enumerate().map(|(i, r)| if i == 0 { shapefile::PolygonRing::Outer(points(r)) } else { shapefile::PolygonRing::Inner(points(r)) })
        });
        writer.write_shape(&shapefile::Polygon::with_rings(rings.collect())).expect("the shape is written");
    }
    writer.finalize().expect("the file is closed");
    drop(writer);
    out.into_inner()
}

/// A dBASE table with the language driver and cells as bytes.
pub fn dbf(rows: &[Vec<Vec<u8>>], driver: u8) -> Vec<u8> {
    const WIDTH: u8 = 40;
    let (head, row) = (32 + 32 * COLUMNS.len() + 1, 1 + usize::from(WIDTH) * COLUMNS.len());
    let mut out = vec![3, 121, 1, 1];
    out.extend((rows.len() as u32).to_le_bytes());
    out.extend((head as u16).to_le_bytes());
    out.extend((row as u16).to_le_bytes());
    out.resize(29, 0);
    out.extend([driver, 0, 0]);
    for column in COLUMNS {
        let mut field = column.as_bytes().to_vec();
        field.resize(11, 0);
        field.extend([b'C', 0, 0, 0, 0, WIDTH]);
        field.resize(32, 0);
        out.extend(field);
    }
    out.push(0x0d);
    for cells in rows {
        out.push(b' ');
        for cell in cells {
            let mut cell = cell.clone();
            cell.resize(usize::from(WIDTH), b' ');
            out.extend(cell);
        }
    }
    out
}

pub fn zipped(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    zip(&files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect::<Vec<_>>())
}

pub const WGS_84: &str = r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;

/// The cells of units as a dBASE table has them.
pub fn rows(units: &[Unit]) -> Vec<Vec<Vec<u8>>> {
    units.iter().map(|u| u.cells.iter().map(|c| c.as_bytes().to_vec()).collect()).collect()
}

pub fn shapefile_of(units: &[Unit], prj: &str) -> Vec<u8> {
    zipped(&[("a/made.shp", shp(units)), ("a/made.dbf", dbf(&rows(units), 0)), ("a/made.prj", prj.into()), ("a/made.cpg", "UTF-8".into())])
}

/// Well-known binary of a unit, big-endian with a height when `odd`.
pub fn wkb(unit: &Unit, odd: bool) -> Vec<u8> {
    let u32_of = |n: usize| if odd { (n as u32).to_be_bytes() } else { (n as u32).to_le_bytes() };
    let f64_of = |x: f64| if odd { x.to_be_bytes() } else { x.to_le_bytes() };
    let head = |kind: usize| [vec![u8::from(!odd)], u32_of(kind + if odd { 1000 } else { 0 }).to_vec()].concat();
    let mut out = head(6);
    out.extend(u32_of(unit.polygons.len()));
    for rings in &unit.polygons {
        out.extend(head(3));
        out.extend(u32_of(rings.len()));
        for ring in rings {
            out.extend(u32_of(ring.len()));
            for (x, y) in ring {
                out.extend(f64_of(*x));
                out.extend(f64_of(*y));
                if odd {
                    out.extend(f64_of(250.0));
                }
            }
        }
    }
    out
}

pub fn geopackage(units: &[Unit], system: i32) -> Vec<u8> {
    let db = rusqlite::Connection::open_in_memory().expect("a database");
    db.execute_batch(
        "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT, organization_coordsys_id INTEGER, definition TEXT);
         CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, srs_id INTEGER);
         CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT, srs_id INTEGER, z INTEGER, m INTEGER);
         INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84 geodetic', 4326, 'EPSG', 4326, ''), ('WGS 84 / UTM zone 29N', 32629, 'EPSG', 32629, '');
         CREATE TABLE \"made \"\"up\"\"\" (fid INTEGER PRIMARY KEY, geom BLOB, ADM2_PCODE TEXT, ADM2_FR TEXT, ADM2_AR TEXT, ADM1_PCODE TEXT, ADM0_PCODE TEXT, validOn TEXT);",
    )
    .expect("the tables are made");
    db.execute("INSERT INTO gpkg_geometry_columns VALUES ('made \"up\"', 'geom', 'MULTIPOLYGON', ?1, 0, 0)", [system]).expect("a layer");
    for (i, unit) in units.iter().enumerate() {
        // With and without an envelope.
        let mut blob = if i == 0 { [b"GP\0\x03".to_vec(), system.to_le_bytes().to_vec(), vec![0; 32]].concat() } else { [b"GP\0\x01".to_vec(), system.to_le_bytes().to_vec()].concat() };
        blob.extend(wkb(unit, i % 2 == 1));
        let c = unit.cells;
        db.execute("INSERT INTO \"made \"\"up\"\"\" (geom, ADM2_PCODE, ADM2_FR, ADM2_AR, ADM1_PCODE, ADM0_PCODE, validOn) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", rusqlite::params![blob, c[0], c[1], c[2], c[3], c[4], c[5]])
            .expect("a row");
    }
    let mut db = db;
    db.serialize("main").expect("the database as bytes").to_vec()
}

impl GeozeroGeometry for &Unit {
    fn process_geom<P: GeomProcessor>(&self, to: &mut P) -> GeoResult<()> {
        to.multipolygon_begin(self.polygons.len(), 0)?;
        for (i, rings) in self.polygons.iter().enumerate() {
            to.polygon_begin(false, rings.len(), i)?;
            for (j, ring) in rings.iter().enumerate() {
                to.linestring_begin(false, ring.len(), j)?;
                for (k, (x, y)) in ring.iter().enumerate() {
                    to.xy(*x, *y, k)?;
                }
                to.linestring_end(false, j)?;
            }
            to.polygon_end(false, i)?;
        }
        to.multipolygon_end(0)
    }
}

pub fn flatgeobuf_of(units: &[Unit], system: i32, index: bool) -> Vec<u8> {
    let crs = FgbCrs { org: Some("EPSG"), code: system, name: if system == 4326 { Some("WGS 84") } else { Some("WGS 84 / UTM zone 29N") }, ..FgbCrs::default() };
    let options = FgbWriterOptions { write_index: index, crs, ..FgbWriterOptions::default() };
    let mut writer = FgbWriter::create_with_options("made", GeometryType::MultiPolygon, options).expect("a file");
    for column in COLUMNS {
        writer.add_column(column, ColumnType::String, |_, _| {});
    }
    for unit in units {
        let cells = unit.cells;
        writer
            .add_feature_geom(unit, |feature| {
                for (i, cell) in cells.iter().enumerate().filter(|(_, c)| !c.is_empty()) {
                    feature.property(i, COLUMNS[i], &ColumnValue::String(cell)).expect("a cell");
                }
            })
            .expect("a feature");
    }
    let mut out = Vec::new();
    writer.write(&mut out).expect("the file is written");
    out
}

/// All formats of the made-up units by file name.
pub fn formats() -> Vec<(&'static str, Vec<u8>)> {
    let units = units();
    let json = geojson(&units);
    vec![
        ("made.geojson", json.clone()),
        ("made.geojson.gz", gzip(&json)),
        ("made.json.zip", zipped(&[("inner/made.geojson", json.clone()), ("readme.txt", b"text".to_vec())])),
        ("made_shp.zip", shapefile_of(&units, WGS_84)),
        ("made.gpkg", geopackage(&units, 4326)),
        ("made.fgb", flatgeobuf_of(&units, 4326, false)),
        ("made_indexed.fgb", flatgeobuf_of(&units, 4326, true)),
    ]
}

