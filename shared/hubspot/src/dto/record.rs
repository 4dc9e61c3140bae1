//! A CRM record: `GET /crm/objects/2026-09/{type}/{id}` and the results of `batch/read` (`hubspot.md` 4.2).

use super::Paging;
use connector_domain::crm::Address;
use connector_domain::ids::HubSpotId;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A record with the properties that were asked for.
#[derive(Deserialize)]
pub(crate) struct Record {
    #[serde(deserialize_with = "super::id")]
    pub(crate) id: HubSpotId,
    properties: Option<BTreeMap<String, Value>>,
    pub(crate) archived: Option<bool>,
    associations: Option<BTreeMap<String, Linked>>,
    #[serde(rename = "propertiesWithHistory")]
    history: Option<BTreeMap<String, Option<Vec<Version>>>>,
}

/// One value that a property had. The value itself is not needed.
#[derive(Deserialize)]
struct Version {
    timestamp: Option<Value>,
}

impl Version {
    /// When the value was set: ISO 8601; plain epoch milliseconds are understood as well.
    fn at(&self) -> Option<Timestamp> {
        match self.timestamp.as_ref()? {
            Value::String(text) => text.trim().parse().ok(),
            Value::Number(number) => Timestamp::from_millisecond(number.as_i64()?).ok(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

/// Associations of one type inside a record: ids without labels.
#[derive(Deserialize)]
pub(crate) struct Linked {
    pub(crate) results: Option<Vec<LinkedId>>,
    pub(crate) paging: Option<Paging>,
}

/// One associated record; HubSpot repeats an id for each label.
#[derive(Deserialize)]
pub(crate) struct LinkedId {
    #[serde(deserialize_with = "super::id")]
    pub(crate) id: HubSpotId,
}

impl Record {
    /// A property's value; empty text and null both mean nothing.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.properties.as_ref()?.get(name)? {
            Value::String(text) if text.trim().is_empty() => None,
            Value::String(text) => Some(text.clone()),
            // Values are texts, always; should that change, plain ones are still understood.
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// Those of the named properties that have a value.
    pub(crate) fn filled<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> BTreeMap<String, String> {
        names.into_iter().filter_map(|name| self.text(name).map(|value| (name.clone(), value))).collect()
    }

    /// The latest moment in the histories of these properties. A history with a moment that cannot be read tells
    /// nothing: the one that is missing might be the latest.
    pub(crate) fn last_change(&self, names: &[&str]) -> Option<Timestamp> {
        let history = self.history.as_ref()?;
        let versions = names.iter().filter_map(|name| history.get(*name)?.as_ref()).flatten();
        versions.map(Version::at).collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    /// A property that is `true` or `false`; `None` when HubSpot did not fill it.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.text(name)?.trim().to_ascii_lowercase().parse().ok()
    }

    /// `hs_merged_object_ids`: ids separated by `;`.
    pub(crate) fn merged_ids(&self) -> Vec<HubSpotId> {
        let text = self.text("hs_merged_object_ids").unwrap_or_default();
        text.split([';', ',']).filter_map(|id| HubSpotId::parse(id.trim()).ok()).collect()
    }

    /// The address properties that companies and contacts share; those that were not asked for stay empty.
    pub(crate) fn address(&self) -> Address {
        Address {
            line1: self.text("address"),
            line2: self.text("address2"),
            city: self.text("city"),
            state: self.text("state"),
            state_code: self.text("hs_state_code"),
            zip: self.text("zip"),
            country: self.text("country"),
            country_code: self.text("hs_country_code"),
        }
    }

    /// The distinct ids of one type and whether the list is whole; `None` when the answer has no such list.
    /// HubSpot writes `line items` where the request says `line_items`.
    pub(crate) fn linked(&self, to: &str) -> Option<(Vec<HubSpotId>, bool)> {
        let same = |name: &str| name.replace(' ', "_").eq_ignore_ascii_case(to);
        let (_, linked) = self.associations.as_ref()?.iter().find(|(name, _)| same(name))?;
        let mut ids: Vec<HubSpotId> = Vec::new();
        for linked in linked.results.as_deref().unwrap_or_default() {
            if !ids.contains(&linked.id) {
                ids.push(linked.id.clone());
            }
        }
        Some((ids, super::next_page(linked.paging.as_ref()).is_none()))
    }
}
