//! `GET /settings`: the connection test, the mapping read-only, the effective configuration.

use super::caller::Caller;
use super::site::Site;
use crate::config::Config;
use crate::request::{Request, Response};
use connector_domain::ids::HubSpotId;
use connector_engine::card::pages::{
    ConfigurationEntry, Connection, MappedField, MappedObject, SettingsView,
};
use connector_ports::PortError;
use futures::future::join;
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// How long a connection test waits.
const LIMIT: Duration = Duration::from_secs(5);

/// Settings that name people: shown as a number of entries.
const ABOUT_PEOPLE: [&str; 1] = ["cards.allowed_users"];

const TO_ZUORA: &str = "HubSpot to Zuora";
const TO_HUBSPOT: &str = "Zuora to HubSpot";

/// HubSpot's side, Zuora's side, direction.
type Way = (&'static str, &'static str, &'static str);

/// The fields that this version carries; `docs/adding-a-field.md` says where each is made.
const MAPPING: [(&str, &str, &[Way]); 5] = [
    (
        "company",
        "account",
        &[
            ("record id", "crmId", TO_ZUORA),
            ("name", "name", TO_ZUORA),
            (
                "address, city, state, zip, country",
                "bill-to and sold-to without a labelled contact",
                TO_ZUORA,
            ),
            ("zuora_account_number", "accountNumber", TO_HUBSPOT),
            ("zuora_sync_status, zuora_sync_error", "the connector's own state", TO_HUBSPOT),
        ],
    ),
    (
        "contact (labelled)",
        "bill-to and sold-to contact",
        &[
            ("record id", "crmId__c", TO_ZUORA),
            ("firstname, lastname", "firstName, lastName", TO_ZUORA),
            ("email", "workEmail", TO_ZUORA),
            ("phone", "workPhone", TO_ZUORA),
            ("address, city, state, zip, country", "address1, city, state, zipCode, country", TO_ZUORA),
        ],
    ),
    (
        "product",
        "product, rate plan, charge",
        &[
            ("record id", "external rate plan id", TO_ZUORA),
            ("name", "Name", TO_ZUORA),
            ("description", "Description", TO_ZUORA),
            ("hs_sku", "SKU", TO_ZUORA),
            ("price, hs_price_<currency>", "list price by currency", TO_ZUORA),
        ],
    ),
    (
        "deal",
        "order, subscription",
        &[
            ("record id", "hubspotDealId__c", TO_ZUORA),
            ("closedate", "orderDate, contract effective date", TO_ZUORA),
            ("deal_currency_code", "currency", TO_ZUORA),
            ("zuora_subscription_number, zuora_order_number", "numbers of what was ordered", TO_HUBSPOT),
        ],
    ),
    (
        "line item",
        "rate plan of the subscription",
        &[
            ("quantity", "quantity", TO_ZUORA),
            ("price, discounts", "list price or discount charges", TO_ZUORA),
            ("recurringbillingfrequency", "billing period", TO_ZUORA),
            ("hs_recurring_billing_period", "term of the subscription", TO_ZUORA),
        ],
    ),
];

/// What the settings page tells of the configuration.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    entries: Vec<ConfigurationEntry>,
    version: String,
}

impl Facts {
    /// From an installation's configuration: no secrets are in it, and who is named in it is not shown.
    pub fn of(config: &Config) -> Self {
        let mut entries = Vec::new();
        flatten(String::new(), &config.show(), &mut entries);
        Self { entries, version: config.digest() }
    }

    /// The version of the configuration.
    pub(super) fn version(&self) -> &str {
        &self.version
    }
}

fn flatten(path: String, value: &Value, out: &mut Vec<ConfigurationEntry>) {
    let shown = match value {
        Value::Object(table) if path.matches('.').count() < 1 => {
            for (key, value) in table {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flatten(path, value, out);
            }
            return;
        }
        Value::Array(list) if ABOUT_PEOPLE.contains(&path.as_str()) => format!("{} named", list.len()),
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            let plain = |one: &Value| one.as_str().map_or_else(|| one.to_string(), str::to_owned);
            list.iter().map(plain).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    out.push(ConfigurationEntry { key: path, value: shown });
}

fn mapping() -> Vec<MappedObject> {
    MAPPING
        .iter()
        .map(|(object, target, fields)| MappedObject {
            object: (*object).to_owned(),
            target: (*target).to_owned(),
            fields: fields
                .iter()
                .map(|(source, target, direction)| MappedField {
                    source: (*source).to_owned(),
                    target: (*target).to_owned(),
                    direction: (*direction).to_owned(),
                })
                .collect(),
        })
        .collect()
}

async fn test(system: &'static str, call: impl Future<Output = Result<(), PortError>>) -> Connection {
    match timeout(LIMIT, call).await {
        Ok(Ok(())) => {
            Connection { system, ok: true, detail: "It answers, and lets the connector in.".into() }
        }
        Ok(Err(error)) => Connection { system, ok: false, detail: error.for_log() },
        Err(_) => Connection { system, ok: false, detail: format!("No answer in {} s.", LIMIT.as_secs()) },
    }
}

pub(super) async fn handle(site: &Site, request: &Request, correlation: &str) -> Response {
    let (Some(_), Some(engine), Some(cards)) =
        (Caller::read(site, request), site.engine.as_ref(), site.cards.as_ref())
    else {
        return Response::unauthorized(correlation);
    };
    // Whether there is such a company makes no difference: it must be answered.
    let Ok(some) = HubSpotId::parse("1") else { return Response::internal(correlation) };
    let hubspot = async { engine.crm.company(&some).await.map(|_| ()) };
    let (hubspot, zuora) = join(test("hubspot", hubspot), test("zuora", cards.gatherer.ping())).await;
    let view = SettingsView {
        connection: vec![hubspot, zuora],
        mapping: mapping(),
        mapping_problems: Vec::new(),
        configuration: cards.facts.entries.clone(),
        version: cards.facts.version.clone(),
    };
    Response::json(200, &view, correlation)
}
