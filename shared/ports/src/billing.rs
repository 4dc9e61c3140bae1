//! Zuora's side: look-ups, and writes in two steps, so that a body can be frozen before it is sent.

use crate::PortError;
use async_trait::async_trait;
use connector_domain::billing::company::{DesiredContact, ObservedAccount};
use connector_domain::billing::deal::{KnownContacts, ObservedOrder};
use connector_domain::billing::product::ObservedProduct;
use connector_domain::billing::subscription::ObservedSubscription;
use connector_domain::ids::{AccountId, AccountNumber, ChargeId, HubSpotId, OrderNumber, SubscriptionNumber};
use connector_domain::money::Currency;
use connector_domain::plan::Action;
use connector_domain::state::{Effect, Intent};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// How to look for an account before one is created (D-9, D-10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountQuery {
    /// The company's id and the ids merged into it.
    pub crm_ids: Vec<HubSpotId>,
    /// Our derived number.
    pub number: Option<AccountNumber>,
    /// The exact name as it would be sent.
    pub name: String,
}

/// What the look-up found; an account stands in one list only.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountsFound {
    /// By derived number.
    pub by_number: Option<ObservedAccount>,
    /// By CRM id.
    pub by_crm_id: Vec<ObservedAccount>,
    /// By exact name only.
    pub by_name: Vec<ObservedAccount>,
}

/// How to look for a product (D-11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductQuery {
    /// HubSpot's id: the external plan id.
    pub id: HubSpotId,
    /// SKU, if the product has one.
    pub sku: Option<String>,
    /// Our derived numbers of product, plan and charge.
    pub numbers: [String; 3],
}

/// What the look-up of a product found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductsFound {
    /// Products with a plan that carries the external id; only those plans are listed.
    pub by_external_id: Vec<ObservedProduct>,
    /// The product with our derived number, with all its plans.
    pub by_number: Option<ObservedProduct>,
    /// Products with the SKU, with all their plans.
    pub by_sku: Vec<ObservedProduct>,
}

/// A request body, rendered and ready to be frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What it does.
    pub effect: Effect,
    /// Its natural key.
    pub number: String,
    /// The path segment of a PUT, or the account of a contact.
    pub target: Option<String>,
    /// The body as JSON text.
    pub body: String,
}

/// What Zuora answered to a write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// Id of the created object.
    pub id: Option<String>,
    /// Number of the created object.
    pub number: Option<String>,
    /// Bill-to contact of a created account.
    pub bill_to: Option<String>,
    /// Sold-to contact of a created account.
    pub sold_to: Option<String>,
    /// Status of a created subscription.
    pub status: Option<String>,
}

/// Who gets a preview's bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreviewAccount {
    /// The account that the order names.
    Existing,
    /// An account that does not exist yet.
    Planned {
        /// Its currency.
        currency: Currency,
        /// Its bill cycle day.
        bill_cycle_day: u8,
        /// Where the goods go, for tax; a person's name is not sent.
        sold_to: Box<DesiredContact>,
    },
}

/// What an order would do, by Zuora's own reckoning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Previewed {
    /// Figures of the subscription's charges after the order, discount charges taken off the charges beside them.
    pub charges: Vec<PreviewedCharge>,
    /// The first invoices, by date; empty when none were asked for.
    pub invoices: Vec<PreviewedInvoice>,
}

/// Figures of one charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewedCharge {
    /// Charge number, as ordered.
    pub number: Option<String>,
    /// The charge of the catalogue.
    pub charge: Option<ChargeId>,
    /// Monthly recurring revenue, net.
    pub mrr: Decimal,
    /// Contract value, net.
    pub tcv: Decimal,
}

/// One invoice or credit memo of a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewedInvoice {
    /// Its date.
    pub date: Option<Date>,
    /// Without tax; negative for a credit memo.
    pub amount: Decimal,
    /// Tax; negative for a credit memo.
    pub tax: Decimal,
    /// Its lines.
    pub items: Vec<PreviewedItem>,
}

/// One line of a previewed invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewedItem {
    /// Product and charge, for people.
    pub name: String,
    /// Charge number.
    pub charge_number: Option<String>,
    /// First day of service.
    pub from: Option<Date>,
    /// Last day of service.
    pub to: Option<Date>,
    /// Without tax.
    pub amount: Decimal,
    /// Tax.
    pub tax: Decimal,
}

/// Reads and writes of Zuora.
#[async_trait]
pub trait Billing: Send + Sync {
    /// Looks for an account in all the ways that the query names, at once.
    async fn find_accounts(&self, query: &AccountQuery) -> Result<AccountsFound, PortError>;

    /// An account by id or number, by keyed read; none when there is none.
    async fn account(&self, key: &str) -> Result<Option<ObservedAccount>, PortError>;

    /// The contacts of an account that carry a HubSpot contact id.
    async fn contacts_of(&self, account: &AccountId) -> Result<KnownContacts, PortError>;

    /// Looks for a product with its plans and charges.
    async fn find_products(&self, query: &ProductQuery) -> Result<ProductsFound, PortError>;

    /// An order by number, by keyed read; none when there is none.
    async fn order(&self, number: &OrderNumber) -> Result<Option<ObservedOrder>, PortError>;

    /// A subscription by number with its rate plans and charges, by keyed read; none when there is none.
    async fn subscription(
        &self,
        number: &SubscriptionNumber,
    ) -> Result<Option<ObservedSubscription>, PortError>;

    /// Subscriptions of a deal by `hubspotDealId__c`, for adopting those of the original connector. Only as
    /// fresh as Zuora's search; an empty answer proves nothing.
    async fn subscriptions_of_deal(
        &self,
        account: &AccountId,
        deal: &HubSpotId,
    ) -> Result<Vec<ObservedSubscription>, PortError>;

    /// What an order would do ([`Action::CreateOrder`] or [`Action::ChangeOrder`]; `POST /v1/orders/preview`),
    /// with its first so many invoices. Nothing is written.
    async fn preview(
        &self,
        order: &Action,
        account: &PreviewAccount,
        invoices: u8,
    ) -> Result<Previewed, PortError>;

    /// The request body of an action. Pure; fails only on a mistake in this code.
    fn render(&self, action: &Action) -> Result<Rendered, PortError>;

    /// Sends a frozen body. Creations carry the idempotency key.
    async fn send(&self, intent: &Intent, idempotency_key: &str) -> Result<Written, PortError>;
}
