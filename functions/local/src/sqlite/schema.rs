//! Tables of the embedded database, and how an older file becomes a newer one.
//!
//! The version stands in SQLite's `user_version`. A step is never edited once released; a change is a new step
//! at the end of [`STEPS`]. Steps run in one transaction, whoever opens the file first.

use super::Trouble;
use rusqlite::{Connection, TransactionBehavior};

/// Step n turns version n into version n + 1.
const STEPS: &[&str] = &[VERSION_1, VERSION_2];

/// - `states.portal` is text because a portal id may exceed SQLite's integers. The columns besides `body` are the
///   envelope; the partial indexes keep the lists of due, waiting and parked objects short.
/// - `audit` is append only, and the database itself sees to it.
/// - `queue.slot` is the object's key; `fold` says which waiting messages mean the same (none: never folded);
///   `receipt` counts takings for good, `attempts` since the last redrive.
const VERSION_1: &str = "
CREATE TABLE states (
    pk          TEXT    NOT NULL PRIMARY KEY,
    portal      TEXT    NOT NULL,
    body        TEXT    NOT NULL DEFAULT '{}',
    marks       TEXT    NOT NULL DEFAULT '{}',
    due_at      INTEGER,
    waits_on    TEXT,
    parked      INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER,
    fence       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX states_due ON states (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX states_waiting ON states (waits_on, pk) WHERE waits_on IS NOT NULL;
CREATE INDEX states_parked ON states (portal, pk) WHERE parked = 1;

CREATE TABLE locks (
    name  TEXT    NOT NULL PRIMARY KEY,
    owner TEXT    NOT NULL,
    until INTEGER NOT NULL
) STRICT;
CREATE INDEX locks_owner ON locks (owner);

CREATE TABLE audit (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    pk     TEXT    NOT NULL,
    record TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_object ON audit (pk, seq);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;

CREATE TABLE queue (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    portal      TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    object      TEXT    NOT NULL,
    slot        TEXT    NOT NULL,
    fold        TEXT,
    message     TEXT    NOT NULL,
    received_at INTEGER NOT NULL,
    visible_at  INTEGER NOT NULL DEFAULT 0,
    in_flight   INTEGER NOT NULL DEFAULT 0,
    receipt     INTEGER NOT NULL DEFAULT 0,
    attempts    INTEGER NOT NULL DEFAULT 0,
    dead        INTEGER NOT NULL DEFAULT 0,
    cause       TEXT
) STRICT;
CREATE INDEX queue_slot ON queue (slot, seq);
CREATE INDEX queue_visible ON queue (visible_at) WHERE dead = 0;
CREATE INDEX queue_dead ON queue (seq) WHERE dead = 1;
";

/// `queue.failures` counts the looks that failed for a reason that passes, for the back-off.
const VERSION_2: &str = "ALTER TABLE queue ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;";

/// Brings the tables up to the version of this program. A file of a later version is refused untouched.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let mut version = 0_u32;
    for step in STEPS {
        if version >= found {
            transaction.execute_batch(step)?;
        }
        version = version.saturating_add(1);
    }
    if found > version {
        return Err(Trouble::Refused(format!(
            "the database has version {found}, this program knows {version}: use the newer program"
        )));
    }
    transaction.pragma_update(None, "user_version", version)?;
    transaction.commit()?;
    Ok(())
}
