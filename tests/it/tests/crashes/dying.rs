//! Ports that count effects and die at the chosen one.

use async_trait::async_trait;
use connector_domain::billing::company::ObservedAccount;
use connector_domain::billing::deal::{KnownContacts, ObservedOrder};
use connector_domain::billing::subscription::ObservedSubscription;
use connector_domain::crm::company::Company;
use connector_domain::crm::contact::Contact;
use connector_domain::crm::deal::DealRecord;
use connector_domain::crm::line_item::LineItem;
use connector_domain::crm::product::Product;
use connector_domain::crm::{Association, Fetched};
use connector_domain::ids::{AccountId, HubSpotId, OrderNumber, PortalId, SubscriptionNumber};
use connector_domain::object::{StateKey, Tickle};
use connector_domain::plan::Action;
use connector_domain::policy::Portal;
use connector_domain::state::{AuditRecord, Intent};
use connector_ports::PortError;
use connector_ports::billing::{
    AccountQuery, AccountsFound, Billing, PreviewAccount, Previewed, ProductQuery, ProductsFound, Rendered,
    Written,
};
use connector_ports::crm::{Crm, WriteBack};
use connector_ports::states::{
    AccountLock, Change, Claim, Claimed, Counts, Locks, Page, Saved, States, Stored,
};
use connector_ports::tickles::{Tickles, Waiting};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Before the effect, or right after it, with the answer lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Before,
    After,
}

/// Where to die.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    at: Option<(usize, Moment)>,
    counted: Arc<AtomicUsize>,
    armed: Arc<AtomicBool>,
}

impl Plan {
    pub(crate) fn never() -> Self {
        Self { at: None, counted: Arc::default(), armed: Arc::default() }
    }

    pub(crate) fn at(effect: usize, moment: Moment) -> Self {
        Self { at: Some((effect, moment)), counted: Arc::default(), armed: Arc::default() }
    }

    /// Effects count from now on.
    pub(crate) fn arm(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }

    pub(crate) fn counted(&self) -> usize {
        self.counted.load(Ordering::SeqCst)
    }

    async fn around<T>(&self, name: &str, effect: impl Future<Output = T>) -> T {
        if !self.armed.load(Ordering::SeqCst) {
            return effect.await;
        }
        let number = self.counted.fetch_add(1, Ordering::SeqCst) + 1;
        if self.at == Some((number, Moment::Before)) {
            panic!("planted crash before effect {number}, {name}");
        }
        let result = effect.await;
        if self.at == Some((number, Moment::After)) {
            panic!("planted crash after effect {number}, {name}");
        }
        result
    }
}

/// A port with a plan to die.
pub(crate) struct Dying<T: ?Sized> {
    pub(crate) plan: Plan,
    pub(crate) inner: Arc<T>,
}

#[async_trait]
impl States for Dying<dyn States> {
    async fn claim(&self, key: &StateKey, now: Timestamp, until: Timestamp) -> Result<Claimed, PortError> {
        self.plan.around("claim", self.inner.claim(key, now, until)).await
    }

    async fn save(
        &self,
        claim: &mut Claim,
        change: &Change,
        lock: Option<&AccountLock>,
        now: Timestamp,
    ) -> Result<Saved, PortError> {
        self.plan.around("save", self.inner.save(claim, change, lock, now)).await
    }

    async fn release(&self, claim: &Claim, change: &Change, locks: Locks) -> Result<Saved, PortError> {
        self.plan.around("release", self.inner.release(claim, change, locks)).await
    }

    async fn abandon(&self, claim: &Claim) -> Result<(), PortError> {
        self.plan.around("abandon", self.inner.abandon(claim)).await
    }

    async fn mark(&self, key: &StateKey, marks: &BTreeMap<String, String>) -> Result<(), PortError> {
        self.plan.around("mark", self.inner.mark(key, marks)).await
    }

    async fn read(&self, key: &StateKey) -> Result<Option<Stored>, PortError> {
        self.inner.read(key).await
    }

    async fn read_many(&self, keys: &[StateKey]) -> Result<BTreeMap<StateKey, Stored>, PortError> {
        self.inner.read_many(keys).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<StateKey>, PortError> {
        self.inner.due(now, limit).await
    }

    async fn waiting_on(&self, key: &StateKey) -> Result<Vec<StateKey>, PortError> {
        self.inner.waiting_on(key).await
    }

    async fn parked(&self, portal: PortalId, next: Option<&str>, limit: usize) -> Result<Page, PortError> {
        self.inner.parked(portal, next, limit).await
    }

    async fn audit_of(&self, key: &StateKey, limit: usize) -> Result<Vec<AuditRecord>, PortError> {
        self.inner.audit_of(key, limit).await
    }

    async fn counts(&self, portal: PortalId, now: Timestamp) -> Result<Counts, PortError> {
        self.inner.counts(portal, now).await
    }
}

#[async_trait]
impl Tickles for Dying<dyn Tickles> {
    async fn send(&self, tickles: &[Tickle]) -> Result<(), PortError> {
        self.plan.around("send tickles", self.inner.send(tickles)).await
    }

    async fn waiting(&self, portal: PortalId) -> Result<Waiting, PortError> {
        self.inner.waiting(portal).await
    }
}

#[async_trait]
impl Billing for Dying<dyn Billing> {
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

    async fn preview(
        &self,
        order: &Action,
        account: &PreviewAccount,
        invoices: u8,
    ) -> Result<Previewed, PortError> {
        self.inner.preview(order, account, invoices).await
    }

    fn render(&self, action: &Action) -> Result<Rendered, PortError> {
        self.inner.render(action)
    }

    async fn send(&self, intent: &Intent, idempotency_key: &str) -> Result<Written, PortError> {
        self.plan.around(intent.effect.as_str(), self.inner.send(intent, idempotency_key)).await
    }
}

#[async_trait]
impl Crm for Dying<dyn Crm> {
    async fn portal(&self) -> Result<Portal, PortError> {
        self.inner.portal().await
    }

    async fn company(&self, id: &HubSpotId) -> Result<Fetched<Company>, PortError> {
        self.inner.company(id).await
    }

    async fn company_contacts(&self, id: &HubSpotId) -> Result<Vec<Association>, PortError> {
        self.inner.company_contacts(id).await
    }

    async fn contacts(&self, ids: &[HubSpotId]) -> Result<Vec<Contact>, PortError> {
        self.inner.contacts(ids).await
    }

    async fn product(&self, id: &HubSpotId) -> Result<Fetched<Product>, PortError> {
        self.inner.product(id).await
    }

    async fn deal(&self, id: &HubSpotId) -> Result<Fetched<DealRecord>, PortError> {
        self.inner.deal(id).await
    }

    async fn line_items(&self, ids: &[HubSpotId]) -> Result<Vec<LineItem>, PortError> {
        self.inner.line_items(ids).await
    }

    async fn line_item_changes(
        &self,
        ids: &[HubSpotId],
    ) -> Result<BTreeMap<HubSpotId, Timestamp>, PortError> {
        self.inner.line_item_changes(ids).await
    }

    async fn companies_of_contact(&self, id: &HubSpotId) -> Result<Vec<HubSpotId>, PortError> {
        self.inner.companies_of_contact(id).await
    }

    async fn deals_of_line_item(&self, id: &HubSpotId) -> Result<Vec<HubSpotId>, PortError> {
        self.inner.deals_of_line_item(id).await
    }

    async fn deals_of_company(&self, id: &HubSpotId) -> Result<Vec<HubSpotId>, PortError> {
        self.inner.deals_of_company(id).await
    }

    async fn write_back(&self, write: &WriteBack) -> Result<(), PortError> {
        self.plan.around("write back", self.inner.write_back(write)).await
    }
}
