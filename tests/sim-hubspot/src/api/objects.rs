//! Single records: list, create, read, update, archive, merge, privacy deletion.

use serde_json::{Value, json};

use super::shape::{Selection, changes_of};
use crate::events::Cause;
use crate::http::{Answer, Request};
use crate::kind::Kind;
use crate::records::Changes;
use crate::state::State;
use crate::values::text_of;

fn selection(request: &Request) -> Selection {
    Selection {
        properties: request.list("properties"),
        with_history: request.list("propertiesWithHistory"),
        associations: request.list("associations").iter().filter_map(|name| Kind::parse(name)).collect(),
    }
}

/// `GET /{type}`.
pub(super) fn list(state: &mut State, request: &Request, kind: Kind) -> Answer {
    let limit: usize = request.parameter("limit").and_then(|text| text.parse().ok()).unwrap_or(10);
    if limit > 100 {
        return state.invalid("limit must be at most 100");
    }
    let archived = request.parameter("archived") == Some("true");
    let after: u64 = request.parameter("after").and_then(|text| text.parse().ok()).unwrap_or(0);
    let selection = selection(request);
    let wanted = |id: &str| id.parse::<u64>().is_ok_and(|id| id >= after);
    let mut found = state.of(kind).filter(|record| record.is_archived() == archived && wanted(&record.id));
    let results: Vec<Value> =
        found.by_ref().take(limit).map(|record| state.shape(record, &selection)).collect();
    let mut body = json!({"results": results});
    if let Some(next) = found.next() {
        body["paging"] = json!({"next": {"after": next.id, "link": ""}});
    }
    Answer::ok(body)
}

/// `POST /{type}`.
pub(super) fn create(state: &mut State, request: &Request, kind: Kind) -> Answer {
    let changes = changes_of(&request.body);
    match create_one(state, kind, &request.body, &changes, &request.cause(state)) {
        Ok(id) => Answer::new(201, state.shape_written(kind, &id, &changes)),
        Err(answer) => answer,
    }
}

/// Creates one record with its associations, or says why not.
pub(super) fn create_one(
    state: &mut State,
    kind: Kind,
    input: &Value,
    changes: &Changes,
    cause: &Cause,
) -> Result<String, Answer> {
    if let Some((_, email)) = changes.iter().find(|(name, _)| kind == Kind::Contact && name == "email")
        && let Some(existing) = state.find_by(kind, "email", email)
    {
        let message = format!("Contact already exists. Existing ID: {existing}");
        return Err(state.error(409, "CONFLICT", &message));
    }
    if let Err(refusal) = state.check(kind, None, changes) {
        return Err(state.refused(&refusal));
    }
    let mut targets: Vec<(Kind, String, Vec<u32>)> = Vec::new();
    for association in input["associations"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let types: Vec<u32> = type_ids(&association["types"]);
        let Some(to) = types.first().and_then(|id| state.types.target_of(kind, *id)) else {
            return Err(state.invalid("invalid association types"));
        };
        let id = state.resolve(to, &text_of(&association["to"]["id"]));
        if state.living(to, &id).is_none() {
            return Err(state.invalid(&format!("{} {id} does not exist", to.singular())));
        }
        targets.push((to, id, types));
    }
    let id = state.create(kind, None, changes.clone(), cause);
    for (to, target, types) in targets {
        state.link(&(kind, id.clone()), &(to, target), &types, cause);
    }
    Ok(id)
}

/// The type ids of a list of association types, in either spelling.
pub(super) fn type_ids(types: &Value) -> Vec<u32> {
    types
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .filter_map(|one| one["associationTypeId"].as_u64().or_else(|| one["typeId"].as_u64()))
        .filter_map(|id| u32::try_from(id).ok())
        .collect()
}

/// The id that a path or an input means: a record id, or a value of `idProperty`.
pub(super) fn located(state: &State, kind: Kind, id: &str, id_property: Option<&str>) -> Option<String> {
    match id_property {
        None | Some("" | "hs_object_id") => state.record(kind, id).map(|record| record.id.clone()),
        Some(property) => state.find_by(kind, property, id),
    }
}

/// Whether a property may identify records.
pub(super) fn identifies(state: &State, kind: Kind, property: Option<&str>) -> bool {
    match property {
        None | Some("" | "hs_object_id") => true,
        Some(property) => state.defined(kind).is_unique(property),
    }
}

fn not_unique(state: &mut State, property: Option<&str>) -> Answer {
    state.invalid(&format!("{} is not a unique property", property.unwrap_or_default()))
}

/// `GET /{type}/{id}`.
pub(super) fn get(state: &mut State, request: &Request, kind: Kind, id: &str) -> Answer {
    let id_property = request.parameter("idProperty");
    if !identifies(state, kind, id_property) {
        return not_unique(state, id_property);
    }
    let archived = request.parameter("archived") == Some("true");
    let found = located(state, kind, id, id_property).and_then(|id| {
        let record = state.record(kind, &id).filter(|record| record.is_archived() == archived)?;
        Some(state.shape(record, &selection(request)))
    });
    found.map_or_else(|| state.not_found(), Answer::ok)
}

/// `PATCH /{type}/{id}`.
pub(super) fn update(state: &mut State, request: &Request, kind: Kind, id: &str) -> Answer {
    let id_property = request.parameter("idProperty");
    if !identifies(state, kind, id_property) {
        return not_unique(state, id_property);
    }
    let found = located(state, kind, id, id_property).filter(|id| state.living(kind, id).is_some());
    let Some(id) = found else { return state.not_found() };
    let changes = changes_of(&request.body);
    if let Err(refusal) = state.check(kind, Some(&id), &changes) {
        return state.refused(&refusal);
    }
    let cause = request.cause(state);
    state.write(kind, &id, changes.clone(), &cause);
    Answer::ok(state.shape_written(kind, &id, &changes))
}

/// `DELETE /{type}/{id}`.
pub(super) fn archive(state: &mut State, request: &Request, kind: Kind, id: &str) -> Answer {
    let cause = request.cause(state);
    if state.archive(kind, id, &cause) { Answer::empty() } else { state.not_found() }
}

/// `POST /{type}/merge`.
pub(super) fn merge(state: &mut State, request: &Request, kind: Kind) -> Answer {
    if matches!(kind, Kind::LineItem | Kind::Product) {
        return state.invalid("records of this type cannot be merged");
    }
    let winner = text_of(&request.body["primaryObjectId"]);
    let loser = text_of(&request.body["objectIdToMerge"]);
    let cause = request.cause(state);
    match state.merge(kind, &winner, &loser, &cause) {
        Some(id) => Answer::ok(state.shape_written(kind, &id, &Changes::new())),
        None => state.not_found(),
    }
}

/// `POST /contacts/gdpr-delete`.
pub(super) fn privacy_delete(state: &mut State, request: &Request) -> Answer {
    let given = text_of(&request.body["objectId"]);
    let id_property = request.body["idProperty"].as_str();
    let cause = request.cause(state);
    if let Some(id) = located(state, Kind::Contact, &given, id_property) {
        state.privacy_delete(&id, &cause);
    }
    Answer::empty()
}
