//! The fault script: rules that say which call goes wrong, and how.

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// The call waits (real time) and then goes on normally.
    Slow {
        /// Milliseconds to wait.
        ms: u64,
    },
    /// HTTP 429 before any effect; nothing is stored.
    TooManyRequests {
        /// Seconds in the `Retry-After` header, which is left out when absent.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// An error status before any effect; stored under the idempotency key.
    StatusBefore {
        /// The status, for example 500.
        status: u16,
    },
    /// The effect happens, the answer is an error status; stored under the idempotency key.
    StatusAfter {
        /// The status, for example 500.
        status: u16,
    },
    /// HTTP 504; the effect appears later on the simulated clock. Until then the key answers 409.
    GatewayTimeout {
        /// Seconds until the effect.
        effect_after_seconds: i64,
    },
    /// The connection closes without an answer; the effect appears later on the simulated clock.
    DropThenLateEffect {
        /// Seconds until the effect.
        effect_after_seconds: i64,
    },
    /// The effect happens, then the connection closes without an answer.
    CommitThenDrop,
    /// The connection closes before any effect; nothing is stored.
    DropBefore,
    /// HTTP 200 with `success: false` (or `Success: false`); no effect; stored.
    Refuse {
        /// The vendor's code.
        code: u32,
        /// The text.
        #[serde(default)]
        message: String,
    },
    /// Lock contention (suffix 50), a refusal; no effect; stored.
    LockContention,
    /// HTTP 200 with a page that is not JSON.
    NonJson {
        /// Whether the effect happens.
        #[serde(default)]
        effect: bool,
    },
    /// HTTP 200 whose JSON is cut in the middle.
    TruncatedJson {
        /// Whether the effect happens.
        #[serde(default = "yes")]
        effect: bool,
    },
    /// HTTP 401 with code 90000011; every token given out so far is revoked.
    Unauthorized,
}

fn yes() -> bool {
    true
}

fn one() -> usize {
    1
}

/// One rule of the script. The first rule that matches a call and still has firings left is used;
/// `Slow` rules add to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaultRule {
    /// HTTP method; any when absent.
    #[serde(default)]
    pub method: Option<String>,
    /// Text that the path (with query) contains; with `^` in front, starts with; with `$` at the
    /// end, ends with. Any path when absent.
    #[serde(default)]
    pub path: Option<String>,
    /// Text that the request body contains; any when absent.
    #[serde(default)]
    pub body: Option<String>,
    /// Matching calls that pass before the rule fires.
    #[serde(default)]
    pub skip: usize,
    /// How many calls it hits; 0 = all.
    #[serde(default = "one")]
    pub count: usize,
    /// What goes wrong.
    pub fault: Fault,
}

impl FaultRule {
    /// A rule that hits the next call, whatever it is.
    pub fn new(fault: Fault) -> FaultRule {
        FaultRule { method: None, path: None, body: None, skip: 0, count: 1, fault }
    }

    /// A rule that hits the next call with this method and path.
    pub fn on(method: &str, path: &str, fault: Fault) -> FaultRule {
        FaultRule { method: Some(method.to_owned()), path: Some(path.to_owned()), ..FaultRule::new(fault) }
    }

    /// Lets this many matching calls pass first.
    #[must_use]
    pub fn after(mut self, calls: usize) -> FaultRule {
        self.skip = calls;
        self
    }

    /// Hits this many calls; 0 = all.
    #[must_use]
    pub fn times(mut self, calls: usize) -> FaultRule {
        self.count = calls;
        self
    }

    /// Only calls whose body contains this text.
    #[must_use]
    pub fn with_body(mut self, text: &str) -> FaultRule {
        self.body = Some(text.to_owned());
        self
    }

    fn matches(&self, method: &str, target: &str, body: &str) -> bool {
        self.method.as_ref().is_none_or(|m| m.eq_ignore_ascii_case(method))
            && self.path.as_ref().is_none_or(|p| path_matches(p, target))
            && self.body.as_ref().is_none_or(|b| body.contains(b.as_str()))
    }
}

fn path_matches(pattern: &str, target: &str) -> bool {
    let (start, rest) = pattern.strip_prefix('^').map_or((false, pattern), |p| (true, p));
    let (end, rest) = rest.strip_suffix('$').map_or((false, rest), |p| (true, p));
    match (start, end) {
        (true, true) => target == rest,
        (true, false) => target.starts_with(rest),
        (false, true) => target.ends_with(rest),
        (false, false) => target.contains(rest),
    }
}

/// The script and how far each rule has come.
#[derive(Debug, Default)]
pub(crate) struct Script {
    rules: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    rule: FaultRule,
    seen: usize,
    fired: usize,
}

/// What the script says about one call.
#[derive(Debug, Default, Clone)]
pub(crate) struct Verdict {
    /// Milliseconds to wait.
    pub(crate) slow_ms: u64,
    /// What else goes wrong.
    pub(crate) fault: Option<Fault>,
}

impl Script {
    /// Adds a rule at the end.
    pub(crate) fn push(&mut self, rule: FaultRule) {
        self.rules.push(Entry { rule, seen: 0, fired: 0 });
    }

    /// Forgets every rule.
    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// Asks the script about a call and uses up the firings.
    pub(crate) fn take(&mut self, method: &str, target: &str, body: &str) -> Verdict {
        let mut verdict = Verdict::default();
        for entry in &mut self.rules {
            let slow = match entry.rule.fault {
                Fault::Slow { ms } => Some(ms),
                _ => None,
            };
            if (slow.is_none() && verdict.fault.is_some()) || !entry.rule.matches(method, target, body) {
                continue;
            }
            entry.seen += 1;
            if entry.seen <= entry.rule.skip || (entry.rule.count != 0 && entry.fired >= entry.rule.count) {
                continue;
            }
            entry.fired += 1;
            match slow {
                Some(ms) => verdict.slow_ms = verdict.slow_ms.saturating_add(ms),
                None => verdict.fault = Some(entry.rule.fault.clone()),
            }
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_skip_count_and_match() {
        let mut script = Script::default();
        script.push(FaultRule::on("POST", "^/v1/orders$", Fault::DropBefore).after(1).times(2));
        let hit = |s: &mut Script, path: &str| s.take("POST", path, "").fault.is_some();
        assert!(!hit(&mut script, "/v1/orders/preview"));
        assert!(!hit(&mut script, "/v1/orders"));
        assert!(hit(&mut script, "/v1/orders"));
        assert!(hit(&mut script, "/v1/orders"));
        assert!(!hit(&mut script, "/v1/orders"));
    }

    #[test]
    fn rules_read_from_json() {
        let rule: FaultRule = serde_json::from_str(
            r#"{"path":"/v1/orders","fault":{"kind":"too_many_requests","retry_after":2}}"#,
        )
        .expect("rule");
        assert_eq!(rule.count, 1);
        assert_eq!(rule.fault, Fault::TooManyRequests { retry_after: Some(2) });
        let plain: FaultRule =
            serde_json::from_str(r#"{"fault":{"kind":"commit_then_drop"}}"#).expect("rule");
        assert_eq!(plain.fault, Fault::CommitThenDrop);
    }
}
