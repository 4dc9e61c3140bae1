//! The catalogue: CRUD bodies and object-query rows (`zuora.md` 4; SDK `CreateProductRequest`,
//! `CreateProductRatePlanRequest`, `CreateProductRatePlanChargeRequest`, `ExpandedProduct` and what is below it,
//! `GetProductRatePlansByExternalIdResponse`, `ProductRatePlanWithExternalId`).

use super::crud::{
    BillCycleType, ChargeModel, ChargeType, ListPriceBase, Period, PriceFormat, TaxMode, TriggerEvent,
};
use crate::decimal::Num;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// `POST /v1/object/product`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateProduct<'a> {
    pub(crate) name: &'a str,
    #[serde(rename = "SKU", skip_serializing_if = "Option::is_none")]
    pub(crate) sku: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) description: &'a str,
    pub(crate) effective_start_date: &'static str,
    pub(crate) effective_end_date: &'static str,
    pub(crate) product_number: &'a str,
}

/// `PUT /v1/object/product/{id}`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateProduct<'a> {
    pub(crate) name: &'a str,
    #[serde(rename = "SKU", skip_serializing_if = "Option::is_none")]
    pub(crate) sku: Option<&'a str>,
    /// Sent even when empty, so that a description can be taken away.
    pub(crate) description: &'a str,
}

/// `POST /v1/object/product-rate-plan`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateRatePlan<'a> {
    pub(crate) name: &'a str,
    pub(crate) product_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) description: &'a str,
    pub(crate) effective_start_date: &'static str,
    pub(crate) effective_end_date: &'static str,
    pub(crate) active_currencies: Vec<&'a str>,
    pub(crate) product_rate_plan_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_rate_plan_ids: Option<[&'a str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_id_source_system: Option<&'static str>,
    #[serde(flatten)]
    pub(crate) custom: BTreeMap<&'a str, &'a str>,
}

/// `POST /v1/object/product-rate-plan-charge`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateCharge<'a> {
    pub(crate) product_rate_plan_id: &'a str,
    pub(crate) name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) description: &'a str,
    pub(crate) charge_model: ChargeModel,
    pub(crate) charge_type: ChargeType,
    pub(crate) bill_cycle_type: BillCycleType,
    /// Left out for one-time charges, as Zuora's catalogue guide says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) billing_period: Option<Period>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) specific_billing_period: Option<u32>,
    pub(crate) trigger_event: TriggerEvent,
    pub(crate) use_discount_specific_accounting_code: bool,
    #[serde(rename = "UOM")]
    pub(crate) uom: &'a str,
    /// For charges per unit only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) default_quantity: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) list_price_base: Option<ListPriceBase>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) taxable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tax_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tax_mode: Option<TaxMode>,
    pub(crate) product_rate_plan_charge_number: &'a str,
    pub(crate) product_rate_plan_charge_tier_data: TierData<'a>,
}

/// `PUT /v1/object/product-rate-plan/{id}`: the whole list, what is missing in it is switched off.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ActiveCurrencies {
    pub(crate) active_currencies: Vec<String>,
}

/// Answer to `GET /v1/object/product-rate-plan/{id}?fields=ActiveCurrencies`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PlanCurrencies {
    /// A list, by the words of the documents maybe a text with commas.
    pub(crate) active_currencies: Option<Value>,
}

/// `PUT /v1/object/product-rate-plan-charge/{id}`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SetPrices<'a> {
    pub(crate) product_rate_plan_id: &'a str,
    pub(crate) charge_model: ChargeModel,
    pub(crate) bill_cycle_type: BillCycleType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) billing_period: Option<Period>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) specific_billing_period: Option<u32>,
    pub(crate) trigger_event: TriggerEvent,
    pub(crate) use_discount_specific_accounting_code: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) list_price_base: Option<ListPriceBase>,
    pub(crate) product_rate_plan_charge_tier_data: TierData<'a>,
}

/// The envelope of tiers.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TierData<'a> {
    pub(crate) product_rate_plan_charge_tier: Vec<Tier<'a>>,
}

/// A tier of a currency: the only one of a charge per unit, or one range of a price table. SDK
/// `ProductRatePlanChargeTier` has no number of the tier: their sequence is their order.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tier<'a> {
    pub(crate) currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) starting_unit: Option<Num>,
    /// Left out of the last range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ending_unit: Option<Num>,
    pub(crate) price: Num,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) price_format: Option<PriceFormat>,
}

/// Answer to every CRUD write (`ProxyCreateOrModifyResponse`).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Saved {
    pub(crate) id: Option<String>,
}

/// Answer to `GET /v1/product-rate-plans/external-id/{id}`: the plans in an envelope, the bare list, or one plan,
/// with names in any case. `None` is a shape that tells neither plans nor that there are none.
pub(crate) fn plans_by_external_id(told: &Value) -> Option<Vec<ExternalPlan>> {
    match told {
        Value::Array(list) => list.iter().map(ExternalPlan::read).collect(),
        Value::Object(fields) => match field(fields, "productRatePlans") {
            Some(list) => list.as_array()?.iter().map(ExternalPlan::read).collect(),
            None => Some(vec![ExternalPlan::read(told)?]),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn field<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.iter().find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
}

/// A plan with its external ids.
pub(crate) struct ExternalPlan {
    pub(crate) id: String,
    pub(crate) externally_managed_plan_ids: Option<Vec<String>>,
}

impl ExternalPlan {
    fn read(told: &Value) -> Option<Self> {
        let fields = told.as_object()?;
        let id = field(fields, "id")?.as_str().filter(|id| !id.is_empty())?.to_owned();
        let ids = match field(fields, "externallyManagedPlanIds") {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        Some(Self { id, externally_managed_plan_ids: (!ids.is_empty()).then_some(ids) })
    }
}

/// A row of `/object-query/products`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProductRow {
    pub(crate) id: String,
    pub(crate) product_number: Option<String>,
    /// Zuora's spelling (`zuora.md` 4).
    #[serde(rename = "sKU", alias = "sku", alias = "SKU")]
    pub(crate) sku: Option<String>,
    pub(crate) product_rate_plans: Option<Vec<PlanRow>>,
}

/// A rate plan below a product, or a row of `/object-query/product-rate-plans`.
///
/// Flattening is no danger to the charges' numbers: known fields are read from the JSON text directly, only the
/// rest goes through [`Value`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlanRow {
    pub(crate) id: String,
    pub(crate) product_id: Option<String>,
    pub(crate) product_rate_plan_number: Option<String>,
    pub(crate) product_rate_plan_charges: Option<Vec<ChargeRow>>,
    pub(crate) external_product_rate_plans: Option<Vec<ExternalRef>>,
    /// Custom fields among others.
    #[serde(flatten)]
    pub(crate) fields: Map<String, Value>,
}

/// An external id below a plan.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExternalRef {
    pub(crate) external_product_rate_plan_id: Option<String>,
}

/// A charge below a plan.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChargeRow {
    pub(crate) id: String,
    pub(crate) charge_model: Option<String>,
    pub(crate) charge_type: Option<String>,
    pub(crate) billing_period: Option<String>,
    pub(crate) specific_billing_period: Option<Num>,
    pub(crate) product_rate_plan_charge_tiers: Option<Vec<TierRow>>,
}

/// A tier below a charge.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TierRow {
    pub(crate) active: Option<bool>,
    pub(crate) currency: Option<String>,
    pub(crate) tier: Option<Num>,
    pub(crate) starting_unit: Option<Num>,
    pub(crate) ending_unit: Option<Num>,
    pub(crate) price: Option<Num>,
    pub(crate) price_format: Option<String>,
    pub(crate) discount_amount: Option<Num>,
    pub(crate) discount_percentage: Option<Num>,
}
