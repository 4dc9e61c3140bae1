//! How much time the present invocation has left. A process works on one invocation at a time.

use connector_ports::clock::Clock;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The end of the present invocation, shared by all who must be done before it.
pub struct Deadline {
    end_ms: AtomicU64,
    clock: Arc<dyn Clock>,
}

impl Deadline {
    /// No invocation yet, so no time. The clock must be the machine's own: Lambda knows nothing of an offset.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { end_ms: AtomicU64::new(0), clock }
    }

    /// An invocation began, which ends at this many milliseconds since the epoch.
    pub fn begin(&self, end_ms: u64) {
        self.end_ms.store(end_ms, Ordering::SeqCst);
    }

    /// What is left of it; zero when it is over.
    pub fn left(&self) -> Duration {
        let now = u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0);
        Duration::from_millis(self.end_ms.load(Ordering::SeqCst).saturating_sub(now))
    }
}

impl fmt::Debug for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deadline").field("end_ms", &self.end_ms).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_ports::fake::TestClock;

    #[test]
    fn time_runs_out_and_stays_out() {
        let clock = Arc::new(TestClock::new("2026-11-16T10:00:00Z".parse().unwrap()));
        let deadline = Deadline::new(clock.clone());
        assert_eq!(deadline.left(), Duration::ZERO);
        let now = u64::try_from(clock.now().as_millisecond()).unwrap();
        deadline.begin(now + 90_000);
        assert_eq!(deadline.left(), Duration::from_secs(90));
        clock.advance(60);
        assert_eq!(deadline.left(), Duration::from_secs(30));
        clock.advance(60);
        assert_eq!(deadline.left(), Duration::ZERO);
    }
}
