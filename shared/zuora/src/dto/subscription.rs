//! Subscriptions as read (SDK `GetSubscriptionResponse`, `ExpandedSubscription`). Both hold custom fields flat
//! (`zuora.md` 9), in a case that differs.

use serde::Deserialize;
use serde_json::{Map, Value};

/// Answer to `GET /v1/subscriptions/{number}`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Subscription {
    pub(crate) subscription_number: String,
    pub(crate) status: Option<String>,
    pub(crate) account_number: Option<String>,
    pub(crate) order_number: Option<String>,
    #[serde(flatten)]
    pub(crate) fields: Map<String, Value>,
}

/// A row of `/object-query/subscriptions`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscriptionRow {
    /// The number (trap 7).
    pub(crate) name: String,
    pub(crate) status: Option<String>,
    /// Each change makes a new version with a new id (trap 6).
    pub(crate) is_latest_version: Option<bool>,
    #[serde(flatten)]
    pub(crate) fields: Map<String, Value>,
}
