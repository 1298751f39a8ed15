//! What the studio does with the workspace. It is read anew for every page, so that a page shows what lies there now.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::civil::Date;

use crate::cli::args::SEED;
use crate::cli::report::publish;
use crate::cli::{Failure, counted};
use crate::datasets::{REGIONS, sha256};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::edition::{Edition, Sources};
use crate::framework::UnitKind;
use crate::output::write_file;
use crate::report::compare::{Moved, compare};
use crate::report::render::{self, Format, Wanted};
use crate::report;
use crate::studies::weights::{SetComparison, compare_sets};
use crate::text::{Language, parse_day};
use crate::workspace::Workspace;

/// A workspace and who writes to it.
pub struct Desk {
    /// None for the copy inside the program, to which nothing can be written.
    folder: Option<PathBuf>,
    level: u8,
    /// One writer at a time: what it saw of a file holds until it has written.
    writing: Mutex<()>,
}

/// Why something was not done, with the status of the answer.
pub struct Refusal {
    pub status: u16,
    pub why: String,
}

impl Refusal {
    fn new(status: u16, why: impl Into<String>) -> Self {
        Self { status, why: why.into() }
    }
}

impl From<Diagnostics> for Refusal {
    fn from(problems: Diagnostics) -> Self {
        Self::new(422, format!("{}{}", problems.render(false), counted(&problems)))
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Problems(problems) => problems.into(),
            Failure::Closed => Self::new(500, "the output was closed"),
        }
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self::new(500, error.to_string())
    }
}

/// A saved set as a page sees it.
pub struct Saved {
    pub kind: UnitKind,
    pub name: String,
    pub text: String,
    /// Hash of what the page saw; whoever saves gives it back.
    pub seen: String,
}

impl Desk {
    pub fn new(folder: Option<&Path>, level: u8) -> Self {
        let here = Workspace::is_at(Path::new(".")).then(|| PathBuf::from("."));
        Self { folder: folder.map(Path::to_owned).or(here), level, writing: Mutex::new(()) }
    }

    fn workspace(&self) -> Result<Workspace, Refusal> {
        Ok(match &self.folder {
            Some(folder) => Workspace::read(folder)?,
            None => Workspace::bundled(),
        })
    }

    pub fn level(&self, asked: Option<u8>) -> u8 {
        asked.filter(|l| (1..=3).contains(l)).unwrap_or(self.level)
    }

    fn sources(&self, level: u8) -> Result<Sources, Refusal> {
        Ok(Sources::load_level(&self.workspace()?, level)?.0)
    }

    /// The day asked for, else the last listed edition that the data reach.
    pub fn day(&self, asked: Option<&str>, level: u8) -> Result<Date, Refusal> {
        match asked.filter(|a| !a.is_empty()) {
            Some(text) => parse_day(text).ok_or_else(|| Refusal::new(422, format!("`{text}` is not a day; days are written yyyy-mm-dd"))),
            None => self.sources(level)?.default_day().ok_or_else(|| Refusal::new(422, "no edition is listed; give a day")),
        }
    }

    /// The page of an edition.
    pub fn page(&self, day: Date, level: u8, language: Language) -> Result<String, Refusal> {
        let sources = self.sources(level)?;
        let previous = sources.edition_before(day).map(|d| Edition::compute(&sources, d, false));
        let report = report::build(&sources, &Edition::compute(&sources, day, false), previous.as_ref(), SEED);
        let wanted = Wanted { formats: [Format::Html].into(), languages: [language].into(), hxl: false };
        let files = render::files(&report, &wanted).map_err(|e| Refusal::new(500, e.to_string()))?;
        let bytes = files.into_values().next().unwrap_or_default();
        String::from_utf8(bytes).map_err(|e| Refusal::new(500, e.to_string()))
    }

    /// What moved since the edition before, and that edition's day.
    pub fn changes(&self, day: Date, level: u8) -> Result<Option<(String, Vec<Moved>)>, Refusal> {
        let sources = self.sources(level)?;
        let Some(before) = sources.edition_before(day) else { return Ok(None) };
        let [before, after] = [before, day].map(|d| report::build(&sources, &Edition::compute(&sources, d, false), None, SEED));
        Ok(Some((before.as_of.clone(), compare(&before, &after))))
    }

    /// Weight sets of the workspace that a page can change.
    pub fn saved(&self) -> Result<Vec<Saved>, Refusal> {
        let workspace = self.workspace()?;
        let of = |kind: UnitKind| {
            let folder = folder_of(kind);
            let sets: Vec<Saved> = workspace
                .below(&folder)
                .filter_map(|(path, bytes)| {
                    let name = path.strip_prefix(&folder)?.strip_suffix(".toml")?.to_owned();
                    Some(Saved { kind, name, text: String::from_utf8_lossy(bytes).into_owned(), seen: sha256(bytes) })
                })
                .collect();
            sets
        };
        Ok(UnitKind::ALL.into_iter().flat_map(of).collect())
    }

    /// Ranks under a saved set beside those of the analysts' weights.
    pub fn against_analysts(&self, kind: UnitKind, name: &str, day: Date, level: u8) -> Result<SetComparison, Refusal> {
        let sources = self.sources(level)?;
        let edition = Edition::compute(&sources, day, false);
        let ranking = edition.rankings().into_iter().find(|r| r.framework.kind == kind);
        let ranking = ranking.ok_or_else(|| Refusal::new(404, "there is no such ranking"))?;
        let mut sets = ranking.framework.weight_sets.iter();
        let analysts = sets.clone().next();
        let named = sets.find(|s| s.name == name);
        match analysts.zip(named) {
            Some((analysts, named)) => Ok(compare_sets(ranking, analysts, named)?),
            None => Err(Refusal::new(404, format!("there is no weight set `{name}`"))),
        }
    }

    fn writable(&self) -> Result<&Path, Refusal> {
        self.folder.as_deref().ok_or_else(|| {
            Refusal::new(409, "this is the copy inside the program; start one's own with `tukhum init DIR` and give --workspace DIR")
        })
    }

    /// Saves a weight set, if the workspace stays sound with it and nobody has changed it since the page was read.
    ///
    /// `seen` is the hash of the set that the page showed; empty for a new one.
    pub fn save(&self, kind: UnitKind, name: &str, text: &str, seen: &str) -> Result<String, Refusal> {
        let _writing = self.writing.lock().map_err(|_| Refusal::new(500, "a writer broke off"))?;
        let folder = self.writable()?;
        let fits = !name.is_empty() && name.len() <= 40 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !fits || name == "analysts" {
            return Err(Refusal::new(422, format!("`{name}` is no name for a set: up to 40 of a to z, 0 to 9 and _; `analysts` is taken")));
        }
        let path = format!("{}{name}.toml", folder_of(kind));
        let mut workspace = self.workspace()?;
        let there = workspace.files.get(&path).map(|bytes| sha256(bytes)).unwrap_or_default();
        if there != seen {
            return Err(Refusal::new(409, format!("{path} was changed or made since this page was read; read it again, then save")));
        }
        workspace.files.insert(path.clone(), text.as_bytes().to_vec());
        Sources::load_level(&workspace, REGIONS)?;
        write_file(&folder.join(&path), text)?;
        Ok(path)
    }

    /// Writes the edition of a day below `reports/` of the workspace.
    pub fn write_edition(&self, day: Date, level: u8) -> Result<String, Refusal> {
        let _writing = self.writing.lock().map_err(|_| Refusal::new(500, "a writer broke off"))?;
        let folder = self.writable()?.join("reports");
        let (name, _) = publish(&self.sources(level)?, day, false, SEED, &Wanted::default(), &folder)?;
        Ok(format!("reports/{name}"))
    }
}

fn folder_of(kind: UnitKind) -> String {
    format!("indicators/{}/weights/", kind.name())
}

/// What a page calls a ranking.
pub fn kind(name: &str) -> Result<UnitKind, Refusal> {
    UnitKind::ALL.into_iter().find(|k| k.name() == name).ok_or_else(|| {
        let problem = Diagnostic::error("kind", format!("`{name}` is no ranking"), Place::Argument).rule("rankings are provinces and crossings").help("choose one");
        let mut problems = Diagnostics::default();
        problems.push(problem);
        problems.into()
    })
}
