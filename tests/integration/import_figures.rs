//! `tukhum import`: tables with figures of units, and an indicator on them.
//!
//! Published tables are read from the folder that `TUKHUM_REFERENCE_DATA` names; every other file here is made up.

use std::path::Path;

use jiff::civil::Date;
use rust_xlsxwriter::Workbook;
use tukhum::evidence::{AsOf, Evidence};
use tukhum::workspace::Workspace as Folder;

use super::import::{import, workspace};
use super::support::*;

fn save(at: &Path, name: &str, text: &str) {
    std::fs::write(at.join(name), text).expect("the file is written");
}

fn figures(at: &Path, dataset: &str) -> String {
    std::fs::read_to_string(at.join("datasets").join(dataset).join("figures.csv")).expect("the table is there")
}

#[test]
fn an_inform_workbook_with_titles_and_missing_values() {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Contents").expect("a name").write(0, 0, "INFORM Sahel").expect("a cell");
    let sheet = book.add_worksheet();
    sheet.set_name("INFORM Sahel 2018 (a-z)").expect("a name");
    sheet.write(0, 0, "INFORM Sahel 2018").expect("a title");
    let rows: [&[&str]; 7] = [
        &["COUNTRY", "ISO3", "ADMIN1", "ADMIN1 PCODE", "INFORM RISK", "RISK CLASS", "Rank"],
        &["", "", "", "", "(0-10)", "(Low-High)", "(1-132)"],
        &["Mali", "MLI", "Kayes", "ML01", "5.5", "High", "3"],
        &["Mali", "MLI", "Koulikoro", "ML02", "-99", "No data", "4"],
        &["Mali", "MLI", "Atlantis", "ML99", "5.5", "High", "3"],
        &["Mali", "MLI", "Kayes", "ML02", "1", "Low", "9"],
        &["Nigeria", "NGA", "Borno", "NG008", "8.8", "Very High", "1"],
    ];
    for (i, row) in rows.iter().enumerate() {
        for (k, cell) in row.iter().enumerate() {
            match cell.parse::<f64>() {
                Ok(n) => sheet.write(i as u32 + 2, k as u16, n).expect("a number"),
                Err(_) => sheet.write(i as u32 + 2, k as u16, *cell).expect("a text"),
            };
        }
    }
    let at = workspace();
    std::fs::write(at.path().join("inform.xlsx"), book.save_to_buffer().expect("a workbook")).expect("written");
    let account = import(at.path(), &["inform.xlsx", "--published", "2018-03-01"]).expect("it is imported");
    insta::assert_snapshot!("inform", format!("{account}\n{}", figures(at.path(), "inform")));
    assert!(run(at.path(), &["check"]).status.success());
    let before = contents(&at.path().join("datasets/inform"));
    let again = import(at.path(), &["inform.xlsx", "--published", "2018-03-01"]).expect("it is known");
    assert!(again.contains("nothing changes"), "{again}");
    assert_eq!(contents(&at.path().join("datasets/inform")), before);
}

/// Parts add up where the layout says so; a release replaces figures and leaves the days before it as they were.
#[test]
fn population_by_district_adds_up_and_keeps_vintages() {
    let at = workspace();
    save(at.path(), "first.csv", "ADM1_PCODE,ADM1_FR,ADM2_PCODE,ADM2_FR,year,T_TL,F_TL\nML01,Kayes,ML0101,Bafoulabé,2022,100,50\nML01,Kayes,ML0102,Kayes,2022,200,\nML02,Koulikoro,ML0201,Banamba,2022,1 000,500\n");
    save(at.path(), "second.csv", "ADM1_PCODE,ADM1_FR,year,T_TL\nML01,Kayes,2022,310\nML02,Koulikoro,2022,1000\nML01,Kayes,2030,999\n");
    let account = import(at.path(), &["first.csv", "--release", "1", "--published", "2023-01-01"]).expect("the first release");
    assert!(account.contains("a part has no value, so there is no sum"), "a gap is no zero: {account}");
    let account = import(at.path(), &["second.csv", "--release", "2", "--published", "2024-01-01"]).expect("the second release");
    assert!(account.contains("(1 new, 1 revised, 1 unchanged)"), "{account}");
    let sources = read(&Folder::read(at.path()).expect("the workspace is read"));
    let value = |day| {
        let evidence = Evidence::new(&sources.datasets, &sources.resolver, AsOf { day, hindsight: false });
        evidence.figure("ML-1", "population").map(|f| f.value)
    };
    assert_eq!(value(Date::constant(2022, 12, 31)), None, "not published yet");
    assert_eq!(value(Date::constant(2023, 6, 1)), Some(300.0));
    assert_eq!(value(Date::constant(2024, 6, 1)), Some(310.0), "a projection for 2030 is not of a time up to the day");
}

#[test]
fn hashtags_coinr_and_a_mapping() {
    let at = workspace();
    save(at.path(), "hxl.csv", "Région,Code,Année,Ménages,Déplacés\n#adm1+name,#adm1+code,#date+year,#population,#affected+idps\nKayes,ML01,2022,5,7\nKoulikoro,ML02,2022,No data,9\n");
    import(at.path(), &["hxl.csv", "--published", "2023-01-01"]).expect("HXL");
    assert_eq!(figures(at.path(), "hxl_figures").lines().skip(1).collect::<Vec<_>>(), [
        "2023-01-01,2023-01-01,ML-1,deplaces,7.0,2022,,,,hxl.csv:3",
        "2023-01-01,2023-01-01,ML-1,population,5.0,2022,,people,,hxl.csv:3",
        "2023-01-01,2023-01-01,ML-2,deplaces,9.0,2022,,,,hxl.csv:4",
    ]);
    save(at.path(), "iData.csv", "uCode,uName,x01\nML-1,Kayes,5\nML-2,Koulikoro,NA\n");
    save(at.path(), "iMeta.csv", "Level,iCode,iName,Direction,Weight,Parent,Type\n1,x01,Roads,-1,1,A,Indicator\n");
    import(at.path(), &["iData.csv", "iMeta.csv", "--published", "2023-01-01"]).expect("COINr");
    assert!(figures(at.path(), "coinr").contains("ML-1,x01,5.0,2023,,,Roads; direction -1: a higher value scores lower,iData.csv:2"), "{}", figures(at.path(), "coinr"));
    save(at.path(), "m.toml", "title = \"Survey\"\nname = \"survey\"\nlicence = \"own\"\ncitation = \"own\"\nyear = [\"an\"]\n[[level]]\nname = [\"wilaya\"]\n[[variable]]\nname = \"price\"\ncolumns = [\"Prix\"]\nunit = \"MRU per kg\"\n");
    save(at.path(), "survey.csv", "wilaya;an;Prix\nAssaba;2022;31,5\nAsaba;2022;30\nGorgol;2022;cher\n");
    let account = import(at.path(), &["survey.csv", "--map", "m.toml", "--published", "2023-01-01"]).expect("by a mapping");
    assert!(figures(at.path(), "survey").contains(",price,31.5,2022,,MRU per kg,,survey.csv:2"), "{}", figures(at.path(), "survey"));
    assert!(account.contains("unknown: Asaba (), 1 rows; near: assaba"), "never guessed: {account}");
    assert!(account.contains("`price` is no number"), "{account}");
}

/// An indicator on an imported figure is one TOML file; the rank moves.
#[test]
fn an_indicator_on_an_imported_figure() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    assert!(run(at, &["init", "."]).status.success());
    let day = BEFORE.to_string();
    let score = |unit: &str| {
        let ranking = run(at, &["score", "--format", "json", "--as-of", &day]);
        assert!(ranking.status.success(), "{}", stderr(&ranking));
        let ranking: serde_json::Value = serde_json::from_str(stdout(&ranking)).expect("JSON");
        let row = ranking["rows"].as_array().into_iter().flatten().find(|r| r["unit"] == unit).expect("it is ranked").clone();
        (row["rank"].as_u64().expect("a rank"), row["score"].as_f64().expect("a score"))
    };
    let before = score("SN-DK");
    save(at, "figures.csv", "Unit,Year,Index\n#adm1+code,#date+year,#indicator+value+index\nSN-DK,2023,10\nML-1,2023,0\n");
    import(at, &["figures.csv", "--as", "index", "--published", "2024-01-01"]).expect("it is imported");
    let page = std::fs::read_to_string(package().join("docs/indicators.md")).expect("the page");
    let (_, example) = page.split_once("```toml\n#:schema ../../../docs/schemas/indicator.json\nid = \"imported_index\"").expect("the page has the example");
    let (example, _) = example.split_once("```").expect("the example ends");
    save(at, "indicators/provinces/threat/imported_index.toml", &format!("id = \"imported_index\"{example}"));
    let after = score("SN-DK");
    assert!(after.0 < before.0 && after.1 > before.1, "{before:?} {after:?}");
    let explained = run(at, &["explain", "Dakar", "--as-of", &day]);
    assert!(stdout(&explained).contains("imported_index"), "{}", stdout(&explained));
}

/// Published tables import with their accounts.
#[test]
fn published_tables() {
    let Some(folder) = std::env::var_os("TUKHUM_REFERENCE_DATA") else {
        eprintln!("did not run: TUKHUM_REFERENCE_DATA names no folder with published tables");
        return;
    };
    let at = workspace();
    let cases = [
        (vec!["inform/inform_sahel_adm1_scores.csv"], "2018-04-20", "rows read            132"),
        (vec!["inform/inform_gri_2020_v040.csv"], "2020-04-01", "rows read            191"),
        (vec!["population/cod_ps_population.csv"], "2024-01-01", "rows read            236"),
        (vec!["population/adm2_population_latest.csv"], "2024-07-01", "rows read           1232"),
        (vec!["population/cadre_harmonise_adm2.csv.gz"], "2024-07-01", "rows read          14491"),
    ];
    for (i, (files, published, read)) in cases.into_iter().enumerate() {
        let files: Vec<String> = files.iter().map(|f| Path::new(&folder).join(f).display().to_string()).collect();
        let name = format!("d{i}");
        let mut args: Vec<&str> = files.iter().map(String::as_str).collect();
        args.extend(["--as", &name, "--published", published]);
        let account = import(at.path(), &args).unwrap_or_else(|e| panic!("{files:?}: {e}"));
        println!("{account}");
        assert!(account.contains(read), "{account}");
    }
}

/// COINr's table of made-up units, in a workspace that has them.
#[test]
fn coinr_as_published() {
    let Some(folder) = std::env::var_os("TUKHUM_REFERENCE_DATA") else {
        eprintln!("did not run: TUKHUM_REFERENCE_DATA names no folder with published tables");
        return;
    };
    let at = tempfile::tempdir().expect("a temporary folder");
    let mut draft = Draft::tiny();
    for i in 1..=60 {
        let id = format!("U{i:02}");
        draft = draft.append_copy("units", |r| r.get("role") == "surroundings", &[("unit_id", id.as_str()), ("cod_pcode", ""), ("iso_3166_2", ""), ("name_en", &format!("Unit {id}")), ("name_fr", &format!("Unité {id}")), ("name_ar", &format!("وحدة {id}"))]);
    }
    draft.write(at.path());
    let file = |name: &str| Path::new(&folder).join("reference_coinr").join(name).display().to_string();
    let account = import(at.path(), &[&file("iData.csv"), &file("iMeta.csv"), "--published", "2026-11-20"]).expect("it is imported");
    println!("{account}");
    assert!(account.contains("rows read             60  (60 units by code"), "{account}");
}

/// UCDP GED 21.1 of the whole world in a package's own columns: by a mapping, 176,579 rows.
#[test]
fn a_date_in_three_columns_and_many_rows() {
    let at = workspace();
    let mapping = "title = \"GED\"\nname = \"ged\"\nlicence = \"CC BY 4.0\"\ncitation = \"UCDP\"\ndate_formats = [\"%Y-%m-%d\"]\n[columns]\nevent_id = [\"id\"]\nyear = [\"year\"]\nmonth = [\"month\"]\nday = [\"day\"]\ncountry = [\"country\"]\nlatitude = [\"latitude\"]\nlongitude = [\"longitude\"]\ntype_of_violence = [\"type_of_violence\"]\nside_a = [\"side_a\"]\nside_b = [\"side_b\"]\ndeaths_low = [\"low_death\"]\ndeaths_best = [\"best_death\"]\ndeaths_high = [\"high_death\"]\n[codes.type_of_violence]\n\"State-based violence\" = \"1\"\n\"Non-state violence\" = \"2\"\n\"One-sided violence\" = \"3\"\n";
    save(at.path(), "m.toml", mapping);
    save(at.path(), "ged.csv", "id,year,month,day,country,type_of_violence,side_a,side_b,latitude,longitude,low_death,best_death,high_death\n5,2015,8,7,Mali,One-sided violence,AQIM,Civilians,14.45,-11.43,1,2,3\n");
    import(at.path(), &["ged.csv", "--map", "m.toml", "--published", "2021-06-01"]).expect("it is imported");
    let table = std::fs::read_to_string(at.path().join("datasets/ged/events.csv")).expect("the table");
    assert!(table.contains("5,2015-08-07,MLI,ML-1,,14.45,-11.43,,1,3,AQIM,Civilians,1,2,3,reported"), "{table}");
    let Some(folder) = std::env::var_os("TUKHUM_REFERENCE_DATA") else {
        eprintln!("did not run on UCDP's file: TUKHUM_REFERENCE_DATA names no folder with it");
        return;
    };
    let file = Path::new(&folder).join("ucdp_ged/GEDEvent_v21_1_global_where_prec_1_2.csv.gz").display().to_string();
    let account = import(at.path(), &[&file, "--as", "world", "--map", "m.toml", "--published", "2021-06-01"]).expect("it is imported");
    println!("{account}");
    assert!(account.contains("rows read         176579\n  kept              4543"), "{account}");
}
