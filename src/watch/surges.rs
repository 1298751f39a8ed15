use super::file::SurgeWatch;
use super::{Kind, Named, Observation, Observed, Signal};
use crate::edition::Edition;
use crate::evidence::{Unit, Window};
use crate::stats::benjamini_hochberg::adjust;
use crate::stats::empirical_bayes::shrink;
use crate::stats::exposed::Exposed;
use crate::stats::surge::{SurgeOptions, pooled_size, surge};

/// Counts of a province: the window, the baseline before it, and the baseline cut into windows.
struct Record {
    unit: Named,
    window: Window,
    count: u64,
    baseline: Exposed,
    series: Vec<u64>,
}

/// Provinces whose latest window holds more deadly events than their own record explains.
///
/// # Formula
/// ```text
/// per province: window of w covered months, the b months before it as baseline, in months
/// rates shrunk over all provinces (`empirical_bayes::shrink`), scatter of windows pooled
/// (`surge::pooled_size`), p = P(Y >= count) (`surge::surge`), q by Benjamini and Hochberg
/// a surge where q <= false_discovery_rate and Y >= fewest_events
/// ```
///
/// # Missing and degenerate values
/// A province without a window, or a region without a baseline, is left open: nothing is said to
/// begin or to end. Baseline months in which the source does not tell deadly events apart count all
/// of their events, which can only hide a surge.
pub(super) fn observe(edition: &Edition<'_>, watch: &SurgeWatch, seen: &mut Observation) {
    let id = |unit: &str| format!("surge/{unit}");
    let mut records = Vec::new();
    for scored in &edition.provinces.units {
        let unit = Named { id: scored.unit.id().into(), name: scored.unit.name().en.clone() };
        match record(edition, scored.unit, watch, unit.clone()) {
            Some(record) => records.push(record),
            None => drop(seen.open.insert(id(&unit.id))),
        }
    }
    let window_months = f64::from(watch.window_months.whole());
    let baselines: Vec<Option<Exposed>> = records.iter().map(|r| Some(r.baseline)).collect();
    let series: Vec<Vec<u64>> = records.iter().map(|r| r.series.clone()).collect();
    let options = SurgeOptions { sd_floor: watch.sd_floor.value, size: pooled_size(&series) };
    let shrunk = shrink(&baselines).ok();
    let results: Vec<_> = records
        .iter()
        .enumerate()
        .map(|(i, r)| surge(Exposed::new(r.count, window_months).ok()?, &shrunk.as_ref()?.rates.get(i)?.as_ref()?.posterior, options).ok())
        .collect();
    let adjusted = adjust(&results.iter().map(|r| r.map(|r| r.p)).collect::<Vec<_>>()).unwrap_or_default();
    for (i, record) in records.into_iter().enumerate() {
        let (Some(Some(result)), Some(Some(q))) = (results.get(i), adjusted.get(i)) else {
            seen.open.insert(id(&record.unit.id));
            continue;
        };
        if *q > watch.false_discovery_rate.value || (record.count as f64) < watch.fewest_events.value {
            continue;
        }
        seen.signals.push(Observed {
            detail: format!(
                "{} deadly events from {}; {:.1} expected from the {} months before; p {}, {} after counting all provinces",
                record.count,
                record.window,
                result.expected,
                watch.baseline_months.whole(),
                probability(result.p),
                probability(*q)
            ),
            signal: Signal {
                id: id(&record.unit.id),
                kind: Kind::Surge,
                severity: watch.severity,
                headline: "Deadly events come faster than the province's own record explains.".into(),
                units: vec![record.unit],
            },
            advice: None,
        });
    }
}

fn record(edition: &Edition<'_>, unit: Unit<'_>, watch: &SurgeWatch, named: Named) -> Option<Record> {
    let Unit::Province(province) = unit else { return None };
    let (length, before) = (watch.window_months.whole(), watch.baseline_months.whole());
    let counts = &edition.evidence.counts;
    let whole = counts.latest_window(&province.country, &province.id, edition.as_of, length + before, watch.max_age_months.whole())?;
    let deadly = |window| counts.sum(&province.country, &province.id, window).and_then(|c| u64::try_from(c.deadly).ok());
    let part = |k: i32| Window { from: whole.to.minus((k + 1) * length - 1), to: whole.to.minus(k * length) };
    let series: Vec<u64> = (1..=before / length).map(|k| deadly(part(k))).collect::<Option<_>>()?;
    Some(Record {
        unit: named,
        window: part(0),
        count: deadly(part(0))?,
        baseline: Exposed::new(series.iter().sum(), f64::from(before)).ok()?,
        series,
    })
}

fn probability(p: f64) -> String {
    if p < 0.001 { "< 0.001".into() } else { format!("{p:.3}") }
}
