//! Cases: what is due, what waits, what is parked, how many stand how, and the walls between portals.

use super::{LEASE, Room, at, change, parked, record, state};
use crate::states::{COUNTS_KEPT, Count, Counts, Saved};
use connector_domain::object::{ObjectKind, StateKey};
use connector_domain::state::SyncStatus;
use std::collections::BTreeSet;

/// Due objects of this portal; other portals in the same table are somebody else's.
async fn due(room: &Room, now: i64) -> Vec<StateKey> {
    let mut due = room.store.due(at(now), 10_000).await.unwrap();
    due.retain(|key| key.portal == room.portal);
    due.sort();
    due
}

pub(super) async fn due_lists_only_what_has_come(room: Room) {
    for (number, due_at) in [(1, Some(at(10))), (2, Some(at(20))), (3, None), (4, Some(at(20)))] {
        let mut change = change("");
        change.due_at = due_at;
        room.put(&room.deal(number), &change, 0).await;
    }
    room.mark(&room.deal(5), "wanted", "user 77").await;
    assert_eq!(due(&room, 9).await, []);
    assert_eq!(due(&room, 10).await, [room.deal(1)]);
    assert_eq!(due(&room, 20).await, [room.deal(1), room.deal(2), room.deal(4)]);
    // A later moment moves it, none takes it off.
    let mut later = change("");
    later.due_at = Some(at(50));
    room.put(&room.deal(1), &later, 21).await;
    room.put(&room.deal(2), &change(""), 21).await;
    assert_eq!(due(&room, 30).await, [room.deal(4)]);
    assert_eq!(due(&room, 50).await, [room.deal(1), room.deal(4)]);
    for number in [1, 4] {
        room.put(&room.deal(number), &change(""), 60).await;
    }
    assert_eq!(due(&room, 1_000).await, []);
}

pub(super) async fn due_does_not_care_for_leases(room: Room) {
    let key = room.deal(1);
    let mut claim = room.claim(&key, 0).await;
    let mut soon = change("");
    soon.due_at = Some(at(10));
    assert_eq!(room.save(&mut claim, &soon, None, 0).await, Saved::Yes);
    assert_eq!(due(&room, 10).await, std::slice::from_ref(&key), "leased");
    assert_eq!(due(&room, LEASE + 10).await, std::slice::from_ref(&key), "lease ended");
    assert_eq!(room.release(&claim, &soon).await, Saved::Yes);
    assert_eq!(due(&room, 10).await, std::slice::from_ref(&key), "released");
    room.put(&key, &change(""), 11).await;
}

pub(super) async fn due_keeps_to_its_limit(room: Room) {
    for number in 1..=5 {
        let mut change = change("");
        change.due_at = Some(at(number));
        room.put(&room.deal(number.unsigned_abs()), &change, 0).await;
    }
    assert!(room.store.due(at(10), 2).await.unwrap().len() <= 2);
    assert_eq!(due(&room, 10).await.len(), 5);
    for number in 1..=5 {
        room.put(&room.deal(number), &change(""), 11).await;
    }
}

pub(super) async fn waiting_objects_are_found_and_forgotten(room: Room) {
    let company = room.key(ObjectKind::Company, 1);
    let product = room.key(ObjectKind::Product, 1);
    let waits = |on: &StateKey| {
        let mut change = change("waits");
        change.waits_on = Some(on.clone());
        change
    };
    for number in 1..=30 {
        room.put(&room.deal(number), &waits(&company), 0).await;
    }
    room.put(&room.deal(31), &waits(&product), 0).await;
    let found: BTreeSet<_> = room.store.waiting_on(&company).await.unwrap().into_iter().collect();
    assert_eq!(found, (1..=30).map(|number| room.deal(number)).collect());
    assert_eq!(room.store.waiting_on(&product).await.unwrap(), [room.deal(31)]);
    assert_eq!(room.store.waiting_on(&room.key(ObjectKind::Deal, 1)).await.unwrap(), []);
    // One goes on, one waits for something else now.
    room.put(&room.deal(1), &change("goes on"), 1).await;
    room.put(&room.deal(2), &waits(&product), 1).await;
    assert_eq!(room.store.waiting_on(&company).await.unwrap().len(), 28);
    let found: BTreeSet<_> = room.store.waiting_on(&product).await.unwrap().into_iter().collect();
    assert_eq!(found, BTreeSet::from([room.deal(2), room.deal(31)]));
}

pub(super) async fn parked_objects_are_listed_page_by_page(room: Room) {
    let neighbour = room.next_door();
    for number in 1..=7 {
        room.put(&room.deal(number), &parked(&format!("deal {number}")), 0).await;
    }
    room.put(&room.deal(8), &change("in order"), 0).await;
    neighbour.put(&neighbour.deal(1), &parked("not ours"), 0).await;

    let mut found = BTreeSet::new();
    let mut next = None;
    for page_number in 1.. {
        assert!(page_number <= 10, "the pages do not end");
        let page = room.store.parked(room.portal, next.as_deref(), 3).await.unwrap();
        assert!(page.items.len() <= 3);
        for (key, stored) in page.items {
            assert_eq!(stored.state, parked(&key.object.to_string()).state);
            assert!(found.insert(key), "listed twice");
        }
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(found, (1..=7).map(|number| room.deal(number)).collect());
    let all = room.store.parked(room.portal, None, 100).await.unwrap();
    assert_eq!((all.items.len(), all.next), (7, None));
}

pub(super) async fn parked_objects_leave_the_list_when_they_are_mended(room: Room) {
    let key = room.deal(1);
    let mut claim = room.claim(&key, 0).await;
    assert_eq!(room.save(&mut claim, &parked("wrong"), None, 0).await, Saved::Yes);
    assert_eq!(room.store.parked(room.portal, None, 10).await.unwrap().items.len(), 1);
    assert_eq!(room.release(&claim, &change("mended")).await, Saved::Yes);
    let page = room.store.parked(room.portal, None, 10).await.unwrap();
    assert_eq!((page.items.len(), page.next), (0, None));
}

pub(super) async fn portals_do_not_see_each_other(room: Room) {
    let neighbour = room.next_door();
    let (ours, theirs) = (room.deal(1), neighbour.deal(1));
    let mut claim = room.claim(&ours, 0).await;
    let mut waiting = parked("ours");
    waiting.waits_on = Some(room.deal(9));
    waiting.audit = vec![record(&ours, "ours")];
    assert_eq!(room.save(&mut claim, &waiting, None, 0).await, Saved::Yes);
    room.mark(&ours, "wanted", "user 77").await;

    assert!(neighbour.store.read(&theirs).await.unwrap().is_none());
    assert_eq!(neighbour.store.waiting_on(&neighbour.deal(9)).await.unwrap(), []);
    assert_eq!(neighbour.store.parked(neighbour.portal, None, 10).await.unwrap().items, []);
    assert_eq!(neighbour.audit(&theirs).await, []);
    // The same object id next door is free, and writing it leaves ours alone.
    neighbour.put(&theirs, &change("theirs"), 1).await;
    assert!(neighbour.read(&theirs).await.marks.is_empty());
    assert_eq!(room.read(&ours).await.state, waiting.state);
    assert_eq!(neighbour.read(&theirs).await.state, state("theirs"));
    assert_eq!(room.store.waiting_on(&room.deal(9)).await.unwrap(), [ours]);
}

pub(super) async fn objects_are_counted_by_kind_and_status(room: Room) {
    let neighbour = room.next_door();
    let stands = |status| {
        let mut change = change("");
        change.state.status = status;
        change
    };
    let nothing = Counts { complete: true, ..Counts::default() };
    assert_eq!(room.store.counts(room.portal, at(0)).await.unwrap(), nothing);
    for (kind, number, status) in [
        (ObjectKind::Deal, 1, SyncStatus::InSync),
        (ObjectKind::Deal, 2, SyncStatus::InSync),
        (ObjectKind::Deal, 3, SyncStatus::Pending),
        (ObjectKind::Deal, 4, SyncStatus::NeedsAttention),
        (ObjectKind::Deal, 5, SyncStatus::NotLinked),
        (ObjectKind::Company, 1, SyncStatus::InSync),
        (ObjectKind::LineItem, 1, SyncStatus::NotLinked),
    ] {
        room.put(&room.key(kind, number), &stands(status), 0).await;
    }
    // An account lock is no object; marks alone, and a lease alone, are one that is not linked.
    let mut locking = room.claim(&room.deal(6), 0).await;
    let lock = room.lock("1", 300);
    let locked = room.save(&mut locking, &stands(SyncStatus::Pending), Some(&lock), 0).await;
    assert_eq!(locked, Saved::Yes);
    room.mark(&room.key(ObjectKind::Product, 1), "wanted", "user 77").await;
    room.claim(&room.key(ObjectKind::Product, 2), 0).await;
    neighbour.put(&neighbour.deal(1), &stands(SyncStatus::InSync), 0).await;

    let later = at(1).checked_add(COUNTS_KEPT).unwrap();
    let counts = room.store.counts(room.portal, later).await.unwrap();
    assert!(counts.complete);
    let deals = Count { in_sync: 2, pending: 2, needs_attention: 1, not_linked: 1 };
    assert_eq!(counts.of(ObjectKind::Deal), deals);
    assert_eq!(counts.of(ObjectKind::Company), Count { in_sync: 1, ..Count::default() });
    assert_eq!(counts.of(ObjectKind::Product), Count { not_linked: 2, ..Count::default() });
    assert_eq!(counts.of(ObjectKind::LineItem), Count { not_linked: 1, ..Count::default() });
    assert_eq!(counts.of(ObjectKind::Contact), Count::default());
}
