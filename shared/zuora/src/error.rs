//! What an answer of Zuora means: one judge for all calls (`zuora.md` 2.1 to 2.3).
//!
//! Zuora refuses in five shapes, and may do so with HTTP 200. [`Said`] reads them all; [`Said::judge`] turns
//! status, flags and codes into success, absence or a [`PortError`]. The status goes first where it says that
//! nobody knows what happened (408, 409, 5xx), the codes elsewhere.
//!
//! Reads have no effect, so their doubtful failures are `Transient`.

use connector_domain::fault::FaultClass;
use connector_http::{Failure, Reply, retry_after};
use connector_ports::PortError;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Longest message that is kept; Zuora's own sentences are shorter, lists of reasons may not be.
const MESSAGE_LIMIT: usize = 500;
/// Longest wait for the sake of `RateLimit-Reset`: after a minute a try costs nothing and tells more.
const RESET_LIMIT: SignedDuration = SignedDuration::from_secs(60);

/// What a call does, as far as its failures mean different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A list or query: absence is an empty list.
    Query,
    /// A read by id or number: absence is an answer.
    KeyedRead,
    /// It changes something.
    Write,
}

impl Mode {
    fn is_read(self) -> bool {
        match self {
            Mode::Query | Mode::KeyedRead => true,
            Mode::Write => false,
        }
    }
}

/// What an answer means.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Zuora did it, or shows it.
    Done,
    /// There is no such object.
    Missing,
    /// It did not work.
    Failed(PortError),
}

/// One reason that Zuora gives.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reason {
    code: String,
    message: String,
}

/// The parts of an answer that say how it went; fields of all five shapes, of whatever type.
#[derive(Deserialize, Default)]
struct Envelope {
    success: Option<Value>,
    #[serde(rename = "Success")]
    crud_success: Option<Value>,
    reasons: Option<Value>,
    #[serde(rename = "Errors")]
    errors: Option<Value>,
    #[serde(rename = "FaultCode")]
    fault_code: Option<Value>,
    #[serde(rename = "FaultMessage")]
    fault_message: Option<Value>,
    code: Option<Value>,
    message: Option<Value>,
    reason: Option<Value>,
    error: Option<Value>,
    error_description: Option<Value>,
    #[serde(rename = "requestId")]
    request_id: Option<Value>,
    #[serde(rename = "processId")]
    process_id: Option<Value>,
}

fn is_foreign(body: &[u8]) -> bool {
    let start: String =
        String::from_utf8_lossy(body).trim_start().chars().take(200).collect::<String>().to_ascii_lowercase();
    start.starts_with('<') || start.contains("no route")
}

/// What an answer says about its own success.
pub(crate) struct Said {
    status: u16,
    /// The success flag in either spelling.
    flag: Option<bool>,
    reasons: Vec<Reason>,
    request_id: Option<String>,
    /// `Retry-After`.
    wait: Option<String>,
    /// `RateLimit-Reset`, when it is this limit that was reached.
    reset: Option<String>,
    digest: String,
    /// The body is a page of a gateway or a load balancer, not an answer of Zuora's.
    foreign: bool,
}

impl Said {
    /// Reads what can be read; an unreadable body leaves the status to speak.
    pub(crate) fn read(reply: &Reply) -> Self {
        // A bare list would be read as the fields in their order.
        let object = reply.body.trim_ascii_start().starts_with(b"{");
        let envelope: Envelope = if object {
            serde_json::from_slice(&reply.body).unwrap_or_default()
        } else {
            Envelope::default()
        };
        let text = |value: &Option<Value>| value.as_ref().and_then(plain);
        let header = |name| reply.header(name).map(str::to_owned);
        let reasons = reasons(&envelope, reply.status);
        // The concurrency limit has its own headers and no window that ends.
        let concurrency = reply.header("concurrency-limit-type").is_some()
            || reasons.iter().any(|reason| suffix(&reason.code) == Some("70"));
        let rate = reply.status == 429 && !concurrency;
        Self {
            status: reply.status,
            flag: flag(envelope.success.as_ref()).or(flag(envelope.crud_success.as_ref())),
            request_id: header("zuora-request-id")
                .or_else(|| text(&envelope.request_id))
                .or_else(|| text(&envelope.process_id)),
            wait: header("retry-after"),
            reset: header("ratelimit-reset").filter(|_| rate),
            digest: digest(reply),
            foreign: is_foreign(&reply.body),
            reasons,
        }
    }

    /// The token was not accepted, so nothing was done and a new token may help (`zuora.md` 1.3 and 2.2).
    pub(crate) fn wants_new_token(&self) -> bool {
        let refused = |r: &Reason| class_of(&r.code, None) == FaultClass::Denied;
        self.status == 401
            || (self.status < 500
                && self.failed()
                && !self.reasons.is_empty()
                && self.reasons.iter().all(refused))
    }

    /// Success, absence or failure.
    pub(crate) fn judge(&self, operation: &'static str, mode: Mode, now: Timestamp) -> Verdict {
        let until = self.until(now);
        let class = match self.status {
            200..=299 if !self.failed() => return Verdict::Done,
            200..=299 | 404 if mode == Mode::KeyedRead && self.says_missing() => return Verdict::Missing,
            401 | 403 => FaultClass::Denied,
            408 | 409 | 500..=599 => FaultClass::Unknown,
            429 => FaultClass::Throttled { until },
            200..=299 | 400..=499 => self.class_of_reasons(until),
            // Redirects are not followed: they could carry the token to another host.
            300..=399 => FaultClass::Permanent,
            _ => FaultClass::Bug,
        };
        Verdict::Failed(self.error(operation, mode, class, None))
    }

    /// The answer came with a good status but cannot be used: for a write nobody knows what happened.
    /// A read is tried again, also after a whole body of another shape: it need not be Zuora that wrote it.
    pub(crate) fn unusable(&self, operation: &'static str, mode: Mode) -> PortError {
        self.error(operation, mode, FaultClass::Unknown, Some("the answer could not be read"))
    }

    /// The answer says success but lacks what was created.
    pub(crate) fn lacks(&self, operation: &'static str, what: &str) -> PortError {
        let words = format!("the answer says success but {what}");
        self.error(operation, Mode::Write, FaultClass::Unknown, Some(&words))
    }

    fn failed(&self) -> bool {
        match self.flag {
            Some(success) => !success,
            None => !self.reasons.is_empty(),
        }
    }

    /// The object does not exist, in Zuora's words or by a bare 404; a gateway that knows no such path does not count.
    fn says_missing(&self) -> bool {
        let missing = |reason: &Reason| match reason.code.as_str() {
            "ResourceNotFound" => true,
            "404" => !reason.message.to_ascii_lowercase().contains("no route"),
            code => suffix(code) == Some("40"),
        };
        if self.reasons.is_empty() {
            self.status == 404 && !self.foreign
        } else {
            self.reasons.iter().all(missing)
        }
    }

    fn until(&self, now: Timestamp) -> Option<Timestamp> {
        // May be a list; its first entry is the window that is used up.
        let parse = |text: &str| {
            retry_after::parse(text, now).or_else(|| retry_after::parse(text.split([',', ';']).next()?, now))
        };
        if let Some(until) = self.wait.as_deref().and_then(parse) {
            return Some(until);
        }
        let reset = self.reset.as_deref().and_then(parse)?;
        let longest = now.checked_add(RESET_LIMIT).ok()?;
        Some(reset.min(longest))
    }

    /// Several reasons may be tried again only if all of them may (`zuora.md` 2.2).
    fn class_of_reasons(&self, until: Option<Timestamp>) -> FaultClass {
        self.reasons
            .iter()
            .map(|reason| class_of(&reason.code, until))
            .max_by_key(|class| weight(*class))
            .unwrap_or(FaultClass::Permanent)
    }

    fn error(
        &self,
        operation: &'static str,
        mode: Mode,
        class: FaultClass,
        words: Option<&str>,
    ) -> PortError {
        // The code shown is one that led to the class.
        let deciding = self.reasons.iter().find(|r| weight(class_of(&r.code, None)) == weight(class));
        let message = match words {
            Some(words) => words.to_owned(),
            None if self.reasons.is_empty() => "Zuora gave no reason".to_owned(),
            None => {
                let said: Vec<&str> = self.reasons.iter().map(|r| r.message.trim()).collect();
                said.join("; ")
            }
        };
        PortError {
            operation,
            class: without_effect(mode, class),
            status: Some(self.status),
            code: deciding.or(self.reasons.first()).map(|r| r.code.clone()).filter(|code| !code.is_empty()),
            message: message.chars().take(MESSAGE_LIMIT).collect(),
            request_id: self.request_id.clone(),
            digest: Some(self.digest.clone()),
            source: None,
        }
    }
}

/// A call without a complete answer.
pub(crate) fn lost(operation: &'static str, mode: Mode, failure: &Failure) -> PortError {
    let class = match failure {
        Failure::NotSent(_) => FaultClass::Transient,
        Failure::TooLarge if mode.is_read() => FaultClass::Bug,
        Failure::Unknown(_) | Failure::TooLarge => without_effect(mode, FaultClass::Unknown),
    };
    let message: String = failure.to_string().chars().take(MESSAGE_LIMIT).collect();
    PortError::new(operation, class, message)
}

fn without_effect(mode: Mode, class: FaultClass) -> FaultClass {
    match class {
        FaultClass::Unknown if mode.is_read() => FaultClass::Transient,
        FaultClass::Unknown
        | FaultClass::Transient
        | FaultClass::Throttled { .. }
        | FaultClass::Permanent
        | FaultClass::Denied
        | FaultClass::Bug => class,
    }
}

/// The last two digits of an eight-digit code (`zuora.md` 2.2).
fn suffix(code: &str) -> Option<&str> {
    if code.len() == 8 && code.bytes().all(|b| b.is_ascii_digit()) { code.get(6..) } else { None }
}

/// The class of one reason (`zuora.md` 2.1 and 2.2).
fn class_of(code: &str, until: Option<Timestamp>) -> FaultClass {
    match (suffix(code), code) {
        // Locking contention; temporary error. Both are refused before anything is done.
        (Some("50" | "61"), _) | (None, "LOCK_COMPETITION") => FaultClass::Transient,
        // Concurrent-request limit.
        (Some("70"), _) => FaultClass::Throttled { until },
        // Internal error; a system behind Zuora. The last three are of the older SOAP list, taken for the same.
        (Some("60" | "99"), _) | (None, "UNKNOWN_ERROR" | "TRANSACTION_TIMEOUT" | "SERVER_UNAVAILABLE") => {
            FaultClass::Unknown
        }
        // Authentication.
        (Some("11"), _) | (None, "INVALID_SESSION") => FaultClass::Denied,
        // 10, 20, 21, 22, 23, 27, 30, 40, 45, 90, and every code that nobody has listed.
        (Some(_) | None, _) => FaultClass::Permanent,
    }
}

/// Which of several classes wins: what a retry cannot mend first, then doubt, then the longer wait.
fn weight(class: FaultClass) -> u8 {
    match class {
        FaultClass::Transient => 0,
        FaultClass::Throttled { .. } => 1,
        FaultClass::Unknown => 2,
        FaultClass::Denied => 3,
        FaultClass::Permanent => 4,
        FaultClass::Bug => 5,
    }
}

/// Codes are numbers in the documents and strings in places (`zuora.md` 2.1).
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn flag(value: Option<&Value>) -> Option<bool> {
    match value {
        Some(Value::Bool(flag)) => Some(*flag),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Some(false),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Some(true),
        _ => None,
    }
}

fn reasons(envelope: &Envelope, status: u16) -> Vec<Reason> {
    let text = |value: &Option<Value>| value.as_ref().and_then(plain).unwrap_or_default();
    let mut found = Vec::new();
    let lists = [(&envelope.reasons, "code", "message"), (&envelope.errors, "Code", "Message")];
    for (list, code, message) in lists {
        for item in list.as_ref().and_then(Value::as_array).into_iter().flatten() {
            let part = |name: &str| item.get(name).and_then(plain).unwrap_or_default();
            found.push(Reason { code: part(code), message: part(message) });
        }
    }
    if envelope.fault_code.is_some() {
        found.push(Reason { code: text(&envelope.fault_code), message: text(&envelope.fault_message) });
    }
    // A good answer may well have a field of such a name; the last two are of the token call.
    if found.is_empty() && status >= 300 {
        if envelope.code.is_some() || envelope.message.is_some() {
            found.push(Reason { code: text(&envelope.code), message: text(&envelope.message) });
        } else if envelope.reason.is_some() {
            found.push(Reason { code: String::new(), message: text(&envelope.reason) });
        } else if envelope.error.is_some() {
            found.push(Reason { code: text(&envelope.error), message: text(&envelope.error_description) });
        }
    }
    found
}

/// A stored failure is answered again byte by byte, so equal digests mean an equal answer (D-14).
fn digest(reply: &Reply) -> String {
    let mut hash = Sha256::new();
    hash.update(reply.status.to_string());
    hash.update(b"\n");
    hash.update(&reply.body);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
