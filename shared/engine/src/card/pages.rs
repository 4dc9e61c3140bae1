//! Shapes beside the card itself: the preview of a deal, the settings page, the health page, refusals.

use super::model::{CardState, Day, Moment, Money, Problem};
use serde::Serialize;

/// One order action of a preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PreviewAction {
    /// What kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it takes effect.
    pub date: Option<Day>,
    /// What it does.
    pub text: String,
}

/// One order of a preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PreviewOrder {
    /// The number that it would get.
    pub number: String,
    /// Its actions in their sequence.
    pub actions: Vec<PreviewAction>,
}

/// One line of a previewed invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PreviewItem {
    /// Product and charge.
    pub name: String,
    /// First day of service.
    pub from: Option<Day>,
    /// Last day of service.
    pub to: Option<Day>,
    /// Without tax.
    pub amount: Money,
    /// Tax.
    pub tax: Money,
}

/// A previewed invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PreviewInvoice {
    /// Its day.
    pub date: Option<Day>,
    /// Without tax.
    pub amount: Money,
    /// Tax.
    pub tax: Money,
    /// With tax.
    pub total: Money,
    /// Its lines.
    pub items: Vec<PreviewItem>,
}

/// What a sync of a deal would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// The deal's id.
    pub deal: String,
    /// The deal is won; otherwise this is what would be ordered if it were.
    pub won: bool,
    /// Every write in plain words, in its sequence.
    pub steps: Vec<String>,
    /// The orders among them.
    pub orders: Vec<PreviewOrder>,
    /// The first invoices by Zuora's own reckoning.
    pub invoices: Vec<PreviewInvoice>,
    /// Why there are none.
    pub invoices_missing: Option<String>,
    /// What a person must mend first.
    pub problems: Vec<Problem>,
    /// What is worth knowing.
    pub notices: Vec<String>,
    /// Nothing would be written.
    pub nothing_to_do: bool,
}

/// Whether a vendor answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// `hubspot` or `zuora`.
    #[cfg_attr(test, ts(type = "\"hubspot\" | \"zuora\""))]
    pub system: &'static str,
    /// It answers and lets us in.
    pub ok: bool,
    /// What it said, in short.
    pub detail: String,
}

/// How one field travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct MappedField {
    /// HubSpot's property or record.
    pub source: String,
    /// Zuora's field.
    pub target: String,
    /// Which way.
    pub direction: String,
}

/// How one kind of record is mapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct MappedObject {
    /// HubSpot's side.
    pub object: String,
    /// Zuora's side.
    pub target: String,
    /// Its fields.
    pub fields: Vec<MappedField>,
}

/// One effective setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ConfigurationEntry {
    /// Its key in the configuration file.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// The settings page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SettingsView {
    /// The connection test, made for this answer.
    pub connection: Vec<Connection>,
    /// The mapping, read-only.
    pub mapping: Vec<MappedObject>,
    /// What is wrong with it.
    pub mapping_problems: Vec<Problem>,
    /// The effective settings, without secrets and without e-mail addresses.
    pub configuration: Vec<ConfigurationEntry>,
    /// Version of the configuration.
    pub version: String,
}

/// How many records of a kind stand how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ObjectCounts {
    /// The kind.
    #[cfg_attr(test, ts(type = "\"company\" | \"deal\" | \"product\""))]
    pub object: &'static str,
    /// In step; none when the store could not count them.
    pub in_sync: Option<u32>,
    /// Worked on, waiting, or to be looked at again; none when the store could not count them.
    pub pending: Option<u32>,
    /// A person must do something.
    pub failing: u32,
    /// Not in Zuora, and nothing asks for it; none when the store could not count them.
    pub excluded: Option<u32>,
    /// There were too many to count all: each number says how many there are at least.
    pub at_least: bool,
}

/// How far behind the connector is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Lag {
    /// Messages that wait in the queues; none when a queue did not say.
    pub queued: Option<u32>,
    /// Since when the oldest message or overdue record waits, for people; none when nothing waits.
    pub oldest_text: Option<String>,
}

/// A record that a person must mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Kind of record.
    pub object: String,
    /// Its id.
    pub id: String,
    /// What is wrong.
    pub problem: Problem,
    /// Since when.
    pub since: Moment,
    /// Whether trying again may be asked for.
    pub retry: bool,
}

/// The health page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SystemHealth {
    /// Counts by kind.
    pub counts: Vec<ObjectCounts>,
    /// How far behind.
    pub lag: Lag,
    /// What failed; at most the first thousand.
    pub failures: Vec<Failure>,
    /// When both systems were compared last.
    pub last_reconciliation: Option<Moment>,
    /// Version of the configuration.
    pub configuration_version: String,
}

/// Why something was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RefusalError {
    /// `forbidden`, `wrong_token`, `not_found`, `unavailable`.
    pub code: String,
    /// For people.
    pub message: String,
}

/// An expected failure, answered with HTTP 200: a card sees nothing of other statuses for sure (`hubspot.md` 6.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// Always false.
    #[cfg_attr(test, ts(type = "false"))]
    pub ok: bool,
    /// Why.
    pub error: RefusalError,
}

/// A sync was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SyncAccepted {
    /// Names the request in logs and in the audit trail.
    pub request_id: String,
}

/// A confirmation was noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Confirmed {
    /// How the record stands now.
    pub state: CardState,
}

/// Records are tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Retried {
    /// How many.
    pub retried: u32,
}
