//! Our own share of a vendor's limits: a number of requests under way, and a number in ten seconds.
//!
//! The second is a sliding window like the vendors' own ("rolling") rule. A leaky bucket of the same figure
//! would let a full burst and a full refill through within one window, nearly twice the number allowed.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The window of all published limits (`hubspot.md` 5).
const WINDOW: Duration = Duration::from_secs(10);

/// At most `most` starts within any ten seconds.
pub(crate) struct Window {
    most: usize,
    starts: Mutex<VecDeque<Instant>>,
}

impl Window {
    pub(crate) fn new(most: u32) -> Self {
        Self { most: (most.max(1)) as usize, starts: Mutex::new(VecDeque::new()) }
    }

    /// Waits until one more start is allowed and counts it. A caller that gives up while waiting has
    /// counted nothing.
    pub(crate) async fn enter(&self) {
        while let Some(wait) = self.try_enter() {
            tokio::time::sleep(wait).await;
        }
    }

    fn try_enter(&self) -> Option<Duration> {
        let now = Instant::now();
        let mut starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
        while starts.front().is_some_and(|first| now.duration_since(*first) >= WINDOW) {
            starts.pop_front();
        }
        if starts.len() < self.most {
            starts.push_back(now);
            return None;
        }
        // The millisecond keeps a timer that fires early from spinning.
        starts
            .front()
            .map(|first| WINDOW.saturating_sub(now.duration_since(*first)) + Duration::from_millis(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_window_of_ten_seconds_holds_more_than_the_limit() {
        let window = Window::new(5);
        let mut starts = Vec::new();
        for _ in 0..17 {
            window.enter().await;
            starts.push(Instant::now());
        }
        for pair in starts.windows(6) {
            assert!(pair[5].duration_since(pair[0]) >= WINDOW);
        }
        let whole = starts[16].duration_since(starts[0]);
        assert!(whole >= Duration::from_secs(30) && whole < Duration::from_secs(31));
    }
}
