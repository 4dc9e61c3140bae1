//! What no emulator shows: contention, repeats after a lost answer, throttling, batches taken in part, silence.

use crate::canned::Canned;
use crate::endpoints::clients;
use connector_aws::{DynamoStates, QueueUrls, SqsTickles};
use connector_domain::fault::FaultClass;
use connector_domain::ids::{HubSpotId, PortalId};
use connector_domain::object::{ObjectKind, ObjectRef, StateKey, Tickle, TickleReason};
use connector_domain::state::ObjectState;
use connector_ports::states::{AccountLock, Change, Claim, Claimed, Locks, Saved, States as _, Stored};
use connector_ports::tickles::Tickles as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

async fn states(server: &Canned) -> DynamoStates {
    DynamoStates::new(clients(&server.address).await.dynamodb, "state", "audit")
}

fn key() -> StateKey {
    StateKey::parse("24680135#deal#7001").unwrap()
}

fn at(text: &str) -> Timestamp {
    format!("2026-11-16T{text}Z").parse().unwrap()
}

fn held() -> Claim {
    Claim { key: key(), fence: 3, stored: Stored::default(), locks: vec!["24680135#account#1".into()] }
}

fn change() -> Change {
    Change { state: ObjectState::default(), due_at: None, waits_on: None, audit: Vec::new() }
}

fn lock() -> AccountLock {
    AccountLock { name: "24680135#account#1".into(), until: at("10:05:00") }
}

fn error(code: &str) -> (u16, Value) {
    (400, json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "words"}))
}

fn cancelled(codes: &[&str]) -> (u16, Value) {
    let reasons: Vec<_> = codes.iter().map(|code| json!({"Code": code, "Message": "words"})).collect();
    let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    (400, json!({"__type": kind, "Message": "cancelled", "CancellationReasons": reasons}))
}

#[tokio::test]
async fn a_claim_waits_for_another_transaction_to_end() {
    let server = Canned::start(|number, _| match number {
        0 | 1 => error("TransactionConflictException"),
        _ => (200, json!({"Attributes": {"pk": {"S": "24680135#deal#7001"}, "fence": {"N": "8"}}})),
    })
    .await;
    let claimed = states(&server).await.claim(&key(), at("10:00:00"), at("10:01:00")).await.unwrap();
    assert!(matches!(claimed, Claimed::Yes(claim) if claim.fence == 8));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_mark_gives_up_after_some_contention() {
    let server = Canned::start(|_, _| error("TransactionConflictException")).await;
    let marks = BTreeMap::from([("wanted".to_owned(), "button".to_owned())]);
    let error = states(&server).await.mark(&key(), &marks).await.unwrap_err();
    assert_eq!(error.class, FaultClass::Transient);
    assert_eq!(error.operation, "dynamodb mark");
    assert_eq!(error.request_id.as_deref(), Some("req-1"));
    assert_eq!(server.requests().len(), 5);
}

/// The first attempt took the lease, but its answer was lost; the SDK's second one must not see a stranger.
#[tokio::test]
async fn a_repeated_claim_knows_its_own_lease() {
    let server = Canned::start(|number, request| match number {
        0 => (500, json!({"__type": "InternalServerError"})),
        _ => {
            let values = request["ExpressionAttributeValues"].as_object().unwrap();
            let by = values.values().find(|value| value["S"].is_string()).unwrap();
            let item = json!({"pk": {"S": "24680135#deal#7001"}, "fence": {"N": "5"}, "lease_by": by,
                "lease_until": {"N": "1794823260000"}});
            (400, json!({"__type": "ConditionalCheckFailedException", "message": "refused", "Item": item}))
        }
    })
    .await;
    let claimed = states(&server).await.claim(&key(), at("10:00:00"), at("10:01:00")).await.unwrap();
    assert!(matches!(claimed, Claimed::Yes(claim) if claim.fence == 5));
}

#[tokio::test]
async fn a_strangers_lease_is_busy_until_its_end() {
    let server = Canned::start(|_, _| {
        let item = json!({"pk": {"S": "24680135#deal#7001"}, "fence": {"N": "5"}, "lease_by": {"S": "x"},
            "lease_until": {"N": "1794823260000"}});
        (400, json!({"__type": "ConditionalCheckFailedException", "message": "refused", "Item": item}))
    })
    .await;
    let claimed = states(&server).await.claim(&key(), at("10:00:00"), at("10:01:00")).await.unwrap();
    assert_eq!(claimed, Claimed::Busy { until: Timestamp::from_millisecond(1_794_823_260_000).unwrap() });
}

/// As above, for the release: the item was given back by this very call.
#[tokio::test]
async fn a_repeated_release_knows_its_own_work() {
    let server = Canned::start(|number, request| match number {
        0 => (500, json!({"__type": "InternalServerError"})),
        _ => {
            let values = request["ExpressionAttributeValues"].as_object().unwrap();
            // The other texts are body and status.
            let by = values.values().find(|value| {
                value["S"].as_str().is_some_and(|text| !text.starts_with('{') && text != "not_linked")
            });
            let item = json!({"pk": {"S": "24680135#deal#7001"}, "fence": {"N": "3"},
                "lease_by": by.unwrap()});
            (400, json!({"__type": "ConditionalCheckFailedException", "message": "refused", "Item": item}))
        }
    })
    .await;
    let claim = Claim { locks: Vec::new(), ..held() };
    let released = states(&server).await.release(&claim, &change(), Locks::Drop).await.unwrap();
    assert_eq!(released, Saved::Yes);
}

#[tokio::test]
async fn a_save_in_a_transaction_is_repeated_under_contention_with_a_token_of_its_own() {
    let server = Canned::start(|number, _| match number {
        0 => cancelled(&["None", "TransactionConflict"]),
        1 => error("TransactionInProgressException"),
        _ => (200, json!({})),
    })
    .await;
    let (mut claim, lock) = (held(), lock());
    let saved = states(&server).await.save(&mut claim, &change(), Some(&lock), at("10:00:00")).await.unwrap();
    assert_eq!(saved, Saved::Yes);
    let tokens: Vec<_> =
        server.requests().iter().map(|request| request["ClientRequestToken"].to_string()).collect();
    assert_eq!(tokens.len(), 3);
    assert_ne!(tokens[0], tokens[1], "a cancelled transaction is a new call");
    assert_eq!(tokens[1], tokens[2], "the SDK's repeat is the same call");
}

#[tokio::test]
async fn contention_without_end_and_throttling_are_transient() {
    for code in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
        let server = Canned::start(move |_, _| cancelled(&["None", code])).await;
        let (mut claim, lock) = (held(), lock());
        let saved = states(&server).await.save(&mut claim, &change(), Some(&lock), at("10:00:00")).await;
        let error = saved.unwrap_err();
        assert_eq!((error.class, error.code.as_deref()), (FaultClass::Transient, Some(code)));
    }
    let server = Canned::start(|_, _| error("ThrottlingException")).await;
    let error = states(&server).await.read(&key()).await.unwrap_err();
    assert_eq!(error.class, FaultClass::Transient);
    assert_eq!(server.requests().len(), 3, "the SDK's three attempts and no more");
}

#[tokio::test]
async fn a_lock_that_became_somebody_elses_does_not_hinder_the_release() {
    let server = Canned::start(|number, _| match number {
        0 => cancelled(&["None", "ConditionalCheckFailed"]),
        _ => (200, json!({})),
    })
    .await;
    let released = states(&server).await.release(&held(), &change(), Locks::Drop).await.unwrap();
    assert_eq!(released, Saved::Yes);
    let actions: Vec<_> =
        server.requests().iter().map(|request| request["TransactItems"].as_array().unwrap().len()).collect();
    assert_eq!(actions, [2, 1]);
}

#[tokio::test]
async fn keys_that_a_batch_left_out_are_asked_for_again() {
    let server = Canned::start(|number, request| {
        let keys = request["RequestItems"]["state"]["Keys"].as_array().unwrap().clone();
        let (answered, left) = if number == 0 { keys.split_at(1) } else { (keys.as_slice(), &[][..]) };
        let left = if left.is_empty() { json!({}) } else { json!({"state": {"Keys": left}}) };
        (200, json!({"Responses": {"state": answered}, "UnprocessedKeys": left}))
    })
    .await;
    let keys: Vec<_> = (1..=3).map(|id| StateKey::parse(&format!("24680135#deal#{id}")).unwrap()).collect();
    let found = states(&server).await.read_many(&keys).await.unwrap();
    assert_eq!(found.into_keys().collect::<Vec<_>>(), keys);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_store_that_cannot_be_reached_is_transient() {
    let nobody = clients("http://127.0.0.1:9").await;
    let states = DynamoStates::new(nobody.dynamodb, "state", "audit");
    let error = states.claim(&key(), at("10:00:00"), at("10:01:00")).await.unwrap_err();
    assert_eq!(error.class, FaultClass::Transient, "{error}");
    assert!(error.to_string().starts_with("dynamodb claim failed (transient)"), "{error}");
}

fn queues(address: &str) -> QueueUrls {
    let url = |name: &str| format!("{address}/000000000000/{name}.fifo");
    QueueUrls {
        company: url("company"),
        contact: url("contact"),
        product: url("product"),
        deal: url("deal"),
        line_item: url("line_item"),
    }
}

fn tickles(kind: ObjectKind, count: usize) -> Vec<Tickle> {
    let tickle = |id: usize| Tickle {
        portal: PortalId(24680135),
        object: ObjectRef::new(kind, HubSpotId::parse(&id.to_string()).unwrap()),
        reason: TickleReason::Webhook,
        actor: None,
        correlation: Some("c-1".into()),
        received_at: at("10:00:00"),
    };
    (1..=count).map(tickle).collect()
}

fn failed(ids: &[&str], sender_fault: bool) -> (u16, Value) {
    let entry = |id: &&str| json!({"Id": id, "SenderFault": sender_fault, "Code": "Odd", "Message": "words"});
    (200, json!({"Successful": [], "Failed": ids.iter().map(entry).collect::<Vec<_>>()}))
}

fn ids(request: &Value) -> Vec<String> {
    let entries = request["Entries"].as_array().unwrap();
    entries.iter().map(|entry| entry["Id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_a_batch_did_not_take_is_sent_once_more() {
    let server = Canned::start(|number, _| match number {
        0 => failed(&["1", "3"], false),
        _ => failed(&[], false),
    })
    .await;
    let sender = SqsTickles::new(clients(&server.address).await.sqs, queues(&server.address));
    sender.send(&tickles(ObjectKind::Deal, 5)).await.unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(ids(&requests[1]), ["1", "3"]);
}

#[tokio::test]
async fn what_a_batch_does_not_take_twice_is_an_error() {
    let server = Canned::start(|_, _| failed(&["1"], false)).await;
    let sender = SqsTickles::new(clients(&server.address).await.sqs, queues(&server.address));
    let error = sender.send(&tickles(ObjectKind::Deal, 5)).await.unwrap_err();
    assert_eq!((error.class, server.requests().len()), (FaultClass::Transient, 2));

    let server = Canned::start(|_, _| failed(&["1"], true)).await;
    let sender = SqsTickles::new(clients(&server.address).await.sqs, queues(&server.address));
    let error = sender.send(&tickles(ObjectKind::Deal, 5)).await.unwrap_err();
    assert_eq!((error.class, server.requests().len()), (FaultClass::Bug, 1), "our mistake is not repeated");
}

#[tokio::test]
async fn as_few_calls_as_sqs_allows() {
    let server = Canned::start(|_, _| failed(&[], false)).await;
    let sender = SqsTickles::new(clients(&server.address).await.sqs, queues(&server.address));
    let mut all = tickles(ObjectKind::Deal, 23);
    all.extend(tickles(ObjectKind::Company, 10));
    sender.send(&all).await.unwrap();
    let mut sizes: Vec<_> = server.requests().iter().map(|request| ids(request).len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [3, 10, 10, 10]);
    sender.send(&[]).await.unwrap();
    assert_eq!(server.requests().len(), 4, "nothing to send is no call");
}
