//! The page of the report: in a real Chromium, and its script against the engine.
//!
//! `npm ci --prefix tests/browser` fetches what the browser needs; where node, Chromium or the packages are missing, a test
//! says that it did not run.

use std::path::Path;
use std::process::{Command, Output};

use serde::Deserialize;
use serde_json::json;
use tukhum::framework::UnitKind;
use tukhum::index::random::Stream;
use tukhum::index::{Bands, Child, Classes, Node, Operator, Tree, rank};
use tukhum::report;
use tukhum::report::model::{MapArea, NodeForm, Report};
use tukhum::report::render::{Format, Wanted};
use tukhum::text::{Language, Text};

use super::support::*;

const CASES: u64 = 1_500;

/// Scores of script and engine differ by less: both work in double precision, with logarithms of different libraries.
const TOLERANCE: f64 = 1e-9;

/// Why a test cannot run here.
pub fn missing(browser: bool) -> Option<String> {
    let runs = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|o| o.status.success());
    if !runs("node") {
        return Some("there is no node".into());
    }
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    if browser && !runs(&chromium) {
        return Some(format!("there is no {chromium}"));
    }
    let packages = package().join("tests/browser/node_modules/playwright-core");
    (browser && !packages.is_dir()).then(|| "run `npm ci --prefix tests/browser` first".into())
}

pub fn node(script: &str, arguments: &[&Path]) -> Output {
    Command::new("node").arg(package().join("tests/browser").join(script)).args(arguments).output().expect("node starts")
}

// The script against the engine

/// One tree with units.
struct Case {
    tree: Tree,
    rows: Vec<Vec<Option<f64>>>,
}

#[derive(Deserialize)]
struct Answer {
    scores: Vec<Option<f64>>,
    ranks: Vec<Option<usize>>,
    best: Vec<f64>,
    worst: Vec<f64>,
    nodes: Vec<Vec<Option<f64>>>,
    classes: Vec<Option<usize>>,
    intervals: Vec<Option<[usize; 2]>>,
    set: Option<String>,
    link_keeps_weights: bool,
}

fn pick<T: Copy>(dice: &mut Stream, of: &[T]) -> T {
    of[dice.below(of.len())]
}

fn operator(dice: &mut Stream, children: usize) -> Operator {
    let floor = pick(dice, &[0.1, 1.0, 3.0]);
    match dice.below(12) {
        0 => Operator::Arithmetic,
        1 => Operator::Geometric { floor },
        2 => Operator::Harmonic { floor },
        3 => Operator::Power { exponent: pick(dice, &[-3.0, -1.0, 0.0, 1e-9, 0.5, 2.0, 40.0]), floor },
        4 => Operator::Power { exponent: pick(dice, &[0.5, 2.0]), floor: 0.0 },
        5 => Operator::Max,
        6 => Operator::Min,
        7 => Operator::ScaledMax { factors: (0..children).map(|_| pick(dice, &[0.0, 0.5, 0.8, 1.0])).collect() },
        8 => Operator::ThresholdTable(Bands::with_below(0.5, vec![(2.0, 1.0), (5.0, 6.0), (7.5, 9.0)]).expect("bands")),
        9 => Operator::Override { at_or_above: pick(dice, &[4.0, 8.0]) },
        10 => Operator::DecayedSum { retain: pick(dice, &[0.3, 0.9, 1.0]), cap: pick(dice, &[5.0, 10.0]) },
        _ => Operator::InformInvertedGeometric,
    }
}

fn node_of(dice: &mut Stream, id: String, children: Vec<Child>) -> Node {
    let weight = |dice: &mut Stream| match dice.below(5) {
        0 => 0.0,
        1 | 2 => pick(dice, &[0.1, 0.2, 0.25, 0.5, 1.0]),
        _ => dice.uniform(),
    };
    let mut children: Vec<(Child, f64)> = children.into_iter().map(|c| (c, weight(dice))).collect();
    let some = dice.below(children.len());
    children[some].1 = children[some].1.max(0.05);
    let operator = operator(dice, children.len());
    Node::new(id, operator, pick(dice, &[0.0, 0.25, 0.4, 0.5, 0.75, 1.0]), children)
}

/// A tree of two or three levels, and units with ties, zeros and gaps.
fn case(number: u64) -> Case {
    let mut dice = Stream::new(SEED, 77, number);
    let dice = &mut dice;
    let mut nodes = Vec::new();
    let mut leaves = 0;
    let mut top = Vec::new();
    for k in 0..1 + dice.below(4) {
        let mut own: Vec<Child> = (0..1 + dice.below(6)).map(|i| Child::Leaf(leaves + i)).collect();
        leaves += own.len();
        if dice.below(4) == 0 {
            let inner: Vec<Child> = (0..1 + dice.below(3)).map(|i| Child::Leaf(leaves + i)).collect();
            leaves += inner.len();
            nodes.push(node_of(dice, format!("inner{k}"), inner));
            own.push(Child::Node(nodes.len() - 1));
        }
        nodes.push(node_of(dice, format!("node{k}"), own));
        top.push(Child::Node(nodes.len() - 1));
    }
    if dice.below(3) == 0 {
        top.push(Child::Leaf(leaves));
        leaves += 1;
    }
    nodes.push(node_of(dice, "root".into(), top));
    let root = nodes.len() - 1;
    let tree = Tree::new((0..leaves).map(|i| format!("leaf{i}")).collect(), nodes, root).expect("a sound tree");
    let score = |dice: &mut Stream| match dice.below(6) {
        0 => None,
        1 => Some(pick(dice, &[0.0, 10.0])),
        2 | 3 => Some(dice.below(21) as f64 / 2.0),
        _ => Some(10.0 * dice.uniform()),
    };
    let mut rows: Vec<Vec<Option<f64>>> = (0..1 + dice.below(25)).map(|_| (0..leaves).map(|_| score(dice)).collect()).collect();
    // Twins share their rank.
    rows.push(rows[0].clone());
    Case { tree, rows }
}

fn form(tree: &Tree) -> serde_json::Value {
    let nodes: Vec<NodeForm> = tree
        .nodes()
        .iter()
        .map(|n| NodeForm {
            id: n.id.clone(),
            operator: n.operator.clone(),
            minimum_coverage: n.minimum_coverage,
            children: n.children.iter().map(|(c, w)| (tree.child_id(*c).to_owned(), *w)).collect(),
        })
        .collect();
    json!({ "root": tree.child_id(Child::Node(tree.root())), "nodes": nodes, "leaves": tree.leaves() })
}

/// What the page's script makes of the cases.
fn asked(cases: &[Case]) -> Vec<Answer> {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (folder.path().join("cases.json"), folder.path().join("answers.json"));
    let list: Vec<_> = cases.iter().map(|c| json!({ "tree": form(&c.tree), "rows": c.rows, "edges": [2.0, 3.5, 5.0, 6.5] })).collect();
    std::fs::write(&from, serde_json::to_vec(&list).expect("JSON")).expect("written");
    let done = node("equal.mjs", &[&package().join("src/report/render/report.js"), &from, &to]);
    assert!(done.status.success(), "{}", stderr(&done));
    serde_json::from_slice(&std::fs::read(&to).expect("answers")).expect("answers")
}

/// The script gives the engine's scores, ranks, classes and bounds.
#[test]
fn the_script_computes_what_the_engine_computes() {
    if let Some(why) = missing(false) {
        println!("not run: {why}");
        return;
    }
    let cases: Vec<Case> = (0..CASES).map(case).collect();
    let answers = asked(&cases);
    let (mut largest, mut units, mut missing) = (0.0_f64, 0, 0);
    let mut wrong = Vec::new();
    for (number, (case, answer)) in cases.iter().zip(&answers).enumerate() {
        let evaluated: Vec<_> = case.rows.iter().map(|row| case.tree.evaluate(row)).collect();
        let scores: Vec<Option<f64>> = evaluated.iter().map(|e| e.root).collect();
        let mut near = |what: &str, a: Option<f64>, b: Option<f64>| match (a, b) {
            (None, None) => missing += 1,
            (Some(a), Some(b)) if (a - b).abs() <= TOLERANCE => largest = largest.max((a - b).abs()),
            _ => wrong.push(format!("case {number}, {what}: {a:?} here, {b:?} in the script")),
        };
        for (u, row) in case.rows.iter().enumerate() {
            units += 1;
            near("score", scores[u], answer.scores[u]);
            let (best, worst) = case.tree.bounds(row);
            near("best", Some(best), Some(answer.best[u]));
            near("worst", Some(worst), Some(answer.worst[u]));
            for (a, b) in evaluated[u].values.iter().zip(&answer.nodes[u]) {
                near("dimension", *a, *b);
            }
        }
        if rank(&scores) != answer.ranks {
            wrong.push(format!("case {number}: other ranks {scores:?} {:?}", answer.ranks));
        }
        let classes: Vec<Option<usize>> = scores.iter().map(|s| s.map(|s| Classes::inform().class(s))).collect();
        if classes != answer.classes {
            wrong.push(format!("case {number}: other classes"));
        }
        if !answer.link_keeps_weights {
            wrong.push(format!("case {number}: the link loses weights"));
        }
        for (place, interval) in answer.ranks.iter().zip(&answer.intervals) {
            if place.is_some() != interval.is_some() || interval.is_some_and(|[low, high]| low < 1 || low > high || high > case.rows.len()) {
                wrong.push(format!("case {number}: rank {place:?} in {interval:?}"));
            }
        }
    }
    println!("{} cases, {units} units, {missing} missing values, largest difference {largest:e}", cases.len());
    assert!(missing > 1_000 && units > 10_000, "the cases are not varied");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong[..wrong.len().min(10)].join("\n"));
}

/// Ranks that hold nine of ten draws of the engine in which each weight varies by up to a quarter.
fn intervals_of(tree: &Tree, rows: &[Vec<Option<f64>>]) -> Vec<Option<(usize, usize)>> {
    let mut stream = tukhum::stats::random::Stream::new(11, 0);
    let mut scratch = Default::default();
    let mut seen: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
    for _ in 0..400 {
        let weights: Vec<f64> = tree.weights().iter().map(|w| w * (0.75 + 0.5 * stream.uniform())).collect();
        let scores: Vec<Option<f64>> = rows.iter().map(|row| tree.score_varied(row, &weights, &mut scratch)).collect();
        for (ranks, drawn) in seen.iter_mut().zip(rank(&scores)) {
            ranks.extend(drawn);
        }
    }
    let ends = |mut ranks: Vec<usize>| {
        ranks.sort_unstable();
        let at = |q: f64| (ranks.len().saturating_sub(1)) as f64 * q;
        Some((*ranks.get(at(0.05).floor() as usize)?, *ranks.get(at(0.95).ceil() as usize)?))
    };
    seen.into_iter().map(ends).collect()
}

/// On the real frameworks: intervals like the engine's where only weights vary, and a set that the loader reads.
#[test]
fn the_script_on_the_real_frameworks() {
    if let Some(why) = missing(false) {
        println!("not run: {why}");
        return;
    }
    let edition = &EDITIONS[&AFTER];
    let rankings = edition.rankings();
    let cases: Vec<Case> = rankings.iter().map(|r| Case { tree: r.framework.tree.clone(), rows: r.rows() }).collect();
    for ((ranking, case), answer) in rankings.iter().zip(&cases).zip(asked(&cases)) {
        let theirs = intervals_of(&case.tree, &case.rows);
        // 400 draws each, of other numbers: the ends of an interval stray by some ranks.
        for (unit, (ours, theirs)) in answer.intervals.iter().zip(&theirs).enumerate() {
            let (Some([low, high]), Some((from, to))) = (ours, theirs) else {
                assert_eq!(ours.is_some(), theirs.is_some());
                continue;
            };
            assert!(low.abs_diff(*from) <= 2 && high.abs_diff(*to) <= 2, "unit {unit}: {low}–{high}, the engine {from}–{to}");
        }
        let kind = ranking.framework.kind.name();
        let set = answer.set.expect("a set");
        // The answer names provinces whatever the kind.
        own_weights(kind, &set, case.tree.weights());
    }
}

/// The loader reads a set as the weights it was made of.
fn own_weights(kind: &str, set: &str, expected: &[f64]) {
    let sources = Draft::tiny().set(&format!("indicators/{kind}/weights/own.toml"), set).read();
    let framework = sources.framework(if kind == "provinces" { UnitKind::Provinces } else { UnitKind::Crossings });
    let own = framework.weight_set("own").expect("the set is read");
    let weights = own.weights(&framework.tree, &[]).expect("given weights").weights;
    for n in 0..framework.tree.nodes().len() {
        let edges = framework.tree.edges(n);
        let (a, b) = (&weights[edges.clone()], &expected[edges]);
        let (all_a, all_b) = (a.iter().sum::<f64>(), b.iter().sum::<f64>());
        for (a, b) in a.iter().zip(b) {
            assert!((a / all_a - b / all_b).abs() < 1e-12);
        }
    }
}

// Pages in a browser

fn write(folder: &Path, name: &str, report: &Report, language: Language) -> usize {
    let wanted = Wanted { formats: [Format::Html].into(), languages: [language].into() , hxl: false };
    let (_, page) = report::render::files(report, &wanted).expect("the page renders").pop_first().expect("a page");
    std::fs::write(folder.join(name), &page).expect("written");
    page.len()
}

fn report_of(edition: &tukhum::edition::Edition<'_>) -> Report {
    let previous = SOURCES.edition_before(edition.as_of.day).map(|d| &EDITIONS[&d]);
    report::build(&SOURCES, edition, previous, SEED)
}

/// Texts that want to be more than text.
fn poison(k: usize) -> String {
    let all = [
        "</script><script>globalThis.attacked=1</script>".to_owned(),
        "\"><img src=x onerror=globalThis.attacked=1>".to_owned(),
        "' onmouseover='globalThis.attacked=1".to_owned(),
        "<!--<script>".to_owned(),
        "\u{202e}seyaK \u{2067}open".to_owned(),
        format!("Z{}algo", "\u{301}\u{302}\u{30a}\u{324}".repeat(200)),
        "x".repeat(10_000),
        "long words ".repeat(1_000),
        "{{ 7 * 7 }} ${globalThis.attacked=1} &lt;b&gt;".to_owned(),
        String::new(),
    ];
    all[k % all.len()].clone()
}

fn poisoned(mut report: Report) -> Report {
    let text = |k| Text::same(&poison(k));
    for (t, table) in report.rankings.iter_mut().enumerate() {
        for (k, row) in table.rows.iter_mut().enumerate() {
            row.name = text(k + t);
        }
        for (k, indicator) in table.indicators.iter_mut().enumerate() {
            indicator.label = text(k + 3);
        }
    }
    for (k, card) in report.cards.iter_mut().enumerate() {
        card.name = text(k);
        card.about = vec![text(k + 1), text(k + 2)];
        for (i, event) in card.events.iter_mut().enumerate() {
            event.url = ["javascript:globalThis.attacked=1", "JaVaScRiPt:alert(1)", "data:text/html,<script>1</script>", "https://x.example/\"onclick=\"a"][i % 4].into();
            (event.what, event.note, event.source) = (text(i), Some(text(i + 4)), text(i + 6));
        }
        for (i, fact) in card.facts.iter_mut().enumerate() {
            (fact.value, fact.url) = (poison(i + k), "javascript:globalThis.attacked=1".into());
        }
    }
    for (k, area) in report.map.areas.iter_mut().enumerate() {
        area.name = text(k);
    }
    for (k, crossing) in report.map.crossings.iter_mut().enumerate() {
        crossing.name = text(k + 5);
    }
    for (k, gap) in report.gaps.iter_mut().enumerate() {
        *gap = text(k + 6);
    }
    report
}

/// As many provinces as wanted, made of one in the middle: no edition has thousands of cards as large as the first.
fn with_units(mut report: Report, count: usize) -> Report {
    let rows = &report.rankings[0].rows;
    let row = rows[rows.len() / 2].clone();
    let card = report.cards.iter().find(|c| c.unit == row.unit).expect("its card").clone();
    report.rankings.truncate(1);
    report.rankings[0].certainty = None;
    report.rankings[0].rows = (0..count).map(|k| tukhum::report::model::RankRow { unit: format!("U-{k}"), rank: Some(k + 1), ..row.clone() }).collect();
    report.cards = (0..count).map(|k| tukhum::report::model::Card { unit: format!("U-{k}"), rank: Some(k + 1), of: count, ..card.clone() }).collect();
    if count == 1 {
        report.cards[0].events.clear();
    }
    let side = |k: usize| [(k % 70) as f64 * 10.0, (k / 70) as f64 * 10.0];
    report.map.areas = (0..count)
        .map(|k| {
            let [x, y] = side(k);
            let ring = vec![[x, y], [x + 9.0, y], [x + 9.0, y + 9.0], [x, y + 9.0]];
            MapArea { unit: format!("U-{k}"), name: Text::same(&format!("Unit {k}")), class: row.class.clone(), scored: true, hot: None, rings: vec![ring] }
        })
        .collect();
    report.map.crossings.clear();
    report.actions.clear();
    report.changes.clear();
    report.follow_up.clear();
    report
}

/// The largest page that phones should have to load, in bytes.
const LARGEST: usize = 1_500_000;
const LARGEST_OF_MANY: usize = 6_000_000;

#[test]
fn pages_in_a_browser() {
    let temporary = tempfile::tempdir().expect("a folder");
    let folder = temporary.path();
    let report = report_of(EDITIONS.values().next_back().expect("an edition"));
    for language in Language::ALL {
        let name = report::render::named("report", "html", language);
        let size = write(folder, &name, &report, language);
        println!("{name}: {size} bytes");
        assert!(size < LARGEST, "{name} has {size} bytes");
    }
    write(folder, "hostile.html", &poisoned(report.clone()), Language::En);
    write(folder, "hostile.ar.html", &poisoned(report.clone()), Language::Ar);
    write(folder, "one.html", &with_units(report.clone(), 1), Language::Fr);
    let many = write(folder, "many.html", &with_units(report.clone(), 5_000), Language::Ar);
    println!("5,000 units: {many} bytes");
    assert!(many < LARGEST_OF_MANY, "5,000 units take {many} bytes");
    if let Some(why) = missing(true) {
        println!("the browser did not run: {why}");
        return;
    }
    let done = node("check.mjs", &[folder]);
    println!("{}", stdout(&done));
    assert!(done.status.success(), "{}", stderr(&done));
    let set = std::fs::read_to_string(folder.join("own.report.html.toml")).expect("the set that the page saved");
    let sources = Draft::tiny().set("indicators/provinces/weights/own.toml", set).read();
    assert!(sources.framework(UnitKind::Provinces).weight_set("own").is_some());
}

/// Nothing of the data leaves its place in the markup, and the policy lets exactly the page's own script and style in.
#[test]
fn hostile_words_stay_words() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "hostile.html", &poisoned(report_of(&EDITIONS[&AFTER])), Language::En);
    let page = std::fs::read_to_string(folder.path().join("hostile.html")).expect("the page");
    assert_eq!(page.matches("<script").count(), 2, "the data and the page's own");
    assert_eq!(page.matches("</script>").count(), 2);
    for never in ["onerror=g", "href=\"javascript:", "href=\"data:", "<img", "\u{202e}", " style=", "unsafe-inline"] {
        let outside_of_text = page.matches(never).count() - page.matches(&format!("img src=x {never}")).count();
        assert_eq!(outside_of_text, 0, "{never}");
    }
    assert!(page.contains("default-src 'none'; script-src 'sha256-"));
}
