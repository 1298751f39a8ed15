//! `tukhum import` of boundary files, and units below the first level.
//!
//! Boundaries of OCHA, geoBoundaries and Natural Earth are read from the folder that `TUKHUM_REFERENCE_DATA` names;
//! without it those cases say that they did not run. Every other file here is made up and written by the test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tukhum::datasets::{Datasets, REGIONS, Resolver};
use tukhum::edition::Sources;
use tukhum::import::boundaries::{self, Pair, Request};

use super::made_areas::{Ring, Unit, dbf, flatgeobuf_of, formats, geojson, geopackage, shapefile_of, shp, square, units, zipped};
use super::support::*;

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
    let fact = |row: &Row| row.get("unit_ids") == "ML-1" && !row.get("level").is_empty();
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

/// A population of the second level makes a rate per head of events counted in its units.
#[test]
fn figures_of_second_level_units_give_a_rate() {
    let at = tempfile::tempdir().expect("a temporary folder");
    Draft::small().write(at.path());
    std::fs::write(at.path().join("a.geojson"), geojson(&units())).expect("written");
    std::fs::write(at.path().join("ged.csv"), events()).expect("written");
    let people = "ADM1_PCODE,ADM1_FR,ADM2_PCODE,ADM2_FR,year,T_TL\nML01,Kayes,ML0191,Kayes Sud,2022,200000\nML01,Kayes,ML0192,Yélimané-Été,2022,50000\nML01,Kayes,ML0193,Nord,2022,40000\n";
    std::fs::write(at.path().join("people.csv"), people).expect("written");
    import(at.path(), &["a.geojson"]).expect("boundaries");
    import(at.path(), &["ged.csv", "--release", "24.1", "--published", "2024-01-03", "--from", "2020-01-01", "--to", "2023-12-31"]).expect("events");
    import(at.path(), &["people.csv", "--units", "admin2", "--published", "2023-01-01"]).expect("figures");
    let table = std::fs::read_to_string(at.path().join("datasets/population/figures.csv")).expect("the table");
    assert!(table.contains(",ML0191,population,200000.0,2022,") && !table.contains(",ML-1,"), "{table}");
    let explained = run(at.path(), &["explain", "ML0191", "--units", "admin2", "--as-of", "2024-01-31"]);
    let words: Vec<&str> = stdout(&explained).split_whitespace().collect();
    assert!(words.join(" ").contains("in a population of 200,000"), "{}{}", stdout(&explained), stderr(&explained));
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
