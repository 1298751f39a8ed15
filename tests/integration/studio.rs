//! `tukhum studio`: what it serves, and what it answers to strangers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::browser;
use super::support::*;

struct Studio {
    child: Child,
    /// `127.0.0.1:port`
    host: String,
    token: String,
    folder: tempfile::TempDir,
}

impl Drop for Studio {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer: status, head, body.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Studio {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Draft::small().write(folder.path());
        let mut child = program(folder.path()).arg("studio").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its address");
        let (host, token) = line.trim().trim_start_matches("http://").trim_end_matches('/').split_once('/').expect("an address with a token");
        Self { host: host.to_owned(), token: token.to_owned(), folder, child }
    }

    /// Sends bytes as they are and reads until the other side closes.
    fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(&self.host).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(120))).expect("a time limit");
        // A body that is too long may be refused before it is sent.
        let _ = stream.write_all(bytes);
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        let text = String::from_utf8_lossy(&all).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    fn get(&self, path: &str, headers: &str) -> Answer {
        self.raw(format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\r\n", self.host).as_bytes())
    }

    fn page(&self, page: &str) -> Answer {
        self.get(&format!("/{}/{page}", self.token), "")
    }

    fn post(&self, page: &str, origin: &str, form: &[(&str, &str)]) -> Answer {
        let escaped = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
        let body = form.iter().map(|(k, v)| format!("{k}={}", escaped(v))).collect::<Vec<_>>().join("&");
        let head = format!(
            "POST /{}/{page} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{origin}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
            self.token, self.host, body.len()
        );
        self.raw((head + &body).as_bytes())
    }

    fn own(&self) -> String {
        format!("Origin: http://{}\r\nSec-Fetch-Site: same-origin\r\n", self.host)
    }

    fn save(&self, name: &str, text: &str, seen: &str) -> Answer {
        let form = [("kind", "provinces"), ("name", name), ("text", text), ("seen", seen), ("back", "as_of=2025-07-31&units=1&lang=fr")];
        self.post("weights", &self.own(), &form)
    }
}

fn set(name: &str, rationale: &str) -> String {
    format!("name = \"{name}\"\nversion = \"1.0\"\nrationale = \"{rationale}\"\n\n[method]\nkind = \"equal\"\n")
}

fn there(folder: &Path, name: &str) -> Option<String> {
    std::fs::read_to_string(folder.join(format!("indicators/provinces/weights/{name}.toml"))).ok()
}

/// Every answer to a stranger, and that nothing came of it.
#[test]
fn strangers_are_turned_away() {
    let studio = Studio::start();
    let before = contents(studio.folder.path());
    let t = &studio.token;
    let form = [("as_of", "2025-07-31"), ("units", "1"), ("back", "")];
    let long = format!("POST /{t}/weights HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10000000\r\n\r\n", studio.host, studio.own());
    let with_host = |host: &str| studio.raw(format!("GET /{t}/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes());
    let other_port = "Origin: http://127.0.0.1:1\r\n";
    let tried = [
        ("no token", studio.get("/", ""), 404),
        ("a wrong token", studio.get(&format!("/{}/", "0".repeat(32)), ""), 404),
        ("half a token", studio.get(&format!("/{}/", &t[..16]), ""), 404),
        ("a token in capitals", studio.get(&format!("/{}/", t.to_uppercase()), ""), if t.to_uppercase() == *t { 200 } else { 404 }),
        ("a foreign host", with_host("early-warning.example"), 403),
        ("a foreign host with the port", with_host("rebound.example:80"), 403),
        ("no host", studio.raw(format!("GET /{t}/ HTTP/1.0\r\n\r\n").as_bytes()), 403),
        ("a page of another address reads", studio.get(&format!("/{t}/page"), "Origin: http://elsewhere.example\r\n"), 403),
        ("a page of another site embeds", studio.get(&format!("/{t}/page"), "Sec-Fetch-Site: cross-site\r\n"), 403),
        ("a form of another address", studio.post("edition", "Origin: http://elsewhere.example\r\n", &form), 403),
        ("a form of another port", studio.post("edition", other_port, &form), 403),
        ("a form of origin null", studio.post("edition", "Origin: null\r\n", &form), 403),
        ("a form without an origin", studio.post("edition", "", &form), 403),
        ("a form of a sibling site", studio.post("edition", &format!("Origin: http://{}\r\nSec-Fetch-Site: same-site\r\n", studio.host), &form), 403),
        ("up and out", studio.get(&format!("/{t}/../../etc/passwd"), ""), 404),
        ("up and out, escaped", studio.get(&format!("/{t}/%2e%2e/%2e%2e/etc/passwd"), ""), 404),
        ("two slashes", studio.get(&format!("//{t}//page"), ""), 404),
        ("a NUL", studio.get(&format!("/{t}/page%00"), ""), 404),
        ("another method", studio.raw(format!("DELETE /{t}/weights HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", studio.host).as_bytes()), 405),
        ("a form where a page is", studio.post("page", &studio.own(), &form), 405),
        ("an endless body", studio.raw((long + &"x".repeat(1_000_000)).as_bytes()), 413),
        ("a form of nothing", studio.post("weights", &studio.own(), &[]), 422),
        ("no HTTP", studio.raw(b"\x16\x03\x01\x00hello\r\n\r\n"), 400),
        ("a hundred headers", studio.get(&format!("/{t}/"), &"X: y\r\n".repeat(100)), 431),
    ];
    for (what, answer, status) in &tried {
        println!("{what}: {}", answer.status);
        assert_eq!(answer.status, *status, "{what}: {} {}", answer.head, answer.body);
        assert!(!answer.body.contains("root:") && !answer.body.contains(t.as_str()), "{what}");
        if ![400, 431].contains(status) {
            for header in ["x-content-type-options: nosniff", "referrer-policy: same-origin", "cache-control: no-store", "cross-origin-resource-policy: same-origin"] {
                assert!(answer.head.contains(header), "{what}: {header}: {}", answer.head);
            }
        }
        assert!(!answer.head.contains("access-control-allow"), "{what}");
    }
    assert!(contents(studio.folder.path()) == before, "a stranger changed the workspace");
}

/// Who is slow is waited for a while, and others are served meanwhile.
#[test]
fn the_slow_are_not_waited_for() {
    let studio = Studio::start();
    let mut head = TcpStream::connect(&studio.host).expect("it listens");
    head.write_all(b"GET /").expect("a first piece");
    let mut body = TcpStream::connect(&studio.host).expect("it listens");
    let started = format!("POST /{}/edition HTTP/1.1\r\nHost: {}\r\n{}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 50\r\n\r\nas_of=", studio.token, studio.host, studio.own());
    body.write_all(started.as_bytes()).expect("a first piece");
    let start = Instant::now();
    assert_eq!(studio.get("/", "").status, 404, "others are served");
    assert!(start.elapsed() < Duration::from_secs(4), "at once");
    let mut text = String::new();
    head.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
    let _ = head.read_to_string(&mut text);
    println!("a head that does not end: closed after {:.0} s", start.elapsed().as_secs_f64());
    assert!(start.elapsed() < Duration::from_secs(40));
    body.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
    text.clear();
    let mut buffer = [0; 64];
    let n = body.read(&mut buffer).expect("an answer");
    println!("a form that does not end: {} after {:.0} s", String::from_utf8_lossy(&buffer[9..12.min(n)]), start.elapsed().as_secs_f64());
    assert!(buffer.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&buffer));
}

/// Pages, a set that is saved, a second tab that would overwrite it, a set that is no set, an edition.
#[test]
fn the_owner_works() {
    let studio = Studio::start();
    let folder = studio.folder.path();
    let shell = studio.page("?as_of=2025-07-31&lang=ar");
    assert_eq!(shell.status, 200);
    assert!(shell.body.contains("dir=\"rtl\"") && shell.body.contains("مجموعات الأوزان") && shell.head.contains("content-security-policy: default-src 'none'; style-src 'sha256-"), "{}", shell.head);
    let page = studio.page("page?as_of=2025-07-31");
    assert!(page.status == 200 && page.body.contains("Kayes") && page.head.contains("content-security-policy: frame-ancestors 'self'"), "{}", page.head);
    assert_eq!(studio.page("page?as_of=yesterday").status, 422);
    assert!(studio.page("changes?as_of=2025-07-31").body.contains("2024-12-31"));

    let saved = studio.save("mine", &set("mine", "first"), "");
    assert_eq!((saved.status, there(folder, "mine")), (303, Some(set("mine", "first"))), "{}", saved.body);
    assert!(saved.head.contains("said=indicators%2fprovinces%2fweights%2fmine.toml") && saved.head.contains("lang=fr"), "{}", saved.head);
    assert!(studio.page("set?kind=provinces&name=mine&as_of=2025-07-31").body.contains("analysts"));
    // Both tabs read the first text; one saves, the other is told.
    let seen = tukhum::datasets::sha256(set("mine", "first").as_bytes());
    assert_eq!(studio.save("mine", &set("mine", "second"), &seen).status, 303);
    assert_eq!(studio.save("mine", &set("mine", "third"), &seen).status, 409);
    assert_eq!(studio.save("mine", &set("mine", "fourth"), "").status, 409);
    assert_eq!(there(folder, "mine"), Some(set("mine", "second")));
    // What would make the workspace unsound is refused, with the place.
    let unsound = studio.save("bad", "name = \"bad\"\nversion = 1\n", "");
    assert!(unsound.status == 422 && unsound.body.contains("bad.toml"), "{}", unsound.body);
    for name in ["analysts", "../escape", "a/b", "", "A"] {
        assert_eq!(studio.save(name, &set(name, "x"), "").status, 422, "{name}");
    }
    let marked = studio.save("marked", &set("marked", "<script>alert(1)</script>"), "");
    assert!(marked.status == 303 && !studio.page("").body.contains("<script>alert"));
    assert!(there(folder, "bad").is_none() && !folder.join("indicators/provinces/escape.toml").exists());

    let written = studio.post("edition", &studio.own(), &[("as_of", "2025-07-31"), ("units", "1"), ("back", "lang=en")]);
    assert_eq!(written.status, 303, "{}", written.body);
    assert!(folder.join("reports/2025-07-31/report.ar.html").is_file() && folder.join("reports/index.html").is_file());
}

/// Forms, the second tab and weights taken from the report, as a browser sends them.
#[test]
fn forms_work_in_a_browser() {
    if let Some(why) = browser::missing(true) {
        println!("not run: {why}");
        return;
    }
    let studio = Studio::start();
    let done = browser::node("studio.mjs", &[Path::new(&format!("http://{}/{}/", studio.host, studio.token))]);
    println!("{}", stdout(&done));
    assert!(done.status.success(), "{}", stderr(&done));
    let saved = there(studio.folder.path(), "tried").expect("the set is saved");
    assert!(saved.contains("name = \"tried\"") && saved.contains("[method.weights.risk]"), "{saved}");
}
