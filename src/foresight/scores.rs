//! From cases to scores with their intervals, apart for all, emerging, ongoing and western cases.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::forecaster::Forecaster;
use super::metrics::{Decomposition, Descent, area_index, block_weights, decompose, false_alarms_per_year, hit_rate_at, interval, kendall, log_score, ndcg_at, precision_at};
use super::panel::Panel;
use super::run::{Plan, Round, Said};
use super::target::Case;

/// A number with the middle 90 % of its bootstrap.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    pub value: f64,
    pub interval: Option<(f64, f64)>,
}

impl Estimate {
    fn reversed(self) -> Self {
        Self { value: -self.value, interval: self.interval.map(|(low, high)| (-high, -low)) }
    }
}

/// The scores of a forecaster at a horizon, over a part of the cases.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub horizon: u32,
    /// `all`, `emerging`, `ongoing`, `west`, or a region's id.
    pub stratum: String,
    pub forecaster: String,
    pub origins: usize,
    pub cases: usize,
    pub positives: usize,
    /// Share of cases without an event: what empty forecasts live on.
    pub zeros: f64,
    /// By the metric's name; none of them where the cases are too few to say anything.
    pub scores: BTreeMap<&'static str, Estimate>,
    pub calibration: Option<Decomposition>,
    /// Difference in average precision to each other forecaster, on the cases of both.
    pub against: BTreeMap<String, Estimate>,
    /// Why there are no scores.
    pub not_scored: Option<String>,
    /// AUROC above .97: leakage until disproved. Regions are too few units to tell.
    pub suspicious: bool,
}

/// Fewer positives than this carry no score.
pub const MIN_POSITIVES: usize = 10;

/// AUROC above which a forecast is suspected to have seen the future.
pub const SUSPICIOUS_AUROC: f64 = 0.97;

/// Probability from which on a forecast counts as an alarm.
pub const ALARM: f64 = 0.5;

/// Scores of all forecasters in all strata of a round.
pub fn lines(panel: &Panel, forecasters: &[Box<dyn Forecaster + '_>], plan: &Plan, round: &Round) -> Vec<Line> {
    let mut strata: Vec<(String, Vec<usize>)> = Vec::new();
    let choose = |keep: &dyn Fn(&Case) -> bool| (0..round.cases.len()).filter(|i| round.cases.get(*i).is_some_and(keep)).collect::<Vec<_>>();
    let unit = |case: &Case| panel.units.get(case.unit);
    strata.push(("all".into(), choose(&|_| true)));
    strata.push(("emerging".into(), choose(&|c| c.emerging)));
    strata.push(("ongoing".into(), choose(&|c| !c.emerging)));
    strata.push(("west".into(), choose(&|c| unit(c).is_some_and(|u| u.west))));
    let regions: std::collections::BTreeSet<&str> = panel.units.iter().map(|u| u.region.as_str()).filter(|r| !r.is_empty()).collect();
    for region in regions.iter().filter(|_| regions.len() > 1) {
        strata.push(((*region).to_owned(), choose(&|c| unit(c).is_some_and(|u| u.region == *region))));
    }
    strata.retain(|(name, rows)| name == "all" || !rows.is_empty());
    let block = plan.horizons.iter().copied().max().unwrap_or(1).clamp(6, 12) as usize;
    let weights: Vec<Vec<f64>> = (0..plan.replicates).map(|r| block_weights(round.origins.len(), block, plan.seed, r)).collect();
    strata.par_iter().flat_map_iter(|(name, rows)| stratum(name, rows, forecasters, round, &weights)).collect()
}

fn stratum(name: &str, rows: &[usize], forecasters: &[Box<dyn Forecaster + '_>], round: &Round, weights: &[Vec<f64>]) -> Vec<Line> {
    let own: Vec<Vec<usize>> = round.said.iter().map(|said| rows.iter().copied().filter(|i| said.get(*i).is_some_and(Option::is_some)).collect()).collect();
    let views: Vec<View> = round.said.iter().zip(&own).map(|(said, rows)| View::new(round, said, rows)).collect();
    let ranked: Vec<[Replicates; 2]> = views.iter().map(|v| v.ranked(weights)).collect();
    let difference = |a: usize, b: usize| {
        let (mine, theirs) = own.get(a).zip(own.get(b))?;
        if mine == theirs {
            let ([a, _], [b, _]) = ranked.get(a).zip(ranked.get(b))?;
            return a.minus(b);
        }
        let both: Vec<usize> = mine.iter().copied().filter(|i| theirs.binary_search(i).is_ok()).collect();
        let view = |f: usize| round.said.get(f).map(|said| View::new(round, said, &both));
        let (a, b) = view(a).zip(view(b)).filter(|(a, _)| a.too_little().is_none())?;
        let ([a, _], [b, _]) = (a.ranked(weights), b.ranked(weights));
        a.minus(&b)
    };
    let pairs: BTreeMap<(usize, usize), Option<Estimate>> =
        (0..views.len()).flat_map(|a| (a + 1..views.len()).map(move |b| (a, b))).map(|(a, b)| ((a, b), difference(a, b))).collect();
    let differences = |a: usize| {
        let of = |b: usize| if a < b { *pairs.get(&(a, b))? } else { pairs.get(&(b, a))?.map(|d| d.reversed()) };
        let others = forecasters.iter().enumerate().filter(|(b, _)| *b != a);
        others.filter_map(|(b, other)| Some((other.name().to_owned(), of(b)?))).collect::<BTreeMap<String, Estimate>>()
    };
    views
        .iter()
        .zip(forecasters)
        .enumerate()
        .map(|(f, (view, forecaster))| {
            let not_scored = view.too_little();
            let scored = not_scored.is_none();
            let scores = if scored { view.scores(weights, ranked.get(f)) } else { BTreeMap::new() };
            Line {
                horizon: round.horizon,
                stratum: name.to_owned(),
                forecaster: forecaster.name().to_owned(),
                origins: view.origins(),
                cases: view.cases.len(),
                positives: view.positives(),
                zeros: view.cases.iter().filter(|c| c.count == 0).count() as f64 / view.cases.len().max(1) as f64,
                suspicious: ["all", "emerging", "ongoing", "west"].contains(&name) && scores.get("auroc").is_some_and(|e: &Estimate| e.value > SUSPICIOUS_AUROC),
                calibration: view.probabilities().filter(|_| scored).and_then(|p| decompose(&view.happened(), &p)),
                against: if scored { differences(f) } else { BTreeMap::new() },
                not_scored,
                scores,
            }
        })
        .collect()
}

/// A value with its bootstrap replicates.
#[derive(Clone, Debug)]
struct Replicates {
    value: Option<f64>,
    drawn: Vec<Option<f64>>,
}

impl Replicates {
    fn estimate(&self) -> Option<Estimate> {
        Some(Estimate { value: self.value?, interval: interval(&self.drawn) })
    }

    /// The difference, draw by draw.
    fn minus(&self, other: &Self) -> Option<Estimate> {
        let drawn: Vec<Option<f64>> = self.drawn.iter().zip(&other.drawn).map(|(a, b)| Some((*a)? - (*b)?)).collect();
        Some(Estimate { value: self.value? - other.value?, interval: interval(&drawn) })
    }
}

/// Cases of a stratum with what one forecaster said of them.
struct View {
    cases: Vec<Case>,
    said: Vec<Said>,
    descent: Descent,
    all_origins: usize,
}

impl View {
    fn new(round: &Round, said: &[Option<Said>], rows: &[usize]) -> Self {
        let (cases, said): (Vec<Case>, Vec<Said>) = rows.iter().filter_map(|i| Some((*round.cases.get(*i)?, (*said.get(*i)?)?))).unzip();
        let descent = Descent::new(&said.iter().map(|s| s.risk).collect::<Vec<_>>());
        Self { cases, said, descent, all_origins: round.origins.len() }
    }

    fn positives(&self) -> usize {
        self.cases.iter().filter(|c| c.happened).count()
    }

    fn happened(&self) -> Vec<bool> {
        self.cases.iter().map(|c| c.happened).collect()
    }

    fn origins(&self) -> usize {
        self.cases.chunk_by(|a, b| a.origin == b.origin).count()
    }

    /// Probabilities of all cases, if there are any.
    fn probabilities(&self) -> Option<Vec<f64>> {
        self.said.iter().map(|s| s.p).collect()
    }

    /// Why a score would be made of nothing.
    fn too_little(&self) -> Option<String> {
        let positives = self.positives();
        if self.cases.is_empty() {
            return Some("no case".into());
        }
        if positives == self.cases.len() {
            return Some("it happened in every case: nothing is left to rank".into());
        }
        (positives < MIN_POSITIVES).then(|| format!("it happened in {positives} of {} cases; below {MIN_POSITIVES} a score says nothing", self.cases.len()))
    }

    /// Average precision and AUROC, with their replicates.
    fn ranked(&self, weights: &[Vec<f64>]) -> [Replicates; 2] {
        let cases: Vec<(usize, bool)> = self.cases.iter().map(|c| (c.origin, c.happened)).collect();
        let happened = |i: usize| self.cases.get(i).is_some_and(|c| c.happened);
        let (precision, area): (Vec<_>, Vec<_>) = self.descent.resampled(&cases, weights).into_iter().map(|[p, a]| (p, a)).unzip();
        [
            Replicates { value: self.descent.average_precision(|_| 1.0, happened), drawn: precision },
            Replicates { value: self.descent.auroc(|_| 1.0, happened), drawn: area },
        ]
    }

    fn scores(&self, weights: &[Vec<f64>], ranked: Option<&[Replicates; 2]>) -> BTreeMap<&'static str, Estimate> {
        let mut scores = BTreeMap::new();
        let mut put = |name: &'static str, estimate: Option<Estimate>| scores.extend(estimate.map(|e| (name, e)));
        put("average_precision", ranked.and_then(|[precision, _]| precision.estimate()));
        put("auroc", ranked.and_then(|[_, area]| area.estimate()));
        type OfMonth = fn(&[Case], &[Said]) -> Option<f64>;
        let by_month: [(&'static str, OfMonth); 5] = [
            ("precision_3", |c, s| precision_at(3, &happened(c), &risk(s))),
            ("precision_5", |c, s| precision_at(5, &happened(c), &risk(s))),
            ("ndcg_5", |c, s| ndcg_at(5, &counts(c), &risk(s))),
            ("hit_rate_5", |c, s| hit_rate_at(5, &counts(c), &risk(s))),
            ("pai_5", |c, s| area_index(5, &counts(c), &risk(s))),
        ];
        for (name, value) in by_month {
            put(name, self.mean_of_months(weights, value));
        }
        type OfCase = fn(&Case, &Said) -> Option<f64>;
        let by_case: [(&'static str, OfCase); 6] = [
            ("brier", |c, s| Some((s.p? - f64::from(u8::from(c.happened))).powi(2))),
            ("log_score", |c, s| log_score(&[c.happened], &[s.p?])),
            ("crps", |_, s| s.crps),
            ("ignorance", |_, s| s.ignorance),
            ("coverage_90_active", |c, s| s.covered.filter(|_| !c.emerging).map(|x| f64::from(u8::from(x)))),
            ("false_alarms", |c, s| false_alarms_per_year(ALARM, &[c.happened], &[s.p?])),
        ];
        for (name, value) in by_case {
            put(name, self.mean_of_cases(weights, value));
        }
        put("kendall", self.steadiness().map(|value| Estimate { value, interval: None }));
        scores
    }

    /// Mean over the months in which it is defined.
    fn mean_of_months(&self, weights: &[Vec<f64>], value: impl Fn(&[Case], &[Said]) -> Option<f64>) -> Option<Estimate> {
        let mut sums = vec![(0.0, 0.0); self.all_origins];
        let mut start = 0;
        for month in self.cases.chunk_by(|a, b| a.origin == b.origin) {
            let said = self.said.get(start..start + month.len()).unwrap_or_default();
            start += month.len();
            let cell = month.first().and_then(|c| sums.get_mut(c.origin));
            if let Some((cell, value)) = cell.zip(value(month, said)) {
                *cell = (value, 1.0);
            }
        }
        mean(&sums, weights)
    }

    /// Mean over the cases in which it is defined.
    fn mean_of_cases(&self, weights: &[Vec<f64>], value: impl Fn(&Case, &Said) -> Option<f64>) -> Option<Estimate> {
        let mut sums = vec![(0.0, 0.0); self.all_origins];
        for (case, said) in self.cases.iter().zip(&self.said) {
            if let Some((cell, value)) = sums.get_mut(case.origin).zip(value(case, said)) {
                *cell = (cell.0 + value, cell.1 + 1.0);
            }
        }
        mean(&sums, weights)
    }

    /// Mean Kendall τ-b of the risks of one origin and the next, over the units of both.
    fn steadiness(&self) -> Option<f64> {
        let mut months: Vec<(usize, BTreeMap<usize, f64>)> = Vec::new();
        for (case, said) in self.cases.iter().zip(&self.said) {
            match months.last_mut().filter(|(origin, _)| *origin == case.origin) {
                Some((_, risks)) => drop(risks.insert(case.unit, said.risk)),
                None => months.push((case.origin, BTreeMap::from([(case.unit, said.risk)]))),
            }
        }
        let taus: Vec<f64> = months
            .windows(2)
            .filter_map(|pair| {
                let [(_, before), (_, after)] = pair else { return None };
                let both: (Vec<f64>, Vec<f64>) = before.iter().filter_map(|(unit, risk)| Some((*risk, *after.get(unit)?))).unzip();
                kendall(&both.0, &both.1)
            })
            .collect();
        (!taus.is_empty()).then(|| taus.iter().sum::<f64>() / taus.len() as f64)
    }
}

fn happened(cases: &[Case]) -> Vec<bool> {
    cases.iter().map(|c| c.happened).collect()
}

fn counts(cases: &[Case]) -> Vec<u32> {
    cases.iter().map(|c| c.count).collect()
}

fn risk(said: &[Said]) -> Vec<f64> {
    said.iter().map(|s| s.risk).collect()
}

/// Ratio of sums by origin, with replicates that weigh the origins.
fn mean(sums: &[(f64, f64)], weights: &[Vec<f64>]) -> Option<Estimate> {
    let ratio = |weight: &dyn Fn(usize) -> f64| {
        let (sum, n) = sums.iter().enumerate().fold((0.0, 0.0), |(sum, n), (o, s)| (sum + weight(o) * s.0, n + weight(o) * s.1));
        (n > 0.0).then(|| sum / n)
    };
    let value = ratio(&|_| 1.0)?;
    let drawn: Vec<Option<f64>> = weights.iter().map(|w| ratio(&|o| w.get(o).copied().unwrap_or(0.0))).collect();
    Some(Estimate { value, interval: interval(&drawn) })
}
