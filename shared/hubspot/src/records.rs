//! Reads of records by id, a hundred at a time (`hubspot.md` 4.2): `POST /crm/objects/{version}/{type}/batch/read`.
//!
//! An id that HubSpot does not answer for is gone; an id that it could not read just now is a fault. The two are
//! kept apart, because absence is a fact and trouble is not.

use crate::client::{Api, Call, VERSION, read};
use crate::dto::BatchAnswer;
use crate::dto::record::Record;
use crate::error::{Fault, classify_entry};
use connector_domain::ids::HubSpotId;
use connector_http::Batcher;
use connector_http::batch::Outcome;
use jiff::Timestamp;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// HubSpot's limit on inputs of object batches.
pub(crate) const MOST: usize = 100;
/// The same for reads with history.
const MOST_WITH_HISTORY: usize = 50;

/// A record, or nothing when it is gone.
pub(crate) type Found = Option<Arc<Record>>;

/// Single reads of one type, batched underneath.
pub(crate) type Reader = Batcher<HubSpotId, Found, Fault>;

/// What a read asks of each record.
pub(crate) struct Selection {
    properties: Vec<String>,
    with_history: Vec<String>,
}

impl Selection {
    /// Present values.
    pub(crate) fn values(properties: Vec<String>) -> Self {
        Self { properties, with_history: Vec::new() }
    }

    /// All values that properties ever had.
    pub(crate) fn histories(of: Vec<String>) -> Self {
        Self { properties: Vec::new(), with_history: of }
    }

    fn most(&self) -> usize {
        if self.with_history.is_empty() { MOST } else { MOST_WITH_HISTORY }
    }
}

/// The names to ask for: the fixed ones, then those that configuration adds, each once and none empty.
pub(crate) fn names<'a, S: AsRef<str> + ?Sized + 'a>(
    fixed: &[&str],
    configured: impl IntoIterator<Item = &'a S>,
) -> Vec<String> {
    let mut all: Vec<String> = fixed.iter().map(|name| (*name).to_owned()).collect();
    for name in configured.into_iter().map(AsRef::as_ref) {
        if !name.is_empty() && !all.iter().any(|known| known == name) {
            all.push(name.to_owned());
        }
    }
    all
}

/// A reader of one type with a selection that never changes.
pub(crate) fn reader(api: &Arc<Api>, of_type: &'static str, selection: Selection) -> Reader {
    let api = Arc::clone(api);
    let most = selection.most();
    let selection = Arc::new(selection);
    Batcher::new(most, move |ids| {
        let (api, selection) = (Arc::clone(&api), Arc::clone(&selection));
        async move { batch_read(&api, of_type, &selection, &ids).await }
    })
}

/// One batch.
pub(crate) async fn batch_read(
    api: &Api,
    of_type: &str,
    selection: &Selection,
    ids: &[HubSpotId],
) -> Outcome<Found, Fault> {
    let inputs: Vec<_> = ids.iter().map(|id| json!({"id": id.as_str()})).collect();
    let Selection { properties, with_history } = selection;
    let body = json!({"inputs": inputs, "properties": properties, "propertiesWithHistory": with_history});
    let path = ["crm", "objects", VERSION, of_type, "batch", "read"];
    let reply = api.call(Call::post(&path, body)).await.map_err(Fault::for_read)?;
    let answer: BatchAnswer<Record> = read(&reply).map_err(Fault::for_read)?;
    if !answer.is_complete() {
        return Err(Fault::unreadable("the batch is not complete").for_read());
    }
    Ok(assign(ids, answer, api.now()))
}

/// Finds the answer for each id. After a merge HubSpot answers an old id with the survivor's record.
fn assign(ids: &[HubSpotId], answer: BatchAnswer<Record>, now: Timestamp) -> Vec<Result<Found, Fault>> {
    let (mut absent, mut troubled, mut trouble_of_all) = (HashSet::new(), HashMap::new(), None);
    for entry in answer.errors() {
        let named = entry.ids();
        if entry.is_absence() {
            absent.extend(named);
        } else if named.is_empty() {
            trouble_of_all = Some(classify_entry(entry, now).for_read());
        } else {
            let fault = classify_entry(entry, now).for_read();
            troubled.extend(named.into_iter().map(|id| (id, fault.clone())));
        }
    }
    let records: Vec<Arc<Record>> = answer.results.into_iter().map(Arc::new).collect();
    let find = |id: &HubSpotId| {
        let merged = || records.iter().find(|record| record.merged_ids().contains(id));
        records.iter().find(|record| record.id == *id).or_else(merged)
    };
    let mut left: Vec<&Arc<Record>> = records.iter().filter(|record| !ids.contains(&record.id)).collect();
    left.retain(|record| !ids.iter().any(|id| record.merged_ids().contains(id)));
    let open: Vec<&HubSpotId> = ids
        .iter()
        .filter(|id| find(id).is_none() && !absent.contains(*id) && !troubled.contains_key(*id))
        .collect();
    // One question and one answer remain: they belong together, though the answer does not name its old id.
    let pair = match (open.as_slice(), left.as_slice()) {
        ([id], [record]) => Some(((*id).clone(), Arc::clone(record))),
        _ => None,
    };
    ids.iter()
        .map(|id| {
            if let Some(record) = find(id) {
                return Ok(living(record));
            }
            if let Some(fault) = troubled.get(id) {
                return Err(fault.clone());
            }
            match (&pair, &trouble_of_all) {
                (Some((asked, record)), _) if asked == id => Ok(living(record)),
                (_, Some(fault)) if !absent.contains(id) => Err(fault.clone()),
                (_, Some(_) | None) => Ok(None),
            }
        })
        .collect()
}

fn living(record: &Arc<Record>) -> Found {
    (record.archived != Some(true)).then(|| Arc::clone(record))
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_domain::fault::FaultClass;
    use serde_json::Value;

    fn id(text: &str) -> HubSpotId {
        HubSpotId::parse(text).unwrap()
    }

    fn record(id: &str, merged: &str) -> Value {
        json!({"id": id, "properties": {"hs_merged_object_ids": merged}, "archived": false})
    }

    fn check(asked: &[&str], results: Value, errors: Value, want: &[&str]) {
        let answer = json!({"status": "COMPLETE", "results": results, "errors": errors});
        let answer: BatchAnswer<Record> = serde_json::from_value(answer).unwrap();
        let ids: Vec<HubSpotId> = asked.iter().map(|text| id(text)).collect();
        let got: Vec<String> = assign(&ids, answer, Timestamp::UNIX_EPOCH)
            .into_iter()
            .map(|result| match result {
                Ok(Some(record)) => record.id.to_string(),
                Ok(None) => "gone".to_owned(),
                Err(fault) => fault.class.as_str().to_owned(),
            })
            .collect();
        assert_eq!(got, want);
    }

    fn entry(category: &str, ids: Value) -> Value {
        json!({"status": "error", "category": category, "message": "m", "context": {"ids": ids}})
    }

    #[test]
    fn answers_are_found_by_id_in_any_order_and_missing_ones_are_gone() {
        let results = json!([record("3", ""), record("1", "")]);
        check(&["1", "2", "3"], results.clone(), json!(null), &["1", "gone", "3"]);
        check(
            &["1", "2", "3"],
            results,
            json!([entry("OBJECT_NOT_FOUND", json!(["2"]))]),
            &["1", "gone", "3"],
        );
        check(&["1"], json!([{"id": 1, "archived": true}]), json!([]), &["gone"]);
    }

    #[test]
    fn a_merged_record_answers_for_its_old_ids() {
        check(&["1", "2"], json!([record("9", "1;2")]), json!(null), &["9", "9"]);
        check(&["1", "2"], json!([record("1", "2")]), json!(null), &["1", "1"]);
        // Without the list of old ids, the one answer left over belongs to the one question left over.
        check(&["1", "2"], json!([record("9", ""), record("2", "")]), json!(null), &["9", "2"]);
        check(
            &["1", "2"],
            json!([record("9", "")]),
            json!([entry("OBJECT_NOT_FOUND", json!([2]))]),
            &["9", "gone"],
        );
        // With two questions left over nothing can be said.
        check(&["1", "2"], json!([record("9", "")]), json!(null), &["gone", "gone"]);
    }

    #[test]
    fn trouble_is_not_absence() {
        let some = json!([entry("INTERNAL_ERROR", json!(["2"]))]);
        check(&["1", "2"], json!([record("1", "")]), some, &["1", "transient"]);
        let all = json!([entry("INTERNAL_ERROR", json!(null)), entry("OBJECT_NOT_FOUND", json!(["3"]))]);
        check(&["1", "2", "3"], json!([record("1", "")]), all, &["1", "transient", "gone"]);
        let denied = json!([entry("MISSING_SCOPES", json!(["2"]))]);
        assert_eq!(FaultClass::Denied.as_str(), "denied");
        check(&["1", "2"], json!([]), denied, &["gone", "denied"]);
    }
}
