//! Requests that end: bounded tries, time, speed and size; secrets go to the host they are for and no other.

use std::io::Read;
use std::time::Duration;

use jiff::Timestamp;
use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Body};

use super::address::{follow, plain, same_host};
use super::secret::Secret;
use crate::diagnostics::{Diagnostic, Place};

/// What a run gets from outside: time, and somebody to tell how far it is.
pub trait Surroundings {
    /// Since the start of the run.
    fn elapsed(&self) -> Duration;
    fn now(&self) -> Timestamp;
    fn wait(&self, time: Duration);
    fn tell(&self, words: &str);
}

/// Bounds of a run.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Time for finding the host and for connecting.
    pub connect: Duration,
    /// Time until an answer begins, and between two parts of it.
    pub answer: Duration,
    /// Time of the whole run.
    pub overall: Duration,
    /// A body must bring `slowest` bytes a second, on average over this time.
    pub window: Duration,
    pub slowest: u64,
    /// Bytes of a file, or of all pages together.
    pub largest: u64,
    /// Bytes of one page or description, unpacked.
    pub page: u64,
    /// Tries of one request.
    pub tries: u32,
    /// Wait before the second try; it doubles each time.
    pub pause: Duration,
    /// A publisher that asks for a longer wait than this is not waited for.
    pub longest_pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            connect: seconds(20),
            answer: seconds(120),
            overall: seconds(6 * 3600),
            window: seconds(60),
            slowest: 1024,
            largest: 2 << 30,
            page: 32 << 20,
            tries: 5,
            pause: seconds(2),
            longest_pause: seconds(120),
        }
    }
}

/// A publisher, and what helps when it refuses.
pub struct Service {
    pub name: &'static str,
    /// When the credentials are wrong (401).
    pub unauthorised: &'static str,
    /// When they do not suffice (403).
    pub forbidden: &'static str,
    /// When there is no such thing (400, 404).
    pub absent: &'static str,
}

/// A request.
pub struct Request<'r> {
    pub service: &'r Service,
    pub address: String,
    /// A header that only the host of `address` gets.
    pub secret: Option<(&'static str, Secret)>,
    /// Bytes that are there already, and the mark of the file they are of.
    pub after: Option<(u64, String)>,
    /// The bytes as they lie on the server, not packed for the way.
    pub raw: bool,
}

/// Why a request did not bring what it should.
#[derive(Debug)]
pub enum Trouble {
    /// It may work later; the server may have said when.
    Passing(Diagnostic, Option<Duration>),
    /// The credentials are not taken (any more).
    Unauthorised(Diagnostic),
    Lasting(Diagnostic),
}

impl Trouble {
    pub fn diagnostic(self) -> Diagnostic {
        match self {
            Self::Passing(d, _) | Self::Unauthorised(d) | Self::Lasting(d) => d,
        }
    }
}

/// More redirects than this are a loop.
const REDIRECTS: u32 = 6;

pub struct Client<'a> {
    agent: Agent,
    pub limits: &'a Limits,
    pub around: &'a dyn Surroundings,
}

impl<'a> Client<'a> {
    pub fn new(limits: &'a Limits, around: &'a dyn Surroundings) -> Self {
        let agent = Agent::config_builder()
            .user_agent(concat!("tukhum/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_resolve(Some(limits.connect))
            .timeout_connect(Some(limits.connect))
            .timeout_send_request(Some(limits.answer))
            .timeout_recv_response(Some(limits.answer))
            .timeout_per_read(Some(limits.answer))
            .build()
            .new_agent();
        Self { agent, limits, around }
    }

    /// Tries until it works, with growing waits, or the wait that the server asks for.
    pub fn persist<T>(&self, mut attempt: impl FnMut() -> Result<T, Trouble>) -> Result<T, Trouble> {
        let mut pause = self.limits.pause;
        for left in (0..self.limits.tries.max(1)).rev() {
            let (problem, asked) = match attempt() {
                Err(Trouble::Passing(problem, asked)) => (problem, asked),
                done => return done,
            };
            let wait = asked.unwrap_or(pause);
            if left == 0 {
                return Err(Trouble::Lasting(Diagnostic { message: format!("{}, after {} tries", problem.message, self.limits.tries), ..problem }));
            }
            if wait > self.limits.longest_pause {
                let message = format!("{}; the server asks to come back in {} s", problem.message, wait.as_secs());
                return Err(Trouble::Lasting(Diagnostic { message, ..problem }.help("run the same command then; what was fetched is kept")));
            }
            self.around.tell(&format!("{}; tries again in {} s", problem.message, wait.as_secs_f64().ceil()));
            self.around.wait(wait);
            pause *= 2;
        }
        Err(Trouble::Lasting(Diagnostic::error("no-answer", "no try was made", Place::Argument)))
    }

    /// Sends a request and follows redirects; the answer is one of success.
    pub fn open(&self, request: &Request<'_>) -> Result<Response<Body>, Trouble> {
        let mut address = follow(&request.address, &request.address).map_err(|why| refused(&request.address, &why))?;
        let mut at_home = true;
        for _ in 0..=REDIRECTS {
            at_home &= same_host(&address, &request.address);
            let mut builder = self.agent.get(&address);
            if let Some((name, secret)) = request.secret.as_ref().filter(|_| at_home) {
                builder = builder.header(*name, secret.reveal());
            }
            if request.raw {
                builder = builder.header(header::ACCEPT_ENCODING, "identity");
            }
            if let Some((bytes, mark)) = &request.after {
                builder = builder.header(header::RANGE, format!("bytes={bytes}-")).header(header::IF_RANGE, mark);
            }
            let response = builder.call().map_err(|error| transport(error, &address))?;
            if !is_redirect(response.status()) {
                return self.judge(response, request.service, &address);
            }
            let to = response.headers().get(header::LOCATION).and_then(|l| l.to_str().ok()).unwrap_or_default();
            address = follow(&address, to).map_err(|why| refused(&address, &why))?;
        }
        Err(refused(&request.address, "the server sends from one address to the next without end"))
    }

    /// Asks for a token with a form. A redirect is not followed: the form has a password.
    pub fn submit(&self, service: &Service, address: &str, form: &[(&str, &str)]) -> Result<Response<Body>, Trouble> {
        follow(address, address).map_err(|why| refused(address, &why))?;
        let response = self.agent.post(address).send_form(form.iter().copied()).map_err(|error| transport(error, address))?;
        if is_redirect(response.status()) {
            return Err(refused(address, "the server sends the password on to another address"));
        }
        self.judge(response, service, address)
    }

    fn judge(&self, response: Response<Body>, service: &Service, address: &str) -> Result<Response<Body>, Trouble> {
        let status = response.status();
        let problem = |code, words: &str, help: &str| {
            Diagnostic::error(code, format!("{} {words} ({})", service.name, status.as_u16()), place(address)).rule("the publisher answers with what is asked for").help(help)
        };
        Err(match status.as_u16() {
            200 | 206 => return Ok(response),
            401 => Trouble::Unauthorised(problem("unauthorised", "does not take the credentials", service.unauthorised)),
            403 => Trouble::Lasting(problem("forbidden", "does not allow it", service.forbidden)),
            400 | 404 | 410 | 422 => Trouble::Lasting(problem("not-there", "has nothing of that name", service.absent)),
            416 => Trouble::Passing(problem("changed", "has another file now", "run the same command again"), None),
            429 => Trouble::Passing(problem("too-many-requests", "has had too many requests", "run the same command later; what was fetched is kept"), self.asked_wait(&response)),
            500..=599 => Trouble::Passing(problem("server-error", "cannot answer now", "run the same command later; what was fetched is kept"), self.asked_wait(&response)),
            _ => Trouble::Lasting(problem("unexpected-answer", "answers in a way that is not documented", "see whether a newer version of tukhum knows the publisher's new interface")),
        })
    }

    /// `Retry-After`, in seconds or as a date.
    fn asked_wait(&self, response: &Response<Body>) -> Option<Duration> {
        let text = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        Some(Duration::try_from(until.duration_since(self.around.now())).unwrap_or_default())
    }

    /// Hands the body on piece by piece; returns the number of bytes.
    ///
    /// # Errors
    /// A body that is larger than `largest`, shorter than announced, slower than the limit, or cut off.
    pub fn read(&self, response: Response<Body>, address: &str, largest: u64, mut take: impl FnMut(&[u8]) -> Result<(), Diagnostic>) -> Result<u64, Trouble> {
        let (parts, body) = response.into_parts();
        let announced = parts.headers.get(header::CONTENT_LENGTH).and_then(|l| l.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|n| n > largest) {
            return Err(too_large(address, largest));
        }
        let mut reader = body.into_reader();
        let mut buffer = vec![0; 64 << 10];
        let (mut total, mut window, mut seen) = (0_u64, self.around.elapsed(), 0_u64);
        loop {
            let n = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => n,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(transport(ureq::Error::from(error), address)),
            };
            (total, seen) = (total + n as u64, seen + n as u64);
            if total > largest {
                return Err(too_large(address, largest));
            }
            take(buffer.get(..n).unwrap_or_default()).map_err(Trouble::Lasting)?;
            let now = self.around.elapsed();
            if now > self.limits.overall {
                return Err(Trouble::Lasting(
                    Diagnostic::error("out-of-time", format!("the run takes longer than {} s", self.limits.overall.as_secs()), place(address))
                        .rule("a run ends")
                        .help("run the same command again; what was fetched is kept"),
                ));
            }
            let passed = now.saturating_sub(window);
            if passed >= self.limits.window {
                if (seen as f64) < self.limits.slowest as f64 * passed.as_secs_f64() {
                    return Err(cut(address, format!("the answer comes slower than {} bytes a second", self.limits.slowest)));
                }
                (window, seen) = (now, 0);
            }
        }
        match announced {
            Some(n) if n != total => Err(cut(address, format!("the answer has {total} bytes of {n}"))),
            _ => Ok(total),
        }
    }

    /// A whole body in memory, of at most a page's size.
    pub fn read_page(&self, response: Response<Body>, address: &str) -> Result<Vec<u8>, Trouble> {
        let mut bytes = Vec::new();
        self.read(response, address, self.limits.page, |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(bytes)
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The address without what may be secret, as a place.
pub fn place(address: &str) -> Place {
    Place::file(plain(address))
}

fn refused(address: &str, why: &str) -> Trouble {
    Trouble::Lasting(
        Diagnostic::error("unsafe-address", why, place(address))
            .rule("everything is fetched by https, and a redirect does not end anywhere else")
            .help("fetch the file with a browser and import it, if you trust it"),
    )
}

fn too_large(address: &str, largest: u64) -> Trouble {
    Trouble::Lasting(
        Diagnostic::error("too-large", format!("the answer has more than {largest} bytes"), place(address))
            .rule("a download is bounded")
            .help("ask for less (--country, --from, --to), or raise --largest if you expect a file of that size"),
    )
}

fn cut(address: &str, why: String) -> Trouble {
    Trouble::Passing(Diagnostic::error("cut-off", why, place(address)).rule("an answer is complete").help("run the same command again; what was fetched is kept"), None)
}

/// What went wrong below HTTP.
fn transport(error: ureq::Error, address: &str) -> Trouble {
    let problem = |code, message: String, help: &str| Diagnostic::error(code, message, place(address)).rule("the publisher can be reached, and its answer is complete").help(help);
    match error {
        ureq::Error::HostNotFound => Trouble::Lasting(problem("no-host", "the host is not found".into(), "check the network; behind a proxy set https_proxy")),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) => {
            Trouble::Lasting(problem("no-trust", format!("no safe connection: {error}"), "somebody may be in between; try another network, do not go on without https"))
        }
        ureq::Error::Http(_) | ureq::Error::BadUri(_) => Trouble::Lasting(problem("wrong-address", "it is no address".into(), "check the arguments")),
        ureq::Error::Timeout(_) => Trouble::Passing(problem("no-answer", "no answer in time".into(), "run the same command later; what was fetched is kept"), None),
        error => Trouble::Passing(problem("cut-off", format!("the connection failed: {error}"), "run the same command again; what was fetched is kept"), None),
    }
}
