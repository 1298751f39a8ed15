//! Who may ask: only pages of this program, opened by the person who started it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

/// Bytes of a form; a weight set has a few thousand.
const BODY: usize = 64 * 1024;
/// An answer must be there after this time, the reading of the form included.
const ANSWER: Duration = Duration::from_secs(60);
/// A form must be there after this time.
pub const FORM: Duration = Duration::from_secs(10);

struct Guard {
    token: String,
    hosts: [String; 2],
}

/// The pages, for requests to this address alone.
///
/// * `Host` must be this machine's: a foreign name that leads here (DNS rebinding) gets 403.
/// * A path without the token gets 404, as everything that does not exist.
/// * What changes something must come from a page of this address (`Origin`, `Sec-Fetch-Site`), else 403.
pub fn guarded(pages: Router, token: &str, address: SocketAddr) -> Router {
    let guard = Guard { token: token.to_owned(), hosts: [address.to_string(), format!("localhost:{}", address.port())] };
    pages.layer(DefaultBodyLimit::max(BODY)).layer(from_fn_with_state(Arc::new(guard), check))
}

async fn check(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let refused = guard.refusal(request.method(), request.uri().path(), request.headers());
    let mut response = match refused {
        Some((status, why)) => (status, why).into_response(),
        None => match tokio::time::timeout(ANSWER, next.run(request)).await {
            Ok(response) => response,
            Err(_) => (StatusCode::REQUEST_TIMEOUT, "this took too long\n").into_response(),
        },
    };
    for (name, value) in HEADERS {
        response.headers_mut().entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// What every answer says. A page may bring its own policy. A refusal is read where the page was asked for: in the frame.
const HEADERS: [(&str, &str); 7] = [
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'self'"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    // With `no-referrer` a browser gives the origin of the page's own forms as `null`.
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "SAMEORIGIN"),
];

impl Guard {
    fn refusal(&self, method: &Method, path: &str, headers: &HeaderMap) -> Option<(StatusCode, &'static str)> {
        let text = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
        if !text(header::HOST).is_some_and(|host| self.hosts.iter().any(|h| h == host)) {
            return Some((StatusCode::FORBIDDEN, "this address is not served under that name\n"));
        }
        let given = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        if !same(given, &self.token) {
            return Some((StatusCode::NOT_FOUND, NOTHING));
        }
        if !matches!(*method, Method::GET | Method::HEAD | Method::POST) {
            return Some((StatusCode::METHOD_NOT_ALLOWED, "pages are read or sent\n"));
        }
        let own = |origin: &str| origin.strip_prefix("http://").is_some_and(|host| self.hosts.iter().any(|h| h == host));
        let site = headers.get("sec-fetch-site").and_then(|v| v.to_str().ok());
        let foreign = match method {
            &Method::POST => !text(header::ORIGIN).is_some_and(own) || site.is_some_and(|s| s != "same-origin"),
            // The address typed or opened has no origin and the site `none`.
            _ => text(header::ORIGIN).is_some_and(|o| !own(o)) || site.is_some_and(|s| s != "same-origin" && s != "none"),
        };
        foreign.then_some((StatusCode::FORBIDDEN, "this comes from a page of another address\n"))
    }
}

const NOTHING: &str = "there is nothing here\n";

/// The answer where nothing is.
pub fn nothing() -> Response {
    (StatusCode::NOT_FOUND, NOTHING).into_response()
}

/// Compares without telling by its time how much was right.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |differ, (x, y)| differ | (x ^ y)) == 0
}
