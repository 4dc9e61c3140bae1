//! How states, locks and the audit trail are laid out in DynamoDB: attributes, shards, keys, and both ways
//! between an item and a [`Stored`].
//!
//! **State table**, key `pk`:
//!
//! | attribute | type | meaning |
//! | --- | --- | --- |
//! | `pk` | S | [`StateKey::as_text`]; of a lock `lock#<name>` |
//! | `body` | S | JSON of [`ObjectState`]; absent until the first save |
//! | `status` | S | the status within the body, for counting; absent in items of versions before it |
//! | `mark#<name>` | S | one attribute per mark, so that setting one is a plain update even of an absent item |
//! | `due_at`, `due_shard` | N, S | when to look again (epoch milliseconds); index `due` |
//! | `waits_on` | S | key of what it waits for; index `waiting` |
//! | `parked_shard` | S | `<portal>#<0..3>`, only while the status is `needs_attention`; index `parked` |
//! | `lease_until`, `lease_by` | N, S | end of the lease (epoch milliseconds); which call took it or gave it back |
//! | `fence` | N | counts the claims |
//! | `lock#<name>` | N | an account lock that this object took, and until when |
//! | `holder`, `until` | S, N | of a lock: who has it, and until when (epoch milliseconds) |
//! | `expires_at` | N | of a lock: epoch seconds after which DynamoDB may delete it; never judged by |
//!
//! **Audit table**, key `pk` (the object) and `sk` (`<RFC 3339 with milliseconds>#<fence>#<n>`): `record`, the
//! JSON of an [`AuditRecord`].
//!
//! The shard of an object is part of what is stored, so the hash and the numbers of shards stay as they are.
//!
//! Not here: requests and conditions (`state_store.rs`), and encryption, recovery and roles (`template.yaml`).

use crate::update::Update;
use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    Projection, ProjectionType, ScalarAttributeType,
};
use connector_domain::ids::PortalId;
use connector_domain::object::StateKey;
use connector_domain::state::{AuditRecord, ObjectState, SyncStatus};
use connector_ports::PortError;
use connector_ports::states::{Change, Stored};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

/// Partitions of the index `due`: enough that a backfill's retries do not meet in one, few enough to ask all.
pub(crate) const DUE_SHARDS: u8 = 8;

/// Partitions of the index `parked`, for each portal.
pub(crate) const PARKED_SHARDS: u8 = 4;

/// DynamoDB may delete a lock this long after its end; only then can nobody's clock still believe in it.
const LOCK_AFTERLIFE_SECONDS: i64 = 3600;

/// The names of attributes.
pub(crate) mod attribute {
    pub(crate) const PK: &str = "pk";
    pub(crate) const SK: &str = "sk";
    pub(crate) const BODY: &str = "body";
    pub(crate) const STATUS: &str = "status";
    pub(crate) const MARK: &str = "mark#";
    pub(crate) const DUE_AT: &str = "due_at";
    pub(crate) const DUE_SHARD: &str = "due_shard";
    pub(crate) const WAITS_ON: &str = "waits_on";
    pub(crate) const PARKED_SHARD: &str = "parked_shard";
    pub(crate) const LEASE_UNTIL: &str = "lease_until";
    pub(crate) const LEASE_BY: &str = "lease_by";
    pub(crate) const FENCE: &str = "fence";
    pub(crate) const LOCK: &str = "lock#";
    pub(crate) const HOLDER: &str = "holder";
    pub(crate) const UNTIL: &str = "until";
    pub(crate) const EXPIRES_AT: &str = "expires_at";
    pub(crate) const RECORD: &str = "record";
}

/// The names of indexes.
pub(crate) mod index {
    pub(crate) const DUE: &str = "due";
    pub(crate) const WAITING: &str = "waiting";
    pub(crate) const PARKED: &str = "parked";
}

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A text value.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number.
pub(crate) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A moment, to the millisecond.
pub(crate) fn moment(at: Timestamp) -> AttributeValue {
    number(at.as_millisecond())
}

/// The shard of the index `due`.
pub(crate) fn due_shard(pk: &str) -> String {
    shard(pk, DUE_SHARDS).to_string()
}

/// The partition of the index `parked` for an object.
pub(crate) fn parked_shard(key: &StateKey) -> String {
    parked_partition(key.portal, shard(&key.as_text(), PARKED_SHARDS))
}

/// A partition of the index `parked` by number.
pub(crate) fn parked_partition(portal: PortalId, shard: u8) -> String {
    format!("{portal}#{shard}")
}

/// Which of `shards` an object belongs to.
pub(crate) fn shard(pk: &str, shards: u8) -> u8 {
    Sha256::digest(pk.as_bytes()).first().copied().unwrap_or_default() % shards
}

/// The key of an account lock, and the attribute by which its holder remembers it.
pub(crate) fn lock_pk(name: &str) -> String {
    format!("{}{name}", attribute::LOCK)
}

/// The names of the locks that an object took and that have not ended.
pub(crate) fn locks_of(item: &Item, now: Timestamp) -> Vec<String> {
    let open = item.keys().filter(|name| moment_of(item, name).is_some_and(|until| until > now));
    let mut names: Vec<_> =
        open.filter_map(|name| name.strip_prefix(attribute::LOCK)).map(str::to_owned).collect();
    names.sort_unstable();
    names
}

/// When DynamoDB may clean a lock up.
pub(crate) fn lock_expiry(until: Timestamp) -> AttributeValue {
    number(until.as_second().saturating_add(LOCK_AFTERLIFE_SECONDS))
}

/// The sort key of an audit record. `n` counts up within a process and a fence belongs to one process, so no two
/// records share a key and those of one claim stay in order.
pub(crate) fn audit_sk(at: Timestamp, fence: u64, n: u64) -> String {
    format!("{at:.3}#{fence:012}#{n:012}")
}

/// A record as an item of the audit table.
pub(crate) fn audit_item(
    operation: &'static str,
    key: &StateKey,
    sk: String,
    record: &AuditRecord,
) -> Result<Item, PortError> {
    let json = serde_json::to_string(record)
        .map_err(|error| PortError::bug(operation, "an audit record cannot be written").caused_by(error))?;
    Ok(HashMap::from([
        (attribute::PK.to_owned(), text(key.as_text())),
        (attribute::SK.to_owned(), text(sk)),
        (attribute::RECORD.to_owned(), text(json)),
    ]))
}

/// Reads [`audit_item`] back.
pub(crate) fn audit_record(operation: &'static str, item: &Item) -> Result<AuditRecord, PortError> {
    let json = text_of(item, attribute::RECORD).unwrap_or_default();
    serde_json::from_str(json).map_err(|error| unreadable(operation, "an audit record", &error))
}

/// The text of a body.
pub(crate) fn body_of(operation: &'static str, state: &ObjectState) -> Result<String, PortError> {
    serde_json::to_string(state)
        .map_err(|error| PortError::bug(operation, "a state cannot be written as JSON").caused_by(error))
}

/// Writes body and envelope of a change into an update.
pub(crate) fn write_change(update: Update, key: &StateKey, change: &Change, body: &str) -> Update {
    let parked = change.state.status == SyncStatus::NeedsAttention;
    let shard = change.due_at.map(|_| text(due_shard(&key.as_text())));
    update
        .set(attribute::BODY, text(body))
        .set(attribute::STATUS, text(change.state.status.as_str()))
        .set_or_remove(attribute::DUE_AT, change.due_at.map(moment))
        .set_or_remove(attribute::DUE_SHARD, shard)
        .set_or_remove(attribute::WAITS_ON, change.waits_on.as_ref().map(|key| text(key.as_text())))
        .set_or_remove(attribute::PARKED_SHARD, parked.then(|| text(parked_shard(key))))
}

/// An item of the state table as a [`Stored`].
pub(crate) fn stored(operation: &'static str, item: &Item) -> Result<Stored, PortError> {
    let state = match text_of(item, attribute::BODY) {
        Some(body) => serde_json::from_str(body).map_err(|error| unreadable(operation, "a state", &error))?,
        None => ObjectState::default(),
    };
    let marks = item
        .iter()
        .filter_map(|(name, value)| {
            let name = name.strip_prefix(attribute::MARK)?;
            Some((name.to_owned(), value.as_s().ok()?.clone()))
        })
        .collect();
    Ok(Stored {
        state,
        marks,
        due_at: moment_of(item, attribute::DUE_AT),
        waits_on: text_of(item, attribute::WAITS_ON).and_then(StateKey::parse),
        leased_until: moment_of(item, attribute::LEASE_UNTIL),
    })
}

/// The key of an item of the state table; none for a lock.
pub(crate) fn key_of(item: &Item) -> Option<StateKey> {
    StateKey::parse(text_of(item, attribute::PK)?)
}

/// A text attribute.
pub(crate) fn text_of<'a>(item: &'a Item, attribute: &str) -> Option<&'a str> {
    item.get(attribute)?.as_s().ok().map(String::as_str)
}

/// A whole number.
pub(crate) fn number_of(item: &Item, attribute: &str) -> Option<u64> {
    item.get(attribute)?.as_n().ok()?.parse().ok()
}

/// A moment.
pub(crate) fn moment_of(item: &Item, attribute: &str) -> Option<Timestamp> {
    let millis: i64 = item.get(attribute)?.as_n().ok()?.parse().ok()?;
    Timestamp::from_millisecond(millis).ok()
}

/// Names the place of the fault but not the text: a body may hold personal data while its intent is open.
fn unreadable(operation: &'static str, what: &str, error: &serde_json::Error) -> PortError {
    PortError::bug(
        operation,
        format!(
            "{what} cannot be read: {:?} fault at line {} column {}",
            error.classify(),
            error.line(),
            error.column()
        ),
    )
}

/// Creates both tables with the keys and indexes of `template.yaml`: for tests and local emulators.
///
/// A table that exists already is left as it is.
pub async fn create_tables(
    client: &aws_sdk_dynamodb::Client,
    state_table: &str,
    audit_table: &str,
) -> Result<(), PortError> {
    const OPERATION: &str = "dynamodb create tables";
    let build = |error: BuildError| PortError::bug(OPERATION, error.to_string());
    let state = state_schema(client.create_table().table_name(state_table)).map_err(build)?;
    let audit = audit_schema(client.create_table().table_name(audit_table)).map_err(build)?;
    for request in [state, audit] {
        match request.billing_mode(BillingMode::PayPerRequest).send().await {
            Ok(_) => {}
            Err(SdkError::ServiceError(error)) if error.err().is_resource_in_use_exception() => {}
            Err(error) => return Err(crate::error::port_error(OPERATION, &error)),
        }
    }
    Ok(())
}

fn state_schema(request: CreateTableFluentBuilder) -> Result<CreateTableFluentBuilder, BuildError> {
    use ScalarAttributeType::{N, S};
    let mut request = request.key_schema(key(attribute::PK, KeyType::Hash)?);
    for (name, kind) in [
        (attribute::PK, S),
        (attribute::DUE_SHARD, S),
        (attribute::DUE_AT, N),
        (attribute::WAITS_ON, S),
        (attribute::PARKED_SHARD, S),
    ] {
        request = request.attribute_definitions(definition(name, kind)?);
    }
    for (name, hash, range) in [
        (index::DUE, attribute::DUE_SHARD, attribute::DUE_AT),
        (index::WAITING, attribute::WAITS_ON, attribute::PK),
        (index::PARKED, attribute::PARKED_SHARD, attribute::PK),
    ] {
        let index = GlobalSecondaryIndex::builder()
            .index_name(name)
            .key_schema(key(hash, KeyType::Hash)?)
            .key_schema(key(range, KeyType::Range)?)
            .projection(Projection::builder().projection_type(ProjectionType::All).build())
            .build()?;
        request = request.global_secondary_indexes(index);
    }
    Ok(request)
}

fn audit_schema(request: CreateTableFluentBuilder) -> Result<CreateTableFluentBuilder, BuildError> {
    Ok(request
        .key_schema(key(attribute::PK, KeyType::Hash)?)
        .key_schema(key(attribute::SK, KeyType::Range)?)
        .attribute_definitions(definition(attribute::PK, ScalarAttributeType::S)?)
        .attribute_definitions(definition(attribute::SK, ScalarAttributeType::S)?))
}

fn key(name: &str, kind: KeyType) -> Result<KeySchemaElement, BuildError> {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build()
}

fn definition(name: &str, kind: ScalarAttributeType) -> Result<AttributeDefinition, BuildError> {
    AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deal() -> StateKey {
        StateKey::parse("24680135#deal#7001").unwrap()
    }

    #[test]
    fn the_shard_of_an_object_never_changes() {
        // Stored in items: another hash or number of shards would lose them from the schedule.
        assert_eq!(due_shard(&deal().as_text()), "4");
        assert_eq!(parked_shard(&deal()), "24680135#0");
        assert_eq!(shard("", 1), 0);
    }

    #[test]
    fn audit_keys_sort_by_time_then_claim_then_order() {
        let at: Timestamp = "2026-11-16T10:00:00.5Z".parse().unwrap();
        let later: Timestamp = "2026-11-16T10:00:00.501Z".parse().unwrap();
        assert_eq!(audit_sk(at, 3, 7), "2026-11-16T10:00:00.500Z#000000000003#000000000007");
        assert!(audit_sk(at, 9, 1) < audit_sk(at, 10, 0));
        assert!(audit_sk(at, 9, 9) < audit_sk(at, 9, 10));
        assert!(audit_sk(at, 10, 10) < audit_sk(later, 1, 1));
    }

    #[test]
    fn an_item_of_marks_only_has_an_empty_body() {
        let item = HashMap::from([
            ("pk".to_owned(), text("24680135#deal#7001")),
            ("mark#wanted".to_owned(), text("button")),
            ("lease_until".to_owned(), number(1_000)),
        ]);
        let stored = stored("test", &item).unwrap();
        assert_eq!(stored.state, ObjectState::default());
        assert_eq!(stored.marks.get("wanted").map(String::as_str), Some("button"));
        assert_eq!(stored.leased_until, Timestamp::from_millisecond(1_000).ok());
        assert_eq!(key_of(&item), Some(deal()));
    }

    #[test]
    fn an_unreadable_body_is_reported_without_its_text() {
        let item = HashMap::from([("body".to_owned(), text(r#"{"status":"Canary Smith"}"#))]);
        let error = stored("test", &item).unwrap_err();
        assert!(!format!("{error:?} {error}").contains("Canary"), "{error}");
    }

    #[test]
    fn a_lock_that_has_ended_is_no_longer_held() {
        let item = HashMap::from([
            ("lock#24680135#account#2".to_owned(), number(2_000)),
            ("lock#24680135#account#1".to_owned(), number(1_000)),
            ("lease_until".to_owned(), number(9_000)),
        ]);
        let now = |millis| Timestamp::from_millisecond(millis).unwrap();
        assert_eq!(locks_of(&item, now(999)), ["24680135#account#1", "24680135#account#2"]);
        assert_eq!(locks_of(&item, now(1_000)), ["24680135#account#2"]);
        assert!(locks_of(&item, now(2_000)).is_empty());
    }

    #[test]
    fn the_key_of_a_lock_is_never_the_key_of_an_object() {
        assert_eq!(StateKey::parse(&lock_pk("24680135#account#9001001")), None);
    }
}
