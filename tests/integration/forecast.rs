//! The forecast and tuning as a person meets them.

use super::support::*;

/// Six units over eight years: two violent all the time, two at times, two never.
fn table() -> String {
    let mut text = "unit,month,events,latitude,longitude\n".to_owned();
    for m in 0..96 {
        for u in 0..6 {
            let events = if (m * (u + 3)) % 7 < [6, 4, 2, 1, 0, 0][u] { 1 + (m + u) % 3 } else { 0 };
            text.push_str(&format!("u{u},{}-{:02},{events},{},-10\n", 2010 + m / 12, m % 12 + 1, 14 + u));
        }
    }
    text
}

#[test]
fn the_command_foretells_a_table_and_refuses_what_it_cannot() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("counts.csv"), table()).expect("written");
    let with = |arguments: &[&str]| run(folder.path(), &[&["forecast", "--counts", "counts.csv"], arguments].concat());
    let page = with(&[]);
    assert_eq!(page.status.code(), Some(0), "{}", stderr(&page));
    let text = stdout(&page);
    assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
    // Known up to December 2017, so that a delay of a month makes it the end of January.
    assert!(text.starts_with("FORECAST made at the end of 2018-01, from months up to 2017-12"), "{text}");
    assert!(text.contains("too few to tell") && text.contains("onset"), "{text}");
    assert_eq!(text, stdout(&with(&[])), "the same bytes again");
    let json: serde_json::Value = serde_json::from_str(stdout(&with(&["--format", "json", "--horizons", "12,1,1"]))).expect("JSON");
    let horizons = json["horizons"].as_array().expect("a list");
    assert_eq!(horizons.iter().map(|h| h["horizon"].as_u64()).collect::<Vec<_>>(), [Some(1), Some(12)]);
    let units = horizons[0]["units"].as_array().expect("a list");
    let chance = |u: usize| units[u]["probability"].as_f64().expect("a number");
    assert!(chance(0) > chance(3) && chance(3) > chance(5) && chance(5) > 0.0, "{units:?}");
    assert!(units[0]["onset_probability"].is_null() && units[5]["onset_probability"].as_f64() == Some(chance(5)));
    let csv = with(&["--format", "csv", "--horizons", "3"]);
    assert_eq!(stdout(&csv).lines().count(), 7);
    assert!(stdout(&csv).starts_with("origin,last_known,horizon,month,unit,"));
    for (arguments, code) in [
        (&["--horizons", "0"][..], "wrong-horizon"),
        (&["--horizons", "1,25"], "wrong-horizon"),
        (&["--as-of", "2019-12-31"], "forecast-origin"),
        (&["--as-of", "2009-12-31"], "forecast-origin"),
        (&["--as-of", "later"], "wrong-day"),
        (&["--reporting-delay", "99"], "forecast-delay"),
    ] {
        let refused = with(arguments);
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&refused).contains(&format!("error[{code}]")) && stdout(&refused).is_empty(), "{}", stderr(&refused));
    }
    // Too early for a fit: said, not made up.
    let early = with(&["--as-of", "2011-06-30"]);
    assert_eq!(early.status.code(), Some(1));
    assert!(stdout(&early).contains("nothing is said"), "{}", stdout(&early));
}
