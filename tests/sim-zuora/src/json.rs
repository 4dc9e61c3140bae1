//! Small helpers on JSON: decimals, look-ups, and the check of a body against a field list.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

/// A JSON object.
pub(crate) type Object = Map<String, Value>;

/// The decimal in a JSON number or string, read from its text.
pub(crate) fn dec(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::Number(n) => n.to_string(),
        Value::String(s) => s.trim().to_owned(),
        _ => return None,
    };
    text.parse::<Decimal>().ok().or_else(|| Decimal::from_scientific(&text).ok())
}

/// The decimal of a field.
pub(crate) fn dec_of(object: &Object, key: &str) -> Option<Decimal> {
    object.get(key).and_then(dec)
}

/// A decimal as a JSON number.
pub(crate) fn num(value: Decimal) -> Value {
    serde_json::from_str(&value.normalize().to_string()).unwrap_or(Value::Null)
}

/// An optional decimal as a JSON number or null.
pub(crate) fn num_or_null(value: Option<Decimal>) -> Value {
    value.map_or(Value::Null, num)
}

/// The text of a field; absent, null and empty are `None`.
pub(crate) fn text<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str).filter(|s| !s.is_empty())
}

/// The object in a field.
pub(crate) fn object<'a>(parent: &'a Object, key: &str) -> Option<&'a Object> {
    parent.get(key).and_then(Value::as_object)
}

/// The objects of a list field.
pub(crate) fn objects<'a>(parent: &'a Object, key: &str) -> Vec<&'a Object> {
    parent
        .get(key)
        .and_then(Value::as_array)
        .map_or_else(Vec::new, |list| list.iter().filter_map(Value::as_object).collect())
}

/// The calendar date of a field.
pub(crate) fn date(object: &Object, key: &str) -> Option<Date> {
    text(object, key).and_then(parse_date)
}

/// A calendar date written as `YYYY-MM-DD` and nothing else.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    if text.len() == 10 { text.parse().ok() } else { None }
}

/// Turns a `json!({…})` into an object.
pub(crate) fn into_object(value: Value) -> Object {
    match value {
        Value::Object(map) => map,
        _ => Object::new(),
    }
}

/// Whether a text has a character outside the basic plane (four bytes in UTF-8).
pub(crate) fn has_four_byte(text: &str) -> bool {
    text.chars().any(|c| u32::from(c) > 0xFFFF)
}

/// The path of the first text inside a value that has a four-byte character.
pub(crate) fn find_four_byte(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::String(s) if has_four_byte(s) => Some(path.to_owned()),
        Value::Array(list) => list.iter().find_map(|v| find_four_byte(v, path)),
        Value::Object(map) => map.iter().find_map(|(k, v)| {
            let deeper = if path.is_empty() { k.clone() } else { format!("{path}.{k}") };
            find_four_byte(v, &deeper)
        }),
        _ => None,
    }
}

/// Kind of a problem found in a body; the number is the vendor's category suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Wrong type, format or length.
    Invalid = 20,
    /// Field that does not exist.
    Unknown = 21,
    /// Required field absent.
    Missing = 22,
}

/// A problem found in a body.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    /// What is wrong.
    pub(crate) kind: Kind,
    /// Name of the field.
    pub(crate) field: String,
    /// Text for people.
    pub(crate) message: String,
}

struct Rule<'a> {
    name: &'a str,
    kind: char,
    length: Option<usize>,
    required: bool,
}

fn rule(word: &str) -> Option<Rule<'_>> {
    let (name, rest) = word.split_once('/')?;
    let required = rest.ends_with('!');
    let rest = rest.trim_end_matches('!');
    let kind = rest.chars().next()?;
    let length = rest.get(1..).and_then(|l| l.parse().ok());
    Some(Rule { name, kind, length, required })
}

fn type_problem(rule: &Rule<'_>, value: &Value) -> Option<String> {
    let fits = match rule.kind {
        's' => value.is_string(),
        'b' => value.is_boolean(),
        'i' => value.is_i64() || value.is_u64(),
        'n' => value.is_number(),
        'd' => value.as_str().is_some_and(|s| parse_date(s).is_some()),
        'a' => value.is_array(),
        _ => value.is_object(),
    };
    if !fits {
        return Some(format!("'{}' has an invalid value", rule.name));
    }
    let long = rule.length.zip(value.as_str()).is_some_and(|(max, s)| s.chars().count() > max);
    long.then(|| format!("'{}' is too long (at most {} characters)", rule.name, rule.length.unwrap_or(0)))
}

/// Checks a body against a field list of [`crate::schema`]; `custom` names the custom fields that
/// are allowed beside it.
pub(crate) fn problems(body: &Object, spec: &str, custom: &[String]) -> Vec<Problem> {
    let rules: Vec<Rule<'_>> = spec.split_whitespace().filter_map(rule).collect();
    let mut found = Vec::new();
    for rule in rules.iter().filter(|r| r.required) {
        let value = body.get(rule.name);
        if value.is_none_or(|v| v.is_null() || v.as_str() == Some("")) {
            let message = format!("'{}' is required", rule.name);
            found.push(Problem { kind: Kind::Missing, field: rule.name.to_owned(), message });
        }
    }
    for (key, value) in body {
        match rules.iter().find(|r| r.name == key) {
            None if custom.contains(key) => {}
            None => {
                let message = format!("'{key}' is not a known field");
                found.push(Problem { kind: Kind::Unknown, field: key.clone(), message });
            }
            Some(_) if value.is_null() => {}
            Some(rule) => {
                if let Some(message) = type_problem(rule, value) {
                    found.push(Problem { kind: Kind::Invalid, field: key.clone(), message });
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bodies_are_checked_by_name_type_length_and_presence() {
        let body =
            into_object(json!({"autoPay": "false", "batch": "Batch1", "Nope": 1, "crmId": "x".repeat(101)}));
        let found = problems(&body, crate::schema::CREATE_ACCOUNT, &[]);
        let of = |kind| found.iter().filter(|p| p.kind == kind).map(|p| p.field.as_str()).collect::<Vec<_>>();
        assert_eq!(of(Kind::Missing), ["billToContact", "currency", "name"]);
        assert_eq!(of(Kind::Unknown), ["Nope"]);
        assert_eq!(of(Kind::Invalid), ["autoPay", "crmId"]);
    }

    #[test]
    fn numbers_keep_their_digits() {
        let value: Value = serde_json::from_str("0.1").expect("json");
        assert_eq!(dec(&value).expect("decimal").to_string(), "0.1");
        assert_eq!(num("520.00".parse().expect("decimal")).to_string(), "520");
        assert!(has_four_byte("a\u{1F600}") && !has_four_byte("Ærø"));
    }
}
