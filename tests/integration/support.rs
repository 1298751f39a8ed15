//! Workspaces to change and to break, editions to look at, and the program itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use jiff::civil::Date;
use rayon::prelude::*;
use tukhum::datasets::sha256;
use tukhum::diagnostics::Diagnostics;
use tukhum::edition::{Edition, Sources};
use tukhum::report;
use tukhum::report::render::Wanted;
use tukhum::workspace::Workspace;

/// The seed that `tukhum report` takes when none is given.
pub const SEED: u64 = 20_250_701;

/// Days before and after the wave of 1 July 2025.
pub const BEFORE: Date = Date::constant(2024, 12, 31);
pub const AFTER: Date = Date::constant(2025, 7, 31);

/// The files of an edition by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Files(pub BTreeMap<String, Vec<u8>>);

impl std::ops::Index<&str> for Files {
    type Output = str;

    /// The text of a file.
    fn index(&self, name: &str) -> &str {
        std::str::from_utf8(&self.0[name]).expect("the file is text")
    }
}

static BUNDLED: LazyLock<Workspace> = LazyLock::new(Workspace::bundled);
static SMALL: LazyLock<Workspace> = LazyLock::new(small);
static TINY: LazyLock<Workspace> = LazyLock::new(tiny);

/// The bundled workspace, read.
pub static SOURCES: LazyLock<Sources> = LazyLock::new(|| read(&BUNDLED));

/// [`Draft::small`], read.
pub static SMALL_SOURCES: LazyLock<Sources> = LazyLock::new(|| read(&SMALL));

/// The listed editions of the bundled workspace, by day.
pub static EDITIONS: LazyLock<BTreeMap<Date, Edition<'static>>> = LazyLock::new(|| {
    let days: Vec<Date> = SOURCES.editions.iter().map(|e| e.as_of.0).collect();
    days.into_par_iter().map(|day| (day, Edition::compute(&SOURCES, day, false))).collect()
});

/// The files of the listed editions of the bundled workspace, by day.
pub static FILES: LazyLock<BTreeMap<Date, Files>> = LazyLock::new(|| {
    let days: Vec<Date> = EDITIONS.keys().copied().collect();
    days.into_par_iter()
        .map(|day| {
            let previous = SOURCES.edition_before(day).map(|d| &EDITIONS[&d]);
            (day, rendered(&SOURCES, &EDITIONS[&day], previous))
        })
        .collect()
});

/// The files that `tukhum report` writes; `cli::report` does the same, and a test compares the two.
pub fn files(sources: &Sources, day: Date) -> Files {
    let edition = Edition::compute(sources, day, false);
    let previous = sources.edition_before(day).map(|d| Edition::compute(sources, d, false));
    rendered(sources, &edition, previous.as_ref())
}

fn rendered(sources: &Sources, edition: &Edition<'_>, previous: Option<&Edition<'_>>) -> Files {
    let report = report::build(sources, edition, previous, SEED);
    let mut files = report::render::files(&report, &Wanted::default()).expect("an edition renders");
    files.insert("edition.toml".into(), report::render::edition_toml(sources, &report, SEED).into_bytes());
    Files(files)
}

/// Reads a workspace that is expected to be sound.
pub fn read(workspace: &Workspace) -> Sources {
    match Sources::load(workspace) {
        Ok((sources, _)) => sources,
        Err(problems) => panic!("the workspace is refused:\n{problems}"),
    }
}

/// A workspace in memory that a test changes file by file.
#[derive(Clone)]
pub struct Draft(Workspace);

impl Draft {
    /// The whole bundled workspace.
    pub fn bundled() -> Self {
        Self(BUNDLED.clone())
    }

    /// The bundled workspace with the long tables cut to their first rows.
    pub fn small() -> Self {
        Self(SMALL.clone())
    }

    /// The bundled workspace with units and crossings but no events or facts: it loads in a quarter of the time.
    pub fn tiny() -> Self {
        Self(TINY.clone())
    }

    pub fn text(&self, path: &str) -> &str {
        let bytes = self.0.files.get(path).unwrap_or_else(|| panic!("there is no {path}"));
        std::str::from_utf8(bytes).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// Replaces the one occurrence of `from` in a file.
    pub fn replace(self, path: &str, from: &str, to: &str) -> Self {
        let text = self.text(path);
        assert_eq!(text.matches(from).count(), 1, "`{from}` does not occur once in {path}");
        let text = text.replacen(from, to, 1);
        self.set(path, text)
    }

    pub fn set(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.files.insert(path.into(), bytes.into());
        self
    }

    pub fn append(self, path: &str, text: &str) -> Self {
        let text = format!("{}{text}", self.text(path));
        self.set(path, text)
    }

    pub fn remove(mut self, path: &str) -> Self {
        assert!(self.0.files.remove(path).is_some(), "there is no {path}");
        self
    }

    /// Gives a table other bytes, and its manifest the hash of them.
    pub fn set_table(self, dataset: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.set(&table(dataset), bytes).rehash(dataset)
    }

    /// Replaces the one occurrence of `from` in a table, and rehashes it.
    pub fn replace_in_table(self, dataset: &str, from: &str, to: &str) -> Self {
        self.replace(&table(dataset), from, to).rehash(dataset)
    }

    /// Appends a line to a table, and rehashes it.
    pub fn append_line(self, dataset: &str, line: &str) -> Self {
        self.append(&table(dataset), &format!("{line}\n")).rehash(dataset)
    }

    /// Appends a changed copy of the first row that fits to a table, and rehashes it.
    pub fn append_copy(self, dataset: &str, fits: impl Fn(&Row) -> bool, change: &[(&str, &str)]) -> Self {
        let mut row = self.rows(dataset).into_iter().find(fits).unwrap_or_else(|| panic!("no row of {dataset} fits"));
        for (column, cell) in change {
            row.set(column, cell);
        }
        let mut line = csv::Writer::from_writer(Vec::new());
        line.write_record(&row.cells).expect("the row is written");
        let line = String::from_utf8(line.into_inner().expect("the row is written")).expect("the row is text");
        self.append_line(dataset, line.trim_end())
    }

    /// Changes cells of every row that fits, and rehashes the table.
    pub fn change_rows(self, dataset: &str, fits: impl Fn(&Row) -> bool, change: impl Fn(&mut Row)) -> Self {
        let mut rows = self.rows(dataset);
        let mut changed = 0;
        for row in rows.iter_mut().filter(|r| fits(r)) {
            change(row);
            changed += 1;
        }
        assert!(changed > 0, "no row of {dataset} fits");
        let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
        out.write_record(&rows[0].header).expect("the header is written");
        for row in &rows {
            out.write_record(&row.cells).expect("the row is written");
        }
        let bytes = out.into_inner().expect("the table is written");
        self.set_table(dataset, bytes)
    }

    pub fn rows(&self, dataset: &str) -> Vec<Row> {
        let mut reader = csv::Reader::from_reader(self.0.files[&table(dataset)].as_slice());
        let header: Vec<String> = reader.headers().expect("the table has a header").iter().map(str::to_owned).collect();
        let cells = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
        reader.records().map(|r| Row { header: header.clone(), cells: cells(r.expect("the row is read")) }).collect()
    }

    /// Writes the hash that a table has now into its manifest.
    pub fn rehash(self, dataset: &str) -> Self {
        let hash = sha256(&self.0.files[&table(dataset)]);
        let path = manifest(dataset);
        let text = self.text(&path).to_owned();
        let start = text.find("\nsha256 = \"").expect("the manifest has a hash") + "\nsha256 = \"".len();
        let end = start + text[start..].find('"').expect("the hash is closed");
        self.set(&path, format!("{}{hash}{}", &text[..start], &text[end..]))
    }

    pub fn workspace(&self) -> &Workspace {
        &self.0
    }

    pub fn load(&self) -> Result<(Sources, Diagnostics), Diagnostics> {
        Sources::load(&self.0)
    }

    pub fn read(&self) -> Sources {
        read(&self.0)
    }

    /// Everything that the workspace is refused for, as a reader sees it.
    pub fn problems(&self) -> String {
        match self.load() {
            Ok(_) => panic!("the workspace is accepted"),
            Err(problems) => problems.render(false),
        }
    }

    /// Writes the workspace below a folder.
    pub fn write(&self, folder: &Path) {
        for (path, bytes) in &self.0.files {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folders can be made");
            std::fs::write(path, bytes).expect("files can be written");
        }
    }
}

/// A row of a table with the names of its columns.
#[derive(Clone, Debug)]
pub struct Row {
    header: Vec<String>,
    cells: Vec<String>,
}

impl Row {
    fn column(&self, name: &str) -> usize {
        self.header.iter().position(|h| h == name).unwrap_or_else(|| panic!("there is no column `{name}`"))
    }

    pub fn get(&self, name: &str) -> &str {
        &self.cells[self.column(name)]
    }

    pub fn set(&mut self, name: &str, cell: &str) {
        let column = self.column(name);
        self.cells[column] = cell.into();
    }
}

/// Path of a dataset's table.
pub fn table(dataset: &str) -> String {
    format!("datasets/{dataset}/{dataset}.csv")
}

/// Path of a dataset's manifest.
pub fn manifest(dataset: &str) -> String {
    format!("datasets/{dataset}/manifest.toml")
}

/// Rows that stay of each long table.
const ROWS_KEPT: usize = 60;

fn small() -> Workspace {
    let mut draft = Draft::bundled();
    let long = ["ucdp_events", "ucdp_counts_24_1_admin1", "ucdp_counts_24_1_admin2", "ucdp_counts_24_1_cells", "ucdp_counts_25_1_admin1", "ucdp_counts_26_1_country"];
    for dataset in long {
        let text: String = draft.text(&table(dataset)).lines().take(ROWS_KEPT + 1).map(|l| format!("{l}\n")).collect();
        draft = draft.set_table(dataset, text);
    }
    draft.0
}

fn tiny() -> Workspace {
    let mut draft = Draft::bundled();
    let manifests: Vec<String> = draft.0.files.keys().filter_map(|p| p.strip_suffix("/manifest.toml")?.strip_prefix("datasets/").map(str::to_owned)).collect();
    for dataset in manifests.iter().filter(|d| !["units", "crossings", "boundaries", "borders"].contains(&d.as_str())) {
        let header = format!("{}\n", draft.text(&table(dataset)).lines().next().expect("a table has a header"));
        draft = draft.set_table(dataset, header);
    }
    draft.0
}

/// The program with nothing of the caller's surroundings that could matter.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tukhum"));
    command.current_dir(folder);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "TERM", "RUST_BACKTRACE", "TZ", "LANG", "LC_ALL"] {
        command.env_remove(name);
    }
    command
}

/// Runs the program.
pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    program(folder).args(arguments).output().expect("the program starts")
}

pub fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("the output is UTF-8")
}

pub fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("the messages are UTF-8")
}

/// All files below a folder with their paths.
pub fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap_or_else(|e| panic!("{}: {e}", next.display())) {
            let path = entry.expect("the folder is read").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("the file is below the folder").to_owned();
                files.insert(name, std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())));
            }
        }
    }
    files
}

/// The folder of the package.
pub fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
