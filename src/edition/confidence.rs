//! How much the score of a unit can be trusted. It stands beside the score and never enters it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::evidence::{Event, Evidence, Unit};
use crate::framework::Framework;
use crate::measures::Reading;
use crate::say;
use crate::text::{Arg, Month, Text};

/// The level of confidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Low,
    Moderate,
    High,
}

/// A level with the weaknesses that led to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confidence {
    pub level: Level,
    pub reasons: Vec<Text>,
    /// Share of the effective weight that is known, 0 to 1.
    pub coverage: f64,
}

impl Confidence {
    /// Counts weaknesses of coverage, age, precision, sources and contradictions.
    ///
    /// # Formula
    /// One point for each weakness (two for coverage far below the limit); `high_at_most` and
    /// `moderate_at_most` of the framework turn the points into a level.
    ///
    /// # Source
    /// After INFORM's lack of reliability index (missing share, age, conflict) and the grounds
    /// for confidence of ICD 203.
    pub fn judge(framework: &Framework, evidence: &Evidence<'_>, unit: Unit<'_>, readings: &[Reading]) -> Self {
        let limits = &framework.confidence;
        let mut reasons = Vec::new();
        let mut points = 0;
        let weights = framework.tree.effective_weights();
        let coverage: f64 = weights.iter().zip(readings).filter(|(_, r)| r.value.is_some()).map(|(w, _)| w).sum();
        if coverage < limits.coverage_far_below {
            points += 2;
            reasons.push(say!("confidence.little_weight_known", share = Arg::Share(coverage)));
        } else if coverage < limits.coverage_below {
            points += 1;
            reasons.push(say!("confidence.weight_known", share = Arg::Share(coverage)));
        }
        let now = evidence.as_of.month();
        let age = readings.iter().filter_map(|r| r.window).map(|w| now.0 - w.to.0).max();
        match age {
            Some(age) if age > limits.age_months_above => {
                points += 1;
                reasons.push(say!("confidence.count_ends", n = age));
            }
            None => {
                points += 1;
                reasons.push(say!("confidence.no_count"));
            }
            Some(_) => {}
        }
        let (coarse, all) = precision(evidence, unit, now.minus(24));
        if all > 0 && f64::from(coarse) / f64::from(all) > limits.imprecise_share_above {
            points += 1;
            reasons.push(say!("confidence.imprecise", coarse = coarse, all = all));
        }
        let ledger: Vec<_> = evidence
            .ledger
            .iter()
            .filter(|e| now.0 - Month::of(e.date).0 <= 24)
            .filter(|e| crate::measures::concerns(unit, e))
            .collect();
        let sources: BTreeSet<&str> = ledger.iter().filter_map(|e| e.source.url.as_deref().map(host)).collect();
        if !ledger.is_empty() && sources.len() < limits.sources_below {
            points += 1;
            reasons.push(say!("confidence.few_sources", sources = sources.len(), events = ledger.len()));
        }
        let mut contradicted = 0;
        let mut silent = false;
        for event in &ledger {
            let claims = evidence.claims_about(event);
            let rival = claims.iter().any(|a| {
                claims.iter().any(|b| {
                    a.metric == b.metric && a.claimant != b.claimant && matches!((a.low, b.low), (Some(x), Some(y)) if x != y)
                })
            });
            contradicted += i32::from(rival);
            silent |= claims.iter().any(|c| c.metric == "own_losses_not_stated");
        }
        if contradicted > 0 {
            points += 1;
            reasons.push(say!("confidence.contradictions", n = contradicted));
        }
        if silent {
            points += 1;
            reasons.push(say!("confidence.losses_untold"));
        }
        let level = if points <= limits.high_at_most {
            Level::High
        } else if points <= limits.moderate_at_most {
            Level::Moderate
        } else {
            Level::Low
        };
        Self { level, reasons, coverage }
    }
}

/// Events of the unit since a month: those without a usable point, and all.
fn precision(evidence: &Evidence<'_>, unit: Unit<'_>, since: Month) -> (i32, i32) {
    let lies_here = |e: &&Event| match unit {
        Unit::Province(p) => e.province.as_deref() == Some(p.id.as_str()),
        Unit::Crossing(c) => e.region.is_some() && c.provinces.contains(&e.region),
    };
    let here = evidence.events.iter().filter(|e| Month::of(e.now.date) >= since).filter(lies_here);
    here.fold((0, 0), |(coarse, all), e| (coarse + i32::from(!e.has_point()), all + 1))
}

/// The host of an address: two pages of one publisher are one source.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or(rest);
    host.strip_prefix("www.").unwrap_or(host)
}
