//! What only the embedded store knows: files, versions, two processes on one file, the audit trail's own guard.

use super::*;
use connector_domain::ids::{HubSpotId, PortalId};
use connector_domain::object::{ObjectKind, ObjectRef, StateKey};
use connector_domain::problem::{Problem, ProblemCode};
use connector_domain::state::{AuditRecord, ObjectState, SyncStatus};
use connector_ports::conformance::check_states;
use connector_ports::states::{Change, Claimed, Locks, Page, Saved, States};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of its own for each test, removed at its end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("connector-local-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("data").join("connector.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn key(number: u64) -> StateKey {
    let id = HubSpotId::parse(&number.to_string()).unwrap();
    StateKey::new(PortalId(24680135), ObjectRef::new(ObjectKind::Deal, id))
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn change(notice: &str) -> Change {
    let state = ObjectState { notices: vec![notice.to_owned()], ..ObjectState::default() };
    Change { state, due_at: None, waits_on: None, audit: Vec::new() }
}

async fn claim(states: &SqliteStates, number: u64) -> connector_ports::states::Claim {
    match states.claim(&key(number), at(0), at(90)).await.unwrap() {
        Claimed::Yes(claim) => *claim,
        Claimed::Busy { until } => panic!("busy until {until}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_store_passes_the_suite() {
    let folder = Folder::new();
    let states = SqliteStates::open(folder.database()).unwrap();
    check_states(async || Arc::new(states.clone()) as Arc<dyn States>).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_store_passes_the_suite_over_several_connections() {
    let folder = Folder::new();
    check_states(async || Arc::new(Alternating::open(&folder.database())) as Arc<dyn States>).await;
}

/// Eight connections to one file, used in turn, as if each call came from another process.
struct Alternating {
    connections: Vec<SqliteStates>,
    turn: AtomicU32,
}

impl Alternating {
    fn open(path: &Path) -> Self {
        let connections = (0..8).map(|_| SqliteStates::open(path).unwrap()).collect();
        Self { connections, turn: AtomicU32::new(0) }
    }

    fn next(&self) -> &SqliteStates {
        &self.connections[self.turn.fetch_add(1, Ordering::Relaxed) as usize % self.connections.len()]
    }
}

mod alternating {
    use super::*;
    use async_trait::async_trait;
    use connector_ports::states::{AccountLock, Claim, Counts, Page, Stored};
    use std::collections::BTreeMap;

    #[async_trait]
    impl States for Alternating {
        async fn claim(
            &self,
            key: &StateKey,
            now: Timestamp,
            until: Timestamp,
        ) -> Result<Claimed, PortError> {
            self.next().claim(key, now, until).await
        }
        async fn save(
            &self,
            claim: &mut Claim,
            change: &Change,
            lock: Option<&AccountLock>,
            now: Timestamp,
        ) -> Result<Saved, PortError> {
            self.next().save(claim, change, lock, now).await
        }
        async fn release(&self, claim: &Claim, change: &Change, locks: Locks) -> Result<Saved, PortError> {
            self.next().release(claim, change, locks).await
        }
        async fn abandon(&self, claim: &Claim) -> Result<(), PortError> {
            self.next().abandon(claim).await
        }
        async fn mark(&self, key: &StateKey, marks: &BTreeMap<String, String>) -> Result<(), PortError> {
            self.next().mark(key, marks).await
        }
        async fn read(&self, key: &StateKey) -> Result<Option<Stored>, PortError> {
            self.next().read(key).await
        }
        async fn read_many(&self, keys: &[StateKey]) -> Result<BTreeMap<StateKey, Stored>, PortError> {
            self.next().read_many(keys).await
        }
        async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<StateKey>, PortError> {
            self.next().due(now, limit).await
        }
        async fn waiting_on(&self, key: &StateKey) -> Result<Vec<StateKey>, PortError> {
            self.next().waiting_on(key).await
        }
        async fn parked(
            &self,
            portal: PortalId,
            next: Option<&str>,
            limit: usize,
        ) -> Result<Page, PortError> {
            self.next().parked(portal, next, limit).await
        }
        async fn audit_of(&self, key: &StateKey, limit: usize) -> Result<Vec<AuditRecord>, PortError> {
            self.next().audit_of(key, limit).await
        }
        async fn counts(&self, portal: PortalId, now: Timestamp) -> Result<Counts, PortError> {
            self.next().counts(portal, now).await
        }
    }
}

#[tokio::test]
async fn states_survive_closing_and_opening_again() {
    let folder = Folder::new();
    let states = SqliteStates::open(folder.database()).unwrap();
    let held = claim(&states, 1).await;
    let done = claim(&states, 2).await;
    assert_eq!(states.release(&done, &change("kept"), Locks::Drop).await.unwrap(), Saved::Yes);
    drop(states);
    let states = SqliteStates::open(folder.database()).unwrap();
    assert_eq!(states.read(&key(2)).await.unwrap().unwrap().state, change("kept").state);
    // A lease is no property of the process that took it.
    let answer = states.claim(&key(1), at(1), at(91)).await.unwrap();
    assert_eq!(answer, Claimed::Busy { until: at(90) });
    assert_eq!(states.release(&held, &change(""), Locks::Drop).await.unwrap(), Saved::Yes);
}

#[tokio::test]
async fn unknown_fields_of_a_later_version_are_tolerated() {
    let folder = Folder::new();
    let states = SqliteStates::open(folder.database()).unwrap();
    let first = claim(&states, 1).await;
    assert_eq!(states.release(&first, &change("kept"), Locks::Drop).await.unwrap(), Saved::Yes);
    let raw = Connection::open(folder.database()).unwrap();
    let sql = "UPDATE states SET body = json_set(body, '$.from_the_future', json('{\"deep\":[1]}'))";
    assert_eq!(raw.execute(sql, []).unwrap(), 1);
    assert_eq!(claim(&states, 1).await.stored.state, change("kept").state);
}

#[tokio::test]
async fn body_that_cannot_be_read_is_a_bug_and_takes_no_lease() {
    let folder = Folder::new();
    let states = SqliteStates::open(folder.database()).unwrap();
    let first = claim(&states, 1).await;
    assert_eq!(states.release(&first, &change(""), Locks::Drop).await.unwrap(), Saved::Yes);
    let raw = Connection::open(folder.database()).unwrap();
    raw.execute("UPDATE states SET body = '7'", []).unwrap();
    let error = states.claim(&key(1), at(0), at(90)).await.unwrap_err();
    assert_eq!(error.class, FaultClass::Bug);
    raw.execute("UPDATE states SET body = '{}'", []).unwrap();
    claim(&states, 1).await;
}

#[tokio::test]
async fn audit_trail_can_be_neither_changed_nor_deleted() {
    let folder = Folder::new();
    let states = SqliteStates::open(folder.database()).unwrap();
    let first = claim(&states, 1).await;
    let mut audited = change("");
    audited.audit.push(AuditRecord {
        at: at(0),
        object: "deal 1".to_owned(),
        effect: "create_order".to_owned(),
        target: "HS-24680135-D1-1".to_owned(),
        reason: "webhook".to_owned(),
        actor: None,
        correlation: None,
        result: "done".to_owned(),
        digest: "00".to_owned(),
        fields: Vec::new(),
    });
    assert_eq!(states.release(&first, &audited, Locks::Drop).await.unwrap(), Saved::Yes);
    let raw = Connection::open(folder.database()).unwrap();
    for sql in ["UPDATE audit SET record = '{}'", "DELETE FROM audit"] {
        assert!(raw.execute(sql, []).unwrap_err().to_string().contains("append only"), "{sql}");
    }
    assert_eq!(states.audit_of(&key(1), 10).await.unwrap(), audited.audit);
}

#[test]
fn file_of_a_later_version_is_refused() {
    let folder = Folder::new();
    drop(SqliteStates::open(folder.database()).unwrap());
    let raw = Connection::open(folder.database()).unwrap();
    raw.pragma_update(None, "user_version", 99).unwrap();
    let error = SqliteStates::open(folder.database()).unwrap_err();
    assert_eq!(error.class, FaultClass::Permanent);
    assert!(error.to_string().contains("version 99"), "{error}");
}

#[test]
fn many_openers_of_a_new_file_agree_on_its_tables() {
    let folder = Folder::new();
    let path = folder.database();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| SqliteStates::open(&path).unwrap());
        }
    });
    let raw = Connection::open(&path).unwrap();
    let mode: String = raw.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[tokio::test]
async fn database_locked_by_another_process_is_transient() {
    let folder = Folder::new();
    let states = SqliteStates::open(folder.database()).unwrap();
    states.database().connection.lock().unwrap().busy_timeout(Duration::from_millis(10)).unwrap();
    let raw = Connection::open(folder.database()).unwrap();
    raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = states.claim(&key(1), at(0), at(90)).await.unwrap_err();
    assert_eq!(error.class, FaultClass::Transient);
    // Reading goes on meanwhile.
    assert!(states.read(&key(1)).await.unwrap().is_none());
    raw.execute_batch("ROLLBACK").unwrap();
    claim(&states, 1).await;
}

#[cfg(unix)]
#[test]
fn database_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let states = SqliteStates::open(folder.database()).unwrap();
    for file in std::fs::read_dir(folder.database().parent().unwrap()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.path().display());
    }
    drop(states);
}

#[test]
fn lists_of_due_waiting_and_parked_objects_come_from_indexes() {
    let folder = Folder::new();
    drop(SqliteStates::open(folder.database()).unwrap());
    let raw = Connection::open(folder.database()).unwrap();
    for (sql, index) in [
        (
            "SELECT pk FROM states WHERE due_at IS NOT NULL AND due_at <= 1 ORDER BY due_at LIMIT 1",
            "states_due",
        ),
        ("SELECT pk FROM states WHERE waits_on = '1' ORDER BY pk", "states_waiting"),
        ("SELECT pk FROM states WHERE parked = 1 AND portal = '1' AND pk > '' ORDER BY pk", "states_parked"),
    ] {
        let plan: String = raw.query_row(&format!("EXPLAIN QUERY PLAN {sql}"), [], |row| row.get(3)).unwrap();
        assert!(plan.contains(index) && !plan.contains("SCAN"), "{sql}: {plan}");
    }
}

#[tokio::test]
async fn refused_write_backs_are_listed_page_by_page_whatever_the_status() {
    let folder = Folder::new();
    let states = SqliteStates::open(folder.database()).unwrap();
    for number in 1..=6 {
        let held = claim(&states, number).await;
        let mut change = change("n");
        if number % 2 == 0 {
            change.state.write_back_problem = Some(Problem::new(ProblemCode::WriteBackRefused, "read only"));
        }
        if number == 4 {
            change.state.status = SyncStatus::NeedsAttention;
        }
        assert_eq!(states.release(&held, &change, Locks::Drop).await.unwrap(), Saved::Yes);
    }
    // A state with nothing but marks has an empty body.
    states.mark(&key(7), &[("wanted".to_owned(), "x".to_owned())].into()).await.unwrap();
    let portal = key(1).portal;
    let keys = |page: &Page| page.items.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
    let first = states.write_back_refused(portal, None, 2).await.unwrap();
    assert_eq!(keys(&first), [key(2), key(4)]);
    let second = states.write_back_refused(portal, first.next.as_deref(), 2).await.unwrap();
    assert_eq!((keys(&second), second.next), (vec![key(6)], None));
    assert_eq!(keys(&states.parked(portal, None, 10).await.unwrap()), [key(4)]);
    assert_eq!(states.write_back_refused(PortalId(1), None, 10).await.unwrap().items, []);
}
