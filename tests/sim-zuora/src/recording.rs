//! What was called and answered: kept in memory, and written as JSON lines when asked.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Value, json};

use crate::api::Request;

/// One call that the simulated tenant received.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// Simulated time of arrival.
    pub at: jiff::Timestamp,
    /// HTTP method.
    pub method: String,
    /// Path as sent.
    pub path: String,
    /// Query as sent, without `?`; empty when there is none.
    pub query: String,
    /// The `Idempotency-Key` header.
    pub idempotency_key: Option<String>,
    /// Headers of interest, names in lower case; never the token itself.
    pub headers: Vec<(String, String)>,
    /// HTTP status that was sent; none while the call runs and when the connection was dropped.
    pub status: Option<u16>,
    /// Request body; null when it is empty, not JSON, or the token call's form.
    pub request: Value,
    /// Response body; a text when it was not JSON, null when nothing was sent.
    pub response: Value,
    /// What the fault script did, as text.
    pub fault: Option<String>,
    /// Whether the answer came from the idempotency store.
    pub replayed: bool,
    /// Whether the call counts as a business write.
    pub write: bool,
}

const HEADERS: [&str; 8] = [
    "content-type",
    "idempotency-key",
    "user-agent",
    "x-zuora-wsdl-version",
    "zuora-entity-ids",
    "zuora-org-ids",
    "zuora-track-id",
    "zuora-version",
];

/// The record of calls.
#[derive(Debug)]
pub(crate) struct Recorder {
    calls: Vec<Call>,
    /// Number of calls that were forgotten by `clear`.
    gone: usize,
    file: Option<PathBuf>,
}

impl Recorder {
    /// A record that also writes to a folder, if one is given.
    pub(crate) fn new(folder: Option<PathBuf>) -> Recorder {
        let file = folder.map(|f| f.join(format!("zuora-{}.jsonl", std::process::id())));
        if let Some(parent) = file.as_ref().and_then(|f| f.parent()) {
            // A folder that cannot be made shows up when the first line is written.
            let _ = std::fs::create_dir_all(parent);
        }
        Recorder { calls: Vec::new(), gone: 0, file }
    }

    /// Notes an arriving call; gives back its ticket.
    pub(crate) fn begin(&mut self, req: &Request, at: jiff::Timestamp) -> usize {
        let headers = req.headers.iter().filter(|(k, _)| HEADERS.contains(&k.as_str())).cloned().collect();
        self.calls.push(Call {
            at,
            method: req.method.clone(),
            path: req.path.clone(),
            query: req.query.clone(),
            idempotency_key: req.header("idempotency-key").map(str::to_owned),
            headers,
            status: None,
            request: if req.path.starts_with("/oauth/") { Value::Null } else { req.json() },
            response: Value::Null,
            fault: None,
            replayed: false,
            write: req.is_write(),
        });
        self.gone + self.calls.len() - 1
    }

    /// Completes a call's entry.
    pub(crate) fn finish(&mut self, ticket: usize, change: impl FnOnce(&mut Call)) {
        let Some(call) = ticket.checked_sub(self.gone).and_then(|i| self.calls.get_mut(i)) else { return };
        change(call);
        let Some(path) = &self.file else { return };
        let mut line = json!(call);
        if let Some(map) = line.as_object_mut() {
            map.insert("answered".to_owned(), json!(call.status.is_some()));
        }
        let text = format!("{line}\n");
        // Recording is an extra: a full disk must not break the simulated server.
        let file = OpenOptions::new().create(true).append(true).open(path);
        let _ = file.and_then(|mut f| f.write_all(text.as_bytes()));
    }

    /// Every call since the last clear, in order of arrival.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.clone()
    }

    /// Forgets all calls.
    pub(crate) fn clear(&mut self) {
        self.gone += self.calls.len();
        self.calls.clear();
    }
}
