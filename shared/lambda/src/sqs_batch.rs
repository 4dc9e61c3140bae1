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

#[cfg(test)]
mod tests {
    use super::*;
    use connector_domain::ids::{HubSpotId, PortalId};
    use connector_domain::object::{ObjectKind, ObjectRef, TickleReason};
    use std::sync::Mutex;

    const AMPLE: Duration = Duration::from_secs(90);

    fn body(deal: &str) -> String {
        Message::Look(Tickle {
            portal: PortalId(24680135),
            object: ObjectRef::new(ObjectKind::Deal, HubSpotId::parse(deal).unwrap()),
            reason: TickleReason::Webhook,
            actor: None,
            correlation: None,
            received_at: "2026-11-16T10:00:00Z".parse().unwrap(),
        })
        .encode()
    }

    /// A batch as Lambda delivers it: message id, group, body.
    fn batch(messages: &[(&str, &str, String)]) -> SqsEvent {
        let records: Vec<_> = messages
            .iter()
            .map(|(id, group, body)| {
                serde_json::json!({
                    "messageId": id, "body": body,
                    "attributes": { "MessageGroupId": group, "ApproximateReceiveCount": "2" },
                })
            })
            .collect();
        serde_json::from_value(serde_json::json!({ "Records": records })).unwrap()
    }

    fn failed(answer: &SqsBatchResponse) -> Vec<&str> {
        answer.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect()
    }

    /// Runs a batch; deals named in `refused` fail. Answers what was looked at and what comes again.
    async fn play(event: SqsEvent, refused: &[&str]) -> (Vec<String>, SqsBatchResponse) {
        let seen = Mutex::new(Vec::new());
        let work = |tickle: Tickle, attempt: u32| {
            assert_eq!(attempt, 2);
            let id = tickle.object.id.to_string();
            let handled = if refused.contains(&id.as_str()) { Handled::Again } else { Handled::Done };
            seen.lock().unwrap().push(id);
            async move { handled }
        };
        let answer = run(event, Limits::default(), || AMPLE, work).await;
        (seen.into_inner().unwrap(), answer)
    }

    #[tokio::test]
    async fn a_batch_without_trouble_returns_nothing() {
        let event = batch(&[("a", "g1", body("1")), ("b", "g2", body("2"))]);
        let (seen, answer) = play(event, &[]).await;
        assert_eq!(seen, ["1", "2"]);
        assert_eq!(serde_json::to_value(&answer).unwrap(), serde_json::json!({ "batchItemFailures": [] }));
        assert!(failed(&play(batch(&[]), &[]).await.1).is_empty());
    }

    #[tokio::test]
    async fn after_a_failure_only_the_rest_of_that_group_comes_again() {
        let event = batch(&[
            ("a1", "a", body("1")),
            ("b1", "b", body("2")),
            ("a2", "a", body("3")),
            ("b2", "b", body("4")),
            ("a3", "a", body("5")),
        ]);
        let (seen, answer) = play(event, &["3"]).await;
        assert!(!seen.contains(&"5".to_owned()), "a message behind a failed one was worked on: {seen:?}");
        assert!(seen.contains(&"4".to_owned()), "another group was stopped: {seen:?}");
        assert_eq!(failed(&answer), ["a2", "a3"]);
    }

    #[tokio::test]
    async fn messages_of_a_group_are_worked_on_in_order_and_one_at_a_time() {
        let event = batch(&[("a", "g", body("1")), ("b", "g", body("2")), ("c", "h", body("3"))]);
        let log = Mutex::new(Vec::new());
        let work = |tickle: Tickle, _| {
            let log = &log;
            async move {
                log.lock().unwrap().push(format!("{} begins", tickle.object.id));
                tokio::task::yield_now().await;
                log.lock().unwrap().push(format!("{} ends", tickle.object.id));
                Handled::Done
            }
        };
        assert!(failed(&run(event, Limits::default(), || AMPLE, work).await).is_empty());
        let log = log.into_inner().unwrap();
        let place = |words: &str| log.iter().position(|line| line == words).unwrap();
        assert!(place("1 ends") < place("2 begins"), "{log:?}");
        assert!(place("3 begins") < place("1 ends"), "groups do not run side by side: {log:?}");
    }

    #[tokio::test]
    async fn a_message_that_cannot_be_read_fails_alone() {
        let newer = body("9").replacen("\"v\":1", "\"v\":2", 1);
        let event = batch(&[("a", "g", "poison".into()), ("b", "g", newer), ("c", "g", body("1"))]);
        let (seen, answer) = play(event, &[]).await;
        assert_eq!(seen, ["1"]);
        assert_eq!(failed(&answer), ["a", "b"]);
    }

    #[tokio::test]
    async fn without_enough_time_no_message_is_begun() {
        let event = batch(&[("a", "g", body("1")), ("b", "h", body("2"))]);
        let work = |_, _| async { panic!("a message was begun") };
        let answer = run(event, Limits::default(), || Duration::from_secs(44), work).await;
        assert_eq!(failed(&answer), ["a", "b"]);
    }

    #[tokio::test]
    async fn when_time_is_up_what_is_done_stays_done() {
        let event = batch(&[("a", "g", body("1")), ("b", "h", body("2"))]);
        let limits = Limits { start: Duration::ZERO, answer: Duration::ZERO };
        let work = |tickle: Tickle, _| async move {
            if tickle.object.id.to_string() == "2" {
                std::future::pending::<()>().await;
            }
            Handled::Done
        };
        let answer = run(event, limits, || Duration::from_millis(20), work).await;
        assert_eq!(failed(&answer), ["b"]);
    }
}
