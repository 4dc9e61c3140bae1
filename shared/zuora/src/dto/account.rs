//! Accounts and contacts (`zuora.md` 3; SDK `CreateAccountRequest`, `UpdateAccountRequest`, `CreateContactRequest`,
//! `AccountDetailResponse`, `ExpandedAccount`, `ExpandedContact`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A contact in a body; absent fields are left as they are.
#[derive(Serialize, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Contact<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) work_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) work_phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mobile_phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address1: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address2: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) city: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) zip_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<&'a str>,
    /// Custom fields are flat here (`zuora.md` 9).
    #[serde(flatten)]
    pub(crate) custom: BTreeMap<&'a str, &'a str>,
}

/// `POST /v1/accounts`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateAccount<'a> {
    pub(crate) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account_number: Option<&'a str>,
    pub(crate) crm_id: &'a str,
    pub(crate) currency: &'a str,
    pub(crate) bill_cycle_day: u8,
    /// Always said: without it Zuora makes the account auto-pay (trap 12).
    pub(crate) auto_pay: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) payment_term: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) batch: &'a str,
    pub(crate) bill_to_contact: Contact<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sold_to_contact: Option<Contact<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sold_to_same_as_bill_to: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tax_info: Option<TaxInfo<'a>>,
}

/// `taxInfo` (SDK `TaxInfo`); absent fields are left as they are.
#[derive(Serialize, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaxInfo<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exempt_status: Option<ExemptStatus>,
    /// At most 25 characters; empty clears it.
    #[serde(rename = "VATId", skip_serializing_if = "Option::is_none")]
    pub(crate) vat_id: Option<&'a str>,
}

/// `exemptStatus` (SDK `TaxExemptStatus`; the third, `PendingVerification`, is finance's own).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum ExemptStatus {
    Yes,
    No,
}

impl From<bool> for ExemptStatus {
    fn from(exempt: bool) -> Self {
        if exempt { ExemptStatus::Yes } else { ExemptStatus::No }
    }
}

/// `PUT /v1/accounts/{key}`.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateAccount<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crm_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bill_to_contact: Option<Contact<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sold_to_contact_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sold_to_contact: Option<Contact<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tax_info: Option<TaxInfo<'a>>,
}

/// `POST /v1/contacts`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateContact<'a> {
    pub(crate) account_id: &'a str,
    #[serde(flatten)]
    pub(crate) contact: Contact<'a>,
}

/// Answer to `POST /v1/accounts`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountCreated {
    pub(crate) account_id: Option<String>,
    pub(crate) account_number: Option<String>,
    pub(crate) bill_to_contact_id: Option<String>,
    pub(crate) sold_to_contact_id: Option<String>,
}

/// Answer to `POST /v1/contacts`.
#[derive(Deserialize)]
pub(crate) struct ContactCreated {
    pub(crate) id: Option<String>,
}

/// Answer to `GET /v1/accounts/{key}`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountDetail {
    pub(crate) basic_info: BasicInfo,
    pub(crate) billing_and_payment: Option<BillingAndPayment>,
    pub(crate) bill_to_contact: Option<ContactRef>,
    pub(crate) sold_to_contact: Option<ContactRef>,
}

/// Who the account is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BasicInfo {
    pub(crate) id: String,
    pub(crate) account_number: String,
    pub(crate) name: Option<String>,
    pub(crate) crm_id: Option<String>,
    pub(crate) status: Option<String>,
}

/// How the account is billed.
#[derive(Deserialize)]
pub(crate) struct BillingAndPayment {
    pub(crate) currency: Option<String>,
}

/// A contact as its account shows it.
#[derive(Deserialize)]
pub(crate) struct ContactRef {
    pub(crate) id: Option<String>,
    /// Custom fields among others.
    #[serde(flatten)]
    pub(crate) fields: Map<String, Value>,
}

/// A row of `/object-query/accounts`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountRow {
    pub(crate) id: String,
    pub(crate) account_number: String,
    pub(crate) name: Option<String>,
    pub(crate) crm_id: Option<String>,
    pub(crate) currency: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) bill_to_id: Option<String>,
    pub(crate) sold_to_id: Option<String>,
}

/// A row of `/object-query/contacts`.
#[derive(Deserialize)]
pub(crate) struct ContactRow {
    pub(crate) id: String,
    #[serde(flatten)]
    pub(crate) fields: Map<String, Value>,
}
