//! The report for print, set by Typst: a tagged file, with the headings as bookmarks, dated by the edition.
//!
//! The template writes the source. Each value in it becomes a string of Typst, which is shown and never read as markup.

use std::sync::LazyLock;

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Output, State, context};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use super::RenderError;
use super::geojson::colour;
use super::html::{cleaned, most, shortened};
use super::words::environment;
use crate::report::model::Report;
use crate::text::{Language, comma, country, parse_day, pieces, plain, say, semicolon};

/// Complete fonts, because the Arabic of subsets can neither be searched nor copied.
const FONTS: [&[u8]; 4] = [
    include_bytes!("fonts/SourceSans3_400Regular.ttf"),
    include_bytes!("fonts/SourceSans3_700Bold.ttf"),
    include_bytes!("fonts/Amiri_400Regular.ttf"),
    include_bytes!("fonts/Amiri_700Bold.ttf"),
];

/// Cards on paper; the other forms have the rest.
const MOST_CARDS: usize = 10;

/// Letters of a word that fit into the narrowest line.
const LONGEST_WORD: usize = 30;

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));
static TYPES: LazyLock<Vec<Font>> = LazyLock::new(|| FONTS.into_iter().flat_map(|bytes| Font::iter(Bytes::new(bytes))).collect());
static BOOK: LazyLock<LazyHash<FontBook>> = LazyLock::new(|| LazyHash::new(FontBook::from_fonts(TYPES.iter())));

/// The report as PDF/UA-1, the standard for readers who do not see the page.
///
/// The standard asks a glyph for every letter: a text in a script that the fonts lack costs the claim to it, not the report.
pub fn render(report: &Report, language: Language) -> Result<Vec<u8>, RenderError> {
    let press = Press::new(source(report, language)?)?;
    let document: PagedDocument = typst::compile(&press).output.map_err(told)?;
    let day = parse_day(&report.as_of).and_then(|d| Datetime::from_ymd_hms(d.year().into(), d.month().unsigned_abs(), d.day().unsigned_abs(), 0, 0, 0));
    let written = |standard| {
        let options = PdfOptions {
            ident: Smart::Custom(format!("tukhum {} {}", report.as_of, language.code())),
            creator: Smart::Custom(Some(format!("tukhum {}", report.program))),
            timestamp: day.map(Timestamp::new_utc),
            standards: PdfStandards::new(&[standard]).map_err(|problem| RenderError::Pdf(problem.message().to_string()))?,
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&document, &options).map_err(told)
    };
    written(PdfStandard::Ua_1).or_else(|_| written(PdfStandard::V_1_7))
}

fn told(problems: impl IntoIterator<Item = SourceDiagnostic>) -> RenderError {
    RenderError::Pdf(problems.into_iter().map(|p| p.message.to_string()).collect::<Vec<_>>().join("; "))
}

/// The report as Typst.
fn source(report: &Report, language: Language) -> Result<String, RenderError> {
    let mut env = environment(language, true)?;
    env.set_auto_escape_callback(|_| AutoEscape::Custom("typst".into()));
    env.set_formatter(move |out, state, value| formatter(out, state, value, language));
    let code = Value::from_safe_string;
    env.add_filter("words", move |text: String| code(string(&text)));
    env.add_filter("number", move |x: f64| code(x.to_string()));
    env.add_filter("pair", move |p: Serde<[f64; 2]>| code(format!("{}, {}", p.0[0], p.0[1])));
    env.add_filter("points", move |line: Serde<Vec<[f64; 2]>>| code(line.0.iter().map(|[x, y]| format!("({x}, {y})")).collect::<Vec<_>>().join(", ")));
    env.add_filter("apart", move |text: String| code(set(&text, language == Language::Ar)));
    env.add_filter("short", |name: String| shortened(&name));
    env.add_filter("sheet", move |key: &str| say(&format!("sheet.{key}"), &[]).get(language).to_owned());
    let comma = comma(language);
    env.add_filter("countries", move |codes: Serde<Vec<String>>| codes.0.iter().map(|c| country(c).get(language).to_owned()).collect::<Vec<_>>().join(&comma));
    let classes: Vec<(String, String, &str)> = report.method.classes.iter().map(|c| (c.id.clone(), c.label.get(language).to_owned(), colour(report, Some(&c.id)))).collect();
    let class = move |id: &Option<String>| classes.iter().find(|c| Some(&c.0) == id.as_ref()).cloned();
    let (of, none) = (class.clone(), colour(report, None));
    env.add_filter("colour", move |id: Option<String>| of(&id).map_or(none, |c| c.2));
    env.add_filter("class", move |id: Option<String>| class(&id).map(|c| c.1).or(id).unwrap_or_else(|| "–".into()));
    env.add_template("report.typ", include_str!("report.typ.j2"))?;
    // Amiri stands smaller on its line than Source Sans.
    let (fonts, size) = if language == Language::Ar { (["Amiri", "Source Sans 3"], 11.0) } else { (["Source Sans 3", "Amiri"], 9.5) };
    let page = context! { r => Serde(report), map => Serde(&report.map), language => Serde(language), fonts, size, semicolon => semicolon(language), most => most(), cards => MOST_CARDS };
    Ok(env.get_template("report.typ")?.render(page)?)
}

/// Writes a value as text of Typst; what runs from left to right in Arabic is set apart.
fn formatter(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value, language: Language) -> Result<(), minijinja::Error> {
    if value.is_safe() || value.is_undefined() {
        // The usual formatter refuses what is undefined.
        return minijinja::escape_formatter(out, state, value);
    }
    let text = if value.is_none() { String::new() } else { value.to_string() };
    pieces(&text, language).into_iter().try_for_each(|(apart, piece)| Ok(out.write_str(&set(piece, apart))?))
}

/// Code of Typst that shows a text.
fn set(text: &str, apart: bool) -> String {
    if apart { format!("#apart({});", string(text)) } else { format!("#{};", string(text)) }
}

/// A string of Typst: no control character or mark of direction, and room to break in a word that no line holds.
fn string(text: &str) -> String {
    let (mut out, mut run) = (String::from("\""), 0);
    for c in plain(&cleaned(text)).chars() {
        run = if c.is_whitespace() { 0 } else { run + 1 };
        if run > LONGEST_WORD {
            out.push('\u{200b}');
            run = 1;
        }
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// What Typst may see: the source and the fonts inside the program. No file, no package, no clock.
struct Press(Source);

impl Press {
    fn new(text: String) -> Result<Self, RenderError> {
        let path = VirtualPath::new("report.typ").map_err(|problem| RenderError::Pdf(problem.to_string()))?;
        Ok(Self(Source::new(RootedPath::new(VirtualRoot::Project, path).intern(), text)))
    }
}

impl World for Press {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }

    fn main(&self) -> FileId {
        self.0.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.0.id() { Ok(self.0.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        TYPES.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_string_whatever_stands_in_it() {
        assert_eq!(string("a \"] #eval(1) \\ \n$x$ \u{202e}@b"), r##""a \"] #eval(1) \\  $x$ @b""##);
        assert_eq!(string(&"x".repeat(65)).matches('\u{200b}').count(), 2);
    }

    #[test]
    fn typst_reaches_nothing_outside() {
        for code in ["#image(\"/etc/passwd\")", "#read(\"report.json\")", "#import \"@preview/cetz:0.3.0\"", "#datetime.today()"] {
            let press = Press::new(code.into()).expect("a source");
            let set: Result<PagedDocument, _> = typst::compile(&press).output;
            assert!(set.is_err(), "{code}");
        }
    }
}
