//! Renderers: the report in, text out. None of them computes or touches a file.

mod csv;
mod edition;
mod html;
mod json;
mod markdown;
mod words;

use std::collections::BTreeMap;

use super::model::Report;
use crate::text::Language;

/// The files of an edition by name, without `edition.toml`.
pub fn files(report: &Report) -> Result<BTreeMap<String, String>, RenderError> {
    let mut files = BTreeMap::new();
    let pages = || rayon::join(|| markdown::render(report, Language::En), || json::render(report));
    let (html, (markdown, json)) = rayon::join(|| html::render(report, Language::En), pages);
    files.insert("report.md".to_owned(), markdown?);
    files.insert("report.html".to_owned(), html?);
    files.insert("report.json".to_owned(), json?);
    for table in &report.rankings {
        files.insert(format!("{}.csv", table.kind), csv::render(table)?);
    }
    Ok(files)
}

pub use self::csv::render as ranking_csv;
pub use self::edition::edition_toml;
pub use self::words::{chance, figure_words, interval, significant};

/// A renderer failed; this is a defect of the program, not of the input.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("template: {0:#}")]
    Template(#[from] minijinja::Error),
    #[error("JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("CSV: {0}")]
    Csv(String),
}
