use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::IndexArgs;
use super::table::{number, rank, table};
use super::{FINE, Failure, tell};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::output::write_folder;
use crate::tables::coinr::{self, Loaded, Wishes};
use crate::tables::file::{self, IndexFile};
use crate::tables::{Computed, Sheet, Step, compute};
use crate::toml_file;

/// Units of the ranking that are printed.
const SHOWN: usize = 10;

pub fn run(args: &IndexArgs, out: &mut impl Write) -> Result<u8, Failure> {
    let mut problems = Diagnostics::default();
    let loaded = load(args, &mut problems);
    let computed = loaded.and_then(|(loaded, key)| {
        let Loaded { model, units, columns, groups } = loaded;
        let computed = compute(&model, units, &columns, &groups, &mut problems)?;
        Some((model, computed, key))
    });
    let Some((model, computed, key)) = computed else { return Err(problems.into()) };
    let mut files = crate::tables::files(&model, &computed, &key);
    if args.json {
        let mut text = serde_json::to_string_pretty(&crate::tables::json(&model, &computed)).map_err(std::io::Error::other)?;
        text.push('\n');
        files.insert("index.json".into(), text);
    }
    refuse_foreign(&args.out)?;
    write_folder(&args.out, &files)?;
    if !problems.is_empty() {
        tell(&problems);
    }
    let root = model.tree.root();
    writeln!(out, "{} units, {} indicators, {} aggregates", computed.units.len(), model.indicators.len(), model.tree.nodes().len())?;
    changed(&computed, out)?;
    for (node, without) in model.tree.nodes().iter().zip(&computed.uncovered).filter(|(_, n)| **n > 0) {
        writeln!(out, "{}: too little is known of {without} units", node.id)?;
    }
    let mut order: Vec<usize> = (0..computed.units.len()).collect();
    let place = |unit: usize| computed.ranks.get(root).and_then(|r| r.get(unit).copied().flatten());
    order.sort_by_key(|unit| (place(*unit).unwrap_or(usize::MAX), *unit));
    let score = |unit: usize| computed.scores.get(root).and_then(|s| s.get(unit).copied().flatten());
    let rows = order.iter().take(SHOWN).map(|u| vec![rank(place(*u)), computed.units[*u].clone(), number(score(*u))]).collect();
    let name = model.tree.nodes().get(root).map_or("score", |n| n.id.as_str());
    writeln!(out)?;
    write!(out, "{}", table(&["rank", &key, name], &[0, 2], rows))?;
    writeln!(out, "\n{}", args.out.display())?;
    for (name, text) in &files {
        writeln!(out, "  {name} ({} KB)", text.len().div_ceil(1000))?;
    }
    Ok(FINE)
}

/// Names of files that an earlier run may have left.
const OWN: [&str; 7] = ["treated.csv", "normalised.csv", "scores.csv", "ranks.csv", "weights.csv", "changes.csv", "index.json"];

/// The folder is replaced as a whole, so that it must not hold anything else.
fn refuse_foreign(folder: &Path) -> Result<(), Failure> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    let mut foreign: Vec<String> =
        entries.filter_map(|e| Some(e.ok()?.file_name().to_string_lossy().into_owned())).filter(|name| !OWN.contains(&name.as_str())).collect();
    foreign.sort();
    let Some(first) = foreign.first() else { return Ok(()) };
    Err(Diagnostic::error("foreign-files", format!("the folder holds other files, such as `{first}`"), Place::file(folder.display().to_string()))
        .rule("results replace a folder as a whole, and only one that holds nothing else")
        .help("choose another folder with --out")
        .into())
}

/// How many cells were changed, and how.
fn changed(computed: &Computed, out: &mut impl Write) -> std::io::Result<()> {
    for (step, words) in [(Step::Imputed, "gaps filled"), (Step::Winsorised, "outliers winsorised"), (Step::Logarithm, "cells replaced by a logarithm")] {
        let cells: Vec<_> = computed.changes.iter().filter(|c| c.step == step).collect();
        let mut columns: Vec<&str> = cells.iter().map(|c| c.indicator.as_str()).collect();
        columns.dedup();
        if !cells.is_empty() {
            writeln!(out, "{words}: {} in {} indicators (changes.csv)", cells.len(), columns.len())?;
        }
    }
    Ok(())
}

/// The model and its table, and the name of the column of units.
fn load(args: &IndexArgs, problems: &mut Diagnostics) -> Option<(Loaded, String)> {
    let sheet = |path: &PathBuf, problems: &mut Diagnostics| {
        let bytes = bytes(path, problems)?;
        Sheet::read(&path.display().to_string(), &bytes, problems)
    };
    match (&args.imeta, &args.idata, &args.framework, &args.data) {
        (Some(meta), Some(data), None, None) => {
            let (meta, data) = (sheet(meta, problems), sheet(data, problems));
            let wishes = Wishes {
                treat: args.treat,
                impute: args.impute.as_deref(),
                group: args.group.as_deref(),
                normalise: &args.normalise,
                operator: &args.operator,
                minimum_coverage: args.min_coverage,
            };
            Some((coinr::load(meta.as_ref(), data.as_ref(), &wishes, problems)?, coinr::KEY.into()))
        }
        (None, None, Some(framework), Some(data)) => {
            let text = bytes(framework, problems);
            let data = sheet(data, problems);
            let (file, source) = toml_file::read::<IndexFile>(&framework.display().to_string(), &text?, problems)?;
            Some((file::load(&file, &source, &data?, problems)?, file.unit_column))
        }
        _ => {
            problems.push(
                Diagnostic::error("inputs", "there is not one framework and one table", Place::Argument)
                    .rule("an index is made from --imeta and --idata, or from --framework and --data")
                    .help("give one of the two pairs"),
            );
            None
        }
    }
}

fn bytes(path: &Path, problems: &mut Diagnostics) -> Option<Vec<u8>> {
    match std::fs::read(path) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            problems.push(
                Diagnostic::error("unreadable", format!("cannot read: {error}"), Place::file(path.display().to_string()))
                    .rule("the file can be read")
                    .help("check the path and the permissions"),
            );
            None
        }
    }
}
