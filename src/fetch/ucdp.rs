//! UCDP's interface: GED and Candidate events, page by page.
//!
//! # Source
//! <https://ucdp.uu.se/apidocs/>: `gedevents/<version>`, for Candidate releases as well; pages of at most 1,000
//! rows, counted from 0; `TotalCount`, `TotalPages`, `NextPageUrl`, `Result`; filters `Country`
//! (Gleditsch–Ward numbers), `StartDate`, `EndDate`; a token in the header since February 2026.

use jiff::civil::Date;
use serde::Deserialize;

use super::http::{Request, Service};
use super::pages::{Page, Paged, Row};
use super::secret::Secret;

pub const HOME: &str = "https://ucdpapi.pcr.uu.se/api";

pub const SERVICE: Service = Service {
    name: "UCDP",
    unauthorised: "check TUKHUM_UCDP_TOKEN; a token is given on request by the maintainer of the interface (https://ucdp.uu.se/apidocs/)",
    forbidden: "the token may have run out or be over its daily limit; ask the maintainer of the interface (https://ucdp.uu.se/apidocs/)",
    absent: "check --version (25.1 is a yearly release, 25.0.7 the Candidate release of July 2025)",
};

const HEADER: &str = "x-ucdp-access-token";

/// Rows of a page, the most that UCDP gives.
const ROWS: u64 = 1000;

const COLUMNS: &[&str] = &[
    "id", "relid", "year", "type_of_violence", "conflict_name", "dyad_name", "side_a", "side_b", "country", "adm_1", "adm_2", "latitude", "longitude",
    "where_prec", "date_prec", "date_start", "date_end", "best", "low", "high",
];

pub struct Ucdp {
    pub home: String,
    pub token: Secret,
    pub version: String,
    /// Gleditsch–Ward numbers.
    pub countries: Vec<u32>,
    pub from: Option<Date>,
    pub to: Option<Date>,
}

impl Ucdp {
    /// The query without its page.
    pub fn address(&self) -> String {
        let mut address = format!("{}/gedevents/{}?pagesize={ROWS}", self.home, self.version);
        if !self.countries.is_empty() {
            let list: Vec<String> = self.countries.iter().map(u32::to_string).collect();
            address.push_str(&format!("&Country={}", list.join(",")));
        }
        for (name, day) in [("StartDate", self.from), ("EndDate", self.to)] {
            if let Some(day) = day {
                address.push_str(&format!("&{name}={day}"));
            }
        }
        address
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    total_count: u64,
    total_pages: u64,
    result: Vec<Row>,
}

impl Paged for Ucdp {
    fn request(&self, page: u64) -> Request<'_> {
        let address = format!("{}&page={page}", self.address());
        Request { service: &SERVICE, address, secret: Some((HEADER, self.token.clone())), after: None, raw: false }
    }

    fn parse(&self, page: u64, body: &[u8]) -> Result<Page, String> {
        let answer: Answer = serde_json::from_slice(body).map_err(|e| super::check::why(&e))?;
        Ok(Page { total: Some(answer.total_count), more: page.saturating_add(1) < answer.total_pages, rows: answer.result })
    }

    fn columns(&self) -> &'static [&'static str] {
        COLUMNS
    }
}
