//! The reading half of the store: single items, the three indexes, and the audit trail.
//!
//! Reads by key are strongly consistent. The indexes are not, by DynamoDB's nature: an object may show up in
//! them, or leave them, a moment late. Nothing depends on that moment: `due` is asked each minute, and what
//! begins to wait looks at what it waits for afterwards.
//!
//! Not here: writes (`state_store.rs`).

use super::DynamoStates;
use crate::error::port_error;
use crate::tables::{self, Item, attribute, index, moment, text};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use connector_domain::fault::FaultClass;
use connector_domain::ids::PortalId;
use connector_domain::object::StateKey;
use connector_domain::state::AuditRecord;
use connector_ports::PortError;
use connector_ports::states::{Page, Stored};
use futures::future::try_join_all;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

/// DynamoDB's limit of keys in one `BatchGetItem`.
const BATCH: usize = 100;

/// Pauses before what a batch left out is asked for again: it is left out when the table is throttled or the
/// answer would exceed 16 MB.
const BATCH_PAUSES: [Duration; 5] = [
    Duration::from_millis(0),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
];

impl DynamoStates {
    pub(super) async fn read_one(&self, key: &StateKey) -> Result<Option<Stored>, PortError> {
        const OPERATION: &str = "dynamodb read";
        let answer = self
            .client
            .get_item()
            .table_name(&self.state_table)
            .key(attribute::PK, text(key.as_text()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| port_error(OPERATION, &error))?;
        answer.item.map(|item| tables::stored(OPERATION, &item)).transpose()
    }

    pub(super) async fn read_all(&self, keys: &[StateKey]) -> Result<BTreeMap<StateKey, Stored>, PortError> {
        // DynamoDB refuses a batch that names a key twice.
        let keys: Vec<_> = keys.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut found = BTreeMap::new();
        for items in try_join_all(keys.chunks(BATCH).map(|chunk| self.read_batch(chunk))).await? {
            found.extend(items);
        }
        Ok(found)
    }

    async fn read_batch(&self, keys: &[&StateKey]) -> Result<Vec<(StateKey, Stored)>, PortError> {
        const OPERATION: &str = "dynamodb read many";
        let keys = keys.iter().map(|key| HashMap::from([(attribute::PK.to_owned(), text(key.as_text()))]));
        let ask = KeysAndAttributes::builder()
            .set_keys(Some(keys.collect()))
            .consistent_read(true)
            .build()
            .map_err(|error| PortError::bug(OPERATION, error.to_string()))?;
        let mut left = HashMap::from([(self.state_table.clone(), ask)]);
        let mut found = Vec::new();
        for pause in BATCH_PAUSES {
            tokio::time::sleep(pause).await;
            let request = self.client.batch_get_item().set_request_items(Some(left));
            let answer = request.send().await.map_err(|error| port_error(OPERATION, &error))?;
            for item in answer.responses.unwrap_or_default().values().flatten() {
                let key = tables::key_of(item)
                    .ok_or_else(|| PortError::bug(OPERATION, "an item without a readable key"))?;
                found.push((key, tables::stored(OPERATION, item)?));
            }
            left = answer.unprocessed_keys.unwrap_or_default();
            if left.is_empty() {
                return Ok(found);
            }
        }
        let message = "DynamoDB did not process all keys of a batch";
        Err(PortError::new(OPERATION, FaultClass::Transient, message))
    }

    pub(super) async fn query_due(&self, now: Timestamp, limit: usize) -> Result<Vec<StateKey>, PortError> {
        const OPERATION: &str = "dynamodb due";
        if limit == 0 {
            return Ok(Vec::new());
        }
        let shards = (0..tables::DUE_SHARDS).map(|shard| {
            let query = self
                .query_index(index::DUE)
                .key_condition_expression("#shard = :shard AND #due <= :now")
                .expression_attribute_names("#shard", attribute::DUE_SHARD)
                .expression_attribute_names("#due", attribute::DUE_AT)
                .expression_attribute_values(":shard", text(shard.to_string()))
                .expression_attribute_values(":now", moment(now))
                .projection_expression("#pk, #due")
                .expression_attribute_names("#pk", attribute::PK);
            collect(OPERATION, query, limit)
        });
        let mut due: Vec<_> = try_join_all(shards)
            .await?
            .iter()
            .flatten()
            .filter_map(|item| Some((tables::moment_of(item, attribute::DUE_AT)?, readable_key(item)?)))
            .collect();
        due.sort();
        due.truncate(limit);
        Ok(due.into_iter().map(|(_, key)| key).collect())
    }

    pub(super) async fn query_waiting(&self, key: &StateKey) -> Result<Vec<StateKey>, PortError> {
        let query = self
            .query_index(index::WAITING)
            .key_condition_expression("#on = :key")
            .expression_attribute_names("#on", attribute::WAITS_ON)
            .expression_attribute_values(":key", text(key.as_text()))
            .projection_expression("#pk")
            .expression_attribute_names("#pk", attribute::PK);
        let items = collect("dynamodb waiting on", query, usize::MAX).await?;
        Ok(items.iter().filter_map(readable_key).collect())
    }

    /// Goes through the shards one after the other. The token of the next page is the last key of this one,
    /// which says its shard by its hash.
    pub(super) async fn query_parked(
        &self,
        portal: PortalId,
        next: Option<&str>,
        limit: usize,
    ) -> Result<Page, PortError> {
        const OPERATION: &str = "dynamodb parked";
        let limit = limit.max(1);
        let mut after = match next {
            None => None,
            Some(token) => Some(
                StateKey::parse(token)
                    .filter(|key| key.portal == portal)
                    .ok_or_else(|| PortError::bug(OPERATION, "not a page token of this portal"))?,
            ),
        };
        let first = after.as_ref().map_or(0, |key| tables::shard(&key.as_text(), tables::PARKED_SHARDS));
        let mut page = Page::default();
        for shard in first..tables::PARKED_SHARDS {
            let partition = text(tables::parked_partition(portal, shard));
            let start = after.take().map(|key| {
                let pk = text(key.as_text());
                let parts = [(attribute::PARKED_SHARD, partition.clone()), (attribute::PK, pk)];
                parts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            });
            let query = self
                .query_index(index::PARKED)
                .key_condition_expression("#shard = :shard")
                .expression_attribute_names("#shard", attribute::PARKED_SHARD)
                .expression_attribute_values(":shard", partition)
                .set_exclusive_start_key(start);
            // One more than the page holds tells whether there is another page.
            let want = limit.saturating_add(1).saturating_sub(page.items.len());
            for item in collect(OPERATION, query, want).await? {
                if let Some(key) = readable_key(&item) {
                    page.items.push((key, tables::stored(OPERATION, &item)?));
                }
            }
            if page.items.len() > limit {
                page.items.truncate(limit);
                page.next = page.items.last().map(|(key, _)| key.as_text());
                break;
            }
        }
        Ok(page)
    }

    pub(super) async fn query_audit(
        &self,
        key: &StateKey,
        limit: usize,
    ) -> Result<Vec<AuditRecord>, PortError> {
        const OPERATION: &str = "dynamodb audit of";
        if limit == 0 {
            return Ok(Vec::new());
        }
        let query = self
            .client
            .query()
            .table_name(&self.audit_table)
            .consistent_read(true)
            .key_condition_expression("#pk = :key")
            .expression_attribute_names("#pk", attribute::PK)
            .expression_attribute_values(":key", text(key.as_text()));
        let items = collect(OPERATION, query, limit).await?;
        items.iter().map(|item| tables::audit_record(OPERATION, item)).collect()
    }

    fn query_index(&self, index: &str) -> QueryFluentBuilder {
        self.client.query().table_name(&self.state_table).index_name(index)
    }
}

/// The first `limit` items of a query, over as many of DynamoDB's pages as it takes.
async fn collect(
    operation: &'static str,
    query: QueryFluentBuilder,
    limit: usize,
) -> Result<Vec<Item>, PortError> {
    let size = i32::try_from(limit).ok();
    let mut items = Vec::new();
    let mut stream = query.set_limit(size).into_paginator().items().send();
    while let Some(item) = stream.next().await {
        items.push(item.map_err(|error| port_error(operation, &error))?);
        if items.len() >= limit {
            break;
        }
    }
    Ok(items)
}

/// The key of an item of an index. One that cannot be read is left out, so that it does not stop the others.
fn readable_key(item: &Item) -> Option<StateKey> {
    let key = tables::key_of(item);
    if key.is_none() {
        tracing::error!("an item of an index has a key that is not one of an object");
    }
    key
}
