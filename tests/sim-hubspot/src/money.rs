//! Amounts as HubSpot shows them: rounded to the decimals of their currency, without zeros at the end.

use rust_decimal::{Decimal, RoundingStrategy};

/// Currencies without decimals (ISO 4217).
const WHOLE: [&str; 16] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF",
    "XPF",
];
/// Currencies with three decimals (ISO 4217).
const THOUSANDTHS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

fn decimals(currency: &str) -> u32 {
    let currency = currency.to_ascii_uppercase();
    if WHOLE.contains(&currency.as_str()) {
        0
    } else if THOUSANDTHS.contains(&currency.as_str()) {
        3
    } else {
        2
    }
}

/// An amount of a currency.
pub(crate) fn amount(value: Decimal, currency: &str) -> String {
    rounded(value, decimals(currency))
}

/// A number with at most so many decimals.
pub(crate) fn rounded(value: Decimal, decimals: u32) -> String {
    value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero).normalize().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        for (value, currency, want) in [
            ("12.345", "USD", "12.35"),
            ("12.344", "usd", "12.34"),
            ("7350.5", "JPY", "7351"),
            ("-0.5", "JPY", "-1"),
            ("1.23450", "KWD", "1.235"),
            ("1200.000", "NOK", "1200"),
        ] {
            assert_eq!(amount(value.parse().unwrap(), currency), want, "{value} {currency}");
        }
    }
}
