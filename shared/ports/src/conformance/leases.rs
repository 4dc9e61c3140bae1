//! Cases: one writer per object, fenced.

use super::{LEASE, Room, at, change, insist, parked, record, state};
use crate::states::{Claimed, Locks, Saved};
use connector_domain::state::ObjectState;
use tokio::task::JoinSet;

pub(super) async fn claim_creates_the_item(room: Room) {
    let key = room.deal(1);
    let claim = room.claim(&key, 0).await;
    assert_eq!(claim.key, key);
    assert!(claim.fence >= 1);
    assert_eq!(claim.stored.state, ObjectState::default());
    assert!(claim.stored.marks.is_empty() && claim.locks.is_empty());
    let stored = room.read(&key).await;
    assert_eq!(stored.state, ObjectState::default());
    assert_eq!((stored.due_at, stored.waits_on), (None, None));
    assert_eq!(stored.leased_until, Some(at(LEASE)));
}

pub(super) async fn second_claim_is_busy_until_the_lease_ends(room: Room) {
    let key = room.deal(1);
    room.claim(&key, 0).await;
    for now in [0, 1, LEASE - 1] {
        assert_eq!(room.try_claim(&key, now).await, Claimed::Busy { until: at(LEASE) }, "{now} s later");
    }
    room.claim(&key, LEASE).await;
    assert_eq!(room.try_claim(&key, LEASE + 1).await, Claimed::Busy { until: at(LEASE + LEASE) });
    // Another object is not concerned.
    room.claim(&room.deal(2), 0).await;
}

pub(super) async fn expired_lease_can_be_taken_over_and_the_fence_rises(room: Room) {
    let key = room.deal(1);
    let mut first = room.claim(&key, 0).await;
    assert_eq!(room.save(&mut first, &change("first"), None, 1).await, Saved::Yes);
    let second = room.claim(&key, LEASE + 1).await;
    assert!(second.fence > first.fence);
    assert_eq!(second.stored.state, state("first"));
    assert_eq!(room.release(&second, &change("second")).await, Saved::Yes);
    let third = room.claim(&key, LEASE + 2).await;
    assert!(third.fence > second.fence);
    assert_eq!(third.stored.state, state("second"));
}

pub(super) async fn old_holder_is_told_lost_and_writes_nothing(room: Room) {
    let key = room.deal(1);
    let mut old = room.claim(&key, 0).await;
    let mut new = room.claim(&key, LEASE).await;
    assert_eq!(room.save(&mut new, &change("new"), None, LEASE).await, Saved::Yes);

    let mut stale = parked("old");
    stale.due_at = Some(at(1));
    stale.waits_on = Some(room.deal(9));
    stale.audit = vec![record(&key, "old")];
    let lock = room.lock("a", 500);
    assert_eq!(room.save(&mut old, &stale, None, LEASE + 1).await, Saved::Lost);
    assert_eq!(room.save(&mut old, &stale, Some(&lock), LEASE + 1).await, Saved::Lost);
    assert_eq!(room.release(&old, &stale).await, Saved::Lost);
    assert_eq!(room.store.release(&old, &stale, Locks::Keep).await.unwrap(), Saved::Lost);

    let stored = room.read(&key).await;
    assert_eq!(stored.state, state("new"));
    assert_eq!((stored.due_at, stored.waits_on), (None, None));
    assert_eq!(room.audit(&key).await, []);
    assert_eq!(room.store.waiting_on(&room.deal(9)).await.unwrap(), []);
    assert_eq!(room.store.parked(room.portal, None, 10).await.unwrap().items, []);
    // The refused save took no lock either.
    let mut other = room.claim(&room.deal(2), LEASE).await;
    assert_eq!(room.save(&mut other, &change(""), Some(&lock), LEASE + 2).await, Saved::Yes);
}

pub(super) async fn old_holder_cannot_end_the_lease_of_the_new_one(room: Room) {
    let key = room.deal(1);
    let old = room.claim(&key, 0).await;
    let mut new = room.claim(&key, LEASE).await;
    room.store.abandon(&old).await.unwrap();
    assert_eq!(room.release(&old, &change("old")).await, Saved::Lost);
    assert_eq!(room.try_claim(&key, LEASE + 1).await, Claimed::Busy { until: at(LEASE + LEASE) });
    assert_eq!(room.save(&mut new, &change("new"), None, LEASE + 2).await, Saved::Yes);
}

pub(super) async fn save_keeps_the_lease_and_release_ends_it(room: Room) {
    let key = room.deal(1);
    let mut claim = room.claim(&key, 0).await;
    assert_eq!(room.save(&mut claim, &change("one"), None, 10).await, Saved::Yes);
    assert_eq!(room.read(&key).await.state, state("one"));
    assert_eq!(room.try_claim(&key, 20).await, Claimed::Busy { until: at(LEASE) });
    assert_eq!(room.save(&mut claim, &change("two"), None, 30).await, Saved::Yes);
    assert_eq!(room.release(&claim, &change("three")).await, Saved::Yes);
    let stored = room.read(&key).await;
    assert_eq!((stored.state, stored.leased_until), (state("three"), None));
    room.claim(&key, 40).await;
}

pub(super) async fn claim_that_was_given_back_cannot_write(room: Room) {
    let key = room.deal(1);
    let mut claim = room.claim(&key, 0).await;
    assert_eq!(room.release(&claim, &change("done")).await, Saved::Yes);
    assert_eq!(room.save(&mut claim, &change("late"), None, 1).await, Saved::Lost);
    assert_eq!(room.release(&claim, &change("late")).await, Saved::Lost);
    assert_eq!(room.read(&key).await.state, state("done"));
}

pub(super) async fn abandon_gives_the_lease_back_and_changes_nothing(room: Room) {
    let key = room.deal(1);
    let mut first = parked("first");
    first.due_at = Some(at(5));
    first.waits_on = Some(room.deal(9));
    room.put(&key, &first, 0).await;
    let claim = room.claim(&key, 1).await;
    room.store.abandon(&claim).await.unwrap();
    let stored = room.read(&key).await;
    assert_eq!((stored.state, stored.leased_until), (first.state, None));
    assert_eq!((stored.due_at, stored.waits_on), (first.due_at, first.waits_on));
    // Twice is harmless, and somebody else is not disturbed.
    let next = room.claim(&key, 2).await;
    room.store.abandon(&claim).await.unwrap();
    assert_eq!(room.try_claim(&key, 3).await, Claimed::Busy { until: at(2 + LEASE) });
    assert_eq!(room.release(&next, &change("")).await, Saved::Yes);
}

pub(super) async fn claim_changes_neither_body_nor_schedule(room: Room) {
    let key = room.deal(1);
    let mut first = parked("first");
    first.due_at = Some(at(5));
    first.waits_on = Some(room.deal(9));
    room.put(&key, &first, 0).await;
    let claim = room.claim(&key, 1).await;
    let stored = room.read(&key).await;
    assert_eq!(stored.leased_until, Some(at(1 + LEASE)));
    for seen in [claim.stored.clone(), stored] {
        assert_eq!(seen.state, first.state);
        assert_eq!((seen.due_at, seen.waits_on), (first.due_at, first.waits_on.clone()));
    }
    assert_eq!(room.store.waiting_on(&room.deal(9)).await.unwrap(), std::slice::from_ref(&key));
    assert_eq!(room.store.parked(room.portal, None, 10).await.unwrap().items.len(), 1);
    assert!(room.store.due(at(5), 10_000).await.unwrap().contains(&key));
    room.store.abandon(&claim).await.unwrap();
    room.put(&key, &change(""), 2).await;
}

pub(super) async fn one_of_eight_concurrent_claimers_wins(room: Room) {
    for round in 1..=3 {
        let mut claimers = JoinSet::new();
        for _ in 0..8 {
            let room = room.clone();
            claimers.spawn(async move {
                let key = room.deal(round);
                insist!(room.store.claim(&key, at(0), at(LEASE)))
            });
        }
        let answers = claimers.join_all().await;
        let winners = answers.iter().filter(|answer| matches!(answer, Claimed::Yes(_))).count();
        assert_eq!(winners, 1, "round {round}");
        for answer in answers {
            if let Claimed::Busy { until } = answer {
                assert_eq!(until, at(LEASE));
            }
        }
    }
}
