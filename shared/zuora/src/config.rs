//! What the adapter must be told about a tenant, and where it gets its secrets.

use async_trait::async_trait;
use connector_http::BaseUrl;
use connector_ports::PortError;
use connector_ports::clock::Clock;
use secrecy::SecretString;
use std::fmt;
use std::sync::Arc;

/// Zuora's published REST hosts, accepted as base addresses without further configuration (`zuora.md` 1.1).
/// Tenants on hosts of their own are named by the operator.
pub const HOSTS: [&str; 11] = [
    "rest.zuora.com",
    "rest.na.zuora.com",
    "rest.eu.zuora.com",
    "rest.ap.zuora.com",
    "rest.apisandbox.zuora.com",
    "rest.sandbox.na.zuora.com",
    "rest.sandbox.eu.zuora.com",
    "rest.test.zuora.com",
    "rest.test.eu.zuora.com",
    "rest.test.ap.zuora.com",
    "rest.pt1.zuora.com",
];

/// Where the OAuth client's id and secret come from.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// Client id and client secret. With `refresh`, Zuora has just refused the pair that was handed out last,
    /// so a cached one must be read again from its source.
    async fn get(&self, refresh: bool) -> Result<(String, SecretString), PortError>;
}

/// One Zuora tenant (or one entity of it).
#[derive(Clone)]
pub struct Config {
    /// REST address.
    pub base: BaseUrl,
    /// Time, for the life of tokens and for moments that Zuora asks us to wait for.
    pub clock: Arc<dyn Clock>,
    /// The OAuth client.
    pub credentials: Arc<dyn Credentials>,
    /// Requests under way at most; the tenant's limit of 40 is shared with all its other integrations
    /// (`zuora.md` 2.4).
    pub concurrency: usize,
    /// `Zuora-Entity-Ids`: one entity, when the token covers several (`zuora.md` 1.4).
    pub entity_id: Option<String>,
    /// `Zuora-Org-Ids`: comma-separated, Multi-Org only (`zuora.md` 1.4).
    pub org_ids: Option<String>,
    /// `catalog.link_field`: a custom field of the rate plan that holds the HubSpot product id, instead of the
    /// plan's external id (`contract.md` 6).
    pub link_field: Option<String>,
    /// Custom field of the subscription that holds the deal id (`zuora.md` 9).
    pub deal_field: String,
    /// Custom field of the contact that holds the HubSpot contact id (`zuora.md` 9).
    pub contact_field: String,
    /// The tenant has the feature Multiple Currencies, so a subscription may name another currency than its
    /// account's (`zuora.md` 5.2).
    pub multi_currency: bool,
}

impl Config {
    /// A tenant with the settings of the contract's defaults.
    pub fn new(base: BaseUrl, clock: Arc<dyn Clock>, credentials: Arc<dyn Credentials>) -> Self {
        Self {
            base,
            clock,
            credentials,
            concurrency: 10,
            entity_id: None,
            org_ids: None,
            link_field: None,
            deal_field: "hubspotDealId__c".to_owned(),
            contact_field: "crmId__c".to_owned(),
            multi_currency: true,
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("base", &self.base)
            .field("concurrency", &self.concurrency)
            .field("link_field", &self.link_field)
            .finish_non_exhaustive()
    }
}
