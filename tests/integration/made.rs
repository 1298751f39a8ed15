//! Files that an importer must survive: made here, each broken or hostile in its own way. None is anybody's data.

use super::packed::{gzip, link, ods, workbook, zip};

/// A file, and what must become of it.
pub struct Made {
    pub name: String,
    pub bytes: Vec<u8>,
    pub must: Must,
}

/// What an import must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Must {
    /// Nothing is imported; a diagnostic says why.
    Refuse,
    /// The good rows are kept, and the account says that one is not.
    SetOneAside,
    /// Every row is kept, and the account has these words.
    Say(&'static str),
    /// Anything but a panic: with some bytes changed a file may still be a good one.
    Survive,
}

pub const HEADER: &str = "id,relid,type_of_violence,side_a,side_b,country,adm_1,adm_2,latitude,longitude,where_prec,date_prec,date_start,date_end,best,high,low";

/// A good row, with one cell of another.
pub fn row(id: u32, change: Option<(&str, &str)>) -> String {
    let id = id.to_string();
    let relid = format!("X-{id}");
    let cells = [
        id.as_str(), relid.as_str(), "1", "Government of Mali", "JNIM", "Mali", "Kayes region", "", "14.45", "-11.43", "1", "1", "2022-03-01 00:00:00.000",
        "2022-03-01 00:00:00.000", "3", "3", "3",
    ];
    let cells = HEADER.split(',').zip(cells).map(|(name, cell)| match change {
        Some((changed, other)) if changed == name => other,
        _ => cell,
    });
    cells.collect::<Vec<_>>().join(",")
}

/// A file of good rows around a changed one.
fn table(change: Option<(&str, &str)>) -> String {
    format!("{HEADER}\n{}\n{}\n{}\n", row(1, None), row(2, change), row(3, None))
}

pub fn good() -> String {
    table(None)
}

/// All files but the large ones.
pub fn corpus() -> Vec<Made> {
    [cells(), texts(), packed(), archives(), foreign()].into_iter().flatten().collect()
}

pub fn made(name: impl Into<String>, bytes: impl Into<Vec<u8>>, must: Must) -> Made {
    Made { name: name.into(), bytes: bytes.into(), must }
}

/// One bad cell in each column.
fn cells() -> Vec<Made> {
    let numbers = ["NaN", "inf", "-1", "1e999", "0x10", "--3", "1 234.5.6", "\u{2212}3\u{2212}", "99999999999999999999999", "=1+1", "3;4"];
    let days = [
        "2024-02-30", "30/02/2024", "2023-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "99999-01-01", "-2024-01-01", "0000-00-00", "45000", "yesterday", "2024-1", "20240101T",
        "2024-01-01T99:00", "\u{661}\u{662}", "",
    ];
    let places = ["91", "-91", "1e9", "NaN", "inf", "N14", "14\u{b0}27'", "=A1", "0x1F"];
    let codes = ["0", "4", "1.5", "x", "-1", "NaN", "1e300", ""];
    let mut out = Vec::new();
    let mut add = |column: &str, values: &[&str]| {
        for value in values {
            out.push(made(format!("cell-{}-{column}.csv", out.len()), table(Some((column, &format!("\"{value}\"")))), Must::SetOneAside));
        }
    };
    for column in ["best", "high", "low"] {
        add(column, &numbers);
    }
    add("date_start", &days);
    for column in ["latitude", "longitude"] {
        add(column, &places[2..]);
    }
    add("latitude", &places[..2]);
    add("longitude", &["181", "-180.0001"]);
    add("type_of_violence", &codes);
    for column in ["where_prec", "date_prec"] {
        add(column, &["0", "8", "1.5", "x", "-1", "NaN", "1e300"]);
    }
    add("country", &["Atlantis", "", "=HYPERLINK(\"\"a\"\")", "Mal\u{200b}i\u{202e}", "MALI MALI", "432e0"]);
    add("id", &["", " ", "\u{a0}"]);
    // What a text may hold: it is kept, and shown without what would change the screen.
    let shown = [
        "\u{202e}seyaK", "\u{2066}Kayes\u{2069}", "\u{1b}[31mKayes\u{1b}[0m", "Kayes\u{7}", "=cmd|' /C calc'!A0", "@SUM(1)", "+1", "-1", "\u{feff}Kayes", "Ka\u{301}yes", "<script>alert(1)</script>", "${jndi:ldap://x}",
        "'; DROP TABLE events; --", "../../etc/passwd", "\u{9b}31m", "Kayes\r\nKayes", "\u{85}", "\u{2028}",
    ];
    for column in ["adm_1", "adm_2", "side_a", "side_b", "relid"] {
        for (i, value) in shown.iter().enumerate() {
            // Without a precise point the name alone says where it was, and is listed.
            let rows = table(Some((column, &format!("\"{value}\"")))).replace("-11.43,1,", "-11.43,5,");
            out.push(made(format!("text-{column}-{i}.csv"), rows, Must::Say("kept                 3")));
        }
    }
    out
}

/// Delimited text that is damaged as a whole.
fn texts() -> Vec<Made> {
    let good = good();
    let utf_16 = |text: &str, mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| -> Vec<u8> { mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect() };
    let (little, big) = (utf_16(&good, [0xff, 0xfe], u16::to_le_bytes), utf_16(&good, [0xfe, 0xff], u16::to_be_bytes));
    let swapped: String = format!("{HEADER}\n{}", (1..5).map(|i| row(i, None).replace("14.45,-11.43", "-11.43,14.45").replace("Kayes region", "") + "\n").collect::<String>());
    let lone = |unit: u16| -> Vec<u8> { [0xff, 0xfe].into_iter().chain("id,a\n1,".encode_utf16().chain([unit]).flat_map(u16::to_le_bytes)).collect() };
    let wide: String = (0..100_000).map(|i| format!("c{i},")).collect();
    let mut out = vec![
        made("empty.csv", "", Must::Refuse),
        made("mark-only.csv", "\u{feff}", Must::Refuse),
        made("blank.csv", "\n \n\t\n\r\n", Must::Refuse),
        made("header-only.csv", format!("{HEADER}\n"), Must::Refuse),
        made("no-header.csv", good.split_once('\n').map_or("", |(_, rest)| rest).replace("X-", ""), Must::Refuse),
        made("words.csv", "The data are no longer available.\nPlease log in.\n", Must::Refuse),
        made("page.csv", "<!DOCTYPE html><html><body>404</body></html>", Must::Refuse),
        made("wide.csv", format!("{wide}\n1\n"), Must::Refuse),
        made("wide-good.csv", good.replace("id,relid", &format!("{wide}id,relid")), Must::Refuse),
        made("wide-row.csv", format!("{good}{wide}\n"), Must::Refuse),
        made("twice-the-header.csv", format!("{HEADER}\n{good}"), Must::SetOneAside),
        made("long-row.csv", format!("{good}{},1,2,3\n", row(4, None)), Must::SetOneAside),
        made("short-row.csv", format!("{good}5,short\n"), Must::SetOneAside),
        made("many-short-rows.csv", format!("{good}{}", "1,2\n".repeat(100_000)), Must::Survive),
        made("same-id.csv", format!("{HEADER}\n{}", format!("{}\n", row(1, None)).repeat(1000)), Must::Say("repeated           999")),
        made("nul.csv", good.replace("Kayes", "Ka\0yes"), Must::Refuse),
        made("nul-at-end.csv", format!("{good}\0\0\0"), Must::Refuse),
        made("swapped.csv", swapped, Must::Say("latitude and longitude were exchanged")),
        made("swapped-with-names.csv", table(None).replace("14.45,-11.43", "-11.43,14.45"), Must::Say("3 points lie outside of their country, and would lie in it if latitude and longitude were exchanged")),
        made("french-numbers.csv", table(Some(("best", "\"1 234\""))), Must::Say("kept                 3")),
        made("french-degrees.csv", table(Some(("latitude", "\"14,45\""))), Must::Say("kept                 3")),
        made("french-half.csv", table(Some(("best", "\"1 234,5\""))), Must::SetOneAside),
        made("utf-16-le.csv", little.clone(), Must::Say("the text is UTF-16LE")),
        made("utf-16-be.csv", big, Must::Say("the text is UTF-16BE")),
        made("utf-16-odd.csv", little[..little.len() - 1].to_vec(), Must::Refuse),
        made("utf-16-high.csv", lone(0xd800), Must::Refuse),
        made("utf-16-low.csv", lone(0xdc00), Must::Refuse),
        made("mark-and-latin.csv", [b"\xef\xbb\xbf".as_slice(), good.replace("Kayes", "K\u{e9}").as_bytes(), b"\xe9\n"].concat(), Must::Refuse),
        made("undefined-in-1252.csv", [good.as_bytes(), b"4,\x81\x8d\x8f\x90\x9d\n"].concat(), Must::Refuse),
        made("latin.csv", good.replace("JNIM", "\u{1}").into_bytes().into_iter().map(|b| if b == 1 { 0xe9 } else { b }).collect::<Vec<u8>>(), Must::Say("the text is Windows-1252")),
        made("returns.csv", good.replace('\n', "\r"), Must::Say("kept                 3")),
        made("semicolons.csv", good.replace(',', ";"), Must::Say("kept                 3")),
        made("hashtags.csv", good.replacen('\n', "\n#event+id,#x,,,,#country,#adm1,,#geo+lat,#geo+lon,,,#date,,,,\n", 1), Must::Say("kept                 3")),
    ];
    // Quotes that do not close, or close in the middle of a cell.
    for (i, place) in ["Government", "Kayes region", "2022-03-01", "JNIM", "X-2"].iter().enumerate() {
        out.push(made(format!("open-quote-{i}.csv"), good.replacen(place, &format!("\"{place}"), 1), Must::Survive));
        out.push(made(format!("quote-inside-{i}.csv"), good.replacen(place, &format!("{place}\"\"\""), 1), Must::Survive));
    }
    // A column that is needed is absent, or there twice.
    for column in ["id", "type_of_violence", "side_a", "country", "date_start"] {
        out.push(made(format!("without-{column}.csv"), good.replacen(&format!("{column},"), "other,", 1), if column == "date_start" { Must::Survive } else { Must::Refuse }));
        out.push(made(format!("twice-{column}.csv"), good.replacen("adm_2", column, 1), Must::Survive));
    }
    // Bytes that are no UTF-8, in each of its forms.
    for (i, bad) in [&b"\xc3"[..], b"\xa9", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff", b"\xf0\x9f\x98", b"\xe2\x82"].iter().enumerate() {
        out.push(made(format!("bytes-{i}.csv"), [good.as_bytes(), b"4,", bad, b"\n"].concat(), Must::Survive));
    }
    out
}

/// Gzip: cut, broken, twice, with something behind it.
fn packed() -> Vec<Made> {
    let whole = gzip(good().as_bytes());
    let mut wrong_sum = whole.clone();
    let at = wrong_sum.len() - 6;
    wrong_sum[at] ^= 0xff;
    let mut wrong_size = whole.clone();
    let at = wrong_size.len() - 1;
    wrong_size[at] ^= 0xff;
    vec![
        made("good.csv.gz", whole.clone(), Must::Say("kept                 3")),
        made("two-members.csv.gz", [gzip(good().as_bytes()), gzip(format!("{}\n", row(9, None)).as_bytes())].concat(), Must::Say("kept                 4")),
        made("wrong-sum.csv.gz", wrong_sum, Must::Refuse),
        made("wrong-size.csv.gz", wrong_size, Must::Refuse),
        made("twice.csv.gz", gzip(&whole), Must::Refuse),
        made("tail.csv.gz", [&whole[..], b"more"].concat(), Must::Survive),
        made("magic-only.csv.gz", vec![0x1f, 0x8b], Must::Refuse),
        made("empty.csv.gz", gzip(b""), Must::Refuse),
        made("wrong-method.csv.gz", [&[0x1f, 0x8b, 7], &whole[3..]].concat(), Must::Refuse),
        made("cut.csv.gz", whole[..whole.len() - 9].to_vec(), Must::Refuse),
    ]
}

/// Cells with texts inside a sheet; `change` replaces parts of them.
pub fn sheet(rows: &[Vec<&str>]) -> String {
    let column = |i: usize| char::from(b'A' + i as u8);
    let rows: String = rows
        .iter()
        .enumerate()
        .map(|(r, cells)| {
            let cells: String = cells.iter().enumerate().map(|(c, text)| format!(r#"<c r="{}{}" t="inlineStr"><is><t>{text}</t></is></c>"#, column(c), r + 1)).collect();
            format!(r#"<row r="{}">{cells}</row>"#, r + 1)
        })
        .collect();
    format!(r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#)
}

/// The sheet of a good workbook.
pub fn good_sheet() -> String {
    sheet(&good().lines().map(|l| l.split(',').collect()).collect::<Vec<_>>())
}

/// Archives and workbooks with what does not belong into them.
fn archives() -> Vec<Made> {
    let csv = good();
    let inner = zip(&[("a.csv", csv.as_bytes())]);
    let laughs = format!(
        r#"<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "ha">{}]><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row></sheetData></worksheet>"#,
        ('b'..='j').zip('a'..='i').map(|(name, of)| format!("<!ENTITY {name} \"{}\">", format!("&{of};").repeat(10))).collect::<String>()
    );
    let external = r#"<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row></sheetData></worksheet>"#;
    let far = r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>"#;
    let beyond = r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="4294967295"><c r="ZZZZZZZZ4294967295"><v>1</v></c></row></sheetData></worksheet>"#;
    // A million columns: claimed by the size of the sheet alone, and by a cell.
    let claims = good_sheet().replace("<sheetData>", r#"<dimension ref="A1:BDWGN1048576"/><sheetData>"#);
    let wide = good_sheet().replace(r#"r="B2""#, r#"r="BDWGN2""#);
    let formula = good_sheet().replace(r#"<c r="O3" t="inlineStr"><is><t>3</t></is></c>"#, r#"<c r="O3"><f>HYPERLINK("http://x")+1</f><v>3</v></c>"#);
    let uncomputed = good_sheet().replace(r#"<c r="O3" t="inlineStr"><is><t>3</t></is></c>"#, r#"<c r="O3"><f>1+1</f></c>"#);
    let broken_formula = good_sheet().replace(r#"<c r="O3" t="inlineStr"><is><t>3</t></is></c>"#, r#"<c r="O3" t="e"><f>1/0</f><v>#DIV/0!</v></c>"#);
    let serial = good_sheet().replace("2022-03-01 00:00:00.000", "44621");
    let deep = format!(r#"<?xml version="1.0"?><worksheet><sheetData>{}</sheetData></worksheet>"#, "<a>".repeat(100_000));
    vec![
        made("no-members.zip", zip(&[]), Must::Refuse),
        made("slip.zip", zip(&[("../../evil.csv", csv.as_bytes())]), Must::Refuse),
        made("slip-windows.zip", zip(&[("..\\..\\evil.csv", csv.as_bytes())]), Must::Refuse),
        made("absolute.zip", zip(&[("/tmp/evil.csv", csv.as_bytes())]), Must::Refuse),
        made("drive.zip", zip(&[("C:\\evil.csv", csv.as_bytes())]), Must::Refuse),
        made("link.zip", link("a.csv"), Must::Refuse),
        made("nested.zip", zip(&[("inner.zip", &inner)]), Must::Refuse),
        made("two-tables.zip", zip(&[("a.csv", csv.as_bytes()), ("b.csv", csv.as_bytes())]), Must::Refuse),
        made("strangers.zip", zip(&[("a.exe", b"MZ"), ("b.pdf", b"%PDF")]), Must::Refuse),
        made("many-members.zip", many(), Must::Refuse),
        made("lies-about-size.zip", lies(&inner), Must::Refuse),
        made("no-directory.zip", inner[..inner.len() - 22].to_vec(), Must::Refuse),
        made("laughs.xlsx", workbook(laughs.as_bytes()), Must::Refuse),
        made("external.xlsx", workbook(external.as_bytes()), Must::Refuse),
        made("far-corner.xlsx", workbook(far.as_bytes()), Must::Refuse),
        made("beyond-the-sheet.xlsx", workbook(beyond.as_bytes()), Must::Refuse),
        made("claims-a-million-columns.xlsx", workbook(claims.as_bytes()), Must::Say("kept                 3")),
        made("a-million-columns.xlsx", workbook(wide.as_bytes()), Must::Refuse),
        made("formula.xlsx", workbook(formula.as_bytes()), Must::Say("kept                 3")),
        made("formula-without-value.xlsx", workbook(uncomputed.as_bytes()), Must::Say("kept                 3")),
        made("formula-with-error.xlsx", workbook(broken_formula.as_bytes()), Must::SetOneAside),
        made("days-as-numbers.xlsx", workbook(serial.as_bytes()), Must::Say("kept                 3")),
        made("deep.xlsx", workbook(deep.as_bytes()), Must::Refuse),
        made("no-xml.xlsx", workbook(b"\0\0\0"), Must::Refuse),
        made("empty-sheet.xlsx", workbook(sheet(&[]).as_bytes()), Must::Refuse),
        made("no-sheet.xlsx", zip(&[("xl/workbook.xml", b"<workbook/>")]), Must::Refuse),
        made("slip.xlsx", zip(&[("xl/workbook.xml", b"<workbook/>"), ("../../../x", b"")]), Must::Refuse),
        made("bad.ods", ods(b"<office:document-content>"), Must::Refuse),
    ]
}

fn many() -> Vec<u8> {
    let names: Vec<String> = (0..20_000).map(|i| format!("{i}.csv")).collect();
    zip(&names.iter().map(|n| (n.as_str(), &b""[..])).collect::<Vec<_>>())
}

/// The directory of an archive says that its member has ten bytes.
fn lies(archive: &[u8]) -> Vec<u8> {
    let mut bytes = archive.to_vec();
    let at = bytes.windows(4).position(|w| w == b"PK\x01\x02").expect("there is a directory");
    bytes[at + 24..at + 28].copy_from_slice(&10_u32.to_le_bytes());
    bytes
}

/// JSON and binary formats that lie about themselves.
fn foreign() -> Vec<Made> {
    let mut out = vec![
        made("deep-list.json", "[".repeat(100_000), Must::Refuse),
        made("deep-object.json", "{\"a\":".repeat(100_000), Must::Refuse),
        made("deep-closed.json", format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)), Must::Refuse),
        made("deep-in-a-row.json", format!("[{{\"id\": {}1{}}}]", "[".repeat(100_000), "]".repeat(100_000)), Must::Refuse),
        made("empty.json", "{}", Must::Refuse),
        made("empty-list.json", "[]", Must::Refuse),
        made("numbers.json", "[1, 2, 3]", Must::Refuse),
        made("null.json", "null", Must::Refuse),
        made("cut.json", "{\"TotalCount\": 1, \"Result\": [{\"id\": 1", Must::Refuse),
        made("huge-number.json", "[{\"id\": 1e999999}]", Must::Refuse),
        made("twice-the-key.json", "[{\"id\": 1, \"id\": 2}]", Must::Refuse),
        made("lone-surrogate.json", "[{\"id\": \"\\ud800\"}]", Must::Refuse),
        made("message.json", "{\"status\": 401, \"error\": \"no token\"}", Must::Refuse),
        made("no-features.geojson", r#"{"type": "FeatureCollection", "features": []}"#, Must::Refuse),
        made("null-geometry.geojson", r#"{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": null, "geometry": null}]}"#, Must::Refuse),
        made("deep.geojson", format!(r#"{{"type": "FeatureCollection", "features": [{{"type": "Feature", "properties": {{}}, "geometry": {{"type": "MultiPolygon", "coordinates": {}}}}}]}}"#, "[".repeat(100_000)), Must::Refuse),
        made("far-away.geojson", polygon("[[1e308, 0], [1, 0], [1, 1], [1e308, 0]]"), Must::Refuse),
        made("open-ring.geojson", polygon("[[0, 0], [1, 0]]"), Must::Refuse),
        made("one-number.geojson", polygon("[[0], [1], [2], [0]]"), Must::Refuse),
        made("words.geojson", polygon("[[\"a\", \"b\"]]"), Must::Refuse),
        made("parquet-magic.parquet", "PAR1PAR1", Must::Refuse),
        made("parquet-lies.parquet", [b"PAR1".as_slice(), &[0; 32], &u32::MAX.to_le_bytes(), b"PAR1"].concat(), Must::Refuse),
        made("parquet-noise.parquet", [b"PAR1".as_slice(), &[0x15; 64], &64_u32.to_le_bytes(), b"PAR1"].concat(), Must::Refuse),
        made("old.xls", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 512]].concat(), Must::Refuse),
        made("page.pdf", "%PDF-1.7\n%%EOF", Must::Refuse),
        made("magic.gpkg", "SQLite format 3\0", Must::Refuse),
        made("zeros.gpkg", [b"SQLite format 3\0".as_slice(), &[0; 4096]].concat(), Must::Refuse),
        made("magic.fgb", b"fgb\x03fgb\x00".to_vec(), Must::Refuse),
        made("lies.fgb", [b"fgb\x03fgb\x00".as_slice(), &u32::MAX.to_le_bytes(), &[0xff; 64]].concat(), Must::Refuse),
        made("bare.shp", shapefile(1), Must::Refuse),
        made("no-table.zip", zip(&[("a.shp", &shapefile(1)), ("a.shx", &shapefile(1))]), Must::Refuse),
    ];
    for (i, records) in [0, 1, 1 << 20, i32::MAX].into_iter().enumerate() {
        let lying = shapefile(records);
        out.push(made(format!("lies-{i}.zip"), zip(&[("a.shp", &lying), ("a.shx", &lying), ("a.dbf", &[3; 64]), ("a.prj", b"GEOGCS[\"WGS 84\"]")]), Must::Refuse));
    }
    out
}

fn polygon(ring: &str) -> String {
    format!(r#"{{"type": "FeatureCollection", "features": [{{"type": "Feature", "properties": {{"shapeName": "A", "shapeISO": "ML-1", "shapeGroup": "MLI", "shapeType": "ADM1"}}, "geometry": {{"type": "Polygon", "coordinates": [{ring}]}}}}]}}"#)
}

/// The head of a polygon file and one record whose counts say anything.
fn shapefile(says: i32) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(9994_i32.to_be_bytes());
    out.extend([0; 20]);
    out.extend(says.to_be_bytes());
    out.extend(1000_i32.to_le_bytes());
    out.extend(5_i32.to_le_bytes());
    out.extend([0; 64]);
    out.extend(1_i32.to_be_bytes());
    out.extend(says.to_be_bytes());
    out.extend(5_i32.to_le_bytes());
    out.extend([0; 32]);
    out.extend(says.to_le_bytes());
    out.extend(says.to_le_bytes());
    out.extend([0; 16]);
    out
}

/// Files that are small here and large when they are read: name and bytes.
pub fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let zeros = |bytes: usize| vec![b'0'; bytes];
    let packed = gzip(&zeros(8 << 20));
    // Eight kilobytes of gzip for each eight megabytes, over and over: a file of 4 MB becomes 4 GiB.
    let endless = packed.repeat(512);
    let inner = zip(&[("a.csv", &zeros(8 << 20))]);
    let names: Vec<String> = (0..10).map(|i| format!("{i}.zip")).collect();
    let nested = zip(&names.iter().map(|name| (name.as_str(), inner.as_slice())).collect::<Vec<_>>());
    vec![
        ("bomb.csv.gz", packed),
        ("endless.csv.gz", endless),
        ("bomb.zip", zip(&[("a.csv", &zeros(64 << 20))])),
        ("nested.zip", nested),
        ("bomb.shp.zip", zip(&[("a.shp", &zeros(32 << 20)), ("a.dbf", &zeros(32 << 20))])),
        ("bomb.geojson.gz", gzip(&[&br#"{"type": "FeatureCollection", "features": ["#[..], &b" ".repeat(32 << 20)].concat())),
        ("bomb.xlsx", workbook(sheet(&[vec![&"a".repeat(32 << 20)]]).as_bytes())),
        ("one-cell.csv", format!("{}\n4,\"{}\"\n", good(), "x".repeat(100 << 20)).into_bytes()),
        ("one-line.csv", format!("{HEADER}{}", ",".repeat(100 << 20)).into_bytes()),
        ("open-quote.csv", format!("{}4,\"{}", good(), "x,y\n".repeat(4 << 20)).into_bytes()),
        ("spaces.json", format!("[{}", " ".repeat(16 << 20)).into_bytes()),
        ("commas.json", format!("[{}", "{},".repeat(4 << 20)).into_bytes()),
    ]
}

/// Numbers without a pattern, the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number (SplitMix64, Steele and others 2014).
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.roll() % n.max(1) as u64) as usize
    }
}

/// A file with some bytes changed, lost, doubled or moved.
pub fn shaken(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..1 + dice.below(8) {
        let at = dice.below(out.len());
        match dice.below(4) {
            0 if !out.is_empty() => out[at] ^= 1 << dice.below(8),
            1 if !out.is_empty() => out[at] = [0, 0xff, b'"', b'\n', b',', 0x80, b'{', b'<'][dice.below(8)],
            2 => {
                let end = (at + dice.below(16)).min(out.len());
                out.drain(at.min(end)..end);
            }
            _ => {
                let end = (at + dice.below(16)).min(out.len());
                let part = out[at.min(end)..end].to_vec();
                let to = dice.below(out.len());
                out.splice(to..to, part);
            }
        }
    }
    out
}
