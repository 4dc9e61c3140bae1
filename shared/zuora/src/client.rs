//! One call to Zuora: address, headers, token, answer judged (`zuora.md` 1.4).
//!
//! A call is repeated once after a refused token, which had no effect, and never for another reason.
//! Only paths below the configured base are called: answers may name addresses (`nextPage`), they are not followed.

use crate::config::Config;
use crate::error::{Mode, Said, Verdict, lost};
use crate::token::Tokens;
use connector_http::{BaseUrl, Body, Client, Error, Method, Options, Reply, Request};
use connector_ports::PortError;
use connector_ports::clock::Clock;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// The minor version whose shapes the DTOs have; without the header the tenant's default applies
/// (`zuora.md` 1.4, trap 21).
const ZUORA_VERSION: &str = "2025-08-12";
/// The first version that knows `ProductNumber` (`zuora.md` 1.4).
const WSDL_VERSION: &str = "133";
/// Longest `Zuora-Track-Id` (`zuora.md` 1.4).
const TRACK_LIMIT: usize = 64;
/// Longest `Idempotency-Key` (`zuora.md` 1.4).
const KEY_LIMIT: usize = 255;
/// What stays as it is in a query: unreserved characters and the colon of filters.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':');

/// A call to be made.
pub(crate) struct Call<'a> {
    pub(crate) operation: &'static str,
    pub(crate) mode: Mode,
    pub(crate) method: Method,
    pub(crate) path: &'a [&'a str],
    pub(crate) query: &'a [(&'a str, String)],
    pub(crate) body: Option<&'a str>,
    /// For creations by POST only; a PUT that carries one is rejected (`zuora.md` 1.4).
    pub(crate) idempotency_key: Option<&'a str>,
    /// What Zuora's support finds the call by; cleaned here.
    pub(crate) track: &'a str,
}

impl<'a> Call<'a> {
    /// A read by key.
    pub(crate) fn keyed(operation: &'static str, path: &'a [&'a str], track: &'a str) -> Self {
        Self::read(operation, Mode::KeyedRead, path, track)
    }

    /// A read.
    pub(crate) fn read(operation: &'static str, mode: Mode, path: &'a [&'a str], track: &'a str) -> Self {
        let (method, query, body, idempotency_key) = (Method::GET, &[][..], None, None);
        Self { operation, mode, method, path, query, body, idempotency_key, track }
    }
}

/// An answer that was judged a success.
pub(crate) struct Answer {
    operation: &'static str,
    mode: Mode,
    reply: Reply,
    said: Said,
}

impl Answer {
    /// The body as a wire type.
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, PortError> {
        serde_json::from_slice(&self.reply.body).map_err(|_| self.unusable())
    }

    /// The error of an answer whose shape nobody knows.
    pub(crate) fn unusable(&self) -> PortError {
        self.said.unusable(self.operation, self.mode)
    }

    /// The error of a write whose answer lacks what it should have.
    pub(crate) fn lacks(&self, what: &str) -> PortError {
        self.said.lacks(self.operation, what)
    }

    /// A header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.reply.header(name)
    }

    /// The body of an answer that is no JSON.
    pub(crate) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.reply.body).ok()
    }

    /// No content at all, as newer endpoints answer (`zuora.md` 2.3).
    pub(crate) fn is_empty(&self) -> bool {
        self.reply.status == 204
    }
}

/// The tenant behind its address.
pub(crate) struct Tenant {
    http: Client,
    base: BaseUrl,
    clock: Arc<dyn Clock>,
    tokens: Tokens,
    entity_id: Option<String>,
    org_ids: Option<String>,
}

impl Tenant {
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        let http = Client::new(Options {
            max_in_flight: Some(config.concurrency),
            allow_http_loopback: config.base.is_loopback(),
            ..Options::default()
        })?;
        Ok(Self::with(config, http))
    }

    /// With a client of its own, for tests that cannot wait for the usual time-out.
    pub(crate) fn with(config: &Config, http: Client) -> Self {
        let tokens = Tokens::new(
            http.clone(),
            config.base.clone(),
            Arc::clone(&config.clock),
            Arc::clone(&config.credentials),
            config.entity_id.clone(),
        );
        Self {
            http,
            base: config.base.clone(),
            clock: Arc::clone(&config.clock),
            tokens,
            entity_id: config.entity_id.clone(),
            org_ids: config.org_ids.clone(),
        }
    }

    /// Fetches the token, which opens the connection.
    pub(crate) async fn warm(&self) -> Result<(), PortError> {
        self.tokens.get().await.map(|_| ())
    }

    /// Makes a call; `None` is an object that does not exist, for keyed reads only.
    pub(crate) async fn call(&self, call: &Call<'_>) -> Result<Option<Answer>, PortError> {
        let token = self.tokens.get().await?;
        let (mut reply, mut said) = self.once(call, &token).await?;
        if said.wants_new_token() {
            let token = self.tokens.renew(&token).await?;
            (reply, said) = self.once(call, &token).await?;
        }
        match said.judge(call.operation, call.mode, self.clock.now()) {
            Verdict::Done => Ok(Some(Answer { operation: call.operation, mode: call.mode, reply, said })),
            Verdict::Missing => Ok(None),
            Verdict::Failed(error) => Err(error),
        }
    }

    async fn once(&self, call: &Call<'_>, token: &SecretString) -> Result<(Reply, Said), PortError> {
        let request = self.request(call)?.bearer(token);
        let reply =
            self.http.send(request).await.map_err(|failure| lost(call.operation, call.mode, &failure))?;
        let said = Said::read(&reply);
        Ok((reply, said))
    }

    fn request(&self, call: &Call<'_>) -> Result<Request<'static>, PortError> {
        let mut url = self.base.join(call.path);
        let crud = matches!(call.path, ["v1", "object", ..]);
        let mut pairs: Vec<String> = call
            .query
            .iter()
            .map(|(name, value)| {
                format!("{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(value, QUERY))
            })
            .collect();
        // Without it, unknown fields are dropped silently (`zuora.md` trap 11).
        if crud && call.mode == Mode::Write {
            pairs.push("rejectUnknownFields=true".to_owned());
        }
        if !pairs.is_empty() {
            url.set_query(Some(&pairs.join("&")));
        }
        // The one answer that is XML (`zuora.md` trap 22).
        let accept = match call.path {
            ["v1", "describe", ..] => "application/xml, application/json;q=0.5",
            _ => "application/json",
        };
        let mut request = Request::new(call.method.clone(), url)
            .header("accept", accept)
            .header("zuora-version", ZUORA_VERSION);
        let track = track_id(call.track);
        if !track.is_empty() {
            request = request.header("zuora-track-id", track);
        }
        if crud {
            request = request.header("x-zuora-wsdl-version", WSDL_VERSION);
        }
        if let Some(entity) = &self.entity_id {
            request = request.header("zuora-entity-ids", entity.clone());
        }
        if let Some(orgs) = &self.org_ids {
            request = request.header("zuora-org-ids", orgs.clone());
        }
        if let Some(key) = call.idempotency_key {
            if call.method != Method::POST || key.is_empty() || key.len() > KEY_LIMIT {
                return Err(PortError::bug(call.operation, "an idempotency key that cannot be sent"));
            }
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = call.body {
            request = request.body(Body::json(body.as_bytes().to_vec()));
        }
        Ok(request)
    }
}

/// At most 64 printable ASCII characters without `:`, `;` and quotes (`zuora.md` 1.4).
fn track_id(text: &str) -> String {
    let allowed = |c: &char| c.is_ascii_graphic() && !matches!(c, ':' | ';' | '"' | '\'');
    text.chars().filter(allowed).take(TRACK_LIMIT).collect()
}

#[cfg(test)]
mod tests;
