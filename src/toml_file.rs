//! Reads a TOML file into a type and reports every structural problem at once.
//!
//! The type's own JSON Schema (the one that editors use) is walked along the parsed document, so
//! unknown keys, missing keys, wrong types and unknown values are all found in one run, each with
//! its place. Only a document without such problems is deserialized.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostics::{Diagnostic, Diagnostics, Place, suggestion};

/// The text of a TOML file with the place of every value, addressed like `/score/lower/value`.
#[derive(Clone, Debug)]
pub struct Source {
    pub path: String,
    pub text: String,
    places: BTreeMap<String, (usize, usize)>,
}

impl Source {
    /// The place of a value; of the nearest value around it when it does not exist.
    pub fn at(&self, pointer: &str) -> Place {
        let mut pointer = pointer;
        loop {
            if let Some(span) = self.places.get(pointer) {
                return self.span(*span);
            }
            match pointer.rfind('/') {
                Some(cut) => pointer = &pointer[..cut],
                None => return Place::file(self.path.clone()),
            }
        }
    }

    fn span(&self, span: (usize, usize)) -> Place {
        Place::Span { path: self.path.clone(), text: self.text.clone(), span }
    }
}

/// Parses `bytes` as TOML into `T`.
///
/// Returns nothing when there was an error; all errors are added to `problems`.
pub fn read<T: DeserializeOwned + JsonSchema>(
    path: &str,
    bytes: &[u8],
    problems: &mut Diagnostics,
) -> Option<(T, Source)> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(error) => {
            let line = bytes[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count() as u64 + 1;
            problems.push(
                Diagnostic::error(
                    "invalid-utf8",
                    format!("byte {} is not valid UTF-8", error.valid_up_to()),
                    Place::Line { path: path.into(), line, column: None },
                )
                .rule("TOML files are UTF-8")
                .help("save the file as UTF-8"),
            );
            return None;
        }
    };
    let (table, errors) = DeTable::parse_recoverable(&text);
    let mut source = Source { path: path.into(), text: text.clone(), places: BTreeMap::new() };
    if !errors.is_empty() {
        for error in errors {
            let span = error.span().map_or((0, 0), |s| (s.start, s.end));
            problems.push(
                Diagnostic::error("toml-syntax", error.message().to_owned(), source.span(span))
                    .rule("the file is valid TOML 1.0")
                    .help("mend the line shown"),
            );
        }
        return None;
    }
    let root = Spanned::new(table.span(), DeValue::Table(table.get_ref().clone()));
    note_places(&root, String::new(), &mut source.places);
    let schema = schemars::schema_for!(T).to_value();
    let before = problems.errors();
    Walk { source: &source, schema: &schema, problems }.value(&schema, &root, "");
    if problems.errors() > before {
        return None;
    }
    match T::deserialize(toml::Deserializer::from(table)) {
        Ok(value) => Some((value, source)),
        Err(error) => {
            let span = error.span().map_or((0, 0), |s| (s.start, s.end));
            problems.push(
                Diagnostic::error("wrong-value", error.message().to_owned(), source.span(span))
                    .rule("the value has the form that its key asks for")
                    .help("see the key's description in docs/schemas"),
            );
            None
        }
    }
}

fn note_places(value: &Spanned<DeValue<'_>>, at: String, places: &mut BTreeMap<String, (usize, usize)>) {
    let span = value.span();
    match value.get_ref() {
        DeValue::Table(table) => {
            for (key, inner) in table.iter() {
                note_places(inner, format!("{at}/{}", key.get_ref()), places);
                if matches!(inner.get_ref(), DeValue::Table(_) | DeValue::Array(_)) && inner.span().is_empty() {
                    places.insert(format!("{at}/{}", key.get_ref()), (key.span().start, key.span().end));
                }
            }
        }
        DeValue::Array(items) => {
            for (i, inner) in items.iter().enumerate() {
                note_places(inner, format!("{at}/{i}"), places);
            }
        }
        _ => {}
    }
    places.insert(at, (span.start, span.end));
}

struct Walk<'a> {
    source: &'a Source,
    schema: &'a Json,
    problems: &'a mut Diagnostics,
}

impl Walk<'_> {
    fn value(&mut self, schema: &Json, value: &Spanned<DeValue<'_>>, at: &str) {
        let schema = self.resolve(schema, value);
        let schema = &schema;
        if let Some(expected) = schema.get("type") {
            let found = type_of(value.get_ref(), schema);
            let fits = |name: &str| name == found || (name == "number" && found == "integer");
            let allowed = match expected {
                Json::String(name) => fits(name),
                Json::Array(names) => names.iter().filter_map(Json::as_str).any(fits),
                _ => true,
            };
            if !allowed {
                return self.wrong_type(expected, value, at, found);
            }
        }
        self.closed_list(schema, value, at);
        match value.get_ref() {
            DeValue::Table(table) => self.table(schema, table, value, at),
            DeValue::Array(items) => {
                if let Some(inner) = schema.get("items") {
                    for (i, item) in items.iter().enumerate() {
                        self.value(inner, item, &format!("{at}/{i}"));
                    }
                }
            }
            DeValue::Float(float) => {
                let finite = float.to_string().parse::<f64>().is_ok_and(f64::is_finite);
                if !finite {
                    self.problems.push(
                        Diagnostic::error("not-finite", format!("`{float}` is not a finite number"), self.place(value))
                            .rule("numbers are finite; a missing value is left out")
                            .help("write a number or remove the key"),
                    );
                }
            }
            _ => {}
        }
    }

    fn table(&mut self, schema: &Json, table: &DeTable<'_>, value: &Spanned<DeValue<'_>>, at: &str) {
        let empty = serde_json::Map::new();
        let known = schema.get("properties").and_then(Json::as_object).unwrap_or(&empty);
        for (key, inner) in table.iter() {
            let name = key.get_ref().as_ref();
            if let Some(property) = known.get(name) {
                self.value(property, inner, &format!("{at}/{name}"));
            } else if schema.get("additionalProperties") == Some(&Json::Bool(false)) {
                let span = (key.span().start, key.span().end);
                self.problems.push(
                    Diagnostic::error("unknown-key", format!("unknown key `{name}`"), self.source.span(span))
                        .rule(format!("{} has only the keys of its schema", describe(at)))
                        .help(suggestion(name, known.keys().map(String::as_str))),
                );
            } else if let Some(inner_schema) = schema.get("additionalProperties") {
                self.value(inner_schema, inner, &format!("{at}/{name}"));
            }
        }
        let required = schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
        for name in required {
            if !table.iter().any(|(key, _)| key.get_ref() == name) {
                self.problems.push(
                    Diagnostic::error("missing-key", format!("`{name}` is missing in {}", describe(at)), self.place(value))
                        .rule(known.get(name).and_then(|p| p.get("description")).and_then(Json::as_str).unwrap_or("the key is required"))
                        .help(format!("add `{name} = …`")),
                );
            }
        }
    }

    fn closed_list(&mut self, schema: &Json, value: &Spanned<DeValue<'_>>, at: &str) {
        let DeValue::String(given) = value.get_ref() else { return };
        let names = closed_names(schema);
        if !names.is_empty() && !names.contains(&given.as_ref()) {
            let what = at.rsplit('/').find(|part| !part.is_empty() && part.parse::<usize>().is_err()).unwrap_or("value");
            self.problems.push(
                Diagnostic::error("unknown-name", format!("unknown {what} `{given}`"), self.place(value))
                    .rule(format!("{} is one of a closed list", describe(at)))
                    .help(suggestion(given, names.iter().copied())),
            );
        }
    }

    fn wrong_type(&mut self, expected: &Json, value: &Spanned<DeValue<'_>>, at: &str, found: &str) {
        let expected = match expected {
            Json::String(name) => name.clone(),
            Json::Array(names) => names.iter().filter_map(Json::as_str).filter(|n| *n != "null").collect::<Vec<_>>().join(" or "),
            _ => String::new(),
        };
        self.problems.push(
            Diagnostic::error("wrong-type", format!("{} is {found}, not {expected}", describe(at)), self.place(value))
                .rule(format!("{} holds {expected}", describe(at)))
                .help(format!("write {}", example(&expected))),
        );
    }

    fn place(&self, value: &Spanned<DeValue<'_>>) -> Place {
        self.source.span((value.span().start, value.span().end))
    }

    /// Follows references and picks the variant that the document's tag names.
    fn resolve(&self, schema: &Json, value: &Spanned<DeValue<'_>>) -> Json {
        let mut schema = schema.clone();
        for _ in 0..32 {
            if let Some(target) = schema.get("$ref").and_then(Json::as_str) {
                schema = self.schema.pointer(target.trim_start_matches('#')).cloned().unwrap_or(Json::Null);
                continue;
            }
            let Some(variants) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Json::as_array).cloned() else {
                return schema;
            };
            let variants: Vec<Json> =
                variants.into_iter().filter(|v| v.get("type") != Some(&Json::String("null".into()))).collect();
            match self.pick(&variants, value) {
                Some(picked) => {
                    // The tag and shared keys may stand outside the variants.
                    schema = merged(&schema, &picked, self.schema);
                }
                None => return closed_tags(&variants, self.schema),
            }
        }
        schema
    }

    fn pick(&self, variants: &[Json], value: &Spanned<DeValue<'_>>) -> Option<Json> {
        if let [only] = variants {
            return Some(only.clone());
        }
        if let DeValue::Table(table) = value.get_ref() {
            for (key, inner) in table.iter() {
                if let DeValue::String(given) = inner.get_ref() {
                    let tag = format!("/properties/{}/const", key.get_ref());
                    let found = variants.iter().find(|v| v.pointer(&tag).and_then(Json::as_str) == Some(given.as_ref()));
                    if let Some(variant) = found {
                        return Some(variant.clone());
                    }
                }
            }
        }
        None
    }
}

/// The names a string may take: `enum`, `const`, or a list of `const` variants.
fn closed_names(schema: &Json) -> Vec<&str> {
    if let Some(names) = schema.get("enum").and_then(Json::as_array) {
        return names.iter().filter_map(Json::as_str).collect();
    }
    if let Some(name) = schema.get("const").and_then(Json::as_str) {
        return vec![name];
    }
    Vec::new()
}

/// Folds a picked variant into the schema around it.
fn merged(outer: &Json, picked: &Json, root: &Json) -> Json {
    let mut picked = picked.clone();
    if let Some(target) = picked.get("$ref").and_then(Json::as_str) {
        let mut target = root.pointer(target.trim_start_matches('#')).cloned().unwrap_or(Json::Null);
        for part in ["properties", "required"] {
            extend(&mut target, &picked, part);
        }
        picked = target;
    }
    for part in ["properties", "required"] {
        extend(&mut picked, outer, part);
    }
    picked
}

fn extend(into: &mut Json, from: &Json, part: &str) {
    let Some(source) = from.get(part) else { return };
    match (into.get_mut(part), source) {
        (Some(Json::Object(target)), Json::Object(source)) => {
            for (key, value) in source {
                target.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        (Some(Json::Array(target)), Json::Array(source)) => target.extend(source.iter().cloned()),
        (None, source) => {
            if let Some(object) = into.as_object_mut() {
                object.insert(part.into(), source.clone());
            }
        }
        _ => {}
    }
}

/// When no variant fits: a schema that lists the known tags, so that the tag itself is reported.
fn closed_tags(variants: &[Json], root: &Json) -> Json {
    let mut tags: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    let mut names = Vec::new();
    for variant in variants {
        if let Some(name) = variant.get("const") {
            names.push(name.clone());
        }
        if let Some(all) = variant.get("enum").and_then(Json::as_array) {
            names.extend(all.iter().cloned());
        }
        let variant = match variant.get("$ref").and_then(Json::as_str) {
            Some(target) => root.pointer(target.trim_start_matches('#')).cloned().unwrap_or(Json::Null),
            None => variant.clone(),
        };
        for (key, property) in variant.get("properties").and_then(Json::as_object).into_iter().flatten() {
            if let Some(name) = property.get("const") {
                tags.entry(key.clone()).or_default().push(name.clone());
            }
        }
    }
    if !names.is_empty() {
        return serde_json::json!({ "type": "string", "enum": names });
    }
    let properties: serde_json::Map<String, Json> =
        tags.iter().map(|(key, names)| (key.clone(), serde_json::json!({ "type": "string", "enum": names }))).collect();
    let required: Vec<_> = tags.keys().cloned().collect();
    serde_json::json!({ "type": "object", "properties": properties, "required": required })
}

fn type_of(value: &DeValue<'_>, schema: &Json) -> &'static str {
    match value {
        DeValue::String(_) if schema.get("format").and_then(Json::as_str) == Some("date") => "a quoted text",
        DeValue::String(_) => "string",
        DeValue::Integer(_) => "integer",
        DeValue::Float(_) => "number",
        DeValue::Boolean(_) => "boolean",
        DeValue::Datetime(_) if schema.get("format").and_then(Json::as_str) == Some("date") => "string",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "array",
        DeValue::Table(_) => "object",
    }
}

fn describe(at: &str) -> String {
    if at.is_empty() { "the file".into() } else { format!("`{}`", at.trim_start_matches('/').replace('/', ".")) }
}

fn example(expected: &str) -> &'static str {
    match expected {
        "string" => "a text in quotes (a date without them)",
        "integer" => "a whole number such as 12",
        "number" => "a number such as 0.5",
        "boolean" => "true or false",
        "array" => "a list such as [\"a\", \"b\"]",
        "object" => "a table of keys",
        _ => "a value of that type",
    }
}
