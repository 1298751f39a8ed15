//! The Humanitarian Data Exchange: the files of a dataset.
//!
//! # Source
//! <https://docs.ckan.org/en/latest/api/>, `package_show` with `id`: `success`, `result.resources` with `name`,
//! `format`, `url`, `size`, `last_modified`. HDX runs on CKAN and asks for no credentials to read.

use serde::Deserialize;

use super::address::encoded;
use super::check::Kind;
use super::http::{Service, place};
use crate::diagnostics::{Diagnostic, suggestion};

pub const HOME: &str = "https://data.humdata.org";

pub const SERVICE: Service = Service {
    name: "HDX",
    unauthorised: "the dataset may be private; see https://data.humdata.org",
    forbidden: "the dataset may be private; see https://data.humdata.org",
    absent: "check the dataset's name: it is the last part of its page's address, such as cod-ab-mli",
};

#[derive(Deserialize)]
pub struct Answer {
    pub success: bool,
    pub result: Dataset,
}

#[derive(Deserialize)]
pub struct Dataset {
    pub name: String,
    pub resources: Vec<Resource>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Resource {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub format: String,
    pub url: String,
    pub size: Option<u64>,
    pub last_modified: Option<String>,
}

pub fn address(home: &str, dataset: &str) -> String {
    format!("{home}/api/3/action/package_show?id={}", encoded(dataset))
}

/// The one file that is meant: by name, id or format, else the only one that can be imported.
pub fn pick<'r>(resources: &'r [Resource], wanted: Option<&str>, address: &str) -> Result<&'r Resource, Diagnostic> {
    let readable: Vec<&Resource> = resources.iter().filter(|r| Kind::of(&r.format).is_some()).collect();
    let same = |a: &str, b: &str| a.trim().to_lowercase() == b.trim().to_lowercase();
    let found: Vec<&Resource> = match wanted {
        None => readable.clone(),
        Some(wanted) => {
            let named: Vec<&Resource> = readable.iter().copied().filter(|r| same(&r.name, wanted) || r.id == wanted).collect();
            if named.is_empty() { readable.iter().copied().filter(|r| same(&r.format, wanted)).collect() } else { named }
        }
    };
    let list = |resources: &[&Resource]| {
        let clean = |text: &str| text.chars().filter(|c| !c.is_control()).take(80).collect::<String>();
        resources.iter().map(|r| format!("\n     {} ({})", clean(&r.name), clean(&r.format))).collect::<String>()
    };
    match found.as_slice() {
        [one] => Ok(one),
        [] if readable.is_empty() => Err(Diagnostic::error("no-file", "the dataset has no file that can be imported", place(address))
            .rule("files are GeoJSON, JSON, XLSX, ODS, CSV, zip, gz, GeoPackage, FlatGeobuf or Parquet")
            .help("see the dataset's page at https://data.humdata.org")),
        [] => Err(Diagnostic::error("unknown-resource", format!("the dataset has no file `{}`", wanted.unwrap_or_default()), place(address))
            .rule(format!("--resource is the name, id or format of a file:{}", list(&readable)))
            .help(suggestion(wanted.unwrap_or_default(), readable.iter().map(|r| r.name.as_str())))),
        several => Err(Diagnostic::error("ambiguous-resource", format!("{} files may be meant", several.len()), place(address))
            .rule(format!("one file is fetched at a time:{}", list(several)))
            .help("name one with --resource")),
    }
}
