//! What an installation finds on both sides before the first sync, and what can be made there: for `setup` and
//! `doctor` only. The sync itself never asks any of this.
//!
//! Not here: what should be there, and the comparison (`connector_engine::installation`).

use crate::PortError;
use async_trait::async_trait;
use connector_domain::ids::PortalId;
use connector_domain::object::ObjectKind;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What a HubSpot property holds. HubSpot's own word for it is `type`, with a `fieldType` for its forms
/// (`hubspot.md` 4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// One line of text: `string`.
    Text,
    /// Several lines of text: `string`, with another field in forms.
    LongText,
    /// `number`.
    Number,
    /// A day: `date`.
    Date,
    /// A moment: `datetime`.
    DateTime,
    /// One of several values: `enumeration`.
    Choice,
}

impl ValueKind {
    /// HubSpot's `type`.
    pub fn type_word(self) -> &'static str {
        match self {
            ValueKind::Text | ValueKind::LongText => "string",
            ValueKind::Number => "number",
            ValueKind::Date => "date",
            ValueKind::DateTime => "datetime",
            ValueKind::Choice => "enumeration",
        }
    }
}

/// One value of a property of the kind [`ValueKind::Choice`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is stored.
    pub value: String,
    /// What people see.
    pub label: String,
}

/// A property that should exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyWish {
    /// Internal name.
    pub name: String,
    /// What people see.
    pub label: String,
    /// What it means, for people.
    pub description: String,
    /// Internal name of its group.
    pub group: String,
    /// What it holds.
    pub kind: ValueKind,
    /// Its values, for a choice.
    pub choices: Vec<Choice>,
}

/// A property that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyFound {
    /// Internal name.
    pub name: String,
    /// HubSpot's word for its type, such as `string`.
    pub type_word: String,
    /// Its values, for an enumeration.
    pub choices: BTreeSet<String>,
    /// HubSpot calculates it, or refuses values from outside.
    pub read_only: bool,
}

/// Between which records a label stands, read from the side from which the connector asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LabelPair {
    /// Companies and contacts.
    CompanyContact,
    /// Deals and contacts.
    DealContact,
    /// Deals and companies.
    DealCompany,
}

impl LabelPair {
    /// All pairs.
    pub const ALL: [LabelPair; 3] =
        [LabelPair::CompanyContact, LabelPair::DealContact, LabelPair::DealCompany];
}

/// An association label that should exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelWish {
    /// Internal name, for the portal's API users; the connector goes by the text.
    pub name: String,
    /// What people see, and what HubSpot's API returns.
    pub text: String,
}

/// What the portal says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalFacts {
    /// The portal that the token belongs to.
    pub id: PortalId,
    /// `STANDARD`, `DEVELOPER_TEST`, `SANDBOX` or `APP_DEVELOPER`.
    pub account_type: Option<String>,
    /// Name of its time zone.
    pub time_zone: Option<String>,
    /// Its home currency.
    pub home_currency: Option<String>,
    /// Its other active currencies.
    pub further_currencies: BTreeSet<String>,
    /// HubSpot's clock when it answered.
    pub clock: Option<Timestamp>,
}

/// HubSpot's side.
#[async_trait]
pub trait CrmInstallation: Send + Sync {
    /// Time zone, currencies, kind of the portal, read afresh; proves the token.
    async fn facts(&self) -> Result<PortalFacts, PortError>;
    /// Scopes of the token; `None` when HubSpot does not tell them for such a token.
    async fn scopes(&self) -> Result<Option<BTreeSet<String>>, PortError>;
    /// Reads one record, whichever, to see whether the token may.
    async fn probe(&self, kind: ObjectKind) -> Result<(), PortError>;
    /// Internal names of the property groups of a kind.
    async fn groups(&self, kind: ObjectKind) -> Result<BTreeSet<String>, PortError>;
    /// The properties of a kind that are not archived.
    async fn properties(&self, kind: ObjectKind) -> Result<Vec<PropertyFound>, PortError>;
    /// The texts of all labels of a pair, HubSpot's own among them.
    async fn labels(&self, pair: LabelPair) -> Result<Vec<String>, PortError>;
    /// Makes a property group.
    async fn create_group(&self, kind: ObjectKind, name: &str, label: &str) -> Result<(), PortError>;
    /// Makes a property.
    async fn create_property(&self, kind: ObjectKind, wish: &PropertyWish) -> Result<(), PortError>;
    /// Makes a label that reads the same from both sides.
    async fn create_label(&self, pair: LabelPair, wish: &LabelWish) -> Result<(), PortError>;
}

/// An object of Zuora that carries a link field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BillingObject {
    /// Contact.
    Contact,
    /// Order.
    Order,
    /// Subscription.
    Subscription,
    /// Rate plan of the catalogue.
    ProductRatePlan,
}

impl BillingObject {
    /// Zuora's API name of the object.
    pub fn api_name(self) -> &'static str {
        match self {
            BillingObject::Contact => "Contact",
            BillingObject::Order => "Order",
            BillingObject::Subscription => "Subscription",
            BillingObject::ProductRatePlan => "ProductRatePlan",
        }
    }
}

/// A field as Zuora describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFound {
    /// API name, in the case in which it was made.
    pub name: String,
    /// `text`, `picklist`, `date` and so on; in lower case.
    pub type_word: String,
    /// Longest text, when Zuora says it.
    pub longest: Option<u32>,
}

/// What the tenant says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantFacts {
    /// Orders can be listed, so the tenant has the feature Orders or Orders Harmonization.
    pub orders: bool,
    /// Credit memos can be listed, which comes with Invoice Settlement; `None` when Zuora did not say.
    pub memos: Option<bool>,
    /// Zuora's clock when it answered.
    pub clock: Option<Timestamp>,
}

/// Zuora's side. Custom fields of standard objects are made in Zuora's own pages; no documented API makes them
/// (`zuora.md` 9), so there is nothing here that creates.
#[async_trait]
pub trait BillingInstallation: Send + Sync {
    /// Features and clock; proves the OAuth client. An error is about the credentials or the way to Zuora, a
    /// right that is missing is an answer.
    async fn facts(&self) -> Result<TenantFacts, PortError>;
    /// All fields of an object; `None` when the tenant does not describe such an object.
    async fn fields(&self, object: BillingObject) -> Result<Option<Vec<FieldFound>>, PortError>;
}
