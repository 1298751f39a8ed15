//! Which unit of the workspace a row is about.

use std::collections::{BTreeMap, BTreeSet};

use super::super::row::Countries;
use crate::datasets::{Datasets, Resolver, fold};
use crate::diagnostics::near_names;

/// Codes and names of the workspace's units.
pub struct Units<'a> {
    /// Folded code → units: p-codes, ISO 3166-2 codes, ids.
    codes: BTreeMap<String, BTreeSet<&'a str>>,
    /// Country of each province.
    countries: BTreeMap<&'a str, &'a str>,
    spellings: &'a Countries,
    resolver: &'a Resolver,
    /// Units below the first level are scored.
    pub below_regions: bool,
    data: &'a Datasets,
}

/// What a row calls its unit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Named<'r> {
    pub code: &'r str,
    pub name: &'r str,
    pub country: &'r str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    Code(String),
    Name(String),
    /// It lies in a country that the workspace has no units in.
    Elsewhere,
    /// Several units bear the name, or code and name say different ones.
    Ambiguous(Vec<String>),
    /// Nothing bears it; what is near.
    Unknown(Vec<String>),
}

impl<'a> Units<'a> {
    pub fn new(data: &'a Datasets, resolver: &'a Resolver, spellings: &'a Countries) -> Self {
        let mut codes: BTreeMap<String, BTreeSet<&'a str>> = BTreeMap::new();
        for p in &data.provinces {
            let iso = p.iso_3166_2.iter().flat_map(|codes| codes.split(';'));
            for code in p.pcodes.iter().map(String::as_str).chain(iso).chain([p.id.as_str()]) {
                codes.entry(code.trim().to_lowercase()).or_default().insert(&p.id);
            }
        }
        for c in &data.crossings {
            codes.entry(c.id.to_lowercase()).or_default().insert(&c.id);
        }
        let countries: BTreeMap<&str, &str> = data.provinces.iter().map(|p| (p.id.as_str(), p.country.as_str())).collect();
        for country in countries.values() {
            codes.entry(country.to_lowercase()).or_default().insert(country);
        }
        Self { codes, countries, spellings, resolver, below_regions: data.layer.level > crate::datasets::REGIONS, data }
    }

    /// By code, else by name; a name that says another unit than the code makes the row ambiguous.
    pub fn find(&self, named: Named<'_>) -> Match {
        let country = match named.country.trim() {
            "" => None,
            text => match self.spellings.find(text) {
                // Where units of the scored level are wanted, a country without any has none.
                Ok(code) if self.below_regions && !self.data.layer.divides(code) => return Match::Elsewhere,
                Ok(code) => Some(code),
                Err(_) => return Match::Elsewhere,
            },
        };
        let here = |unit: &&str| country.is_none_or(|c| *unit == c || self.countries.get(unit).is_none_or(|own| *own == c));
        let by_code: Vec<&str> = self.codes.get(&named.code.trim().to_lowercase()).into_iter().flatten().copied().filter(here).collect();
        let mut by_name: Vec<&str> = if named.name.trim().is_empty() { Vec::new() } else { self.resolver.units(named.name).into_iter().filter(here).collect() };
        if by_name.is_empty() && self.codes.get(&fold(named.name)).is_some_and(|units| units.iter().any(|u| here(u))) {
            by_name = self.codes.get(&fold(named.name)).into_iter().flatten().copied().filter(here).collect();
        }
        let owned = |list: &[&str]| list.iter().map(|u| (*u).to_owned()).collect::<Vec<_>>();
        match (&by_code[..], &by_name[..]) {
            ([unit], []) => Match::Code((*unit).to_owned()),
            ([unit], names) if names.contains(unit) => Match::Code((*unit).to_owned()),
            ([], [unit]) => Match::Name((*unit).to_owned()),
            ([], []) => {
                let name = fold(if named.name.trim().is_empty() { named.code } else { named.name });
                let spellings = self.resolver.spellings().filter(|s| self.resolver.units(s).iter().any(here));
                Match::Unknown(near_names(&name, spellings).into_iter().map(str::to_owned).collect())
            }
            (codes, names) => Match::Ambiguous(owned(&[codes, names].concat())),
        }
    }
}
