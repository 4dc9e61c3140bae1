//! The one place that says what an answer of HubSpot means for us (`hubspot.md` 5).
//!
//! [`Fault`] is the clonable form that batches hand to each of their callers; it becomes a [`PortError`] where the
//! operation is known. Nothing here retries.

use crate::dto::error::ErrorBody;
use connector_domain::fault::FaultClass;
use connector_http::{Failure, Lost, Reply, retry_after};
use connector_ports::PortError;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Longest text of HubSpot's that is kept.
const MESSAGE_LIMIT: usize = 500;
/// HubSpot's rolling window, when the answer names none.
const WINDOW: SignedDuration = SignedDuration::from_secs(10);
/// Search has a limit per second.
const SEARCH_WINDOW: SignedDuration = SignedDuration::from_secs(1);
/// "Locked" lasts two seconds.
const LOCKED: SignedDuration = SignedDuration::from_secs(2);
/// A portal that moves to another region names its time itself; this is for the day it does not. The same wait
/// serves the daily limit of a portal whose time zone is not known yet.
const LONG: SignedDuration = SignedDuration::from_hours(1);

/// A failed call, without the operation's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) class: FaultClass,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    pub(crate) request_id: Option<String>,
}

impl Fault {
    pub(crate) fn new(class: FaultClass, message: impl Into<String>) -> Self {
        Self { class, status: None, code: None, message: message.into(), request_id: None }
    }

    /// An answer that makes no sense: it may have had its effect all the same.
    pub(crate) fn unreadable(why: &str) -> Self {
        Self::new(FaultClass::Unknown, format!("HubSpot's answer could not be read: {why}"))
    }

    /// A read has no effect, so that no doubt is left.
    #[must_use]
    pub(crate) fn for_read(mut self) -> Self {
        self.class = match self.class {
            FaultClass::Unknown => FaultClass::Transient,
            definite @ (FaultClass::Transient
            | FaultClass::Throttled { .. }
            | FaultClass::Permanent
            | FaultClass::Denied
            | FaultClass::Bug) => definite,
        };
        self
    }

    pub(crate) fn is_permanent(&self) -> bool {
        self.class == FaultClass::Permanent
    }

    pub(crate) fn into_port(self, operation: &'static str) -> PortError {
        PortError {
            operation,
            class: self.class,
            status: self.status,
            code: self.code,
            message: self.message,
            request_id: self.request_id,
            digest: None,
            source: None,
        }
    }
}

impl From<Lost> for Fault {
    fn from(lost: Lost) -> Self {
        Self::new(FaultClass::Unknown, lost.to_string())
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        let class = if failure.is_not_sent() { FaultClass::Transient } else { FaultClass::Unknown };
        Self::new(class, failure.to_string())
    }
}

/// Classifies an answer that is no success. `zone` is the portal's, as far as it is known.
pub(crate) fn classify(reply: &Reply, now: Timestamp, zone: Option<&TimeZone>) -> Fault {
    let body = ErrorBody::read(&reply.body);
    let wait = |otherwise: SignedDuration| {
        let named = reply.header("retry-after").and_then(|value| retry_after::parse(value, now));
        FaultClass::Throttled { until: named.or_else(|| now.checked_add(otherwise).ok()) }
    };
    let class = match reply.status {
        429 => match body.limit() {
            Limit::Daily => match reply.header("retry-after") {
                Some(_) => wait(LONG),
                None => FaultClass::Throttled {
                    until: next_midnight(now, zone).or_else(|| now.checked_add(LONG).ok()),
                },
            },
            Limit::Secondly => wait(SEARCH_WINDOW),
            Limit::Rolling => wait(interval(reply).unwrap_or(WINDOW)),
        },
        423 => wait(LOCKED),
        477 => wait(LONG),
        401 | 403 => FaultClass::Denied,
        408 | 500..=599 => FaultClass::Unknown,
        425 => FaultClass::Transient,
        // The shape of our request is wrong, which no change of data mends.
        405 | 406 | 411 | 413..=415 | 417 | 426 | 431 => FaultClass::Bug,
        400..=499 => FaultClass::Permanent,
        // Redirects are not followed: the address is wrong, or something stands between us and HubSpot.
        0..=399 | 600.. => FaultClass::Bug,
    };
    Fault {
        class,
        status: Some(reply.status),
        code: body.code(),
        message: clean(&body.words()),
        request_id: body.request_id(),
    }
}

/// Classifies one entry of `errors` in a 207 answer.
pub(crate) fn classify_entry(entry: &ErrorBody, now: Timestamp) -> Fault {
    let code = entry.code();
    let class = match code.as_deref().unwrap_or_default() {
        "INTERNAL_ERROR" | "SERVER_ERROR" | "TIMEOUT" | "" => FaultClass::Unknown,
        "RATE_LIMITS" | "RATE_LIMIT" => FaultClass::Throttled { until: now.checked_add(WINDOW).ok() },
        "MISSING_SCOPES" | "BANNED" | "FORBIDDEN" => FaultClass::Denied,
        _ => FaultClass::Permanent,
    };
    Fault { class, status: Some(207), code, message: clean(&entry.words()), request_id: entry.request_id() }
}

/// Which limit was hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    Rolling,
    Secondly,
    Daily,
}

fn interval(reply: &Reply) -> Option<SignedDuration> {
    let text = reply.header("x-hubspot-ratelimit-interval-milliseconds")?;
    let interval = text.trim().parse::<u32>().ok()?;
    (1..=60_000).contains(&interval).then(|| SignedDuration::from_millis(i64::from(interval)))
}

fn next_midnight(now: Timestamp, zone: Option<&TimeZone>) -> Option<Timestamp> {
    let day = now.to_zoned(zone?.clone()).date().tomorrow().ok()?;
    Some(day.to_zoned(zone?.clone()).ok()?.timestamp())
}

/// HubSpot's words, shortened and without anything that looks like an e-mail address: messages are kept in the
/// store and written to logs.
fn clean(words: &str) -> String {
    let mut out = String::new();
    for word in
        words.split_inclusive(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '<' | '>'))
    {
        if word.contains('@') {
            out.push('…');
            out.extend(word.chars().last().filter(|c| !c.is_alphanumeric()));
        } else {
            out.push_str(word);
        }
    }
    if out.chars().count() > MESSAGE_LIMIT {
        out = out.chars().take(MESSAGE_LIMIT).collect();
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn now() -> Timestamp {
        "2026-11-16T10:00:00Z".parse().unwrap()
    }

    fn reply(status: u16, headers: &[(&'static str, &'static str)], body: &Value) -> Reply {
        let pairs = headers.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap()));
        Reply { status, headers: pairs.collect(), body: body.to_string().into() }
    }

    fn class(status: u16, headers: &[(&'static str, &'static str)], body: Value) -> FaultClass {
        classify(&reply(status, headers, &body), now(), Some(&TimeZone::get("Europe/Oslo").unwrap())).class
    }

    fn until(text: &str) -> FaultClass {
        FaultClass::Throttled { until: Some(text.parse().unwrap()) }
    }

    #[test]
    fn every_status_has_its_class() {
        for (status, want) in [
            (400, FaultClass::Permanent),
            (401, FaultClass::Denied),
            (403, FaultClass::Denied),
            (404, FaultClass::Permanent),
            (408, FaultClass::Unknown),
            (409, FaultClass::Permanent),
            (414, FaultClass::Bug),
            (415, FaultClass::Bug),
            (422, FaultClass::Permanent),
            (500, FaultClass::Unknown),
            (502, FaultClass::Unknown),
            (503, FaultClass::Unknown),
            (504, FaultClass::Unknown),
            (521, FaultClass::Unknown),
            (524, FaultClass::Unknown),
            (302, FaultClass::Bug),
        ] {
            assert_eq!(class(status, &[], json!({})), want, "{status}");
        }
        assert_eq!(class(423, &[], json!({})), until("2026-11-16T10:00:02Z"));
        assert_eq!(class(477, &[], json!({})), until("2026-11-16T11:00:00Z"));
        assert_eq!(class(477, &[("retry-after", "7200")], json!({})), until("2026-11-16T12:00:00Z"));
    }

    #[test]
    fn a_limit_names_its_end() {
        let rolling = json!({"policyName": "TEN_SECONDLY_ROLLING", "message": "You have reached your ten_secondly_rolling limit."});
        let search = json!({"message": "You have reached your secondly limit."});
        let daily = json!({"policyName": "DAILY", "errorType": "RATE_LIMIT"});
        assert_eq!(class(429, &[], rolling.clone()), until("2026-11-16T10:00:10Z"));
        assert_eq!(class(429, &[("retry-after", "3")], rolling.clone()), until("2026-11-16T10:00:03Z"));
        let header = ("x-hubspot-ratelimit-interval-milliseconds", "4000");
        assert_eq!(class(429, &[header], rolling), until("2026-11-16T10:00:04Z"));
        assert_eq!(class(429, &[], search), until("2026-11-16T10:00:01Z"));
        assert_eq!(class(429, &[], json!({"policyName": "SECONDLY"})), until("2026-11-16T10:00:01Z"));
        // Midnight in Oslo is 23:00 UTC in winter.
        assert_eq!(class(429, &[], daily.clone()), until("2026-11-16T23:00:00Z"));
        assert_eq!(class(429, &[("retry-after", "60")], daily.clone()), until("2026-11-16T10:01:00Z"));
        assert_eq!(classify(&reply(429, &[], &daily), now(), None).class, until("2026-11-16T11:00:00Z"));
        assert_eq!(class(429, &[], json!("nonsense")), until("2026-11-16T10:00:10Z"));
    }

    #[test]
    fn a_read_leaves_no_doubt_and_keeps_refusals() {
        let read = |class| Fault::new(class, "").for_read().class;
        assert_eq!(read(FaultClass::Unknown), FaultClass::Transient);
        for same in [FaultClass::Transient, FaultClass::Permanent, FaultClass::Denied, FaultClass::Bug] {
            assert_eq!(read(same), same);
        }
        assert_eq!(Fault::from(Failure::NotSent("x".into())).class, FaultClass::Transient);
        assert_eq!(Fault::from(Failure::Unknown("x".into())).class, FaultClass::Unknown);
        assert_eq!(Fault::from(Failure::TooLarge).class, FaultClass::Unknown);
    }

    #[test]
    fn hubspots_words_code_and_correlation_are_kept_and_e_mails_are_not() {
        let body = json!({"status": "error", "category": "VALIDATION_ERROR", "correlationId": "aeb5",
            "message": "Property values were not valid: [{\"isValid\":false,\"message\":\"zuora_mrr was not a number for ana.b@example.com.\",\"error\":\"INVALID_NUMBER\",\"name\":\"zuora_mrr\"}]"});
        let fault = classify(&reply(400, &[], &body), now(), None);
        assert_eq!(fault.code.as_deref(), Some("INVALID_NUMBER"));
        assert_eq!(fault.message, "zuora_mrr was not a number for ….");
        assert_eq!(fault.request_id.as_deref(), Some("aeb5"));
        assert_eq!(fault.status, Some(400));

        let body = json!({"message": "Invalid input", "category": "VALIDATION_ERROR", "errors": [
            {"message": "Two is required", "code": "REQUIRED_FIELD"}, {"message": "Three too"}]});
        let fault = classify(&reply(400, &[], &body), now(), None);
        assert_eq!(fault.message, "Invalid input: Two is required; Three too");
        assert_eq!(fault.code.as_deref(), Some("REQUIRED_FIELD"));

        let long = json!({"message": "x".repeat(10_000)});
        assert_eq!(classify(&reply(400, &[], &long), now(), None).message.chars().count(), MESSAGE_LIMIT + 1);
        let html =
            Reply { status: 502, headers: Default::default(), body: "<html>ana@example.com</html>".into() };
        assert_eq!(classify(&html, now(), None).message, "");
    }

    #[test]
    fn entries_of_a_partial_answer_are_classified_by_category() {
        let check = |category: &str, want: FaultClass| {
            let entry: ErrorBody =
                serde_json::from_value(json!({"category": category, "message": "m"})).unwrap();
            assert_eq!(classify_entry(&entry, now()).class, want, "{category}");
        };
        check("VALIDATION_ERROR", FaultClass::Permanent);
        check("OBJECT_NOT_FOUND", FaultClass::Permanent);
        check("INTERNAL_ERROR", FaultClass::Unknown);
        check("RATE_LIMITS", until("2026-11-16T10:00:10Z"));
        check("MISSING_SCOPES", FaultClass::Denied);
    }
}
