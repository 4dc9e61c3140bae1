//! Which stages are won and lost, by the pipelines' metadata, kept for ten minutes.
//!
//! Asked only when a deal's own flags (`hs_is_closed_won`, `hs_is_closed_lost`) are not filled.

use crate::cache::Cached;
use crate::client::{Api, Call, VERSION, read};
use crate::dto::pipeline::{Metadata, Pipelines as Answer};
use crate::error::Fault;
use connector_domain::money::parse_decimal;
use jiff::SignedDuration;
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

const MAX_AGE: SignedDuration = SignedDuration::from_mins(10);
/// A stage that is not in the list may have been made just now; the list is read again for it, but not more
/// often than this.
const MIN_AGE: SignedDuration = SignedDuration::from_secs(60);

/// What a stage means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Closed {
    pub(crate) won: bool,
    pub(crate) lost: bool,
}

/// Stage ids with their pipelines' ids.
type Stages = Arc<HashMap<(String, String), Closed>>;

pub(crate) struct Pipelines {
    cache: Cached<Stages>,
}

impl Pipelines {
    pub(crate) fn new() -> Self {
        Self { cache: Cached::new(MAX_AGE) }
    }

    /// What a deal's stage means; neither won nor lost when no pipeline has it.
    pub(crate) async fn judge(
        &self,
        api: &Api,
        pipeline: Option<&str>,
        stage: Option<&str>,
    ) -> Result<Closed, Fault> {
        let Some(stage) = stage else { return Ok(Closed::default()) };
        let stages = self.cache.get(api.now(), || load(api)).await?;
        if let Some(closed) = find(&stages, pipeline, stage) {
            return Ok(closed);
        }
        let stages = self.cache.younger_than(MIN_AGE, api.now(), || load(api)).await?;
        Ok(find(&stages, pipeline, stage).unwrap_or_default())
    }
}

fn find(stages: &Stages, pipeline: Option<&str>, stage: &str) -> Option<Closed> {
    match pipeline {
        Some(pipeline) => stages.get(&(pipeline.to_owned(), stage.to_owned())).copied(),
        None => stages.iter().find(|((_, id), _)| id == stage).map(|(_, closed)| *closed),
    }
}

async fn load(api: &Api) -> Result<Stages, Fault> {
    let path = ["crm", "pipelines", VERSION, "deals"];
    let reply = api.call(Call::get(&path)).await.map_err(Fault::for_read)?;
    let answer: Answer = read(&reply).map_err(Fault::for_read)?;
    let stages = answer.results.into_iter().flat_map(|pipeline| {
        let id = pipeline.id;
        pipeline.stages.into_iter().map(move |stage| {
            let closed = stage.metadata.as_ref().map(closed).unwrap_or_default();
            ((id.clone(), stage.id), closed)
        })
    });
    Ok(Arc::new(stages.collect()))
}

fn closed(metadata: &Metadata) -> Closed {
    let text = |value: &Option<Value>| match value {
        Some(Value::String(text)) => text.trim().to_ascii_lowercase(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let probability = parse_decimal(&text(&metadata.probability));
    Closed {
        won: probability == Some(Decimal::ONE),
        lost: probability == Some(Decimal::ZERO) && text(&metadata.is_closed) == "true",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn probability_one_is_won_and_closed_at_zero_is_lost() {
        let check = |metadata: Value, won: bool, lost: bool| {
            let read: Metadata = serde_json::from_value(metadata.clone()).unwrap();
            assert_eq!(closed(&read), Closed { won, lost }, "{metadata}");
        };
        check(json!({"isClosed": "true", "probability": "1.0"}), true, false);
        check(json!({"isClosed": true, "probability": 1}), true, false);
        check(json!({"isClosed": "true", "probability": "0.0"}), false, true);
        check(json!({"isClosed": "false", "probability": "0.0"}), false, false);
        check(json!({"isClosed": "false", "probability": "0.9"}), false, false);
        check(json!({"probability": null}), false, false);
        check(json!({}), false, false);
    }
}
