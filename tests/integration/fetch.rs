//! Downloads page by page, credentials, tries, and the folder. Nothing goes to the network.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::civil::date;
use serde_json::{Value, json};
use tukhum::fetch::{Limits, Order};

use super::publisher::*;
use super::support::*;

/// Pages become one table, which `tukhum import` takes as it is told to.
#[test]
fn pages_become_a_table_that_can_be_imported() {
    let folder = workspace();
    let server = ged_server(25, 10);
    let output = told(folder.path(), &server, &["ucdp", "--version", "25.1", "--country", "MLI,433", "--from", "2024-01-01"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));

    let asked = server.asked();
    let paths: Vec<&str> = asked.iter().map(|a| a.path.as_str()).collect();
    assert_eq!(paths, [0, 1, 2].map(|p| format!("/gedevents/25.1?pagesize=1000&Country=432,433&StartDate=2024-01-01&page={p}")));

    let downloads = folder.path().join("downloads");
    let table = std::fs::read_to_string(downloads.join("GEDEvent_v25_1-MLI-433-2024-01-01.csv")).expect("the table is there");
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    assert_eq!(rows.headers().expect("it has a header").iter().take(2).collect::<Vec<_>>(), ["id", "relid"]);
    let rows: Vec<BTreeMap<String, String>> = rows.deserialize().map(|r| r.expect("a row")).collect();
    assert_eq!(rows.len(), 25);
    assert_eq!((rows[24]["id"].as_str(), rows[24]["longitude"].as_str(), rows[24]["adm_2"].as_str()), ("1024", "-11.4375", ""));
    assert_eq!(rows[0]["where_coordinates"], "Kayes, \"town\"\nand around");

    let record: toml::Table = std::fs::read_to_string(downloads.join("fetched.toml")).expect("there is a record").parse().expect("it is TOML");
    let entry = &record["fetched"][0];
    assert_eq!(entry["sha256"].as_str(), Some(tukhum::datasets::sha256(table.as_bytes()).as_str()));
    assert_eq!(entry["bytes"].as_integer(), Some(table.len() as i64));
    assert_eq!(entry["pages"].as_integer(), Some(3));
    assert_eq!(entry["version"].as_str(), Some("25.1"));
    assert!(entry["address"].as_str().is_some_and(|a| a.ends_with("/gedevents/25.1?pagesize=1000&Country=432,433&StartDate=2024-01-01")));
    assert!(entry["fetched"].as_datetime().is_some_and(|d| d.date.is_some() && d.time.is_some()));
    assert_eq!(std::fs::read_to_string(downloads.join(".gitignore")).expect("it is there"), "*\n");
    assert_eq!(std::fs::read_dir(downloads.join(".part")).expect("it is there").count(), 0, "no part is left");

    let line = stdout(&output).lines().last().expect("a line is printed").to_owned();
    let line = line.replace("DAY (the day on which UCDP put 25.1 out)", "2025-06-10");
    let words: Vec<&str> = line.split_whitespace().collect();
    let imported = run(folder.path(), &words[1..]);
    assert_eq!(imported.status.code(), Some(0), "{line}\n{}", stderr(&imported));
    assert!(stdout(&imported).contains("25"), "{}", stdout(&imported));
}

/// ACLED: a login, a token that runs out in between, pages until a short one.
#[test]
fn acled_logs_in_and_renews() {
    let row = |i: usize| {
        json!({ "event_id_cnty": format!("MLI{i}"), "event_date": "2025-01-05", "time_precision": 1, "event_type": "Battles", "sub_event_type": "Armed clash",
            "actor1": "JNIM", "inter1": "Rebel group", "actor2": "Military Forces of Mali", "inter2": "State forces", "country": "Mali", "admin1": "Kayes",
            "admin2": "Kayes", "latitude": "14.45", "longitude": "-11.43", "geo_precision": 1, "fatalities": 2, "notes": "a, \"b\"" })
    };
    let server = Server::start(move |asked, _| {
        if asked.path == "/oauth/token" {
            let first = asked.body == "grant_type=password&client_id=acled&username=analyst-77ab%40example.org&password=pass+word%26c0ffee%2B91"
                || asked.body == "grant_type=password&client_id=acled&username=analyst-77ab%40example.org&password=pass%20word%26c0ffee%2B91";
            let second = asked.body == format!("grant_type=refresh_token&client_id=acled&refresh_token={REFRESH}");
            return match (first, second) {
                (true, _) => ok(json!({ "token_type": "Bearer", "expires_in": 86400, "access_token": BEARER, "refresh_token": REFRESH }).to_string()),
                (_, true) => ok(json!({ "access_token": RENEWED }).to_string()),
                _ => status(400),
            };
        }
        let page: usize = asked.query("page").expect("a page is asked for").parse().expect("it is a number");
        let token = if page == 1 { BEARER } else { RENEWED };
        if asked.header("authorization") != Some(format!("Bearer {token}").as_str()) {
            return status(401);
        }
        let rows: Vec<Value> = (5000 * (page - 1)..(5000 * page).min(5003)).map(row).collect();
        ok(json!({ "status": 200, "success": true, "last_update": 1, "count": rows.len(), "data": rows }).to_string())
    });
    let folder = workspace();
    let output = told(folder.path(), &server, &["acled", "--country", "MLI,Guinea-Bissau", "--from", "2025-01-01", "--to", "2025-01-31"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let paths: Vec<String> = server.asked().iter().map(|a| format!("{} {}", a.method, a.path)).collect();
    let read = "GET /api/acled/read?_format=json&country=Mali:OR:country=Guinea-Bissau&event_date=2025-01-01%7C2025-01-31&event_date_where=BETWEEN&limit=5000&page=";
    assert_eq!(paths, ["POST /oauth/token".into(), format!("{read}1"), format!("{read}2"), "POST /oauth/token".into(), format!("{read}2")]);
    let table = std::fs::read_to_string(folder.path().join("downloads/acled-MLI-Guinea-Bissau-2025-01-01-2025-01-31.csv")).expect("the table is there");
    assert_eq!(csv::Reader::from_reader(table.as_bytes()).records().count(), 5003);
    let line = stdout(&output).lines().last().expect("a line is printed").to_owned();
    let words: Vec<&str> = line.split_whitespace().collect();
    let imported = run(folder.path(), &words[1..]);
    assert_eq!(imported.status.code(), Some(0), "{line}\n{}", stderr(&imported));
}

fn acled() -> Order {
    Order::Acled { countries: vec!["MLI".into()], from: date(2025, 1, 1), to: date(2025, 1, 31) }
}

/// A password that is not taken, a renewal that is not, an answer that is no token: each says what to do.
#[test]
fn acled_refusals() {
    let token = || ok(json!({ "access_token": BEARER, "refresh_token": REFRESH }).to_string());
    let cases: Vec<(&str, &str, Server)> = vec![
        ("unauthorised", "TUKHUM_ACLED_PASSWORD", Server::start(|_, _| status(401))),
        ("not-there", "TUKHUM_ACLED_PASSWORD", Server::start(|_, _| status(400))),
        ("unexpected-content", "than a token", Server::start(|asked, _| ok(format!("{{\"error\": \"{}\"}}", asked.body)))),
        ("unsafe-address", "sends the password on", Server::start(|_, _| redirect("/elsewhere"))),
        ("forbidden", "accept the terms", Server::start(move |asked, _| if asked.method == "POST" { token() } else { status(403) })),
        ("unauthorised", "logging in", Server::start(move |asked, _| if asked.method == "POST" { token() } else { status(401) })),
        ("unexpected-content", "did not succeed", Server::start(move |asked, _| if asked.method == "POST" { token() } else { ok(r#"{"success": false, "data": []}"#) })),
        ("nothing-found", "there is no row", Server::start(move |asked, _| if asked.method == "POST" { token() } else { ok(r#"{"success": true, "data": []}"#) })),
    ];
    for (code, words, server) in cases {
        let (found, text) = refused(&server, &acled(), &short());
        assert_eq!(found, code, "{text}");
        assert!(text.contains(words), "{text}");
        assert!(server.asked().len() <= 5, "{} requests", server.asked().len());
        assert!(server.asked().iter().all(|a| a.path != "/elsewhere"));
    }
}

/// Without a token nothing is asked; a wrong one says where to get another.
#[test]
fn tokens() {
    let folder = workspace();
    let server = ged_server(1, 1);
    let output = program(folder.path()).args(["fetch", "ucdp", "--version", "25.1", "--base-url", &server.home]).env_remove("TUKHUM_UCDP_TOKEN").output().expect("the program starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("error[no-credentials]") && stderr(&output).contains("TUKHUM_UCDP_TOKEN"), "{}", stderr(&output));
    assert!(server.asked().is_empty());

    for (code, name) in [(401, "unauthorised"), (403, "forbidden"), (404, "not-there"), (418, "unexpected-answer")] {
        let server = Server::start(move |asked, _| Answer::Full(code, vec![], format!("no: {:?}", asked.headers).into_bytes()));
        let (found, text) = refused(&server, &ged(), &short());
        assert_eq!(found, name, "{text}");
        assert_eq!(server.asked().len(), 1, "{code} is not tried again");
    }
}

/// The file of credentials is for its owner alone, and no message shows what is in it.
#[cfg(unix)]
#[test]
fn files_of_credentials() {
    use std::os::unix::fs::PermissionsExt;
    let folder = workspace();
    let server = ged_server(2, 10);
    let keys = folder.path().join("keys.toml");
    let go = |text: &str, mode: u32| {
        std::fs::write(&keys, text).expect("the file is written");
        std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(mode)).expect("the mode is set");
        let output = program(folder.path())
            .args(["fetch", "ucdp", "--version", "25.1", "--credentials", "keys.toml", "--base-url", &server.home])
            .env_remove("TUKHUM_UCDP_TOKEN")
            .output()
            .expect("the program starts");
        assert_no_secret(stdout(&output), "standard output");
        assert_no_secret(stderr(&output), "standard error");
        output
    };
    let good = format!("ucdp_token = \"{TOKEN}\"\n");
    for mode in [0o644, 0o640, 0o604, 0o660] {
        let output = go(&good, mode);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("error[open-credentials]") && stderr(&output).contains("chmod 600"), "{}", stderr(&output));
    }
    for broken in [format!("ucdp_token = {TOKEN}"), format!("{TOKEN} = \"a\""), format!("ucdp_token = \"{TOKEN}"), format!("ucdp_token = [\"{TOKEN}\"]"), format!("ucdp_token = \"{TOKEN}\\nx: y\"")] {
        let output = go(&broken, 0o600);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("error[wrong-credentials]"), "{}", stderr(&output));
    }
    assert!(server.asked().is_empty());
    let output = go(&good, 0o600);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

/// A busy or broken server is tried again, as often and as late as it may.
#[test]
fn tries_are_bounded_and_waits_honoured() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let go = |server: &Server| {
        let around = Fake::new();
        let fetched = ask_with(folder.path(), &server.home, &ged(), &short(), &around).map_err(|d| d.render(false));
        (fetched, around.seconds(), server.asked().len())
    };
    let after = |wait: &'static str, code: u16| {
        Server::start(move |asked, n| if n == 0 { Answer::Full(code, vec![("retry-after", wait.into())], vec![]) } else { ok(ged_page(asked, 3, 10).to_string()) })
    };
    for (wait, code, seconds) in [("7", 429, 7), ("Sat, 21 Nov 2026 12:00:30 GMT", 503, 30), ("Sat, 21 Nov 2026 11:00:00 GMT", 429, 0), ("nonsense", 429, 2)] {
        let (fetched, waits, asked) = go(&after(wait, code));
        assert!(fetched.is_ok(), "{fetched:?}");
        assert_eq!((waits, asked), (vec![seconds], 2), "{wait}");
    }
    let (fetched, waits, asked) = go(&after("3600", 429));
    assert!(fetched.is_err_and(|text| text.contains("3600 s")), "a long wait is told, not waited");
    assert_eq!((waits.len(), asked), (0, 1));

    let twice = Server::start(|asked, n| if n < 2 { status(500) } else { ok(ged_page(asked, 3, 10).to_string()) });
    let (fetched, waits, _) = go(&twice);
    assert!(fetched.is_ok(), "{fetched:?}");
    assert_eq!(waits, [2, 4]);

    let never = Server::start(|_, _| status(502));
    let (fetched, waits, asked) = go(&never);
    assert!(fetched.is_err_and(|text| text.contains("after 3 tries")));
    assert_eq!((waits, asked), (vec![2, 4], 3));
}

/// Answers that are cut, slow, endless, packed to burst, or something else than documented.
#[test]
fn bad_pages() {
    let head = |extra: &str| format!("HTTP/1.1 200 OK\r\n{extra}connection: close\r\n\r\n");
    let raw = move |extra: String, play: fn(&mut TcpStream)| {
        Server::start(move |_, _| {
            let head = head(&extra);
            Answer::Raw(Box::new(move |stream| {
                if stream.write_all(head.as_bytes()).is_ok() {
                    play(stream);
                }
            }))
        })
    };
    let page = |change: fn(&mut Value)| {
        Server::start(move |asked, _| {
            let mut page = ged_page(asked, 25, 10);
            change(&mut page);
            ok(page.to_string())
        })
    };
    let bomb: Vec<u8> = {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        (0..512).for_each(|_| packer.write_all(&[b' '; 64 << 10]).expect("it is packed"));
        packer.finish().expect("it is packed")
    };
    assert!(bomb.len() < 64 << 10, "a bomb is small");
    let cases: Vec<(&str, &str, Server)> = vec![
        ("cut-off", "after 3 tries", raw("content-length: 1000\r\n".into(), |s| drop(s.write_all(b"{\"TotalCount\": 1,")))),
        ("unexpected-content", "ends too early", raw(String::new(), |s| drop(s.write_all(b"{\"TotalCount\": 1,")))),
        ("cut-off", "slower than", raw(String::new(), |s| while s.write_all(b" ").is_ok() { std::thread::sleep(Duration::from_millis(20)) })),
        ("no-answer", "in time", raw("content-length: 5\r\n".into(), |_| std::thread::sleep(Duration::from_secs(3)))),
        ("too-large", "4194304 bytes", raw(String::new(), |s| while s.write_all(&[b' '; 1 << 16]).is_ok() {})),
        ("too-large", "4194304 bytes", raw("content-length: 99999999999\r\n".into(), |_| ())),
        ("too-large", "4194304 bytes", Server::start(move |_, _| Answer::Full(200, vec![("content-encoding", "gzip".into())], bomb.clone()))),
        ("unexpected-content", "not JSON", Server::start(|_, _| Answer::Full(200, vec![("content-type", "text/html".into())], b"<html>maintenance</html>".to_vec()))),
        ("unexpected-content", "not those that are documented", Server::start(|_, _| ok(r#"{"total": 1, "data": []}"#))),
        ("unexpected-content", "documented", Server::start(|_, _| ok("[".repeat(100_000)))),
        ("pages-do-not-fit", "no `best`", page(|p| drop(p["Result"][3].as_object_mut().expect("a row").remove("best")))),
        ("unexpected-content", "not those that are documented", page(|p| p["Result"][3]["side_a"] = json!({ "a": [1] }))),
        ("pages-do-not-fit", "announces", page(|p| if p["Result"][0]["id"] == 1010 { p["TotalCount"] = json!(26) })),
        ("pages-do-not-fit", "comes twice", page(|p| if p["Result"][0]["id"] == 1010 { p["Result"][0]["id"] = json!(1001) })),
        ("pages-do-not-fit", "no rows", page(|p| p["Result"] = json!([]))),
        ("rows-missing", "24 rows came, 25 were announced", page(|p| if p["Result"].as_array().expect("rows").len() == 5 { drop(p["Result"].as_array_mut().expect("rows").pop()) })),
        ("nothing-found", "no row", Server::start(|asked, _| ok(ged_page(asked, 0, 10).to_string()))),
        ("unsafe-address", "without end", Server::start(|asked, _| redirect(format!("{}&again=1", asked.path)))),
        ("unsafe-address", "not https", Server::start(|_, _| redirect("http://example.org/gedevents"))),
        ("unsafe-address", "not https", Server::start(|_, _| redirect("ftp://127.0.0.1/gedevents"))),
        ("unsafe-address", "does not say which", Server::start(|_, _| Answer::Full(302, vec![], vec![]))),
    ];
    for (i, (code, words, server)) in cases.into_iter().enumerate() {
        let (found, text) = refused(&server, &ged(), &short());
        assert_eq!(found, code, "case {i}: {text}");
        assert!(text.contains(words), "case {i}: {text}");
        assert!(server.asked().len() <= 10, "case {i}: {} requests", server.asked().len());
    }
    // Pages that never end are bounded by their bytes together.
    let endless = Server::start(|asked, _| {
        let page: u64 = asked.query("page").expect("a page").parse().expect("a number");
        let mut rows: Vec<Value> = vec![event(page)];
        rows[0]["notes"] = json!("x".repeat(100_000));
        ok(json!({ "TotalCount": 1_000_000_000_u64, "TotalPages": u64::MAX, "Result": rows }).to_string())
    });
    let (code, _) = refused(&endless, &ged(), &Limits { largest: 1 << 20, ..short() });
    assert_eq!(code, "too-large");
    assert!(endless.asked().len() <= 12);
}

/// A redirect to another host gets no secret, and none comes back with the way home.
#[test]
fn secrets_stay_with_their_host() {
    let other = Server::start(|asked, _| ok(ged_page(asked, 3, 10).to_string()));
    let to = other.home.clone();
    let home = Server::start(move |asked, _| redirect(format!("{to}{}", asked.path)));
    let folder = tempfile::tempdir().expect("a temporary folder");
    ask(folder.path(), &home, &ged()).expect("public pages come from the other host");
    assert!(home.asked().iter().all(|a| a.header("x-ucdp-access-token") == Some(TOKEN)));
    assert!(other.asked().iter().all(|a| a.header("x-ucdp-access-token").is_none()), "{:?}", other.asked());

    let same = Server::start(|asked, n| if n == 0 { redirect("/moved?page=0") } else { ok(ged_page(asked, 3, 10).to_string()) });
    let folder = tempfile::tempdir().expect("a temporary folder");
    ask(folder.path(), &same, &ged()).expect("a redirect on the same host is followed");
    assert_eq!(same.asked()[1].header("x-ucdp-access-token"), Some(TOKEN));
}

/// A second run asks only for the pages that the first did not get.
#[test]
fn pages_are_kept() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let broken = Server::start(|asked, _| if asked.query("page") == Some("2") { status(404) } else { ok(ged_page(asked, 25, 10).to_string()) });
    ask(folder.path(), &broken, &ged()).expect_err("the third page is not there");
    assert!(!folder.path().join("GEDEvent_v25_1.csv").exists());
    // The same address must answer: the request is what its parts are filed under.
    let repaired = Server::start(|asked, _| ok(ged_page(asked, 25, 10).to_string()));
    ask(folder.path(), &repaired, &ged()).expect("all pages come");
    assert_eq!(repaired.asked().len(), 3, "parts of another server are not taken");

    let calls = Arc::new(Mutex::new(0));
    let counter = calls.clone();
    let flaky = Server::start(move |asked, _| {
        let mut calls = counter.lock().expect("the count is whole");
        *calls += 1;
        if *calls == 3 { status(404) } else { ok(ged_page(asked, 25, 10).to_string()) }
    });
    ask(folder.path(), &flaky, &ged()).expect_err("the third page is not there");
    ask(folder.path(), &flaky, &ged()).expect("now it is");
    let pages: Vec<String> = flaky.asked().iter().filter_map(|a| a.query("page").map(str::to_owned)).collect();
    assert_eq!(pages, ["0", "1", "2", "2"]);

    // A page that was damaged on disk is fetched again.
    let server = Server::start(|asked, n| if n == 2 { status(404) } else { ok(ged_page(asked, 25, 10).to_string()) });
    ask(folder.path(), &server, &ged()).expect_err("the third page is not there");
    for (path, _) in contents(&folder.path().join(".part")).iter().filter(|(path, _)| path.ends_with("page-000001.json")) {
        std::fs::write(folder.path().join(".part").join(path), "{\"TotalCou").expect("the page is damaged");
    }
    ask(folder.path(), &server, &ged()).expect("all pages come");
    let pages: Vec<String> = server.asked().iter().filter_map(|a| a.query("page").map(str::to_owned)).collect();
    assert_eq!(pages, ["0", "1", "2", "1", "2"]);
}

/// Two runs for the same do not write over each other, and a record that cannot be read is left alone.
#[test]
fn the_folder_is_looked_after() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path().to_owned();
    let slow = Server::start(|asked, _| {
        std::thread::sleep(Duration::from_millis(1000));
        ok(ged_page(asked, 3, 10).to_string())
    });
    let home = slow.home.clone();
    let first = std::thread::spawn(move || ask_with(&at, &home, &ged(), &short(), &Fake::new()).map(|f| f.entry.bytes));
    std::thread::sleep(Duration::from_millis(400));
    let second = ask(folder.path(), &slow, &ged()).expect_err("another run is at it");
    assert_eq!(second.code, "in-use");
    assert!(first.join().expect("it ends").is_ok());

    std::fs::write(folder.path().join("fetched.toml"), "[[fetched]]\nfile = 3\n").expect("it is written");
    let problem = ask(folder.path(), &slow, &ged()).expect_err("the record is damaged");
    assert_eq!(problem.code, "unreadable");
    assert_eq!(std::fs::read_to_string(folder.path().join("fetched.toml")).expect("it is there"), "[[fetched]]\nfile = 3\n");
}

/// Arguments that mean nothing are refused before anything is asked.
#[test]
fn arguments() {
    let server = ged_server(1, 1);
    let folder = workspace();
    for (arguments, words) in [
        (vec!["ucdp", "--version", "../25.1"], "wrong-version"),
        (vec!["ucdp", "--version", "25.1", "--country", "XYZ"], "unknown-country"),
        (vec!["ucdp", "--version", "25.1", "--from", "2025-02-30"], "wrong-day"),
        (vec!["acled", "--country", "ML", "--from", "2025-01-01", "--to", "2025-01-31"], "unknown-country"),
        (vec!["acled", "--country", "MLI", "--from", "2025-02-01", "--to", "2025-01-31"], "wrong-span"),
        (vec!["geoboundaries", "--country", "Mali"], "unknown-country"),
    ] {
        let output = told_quietly(folder.path(), &server, &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(&format!("error[{words}]")), "{arguments:?}: {}", stderr(&output));
    }
    assert!(server.asked().is_empty());
    let nowhere = tempfile::tempdir().expect("a temporary folder");
    let output = run(nowhere.path(), &["fetch", "hdx", "a"]);
    assert!(stderr(&output).contains("error[no-workspace]"), "{}", stderr(&output));
    assert!(contents(nowhere.path()).is_empty());
}

fn told_quietly(folder: &Path, server: &Server, arguments: &[&str]) -> std::process::Output {
    std::fs::create_dir_all(folder.join("downloads")).expect("the folder is made");
    told(folder, server, arguments)
}
