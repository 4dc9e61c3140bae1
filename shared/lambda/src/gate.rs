//! One write to Zuora at a time in a process, and none that could not end before the invocation does.
//!
//! - A worker looks at several objects side by side, but our share of the tenant's concurrency is counted in
//!   workers (`template.yaml`: ten at most by default, D-25), so their writes queue up here. Reads do not.
//! - A process that is stopped in the middle of a write leaves an unknown outcome. That is repaired (D-13), but
//!   it costs look-ups and minutes, so a write that might not end in time is not begun.

use crate::deadline::Deadline;
use async_trait::async_trait;
use connector_domain::billing::company::ObservedAccount;
use connector_domain::billing::deal::{KnownContacts, ObservedOrder, ObservedSubscription};
use connector_domain::fault::FaultClass;
use connector_domain::ids::{AccountId, HubSpotId, OrderNumber, SubscriptionNumber};
use connector_domain::plan::Action;
use connector_domain::state::Intent;
use connector_ports::PortError;
use connector_ports::billing::{
    AccountQuery, AccountsFound, Billing, ProductQuery, ProductsFound, Rendered, Written,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// The HTTP client waits 30 s for an answer (D-19); the rest is for noting what became of it.
const WRITE_TAKES: Duration = Duration::from_secs(35);

/// Zuora behind a gate for writes.
pub struct Gate {
    inner: Arc<dyn Billing>,
    deadline: Arc<Deadline>,
    turn: Mutex<()>,
}

impl Gate {
    /// A gate in front of `inner`.
    pub fn new(inner: Arc<dyn Billing>, deadline: Arc<Deadline>) -> Self {
        Self { inner, deadline, turn: Mutex::new(()) }
    }
}

#[async_trait]
impl Billing for Gate {
    async fn find_accounts(&self, query: &AccountQuery) -> Result<AccountsFound, PortError> {
        self.inner.find_accounts(query).await
    }

    async fn account(&self, key: &str) -> Result<Option<ObservedAccount>, PortError> {
        self.inner.account(key).await
    }

    async fn contacts_of(&self, account: &AccountId) -> Result<KnownContacts, PortError> {
        self.inner.contacts_of(account).await
    }

    async fn find_products(&self, query: &ProductQuery) -> Result<ProductsFound, PortError> {
        self.inner.find_products(query).await
    }

    async fn order(&self, number: &OrderNumber) -> Result<Option<ObservedOrder>, PortError> {
        self.inner.order(number).await
    }

    async fn subscription(
        &self,
        number: &SubscriptionNumber,
    ) -> Result<Option<ObservedSubscription>, PortError> {
        self.inner.subscription(number).await
    }

    async fn subscriptions_of_deal(
        &self,
        account: &AccountId,
        deal: &HubSpotId,
    ) -> Result<Vec<ObservedSubscription>, PortError> {
        self.inner.subscriptions_of_deal(account, deal).await
    }

    fn render(&self, action: &Action) -> Result<Rendered, PortError> {
        self.inner.render(action)
    }

    async fn send(&self, intent: &Intent, idempotency_key: &str) -> Result<Written, PortError> {
        let _turn = self.turn.lock().await;
        if self.deadline.left() < WRITE_TAKES {
            // Surely no effect: the schedule rings the object again within seconds.
            let words = "not begun, the invocation would end too soon";
            return Err(PortError::new("zuora write", FaultClass::Transient, words));
        }
        self.inner.send(intent, idempotency_key).await
    }
}
