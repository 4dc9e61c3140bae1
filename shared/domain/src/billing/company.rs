//! Accounts and contacts: what a company becomes.

use crate::ids::{AccountId, AccountNumber, HubSpotId, ZuoraContactId};
use crate::money::Currency;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A contact as Zuora should hold it. Empty means that the field is cleared or left out.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct DesiredContact {
    /// The HubSpot contact; none when the company's own address stands in (D-12).
    pub crm_id: Option<HubSpotId>,
    /// At most 100 characters.
    pub first_name: String,
    /// At most 100 characters.
    pub last_name: String,
    /// At most 80 characters.
    pub work_email: String,
    /// The address below is the company's.
    pub company_address: bool,
    /// At most 40 characters.
    pub work_phone: String,
    /// At most 40 characters.
    pub mobile_phone: String,
    /// At most 255 characters.
    pub address1: String,
    /// At most 255 characters.
    pub address2: String,
    /// At most 100 characters.
    pub city: String,
    /// Code for US and Canada, else text of at most 100 characters.
    pub state: String,
    /// At most 20 characters.
    pub zip: String,
    /// English ISO name.
    pub country: String,
}

impl std::fmt::Debug for DesiredContact {
    /// Personal data cannot reach a log by way of `{:?}`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DesiredContact").field("crm_id", &self.crm_id).finish_non_exhaustive()
    }
}

impl DesiredContact {
    /// All fields by name, in a fixed order.
    pub fn fields(&self) -> [(&'static str, &str); 12] {
        [
            ("crm_id", self.crm_id.as_ref().map_or("", HubSpotId::as_str)),
            ("first_name", &self.first_name),
            ("last_name", &self.last_name),
            ("work_email", &self.work_email),
            ("work_phone", &self.work_phone),
            ("mobile_phone", &self.mobile_phone),
            ("address1", &self.address1),
            ("address2", &self.address2),
            ("city", &self.city),
            ("state", &self.state),
            ("zip", &self.zip),
            ("country", &self.country),
        ]
    }
}

/// An account as Zuora should hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredAccount {
    /// The company; `crmId` in Zuora.
    pub crm_id: HubSpotId,
    /// Our number, unless the tenant numbers.
    pub number: Option<AccountNumber>,
    /// At most 255 characters.
    pub name: String,
    /// Fixed at creation.
    pub currency: Currency,
    /// Payment term by name, set at creation only.
    pub payment_term: String,
    /// Set at creation only.
    pub bill_cycle_day: u8,
    /// Set at creation only.
    pub batch: String,
    /// Zuora account of the parent company, when that is linked.
    pub parent: Option<AccountId>,
    /// VAT number, at most 25 characters; none when the installation maps none.
    pub vat_id: Option<String>,
    /// Tax exemption; none when the installation maps none.
    pub tax_exempt: Option<bool>,
    /// Bill-to contact.
    pub bill_to: DesiredContact,
    /// Sold-to contact; none when it is the bill-to contact (D-12).
    pub sold_to: Option<DesiredContact>,
}

/// Digests of what we told Zuora last, by field (`name`, `bill_to.city`, …): enough to know what changed,
/// without keeping personal data (D-29).
pub type AppliedFields = BTreeMap<String, String>;

fn digest(value: &str) -> String {
    Sha256::digest(value.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect()
}

impl DesiredAccount {
    /// The digests of all fields that follow HubSpot after creation.
    pub fn applied_fields(&self) -> AppliedFields {
        let mut fields = AppliedFields::new();
        fields.insert("crm_id".into(), digest(self.crm_id.as_str()));
        fields.insert("name".into(), digest(&self.name));
        // Only what the installation maps, so that switching a mapping on is a change and having none is not.
        if let Some(parent) = &self.parent {
            fields.insert("parent".into(), digest(parent.as_str()));
        }
        if let Some(vat_id) = &self.vat_id {
            fields.insert("vat_id".into(), digest(vat_id));
        }
        if let Some(exempt) = self.tax_exempt {
            fields.insert("tax_exempt".into(), digest(if exempt { "yes" } else { "no" }));
        }
        for (name, value) in self.bill_to.fields() {
            fields.insert(format!("bill_to.{name}"), digest(value));
        }
        if let Some(sold_to) = &self.sold_to {
            for (name, value) in sold_to.fields() {
                fields.insert(format!("sold_to.{name}"), digest(value));
            }
        }
        fields
    }
}

/// One of the two contacts that we keep on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactSlot {
    /// Zuora's id.
    pub zuora_id: ZuoraContactId,
    /// The HubSpot contact that it holds; none for the company's own address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<HubSpotId>,
    /// The contact has no address of its own and shows the company's.
    #[serde(default)]
    pub company_address: bool,
}

/// The cross-reference of a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountLink {
    /// Zuora's id.
    pub id: AccountId,
    /// Its number.
    pub number: AccountNumber,
    /// Its currency, when Zuora said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The bill-to contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_to: Option<ContactSlot>,
    /// The sold-to contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sold_to: Option<ContactSlot>,
}

/// An account as Zuora shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedAccount {
    /// Zuora's id.
    pub id: AccountId,
    /// Its number.
    pub number: AccountNumber,
    /// Its CRM id.
    pub crm_id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its currency.
    pub currency: Option<Currency>,
    /// `Draft`, `Active`, `Canceled`, or what else Zuora may say.
    pub status: Option<String>,
    /// Bill-to contact id.
    pub bill_to: Option<ZuoraContactId>,
    /// Sold-to contact id.
    pub sold_to: Option<ZuoraContactId>,
}

impl ObservedAccount {
    /// Cancelled accounts take no changes (`51500030`).
    pub fn is_canceled(&self) -> bool {
        self.status
            .as_deref()
            .is_some_and(|s| s.eq_ignore_ascii_case("canceled") || s.eq_ignore_ascii_case("cancelled"))
    }
}
