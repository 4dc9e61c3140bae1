//! `GET /account-info/2026-09/details` (`hubspot.md` 4.8).

use serde::Deserialize;

/// What the portal says of itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    pub(crate) portal_id: u64,
    pub(crate) time_zone: Option<String>,
    pub(crate) company_currency: Option<String>,
    pub(crate) additional_currencies: Option<Vec<String>>,
}
