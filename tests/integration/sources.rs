//! Counts as an input, `tukhum sources` and its comparison of two sources.

use std::path::Path;

use super::support::*;

fn workspace() -> tempfile::TempDir {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    Draft::tiny().write(temporary.path());
    temporary
}

fn said(workspace: &Path, args: &[&str]) -> Result<String, String> {
    let output = run(workspace, args);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&workspace.display().to_string(), "");
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

fn write(at: &Path, name: &str, text: &str) {
    std::fs::write(at.join(name), text).expect("the file is written");
}

fn table(at: &Path, dataset: &str) -> String {
    std::fs::read_to_string(at.join("datasets").join(dataset).join("counts.csv")).expect("the table is there")
}

const OWN: &str = "release,country,area_kind,area,month,period_months,events,events_deadly,deaths_best\n";

#[test]
fn counts_are_imported_with_their_account() {
    let at = workspace();
    let rows = "x,MLI,admin1,Kayes,2023-01-01,1,3,2,9\nx,MLI,admin1,Kayes,2023-02-01,1,1,0,0\nx,MLI,admin1,Kaies,2023-02-01,1,1,,\nx,MLI,admin1,Kayes,2023-02-01,1,9,0,0\nx,NGA,admin1,Borno,2023-02-01,1,5,5,5\nx,MLI,admin1,Mopti,soon,1,2,1,4\nx,MLI,admin1,Mopti,2023-02-01,1,-2,1,4\n";
    write(at.path(), "counts.csv", &format!("{OWN}{rows}"));
    let account = said(at.path(), &["import", "counts.csv", "--release", "24.1", "--published", "2024-06-03"]).expect("it is imported");
    insta::assert_snapshot!("counts_account", account);
    insta::assert_snapshot!("counts_table", table(at.path(), "counts"));
    assert!(run(at.path(), &["check"]).status.success());
    let again = said(at.path(), &["import", "counts.csv", "--release", "24.1", "--published", "2024-06-03"]).expect("it is known");
    assert!(again.contains("nothing changes"), "{again}");
}

/// The newest release that was known holds for the months that it covers, the older one for the others.
#[test]
fn a_newer_release_of_counts_is_a_new_vintage() {
    let at = workspace();
    write(at.path(), "a.csv", &format!("{OWN}x,MLI,admin1,Kayes,2023-01-01,1,3,2,9\nx,MLI,admin1,Kayes,2023-02-01,1,1,0,0\n"));
    write(at.path(), "b.csv", &format!("{OWN}x,MLI,admin1,Kayes,2023-02-01,1,4,4,8\nx,MLI,admin1,Kayes,2023-03-01,1,2,2,2\n"));
    said(at.path(), &["import", "a.csv", "--release", "1", "--published", "2023-03-05"]).expect("the first release");
    let account = said(at.path(), &["import", "b.csv", "--release", "2", "--published", "2023-04-05"]).expect("the second release");
    assert!(account.contains("(1 new, 1 revised, 0 unchanged)"), "{account}");
    use tukhum::evidence::{AsOf, Evidence};
    use tukhum::text::Month;
    let sources = read(&tukhum::workspace::Workspace::read(at.path()).expect("the workspace is read"));
    let unit = sources.resolver.area("MLI", "Kayes").expect("Kayes").to_owned();
    let events = |day| {
        let evidence = Evidence::new(&sources.datasets, &sources.resolver, AsOf { day, hindsight: false });
        (1..=3).map(|m| evidence.counts.at("MLI", &unit, Month(2023 * 12 + m - 1)).map(|c| c.events)).collect::<Vec<_>>()
    };
    assert_eq!(events(jiff::civil::Date::constant(2023, 3, 31)), [Some(3), Some(1), None]);
    assert_eq!(events(jiff::civil::Date::constant(2023, 4, 30)), [Some(3), Some(4), Some(2)]);
}

/// ACLED's aggregated files in their columns; every number is made up.
#[test]
fn acleds_aggregated_files() {
    let weekly = "WEEK,REGION,COUNTRY,ADMIN1,EVENT_TYPE,SUB_EVENT_TYPE,EVENTS,FATALITIES,POPULATION_EXPOSURE,DISORDER_TYPE,ID,CENTROID_LATITUDE,CENTROID_LONGITUDE\n\
        2024-01-27,Western Africa,Mali,Kayes,Battles,Armed clash,2,5,1000,Political violence,1,14,-11\n\
        2024-01-27,Western Africa,Mali,Kayes,Protests,Peaceful protest,7,0,1000,Demonstrations,1,14,-11\n\
        2024-02-03,Western Africa,Mali,Kayes,Battles,Armed clash,1,0,1000,Political violence,1,14,-11\n\
        2024-02-10,Western Africa,Mali,Kayes,Explosions/Remote violence,Air/drone strike,1,4,1000,Political violence,1,14,-11\n\
        2024-02-17,Western Africa,Mali,Mopti,Battles,Armed clash,1,2,1000,Political violence,2,14,-4\n\
        2024-02-24,Western Africa,Mali,Mopti,Violence against civilians,Attack,1,1,1000,Political violence,2,14,-4\n\
        2024-02-25,Western Africa,Mali,Mopti,Violence against civilians,Attack,1,1,1000,Political violence,2,14,-4\n";
    let units = "Country,Admin1,Admin2,ISO3,Admin2 Pcode,Admin1 Pcode,Month,Year,Events,Fatalities\n\
        Mali,Kayes,Kayes,MLI,ML0101,ML01,January,2024,2,3\nMali,Kayes,Kita,MLI,ML0102,ML01,January,2024,1,0\nMali,Mopti,Bandiagara,MLI,ML0501,ML05,February,2024,4,9\n";
    for (name, file) in [("weekly", weekly), ("units", units)] {
        let at = workspace();
        write(at.path(), "acled.csv", file);
        let account = said(at.path(), &["import", "acled.csv", "--published", "2024-03-15"]).unwrap_or_else(|e| panic!("{name}: {e}"));
        insta::assert_snapshot!(format!("acled_{name}_account"), account);
        insta::assert_snapshot!(format!("acled_{name}_table"), table(at.path(), "acled_counts"));
    }
    let at = workspace();
    write(at.path(), "events.csv", "COUNTRY,MONTH,YEAR,EVENTS\nMali,January,2024,12\nMali,February,2024,9\n");
    write(at.path(), "deaths.csv", "COUNTRY,MONTH,YEAR,FATALITIES\nMali,January,2024,40\nMali,February,2024,31\n");
    said(at.path(), &["import", "events.csv", "deaths.csv", "--published", "2024-03-15"]).expect("both are imported");
    insta::assert_snapshot!("acled_country_table", table(at.path(), "acled_counts"));
    let alone = said(at.path(), &["import", "deaths.csv", "--as", "alone", "--published", "2024-03-15"]).expect_err("no number of events");
    assert!(alone.contains("error[no-rows]"), "{alone}");
}

#[test]
fn two_sources_side_by_side() {
    let at = workspace();
    let months = |events: [u32; 3]| (1..).zip(events).map(|(m, n)| format!("x,MLI,admin1,Kayes,2023-0{m}-01,1,{n},{n},{}\n", 2 * n)).collect::<String>();
    write(at.path(), "a.csv", &format!("{OWN}{}", months([3, 1, 8])));
    write(at.path(), "b.csv", &format!("{OWN}{}", months([6, 2, 9])));
    said(at.path(), &["import", "a.csv", "--as", "ucdp_made", "--release", "1", "--published", "2023-04-05"]).expect("the first source");
    said(at.path(), &["import", "b.csv", "--as", "acled_made", "--release", "1", "--published", "2023-04-05", "--precedence", "2", "--to", "2023-02-28"]).expect("the second");
    insta::assert_snapshot!("sources_compare", said(at.path(), &["sources", "compare", "ucdp_made", "acled_made"]).expect("a comparison"));
    insta::assert_snapshot!("sources_compare_months", said(at.path(), &["sources", "compare", "ucdp_made", "acled_made", "--by", "month", "--format", "csv"]).expect("a comparison"));
    let listed = said(at.path(), &["sources", "--format", "csv"]).expect("a list");
    assert!(listed.contains("acled_made,counts,exhaustive,1,1,2023-04-05,MLI,2023-01-01,2023-02-28,3,2,"), "{listed}");
    for (a, code) in [("ucdp_mad", "error[unknown-dataset]"), ("units", "error[not-exhaustive]")] {
        assert!(said(at.path(), &["sources", "compare", a, "acled_made"]).expect_err("refused").contains(code));
    }
}
