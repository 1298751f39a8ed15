//! How likely a graded statement is to hold.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::toml_file;
use crate::workspace::Workspace;

const PATH: &str = "indicators/grades.toml";

/// From an Admiralty grade to the probability that a statement holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Probabilities of Admiralty grades in a tukhum workspace")]
pub struct Grades {
    pub version: String,
    /// Why these numbers.
    pub rationale: String,
    /// By credibility, 1 to 6: how likely the content is to hold if the source keeps its full trust.
    pub credibility: BTreeMap<String, Credibility>,
    /// By reliability, A to F: how much of that judgement a source of this kind keeps.
    pub reliability: BTreeMap<String, Reliability>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Credibility {
    /// 0 to 1.
    pub probability: f64,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reliability {
    /// Share of the distance from even odds that is kept, 0 to 1.
    pub trust: f64,
    pub reason: String,
}

impl Grades {
    /// Probability that a statement of this grade holds.
    ///
    /// # Formula
    /// ```text
    /// p = 1/2 + trust(reliability) (probability(credibility) - 1/2)
    /// ```
    /// # Missing and degenerate values
    /// A letter or number that is missing, or not in the table, counts as "cannot be judged": F or 6.
    pub fn probability(&self, reliability: Option<&str>, credibility: Option<&str>) -> f64 {
        let trust = reliability.and_then(|r| self.reliability.get(r)).or_else(|| self.reliability.get("F")).map_or(0.0, |r| r.trust);
        let own = credibility.and_then(|c| self.credibility.get(c)).or_else(|| self.credibility.get("6")).map_or(0.5, |c| c.probability);
        0.5 + trust * (own - 0.5)
    }

    /// Reads `indicators/grades.toml`; none without the file.
    pub(super) fn load(workspace: &Workspace, problems: &mut Diagnostics) -> Option<Self> {
        let (grades, source) = toml_file::read::<Self>(PATH, workspace.files.get(PATH)?, problems)?;
        let mut refuse = |code, message: String, at: &str, rule: &str, help: String| {
            problems.push(Diagnostic::error(code, message, source.at(at)).rule(rule).help(help));
        };
        let known = [("credibility", &["1", "2", "3", "4", "5", "6"]), ("reliability", &["A", "B", "C", "D", "E", "F"])];
        for (table, names) in known {
            let given: Vec<&str> = match table {
                "credibility" => grades.credibility.keys().map(String::as_str).collect(),
                _ => grades.reliability.keys().map(String::as_str).collect(),
            };
            let missing: Vec<&str> = names.iter().copied().filter(|n| !given.contains(n)).collect();
            if !missing.is_empty() {
                let help = format!("add {}", missing.join(", "));
                refuse("missing-grade", format!("{table} has no {}", missing.join(", ")), &format!("/{table}"), "every grade of the Admiralty code has an entry", help);
            }
            for name in given.iter().filter(|n| !names.contains(n)) {
                let help = format!("the grades are {}", names.join(", "));
                refuse("unknown-name", format!("unknown grade `{name}`"), &format!("/{table}/{name}"), "the Admiralty code has A to F and 1 to 6", help);
            }
        }
        let numbers = grades.credibility.iter().map(|(k, c)| (format!("/credibility/{k}/probability"), c.probability));
        for (at, x) in numbers.chain(grades.reliability.iter().map(|(k, r)| (format!("/reliability/{k}/trust"), r.trust))) {
            if !(0.0..=1.0).contains(&x) {
                refuse("share-outside", format!("the number is {x}"), &at, "probabilities and shares of trust lie in 0 to 1", "write a number such as 0.75".into());
            }
        }
        Some(grades)
    }
}
