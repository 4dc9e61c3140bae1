//! What goes out and what comes back: plain values without any vendor's meaning.
//!
//! Nothing here shows a body, a header, a token or a query string in its `Debug` form.

use bytes::Bytes;
use http::{HeaderMap, Method};
use secrecy::SecretString;
use std::fmt;
use url::Url;

/// The content of a request.
#[derive(Clone)]
pub struct Body {
    /// `content-type`, for example `application/json`.
    pub content_type: &'static str,
    /// The bytes, sent as they are.
    pub bytes: Bytes,
}

impl Body {
    /// A JSON text that was rendered already.
    pub fn json(bytes: impl Into<Bytes>) -> Self {
        Self { content_type: "application/json", bytes: bytes.into() }
    }

    /// A URL-encoded form that was rendered already.
    pub fn form(bytes: impl Into<Bytes>) -> Self {
        Self { content_type: "application/x-www-form-urlencoded", bytes: bytes.into() }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of {}", self.bytes.len(), self.content_type)
    }
}

/// One request.
pub struct Request<'a> {
    /// Method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Further headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Bearer token for `authorization`.
    pub bearer: Option<&'a SecretString>,
    /// Content, if any.
    pub body: Option<Body>,
}

impl<'a> Request<'a> {
    /// A request without headers, token and content.
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: Vec::new(), bearer: None, body: None }
    }

    /// Adds a header; `name` in lower case.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds the bearer token.
    #[must_use]
    pub fn bearer(mut self, token: &'a SecretString) -> Self {
        self.bearer = Some(token);
        self
    }

    /// Adds the content.
    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, crate::base::Redacted(&self.url))
    }
}

/// A complete answer of whatever status.
#[derive(Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The whole body, decompressed.
    pub body: Bytes,
}

impl Reply {
    /// A header by name in any case; `None` when it is absent or not plain text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {} with {} bytes", self.status, self.body.len())
    }
}

/// Why there is no complete answer. The texts name no query strings, headers or bodies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The request surely did not reach the vendor: no address, no connection, no free slot, not a valid request.
    #[error("the request could not be sent: {0}")]
    NotSent(String),
    /// The vendor may have seen the request: a time-out, a lost connection, a cut answer.
    #[error("no complete answer came: {0}")]
    Unknown(String),
    /// An answer came, but it is larger than any that we expect; the request had its effect, whatever it was.
    #[error("the answer is larger than {} MB", crate::client::BODY_LIMIT / (1024 * 1024))]
    TooLarge,
}

impl Failure {
    /// Whether the request surely had no effect.
    pub fn is_not_sent(&self) -> bool {
        match self {
            Failure::NotSent(_) => true,
            Failure::Unknown(_) | Failure::TooLarge => false,
        }
    }
}
