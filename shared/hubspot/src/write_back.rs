//! Write-backs of properties, a hundred records at a time (`hubspot.md` 4.3):
//! `POST /crm/objects/{version}/{type}/batch/update`.
//!
//! One record that HubSpot refuses must not block the others: a batch that is refused as a whole is tried record
//! by record. Writing the same values again is harmless, so doubt after a lost answer costs nothing but a repeat.

use crate::client::{Api, Call, VERSION, read};
use crate::dto::BatchAnswer;
use crate::dto::record::Record;
use crate::error::{Fault, classify_entry};
use connector_domain::fault::FaultClass;
use connector_domain::ids::HubSpotId;
use connector_domain::object::ObjectKind;
use connector_http::Batcher;
use connector_http::batch::Outcome;
use connector_ports::crm::WriteBack;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// HubSpot's limit on inputs of object batches.
const MOST: usize = 100;
/// Records tried alone at the same time, so that a refused batch does not take all of our share.
const ALONE: usize = 4;

/// Record and properties.
type Input = (HubSpotId, BTreeMap<String, String>);
type Writer = Batcher<Input, (), Fault>;

/// Writes of all kinds, each batched underneath.
pub(crate) struct Writers {
    companies: Writer,
    deals: Writer,
    products: Writer,
}

impl Writers {
    pub(crate) fn new(api: &Arc<Api>) -> Self {
        let writer = |of_type: &'static str| {
            let api = Arc::clone(api);
            Batcher::new(MOST, move |inputs: Vec<Input>| {
                let api = Arc::clone(&api);
                async move { Ok(batch(&api, of_type, &inputs).await) }
            })
        };
        Self { companies: writer("companies"), deals: writer("deals"), products: writer("products") }
    }

    pub(crate) async fn write(&self, write: &WriteBack) -> Result<(), Fault> {
        if write.properties.is_empty() {
            return Ok(());
        }
        let writer = match write.object.kind {
            ObjectKind::Company => &self.companies,
            ObjectKind::Deal => &self.deals,
            ObjectKind::Product => &self.products,
            kind @ (ObjectKind::Contact | ObjectKind::LineItem) => {
                return Err(Fault::new(FaultClass::Bug, format!("nothing is written to a {kind}")));
            }
        };
        writer.call((write.object.id.clone(), write.properties.clone())).await
    }
}

/// Writes all inputs. A record that is named twice is written in the order of the calls.
async fn batch(api: &Api, of_type: &str, inputs: &[Input]) -> Vec<Result<(), Fault>> {
    let mut results: Vec<Option<Result<(), Fault>>> = inputs.iter().map(|_| None).collect();
    while results.iter().any(Option::is_none) {
        let mut seen = HashSet::new();
        let open = results.iter().zip(inputs).enumerate().filter(|(_, (result, _))| result.is_none());
        let round: Vec<(usize, &Input)> =
            open.map(|(at, (_, input))| (at, input)).filter(|(_, (id, _))| seen.insert(id)).collect();
        let once: Vec<&Input> = round.iter().map(|(_, input)| *input).collect();
        let outcomes = several(api, of_type, &once).await;
        for ((at, _), outcome) in round.into_iter().zip(outcomes) {
            if let Some(slot) = results.get_mut(at) {
                *slot = Some(outcome);
            }
        }
    }
    let lost = || Err(Fault::unreadable("a record has no result"));
    results.into_iter().map(|result| result.unwrap_or_else(lost)).collect()
}

async fn several(api: &Api, of_type: &str, inputs: &[&Input]) -> Vec<Result<(), Fault>> {
    match once(api, of_type, inputs).await {
        Ok(results) => results,
        Err(fault) if fault.is_permanent() && inputs.len() > 1 => {
            let alone: Vec<BoxFuture<'_, Result<(), Fault>>> =
                inputs.iter().map(|input| one(api, of_type, input).boxed()).collect();
            stream::iter(alone).buffered(ALONE).collect().await
        }
        Err(fault) => inputs.iter().map(|_| Err(fault.clone())).collect(),
    }
}

async fn one(api: &Api, of_type: &str, input: &Input) -> Result<(), Fault> {
    let results = once(api, of_type, &[input]).await?;
    results.into_iter().next().unwrap_or_else(|| Err(Fault::unreadable("a record has no result")))
}

async fn once(api: &Api, of_type: &str, inputs: &[&Input]) -> Outcome<(), Fault> {
    let body: Vec<_> =
        inputs.iter().map(|(id, properties)| json!({"id": id.as_str(), "properties": properties})).collect();
    let path = ["crm", "objects", VERSION, of_type, "batch", "update"];
    let reply = api.call(Call::post(&path, json!({"inputs": body}))).await?;
    let answer: BatchAnswer<Record> = read(&reply)?;
    if !answer.is_complete() {
        return Err(Fault::unreadable("the batch is not complete"));
    }
    let mut refused: HashMap<HubSpotId, Fault> = HashMap::new();
    let mut of_all = None;
    for entry in answer.errors() {
        let fault = classify_entry(entry, api.now());
        let named = entry.ids();
        if named.is_empty() {
            of_all = Some(fault.clone());
        }
        refused.extend(named.into_iter().map(|id| (id, fault.clone())));
    }
    let clean = refused.is_empty() && of_all.is_none();
    let written = |id: &HubSpotId| {
        answer.results.iter().any(|record| record.id == *id || record.merged_ids().contains(id))
    };
    // Ids of merged records are answered with the survivor's; as many results as inputs say enough.
    let all = clean && answer.results.len() >= inputs.len();
    Ok(inputs
        .iter()
        .map(|(id, _)| match (refused.get(id), &of_all) {
            (Some(fault), _) => Err(fault.clone()),
            (None, _) if all || written(id) => Ok(()),
            (None, Some(fault)) => Err(fault.clone()),
            (None, None) => Err(Fault::unreadable("a record has no result")),
        })
        .collect())
}
