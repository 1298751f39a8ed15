//! `tukhum index`: an index on any table, against hand-worked values and COINr's own results.
//!
//! COINr's tables are read from the folder that `TUKHUM_REFERENCE_DATA` names; without it those cases
//! say that they did not run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::support::*;

const META: &str = "\
Level,iCode,iName,Direction,Weight,Parent,Type
1,roads,Roads,1,1,Reach,Indicator
1,posts,Posts,-1,3,Reach,Indicator
1,people,People,1,1,Stake,Indicator
2,Reach,Reach,1,0.6,Risk,Aggregate
2,Stake,Stake,1,0.4,Risk,Aggregate
3,Risk,Risk,1,1,,Aggregate
,Zone,Zone,,,,Group
";

const DATA: &str = "\
uCode,Zone,roads,posts,people
A,n,0,10,5
B,n,5,8,
C,s,10,0,9
D,s,NA,4,1
";

/// The same index in one file.
const FRAMEWORK: &str = "\
version = \"1\"
unit_column = \"uCode\"
group_column = \"Zone\"
root = \"Risk\"

[[indicator]]
id = \"roads\"
direction = \"higher_is_riskier\"
normalisation = { kind = \"min_max\", to = [0, 100] }

[[indicator]]
id = \"defence\"
column = \"posts\"
direction = \"lower_is_riskier\"
normalisation = { kind = \"min_max\", to = [0, 100] }

[[indicator]]
id = \"people\"
direction = \"higher_is_riskier\"
normalisation = { kind = \"min_max\", to = [0, 100] }

[[dimension]]
id = \"Reach\"
operator = { kind = \"arithmetic\" }
child = [{ id = \"roads\", weight = 1 }, { id = \"defence\", weight = 3 }]

[[dimension]]
id = \"Stake\"
operator = { kind = \"arithmetic\" }
child = [{ id = \"people\", weight = 1 }]

[[dimension]]
id = \"Risk\"
operator = { kind = \"arithmetic\" }
child = [{ id = \"Reach\", weight = 0.6 }, { id = \"Stake\", weight = 0.4 }]
";

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self::with(META, DATA)
    }

    fn with(meta: &str, data: &str) -> Self {
        let desk = Self(tempfile::tempdir().expect("a folder"));
        desk.put("iMeta.csv", meta);
        desk.put("iData.csv", data);
        desk
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).expect("the file is written");
    }

    fn run(&self, more: &[&str]) -> std::process::Output {
        run(self.0.path(), &[&["index", "--imeta", "iMeta.csv", "--idata", "iData.csv"], more].concat())
    }

    fn table(&self, name: &str) -> Table {
        Table::read(&self.0.path().join("index").join(name))
    }
}

/// A table of numbers by unit and column.
struct Table {
    header: Vec<String>,
    rows: BTreeMap<String, Vec<Option<f64>>>,
}

impl Table {
    fn read(path: &Path) -> Self {
        let mut reader = csv::Reader::from_path(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let header = reader.headers().expect("it has a header").iter().skip(1).map(str::to_owned).collect();
        let row = |r: csv::StringRecord| (r[0].to_owned(), r.iter().skip(1).map(|c| c.parse().ok()).collect());
        Self { header, rows: reader.records().map(|r| row(r.expect("a row"))).collect() }
    }

    fn get(&self, unit: &str, column: &str) -> Option<f64> {
        self.rows[unit][self.header.iter().position(|h| h == column).unwrap_or_else(|| panic!("no column {column}"))]
    }

    fn column(&self, name: &str) -> Vec<Option<f64>> {
        self.rows.keys().map(|unit| self.get(unit, name)).collect()
    }
}

fn ok(output: &std::process::Output) {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
}

fn close(a: Option<f64>, b: f64) {
    // A few roundings of numbers up to 100.
    assert!(a.is_some_and(|a| (a - b).abs() < 1e-12), "{a:?} is not {b}");
}

#[test]
fn by_hand() {
    let desk = Desk::new();
    let output = desk.run(&[]);
    ok(&output);
    insta::with_settings!({ description => "tukhum index --imeta iMeta.csv --idata iData.csv", omit_expression => true }, {
        insta::assert_snapshot!("summary", stdout(&output));
    });
    let scores = desk.table("scores.csv");
    assert_eq!(scores.header, ["Reach", "Stake", "Risk"]);
    // Direction -1: no post at all is 100. B has no people, so that Reach is all; D no roads.
    for (unit, reach, stake, risk) in [
        ("A", 0.0, Some(50.0), 20.0),
        ("B", 0.25 * 50.0 + 0.75 * 20.0, None, 27.5),
        ("C", 100.0, Some(100.0), 100.0),
        ("D", 60.0, Some(0.0), 36.0),
    ] {
        close(scores.get(unit, "Reach"), reach);
        assert_eq!(scores.get(unit, "Stake"), stake);
        close(scores.get(unit, "Risk"), risk);
    }
    let ranks = desk.table("ranks.csv");
    assert_eq!(ranks.column("Risk"), [Some(4.0), Some(3.0), Some(1.0), Some(2.0)]);
    assert_eq!(ranks.get("B", "Stake"), None);
    let weights = desk.table("weights.csv");
    close(weights.get("posts", "EffWeight"), 0.45);
    close(weights.get("people", "EffWeight"), 0.4);
    assert_eq!(desk.table("treated.csv").get("D", "roads"), None, "a gap stays a gap");
}

#[test]
fn the_other_means_by_hand() {
    for (operator, expected) in [
        ("geometric", 10.0_f64.powf(0.6) * 50.5_f64.powf(0.4)),
        ("power:2", (0.6 * 100.0 + 0.4 * 50.5_f64.powi(2)).sqrt()),
        ("harmonic", 1.0 / (0.6 / 10.0 + 0.4 / 50.5)),
        ("geometric:20", 20.0_f64.powf(0.6) * 50.5_f64.powf(0.4)),
    ] {
        // A's children are all 10 in Reach.
        let desk = Desk::with(META, "uCode,roads,posts,people\nA,1,9,5\nB,0,10,0\nC,11,-1,10\n");
        ok(&desk.run(&["--normalise", "minmax:1:100", "--operator", operator]));
        let n = desk.table("normalised.csv");
        let reach = desk.table("scores.csv").get("A", "Reach").expect("it is known");
        let (a, b) = (n.get("A", "roads").expect("known"), n.get("A", "people").expect("known"));
        close(Some(a), 10.0);
        close(Some(b), 50.5);
        close(Some(reach), if operator == "geometric:20" { 20.0 } else { 10.0 });
        close(desk.table("scores.csv").get("A", "Risk"), expected);
    }
}

#[test]
fn coverage_imputation_and_copeland() {
    let desk = Desk::new();
    ok(&desk.run(&["--min-coverage", "0.9"]));
    let scores = desk.table("scores.csv");
    assert_eq!((scores.get("D", "Reach"), scores.get("D", "Risk"), scores.get("B", "Risk")), (None, None, None));
    ok(&desk.run(&["--impute", "group-mean"]));
    let treated = desk.table("treated.csv");
    assert_eq!((treated.get("D", "roads"), treated.get("B", "people")), (Some(10.0), Some(5.0)));
    let changes = std::fs::read_to_string(desk.0.path().join("index/changes.csv")).expect("it is written");
    assert_eq!(changes, "uCode,iCode,Step,Before,After\nD,roads,imputed,,10\nB,people,imputed,,5\n");
    ok(&desk.run(&["--impute", "median", "--operator", "copeland"]));
    let scores = desk.table("scores.csv");
    // Reach 0, 27.5, 100, 57.5; Stake 50, 50, 100, 0: Reach holds 0.6 of the weight and decides.
    assert_eq!(scores.column("Risk"), [Some(-3.0), Some(-1.0), Some(3.0), Some(1.0)]);
}

#[test]
fn one_file_gives_what_the_pair_gives() {
    let desk = Desk::new();
    ok(&desk.run(&["--json"]));
    let pair = desk.table("scores.csv");
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(desk.0.path().join("index/index.json")).expect("it is written")).expect("it is JSON");
    assert_eq!(json["units"][2]["scores"]["Risk"], 100.0);
    desk.put("F.toml", FRAMEWORK);
    ok(&run(desk.0.path(), &["index", "--framework", "F.toml", "--data", "iData.csv"]));
    let one = desk.table("scores.csv");
    assert_eq!((one.header.clone(), &one.rows), (pair.header.clone(), &pair.rows));
    assert!(!desk.0.path().join("index/index.json").exists(), "the folder holds one run");
    assert_eq!(desk.table("weights.csv").get("defence", "NominalWeight"), Some(0.75));
}

#[test]
fn the_documented_file_runs() {
    let page = std::fs::read_to_string(package().join("docs/any-table.md")).expect("the page is there");
    let start = page.find("```toml\n").expect("it has an example") + "```toml\n".len();
    let desk = Desk::new();
    desk.put("index.toml", &page[start..start + page[start..].find("```").expect("the example ends")]);
    desk.put("table.csv", "district,attacks,posts\nA,0,12\nB,9,6\nC,99,0\n");
    ok(&run(desk.0.path(), &["index", "--framework", "index.toml", "--data", "table.csv"]));
    let scores = desk.table("scores.csv");
    // ln 10 is half of ln 100; a geometric mean with weights 2 to 1, and zeros raised to the floor.
    for (unit, expected) in [("A", 0.1), ("B", 5.0), ("C", 10.0)] {
        close(scores.get(unit, "risk"), expected);
    }
}

#[test]
fn a_column_that_says_nothing_is_left_out_with_a_warning() {
    let desk = Desk::with(META, "uCode,Zone,roads,posts,people\nA,n,3,10,\nB,n,3,8,\nC,s,3,0,\n");
    let output = desk.run(&[]);
    ok(&output);
    insta::with_settings!({ description => "a constant and an empty column", omit_expression => true }, {
        insta::assert_snapshot!("not_informative", stderr(&output));
    });
    let scores = desk.table("scores.csv");
    assert_eq!(scores.column("Reach"), [Some(0.0), Some(20.0), Some(100.0)], "its sibling takes its weight");
    assert_eq!(scores.column("Stake"), [None; 3]);
}

#[test]
fn a_folder_with_other_files_is_not_replaced() {
    let desk = Desk::new();
    let output = desk.run(&["--out", "."]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(stderr(&output).contains("error[foreign-files]: the folder holds other files, such as `iData.csv`"));
    assert!(desk.0.path().join("iMeta.csv").exists());
    ok(&desk.run(&["--out", "results"]));
    ok(&desk.run(&["--out", "results"]));
}

/// One test a case: arguments or tables, and a snapshot of what is said of them.
macro_rules! refused {
    ($($(#[doc = $what:literal])+ $name:ident: $desk:expr, $arguments:expr;)+) => {
        mod refused {
            use super::*;
            $(
                #[test]
                fn $name() {
                    let desk: Desk = $desk;
                    let arguments: &[&str] = &$arguments;
                    let output = match arguments.first() {
                        Some(&"index") => run(desk.0.path(), arguments),
                        _ => desk.run(arguments),
                    };
                    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{}", stderr(&output));
                    assert!(!desk.0.path().join("index").exists(), "nothing is written");
                    insta::with_settings!({ description => concat!($($what),+).trim(), omit_expression => true }, {
                        insta::assert_snapshot!(stringify!($name), stderr(&output));
                    });
                }
            )+
        }
    };
}

fn framework(from: &str, to: &str) -> Desk {
    assert_eq!(FRAMEWORK.matches(from).count(), 1, "`{from}` does not occur once");
    let desk = Desk::new();
    desk.put("F.toml", &FRAMEWORK.replacen(from, to, 1));
    desk
}

const ONE_FILE: [&str; 5] = ["index", "--framework", "F.toml", "--data", "iData.csv"];

refused! {
    /// Every option is wrong, and a table cannot be read.
    options: { let d = Desk::new(); std::fs::remove_file(d.0.path().join("iData.csv")).expect("it is there"); d },
        ["--impute", "mode", "--normalise", "minmax:9:1", "--operator", "geometrik", "--min-coverage", "90"];

    /// Neither pair is complete.
    half_a_pair: Desk::new(), ["index", "--framework", "F.toml"];

    /// An option of the pair beside one file that says it itself.
    option_beside_a_file: Desk::new(), ["index", "--framework", "F.toml", "--data", "iData.csv", "--operator", "geometric"];

    /// Cells that are no numbers: text, a decimal comma, NaN and infinity.
    cells: Desk::with(META, "uCode,Zone,roads,posts,people\nA,n,many,10,5\nB,n,\"5,5\",8,NaN\nC,s,10,inf,9\n"), [];

    /// A unit occurs twice, and one has no name.
    units: Desk::with(META, "uCode,Zone,roads,posts,people\nA,n,0,10,5\nA,n,5,8,1\n,s,10,0,9\n"), [];

    /// A column is absent.
    absent_column: Desk::with(META, "uCode,Zone,road,posts,people\nA,n,0,10,5\nB,s,10,0,9\n"), [];

    /// A row has too many cells.
    ragged: Desk::with(META, "uCode,Zone,roads,posts,people\nA,n,0,10,5,5\n"), [];

    /// A header without rows.
    no_rows: Desk::with(META, "uCode,Zone,roads,posts,people\n"), [];

    /// Every column is empty: nobody has a score.
    nothing_known: Desk::with(META, "uCode,Zone,roads,posts,people\nA,n,,,\nB,s,,,\n"), [];

    /// Columns of iMeta are missing.
    meta_columns: Desk::with("iCode,Direction\nroads,1\n", DATA), [];

    /// Directions, weights, levels, types and parents that are wrong.
    meta_cells: Desk::with(&META.replace("1,roads,Roads,1,1,Reach,Indicator", "0,roads,Roads,2,-1,Reech,Indicator").replace("Stake,Indicator", "Stake,Indikator"), DATA), [];

    /// Two aggregates have no parent.
    two_tops: Desk::with(&META.replace("0.4,Risk,Aggregate", "0.4,,Aggregate"), DATA), [];

    /// An aggregate is its own ancestor.
    circle: Desk::with(&META.replace("0.6,Risk,Aggregate", "0.6,Stake,Aggregate").replace("0.4,Risk,Aggregate", "0.4,Reach,Aggregate"), DATA), [];

    /// All weights below a node are 0.
    no_weight: Desk::with(&META.replace("1,1,Reach,", "1,0,Reach,").replace("-1,3,Reach,", "-1,0,Reach,"), DATA), [];

    /// Zeros in a geometric mean.
    zeros: Desk::new(), ["--operator", "geometric"];

    /// Negative values in a harmonic mean.
    negatives: Desk::new(), ["--normalise", "zscore:0:1", "--operator", "harmonic"];

    /// Goalposts that iMeta does not have.
    no_goalposts: Desk::new(), ["--normalise", "goalposts"];

    /// Goalposts that are reversed.
    reversed_goalposts: Desk::with(&META.lines().map(|l| format!("{l},{}\n", if l.starts_with("Level") { "goalpost_lower,goalpost_upper" } else { "9,1" })).collect::<String>(), DATA), ["--normalise", "goalposts"];

    /// A reference unit that is not in the table.
    reference: Desk::new(), ["--normalise", "reference:E"];

    /// Groups that nobody declared.
    no_group: Desk::with(&META.replace(",Zone,Zone,,,,Group\n", ""), DATA), ["--impute", "group-mean"];

    /// The file asks for a column that the table does not have.
    file_column: framework("column = \"posts\"", "column = \"post\""), ONE_FILE;

    /// A child is misspelt.
    file_child: framework("{ id = \"defence\", weight = 3 }", "{ id = \"defense\", weight = 3 }"), ONE_FILE;

    /// A weight is negative.
    file_weight: framework("weight = 3", "weight = -3"), ONE_FILE;

    /// A normalisation is not known, and a key is misspelt.
    file_normalisation: framework("id = \"people\"\ndirection = \"higher_is_riskier\"\nnormalisation = { kind = \"min_max\", to = [0, 100] }", "id = \"people\"\ndirectoin = \"higher_is_riskier\"\nnormalisation = { kind = \"minmax\" }"), ONE_FILE;

    /// Goalposts of the file are reversed.
    file_goalposts: framework("id = \"people\"\ndirection = \"higher_is_riskier\"\nnormalisation = { kind = \"min_max\", to = [0, 100] }", "id = \"people\"\ndirection = \"higher_is_riskier\"\nnormalisation = { kind = \"goalposts\", goalposts = { lower = 9, upper = 1 } }"), ONE_FILE;

    /// The range of a min–max descends.
    file_range: framework("id = \"people\"\ndirection = \"higher_is_riskier\"\nnormalisation = { kind = \"min_max\", to = [0, 100] }", "id = \"people\"\ndirection = \"higher_is_riskier\"\nnormalisation = { kind = \"min_max\", to = [100, 0] }"), ONE_FILE;
}

fn reference(file: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("TUKHUM_REFERENCE_DATA") else {
        eprintln!("did not run: {file} (set TUKHUM_REFERENCE_DATA to the folder of reference data)");
        return None;
    };
    Some(PathBuf::from(folder).join("reference_coinr").join(file))
}

/// Runs the program on COINr's tables and compares columns of one result with a reference file.
fn agrees(meta: &str, data: &str, arguments: &[&str], result: &str, expected: &str) -> Option<()> {
    let (meta, data, expected_path) = (reference(meta)?, reference(data)?, reference(&format!("out/{expected}.csv"))?);
    let folder = tempfile::tempdir().expect("a folder");
    let paths = [meta.to_str().expect("a path"), data.to_str().expect("a path")];
    let output = run(folder.path(), &[&["index", "--imeta", paths[0], "--idata", paths[1]], arguments].concat());
    ok(&output);
    let (ours, theirs) = (Table::read(&folder.path().join("index").join(result)), Table::read(&expected_path));
    assert_eq!(ours.rows.keys().collect::<Vec<_>>(), theirs.rows.keys().collect::<Vec<_>>());
    let (mut largest, mut left_out) = (0.0_f64, 0);
    for column in &theirs.header {
        let (a, b) = (ours.column(column), theirs.column(column));
        // Where COINr divides by zero this engine leaves the column out and says so.
        if a.iter().all(Option::is_none) && stderr(&output).contains(&format!("`{column}` is left out")) {
            left_out += 1;
            continue;
        }
        let size = b.iter().flatten().fold(f64::MIN_POSITIVE, |m, x| m.max(x.abs()));
        for (unit, (a, b)) in ours.rows.keys().zip(a.iter().zip(&b)) {
            match (a, b) {
                (Some(a), Some(b)) => largest = largest.max((a - b).abs() / size),
                (None, None) => {}
                _ => panic!("{expected}: {unit}, {column} is {a:?}, expected {b:?}"),
            }
        }
    }
    // Orders of summation differ, nothing else.
    eprintln!("COINr 1.1.14, {expected} at the command line: largest difference {largest:.1e}, {left_out} columns left out, tolerance 1e-12");
    assert!(largest <= 1e-12, "{expected}: {largest:e}");
    Some(())
}

#[test]
fn coinr_tables_run_unchanged() {
    let to_hundred = ["--treat", "--normalise", "minmax:1:100"];
    let with = |more: &[&'static str]| [&to_hundred[..], more].concat();
    let mut cases: Vec<(&str, &str, Vec<&str>, &str, &str)> = vec![
        ("iMeta.csv", "iData.csv", vec!["--treat"], "treated.csv", "treat_gaps"),
        ("iMeta.csv", "iData_complete.csv", vec!["--treat"], "treated.csv", "treat_complete"),
        ("iMeta.csv", "iData.csv", vec!["--impute", "mean"], "treated.csv", "impute_i_mean"),
        ("iMeta.csv", "iData.csv", vec!["--impute", "median"], "treated.csv", "impute_i_median"),
        ("iMeta.csv", "iData.csv", vec!["--impute", "group-mean"], "treated.csv", "impute_i_mean_grp"),
        ("iMeta.csv", "iData.csv", vec!["--impute", "group-median"], "treated.csv", "impute_i_median_grp"),
        ("out/norm_parameters.csv", "iData.csv", vec!["--treat", "--normalise", "goalposts"], "normalised.csv", "norm_goalposts"),
        ("out/norm_parameters.csv", "iData.csv", vec!["--treat", "--normalise", "target"], "normalised.csv", "norm_dist2targ_capped"),
        ("iMeta.csv", "iData_complete.csv", to_hundred.to_vec(), "normalised.csv", "norm_complete_minmax_1_100"),
    ];
    for (method, file) in [
        ("minmax:0:100", "norm_minmax_0_100"), ("minmax:1:100", "norm_minmax_1_100"), ("zscore:0:1", "norm_zscore_0_1"), ("rank", "norm_rank"),
        ("percentile", "norm_prank"), ("borda", "norm_borda"), ("maximum", "norm_dist2max"), ("fraction", "norm_fracmax"),
        ("reference:U01", "norm_dist2ref_row1"),
    ] {
        cases.push(("iMeta.csv", "iData.csv", vec!["--treat", "--normalise", method], "normalised.csv", file));
    }
    let mut index = |data, operator: &[&'static str], name: &str| {
        for result in ["scores", "ranks"] {
            let file: &'static str = Box::leak(format!("agg_{name}_{result}").into_boxed_str());
            let result = if result == "scores" { "scores.csv" } else { "ranks.csv" };
            cases.push(("iMeta.csv", data, with(operator), result, file));
        }
    };
    for (data, name) in [("iData.csv", "gaps"), ("iData_complete.csv", "complete")] {
        index(data, &[], &format!("{name}_a_amean_uneven"));
        index(data, &["--operator", "geometric"], &format!("{name}_a_gmean_uneven"));
        index(data, &["--operator", "harmonic"], &format!("{name}_a_hmean_uneven"));
    }
    index("iData_complete.csv", &["--operator", "power:2"], "complete_a_genmean_p2");
    index("iData_complete.csv", &["--operator", "power:-0.5"], "complete_a_genmean_p-0.5");
    index("iData_complete.csv", &["--operator", "copeland"], "complete_copeland_top");
    index("iData.csv", &["--min-coverage", "0.9"], "gaps_amean_coverage_0.9");
    for (meta, data, arguments, result, expected) in cases {
        if agrees(meta, data, &arguments, result, expected).is_none() {
            return;
        }
    }
}

/// COINr's ASEM example: 51 countries, 49 indicators, four levels. COINr's tables are not part of this
/// repository; in R, with COINr installed:
///
/// ```text
/// coin <- build_example_coin(up_to = "Denominate")
/// write.csv(COINr::ASEM_iMeta, "iMeta.csv", row.names = FALSE, na = "")
/// write.csv(get_dset(coin, "Denominated", also_get = "EurAsia_group"), "iData.csv", row.names = FALSE, na = "")
/// ```
/// The rest of COINr's example are the options below: group means for gaps, outliers treated, min–max
/// to 0..100, arithmetic means. COINr publishes two decimals.
#[test]
fn asem_as_coinr_publishes_it() {
    let Some(tables) = std::env::var_os("TUKHUM_ASEM").map(PathBuf::from) else {
        eprintln!("did not run: COINr's ASEM index (set TUKHUM_ASEM to a folder with its iMeta.csv and iData.csv)");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let (meta, data) = (tables.join("iMeta.csv"), tables.join("iData.csv"));
    let pair = ["index", "--imeta", meta.to_str().expect("a path"), "--idata", data.to_str().expect("a path")];
    let options = ["--impute", "group-mean", "--group", "EurAsia_group", "--treat", "--normalise", "minmax:0:100"];
    ok(&run(folder.path(), &[&pair[..], &options[..]].concat()));
    let scores = Table::read(&folder.path().join("index/scores.csv"));
    for (country, published) in [("CHE", 68.38), ("NLD", 64.82), ("DNK", 64.80)] {
        let place = scores.rows.keys().position(|unit| unit == country).expect("the country is there");
        let index = scores.column("Index")[place].expect("it has an index");
        eprintln!("COINr's ASEM index, {country}: {index:.4}, published {published}");
        assert!((index - published).abs() <= 0.005 + 1e-9, "{country}: {index}");
    }
}
