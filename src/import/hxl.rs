//! Hashtags of the Humanitarian Exchange Language: what a column is, said by its publisher.
//!
//! Source: HXL 1.1, hashtag dictionary. The order of attributes means nothing.

use super::figures::{FigureLayout, Level, Long, Variable};
use super::layout::{Columns, Layout};
use super::source::Records;

/// For a column of the program the hashtags it may have, the likeliest first; `!` forbids an attribute.
const EVENTS: [(&str, &[&str]); 13] = [
    ("event_id", &["#event+id", "#event+code", "#meta+id"]),
    ("date", &["#date+occurred", "#date+start", "#date!end!reported!year"]),
    ("country", &["#country+code+v_iso3", "#country+code", "#country+name", "#country"]),
    ("adm_1", &["#adm1+name", "#adm1!code", "#adm1+code"]),
    ("adm_2", &["#adm2+name", "#adm2!code", "#adm2+code"]),
    ("latitude", &["#geo+lat"]),
    ("longitude", &["#geo+lon"]),
    ("type_of_violence", &["#event+type"]),
    ("side_a", &["#actor+first", "#actor+perpetrator", "#actor+a", "#group+first", "#actor!second!target!victim!b", "#group!second"]),
    ("side_b", &["#actor+second", "#actor+target", "#actor+victim", "#actor+b", "#group+second"]),
    ("deaths_low", &["#affected+killed+min", "#affected+killed+low"]),
    ("deaths_best", &["#affected+killed+best", "#affected+killed!min!max!low!high"]),
    ("deaths_high", &["#affected+killed+max", "#affected+killed+high"]),
];

/// Whether a hashtag has the tag and all the attributes of a pattern, and none that it forbids.
fn fits(hashtag: &str, pattern: &str) -> bool {
    let mut has = hashtag.split('+');
    let tag = has.next().unwrap_or_default();
    let has: Vec<&str> = has.collect();
    let mut forbidden = pattern.split('!');
    let mut wanted = forbidden.next().unwrap_or_default().split('+');
    wanted.next() == Some(tag) && wanted.all(|a| has.contains(&a)) && forbidden.all(|a| !has.contains(&a))
}

/// Name of the first column that a list of patterns finds, the first pattern first.
fn find<'a>(records: &'a Records, patterns: &[&str]) -> Option<&'a str> {
    let at = patterns.iter().find_map(|p| records.hashtags.iter().position(|h| fits(h, p)))?;
    records.header.get(at).map(String::as_str)
}

/// Name of the file's column that a column of the program is read from, by its hashtag.
pub fn column<'a>(records: &'a Records, target: &str) -> Option<&'a str> {
    find(records, EVENTS.iter().find(|(name, _)| *name == target)?.1)
}

/// What hashtags say of an event file; none if they do not speak of dated events.
pub fn events(records: &Records) -> Option<Layout> {
    let dated = column(records, "date").is_some() && records.hashtags.iter().any(|h| h.starts_with("#event") || fits(h, "#affected+killed"));
    if !dated {
        return None;
    }
    let names = |target: &str| column(records, target).map(str::to_owned).into_iter().collect();
    let kinds = [("state-based", "1"), ("state-based violence", "1"), ("non-state", "2"), ("non-state violence", "2"), ("one-sided", "3"), ("one-sided violence", "3")];
    let both = kinds.iter().flat_map(|(text, kind)| {
        let mut upper = text.to_string();
        upper.get_mut(..1).map(str::make_ascii_uppercase);
        [(text.to_string(), kind.to_string()), (upper, kind.to_string())]
    });
    Some(Layout {
        title: "Events with HXL hashtags".into(),
        name: "hxl_events".into(),
        licence: "as its publisher states".into(),
        citation: "as its publisher states".into(),
        recognised_by: Vec::new(),
        date_formats: ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%.fZ", "%Y-%m-%d %H:%M:%S%.f", "%d/%m/%Y", "%d %B %Y"].map(str::to_owned).to_vec(),
        headerless: Vec::new(),
        columns: Columns {
            event_id: names("event_id"),
            date: names("date"),
            country: names("country"),
            adm_1: names("adm_1"),
            adm_2: names("adm_2"),
            latitude: names("latitude"),
            longitude: names("longitude"),
            type_of_violence: names("type_of_violence"),
            side_a: names("side_a"),
            side_b: names("side_b"),
            deaths_low: names("deaths_low"),
            deaths_best: names("deaths_best"),
            deaths_high: names("deaths_high"),
            ..Columns::default()
        },
        codes: [("type_of_violence".to_owned(), both.collect())].into(),
        country: None,
        acled: None,
        targets: None,
        aside: Vec::new(),
        remark: Vec::new(),
    })
}

/// What hashtags say of a table of figures; none if they name no unit or no figure.
pub fn figures(records: &Records) -> Option<FigureLayout> {
    let names = |patterns: &[&str]| -> Vec<String> { find(records, patterns).map(str::to_owned).into_iter().collect() };
    let level = |code: &[&str], name: &[&str]| Level { code: names(code), name: names(name) };
    let levels = vec![
        level(&["#adm2+code"], &["#adm2+name", "#adm2!code"]),
        level(&["#adm1+code"], &["#adm1+name", "#adm1!code"]),
        level(&["#country+code"], &["#country+name", "#country!code"]),
    ];
    let long = find(records, &["#indicator+code", "#indicator+name"]).zip(find(records, &["#indicator+value", "#indicator+num"])).map(|(variable, value)| Long {
        variable: vec![variable.to_owned()],
        value: vec![value.to_owned()],
        unit: names(&["#indicator+unit"]),
    });
    let figure = |h: &str| ["#population", "#indicator", "#affected", "#inneed", "#targeted", "#reached", "#value"].iter().any(|t| fits(h, t));
    let variable = records.hashtags.iter().zip(&records.header).filter(|(h, _)| long.is_none() && figure(h)).map(|(hashtag, column)| {
        let total = fits(hashtag, "#population!f!m!children!adults!elderly!infants");
        let own = if column.starts_with('#') { column.trim_start_matches('#') } else { column };
        Variable { name: if total { "population".into() } else { super::figures::slug(own) }, columns: vec![column.clone()], unit: if total { "people".into() } else { String::new() }, sum: total }
    });
    let variable: Vec<Variable> = variable.collect();
    let has_unit = levels.iter().any(|l| !l.code.is_empty() || !l.name.is_empty());
    (has_unit && (long.is_some() || !variable.is_empty())).then(|| FigureLayout {
        title: "Figures with HXL hashtags".into(),
        name: "hxl_figures".into(),
        licence: "as its publisher states".into(),
        citation: "as its publisher states".into(),
        country: names(&["#country+code", "#country+name", "#country"]),
        year: names(&["#date+year"]),
        date: names(&["#date+start", "#date!year!end"]),
        level: levels,
        variable,
        long,
        ..FigureLayout::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashtags_whatever_the_order_of_their_attributes() {
        assert!(fits("#affected+killed+max", "#affected+max+killed"));
        assert!(!fits("#affected+killed+max", "#affected+killed!max"));
        assert!(!fits("#adm1+code", "#adm1!code"));
        assert!(!fits("#adm10", "#adm1"));
    }
}
