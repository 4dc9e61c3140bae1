//! Idempotency keys: what the first call answered is what every repeat gets, for 24 hours.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::api::Request;
use crate::clock::plus;
use crate::errors::{Reply, code, refuse, resource};

/// How long a key is kept, in seconds of the simulated clock.
pub(crate) const KEPT_SECONDS: i64 = 24 * 60 * 60;

const LONGEST: usize = 255;

#[derive(Debug)]
struct Entry {
    method: String,
    target: String,
    body: String,
    at: Timestamp,
    /// None while the first call still runs.
    answer: Option<Reply>,
}

/// The keys that the tenant remembers.
#[derive(Debug, Default)]
pub(crate) struct Store {
    entries: BTreeMap<String, Entry>,
}

/// What a key means for a call.
#[derive(Debug)]
pub(crate) enum Begin {
    /// No key: nothing to remember.
    Plain,
    /// A new key, now marked as running.
    First(String),
    /// The stored answer.
    Replay(Reply),
    /// The call is refused because of its key.
    Refused(Reply),
}

impl Store {
    /// Looks at the key of a call and marks a new one as running.
    pub(crate) fn begin(&mut self, req: &Request, now: Timestamp, compare_body: bool) -> Begin {
        let Some(key) = req.header("idempotency-key") else { return Begin::Plain };
        let refused = |status: u16, suffix: u32, message: &str| {
            let mut reply = refuse(code(resource::GENERAL, suffix), message);
            reply.status = status;
            Begin::Refused(reply)
        };
        if !matches!(req.method.as_str(), "POST" | "PATCH") {
            return refused(400, 20, "Idempotency-Key is supported for POST and PATCH only.");
        }
        if key.is_empty() || key.chars().count() > LONGEST {
            return refused(400, 20, "Idempotency-Key must have 1 to 255 characters.");
        }
        self.entries.retain(|_, e| plus(e.at, KEPT_SECONDS) > now);
        let target = req.target();
        if let Some(entry) = self.entries.get(key) {
            if entry.method != req.method || entry.target != target {
                return refused(422, 20, "The Idempotency-Key was used for another request.");
            }
            if compare_body && entry.body != req.body {
                return refused(422, 20, "The Idempotency-Key was used with another body.");
            }
            return match &entry.answer {
                Some(reply) => Begin::Replay(reply.clone()),
                None => refused(409, 30, "A request with the same Idempotency-Key is still in progress."),
            };
        }
        let method = req.method.clone();
        let entry = Entry { method, target, body: req.body.clone(), at: now, answer: None };
        self.entries.insert(key.to_owned(), entry);
        Begin::First(key.to_owned())
    }

    /// Remembers the answer of the first call.
    pub(crate) fn finish(&mut self, key: &str, reply: &Reply) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.answer = Some(reply.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(method: &str, path: &str, key: &str) -> Request {
        Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: String::new(),
            params: Vec::new(),
            headers: vec![("idempotency-key".to_owned(), key.to_owned())],
            body: String::new(),
            origin: String::new(),
        }
    }

    #[test]
    fn keys_replay_conflict_mismatch_and_expire() {
        let mut store = Store::default();
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().expect("time");
        let order = call("POST", "/v1/orders", "k1");
        assert!(matches!(store.begin(&order, now, false), Begin::First(_)));
        assert!(matches!(store.begin(&order, now, false), Begin::Refused(r) if r.status == 409));
        store.finish("k1", &Reply::new(500, json!({"x": 1})));
        assert!(matches!(store.begin(&order, now, false), Begin::Replay(r) if r.status == 500));
        let other = call("POST", "/v1/accounts", "k1");
        assert!(matches!(store.begin(&other, now, false), Begin::Refused(r) if r.status == 422));
        let put = call("PUT", "/v1/accounts/x", "k2");
        assert!(matches!(store.begin(&put, now, false), Begin::Refused(r) if r.status == 400));
        let later = plus(now, KEPT_SECONDS);
        assert!(matches!(store.begin(&order, later, false), Begin::First(_)));
    }
}
