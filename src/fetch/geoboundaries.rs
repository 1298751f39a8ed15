//! geoBoundaries' interface: what it says of a boundary, and the file.
//!
//! # Source
//! <https://www.geoboundaries.org/api.html>: `/api/current/gbOpen/<ISO 3166-1 alpha-3>/ADM<level>/`, with
//! `gjDownloadURL`, `boundaryID`, `buildDate`.

use serde::Deserialize;

use super::http::Service;

pub const HOME: &str = "https://www.geoboundaries.org";

pub const SERVICE: Service = Service {
    name: "geoBoundaries",
    unauthorised: "geoBoundaries asks for no credentials; see https://www.geoboundaries.org/api.html",
    forbidden: "see https://www.geoboundaries.org/api.html",
    absent: "check --country and --level: not every country has every level (https://www.geoboundaries.org)",
};

/// What is said of one boundary.
#[derive(Deserialize)]
pub struct Boundary {
    #[serde(rename = "boundaryID")]
    pub id: String,
    #[serde(rename = "boundaryISO")]
    pub country: String,
    #[serde(rename = "boundaryType")]
    pub level: String,
    #[serde(rename = "buildDate", default)]
    pub built: String,
    #[serde(rename = "gjDownloadURL")]
    pub geojson: String,
}

pub fn address(home: &str, country: &str, level: u8) -> String {
    format!("{home}/api/current/gbOpen/{country}/ADM{level}/")
}
