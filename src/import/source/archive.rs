//! Gzip and ZIP: what they hold is unpacked in memory, within limits.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::read::ZipFile;

use super::{Format, LARGEST, damaged, too_large, wrong_format};
use crate::diagnostics::{Diagnostic, Place};

/// Unpacked bytes of all members together.
const LARGEST_ARCHIVE: u64 = 2 << 30;
/// A member this much larger than its packed bytes is no table, once it is larger than [`SMALL`].
const MOST_RATIO: u64 = 200;
const SMALL: u64 = 16 << 20;
const MOST_MEMBERS: usize = 10_000;

/// The bytes of a gzipped file, or of the one table in an archive; none if the file is neither.
pub fn unpack(path: &str, bytes: &[u8], notes: &mut Vec<String>) -> Result<Option<Vec<u8>>, Diagnostic> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let most = LARGEST.min((bytes.len() as u64).saturating_mul(MOST_RATIO).max(SMALL));
        let mut out = Vec::new();
        flate2::read::MultiGzDecoder::new(bytes).take(most + 1).read_to_end(&mut out).map_err(|e| damaged(path, &e.to_string()))?;
        if out.len() as u64 > most {
            return Err(too_large(path, &format!("the file unpacks to more than {most} bytes: 4 GiB are allowed, and {MOST_RATIO} times its size")));
        }
        return Ok(Some(out));
    }
    if !bytes.starts_with(b"PK") {
        return Ok(None);
    }
    let (mut archive, names) = open(path, bytes)?;
    if workbook_of(&names).is_some() {
        return Ok(None);
    }
    let tables: Vec<usize> = names.iter().enumerate().filter(|(_, n)| is_table(n)).map(|(i, _)| i).collect();
    let [only] = tables[..] else {
        let listed: Vec<&str> = names.iter().map(String::as_str).take(10).collect();
        return Err(Diagnostic::error("which-member", format!("the archive holds {} tables: {}", tables.len(), listed.join(", ")), Place::file(path))
            .rule("an archive is read where it holds one table (CSV, XLSX, ODS, Parquet or JSON)")
            .help("unpack it, and give the files that belong together"));
    };
    let mut member = archive.by_index(only).map_err(|e| damaged(path, &e.to_string()))?;
    let mut out = Vec::new();
    member.read_to_end(&mut out).map_err(|e| damaged(path, &e.to_string()))?;
    drop(member);
    notes.push(format!("`{}` of the archive", names.get(only).map_or("", String::as_str)));
    if out.starts_with(b"PK") && workbook(path, &out).is_err() || out.starts_with(&[0x1f, 0x8b]) {
        return Err(wrong_format(path, "the archive holds another archive"));
    }
    Ok(Some(out))
}

/// Which workbook an archive is.
pub fn workbook(path: &str, bytes: &[u8]) -> Result<Format, Diagnostic> {
    let (_, names) = open(path, bytes)?;
    workbook_of(&names).ok_or_else(|| wrong_format(path, "the file is a ZIP archive, and no workbook"))
}

fn workbook_of(names: &[String]) -> Option<Format> {
    let has = |name: &str| names.iter().any(|n| n == name);
    if has("xl/workbook.xml") {
        Some(Format::Xlsx)
    } else if has("mimetype") && has("content.xml") {
        Some(Format::Ods)
    } else {
        None
    }
}

fn is_table(name: &str) -> bool {
    let lower = name.to_lowercase();
    let hidden = lower.starts_with("__macosx/") || lower.rsplit('/').next().is_some_and(|n| n.starts_with('.'));
    let ends = [".csv", ".tsv", ".txt", ".xlsx", ".ods", ".parquet", ".json", ".jsonl", ".ndjson"];
    !hidden && !lower.contains("readme") && ends.iter().any(|end| lower.ends_with(end))
}

/// An archive whose members were unpacked once into nothing, to know what they come to.
///
/// What the directory of an archive says of sizes is not believed.
fn open<'a>(path: &str, bytes: &'a [u8]) -> Result<(ZipArchive<Cursor<&'a [u8]>>, Vec<String>), Diagnostic> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(path, &e.to_string()))?;
    if archive.len() > MOST_MEMBERS {
        return Err(too_large(path, &format!("the archive has {} members", archive.len())));
    }
    let mut total = 0;
    let mut names = Vec::new();
    for i in 0..archive.len() {
        let mut member = archive.by_index(i).map_err(|e| damaged(path, &e.to_string()))?;
        let name = member.name().map_err(|e| damaged(path, &e.to_string()))?.into_owned();
        if leads_out(&member, &name) {
            return Err(unsafe_archive(path, &name));
        }
        let packed = member.compressed_size().max(1);
        let size = std::io::copy(&mut (&mut member).take(LARGEST_ARCHIVE + 1 - total), &mut std::io::sink()).map_err(|e| damaged(path, &e.to_string()))?;
        total += size;
        if total > LARGEST_ARCHIVE {
            return Err(too_large(path, "the archive unpacks to more than 2 GiB"));
        }
        if size > SMALL && size / packed > MOST_RATIO {
            return Err(too_large(path, &format!("`{name}` unpacks to {} times its size", size / packed)));
        }
        names.push(name);
    }
    Ok((archive, names))
}

/// Whether a member is a link or has a path out of the archive's folder. Nothing is written; no honest file has them.
pub fn leads_out<R: Read>(member: &ZipFile<'_, R>, name: &str) -> bool {
    member.enclosed_name().is_none() || name.starts_with('/') || name.contains(['\\', ':']) || name.contains("..") || member.is_symlink()
}

pub fn unsafe_archive(path: &str, name: &str) -> Diagnostic {
    Diagnostic::error("unsafe-archive", format!("the archive has a member `{name}`, a link or a path out of its folder"), Place::file(path))
        .rule("members of an archive are files below its own folder")
        .help("do not trust this file; nothing of it was unpacked")
}
