//! Simulated Zuora server (test equipment).
//!
//! A tenant with state, served over HTTP: OAuth, accounts, contacts, catalogue, orders, subscriptions,
//! object query. It keeps idempotency keys, refuses what the vendor refuses, follows a fault script,
//! runs on a clock that tests move, and records every call. It has wire types of its own, so that a
//! mistake in the connector's types cannot hide here.

mod accounts;
mod amendments;
mod amounts;
mod api;
mod billing;
mod catalog;
mod catalog_charge;
mod charge_dates;
mod clock;
mod config;
mod control;
mod countries;
mod describe;
mod errors;
mod faults;
mod idempotency;
mod json;
mod lifecycle;
mod metrics;
mod object_query;
mod order_actions;
mod orders;
mod preview;
mod pricing;
mod query_rows;
mod recording;
mod report;
mod schema;
mod seed;
mod serve;
mod server;
mod state;
mod subscription_view;
mod subscriptions;
mod trigger_dates;
mod views;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

pub use config::Config;
pub use faults::{Fault, FaultRule};
pub use recording::Call;

use server::{Inner, Shared, lock};

/// A running simulated tenant. Clones share it; it serves until the runtime ends.
#[derive(Debug, Clone)]
pub struct Sim {
    inner: Shared,
    address: SocketAddr,
}

#[expect(clippy::disallowed_methods, reason = "test equipment: the one variable that asks for a recording")]
fn record_dir() -> Option<PathBuf> {
    // The tests of this crate send bad bodies on purpose; they are not what a recording is for.
    if cfg!(test) {
        return None;
    }
    std::env::var("SIM_RECORD_DIR").ok().filter(|dir| !dir.is_empty()).map(PathBuf::from)
}

impl Sim {
    /// Binds the address and serves in a background task.
    pub async fn start(config: Config) -> std::io::Result<Sim> {
        let folder = config.record_dir.clone().or_else(record_dir);
        let inner = Arc::new(Inner::new(config, folder));
        let address = serve::start(Arc::clone(&inner)).await?;
        Ok(Sim { inner, address })
    }

    /// `http://127.0.0.1:port`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Puts the products of the acceptance stories into the tenant (all but Sensor Gateway); a
    /// second call changes nothing.
    pub fn seed_acceptance_catalog(&self) {
        // The bodies are fixed and pass the checks unless a setting forbids them; tests see the gap.
        let _ = seed::acceptance_catalog(&mut self.inner.tenant());
    }

    /// Stores an account: the body of `POST /v1/accounts`, plus optional `status`, without the checks.
    /// Gives back its id, or an empty text when the number is taken.
    pub fn seed_account(&self, json: Value) -> String {
        let body = json::into_object(json);
        seed::account(&mut self.inner.tenant(), &body).unwrap_or_default()
    }

    /// Stores an invoice, payment or memo for the cards: `kind` is its object-query name (`invoices`,
    /// `payments`, `credit-memos`, `debit-memos`), the fields are those of object query with
    /// `accountId` or `accountNumber`. Gives back its id.
    pub fn seed_document(&self, kind: &str, fields: Value) -> String {
        seed::document(&mut self.inner.tenant(), kind, json::into_object(fields))
    }

    /// Adds a custom field to an object (`Contact`, `Order`, ...), as an administrator does in the tenant's
    /// pages. `POST /_sim/custom-field` with `object` and `name` does the same.
    pub fn add_custom_field(&self, object: &str, name: &str) {
        let fields = &mut self.inner.tenant().config.custom_fields;
        fields.entry(object.to_owned()).or_default().push(name.to_owned());
    }

    /// Adds a rule to the fault script.
    pub fn inject(&self, rule: FaultRule) {
        lock(&self.inner.script).push(rule);
    }

    /// Empties the fault script.
    pub fn clear_faults(&self) {
        lock(&self.inner.script).clear();
    }

    /// Moves the simulated clock forward and applies late effects that became due.
    pub fn advance(&self, seconds: i64) {
        self.inner.clock.advance(seconds);
        drop(self.inner.tenant());
    }

    /// Invoices everything that is due by a day and not invoiced yet, in posted invoices; gives back
    /// their numbers. Periods run from the start of each charge; what was invoiced and fell away later
    /// is not credited. `POST /_sim/bill` with `through` does the same.
    pub fn bill_through(&self, date: jiff::civil::Date) -> Vec<String> {
        billing::bill_through(&mut self.inner.tenant(), date)
    }

    /// Marks catalogue charges as taxed on top of the price; `key` is the id, name or number of a charge,
    /// or the SKU of a product for all its charges. Gives back how many were marked. The rate is
    /// `Config::tax_percent`. `POST /_sim/taxable` with `charge` does the same.
    pub fn mark_taxable(&self, key: &str) -> usize {
        seed::taxable(&mut self.inner.tenant(), key)
    }

    /// The percentage by which renewals that happen by themselves raise the recurring prices; none = not
    /// at all. `POST /_sim/uplift` with `percent` does the same.
    pub fn set_renewal_uplift(&self, percent: Option<rust_decimal::Decimal>) {
        self.inner.tenant().renewal_uplift = percent;
    }

    /// Posted and other invoices, payments or memos by object-query name, with the invoice items under
    /// `invoice-items`; the fields are those of object query.
    pub fn documents(&self, kind: &str) -> Vec<Value> {
        let tenant = self.inner.tenant();
        tenant.documents.get(kind).into_iter().flatten().cloned().map(Value::Object).collect()
    }

    /// The simulated time.
    pub fn now(&self) -> jiff::Timestamp {
        self.inner.clock.now()
    }

    /// Every call since the start or the last `clear_calls`, in order of arrival.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.inner.recorder).calls()
    }

    /// Forgets the calls so far.
    pub fn clear_calls(&self) {
        lock(&self.inner.recorder).clear();
    }

    /// How many business writes were received (POST, PUT, PATCH, DELETE; not tokens, queries and
    /// previews) since the start or the last `clear_calls`, whatever their outcome.
    pub fn writes(&self) -> usize {
        self.calls().iter().filter(|c| c.write).count()
    }

    /// Accounts: the fields of the create call, and `id, number, status, currency, billTo, soldTo`
    /// (contacts), `billToId, soldToId, customFields`.
    pub fn accounts(&self) -> Vec<Value> {
        report::accounts(&self.inner.tenant())
    }

    /// Contacts: the fields of the create call, and `id, accountId, accountNumber`.
    pub fn contacts(&self) -> Vec<Value> {
        report::contacts(&self.inner.tenant())
    }

    /// Orders: `number, account, date, status, currency, customFields, actions`, `subscriptions`.
    pub fn orders(&self) -> Vec<Value> {
        report::orders(&self.inner.tenant())
    }

    /// Subscriptions in their latest version, amounts as decimal strings; `mrr` and `tcv` are after
    /// discounts, `grossMrr` and `grossTcv` before. `mrr` is that of the day of the last agreed change;
    /// `mrrToday` and `grossMrrToday` are those of the simulated day, as the reads over HTTP show them.
    pub fn subscriptions(&self) -> Vec<Value> {
        report::subscriptions(&self.inner.tenant())
    }

    /// Products with `ratePlans`, `charges` and `tiers`.
    pub fn products(&self) -> Vec<Value> {
        report::products(&self.inner.tenant())
    }
}
