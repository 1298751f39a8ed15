//! Writes an edition's folder and the watch's state: the only place that writes results to the file system.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

/// Writes files into a new folder beside `folder`, then puts it in the place of `folder`.
///
/// Whoever stops the program at any moment finds the old folder or the new one, whole: the files
/// are written and synced elsewhere first, and the exchange is one rename. Where a folder already
/// exists, the system's exchange of two names is used; without it, the old folder is moved aside
/// before the new one takes its place, and moved back if that fails.
pub fn write_folder(folder: &Path, files: &BTreeMap<String, impl AsRef<[u8]>>) -> io::Result<()> {
    let (fresh, _lock) = workshop(folder)?;
    let inner = fresh.path().join("edition");
    std::fs::create_dir(&inner)?;
    for (name, bytes) in files {
        let mut file = std::fs::File::create(inner.join(name))?;
        file.write_all(bytes.as_ref())?;
        file.sync_all()?;
    }
    replace(&inner, folder, &fresh.path().join("old"))
    // The temporary folder, with what was there before, goes when `fresh` is dropped.
}

/// A temporary folder beside `target`, and a lock that is held until this run ends, however it ends.
fn workshop(target: &Path) -> io::Result<(tempfile::TempDir, std::fs::File)> {
    let parent = parent(target)?;
    sweep(parent);
    let fresh = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
    let lock = std::fs::File::create(fresh.path().join(LOCK))?;
    lock.lock()?;
    Ok((fresh, lock))
}

/// The folder in which something is to lie; it is made where it is missing.
fn parent(target: &Path) -> io::Result<&Path> {
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent)?;
    Ok(parent)
}

/// Temporary folders begin like this.
const PREFIX: &str = ".tukhum-";
/// The file in a temporary folder that its run holds locked.
const LOCK: &str = "lock";

/// Removes what killed runs left behind: temporary folders and files whose lock nobody holds any more.
fn sweep(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.flatten().filter(|e| e.file_name().to_string_lossy().starts_with(PREFIX)) {
        let path = entry.path();
        let lock = if path.is_dir() { path.join(LOCK) } else { path.clone() };
        let left = std::fs::File::open(lock).is_ok_and(|lock| lock.try_lock().is_ok());
        if left {
            // Whatever cannot be removed is only untidy.
            let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
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

/// Appends lines to a file that is never rewritten: a line whose first cell already stands there is left alone.
///
/// The file begins with `header`. What stands in it stays byte for byte, also what a reader added; the new
/// text is written beside it and takes its place in one rename. Returns how many lines were added; with none
/// the file is not touched.
pub fn append_missing(path: &Path, header: &str, lines: &[String]) -> io::Result<usize> {
    let key = |line: &str| line.split(',').next().unwrap_or(line).to_owned();
    let old = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    if old.lines().next().is_some_and(|first| first != header) {
        return Err(io::Error::other(format!("{} begins with another header than `{header}`: move it aside", path.display())));
    }
    let mut there: std::collections::BTreeSet<String> = old.lines().skip(1).map(key).collect();
    let new: Vec<&String> = lines.iter().filter(|line| there.insert(key(line))).collect();
    if new.is_empty() {
        return Ok(0);
    }
    let mut text = if old.is_empty() { format!("{header}\n") } else { old };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    for line in &new {
        text.push_str(line);
        text.push('\n');
    }
    write_file(path, &text)?;
    Ok(new.len())
}

/// Writes a file beside its place, then renames it: whoever stops the program at any moment finds the
/// old file or the new one, whole.
pub fn write_file(path: &Path, contents: impl AsRef<[u8]>) -> io::Result<()> {
    let parent = parent(path)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX);
    // Readable by whom the user's mask lets read, as any other file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(parent)?;
    file.as_file().lock()?;
    file.write_all(contents.as_ref())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
