//! Orders and their previews (`zuora.md` 5.2 to 5.5; SDK `CreateOrderRequest`, `PreviewOrderRequest`,
//! `CreateOrderAction`, `PreviewOrderOrderAction`, `ChargeOverride`, `CreateOrderResponse`, `GetOrderResponse`).
//! One shape serves both: what a preview's models do not know is optional and left out of it.

use super::orders::{
    ActionType, ApplyDiscountTo, CancellationPolicy, DayPolicy, DiscountLevel, EndDateCondition,
    ListPriceBase, Period, PreviewThru, PreviewType, PriceFormat, RenewalSetting, TermPeriod, TermType,
    TriggerEvent,
};
use crate::decimal::Num;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `POST /v1/orders` and `POST /v1/orders/preview`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) order_number: Option<&'a str>,
    pub(crate) order_date: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) existing_account_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) preview_account_info: Option<PreviewAccountInfo<'a>>,
    pub(crate) description: String,
    pub(crate) subscriptions: [Subscription<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) processing_options: Option<ProcessingOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) preview_options: Option<PreviewOptions>,
}

/// `subscriptions[]`; its own number stays empty for a creation and names what a change is about.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Subscription<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subscription_number: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) custom_fields: BTreeMap<&'a str, &'a str>,
    pub(crate) order_actions: Vec<Action<'a>>,
}

/// `orderActions[]`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Action<'a> {
    #[serde(rename = "type")]
    pub(crate) action_type: ActionType,
    pub(crate) trigger_dates: Vec<TriggerDate>,
    #[serde(flatten)]
    pub(crate) what: What<'a>,
}

/// The one part of an action that its type names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum What<'a> {
    CreateSubscription(CreateSubscription<'a>),
    AddProduct(RatePlan<'a>),
    UpdateProduct(UpdateProduct<'a>),
    RemoveProduct(SubscribedPlan<'a>),
    TermsAndConditions(TermsAndConditions<'a>),
    RenewSubscription(Nothing),
    CancelSubscription(Cancel),
    Suspend(Suspend),
    Resume(Resume),
    OwnerTransfer(OwnerTransfer<'a>),
}

impl<'a> What<'a> {
    /// The action of this type.
    pub(crate) fn on(self, trigger_dates: Vec<TriggerDate>) -> Action<'a> {
        let action_type = match &self {
            What::CreateSubscription(_) => ActionType::CreateSubscription,
            What::AddProduct(_) => ActionType::AddProduct,
            What::UpdateProduct(_) => ActionType::UpdateProduct,
            What::RemoveProduct(_) => ActionType::RemoveProduct,
            What::TermsAndConditions(_) => ActionType::TermsAndConditions,
            What::RenewSubscription(_) => ActionType::RenewSubscription,
            What::CancelSubscription(_) => ActionType::CancelSubscription,
            What::Suspend(_) => ActionType::Suspend,
            What::Resume(_) => ActionType::Resume,
            What::OwnerTransfer(_) => ActionType::OwnerTransfer,
        };
        Action { action_type, trigger_dates, what: self }
    }
}

/// `triggerDates[]`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerDate {
    pub(crate) name: TriggerEvent,
    pub(crate) trigger_date: Date,
}

/// `PUT /v1/orders/{number}/triggerDates` (SDK `UpdateOrderTriggerDatesRequest` and below).
#[derive(Serialize)]
pub(crate) struct SetTriggerDates<'a> {
    pub(crate) subscriptions: [SubscriptionDates<'a>; 1],
}

/// `subscriptions[]` of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscriptionDates<'a> {
    pub(crate) subscription_number: &'a str,
    pub(crate) order_actions: [ActionDates; 1],
}

/// `orderActions[]` of it; actions are counted from 0.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActionDates {
    pub(crate) sequence: u32,
    pub(crate) trigger_dates: Vec<TriggerDate>,
}

/// `createSubscription`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateSubscription<'a> {
    pub(crate) subscription_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) invoice_owner_account_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) currency: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bill_to_contact_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sold_to_contact_id: Option<&'a str>,
    pub(crate) terms: Terms,
    pub(crate) subscribe_to_rate_plans: Vec<RatePlan<'a>>,
}

/// `terms`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Terms {
    pub(crate) auto_renew: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) renewal_setting: Option<RenewalSetting>,
    pub(crate) initial_term: DatedTerm,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) renewal_terms: Option<[RenewalTerm; 1]>,
}

/// `initialTerm` and `lastTerm`.
#[derive(Serialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DatedTerm {
    pub(crate) start_date: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) period: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) period_type: Option<TermPeriod>,
    pub(crate) term_type: TermType,
}

/// `renewalTerms[]`.
#[derive(Serialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RenewalTerm {
    pub(crate) period: u32,
    pub(crate) period_type: TermPeriod,
}

/// `subscribeToRatePlans[]`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RatePlan<'a> {
    pub(crate) product_rate_plan_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) externally_managed_plan_id: Option<&'a str>,
    pub(crate) unique_token: String,
    pub(crate) charge_overrides: Vec<ChargeOverride<'a>>,
}

/// `updateProduct` (SDK `CreateOrderUpdateProduct`, `PreviewOrderRatePlanUpdate`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateProduct<'a> {
    #[serde(flatten)]
    pub(crate) plan: SubscribedPlan<'a>,
    pub(crate) charge_updates: Vec<ChargeUpdate<'a>>,
}

/// A rate plan on a subscription; the whole of `removeProduct` (SDK `OrderActionRemoveProduct`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum SubscribedPlan<'a> {
    SubscriptionRatePlanNumber(&'a str),
    RatePlanId(&'a str),
}

/// `chargeUpdates[]` (SDK `CreateOrderChargeUpdate`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChargeUpdate<'a> {
    pub(crate) charge_number: &'a str,
    pub(crate) pricing: Pricing,
}

/// `termsAndConditions` (SDK `CreateOrderTermsAndConditions`); what is absent stays.
#[derive(Serialize, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TermsAndConditions<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_term: Option<DatedTerm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auto_renew: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) renewal_setting: Option<RenewalSetting>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) renewal_terms: Option<[RenewalTerm; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bill_to_contact_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) clearing_existing_bill_to_contact: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sold_to_contact_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) clearing_existing_sold_to_contact: Option<bool>,
}

/// `{}`: a renewal by the terms that the subscription has.
#[derive(Serialize)]
pub(crate) struct Nothing {}

/// `cancelSubscription` (SDK `OrderActionCancelSubscription`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cancel {
    pub(crate) cancellation_policy: CancellationPolicy,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cancellation_effective_date: Option<Date>,
}

/// `suspend` (SDK `CreateOrderSuspend`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Suspend {
    pub(crate) suspend_policy: DayPolicy,
    pub(crate) suspend_specific_date: Date,
}

/// `resume` (SDK `CreateOrderResume`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Resume {
    pub(crate) resume_policy: DayPolicy,
    pub(crate) resume_specific_date: Date,
}

/// `ownerTransfer` of the payer (SDK `OrderActionOwnerTransfer`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnerTransfer<'a> {
    pub(crate) destination_invoice_account_number: &'a str,
}

/// `chargeOverrides[]`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChargeOverride<'a> {
    pub(crate) product_rate_plan_charge_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) charge_number: Option<&'a str>,
    /// Absent where the plan's own holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pricing: Option<Pricing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) billing: Option<Billing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) start_date: Option<StartDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_date: Option<EndDate>,
}

/// `pricing`: one key, named after the charge's type and model (`zuora.md` 5.3; SDK `ChargeOverridePricing`,
/// `CreateOrderPricingUpdate`, which has no one-time keys and no `listPriceBase`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Pricing {
    RecurringPerUnit {
        quantity: Num,
        list_price: Num,
        #[serde(skip_serializing_if = "Option::is_none")]
        list_price_base: Option<ListPriceBase>,
    },
    RecurringFlatFee {
        list_price: Num,
        #[serde(skip_serializing_if = "Option::is_none")]
        list_price_base: Option<ListPriceBase>,
    },
    RecurringTiered(Tiers),
    RecurringVolume(Tiers),
    OneTimePerUnit {
        list_price: Num,
        quantity: Num,
    },
    OneTimeFlatFee {
        list_price: Num,
    },
    OneTimeTiered(Tiers),
    OneTimeVolume(Tiers),
    UsagePerUnit {
        list_price: Num,
    },
    UsageTiered(Tiers),
    UsageVolume(Tiers),
    Discount(Discount),
}

/// Quantity and price table; usage has no quantity, and without a table the present one holds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tiers {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quantity: Option<Num>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) list_price_base: Option<ListPriceBase>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tiers: Option<Vec<Tier>>,
}

/// `tiers[]` (SDK `ChargeTier`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tier {
    /// 1 for the first.
    pub(crate) tier: usize,
    pub(crate) starting_unit: Num,
    /// Absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ending_unit: Option<Num>,
    pub(crate) price: Num,
    pub(crate) price_format: PriceFormat,
}

/// `discount`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Discount {
    #[serde(flatten)]
    pub(crate) off: Off,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) apply_discount_to: Option<ApplyDiscountTo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) discount_level: Option<DiscountLevel>,
}

/// What a discount takes off.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Off {
    DiscountPercentage(Num),
    DiscountAmount(Num),
}

/// `billing`.
#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Billing {
    pub(crate) billing_period: Period,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) specific_billing_period: Option<u32>,
}

/// `startDate` (SDK `TriggerParams`).
#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StartDate {
    pub(crate) trigger_event: TriggerEvent,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) specific_trigger_date: Option<Date>,
}

/// `endDate` (SDK `EndConditions`); the day is the first without the charge.
#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EndDate {
    pub(crate) end_date_condition: EndDateCondition,
    pub(crate) specific_end_date: Date,
}

/// `processingOptions`: an order bills nothing by itself (trap 19).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProcessingOptions {
    pub(crate) run_billing: bool,
    pub(crate) collect_payment: bool,
}

/// `previewAccountInfo`: an account that does not exist yet.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PreviewAccountInfo<'a> {
    pub(crate) currency: &'a str,
    pub(crate) bill_cycle_day: u8,
    pub(crate) sold_to_contact: PreviewContact<'a>,
}

/// A contact without a person (SDK `PreviewContactInfo`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PreviewContact<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) address1: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) address2: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) city: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) state: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) postal_code: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) country: &'a str,
}

/// `previewOptions`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PreviewOptions {
    pub(crate) preview_thru_type: PreviewThru,
    pub(crate) preview_number_of_periods: u8,
    pub(crate) preview_types: Vec<PreviewType>,
}

/// Answer to `POST /v1/orders`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderCreated {
    pub(crate) order_id: Option<String>,
    pub(crate) order_number: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) subscriptions: Option<Vec<CreatedSubscription>>,
}

/// A subscription in an order's answer.
#[derive(Deserialize)]
pub(crate) struct CreatedSubscription {
    pub(crate) status: Option<String>,
}

/// Answer to `GET /v1/orders/{number}`.
#[derive(Deserialize)]
pub(crate) struct OrderAnswer {
    pub(crate) order: Order,
}

/// An order.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order {
    pub(crate) order_number: String,
    pub(crate) status: Option<String>,
    pub(crate) existing_account_number: Option<String>,
    pub(crate) subscriptions: Option<Vec<OrderedSubscription>>,
}

/// A subscription that an order touches.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderedSubscription {
    pub(crate) subscription_number: Option<String>,
}
