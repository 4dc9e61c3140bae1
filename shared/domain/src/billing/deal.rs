//! Orders and subscriptions: what a won deal becomes.

use super::company::DesiredContact;
use super::product::ChargeType;
use super::tiers::{self, Tier, TierModel};
use crate::dates::{BillingPeriod, Term};
use crate::ids::{
    AccountId, AccountNumber, ChargeId, HubSpotId, OrderNumber, RatePlanId, SubscriptionNumber,
    ZuoraContactId,
};
use crate::money::Currency;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pricing {
    /// Quantity times price each billing period.
    RecurringPerUnit {
        /// Units.
        quantity: Decimal,
        /// Price of a unit for one billing period.
        price: Decimal,
    },
    /// One amount each billing period.
    RecurringFlatFee {
        /// Price for one billing period.
        price: Decimal,
    },
    /// Quantity times price, once.
    OneTimePerUnit {
        /// Units.
        quantity: Decimal,
        /// Price of a unit.
        price: Decimal,
    },
    /// One amount, once.
    OneTimeFlatFee {
        /// Price.
        price: Decimal,
    },
    /// What a price table says for the quantity, each billing period.
    RecurringTiers(TierPricing),
    /// What a price table says for the quantity, once.
    OneTimeTiers(TierPricing),
    /// Billed after use, at a price per unit.
    UsagePerUnit {
        /// Price of a unit.
        price: Decimal,
    },
    /// Billed after use, by a price table; its quantity is ignored.
    UsageTiers(TierPricing),
    /// Billed after use, exactly as the plan says: nothing of it is told.
    UsageAsPlanned,
}

/// Quantity and price table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierPricing {
    /// How the table is read.
    pub model: TierModel,
    /// Units.
    pub quantity: Decimal,
    /// The table that holds on the subscription.
    pub tiers: Vec<Tier>,
    /// The table differs from the plan's (a discount), so the order must say it; otherwise the plan's is used.
    #[serde(default)]
    pub own_table: bool,
}

impl Pricing {
    /// The amount of one billing period, or the one-time amount, unrounded and before discount charges. Usage has
    /// none before it is used.
    pub fn amount(&self) -> Decimal {
        match self {
            Pricing::RecurringPerUnit { quantity, price } | Pricing::OneTimePerUnit { quantity, price } => {
                quantity.saturating_mul(*price)
            }
            Pricing::RecurringFlatFee { price } | Pricing::OneTimeFlatFee { price } => *price,
            Pricing::RecurringTiers(t) | Pricing::OneTimeTiers(t) => {
                tiers::amount(t.model, &t.tiers, t.quantity)
            }
            Pricing::UsagePerUnit { .. } | Pricing::UsageTiers(_) | Pricing::UsageAsPlanned => Decimal::ZERO,
        }
    }

    /// When it bills.
    pub fn charge_type(&self) -> ChargeType {
        match self {
            Pricing::RecurringPerUnit { .. }
            | Pricing::RecurringFlatFee { .. }
            | Pricing::RecurringTiers(_) => ChargeType::Recurring,
            Pricing::OneTimePerUnit { .. } | Pricing::OneTimeFlatFee { .. } | Pricing::OneTimeTiers(_) => {
                ChargeType::OneTime
            }
            Pricing::UsagePerUnit { .. } | Pricing::UsageTiers(_) | Pricing::UsageAsPlanned => {
                ChargeType::Usage
            }
        }
    }

    /// The same values under the same model, so that an order can change one into the other.
    pub fn same_model(&self, other: &Self) -> bool {
        match (self, other) {
            (Pricing::RecurringTiers(a), Pricing::RecurringTiers(b))
            | (Pricing::OneTimeTiers(a), Pricing::OneTimeTiers(b))
            | (Pricing::UsageTiers(a), Pricing::UsageTiers(b)) => a.model == b.model,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

impl fmt::Display for Pricing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pricing::RecurringPerUnit { quantity, price } => write!(f, "{quantity} x {price}"),
            Pricing::RecurringFlatFee { price } => write!(f, "{price} flat"),
            Pricing::OneTimePerUnit { quantity, price } => write!(f, "{quantity} x {price} once"),
            Pricing::OneTimeFlatFee { price } => write!(f, "{price} flat once"),
            Pricing::RecurringTiers(t) => {
                write!(f, "{} units by tiers ({})", t.quantity, self.amount().normalize())
            }
            Pricing::OneTimeTiers(t) => {
                write!(f, "{} units by tiers ({}) once", t.quantity, self.amount().normalize())
            }
            Pricing::UsagePerUnit { price } => write!(f, "usage at {price} a unit"),
            Pricing::UsageTiers(_) => write!(f, "usage by tiers"),
            Pricing::UsageAsPlanned => write!(f, "usage as the plan says"),
        }
    }
}

/// What a discount charge takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off {
    /// Percent of the charge beside it.
    Percentage(Decimal),
    /// An amount of each billing period, or of the one-time charge.
    Amount(Decimal),
}

/// The discount charge that carries a line's discount (`discounts = "discount_charges"`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineDiscount {
    /// The plan's discount charge.
    pub charge: ChargeId,
    /// What it takes off.
    pub off: Off,
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
    /// First day of the charge, when that is not the subscription's (a ramp's later phase, a delayed start).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// First day after the charge, when it ends before the subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// The discount charge that takes the line's discount off, in that mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<LineDiscount>,
    /// What Zuora holds where that became something else than what was told, by Zuora's own doing (an uplift at a
    /// renewal): the base of the next comparison (D-1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Pricing>,
    /// Discount charges of the plan that must be set to zero: percentage charges, then fixed-amount charges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zero_percentages: Vec<ChargeId>,
    /// See [`SubscribedLine::zero_percentages`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zero_amounts: Vec<ChargeId>,
}

impl SubscribedLine {
    /// The amount of one billing period (or once) after discounts, unrounded: what HubSpot calls the line's amount.
    pub fn net_amount(&self) -> Decimal {
        let gross = self.pricing.amount();
        match self.discount.as_ref().map(|d| d.off) {
            None => gross,
            Some(Off::Amount(amount)) => gross - amount,
            Some(Off::Percentage(percent)) => {
                gross.saturating_mul(Decimal::ONE_HUNDRED - percent) / Decimal::ONE_HUNDRED
            }
        }
    }

    /// What is told to Zuora about price and quantity, for comparing.
    pub fn terms(&self) -> (&Pricing, Option<Off>) {
        (&self.pricing, self.discount.as_ref().map(|d| d.off))
    }
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
    /// Day of the order, when it is not the start of the contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_date: Option<Date>,
    /// The subscription renews by itself.
    #[serde(default)]
    pub auto_renew: bool,
    /// Length of a renewal, when it is not the term's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal_term: Option<Term>,
    /// Day of the suspension that was ordered last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<Date>,
    /// Day of the resumption that was ordered last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumed: Option<Date>,
    /// Day on which the last change took effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<Date>,
    /// The effective date of the deal that the last change used; it counts for one order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective: Option<Date>,
    /// Charge numbers of lines that were removed; a number is never used twice.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub retired: BTreeSet<String>,
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

impl DealProjection {
    /// A projection without lines.
    pub fn nothing(account: AccountNumber, currency: Currency, start: Date) -> Self {
        Self {
            account,
            invoice_owner: None,
            currency,
            term: Term::Evergreen,
            start,
            order_date: None,
            auto_renew: false,
            renewal_term: None,
            suspended: None,
            resumed: None,
            changed: None,
            effective: None,
            retired: BTreeSet::new(),
            service_activation: None,
            customer_acceptance: None,
            bill_to: None,
            sold_to: None,
            lines: Vec::new(),
        }
    }

    /// The lines as far as their figures can be foretold: dated by the event that starts their billing, without
    /// those whose event has no day yet (D-5).
    pub fn foreseeable(&self) -> Vec<SubscribedLine> {
        let day = |line: &SubscribedLine| match line.trigger {
            None | Some(TriggerEvent::ContractEffective) => Some(line.from),
            Some(TriggerEvent::ServiceActivation) => self.service_activation.map(Some),
            Some(TriggerEvent::CustomerAcceptance) => self.customer_acceptance.map(Some),
        };
        self.lines
            .iter()
            .filter_map(|line| Some(SubscribedLine { from: day(line)?, ..line.clone() }))
            .collect()
    }

    /// What the deal says about days that are fixed with its first order (D-7, Z-077): worth saying, not ordered.
    pub fn own_dates(&self, part: Part, applied: &Self) -> Vec<String> {
        let mut notices = Vec::new();
        if part != Part::Owns {
            return notices;
        }
        if self.start != applied.start {
            notices.push(format!(
                "The deal's start moved to {}; the subscription keeps its start {}.",
                self.start, applied.start
            ));
        }
        for (name, is, was) in [
            ("service activation", self.service_activation, applied.service_activation),
            ("customer acceptance", self.customer_acceptance, applied.customer_acceptance),
        ] {
            if is != was {
                let day = |d: Option<Date>| d.map_or("none".to_owned(), |d| d.to_string());
                notices.push(format!(
                    "The {name} date is {} now; Zuora keeps {}, which was ordered.",
                    day(is),
                    day(was)
                ));
            }
        }
        notices
    }
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

/// Everything that a first order needs.
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

/// An order that changes a subscription which exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredChange {
    /// The deal.
    pub deal: HubSpotId,
    /// Order number.
    pub order: OrderNumber,
    /// Day of the order.
    pub order_date: Date,
    /// Owner account of the subscription.
    pub account: AccountNumber,
    /// The subscription.
    pub subscription: SubscriptionNumber,
    /// Its currency.
    pub currency: Currency,
    /// Order actions in the sequence of their dates.
    pub changes: Vec<Change>,
}

/// One order action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The day on which it takes effect.
    pub date: Date,
    /// What it does.
    pub what: What,
}

/// What an order action does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// `AddProduct`.
    Add(Box<SubscribedLine>),
    /// `UpdateProduct`: quantity, price and discount of a line's charges.
    Update {
        /// The line.
        line: HubSpotId,
        /// The rate plan on the subscription.
        plan: PlanRef,
        /// The charge.
        charge_number: String,
        /// Its pricing from then on; none when only a discount changes.
        pricing: Option<Pricing>,
        /// Discount charges on the subscription, by number, with what they take off from then on.
        discounts: Vec<(String, Off)>,
        /// What it was before, for people.
        was: Option<Pricing>,
    },
    /// `RemoveProduct`.
    Remove {
        /// The line that is gone.
        line: HubSpotId,
        /// The rate plan on the subscription.
        plan: PlanRef,
        /// The charge, for people.
        charge_number: String,
    },
    /// `TermsAndConditions`: only what is given changes.
    Terms(Terms),
    /// `RenewSubscription`, by the renewal term that the subscription has by then.
    Renew,
    /// `CancelSubscription`.
    Cancel(CancelOn),
    /// `Suspend` on the day.
    Suspend,
    /// `Resume` on the day.
    Resume,
    /// `OwnerTransfer` of the invoice owner.
    InvoiceOwner(AccountNumber),
}

/// What `TermsAndConditions` changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Length of the present term, which starts on this day.
    pub term: Option<(Term, Date)>,
    /// Renews by itself.
    pub auto_renew: Option<bool>,
    /// Length of a renewal.
    pub renewal_term: Option<Term>,
    /// Bill-to contact; `Some(None)` means the account's.
    pub bill_to: Option<Option<Party>>,
    /// Sold-to contact; `Some(None)` means the account's.
    pub sold_to: Option<Option<Party>>,
}

/// A rate plan on a subscription, by its number where Zuora told one (stable), else by the id of this version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanRef {
    /// `subscriptionRatePlanNumber`.
    Number(String),
    /// `ratePlanId`.
    Id(String),
}

/// When a cancellation takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelOn {
    /// `SpecificDate`.
    Date(Date),
    /// `EndOfCurrentTerm`.
    EndOfTerm,
    /// `EndOfLastInvoicePeriod`.
    EndOfBilledPeriod,
}

/// What a deal is to its subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The deal made it: one deal, one subscription (Z-060).
    #[default]
    Owns,
    /// The deal added lines to a subscription of another deal.
    Extends,
    /// The deal renewed a subscription of another deal.
    Renews,
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
    /// What the deal is to it.
    #[serde(default)]
    pub part: Part,
    /// The deal was lost and what it had ordered was taken back: when it is won again, it orders anew (D-16).
    #[serde(default)]
    pub ended: bool,
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

/// Contacts that exist on an account, by HubSpot contact id.
pub type KnownContacts = BTreeMap<HubSpotId, ZuoraContactId>;
