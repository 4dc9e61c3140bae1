//! In-memory stand-ins for tests: a store, a queue and a clock that a test can read and move.
//!
//! They keep the promises of their traits exactly ([`MemoryStates`] passes [`crate::conformance`]), so that
//! tests assert on end states instead of on calls. All of them are handles: a clone sees the same data.
//!
//! Not here: fakes of HubSpot and Zuora (the simulators in `tests/`), and anything that survives the process.

use crate::PortError;
use crate::clock::Clock;
use crate::tickles::{Tickles, Waiting};
use async_trait::async_trait;
use connector_domain::fault::FaultClass;
use connector_domain::ids::PortalId;
use connector_domain::object::Tickle;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

mod states;

pub use states::{MemoryStates, Writes};

/// A lock that a panicking test left behind is no reason to fail another one.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A clock that stands still until a test moves it.
#[derive(Debug, Clone)]
pub struct TestClock {
    now: Arc<Mutex<Timestamp>>,
}

impl TestClock {
    /// A clock that shows this moment.
    pub fn new(now: Timestamp) -> Self {
        Self { now: Arc::new(Mutex::new(now)) }
    }

    /// Moves the clock by so many seconds; a negative number moves it back. It stops at the ends of time.
    pub fn advance(&self, seconds: i64) {
        let mut now = locked(&self.now);
        *now = now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(*now);
    }

    /// Sets the clock to this moment.
    pub fn set(&self, moment: Timestamp) {
        *locked(&self.now) = moment;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *locked(&self.now)
    }
}

#[derive(Debug, Default)]
struct Sent {
    tickles: Vec<Tickle>,
    refusing: bool,
}

/// Remembers what was sent, in order, until a test takes it out.
#[derive(Debug, Clone, Default)]
pub struct MemoryTickles {
    sent: Arc<Mutex<Sent>>,
}

impl MemoryTickles {
    /// An empty queue.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes out everything that was sent since the last call, oldest first.
    pub fn drain(&self) -> Vec<Tickle> {
        std::mem::take(&mut locked(&self.sent).tickles)
    }

    /// How many tickles wait to be drained.
    pub fn len(&self) -> usize {
        locked(&self.sent).tickles.len()
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// While true, every call of [`Tickles`] fails with [`FaultClass::Transient`] and remembers nothing.
    pub fn refuse(&self, refusing: bool) {
        locked(&self.sent).refusing = refusing;
    }
}

#[async_trait]
impl Tickles for MemoryTickles {
    async fn send(&self, tickles: &[Tickle]) -> Result<(), PortError> {
        let mut sent = locked(&self.sent);
        if sent.refusing {
            return Err(PortError::new("queue send", FaultClass::Transient, "the test refuses tickles"));
        }
        sent.tickles.extend_from_slice(tickles);
        Ok(())
    }

    async fn waiting(&self, portal: PortalId) -> Result<Waiting, PortError> {
        let sent = locked(&self.sent);
        if sent.refusing {
            return Err(PortError::new("queue waiting", FaultClass::Transient, "the test refuses tickles"));
        }
        let received = sent.tickles.iter().filter(|tickle| tickle.portal == portal);
        let (mut messages, mut oldest) = (0_u64, None::<Timestamp>);
        for tickle in received {
            messages = messages.saturating_add(1);
            oldest = Some(oldest.map_or(tickle.received_at, |before| before.min(tickle.received_at)));
        }
        Ok(Waiting { messages, oldest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_clock_moves_only_when_told() {
        let clock = TestClock::new("2026-11-16T10:00:00Z".parse().unwrap());
        let other = clock.clone();
        assert_eq!(clock.now(), other.now());
        clock.advance(90);
        assert_eq!(other.now(), "2026-11-16T10:01:30Z".parse().unwrap());
        clock.advance(-90);
        assert_eq!(other.now(), "2026-11-16T10:00:00Z".parse().unwrap());
    }

    #[tokio::test]
    async fn the_memory_store_passes_the_suite() {
        crate::conformance::check_states(async || Arc::new(MemoryStates::new()) as _).await;
    }
}
