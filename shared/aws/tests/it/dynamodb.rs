//! The store against a real DynamoDB engine: the suite of all stores, and what only this one has.

use crate::endpoints::emulator;
use connector_aws::{DynamoStates, tables};
use connector_domain::fault::FaultClass;
use connector_domain::ids::PortalId;
use connector_domain::object::StateKey;
use connector_domain::state::{AuditRecord, ObjectState, SyncStatus};
use connector_ports::conformance::check_states;
use connector_ports::states::{AccountLock, Change, Claim, Claimed, Locks, Saved, States};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;

const VARIABLE: &str = "DYNAMODB_ENDPOINT";
const PORTAL: PortalId = PortalId(24680135);

/// A store on tables of its own; other runs may have used the same emulator.
async fn fresh(client: &aws_sdk_dynamodb::Client) -> DynamoStates {
    let (state, audit) = tables_of(client).await;
    DynamoStates::new(client.clone(), state, audit)
}

async fn tables_of(client: &aws_sdk_dynamodb::Client) -> (String, String) {
    let number = RandomState::new().build_hasher().finish();
    let (state, audit) = (format!("state-{number:x}"), format!("audit-{number:x}"));
    tables::create_tables(client, &state, &audit).await.unwrap();
    (state, audit)
}

fn key(text: &str) -> StateKey {
    StateKey::parse(&format!("{PORTAL}#{text}")).unwrap()
}

fn now() -> Timestamp {
    "2026-11-16T10:00:00Z".parse().unwrap()
}

fn after(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

async fn claim(states: &DynamoStates, key: &StateKey) -> Claim {
    match states.claim(key, now(), after(60)).await.unwrap() {
        Claimed::Yes(claim) => *claim,
        Claimed::Busy { until } => panic!("{key} is busy until {until}"),
    }
}

fn change(state: ObjectState) -> Change {
    Change { state, due_at: None, waits_on: None, audit: Vec::new() }
}

fn record(target: &str) -> AuditRecord {
    AuditRecord {
        at: now(),
        object: "deal 7001".into(),
        effect: "create_order".into(),
        target: target.into(),
        reason: "webhook".into(),
        actor: None,
        correlation: None,
        result: "done".into(),
        digest: "d".into(),
        fields: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dynamodb_passes_the_suite_of_all_stores() {
    let Some(clients) = emulator(VARIABLE).await else { return };
    let states: Arc<dyn States> = Arc::new(fresh(&clients.dynamodb).await);
    check_states(async || Arc::clone(&states)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_claims_at_once_is_granted() {
    let Some(clients) = emulator(VARIABLE).await else { return };
    let states = fresh(&clients.dynamodb).await;
    let key = key("deal#7001");
    let claims = (0..16).map(|_| states.claim(&key, now(), after(60)));
    let claimed = futures::future::try_join_all(claims).await.unwrap();
    assert_eq!(claimed.iter().filter(|claimed| matches!(claimed, Claimed::Yes(_))).count(), 1);
    let busy = Claimed::Busy { until: after(60) };
    assert_eq!(claimed.iter().filter(|claimed| **claimed == busy).count(), 15);
}

/// An item that a version before the attribute `status` wrote.
#[tokio::test(flavor = "multi_thread")]
async fn an_item_without_its_status_beside_the_body_is_counted() {
    let Some(clients) = emulator(VARIABLE).await else { return };
    let (state, audit) = tables_of(&clients.dynamodb).await;
    let states = DynamoStates::new(clients.dynamodb.clone(), &state, audit);
    let key = key("deal#7001");
    let pending = ObjectState { status: SyncStatus::Pending, ..ObjectState::default() };
    let claimed = claim(&states, &key).await;
    assert_eq!(states.release(&claimed, &change(pending), Locks::Drop).await.unwrap(), Saved::Yes);
    let request = clients.dynamodb.update_item().table_name(&state).update_expression("REMOVE #status");
    let pk = aws_sdk_dynamodb::types::AttributeValue::S(key.as_text());
    request.key("pk", pk).expression_attribute_names("#status", "status").send().await.unwrap();
    let counts = states.counts(PORTAL, now()).await.unwrap();
    assert_eq!((counts.of(key.object.kind).pending, counts.complete), (1, true));
}

/// Two objects fight for one account; the emulator may show real contention here.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_objects_gets_the_account() {
    let Some(clients) = emulator(VARIABLE).await else { return };
    let states = fresh(&clients.dynamodb).await;
    let lock = AccountLock { name: format!("{PORTAL}#account#1"), until: after(180) };
    let saves = (1..=8).map(|id| {
        let (states, lock, key) = (states.clone(), lock.clone(), key(&format!("deal#{id}")));
        async move {
            let mut claim = claim(&states, &key).await;
            let saved = states.save(&mut claim, &change(ObjectState::default()), Some(&lock), now()).await;
            (claim, saved.unwrap())
        }
    });
    let saves = futures::future::join_all(saves).await;
    let (winners, losers): (Vec<_>, Vec<_>) = saves.into_iter().partition(|(_, saved)| *saved == Saved::Yes);
    assert_eq!(winners.len(), 1);
    assert!(losers.iter().all(|(_, saved)| *saved == Saved::Locked { until: after(180) }), "{losers:?}");

    let released = states.release(&winners[0].0, &change(ObjectState::default()), Locks::Drop).await.unwrap();
    assert_eq!(released, Saved::Yes);
    let mut next = losers[0].0.clone();
    let saved = states.save(&mut next, &change(ObjectState::default()), Some(&lock), now()).await.unwrap();
    assert_eq!(saved, Saved::Yes);
    assert_eq!(next.locks, [lock.name]);
}

/// The lock ended by itself and another object took it: the release neither fails nor takes it away.
#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_ended_is_left_to_its_new_holder() {
    let Some(clients) = emulator(VARIABLE).await else { return };
    let states = fresh(&clients.dynamodb).await;
    let (mut first, mut second) =
        (claim(&states, &key("deal#1")).await, claim(&states, &key("deal#2")).await);
    let nothing = change(ObjectState::default());
    let lock = |until| AccountLock { name: format!("{PORTAL}#account#1"), until };
    assert_eq!(states.save(&mut first, &nothing, Some(&lock(after(10))), now()).await.unwrap(), Saved::Yes);
    let saved = states.save(&mut second, &nothing, Some(&lock(after(99))), after(10)).await.unwrap();
    assert_eq!(saved, Saved::Yes);
    assert_eq!(states.release(&first, &nothing, Locks::Drop).await.unwrap(), Saved::Yes);
    let mut third = claim(&states, &key("deal#3")).await;
    let saved = states.save(&mut third, &nothing, Some(&lock(after(120))), after(11)).await.unwrap();
    assert_eq!(saved, Saved::Locked { until: after(99) });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_over_the_limit_is_a_clear_permanent_error() {
    let Some(clients) = emulator(VARIABLE).await else { return };
    let states = fresh(&clients.dynamodb).await;
    let mut held = claim(&states, &key("deal#7001")).await;
    let large = ObjectState { notices: vec!["x".repeat(410_000)], ..ObjectState::default() };
    let alone = states.save(&mut held, &change(large.clone()), None, now()).await.unwrap_err();
    let audited = Change { audit: vec![record("A-1")], ..change(large) };
    let together = states.save(&mut held, &audited, None, now()).await.unwrap_err();
    for error in [alone, together] {
        assert_eq!(error.class, FaultClass::Permanent, "{error}");
        assert!(error.message.contains("400 KB"), "{error}");
    }
    assert!(states.audit_of(&held.key, 10).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_one_moment_are_kept_apart_and_in_order() {
    let Some(clients) = emulator(VARIABLE).await else { return };
    let states = fresh(&clients.dynamodb).await;
    let mut held = claim(&states, &key("deal#7001")).await;
    for pair in [["A-1", "A-2"], ["A-3", "A-4"]] {
        let audit = pair.into_iter().map(record).collect();
        let saved = Change { audit, ..change(ObjectState::default()) };
        assert_eq!(states.save(&mut held, &saved, None, now()).await.unwrap(), Saved::Yes);
    }
    let trail = states.audit_of(&held.key, 3).await.unwrap();
    assert_eq!(trail.iter().map(|record| record.target.as_str()).collect::<Vec<_>>(), ["A-1", "A-2", "A-3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_parked_objects_neither_skip_nor_repeat() {
    let Some(clients) = emulator(VARIABLE).await else { return };
    let states = fresh(&clients.dynamodb).await;
    let keys: BTreeSet<_> = (1..=23).map(|id| key(&format!("deal#{id}"))).collect();
    for key in &keys {
        let parked = ObjectState { status: SyncStatus::NeedsAttention, ..ObjectState::default() };
        let claim = claim(&states, key).await;
        states.release(&claim, &change(parked), Locks::Drop).await.unwrap();
    }
    for limit in [1, 5, 23, 100] {
        let (mut seen, mut next, mut pages) = (Vec::new(), None::<String>, 0);
        loop {
            let page = states.parked(PORTAL, next.as_deref(), limit).await.unwrap();
            assert!(!page.items.is_empty() && page.items.len() <= limit);
            seen.extend(page.items.into_iter().map(|(key, _)| key));
            pages += 1;
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(pages, 23_usize.div_ceil(limit), "no empty page at the end");
        assert_eq!(seen.len(), 23);
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), keys);
    }
    let foreign = states.parked(PortalId(1), Some("24680135#deal#1"), 5).await;
    assert_eq!(foreign.unwrap_err().class, FaultClass::Bug);
}

#[tokio::test(flavor = "multi_thread")]
async fn due_objects_come_oldest_first_over_all_shards() {
    let Some(clients) = emulator(VARIABLE).await else { return };
    let states = fresh(&clients.dynamodb).await;
    for id in 1..=30 {
        let claim = claim(&states, &key(&format!("deal#{id}"))).await;
        let due = Change { due_at: Some(after(id)), ..change(ObjectState::default()) };
        states.release(&claim, &due, Locks::Drop).await.unwrap();
    }
    let due = states.due(after(20), 12).await.unwrap();
    assert_eq!(due, (1..=12).map(|id| key(&format!("deal#{id}"))).collect::<Vec<_>>());
    assert_eq!(states.due(after(20), 100).await.unwrap().len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_read_in_batches_and_a_key_named_twice_is_read_once() {
    let Some(clients) = emulator(VARIABLE).await else { return };
    let states = fresh(&clients.dynamodb).await;
    let mut keys: Vec<_> = (1..=130).map(|id| key(&format!("contact#{id}"))).collect();
    for key in &keys {
        let marks = BTreeMap::from([("parties".to_owned(), key.as_text())]);
        states.mark(key, &marks).await.unwrap();
    }
    keys.push(keys[0].clone());
    keys.push(key("contact#999"));
    let found = states.read_many(&keys).await.unwrap();
    assert_eq!(found.len(), 130);
    assert!(found.iter().all(|(key, stored)| stored.marks.get("parties") == Some(&key.as_text())));
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_exist_are_left_alone_and_a_missing_one_is_the_installations_fault() {
    let Some(clients) = emulator(VARIABLE).await else { return };
    let run = std::process::id();
    let (state, audit) = (format!("twice-{run}"), format!("twice-audit-{run}"));
    for _ in 0..2 {
        tables::create_tables(&clients.dynamodb, &state, &audit).await.unwrap();
    }
    let nowhere = DynamoStates::new(clients.dynamodb, "no-such-table", "no-such-audit");
    let error = nowhere.read(&key("deal#1")).await.unwrap_err();
    assert_eq!(error.class, FaultClass::Denied, "{error}");
}
