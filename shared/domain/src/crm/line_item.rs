//! A HubSpot line item: a copy of a product's values inside a deal.

use crate::ids::HubSpotId;

/// The facts of a line item; numbers are still text so that mapping can name what is wrong with them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineItem {
    /// Record id.
    pub id: Option<HubSpotId>,
    /// Name, for messages about the line (a product's name, no personal data).
    pub name: Option<String>,
    /// `hs_product_id`.
    pub product: Option<String>,
    /// `quantity`.
    pub quantity: Option<String>,
    /// `price`: list price per unit and billing period.
    pub price: Option<String>,
    /// `amount`: net total of the line as HubSpot computes it.
    pub amount: Option<String>,
    /// `discount`: amount per unit.
    pub discount: Option<String>,
    /// `hs_discount_percentage`.
    pub discount_percentage: Option<String>,
    /// `recurringbillingfrequency`.
    pub frequency: Option<String>,
    /// `hs_recurring_billing_period`: the term.
    pub term: Option<String>,
    /// `hs_recurring_billing_start_date`.
    pub start_date: Option<String>,
    /// `hs_billing_start_delay_days`.
    pub delay_days: Option<String>,
    /// `hs_billing_start_delay_months`.
    pub delay_months: Option<String>,
    /// `hs_line_item_currency_code`.
    pub currency: Option<String>,
    /// `hs_pricing_model`.
    pub pricing_model: Option<String>,
    /// `hs_tier_ranges`, JSON as text.
    pub tier_ranges: Option<String>,
    /// `hs_tier_prices`, JSON as text.
    pub tier_prices: Option<String>,
    /// `hs_ramp_key`: lines with the same key are the phases of a ramp.
    pub ramp_key: Option<String>,
    /// The billing trigger property (Z-078).
    pub trigger: Option<String>,
}
