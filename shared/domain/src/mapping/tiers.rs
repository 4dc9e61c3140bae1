//! HubSpot's price tables (`hs_tier_ranges`, `hs_tier_prices`, `hubspot.md` 4.7) as tiers of one currency.

use crate::billing::tiers::{Tier, TierModel};
use crate::money::{Currency, fits_zuora, parse_decimal};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// What is wrong with a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// `hs_pricing_model` is none of HubSpot's.
    #[error("the pricing model \"{0}\" is not known")]
    Model(String),
    /// The JSON cannot be read.
    #[error("{0} cannot be read")]
    Unreadable(&'static str),
    /// A hole, an overlap, an end in the middle.
    #[error("range {0} does not continue the one before")]
    Ranges(usize),
    /// No price for a range in this currency.
    #[error("range {range} has no price in {currency}")]
    Price {
        /// Which range, from 1.
        range: usize,
        /// The currency.
        currency: Currency,
    },
    /// A price that Zuora cannot hold.
    #[error("Zuora cannot hold the price of range {0}")]
    Digits(usize),
}

#[derive(Deserialize)]
struct Range {
    #[serde(deserialize_with = "exact")]
    start: Decimal,
    #[serde(default, deserialize_with = "exact_or_none")]
    end: Option<Decimal>,
}

#[derive(Deserialize)]
struct Price {
    index: usize,
    #[serde(deserialize_with = "exact")]
    price: Decimal,
    currency: Option<String>,
}

/// A JSON number or a text with a number, read by its digits: a float on the way would change prices.
fn exact<'de, D: Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
    exact_or_none(from)?.ok_or_else(|| serde::de::Error::custom("not a number"))
}

fn exact_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Decimal>, D::Error> {
    let raw = Box::<RawValue>::deserialize(from)?;
    match raw.get().trim_matches('"') {
        "null" | "" => Ok(None),
        text => parse_decimal(text).map(Some).ok_or_else(|| serde::de::Error::custom("not a number")),
    }
}

/// Reads a table: none when the model is a plain price.
pub fn table(
    model: Option<&str>,
    ranges: Option<&str>,
    prices: Option<&str>,
    currency: &Currency,
) -> Result<Option<(TierModel, Vec<Tier>)>, TableError> {
    let (model, flat) = match model.map(str::trim).unwrap_or_default().to_ascii_lowercase().as_str() {
        "" | "flat" => return Ok(None),
        "graduated" => (TierModel::Tiered, false),
        "volume" => (TierModel::Volume, false),
        "stairstep" => (TierModel::Volume, true),
        other => return Err(TableError::Model(other.chars().take(40).collect())),
    };
    let ranges: Vec<Range> = serde_json::from_str(ranges.unwrap_or_default())
        .map_err(|_| TableError::Unreadable("hs_tier_ranges"))?;
    let prices: Vec<Price> = serde_json::from_str(prices.unwrap_or_default())
        .map_err(|_| TableError::Unreadable("hs_tier_prices"))?;
    if ranges.is_empty() {
        return Err(TableError::Unreadable("hs_tier_ranges"));
    }
    let mut tiers: Vec<Tier> = Vec::new();
    for (index, range) in ranges.iter().enumerate() {
        let last = index + 1 == ranges.len();
        let follows = match tiers.last() {
            None => range.start == Decimal::ZERO || range.start == Decimal::ONE,
            Some(before) => before.to.is_some_and(|to| to.checked_add(Decimal::ONE) == Some(range.start)),
        };
        let ends = range.end.is_some_and(|end| end >= range.start) || (last && range.end.is_none());
        if !follows || !ends {
            return Err(TableError::Ranges(index + 1));
        }
        let of_currency = |p: &&Price| {
            p.index == index
                && p.currency.as_deref().is_none_or(|c| c.trim().eq_ignore_ascii_case(currency.as_str()))
        };
        let price = prices
            .iter()
            .filter(of_currency)
            .max_by_key(|p| p.currency.is_some())
            .ok_or_else(|| TableError::Price { range: index + 1, currency: currency.clone() })?
            .price;
        if !fits_zuora(price) || price.is_sign_negative() {
            return Err(TableError::Digits(index + 1));
        }
        // Zuora counts units from 1; HubSpot's tables may begin at 0.
        let from = range.start.max(Decimal::ONE);
        tiers.push(Tier { from, to: range.end.filter(|_| !last), price, flat });
    }
    Ok(Some((model, tiers)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(ranges: &str, prices: &str) -> Result<Vec<(String, String)>, TableError> {
        let euro = Currency::parse("EUR").unwrap();
        let found = table(Some("graduated"), Some(ranges), Some(prices), &euro)?;
        Ok(found
            .unwrap()
            .1
            .iter()
            .map(|t| (t.to.map(|to| to.to_string()).unwrap_or_default(), t.price.to_string()))
            .collect())
    }

    #[test]
    fn prices_point_into_the_ranges() {
        let ranges = r#"[{"start":0,"end":99},{"start":100}]"#;
        let want = vec![("99".to_owned(), "10".to_owned()), (String::new(), "8".to_owned())];
        assert_eq!(read(ranges, r#"[{"index":1,"price":8},{"index":0,"price":10}]"#), Ok(want.clone()));
        let several = r#"[{"index":0,"price":1,"currency":"USD"},{"index":0,"price":10,"currency":"EUR"},
            {"index":1,"price":8,"currency":"eur"}]"#;
        assert_eq!(read(ranges, several), Ok(want));
    }

    #[test]
    fn what_cannot_be_a_table_is_refused() {
        let euro = Currency::parse("EUR").unwrap();
        let ranges = r#"[{"start":0,"end":99},{"start":100}]"#;
        let one = r#"[{"index":0,"price":10}]"#;
        assert_eq!(read(ranges, one), Err(TableError::Price { range: 2, currency: euro.clone() }));
        assert_eq!(read(r#"[{"start":0,"end":99},{"start":101}]"#, one), Err(TableError::Ranges(2)));
        assert_eq!(read(r#"[{"start":0},{"start":1}]"#, one), Err(TableError::Ranges(1)));
        assert_eq!(read("nonsense", one), Err(TableError::Unreadable("hs_tier_ranges")));
        assert_eq!(table(Some("auction"), None, None, &euro), Err(TableError::Model("auction".to_owned())));
        assert_eq!(table(Some("flat"), None, None, &euro), Ok(None));
    }
}
