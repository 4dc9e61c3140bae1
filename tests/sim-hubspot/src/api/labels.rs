//! Labels of associations: `/crm/associations/{version}/{from}/{to}/labels`.

use serde_json::{Value, json};

use crate::http::{Answer, Request};
use crate::kind::Kind;
use crate::labels::AssociationType;
use crate::state::State;

/// Answers a call about labels.
pub(super) fn answer(
    state: &mut State,
    request: &Request,
    from: Kind,
    to: Kind,
    rest: &[&str],
) -> Option<Answer> {
    match (request.method.as_str(), rest) {
        ("GET", [_]) => {
            let results: Vec<Value> = state.types.between(from, to).map(AssociationType::as_value).collect();
            Some(Answer::ok(json!({"results": results})))
        }
        ("POST", [_]) => Some(create(state, request, from, to)),
        ("PUT", [_]) => Some(update(state, request, from, to)),
        ("DELETE", [_, type_id]) => {
            let removed = type_id.parse().is_ok_and(|type_id| state.types.remove(from, to, type_id));
            Some(if removed { Answer::empty() } else { state.not_found() })
        }
        _ => None,
    }
}

fn create(state: &mut State, request: &Request, from: Kind, to: Kind) -> Answer {
    let body = &request.body;
    let (Some(name), Some(label)) = (body["name"].as_str(), body["label"].as_str()) else {
        return state.invalid("Invalid input JSON: name and label are required");
    };
    if state.types.between(from, to).any(|kind| kind.name == name || kind.label.as_deref() == Some(label)) {
        return state.invalid(&format!("An association label named {label} already exists"));
    }
    let made = state.types.add_label(from, to, label, body["inverseLabel"].as_str(), name);
    let results: Vec<Value> = made.iter().map(AssociationType::as_value).collect();
    Answer::ok(json!({"results": results}))
}

fn update(state: &mut State, request: &Request, from: Kind, to: Kind) -> Answer {
    let body = &request.body;
    let type_id = body["associationTypeId"].as_u64().and_then(|id| u32::try_from(id).ok());
    let (Some(type_id), Some(label)) = (type_id, body["label"].as_str()) else {
        return state.invalid("Invalid input JSON: associationTypeId and label are required");
    };
    let inverse = body["inverseLabel"].as_str();
    if state.types.relabel(from, to, type_id, label, inverse) { Answer::empty() } else { state.not_found() }
}
