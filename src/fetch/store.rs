//! The folder of downloads: unfinished parts, finished files, and the record of what was fetched.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::diagnostics::{Diagnostic, Place};

/// What was fetched, by file.
pub const RECORD: &str = "fetched.toml";
const PARTS: &str = ".part";

/// Where one file came from.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Entry {
    pub file: String,
    pub publisher: String,
    /// Without anything secret.
    pub address: String,
    /// Day and time, UTC.
    pub fetched: toml::value::Datetime,
    pub bytes: u64,
    pub sha256: String,
    /// The publisher's name of the version, or the day it gives.
    pub version: String,
    pub pages: u64,
}

#[derive(Default, Deserialize)]
struct Record {
    #[serde(default)]
    fetched: Vec<Entry>,
}

pub struct Store {
    pub folder: PathBuf,
}

impl Store {
    /// Opens the folder, which may not be there yet, and sees that its record can be read.
    pub fn open(folder: &Path) -> Result<Self, Diagnostic> {
        let store = Self { folder: folder.to_owned() };
        std::fs::create_dir_all(folder.join(PARTS)).map_err(|e| failed(folder, &e))?;
        let ignore = folder.join(".gitignore");
        if !ignore.exists() {
            // What a user fetches is not for a repository, unless she decides so.
            std::fs::write(&ignore, "*\n").map_err(|e| failed(&ignore, &e))?;
        }
        store.entries()?;
        Ok(store)
    }

    fn entries(&self) -> Result<BTreeMap<String, Entry>, Diagnostic> {
        let path = self.folder.join(RECORD);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(failed(&path, &error)),
        };
        let record: Record = toml::from_str(&text).map_err(|error| {
            Diagnostic::error("unreadable", format!("cannot be read: {}", error.message()), Place::file(path.display().to_string()))
                .rule("the record of downloads is left as it was written")
                .help("move it aside; a new one is begun")
        })?;
        Ok(record.fetched.into_iter().map(|e| (e.file.clone(), e)).collect())
    }

    /// The unfinished parts of one request, which no other run may touch meanwhile.
    pub fn part(&self, request: &str) -> Result<Part, Diagnostic> {
        let key: String = hex(&Sha256::digest(request.as_bytes())).chars().take(16).collect();
        let folder = self.folder.join(PARTS).join(key);
        std::fs::create_dir_all(&folder).map_err(|e| failed(&folder, &e))?;
        let path = folder.join("lock");
        let lock = File::create(&path).map_err(|e| failed(&path, &e))?;
        lock.try_lock().map_err(|_| {
            Diagnostic::error("in-use", "another run fetches the same", Place::file(folder.display().to_string())).rule("a file is fetched by one run at a time").help("wait until it has ended")
        })?;
        Ok(Part { folder, lock })
    }

    /// Puts a finished part into its place and into the record. What stood there is replaced in one step.
    pub fn finish(&self, part: Part, from: &str, mut entry: Entry) -> Result<Entry, Diagnostic> {
        let (from, to) = (part.path(from), self.folder.join(&entry.file));
        let mut entries = self.entries()?;
        let mut file = File::open(&from).map_err(|e| failed(&from, &e))?;
        (entry.bytes, entry.sha256) = measured(&mut file).map_err(|e| failed(&from, &e))?;
        file.sync_all().map_err(|e| failed(&from, &e))?;
        std::fs::rename(&from, &to).map_err(|e| failed(&to, &e))?;
        entries.insert(entry.file.clone(), entry.clone());
        let path = self.folder.join(RECORD);
        crate::output::write_file(&path, written(&entries)).map_err(|e| failed(&path, &e))?;
        part.remove();
        Ok(entry)
    }
}

fn measured(file: &mut File) -> std::io::Result<(u64, String)> {
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 64 << 10]);
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok((bytes, hex(&hash.finalize())));
        }
        hash.update(buffer.get(..n).unwrap_or_default());
        bytes += n as u64;
    }
}

fn written(entries: &BTreeMap<String, Entry>) -> String {
    // JSON's escapes are TOML's, but for DEL.
    let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default().replace('\u{7f}', "\\u007F");
    let mut out = String::from("# What was fetched, from where and when. `tukhum fetch` keeps it.\n");
    for e in entries.values() {
        out.push_str(&format!(
            "\n[[fetched]]\nfile = {}\npublisher = {}\naddress = {}\nfetched = {}\nbytes = {}\nsha256 = {}\nversion = {}\npages = {}\n",
            quoted(&e.file),
            quoted(&e.publisher),
            quoted(&e.address),
            e.fetched,
            e.bytes,
            quoted(&e.sha256),
            quoted(&e.version),
            e.pages
        ));
    }
    out
}

/// A folder of unfinished files, locked.
pub struct Part {
    folder: PathBuf,
    lock: File,
}

impl Part {
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.path(name)).ok()
    }

    /// Writes a file, whole or not at all.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Diagnostic> {
        let (draft, path) = (self.path("draft"), self.path(name));
        std::fs::write(&draft, bytes).and_then(|()| std::fs::rename(&draft, &path)).map_err(|e| failed(&path, &e))
    }

    pub fn create(&self, name: &str) -> Result<File, Diagnostic> {
        let path = self.path(name);
        File::create(&path).map_err(|e| failed(&path, &e))
    }

    /// A file that grows: what is beyond `length` is cut off.
    pub fn append(&self, name: &str, length: u64) -> Result<File, Diagnostic> {
        let path = self.path(name);
        let open = || {
            let mut file = File::options().write(true).create(true).truncate(false).open(&path)?;
            file.set_len(length)?;
            file.seek(SeekFrom::End(0))?;
            Ok(file)
        };
        open().map_err(|e| failed(&path, &e))
    }

    pub fn length(&self, name: &str) -> u64 {
        std::fs::metadata(self.path(name)).map_or(0, |m| m.len())
    }

    pub fn take(&self, file: &mut File, bytes: &[u8]) -> Result<(), Diagnostic> {
        file.write_all(bytes).map_err(|e| failed(&self.folder, &e))
    }

    pub fn forget(&self, name: &str) {
        // What is not there need not go.
        let _ = std::fs::remove_file(self.path(name));
    }

    /// Removes the folder: it is of no use any more.
    pub fn remove(self) {
        let Self { folder, lock } = self;
        // Whatever cannot be removed is only untidy.
        let _ = std::fs::remove_dir_all(folder);
        drop(lock);
    }
}

pub fn failed(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error("downloads", error.to_string(), Place::file(path.display().to_string()))
        .rule("the folder of downloads can be written")
        .help("check the permissions and the space left")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
