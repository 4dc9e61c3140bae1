#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test equipment behind a feature: a broken promise has to stop the test"
)]
//! The suite that every store of states must pass: in memory, SQLite and DynamoDB alike.
//!
//! A case is named by the promise that it checks. Each one works in portals of its own, chosen at random, so
//! that the cases can share one table with each other and with earlier runs. Times are in whole seconds.
//!
//! A store may answer `Transient` where writers compete; the cases then ask again, as the engine
//! would. Not here: what only one store knows (files, tables, two processes); that is tested beside the store.

use crate::states::{AccountLock, Change, Claim, Claimed, Locks, Saved, States, Stored};
use connector_domain::ids::{HubSpotId, PortalId};
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_domain::state::{AuditRecord, ObjectState, SyncStatus};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::Pin;
use std::sync::Arc;

mod contents;
mod leases;
mod locks;
mod sample;
mod schedule;

pub use sample::full_states;

/// How long a lease lasts in the cases, in seconds.
const LEASE: i64 = 90;

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Case {
    promise: &'static str,
    run: fn(Room) -> Running,
}

macro_rules! cases {
    ($($module:ident { $($promise:ident),+ $(,)? })+) => {
        &[$($(Case {
            promise: stringify!($promise),
            run: |room| Box::pin($module::$promise(room)),
        }),+),+]
    };
}

const CASES: &[Case] = cases! {
    leases {
        claim_creates_the_item,
        second_claim_is_busy_until_the_lease_ends,
        expired_lease_can_be_taken_over_and_the_fence_rises,
        old_holder_is_told_lost_and_writes_nothing,
        old_holder_cannot_end_the_lease_of_the_new_one,
        save_keeps_the_lease_and_release_ends_it,
        claim_that_was_given_back_cannot_write,
        abandon_gives_the_lease_back_and_changes_nothing,
        claim_changes_neither_body_nor_schedule,
        one_of_eight_concurrent_claimers_wins,
    }
    locks {
        locked_account_stops_the_save_and_nothing_is_written,
        lock_is_prolonged_by_its_holder,
        dropped_lock_is_free_at_once,
        kept_lock_stays_until_its_end,
        kept_lock_belongs_to_its_object,
        kept_lock_is_freed_when_its_object_is_done,
        ended_lock_of_another_object_is_not_freed_by_the_late_one,
        lost_lease_is_told_before_a_locked_account,
        locks_of_different_accounts_do_not_meet,
        one_of_eight_concurrent_lockers_wins,
    }
    schedule {
        due_lists_only_what_has_come,
        due_does_not_care_for_leases,
        due_keeps_to_its_limit,
        waiting_objects_are_found_and_forgotten,
        parked_objects_are_listed_page_by_page,
        parked_objects_leave_the_list_when_they_are_mended,
        portals_do_not_see_each_other,
        objects_are_counted_by_kind_and_status,
    }
    contents {
        marks_survive_saves_and_releases,
        mark_creates_an_absent_item,
        mark_never_disturbs_a_lease,
        marks_of_concurrent_writers_are_all_kept,
        full_states_come_back_unchanged,
        envelope_comes_back_unchanged,
        large_body_survives,
        absent_item_reads_as_nothing,
        read_many_leaves_out_absent_items,
        audit_records_are_appended_in_order,
        audit_trail_is_cut_at_its_limit,
        unknown_fields_of_a_later_version_are_tolerated,
    }
};

/// Checks every promise of [`States`]; panics with the names of those that are broken.
///
/// `make` gives the store to one case: a fresh one, or a handle to one table for all. Needs a Tokio runtime.
pub async fn check_states<F: AsyncFn() -> Arc<dyn States>>(make: F) {
    // A hasher's seed is the only randomness in std; nothing but distinct portals depends on it.
    let base = RandomState::new().build_hasher().finish() % 1_000_000_000;
    let mut broken = Vec::new();
    for (number, case) in (0_u64..).zip(CASES) {
        let portal = PortalId(base * 1_000 + number * 2);
        let room = Room { store: make().await, portal };
        if tokio::spawn((case.run)(room)).await.is_err() {
            broken.push(case.promise);
        }
    }
    assert!(
        broken.is_empty(),
        "{} of {} promises are broken: {}",
        broken.len(),
        CASES.len(),
        broken.join(", ")
    );
}

/// So many seconds after the morning on which all cases begin.
fn at(seconds: i64) -> Timestamp {
    let morning: Timestamp = "2026-11-16T10:00:00Z".parse().unwrap();
    morning.checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

/// Repeats what competes with others until it is answered.
macro_rules! insist {
    ($operation:expr) => {{
        let mut attempts = 0;
        loop {
            match $operation.await {
                Ok(answer) => break answer,
                Err(error)
                    if error.class == connector_domain::fault::FaultClass::Transient && attempts < 50 =>
                {
                    attempts += 1;
                }
                Err(error) => panic!("{error}"),
            }
            tokio::task::yield_now().await;
        }
    }};
}
use insist;

fn state(notice: &str) -> ObjectState {
    ObjectState { notices: vec![notice.to_owned()], ..ObjectState::default() }
}

fn change(notice: &str) -> Change {
    Change { state: state(notice), due_at: None, waits_on: None, audit: Vec::new() }
}

fn parked(notice: &str) -> Change {
    let mut change = change(notice);
    change.state.status = SyncStatus::NeedsAttention;
    change
}

fn record(key: &StateKey, target: &str) -> AuditRecord {
    AuditRecord {
        at: at(0),
        object: key.object.to_string(),
        effect: "create_order".to_owned(),
        target: target.to_owned(),
        reason: "webhook".to_owned(),
        actor: Some("user 77".to_owned()),
        correlation: Some("c-1".to_owned()),
        result: "done".to_owned(),
        digest: "0011223344556677".to_owned(),
        fields: vec!["name 01ab to 02cd".to_owned()],
    }
}

/// What a case has: a store, and a portal that nobody else uses (and the one after it).
#[derive(Clone)]
struct Room {
    store: Arc<dyn States>,
    portal: PortalId,
}

impl Room {
    fn key(&self, kind: ObjectKind, number: u64) -> StateKey {
        let id = HubSpotId::parse(&number.to_string()).unwrap();
        StateKey::new(self.portal, ObjectRef::new(kind, id))
    }

    fn deal(&self, number: u64) -> StateKey {
        self.key(ObjectKind::Deal, number)
    }

    /// The same store, seen from another portal.
    fn next_door(&self) -> Room {
        Room { store: Arc::clone(&self.store), portal: PortalId(self.portal.0 + 1) }
    }

    fn lock(&self, account: &str, until: i64) -> AccountLock {
        AccountLock { name: format!("{}#account#{account}", self.portal), until: at(until) }
    }

    async fn try_claim(&self, key: &StateKey, now: i64) -> Claimed {
        self.store.claim(key, at(now), at(now + LEASE)).await.unwrap()
    }

    /// Claims what must be free.
    async fn claim(&self, key: &StateKey, now: i64) -> Claim {
        match self.try_claim(key, now).await {
            Claimed::Yes(claim) => *claim,
            Claimed::Busy { until } => panic!("{key} should be free at {}, is busy until {until}", at(now)),
        }
    }

    async fn save(&self, claim: &mut Claim, change: &Change, lock: Option<&AccountLock>, now: i64) -> Saved {
        self.store.save(claim, change, lock, at(now)).await.unwrap()
    }

    async fn release(&self, claim: &Claim, change: &Change) -> Saved {
        self.store.release(claim, change, Locks::Drop).await.unwrap()
    }

    /// Claims, writes and gives back.
    async fn put(&self, key: &StateKey, change: &Change, now: i64) {
        let claim = self.claim(key, now).await;
        assert_eq!(self.release(&claim, change).await, Saved::Yes);
    }

    async fn mark(&self, key: &StateKey, name: &str, value: &str) {
        let marks = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        self.store.mark(key, &marks).await.unwrap();
    }

    async fn read(&self, key: &StateKey) -> Stored {
        self.store.read(key).await.unwrap().unwrap_or_else(|| panic!("{key} should be there"))
    }

    async fn audit(&self, key: &StateKey) -> Vec<AuditRecord> {
        self.store.audit_of(key, 100).await.unwrap()
    }
}
