//! Boundary files as downloaded become two datasets of the workspace: units and their boundaries.
//!
//! A format is recognised by its bytes, a publisher by its columns. Every feature is in the account.

mod account;
mod bytes;
mod columns;
mod countries;
mod dbf;
mod flatgeobuf;
mod geojson;
mod geopackage;
mod layer;
mod rings;
mod shapefile;
mod unpack;
mod units;
mod wkb;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

pub use account::Account;
pub use unpack::recognise;

use crate::datasets::{Datasets, Resolver, sha256};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use columns::Columns;

/// What the caller says of the files.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Dataset of the boundaries; that of the units has `_units` after it.
    pub name: Option<String>,
    /// Overrides the level that the columns tell; of a file with several layers, takes those of this level.
    pub level: Option<u8>,
    /// The day on which the boundaries became known; the file's own day of validity by default.
    pub published: Option<Date>,
    /// Of two sets of units of a country and level the one with the lowest number is used.
    pub precedence: u32,
}

/// The two datasets of a layer.
#[derive(Debug)]
pub struct Pair {
    pub name: String,
    pub title: String,
    pub level: u8,
    pub published: Date,
    /// Files of the folder `NAME_units`, and of the folder `NAME`.
    pub units: BTreeMap<String, String>,
    pub boundaries: BTreeMap<String, String>,
    pub account: Account,
}

/// Name of the dataset of the units that belongs to boundaries.
pub fn units_of(name: &str) -> String {
    format!("{name}_units")
}

/// Reads boundary files into pairs of datasets, one for each layer with areas.
///
/// # Errors
/// A file that cannot be read, a coordinate system other than longitude and latitude on WGS 84, columns of no
/// publisher that is known, a day of publication that nothing tells, two layers of one name: then there is no pair.
/// Features that cannot be used do not stop an import; they are named in the account.
pub fn import(files: &[(String, Vec<u8>)], request: &Request, data: &Datasets, resolver: &Resolver) -> Result<Vec<Pair>, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut pairs: Vec<Pair> = Vec::new();
    for (path, bytes) in files {
        let layers = match unpack::layers(path, bytes) {
            Ok(layers) => layers,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        let hash = sha256(bytes);
        let (mut found, mut refused) = (Vec::new(), Vec::new());
        for layer in layers {
            // With several layers --level chooses among those that tell theirs.
            let told = Columns::recognise(&layer, None);
            match told.or_else(|_| Columns::recognise(&layer, request.level)) {
                Ok(columns) => found.push((layer, columns)),
                Err(why) => refused.push((layer, why)),
            }
        }
        if let Some(level) = request.level {
            match found.as_mut_slice() {
                [(_, only)] => only.level = level,
                _ => found.retain(|(_, columns)| columns.level == level),
            }
        }
        if found.is_empty() {
            let why: Vec<String> = refused.iter().map(|(layer, why)| format!("{}: {why}", layer.name)).collect();
            let why = if why.is_empty() { "no layer is of the level asked for".to_owned() } else { why.join("; ") };
            problems.push(
                Diagnostic::error("unknown-boundaries", why, Place::file(path))
                    .rule("boundaries are recognised by the columns of COD-AB, geoBoundaries, GADM or Natural Earth")
                    .help("rename the columns to adm2_pcode, adm2_en and adm0_pcode (for level 2), or give --level"),
            );
            continue;
        }
        let several = found.len() > 1 || files.len() > 1;
        for (layer, columns) in found {
            let own = write::Origin { path, hash: &hash, layer: &layer.name };
            match write::pair(&layer, &columns, &own, several, request, data, resolver) {
                Ok(mut pair) => {
                    pair.account.notes.extend(refused.iter().map(|(layer, why)| format!("the layer {} was left out: {why}", layer.name)));
                    pairs.push(pair);
                }
                Err(problem) => problems.push(problem),
            }
        }
    }
    let mut names = BTreeSet::new();
    for pair in pairs.iter().filter(|p| !names.insert(p.name.clone())) {
        problems.push(
            Diagnostic::error("same-name", format!("two layers would become the dataset `{}`", pair.name), Place::Argument)
                .rule("a dataset holds one layer")
                .help("import the files one by one, each with its own --as"),
        );
    }
    if problems.has_errors() { Err(problems) } else { Ok(pairs) }
}
