//! The page beside the editions, that lists them with their track record.

use std::collections::BTreeSet;

use minijinja::context;
use minijinja::value::{Serde, Value};
use serde::{Deserialize, Serialize};

use super::words::environment;
use super::{Format, RenderError, named};
use crate::report::model::TrackRecord;
use crate::text::{Language, Text, pieces, plain};

/// A folder with an edition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Listed {
    pub folder: String,
    /// Names of its files.
    pub files: BTreeSet<String>,
    /// Of its report; none where no program can read one.
    pub summary: Option<Summary>,
}

/// What the page takes from an edition's `report.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub as_of: String,
    pub hindsight: bool,
    pub headline: Vec<Text>,
    pub track_record: TrackRecord,
}

/// What a form is called on the page.
const FORMS: [(Format, &str); 4] = [(Format::Html, "page"), (Format::Md, "report_text"), (Format::Xlsx, "workbook"), (Format::Pdf, "print")];

/// A form of an edition with the files in it.
#[derive(Serialize)]
struct Form {
    /// Key of its name.
    name: String,
    /// Words of the links and the files.
    links: Vec<(String, String)>,
}

/// The page in a language, the newest edition first; `record` is the file of the statements' outcomes, if there is one.
pub fn render(editions: &[Listed], record: Option<&str>, language: Language) -> Result<String, RenderError> {
    let mut editions: Vec<&Listed> = editions.iter().collect();
    let day = |e: &Listed| e.summary.as_ref().map_or_else(|| e.folder.clone(), |s| s.as_of.clone());
    editions.sort_by(|a, b| day(b).cmp(&day(a)).then_with(|| a.folder.cmp(&b.folder)));
    // Editions with hindsight and of other levels lie in folders with longer names, and make no statements.
    let newest = editions.iter().find_map(|e| e.summary.as_ref().filter(|s| s.as_of == e.folder));
    let listed: Vec<Value> = editions.iter().map(|e| context! { edition => Serde(*e), forms => Serde(forms(e)) }).collect();
    let pages: Vec<(&str, &str, String)> = Language::ALL.iter().map(|l| (l.code(), l.own_name(), named("index", "html", *l))).collect();
    let mut env = environment(language, true)?;
    env.add_filter("sheet", move |key: &str| crate::text::say(&format!("sheet.{key}"), &[]).get(language).to_owned());
    env.add_filter("said", move |text: Serde<Text>| Value::from_safe_string(set_apart(text.0.get(language), language)));
    env.add_template("index.html", include_str!("index.html.j2"))?;
    let page = context! { language => Serde(language), direction => language.direction(), pages, listed, record, newest => Serde(newest), file => named("report", "html", language) };
    Ok(env.get_template("index.html")?.render(page)?)
}

/// The forms that an edition is there in, each with its languages or files.
fn forms(edition: &Listed) -> Vec<Form> {
    let there = |name: &String| edition.files.contains(name);
    let in_languages = FORMS.iter().map(|(format, name)| {
        let files = Language::ALL.into_iter().map(|l| (l.code().to_uppercase(), named("report", format.extension(), l)));
        Form { name: (*name).into(), links: files.filter(|(_, file)| there(file)).collect() }
    });
    let ending = |ends: &[&str]| edition.files.iter().filter(|f| ends.iter().any(|end| f.ends_with(end))).map(|f| (f.clone(), f.clone())).collect();
    let others = [Form { name: "map_layer".into(), links: ending(&[".geojson"]) }, Form { name: "for_programs".into(), links: ending(&[".csv", ".json", ".toml"]) }];
    in_languages.chain(others).filter(|form| !form.links.is_empty()).collect()
}

/// HTML of a text, in which what runs from left to right is set apart.
fn set_apart(text: &str, language: Language) -> String {
    let escape = |part: &str| plain(part).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let written = |(apart, piece): (bool, &str)| if apart { format!("<bdi dir=\"ltr\">{}</bdi>", escape(piece)) } else { escape(piece) };
    pieces(text, language).into_iter().map(written).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_arabic_keep_their_order() {
        assert_eq!(set_apart("قيل 63%، في 2025-07-31.", Language::Ar), "قيل <bdi dir=\"ltr\">63%</bdi>، في <bdi dir=\"ltr\">2025-07-31</bdi>.");
        assert_eq!(set_apart("عن T5؛ JNIM >\u{a0}1%", Language::Ar), "عن <bdi dir=\"ltr\">T5</bdi>؛ JNIM <bdi dir=\"ltr\">&gt;\u{a0}1%</bdi>");
        assert_eq!(set_apart("\u{2068}JNIM 2\u{2069} قيل", Language::Ar), "<bdi dir=\"ltr\">JNIM 2</bdi> قيل");
        assert_eq!(set_apart("63% <script>", Language::En), "63% &lt;script&gt;");
    }
}
