//! Subscriptions as read (SDK `GetSubscriptionResponse`, `SubscriptionRatePlan`,
//! `GetSubscriptionRatePlanChargesWithAllSegments`, `RatePlanChargeSegment`, `RatePlanChargeTier`,
//! `ExpandedSubscription`). Custom fields are flat (`zuora.md` 9), in a case that differs.

use super::told::Told;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Answer to `GET /v1/subscriptions/{number}`; by default each charge shows its last segment.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Subscription {
    pub(crate) subscription_number: Told,
    pub(crate) status: Told,
    pub(crate) account_number: Told,
    pub(crate) invoice_owner_account_number: Told,
    pub(crate) order_number: Told,
    pub(crate) currency: Told,
    pub(crate) term_type: Told,
    pub(crate) initial_term: Told,
    pub(crate) initial_term_period_type: Told,
    pub(crate) current_term: Told,
    pub(crate) current_term_period_type: Told,
    pub(crate) auto_renew: Told,
    pub(crate) renewal_setting: Told,
    pub(crate) renewal_term: Told,
    pub(crate) renewal_term_period_type: Told,
    pub(crate) contract_effective_date: Told,
    pub(crate) service_activation_date: Told,
    pub(crate) customer_acceptance_date: Told,
    pub(crate) subscription_start_date: Told,
    pub(crate) subscription_end_date: Told,
    pub(crate) term_start_date: Told,
    pub(crate) term_end_date: Told,
    pub(crate) scheduled_cancel_date: Told,
    /// Not in the SDK's model; some answers have it.
    pub(crate) cancelled_date: Told,
    pub(crate) bill_to_contact: Option<ContactOf>,
    pub(crate) sold_to_contact: Option<ContactOf>,
    pub(crate) rate_plans: Option<Vec<RatePlan>>,
    /// Custom fields among others.
    #[serde(flatten)]
    pub(crate) fields: Map<String, Value>,
}

/// A contact of a subscription (SDK `Contact`).
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ContactOf {
    pub(crate) id: Told,
    /// No: the account's is shown.
    pub(crate) is_specified_in_subscription: Told,
}

/// `ratePlans[]`.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RatePlan {
    pub(crate) id: Told,
    pub(crate) subscription_rate_plan_number: Told,
    pub(crate) product_rate_plan_id: Told,
    pub(crate) externally_managed_plan_id: Told,
    /// `Add`, `Update`, `Remove`; absent where only one order has been.
    pub(crate) last_change_type: Told,
    pub(crate) rate_plan_charges: Option<Vec<Charge>>,
}

/// `ratePlanCharges[]`, and one of its `chargeSegments[]`, which repeat what may differ.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Charge {
    pub(crate) number: Told,
    pub(crate) product_rate_plan_charge_id: Told,
    pub(crate) model: Told,
    #[serde(rename = "type")]
    pub(crate) charge_type: Told,
    pub(crate) billing_period: Told,
    pub(crate) specific_billing_period: Told,
    pub(crate) segment: Told,
    pub(crate) quantity: Told,
    pub(crate) price: Told,
    pub(crate) discount_percentage: Told,
    pub(crate) discount_amount: Told,
    pub(crate) effective_start_date: Told,
    pub(crate) effective_end_date: Told,
    pub(crate) charged_through_date: Told,
    pub(crate) tiers: Option<Vec<Tier>>,
    /// As catalogue answers have it; discounts may stand here.
    pub(crate) pricing: Option<Vec<Tier>>,
    /// When all segments were asked for.
    pub(crate) charge_segments: Option<Vec<Charge>>,
}

/// `tiers[]`; where Zuora shows a discount as a tier, its value.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Tier {
    pub(crate) tier: Told,
    pub(crate) starting_unit: Told,
    pub(crate) ending_unit: Told,
    pub(crate) price: Told,
    pub(crate) price_format: Told,
    pub(crate) discount_percentage: Told,
    pub(crate) discount_amount: Told,
}

/// A row of `/object-query/subscriptions`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscriptionRow {
    /// The number (trap 7).
    pub(crate) name: String,
    pub(crate) status: Option<String>,
    /// Each change makes a new version with a new id (trap 6).
    pub(crate) is_latest_version: Option<bool>,
    #[serde(flatten)]
    pub(crate) fields: Map<String, Value>,
}
