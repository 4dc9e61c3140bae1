//! Time, injected.

use jiff::Timestamp;

/// Tells the time. The engine never sleeps: it writes down when to look again.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}
