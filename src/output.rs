//! Writes an edition's folder: the only place that writes results to the file system.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

/// Writes files into a new folder beside `folder`, then puts it in the place of `folder`.
///
/// Whoever stops the program at any moment finds the old folder or the new one, whole: the files
/// are written and synced elsewhere first, and the exchange is one rename. Where a folder already
/// exists, the system's exchange of two names is used; without it, the old folder is moved aside
/// before the new one takes its place, and moved back if that fails.
pub fn write_folder(folder: &Path, files: &BTreeMap<String, String>) -> io::Result<()> {
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(parent)?;
    sweep(parent);
    let fresh = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
    // Held until this run ends, however it ends.
    let lock = std::fs::File::create(fresh.path().join(LOCK))?;
    lock.lock()?;
    let inner = fresh.path().join("edition");
    std::fs::create_dir(&inner)?;
    for (name, text) in files {
        let mut file = std::fs::File::create(inner.join(name))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
    }
    replace(&inner, folder, &fresh.path().join("old"))
    // The temporary folder, with what was there before, goes when `fresh` is dropped.
}

/// Temporary folders begin like this.
const PREFIX: &str = ".tukhum-";
/// The file in a temporary folder that its run holds locked.
const LOCK: &str = "lock";

/// Removes what killed runs left behind: temporary folders whose lock nobody holds any more.
fn sweep(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.flatten().filter(|e| e.file_name().to_string_lossy().starts_with(PREFIX)) {
        let left = std::fs::File::open(entry.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if left {
            // Whatever cannot be removed is only untidy.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(target_os = "linux")]
fn replace(new: &Path, target: &Path, aside: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    if !target.exists() {
        return std::fs::rename(new, target);
    }
    match renameat_with(CWD, new, CWD, target, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => move_aside(new, target, aside),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn replace(new: &Path, target: &Path, aside: &Path) -> io::Result<()> {
    if !target.exists() {
        return std::fs::rename(new, target);
    }
    move_aside(new, target, aside)
}

fn move_aside(new: &Path, target: &Path, aside: &Path) -> io::Result<()> {
    std::fs::rename(target, aside)?;
    std::fs::rename(new, target).inspect_err(|_| {
        let _ = std::fs::rename(aside, target);
    })
}

/// Writes files with their paths below a folder; none of them may exist.
pub fn write_new(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    for (path, bytes) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
        file.write_all(bytes)?;
    }
    Ok(())
}
