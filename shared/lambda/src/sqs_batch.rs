//! From a batch of queue messages to one look after the other, and back to the list of those that failed.
//!
//! - Message groups run side by side, the messages of a group in order. After a failure, or when time is short,
//!   the rest of *that* group is returned, and only that.
//! - A message that cannot be read fails alone: it says nothing about those behind it.
//! - Shortly before the invocation ends, what is not done is returned. Otherwise a time-out would return the
//!   whole batch, the messages that are done included.
//!
//! A returned message is delivered again after the queue's visibility timeout, and put aside after three times
//! (D-19). Both are harmless: a message only says "look again".

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use connector_app::telemetry::{error_chain, field};
use connector_domain::object::{Message, Tickle};
use futures::future::join_all;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tracing::Instrument as _;

/// What became of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handled {
    /// It can be deleted.
    Done,
    /// It must be delivered again.
    Again,
}

/// How time is dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// With less than this left, no message is begun.
    pub start: Duration,
    /// What is kept for the answer itself.
    pub answer: Duration,
}

impl Default for Limits {
    /// Half of the worker's 90 s: a look with one write that times out ends within it (D-19).
    fn default() -> Self {
        Self { start: Duration::from_secs(45), answer: Duration::from_secs(2) }
    }
}

/// Works a batch. `left` tells the time that is left, `work` looks at one object; its number says the how many-th
/// delivery this is.
pub async fn run<W, F>(
    event: SqsEvent,
    limits: Limits,
    left: impl Fn() -> Duration,
    work: W,
) -> SqsBatchResponse
where
    W: Fn(Tickle, u32) -> F,
    F: Future<Output = Handled>,
{
    let ids: Vec<String> =
        event.records.iter().map(|message| message.message_id.clone().unwrap_or_default()).collect();
    let done: Vec<AtomicBool> = ids.iter().map(|_| AtomicBool::new(false)).collect();
    let mut groups: BTreeMap<String, Vec<(SqsMessage, &AtomicBool)>> = BTreeMap::new();
    for (message, done) in event.records.into_iter().zip(&done) {
        let group = message.attributes.get("MessageGroupId").or(message.message_id.as_ref());
        groups.entry(group.cloned().unwrap_or_default()).or_default().push((message, done));
    }
    let all = join_all(groups.into_values().map(|group| one_group(group, limits, &left, &work)));
    if tokio::time::timeout(left().saturating_sub(limits.answer), all).await.is_err() {
        tracing::warn!("time is up; what is not done comes again");
    }
    let mut answer = SqsBatchResponse::default();
    answer.batch_item_failures = ids
        .into_iter()
        .zip(&done)
        .filter(|(_, done)| !done.load(Ordering::SeqCst))
        .map(|(id, _)| failure(id))
        .collect();
    answer
}

fn failure(id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    // Lambda takes an empty id for a failure of the whole batch, which is right for a message without one.
    failure.item_identifier = id;
    failure
}

async fn one_group<W, F>(
    group: Vec<(SqsMessage, &AtomicBool)>,
    limits: Limits,
    left: &impl Fn() -> Duration,
    work: &W,
) where
    W: Fn(Tickle, u32) -> F,
    F: Future<Output = Handled>,
{
    for (message, done) in group {
        if left() < limits.start {
            tracing::warn!("too little time for another message; it comes again");
            return;
        }
        let id = message.message_id.as_deref().unwrap_or_default();
        let Message::Look(tickle) = match Message::decode(message.body.as_deref().unwrap_or_default()) {
            Ok(decoded) => decoded,
            Err(error) => {
                // The body is not logged: nobody knows what it is.
                let words = error_chain(&error);
                tracing::error!(message.id = id, error = words, "a message cannot be read; it is put aside");
                continue;
            }
        };
        let attempt = message.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
        let attempt = attempt.unwrap_or(1);
        let span = tracing::info_span!(
            "message",
            { field::PORTAL_ID } = %tickle.portal,
            { field::OBJECT_KIND } = %tickle.object.kind,
            { field::OBJECT_ID } = %tickle.object.id,
            { field::TICKLE_REASON } = tickle.reason.as_str(),
            { field::CORRELATION_ID } = tickle.correlation.as_deref().unwrap_or_default(),
            { field::ATTEMPT } = attempt,
        );
        match work(tickle, attempt).instrument(span).await {
            Handled::Done => done.store(true, Ordering::SeqCst),
            Handled::Again => return,
        }
    }
}
