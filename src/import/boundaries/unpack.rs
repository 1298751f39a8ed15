//! From the bytes of a file to its layers, whatever they are packed in.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use super::layer::Layer;
use super::{flatgeobuf, geojson, geopackage, shapefile};
use crate::diagnostics::{Diagnostic, Place};
use crate::import::source::archive::{leads_out, unsafe_archive};

/// A file may not unpack to more than this.
const LARGEST: u64 = 1 << 30;
/// So many bytes tell the format.
const PEEK: u64 = 1 << 16;

/// A format of boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    GeoJson,
    GeoPackage,
    FlatGeobuf,
    /// A .shp without the files beside it.
    BareShapefile,
    Zip,
    Gzip,
}

/// Whether a file holds boundaries, by its bytes.
pub fn recognise(bytes: &[u8]) -> bool {
    match format(bytes) {
        Some(Format::Gzip) => {
            let mut head = Vec::new();
            // A damaged end does not matter here.
            let _ = flate2::read::MultiGzDecoder::new(bytes).take(PEEK).read_to_end(&mut head);
            format(&head).is_some_and(|f| !matches!(f, Format::Gzip | Format::Zip))
        }
        Some(Format::Zip) => zip::ZipArchive::new(Cursor::new(bytes)).is_ok_and(|mut zip| (0..zip.len()).any(|i| zip.by_index(i).is_ok_and(holds_boundaries))),
        Some(_) => true,
        None => false,
    }
}

/// Whether a file in an archive holds boundaries. JSON may be anything: its beginning tells.
fn holds_boundaries<R: Read>(file: zip::read::ZipFile<'_, R>) -> bool {
    match file.name().ok().and_then(|n| ending(&n)) {
        Some(".json") => {
            let mut head = Vec::new();
            let _ = file.take(PEEK).read_to_end(&mut head);
            format(&head) == Some(Format::GeoJson)
        }
        ending => ending.is_some(),
    }
}

fn format(bytes: &[u8]) -> Option<Format> {
    let kinds: [(&[u8], Format); 5] = [
        (b"SQLite format 3\0", Format::GeoPackage),
        (b"fgb\x03fgb", Format::FlatGeobuf),
        (b"\x00\x00\x27\x0a\x00\x00\x00\x00", Format::BareShapefile),
        (b"PK\x03\x04", Format::Zip),
        (b"\x1f\x8b", Format::Gzip),
    ];
    if let Some((_, format)) = kinds.into_iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(format);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let head = text.get(..text.len().min(usize::try_from(PEEK).unwrap_or(usize::MAX))).unwrap_or_default();
    let says = |word: &[u8]| head.windows(word.len()).any(|w| w == word);
    (head.starts_with(b"{") && says(b"\"FeatureCollection\"")).then_some(Format::GeoJson)
}

/// What a file in an archive is, by the end of its name.
fn ending(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let junk = lower.contains("__macosx/") || lower.rsplit('/').next().is_some_and(|n| n.starts_with('.'));
    [".shp", ".geojson", ".json", ".gpkg", ".fgb"].into_iter().find(|e| lower.ends_with(e) && !junk && !lower.ends_with("metadata.json"))
}

/// All layers of a file.
///
/// # Errors
/// What cannot be read and why, with the name of a coordinate system that is not longitude and latitude on WGS 84.
pub fn layers(path: &str, bytes: &[u8]) -> Result<Vec<Layer>, Diagnostic> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    inner(name, bytes, true).map_err(|why| match why {
        Why::Damaged(why) => Diagnostic::error("unreadable", format!("cannot read: {why}"), Place::file(path))
            .rule("boundaries are GeoJSON (plain, .gz or .zip), a shapefile (.zip with .shp, .dbf, .prj), GeoPackage or FlatGeobuf")
            .help("download the file again; nothing was imported"),
        Why::System(layer, system) => Diagnostic::error("foreign-projection", format!("`{layer}` is in the coordinate system `{system}`"), Place::file(path))
            .rule("boundaries are in longitude and latitude on WGS 84 (EPSG:4326)")
            .help("reproject it: ogr2ogr -t_srs EPSG:4326 out.gpkg in.shp"),
        Why::Unsafe(member) => unsafe_archive(path, &member),
    })
}

/// Why a file is refused.
enum Why {
    Damaged(String),
    /// A layer and the name of its coordinate system.
    System(String, String),
    /// The name of a member that leads out of the archive.
    Unsafe(String),
}

impl From<String> for Why {
    fn from(why: String) -> Self {
        Self::Damaged(why)
    }
}

fn inner(name: &str, bytes: &[u8], outermost: bool) -> Result<Vec<Layer>, Why> {
    let stem = name.rsplit('/').next().unwrap_or(name);
    let stem = stem.strip_suffix(".gz").unwrap_or(stem);
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let checked = |(layer, system): (Layer, Option<String>)| match system {
        Some(system) => Err(Why::System(layer.name, system)),
        None => Ok(layer),
    };
    match format(bytes) {
        Some(Format::GeoJson) => Ok(vec![checked(geojson::read(stem, bytes)?)?]),
        Some(Format::FlatGeobuf) => Ok(vec![checked(flatgeobuf::read(stem, bytes)?)?]),
        Some(Format::GeoPackage) => geopackage::read(bytes)?.into_iter().map(checked).collect(),
        Some(Format::Gzip) if outermost => inner(stem, &unpacked(flate2::read::MultiGzDecoder::new(bytes))?, false),
        Some(Format::Zip) if outermost => archive(bytes),
        Some(Format::BareShapefile) => Err(Why::Damaged("the .dbf with the names and the .prj are missing: give the .zip that holds them all".into())),
        _ => Err(Why::Damaged(format!("{name} is in no format that is known"))),
    }
}

fn unpacked(reader: impl Read) -> Result<Vec<u8>, Why> {
    let mut out = Vec::new();
    reader.take(LARGEST + 1).read_to_end(&mut out).map_err(|e| e.to_string())?;
    if out.len() as u64 > LARGEST {
        return Err(Why::Damaged("it unpacks to more than 1 GiB".into()));
    }
    Ok(out)
}

fn archive(bytes: &[u8]) -> Result<Vec<Layer>, Why> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut total = 0;
    for i in 0..zip.len() {
        let file = zip.by_index(i).map_err(|e| e.to_string())?;
        let name = file.name().map_err(|e| e.to_string())?.into_owned();
        if leads_out(&file, &name) {
            return Err(Why::Unsafe(name));
        }
        let beside = [".dbf", ".prj", ".cpg"].iter().any(|e| name.to_lowercase().ends_with(e));
        if ending(&name).is_none() && !beside {
            continue;
        }
        let content = unpacked(file)?;
        total += content.len() as u64;
        if total > LARGEST {
            return Err(Why::Damaged("it unpacks to more than 1 GiB".into()));
        }
        files.insert(name, content);
    }
    let mut layers = Vec::new();
    for (name, content) in &files {
        match ending(name) {
            Some(".shp") => layers.push(shapes(name, content, &files)?),
            Some(_) if format(content).is_some() => layers.extend(inner(name, content, false)?),
            _ => {}
        }
    }
    Ok(layers)
}

/// A shapefile and the files of the same name beside it.
fn shapes(name: &str, shp: &[u8], files: &BTreeMap<String, Vec<u8>>) -> Result<Layer, Why> {
    let stem = name.get(..name.len().saturating_sub(4)).unwrap_or(name);
    let beside = |ending: &str| files.iter().find(|(n, _)| n.to_lowercase() == format!("{}{ending}", stem.to_lowercase())).map(|(_, b)| b.as_slice());
    let layer = stem.rsplit('/').next().unwrap_or(stem);
    let prj = beside(".prj").map(String::from_utf8_lossy);
    if let Some(system) = prj.as_deref().and_then(shapefile::foreign_projection) {
        return Err(Why::System(layer.to_owned(), system));
    }
    let mut read = shapefile::read(layer, shapefile::Parts { shp, dbf: beside(".dbf"), cpg: beside(".cpg") })?;
    if prj.is_none() {
        read.notes.push(format!("{layer}: there is no .prj; taken for longitude and latitude on WGS 84"));
    }
    Ok(read)
}
