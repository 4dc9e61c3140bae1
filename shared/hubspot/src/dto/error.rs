//! The body of a refusal, and the entries of `errors` in a batch answer (`hubspot.md` 5). Every field is optional.

use crate::error::Limit;
use connector_domain::ids::HubSpotId;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A refusal in HubSpot's words.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ErrorBody {
    message: Option<String>,
    category: Option<String>,
    sub_category: Option<Value>,
    error_type: Option<String>,
    policy_name: Option<String>,
    correlation_id: Option<String>,
    request_id: Option<String>,
    context: Option<Map<String, Value>>,
    errors: Option<Vec<Detail>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Detail {
    message: Option<String>,
    code: Option<String>,
}

/// What `message` embeds for properties that are not valid.
#[derive(Deserialize)]
struct Invalid {
    message: Option<String>,
    error: Option<String>,
}

impl ErrorBody {
    /// Reads a body; one that is not of this shape says nothing.
    pub(crate) fn read(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }

    pub(crate) fn request_id(&self) -> Option<String> {
        self.correlation_id.clone().or_else(|| self.request_id.clone())
    }

    /// The most particular code: of a property, of a detail, or the category.
    pub(crate) fn code(&self) -> Option<String> {
        let embedded = self.invalid().into_iter().find_map(|invalid| invalid.error);
        let detail = || self.details().iter().find_map(|detail| detail.code.clone());
        let general = || self.category.clone().or_else(|| self.policy_name.clone());
        embedded.or_else(detail).or_else(general).or_else(|| self.error_type.clone())
    }

    /// The words for a person: of each property that is not valid, or the message with its details.
    pub(crate) fn words(&self) -> String {
        let embedded: Vec<String> =
            self.invalid().into_iter().filter_map(|invalid| invalid.message).collect();
        if !embedded.is_empty() {
            return embedded.join("; ");
        }
        let message = self.message.as_deref().unwrap_or_default();
        let details: Vec<&str> = self
            .details()
            .iter()
            .filter_map(|detail| detail.message.as_deref())
            .filter(|detail| !message.contains(*detail))
            .collect();
        match (message.is_empty(), details.is_empty()) {
            (_, true) => message.to_owned(),
            (true, false) => details.join("; "),
            (false, false) => format!("{message}: {}", details.join("; ")),
        }
    }

    pub(crate) fn limit(&self) -> Limit {
        let policy = self.policy_name.as_deref().unwrap_or_default().to_ascii_uppercase();
        let message = self.message.as_deref().unwrap_or_default().to_ascii_lowercase();
        if policy == "DAILY" || message.contains("your daily limit") {
            Limit::Daily
        } else if policy == "SECONDLY" || message.contains("your secondly limit") {
            Limit::Secondly
        } else {
            Limit::Rolling
        }
    }

    /// Whether the entry only says that a record or its associations are not there.
    pub(crate) fn is_absence(&self) -> bool {
        let sub = self.sub_category.as_ref().and_then(Value::as_str).unwrap_or_default();
        let category = self.category.as_deref().unwrap_or_default();
        category.ends_with("NOT_FOUND") || sub.ends_with("NO_ASSOCIATIONS_FOUND")
    }

    /// The records that the entry is about; none means that it does not say.
    pub(crate) fn ids(&self) -> Vec<HubSpotId> {
        let fields = ["ids", "id", "fromObjectId", "objectId", "objectIds"];
        let Some(context) = &self.context else { return Vec::new() };
        let values = fields.iter().filter_map(|field| context.get(*field));
        values
            .flat_map(|value| match value {
                Value::Array(all) => all.iter().collect(),
                one => vec![one],
            })
            .filter_map(|value| match value {
                Value::String(text) => HubSpotId::parse(text).ok(),
                Value::Number(number) => HubSpotId::parse(&number.to_string()).ok(),
                Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
            })
            .collect()
    }

    fn details(&self) -> &[Detail] {
        self.errors.as_deref().unwrap_or_default()
    }

    fn invalid(&self) -> Vec<Invalid> {
        let message = self.message.as_deref().unwrap_or_default();
        let Some((_, list)) = message.split_once(": [") else { return Vec::new() };
        serde_json::from_str(&format!("[{list}")).unwrap_or_default()
    }
}
