//! What a simulated portal is started with, and what can be switched while it runs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::events::Subscription;

/// How a simulated portal is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    pub listen: String,
    /// HubSpot account id.
    pub portal_id: u64,
    /// Id of the connector's app: `sourceId` of its own writes, `appId` of events and card calls.
    pub app_id: u64,
    /// The one accepted token; `None` accepts any that is not empty.
    pub access_token: Option<String>,
    /// Key of all signatures.
    pub client_secret: String,
    /// Public URL that webhooks go to, as it is signed.
    pub webhook_target: Option<String>,
    /// Origin (`http://host:port`) that deliveries and card calls really connect to, where the public URL cannot
    /// be reached from here.
    pub connect_to: Option<String>,
    /// Base that card paths are appended to; else the webhook target without `/webhooks/hubspot`.
    pub card_base: Option<String>,
    /// Delivers events by itself, some 20 ms after they arise; otherwise they wait for `deliver()`.
    pub auto_deliver: bool,
    /// Waits before the second, third, ... attempt at a delivery.
    pub retry_delays_ms: Vec<u64>,
    /// Which events exist; `None` stands for all but those of `zuora_*`, last-modified and calculated properties.
    pub subscriptions: Option<Vec<Subscription>>,
    /// Time zone of the portal.
    pub time_zone: String,
    /// Home currency.
    pub home_currency: String,
    /// The portal's other currencies.
    pub additional_currencies: Vec<String>,
    /// `STANDARD`, `SANDBOX`, `DEVELOPER_TEST` or `APP_DEVELOPER`.
    pub account_type: String,
    /// Calls of any ten seconds; `None` counts nothing.
    pub burst_per_10s: Option<usize>,
    /// Searches of any second; `None` counts nothing.
    pub search_per_second: Option<usize>,
    /// Calls of the simulator's life; `None` counts nothing.
    pub daily_limit: Option<usize>,
    /// Folder for a JSON-lines record of all calls; else the environment's `SIM_RECORD_DIR`.
    pub record_dir: Option<PathBuf>,
    /// The time at which the portal's clock starts; else the machine's time.
    pub start: Option<Timestamp>,
    /// Whether the connector's group `zuora_billing` exists from the start.
    pub with_write_back_properties: bool,
    /// Whether the properties that sellers fill in for billing (activation, effective and cancellation dates,
    /// extended subscription, trigger of a line) exist from the start.
    pub with_billing_properties: bool,
    /// Whether the five labels exist from the start.
    pub with_labels: bool,
    /// Type id of the first label: they differ from portal to portal.
    pub first_label_type_id: u32,
    /// First id of records created through the API.
    pub first_record_id: u64,
    /// Associated records in one page of an associations batch read.
    pub association_page_size: usize,
    /// Switches at start.
    pub switches: Switches,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            listen: "127.0.0.1:0".to_owned(),
            portal_id: 24_680_135,
            app_id: 50_780_459,
            access_token: None,
            client_secret: "11111111-2222-3333-4444-555555555555".to_owned(),
            webhook_target: None,
            connect_to: None,
            card_base: None,
            auto_deliver: true,
            retry_delays_ms: vec![200, 500, 1000, 2000, 3000, 5000, 5000, 5000, 5000, 5000],
            subscriptions: None,
            time_zone: "Europe/London".to_owned(),
            home_currency: "USD".to_owned(),
            additional_currencies: ["EUR", "GBP", "JPY", "NOK", "INR"].map(str::to_owned).to_vec(),
            account_type: "STANDARD".to_owned(),
            burst_per_10s: None,
            search_per_second: Some(5),
            daily_limit: None,
            record_dir: None,
            start: None,
            with_write_back_properties: true,
            with_billing_properties: true,
            with_labels: true,
            first_label_type_id: 37,
            first_record_id: 51_000_000_001,
            association_page_size: 500,
            switches: Switches::default(),
        }
    }
}

impl Config {
    /// Home currency first, then the others.
    pub(crate) fn currencies(&self) -> Vec<String> {
        let mut all = vec![self.home_currency.clone()];
        all.extend(self.additional_currencies.iter().cloned());
        all
    }
}

/// Behaviour that tests change while the portal runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// Scopes that the app lacks, such as `crm.objects.deals.write`: 403 `MISSING_SCOPES`.
    pub missing_scopes: Vec<String>,
    /// Property writes that a rule of the portal's administrators refuses: `object.property` to message.
    pub refused_properties: BTreeMap<String, String>,
    /// Searches see the CRM as it was this long ago.
    pub search_lag_seconds: i64,
    /// Events in the classic form (`deal.creation`) in place of the generic one (`object.creation`).
    pub classic_events: bool,
    /// An association event for each label, beside the one for the plain association.
    pub label_events: bool,
    /// Archiving a record reports the end of its associations too, restoring their return.
    pub archive_reports_associations: bool,
    /// A merged record gets a new id; otherwise the winner keeps its own.
    pub merge_makes_new_id: bool,
    /// Inputs without associations are reported (207); otherwise they are left out (200).
    pub no_associations_are_errors: bool,
}

impl Default for Switches {
    fn default() -> Switches {
        Switches {
            missing_scopes: Vec::new(),
            refused_properties: BTreeMap::new(),
            search_lag_seconds: 0,
            classic_events: false,
            label_events: true,
            archive_reports_associations: true,
            merge_makes_new_id: true,
            no_associations_are_errors: true,
        }
    }
}
