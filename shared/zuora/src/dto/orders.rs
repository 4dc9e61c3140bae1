//! Enums in the spelling of orders and subscriptions, with underscores (`zuora.md` 4). Object CRUD spells them
//! otherwise: see [`super::crud`].

use connector_domain::billing::deal;
use connector_domain::billing::product::ChargeType;
use connector_domain::dates::BillingPeriod;
use serde::Serialize;

/// `type` of an order action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum ActionType {
    CreateSubscription,
    AddProduct,
    UpdateProduct,
    RemoveProduct,
    TermsAndConditions,
    RenewSubscription,
    CancelSubscription,
    Suspend,
    Resume,
    OwnerTransfer,
}

/// `triggerDates[].name` and `startDate.triggerEvent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum TriggerEvent {
    ContractEffective,
    ServiceActivation,
    CustomerAcceptance,
    /// For charges only, with a day of their own.
    SpecificDate,
}

impl From<deal::TriggerEvent> for TriggerEvent {
    fn from(event: deal::TriggerEvent) -> Self {
        match event {
            deal::TriggerEvent::ContractEffective => TriggerEvent::ContractEffective,
            deal::TriggerEvent::ServiceActivation => TriggerEvent::ServiceActivation,
            deal::TriggerEvent::CustomerAcceptance => TriggerEvent::CustomerAcceptance,
        }
    }
}

/// `listPriceBase`: prices are those of one billing period (D-6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum ListPriceBase {
    #[serde(rename = "Per_Billing_Period")]
    PerBillingPeriod,
}

/// `termType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum TermType {
    Termed,
    Evergreen,
}

/// `periodType` of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum TermPeriod {
    Month,
    Week,
}

/// `renewalSetting`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum RenewalSetting {
    #[serde(rename = "RENEW_WITH_SPECIFIC_TERM")]
    SpecificTerm,
    #[serde(rename = "RENEW_TO_EVERGREEN")]
    ToEvergreen,
}

/// `priceFormat` of a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum PriceFormat {
    FlatFee,
    PerUnit,
}

/// `endDateCondition` of a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum EndDateCondition {
    #[serde(rename = "Specific_End_Date")]
    SpecificEndDate,
}

/// `applyDiscountTo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ApplyDiscountTo {
    OneTime,
    Recurring,
    Usage,
}

impl From<ChargeType> for ApplyDiscountTo {
    fn from(kind: ChargeType) -> Self {
        match kind {
            ChargeType::OneTime => ApplyDiscountTo::OneTime,
            ChargeType::Recurring => ApplyDiscountTo::Recurring,
            ChargeType::Usage => ApplyDiscountTo::Usage,
        }
    }
}

/// `discountLevel`: a line's discount is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DiscountLevel {
    RatePlan,
}

/// `cancellationPolicy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum CancellationPolicy {
    SpecificDate,
    EndOfCurrentTerm,
    EndOfLastInvoicePeriod,
}

/// `suspendPolicy` and `resumePolicy`: always a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum DayPolicy {
    SpecificDate,
}

/// `previewThruType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum PreviewThru {
    NumberOfPeriods,
}

/// `previewTypes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum PreviewType {
    ChargeMetrics,
    BillingDocs,
}

/// `billing.billingPeriod`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Period {
    Week,
    Month,
    Quarter,
    #[serde(rename = "Semi_Annual")]
    SemiAnnual,
    Annual,
    #[serde(rename = "Specific_Months")]
    SpecificMonths,
    #[serde(rename = "Specific_Weeks")]
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
