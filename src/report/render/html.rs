//! The report as one page.

mod clean;
mod data;
mod sketch;

use std::collections::BTreeMap;

#[cfg(feature = "pdf")]
pub(super) use self::clean::cleaned;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use minijinja::context;
use minijinja::value::{Serde, Value};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::words::environment;
use super::{RenderError, named};
use crate::report::model::{FollowUpLine, Report};
use crate::text::{Language, Text, country};

/// What one page holds at most; it says what it leaves out, and report.json has everything.
const MOST_ROWS: usize = 1000;
const MOST_CARDS: usize = 100;
const MOST_CHANGES: usize = 300;
const MOST_UNITS_OF_ADVICE: usize = 120;

/// A name longer than this is cut in lists and tables; its card has it in full.
const LONGEST_NAME: usize = 120;

/// Degrees of confidence and severity, to sort by.
const ORDER: [(&str, usize); 6] = [("low", 0), ("moderate", 1), ("high", 2), ("watch", 0), ("warning", 1), ("alarm", 2)];

/// Where a unit stands, for the map and for links.
#[derive(Serialize)]
struct Mark<'a> {
    rank: Option<usize>,
    score: Option<f64>,
    class: Option<&'a str>,
    class_label: Option<&'a Text>,
    /// Whether the page has its card.
    card: bool,
}

/// The report as one HTML file: no outside request, complete without its script, readable at any width.
pub fn render(report: &Report, language: Language) -> Result<String, RenderError> {
    let mut env = environment(language, true)?;
    env.set_formatter(clean::formatter);
    env.add_filter("short", |name: String| shortened(&name));
    env.add_filter("country", move |code: &str| country(code).get(language).to_owned());
    env.add_filter("centre", |rings: Serde<Vec<Vec<[f64; 2]>>>| sketch::centre(&rings.0).map(|[x, y]| vec![x, y]));
    env.add_template("report.html", include_str!("report.html.j2"))?;
    env.add_template("forecasts.html", include_str!("forecasts.html.j2"))?;
    let (style, script) = (lines(include_str!("report.css")), lines(include_str!("report.js")));
    let policy = format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'",
        fingerprint(&script),
        fingerprint(&style)
    );
    let pages: Vec<_> = Language::ALL.iter().map(|l| context! { code => l.code(), name => l.own_name(), file => named("report", "html", *l) }).collect();
    let page = context! {
        r => Serde(report),
        map => Serde(&report.map),
        language => Serde(language),
        direction => language.direction(),
        policy => policy,
        style => style,
        script => script,
        data => data::embedded(report, language, MOST_ROWS)?,
        pages => pages,
        marks => Serde(marks(report)),
        sketches => Serde(sketch::sketches(&report.map)),
        follow_ups => Serde(follow_ups(report)),
        class_names => report.method.classes.iter().map(|c| (c.id.clone(), c.label.get(language).to_owned())).collect::<BTreeMap<_, _>>(),
        class_place => report.method.classes.iter().enumerate().map(|(place, c)| (c.id.clone(), place)).collect::<BTreeMap<_, _>>(),
        order => BTreeMap::from(ORDER),
        most => most(),
    };
    Ok(env.get_template("report.html")?.render(page)?)
}

/// What one page holds at most, for a template.
pub(super) fn most() -> Value {
    context! { rows => MOST_ROWS, cards => MOST_CARDS, changes => MOST_CHANGES, units => MOST_UNITS_OF_ADVICE }
}

/// As browsers hash it: with bare line feeds, whatever the checkout made of them.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// The source expression of a policy that lets exactly this text through.
pub fn fingerprint(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// A name for lists and tables.
pub(super) fn shortened(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

fn marks(report: &Report) -> BTreeMap<&str, Mark<'_>> {
    let carded: std::collections::BTreeSet<&str> = report.cards.iter().take(MOST_CARDS).map(|c| c.unit.as_str()).collect();
    let rows = report.rankings.iter().flat_map(|t| &t.rows);
    rows.map(|r| {
        let mark = Mark { rank: r.rank, score: r.score, class: r.class.as_deref(), class_label: r.class_label.as_ref(), card: carded.contains(r.unit.as_str()) };
        (r.unit.as_str(), mark)
    })
    .collect()
}

fn follow_ups(report: &Report) -> BTreeMap<&str, Vec<&FollowUpLine>> {
    let mut by_unit: BTreeMap<&str, Vec<&FollowUpLine>> = BTreeMap::new();
    for line in &report.follow_up {
        by_unit.entry(&line.unit).or_default().push(line);
    }
    by_unit
}
