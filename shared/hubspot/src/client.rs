//! Calls to HubSpot's API: address, token, limits, and the first judgement of an answer.
//!
//! Not here: what any endpoint means. Nothing is repeated but a call that was refused for its token, once, with
//! the token read again; that refusal had no effect.

use crate::error::{Fault, classify};
use async_trait::async_trait;
use connector_domain::ids::PortalId;
use connector_domain::money::Currency;
use connector_http::{BaseUrl, Body, Client, Error, Method, Options, Reply, Request};
use connector_ports::clock::Clock;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The version in all paths: the newest that is generally available, supported until March 2028.
pub(crate) const VERSION: &str = "2026-09";

/// Requests under way at the same time. HubSpot limits their rate, not their number; this only keeps a backfill
/// from opening a connection for each.
const IN_FLIGHT: usize = 20;

/// Hosts that HubSpot publishes for its API: one for all regions.
pub const HOSTS: [&str; 1] = ["api.hubapi.com"];

/// Where the access token comes from.
#[async_trait]
pub trait TokenSource: Send + Sync {
    /// The token. `refresh` means that HubSpot refused the one given before: read it again from its source.
    async fn token(&self, refresh: bool) -> SecretString;
}

/// A token that does not change while the process lives.
pub struct StaticToken(pub SecretString);

#[async_trait]
impl TokenSource for StaticToken {
    async fn token(&self, _refresh: bool) -> SecretString {
        self.0.clone()
    }
}

/// Properties that configuration names, on top of those that the connector always reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Properties {
    /// Company properties for the condition of D-9 and mapped fields; they appear in `Company::other`.
    pub company: Vec<String>,
    /// Deal properties for conditions and dates; [`Deal::property`](connector_domain::crm::deal::Deal::property)
    /// finds them.
    pub deal: Vec<String>,
    /// Product properties for mapped fields; they appear in `Product::other`.
    pub product: Vec<String>,
    /// Deal property with the service activation date.
    pub service_activation: String,
    /// Deal property with the customer acceptance date.
    pub customer_acceptance: String,
    /// Line item property with the billing trigger.
    pub billing_trigger: String,
}

impl Default for Properties {
    /// The names that the original connector uses.
    fn default() -> Self {
        Self {
            company: Vec::new(),
            deal: Vec::new(),
            product: Vec::new(),
            service_activation: "z_service_activation_date".to_owned(),
            customer_acceptance: "z_customer_activation_date".to_owned(),
            billing_trigger: "billing_start_trigger".to_owned(),
        }
    }
}

/// What configuration says in place of the portal's account information. With all three, that is not read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PortalOverrides {
    /// Day boundaries are taken in this zone.
    pub time_zone: Option<TimeZone>,
    /// The currency of records without one of their own.
    pub home_currency: Option<Currency>,
    /// All active currencies; the home currency is added.
    pub currencies: Option<BTreeSet<Currency>>,
}

/// How the adapter reaches one portal.
#[derive(Clone)]
pub struct Config {
    /// The portal that the token must belong to.
    pub portal: PortalId,
    /// Address of the API; see [`HOSTS`].
    pub base: BaseUrl,
    /// Where the token comes from.
    pub tokens: Arc<dyn TokenSource>,
    /// Time, for caches and for limits that name a moment.
    pub clock: Arc<dyn Clock>,
    /// Our share of the portal's limit of requests in ten seconds.
    pub per_10s: u32,
    /// Limit of one call.
    pub timeout: Duration,
    /// Properties named by configuration.
    pub properties: Properties,
    /// Overrides of the account information.
    pub overrides: PortalOverrides,
}

impl Config {
    /// The documented defaults: 100 requests in ten seconds (`contract.md` 9), 30 seconds (D-19).
    pub fn new(portal: PortalId, base: BaseUrl, tokens: Arc<dyn TokenSource>, clock: Arc<dyn Clock>) -> Self {
        Self {
            portal,
            base,
            tokens,
            clock,
            per_10s: 100,
            timeout: Duration::from_secs(30),
            properties: Properties::default(),
            overrides: PortalOverrides::default(),
        }
    }
}

/// One call.
pub(crate) struct Call<'a> {
    method: Method,
    path: &'a [&'a str],
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
}

impl<'a> Call<'a> {
    pub(crate) fn get(path: &'a [&'a str]) -> Self {
        Self { method: Method::GET, path, query: Vec::new(), body: None }
    }

    pub(crate) fn post(path: &'a [&'a str], body: Value) -> Self {
        Self { method: Method::POST, path, query: Vec::new(), body: Some(body) }
    }

    pub(crate) fn query(mut self, name: &'static str, value: String) -> Self {
        self.query.push((name, value));
        self
    }
}

/// The API of one portal.
pub(crate) struct Api {
    http: Client,
    base: BaseUrl,
    tokens: Arc<dyn TokenSource>,
    clock: Arc<dyn Clock>,
    /// The portal's time zone once it is known: the daily limit ends at midnight there.
    zone: OnceLock<TimeZone>,
}

impl Api {
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        let http = Client::new(Options {
            timeout: config.timeout,
            per_10s: Some(config.per_10s),
            max_in_flight: Some(IN_FLIGHT),
            allow_http_loopback: config.base.is_loopback(),
            ..Options::default()
        })?;
        let zone = OnceLock::new();
        if let Some(configured) = &config.overrides.time_zone {
            let _ = zone.set(configured.clone());
        }
        Ok(Self {
            http,
            base: config.base.clone(),
            tokens: Arc::clone(&config.tokens),
            clock: Arc::clone(&config.clock),
            zone,
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn learn_zone(&self, zone: &TimeZone) {
        // Only the first value is kept; a portal hardly ever moves.
        let _ = self.zone.set(zone.clone());
    }

    /// Makes a call and returns an answer with a status of success, or says what it came to. Doubt after a lost
    /// answer is `Unknown`; reads turn that into `Transient` themselves.
    pub(crate) async fn call(&self, call: Call<'_>) -> Result<Reply, Fault> {
        let token = self.tokens.token(false).await;
        let reply = self.send(&call, &token).await?;
        if reply.status != 401 {
            return self.judge(reply);
        }
        let renewed = self.tokens.token(true).await;
        if renewed.expose_secret() == token.expose_secret() {
            return self.judge(reply);
        }
        let reply = self.send(&call, &renewed).await?;
        self.judge(reply)
    }

    /// What HubSpot says of the token itself. The token goes out in the body, as HubSpot wants it there.
    pub(crate) async fn token_info(&self) -> Result<Reply, Fault> {
        let token = self.tokens.token(false).await;
        let path = ["oauth", "v2", "private-apps", "get", "access-token-info"];
        let body = serde_json::json!({"tokenKey": token.expose_secret()});
        let reply = self.send(&Call::post(&path, body), &token).await?;
        self.judge(reply)
    }

    async fn send(&self, call: &Call<'_>, token: &SecretString) -> Result<Reply, Fault> {
        let mut url = self.base.join(call.path);
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let mut request = Request::new(call.method.clone(), url).bearer(token);
        if let Some(body) = &call.body {
            request = request.body(Body::json(body.to_string()));
        }
        Ok(self.http.send(request).await?)
    }

    fn judge(&self, reply: Reply) -> Result<Reply, Fault> {
        match reply.status {
            200..=299 => Ok(reply),
            _ => Err(classify(&reply, self.now(), self.zone.get())),
        }
    }
}

/// Reads a body. What was wrong is told by place only: serde's own words quote values.
pub(crate) fn read<T: DeserializeOwned>(reply: &Reply) -> Result<T, Fault> {
    serde_json::from_slice(&reply.body).map_err(|error| {
        let (kind, line, column) = (error.classify(), error.line(), error.column());
        Fault::unreadable(&format!("{kind:?} error at line {line} column {column}"))
    })
}
