//! How files are packed: gzip, archives, workbooks, and the archive of a shapefile. The fuzzer packs with it as well.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes).expect("it is packed");
    packer.finish().expect("it is packed")
}

/// An archive of members with any names and contents.
pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    archive(members, CompressionMethod::Deflated)
}

/// The same without packing: a change to a member's bytes is a change to the archive's.
fn stored(members: &[(&str, &[u8])]) -> Vec<u8> {
    archive(members, CompressionMethod::Stored)
}

fn archive(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(*name, SimpleFileOptions::default().compression_method(method)).expect("it is written");
        archive.write_all(bytes).expect("it is written");
    }
    archive.finish().expect("it is written").into_inner()
}

/// An archive with a symbolic link to a file outside.
pub fn link(name: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.add_symlink(name, "/etc/passwd", SimpleFileOptions::default()).expect("it is written");
    archive.finish().expect("it is written").into_inner()
}

const CONTENT_TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>"#;
const WORKBOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
const ROOT: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const MANIFEST: &str = r#"<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"#;

/// An Excel workbook with this text as its one sheet.
pub fn workbook(sheet: &[u8]) -> Vec<u8> {
    zip(&[
        ("_rels/.rels", ROOT.as_bytes()),
        ("[Content_Types].xml", CONTENT_TYPES.as_bytes()),
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

/// An OpenDocument spreadsheet with this content.
pub fn ods(content: &[u8]) -> Vec<u8> {
    zip(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("META-INF/manifest.xml", MANIFEST.as_bytes()), ("content.xml", content)])
}

/// A shapefile as it is handed out: shapes and table in an archive.
pub fn shapefile(shp: &[u8], dbf: &[u8]) -> Vec<u8> {
    stored(&[("a/made.shp", shp), ("a/made.dbf", dbf)])
}
