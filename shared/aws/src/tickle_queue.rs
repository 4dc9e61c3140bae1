//! The sending side of the queues on SQS: one FIFO queue per object kind, ten messages in a call.
//!
//! - *Message group*: the object, so that one object's messages are worked on one after the other. That only
//!   saves contention; the lease is the guarantee (D-15).
//! - *Deduplication*: SQS swallows a message whose id it saw within five minutes, even when the first one is long
//!   consumed. So the id is the digest of the whole tickle, never of the object alone: a second change of the
//!   same object must ring again, a repeat of the same request need not.
//!
//! - *What waits* is SQS's own approximate number; it knows neither portals nor, without CloudWatch, the age of
//!   the oldest message.
//!
//! Not here: receiving, and the decision what to ring.

use crate::error::{class_of, port_error};
use async_trait::async_trait;
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, MessageAttributeValue, QueueAttributeName, SendMessageBatchRequestEntry,
};
use connector_domain::fault::FaultClass;
use connector_domain::ids::PortalId;
use connector_domain::object::{Message, ObjectKind, Tickle};
use connector_ports::PortError;
use connector_ports::tickles::{Tickles, Waiting};
use futures::future::try_join_all;
use futures::stream::{self, StreamExt as _};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const OPERATION: &str = "sqs send";

/// SQS takes ten messages in one call.
const BATCH: usize = 10;

/// Calls in flight: enough for a webhook of a hundred events, few enough for a function of 256 MB.
const IN_FLIGHT: usize = 16;

/// The message attribute that carries the correlation id, readable without opening the body.
const CORRELATION: &str = "correlation";

/// The address of the queue of each kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueUrls {
    /// Companies.
    pub company: String,
    /// Contacts.
    pub contact: String,
    /// Products.
    pub product: String,
    /// Deals.
    pub deal: String,
    /// Line items.
    pub line_item: String,
}

impl QueueUrls {
    /// The queue of a kind.
    pub fn of(&self, kind: ObjectKind) -> &str {
        match kind {
            ObjectKind::Company => &self.company,
            ObjectKind::Contact => &self.contact,
            ObjectKind::Product => &self.product,
            ObjectKind::Deal => &self.deal,
            ObjectKind::LineItem => &self.line_item,
        }
    }

    fn all(&self) -> [&str; 5] {
        [&self.company, &self.contact, &self.product, &self.deal, &self.line_item]
    }
}

/// Sends tickles to SQS. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SqsTickles {
    client: aws_sdk_sqs::Client,
    queues: QueueUrls,
}

impl SqsTickles {
    /// A sender to these queues. No call is made.
    pub fn new(client: aws_sdk_sqs::Client, queues: QueueUrls) -> Self {
        Self { client, queues }
    }

    /// Sends up to ten messages to one queue; what SQS did not take is tried once more.
    async fn send_batch(&self, url: &str, tickles: &[&Tickle]) -> Result<(), PortError> {
        let mut entries = tickles
            .iter()
            .enumerate()
            .map(|(place, tickle)| entry(place, tickle))
            .collect::<Result<Vec<_>, _>>()?;
        let failed = self.try_batch(url, entries.clone()).await?;
        if failed.is_empty() {
            return Ok(());
        }
        if let Some(error) = failed.iter().find(|entry| entry.sender_fault()) {
            return Err(refused(error, failed.len(), tickles.len()));
        }
        entries.retain(|entry| failed.iter().any(|failed| failed.id() == entry.id()));
        let failed = self.try_batch(url, entries).await?;
        match failed.first() {
            None => Ok(()),
            Some(error) => Err(refused(error, failed.len(), tickles.len())),
        }
    }

    /// How many messages of a queue wait, about.
    async fn visible(&self, url: &str) -> Result<u64, PortError> {
        const OPERATION: &str = "sqs waiting";
        let name = QueueAttributeName::ApproximateNumberOfMessages;
        let request = self.client.get_queue_attributes().queue_url(url).attribute_names(name.clone());
        let answer = request.send().await.map_err(|error| port_error(OPERATION, &error))?;
        let number = answer.attributes().and_then(|attributes| attributes.get(&name)?.parse().ok());
        number.ok_or_else(|| PortError::bug(OPERATION, "SQS does not say how many messages wait"))
    }

    async fn try_batch(
        &self,
        url: &str,
        entries: Vec<SendMessageBatchRequestEntry>,
    ) -> Result<Vec<BatchResultErrorEntry>, PortError> {
        let request = self.client.send_message_batch().queue_url(url).set_entries(Some(entries));
        let answer = request.send().await.map_err(|error| port_error(OPERATION, &error))?;
        Ok(answer.failed)
    }
}

#[async_trait]
impl Tickles for SqsTickles {
    async fn send(&self, tickles: &[Tickle]) -> Result<(), PortError> {
        let mut by_kind: BTreeMap<ObjectKind, Vec<&Tickle>> = BTreeMap::new();
        for tickle in tickles {
            by_kind.entry(tickle.object.kind).or_default().push(tickle);
        }
        let batches: Vec<(&str, &[&Tickle])> = by_kind
            .iter()
            .flat_map(|(kind, tickles)| tickles.chunks(BATCH).map(|batch| (self.queues.of(*kind), batch)))
            .collect();
        let sends = batches.into_iter().map(|(url, batch)| self.send_batch(url, batch));
        // All are tried, even when one fails: the more are durable, the less is left to a repeat.
        let results: Vec<_> =
            stream::iter(sends.collect::<Vec<_>>()).buffer_unordered(IN_FLIGHT).collect().await;
        results.into_iter().collect()
    }

    /// Of all queues at once; one that does not answer makes the sum unknown.
    async fn waiting(&self, _portal: PortalId) -> Result<Waiting, PortError> {
        let numbers = try_join_all(self.queues.all().map(|url| self.visible(url))).await?;
        let messages = numbers.into_iter().fold(0, u64::saturating_add);
        Ok(Waiting { messages, oldest: None })
    }
}

fn entry(place: usize, tickle: &Tickle) -> Result<SendMessageBatchRequestEntry, PortError> {
    let build = |error: aws_sdk_sqs::error::BuildError| PortError::bug(OPERATION, error.to_string());
    let mut entry = SendMessageBatchRequestEntry::builder()
        .id(place.to_string())
        .message_body(Message::Look(tickle.clone()).encode())
        .message_group_id(tickle.key().as_text())
        .message_deduplication_id(deduplication_id(tickle));
    // SQS refuses an empty attribute.
    if let Some(correlation) = tickle.correlation.as_deref().filter(|text| !text.is_empty()) {
        let value = MessageAttributeValue::builder().data_type("String").string_value(correlation);
        entry = entry.message_attributes(CORRELATION, value.build().map_err(build)?);
    }
    entry.build().map_err(build)
}

/// SHA-256 over object, reason, correlation and time of receipt, as hexadecimal digits.
fn deduplication_id(tickle: &Tickle) -> String {
    let parts = [
        tickle.key().as_text(),
        tickle.reason.as_str().to_owned(),
        tickle.received_at.to_string(),
        tickle.correlation.clone().unwrap_or_default(),
    ];
    // Only the last part is free text, so that no two tickles join to the same line.
    let digest = Sha256::digest(parts.join("\n").as_bytes());
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The error of messages that SQS did not take; its trouble is transient, ours has a class by its code.
fn refused(entry: &BatchResultErrorEntry, failed: usize, of: usize) -> PortError {
    let words = entry.message().unwrap_or_default();
    let class =
        if entry.sender_fault() { class_of(Some(entry.code()), None, words) } else { FaultClass::Transient };
    let mut error = PortError::new(OPERATION, class, format!("{failed} of {of} messages not taken: {words}"));
    error.code = Some(entry.code().to_owned());
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_domain::ids::{HubSpotId, PortalId};
    use connector_domain::object::{ObjectRef, TickleReason};

    fn tickle() -> Tickle {
        Tickle {
            portal: PortalId(24680135),
            object: ObjectRef::new(ObjectKind::Deal, HubSpotId::parse("7001").unwrap()),
            reason: TickleReason::Webhook,
            actor: None,
            correlation: Some("c-1".into()),
            received_at: "2026-11-16T10:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_second_change_of_the_same_object_is_not_swallowed() {
        let first = deduplication_id(&tickle());
        let others = [
            Tickle { received_at: "2026-11-16T10:00:00.001Z".parse().unwrap(), ..tickle() },
            Tickle { correlation: Some("c-2".into()), ..tickle() },
            Tickle { correlation: None, ..tickle() },
            Tickle { reason: TickleReason::Button, ..tickle() },
            Tickle { portal: PortalId(1), ..tickle() },
        ];
        for other in others {
            assert_ne!(deduplication_id(&other), first, "{other:?}");
        }
        assert_eq!(deduplication_id(&tickle()), first);
        assert_eq!(first.len(), 64);
    }

    #[test]
    fn an_entry_is_grouped_by_its_object() {
        let entry = entry(3, &tickle()).unwrap();
        assert_eq!(entry.id(), "3");
        assert_eq!(entry.message_group_id(), Some("24680135#deal#7001"));
        assert_eq!(Message::decode(entry.message_body()).unwrap(), Message::Look(tickle()));
        let attributes = entry.message_attributes().unwrap();
        assert_eq!(attributes.get("correlation").unwrap().string_value(), Some("c-1"));
    }

    #[test]
    fn an_empty_correlation_is_no_attribute() {
        for correlation in [None, Some(String::new())] {
            let entry = entry(0, &Tickle { correlation, ..tickle() }).unwrap();
            assert!(entry.message_attributes().is_none());
        }
    }

    #[test]
    fn what_sqs_did_not_take_is_transient_unless_it_is_our_mistake() {
        let failed = |fault, code: &str| {
            let entry = BatchResultErrorEntry::builder().id("0").sender_fault(fault).code(code);
            refused(&entry.build().unwrap(), 1, 10).class
        };
        assert_eq!(failed(false, "InternalError"), FaultClass::Transient);
        assert_eq!(failed(false, "SomethingNew"), FaultClass::Transient);
        assert_eq!(failed(true, "AccessDenied"), FaultClass::Denied);
        assert_eq!(failed(true, "InvalidMessageContents"), FaultClass::Bug);
    }
}
