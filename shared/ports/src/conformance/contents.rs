//! Cases: marks, bodies and the audit trail.

use super::{LEASE, Room, at, change, full_states, insist, record, state};
use crate::states::{Change, Claimed, Locks, Saved};
use connector_domain::object::ObjectKind;
use connector_domain::state::ObjectState;
use std::collections::BTreeMap;
use tokio::task::JoinSet;

fn marks(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(super) async fn marks_survive_saves_and_releases(room: Room) {
    let key = room.deal(1);
    let mut claim = room.claim(&key, 0).await;
    room.mark(&key, "wanted", "user 77").await;
    assert_eq!(room.save(&mut claim, &change("one"), None, 1).await, Saved::Yes);
    room.mark(&key, "price.EUR", "12.50").await;
    room.mark(&key, "wanted", "deal 7001").await;
    assert_eq!(room.release(&claim, &change("two")).await, Saved::Yes);
    let expected = marks(&[("wanted", "deal 7001"), ("price.EUR", "12.50")]);
    let stored = room.read(&key).await;
    assert_eq!((&stored.state, &stored.marks), (&state("two"), &expected));
    assert_eq!(room.claim(&key, 2).await.stored.marks, expected);
    assert_eq!(room.store.read_many(std::slice::from_ref(&key)).await.unwrap()[&key].marks, expected);
}

pub(super) async fn mark_creates_an_absent_item(room: Room) {
    let key = room.deal(1);
    let both = marks(&[("wanted", "user 77"), ("parties", "2026-11-16T10:00:00Z")]);
    room.store.mark(&key, &both).await.unwrap();
    let stored = room.read(&key).await;
    assert_eq!((stored.marks, stored.state), (both.clone(), ObjectState::default()));
    assert_eq!((stored.due_at, stored.waits_on, stored.leased_until), (None, None, None));
    assert_eq!(room.claim(&key, 0).await.stored.marks, both);
}

pub(super) async fn mark_never_disturbs_a_lease(room: Room) {
    let key = room.deal(1);
    let mut claim = room.claim(&key, 0).await;
    let mut written = change("mine");
    written.due_at = Some(at(30));
    written.waits_on = Some(room.deal(9));
    assert_eq!(room.save(&mut claim, &written, None, 1).await, Saved::Yes);
    room.mark(&key, "wanted", "user 77").await;
    assert_eq!(room.try_claim(&key, 2).await, Claimed::Busy { until: at(LEASE) });
    let stored = room.read(&key).await;
    assert_eq!(stored.state, state("mine"));
    assert_eq!((stored.due_at, stored.waits_on), (written.due_at, written.waits_on));
    assert_eq!(stored.leased_until, Some(at(LEASE)));
    assert_eq!(room.save(&mut claim, &change("still mine"), None, 3).await, Saved::Yes);
    assert_eq!(room.release(&claim, &change("done")).await, Saved::Yes);
}

pub(super) async fn marks_of_concurrent_writers_are_all_kept(room: Room) {
    let key = room.deal(1);
    let mut writers = JoinSet::new();
    for number in 0..8 {
        let (room, key) = (room.clone(), key.clone());
        writers.spawn(async move {
            let mark = marks(&[(&format!("price.C{number}"), "1")]);
            insist!(room.store.mark(&key, &mark));
        });
    }
    writers.join_all().await;
    assert_eq!(room.read(&key).await.marks.len(), 8);
}

pub(super) async fn full_states_come_back_unchanged(room: Room) {
    for (number, state) in (1..).zip(full_states()) {
        let key = room.deal(number);
        let full = Change { state, due_at: None, waits_on: None, audit: Vec::new() };
        let mut claim = room.claim(&key, 0).await;
        assert_eq!(room.save(&mut claim, &full, None, 0).await, Saved::Yes);
        assert_eq!(room.read(&key).await.state, full.state);
        assert_eq!(room.release(&claim, &full).await, Saved::Yes);
        assert_eq!(room.claim(&key, 1).await.stored.state, full.state);
        assert_eq!(room.store.read_many(std::slice::from_ref(&key)).await.unwrap()[&key].state, full.state);
    }
}

pub(super) async fn envelope_comes_back_unchanged(room: Room) {
    for kind in ObjectKind::ALL {
        let key = room.key(kind, 1);
        let mut full = change("full");
        full.due_at = Some(at(86_400));
        full.waits_on = Some(room.key(kind, 2));
        room.put(&key, &full, 0).await;
        let stored = room.read(&key).await;
        assert_eq!((stored.due_at, stored.waits_on), (full.due_at, full.waits_on), "{kind}");
        room.put(&key, &change("empty"), 1).await;
        let stored = room.read(&key).await;
        assert_eq!((stored.due_at, stored.waits_on), (None, None), "{kind}");
    }
}

pub(super) async fn large_body_survives(room: Room) {
    let key = room.deal(1);
    // Two bytes a letter in UTF-8, and a character that JSON escapes.
    let notice = format!("{}\"", "ä".repeat(150_000));
    room.put(&key, &change(&notice), 0).await;
    assert_eq!(room.claim(&key, 1).await.stored.state, state(&notice));
}

pub(super) async fn absent_item_reads_as_nothing(room: Room) {
    assert!(room.store.read(&room.deal(1)).await.unwrap().is_none());
    assert_eq!(room.audit(&room.deal(1)).await, []);
    assert_eq!(room.store.waiting_on(&room.deal(1)).await.unwrap(), []);
}

pub(super) async fn read_many_leaves_out_absent_items(room: Room) {
    assert!(room.store.read_many(&[]).await.unwrap().is_empty());
    // More than a hundred, because stores read in batches; one asked for twice; one from next door.
    for number in 1..=120 {
        room.mark(&room.deal(number), "wanted", &number.to_string()).await;
    }
    let mut keys: Vec<_> = (1..=150).map(|number| room.deal(number)).collect();
    keys.push(room.deal(1));
    keys.push(room.next_door().deal(1));
    let found = room.store.read_many(&keys).await.unwrap();
    assert_eq!(found.len(), 120);
    for number in 1..=120 {
        assert_eq!(found[&room.deal(number)].marks, marks(&[("wanted", &number.to_string())]));
    }
}

pub(super) async fn audit_records_are_appended_in_order(room: Room) {
    let key = room.deal(1);
    let with = |targets: &[&str]| {
        let mut change = change("");
        change.audit = targets.iter().map(|target| record(&key, target)).collect();
        change
    };
    let mut claim = room.claim(&key, 0).await;
    assert_eq!(room.save(&mut claim, &with(&["one", "two", "three"]), None, 0).await, Saved::Yes);
    assert_eq!(room.save(&mut claim, &with(&[]), None, 1).await, Saved::Yes);
    let lock = room.lock("a", 210);
    assert_eq!(room.save(&mut claim, &with(&["four"]), Some(&lock), 2).await, Saved::Yes);
    assert_eq!(room.store.release(&claim, &with(&["five", "six"]), Locks::Drop).await.unwrap(), Saved::Yes);
    room.put(&key, &with(&["seven"]), 3).await;
    room.put(&room.deal(2), &with(&["another object's"]), 3).await;
    let expected = ["one", "two", "three", "four", "five", "six", "seven"];
    assert_eq!(room.audit(&key).await, expected.map(|target| record(&key, target)));
}

pub(super) async fn audit_trail_is_cut_at_its_limit(room: Room) {
    let key = room.deal(1);
    let mut change = change("");
    change.audit = (1..=5).map(|number| record(&key, &number.to_string())).collect();
    room.put(&key, &change, 0).await;
    let first: Vec<_> = room.store.audit_of(&key, 2).await.unwrap();
    assert_eq!(first, [record(&key, "1"), record(&key, "2")]);
}

/// The trait cannot write what it does not know; that a body's text is read leniently is checked here, and each
/// durable store checks it again with its own hands.
pub(super) async fn unknown_fields_of_a_later_version_are_tolerated(_room: Room) {
    let mut body = serde_json::to_value(&full_states()[0]).unwrap();
    body["from_the_future"] = serde_json::json!({"deep": [1, 2, 3]});
    body["intent"]["from_the_future"] = serde_json::json!("too");
    let read: ObjectState = serde_json::from_value(body).unwrap();
    assert_eq!(read, full_states()[0]);
    assert_eq!(serde_json::from_str::<ObjectState>("{}").unwrap(), ObjectState::default());
}
