//! Catalogue rows become domain values. Object query may spell enums the CRUD way or the orders way
//! (`zuora.md` 4 and trap 5): letters and digits decide, nothing else.

use crate::dto::catalog::{ChargeRow, PlanRow, ProductRow, TierRow};
use crate::dto::custom_field;
use crate::query::said;
use connector_domain::billing::product::{
    CatalogCharge, ChargeModel, ChargeType, ObservedPlan, ObservedProduct,
};
use connector_domain::dates::BillingPeriod;
use connector_domain::ids::{ChargeId, RatePlanId, ZuoraProductId};
use connector_domain::money::Currency;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;

/// Letters and digits in lower case.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// The charge model in either spelling.
pub(super) fn model(text: &str) -> ChargeModel {
    match plain(text).as_str() {
        "flatfee" | "flatfeepricing" => ChargeModel::FlatFee,
        "perunit" | "perunitpricing" => ChargeModel::PerUnit,
        "tiered" | "tieredpricing" => ChargeModel::Tiered,
        "volume" | "volumepricing" => ChargeModel::Volume,
        "discountfixedamount" => ChargeModel::DiscountFixedAmount,
        "discountpercentage" => ChargeModel::DiscountPercentage,
        _ => ChargeModel::Other(text.to_owned()),
    }
}

fn charge_type(text: &str) -> Option<ChargeType> {
    match plain(text).as_str() {
        "onetime" => Some(ChargeType::OneTime),
        "recurring" => Some(ChargeType::Recurring),
        "usage" => Some(ChargeType::Usage),
        _ => None,
    }
}

/// The billing period in either spelling; none for `Subscription Term`, days, and what nobody has listed.
pub(super) fn period(text: &str, specific: Option<Decimal>) -> Option<BillingPeriod> {
    let specific = || specific.and_then(|n| n.to_u32()).filter(|n| *n > 0);
    match plain(text).as_str() {
        "week" => Some(BillingPeriod::Week),
        "month" => Some(BillingPeriod::Month),
        "quarter" => Some(BillingPeriod::Quarter),
        "semiannual" => Some(BillingPeriod::SemiAnnual),
        "annual" => Some(BillingPeriod::Annual),
        "eighteenmonths" => Some(BillingPeriod::Months(18)),
        "twoyears" => Some(BillingPeriod::Months(24)),
        "threeyears" => Some(BillingPeriod::Months(36)),
        "fiveyears" => Some(BillingPeriod::Months(60)),
        "specificmonths" => specific().map(BillingPeriod::Months),
        "specificweeks" => specific().map(BillingPeriod::Weeks),
        _ => None,
    }
}

fn charge(row: ChargeRow) -> CatalogCharge {
    let named = model(row.charge_model.as_deref().unwrap_or_default());
    let kind = row.charge_type.as_deref().unwrap_or_default();
    // A charge of a type that we do not know must not be sold by mistake.
    let (model, charge_type) = match charge_type(kind) {
        Some(known) => (named, known),
        None => (ChargeModel::Other(format!("{named:?} of type {kind:?}")), ChargeType::Usage),
    };
    let specific = row.specific_billing_period.map(|n| n.0);
    let tiers = row.product_rate_plan_charge_tiers.unwrap_or_default();
    let default_discount = model.is_discount() && takes_off(&tiers);
    CatalogCharge {
        id: ChargeId(row.id),
        // That of a one-time charge means nothing.
        period: row
            .billing_period
            .as_deref()
            .filter(|_| charge_type != ChargeType::OneTime)
            .and_then(|text| period(text, specific)),
        prices: first_prices(&tiers),
        default_discount,
        model,
        charge_type,
    }
}

/// Something is off by default; also when Zuora did not tell, because setting a discount to nothing does no harm.
fn takes_off(tiers: &[TierRow]) -> bool {
    let mut active = tiers.iter().filter(|tier| tier.active != Some(false)).peekable();
    active.peek().is_none()
        || active.any(|tier| {
            [tier.discount_amount, tier.discount_percentage].iter().flatten().any(|n| !n.0.is_zero())
        })
}

/// The price of each currency's first tier.
fn first_prices(tiers: &[TierRow]) -> BTreeMap<Currency, Decimal> {
    let order = |tier: &TierRow| {
        let place = |n: Option<crate::decimal::Num>| n.map_or(Decimal::ZERO, |n| n.0);
        (place(tier.tier), place(tier.starting_unit))
    };
    let mut active: Vec<&TierRow> = tiers.iter().filter(|tier| tier.active != Some(false)).collect();
    active.sort_by_key(|tier| order(tier));
    let mut prices = BTreeMap::new();
    for tier in active {
        let currency = tier.currency.as_deref().and_then(|code| Currency::parse(code).ok());
        if let (Some(currency), Some(price)) = (currency, tier.price) {
            prices.entry(currency).or_insert(price.0);
        }
    }
    prices
}

/// A plan with what Zuora told of its external ids, or with the custom field that stands for them.
pub(super) fn plan(row: PlanRow, link_field: Option<&str>) -> ObservedPlan {
    let external_ids = match link_field {
        Some(field) => custom_field(&row.fields, field).into_iter().collect(),
        None => row
            .external_product_rate_plans
            .unwrap_or_default()
            .into_iter()
            .filter_map(|external| said(external.external_product_rate_plan_id))
            .collect(),
    };
    ObservedPlan {
        id: RatePlanId(row.id),
        number: said(row.product_rate_plan_number),
        external_ids,
        charges: row.product_rate_plan_charges.unwrap_or_default().into_iter().map(charge).collect(),
    }
}

/// A product with all its plans.
pub(super) fn product(row: ProductRow, link_field: Option<&str>) -> ObservedProduct {
    ObservedProduct {
        id: ZuoraProductId(row.id),
        number: said(row.product_number),
        sku: said(row.sku),
        plans: row.product_rate_plans.unwrap_or_default().into_iter().map(|p| plan(p, link_field)).collect(),
    }
}
