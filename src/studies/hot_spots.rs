//! Where high rates pile up, and where attacks come thick in place and time at once.

use std::collections::BTreeSet;

use crate::edition::Edition;
use crate::evidence::{Evidence, Window};
use crate::measures::AnyMeasure;
use crate::measures::places::event_window;
use crate::stats::getis_ord::{Neighbourhood, getis_ord};
use crate::stats::geodesic::Position;
use crate::stats::scan::{ScanEvent, ScanOptions, scan};
use crate::stats::weights::Weights;
use crate::text::{Text, days_between};

/// Random permutations behind the p-values of hot spots.
const PERMUTATIONS: u32 = 999;
/// And of clusters, whose search is some hundred times as long: p is told in steps of 1/200.
const REPLICATES: u32 = 199;
/// Adjusted p above which a hot spot may be chance: one false alarm in ten.
const FALSE_DISCOVERY: f64 = 0.1;
/// Unadjusted p up to which a hot spot is mentioned at all, and above which a cluster may be chance.
const MENTIONED: f64 = 0.05;
/// Months that are searched for clusters.
const CLUSTER_MONTHS: i32 = 12;
/// Oldest end of these months before the day.
const MAX_AGE_MONTHS: i32 = 6;
/// Clusters that are told, best first.
const MOST_CLUSTERS: usize = 5;

/// A province amid high rates.
#[derive(Clone, Debug, PartialEq)]
pub struct HotSpot {
    pub unit: String,
    /// Standard score of Gi*.
    pub z: f64,
    pub p: f64,
    /// Adjusted over all provinces.
    pub q: f64,
    /// The false-discovery rate does not bear it out.
    pub may_be_chance: bool,
}

/// Provinces that lie amid high rates of deadly events, the surest first.
///
/// # Formula
/// Gi* of the scores of the deadly attack rate, over provinces that touch and the province itself;
/// p by 999 conditional permutations, two-sided; q adjusted over all provinces. Named are those with
/// z above 0 and p of at most 0.05.
///
/// # Missing and degenerate values
/// Provinces without a rate take no part; one without neighbours has no statistic. Empty where the
/// framework has no deadly attack rate or all scores are equal.
///
/// # Source
/// [`getis_ord`](crate::stats::getis_ord::getis_ord).
pub fn hot_spots(edition: &Edition<'_>, seed: u64) -> Vec<HotSpot> {
    let ranking = &edition.provinces;
    let Some(rate) = ranking.framework.indicators.iter().position(|i| matches!(i.measure, AnyMeasure::EventRate(_))) else { return Vec::new() };
    let scores: Vec<Option<f64>> = ranking.units.iter().map(|u| u.scores.get(rate).copied().flatten()).collect();
    let ids: Vec<&str> = ranking.units.iter().map(|u| u.unit.id()).collect();
    let local = Weights::binary(&edition.evidence.map.contiguous(&ids))
        .and_then(|weights| getis_ord(&scores, &weights, Neighbourhood::WithSelf, PERMUTATIONS, seed))
        .unwrap_or_default();
    let mut found: Vec<HotSpot> = local
        .into_iter()
        .zip(&ids)
        .filter_map(|(local, id)| {
            let local = local.ok()?;
            let (z, p, q) = (local.z?, local.p?, local.q?);
            (z > 0.0 && p <= MENTIONED).then(|| HotSpot { unit: (*id).to_owned(), z, p, q, may_be_chance: q > FALSE_DISCOVERY })
        })
        .collect();
    found.sort_by(|a, b| a.p.total_cmp(&b.p).then(b.z.total_cmp(&a.z)).then_with(|| a.unit.cmp(&b.unit)));
    found
}

/// Attacks that came thick in place and time at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    pub centre: crate::geo::Point,
    pub radius_km: f64,
    pub first_day: jiff::civil::Date,
    pub last_day: jiff::civil::Date,
    pub events: usize,
    pub expected: f64,
    pub p: f64,
    pub may_be_chance: bool,
}

/// What was searched for clusters, and what was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clusters {
    pub window: Option<Window>,
    /// Deadly attacks with a precise place.
    pub searched: usize,
    /// Without one: left out.
    pub left_out: usize,
    pub found: Vec<Cluster>,
}

/// Space–time clusters of deadly attacks in the countries of the scored provinces.
///
/// # Formula
/// Kulldorff's space–time permutation scan: circles to 150 km, windows to eight weeks in weekly steps,
/// the latest covered months, 12 at most; p from 199 permutations of the days over the places.
///
/// # Missing and degenerate values
/// Nothing is searched where no exhaustive source with points covers the countries. Rows
/// with `where_prec` 4 and above are left out and counted.
///
/// # Source
/// [`scan`](crate::stats::scan::scan).
pub fn clusters(edition: &Edition<'_>, seed: u64) -> Clusters {
    let evidence = &edition.evidence;
    let countries: BTreeSet<&str> = edition.provinces.units.iter().flat_map(|u| u.unit.countries()).collect();
    let countries: Vec<&str> = countries.into_iter().collect();
    let longest = |months| event_window(evidence, &countries, months, MAX_AGE_MONTHS);
    let Some(window) = (1..=CLUSTER_MONTHS).rev().find_map(longest).filter(|_| !countries.is_empty()) else { return Clusters::default() };
    let (first, last) = (window.from.first_day(), window.to.last_day());
    let attack = &edition.provinces.framework.attack;
    let here: Vec<_> = evidence
        .events
        .iter()
        .filter(|e| e.now.date >= first && e.now.date <= last && countries.contains(&e.now.country.as_str()))
        .filter(|e| e.is_deadly() && attack.holds_for_event(&e.now))
        .collect();
    let events: Vec<ScanEvent> = here
        .iter()
        .filter(|e| e.has_point())
        .filter_map(|e| Some(ScanEvent { position: position(e.now.at?)?, day: i64::from(days_between(first, e.now.date)) }))
        .collect();
    let options = ScanOptions { replicates: REPLICATES, seed, ..ScanOptions::default() };
    let day = |n: i64| first.saturating_add(jiff::Span::new().days(n));
    let found = scan(&events, options).unwrap_or_default().into_iter().take(MOST_CLUSTERS).filter_map(|c| {
        let p = c.p?;
        Some(Cluster {
            centre: crate::geo::Point { longitude: c.centre.longitude(), latitude: c.centre.latitude() },
            radius_km: c.radius_km,
            first_day: day(c.first_day),
            last_day: day(c.last_day),
            events: c.events.len(),
            expected: c.expected,
            p,
            may_be_chance: p > MENTIONED,
        })
    });
    Clusters { window: Some(window), searched: events.len(), left_out: here.len() - events.len(), found: found.collect() }
}

fn position(at: crate::geo::Point) -> Option<Position> {
    Position::new(at.longitude, at.latitude).ok()
}

/// The nearest town that is on record, with the distance in km.
pub fn nearest_town<'a>(evidence: &Evidence<'a>, at: crate::geo::Point) -> Option<(f64, &'a Text)> {
    let towns = evidence.data.towns.iter().map(|t| (crate::geo::distance_km(t.at, at), &t.name));
    towns.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.en.cmp(&b.1.en)))
}
