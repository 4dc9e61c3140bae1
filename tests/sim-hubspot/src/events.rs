//! The webhook events that changes in the portal raise, and which of them the app is subscribed to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::kind::Kind;
use crate::state::State;

/// One webhook subscription of the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// `creation`, `propertyChange`, `associationChange`, `deletion`, `restore`, `merge` or `privacyDeletion`.
    pub action: String,
    /// Object type, by any of HubSpot's names.
    pub object: String,
    /// The property, for `propertyChange`; `None` stands for every property.
    pub property: Option<String>,
}

impl Subscription {
    /// Reads the active subscriptions of a project's `webhooks-hsmeta.json`.
    #[must_use]
    pub fn from_project_file(file: &Value) -> Vec<Subscription> {
        let lists = &file["config"]["subscriptions"];
        ["crmObjects", "legacyCrmObjects", "hubEvents"]
            .iter()
            .filter_map(|list| lists[*list].as_array())
            .flatten()
            .filter(|entry| entry["active"] != false)
            .filter_map(|entry| {
                let (prefix, action) = entry["subscriptionType"].as_str()?.split_once('.')?;
                let object = entry["objectType"].as_str().unwrap_or(prefix);
                let property = entry["propertyName"].as_str().map(str::to_owned);
                Some(Subscription { action: action.to_owned(), object: object.to_owned(), property })
            })
            .collect()
    }

    fn covers(&self, action: &str, kind: Kind, property: Option<&str>) -> bool {
        self.action == action
            && Kind::parse(&self.object) == Some(kind)
            && (self.property.is_none() || self.property.as_deref() == property)
    }
}

/// Who makes a change, and when.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    pub(crate) now: Timestamp,
    /// `changeSource` of events, `sourceType` of history.
    pub(crate) source: &'static str,
    pub(crate) source_id: String,
    /// Raises no events.
    pub(crate) silent: bool,
}

impl Cause {
    /// A user of the CRM.
    pub(crate) fn user(now: Timestamp) -> Cause {
        Cause { now, source: "CRM_UI", source_id: "userId:882".to_owned(), silent: false }
    }

    /// The connector's own app, through the API.
    pub(crate) fn app(now: Timestamp, app_id: u64) -> Cause {
        Cause { now, source: "INTEGRATION", source_id: app_id.to_string(), silent: false }
    }

    /// Nobody: the data was there before.
    pub(crate) fn silent(now: Timestamp) -> Cause {
        Cause { silent: true, ..Cause::user(now) }
    }
}

/// An event that waits to be delivered.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) event: Value,
    pub(crate) attempt: u32,
}

/// One change of an association, seen from one side.
pub(crate) struct AssociationEvent<'a> {
    pub(crate) from: (Kind, &'a str),
    pub(crate) to: (Kind, &'a str),
    pub(crate) type_id: u32,
    pub(crate) category: &'a str,
    pub(crate) primary: bool,
    pub(crate) removed: bool,
}

impl State {
    /// Raises an event about a record.
    pub(crate) fn raise(&mut self, action: &str, kind: Kind, id: &str, cause: &Cause, extra: Value) {
        if cause.silent || !self.subscribed(action, kind, extra["propertyName"].as_str()) {
            return;
        }
        let mut event = self.envelope(action, kind, cause, extra["propertyName"].as_str());
        event.insert("objectId".to_owned(), number(id));
        if !self.switches.classic_events && action != "privacyDeletion" {
            event.insert("objectTypeId".to_owned(), json!(kind.type_id()));
        }
        let flag = match action {
            "creation" => Some("CREATED"),
            "deletion" | "privacyDeletion" => Some("DELETED"),
            "restore" => Some("NEW"),
            _ => None,
        };
        if let Some(flag) = flag {
            event.insert("changeFlag".to_owned(), json!(flag));
        }
        if let Value::Object(extra) = extra {
            event.extend(extra);
        }
        self.send(event);
    }

    /// Raises a property change.
    pub(crate) fn raise_property(&mut self, kind: Kind, id: &str, name: &str, value: &str, cause: &Cause) {
        let type_of = self.definitions.get(&kind).map(|all| all.type_of(name).to_owned()).unwrap_or_default();
        let shown = match type_of.as_str() {
            "date" | "datetime" => crate::clock::parse_time(value)
                .map_or_else(|| value.to_owned(), |time| time.as_millisecond().to_string()),
            _ => value.to_owned(),
        };
        let mut extra = json!({"propertyName": name, "propertyValue": shown});
        if !self.switches.classic_events {
            extra["isSensitive"] = json!(false);
        }
        self.raise("propertyChange", kind, id, cause, extra);
    }

    /// Raises an association change for the side it starts from, if that side is subscribed.
    pub(crate) fn raise_association(&mut self, change: &AssociationEvent<'_>, cause: &Cause) {
        let (from, to) = (change.from.0, change.to.0);
        if cause.silent || from == Kind::Product || !self.subscribed("associationChange", from, None) {
            return;
        }
        let mut event = self.envelope("associationChange", from, cause, None);
        let pair = format!("{}_TO_{}", from.singular(), to.singular()).to_ascii_uppercase();
        event.insert("associationType".to_owned(), json!(pair));
        event.insert("fromObjectId".to_owned(), number(change.from.1));
        event.insert("toObjectId".to_owned(), number(change.to.1));
        event.insert("associationRemoved".to_owned(), json!(change.removed));
        event.insert("isPrimaryAssociation".to_owned(), json!(change.primary));
        if !self.switches.classic_events {
            event.insert("fromObjectTypeId".to_owned(), json!(from.type_id()));
            event.insert("toObjectTypeId".to_owned(), json!(to.type_id()));
            event.insert("associationTypeId".to_owned(), json!(change.type_id));
            event.insert("associationCategory".to_owned(), json!(change.category));
        }
        self.send(event);
    }

    fn subscribed(&self, action: &str, kind: Kind, property: Option<&str>) -> bool {
        if let Some(subscriptions) = &self.config.subscriptions {
            return subscriptions.iter().any(|subscription| subscription.covers(action, kind, property));
        }
        let Some(name) = property else { return true };
        let calculated = self.definitions.get(&kind).is_some_and(|all| all.is_calculated(name));
        !calculated && !name.starts_with("zuora_")
            || matches!(
                name,
                "zuora_effective_date" | "zuora_cancellation_date" | "zuora_extends_subscription"
            )
    }

    fn envelope(
        &mut self,
        action: &str,
        kind: Kind,
        cause: &Cause,
        property: Option<&str>,
    ) -> Map<String, Value> {
        let classic = self.switches.classic_events || action == "privacyDeletion";
        let object = if classic { kind.singular() } else { "object" };
        let key = format!("{}.{action}.{}", kind.singular(), property.unwrap_or_default());
        let known = u64::try_from(self.subscription_ids.len()).unwrap_or_default();
        let subscription = *self.subscription_ids.entry(key).or_insert(7_562_680 + known);
        self.next_event_id += 1;
        let event = json!({
            "eventId": self.next_event_id, "subscriptionId": subscription, "portalId": self.config.portal_id,
            "appId": self.config.app_id, "occurredAt": cause.now.as_millisecond(),
            "subscriptionType": format!("{object}.{action}"), "attemptNumber": 0,
            "changeSource": cause.source, "sourceId": cause.source_id,
        });
        if let Value::Object(event) = event { event } else { Map::new() }
    }

    fn send(&mut self, event: Map<String, Value>) {
        self.outbox.push_back(Outgoing { event: Value::Object(event), attempt: 0 });
    }
}

/// An id as events carry it: a number where it is one.
pub(crate) fn number(id: &str) -> Value {
    id.parse::<u64>().map_or_else(|_| json!(id), |id| json!(id))
}
