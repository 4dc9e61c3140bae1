//! Subscriptions as Zuora shows them: the third side of the comparison of D-1.

use super::deal::{Off, Pricing, TierPricing};
use super::product::{ChargeModel, ChargeType};
use super::tiers::{Tier, TierModel};
use crate::dates::{BillingPeriod, Term};
use crate::ids::{AccountNumber, ChargeId, OrderNumber, RatePlanId, SubscriptionNumber, ZuoraContactId};
use crate::money::Currency;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// A subscription that Zuora has, in its latest version. What Zuora did not tell is none or empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedSubscription {
    /// Its number.
    pub number: SubscriptionNumber,
    /// Its status.
    pub status: String,
    /// Its account's number, when told.
    pub account: Option<AccountNumber>,
    /// Its payer's account number, when told.
    pub invoice_owner: Option<AccountNumber>,
    /// `hubspotDealId__c`, whatever its case.
    pub deal: Option<String>,
    /// The order that made this version, when told.
    pub order: Option<OrderNumber>,
    /// Currency.
    pub currency: Option<Currency>,
    /// Length of the present term; evergreen when it has none.
    pub term: Option<Term>,
    /// Start of the subscription.
    pub start: Option<Date>,
    /// First day of the present term.
    pub term_start: Option<Date>,
    /// First day after the present term; none for evergreen.
    pub term_end: Option<Date>,
    /// Renews by itself.
    pub auto_renew: Option<bool>,
    /// Length of a renewal.
    pub renewal_term: Option<Term>,
    /// Service activation.
    pub service_activation: Option<Date>,
    /// Customer acceptance.
    pub customer_acceptance: Option<Date>,
    /// Day on which a cancellation takes effect.
    pub cancelled_on: Option<Date>,
    /// Bill-to of its own.
    pub bill_to: Option<ZuoraContactId>,
    /// Sold-to of its own.
    pub sold_to: Option<ZuoraContactId>,
    /// Its rate plans, removed ones included.
    pub plans: Vec<ObservedRatePlan>,
}

/// A rate plan on a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedRatePlan {
    /// Id in this version.
    pub id: String,
    /// `subscriptionRatePlanNumber`, which outlives versions.
    pub number: Option<String>,
    /// The plan of the catalogue.
    pub plan: Option<RatePlanId>,
    /// External plan id: the HubSpot product.
    pub external_id: Option<String>,
    /// `lastChangeType` says that it was removed.
    pub removed: bool,
    /// Its charges.
    pub charges: Vec<ObservedCharge>,
}

/// A charge on a subscription: its last segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedCharge {
    /// Its number.
    pub number: String,
    /// The charge of the catalogue.
    pub charge: Option<ChargeId>,
    /// Its model.
    pub model: ChargeModel,
    /// Its type; none when Zuora said something else.
    pub charge_type: Option<ChargeType>,
    /// Units.
    pub quantity: Option<Decimal>,
    /// Price of a unit, or the flat fee.
    pub price: Option<Decimal>,
    /// Price table.
    pub tiers: Vec<Tier>,
    /// Percent off.
    pub discount_percentage: Option<Decimal>,
    /// Amount off.
    pub discount_amount: Option<Decimal>,
    /// Billing period.
    pub period: Option<BillingPeriod>,
    /// First day of the segment.
    pub starts: Option<Date>,
    /// First day after the segment.
    pub ends: Option<Date>,
    /// First day that is not invoiced yet.
    pub charged_through: Option<Date>,
}

impl ObservedSubscription {
    /// One of which only number and status are known.
    pub fn bare(number: SubscriptionNumber, status: impl Into<String>) -> Self {
        Self {
            number,
            status: status.into(),
            account: None,
            invoice_owner: None,
            deal: None,
            order: None,
            currency: None,
            term: None,
            start: None,
            term_start: None,
            term_end: None,
            auto_renew: None,
            renewal_term: None,
            service_activation: None,
            customer_acceptance: None,
            cancelled_on: None,
            bill_to: None,
            sold_to: None,
            plans: Vec::new(),
        }
    }

    /// Zuora writes `Cancelled` here and `Canceled` elsewhere (`zuora.md` trap 9).
    pub fn is_cancelled(&self) -> bool {
        self.status.to_ascii_lowercase().starts_with("cancel")
    }

    /// A charge that is not removed, with its rate plan.
    pub fn charge(&self, number: &str) -> Option<(&ObservedRatePlan, &ObservedCharge)> {
        self.living().find(|(_, charge)| charge.number == number)
    }

    /// All charges of plans that are not removed.
    pub fn living(&self) -> impl Iterator<Item = (&ObservedRatePlan, &ObservedCharge)> {
        self.plans.iter().filter(|p| !p.removed).flat_map(|p| p.charges.iter().map(move |c| (p, c)))
    }

    /// The first day that is not invoiced yet, over all charges.
    pub fn charged_through(&self) -> Option<Date> {
        self.living().filter_map(|(_, charge)| charge.charged_through).max()
    }
}

impl ObservedCharge {
    /// Its pricing in the connector's words; none for discounts and models that the connector does not price.
    pub fn pricing(&self) -> Option<Pricing> {
        let quantity = self.quantity.unwrap_or(Decimal::ONE);
        let table = |model| TierPricing { model, quantity, tiers: self.tiers.clone(), own_table: false };
        let kind = self.charge_type?;
        Some(match (kind, &self.model) {
            (ChargeType::Recurring, ChargeModel::PerUnit) => {
                Pricing::RecurringPerUnit { quantity, price: self.price? }
            }
            (ChargeType::Recurring, ChargeModel::FlatFee) => Pricing::RecurringFlatFee { price: self.price? },
            (ChargeType::Recurring, ChargeModel::Tiered) => Pricing::RecurringTiers(table(TierModel::Tiered)),
            (ChargeType::Recurring, ChargeModel::Volume) => Pricing::RecurringTiers(table(TierModel::Volume)),
            (ChargeType::OneTime, ChargeModel::PerUnit) => {
                Pricing::OneTimePerUnit { quantity, price: self.price? }
            }
            (ChargeType::OneTime, ChargeModel::FlatFee) => Pricing::OneTimeFlatFee { price: self.price? },
            (ChargeType::OneTime, ChargeModel::Tiered) => Pricing::OneTimeTiers(table(TierModel::Tiered)),
            (ChargeType::OneTime, ChargeModel::Volume) => Pricing::OneTimeTiers(table(TierModel::Volume)),
            (ChargeType::Usage, ChargeModel::PerUnit) => Pricing::UsagePerUnit { price: self.price? },
            (ChargeType::Usage, ChargeModel::Tiered) => Pricing::UsageTiers(table(TierModel::Tiered)),
            (ChargeType::Usage, ChargeModel::Volume) => Pricing::UsageTiers(table(TierModel::Volume)),
            (
                ChargeType::Usage,
                ChargeModel::FlatFee | ChargeModel::Overage | ChargeModel::TieredWithOverage,
            ) => Pricing::UsageAsPlanned,
            (
                _,
                ChargeModel::DiscountFixedAmount
                | ChargeModel::DiscountPercentage
                | ChargeModel::Overage
                | ChargeModel::TieredWithOverage
                | ChargeModel::Other(_),
            ) => return None,
        })
    }

    /// What a discount charge takes off; none for other charges.
    pub fn off(&self) -> Option<Off> {
        match self.model {
            ChargeModel::DiscountPercentage => self.discount_percentage.map(Off::Percentage),
            ChargeModel::DiscountFixedAmount => self.discount_amount.map(Off::Amount),
            ChargeModel::FlatFee
            | ChargeModel::PerUnit
            | ChargeModel::Tiered
            | ChargeModel::Volume
            | ChargeModel::Overage
            | ChargeModel::TieredWithOverage
            | ChargeModel::Other(_) => None,
        }
    }
}
