use super::file::SurgeWatch;
use super::{Kind, Named, Observation, Observed, Signal};
use crate::edition::Edition;
use crate::evidence::{Unit, Window};
use crate::stats::exposed::Exposed;
use crate::stats::surge::{Watched, surges};

/// Provinces whose latest window holds more deadly events than their own record explains.
///
/// # Formula
/// ```text
/// per province: window of w covered months, the b months before it as baseline, in months
/// p = P(Y >= count) and q over all provinces by `surge::surges`
/// a surge where q <= false_discovery_rate and Y >= fewest_events
/// ```
///
/// # Missing and degenerate values
/// A province without a window, or a region without a baseline, is left open: nothing is said to
/// begin or to end. Baseline months in which the source does not tell deadly events apart count all
/// of their events, which can only hide a surge.
pub(super) fn observe(edition: &Edition<'_>, watch: &SurgeWatch, seen: &mut Observation) {
    let id = |unit: &str| format!("surge/{unit}");
    let units: Vec<(Named, Option<(Window, Watched)>)> = edition
        .provinces
        .units
        .iter()
        .map(|scored| (Named { id: scored.unit.id().into(), name: scored.unit.name().en.clone() }, record(edition, scored.unit, watch)))
        .collect();
    let watched: Vec<Option<Watched>> = units.iter().map(|(_, record)| record.as_ref().map(|(_, watched)| watched.clone())).collect();
    for ((unit, record), surge) in units.into_iter().zip(surges(&watched, watch.sd_floor.value)) {
        let (Some((window, watched)), Some((result, q))) = (record, surge) else {
            seen.open.insert(id(&unit.id));
            continue;
        };
        let count = watched.count.count();
        if q > watch.false_discovery_rate.value || (count as f64) < watch.fewest_events.value {
            continue;
        }
        seen.signals.push(Observed {
            detail: format!(
                "{} deadly events from {}; {:.1} expected from the {} months before; p {}, {} after counting all provinces",
                count,
                window,
                result.expected,
                watch.baseline_months.whole(),
                probability(result.p),
                probability(q)
            ),
            signal: Signal {
                id: id(&unit.id),
                kind: Kind::Surge,
                severity: watch.severity,
                headline: "Deadly events come faster than the province's own record explains.".into(),
                units: vec![unit],
            },
            advice: None,
        });
    }
}

fn record(edition: &Edition<'_>, unit: Unit<'_>, watch: &SurgeWatch) -> Option<(Window, Watched)> {
    let Unit::Province(province) = unit else { return None };
    let (length, before) = (watch.window_months.whole(), watch.baseline_months.whole());
    let counts = &edition.evidence.counts;
    let whole = counts.latest_window(&province.country, &province.id, edition.as_of, length + before, watch.max_age_months.whole())?;
    let deadly = |window| counts.sum(&province.country, &province.id, window).and_then(|c| u64::try_from(c.deadly).ok());
    let part = |k: i32| Window { from: whole.to.minus((k + 1) * length - 1), to: whole.to.minus(k * length) };
    let series: Vec<u64> = (1..=before / length).map(|k| deadly(part(k))).collect::<Option<_>>()?;
    let count = Exposed::new(deadly(part(0))?, f64::from(length)).ok()?;
    let baseline = Exposed::new(series.iter().sum(), f64::from(before)).ok()?;
    Some((part(0), Watched { count, baseline, series }))
}

fn probability(p: f64) -> String {
    if p < 0.001 { "< 0.001".into() } else { format!("{p:.3}") }
}
