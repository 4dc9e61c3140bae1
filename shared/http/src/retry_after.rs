//! How long a vendor asks us to wait: `retry-after` as seconds or as an HTTP date (RFC 9110, 10.2.3).

use jiff::{SignedDuration, Timestamp};

/// The longest wait that is believed. HubSpot names up to 24 hours while a portal moves (`hubspot.md` 5);
/// anything longer is more likely a mistake than an instruction, and a person can always retry by hand.
const LONGEST: SignedDuration = SignedDuration::from_hours(48);

/// The moment that the header names; `None` when it names none. A date in the past means now.
pub fn parse(value: &str, now: Timestamp) -> Option<Timestamp> {
    let value = value.trim();
    let wait = if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        value.parse::<i64>().map_or(LONGEST, SignedDuration::from_secs)
    } else {
        let moment = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
        moment.duration_since(now)
    };
    now.checked_add(wait.clamp(SignedDuration::ZERO, LONGEST)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn seconds_and_dates_are_understood() {
        let now = at("2026-11-16T10:00:00Z");
        let check =
            |value: &str, want: Option<&str>| assert_eq!(parse(value, now), want.map(at), "{value:?}");
        check("12", Some("2026-11-16T10:00:12Z"));
        check(" 0 ", Some("2026-11-16T10:00:00Z"));
        check("Mon, 16 Nov 2026 10:01:00 GMT", Some("2026-11-16T10:01:00Z"));
        check("Mon, 16 Nov 2026 09:00:00 GMT", Some("2026-11-16T10:00:00Z"));
        check("99999999999999999999999", Some("2026-11-18T10:00:00Z"));
        check("9223372036854775807", Some("2026-11-18T10:00:00Z"));
        for none in ["", "-5", "1.5", "soon", "Mon, 99 Nov 2026"] {
            check(none, None);
        }
    }
}
