use crate::datasets::REGIONS;
use crate::edition::Sources;
use crate::report::model::Report;

/// What an edition was made from, so that it can be made again: the same inputs give the same bytes.
pub fn edition_toml(sources: &Sources, report: &Report, seed: u64) -> String {
    let mut out = String::from("# What this edition was made from. The same inputs give the same bytes.\n");
    out.push_str(&format!("as_of = {}\nhindsight = {}\nseed = {seed}\nprogram = \"{}\"\n", report.as_of, report.hindsight, report.program));
    if let Some(previous) = &report.previous {
        out.push_str(&format!("previous = {previous}\n"));
    }
    if sources.datasets.layer.level != REGIONS {
        out.push_str(&format!("level = {}\n", sources.datasets.layer.level));
    }
    out.push_str("\n[framework]\n");
    for table in &report.rankings {
        out.push_str(&format!("{} = \"{}\"\n", table.kind, table.version));
    }
    out.push_str("\n# SHA-256 of each input file\n[inputs]\n");
    for (path, hash) in &sources.hashes {
        out.push_str(&format!("\"{path}\" = \"{hash}\"\n"));
    }
    out
}
