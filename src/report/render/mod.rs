//! Renderers: the report in, text out. None of them computes or touches a file.

mod csv;
mod edition;
mod geojson;
mod html;
pub mod index;
mod json;
mod markdown;
#[cfg(feature = "pdf")]
mod pdf;
mod tables;
mod words;
mod xlsx;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::model::{RankingTable, Report};
use crate::text::Language;

/// A form in which an edition is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Format {
    /// The report as text
    Md,
    /// The report as a page
    Html,
    /// Everything, for programs
    Json,
    /// Rankings as tables
    Csv,
    /// Every table as a workbook
    Xlsx,
    /// Units for map programs
    Geojson,
    /// The report for print; a program built with the feature `pdf` writes it
    Pdf,
}

impl Format {
    /// Those that are written where none is asked for.
    pub const USUAL: [Self; 6] = [Self::Md, Self::Html, Self::Json, Self::Csv, Self::Xlsx, Self::Geojson];

    /// Whether this program can write it.
    pub fn is_built_in(self) -> bool {
        self != Self::Pdf || cfg!(feature = "pdf")
    }
}

/// What is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub formats: BTreeSet<Format>,
    /// Languages of the forms that have one.
    pub languages: BTreeSet<Language>,
    /// Whether tables get a row of HXL hashtags.
    pub hxl: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { formats: Format::USUAL.into(), languages: Language::ALL.into(), hxl: false }
    }
}

/// The files of an edition by name, without `edition.toml`.
///
/// A file in a language other than English has it in its name: `report.html`, `report.fr.html`.
pub fn files(report: &Report, wanted: &Wanted) -> Result<BTreeMap<String, Vec<u8>>, RenderError> {
    let asked = wanted.formats.iter().flat_map(|format| {
        let languages: Vec<Language> = if format.speaks() { wanted.languages.iter().copied().collect() } else { vec![Language::En] };
        languages.into_iter().map(|language| (*format, language))
    });
    let written: Result<Vec<_>, RenderError> = asked.collect::<Vec<_>>().into_par_iter().map(|(format, language)| format.write(report, language, wanted.hxl)).collect();
    Ok(written?.into_iter().flatten().collect())
}

impl Format {
    /// Whether it is written in one language, and not in all at once.
    fn speaks(self) -> bool {
        matches!(self, Self::Md | Self::Html | Self::Xlsx | Self::Pdf)
    }

    fn write(self, report: &Report, language: Language, hxl: bool) -> Result<Vec<(String, Vec<u8>)>, RenderError> {
        let one = |bytes: Vec<u8>| vec![(named("report", self.extension(), language), bytes)];
        Ok(match self {
            Self::Md => one(markdown::render(report, language)?.into_bytes()),
            Self::Html => one(html::render(report, language)?.into_bytes()),
            Self::Json => one(json::render(report)?.into_bytes()),
            Self::Csv => {
                let table = |t: &RankingTable| Ok((named(&t.kind, "csv", language), csv::render(t, hxl)?.into_bytes()));
                report.rankings.iter().map(table).collect::<Result<_, RenderError>>()?
            }
            Self::Xlsx => one(xlsx::render(report, language)?),
            Self::Geojson => vec![("units.geojson".into(), geojson::render(report)?.into_bytes())],
            #[cfg(feature = "pdf")]
            Self::Pdf => one(pdf::render(report, language)?),
            #[cfg(not(feature = "pdf"))]
            Self::Pdf => return Err(RenderError::WithoutPdf),
        })
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Md => "md",
            Self::Html => "html",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Geojson => "geojson",
            Self::Pdf => "pdf",
        }
    }
}

/// The name of a file in a language.
pub fn named(stem: &str, extension: &str, language: Language) -> String {
    match language {
        Language::En => format!("{stem}.{extension}"),
        other => format!("{stem}.{}.{extension}", other.code()),
    }
}

pub use self::csv::render as ranking_csv;
pub use self::edition::edition_toml;
pub use self::html::fingerprint;
pub use self::words::{figure_words, interval, need_words, significant};

/// A renderer failed; this is a defect of the program, not of the input.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("template: {0:#}")]
    Template(#[from] minijinja::Error),
    #[error("JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("CSV: {0}")]
    Csv(String),
    #[error("workbook: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    #[cfg(feature = "pdf")]
    #[error("print: {0}")]
    Pdf(String),
    #[cfg(not(feature = "pdf"))]
    #[error("this program was built without the feature `pdf`")]
    WithoutPdf,
}
