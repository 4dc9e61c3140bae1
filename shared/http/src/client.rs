//! The one place where a request leaves the process.
//!
//! The client keeps our own limits, reads answers with a size limit, and tells requests that surely did not
//! reach the vendor from those that may have. It repeats only the former, once. It follows no redirects and
//! no proxy settings of the environment: either could carry a token to another host.

use crate::base::{Redacted, is_loopback};
use crate::limit::Window;
use crate::message::{Failure, Reply, Request};
use bytes::BytesMut;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use std::error::Error as _;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use url::Url;

/// Largest answer that is read. The largest honest one, a page of 100 records with long texts, is below 2 MB.
pub(crate) const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// Opening a connection takes less than a second or something is wrong; a short limit keeps the failure
/// definite (`NotSent`) before the whole time-out makes it doubtful.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Idle connections are dropped before the vendors' front ends drop them (60 s is common), because a request
/// on a connection that is just being closed ends in doubt.
const POOL_IDLE: Duration = Duration::from_secs(45);
/// Pause before the one repeat of a request that was not sent.
const REPEAT_AFTER: Duration = Duration::from_millis(150);

/// How a [`Client`] behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// `user-agent`, so that a vendor's support can find our calls.
    pub user_agent: String,
    /// Limit of a whole call, from opening the connection to the last byte (D-19: about 30 s). Waiting for
    /// our own limits is not part of it but has the same limit.
    pub timeout: Duration,
    /// At most so many requests under way.
    pub max_in_flight: Option<usize>,
    /// At most so many requests in any ten seconds.
    pub per_10s: Option<u32>,
    /// Whether plain http to loopback addresses is sent at all.
    pub allow_http_loopback: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            user_agent: concat!("hubspot-zuora-connector/", env!("CARGO_PKG_VERSION")).to_owned(),
            timeout: Duration::from_secs(30),
            max_in_flight: None,
            per_10s: None,
            allow_http_loopback: false,
        }
    }
}

/// The client could not be made: TLS roots are missing or an option is not valid.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be made")]
pub struct Error(#[source] reqwest::Error);

/// Sends requests. Clones share connections and limits.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    http: reqwest::Client,
    timeout: Duration,
    in_flight: Option<Semaphore>,
    window: Option<Window>,
    allow_http_loopback: bool,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("timeout", &self.inner.timeout).finish_non_exhaustive()
    }
}

impl Client {
    /// A client with its own connections.
    pub fn new(options: Options) -> Result<Self, Error> {
        let http = reqwest::Client::builder()
            .user_agent(options.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .retry(reqwest::retry::never())
            .gzip(true)
            .timeout(options.timeout)
            .connect_timeout(CONNECT_TIMEOUT.min(options.timeout))
            .pool_idle_timeout(POOL_IDLE)
            .tcp_keepalive(Duration::from_secs(15))
            .tcp_nodelay(true)
            .build()
            .map_err(Error)?;
        Ok(Self {
            inner: Arc::new(Inner {
                http,
                timeout: options.timeout,
                in_flight: options.max_in_flight.map(|most| Semaphore::new(most.max(1))),
                window: options.per_10s.map(Window::new),
                allow_http_loopback: options.allow_http_loopback,
            }),
        })
    }

    /// Sends one request and reads the whole answer, whatever its status.
    pub async fn send(&self, request: Request<'_>) -> Result<Reply, Failure> {
        let method = request.method.clone();
        let shown = Redacted(&request.url).to_string();
        let prepared = self.prepare(request)?;
        let again = prepared.try_clone();
        let _slot = self.slot().await?;
        let mut result = self.once(prepared).await;
        if let (Err(Failure::NotSent(reason)), Some(again)) = (&result, again) {
            tracing::debug!(method = %method, url = %shown, reason, "not sent, trying once more");
            tokio::time::sleep(REPEAT_AFTER).await;
            result = self.once(again).await;
        }
        match &result {
            Ok(reply) => {
                tracing::debug!(method = %method, url = %shown, "http.status" = reply.status, "answered")
            }
            Err(failure) => tracing::debug!(method = %method, url = %shown, %failure, "no answer"),
        }
        result
    }

    fn permitted(&self, url: &Url) -> bool {
        match url.scheme() {
            "https" => true,
            "http" => self.inner.allow_http_loopback && is_loopback(url),
            _ => false,
        }
    }

    fn prepare(&self, request: Request<'_>) -> Result<reqwest::Request, Failure> {
        if !self.permitted(&request.url) {
            return Err(Failure::NotSent("only https addresses are called".to_owned()));
        }
        let mut prepared = reqwest::Request::new(request.method, request.url);
        let headers = prepared.headers_mut();
        for (name, value) in request.headers {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| Failure::NotSent("a header's name is not valid".to_owned()))?;
            let value = HeaderValue::from_str(&value)
                .map_err(|_| Failure::NotSent(format!("the value of the header {name} is not valid")))?;
            headers.insert(name, value);
        }
        if let Some(token) = request.bearer {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
                .map_err(|_| Failure::NotSent("the token holds characters no header may hold".to_owned()))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        if let Some(body) = request.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(body.content_type));
            *prepared.body_mut() = Some(body.bytes.into());
        }
        Ok(prepared)
    }

    /// Waits for our own limits, but not longer than a call may take.
    async fn slot(&self) -> Result<Option<SemaphorePermit<'_>>, Failure> {
        let wait = async {
            // A closed semaphore cannot happen: nobody closes it.
            let permit = match &self.inner.in_flight {
                Some(semaphore) => semaphore.acquire().await.ok(),
                None => None,
            };
            if let Some(window) = &self.inner.window {
                window.enter().await;
            }
            permit
        };
        tokio::time::timeout(self.inner.timeout, wait)
            .await
            .map_err(|_| Failure::NotSent("our own limit of requests left no room in time".to_owned()))
    }

    async fn once(&self, request: reqwest::Request) -> Result<Reply, Failure> {
        let mut response = self.inner.http.execute(request).await.map_err(failure)?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let mut body = BytesMut::new();
        // An error from here on is never "not sent": the vendor has answered already.
        while let Some(chunk) = response.chunk().await.map_err(unknown)? {
            if body.len().saturating_add(chunk.len()) > BODY_LIMIT {
                return Err(Failure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, headers, body: body.freeze() })
    }
}

fn failure(error: reqwest::Error) -> Failure {
    if error.is_builder() || error.is_connect() || error.is_dns() {
        Failure::NotSent(chain(&error.without_url()))
    } else {
        unknown(error)
    }
}

fn unknown(error: reqwest::Error) -> Failure {
    Failure::Unknown(chain(&error.without_url()))
}

/// The whole chain of causes in one line; the URL is left out by the callers.
fn chain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;
