//! Values as they were written ([`Raw`]) and as they are understood ([`Value`]), and the check between.

use super::registry::{Kind, Setting};
use super::rules::{self, RawRule};
use super::source::Lines;
use super::suggest;
use connector_domain::country;
use connector_domain::dates::Term;
use connector_domain::money::Currency;
use connector_domain::policy::{DealRule, SyncWhen};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use toml_edit::Item;

/// A value as it was written, whatever setting it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw {
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// true or false.
    Flag(bool),
    /// A list.
    List(Vec<Raw>),
    /// A table.
    Table(Vec<(String, Raw)>),
    /// Rules of what won deals do, with their lines.
    Rules(Vec<RawRule>),
    /// Anything else, in words.
    Other(&'static str),
}

impl Raw {
    /// Takes a value out of a TOML document.
    pub(super) fn from_item(item: &Item) -> Self {
        if let Some(table) = item.as_table_like() {
            return Raw::Table(
                table.iter().map(|(key, item)| (key.to_owned(), Raw::from_item(item))).collect(),
            );
        }
        match item {
            Item::Value(value) => Self::from_value(value),
            Item::ArrayOfTables(_) => Raw::Other("a list of tables"),
            Item::None | Item::Table(_) => Raw::Other("nothing"),
        }
    }

    fn from_value(value: &toml_edit::Value) -> Self {
        use toml_edit::Value;
        match value {
            Value::String(text) => Raw::Text(text.value().clone()),
            Value::Integer(number) => Raw::Number(*number.value()),
            Value::Boolean(flag) => Raw::Flag(*flag.value()),
            Value::Array(list) => Raw::List(list.iter().map(Self::from_value).collect()),
            Value::InlineTable(table) => Raw::Table(
                table.iter().map(|(key, value)| (key.to_owned(), Self::from_value(value))).collect(),
            ),
            Value::Float(_) => Raw::Other("a number with decimals"),
            Value::Datetime(_) => Raw::Other("a date without quotes"),
        }
    }

    /// Reads a piece of TOML, for defaults and for variables.
    pub(super) fn from_toml(text: &str) -> Option<Self> {
        text.parse::<toml_edit::Value>().ok().map(|value| Self::from_value(&value))
    }

    /// Reads the text of a variable: what is meant depends on the setting. What cannot be read stays text, and
    /// the check tells.
    pub(super) fn from_variable(kind: Kind, text: &str) -> Self {
        let as_text = || Raw::Text(text.to_owned());
        match kind {
            Kind::Number(..) => text.parse().map_or_else(|_| as_text(), Raw::Number),
            Kind::Flag => text.parse().map_or_else(|_| as_text(), Raw::Flag),
            Kind::Texts | Kind::Hosts | Kind::Currencies | Kind::Countries => {
                if text.starts_with('[') {
                    return Self::from_toml(text).unwrap_or_else(as_text);
                }
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Raw::List(parts.map(|part| Raw::Text(part.to_owned())).collect())
            }
            Kind::SyncWhen | Kind::Stages if text.starts_with('{') => {
                Self::from_toml(text).unwrap_or_else(as_text)
            }
            Kind::Rules => text
                .parse::<toml_edit::Value>()
                .map_or_else(|_| as_text(), |value| rules::from_item(&Item::Value(value), &Lines(text))),
            _ => as_text(),
        }
    }

    fn in_words(&self) -> &'static str {
        match self {
            Raw::Text(_) => "text",
            Raw::Number(_) => "a number",
            Raw::Flag(_) => "true or false",
            Raw::List(_) => "a list",
            Raw::Table(_) => "a table",
            Raw::Rules(_) => "a list of tables",
            Raw::Other(words) => words,
        }
    }
}

/// A value that fits its setting, normalised.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// See [`Kind::Number`].
    Number(i64),
    /// See [`Kind::Flag`].
    Flag(bool),
    /// Text, choice, address, path, property, field.
    Text(String),
    /// Texts in the order given, without repeats.
    Texts(Vec<String>),
    /// See [`Kind::Zone`].
    Zone(String, TimeZone),
    /// See [`Kind::Currency`].
    Currency(Currency),
    /// See [`Kind::Currencies`].
    Currencies(BTreeSet<Currency>),
    /// See [`Kind::Term`].
    Months(u32),
    /// See [`Kind::TermOrNone`].
    Term(Option<Term>),
    /// See [`Kind::SyncWhen`].
    SyncWhen(SyncWhen),
    /// See [`Kind::Stages`].
    Stages(BTreeMap<String, BTreeSet<String>>),
    /// See [`Kind::Rules`].
    Rules(Vec<DealRule>),
}

/// Why a value does not fit its setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misfit {
    /// The part of the setting that is meant, to be added to its path; empty for the whole.
    pub(super) below: String,
    /// Where that part stands in the file, if it is known and not where the setting stands.
    pub(super) line: Option<usize>,
    /// What is wrong, as a sentence.
    pub(super) message: String,
    /// What to do about it, as a sentence.
    pub(super) fix: String,
}

/// Checks a value against its setting.
pub(super) fn check(setting: &Setting, raw: &Raw) -> Result<Value, Vec<Misfit>> {
    if let (Kind::Rules, Raw::Rules(written)) = (setting.kind, raw) {
        return rules::check(written).map(Value::Rules);
    }
    let whole = |(message, fix)| vec![Misfit { below: String::new(), line: None, message, fix }];
    fits(setting.kind, raw).map_err(whole)
}

/// Checks a value against its kind; message and fix if it does not fit.
pub(super) fn fits(kind: Kind, raw: &Raw) -> Result<Value, (String, String)> {
    if let Some(fix) = holds_secret(raw) {
        return Err((
            "The value looks like a secret, and secrets never stand in the configuration.".into(),
            fix,
        ));
    }
    let refuse = |message: String| (message, kind.expects());
    understand(kind, raw).map_err(|misfit| match misfit {
        Wrong::Type => refuse(format!("The value is {}, which does not fit here.", raw.in_words())),
        Wrong::Value(text) => refuse(format!("{} is not accepted.", quote(&text))),
        Wrong::Told(message) => refuse(message),
    })
}

/// Where a secret belongs, if there is one in a value.
pub(super) fn holds_secret(raw: &Raw) -> Option<String> {
    match raw {
        Raw::Text(text) => suggest::secret_value(text),
        Raw::List(list) => list.iter().find_map(holds_secret),
        Raw::Table(table) => table.iter().find_map(|(_, value)| holds_secret(value)),
        // Rules are asked key by key.
        Raw::Rules(_) | Raw::Number(_) | Raw::Flag(_) | Raw::Other(_) => None,
    }
}

/// A refused value as a message may show it.
fn quote(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    format!("{short:?}")
}

enum Wrong {
    Type,
    Value(String),
    Told(String),
}

fn understand(kind: Kind, raw: &Raw) -> Result<Value, Wrong> {
    match kind {
        Kind::Number(low, high) => match raw {
            Raw::Number(number) if (low..=high).contains(number) => Ok(Value::Number(*number)),
            Raw::Number(number) => Err(Wrong::Told(format!("{number} is out of range."))),
            _ => Err(Wrong::Type),
        },
        Kind::Flag => match raw {
            Raw::Flag(flag) => Ok(Value::Flag(*flag)),
            _ => Err(Wrong::Type),
        },
        Kind::Text | Kind::Path => Ok(Value::Text(line(text(raw)?)?.to_owned())),
        // Never shown in a message: an address may hold a password.
        Kind::Url => match line(text(raw)?) {
            Ok(address) => Ok(Value::Text(address.to_owned())),
            Err(_) => Err(Wrong::Told("This is not a web address.".into())),
        },
        Kind::Choice(words) => {
            let text = text(raw)?.trim();
            if words.contains(&text) {
                Ok(Value::Text(text.to_owned()))
            } else {
                Err(Wrong::Value(text.into()))
            }
        }
        Kind::Texts => Ok(Value::Texts(texts(raw)?)),
        Kind::Hosts => {
            let hosts: Vec<String> = texts(raw)?.iter().map(|host| host.to_ascii_lowercase()).collect();
            match hosts.iter().find(|host| !is_host(host)) {
                Some(bad) => Err(Wrong::Value(bad.clone())),
                None => Ok(Value::Texts(hosts)),
            }
        }
        Kind::PropertyOrNone if is_blank(raw) => Ok(Value::Text(String::new())),
        Kind::Property | Kind::PropertyOrNone => {
            let name = text(raw)?.trim();
            let ok = name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.len() <= 100
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if ok { Ok(Value::Text(name.to_owned())) } else { Err(Wrong::Value(name.into())) }
        }
        Kind::Link if is_blank(raw) => Ok(Value::Text(String::new())),
        Kind::Link => {
            let path = text(raw)?.trim();
            let plain = path.starts_with('/')
                && !path.starts_with("//")
                && path.len() <= 300
                && path.bytes().all(|b| b.is_ascii_graphic() && !b"\"'<>\\".contains(&b));
            let keyed = path.contains("{id}") || path.contains("{number}");
            if plain && keyed { Ok(Value::Text(path.to_owned())) } else { Err(Wrong::Value(path.into())) }
        }
        Kind::Field => {
            let name = text(raw)?.trim();
            let ok = name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.strip_suffix("__c").is_some_and(|stem| !stem.is_empty())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if ok { Ok(Value::Text(name.to_owned())) } else { Err(Wrong::Value(name.into())) }
        }
        Kind::Zone => {
            let name = text(raw)?.trim();
            match TimeZone::get(name) {
                Ok(zone) => Ok(Value::Zone(zone.iana_name().unwrap_or(name).to_owned(), zone)),
                Err(_) => Err(Wrong::Value(name.into())),
            }
        }
        Kind::Currency => currency(text(raw)?).map(Value::Currency),
        Kind::Currencies => {
            let codes = texts(raw)?;
            if codes.is_empty() {
                return Err(Wrong::Told("The list is empty.".into()));
            }
            codes.iter().map(|code| currency(code)).collect::<Result<_, _>>().map(Value::Currencies)
        }
        Kind::Countries => {
            let known = |code: &String| code.len() == 2 && country::find(code).is_some();
            let codes: BTreeSet<String> = texts(raw)?.iter().map(|code| code.to_ascii_uppercase()).collect();
            match codes.iter().find(|code| !known(code)) {
                Some(bad) => Err(Wrong::Value(bad.clone())),
                None => Ok(Value::Texts(codes.into_iter().collect())),
            }
        }
        Kind::Term => {
            let term = text(raw)?;
            match Term::parse(term) {
                Ok(Term::Months(months)) if months <= 1200 => Ok(Value::Months(months)),
                Ok(_) | Err(_) => Err(Wrong::Value(term.into())),
            }
        }
        Kind::TermOrNone if is_blank(raw) => Ok(Value::Term(None)),
        Kind::TermOrNone => {
            let term = text(raw)?;
            match Term::parse(term) {
                Ok(known @ (Term::Months(number) | Term::Weeks(number))) if number <= 1200 => {
                    Ok(Value::Term(Some(known)))
                }
                Ok(_) | Err(_) => Err(Wrong::Value(term.into())),
            }
        }
        Kind::SyncWhen => sync_when(raw),
        Kind::Stages => stages(raw),
        Kind::Rules => match raw {
            Raw::List(list) if list.is_empty() => Ok(Value::Rules(Vec::new())),
            _ => Err(Wrong::Type),
        },
    }
}

fn text(raw: &Raw) -> Result<&str, Wrong> {
    match raw {
        Raw::Text(text) => Ok(text),
        _ => Err(Wrong::Type),
    }
}

/// Text that says "none".
fn is_blank(raw: &Raw) -> bool {
    matches!(raw, Raw::Text(text) if text.trim().is_empty())
}

/// One line without control characters, not blank, not longer than any system takes.
fn line(text: &str) -> Result<&str, Wrong> {
    let text = text.trim();
    let ok = !text.is_empty() && text.chars().count() <= 1000 && !text.chars().any(char::is_control);
    if ok { Ok(text) } else { Err(Wrong::Value(text.into())) }
}

/// A list of texts without repeats. Ids of users and stages are digits, so bare numbers are taken as well.
fn texts(raw: &Raw) -> Result<Vec<String>, Wrong> {
    let Raw::List(list) = raw else { return Err(Wrong::Type) };
    let mut found: Vec<String> = Vec::new();
    for one in list {
        let text = match one {
            Raw::Text(text) => line(text)?.to_owned(),
            Raw::Number(number) => number.to_string(),
            _ => return Err(Wrong::Told(format!("The list holds {}.", one.in_words()))),
        };
        if !found.contains(&text) {
            found.push(text);
        }
    }
    Ok(found)
}

fn currency(code: &str) -> Result<Currency, Wrong> {
    Currency::parse(code).map_err(|_| Wrong::Value(code.into()))
}

/// A host name, maybe with a port. Addresses of numbers are refused: no certificate speaks for them, and
/// loopback has a rule of its own.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (text, None),
    };
    let port_ok = port.is_none_or(|port| {
        port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    // A last label of digits (or 0x..) makes the whole an IPv4 address (WHATWG URL, 3.5).
    let last = name.rsplit('.').next().unwrap_or_default();
    let numeric = last.starts_with(|c: char| c.is_ascii_digit());
    name.len() <= 253 && name.split('.').all(label) && !numeric && name != "localhost" && port_ok
}

fn sync_when(raw: &Raw) -> Result<Value, Wrong> {
    let table = match raw {
        Raw::Text(word) => {
            return match word.trim() {
                "linked" => Ok(Value::SyncWhen(SyncWhen::Linked)),
                "all" => Ok(Value::SyncWhen(SyncWhen::All)),
                other => Err(Wrong::Value(other.into())),
            };
        }
        Raw::Table(table) => table,
        Raw::Number(_) | Raw::Flag(_) | Raw::List(_) | Raw::Rules(_) | Raw::Other(_) => {
            return Err(Wrong::Type);
        }
    };
    if let Some((key, _)) = table.iter().find(|(key, _)| key != "property" && key != "values") {
        return Err(Wrong::Told(format!("A condition has no key {}.", quote(key))));
    }
    let get = |name: &str| table.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let (Some(property), Some(values)) = (get("property"), get("values")) else {
        return Err(Wrong::Told("A condition needs both property and values.".into()));
    };
    let Value::Text(name) = understand(Kind::Property, property)? else { return Err(Wrong::Type) };
    let values: BTreeSet<String> = texts(values)?.into_iter().collect();
    if values.is_empty() {
        return Err(Wrong::Told("The list of values is empty, so no company would ever sync.".into()));
    }
    Ok(Value::SyncWhen(SyncWhen::Property { name, values }))
}

fn stages(raw: &Raw) -> Result<Value, Wrong> {
    let Raw::Table(table) = raw else { return Err(Wrong::Type) };
    let mut stages = BTreeMap::new();
    for (pipeline, list) in table {
        let ids: BTreeSet<String> = texts(list)?.into_iter().collect();
        if ids.is_empty() {
            return Err(Wrong::Told(format!(
                "The pipeline {} has no stage, so none of its deals would ever be won.",
                quote(pipeline)
            )));
        }
        stages.insert(pipeline.clone(), ids);
    }
    Ok(Value::Stages(stages))
}
