//! Cases: one writer per Zuora account.

use super::{LEASE, Room, at, change, insist, parked, record, state};
use crate::states::{Claimed, Locks, Saved};
use tokio::task::JoinSet;

pub(super) async fn locked_account_stops_the_save_and_nothing_is_written(room: Room) {
    let lock = room.lock("a", 210);
    let mut first = room.claim(&room.deal(1), 0).await;
    assert_eq!(room.save(&mut first, &change("first"), Some(&lock), 0).await, Saved::Yes);
    assert_eq!(first.locks, std::slice::from_ref(&lock.name));

    let key = room.deal(2);
    room.put(&key, &change("before"), 0).await;
    let mut second = room.claim(&key, 1).await;
    let mut wanted = parked("after");
    wanted.due_at = Some(at(1));
    wanted.waits_on = Some(room.deal(9));
    wanted.audit = vec![record(&key, "never")];
    let answer = room.save(&mut second, &wanted, Some(&room.lock("a", 300)), 2).await;
    assert_eq!(answer, Saved::Locked { until: at(210) });
    let stored = room.read(&key).await;
    assert_eq!(stored.state, state("before"));
    assert_eq!((stored.due_at, stored.waits_on), (None, None));
    assert_eq!(room.audit(&key).await, []);
    assert!(second.locks.is_empty());
    // The second object still has its lease, and the lock still its end.
    assert_eq!(room.try_claim(&key, 3).await, Claimed::Busy { until: at(1 + LEASE) });
    assert_eq!(room.save(&mut second, &change("without"), None, 4).await, Saved::Yes);
    let answer = room.save(&mut second, &wanted, Some(&room.lock("a", 400)), 5).await;
    assert_eq!(answer, Saved::Locked { until: at(210) });
    // Its release frees nothing that is not its own.
    assert_eq!(room.release(&second, &change("")).await, Saved::Yes);
    let mut third = room.claim(&room.deal(3), 6).await;
    assert_eq!(room.save(&mut third, &change(""), Some(&lock), 6).await, Saved::Locked { until: at(210) });
}

pub(super) async fn lock_is_prolonged_by_its_holder(room: Room) {
    let mut holder = room.claim(&room.deal(1), 0).await;
    assert_eq!(room.save(&mut holder, &change(""), Some(&room.lock("a", 100)), 0).await, Saved::Yes);
    assert_eq!(room.save(&mut holder, &change(""), Some(&room.lock("a", 200)), 50).await, Saved::Yes);
    // A save without a lock leaves it alone.
    assert_eq!(room.save(&mut holder, &change(""), None, 60).await, Saved::Yes);
    assert_eq!(holder.locks.len(), 1);
    let mut other = room.claim(&room.deal(2), 150).await;
    let answer = room.save(&mut other, &change(""), Some(&room.lock("a", 300)), 150).await;
    assert_eq!(answer, Saved::Locked { until: at(200) });
    assert_eq!(room.save(&mut other, &change(""), Some(&room.lock("a", 300)), 200).await, Saved::Yes);
}

pub(super) async fn dropped_lock_is_free_at_once(room: Room) {
    let mut first = room.claim(&room.deal(1), 0).await;
    assert_eq!(room.save(&mut first, &change(""), Some(&room.lock("a", 210)), 0).await, Saved::Yes);
    assert_eq!(room.save(&mut first, &change(""), Some(&room.lock("b", 210)), 0).await, Saved::Yes);
    assert_eq!(room.release(&first, &change("")).await, Saved::Yes);
    let mut second = room.claim(&room.deal(2), 1).await;
    assert!(second.locks.is_empty());
    assert_eq!(room.save(&mut second, &change(""), Some(&room.lock("a", 211)), 1).await, Saved::Yes);
    assert_eq!(room.save(&mut second, &change(""), Some(&room.lock("b", 211)), 1).await, Saved::Yes);
}

pub(super) async fn kept_lock_stays_until_its_end(room: Room) {
    let mut first = room.claim(&room.deal(1), 0).await;
    assert_eq!(room.save(&mut first, &change(""), Some(&room.lock("a", 210)), 0).await, Saved::Yes);
    assert_eq!(room.store.release(&first, &change("unknown"), Locks::Keep).await.unwrap(), Saved::Yes);
    let mut second = room.claim(&room.deal(2), 200).await;
    let lock = room.lock("a", 400);
    assert_eq!(room.save(&mut second, &change(""), Some(&lock), 209).await, Saved::Locked { until: at(210) });
    assert_eq!(room.save(&mut second, &change(""), Some(&lock), 210).await, Saved::Yes);
}

pub(super) async fn kept_lock_belongs_to_its_object(room: Room) {
    let key = room.deal(1);
    let mut first = room.claim(&key, 0).await;
    assert_eq!(room.save(&mut first, &change(""), Some(&room.lock("a", 210)), 0).await, Saved::Yes);
    assert_eq!(room.store.release(&first, &change("unknown"), Locks::Keep).await.unwrap(), Saved::Yes);
    let mut again = room.claim(&key, 60).await;
    assert_eq!(room.save(&mut again, &change(""), Some(&room.lock("a", 270)), 60).await, Saved::Yes);
    assert_eq!(again.locks, [room.lock("a", 0).name]);
    let mut other = room.claim(&room.deal(2), 220).await;
    let answer = room.save(&mut other, &change(""), Some(&room.lock("a", 500)), 220).await;
    assert_eq!(answer, Saved::Locked { until: at(270) });
    assert_eq!(room.release(&again, &change("known")).await, Saved::Yes);
    assert_eq!(room.save(&mut other, &change(""), Some(&room.lock("a", 500)), 221).await, Saved::Yes);
}

pub(super) async fn kept_lock_is_freed_when_its_object_is_done(room: Room) {
    let key = room.deal(1);
    let mut first = room.claim(&key, 0).await;
    assert_eq!(room.save(&mut first, &change(""), Some(&room.lock("a", 210)), 0).await, Saved::Yes);
    assert_eq!(room.store.release(&first, &change("unknown"), Locks::Keep).await.unwrap(), Saved::Yes);
    // The next look only reads, finds the outcome, and never takes the lock itself.
    let second = room.claim(&key, 60).await;
    assert_eq!(room.release(&second, &change("known")).await, Saved::Yes);
    let mut other = room.claim(&room.deal(2), 61).await;
    assert_eq!(room.save(&mut other, &change(""), Some(&room.lock("a", 300)), 61).await, Saved::Yes);
}

pub(super) async fn ended_lock_of_another_object_is_not_freed_by_the_late_one(room: Room) {
    let mut late = room.claim(&room.deal(1), 0).await;
    assert_eq!(room.save(&mut late, &change(""), Some(&room.lock("a", 50)), 0).await, Saved::Yes);
    let mut next = room.claim(&room.deal(2), 50).await;
    assert_eq!(room.save(&mut next, &change(""), Some(&room.lock("a", 260)), 50).await, Saved::Yes);
    assert_eq!(room.release(&late, &change("")).await, Saved::Yes);
    let mut third = room.claim(&room.deal(3), 60).await;
    let answer = room.save(&mut third, &change(""), Some(&room.lock("a", 400)), 60).await;
    assert_eq!(answer, Saved::Locked { until: at(260) });
}

pub(super) async fn lost_lease_is_told_before_a_locked_account(room: Room) {
    let mut holder = room.claim(&room.deal(1), 0).await;
    assert_eq!(room.save(&mut holder, &change(""), Some(&room.lock("a", 900)), 0).await, Saved::Yes);
    let mut old = room.claim(&room.deal(2), 0).await;
    room.claim(&room.deal(2), LEASE).await;
    let answer = room.save(&mut old, &change(""), Some(&room.lock("a", 950)), LEASE + 1).await;
    assert_eq!(answer, Saved::Lost);
}

pub(super) async fn locks_of_different_accounts_do_not_meet(room: Room) {
    let other_portal = room.next_door();
    let mut first = room.claim(&room.deal(1), 0).await;
    let mut second = room.claim(&room.deal(2), 0).await;
    let mut third = other_portal.claim(&other_portal.deal(1), 0).await;
    assert_eq!(room.save(&mut first, &change(""), Some(&room.lock("a", 210)), 0).await, Saved::Yes);
    assert_eq!(room.save(&mut second, &change(""), Some(&room.lock("b", 210)), 0).await, Saved::Yes);
    let lock = other_portal.lock("a", 210);
    assert_eq!(other_portal.save(&mut third, &change(""), Some(&lock), 0).await, Saved::Yes);
}

pub(super) async fn one_of_eight_concurrent_lockers_wins(room: Room) {
    let mut lockers = JoinSet::new();
    for number in 1..=8 {
        let room = room.clone();
        lockers.spawn(async move {
            let mut claim = room.claim(&room.deal(number), 0).await;
            let lock = room.lock("a", 210);
            (number, insist!(room.store.save(&mut claim, &change("mine"), Some(&lock), at(1))))
        });
    }
    let mut winners = Vec::new();
    for (number, answer) in lockers.join_all().await {
        let stored = room.read(&room.deal(number)).await.state;
        match answer {
            Saved::Yes => {
                winners.push(number);
                assert_eq!(stored, state("mine"));
            }
            Saved::Locked { until } => assert_eq!((until, stored), (at(210), Default::default())),
            Saved::Lost => panic!("deal {number} lost a lease that nobody took"),
        }
    }
    assert_eq!(winners.len(), 1, "winners: {winners:?}");
}
