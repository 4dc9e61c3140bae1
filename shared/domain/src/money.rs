//! Money: a decimal amount with its currency, and the one place where amounts are rounded.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A three-letter currency code, upper case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(String);

/// A text that is not a currency code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a three-letter currency code")]
pub struct CurrencyError;

/// ISO 4217 currencies without decimals.
const NO_DECIMALS: [&str; 16] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF",
    "XPF",
];
/// ISO 4217 currencies with three decimals.
const THREE_DECIMALS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

impl Currency {
    /// Accepts three ASCII letters in any case. Whether a tenant has the currency is a question for mapping.
    pub fn parse(text: &str) -> Result<Self, CurrencyError> {
        let text = text.trim();
        if text.len() == 3 && text.bytes().all(|b| b.is_ascii_alphabetic()) {
            Ok(Self(text.to_ascii_uppercase()))
        } else {
            Err(CurrencyError)
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Digits after the decimal point (0, 2 or 3), after ISO 4217.
    pub fn minor_units(&self) -> u32 {
        if NO_DECIMALS.contains(&self.as_str()) {
            0
        } else if THREE_DECIMALS.contains(&self.as_str()) {
            3
        } else {
            2
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = CurrencyError;
    fn try_from(text: String) -> Result<Self, CurrencyError> {
        Self::parse(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.0
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Rounds an *amount* (never a price) to the currency's minor units, half up: Zuora's default rule
/// (`zuora.md` 10: prices are never rounded, amounts are rounded half up).
pub fn round_amount(amount: Decimal, currency: &Currency) -> Decimal {
    amount.round_dp_with_strategy(currency.minor_units(), RoundingStrategy::MidpointAwayFromZero)
}

/// The smallest amount of a currency, for example 0.01 USD or 1 JPY.
pub fn smallest_amount(currency: &Currency) -> Decimal {
    Decimal::new(1, currency.minor_units())
}

/// Zuora keeps at most 13 digits left and 9 right of the point (`zuora.md` 10); a price that needs more
/// cannot be sent unchanged.
pub fn fits_zuora(price: Decimal) -> bool {
    let price = price.normalize();
    price.scale() <= 9 && price.abs() < Decimal::from(10_000_000_000_000_i64)
}

/// Reads a HubSpot number: text with a point, maybe with an exponent; `None` when it is not a number.
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    text.parse::<Decimal>().ok().or_else(|| Decimal::from_scientific(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_are_rounded_half_up_to_the_minor_unit() {
        let check = |amount: &str, currency: &str, want: &str| {
            assert_eq!(
                round_amount(d(amount), &Currency::parse(currency).unwrap()),
                d(want),
                "{amount} {currency}"
            );
        };
        check("1.005", "USD", "1.01");
        check("-1.005", "USD", "-1.01");
        check("7350.5", "JPY", "7351");
        check("1.0005", "KWD", "1.001");
    }

    #[test]
    fn numbers_are_read_exactly() {
        assert_eq!(parse_decimal("25000.00"), Some(d("25000")));
        assert_eq!(parse_decimal(" 1e3 "), Some(d("1000")));
        assert_eq!(parse_decimal("1,000"), None);
        assert_eq!(parse_decimal(""), None);
    }

    #[test]
    fn a_price_with_ten_decimals_does_not_fit() {
        assert!(fits_zuora(d("0.123456789")));
        assert!(!fits_zuora(d("0.1234567891")));
        assert!(!fits_zuora(d("10000000000000")));
    }
}
