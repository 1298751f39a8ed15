//! The editions in `reports/` are what the program writes today.

use std::collections::BTreeSet;

use super::support::*;

#[test]
fn committed_editions_are_current() {
    let mut stale = Vec::new();
    for (day, files) in FILES.iter() {
        let folder = package().join("reports").join(day.to_string());
        if !folder.is_dir() {
            stale.push(format!("reports/{day} does not exist"));
            continue;
        }
        let committed = contents(&folder);
        let names: BTreeSet<String> = committed.keys().map(|p| p.display().to_string()).chain(files.0.keys().cloned()).collect();
        for name in names {
            let (now, then) = (files.0.get(&name).map(Vec::as_slice), committed.get(std::path::Path::new(&name)).map(Vec::as_slice));
            if now != then {
                stale.push(difference(&format!("reports/{day}/{name}"), then, now));
            }
        }
    }
    assert!(stale.is_empty(), "write the editions again and read what changed:\n{}", stale.join("\n"));
}

/// Every listed day is there, and nothing else is.
#[test]
fn the_listed_editions_are_there() {
    let listed: BTreeSet<String> = SOURCES.editions.iter().map(|e| e.as_of.to_string()).collect();
    let entries = std::fs::read_dir(package().join("reports")).expect("reports/ is there");
    let there: BTreeSet<String> = entries.filter_map(|e| e.ok()?.file_name().into_string().ok()).filter(|n| !n.starts_with('.')).collect();
    let beside = ["forecasts.csv", "track-record.csv", "index.html", "index.fr.html", "index.ar.html"].map(str::to_owned);
    let with_record: BTreeSet<String> = listed.iter().cloned().chain(beside).collect();
    assert_eq!(there, with_record);
    for day in ["2024-12-31", "2025-07-31", "2025-12-31", "2026-10-31"] {
        assert!(listed.contains(day), "{day} is not listed");
    }
}

/// The page that lists them is what the program writes today.
#[test]
fn the_list_of_editions_is_current() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let reports = folder.path().join("reports");
    for (path, bytes) in contents(&package().join("reports")) {
        let path = reports.join(path);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folders can be made");
        std::fs::write(path, bytes).expect("files can be written");
    }
    // Any run writes it; this one adds no edition.
    let (last, _) = FILES.last_key_value().expect("an edition");
    let output = run(folder.path(), &["report", "--as-of", &last.to_string()]);
    assert!(output.status.success(), "{}", stderr(&output));
    for name in ["index.html", "index.fr.html", "index.ar.html"] {
        let (now, then) = (std::fs::read(reports.join(name)).ok(), std::fs::read(package().join("reports").join(name)).ok());
        assert!(now == then, "{}", difference(&format!("reports/{name}"), then.as_deref(), now.as_deref()));
    }
}

/// The default is the last listed edition that the data reach.
#[test]
fn the_default_day_is_the_last_edition() {
    let last = EDITIONS.keys().next_back().copied();
    assert_eq!(SOURCES.default_day(), last);
}

fn difference(name: &str, then: Option<&[u8]>, now: Option<&[u8]>) -> String {
    let (Some(then), Some(now)) = (then, now) else {
        return format!("{name}: {}", if then.is_some() { "is no longer written" } else { "is missing" });
    };
    let line = then.split(|b| *b == b'\n').zip(now.split(|b| *b == b'\n')).position(|(a, b)| a != b);
    format!("{name}: differs from line {}", line.map_or("the end".into(), |l| (l + 1).to_string()))
}
