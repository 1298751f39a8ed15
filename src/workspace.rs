//! The files of a workspace: `indicators/`, `datasets/` and the log of forecasts, from a folder or from the copy inside the program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use crate::diagnostics::{Diagnostic, Diagnostics, Place};

static INDICATORS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/indicators");
static DATASETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/datasets");
static FORECAST_LOG: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/reports/forecasts.csv"));

/// What earlier editions foretold: the one result that is also read, since later editions score it.
pub const FORECASTS: &str = "reports/forecasts.csv";

/// A dataset table may not be larger than this when it is read whole.
const LARGEST_FILE: u64 = 1 << 30;

/// Paths relative to the workspace (with `/`), and the bytes of each file.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    /// What a reader calls it: a folder, or `bundled`.
    pub name: String,
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Workspace {
    /// The workspace inside the program.
    pub fn bundled() -> Self {
        let mut files = BTreeMap::new();
        collect_embedded(&INDICATORS, "indicators", &mut files);
        collect_embedded(&DATASETS, "datasets", &mut files);
        files.insert(FORECASTS.to_owned(), FORECAST_LOG.to_vec());
        Self { name: "bundled".into(), files }
    }

    /// Whether a folder looks like a workspace: it has both `indicators` and `datasets`.
    pub fn is_at(folder: &Path) -> bool {
        folder.join("indicators").is_dir() && folder.join("datasets").is_dir()
    }

    /// Reads a folder. All unreadable files are reported at once.
    pub fn read(folder: &Path) -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::default();
        let mut files = BTreeMap::new();
        for top in ["indicators", "datasets"] {
            collect_folder(&folder.join(top), top, &mut files, &mut problems);
        }
        let log = folder.join(FORECASTS);
        if log.exists() {
            collect_file(&log, FORECASTS.to_owned(), &mut files, &mut problems);
        }
        if problems.has_errors() {
            return Err(problems);
        }
        Ok(Self { name: folder.display().to_string(), files })
    }

    /// The files below a folder, in the order of their paths.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.files
            .range(folder.to_owned()..)
            .take_while(move |(path, _)| path.starts_with(folder))
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }
}

fn collect_embedded(dir: &Dir<'_>, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for file in dir.files() {
        if let Some(path) = file.path().to_str() {
            files.insert(format!("{prefix}/{}", path.replace('\\', "/")), file.contents().to_vec());
        }
    }
    for inner in dir.dirs() {
        collect_embedded(inner, prefix, files);
    }
}

fn collect_folder(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>, problems: &mut Diagnostics) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return problems.push(unreadable(prefix, &error)),
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|e| e.path())).collect();
    paths.sort();
    for path in paths {
        let Some(name) = path.file_name().and_then(|n| n.to_str()) else {
            problems.push(
                Diagnostic::error("file-name-not-utf8", format!("{:?} is not valid UTF-8", path.file_name()), Place::file(prefix))
                    .rule("file names in a workspace are UTF-8")
                    .help("rename the file"),
            );
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        let inner = format!("{prefix}/{name}");
        if path.is_dir() {
            collect_folder(&path, &inner, files, problems);
            continue;
        }
        collect_file(&path, inner, files, problems);
    }
}

fn collect_file(path: &Path, name: String, files: &mut BTreeMap<String, Vec<u8>>, problems: &mut Diagnostics) {
    match std::fs::metadata(path).and_then(|meta| {
        if meta.len() > LARGEST_FILE {
            Err(std::io::Error::other(format!("{} bytes are more than {LARGEST_FILE}", meta.len())))
        } else {
            std::fs::read(path)
        }
    }) {
        Ok(bytes) => {
            files.insert(name, bytes);
        }
        Err(error) => problems.push(unreadable(&name, &error)),
    }
}

fn unreadable(path: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error("unreadable", format!("cannot read: {error}"), Place::file(path))
        .rule("every file of a workspace can be read")
        .help("check the path and the permissions")
}
