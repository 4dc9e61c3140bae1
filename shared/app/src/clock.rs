//! The clock of a process: the machine's time, shifted only in tests (D-32).

use connector_ports::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};

/// The machine's clock plus an offset.
#[derive(Debug, Default)]
pub struct SystemClock(AtomicI64);

impl SystemClock {
    /// A clock that is this many seconds ahead.
    pub fn new(offset_seconds: i64) -> Self {
        Self(AtomicI64::new(offset_seconds))
    }

    /// Moves the clock. Configuration allows it only where every vendor is a simulator.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's time is read")]
    fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}
