//! The clock of the simulated portal: the machine's clock plus an offset that tests move.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// The time as the simulated portal sees it.
#[derive(Debug)]
pub(crate) struct Clock {
    offset_ms: AtomicI64,
}

impl Clock {
    /// A clock that shows `start` now, or the machine's time.
    pub(crate) fn starting_at(start: Option<Timestamp>) -> Clock {
        let offset = start.map_or(0, |start| start.as_millisecond() - machine_time().as_millisecond());
        Clock { offset_ms: AtomicI64::new(offset) }
    }

    /// Now, to the millisecond.
    pub(crate) fn now(&self) -> Timestamp {
        let shifted = machine_time() + SignedDuration::from_millis(self.offset_ms.load(Ordering::SeqCst));
        Timestamp::from_millisecond(shifted.as_millisecond()).unwrap_or(shifted)
    }

    /// Moves the clock.
    pub(crate) fn advance(&self, seconds: i64) {
        self.offset_ms.fetch_add(seconds.saturating_mul(1000), Ordering::SeqCst);
    }
}

#[expect(clippy::disallowed_methods, reason = "the simulator's own clock is built on the machine's")]
fn machine_time() -> Timestamp {
    Timestamp::now()
}

/// A time as HubSpot writes it: UTC, milliseconds only when there are any.
pub(crate) fn iso(time: Timestamp) -> String {
    if time.as_millisecond().rem_euclid(1000) == 0 { format!("{time:.0}") } else { format!("{time:.3}") }
}

/// Reads a time as HubSpot accepts it: epoch milliseconds, ISO 8601 or a date (midnight UTC).
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    if let Ok(ms) = text.parse::<i64>() {
        return Timestamp::from_millisecond(ms).ok();
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let date: jiff::civil::Date = text.parse().ok()?;
    date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}
