//! Property definitions and groups: `/crm/properties/{version}/{type}`.

use serde_json::{Value, json};

use crate::clock::iso;
use crate::http::{Answer, Request, batch_answer, batch_error};
use crate::kind::Kind;
use crate::state::State;
use crate::values::text_of;

/// Answers a call about property definitions.
pub(super) fn answer(state: &mut State, request: &Request, kind: Kind, rest: &[&str]) -> Option<Answer> {
    match (request.method.as_str(), rest) {
        ("GET", []) => {
            let all: Vec<&Value> = state
                .defined(kind)
                .properties
                .values()
                .filter(|definition| definition["archived"] != true)
                .collect();
            Some(Answer::ok(json!({"results": all})))
        }
        ("POST", []) => Some(match create(state, request, kind, &request.body) {
            Ok(made) => Answer::new(201, made),
            Err(answer) => answer,
        }),
        ("GET", ["groups"]) => {
            let all: Vec<&Value> = state.defined(kind).groups.values().collect();
            Some(Answer::ok(json!({"results": all})))
        }
        ("POST", ["groups"]) => Some(create_group(state, request, kind)),
        (method, ["groups", name]) => group(state, request, kind, method, name),
        ("POST", ["batch", what]) => batch(state, request, kind, what),
        (method, [name]) => property(state, request, kind, method, name),
        _ => None,
    }
}

fn property(state: &mut State, request: &Request, kind: Kind, method: &str, name: &str) -> Option<Answer> {
    if state.defined(kind).get(name).is_none() {
        let message = format!("Property \"{name}\" does not exist");
        return Some(state.error(404, "OBJECT_NOT_FOUND", &message));
    }
    let definition = state.definitions.get_mut(&kind)?.properties.get_mut(name)?;
    match method {
        "GET" => Some(Answer::ok(definition.clone())),
        "PATCH" => {
            merge_into(definition, &request.body);
            definition["updatedAt"] = json!(iso(request.now));
            Some(Answer::ok(definition.clone()))
        }
        "DELETE" if definition["hubspotDefined"] == true => {
            Some(state.invalid("HubSpot defined properties cannot be archived"))
        }
        "DELETE" => {
            definition["archived"] = json!(true);
            Some(Answer::empty())
        }
        _ => None,
    }
}

fn merge_into(definition: &mut Value, changes: &Value) {
    for (name, value) in changes.as_object().into_iter().flatten() {
        definition[name.as_str()] = value.clone();
    }
}

fn create(state: &mut State, request: &Request, kind: Kind, body: &Value) -> Result<Value, Answer> {
    const TYPES: [&str; 7] = ["bool", "date", "datetime", "enumeration", "number", "phone_number", "string"];
    for needed in ["name", "label", "groupName", "type", "fieldType"] {
        if !body[needed].is_string() {
            return Err(state.invalid(&format!("Invalid input JSON: {needed} is required")));
        }
    }
    let name = text_of(&body["name"]);
    let plain = name.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_');
    if !plain || !name.starts_with(|sign: char| sign.is_ascii_lowercase()) {
        return Err(state.invalid(&format!("The property name {name} is not valid")));
    }
    if !TYPES.contains(&text_of(&body["type"]).as_str()) {
        return Err(state.invalid(&format!("Unknown property type {}", body["type"])));
    }
    if !state.defined(kind).groups.contains_key(&text_of(&body["groupName"])) {
        return Err(state.invalid(&format!("Property group {} does not exist", body["groupName"])));
    }
    if body["type"] == "bool" && !body["options"].is_array() {
        return Err(state.invalid("Properties of type bool need the options true and false"));
    }
    if state.defined(kind).get(&name).is_some() {
        let message = format!("A property named '{name}' already exists.");
        return Err(state.error(409, "OBJECT_ALREADY_EXISTS", &message));
    }
    let now = iso(request.now);
    let mut made = json!({
        "description": "", "options": [], "displayOrder": -1, "calculated": false, "externalOptions": false,
        "hasUniqueValue": false, "hidden": false, "hubspotDefined": false, "formField": false,
        "archived": false, "dataSensitivity": "non_sensitive", "createdAt": now, "updatedAt": now,
        "modificationMetadata": {
            "archivable": true, "readOnlyDefinition": false, "readOnlyValue": false, "readOnlyOptions": false,
        },
    });
    merge_into(&mut made, body);
    if let Some(defined) = state.definitions.get_mut(&kind) {
        defined.properties.insert(name, made.clone());
    }
    Ok(made)
}

fn create_group(state: &mut State, request: &Request, kind: Kind) -> Answer {
    let name = text_of(&request.body["name"]);
    if name.is_empty() || !request.body["label"].is_string() {
        return state.invalid("Invalid input JSON: name and label are required");
    }
    if state.defined(kind).groups.contains_key(&name) {
        let message = format!("A property group named '{name}' already exists.");
        return state.error(409, "OBJECT_ALREADY_EXISTS", &message);
    }
    let mut made = json!({"displayOrder": -1, "archived": false});
    merge_into(&mut made, &request.body);
    if let Some(defined) = state.definitions.get_mut(&kind) {
        defined.groups.insert(name, made.clone());
    }
    Answer::new(201, made)
}

fn group(state: &mut State, request: &Request, kind: Kind, method: &str, name: &str) -> Option<Answer> {
    let Some(found) = state.definitions.get_mut(&kind).and_then(|own| own.groups.get_mut(name)) else {
        return Some(state.not_found());
    };
    match method {
        "GET" => Some(Answer::ok(found.clone())),
        "PATCH" => {
            merge_into(found, &request.body);
            Some(Answer::ok(found.clone()))
        }
        "DELETE" => {
            state.definitions.get_mut(&kind)?.groups.remove(name);
            Some(Answer::empty())
        }
        _ => None,
    }
}

fn batch(state: &mut State, request: &Request, kind: Kind, what: &str) -> Option<Answer> {
    let mut results = Vec::new();
    let mut errors = Vec::new();
    for input in request.inputs() {
        let name = text_of(&input["name"]);
        match what {
            "read" => match state.defined(kind).get(&name) {
                Some(found) => results.push(found.clone()),
                None => errors.push(batch_error(
                    "OBJECT_NOT_FOUND",
                    &format!("Property \"{name}\" does not exist"),
                    json!({"name": [name]}),
                )),
            },
            "create" => match create(state, request, kind, input) {
                Ok(made) => results.push(made),
                Err(answer) => {
                    let (category, message) =
                        (text_of(&answer.body["category"]), text_of(&answer.body["message"]));
                    errors.push(batch_error(&category, &message, json!({"name": [name]})));
                }
            },
            "archive" => {
                property(state, request, kind, "DELETE", &name);
            }
            _ => return None,
        }
    }
    if what == "archive" {
        return Some(Answer::empty());
    }
    let created = what == "create" && request.path.contains("/v3/");
    Some(batch_answer(if created { 201 } else { 200 }, results, errors, request.now))
}
