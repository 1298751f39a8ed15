use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use super::args::ImportArgs;
use super::import::{check, contents};
use super::{FINE, Failure, load};
use crate::datasets::REGIONS;
use crate::diagnostics::{Diagnostic, Place};
use crate::import::boundaries::{self, Pair, Request, units_of};
use crate::output::write_folder;
use crate::text::parse_day;
use crate::workspace::Workspace;

/// So many repaired units are named on the screen.
const NAMED: usize = 20;
/// Imported units come after those that the workspace has, unless somebody says otherwise.
const PRECEDENCE: u32 = 10;

/// Imports boundary files into a workspace's folder.
pub fn run(args: &ImportArgs, files: &[(String, Vec<u8>)], folder: &Path, out: &mut impl Write) -> Result<u8, Failure> {
    if let Some((name, _)) = files.iter().find(|(_, bytes)| !boundaries::recognise(bytes)) {
        return Err(Diagnostic::error("mixed-files", "this file holds no boundaries, another one does", Place::file(name))
            .rule("an import is of boundaries or of events")
            .help("import them one after the other")
            .into());
    }
    let published = args.published.as_deref().map(|text| {
        parse_day(text).ok_or_else(|| Diagnostic::error("wrong-day", format!("`{text}` is not a day"), Place::Argument).rule("days are written yyyy-mm-dd"))
    });
    let request = Request {
        name: args.name.clone(),
        level: args.level,
        published: published.transpose()?,
        precedence: args.precedence.unwrap_or(PRECEDENCE),
    };
    let workspace = Workspace::read(folder)?;
    let sources = load(&workspace, REGIONS)?;
    let pairs = boundaries::import(files, &request, &sources.datasets, &sources.resolver)?;
    let fresh = pairs.iter().map(|pair| is_fresh(pair, folder)).collect::<Result<Vec<_>, _>>()?;
    // Every level is in order before the first is written.
    let new = || pairs.iter().zip(&fresh).filter(|(_, fresh)| **fresh).map(|(pair, _)| pair);
    let named: Vec<_> = new().flat_map(datasets).collect();
    if !named.is_empty() {
        check(workspace, named.iter().map(|(name, files)| (name.as_str(), *files)))?;
    }
    for (name, files) in named {
        write_folder(&folder.join("datasets").join(name), files)?;
    }
    for (pair, fresh) in pairs.iter().zip(fresh) {
        let target = folder.join("datasets").join(&pair.name);
        if fresh {
            writeln!(out, "{}: {}, published {}\n", target.display(), pair.title, pair.published)?;
            writeln!(out, "{}", pair.account.text(NAMED))?;
        } else {
            writeln!(out, "{}: there already, from the same file; nothing changes", target.display())?;
        }
    }
    Ok(FINE)
}

/// The two datasets in the order in which they are written: first the boundaries, which mean nothing without their units.
fn datasets(pair: &Pair) -> [(String, &BTreeMap<String, String>); 2] {
    [(pair.name.clone(), &pair.boundaries), (units_of(&pair.name), &pair.units)]
}

/// Whether a level is not in the workspace yet. One of its name from another file is refused.
fn is_fresh(pair: &Pair, folder: &Path) -> Result<bool, Failure> {
    let mut fresh = false;
    for (name, files) in datasets(pair) {
        let before = contents(&folder.join("datasets").join(&name))?;
        let same = before.get("origins.toml") == files.get("origins.toml");
        if !before.is_empty() && !same {
            return Err(Diagnostic::error("boundaries-known", format!("`{name}` was imported from another file"), Place::Argument)
                .rule("a dataset of boundaries is one file")
                .help("give the new one another name with --as, or remove the folder first")
                .into());
        }
        fresh |= !same;
    }
    Ok(fresh)
}
