//! Zuora's shapes on the wire, private to the crate. Field order is the order in bodies, which are frozen byte
//! by byte; names, types and lengths follow the models of Zuora's SDK 3.21.0 (minor version 2025-08-12).

pub(crate) mod account;
pub(crate) mod catalog;
pub(crate) mod crud;
pub(crate) mod order;
pub(crate) mod orders;
pub(crate) mod preview;
pub(crate) mod subscription;
pub(crate) mod told;

use serde_json::{Map, Value};

/// A custom field as text, whatever the case of its name (X-11: the case differs between calls and tenants).
pub(crate) fn custom_field(fields: &Map<String, Value>, name: &str) -> Option<String> {
    let (_, value) = fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
