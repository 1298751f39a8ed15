//! What publishers call the countries of western and northern Africa, besides ISO 3166-1 alpha-3.

use crate::diagnostics::{Diagnostic, Place, suggestion};

/// ISO 3166-1 alpha-3, Gleditsch–Ward number (UCDP), English name (ACLED).
const COUNTRIES: &[(&str, u32, &str)] = &[
    ("BEN", 434, "Benin"),
    ("BFA", 439, "Burkina Faso"),
    ("CAF", 482, "Central African Republic"),
    ("CIV", 437, "Ivory Coast"),
    ("CMR", 471, "Cameroon"),
    ("CPV", 402, "Cape Verde"),
    ("DZA", 615, "Algeria"),
    ("EGY", 651, "Egypt"),
    ("GHA", 452, "Ghana"),
    ("GIN", 438, "Guinea"),
    ("GMB", 420, "Gambia"),
    ("GNB", 404, "Guinea-Bissau"),
    ("LBR", 450, "Liberia"),
    ("LBY", 620, "Libya"),
    ("MAR", 600, "Morocco"),
    ("MLI", 432, "Mali"),
    ("MRT", 435, "Mauritania"),
    ("NER", 436, "Niger"),
    ("NGA", 475, "Nigeria"),
    ("SDN", 625, "Sudan"),
    ("SEN", 433, "Senegal"),
    ("SLE", 451, "Sierra Leone"),
    ("SSD", 626, "South Sudan"),
    ("TCD", 483, "Chad"),
    ("TGO", 461, "Togo"),
    ("TUN", 616, "Tunisia"),
];

/// The Gleditsch–Ward number of a country; a number is taken as it is.
pub fn number(country: &str) -> Result<u32, Diagnostic> {
    let known = COUNTRIES.iter().find(|(code, ..)| code.eq_ignore_ascii_case(country)).map(|(_, number, _)| *number);
    known.or_else(|| country.parse().ok().filter(|n| (1..1000).contains(n))).ok_or_else(|| unknown(country, "a Gleditsch–Ward number"))
}

/// ACLED's name of a country; a name of more than three letters is taken as it is.
pub fn name(country: &str) -> Result<String, Diagnostic> {
    let known = COUNTRIES.iter().find(|(code, ..)| code.eq_ignore_ascii_case(country)).map(|(.., name)| (*name).to_owned());
    let given = || (country.chars().count() > 3 && !country.chars().any(char::is_control)).then(|| country.to_owned());
    known.or_else(given).ok_or_else(|| unknown(country, "the English name that ACLED uses"))
}

/// Three capital letters.
pub fn code(country: &str) -> Result<String, Diagnostic> {
    if country.len() == 3 && country.bytes().all(|b| b.is_ascii_alphabetic()) { Ok(country.to_ascii_uppercase()) } else { Err(unknown(country, "ISO 3166-1 alpha-3")) }
}

fn unknown(country: &str, other: &str) -> Diagnostic {
    let shown: String = country.chars().filter(|c| !c.is_control()).take(40).collect();
    let help = suggestion(&shown, COUNTRIES.iter().map(|(code, ..)| *code));
    Diagnostic::error("unknown-country", format!("`{shown}` is no country known here"), Place::Argument).rule(format!("a country is given by its three letters, such as MLI, or by {other}")).help(help)
}
