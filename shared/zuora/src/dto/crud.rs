//! Enums in the spelling of object CRUD, with spaces and dashes (`zuora.md` 4). Orders spell them otherwise:
//! see [`super::orders`].

use connector_domain::billing::tiers::TierModel;
use connector_domain::dates::BillingPeriod;
use serde::Serialize;

/// `ChargeModel` of what we create.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum ChargeModel {
    #[serde(rename = "Per Unit Pricing")]
    PerUnit,
    #[serde(rename = "Tiered Pricing")]
    Tiered,
    #[serde(rename = "Volume Pricing")]
    Volume,
}

impl ChargeModel {
    /// The model of a price table, or of one price per unit.
    pub(crate) fn of(tiers: Option<TierModel>) -> Self {
        match tiers {
            None => ChargeModel::PerUnit,
            Some(TierModel::Tiered) => ChargeModel::Tiered,
            Some(TierModel::Volume) => ChargeModel::Volume,
        }
    }
}

/// `PriceFormat` of a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum PriceFormat {
    #[serde(rename = "Flat Fee")]
    FlatFee,
    #[serde(rename = "Per Unit")]
    PerUnit,
}

/// `TaxMode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum TaxMode {
    TaxInclusive,
    TaxExclusive,
}

/// `ChargeType` of what we create.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum ChargeType {
    OneTime,
    Recurring,
}

/// `BillCycleType`: the day of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum BillCycleType {
    DefaultFromCustomer,
}

/// `TriggerEvent` of what we create; a line that says another overrides it on the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum TriggerEvent {
    ContractEffective,
}

/// `ListPriceBase`: prices are those of one billing period (D-6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum ListPriceBase {
    #[serde(rename = "Per Billing Period")]
    PerBillingPeriod,
}

/// `BillingPeriod`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Period {
    Week,
    Month,
    Quarter,
    #[serde(rename = "Semi-Annual")]
    SemiAnnual,
    Annual,
    #[serde(rename = "Specific Months")]
    SpecificMonths,
    #[serde(rename = "Specific Weeks")]
    SpecificWeeks,
}

impl Period {
    /// The period and, for the specific ones, its number of months or weeks.
    pub(crate) fn of(period: BillingPeriod) -> (Self, Option<u32>) {
        match period {
            BillingPeriod::Week | BillingPeriod::Weeks(1) => (Period::Week, None),
            BillingPeriod::Month | BillingPeriod::Months(1) => (Period::Month, None),
            BillingPeriod::Quarter | BillingPeriod::Months(3) => (Period::Quarter, None),
            BillingPeriod::SemiAnnual | BillingPeriod::Months(6) => (Period::SemiAnnual, None),
            BillingPeriod::Annual | BillingPeriod::Months(12) => (Period::Annual, None),
            BillingPeriod::Months(n) => (Period::SpecificMonths, Some(n)),
            BillingPeriod::Weeks(n) => (Period::SpecificWeeks, Some(n)),
        }
    }
}
