//! The store of states in SQLite. It passes `connector_ports::conformance`.

use super::{Database, Trouble, limit, moment};
use async_trait::async_trait;
use connector_domain::ids::PortalId;
use connector_domain::object::StateKey;
use connector_domain::state::{AuditRecord, ObjectState, SyncStatus};
use connector_ports::PortError;
use connector_ports::states::{
    AccountLock, Change, Claim, Claimed, Counts, Locks, Page, Saved, States, Stored,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeMap;
use std::path::Path;

/// The columns of an item, in the order that `stored` reads them.
macro_rules! item {
    () => {
        "body, marks, due_at, waits_on, lease_until"
    };
}

/// A page of the items of a portal with this property: ?1 the portal, ?2 the last key before it, ?3 how many.
macro_rules! page_sql {
    ($property:literal) => {
        concat!(
            "SELECT ",
            item!(),
            ", pk FROM states WHERE ",
            $property,
            " AND portal = ?1 AND pk > ?2 ORDER BY pk LIMIT ?3"
        )
    };
}

/// How many items of a portal stand how, by kind: one key of each group, its status, its number. The kind is what
/// stands between the first `#` of a key and the second.
const COUNTS: &str = "
    SELECT MIN(pk), json_extract(body, '$.status') AS status, COUNT(*) FROM states
    WHERE portal = ?1
    GROUP BY substr(pk, length(portal) + 2, instr(substr(pk, length(portal) + 2), '#')), status";

/// The store of states of the single machine. A clone is a handle to the same open database.
#[derive(Debug, Clone)]
pub struct SqliteStates {
    database: Database,
}

impl SqliteStates {
    /// Opens the database file, creating it and its folder if there is none.
    ///
    /// Fails with `Permanent` when the file cannot be made or was written by a later version, `Transient` when
    /// other processes kept it locked, `Bug` otherwise. Blocks; call it while starting.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, PortError> {
        Ok(Self { database: Database::open(path.as_ref())? })
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Objects of a portal whose last write-back was refused, whatever their status, page by page. Only this
    /// store has the list; it reads every state of the portal.
    pub async fn write_back_refused(
        &self,
        portal: PortalId,
        next: Option<&str>,
        size: usize,
    ) -> Result<Page, PortError> {
        let sql = page_sql!("json_extract(body, '$.write_back_problem') IS NOT NULL");
        self.page("states write-back refused", sql, portal, next, size).await
    }

    async fn page(
        &self,
        operation: &'static str,
        sql: &'static str,
        portal: PortalId,
        next: Option<&str>,
        size: usize,
    ) -> Result<Page, PortError> {
        let after = next.unwrap_or_default().to_owned();
        // A page is never empty while there is more, whatever limit was asked for.
        let size = size.max(1);
        let work = move |connection: &Connection| {
            let mut query = connection.prepare_cached(sql)?;
            // One more than asked for tells whether there is another page.
            let rows = query
                .query_map(params![portal.to_string(), after, limit(size.saturating_add(1))], |row| {
                    Ok((row.get::<_, String>(5)?, ItemRow::read(row)?))
                })?
                .collect::<Result<Vec<_>, _>>()?;
            let more = rows.len() > size;
            let mut page = Page::default();
            for (pk, item) in rows.into_iter().take(size) {
                page.items.push((key(&pk)?, item.stored()?));
            }
            page.next = page.items.last().filter(|_| more).map(|(last, _)| last.as_text());
            Ok(page)
        };
        self.database.read(operation, work).await
    }
}

struct ItemRow {
    body: String,
    marks: String,
    due_at: Option<i64>,
    waits_on: Option<String>,
    lease_until: Option<i64>,
}

impl ItemRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            body: row.get(0)?,
            marks: row.get(1)?,
            due_at: row.get(2)?,
            waits_on: row.get(3)?,
            lease_until: row.get(4)?,
        })
    }

    fn stored(self) -> Result<Stored, Trouble> {
        Ok(Stored {
            state: serde_json::from_str(&self.body)?,
            marks: serde_json::from_str(&self.marks)?,
            due_at: self.due_at.map(moment).transpose()?,
            waits_on: self.waits_on.as_deref().map(key).transpose()?,
            leased_until: self.lease_until.map(moment).transpose()?,
        })
    }
}

fn key(text: &str) -> Result<StateKey, Trouble> {
    StateKey::parse(text).ok_or_else(|| Trouble::Content(format!("{text:?} is not the key of an object")))
}

fn keys(connection: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<Vec<StateKey>, Trouble> {
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map(params, |row| row.get::<_, String>(0))?;
    found.map(|text| key(&text?)).collect()
}

fn fence(number: u64) -> Result<i64, Trouble> {
    i64::try_from(number).map_err(|_| Trouble::Content(format!("{number} is not a fence of this store")))
}

/// What a save or release writes, ready for the database.
struct Prepared {
    pk: String,
    fence: i64,
    body: String,
    parked: bool,
    due_at: Option<i64>,
    waits_on: Option<String>,
    audit: Vec<String>,
}

impl Prepared {
    fn new(claim: &Claim, change: &Change) -> Result<Self, Trouble> {
        Ok(Self {
            pk: claim.key.as_text(),
            fence: fence(claim.fence)?,
            body: serde_json::to_string::<ObjectState>(&change.state)?,
            parked: change.state.status == SyncStatus::NeedsAttention,
            due_at: change.due_at.map(Timestamp::as_millisecond),
            waits_on: change.waits_on.as_ref().map(StateKey::as_text),
            audit: change.audit.iter().map(serde_json::to_string).collect::<Result<_, _>>()?,
        })
    }

    /// Writes body, envelope and audit if the claim still holds its lease; whether it did.
    fn write(&self, connection: &Connection, keep_lease: bool) -> Result<bool, Trouble> {
        let mut update = connection.prepare_cached(
            "UPDATE states SET body = ?3, parked = ?4, due_at = ?5, waits_on = ?6,
                    lease_until = CASE WHEN ?7 THEN lease_until END
             WHERE pk = ?1 AND fence = ?2 AND lease_until IS NOT NULL",
        )?;
        let changed = update.execute(params![
            self.pk,
            self.fence,
            self.body,
            self.parked,
            self.due_at,
            self.waits_on,
            keep_lease
        ])?;
        if changed == 0 {
            return Ok(false);
        }
        let mut append = connection.prepare_cached("INSERT INTO audit (pk, record) VALUES (?1, ?2)")?;
        for record in &self.audit {
            append.execute(params![self.pk, record])?;
        }
        Ok(true)
    }

    fn is_held(&self, connection: &Connection) -> Result<bool, Trouble> {
        let mut query = connection.prepare_cached(
            "SELECT 1 FROM states WHERE pk = ?1 AND fence = ?2 AND lease_until IS NOT NULL",
        )?;
        Ok(query.exists(params![self.pk, self.fence])?)
    }
}

/// The end of the lock, if another object holds it at this moment.
fn locked_by_another(
    connection: &Connection,
    lock: &AccountLock,
    owner: &str,
    now: i64,
) -> Result<Option<Timestamp>, Trouble> {
    let mut query = connection
        .prepare_cached("SELECT until FROM locks WHERE name = ?1 AND owner <> ?2 AND until > ?3")?;
    let until: Option<i64> = query.query_row(params![lock.name, owner, now], |row| row.get(0)).optional()?;
    until.map(moment).transpose()
}

fn take_lock(connection: &Connection, lock: &AccountLock, owner: &str) -> Result<(), Trouble> {
    let mut upsert = connection.prepare_cached(
        "INSERT INTO locks (name, owner, until) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until",
    )?;
    upsert.execute(params![lock.name, owner, lock.until.as_millisecond()])?;
    Ok(())
}

#[async_trait]
impl States for SqliteStates {
    async fn claim(&self, key: &StateKey, now: Timestamp, until: Timestamp) -> Result<Claimed, PortError> {
        let (key, now, until) = (key.clone(), now.as_millisecond(), until.as_millisecond());
        let work = move |connection: &Connection| {
            let pk = key.as_text();
            let mut upsert = connection.prepare_cached(concat!(
                "INSERT INTO states (pk, portal, lease_until, fence) VALUES (?1, ?2, ?3, 1)
                 ON CONFLICT (pk) DO UPDATE SET lease_until = excluded.lease_until, fence = fence + 1
                    WHERE lease_until IS NULL OR lease_until <= ?4
                 RETURNING ",
                item!(),
                ", fence"
            ))?;
            let portal = key.portal.to_string();
            let granted = upsert
                .query_row(params![pk, portal, until, now], |row| Ok((ItemRow::read(row)?, row.get(5)?)))
                .optional()?;
            let Some((item, number)) = granted else {
                let mut query = connection.prepare_cached("SELECT lease_until FROM states WHERE pk = ?1")?;
                let until = moment(query.query_row(params![pk], |row| row.get(0))?)?;
                return Ok(Claimed::Busy { until });
            };
            let mut query = connection
                .prepare_cached("SELECT name FROM locks WHERE owner = ?1 AND until > ?2 ORDER BY name")?;
            let locks = query.query_map(params![pk, now], |row| row.get(0))?.collect::<Result<_, _>>()?;
            let fence = i64::unsigned_abs(number);
            Ok(Claimed::Yes(Box::new(Claim { key, fence, stored: item.stored()?, locks })))
        };
        self.database.write("states claim", move |transaction| work(transaction)).await
    }

    async fn save(
        &self,
        claim: &mut Claim,
        change: &Change,
        lock: Option<&AccountLock>,
        now: Timestamp,
    ) -> Result<Saved, PortError> {
        let operation = "states save";
        let change = Prepared::new(claim, change).map_err(|trouble| trouble.into_port_error(operation))?;
        let (wanted, now) = (lock.cloned(), now.as_millisecond());
        let work = move |connection: &Connection| {
            if !change.is_held(connection)? {
                return Ok(Saved::Lost);
            }
            if let Some(lock) = &wanted {
                if let Some(until) = locked_by_another(connection, lock, &change.pk, now)? {
                    return Ok(Saved::Locked { until });
                }
                take_lock(connection, lock, &change.pk)?;
            }
            Ok(if change.write(connection, true)? { Saved::Yes } else { Saved::Lost })
        };
        let saved = self.database.write(operation, move |transaction| work(transaction)).await?;
        if let (Saved::Yes, Some(lock)) = (&saved, lock)
            && !claim.locks.contains(&lock.name)
        {
            claim.locks.push(lock.name.clone());
        }
        Ok(saved)
    }

    async fn release(&self, claim: &Claim, change: &Change, locks: Locks) -> Result<Saved, PortError> {
        let operation = "states release";
        let change = Prepared::new(claim, change).map_err(|trouble| trouble.into_port_error(operation))?;
        let work = move |connection: &Connection| {
            if !change.write(connection, false)? {
                return Ok(Saved::Lost);
            }
            match locks {
                Locks::Drop => {
                    connection
                        .prepare_cached("DELETE FROM locks WHERE owner = ?1")?
                        .execute(params![change.pk])?;
                }
                Locks::Keep => {}
            }
            Ok(Saved::Yes)
        };
        self.database.write(operation, move |transaction| work(transaction)).await
    }

    async fn abandon(&self, claim: &Claim) -> Result<(), PortError> {
        let (pk, number) = (claim.key.as_text(), claim.fence);
        let work = move |connection: &Connection| {
            connection
                .prepare_cached("UPDATE states SET lease_until = NULL WHERE pk = ?1 AND fence = ?2")?
                .execute(params![pk, fence(number)?])?;
            Ok(())
        };
        self.database.write("states abandon", move |transaction| work(transaction)).await
    }

    async fn mark(&self, key: &StateKey, marks: &BTreeMap<String, String>) -> Result<(), PortError> {
        let (key, added) = (key.clone(), marks.clone());
        let work = move |connection: &Connection| {
            let pk = key.as_text();
            let mut query = connection.prepare_cached("SELECT marks FROM states WHERE pk = ?1")?;
            let text: Option<String> = query.query_row(params![pk], |row| row.get(0)).optional()?;
            let mut marks: BTreeMap<String, String> =
                text.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
            marks.extend(added);
            let mut upsert = connection.prepare_cached(
                "INSERT INTO states (pk, portal, marks) VALUES (?1, ?2, ?3)
                 ON CONFLICT (pk) DO UPDATE SET marks = excluded.marks",
            )?;
            upsert.execute(params![pk, key.portal.to_string(), serde_json::to_string(&marks)?])?;
            Ok(())
        };
        self.database.write("states mark", move |transaction| work(transaction)).await
    }

    async fn read(&self, key: &StateKey) -> Result<Option<Stored>, PortError> {
        let mut found = self.read_many(std::slice::from_ref(key)).await?;
        Ok(found.remove(key))
    }

    async fn read_many(&self, keys: &[StateKey]) -> Result<BTreeMap<StateKey, Stored>, PortError> {
        let keys = keys.to_vec();
        let work = move |connection: &Connection| {
            let sql = concat!("SELECT ", item!(), " FROM states WHERE pk = ?1");
            let mut query = connection.prepare_cached(sql)?;
            let mut found = BTreeMap::new();
            for key in keys {
                if let Some(item) = query.query_row(params![key.as_text()], ItemRow::read).optional()? {
                    found.insert(key, item.stored()?);
                }
            }
            Ok(found)
        };
        self.database.read("states read", work).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<StateKey>, PortError> {
        let (now, limit) = (now.as_millisecond(), super::limit(limit));
        let work = move |connection: &Connection| {
            let sql =
                "SELECT pk FROM states WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at LIMIT ?2";
            keys(connection, sql, params![now, limit])
        };
        self.database.read("states due", work).await
    }

    async fn waiting_on(&self, key: &StateKey) -> Result<Vec<StateKey>, PortError> {
        let pk = key.as_text();
        let work = move |connection: &Connection| {
            let sql = "SELECT pk FROM states WHERE waits_on = ?1 ORDER BY pk";
            keys(connection, sql, params![pk])
        };
        self.database.read("states waiting", work).await
    }

    async fn parked(&self, portal: PortalId, next: Option<&str>, size: usize) -> Result<Page, PortError> {
        self.page("states parked", page_sql!("parked = 1"), portal, next, size).await
    }

    async fn audit_of(&self, key: &StateKey, limit: usize) -> Result<Vec<AuditRecord>, PortError> {
        let (pk, limit) = (key.as_text(), super::limit(limit));
        let work = move |connection: &Connection| {
            let sql = "SELECT record FROM audit WHERE pk = ?1 ORDER BY seq LIMIT ?2";
            let mut query = connection.prepare_cached(sql)?;
            let records = query.query_map(params![pk, limit], |row| row.get::<_, String>(0))?;
            records.map(|text| Ok(serde_json::from_str(&text?)?)).collect()
        };
        self.database.read("states audit", work).await
    }

    /// Exact, and always of now.
    async fn counts(&self, portal: PortalId, _now: Timestamp) -> Result<Counts, PortError> {
        let work = move |connection: &Connection| {
            let mut query = connection.prepare_cached(COUNTS)?;
            let rows = query.query_map(params![portal.to_string()], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, i64>(2)?))
            })?;
            let mut counts = Counts { complete: true, ..Counts::default() };
            for row in rows {
                let (pk, status, number) = row?;
                let status: SyncStatus = match status {
                    Some(text) => serde_json::from_value(serde_json::Value::String(text))?,
                    // Marks or a lease only.
                    None => SyncStatus::default(),
                };
                counts.add(key(&pk)?.object.kind, status, number.unsigned_abs());
            }
            Ok(counts)
        };
        self.database.read("states counts", work).await
    }
}
