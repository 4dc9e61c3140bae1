//! Answers to requests that were answered in the last five minutes: an identical request gets the same answer
//! and has no further effect (D-24).
//!
//! A memory of this process only, and an optimisation only: what comes twice through two processes is harmless,
//! because a message says no more than "look again". A request is remembered *after* its work is durable.

use crate::request::Response;
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

/// HubSpot's signatures live as long.
const WINDOW: SignedDuration = SignedDuration::from_secs(300);
/// Bounds the memory; more requests than this within five minutes push the oldest out.
const MOST: usize = 10_000;
/// Bounds it too, for cards are large: some hundreds of them.
const MOST_BYTES: usize = 16_000_000;

#[derive(Default)]
struct Memory {
    answers: HashMap<String, (Timestamp, Response)>,
    order: VecDeque<(Timestamp, String)>,
    bytes: usize,
}

impl Memory {
    fn forget_oldest(&mut self) -> bool {
        let Some((_, old)) = self.order.pop_front() else { return false };
        if let Some((_, response)) = self.answers.remove(&old) {
            self.bytes = self.bytes.saturating_sub(response.body.len());
        }
        true
    }
}

/// Remembers answers by what identifies a request.
#[derive(Default)]
pub struct Replay(Mutex<Memory>);

impl Replay {
    /// The answer that an identical request got, if it was within the window.
    pub fn answer(&self, identity: &str, now: Timestamp) -> Option<Response> {
        let memory = self.0.lock().ok()?;
        let (at, response) = memory.answers.get(identity)?;
        (*at + WINDOW >= now).then(|| response.clone())
    }

    /// Remembers an answer.
    pub fn remember(&self, identity: String, response: &Response, now: Timestamp) {
        let Ok(mut memory) = self.0.lock() else { return };
        let size = response.body.len();
        while memory.order.front().is_some_and(|(at, _)| *at + WINDOW < now)
            || memory.order.len() >= MOST
            || memory.bytes.saturating_add(size) > MOST_BYTES
        {
            if !memory.forget_oldest() {
                break;
            }
        }
        if let Some((_, old)) = memory.answers.insert(identity.clone(), (now, response.clone())) {
            // Its place in the order goes with it: it would take the new answer away too early.
            memory.bytes = memory.bytes.saturating_sub(old.body.len());
            memory.order.retain(|(_, known)| *known != identity);
        }
        memory.bytes = memory.bytes.saturating_add(size);
        memory.order.push_back((now, identity));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_is_bounded_by_bytes_and_by_time() {
        let replay = Replay::default();
        let start: Timestamp = "2026-11-16T10:00:00Z".parse().unwrap();
        let large = Response::json(200, &"x".repeat(1_000_000), "c-1");
        for n in 0..30 {
            replay.remember(format!("request {n}"), &large, start);
        }
        let kept = (0..30).filter(|n| replay.answer(&format!("request {n}"), start).is_some()).count();
        assert_eq!(kept, 15);
        assert!(replay.answer("request 29", start + WINDOW).is_some());
        assert!(replay.answer("request 29", start + WINDOW + SignedDuration::from_secs(1)).is_none());
        replay.remember("request 29".to_owned(), &Response::empty(200, "c-2"), start);
        assert_eq!(replay.answer("request 29", start).unwrap().correlation, "c-2");
    }
}
