//! The store of states in memory: the reference for what the trait promises, and the store of unit tests.
//!
//! Bodies are kept as JSON text, as the durable stores keep them, so that a state that does not survive
//! serialisation shows in a unit test. Times are kept to the millisecond for the same reason.

use super::locked;
use crate::PortError;
use crate::states::{AccountLock, Change, Claim, Claimed, Counts, Locks, Page, Saved, States, Stored};
use async_trait::async_trait;
use connector_domain::fault::FaultClass;
use connector_domain::ids::PortalId;
use connector_domain::object::StateKey;
use connector_domain::state::{AuditRecord, ObjectState, SyncStatus};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex};

/// How often the store was written to, by operation (D-15 limits them).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Writes {
    /// Claims that were granted.
    pub claims: u32,
    /// Saves that were written.
    pub saves: u32,
    /// Releases that were written.
    pub releases: u32,
    /// Leases given back without a change.
    pub abandons: u32,
    /// Calls that set marks.
    pub marks: u32,
}

impl Writes {
    /// All of them.
    pub fn total(&self) -> u32 {
        let Self { claims, saves, releases, abandons, marks } = *self;
        [claims, saves, releases, abandons, marks].into_iter().fold(0, u32::saturating_add)
    }
}

#[derive(Debug, Default)]
struct Item {
    body: Option<String>,
    parked: bool,
    marks: BTreeMap<String, String>,
    due_at: Option<Timestamp>,
    waits_on: Option<StateKey>,
    lease_until: Option<Timestamp>,
    fence: u64,
}

impl Item {
    fn stored(&self) -> Result<Stored, PortError> {
        let state = match &self.body {
            Some(text) => serde_json::from_str(text).map_err(|error| {
                PortError::bug("states read", "a stored body cannot be read").caused_by(error)
            })?,
            None => ObjectState::default(),
        };
        Ok(Stored {
            state,
            marks: self.marks.clone(),
            due_at: self.due_at,
            waits_on: self.waits_on.clone(),
            leased_until: self.lease_until,
        })
    }

    fn is_held_by(&self, claim: &Claim) -> bool {
        self.fence == claim.fence && self.lease_until.is_some()
    }
}

#[derive(Debug)]
struct HeldLock {
    owner: StateKey,
    until: Timestamp,
}

#[derive(Debug, Default)]
struct Inner {
    items: BTreeMap<StateKey, Item>,
    locks: BTreeMap<String, HeldLock>,
    audit: BTreeMap<StateKey, Vec<AuditRecord>>,
    writes: Writes,
    writes_left: Option<u32>,
}

impl Inner {
    /// Every write passes here first; see [`MemoryStates::break_after`].
    fn may_write(&mut self, operation: &'static str) -> Result<(), PortError> {
        match &mut self.writes_left {
            None => Ok(()),
            Some(0) => Err(PortError::new(operation, FaultClass::Transient, "the test broke the store")),
            Some(left) => {
                *left = left.saturating_sub(1);
                Ok(())
            }
        }
    }

    /// Writes the change if the claim still holds its lease; whether it did.
    fn write(&mut self, claim: &Claim, change: &Change, body: String) -> bool {
        let Some(item) = self.items.get_mut(&claim.key).filter(|item| item.is_held_by(claim)) else {
            return false;
        };
        item.body = Some(body);
        item.parked = change.state.status == SyncStatus::NeedsAttention;
        item.due_at = change.due_at.map(to_millisecond);
        item.waits_on.clone_from(&change.waits_on);
        self.audit.entry(claim.key.clone()).or_default().extend(change.audit.iter().cloned());
        true
    }

    fn is_held_by(&self, claim: &Claim) -> bool {
        self.items.get(&claim.key).is_some_and(|item| item.is_held_by(claim))
    }
}

/// The store of states in memory. A clone is a handle to the same data, as two processes on one database.
#[derive(Debug, Clone, Default)]
pub struct MemoryStates {
    inner: Arc<Mutex<Inner>>,
}

impl MemoryStates {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// How often the store was written to.
    pub fn writes(&self) -> Writes {
        locked(&self.inner).writes
    }

    /// Lets so many more writes pass; then every write fails with [`FaultClass::Transient`], as if the process
    /// had died before it, until [`MemoryStates::mend`]. Reads go on.
    pub fn break_after(&self, writes: u32) {
        locked(&self.inner).writes_left = Some(writes);
    }

    /// Ends [`MemoryStates::break_after`].
    pub fn mend(&self) {
        locked(&self.inner).writes_left = None;
    }

    /// The account locks that have not ended, with their owners.
    pub fn locks(&self, now: Timestamp) -> BTreeMap<String, StateKey> {
        let inner = locked(&self.inner);
        let open = inner.locks.iter().filter(|(_, lock)| lock.until > now);
        open.map(|(name, lock)| (name.clone(), lock.owner.clone())).collect()
    }

    /// Writes an item as it is, whoever holds it: the situation that a test starts from. Fence and lease stay.
    pub fn seed(&self, key: &StateKey, state: &ObjectState, due_at: Option<Timestamp>) {
        let mut inner = locked(&self.inner);
        let item = inner.items.entry(key.clone()).or_default();
        item.body = serde_json::to_string(state).ok();
        item.parked = state.status == SyncStatus::NeedsAttention;
        item.due_at = due_at.map(to_millisecond);
    }
}

fn to_millisecond(moment: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(moment.as_millisecond()).unwrap_or(moment)
}

fn encode(operation: &'static str, state: &ObjectState) -> Result<String, PortError> {
    serde_json::to_string(state)
        .map_err(|error| PortError::bug(operation, "a state cannot be written down").caused_by(error))
}

#[async_trait]
impl States for MemoryStates {
    async fn claim(&self, key: &StateKey, now: Timestamp, until: Timestamp) -> Result<Claimed, PortError> {
        let mut inner = locked(&self.inner);
        if let Some(until) = inner.items.get(key).and_then(|item| item.lease_until).filter(|end| *end > now) {
            return Ok(Claimed::Busy { until });
        }
        inner.may_write("states claim")?;
        let item = inner.items.entry(key.clone()).or_default();
        item.lease_until = Some(to_millisecond(until));
        item.fence = item.fence.saturating_add(1);
        let (fence, stored) = (item.fence, item.stored()?);
        let kept = inner.locks.iter().filter(|(_, lock)| lock.owner == *key && lock.until > now);
        let locks = kept.map(|(name, _)| name.clone()).collect();
        inner.writes.claims = inner.writes.claims.saturating_add(1);
        Ok(Claimed::Yes(Box::new(Claim { key: key.clone(), fence, stored, locks })))
    }

    async fn save(
        &self,
        claim: &mut Claim,
        change: &Change,
        lock: Option<&AccountLock>,
        now: Timestamp,
    ) -> Result<Saved, PortError> {
        let mut inner = locked(&self.inner);
        let body = encode("states save", &change.state)?;
        if !inner.is_held_by(claim) {
            return Ok(Saved::Lost);
        }
        if let Some(held) = lock.and_then(|lock| inner.locks.get(&lock.name))
            && held.owner != claim.key
            && held.until > now
        {
            return Ok(Saved::Locked { until: held.until });
        }
        inner.may_write("states save")?;
        if let Some(lock) = lock {
            let held = HeldLock { owner: claim.key.clone(), until: to_millisecond(lock.until) };
            inner.locks.insert(lock.name.clone(), held);
            if !claim.locks.contains(&lock.name) {
                claim.locks.push(lock.name.clone());
            }
        }
        inner.write(claim, change, body);
        inner.writes.saves = inner.writes.saves.saturating_add(1);
        Ok(Saved::Yes)
    }

    async fn release(&self, claim: &Claim, change: &Change, locks: Locks) -> Result<Saved, PortError> {
        let mut inner = locked(&self.inner);
        let body = encode("states release", &change.state)?;
        if !inner.is_held_by(claim) {
            return Ok(Saved::Lost);
        }
        inner.may_write("states release")?;
        inner.write(claim, change, body);
        if let Some(item) = inner.items.get_mut(&claim.key) {
            item.lease_until = None;
        }
        match locks {
            Locks::Drop => inner.locks.retain(|_, lock| lock.owner != claim.key),
            Locks::Keep => {}
        }
        inner.writes.releases = inner.writes.releases.saturating_add(1);
        Ok(Saved::Yes)
    }

    async fn abandon(&self, claim: &Claim) -> Result<(), PortError> {
        let mut inner = locked(&self.inner);
        if !inner.is_held_by(claim) {
            return Ok(());
        }
        inner.may_write("states abandon")?;
        if let Some(item) = inner.items.get_mut(&claim.key) {
            item.lease_until = None;
        }
        inner.writes.abandons = inner.writes.abandons.saturating_add(1);
        Ok(())
    }

    async fn mark(&self, key: &StateKey, marks: &BTreeMap<String, String>) -> Result<(), PortError> {
        let mut inner = locked(&self.inner);
        inner.may_write("states mark")?;
        let item = inner.items.entry(key.clone()).or_default();
        item.marks.extend(marks.iter().map(|(name, value)| (name.clone(), value.clone())));
        inner.writes.marks = inner.writes.marks.saturating_add(1);
        Ok(())
    }

    async fn read(&self, key: &StateKey) -> Result<Option<Stored>, PortError> {
        locked(&self.inner).items.get(key).map(Item::stored).transpose()
    }

    async fn read_many(&self, keys: &[StateKey]) -> Result<BTreeMap<StateKey, Stored>, PortError> {
        let inner = locked(&self.inner);
        let found = keys.iter().filter_map(|key| Some((key, inner.items.get(key)?)));
        found.map(|(key, item)| Ok((key.clone(), item.stored()?))).collect()
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<StateKey>, PortError> {
        let inner = locked(&self.inner);
        let scheduled = inner.items.iter().filter_map(|(key, item)| Some((item.due_at?, key)));
        let mut due: Vec<_> = scheduled.filter(|(due_at, _)| *due_at <= now).collect();
        due.sort();
        Ok(due.into_iter().take(limit).map(|(_, key)| key.clone()).collect())
    }

    async fn waiting_on(&self, key: &StateKey) -> Result<Vec<StateKey>, PortError> {
        let inner = locked(&self.inner);
        let waiting = inner.items.iter().filter(|(_, item)| item.waits_on.as_ref() == Some(key));
        Ok(waiting.map(|(key, _)| key.clone()).collect())
    }

    async fn parked(&self, portal: PortalId, next: Option<&str>, limit: usize) -> Result<Page, PortError> {
        let inner = locked(&self.inner);
        let after = next.map(|token| {
            StateKey::parse(token).ok_or_else(|| PortError::bug("states parked", "not a page token"))
        });
        let start = after.transpose()?.map_or(Bound::Unbounded, Bound::Excluded);
        let mut page = Page::default();
        for (key, item) in inner.items.range((start, Bound::Unbounded)) {
            if key.portal != portal || !item.parked {
                continue;
            }
            // A page is never empty while there is more, whatever limit was asked for.
            if page.items.len() >= limit.max(1) {
                page.next = page.items.last().map(|(last, _)| last.as_text());
                break;
            }
            page.items.push((key.clone(), item.stored()?));
        }
        Ok(page)
    }

    async fn audit_of(&self, key: &StateKey, limit: usize) -> Result<Vec<AuditRecord>, PortError> {
        let inner = locked(&self.inner);
        let records = inner.audit.get(key).into_iter().flatten();
        Ok(records.take(limit).cloned().collect())
    }

    async fn counts(&self, portal: PortalId, _now: Timestamp) -> Result<Counts, PortError> {
        let inner = locked(&self.inner);
        let mut counts = Counts { complete: true, ..Counts::default() };
        for (key, item) in inner.items.iter().filter(|(key, _)| key.portal == portal) {
            counts.add(key.object.kind, item.stored()?.state.status, 1);
        }
        Ok(counts)
    }
}
