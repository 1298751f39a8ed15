//! Everything an edition is computed from, read and checked as a whole.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assessment::{self, Assessment, file::Battery};
use super::grades::Grades;
use crate::datasets::{Datasets, REGIONS, Resolver, Shape, sha256};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::evidence::{AsOf, Evidence};
use crate::forecast_log::{self, Log};
use crate::framework::{Framework, UnitKind};
use crate::rules::Rules;
use crate::text::Day;
use crate::toml_file;
use crate::track_record::{self, Knower, Record, Said, file::Declared};
use crate::workspace::Workspace;

/// The days of the editions that are published.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Editions of a tukhum workspace")]
pub struct EditionDates {
    pub edition: Vec<EditionDate>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EditionDate {
    pub as_of: Day,
    /// Why this day.
    pub reason: String,
}

/// A checked workspace.
#[derive(Debug)]
pub struct Sources {
    pub datasets: Datasets,
    pub resolver: Resolver,
    frameworks: [Framework; 2],
    pub rules: Rules,
    pub editions: Vec<EditionDate>,
    /// What tells a shift from an escalation; none if the workspace declares nothing.
    pub battery: Option<Battery>,
    /// Statements that later editions score; none if the workspace declares none.
    pub statements: Option<Declared>,
    /// Probabilities of grades; without them facts do not vary in studies.
    pub grades: Option<Grades>,
    /// What editions foretold; later ones score it.
    pub forecasts: Log,
    /// SHA-256 of every file under `indicators/` and of every table and manifest.
    pub hashes: BTreeMap<String, String>,
}

impl Sources {
    /// Reads and checks a workspace with first-level units. On success the second part holds warnings only.
    pub fn load(workspace: &Workspace) -> Result<(Self, Diagnostics), Diagnostics> {
        Self::load_level(workspace, REGIONS)
    }

    /// The same with units of an administrative level.
    pub fn load_level(workspace: &Workspace, level: u8) -> Result<(Self, Diagnostics), Diagnostics> {
        let mut problems = Diagnostics::default();
        let datasets = Datasets::load_level(workspace, level, &mut problems);
        let folders: BTreeSet<&str> = workspace
            .below("datasets/")
            .filter_map(|(path, _)| path.strip_suffix("/manifest.toml").and_then(|p| p.rsplit('/').next()))
            .collect();
        let frameworks = UnitKind::ALL.map(|kind| Framework::load(workspace, kind, &folders, &mut problems));
        // A refused framework still lends its names, so that rules are checked in the same run.
        let named = UnitKind::ALL.iter().zip(&frameworks).filter_map(|(kind, framework)| {
            let names = framework.as_ref().map(|f| f.names().into_iter().map(str::to_owned).collect());
            Some((*kind, names.or_else(|| Framework::written_names(workspace, *kind))?))
        });
        let names: BTreeMap<UnitKind, BTreeSet<String>> = named.collect();
        let themes: BTreeSet<&str> = datasets
            .manifests
            .values()
            .filter(|m| m.shape == Shape::Facts)
            .flat_map(|m| m.column.iter().filter(|c| c.name == "theme"))
            .flat_map(|c| c.one_of.iter().flatten().map(String::as_str))
            .collect();
        let rules = Rules::load(workspace, &names, &themes, &mut problems);
        let editions = load_editions(workspace, &mut problems);
        let battery = assessment::load(workspace, &datasets, &mut problems);
        let statements = track_record::file::load(workspace, frameworks[0].as_ref(), &mut problems);
        let grades = Grades::load(workspace, &mut problems);
        let forecasts = forecast_log::load(workspace, &mut problems);
        if problems.has_errors() {
            return Err(problems);
        }
        let [Some(provinces), Some(crossings)] = frameworks else {
            return Err(problems);
        };
        let hashes = workspace
            .files
            .iter()
            .filter(|(path, _)| path.starts_with("indicators/") || path.ends_with("/manifest.toml") || is_table(&datasets, path))
            .map(|(path, bytes)| (path.clone(), sha256(bytes)))
            .collect();
        let resolver = Resolver::new(&datasets);
        Ok((Self { datasets, resolver, frameworks: [provinces, crossings], rules, editions, battery, statements, grades, forecasts, hashes }, problems))
    }

    pub fn framework(&self, kind: UnitKind) -> &Framework {
        match kind {
            UnitKind::Provinces => &self.frameworks[0],
            UnitKind::Crossings => &self.frameworks[1],
        }
    }

    /// The question "shift or escalation?" as of a day; none without a battery.
    pub fn assess(&self, day: Date, hindsight: bool, seed: u64) -> Option<Assessment> {
        self.assess_with(&Evidence::new(&self.datasets, &self.resolver, AsOf { day, hindsight }), seed)
    }

    /// The same from evidence that is at hand.
    pub fn assess_with(&self, evidence: &Evidence<'_>, seed: u64) -> Option<Assessment> {
        let battery = self.battery.as_ref()?;
        Some(Assessment::compute(battery, &self.framework(UnitKind::Provinces).attack, evidence, seed))
    }

    /// What became of the statements of the listed editions before a day, as known on that day.
    pub fn track_record(&self, evidence: &Evidence<'_>, assessment: Option<&Assessment>, seed: u64) -> Record {
        let (Some(declared), false) = (&self.statements, evidence.as_of.hindsight || self.datasets.layer.level != REGIONS) else { return Record::default() };
        let days: Vec<Date> = self.editions.iter().map(|e| e.as_of.0).filter(|d| *d < evidence.as_of.day).collect();
        let earlier: Vec<(Evidence<'_>, Option<Assessment>)> = days
            .into_par_iter()
            .map(|day| {
                let evidence = Evidence::new(&self.datasets, &self.resolver, AsOf { day, hindsight: false });
                let assessment = self.assess_with(&evidence, seed);
                (evidence, assessment)
            })
            .collect();
        let mut knowers: Vec<Knower<'_, '_>> = earlier.iter().map(|(evidence, a)| Knower { evidence, assessment: a.as_ref() }).collect();
        knowers.push(Knower { evidence, assessment });
        track_record::record(declared, self.framework(UnitKind::Provinces), &knowers)
    }

    /// The statements that an edition makes and that later ones will score.
    pub fn said(&self, evidence: &Evidence<'_>, assessment: Option<&Assessment>) -> Vec<Said> {
        let (Some(declared), false) = (&self.statements, evidence.as_of.hindsight || self.datasets.layer.level != REGIONS) else { return Vec::new() };
        track_record::said(declared, self.framework(UnitKind::Provinces), &Knower { evidence, assessment })
    }

    /// The last listed edition that the event data reach: their latest covered month ends at most two months before.
    pub fn default_day(&self) -> Option<Date> {
        let reached = self
            .datasets
            .manifests
            .values()
            .filter(|m| m.shape == Shape::Events)
            .flat_map(|m| m.coverage.iter())
            .filter_map(|c| c.to.map(|d| d.0.saturating_add(jiff::Span::new().days(93))))
            .max();
        let days = || self.editions.iter().map(|e| e.as_of.0);
        days().filter(|d| reached.is_none_or(|r| *d <= r)).max().or_else(|| days().min())
    }

    /// The last listed edition before a day.
    pub fn edition_before(&self, day: Date) -> Option<Date> {
        self.editions.iter().map(|e| e.as_of.0).filter(|d| *d < day).max()
    }
}

fn is_table(datasets: &Datasets, path: &str) -> bool {
    datasets.manifests.values().any(|m| path == format!("datasets/{}/{}", m.id, m.table))
}

fn load_editions(workspace: &Workspace, problems: &mut Diagnostics) -> Vec<EditionDate> {
    let path = "indicators/editions.toml";
    let Some(bytes) = workspace.files.get(path) else { return Vec::new() };
    let Some((file, source)) = toml_file::read::<EditionDates>(path, bytes, problems) else { return Vec::new() };
    for (i, pair) in file.edition.windows(2).enumerate() {
        if let [a, b] = pair
            && a.as_of >= b.as_of
        {
            problems.push(
                Diagnostic::error("editions-order", format!("{} is not after {}", b.as_of, a.as_of), source.at(&format!("/edition/{}/as_of", i + 1)))
                    .rule("editions are listed in the order of time")
                    .help("sort them"),
            );
        }
    }
    file.edition
}
