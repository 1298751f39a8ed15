//! Every form of an edition says the same, in every language, and nothing in a text is ever acted on.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};
use std::sync::LazyLock;

use calamine::{Data, DataType, Reader, Xlsx};
use geojson::{FeatureCollection, GeoJson, GeometryValue, JsonObject};
use tukhum::edition::Edition;
use tukhum::report::model::RankRow;
use tukhum::report::render::{self, Format, Wanted, named};
use tukhum::report::{self, Report};
use tukhum::text::{Language, Text, label, locale, plain, say};

use super::print::printed;
use super::support::*;

/// The edition after the wave, as plain data.
pub static REPORT: LazyLock<Report> = LazyLock::new(|| {
    let edition = Edition::compute(&SOURCES, AFTER, false);
    let previous = SOURCES.edition_before(AFTER).map(|day| Edition::compute(&SOURCES, day, false));
    report::build(&SOURCES, &edition, previous.as_ref(), SEED)
});

/// Every form that this program can write, print only if it was built with that feature.
fn forms(report: &Report) -> Files {
    let all = Format::USUAL.into_iter().chain([Format::Pdf]).filter(|f| f.is_built_in());
    Files(render::files(report, &Wanted { formats: all.collect(), ..Wanted::default() }).expect("it renders"))
}

pub static FORMS: LazyLock<Files> = LazyLock::new(|| forms(&REPORT));

/// Units whose figures are read back: the first and the fourth province and crossing.
fn units(report: &Report) -> Vec<(usize, &RankRow)> {
    report.rankings.iter().enumerate().flat_map(|(i, table)| [0, 3].map(|row| (i, &table.rows[row]))).collect()
}

/// The figures by name, as a form has them.
type Figures = BTreeMap<String, f64>;

const NAMES: [&str; 7] = ["rank", "rank_low", "rank_high", "rank_before", "score", "best", "worst"];

fn figure(row: &RankRow, name: &str) -> f64 {
    let whole = |n: Option<usize>| n.expect("the unit has it") as f64;
    match name {
        "rank" => whole(row.rank),
        "rank_low" => whole(row.rank_low),
        "rank_high" => whole(row.rank_high),
        "rank_before" => whole(row.rank_before),
        "score" => row.score.expect("the unit has a score"),
        "best" => row.best,
        "worst" => row.worst,
        other => panic!("{other}"),
    }
}

fn figures_of_the_report() -> Figures {
    let mut figures = Figures::new();
    for (_, row) in units(&REPORT) {
        figures.extend(NAMES.map(|name| (format!("{} {name}", row.unit), figure(row, name))));
    }
    figures.extend(REPORT.rankings.iter().map(|t| (format!("number of {}", t.kind), t.rows.len() as f64)));
    figures
}

/// Figures from rows of named cells; `cell` reads a figure of a row.
fn from_rows<R>(tables: [Vec<R>; 2], unit: impl Fn(&R) -> String, cell: impl Fn(&R, &str) -> f64) -> Figures {
    let mut figures = Figures::new();
    for (table, rows) in REPORT.rankings.iter().zip(&tables) {
        figures.insert(format!("number of {}", table.kind), rows.len() as f64);
    }
    for (i, wanted) in units(&REPORT) {
        let row = tables[i].iter().find(|r| unit(r) == wanted.unit).unwrap_or_else(|| panic!("{} is not there", wanted.unit));
        figures.extend(NAMES.map(|name| (format!("{} {name}", wanted.unit), cell(row, name))));
    }
    figures
}

fn from_csv(files: &Files) -> Figures {
    let table = |name: &str| -> Vec<BTreeMap<String, String>> {
        csv::Reader::from_reader(files[name].as_bytes()).deserialize().map(|row| row.expect("a row")).collect()
    };
    from_rows([table("provinces.csv"), table("crossings.csv")], |r| r["unit"].clone(), |r, name| r[name].parse().expect("a number"))
}

fn from_json(files: &Files) -> Figures {
    let report: serde_json::Value = serde_json::from_str(&files["report.json"]).expect("JSON");
    let table = |i: usize| report["rankings"][i]["rows"].as_array().expect("rows").clone();
    from_rows([table(0), table(1)], |r| r["unit"].as_str().expect("a unit").into(), |r, name| r[name].as_f64().expect("a number"))
}

fn features(files: &Files) -> FeatureCollection {
    match files["units.geojson"].parse() {
        Ok(GeoJson::FeatureCollection(collection)) => collection,
        other => panic!("{other:?}"),
    }
}

fn from_geojson(files: &Files) -> Figures {
    let all = features(files).features;
    let table = |kind: &str| -> Vec<JsonObject> { all.iter().filter_map(|f| f.properties.clone()).filter(|p| p["kind"] == kind).collect() };
    from_rows([table("provinces"), table("crossings")], |p| p["unit"].as_str().expect("a unit").into(), |p, name| p[name].as_f64().expect("a number"))
}

/// The sheets of a workbook by name, each row by the titles of the columns.
fn sheets(bytes: &[u8]) -> BTreeMap<String, Vec<BTreeMap<String, Data>>> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes.to_vec())).expect("a workbook");
    let read = |(name, range): (String, calamine::Range<Data>)| {
        let mut rows = range.rows();
        let titles: Vec<String> = rows.next().expect("a header").iter().map(ToString::to_string).collect();
        (name, rows.map(|row| titles.iter().cloned().zip(row.iter().cloned()).collect()).collect())
    };
    book.worksheets().into_iter().map(read).collect()
}

fn word(key: &str, language: Language) -> String {
    plain(say(key, &[]).get(language))
}

fn from_xlsx(files: &Files, language: Language) -> Figures {
    let sheets = sheets(&files.0[&named("report", "xlsx", language)]);
    let table = |key: &str| sheets[&word(key, language)].clone();
    let title = |name: &str| match name {
        "rank" | "score" => format!("labels.{name}"),
        other => format!("sheet.{other}"),
    };
    let cell = |r: &BTreeMap<String, Data>, name: &str| r[&word(&title(name), language)].get_float().expect("a number in its cell");
    from_rows([table("sheet.provinces"), table("sheet.crossings")], |r| r[&word("sheet.id", language)].to_string(), cell)
}

/// Numbers in a text as a reader of the language sees them.
fn numbers(text: &str, language: Language) -> Vec<f64> {
    let text = plain(text).replace(['\u{202f}', '\u{200e}'], "");
    let point = if language == Language::Fr { ',' } else { '.' };
    text.split(|c: char| !c.is_ascii_digit() && c != point).filter_map(|n| n.trim_matches(point).replace(',', ".").parse().ok()).collect()
}

/// Figures from the lines of a ranking as people read them: a line has every figure of its unit, rounded.
fn from_lines(sections: [Vec<String>; 2], language: Language) -> Figures {
    let mut figures = Figures::new();
    for (table, lines) in REPORT.rankings.iter().zip(&sections) {
        let named = table.rows.iter().filter(|r| lines.iter().any(|line| line.contains(r.name.get(language))));
        figures.insert(format!("number of {}", table.kind), named.count() as f64);
    }
    for (i, row) in units(&REPORT) {
        let line = sections[i].iter().find(|line| line.contains(row.name.get(language))).unwrap_or_else(|| panic!("{} is not there", row.unit));
        let mut there = numbers(&line.replacen(row.name.get(language), " ", 1), language);
        for name in NAMES {
            let wanted = figure(row, name);
            // Each number of the line serves once.
            if let Some(at) = there.iter().position(|x| (x - wanted).abs() <= 0.05 + 1e-9) {
                figures.insert(format!("{} {name}", row.unit), there.remove(at));
            }
        }
    }
    figures
}

fn from_markdown(files: &Files, language: Language) -> Figures {
    let text = &files[named("report", "md", language).as_str()];
    let section = |kind: &str| -> Vec<String> {
        let heading = format!("\n## {}\n", label(kind).get(language));
        let (_, rest) = text.split_once(&heading).expect("the section is there");
        rest.split("\n## ").next().unwrap_or("").lines().filter(|l| l.starts_with('|')).skip(2).map(str::to_owned).collect()
    };
    from_lines([section("provinces"), section("crossings")], language)
}

/// Text of HTML without its tags.
fn untagged(html: &str) -> String {
    let mut out = String::new();
    for part in html.split('<') {
        out.push(' ');
        out.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    out.replace("&#x27;", "'").replace("&amp;", "&")
}

fn from_html(files: &Files, language: Language) -> Figures {
    let text = &files[named("report", "html", language).as_str()];
    let section = |kind: &str| -> Vec<String> {
        let (_, rest) = text.split_once(&format!(" id=\"{kind}\"")).expect("the section is there");
        let table = rest.split_once("<tbody>").and_then(|(_, rest)| rest.split_once("</tbody>")).expect("a table").0;
        table.split("<tr").skip(1).map(untagged).collect()
    };
    let sections = [section("provinces"), section("crossings")];
    let mut figures = from_lines(sections.clone(), language);
    // The page shows how many ranks a unit rose or fell.
    for (i, row) in units(&REPORT) {
        let line = sections[i].iter().find(|line| line.contains(row.name.get(language))).expect("its line");
        let after = |sign: char| line.split_once(sign).and_then(|(_, rest)| numbers(rest, language).first().copied());
        let moved = after('▲').or_else(|| after('▼').map(|n| -n)).or_else(|| line.contains(" = ").then_some(0.0));
        let rank = figures[&format!("{} rank", row.unit)];
        figures.extend(moved.map(|moved| (format!("{} rank_before", row.unit), rank + moved)));
    }
    figures
}

/// The rankings on paper, if this machine can read it: a row's figures stand on its first line.
fn from_print(files: &Files, language: Language) -> Option<Figures> {
    let text = printed(files.0.get(&named("report", "pdf", language))?, &["-layout"])?;
    let mut lines = text.lines().map(str::trim);
    let mut until = |key: &str| -> Vec<String> {
        let heading = label(key);
        lines.by_ref().take_while(|line| *line != heading.get(language)).map(str::to_owned).collect()
    };
    let [_, provinces, crossings] = ["provinces", "crossings", "map"].map(&mut until);
    // A long name takes two lines, so rows are counted by what each has once: the best and worst case.
    let is_span = |word: &str| word.split_once('–').is_some_and(|(low, high)| [low, high].iter().all(|n| n.contains([',', '.'])));
    let rows = |lines: &[String]| lines.iter().filter(|line| line.split(|c: char| !c.is_ascii_digit() && !",.–".contains(c)).any(is_span)).count();
    let counted = [rows(&provinces), rows(&crossings)];
    let mut figures = from_lines([provinces, crossings], language);
    figures.extend(REPORT.rankings.iter().zip(counted).map(|(table, n)| (format!("number of {}", table.kind), n as f64)));
    Some(figures)
}

/// The same thirty figures stand in every form, in every language.
#[test]
fn thirty_figures_in_every_form() {
    let wanted = figures_of_the_report();
    assert_eq!(wanted.len(), 30);
    let mut read: Vec<(String, Figures, f64)> = vec![
        ("csv".into(), from_csv(&FORMS), 0.0),
        // The reader of JSON that the test uses may miss the last bit of a number.
        ("json".into(), from_json(&FORMS), 1e-14),
        ("geojson".into(), from_geojson(&FORMS), 1e-14),
    ];
    for language in Language::ALL {
        let code = language.code();
        read.push((format!("xlsx {code}"), from_xlsx(&FORMS, language), 0.0));
        // People read a decimal.
        read.push((format!("md {code}"), from_markdown(&FORMS, language), 0.05 + 1e-9));
        read.push((format!("html {code}"), from_html(&FORMS, language), 0.05 + 1e-9));
        read.extend(from_print(&FORMS, language).map(|figures| (format!("pdf {code}"), figures, 0.05 + 1e-9)));
    }
    let mut table = format!("{:<28}{:>9}", "figure", "report");
    read.iter().for_each(|(form, ..)| table.push_str(&format!("{form:>9}")));
    let mut wrong = Vec::new();
    for (name, value) in &wanted {
        table.push_str(&format!("\n{name:<28}{:>9}", locale::number(*value, 2, Language::En)));
        for (form, figures, tolerance) in &read {
            let found = figures.get(name);
            table.push_str(&format!("{:>9}", found.map_or("-".into(), |x| locale::number(*x, 2, Language::En))));
            if found.is_none_or(|x| (x - value).abs() > *tolerance) {
                wrong.push(format!("{name} in {form}: {found:?}, not {value}"));
            }
        }
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{}\n{table}", wrong.join("\n"));
}

/// Dates are dates in workbooks, and the edition's day is theirs.
#[test]
fn days_are_days() {
    for language in Language::ALL {
        let sheets = sheets(&FORMS.0[&named("report", "xlsx", language)]);
        let day = sheets[&word("sheet.summary", language)].iter().flat_map(BTreeMap::values).find_map(DataType::get_datetime).expect("a day");
        assert_eq!(day.to_ymd_hms_milli(), (AFTER.year() as u16, AFTER.month() as u8, AFTER.day() as u8, 0, 0, 0, 0));
        let events = &sheets[&word("sheet.events", language)];
        let dated = events.iter().filter(|e| e[&word("labels.date", language)].get_datetime().is_some()).count();
        assert!(dated * 2 > events.len(), "{dated} of {} events", events.len());
        let deaths = events.iter().filter(|e| e[&word("labels.deaths", language)].get_float().is_some()).count();
        assert!(deaths * 2 > events.len(), "{deaths} of {} counts", events.len());
    }
}

/// The parts of a workbook that are text, by name.
fn parts(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a workbook is an archive");
    let names: Vec<String> = archive.file_names().map(|name| name.expect("a name").into_owned()).collect();
    let mut part = |name: &String| {
        let mut text = String::new();
        archive.by_name(name).expect("a part").read_to_string(&mut text).expect("text");
        text
    };
    names.iter().map(|name| (name.clone(), part(name))).collect()
}

/// Each sheet has a frozen header and a filter, runs from the right in Arabic, and has neither formulas nor links.
#[test]
fn workbooks_are_tables_and_nothing_else() {
    for language in Language::ALL {
        let name = named("report", "xlsx", language);
        let parts = parts(&FORMS.0[&name]);
        let sheets: Vec<(&String, &String)> = parts.iter().filter(|(path, _)| path.starts_with("xl/worksheets/sheet")).collect();
        assert_eq!(sheets.len(), 17 + REPORT.rankings.len(), "{name}");
        for (path, xml) in sheets {
            assert_eq!(xml.contains("rightToLeft=\"1\""), language == Language::Ar, "{name} {path}");
            assert!(xml.contains("state=\"frozen\"") && xml.contains("<autoFilter "), "{name} {path}");
            assert!(!xml.contains("<f>") && !xml.contains("<f ") && !xml.contains("<hyperlink"), "{name} {path}");
        }
        for (sheet, rows) in self::sheets(&FORMS.0[&name]) {
            let words = rows.first().into_iter().flat_map(BTreeMap::keys).chain([&sheet]);
            // A key that is not in the catalogue would read as itself.
            words.for_each(|word| assert!(!word.starts_with("sheet.") && !word.starts_with("labels."), "{name}: {word}"));
        }
        let core = &parts["docProps/core.xml"];
        assert!(core.contains("2025-07-31T00:00:00Z"), "{name}: {core}");
        assert!(!parts.keys().any(|path| path.contains("vba") || path.contains("externalLink")), "{name}");
    }
}

/// No form for programs has marks of direction, and each is the same twice.
#[test]
fn forms_are_plain_and_the_same_twice() {
    let again = forms(&REPORT);
    assert!(FORMS.0 == again.0);
    let steers = |text: &str| text.chars().any(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
    for name in ["report.json", "provinces.csv", "crossings.csv", "units.geojson"] {
        assert!(!steers(&FORMS[name]), "{name}");
    }
    for language in Language::ALL {
        let name = named("report", "xlsx", language);
        assert!(!parts(&FORMS.0[&name]).values().any(|xml| steers(xml)), "{name}");
    }
    // The prose has them, so there was something to take away.
    assert!(steers(&FORMS["report.ar.md"]));
}

/// What `report.json` says comes back into the model, apart from the marks.
#[test]
fn the_json_is_read_back() {
    let read: Report = serde_json::from_str(&FORMS["report.json"]).expect("a report");
    assert_eq!(read.format, report::model::FORMAT);
    assert_eq!(read.rankings.iter().map(|t| t.level).collect::<Vec<_>>(), [Some(1), None]);
    assert_eq!((&read.as_of, read.cards.len(), read.gaps.len()), (&REPORT.as_of, REPORT.cards.len(), REPORT.gaps.len()));
    for (then, now) in read.headline.iter().chain(&read.summary).zip(REPORT.headline.iter().chain(&REPORT.summary)) {
        Language::ALL.iter().for_each(|l| assert_eq!(then.get(*l), plain(now.get(*l))));
    }
}

/// The hashtags stand under the header, and nothing else changes.
#[test]
fn hashtags_stand_under_the_header() {
    let files = render::files(&REPORT, &Wanted { formats: [Format::Csv].into(), hxl: true, ..Wanted::default() }).expect("it renders");
    let attribute = |part: &str| part.starts_with(|c: char| c.is_ascii_lowercase()) && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    for (name, own) in [("provinces.csv", "#adm1+code"), ("crossings.csv", "#loc+id")] {
        let text = String::from_utf8(files[name].clone()).expect("text");
        let mut lines: Vec<&str> = text.lines().collect();
        let tags: Vec<&str> = lines.remove(1).split(',').collect();
        assert_eq!(tags.len(), lines[0].split(',').count(), "{name}");
        assert_eq!(tags.iter().collect::<BTreeSet<_>>().len(), tags.len(), "{name}: each column has a hashtag of its own");
        for tag in &tags {
            assert!(tag.strip_prefix('#').is_some_and(|t| t.split('+').all(attribute)), "{name}: {tag}");
        }
        assert!(tags.iter().any(|t| t.starts_with(own)) && tags.contains(&"#indicator+score"), "{name}: {tags:?}");
        assert_eq!(lines.iter().map(|l| format!("{l}\n")).collect::<String>(), FORMS[name]);
    }
}

/// Rings close and turn as the standard has it, and lie where the boundaries do.
#[test]
fn the_map_layer_is_valid() {
    let all = features(&FORMS).features;
    let scored: BTreeSet<&str> = REPORT.rankings.iter().flat_map(|t| t.rows.iter().map(|r| r.unit.as_str())).collect();
    let there: BTreeSet<String> = all.iter().map(|f| f.property("unit").and_then(|u| u.as_str()).expect("a unit").to_owned()).collect();
    assert!(there.iter().map(String::as_str).eq(scored), "each scored unit once");
    assert_eq!(all.len(), there.len());
    let boundaries = std::fs::read_to_string(package().join("datasets/boundaries/boundaries.geojson")).expect("boundaries");
    let vertices: BTreeSet<String> = match boundaries.parse() {
        Ok(GeoJson::FeatureCollection(c)) => c.features.iter().flat_map(|f| rings(&f.geometry.as_ref().expect("a shape").value)).flatten().map(|p| format!("{p:?}")).collect(),
        other => panic!("{other:?}"),
    };
    for feature in &all {
        let (kind, shape) = (feature.property("kind").expect("a kind"), &feature.geometry.as_ref().expect("a shape").value);
        let is_point = matches!(shape, GeometryValue::Point { .. });
        assert_eq!(is_point, kind == "crossings");
        for (i, ring) in rings(shape).iter().enumerate() {
            assert!(ring.len() >= 4 && ring.first() == ring.last(), "{kind} closes");
            let twice_the_area: f64 = ring.windows(2).map(|p| p[0][0] * p[1][1] - p[1][0] * p[0][1]).sum();
            let outer = i == 0 || matches!(shape, GeometryValue::MultiPolygon { .. });
            assert_eq!(twice_the_area > 0.0, outer, "outer rings run counter-clockwise");
            assert!(ring.iter().all(|p| vertices.contains(&format!("{p:?}"))), "neighbours share their vertices");
        }
        let colour = feature.property("colour").and_then(|c| c.as_str()).expect("a colour");
        assert!(colour.len() == 7 && colour.starts_with('#'));
    }
    let long = FORMS["units.geojson"].split(|c: char| !c.is_ascii_digit() && c != '.').filter_map(|n| n.split_once('.'));
    let coordinates = FORMS["units.geojson"].split("\"coordinates\":").skip(1).map(|part| part.split('}').next().unwrap_or("")).collect::<String>();
    assert!(long.count() > 1000);
    assert!(coordinates.split(|c: char| !c.is_ascii_digit() && c != '.').filter_map(|n| n.split_once('.')).all(|(_, decimals)| decimals.len() <= 7));
}

fn rings(shape: &GeometryValue) -> Vec<Vec<geojson::Position>> {
    match shape {
        GeometryValue::Polygon { coordinates } => coordinates.clone(),
        GeometryValue::MultiPolygon { coordinates } => coordinates.iter().flatten().cloned().collect(),
        _ => Vec::new(),
    }
}

/// Texts that a program might act on.
fn hostile() -> Vec<String> {
    vec![
        "=HYPERLINK(\"http://evil.example\",\"x\")".into(),
        "@SUM(1+1)*cmd|'/c calc'!A0".into(),
        "</script><script>alert(1)</script><img src=x onerror=alert(1)>".into(),
        "\u{202e}reversed\u{2066}open".into(),
        "x".repeat(10_000),
        "a | b ![c](javascript:alert(1)) `d` **e** <b>".into(),
        "#eval(\"1\") #image(\"/etc/passwd\") $x$ *b* @ref \"] #panic() \\".into(),
        "{{ 7 * 7 }}{% for x in y %}".into(),
    ]
}

/// The report with hostile names, labels, sentences and facts, and one text that no cell holds.
fn hostile_report() -> Report {
    let mut report = REPORT.clone();
    for (i, text) in hostile().iter().enumerate() {
        let all = Text::same(text);
        let unit = report.rankings[0].rows[i].unit.clone();
        report.rankings[0].rows[i].name = all.clone();
        report.rankings[0].rows[i].class_label = Some(all.clone());
        let card = report.cards.iter_mut().find(|c| c.unit == unit).expect("a card");
        card.name = all.clone();
        card.class_label = Some(all.clone());
        card.indicators[0].label = all.clone();
        report.summary.push(all.clone());
        report.headline.push(all.clone());
        report.track_record.sentences.push(all.clone());
        report.gaps.push(all);
    }
    report.gaps.push(Text::same(&"y".repeat(40_000)));
    report
}

/// That report with its forms.
pub static HOSTILE: LazyLock<(Report, Files)> = LazyLock::new(|| {
    let report = hostile_report();
    let files = forms(&report);
    (report, files)
});

/// Markdown without what a backslash takes its meaning from.
fn unescaped(markdown: &str) -> String {
    let mut out = String::new();
    let mut rest = markdown.chars();
    while let Some(c) = rest.next() {
        if c == '\\' { rest.next(); } else { out.push(c); }
    }
    out
}

/// No form acts on a text, and each keeps it.
#[test]
fn hostile_texts_stay_texts() {
    let (report, files) = &*HOSTILE;
    let texts: Vec<String> = hostile().iter().map(|t| plain(t)).collect();

    for language in Language::ALL {
        let bytes = &files.0[&named("report", "xlsx", language)];
        let xml: String = parts(bytes).into_iter().filter(|(path, _)| path.starts_with("xl/worksheets/")).map(|(_, xml)| xml).collect();
        assert!(!xml.contains("<f>") && !xml.contains("<f ") && !xml.contains("<hyperlink"));
        let sheets = sheets(bytes);
        let rows = &sheets[&word("sheet.provinces", language)];
        for (row, text) in rows.iter().zip(&texts) {
            assert_eq!(row[&word("labels.unit", language)], Data::String(text.clone()));
        }
        let last = sheets[&word("sheet.gaps", language)].last().and_then(|row| row.values().next()).map(ToString::to_string).expect("a gap");
        assert!(last.encode_utf16().count() <= 32_767 && last.starts_with("yyyy"));
        let kept = last.chars().filter(|c| *c == 'y').count();
        assert!(kept > 32_000 && last.contains(&locale::count(40_000 - kept as i64, language)), "the mark says what was cut: {}", &last[kept..]);

        let page = &files[named("report", "html", language).as_str()];
        assert!(!page.contains("<script>alert") && !page.contains("<img src=x"), "HTML");
        let markdown = &files[named("report", "md", language).as_str()];
        let live = unescaped(markdown);
        assert!(!live.contains("<script") && !live.contains("<b>") && !live.contains("[c]") && !live.contains("**e**") && !live.contains("`d`"), "Markdown");
        let columns = |line: &str| line.replace("\\|", "").matches('|').count();
        let (_, ranking) = markdown.split_once(&format!("\n## {}\n", label("provinces").get(language))).expect("the section");
        let table: Vec<&str> = ranking.lines().skip_while(|l| !l.starts_with('|')).take_while(|l| l.starts_with('|')).collect();
        assert_eq!(table.len(), report.rankings[0].rows.len() + 2);
        assert!(table.iter().all(|line| columns(line) == columns(table[0])), "no text breaks the table");
    }

    let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(files["provinces.csv"].as_bytes()).records().map(|r| r.expect("a row")).collect();
    for (row, text) in rows.iter().zip(&texts) {
        let guarded = if text.starts_with(['=', '@']) { format!("'{text}") } else { text.clone() };
        assert_eq!(&row[4], guarded.as_str());
        assert!(!row.iter().any(|cell| cell.starts_with(['=', '+', '@'])));
    }
    let json: serde_json::Value = serde_json::from_str(&files["report.json"]).expect("JSON");
    let map = features(files).features;
    for (i, text) in texts.iter().enumerate() {
        assert_eq!(json["rankings"][0]["rows"][i]["name"]["ar"], text.as_str());
        assert_eq!(map[i].property("name_fr").and_then(|n| n.as_str()), Some(text.as_str()));
    }
}

/// The page beside the editions lists what lies there, and each link leads to a file.
#[test]
fn the_page_of_editions_lists_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    Draft::small().write(folder.path());
    let write = |day: &str, formats: &str| {
        let output = run(folder.path(), &["report", "--as-of", day, "--formats", formats, "--lang", "fr,ar"]);
        assert!(output.status.success(), "{}", stderr(&output));
    };
    let reports = folder.path().join("reports");
    write("2024-12-31", "md");
    // What is no edition, and an edition that nobody can read.
    std::fs::create_dir_all(reports.join("<b>")).expect("a folder");
    std::fs::write(reports.join("<b>/edition.toml"), "").expect("a file");
    std::fs::create_dir_all(reports.join("2023-01-01")).expect("a folder");
    std::fs::write(reports.join("2023-01-01/edition.toml"), "").expect("a file");
    std::fs::write(reports.join("2023-01-01/report.json"), "{").expect("a file");
    write("2025-07-31", "html,json,csv,xlsx,geojson");
    let page = |name: &str| std::fs::read_to_string(reports.join(name)).expect("the page is there");
    for language in Language::ALL {
        let text = page(&named("index", "html", language));
        let direction = if language == Language::Ar { "rtl" } else { "ltr" };
        assert!(text.contains(&format!("<html lang=\"{}\" dir=\"{direction}\">", language.code())));
        assert!(!text.contains("<script") && !text.contains("<b>"));
        let days: Vec<usize> = ["2025-07-31</bdi>", "2024-12-31</bdi>", "2023-01-01</bdi>"].iter().filter_map(|day| text.find(day)).collect();
        assert!(days.len() == 3 && days.is_sorted(), "the newest comes first: {days:?}");
        let links: Vec<&str> = text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        for link in &links {
            assert!(reports.join(link.replace("&#x2f;", "/")).is_file(), "{link} leads nowhere");
        }
        assert!(links.len() >= 2 + 10, "{links:?}");
        let read: Report = serde_json::from_str(&std::fs::read_to_string(reports.join("2025-07-31/report.json")).expect("a report")).expect("a report");
        let untagged: String = untagged(&text).split_whitespace().collect();
        for line in read.headline.iter().chain(&read.track_record.sentences) {
            let words: String = line.get(language).replace('>', "&gt;").replace('<', "&lt;").split_whitespace().collect();
            assert!(untagged.contains(&words), "{words}");
        }
    }
    let before = page("index.ar.html");
    write("2025-07-31", "html,json,csv,xlsx,geojson");
    assert_eq!(before, page("index.ar.html"), "the same twice");
}
