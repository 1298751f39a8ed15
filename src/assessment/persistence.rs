//! T5: did the attacks in the belt stay up after the wave?

use jiff::civil::Date;

use super::file::{Area, Role};
use super::record::{Record, inside};
use super::{Answer, Figure, Item, days_after, months_before};
use crate::evidence::Event;
use crate::measures::places::actor;
use crate::stats::change_point::{ChangeOptions, ChangePoint, change_point};
use crate::stats::exposed::{Exposed, GammaRate};
use crate::stats::rate_ratio::{RateComparison, Tail, compare_rates};
use crate::say;
use crate::text::{Arg, Month, Text, days_between};

pub(super) struct Persistence {
    pub item: Item,
    /// Posterior of a step up at the wave, once all months in which it could begin are known.
    pub step: Option<f64>,
}

pub(super) fn answer(record: &Record<'_>) -> Persistence {
    let numbers = &record.battery.persistence;
    let mut item = Item::new("T5", &numbers.about);
    let Some(belt) = record.area(Role::Belt).next() else { return Persistence { item, step: None } };
    let last = numbers.windows.days.last().copied().unwrap_or_default();
    let horizon = days_after(record.wave, last);
    let reach = record.reach(&record.countries, record.baseline());
    let Some(reach) = reach.filter(|r| *r >= record.eve()) else {
        return Persistence { item: item.needs_data(say!("assessment.year_not_covered"), record.settle(horizon)), step: None };
    };
    item.used.push(record.used(theatre(record, record.baseline(), reach).count(), record.baseline(), reach));

    let before = Shares::of(record, belt, record.baseline(), record.eve());
    item.findings.push(say!("assessment.belt_before", months = record.battery.general.baseline_months.whole(), n = whole(before.inside), all = whole(before.all)));
    let mut decisive: Option<RateComparison> = None;
    for days in &numbers.windows.days {
        let to = days_after(record.wave, *days);
        if reach < to {
            continue;
        }
        for area in std::iter::once(belt).chain(record.area(Role::Check)) {
            let (before, after) = (Shares::of(record, area, record.baseline(), record.eve()), Shares::of(record, area, days_after(record.wave, 1), to));
            let Some(ratio) = after.against(&before, record.level()) else { continue };
            item.figures.push(
                Figure::new(say!("assessment.share_ratio", days = *days, area = &area.label), ratio.ratio, Some(say!("assessment.ratio")))
                    .between(Some(ratio.lower), ratio.upper),
            );
            if area.id == belt.id {
                item.findings.push(say!("assessment.belt_after", days = *days, n = whole(after.inside), all = whole(after.all)));
                decisive = (*days == last).then_some(ratio);
            }
        }
    }

    let models = Models::new(record, belt, reach);
    // While a step may still begin in a month that is not known, the posterior would take that silence for a no.
    let step = models.as_ref().filter(|m| m.counts.len() > m.wave + m.tolerance).and_then(|m| m.step(&[]));
    if let (Some(models), Some(step)) = (&models, step) {
        if let Some(found) = models.fit(&[]) {
            let probability = || Some(say!("assessment.probability"));
            item.figures.insert(0, Figure::new(say!("assessment.posterior_step"), Some(step), probability()));
            item.figures.push(Figure::new(say!("assessment.posterior_none"), Some(found.none), probability()));
            item.figures.push(Figure::new(say!("assessment.posterior_pulse"), Some(found.pulse), probability()));
            item.figures.push(Figure::new(say!("assessment.posterior_any_step"), Some(found.step), probability()));
        }
        item.findings.push(say!("assessment.monthly", month = models.first, series = models.shown()));
    }

    let (high, low) = (numbers.step_at_least.value, numbers.step_at_most.value);
    let share_rose = decisive.as_ref().map(|r| r.lower > 1.0);
    match (step, share_rose) {
        _ if reach < record.wave => item = item.needs_data(say!("assessment.no_month_published"), record.settle(horizon)),
        _ if reach < horizon => item = item.needs_data(say!("assessment.days_not_covered", days = last), record.settle(horizon)),
        (Some(step), Some(true)) if step >= high => item.answer = Answer::Yes,
        (Some(step), _) if step <= low => item.answer = Answer::No,
        (None, _) => item = item.needs(say!("assessment.step_months_unknown")),
        (Some(_), None) => item = item.needs(say!("assessment.no_attack_in_windows")),
        (Some(step), Some(rose)) => {
            if !rose {
                item = item.needs(say!("assessment.share_not_above", days = last));
            }
            if step < high {
                item = item.needs(say!("assessment.step_unsure", high = Arg::plain(high), low = Arg::plain(low)));
            }
        }
    }
    item.turns = turns(record, belt, &before, models.as_ref(), reach, decisive.as_ref());
    Persistence { item, step }
}

/// Counts that would turn the answer.
fn turns(
    record: &Record<'_>,
    belt: &Area,
    before: &Shares,
    models: Option<&Models>,
    reach: Date,
    decisive: Option<&RateComparison>,
) -> Vec<Text> {
    let numbers = &record.battery.persistence;
    let mut turns = Vec::new();
    let last = numbers.windows.days.last().copied().unwrap_or_default();
    let horizon = days_after(record.wave, last);
    if reach < horizon {
        // What is on record, and the pace of the baseline for the rest of the window.
        let days = f64::from(days_between(record.baseline(), record.wave)).max(1.0);
        let rest = f64::from(days_between(reach.max(record.wave), horizon));
        let so_far = Shares::of(record, belt, days_after(record.wave, 1), reach);
        let expected = so_far.all + (before.all as f64 * rest / days).round() as u64;
        let rose = |inside: u64| Shares { inside, all: expected }.against(before, record.level()).is_some_and(|r| r.lower > 1.0);
        let least = (0..=expected).find(|x| rose(*x));
        if let Some(least) = least {
            turns.push(say!(
                "assessment.pace_turn",
                expected = whole(expected),
                days = last,
                least = whole(least),
                day = horizon,
                inside = whole(so_far.inside),
                all = whole(so_far.all)
            ));
        }
    } else if let Some(ratio) = decisive
        && ratio.lower <= 1.0
    {
        turns.push(say!("assessment.share_closed_turn", days = last));
    }
    let Some(models) = models else { return turns };
    let months = 3;
    let with = |count: u64| models.step(&vec![count; months]);
    let (high, low) = (numbers.step_at_least.value, numbers.step_at_most.value);
    let yes = (0..=200).find(|y| with(*y).is_some_and(|p| p >= high));
    // From below: beyond some count a rise is a later step of its own.
    let no = (0..=200).take_while(|y| with(*y).is_some_and(|p| p <= low)).last();
    let next = models.first.minus(-(models.counts.len() as i32));
    let first = match yes {
        Some(yes) => say!("assessment.step_yes_turn", high = Arg::plain(high), n = whole(yes), month = next),
        None => say!("assessment.step_never_turn", high = Arg::plain(high), month = next),
    };
    let second = match no {
        Some(0) => say!("assessment.step_none_turn", low = Arg::plain(low)),
        Some(no) => say!("assessment.step_no_turn", low = Arg::plain(low), n = whole(no)),
        None => say!("assessment.step_no_never_turn", low = Arg::plain(low)),
    };
    turns.extend([first, second]);
    turns
}

/// Deadly attacks of the theatre: the wave's country, and the belt across its borders.
pub(super) fn theatre<'a>(record: &Record<'a>, from: Date, to: Date) -> impl Iterator<Item = &'a Event> {
    let country = record.battery.wave.country.as_str();
    let belt = record.area(Role::Belt).next();
    record.attacks(from, to).filter(move |e| {
        e.is_deadly() && e.region.is_some() && (e.now.country == country || belt.is_some_and(|b| inside(b, e.region.as_deref())))
    })
}

/// Deadly attacks in an area, and in the whole theatre.
struct Shares {
    inside: u64,
    all: u64,
}

impl Shares {
    fn of(record: &Record<'_>, area: &Area, from: Date, to: Date) -> Self {
        let (mut inside_area, mut all) = (0, 0);
        for event in theatre(record, from, to) {
            all += 1;
            inside_area += u64::from(inside(area, event.region.as_deref()));
        }
        Self { inside: inside_area, all }
    }

    /// This share over another: counts inside, with all attacks as the exposure.
    fn against(&self, before: &Self, level: f64) -> Option<RateComparison> {
        let exposed = |s: &Self| Exposed::new(s.inside, s.all as f64).ok();
        compare_rates(exposed(self)?, exposed(before)?, level, Tail::Exact).ok()
    }
}

/// The belt's monthly series with the change models.
struct Models {
    first: Month,
    counts: Vec<u64>,
    options: ChangeOptions,
    /// Index of the wave's month.
    wave: usize,
    tolerance: usize,
}

impl Models {
    /// None without a month before the wave.
    fn new(record: &Record<'_>, belt: &Area, reach: Date) -> Option<Self> {
        let numbers = &record.battery.persistence;
        let earliest = months_before(record.wave, numbers.series_months.whole());
        let month = Month::of(record.wave);
        let mut first = month;
        while first.minus(1).first_day() >= earliest && record.covers(&record.countries, first.minus(1).first_day(), record.eve()) {
            first = first.minus(1);
        }
        let now = Month::of(reach);
        let last = if now.last_day() <= reach { now } else { now.minus(1) };
        if last < month.minus(1) || first >= month {
            return None;
        }
        let mut counts = vec![0_u64; usize::try_from(last.0 - first.0 + 1).ok()?];
        for event in theatre(record, first.first_day(), last.last_day()).filter(|e| inside(belt, e.region.as_deref())) {
            // The wave itself is not its own persistence.
            let wave = event.now.date == record.wave && actor(event) == record.battery.wave.actor;
            if let Some(count) = counts.get_mut(usize::try_from(Month::of(event.now.date).0 - first.0).ok()?).filter(|_| !wave) {
                *count += 1;
            }
        }
        let wave = usize::try_from(month.0 - first.0).ok()?;
        let (prior_step, prior_pulse) = (numbers.prior_step.value, numbers.prior_pulse.value);
        let options = ChangeOptions {
            prior: GammaRate::new(numbers.prior_mean.value * numbers.prior_months.value, numbers.prior_months.value).ok()?,
            model_priors: [1.0 - prior_step - prior_pulse, prior_pulse, prior_step],
            longest_pulse: usize::try_from(numbers.longest_pulse_months.whole()).ok()?,
            dispersion: dispersion(counts.get(..wave)?),
        };
        Some(Self { first, counts, options, wave, tolerance: usize::try_from(numbers.tolerance_months.whole()).ok()? })
    }

    fn fit(&self, further: &[u64]) -> Option<ChangePoint> {
        let series: Vec<Option<Exposed>> = self.counts.iter().chain(further).map(|c| Exposed::new(*c, 1.0).ok()).collect();
        change_point(&series, self.options).ok()
    }

    /// Posterior of a step upwards that begins within the tolerance of the wave's month.
    fn step(&self, further: &[u64]) -> Option<f64> {
        let found = self.fit(further)?;
        let near = self.wave.saturating_sub(self.tolerance)..=self.wave + self.tolerance;
        let dated: f64 = found.step_start.iter().enumerate().filter(|(t, _)| near.contains(t)).map(|(_, p)| p).sum();
        Some(found.step * dated * found.step_is_rise.unwrap_or_default())
    }

    fn shown(&self) -> String {
        let (before, after) = self.counts.split_at(self.wave.min(self.counts.len()));
        let text = |counts: &[u64]| counts.iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
        format!("{} | {}", text(before), text(after))
    }
}

/// A count as sentences take it.
fn whole(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Variance over mean of counts, at least 1.
fn dispersion(counts: &[u64]) -> f64 {
    let n = counts.len() as f64;
    let mean = counts.iter().sum::<u64>() as f64 / n;
    let squares: f64 = counts.iter().map(|c| (*c as f64 - mean).powi(2)).sum();
    let ratio = squares / (n - 1.0) / mean;
    if ratio.is_finite() { ratio.max(1.0) } else { 1.0 }
}
