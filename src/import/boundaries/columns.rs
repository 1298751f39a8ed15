//! What the columns of the publishers of boundaries mean.

use std::collections::BTreeSet;

use super::layer::{Feature, Layer, Shape};

/// The lowest level that is read.
pub const DEEPEST: u8 = 3;

/// A publisher's columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publisher {
    CodAb,
    GeoBoundaries,
    Gadm,
    NaturalEarth,
}

impl Publisher {
    const ALL: [Self; 4] = [Self::CodAb, Self::GeoBoundaries, Self::Gadm, Self::NaturalEarth];

    pub fn title(self) -> &'static str {
        match self {
            Self::CodAb => "COD-AB (OCHA)",
            Self::GeoBoundaries => "geoBoundaries",
            Self::Gadm => "GADM",
            Self::NaturalEarth => "Natural Earth",
        }
    }

    /// For the name of a dataset.
    pub fn name(self) -> &'static str {
        match self {
            Self::CodAb => "cod_ab",
            Self::GeoBoundaries => "geoboundaries",
            Self::Gadm => "gadm",
            Self::NaturalEarth => "natural_earth",
        }
    }

    pub fn licence(self) -> &'static str {
        match self {
            Self::CodAb => "CC BY-IGO",
            Self::GeoBoundaries => "CC BY 4.0 or as the source of the boundary says",
            Self::Gadm => "GADM licence: no redistribution, no commercial use",
            Self::NaturalEarth => "public domain",
        }
    }

    pub fn citation(self) -> &'static str {
        match self {
            Self::CodAb => "OCHA, Common Operational Datasets: administrative boundaries, https://data.humdata.org",
            Self::GeoBoundaries => "Runfola et al. (2020) geoBoundaries: A global database of political administrative boundaries. PLoS ONE 15(4): e0231866. https://www.geoboundaries.org",
            Self::Gadm => "GADM, Database of Global Administrative Areas, https://gadm.org",
            Self::NaturalEarth => "Natural Earth, https://www.naturalearthdata.com",
        }
    }
}

/// How the columns of a layer are read.
#[derive(Clone, Debug)]
pub struct Columns {
    pub publisher: Publisher,
    /// 0 a country, 1 a region, 2 and 3 what lies in it.
    pub level: u8,
    /// The level as the file has it, which says what the columns are called.
    of_file: u8,
}

/// What a feature says of its unit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Described {
    /// Code of the publisher; none if the file has none.
    pub code: Option<String>,
    /// ISO 3166-1 alpha-2 or alpha-3, as in the file.
    pub country: Option<String>,
    pub en: Option<String>,
    pub fr: Option<String>,
    pub ar: Option<String>,
    /// A name without a language.
    pub name: Option<String>,
    pub others: Vec<String>,
    pub iso_3166_2: Option<String>,
    /// Code and name of the first-level unit that it lies in.
    pub region: (Option<String>, Option<String>),
    /// The day from which the boundaries hold.
    pub valid_on: Option<String>,
}

impl Columns {
    /// Recognises a publisher and the level; `level` overrides the latter.
    pub fn recognise(layer: &Layer, level: Option<u8>) -> Result<Self, String> {
        if let Some(kind) = layer.features.iter().map(|f| &f.shape).find_map(|s| if let Shape::Other(kind) = s { Some(kind) } else { None })
            && !layer.features.iter().any(|f| matches!(f.shape, Shape::Polygons(_) | Shape::Rings(_)))
        {
            return Err(format!("holds no areas: its first feature is {kind}"));
        }
        let columns: BTreeSet<&str> = layer.features.iter().flat_map(|f| f.cells.keys().map(String::as_str)).collect();
        let (publisher, found) =
            Publisher::ALL.into_iter().find_map(|p| Some((p, found(p, &columns, layer)?))).ok_or_else(|| {
                let named: Vec<&str> = columns.iter().copied().take(20).collect();
                format!("the columns ({}) are those of no publisher that is known", named.join(", "))
            })?;
        match level.or(found) {
            Some(level) => Ok(Self { publisher, level, of_file: found.unwrap_or(level) }),
            None => Err(format!("nothing in {} tells the level", layer.name)),
        }
    }

    /// Names of the columns that are read, as far as they exist.
    pub fn used(&self, layer: &Layer) -> Vec<String> {
        let there: BTreeSet<&str> = layer.features.iter().flat_map(|f| f.cells.keys().map(String::as_str)).collect();
        let lists = self.lists();
        let all = lists.iter().flat_map(|l| l.iter().map(String::as_str));
        let mut used: Vec<String> = all.filter(|c| there.contains(c)).map(str::to_owned).collect();
        used.dedup();
        used
    }

    /// Columns of code, country, English, French, Arabic and unnamed language, other names, ISO 3166-2, region's code and name, day.
    fn lists(&self) -> [Vec<String>; 11] {
        let n = self.of_file;
        let of = |list: &[&str]| list.iter().map(|c| c.replace('#', &n.to_string())).collect::<Vec<_>>();
        match self.publisher {
            Publisher::CodAb => [
                of(&["adm#_pcode", "admin#pcode", "admin#pcod"]),
                of(&["iso3", "adm0_pcode", "admin0pcode", "admin0pcod", "iso2"]),
                of(&["adm#_en", "admin#name_en"]),
                of(&["adm#_fr", "admin#name_fr"]),
                of(&["adm#_ar", "admin#name_ar"]),
                of(&["adm#_name", "admin#name", "admin#nam", "adm#_pt", "adm#_es"]),
                of(&["adm#_ref", "adm#_name1", "adm#_name2", "adm#alt1en", "adm#alt2en", "adm#alt1fr", "adm#alt2fr", "adm#alt1ar", "admin#refname", "admin#refn", "admin#altname1_fr", "admin#altname1_en"]),
                Vec::new(),
                of(&["adm1_pcode", "admin1pcode", "admin1pcod"]),
                of(&["adm1_fr", "adm1_en", "adm1_name", "admin1name_fr", "admin1name_en", "admin1name", "admin1nam", "adm1_ar"]),
                of(&["validon", "valid_on", "date"]),
            ],
            Publisher::GeoBoundaries => {
                let iso = if n == 0 { of(&[]) } else { of(&["shapeiso"]) };
                let code = if n == 0 { of(&["shapegroup"]) } else { of(&["shapeiso", "shapeid"]) };
                [code, of(&["shapegroup"]), of(&[]), of(&[]), of(&[]), of(&["shapename"]), of(&[]), iso, of(&[]), of(&[]), of(&[])]
            }
            Publisher::Gadm => [
                of(&["gid_#"]),
                of(&["gid_0"]),
                of(&[]),
                of(&[]),
                of(&[]),
                of(if n == 0 { &["country", "name_0"] } else { &["name_#"] }),
                of(&["varname_#", "nl_name_#"]),
                of(&["iso_#"]),
                of(&["gid_1"]),
                of(&["name_1"]),
                of(&[]),
            ],
            Publisher::NaturalEarth => [
                if n == 0 { of(&["adm0_a3", "iso_a3", "wb_a3"]) } else { of(&["adm1_code", "iso_3166_2"]) },
                of(&["adm0_a3", "iso_a3", "sov_a3", "wb_a3"]),
                of(&["name_en"]),
                of(&["name_fr"]),
                of(&["name_ar"]),
                of(&["name", "name_long"]),
                of(&["name_alt", "gn_name", "woe_name"]),
                if n == 0 { of(&[]) } else { of(&["iso_3166_2"]) },
                of(&[]),
                of(&[]),
                of(&[]),
            ],
        }
    }

    /// What a feature says of its unit.
    pub fn describe(&self, feature: &Feature) -> Described {
        let lists = self.lists();
        let [code, country, en, fr, ar, name, others, iso, region_code, region_name, day] = &lists;
        // Natural Earth writes -99 for none.
        let cell = |list: &[String]| list.iter().filter_map(|c| feature.cells.get(c)).find(|c| !c.starts_with("-99") && *c != "NA").cloned();
        let mut all: Vec<String> = others.iter().filter_map(|c| feature.cells.get(c)).flat_map(|c| c.split('|')).map(|n| n.trim().to_owned()).collect();
        all.retain(|n| !n.is_empty() && n != "NA");
        let inside = self.of_file > 1;
        Described {
            code: cell(code),
            country: cell(country),
            en: cell(en),
            fr: cell(fr),
            ar: cell(ar),
            name: cell(name),
            others: all,
            iso_3166_2: cell(iso).filter(|i| i.contains('-')),
            region: (cell(region_code).filter(|_| inside), cell(region_name).filter(|_| inside)),
            valid_on: cell(day).and_then(|d| d.get(..10).map(str::to_owned)),
        }
    }
}

/// The deepest level that a publisher's columns tell, if the columns are that publisher's; none within if they do not tell.
fn found(publisher: Publisher, columns: &BTreeSet<&str>, layer: &Layer) -> Option<Option<u8>> {
    let has = |names: &[&str]| names.iter().any(|n| columns.contains(n));
    let deepest = |patterns: &[&str]| (0..=DEEPEST).rev().find(|n| patterns.iter().any(|p| columns.contains(p.replace('#', &n.to_string()).as_str())));
    match publisher {
        Publisher::CodAb => deepest(&["adm#_pcode", "admin#pcode", "admin#pcod"]).map(Some),
        Publisher::GeoBoundaries => has(&["shapename"]).then(|| {
            let told = layer.features.iter().find_map(|f| f.get(&["shapetype"])).unwrap_or(&layer.name).to_uppercase();
            let digit = told.split("ADM").nth(1)?.chars().next()?.to_digit(10)?;
            u8::try_from(digit).ok().filter(|n| *n <= DEEPEST)
        }),
        Publisher::Gadm => deepest(&["gid_#"]).map(Some),
        Publisher::NaturalEarth => {
            let country = has(&["adm0_a3", "iso_a3"]) && has(&["name"]);
            let inside = has(&["adm1_code", "iso_3166_2", "gn_name"]);
            country.then_some(Some(u8::from(inside)))
        }
    }
}
