//! Downloads from publishers, when a command asks for one: pages and files, whole or not at all.
//!
//! Nothing is imported. What is fetched lies in a folder of its own, with a record of where it came from.

mod acled;
mod address;
mod check;
mod countries;
mod file;
mod geoboundaries;
mod hdx;
mod http;
mod pages;
mod secret;
mod store;
mod ucdp;

use std::path::Path;

use jiff::civil::Date;
use serde::de::DeserializeOwned;

pub use http::{Limits, Surroundings};
pub use secret::{Credentials, Secret};
pub use store::{Entry, RECORD};

use crate::diagnostics::{Diagnostic, Place};
use check::Kind;
use http::{Client, Request, Service, Trouble};
use pages::Paged;
use store::Store;

/// What is asked for.
#[derive(Clone, Debug)]
pub enum Order {
    Ucdp { version: String, countries: Vec<String>, from: Option<Date>, to: Option<Date> },
    Acled { countries: Vec<String>, from: Date, to: Date },
    GeoBoundaries { country: String, level: u8 },
    Hdx { dataset: String, resource: Option<String> },
}

/// What a run needs besides.
pub struct Setting<'a> {
    /// Folder of the downloads.
    pub folder: &'a Path,
    pub credentials: &'a Credentials,
    pub limits: &'a Limits,
    pub around: &'a dyn Surroundings,
    /// Another server than the publisher's, for tests.
    pub home: Option<&'a str>,
}

/// A file that was fetched, and what to give to `tukhum import` besides its name.
#[derive(Debug)]
pub struct Fetched {
    pub entry: Entry,
    pub import: String,
}

/// Fetches one file into the folder.
///
/// # Errors
/// Arguments that mean nothing, credentials that are missing or not taken, a publisher that cannot be reached,
/// does not answer as documented, or sends more than is allowed. What stood in the folder stays then; pages and
/// parts that came are kept for the next run of the same command.
pub fn fetch(order: &Order, setting: &Setting<'_>) -> Result<Fetched, Diagnostic> {
    let client = Client::new(setting.limits, setting.around);
    match order {
        Order::Ucdp { version, countries, from, to } => ucdp(&client, setting, version, countries, *from, *to),
        Order::Acled { countries, from, to } => acled(&client, setting, countries, *from, *to),
        Order::GeoBoundaries { country, level } => geoboundaries(&client, setting, country, *level),
        Order::Hdx { dataset, resource } => hdx(&client, setting, dataset, resource.as_deref()),
    }
}

fn ucdp(client: &Client<'_>, setting: &Setting<'_>, version: &str, countries: &[String], from: Option<Date>, to: Option<Date>) -> Result<Fetched, Diagnostic> {
    if version.is_empty() || version.len() > 20 || !version.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Err(Diagnostic::error("wrong-version", format!("`{}` is no version", shown(version)), Place::Argument)
            .rule("versions are digits with points")
            .help("25.1 is a yearly release, 25.0.7 the Candidate release of July 2025"));
    }
    let token = setting.credentials.ucdp_token.clone().ok_or_else(|| {
        missing("UCDP's interface asks for a token", "set TUKHUM_UCDP_TOKEN, or ucdp_token in the file of --credentials; a token is given on request (https://ucdp.uu.se/apidocs/)")
    })?;
    let mut source = ucdp::Ucdp {
        home: setting.home.unwrap_or(ucdp::HOME).to_owned(),
        token,
        version: version.to_owned(),
        countries: countries.iter().map(|c| countries::number(c)).collect::<Result<_, _>>()?,
        from,
        to,
    };
    let name = format!("GEDEvent_v{}{}.csv", version.replace('.', "_"), suffix(countries, from, to));
    let import = format!("--release {version} --published DAY (the day on which UCDP put {version} out){}", span(from, to));
    let address = source.address();
    table(client, setting, &mut source, &address, Draft { name, publisher: ucdp::SERVICE.name, version: version.to_owned(), key: address.clone(), import })
}

fn acled(client: &Client<'_>, setting: &Setting<'_>, countries: &[String], from: Date, to: Date) -> Result<Fetched, Diagnostic> {
    if to < from {
        return Err(Diagnostic::error("wrong-span", format!("{to} lies before {from}"), Place::Argument).rule("--from is not after --to").help("exchange the two"));
    }
    let credentials = setting.credentials;
    let (Some(email), Some(password)) = (&credentials.acled_email, &credentials.acled_password) else {
        return Err(missing("ACLED asks for e-mail address and password", "set TUKHUM_ACLED_EMAIL and TUKHUM_ACLED_PASSWORD, or acled_email and acled_password in the file of --credentials; register at https://acleddata.com"));
    };
    let names = countries.iter().map(|c| countries::name(c)).collect::<Result<Vec<_>, _>>()?;
    let query = acled::Query { home: setting.home.unwrap_or(acled::HOME).to_owned(), countries: names, from, to };
    let address = query.address();
    // ACLED changes its rows every week: pages of another day do not fit.
    let day = today(setting).to_string();
    let name = format!("acled{}.csv", suffix(countries, Some(from), Some(to)));
    let import = format!("--published {day}{}", span(Some(from), Some(to)));
    let key = format!("{address} {day}");
    // The folder is looked at before the password goes out.
    Store::open(setting.folder)?;
    let mut source = acled::Acled::login(client, query, email, password)?;
    table(client, setting, &mut source, &address, Draft { name, publisher: acled::SERVICE.name, version: day, key, import })
}

fn geoboundaries(client: &Client<'_>, setting: &Setting<'_>, country: &str, level: u8) -> Result<Fetched, Diagnostic> {
    let country = countries::code(country)?;
    let address = geoboundaries::address(setting.home.unwrap_or(geoboundaries::HOME), &country, level);
    let store = Store::open(setting.folder)?;
    let boundary: geoboundaries::Boundary = described(client, &geoboundaries::SERVICE, &address)?;
    if boundary.country != country || boundary.level != format!("ADM{level}") {
        return Err(pages::strange(&request(&geoboundaries::SERVICE, &address), "it is about another boundary"));
    }
    let part = store.part(&boundary.geojson)?;
    file::fetch(client, &part, &geoboundaries::SERVICE, &boundary.geojson, Kind::GeoJson, None)?;
    let version = [boundary.id, boundary.built].join(" ").trim().to_owned();
    let name = format!("geoBoundaries-{country}-ADM{level}.geojson");
    let entry = entry(setting, &name, geoboundaries::SERVICE.name, &boundary.geojson, &version, 1);
    let entry = store.finish(part, file::BODY, entry)?;
    Ok(Fetched { import: format!("--published {}", today(setting)), entry })
}

fn hdx(client: &Client<'_>, setting: &Setting<'_>, dataset: &str, wanted: Option<&str>) -> Result<Fetched, Diagnostic> {
    let address = hdx::address(setting.home.unwrap_or(hdx::HOME), dataset);
    let store = Store::open(setting.folder)?;
    let answer: hdx::Answer = described(client, &hdx::SERVICE, &address)?;
    if !answer.success {
        return Err(pages::strange(&request(&hdx::SERVICE, &address), "it says that the request did not succeed"));
    }
    let resource = hdx::pick(&answer.result.resources, wanted, &address)?;
    let Some((kind, ending)) = Kind::of(&resource.format) else {
        return Err(pages::strange(&request(&hdx::SERVICE, &address), "the file has no known format"));
    };
    let version = resource.last_modified.clone().unwrap_or_default();
    let part = store.part(&format!("{} {} {version}", resource.url, resource.id))?;
    file::fetch(client, &part, &hdx::SERVICE, &resource.url, kind, resource.size)?;
    let stem = resource.url.split(['?', '#']).next().and_then(|u| u.rsplit('/').next()).unwrap_or_default();
    let stem = stem.strip_suffix(&format!(".{ending}")).unwrap_or(stem);
    let name = format!("{}-{}.{ending}", safe(&answer.result.name), safe(stem));
    let published = version.get(..10).filter(|day| crate::text::parse_day(day).is_some()).map_or_else(|| today(setting).to_string(), str::to_owned);
    let entry = store.finish(part, file::BODY, entry(setting, &name, hdx::SERVICE.name, &resource.url, &version, 1))?;
    Ok(Fetched { import: format!("--published {published}"), entry })
}

/// What a file of pages is called, and what is said of it.
struct Draft {
    name: String,
    publisher: &'static str,
    version: String,
    /// What the pages of one fetch have in common.
    key: String,
    import: String,
}

fn table(client: &Client<'_>, setting: &Setting<'_>, source: &mut dyn Paged, address: &str, draft: Draft) -> Result<Fetched, Diagnostic> {
    let store = Store::open(setting.folder)?;
    let part = store.part(&draft.key)?;
    let table = pages::fetch(client, &part, source)?;
    client.around.tell(&format!("{}: {} rows on {} pages", draft.publisher, table.rows, table.pages));
    let entry = entry(setting, &draft.name, draft.publisher, address, &draft.version, table.pages);
    let entry = store.finish(part, pages::TABLE, entry)?;
    Ok(Fetched { entry, import: draft.import })
}

/// A short description in JSON.
fn described<T: DeserializeOwned>(client: &Client<'_>, service: &Service, address: &str) -> Result<T, Diagnostic> {
    let request = request(service, address);
    let asked = client.persist(|| {
        let body = client.open(&request).and_then(|response| client.read_page(response, address))?;
        serde_json::from_slice(&body).map_err(|error| Trouble::Lasting(pages::strange(&request, &check::why(&error))))
    });
    asked.map_err(Trouble::diagnostic)
}

fn request<'r>(service: &'r Service, address: &str) -> Request<'r> {
    Request { service, address: address.to_owned(), secret: None, after: None, raw: false }
}

fn entry(setting: &Setting<'_>, file: &str, publisher: &str, address: &str, version: &str, pages: u64) -> Entry {
    let now = jiff::tz::Offset::UTC.to_datetime(setting.around.now());
    let written = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let unknown = toml::value::Datetime { date: None, time: None, offset: None };
    Entry {
        file: file.to_owned(),
        publisher: publisher.to_owned(),
        // The query of a table says what was asked for; that of a file may be a signature.
        address: if pages > 1 || file.ends_with(".csv") && publisher != hdx::SERVICE.name { address.to_owned() } else { address::plain(address) },
        fetched: written.parse().unwrap_or(unknown),
        bytes: 0,
        sha256: String::new(),
        version: shown(version),
        pages,
    }
}

fn today(setting: &Setting<'_>) -> Date {
    jiff::tz::Offset::UTC.to_datetime(setting.around.now()).date()
}

fn missing(message: &str, help: &str) -> Diagnostic {
    Diagnostic::error("no-credentials", message, Place::Argument).rule("credentials come from the environment or from a file that only its owner can read").help(help)
}

/// Countries and days at the end of a file's name.
fn suffix(countries: &[String], from: Option<Date>, to: Option<Date>) -> String {
    let days = [from, to].map(|d| d.map(|d| d.to_string()));
    countries.iter().map(|c| safe(c)).chain(days.into_iter().flatten()).map(|part| format!("-{part}")).collect()
}

/// The days that the release covers.
fn span(from: Option<Date>, to: Option<Date>) -> String {
    [("from", from), ("to", to)].into_iter().filter_map(|(name, day)| day.map(|d| format!(" --{name} {d}"))).collect()
}

/// A part of a file name.
fn safe(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' }).take(80).collect();
    if clean.is_empty() { "file".into() } else { clean }
}

/// A text of somebody else, short and on one line.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}
