//! The declared statements as they are written in `indicators/track_record.toml`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostics::{Diagnostic, Diagnostics, suggestion};
use crate::framework::Framework;
use crate::text::Text;
use crate::toml_file;
use crate::workspace::Workspace;

/// Where the statements are declared.
pub const PATH: &str = "indicators/track_record.toml";

/// The statements of a report that later editions score.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Scored statements of a tukhum workspace")]
pub struct Declared {
    pub version: String,
    pub statement: Vec<Statement>,
}

/// A kind of statement that every edition makes with a probability.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    pub id: String,
    /// What comes true.
    pub claim: Claim,
    pub text: Text,
    /// Why it is scored, and why like this; written before any outcome was looked at.
    pub reason: String,
}

/// What comes true, and where its probability stands in the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Claim {
    /// Said only where the workspace declares a battery: its verdict becomes `strategic_shift` (true) or `circumstantial_escalation` (false).
    Shift {},
    /// An item of the battery becomes yes (true) or no (false).
    Item { item: String },
    /// A unit has a deadly event in the months after the edition; the probability follows from the
    /// distribution of the named rate.
    DeadlyEvent { rate: String, months: i32 },
}

/// Reads the statements; none if the workspace has none or they are refused.
pub fn load(workspace: &Workspace, framework: Option<&Framework>, problems: &mut Diagnostics) -> Option<Declared> {
    let bytes = workspace.files.get(PATH)?;
    let before = problems.errors();
    let (declared, source) = toml_file::read::<Declared>(PATH, bytes, problems)?;
    let mut seen = BTreeSet::new();
    for (i, statement) in declared.statement.iter().enumerate() {
        let mut refuse = |code, message: String, key: &str, rule: &str, help: String| {
            problems.push(Diagnostic::error(code, message, source.at(&format!("/statement/{i}/{key}"))).rule(rule).help(help));
        };
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if statement.id.is_empty() || !statement.id.chars().all(plain) || !seen.insert(statement.id.as_str()) {
            let help = "rename it; the id stands in every line of the record".to_owned();
            refuse("statement-id", format!("the id is `{}`", statement.id), "id", "ids are unique, of small letters, digits and `_`", help);
        }
        match &statement.claim {
            Claim::Item { item } if item != "T5" => {
                let help = "take T5: the probability of the other items is a constant of the rule".to_owned();
                refuse("unknown-name", format!("the item is `{item}`"), "claim/item", "the item is one whose probability the report computes", help);
            }
            Claim::DeadlyEvent { rate, months } => {
                let known = framework.map(Framework::names).unwrap_or_default();
                if framework.is_some_and(|f| !f.indicators.iter().any(|i| i.id == *rate)) {
                    let help = suggestion(rate, known.iter().copied());
                    refuse("unknown-name", format!("unknown indicator `{rate}`"), "claim/rate", "the rate is an indicator of the provinces", help);
                }
                if !(1..=60).contains(months) {
                    let help = "write a number such as 6".to_owned();
                    refuse("out-of-range", format!("{months} months"), "claim/months", "a window has 1 to 60 months", help);
                }
            }
            Claim::Shift {} | Claim::Item { .. } => {}
        }
    }
    (problems.errors() == before).then_some(declared)
}
