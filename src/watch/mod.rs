//! What is new since the last time somebody looked: plain data for a scheduled job.
//!
//! [`observe`] lists what holds now, [`tell`] compares that with what was told before. Both are pure:
//! the day is an argument, and the state comes from and goes back to the caller.

mod cap;
pub mod file;
mod occurrences;
mod surges;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use cap::{Message, Sent, cap};
pub use file::WatchList;

use crate::datasets::REGIONS;
use crate::diagnostics::Diagnostics;
use crate::edition::{Edition, Sources};
use crate::rules::Severity;
use crate::text::Day;
use crate::workspace::Workspace;

/// What a signal is about. Rules and surges hold until they end; the others happened on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A rule fires for a unit.
    Rule,
    /// Deadly events come faster than the province's own record explains.
    Surge,
    /// A source says that a target was hit for the first time.
    FirstTime,
    /// One actor struck several places on one day.
    Operation,
}

/// A unit by its id and its English name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Named {
    pub id: String,
    pub name: String,
}

/// Something that holds or happened, and that is told once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// The same for the same thing in every run: kind, then rule and unit, unit, row, or actor and day.
    pub id: String,
    pub kind: Kind,
    pub severity: Severity,
    pub units: Vec<Named>,
    pub headline: String,
}

/// A signal with what is said of it when it is news.
#[derive(Clone, Debug)]
pub struct Observed {
    pub signal: Signal,
    /// Values and rows behind it.
    pub detail: String,
    /// What the documents advise.
    pub advice: Option<String>,
}

/// What holds on a day.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    pub signals: Vec<Observed>,
    /// Ids of rules and surges that a missing value leaves open: what was told before stands.
    pub open: BTreeSet<String>,
}

/// What was told up to a day: the only thing that is kept between runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// [`FORMAT`].
    pub format: String,
    pub as_of: Day,
    /// In the order of their ids.
    pub told: Vec<Told>,
}

/// A signal that was told, and when first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub since: Day,
    #[serde(flatten)]
    pub signal: Signal,
}

/// Name of the state's form.
pub const FORMAT: &str = "tukhum-watch-1";

/// What happened to a signal since the last run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It was not told before.
    New,
    /// It is more severe than it was, or lifts the highest alert of its unit.
    Escalated,
    /// A rule or surge no longer holds. What is merely no longer known has not ended.
    Ended,
}

/// One piece of news: a line of `tukhum watch --format jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(title = "One line of tukhum watch")]
pub struct News {
    /// The same for the same signal in every run.
    pub id: String,
    pub change: Change,
    pub kind: Kind,
    pub severity: Severity,
    /// Severity before, where it escalated.
    pub was: Option<Severity>,
    pub as_of: Day,
    /// As-of day of the run that first told it.
    pub since: Day,
    pub units: Vec<Named>,
    pub headline: String,
    /// Values and rows behind it; empty when it ended.
    pub detail: String,
    /// What the documents advise.
    pub advice: Option<String>,
}

/// Reads and checks a workspace with its watch list and first-level units. On success the last part holds warnings only.
pub fn load(workspace: &Workspace) -> Result<(Sources, Option<WatchList>, Diagnostics), Diagnostics> {
    load_level(workspace, REGIONS)
}

/// The same with units of an administrative level.
pub fn load_level(workspace: &Workspace, level: u8) -> Result<(Sources, Option<WatchList>, Diagnostics), Diagnostics> {
    let mut problems = Diagnostics::default();
    let list = WatchList::load(workspace, &mut problems);
    match Sources::load_level(workspace, level) {
        Ok((sources, warnings)) if !problems.has_errors() => Ok((sources, list, warnings)),
        Ok((_, warnings)) => {
            problems.extend(warnings);
            Err(problems)
        }
        Err(mut more) => {
            more.extend(problems);
            Err(more)
        }
    }
}

/// Lists what holds as of the edition's day.
pub fn observe(sources: &Sources, edition: &Edition<'_>, list: Option<&WatchList>) -> Observation {
    let mut seen = Observation::default();
    let name = |unit: &str| Named { id: unit.into(), name: edition.unit(unit).map_or_else(|| unit.into(), |(_, u)| u.unit.name().en.clone()) };
    let id = |rule: &str, unit: &str| format!("rule/{rule}/{unit}");
    for alert in &edition.alerts.fired {
        let values = alert.values.iter().map(|(name, value)| format!("{name} {}", value.map_or_else(|| "missing".into(), |v| format!("{v:.2}"))));
        seen.signals.push(Observed {
            signal: Signal {
                id: id(&alert.rule.id, alert.unit),
                kind: Kind::Rule,
                severity: alert.rule.severity,
                units: vec![name(alert.unit)],
                headline: alert.rule.label.en.clone(),
            },
            detail: values.collect::<Vec<_>>().join("; "),
            advice: sources.rules.recommendations.get(&alert.rule.recommendation).map(|r| r.text.en.clone()),
        });
    }
    seen.open.extend(edition.alerts.undetermined.iter().map(|u| id(&u.rule.id, u.unit)));
    if let Some(list) = list {
        surges::observe(edition, &list.surge, &mut seen);
        occurrences::first_time(sources, edition, &list.first_time, &mut seen);
        occurrences::operations(sources, edition, &list.operation, &mut seen);
    }
    seen.signals.sort_by(|a, b| a.signal.id.cmp(&b.signal.id));
    seen
}

/// Compares what holds with what was told: the news, the most severe first, and the state to keep.
///
/// Without a state everything is new. A rule that newly fires in a unit whose alerts were all less
/// severe escalates. A rule or surge that is left open by a missing value stays told; what happened
/// on a day never ends, and leaves the state when it is older than its window.
pub fn tell(before: Option<&State>, now: Observation, day: Date) -> (Vec<News>, State) {
    let before: BTreeMap<&str, &Told> = before.map(|s| s.told.iter().map(|t| (t.signal.id.as_str(), t)).collect()).unwrap_or_default();
    let mut highest: BTreeMap<&str, Severity> = BTreeMap::new();
    for told in before.values().filter(|t| t.signal.kind == Kind::Rule) {
        for unit in &told.signal.units {
            let severity = highest.entry(&unit.id).or_insert(told.signal.severity);
            *severity = (*severity).max(told.signal.severity);
        }
    }
    let mut news = Vec::new();
    let mut told = Vec::new();
    for Observed { signal, detail, advice } in now.signals {
        let earlier = before.get(signal.id.as_str());
        let was = match earlier {
            Some(earlier) => Some(earlier.signal.severity),
            None if signal.kind == Kind::Rule => signal.units.first().and_then(|u| highest.get(u.id.as_str())).copied(),
            None => None,
        };
        let change = match (earlier, was) {
            (_, Some(was)) if was < signal.severity => Some(Change::Escalated),
            (Some(_), _) => None,
            (None, _) => Some(Change::New),
        };
        let since = earlier.map_or(Day(day), |e| e.since);
        if let Some(change) = change {
            let was = was.filter(|_| change == Change::Escalated);
            let Signal { id, kind, severity, units, headline } = signal.clone();
            news.push(News { id, change, kind, severity, was, as_of: Day(day), since, units, headline, detail, advice });
        }
        told.push(Told { since, signal });
    }
    let holds: BTreeSet<String> = told.iter().map(|t| t.signal.id.clone()).collect();
    for gone in before.values().filter(|t| !holds.contains(&t.signal.id)) {
        if now.open.contains(&gone.signal.id) {
            told.push((*gone).clone());
        } else if matches!(gone.signal.kind, Kind::Rule | Kind::Surge) {
            let Signal { id, kind, severity, units, headline } = gone.signal.clone();
            news.push(News { id, change: Change::Ended, kind, severity, was: None, as_of: Day(day), since: gone.since, units, headline, detail: String::new(), advice: None });
        }
    }
    told.sort_by(|a, b| a.signal.id.cmp(&b.signal.id));
    news.sort_by(|a, b| (a.change == Change::Ended, std::cmp::Reverse(a.severity), &a.id).cmp(&(b.change == Change::Ended, std::cmp::Reverse(b.severity), &b.id)));
    (news, State { format: FORMAT.into(), as_of: Day(day), told })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Date = Date::constant(2025, 7, 1);

    fn signal(id: &str, kind: Kind, severity: Severity, unit: &str) -> Signal {
        Signal { id: id.into(), kind, severity, units: vec![Named { id: unit.into(), name: unit.into() }], headline: String::new() }
    }

    fn seen(signals: &[&Signal], open: &[&str]) -> Observation {
        let signals = signals.iter().map(|s| Observed { signal: (*s).clone(), detail: String::new(), advice: None }).collect();
        Observation { signals, open: open.iter().map(|id| (*id).to_owned()).collect() }
    }

    fn changes(news: &[News]) -> Vec<(&str, Change, Option<Severity>)> {
        news.iter().map(|n| (n.id.as_str(), n.change, n.was)).collect()
    }

    #[test]
    fn each_change_has_its_word() {
        use Severity::{Alarm, Warning, Watch};
        let rule = |id, severity| signal(id, Kind::Rule, severity, "u");
        let operation = |severity| signal("o", Kind::Operation, severity, "u");
        let (low, also_low, high) = (rule("low", Watch), rule("also_low", Watch), rule("high", Warning));
        let first = tell(None, seen(&[&low, &operation(Watch)], &[]), DAY);
        assert_eq!(changes(&first.0), [("low", Change::New, None), ("o", Change::New, None)]);

        // A second rule of the same severity is new; a more severe one escalates; an operation alone never lifts a unit.
        let next = tell(Some(&first.1), seen(&[&also_low, &high, &low, &operation(Watch)], &[]), DAY);
        assert_eq!(changes(&next.0), [("high", Change::Escalated, Some(Watch)), ("also_low", Change::New, None)]);

        // The same operation with more places escalates; with fewer it says nothing and may escalate again.
        let wider = tell(Some(&next.1), seen(&[&also_low, &high, &low, &operation(Alarm)], &[]), DAY);
        assert_eq!(changes(&wider.0), [("o", Change::Escalated, Some(Watch))]);
        assert_eq!(tell(Some(&wider.1), seen(&[&also_low, &high, &low, &operation(Watch)], &[]), DAY).0, []);

        // What is no longer known has not ended; what rests has; what happened does not end.
        let gone = tell(Some(&next.1), seen(&[&low], &["high"]), DAY);
        assert_eq!(changes(&gone.0), [("also_low", Change::Ended, None)]);
        let kept: Vec<&str> = gone.1.told.iter().map(|t| t.signal.id.as_str()).collect();
        assert_eq!(kept, ["high", "low"]);
        assert_eq!(tell(Some(&gone.1), seen(&[&high, &low], &[]), DAY).0, [], "it fires again after it was left open");
    }

    #[test]
    fn the_state_survives_a_file() {
        let state = tell(None, seen(&[&signal("a", Kind::Surge, Severity::Alarm, "u")], &[]), DAY).1;
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<State>(&text).unwrap(), state);
    }
}
