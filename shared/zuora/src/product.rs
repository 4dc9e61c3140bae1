//! Products, rate plans and charges: bodies here, look-ups in [`mod@find`] (`zuora.md` 4).

mod find;
mod read;

pub(crate) use find::find;

use crate::config::Config;
use crate::decimal::Num;
use crate::dto::catalog::{
    self as wire, ActiveCurrencies, CreateCharge, CreateProduct, CreateRatePlan, SetPrices, TierData,
    UpdateProduct,
};
use crate::dto::crud::{
    BillCycleType, ChargeModel, ChargeType, ListPriceBase, Period, PriceFormat, TaxMode, TriggerEvent,
};
use crate::send::rendered;
use connector_domain::billing::product::DesiredProduct;
use connector_domain::billing::tiers::{Tier, TierModel};
use connector_domain::dates::BillingPeriod;
use connector_domain::ids::{ChargeId, RatePlanId, ZuoraProductId};
use connector_domain::money::Currency;
use connector_domain::state::Effect;
use connector_ports::PortError;
use connector_ports::billing::Rendered;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

const RENDER: &str = "zuora render product";
/// Required by Zuora; far enough that no order falls outside.
const EFFECTIVE_START: &str = "2000-01-01";
/// See [`EFFECTIVE_START`].
const EFFECTIVE_END: &str = "3000-01-01";
/// A new plan may have the default currency of the tenant and so many others (`zuora.md` 4); which is the default
/// is not known here.
const CURRENCIES_ON_CREATION: usize = 4;
/// `ExternalIdSourceSystem`: together with the id it is the key of the plan.
const SOURCE_SYSTEM: &str = "HubSpot";

/// `POST /v1/object/product`.
pub(crate) fn create(desired: &DesiredProduct) -> Result<Rendered, PortError> {
    let [number, _, _] = &desired.numbers;
    let body = CreateProduct {
        name: &desired.name,
        sku: desired.sku.as_deref(),
        description: &desired.description,
        effective_start_date: EFFECTIVE_START,
        effective_end_date: EFFECTIVE_END,
        product_number: number,
    };
    rendered(RENDER, Effect::CreateProduct, number, None, &body)
}

/// `PUT /v1/object/product/{id}`.
pub(crate) fn update(product: &ZuoraProductId, desired: &DesiredProduct) -> Result<Rendered, PortError> {
    let [number, _, _] = &desired.numbers;
    let body =
        UpdateProduct { name: &desired.name, sku: desired.sku.as_deref(), description: &desired.description };
    rendered(RENDER, Effect::UpdateProduct, number, Some(product.as_str()), &body)
}

/// `POST /v1/object/product-rate-plan`. The engine has put the product in before this is called.
pub(crate) fn create_rate_plan(
    config: &Config,
    desired: &DesiredProduct,
    product: Option<&ZuoraProductId>,
) -> Result<Rendered, PortError> {
    let product = product.ok_or_else(|| PortError::bug(RENDER, "the product has no id yet"))?;
    let [_, number, _] = &desired.numbers;
    let id = desired.id.as_str();
    let external = config.link_field.is_none();
    let body = CreateRatePlan {
        name: &desired.name,
        product_id: product.as_str(),
        description: &desired.description,
        effective_start_date: EFFECTIVE_START,
        effective_end_date: EFFECTIVE_END,
        active_currencies: first_currencies(&desired.prices).map(|(currency, _)| currency.as_str()).collect(),
        product_rate_plan_number: number,
        external_rate_plan_ids: external.then_some([id]),
        external_id_source_system: external.then_some(SOURCE_SYSTEM),
        custom: config.link_field.iter().map(|field| (field.as_str(), id)).collect(),
    };
    rendered(RENDER, Effect::CreateRatePlan, number, None, &body)
}

/// `POST /v1/object/product-rate-plan-charge`. The engine has put the rate plan in before this is called.
pub(crate) fn create_charge(
    desired: &DesiredProduct,
    plan: Option<&RatePlanId>,
) -> Result<Rendered, PortError> {
    let plan = plan.ok_or_else(|| PortError::bug(RENDER, "the rate plan has no id yet"))?;
    let [_, _, number] = &desired.numbers;
    let period = desired.period.map(Period::of);
    let first: Vec<&Currency> = first_currencies(&desired.prices).map(|(currency, _)| currency).collect();
    let tiers = match desired.tier_model {
        None => one_price(first_currencies(&desired.prices)),
        Some(_) => tables(desired.tiers.iter().filter(|(currency, _)| first.contains(currency))),
    };
    if tiers.product_rate_plan_charge_tier.is_empty() {
        return Err(PortError::bug(RENDER, "a charge without prices"));
    }
    let body = CreateCharge {
        product_rate_plan_id: plan.as_str(),
        name: &desired.name,
        description: &desired.description,
        charge_model: ChargeModel::of(desired.tier_model),
        charge_type: if period.is_some() { ChargeType::Recurring } else { ChargeType::OneTime },
        bill_cycle_type: BillCycleType::DefaultFromCustomer,
        billing_period: period.map(|(period, _)| period),
        specific_billing_period: period.and_then(|(_, specific)| specific),
        trigger_event: TriggerEvent::ContractEffective,
        use_discount_specific_accounting_code: false,
        uom: &desired.unit_of_measure,
        default_quantity: desired.tier_model.is_none().then_some(1),
        list_price_base: period.map(|_| ListPriceBase::PerBillingPeriod),
        taxable: desired.tax.as_ref().map(|_| true),
        tax_code: desired.tax.as_ref().map(|tax| tax.code.as_str()),
        tax_mode: desired.tax.as_ref().map(|tax| match tax.inclusive {
            true => TaxMode::TaxInclusive,
            false => TaxMode::TaxExclusive,
        }),
        product_rate_plan_charge_number: number,
        product_rate_plan_charge_tier_data: tiers,
    };
    rendered(RENDER, Effect::CreateCharge, number, None, &body)
}

/// `PUT /v1/object/product-rate-plan/{id}`. The body names what shall be added; Zuora wants the whole list, so
/// [`crate::send`] puts in front of it what the plan has by then.
pub(crate) fn activate(plan: &RatePlanId, currencies: &BTreeSet<Currency>) -> Result<Rendered, PortError> {
    let active_currencies = currencies.iter().map(|currency| currency.as_str().to_owned()).collect();
    let body = ActiveCurrencies { active_currencies };
    rendered(RENDER, Effect::ActivateCurrencies, plan.as_str(), Some(plan.as_str()), &body)
}

/// `PUT /v1/object/product-rate-plan-charge/{id}` with the tiers of all currencies, and what Zuora's model of the
/// call requires besides: the values that [`create_charge`] gave the charge.
pub(crate) fn set_prices(
    plan: &RatePlanId,
    charge: &ChargeId,
    prices: &BTreeMap<Currency, Decimal>,
    tiers: Option<&(TierModel, BTreeMap<Currency, Vec<Tier>>)>,
    period: Option<BillingPeriod>,
) -> Result<Rendered, PortError> {
    let period = period.map(Period::of);
    let body = SetPrices {
        product_rate_plan_id: plan.as_str(),
        charge_model: ChargeModel::of(tiers.map(|(model, _)| *model)),
        bill_cycle_type: BillCycleType::DefaultFromCustomer,
        billing_period: period.map(|(period, _)| period),
        specific_billing_period: period.and_then(|(_, specific)| specific),
        trigger_event: TriggerEvent::ContractEffective,
        use_discount_specific_accounting_code: false,
        list_price_base: period.map(|_| ListPriceBase::PerBillingPeriod),
        product_rate_plan_charge_tier_data: match tiers {
            None => one_price(prices.iter()),
            Some((_, of_currencies)) => tables(of_currencies.iter()),
        },
    };
    rendered(RENDER, Effect::SetPrices, charge.as_str(), Some(charge.as_str()), &body)
}

/// The prices that a new plan and its charge begin with: the first by code, the same for both. The others follow
/// by [`activate`] and [`set_prices`].
fn first_currencies(prices: &BTreeMap<Currency, Decimal>) -> impl Iterator<Item = (&Currency, &Decimal)> {
    prices.iter().take(CURRENCIES_ON_CREATION)
}

/// One tier per currency (`zuora.md` 4).
fn one_price<'a>(prices: impl Iterator<Item = (&'a Currency, &'a Decimal)>) -> TierData<'a> {
    let tier = |(currency, price): (&'a Currency, &'a Decimal)| wire::Tier {
        currency: currency.as_str(),
        starting_unit: None,
        ending_unit: None,
        price: Num(*price),
        price_format: None,
    };
    TierData { product_rate_plan_charge_tier: prices.map(tier).collect() }
}

/// A set of tiers per currency, the last of each without an end (`zuora.md` 4).
fn tables<'a>(tables: impl Iterator<Item = (&'a Currency, &'a Vec<Tier>)>) -> TierData<'a> {
    let one = |(currency, tiers): (&'a Currency, &'a Vec<Tier>)| {
        let last = tiers.len();
        tiers.iter().zip(1..).map(move |(tier, number)| wire::Tier {
            currency: currency.as_str(),
            starting_unit: Some(Num(tier.from)),
            ending_unit: tier.to.filter(|_| number < last).map(Num),
            price: Num(tier.price),
            price_format: Some(if tier.flat { PriceFormat::FlatFee } else { PriceFormat::PerUnit }),
        })
    };
    TierData { product_rate_plan_charge_tier: tables.flat_map(one).collect() }
}

#[cfg(test)]
mod tests;
