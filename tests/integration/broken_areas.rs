//! Boundary files that are damaged or hostile, each in its own way.

use super::made::{Made, Must, made};
use super::made_areas::{Unit, dbf, flatgeobuf_of, geojson, geopackage, rows, shp, square, units};
use super::packed::{link, shapefile, zip};

pub fn corpus() -> Vec<Made> {
    [databases(), shapes(), cells(), buffers(), archives(), borders()].into_iter().flatten().collect()
}

/// A GeoPackage after some SQL.
fn database(sql: &str) -> Vec<u8> {
    let mut db = rusqlite::Connection::open_in_memory().expect("a database");
    db.deserialize_read_exact("main", geopackage(&units(), 4326).as_slice(), geopackage(&units(), 4326).len(), false).expect("a copy");
    db.execute_batch(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
    db.serialize("main").expect("the database as bytes").to_vec()
}

/// Views, triggers, computed columns, and pages that lead in a circle: what a database can do beside holding a table.
fn databases() -> Vec<Made> {
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)";
    let layer = "UPDATE gpkg_geometry_columns SET table_name = 'v', column_name = 'geom'";
    let kept = Must::Say("kept                 4");
    let cases = [
        ("view", format!("CREATE VIEW v AS SELECT * FROM \"made \"\"up\"\"\"; {layer}"), Must::Refuse),
        ("endless-view", format!("CREATE VIEW v AS {endless} SELECT i AS geom FROM n; {layer}"), Must::Refuse),
        ("endless-list", format!("DROP TABLE gpkg_geometry_columns; CREATE VIEW gpkg_geometry_columns AS {endless} SELECT 'a' || i AS table_name, 'geom' AS column_name, 4326 AS srs_id FROM n"), Must::Refuse),
        ("endless-systems", format!("DROP TABLE gpkg_spatial_ref_sys; CREATE VIEW gpkg_spatial_ref_sys AS {endless} SELECT 'x' AS srs_name, i AS srs_id, 'EPSG' AS organization, i AS organization_coordsys_id FROM n"), Must::Refuse),
        ("trigger", format!("CREATE TRIGGER t AFTER INSERT ON gpkg_contents BEGIN INSERT INTO gpkg_contents {endless} SELECT i, 'x', 1 FROM n; END"), kept),
        ("view-beside", format!("CREATE VIEW v AS {endless} SELECT i FROM n"), kept),
        ("computed", "ALTER TABLE \"made \"\"up\"\"\" ADD COLUMN long AS (printf('%.*c', 1000000000, 'x'))".into(), Must::Refuse),
        ("virtual", format!("CREATE VIRTUAL TABLE v USING fts5(geom); {layer}"), Must::Refuse),
        ("no-such-table", layer.into(), Must::Refuse),
        ("no-such-column", "UPDATE gpkg_geometry_columns SET column_name = 'other'".into(), Must::Survive),
        ("number-for-a-name", "UPDATE gpkg_geometry_columns SET table_name = 7".into(), Must::Refuse),
        ("blob-for-a-name", "UPDATE gpkg_geometry_columns SET table_name = x'00ff'".into(), Must::Refuse),
        ("text-for-a-shape", "UPDATE \"made \"\"up\"\"\" SET geom = 'POLYGON'".into(), Must::Refuse),
        ("short-shape", "UPDATE \"made \"\"up\"\"\" SET geom = x'4750000100'".into(), Must::Refuse),
        ("empty-shape", "UPDATE \"made \"\"up\"\"\" SET geom = x'4750001100000000'".into(), Must::Refuse),
        ("many-points", "UPDATE \"made \"\"up\"\"\" SET geom = x'47500001e6100000' || x'0103000000ffffffffffffffff'".into(), Must::Refuse),
        ("bidi", "UPDATE \"made \"\"up\"\"\" SET ADM2_FR = ADM2_FR || char(8238) || char(27) || '[31m'".into(), Must::Survive),
        ("nul", "UPDATE \"made \"\"up\"\"\" SET ADM2_FR = 'a' || char(0) || 'b' || fid".into(), Must::Survive),
    ];
    let mut out: Vec<Made> = cases.into_iter().map(|(name, sql, must)| made(format!("{name}.gpkg"), database(&sql), must)).collect();
    out.push(made("endless.gpkg", endless_pages(), Must::Refuse));
    out.push(made("column-not-utf8.gpkg", with_a_strange_column(), kept));
    out
}

/// A table one of whose columns has a name that is no UTF-8.
fn with_a_strange_column() -> Vec<u8> {
    let mut bytes = geopackage(&units(), 4326);
    let name = bytes.windows(7).position(|w| w == b"validOn").expect("the column is declared");
    bytes[name + 5] = 0xff;
    bytes
}

/// Pages of a table that name the next one over and over: few pages, and rows without end.
fn endless_pages() -> Vec<u8> {
    let mut bytes = geopackage(&units(), 4326);
    let page = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    // The root of the table of units is the only page with its shapes.
    let root = (0..bytes.len() / page).rev().find(|p| bytes[p * page] == 0x0d && bytes[p * page..][..page].windows(2).any(|w| w == b"GP")).expect("a page with shapes");
    let leaf = bytes[root * page..][..page].to_vec();
    let first = bytes.len() / page + 1;
    let of = |next: u32| {
        let count = (page - 12) / 7;
        let mut out = vec![0x05, 0, 0];
        out.extend((count as u16).to_be_bytes());
        let start = page - 5 * count;
        out.extend((start as u16).to_be_bytes());
        out.push(0);
        out.extend(next.to_be_bytes());
        out.extend((0..count).flat_map(|i| ((start + 5 * i) as u16).to_be_bytes()));
        out.resize(start, 0);
        (0..count).for_each(|_| out.extend([&next.to_be_bytes()[..], &[1]].concat()));
        out
    };
    bytes[root * page..][..page].copy_from_slice(&of(first as u32));
    (1..=10).for_each(|i| bytes.extend(of((first + i) as u32)));
    bytes.extend(leaf);
    let pages = (bytes.len() / page) as u32;
    bytes[28..32].copy_from_slice(&pages.to_be_bytes());
    bytes
}

/// Shapes whose lengths, counts and positions are not so.
fn shapes() -> Vec<Made> {
    let (good, table) = (shp(&units()), dbf(&rows(&units()), 0));
    // Behind the head of the file: number and length of the first shape, its kind, its box, its counts, its parts.
    let (length, kind, parts, points, first_part, second_shape) = (104, 108, 144, 148, 152, 108 + 2 * u32::from_be_bytes([good[104], good[105], good[106], good[107]]) as usize);
    let mut out = Vec::new();
    let mut with = |name: &str, at: usize, value: [u8; 4], must: Must| {
        let mut shp = good.clone();
        shp[at..at + 4].copy_from_slice(&value);
        out.push(made(format!("shp-{name}-{}.zip", out.len()), shapefile(&shp, &table), must));
    };
    for value in [0_i32, 1, 50, 1 << 20, i32::MAX, -1, i32::MIN] {
        with("file-length", 24, value.to_be_bytes(), Must::Survive);
        with("length", length, value.to_be_bytes(), Must::Refuse);
        with("second-length", second_shape + 4, value.to_be_bytes(), Must::Refuse);
        with("parts", parts, value.to_le_bytes(), if (0..=1).contains(&value) { Must::Survive } else { Must::Refuse });
        with("points", points, value.to_le_bytes(), if (0..=1).contains(&value) { Must::Survive } else { Must::Refuse });
        with("first-part", first_part, value.to_le_bytes(), Must::Survive);
    }
    for value in [1_i32, 3, 8, 11, 31, 99, -1] {
        with("kind", kind, value.to_le_bytes(), Must::Survive);
    }
    with("magic", 0, [0, 0, 0x27, 0x0b], Must::Refuse);
    for value in [f64::NAN, f64::INFINITY, 1e308, -1e-308, 180.000_01] {
        let mut shp = good.clone();
        shp[first_part + 4..first_part + 12].copy_from_slice(&value.to_le_bytes());
        out.push(made(format!("shp-position-{value}.zip"), shapefile(&shp, &table), Must::Survive));
    }
    out.push(made("shp-one-too-many.zip", shapefile(&good, &dbf(&rows(&units()[1..]), 0)), Must::Refuse));
    out
}

/// Tables of shapefiles whose head says what is not so.
fn cells() -> Vec<Made> {
    let (shp, good) = (shp(&units()), dbf(&rows(&units()), 0));
    let mut out = Vec::new();
    let mut with = |name: &str, at: usize, value: &[u8], must: Must| {
        let mut dbf = good.clone();
        dbf[at..at + value.len()].copy_from_slice(value);
        out.push(made(format!("dbf-{name}-{}.zip", out.len()), shapefile(&shp, &dbf), must));
    };
    for value in [0_u32, 1, 5, 1 << 20, u32::MAX] {
        with("rows", 4, &value.to_le_bytes(), Must::Refuse);
    }
    for value in [0_u16, 1, 31, 32, 33, u16::MAX] {
        with("head", 8, &value.to_le_bytes(), Must::Refuse);
        with("width", 10, &value.to_le_bytes(), Must::Refuse);
    }
    for driver in [0x57, 0x7e, 0xff] {
        with("driver", 29, &[driver], Must::Survive);
    }
    for width in [0, 1, 255] {
        with("column", 32 + 16, &[width], Must::Survive);
    }
    // Rows of one byte with thousands of columns of none.
    let mut thin = good[..32].to_vec();
    thin[4..12].copy_from_slice(&[0x40, 0x42, 0x0f, 0, 0xe1, 0xff, 1, 0]);
    thin.extend([[b'A'; 11].as_slice(), b"C", &[0; 20]].concat().repeat(2046));
    thin.resize(usize::from(0xffe1_u16) + 1_000_000, b' ');
    out.push(made("dbf-thin.zip", shapefile(&shp, &thin), Must::Refuse));
    out
}

/// FlatGeobuf whose head says what is not so.
fn buffers() -> Vec<Made> {
    let mut out = Vec::new();
    for (kind, good) in [("plain", flatgeobuf_of(&units(), 4326, false)), ("indexed", flatgeobuf_of(&units(), 4326, true))] {
        for value in [0_u32, 1, 1 << 20, u32::MAX] {
            let mut lying = good.clone();
            lying[8..12].copy_from_slice(&value.to_le_bytes());
            out.push(made(format!("{kind}-head-{value}.fgb"), lying, Must::Refuse));
            let mut last = good.clone();
            let head = 12 + u32::from_le_bytes([good[8], good[9], good[10], good[11]]) as usize;
            let at = if kind == "plain" { head } else { head + 40 * 5 };
            last[at..at + 4].copy_from_slice(&value.to_le_bytes());
            out.push(made(format!("{kind}-feature-{value}.fgb"), last, Must::Refuse));
        }
        out.push(made(format!("{kind}-tail.fgb"), [good.as_slice(), &[1, 0, 0]].concat(), Must::Refuse));
    }
    out
}

/// Archives of boundaries with links and paths out of their folder.
fn archives() -> Vec<Made> {
    let (shp, dbf, json) = (shp(&units()), dbf(&rows(&units()), 0), geojson(&units()));
    let inner = shapefile(&shp, &dbf);
    vec![
        made("areas-slip.zip", zip(&[("../../made.shp", &shp), ("../../made.dbf", &dbf)]), Must::Refuse),
        made("areas-absolute.zip", zip(&[("/tmp/made.geojson", &json)]), Must::Refuse),
        made("areas-link.zip", link("made.geojson"), Must::Refuse),
        made("areas-nested.zip", zip(&[("inner.zip", &inner)]), Must::Refuse),
        made("areas-no-cells.zip", zip(&[("made.shp", &shp)]), Must::Refuse),
        made("areas-other-kind.zip", zip(&[("made.gpkg", &json)]), Must::Survive),
        made("areas-deeper.zip", zip(&[("made.geojson", &inner)]), Must::Refuse),
    ]
}

/// Borders that would take hours: edges that all cross, or all lie in one place.
fn borders() -> Vec<Made> {
    let unit = |ring| Unit { cells: ["ML0191", "Kayes Sud", "", "ML01", "ML", "2021-12-20"], polygons: vec![vec![ring]] };
    let zigzag = (0..4000).map(|i| (f64::from(i) / 1000.0, if i % 2 == 0 { 10.0 } else { 15.0 })).chain((0..4000).map(|i| (4.0 - f64::from(i) / 1000.0, if i % 2 == 0 { 10.1 } else { 14.9 }))).collect();
    let star = (0..3001).map(|i| f64::from(i) * std::f64::consts::PI * 1500.0 / 3001.0 * 2.0).map(|a| (a.cos(), a.sin())).collect();
    let mut crowd = square(-10.0, 10.0, 20.0);
    crowd.splice(4..4, (0..6000).map(|i| (-10.0 + f64::from(i % 77) / 1e5, 10.0 + f64::from(i % 83) / 1e5)));
    [("zigzag", zigzag), ("star", star), ("crowd", crowd)].into_iter().map(|(name, ring)| made(format!("{name}.geojson"), geojson(&[unit(ring)]), Must::Refuse)).collect()
}
