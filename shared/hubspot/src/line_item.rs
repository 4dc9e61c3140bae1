//! Line items: HubSpot's record becomes the domain's facts, numbers still as text.

use crate::dto::record::Record;
use connector_domain::crm::line_item::LineItem;

pub(crate) const TYPE: &str = "line_items";

const PROPERTIES: [&str; 14] = [
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
];

pub(crate) fn properties(trigger: &str) -> Vec<String> {
    let fixed = PROPERTIES.iter().map(|name| (*name).to_owned());
    fixed.chain([trigger.to_owned()]).filter(|name| !name.is_empty()).collect()
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
        trigger: record.text(trigger),
    }
}
