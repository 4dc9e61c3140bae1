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

#[derive(Default)]
struct Memory {
    answers: HashMap<String, (Timestamp, Response)>,
    order: VecDeque<(Timestamp, String)>,
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
        while memory.order.front().is_some_and(|(at, _)| *at + WINDOW < now) || memory.order.len() >= MOST {
            let Some((_, old)) = memory.order.pop_front() else { break };
            memory.answers.remove(&old);
        }
        memory.order.push_back((now, identity.clone()));
        memory.answers.insert(identity, (now, response.clone()));
    }
}
