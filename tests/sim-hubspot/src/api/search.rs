//! `POST /{type}/search`: filters, groups, one sort, paging, and HubSpot's caps.
//!
//! A filter on a property that a record has no value for does not match, negative operators included.

use std::cmp::Ordering;

use jiff::SignedDuration;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::shape::Selection;
use crate::clock::parse_time;
use crate::http::{Answer, Request};
use crate::kind::Kind;
use crate::state::{Record, State};
use crate::values::{text_of, texts};

const MOST_RESULTS: usize = 10_000;
const MOST_CHARACTERS: usize = 3_000;

/// Answers a search.
pub(super) fn answer(state: &mut State, request: &Request, kind: Kind) -> Answer {
    if let Some(message) = problem(state, request, kind) {
        return state.invalid(&message);
    }
    let body = &request.body;
    let limit = number(&body["limit"]).unwrap_or(10);
    let after = number(&body["after"]).unwrap_or(0);
    if after + limit > MOST_RESULTS {
        return state.invalid("The search is limited to 10000 results: paging beyond them is not supported");
    }
    let then = request.now - SignedDuration::from_secs(state.switches.search_lag_seconds);
    let lagging = state.switches.search_lag_seconds > 0;
    let groups = body["filterGroups"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut found: Vec<Record> = state
        .of(kind)
        .filter_map(|record| if lagging { record.as_of(then) } else { Some(record.clone()) })
        .filter(|record| !record.is_archived())
        .filter(|record| groups.is_empty() || groups.iter().any(|group| group_matches(state, record, group)))
        .filter(|record| query_matches(record, body["query"].as_str().unwrap_or_default()))
        .collect();
    sort(state, kind, &mut found, &body["sorts"]);
    let selection = Selection { properties: texts(&body["properties"]), ..Selection::default() };
    let results: Vec<Value> =
        found.iter().skip(after).take(limit).map(|record| state.shape(record, &selection)).collect();
    let mut answer = json!({"total": found.len(), "results": results});
    if after + limit < found.len() {
        answer["paging"] = json!({"next": {"after": (after + limit).to_string()}});
    }
    Answer::ok(answer)
}

fn number(value: &Value) -> Option<usize> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64().and_then(|count| usize::try_from(count).ok()),
    }
}

fn problem(state: &State, request: &Request, kind: Kind) -> Option<String> {
    if request.body_length > MOST_CHARACTERS {
        return Some(format!("The request body must be at most {MOST_CHARACTERS} characters"));
    }
    if number(&request.body["limit"]).is_some_and(|limit| limit > 200) {
        return Some("limit must be at most 200".to_owned());
    }
    let groups = request.body["filterGroups"].as_array().map(Vec::as_slice).unwrap_or_default();
    if groups.len() > 5 {
        return Some("There must be at most 5 filterGroups".to_owned());
    }
    let mut total = 0;
    for group in groups {
        let filters = group["filters"].as_array().map(Vec::as_slice).unwrap_or_default();
        total += filters.len();
        if filters.len() > 6 || total > 18 {
            return Some("There must be at most 6 filters in a group and 18 in all".to_owned());
        }
        for filter in filters {
            let name = filter["propertyName"].as_str().unwrap_or_default();
            if !name.starts_with("associations.") && state.defined(kind).get(name).is_none() {
                return Some(format!("There was a problem with the request: property {name} does not exist"));
            }
            if !OPERATORS.contains(&filter["operator"].as_str().unwrap_or_default()) {
                return Some(format!("Invalid operator {}", filter["operator"]));
            }
            let list = matches!(filter["operator"].as_str(), Some("IN" | "NOT_IN"));
            if list && !filter["values"].is_array() {
                return Some("IN and NOT_IN need values".to_owned());
            }
        }
    }
    if request.body["sorts"].as_array().is_some_and(|sorts| sorts.len() > 1) {
        return Some("Only one sort is supported".to_owned());
    }
    None
}

const OPERATORS: [&str; 13] = [
    "EQ",
    "NEQ",
    "LT",
    "LTE",
    "GT",
    "GTE",
    "BETWEEN",
    "IN",
    "NOT_IN",
    "HAS_PROPERTY",
    "NOT_HAS_PROPERTY",
    "CONTAINS_TOKEN",
    "NOT_CONTAINS_TOKEN",
];

fn group_matches(state: &State, record: &Record, group: &Value) -> bool {
    let filters = group["filters"].as_array().map(Vec::as_slice).unwrap_or_default();
    filters.iter().all(|filter| filter_matches(state, record, filter))
}

fn filter_matches(state: &State, record: &Record, filter: &Value) -> bool {
    let name = filter["propertyName"].as_str().unwrap_or_default();
    let operator = filter["operator"].as_str().unwrap_or_default();
    if let Some(kind) = name.strip_prefix("associations.").and_then(Kind::parse) {
        let ids: Vec<String> =
            state.associated(&(record.kind, record.id.clone()), kind).into_iter().map(|(id, _)| id).collect();
        let wanted = text_of(&filter["value"]);
        return match operator {
            "EQ" => ids.contains(&wanted),
            "NEQ" => !ids.contains(&wanted),
            "IN" => texts(&filter["values"]).iter().any(|id| ids.contains(id)),
            "HAS_PROPERTY" => !ids.is_empty(),
            "NOT_HAS_PROPERTY" => ids.is_empty(),
            _ => false,
        };
    }
    let kind = state.defined(record.kind).type_of(name);
    let Some(value) = record.value(name) else { return operator == "NOT_HAS_PROPERTY" };
    let against = |wanted: &Value| compare(kind, value, &text_of(wanted));
    match operator {
        "EQ" => against(&filter["value"]) == Some(Ordering::Equal),
        "NEQ" => against(&filter["value"]) != Some(Ordering::Equal),
        "LT" => against(&filter["value"]) == Some(Ordering::Less),
        "LTE" => against(&filter["value"]).is_some_and(Ordering::is_le),
        "GT" => against(&filter["value"]) == Some(Ordering::Greater),
        "GTE" => against(&filter["value"]).is_some_and(Ordering::is_ge),
        "BETWEEN" => {
            against(&filter["value"]).is_some_and(Ordering::is_ge)
                && against(&filter["highValue"]).is_some_and(Ordering::is_le)
        }
        "IN" => in_list(kind, value, &filter["values"]),
        "NOT_IN" => !in_list(kind, value, &filter["values"]),
        "HAS_PROPERTY" => true,
        "CONTAINS_TOKEN" => has_token(value, &text_of(&filter["value"])),
        "NOT_CONTAINS_TOKEN" => !has_token(value, &text_of(&filter["value"])),
        _ => false,
    }
}

/// Compares a stored value with one of a filter: by number, time or text (case only matters in enumerations).
fn compare(kind: &str, value: &str, wanted: &str) -> Option<Ordering> {
    match kind {
        "number" => Some(value.parse::<Decimal>().ok()?.cmp(&wanted.parse::<Decimal>().ok()?)),
        "date" | "datetime" => Some(parse_time(value)?.cmp(&parse_time(wanted)?)),
        "enumeration" | "bool" => Some(value.cmp(wanted)),
        _ => Some(value.to_lowercase().cmp(&wanted.to_lowercase())),
    }
}

/// `IN` wants lower-case values for texts: others are not found.
fn in_list(kind: &str, value: &str, wanted: &Value) -> bool {
    let wanted = texts(wanted);
    match kind {
        "string" => wanted.contains(&value.to_lowercase()),
        _ => wanted.iter().any(|one| compare(kind, value, one) == Some(Ordering::Equal)),
    }
}

fn has_token(value: &str, token: &str) -> bool {
    let token = token.to_lowercase();
    let value = value.to_lowercase();
    if let Some(part) = token.strip_prefix('*') {
        return value.contains(part.trim_end_matches('*'));
    }
    value.split(|sign: char| !sign.is_alphanumeric()).any(|word| match token.strip_suffix('*') {
        Some(start) => word.starts_with(start),
        None => word == token,
    }) || value == token
}

fn query_matches(record: &Record, query: &str) -> bool {
    let names: &[&str] = match record.kind {
        Kind::Contact => &["firstname", "lastname", "email", "phone", "company"],
        Kind::Company => &["name", "domain", "website", "phone"],
        Kind::Deal => &["dealname", "description"],
        Kind::Product | Kind::LineItem => &["name", "description", "hs_sku"],
    };
    let query = query.to_lowercase();
    query.is_empty()
        || names
            .iter()
            .filter_map(|name| record.value(name))
            .any(|value| value.to_lowercase().contains(&query))
}

fn sort(state: &State, kind: Kind, found: &mut [Record], sorts: &Value) {
    let (name, descending) = match sorts.get(0) {
        Some(Value::String(text)) => match text.strip_prefix('-') {
            Some(name) => (name.to_owned(), true),
            None => (text.clone(), false),
        },
        Some(rule) => (text_of(&rule["propertyName"]), rule["direction"] == "DESCENDING"),
        None => return,
    };
    let type_of = state.defined(kind).type_of(&name);
    found.sort_by(|left, right| {
        let order = match (left.value(&name), right.value(&name)) {
            (Some(left), Some(right)) => compare(type_of, left, right).unwrap_or(Ordering::Equal),
            (left, right) => left.is_some().cmp(&right.is_some()),
        };
        if descending { order.reverse() } else { order }
    });
}
