//! `GET /crm/pipelines/2026-09/deals` (`hubspot.md` 4.8).

use serde::Deserialize;
use serde_json::Value;

/// The list of all pipelines; it is not paged.
#[derive(Deserialize)]
pub(crate) struct Pipelines {
    pub(crate) results: Vec<Pipeline>,
}

/// One pipeline.
#[derive(Deserialize)]
pub(crate) struct Pipeline {
    pub(crate) id: String,
    pub(crate) stages: Vec<Stage>,
}

/// One stage.
#[derive(Deserialize)]
pub(crate) struct Stage {
    pub(crate) id: String,
    pub(crate) metadata: Option<Metadata>,
}

/// Texts, though they mean a truth value and a number.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) is_closed: Option<Value>,
    pub(crate) probability: Option<Value>,
}
