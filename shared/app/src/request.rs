//! Requests and answers as the handlers see them, the same behind API Gateway and behind `serve`.
//!
//! Not here: servers, signatures, routes ([`crate::router`]) and what a route does.

use bytes::Bytes;
use http::{HeaderMap, Method};
use jiff::Timestamp;
use serde::Serialize;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Header with the correlation id, in requests and answers.
pub const CORRELATION_HEADER: &str = "x-correlation-id";

/// Bodies above this are answered 413 (`contract.md` 5).
pub const BODY_LIMIT: usize = 1_000_000;

/// A request as it arrived. Debug output shows neither headers, query nor body: they hold signatures, secrets and
/// e-mail addresses.
#[derive(Clone)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Path as the caller wrote it: not decoded, without the gateway's stage. Part of signatures.
    pub path: String,
    /// Query as the caller wrote it, without `?`; empty when there is none. Part of signatures.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, byte for byte; empty when it was too large.
    pub body: Bytes,
    /// Whether the body was above [`BODY_LIMIT`] and not read.
    pub body_too_large: bool,
}

impl Request {
    /// The value of a header; none when it is absent, not visible ASCII, or there more than once: nobody should choose
    /// between two signatures.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?;
        if values.next().is_some() { None } else { value.to_str().ok() }
    }

    /// The first value of a query parameter, decoded.
    pub fn query_value(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// Path and query as the caller wrote them: what signatures cover.
    pub fn path_and_query(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    /// The correlation id of this request, see [`correlation_id`].
    pub fn correlation(&self, now: Timestamp) -> String {
        correlation_id(self, now, nonce())
    }
}

/// A number that differs from request to request and from process to process.
fn nonce() -> u64 {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    static PROCESS: OnceLock<u64> = OnceLock::new();
    let process = *PROCESS.get_or_init(|| RandomState::new().hash_one("correlation"));
    process.wrapping_add(COUNTER.fetch_add(1, Ordering::Relaxed))
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("body_bytes", &self.body.len())
            .field("body_too_large", &self.body_too_large)
            .finish_non_exhaustive()
    }
}

/// An answer. Debug output does not show the body.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Content type; none for an empty body.
    pub content_type: Option<&'static str>,
    /// Body.
    pub body: Bytes,
    /// Value of [`CORRELATION_HEADER`].
    pub correlation: String,
}

const JSON: &str = "application/json";

impl Response {
    /// An answer with a JSON body. What cannot be serialised becomes [`Response::internal`].
    pub fn json(status: u16, body: &impl Serialize, correlation: &str) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => Self::with(status, Some(JSON), bytes.into(), correlation),
            Err(_) => Self::internal(correlation),
        }
    }

    /// An answer without a body.
    pub fn empty(status: u16, correlation: &str) -> Self {
        Self::with(status, None, Bytes::new(), correlation)
    }

    /// 400: the request cannot be read.
    pub fn bad_request(correlation: &str) -> Self {
        Self::constant(400, r#"{"error":"bad request"}"#, correlation)
    }

    /// 401: no proof, a wrong one or an old one; never says which.
    pub fn unauthorized(correlation: &str) -> Self {
        Self::constant(401, r#"{"error":"unauthorized"}"#, correlation)
    }

    /// 403: known, but not allowed.
    pub fn forbidden(correlation: &str) -> Self {
        Self::constant(403, r#"{"error":"forbidden"}"#, correlation)
    }

    /// 404: no such route, or no such record of this portal.
    pub fn not_found(correlation: &str) -> Self {
        Self::constant(404, r#"{"error":"not found"}"#, correlation)
    }

    /// 413: the body is above [`BODY_LIMIT`].
    pub fn too_large(correlation: &str) -> Self {
        Self::constant(413, r#"{"error":"body too large"}"#, correlation)
    }

    /// 500: a mistake of ours.
    pub fn internal(correlation: &str) -> Self {
        Self::constant(500, r#"{"error":"internal error"}"#, correlation)
    }

    /// 503: our own trouble of the moment, for example a queue that does not take a message; worth a repeat.
    pub fn trouble(correlation: &str) -> Self {
        Self::constant(503, r#"{"error":"unavailable"}"#, correlation)
    }

    fn constant(status: u16, body: &'static str, correlation: &str) -> Self {
        Self::with(status, Some(JSON), Bytes::from_static(body.as_bytes()), correlation)
    }

    fn with(status: u16, content_type: Option<&'static str>, body: Bytes, correlation: &str) -> Self {
        Self { status, content_type, body, correlation: correlation.to_owned() }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .field("correlation", &self.correlation)
            .finish_non_exhaustive()
    }
}

/// The correlation id of a request: the caller's, if it is 1 to 64 letters, digits, `-`, `_` or `.`; else one made of
/// the time and a number that no other request of the moment has.
pub fn correlation_id(request: &Request, now: Timestamp, nonce: u64) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    match request.header(CORRELATION_HEADER) {
        Some(given) if (1..=64).contains(&given.len()) && given.bytes().all(plain) => given.to_owned(),
        _ => format!("{:x}-{nonce:016x}", now.as_millisecond()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn request(headers: &[(&'static str, &str)]) -> Request {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        Request {
            method: Method::GET,
            path: "/healthz".into(),
            query: "userEmail=canary%40example.com&page=2&page=3".into(),
            headers: map,
            body: Bytes::from_static(b"canary"),
            body_too_large: false,
        }
    }

    #[test]
    fn a_plain_correlation_id_is_taken_over() {
        let now: Timestamp = "2026-11-16T10:00:00Z".parse().unwrap();
        let check = |given: &str, taken: bool| {
            let id = correlation_id(&request(&[(CORRELATION_HEADER, given)]), now, 7);
            assert_eq!(id == given, taken, "{given:?} gave {id:?}");
            assert!(!id.is_empty());
        };
        check("abc-DEF_1.2", true);
        check(&"a".repeat(64), true);
        for bad in ["", " ", "a b", "a\tb", "ü", "a/b", "<script>", &"a".repeat(65)] {
            check(bad, false);
        }
        assert_eq!(correlation_id(&request(&[]), now, 7), "1a1e3cc9d00-0000000000000007");
        let twice = request(&[(CORRELATION_HEADER, "a"), (CORRELATION_HEADER, "b")]);
        assert_ne!(correlation_id(&twice, now, 7), "a");
    }

    #[test]
    fn debug_shows_no_content() {
        let shown = format!("{:?}", request(&[("authorization", "canary")]));
        assert!(!shown.contains("canary"), "{shown}");
        let shown = format!("{:?}", Response::json(200, &"canary", "c-1"));
        assert!(!shown.contains("canary"), "{shown}");
    }

    #[test]
    fn a_query_value_is_decoded_and_the_first_counts() {
        let request = request(&[]);
        assert_eq!(request.query_value("userEmail").as_deref(), Some("canary@example.com"));
        assert_eq!(request.query_value("page").as_deref(), Some("2"));
        assert_eq!(request.query_value("nothing"), None);
    }

    #[test]
    fn made_correlation_ids_differ() {
        let now: Timestamp = "2026-11-16T10:00:00Z".parse().unwrap();
        assert_ne!(request(&[]).correlation(now), request(&[]).correlation(now));
    }

    #[test]
    fn path_and_query_are_as_they_were_written() {
        let mut request = request(&[]);
        assert_eq!(request.path_and_query(), "/healthz?userEmail=canary%40example.com&page=2&page=3");
        request.query.clear();
        assert_eq!(request.path_and_query(), "/healthz");
    }

    #[test]
    fn answers_have_status_type_and_body() {
        let check = |response: Response, status: u16, body: &str| {
            assert_eq!(response.status, status);
            assert_eq!(response.content_type, (!body.is_empty()).then_some(JSON));
            assert_eq!(response.body, body.as_bytes());
            assert_eq!(response.correlation, "c-1");
        };
        check(Response::json(200, &serde_json::json!({"status": "ok"}), "c-1"), 200, r#"{"status":"ok"}"#);
        check(Response::empty(200, "c-1"), 200, "");
        check(Response::bad_request("c-1"), 400, r#"{"error":"bad request"}"#);
        check(Response::unauthorized("c-1"), 401, r#"{"error":"unauthorized"}"#);
        check(Response::forbidden("c-1"), 403, r#"{"error":"forbidden"}"#);
        check(Response::not_found("c-1"), 404, r#"{"error":"not found"}"#);
        check(Response::too_large("c-1"), 413, r#"{"error":"body too large"}"#);
        check(Response::internal("c-1"), 500, r#"{"error":"internal error"}"#);
        check(Response::trouble("c-1"), 503, r#"{"error":"unavailable"}"#);
        let broken = std::collections::BTreeMap::from([((1, 2), 3)]);
        check(Response::json(200, &broken, "c-1"), 500, r#"{"error":"internal error"}"#);
    }
}
