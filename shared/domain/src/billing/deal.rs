//! Orders and subscriptions: what a won deal becomes.

use super::company::DesiredContact;
use crate::dates::{BillingPeriod, Term};
use crate::ids::{
    AccountId, AccountNumber, ChargeId, HubSpotId, OrderNumber, RatePlanId, SubscriptionNumber,
    ZuoraContactId,
};
use crate::money::Currency;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// When a charge starts to bill (Z-078).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerEvent {
    /// When the contract takes effect.
    ContractEffective,
    /// When the service is activated.
    ServiceActivation,
    /// When the customer has accepted.
    CustomerAcceptance,
}

/// Quantity and price of a line, in the words of the charge's model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pricing {
    /// Quantity times price each billing period.
    RecurringPerUnit {
        /// Units.
        quantity: Decimal,
        /// Net price of a unit for one billing period.
        price: Decimal,
    },
    /// One amount each billing period.
    RecurringFlatFee {
        /// Net price for one billing period.
        price: Decimal,
    },
    /// Quantity times price, once.
    OneTimePerUnit {
        /// Units.
        quantity: Decimal,
        /// Net price of a unit.
        price: Decimal,
    },
    /// One amount, once.
    OneTimeFlatFee {
        /// Net price.
        price: Decimal,
    },
}

impl Pricing {
    /// The amount of one billing period, or the one-time amount.
    pub fn amount(&self) -> Decimal {
        match self {
            Pricing::RecurringPerUnit { quantity, price } | Pricing::OneTimePerUnit { quantity, price } => {
                quantity.saturating_mul(*price)
            }
            Pricing::RecurringFlatFee { price } | Pricing::OneTimeFlatFee { price } => *price,
        }
    }
}

/// One line item as a rate plan of the subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscribedLine {
    /// The line item.
    pub line: HubSpotId,
    /// Its product.
    pub product: HubSpotId,
    /// The rate plan.
    pub plan: RatePlanId,
    /// The plan carries the product id as external plan id.
    pub external_id: bool,
    /// The charge that is priced.
    pub charge: ChargeId,
    /// The number that we give to the charge on the subscription: the line's identity (D-2).
    pub charge_number: String,
    /// Quantity and price.
    pub pricing: Pricing,
    /// The billing period of the line; none for one-time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<BillingPeriod>,
    /// The line bills in another period than the plan, so the order must say so.
    #[serde(default)]
    pub period_differs: bool,
    /// When billing starts, if the line says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<TriggerEvent>,
    /// Discount charges of the plan that must be set to zero: percentage charges, then fixed-amount charges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zero_percentages: Vec<ChargeId>,
    /// See [`SubscribedLine::zero_percentages`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zero_amounts: Vec<ChargeId>,
}

/// The last applied projection of a deal (D-1): what we told Zuora, line by line. No personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DealProjection {
    /// Owner account.
    pub account: AccountNumber,
    /// Payer, when it is another account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_owner: Option<AccountNumber>,
    /// Currency of the subscription.
    pub currency: Currency,
    /// Its term.
    pub term: Term,
    /// Order date, contract effective date and start of the term: the deal's close date.
    pub start: Date,
    /// Service activation, when filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_activation: Option<Date>,
    /// Customer acceptance, when filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_acceptance: Option<Date>,
    /// HubSpot contact that is bill-to of this subscription, when it is not the account's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_to: Option<HubSpotId>,
    /// HubSpot contact that is sold-to of this subscription, when it is not the account's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sold_to: Option<HubSpotId>,
    /// Its lines.
    pub lines: Vec<SubscribedLine>,
}

/// A contact of a subscription that is not one of the account's two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    /// Zuora has the contact on the account.
    Known(ZuoraContactId),
    /// It must be created on the account first.
    New {
        /// The account: the owner's for sold-to, the payer's for bill-to.
        account: AccountId,
        /// The contact.
        contact: Box<DesiredContact>,
    },
}

/// Everything that an order needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredOrder {
    /// The deal.
    pub deal: HubSpotId,
    /// Order number.
    pub order: OrderNumber,
    /// Subscription number.
    pub subscription: SubscriptionNumber,
    /// The owner account's own currency, when known: a subscription in the same currency need not say it.
    pub account_currency: Option<Currency>,
    /// Bill-to of this subscription; none means the account's.
    pub bill_to: Option<Party>,
    /// Sold-to of this subscription; none means the account's.
    pub sold_to: Option<Party>,
    /// What is ordered.
    pub projection: DealProjection,
}

/// The cross-reference of a deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionLink {
    /// Subscription number.
    pub subscription: SubscriptionNumber,
    /// Number of the latest order of the deal.
    pub order: OrderNumber,
    /// How many orders the deal has had.
    pub orders: u32,
    /// 1 for the first subscription of the deal, 2 after a cancellation and a new win (D-16).
    pub life: u32,
    /// Owner account.
    pub account: AccountNumber,
    /// Status as Zuora said it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// We made it; otherwise it was adopted from the original connector or a person.
    pub ours: bool,
}

/// An order that Zuora has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedOrder {
    /// Its number.
    pub number: OrderNumber,
    /// Its status.
    pub status: Option<String>,
    /// Its account.
    pub account: Option<AccountNumber>,
    /// The subscriptions that it touches.
    pub subscriptions: Vec<SubscriptionNumber>,
}

/// A subscription that Zuora has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedSubscription {
    /// Its number.
    pub number: SubscriptionNumber,
    /// Its status.
    pub status: String,
    /// Its account's number, when told.
    pub account: Option<AccountNumber>,
    /// `hubspotDealId__c`, whatever its case.
    pub deal: Option<String>,
    /// The order that made it, when told.
    pub order: Option<OrderNumber>,
}

/// Contacts that exist on an account, by HubSpot contact id.
pub type KnownContacts = BTreeMap<HubSpotId, ZuoraContactId>;
