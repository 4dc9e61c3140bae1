//! Comparing what should be with what is: an ordered list of actions, complete and printable.
//!
//! Planning makes all choices; applying makes none. An empty list is the normal case.

pub mod company;
pub mod deal;
pub mod product;

use crate::billing::company::{AppliedFields, DesiredAccount, DesiredContact};
use crate::billing::deal::{DesiredChange, DesiredOrder, TriggerEvent};
use crate::billing::product::DesiredProduct;
use crate::billing::tiers::{self, Tier, TierModel};
use crate::dates::BillingPeriod;
use crate::ids::{
    AccountId, ChargeId, OrderNumber, RatePlanId, SubscriptionNumber, ZuoraContactId, ZuoraProductId,
};
use crate::money::Currency;
use crate::state::Effect;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Which contact becomes sold-to in an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewSoldTo {
    /// One that Zuora has already.
    Existing(ZuoraContactId),
    /// The one created by the action before.
    Created,
}

/// One write to Zuora.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Create an account with its contacts.
    CreateAccount(Box<DesiredAccount>),
    /// Change the named fields of an account and its two contacts.
    UpdateAccount {
        /// The account.
        account: AccountId,
        /// The account as it should be.
        desired: Box<DesiredAccount>,
        /// Names of the fields to send.
        changed: BTreeSet<String>,
        /// Point the account at another sold-to contact.
        sold_to: Option<NewSoldTo>,
    },
    /// Create a contact on an account.
    CreateContact {
        /// The account.
        account: AccountId,
        /// The contact.
        contact: Box<DesiredContact>,
    },
    /// Create a product.
    CreateProduct(Box<DesiredProduct>),
    /// Change name, description or SKU of a product that we made.
    UpdateProduct {
        /// The product.
        product: ZuoraProductId,
        /// The product as it should be.
        desired: Box<DesiredProduct>,
    },
    /// Create the rate plan of a product.
    CreateRatePlan {
        /// The product as it should be.
        desired: Box<DesiredProduct>,
        /// Zuora's product; none when the action before creates it.
        product: Option<ZuoraProductId>,
    },
    /// Create the charge of a rate plan.
    CreateCharge {
        /// The product as it should be.
        desired: Box<DesiredProduct>,
        /// Zuora's rate plan; none when the action before creates it.
        plan: Option<RatePlanId>,
    },
    /// Let a rate plan that we made be sold in further currencies (D-3).
    ActivateCurrencies {
        /// The rate plan.
        plan: RatePlanId,
        /// All currencies that it shall have, the old ones included.
        currencies: BTreeSet<Currency>,
    },
    /// Set the list prices of a charge that we made, for new subscriptions (D-3, D-11).
    SetPrices {
        /// Its rate plan.
        plan: RatePlanId,
        /// The charge.
        charge: ChargeId,
        /// All prices that it shall have.
        prices: BTreeMap<Currency, Decimal>,
        /// All price tables that it shall have, when it has tables.
        tiers: Option<(TierModel, BTreeMap<Currency, Vec<Tier>>)>,
        /// Its period, for the words of the plan.
        period: Option<BillingPeriod>,
    },
    /// Create order and subscription.
    CreateOrder(Box<DesiredOrder>),
    /// Create an order that changes a subscription.
    ChangeOrder(Box<DesiredChange>),
    /// Tell a pending order the days that its subscription waits for (Z-075, Z-076).
    SetTriggerDates {
        /// The pending order.
        order: OrderNumber,
        /// Its subscription.
        subscription: SubscriptionNumber,
        /// The days.
        dates: Vec<(TriggerEvent, Date)>,
    },
}

impl Action {
    /// What kind of write it is.
    pub fn effect(&self) -> Effect {
        match self {
            Action::CreateAccount(_) => Effect::CreateAccount,
            Action::UpdateAccount { .. } => Effect::UpdateAccount,
            Action::CreateContact { .. } => Effect::CreateContact,
            Action::CreateProduct(_) => Effect::CreateProduct,
            Action::UpdateProduct { .. } => Effect::UpdateProduct,
            Action::CreateRatePlan { .. } => Effect::CreateRatePlan,
            Action::CreateCharge { .. } => Effect::CreateCharge,
            Action::ActivateCurrencies { .. } => Effect::ActivateCurrencies,
            Action::SetPrices { .. } => Effect::SetPrices,
            Action::CreateOrder(_) | Action::ChangeOrder(_) => Effect::CreateOrder,
            Action::SetTriggerDates { .. } => Effect::SetTriggerDates,
        }
    }
}

impl fmt::Display for Action {
    /// One line for people, without personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::CreateAccount(account) => {
                let number = account.number.as_ref().map_or("numbered by Zuora", |n| n.as_str());
                let sold_to = if account.sold_to.is_some() {
                    "bill-to and sold-to contact"
                } else {
                    "one contact for bill-to and sold-to"
                };
                write!(
                    f,
                    "create account {number} for company {} in {}, {sold_to}",
                    account.crm_id, account.currency
                )
            }
            Action::UpdateAccount { account, changed, sold_to, .. } => {
                let mut parts: Vec<&str> = changed.iter().map(String::as_str).collect();
                if sold_to.is_some() {
                    parts.push("sold-to contact");
                }
                write!(f, "update account {account}: {}", parts.join(", "))
            }
            Action::CreateContact { account, contact } => match &contact.crm_id {
                Some(id) => write!(f, "create contact {id} on account {account}"),
                None => write!(f, "create a contact with the company's address on account {account}"),
            },
            Action::CreateProduct(product) => {
                write!(f, "create product {} for HubSpot product {}", product.numbers[0], product.id)
            }
            Action::UpdateProduct { product, desired } => {
                write!(f, "update product {product} from HubSpot product {}", desired.id)
            }
            Action::CreateRatePlan { desired, .. } => {
                write!(f, "create rate plan {} with external plan id {}", desired.numbers[1], desired.id)
            }
            Action::CreateCharge { desired, .. } => {
                let kind = desired.period.map_or("one-time".to_owned(), |p| format!("recurring per {p}"));
                let prices: Vec<String> = match desired.tier_model {
                    None => desired.prices.iter().map(|(c, p)| format!("{p} {c}")).collect(),
                    Some(_) => {
                        desired.tiers.iter().map(|(c, t)| format!("{} {c}", tiers::describe(t))).collect()
                    }
                };
                let model = match desired.tier_model {
                    None => "per unit",
                    Some(TierModel::Tiered) => "tiered",
                    Some(TierModel::Volume) => "volume",
                };
                write!(f, "create charge {}, {kind}, {model} at {}", desired.numbers[2], prices.join(" / "))
            }
            Action::ActivateCurrencies { plan, currencies } => {
                let codes: Vec<&str> = currencies.iter().map(Currency::as_str).collect();
                write!(f, "activate {} on rate plan {plan}", codes.join(", "))
            }
            Action::SetPrices { charge, prices, .. } => {
                let prices: Vec<String> = prices.iter().map(|(c, p)| format!("{p} {c}")).collect();
                write!(f, "set list prices of charge {charge} to {}", prices.join(" / "))
            }
            Action::CreateOrder(order) => {
                let p = &order.projection;
                write!(
                    f,
                    "create order {} dated {} on account {} with subscription {} in {}, {}, {} rate plans",
                    order.order,
                    p.start,
                    p.account,
                    order.subscription,
                    p.currency,
                    p.term,
                    p.lines.len()
                )?;
                for line in &p.lines {
                    write!(f, "\n    {}", deal::describe(line))?;
                }
                Ok(())
            }
            Action::SetTriggerDates { order, subscription, dates } => {
                let days: Vec<String> = dates.iter().map(|(event, day)| format!("{event:?} {day}")).collect();
                write!(
                    f,
                    "set trigger dates of order {order}, subscription {subscription}: {}",
                    days.join(", ")
                )
            }
            Action::ChangeOrder(order) => {
                write!(
                    f,
                    "create order {} dated {} on account {} that changes subscription {}",
                    order.order, order.order_date, order.account, order.subscription
                )?;
                for change in &order.changes {
                    write!(f, "\n    {}", deal::describe_change(change))?;
                }
                Ok(())
            }
        }
    }
}

/// A product's values that follow HubSpot, to know what changed. A catalogue holds no personal data.
pub fn product_fields(desired: &DesiredProduct) -> AppliedFields {
    let mut fields = AppliedFields::new();
    fields.insert("name".into(), desired.name.clone());
    fields.insert("description".into(), desired.description.clone());
    fields.insert("sku".into(), desired.sku.clone().unwrap_or_default());
    fields.insert("period".into(), serde_json::to_string(&desired.period).unwrap_or_default());
    for (currency, price) in &desired.prices {
        fields.insert(format!("price.{currency}"), price.normalize().to_string());
    }
    if let Some(model) = desired.tier_model {
        fields.insert("tier_model".into(), serde_json::to_string(&model).unwrap_or_default());
        for (currency, tiers) in &desired.tiers {
            fields.insert(format!("tiers.{currency}"), serde_json::to_string(tiers).unwrap_or_default());
        }
    }
    fields
}
