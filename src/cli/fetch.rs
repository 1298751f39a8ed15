use std::cell::Cell;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use super::args::{Arguments, FetchArgs, FetchSource};
use super::{FINE, Failure};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::fetch::{self, Credentials, Limits, Order, Secret, Setting, Surroundings};
use crate::text::parse_day;
use crate::workspace::Workspace;

/// Folder of the downloads in a workspace.
const FOLDER: &str = "downloads";

pub fn run(args: &FetchArgs, arguments: &Arguments, out: &mut impl Write) -> Result<u8, Failure> {
    let workspace = match &arguments.workspace {
        Some(folder) => folder.as_path(),
        None if Workspace::is_at(Path::new(".")) => Path::new("."),
        None => {
            return Err(Diagnostic::error("no-workspace", "there is no workspace here to fetch into", Place::Argument)
                .rule("downloads lie in a workspace of one's own")
                .help("make one with `tukhum init DIR`, then `tukhum --workspace DIR fetch …`")
                .into());
        }
    };
    let order = order(&args.source)?;
    let credentials = credentials(args.credentials.as_deref())?;
    let limits = Limits { largest: args.largest, ..Limits::default() };
    let folder = workspace.join(FOLDER);
    let here = Here { started: Instant::now(), line: Cell::new(false) };
    let setting = Setting { folder: &folder, credentials: &credentials, limits: &limits, around: &here, home: args.base_url.as_deref() };
    let fetched = fetch::fetch(&order, &setting)?;
    drop(here);
    let (entry, path) = (&fetched.entry, folder.join(&fetched.entry.file));
    writeln!(out, "{}: {} bytes, SHA-256 {}", path.display(), entry.bytes, entry.sha256)?;
    writeln!(out, "{} {}, see {}\n", entry.publisher, entry.version, folder.join(fetch::RECORD).display())?;
    writeln!(out, "tukhum import {} {}", path.display(), fetched.import)?;
    Ok(FINE)
}

/// The machine's clock, and a line on standard error that says how far the run is.
struct Here {
    started: Instant,
    line: Cell<bool>,
}

impl Surroundings for Here {
    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn wait(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn tell(&self, words: &str) {
        if std::io::stderr().is_terminal() {
            self.line.set(true);
            let _ = write!(std::io::stderr(), "\r{words}\x1b[K");
        }
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        if self.line.get() {
            let _ = writeln!(std::io::stderr());
        }
    }
}

fn order(source: &FetchSource) -> Result<Order, Failure> {
    let mut problems = Diagnostics::default();
    let mut day = |name: &str, text: &str| {
        let day = parse_day(text);
        if day.is_none() {
            problems.push(Diagnostic::error("wrong-day", format!("--{name} `{text}` is not a day"), Place::Argument).rule("days are written yyyy-mm-dd").help("for example 2024-06-03"));
        }
        day.unwrap_or(Date::ZERO)
    };
    let order = match source {
        FetchSource::Ucdp { version, country, from, to } => Order::Ucdp {
            version: version.clone(),
            countries: country.clone(),
            from: from.as_deref().map(|text| day("from", text)),
            to: to.as_deref().map(|text| day("to", text)),
        },
        FetchSource::Acled { country, from, to } => Order::Acled { countries: country.clone(), from: day("from", from), to: day("to", to) },
        FetchSource::Geoboundaries { country, level } => Order::GeoBoundaries { country: country.clone(), level: *level },
        FetchSource::Hdx { dataset, resource } => Order::Hdx { dataset: dataset.clone(), resource: resource.clone() },
    };
    if problems.has_errors() { Err(problems.into()) } else { Ok(order) }
}

/// What a file of credentials may hold.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    ucdp_token: Option<String>,
    acled_email: Option<String>,
    acled_password: Option<String>,
}

/// Credentials from the environment, else from the file.
fn credentials(file: Option<&Path>) -> Result<Credentials, Failure> {
    let keys = file.map(keys).transpose()?.unwrap_or_default();
    let find = |name: &str, kept: Option<String>| {
        let text = std::env::var(name).ok().filter(|text| !text.trim().is_empty()).or(kept);
        match text {
            None => Ok(None),
            Some(text) => Secret::new(&text).map(Some).ok_or_else(|| {
                Diagnostic::error("wrong-credentials", format!("{name} has characters that no request can carry"), Place::Argument)
                    .rule("a token or password is one line of text")
                    .help("copy it again, without line breaks")
            }),
        }
    };
    Ok(Credentials {
        ucdp_token: find("TUKHUM_UCDP_TOKEN", keys.ucdp_token)?,
        acled_email: find("TUKHUM_ACLED_EMAIL", keys.acled_email)?,
        acled_password: find("TUKHUM_ACLED_PASSWORD", keys.acled_password)?,
    })
}

/// Reads a file of credentials that nobody but its owner can read. Its text is in no message.
fn keys(path: &Path) -> Result<Keys, Diagnostic> {
    let place = || Place::file(path.display().to_string());
    let unreadable = |error: std::io::Error| Diagnostic::error("unreadable", format!("cannot read: {error}"), place()).rule("the file exists and can be read").help("check the path and the permissions");
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::MetadataExt::mode(&file.metadata().map_err(unreadable)?) & 0o777;
        if mode & 0o077 != 0 {
            return Err(Diagnostic::error("open-credentials", format!("others can read it (mode {mode:o})"), place())
                .rule("a file of credentials is for its owner alone")
                .help(format!("chmod 600 {}", path.display())));
        }
    }
    let mut text = String::new();
    std::io::Read::read_to_string(&mut file, &mut text).map_err(unreadable)?;
    toml::from_str(&text).map_err(|error| {
        let line = error.span().and_then(|s| text.get(..s.start)).map_or(1, |before| before.matches('\n').count() + 1);
        Diagnostic::error("wrong-credentials", "the file cannot be understood", Place::Line { path: path.display().to_string(), line: line as u64, column: None })
            .rule("it is TOML with ucdp_token, acled_email and acled_password, each a text in quotes")
            .help("see docs/fetch.md")
    })
}
