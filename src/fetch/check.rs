//! Whether a file is what it is taken for, before it replaces anything.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// What a file must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    GeoJson,
    Json,
    /// XLSX, ODS, and zipped shapefiles or tables.
    Zip,
    Gzip,
    Csv,
    GeoPackage,
    FlatGeobuf,
    Parquet,
}

/// Names of formats, as HDX and file names have them, and what they end with.
const NAMES: &[(&str, Kind, &str)] = &[
    ("geojson", Kind::GeoJson, "geojson"),
    ("json", Kind::Json, "json"),
    ("xlsx", Kind::Zip, "xlsx"),
    ("ods", Kind::Zip, "ods"),
    ("shp", Kind::Zip, "zip"),
    ("zipped shapefile", Kind::Zip, "zip"),
    ("zipped csv", Kind::Zip, "zip"),
    ("zipped geojson", Kind::Zip, "zip"),
    ("zip", Kind::Zip, "zip"),
    ("gz", Kind::Gzip, "gz"),
    ("csv", Kind::Csv, "csv"),
    ("gpkg", Kind::GeoPackage, "gpkg"),
    ("geopackage", Kind::GeoPackage, "gpkg"),
    ("fgb", Kind::FlatGeobuf, "fgb"),
    ("parquet", Kind::Parquet, "parquet"),
];

impl Kind {
    /// The kind of a publisher's name of a format, and what such files end with.
    pub fn of(format: &str) -> Option<(Self, &'static str)> {
        let format = format.trim().to_lowercase();
        NAMES.iter().find(|(name, ..)| *name == format).map(|(_, kind, ending)| (*kind, *ending))
    }
}

#[derive(Deserialize)]
struct Collection {
    features: Vec<IgnoredAny>,
}

/// Looks at a file.
///
/// # Errors
/// Why it is not of the kind.
pub fn check(path: &Path, kind: Kind) -> Result<(), String> {
    let open = || File::open(path).map_err(|e| e.to_string());
    let starts = |magic: &[u8]| -> Result<bool, String> {
        let mut head = Vec::new();
        open()?.take(magic.len() as u64).read_to_end(&mut head).map_err(|e| e.to_string())?;
        Ok(head == magic)
    };
    let must = |is: bool, what: &str| if is { Ok(()) } else { Err(format!("it is no {what}")) };
    match kind {
        Kind::GeoJson => {
            let collection: Collection = serde_json::from_reader(BufReader::new(open()?)).map_err(|e| why(&e))?;
            must(!collection.features.is_empty(), "collection with features")
        }
        Kind::Json => serde_json::from_reader::<_, IgnoredAny>(BufReader::new(open()?)).map(|_| ()).map_err(|e| why(&e)),
        // The list of its files stands at the end: a file that was cut has none.
        Kind::Zip => zip::ZipArchive::new(open()?).map_err(|e| format!("it is no whole zip archive: {e}")).and_then(|z| must(!z.is_empty(), "archive with files")),
        Kind::Gzip => must(starts(&[0x1f, 0x8b])?, "gzip file"),
        Kind::GeoPackage => must(starts(b"SQLite format 3\0")?, "GeoPackage"),
        Kind::FlatGeobuf => must(starts(b"fgb\x03")?, "FlatGeobuf"),
        Kind::Parquet => {
            let mut tail = Vec::new();
            let mut file = open()?;
            file.seek(SeekFrom::End(-4)).and_then(|_| file.read_to_end(&mut tail)).map_err(|_| "it is empty".to_owned())?;
            must(starts(b"PAR1")? && tail == b"PAR1", "whole Parquet file")
        }
        Kind::Csv => csv_table(open()?),
    }
}

/// A table has a header of at least two cells and a second line; a page of words is none.
fn csv_table(file: File) -> Result<(), String> {
    let mut head = Vec::new();
    file.take(64 << 10).read_to_end(&mut head).map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.is_empty() {
        return Err("it is empty".into());
    }
    if text.starts_with(['<', '{', '[']) {
        return Err("it is a page or a message, no table".into());
    }
    let mut lines = text.lines();
    let header = lines.next().unwrap_or_default();
    if !header.contains([',', ';', '\t', '|']) {
        return Err("its first line has one cell".into());
    }
    if lines.next().is_none() {
        return Err("it has a header and no rows".into());
    }
    Ok(())
}

/// Why JSON cannot be read: kind and place, without a word of what stands there, which may be secret.
pub fn why(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    let what = match error.classify() {
        Category::Io => "it cannot be read",
        Category::Syntax => "it is not JSON",
        Category::Data => "its fields are not those that are documented",
        Category::Eof => "it ends too early",
    };
    format!("{what} (line {}, column {})", error.line(), error.column())
}
