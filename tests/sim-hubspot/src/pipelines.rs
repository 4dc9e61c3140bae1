//! Deal pipelines: the default one and a second one, "Partner", with stage ids of its own.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::iso;

/// Id of the pipeline "Partner".
pub const PARTNER_PIPELINE: &str = "31740021";
/// Id of its stage "Contract sent" (90 percent, open).
pub const PARTNER_CONTRACT_SENT: &str = "31740022";
/// Id of its stage "Signed" (won).
pub const PARTNER_SIGNED: &str = "31740023";

const DEFAULT_STAGES: [(&str, &str, &str); 7] = [
    ("appointmentscheduled", "Appointment scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified to buy", "0.4"),
    ("presentationscheduled", "Presentation scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision maker bought-in", "0.8"),
    ("contractsent", "Contract sent", "0.9"),
    ("closedwon", "Closed won", "1.0"),
    ("closedlost", "Closed lost", "0.0"),
];

const PARTNER_STAGES: [(&str, &str, &str); 2] =
    [(PARTNER_CONTRACT_SENT, "Contract sent", "0.9"), (PARTNER_SIGNED, "Signed", "1.0")];

/// The deal pipelines of a new portal, as HubSpot answers them.
pub(crate) fn seeded(now: Timestamp) -> Vec<Value> {
    vec![
        pipeline("default", "Sales pipeline", 0, &DEFAULT_STAGES, now),
        pipeline(PARTNER_PIPELINE, "Partner", 1, &PARTNER_STAGES, now),
    ]
}

fn pipeline(id: &str, label: &str, order: u32, stages: &[(&str, &str, &str)], now: Timestamp) -> Value {
    let stages: Vec<Value> = stages
        .iter()
        .enumerate()
        .map(|(at, (id, label, probability))| stage(id, label, at, probability, now))
        .collect();
    json!({
        "id": id, "label": label, "displayOrder": order, "stages": stages, "archived": false,
        "createdAt": iso(now), "updatedAt": iso(now),
    })
}

/// One stage; it is closed where the probability is exactly 0 or 1.
pub(crate) fn stage(id: &str, label: &str, at: usize, probability: &str, now: Timestamp) -> Value {
    let closed = probability == "1.0" || probability == "0.0";
    json!({
        "id": id, "label": label, "displayOrder": at, "archived": false,
        "metadata": {"isClosed": closed.to_string(), "probability": probability},
        "createdAt": iso(now), "updatedAt": iso(now), "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
    })
}

/// What the stage of a deal says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StageMeaning {
    pub(crate) pipeline: String,
    pub(crate) closed: bool,
    pub(crate) won: bool,
    pub(crate) lost: bool,
    pub(crate) probability: String,
}

/// Looks a stage up, first in the deal's own pipeline.
pub(crate) fn meaning(pipelines: &[Value], pipeline: Option<&str>, stage: &str) -> Option<StageMeaning> {
    let mut candidates: Vec<&Value> = pipelines.iter().collect();
    candidates.sort_by_key(|candidate| candidate["id"].as_str() != pipeline);
    candidates.into_iter().find_map(|candidate| {
        let found = candidate["stages"].as_array()?.iter().find(|entry| entry["id"] == stage)?;
        let closed = found["metadata"]["isClosed"] == "true";
        let probability = found["metadata"]["probability"].as_str().unwrap_or("0.0").to_owned();
        let value: rust_decimal::Decimal = probability.parse().unwrap_or_default();
        Some(StageMeaning {
            pipeline: candidate["id"].as_str().unwrap_or_default().to_owned(),
            closed,
            won: closed && value == rust_decimal::Decimal::ONE,
            lost: closed && value.is_zero(),
            probability: value.normalize().to_string(),
        })
    })
}
