//! `tukhum import`: every format of tables, and what is hostile in them. All files are made here.

use std::path::Path;

use polars::prelude::*;
use polars_io::prelude::ParquetWriter;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

use super::import::{import, table, workspace};
use super::packed::{ods, zip};
use super::support::*;

const HEADER: [&str; 9] = ["id", "type_of_violence", "side_a", "side_b", "country", "adm_1", "date_start", "best", "where_prec"];
const ROW: [&str; 9] = ["7", "1", "Government of Mali", "JNIM", "Mali", "Kayes region", "2022-03-01", "3", "1"];

fn save(at: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(at.join(name), bytes).expect("the file is written");
}

fn xlsx(fill: impl Fn(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(&mut book);
    book.save_to_buffer().expect("a workbook")
}

/// Delimited text as a workbook: numbers are numbers, everything else is text.
pub fn as_workbook(text: &str) -> Vec<u8> {
    let delimiter = if text.lines().next().is_some_and(|l| l.contains(';')) { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(text.as_bytes());
    let records: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("a record")).collect();
    xlsx(|book| {
        let sheet = book.add_worksheet();
        for (i, record) in records.iter().enumerate() {
            for (k, cell) in record.iter().enumerate() {
                match cell.parse::<f64>() {
                    Ok(n) => sheet.write(i as u32, k as u16, n).expect("a number"),
                    Err(_) => sheet.write(i as u32, k as u16, cell).expect("a text"),
                };
            }
        }
    })
}

pub fn ods_table(rows: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="Events">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"#
    )
}

pub fn ods_row(cells: &[&str]) -> String {
    let cell = |c: &&str| match c.parse::<f64>() {
        Ok(n) => format!(r#"<table:table-cell office:value-type="float" office:value="{n}"><text:p>{c}</text:p></table:table-cell>"#),
        Err(_) if c.len() == 10 && c.starts_with("20") => format!(r#"<table:table-cell office:value-type="date" office:date-value="{c}"><text:p>x</text:p></table:table-cell>"#),
        Err(_) => format!(r#"<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>"#),
    };
    format!("<table:table-row>{}</table:table-row>", cells.iter().map(cell).collect::<String>())
}

/// The same event in each format becomes the same row.
#[test]
fn one_event_in_every_format() {
    let object: serde_json::Map<String, serde_json::Value> = HEADER.iter().zip(ROW).map(|(k, v)| ((*k).to_owned(), v.into())).collect();
    let mut other = object.clone();
    other.insert("id".into(), "8".into());
    let json = |value: serde_json::Value| value.to_string().into_bytes();
    let csv = format!("{}\n{}\n", HEADER.join(","), ROW.join(","));
    let book = xlsx(|book| {
        let notes = book.add_worksheet();
        notes.set_name("Notes").expect("a name");
        notes.write(0, 0, "Read me").expect("a cell");
        let hidden = book.add_worksheet();
        hidden.set_name("Old").expect("a name").set_hidden(true);
        let sheet = book.add_worksheet();
        sheet.set_name("Events").expect("a name");
        sheet.merge_range(0, 0, 0, 5, "Events of Mali", &Format::new()).expect("a title");
        for (i, name) in HEADER.iter().enumerate() {
            sheet.write(2, i as u16, *name).expect("a header");
            match ROW[i].parse::<f64>() {
                Ok(n) => sheet.write(3, i as u16, n).expect("a number"),
                Err(_) => sheet.write(3, i as u16, ROW[i]).expect("a text"),
            };
        }
        let day = ExcelDateTime::from_ymd(2022, 3, 1).expect("a day");
        sheet.write_datetime_with_format(3, 6, &day, &Format::new().set_num_format("dd/mm/yyyy")).expect("a day");
        // The stored result counts; nobody computes the formula.
        sheet.write_formula(3, 7, Formula::new("=1+1").set_result("3")).expect("a formula");
        // A day as a bare count of days.
        for (i, cell) in ROW.iter().enumerate() {
            sheet.write(4, i as u16, *cell).expect("a cell");
        }
        sheet.write(4, 0, 9).expect("an id");
        sheet.write(4, 6, 44621).expect("a day");
    });
    let columns = HEADER.iter().zip(ROW).map(|(name, cell)| Column::new((*name).into(), [cell])).collect();
    let mut parquet = Vec::new();
    ParquetWriter::new(&mut parquet).finish(&mut DataFrame::new(1, columns).expect("a table")).expect("Parquet");
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("csv", csv.clone().into_bytes()),
        ("zip", zip(&[("ged/GEDEvent.csv", csv.as_bytes()), ("ged/readme.txt", &b"x"[..])])),
        ("xlsx", book),
        ("ods", ods(ods_table(&format!("{}{}", ods_row(&HEADER), ods_row(&ROW))).as_bytes())),
        ("parquet", parquet),
        ("json", json(serde_json::json!([object]))),
        ("jsonl", format!("{}\n{}\n", serde_json::json!(object), serde_json::json!(other)).into_bytes()),
        ("api", json(serde_json::json!({"TotalCount": 2, "TotalPages": 2, "Result": [object]}))),
    ];
    let mut said = String::new();
    for (name, bytes) in files {
        let at = workspace();
        save(at.path(), "file", &bytes);
        let account = import(at.path(), &["file", "--release", "1", "--published", "2023-06-01"]).unwrap_or_else(|e| panic!("{name}: {e}"));
        let rows = table(at.path(), "ucdp");
        assert_eq!(rows.lines().nth(1), Some("1,2023-06-01,7,2022-03-01,MLI,Kayes region,,,,1,,1,Government of Mali,JNIM,,3,,reported"), "{name}");
        if name == "xlsx" {
            assert_eq!(rows.lines().nth(2), Some("1,2023-06-01,9,2022-03-01,MLI,Kayes region,,,,1,,1,Government of Mali,JNIM,,3,,reported"));
        }
        let notes: String = account.lines().filter(|l| l.starts_with("note")).map(|l| format!("{l}\n")).collect();
        said.push_str(&format!("{name}\n{notes}"));
    }
    insta::assert_snapshot!("notes_of_formats", said);
}

#[test]
fn a_sheet_is_named_and_a_format_given() {
    let at = workspace();
    let book = xlsx(|book| {
        for (name, id) in [("2021", 1.0), ("2022", 2.0)] {
            let sheet = book.add_worksheet();
            sheet.set_name(name).expect("a name");
            for (i, column) in HEADER.iter().enumerate() {
                sheet.write(0, i as u16, *column).expect("a header");
                sheet.write(1, i as u16, ROW[i]).expect("a cell");
            }
            sheet.write(1, 0, id).expect("an id");
        }
    });
    save(at.path(), "book.xlsx", &book);
    import(at.path(), &["book.xlsx", "--sheet", "2022", "--release", "1", "--published", "2023-06-01"]).expect("it is imported");
    assert!(table(at.path(), "ucdp").lines().nth(1).is_some_and(|l| l.contains(",2,2022-03-01,")));
    let refused = import(at.path(), &["book.xlsx", "--sheet", "2023", "--release", "2", "--published", "2023-06-01"]).expect_err("no such sheet");
    assert!(refused.contains("error[no-sheet]") && refused.contains("did you mean `202"), "{refused}");
    let refused = import(at.path(), &["book.xlsx", "--format", "csv", "--release", "2", "--published", "2023-06-01"]).expect_err("no text");
    assert!(refused.contains("error[unreadable]"), "{refused}");
}

/// ACLED's API, its refusals, and its exports as a workbook.
#[test]
fn acled_as_json_and_as_workbook() {
    let row = serde_json::json!({
        "event_id_cnty": "MLI1", "event_date": "2025-07-01", "year": "2025", "time_precision": "1", "event_type": "Battles", "actor1": "JNIM",
        "inter1": "Rebel group", "actor2": "Military Forces of Mali (2021-)", "inter2": "State forces", "iso": "466", "country": "Mali",
        "admin1": "Kayes", "admin2": "Kayes", "latitude": "14.45", "longitude": "-11.43", "geo_precision": "1", "fatalities": 3, "tags": null
    });
    let at = workspace();
    save(at.path(), "a.json", serde_json::json!({"status": 200, "success": true, "count": 1, "data": [row]}).to_string().as_bytes());
    import(at.path(), &["a.json", "--as", "a", "--published", "2025-08-01"]).expect("it is imported");
    let book = xlsx(|book| {
        let sheet = book.add_worksheet();
        for (i, (name, value)) in row.as_object().expect("an object").iter().enumerate() {
            sheet.write(0, i as u16, name.as_str()).expect("a header");
            match (name.as_str(), value.as_str().map(str::parse::<f64>), value.as_f64()) {
                ("event_date", ..) => {
                    let day = ExcelDateTime::from_ymd(2025, 7, 1).expect("a day");
                    sheet.write_datetime_with_format(1, i as u16, &day, &Format::new().set_num_format("yyyy-mm-dd")).expect("a day");
                }
                (_, Some(Ok(n)), _) | (_, _, Some(n)) => {
                    sheet.write(1, i as u16, n).expect("a number");
                }
                (_, Some(Err(_)), _) => {
                    sheet.write(1, i as u16, value.as_str().expect("a text")).expect("a text");
                }
                _ => {}
            }
        }
    });
    save(at.path(), "b.xlsx", &book);
    import(at.path(), &["b.xlsx", "--as", "b", "--published", "2025-08-01"]).expect("it is imported");
    assert_eq!(table(at.path(), "a"), table(at.path(), "b"));
    assert!(table(at.path(), "a").contains("MLI1,2025-07-01,MLI,Kayes,Kayes,14.45,-11.43,1,1,1,Military Forces of Mali (2021-),JNIM,,3,,reported"));
    save(at.path(), "c.json", br#"{"status": 403, "success": false, "error": "Access denied"}"#);
    let refused = import(at.path(), &["c.json", "--published", "2025-08-01"]).expect_err("a refusal");
    assert!(refused.contains("status 403: Access denied"), "{refused}");
}

/// GTD: parts of dates, precision, and the type of violence by what was attacked.
#[test]
fn the_global_terrorism_database() {
    let columns = ["eventid", "iyear", "imonth", "iday", "country_txt", "provstate", "city", "latitude", "longitude", "specificity", "doubtterr", "attacktype1_txt", "targtype1_txt", "gname", "nkill"];
    let row = |id: &str, day: [&str; 3], specificity: &str, doubt: &str, attack: &str, target: &str, kill: &str| {
        [id, day[0], day[1], day[2], "Mali", "Kayes", "Kayes", "14.45", "-11.43", specificity, doubt, attack, target, "JNIM", kill].map(str::to_owned)
    };
    let rows = [
        row("201301010001", ["2013", "1", "5"], "1", "0", "Armed Assault", "Military", "3"),
        row("201301010002", ["2013", "2", "0"], "2", "1", "Armed Assault", "Private Citizens & Property", ""),
        row("201301010003", ["2013", "0", "0"], "4", "0", "Bombing/Explosion", "Terrorists/Non-State Militia", "1"),
        row("201301010004", ["2013", "3", "1"], "5", "-9", "Armed Assault", "Unknown", "2"),
        row("201301010005", ["2013", "3", "1"], "1", "0", "Unarmed Assault", "Police", "0"),
        row("201301010006", ["2013", "3", "1"], "1", "0", "Armed Assault", "Police", "1384.5"),
    ];
    let book = xlsx(|book| {
        let sheet = book.add_worksheet();
        for (i, name) in columns.iter().enumerate() {
            sheet.write(0, i as u16, *name).expect("a header");
            for (k, row) in rows.iter().enumerate() {
                match row[i].parse::<f64>() {
                    Ok(n) => sheet.write(k as u32 + 1, i as u16, n).expect("a number"),
                    Err(_) => sheet.write(k as u32 + 1, i as u16, row[i].as_str()).expect("a text"),
                };
            }
        }
    });
    let at = workspace();
    save(at.path(), "globalterrorismdb.xlsx", &book);
    let account = import(at.path(), &["globalterrorismdb.xlsx", "--published", "2022-06-01"]).expect("it is imported");
    insta::assert_snapshot!("gtd", format!("{account}\n{}", table(at.path(), "gtd")));
}

/// A row of hashtags says what the columns are, whatever they are called.
#[test]
fn hashtags_below_a_header_and_in_its_place() {
    let tags = "#event+code,#date+occurred,#country+code,#adm1+name,#geo+lat,#geo+lon,#event+type,#actor+first,#actor+second,#affected+killed";
    let rows = "A1,2022-03-01,MLI,Kayes,14.45,-11.43,State-based,State,JNIM,3\n";
    for (name, file) in [("below", format!("Numéro,Quand,Pays,Région,Y,X,Genre,Un,Deux,Morts\n{tags}\n{rows}")), ("instead", format!("{tags}\n{rows}"))] {
        let at = workspace();
        save(at.path(), "hxl.csv", file.as_bytes());
        let account = import(at.path(), &["hxl.csv", "--published", "2023-06-01"]).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(account.contains("HXL hashtags"), "{account}");
        assert!(table(at.path(), "hxl_events").contains("A1,2022-03-01,MLI,Kayes,,14.45,-11.43,,,1,State,JNIM,,3,,reported"), "{name}: {}", table(at.path(), "hxl_events"));
    }
    let at = workspace();
    save(at.path(), "hxl.csv", format!("Numéro,Quand,Pays,Région,Y,X,Genre,Un,Deux,Morts\n{tags}\n{rows}").as_bytes());
    let guess = import(at.path(), &["hxl.csv", "--guess"]).expect("a guess");
    assert!(guess.contains("adm_1 = [\"Région\"]") && guess.contains("deaths_best = [\"Morts\"]"), "{guess}");
}

/// Files that would fill the memory or lead out of the folder are refused before they do.
#[test]
fn hostile_files() {
    let bomb = vec![b'0'; 40 << 20];
    let sheet = "<?xml version=\"1.0\"?><!DOCTYPE sst [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><si><t>&b;</t></si></sst>";
    let entity = {
        // A sound workbook whose texts are replaced.
        let whole = xlsx(|book| {
            let sheet = book.add_worksheet();
            for (i, name) in HEADER.iter().enumerate() {
                sheet.write(0, i as u16, *name).expect("a header");
                sheet.write(1, i as u16, ROW[i]).expect("a cell");
            }
        });
        let mut archive = ::zip::ZipArchive::new(std::io::Cursor::new(whole)).expect("an archive");
        let mut members: Vec<(String, Vec<u8>)> = Vec::new();
        for i in 0..archive.len() {
            let mut member = archive.by_index(i).expect("a member");
            let name = member.name().expect("a name").into_owned();
            let mut bytes = Vec::new();
            std::io::copy(&mut member, &mut bytes).expect("its bytes");
            members.push((name.clone(), if name == "xl/sharedStrings.xml" { sheet.as_bytes().to_vec() } else { bytes }));
        }
        let members: Vec<(&str, &[u8])> = members.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
        zip(&members)
    };
    let wide = ods(ods_table(&format!(r#"<table:table-row table:number-rows-repeated="1000000">{}</table:table-row>"#, r#"<table:table-cell table:number-columns-repeated="16000" office:value-type="float" office:value="1"/>"#)).as_bytes());
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let csv = format!("{}\n{}\n", HEADER.join(","), ROW.join(","));
    let inner = zip(&[("a.csv", csv.as_bytes())]);
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("zip_bomb", zip(&[("a.csv", bomb.as_slice())]), "too-large"),
        ("workbook_bomb", zip(&[("xl/workbook.xml", &b"<a/>"[..]), ("xl/media/a.png", bomb.as_slice())]), "too-large"),
        ("path", zip(&[("../a.csv", csv.as_bytes())]), "unsafe-archive"),
        ("root", zip(&[("/etc/a.csv", csv.as_bytes())]), "unsafe-archive"),
        ("two_tables", zip(&[("a.csv", csv.as_bytes()), ("b.csv", csv.as_bytes())]), "which-member"),
        ("nested", zip(&[("a.csv", inner.as_slice())]), "foreign-format"),
        ("cut", inner[..inner.len() / 2].to_vec(), "unreadable"),
        ("entity", entity, "unreadable"),
        ("wide", wide, "too-large"),
        ("deep", deep.into_bytes(), "unreadable"),
        ("no_rows", b"{\"type\":\"x\"}".to_vec(), "foreign-format"),
        ("half_parquet", b"PAR1xxxxPAR1".to_vec(), "unreadable"),
        ("old_excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "foreign-format"),
    ];
    let at = workspace();
    let before = contents(&at.path().join("datasets"));
    for (name, bytes, code) in cases {
        save(at.path(), "file", &bytes);
        let refused = import(at.path(), &["file", "--release", "1", "--published", "2023-06-01"]).expect_err(name);
        assert!(refused.contains(&format!("error[{code}]")), "{name}: {refused}");
        assert_eq!(contents(&at.path().join("datasets")), before, "{name}");
    }
    assert!(!at.path().join("a.csv").exists() && !at.path().parent().expect("a parent").join("a.csv").exists());
}

/// The page names every format and every layout that the program has, and no other.
#[test]
fn the_page_lists_what_there_is() {
    let page = std::fs::read_to_string(package().join("docs/import.md")).expect("the page");
    let rows = |section: &str| -> Vec<String> {
        let (_, text) = page.split_once(&format!("## {section}\n")).expect("the section");
        let text = text.split("\n## ").next().unwrap_or_default();
        text.lines().filter_map(|l| Some(l.strip_prefix("| `")?.split('`').next()?.to_owned())).collect()
    };
    let formats: Vec<&str> = tukhum::import::source::Format::ALL.iter().map(|(_, name, _)| *name).collect();
    assert_eq!(rows("Formats"), formats);
    let events = tukhum::import::Layout::bundled().into_iter().map(|l| l.name);
    let mut known: Vec<String> = events.chain(tukhum::import::figures::FigureLayout::bundled().into_iter().map(|l| l.name)).collect();
    let mut listed = rows("Layouts");
    known.sort();
    listed.sort();
    assert_eq!(listed, known);
}
