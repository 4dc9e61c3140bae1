//! Where settings come from: the file with its lines, and the variables `CONNECTOR_<SECTION>__<KEY>`.
//!
//! The result is a list of [`Entry`] per installation; what is unknown, misplaced or secret is a problem,
//! except for variables that resemble none of ours: those are logged and left alone.

use super::problem::{Origin, Problems};
use super::registry::{self, Kind, Setting};
use super::value::Raw;
use super::{rules, suggest};
use crate::env_vars::EnvMap;
use toml_edit::{Document, Item, TableLike};

/// One setting with the value that somebody wrote.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Which setting.
    pub(super) setting: &'static Setting,
    /// What was written.
    pub(super) raw: Raw,
    /// Where.
    pub(super) origin: Origin,
}

/// What the file says.
#[derive(Debug, Default)]
pub(super) struct FileSettings {
    /// Whether the text is TOML at all; if not, nothing can be called missing in it.
    pub(super) readable: bool,
    /// Outside of `[[installation]]`: for all installations.
    pub(super) shared: Vec<Entry>,
    /// The `[[installation]]` tables with the line of their header; none in the single form.
    pub(super) installations: Vec<(Option<usize>, Vec<Entry>)>,
}

/// Where something stands in the text.
pub(super) struct Lines<'a>(pub(super) &'a str);

impl Lines<'_> {
    /// The line in which a span begins, counted from 1.
    pub(super) fn of(&self, span: Option<std::ops::Range<usize>>) -> Option<usize> {
        let before = self.0.as_bytes().get(..span?.start)?;
        Some(before.iter().filter(|byte| **byte == b'\n').count() + 1)
    }
}

/// Reads the file. A text that is not TOML yields nothing but that problem.
pub(super) fn read_file(text: &str, problems: &mut Problems) -> FileSettings {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = Lines(text);
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let what = error.message().lines().collect::<Vec<_>>().join("; ");
            problems.add(
                "",
                &Origin::File(lines.of(error.span())),
                format!("The file is not valid TOML: {what}."),
                "Mend this line; nothing else of the file was read.",
            );
            return FileSettings::default();
        }
    };
    let mut settings = FileSettings { readable: true, ..FileSettings::default() };
    for (name, item) in document.iter() {
        let line = key_line(document.as_table(), name, item, &lines);
        if name == "installation" {
            read_installations(item, line, &lines, &mut settings, problems);
        } else {
            read_key(name, item, line, &lines, &mut settings.shared, problems);
        }
    }
    settings
}

/// The line of a key, or of its value when the key has none.
pub(super) fn key_line(table: &dyn TableLike, name: &str, item: &Item, lines: &Lines<'_>) -> Option<usize> {
    let key = table.get_key_value(name).and_then(|(key, _)| key.span());
    lines.of(key.or_else(|| item.span()))
}

fn read_installations(
    item: &Item,
    line: Option<usize>,
    lines: &Lines<'_>,
    settings: &mut FileSettings,
    problems: &mut Problems,
) {
    let tables: Vec<(Option<usize>, &dyn TableLike)> = match item {
        Item::ArrayOfTables(tables) => {
            tables.iter().map(|table| (lines.of(table.span()), table as &dyn TableLike)).collect()
        }
        Item::Value(toml_edit::Value::Array(list)) => list
            .iter()
            .filter_map(|value| Some((lines.of(value.span()), value.as_inline_table()? as &dyn TableLike)))
            .collect(),
        Item::None | Item::Value(_) | Item::Table(_) => Vec::new(),
    };
    if tables.is_empty() {
        problems.add(
            "installation",
            &Origin::File(line),
            "Several installations are a list of tables.",
            "Write [[installation]] with two brackets, and its sections as [installation.hubspot] and so on.",
        );
    }
    for (place, (line, table)) in tables.into_iter().enumerate() {
        problems.within(Some(place + 1));
        let mut entries = Vec::new();
        for (name, item) in table.iter() {
            let line = key_line(table, name, item, lines);
            read_key(name, item, line, lines, &mut entries, problems);
        }
        settings.installations.push((line, entries));
    }
    problems.within(None);
}

/// One key at the top of an installation: a setting or a section.
fn read_key(
    name: &str,
    item: &Item,
    line: Option<usize>,
    lines: &Lines<'_>,
    entries: &mut Vec<Entry>,
    problems: &mut Problems,
) {
    if !registry::is_section(name) {
        take(name, item, line, lines, entries, problems);
        return;
    }
    let Some(section) = item.as_table_like() else {
        problems.add(
            name,
            &Origin::File(line),
            format!("{name} is a section, not a value."),
            format!("Write [{name}] on a line of its own and its keys below."),
        );
        return;
    };
    for (key, item) in section.iter() {
        let line = key_line(section, key, item, lines);
        take(&format!("{name}.{key}"), item, line, lines, entries, problems);
    }
}

fn take(
    path: &str,
    item: &Item,
    line: Option<usize>,
    lines: &Lines<'_>,
    entries: &mut Vec<Entry>,
    problems: &mut Problems,
) {
    let origin = Origin::File(line);
    match registry::find(path) {
        Some(setting) if setting.kind == Kind::Rules => {
            entries.push(Entry { setting, raw: rules::from_item(item, lines), origin });
        }
        Some(setting) => entries.push(Entry { setting, raw: Raw::from_item(item), origin }),
        None => match secret_of(path, item) {
            Some(fix) => problems.add(path, &origin, "Secrets never stand in the configuration file.", fix),
            None => problems.add(
                path,
                &origin,
                "This setting is not known.",
                suggest::for_key(path, is_table(item)),
            ),
        },
    }
}

fn is_table(item: &Item) -> bool {
    item.is_table_like() || item.is_array_of_tables()
}

/// A key with a telling name, a section of such keys, or a value that looks like a secret.
fn secret_of(path: &str, item: &Item) -> Option<String> {
    if let Some(table) = item.as_table_like() {
        return table
            .iter()
            .find_map(|(key, item)| secret_of(&format!("{path}.{key}"), item))
            .or_else(|| suggest::secret_key(path));
    }
    suggest::secret_key(path).or_else(|| item.as_str().and_then(suggest::secret_value))
}

/// Variables of the form `CONNECTOR_...` that are no settings: read elsewhere.
const OTHER_VARIABLES: [&str; 3] = ["CONNECTOR_CONFIG", "CONNECTOR_DATA_DIR", CLOCK_OFFSET];

/// Shifts the clock in tests (D-32).
pub(super) const CLOCK_OFFSET: &str = "CONNECTOR_TEST__CLOCK_OFFSET";

/// What Docker and Kubernetes set by themselves when a neighbour is called "connector".
fn is_service_link(name: &str) -> bool {
    let rest = name.strip_prefix("CONNECTOR_").unwrap_or_default();
    rest == "PORT"
        || rest == "NAME"
        || rest.starts_with("PORT_")
        || rest == "SERVICE_HOST"
        || rest == "SERVICE_PORT"
        || rest.starts_with("SERVICE_PORT_")
}

/// Reads the variables. The first of the pair is the installation that a variable names
/// (`CONNECTOR_INSTALLATION__<n>__<SECTION>__<KEY>`, counted from 1), none for all.
pub(super) fn read_variables(env: &EnvMap, problems: &mut Problems) -> Vec<(Option<usize>, Entry)> {
    let mut found = Vec::new();
    for name in env.names() {
        let Some(rest) = name.strip_prefix("CONNECTOR_") else { continue };
        if OTHER_VARIABLES.contains(&name) || is_service_link(name) {
            continue;
        }
        let (installation, rest) = match rest.strip_prefix("INSTALLATION__").and_then(|r| r.split_once("__"))
        {
            Some((number, rest)) => match number.parse::<usize>() {
                Ok(number) if number > 0 => (Some(number), rest),
                _ => (None, name),
            },
            None => (None, rest),
        };
        let origin = Origin::Variable(name.to_owned());
        let path = rest.to_ascii_lowercase().replacen("__", ".", 1);
        let written = rest == rest.to_ascii_uppercase();
        match registry::find(&path).filter(|_| written) {
            Some(setting) => {
                let raw = Raw::from_variable(setting.kind, env.get(name).unwrap_or_default());
                found.push((installation, Entry { setting, raw, origin }));
            }
            None => match suggest::secret_key(name) {
                Some(_) => problems.add(
                    "",
                    &origin,
                    "Secrets are not settings.",
                    "Use HUBSPOT_ACCESS_TOKEN, HUBSPOT_CLIENT_SECRET, ZUORA_CLIENT_ID, ZUORA_CLIENT_SECRET or \
                     ZUORA_CALLOUT_SECRET, without CONNECTOR_.",
                ),
                None => match unknown_variable(name, &path) {
                    Some(fix) => problems.add("", &origin, "This variable is no setting.", fix),
                    // Another program's, or one of another version: no reason not to start.
                    None => tracing::warn!(variable = name, "{UNKNOWN_VARIABLE}"),
                },
            },
        }
    }
    found
}

/// Said of a variable that is ignored.
const UNKNOWN_VARIABLE: &str =
    "this variable is no setting and is ignored; docs/configuration.md lists all settings";

/// What to do about a variable that is nearly a setting; none for any other.
fn unknown_variable(name: &str, path: &str) -> Option<String> {
    let inside = |setting: &&Setting| path.starts_with(&format!("{}__", setting.path));
    match registry::SETTINGS.iter().find(inside) {
        // Names of variables are upper case, ids of pipelines are not, so a table comes as a whole.
        Some(setting) => Some(format!("Set {} to the whole value as TOML text.", setting.variable())),
        None => suggest::for_variable(name, &OTHER_VARIABLES),
    }
}
