//! Orders (`zuora.md` 5.2 and 5.3; SDK `CreateOrderRequest`, `ChargeOverride`, `CreateOrderResponse`,
//! `GetOrderResponse`).

use super::orders::{ActionType, ListPriceBase, Period, RenewalSetting, TermPeriod, TermType, TriggerEvent};
use crate::decimal::Num;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `POST /v1/orders`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateOrder<'a> {
    pub(crate) order_number: &'a str,
    pub(crate) order_date: Date,
    pub(crate) existing_account_number: &'a str,
    pub(crate) description: String,
    pub(crate) subscriptions: [Subscription<'a>; 1],
    pub(crate) processing_options: ProcessingOptions,
}

/// `subscriptions[]`; its own number stays empty for a creation.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Subscription<'a> {
    pub(crate) custom_fields: BTreeMap<&'a str, &'a str>,
    pub(crate) order_actions: [Action<'a>; 1],
}

/// `orderActions[]`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Action<'a> {
    #[serde(rename = "type")]
    pub(crate) action_type: ActionType,
    pub(crate) trigger_dates: Vec<TriggerDate>,
    pub(crate) create_subscription: CreateSubscription<'a>,
}

/// `triggerDates[]`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggerDate {
    pub(crate) name: TriggerEvent,
    pub(crate) trigger_date: Date,
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
    pub(crate) initial_term: InitialTerm,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) renewal_terms: Option<[RenewalTerm; 1]>,
}

/// `initialTerm`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InitialTerm {
    pub(crate) start_date: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) period: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) period_type: Option<TermPeriod>,
    pub(crate) term_type: TermType,
}

/// `renewalTerms[]`.
#[derive(Serialize)]
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

/// `chargeOverrides[]`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChargeOverride<'a> {
    pub(crate) product_rate_plan_charge_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) charge_number: Option<&'a str>,
    pub(crate) pricing: Pricing,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) billing: Option<Billing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) start_date: Option<StartDate>,
}

/// `pricing`: one key, named after the charge's type and model (`zuora.md` 5.3).
#[derive(Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Pricing {
    RecurringPerUnit { quantity: Num, list_price: Num, list_price_base: ListPriceBase },
    RecurringFlatFee { list_price: Num, list_price_base: ListPriceBase },
    OneTimePerUnit { list_price: Num, quantity: Num },
    OneTimeFlatFee { list_price: Num },
    Discount(Discount),
}

/// `discount`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Discount {
    DiscountPercentage(Num),
    DiscountAmount(Num),
}

/// `billing`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Billing {
    pub(crate) billing_period: Period,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) specific_billing_period: Option<u32>,
}

/// `startDate` (`TriggerParams`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StartDate {
    pub(crate) trigger_event: TriggerEvent,
}

/// `processingOptions`: an order bills nothing by itself (trap 19).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProcessingOptions {
    pub(crate) run_billing: bool,
    pub(crate) collect_payment: bool,
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
