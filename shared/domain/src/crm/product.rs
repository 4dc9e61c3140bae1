//! A HubSpot product of the library.

use crate::ids::HubSpotId;
use crate::money::Currency;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The facts of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Record id.
    pub id: HubSpotId,
    /// Name.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// SKU.
    pub sku: Option<String>,
    /// `price`: the price in the portal's home currency.
    pub price: Option<Decimal>,
    /// `hs_price_<currency>`: prices by currency.
    pub prices: BTreeMap<Currency, Decimal>,
    /// `recurringbillingfrequency`, empty for one-time.
    pub frequency: Option<String>,
    /// `hs_pricing_model` (`flat` or empty for a plain price).
    pub pricing_model: Option<String>,
    /// `hs_tier_ranges`, JSON as text.
    pub tier_ranges: Option<String>,
    /// `hs_tier_prices`, JSON as text.
    pub tier_prices: Option<String>,
    /// Further properties that the configuration names, those that are filled.
    pub other: BTreeMap<String, String>,
}
