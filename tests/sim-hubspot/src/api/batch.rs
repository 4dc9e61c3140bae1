//! Batches of records: read, create, update, upsert, archive.
//!
//! A batch of writes fails as a whole on an invalid value, unless every input carries an `objectWriteTraceId`.
//! Missing records are reported one by one with 207.

use serde_json::{Value, json};

use super::objects::{create_one, identifies, located};
use super::shape::{Selection, changes_of};
use crate::http::{Answer, Request, batch_answer, batch_error};
use crate::kind::Kind;
use crate::state::State;
use crate::values::{text_of, texts};

/// Most inputs of one batch.
const MOST_INPUTS: usize = 100;
/// Most inputs of a batch read with history.
const MOST_WITH_HISTORY: usize = 50;

/// `POST /{type}/batch/{what}`.
pub(super) fn answer(state: &mut State, request: &Request, kind: Kind, rest: &[&str]) -> Option<Answer> {
    let [_, what] = rest else { return None };
    if request.method != "POST" {
        return None;
    }
    if !request.body["inputs"].is_array() {
        return Some(state.invalid("Invalid input JSON: inputs is required"));
    }
    if request.inputs().len() > MOST_INPUTS {
        let message = format!("The maximum batch size is {MOST_INPUTS}; got {}", request.inputs().len());
        return Some(state.invalid(&message));
    }
    match *what {
        "read" => Some(read(state, request, kind)),
        "create" => Some(write(state, request, kind, Write::Create)),
        "update" => Some(write(state, request, kind, Write::Update)),
        "upsert" => Some(write(state, request, kind, Write::Upsert)),
        "archive" => {
            let cause = request.cause(state);
            for input in kept(request) {
                state.archive(kind, &text_of(&input["id"]), &cause);
            }
            Some(Answer::empty())
        }
        _ => None,
    }
}

/// The inputs that are processed: under a partial fault the last one is not.
fn kept(request: &Request) -> &[Value] {
    let inputs = request.inputs();
    if request.partial { inputs.split_last().map(|(_, kept)| kept).unwrap_or_default() } else { inputs }
}

/// The error entry of the input that a partial fault struck.
fn partial_error(request: &Request) -> Option<Value> {
    let last = request.inputs().last().filter(|_| request.partial)?;
    let ids = json!({"ids": [text_of(&last["id"])]});
    Some(batch_error("INTERNAL_ERROR", "There was a problem with this input.", ids))
}

fn missing(kind: Kind, id: &str) -> Value {
    let message = format!("Could not get {} with id {id}: not found", kind.plural().to_ascii_uppercase());
    batch_error("OBJECT_NOT_FOUND", &message, json!({"ids": [id]}))
}

fn read(state: &mut State, request: &Request, kind: Kind) -> Answer {
    let body = &request.body;
    let selection = Selection {
        properties: texts(&body["properties"]),
        with_history: texts(&body["propertiesWithHistory"]),
        associations: Vec::new(),
    };
    if !selection.with_history.is_empty() && request.inputs().len() > MOST_WITH_HISTORY {
        let message = format!("The maximum batch size with history is {MOST_WITH_HISTORY}");
        return state.invalid(&message);
    }
    let id_property = body["idProperty"].as_str();
    if !identifies(state, kind, id_property) {
        return state.invalid("idProperty is not a unique property");
    }
    let archived = request.parameter("archived") == Some("true");
    let mut results: Vec<Value> = Vec::new();
    let mut errors = Vec::new();
    for input in kept(request) {
        let id = text_of(&input["id"]);
        let found = located(state, kind, &id, id_property)
            .and_then(|id| state.record(kind, &id))
            .filter(|record| record.is_archived() == archived);
        match found {
            // Two old ids of one merged record are answered once.
            Some(record) if results.iter().any(|known| known["id"] == record.id.as_str()) => {}
            Some(record) => results.push(state.shape(record, &selection)),
            None => errors.push(missing(kind, &id)),
        }
    }
    errors.extend(partial_error(request));
    batch_answer(200, results, errors, request.now)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Write {
    Create,
    Update,
    Upsert,
}

fn write(state: &mut State, request: &Request, kind: Kind, how: Write) -> Answer {
    let cause = request.cause(state);
    let traced = request.inputs().iter().all(|input| input["objectWriteTraceId"].is_string());
    if !traced && let Some(refused) = first_refusal(state, request, kind, how) {
        return refused;
    }
    let mut results: Vec<Value> = Vec::new();
    let mut errors = Vec::new();
    let mut seen: Vec<&Value> = Vec::new();
    for input in kept(request) {
        if how == Write::Create && kind == Kind::LineItem && seen.contains(&input) {
            continue;
        }
        seen.push(input);
        match write_one(state, kind, how, input, &cause) {
            Ok((id, new)) => {
                let mut result = state.shape_written(kind, &id, &changes_of(input));
                if let Some(new) = new {
                    result["new"] = json!(new);
                    // Upserts answer filled properties only.
                    if let Some(properties) = result["properties"].as_object_mut() {
                        properties.retain(|_, value| !value.is_null());
                    }
                }
                if let Some(trace) = input["objectWriteTraceId"].as_str() {
                    result["objectWriteTraceId"] = json!(trace);
                }
                results.push(result);
            }
            Err(error) => errors.push(error),
        }
    }
    errors.extend(partial_error(request));
    batch_answer(if how == Write::Create { 201 } else { 200 }, results, errors, request.now)
}

/// The refusal of the first invalid input, before anything is written.
fn first_refusal(state: &mut State, request: &Request, kind: Kind, how: Write) -> Option<Answer> {
    for input in request.inputs() {
        let own = if how == Write::Create { None } else { target(state, kind, input) };
        if let Err(refusal) = state.check(kind, own.as_deref(), &changes_of(input)) {
            return Some(state.refused(&refusal));
        }
    }
    None
}

fn target(state: &State, kind: Kind, input: &Value) -> Option<String> {
    located(state, kind, &text_of(&input["id"]), input["idProperty"].as_str())
        .filter(|id| state.living(kind, id).is_some())
}

/// Writes one input; answers the record's id and, for upserts, whether it is new.
fn write_one(
    state: &mut State,
    kind: Kind,
    how: Write,
    input: &Value,
    cause: &crate::events::Cause,
) -> Result<(String, Option<bool>), Value> {
    let mut changes = changes_of(input);
    let given = text_of(&input["id"]);
    let existing = if how == Write::Create { None } else { target(state, kind, input) };
    let error_of = |answer: Answer| {
        let mut error = answer.body;
        error["errors"] = error.get("errors").cloned().unwrap_or_else(|| json!([]));
        error["links"] = json!({});
        error["context"] = json!({
            "ids": [given], "objectWriteTraceId": [text_of(&input["objectWriteTraceId"])],
        });
        error
    };
    match (how, existing) {
        (Write::Update | Write::Upsert, Some(id)) => {
            if let Err(refusal) = state.check(kind, Some(&id), &changes) {
                let answer = state.refused(&refusal);
                return Err(error_of(answer));
            }
            state.write(kind, &id, changes, cause);
            Ok((id, (how == Write::Upsert).then_some(false)))
        }
        (Write::Update, None) => Err(missing(kind, &given)),
        (Write::Create | Write::Upsert, _) => {
            if let Some(property) = input["idProperty"].as_str()
                && !changes.iter().any(|(name, _)| name == property)
            {
                changes.push((property.to_owned(), given.clone()));
            }
            let id = create_one(state, kind, input, &changes, cause).map_err(error_of)?;
            Ok((id, (how == Write::Upsert).then_some(true)))
        }
    }
}
