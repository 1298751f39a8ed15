//! Which unit a source means by a name.

use std::collections::BTreeMap;

use super::{AreaKind, Datasets, EventRow, Province};

type Names = BTreeMap<String, Vec<(Option<String>, String)>>;
type Inner = BTreeMap<(String, String), Vec<(Option<String>, String)>>;

/// Resolves spellings of unit names in any script.
///
/// First a spelling holds that is the same after [`fold`], of an alias or a unit; if there is none, one that is the
/// same after [`loose`], if it is of one unit only. What several units are called is no unit's.
#[derive(Clone, Debug, Default)]
pub struct Resolver {
    /// Folded alias → (country, unit) pairs, of regions and crossings.
    names: Names,
    loose: Names,
    /// Country and folded name → region and unit, of units below the first level.
    inner: Inner,
    inner_loose: Inner,
}

/// Adds a value to a list unless it is there.
fn add<K: Ord, V: PartialEq>(map: &mut BTreeMap<K, Vec<V>>, key: K, value: V) {
    let list = map.entry(key).or_default();
    if !list.contains(&value) {
        list.push(value);
    }
}

fn names_of(p: &Province) -> impl Iterator<Item = &String> {
    [&p.id, &p.name.en, &p.name.fr, &p.name.ar].into_iter().chain(&p.other_names)
}

impl Resolver {
    pub fn new(data: &Datasets) -> Self {
        let mut own = Self::default();
        let layer = &data.layer;
        for alias in &data.aliases {
            match (layer.region_of(&alias.unit), data.province(&alias.unit)) {
                (Some(region), Some(p)) => own.add_inner(&alias.alias, &p.country, region, &alias.unit),
                _ => own.add(&alias.alias, alias.country.as_deref(), &alias.unit),
            }
        }
        for p in layer.regions.iter().chain(&data.provinces) {
            for name in names_of(p) {
                match layer.region_of(&p.id) {
                    Some(region) => own.add_inner(name, &p.country, region, &p.id),
                    None => own.add(name, Some(&p.country), &p.id),
                }
            }
        }
        for c in &data.crossings {
            for name in [&c.id, &c.name.en, &c.name.fr, &c.name.ar] {
                own.add(name, None, &c.id);
            }
        }
        own
    }

    fn add(&mut self, name: &str, country: Option<&str>, unit: &str) {
        let pair = (country.map(str::to_owned), unit.to_owned());
        add(&mut self.loose, loose(name), pair.clone());
        add(&mut self.names, fold(name), pair);
    }

    fn add_inner(&mut self, name: &str, country: &str, region: Option<&str>, unit: &str) {
        let pair = (region.map(str::to_owned), unit.to_owned());
        add(&mut self.inner_loose, (country.to_owned(), loose(name)), pair.clone());
        add(&mut self.inner, (country.to_owned(), fold(name)), pair);
    }

    /// The region that a source calls `area` in `country`.
    pub fn area(&self, country: &str, area: &str) -> Option<&str> {
        if let Some(found) = self.names.get(&fold(area)) {
            let same = found.iter().find(|(c, _)| c.as_deref() == Some(country));
            if let Some((_, unit)) = same.or_else(|| found.iter().find(|(c, _)| c.is_none())) {
                return Some(unit);
            }
        }
        let own = self.loose.get(&loose(area))?.iter().filter(|(c, _)| c.as_deref() == Some(country)).map(|(_, unit)| unit.as_str());
        only(own)
    }

    /// The unit below the first level that a source calls `name`, in a region if that is known.
    fn inner<'a>(&'a self, country: &str, region: Option<&str>, name: &str) -> Option<&'a str> {
        let own = |map: &'a Inner, key: String| {
            let found = map.get(&(country.to_owned(), key)).into_iter().flatten();
            only(found.filter(|(own, _)| region.is_none() || own.is_none() || own.as_deref() == region).map(|(_, unit)| unit.as_str()))
        };
        own(&self.inner, fold(name)).or_else(|| own(&self.inner_loose, loose(name)))
    }

    /// The unit of the layer that an event lies in: by the names that the source gives, else by its precise point.
    pub fn event<'a>(&'a self, data: &'a Datasets, event: &EventRow) -> Option<&'a str> {
        let region = self.region(event);
        if !data.layer.divides(&event.country) {
            return region;
        }
        let named = event.area_2.as_deref().and_then(|name| self.inner(&event.country, region, name));
        named.or_else(|| data.layer.of_point(event))
    }

    /// The region that a source places an event in.
    pub fn region(&self, event: &EventRow) -> Option<&str> {
        event.area.as_deref().and_then(|area| self.area(&event.country, area))
    }

    /// The unit of the layer that a count is of, if the table is of this kind of area.
    pub fn counted(&self, country: &str, kind: AreaKind, area: &str) -> Option<&str> {
        match kind {
            AreaKind::Admin1 => self.area(country, area),
            AreaKind::Admin2 => {
                let (region, unit) = area.split_once(" / ")?;
                self.inner(country, self.area(country, region), unit)
            }
            AreaKind::Country | AreaKind::Cell => None,
        }
    }

    /// Units that a reader may mean by `name`: exact after folding accents, case and dashes.
    pub fn units(&self, name: &str) -> Vec<&str> {
        called(&self.names, &self.inner, &fold(name))
    }

    /// Units whose name sounds the same: for the names that sources give, not for a reader's typing errors.
    pub fn units_by_sound(&self, name: &str) -> Vec<&str> {
        called(&self.loose, &self.inner_loose, &loose(name))
    }

    /// Known spellings, folded, for suggestions.
    pub fn spellings(&self) -> impl Iterator<Item = &str> + Clone {
        self.names.keys().chain(self.inner.keys().map(|(_, name)| name)).map(String::as_str)
    }
}

/// The units that have a name in either table.
fn called<'a>(names: &'a Names, inner: &'a Inner, key: &str) -> Vec<&'a str> {
    let below = inner.iter().filter(|((_, name), _)| name == key).flat_map(|(_, units)| units);
    let mut units: Vec<&str> = names.get(key).into_iter().flatten().map(|(_, unit)| unit).chain(below.map(|(_, unit)| unit)).map(String::as_str).collect();
    units.sort_unstable();
    units.dedup();
    units
}

/// The one value of several; none if they differ.
fn only<'a>(mut values: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let first = values.next()?;
    values.all(|v| v == first).then_some(first)
}

/// Folds a name for comparison: no case, accents, dashes, apostrophes, Arabic vowel signs or article forms of alif.
pub fn fold(name: &str) -> String {
    use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
    let mut out = String::new();
    for c in name.nfkd().filter(|c| !is_combining_mark(*c)) {
        let c = match c {
            'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
            'ى' => 'ي',
            'ة' => 'ه',
            'ـ' => continue,
            '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => continue,
            '-' | '‐' | '‑' | '–' | '—' | '\'' | '’' | '_' | '/' => ' ',
            c => c,
        };
        if c.is_whitespace() {
            if !out.ends_with(' ') && !out.is_empty() {
                out.push(' ');
            }
        } else {
            out.extend(c.to_lowercase());
        }
    }
    out.trim_end().to_owned()
}

/// Folds a name further, by sound: what English, French and Arabic writers spell one way or the other becomes one.
///
/// Words for the kind of unit and articles fall away, Arabic letters that are mixed up become one, doubled letters
/// single, and Latin letters that stand for the same sound the same: ou u w, kh k q c, gh g, dj j, ch sh s, ph f, i y.
pub fn loose(name: &str) -> String {
    const KINDS: [&str; 36] = [
        "region", "cercle", "wilaya", "province", "departement", "department", "district", "prefecture", "moughataa", "commune", "governorate",
        "state", "county", "area", "de", "du", "des", "d", "la", "le", "les", "l", "of", "the", "el", "al", "ech", "en", "et", "and",
        "ولايه", "منطقه", "دايره", "محافظه", "مقاطعه", "اقليم",
    ];
    let folded = fold(name);
    let words: Vec<&str> = folded.split(' ').filter(|w| !KINDS.contains(w)).collect();
    // A name of nothing but such words stays what it is.
    let text = if words.is_empty() { folded.replace(' ', "") } else { words.concat() };
    let mut sound = text.replace('ء', "").replace('ڤ', "ف").replace('گ', "ك");
    if let Some(bare) = sound.strip_prefix("ال") {
        sound = bare.to_owned();
    }
    let pairs = [("ou", "u"), ("oo", "u"), ("kh", "k"), ("gh", "g"), ("dj", "j"), ("sch", "s"), ("ch", "s"), ("sh", "s"), ("ph", "f"), ("th", "t"), ("dh", "d"), ("ss", "s")];
    for (written, sounds) in pairs {
        sound = sound.replace(written, sounds);
    }
    let mut out = String::new();
    for c in sound.chars().filter(|c| c.is_alphanumeric()) {
        let c = match c {
            'w' => 'u',
            'y' => 'i',
            'q' | 'c' => 'k',
            c => c,
        };
        if !out.ends_with(c) || c.is_ascii_digit() {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_that_sound_the_same() {
        for (a, b) in [
            ("Tombouctou region", "Tombouktu"),
            ("Région de Kayes", "Kayes"),
            ("Yélimané cercle", "Cercle de Yelimane"),
            ("Gourma-Rharous", "Gourma Rharouss"),
            ("Wilaya du Hodh ech Chargui", "Hodh Chargui"),
            ("Douentza", "Duwentza"),
            ("Kidal", "Qidal"),
            ("Khouribga", "Kuribga"),
            ("ولاية الحوض الشرقي", "الحوض الشرقى"),
            ("منطقة كاي", "كاى"),
            ("دائرة نيورو", "نيورو"),
        ] {
            // What is spelt apart after folding alone is one after this.
            assert_ne!(fold(a), fold(b));
            assert_eq!(loose(a), loose(b), "{a}, {b}");
        }
        for (a, b) in [("Kayes", "Kita"), ("ML01", "ML11"), ("Hodh ech Chargui", "Hodh el Gharbi"), ("Est", "Ouest"), ("Nord", "Centre-Nord")] {
            assert_ne!(loose(a), loose(b));
        }
        assert!(!loose("Région").is_empty());
    }
}
