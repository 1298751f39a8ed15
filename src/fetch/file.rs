//! One file, taken up again where an earlier try was cut off.

use ureq::http::{HeaderMap, header};

use super::check::{Kind, check};
use super::http::{Client, Request, Service, Trouble, place};
use super::store::Part;
use crate::diagnostics::Diagnostic;

/// The file and its mark in the folder of parts.
pub const BODY: &str = "body";
const MARK: &str = "mark";

/// Fetches a file and sees that it is of its kind.
///
/// A file that was cut off is asked for from there on, if the server gave it a strong `ETag`; the server
/// sends it from the start when it has another one by now.
pub fn fetch(client: &Client<'_>, part: &Part, service: &Service, address: &str, kind: Kind, size: Option<u64>) -> Result<(), Diagnostic> {
    if size.is_some_and(|n| n > client.limits.largest) {
        return Err(Diagnostic::error("too-large", format!("the file is said to have {} bytes", size.unwrap_or_default()), place(address))
            .rule(format!("a download has at most {} bytes", client.limits.largest))
            .help("raise --largest if you want it"));
    }
    client.persist(|| attempt(client, part, service, address)).map_err(Trouble::diagnostic)?;
    check(&part.path(BODY), kind).map_err(|why| {
        part.forget(BODY);
        part.forget(MARK);
        Diagnostic::error("unexpected-content", format!("the file is not what it should be: {why}"), place(address))
            .rule("a file is looked at before it takes its place")
            .help("run the same command again; if that does not help, download it with a browser and look at it")
    })
}

fn attempt(client: &Client<'_>, part: &Part, service: &Service, address: &str) -> Result<(), Trouble> {
    let have = part.length(BODY);
    let mark = part.read(MARK).and_then(|m| String::from_utf8(m).ok()).filter(|_| have > 0);
    let request = Request { service, address: address.to_owned(), secret: None, after: mark.map(|m| (have, m)), raw: true };
    let response = client.open(&request).inspect_err(|trouble| {
        if matches!(trouble, Trouble::Passing(d, _) if d.code == "changed") {
            part.forget(BODY);
        }
    })?;
    let (start, whole) = if response.status() == 206 {
        match range(response.headers()) {
            Some((start, whole)) if start == have && have > 0 => (start, whole),
            _ => {
                part.forget(BODY);
                return Err(Trouble::Passing(Diagnostic::error("changed", "the server sends another part than was asked for", place(address)), None));
            }
        }
    } else {
        part.forget(BODY);
        (0, None)
    };
    match strong(response.headers()) {
        Some(mark) => part.write(MARK, mark.as_bytes()).map_err(Trouble::Lasting)?,
        None => part.forget(MARK),
    }
    let mut file = part.append(BODY, start).map_err(Trouble::Lasting)?;
    let room = client.limits.largest.saturating_sub(start);
    let brought = client.read(response, address, room, |piece| part.take(&mut file, piece))?;
    match whole {
        Some(n) if n != start + brought => {
            Err(Trouble::Passing(Diagnostic::error("cut-off", format!("the file has {} bytes of {n}", start + brought), place(address)).rule("a file is complete").help("run the same command again"), None))
        }
        _ => Ok(()),
    }
}

/// An `ETag` that stands for these very bytes.
fn strong(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::ETAG)?.to_str().ok().filter(|tag| tag.starts_with('"'))
}

/// Start and whole size of `bytes 5-9/10`.
fn range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let text = headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    let (span, whole) = text.strip_prefix("bytes ")?.split_once('/')?;
    Some((span.split_once('-')?.0.parse().ok()?, whole.parse().ok()))
}
