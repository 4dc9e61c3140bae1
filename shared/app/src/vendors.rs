//! Puts an installation together: adapters and engine from configuration and secrets. The stores and the queue
//! come from whoever wires a process, because they differ between one machine and AWS.

use crate::config::{Config, Secrets};
use crate::handlers::settings::Facts;
use crate::handlers::{Cards, Site};
use anyhow::{Context, Result};
use async_trait::async_trait;
use connector_domain::policy::{DealProperties, SyncWhen, TaxPolicy};
use connector_engine::Engine;
use connector_engine::card::links::{Links, Page};
use connector_hubspot::signature::Verifier;
use connector_hubspot::{HubSpot, Properties, TokenSource};
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
        hubspot.properties = properties(config);
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

    /// What cards and pages need beside the engine.
    pub fn cards(&self, config: &Config, clock: Arc<dyn Clock>) -> Cards {
        let base = Links::new(config.zuora.ui_url.as_ref().map(|url| url.url().as_str()));
        let links = Page::ALL.into_iter().fold(base, |links, page| match config.links.get(page.as_str()) {
            Some(template) => links.with(page, template),
            None => links,
        });
        Cards::new(self.zuora.clone(), clock, links, Facts::of(config))
    }

    /// What requests from outside need of an installation.
    pub fn site(
        &self,
        config: &Config,
        secrets: &Secrets,
        tickles: Arc<dyn Tickles>,
        engine: Engine,
    ) -> Result<Site> {
        Ok(Site {
            portal: config.hubspot.portal,
            app: config.hubspot.app,
            verifier: Verifier::new(secrets.hubspot_client_secrets.clone(), &config.public_url)?,
            tickles,
            cards: Some(self.cards(config, engine.clock.clone())),
            engine: Some(engine),
            allowed_users: config.allowed_users.clone(),
        })
    }
}

/// The properties that the configuration names: HubSpot sends none that it is not asked for.
fn properties(config: &Config) -> Properties {
    let TaxPolicy { vat_property, exempt_property, code_property, inclusive: _ } = &config.taxes;
    let DealProperties {
        service_activation,
        customer_acceptance,
        effective_date,
        cancellation_date,
        extends,
        suspend_date,
        resume_date,
        auto_renew,
        renewal_term,
    } = &config.deals.properties;
    let condition = match &config.companies.sync_when {
        SyncWhen::Property { name, .. } => Some(name),
        SyncWhen::Linked | SyncWhen::All => None,
    };
    let of_rules = config.deals.rules.iter().filter_map(|rule| rule.property.as_ref()).map(|(name, _)| name);
    let of_deals = [effective_date, cancellation_date, extends, suspend_date, resume_date];
    Properties {
        company: names(condition.into_iter().chain([vat_property, exempt_property])),
        deal: names(of_deals.into_iter().chain([auto_renew, renewal_term]).chain(of_rules)),
        product: names([code_property]),
        service_activation: service_activation.clone(),
        customer_acceptance: customer_acceptance.clone(),
        billing_trigger: config.billing_trigger_property.clone(),
    }
}

/// Names in the order given, each once, without empty ones.
fn names<'a>(all: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for name in all {
        if !name.is_empty() && !kept.contains(name) {
            kept.push(name.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EnvMap, Surroundings, load};

    fn asked_for(more: &str) -> Properties {
        let text = format!(
            "[hubspot]\nportal_id = 1\napp_id = 2\n[zuora]\nbase_url = \"https://rest.test.zuora.com\"\n\
             [public]\nurl = \"https://hook.example\"\n{more}"
        );
        let mut configs =
            load(Some(&text), "connector.toml", &EnvMap::default(), Surroundings::default()).unwrap();
        properties(&configs.remove(0))
    }

    #[test]
    fn by_default_hubspot_is_asked_for_the_dates_and_the_subscription_of_deals() {
        let wanted = Properties {
            deal: ["zuora_effective_date", "zuora_cancellation_date", "zuora_extends_subscription"]
                .map(str::to_owned)
                .into(),
            ..Properties::default()
        };
        assert_eq!(asked_for(""), wanted);
    }

    #[test]
    fn hubspot_is_asked_once_for_each_property_that_the_configuration_names() {
        let found = asked_for(
            "[companies]\nsync_when = { property = \"vat\", values = [\"x\"] }\n\
             [taxes]\nvat_property = \"vat\"\nexempt_property = \"exempt\"\ncode_property = \"tax_code\"\n\
             [deals]\neffective_date_property = \"day\"\ncancellation_date_property = \"day\"\n\
             suspend_date_property = \"pause\"\nresume_date_property = \"go_on\"\n\
             auto_renew_property = \"renews\"\nrenewal_term_property = \"next_term\"\n\
             service_activation_property = \"activated\"\n\
             [[deals.rules]]\nproperty = \"motion\"\nvalues = [\"upsell\"]\ndoes = \"extend\"\n\
             [[deals.rules]]\nproperty = \"renews\"\ndoes = \"renew\"\n\
             [[deals.rules]]\ndeal_types = [\"other\"]\ndoes = \"nothing\"\n",
        );
        assert_eq!(found.company, ["vat", "exempt"]);
        assert_eq!(
            found.deal,
            ["day", "zuora_extends_subscription", "pause", "go_on", "renews", "next_term", "motion"]
        );
        assert_eq!(found.product, ["tax_code"]);
        assert_eq!(found.service_activation, "activated");
    }
}
