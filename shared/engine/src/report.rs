//! What a look at an object came to, for logs, the command line and the transport.

use connector_domain::object::ObjectRef;
use connector_domain::problem::Problem;
use connector_domain::state::SyncStatus;
use jiff::Timestamp;
use serde::Serialize;

/// How a look ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The last look covers this request already.
    Skipped,
    /// Somebody else works on the object; ask again later.
    Busy,
    /// A child object: its roots were rung.
    Rang,
    /// Looked at; the state says how it stands.
    Looked,
    /// The lease was lost while working; the other worker goes on.
    LostLease,
}

/// The outcome of one look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The object.
    pub object: ObjectRef,
    /// How the look ended.
    pub end: End,
    /// How the object stands.
    pub status: SyncStatus,
    /// What was written to Zuora, in words.
    pub done: Vec<String>,
    /// What a person must mend.
    pub problems: Vec<Problem>,
    /// What was adapted on the way, and what else is worth saying.
    pub notices: Vec<String>,
    /// What it waits for.
    pub waits_on: Option<String>,
    /// When it will be looked at again by itself.
    pub due_at: Option<Timestamp>,
    /// HubSpot refused the write-back.
    pub write_back_problem: Option<Problem>,
    /// What failed and will be tried again: operation, class and status, without the vendor's words.
    pub trouble: Option<String>,
}

impl Report {
    /// A report without a look.
    pub(crate) fn bare(object: ObjectRef, end: End) -> Self {
        Self {
            object,
            end,
            status: SyncStatus::Pending,
            done: Vec::new(),
            problems: Vec::new(),
            notices: Vec::new(),
            waits_on: None,
            due_at: None,
            write_back_problem: None,
            trouble: None,
        }
    }
}
