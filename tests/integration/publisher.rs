//! A server on this machine that plays the publishers, well and badly, and what a test of downloads needs besides.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use tukhum::diagnostics::Diagnostic;
use tukhum::fetch::{Credentials, Fetched, Limits, Order, Secret, Setting, Surroundings, fetch};

use super::support::*;

pub const TOKEN: &str = "token-5f2c9e71";
pub const EMAIL: &str = "analyst-77ab@example.org";
pub const PASSWORD: &str = "pass word&c0ffee+91";
pub const BEARER: &str = "bearer-a41d07c2";
pub const RENEWED: &str = "bearer-b83e6f10";
pub const REFRESH: &str = "refresh-0d92ee45";

/// What no output and no file may hold, as it is and as a form writes it.
pub const SECRETS: &[&str] = &[TOKEN, EMAIL, PASSWORD, BEARER, RENEWED, REFRESH, "c0ffee", "77ab"];

/// What a client asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// Path and query.
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        self.path.split(['?', '&']).skip(1).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// What the server answers: a status, headers, a body, or anything at all.
pub enum Answer {
    Full(u16, Vec<(&'static str, String)>, Vec<u8>),
    Raw(Box<dyn FnOnce(&mut TcpStream) + Send>),
}

pub fn ok(body: impl Into<Vec<u8>>) -> Answer {
    Answer::Full(200, vec![], body.into())
}

pub fn status(code: u16) -> Answer {
    Answer::Full(code, vec![], format!("answer {code}").into_bytes())
}

pub fn redirect(to: impl Into<String>) -> Answer {
    Answer::Full(302, vec![("location", to.into())], vec![])
}

pub struct Server {
    pub home: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Starts a server; `answer` gets the request and its number, from 0.
    pub fn start(answer: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let home = format!("http://{}", listener.local_addr().expect("it has an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (list, answer) = (asked.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (list, answer) = (list.clone(), answer.clone());
                std::thread::spawn(move || respond(stream, &list, &*answer));
            }
        });
        Self { home, asked }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("the list is whole").clone()
    }
}

pub fn respond(stream: TcpStream, list: &Mutex<Vec<Asked>>, answer: &(dyn Fn(&Asked, usize) -> Answer + Send + Sync)) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    let mut next = |line: &mut String| {
        line.clear();
        reader.read_line(line).is_ok_and(|n| n > 0)
    };
    if !next(&mut line) {
        return;
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = BTreeMap::new();
    while next(&mut line) && line.trim() != "" {
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
    }
    let length = headers.get("content-length").and_then(|l| l.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the form comes whole");
    let asked = Asked { method, path, headers, body: String::from_utf8_lossy(&body).into_owned() };
    let number = {
        let mut list = list.lock().expect("the list is whole");
        list.push(asked.clone());
        list.len() - 1
    };
    let mut stream = reader.into_inner();
    // A client that goes away in the middle is part of the game.
    let _ = match answer(&asked, number) {
        Answer::Full(code, headers, body) => {
            let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let head = format!("HTTP/1.1 {code} x\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body))
        }
        Answer::Raw(play) => {
            play(&mut stream);
            Ok(())
        }
    };
}

/// A clock that jumps over waits and counts them.
pub struct Fake {
    started: Instant,
    waits: RefCell<Vec<Duration>>,
}

impl Fake {
    pub fn new() -> Self {
        Self { started: Instant::now(), waits: RefCell::default() }
    }

    pub fn seconds(&self) -> Vec<u64> {
        self.waits.borrow().iter().map(Duration::as_secs).collect()
    }
}

impl Surroundings for Fake {
    fn elapsed(&self) -> Duration {
        self.started.elapsed() + self.waits.borrow().iter().sum::<Duration>()
    }

    fn now(&self) -> Timestamp {
        "2026-11-21T12:00:00Z".parse().expect("it is a time")
    }

    fn wait(&self, time: Duration) {
        self.waits.borrow_mut().push(time);
    }

    fn tell(&self, words: &str) {
        assert_no_secret(words, "progress");
    }
}

pub fn assert_no_secret(text: &str, what: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{what} shows `{secret}`:\n{text}");
    }
}

pub fn credentials() -> Credentials {
    Credentials { ucdp_token: Secret::new(TOKEN), acled_email: Secret::new(EMAIL), acled_password: Secret::new(PASSWORD) }
}

pub fn short() -> Limits {
    let ms = Duration::from_millis;
    Limits { connect: ms(2000), answer: ms(2000), overall: Duration::from_secs(600), window: ms(200), slowest: 10_000, largest: 16 << 20, page: 4 << 20, tries: 3, ..Limits::default() }
}

pub fn ask_with(folder: &Path, home: &str, order: &Order, limits: &Limits, around: &Fake) -> Result<Fetched, Diagnostic> {
    let credentials = credentials();
    let fetched = fetch(order, &Setting { folder, credentials: &credentials, limits, around, home: Some(home) });
    if let Err(problem) = &fetched {
        let text = problem.render(false);
        assert_no_secret(&text, "a message");
        assert!(!problem.rule.is_empty() && !problem.help.is_empty(), "{text}");
    }
    for (path, bytes) in contents(folder) {
        assert_no_secret(&String::from_utf8_lossy(&bytes), &path.display().to_string());
        assert_no_secret(&path.display().to_string(), "a name");
    }
    fetched
}

pub fn ask(folder: &Path, server: &Server, order: &Order) -> Result<Fetched, Diagnostic> {
    ask_with(folder, &server.home, order, &short(), &Fake::new())
}

/// An order that must fail, and change nothing that is there. Gives the problem's code and text.
pub fn refused(server: &Server, order: &Order, limits: &Limits) -> (&'static str, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let names = ["GEDEvent_v25_1.csv", "acled-MLI-2025-01-01-2025-01-31.csv", "geoBoundaries-MLI-ADM2.geojson", "cod-ab-mli-table.csv"];
    for name in names {
        std::fs::write(folder.path().join(name), "old").expect("the file is written");
    }
    let started = Instant::now();
    let problem = ask_with(folder.path(), &server.home, order, limits, &Fake::new()).expect_err("it must fail");
    assert!(started.elapsed() < Duration::from_secs(20), "it takes {:?}", started.elapsed());
    for name in names {
        assert_eq!(std::fs::read_to_string(folder.path().join(name)).expect("it is there"), "old", "{name}");
    }
    assert!(!folder.path().join("fetched.toml").exists(), "nothing was fetched");
    (problem.code, problem.render(false))
}

pub fn ged() -> Order {
    Order::Ucdp { version: "25.1".into(), countries: vec![], from: None, to: None }
}

pub fn event(id: u64) -> Value {
    json!({
        "id": id, "relid": format!("MLI-2024-{id}"), "year": 2024, "active_year": true, "code_status": "Clear", "type_of_violence": 1,
        "conflict_name": "Mali: Government", "dyad_name": "Government of Mali - JNIM", "side_a": "Government of Mali", "side_b": "JNIM",
        "where_prec": 1, "where_coordinates": "Kayes, \"town\"\nand around", "adm_1": "Kayes region", "adm_2": null, "latitude": 14.45, "longitude": -11.4375,
        "country": "Mali", "country_id": 432, "region": "Africa", "date_prec": 1, "date_start": "2024-03-05T00:00:00", "date_end": "2024-03-05T00:00:00",
        "deaths_a": 0, "best": 3, "high": 5, "low": 3
    })
}

/// A page of UCDP as documented: `total` events, `size` a page.
pub fn ged_page(asked: &Asked, total: u64, size: u64) -> Value {
    let page: u64 = asked.query("page").expect("a page is asked for").parse().expect("it is a number");
    let rows: Vec<Value> = (page * size..((page + 1) * size).min(total)).map(|i| event(1000 + i)).collect();
    let pages = total.div_ceil(size);
    json!({ "TotalCount": total, "TotalPages": pages, "PreviousPageUrl": "", "NextPageUrl": if page + 1 < pages { "https://elsewhere.example/" } else { "" }, "Result": rows })
}

pub fn ged_server(total: u64, size: u64) -> Server {
    Server::start(move |asked, _| if asked.header("x-ucdp-access-token") == Some(TOKEN) { ok(ged_page(asked, total, size).to_string()) } else { status(401) })
}

pub fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    Draft::tiny().write(folder.path());
    folder
}

/// Runs `tukhum fetch` with all credentials in the environment, and sees that none of them comes out.
pub fn told(folder: &Path, server: &Server, arguments: &[&str]) -> std::process::Output {
    let output = program(folder)
        .env("TUKHUM_UCDP_TOKEN", TOKEN)
        .env("TUKHUM_ACLED_EMAIL", EMAIL)
        .env("TUKHUM_ACLED_PASSWORD", PASSWORD)
        .env("no_proxy", "*")
        .arg("fetch")
        .args(arguments)
        .args(["--base-url", &server.home])
        .output()
        .expect("the program starts");
    assert_no_secret(stdout(&output), "standard output");
    assert_no_secret(stderr(&output), "standard error");
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
    for (path, bytes) in contents(&folder.join("downloads")) {
        assert_no_secret(&String::from_utf8_lossy(&bytes), &path.display().to_string());
    }
    output
}
