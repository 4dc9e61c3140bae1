//! Products of the library: HubSpot's record becomes the domain's facts.

use crate::client::Api;
use crate::dto::record::Record;
use crate::portal::Portals;
use crate::records::{MOST, Reader, Selection, batch_read, names};
use connector_domain::crm::product::Product;
use connector_domain::money::{Currency, parse_decimal};
use connector_http::Batcher;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) const TYPE: &str = "products";

const PROPERTIES: [&str; 8] = [
    "name",
    "description",
    "hs_sku",
    "price",
    "recurringbillingfrequency",
    "hs_pricing_model",
    "hs_tier_ranges",
    "hs_tier_prices",
];

/// The property with the price in a currency.
fn price_property(currency: &Currency) -> String {
    format!("hs_price_{}", currency.as_str().to_ascii_lowercase())
}

fn selection(currencies: &BTreeSet<Currency>, configured: &[String]) -> Selection {
    let prices: Vec<String> = currencies.iter().map(price_property).collect();
    Selection::values(names(&PROPERTIES, prices.iter().chain(configured)))
}

/// The reader of products asks for the prices in all currencies that the portal has at that time.
pub(crate) fn reader(api: &Arc<Api>, portals: &Arc<Portals>, configured: &[String]) -> Reader {
    let (api, portals, configured) =
        (Arc::clone(api), Arc::clone(portals), Arc::<[String]>::from(configured));
    Batcher::new(MOST, move |ids| {
        let (api, portals, configured) = (Arc::clone(&api), Arc::clone(&portals), Arc::clone(&configured));
        async move {
            let portal = portals.get(&api).await?;
            batch_read(&api, TYPE, &selection(&portal.currencies, &configured), &ids).await
        }
    })
}

pub(crate) fn parse(record: &Record, currencies: &BTreeSet<Currency>, configured: &[String]) -> Product {
    let number = |name: &str| record.text(name).and_then(|text| parse_decimal(&text));
    Product {
        id: record.id.clone(),
        name: record.text("name"),
        description: record.text("description"),
        sku: record.text("hs_sku"),
        price: number("price"),
        prices: currencies
            .iter()
            .filter_map(|currency| Some((currency.clone(), number(&price_property(currency))?)))
            .collect(),
        frequency: record.text("recurringbillingfrequency"),
        pricing_model: record.text("hs_pricing_model"),
        tier_ranges: record.text("hs_tier_ranges"),
        tier_prices: record.text("hs_tier_prices"),
        other: record.filled(configured),
    }
}
