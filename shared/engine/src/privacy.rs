//! Keeps personal data out of what is stored and shown: a vendor's words may quote the request.

use serde_json::Value;

/// Fields whose values may name a person or say where one lives.
const PERSONAL: [&str; 12] = [
    "firstName",
    "lastName",
    "workEmail",
    "personalEmail",
    "workPhone",
    "mobilePhone",
    "homePhone",
    "address1",
    "address2",
    "city",
    "zipCode",
    "name",
];

/// A vendor's words without the personal values of the request body, and without anything like an e-mail address.
pub fn without_values_of(body: &str, words: &str) -> String {
    let mut values = Vec::new();
    if let Ok(body) = serde_json::from_str::<Value>(body) {
        collect(&body, &mut values);
    }
    // Longer values first, so that a part of one does not leave the rest behind.
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    let mut out = words.to_owned();
    for value in values.iter().filter(|value| value.chars().count() >= 3) {
        out = out.replace(value.as_str(), "[…]");
    }
    out.split(' ').map(|word| if word.contains('@') { "[…]" } else { word }).collect::<Vec<_>>().join(" ")
}

fn collect(value: &Value, values: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if PERSONAL.contains(&key.as_str()) => values.push(text.clone()),
                    other => collect(other, values),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, values)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_of_the_request_are_masked_in_the_answer() {
        let body = r#"{"accountNumber":"HS-1-2","billToContact":{"firstName":"Ingrid","lastName":"Solheim","workEmail":"i@x.no"}}"#;
        let words = "Contact Ingrid Solheim, i@x.no or other@y.no, of HS-1-2 is not valid.";
        assert_eq!(without_values_of(body, words), "Contact […] […], […] or […] of HS-1-2 is not valid.");
    }
}
