//! Downloads of single files: boundaries and datasets of HDX. Nothing goes to the network.

use std::io::Write;
use std::sync::Mutex;

use serde_json::{Value, json};
use tukhum::fetch::{Limits, Order};

use super::publisher::*;

fn square() -> String {
    let features: Vec<Value> = (0..2000).map(|i| json!({ "type": "Feature", "properties": { "shapeName": format!("Unit {i}") }, "geometry": { "type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]] } })).collect();
    json!({ "type": "FeatureCollection", "features": features }).to_string()
}

fn boundary(home: &str) -> String {
    json!({ "boundaryID": "MLI-ADM2-1", "boundaryISO": "MLI", "boundaryType": "ADM2", "buildDate": "Dec 12, 2023", "gjDownloadURL": format!("{home}/raw/mali.geojson?signature=hidden") }).to_string()
}

fn cercles() -> Order {
    Order::GeoBoundaries { country: "mli".into(), level: 2 }
}

/// A server of one boundary whose file is answered by `file`.
fn boundaries(file: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Server {
    let count = Mutex::new(0);
    Server::start(move |asked, _| {
        if asked.path == "/api/current/gbOpen/MLI/ADM2/" {
            return ok(boundary(&format!("http://{}", asked.header("host").expect("a host"))));
        }
        let mut count = count.lock().expect("the count is whole");
        *count += 1;
        file(asked, *count - 1)
    })
}

/// The description leads to the file, by way of another host, without its signature in the record.
#[test]
fn boundaries_come_by_their_description() {
    let storage = Server::start(|_, _| ok(square()));
    let to = storage.home.replace("127.0.0.1", "localhost");
    let server = boundaries(move |_, _| redirect(format!("{to}/lfs/mali.geojson?X-Signature=hidden")));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fetched = ask(folder.path(), &server, &cercles()).expect("it comes");
    assert_eq!(fetched.entry.version, "MLI-ADM2-1 Dec 12, 2023");
    assert_eq!(std::fs::read_to_string(folder.path().join("geoBoundaries-MLI-ADM2.geojson")).expect("it is there"), square());
    let record = std::fs::read_to_string(folder.path().join("fetched.toml")).expect("there is a record");
    assert!(record.contains("/raw/mali.geojson\"") && !record.contains("hidden"), "{record}");

    // The same again replaces the file and its entry; another file gets an entry of its own.
    ask(folder.path(), &server, &cercles()).expect("it comes again");
    let events = ged_server(3, 10);
    ask(folder.path(), &events, &ged()).expect("it comes");
    let record: toml::Table = std::fs::read_to_string(folder.path().join("fetched.toml")).expect("there is a record").parse().expect("it is TOML");
    let files: Vec<&str> = record["fetched"].as_array().expect("a list").iter().filter_map(|e| e["file"].as_str()).collect();
    assert_eq!(files, ["GEDEvent_v25_1.csv", "geoBoundaries-MLI-ADM2.geojson"]);
}

/// A file that was cut off goes on where it was, if the server still has the same.
#[test]
fn files_go_on_after_a_cut() {
    let cut = |tag: &'static str| {
        Answer::Raw(Box::new(move |stream| {
            let body = square();
            let head = format!("HTTP/1.1 200 OK\r\netag: {tag}\r\naccept-ranges: bytes\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body.as_bytes()[..100_000]));
        }))
    };
    let rest = |asked: &Asked| {
        let body = square();
        let start: usize = asked.header("range").and_then(|r| r.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()).expect("a range is asked for");
        let headers = vec![("etag", "\"one\"".into()), ("content-range", format!("bytes {start}-{}/{}", body.len() - 1, body.len()))];
        Answer::Full(206, headers, body.as_bytes()[start..].to_vec())
    };
    // In the same run, after a wait.
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = boundaries(move |asked, n| if n == 0 { cut("\"one\"") } else { rest(asked) });
    let fetched = ask(folder.path(), &server, &cercles()).expect("it comes");
    assert_eq!(fetched.entry.bytes, square().len() as u64);
    let asked = server.asked();
    let last = asked.last().expect("it was asked");
    assert_eq!((last.header("range"), last.header("if-range")), (Some("bytes=100000-"), Some("\"one\"")));
    assert_eq!(std::fs::read_to_string(folder.path().join("geoBoundaries-MLI-ADM2.geojson")).expect("it is there"), square());

    // In the next run.
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = boundaries(move |asked, n| if n == 0 { cut("\"one\"") } else { rest(asked) });
    ask_with(folder.path(), &server.home, &cercles(), &Limits { tries: 1, ..short() }, &Fake::new()).expect_err("it is cut");
    assert!(!folder.path().join("geoBoundaries-MLI-ADM2.geojson").exists());
    ask(folder.path(), &server, &cercles()).expect("it comes");
    assert_eq!(std::fs::read_to_string(folder.path().join("geoBoundaries-MLI-ADM2.geojson")).expect("it is there"), square());

    // From the start: the server has another file now; it gave no mark, or a weak one; it sends another part.
    let other = move |n: usize, tag| if n == 0 { cut(tag) } else { ok(square()) };
    let shifted = move |asked: &Asked, n: usize| match n {
        0 => cut("\"one\""),
        1 => Answer::Full(206, vec![("content-range", "bytes 5-9/10".into())], b"wrong".to_vec()),
        _ => {
            assert_eq!(asked.header("range"), None);
            ok(square())
        }
    };
    let gone = move |asked: &Asked, n: usize| match n {
        0 => cut("\"one\""),
        1 => status(416),
        _ => {
            assert_eq!(asked.header("range"), None);
            ok(square())
        }
    };
    let servers = [boundaries(move |_, n| other(n, "\"one\"")), boundaries(move |_, n| other(n, "W/\"weak\"")), boundaries(shifted), boundaries(gone)];
    for (i, server) in servers.iter().enumerate() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        ask(folder.path(), server, &cercles()).unwrap_or_else(|e| panic!("{i}: {}", e.render(false)));
        assert_eq!(std::fs::read_to_string(folder.path().join("geoBoundaries-MLI-ADM2.geojson")).expect("it is there"), square(), "{i}");
        assert!(i != 1 || server.asked().iter().all(|a| a.header("range").is_none()), "a weak mark does not serve");
    }
}

/// Files that are not what they should be take nobody's place.
#[test]
fn bad_files() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    let cases: Vec<(&str, &str, Server)> = vec![
        ("unexpected-content", "not JSON", boundaries(move |_, _| ok(pointer))),
        ("unexpected-content", "no collection with features", boundaries(|_, _| ok(r#"{"type": "FeatureCollection", "features": []}"#))),
        ("unexpected-content", "ends too early", boundaries(|_, _| ok(&square()[..5000]))),
        ("unexpected-content", "documented", boundaries(|_, _| ok(r#"{"type": "Topology"}"#))),
        ("too-large", "16777216", boundaries(|_, _| Answer::Raw(Box::new(|s| if s.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").is_ok() { while s.write_all(&[b' '; 1 << 16]).is_ok() {} })))),
        ("unexpected-content", "another boundary", Server::start(|_, _| ok(boundary("http://127.0.0.1:1").replace("MLI", "NER")))),
        ("unsafe-address", "not https", Server::start(|_, _| ok(boundary("http://example.org")))),
        ("unsafe-address", "user name", Server::start(|_, _| ok(boundary("https://a:b@example.org")))),
        ("not-there", "--level", Server::start(|_, _| status(404))),
    ];
    for (i, (code, words, server)) in cases.into_iter().enumerate() {
        let (found, text) = refused(&server, &cercles(), &short());
        assert_eq!(found, code, "case {i}: {text}");
        assert!(text.contains(words), "case {i}: {text}");
        assert!(!text.contains("signature"), "case {i}: {text}");
    }
}

fn dataset(home: &str) -> Value {
    let file = |id: &str, name: &str, format: &str, path: &str, size: u64| {
        json!({ "id": id, "name": name, "format": format, "url": format!("{home}/download/{path}?X-Amz-Signature=hidden"), "size": size, "last_modified": "2025-03-04T05:06:07.123456" })
    };
    json!({ "help": "", "success": true, "result": { "name": "cod-ab-mli", "title": "Mali", "resources": [
        file("r1", "Mali tables", "CSV", "table.csv", 20), file("r2", "Mali shapes", "SHP", "../..%2fshapes.zip", 20), file("r3", "Mali map", "PDF", "map.pdf", 20),
        file("r4", "Mali workbook", "XLSX", "book.xlsx", 99 << 40), file("r5", "Mali more tables", "CSV", "more.csv", 20),
    ] } })
}

fn resource(name: Option<&str>) -> Order {
    Order::Hdx { dataset: "cod-ab-mli".into(), resource: name.map(str::to_owned) }
}

fn hdx() -> Server {
    Server::start(|asked, _| match asked.path.split('?').next() {
        Some("/api/3/action/package_show") => {
            assert_eq!(asked.query("id"), Some("cod-ab-mli"));
            ok(dataset(&format!("http://{}", asked.header("host").expect("a host"))).to_string())
        }
        Some("/download/table.csv") => ok("unit,people\nML-1,5\n"),
        Some("/download/more.csv") => ok("<html>log in</html>"),
        Some(path) if path.ends_with("shapes.zip") => {
            let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
            archive.start_file("a.shp", zip::write::SimpleFileOptions::default()).expect("it is written");
            let bytes = archive.finish().expect("it is written").into_inner();
            ok(if asked.path.contains("cut") { bytes[..20].to_vec() } else { bytes })
        }
        _ => status(404),
    })
}

/// A file of HDX is named, or listed where several may be meant; its name leads nowhere else.
#[test]
fn files_of_hdx() {
    let server = hdx();
    for (wanted, code, words) in [
        (None, "ambiguous-resource", "Mali shapes (SHP)"),
        (Some("csv"), "ambiguous-resource", "Mali more tables (CSV)"),
        (Some("Mali tabels"), "unknown-resource", "did you mean `Mali tables`"),
        (Some("Mali map"), "unknown-resource", "Mali shapes"),
        (Some("xlsx"), "too-large", "--largest"),
        (Some("Mali more tables"), "unexpected-content", "no table"),
    ] {
        let (found, text) = refused(&server, &resource(wanted), &short());
        assert_eq!(found, code, "{text}");
        assert!(text.contains(words) && !text.contains("hidden"), "{text}");
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fetched = ask(folder.path(), &server, &resource(Some("mali TABLES"))).expect("it comes");
    assert_eq!((fetched.entry.file.as_str(), fetched.entry.version.as_str()), ("cod-ab-mli-table.csv", "2025-03-04T05:06:07.123456"));
    assert_eq!(fetched.import, "--published 2025-03-04");
    let fetched = ask(folder.path(), &server, &resource(Some("r2"))).expect("it comes");
    assert_eq!(fetched.entry.file, "cod-ab-mli-___2fshapes.zip");
    let record = std::fs::read_to_string(folder.path().join("fetched.toml")).expect("there is a record");
    assert!(!record.contains("hidden"), "{record}");
    let strange = Server::start(|_, _| ok(r#"{"success": false, "result": {"name": "a", "resources": []}}"#));
    assert_eq!(refused(&strange, &resource(None), &short()).0, "unexpected-content");
}
