//! What is watched beside the rules, as it is written in `indicators/watch.toml`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assessment::file::Reasoned;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::rules::Severity;
use crate::toml_file;
use crate::workspace::Workspace;

/// Path of the file in a workspace.
pub const PATH: &str = "indicators/watch.toml";

/// What is watched beside the rules.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Watch list of a tukhum workspace")]
pub struct WatchList {
    pub version: String,
    pub surge: SurgeWatch,
    pub first_time: FirstTimeWatch,
    pub operation: OperationWatch,
}

/// Provinces in which deadly events come faster than their own record explains.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SurgeWatch {
    pub severity: Severity,
    /// Length of the window.
    pub window_months: Reasoned,
    /// Months right before it; at least twice as many.
    pub baseline_months: Reasoned,
    /// Oldest end of the window, in months before the as-of month.
    pub max_age_months: Reasoned,
    /// Largest share of false surges among those told (Benjamini and Hochberg).
    pub false_discovery_rate: Reasoned,
    /// Fewer events in the window are never told.
    pub fewest_events: Reasoned,
    /// Smallest standard deviation of the expected count.
    pub sd_floor: Reasoned,
}

/// Targets that a source says were hit for the first time.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstTimeWatch {
    pub severity: Severity,
    /// Age up to which they are told.
    pub window_months: Reasoned,
}

/// Operations of one actor against several places on one day.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationWatch {
    /// Age up to which they are told.
    pub window_months: Reasoned,
    /// All places lie within this distance of one of them.
    pub radius_km: Reasoned,
    /// Points nearer than this are one place.
    pub same_place_km: Reasoned,
    /// Rising in places and in severity.
    pub step: Vec<Step>,
}

/// From so many places on, an operation is so pressing.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub places: u32,
    pub severity: Severity,
    /// Why this number.
    pub reason: String,
}

impl WatchList {
    /// Reads and checks `indicators/watch.toml`; none without the file: then only rules are watched.
    pub fn load(workspace: &Workspace, problems: &mut Diagnostics) -> Option<Self> {
        let (list, source) = toml_file::read::<Self>(PATH, workspace.files.get(PATH)?, problems)?;
        let before = problems.errors();
        let mut refuse = |code, message: String, at: &str, rule: &str, help: &str| {
            problems.push(Diagnostic::error(code, message, source.at(at)).rule(rule).help(help));
        };
        let months = [
            ("/surge/window_months", &list.surge.window_months),
            ("/surge/baseline_months", &list.surge.baseline_months),
            ("/surge/max_age_months", &list.surge.max_age_months),
            ("/first_time/window_months", &list.first_time.window_months),
            ("/operation/window_months", &list.operation.window_months),
        ];
        for (at, number) in months {
            if !((1.0..=1200.0).contains(&number.value) && number.value.fract() == 0.0) {
                refuse("wrong-months", format!("the number of months is {}", number.value), &format!("{at}/value"), "months are whole numbers from 1 to 1200", "write a number such as 3");
            }
        }
        let (window, baseline) = (list.surge.window_months.value, list.surge.baseline_months.value);
        if baseline < 2.0 * window || baseline % window != 0.0 {
            let message = format!("{baseline} months of baseline for a window of {window}");
            refuse("wrong-baseline", message, "/surge/baseline_months/value", "the baseline is two or more whole windows long", "write a multiple of window_months");
        }
        let rate = list.surge.false_discovery_rate.value;
        if !(rate > 0.0 && rate < 1.0) {
            refuse("share-outside", format!("the false discovery rate is {rate}"), "/surge/false_discovery_rate/value", "it lies between 0 and 1", "write a number such as 0.1");
        }
        let sizes = [
            ("/surge/fewest_events", &list.surge.fewest_events),
            ("/surge/sd_floor", &list.surge.sd_floor),
            ("/operation/radius_km", &list.operation.radius_km),
            ("/operation/same_place_km", &list.operation.same_place_km),
        ];
        for (at, number) in sizes {
            if !(0.0..=20_100.0).contains(&number.value) {
                refuse("number-outside", format!("the number is {}", number.value), &format!("{at}/value"), "it is not below 0, and no distance is longer than half the earth's girth", "write a number such as 2");
            }
        }
        let steps = &list.operation.step;
        if steps.first().is_none_or(|s| s.places < 2) || steps.windows(2).any(|w| w[0].places >= w[1].places || w[0].severity >= w[1].severity) {
            refuse("wrong-steps", "the steps of operations do not rise".into(), "/operation/step", "steps begin at 2 places or more and rise in places and in severity", "sort them; leave out what tells nothing new");
        }
        (problems.errors() == before).then_some(list)
    }
}
