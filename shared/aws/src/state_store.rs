//! The store of states on DynamoDB: leases, saves and releases as conditional writes.
//!
//! Every write of a claim carries the condition *this fence, and not given back*. It refuses a stale worker, and
//! it makes a repeat harmless, so the SDK may repeat after a time-out:
//!
//! - a repeated **claim** meets its own lease and knows it by `lease_by`;
//! - a repeated **release** meets an item that it gave back itself, and knows that by `lease_by` too;
//! - a repeated **transaction** carries the token that the SDK draws once for a call and all its repeats.
//!
//! A body alone is one `UpdateItem`; with an audit record or an account lock it is one transaction. Contention
//! with another transaction is the one thing repeated here; throttling and silence are the SDK's business.
//!
//! Not here: the layout (`tables.rs`), the queries behind `due`, `waiting_on`, `parked` and the trail
//! (`reads.rs`), the scan behind `counts` (`counts.rs`), and any judgement of time: `now` is an argument.

mod cancelled;
mod counts;
mod reads;

use crate::error::port_error;
use crate::tables::{self, Item, attribute, moment, number, text};
use crate::unique;
use crate::update::{Term, Update};
use async_trait::async_trait;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use cancelled::{Cancelled, Role};
use connector_domain::ids::PortalId;
use connector_domain::object::StateKey;
use connector_domain::state::AuditRecord;
use connector_ports::PortError;
use connector_ports::states::{
    AccountLock, Change, Claim, Claimed, Counts, Locks, Page, Saved, States, Stored,
};
use counts::Counted;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Pauses between attempts when another transaction holds the item. Such a transaction lasts a few milliseconds.
const CONTENTION_PAUSES: [Duration; 4] = [
    Duration::from_millis(10),
    Duration::from_millis(30),
    Duration::from_millis(90),
    Duration::from_millis(270),
];

/// DynamoDB's limit of actions in a transaction.
const TRANSACTION_LIMIT: usize = 100;

/// The store of states on two DynamoDB tables. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DynamoStates {
    client: aws_sdk_dynamodb::Client,
    state_table: String,
    audit_table: String,
    counted: Arc<Counted>,
}

/// The answer to an update whose condition may fail.
enum Updated {
    /// Written; the item as it is now, if it was asked for.
    Yes(Item),
    /// The condition failed; the item as it is.
    Refused(Item),
}

impl DynamoStates {
    /// A store on these tables. No call is made.
    pub fn new(
        client: aws_sdk_dynamodb::Client,
        state_table: impl Into<String>,
        audit_table: impl Into<String>,
    ) -> Self {
        Self {
            client,
            state_table: state_table.into(),
            audit_table: audit_table.into(),
            counted: Arc::default(),
        }
    }

    fn update(&self, key: &StateKey) -> Update {
        Update::new(&self.state_table, key.as_text())
    }

    /// An update that only the holder of the claim may make.
    fn fenced(&self, claim: &Claim) -> Update {
        self.update(&claim.key).on(&[
            Term::Name(attribute::FENCE),
            Term::Text(" = "),
            Term::Value(number(claim.fence)),
            Term::Text(" AND attribute_exists("),
            Term::Name(attribute::LEASE_UNTIL),
            Term::Text(")"),
        ])
    }

    /// Takes or prolongs a lock, unless another object holds it.
    fn locking(&self, holder: &StateKey, lock: &AccountLock, now: Timestamp) -> Update {
        Update::new(&self.state_table, tables::lock_pk(&lock.name))
            .set(attribute::HOLDER, text(holder.as_text()))
            .set(attribute::UNTIL, moment(lock.until))
            .set(attribute::EXPIRES_AT, tables::lock_expiry(lock.until))
            .on(&[
                Term::Text("attribute_not_exists("),
                Term::Name(attribute::PK),
                Term::Text(") OR "),
                Term::Name(attribute::HOLDER),
                Term::Text(" = "),
                Term::Value(text(holder.as_text())),
                Term::Text(" OR "),
                Term::Name(attribute::UNTIL),
                Term::Text(" <= "),
                Term::Value(moment(now)),
            ])
    }

    /// Drops a lock that is ours or gone.
    fn unlocking(
        &self,
        operation: &'static str,
        holder: &StateKey,
        name: &str,
    ) -> Result<TransactWriteItem, PortError> {
        let delete = Delete::builder()
            .table_name(&self.state_table)
            .key(attribute::PK, text(tables::lock_pk(name)))
            .condition_expression("attribute_not_exists(#pk) OR #holder = :me")
            .expression_attribute_names("#pk", attribute::PK)
            .expression_attribute_names("#holder", attribute::HOLDER)
            .expression_attribute_values(":me", text(holder.as_text()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| PortError::bug(operation, error.to_string()))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Appends an audit record; one that exists is never overwritten.
    fn recording(
        &self,
        operation: &'static str,
        claim: &Claim,
        record: &AuditRecord,
    ) -> Result<TransactWriteItem, PortError> {
        let sk = tables::audit_sk(record.at, claim.fence, unique::count());
        let put = Put::builder()
            .table_name(&self.audit_table)
            .set_item(Some(tables::audit_item(operation, &claim.key, sk, record)?))
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", attribute::PK)
            .build()
            .map_err(|error| PortError::bug(operation, error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Sends one update, again while another transaction holds the item.
    async fn send(&self, operation: &'static str, update: &Update) -> Result<Updated, PortError> {
        let mut pauses = CONTENTION_PAUSES.iter();
        loop {
            let request = update.fill(self.client.update_item());
            let error = match request.send().await {
                Ok(answer) => return Ok(Updated::Yes(answer.attributes.unwrap_or_default())),
                Err(error) => error,
            };
            if let Some(UpdateItemError::ConditionalCheckFailedException(refused)) = error.as_service_error()
            {
                return Ok(Updated::Refused(refused.item.clone().unwrap_or_default()));
            }
            match pauses.next() {
                Some(pause) if is_contention(&error) => tokio::time::sleep(*pause).await,
                Some(_) | None => return Err(port_error(operation, &error)),
            }
        }
    }

    /// Sends one transaction, again while another one holds an item of it.
    ///
    /// The SDK draws a client request token for each call here: its own repeats are recognised by DynamoDB, and
    /// after a cancellation, which had no effect, the next call has a new one.
    async fn transact(
        &self,
        operation: &'static str,
        roles: &[Role],
        actions: Vec<TransactWriteItem>,
    ) -> Result<Result<(), Cancelled>, PortError> {
        if actions.len() > TRANSACTION_LIMIT {
            let message = format!("{} actions do not fit into one transaction", actions.len());
            return Err(PortError::bug(operation, message));
        }
        let mut pauses = CONTENTION_PAUSES.iter();
        loop {
            let request = self.client.transact_write_items().set_transact_items(Some(actions.clone()));
            let error = match request.send().await {
                Ok(_) => return Ok(Ok(())),
                Err(error) => error,
            };
            let Some(TransactWriteItemsError::TransactionCanceledException(reasons)) =
                error.as_service_error()
            else {
                return Err(port_error(operation, &error));
            };
            let cancelled = cancelled::judge(roles, reasons.cancellation_reasons());
            match (&cancelled, pauses.next()) {
                (Cancelled::Contention, Some(pause)) => tokio::time::sleep(*pause).await,
                _ => return Ok(Err(cancelled)),
            }
        }
    }
}

/// Another transaction is at work on the item.
fn is_contention(error: &SdkError<UpdateItemError>) -> bool {
    error.code() == Some("TransactionConflictException")
}

#[async_trait]
impl States for DynamoStates {
    async fn claim(&self, key: &StateKey, now: Timestamp, until: Timestamp) -> Result<Claimed, PortError> {
        const OPERATION: &str = "dynamodb claim";
        let by = unique::text();
        let update = self
            .update(key)
            .set(attribute::LEASE_UNTIL, moment(until))
            .set(attribute::LEASE_BY, text(&by))
            .add(attribute::FENCE, number(1))
            .returning()
            .on(&[
                Term::Text("attribute_not_exists("),
                Term::Name(attribute::LEASE_UNTIL),
                Term::Text(") OR "),
                Term::Name(attribute::LEASE_UNTIL),
                Term::Text(" <= "),
                Term::Value(moment(now)),
            ]);
        let item = match self.send(OPERATION, &update).await? {
            Updated::Yes(item) => item,
            // Our own first attempt got through after all, only its answer did not.
            Updated::Refused(item) if tables::text_of(&item, attribute::LEASE_BY) == Some(&by) => item,
            Updated::Refused(item) => {
                let until = tables::moment_of(&item, attribute::LEASE_UNTIL)
                    .ok_or_else(|| PortError::bug(OPERATION, "a lease without an end"))?;
                return Ok(Claimed::Busy { until });
            }
        };
        let fence = tables::number_of(&item, attribute::FENCE)
            .ok_or_else(|| PortError::bug(OPERATION, "a claimed item without a fence"))?;
        let claim = Claim {
            key: key.clone(),
            fence,
            stored: tables::stored(OPERATION, &item)?,
            locks: tables::locks_of(&item, now),
        };
        Ok(Claimed::Yes(Box::new(claim)))
    }

    async fn save(
        &self,
        claim: &mut Claim,
        change: &Change,
        lock: Option<&AccountLock>,
        now: Timestamp,
    ) -> Result<Saved, PortError> {
        const OPERATION: &str = "dynamodb save";
        let body = tables::body_of(OPERATION, &change.state)?;
        let mut update = tables::write_change(self.fenced(claim), &claim.key, change, &body);
        if let Some(lock) = lock {
            update = update.set(&tables::lock_pk(&lock.name), moment(lock.until));
        }
        if lock.is_none() && change.audit.is_empty() {
            return Ok(match self.send(OPERATION, &update).await? {
                Updated::Yes(_) => Saved::Yes,
                Updated::Refused(_) => Saved::Lost,
            });
        }
        let build = |error: aws_sdk_dynamodb::error::BuildError| PortError::bug(OPERATION, error.to_string());
        let mut roles = vec![Role::State];
        let mut actions = vec![update.in_transaction().map_err(build)?];
        if let Some(lock) = lock {
            roles.push(Role::Lock);
            actions.push(self.locking(&claim.key, lock, now).in_transaction().map_err(build)?);
        }
        for record in &change.audit {
            roles.push(Role::Audit);
            actions.push(self.recording(OPERATION, claim, record)?);
        }
        match self.transact(OPERATION, &roles, actions).await? {
            Ok(()) => {
                if let Some(lock) = lock
                    && !claim.locks.contains(&lock.name)
                {
                    claim.locks.push(lock.name.clone());
                }
                Ok(Saved::Yes)
            }
            Err(Cancelled::Lost) => Ok(Saved::Lost),
            Err(Cancelled::Locked { until }) => Ok(Saved::Locked { until }),
            Err(cancelled) => Err(cancelled.into_error(OPERATION)),
        }
    }

    async fn release(&self, claim: &Claim, change: &Change, locks: Locks) -> Result<Saved, PortError> {
        const OPERATION: &str = "dynamodb release";
        let by = unique::text();
        let body = tables::body_of(OPERATION, &change.state)?;
        let mut drop: Vec<&str> = match locks {
            Locks::Drop => claim.locks.iter().map(String::as_str).collect(),
            Locks::Keep => Vec::new(),
        };
        let mut update = tables::write_change(self.fenced(claim), &claim.key, change, &body)
            .remove(attribute::LEASE_UNTIL)
            .set(attribute::LEASE_BY, text(&by));
        for name in &drop {
            update = update.remove(&tables::lock_pk(name));
        }
        if drop.is_empty() && change.audit.is_empty() {
            return Ok(match self.send(OPERATION, &update).await? {
                Updated::Yes(_) => Saved::Yes,
                // As above: our own first attempt got through.
                Updated::Refused(item) if tables::text_of(&item, attribute::LEASE_BY) == Some(&by) => {
                    Saved::Yes
                }
                Updated::Refused(_) => Saved::Lost,
            });
        }
        let state = update.in_transaction().map_err(|error| PortError::bug(OPERATION, error.to_string()))?;
        let records: Vec<_> = change
            .audit
            .iter()
            .map(|record| self.recording(OPERATION, claim, record))
            .collect::<Result<_, _>>()?;
        loop {
            let mut roles = vec![Role::State];
            let mut actions = vec![state.clone()];
            for record in &records {
                roles.push(Role::Audit);
                actions.push(record.clone());
            }
            for (place, name) in drop.iter().enumerate() {
                roles.push(Role::Unlock(place));
                actions.push(self.unlocking(OPERATION, &claim.key, name)?);
            }
            match self.transact(OPERATION, &roles, actions).await? {
                Ok(()) => return Ok(Saved::Yes),
                Err(Cancelled::Lost) => return Ok(Saved::Lost), // It ended by itself and is somebody else's now: nothing of ours to drop.
                Err(Cancelled::NotOurs(place)) if place < drop.len() => {
                    drop.remove(place);
                }
                Err(cancelled) => return Err(cancelled.into_error(OPERATION)),
            }
        }
    }

    async fn abandon(&self, claim: &Claim) -> Result<(), PortError> {
        // Refused means: given back before, or somebody else's. Both are what is wanted.
        self.send("dynamodb abandon", &self.fenced(claim).remove(attribute::LEASE_UNTIL)).await?;
        Ok(())
    }

    async fn mark(&self, key: &StateKey, marks: &BTreeMap<String, String>) -> Result<(), PortError> {
        let update = marks.iter().fold(self.update(key), |update, (name, value)| {
            update.set(&format!("{}{name}", attribute::MARK), text(value))
        });
        self.send("dynamodb mark", &update).await?;
        Ok(())
    }

    async fn read(&self, key: &StateKey) -> Result<Option<Stored>, PortError> {
        self.read_one(key).await
    }

    async fn read_many(&self, keys: &[StateKey]) -> Result<BTreeMap<StateKey, Stored>, PortError> {
        self.read_all(keys).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<StateKey>, PortError> {
        self.query_due(now, limit).await
    }

    async fn waiting_on(&self, key: &StateKey) -> Result<Vec<StateKey>, PortError> {
        self.query_waiting(key).await
    }

    async fn parked(&self, portal: PortalId, next: Option<&str>, limit: usize) -> Result<Page, PortError> {
        self.query_parked(portal, next, limit).await
    }

    async fn audit_of(&self, key: &StateKey, limit: usize) -> Result<Vec<AuditRecord>, PortError> {
        self.query_audit(key, limit).await
    }

    async fn counts(&self, portal: PortalId, now: Timestamp) -> Result<Counts, PortError> {
        self.count(portal, now).await
    }
}
