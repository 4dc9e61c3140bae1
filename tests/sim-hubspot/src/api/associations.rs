//! Associations: batches, single pairs, default ones.

use serde_json::{Value, json};

use super::objects::type_ids;
use crate::events::number;
use crate::http::{Answer, Request, batch_answer, batch_error};
use crate::kind::Kind;
use crate::labels::AssociationType;
use crate::links::Key;
use crate::state::State;
use crate::values::text_of;

const MOST_READ: usize = 1_000;
const MOST_WRITTEN: usize = 2_000;

/// `POST /crm/associations/{version}/{from}/{to}/batch/...`.
pub(super) fn answer(
    state: &mut State,
    request: &Request,
    from: Kind,
    to: Kind,
    rest: &[&str],
) -> Option<Answer> {
    if request.method != "POST" {
        return None;
    }
    if !request.body["inputs"].is_array() {
        return Some(state.invalid("Invalid input JSON: inputs is required"));
    }
    let most = if rest == ["batch", "read"] { MOST_READ } else { MOST_WRITTEN };
    if request.inputs().len() > most {
        return Some(state.invalid(&format!("The maximum batch size is {most}")));
    }
    match rest {
        ["batch", "read"] => Some(read(state, request, from, to)),
        ["batch", "create"] => Some(create(state, request, from, to)),
        ["batch", "associate", "default"] => Some(create_default(state, request, from, to)),
        ["batch", "archive"] => Some(archive(state, request, from, to)),
        ["batch", "labels", "archive"] => Some(archive_labels(state, request, from, to)),
        _ => None,
    }
}

fn read(state: &mut State, request: &Request, from: Kind, to: Kind) -> Answer {
    let mut results = Vec::new();
    let mut errors = Vec::new();
    let page = state.config.association_page_size;
    for input in request.inputs() {
        let id = text_of(&input["id"]);
        // Old ids of merged records have no associations: those belong to the survivor's id.
        let found = state.associated(&(from, id.clone()), to);
        if found.is_empty() {
            if state.switches.no_associations_are_errors {
                errors.push(without_associations(from, to, &id));
            }
            continue;
        }
        let start: usize = text_of(&input["after"]).parse().unwrap_or(0);
        let shown: Vec<Value> = found
            .iter()
            .skip(start)
            .take(page)
            .map(|(id, types)| {
                let types: Vec<Value> = types
                    .iter()
                    .filter_map(|type_id| state.types.find(from, to, *type_id))
                    .map(AssociationType::as_value)
                    .collect();
                let id = if request.is_v4() { number(id) } else { json!(id) };
                json!({"toObjectId": id, "associationTypes": types})
            })
            .collect();
        let mut result = json!({"from": {"id": id}, "to": shown});
        if start + page < found.len() {
            result["paging"] = json!({"next": {"after": (start + page).to_string()}});
        }
        results.push(result);
    }
    if request.partial
        && let Some(lost) = results.pop()
    {
        let ids = json!({"fromObjectId": [lost["from"]["id"]]});
        errors.push(batch_error("INTERNAL_ERROR", "There was a problem with this input.", ids));
    }
    batch_answer(200, results, errors, request.now)
}

fn without_associations(from: Kind, to: Kind, id: &str) -> Value {
    let message = format!("No {} is associated with {} {id}.", to.singular(), from.singular());
    let context =
        json!({"fromObjectId": [id], "fromObjectType": [from.singular()], "toObjectType": [to.singular()]});
    let mut error = batch_error("OBJECT_NOT_FOUND", &message, context);
    error["subCategory"] = json!("crm.associations.NO_ASSOCIATIONS_FOUND");
    error
}

/// The two living records of an input, or the error entry that names the missing one.
fn pair(state: &State, from: (Kind, &str), to: (Kind, &str)) -> Result<(Key, Key), Value> {
    let living = |(kind, id): (Kind, &str)| {
        state.living(kind, id).map(|record| (kind, record.id.clone())).ok_or_else(|| {
            let message = format!("{} with id {id} does not exist", kind.singular());
            batch_error("OBJECT_NOT_FOUND", &message, json!({"ids": [id]}))
        })
    };
    Ok((living(from)?, living(to)?))
}

fn known_types(state: &State, from: Kind, to: Kind, types: &[u32]) -> bool {
    types.iter().all(|id| state.types.find(from, to, *id).is_some())
}

/// Sets the types of a pair: the portal's labels that are not named again are lost.
fn set_types(state: &mut State, request: &Request, from: &Key, to: &Key, types: &[u32]) -> Value {
    let cause = request.cause(state);
    state.link(from, to, types, &cause);
    state.keep_only_labels(from, to, types, &cause);
    let labels: Vec<String> = state
        .links
        .types(from, to)
        .iter()
        .filter_map(|id| state.types.find(from.0, to.0, *id)?.label.clone())
        .collect();
    json!({
        "fromObjectTypeId": from.0.type_id(), "fromObjectId": object_id(request, &from.1),
        "toObjectTypeId": to.0.type_id(), "toObjectId": object_id(request, &to.1), "labels": labels,
    })
}

fn object_id(request: &Request, id: &str) -> Value {
    if request.is_v4() { number(id) } else { json!(id) }
}

fn create(state: &mut State, request: &Request, from: Kind, to: Kind) -> Answer {
    if !request.inputs().iter().all(|input| known_types(state, from, to, &type_ids(&input["types"]))) {
        return state.invalid("One or more association types are not valid for this pair of object types");
    }
    let mut results = Vec::new();
    let mut errors = Vec::new();
    for input in request.inputs() {
        let (left, right) = (text_of(&input["from"]["id"]), text_of(&input["to"]["id"]));
        match pair(state, (from, &left), (to, &right)) {
            Ok((left, right)) => {
                results.push(set_types(state, request, &left, &right, &type_ids(&input["types"])));
            }
            Err(error) => errors.push(error),
        }
    }
    batch_answer(if request.is_v4() { 201 } else { 200 }, results, errors, request.now)
}

fn create_default(state: &mut State, request: &Request, from: Kind, to: Kind) -> Answer {
    let mut results = Vec::new();
    let mut errors = Vec::new();
    for input in request.inputs() {
        let (left, right) = (text_of(&input["from"]["id"]), text_of(&input["to"]["id"]));
        match pair(state, (from, &left), (to, &right)) {
            Ok((left, right)) => results.extend(link_default(state, request, &left, &right)),
            Err(error) => errors.push(error),
        }
    }
    batch_answer(200, results, errors, request.now)
}

/// Makes the plain association; answers one entry for each direction.
fn link_default(state: &mut State, request: &Request, from: &Key, to: &Key) -> Vec<Value> {
    let cause = request.cause(state);
    state.link(from, to, &[], &cause);
    [(from, to), (to, from)]
        .into_iter()
        .filter_map(|(one, other)| {
            let plain = state.types.plain(one.0, other.0)?;
            let spec = json!({"associationCategory": plain.category, "associationTypeId": plain.type_id});
            Some(json!({"from": {"id": one.1}, "to": {"id": other.1}, "associationSpec": spec}))
        })
        .collect()
}

fn archive(state: &mut State, request: &Request, from: Kind, to: Kind) -> Answer {
    let cause = request.cause(state);
    for input in request.inputs() {
        let left = (from, text_of(&input["from"]["id"]));
        for target in input["to"].as_array().map(Vec::as_slice).unwrap_or_default() {
            state.unlink(&left, &(to, text_of(&target["id"])), &cause);
        }
    }
    archived(request)
}

/// The answer to a batch of removals: an empty batch since 2026-09, nothing before.
fn archived(request: &Request) -> Answer {
    if request.is_v4() {
        return Answer::empty();
    }
    batch_answer(200, Vec::new(), Vec::new(), request.now)
}

fn archive_labels(state: &mut State, request: &Request, from: Kind, to: Kind) -> Answer {
    let cause = request.cause(state);
    for input in request.inputs() {
        let left = (from, text_of(&input["from"]["id"]));
        let right = (to, text_of(&input["to"]["id"]));
        state.unlabel(&left, &right, &type_ids(&input["types"]), &cause);
    }
    archived(request)
}

/// `/crm/objects/{version}/{from}/{id}/associations/...`.
pub(super) fn single(
    state: &mut State,
    request: &Request,
    from: Kind,
    id: &str,
    rest: &[&str],
) -> Option<Answer> {
    let (default, to, to_id) = match rest {
        ["default", to, to_id] => (true, Kind::parse(to)?, *to_id),
        [to, to_id] => (false, Kind::parse(to)?, *to_id),
        // Only the v4 twin lists the associations of one record.
        [to] if request.method == "GET" && request.is_v4() => {
            return Some(list_of_one(state, request, from, id, Kind::parse(to)?));
        }
        _ => return None,
    };
    if !matches!(request.method.as_str(), "PUT" | "DELETE") {
        return None;
    }
    if request.method == "DELETE" {
        let cause = request.cause(state);
        state.unlink(&(from, id.to_owned()), &(to, to_id.to_owned()), &cause);
        return Some(Answer::empty());
    }
    let Ok((left, right)) = pair(state, (from, id), (to, to_id)) else { return Some(state.not_found()) };
    if default {
        let results = link_default(state, request, &left, &right);
        return Some(batch_answer(200, results, Vec::new(), request.now));
    }
    let types = type_ids(&request.body);
    if types.is_empty() || !known_types(state, from, to, &types) {
        return Some(
            state.invalid("One or more association types are not valid for this pair of object types"),
        );
    }
    Some(Answer::new(201, set_types(state, request, &left, &right, &types)))
}

fn list_of_one(state: &mut State, request: &Request, from: Kind, id: &str, to: Kind) -> Answer {
    if state.living(from, id).is_none() {
        return state.not_found();
    }
    let mut inner = request.clone();
    inner.body = json!({"inputs": [{"id": id, "after": request.parameter("after").unwrap_or_default()}]});
    let body = read(state, &inner, from, to).body;
    let found = &body["results"][0];
    let mut list = json!({"results": found["to"].as_array().cloned().unwrap_or_default()});
    if let Some(paging) = found.get("paging") {
        list["paging"] = paging.clone();
    }
    Answer::ok(list)
}
