//! Tiered prices of line items: `hs_tier_ranges` and `hs_tier_prices`, two JSON texts that refer to each other.
//!
//! Ranges are inclusive at both ends and the last has none; a table starts at 0 or at 1, which makes no difference
//! but for a quantity of zero. *Graduated*: every unit costs what its own range says. *Volume*: all units cost what
//! the range of the quantity says. *Stairstep*: the range of the quantity names the price of all units together.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::state::Record;
use crate::values::text_of;

/// The price of a quantity by the tiers of a line item, or `None` where it has none (in this currency).
pub(crate) fn gross(line: &Record, quantity: Decimal, currency: Option<&str>) -> Option<Decimal> {
    let model = line.value("hs_pricing_model").filter(|model| *model != "flat")?;
    let ranges: Value = serde_json::from_str(line.value("hs_tier_ranges")?).ok()?;
    let prices: Value = serde_json::from_str(line.value("hs_tier_prices")?).ok()?;
    total(model, &ranges, &prices, currency, quantity)
}

fn total(
    model: &str,
    ranges: &Value,
    prices: &Value,
    currency: Option<&str>,
    quantity: Decimal,
) -> Option<Decimal> {
    let ranges = ranges.as_array()?;
    if quantity.is_zero() && number(&ranges.first()?["start"])? > quantity {
        return Some(Decimal::ZERO);
    }
    let mut sum = Decimal::ZERO;
    let mut below = Decimal::ZERO;
    for (index, range) in ranges.iter().enumerate() {
        let end = number(&range["end"]);
        let last = end.is_none_or(|end| quantity <= end);
        let price = price_of(prices, index, currency)?;
        let top = end.map_or(quantity, |end| end.min(quantity));
        match model {
            "graduated" => sum += (top - below) * price,
            "volume" if last => return Some(quantity * price),
            "stairstep" if last => return Some(price),
            _ => {}
        }
        below = top;
        if last {
            break;
        }
    }
    (model == "graduated").then_some(sum)
}

/// The price of a range: the one in the currency, else one that names no currency. Where the currency is not
/// known, the first will do.
fn price_of(prices: &Value, index: usize, currency: Option<&str>) -> Option<Decimal> {
    let of_range = |entry: &&Value| entry["index"].as_u64() == u64::try_from(index).ok();
    let entries = || prices.as_array().map(Vec::as_slice).unwrap_or_default().iter().filter(of_range);
    let entry = entries()
        .find(|entry| currency.is_none() || entry["currency"].as_str() == currency)
        .or_else(|| entries().find(|entry| entry["currency"].is_null()))?;
    number(&entry["price"])
}

fn number(value: &Value) -> Option<Decimal> {
    let text = text_of(value);
    text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Totals by hand: graduated, volume, stairstep.
    fn check(ranges: &Value, prices: &Value, quantity: &str, want: [&str; 3]) {
        for (model, want) in ["graduated", "volume", "stairstep"].into_iter().zip(want) {
            let total = total(model, ranges, prices, Some("USD"), quantity.parse().unwrap()).unwrap();
            assert_eq!(total.normalize().to_string(), want, "{model} of {quantity}");
        }
    }

    #[test]
    fn a_table_that_starts_at_zero() {
        let ranges = json!([{"start": 0, "end": 99}, {"start": 100}]);
        let prices = json!([{"index": 0, "price": 10}, {"index": 1, "price": 8}]);
        check(&ranges, &prices, "0", ["0", "0", "10"]);
        check(&ranges, &prices, "1", ["10", "10", "10"]);
        check(&ranges, &prices, "99", ["990", "990", "10"]);
        // 99 at 10 and 1 at 8; all at 8; the second step.
        check(&ranges, &prices, "100", ["998", "800", "8"]);
        // 99 at 10 and 51 at 8.
        check(&ranges, &prices, "150", ["1398", "1200", "8"]);
    }

    #[test]
    fn a_table_that_starts_at_one() {
        let ranges = json!([{"start": 1, "end": 1000}, {"start": 1001, "end": 10000}, {"start": 10001}]);
        let prices =
            json!([{"index": 2, "price": "0.05"}, {"index": 0, "price": 0.10}, {"index": 1, "price": 8e-2}]);
        check(&ranges, &prices, "0", ["0", "0", "0"]);
        check(&ranges, &prices, "1000", ["100", "100", "0.1"]);
        // 1,000 at 0.10 and 1 at 0.08.
        check(&ranges, &prices, "1001", ["100.08", "80.08", "0.08"]);
        check(&ranges, &prices, "10000", ["820", "800", "0.08"]);
        // 1,000 at 0.10, 9,000 at 0.08 and 2,000 at 0.05.
        check(&ranges, &prices, "12000", ["920", "600", "0.05"]);
        check(&ranges, &prices, "0.5", ["0.05", "0.05", "0.1"]);
    }

    #[test]
    fn a_price_is_taken_in_the_currency_of_the_line() {
        let ranges = json!([{"start": 1}]);
        let prices = json!([{"index": 0, "price": 10, "currency": "USD"}, {"index": 0, "price": 100, "currency": "NOK"}]);
        let total = |currency| {
            total("volume", &ranges, &prices, currency, Decimal::TWO).map(|total| total.to_string())
        };
        assert_eq!(total(Some("NOK")).as_deref(), Some("200"));
        assert_eq!(total(None).as_deref(), Some("20"));
        assert_eq!(total(Some("JPY")), None);
    }
}
