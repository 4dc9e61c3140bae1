//! Puts an installation together: adapters and engine from configuration and secrets. The stores and the queue
//! come from whoever wires a process, because they differ between one machine and AWS.

use crate::config::{Config, Secrets};
use crate::handlers::Site;
use anyhow::{Context, Result};
use async_trait::async_trait;
use connector_domain::policy::SyncWhen;
use connector_engine::Engine;
use connector_hubspot::signature::Verifier;
use connector_hubspot::{HubSpot, TokenSource};
use connector_ports::PortError;
use connector_ports::clock::Clock;
use connector_ports::states::States;
use connector_ports::tickles::Tickles;
use connector_zuora::{Credentials, Zuora};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

/// Where credentials come from. `refresh` means that a vendor has just refused the ones given before.
#[async_trait]
pub trait SecretSource: Send + Sync {
    /// The credentials of the installation.
    async fn get(&self, refresh: bool) -> Result<Secrets, PortError>;
}

/// Credentials that do not change while the process lives.
pub struct StaticSecrets(pub Secrets);

#[async_trait]
impl SecretSource for StaticSecrets {
    async fn get(&self, _refresh: bool) -> Result<Secrets, PortError> {
        Ok(self.0.clone())
    }
}

struct Bridge {
    source: Arc<dyn SecretSource>,
    last: SecretString,
}

#[async_trait]
impl TokenSource for Bridge {
    async fn token(&self, refresh: bool) -> SecretString {
        // A source that cannot be reached leaves the last known token, which then is refused by name.
        self.source.get(refresh).await.map_or_else(|_| self.last.clone(), |s| s.hubspot_access_token)
    }
}

#[async_trait]
impl Credentials for Bridge {
    async fn get(&self, refresh: bool) -> Result<(String, SecretString), PortError> {
        let secrets = self.source.get(refresh).await?;
        Ok((secrets.zuora_client_id.expose_secret().to_owned(), secrets.zuora_client_secret))
    }
}

/// The adapters of an installation, connections opened.
pub struct Vendors {
    /// HubSpot.
    pub hubspot: Arc<HubSpot>,
    /// Zuora.
    pub zuora: Arc<Zuora>,
}

impl Vendors {
    /// Builds both adapters.
    pub async fn new(config: &Config, source: Arc<dyn SecretSource>, clock: Arc<dyn Clock>) -> Result<Self> {
        let secrets = source.get(false).await.context("the credentials cannot be read")?;
        let bridge = Arc::new(Bridge { source, last: secrets.hubspot_access_token });
        let mut hubspot = connector_hubspot::Config::new(
            config.hubspot.portal,
            config.hubspot.base_url.clone(),
            bridge.clone(),
            clock.clone(),
        );
        hubspot.per_10s = config.limits.hubspot_per_10s;
        if let SyncWhen::Property { name, .. } = &config.companies.sync_when {
            hubspot.properties.company = vec![name.clone()];
        }
        hubspot.properties.service_activation.clone_from(&config.deals.service_activation_property);
        hubspot.properties.customer_acceptance.clone_from(&config.deals.customer_acceptance_property);
        hubspot.properties.billing_trigger.clone_from(&config.billing_trigger_property);
        hubspot.overrides.time_zone.clone_from(&config.hubspot.time_zone);
        hubspot.overrides.home_currency.clone_from(&config.hubspot.home_currency);
        hubspot.overrides.currencies.clone_from(&config.hubspot.currencies);
        let mut zuora = connector_zuora::Config::new(config.zuora.base_url.clone(), clock, bridge);
        zuora.concurrency = usize::try_from(config.limits.zuora_concurrency).unwrap_or(10);
        zuora.entity_id.clone_from(&config.zuora.entity_id);
        zuora.org_ids = (!config.zuora.org_ids.is_empty()).then(|| config.zuora.org_ids.join(","));
        zuora.link_field.clone_from(&config.catalog.link_field);
        zuora.deal_field.clone_from(&config.zuora.deal_field);
        zuora.contact_field.clone_from(&config.zuora.contact_field);
        zuora.multi_currency = config.zuora.multi_currency;
        Ok(Self {
            hubspot: Arc::new(HubSpot::new(hubspot).context("the HubSpot client cannot be built")?),
            zuora: Arc::new(Zuora::new(zuora).context("the Zuora client cannot be built")?),
        })
    }

    /// Opens the connections ahead of the first call, both at once.
    pub async fn warm(&self) {
        futures::future::join(self.hubspot.warm(), self.zuora.warm()).await;
    }

    /// The engine over these adapters.
    pub fn engine(
        &self,
        config: &Config,
        states: Arc<dyn States>,
        tickles: Arc<dyn Tickles>,
        clock: Arc<dyn Clock>,
    ) -> Engine {
        Engine {
            crm: self.hubspot.clone(),
            billing: self.zuora.clone(),
            states,
            tickles,
            clock,
            policy: Arc::new(config.policy()),
            tenant: config.zuora.base_url.url().to_string(),
            config: config.digest(),
        }
    }
}

/// What requests from outside need of an installation. The intake function has no engine.
pub fn site(
    config: &Config,
    secrets: &Secrets,
    tickles: Arc<dyn Tickles>,
    engine: Option<Engine>,
) -> Result<Site> {
    Ok(Site {
        portal: config.hubspot.portal,
        app: config.hubspot.app,
        verifier: Verifier::new(secrets.hubspot_client_secrets.clone(), &config.public_url)?,
        tickles,
        engine,
        ui_url: config.zuora.ui_url.as_ref().map(|url| url.url().to_string()),
        allowed_users: config.allowed_users.clone(),
    })
}
