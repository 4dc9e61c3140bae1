//! Catalogue rows become domain values.

use crate::decimal::Num;
use crate::dto::catalog::{ChargeRow, PlanRow, ProductRow, TierRow};
use crate::dto::custom_field;
use crate::query::said;
use crate::words::{charge_type, is_flat, model, period};
use connector_domain::billing::product::{
    CatalogCharge, ChargeModel, ChargeType, ObservedPlan, ObservedProduct,
};
use connector_domain::billing::tiers::Tier;
use connector_domain::ids::{ChargeId, RatePlanId, ZuoraProductId};
use connector_domain::money::Currency;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

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
        tiers: match model {
            ChargeModel::Tiered | ChargeModel::Volume => tables(&tiers),
            ChargeModel::FlatFee
            | ChargeModel::PerUnit
            | ChargeModel::Overage
            | ChargeModel::TieredWithOverage
            | ChargeModel::DiscountFixedAmount
            | ChargeModel::DiscountPercentage
            | ChargeModel::Other(_) => BTreeMap::new(),
        },
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

/// The active tiers with their currency, in their order.
fn active(tiers: &[TierRow]) -> impl Iterator<Item = (Currency, &TierRow)> {
    let order = |tier: &TierRow| {
        let place = |n: Option<Num>| n.map_or(Decimal::ZERO, |n| n.0);
        (place(tier.tier), place(tier.starting_unit))
    };
    let mut active: Vec<&TierRow> = tiers.iter().filter(|tier| tier.active != Some(false)).collect();
    active.sort_by_key(|tier| order(tier));
    let currency = |tier: &TierRow| tier.currency.as_deref().and_then(|code| Currency::parse(code).ok());
    active.into_iter().filter_map(move |tier| Some((currency(tier)?, tier)))
}

/// The price of each currency's first tier.
fn first_prices(tiers: &[TierRow]) -> BTreeMap<Currency, Decimal> {
    let mut prices = BTreeMap::new();
    for (currency, tier) in active(tiers) {
        if let Some(price) = tier.price {
            prices.entry(currency).or_insert(price.0);
        }
    }
    prices
}

/// The price table of each currency; one with a range whose price is not told is left out, because nobody could
/// say what a quantity costs by it.
fn tables(tiers: &[TierRow]) -> BTreeMap<Currency, Vec<Tier>> {
    let mut tables: BTreeMap<Currency, Option<Vec<Tier>>> = BTreeMap::new();
    for (currency, row) in active(tiers) {
        let table = tables.entry(currency).or_insert_with(|| Some(Vec::new()));
        match (row.price, table.as_mut()) {
            (Some(price), Some(list)) => list.push(Tier {
                from: row.starting_unit.map_or(Decimal::ZERO, |n| n.0),
                to: row.ending_unit.map(|n| n.0),
                price: price.0,
                flat: is_flat(row.price_format.as_deref()),
            }),
            (None, _) => *table = None,
            (Some(_), None) => {}
        }
    }
    tables.into_iter().filter_map(|(currency, table)| Some((currency, table?))).collect()
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
