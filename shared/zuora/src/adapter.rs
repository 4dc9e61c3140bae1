//! [`Zuora`]: the port's operations, each handed to the file of its subject.

use crate::client::Tenant;
use crate::config::Config;
use crate::{company, deal, product, send};
use async_trait::async_trait;
use connector_domain::billing::company::ObservedAccount;
use connector_domain::billing::deal::{KnownContacts, ObservedOrder};
use connector_domain::billing::subscription::ObservedSubscription;
use connector_domain::ids::{AccountId, HubSpotId, OrderNumber, SubscriptionNumber};
use connector_domain::plan::Action;
use connector_domain::state::Intent;
use connector_http::Error;
use connector_ports::PortError;
use connector_ports::billing::{
    AccountQuery, AccountsFound, Billing, PreviewAccount, Previewed, ProductQuery, ProductsFound, Rendered,
    Written,
};
use std::fmt;

/// A Zuora tenant. Calls share connections, the token and the limit of concurrency.
pub struct Zuora {
    config: Config,
    pub(crate) tenant: Tenant,
}

impl Zuora {
    /// An adapter for one tenant. Nothing is sent yet.
    ///
    /// # Errors
    /// When the HTTP client cannot be made (no TLS roots).
    pub fn new(config: Config) -> Result<Self, Error> {
        let tenant = Tenant::new(&config)?;
        Ok(Self { config, tenant })
    }

    /// Opens the connection and fetches the token, so that the first call need not. A failure is logged and
    /// otherwise of no interest: each call tries again.
    pub async fn warm(&self) {
        if let Err(error) = self.tenant.warm().await {
            tracing::warn!(%error, "no Zuora token at start");
        }
    }

    #[cfg(test)]
    pub(crate) fn with(config: Config, http: connector_http::Client) -> Self {
        let tenant = Tenant::with(&config, http);
        Self { config, tenant }
    }
}

impl fmt::Debug for Zuora {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zuora").field("config", &self.config).finish_non_exhaustive()
    }
}

#[async_trait]
impl Billing for Zuora {
    async fn find_accounts(&self, query: &AccountQuery) -> Result<AccountsFound, PortError> {
        company::find(&self.tenant, query).await
    }

    async fn account(&self, key: &str) -> Result<Option<ObservedAccount>, PortError> {
        company::account(&self.tenant, key).await
    }

    async fn contacts_of(&self, account: &AccountId) -> Result<KnownContacts, PortError> {
        company::contacts_of(&self.tenant, &self.config, account).await
    }

    async fn find_products(&self, query: &ProductQuery) -> Result<ProductsFound, PortError> {
        product::find(&self.tenant, &self.config, query).await
    }

    async fn order(&self, number: &OrderNumber) -> Result<Option<ObservedOrder>, PortError> {
        deal::order(&self.tenant, number).await
    }

    async fn subscription(
        &self,
        number: &SubscriptionNumber,
    ) -> Result<Option<ObservedSubscription>, PortError> {
        deal::subscription(&self.tenant, &self.config, number).await
    }

    async fn subscriptions_of_deal(
        &self,
        account: &AccountId,
        deal: &HubSpotId,
    ) -> Result<Vec<ObservedSubscription>, PortError> {
        deal::subscriptions_of(&self.tenant, &self.config, account, deal).await
    }

    async fn preview(
        &self,
        order: &Action,
        account: &PreviewAccount,
        invoices: u8,
    ) -> Result<Previewed, PortError> {
        deal::preview(&self.tenant, &self.config, order, account, invoices).await
    }

    fn render(&self, action: &Action) -> Result<Rendered, PortError> {
        let config = &self.config;
        match action {
            Action::CreateAccount(desired) => company::create(config, desired),
            Action::UpdateAccount { account, desired, changed, sold_to } => {
                company::update(config, account, desired, changed, sold_to.as_ref())
            }
            Action::CreateContact { account, contact } => company::create_contact(config, account, contact),
            Action::CreateProduct(desired) => product::create(desired),
            Action::UpdateProduct { product, desired } => product::update(product, desired),
            Action::CreateRatePlan { desired, product } => {
                product::create_rate_plan(config, desired, product.as_ref())
            }
            Action::CreateCharge { desired, plan } => product::create_charge(desired, plan.as_ref()),
            Action::ActivateCurrencies { plan, currencies } => product::activate(plan, currencies),
            Action::SetPrices { plan, charge, prices, tiers, period } => {
                product::set_prices(plan, charge, prices, tiers.as_ref(), *period)
            }
            Action::CreateOrder(desired) => deal::create(config, desired),
            Action::ChangeOrder(desired) => deal::change(config, desired),
            Action::SetTriggerDates { order, subscription, dates } => {
                deal::set_trigger_dates(order, subscription, dates)
            }
        }
    }

    async fn send(&self, intent: &Intent, idempotency_key: &str) -> Result<Written, PortError> {
        send::send(&self.tenant, intent, idempotency_key).await
    }
}
