//! How a call to a vendor or a store can fail, as far as the engine must know.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The class of a failure. Unclassified trouble is `Bug`, never retryable by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultClass {
    /// Surely had no effect; may be tried again later (lock contention, refused connection).
    Transient,
    /// Surely had no effect; the vendor asks for patience, until this moment if it said one.
    Throttled {
        /// When to try again at the earliest.
        until: Option<Timestamp>,
    },
    /// It may have happened: a time-out, a dropped connection, a 5xx, an unreadable answer. Read before repeating.
    Unknown,
    /// A definite refusal that repeating does not mend; a person must change something.
    Permanent,
    /// Credentials or rights are missing: nothing about the object is wrong.
    Denied,
    /// We do not understand what happened; somebody must look at the code.
    Bug,
}

impl FaultClass {
    /// The name in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            FaultClass::Transient => "transient",
            FaultClass::Throttled { .. } => "throttled",
            FaultClass::Unknown => "unknown",
            FaultClass::Permanent => "permanent",
            FaultClass::Denied => "denied",
            FaultClass::Bug => "bug",
        }
    }

    /// Whether the call surely left no trace, so that the next attempt may use a new idempotency key.
    pub fn is_definite(self) -> bool {
        match self {
            FaultClass::Transient
            | FaultClass::Throttled { .. }
            | FaultClass::Permanent
            | FaultClass::Denied => true,
            FaultClass::Unknown | FaultClass::Bug => false,
        }
    }
}
