//! The record of every call: in memory for tests, as JSON lines for the contract checks.

use std::io::Write as _;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

/// One call that the simulated API received.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// Upper-case method.
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// The query as it came, without `?`.
    pub query: String,
    /// Request body; null where there is none.
    pub request: Value,
    /// HTTP status; 0 where the connection was broken without an answer.
    pub status: u16,
    /// Response body; null where there is none.
    pub response: Value,
}

impl Call {
    /// Whether the call only reads (`GET`, batch reads, searches).
    #[must_use]
    pub fn is_read(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
            || (self.method == "POST"
                && ["/batch/read", "/search", "/access-token-info"]
                    .iter()
                    .any(|end| self.path.ends_with(end)))
    }
}

/// All calls so far.
#[derive(Debug, Default)]
pub(crate) struct CallLog {
    calls: Vec<Call>,
    file: Option<PathBuf>,
}

impl CallLog {
    /// Records in memory, and below `folder` where one is given (else the one the environment names).
    pub(crate) fn new(folder: Option<PathBuf>) -> std::io::Result<CallLog> {
        let folder = folder.or_else(folder_from_environment);
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder)?;
        }
        let file = folder.map(|folder| folder.join(format!("hubspot-{}.jsonl", std::process::id())));
        Ok(CallLog { calls: Vec::new(), file })
    }

    pub(crate) fn add(&mut self, call: Call) {
        if let Some(file) = &self.file {
            // A record that cannot be written must not change the behaviour under test.
            let _ = append(file, &call);
        }
        self.calls.push(call);
    }

    pub(crate) fn all(&self) -> &[Call] {
        &self.calls
    }

    pub(crate) fn clear(&mut self) {
        self.calls.clear();
    }
}

fn append(file: &PathBuf, call: &Call) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(call)?;
    line.push(b'\n');
    // One write in append mode: several simulators of one process share the file.
    std::fs::OpenOptions::new().create(true).append(true).open(file)?.write_all(&line)
}

#[expect(clippy::disallowed_methods, reason = "test equipment, told by the test command where to record")]
fn folder_from_environment() -> Option<PathBuf> {
    std::env::var("SIM_RECORD_DIR").ok().filter(|folder| !folder.is_empty()).map(PathBuf::from)
}
