//! What the connector remembers of an object: cross-reference, last applied projection, open intent, outcome.
//!
//! One item per object. No personal data, with one exception: while the outcome of creating an account or a
//! contact is unknown, the frozen request body stays in the intent, because idempotency needs the same bytes;
//! it is erased with the definite outcome (see `ARCHITECTURE.md`, D-13 against D-29).

use crate::billing::company::{AccountLink, AppliedFields};
use crate::billing::deal::{DealProjection, SubscriptionLink};
use crate::billing::product::CatalogLink;
use crate::ids::{HubSpotId, ZuoraContactId};
use crate::money::Currency;
use crate::plan::deal::movement::Movement;
use crate::problem::Problem;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How an object stands, as HubSpot shows it (`contract.md` 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncStatus {
    /// Nothing in Zuora, and nothing asks for it.
    #[default]
    NotLinked,
    /// Being worked on, waiting for another object, or to be tried again.
    Pending,
    /// Zuora holds what HubSpot says.
    InSync,
    /// A person must do something; see the problems.
    NeedsAttention,
}

impl SyncStatus {
    /// HubSpot's option value.
    pub fn as_str(self) -> &'static str {
        match self {
            SyncStatus::NotLinked => "not_linked",
            SyncStatus::Pending => "pending",
            SyncStatus::InSync => "in_sync",
            SyncStatus::NeedsAttention => "needs_attention",
        }
    }
}

/// A kind of write to Zuora.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// POST an account.
    CreateAccount,
    /// PUT an account.
    UpdateAccount,
    /// POST a contact.
    CreateContact,
    /// POST a product.
    CreateProduct,
    /// PUT a product.
    UpdateProduct,
    /// POST a rate plan.
    CreateRatePlan,
    /// POST a charge.
    CreateCharge,
    /// PUT a rate plan's further currencies.
    ActivateCurrencies,
    /// PUT a charge's prices.
    SetPrices,
    /// POST an order.
    CreateOrder,
    /// PUT the trigger dates of an order.
    SetTriggerDates,
}

impl Effect {
    /// The name in audit records, keys and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::CreateAccount => "create_account",
            Effect::UpdateAccount => "update_account",
            Effect::CreateContact => "create_contact",
            Effect::CreateProduct => "create_product",
            Effect::UpdateProduct => "update_product",
            Effect::CreateRatePlan => "create_rate_plan",
            Effect::CreateCharge => "create_charge",
            Effect::ActivateCurrencies => "activate_currencies",
            Effect::SetPrices => "set_prices",
            Effect::CreateOrder => "create_order",
            Effect::SetTriggerDates => "set_trigger_dates",
        }
    }

    /// Creations need an idempotency key and a look-up before they are repeated; a PUT may simply be repeated.
    pub fn is_creation(self) -> bool {
        match self {
            Effect::CreateAccount
            | Effect::CreateContact
            | Effect::CreateProduct
            | Effect::CreateRatePlan
            | Effect::CreateCharge
            | Effect::CreateOrder => true,
            Effect::UpdateAccount
            | Effect::UpdateProduct
            | Effect::ActivateCurrencies
            | Effect::SetPrices
            | Effect::SetTriggerDates => false,
        }
    }
}

/// The ledger entry of a write to Zuora: saved before the write, erased with its definite outcome (D-13).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// What is written.
    pub effect: Effect,
    /// The natural key: account, order or catalogue number, or the contact's id and account.
    pub number: String,
    /// The path segment of a PUT, or the account of a contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The request body, byte by byte.
    pub body: String,
    /// Part of the idempotency key; raised only after a definite failure was read (`zuora.md` 1.5).
    pub generation: u32,
    /// When this generation was sent first.
    pub first_sent_at: Timestamp,
    /// When the body was sent last.
    pub sent_at: Timestamp,
    /// How often this generation was sent.
    pub sends: u32,
    /// Digest of the last answer that was a failure; an equal one after a repeat is Zuora's stored failure (D-14).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// What will be remembered once the write is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Then>,
}

impl std::fmt::Debug for Intent {
    /// The body may hold personal data and stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Intent")
            .field("effect", &self.effect)
            .field("number", &self.number)
            .field("generation", &self.generation)
            .field("first_sent_at", &self.first_sent_at)
            .field("sends", &self.sends)
            .finish_non_exhaustive()
    }
}

/// What a write makes true, kept with the intent so that a resumed worker records the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The account holds these fields, and these HubSpot contacts are its bill-to and sold-to.
    Account {
        /// Digests by field.
        applied: AppliedFields,
        /// Bill-to contact.
        bill_to: PartyKept,
        /// Sold-to contact; none when it is the bill-to contact.
        sold_to: Option<PartyKept>,
        /// Currency of an account that is created.
        currency: Option<Currency>,
        /// The contact that an update makes sold-to.
        sold_to_id: Option<ZuoraContactId>,
    },
    /// A contact exists on the account.
    Contact {
        /// The HubSpot contact that it holds, or the company whose address it shows.
        holds: HubSpotId,
    },
    /// The catalogue holds these values.
    Catalog {
        /// Digests by field.
        applied: AppliedFields,
    },
    /// The subscription holds this projection.
    Subscription {
        /// The link that the order makes.
        link: SubscriptionLink,
        /// What was ordered.
        projection: Box<DealProjection>,
        /// The order makes the subscription, so finding that proves the order; otherwise only the order does.
        #[serde(default)]
        creates: bool,
        /// How the order moves monthly recurring revenue, for the audit trail.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        movement: Option<Movement>,
    },
}

/// Who stands behind a contact of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyKept {
    /// The HubSpot contact; none for the company's own address.
    pub contact: Option<HubSpotId>,
    /// It shows the company's address.
    pub company_address: bool,
}

/// The cross-reference by kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// A company's account.
    Account(AccountLink),
    /// A product's rate plan.
    Catalog(CatalogLink),
    /// A deal's subscription.
    Subscription(SubscriptionLink),
}

/// What we told Zuora last, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Applied {
    /// Fields of an account or of catalogue objects, as digests.
    Fields(AppliedFields),
    /// A deal, line by line.
    Deal(Box<DealProjection>),
}

/// A question that only a person may answer with yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// What exactly is confirmed: another subscription, day or loss has another token.
    pub token: String,
    /// What will be done, for people.
    pub text: String,
}

/// The remembered state of one object.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ObjectState {
    /// Cross-reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// Last applied projection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied: Option<Applied>,
    /// The write whose outcome is not known yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<Intent>,
    /// Contacts that were created on the account for a deal.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub contacts: BTreeMap<HubSpotId, ZuoraContactId>,
    /// How it stands.
    pub status: SyncStatus,
    /// Why a person is needed, all problems at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// What was changed on the way to Zuora (shortened names and the like).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
    /// The moment before the last complete read began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// The moment before bill-to and sold-to labels were read last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parties_read_at: Option<Timestamp>,
    /// The last look came to its end (as against: waiting, to be tried again).
    pub complete: bool,
    /// Digest of the configuration that it was looked at with.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub config: String,
    /// Part of idempotency keys: raised after each definite failure, never after a time-out.
    pub generation: u32,
    /// A change was sent and nobody knows when it takes effect: after this moment everything is told once more,
    /// so that a late effect of old values does not stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tell_again_at: Option<Timestamp>,
    /// Since when the deal is seen as lost while what it ordered still runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost_since: Option<Timestamp>,
    /// What a person is asked to confirm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<Confirmation>,
    /// Failed attempts in a row, for the back-off.
    pub attempts: u32,
    /// Time of the last effective change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Timestamp>,
    /// What we wrote into HubSpot last.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub written: BTreeMap<String, String>,
    /// HubSpot refused the last write-back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_back_problem: Option<Problem>,
}

impl ObjectState {
    /// The account, when this is a linked company.
    pub fn account(&self) -> Option<&AccountLink> {
        match &self.link {
            Some(Link::Account(link)) => Some(link),
            Some(Link::Catalog(_) | Link::Subscription(_)) | None => None,
        }
    }

    /// The rate plan, when this is a linked product.
    pub fn catalog(&self) -> Option<&CatalogLink> {
        match &self.link {
            Some(Link::Catalog(link)) => Some(link),
            Some(Link::Account(_) | Link::Subscription(_)) | None => None,
        }
    }

    /// The subscription, when this is an ordered deal.
    pub fn subscription(&self) -> Option<&SubscriptionLink> {
        match &self.link {
            Some(Link::Subscription(link)) => Some(link),
            Some(Link::Account(_) | Link::Catalog(_)) | None => None,
        }
    }

    /// The last applied field digests.
    pub fn applied_fields(&self) -> Option<&AppliedFields> {
        match &self.applied {
            Some(Applied::Fields(fields)) => Some(fields),
            Some(Applied::Deal(_)) | None => None,
        }
    }

    /// The last applied projection of a deal.
    pub fn applied_deal(&self) -> Option<&DealProjection> {
        match &self.applied {
            Some(Applied::Deal(projection)) => Some(projection),
            Some(Applied::Fields(_)) | None => None,
        }
    }
}

/// Facts that others leave at an object without holding its lease. Setting one twice is the same as once.
pub mod mark {
    /// Somebody asked for this object: a button, a won deal. The value says who.
    pub const WANTED: &str = "wanted";
    /// A person confirmed what the value names (see the deal's problem): a cancellation.
    pub const CONFIRMED: &str = "confirmed";
    /// Contacts or labels may have changed at this moment (RFC 3339).
    pub const PARTIES: &str = "parties";
    /// On a contact: it is bill-to or sold-to of the company whose id ends the name.
    pub const PARTY: &str = "party.";
    /// On a contact: it is bill-to or sold-to of the deal whose id ends the name.
    pub const PARTY_OF_DEAL: &str = "party_of_deal.";
    /// On a contact: it exists in Zuora on the account whose id ends the name; the value is Zuora's contact id.
    pub const IN_ZUORA: &str = "in_zuora.";
    /// A deal needs a price in this currency; the name ends in the code, the value is a list price to start from.
    pub const PRICE: &str = "price.";
}

/// One entry of the audit trail (D-30): who, what, why and with what result; ids and digests only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// When.
    pub at: Timestamp,
    /// The object it was done for.
    pub object: String,
    /// What was done (`create_order`, `write_back`, …).
    pub effect: String,
    /// The thing in Zuora or HubSpot.
    pub target: String,
    /// Why: the tickle's reason.
    pub reason: String,
    /// Who asked, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Correlation id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// How it ended: `done`, `adopted`, `refused`, `unknown`.
    pub result: String,
    /// Digest of the request body.
    pub digest: String,
    /// Which fields changed: names before and after as digests, never values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}
