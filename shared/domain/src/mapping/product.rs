//! A product of the library to a product with one rate plan and one charge (Z-105 to Z-123, D-3, D-11).

use super::Mapped;
use crate::billing::product::{DesiredProduct, ProductTax};
use crate::billing::tiers::Tier;
use crate::crm::product::Product;
use crate::dates::BillingPeriod;
use crate::mapping::tiers::table;
use crate::money::{Currency, fits_zuora};
use crate::numbering;
use crate::policy::{Policy, Portal};
use crate::problem::{Problem, ProblemCode};
use crate::text::clean;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Currencies that a price is needed in, each with the unit price of the deal that asked for it.
pub type WantedPrices = BTreeMap<Currency, Option<Decimal>>;

/// Maps a product. Prices come from the product: `hs_price_<currency>`, or `price` in the home currency; where
/// it has none in a currency but is priced otherwise, the deal's own unit price starts the list (D-3).
pub fn map_product(
    product: &Product,
    wanted: &WantedPrices,
    portal: &Portal,
    policy: &Policy,
) -> Mapped<DesiredProduct> {
    let (mut problems, mut notices) = (Vec::new(), Vec::new());
    let at = format!("product {}", product.id);
    let mut text = |field: &str, value: Option<&str>, limit| {
        let cleaned = clean(value.unwrap_or_default(), limit);
        if cleaned.removed || cleaned.cut {
            notices.push(format!(
                "{at} {field}: adapted to what Zuora accepts (at most {limit} characters, no emoji)"
            ));
        }
        cleaned.text
    };
    let name = text("name", product.name.as_deref(), 100);
    let description = text("description", product.description.as_deref(), 500);
    let sku = Some(text("hs_sku", product.sku.as_deref(), 50)).filter(|s| !s.is_empty());
    if !name.chars().any(char::is_alphanumeric) {
        problems.push(Problem::new(ProblemCode::ProductName, "").at(format!("{at} name")));
    }
    let mut tiers = BTreeMap::new();
    let mut tier_model = None;
    for currency in wanted.keys() {
        let texts = (&product.pricing_model, &product.tier_ranges, &product.tier_prices);
        match table(texts.0.as_deref(), texts.1.as_deref(), texts.2.as_deref(), currency) {
            Ok(None) => {}
            Ok(Some((model, table))) => {
                tier_model = Some(model);
                tiers.insert(currency.clone(), table);
            }
            Err(error) => problems.push(
                Problem::new(ProblemCode::ProductTiers, format!("{error}."))
                    .at(format!("{at} hs_pricing_model")),
            ),
        }
    }
    let period = BillingPeriod::parse_frequency(product.frequency.as_deref().unwrap_or_default());
    if let Err(error) = &period {
        problems.push(
            Problem::new(ProblemCode::ProductFrequency, error.to_string())
                .at(format!("{at} recurringbillingfrequency")),
        );
    }
    let mut prices = BTreeMap::new();
    for (currency, fallback) in wanted {
        // With a table, that of its first range stands for the price.
        let first = tiers.get(currency).and_then(|t: &Vec<Tier>| t.first()).map(|t| t.price);
        match first.or_else(|| price_in(product, currency, *fallback, portal)) {
            Some(price) if fits_zuora(price) && !price.is_sign_negative() => {
                prices.insert(currency.clone(), price);
            }
            Some(price) => problems.push(
                Problem::new(ProblemCode::ProductPrice, format!("Zuora cannot hold {price} {currency}."))
                    .at(format!("{at} price")),
            ),
            None if !problems.is_empty() => {}
            None => problems.push(
                Problem::new(ProblemCode::ProductPrice, format!("It is needed in {currency}."))
                    .at(format!("{at} price")),
            ),
        }
    }
    let code = product.other.get(&policy.tax.code_property).map(|c| c.trim()).filter(|c| !c.is_empty());
    let tax = code.map(|code| ProductTax { code: clean(code, 64).text, inclusive: policy.tax.inclusive });
    let desired = match period {
        Ok(period) if problems.is_empty() => Some(DesiredProduct {
            id: product.id.clone(),
            name,
            description,
            sku,
            period,
            prices,
            tier_model,
            tiers,
            tax,
            unit_of_measure: policy.unit_of_measure.clone(),
            numbers: [
                numbering::product(policy.portal, &product.id),
                numbering::rate_plan(policy.portal, &product.id),
                numbering::rate_plan_charge(policy.portal, &product.id),
            ],
        }),
        Ok(_) | Err(_) => None,
    };
    Mapped { desired, problems, notices }
}

fn price_in(
    product: &Product,
    currency: &Currency,
    fallback: Option<Decimal>,
    portal: &Portal,
) -> Option<Decimal> {
    let home = if *currency == portal.home_currency { product.price } else { None };
    let is_priced = product.price.is_some() || !product.prices.is_empty();
    product.prices.get(currency).copied().or(home).or(if is_priced { fallback } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{HubSpotId, PortalId};
    use jiff::tz::TimeZone;

    fn cur(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn check(
        price: Option<i64>,
        prices: &[(&str, i64)],
        wanted: &[(&str, Option<i64>)],
    ) -> Result<Vec<String>, Vec<ProblemCode>> {
        let product = Product {
            id: HubSpotId::parse("1200000005").unwrap(),
            name: Some("Sensor Gateway".into()),
            description: None,
            sku: Some("KP-SNS".into()),
            price: price.map(Decimal::from),
            prices: prices.iter().map(|(c, p)| (cur(c), Decimal::from(*p))).collect(),
            frequency: Some("monthly".into()),
            pricing_model: None,
            tier_ranges: None,
            tier_prices: None,
            other: BTreeMap::new(),
        };
        let portal = Portal {
            time_zone: TimeZone::UTC,
            home_currency: cur("USD"),
            currencies: [cur("USD"), cur("NOK")].into(),
        };
        let wanted = wanted.iter().map(|(c, p)| (cur(c), p.map(Decimal::from))).collect();
        let mapped = map_product(&product, &wanted, &portal, &Policy::defaults(PortalId(1)));
        match mapped.desired {
            Some(desired) => Ok(desired.prices.iter().map(|(c, p)| format!("{p} {c}")).collect()),
            None => Err(mapped.problems.iter().map(|p| p.code).collect()),
        }
    }

    #[test]
    fn the_price_is_taken_in_the_deals_currency() {
        assert_eq!(check(Some(19), &[("NOK", 200)], &[("NOK", Some(5))]), Ok(vec!["200 NOK".into()]));
        assert_eq!(check(Some(19), &[], &[("USD", Some(5))]), Ok(vec!["19 USD".into()]));
    }

    #[test]
    fn a_priced_product_without_this_currency_starts_from_the_deals_price() {
        assert_eq!(check(Some(19), &[], &[("NOK", Some(210))]), Ok(vec!["210 NOK".into()]));
    }

    #[test]
    fn a_product_without_any_price_is_refused() {
        assert_eq!(check(None, &[], &[("USD", Some(5))]), Err(vec![ProblemCode::ProductPrice]));
    }
}
