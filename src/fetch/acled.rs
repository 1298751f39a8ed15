//! ACLED's interface: a token for e-mail address and password, then events page by page.
//!
//! # Source
//! <https://acleddata.com/api-documentation/getting-started>: `POST /oauth/token`, a token for a day and one to
//! renew it; `GET /api/acled/read` with `country=A:OR:country=B`, `event_date=from|to`,
//! `event_date_where=BETWEEN`, `limit` (5,000), `page` counted from 1; rows in `data`.

use jiff::civil::Date;
use serde::Deserialize;

use super::address::encoded;
use super::http::{Client, Request, Service, Trouble, place};
use super::pages::{Page, Paged, Row};
use super::secret::Secret;
use crate::diagnostics::Diagnostic;

pub const HOME: &str = "https://acleddata.com";

pub const SERVICE: Service = Service {
    name: "ACLED",
    unauthorised: "check TUKHUM_ACLED_EMAIL and TUKHUM_ACLED_PASSWORD by logging in at https://acleddata.com",
    forbidden: "the login worked, but the account may not read these data: accept the terms and see the access level at https://acleddata.com/myacled",
    absent: "check TUKHUM_ACLED_EMAIL and TUKHUM_ACLED_PASSWORD, --country, --from and --to",
};

/// Rows of a page.
const ROWS: usize = 5000;

const COLUMNS: &[&str] = &[
    "event_id_cnty", "event_date", "time_precision", "event_type", "sub_event_type", "actor1", "inter1", "actor2", "inter2", "country", "admin1",
    "admin2", "latitude", "longitude", "geo_precision", "fatalities",
];

pub struct Acled {
    home: String,
    countries: Vec<String>,
    from: Date,
    to: Date,
    /// Sent with each page.
    bearer: Secret,
    renewal: Option<Secret>,
}

/// What is asked for.
pub struct Query {
    pub home: String,
    /// As ACLED writes them.
    pub countries: Vec<String>,
    pub from: Date,
    pub to: Date,
}

impl Query {
    /// The query without its page.
    pub fn address(&self) -> String {
        address(&self.home, &self.countries, self.from, self.to)
    }
}

fn address(home: &str, countries: &[String], from: Date, to: Date) -> String {
    let countries: Vec<String> = countries.iter().map(|c| format!("country={}", encoded(c))).collect();
    format!("{home}/api/acled/read?_format=json&{}&event_date={}&event_date_where=BETWEEN&limit={ROWS}", countries.join(":OR:"), encoded(&format!("{from}|{to}")))
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
    refresh_token: Option<String>,
}

impl Acled {
    /// Logs in.
    pub fn login(client: &Client<'_>, query: Query, email: &Secret, password: &Secret) -> Result<Self, Diagnostic> {
        let form = [("grant_type", "password"), ("client_id", "acled"), ("username", email.reveal()), ("password", password.reveal())];
        let (bearer, renewal) = client.persist(|| token(client, &query.home, &form)).map_err(Trouble::diagnostic)?;
        Ok(Self { home: query.home, countries: query.countries, from: query.from, to: query.to, bearer, renewal })
    }
}

fn token(client: &Client<'_>, home: &str, form: &[(&str, &str)]) -> Result<(Secret, Option<Secret>), Trouble> {
    let address = format!("{home}/oauth/token");
    let body = client.submit(&SERVICE, &address, form).and_then(|response| client.read_page(response, &address))?;
    // Nothing of the answer is shown: it is all secret.
    let token = serde_json::from_slice::<Token>(&body).ok();
    let renewal = token.as_ref().and_then(|t| Secret::new(t.refresh_token.as_deref()?));
    let bearer = token.and_then(|t| Secret::new(&format!("Bearer {}", t.access_token)));
    bearer.map(|b| (b, renewal)).ok_or_else(|| {
        Trouble::Lasting(
            Diagnostic::error("unexpected-content", "ACLED answers the login with something else than a token", place(&address))
                .rule("the publisher answers as its documentation says")
                .help("see whether a newer version of tukhum knows the publisher's new interface, or download with a browser and import the file"),
        )
    })
}

#[derive(Deserialize)]
struct Answer {
    success: Option<bool>,
    data: Vec<Row>,
}

impl Paged for Acled {
    fn request(&self, page: u64) -> Request<'_> {
        let address = format!("{}&page={}", address(&self.home, &self.countries, self.from, self.to), page.saturating_add(1));
        Request { service: &SERVICE, address, secret: Some(("authorization", self.bearer.clone())), after: None, raw: false }
    }

    fn parse(&self, _page: u64, body: &[u8]) -> Result<Page, String> {
        let answer: Answer = serde_json::from_slice(body).map_err(|e| super::check::why(&e))?;
        if answer.success == Some(false) {
            return Err("it says that the request did not succeed".into());
        }
        Ok(Page { total: None, more: answer.data.len() >= ROWS, rows: answer.data })
    }

    fn columns(&self) -> &'static [&'static str] {
        COLUMNS
    }

    fn renew(&mut self, client: &Client<'_>) -> Result<bool, Trouble> {
        let Some(renewal) = self.renewal.take() else { return Ok(false) };
        let form = [("grant_type", "refresh_token"), ("client_id", "acled"), ("refresh_token", renewal.reveal())];
        (self.bearer, self.renewal) = client.persist(|| token(client, &self.home, &form))?;
        Ok(true)
    }
}
