//! Tables that a publisher hands out page by page: fetched once each, checked together, written as one CSV.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use super::http::{Client, Request, Trouble, place};
use super::store::{Part, failed};
use crate::diagnostics::Diagnostic;

/// A publisher's way of paging.
pub trait Paged {
    /// The request of a page, counted from 0.
    fn request(&self, page: u64) -> Request<'_>;
    /// Reads a page.
    fn parse(&self, page: u64, body: &[u8]) -> Result<Page, String>;
    /// Columns that every row has; the first names the row.
    fn columns(&self) -> &'static [&'static str];
    /// Asks for new credentials when the old ones have run out. Says whether there are any.
    fn renew(&mut self, _client: &Client<'_>) -> Result<bool, Trouble> {
        Ok(false)
    }
}

/// One page.
pub struct Page {
    pub rows: Vec<Row>,
    /// Rows of all pages together, if the publisher says.
    pub total: Option<u64>,
    pub more: bool,
}

pub type Row = BTreeMap<String, Cell>;

/// A single value as text. Lists and objects have no place in a table.
#[derive(Debug, PartialEq)]
pub struct Cell(pub String);

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Single;
        impl Visitor<'_> for Single {
            type Value = Cell;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number, true, false or null")
            }
            fn visit_str<E>(self, text: &str) -> Result<Cell, E> {
                Ok(Cell(text.to_owned()))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Cell, E> {
                Ok(Cell(value.to_string()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Cell, E> {
                Ok(Cell(value.to_string()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Cell, E> {
                Ok(Cell(value.to_string()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Cell, E> {
                Ok(Cell(value.to_string()))
            }
            fn visit_unit<E>(self) -> Result<Cell, E> {
                Ok(Cell(String::new()))
            }
        }
        deserializer.deserialize_any(Single)
    }
}

/// The finished table in the folder of parts.
pub const TABLE: &str = "table.csv";

/// What was put together.
pub struct Table {
    pub pages: u64,
    pub rows: u64,
}

/// Fetches all pages that are not there yet, and writes the table.
pub fn fetch(client: &Client<'_>, part: &Part, source: &mut dyn Paged) -> Result<Table, Diagnostic> {
    let mut seen = Seen::default();
    let mut pages = 0;
    loop {
        let page = next(client, part, source, pages)?;
        let request = source.request(pages);
        let (name, address) = (request.service.name, request.address);
        pages += 1;
        let more = page.more;
        seen.add(&page, source.columns()).map_err(|why| {
            (0..pages).for_each(|p| part.forget(&file(p)));
            Diagnostic::error("pages-do-not-fit", why, place(&address)).rule("the pages of a table are one table").help("the data may have changed meanwhile; run the same command again")
        })?;
        if seen.bytes > client.limits.largest {
            return Err(Diagnostic::error("too-large", format!("the pages have more than {} bytes", client.limits.largest), place(&address))
                .rule("a download is bounded")
                .help("ask for less (--country, --from, --to), or raise --largest"));
        }
        let of = seen.total.map_or(String::new(), |t| format!(" of {t}"));
        client.around.tell(&format!("{name}: {} rows{of}", seen.ids.len()));
        if !more {
            break;
        }
    }
    let rows = seen.ids.len() as u64;
    if seen.total.is_some_and(|t| t != rows) {
        (0..pages).for_each(|p| part.forget(&file(p)));
    }
    let place = place(&source.request(0).address);
    match seen.total {
        Some(total) if total != rows => Err(Diagnostic::error("rows-missing", format!("{rows} rows came, {total} were announced"), place)
            .rule("a table is fetched whole")
            .help("run the same command again")),
        _ if rows == 0 => Err(Diagnostic::error("nothing-found", "there is no row", place)
            .rule("an answer has rows")
            .help("check --version, --country, --from and --to")),
        _ => write(part, source, pages, &seen.columns).map(|()| Table { pages, rows }),
    }
}

/// A page from an earlier run, or from the publisher.
fn next(client: &Client<'_>, part: &Part, source: &mut dyn Paged, page: u64) -> Result<Page, Diagnostic> {
    if let Some(kept) = part.read(&file(page)).and_then(|body| source.parse(page, &body).ok()) {
        return Ok(kept);
    }
    let mut renewed = false;
    loop {
        let asked = client.persist(|| {
            let request = source.request(page);
            let body = client.open(&request).and_then(|response| client.read_page(response, &request.address))?;
            let parsed = source.parse(page, &body).map_err(|why| Trouble::Lasting(strange(&request, &why)))?;
            Ok((body, parsed))
        });
        match asked {
            Ok((body, parsed)) => {
                part.write(&file(page), &body)?;
                return Ok(parsed);
            }
            Err(Trouble::Unauthorised(problem)) if !renewed => {
                renewed = true;
                if !source.renew(client).map_err(Trouble::diagnostic)? {
                    return Err(problem);
                }
            }
            Err(trouble) => return Err(trouble.diagnostic()),
        }
    }
}

/// An answer that is not as documented.
pub fn strange(request: &Request<'_>, why: &str) -> Diagnostic {
    Diagnostic::error("unexpected-content", format!("{} answers with something else: {why}", request.service.name), place(&request.address))
        .rule("the publisher answers as its documentation says")
        .help("see whether a newer version of tukhum knows the publisher's new interface, or download with a browser and import the file")
}

fn file(page: u64) -> String {
    format!("page-{page:06}.json")
}

/// What the pages so far hold.
#[derive(Default)]
struct Seen {
    ids: BTreeSet<String>,
    columns: BTreeSet<String>,
    total: Option<u64>,
    bytes: u64,
}

impl Seen {
    fn add(&mut self, page: &Page, needed: &[&str]) -> Result<(), String> {
        if page.total.is_some() && self.total.is_some() && page.total != self.total {
            return Err(format!("one page announces {} rows, another {}", self.total.unwrap_or_default(), page.total.unwrap_or_default()));
        }
        self.total = page.total;
        if page.rows.is_empty() && page.more {
            return Err("a page has no rows, and more pages are announced".into());
        }
        for row in &page.rows {
            if let Some(absent) = needed.iter().find(|c| !row.contains_key(**c)) {
                return Err(format!("a row has no `{absent}`"));
            }
            let id = needed.first().and_then(|c| row.get(*c)).map(|c| c.0.clone()).unwrap_or_default();
            if id.is_empty() || !self.ids.insert(id.clone()) {
                return Err(format!("the id `{}` comes twice or is empty", id.chars().filter(|c| !c.is_control()).take(40).collect::<String>()));
            }
            self.bytes += row.iter().map(|(name, cell)| (name.len() + cell.0.len()) as u64).sum::<u64>();
            for name in row.keys().filter(|name| !needed.contains(&name.as_str())) {
                if !self.columns.contains(name) {
                    self.columns.insert(name.clone());
                }
            }
        }
        Ok(())
    }
}

/// Writes the table: first the columns that every row has, then the others by name.
fn write(part: &Part, source: &dyn Paged, pages: u64, others: &BTreeSet<String>) -> Result<(), Diagnostic> {
    let lost = |error: csv::Error| failed(&part.path(TABLE), &std::io::Error::other(error.to_string()));
    let columns: Vec<&str> = source.columns().iter().copied().chain(others.iter().map(String::as_str)).collect();
    let mut table = csv::Writer::from_writer(std::io::BufWriter::new(part.create(TABLE)?));
    table.write_record(&columns).map_err(lost)?;
    for page in 0..pages {
        let body = part.read(&file(page)).unwrap_or_default();
        let rows = source.parse(page, &body).map_err(|why| failed(&part.path(&file(page)), &std::io::Error::other(why)))?.rows;
        for row in rows {
            table.write_record(columns.iter().map(|c| row.get(*c).map_or("", |cell| cell.0.as_str()))).map_err(lost)?;
        }
    }
    table.flush().map_err(|e| failed(&part.path(TABLE), &e))
}
