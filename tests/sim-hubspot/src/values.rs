//! Property values: how HubSpot stores them, and what it refuses to store.

use serde_json::{Value, json};

use crate::clock::{iso, parse_time};
use crate::kind::Kind;
use crate::records::Changes;
use crate::state::State;

/// A value as it is stored and read back: dates without time, date-times as ISO 8601 in UTC.
pub(crate) fn normalised(kind: &str, value: &str) -> String {
    match kind {
        "date" => parse_time(value).map_or_else(
            || value.to_owned(),
            |time| time.to_zoned(jiff::tz::TimeZone::UTC).date().to_string(),
        ),
        "datetime" => parse_time(value).map_or_else(|| value.to_owned(), iso),
        _ => value.to_owned(),
    }
}

/// The text of a JSON property value; HubSpot takes numbers and booleans too.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A list of texts in a body.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    value.as_array().map(|all| all.iter().map(text_of).collect()).unwrap_or_default()
}

/// What is wrong with one value.
struct Wrong {
    code: &'static str,
    name: String,
    message: String,
}

/// A refused write: message and inner errors of a `VALIDATION_ERROR`.
pub(crate) struct Refusal {
    pub(crate) message: String,
    pub(crate) errors: Vec<Value>,
}

impl State {
    /// Checks what an API call wants to write.
    ///
    /// `own` is the record that is written, where it exists already: it may keep its unique values.
    pub(crate) fn check(&self, kind: Kind, own: Option<&str>, changes: &Changes) -> Result<(), Refusal> {
        let wrong: Vec<Wrong> =
            changes.iter().filter_map(|(name, value)| self.wrong(kind, own, name, value)).collect();
        if wrong.is_empty() {
            return Ok(());
        }
        let listed: Vec<Value> = wrong
            .iter()
            .map(|one| json!({"isValid": false, "message": one.message, "error": one.code, "name": one.name}))
            .collect();
        let errors = wrong
            .iter()
            .map(|one| {
                let context = json!({"propertyName": [one.name]});
                json!({"message": one.message, "code": one.code, "in": "properties", "context": context})
            })
            .collect();
        Err(Refusal { message: format!("Property values were not valid: {}", Value::Array(listed)), errors })
    }

    fn wrong(&self, kind: Kind, own: Option<&str>, name: &str, value: &str) -> Option<Wrong> {
        let defined = self.defined(kind);
        let wrong =
            |code: &'static str, message: String| Some(Wrong { code, name: name.to_owned(), message });
        if defined.get(name).is_none() {
            return wrong("PROPERTY_DOESNT_EXIST", format!("Property \"{name}\" does not exist"));
        }
        if let Some(rule) = self.switches.refused_properties.get(&format!("{}.{name}", kind.singular())) {
            return wrong("INVALID_VALUE", rule.clone());
        }
        if defined.is_read_only(name) {
            let message = format!("\"{name}\" is a read only property; its value cannot be set.");
            return wrong("READ_ONLY_VALUE", message);
        }
        if value.is_empty() {
            return None;
        }
        let type_of = defined.type_of(name);
        if type_of != "string" && value.trim() != value {
            let message = format!("{name} has leading or trailing whitespace");
            return wrong("LEADING_TRAILING_WHITESPACE", message);
        }
        let options = defined.options(name);
        match type_of {
            "number" if value.parse::<rust_decimal::Decimal>().is_err() => {
                wrong("INVALID_NUMBER", format!("{value} was not a valid number."))
            }
            "number" if name == "price" && value.starts_with('-') => {
                wrong("INVALID_NUMBER", "price cannot be negative.".to_owned())
            }
            "date" | "datetime" if parse_time(value).is_none() => {
                wrong("INVALID_DATE", format!("{value} was not a valid date."))
            }
            "date" if parse_time(value).is_some_and(|time| time.as_second() % 86_400 != 0) => {
                let message = format!("{value} is at a time of day, but a date must be midnight UTC.");
                wrong("INVALID_DATE", message)
            }
            "enumeration" | "bool" if !options.is_empty() || name == "dealstage" => {
                let unknown = value.split(';').find(|part| !options.contains(part))?;
                let message = format!("{unknown} was not one of the allowed options: {options:?}");
                wrong("INVALID_OPTION", message)
            }
            _ => {
                if !defined.is_unique(name) {
                    return None;
                }
                let holder = self.find_by(kind, name, value)?;
                if own == Some(holder.as_str()) {
                    return None;
                }
                let message = format!("{holder} already has that value. Existing ID: {holder}");
                wrong("CONFLICTING_UNIQUE_VALUE", message)
            }
        }
    }
}
