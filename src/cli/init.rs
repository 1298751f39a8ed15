use std::io::Write;

use super::args::InitArgs;
use super::{FINE, Failure};
use crate::diagnostics::{Diagnostic, Place};
use crate::workspace::Workspace;

pub fn run(args: &InitArgs, out: &mut impl Write) -> Result<u8, Failure> {
    if args.dir.join("indicators").exists() || args.dir.join("datasets").exists() {
        return Err(Diagnostic::error("exists", "the folder holds a workspace already", Place::file(args.dir.display().to_string()))
            .rule("init never overwrites")
            .help("choose another folder")
            .into());
    }
    let mut files = Workspace::bundled().files;
    for (name, text) in crate::schemas::all() {
        files.insert(format!("docs/schemas/{name}"), text.into_bytes());
    }
    crate::output::write_new(&args.dir, &files)?;
    writeln!(out, "{} files in {}", files.len(), args.dir.display())?;
    writeln!(out, "next: edit them, run `tukhum --workspace {} check`, then `tukhum report`", args.dir.display())?;
    Ok(FINE)
}
