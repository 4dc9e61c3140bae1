//! The embedded database of the single machine: one SQLite file for states, account locks, audit trail and queue.
//!
//! - `schema`: tables and migrations · `states`: the store of states ([`SqliteStates`]) ·
//!   [`crate::queue`]: the queue in the same file.
//! - Several processes may use the file at once (`connector serve` and the commands): every write is one
//!   `BEGIN IMMEDIATE` transaction, so that what it read still holds when it writes, and it is on the disk when
//!   the call returns (WAL with `synchronous = FULL`).
//! - Within a process all calls share one connection and run on Tokio's threads for blocking work.
//!
//! Not here: what the values mean, and any clock; every moment comes in as an argument.

use connector_domain::fault::FaultClass;
use connector_ports::PortError;
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

mod schema;
mod states;
#[cfg(test)]
pub(crate) mod tests;

pub use states::SqliteStates;

/// How long a call waits for another process that is writing. A write takes about a millisecond, so this is long
/// enough for any queue of writers, and short enough to fail well before a lease (90 s) ends.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A handle to the open database; a clone uses the same connection.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    connection: Arc<Mutex<Connection>>,
}

impl Database {
    /// Opens the file, creates it and its folder if there is none, and brings its tables up to date.
    pub(crate) fn open(path: &Path) -> Result<Self, PortError> {
        let operation = "open database";
        create_private(path).map_err(|error| {
            let message = format!("{} cannot be created", path.display());
            PortError::new(operation, FaultClass::Permanent, message).caused_by(error)
        })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened =
            Connection::open_with_flags(path, flags).map_err(Trouble::from).and_then(|mut connection| {
                connection.busy_timeout(BUSY_TIMEOUT)?;
                use_wal(&connection)?;
                connection.pragma_update(None, "synchronous", "FULL")?;
                schema::migrate(&mut connection)?;
                Ok(connection)
            });
        let connection = opened.map_err(|trouble| trouble.into_port_error(operation))?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Runs work that only reads.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, PortError> {
        self.blocking(operation, move |connection| work(connection)).await
    }

    /// Runs work in one transaction that holds the right to write from its beginning. The transaction is
    /// committed when the work succeeds and rolled back when it fails.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, PortError> {
        self.blocking(operation, move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })
        .await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&mut Connection) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, PortError> {
        let connection = Arc::clone(&self.connection);
        let done = tokio::task::spawn_blocking(move || {
            // A panic under the lock has rolled its transaction back, so the connection is good.
            work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner))
        });
        match done.await {
            Ok(result) => result.map_err(|trouble| trouble.into_port_error(operation)),
            Err(error) => Err(PortError::bug(operation, "the work did not come to its end").caused_by(error)),
        }
    }
}

/// Creates the folder and an empty file that only its owner may read: an open intent can hold personal data.
fn create_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Turns the write-ahead log on. SQLite does not wait for others here, whatever the time-out, so we do.
fn use_wal(connection: &Connection) -> Result<(), Trouble> {
    let mut attempts = 0;
    loop {
        let mode =
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        match mode {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                return Err(Trouble::Refused(format!("the file system allows only journal mode {mode}")));
            }
            Err(error) if is_busy(&error) && attempts < 100 => {
                attempts += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// What goes wrong inside a piece of database work.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// SQLite said no.
    Sqlite(rusqlite::Error),
    /// A body, mark or record is not the JSON that it should be.
    Json(serde_json::Error),
    /// A stored value makes no sense.
    Content(String),
    /// A person must change something first.
    Refused(String),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Trouble::Sqlite(error)
    }
}

impl From<serde_json::Error> for Trouble {
    fn from(error: serde_json::Error) -> Self {
        Trouble::Json(error)
    }
}

impl Trouble {
    fn into_port_error(self, operation: &'static str) -> PortError {
        match self {
            // The transaction never began or was rolled back: surely without effect.
            Trouble::Sqlite(error) if is_busy(&error) => {
                PortError::new(operation, FaultClass::Transient, "another process is writing")
                    .caused_by(error)
            }
            Trouble::Sqlite(error) => PortError::bug(operation, "the database refused").caused_by(error),
            Trouble::Json(error) => PortError::bug(operation, "stored JSON cannot be used").caused_by(error),
            Trouble::Content(message) => PortError::bug(operation, message),
            Trouble::Refused(message) => PortError::new(operation, FaultClass::Permanent, message),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Moments are kept as milliseconds since 1970.
pub(crate) fn moment(milliseconds: i64) -> Result<Timestamp, Trouble> {
    Timestamp::from_millisecond(milliseconds)
        .map_err(|_| Trouble::Content(format!("{milliseconds} is not a moment in milliseconds")))
}

/// Limits of lists as SQLite takes them.
pub(crate) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
