//! Definitions as they are on the wire (`hubspot.md` 4.5, 4.6, 4.8).

use connector_ports::installation::PropertyFound;
use serde::Deserialize;
use std::collections::BTreeSet;

/// A list that is not paged.
#[derive(Deserialize)]
pub(super) struct List<T> {
    pub(super) results: Vec<T>,
}

/// A property group.
#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) name: String,
}

/// One direction of an association type; the plain association has no label.
#[derive(Deserialize)]
pub(super) struct Label {
    pub(super) label: Option<String>,
}

/// A property definition.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Property {
    name: String,
    #[serde(rename = "type")]
    type_word: String,
    options: Option<Vec<Choice>>,
    calculated: Option<bool>,
    modification_metadata: Option<Modification>,
}

#[derive(Deserialize)]
struct Choice {
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Modification {
    read_only_value: Option<bool>,
}

impl Property {
    pub(super) fn into_port(self) -> PropertyFound {
        let refuses = self.modification_metadata.and_then(|m| m.read_only_value).unwrap_or(false);
        PropertyFound {
            name: self.name,
            type_word: self.type_word,
            choices: self.options.unwrap_or_default().into_iter().map(|o| o.value).collect(),
            read_only: refuses || self.calculated.unwrap_or(false),
        }
    }
}

/// `GET /account-info/2026-09/details`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Details {
    pub(super) portal_id: u64,
    pub(super) account_type: Option<String>,
    pub(super) time_zone: Option<String>,
    pub(super) company_currency: Option<String>,
    pub(super) additional_currencies: Option<Vec<String>>,
}

/// What HubSpot tells of a token.
#[derive(Deserialize)]
pub(super) struct TokenInfo {
    pub(super) scopes: Option<BTreeSet<String>>,
}
