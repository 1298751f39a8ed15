//! Reads a TOML file into a type and reports every structural problem at once.
//!
//! The type's own JSON Schema (the one that editors use) is walked along the parsed document, so
//! unknown keys, missing keys, wrong types and unknown values are all found in one run, each with
//! its place. Only a document without such problems is deserialized.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostics::{Diagnostic, Diagnostics, Place, near_names, suggestion};

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

    /// The place of a part of a text, in bytes of the text; the whole text where it is written with escapes.
    pub fn part(&self, pointer: &str, part: std::ops::Range<usize>) -> Place {
        let whole = self.places.get(pointer).copied().unwrap_or_default();
        let written = self.text.get(whole.0..whole.1).unwrap_or_default();
        let plain = written.len() > part.end + 1 && !written.contains('\\') && !written.starts_with("\"\"\"") && !written.starts_with("'''");
        if plain { self.span((whole.0 + 1 + part.start, whole.0 + 1 + part.end)) } else { self.at(pointer) }
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
                    format!("byte {:#04x} at offset {} is not valid UTF-8", bytes.get(error.valid_up_to()).copied().unwrap_or_default(), error.valid_up_to()),
                    Place::Line { path: path.into(), line, column: None },
                )
                .rule("TOML files are UTF-8")
                .help("save the file as UTF-8 (it may be Windows-1252 or UTF-16)"),
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
                    .rule("the file is valid TOML (https://toml.io)")
                    .help("mend the line shown"),
            );
        }
        return None;
    }
    let root = Spanned::new(table.span(), DeValue::Table(table.get_ref().clone()));
    note_places(&root, String::new(), &mut source.places);
    let schema = schema_of::<T>();
    let before = problems.errors();
    let required = names(&schema, "required");
    if table.get_ref().is_empty() && !required.is_empty() {
        problems.push(
            Diagnostic::error("empty-file", "the file has no keys", Place::file(path))
                .rule(format!("the file has at least the keys {}", required.join(", ")))
                .help("fill the file, or remove it"),
        );
        return None;
    }
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

/// The JSON Schema of a type, made once.
fn schema_of<T: JsonSchema>() -> Arc<Json> {
    static MADE: LazyLock<Mutex<BTreeMap<Cow<'static, str>, Arc<Json>>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(T::schema_id()).or_insert_with(|| Arc::new(schemars::schema_for!(T).to_value())).clone()
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
        let schema = resolve(self.schema, schema, value);
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
                return self.wrong_type(schema, expected, value, at);
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
        let mut missing = names(schema, "required");
        missing.retain(|name| !table.iter().any(|(key, _)| key.get_ref() == name));
        for (key, inner) in table.iter() {
            let name = key.get_ref().as_ref();
            if let Some(property) = known.get(name) {
                self.value(property, inner, &format!("{at}/{name}"));
            } else if schema.get("additionalProperties") == Some(&Json::Bool(false)) {
                // A misspelt key is one problem, not an unknown and a missing one.
                if let Some(meant) = near_names(name, missing.iter().copied()).first().copied() {
                    missing.retain(|m| *m != meant);
                }
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
        for name in missing {
            let meaning = known.get(name).and_then(|p| p.get("description")).and_then(Json::as_str);
            // The file as a whole has no line to underline.
            let place = if at.is_empty() { Place::file(self.source.path.clone()) } else { self.place(value) };
            self.problems.push(
                Diagnostic::error("missing-key", format!("`{name}` is missing in {}", describe(at)), place)
                    .rule(meaning.map_or_else(|| format!("`{name}` is required"), |m| format!("`{name}` is required: {m}")))
                    .help(format!("add `{name} = …`")),
            );
        }
    }

    fn closed_list(&mut self, schema: &Json, value: &Spanned<DeValue<'_>>, at: &str) {
        let DeValue::String(given) = value.get_ref() else { return };
        let names = closed_names(schema);
        if !names.is_empty() && !names.contains(&given.as_ref()) {
            // The name of a measure or the kind of an operator is called by what it names.
            let tags = ["", "name", "kind"];
            let what = at.rsplit('/').find(|part| !tags.contains(part) && part.parse::<usize>().is_err()).unwrap_or("name");
            self.problems.push(
                Diagnostic::error("unknown-name", format!("unknown {what} `{given}`"), self.place(value))
                    .rule(format!("{} is one of a closed list", describe(at)))
                    .help(suggestion(given, names.iter().copied())),
            );
        }
    }

    fn wrong_type(&mut self, schema: &Json, expected: &Json, value: &Spanned<DeValue<'_>>, at: &str) {
        let expected = match expected {
            Json::String(name) => vec![name.as_str()],
            names => names.as_array().into_iter().flatten().filter_map(Json::as_str).filter(|n| *n != "null").collect(),
        };
        let day = is_date(schema);
        let words: Vec<&str> = expected.iter().map(|name| if day { "a day" } else { kind_words(name) }).collect();
        let example = if day { "a day without quotes, such as 2025-07-01" } else { example(expected.first().copied().unwrap_or_default()) };
        self.problems.push(
            Diagnostic::error("wrong-type", format!("{} is {}, not {}", describe(at), given(value.get_ref()), words.join(" or ")), self.place(value))
                .rule(format!("{} holds {}", describe(at), words.join(" or ")))
                .help(format!("write {example}")),
        );
    }

    fn place(&self, value: &Spanned<DeValue<'_>>) -> Place {
        self.source.span((value.span().start, value.span().end))
    }
}

/// Follows references and picks the variant that the document's tag names.
fn resolve<'s>(root: &'s Json, schema: &'s Json, value: &Spanned<DeValue<'_>>) -> Cow<'s, Json> {
    let mut schema = Cow::Borrowed(schema);
    for _ in 0..32 {
        if let Some(target) = schema.get("$ref").and_then(Json::as_str) {
            schema = root.pointer(target.trim_start_matches('#')).map_or(Cow::Owned(Json::Null), Cow::Borrowed);
            continue;
        }
        let Some(variants) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Json::as_array) else {
            return schema;
        };
        let variants: Vec<&Json> = variants.iter().filter(|v| v.get("type").and_then(Json::as_str) != Some("null")).collect();
        match pick(&variants, value) {
            // The tag and shared keys may stand outside the variants.
            Some(picked) => schema = Cow::Owned(merged(&schema, picked, root)),
            None => return Cow::Owned(closed_tags(&variants, root)),
        }
    }
    schema
}

/// The only variant, or the one that a tag of the document names.
fn pick<'s>(variants: &[&'s Json], value: &Spanned<DeValue<'_>>) -> Option<&'s Json> {
    if let [only] = variants {
        return Some(only);
    }
    let DeValue::Table(table) = value.get_ref() else { return None };
    table.iter().find_map(|(key, inner)| {
        let DeValue::String(given) = inner.get_ref() else { return None };
        let tag = |v: &Json| v.get("properties")?.get(key.get_ref().as_ref())?.get("const")?.as_str().map(|name| name == given.as_ref());
        variants.iter().find(|v| tag(v) == Some(true)).copied()
    })
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
fn closed_tags(variants: &[&Json], root: &Json) -> Json {
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
            None => (*variant).clone(),
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
        DeValue::String(_) if is_date(schema) => "a quoted day",
        DeValue::String(_) => "string",
        DeValue::Integer(_) => "integer",
        DeValue::Float(_) => "number",
        DeValue::Boolean(_) => "boolean",
        DeValue::Datetime(day) if is_date(schema) && day.time.is_none() => "string",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "array",
        DeValue::Table(_) => "object",
    }
}

fn is_date(schema: &Json) -> bool {
    schema.get("format").and_then(Json::as_str) == Some("date")
}

/// The texts of a list in a schema.
fn names<'a>(schema: &'a Json, list: &str) -> Vec<&'a str> {
    schema.get(list).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect()
}

/// A value in words, with what was written where it is short.
fn given(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) if text.chars().count() <= 40 => format!("the text \"{text}\""),
        DeValue::String(_) => "a text".into(),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(day) => format!("the time {day}"),
        DeValue::Array(_) => kind_words("array").into(),
        DeValue::Table(_) => kind_words("object").into(),
    }
}

/// A type of JSON Schema in words.
fn kind_words(name: &str) -> &str {
    match name {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a table",
        other => other,
    }
}

fn describe(at: &str) -> String {
    if at.is_empty() { "the file".into() } else { format!("`{}`", at.trim_start_matches('/').replace('/', ".")) }
}

fn example(expected: &str) -> &'static str {
    match expected {
        "string" => "a text in quotes",
        "integer" => "a whole number such as 12",
        "number" => "a number such as 0.5",
        "boolean" => "true or false",
        "array" => "a list such as [\"a\", \"b\"]",
        "object" => "a table of keys",
        _ => "a value of that type",
    }
}
