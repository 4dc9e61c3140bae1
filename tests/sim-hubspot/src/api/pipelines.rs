//! Deal pipelines: `/crm/pipelines/{version}/deals`, to read, and to add pipelines and stages.

use serde_json::{Value, json};

use crate::clock::iso;
use crate::http::{Answer, Request};
use crate::kind::Kind;
use crate::pipelines::stage;
use crate::state::State;
use crate::values::text_of;

/// Answers a call about pipelines.
pub(super) fn answer(state: &mut State, request: &Request, rest: &[&str]) -> Option<Answer> {
    let (kind, rest) = rest.split_first()?;
    if Kind::parse(kind) != Some(Kind::Deal) {
        return Some(state.invalid(&format!("{kind} has no pipelines")));
    }
    match (request.method.as_str(), rest) {
        ("GET", []) => Some(Answer::ok(json!({"results": state.pipelines}))),
        ("POST", []) => Some(create(state, request)),
        ("GET", [id]) => found(state, id).map(Answer::ok),
        ("GET", [id, "stages"]) => {
            let stages = found(state, id)?["stages"].clone();
            Some(Answer::ok(json!({"results": stages})))
        }
        ("GET", [id, "stages", stage]) => {
            let pipeline = found(state, id)?;
            let stage = pipeline["stages"].as_array()?.iter().find(|own| own["id"] == *stage)?.clone();
            Some(Answer::ok(stage))
        }
        _ => None,
    }
}

fn found(state: &State, id: &str) -> Option<Value> {
    state.pipelines.iter().find(|pipeline| pipeline["id"] == id).cloned()
}

fn create(state: &mut State, request: &Request) -> Answer {
    let body = &request.body;
    let id = body["pipelineId"].as_str().map_or_else(|| state.new_id(), str::to_owned);
    let mut stages = Vec::new();
    for (at, given) in body["stages"].as_array().into_iter().flatten().enumerate() {
        let stage_id = given["stageId"].as_str().map_or_else(|| state.new_id(), str::to_owned);
        let probability = text_of(&given["metadata"]["probability"]);
        if probability.is_empty() {
            return state.invalid("Stages of deal pipelines need metadata.probability");
        }
        stages.push(stage(&stage_id, &text_of(&given["label"]), at, &probability, request.now));
    }
    let made = json!({
        "id": id, "label": text_of(&body["label"]), "displayOrder": body["displayOrder"], "stages": stages,
        "archived": false, "createdAt": iso(request.now), "updatedAt": iso(request.now),
    });
    state.pipelines.push(made.clone());
    state.offer_stages();
    Answer::new(201, made)
}
