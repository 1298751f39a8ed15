//! `tukhum import` of boundary files, and units below the first level.
//!
//! Boundaries of OCHA, geoBoundaries and Natural Earth are read from the folder that `TUKHUM_REFERENCE_DATA` names;
//! without it those cases say that they did not run. Every other file here is made up and written by the test.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use flatgeobuf::geozero::error::Result as GeoResult;
use flatgeobuf::geozero::{ColumnValue, GeomProcessor, GeozeroGeometry, PropertyProcessor};
use flatgeobuf::{ColumnType, FgbCrs, FgbWriter, FgbWriterOptions, GeometryType};
use tukhum::datasets::{Datasets, REGIONS, Resolver};
use tukhum::edition::Sources;
use tukhum::import::boundaries::{self, Pair, Request};

use super::support::*;

type Ring = Vec<(f64, f64)>;

/// A made-up unit: its cells, and the rings of each of its polygons, counter-clockwise with clockwise holes.
struct Unit {
    cells: [&'static str; 6],
    polygons: Vec<Vec<Ring>>,
}

const COLUMNS: [&str; 6] = ["ADM2_PCODE", "ADM2_FR", "ADM2_AR", "ADM1_PCODE", "ADM0_PCODE", "validOn"];

fn square(x: f64, y: f64, size: f64) -> Ring {
    vec![(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]
}

/// Three units in Kayes around its town and one in Ségou; one has a lake with an island, one two parts.
fn units() -> Vec<Unit> {
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

fn geojson(units: &[Unit]) -> Vec<u8> {
    let features: Vec<serde_json::Value> = units
        .iter()
        .map(|u| {
            let cells: serde_json::Map<String, serde_json::Value> = COLUMNS.iter().zip(u.cells).map(|(c, v)| ((*c).to_owned(), v.into())).collect();
            serde_json::json!({ "type": "Feature", "properties": cells, "geometry": { "type": "MultiPolygon", "coordinates": u.polygons } })
        })
        .collect();
    serde_json::json!({ "type": "FeatureCollection", "features": features }).to_string().into_bytes()
}

fn shp(units: &[Unit]) -> Vec<u8> {
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
fn dbf(rows: &[Vec<Vec<u8>>], driver: u8) -> Vec<u8> {
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

fn zipped(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a file begins");
        zip.write_all(bytes).expect("the file is written");
    }
    zip.finish().expect("the archive is closed").into_inner()
}

const WGS_84: &str = r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;

fn shapefile_of(units: &[Unit], prj: &str) -> Vec<u8> {
    let rows: Vec<Vec<Vec<u8>>> = units.iter().map(|u| u.cells.iter().map(|c| c.as_bytes().to_vec()).collect()).collect();
    zipped(&[("a/made.shp", shp(units)), ("a/made.dbf", dbf(&rows, 0)), ("a/made.prj", prj.into()), ("a/made.cpg", "UTF-8".into())])
}

/// Well-known binary of a unit, big-endian with a height when `odd`.
fn wkb(unit: &Unit, odd: bool) -> Vec<u8> {
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

fn geopackage(units: &[Unit], system: i32) -> Vec<u8> {
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

fn flatgeobuf_of(units: &[Unit], system: i32, index: bool) -> Vec<u8> {
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

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).expect("it is packed");
    out.finish().expect("it is packed")
}

/// All formats of the made-up units by file name.
fn formats() -> Vec<(&'static str, Vec<u8>)> {
    let units = units();
    let json = geojson(&units);
    vec![
        ("made.geojson", json.clone()),
        ("made.geojson.gz", gzipped(&json)),
        ("made.json.zip", zipped(&[("inner/made.geojson", json.clone()), ("readme.txt", b"text".to_vec())])),
        ("made_shp.zip", shapefile_of(&units, WGS_84)),
        ("made.gpkg", geopackage(&units, 4326)),
        ("made.fgb", flatgeobuf_of(&units, 4326, false)),
        ("made_indexed.fgb", flatgeobuf_of(&units, 4326, true)),
    ]
}

/// Reads a file without a workspace.
fn read(name: &str, bytes: &[u8]) -> Result<Vec<Pair>, String> {
    assert!(boundaries::recognise(bytes), "{name} is not recognised");
    attempt(name, bytes)
}

fn attempt(name: &str, bytes: &[u8]) -> Result<Vec<Pair>, String> {
    let (data, resolver) = (Datasets::default(), Resolver::default());
    boundaries::import(&[(name.into(), bytes.to_vec())], &Request::default(), &data, &resolver).map_err(|problems| problems.render(false))
}

#[test]
fn all_formats_give_the_same_units() {
    let mut first: Option<(String, String)> = None;
    for (name, bytes) in formats() {
        let pairs = read(name, &bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(pairs.len(), 1, "{name}");
        let pair = &pairs[0];
        assert_eq!((pair.level, pair.account.kept, pair.account.refused.len(), pair.name.as_str()), (2, 4, 0, "cod_ab_mli_adm2"), "{name}");
        assert_eq!(pair.published.to_string(), "2021-12-20");
        let mut lines: Vec<&str> = pair.boundaries["boundaries.geojson"].lines().collect();
        lines.sort_unstable();
        let own = (pair.units["units.csv"].clone(), lines.join("\n"));
        // An index puts features into another order, and the polygons of a unit stay in theirs.
        let known = first.get_or_insert_with(|| own.clone());
        assert_eq!(own.0, known.0, "{name}");
        let same = own.1 == known.1;
        assert!(same, "{name} has other shapes:\n{}\n{}", own.1, known.1);
    }
    let (units, _) = first.expect("there are formats");
    assert!(units.contains("ML0191,MLI,scored,Kayes Sud,Kayes Sud,كاي الجنوبية,"), "{units}");
}

#[test]
fn other_coordinate_systems_are_refused_by_name() {
    let units = units();
    let utm = r#"PROJCS["WGS 84 / UTM zone 29N",GEOGCS["WGS 84",DATUM["WGS_1984"]]]"#;
    let mut json: serde_json::Value = serde_json::from_slice(&geojson(&units)).expect("it is JSON");
    json["crs"] = serde_json::json!({ "type": "name", "properties": { "name": "urn:ogc:def:crs:EPSG::32629" } });
    for (name, bytes, system) in [
        ("a.zip", shapefile_of(&units, utm), "WGS 84 / UTM zone 29N"),
        ("a.gpkg", geopackage(&units, 32629), "WGS 84 / UTM zone 29N"),
        ("a.fgb", flatgeobuf_of(&units, 32629, true), "WGS 84 / UTM zone 29N"),
        ("a.geojson", json.to_string().into_bytes(), "urn:ogc:def:crs:EPSG::32629"),
    ] {
        let said = read(name, &bytes).expect_err("it is refused");
        assert!(said.contains("foreign-projection") && said.contains(system) && said.contains("ogr2ogr -t_srs EPSG:4326"), "{name}: {said}");
    }
}

#[test]
fn names_are_read_in_the_encoding_of_the_table() {
    let units = &units()[1..2];
    let name = |files: Vec<(&str, Vec<u8>)>| {
        let pairs = read("a.zip", &zipped(&files)).expect("it is read");
        pairs[0].units["units.csv"].lines().nth(1).and_then(|l| l.split(',').nth(3)).map(str::to_owned)
    };
    let table = |bytes: &[u8], driver: u8| {
        let cells: Vec<Vec<u8>> = units[0].cells.iter().enumerate().map(|(i, c)| if i == 1 { bytes.to_vec() } else { c.as_bytes().to_vec() }).collect();
        ("m.dbf", dbf(&[cells], driver))
    };
    let shape = || ("m.shp", shp(units));
    let cpg = |text: &str| ("m.cpg", text.as_bytes().to_vec());
    let cases = [
        (name(vec![shape(), table("Ségou".as_bytes(), 0)]), "Ségou"),
        // Some programs write the driver of Windows beside UTF-8.
        (name(vec![shape(), table("Ségou".as_bytes(), 0x57)]), "Ségou"),
        (name(vec![shape(), table(b"S\xe9gou", 0)]), "Ségou"),
        (name(vec![shape(), table(b"S\x82gou", 0x02)]), "Ségou"),
        (name(vec![shape(), table(b"\xdf\xc7\xed", 0x7e)]), "كاي"),
        (name(vec![shape(), table(b"\xdf\xc7\xed", 0), cpg("1256")]), "كاي"),
        (name(vec![shape(), table("كاي".as_bytes(), 0), cpg("UTF-8")]), "كاي"),
    ];
    for (found, expected) in cases {
        assert_eq!(found.as_deref(), Some(expected));
    }
    let said = read("a.zip", &zipped(&[shape(), table(b"x", 0), cpg("klingon")])).expect_err("it is refused");
    assert!(said.contains("klingon"), "{said}");
}

#[test]
fn broken_units_are_named_and_the_rest_is_kept() {
    let mut units = units();
    let bow = vec![(-9.0, 14.0), (-8.0, 15.0), (-8.0, 14.0), (-9.0, 15.0), (-9.0, 14.0)];
    let mut open = square(-10.0, 14.0, 0.5);
    open.pop();
    let more = |code: &'static str, name: &'static str, ring: Ring| Unit { cells: [code, name, "", "ML01", "ML", "2021-12-20"], polygons: vec![vec![ring]] };
    units.push(more("ML0194", "Nœud", bow));
    units.push(more("ML0195", "Ouvert", open));
    units.push(more("ML0196", "À l’envers", square(-10.0, 15.0, 0.5).into_iter().rev().collect()));
    units.push(more("ML0197", "Ailleurs", square(190.0, 15.0, 0.5)));
    units.push(more("ML0198", "Trait", vec![(0.0, 0.0), (1.0, 1.0), (0.0, 0.0)]));
    units.push(more("ML0191", "Encore", square(-9.0, 16.0, 0.5)));
    units.push(Unit { cells: ["XX01", "Nulle part", "", "", "XX", ""], polygons: vec![vec![square(0.0, 0.0, 1.0)]] });
    let pairs = read("a.geojson", &geojson(&units)).expect("it is read");
    insta::assert_snapshot!("broken_units", pairs[0].account.text(20));
}

/// Files cut off, or with bytes changed, are read or refused; nothing breaks, and nothing is asked of memory that the file does not have.
#[test]
fn damaged_files_are_refused_or_read() {
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    for (name, bytes) in formats() {
        let mut refused = 0;
        for i in 0..40 {
            let cut = &bytes[..bytes.len() * i / 40];
            refused += usize::from(attempt(name, cut).is_err());
        }
        assert!(refused > 20, "{name}: {refused} of 40 cut files were refused");
        for _ in 0..150 {
            let mut changed = bytes.clone();
            for _ in 0..=next() % 4 {
                let (at, bit) = (next() % changed.len(), next() % 8);
                changed[at] = if bit == 0 { 0xff } else { changed[at] ^ (1 << bit) };
            }
            let _ = (boundaries::recognise(&changed), attempt(name, &changed));
        }
    }
}

fn workspace(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    Draft::tiny().write(temporary.path());
    for (name, bytes) in files {
        std::fs::write(temporary.path().join(name), bytes).expect("the file is written");
    }
    temporary
}

fn import(at: &Path, args: &[&str]) -> Result<String, String> {
    let all: Vec<&str> = ["import"].into_iter().chain(args.iter().copied()).collect();
    let output = run(at, &all);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&at.display().to_string(), "");
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

#[test]
fn the_same_file_twice_changes_nothing_and_another_is_refused() {
    let at = workspace(&[("a.geojson", geojson(&units())), ("b.geojson", geojson(&units()[..2]))]);
    import(at.path(), &["a.geojson"]).expect("it is imported");
    assert!(at.path().join("datasets/cod_ab_mli_adm2_units/.gitignore").exists());
    let before = contents(&at.path().join("datasets"));
    let said = import(at.path(), &["a.geojson"]).expect("it is known");
    assert!(said.contains("nothing changes"), "{said}");
    let said = import(at.path(), &["b.geojson"]).expect_err("it is another");
    assert!(said.contains("boundaries-known"), "{said}");
    assert_eq!(contents(&at.path().join("datasets")), before);
    assert!(run(at.path(), &["check"]).status.success());
}

const UCDP: &str = "id,type_of_violence,side_a,side_b,country,adm_1,adm_2,latitude,longitude,where_prec,date_start,best,high,low\n";

/// Events by the source's own name of the unit, by their point, and those with neither.
fn events() -> Vec<u8> {
    let row = |id: u32, adm_2: &str, at: (f64, f64), precision: u8| format!("{id},1,Government of Mali,JNIM,Mali,Kayes region,{adm_2},{},{},{precision},2023-05-0{id} 00:00:00.000,1,1,1\n", at.0, at.1);
    let rows = [
        row(1, "Yelimane ete cercle", (14.9, -11.9), 1),
        row(2, "", (14.1, -11.9), 1),
        row(3, "", (14.1, -11.9), 5),
        // In the lake.
        row(4, "", (14.35, -11.15), 1),
        row(5, "Nowhere cercle", (14.6, -11.9), 2),
    ];
    format!("{UCDP}{}", rows.concat()).into_bytes()
}

#[test]
fn events_facts_and_incidents_find_their_unit() {
    let fact = |row: &Row| row.get("unit_ids") == "ML-1" && row.get("level") != "";
    let facts = Draft::bundled().rows("status_facts");
    let fact = facts.iter().find(|r| fact(r)).expect("a fact of Kayes").get("fact_id").to_owned();
    let at = tempfile::tempdir().expect("a temporary folder");
    Draft::small().write(at.path());
    std::fs::write(at.path().join("a.geojson"), geojson(&units())).expect("written");
    std::fs::write(at.path().join("ged.csv"), events()).expect("written");
    import(at.path(), &["a.geojson"]).expect("boundaries");
    import(at.path(), &["ged.csv", "--release", "24.1", "--published", "2024-06-03", "--from", "2020-01-01", "--to", "2023-12-31"]).expect("events");
    let workspace = tukhum::workspace::Workspace::read(at.path()).expect("the workspace is read");
    let (sources, _) = Sources::load_level(&workspace, 2).unwrap_or_else(|p| panic!("{p}"));
    let evidence = tukhum::evidence::Evidence::new(
        &sources.datasets,
        &sources.resolver,
        tukhum::evidence::AsOf { day: jiff::civil::date(2024, 6, 30), hindsight: false },
    );
    let placed: BTreeMap<&str, Option<&str>> =
        evidence.events.iter().filter(|e| e.dataset == "ucdp").map(|e| (e.now.id.as_str(), e.province.as_deref())).collect();
    let expected = [("1", Some("ML0192")), ("2", Some("ML0191")), ("3", None), ("4", None), ("5", Some("ML0193"))];
    assert_eq!(placed, expected.into_iter().collect());
    assert!(evidence.events.iter().filter(|e| e.dataset == "ucdp").all(|e| e.region.as_deref() == Some("ML-1")));
    let held = sources.datasets.facts.iter().find(|f| f.id == fact).expect("the fact is there");
    assert!(held.units.contains(&"ML0191".to_owned()) && !held.units.contains(&"ML0491".to_owned()), "{:?}", held.units);
    assert!(held.value.starts_with("of the region Kayes: "), "{}", held.value);
    // Scored are the units of the level; the regions of other countries are surroundings.
    let scored: Vec<&str> = sources.datasets.provinces.iter().filter(|p| p.scored).map(|p| p.id.as_str()).collect();
    assert_eq!(scored, ["ML0191", "ML0192", "ML0193", "ML0491"]);
    assert_eq!(sources.datasets.layer.level, REGIONS + 1);
    for event in evidence.ledger.iter().filter(|e| e.region.as_deref() == Some("ML-1")) {
        let province = event.province.as_deref();
        assert!(province == Some("ML-1") || province.is_some_and(|p| p.starts_with("ML019") && event.has_place()), "{event:?}");
    }
}

#[test]
fn units_of_the_second_level_are_ranked_and_reported_apart() {
    let at = workspace(&[("a.geojson", geojson(&units()))]);
    let said = run(at.path(), &["score", "--units", "admin2"]);
    assert!(!said.status.success() && stderr(&said).contains("no-units-of-level"), "{}", stderr(&said));
    let before = run(at.path(), &["score", "--as-of", "2024-12-31"]);
    import(at.path(), &["a.geojson"]).expect("it is imported");
    // Units of another level leave the ranking of the first as it was.
    assert_eq!(stdout(&run(at.path(), &["score", "--as-of", "2024-12-31"])), stdout(&before));
    let ranking = run(at.path(), &["score", "--units", "admin2", "--as-of", "2024-12-31", "--format", "csv"]);
    assert_eq!(stdout(&ranking).lines().filter(|l| l.contains("ML01")).count(), 3, "{}\n{}", stdout(&ranking), stderr(&ranking));
    let report = run(at.path(), &["report", "--units", "admin2", "--as-of", "2024-12-31", "--out", "out"]);
    assert!(report.status.success(), "{}", stderr(&report));
    assert!(at.path().join("out/2024-12-31-admin2/report.md").exists());
    assert!(!at.path().join("out/2024-12-31").exists() && !at.path().join("out/track-record.csv").exists());
}

fn reference(below: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("TUKHUM_REFERENCE_DATA") else {
        eprintln!("did not run: TUKHUM_REFERENCE_DATA names no folder with {below}");
        return None;
    };
    Some(PathBuf::from(folder).join(below))
}

/// Publishers' own files: how many units each has, how many were repaired for more than their direction, and how many found their region.
#[test]
fn files_of_the_publishers() {
    let Some(folder) = reference("admin") else { return };
    let published = Some(jiff::civil::date(2023, 1, 1));
    let cases = [
        ("cod_ab_mli/mli_admbnda_adm2_1m_gov_20211220.geojson.gz", vec![(2, 53, 2, 53)]),
        ("cod_ab_mli/mli_cod_ab_shapefiles.zip", vec![(0, 1, 0, 0), (1, 10, 0, 0), (2, 53, 2, 53), (3, 701, 2, 701)]),
        ("cod_ab_mrt/mrt_cod_ab_shapefiles.zip", vec![(0, 1, 0, 0), (1, 13, 0, 0), (2, 57, 0, 57)]),
        ("geoboundaries_bfa/geoBoundaries-BFA-ADM1.geojson.gz", vec![(1, 13, 0, 0)]),
        ("geoboundaries_ner/geoBoundaries-NER-ADM2.geojson.gz", vec![(2, 67, 0, 67)]),
        ("natural_earth/ne_10m_admin_0_countries_west_africa.geojson.gz", vec![(0, 20, 0, 0)]),
    ];
    for (file, expected) in cases {
        let bytes = std::fs::read(folder.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        let request = Request { published, ..Request::default() };
        let pairs = boundaries::import(&[(file.into(), bytes)], &request, &SOURCES.datasets, &SOURCES.resolver).unwrap_or_else(|e| panic!("{file}: {}", e.render(false)));
        let found: Vec<_> = pairs
            .iter()
            .map(|p| {
                let cut = p.account.repaired.iter().filter(|(r, _)| r.text().contains("crossed")).map(|(_, names)| names.len()).sum::<usize>();
                (p.level, p.account.kept, cut, p.account.regions.as_ref().map_or(0, |r| r.by_code + r.by_name + r.by_place))
            })
            .collect();
        assert_eq!(found, expected, "{file}");
        assert!(pairs.iter().all(|p| p.account.kept == p.account.read), "{file}");
    }
}
