use std::io::Write;

use super::args::Arguments;
use super::{FINDINGS, FINE, Failure, counted, tell, workspace};
use crate::watch;

pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<u8, Failure> {
    let workspace = workspace(arguments)?;
    match watch::load_level(&workspace, arguments.units.level()) {
        Err(problems) => {
            tell(&problems);
            Ok(FINDINGS)
        }
        Ok((sources, _, warnings)) => {
            if !warnings.is_empty() {
                tell(&warnings);
            }
            writeln!(out, "workspace: {}", workspace.name)?;
            writeln!(out, "datasets: {}", sources.datasets.manifests.len())?;
            for kind in crate::framework::UnitKind::ALL {
                let framework = sources.framework(kind);
                writeln!(out, "{}: {} indicators in {} dimensions", kind.name(), framework.indicators.len(), framework.dimensions.len())?;
            }
            writeln!(out, "rules: {}, recommendations: {}", sources.rules.rules.len(), sources.rules.recommendations.len())?;
            if !sources.forecasts.rows.is_empty() {
                writeln!(out, "forecasts: {} rows, each sealed with the one before", sources.forecasts.rows.len())?;
            }
            for line in sources.datasets.cross_check() {
                writeln!(out, "{line}")?;
            }
            writeln!(out, "{}", counted(&warnings))?;
            Ok(FINE)
        }
    }
}
