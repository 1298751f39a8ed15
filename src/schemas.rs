//! JSON Schemas of every TOML kind of the JSON report and of the watch's lines, for editors and other programs.

use std::collections::BTreeMap;

use schemars::{JsonSchema, schema_for};

use crate::assessment::file::Battery;
use crate::datasets::Manifest;
use crate::edition::{EditionDates, Grades};
use crate::framework::file::{FrameworkFile, IndicatorFile};
use crate::framework::weight_set::WeightSetFile;
use crate::import::Layout;
use crate::import::figures::FigureLayout;
use crate::report::Report;
use crate::rules::{Recommendation, Rule};
use crate::tables::file::IndexFile;
use crate::track_record::file::Declared;
use crate::watch::{News, WatchList};

/// File name and text of each schema; `docs/schemas/` holds the same, and a test keeps it so.
pub fn all() -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("manifest.json", text::<Manifest>()),
        ("framework.json", text::<FrameworkFile>()),
        ("indicator.json", text::<IndicatorFile>()),
        ("weight_set.json", text::<WeightSetFile>()),
        ("rule.json", text::<Rule>()),
        ("recommendation.json", text::<Recommendation>()),
        ("editions.json", text::<EditionDates>()),
        ("assessment.json", text::<Battery>()),
        ("track_record.json", text::<Declared>()),
        ("grades.json", text::<Grades>()),
        ("index.json", text::<IndexFile>()),
        ("mapping.json", text::<Layout>()),
        ("figures_mapping.json", text::<FigureLayout>()),
        ("report.json", text::<Report>()),
        ("watch.json", text::<WatchList>()),
        ("watch_line.json", text::<News>()),
    ])
}

fn text<T: JsonSchema>() -> String {
    let mut text = serde_json::to_string_pretty(&schema_for!(T)).unwrap_or_default();
    text.push('\n');
    text
}
