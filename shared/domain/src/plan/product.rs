//! Product, rate plan and charge: three creations that resume where they stopped (D-11).

use super::{Action, product_fields};
use crate::billing::company::AppliedFields;
use crate::billing::product::{CatalogLink, ChargeModel, DesiredProduct};
use crate::billing::tiers::{self, Tier, TierModel};
use crate::money::Currency;
use std::collections::BTreeSet;

/// Plans what is missing or changed. A plan that belongs to Zuora is never changed.
pub fn plan_product(
    link: &CatalogLink,
    applied: Option<&AppliedFields>,
    desired: &DesiredProduct,
) -> Vec<Action> {
    if link.is_complete() && !link.ours {
        return Vec::new();
    }
    let boxed = || Box::new(desired.clone());
    let mut actions = Vec::new();
    if link.product.is_none() {
        actions.push(Action::CreateProduct(boxed()));
    }
    if link.plan.is_none() {
        actions.push(Action::CreateRatePlan { desired: boxed(), product: link.product.clone() });
    }
    let Some(charge) = link.sold_charges().next() else {
        actions.push(Action::CreateCharge { desired: boxed(), plan: link.plan.clone() });
        return actions;
    };
    let now = product_fields(desired);
    let differs = |field: &str| applied.and_then(|a| a.get(field)) != now.get(field);
    if let Some(product) = &link.product
        && ["name", "description", "sku"].into_iter().any(differs)
    {
        actions.push(Action::UpdateProduct { product: product.clone(), desired: boxed() });
    }
    let table_differs = |(currency, table): (&Currency, &Vec<Tier>)| {
        charge.tiers.get(currency).is_none_or(|known| !tiers::same(known, table))
    };
    // The model of a charge is fixed at its creation.
    let same_model = charge.model == model_of(desired);
    if same_model
        && (desired.prices.iter().any(|(currency, price)| charge.prices.get(currency) != Some(price))
            || desired.tiers.iter().any(table_differs))
    {
        let known = &charge.prices;
        let all: BTreeSet<_> = desired.prices.keys().chain(known.keys()).cloned().collect();
        let mut prices = charge.prices.clone();
        prices.extend(desired.prices.clone());
        let tables = desired.tier_model.map(|model| {
            let mut all = charge.tiers.clone();
            all.extend(desired.tiers.clone());
            (model, all)
        });
        if let Some(plan) = &link.plan {
            let plan = plan.clone();
            if all.len() > known.len() {
                actions.push(Action::ActivateCurrencies { plan: plan.clone(), currencies: all });
            }
            actions.push(Action::SetPrices {
                plan,
                charge: charge.id.clone(),
                prices,
                tiers: tables,
                period: charge.period,
            });
        }
    }
    actions
}

/// The model of the charge that a product gets.
pub fn model_of(desired: &DesiredProduct) -> ChargeModel {
    match desired.tier_model {
        None => ChargeModel::PerUnit,
        Some(TierModel::Tiered) => ChargeModel::Tiered,
        Some(TierModel::Volume) => ChargeModel::Volume,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::product::{CatalogCharge, ChargeType};
    use crate::ids::HubSpotId;
    use crate::state::Effect;
    use rust_decimal::Decimal;
    use std::collections::BTreeMap;

    fn desired(price: i64) -> DesiredProduct {
        DesiredProduct {
            id: HubSpotId::parse("1").unwrap(),
            name: "Gateway".into(),
            description: String::new(),
            sku: None,
            period: None,
            prices: [(Currency::parse("USD").unwrap(), Decimal::from(price))].into(),
            tier_model: None,
            tiers: BTreeMap::new(),
            tax: None,
            unit_of_measure: "Each".into(),
            numbers: ["P".into(), "R".into(), "C".into()],
        }
    }

    fn complete(ours: bool) -> CatalogLink {
        CatalogLink {
            product: Some("p".into()),
            plan: Some("r".into()),
            charges: vec![CatalogCharge {
                id: "c".into(),
                model: ChargeModel::PerUnit,
                charge_type: ChargeType::OneTime,
                period: None,
                prices: desired(19).prices,
                tiers: BTreeMap::new(),
                default_discount: false,
            }],
            ours,
            external_id: true,
        }
    }

    fn effects(link: &CatalogLink, applied: Option<&AppliedFields>, price: i64) -> Vec<Effect> {
        plan_product(link, applied, &desired(price)).iter().map(Action::effect).collect()
    }

    #[test]
    fn creation_resumes_where_it_stopped() {
        let mut link = CatalogLink { ours: true, ..CatalogLink::default() };
        assert_eq!(
            effects(&link, None, 19),
            [Effect::CreateProduct, Effect::CreateRatePlan, Effect::CreateCharge]
        );
        link.product = Some("p".into());
        assert_eq!(effects(&link, None, 19), [Effect::CreateRatePlan, Effect::CreateCharge]);
        link.plan = Some("r".into());
        assert_eq!(effects(&link, None, 19), [Effect::CreateCharge]);
    }

    #[test]
    fn our_plan_follows_hubspot_and_zuoras_is_left_alone() {
        let applied = product_fields(&desired(19));
        assert_eq!(effects(&complete(true), Some(&applied), 19), []);
        assert_eq!(effects(&complete(true), Some(&applied), 25), [Effect::SetPrices]);
        assert_eq!(effects(&complete(false), None, 25), []);
    }
}
