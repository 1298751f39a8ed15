//! Words of the report in three languages.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::text::{Language, Text};

static LABELS: LazyLock<BTreeMap<String, Text>> =
    LazyLock::new(|| toml::from_str(include_str!("labels.toml")).unwrap_or_default());

/// The label with a key; the key itself when there is none (a test finds these).
pub fn label(key: &str, language: Language) -> String {
    LABELS.get(key).map_or_else(|| key.to_owned(), |t| t.get(language).to_owned())
}

/// All labels.
pub fn all() -> &'static BTreeMap<String, Text> {
    &LABELS
}
