//! Panels of the bundled data, and what forecasters may see of them.

use tukhum::edition::Sources;
use tukhum::foresight::{admin2, crossings, provinces};
use tukhum::text::{Month, parse_day};
use tukhum::workspace::Workspace;

fn month(text: &str) -> Month {
    Month::of(parse_day(&format!("{text}-01")).expect("a day"))
}

fn sources() -> Sources {
    Sources::load(&Workspace::bundled()).expect("the bundled workspace is whole").0
}

#[test]
fn provinces_have_the_counts_of_their_sources() {
    let sources = sources();
    let panel = provinces(&sources.datasets, &sources.resolver);
    let at = |unit: &str, when: &str| panel.outcomes.deadly_at(panel.unit(unit).expect("a unit"), month(when));
    // GED 24.1, Mopti, March 2019 and the Candidate events of July 2025 at Kayes.
    assert!(at("ML-5", "2019-03").is_some_and(|n| n > 5), "{:?}", at("ML-5", "2019-03"));
    assert_eq!(at("ML-1", "2019-03"), Some(0), "covered and quiet");
    assert!(at("ML-1", "2025-07").is_some_and(|n| n > 0));
    assert_eq!(panel.outcomes.last(), month("2026-08"));
    // A release of June 2024 tells of May, not of June.
    let history = panel.history(month("2024-12"), 1).expect("known");
    assert!(panel.has_vintage(month("2024-12")) && !panel.has_vintage(month("2023-12")));
    assert_eq!(history.last(), month("2024-11"));
    let mopti = panel.unit("ML-5").expect("Mopti");
    assert!(history.deadly(mopti).last().is_some_and(Option::is_some));
    assert!(panel.units[mopti].neighbours.iter().any(|n| panel.units[*n].id == "ML-6"), "Timbuktu");
}

#[test]
fn second_level_units_and_crossings_have_counts() {
    let sources = sources();
    let panel = admin2(&sources.datasets, &sources.resolver);
    assert_eq!(panel.units.len(), 137);
    assert_eq!(panel.outcomes.last(), month("2023-12"));
    let events: u32 = panel.outcomes.events.iter().flatten().flatten().sum();
    assert!(events > 3000, "{events}");
    let (near, far) = (crossings(&sources.datasets, &sources.resolver, 25.0), crossings(&sources.datasets, &sources.resolver, 50.0));
    let sum = |p: &tukhum::foresight::Panel| p.outcomes.deadly.iter().flatten().flatten().sum::<u32>();
    assert!(sum(&near) > 0 && sum(&near) < sum(&far), "{} {}", sum(&near), sum(&far));
}
