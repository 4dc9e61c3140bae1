//! Tiered prices of line items: `hs_tier_ranges` and `hs_tier_prices`, two JSON texts that refer to each other.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::state::Record;
use crate::values::text_of;

/// The price of a quantity by the tiers of a line item, or `None` where it has none.
pub(crate) fn gross(line: &Record, quantity: Decimal) -> Option<Decimal> {
    let model = line.value("hs_pricing_model").filter(|model| *model != "flat")?;
    let ranges: Value = serde_json::from_str(line.value("hs_tier_ranges")?).ok()?;
    let prices: Value = serde_json::from_str(line.value("hs_tier_prices")?).ok()?;
    let currency = line.value("hs_line_item_currency_code");
    let price_of = |index: usize| -> Option<Decimal> {
        let entries = prices.as_array()?;
        let of_range = |entry: &&Value| entry["index"].as_u64() == u64::try_from(index).ok();
        let in_currency = |entry: &&Value| currency.is_none() || entry["currency"].as_str() == currency;
        let entry = entries
            .iter()
            .filter(of_range)
            .find(in_currency)
            .or_else(|| entries.iter().find(|entry| of_range(entry) && entry["currency"].is_null()))?;
        text_of(&entry["price"]).parse().ok()
    };
    let mut total = Decimal::ZERO;
    let mut below = Decimal::ZERO;
    for (index, range) in ranges.as_array()?.iter().enumerate() {
        let end: Option<Decimal> = text_of(&range["end"]).parse().ok();
        let last = end.is_none_or(|end| quantity <= end);
        let price = price_of(index)?;
        let top = end.map_or(quantity, |end| end.min(quantity));
        match model {
            "graduated" => total += (top - below) * price,
            "volume" if last => return Some(quantity * price),
            "stairstep" if last => return Some(price),
            _ => {}
        }
        below = top;
        if last {
            break;
        }
    }
    (model == "graduated").then_some(total)
}
