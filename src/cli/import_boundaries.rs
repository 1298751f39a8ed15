use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use super::args::ImportArgs;
use super::import::{check, contents};
use super::{FINE, Failure};
use crate::diagnostics::{Diagnostic, Place};
use crate::edition::Sources;
use crate::import::boundaries::{self, Pair, Request, units_of};
use crate::output::write_folder;
use crate::text::parse_day;

/// So many repaired units are named on the screen.
const NAMED: usize = 20;
/// Imported units come after those that the workspace has, unless somebody says otherwise.
const PRECEDENCE: u32 = 10;

/// Imports boundary files into a workspace's folder.
pub fn run(args: &ImportArgs, files: &[(String, Vec<u8>)], folder: &Path, sources: &Sources, out: &mut impl Write) -> Result<u8, Failure> {
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
    for pair in boundaries::import(files, &request, &sources.datasets, &sources.resolver)? {
        write(&pair, folder, out)?;
    }
    Ok(FINE)
}

/// Writes the two datasets: first the boundaries, which mean nothing without their units, then the units.
fn write(pair: &Pair, folder: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let datasets = [(pair.name.clone(), &pair.boundaries), (units_of(&pair.name), &pair.units)];
    let mut known = 0;
    for (name, files) in &datasets {
        let before = contents(&folder.join("datasets").join(name))?;
        let same = before.get("origins.toml") == files.get("origins.toml");
        if !before.is_empty() && !same {
            return Err(Diagnostic::error("boundaries-known", format!("`{name}` was imported from another file"), Place::Argument)
                .rule("a dataset of boundaries is one file")
                .help("give the new one another name with --as, or remove the folder first")
                .into());
        }
        known += usize::from(same);
    }
    let target = folder.join("datasets").join(&pair.name);
    if known == datasets.len() {
        writeln!(out, "{}: there already, from the same file; nothing changes", target.display())?;
        return Ok(());
    }
    check(folder, &datasets.iter().map(|(name, files)| (name.as_str(), *files)).collect::<BTreeMap<_, _>>())?;
    for (name, files) in datasets {
        write_folder(&folder.join("datasets").join(name), files)?;
    }
    writeln!(out, "{}: {}, published {}\n", target.display(), pair.title, pair.published)?;
    writeln!(out, "{}", pair.account.text(NAMED))?;
    Ok(())
}
