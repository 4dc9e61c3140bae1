//! The effective settings with where they come from; how they are shown and digested.
//!
//! Secrets are never among them: they are refused before (`source.rs`, `value.rs`).

use super::Config;
use super::problem::Origin;
use super::registry::{SETTINGS, Setting};
use super::rules;
use super::value::Value;
use connector_domain::dates::Term;
use connector_domain::policy::SyncWhen;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The settings of one installation by path.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    values: BTreeMap<&'static str, (Value, Origin)>,
    spoiled: BTreeSet<&'static str>,
}

/// Where values come from makes no difference.
impl PartialEq for Settings {
    fn eq(&self, other: &Self) -> bool {
        self.values.len() == other.values.len()
            && self.values.iter().all(|(path, (value, _))| other.get(path) == Some(value))
    }
}

impl Settings {
    /// Sets a value; the last one counts.
    pub(super) fn put(&mut self, path: &'static str, value: Value, origin: Origin) {
        self.values.insert(path, (value, origin));
    }

    /// Remembers that somebody wrote a value that was refused.
    pub(super) fn spoil(&mut self, path: &'static str) {
        self.spoiled.insert(path);
    }

    /// Whether a value was refused.
    pub(super) fn is_spoiled(&self, path: &str) -> bool {
        self.spoiled.contains(path)
    }

    /// Puts the normal form in the place of a value.
    pub(super) fn normalise(&mut self, path: &str, value: Value) {
        if let Some((kept, _)) = self.values.get_mut(path) {
            *kept = value;
        }
    }

    /// A value, if there is one.
    pub(super) fn get(&self, path: &str) -> Option<&Value> {
        self.values.get(path).map(|(value, _)| value)
    }

    /// Where a value comes from.
    pub(super) fn origin(&self, path: &str) -> &Origin {
        self.values.get(path).map_or(&Origin::Default, |(_, origin)| origin)
    }

    fn each(&self) -> impl Iterator<Item = (&'static Setting, &Value, &Origin)> {
        SETTINGS.iter().filter_map(|setting| {
            self.values.get(setting.path).map(|(value, origin)| (setting, value, origin))
        })
    }
}

/// A value as JSON.
fn to_json(value: &Value) -> Json {
    match value {
        Value::Number(number) => json!(number),
        Value::Flag(flag) => json!(flag),
        Value::Text(text) => json!(text),
        Value::Texts(texts) => json!(texts),
        Value::Zone(name, _) => json!(name),
        Value::Currency(code) => json!(code),
        Value::Currencies(codes) => json!(codes),
        Value::Months(months) => json!(format!("P{months}M")),
        Value::Term(Some(Term::Months(months))) => json!(format!("P{months}M")),
        Value::Term(Some(Term::Weeks(weeks))) => json!(format!("P{weeks}W")),
        Value::Term(Some(Term::Evergreen) | None) => json!(""),
        Value::SyncWhen(SyncWhen::Linked) => json!("linked"),
        Value::SyncWhen(SyncWhen::All) => json!("all"),
        Value::SyncWhen(SyncWhen::Property { name, values }) => json!({"property": name, "values": values}),
        Value::Stages(stages) => json!(stages),
        Value::Rules(rules) => rules::to_json(rules),
    }
}

/// JSON as a TOML value. The settings hold no null and no number with decimals.
fn to_toml(value: &Json) -> String {
    match value {
        Json::Null => "\"\"".into(),
        Json::Bool(flag) => flag.to_string(),
        Json::Number(number) => number.to_string(),
        Json::String(text) => toml_edit::Value::from(text.as_str()).to_string(),
        Json::Array(list) => {
            let parts: Vec<String> = list.iter().map(to_toml).collect();
            format!("[{}]", parts.join(", "))
        }
        Json::Object(table) if table.is_empty() => "{}".into(),
        Json::Object(table) => {
            let parts: Vec<String> = table
                .iter()
                .map(|(key, value)| format!("{} = {}", toml_edit::Key::new(key.as_str()), to_toml(value)))
                .collect();
            format!("{{ {} }}", parts.join(", "))
        }
    }
}

impl Config {
    /// The effective settings by section, without secrets.
    pub fn show(&self) -> Json {
        let mut top = Map::new();
        for (setting, value, _) in self.settings.each() {
            let shown = to_json(value);
            match setting.section() {
                "" => top.insert(setting.name().to_owned(), shown),
                section => match top.entry(section).or_insert_with(|| Json::Object(Map::new())) {
                    Json::Object(table) => table.insert(setting.name().to_owned(), shown),
                    _ => None,
                },
            };
        }
        Json::Object(top)
    }

    /// The effective settings as a configuration file, each with where it comes from; without secrets. Reading it
    /// yields the same configuration.
    pub fn show_toml(&self) -> String {
        let (mut text, mut section) = (String::new(), "");
        for (setting, value, origin) in self.settings.each() {
            if setting.section() != section {
                section = setting.section();
                // Writing to a String cannot fail.
                let _ = writeln!(text, "\n[{section}]");
            }
            let source = match origin {
                Origin::Default => "default".to_owned(),
                Origin::File(Some(line)) => format!("line {line}"),
                Origin::File(None) => "file".to_owned(),
                Origin::Variable(name) => name.clone(),
            };
            let _ = writeln!(text, "{} = {}  # {source}", setting.name(), to_toml(&to_json(value)));
        }
        text
    }

    /// A short digest of the settings that influence what a sync does, in their normal form: it changes when, and
    /// only when, one of them does. Addresses of ours, the store, shares of limits and rights on cards are no part.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (setting, value, _) in self.settings.each().filter(|(setting, _, _)| setting.syncs) {
            let mut shown = to_json(value);
            // The first rule that fits decides; no other list has an order.
            let ordered = matches!(value, Value::Rules(_));
            if let Json::Array(list) = &mut shown
                && !ordered
            {
                list.sort_by_key(Json::to_string);
            }
            hash.update(format!("{}={shown}\n", setting.path));
        }
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}
