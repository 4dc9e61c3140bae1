//! The simulated clock: real time plus an offset that tests move.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// A clock that runs in real time and can be advanced.
#[derive(Debug)]
pub(crate) struct Clock {
    base: Timestamp,
    began: Instant,
    offset: AtomicI64,
}

impl Clock {
    /// A clock that starts at the given instant, or now.
    #[expect(clippy::disallowed_methods, reason = "test equipment: the one place that reads the real time")]
    pub(crate) fn new(start: Option<Timestamp>) -> Clock {
        let base = start.unwrap_or_else(Timestamp::now);
        Clock { base, began: Instant::now(), offset: AtomicI64::new(0) }
    }

    /// The simulated time.
    pub(crate) fn now(&self) -> Timestamp {
        let millis = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let passed = SignedDuration::from_millis(millis)
            .saturating_add(SignedDuration::from_secs(self.offset.load(Ordering::SeqCst)));
        self.base.saturating_add(passed).unwrap_or(self.base)
    }

    /// Moves the clock forward.
    pub(crate) fn advance(&self, seconds: i64) {
        self.offset.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// A later (or earlier) instant.
pub(crate) fn plus(at: Timestamp, seconds: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(at)
}

/// As object query writes times.
pub(crate) fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// As `/v1` writes times: no offset.
pub(crate) fn plain(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}
