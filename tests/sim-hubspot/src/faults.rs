//! The fault script: rules that make chosen calls slow, failing, limited or lost.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What goes wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// Answers this much later than usual.
    Slow {
        /// The delay.
        millis: u64,
    },
    /// Answers a status and does nothing; the general error body where none is given.
    Status {
        /// HTTP status.
        status: u16,
        /// Body to answer.
        #[serde(default)]
        body: Option<Value>,
    },
    /// 429.
    TooManyRequests {
        /// Seconds in a `Retry-After` header, if there is to be one.
        #[serde(default)]
        retry_after: Option<u64>,
        /// `TEN_SECONDLY_ROLLING` (default), `SECONDLY` or `DAILY`.
        #[serde(default)]
        policy: Option<String>,
    },
    /// Breaks the connection before anything happened.
    DropBefore,
    /// Does what was asked, then breaks the connection without an answer.
    CommitThenDrop,
    /// 207: the last input of a batch fails, the others are done.
    Partial,
    /// 401, as if the token were revoked.
    Unauthorized,
    /// 403 `MISSING_SCOPES`.
    MissingScopes,
}

/// Which calls a fault strikes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultRule {
    /// Upper-case method; `None` takes any.
    pub method: Option<String>,
    /// Part of `path?query`; empty takes any.
    pub path: String,
    /// Part of the request body; `None` takes any.
    pub body: Option<String>,
    /// Matching calls that pass unharmed first.
    pub skip: u32,
    /// Matching calls that are struck after that.
    pub count: u32,
    /// What happens to them.
    pub fault: Fault,
}

impl Default for FaultRule {
    fn default() -> FaultRule {
        FaultRule {
            method: None,
            path: String::new(),
            body: None,
            skip: 0,
            count: 1,
            fault: Fault::Status { status: 503, body: None },
        }
    }
}

impl FaultRule {
    /// A rule that strikes the next call whose path contains `path`.
    #[must_use]
    pub fn once(path: &str, fault: Fault) -> FaultRule {
        FaultRule { path: path.to_owned(), fault, ..FaultRule::default() }
    }
}

/// The rules in force.
#[derive(Debug, Default)]
pub(crate) struct FaultScript {
    rules: Vec<FaultRule>,
}

impl FaultScript {
    pub(crate) fn add(&mut self, rule: FaultRule) {
        self.rules.push(rule);
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The fault that strikes this call, if any; counts the call in every rule it matches.
    pub(crate) fn strike(&mut self, method: &str, target: &str, body: &str) -> Option<Fault> {
        let mut struck = None;
        for rule in &mut self.rules {
            let matches = rule.method.as_deref().is_none_or(|own| own.eq_ignore_ascii_case(method))
                && target.contains(&rule.path)
                && rule.body.as_deref().is_none_or(|part| body.contains(part));
            if !matches || struck.is_some() {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
            } else if rule.count > 0 {
                rule.count = if rule.count == u32::MAX { u32::MAX } else { rule.count - 1 };
                struck = Some(rule.fault.clone());
            }
        }
        struck
    }
}
