//! HubSpot's limits: calls of ten rolling seconds, searches of one second, calls of a day.
//!
//! Limits run on the machine's time, not on the portal's movable clock: they protect against real bursts.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::config::Config;

/// Counters of one portal.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    calls: VecDeque<Instant>,
    searches: VecDeque<Instant>,
    today: usize,
}

impl Limits {
    /// Counts a call; answers the policy it violates, if any.
    pub(crate) fn count(&mut self, config: &Config, search: bool) -> Option<&'static str> {
        let now = Instant::now();
        if config.daily_limit.is_some_and(|limit| self.today >= limit) {
            return Some("DAILY");
        }
        if search {
            forget(&mut self.searches, now, Duration::from_secs(1));
            if config.search_per_second.is_some_and(|limit| self.searches.len() >= limit) {
                return Some("SECONDLY");
            }
            self.searches.push_back(now);
        }
        forget(&mut self.calls, now, Duration::from_secs(10));
        if config.burst_per_10s.is_some_and(|limit| self.calls.len() >= limit) {
            return Some("TEN_SECONDLY_ROLLING");
        }
        self.calls.push_back(now);
        self.today += 1;
        None
    }

    /// The rate-limit headers of an answer.
    pub(crate) fn headers(&self, config: &Config) -> Vec<(&'static str, String)> {
        let daily = config.daily_limit.unwrap_or(650_000);
        let max = config.burst_per_10s.unwrap_or(190);
        let used = if config.burst_per_10s.is_some() { self.calls.len() } else { 1 };
        vec![
            ("X-HubSpot-RateLimit-Daily", daily.to_string()),
            ("X-HubSpot-RateLimit-Daily-Remaining", daily.saturating_sub(self.today).to_string()),
            ("X-HubSpot-RateLimit-Interval-Milliseconds", "10000".to_owned()),
            ("X-HubSpot-RateLimit-Max", max.to_string()),
            ("X-HubSpot-RateLimit-Remaining", max.saturating_sub(used).to_string()),
        ]
    }

    /// Calls counted so far, for the usage report.
    pub(crate) fn today(&self) -> usize {
        self.today
    }
}

fn forget(calls: &mut VecDeque<Instant>, now: Instant, window: Duration) {
    while calls.front().is_some_and(|first| now.duration_since(*first) >= window) {
        calls.pop_front();
    }
}
