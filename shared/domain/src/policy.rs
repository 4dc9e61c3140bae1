//! The installation's choices that mapping and planning need, already validated (`contract.md` 9).

use crate::ids::PortalId;
use crate::money::Currency;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};

/// Who numbers the accounts that we create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbering {
    /// We do, from HubSpot ids; a second creation is refused by Zuora.
    Derived,
    /// The tenant does.
    Zuora,
}

/// Which companies sync without a button or a won deal (D-9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncWhen {
    /// Only those that are linked already.
    Linked,
    /// Every company.
    All,
    /// Companies whose property has one of these values (compared without regard to case).
    Property {
        /// HubSpot property name.
        name: String,
        /// Accepted values.
        values: BTreeSet<String>,
    },
}

/// When a state is needed in an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateRequired {
    /// In these countries (ISO codes); Zuora always validates US and CA.
    WhereUsed(BTreeSet<String>),
    /// Everywhere, as the original connector wants it.
    Always,
}

/// What a same-named account without a link means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Candidates {
    /// A person decides.
    Park,
    /// Another company of that name; create one more account.
    Create,
}

/// Who owns products and plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatalogMaster {
    /// Linked plans belong to Zuora, created ones follow HubSpot (D-11).
    Linked,
    /// Zuora: nothing is created.
    Zuora,
    /// Only links are made.
    LinkOnly,
}

/// Association label texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// Bill-to contact of a company or deal.
    pub bill_to: String,
    /// Sold-to contact of a company or deal.
    pub sold_to: String,
    /// Invoice owner of a deal.
    pub invoice_owner: String,
}

impl Default for Labels {
    fn default() -> Self {
        Self { bill_to: "Bill To".into(), sold_to: "Sold To".into(), invoice_owner: "Invoice Owner".into() }
    }
}

/// Defaults of accounts that we create (Z-049 to Z-052).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountDefaults {
    /// Payment term by name.
    pub payment_term: String,
    /// Bill cycle day, 0 to 31.
    pub bill_cycle_day: u8,
    /// Batch, API value.
    pub batch: String,
}

impl Default for AccountDefaults {
    fn default() -> Self {
        Self { payment_term: "Due Upon Receipt".into(), bill_cycle_day: 1, batch: "Batch1".into() }
    }
}

/// What the configuration file decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The portal.
    pub portal: PortalId,
    /// Numbers of accounts.
    pub numbering: Numbering,
    /// Which companies sync by themselves.
    pub sync_when: SyncWhen,
    /// When a state is needed.
    pub state_required: StateRequired,
    /// Same-named accounts.
    pub candidates: Candidates,
    /// Label texts.
    pub labels: Labels,
    /// Stage ids that mean won, by pipeline id; a pipeline that is not listed follows HubSpot's metadata.
    pub won_stages: BTreeMap<String, BTreeSet<String>>,
    /// Term in months of a deal with one-time lines only.
    pub default_term_months: u32,
    /// Defaults of new accounts.
    pub account: AccountDefaults,
    /// Who owns the catalogue.
    pub catalog: CatalogMaster,
    /// Unit of measure of charges that we create.
    pub unit_of_measure: String,
    /// Deal properties with the optional trigger dates.
    pub service_activation_property: String,
    /// See [`Policy::service_activation_property`].
    pub customer_acceptance_property: String,
    /// Line item property with the billing trigger.
    pub billing_trigger_property: String,
}

impl Policy {
    /// The documented defaults for a portal.
    pub fn defaults(portal: PortalId) -> Self {
        Self {
            portal,
            numbering: Numbering::Derived,
            sync_when: SyncWhen::Linked,
            state_required: StateRequired::WhereUsed(BTreeSet::from(["US".to_owned(), "CA".to_owned()])),
            candidates: Candidates::Park,
            labels: Labels::default(),
            won_stages: BTreeMap::new(),
            default_term_months: 12,
            account: AccountDefaults::default(),
            catalog: CatalogMaster::Linked,
            unit_of_measure: "Each".into(),
            service_activation_property: "z_service_activation_date".into(),
            customer_acceptance_property: "z_customer_activation_date".into(),
            billing_trigger_property: "billing_start_trigger".into(),
        }
    }
}

/// What the portal itself says (`GET /account-info/.../details`): read once and cached.
#[derive(Debug, Clone, PartialEq)]
pub struct Portal {
    /// Day boundaries are taken in this zone.
    pub time_zone: TimeZone,
    /// The currency of records without one of their own.
    pub home_currency: Currency,
    /// All active currencies, the home currency included.
    pub currencies: BTreeSet<Currency>,
}
