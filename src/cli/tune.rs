use std::io::Write;
use std::path::Path;

use super::args::{Format, KindArg, TuneArgs};
use super::backtest::{months, radius};
use super::paragraph::say;
use super::table::{csv, number, table};
use super::{FINDINGS, FINE, Failure};
use crate::diagnostics::{Diagnostic, Place};
use crate::edition::Sources;
use crate::foresight::{Estimate, TunePlan, Tuned, crossings, provinces, tune};
use crate::framework::UnitKind;
use crate::output::write_new;
use crate::text::Month;

pub fn run(args: &TuneArgs, sources: &Sources, out: &mut impl Write) -> Result<u8, Failure> {
    if !(1..=24).contains(&args.horizon) {
        return Err(Diagnostic::error("wrong-horizon", format!("{} months ahead", args.horizon), Place::Argument).rule("1 to 24 months ahead").help("for example --horizon 1").into());
    }
    let (data, resolver) = (&sources.datasets, &sources.resolver);
    let (kind, panel) = match args.kind {
        KindArg::Provinces => (UnitKind::Provinces, provinces(data, resolver)),
        KindArg::Crossings => (UnitKind::Crossings, crossings(data, resolver, radius(args.radius)?)),
    };
    // Most indicators read the ledger, which begins in 2021: before 2022 an edition has little to weigh.
    let parts = [2022, 2024, 2025].map(|year| Month(year * 12));
    let to = panel.outcomes.last().minus(args.horizon as i32);
    if to < parts[2] {
        return Err(Diagnostic::error("tune-too-early", format!("outcomes are known up to {}", panel.outcomes.last()), Place::Argument)
            .rule("weights are fitted on origins of 2022 and 2023, a bound is chosen on those of 2024, and the gain is shown on later ones")
            .help("import newer counts")
            .into());
    }
    let found = tune(sources, &panel, &TunePlan { kind, horizon: args.horizon, parts, to, seed: args.seed });
    match args.format {
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&found).map_err(std::io::Error::other)?)?,
        Format::Csv => write!(out, "{}", rows(&found)?)?,
        Format::Table => write!(out, "{}", page(&found))?,
    }
    match &args.write {
        Some(folder) => write(&found, folder, to, out),
        None => Ok(FINE),
    }
}

/// Writes a gain as a new weight set, never over one that is there; where there is none, nothing is written.
fn write(found: &Tuned, folder: &Path, to: Month, out: &mut impl Write) -> Result<u8, Failure> {
    if !found.is_gain() {
        return Ok(FINDINGS);
    }
    let name = format!("tuned_{}", to.to_string().replace('-', "_"));
    let files = std::iter::once((format!("{name}.toml"), weight_set(found, &name).into_bytes())).collect();
    write_new(folder, &files)?;
    writeln!(out, "written: {}", folder.join(format!("{name}.toml")).display())?;
    Ok(FINE)
}

fn rows(found: &Tuned) -> std::io::Result<String> {
    let rows = found.weights.iter().map(|w| vec![w.child.clone(), number(Some(w.analysts)), number(Some(w.proposed)), number(Some(w.up)), number(Some(w.down))]);
    csv(&["child", "analysts", "proposed", "share_up", "share_down"], rows)
}

/// A difference with its interval.
fn ranged(e: &Estimate) -> String {
    e.interval.map_or_else(|| format!("{:+.3}", e.value), |(low, high)| format!("{:+.3} ({low:+.3} to {high:+.3})", e.value))
}

fn page(found: &Tuned) -> String {
    let mut out = String::new();
    say(&mut out, "", &format!("TUNE the {}: which weights below `{}` would have ranked units by a deadly event {} ahead?", found.kind, found.dimension, months(found.horizon)));
    let precision = |p: Option<f64>| p.map_or_else(|| "–".into(), |p| format!("{p:.3}"));
    let of = ["fit", "choose the bound", "shown: not used before"];
    let parts = found.parts.iter().zip(of).map(|(p, what)| vec![what.into(), p.from.clone(), p.to.clone(), p.cases.to_string(), p.events.to_string(), precision(p.analysts), precision(p.proposed)]).collect();
    out.push_str(&format!("\n{}", table(&["origins to", "from", "to", "cases", "events", "AP analysts", "AP proposed"], &[3, 4, 5, 6], parts)));
    let percent = |x: f64| format!("{:.0} %", x * 100.0);
    let weights = found.weights.iter().map(|w| vec![w.child.clone(), percent(w.analysts), percent(w.proposed), percent(w.up), percent(w.down)]).collect();
    out.push_str(&format!("\n{}\n", table(&["dimension", "analysts", "proposed", "up", "down"], &[1, 2, 3, 4], weights)));
    let moved = if found.bound > 0.0 { format!("up to {} of the analysts' weight up or down was best", percent(found.bound)) } else { "staying was best, of 0, 25 and 50 %".into() };
    say(&mut out, "", &format!("How far a weight may move: {moved}. up, down: shares of resampled origins in which the best weights move so. The ledger that most indicators read begins in 2021, and releases by day in 2024, so nothing can be fitted on earlier years."));
    if found.parts.iter().any(|p| p.analysts.is_none()) {
        say(&mut out, "", "A part has too few events to be scored: nothing could be fitted or chosen.");
    }
    let gain = found.gain.as_ref().map_or_else(|| "none, the weights stay".into(), ranged);
    say(&mut out, "", &format!("\nGain in average precision on origins not used before, with the middle 90 % of a bootstrap over origins: {gain}."));
    say(&mut out, "", if found.is_gain() { "The proposed set ranks better there. It is a proposal: it foresees where violence goes on, and weights also say what a country cares about." } else { "Keep your weights: no gain that can be told from chance." });
    out
}

/// The proposal as a file of `indicators/<kind>/weights/`.
fn weight_set(found: &Tuned, name: &str) -> String {
    let shown = found.parts.last();
    let span = |p: Option<&crate::foresight::TunedPart>| p.map(|p| format!("{} to {}", p.from, p.to)).unwrap_or_default();
    let gain = found.gain.as_ref().map(ranged).unwrap_or_default();
    let weights: String = found.weights.iter().map(|w| format!("{} = {:.4}\n", w.child, w.proposed)).collect();
    format!(
        "#:schema ../../../docs/schemas/weight_set.json\nname = \"{name}\"\nversion = \"1.0\"\nrationale = \"Tuned by tukhum {}: weights below {} within {:.0} % of the analysts', by average precision of a deadly event {} ahead on origins from {}; bound chosen on origins from {}. Gain on origins {} that were not used: {gain}.\"\n\n[method]\nkind = \"given\"\n\n[method.weights.{}]\n{weights}",
        env!("CARGO_PKG_VERSION"),
        found.dimension,
        found.bound * 100.0,
        months(found.horizon),
        span(found.parts.first()),
        span(found.parts.get(1)),
        span(shown),
        found.dimension,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foresight::{TunedPart, TunedWeight};
    use crate::workspace::Workspace;

    /// A result whose gain lies in an interval.
    fn found(interval: (f64, f64)) -> Tuned {
        let part = |from: &str, to: &str| TunedPart { from: from.into(), to: to.into(), cases: 100, events: 20, analysts: Some(0.5), proposed: Some(0.6) };
        let weight = |child: &str, proposed| TunedWeight { child: child.into(), analysts: 0.25, proposed, up: 0.9, down: 0.0 };
        Tuned {
            kind: "provinces".into(),
            horizon: 1,
            dimension: "risk".into(),
            parts: vec![part("2022-01", "2023-12"), part("2024-01", "2024-12"), part("2025-01", "2026-07")],
            bound: 0.25,
            weights: vec![weight("threat", 0.4), weight("control", 0.2), weight("exposure", 0.2), weight("protection", 0.2)],
            gain: Some(Estimate { value: 0.02, interval: Some(interval) }),
        }
    }

    #[test]
    fn a_gain_becomes_a_new_weight_set_with_where_it_comes_from() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tuned_2026_07.toml");
        let month = Month(2026 * 12 + 6);
        let mut out = Vec::new();
        assert!(write(&found((0.01, 0.03)), folder.path(), month, &mut out).is_ok_and(|code| code == FINE));
        assert!(String::from_utf8(out).unwrap().contains("tuned_2026_07.toml"));
        let text = std::fs::read_to_string(&path).unwrap();
        for part in ["name = \"tuned_2026_07\"", "2022-01 to 2023-12", "2024-01 to 2024-12", "2025-01 to 2026-07", "+0.020 (+0.010 to +0.030)", "within 25 %", "threat = 0.4000"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        // The program takes it as it is.
        let mut workspace = Workspace::bundled();
        workspace.files.insert("indicators/provinces/weights/tuned_2026_07.toml".into(), text.clone().into_bytes());
        let sources = Sources::load(&workspace).unwrap_or_else(|problems| panic!("{problems}")).0;
        assert!(sources.framework(UnitKind::Provinces).weight_sets.iter().any(|set| set.name == "tuned_2026_07"));
        // It is never written over.
        assert!(write(&found((0.02, 0.04)), folder.path(), month, &mut Vec::new()).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn without_a_sure_gain_the_weights_stay() {
        let folder = tempfile::tempdir().unwrap();
        let chance = found((-0.001, 0.03));
        assert!(write(&chance, folder.path(), Month(0), &mut Vec::new()).is_ok_and(|code| code == FINDINGS));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(page(&chance).contains("Keep your weights"));
        assert!(!page(&found((0.001, 0.03))).contains("Keep your weights"));
    }
}
