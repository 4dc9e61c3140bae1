//! The installation's choices that mapping and planning need, already validated (`contract.md` 9).

use crate::dates::Term;
use crate::ids::PortalId;
use crate::money::Currency;
use jiff::SignedDuration;
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

/// How discounts reach Zuora: one way, never both (D-6, X-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discounts {
    /// In the price of the charge.
    NetPrice,
    /// As the discount charges of the plan; the charge keeps its list price.
    DiscountCharges,
}

/// What closed lost after won means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedLost {
    /// A person confirms the cancellation.
    Confirm,
    /// The subscription is cancelled, as the original connector does.
    Cancel,
    /// Nothing happens.
    Ignore,
}

/// When a cancellation without a date takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelPolicy {
    /// At the end of the last invoiced period.
    EndOfBilledPeriod,
    /// At the end of the term.
    EndOfTerm,
    /// On the day of the sync, in the portal's zone.
    Today,
}

/// What happens to a change that would take effect in time that is invoiced already (D-7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LateChanges {
    /// A person decides.
    Park,
    /// It is ordered with that date; Zuora credits or charges the difference.
    Allow,
}

/// What a renewal deal means for products of the subscription that it does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnnamedLines {
    /// A person decides.
    Park,
    /// They go on as they are.
    Keep,
    /// They end with the old term.
    Remove,
}

/// What a won deal does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DealDoes {
    /// It makes a subscription of its own.
    New,
    /// It adds its lines to the subscription that it names.
    Extend,
    /// It renews the subscription that it names.
    Renew,
    /// Nothing: such deals are not synced.
    Nothing,
}

/// One rule of what deals do; the first rule whose every condition holds decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealRule {
    /// Pipeline ids; empty for any.
    pub pipelines: BTreeSet<String>,
    /// `dealtype` values, without regard to case; empty for any.
    pub deal_types: BTreeSet<String>,
    /// A property with accepted values, without regard to case; no values means that it is filled.
    pub property: Option<(String, BTreeSet<String>)>,
    /// What such deals do.
    pub does: DealDoes,
}

/// Names of deal properties that the connector reads; empty for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealProperties {
    /// Optional trigger dates.
    pub service_activation: String,
    /// See [`DealProperties::service_activation`].
    pub customer_acceptance: String,
    /// When a change takes effect (D-7).
    pub effective_date: String,
    /// When a cancellation takes effect.
    pub cancellation_date: String,
    /// The subscription that an upsell or renewal deal changes.
    pub extends: String,
    /// When a suspension begins.
    pub suspend_date: String,
    /// When a suspension ends.
    pub resume_date: String,
    /// Whether the subscription renews by itself.
    pub auto_renew: String,
    /// Length of a renewal.
    pub renewal_term: String,
}

impl Default for DealProperties {
    fn default() -> Self {
        Self {
            service_activation: "z_service_activation_date".into(),
            customer_acceptance: "z_customer_activation_date".into(),
            effective_date: "zuora_effective_date".into(),
            cancellation_date: "zuora_cancellation_date".into(),
            extends: "zuora_extends_subscription".into(),
            suspend_date: String::new(),
            resume_date: String::new(),
            auto_renew: String::new(),
            renewal_term: String::new(),
        }
    }
}

/// Choices about deals (`contract.md` 9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealPolicy {
    /// Stage ids that mean won, by pipeline id; a pipeline that is not listed follows HubSpot's metadata.
    pub won_stages: BTreeMap<String, BTreeSet<String>>,
    /// Term in months of a deal with one-time lines only.
    pub default_term_months: u32,
    /// Subscriptions renew by themselves unless the deal's property says otherwise (Z-086).
    pub auto_renew: bool,
    /// Length of a renewal; none for the length of the term.
    pub renewal_term: Option<Term>,
    /// What closed lost after won means.
    pub closed_lost: ClosedLost,
    /// When a cancellation without a date takes effect.
    pub cancel_policy: CancelPolicy,
    /// How long a deal must stay lost before its subscription is cancelled without a button; a deal that is lost
    /// and won again in that time is left alone.
    pub cancel_after: SignedDuration,
    /// Changes in time that is invoiced already.
    pub late_changes: LateChanges,
    /// Products that a renewal deal does not name.
    pub unnamed_lines: UnnamedLines,
    /// What deals do, first match wins; without a match, a deal that names a subscription extends it (or renews
    /// it, if its type says renewal), and any other makes its own.
    pub rules: Vec<DealRule>,
    /// Names of properties.
    pub properties: DealProperties,
}

impl Default for DealPolicy {
    fn default() -> Self {
        Self {
            won_stages: BTreeMap::new(),
            default_term_months: 12,
            auto_renew: false,
            renewal_term: None,
            closed_lost: ClosedLost::Confirm,
            cancel_policy: CancelPolicy::EndOfBilledPeriod,
            cancel_after: SignedDuration::from_secs(60),
            late_changes: LateChanges::Park,
            unnamed_lines: UnnamedLines::Park,
            rules: Vec::new(),
            properties: DealProperties::default(),
        }
    }
}

/// How accounts and charges get what taxes need (L-24); empty names map nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaxPolicy {
    /// Company property with the VAT number.
    pub vat_property: String,
    /// Company property that says whether the company is exempt (true, yes).
    pub exempt_property: String,
    /// Product property with the tax code of charges that we create.
    pub code_property: String,
    /// Prices of charges that we create hold the tax already.
    pub inclusive: bool,
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
    /// Deals.
    pub deals: DealPolicy,
    /// How discounts reach Zuora.
    pub discounts: Discounts,
    /// The tenant's active currencies, when the configuration names them.
    pub tenant_currencies: Option<BTreeSet<Currency>>,
    /// A parent company in HubSpot is the parent account in Zuora, when both are linked.
    pub parents: bool,
    /// Taxes.
    pub tax: TaxPolicy,
    /// Defaults of new accounts.
    pub account: AccountDefaults,
    /// Who owns the catalogue.
    pub catalog: CatalogMaster,
    /// Unit of measure of charges that we create.
    pub unit_of_measure: String,
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
            deals: DealPolicy::default(),
            discounts: Discounts::NetPrice,
            tenant_currencies: None,
            parents: true,
            tax: TaxPolicy::default(),
            account: AccountDefaults::default(),
            catalog: CatalogMaster::Linked,
            unit_of_measure: "Each".into(),
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
