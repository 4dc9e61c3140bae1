//! The configuration of installations (`contract.md` 4 and 9): one file, overridden by variables, checked as a
//! whole. [`load`] returns settings that need no further checks, or every problem at once.
//!
//! - One table of settings (`registry.rs`) drives reading (`source.rs`), checking (`value.rs`, `rules.rs`, `urls.rs`),
//!   building (`build.rs`, `reader.rs`) and showing (`show.rs`). Manuals: `config.default.toml`, `docs/configuration.md`.
//! - An installation is a portal with a tenant or entity (D-26); several are `[[installation]]` tables. Sections
//!   outside of them hold for all, a table's own sections go first, variables before both.
//!
//! Not here: the process's environment ([`crate::env_vars`]), the values of secrets (`secrets.rs` reads them from
//! where they are kept), and anything that asks a vendor (`doctor` does).

mod build;
mod problem;
mod reader;
mod registry;
mod rules;
mod secrets;
mod show;
mod source;
mod suggest;
#[cfg(test)]
mod tests;
mod urls;
mod value;

pub use crate::env_vars::EnvMap;
pub use problem::ConfigProblem;
pub use secrets::{Secrets, SecretsError};

use connector_domain::ids::{AppId, PortalId};
use connector_domain::money::Currency;
use connector_domain::object::ObjectKind;
use connector_domain::policy::{
    AccountDefaults, Candidates, CatalogMaster, DealPolicy, Discounts, Labels, Numbering, Policy,
    StateRequired, SyncWhen, TaxPolicy,
};
use connector_http::BaseUrl;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The manual: every setting with its default, commented.
pub const DEFAULT_TOML: &str = include_str!("../config.default.toml");

/// Where the process runs, as far as it decides what a configuration may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// In a Lambda, loopback addresses need `allow_loopback = true` and the store must be AWS.
    pub lambda: bool,
}

impl Surroundings {
    /// A Lambda sets `AWS_LAMBDA_FUNCTION_NAME` for its process.
    pub fn of(env: &EnvMap) -> Self {
        Self { lambda: env.get("AWS_LAMBDA_FUNCTION_NAME").is_some() }
    }
}

/// One installation: a portal with a tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// HubSpot's side.
    pub hubspot: Hubspot,
    /// Zuora's side.
    pub zuora: Zuora,
    /// The address that HubSpot calls, without a slash at its end; part of every signature.
    pub public_url: String,
    /// Where state is kept.
    pub store: Store,
    /// Who numbers accounts.
    pub numbering: Numbering,
    /// Companies and accounts.
    pub companies: Companies,
    /// Association label texts.
    pub labels: Labels,
    /// Deals.
    pub deals: DealPolicy,
    /// Line item property with the event that starts billing.
    pub billing_trigger_property: String,
    /// Defaults of accounts that we create.
    pub accounts: AccountDefaults,
    /// How discounts reach Zuora.
    pub discounts: Discounts,
    /// Where things are opened in Zuora, by the name of the page; empty for nowhere.
    pub links: BTreeMap<&'static str, String>,
    /// What taxes need.
    pub taxes: TaxPolicy,
    /// Products and rate plans.
    pub catalog: Catalog,
    /// What `reconcile` may repair.
    pub repair: Repair,
    /// HubSpot user ids or e-mail addresses of those who may act on cards; none means the default of D-28:
    /// everyone for Sync and Preview, nobody for Confirm and Retry all.
    pub allowed_users: Option<BTreeSet<String>>,
    /// Our share of the vendors' limits.
    pub limits: Limits,
    /// Mapping of fields; always none in this version, which refuses one.
    pub mapping_file: Option<PathBuf>,
    /// Whether a Lambda may call loopback addresses.
    pub allow_loopback: bool,
    /// By how much the clock is shifted (D-32); zero outside of tests.
    pub clock_offset: SignedDuration,
    settings: show::Settings,
}

/// HubSpot's side of an installation.
#[derive(Debug, Clone, PartialEq)]
pub struct Hubspot {
    /// The account.
    pub portal: PortalId,
    /// The app whose webhooks and cards call us.
    pub app: AppId,
    /// Address of the API.
    pub base_url: BaseUrl,
    /// Instead of asking HubSpot.
    pub time_zone: Option<TimeZone>,
    /// Instead of asking HubSpot.
    pub home_currency: Option<Currency>,
    /// Instead of asking HubSpot; holds the home currency if that is set.
    pub currencies: Option<BTreeSet<Currency>>,
}

/// Zuora's side of an installation.
#[derive(Debug, Clone, PartialEq)]
pub struct Zuora {
    /// Address of the REST API.
    pub base_url: BaseUrl,
    /// Address of the user interface: configured, else the one that belongs to a published `base_url`, else none
    /// (and then there are no links).
    pub ui_url: Option<BaseUrl>,
    /// The operator's further hosts, lower case, `host` or `host:port`.
    pub extra_hosts: Vec<String>,
    /// Header `Zuora-Entity-Ids`.
    pub entity_id: Option<String>,
    /// Header `Zuora-Org-Ids`.
    pub org_ids: Vec<String>,
    /// Custom field of subscriptions with the deal id.
    pub deal_field: String,
    /// Custom field of contacts with the HubSpot contact id.
    pub contact_field: String,
    /// Whether the tenant has several currencies.
    pub multi_currency: bool,
    /// The tenant's active currencies, if configured.
    pub currencies: Option<BTreeSet<Currency>>,
}

/// Where state is kept; the same for all installations of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// The embedded store of a single machine.
    Sqlite {
        /// Its folder, relative to the working directory.
        data_dir: PathBuf,
    },
    /// DynamoDB and SQS.
    Aws {
        /// Table of states.
        state_table: String,
        /// Table of audit records.
        audit_table: String,
        /// The secret with the credentials; none where a process needs none.
        secret_arn: Option<String>,
        /// Queues by kind.
        queues: Queues,
    },
}

/// Queue addresses by object kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queues {
    /// Companies.
    pub company: String,
    /// Contacts.
    pub contact: String,
    /// Products.
    pub product: String,
    /// Deals.
    pub deal: String,
    /// Line items.
    pub line_item: String,
}

impl Queues {
    /// The queue of a kind.
    pub fn of(&self, kind: ObjectKind) -> &str {
        match kind {
            ObjectKind::Company => &self.company,
            ObjectKind::Contact => &self.contact,
            ObjectKind::Product => &self.product,
            ObjectKind::Deal => &self.deal,
            ObjectKind::LineItem => &self.line_item,
        }
    }
}

/// Choices about companies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companies {
    /// Which ones sync by themselves.
    pub sync_when: SyncWhen,
    /// When a state is needed; the countries come from `companies.state_countries`.
    pub state_required: StateRequired,
    /// Same-named accounts.
    pub candidates: Candidates,
    /// Whether a parent company is the parent account.
    pub parents: bool,
}

/// Choices about products and rate plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    /// Who owns them.
    pub master: CatalogMaster,
    /// Custom field of rate plans with the HubSpot product id, instead of the external plan id.
    pub link_field: Option<String>,
    /// Unit of measure of charges that we create.
    pub unit_of_measure: String,
}

/// What `reconcile` may repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// Nothing: report only.
    None,
    /// Links between records.
    Links,
    /// Links and values.
    All,
}

/// Our share of the vendors' limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests to Zuora at once.
    pub zuora_concurrency: u32,
    /// Requests to HubSpot in ten seconds.
    pub hubspot_per_10s: u32,
}

/// Reads, overrides and checks the configuration: all installations, or all problems. `text` is the file's text,
/// none when there is no file; `file_name` stands in problems.
pub fn load(
    text: Option<&str>,
    file_name: &str,
    env: &EnvMap,
    surroundings: Surroundings,
) -> Result<Vec<Config>, Vec<ConfigProblem>> {
    build::load(text, file_name, env, surroundings)
}

impl Config {
    /// What mapping and planning need to know.
    pub fn policy(&self) -> Policy {
        Policy {
            portal: self.hubspot.portal,
            numbering: self.numbering,
            sync_when: self.companies.sync_when.clone(),
            state_required: self.companies.state_required.clone(),
            candidates: self.companies.candidates,
            labels: self.labels.clone(),
            deals: self.deals.clone(),
            discounts: self.discounts,
            tenant_currencies: self.zuora.currencies.clone(),
            parents: self.companies.parents,
            tax: self.taxes.clone(),
            account: self.accounts.clone(),
            catalog: self.catalog.master,
            unit_of_measure: self.catalog.unit_of_measure.clone(),
            billing_trigger_property: self.billing_trigger_property.clone(),
        }
    }

    /// Whether both vendors are simulators on this machine.
    pub fn base_is_loopback(&self) -> bool {
        self.hubspot.base_url.is_loopback() && self.zuora.base_url.is_loopback()
    }
}
