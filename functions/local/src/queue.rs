//! The durable queue of the single machine, in the same database file as the states.
//!
//! - *Sending* ([`Tickles`]): durable when the call returns. A message that says the same as one that nobody has
//!   taken yet is folded into it. Nothing is folded into a message in flight, so no request that arrives during
//!   the work on an object is lost; and only a due retry is folded into one that was given back, because the
//!   schedule rings again each second while anybody else's request must not wait for somebody's failure.
//! - *Receiving*: at most one message per object is in flight (one slot per object), the oldest first. What was
//!   taken must be answered with [`LocalQueue::done`], [`LocalQueue::back`], [`LocalQueue::later`] or
//!   [`LocalQueue::failed`]; otherwise it comes again when its time is over, or at once after
//!   [`LocalQueue::recover`].
//! - *Dead letters*: what was received [`Settings::max_receives`] times without being done (receives that were
//!   put off with `later` or `failed` do not count), and what this program cannot read. Neither holds up anything else, not even messages of the same object. Of letters that
//!   died of the same cause and say the same, the last one stays, so that a broken object leaves one, not one a
//!   minute.
//!
//! It behaves as the SQS FIFO queue does (message group = object, D-19), with one difference: a message that was
//! given back for later does not hold up newer ones of its object, because order does not matter to tickles.
//! Two copies of a program must not both call [`LocalQueue::recover`]; sending is for everybody.
//!
//! Not here: the loop that receives, and what a message means.

use crate::sqlite::{Database, SqliteStates, Trouble, limit, moment};
use async_trait::async_trait;
use connector_domain::ids::PortalId;
use connector_domain::object::{Message, StateKey, Tickle, TickleReason};
use connector_ports::PortError;
use connector_ports::tickles::{Tickles, Waiting};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

#[cfg(test)]
mod tests;

/// How the queue treats what is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How long a taken message stays hidden. The default is 9 minutes, as on AWS: six times the longest run of a
    /// worker, 90 s (D-19).
    pub visibility: Duration,
    /// After so many receives without `done` a message is a dead letter. The default is 3, as on AWS (D-19).
    pub max_receives: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { visibility: Duration::from_secs(540), max_receives: 3 }
    }
}

/// A message in flight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What it says.
    pub message: Message,
    /// How often it was received, this time included.
    pub receives: u32,
    /// How often a look failed for a reason that passes, since it was sent.
    pub failures: u32,
    seq: i64,
    receipt: i64,
}

/// A message that nobody works on any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its place in the queue; redriven letters keep it.
    pub seq: i64,
    /// The object, if its key can be read.
    pub object: Option<StateKey>,
    /// The message as it was sent.
    pub text: String,
    /// When the cause was received.
    pub received_at: Timestamp,
    /// How often it was received.
    pub receives: u32,
    /// Why it is dead.
    pub cause: String,
}

/// How full the queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// Messages that nobody has taken, or that were given back.
    pub waiting: u64,
    /// Messages that are being worked on (or were, by a process that died).
    pub in_flight: u64,
    /// Dead letters.
    pub dead: u64,
    /// When the oldest message that is not dead was received.
    pub oldest: Option<Timestamp>,
}

/// The queue. A clone is a handle to the same one.
#[derive(Debug, Clone)]
pub struct LocalQueue {
    database: Database,
    settings: Settings,
    arrivals: Arc<Notify>,
}

impl LocalQueue {
    /// The queue in the database of these states.
    pub fn new(states: &SqliteStates, settings: Settings) -> Self {
        Self { database: states.database().clone(), settings, arrivals: Arc::new(Notify::new()) }
    }

    /// Takes up to `max` messages whose time has come, each of another object, and hides them for the visibility
    /// timeout. Letters that turn out to be dead are put aside on the way.
    pub async fn take(&self, now: Timestamp, max: usize) -> Result<Vec<Taken>, PortError> {
        let settings = self.settings;
        let work = move |connection: &Connection| take(connection, settings, now.as_millisecond(), max);
        self.database.write("queue take", move |transaction| work(transaction)).await
    }

    /// The work on this message is done. Whether it was still ours: false means that its time was over and
    /// somebody else took it meanwhile, who will finish it.
    pub async fn done(&self, taken: &Taken) -> Result<bool, PortError> {
        let (seq, receipt) = (taken.seq, taken.receipt);
        let work = move |connection: &Connection| {
            let sql = "DELETE FROM queue WHERE seq = ?1 AND receipt = ?2 AND in_flight = 1";
            Ok(connection.prepare_cached(sql)?.execute(params![seq, receipt])? > 0)
        };
        self.database.write("queue done", move |transaction| work(transaction)).await
    }

    /// Gives a message back, to be seen again from this moment on; after its last receive it becomes a dead
    /// letter instead. Whether it was still ours.
    pub async fn back(&self, taken: &Taken, visible_at: Timestamp) -> Result<bool, PortError> {
        let (seq, receipt, max_receives) = (taken.seq, taken.receipt, self.settings.max_receives);
        let work = move |connection: &Connection| {
            let sql = "SELECT attempts FROM queue WHERE seq = ?1 AND receipt = ?2 AND in_flight = 1";
            let ours = connection.prepare_cached(sql)?.query_row(params![seq, receipt], |row| row.get(0));
            let Some(attempts): Option<u32> = ours.optional()? else { return Ok(false) };
            if attempts >= max_receives {
                bury_spent(connection, seq, max_receives)?;
            } else {
                let sql = "UPDATE queue SET in_flight = 0, visible_at = ?2 WHERE seq = ?1";
                connection.prepare_cached(sql)?.execute(params![seq, visible_at.as_millisecond()])?;
            }
            Ok(true)
        };
        self.database.write("queue back", move |transaction| work(transaction)).await
    }

    /// Puts a message off until this moment, as if it had not been received: somebody else holds the object.
    /// Whether it was still ours.
    pub async fn later(&self, taken: &Taken, visible_at: Timestamp) -> Result<bool, PortError> {
        self.put_off(taken, visible_at, 0).await
    }

    /// Puts a message off until this moment after a failure that passes by itself (a vendor is down, say). It
    /// counts for the back-off ([`Taken::failures`]) and never towards the dead letters. Whether it was still
    /// ours.
    pub async fn failed(&self, taken: &Taken, visible_at: Timestamp) -> Result<bool, PortError> {
        self.put_off(taken, visible_at, 1).await
    }

    async fn put_off(&self, taken: &Taken, visible_at: Timestamp, failures: u32) -> Result<bool, PortError> {
        let (seq, receipt) = (taken.seq, taken.receipt);
        let work = move |connection: &Connection| {
            let sql = "UPDATE queue SET in_flight = 0, visible_at = ?3, attempts = MAX(attempts - 1, 0),
                              failures = failures + ?4
                       WHERE seq = ?1 AND receipt = ?2 AND in_flight = 1";
            let values = params![seq, receipt, visible_at.as_millisecond(), failures];
            Ok(connection.prepare_cached(sql)?.execute(values)? > 0)
        };
        self.database.write("queue put off", move |transaction| work(transaction)).await
    }

    /// Makes every message in flight visible at once: nobody works on them, because the one process that receives
    /// has only just started. Returns how many there were.
    pub async fn recover(&self) -> Result<usize, PortError> {
        let work = |connection: &Connection| {
            let sql = "UPDATE queue SET in_flight = 0, visible_at = 0 WHERE in_flight = 1 AND dead = 0";
            Ok(connection.execute(sql, [])?)
        };
        let recovered = self.database.write("queue recover", move |transaction| work(transaction)).await?;
        self.arrivals.notify_one();
        Ok(recovered)
    }

    /// The oldest dead letters, at most `max`.
    pub async fn dead(&self, max: usize) -> Result<Vec<DeadLetter>, PortError> {
        self.database.read("queue dead", move |connection| dead(connection, max)).await
    }

    /// Puts all dead letters back into the queue, with a fresh count of receives. Returns how many there were.
    pub async fn redrive(&self) -> Result<usize, PortError> {
        let work = |connection: &Connection| {
            let sql = "UPDATE queue SET dead = 0, in_flight = 0, attempts = 0, failures = 0, visible_at = 0,
                              cause = NULL
                       WHERE dead = 1";
            Ok(connection.execute(sql, [])?)
        };
        let redriven = self.database.write("queue redrive", move |transaction| work(transaction)).await?;
        self.arrivals.notify_one();
        Ok(redriven)
    }

    /// How full the queue is.
    pub async fn depth(&self) -> Result<Depth, PortError> {
        self.database.read("queue depth", depth).await
    }

    /// Waits until something is sent in this process, or for this long. What other processes send, and what was
    /// given back for later, rings no bell: look again after every return. For one waiting loop; of several,
    /// a bell wakes one.
    pub async fn wait(&self, at_most: Duration) {
        // Whether it was the bell or the time-out: the caller looks either way.
        tokio::time::timeout(at_most, self.arrivals.notified()).await.unwrap_or_default();
    }
}

#[async_trait]
impl Tickles for LocalQueue {
    async fn send(&self, tickles: &[Tickle]) -> Result<(), PortError> {
        if tickles.is_empty() {
            return Ok(());
        }
        let tickles = tickles.to_vec();
        let work =
            move |connection: &Connection| tickles.iter().try_for_each(|tickle| send(connection, tickle));
        self.database.write("queue send", move |transaction| work(transaction)).await?;
        self.arrivals.notify_one();
        Ok(())
    }

    /// Exact, and of this portal alone.
    async fn waiting(&self, portal: PortalId) -> Result<Waiting, PortError> {
        let work = move |connection: &Connection| {
            let sql = "SELECT COUNT(*), MIN(received_at) FROM queue
                       WHERE dead = 0 AND in_flight = 0 AND portal = ?1";
            let mut query = connection.prepare_cached(sql)?;
            let (messages, oldest): (i64, Option<i64>) =
                query.query_row(params![portal.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(Waiting { messages: messages.unsigned_abs(), oldest: oldest.map(moment).transpose()? })
        };
        self.database.read("queue waiting", work).await
    }
}

/// Which waiting messages of an object mean the same; none for what is never folded: a button's correlation id
/// is an answer that somebody waits for.
fn fold(tickle: &Tickle) -> Option<String> {
    match tickle.reason {
        TickleReason::Button => None,
        TickleReason::Webhook | TickleReason::Related | TickleReason::Due => {
            Some(format!("{} {}", tickle.reason.as_str(), tickle.actor.as_deref().unwrap_or_default()))
        }
    }
}

fn send(connection: &Connection, tickle: &Tickle) -> Result<(), Trouble> {
    let key = tickle.key();
    let (slot, fold) = (key.as_text(), fold(tickle));
    let (text, received_at) = (Message::Look(tickle.clone()).encode(), tickle.received_at.as_millisecond());
    let is_due = tickle.reason == TickleReason::Due;
    let same: Option<(i64, i64)> = connection
        .prepare_cached(
            "SELECT seq, received_at FROM queue
             WHERE slot = ?1 AND fold = ?2 AND dead = 0 AND (receipt = 0 OR ?3 AND in_flight = 0)
             ORDER BY seq LIMIT 1",
        )?
        .query_row(params![slot, fold, is_due], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match same {
        // The later moment stays: a worker may skip what was received before its last read began (D-22).
        Some((seq, before)) if before < received_at => {
            let sql = "UPDATE queue SET message = ?2, received_at = ?3 WHERE seq = ?1";
            connection.prepare_cached(sql)?.execute(params![seq, text, received_at])?;
        }
        Some(_) => {}
        None => {
            let sql = "INSERT INTO queue (portal, kind, object, slot, fold, message, received_at)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            let (portal, object) = (key.portal.to_string(), &key.object);
            connection.prepare_cached(sql)?.execute(params![
                portal,
                object.kind.as_str(),
                object.id.as_str(),
                slot,
                fold,
                text,
                received_at
            ])?;
        }
    }
    Ok(())
}

struct Candidate {
    seq: i64,
    text: String,
    attempts: u32,
    failures: u32,
    receipt: i64,
}

/// Oldest first, one per object, none of an object with a message in flight. A message in flight whose time is
/// over is a candidate like any other.
const CANDIDATES: &str = "
    SELECT seq, message, attempts, failures, receipt FROM queue AS mine
    WHERE dead = 0 AND visible_at <= ?1
      AND NOT EXISTS (
          SELECT 1 FROM queue AS other
          WHERE other.slot = mine.slot AND other.dead = 0
            AND (other.in_flight = 1 AND other.visible_at > ?1
                 OR other.seq < mine.seq AND other.visible_at <= ?1))
    ORDER BY seq LIMIT ?2";

fn take(connection: &Connection, settings: Settings, now: i64, max: usize) -> Result<Vec<Taken>, Trouble> {
    let hidden_until = now.saturating_add(i64::try_from(settings.visibility.as_millis()).unwrap_or(i64::MAX));
    let mut taken = Vec::new();
    loop {
        let candidates = candidates(connection, now, max.saturating_sub(taken.len()))?;
        let mut put_aside = 0_usize;
        for candidate in candidates {
            if candidate.attempts >= settings.max_receives {
                bury_spent(connection, candidate.seq, settings.max_receives)?;
                put_aside = put_aside.saturating_add(1);
                continue;
            }
            let message = match Message::decode(&candidate.text) {
                Ok(message) => message,
                Err(error) => {
                    bury(connection, candidate.seq, &error.to_string())?;
                    put_aside = put_aside.saturating_add(1);
                    continue;
                }
            };
            let receipt = candidate.receipt.saturating_add(1);
            connection
                .prepare_cached(
                    "UPDATE queue SET in_flight = 1, visible_at = ?2, attempts = attempts + 1, receipt = ?3
                     WHERE seq = ?1",
                )?
                .execute(params![candidate.seq, hidden_until, receipt])?;
            let receives = candidate.attempts.saturating_add(1);
            let (seq, failures) = (candidate.seq, candidate.failures);
            taken.push(Taken { message, receives, failures, seq, receipt });
        }
        // Behind a dead letter there may be a living one of the same object.
        if put_aside == 0 {
            return Ok(taken);
        }
    }
}

fn candidates(connection: &Connection, now: i64, max: usize) -> Result<Vec<Candidate>, Trouble> {
    let mut query = connection.prepare_cached(CANDIDATES)?;
    let rows = query.query_map(params![now, limit(max)], |row| {
        Ok(Candidate {
            seq: row.get(0)?,
            text: row.get(1)?,
            attempts: row.get(2)?,
            failures: row.get(3)?,
            receipt: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn bury(connection: &Connection, seq: i64, cause: &str) -> Result<(), Trouble> {
    let sql = "UPDATE queue SET dead = 1, in_flight = 0, cause = ?2 WHERE seq = ?1";
    connection.prepare_cached(sql)?.execute(params![seq, cause])?;
    Ok(())
}

/// A letter that was received too often; one that died so before and says the same makes room for it.
fn bury_spent(connection: &Connection, seq: i64, max_receives: u32) -> Result<(), Trouble> {
    let cause = format!("received {max_receives} times without being done");
    bury(connection, seq, &cause)?;
    let sql = "DELETE FROM queue WHERE dead = 1 AND cause = ?2 AND seq <> ?1
                 AND (slot, fold) = (SELECT slot, fold FROM queue WHERE seq = ?1)";
    connection.prepare_cached(sql)?.execute(params![seq, cause])?;
    Ok(())
}

fn dead(connection: &Connection, max: usize) -> Result<Vec<DeadLetter>, Trouble> {
    let mut query = connection.prepare_cached(
        "SELECT seq, slot, message, received_at, attempts, cause FROM queue WHERE dead = 1 ORDER BY seq LIMIT ?1",
    )?;
    let mut rows = query.query(params![limit(max)])?;
    let mut letters = Vec::new();
    while let Some(row) = rows.next()? {
        letters.push(DeadLetter {
            seq: row.get(0)?,
            object: StateKey::parse(&row.get::<_, String>(1)?),
            text: row.get(2)?,
            received_at: moment(row.get(3)?)?,
            receives: row.get(4)?,
            cause: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
        });
    }
    Ok(letters)
}

fn depth(connection: &Connection) -> Result<Depth, Trouble> {
    let mut query = connection.prepare_cached(
        "SELECT COUNT(*) FILTER (WHERE dead = 0 AND in_flight = 0), COUNT(*) FILTER (WHERE dead = 0 AND in_flight = 1),
                COUNT(*) FILTER (WHERE dead = 1), MIN(received_at) FILTER (WHERE dead = 0)
         FROM queue",
    )?;
    let (waiting, in_flight, dead, oldest): (i64, i64, i64, Option<i64>) =
        query.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    Ok(Depth {
        waiting: waiting.unsigned_abs(),
        in_flight: in_flight.unsigned_abs(),
        dead: dead.unsigned_abs(),
        oldest: oldest.map(moment).transpose()?,
    })
}
