//! How a simulated tenant is set up.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use rust_decimal::Decimal;

/// Settings of one simulated tenant. Every field has a default.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to serve on; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Active currencies of the tenant; the first is its default currency.
    pub currencies: Vec<String>,
    /// Custom fields that exist, by object (`Account`, `Contact`, `Product`, `ProductRatePlan`,
    /// `ProductRatePlanCharge`, `Order`, `OrderAction`, `Subscription`, `RatePlan`, `RatePlanCharge`).
    pub custom_fields: BTreeMap<String, Vec<String>>,
    /// Whether a second account, order, subscription or charge of the same number is refused.
    pub unique_numbers: bool,
    /// Without a service activation date a subscription stays `Pending Activation`.
    pub require_service_activation: bool,
    /// Without a customer acceptance date a subscription stays `Pending Acceptance`.
    pub require_customer_acceptance: bool,
    /// Seconds of the simulated clock until a new record shows up in object-query lists.
    pub search_lag_seconds: i64,
    /// Folder that gets one JSON line per call; the environment's `SIM_RECORD_DIR` when absent.
    pub record_dir: Option<PathBuf>,
    /// Where the simulated clock starts; the real time when absent.
    pub start: Option<jiff::Timestamp>,
    /// The only accepted client id and secret; any well-formed pair when absent.
    pub client: Option<(String, String)>,
    /// Life of an access token in seconds.
    pub token_seconds: i64,
    /// Parallel business calls before 429; the vendor's limits by class when absent.
    pub concurrency_limit: Option<usize>,
    /// Business calls per minute before 429; 50,000 when absent.
    pub rate_limit_per_minute: Option<u32>,
    /// `Retry-After` of a 429 made by the two limits above, in seconds.
    pub limit_retry_after: u64,
    /// HTTP status of a refused `/v1` call (`success: false`).
    pub refusal_status: u16,
    /// HTTP status of a refused object CRUD call (`Success: false`).
    pub crud_refusal_status: u16,
    /// HTTP status of a keyed read that finds nothing.
    pub not_found_status: u16,
    /// Whether a `OneTime` catalogue charge may carry `BillingPeriod`.
    pub one_time_billing_period_allowed: bool,
    /// Whether a `OneTime` catalogue charge must carry `BillingPeriod`.
    pub one_time_billing_period_required: bool,
    /// Whether subscriptions may have their own bill-to, sold-to and payment term.
    pub flexible_billing: bool,
    /// Whether a subscription may have another currency than its account.
    pub multiple_currencies: bool,
    /// Whether credit and debit memos exist (Invoice Settlement).
    pub invoice_settlement: bool,
    /// Whether a used idempotency key with another body is refused with 422.
    pub idempotency_compares_body: bool,
    /// Whether two calls in progress that change one account collide (lock contention, suffix 50).
    pub account_locks: bool,
    /// Seconds until a new rate plan can be ordered ("not found" before).
    pub catalog_lag_seconds: i64,
    /// Whether order previews write discounts as negative numbers (the vendor does not say).
    pub negative_preview_discounts: bool,
    /// Tax on taxable charges in percent, on top of the price; none = no tax engine.
    pub tax_percent: Option<Decimal>,
    /// Whether an update of a discount takes `discountAmount` (the vendor's model has no such field).
    pub discount_amount_updates: bool,
    /// Whether `GET /v1/subscriptions/{key}` shows `cancelledDate`, which the vendor's model lacks.
    pub shows_cancelled_date: bool,
    /// Names of the tenant's payment terms.
    pub payment_terms: Vec<String>,
    /// Units of measure that exist.
    pub units_of_measure: Vec<String>,
    /// Prefix of account numbers that the tenant gives out itself.
    pub account_prefix: String,
    /// Prefix of subscription numbers that the tenant gives out itself.
    pub subscription_prefix: String,
    /// Prefix of order numbers that the tenant gives out itself.
    pub order_prefix: String,
}

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|s| (*s).to_owned()).collect()
}

impl Default for Config {
    fn default() -> Self {
        Config {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            currencies: strings(&["USD", "EUR", "GBP", "JPY", "NOK", "INR"]),
            custom_fields: BTreeMap::from([
                ("Contact".to_owned(), strings(&["crmId__c"])),
                ("Subscription".to_owned(), strings(&["hubspotDealId__c"])),
            ]),
            unique_numbers: true,
            require_service_activation: false,
            require_customer_acceptance: false,
            search_lag_seconds: 0,
            record_dir: None,
            start: None,
            client: None,
            token_seconds: 3598,
            concurrency_limit: None,
            rate_limit_per_minute: None,
            limit_retry_after: 1,
            refusal_status: 200,
            crud_refusal_status: 200,
            not_found_status: 404,
            one_time_billing_period_allowed: true,
            one_time_billing_period_required: false,
            flexible_billing: true,
            multiple_currencies: true,
            invoice_settlement: true,
            idempotency_compares_body: false,
            account_locks: false,
            catalog_lag_seconds: 0,
            negative_preview_discounts: true,
            tax_percent: None,
            discount_amount_updates: true,
            shows_cancelled_date: false,
            payment_terms: strings(&["Due Upon Receipt", "Net 30", "Net 60", "Net 90"]),
            units_of_measure: strings(&["Each", "GB"]),
            account_prefix: "A".to_owned(),
            subscription_prefix: "A-S".to_owned(),
            order_prefix: "O-".to_owned(),
        }
    }
}

impl Config {
    /// The custom fields of an object.
    pub(crate) fn custom(&self, object: &str) -> &[String] {
        self.custom_fields.get(object).map_or(&[], Vec::as_slice)
    }

    /// The tenant's default currency.
    pub(crate) fn default_currency(&self) -> String {
        self.currencies.first().cloned().unwrap_or_else(|| "USD".to_owned())
    }

    /// Whether the tenant has the currency.
    pub(crate) fn has_currency(&self, currency: &str) -> bool {
        self.currencies.iter().any(|c| c == currency)
    }
}
