//! `tukhum import`: event files as downloaded, release by release.
//!
//! UCDP's own files are read from the folder that `TUKHUM_REFERENCE_DATA` names; without it that case
//! says that it did not run. Every other file here is made up.

use std::path::Path;

use super::support::*;

const UCDP: &str = "id,relid,type_of_violence,side_a,side_b,country,adm_1,latitude,longitude,where_prec,date_prec,date_start,date_end,best,high,low,source_article\n";

/// One made-up event in UCDP's columns.
fn event(id: u32, day: &str, adm_1: &str, at: (f64, f64), where_prec: u8, best: u32) -> String {
    format!("{id},X-{id},1,Government of Mali,JNIM,Mali,{adm_1},{},{},{where_prec},1,{day} 00:00:00.000,{day} 00:00:00.000,{best},{best},{best},\"a text\nof two lines\"\n", at.0, at.1)
}

const KAYES: (f64, f64) = (14.45, -11.43);

pub fn workspace() -> tempfile::TempDir {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    Draft::tiny().write(temporary.path());
    temporary
}

/// Runs an import and gives standard output, or standard error if it was refused.
pub fn import(workspace: &Path, args: &[&str]) -> Result<String, String> {
    let all: Vec<&str> = ["import"].into_iter().chain(args.iter().copied()).collect();
    let output = run(workspace, &all);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&workspace.display().to_string(), "");
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

pub fn table(workspace: &Path, dataset: &str) -> String {
    std::fs::read_to_string(workspace.join("datasets").join(dataset).join("events.csv")).expect("the table is there")
}

#[test]
fn a_release_is_imported_with_its_account() {
    let at = workspace();
    let rows = [
        event(1, "2022-03-01", "Kayes region", KAYES, 1, 3),
        event(2, "2022-04-01", "", KAYES, 2, 0),
        event(3, "2022-04-02", "Kaies region", (0.0, 0.0), 5, 1),
        event(4, "2022-05-01", "Kayes region", KAYES, 1, 2),
        event(4, "2022-05-01", "Kayes region", KAYES, 1, 7),
        event(5, "2022-13-01", "Kayes region", KAYES, 1, 2),
        event(6, "2022-06-01", "Kayes region", (95.0, -11.0), 1, 2),
        event(7, "2022-06-01", "Kayes region", KAYES, 1, 2).replace(",Mali,", ",Nigeria,"),
        "8,short\n".into(),
    ];
    std::fs::write(at.path().join("GEDEvent_v23_1.csv"), format!("{UCDP}{}", rows.concat())).expect("the file is written");
    let account = import(at.path(), &["GEDEvent_v23_1.csv", "--published", "2023-06-01"]).expect("it is imported");
    insta::assert_snapshot!("account", account);
    insta::assert_snapshot!("table", table(at.path(), "ucdp"));
    let refused = std::fs::read_to_string(at.path().join("datasets/ucdp/refused.csv")).expect("refused rows are kept");
    assert_eq!(refused.matches("GEDEvent_v23_1.csv:").count(), 3, "{refused}");
    assert!(run(at.path(), &["check"]).status.success());
}

#[test]
fn the_same_files_twice_change_nothing() {
    let at = workspace();
    std::fs::write(at.path().join("GEDEvent_v23_1.csv"), format!("{UCDP}{}", event(1, "2022-03-01", "Kayes region", KAYES, 1, 3))).expect("written");
    import(at.path(), &["GEDEvent_v23_1.csv", "--published", "2023-06-01"]).expect("it is imported");
    let before = contents(&at.path().join("datasets/ucdp"));
    let said = import(at.path(), &["GEDEvent_v23_1.csv", "--published", "2023-06-01"]).expect("it is known");
    assert!(said.contains("nothing changes"), "{said}");
    assert_eq!(contents(&at.path().join("datasets/ucdp")), before);
}

/// A newer release revises, adds and withdraws; the older one still holds for days before it.
#[test]
fn a_newer_release_is_a_new_vintage() {
    let at = workspace();
    let write = |name: &str, rows: &[String]| std::fs::write(at.path().join(name), format!("{UCDP}{}", rows.concat())).expect("written");
    write("GEDEvent_v23_1.csv", &[event(1, "2022-03-01", "Kayes region", KAYES, 1, 3), event(2, "2022-03-02", "Kayes region", KAYES, 1, 1), event(3, "2022-03-03", "Kayes region", KAYES, 1, 1)]);
    write("GEDEvent_v24_1.csv", &[event(1, "2022-03-01", "Kayes region", KAYES, 1, 5), event(2, "2022-03-02", "Kayes region", KAYES, 1, 1), event(4, "2022-05-02", "Kayes region", KAYES, 1, 1)]);
    import(at.path(), &["GEDEvent_v23_1.csv", "--published", "2023-06-01"]).expect("the first release");
    let account = import(at.path(), &["GEDEvent_v24_1.csv", "--published", "2024-06-01"]).expect("the second release");
    assert!(account.contains("(1 new, 1 revised, 1 unchanged)"), "{account}");
    assert!(account.contains("withdrawn              1"), "{account}");
    let rows = table(at.path(), "ucdp");
    let states: Vec<(&str, &str, &str)> = rows.lines().skip(1).map(|l| {
        let cells: Vec<&str> = l.split(',').collect();
        (cells[0], cells[2], *cells.last().expect("a state"))
    }).collect();
    let expected = [("23.1", "1", "reported"), ("23.1", "2", "reported"), ("23.1", "3", "reported"), ("24.1", "1", "reported"), ("24.1", "4", "reported"), ("24.1", "3", "withdrawn")];
    assert_eq!(states, expected);

    use tukhum::evidence::{AsOf, Evidence};
    let sources = read(&tukhum::workspace::Workspace::read(at.path()).expect("the workspace is read"));
    let deaths = |day| {
        let as_of = AsOf { day, hindsight: false };
        let evidence = Evidence::new(&sources.datasets, &sources.resolver, as_of);
        evidence.events.iter().map(|e| (e.now.id.clone(), e.now.deaths)).collect::<Vec<_>>()
    };
    let text = |list: &[(&str, i64)]| list.iter().map(|(id, n)| (id.to_string(), Some(*n))).collect::<Vec<_>>();
    assert_eq!(deaths(jiff::civil::Date::constant(2023, 12, 31)), text(&[("1", 3), ("2", 1), ("3", 1)]));
    assert_eq!(deaths(jiff::civil::Date::constant(2024, 12, 31)), text(&[("1", 5), ("2", 1), ("4", 1)]));
    let older = import(at.path(), &["GEDEvent_v23_1.csv", "--release", "22.1", "--published", "2022-06-01"]).expect_err("it is older");
    assert!(older.contains("error[older-release]"), "{older}");
}

/// The same attack in two sources counts once: the rows of the first by precedence stand.
#[test]
fn two_sources_of_the_same_months_are_not_summed() {
    let at = workspace();
    std::fs::write(at.path().join("GEDEvent_v23_1.csv"), format!("{UCDP}{}", event(1, "2022-03-01", "Kayes region", KAYES, 1, 3))).expect("written");
    for (name, precedence) in [("one", "0"), ("two", "1")] {
        import(at.path(), &["GEDEvent_v23_1.csv", "--as", name, "--published", "2023-06-01", "--precedence", precedence]).expect("it is imported");
    }
    use tukhum::evidence::{AsOf, Evidence};
    let sources = read(&tukhum::workspace::Workspace::read(at.path()).expect("the workspace is read"));
    let as_of = AsOf { day: jiff::civil::Date::constant(2023, 12, 31), hindsight: false };
    let evidence = Evidence::new(&sources.datasets, &sources.resolver, as_of);
    let datasets: Vec<&str> = evidence.events.iter().map(|e| e.dataset.as_str()).collect();
    assert_eq!(datasets, ["one"]);
}

/// ACLED's exports over the years: numeric and text codes, `data_id`, `;`, English and French dates.
#[test]
fn acled_exports_of_each_generation() {
    let numeric = "data_id,iso,event_id_cnty,event_date,year,time_precision,event_type,sub_event_type,actor1,inter1,actor2,inter2,interaction,region,country,admin1,admin2,latitude,longitude,geo_precision,fatalities,timestamp\n\
        1,466,MLI1,01 July 2025,2025,1,Battles,Armed clash,JNIM,2,Military Forces of Mali (2021-),1,12,Western Africa,Mali,Kayes,Kayes,14.45,-11.43,1,3,1\n\
        2,466,MLI2,02 July 2025,2025,1,Violence against civilians,Attack,JNIM,2,Civilians (Mali),7,27,Western Africa,Mali,Kayes,Kayes,14.45,-11.43,1,2,1\n\
        3,466,MLI3,03 July 2025,2025,1,Protests,Peaceful protest,Protesters (Mali),6,,0,60,Western Africa,Mali,Kayes,Kayes,14.45,-11.43,1,0,1\n";
    let text = "event_id_cnty;event_date;time_precision;event_type;actor1;inter1;actor2;inter2;iso3;country;admin1;admin2;latitude;longitude;geo_precision;fatalities\n\
        MLI1;2025-07-01;1;Battles;Military Forces of Mali (2021-);State forces;JNIM;Rebel group;MLI;Mali;Kayes;Kayes;14,45;-11,43;3;3\n\
        MLI4;2025-07-04;1;Explosions/Remote violence;JNIM;Rebel group;;;MLI;Mali;Kayes;Kayes;14,45;-11,43;1;0\n";
    let early = "data_id,event_id_cnty,event_date,time_precis,event_type,actor1,inter1,actor2,inter2,country,admin1,admin2,latitude,longitude,geo_precis,fatalities\n\
        9,MLI9,1 juillet 2015,1,Battle-No change of territory,Dogon Militia,4,Fulani Militia,4,Mali,Mopti,Bankass,14.07,-3.52,1,5\n";
    for (name, file, rows) in [("numeric", numeric, 2), ("text", text, 2), ("early", early, 1)] {
        let at = workspace();
        std::fs::write(at.path().join("export.csv"), file).expect("written");
        let account = import(at.path(), &["export.csv", "--published", "2025-08-01"]).unwrap_or_else(|e| panic!("{name}: {e}"));
        let table = table(at.path(), "acled");
        assert_eq!(table.lines().count(), rows + 1, "{account}");
        let book = workspace();
        std::fs::write(book.path().join("export.xlsx"), super::import_formats::as_workbook(file)).expect("written");
        import(book.path(), &["export.xlsx", "--published", "2025-08-01"]).unwrap_or_else(|e| panic!("{name} as a workbook: {e}"));
        assert_eq!(self::table(book.path(), "acled"), table, "{name} as a workbook");
        insta::assert_snapshot!(format!("acled_{name}"), table);
    }
}

#[test]
fn any_table_goes_in_by_a_mapping() {
    let at = workspace();
    std::fs::write(at.path().join("ministry.csv"), "Numero\tJour\tRegion\tType\tAuteur\tMorts\tLat\tLon\n1\t01/07/2025\tKayes\tattaque\tJNIM\t1 003\t14.45\t-11.43\n".as_bytes()).expect("written");
    let guess = import(at.path(), &["ministry.csv", "--guess"]).expect("a guess");
    insta::assert_snapshot!("guess", guess);
    let mapping = guess
        .replace("\"%Y-%m-%d\", ", "")
        .replace("# country = \"MLI\"  # if all rows lie in one", "country = \"MLI\"")
        .replace("# [codes.type_of_violence]\n# \"attaque\" = \"1\"", "[codes.type_of_violence]\n\"attaque\" = \"1\"");
    std::fs::write(at.path().join("mapping.toml"), mapping).expect("written");
    import(at.path(), &["ministry.csv", "--map", "mapping.toml", "--published", "2025-08-01"]).expect("it is imported");
    insta::assert_snapshot!("mapped", table(at.path(), "my_events"));
}

/// Nothing of a refused file is imported, and each refusal says why.
#[test]
fn refused_files() {
    let at = workspace();
    let good = format!("{UCDP}{}", event(1, "2022-03-01", "Kayes region", KAYES, 1, 3));
    let cases: [(&str, Vec<u8>, &[&str]); 9] = [
        ("empty", Vec::new(), &["--published", "2023-06-01"]),
        ("unknown_layout", b"a,b,c\n1,2,3\n".to_vec(), &["--published", "2023-06-01"]),
        ("workbook", b"PK\x03\x04rest".to_vec(), &["--published", "2023-06-01"]),
        ("cut_gzip", vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2], &["--published", "2023-06-01"]),
        ("binary", b"id,x\0y\n1,2\n".to_vec(), &["--published", "2023-06-01"]),
        ("no_vintage", good.clone().into_bytes(), &[]),
        ("wrong_day", good.clone().into_bytes(), &["--published", "1 June 2023"]),
        ("wrong_name", good.clone().into_bytes(), &["--published", "2023-06-01", "--as", "../x"]),
        ("bundled_dataset", good.into_bytes(), &["--published", "2023-06-01", "--as", "units"]),
    ];
    let before = contents(&at.path().join("datasets"));
    for (name, bytes, args) in cases {
        std::fs::write(at.path().join("file.csv"), bytes).expect("written");
        let all: Vec<&str> = ["file.csv", "--release", "23.1"].into_iter().chain(args.iter().copied()).collect();
        let refused = import(at.path(), &all).expect_err(name);
        insta::assert_snapshot!(format!("refused_{name}"), refused);
        assert_eq!(contents(&at.path().join("datasets")), before, "{name}");
    }
}

/// Encodings and line ends that spreadsheets make.
#[test]
fn encodings() {
    let row = "id;type_of_violence;side_a;side_b;country;adm_1;date_start;best\r\n1;1;Gouvernement;Émirat;Sénégal;Kédougou;2022-03-01;1\r\n";
    let latin: Vec<u8> = row.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(row.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for (name, bytes) in [("utf_8", row.as_bytes().to_vec()), ("bom", [b"\xef\xbb\xbf", row.as_bytes()].concat()), ("windows", latin), ("utf_16", wide)] {
        let at = workspace();
        std::fs::write(at.path().join("f.csv"), bytes).expect("written");
        import(at.path(), &["f.csv", "--published", "2023-06-01"]).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(table(at.path(), "ucdp").contains("SEN,Kédougou,"), "{name}: {}", table(at.path(), "ucdp"));
    }
}

/// UCDP GED 24.1 for eight countries, as published: every row is accounted for.
#[test]
fn ged_24_1_as_published() {
    let Some(folder) = std::env::var_os("TUKHUM_REFERENCE_DATA") else {
        eprintln!("did not run: TUKHUM_REFERENCE_DATA names no folder with UCDP's files");
        return;
    };
    let at = workspace();
    let file = |name: &str| Path::new(&folder).join("ucdp_ged").join(name).display().to_string();
    let account = import(at.path(), &[&file("GEDEvent_v24_1.csv.gz"), &file("GEDEvent_v24_1_2022_2023.csv.gz"), "--published", "2024-06-03"]).expect("it is imported");
    println!("{account}");
    assert!(account.contains("rows read           5073\n  kept              4902"), "{account}");
    assert!(account.contains("14.2 % are 4 or above"), "{account}");
    assert!(account.contains("refused              0"), "{account}");
}
