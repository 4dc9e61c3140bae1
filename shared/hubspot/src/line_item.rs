//! Line items: HubSpot's record becomes the domain's facts, numbers still as text.

use crate::dto::record::Record;
use crate::records::names;
use connector_domain::crm::line_item::LineItem;
use jiff::Timestamp;

pub(crate) const TYPE: &str = "line_items";

const PROPERTIES: [&str; 17] = [
    "name",
    "hs_product_id",
    "quantity",
    "price",
    "amount",
    "discount",
    "hs_discount_percentage",
    "recurringbillingfrequency",
    "hs_recurring_billing_period",
    "hs_recurring_billing_start_date",
    "hs_billing_start_delay_days",
    "hs_billing_start_delay_months",
    "hs_line_item_currency_code",
    "hs_pricing_model",
    "hs_tier_ranges",
    "hs_tier_prices",
    "hs_ramp_key",
];

pub(crate) fn properties(trigger: &str) -> Vec<String> {
    names(&PROPERTIES, [trigger])
}

/// What the price of a line is made of; the last change of any of these is the line's change of D-7.
const PRICED: [&str; 5] = ["quantity", "price", "discount", "hs_discount_percentage", "hs_tier_prices"];

/// The histories that [`last_change`] needs.
pub(crate) fn histories() -> Vec<String> {
    PRICED.map(str::to_owned).to_vec()
}

/// When the line changed last; `None` when HubSpot does not tell.
pub(crate) fn last_change(record: &Record) -> Option<Timestamp> {
    record.last_change(&PRICED)
}

pub(crate) fn parse(record: &Record, trigger: &str) -> LineItem {
    LineItem {
        id: Some(record.id.clone()),
        name: record.text("name"),
        product: record.text("hs_product_id"),
        quantity: record.text("quantity"),
        price: record.text("price"),
        amount: record.text("amount"),
        discount: record.text("discount"),
        discount_percentage: record.text("hs_discount_percentage"),
        frequency: record.text("recurringbillingfrequency"),
        term: record.text("hs_recurring_billing_period"),
        start_date: record.text("hs_recurring_billing_start_date"),
        delay_days: record.text("hs_billing_start_delay_days"),
        delay_months: record.text("hs_billing_start_delay_months"),
        currency: record.text("hs_line_item_currency_code"),
        pricing_model: record.text("hs_pricing_model"),
        tier_ranges: record.text("hs_tier_ranges"),
        tier_prices: record.text("hs_tier_prices"),
        ramp_key: record.text("hs_ramp_key"),
        trigger: record.text(trigger),
    }
}
