//! Cross-references, sync state, leases, the retry schedule and the audit trail.
//!
//! One item per object, keyed by [`StateKey`], which begins with the portal. An item has a body
//! ([`ObjectState`]), marks that others set without the lease, and an envelope: `due_at`, `waits_on`, whether
//! it is parked, and the lease with its fence.
//!
//! Costs (D-15): [`States::claim`] is one conditional write, [`States::save`] one, [`States::release`] one.
//! A sync that changes nothing is a claim and a release.

use crate::PortError;
use async_trait::async_trait;
use connector_domain::ids::PortalId;
use connector_domain::object::{ObjectKind, StateKey};
use connector_domain::state::{AuditRecord, ObjectState, SyncStatus};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// An item as it stands, without the right to change it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stored {
    /// The body.
    pub state: ObjectState,
    /// Marks by name ([`connector_domain::state::mark`]).
    pub marks: BTreeMap<String, String>,
    /// When to look again.
    pub due_at: Option<Timestamp>,
    /// What it waits for.
    pub waits_on: Option<StateKey>,
    /// Until when somebody works on it; judged by the clock of who asks.
    pub leased_until: Option<Timestamp>,
}

/// The right to change one object, until the lease ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Whose.
    pub key: StateKey,
    /// Counts up with each claim; a store refuses writes with an older one.
    pub fence: u64,
    /// The item as it was when claimed (body, marks).
    pub stored: Stored,
    /// The account locks that this object holds: kept by an earlier claim ([`Locks::Keep`]) or taken by this one
    /// with [`States::save`]. A release with [`Locks::Drop`] frees them all.
    pub locks: Vec<String>,
}

/// The answer to a claim.
#[derive(Debug, Clone, PartialEq)]
pub enum Claimed {
    /// Ours until the moment asked for.
    Yes(Box<Claim>),
    /// Somebody else works on it until then.
    Busy {
        /// End of the other lease.
        until: Timestamp,
    },
}

/// A lock on a Zuora account (one writer per account, D-15), taken in the same transaction as a save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLock {
    /// The account, in words that all its writers agree on (`<portal>#account#<company id>`).
    pub name: String,
    /// When it ends by itself: our deadline and 120 s more, because fencing cannot reach Zuora.
    pub until: Timestamp,
}

/// What a save or release writes.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The new body.
    pub state: ObjectState,
    /// When to look again; none takes it off the schedule.
    pub due_at: Option<Timestamp>,
    /// What it waits for.
    pub waits_on: Option<StateKey>,
    /// Effects to append to the audit trail, in the same transaction.
    pub audit: Vec<AuditRecord>,
}

/// The answer to a save.
#[derive(Debug, Clone, PartialEq)]
pub enum Saved {
    /// Written.
    Yes,
    /// The account is locked by another object until then; nothing was written.
    Locked {
        /// End of the other lock.
        until: Timestamp,
    },
    /// The lease was lost to somebody else; nothing was written and the work must stop.
    Lost,
}

/// What to do with the account locks at a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locks {
    /// The outcome is definite: others may go on at once.
    Drop,
    /// The outcome is unknown: the locks stay until they end by themselves or this object is done.
    Keep,
}

/// A page of keys with the token of the next.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// The items of this page.
    pub items: Vec<(StateKey, Stored)>,
    /// Where the next page begins; none at the end.
    pub next: Option<String>,
}

/// How many objects of one kind stand how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// [`SyncStatus::InSync`].
    pub in_sync: u64,
    /// [`SyncStatus::Pending`].
    pub pending: u64,
    /// [`SyncStatus::NeedsAttention`].
    pub needs_attention: u64,
    /// [`SyncStatus::NotLinked`], of which items that have only marks or a lease are part.
    pub not_linked: u64,
}

impl Count {
    /// Counts so many more of this status.
    pub fn add(&mut self, status: SyncStatus, more: u64) {
        let number = match status {
            SyncStatus::InSync => &mut self.in_sync,
            SyncStatus::Pending => &mut self.pending,
            SyncStatus::NeedsAttention => &mut self.needs_attention,
            SyncStatus::NotLinked => &mut self.not_linked,
        };
        *number = number.saturating_add(more);
    }
}

/// How many objects of a portal stand how.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// By kind; a kind without objects may be absent.
    pub by_kind: BTreeMap<ObjectKind, Count>,
    /// Everything was counted. Otherwise each number says how many there are at least.
    pub complete: bool,
}

impl Counts {
    /// The numbers of a kind.
    pub fn of(&self, kind: ObjectKind) -> Count {
        self.by_kind.get(&kind).copied().unwrap_or_default()
    }

    /// Counts so many more objects of this kind and status.
    pub fn add(&mut self, kind: ObjectKind, status: SyncStatus, more: u64) {
        self.by_kind.entry(kind).or_default().add(status, more);
    }
}

/// How long a store may answer [`States::counts`] with what it counted before: counting can mean reading
/// everything, and a page that is loaded again needs no new numbers.
pub const COUNTS_KEPT: SignedDuration = SignedDuration::from_mins(5);

/// The store of states. Three implementations pass one suite: in memory, embedded, DynamoDB.
#[async_trait]
pub trait States: Send + Sync {
    /// Takes the lease of an object, creating its item if there is none. One conditional write.
    async fn claim(&self, key: &StateKey, now: Timestamp, until: Timestamp) -> Result<Claimed, PortError>;

    /// Writes the body under the lease and keeps it; takes the account lock, if asked, in the same transaction.
    /// A lock that this object holds already is prolonged.
    async fn save(
        &self,
        claim: &mut Claim,
        change: &Change,
        lock: Option<&AccountLock>,
        now: Timestamp,
    ) -> Result<Saved, PortError>;

    /// Writes the body and gives the lease back. [`Saved::Lost`] when it was lost.
    async fn release(&self, claim: &Claim, change: &Change, locks: Locks) -> Result<Saved, PortError>;

    /// Gives the lease back and leaves the body as it is.
    async fn abandon(&self, claim: &Claim) -> Result<(), PortError>;

    /// Sets marks of an object, creating its item if there is none. Needs no lease and changes nothing else.
    async fn mark(&self, key: &StateKey, marks: &BTreeMap<String, String>) -> Result<(), PortError>;

    /// Reads one item.
    async fn read(&self, key: &StateKey) -> Result<Option<Stored>, PortError>;

    /// Reads many items; absent ones are left out.
    async fn read_many(&self, keys: &[StateKey]) -> Result<BTreeMap<StateKey, Stored>, PortError>;

    /// Objects whose `due_at` has come, of all portals, oldest first as far as the store can; at most `limit`.
    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<StateKey>, PortError>;

    /// Objects that wait for this one.
    async fn waiting_on(&self, key: &StateKey) -> Result<Vec<StateKey>, PortError>;

    /// Parked objects (status `needs_attention`) of a portal, page by page.
    async fn parked(&self, portal: PortalId, next: Option<&str>, limit: usize) -> Result<Page, PortError>;

    /// The audit trail of one object, oldest first, at most `limit` records.
    async fn audit_of(&self, key: &StateKey, limit: usize) -> Result<Vec<AuditRecord>, PortError>;

    /// How many objects of a portal stand how, by kind; not older than [`COUNTS_KEPT`]. For people: it may cost
    /// much and is no base of a decision.
    async fn counts(&self, portal: PortalId, now: Timestamp) -> Result<Counts, PortError>;
}
